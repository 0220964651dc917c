"""Cells as long as a workbook allows, and tables as wide: the time grows with the text and no faster.

Compared is CPU time, of a text and of its quarter, never seconds: a busy machine makes both slow.
"""

import csv
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl
import pytest
from guiyi.__main__ import _run
from guiyi.config import Config
from guiyi.errors import InputError
from guiyi.io.read.readers import read_tables
from guiyi.pipelines.clean.rows import clean_rows
from guiyi.pipelines.read.intake import read_all
from guiyi.reports.cell_masking import masked_text
from guiyi.review.differences import pieces
from guiyi.rules.base.text import clean_text
from guiyi.rules.phone.clean import clean_phones
from guiyi.rules.types import FIELD_TYPES, clean_field
from guiyi.tests.conftest import Command

LONGEST = 32_767  # what a cell of a workbook holds
MOST_COLUMNS = 16_384
NOISE = 0.4  # seconds by which two runs may differ on a busy machine
PIECES = (
    "a", "1", ".", "@", " ", "海", "（", "(", ")", '"', "'", "\n", "\u200b", "=", "*", "-", "+", ",", "<", "{", "_",
    "abc ", "a@", "@a", "a.", "a@b.", "a@b.cn;", "1-", "1.", "1 ", "1*", "(86", "86", "o1", "x1", "<a", '="', "-1,",
    "13912345678,", "139 ", "2024-01-01 ", "12:30 ", "一二", "张伟、", "张 ", "王五 ", "廣東", "北京市", "（北京）", "有限公司",
    "科技", "市区", "１ａ", "\u200d😀",
)  # fmt: skip
HEAD = "客户编号,联系人,职务,公司名称,统一社会信用代码,手机,座机,邮箱,地址,省份,城市,负责人,来源,创建时间,身份证号,备注"
RULE = """
[[rule]]
id = "long.{name}"
field = "{field}"
condition = {{ {condition} }}
severity = "warning"
message = {{ zh = "不合", en = "wrong" }}
since = "0.1"
"""
CONDITIONS = (
    "required = true", 'matches = "(a+)+b"', 'contains = "[0-9]{17}[0-9X]"', 'lacks = "@.*a|海"', "length = { max = 10 }",
    'one_of = ["是", "否"]', "range = { min = 1, max = 9 }", 'compare = { op = "!=", other = "备注" }',
)  # fmt: skip


def cells(length: int) -> list[str]:
    """A cell of that length for each piece, made of nothing else."""
    return [(piece * length)[:length] for piece in PIECES]


def times(work: Callable[[int], object], sizes: Sequence[int]) -> list[float]:
    """CPU seconds for each size, after a first call that loads what is loaded once."""
    work(20)
    found = []
    for size in sizes:
        start = time.process_time()
        work(size)
        found.append(time.process_time() - start)
    return found


