"""Amounts, yes-or-no cells and holders of tables beside the customers, as columns."""

import polars as pl

_AMOUNT = r"^(-?[0-9]+(?:\.[0-9]+)?)(万|亿|%)?$"
_TIMES = {"万": 1e4, "亿": 1e8, "%": 0.01}
# What is done or not yet: 已成交, 成交; 未成交.
_DONE = ("认领", "领取", "成交", "转化", "签约", "确认")
_YES = ("是", "有", "对", "y", "yes", "true", "t", "1", "√", "✓", "赢单", *_DONE, *(f"已{done}" for done in _DONE))
_NO = (
    "否",
    "无",
    "没有",
    "不是",
    "n",
    "no",
    "false",
    "f",
    "0",
    "×",
    "输单",
    *(f"{no}{done}" for done in _DONE for no in "未待"),
)


def read_amount(text: pl.Expr) -> pl.Expr:
    """¥1,234.50, 12万元, 35%: a number (万, 亿 and % are read), null where it is none."""
    plain = text.str.replace_all(r"[\s,，￥¥$]|人民币|RMB|CNY|元整?|件|个|次|天|人", "")
    times = plain.str.extract(_AMOUNT, 2).replace_strict(_TIMES, default=1.0, return_dtype=pl.Float64)
    return plain.str.extract(_AMOUNT, 1).cast(pl.Float64) * times


def read_yes(text: pl.Expr) -> pl.Expr:
    """是, 有, √ …: true; 否, 无 …: false; null where it is neither."""
    plain = text.str.to_lowercase().str.strip_chars()
    return pl.when(plain.is_in(_YES)).then(True).when(plain.is_in(_NO)).then(False)


def read_holder(text: pl.Expr) -> pl.Expr:
    """Who has a lead or deal; null where the cell says that nobody does (未分配, 公海)."""
    return pl.when(
        ~text.str.contains(r"^(?:未|待|尚未|暂未|无人)(?:分配|认领|领取|指派|跟进)|公海|线索池|无主|^暂?无?负责人$")
    ).then(text)
