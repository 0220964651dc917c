"""Phone cells that are not one number in usual dress: several numbers, numerals in words, letters, damage.

Reads a folded text (see `phone_text.folded`), one cell at a time; only the distinct remainder of a column comes here.
Nothing is repaired: a run of digits is a number as it stands, in one of the dialling forms of the Chinese plan, or
it is not a number at all.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from .dial import Group, areas, complete
from .numbering_plan import kind_of


class Found(NamedTuple):
    """`number` is E.164, or bare digits that need the row's area code; `fax` stands last of all."""

    number: str
    extension: str | None
    fax: bool = False


NUMERALS = str.maketrans(
    {c: str(d) for d, row in enumerate((
        "〇零洞", "一壹幺弌么", "二贰貳两兩弍", "三叁參参弎", "四肆", "五伍", "六陆陸", "七柒拐", "八捌", "九玖勾",
    )) for c in row}
)  # fmt: skip
_NUMERAL = "〇零洞一壹幺弌么二贰貳两兩弍三叁參参弎四肆五伍六陆陸七柒拐八捌九玖勾"
_NUMERAL_RUN = re.compile(rf"(?:[{_NUMERAL}][\s-]?){{3,}}")
_NAMED_FIVE = re.compile(rf"(?<=[^\W\d])(?<![{_NUMERAL}])[{_NUMERAL}](?=[\s:;,(])")  # 王五 in front of a number
_LETTERS = str.maketrans({"o": "0", "l": "1", "i": "1", "|": "1"})
_LETTER_RUN = re.compile(r"(?<![a-z])[\doli|][\doli|\s-]{5,}[\doli|](?![a-z])")

_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d[-/.年](?:0?[1-9]|1[0-2])[-/.月](?:[0-2]?\d|3[01])(?:日|(?!\d))")
_FLOAT = re.compile(r"(?<=\d{7})\.0+(?!\d)")
_TIME = re.compile(r"(?<!\d)[0-2]?\d:[0-5]\d(?::[0-5]\d)?(?!\d)")
_SPACES = re.compile(r"\s{2,}")
_ITEM = re.compile(r"(?:^|(?<=[\s;,、]))\(?[1-9][.、):](?=\s*[+(]?\d{3})")
_DOUBLED = re.compile(
    r"\+?\s*(?:00)?86[\s()-]*(?=\+\s*(?:00)?86)|\(\+?86\)(?=[\s-]*\+?86)|\+00(?=86)"
    r"|(?<!\d)86\s*\+(?=\s*(?:1[3-9]|0))"
)
_GLUED = re.compile(r"(?<!\d)(1[3-9]\d{9})(1[3-9]\d{9}|0\d{9,11})(?!\d)")
_THOUSANDS = re.compile(r"(?<![\d,])\d{1,3}(?:,\d{3}){2,4}(?![\d,])")
_EXTENSION = re.compile(
    r"(?<=\d)[\s\-,;:()]*(?:转接|转|轉|分机号?|分機|内线|內線|extension|extn|ext|x|#|\*)[\s:.\-号至到]*"
    r"(?=\d{1,6}(?!\d|-\d{4}))|(?<=\d{7}),(?=\d{3,4}(?!\d))|(?<=\d{11}),(?=\d{5}(?!\d))"
)
# 021-61001234/35, 13805716677/6688: of the second number only the digits that differ; 021-61001234-801/802: two extensions.
_SHORTENED = re.compile(
    r"(?<![\d-])((?:\(?0\d{2,3}\)?[\s-]?)?[2-8]\d{2,3}[\s-]?\d{4}|1[3-9]\d[\s-]?\d{4}[\s-]?\d{4})"
    r"\s*[/、\\]\s*(\d{1,4})(?![\d-]|\s*[楼号室层栋元年月日人])"
)
_EXTENSIONS = re.compile(r"(?<=\d{7})\s*(?:-|转|ext\.?|x)\s*(\d{2,5})((?:[/、,]\d{2,5})+)(?![\d-])")
_RUN = re.compile(r"(?:\(\s*)?\+?[\d(][\d\s().+-]*(?:x\d{1,6}(?:/\d{1,6})*)?")
_DIGITS = re.compile(r"(\d+)")
# A mask, an @ or a letter that may be a digit: the run is a piece of something longer.
_TORN_BEFORE = re.compile(r"(?:\d[\s-]*\*+|\*{2,}|(?<![a-z])[oli|]+)$")
_TORN_AFTER = re.compile(r"\*|\s*@|[oli|]+(?![a-z])")
_NOT_A_PHONE = re.compile(r"(?:qq|q|扣扣|邮编|编号|工号|单号|订单|证号?|账号|帐号|税号|房|no|id)[\s:.号]*$")
_NOT_AFTER = re.compile(r"\s*(?:元|万|室|号|栋|幢|楼|层|年|月|%|℃|座|平|㎡|公里|个|人|kg)")
_HARD = r"[、,;|/\\&]"
_NEAR = 32  # characters before a run that may say what it is
_MOST_DIGITS = 20  # of one number, with whatever is dialled in front of it


