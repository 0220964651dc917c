"""Rule packs: a closed schema, conditions on whole columns, context, trial, and what they say about a file."""

import re
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest
from guiyi.config import Config
from guiyi.errors import UsageError
from guiyi.pipelines.check.gate import Checked, CheckRequest, check_file
from guiyi.pipelines.clean.packs import applies, list_rules, load_rules, stored_pack_findings
from guiyi.pipelines.clean.rows import clean_rows
from guiyi.pipelines.read.intake import read_all
from guiyi.rules.pack.check import broken, chosen_for_trial
from guiyi.rules.pack.lint import lint
from guiyi.rules.pack.load import Rule, parse_pack, shipped_packs
from guiyi.schemas import FINDING

DATA = Path(__file__).parents[1] / "data" / "check"
RULE = """
name = "x"
[[rule]]
id = "my.rule"
field = "email"
condition = { required = true }
severity = "error"
message = { zh = "没有邮箱", en = "no e-mail" }
since = "0.1"
"""


def rule(field: str, rollout: float = 1.0, **condition: object) -> Rule:
    return Rule.model_validate(
        {"id": "test.rule", "field": field, "condition": condition, "severity": "error",
         "message": {"zh": "不对", "en": "wrong"}, "since": "0.1", "rollout": rollout}
    )  # fmt: skip


def check(path: Path, *packs: str, folder: Path = DATA) -> Checked:
    return check_file(CheckRequest(path, Config(rules=list(packs)), "zh", folder))


@pytest.mark.parametrize(
    ("condition", "values", "expected"),
    [
        pytest.param({"required": True}, ["a", None], [False, True], id="required"),
        pytest.param({"matches": r"[A-Z]{3}\d{4}"}, ["ABC1234", "编号ABC1234", "ABC12345", None], [False, True, True, False], id="whole"),
        pytest.param({"matches": "a|b"}, ["a", "b", "ab", "xa"], [False, False, True, True], id="alternatives-as-a-whole"),
        pytest.param({"matches": "a$"}, ["a", "a\n"], [False, True], id="no-line-end"),
        pytest.param({"contains": r"\d{4}"}, ["x1234", "x12", None], [False, True, False], id="contains"),
        pytest.param({"lacks": "测试"}, ["张三", "测试员", None], [False, True, False], id="lacks"),
        pytest.param({"one_of": ["A", "B"]}, ["A", "C", None], [False, True, False], id="one-of"),
        pytest.param({"length": {"min": 2, "max": 3}}, ["一", "一二", "一二三", "一二三四", None],
                     [True, False, False, True, False], id="length-in-characters"),
        pytest.param({"length": {"max": 0}}, ["x", None], [True, False], id="length-zero"),
        pytest.param({"range": {"min": 0, "max": 1000}}, ["0", "1,000", "-1", "1000.5", "x", None],
                     [False, False, True, True, False, False], id="range-of-numbers"),
        pytest.param({"range": {"min": 0}}, ["¥12", "-3元"], [False, True], id="range-of-money"),
        pytest.param({"range": {"min": date(2020, 1, 1), "max": date(2024, 12, 31)}}, ["2020-01-01", "2024/12/31 23:00", "2025-01-01", "x"],
                     [False, False, True, False], id="range-of-dates-in-text"),
    ],
)  # fmt: skip
def test_conditions(condition: dict[str, object], values: list[str | None], expected: list[bool]) -> None:
    frame = pl.DataFrame(
        {"record_key": [f"{i:08x}" for i in range(len(values))], "v": values}, schema_overrides={"v": pl.String}
    )
    assert broken(rule("v", **condition), frame).to_list() == expected


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        pytest.param(">=", [False, True, False, False], id="not-before"),
        pytest.param("<", [True, False, True, False], id="before"),
        pytest.param("!=", [False, False, True, False], id="not-equal"),
    ],
)
def test_two_times_are_compared(op: str, expected: list[bool]) -> None:
    days = [datetime(2024, 1, 2), datetime(2024, 1, 1), datetime(2024, 1, 1), None]
    frame = pl.DataFrame(
        {
            "record_key": ["0"] * 4,
            "updated_at": days,
            "created_at": [datetime(2024, 1, 1), *[datetime(2024, 1, 2)], datetime(2024, 1, 1), None],
        }
    )
    assert broken(rule("updated_at", compare={"op": op, "other": "created_at"}), frame).to_list() == expected


