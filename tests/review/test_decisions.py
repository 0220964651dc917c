"""A steward's decisions: in the journal at once, seen by everybody, taken back without a trace lost, never over somebody else's."""

import json
import multiprocessing
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from guiyi.decisions import Decision
from guiyi.io.store.journal import audits_of, decisions_of, open_journal
from guiyi.io.store.store import open_store
from guiyi.tests.review_server import Served, page, review_run, review_store, serve

__all__ = ["page", "review_run", "review_store", "serve"]


def said(page: Served) -> dict[str, object]:
    """The newest decision in the journal."""
    row = decisions_of(page.store).to_dicts()[-1]
    return row | {"record_keys": json.loads(row["record_keys"]), "detail": json.loads(row["detail"])}


def first(page: Served, size: int = 2, level: str = "contact", band: str = "review") -> dict[str, object]:
    """The riskiest group of at least so many records."""
    return next(g for g in page.groups(level=level, band=band) if g["size"] >= size)


def test_approving_says_that_all_records_are_one(page):
    group = first(page)
    answer = page.decide(group["group_id"], "approve", note="核对过合同")
    assert answer.status == 303
    assert said(page)["kind"] == "must_link"
    assert said(page)["record_keys"] == sorted(page.keys_of(group))
    assert (said(page)["by"], said(page)["note"], said(page)["level"]) == ("王芳", "核对过合同", "contact")


def test_rejecting_says_that_no_two_records_are_one(page):
    group = first(page)
    page.decide(group["group_id"], "reject")
    assert (said(page)["kind"], said(page)["record_keys"]) == ("cannot_link", sorted(page.keys_of(group)))


def test_excluding_one_record_parts_it_from_the_others(page):
    group = first(page, 3)
    keys = page.keys_of(group)
    page.decide(group["group_id"], "exclude", record=keys[1])
    assert said(page)["kind"] == "split"
    assert said(page)["record_keys"] == sorted([[keys[1]], sorted(k for k in keys if k != keys[1])])


def test_splitting_parts_the_chosen_records_from_the_rest(page):
    group = first(page, 4)
    keys = page.keys_of(group)
    page.decide(group["group_id"], "split", record=keys[:2])
    assert said(page)["record_keys"] == sorted([sorted(keys[:2]), sorted(keys[2:])])


@pytest.mark.parametrize("act", ["split", "exclude", "no-such-act", "value:phone:nobody", "survivor:nobody"])
def test_an_act_that_makes_no_sense_stores_nothing(page, act):
    answer = page.decide(first(page)["group_id"], act)
    assert (answer.status, page.kinds()) == (400, [])


def test_splitting_off_every_record_stores_nothing(page):
    group = first(page)
    assert page.decide(group["group_id"], "split", record=page.keys_of(group)).status == 400
    assert page.kinds() == []


def test_a_decision_leads_on_to_the_next_open_group_of_the_same_filters(page):
    one, two = page.groups(level="account", band="review")[:2]
    answer = page.decide(one["group_id"], "approve", "?level=account")
    assert answer.headers["location"].startswith(f"/group/{two['group_id']}?level=account&done=d")


def test_the_last_group_of_the_filters_leads_back_to_the_queue(page):
    last = page.groups(level="contact", band="review")[-1]
    answer = page.decide(last["group_id"], "approve", "?level=contact")
    assert answer.headers["location"].startswith("/?level=contact&done=d")


def test_a_decided_group_leaves_the_queue_and_says_who_decided(page):
    group = first(page)
    page.decide(group["group_id"], "approve")
    assert group["group_id"] not in page.get("/").text
    assert group["group_id"] in page.get("/?state=approved").text
    shown = page.get(f"/group/{group['group_id']}").text
    assert "已同意" in shown
    assert "王芳" in shown


def test_a_chosen_value_becomes_the_golden_one_and_the_group_stays_open(page):
    group, field, key, value = next(choice for g in page.groups(level="contact") if (choice := another_value(page, g)))
    answer = page.decide(group["group_id"], f"value:{field}:{key}")
    assert answer.headers["location"].startswith(f"/group/{group['group_id']}")
    assert said(page)["detail"] == {"field": field, "value": value, "record_key": key}
    assert "已选" in page.get(f"/group/{group['group_id']}").text
    assert page.desk.ledger.settled() == {}


