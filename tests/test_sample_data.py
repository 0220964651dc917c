"""The sample generator: the same bytes each time, exact counts, valid codes, a truth for every row."""

import csv
import re
import zipfile
from itertools import pairwise
from pathlib import Path

import phonenumbers
import polars as pl
import pytest
import python_calamine
from guiyi.sample_data import table
from guiyi.sample_data.codes import complete_codes
from guiyi.sample_data.crash import ROWS, SOILED, write_crash
from guiyi.sample_data.generate import main
from guiyi.sample_data.nights import write_nights
from guiyi.sample_data.samples import write_samples
from guiyi.sample_data.table import write_table
from stdnum.cn import uscc

COMMITTED = Path(__file__).parent.parent / "sample_data"
# Written out again here on purpose: the counter must not share a mistake with what it counts.
INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u00a0\u00ad\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202f\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e01ef]"
)
FORMULA = re.compile(r"^[='@]|#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!)|_x[0-9A-Fa-f]{4}_|VLOOKUP|HYPERLINK")


def read(path: Path, encoding: str = "utf-8") -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as text:
        return list(csv.DictReader(text))


def folder_bytes(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def is_soiled(cells: list[str]) -> bool:
    return any(INVISIBLE.search(cell) or FORMULA.search(cell) for cell in cells)


@pytest.fixture(scope="module")
def messy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("messy")
    write_table(12_000, 7, folder)
    return folder


@pytest.fixture(scope="module")
def dirty(messy: Path) -> pl.DataFrame:
    """Soiled cells with the messy cell beside the clean one; `column` is the field, `title` the table's column."""
    titles = {table.LISTED[column]: title for title, column in table.HEADER.items() if column in table.LISTED}
    records = pl.read_csv(messy / "records.csv", infer_schema=False).unpivot(
        list(titles.values()), index="客户编号", variable_name="title", value_name="cell"
    )
    soiled = pl.read_csv(messy / "dirty.csv", infer_schema=False).with_columns(
        title=pl.col("column").replace_strict(titles)
    )
    return soiled.join(records, left_on=["record_id", "title"], right_on=["客户编号", "title"])


def test_same_seed_gives_same_bytes(messy: Path, tmp_path: Path) -> None:
    write_table(12_000, 7, tmp_path)
    assert folder_bytes(tmp_path) == folder_bytes(messy)


def test_other_seed_gives_other_people(tmp_path: Path) -> None:
    write_table(50, 1, tmp_path / "a")
    write_table(50, 2, tmp_path / "b")
    assert (tmp_path / "a/records.csv").read_bytes() != (tmp_path / "b/records.csv").read_bytes()


def test_batch_size_does_not_change_the_table(messy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "BATCH", 5_000)
    write_table(12_000, 7, tmp_path)
    assert folder_bytes(tmp_path) == folder_bytes(messy)


@pytest.mark.parametrize("rows", [1, 2, 37, 500])
def test_table_has_exactly_the_rows_asked_for(rows: int, tmp_path: Path) -> None:
    write_table(rows, 3, tmp_path)
    records, truth = read(tmp_path / "records.csv"), read(tmp_path / "truth.csv")
    assert len({row["客户编号"] for row in records}) == len(records) == rows
    assert {row["record_id"] for row in truth} == {row["客户编号"] for row in records}


def test_truth_has_the_shape_of_a_crm(messy: Path) -> None:
    truth = pl.read_csv(messy / "truth.csv", infer_schema=False)
    sizes = truth.group_by("contact").len()["len"]
    assert sizes.max() == 7
    assert 0.2 < truth["account"].null_count() / truth.height < 0.33
    assert truth.group_by("contact").agg(pl.col("account").n_unique())["account"].max() == 1


def test_every_kind_of_dirt_occurs(dirty: pl.DataFrame) -> None:
    kinds = {(column, kind) for column, kind in dirty.select("column", "kind").unique().iter_rows()}
    for column in table.LISTED.values():
        assert {(column, "variant"), (column, "damaged")} <= kinds
    assert {("phone", "placeholder"), ("phone", "shared"), ("phone", "wrong"), ("email", "placeholder")} <= kinds


def test_phone_is_written_in_more_than_forty_ways(dirty: pl.DataFrame) -> None:
    """A way is what is left of a cell when its digits are made equal and names and notes are cut."""
    phones = dirty.filter((pl.col("column") == "phone") & (pl.col("kind") == "variant"))
    shapes = phones["cell"].str.replace_all(r"[\p{Nd}]", "9").str.replace_all(r"\p{Han}+", "字").unique()
    assert len(shapes) > 40


def test_clean_values_of_variants_are_valid(dirty: pl.DataFrame) -> None:
    variants = dirty.filter(pl.col("kind") == "variant")

    def clean(column: str) -> list[str]:
        return variants.filter(pl.col("column") == column)["clean"].unique().to_list()

    assert [c for c in clean("credit_code") if not uscc.is_valid(c)] == []
    for column in ("phone", "landline"):
        numbers = {c: phonenumbers.parse(c, "CN") for c in clean(column)}
        assert [c for c, number in numbers.items() if not phonenumbers.is_valid_number(number)] == []
    assert [c for c in clean("email") if not re.fullmatch(r"[a-z0-9.]+@[a-z0-9]+(\.[a-z]+)+", c)] == []


def test_junk_phones_carry_many_rows(messy: Path) -> None:
    counts = pl.read_csv(messy / "records.csv", infer_schema=False)["手机号"].drop_nulls().value_counts(sort=True)
    assert counts["count"][:6].min() > 150  # at a million rows: 34 numbers with about 3,800 rows each
    assert counts["count"][10] < 20


def test_credit_codes_agree_with_the_standards_example() -> None:
    assert complete_codes(["91110000"], ["60003734"]).tolist() == ["91110000600037341L"]


def test_nights_overlap_as_promised(tmp_path: Path) -> None:
    write_nights(2_000, 5, 3, tmp_path)
    nights = [{row["客户编号"]: row for row in read(tmp_path / f"night-{n}.csv")} for n in (1, 2, 3)]
    for before, after in pairwise(nights):
        both = before.keys() & after.keys()
        same = sum(before[i] == after[i] for i in both)
        assert (len(after), same, len(both) - same) == (2_000, 1_600, 300)
    truth = {row["record_id"] for row in read(tmp_path / "truth.csv")}
    assert truth == set().union(*nights)


def test_changed_rows_are_updated_after_the_night_before(tmp_path: Path) -> None:
    write_nights(1_000, 5, 2, tmp_path)
    first, second = (pl.read_csv(tmp_path / f"night-{n}.csv", infer_schema=False) for n in (1, 2))
    iso = pl.col("最后更新时间").str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False)
    changed = second.join(first, on=second.columns, how="anti", nulls_equal=True).join(first, on="客户编号", how="semi")
    assert first.select(iso.max()).item() < changed.select(iso.min()).item()


