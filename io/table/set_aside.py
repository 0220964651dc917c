"""Rows that are no records: sums, footers, and lines with more cells than the table has columns."""

import polars as pl

from .grid import FIELDS, Grid, Note, is_blank
from .row_words import FOOTER, NUMBER_PATTERN, TOTAL_PATTERN
from .source_table import ROW, SET_ASIDE

_FOOTER_ROWS = 12  # looked at from the end; a footer is short
_LONGEST_TOTAL = 20

Split = tuple[pl.DataFrame, list[pl.DataFrame]]


def as_set_aside(frame: pl.DataFrame, columns: list[str], rule: pl.Expr) -> pl.DataFrame:
    """Rows of a grid as SET_ASIDE."""
    return frame.select(ROW, rule.alias("rule"), pl.concat_list(columns).alias("cells"))


def _without(frame: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
    return frame.filter(~pl.col(ROW).is_in(rows.implode()))


def split_headers(body: pl.DataFrame, columns: list[str], header: pl.DataFrame) -> Split:
    """Records, and rows that say again what the header rows say (printed pages put together, exports appended)."""
    labels = [cells for cells in header.select(columns).rows() if sum(bool((cell or "").strip()) for cell in cells) > 1]
    if not labels:
        return body, []
    repeated = pl.concat([_equal_rows(body, columns, cells) for cells in labels]).unique(ROW).sort(ROW)
    if repeated.is_empty() or repeated.height * 2 > body.height:  # a table of nothing but equal rows
        return body, []
    return _without(body, repeated[ROW]), [as_set_aside(repeated, columns, pl.lit("row.repeated_header"))]


def _equal_rows(body: pl.DataFrame, columns: list[str], cells: tuple[str | None, ...]) -> pl.DataFrame:
    """The rows whose trimmed cells are these. Columns are tried in turn, so that few rows are looked at twice."""
    left = body
    for name, cell in zip(columns, cells, strict=True):
        if left.is_empty():
            break
        left = left.filter(pl.col(name).fill_null("").str.strip_chars() == (cell or "").strip())
    return left


def split_totals(body: pl.DataFrame, columns: list[str]) -> Split:
    """Records, and rows such as 合计 whose first text names a sum and whose other texts are numbers."""
    first = pl.coalesce(columns[:6])
    likely = body.filter((first.str.len_chars() <= _LONGEST_TOTAL) & first.str.contains(TOTAL_PATTERN))
    if likely.is_empty():
        return body, []
    others = pl.sum_horizontal((~is_blank(c) & ~pl.col(c).str.contains(NUMBER_PATTERN)).cast(pl.Int32) for c in columns)
    totals = likely.filter(others <= 1)
    return _without(body, totals[ROW]), [as_set_aside(totals, columns, pl.lit("row.total"))]


def split_footers(body: pl.DataFrame, columns: list[str]) -> Split:
    """Records, and the last lines (制表人：…, 共 20 条, 说明：…) that say something about the table."""
    tail = body.tail(_FOOTER_ROWS)
    numbers: list[int] = []
    for number, *cells in reversed(list(tail.select(ROW, *columns).iter_rows())):
        texts = [cell for cell in cells if cell and cell.strip()]
        sparse = len(texts) <= max(1, len(columns) // 2)
        matches = [bool(FOOTER.search(text)) for text in texts]
        if not (matches[0] and (sparse or all(matches))):
            break
        numbers.append(number)
    if not numbers:
        return body, []
    rows = pl.Series(numbers, dtype=pl.Int64)
    footers = tail.filter(pl.col(ROW).is_in(rows.implode()))
    return _without(body, rows), [as_set_aside(footers, columns, pl.lit("row.footer"))]


def split_ragged(body: pl.DataFrame, columns: list[str], width: int, notes: list[Note]) -> Split:
    """Records, and lines whose cells beyond the table's width hold text; notes every line of another width."""
    odd = body.filter(pl.col(FIELDS) != width)
    notes += [ragged_note(row, cells, width) for row, cells in odd.select(ROW, FIELDS).iter_rows()]
    extra = columns[width:]
    if odd.is_empty() or not extra:
        return body, []
    over = odd.filter(~pl.all_horizontal(is_blank(name) for name in extra))
    return _without(body, over[ROW]), [as_set_aside(over, columns, pl.lit("row.ragged"))]


def split_surplus(grid: Grid, header_row: int, width: int, notes: list[Note]) -> list[pl.DataFrame]:
    """The lines that the grid kept out because they are far wider than the rest."""
    found = []
    for row, cells in sorted(grid.surplus.items()):
        rule = "row.ragged" if row > header_row else "row.preamble"
        found.append((row, rule, [cell or None for cell in cells]))
        if row > header_row:
            notes.append(ragged_note(row, len(cells), width))
    return [pl.DataFrame(found, schema=SET_ASIDE, orient="row")] if found else []


def ragged_note(row: int, cells: int, width: int) -> Note:
    """value: how many cells the line has; suggestion: how many it should have."""
    return (row, None, "row.ragged", str(cells), str(width))
