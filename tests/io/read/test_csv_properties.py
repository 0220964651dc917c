"""Whatever a correct writer writes is read back cell for cell; whatever bytes come, no row with text is lost."""

import csv
import re
from pathlib import Path

from guiyi.io.read.text.broken_text import parse_rows
from guiyi.io.read.text.delimited import read_delimited
from guiyi.io.read.text.dialect import Dialect
from guiyi.io.read.text.structure import scan
from guiyi.io.table.grid import FIELDS, cell_columns
from guiyi.io.table.source_table import ROW
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

CELL = st.text(st.sampled_from("ab1张，,;\t\"\n 　'|"), max_size=8)
TABLES = st.integers(1, 5).flatmap(
    lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1, max_size=12)
)
COMMA = Dialect(",")


class _Lines:
    def __init__(self) -> None:
        self.parts: list[str] = []

    def write(self, text: str) -> int:
        self.parts.append(text)
        return len(text)


def written(rows: list[list[str]], line_end: str, quoting: int) -> bytes:
    lines = _Lines()
    csv.writer(lines, lineterminator=line_end, quoting=quoting).writerows(rows)  # type: ignore[arg-type]
    return "".join(lines.parts).encode()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TABLES, st.sampled_from(["\n", "\r\n"]), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_both_parsers_read_what_was_written(rows: list[list[str]], line_end: str, quoting: int) -> None:
    text = written(rows, line_end, quoting)
    expected = [[cell or None for cell in row] for row in rows]
    for grid in (read_delimited(text, COMMA), parse_rows(text, COMMA)):
        names = cell_columns(grid.cells)
        assert [list(row) for row in grid.cells.select(names).iter_rows()] == expected
        assert grid.cells[FIELDS].to_list() == [len(row) for row in rows]


@settings(max_examples=200, deadline=None)
@given(TABLES, st.sampled_from(["\n", "\r\n"]))
def test_row_numbers_count_line_ends(rows: list[list[str]], line_end: str) -> None:
    text = written(rows, line_end, csv.QUOTE_ALL)
    number, expected = 1, []
    for row in rows:
        expected.append(number)
        number += 1 + sum(cell.count("\n") for cell in row)
    assert read_delimited(text, COMMA).cells[ROW].to_list() == expected


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from('a,"\n\r 张'), max_size=40))
def test_no_line_with_text_is_lost(text: str) -> None:
    grid = read_delimited(text.encode(), COMMA)
    names = cell_columns(grid.cells)
    kept = "".join(cell or "" for row in grid.cells.select(names).iter_rows() for cell in row)
    kept += "".join(cell for cells in grid.surplus.values() for cell in cells)
    assert sorted(re.sub(r'[,"\r\n]', "", kept)) == sorted(re.sub(r'[,"\r\n]', "", text))


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from('a,"\n张'), max_size=40))
def test_the_count_of_cells_agrees_with_the_parser_where_it_speaks(text: str) -> None:
    structure = scan(text.encode(), ",", '"')
    if structure is not None and text:
        expected = [len(row) or 1 for row in csv.reader(re.findall(r"[^\n]*\n|[^\n]+", text))]
        assert structure.cells.tolist() == expected


def test_structure_is_the_same_across_chunk_borders(monkeypatch, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    text = ('a,"b\nc",d\n' + 'x,"y""z",\n' * 5 + ",,\n").encode()
    whole = scan(text, ",", '"')
    assert whole is not None
    for size in range(1, 20):
        monkeypatch.setattr("guiyi.io.read.text.structure._CHUNK", size)
        pieces = scan(text, ",", '"')
        assert pieces is not None
        assert (pieces.cells.tolist(), pieces.lines.tolist(), pieces.starts.tolist()) == (
            whole.cells.tolist(),
            whole.lines.tolist(),
            whole.starts.tolist(),
        )
