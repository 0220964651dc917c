"""Which rows of a sheet are its header, and what the columns are called.

A header is looked for among the first rows: as wide as the table, made of short distinct texts that do not look
like data. Two rows make one header where the upper one groups columns and the lower one fills its gaps.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from .addresses import column_letters
from .grid import Merge
from .row_words import DATA, LABEL

LOOKED_AT = 60  # rows from the top in which a header is looked for
_LONGEST_LABEL = 40

Cells = Sequence[str | None]


@dataclass(frozen=True)
class Header:
    """first, last: indices into the rows looked at, last < first where there is none. labels: one per column."""

    first: int
    last: int
    labels: tuple[str | None, ...]


def find_header(
    rows: Sequence[Cells], numbers: list[int], merged: tuple[Merge, ...], wish: int | None = None
) -> Header:
    """The header among the first rows (`numbers`: their row numbers). `wish` (--header-row) is the last header row."""
    if wish is not None:
        at = next((i for i, number in enumerate(numbers) if number >= wish), None)
        return Header(0, -1, ()) if at is None or numbers[at] != wish else Header(at, at, tuple(rows[at]))
    first = _best_row(rows)
    if first is None:
        return Header(0, -1, ())
    joined = _join_below(rows, numbers, merged, first)
    return joined or Header(first, first, tuple(rows[first]))


def _best_row(rows: Sequence[Cells]) -> int | None:
    """Index of the likeliest header; None: the table begins with data.

    The header is the first row that is as full as the table. A later row must be made of well-known labels to win:
    rows above the header are set aside, and a record must never be.
    """
    usual = _usual_fill(rows)
    dense = [i for i, row in enumerate(rows[:LOOKED_AT]) if _fill(row) >= max(min(2, usual), 0.5 * usual)]
    best, best_score = None, 0.0
    for i in dense:
        words = _label_share(rows[i])
        if i != dense[0] and (words <= 0.5 or _fill(rows[i]) < 2):
            continue
        if words <= 0.5 and _continues_below(rows[i], rows[i + 1 : i + 21]):
            continue
        score = _label_score(rows[i], usual) - 0.02 * i
        if score > best_score + 0.15:  # a later row must be clearly better
            best, best_score = i, score
    return best


def _usual_fill(rows: Sequence[Cells]) -> int:
    """How many cells a row of this table usually fills: the upper quartile, so that preambles do not count."""
    fills = sorted(_fill(row) for row in rows)
    return max(1, fills[len(fills) * 3 // 4]) if fills else 1


def _label_score(row: Cells, usual: int) -> float:
    """0..2: how much a row looks like a header of a table whose rows fill `usual` cells."""
    texts = _texts(row)
    if usual >= 3 and len(texts) == 1:
        return 0.0
    data = sum(1 for text in texts if DATA.search(text) or len(text) > _LONGEST_LABEL) / len(texts)
    if data > 0.34:
        return 0.0
    distinct = len(set(texts)) / len(texts)
    return min(1.0, len(texts) / usual) * (1 - data) * distinct * 0.8 + _label_share(row)


def _label_share(row: Cells) -> float:
    """Share of a row's texts that hold a word which columns are named by."""
    texts = _texts(row)
    return sum(1 for text in texts if len(text) <= 16 and LABEL.search(text)) / max(1, len(texts))


def _continues_below(row: Cells, below: Sequence[Cells]) -> bool:
    """Whether a column holds data in this row and, mostly, in the rows below: then this is a record like them."""
    for column, cell in enumerate(row):
        if not cell or not DATA.search(cell):
            continue
        others = [other[column] or "" for other in below if (other[column] or "").strip()]
        if others and sum(1 for other in others if DATA.search(other)) > 0.5 * len(others):
            return True
    return False


def _texts(row: Cells) -> list[str]:
    return [cell.strip() for cell in row if cell and cell.strip()]


def _fill(row: Cells) -> int:
    return len(_texts(row))


