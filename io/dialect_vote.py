"""How a delimited text is written: our own vote, because default sniffers collapse a table to one column.

Every candidate reads the same sample; the one whose rows agree best about their number of cells wins.
"""

import re
from collections import Counter
from collections.abc import Iterator

from .broken_text import logical_rows, physical_lines
from .dialect import Dialect

DELIMITERS = (",", "\t", ";", "|", "，", "；")
_RARE = (":", "^", "~", " ")  # only where none of the usual ones makes a table
_SAMPLE_BYTES = 1 << 17
_SAMPLE_LINES = 400


def find_dialect(utf8: bytes, wish: str | None = None) -> Dialect:
    """The dialect of a text; `wish` (--delimiter) fixes the delimiter and leaves the rest to the vote."""
    sample = _sample(utf8)
    quote = _quote(sample)
    escape = _escape(sample, quote)
    delimiter = wish if wish is not None else _delimiter(sample, quote, escape)
    return Dialect(delimiter, quote, escape, _spaced_quotes(sample, delimiter, quote))


def _sample(utf8: bytes) -> str:
    """The beginning, and a piece from the middle of a long text (a preamble must not decide alone)."""
    head = utf8[:_SAMPLE_BYTES]
    if len(utf8) > _SAMPLE_BYTES:
        head = head[: head.rfind(b"\n") + 1] or head
        middle = utf8[len(utf8) // 2 : len(utf8) // 2 + _SAMPLE_BYTES // 4]
        first, last = middle.find(b"\n") + 1, middle.rfind(b"\n") + 1
        head += middle[first:last]
    return head.decode("utf-8", "ignore")


def _delimiter(sample: str, quote: str, escape: str | None) -> str:
    if not sample.strip("".join(DELIMITERS) + " \r\n"):  # nothing but blank cells
        return ","
    for candidates in (DELIMITERS, _RARE):
        scored = [
            (_agreement(sample, Dialect(d, quote, escape)), -i, d) for i, d in enumerate(candidates) if d in sample
        ]
        best = max(scored, default=(0.0, 0, ""))
        # Rare signs also stand in prose and clock times: they must split nearly every line alike.
        if best[0] >= (0.2 if candidates is DELIMITERS else 1.2):
            return best[2]
    return ""


def _agreement(sample: str, dialect: Dialect) -> float:
    """How well rows agree: the share of the most frequent cell count, weighed by how many cells it promises."""
    counts = Counter(_cell_counts(sample, dialect))
    total = sum(counts.values())
    best = 0.0
    if total - counts[1] < 2 < total and total - counts[1] < 0.5 * total:  # one line of many: a sign within a text
        return best
    for cells, rows in counts.items():
        if cells < 2:
            continue
        near = rows + 0.5 * sum(n for c, n in counts.items() if c > 1 and c != cells)
        best = max(best, near / total * (1 + min(cells, 40) / 40))
    return best


def _cell_counts(sample: str, dialect: Dialect) -> Iterator[int]:
    lines = physical_lines(sample)[:_SAMPLE_LINES]
    for _, cells in logical_rows(lines, dialect, []):
        if any(cell.strip() for cell in cells):
            yield len(cells)


def _quote(sample: str) -> str:
    """The double quote, unless only single quotes stand where quotes stand: at both ends of cells."""
    if '"' in sample:
        return '"'
    fields = re.findall(r"(?:^|[,;\t|])'(?:[^'\r\n]|'')*'(?=[,;\t|]|\r?$)", sample, re.MULTILINE)
    single = sample.count("'")
    return "'" if single and len(fields) * 2 >= 0.8 * single else '"'


def _escape(sample: str, quote: str) -> str | None:
    """A backslash before quotes: where lines come out even with it, or where no quote is doubled inside a cell."""
    if "\\" + quote not in sample:
        return None
    lines = [line for line in physical_lines(sample)[:_SAMPLE_LINES] if "\\" + quote in line]
    odd = sum(line.count(quote) % 2 for line in lines)
    odd_escaped = sum((line.count(quote) - line.count("\\" + quote)) % 2 for line in lines)
    if odd != odd_escaped:
        return "\\" if odd_escaped < odd else None  # C:\" ends a cell
    doubled = len(re.findall(rf"[^,;\t|\r\n]{quote}{quote}[^,;\t|\r\n]", sample))
    return "\\" if sum(line.count("\\" + quote) for line in lines) > doubled else None


def _spaced_quotes(sample: str, delimiter: str, quote: str) -> bool:
    """`a, "b"`: the space before an opening quote is no part of the cell."""
    if not delimiter or delimiter == " " or not quote:
        return False
    spaced = sample.count(f"{delimiter} {quote}")
    return spaced > 0 and spaced > sample.count(f"{delimiter}{quote}")
