"""Chinese names in Latin letters: the readings and the surnames that a spelling may stand for.

Pinyin in either order, with ü as u, v or yu; Wade-Giles (Tsai Chih-ming); surnames as Hong Kong and overseas families spell them (Chan,
Wong), whose given names tell nothing about hanzi, as English ones do not (Tony Wang).
"""

import re
import unicodedata
from collections.abc import Collection
from functools import cache
from itertools import islice, product

import polars as pl

from ..base.readings import pinyin_syllables, words_of_names
from ..base.surnames import by_pinyin

MOST = 24  # readings of one spelling

_INITIALS = (("zh", "ch"), ("ch", "ch"), ("sh", "sh"), ("b", "p"), ("d", "t"), ("g", "k"), ("j", "ch"), ("q", "ch"), ("x", "hs"),
             ("z", "ts"), ("c", "ts"), ("r", "j"))  # fmt: skip
_FINALS = ((r"ian$", "ien"), (r"([^y]i)e$", r"\1eh"), (r"ong$", "ung"), (r"([jqxlny]u)e$", r"\1eh"),
           (r"^(?![gkh]|sh)(.+)uo$", r"\1o"), (r"^([gkh])e$", r"\1o"), (r"^([gk])ui$", r"\1uei"))  # fmt: skip
_BUZZING = {"zhi": "chih", "chi": "chih", "shi": "shih", "ri": "jih", "zi": "tzu", "ci": "tzu", "si": "ssu", "yi": "i", "ye": "yeh",
            "yan": "yen", "you": "yu"}  # fmt: skip


def _in_wade_giles(syllable: str) -> str:
    """One syllable without tone, marks or apostrophes: xie → hsieh, cai → tsai."""
    if syllable in _BUZZING:
        return _BUZZING[syllable]
    for pattern, final in _FINALS:
        syllable = re.sub(pattern, final, syllable)
    initial = next(((ours, theirs) for ours, theirs in _INITIALS if syllable.startswith(ours)), None)
    return syllable if initial is None else initial[1] + syllable[len(initial[0]) :]


@cache
def _wade_giles() -> dict[str, list[str]]:
    """Syllable → the pinyin that it may stand for: chang → chang, zhang."""
    table: dict[str, list[str]] = {}
    for syllable in pinyin_syllables():
        table.setdefault(_in_wade_giles(syllable), []).append(syllable)
    return table


@cache
def _surnames() -> dict[str, list[str]]:
    """Spelled surname → the pinyin of the surnames it may stand for, its own among them: tang → tang, deng."""
    table = {word: [word] for word in by_pinyin()}
    for word, readings in words_of_names("surnames").items():
        table.setdefault(word, []).extend(r for r in readings if r not in table.get(word, ()))
    for word, readings in _wade_giles().items():
        known = [r for r in readings if r in by_pinyin() and r not in table.get(word, ())]
        if known:
            table.setdefault(word, []).extend(known)
    return table


def _cut(word: str, syllables: Collection[str], most: int = 3) -> list[str]:
    """A word as at most so many syllables, the longest in front; empty where it is none."""
    if word in syllables:
        return [word]
    for end in range(min(6, len(word) - 1), 0, -1) if most > 1 else ():
        if word[:end] in syllables and (rest := _cut(word[end:], syllables, most - 1)):
            return [word[:end], *rest]
    return []


def _plain(word: str) -> str:
    """ü is written u, as people type it in names (lv and lyu are lü)."""
    return re.sub("l(?:v|yu)|^nyu|nv", lambda m: m[0][0] + "u", word.replace("'", "").lower())


def spelled(names: list[str]) -> pl.DataFrame:
    """Latin names → `value, first, pinyin_turned, readings, family`.

    first, pinyin_turned: joined lower-case letters in the likelier order, surname first, and in the other (null of one word).
    readings: further pinyin that the name may stand for; family: pinyin of the surnames it may stand for, with a `?` where
    the given name tells nothing about hanzi; both separated by blanks, null where there is none.
    """
    rows = [(name, *(orders := _orders(name)), *_meanings(name, orders)) for name in names]
    columns = ("value", "first", "pinyin_turned", "readings", "family")
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def _letters(name: str) -> str:
    if name.isascii():
        return name
    return "".join(c for c in unicodedata.normalize("NFKD", name.replace("đ", "d")) if not unicodedata.combining(c))


def _parts(name: str) -> list[str]:
    plain = _letters(name).replace("-", "")
    return re.findall(r"[A-Z]{2,}(?![a-z])|[A-Z]?[a-z']+|[A-Z]", plain) or [plain]


def _orders(name: str) -> tuple[str, str | None]:
    """Wei ZHANG → zhangwei, weizhang. Chinese forms put the surname first unless capitals, a comma or the words say otherwise."""
    parts = _parts(name)
    words = [_plain(part) for part in parts]
    if len(words) == 1:
        return words[0], None
    straight, turned = "".join(words), "".join([words[-1], *words[:-1]])
    shouted = parts[-1].isupper() and not parts[0].isupper() and len(parts[-1]) > 1
    shares = by_pinyin()
    foreign = words[0] not in shares and words[-1] in shares and "," not in name
    return (turned, straight) if shouted or foreign else (straight, turned)


def _meanings(name: str, own: tuple[str, str | None]) -> tuple[str | None, str | None]:
    """`readings, family` of one name (spelled); own: its readings in either order."""
    written = [_plain(w) for w in re.split(r"[^A-Za-z'-]+", _letters(name)) if w]  # hyphens kept: Chih-ming
    readings = set[str]()
    family: dict[str, bool] = {}  # pinyin of a surname → whether the given name tells something
    for word, given in _splits([_plain(part) for part in _parts(name)]):
        english = given in words_of_names("english")
        hyphened = next((w for w in written if "-" in w and w.replace("-", "") == given), None)
        plain = not english and bool(_cut(given, pinyin_syllables()))
        taiwanese = [] if english or (plain and not hyphened) else _from_wade_giles(hyphened or given)
        # Tan Hui is pinyin, Tang Tai Man may be Cantonese: on the mainland a given name is written in one word.
        mainland = plain and word in by_pinyin() and (given in written or len(written) == 1)
        for reading in _surnames().get(word, []):
            readings.update(reading + rest for rest in [given, *taiwanese])
            if reading == word or not mainland:
                told = plain if reading == word else bool(taiwanese) and reading in _wade_giles().get(word, ())
                family[reading] = family.get(reading, False) or told
    further = sorted(readings.difference(own))[:MOST]
    known = [reading if told else f"{reading}?" for reading, told in sorted(family.items())]
    return " ".join(further) or None, " ".join(known) or None


def _splits(words: list[str]) -> set[tuple[str, str]]:
    """The surname and the given name that the words may be: the first or last word a surname, the first two (Au Yeung), or the
    front of a single one (zhangwei)."""
    if len(words) > 1:
        compound = {(words[0] + words[1], "".join(words[2:]))} if len(words) > 2 else set[tuple[str, str]]()
        return {(words[0], "".join(words[1:])), (words[-1], "".join(words[:-1])), *compound}
    head, *rest = _cut(words[0], pinyin_syllables()) or [""]
    return {(head, "".join(rest))} if rest and head in by_pinyin() else set()


def _from_wade_giles(given: str) -> list[str]:
    """The pinyin of a given name in Wade-Giles: chih-ming → zhiming, chiming. Empty where it is none."""
    parts = given.split("-") if "-" in given else _cut(given, _wade_giles())
    options = [_wade_giles().get(part, []) for part in parts]
    return ["".join(chosen) for chosen in islice(product(*options), MOST)] if options else []
