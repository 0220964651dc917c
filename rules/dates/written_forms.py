"""The written forms of a date, as polars expressions that end in one ISO text with an optional offset."""

import polars as pl

from ..base.digits import with_ascii_digits

_UNITS = ("", *"一二三四五六七八九")
_TENS = ("", "十", *(f"{unit}十" for unit in _UNITS[2:6]))
# 十 to 五十九, longest first, then digit by digit (二〇二五).
_SPOKEN = {ten + unit: f"{10 * i + k}" for i, ten in enumerate(_TENS) for k, unit in enumerate(_UNITS) if ten}
_SPOKEN = {spoken: _SPOKEN[spoken] for spoken in sorted(_SPOKEN, key=lambda text: -len(text))}
_DIGITS = dict(zip("〇零○一二三四五六七八九", "000123456789", strict=True))

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
_WEEKDAY = r"(?:\(?(?:星期|周|礼拜)[一二三四五六日天]\)?|\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\b\.?,?)"

_CLOCK = (
    r"(?:\s*(上午|下午|晚上|傍晚|凌晨|早上|中午|am|pm)?\s*([0-9]{1,2})[:时点]([0-9]{1,2})(?:[:分]([0-9]{1,2})?(?:[.,][0-9]+)?)?"
    r"\s*[秒分]?\s*(am|pm|a\.m\.|p\.m\.)?"
)
_ZONE = r"\s*(z|utc|gmt|(?:utc|gmt)?[+-][0-9]{1,2}:?(?:[0-9]{2})?)?(?:\s*(?:cst|\(.*\)))?)?"
_END = rf"{_CLOCK}{_ZONE}\s*$"
_YEAR_FIRST = rf"^([0-9]{{4}})\s*[-/.年\s]\s*([0-9]{{1,2}})\s*[-/.月\s]\s*([0-9]{{1,2}})\s*[日号]?[\st,]*{_END}"
_SHORT_YEAR = rf"^([0-9]{{2}})\s*年\s*([0-9]{{1,2}})\s*月\s*([0-9]{{1,2}})\s*[日号]?[\st,]*{_END}"
_COMPACT = (
    r"^((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})(?:[t\s-]?([0-9]{2}):?([0-9]{2}):?([0-9]{2})?(?:\.[0-9]+)?)?"
    r"(z|[+-][0-9]{2}:?[0-9]{2})?$"
)
_YEAR_LAST = rf"^([0-9]{{1,2}})[-/.]([0-9]{{1,2}})[-/.]([0-9]{{4}})[\st,]*{_END}"

_EXCEL_EPOCH = pl.datetime(1899, 12, 30)
_UNIX_EPOCH = pl.datetime(1970, 1, 1, 8)  # midnight UTC is eight o'clock in Shanghai


def tidy(raw: pl.Expr) -> pl.Expr:
    """Half width, lower case, one space, no weekday, digits for numerals, month names as numbers: still as written."""
    text = (
        with_ascii_digits(raw).str.normalize("NFKC").str.replace_all(r"[\p{Cf}\p{M}]", "").str.to_lowercase()
        .str.replace_all(r"[\p{Pd}\x{2212}]", "-").str.replace_all(r"[\s_]+", " ").str.strip_chars(" '\"=,;.。")
        .str.replace_all(_WEEKDAY, " ").str.replace_all(r"\s+", " ").str.strip_chars()
        .str.replace_all(r"(年|月|日|号)\s+", "${1}").str.replace_all(r"[点时]半$", ":30")
        .str.replace_all(r"[点时]整?$", ":00").str.replace(r"^([0-9]{4})[。,\\]([0-9]{1,2})[。,\\]([0-9]{1,2})", "${1}-${2}-${3}")
    )  # fmt: skip
    spoken = text.str.replace_many(list(_SPOKEN), list(_SPOKEN.values()), leftmost=True)
    spoken = spoken.str.replace_many(list(_DIGITS), list(_DIGITS.values()))
    text = pl.when(text.str.contains("[〇零一二三四五六七八九十]")).then(spoken).otherwise(text)
    named = (
        text.str.replace(rf"^{_MONTH}\s*([0-9]{{1,2}})(?:st|nd|rd|th)?,?\s*([0-9]{{4}})", "${3}-${1}-${2} ")
        .str.replace(rf"^([0-9]{{1,2}})(?:st|nd|rd|th)?[\s-]*{_MONTH}[\s,-]*([0-9]{{4}})", "${3}-${2}-${1} ")
        .str.replace(rf"^([0-9]{{1,2}})-{_MONTH}-([0-9]{{2}})\b", "20${3}-${2}-${1} ")
        .str.replace(
            rf"^{_MONTH}\s*([0-9]{{1,2}})\s+([0-9]{{1,2}}:\S+)\s+(?:[a-z]+\s+)?([0-9]{{4}})$", "${4}-${1}-${2} ${3}"
        )
    )
    for number, name in enumerate(_MONTHS, 1):
        named = named.str.replace(rf"-{name}[a-z]*-", f"-{number:02}-")
    return pl.when(text.str.contains("[a-z]{3}")).then(named.str.strip_chars()).otherwise(text)