def parse(text: str) -> list[Found]:
    """The valid numbers of a folded text, in order; empty where there is none."""
    if len(text) <= 20 and text.isascii() and text.isdigit():  # nothing to read in another way
        return _segment(text, None)
    return _parsed(text)


def _parsed(text: str) -> list[Found]:
    text = _SPACES.sub(" ", _FLOAT.sub("", _TIME.sub(" ", _DATE.sub(" ", text))))
    text = _GLUED.sub(_unglued, _DOUBLED.sub("", text))
    text = _written_out(_EXTENSIONS.sub(lambda m: f"x{m[1]}{re.sub('[、,]', '/', m[2])}", text))
    text = _ITEM.sub(" ", _THOUSANDS.sub(lambda m: m[0].replace(",", ""), text))
    local: list[Found] = []
    for reading in dict.fromkeys(_readings(text)):  # mostly they are one
        found = _numbers(reading)
        if any(one.number.startswith("+") for one in found):
            return found
        local = local or found
    return local


def _unglued(two: re.Match[str]) -> str:
    """Two numbers that lost the line break between them, if both are complete."""
    both = kind_of(two[1]) and kind_of(two[2].removeprefix("0"))
    return f"{two[1]} {two[2]}" if both else two[0]


def _written_out(text: str) -> str:
    """The text with shortened second numbers in full; three digits that begin unlike the end of a landline are its extension."""
    for _ in range(5):
        longer = _SHORTENED.sub(_whole_second, text)
        if longer == text:
            break
        text = longer
    return text


def _whole_second(short: re.Match[str]) -> str:
    first, tail = short[1], short[2]
    if len(tail) == 3 and first[-3] != tail[0] and not first.startswith("1"):
        return f"{first}x{tail}"
    return f"{first};{first[: -len(tail)]}{tail}"


def partial(text: str) -> str | None:
    """A masked number as 138****1234 (eleven places) or 0215888****; null where nothing is masked."""
    masked = re.sub(r"(?<=[\d*])[x#-]{2,}", lambda m: "*" * len(m[0]), text)
    for token in re.findall(r"\+?[\d(*][\d\s*()-]*", masked):
        digits = re.sub(r"[^\d*]", "", token)
        digits = re.sub(r"^(?:0{0,2}86)+(?=1[3-9])", "", digits)
        known = len(digits.replace("*", ""))
        if "*" not in digits or not 4 <= known <= 10:
            continue
        mobile = re.fullmatch(r"(1[3-9]\d*)(\*+)(\d*)", digits)
        if mobile and known <= 10:
            return mobile[1] + "*" * (11 - known) + mobile[3]
        if re.fullmatch(r"0\d{2,}\*+\d*|1[3-9\d][\d*]{9}", digits):
            return digits
    return None


def _readings(text: str) -> Iterator[str]:
    """The text as written, then with numerals in words read, then letters O and l, then across separators."""
    text = _NAMED_FIVE.sub(" ", text)
    yield _NUMERAL_RUN.sub(lambda m: m[0].translate(NUMERALS), text)
    spoken = text.translate(NUMERALS)
    yield spoken
    yield _LETTER_RUN.sub(lambda m: m[0].translate(_LETTERS), spoken)
    yield re.sub(rf"(?<=\d)\s*{_HARD}\s*(?=\d)", "-", spoken)


def _numbers(text: str) -> list[Found]:
    found: list[Found] = []
    area: str | None = None
    marked = _EXTENSION.sub("x", re.sub(r"[*x]{2,}", lambda m: "*" * len(m[0]), text))
    for run in _RUN.finditer(marked):
        before = marked[max(0, run.start() - _NEAR) : run.start()]
        if _TORN_BEFORE.search(before) or _TORN_AFTER.match(marked, run.end()):
            continue
        doubtful = bool(_NOT_A_PHONE.search(before) or _NOT_AFTER.match(marked, run.end()))
        fax = bool(re.search(r"(?:传真|fax)[\s:()]*$", before))
        pieces = [one._replace(fax=fax) for one in _segment(run[0], area) if not doubtful or _is_mobile(one)]
        found += pieces
        area = next((area for area in map(_area_of, reversed(pieces)) if area), area)
    return list({one.number: one for one in reversed(found)}.values())[::-1]


