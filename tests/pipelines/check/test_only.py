"""`guiyi check --only`: the same findings of the rules that were asked for, and nothing of the others."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from guiyi.config import Config
from guiyi.errors import UsageError
from guiyi.pipelines.check.gate import Checked, CheckRequest, check_file
from guiyi.pipelines.check.selection import Asked
from guiyi.pipelines.clean.cells import read_cells
from guiyi.pipelines.clean.rows import clean_rows
from guiyi.pipelines.read.intake import read_all
from guiyi.sample_data.crash import write_crash


def check(path: Path, *only: str, **more: object) -> Checked:
    return check_file(CheckRequest(path, Config(), "zh", path.parent, asked=Asked(only), **more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("only", "rules"),
    [
        pytest.param(("text",), {"text.invisible", "text.formula", "text.placeholder"}, id="area"),
        pytest.param(("text.*", "cell"), {"text.invisible", "text.formula", "text.placeholder", "cell.digits_lost"},
                     id="reading-only"),
        pytest.param(("phone.several",), {"phone.several"}, id="one-rule"),
        pytest.param(("row.same_customer", "header"), {"row.same_customer", "header.unmapped"}, id="pairs"),
        pytest.param(("required", "credit_code"), {"credit_code.checksum", "credit_code.letters"}, id="field-and-pack"),
        pytest.param(("row.total",), set(), id="nothing-found"),
    ],
)  # fmt: skip
def test_what_was_asked_for_is_told_as_by_a_whole_check(samples: Path, only: tuple[str, ...], rules: set[str]) -> None:
    asked, whole = check(samples / "leads.csv", *only).report.findings, check(samples / "leads.csv").report.findings
    assert asked.equals(whole.filter(pl.col("rule").is_in(asked["rule"].implode())))
    assert set(asked["rule"]) == rules
    assert asked.height == whole.filter([Asked(only).takes(rule) for rule in whole["rule"]]).height


def test_cells_alone_tell_the_same_changes_as_cleaning(samples: Path) -> None:
    intake = read_all([samples / "leads.csv", samples / "customers.xlsx"], Config())
    cleaned = clean_rows(intake, "zh", regions=False).changes.filter(pl.col("rule").str.starts_with("text."))
    alone = read_cells(intake, "zh").changes
    assert alone.height > 20
    assert set(alone.drop("step").rows()) == set(cleaned.drop("step").rows())


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_of_the_crash_file_the_soiled_rows_are_told_and_no_others(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"crash.{kind}"
    soiled = set(write_crash(path))
    checked = check(path, "text.invisible", "text.formula")
    ids = checked.intake.rows[0].select("row_number", "source_record_id")
    told = checked.findings.select("row_number").unique().join(ids, on="row_number")["source_record_id"]
    assert (len(told), set(told)) == (1842, soiled)


def test_a_pattern_that_means_no_rule_is_refused(samples: Path) -> None:
    for pattern in ("phnoe", "text.nothing", "phone.inval"):
        with pytest.raises(UsageError, match=pattern):
            check(samples / "leads.csv", "text.invisible", pattern)


def test_rows_to_import_need_every_rule(guiyi: Callable[..., object], samples: Path) -> None:
    done = guiyi("check", samples / "leads.csv", "--only", "text", "--accepted", "ok.csv")
    assert (done.returncode, "--only" in done.stderr) == (2, True)


def test_exit_code_and_counts_are_of_what_was_asked(guiyi: Callable[..., object], tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("客户编号,联系人,手机号\n1,张\u200b伟,139\n", "utf-8")
    assert guiyi("check", "a.csv", "--only", "text").returncode == 0
    assert guiyi("check", "a.csv", "--only", "text", "--only", "phone").returncode == 1


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        pytest.param(("text",), True, id="text rules"),
        pytest.param(("file", "header.gone", "sheet.*"), True, id="of the file"),
        pytest.param(("text", "phone"), False, id="a field as well"),
        pytest.param(("row.same_customer",), False, id="takes other rows"),
        pytest.param(("text", "own.rule"), False, id="a rule that only a pack can have"),
        pytest.param((), False, id="everything"),
    ],
)
def test_only_what_the_file_tells_needs_no_field_to_be_understood(patterns: tuple[str, ...], expected: bool) -> None:
    assert Asked(patterns).reading_only is expected
