"""Frames as a workbook whose cells are all text: E.164 numbers keep their plus, codes their digits, and nothing is run."""

from collections.abc import Mapping
from io import BytesIO

import polars as pl

WIDEST = 40


def workbook_bytes(sheets: Mapping[str, pl.DataFrame]) -> bytes:
    """Sheet name → frame (String columns) → the bytes of an xlsx file, the header frozen."""
    import xlsxwriter

    buffer = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        text, head = book.add_format({"num_format": "@"}), book.add_format({"bold": True, "num_format": "@"})
        for name, frame in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            for place, column in enumerate(frame.columns):
                sheet.set_column(place, place, min(WIDEST, max(10, 2 * len(column))), text)
                sheet.write_string(0, place, column, head)
            for number, row in enumerate(frame.iter_rows(), 1):
                for place, value in enumerate(row):
                    if value is not None:
                        sheet.write_string(number, place, str(value), text)
    return buffer.getvalue()
