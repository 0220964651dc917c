"""Phone cells that are not one number in usual dress: several numbers, numerals in words, letters, damage.

Reads a folded text (see `phone_text.folded`), one cell at a time; only the distinct remainder of a column comes here.
Nothing is repaired: a run of digits is a number as it stands, in one of the dialling forms of the Chinese plan, or
it is not a number at all.
"""

import re
from functools import cache
from typing import NamedTuple

import phonenumbers

from .phone_plan import IP_PREFIX, kind_of
from .regions import area_codes


class Found(NamedTuple):
    """`number` is E.164, or bare digits that need the row's area code; `fax` stands last of all."""

    number: str
    extension: str | None
    fax: bool = False


class Group(NamedTuple):
    """Digits and the punctuation in front of them, inside one run."""

    before: str
    digits: str


NUMERALS = str.maketrans(
    {c: str(d) for d, row in enumerate((
        "〇零洞", "一壹幺弌么", "二贰貳两兩弍", "三叁參参弎", "四肆", "五伍", "六陆陸", "七柒拐", "八捌", "九玖勾",
    )) for c in row}
)  # fmt: skip
_NUMERAL = "〇零洞一壹幺弌么二贰貳两兩弍三叁參参弎四肆五伍六陆陸七柒拐八捌九玖勾"
_NUMERAL_RUN = re.compile(rf"(?:[{_NUMERAL}][\s-]?){{3,}}")
_LETTERS = str.maketrans({"o": "0", "l": "1", "i": "1", "|": "1"})
_LETTER_RUN = re.compile(r"(?<![a-z])[\doli|][\doli|\s-]{5,}[\doli|](?![a-z])")

_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d[-/.年](?:0?[1-9]|1[0-2])[-/.月](?:[0-2]?\d|3[01])(?:日|(?!\d))")
_TIME = re.compile(r"(?<!\d)[0-2]?\d:[0-5]\d(?::[0-5]\d)?(?!\d)")
_ITEM = re.compile(r"(?:^|(?<=[\s;,、]))\(?[1-9][.、):](?=\s*[+(]?\d{3})")
_DOUBLED = re.compile(r"\+?\s*(?:00)?86[\s()-]*(?=\+\s*(?:00)?86)|\(\+?86\)(?=[\s-]*\+?86)|\+00(?=86)")
_THOUSANDS = re.compile(r"(?<![\d,])\d{1,3}(?:,\d{3}){2,4}(?![\d,])")
_EXTENSION = re.compile(
    r"(?<=\d)[\s\-,;:()]*(?:转接|转|轉|分机号?|分機|内线|內線|extension|extn|ext|x|#|\*)[\s:.\-号至到]*"
    r"(?=\d{1,6}(?!\d|-\d{4}))"
)
_RUN = re.compile(r"(?:\(\s*)?\+?[\d(][\d\s().+-]*(?:x\d{1,6})?")
_GROUP = re.compile(r"([^\d]*)(\d+)")
_NOT_A_PHONE = re.compile(r"(?:qq|q|扣扣|邮编|编号|工号|单号|订单|证号?|账号|帐号|税号|房|no|id)[\s:.号]*$")
_NOT_AFTER = re.compile(r"\s*(?:元|万|室|号|栋|幢|楼|层|年|月|%|℃|座|平|㎡|公里|个|人|kg)")
_HARD = r"[、,;|/\\&]"


def parse(text: str) -> list[Found]:
    """The valid numbers of a folded text, in order; empty where there is none."""
    text = _TIME.sub(" ", _DATE.sub(" ", text))
    text = _DOUBLED.sub("", text)
    text = _ITEM.sub(" ", _THOUSANDS.sub(lambda m: m[0].replace(",", ""), text))
    for reading in _readings(text):
        found = _numbers(reading)
        if found:
            return found
    return []


def partial(text: str) -> str | None:
    """A masked number as 138****1234 (eleven places) or 0215888****; null where nothing is masked."""
    masked = re.sub(r"(?<=[\d*])[x#-]{2,}|(?<=\d)x(?=x)", lambda m: "*" * len(m[0]), text)
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


def _readings(text: str) -> list[str]:
    """The text as written, then with numerals in words read, then letters O and l, then across separators."""
    spoken = _NUMERAL_RUN.sub(lambda m: m[0].translate(NUMERALS), text)
    all_spoken = text.translate(NUMERALS)
    lettered = _LETTER_RUN.sub(lambda m: m[0].translate(_LETTERS), all_spoken)
    joined = re.sub(rf"(?<=\d)\s*{_HARD}\s*(?=\d)", "-", all_spoken)
    return list(dict.fromkeys((spoken, all_spoken, lettered, joined)))