def _segment(run: str, area: str | None) -> list[Found]:
    """Cut a run at its own punctuation so that each piece is a complete number; pieces left over spoil neighbours."""
    head, _, extension = run.partition("x")
    parts = _DIGITS.split(head)  # what is no digit and what is, in turn
    groups = [Group(*pair) for pair in zip(parts[:-1:2], parts[1::2], strict=True)]
    found: list[Found] = []
    start, spoiled, noise = 0, False, False
    while start < len(groups):
        end, number = _longest(groups, start)
        if number is None:
            spoiled, noise = not _may_stand_apart(groups, start), True
            start += 1
            continue
        tail, used = _tail(groups, start, end)
        if used is None:
            noise = True
        elif not spoiled:
            found.append(Found(number, tail))
        spoiled, start = False, end + (used or 0)
    if extension and found:
        found[-1] = found[-1]._replace(extension=extension)
    # Beside digits that belong to nothing, a short number is rather a piece of a damaged one: only mobiles stand.
    return _with_area([one for one in found if not noise or _is_mobile(one)], area)


def _with_area(found: list[Found], area: str | None) -> list[Found]:
    """Local numbers take the area code of the number before them in the cell."""
    known = []
    for one in found:
        here = f"{area[1:]}{one.number}" if area and len(one.number) <= 8 else ""
        known.append(one._replace(number=f"+86{here}") if kind_of(here) == "landline" else one)
        area = _area_of(known[-1]) or area
    return known


def _longest(groups: list[Group], start: int) -> tuple[int, str | None]:
    """End of the longest piece from `start` that is a number, and the number."""
    plus = "+" in groups[start].before
    limit, length = start, 0
    while limit < len(groups) and (limit == start or "+" not in groups[limit].before):
        length += len(groups[limit].digits)
        if length > _MOST_DIGITS:
            break
        limit += 1
    for end in range(limit, start, -1):
        piece = groups[start:end]
        digits = "".join(group.digits for group in piece)
        if plus or _brackets_fit(piece):
            number = complete(piece, digits, plus=plus)
            if number:
                return end, number
    return start, None


def _brackets_fit(piece: list[Group]) -> bool:
    """A bracket opens inside a number only behind the country code, or around a block: 86(021)5888…, 139(1234)5670."""
    opened = next((k for k in range(1, len(piece)) if "(" in piece[k].before), None)
    if opened is not None and opened + 1 < len(piece) and len(piece[opened].digits) == 4:
        return True
    return opened is None or re.fullmatch(r"0{0,2}86", "".join(group.digits for group in piece[:opened])) is not None


def _may_stand_apart(groups: list[Group], noise: int) -> bool:
    """Noise in front of a number is harmless only when white space and length show that it is something else."""
    following = groups[noise + 1 : noise + 2]
    return bool(following) and following[0].before.isspace() and len(groups[noise].digits) in (3, 4, 5, 6)


def _tail(groups: list[Group], start: int, end: int) -> tuple[str | None, int | None]:
    """Extension behind a piece and the groups it uses; null use where what follows makes the number doubtful."""
    if end >= len(groups):
        return None, 0
    before, digits = groups[end]
    if len(digits) >= 7 or "+" in before:
        return None, 0
    dashed = before.strip() in ("-", "--", "(", "-(", ")-") and len(digits) <= 6
    whole = end - start == 1 or not groups[start].digits.startswith("1")
    if dashed and (whole or len(digits) > 1):
        return digits, 1
    if before.isspace() and 3 <= len(digits) <= 5:
        return (digits, 1) if end == len(groups) - 1 else (None, 0)
    return None, None


def _is_mobile(found: Found) -> bool:
    return found.number.startswith("+86") and kind_of(found.number[3:]) == "mobile"


def _area_of(found: Found) -> str | None:
    """Area code of a Chinese landline in E.164."""
    if not found.number.startswith("+86") or kind_of(found.number[3:]) != "landline":
        return None
    return next((f"0{found.number[3:end]}" for end in (5, 6) if f"0{found.number[3:end]}" in areas()), None)
