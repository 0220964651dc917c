"""Lint names the faults that break real rule sets, and finds none in the packs that ship."""

from pathlib import Path

import pytest
from guiyi.pipelines.clean.packs import read_pack
from guiyi.rules.pack.lint import lint
from guiyi.rules.pack.lint_pairs import contradiction
from guiyi.rules.pack.load import Pack, Rule, parse_pack, shipped_packs
from guiyi.rules.pack.regex_shape import example, is_anchored, is_explosive, width

DATA = Path(__file__).parents[1] / "data" / "check"


def rule(field: str, only_for: str | None = None, rollout: float = 1.0, **condition: object) -> Rule:
    words = {"zh": "不对", "en": "wrong"}
    return Rule.model_validate(
        {"id": "test.rule", "field": field, "only_for": only_for, "condition": condition, "severity": "error",
         "message": words, "since": "0.1", "rollout": rollout}
    )  # fmt: skip


def test_shipped_packs_have_no_fault() -> None:
    assert lint(list(shipped_packs().items())) == []


def test_every_fault_is_named_at_its_rule_and_nowhere_else() -> None:
    found = {(f.rule, f.code) for f in lint([("faulty.toml", read_pack(DATA / "faulty.toml"))])}
    assert found == {
        ("fault.unanchored", "regex_unanchored"),
        ("fault.no_context", "no_context"),
        ("fault.never_fires", "never_fires"),
        ("fault.contradiction", "contradiction"),
        ("fault.duplicate_id", "duplicate_id"),
        ("fault.regex_invalid", "regex_invalid"),
        ("fault.regex_empty", "regex_empty"),
        ("fault.regex_catastrophic", "regex_catastrophic"),
        ("fault.unknown_field", "unknown_field"),
    }


def test_an_unanchored_expression_is_shown_what_else_it_takes() -> None:
    faults = lint([("faulty.toml", read_pack(DATA / "faulty.toml"))])
    fault = next(f for f in faults if f.code == "regex_unanchored")
    assert "课程编号ABC1234" in fault.text.zh
    assert "课程编号ABC1234" in fault.text.en


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        pytest.param(r"[A-Z]{3}\d{4}", True, id="a form anywhere"),
        pytest.param(r"^[A-Z]{3}\d{4}$", False, id="a form as the whole cell"),
        pytest.param("测试|作废", False, id="words"),
    ],
)
def test_a_form_that_is_to_be_absent_is_anchored(pattern: str, told: bool) -> None:
    pack = Pack(name="x", rule=[rule("company_name", lacks=pattern)])
    assert ("regex_unanchored" in [f.code for f in lint([("x.toml", pack)])]) is told


def test_a_pack_that_takes_a_built_in_id_is_told() -> None:
    pack = parse_pack(
        'name = "x"\n[[rule]]\nid = "phone.invalid"\nfield = "phone"\ncondition = { required = true }\n'
        'severity = "error"\nmessage = { zh = "无", en = "no" }\nsince = "0.1"\n', "x.toml",
    )  # fmt: skip
    assert [f.code for f in lint([("x.toml", pack)])] == ["duplicate_id"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        pytest.param(r"^[A-Z]{3}\d{4}$", True, id="both-ends"),
        pytest.param(r"[A-Z]{3}\d{4}", False, id="neither"),
        pytest.param(r"^[A-Z]{3}", False, id="begin-only"),
        pytest.param(r"\d{4}\$", False, id="an-escaped-dollar-is-no-end"),
        pytest.param(r"^a|b$", False, id="each-alternative-needs-both"),
        pytest.param(r"^a$|^b$", True, id="both-alternatives"),
        pytest.param(r"(?:^a$)", True, id="inside-a-group"),
        pytest.param(r"\A\d+\z", True, id="rust-spelling"),
        pytest.param(r"^\p{Han}{2,}$", True, id="python-cannot-parse-it"),
        pytest.param(r"\p{Han}{2,}", False, id="nor-this"),
    ],
)
def test_anchors(pattern: str, expected: bool) -> None:
    assert is_anchored(pattern) is expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        pytest.param(r"(a+)+", True, id="plus-in-plus"),
        pytest.param(r"([a-z]*)*x", True, id="star-in-star"),
        pytest.param(r"(a|a)*b", True, id="equal-alternatives"),
        pytest.param(r"(\d{4}-)*\d{4}", False, id="a-fixed-part-between"),
        pytest.param(r"^[a-z]+@[a-z]+\.com$", False, id="plain"),
        pytest.param(r"(ab|cd)+", False, id="different-alternatives"),
    ],
)
def test_explosive_expressions(pattern: str, expected: bool) -> None:
    assert is_explosive(pattern) is expected


