"""Dates in every form that CRM exports hold."""

from datetime import datetime, timedelta

import polars as pl
import pytest
from guiyi.rules.dates import program_forms as date_dress
from guiyi.rules.dates import written_forms as date_forms
from guiyi.rules.dates.clean import clean_dates
from hypothesis import given, settings
from hypothesis import strategies as st


def texts(*raw: str | None) -> pl.Series:
    return pl.Series(raw, dtype=pl.String)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        pytest.param("2025-06-05T19:33:00", "2025-06-05T19:33:00", id="canonical"),
        pytest.param("2025-06-05 19:33:00", "2025-06-05T19:33:00", id="date-and-time"),
        pytest.param("2025-06-05 19:33:00.000", "2025-06-05T19:33:00", id="fraction"),
        pytest.param("2026/2/26", "2026-02-26T00:00:00", id="slashes"),
        pytest.param("2025.07.13", "2025-07-13T00:00:00", id="dots"),
        pytest.param("2025。7。13", "2025-07-13T00:00:00", id="chinese-dots"),
        pytest.param("2025\\07\\13", "2025-07-13T00:00:00", id="backslashes"),
        pytest.param("2025 07 13", "2025-07-13T00:00:00", id="spaces"),
        pytest.param("20250725", "2025-07-25T00:00:00", id="compact"),
        pytest.param("20250725193300", "2025-07-25T19:33:00", id="compact-time"),
        pytest.param("2025年1月16日", "2025-01-16T00:00:00", id="chinese"),
        pytest.param("25年6月5日", "2025-06-05T00:00:00", id="chinese-short-year"),
        pytest.param("2025年1月16日15时30分", "2025-01-16T15:30:00", id="chinese-time"),
        pytest.param("2025年1月16日 下午3点", "2025-01-16T15:00:00", id="chinese-hour"),
        pytest.param("2025年1月16日下午三点半", "2025-01-16T15:30:00", id="half-past"),
        pytest.param("二〇二五年十二月三十一日", "2025-12-31T00:00:00", id="numerals"),
        pytest.param("2025/1/22 下午3:30", "2025-01-22T15:30:00", id="afternoon"),
        pytest.param("2025/1/22 上午12:30", "2025-01-22T00:30:00", id="after-midnight"),
        pytest.param("2025/1/22 12:30 AM", "2025-01-22T00:30:00", id="am"),
        pytest.param("2025/1/22 7:36:00 PM", "2025-01-22T19:36:00", id="pm"),
        pytest.param("２０２５－０６－０５", "2025-06-05T00:00:00", id="full-width"),
        pytest.param("2025-0６-05", "2025-06-05T00:00:00", id="one-full-width-digit"),
        pytest.param("٢٠٢٥-٠٦-٠٥", "2025-06-05T00:00:00", id="arabic-indic"),
        pytest.param("2025-06-05（周四）", "2025-06-05T00:00:00", id="weekday"),
        pytest.param("2025年6月5日 星期四", "2025-06-05T00:00:00", id="weekday-long"),
        pytest.param("45869", "2025-07-31T00:00:00", id="excel-serial"),
        pytest.param("45869.814583333", "2025-07-31T19:33:00", id="excel-serial-time"),
        pytest.param("45869.0", "2025-07-31T00:00:00", id="excel-serial-float"),
        pytest.param("1718000000", "2024-06-10T14:13:20", id="unix"),
        pytest.param("1718000000000", "2024-06-10T14:13:20", id="unix-milliseconds"),
        pytest.param("2025-05-27T08:21:00+08:00", "2025-05-27T08:21:00", id="own-offset"),
        pytest.param("2025-05-27T00:21:00Z", "2025-05-27T08:21:00", id="utc"),
        pytest.param("2025-05-27T00:21:00-0500", "2025-05-27T13:21:00", id="new-york"),
        pytest.param("2025-06-05 24:00:00", "2025-06-06T00:00:00", id="end-of-day"),
        pytest.param("Jun 5, 2025", "2025-06-05T00:00:00", id="english"),
        pytest.param("5-Jun-25", "2025-06-05T00:00:00", id="excel-english"),
        pytest.param("Thu Jun 05 2025 19:33:00 GMT+0800 (China Standard Time)", "2025-06-05T19:33:00", id="javascript"),
        pytest.param("Thu Jun  5 19:33:00 CST 2025", "2025-06-05T19:33:00", id="java"),
        pytest.param("25/12/2025", "2025-12-25T00:00:00", id="day-first"),
        pytest.param("12/25/2025", "2025-12-25T00:00:00", id="month-first"),
        pytest.param("5/5/2025", "2025-05-05T00:00:00", id="either-order"),
    ],
)
def test_date_is_read(raw: str, value: str) -> None:
    row = clean_dates(texts(raw)).values.row(0, named=True)
    assert row == {"raw": raw, "value": value, "at": datetime.fromisoformat(value)}