def _join_below(rows: Sequence[Cells], numbers: list[int], merged: tuple[Merge, ...], first: int) -> Header | None:
    """A header of two rows, upper label and lower label joined by `/`; None where one row is the whole header."""
    upper, lower = _upper_row(rows, numbers, merged, first)
    if upper is None or lower >= len(rows):
        return None
    top, bottom = _filled_right(rows[upper], numbers[upper], merged), rows[lower]
    labels = []
    for above, below in zip(top, bottom, strict=True):
        parts = [part.strip() for part in (above, below) if part and part.strip()]
        labels.append("/".join(dict.fromkeys(parts)) or None)
    return Header(upper, lower, tuple(labels))


def _upper_row(
    rows: Sequence[Cells], numbers: list[int], merged: tuple[Merge, ...], first: int
) -> tuple[int | None, int]:
    """(index of the upper header row or None, index of the lower). The best row may be either of the two."""
    for upper in (first, first - 1):
        if upper < 0 or upper + 1 >= len(rows) or numbers[upper + 1] != numbers[upper] + 1:
            continue
        if _groups(rows[upper], rows[upper + 1], numbers[upper], merged):
            return upper, upper + 1
    return None, first


def _groups(top: Cells, bottom: Cells, number: int, merged: tuple[Merge, ...]) -> bool:
    """Whether the upper row names groups of the lower row's labels."""
    above, below = _texts(top), _texts(bottom)
    if not below or any(
        DATA.search(cell) or len(cell) > _LONGEST_LABEL or ":" in cell or "：" in cell for cell in above + below
    ):
        return False
    gaps = [i for i, cell in enumerate(top) if not (cell and cell.strip())]
    if not gaps or _fill(top) < 2 or not any(bottom[i] and (bottom[i] or "").strip() for i in gaps):
        return False
    spans = [m for m in merged if m.first_row == number and (m.last_column > m.first_column or m.last_row > number)]
    if spans:
        return any(m.first_row == m.last_row and m.last_column - m.first_column + 1 < len(top) for m in spans)
    filled = [i for i, cell in enumerate(top) if cell and cell.strip()]
    if filled == [0, 1] and len(top) > 3:  # 导出人, 张三 and nothing more: who and when, above the table
        return False
    # Without merged ranges (CSV): each group's first column is labelled below too, and nothing is labelled twice.
    left = [
        i for i, cell in enumerate(top) if cell and cell.strip() and i + 1 in gaps and (bottom[i + 1] or "").strip()
    ]
    labelled = all((bottom[i] or "").strip() for i in left) and all((bottom[i] or "").strip() for i in gaps)
    words = sum(1 for cell in below if LABEL.search(cell))
    return bool(left) and labelled and (words >= 0.5 * len(below))


def _filled_right(top: Cells, number: int, merged: tuple[Merge, ...]) -> Cells:
    """Group labels carried over the columns that they span: by the merged ranges, else up to the next label."""
    spans = [m for m in merged if m.first_row <= number <= m.last_row]
    if not spans:
        carried: list[str | None] = []
        for cell in top:
            carried.append(cell if cell and cell.strip() else (carried[-1] if carried else None))
        return carried
    filled = list(top)
    for span in spans:
        for column in range(span.first_column, min(span.last_column + 1, len(filled))):
            filled[column] = filled[column] or top[span.first_column]
    return filled


def unique_headers(
    labels: tuple[str | None, ...], positions: tuple[int, ...]
) -> tuple[tuple[str, ...], list[int], list[int]]:
    """Names that are unique and never empty, the columns whose label repeats, and those without a label."""
    seen: Counter[str] = Counter()
    taken = {label.strip() for label in labels if label and label.strip()}
    names, repeated, missing = [], [], []
    for i, label in enumerate(labels):
        text = (label or "").strip()
        if not text:
            missing.append(i)
            text = f"列{column_letters(positions[i])}"
        seen[text] += 1
        name = text
        if seen[text] > 1:
            repeated.append(i)
            while (name := f"{text}_{seen[text]}") in taken:
                seen[text] += 1
        taken.add(name)
        names.append(name)
    return tuple(names), repeated, missing
