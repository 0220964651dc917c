"""Dates as exports, workbooks and people write them."""

import polars as pl

from .draw import Draw
from .forms import CLEAN, DAMAGED, PLACEHOLDER, VALUE, VARIANT, Form, full_width, one_of, write_forms

# The value is text, `2025-01-03 09:05:00`; the time itself stands in `time`.
_TIME = pl.col("time")
_DAY = _TIME.dt.to_string("%Y/%-m/%-d")
_SERIAL = (_TIME - pl.datetime(1899, 12, 30)).dt.total_seconds()
_HALF = pl.when(_TIME.dt.hour() < 12).then(pl.lit("上午")).otherwise(pl.lit("下午"))

_FORMS = (
    Form(CLEAN, 260, VALUE),
    Form(VARIANT, 160, _TIME.dt.to_string("%Y-%m-%d")),
    Form(VARIANT, 90, _DAY),
    Form(VARIANT, 80, _TIME.dt.to_string("%Y/%-m/%-d %-H:%M")),
    Form(VARIANT, 50, _TIME.dt.to_string("%Y/%m/%d %H:%M:%S")),
    Form(VARIANT, 60, _TIME.dt.to_string("%Y年%-m月%-d日")),
    Form(VARIANT, 20, _TIME.dt.to_string("%Y年%m月%d日 %H时%M分")),
    Form(VARIANT, 45, _TIME.dt.to_string("%Y.%m.%d")),
    Form(VARIANT, 20, _TIME.dt.to_string("%Y.%-m.%-d")),
    Form(VARIANT, 40, _TIME.dt.to_string("%Y%m%d")),
    Form(VARIANT, 10, _TIME.dt.to_string("%Y%m%d%H%M%S")),
    Form(VARIANT, 40, _TIME.dt.to_string("%Y-%m-%dT%H:%M:%S+08:00")),
    Form(VARIANT, 10, _TIME.dt.to_string("%Y-%m-%dT%H:%M:%S.000")),
    Form(VARIANT, 8, (_TIME - pl.duration(hours=8)).dt.to_string("%Y-%m-%dT%H:%M:%SZ")),
    Form(VARIANT, 40, (_SERIAL // 86_400).cast(pl.String)),
    Form(VARIANT, 15, (_SERIAL / 86_400).round(6).cast(pl.String)),
    Form(VARIANT, 15, _DAY + " " + _HALF + _TIME.dt.to_string(" %-I:%M")),
    Form(VARIANT, 8, _TIME.dt.to_string("%b %-d, %Y")),
    Form(VARIANT, 8, _TIME.dt.to_string("%-d-%b-%Y")),
    Form(VARIANT, 6, full_width(_TIME.dt.to_string("%Y-%m-%d"))),
    Form(VARIANT, 6, pl.lit("'") + _TIME.dt.to_string("%Y-%m-%d")),
    Form(VARIANT, 6, _TIME.dt.to_string("%Y-%m-%d ") + "\u200b"),
    Form(DAMAGED, 6, _TIME.dt.to_string("%Y年%-m月")),
    Form(PLACEHOLDER, 8, one_of(("0000-00-00", "1900-01-00", "-", "无", "1970-01-01", "########"))),
)


def write_times(frame: pl.DataFrame, draw: Draw, column: str) -> pl.DataFrame:
    """Columns cell, kind from the datetime `column`; what every variant keeps is the right day."""
    text = pl.col(column).dt.to_string("%Y-%m-%d %H:%M:%S").alias(f"{column} text")
    times = frame.select(pl.col(column).alias("time"), text)
    return write_forms(times, draw, text.meta.output_name(), _FORMS)
