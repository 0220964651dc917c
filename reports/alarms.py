"""Which alarms a run raises, and what they say. Pure; figures, rules and counts only, never a customer's data."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import polars as pl

from ..config import Alarm, When
from ..i18n import Language, Text


class Event(NamedTuple):
    """Something that happened. kind: as in `When.event`; size: how many (of `quarantine`: times the usual share).

    hours: ages that `unreviewed` and `overdue` are measured by; detail: words for the message, without personal data.
    """

    kind: str
    size: float = 0.0
    hours: tuple[float, ...] = ()
    detail: Text = Text("", "")


class Message(NamedTuple):
    """One alarm that is raised. key: the same for the same rule, night after night."""

    key: str
    name: str
    text: Text
    to: tuple[str, ...]
    repeat_hours: float


_COMPARED: Mapping[str, Callable[[float, float, float], bool]] = {
    ">": lambda value, limit, _: value > limit,
    ">=": lambda value, limit, _: value >= limit,
    "<": lambda value, limit, _: value < limit,
    "<=": lambda value, limit, _: value <= limit,
    "rises": lambda value, limit, base: value > base * (1 + limit),
    "falls": lambda value, limit, base: value < base * (1 - limit),
}
_EVENTS = {
    "breaker": Text("规则报警突增，本次没有发布", "a rule spoke of far more rows than usual; nothing was published"),
    "gate": Text("闸门未通过", "the quality gate was not passed"),
    "drift": Text("来源的列或质量数字有变化（{c} 处）", "columns or figures have shifted ({c})"),
    "quarantine": Text("隔离行占比是平时的 {c:.1f} 倍", "the share of quarantined rows is {c:.1f} times the usual"),
    "unreviewed": Text(
        "有 {n} 组待复核超过 {h:g} 小时", "{n} groups have been waiting for review for more than {h:g} hours"
    ),
    "failed": Text("运行失败，上一次发布的结果完好", "the run failed; the last published run is intact"),
    "overdue": Text("超过 {h:g} 小时没有新的运行结果", "no run was published for more than {h:g} hours"),
}


def alarms(metrics: pl.DataFrame, events: Sequence[Event], rules: Sequence[Alarm]) -> list[Message]:
    """Table `metric`, what happened, and the rules → the alarms, in the order of the rules.

    A figure that is missing or null raises nothing, nor does `rises` or `falls` without a baseline.
    """
    figures = {(row["name"], row["scope"]): row for row in metrics.iter_rows(named=True)}
    raised = []
    for rule in rules:
        text = _metric(rule.when, figures) if rule.when.metric is not None else _event(rule.when, events)
        if text is not None:
            raised.append(Message(_key(rule), rule.name, text, tuple(dict.fromkeys(rule.to)), rule.repeat_hours))
    return raised


def digest(messages: Sequence[Message], about: str, language: Language) -> tuple[str, str]:
    """Title and text of what one channel gets of a run."""
    title = Text("归一告警：{n} 条（{a}）", "guiyi: {n} alarms ({a})").format(n=len(messages), a=about)
    lines = [title.en if language == "en" else title.zh]
    for number, message in enumerate(messages, start=1):
        text = message.text.en if language == "en" else message.text.zh
        lines.append(f"{number}. {message.name}{(': ' if language == 'en' else '：') if message.name else ''}{text}")
    return lines[0], "\n".join(lines)


def _metric(when: When, figures: Mapping[tuple[str, str], Mapping[str, object]]) -> Text | None:
    row = figures.get((str(when.metric), when.scope))
    value, base = (row["value"], row["baseline"]) if row is not None else (None, None)
    relative = when.comparison in ("rises", "falls")
    if not isinstance(value, float) or when.value is None or (relative and not isinstance(base, float)):
        return None
    known = base if isinstance(base, float) else 0.0
    if not _COMPARED[when.comparison](value, when.value, known):
        return None
    told = f"{when.metric} / {when.scope} = {value:.6g}"
    if relative:
        words = {"rises": Text("上升", "up"), "falls": Text("下降", "down")}[when.comparison]
        share = f"{when.value:.0%}"
        return Text(
            f"{told}，比基线 {known:.6g} {words.zh}超过 {share}",
            f"{told}, {words.en} by more than {share} from {known:.6g}",
        )
    return Text(f"{told}，{when.comparison} {when.value:g}", f"{told}, {when.comparison} {when.value:g}")


def _event(when: When, events: Sequence[Event]) -> Text | None:
    for event in events:
        old = [age for age in event.hours if age > when.hours]
        happened = {
            "quarantine": event.size > when.factor, "drift": event.size > 0, "unreviewed": bool(old), "overdue": bool(old),
        }.get(event.kind, True)  # fmt: skip
        if event.kind == when.event and happened:
            text = _EVENTS[event.kind]
            words = {"n": len(old), "h": when.hours, "c": int(event.size) if event.kind == "drift" else event.size}
            said = text.format(**words)
            return Text(said.zh + event.detail.zh, said.en + event.detail.en)
    return None


def _key(rule: Alarm) -> str:
    return hashlib.blake2b(f"{rule.name}/{rule.when.model_dump_json()}".encode(), digest_size=8).hexdigest()


_OUTCOMES = {
    "sent": Text("已发送", "sent"),
    "repeated": Text("近期已发过", "told lately"),
    "failed": Text("未送达", "not taken"),
}


def told_lines(told: Sequence[tuple[str, Text, str, str]], form: str) -> str:
    """What became of each alarm (`alarm, text, channel, outcome`), a line each, or as json."""
    if form == "json":
        names = ("alarm", "text", "channel", "outcome")
        rows = [dict(zip(names, (name, str(text), channel, done), strict=True)) for name, text, channel, done in told]
        return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"
    if not told:
        return f"{Text('没有告警。', 'No alarm.')}\n"
    return "".join(f"{channel}\t{_OUTCOMES[done]}\t{name}\t{text}\n" for name, text, channel, done in told)
