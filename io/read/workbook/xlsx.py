"""xlsx and xlsm workbooks (Strict ones too), straight from their parts."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import polars as pl

from ...buffers import BytesIO
from ...table.addresses import column_position
from ...table.grid import Note
from ...table.reasons import refuse
from .cell_runs import Run, as_run
from .shared_strings import shared_strings
from .typed_cells import CELLS, OpenWorkbook, Sheet, Wanted
from .xlsx_cells import read_sheet_xml, unescape_cells
from .xlsx_package import Workbook, read_workbook_part
from .xlsx_styles import style_kinds
from .zip_guard import Package

_MOST_TEXT = 1 << 30


def read_xlsx(data: bytes, wanted: Wanted) -> OpenWorkbook:
    """The sheets of a workbook. Raises InputError where its parts are missing, damaged or beyond the limits."""
    package = Package(BytesIO(data))
    book = read_workbook_part(package)
    return OpenWorkbook(_sheets(package, book, wanted), book.epoch_1904, tuple(_book_notes(book)))


def _sheets(package: Package, book: Workbook, wanted: Wanted) -> Iterator[Sheet]:
    kinds = style_kinds(package, book.styles)
    nothing = pl.DataFrame(schema=CELLS)
    with ThreadPoolExecutor(1) as pool:
        strings: Future[pl.Series] | None = None
        for part in book.sheets:
            if not wanted(part.name, part.hidden):
                yield Sheet(part.name, part.hidden, nothing)
                continue
            # The texts are read while the first sheet is unpacked.
            strings = strings or pool.submit(shared_strings, package, book.shared)
            xml = read_sheet_xml(package, part.part, _converter(strings, kinds, book.epoch_1904))
            yield Sheet(
                part.name,
                part.hidden,
                nothing,
                tuple(xml.merged),
                tuple(xml.hidden_rows),
                tuple(xml.hidden_columns),
                tuple(xml.runs),
            )


def _converter(strings: "Future[pl.Series]", kinds: list[str], epoch_1904: bool) -> Callable[[pl.DataFrame], Run]:
    """What makes a run of RAW_CELLS: texts and formats looked up, addresses as numbers."""

    def convert(raw: pl.DataFrame) -> Run:
        cells = _resolved(unescape_cells(raw), strings.result())
        return as_run(_with_column(_with_format(cells, kinds)).select(CELLS.names()), epoch_1904)

    return convert


def _book_notes(book: Workbook) -> list[Note]:
    notes: list[Note] = []
    if book.macros:
        notes.append((None, None, "file.macros", None, None))
    if book.external_links:
        notes.append((None, None, "file.external_links", str(book.external_links), None))
    return notes


def _resolved(cells: pl.DataFrame, strings: pl.Series) -> pl.DataFrame:
    """Shared strings in place of their numbers; types reduced to n, s, b, e."""
    kind, raw = pl.col("type"), pl.col("raw")
    if (cells["type"] == "s").any():
        index = cells.select(pl.when(kind == "s").then(raw.str.strip_chars()).cast(pl.UInt32, strict=False)).to_series()
        cells = cells.with_columns(
            raw=_texts(index, strings), own=pl.when(kind.ne_missing("s")).then(raw).otherwise(None)
        )
        cells = cells.with_columns(raw=pl.coalesce("raw", "own")).drop("own")
    truth = raw.replace({"1": "TRUE", "true": "TRUE", "0": "FALSE", "false": "FALSE"})
    return cells.with_columns(
        raw=pl.when(kind == "b").then(truth).otherwise(raw) if (cells["type"] == "b").any() else raw,
        type=kind.replace_strict({"n": "n", "b": "b", "e": "e", None: "n"}, default="s", return_dtype=pl.String),
    )


def _texts(index: pl.Series, strings: pl.Series) -> pl.Series:
    """The shared string of each number, null where there is none. Few bytes can point to very much text."""
    if strings.is_empty():
        return pl.Series("raw", [None], pl.String).new_from_index(0, len(index))
    index = index.set(index >= len(strings), None) if len(index) else index
    if int(strings.str.len_bytes().cast(pl.UInt64).gather(index).sum() or 0) > _MOST_TEXT:
        refuse("limit.size")
    return strings.gather(index)


def _with_format(cells: pl.DataFrame, kinds: list[str]) -> pl.DataFrame:
    known = {i: kind for i, kind in enumerate(kinds) if kind != "number"}
    if not known:
        return cells.with_columns(format=pl.lit(None, pl.String))
    return cells.with_columns(format=pl.col("style").replace_strict(known, default=None, return_dtype=pl.String))


def _with_column(cells: pl.DataFrame) -> pl.DataFrame:
    """`column` (0-based) from the letters of the address."""
    places = {letters: column_position(letters) for letters in cells["letters"].unique().to_list() if letters}
    column = pl.col("letters").replace_strict(places, default=None, return_dtype=pl.Int64)
    return cells.with_columns(column=column).filter(pl.col("column").is_not_null())
