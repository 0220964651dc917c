"""A steward's decision: its kinds and their names, how it is written and read, which are in force, what they make of a group.

A decision speaks of records at one level and is never changed: it is taken back by a `retract`. Of two that speak of the same pair
of records the later one counts. Every surface asks here, so that a group has one status.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product
from typing import Any, NamedTuple

import polars as pl

from .i18n import Text

LEVELS = ("contact", "account")


class Kind(NamedTuple):
    """name: what it is called on every surface. least: how many records it must speak of."""

    name: Text
    least: int = 2


KINDS = {
    "must_link": Kind(Text("认定为同一个", "the same")),
    "cannot_link": Kind(Text("认定为不同", "different")),
    "split": Kind(Text("拆分", "split")),
    "choose_value": Kind(Text("选定字段值", "value chosen"), 1),
    "choose_survivor": Kind(Text("选定保留记录", "survivor chosen"), 1),
    "set_aside": Kind(Text("搁置", "set aside"), 1),
    "retract": Kind(Text("撤回决定", "decision taken back"), 0),
}
# What decisions make of a group; `open`: nobody has settled it.
STATUS = {
    "open": Text("待定", "open"), "approved": Text("已同意", "approved"), "rejected": Text("已驳回", "rejected"),
    "split": Text("已拆分", "split"), "set_aside": Text("已搁置", "set aside"),
}  # fmt: skip
_AGAINST = {"cannot_link": "rejected", "split": "split", "set_aside": "set_aside"}
_CHOICES = ("choose_value", "choose_survivor")


@dataclass(frozen=True)
class Decision:
    """parts: the records it speaks of; one part, but for a `split`, which has several.

    detail: `field, value, record_key` of a `choose_value`, `record_key` of a `choose_survivor`, `decision_id` of a `retract`,
    `batch` of those that were made together. by, at, decision_id, sequence: given by the journal where they are null.
    """

    level: str
    kind: str
    parts: Sequence[Sequence[str]]
    note: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    by: str | None = None
    at: datetime | None = None
    decision_id: str | None = None
    sequence: int | None = None

    @property
    def keys(self) -> frozenset[str]:
        """Every record it speaks of."""
        return frozenset(key for part in self.parts for key in part)

    @property
    def record_keys(self) -> str:
        """The column `record_keys` (JSON): a sorted list of keys, of a split a list of lists."""
        return json.dumps(sorted(sorted(part) for part in self.parts) if self.kind == "split" else sorted(self.keys))

    @property
    def takes_back(self) -> str | None:
        """The id of the decision that a `retract` takes back."""
        named = self.detail.get("decision_id") if self.kind == "retract" else None
        return None if named is None else str(named)

    @property
    def batch(self) -> str | None:
        """What was decided together has one, and is taken back together."""
        return str(self.detail["batch"]) if self.detail.get("batch") else None

    @property
    def content(self) -> tuple[str, str, str]:
        """What it says, whoever says it and whenever."""
        return self.kind, self.record_keys, json.dumps(dict(self.detail), ensure_ascii=False, sort_keys=True)

    def check(self) -> None:
        """Raise ValueError for a kind, level or shape that does not exist."""
        if self.kind not in KINDS or self.level not in LEVELS:
            raise ValueError(f"no decision {self.kind} at level {self.level}")
        keys = [key for part in self.parts for key in part]
        if len(keys) != len(set(keys)) or not all(isinstance(key, str) for key in keys):
            raise ValueError("a record stands in two parts")
        if len(keys) < KINDS[self.kind].least or (self.kind == "split" and len(self.parts) < 2):
            raise ValueError(f"{self.kind} speaks of too few records")


def decision_of(row: Mapping[str, Any]) -> Decision:
    """A row of table `decision`, or one written by hand. Raises ValueError for `record_keys` or `detail` of another shape."""
    detail = json.loads(row["detail"] or "{}")
    parts = parts_of(row["kind"], row["record_keys"])
    if not isinstance(detail, dict):
        raise ValueError("detail")
    return Decision(
        row["level"], row["kind"], parts, row["note"], detail, row["by"], row["at"], row["decision_id"], row["sequence"]
    )


def parts_of(kind: str, record_keys: str | None) -> tuple[tuple[str, ...], ...]:
    """The column `record_keys` as parts: one, but for a split. Raises ValueError for another shape."""
    keys = json.loads(record_keys or "")
    parts = keys if kind == "split" else [keys]
    if not isinstance(parts, list) or not all(isinstance(part, list) for part in parts):
        raise ValueError("record_keys")
    if not all(isinstance(key, str) for part in parts for key in part):
        raise ValueError("record_keys")
    return tuple(tuple(part) for part in parts)


def keys_of(record_keys: str) -> list[str]:
    """The records of the column `record_keys`, whether it has parts or not."""
    return [key for part in json.loads(record_keys) for key in (part if isinstance(part, list) else [part])]


def records_of(decisions: pl.DataFrame) -> set[str]:
    """The record keys that any row of table `decision` names."""
    return {key for keys in decisions["record_keys"].to_list() for key in keys_of(keys)}


def active_decisions(decisions: pl.DataFrame) -> pl.DataFrame:
    """Table `decision` → those that nobody has taken back, in the order in which they were made; no `retract`."""
    is_retract = pl.col("kind") == "retract"
    taken = decisions.lazy().filter(is_retract).select(pl.col("detail").str.json_path_match("$.decision_id"))
    active = decisions.lazy().filter(~is_retract).join(taken, left_on="decision_id", right_on="detail", how="anti")
    return active.sort("sequence", "decision_id").collect()


def pending_decisions(decisions: pl.DataFrame, heard: pl.DataFrame) -> pl.DataFrame:
    """Of all decisions, what a run that heard `heard` (table `decision`) did not know: those in force that it did not hear, and
    those it heard that were taken back since (as kind `retract`)."""
    now, then = active_decisions(decisions), active_decisions(heard)
    return pl.concat([now.join(then, on="decision_id", how="anti"),
                      then.join(now, on="decision_id", how="anti").with_columns(kind=pl.lit("retract"))])  # fmt: skip


class Status(NamedTuple):
    """name: a key of STATUS. decision: the one that settles the group; None where it is open."""

    name: str
    decision: Decision | None


OPEN = Status("open", None)


def status_of(keys: Collection[str], active: Sequence[Decision]) -> Status:
    """What decisions make of a group of records. active: those in force on them at its level, in order.

    Settled is a group in which one of them, not overruled by a later `must_link`, parts two records or sets one aside, or whose
    records `must_link`s connect whole. A word on a part of the group, on a stranger, or on a value leaves it open.
    """
    group, linked = set(keys), [d for d in active if d.kind == "must_link"]
    for decision in reversed(active):
        if decision.kind in _AGAINST and _parts_group(decision, group, linked):
            return Status(_AGAINST[decision.kind], decision)
    own = [d for d in linked if len(group & d.keys) > 1]
    if own and _connect(group, own):
        return Status("approved", next((d for d in reversed(own) if d.keys >= group), own[-1]))
    return OPEN


def _parts_group(decision: Decision, group: set[str], linked: Sequence[Decision]) -> bool:
    """Whether what it parts within the group is still parted after the later `must_link`s."""
    parts = [group.intersection(part) for part in decision.parts]
    later = [group & d.keys for d in linked if _place(d) > _place(decision)]
    if decision.kind == "set_aside":
        return not parts[0] <= set().union(*later)
    sides = [{key} for key in parts[0]] if decision.kind == "cannot_link" else [part for part in parts if part]
    if len(sides) < 2 or any(set().union(*sides) <= link for link in later):
        return False
    if not later:
        return True
    return any(
        not any(a in link and b in link for link in later)
        for n, one in enumerate(sides) for other in sides[n + 1 :] for a, b in product(one, other)
    )  # fmt: skip


def _connect(group: set[str], linked: Sequence[Decision]) -> bool:
    """Whether `must_link`s lead from every record of the group to every other, within it."""
    islands: list[set[str]] = []
    for decision in linked:
        island = group & decision.keys
        apart = [other for other in islands if other.isdisjoint(island)]
        islands = [*apart, island.union(*(other for other in islands if not other.isdisjoint(island)))]
    return group in islands


def _place(decision: Decision) -> tuple[int, str]:
    return decision.sequence or 0, decision.decision_id or ""


class DecisionLog:
    """Decisions in memory, to be asked by record. `decisions`: all, in order; `retracted`: id → what took it back.

    contradicted: ids of those that the last run kept against new evidence. They settle nothing: a human looks again.
    """

    def __init__(self, decisions: Iterable[Decision] = (), contradicted: Collection[str] = ()) -> None:
        self.contradicted = frozenset(contradicted)
        self.decisions: list[Decision] = []
        self.retracted: dict[str, Decision] = {}
        self._by_id: dict[str, Decision] = {}
        self._on: dict[tuple[str, str], list[Decision]] = defaultdict(list)
        for decision in decisions:
            self.add(decision)

    @classmethod
    def of(cls, decisions: pl.DataFrame, status: pl.DataFrame | None = None) -> "DecisionLog":
        """The log of table `decision`. status: table `decision_status` of the last run."""
        against = () if status is None else status.filter(pl.col("status") == "contradicted")["decision_id"].to_list()
        rows = decisions.sort("sequence", "decision_id").iter_rows(named=True)
        return cls((decision_of(row) for row in rows), against)

    def add(self, decision: Decision) -> None:
        """The next decision."""
        self.decisions.append(decision)
        self._by_id[str(decision.decision_id)] = decision
        if decision.takes_back:
            self.retracted[decision.takes_back] = decision
            return
        for key in decision.keys:
            self._on[decision.level, key].append(decision)

    def known(self, decision_id: str | None) -> Decision | None:
        """A decision by its id."""
        return self._by_id.get(decision_id or "")

    def meant(self, decision: Decision) -> frozenset[str]:
        """The records it speaks of; of a `retract`, those of what it takes back too."""
        back = self.known(decision.takes_back)
        return decision.keys | back.keys if back else decision.keys

    def is_active(self, decision: Decision) -> bool:
        return decision.kind != "retract" and decision.decision_id not in self.retracted

    def active(self, level: str, keys: Iterable[str]) -> list[Decision]:
        """The decisions in force on any of these records, in order."""
        found = {_place(d): d for key in keys for d in self._on.get((level, key), ()) if self.is_active(d)}
        return [decision for _, decision in sorted(found.items())]

    def status(self, level: str, keys: Collection[str]) -> Status:
        """What the decisions in force make of a group of these records."""
        return status_of(keys, [d for d in self.active(level, keys) if d.decision_id not in self.contradicted])

    def are_open(self, groups: pl.DataFrame) -> pl.Series:
        """Whether nobody has settled each group (`level, keys`: its records), a Boolean per row."""
        rows = groups.select("level", "keys").iter_rows()
        return pl.Series("open", [self.status(level, keys).decision is None for level, keys in rows], pl.Boolean)

    def together(self, decision: Decision) -> list[Decision]:
        """The decision, or the whole batch that it belongs to, as far as it is in force."""
        whole = [d for d in self.decisions if d.batch == decision.batch] if decision.batch else [decision]
        return [d for d in whole if self.is_active(d)]

    def last_of(self, who: str, since: datetime) -> list[Decision]:
        """What somebody decided last and has not taken back, one decision or a batch; nothing where that is older than `since`."""
        for decision in reversed(self.decisions):
            if decision.by == who and self.is_active(decision):
                return self.together(decision) if decision.at is not None and decision.at > since else []
        return []


def changes_group(decision_kind: str, keys: frozenset[str], group: set[str]) -> bool:
    """Whether a decision that the last run did not know can change a group of records that it does not settle: its members, a
    value, or the record that stays. keys: the records that it speaks of."""
    return decision_kind in (*_CHOICES, "retract") or (decision_kind == "must_link" and not keys <= group)