def test_numbers_are_compared_as_numbers_and_texts_as_texts() -> None:
    frame = pl.DataFrame({"record_key": ["0", "0"], "a": ["9", "x"], "b": ["10", "x"]})
    assert broken(rule("a", compare={"op": "<", "other": "b"}), frame).to_list() == [False, False]
    assert broken(rule("a", compare={"op": "!=", "other": "b"}), frame).to_list() == [False, True]


def test_a_field_that_is_not_there_passes_but_for_required() -> None:
    frame = pl.DataFrame({"record_key": ["0", "1"]})
    assert broken(rule("v", matches="x"), frame).to_list() == [False, False]
    assert broken(rule("v", required=True), frame).to_list() == [True, True]


def test_a_trial_speaks_for_the_same_share_of_rows_whatever_their_order() -> None:
    import hashlib

    keys = [hashlib.blake2b(str(i).encode(), digest_size=10).hexdigest() for i in range(20_000)]
    frame = pl.DataFrame({"record_key": keys})
    chosen = frame.filter(chosen_for_trial(0.05))
    assert 0.045 < chosen.height / frame.height < 0.055
    assert set(frame.reverse().filter(chosen_for_trial(0.05))["record_key"]) == set(chosen["record_key"])
    assert set(chosen["record_key"]) < set(frame.filter(chosen_for_trial(0.2))["record_key"])


def test_a_rule_on_trial_reports_and_blocks_none(tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_text(
        "客户编号,联系人,手机号\n" + "".join(f"{i},张伟{i},1390000{i:04d}\n" for i in range(400)), "utf-8"
    )
    pack = RULE.replace('since = "0.1"', 'since = "0.1"\nrollout = 0.25').replace('"email"\n', '"address"\n')
    (tmp_path / "trial.toml").write_text(pack, "utf-8")
    source_text = (
        source.read_text("utf-8").replace("手机号", "手机号,地址").replace("\n", ",\n").replace("地址,\n", "地址\n", 1)
    )
    source.write_text(
        source_text.replace("13900000000,", "13900000000,杭州市"), "utf-8"
    )  # an empty column is told once
    checked = check(source, "trial.toml", folder=tmp_path)
    told = checked.report.findings.filter(pl.col("rule") == "my.rule")
    assert 60 < told.height < 140
    assert set(told["severity"]) == {"info"}
    assert told["trial"].all()
    assert told["message"][0].startswith("［试行］")
    assert not checked.report.failed
    assert checked.rejected.is_empty()


def test_a_pack_speaks_of_its_own_source_and_offers_its_choices(tmp_path: Path) -> None:
    text = "客户编号,联系人,手机号,课程编号,级别\n1,张伟,13900001234,ABC1234,A\n2,李娜,13900005678,课程编号ABC1234,D\n"
    (tmp_path / "leads.csv").write_text(text, "utf-8")
    (tmp_path / "other.csv").write_text(text, "utf-8")
    mine = check(tmp_path / "leads.csv", "course.toml").findings.filter(pl.col("rule").str.starts_with("course."))
    assert mine.select("rule", "cell", "value").rows() == [
        ("course.code", "D3", "课程编号ABC1234"),
        ("course.level", "E3", "D"),
    ]
    assert mine["choices"].to_list() == [None, ["A", "B", "C"]]
    other = check(tmp_path / "other.csv", "course.toml").findings
    assert not other["rule"].str.starts_with("course.").any()


def test_a_required_field_without_a_column_is_one_finding_at_the_header(tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text(RULE, "utf-8")
    (tmp_path / "a.csv").write_text("客户编号,联系人,手机号\n1,张伟,13900001234\n2,李娜,13900005678\n", "utf-8")
    checked = check(tmp_path / "a.csv", "my.toml", folder=tmp_path)
    told = checked.findings.filter(pl.col("rule") == "my.rule")
    assert told.select("row", "cell").rows() == [(1, None)]
    assert checked.rejected.height == 2


def test_a_rule_of_ones_own_replaces_a_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text(RULE.replace("my.rule", "limit.email"), "utf-8")
    rules = {r.id: r for r in load_rules(Config(rules=["my.toml"]), tmp_path)}
    assert rules["limit.email"].condition.kind == "required"
    assert len(rules) == len(load_rules(Config(), tmp_path))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        pytest.param('field = "email"', 'feld = "email"', "feld", id="unknown-key"),
        pytest.param(
            "{ required = true }", "{ required = true, length = { max = 3 } }", "condition", id="two-conditions"
        ),
        pytest.param("{ required = true }", "{ }", "condition", id="no-condition"),
        pytest.param('"error"', '"fatal"', "severity", id="unknown-severity"),
        pytest.param('since = "0.1"', 'since = "0.1"\nrollout = 1.5', "rollout", id="rollout-out-of-range"),
        pytest.param('id = "my.rule"', 'id = "MyRule"', "id", id="id-without-area"),
        pytest.param('en = "no e-mail"', 'fr = "rien"', "message", id="one-language-only"),
        pytest.param("[[rule]]", "[[rule]", "TOML", id="no-toml"),
    ],
)
def test_a_pack_that_breaks_the_schema_is_refused_with_the_place(old: str, new: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        parse_pack(RULE.replace(old, new), "x.toml")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(RULE.replace("{ required = true }", "{ matches = '(' }"), "pack.regex", id="bad-pattern"),
        pytest.param(RULE + RULE.partition('name = "x"')[2], "pack.duplicate", id="one-id-twice"),
        pytest.param(RULE.replace("my.rule", "phone.invalid"), "pack.duplicate", id="id-of-a-built-in-rule"),
        pytest.param(None, "pack.missing", id="no-file"),
    ],
)
def test_a_pack_that_cannot_be_used_is_refused(tmp_path: Path, text: str | None, reason: str) -> None:
    if text is not None:
        (tmp_path / "my.toml").write_text(text, "utf-8")
    with pytest.raises(UsageError) as caught:
        load_rules(Config(rules=["my.toml"]), tmp_path)
    assert caught.value.reason == reason


