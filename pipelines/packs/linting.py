"""What is wrong with a pack, found without any row: SQL that does not fit the tables, missing columns, unused parameters."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from ...errors import UsageError
from ...i18n import Text
from ...io.store.locked_sql import locked_sql
from ...rules.pack.sections import READABLE, Card, Check, Figure, Plan
from ...schemas import TABLES
from .loading import LoadedPack

_NEEDED = {Check: {"record_key"}, Plan: {"item", "action"}, Card: {"item", "dimension", "points"}}
_EMPTY = {table.name: table.empty() for table in TABLES if table.name in READABLE}


class Fault(NamedTuple):
    """place: the section, or the parameter."""

    pack: str
    place: str
    text: Text


def lint_packs(packs: Sequence[LoadedPack]) -> list[Fault]:
    """The faults of packs, in their order."""
    return [Fault(pack.name, place, text) for pack in packs for place, text in _faults(pack)]


def _faults(loaded: LoadedPack) -> Iterator[tuple[str, Text]]:
    pack = loaded.pack
    given = {"now": datetime(2026, 1, 1), **loaded.given}
    sections = pack.sections()
    ids = [section.id for section in sections if not isinstance(section, Check)]
    for twice in sorted({i for i in ids if ids.count(i) > 1}):
        yield twice, Text("一个编号有两种算法", "two formulas of one name")
    tables = {name: _EMPTY[name] for name in (*pack.needs, *pack.reads)}
    with locked_sql(tables) as sql:
        for section in sections:
            try:
                columns = set(sql.ask(section.id, section.sql, given).columns)
            except UsageError as fault:
                yield section.id, fault.what
                continue
            needed = _NEEDED.get(type(section), set())
            if isinstance(section, Figure) and "value" not in columns:
                needed = {"numerator", "denominator"}
            if lacking := sorted(needed - columns):
                yield section.id, Text(f"查询结果缺少列 {'、'.join(lacking)}", f"the SELECT lacks {', '.join(lacking)}")
            if isinstance(section, Check):
                asked = set(re.findall(r"\{(\w+)\}", section.message.zh + section.message.en))
                if strange := sorted(asked - columns - set(given)):
                    yield (
                        section.id,
                        Text(f"说明里的 {strange[0]} 不在查询结果里", f"{strange[0]} of the message is no column"),
                    )
            if isinstance(section, Figure):
                for limit in (section.above, section.below):
                    if isinstance(limit, str) and limit not in pack.param:
                        yield section.id, Text(f"没有参数 {limit}", f"there is no parameter {limit}")
    texts = " ".join(section.sql for section in sections)
    limits = {limit for figure in pack.metric for limit in (figure.above, figure.below)}
    for word in pack.param:
        if f"${word}" not in texts and word not in limits:
            yield word, Text("参数没有用到", "the parameter is not used")
