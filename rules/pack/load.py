"""A rule pack: a closed TOML file of rules that users write, each with an id, a field, one condition and its words.

Null passes every condition but `required`. Regular expressions are matched by polars (Rust syntax, linear time):
`matches` speaks of the whole cell, `contains` and `lacks` of any part of it.
"""

import tomllib
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal

import polars as pl
from pydantic import Field, ValidationError, model_validator

from ...config_words import WrongError, in_words
from ...errors import UsageError
from ...i18n import Language, Text
from .sections import Closed, Sections, Words

Operator = Literal["==", "!=", "<", "<=", ">", ">="]


class Bounds(Closed):
    """Numbers or dates, both ends included; one of the two may be left out."""

    min: int | float | date | datetime | None = None
    max: int | float | date | datetime | None = None


class Length(Closed):
    """Characters, both ends included."""

    min: Annotated[int, Field(ge=0)] | None = None
    max: Annotated[int, Field(ge=0)] | None = None


class Compare(Closed):
    """`field op other`; dates as dates, numbers as numbers, `==` and `!=` texts as well."""

    op: Operator
    other: str


class Condition(Closed):
    """What the cell must hold: exactly one of these."""

    required: Literal[True] | None = None
    matches: str | None = None
    contains: str | None = None
    lacks: str | None = None
    length: Length | None = None
    one_of: Annotated[list[str], Field(min_length=1)] | None = None
    range: Bounds | None = None
    compare: Compare | None = None

    @model_validator(mode="after")
    def _one(self) -> "Condition":
        if len(self.model_fields_set) != 1:
            names = ", ".join(type(self).model_fields)
            raise WrongError(Text(f"条件要有且只有一个：{names}", f"exactly one condition: {names}"))
        return self

    @property
    def kind(self) -> str:
        return next(iter(self.model_fields_set))

    @property
    def pattern(self) -> str | None:
        """The regular expression, where there is one."""
        return next((p for p in (self.matches, self.contains, self.lacks) if p is not None), None)


class Rule(Closed):
    """field: a field of `record`, or the header of an unmapped column. only_for: pattern of source or file names."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*\.[a-z0-9_]+$")]
    field: Annotated[str, Field(min_length=1)]
    condition: Condition
    only_for: Annotated[str, Field(min_length=1)] | None = None
    severity: Literal["error", "warning", "info"]
    message: Words
    suggestion: Words | None = None
    since: Annotated[str, Field(pattern=r"^\d+\.\d+(\.\d+)?$")]
    rollout: Annotated[float, Field(ge=0.0, le=1.0)] = 1.0

    @property
    def on_trial(self) -> bool:
        """A rule that does not speak for every row yet: it reports and blocks nothing."""
        return self.rollout < 1.0

    def words(self, language: Language) -> tuple[str, str | None]:
        """Message and suggestion."""
        wish = None if self.suggestion is None else self.suggestion.text()
        message = self.message.text()
        return (message.en, wish and wish.en) if language == "en" else (message.zh, wish and wish.zh)


class Pack(Sections):
    """The file: its name, its rules for cells, and what it asks of whole tables (sections.py)."""

    name: Annotated[str, Field(min_length=1)]
    rule: list[Rule] = []  # noqa: RUF012  (pydantic copies it)


def parse_pack(text: str, place: str) -> Pack:
    """A pack from TOML. Raises UsageError naming the file, the rule and the key."""
    try:
        content = tomllib.loads(text)
        return Pack.model_validate(content)
    except tomllib.TOMLDecodeError as fault:
        what = Text("规则包 {p} 不是合法的 TOML：{f}。", "The rule pack {p} is not valid TOML: {f}.")
        raise UsageError(what.format(p=place, f=fault), reason="pack.syntax") from None
    except ValidationError as fault:
        # An unknown key is often the reason of a missing one.
        first = min(fault.errors(), key=lambda error: error["type"] != "extra_forbidden")
        what = Text("规则包 {p} 的 {k} 不对：{m}。", "The rule pack {p} is wrong at {k}: {m}.")
        advice = Text("可用的键见 docs/zh/check.md。", "The keys are listed in docs/en/check.md.")
        why, key = in_words(first), _place(content, first["loc"])
        told = Text(what.zh.format(p=place, k=key, m=why.zh), what.en.format(p=place, k=key, m=why.en))
        raise UsageError(told, advice, reason="pack.key") from None


def _place(content: dict[str, Any], location: tuple[int | str, ...]) -> str:
    """Where a fault is, a rule by its id where it has one: `limit.email: condition.length`."""
    if len(location) > 1 and isinstance(location[1], int):
        section = str(location[0])
        name = str(content[section][location[1]].get("id", f"{section} {location[1] + 1}"))
        return f"{name}: {'.'.join(str(part) for part in location[2:])}"
    return ".".join(str(part) for part in location) or "rule"


@cache
def shipped_packs() -> dict[str, Pack]:
    """Name of the file → pack, for every pack in rules/packs."""
    return _packs_in("guiyi.rules.packs")


@cache
def governance_packs() -> dict[str, Pack]:
    """The same of rules/governance, without the ending: what `packs` of the configuration names."""
    return {name.removesuffix(".toml"): pack for name, pack in _packs_in("guiyi.rules.governance").items()}


def _packs_in(package: str) -> dict[str, Pack]:
    folder = files(package)
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return {name: parse_pack((folder / name).read_text("utf-8"), name) for name in names}


def regex_fault(pattern: str) -> str | None:
    """Why polars does not take a regular expression; None where it does. No cell is involved."""
    try:
        pl.select(pl.lit("").str.contains(pattern))
    except pl.exceptions.ComputeError as fault:
        lines = [line.strip() for line in str(fault).splitlines() if line.strip().startswith("error:")]
        return lines[0].removeprefix("error:").strip() if lines else "not a regular expression"
    return None
