"""What records meet by: the keys of a level, and the values by which the store finds those that can meet.

A key is over the columns that `prepare` makes of a whole file; a lookup is over table `feature` alone, so that it can be stored when a
record is published and asked years later. Whoever shares a key, or a value whose owners are counted, shares one of its lookups.
"""

import hashlib
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

import polars as pl

from ...evidence import key_words
from ...i18n import Text
from ...plugins import load_added

Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)


@dataclass(frozen=True, eq=False)
class Lookup:
    """held: the value that a record is found by, over the columns of `feature`, null where it has none. asked: the value by which a
    record asks for others, where that is another one."""

    name: str
    held: pl.Expr
    asked: pl.Expr | None = None


@dataclass(frozen=True)
class Key:
    """Records with equal `on` (all of them present) are compared; what the key is called stands in evidence.toml.

    lookup: the values one of which two records share if they share the key. split: divides oversize blocks. agree: two records that
    both have it are compared only where it is the same. size: a column that says how many rows of the file hold the key,
    in a frame that is only part of it and need not hold those that do not agree.
    """

    name: str
    on: tuple[pl.Expr, ...]
    lookup: tuple[Lookup, ...] = ()
    split: pl.Expr | None = None
    agree: pl.Expr | None = None
    size: str | None = None

    def value(self) -> pl.Expr:
        """One text per row, null where a part is missing; of a column of lists as many as it holds."""
        if len(self.on) == 1:
            return self.on[0]
        return pl.concat_str([part.cast(pl.String) for part in self.on], separator="\x1f", ignore_nulls=False)


def texts_of(*columns: str | pl.Expr) -> pl.Expr:
    """The texts of columns, which may themselves be several, joined by commas, as a list; null where there is none."""
    joined = pl.concat_str(columns, separator=",", ignore_nulls=True)
    return pl.when(joined != "").then(joined).str.split(",")


def plugged_keys(level: str) -> tuple[Key, ...]:
    """The keys that plug-ins add to a level."""

    def why_not(_: str, key: Key) -> Text | None:
        return (
            None if key.lookup else Text("没有 lookup，找不到库里的记录", "without `lookup` no stored record is found")
        )

    return tuple(key for _, _, key in load_added(f"{level}_keys", Key, why_not, known=key_words()[level]))


def lookups_of(*keys: Key) -> tuple[Lookup, ...]:
    """The lookups of keys, each once."""
    return tuple(dict.fromkeys(lookup for key in keys for lookup in key.lookup))


def lookup_columns(lookups: Iterable[Lookup]) -> list[str]:
    """The columns of `feature` that the lookups read, in order of name."""
    return sorted(
        {name for lookup in lookups for name in (*lookup.held.meta.root_names(), *_asked(lookup).meta.root_names())}
    )


def held_keys(features: pl.DataFrame | pl.LazyFrame, lookups: Iterable[Lookup]) -> pl.DataFrame:
    """Table `feature` → `record_key, key` (UInt64), a row for each value that a record can be found by."""
    return _hashed(features, {lookup.name: lookup.held for lookup in lookups})


def asked_keys(features: pl.DataFrame, lookups: Iterable[Lookup]) -> pl.DataFrame:
    """As `held_keys`, of the values by which the records ask for others."""
    return _hashed(features, {lookup.name: _asked(lookup) for lookup in lookups})


def signature(lookups: Iterable[Lookup]) -> str:
    """Changes with what is stored: with the lookups, or with how this polars hashes."""
    told = [f"{lookup.name}={lookup.held}" for lookup in lookups]
    probe = pl.select(pl.lit("归一").hash(1)).item()
    return hashlib.blake2b(f"{told}{probe}".encode(), digest_size=8).hexdigest()


def _asked(lookup: Lookup) -> pl.Expr:
    return lookup.held if lookup.asked is None else lookup.asked


def _hashed(features: pl.DataFrame | pl.LazyFrame, values: dict[str, pl.Expr]) -> pl.DataFrame:
    """Two values of one hash do no harm: a few records more come along."""
    wide = features.lazy().select("record_key", **values)
    kinds = wide.collect_schema()
    each = (
        explode_lists(wide.select("record_key", key=name), kinds[name]).with_columns(
            pl.col("key").hash(zlib.crc32(name.encode()))
        )
        for name in values
    )
    return pl.concat(each).collect()


def explode_lists(keyed: Frame, kind: pl.DataType) -> Frame:
    """Rows with `key`, of this type: a text or a list of texts → one row for each text; those without any are left out."""
    return (keyed.explode("key") if kind == pl.List(pl.String) else keyed).filter(pl.col("key").is_not_null())