def canonical(text: pl.Expr) -> pl.Expr:
    """`YYYY-MM-DDTHH:MM:SS` with an offset behind it where the text has one; null where no whole date is written."""
    forms = [
        _assembled(text.str.extract_groups(_YEAR_FIRST), (1, 2, 3)),
        _assembled(text.str.extract_groups(_SHORT_YEAR), (1, 2, 3), century=True),
        _compact(text.str.extract_groups(_COMPACT)),
        _year_last(text),
        serial(text),
    ]
    return pl.coalesce(forms)


def two(part: pl.Expr) -> pl.Expr:
    return part.fill_null("0").str.zfill(2)


def _hour(groups: pl.Expr) -> pl.Expr:
    """Hour of the day from the clock's hour and its 上午, 下午, am, pm."""
    half = pl.coalesce(groups.struct.field("4"), groups.struct.field("8").str.replace_all(r"\.", ""))
    hour = groups.struct.field("5").cast(pl.Int32, strict=False).fill_null(0)
    late = half.is_in(["下午", "晚上", "傍晚", "pm"]) & (hour < 12) | (half == "中午") & (hour < 3)
    early = half.is_in(["上午", "凌晨", "早上", "am"]) & (hour == 12) | (half == "晚上") & (hour == 12)
    adjusted = (
        pl.when(late.fill_null(False)).then(hour + 12).when(early.fill_null(False)).then(hour - 12).otherwise(hour)
    )
    return adjusted.cast(pl.String).str.zfill(2)


def _assembled(groups: pl.Expr, order: tuple[int, int, int], *, century: bool = False) -> pl.Expr:
    """ISO text from the groups of a pattern with `_END`: three date parts in the given order, clock, zone."""
    year, month, day = (groups.struct.field(str(place)) for place in order)
    if century:
        year = pl.concat_str(
            pl.when(year.cast(pl.Int32, strict=False) < 80).then(pl.lit("20")).otherwise(pl.lit("19")), year
        )
    zone = groups.struct.field("9").fill_null("")
    return pl.concat_str(
        year, pl.lit("-"), two(month), pl.lit("-"), two(day), pl.lit("T"),
        _hour(groups), pl.lit(":"), two(groups.struct.field("6")), pl.lit(":"), two(groups.struct.field("7")), zone,
    )  # fmt: skip


def _compact(groups: pl.Expr) -> pl.Expr:
    parts = [groups.struct.field(str(place)) for place in range(1, 8)]
    return pl.concat_str(
        parts[0], pl.lit("-"), parts[1], pl.lit("-"), parts[2], pl.lit("T"),
        two(parts[3]), pl.lit(":"), two(parts[4]), pl.lit(":"), two(parts[5]), parts[6].fill_null(""),
    )  # fmt: skip


