"""What stewards say from the command line or a file, in terms of groups and records, into the journal."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from ...custom_columns import EXTRA, cells_of, is_custom
from ...decisions import Decision
from ...errors import UsageError
from ...fields import GOLDEN_FIELDS, text_of
from ...i18n import Text
from ...io.store.applied import merges_left
from ...io.store.journal import decisions_of, open_journal, published_decisions
from ...io.store.store import Store, open_store
from ...io.write.export import encode, write_file
from ..merge.apply import known_decisions
from .browse import find_group, key_of
from .decision_file import read_decisions

_KEYS = "SELECT record_key FROM main.entity_member WHERE level = ? AND entity_id = ? ORDER BY record_key"


def approve(path: Path, groups: Sequence[str], note: str | None, by: str | None) -> list[str]:
    """The records of each group are one entity. → decision ids. Raises UsageError for a group that is not there."""
    return _say_of_groups(path, groups, "must_link", note, by)


def reject(path: Path, groups: Sequence[str], note: str | None, by: str | None) -> list[str]:
    """The records of each group are different entities."""
    return _say_of_groups(path, groups, "cannot_link", note, by)


def split(path: Path, group: str, out: Sequence[str], note: str | None, by: str | None) -> list[str]:
    """The records `out` (CRM number or record key) do not belong to the rest of the group."""
    with open_store(path) as store:
        row = find_group(store, group)
        members = _members(store, row)
        leaving = {key_of(store, name) for name in out}
    strangers = leaving - set(members)
    if strangers or leaving == set(members) or not leaving:
        raise UsageError(
            Text("--out 要列出该组的一部分记录。", "--out names some of the group's records, not all and no others."),
            Text("用 guiyi show 查看该组。", "guiyi show lists them."),
        )
    parts = [sorted(leaving), [key for key in members if key not in leaving]]
    return _say(path, [Decision(str(row["level"]), "split", parts, note, {}, by)])


def set_aside(path: Path, records: Sequence[str], level: str, note: str | None, by: str | None) -> list[str]:
    """These records join nobody at this level."""
    with open_store(path) as store:
        keys = [key_of(store, name) for name in records]
    return _say(path, [Decision(level, "set_aside", [[key]], note, {}, by) for key in keys])


def choose(path: Path, group: str, field: str, record: str, note: str | None, by: str | None) -> list[str]:
    """The golden value of `field` (`survivor`: the record that stays) is that of this record."""
    with open_store(path) as store:
        row = find_group(store, group)
        key, members = key_of(store, record), _members(store, row)
        field = _named(store, members, field)
        value = None if field == "survivor" else _value(store, key, field)
    if key not in members or (field != "survivor" and value is None):
        raise UsageError(
            Text("该记录不在组里，或没有这个字段的值。", "The record is not in the group, or has no value there.")
        )
    if field == "survivor":
        return _say(path, [Decision(str(row["level"]), "choose_survivor", [members], note, {"record_key": key}, by)])
    detail = {"field": field, "value": value, "record_key": key}
    return _say(path, [Decision(str(row["level"]), "choose_value", [members], note, detail, by)])


def retract(path: Path, decision: str, note: str | None, by: str | None) -> list[str]:
    """Take a decision back. Raises UsageError for one that nobody said."""
    with open_journal(path) as journal:
        said = _begins_with(journal.decisions(), decision)
        if not said.height:  # a journal that was begun anew holds only what was said since
            said = _begins_with(published_decisions(path), decision)
        if said.height != 1:
            raise UsageError(
                Text("没有（或不止一个）编号以 {d} 开头的决定。", "No decision, or several, begin with {d}.").format(
                    d=decision
                )
            )
        level, name = said["level"][0], said["decision_id"][0]
        return journal.append([Decision(level, "retract", [], note, {"decision_id": name}, by)])


def _begins_with(decisions: pl.DataFrame, name: str) -> pl.DataFrame:
    return decisions.filter(pl.col("decision_id").str.starts_with(name), pl.col("kind") != "retract")


class Taken(NamedTuple):
    """Of a file of decisions: how many were new, how many it holds, the lines whose records are not in the store now, and the
    applied merges that it does not change."""

    new: int
    all: int
    absent: tuple[int, ...]
    merged: tuple[str, ...]


def take_file(path: Path, file: Path) -> Taken:
    """A file of decisions (exported, or written by hand) into the journal, whole or not at all. Raises InputError."""
    with open_store(path) as store:
        known = known_decisions(store, path)
        decisions, absent = read_decisions(file, store, set(known["decision_id"]))
        merged = () if store is None else merges_left(store, _spoken(decisions))
    with open_journal(path) as journal:
        return Taken(journal.take(decisions), decisions.height, tuple(absent), tuple(merged))


def merged_already(path: Path, ids: Sequence[str]) -> list[str]:
    """The applied merges (group ids) that these decisions of the journal leave as they are."""
    with open_store(path) as store:
        return merges_left(store, _spoken(decisions_of(path).filter(pl.col("decision_id").is_in(list(ids)))))


def _spoken(decisions: pl.DataFrame) -> Iterable[tuple[str, str, str]]:
    return decisions.select("level", "kind", "record_keys").iter_rows()


def _say_of_groups(path: Path, groups: Sequence[str], kind: str, note: str | None, by: str | None) -> list[str]:
    with open_store(path) as store:
        rows = [find_group(store, group) for group in groups]
        sayings = [
            Decision(str(row["level"]), kind, [_members(store, row)], note, {"group_id": row["group_id"]}, by)
            for row in rows
        ]
    return _say(path, sayings)


def _say(path: Path, sayings: list[Decision]) -> list[str]:
    with open_journal(path) as journal:
        return journal.append(sayings)


def _members(store: Store, group: dict[str, object]) -> list[str]:
    return store.query(_KEYS, [group["level"], group["entity_id"]])["record_key"].to_list()


def _named(store: Store, members: Sequence[str], field: str) -> str:
    """`survivor`, a field, or a custom column of these records: `extra:备注`, or 备注 alone. Raises UsageError."""
    if field in ("survivor", *GOLDEN_FIELDS):
        return field
    extras = store.query(
        "SELECT CAST(extra AS VARCHAR) AS extra FROM main.record WHERE list_contains(?, record_key)", [members]
    )
    own = sorted({name for extra in extras["extra"] for name in cells_of(extra)})
    named = field if is_custom(field) else EXTRA + field
    if named not in own:
        raise UsageError(
            Text("{f} 不是可以选取的字段。", "{f} is no field to choose a value of.").format(f=field),
            Text("可选字段：{n}。", "The fields are {n}.").format(n=", ".join((*GOLDEN_FIELDS, *own))),
        )
    return named


def _value(store: Store, key: str, field: str) -> str | None:
    if is_custom(field):
        extra = store.query("SELECT CAST(extra AS VARCHAR) AS extra FROM main.record WHERE record_key = ?", [key])
        return cells_of(extra["extra"][0]).get(field)
    found = store.query(f'SELECT "{field}" AS value FROM main.record WHERE record_key = ?', [key])
    return text_of(found["value"][0]) if found.height else None


def export_file(path: Path, file: Path) -> int:
    """All decisions, of the store and its journal, as a plain file (.csv, else JSON lines) → how many. Raises StoreError."""
    with open_store(path) as store:
        decisions = known_decisions(store, path).sort("sequence", "decision_id")
    write_file(file, encode(decisions, "csv" if file.suffix.lower() == ".csv" else "json"))
    return decisions.height