def test_shipped_rules_are_worded_in_both_languages() -> None:
    for shipped in (r for pack in shipped_packs().values() for r in pack.rule):
        assert any("一" <= c <= "鿿" for c in shipped.message.zh)
        assert shipped.message.en.isascii()


def test_every_rule_is_listed_once() -> None:
    table = list_rules(Config(), Path(), "en")
    assert table["rule"].is_unique().all()
    assert {"text.invisible", "limit.email"} <= set(table["rule"])
    assert table["message"].null_count() == 0


def test_context_is_a_source_or_a_file() -> None:
    limited = rule("v", matches="x").model_copy(update={"only_for": "leads*"})
    assert applies(limited, "leads:Sheet1", "x.xlsx")
    assert applies(limited, "x", "leads_2026.csv")
    assert not applies(limited, "customers", "customers.csv")


def test_findings_of_packs_conform_to_the_table_of_a_run(tmp_path: Path) -> None:
    source = tmp_path / "leads.csv"
    source.write_text("客户编号,联系人,手机号,级别\n1,张伟,13900001234,D\n", "utf-8")
    intake = read_all([source], Config())
    clean = clean_rows(intake, "en", regions=False)
    table = stored_pack_findings(load_rules(Config(rules=["course.toml"]), DATA), intake, clean, "en")
    told = table.filter(pl.col("rule") == "course.level")
    assert table.schema == FINDING.polars
    assert told.select("source_record_id", "field", "value", "message").rows() == [
        ("1", "级别", "D", "the level is A, B or C")
    ]
    assert told["record_key"].to_list() == clean.record["record_key"].to_list()


def test_packs_in_the_documents_are_packs_without_fault() -> None:
    docs = Path(__file__).parents[2] / "docs"
    shown = [
        text
        for text in re.findall(r"^```toml\n(.*?)^```$", (docs / "en" / "check.md").read_text("utf-8"), re.M | re.S)
        if "[[rule]]" in text
    ]
    packs = [parse_pack(text, "check.md") for text in [*shown, (docs / "example_rules.toml").read_text("utf-8")]]
    assert len(packs) == 2
    assert [lint([("x.toml", pack)]) for pack in packs] == [[], []]
