"""Phone numbers, by the Chinese phone model: E.164 only where libphonenumber calls the number valid.

Columns in: `raw` (cell text) and `area` (the row's area code such as "025", or null), any number of rows.
Columns out, one row per distinct (raw, area) with raw not null: see `VALUES`. Null `value`: no number, and the
change or finding of the cell says why. A number is never repaired and an area code never invented.
"""

import phonenumbers
import polars as pl

from .phone_parse import parse, partial
from .phone_plan import is_chinese, is_landline, kind_of
from .phone_plan import national as national_form
from .phone_region import kind as kind_expr
from .phone_region import regions_of
from .phone_text import folded, is_placeholder, is_power, undressed
from .trail import CHANGES, FINDINGS, Cleaned

KEY = ("raw", "area")
VALUES = pl.Schema(dict.fromkeys((
    *KEY, "value", "extension", "kind", "region", "partial", "landline", "landline_extension", "others",
), pl.String))  # fmt: skip
_NUMBERS = pl.Schema(
    {"text": pl.UInt32, "position": pl.UInt32, "number": pl.String, "extension": pl.String, "fax": pl.Boolean}
)
# A person's own number before a desk, a desk before a hotline.
_RANK = {"mobile": 0, "landline": 1, "hk_mo_tw": 1, "foreign": 1, "toll_free": 2, "service": 3}


def clean_phones(cells: pl.DataFrame) -> Cleaned:
    """Clean `raw` with the help of `area`; values, changes and findings carry both columns."""
    keys = cells.select(pl.col(KEY).cast(pl.String)).drop_nulls("raw").unique(maintain_order=True)
    texts = _read_texts(keys["raw"].unique(maintain_order=True))
    keys = keys.join(texts, on="raw", how="left", maintain_order="left").with_row_index("key")
    numbers = _complete(keys, _read_numbers(texts))
    outcome = _choose(keys, numbers)
    return Cleaned(outcome.select(VALUES.names()), _changes(outcome), _findings(outcome))


def _read_texts(raw: pl.Series) -> pl.DataFrame:
    """`raw, text` (its index), `folded`, and `digits`, `extension` where the cell is one number in usual dress."""
    frame = pl.DataFrame({"raw": raw}).with_row_index("text")
    plain = pl.col("raw").str.contains(r"^(?:1\d{10}|0\d{9,11})$")
    simple = frame.filter(plain).with_columns(folded="raw", digits=pl.col("raw"), extension=pl.lit(None, pl.String))
    dressed = frame.filter(~plain).with_columns(folded=folded(pl.col("raw")))
    dressed = dressed.with_columns(undressed(pl.col("folded")).struct.unnest())
    return pl.concat([simple, dressed]).sort("text")


def _read_numbers(texts: pl.DataFrame) -> pl.DataFrame:
    """`text, position, number, extension, fax`: E.164, or bare digits of 7 to 11 places that await an area code."""
    digits = pl.col("digits")
    domestic = pl.lit("+86") + digits.str.strip_prefix("0")
    number = pl.when(is_chinese(domestic)).then(domestic).when(digits.str.contains(r"^\d{7,8}$")).then(digits)
    read = texts.with_columns(number=number)
    dressed = read.filter(pl.col("number").is_not_null()).select(
        "text", pl.lit(0, pl.UInt32).alias("position"), "number", "extension", pl.lit(False).alias("fax")
    )
    remainder = read.filter(pl.col("number").is_null(), ~is_power(pl.col("folded")), ~_is_filler(pl.col("folded")))
    rows = [
        (text, position, *found)
        for text, cell in remainder.select("text", "folded").iter_rows()
        for position, found in enumerate(parse(cell))
    ]
    return pl.concat([dressed, pl.DataFrame(rows, schema=_NUMBERS, orient="row")])


def _is_filler(cell: pl.Expr) -> pl.Expr:
    """True where the digits of the whole cell are a placeholder."""
    return is_placeholder(cell.str.replace_all(r"\D", "").str.replace(r"^(?:00)?86(1\d{10})$", "${1}"))


