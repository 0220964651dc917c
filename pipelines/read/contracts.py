"""The two outer seams, guarded by pandera on collected frames: what was read, and what is about to be published."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import polars as pl

from ...errors import ConservationError, GuiyiError
from ...i18n import Text
from ...schemas import FLOAT, TABLES, Column, Table
from .intake import Intake

_BY_NAME = {t.name: t for t in TABLES}


@cache
def _schema(name: str) -> Any:
    """The pandera schema of a table: columns, types, unique key; and one check of all values."""
    import pandera.polars as pa

    table = _BY_NAME[name]
    columns = {
        c.name: pa.Column(c.dtype, nullable=True) for c in table.columns
    }  # nulls: one look at all columns, below
    wrong = pl.any_horizontal(False, *(rule for column in table.columns for rule in _broken(column))).any()
    checks = [pa.Check(lambda data: not data.lazyframe.select(wrong).collect().item(), name="values")]
    return pa.DataFrameSchema(columns, checks=checks, strict=True, ordered=True, unique=list(table.key) or None)


def _broken(column: Column) -> Iterator[pl.Expr]:
    """Expressions that are true, never null, where a cell breaks the column's declaration."""
    cell = pl.col(column.name)
    if column.required:
        yield cell.is_null() | (cell.is_nan() if column.dtype == FLOAT else False)
    if column.name == "score":
        yield ~cell.is_between(0.0, 1.0).fill_null(True)
    elif column.choices:
        yield ~cell.is_in(list(column.choices)).fill_null(True)


def _check(table: Table, frame: pl.DataFrame) -> None:
    if frame.is_empty() and frame.schema == table.polars:
        return  # most tables of a small night: pandera takes ten milliseconds to say so
    import pandera.errors

    try:
        _schema(table.name).validate(frame.lazy() if frame.is_empty() else frame)
    except (pandera.errors.SchemaError, pandera.errors.SchemaErrors) as fault:
        code = getattr(getattr(fault, "reason_code", None), "name", "")  # never the message: it quotes cells
        what = Text(
            "表 {t} 不符合约定（{c}），本次运行未发布。",
            "Table {t} breaks its contract ({c}); the run is not published.",
        )
        raise GuiyiError(what.format(t=table.name, c=code)) from None


def check_table(name: str, frame: pl.DataFrame) -> None:
    """One table against its contract. Raises GuiyiError without quoting a cell."""
    _check(_BY_NAME[name], frame)


def check_intake(intake: Intake) -> None:
    """After reading: the shape of what was read, and no row lost between tables and `raw_record`."""
    _check(_BY_NAME["source_file"], intake.files)
    counted = sum(t.height for t in intake.rows) + intake.set_aside.height
    if not counted == intake.height == intake.files["rows"].sum():
        _lost("read", counted, intake.height)


def check_conservation(rows: Mapping[str, int], members: Mapping[str, int]) -> None:
    """With everything in place: every row read is a record or quarantined, and every record an entity's at each level.

    rows: live rows of `raw_record`, `record` and `quarantine`; members: live rows of `entity_member` by level.
    """
    if rows["record"] + rows["quarantine"] != rows["raw_record"]:
        _lost("clean", rows["record"] + rows["quarantine"], rows["raw_record"])
    for level, count in members.items():
        if count != rows["record"]:
            _lost(level, count, rows["record"])


def _lost(stage: str, have: int, want: int) -> None:
    raise ConservationError(
        Text(
            "阶段 {s} 行数不守恒：应为 {w}，实为 {h}；本次运行未发布。",
            "Stage {s} lost or invented rows: {w} expected, {h} found; nothing is published.",
        ).format(s=stage, w=want, h=have)
    )
