"""Whether digits, cut as they were written, are a complete number in one of the dialling forms of the Chinese plan."""

import re
from functools import cache
from typing import NamedTuple

import phonenumbers

from ..base.regions import area_codes
from .numbering_plan import IP_PREFIX, kind_of

_HOTLINE = re.compile(r"400|8008|80099")  # a bare 800… may be a damaged 180…: only the blocks in use


class Group(NamedTuple):
    """Digits and the punctuation in front of them, inside one run."""

    before: str
    digits: str


def complete(piece: list[Group], digits: str, *, plus: bool) -> str | None:
    """The number that a piece is: E.164, or bare digits that await an area code; null where it is none.

    plus: a + stood in front, so that the digits start with a country code.
    """
    first = piece[0].digits
    if plus or (digits.startswith("00") and len(digits) > 11):
        number = _international(digits.lstrip("0"), piece)
        if number or plus:
            return number or (f"+86{digits}" if kind_of(digits) == "mobile" else None)
    if first in ("852", "853", "886") and first != digits:
        return _international(digits, piece)
    prefix = re.match(r"(?:0{0,2}86)+(?=\d{9})", digits)
    rests = (digits, digits[prefix.end() :]) if prefix else (digits,)
    for rest in rests:
        for dialled in dict.fromkeys((rest, re.sub(rf"^{IP_PREFIX}(?=0|1[3-9])", "", rest))):
            number = _domestic(dialled, piece, whole=dialled == digits)
            if number:
                return number
    return _international(digits, piece) if re.fullmatch(r"85[23]\d{8}|886[2-9]\d{7,8}", digits) else None


def _domestic(digits: str, piece: list[Group], *, whole: bool) -> str | None:
    """A number in national notation, or null. whole: no prefix was taken off."""
    national = digits.removeprefix("0")
    kind, trunk = kind_of(national), national != digits
    if kind == "mobile":
        return f"+86{national}"
    if kind == "hotline":
        known = trunk or _HOTLINE.match(digits) or piece[0].digits in ("400", "800")
        usual = digits.startswith("400") or _cut_like_landline(piece) or (len(piece) == 2 and trunk)
        return f"+86{national}" if known and usual else None
    if kind == "landline" and (_cut_like_landline(piece) or (len(piece) == 2 and piece[0].digits in areas())):
        if trunk or (len(national) > 8 and (_parted(piece) or (not whole and re.match(r"10|2", digits)))):
            return f"+86{national}"
        # Excel ate the 0 of an area code, or a mobile lost a digit: see `phone_choice`.
        return national if re.match(r"[2-9]|10[2-8]", national) else None
    local = whole and len(digits) in (7, 8) and re.match(r"[2-8]", digits) and _cut_like_landline(piece)
    return digits if local else None


def _parted(piece: list[Group]) -> bool:
    """Punctuation shows where the area code ends."""
    return any(f"0{group.digits}" in areas() or group.digits in areas() for group in piece[:-1])


def _cut_like_landline(piece: list[Group]) -> bool:
    """Landlines are written with their last seven or eight digits, or their last four, together."""
    return (
        len(piece) == 1
        or len(piece[-1].digits) == 4
        or len(piece[-1].digits) >= 7
        or all(len(group.digits) == 1 for group in piece)
    )


def _international(digits: str, piece: list[Group]) -> str | None:
    """A number with its country code; the mainland's own by its plan, others as libphonenumber judges."""
    if digits.startswith("86"):
        national = re.sub(r"^(?:0{0,2}86)+", "", digits).removeprefix("0")
        kind = kind_of(national)
        short = len(national) < 9 and len(piece) > 1 and not _parted(piece)  # a bank's 95588 behind an area code
        fits = kind == "mobile" or (_cut_like_landline(piece) and not short)
        return f"+86{national}" if kind and fits else None
    try:
        number = phonenumbers.parse(f"+{digits}", None)
    except phonenumbers.NumberParseException:
        return None
    # Of Macau libphonenumber knows the blocks that were in use when its table was made.
    if not phonenumbers.is_valid_number(number) and not re.fullmatch(r"85328\d{6}", digits):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@cache
def areas() -> frozenset[str]:
    """Every area code, with its 0."""
    return frozenset(area_codes()["area_code"])
