"""What is in order with an installation and its store, and what is not: each in a sentence that says what to do."""

import os
import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from ...config import Config, find_config, load_config
from ...errors import GuiyiError
from ...i18n import Text
from ...io.store.store import Store, hold_still, open_store
from ...schemas import SCHEMA_VERSION
from ..clean.packs import load_rules
from ..resolve.previous_run import load_previous_run

OVERDUE = 48.0  # hours without a published run, where no `overdue` alarm says another limit
_SPARE = (
    1_000_000_000  # bytes that a run wants free at least; it may write the store once more, and `prune --compact` does
)


class Verdict(NamedTuple):
    """One thing that was looked at. check: config, variables, store, schema, age, decisions, disk."""

    check: str
    fine: bool
    text: Text


def judge(db: Path | None, config_file: Path | None, environment: Mapping[str, str] = os.environ) -> list[Verdict]:
    """Look at the configuration and, where one is named, at a store; nothing is written, no store is brought forward."""
    try:
        config, found = load_config(config_file), find_config(config_file)
        load_rules(config, found.parent if found is not None else Path())
        verdicts = [Verdict("config", True, Text("配置没有问题。", "The configuration is in order."))]
    except GuiyiError as fault:
        config, verdicts = Config(), [_of_fault("config", fault)]
    verdicts += _variables(config, environment)
    if db is not None:
        verdicts += _store(db, config)
    return [*verdicts, _disk(db)]


def _of_fault(check: str, fault: GuiyiError) -> Verdict:
    advice = fault.advice or Text("", "")
    return Verdict(check, False, Text(fault.what.zh + advice.zh, f"{fault.what.en} {advice.en}".strip()))


def _variables(config: Config, environment: Mapping[str, str]) -> Iterator[Verdict]:
    """The environment variables that channels of alarms and protected sources name."""
    named = [(name, [c.url_env, c.secret_env, c.user_env, c.password_env]) for name, c in config.channel.items()]
    named += [(pattern, [source.password_env]) for pattern, source in config.sources.items()]
    wanted = [(name, variable) for name, variables in named for variable in variables if variable]
    missing = [(name, variable) for name, variable in wanted if not environment.get(variable)]
    for name, variable in missing:
        what = Text(
            "{n} 要用的环境变量 {v} 没有设置：请在运行 guiyi 的环境（systemd、crontab）里设置。",
            "{n} needs the environment variable {v}, which is not set: set it where guiyi runs (systemd, crontab).",
        )
        yield Verdict("variables", False, what.format(n=name, v=variable))
    if wanted and not missing:
        yield Verdict(
            "variables",
            True,
            Text("配置用到的环境变量都已设置。", "Every environment variable of the configuration is set."),
        )


def _store(db: Path, config: Config) -> Iterator[Verdict]:
    if not db.exists():
        what = Text(
            "找不到数据库 {p}：请检查 --db，或先执行 guiyi run。",
            "There is no store {p}: check --db, or start with guiyi run.",
        )
        yield Verdict("store", False, what.format(p=db))
        return
    try:
        with hold_still(db) as version:
            yield _schema(version, db)
        if version == SCHEMA_VERSION:
            with open_store(db) as store:
                yield from _last_run(store, config)
    except GuiyiError as fault:
        yield _of_fault("store", fault)


def _schema(version: int | None, db: Path) -> Verdict:
    if version is None or version > SCHEMA_VERSION:
        what = Text(
            "{p} 不是这个版本能读的数据库（结构版本 {v}，本程序 {own}）：请检查 --db，或升级 guiyi。",
            "{p} is no store that this version reads (schema {v}, ours is {own}): check --db, or upgrade guiyi.",
        )
        return Verdict("schema", False, what.format(p=db, v=version or "-", own=SCHEMA_VERSION))
    what = Text("数据库结构为最新版本 {v}。", "The store has the current schema, {v}.")
    if version < SCHEMA_VERSION:
        what = Text(
            "数据库结构版本为 {v}，下次 guiyi run 会自动升级。",
            "The store has schema {v}: the next guiyi run brings it forward.",
        )
    return Verdict("schema", True, what.format(v=version))


def _last_run(store: Store, config: Config) -> Iterator[Verdict]:
    """How old the last run is, and whether decisions wait for longer than a run should let them."""
    limit = min((a.when.hours for a in config.alarm if a.when.event == "overdue"), default=OVERDUE)
    run = store.last_run()
    if run is None:
        yield Verdict(
            "age",
            False,
            Text("库里还没有运行结果：请执行 guiyi run。", "The store holds no run yet: start with guiyi run."),
        )
        return
    finished = run["finished_at"]
    assert isinstance(finished, datetime)
    age = _hours(finished)
    told = Text("最近一次运行 {r} 完成于 {h:.0f} 小时前。", "The last run, {r}, was finished {h:.0f} hours ago.")
    told = told.format(r=run["run_id"], h=age)
    late = Text(
        "超过 {l:g} 小时没有新的运行：请检查定时任务和它的日志。",
        "None for more than {l:g} hours: look at the scheduler and its log.",
    ).format(l=limit)
    yield Verdict("age", age <= limit, told if age <= limit else Text(told.zh + late.zh, f"{told.en} {late.en}"))
    waiting = load_previous_run(store).new_decisions
    if waiting.is_empty():
        yield Verdict("decisions", True, Text("没有等待生效的决定。", "No decision waits to be heard."))
        return
    oldest = waiting["at"].min()
    assert isinstance(oldest, datetime)
    what = Text(
        "有 {n:,} 个决定等待生效，最早的已等 {h:.0f} 小时：guiyi run 会让它们生效。",
        "{n:,} decisions wait to be heard, the first for {h:.0f} hours: guiyi run hears them.",
    )
    yield Verdict("decisions", _hours(oldest) <= limit, what.format(n=waiting.height, h=_hours(oldest)))


def _disk(db: Path | None) -> Verdict:
    folder = (db.parent if db is not None else Path()).absolute()
    folder = next(place for place in (folder, *folder.parents) if place.is_dir())
    free = shutil.disk_usage(folder).free
    wanted = max(_SPARE, 2 * db.stat().st_size if db is not None and db.is_file() else 0)
    told = Text("磁盘剩余 {f:.1f} GB。", "{f:.1f} GB of the disk are free.").format(f=free / 1e9)
    few = Text(
        "至少应有 {w:.1f} GB：请清理空间，或用 guiyi prune --compact 缩小数据库。",
        "{w:.1f} GB are wanted: free some space, or shrink the store with guiyi prune --compact.",
    ).format(w=wanted / 1e9)
    return Verdict("disk", free >= wanted, told if free >= wanted else Text(told.zh + few.zh, f"{told.en} {few.en}"))


def _hours(since: datetime) -> float:
    return max((datetime.now(UTC).replace(tzinfo=None) - since).total_seconds() / 3600, 0.0)
