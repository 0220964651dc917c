"""Alarms of a run: which rules apply, who has not heard of it lately, one message per channel. Never fails a run."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import polars as pl

from ...config import Config
from ...errors import GuiyiError, UsageError
from ...i18n import Text, language
from ...io.notify.channels import ChannelError, send
from ...io.notify.state import open_alarm_state
from ...io.store.store import open_store
from ...log import warn
from ...reports.alarms import Event, Message, alarms, digest
from ...schemas import METRIC
from .alarm_events import events_of, fault_events

Warn = Callable[[Text], None]


class Told(NamedTuple):
    """What became of an alarm at a channel. outcome: sent, repeated (told lately), failed."""

    alarm: str
    text: Text
    channel: str
    outcome: str


@contextmanager
def alarmed(store: Path, config: Config, warn: Warn = warn) -> Iterator[None]:
    """Around a run: alarms on what it published, or on why it did not. Nothing where the configuration has no alarm."""
    try:
        yield
    except Exception as fault:
        events = fault_events(fault)
        if config.alarm:
            _never_fail(lambda: tell(store, config, METRIC.empty(), events, "-", warn), warn)
        raise
    if config.alarm:
        _never_fail(lambda: last_run_alarms(store, config, warn), warn)


def last_run_alarms(store: Path, config: Config, warn: Warn = warn) -> list[Told]:
    """Alarms on the last published run. Raises StoreError where the store cannot be read."""
    with open_store(store) as opened:
        run = opened.last_run() or {}
        metrics, events = opened.table("metric"), events_of(opened, _now())
    names = set(metrics["name"])
    for rule in config.alarm:
        if run and rule.when.metric is not None and rule.when.metric not in names:
            text = Text("没有叫 {m} 的指标，这条告警不会触发", "there is no metric {m}: this alarm never speaks")
            warn(text.format(m=rule.when.metric))
    return tell(store, config, metrics, events, str(run.get("run_id", "-")), warn)


def tell(
    store: Path, config: Config, metrics: pl.DataFrame, events: Sequence[Event], run_id: str, warn: Warn
) -> list[Told]:
    """Send what the rules say to whoever has not heard it lately, one message per channel."""
    told: list[Told] = []
    messages = alarms(metrics, events, config.alarm)
    for channel in dict.fromkeys(name for message in messages for name in message.to):
        own = [message for message in messages if channel in message.to]
        told += _tell_channel(store, config, channel, own, run_id, warn)
    return told


def try_channel(name: str, config: Config, environment: Mapping[str, str] = os.environ) -> None:
    """Send a test message. Raises UsageError where there is no such channel, ChannelError where it is not taken."""
    channel = config.channel.get(name)
    if channel is None:
        names = ", ".join(config.channel) or "-"
        what = Text("配置里没有通道 {c}（有：{n}）。", "There is no channel {c} in the configuration (there are: {n}).")
        raise UsageError(what.format(c=name, n=names), reason="alarm.channel")
    title = Text("归一告警测试", "guiyi: test of alarms")
    text = Text("归一告警测试：收到这条消息说明通道可用。", "guiyi: this channel works.")
    send(channel, str(title), str(text), environment)


def _tell_channel(
    store: Path, config: Config, name: str, messages: Sequence[Message], run_id: str, warn: Warn
) -> list[Told]:
    due = [message for message in messages if _claimed(store, message, name, warn)]
    outcome = "sent"
    if due:
        title, text = digest(due, run_id, config.language or language())
        try:
            send(config.channel[name], title, text, os.environ)
        except ChannelError as fault:
            outcome = "failed"
            why = fault.what
            warn(Text(f"告警没有送到 {name}：{why.zh}", f"no alarm reached {name}: {why.en}"))
            _released(store, due, name)
    return [Told(m.name, m.text, name, outcome if m in due else "repeated") for m in messages]


def _claimed(store: Path, message: Message, channel: str, warn: Warn) -> bool:
    """Whether it is ours to tell; yes where the memory cannot be used, for twice is better than never."""
    try:
        with open_alarm_state(store) as state:
            return state.claim(message.key, channel, message.repeat_hours, _now())
    except GuiyiError as fault:
        warn(fault.what)
        return True


def _released(store: Path, messages: Sequence[Message], channel: str) -> None:
    try:
        with open_alarm_state(store) as state:
            for message in messages:
                state.release(message.key, channel)
    except GuiyiError:
        return  # it was said when it was claimed


def _never_fail(act: Callable[[], object], warn: Warn) -> None:
    try:
        act()
    except Exception as fault:
        kind = fault.reason if isinstance(fault, GuiyiError) else type(fault).__name__
        warn(Text("告警没有评估（{k}）", "alarms were not looked at ({k})").format(k=kind))


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
