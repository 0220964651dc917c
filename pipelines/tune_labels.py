"""Labels of a user: pairs that are (not) the same, or a whole truth; turned into labelled pairs of rows."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..dedup.pairs import Pairs
from ..errors import InputError
from ..i18n import Text
from ..io.readers import read_tables
from .tune_data import Data

PAIR_COLUMNS = ("record_id_l", "record_id_r", "same")
_YES, _NO = ("1", "true", "yes", "是"), ("0", "false", "no", "否")
_ROWS = np.uint32


class Labels(NamedTuple):
    """pairs: `level, record_id_l, record_id_r, same`; truth: `record_id` and a column per level; one of them is empty."""

    pairs: pl.DataFrame
    truth: pl.DataFrame

    def speaks_of(self, level: str) -> bool:
        """Whether anything is labelled at this level."""
        return level in self.truth.columns or self.pairs.filter(pl.col("level") == level).height > 0


class Labelled(NamedTuple):
    """Pairs of rows, what the labels say of them, and a number that related pairs share."""

    pairs: Pairs
    same: NDArray[np.bool_]
    groups: NDArray[np.intp]


def read_labels(path: Path) -> Labels:
    """A CSV of labelled pairs (contact level, unless a column `level` says otherwise) or a truth. Raises InputError."""
    table = read_tables(path)[0]
    rows = table.rows.select(
        pl.col(c).str.strip_chars().alias(h) for h, c in zip(table.headers, table.columns, strict=True)
    )
    if set(PAIR_COLUMNS) <= set(rows.columns):
        return Labels(_pairs(rows, path), pl.DataFrame())
    levels = [c for c in ("contact", "account") if c in rows.columns]
    if "record_id" in rows.columns and levels:
        return Labels(pl.DataFrame(schema={"level": pl.String}), rows.select("record_id", *levels).unique("record_id"))
    raise InputError(
        Text("{p} 的列不对。", "{p} has other columns.").format(p=path),
        Text(
            "需要 record_id_l, record_id_r, same，或 record_id, contact, account。",
            "Either record_id_l, record_id_r, same or record_id, contact, account.",
        ),
        reason="labels.columns",
    )


def _pairs(rows: pl.DataFrame, path: Path) -> pl.DataFrame:
    said = pl.col("same").str.to_lowercase()
    same = pl.when(said.is_in(_YES)).then(True).when(said.is_in(_NO)).then(False)
    level = pl.coalesce("level", pl.lit("contact")) if "level" in rows.columns else pl.lit("contact")
    read = rows.select("record_id_l", "record_id_r", same=same, level=level)
    if read["same"].null_count():
        raise InputError(
            Text("{p} 的 same 列有 0/1 以外的值。", "Column same of {p} holds other values than 0 and 1.").format(
                p=path
            ),
            reason="labels.values",
        )
    return read


def labelled(labels: Labels, data: Data, level: str) -> Labelled:
    """The labelled pairs of one level: those of the list, or the truth's word on the sampled candidate pairs."""
    row = data.prepared.select("row", record_id="source_record_id")
    if level in labels.truth.columns:
        return _from_truth(labels.truth, row, data.sample, level)
    return _from_list(labels.pairs.filter(pl.col("level") == level), row)


def _from_truth(truth: pl.DataFrame, row: pl.DataFrame, sample: Pairs, level: str) -> Labelled:
    """A record without an entity is on its own; a pair of a record that the truth does not know is not labelled."""
    own = pl.when(pl.col(level) != "").then(level)
    entity = pl.coalesce(own, pl.lit("\x1f") + pl.col("record_id")).rank("dense")
    known = row.join(truth.select("record_id", entity=entity), on="record_id", how="left", maintain_order="left")
    entities = known["entity"].fill_null(0).to_numpy().astype(np.intp)
    left, right = entities[sample.left], entities[sample.right]
    both = (left > 0) & (right > 0)
    return Labelled(Pairs(sample.left[both], sample.right[both]), (left == right)[both], left[both])


def _from_list(pairs: pl.DataFrame, row: pl.DataFrame) -> Labelled:
    for side in ("l", "r"):
        pairs = pairs.join(row.rename({"row": side, "record_id": f"record_id_{side}"}), on=f"record_id_{side}")
    pairs = pairs.with_columns(left=pl.min_horizontal("l", "r"), right=pl.max_horizontal("l", "r"))
    pairs = pairs.filter(pl.col("left") != pl.col("right")).unique(["left", "right"], keep="last").sort("left", "right")
    ends = Pairs(pairs["left"].to_numpy().astype(_ROWS), pairs["right"].to_numpy().astype(_ROWS))
    return Labelled(ends, pairs["same"].to_numpy().astype(bool), np.arange(pairs.height))
