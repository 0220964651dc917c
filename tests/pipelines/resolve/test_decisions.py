"""A decision is said in one way, and a group has one status on every surface."""

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from guiyi.decisions import (
    KINDS,
    STATUS,
    Decision,
    DecisionLog,
    active_decisions,
    decision_of,
    keys_of,
    pending_decisions,
    status_of,
)
from guiyi.dedup.constraints import constraints_of, fully_linked
from guiyi.io.store.journal import decisions_of, open_journal
from guiyi.io.store.store import open_store
from guiyi.pipelines.merge.apply import plan_of
from guiyi.pipelines.report.alarm_events import waiting
from guiyi.pipelines.steward.workbook_out import BookRequest, members_of
from guiyi.reports.history import WHAT
from guiyi.tests.review_server import Served, page, review_run, review_store, serve
from hypothesis import given
from hypothesis import strategies as st

__all__ = ["page", "review_run", "review_store", "serve"]


def log(*said: tuple[str, object]) -> DecisionLog:
    """Decisions of one level, in order: kind and records (of a split, lists of records)."""
    rows = []
    for number, (kind, keys) in enumerate(said, 1):
        detail = {"decision_id": keys} if kind == "retract" else {}
        parts = [] if kind == "retract" else list(map(list, keys)) if kind == "split" else [list(keys)]
        rows.append(Decision("contact", kind, parts, None, detail, "王芳", None, f"d{number}", number))
    return DecisionLog(rows)


@pytest.mark.parametrize(
    ("said", "status", "by"),
    [
        pytest.param([], "open", None, id="nothing"),
        pytest.param([("must_link", "abc")], "approved", "d1", id="approved as a whole"),
        pytest.param([("must_link", "abcd")], "approved", "d1", id="approved with more"),
        pytest.param([("must_link", "ab")], "open", None, id="approved in part"),
        pytest.param([("must_link", "ab"), ("must_link", "bc")], "approved", "d2", id="approved bit by bit"),
        pytest.param([("must_link", "abc"), ("must_link", "ax")], "approved", "d1", id="by the decision on it, not by one on a stranger"),
        pytest.param([("must_link", "ax"), ("must_link", "xbc")], "open", None, id="only a stranger connects them"),
        pytest.param([("cannot_link", "abc")], "rejected", "d1", id="rejected"),
        pytest.param([("cannot_link", "ab")], "rejected", "d1", id="two of them are different"),
        pytest.param([("cannot_link", "az")], "open", None, id="different from a stranger"),
        pytest.param([("split", ("a", "bc"))], "split", "d1", id="parted"),
        pytest.param([("split", ("abc", "z"))], "open", None, id="parted from a stranger"),
        pytest.param([("set_aside", "b")], "set_aside", "d1", id="one is set aside"),
        pytest.param([("choose_value", "abc")], "open", None, id="a value settles nothing"),
        pytest.param([("choose_survivor", "abc")], "open", None, id="nor does who stays"),
        pytest.param([("cannot_link", "ab"), ("must_link", "abc")], "approved", "d2", id="the later word counts"),
        pytest.param([("must_link", "abc"), ("split", ("ab", "c"))], "split", "d2", id="also against"),
        pytest.param([("set_aside", "a"), ("must_link", "ab")], "open", None, id="overruled, and open again"),
        pytest.param([("cannot_link", "abc"), ("must_link", "ab")], "rejected", "d1", id="overruled in part"),
        pytest.param([("cannot_link", "ab"), ("must_link", "ac"), ("must_link", "bc")], "rejected", "d1", id="a chain overrules nothing"),
        pytest.param([("must_link", "abc"), ("retract", "d1")], "open", None, id="taken back"),
        pytest.param([("cannot_link", "abc"), ("must_link", "abc"), ("retract", "d2")], "rejected", "d1", id="the earlier again"),
    ],
)  # fmt: skip
def test_a_group_has_the_status_that_decisions_in_force_give_it(said, status, by) -> None:
    found = log(*said).status("contact", list("abc"))
    assert (found.name, found.decision and found.decision.decision_id) == (status, by)