def _complete(keys: pl.DataFrame, numbers: pl.DataFrame) -> pl.DataFrame:
    """Numbers of each key, with `filled` where the row's area code completed them; `filler` marks placeholders."""
    number, area = pl.col("number"), pl.col("area").str.strip_chars_start("0")
    bare = ~number.str.starts_with("+")
    local, eaten = pl.lit("+86") + area + number, pl.lit("+86") + number
    completed = (
        pl.when(~bare).then(number)
        .when((number.str.len_chars() <= 8) & is_landline(local)).then(local)
        .when(number.str.starts_with(area) & is_landline(eaten)).then(eaten)
    )  # fmt: skip
    frame = keys.select("key", "text", "area").join(numbers, on="text", maintain_order="left")
    filler = is_placeholder(pl.col("completed").pipe(national_form)) | is_placeholder(number)
    return frame.with_columns(completed=completed, filled=bare).with_columns(filler=filler.fill_null(False))


def _choose(keys: pl.DataFrame, numbers: pl.DataFrame) -> pl.DataFrame:
    """One row per key: the number a person answers, the first landline, the others, and why there is none."""
    good = numbers.filter(pl.col("completed").is_not_null(), ~pl.col("filler")).with_columns(
        number="completed", kind=kind_expr(pl.col("completed"))
    )
    rank = pl.col("kind").replace_strict(_RANK, return_dtype=pl.UInt8) + pl.col("fax") * 4
    ordered = good.with_columns(rank=rank).sort("key", "rank", "position")
    best = ordered.unique("key", keep="first", maintain_order=True)
    landline = ordered.filter(pl.col("kind") == "landline").unique("key", keep="first", maintain_order=True)
    others = (
        ordered.join(best.select("key", best="number"), on="key").filter(pl.col("number") != pl.col("best"))
        .unique(["key", "number"], keep="first", maintain_order=True).sort("key", "position")
        .group_by("key", maintain_order=True).agg(others=pl.col("number").str.join(","))
    )  # fmt: skip
    refused = numbers.group_by("key").agg(
        filler=pl.col("filler").any(), homeless=(pl.col("completed").is_null() & ~pl.col("filler")).any()
    )
    chosen = (
        keys.join(best.select("key", "extension", "kind", "filled", "position", value="number"), on="key", how="left")
        .join(landline.select("key", landline="number", landline_extension="extension"), on="key", how="left")
        .join(others, on="key", how="left").join(refused, on="key", how="left")
        .sort("key").drop("extension").rename({"extension_right": "extension"})
    )  # fmt: skip
    places = regions_of(chosen["value"])
    chosen = chosen.join(places, left_on="value", right_on="number", how="left", maintain_order="left")
    return _with_reason(_with_partial(chosen))


def _with_partial(chosen: pl.DataFrame) -> pl.DataFrame:
    """Add `partial`: what is known of a masked number."""
    masked = chosen.filter(pl.col("folded").str.contains(r"\d.*(?:\*|xx|--|##)|\*\d|[x#-]{2}\d|\dx\d"))
    cells = masked["folded"].unique(maintain_order=True)
    parts = pl.DataFrame(
        {"folded": cells, "partial": [partial(c) for c in cells]}, schema={"folded": pl.String, "partial": pl.String}
    )
    return chosen.join(parts, on="folded", how="left", maintain_order="left")


def _with_reason(chosen: pl.DataFrame) -> pl.DataFrame:
    """Add `reason`: the rule by which a cell without a number lost its text; null where there is a number."""
    cell, empty = pl.col("folded"), pl.col("value").is_null()
    service = cell.str.replace_all(r"\D", "").str.contains(r"^(?:95\d{3,6}|96\d{3,4}|100\d\d|12\d{3}|11[0-9]|12[02])$")
    reason = (
        pl.when(~empty).then(pl.lit(None, pl.String))
        .when(pl.col("filler").fill_null(False) | _is_filler(cell)).then(pl.lit("phone.placeholder"))
        .when(is_power(cell)).then(pl.lit("phone.unrecoverable"))
        .when(pl.col("partial").is_not_null()).then(pl.lit("phone.masked"))
        .when(pl.col("homeless").fill_null(False)).then(pl.lit("phone.area_code"))
        .otherwise(pl.lit("phone.invalid"))
    )  # fmt: skip
    kind = pl.when(service & empty).then(pl.lit("service")).otherwise("kind")
    return chosen.with_columns(reason=reason, kind=kind)


