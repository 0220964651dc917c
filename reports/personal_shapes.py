"""Personal data by its shape: what looks like a phone, a mail, an identity card, a bank card or a person in running text.

Text is read as ASCII, without what has no width; every expression is linear: counted or possessive, and no two neighbours of it
take the same characters.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from .personal_words import ORDINARY, first_signs, name_pattern, surname_of, words

_SEPARATOR = r"[ .\-]?"
_PROVINCE = "(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])"
_MOBILE = (
    rf"(?:\+?(?:00)?\(?86\)?{_SEPARATOR})?1[3-9][0-9](?:{_SEPARATOR}[0-9]{{4}}{_SEPARATOR}[0-9]{{4}}"
    r"|[0-9](?P<_a>[ .\-])[0-9]{3,4}(?P=_a)[0-9]{3,4}|(?P<_b>[ .\-])[0-9]{3}(?P=_b)[0-9]{5})"
)
_WORD_GAP = r"(?:号码|号|ID|id|is|[ :是为=#\-]){0,4}"
_SHAPES = {
    "code": "(?<![0-9A-Za-z])(?=[0-9]{0,19}[a-f])[0-9a-f]{16,20}(?![0-9A-Za-z])",  # a key or id of ours
    "mail": r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9._%+\-]++(?:@[A-Za-z0-9\-]++(?:\.[A-Za-z0-9\-]++)*+"
    r"(?:\+[A-Za-z0-9._%\-]++@[A-Za-z0-9\-]++(?:\.[A-Za-z0-9\-]++)*+)*+"  # one address glued to another
    r"| {1,2}@ {0,2}[A-Za-z0-9\-]++(?:\.[A-Za-z0-9\-]++)++)",
    "card": r"(?<![0-9])62[0-9]{14,17}(?![0-9])|(?<![0-9])(?:[3-6][0-9]{15}|[69][0-9]{18})(?![0-9])"
    r"|(?<![0-9])[3-6][0-9]{3}(?:[ \-][0-9]{4}){3}(?:[ \-]?[0-9]{1,3})?(?![0-9])",
    # 18 signs, one too few or one too many, and the 15 digits of old cards, which have no check digit.
    "identity": rf"(?<![0-9]){_PROVINCE}(?:[0-9]{{4}}{_SEPARATOR}(?:18|19|20)[0-9]{{2}}{_SEPARATOR}[0-9]{{2}}"
    rf"{_SEPARATOR}[0-9]{{2}}{_SEPARATOR}[0-9]{{2,4}}[0-9Xx]|[0-9]{{3}}(?:18|19|20)[0-9]{{9}}[0-9Xx]|[0-9]{{5}}(?:18|19|20)"
    r"[0-9]{9}[0-9Xx]|[0-9]{6}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3})(?![0-9])",
    "mobile": rf"(?<![0-9])(?<![0-9]\.){_MOBILE}(?![0-9])",
    "number": r"(?<![0-9])(?<![0-9]\.)(?:\(?(?:010|02[0-9]|0[3-9][0-9]{2})\)?[ \-]{0,2}[2-9][0-9]{2,3}[ \-]?[0-9]{4}"
    r"|\+[1-9](?:[ \-]?[0-9]){7,14})(?![0-9])",
    "numerals": "(?<![〇零一二三四五六七八九幺])[一幺][三四五六七八九][〇零一二三四五六七八九幺]{9}(?![〇零一二三四五六七八九幺])",
    # Not E and a date or a running number with zeros, which many number their orders by.
    "document": r"(?<![A-Za-z0-9])[EeGg](?!000|20[0-4][0-9](?:0[1-9]|1[0-2]))[0-9]{8}(?![A-Za-z0-9])",
    "word_local": rf"(?:{words('local')})[^0-9\n]{{0,3}}[2-9][0-9]{{2,3}}[ \-]?[0-9]{{4}}(?![0-9])",
    "word_card": rf"(?:{words('card')}){_WORD_GAP}[0-9](?:[ \-]?[0-9]){{7,22}}",
    "word_identity": rf"(?:{words('identity')}){_WORD_GAP}[0-9A-Za-z]{{6,20}}",
    "word_document": rf"(?:{words('document')}){_WORD_GAP}[0-9A-Za-z]{{6,20}}",
    "word_handle": rf"(?<![A-Za-z])(?:{words('handle')}){_WORD_GAP}[A-Za-z0-9][A-Za-z0-9_\-]{{4,19}}",
}
# One look at the sign in hand spares most places of a text the dozen of shapes.
_BEGINS = rf"(?=[0-9A-Za-z._%+\-(〇零一二三四五六七八九幺{first_signs()}])"
_NUMBERS = re.compile(f"{_BEGINS}(?:{'|'.join(f'(?P<{name}>{shape})' for name, shape in _SHAPES.items())})")
_NAME = name_pattern()
_BESIDE = r"(?:\+?86[ \-]?)?1[3-9][0-9][ \-]?[0-9]{4}[ \-]?[0-9]{4}(?![0-9])"


@cache
def _people() -> re.Pattern[str]:
    return re.compile(
        rf"{_BEGINS}(?:(?P<marked>(?:{words('name')})[ :是为叫]{{0,3}}{_NAME})"
        rf"|(?P<beside>{_NAME}(?=[ ,:(]{{0,2}}{_BESIDE}))"
        rf"|(?P<behind>(?<![0-9]){_BESIDE}[ ,:(]{{0,2}}{_NAME}(?![一-鿿]))"
        rf"|(?P<titled>{_NAME}(?=(?:{words('title')})))"
        r"|(?P<house>(?<=[路街道巷弄村])[0-9]{1,5}[号弄幢栋][0-9A-Za-z\-号楼栋幢座单元层室房铺 ]{0,24}))"
    )


# Full-width forms and the dashes and blanks of every kind are read as ASCII; what has no width is not read.
_ASCII = (
    {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
    | dict.fromkeys(map(ord, "\t\u00a0\u2002\u2003\u2009\u3000"), " ")
)  # fmt: skip
_NO_WIDTH = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


def hide_numbers(text: str) -> str:
    """Phones, mails, cards and whatever stands behind a word for such, masked."""
    return _replaced(_NUMBERS, text)


def hide_people(text: str) -> str:
    """Names beside a number, a title or a word such as 联系人, and house numbers behind a street, masked."""
    return _replaced(_people(), text)


def _replaced(pattern: re.Pattern[str], text: str) -> str:
    """Every find of the pattern in the text as it reads without width and invisible signs, hidden."""
    places: Any = range(len(text))
    plain = text
    if not text.isascii():
        if _NO_WIDTH.search(text):
            places = [i for i, char in enumerate(text) if not _NO_WIDTH.match(char)]
            plain = "".join(text[i] for i in places)
        plain = plain.translate(_ASCII)
    parts, at = [], 0
    for found in pattern.finditer(plain):
        start, end = places[found.start()], places[found.end() - 1] + 1
        shown = _HIDE[str(found.lastgroup)](found[0])
        parts += [text[at:start], text[start:end] if shown == found[0] else shown]
        at = end
    return "".join((*parts, text[at:])) if parts else text


def keep_ends(text: str, head: int, tail: int) -> str:
    """Letters and digits starred but for the first `head` and the last `tail`; of short texts fewer stay."""
    places = [i for i, char in enumerate(text) if char.isalnum()]
    if len(places) < head + tail + 3:
        head, tail = min(head, len(places) // 4), min(tail, len(places) // 4)
    hidden = set(places[head : len(places) - tail])
    return "".join("*" if i in hidden else char for i, char in enumerate(text))


def _mobile(text: str) -> str:
    places = [i for i, char in enumerate(text) if char.isalnum()]
    digits = "".join(text[i] for i in places[-11:])
    return f"{text[: places[-11]]}{digits[:3]}****{digits[-4:]}"


def mask_number(text: str) -> str:
    """Four digits in front of the last four."""
    places = [i for i, char in enumerate(text) if char.isdigit()]
    hidden = set(places[-8:-4] if len(places) >= 9 else places[-4:])
    shown = "".join("*" if i in hidden else char for i, char in enumerate(text))
    return shown if len(places) >= 4 else "****"


def mask_run(found: re.Match[str]) -> str:
    """The first three and last four digits stay: 138 **** 5678."""
    text = found[0]
    places = [i for i, char in enumerate(text) if char.isalnum()]
    first = 5 if text.startswith("86") and len(places) >= 12 else 3
    hidden = set(places[first:-4]) if len(places) >= 10 else set(places[:-4])
    return "".join("*" if i in hidden else char for i, char in enumerate(text))


def _mail(text: str) -> str:
    local, *domains = text.split("@")
    shown = f"{local[:2].strip()}***"
    for piece in domains:
        domain, glued, local = piece.partition("+")
        shown += f"@{domain.strip()}" + (f"+{local[:2]}***" if glued else "")
    return shown


def _card(text: str) -> str:
    """Cards of UnionPay by their beginning, others by their check digit: order numbers are as long."""
    digits = [int(char) for char in text if char.isdigit()]
    doubled = (sum(divmod(2 * d, 10)) for d in digits[-2::-2])
    if not text.startswith("62") and (sum(digits[-1::-2]) + sum(doubled)) % 10:
        return text
    return keep_ends(text, 0, 4)


def _behind_word(head: int, tail: int) -> Callable[[str], str]:
    """What stands behind a word: the word and its gap stay."""

    def hide(text: str) -> str:
        value = re.search("[0-9A-Za-z_ -]*$", text)
        start = max(value.start() if value else 0, _word_end(text))
        return text[:start] + keep_ends(text[start:], head, tail)

    return hide


def _word_end(text: str) -> int:
    found = _BEFORE.match(text)
    return found.end() if found else 0


_BEFORE = re.compile(
    f"(?:{'|'.join(words(k) for k in ('local', 'card', 'identity', 'document', 'handle', 'name'))}){_WORD_GAP}"
)


def mask_person(text: str) -> str:
    """张伟 → 张*, 欧阳娜 → 欧阳*."""
    return surname_of(text) + "*"


def _marked(text: str) -> str:
    start = _word_end(text)
    return text[:start] + _if_person(text[start:])


def _if_person(text: str) -> str:
    return text if text[:2] in ORDINARY else mask_person(text)


def _behind(text: str) -> str:
    name = re.search("[一-鿿]+$", text)
    start = name.start() if name else len(text)
    return text[:start] + _if_person(text[start:])


_HIDE: dict[str, Callable[[str], str]] = {
    "code": str, "mail": _mail, "card": _card, "identity": lambda text: keep_ends(text, 6, 4), "mobile": _mobile,
    "number": mask_number,
    "numerals": lambda text: keep_ends(text, 3, 4), "document": lambda text: keep_ends(text, 2, 3),
    "word_local": _behind_word(0, 4), "word_card": _behind_word(0, 4), "word_identity": _behind_word(6, 4),
    "word_document": _behind_word(2, 3), "word_handle": _behind_word(2, 2), "marked": _marked, "beside": _if_person,
    "behind": _behind, "titled": _if_person, "house": lambda _: "…",
}  # fmt: skip