def _year_last(text: pl.Expr) -> pl.Expr:
    """31/12/2025 and 12/31/2025 have one reading, 5/5/2025 too; 03/04/2025 has two and stays null."""
    groups = text.str.extract_groups(_YEAR_LAST)
    first, second = (groups.struct.field(place).cast(pl.Int32, strict=False) for place in "12")
    return (
        pl.when((first > 12) | (first == second)).then(_assembled(groups, (3, 2, 1)))
        .when(second > 12).then(_assembled(groups, (3, 1, 2)))
    )  # fmt: skip


def in_order(text: pl.Expr, day_first: bool) -> pl.Expr:
    """03/04/2025 in the order that its column is known to have."""
    return _assembled(text.str.extract_groups(_YEAR_LAST), (3, 2, 1) if day_first else (3, 1, 2))


def month_first(text: pl.Expr) -> pl.Expr:
    """The American reading of a date such as 03/04/2025, or 25/3/4 with the year first: a proposal for people."""
    groups = text.str.extract_groups(_YEAR_LAST)
    short = text.str.extract_groups(r"^([0-9]{2})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?:\s.*)?$")
    parts = [short.struct.field(place) for place in "123"]
    year_first = pl.concat_str(pl.lit("20"), parts[0], pl.lit("-"), two(parts[1]), pl.lit("-"), two(parts[2]))
    proposal = pl.coalesce(_assembled(groups, (3, 1, 2)).str.slice(0, 10), year_first)
    return pl.when(proposal.str.to_date("%Y-%m-%d", strict=False).is_not_null()).then(proposal)


def serial(text: pl.Expr) -> pl.Expr:
    """Excel's days since 1899-12-30 (1954 to 2119), Unix seconds (2001 to 2033) and milliseconds."""
    days = text.str.extract(r"^([2-7][0-9]{4}(?:\.[0-9]+)?)$").cast(pl.Float64, strict=False)
    seconds = text.str.extract(r"^(1[0-9]{9})(?:\.[0-9]+)?$").cast(pl.Int64, strict=False)
    thousandths = text.str.extract(r"^(1[0-9]{9})[0-9]{3}$").cast(pl.Int64, strict=False)
    from_excel = _EXCEL_EPOCH + pl.duration(seconds=(days * 86400).round().cast(pl.Int64))
    from_unix = _UNIX_EPOCH + pl.duration(seconds=pl.coalesce(seconds, thousandths))
    return pl.coalesce(from_excel, from_unix).dt.to_string("%Y-%m-%dT%H:%M:%S")


def moment(form: pl.Expr) -> pl.Expr:
    """Naive Shanghai time of a canonical form; null where there is no such day or hour (24:00 is the next midnight)."""
    next_day = form.str.slice(11, 8) == "24:00:00"
    clock = pl.when(next_day).then(pl.lit("00:00:00")).otherwise(form.str.slice(11, 8))
    at = pl.concat_str(form.str.slice(0, 11), clock).str.to_datetime("%Y-%m-%dT%H:%M:%S", time_unit="us", strict=False)
    zone = form.str.slice(19)
    offset = zone.str.extract_groups(r"([+-])([0-9]{1,2}):?([0-9]{2})?$")
    hours, minutes = (offset.struct.field(place).cast(pl.Int32, strict=False).fill_null(0) for place in "23")
    sign = pl.when(offset.struct.field("1") == "-").then(-1).otherwise(1)
    ahead = pl.when(zone == "").then(480).otherwise(sign * (hours * 60 + minutes))
    return at + pl.duration(minutes=480 - ahead) + pl.when(next_day).then(pl.duration(days=1)).otherwise(pl.duration())


def incomplete(text: pl.Expr) -> pl.Expr:
    """True for a day without its year, a month, a year, or a time of day alone."""
    return text.str.contains(
        r"^(?:[0-9]{1,2}月[0-9]{1,2}[日号]?.*|(?:19|20)[0-9]{2}年?(?:[-/.]?[0-9]{1,2}月?(?:份)?)?|[0-9]{1,2}[-/.][0-9]{1,2}"
        r"|[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?|[0-9]{1,2}月份?)$"
    )
