"""customers.xlsx: a sheet as people make them, with titles, merged cells, totals, formulas and a hidden dictionary."""

from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import xlsxwriter

from .scenes import SampleRow

_SINGLES = {0: "客户编号", 1: "客户名称", 2: "统一社会信用代码", 9: "负责人", 10: "合同金额（元）", 11: "创建时间",
            12: "最后更新时间", 13: "备注"}  # fmt: skip
_GROUPS = {(3, 5): "联系人信息", (6, 8): "公司信息"}
_SECOND = {3: "联系人", 4: "手机号", 5: "邮箱", 6: "座机", 7: "地址", 8: "省份"}
_PLAIN = {3: "name", 5: "email", 6: "landline", 7: "address", 13: "remark"}
_MERGED = {1: "company", 2: "code", 9: "owner"}
FIRST_ROW = 3  # zero-based: a title and two header rows stand above
CREATED = datetime(2025, 6, 30, 18, 0)  # fixed, or the file would differ from day to day


def write_sheet(path: Path, rows: list[SampleRow]) -> None:
    """Write the workbook; same rows, same bytes."""
    book = xlsxwriter.Workbook(path)
    book.set_properties({"title": "客户名单", "author": "王芳", "created": CREATED})
    formats = {
        "title": book.add_format({"bold": True, "font_size": 16, "align": "center"}),
        "head": book.add_format(
            {"bold": True, "align": "center", "valign": "vcenter", "border": 1, "bg_color": "#DDEBF7"}
        ),
        "cell": book.add_format({"valign": "vcenter"}),
        "day": book.add_format({"num_format": "yyyy/m/d"}),
        "time": book.add_format({"num_format": 'yyyy"年"m"月"d"日" h:mm'}),
        "money": book.add_format({"num_format": "#,##0.00"}),
    }
    sheet = book.add_worksheet("客户名单")
    _write_header(sheet, formats)
    for number, row in enumerate(rows):
        _write_row(sheet, formats, number, row)
    _write_merged(sheet, formats, rows)
    _write_footer(sheet, formats, len(rows))
    _write_dictionary(book)
    book.close()


def _write_header(sheet: Any, formats: dict[str, Any]) -> None:
    sheet.merge_range(0, 0, 0, 13, "2025 年度客户名单（内部资料）", formats["title"])
    for column, text in _SINGLES.items():
        sheet.merge_range(1, column, 2, column, text, formats["head"])
    for (first, last), text in _GROUPS.items():
        sheet.merge_range(1, first, 1, last, text, formats["head"])
    for column, text in _SECOND.items():
        sheet.write_string(2, column, text, formats["head"])
    sheet.freeze_panes(FIRST_ROW, 1)
    sheet.set_column(0, 13, 16)


def _write_row(sheet: Any, formats: dict[str, Any], number: int, row: SampleRow) -> None:
    line = FIRST_ROW + number
    sheet.write_string(line, 0, f"K{number + 1:04}")
    for column, field in _PLAIN.items():
        if row.values.get(field):
            sheet.write_string(line, column, row.values[field])
    _write_phone(sheet, line, number, row.values["phone"])
    if number % 6 == 1:  # a real formula with its last result
        formula = f'=IFERROR(VLOOKUP("{row.values["province"]}",字典!$A$2:$B$12,2,FALSE),"{row.values["province"]}")'
        sheet.write_formula(line, 8, formula, None, row.values["province"])
    elif row.values["province"]:
        sheet.write_string(line, 8, row.values["province"])
    sheet.write_number(line, 10, 1250.5 * (number + 3), formats["money"])
    sheet.write_datetime(line, 11, row.created, formats["time" if number % 3 else "day"])
    if number % 5 == 4:
        sheet.write_string(line, 12, f"{row.updated:%Y.%m.%d}")
    else:
        sheet.write_datetime(line, 12, row.updated, formats["time" if number % 2 else "day"])


def _write_phone(sheet: Any, line: int, number: int, phone: str) -> None:
    """Text, a number, the ="…" trick as a formula and as text, an error: each some rows."""
    if not (phone.isascii() and phone.isdigit()):
        sheet.write_string(line, 4, phone)
    elif number % 8 == 3:
        sheet.write_formula(line, 4, f'="{phone}"', None, phone)
    elif number % 8 == 5:
        sheet.write_string(line, 4, f'="{phone}"')
    elif number % 16 == 7:
        sheet.write_formula(line, 4, f"=VLOOKUP(A{line + 1},字典!$D$2:$E$9,2,FALSE)", None, "#N/A")
    elif number % 3 == 0:
        sheet.write_number(line, 4, int(phone))
    else:
        sheet.write_string(line, 4, phone)


def _write_merged(sheet: Any, formats: dict[str, Any], rows: list[SampleRow]) -> None:
    """Rows of one company in a row share one merged cell for company, code and owner."""
    for column, field in _MERGED.items():
        for (value, _), run in groupby(enumerate(rows), key=lambda item: (item[1].values[field], item[1].account)):
            members = list(run)
            first, last = FIRST_ROW + members[0][0], FIRST_ROW + members[-1][0]
            if value and last > first:
                sheet.merge_range(first, column, last, column, value, formats["cell"])
            elif members[0][1].code_style == "number" and field == "code":
                sheet.write_number(first, column, int(value))
            elif value:
                sheet.write_string(first, column, value, formats["cell"])


def _write_footer(sheet: Any, formats: dict[str, Any], count: int) -> None:
    line = FIRST_ROW + count
    sheet.write_string(line, 0, "合计")
    sheet.write_string(line, 1, f"共 {count} 条")
    total = sum(1250.5 * (number + 3) for number in range(count))
    sheet.write_formula(line, 10, f"=SUM(K{FIRST_ROW + 1}:K{line})", formats["money"], total)
    sheet.write_string(line + 2, 0, "制表人：王芳")
    sheet.write_string(line + 2, 9, "审核：李强")
    sheet.write_string(line + 2, 12, "2025年6月30日")


def _write_dictionary(book: Any) -> None:
    """The hidden sheet that drop-down lists are fed from: no customers in it."""
    sheet = book.add_worksheet("字典")
    provinces = ("浙江", "广东", "上海", "重庆", "四川", "山东", "湖北", "辽宁", "广西", "云南", "香港")
    sheet.write_row(0, 0, ("省份", "省份简称", "", "负责人", "电话"))
    for line, province in enumerate(provinces, start=1):
        sheet.write_row(line, 0, (province, province))
    for line, owner in enumerate(("华东一组", "华东二组", "华南组", "西南组"), start=1):
        sheet.write_row(line, 3, (owner, f"分机{8000 + line}"))
    sheet.hide()
