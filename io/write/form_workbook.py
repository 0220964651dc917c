"""A workbook that people fill in: drop-downs, protected columns, shades; a page of instructions, a hidden page of facts.

Texts are written as text, so that nothing in them runs and no number loses a digit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import Any

import polars as pl
import xlsxwriter

from ...errors import UsageError
from ...i18n import Text

MOST_ROWS = 1_048_575  # below the heading
_CHARACTERS = 32_767
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
_MAY = {"autofilter": True, "sort": True, "format_cells": True, "format_columns": True, "format_rows": True}
_HEAD = {"bold": True, "bottom": 1, "text_wrap": True, "valign": "vcenter", "bg_color": "#D9E2EF"}


@dataclass(frozen=True)
class Form:
    """The sheet to fill in. texts, styles: the same shape; a style is words of `formats`, which add up.

    offers: column → what its drop-down offers; frozen: columns that stay in sight.
    """

    name: str
    texts: pl.DataFrame
    styles: pl.DataFrame
    heads: Sequence[str]
    widths: Sequence[int]
    offers: Mapping[str, Sequence[str]]
    formats: Mapping[str, Mapping[str, object]]
    frozen: int
    error: str  # what the spreadsheet says to a word that is not offered


@dataclass(frozen=True)
class Extras:
    """instructions: name and lines of a page, the first one a title. facts: name and rows of a page nobody sees."""

    instructions: tuple[str, Sequence[str]]
    facts: tuple[str, Sequence[tuple[str, str]]] = field(default=("", ()))
    created: datetime | None = None


def form_workbook(form: Form, extras: Extras) -> bytes:
    """The workbook as bytes, the same for the same content. Raises UsageError where a sheet cannot hold the rows."""
    if form.texts.height > MOST_ROWS:
        what = Text("记录太多，一张工作表放不下。", "There are more records than a sheet can hold.")
        raise UsageError(what, Text("请用 --limit 减少组数。", "Take fewer groups with --limit."))
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, _OPTIONS)
    if extras.created is not None:
        book.set_properties({"created": extras.created})
    _write_form(book, form)
    _write_lines(book, *extras.instructions)
    _write_facts(book, *extras.facts)
    book.close()
    return buffer.getvalue()


def _write_form(book: Any, form: Form) -> None:
    sheet, dressed = book.add_worksheet(form.name), _Formats(book, form.formats)
    last = max(form.texts.height, 1)
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{last + 1}"})
    head = book.add_format(_HEAD)
    for column, (text, width) in enumerate(zip(form.heads, form.widths, strict=True)):
        sheet.write_string(0, column, text, head)
        sheet.set_column(column, column, width)
    for column, name in enumerate(form.texts.columns):
        cells = zip(form.texts[name].to_list(), form.styles[name].to_list(), strict=True)
        for row, (cell, words) in enumerate(cells, start=1):
            _write_cell(sheet, row, column, cell, dressed[words])
        if name in form.offers:
            rule = {"validate": "list", "source": list(form.offers[name]), "error_message": form.error}
            sheet.data_validation(1, column, last, column, rule)
    sheet.freeze_panes(1, form.frozen)
    sheet.autofilter(0, 0, last, len(form.heads) - 1)
    sheet.protect("", _MAY)


def _write_cell(sheet: Any, row: int, column: int, cell: object, dress: Any) -> None:
    if cell is None:
        sheet.write_blank(row, column, None, dress)
    elif isinstance(cell, int | float):
        sheet.write_number(row, column, cell, dress)
    else:
        sheet.write_string(row, column, str(cell)[:_CHARACTERS], dress)


class _Formats(dict[str, Any]):
    """Styles as the library wants them: each combination of words once."""

    def __init__(self, book: Any, words: Mapping[str, Mapping[str, object]]) -> None:
        super().__init__()
        self._book, self._words = book, words

    def __missing__(self, style: str) -> Any:
        merged: dict[str, object] = {"num_format": "@"}
        for word in style.split():
            merged |= self._words[word]
        self[style] = self._book.add_format(merged)
        return self[style]


def _write_lines(book: Any, name: str, lines: Sequence[str]) -> None:
    sheet = book.add_worksheet(name)
    sheet.set_column(0, 0, 110)
    title = book.add_format({"bold": True, "font_size": 14})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for row, line in enumerate(lines):
        sheet.write_string(row, 0, line, wrapped if row else title)
    sheet.protect("", _MAY)


def _write_facts(book: Any, name: str, rows: Sequence[tuple[str, str]]) -> None:
    if not name:
        return
    sheet = book.add_worksheet(name)
    for row, (key, value) in enumerate(rows):
        sheet.write_string(row, 0, key)
        sheet.write_string(row, 1, value)
    sheet.protect()
    sheet.very_hidden()