def _numbers(text: str) -> list[Found]:
    found: list[Found] = []
    marked = _EXTENSION.sub("x", re.sub(r"[*x]{2,}", lambda m: "*" * len(m[0]), text))
    for run in _RUN.finditer(marked):
        before, after = marked[: run.start()], marked[run.end() :]
        if before.endswith("*") or after.startswith(("*", "@")):
            continue
        doubtful = bool(_NOT_A_PHONE.search(before) or _NOT_AFTER.match(after) or re.search(r"[a-z]$", before))
        fax = bool(re.search(r"(?:传真|fax)[\s:()]*$", before))
        area = next((area for area in map(_area_of, reversed(found)) if area), None)
        for one in _segment(run[0], area):
            if doubtful and not one.number.startswith("+861"):
                continue
            found.append(one._replace(fax=fax))
    return list({one.number: one for one in reversed(found)}.values())[::-1]


def _segment(run: str, area: str | None) -> list[Found]:
    """Cut a run at its own punctuation so that each piece is a complete number; pieces left over spoil neighbours."""
    head, _, extension = run.partition("x")
    groups = [Group(*pair) for pair in _GROUP.findall(head)]
    found: list[Found] = []
    start, spoiled = 0, False
    while start < len(groups):
        end, number = _longest(groups, start, area)
        if number is None:
            spoiled = not _may_stand_apart(groups[start], groups, start + 1)
            start += 1
            continue
        tail, used = _tail(groups, start, end)
        if not spoiled and used is not None:
            found.append(Found(number, tail))
            area = _area_of(found[-1]) or area
        spoiled, start = False, end + (used or 0)
    if extension and found:
        found[-1] = found[-1]._replace(extension=extension)
    return found


def _longest(groups: list[Group], start: int, area: str | None) -> tuple[int, str | None]:
    """End of the longest piece from `start` that is a number, and the number."""
    limit = next((k for k in range(start + 1, len(groups)) if "+" in groups[k].before), len(groups))
    for end in range(limit, start, -1):
        digits = "".join(group.digits for group in groups[start:end])
        if len(digits) <= 20:
            number = complete(digits, "+" in groups[start].before, groups[start].digits, area)
            if number:
                return end, number
    return start, None


def _may_stand_apart(noise: Group, groups: list[Group], following: int) -> bool:
    """Noise in front of a number is harmless only when white space and length show that it is something else."""
    return following < len(groups) and groups[following].before.isspace() and len(noise.digits) in (3, 4, 5, 6)


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


def complete(digits: str, plus: bool, first: str, area: str | None) -> str | None:
    """The number that these digits are, E.164 or bare local digits; null where they are none.

    plus: a + stood in front. first: the digits up to the first punctuation. area: an area code seen before.
    """
    if plus or (digits.startswith("00") and len(digits) > 11):
        number = _international(digits.removeprefix("00") if not plus else digits.lstrip("0"))
        if number:
            return number
    prefixed = re.match(r"(?:0{0,2}86)+(?=\d{7})", digits)
    for rest in dict.fromkeys((digits, digits[prefixed.end() :] if prefixed else digits)):
        for tail in dict.fromkeys((rest, re.sub(rf"^{IP_PREFIX}(?=0|1[3-9])", "", rest))):
            number = _domestic(tail, first, area, stripped=tail is not digits and rest != digits)
            if number:
                return number
    return _abroad_by_name(digits, first)


def _domestic(digits: str, first: str, area: str | None, *, stripped: bool) -> str | None:
    national = digits.removeprefix("0")
    kind = kind_of(national)
    if kind == "mobile" or (kind is not None and national != digits):
        return f"+86{national}"
    if kind == "hotline" and re.match(r"400|800[89]", digits):
        return f"+86{digits}"
    if kind == "hotline" and digits.startswith("800") and first == "800":
        return f"+86{digits}"
    if kind == "landline" and (stripped or (first != digits and f"0{first}" in _areas())):
        return f"+86{digits}"
    if re.fullmatch(r"[2-8]\d{6,7}", digits):
        here = f"{area[1:]}{digits}" if area else ""
        return f"+86{here}" if here and kind_of(here) == "landline" else digits
    # Excel ate the 0 of an area code: only the row's own area code can tell this from a damaged mobile.
    return digits if kind == "landline" and re.fullmatch(r"[2-9]\d{8,10}|10\d{8}", digits) else None


def _international(digits: str) -> str | None:
    if digits.startswith("86"):
        rest = re.sub(r"^(?:0{0,2}86)+", "", digits)
        national = rest.removeprefix("0")
        return f"+86{national}" if kind_of(national) else None
    try:
        number = phonenumbers.parse(f"+{digits}", None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _abroad_by_name(digits: str, first: str) -> str | None:
    """Hong Kong, Macao and Taiwan are also written 852-…, 853-…, 886-…: only with the punctuation that shows it."""
    return _international(digits) if first in ("852", "853", "886") and first != digits else None


def _area_of(found: Found) -> str | None:
    """Area code of a Chinese landline in E.164."""
    if not found.number.startswith("+86") or kind_of(found.number[3:]) != "landline":
        return None
    return next((f"0{found.number[3:end]}" for end in (5, 6) if f"0{found.number[3:end]}" in _areas()), None)


@cache
def _areas() -> frozenset[str]:
    return frozenset(area_codes()["area_code"])
