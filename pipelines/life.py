"""The life of an entity: born, grown, split, decided on, merged, undone; and old runs that go."""

from pathlib import Path

import polars as pl

from ..errors import StoreError, UsageError
from ..i18n import Text
from ..io.store import Store, open_store
from .merge_apply import known_decisions

HISTORY = pl.Schema({"at": pl.Datetime("us"), **dict.fromkeys(("run_id", "what", "by", "detail"), pl.String())})
_BORN = """
SELECT r.started_at AS "at", r.run_id, 'born' AS what, NULL AS "by", m.records || ' records' AS detail FROM (
  SELECT min(since) AS number, count(*) FILTER (since = (SELECT min(since) FROM versions.entity_member WHERE entity_id = $1)) AS records
  FROM versions.entity_member WHERE entity_id = $1) m JOIN history.run r USING (number)
"""
_EVENTS = """
SELECT r.started_at AS "at", e.run_id, e.kind AS what, NULL AS "by", CAST(e.detail AS VARCHAR) AS detail
FROM history.entity_event e JOIN history.run r USING (run_id) WHERE e.entity_id = $1
"""
_MERGED = """
SELECT "at", run_id, 'applied' AS what, "by", 'group ' || group_id || ', survivor ' || survivor_record_key AS detail
FROM history.applied_merge WHERE entity_id = $1
"""
_RECORDS = "SELECT DISTINCT record_key FROM versions.entity_member WHERE entity_id = $1"
_UNDONE = """
SELECT "at", NULL AS run_id, 'undone' AS what, "by", CAST(detail AS VARCHAR) AS detail FROM history.audit_event
WHERE action = 'undo' AND list_has_any(CAST(detail->'$.entities' AS VARCHAR[]), [$1])
"""


def history_of_entity(path: Path, entity: str) -> pl.DataFrame:
    """HISTORY of an entity, oldest first. Raises UsageError for one that never was."""
    with open_store(path) as store:
        keys = set(store.query(_RECORDS, [entity])["record_key"])
        if not keys:
            raise UsageError(
                Text("没有编号为 {e} 的实体。", "There is no entity {e}.").format(e=entity),
                Text(
                    "编号见 guiyi groups 或 guiyi export entity_member。",
                    "guiyi groups and guiyi export entity_member list them.",
                ),
            )
        events = [store.query(sql, [entity]) for sql in (_BORN, _EVENTS, _MERGED, _UNDONE)]
        decided = _decided(store, path, keys)
    frames = [f.select(HISTORY.names()).cast(dict(HISTORY)) for f in (*events, decided)]  # type: ignore[arg-type]
    return pl.concat(frames).sort("at", "what", "detail", nulls_last=True)


def _decided(store: Store, path: Path, keys: set[str]) -> pl.DataFrame:
    """Decisions that speak of one of the records."""
    spoken = pl.any_horizontal(pl.col("record_keys").str.contains(key, literal=True) for key in sorted(keys))
    found = known_decisions(store, path).filter(spoken)
    detail = pl.concat_str("decision_id", pl.col("note").fill_null(""), separator=" ")
    return found.select("at", "by", run_id=pl.lit(None, pl.String), what=pl.col("kind"), detail=detail)


def prune(path: Path, keep: int) -> tuple[int, int]:
    """Remove all but the last `keep` runs, and the rows that only they held → runs and rows removed. Raises StoreError."""
    from ..io.lock import run_lock

    with run_lock(path), open_store(path, write=True) as store:
        return store.prune(keep)


def compact(path: Path) -> tuple[int, int]:
    """Rewrite the store without the space of removed rows → bytes before and after. Raises StoreError; the old file stays then."""
    from ..io.compact import compacted
    from ..io.lock import run_lock

    if not path.exists():
        raise StoreError(Text("找不到数据库 {p}。", "There is no store {p}.").format(p=path), reason="store.missing")
    with run_lock(path):
        return compacted(path)
