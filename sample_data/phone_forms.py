"""Mobiles and landlines as people, forms, exports and workbooks write them."""

import polars as pl

from .draw import Draw
from .forms import (
    CLEAN,
    DAMAGED,
    ERRORS,
    NOISE,
    PLACEHOLDER,
    SHARED,
    VALUE,
    VARIANT,
    WRONG,
    Form,
    dropped,
    full_width,
    one_of,
    quoted_formula,
    with_invisible,
    write_forms,
)
from .people import mobiles

PLACEHOLDERS = (
    "13800138000", "13888888888", "11111111111", "12345678901", "18888888888", "13900000000", "13000000000",
    "00000000000", "99999999999", "15888888888",
)  # fmt: skip
_JUNK_WEIGHT = 139.0  # of 1000 phones: at a million rows 34 numbers carry about 3,800 rows each
_DIGITS = list("0123456789")
_SPOKEN = list("洞幺二三四五六拐八九")
_PLAIN_HAN = list("零一二三四五六七八九")
_RING_HAN = list("〇一二三四五六七八九")
_CAPITAL = list("零壹贰叁肆伍陆柒捌玖")
_CIRCLED = list("⓪①②③④⑤⑥⑦⑧⑨")
_ARABIC = [chr(0x0660 + i) for i in range(10)]
_BOLD = [chr(0x1D7CE + i) for i in range(10)]

A, B, C = VALUE.str.slice(0, 3), VALUE.str.slice(3, 4), VALUE.str.slice(7, 4)
_LINE = pl.col("area_code") + "-" + pl.col("landline")


def _groups(separator: str) -> pl.Expr:
    return A + separator + B + separator + C


def _numerals(numerals: list[str], text: pl.Expr = VALUE) -> pl.Expr:
    return text.str.replace_many(_DIGITS, numerals)


# Weights are per thousand filled cells. `variant`: the number can be had back.
_VARIANTS: tuple[tuple[float, pl.Expr], ...] = (
    (16, _groups("-")),
    (14, _groups(" ")),
    (12, pl.lit("+86 ") + VALUE),
    (10, pl.lit("+86") + VALUE),
    (8, pl.lit("86-") + VALUE),
    (8, pl.lit("86") + VALUE),
    (8, pl.lit("0086") + VALUE),
    (4, pl.lit("0086-") + _groups("-")),
    (6, pl.lit("+86-") + _groups("-")),
    (4, pl.lit("（+86）") + VALUE),
    (5, pl.lit("(") + VALUE + ")"),
    (4, pl.lit("(") + A + ")" + B + "-" + C),
    (3, pl.lit("【") + VALUE + "】"),
    (3, _groups(".")),
    (2, _groups("/")),
    (2, _groups("_")),
    (3, VALUE.str.slice(0, 4) + " " + VALUE.str.slice(4, 4) + " " + VALUE.str.slice(8)),
    (10, full_width(VALUE)),
    (2, full_width(_groups("-"))),
    (4, _numerals(_PLAIN_HAN)),
    (2, _numerals(_RING_HAN)),
    (2, _numerals(_SPOKEN)),
    (1, _numerals(_CAPITAL)),
    (1, _numerals(_CIRCLED)),
    (1, _numerals(_ARABIC)),
    (0.5, _numerals(_BOLD)),
    (8, VALUE + "（微信同号）"),
    (4, VALUE + "(微信)"),
    (4, VALUE + " " + pl.col("name")),
    (3, pl.col("surname") + "总：" + VALUE),
    (4, pl.lit("手机：") + VALUE),
    (3, pl.lit("手机:") + VALUE),
    (3, pl.lit("tel:") + VALUE),
    (2, pl.lit("Tel：+86 ") + VALUE),
    (2, pl.lit("☎") + VALUE),
    (6, VALUE + "/" + _LINE),
    (4, VALUE + "；" + _LINE),
    (3, _LINE + " " + VALUE),
    (2, VALUE + "," + VALUE),
    (3, VALUE + "转" + (NOISE % 8999 + 1000).cast(pl.String)),
    (1, VALUE + "-9100"),
    (8, VALUE + ".0"),
    (2, VALUE + ".00"),
    (6, pl.lit("'") + VALUE),
    (6, quoted_formula(VALUE)),
    (1, pl.lit('=HYPERLINK("tel:') + VALUE + '","' + VALUE + '")'),
    (3, VALUE.str.slice(0, 1) + "." + VALUE.str.slice(1) + "E+10"),
    (4, VALUE.str.replace_all("0", "O")),
    (2, VALUE.str.replace_all("1", "l")),
    (2, pl.lit("17951") + VALUE),
    (4, pl.lit("0") + VALUE),
    (8, with_invisible(VALUE)),
    (3, pl.lit("\u202a") + VALUE + "\u202c"),
    (3, _groups("\u00a0")),
    (2, _groups("\u3000")),
    (3, VALUE + " "),
    (2, VALUE + "\n"),
    (2, VALUE + "_x000D_"),
)
_DAMAGES: tuple[tuple[float, pl.Expr], ...] = (
    (9, A + "****" + C),
    (2, A + "****" + VALUE.str.slice(7, 2) + "**"),
    (6, VALUE.str.slice(0, 1) + "." + VALUE.str.slice(1, 2) + "E+10"),
    (4, dropped(VALUE)),
    (4, VALUE.str.slice(0, 6) + VALUE.str.slice(5)),  # one digit twice: twelve digits
    (2, VALUE.str.slice(0, 7)),
    (2, VALUE.str.slice(0, 10) + "?"),
    (4, one_of(ERRORS)),
    (4, one_of(("无", "-", "暂无", "不详", "没留", "123456", "0", "1", "N/A", "见备注", "同上"))),
)
_MAINLAND = VALUE.str.starts_with("1")
_NEXT_DIGIT = VALUE.str.slice(10, 1).cast(pl.Int8)
_FORMS = (
    Form(CLEAN, 600, VALUE),
    *(Form(VARIANT, weight, write) for weight, write in _VARIANTS),
    *(Form(DAMAGED, weight, write) for weight, write in _DAMAGES),
    Form(WRONG, 3, VALUE.str.slice(0, 10) + ((_NEXT_DIGIT + 1) % 10).cast(pl.String)),
    Form(WRONG, 2, VALUE.str.slice(0, 9) + VALUE.str.slice(10, 1) + VALUE.str.slice(9, 1)),
)


