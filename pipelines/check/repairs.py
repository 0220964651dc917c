"""What is certain, repaired in the user's own file: his sheets, columns, order and formats, and a list of every repair.

Which rules are certain stands in the catalogue (`repair`). A cell is repaired as far as every rule that changed it is one of them;
of any other cell only what the text rules did to it first: invisible characters, formula residue, width, blanks.
"""

from pathlib import Path

import polars as pl

from ...config import Config
from ...errors import UsageError
from ...fields import FIELDS
from ...i18n import Text
from ...io.read.whole_sheet import WholeSheet, read_whole
from ...io.table.addresses import column_letters
from ...io.write.export import encode, write_file
from ...rules.catalog import catalog
from ...rules.phone.numbering_plan import national
from ..read.intake import read_options
from .annotate import marked_workbook, texts_by_place
from .gate import Checked

_CELL = ["record_key", "field"]
_PHONES = [f.name for f in FIELDS if f.kind == "phone"]
_LANDLINE = r"^(010|02\d|0[3-9]\d{2})(\d{7,8})$"  # as people write it: 0755-65848382
_LABEL = r"(?i)^\W*(?:手机|电话|座机|固话|联系方式|联系电话|手机号|手机号码|tel|mobile|phone)\W*"
_WORDS = "[\\p{Han}--零〇一二三四五六七八九幺洞两壹贰叁肆伍陆柒捌玖]"
# Cells that are not touched: a formula is repaired where it takes its text from.
_KEPT = ("cell.formula", "cell.formula_empty")


def write_fixed(checked: Checked, source: Path, config: Config, target: Path) -> tuple[int, int]:
    """Write the file with its repairs, as a workbook or a CSV with the list beside it; (repairs, errors and warnings left)."""
    sheets = read_whole(source, read_options(source, config))
    repairs = certain_repairs(checked, sheets)
    left = _left(checked.findings, repairs)
    if target.suffix.lower() == ".csv":
        _write_csv(checked, sheets, repairs, target)
    else:
        write_file(target, marked_workbook(checked, left, source, sheets, repairs))
    return repairs.height, left.height


def certain_repairs(checked: Checked, sheets: list[WholeSheet]) -> pl.DataFrame:
    """`file_id, row_number, place, cell, sheet, header, field, before, after, rules, words` of every cell that is repaired."""
    steps = checked.changes.sort(*_CELL, "step")
    sure = (
        pl.col("rule").is_in([rule for rule, entry in catalog().items() if entry.repair])
        & pl.col("after").is_not_null()
    )
    text = (sure & pl.col("rule").str.starts_with("text.")).cast(pl.Int8).cum_min().over(_CELL) == 1
    steps = steps.filter(sure.all().over(_CELL) | text)
    cells = steps.group_by(_CELL, maintain_order=True).agg(
        pl.col("before").first(), pl.col("after").last(), rules=pl.col("rule").unique(maintain_order=True)
    )
    cells = cells.with_columns(after=_as_dialled()).filter(pl.col("before") != pl.col("after"), ~_holds_more())
    return _placed(cells, checked, sheets)


def _as_dialled() -> pl.Expr:
    """`after`, phones as people write them: 13800001234, 0755-26001357."""
    phone = pl.col("field").is_in(_PHONES) & pl.col("after").str.starts_with("+86")
    number = national(pl.col("after")).str.replace(_LANDLINE, "${1}-${2}")
    return pl.when(phone).then(number).otherwise("after")


def _holds_more() -> pl.Expr:
    """Whether a repair would lose something: 微信同号 beside a phone, the lines of a note."""
    remark = pl.col("before").str.replace(_LABEL, "").str.contains(_WORDS)
    lines = pl.col("before").str.strip_chars().str.contains("[\r\n]")
    return (pl.col("field").is_in(_PHONES) & remark) | (~pl.col("field").is_in([f.name for f in FIELDS]) & lines)


def _placed(cells: pl.DataFrame, checked: Checked, sheets: list[WholeSheet]) -> pl.DataFrame:
    """Repairs at the cells that hold just what was repaired: not those that a formula or a merged range fills."""
    intake, english = checked.intake, checked.report.language == "en"
    columns = intake.columns.with_columns(field=pl.coalesce("field", "header"))
    table = cells.join(intake.raw.select("record_key", "file_id", "row_number"), on="record_key")
    table = table.join(columns, on=["file_id", "field"]).join(intake.files.select("file_id", "sheet"), on="file_id")
    kept = checked.findings.filter(pl.col("rule").is_in(_KEPT))
    table = table.join(kept, on=["file_id", "row_number", "place"], how="anti")
    rows = {sheet.name: sheet.rows for sheet in sheets}
    places = table.select("sheet", "row_number", "place", "before").iter_rows()
    own = [rows.get(sheet, {}).get(row, {}).get(place) == before for sheet, row, place, before in places]
    table = table.filter(pl.Series(own, dtype=pl.Boolean)).sort("file_id", "row_number", "place")
    words = {rule: entry.text.en if english else entry.text.zh for rule, entry in catalog().items()}
    said = pl.col("rules").list.eval(pl.element().replace_strict(words, return_dtype=pl.String)).list.join("；")
    letters = [column_letters(place) for place in table["place"].to_list()]
    cell = pl.Series(letters, dtype=pl.String) + table["row_number"].cast(pl.String)
    return table.with_columns(words=said, rule=pl.col("rules"), rules=pl.col("rules").list.join(" "), cell=cell)


def _left(findings: pl.DataFrame, repairs: pl.DataFrame) -> pl.DataFrame:
    """The errors and warnings that no repair settled."""
    findings = findings.filter(pl.col("severity") != "info")
    key = ["file_id", "row_number", "field", "rule"]
    return findings.join(repairs.explode("rule").select(key), on=key, how="anti", maintain_order="left")


def _write_csv(checked: Checked, sheets: list[WholeSheet], repairs: pl.DataFrame, target: Path) -> None:
    """Every row of the file in its order, and the list of repairs as a second CSV.

    UTF-8 with a BOM, which Excel needs, but where a BOM is more than a hint.
    """
    if len(sheets) > 1:
        what = Text("文件有多张工作表，--fixed 请写成 .xlsx。", "The file has several sheets: let --fixed write .xlsx.")
        raise UsageError(what)
    after = texts_by_place(repairs)
    width = 1 + max((max(cells, default=0) for cells in sheets[0].rows.values()), default=0)
    lines = [
        [after.get((row, place), cells.get(place)) for place in range(width)] for row, cells in sheets[0].rows.items()
    ]
    frame = pl.DataFrame(lines, schema=[f"c{i}" for i in range(width)], orient="row", infer_schema_length=None)
    bom = b"" if checked.report.rules.get("file.bom", ("info",))[0] in ("error", "warning") else b"\xef\xbb\xbf"
    write_file(target, bom + frame.cast(pl.String).write_csv(include_header=False).encode())
    told = repairs.select("cell", "header", "before", "after", "words", "rules")
    if checked.report.language != "en":
        told = told.rename(
            {"cell": "位置", "header": "列", "before": "改前", "after": "改后", "words": "改了什么", "rules": "规则"}
        )
    write_file(target.with_suffix(".repairs.csv"), encode(told, "csv"))