def test_nights_are_deterministic(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_nights(300, 9, 3, tmp_path / name)
    assert folder_bytes(tmp_path / "a") == folder_bytes(tmp_path / "b")


def test_crash_csv_has_exactly_the_soiled_rows(tmp_path: Path) -> None:
    ids = write_crash(tmp_path / "crash.csv")
    with (tmp_path / "crash.csv").open(encoding="utf-8", newline="") as text:
        rows = list(csv.reader(text))[1:]
    assert (len(rows), len(ids)) == (ROWS, SOILED) == (32_756, 1_842)
    assert [row[0] for row in rows if is_soiled(row)] == ids
    assert {row["record_id"] for row in read(tmp_path / "crash.truth.csv")} == set(ids)


def test_crash_truth_restores_the_clean_cell(tmp_path: Path) -> None:
    write_crash(tmp_path / "crash.csv")
    truth = read(tmp_path / "crash.truth.csv")
    records = {row["客户编号"]: row for row in read(tmp_path / "crash.csv")}
    assert all(records[soil["record_id"]][soil["column"]] == soil["cell"] for soil in truth)
    hidden = [soil for soil in truth if soil["kind"] == "invisible"]
    assert all(INVISIBLE.sub("", soil["cell"]) == soil["clean"] for soil in hidden)
    assert not any(is_soiled([soil["clean"]]) for soil in truth)


def test_crash_workbook_equals_the_csv(tmp_path: Path) -> None:
    ids = write_crash(tmp_path / "crash.xlsx")
    write_crash(tmp_path / "crash.csv")
    sheet = python_calamine.load_workbook(tmp_path / "crash.xlsx").get_sheet_by_index(0).to_python()
    with (tmp_path / "crash.csv").open(encoding="utf-8", newline="") as text:
        assert sheet == list(csv.reader(text))
    assert [row[0] for row in sheet[1:] if is_soiled([str(cell) for cell in row])] == ids


def test_committed_samples_are_what_the_generator_writes(tmp_path: Path) -> None:
    write_samples(tmp_path)
    for name in ("leads.csv", "truth.csv"):
        assert (tmp_path / name).read_bytes() == (COMMITTED / name).read_bytes()
    # Two zlib builds may compress differently; what is inside must be equal.
    made, kept = (zipfile.ZipFile(folder / "customers.xlsx") for folder in (tmp_path, COMMITTED))
    with made, kept:
        assert made.namelist() == kept.namelist()
        assert all(made.read(name) == kept.read(name) for name in made.namelist())


def test_samples_are_deterministic_and_small(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_samples(tmp_path / name)
    assert folder_bytes(tmp_path / "a") == folder_bytes(tmp_path / "b")
    assert all(len(data) < 60_000 for data in folder_bytes(tmp_path / "a").values())


def test_sample_truth_covers_both_files() -> None:
    leads = [row["客户编号"] for row in read(COMMITTED / "leads.csv", "gb18030")]
    sheet = python_calamine.load_workbook(COMMITTED / "customers.xlsx").get_sheet_by_name("客户名单").to_python()
    customers = [str(row[0]) for row in sheet if re.fullmatch(r"K\d{4}", str(row[0]))]
    truth = read(COMMITTED / "truth.csv")
    assert [row["record_id"] for row in truth] == leads + customers
    contacts = {row["record_id"]: row["contact"] for row in truth}
    assert len({contacts[i] for i in leads} & {contacts[i] for i in customers}) >= 25


def test_sample_credit_codes_are_valid_where_they_look_so() -> None:
    codes = [row["统一社会信用代码"] for row in read(COMMITTED / "leads.csv", "gb18030")]
    wrong = [c for c in codes if re.fullmatch("[0-9A-HJ-NP-RTUWXY]{18}", c) and not uscc.is_valid(c)]
    assert len(wrong) == 1  # the one with a typing error


def test_command_line_needs_something_to_do(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for arguments in ([], ["--rows", "5"], ["--rows", "0", "--out", str(tmp_path)]):
        with pytest.raises(SystemExit, match="2"):
            main(arguments)
    assert "usage" in capsys.readouterr().err


def test_command_line_names_the_files_it_wrote(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["--rows", "20", "--seed", "4", "--out", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert {Path(line).name for line in lines} == {"records.csv", "dirty.csv", "truth.csv"}
    assert all(Path(line).is_file() for line in lines)
