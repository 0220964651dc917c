"""What the CRM imports after a merge: the survivors' values and which record goes into which, with its own column names."""

import os
import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl

from ...config import read_text
from ...custom_columns import EXTRA, header_of, is_custom
from ...errors import StoreError, UsageError
from ...fields import BY_NAME, GOLDEN_FIELDS
from ...i18n import Text
from ...io.write.export import encode, write_file
from ...io.write.text_workbook import workbook_bytes

_SURVIVOR = ("source", "source_record_id", *GOLDEN_FIELDS, "entity_id")
_MAP = ("loser_source", "loser_id", "survivor_source", "survivor_id", "entity_id")
_OTHERS = EXTRA + "*"  # of a template: every custom column that it does not name, under its own header
Template = dict[str, dict[str, str]]


def load_template(path: Path | None) -> Template:
    """A template: our column → the CRM's. Columns that it leaves out are not written. Raises UsageError."""
    where = files("guiyi.rules") / "exports" / "default.toml" if path is None else path
    try:
        given = tomllib.loads(read_text(where))
    except (OSError, ValueError):
        what = Text("读不到导出模板 {p}，或不是合法的 TOML。", "The template {p} cannot be read, or is no TOML.")
        raise UsageError(what.format(p=where), reason="template.unreadable") from None
    for sheet, known in (("survivors", _SURVIVOR), ("map", _MAP)):
        names = given.get(sheet, {})
        strange = set(given) - {"survivors", "map"} or (
            _strange(sheet, names, known) if isinstance(names, dict) else {sheet}
        )
        if strange:
            what = Text("导出模板里的 {n} 不认识。", "The template names {n}, which does not exist.")
            raise UsageError(what.format(n=sorted(strange)[0]), reason="template.key")
        _refuse_names(sheet, names)
    if path is None:  # ours names every field that there is
        own = given["survivors"]
        given["survivors"] = own | {f: BY_NAME[f].label.zh for f in GOLDEN_FIELDS if f not in own}
    return {sheet: dict(given.get(sheet, {})) for sheet in ("survivors", "map")}


def _strange(sheet: str, names: Mapping[str, object], known: Sequence[str]) -> set[str]:
    """What a sheet cannot hold; a custom column may be missing in today's plan."""
    return {n for n in names if n not in known and not (sheet == "survivors" and is_custom(n))}


def _refuse_names(sheet: str, names: Mapping[str, object]) -> None:
    """The CRM's columns are texts, and no two of a sheet are called the same. Raises UsageError."""
    seen: dict[object, str] = {}
    for ours, theirs in names.items():
        if not isinstance(theirs, str) or not theirs.strip():
            what = Text(
                "导出模板 [{s}] 里 {o} 的列名要写成非空文本。",
                "The template's [{s}] must give {o} a text as its column.",
            )
            raise UsageError(what.format(s=sheet, o=ours), reason="template.column")
        if theirs in seen:
            what = Text(
                "导出模板 [{s}] 里 {a} 和 {b} 用了同一个列名“{t}”。",
                'The template\'s [{s}] calls both {a} and {b} "{t}".',
            )
            raise UsageError(what.format(s=sheet, a=seen[theirs], b=ours, t=theirs), reason="template.column")
        seen[theirs] = ours


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
        survivors.append(merge["values"] | place)  # the record's own number is no value that can be chosen
        gone += [
            {"loser_source": loser["source"], "loser_id": loser["source_record_id"] or loser["record_key"],
             "survivor_source": kept["source"], "survivor_id": kept["source_record_id"] or kept["record_key"],
             "entity_id": merge["entity_id"]}
            for loser in merge["losers"] if loser["record_key"] not in merge.get("merged_before", ())
        ]  # fmt: skip
    columns = _with_others(template["survivors"], {name for row in survivors for name in row if is_custom(name)})
    return {"survivors": _named(survivors, columns), "map": _named(gone, template["map"])}


def _with_others(names: Mapping[str, str], custom: set[str]) -> dict[str, str]:
    """A template's columns, with every custom column in the place of `extra:*`; a header that is taken keeps its `extra:`."""
    taken = set(names.values())
    others = {name: name if header_of(name) in taken else header_of(name) for name in sorted(custom - set(names))}
    return {
        o: t for ours, theirs in names.items() for o, t in (others.items() if ours == _OTHERS else [(ours, theirs)])
    }


def _named(rows: list[dict[str, Any]], names: Mapping[str, str]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    return frame.rename(dict(names))


def make_folder(folder: Path) -> None:
    """The folder of the sheets, there and writable: asked for before anything is merged. Raises StoreError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        usable = os.access(folder, os.W_OK | os.X_OK)
    except OSError:
        usable = False
    if not usable:
        raise StoreError(
            Text("{p} 不是可以写入的文件夹。", "{p} is no folder that can be written to.").format(p=folder),
            Text("请给 --out 另选一个文件夹。", "Name another folder with --out."),
            reason="file.unwritable",
        )


def write_sheets(plan: Mapping[str, Any], folder: Path, template: Template) -> list[Path]:
    """`survivors` and `map` as csv and as one workbook in which every cell is text. Raises StoreError."""
    make_folder(folder)
    made = sheets(plan, template)
    written = []
    for name, frame in made.items():
        write_file(folder / f"{name}.csv", encode(frame, "csv"))
        written.append(folder / f"{name}.csv")
    write_file(folder / "merge.xlsx", workbook_bytes(made))
    return [*written, folder / "merge.xlsx"]