@pytest.mark.parametrize(
    ("raw", "rule", "suggestion"),
    [
        pytest.param("2025-02-30", "dates.invalid", None, id="no-such-day"),
        pytest.param("2025-13-01", "dates.invalid", None, id="no-such-month"),
        pytest.param("2025-06-05 25:00", "dates.invalid", None, id="no-such-hour"),
        pytest.param("2025-06-05-10", "dates.invalid", None, id="one-part-too-many"),
        pytest.param("昨天", "dates.invalid", None, id="word"),
        pytest.param("12月5日", "dates.incomplete", None, id="no-year"),
        pytest.param("2025年6月", "dates.incomplete", None, id="no-day"),
        pytest.param("2025", "dates.incomplete", None, id="year"),
        pytest.param("15:30", "dates.incomplete", None, id="clock"),
        pytest.param("03/04/2025", "dates.ambiguous", "2025-03-04", id="two-orders"),
        pytest.param("25/6/5", "dates.ambiguous", "2025-06-05", id="short-year"),
    ],
)
def test_unread_date_says_why(raw: str, rule: str, suggestion: str | None) -> None:
    cleaned = clean_dates(texts(raw))
    assert cleaned.values.row(0) == (raw, None, None)
    assert cleaned.changes.select("rule", "before", "after").rows() == [(rule, raw, None)]
    assert cleaned.findings.select("rule", "suggestion").rows() == [(rule, suggestion)]


@pytest.mark.parametrize("raw", ["0000-00-00", "0000-00-00 00:00:00", "1900-01-01", "1970-01-01", "9999-12-31"])
def test_zero_date_is_a_placeholder(raw: str) -> None:
    cleaned = clean_dates(texts(raw))
    assert cleaned.values["value"].to_list() == [None]
    assert cleaned.changes["rule"].to_list() == ["dates.placeholder"]
    assert cleaned.findings.is_empty()


def test_implausible_date_is_kept_and_said() -> None:
    cleaned = clean_dates(texts("1975-05-05", "2099-01-01", "2025-01-01"), latest=datetime(2030, 1, 1))
    assert cleaned.values["value"].null_count() == 0
    assert cleaned.findings.select("raw", "rule").sort("raw").rows() == [
        ("1975-05-05", "dates.implausible"), ("2099-01-01", "dates.implausible"),
    ]  # fmt: skip


def test_rewriting_is_a_change_and_canonical_text_is_not() -> None:
    changes = clean_dates(texts("2025-06-05", "2025-06-05T00:00:00")).changes
    assert changes.select("raw", "rule", "after").rows() == [("2025-06-05", "dates.format", "2025-06-05T00:00:00")]


def test_column_is_distinct_and_null_needs_no_cleaning() -> None:
    values = clean_dates(texts("2025-06-05", None, "2025-06-05")).values
    assert values.schema == {"raw": pl.String, "value": pl.String, "at": pl.Datetime("us")}
    assert values.height == 1


FORMS = ("%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y年%m月%d日 %H:%M:%S", "%Y%m%d%H%M%S", "%Y.%m.%d %I:%M:%S %p")
MOMENTS = st.datetimes(datetime(1981, 1, 1), datetime(2049, 12, 31)).map(lambda at: at.replace(microsecond=0))