def another_value(page: Served, group: dict[str, object]) -> tuple[object, str, str, str] | None:
    """A company name of the group that is not the golden one."""
    published = page.desk.reader.current()
    golden = dict(published.golden.of(group["place"]).select("field", "value").iter_rows())
    for row in published.members.of(group["place"]).to_dicts():
        if row["company_name"] and row["company_name"] != golden["company_name"]:
            return group, "company_name", row["record_key"], row["company_name"]
    return None


def test_another_survivor_stands_first_and_is_the_one_that_is_kept(page):
    group = first(page)
    other = page.keys_of(group)[1]
    page.decide(group["group_id"], f"survivor:{other}")
    number = page.desk.reader.current().members.of(group["place"]).to_dicts()[1]["source_record_id"]
    assert f"<b>1 · {number}</b>" in page.get(f"/group/{group['group_id']}").text


def test_undo_takes_the_last_decision_back_and_leads_to_its_group(page):
    one, two = page.groups(level="contact", band="review")[:2]
    page.decide(one["group_id"], "approve")
    page.decide(two["group_id"], "reject")
    answer = page.post("/undo")
    assert answer.headers["location"].startswith(f"/group/{two['group_id']}")
    assert page.kinds() == ["must_link", "cannot_link", "retract"]
    assert said(page)["detail"]["decision_id"] == decisions_of(page.store)["decision_id"][1]
    page.post("/undo")
    assert page.desk.ledger.refresh(page.desk.reader.current()) == 4
    assert page.desk.ledger.settled() == {}
    assert page.post("/undo").status == 404


def test_undo_leaves_the_decisions_of_others_alone(page):
    group = first(page)
    with open_journal(page.store) as journal:
        journal.append([Decision("contact", "must_link", [page.keys_of(group)], by="李雷")])
    assert page.post("/undo").status == 404


def test_a_decision_of_the_history_is_taken_back_by_its_button(page):
    one, two = page.groups(level="contact", band="review")[:2]
    page.decide(one["group_id"], "approve")
    page.decide(two["group_id"], "reject")
    assert page.get("/history").text.count("<tr data-row>") == 2
    named = decisions_of(page.store)["decision_id"][0]
    assert page.post("/undo", decision=named, back="history").headers["location"].startswith("/history")
    assert said(page)["detail"] == {"decision_id": named}
    assert page.get("/history").text.count("<tr data-row>") == 1


def test_two_stewards_on_one_group_get_a_conflict_not_a_lost_decision(serve: Callable[..., Served]):
    wang, li = serve("王芳"), serve("李雷")
    group = first(wang, 3)
    address, keys = f"/group/{group['group_id']}", wang.keys_of(group)
    before = li.get(address)
    wang.decide(group["group_id"], "approve", page=wang.get(address))
    answer = li.decide(group["group_id"], "exclude", record=keys[2], note="不是一个人", page=before)
    assert answer.status == 409
    assert "王芳" in answer.text
    assert "认定为同一个" in answer.text
    assert li.kinds() == ["must_link"]
    kept = answer.fields("/decide")
    assert (kept["act"], kept["record"], kept["note"]) == ("exclude", keys[2], "不是一个人")
    again = li.post(address + "/decide", **kept)
    assert (again.status, li.kinds()) == (303, ["must_link", "split"])


def test_two_stewards_on_different_groups_do_not_disturb_each_other(serve: Callable[..., Served]):
    wang, li = serve("王芳"), serve("李雷")
    one, two = wang.groups(level="contact", band="review")[:2]
    before = li.get("/")
    wang.decide(one["group_id"], "approve")
    assert li.decide(two["group_id"], "reject", page=before).status == 303
    assert wang.kinds() == ["must_link", "cannot_link"]


def test_undoing_what_another_has_decided_on_since_is_a_conflict(serve: Callable[..., Served]):
    wang, li = serve("王芳"), serve("李雷")
    group = first(wang)
    wang.decide(group["group_id"], "approve")
    before = wang.get("/")
    li.decide(group["group_id"], "reject")
    assert wang.post("/undo", page=before).status == 409
    assert wang.kinds() == ["must_link", "cannot_link"]


def test_a_batch_stores_one_decision_for_each_group_of_the_preview(page):
    preview = page.get("/bulk?level=contact&band=review&at_least=0.9")
    wanted = preview.fields("/bulk")["groups"].split(",")
    passing = [g for g in page.groups(level="contact", band="review") if g["score_min"] >= 0.9]
    assert wanted == [g["group_id"] for g in passing]
    assert all(f"/group/{g}" in preview.text for g in wanted)
    assert page.kinds() == []
    page.post("/bulk", groups=",".join(wanted), page=preview)
    frame = decisions_of(page.store)
    assert [json.loads(k) for k in frame["record_keys"]] == [sorted(page.keys_of(g)) for g in passing]
    assert set(frame["kind"]) == {"must_link"}


