"""Labels: a list of pairs that are (not) the same, a whole truth, or what stewards decided; turned into labelled pairs of rows."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ...dedup.blocking import candidate_pairs
from ...dedup.constraints import constraints_of
from ...dedup.pairs import Pairs, components
from ...dedup.policy.base import Policy
from ...errors import InputError
from ...i18n import Text
from ...io.read.readers import read_tables
from ...schemas import DECISION
from ..resolve.levels import SIGNS
from .sample import Data

PAIR_COLUMNS = ("record_id_l", "record_id_r", "same")
_YES, _NO = ("1", "true", "yes", "是"), ("0", "false", "no", "否")


class Labels(NamedTuple):
    """pairs: `level, record_id_l, record_id_r, same`; truth: `record_id` and a column per level; decisions: table `decision`, those
    in force. Any of them may be empty."""

    pairs: pl.DataFrame = pl.DataFrame(schema={"level": pl.String})
    truth: pl.DataFrame = pl.DataFrame()
    decisions: pl.DataFrame = DECISION.empty()

    def speaks_of(self, level: str) -> bool:
        """Whether anything is labelled at this level."""
        return level in self.truth.columns or level in self.pairs["level"] or level in self.decisions["level"]


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
        return Labels(_pairs(rows, path))
    levels = [c for c in ("contact", "account") if c in rows.columns]
    if "record_id" in rows.columns and levels:
        return Labels(truth=rows.select("record_id", *levels).unique("record_id"))
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


def labelled(labels: Labels, data: Data, policy: Policy, budget: int) -> Labelled:
    """The labelled pairs of one level: the truth's word on the sampled candidate pairs, those of the list, and of the pairs that
    stewards decided those that a run compares (budget: its `max_pairs`). Of two words on a pair the last counts."""
    row = data.prepared.select("row", record_id="source_record_id")
    parts = [
        _from_list(labels.pairs.filter(pl.col("level") == policy.level), row),
        _from_decisions(labels.decisions, data, policy, budget),
    ]
    if policy.level in labels.truth.columns:
        parts.insert(0, _from_truth(labels.truth, data, policy.level))
    told = pl.concat(parts).unique(["left", "right"], keep="last").sort("left", "right")
    left, right, same = (told[name].to_numpy() for name in ("left", "right", "same"))
    related = components(left[same], right[same], data.prepared.height)
    return Labelled(Pairs(left, right), same, related[left].astype(np.intp))


_LABELS = {"left": pl.UInt32, "right": pl.UInt32, "same": pl.Boolean}


def _from_truth(truth: pl.DataFrame, data: Data, level: str) -> pl.DataFrame:
    """A record without an entity is on its own; not labelled are pairs of a record that the truth does not know, and at account
    level of two rows neither of which tells a company (resolve.only_companies)."""
    own = pl.when(pl.col(level) != "").then(level)
    entity = pl.coalesce(own, pl.lit("\x1f") + pl.col("record_id")).rank("dense")
    named = pl.lit(True) if level == "contact" else pl.coalesce(SIGNS).is_not_null()
    rows = data.prepared.select(record_id="source_record_id", named=named)
    known = rows.join(truth.select("record_id", entity=entity), on="record_id", how="left", maintain_order="left")
    entities, (one, other) = known["entity"].fill_null(0).to_numpy(), data.sample
    left, right = entities[one], entities[other]
    told = pl.DataFrame({"left": one, "right": other, "same": left == right}, schema=_LABELS)
    firm = known["named"].to_numpy()
    return told.filter((left > 0) & (right > 0) & (firm[one] | firm[other]))


def _from_list(pairs: pl.DataFrame, row: pl.DataFrame) -> pl.DataFrame:
    if pairs.is_empty():
        return pl.DataFrame(schema=_LABELS)
    for side in ("l", "r"):
        pairs = pairs.join(row.rename({"row": side, "record_id": f"record_id_{side}"}), on=f"record_id_{side}")
    pairs = pairs.select("same", left=pl.min_horizontal("l", "r"), right=pl.max_horizontal("l", "r"))
    return pairs.filter(pl.col("left") != pl.col("right")).select(*_LABELS)


def _from_decisions(decisions: pl.DataFrame, data: Data, policy: Policy, budget: int) -> pl.DataFrame:
    """Who was confirmed or joined is the same, who was rejected or split apart is not. Two of a group that share no key are left
    out: a run never weighs them, and they would say that what speaks against a pair does not."""
    said = constraints_of(decisions, policy.level, data.prepared["record_key"])
    kinds = ((said.must_link, True), (said.cannot_link, False))
    told = pl.DataFrame([(*ends, same) for pairs, same in kinds for ends in pairs], schema=_LABELS, orient="row")
    if told.is_empty():
        return told
    rows = pl.concat([told["left"], told["right"]]).unique()
    met = candidate_pairs(data.prepared, policy.keys, budget, rows).pairs
    return told.join(pl.DataFrame(met._asdict()), on=["left", "right"], how="semi")
