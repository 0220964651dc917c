"""The input in two parts: rows to import and rows to mend."""

import json
from pathlib import Path

import polars as pl

from ...io.write.export import write_file
from ...io.write.plain_workbook import text_workbook
from .gate import Checked


def split_rows(checked: Checked) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(accepted, rejected): together every row that was read, cells as text as read; rejected has the reason last.

    A column per header in the order of the file; further cells of ragged rows as `#15`; the sheet first where the file
    has several.
    """
    order = checked.intake.files.select("file_id", "sheet").with_row_index("_order")
    rows = checked.intake.raw.join(order, on="file_id").sort("_order", "row_number")
    rows = rows.join(checked.rejected, on=["file_id", "row_number"], how="left", maintain_order="left")
    cells = [json.loads(text) for text in rows["values"].to_list()]
    headers = dict.fromkeys(checked.intake.columns["header"].to_list())
    further = sorted({name for row in cells for name in row if name not in headers}, key=lambda n: (len(n), n))
    table = [pl.Series(name, [row.get(name) for row in cells], dtype=pl.String) for name in (*headers, *further)]
    english = checked.report.language == "en"
    if checked.intake.files.height > 1:
        table.insert(0, rows["sheet"].alias(_free("sheet" if english else "工作表", {*headers, *further})))
    frame, bad = pl.DataFrame(table), rows["reason"].is_not_null()
    reason = rows["reason"].filter(bad).alias(_free("reason" if english else "原因", set(frame.columns)))
    return frame.filter(~bad), frame.filter(bad).with_columns(reason)


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    return name


def write_rows(frame: pl.DataFrame, target: Path) -> None:
    """A workbook of text cells, or a CSV (UTF-8 with BOM) that holds exactly the texts of the frame.

    A CSV cannot say that a cell is text: what the file held, `=1+1` or +8613800138000, it holds again.
    """
    if target.suffix.lower() == ".xlsx":
        write_file(target, text_workbook(frame))
    else:
        write_file(target, b"\xef\xbb\xbf" + frame.write_csv().encode())


def holds_formula(frame: pl.DataFrame) -> bool:
    """Whether a spreadsheet that opens these texts as CSV would run one of them."""
    live = pl.col(pl.String).str.contains(r"^\s*[=@]|^\s*[+-].*[A-Za-z(!]")
    return (
        bool(frame.select(live.any()).select(pl.any_horizontal(pl.all().fill_null(False))).item())
        if frame.width
        else False
    )