def _changes(chosen: pl.DataFrame) -> pl.DataFrame:
    """Each step from the cell's text to `value`; a plain number that is merely put in E.164 is `phone.e164`."""
    number, tail = pl.col("value"), pl.col("extension")
    short = pl.when("filled").then(national_form(number)).otherwise(number)
    whole = pl.concat_str(short, pl.when(tail.is_not_null()).then(pl.lit(" 转") + tail).otherwise(pl.lit("")))
    several = pl.concat_str(
        whole, pl.when(pl.col("others").is_not_null()).then(", " + pl.col("others")).otherwise(pl.lit(""))
    )
    plain = (national_form(number) == pl.col("raw")) & tail.is_null() & pl.col("others").is_null()
    steps = (
        ("phone.e164", plain, pl.col("raw"), number),
        ("phone.format", ~plain, pl.col("raw"), several),
        ("phone.several", pl.col("others").is_not_null(), several, whole),
        ("phone.extension", tail.is_not_null(), whole, short),
        ("phone.area_code", pl.col("filled"), short, number),
    )
    kept = chosen.filter(number.is_not_null())
    rows = [
        kept.filter(when.fill_null(False), before.ne_missing(after)).select(
            *KEY,
            pl.lit(step, pl.UInt8).alias("step"),
            pl.lit(rule).alias("rule"),
            before.alias("before"),
            after.alias("after"),
        )
        for step, (rule, when, before, after) in enumerate(steps)
    ]
    lost = chosen.filter(number.is_null()).select(
        *KEY, pl.lit(0, pl.UInt8).alias("step"), pl.col("reason").alias("rule"), pl.col("raw").alias("before"),
        pl.lit(None, pl.String).alias("after"),
    )  # fmt: skip
    return pl.concat([*rows, lost]).select("raw", "area", *CHANGES.names()[1:])


def _findings(chosen: pl.DataFrame) -> pl.DataFrame:
    """Complaints: no number and why (placeholders are mere changes), a masked one beside a good one, several."""
    rules = (
        pl.when(pl.col("reason") != "phone.placeholder").then("reason"),
        pl.when(pl.col("partial").is_not_null() & pl.col("value").is_not_null()).then(pl.lit("phone.masked")),
        pl.when(pl.col("others").is_not_null()).then(pl.lit("phone.several")),
    )
    found = [
        chosen.select(*KEY, rule=rule, suggestion=pl.lit(None, pl.String)).filter(pl.col("rule").is_not_null())
        for rule in rules
    ]
    return pl.concat(found).select("raw", "area", *FINDINGS.names()[1:])


def normalize(text: str | None, area: str | None = None) -> str | None:
    """The number in one text, E.164; null where there is none."""
    value: str | None = clean_phones(
        pl.DataFrame({"raw": [text], "area": [area]}, schema=dict.fromkeys(KEY, pl.String))
    ).values.item(0, "value") if text is not None else None
    return value


def is_valid(number: str) -> bool:
    """True for E.164 that libphonenumber calls valid."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return False
    return number.startswith("+") and phonenumbers.is_valid_number(parsed)


def format(number: str) -> str:  # noqa: A001 - the name that every field type gives this
    """For people: 138 0013 8000, 021 5888 1234, +852 9123 4567. What is no number stays as it is."""
    if not is_valid(number):
        return number
    parsed = phonenumbers.parse(number, None)
    inside = number.startswith("+86") and kind_of(number[3:]) is not None
    style = phonenumbers.PhoneNumberFormat.NATIONAL if inside else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, style)