def test_a_decision_that_the_run_kept_against_new_evidence_settles_nothing_until_it_is_said_again() -> None:
    told = log(("must_link", "ab"), ("must_link", "ab"))
    told.contradicted = frozenset({"d1", "d2"})
    assert told.status("contact", "ab").name == "open"
    told.contradicted = frozenset({"d1"})
    assert told.status("contact", "ab").name == "approved"


def test_a_retract_written_by_hand_may_name_a_number() -> None:
    back = Decision("contact", "retract", [], None, {"decision_id": 1}, "王芳", None, "d2", 2)
    told = DecisionLog([Decision("contact", "must_link", [["a", "b"]], None, {}, "王芳", None, "1", 1), back])
    assert told.status("contact", "ab").name == "open"


def test_a_decision_at_the_other_level_says_nothing() -> None:
    assert log(("must_link", "ab")).status("account", ["a", "b"]).name == "open"


letters = st.lists(st.sampled_from("abcd"), unique=True, min_size=2)
words = st.one_of(
    st.tuples(st.sampled_from(["must_link", "cannot_link"]), letters),
    st.tuples(st.just("split"), letters.map(lambda k: (k[:1], k[1:]))),
    st.tuples(st.just("set_aside"), letters.map(lambda k: k[:1])),
)


@given(st.lists(words, max_size=6))
def test_the_status_is_what_the_constraints_of_a_run_say(said) -> None:
    """Oracle: every pair of the group in the constraints that clustering gets."""
    decisions = log(*said)
    rows = [(d.decision_id, d.level, d.kind, d.record_keys) for d in decisions.decisions]
    frame = pl.DataFrame(
        rows, schema=dict.fromkeys(("decision_id", "level", "kind", "record_keys"), pl.String), orient="row"
    )
    asked = constraints_of(frame, "contact", pl.Series(list("abc")))
    status = decisions.status("contact", list("abc")).name
    against = bool(asked.cannot_link or asked.excluded)
    assert (status in ("rejected", "split", "set_aside")) == against
    if not against:
        assert (status == "approved") == bool(fully_linked(asked, pl.Series([0, 0, 0]).to_numpy()))


def test_a_large_group_is_asked_about_without_looking_at_every_pair() -> None:
    keys = [f"r{n}" for n in range(20_000)]
    said = [
        Decision("contact", "cannot_link", [keys], sequence=1),
        Decision("contact", "must_link", [keys], sequence=2),
    ]
    assert status_of(keys, said).name == "approved"


@pytest.mark.parametrize("kind", KINDS)
def test_a_decision_reads_as_it_was_written(kind: str) -> None:
    parts = (("a",), ("b", "c")) if kind == "split" else (("a", "b"),)
    made = Decision("account", kind, parts, "看过", {"x": 1}, "王芳", None, "d1", 3)
    names = ("kind", "record_keys", "detail")
    row = {**vars(made), **dict(zip(names, made.content, strict=True))}
    assert decision_of(row) == made
    assert sorted(keys_of(made.record_keys)) == sorted(made.keys)


@pytest.mark.parametrize(
    "record_keys",
    [
        pytest.param('{"a": 1}', id="no list"),
        pytest.param("[1]", id="numbers"),
        pytest.param("", id="nothing"),
        pytest.param("[", id="no JSON"),
    ],
)
def test_what_is_no_list_of_records_is_refused(record_keys: str) -> None:
    row = dict.fromkeys(("level", "note", "detail", "by", "at", "decision_id", "sequence"))
    with pytest.raises(ValueError):
        decision_of({**row, "kind": "must_link", "record_keys": record_keys})


