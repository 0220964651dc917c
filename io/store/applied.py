"""Which applied merges a decision leaves as they are: until `guiyi undo`, what was merged stays so, whatever is said since."""

from collections.abc import Iterable

from ...decisions import keys_of
from .store import Store

Spoken = tuple[str, str, str]  # a decision's level, kind and record_keys (JSON)
_MERGES = """
SELECT group_id FROM history.crosswalk WHERE level = ? AND list_contains(?, record_key)
GROUP BY group_id HAVING count(*) >= ? ORDER BY group_id
"""


def merges_left(store: Store, decisions: Iterable[Spoken]) -> list[str]:
    """Group ids of the applied merges that these decisions speak against and do not change: that joined what a decision parts,
    or all whose value or survivor it chooses."""
    found: set[str] = set()
    for level, kind, record_keys in decisions:
        keys = keys_of(record_keys)
        least = {"cannot_link": 2, "split": 2, "set_aside": 1, "choose_value": len(keys), "choose_survivor": len(keys)}
        if kind in least and keys:
            found |= set(store.query(_MERGES, [level, keys, least[kind]])["group_id"])
    return sorted(found)
