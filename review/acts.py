"""A steward's act on a page as decisions; and decisions as words."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from ..decisions import KINDS, Decision
from ..errors import UsageError
from ..fields import text_of
from ..i18n import Text
from ..schemas import is_golden


def decisions_of_act(
    act: str, level: str, members: Sequence[Mapping[str, Any]], form: Mapping[str, Sequence[str]], who: str
) -> list[Decision]:
    """The decisions of an act. Raises UsageError for an act, a record or a field that the group does not have.

    act: `approve`, `reject`, `split` (the records of `record` against the rest), `exclude` (each of them alone),
    `value:FIELD:RECORD`, `survivor:RECORD`.
    """
    keys = [str(m["record_key"]) for m in members]
    note = (form.get("note") or [""])[0].strip()[:500] or None
    picked = [k for k in keys if k in set(form.get("record") or ())]
    if act == "approve":
        return [Decision(level, "must_link", [keys], note, by=who)]
    if act == "reject":
        return [Decision(level, "cannot_link", [keys], note, by=who)]
    if act in ("split", "exclude"):
        return [_split(act, level, keys, picked, note, who)]
    verb, _, choice = act.partition(":")
    name, _, key = choice.rpartition(":")
    member = next((m for m in members if m["record_key"] == key), None)
    if verb == "survivor" and member:
        return [Decision(level, "choose_survivor", [keys], note, {"record_key": key}, who)]
    if verb == "value" and member and is_golden(name) and member.get(name) is not None:
        detail = {"field": name, "value": text_of(member[name]), "record_key": key}
        return [Decision(level, "choose_value", [keys], note, detail, who)]
    raise UsageError(Text("这个操作不存在。", "There is no such act."))


def _split(act: str, level: str, keys: list[str], picked: list[str], note: str | None, who: str) -> Decision:
    rest = [k for k in keys if k not in picked]
    if not picked or (not rest and (act == "split" or len(picked) < 2)):
        raise UsageError(
            Text(
                "请先选出要分出去的记录（1–9），并至少留下一条。",
                "Choose the records to part first (1-9), and leave one.",
            )
        )
    parts = [[k] for k in picked] if act == "exclude" else [picked]
    return Decision(level, "split", [*parts, rest] if rest else parts, note, by=who)


def approvals(level_and_keys: Sequence[tuple[str, list[str]]], who: str) -> list[Decision]:
    """One must_link per group, of one batch, so that they are taken back together."""
    batch = "b" + secrets.token_hex(6)
    return [Decision(level, "must_link", [keys], None, {"batch": batch}, who) for level, keys in level_and_keys]


def retractions(decisions: Sequence[Decision], who: str) -> list[Decision]:
    """Taking decisions back; the records are named so that a conflict is seen."""
    return [
        Decision(d.level, "retract", [sorted(d.keys)], None, {"decision_id": d.decision_id}, who)
        for d in decisions
        if d.keys
    ]


def in_words(decision: Decision) -> str:
    """「拆分（2 | 3）」, 「选定字段值 手机号」."""
    from ..reports.terminal import heading

    word = str(KINDS[decision.kind].name)
    if decision.kind == "split":
        return f"{word} {' | '.join(str(len(p)) for p in decision.parts)}"
    if decision.kind == "choose_value":
        return f"{word} {heading(str(decision.detail.get('field')))}"
    return word
