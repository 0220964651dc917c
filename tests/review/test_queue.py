"""The queue: what a search finds, what the filters leave, and that the doubtful comes first."""

import polars as pl
import pytest
from guiyi.config import Config
from guiyi.pipelines.nightly.run import run_nightly
from guiyi.review.queue import Filters, neighbours, places
from guiyi.review.risk import with_risk
from guiyi.tests.review_server import page, review_run, review_store, serve

__all__ = ["page", "review_run", "review_store", "serve"]

CONTACT = {"level": "contact", "entity_id": "C1", "score_min": 0.99, "size": 2}


def risk_of(group: dict[str, object], **columns: list[str | None]) -> tuple[float, list[str]]:
    size = len(next(iter(columns.values())))
    blank = dict.fromkeys(("person_name", "phone", "credit_code", "company_name", "owner"), [None] * size)
    members = pl.DataFrame({"level": group["level"], "entity_id": group["entity_id"], **blank, **columns},
                           schema_overrides=dict.fromkeys(blank, pl.String))  # fmt: skip
    row = with_risk(pl.DataFrame([group]), members).row(0, named=True)
    return row["risk"], row["reasons"]


def test_a_score_near_the_cut_is_riskier_than_a_sure_one():
    near, why = risk_of(CONTACT | {"score_min": 0.83}, owner=["a", "a"])
    assert why == ["near"]
    assert near > risk_of(CONTACT, owner=["a", "a"])[0]


@pytest.mark.parametrize("field", ["person_name", "phone", "credit_code", "company_name", "owner"])
def test_fields_that_contradict_raise_the_risk_and_are_named(field):
    same, none = risk_of(CONTACT, **{field: ["a", "a"]})
    other, why = risk_of(CONTACT, **{field: ["a", "b"]})
    assert (none, why) == ([], [field])
    assert other > same


def test_a_missing_value_contradicts_nothing():
    assert risk_of(CONTACT, phone=["a", None])[1] == []


def test_different_people_in_one_company_are_no_contradiction():
    assert risk_of(CONTACT | {"level": "account"}, person_name=["a", "b"])[1] == []


def test_a_value_that_no_rule_chose_is_named_and_raises_the_risk():
    fields = ("person_name", "phone", "credit_code", "company_name", "owner")
    members = pl.DataFrame({"level": ["contact"], "entity_id": ["C1"], **{field: ["a"] for field in fields}})
    waiting, calm = (with_risk(pl.DataFrame([CONTACT]), members, ids).row(0, named=True) for ids in (["C1"], ["C2"]))
    assert (waiting["reasons"], calm["reasons"]) == (["undecided"], [])
    assert waiting["risk"] > calm["risk"]


def found(page, **query: str) -> list[dict[str, object]]:
    published = page.desk.reader.current()
    return published.groups[places(published, Filters.of({"band": "all", **query}), {})].to_dicts()


def test_groups_to_review_stand_first_by_falling_risk(page):
    rows = found(page)
    assert [r["band"] for r in rows] == sorted((r["band"] for r in rows), reverse=True)
    risks = [r["risk"] for r in rows if r["band"] == "review"]
    assert risks == sorted(risks, reverse=True)


@pytest.mark.parametrize("field", ["person_name", "company_name", "source_record_id", "record_key", "email"])
def test_a_value_of_a_record_finds_its_group(page, field):
    published = page.desk.reader.current()
    row = published.members.frame.drop_nulls(field).row(0, named=True)
    assert published.groups["group_id"][row["place"]] in [r["group_id"] for r in found(page, q=row[field])]


def test_a_group_is_found_by_its_id_and_by_the_entity(page):
    group = page.groups()[3]
    assert [r["group_id"] for r in found(page, q=group["group_id"][:10])] == [group["group_id"]]
    assert group["group_id"] in [r["group_id"] for r in found(page, q=group["entity_id"])]


def test_a_phone_is_found_by_digits_written_with_blanks_and_dashes(page):
    row = page.desk.reader.current().members.frame.drop_nulls("phone").row(0, named=True)
    number = row["phone"].removeprefix("+86")
    spaced = f"{number[:3]} {number[3:7]}-{number[7:]}"
    assert row["place"] in [r["place"] for r in found(page, q=spaced)]


def test_all_words_of_a_search_have_to_occur(page):
    row = page.desk.reader.current().members.frame.drop_nulls(["person_name", "company_name"]).row(0, named=True)
    assert found(page, q=f"{row['person_name']} {row['company_name']}")
    assert not found(page, q=f"{row['person_name']} 没有这样一家公司")


def test_filters_of_level_source_and_owner_leave_what_they_say(page):
    published = page.desk.reader.current()
    owner = published.owners[0]
    assert {r["level"] for r in found(page, level="account")} == {"account"}
    assert all(owner in r["owners"] for r in found(page, owner=owner))
    assert len(found(page, source=published.sources[0])) == published.groups.height
    assert not found(page, source="no such source")


def test_what_an_address_asks_in_vain_is_the_default():
    assert Filters.of({"level": "person", "band": "x", "state": "'", "at_least": "nan"}) == Filters()


def test_the_address_of_filters_is_read_back():
    filters = Filters(q="宁波 a&b", level="account", state="all", at_least="0.95")
    from urllib.parse import parse_qsl

    assert Filters.of(dict(parse_qsl(filters.address()[1:]))) == filters
    assert Filters().address() == ""


def test_neighbours_of_a_group_that_no_longer_passes_are_those_around_it(page):
    published = page.desk.reader.current()
    passing = places(published, Filters(level="contact"), {})
    around = neighbours(published, Filters(level="account"), {}, passing[3])
    others = places(published, Filters(level="account"), {})
    assert around.number is None
    assert around.after == next(p for p in others if p > passing[3])


def test_pages_of_the_queue_hold_every_group_once(page):
    first, second = page.get("/?band=all&level=contact").text, page.get("/?band=all&level=contact&page=2").text
    shown = [g for g in page.groups(level="contact") if f"/group/{g['group_id']}" in first]
    after = [g for g in page.groups(level="contact") if f"/group/{g['group_id']}" in second]
    assert (len(shown), len(after)) == (50, 50)
    assert shown + after == page.groups(level="contact")[:100]


@pytest.mark.parametrize(
    "query", ["?page=0", "?page=-3", "?page=x", "?page=99999999", "?q=" + "x" * 300, "?q=%F0%9F%98%80"]
)
def test_an_odd_address_shows_a_page(page, query):
    assert page.get("/" + query).status == 200


def test_a_run_without_groups_shows_an_empty_queue(serve, tmp_path):
    (tmp_path / "one.csv").write_text("姓名,手机,公司\n张伟,13800138123,宁波澜舟\n", "utf-8")
    run_nightly([tmp_path / "one.csv"], tmp_path / "one.duckdb", Config(), "zh")
    page = serve(store=tmp_path / "one.duckdb")
    assert "没有待复核的组" in page.get("/").text
    assert [page.get(path).status for path in ("/", "/bulk", "/history", "/group/0")] == [200, 200, 200, 404]