def test_every_kind_and_status_has_one_name_in_each_language() -> None:
    for names in ([kind.name for kind in KINDS.values()], list(STATUS.values())):
        assert len({name.zh for name in names}) == len({name.en for name in names}) == len(names)
    assert WHAT.keys() & KINDS.keys() == {"split"}, "what a run does to an entity; a decision has its own name"


# --- one answer on every surface ---------------------------------------------------------------------------------------


def answers(served: Served, group: dict[str, object]) -> tuple[str, bool, bool, str]:
    """What page, workbook, alarm and plan say of a group: its status, whether it is open, whether it waits, and why."""
    served.desk.now()
    found = served.desk.ledger.settled().get(group["place"])
    level = str(group["level"])
    with open_store(served.store) as store:
        log = DecisionLog.of(decisions_of(served.store))
        book = members_of(store, BookRequest(level, open_only=True), log)
        late = waiting(store, served.store)["group_id"].to_list()
    why = {w["group_id"]: w["reason"] for w in plan_of(served.store)["waiting"]}
    return (
        found.name if found else "open",
        group["group_id"] in book["group_id"].to_list(),
        group["group_id"] in late,
        why.get(group["group_id"], "merge"),
    )


CASES = [
    pytest.param(lambda _: [], ("open", True, True, "review"), id="nothing"),
    pytest.param(lambda keys: [("must_link", [keys[:2]], {})], ("open", True, True, "review"), id="two of the four are one"),
    pytest.param(lambda keys: [("choose_survivor", [keys], {"record_key": keys[0]})], ("open", True, True, "review"), id="who stays"),
    pytest.param(lambda keys: [("cannot_link", [[keys[0], "f" * 20]], {})], ("open", True, True, "review"), id="not a stranger"),
    pytest.param(lambda keys: [("must_link", [keys], {})], ("approved", False, False, "merge"), id="approved"),
    pytest.param(lambda keys: [("must_link", [keys[:3]], {}), ("must_link", [keys[2:]], {})],
                 ("approved", False, False, "merge"), id="approved in two steps"),
    pytest.param(lambda keys: [("must_link", [[*keys, "f" * 20]], {})], ("approved", False, False, "next_run"), id="one with a stranger"),
    pytest.param(lambda keys: [("cannot_link", [keys[:2]], {})], ("rejected", False, False, "decided"), id="rejected"),
    pytest.param(lambda keys: [("split", [keys[:2], keys[2:]], {})], ("split", False, False, "decided"), id="split"),
    pytest.param(lambda keys: [("set_aside", [keys[:1]], {})], ("set_aside", False, False, "decided"), id="set aside"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "expected"), CASES)
def test_page_workbook_alarm_and_plan_give_one_answer(
    said: Callable[[list[str]], list[tuple[str, list[list[str]], dict[str, str]]]],
    expected: tuple[str, bool, bool, str], page: Served,
) -> None:  # fmt: skip
    group = next(
        g for g in page.groups() if (g["size"], g["band"], g["action"], g["level"]) == (4, "review", "merge", "contact")
    )
    keys = page.keys_of(group)
    with open_journal(page.store) as journal:
        journal.append([Decision("contact", kind, parts, None, detail) for kind, parts, detail in said(keys)])
    assert answers(page, group) == expected


def test_decisions_that_a_run_did_not_know(tmp_path: Path) -> None:
    rows = [(f"d{n}", "contact", kind, json.dumps(["a", "b"]), detail, n) for n, (kind, detail) in enumerate(
        [("must_link", "{}"), ("cannot_link", "{}"), ("retract", '{"decision_id": "d0"}'), ("set_aside", "{}")])]  # fmt: skip
    frame = pl.DataFrame(
        rows, schema=["decision_id", "level", "kind", "record_keys", "detail", "sequence"], orient="row"
    )
    assert active_decisions(frame)["decision_id"].to_list() == ["d1", "d3"]
    told = pending_decisions(frame, frame.head(2))
    assert sorted(told.select("decision_id", "kind").rows()) == [("d0", "retract"), ("d3", "set_aside")]
