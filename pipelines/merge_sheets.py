"""What the CRM imports after a merge: the survivors' values and which record goes into which, with its own column names."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl

from ..errors import UsageError
from ..i18n import Text
from ..io.export import encode, write_file
from ..io.workbook_out import workbook_bytes
from ..schemas import GOLDEN_FIELDS

_SURVIVOR = ("source", "source_record_id", *GOLDEN_FIELDS, "entity_id")
_MAP = ("loser_source", "loser_id", "survivor_source", "survivor_id", "entity_id")
Template = dict[str, dict[str, str]]


def load_template(path: Path | None) -> Template:
    """A template: our column → the CRM's. Columns that it leaves out are not written. Raises UsageError."""
    where = files("guiyi.rules") / "exports" / "default.toml" if path is None else path
    try:
        given = tomllib.loads(where.read_text("utf-8"))
    except (OSError, ValueError):
        what = Text("读不到导出模板 {p}，或不是合法的 TOML。", "The template {p} cannot be read, or is no TOML.")
        raise UsageError(what.format(p=where), reason="template.unreadable") from None
    for sheet, known in (("survivors", _SURVIVOR), ("map", _MAP)):
        strange = set(given.get(sheet, {})) - set(known)
        if strange or set(given) - {"survivors", "map"}:
            name = sorted(strange or set(given) - {"survivors", "map"})[0]
            what = Text("导出模板里的 {n} 不认识。", "The template names {n}, which does not exist.")
            raise UsageError(what.format(n=name), reason="template.key")
    return {sheet: dict(given.get(sheet, {})) for sheet in ("survivors", "map")}


def sheets(plan: Mapping[str, Any], template: Template) -> dict[str, pl.DataFrame]:
    """A plan → `survivors` and `map`, columns in the template's names and order; records that earlier merges took out of the
    CRM are not mapped again."""
    survivors, gone = [], []
    for merge in plan["merges"]:
        kept = merge["survivor"]
        place = {
            "source": kept["source"],
            "source_record_id": kept["source_record_id"],
            "entity_id": merge["entity_id"],
        }
        survivors.append(place | merge["values"])
        gone += [
            {"loser_source": loser["source"], "loser_id": loser["source_record_id"] or loser["record_key"],
             "survivor_source": kept["source"], "survivor_id": kept["source_record_id"] or kept["record_key"],
             "entity_id": merge["entity_id"]}
            for loser in merge["losers"] if loser["record_key"] not in merge.get("merged_before", ())
        ]  # fmt: skip
    return {"survivors": _named(survivors, template["survivors"]), "map": _named(gone, template["map"])}


def _named(rows: list[dict[str, Any]], names: Mapping[str, str]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    return frame.rename(dict(names))


def write_sheets(plan: Mapping[str, Any], folder: Path, template: Template) -> list[Path]:
    """`survivors` and `map` as csv and as one workbook in which every cell is text. Raises StoreError."""
    folder.mkdir(parents=True, exist_ok=True)
    made = sheets(plan, template)
    written = []
    for name, frame in made.items():
        write_file(folder / f"{name}.csv", encode(frame, "csv"))
        written.append(folder / f"{name}.csv")
    write_file(folder / "merge.xlsx", workbook_bytes(made))
    return [*written, folder / "merge.xlsx"]
