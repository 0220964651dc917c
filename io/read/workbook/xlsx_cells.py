"""The cells of a worksheet part, piece by piece and vectorised: no tree is built, no blank cell is visited.

A sheet with three cells in the far corners costs three cells. The XML stays UTF-8 and is cut into cells at `<c `;
cells written in the usual way are matched by one pattern, the others (formulas, rich text, odd attributes) by several.
"""

import re
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import polars as pl

from ...table.addresses import column_letters, column_position
from ...table.grid import Merge
from ...table.source_table import ROW
from .cell_runs import Run
from .xml_text import split_text, unescape_series, without_markup, xml_bytes
from .zip_guard import Package

_SHEET_DATA = re.compile(rb"<((?:\w+:)?)sheetData\b[^>]*?(/?)>")
# No two branches begin with the same sign: such a pattern is matched in one pass, twice as fast as another.
_USUAL = (
    r'^r="([A-Z]{1,3})([0-9]{1,7})"(?: (?:s="([0-9]+)"(?: t="([a-zA-Z]+)")?|t="([a-zA-Z]+)"))?'
    r"(?:/>|><(?:/c>|v>([^<]*)</v></c>|is><t(?: [^>]*)?>([^<]*)</t></is></c>))"
    r"(?:[ \t\r\n]|<(?:/row|row(?: [^>]*)?)>)*$"
)
_GROUPS = ["letters", ROW, "style", "type", "type_alone", "raw", "inline"]
_OTHER_START = re.compile(rb"<c(?=[\t\r\n/>])")
_HIDDEN_ROW = re.compile(rb"<row\b(?=[^>]*\shidden=[\"'](?:1|true)[\"'])[^>]*?\sr=[\"'](\d+)[\"']")
_TEXT = re.compile(r"<t(?:\s[^>]*)?>([^<]*)</t>")
_PHONETIC = re.compile(r"<rPh\b.*?</rPh>", re.DOTALL)
_MOST_HEAD = 64 << 20
_THREADS = 2  # pieces are matched while the next are unpacked

RAW_CELLS = pl.Schema(
    {"letters": pl.String, ROW: pl.Int64, "style": pl.Int64, "type": pl.String, "raw": pl.String, "formula": pl.String}
)


@dataclass
class SheetXml:
    """What a worksheet part says: runs of rows, and what is hidden or merged."""

    runs: list[Run] = field(default_factory=list)
    merged: list[Merge] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)


def read_sheet_xml(package: Package, part: str, convert: Callable[[pl.DataFrame], Run]) -> SheetXml:
    """Reads a worksheet part to its end. Raises InputError where it is damaged or beyond the limits.

    `convert` makes a run of RAW_CELLS; it is called in several threads.
    """

    def run(text: bytes) -> Run | list[str]:
        cells = _cells(text)
        return cells if isinstance(cells, list) else convert(cells)

    def placed(found: Run | list[str]) -> Run:  # where addresses are missing, the order of the file tells them
        return convert(_by_order(found, position)) if isinstance(found, list) else found

    sheet = SheetXml()
    with ThreadPoolExecutor(_THREADS) as pool:
        waiting: deque[Future[Run | list[str]]] = deque()
        position = _Position()
        for kind, text in _pieces(xml_bytes(package.stream(part))):
            if kind == "head":
                sheet.hidden_columns += _hidden_columns(text.decode("utf-8", "replace"))
            elif kind == "tail":
                sheet.merged += _merged(text.decode("utf-8", "replace"))
            else:
                sheet.hidden_rows += [int(row) for row in _HIDDEN_ROW.findall(text)] if b"hidden=" in text else []
                waiting.append(pool.submit(run, text))
            if len(waiting) > 2 * _THREADS:
                sheet.runs.append(placed(waiting.popleft().result()))
        sheet.runs += [placed(future.result()) for future in waiting]
    return sheet


def _pieces(texts: Iterator[bytes]) -> Iterator[tuple[str, bytes]]:
    """The part cut into its head, runs of whole rows, and its tail; prefixes taken off."""
    held, prefix, state = b"", b"", "head"
    for text in texts:
        held += text
        if state == "head":
            found = _SHEET_DATA.search(held)
            if found is None:
                if len(held) > _MOST_HEAD:
                    return
                continue
            prefix = found.group(1)
            yield "head", _plain(held[: found.start()], prefix)
            held, state = held[found.end() :], "tail" if found.group(2) else "rows"
        if state == "rows":
            row = b"</%srow>" % prefix
            end = held.find(b"</%ssheetData" % prefix)
            cut = end if end >= 0 else held.rfind(row) + len(row)
            if end < 0 and cut < len(row):
                continue
            yield "rows", _plain(held[:cut], prefix)
            held, state = held[cut:], "tail" if end >= 0 else "rows"
    if held:
        yield state, _plain(held, prefix)


def _plain(text: bytes, prefix: bytes) -> bytes:
    text = without_markup(text)
    return text.replace(b"<" + prefix, b"<").replace(b"</" + prefix, b"</") if prefix else text


@dataclass
class _Position:
    """The last row and column seen: cells may leave out their address, and then follow each other."""

    row: int = 0
    column: int = -1


