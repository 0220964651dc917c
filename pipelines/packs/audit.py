"""Packs tried on files: nothing is published. The counterpart of `check` for tables beside the customers."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import polars as pl

from ...config import Config
from ...errors import UsageError
from ...i18n import Language, Text
from ...rules.pack.load import governance_packs
from ...schemas import ENTITY_MEMBER, FIELD_EVENT, RECORD, SIDE_TABLES
from ..context import RunContext, RunOptions
from ..read.intake import Origin
from .asking import PackResult, ask_packs
from .loading import LoadedPack, load_pack, load_packs
from .read import is_beside, read_side_tables


def audit_files(
    origins: Sequence[Origin], config: Config, folder: Path, wanted: Sequence[str], as_of: datetime | None, language: Language
) -> PackResult:  # fmt: skip
    """What packs say of files. wanted: their names; without any those of the configuration, else all that have their tables."""
    if strange := [origin for origin in origins if not is_beside(origin, config)]:
        what = Text("不知道 {f} 是什么表。", "It is not known what {f} holds.").format(f=strange[0].name)
        advice = Text(
            '请用 --kind，或在配置 [sources."…"] 里写 kind。', 'Say it with --kind, or as kind under [sources."…"].'
        )
        raise UsageError(what, advice, reason="pack.kind")
    rows = read_side_tables(origins, config)
    # Nothing is known of customers, nor of how rows were before.
    tables = {table.name: table.empty() for table in (RECORD, ENTITY_MEMBER, FIELD_EVENT)}
    tables |= {table.name: rows.tables.get(kind, table.empty()) for kind, table in SIDE_TABLES.items()}
    now = RunContext(Path(), config, RunOptions(as_of=as_of)).now
    told = ask_packs(_packs(config, folder, wanted, tables), tables, now, language)
    return told._replace(finding=pl.concat([told.finding, rows.findings]))


def _packs(config: Config, folder: Path, wanted: Sequence[str], tables: dict[str, pl.DataFrame]) -> list[LoadedPack]:
    if wanted:
        return [load_pack(name, folder, config.pack_parameters.get(name, {})) for name in wanted]
    known = load_packs(config, folder) if config.packs else [load_pack(name, folder, {}) for name in governance_packs()]
    return [pack for pack in known if all(tables[need].height for need in pack.pack.needs)]
