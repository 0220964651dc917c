"""How a delimited text is written: our own vote, because default sniffers collapse a table to one column.

Every candidate reads the same sample; the one whose rows agree best about their number of cells wins.
"""

import re
from collections import Counter
from collections.abc import Iterator

from .broken_text import logical_rows, physical_lines
from .dialect import Dialect

DELIMITERS = (",", "\t", ";", "|", "，", "；")
_RARE = ("^", "~", "#", "::", "\x1f", "\x01", "$", "%", "&")  # only where none of the usual ones makes a table
_IN_PROSE = (":", " ")  # also part of sentences and clock times
_SAMPLE_BYTES = 1 << 17
_SAMPLE_LINES = 400
_CLEAR = 1.0  # agreement from which no rare delimiter is tried


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
    score, usual = _best(sample, DELIMITERS, quote, escape)
    # `||` also looks like `|` with every other column blank.
    if usual and sample.count(usual) <= 2.2 * sample.count(usual * 2) and _only_doubled(sample, usual):
        doubled, twice = _best(sample, (usual * 2,), quote, escape)
        return twice if doubled >= _CLEAR else usual
    if score >= _CLEAR:
        return usual
    # Rare signs must split nearly every line alike, and better than any usual sign does by accident.
    for signs, least in ((_RARE, 1.04), (_IN_PROSE, 1.09)):
        found, sign = _best(sample, signs, quote, escape)
        if found >= max(least, score + 0.3):
            return sign
    return usual if score >= 0.2 else ""


def _only_doubled(sample: str, sign: str) -> bool:
    """Whether the first line that has the sign has it in pairs only: a header is full, where rows may be all but empty."""
    line = next((line for line in physical_lines(sample) if sign in line), "")
    return all(len(run) % (2 * len(sign)) == 0 for run in re.findall(f"(?:{re.escape(sign)})+", line))


def _best(sample: str, signs: tuple[str, ...], quote: str, escape: str | None) -> tuple[float, str]:
    """The highest agreement and its sign; the first of equals."""
    scored = []
    for place, sign in enumerate(signs):
        if sign in sample:
            spaced = _spaced_quotes(sample, sign, quote)
            # Parsers split at one sign; a longer delimiter is counted with another in its place.
            text, one = (sample, sign) if len(sign) == 1 else (sample.replace(sign, "\x02"), "\x02")
            scored.append((_agreement(text, Dialect(one, quote, escape, spaced)), -place, sign))
    score, _, sign = max(scored, default=(0.0, 0, ""))
    return score, sign


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
    """The double quote, unless single quotes stand more often where quotes stand: at both ends of cells."""
    single = _quoted_cells(sample, "'")
    return "'" if single > _quoted_cells(sample, '"') and single * 2 >= 0.8 * sample.count("'") else '"'


def _quoted_cells(sample: str, quote: str) -> int:
    if quote not in sample:
        return 0
    pattern = rf"(?:^|[,;\t|]) ?{quote}(?:[^{quote}\r\n]|{quote}{quote})*{quote}(?=[,;\t|]|\r?$)"
    return len(re.findall(pattern, sample, re.MULTILINE))


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
    """`a, "b"`: the space before an opening quote is no part of the cell; nor is one behind every delimiter."""
    if not delimiter or delimiter == " " or not quote:
        return False
    if sample.count(delimiter) == sample.count(delimiter + " ") > 1:
        return True
    spaced = sample.count(f"{delimiter} {quote}")
    return spaced > 0 and spaced > sample.count(f"{delimiter}{quote}")
