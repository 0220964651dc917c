"""What a pack may hold beside rules for cells: checks, figures, plans and score cards over whole tables, each one SELECT.

$now is the time that the run is as of, $name a parameter of the pack. What the columns of a SELECT have to be called is said below.
"""

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ...config_words import WrongError
from ...i18n import Language, Text
from ...schemas import SIDE_TABLES

# Tables that a pack can read: those beside the customers, the customers themselves, and the values that this night changed.
READABLE = (*(table.name for table in SIDE_TABLES.values()), "record", "entity_member", "field_event")
Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*\.[a-z0-9_]+$")]
Scalar = bool | int | float | str
Sql = Annotated[str, Field(pattern=r"(?is)^\s*(select|with)\b")]


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Words(Closed):
    """The same in both languages."""

    zh: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]

    def text(self) -> Text:
        return Text(self.zh, self.en)


class Parameter(Closed):
    """A number, text or yes-or-no that a configuration may set; min and max of numbers. required: it has to."""

    default: Scalar | None = None
    min: float | None = None
    max: float | None = None
    words: Words

    def refuse(self, value: Scalar | None) -> str | None:
        """Why the value is none of this parameter's; None: it is."""
        if value is None:
            return None
        usual = self.default
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if (
            self.min is not None
            or self.max is not None
            or (isinstance(usual, int | float) and not isinstance(usual, bool))
        ):
            if not number:
                return "number"
            low, high = self.min, self.max
            outside = (low is not None and value < low) or (high is not None and value > high)  # type: ignore[operator]
            return f"{'' if low is None else f'{low:g}'} … {'' if high is None else f'{high:g}'}" if outside else None
        return None if usual is None or isinstance(value, type(usual)) else type(usual).__name__


class Check(Closed):
    """Rows that are not as they should be. sql: `record_key` of table `table`, `value` (what is wrong), and what the message names in
    braces."""

    id: Id
    table: str
    severity: Literal["error", "warning", "info"]
    message: Words
    suggestion: Words | None = None
    sql: Sql

    def words(self, language: Language, row: dict[str, object]) -> tuple[str, str | None]:
        """Message and suggestion about a row."""
        texts = (self.message.text(), None if self.suggestion is None else self.suggestion.text())
        message, advice = (t and (t.en if language == "en" else t.zh) for t in texts)
        return str(message).format_map(_Shown(row)), advice and str(advice).format_map(_Shown(row))


class _Shown(dict[str, object]):
    """A row as a message shows it: numbers without needless digits; what it lacks stays in braces."""

    def __init__(self, row: dict[str, object]) -> None:
        super().__init__({k: f"{v:.4g}" if isinstance(v, float) else "" if v is None else v for k, v in row.items()})

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


class Figure(Closed):
    """A figure by `scope` (none: the whole, `run`). sql: `value`, or `numerator` and `denominator` over the one population that
    `population` names. warn: where it stands out, above or below, in which scope."""

    id: Id
    unit: Literal["share", "count", "days", "hours", "ratio", "amount", "milliseconds", "points"]
    population: Words
    words: Words
    sql: Sql
    above: float | str | None = None
    below: float | str | None = None


class Plan(Closed):
    """What is to be done. sql: `item`, `action`, and `entity_id`, `target`, `reason` where there are some."""

    id: Id
    words: Words
    sql: Sql


class Card(Closed):
    """Points. sql: `item`, `dimension`, `points`, `most`, `reason`."""

    id: Id
    words: Words
    sql: Sql


Section = Check | Figure | Plan | Card


class Sections(Closed):
    """needs: the tables without which nothing of this is asked; reads: further ones that may be empty. view: SELECTs that those of
    the sections read by name."""

    needs: list[str] = []
    reads: list[str] = []
    param: dict[str, Parameter] = {}
    view: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], Sql] = {}
    check: list[Check] = []
    metric: list[Figure] = []
    plan: list[Plan] = []
    score: list[Card] = []

    def sections(self) -> list[Section]:
        """All of them, in the order in which they are asked, each with the views that it reads."""
        own: list[Section] = [*self.check, *self.metric, *self.plan, *self.score]
        return [self._with_views(section) for section in own]

    def _with_views(self, section: Section) -> Section:
        if not any(re.search(rf"\b{name}\b", section.sql) for name in self.view):
            return section
        views = ", ".join(f"{name} AS ({sql})" for name, sql in self.view.items())  # which may read each other
        own = re.sub(r"(?is)^\s*with\b", ",", section.sql, count=1)
        return section.model_copy(update={"sql": f"WITH {views} {own}"})

    @model_validator(mode="after")
    def _tables(self) -> "Sections":
        known = {*self.needs, *self.reads}
        if strange := sorted((known - set(READABLE)) | ({c.table for c in self.check} - known)):
            raise WrongError(
                Text(f"没有表 {'、'.join(strange)}，或未写进 needs", f"no table {', '.join(strange)}, or not in needs")
            )
        if self.sections() and not self.needs:
            raise WrongError(Text("缺少 needs：所查的表", "needs is missing: the tables that are asked"))
        return self
