"""The life of an entity: born, grown, split, decided on, merged, undone; and old runs that go."""

from pathlib import Path

import polars as pl

from ...decisions import keys_of
from ...errors import UsageError
from ...i18n import Text
from ...io.store.store import open_store
from .apply import known_decisions

HISTORY = pl.Schema({"at": pl.Datetime("us"), **dict.fromkeys(("run_id", "what", "by", "detail"), pl.String())})
# Runs that `prune` has removed are still told of by the audit.
_RUNS = """(
  SELECT number, run_id, started_at FROM history.run
  UNION ALL
  SELECT CAST(substr(run_id, 2, 6) AS INTEGER), run_id, "at" FROM (
    SELECT detail ->> '$.run_id' AS run_id, "at" FROM history.audit_event WHERE action = 'run'
  ) WHERE run_id NOT IN (SELECT run_id FROM history.run)
)"""
_BORN = f"""
SELECT r.started_at AS "at", r.run_id, 'born' AS what, NULL AS "by", m.records || ' records' AS detail FROM (
  SELECT min(since) AS number, count(*) FILTER (since = (SELECT min(since) FROM versions.entity_member WHERE entity_id = $1)) AS records
  FROM versions.entity_member WHERE entity_id = $1) m JOIN {_RUNS} r USING (number)
"""
_EVENTS = f"""
SELECT r.started_at AS "at", e.run_id, e.kind AS what, NULL AS "by", CAST(e.detail AS VARCHAR) AS detail
FROM history.entity_event e JOIN {_RUNS} r USING (run_id) WHERE e.entity_id = $1
"""
_MERGED = """
SELECT "at", run_id, 'applied' AS what, "by", 'group ' || group_id || ', survivor ' || survivor_record_key AS detail
FROM history.applied_merge WHERE entity_id = $1
"""
_RECORDS = "SELECT DISTINCT level, record_key FROM versions.entity_member WHERE entity_id = $1"
_UNDONE = """
SELECT "at", NULL AS run_id, 'undone' AS what, "by", CAST(detail AS VARCHAR) AS detail FROM history.audit_event
WHERE action = 'undo' AND list_has_any(CAST(detail->'$.entities' AS VARCHAR[]), [$1])
"""


def history_of_entity(path: Path, entity: str) -> pl.DataFrame:
    """HISTORY of an entity, oldest first. Raises UsageError for one that never was."""
    with open_store(path) as store:
        records = store.query(_RECORDS, [entity])
        if records.is_empty():
            raise UsageError(
                Text("没有编号为 {e} 的实体。", "There is no entity {e}.").format(e=entity),
                Text(
                    "编号见 guiyi groups 或 guiyi export entity_member。",
                    "guiyi groups and guiyi export entity_member list them.",
                ),
            )
        events = [store.query(sql, [entity]) for sql in (_BORN, _EVENTS, _MERGED, _UNDONE)]
        decided = _decided(known_decisions(store, path), records["level"][0], set(records["record_key"]))
    frames = [f.select(HISTORY.names()).cast(dict(HISTORY)) for f in (*events, decided)]  # type: ignore[arg-type]
    return pl.concat(frames).sort("at", "what", "detail", nulls_last=True)


def _decided(decisions: pl.DataFrame, level: str, keys: set[str]) -> pl.DataFrame:
    """Decisions at the entity's level that speak of one of its records, and those that took one of them back."""
    names = [
        name
        for name, told in decisions.select("decision_id", "record_keys").iter_rows()
        if not keys.isdisjoint(keys_of(told))
    ]
    spoken = decisions.filter(pl.col("level") == level, pl.col("decision_id").is_in(names))
    back = decisions.filter(pl.col("kind") == "retract").with_columns(
        decision_id=pl.col("detail").str.json_path_match("$.decision_id")
    )
    found = pl.concat([spoken, back.join(spoken, on="decision_id", how="semi")])
    detail = pl.concat_str("decision_id", pl.col("note").fill_null(""), separator=" ")
    return found.select("at", "by", run_id=pl.lit(None, pl.String), what=pl.col("kind"), detail=detail)


def prune(path: Path, keep: int) -> tuple[int, int]:
    """Remove all but the last `keep` runs, and the rows that only they held → runs and rows removed. Raises StoreError."""
    from ...io.store.lock import run_lock

    with run_lock(path), open_store(path, write=True) as store:
        return store.prune(keep)


def compact(path: Path) -> tuple[int, int]:
    """Rewrite the store without the space of removed rows → bytes before and after. Raises StoreError; the old file stays then."""
    from ...io.store.compact import compacted
    from ...io.store.lock import run_lock

    with run_lock(path):
        return compacted(path)
