"""How a delimited text is written: our own vote, because default sniffers collapse a table to one column.

Every candidate reads the same sample; the one whose rows agree best about their number of cells wins.
"""

import re
from collections import Counter
from itertools import islice
from typing import NamedTuple

from .broken_text import logical_rows, physical_lines
from .dialect import Dialect
from .stray_quotes import is_clean

DELIMITERS = (",", "\t", ";", "|", "，", "；")
_RARE = ("^", "~", "#", "::", "\x1f", "\x01", "$", "%", "&")  # only where none of the usual ones makes a table
_IN_PROSE = (":", " ")  # also part of sentences and clock times
_SAMPLE_BYTES = 1 << 17
_SAMPLE_LINES = 400
_ALIKE = 0.8  # share of the rows that a delimiter splits into the same number of cells
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
    for signs, least in ((_between_quotes(sample, quote) + _RARE, 1.04), (_IN_PROSE, 1.09)):
        found, sign = _best(sample, signs, quote, escape)
        if found >= max(least, score + 0.3):
            return sign
    return usual if score >= 0.2 else ""


def _between_quotes(sample: str, quote: str) -> tuple[str, ...]:
    """What mostly stands between a closing and an opening quote, whatever sign it is, where every line has it."""
    between = Counter(re.findall(rf"{quote}([^{quote}\w\r\n]){quote}", sample))
    lines = sum(1 for line in physical_lines(sample)[:_SAMPLE_LINES] if line.strip())
    return tuple(sign for sign, times in between.most_common(1) if times >= 0.8 * lines)


def _only_doubled(sample: str, sign: str) -> bool:
    """Whether the first line that has the sign has it in pairs only: a header is full, where rows may be all but empty."""
    line = next((line for line in physical_lines(sample) if sign in line), "")
    return all(len(run) % (2 * len(sign)) == 0 for run in re.findall(f"(?:{re.escape(sign)})+", line))


class _Vote(NamedTuple):
    """What speaks for a delimiter. alike: the share of rows with the most frequent number of cells, where that is two or
    more; clean: of the lines with quotes, the share whose quotes stand where quotes should; number: it stands between
    digits only, as in 0,5."""

    sign: str
    agreement: float
    alike: float
    clean: float
    number: bool


def _best(sample: str, signs: tuple[str, ...], quote: str, escape: str | None) -> tuple[float, str]:
    """The agreement and the sign of the delimiter that most speaks for; the first of equals.

    A sign within cells may make wide rows that agree but for the header. Among those that split nearly all rows alike,
    width is therefore the last thing that is asked.
    """
    votes = [_vote(sample, sign, quote, escape) for sign in signs if sign in sample]
    if not votes:
        return 0.0, ""
    best = max(votes, key=lambda vote: vote.agreement)
    rivals = [vote for vote in votes if vote.alike >= _ALIKE and vote.agreement > 0]
    if best in rivals:
        best = max(rivals, key=lambda v: (round(v.clean, 1), not v.number, round(v.alike, 3), v.agreement))
    return best.agreement, best.sign


def _vote(sample: str, sign: str, quote: str, escape: str | None) -> _Vote:
    spaced = _spaced_quotes(sample, sign, quote)
    # Parsers split at one sign; a longer delimiter is counted with another in its place.
    text, one = (sample, sign) if len(sign) == 1 else (sample.replace(sign, "\x02"), "\x02")
    dialect, lines = Dialect(one, quote, escape, spaced), physical_lines(text)
    counts = Counter[int]()  # rows by their cells
    told = Counter[int]()  # those of them in which two cells or more say something
    for _, row in islice(logical_rows(lines, dialect, []), _SAMPLE_LINES):
        if filled := sum(1 for cell in row if cell.strip()):
            counts[len(row)] += 1
            told[len(row)] += filled > 1
    cells, rows = max(((n, rows) for n, rows in counts.items() if n > 1), key=lambda c: c[1], default=(0, 0))
    # A sign that only ends its lines splits nothing.
    alike = rows / counts.total() if told[cells] else 0.0
    quoted = [line for line in lines[:_SAMPLE_LINES] if quote in line]
    clean = sum(is_clean(line, dialect) for line in quoted) / len(quoted) if quoted else 1.0
    number = sign == "," and len(re.findall(r"(?<=\d),(?=\d)", sample)) >= 0.98 * sample.count(",")
    return _Vote(sign, _agreement(counts), alike, clean, number)


def _agreement(counts: Counter[int]) -> float:
    """How well rows agree (cells → rows): the share of the most frequent cell count, weighed by how many cells it promises."""
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


def _quote(sample: str) -> str:
    """The double quote, unless single quotes stand more often where quotes stand: at both ends of cells."""
    (double, _), (single, signs) = _quoted_cells(sample, '"'), _quoted_cells(sample, "'")
    return "'" if single > double and signs >= 0.8 * sample.count("'") else '"'


def _quoted_cells(sample: str, quote: str) -> tuple[int, int]:
    """How many cells are quoted, over several lines too, and how many of the quotes are theirs."""
    if quote not in sample:
        return 0, 0
    pattern = rf"(?:^|[,;\t|]) ?({quote}(?:[^{quote}\\]|{quote}{quote}|\\.)*+{quote})(?=[,;\t|]|\r?$)"
    cells = re.findall(pattern, sample, re.MULTILINE | re.DOTALL)
    return len(cells), sum(cell.count(quote) for cell in cells)


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
