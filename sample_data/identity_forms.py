"""Credit codes and mail addresses as people, scanners and workbooks write them."""

import polars as pl

from .draw import Draw
from .forms import (
    CLEAN,
    DAMAGED,
    ERRORS,
    NOISE,
    PLACEHOLDER,
    VALUE,
    VARIANT,
    Form,
    dropped,
    full_width,
    one_of,
    quoted_formula,
    with_invisible,
    write_forms,
)

_FILLER = one_of(("无", "/", "暂无", "-", "三证合一", "办理中", "见附件", "N/A", "0", "个人无"))
_AT = NOISE % 16 + 2  # registrar and kind stay, or nobody would type it so
_CODE_FORMS = (
    Form(CLEAN, 620, VALUE),
    Form(VARIANT, 40, VALUE.str.to_lowercase()),
    Form(VARIANT, 35, VALUE.str.slice(0, 2) + " " + VALUE.str.slice(2, 6) + " " + VALUE.str.slice(8)),
    Form(VARIANT, 20, VALUE.str.slice(0, 8) + "-" + VALUE.str.slice(8)),
    Form(VARIANT, 10, VALUE.str.slice(0, 6) + " " + VALUE.str.slice(6, 6) + " " + VALUE.str.slice(12)),
    Form(VARIANT, 30, full_width(VALUE)),
    Form(VARIANT, 25, pl.lit("'") + VALUE),
    Form(VARIANT, 20, quoted_formula(VALUE)),
    Form(VARIANT, 30, with_invisible(VALUE)),
    Form(VARIANT, 15, VALUE.str.replace_all("0", "O")),
    Form(VARIANT, 10, VALUE.str.slice(0, 8) + VALUE.str.slice(8).str.replace_all("1", "I")),
    Form(VARIANT, 6, VALUE.str.slice(0, 8) + VALUE.str.slice(8).str.replace_all("2", "Z")),
    Form(VARIANT, 6, VALUE.str.slice(0, 8) + VALUE.str.slice(8).str.replace_all("5", "S")),
    Form(VARIANT, 10, pl.lit("税号：") + VALUE),
    Form(VARIANT, 8, pl.lit("统一社会信用代码:") + VALUE),
    Form(VARIANT, 6, VALUE + "（副本）"),
    Form(VARIANT, 8, VALUE + " "),
    Form(DAMAGED, 20, VALUE.str.slice(8, 8) + "-" + VALUE.str.slice(16, 1)),  # only the organisation code
    Form(DAMAGED, 10, VALUE.str.slice(8, 9)),
    Form(DAMAGED, 15, VALUE.str.slice(0, _AT) + one_of("234567AHKTWX") + VALUE.str.slice(_AT + 1)),
    Form(
        DAMAGED,
        8,
        VALUE.str.slice(0, _AT) + VALUE.str.slice(_AT + 1, 1) + VALUE.str.slice(_AT, 1) + VALUE.str.slice(_AT + 2),
    ),
    Form(DAMAGED, 12, dropped(VALUE)),
    Form(DAMAGED, 8, VALUE.str.slice(0, 10)),
    Form(DAMAGED, 8, VALUE.str.slice(0, 1) + "." + VALUE.str.slice(1, 5) + "E+17"),
    Form(DAMAGED, 8, VALUE.str.slice(0, 8) + "**********"),
    Form(PLACEHOLDER, 40, _FILLER),
    Form(DAMAGED, 8, one_of(ERRORS)),
)

_LOCAL, _DOMAIN = VALUE.str.extract(r"^([^@]+)@", 1), VALUE.str.extract(r"@(.+)$", 1)
_MAIL_FORMS = (
    Form(CLEAN, 680, VALUE),
    Form(VARIANT, 40, VALUE.str.to_uppercase()),
    Form(VARIANT, 20, _LOCAL + "@" + _DOMAIN.str.to_titlecase()),
    Form(VARIANT, 15, VALUE.str.to_titlecase()),
    Form(VARIANT, 30, pl.lit(" ") + VALUE + " "),
    Form(VARIANT, 20, VALUE + ";"),
    Form(VARIANT, 10, VALUE + "；"),
    Form(VARIANT, 20, pl.lit("mailto:") + VALUE),
    Form(VARIANT, 20, _LOCAL + "＠" + _DOMAIN),
    Form(VARIANT, 8, full_width(VALUE)),
    Form(VARIANT, 10, pl.col("name") + "<" + VALUE + ">"),
    Form(VARIANT, 8, pl.lit('"') + pl.col("name") + '" <' + VALUE + ">"),
    Form(VARIANT, 8, pl.lit("<") + VALUE + ">"),
    Form(VARIANT, 8, pl.lit("邮箱：") + VALUE),
    Form(VARIANT, 4, pl.lit("Email:") + VALUE),
    Form(VARIANT, 8, VALUE + "（常用）"),
    Form(VARIANT, 6, _LOCAL + " @ " + _DOMAIN),
    Form(DAMAGED, 4, _LOCAL + "#" + _DOMAIN),
    Form(VARIANT, 4, _LOCAL + "(at)" + _DOMAIN),
    Form(VARIANT, 8, VALUE.str.replace_all(".", "。", literal=True)),
    Form(VARIANT, 5, VALUE + "," + VALUE),
    Form(VARIANT, 5, pl.lit("'") + VALUE),
    Form(VARIANT, 8, quoted_formula(VALUE)),
    Form(VARIANT, 6, pl.lit('=HYPERLINK("mailto:') + VALUE + '","' + VALUE + '")'),
    Form(VARIANT, 25, with_invisible(VALUE)),
    Form(VARIANT, 4, VALUE + "_x000D_"),
    Form(DAMAGED, 8, VALUE.str.replace("@", "", literal=True)),
    Form(DAMAGED, 8, VALUE.str.replace_all(".", ",", literal=True)),
    Form(DAMAGED, 8, VALUE.str.replace(r"\\.(com|cn|net).*$", "")),
    Form(
        DAMAGED, 8, VALUE.str.replace("gmail", "gmial").str.replace("163.com", "163.con").str.replace("qq.com", "qq.co")
    ),
    Form(DAMAGED, 6, VALUE.str.slice(0, 2) + "****@" + _DOMAIN),
    Form(
        PLACEHOLDER,
        22,
        one_of(("test@test.com", "a@a.com", "123@qq.com", "no@no.com", "111@111.com", "无", "没有", "-")),
    ),
    Form(DAMAGED, 6, one_of(ERRORS)),
)


def write_codes(frame: pl.DataFrame, draw: Draw) -> pl.DataFrame:
    """Columns cell, kind from `code`."""
    return write_forms(frame, draw, "code", _CODE_FORMS)


def write_mails(frame: pl.DataFrame, draw: Draw) -> pl.DataFrame:
    """Columns cell, kind from `email`; needs name beside it."""
    return write_forms(frame, draw, "email", _MAIL_FORMS)