def _cells(text: bytes) -> pl.DataFrame | list[str]:
    """Cells of a run of whole rows, as RAW_CELLS; their pieces of XML where one of them has no address."""
    pieces = split_text(text, "<c ")
    cells = pieces.slice(1)
    found = cells.str.extract_groups(_USUAL).struct.unnest()
    found.columns = _GROUPS
    unusual = found["letters"].is_null()
    # A piece that does not end with its cell may hold further ones, which begin otherwise: <c>, <c/>, <c and a line end.
    if (unusual.any() or not len(cells)) and _OTHER_START.search(text):
        return _cells(_OTHER_START.sub(b"<c ", text))
    usual = _typed(found.with_columns(pl.coalesce("type", "type_alone"), pl.coalesce("raw", "inline"))).filter(~unusual)
    usual = usual.with_columns(formula=pl.lit(None, pl.String))
    if not unusual.any():
        return usual
    odd = _odd_cells(cells.filter(unusual))
    if odd["letters"].is_null().any():
        return pieces.to_list()
    return pl.concat([usual, odd])


def _typed(found: pl.DataFrame) -> pl.DataFrame:
    return found.select(
        "letters", pl.col(ROW).cast(pl.Int64), pl.col("style").cast(pl.Int64, strict=False), "type", "raw"
    )


def _odd_cells(pieces: pl.Series) -> pl.DataFrame:
    """Cells with formulas, inline text or attributes in another order; `letters` null where there is no address."""
    frame = pl.DataFrame({"piece": pieces}).with_columns(
        attributes=" " + pl.col("piece").str.extract(r"^([^>]*)>"),
        body=pl.col("piece").str.extract(r"(?s)^(?:[^>]*[^/>])?>(.*?)</c\s*>").fill_null(""),
    )
    attribute = pl.col("attributes").str
    frame = frame.select(
        letters=attribute.extract(r"""\sr\s*=\s*["']([A-Za-z]{1,3})[0-9]{1,7}["']""").str.to_uppercase(),
        row_number=attribute.extract(r"""\sr\s*=\s*["'][A-Za-z]{1,3}([0-9]{1,7})["']"""),
        style=attribute.extract(r"""\ss\s*=\s*["']([0-9]+)["']"""),
        type=attribute.extract(r"""\st\s*=\s*["'](\w+)["']"""),
        raw=pl.col("body").str.extract(r"<v(?:\s[^>]*)?>([^<]*)</v>"),
        formula=_formula(),
        body="body",
    )
    typed = _typed(frame).with_columns(frame["formula"], frame["body"])
    inline = typed["body"].str.contains("<is", literal=True)
    if inline.any():
        places = inline.arg_true()
        texts = ["".join(_TEXT.findall(_PHONETIC.sub("", body))) for body in typed["body"].gather(places).to_list()]
        typed = typed.with_columns(typed["raw"].scatter(places, texts))
    return typed.drop("body")


def _formula() -> pl.Expr:
    """The formula's text; a cell of a shared formula may hold an empty one."""
    body = pl.col("body").str
    return (
        pl.when(body.contains(r"<f[\s/>]"))
        .then(body.extract(r"<f(?:\s[^>]*)?>([^<]*)</f>").fill_null(""))
        .otherwise(None)
    )


def _by_order(pieces: list[str], position: _Position) -> pl.DataFrame:
    """Cells of which some have no address: each follows the one before it, each row the row before."""
    _next_row(pieces[0], position)
    addresses: list[tuple[str, int]] = []
    for piece in pieces[1:]:
        address = re.match(r"""[^>]*?\br\s*=\s*["']([A-Za-z]{1,3})([0-9]{1,7})["']""", piece)
        position.column = column_position(address.group(1).upper()) if address else position.column + 1
        position.row = int(address.group(2)) if address else max(position.row, 1)
        addresses.append((column_letters(position.column), position.row))
        _next_row(piece, position)
    cells = _odd_cells(pl.Series("piece", pieces[1:]))
    return cells.with_columns(
        pl.Series("letters", [letters for letters, _ in addresses]),
        pl.Series(ROW, [row for _, row in addresses], pl.Int64),
    )


def _next_row(text: str, position: _Position) -> None:
    for row in re.finditer(r"<row\b([^>]*)>", text):
        number = re.search(r"""\sr\s*=\s*["'](\d+)["']""", row.group(1))
        position.row = int(number.group(1)) if number else position.row + 1
        position.column = -1


def _hidden_columns(head: str) -> list[int]:
    hidden: list[int] = []
    for column in re.findall(r"<col\s([^>]*)>", head):
        attributes: dict[str, str] = dict(re.findall(r"""(\w+)\s*=\s*["']([^"']*)["']""", column))
        first, last = attributes.get("min", ""), attributes.get("max", "")
        if attributes.get("hidden", "0").lower() in ("1", "true") and first.isdigit() and last.isdigit():
            hidden += range(int(first) - 1, min(int(last), 16_384))
    return hidden


def _merged(tail: str) -> list[Merge]:
    found = []
    for a, b, c, d in re.findall(
        r"""<mergeCell\s[^>]*?ref\s*=\s*["']\$?([A-Z]+)\$?(\d+):\$?([A-Z]+)\$?(\d+)["']""", tail
    ):
        found.append(Merge(int(b), column_position(a), int(d), column_position(c)))
    return found


def unescape_cells(cells: pl.DataFrame) -> pl.DataFrame:
    """Texts and formulas with their XML references resolved; numbers and pointers to shared strings have none."""
    texts = cells["type"].is_in(["str", "inlineStr"]).fill_null(False)
    if texts.any():
        places = texts.arg_true()
        cells = cells.with_columns(cells["raw"].scatter(places, unescape_series(cells["raw"].gather(places))))
    if cells["formula"].null_count() < cells.height:
        cells = cells.with_columns(unescape_series(cells["formula"]))
    return cells