def junk_numbers(rows: int, seed: int) -> tuple[list[str], list[str]]:
    """(placeholders, real numbers under many names): 34 at a million rows, about seven at fifteen thousand."""
    count = max(3, min(34, round(34 * (rows / 1_000_000) ** 0.375)))
    holders = list(PLACEHOLDERS[: max(2, min(len(PLACEHOLDERS), round(0.6 * count)))])
    return holders, mobiles(Draw.of_range(seed, count - len(holders)), "junk").to_list()


def write_phones(frame: pl.DataFrame, draw: Draw, junk: tuple[list[str], list[str]]) -> pl.DataFrame:
    """Columns cell, kind from `phone`; needs name, surname, area_code, landline, phone_shared beside it."""
    holders, shared = junk
    usual = sum(form.weight for form in _FORMS) / (1 - _JUNK_WEIGHT / 1000) * _JUNK_WEIGHT / 1000
    each = usual / (len(holders) + len(shared))
    forms = [Form(form.kind, form.weight, pl.when(_MAINLAND).then(form.write)) for form in _FORMS]
    forms.append(Form(PLACEHOLDER, each * len(holders), one_of(holders)))
    forms.append(Form(SHARED, each * len(shared), one_of(shared)))
    phone = pl.col("phone")
    foreign = phone.str.starts_with("+") & (pl.col("cell") == phone)
    spaced = phone.str.slice(0, 4) + " " + phone.str.slice(4, 4) + " " + phone.str.slice(8)
    borrowed = pl.col("phone_shared") & (pl.col("kind") == CLEAN)
    return (
        write_forms(frame, draw, "phone", forms)
        .with_columns(frame["phone"], frame["phone_shared"])
        .select(
            pl.when(foreign).then(spaced).otherwise("cell").alias("cell"),
            pl.when(foreign).then(pl.lit(VARIANT)).when(borrowed).then(pl.lit(SHARED)).otherwise("kind").alias("kind"),
        )
    )


_NUMBER = pl.col("landline")
_EXTENSION = pl.col("extension")
_LANDLINE_FORMS = (
    Form(CLEAN, 250, VALUE),
    Form(VARIANT, 300, _LINE),
    Form(VARIANT, 150, _LINE + "-" + _EXTENSION),
    Form(VARIANT, 60, VALUE + "-" + _EXTENSION),
    Form(VARIANT, 60, pl.lit("(") + pl.col("area_code") + ")" + _NUMBER),
    Form(VARIANT, 30, pl.lit("（") + pl.col("area_code") + "）" + _NUMBER + "转" + _EXTENSION),
    Form(VARIANT, 30, _LINE + " 分机" + _EXTENSION),
    Form(VARIANT, 20, pl.lit("+86-") + VALUE.str.slice(1)),
    Form(VARIANT, 15, pl.lit("0086 ") + pl.col("area_code").str.slice(1) + " " + _NUMBER),
    Form(VARIANT, 15, full_width(_LINE)),
    Form(VARIANT, 15, pl.col("area_code") + " " + _NUMBER.str.slice(0, 4) + " " + _NUMBER.str.slice(4)),
    Form(VARIANT, 10, pl.lit("电话：") + _LINE),
    Form(VARIANT, 10, quoted_formula(VALUE)),
    Form(VARIANT, 15, with_invisible(VALUE)),
    # Without the area code only the row's city can tell.
    Form(DAMAGED, 25, _NUMBER),
    # A workbook drops the leading zero; without Beijing's a number would look like half a mobile.
    Form(VARIANT, 20, pl.when(pl.col("area_code") != "010").then(VALUE.str.slice(1))),
    Form(SHARED, 12, one_of(("400-800-1234", "4008001234", "95001", "800-820-8820"))),
    Form(DAMAGED, 15, one_of(("无", "-", "同手机", "0571-", "N/A", "#N/A", "88888888"))),
)


def write_landlines(frame: pl.DataFrame, draw: Draw) -> pl.DataFrame:
    """Columns cell, kind from `line_number` (area code and number); needs area_code, landline, extension beside it."""
    return write_forms(frame, draw, "line_number", _LANDLINE_FORMS)