def test_examples_fit_their_expression() -> None:
    assert example(r"[A-Z]{3}\d{4}") == "ABC1234"
    assert example(r"^1[3-9]\d{9}$") is not None
    assert example(r"^(?:张|王)[^\d]+$") is not None
    assert example(r"\p{Han}") is None
    assert width(r"^[A-Z]{3}\d{4}$") == (7, 7)


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        pytest.param(rule("phone", length={"max": 5}), rule("phone", length={"min": 6}), True, id="lengths-apart"),
        pytest.param(rule("phone", length={"max": 6}), rule("phone", length={"min": 6}), False, id="lengths-meet"),
        pytest.param(rule("phone", length={"max": 5}), rule("email", length={"min": 6}), False, id="other-field"),
        pytest.param(rule("a", "x*", length={"max": 5}), rule("a", "y*", length={"min": 6}), False, id="other-source"),
        pytest.param(rule("a", "x*", length={"max": 5}), rule("a", length={"min": 6}), True, id="one-for-all-sources"),
        pytest.param(rule("a", range={"max": 5}), rule("a", range={"min": 6}), True, id="ranges-apart"),
        pytest.param(rule("a", one_of=["x", "y"]), rule("a", one_of=["y"]), False, id="a-common-choice"),
        pytest.param(rule("a", one_of=["x", "y"]), rule("a", one_of=["z"]), True, id="no-common-choice"),
        pytest.param(rule("a", one_of=["x"]), rule("a", matches=r"^\d$"), True, id="choice-that-no-pattern-takes"),
        pytest.param(rule("a", one_of=["x"]), rule("a", lacks="x"), True, id="choice-that-is-forbidden"),
        pytest.param(rule("a", contains="x"), rule("a", lacks="x"), True, id="wanted-and-forbidden"),
        pytest.param(rule("a", matches=r"^\d{4}$"), rule("a", length={"min": 5}), True, id="pattern-too-short"),
        pytest.param(rule("a", matches=r"^\d{4}$"), rule("a", matches=r"^\d{5}$"), True, id="widths-apart"),
        pytest.param(rule("a", matches=r"^[A-Z]{4}$"), rule("a", matches=r"^\d{4}$"), True, id="no-common-text"),
        pytest.param(rule("a", matches=r"^A.*$"), rule("a", matches=r"^.*B$"), False, id="both-can-hold"),
        pytest.param(rule("a", compare={"op": "<", "other": "b"}), rule("b", compare={"op": "<", "other": "a"}), True, id="both-smaller"),
        pytest.param(rule("a", compare={"op": "<=", "other": "b"}), rule("b", compare={"op": "<=", "other": "a"}), False, id="both-equal"),
    ],
)  # fmt: skip
def test_contradictions(one: Rule, other: Rule, clash: bool) -> None:
    assert (contradiction(one, other) is not None) is clash
    assert (contradiction(other, one) is not None) is clash


@pytest.mark.parametrize(
    "dead",
    [
        pytest.param(rule("phone", rollout=0.0, required=True), id="rollout-of-nothing"),
        pytest.param(rule("email", length={"min": 1}), id="every-text-has-a-character"),
        pytest.param(rule("email", length={"max": 32767}), id="no-cell-is-longer"),
        pytest.param(rule("credit_code", length={"min": 18, "max": 18}), id="cleaned-codes-always-have-18"),
        pytest.param(rule("created_at", range={}), id="no-bounds"),
        pytest.param(rule("email", compare={"op": "==", "other": "email"}), id="equal-to-itself"),
        pytest.param(rule("email", matches=r"^[\s\S]*$"), id="anything-fits"),
        pytest.param(rule("source", required=True), id="never-empty"),
    ],
)
def test_rules_that_never_fire(dead: Rule) -> None:
    pack = shipped_packs()["crm.toml"].model_copy(update={"rule": [dead]})
    assert "never_fires" in {f.code for f in lint([("x.toml", pack)])}
