"""How a steward's decisions stand against today's evidence."""

import numpy as np
import polars as pl

from .constraints import Constraints
from .pairs import Pairs
from .policy.base import Policy
from .scoring import gather, weigh

DECISION_EVIDENCE = pl.Schema(
    {"decision_id": pl.String, "kind": pl.String, "score": pl.Float64, "conflict": pl.Boolean}
)


def weigh_decisions(prepared: pl.DataFrame, policy: Policy, said: Constraints) -> pl.DataFrame:
    """Prepared features and what was said → DECISION_EVIDENCE: the strongest score of a decision's pairs, and whether any contradict."""
    parts = [
        _weighed(prepared, policy, pairs, kind)
        for kind, pairs in (("together", said.must_link), ("apart", said.cannot_link))
    ]
    return pl.concat([DECISION_EVIDENCE.to_frame(), *parts]).sort("decision_id")


def _weighed(prepared: pl.DataFrame, policy: Policy, told: dict[tuple[int, int], str], kind: str) -> pl.DataFrame:
    if not told:
        return DECISION_EVIDENCE.to_frame()
    rows = np.array(sorted(told), dtype=np.uint32)
    weighed = weigh(gather(prepared, Pairs(rows[:, 0], rows[:, 1]), policy.columns), policy)
    schema = {"left": pl.UInt32, "right": pl.UInt32, "decision_id": pl.String}
    names = pl.DataFrame([(*pair, name) for pair, name in told.items()], schema=schema, orient="row")
    table = weighed.with_columns(conflict=policy.conflict.fill_null(False)).join(names, on=["left", "right"])
    strongest = table.group_by("decision_id").agg(score=pl.col("score").max(), conflict=pl.col("conflict").any())
    return strongest.select("decision_id", "score", "conflict", kind=pl.lit(kind)).select(DECISION_EVIDENCE.names())
