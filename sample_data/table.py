"""Messy tables: every cell written in one of its forms, with the truth and a list of what was soiled beside them."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from .date_forms import write_times
from .draw import Ints
from .forms import CLEAN, VARIANT
from .identity_forms import write_codes, write_mails
from .name_forms import write_addresses, write_companies, write_persons, write_provinces, write_remarks
from .phone_forms import junk_numbers, write_landlines, write_phones
from .records import FILLED, Versions, clean_rows, column_draw
from .world import World, make_world

BATCH = 200_000  # rows rendered at a time, to bound memory; the result does not depend on it
# column of the table → column of the clean rows, in the table's order
HEADER = {
    "客户编号": "record_id", "来源渠道": "channel", "联系人": "name", "客户名称": "company",
    "统一社会信用代码": "code", "手机号": "phone", "座机": "line_number", "邮箱": "email", "地址": "address",
    "省份": "province", "负责人": "owner", "创建时间": "created", "最后更新时间": "updated", "备注": "remark",
}  # fmt: skip
# columns whose soiled cells are listed, by the field names of the `record` table
LISTED = {
    "name": "person_name", "company": "company_name", "code": "credit_code", "phone": "phone",
    "line_number": "landline", "email": "email", "created": "created_at", "updated": "updated_at",
}  # fmt: skip


class Batch(NamedTuple):
    """`table`: the messy rows; `dirty`: record_id, column, kind, clean."""

    table: pl.DataFrame
    dirty: pl.DataFrame


def write_table(rows: int, seed: int, folder: Path) -> list[Path]:
    """records.csv of `rows` rows, truth.csv and dirty.csv in `folder`; the same bytes for the same seed."""
    world = make_world(rows, seed)
    folder.mkdir(parents=True, exist_ok=True)
    positions = np.arange(rows, dtype=np.int64)
    truth = folder / "truth.csv"
    world.truth(positions).write_csv(truth)
    return [*write_batches(world, positions, {}, folder / "records.csv", folder / "dirty.csv"), truth]


def write_batches(world: World, positions: Ints, versions: Versions, records: Path, dirty: Path) -> list[Path]:
    """Write the messy rows of these records, and what was soiled, batch by batch."""
    with records.open("wb") as record_file, dirty.open("wb") as dirty_file:
        for number, batch in enumerate(render(world, positions, versions)):
            batch.table.write_csv(record_file, include_header=number == 0)
            batch.dirty.write_csv(dirty_file, include_header=number == 0)
    return [records, dirty]


def render(world: World, positions: Ints, versions: Versions) -> Iterator[Batch]:
    """The messy rows of these records, in this order; one empty batch for none."""
    for start in range(0, max(len(positions), 1), BATCH):
        yield _render_batch(world, positions[start : start + BATCH], versions)


def _render_batch(world: World, positions: Ints, versions: Versions) -> Batch:
    frame = clean_rows(world, positions, versions, filled=FILLED)
    cells = _write_cells(world, positions, versions, frame)
    written = {column: cells[column]["cell"] if column in cells else frame[column] for column in HEADER.values()}
    table = pl.DataFrame({title: written[column] for title, column in HEADER.items()})
    dirty = [_soiled(frame, column, cells[column]) for column in LISTED]
    return Batch(table, pl.concat(dirty).sort("record_id", "column"))


def _write_cells(world: World, positions: Ints, versions: Versions, frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Column → cell, kind."""
    draws = {column: column_draw(world, positions, column, versions) for column in HEADER.values()}
    junk = junk_numbers(len(world.keys), world.seed)
    return {
        "name": write_persons(frame, draws["name"]),
        "company": write_companies(frame, draws["company"]),
        "code": write_codes(frame, draws["code"]),
        "phone": write_phones(frame, draws["phone"], junk),
        "line_number": write_landlines(frame, draws["line_number"]),
        "email": write_mails(frame, draws["email"]),
        "address": write_addresses(frame, draws["address"]),
        "province": write_provinces(frame, draws["province"]),
        "created": write_times(frame, draws["created"], "created"),
        "updated": write_times(frame, draws["updated"], "updated"),
        "remark": write_remarks(frame, draws["remark"]),
    }


def _soiled(frame: pl.DataFrame, column: str, written: pl.DataFrame) -> pl.DataFrame:
    """The cells that are not as they should be; `clean` where the right value can be had back."""
    right = pl.col(column)
    if column in ("created", "updated"):
        right = right.dt.to_string("%Y-%m-%d")
    return (
        frame.select("record_id", right.alias("clean"))
        .with_columns(written["kind"])
        .filter(pl.col("kind").is_not_null() & (pl.col("kind") != CLEAN))
        .select(
            "record_id",
            pl.lit(LISTED[column]).alias("column"),
            "kind",
            pl.when(pl.col("kind") == VARIANT).then("clean").alias("clean"),
        )
    )
