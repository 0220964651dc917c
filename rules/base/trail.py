"""A column walking through ordered rules, with every change remembered.

Cleaning works on the *distinct* texts of a column: rules are vectorised expressions (or Python calls) on a frame
with one row per distinct raw text, and the pipeline joins the outcome back to the rows. A field type returns a
`Cleaned`: null in `value` means "nothing meaningful", and raw null never appears (it needs no cleaning).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Self

import polars as pl

CHANGES = pl.Schema({"raw": pl.String, "step": pl.UInt8, "rule": pl.String, "before": pl.String, "after": pl.String})
FINDINGS = pl.Schema({"raw": pl.String, "rule": pl.String, "suggestion": pl.String})


class Cleaned(NamedTuple):
    """What a field type makes of a column.

    values: `raw` (unique), `value`, and the further columns of the type, all String unless the type says otherwise.
    changes: `raw, step, rule, before, after`, one row per rule that changed the text.
    findings: `raw, rule, suggestion`; severity and words stand in the catalogue of rules.
    """

    values: pl.DataFrame
    changes: pl.DataFrame
    findings: pl.DataFrame


class Trail:
    """Distinct texts (`raw`) and what they have become so far (`value`, plus parts that rules add)."""

    def __init__(self, raw: pl.Series) -> None:
        distinct = raw.drop_nulls().cast(pl.String).unique(maintain_order=True).alias("raw")
        self.frame = pl.DataFrame([distinct, distinct.alias("value")])
        self._turn = 0  # which rule this is, whatever the others found: steps are the same in every batch
        self._changes: list[pl.DataFrame] = []
        self._findings: list[pl.DataFrame] = []

    def change(self, rule: str, after: pl.Expr, *, where: pl.Expr | None = None, **parts: pl.Expr) -> Self:
        """Replace `value` by the expression, remember the differences, and set `parts` as columns.

        where: the expressions are evaluated for the texts where it is true, and only those can change; the others keep
        their parts, or null. A cheap look that spares most texts an expensive rule.
        """
        self._turn += 1
        if where is None:
            self.frame = self._changed(self.frame, rule, after, parts)
            return self
        rows = self.frame.select(where.fill_null(False)).to_series()
        if rows.any():
            self.frame = self._put_back(rows, self._changed(self.frame.filter(rows), rule, after, parts), parts)
        else:
            absent = [name for name in parts if name not in self.frame.columns]
            if absent:
                self.frame = self.frame.with_columns(pl.lit(None, pl.String).alias(name) for name in absent)
        return self

    def _changed(self, texts: pl.DataFrame, rule: str, after: pl.Expr, parts: Mapping[str, pl.Expr]) -> pl.DataFrame:
        """The texts after one rule, whose changes are noted."""
        following = texts.with_columns(_after=after, **parts)
        if not following["_after"].equals(following["value"]):  # most rules change nothing: this look costs nothing
            step = pl.lit(self._turn, pl.UInt8).alias("step")
            changed = following.filter(pl.col("value").ne_missing(pl.col("_after")))
            self._changes.append(
                changed.select("raw", step, pl.lit(rule).alias("rule"), before="value", after="_after")
            )
            following.replace_column(following.get_column_index("value"), following["_after"].alias("value"))
        following.drop_in_place("_after")
        return following

    def _put_back(self, rows: pl.Series, touched: pl.DataFrame, parts: Iterable[str]) -> pl.DataFrame:
        """The frame with value and parts of the touched texts in their places."""
        places, columns = rows.arg_true(), ["value", *parts]
        absent = [pl.lit(None, touched.schema[c]).alias(c) for c in columns if c not in self.frame.columns]
        frame = self.frame.with_columns(absent) if absent else self.frame
        return frame.with_columns(frame[c].scatter(places, touched[c]) for c in columns)

    def peel(self, rule: str, after: pl.Expr, layers: int = 4, *, where: pl.Expr | None = None) -> Self:
        """`change` again and again until nothing changes: residue is exported into residue (`="=1+1"`, `'=x`)."""
        first = self._turn
        for _ in range(layers):
            known = len(self._changes)
            self.change(rule, after, where=where)
            if len(self._changes) == known:
                break
        self._turn = first + layers
        return self

    def find(self, rule: str, when: pl.Expr, suggestion: pl.Expr | None = None) -> Self:
        """Note a finding for each text where the expression is true (null counts as false)."""
        found = self.frame.filter(when.fill_null(False))
        if found.height:
            advice = pl.lit(None, pl.String) if suggestion is None else suggestion.cast(pl.String)
            self._findings.append(found.select("raw", pl.lit(rule).alias("rule"), suggestion=advice))
        return self

    def cleaned(self, columns: Sequence[str] = ()) -> Cleaned:
        """The outcome, keeping `raw`, `value` and the named part columns."""
        return Cleaned(
            self.frame.select("raw", "value", *columns),
            pl.concat(self._changes) if self._changes else CHANGES.to_frame(),
            pl.concat(self._findings) if self._findings else FINDINGS.to_frame(),
        )


def compose(first: Cleaned, second: Cleaned) -> Cleaned:
    """The outcome of cleaning with `first` and its values with `second`, keyed by the raw texts of `first`."""
    if first.changes.is_empty():  # what is raw to the one is raw to the other
        later = second.changes.with_columns((pl.col("step") + 100).cast(pl.UInt8))
        found = pl.concat([first.findings, second.findings]) if first.findings.height else second.findings
        return Cleaned(second.values, later, found)
    text = first.values.select("raw", _text="value")
    parts = second.values.rename({"raw": "_text"})
    values = text.join(parts, on="_text", how="left", maintain_order="left").drop("_text")
    back = text.filter(pl.col("_text").is_not_null())
    later = back.join(second.changes.rename({"raw": "_text"}), on="_text").select(
        "raw", (pl.col("step") + 100).cast(pl.UInt8).alias("step"), "rule", "before", "after"
    )
    found = back.join(second.findings.rename({"raw": "_text"}), on="_text").select("raw", "rule", "suggestion")
    return Cleaned(values, pl.concat([first.changes, later]), pl.concat([first.findings, found]))
