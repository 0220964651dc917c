"""The word lists of `words.toml`, typed: surnames with shares, characters with readings, cities, industries."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, NamedTuple


class Surname(NamedTuple):
    hanzi: str
    pinyin: str
    share: float


class Industry(NamedTuple):
    word: str
    share: float
    english: str


class LegalForm(NamedTuple):
    """`prefix`: registrar and kind of organisation, the first two characters of the credit code."""

    word: str
    share: float
    prefix: str


class City(NamedTuple):
    """`districts`: (six-digit region code, name); the name is empty where the city has no districts."""

    name: str
    province: str
    area_code: str
    digits: int
    districts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Words:
    """All lists. `pinyin`: character → reading; `traditional`: simplified → traditional character."""

    surnames: tuple[Surname, ...]
    male: str
    female: str
    latin: tuple[str, ...]
    foreign: tuple[str, ...]
    titles: tuple[str, ...]
    duties: tuple[str, ...]
    brand: str
    industries: tuple[Industry, ...]
    forms: tuple[LegalForm, ...]
    departments: tuple[str, ...]
    cities: tuple[City, ...]
    streets: tuple[str, ...]
    domains: tuple[tuple[str, float], ...]
    suffixes: tuple[str, ...]
    owners: tuple[str, ...]
    channels: tuple[str, ...]
    remarks: tuple[str, ...]
    pinyin: dict[str, str]
    traditional: dict[str, str]

    @property
    def homophones(self) -> dict[str, str]:
        """Character → all characters that sound the same, itself among them."""
        sounds: dict[str, str] = {}
        for char, sound in self.pinyin.items():
            sounds[sound] = sounds.get(sound, "") + char
        return {char: sounds[sound] for char, sound in self.pinyin.items()}


@cache
def load_words() -> Words:
    """Read `words.toml` once."""
    raw = tomllib.loads(resources.files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))
    people, companies = raw["people"], raw["companies"]
    return Words(
        surnames=tuple(Surname(n, p, float(s)) for n, p, s in _triples(people["surnames"])),
        male=people["male"],
        female=people["female"],
        latin=tuple(people["latin"].split()),
        foreign=tuple(name.replace("_", " ") for name in people["foreign"].split()),
        titles=tuple(people["titles_after"].split()),
        duties=tuple(people["duties"].split()),
        brand=companies["brand"],
        industries=tuple(Industry(w, float(s), e.replace("_", " ")) for w, s, e in _triples(companies["industries"])),
        forms=tuple(LegalForm(w, float(s), p) for w, s, p in _triples(companies["forms"])),
        departments=tuple(companies["departments"].split()),
        cities=tuple(_city(line) for line in raw["places"]["cities"].strip().splitlines()),
        streets=tuple(raw["places"]["streets"].split()),
        domains=tuple((d, float(s)) for d, s in (item.split("/") for item in raw["mail"]["domains"].split())),
        suffixes=tuple(raw["mail"]["suffixes"].split()),
        **_crm_and_tables(raw),
    )


def _crm_and_tables(raw: dict[str, Any]) -> dict[str, Any]:
    readings = (item.split(":") for item in raw["pinyin"]["table"].split())
    return {
        "owners": tuple(raw["crm"]["owners"].split()),
        "channels": tuple(raw["crm"]["channels"].split()),
        "remarks": tuple(raw["crm"]["remarks"].split()),
        "pinyin": {char: sound for sound, chars in readings for char in chars},
        "traditional": {pair[0]: pair[1] for pair in raw["traditional"]["table"].split()},
    }


def _triples(text: str) -> list[tuple[str, str, str]]:
    return [(a, b, c) for a, b, c in (item.split("/") for item in text.split())]


def _city(line: str) -> City:
    name, province, area_code, digits, *districts = line.split()
    return City(name, province, area_code, int(digits), tuple((d[:6], d[6:]) for d in districts))
