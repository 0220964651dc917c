"""Amounts and yes-or-no cells of tables beside the customers, as columns."""

import polars as pl

_AMOUNT = r"^(-?[0-9]+(?:\.[0-9]+)?)(万|亿|%)?$"
_TIMES = {"万": 1e4, "亿": 1e8, "%": 0.01}
_YES = ("是", "有", "对", "y", "yes", "true", "t", "1", "√", "✓", "已认领", "已成交", "已确认", "成交", "确认")
_NO = ("否", "无", "没有", "不是", "n", "no", "false", "f", "0", "×", "未认领", "未成交", "未确认")


def read_amount(text: pl.Expr) -> pl.Expr:
    """¥1,234.50, 12万元, 35%: a number (万, 亿 and % are read), null where it is none."""
    plain = text.str.replace_all(r"[\s,，￥¥$]|人民币|RMB|CNY|元整?|件|个|次|天|人", "")
    times = plain.str.extract(_AMOUNT, 2).replace_strict(_TIMES, default=1.0, return_dtype=pl.Float64)
    return plain.str.extract(_AMOUNT, 1).cast(pl.Float64) * times


def read_yes(text: pl.Expr) -> pl.Expr:
    """是, 有, √ …: true; 否, 无 …: false; null where it is neither."""
    plain = text.str.to_lowercase().str.strip_chars()
    return pl.when(plain.is_in(_YES)).then(True).when(plain.is_in(_NO)).then(False)