def assert_linear(work: Callable[[int], object], longest: int = LONGEST) -> None:
    """Four times the text takes less than eight times as long; quadratic would be sixteen."""
    for _ in range(3):  # a machine that does other work at the same time is no fault of the code
        quarter, whole = times(work, (longest // 4, longest))
        if whole < 8 * quarter + NOISE:
            return
    pytest.fail(f"{longest // 4} characters took {quarter:.2f} s, {longest} took {whole:.2f} s")


def write_table(path: Path, length: int) -> Path:
    columns = HEAD.split(",")
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([columns, *([f"{i}{cell}"] * len(columns) for i, cell in enumerate(cells(length)))])
    return path


@pytest.mark.parametrize("field", FIELD_TYPES)
def test_every_field_is_cleaned_in_linear_time(field: str) -> None:
    assert_linear(lambda n: clean_field(field, pl.Series(cells(n))))


@pytest.mark.parametrize("field", [name for name, kind in FIELD_TYPES.items() if kind.clean])
def test_the_rules_of_every_field_are_linear_where_no_text_is_kept_from_them(field: str) -> None:
    clean = FIELD_TYPES[field].clean
    assert clean is not None
    assert_linear(lambda n: clean(pl.Series(cells(n))))


def test_phones_are_looked_for_in_linear_time() -> None:
    def clean(length: int) -> None:
        clean_phones(pl.DataFrame({"raw": cells(length)}).with_columns(area=pl.lit("025")), regions=False)

    assert_linear(clean, 8_000)


def test_unmapped_columns_are_cleaned_in_linear_time() -> None:
    assert_linear(lambda n: clean_text(pl.Series(cells(n)), None, "free"))


@pytest.mark.parametrize("field", ["", "person_name", "email", "phone", "address", "备注"])
def test_cells_are_masked_in_linear_time(field: str) -> None:
    assert_linear(lambda n: [masked_text(field, cell) for cell in cells(n)])


@pytest.mark.parametrize("field", ["company_name", "phone"])
def test_the_page_compares_two_cells_in_linear_time(field: str) -> None:
    def compare(length: int) -> None:
        for cell in cells(length):
            pieces(field, f"甲{cell}", f"{cell[: length // 2]}乙{cell[::-1]}")
            pieces(field, cell, cell[::-1])

    assert_linear(compare)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., int]:
    """`guiyi …` in this process, in an empty folder; its exit code."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", ["guiyi", *arguments])
        return _run()

    return command


@pytest.mark.parametrize("form", ["text", "json", "html", "sarif", "junit"])
def test_every_report_of_the_gate_is_made_in_linear_time(tmp_path: Path, form: str, run: Callable[..., int]) -> None:
    rules = [
        RULE.format(name=f"{condition.split()[0]}_{i}", field=field, condition=condition)
        for i, field in enumerate(("备注", "身份证号"))
        for condition in CONDITIONS
    ]
    (tmp_path / "long.toml").write_text('name = "long"\n' + "".join(rules), encoding="utf-8")
    (tmp_path / "guiyi.toml").write_text('rules = ["long.toml"]\n', encoding="utf-8")
    marked = ("--annotate", "marked.xlsx") if form == "text" else ()

    def check(length: int) -> None:
        write_table(tmp_path / "long.csv", length)
        assert run("check", "long.csv", "--format", form, *marked) == 1

    assert_linear(check, LONGEST if form == "text" else LONGEST // 4)


def test_four_rows_of_long_cells_are_checked_as_fast_as_short_ones(tmp_path: Path, guiyi: Command) -> None:
    def seconds(length: int) -> float:
        columns = HEAD.split(",")
        rows = [[f"{row}{'a' * length}"] * len(columns) for row in range(4)]
        with (tmp_path / "four.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([columns, *rows])
        before = os.times()
        assert guiyi("check", "four.csv").returncode == 1
        after = os.times()
        return after.children_user + after.children_system - before.children_user - before.children_system

    seconds(20)
    assert seconds(32_000) < 2 * seconds(20) + NOISE


@pytest.mark.parametrize("command", ["check", "run"])
def test_a_wide_table_takes_as_long_as_its_cells(tmp_path: Path, command: str, run: Callable[..., int]) -> None:
    def read(width: int) -> None:
        names = [f"指标{i // 100}项{i % 100}" for i in range(width - 3)]
        rows = [[f"C{r}", "张伟", f"1391234567{r}", *(f" {r + i} 元" for i in range(width - 3))] for r in range(3)]
        with (tmp_path / "wide.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([["客户编号", "联系人", "手机", *names], *rows])
        store = ("--db", f"{width}.duckdb") if command == "run" else ()
        assert run(command, "wide.csv", *store) == 0

    assert_linear(read, MOST_COLUMNS if command == "check" else MOST_COLUMNS // 2)


@pytest.mark.parametrize("piece", ['"a,', '""a,"', ',"', '"', '"a\n'])
def test_quotes_that_never_close_are_read_in_linear_time(tmp_path: Path, piece: str) -> None:
    def read(length: int) -> None:
        rows = "1,2,3\n" * 3
        (tmp_path / "quotes.csv").write_text(rows + piece * (length // len(piece)) + "\n" + rows, encoding="utf-8")
        read_tables(tmp_path / "quotes.csv")

    assert_linear(read)


def test_a_text_too_long_for_its_field_is_said_and_not_used(tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_text(
        f"联系人,手机,公司名称\n张伟,13912345678,{'海' * 1_001}\n李娜,13912345679,{'海' * 1_000}\n", encoding="utf-8"
    )
    clean = clean_rows(read_all([path], Config()), "zh")
    assert clean.record["company_name"].is_null().to_list() == [True, False]
    assert clean.findings.filter(rule="text.too_long")["severity"].to_list() == ["error"]
    assert clean.changes.filter(rule="text.too_long")["before"].to_list() == ["海" * 1_001]


def test_blanks_around_a_value_do_not_make_it_too_long(tmp_path: Path) -> None:
    path = tmp_path / "padded.csv"
    path.write_text(f"联系人,手机\n张伟,13907651234{' ' * 2_000}\n", encoding="utf-8")
    assert clean_rows(read_all([path], Config()), "zh").record["phone"].to_list() == ["+8613907651234"]


def test_an_address_glued_to_another_is_masked_as_well() -> None:
    assert masked_text("", "zhangwei@qq.com+lina@163.com") == "zh***@qq.com+li***@163.com"


def test_empty_lines_do_not_outvote_the_rows_of_a_table(tmp_path: Path) -> None:
    path = tmp_path / "blank.csv"
    path.write_text("编号,姓名,手机\n1,张伟,13912345678\n" + "\n" * 100_000 + "2,李娜,13912345679\n", encoding="utf-8")
    assert read_tables(path)[0].rows.rows() == [(2, "1", "张伟", "13912345678"), (100_003, "2", "李娜", "13912345679")]


def test_a_line_of_more_cells_than_any_table_has_is_not_called_empty(tmp_path: Path) -> None:
    path = tmp_path / "line.csv"
    path.write_text("a," * 100_000, encoding="utf-8")
    with pytest.raises(InputError) as fault:
        read_tables(path)
    assert fault.value.reason == "file.not_a_table"