def test_a_batch_is_taken_back_as_a_whole(page):
    preview = page.get("/bulk?level=contact&band=review&at_least=0.9")
    wanted = preview.fields("/bulk")["groups"]
    page.post("/bulk", groups=wanted, page=preview)
    page.post("/undo")
    count = wanted.count(",") + 1
    assert count > 2
    assert page.kinds() == ["must_link"] * count + ["retract"] * count


def test_a_batch_with_a_group_decided_meanwhile_stores_nothing(serve: Callable[..., Served]):
    wang, li = serve("王芳"), serve("李雷")
    preview = wang.get("/bulk?level=contact&band=review&at_least=0.9")
    groups = preview.fields("/bulk")["groups"]
    li.decide(groups.split(",")[1], "reject")
    assert wang.post("/bulk", groups=groups, page=preview).status == 409
    assert wang.kinds() == ["cannot_link"]


def test_decisions_survive_the_end_of_the_server(serve: Callable[..., Served]):
    group = first(one := serve())
    one.decide(group["group_id"], "approve")
    assert "已同意" in serve().get(f"/group/{group['group_id']}").text


def hold(store: Path, held: object, over: object) -> None:
    """Another process that keeps the store open for writing."""
    with open_store(store, write=True):
        held.set()  # type: ignore[attr-defined]
        over.wait(30)  # type: ignore[attr-defined]


def test_pages_and_decisions_do_not_wait_for_a_run_that_holds_the_store(page):
    context = multiprocessing.get_context("spawn")
    held, over = context.Event(), context.Event()
    holder = context.Process(target=hold, args=(page.store, held, over))
    holder.start()
    try:
        assert held.wait(30)
        group = first(page)
        started = time.monotonic()
        assert page.get(f"/group/{group['group_id']}").status == 200
        assert page.decide(group["group_id"], "approve").status == 303
        assert time.monotonic() - started < 5  # the store's own patience is 20 seconds
        assert page.post(f"/group/{group['group_id']}/reveal", act="show").status == 303
        assert audits_of(page.store)["action"].to_list() == ["unmask"]
        assert page.kinds() == ["must_link"]
    finally:
        over.set()
        holder.join()


def test_a_new_run_is_shown_and_a_group_that_is_gone_is_not_decided_on(page):
    group = first(page)
    with open_store(page.store, write=True) as store:
        connection = store._connection
        connection.execute("UPDATE history.run SET run_id = 'r000002-new'")
        connection.execute(
            "UPDATE versions.duplicate_group SET group_id = 'feed' WHERE group_id = ?", [group["group_id"]]
        )
    page.desk.reader._next_look = 0.0
    page.get("/")
    page.desk.reader.wait()
    assert "r000002-new" in page.get("/").text
    assert page.decide(group["group_id"], "approve").status == 409
    assert page.get("/group/feed").status == 200
    assert page.kinds() == []


def test_the_page_of_a_conflict_shows_the_records_and_which_were_chosen(serve: Callable[..., Served]):
    wang, li = serve("王芳"), serve("李雷")
    group = first(wang, 3)
    members = wang.desk.reader.current().members.of(group["place"])
    before = li.get("/")
    wang.decide(group["group_id"], "approve")
    answer = li.decide(group["group_id"], "exclude", record=members["record_key"][2], page=before)
    assert answer.status == 409
    assert [n for n in members["source_record_id"] if n not in answer.text] == []
    assert answer.text.count("你选中的") == 1
    assert not [p for p in members["phone"].drop_nulls() if p in answer.text]


def test_the_page_of_a_conflict_of_a_batch_shows_the_records_of_one_group(serve: Callable[..., Served]):
    wang, li = serve("王芳"), serve("李雷")
    group = first(wang)
    before = li.get("/")
    li.desk.ledger.settled = dict  # the batch was sent before the other decision was known here
    wang.decide(group["group_id"], "reject")
    answer = li.post("/bulk", groups=group["group_id"], page=before)
    assert answer.status == 409
    numbers = wang.desk.reader.current().members.of(group["place"])["source_record_id"]
    assert [n for n in numbers if n not in answer.text] == []
