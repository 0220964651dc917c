"""Which groups somebody has decided on, as far as the journal tells."""

from datetime import datetime

import polars as pl

from ..dedup.decisions import in_force, keys_of

_GROUPING = ["must_link", "cannot_link", "split", "set_aside"]


def decided(groups: pl.DataFrame, said: pl.DataFrame, since: datetime | None) -> pl.Series:
    """Whether somebody has decided on each group (`level, keys`: its records), as a Boolean per row.

    Decided: a standing decision since the run (`since`) speaks of one of its records, or one of any time says that all
    of them are one. Older words were heard by the run: what it groups all the same waits for another one.
    """
    words = in_force(said).filter(pl.col("kind").is_in(_GROUPING))
    late: set[tuple[str, str]] = set()
    one: dict[tuple[str, str], set[str]] = {}  # (level, record) → all that it was said to be one with
    for row in words.iter_rows(named=True):
        keys = keys_of(row["record_keys"])
        if since is None or row["at"] >= since:
            late |= {(row["level"], key) for key in keys}
        elif row["kind"] == "must_link":
            for key in keys:
                one.setdefault((row["level"], key), set()).update(keys)
    found = [
        any((level, key) in late for key in keys) or set(keys) <= one.get((level, keys[0]), set())
        for level, keys in groups.select("level", "keys").iter_rows()
    ]
    return pl.Series("decided", found, dtype=pl.Boolean)