@settings(max_examples=40, deadline=None)
@given(st.lists(MOMENTS, min_size=1, max_size=30, unique=True))
def test_every_form_gives_the_same_moment(moments: list[datetime]) -> None:
    written = [[at.strftime(form) for form in FORMS] + [f"{_serial(at):.9f}", _offset(at)] for at in moments]
    read = dict(clean_dates(texts(*(text for forms in written for text in forms))).values.select("raw", "at").rows())
    assert [{read[text] for text in forms} for forms in written] == [{at} for at in moments]


def _serial(at: datetime) -> float:
    return (at - datetime(1899, 12, 30)) / timedelta(days=1)


def _offset(at: datetime) -> str:
    return (at - timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M:%SZ")


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="0123456789-/.: 年月日TZ+", max_size=24))
def test_cleaning_is_idempotent(text: str) -> None:
    value = clean_dates(texts(text)).values["value"].drop_nulls()
    assert clean_dates(value).values["value"].to_list() == value.to_list()
    assert [datetime.fromisoformat(v).isoformat() for v in value] == value.to_list()


@settings(max_examples=60, deadline=None)
@given(
    st.text(
        st.one_of(st.characters(categories=["Nd", "No", "Zs"]), st.sampled_from("0123456789-/: 年月日")), max_size=20
    )
)
def test_any_text_is_survived(text: str) -> None:
    assert clean_dates(texts(text, f"2025-06-{text}")).values.height >= 1


_NUMBER = st.integers(0, 70).flatmap(lambda n: st.sampled_from([str(n), f"{n:02}"]))
_YEAR = st.sampled_from(["1999", "2024", "2025", "0001", "1900", "9999", "2400", "24"])
_MARK = st.sampled_from(
    [
        "-",
        "/",
        ".",
        "年",
        "月",
        "日",
        " ",
        "T",
        ":",
        "时",
        "分",
        "秒",
        "点",
        "",
        ".000",
        ".5",
        "Z",
        "z",
        "+08:00",
        "-11:30",
    ]
)


@st.composite
def _written(draw: st.DrawFn) -> str:
    """Texts on both sides of every dress: the usual punctuation, a wrong piece now and then."""
    one, two, clock = draw(
        st.sampled_from([("-", "-", ":"), ("/", "/", ":"), ("年", "月", "时"), ("", "", ""), (".", ".", ":")])
    )
    n = [f"{draw(st.integers(0, 61)):02}" if draw(st.integers(0, 5)) else draw(_NUMBER) for _ in range(5)]
    day = f"{draw(_YEAR)}{one}{n[0]}{two}{n[1]}{draw(st.sampled_from(['', '日', '']))}"
    between = draw(st.sampled_from(["", " ", "T"]))
    time = draw(
        st.sampled_from(["", f"{n[2]}{clock}{n[3]}", f"{n[2]}{clock}{n[3]}分", f"{n[2]}{clock}{n[3]}{clock}{n[4]}"])
    )
    return day + between + time + draw(_MARK) if draw(st.booleans()) else day + between + time


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.one_of(
            _written(), st.from_regex(r"\A[2-7][0-9]{4}(\.[0-9]{1,9})?\Z"), st.from_regex(r"\A[12][0-9]{7,13}\Z")
        ),
        max_size=30,
    )
)
def test_a_dress_is_read_as_the_long_way_reads_it(texts: list[str]) -> None:
    raw = pl.Series("raw", texts, dtype=pl.String).unique(maintain_order=True)
    short = raw.to_frame().join(date_dress.read(raw), on="raw", how="left", maintain_order="left")
    tidied = raw.to_frame().with_columns(tidy=date_forms.tidy(pl.col("raw")))
    long = tidied.with_columns(form=date_forms.canonical(pl.col("tidy"))).with_columns(
        at=date_forms.moment(pl.col("form"))
    )
    assert short["at"].to_list() == long["at"].to_list()
    lost = long["at"].is_null() & ~raw.str.contains(date_dress._USUAL)  # the usual dress is left as it is written
    assert short["tidy"].filter(lost).to_list() == long["tidy"].filter(lost).to_list()
