"""Tables to files: the same content gives the same bytes, and no cell runs in a spreadsheet."""

import io
import json
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from guiyi.errors import StoreError
from guiyi.io.write.export import FORMATS, encode, formula_safe, write_file
from guiyi.rules.base.text import clean_text
from hypothesis import given
from hypothesis import strategies as st

FRAME = pl.DataFrame(
    {
        "名称": ["张伟, \"采购\"", "=SUM(A1)", None, "第一行\n第二行"], "n": [1, None, 3, 4],
        "at": [datetime(2026, 1, 2, 3, 4, 5), None, datetime(2026, 1, 2), None],
    }
)  # fmt: skip


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_frame_gives_the_same_bytes(form: str) -> None:
    assert encode(FRAME, form) == encode(FRAME.clone(), form)


def test_csv_opens_in_excel() -> None:
    data = encode(FRAME, "csv")
    assert data.startswith(b"\xef\xbb\xbf")
    back = pl.read_csv(io.BytesIO(data), infer_schema=False)
    assert back.columns == FRAME.columns
    assert back["名称"].to_list() == ['张伟, "采购"', "'=SUM(A1)", None, "第一行\n第二行"]
    assert back["at"][0].startswith("2026-01-02T03:04:05")


def test_json_is_one_object_a_line() -> None:
    rows = [json.loads(line) for line in encode(FRAME, "json").decode().splitlines()]
    assert [r["名称"] for r in rows] == FRAME["名称"].to_list()
    assert [r["n"] for r in rows] == [1, None, 3, 4]


def test_parquet_reads_back_equal() -> None:
    assert pl.read_parquet(io.BytesIO(encode(FRAME, "parquet"))).equals(FRAME)


@pytest.mark.parametrize("form", FORMATS)
def test_an_empty_table_keeps_its_columns(form: str) -> None:
    data = encode(FRAME.clear(), form)
    assert form == "json" or FRAME.columns[0].encode() in data


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param("=1+1", id="equals"),
        pytest.param("+1", id="plus"),
        pytest.param("-1", id="minus"),
        pytest.param("@SUM(A1)", id="at"),
        pytest.param("＝1", id="full-width"),
        pytest.param("\t=1", id="tab"),
        pytest.param("  =1", id="blanks"),
        pytest.param("\r=1", id="return"),
        pytest.param("\u200b=1", id="invisible"),
        pytest.param("\n1", id="line-feed"),
    ],
)
def test_a_live_cell_is_disarmed(cell: str) -> None:
    assert formula_safe(pl.DataFrame({"a": [cell]}))["a"].to_list() == ["'" + cell]


@pytest.mark.parametrize("cell", ["张伟", "a=1", "1-2", "", "杭州（西湖）", "'x", None])
def test_other_cells_stay(cell: str | None) -> None:
    frame = pl.DataFrame({"a": [cell]}, schema={"a": pl.String})
    assert formula_safe(frame).equals(frame)


@given(st.text("=+-@ ＝a1\t\n'", max_size=6))
def test_no_exported_cell_begins_like_a_formula(cell: str) -> None:
    safe = formula_safe(pl.DataFrame({"a": [cell]}))["a"][0]
    assert not safe.strip().startswith(tuple("=+-@＝＋－＠"))


def test_numbers_and_times_are_not_text() -> None:
    frame = pl.DataFrame({"n": [-1.5], "at": [datetime(2026, 1, 1)]})
    assert formula_safe(frame).equals(frame)


@pytest.mark.parametrize("cell", ["+8613800001234", "-5", "@张伟"])
def test_what_export_disarms_the_text_rules_read_back(cell: str) -> None:
    disarmed = formula_safe(pl.DataFrame({"a": [cell]}))["a"]
    assert clean_text(disarmed, None, "free").values["value"].to_list() == [cell]


def test_a_file_is_written_whole_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old")
    write_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o077 == 0
    assert list(tmp_path.iterdir()) == [path], "no temporary file stays"


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as fault:
        write_file(tmp_path / "none/out.csv", b"x")
    assert fault.value.reason == "file.unwritable"
    assert "out.csv" in fault.value.what.en
