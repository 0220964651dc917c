"""Which number of a cell is the customer's: completed by the row's area code, fillers put aside, a mobile first."""

import polars as pl

from .numbering_plan import is_landline, national
from .parse import partial
from .region import kind, with_region
from .text import is_filler, is_placeholder, is_power

# A person's own number before a desk, a desk before a hotline; a fax after all of them.
_RANK = {"mobile": 0, "landline": 1, "hk_mo_tw": 1, "foreign": 1, "toll_free": 2, "service": 3}
_NOTHING = pl.lit(None, pl.String)
_COLUMNS = (
    "raw", "area", "folded", "number", "value", "extension", "kind", "landline", "landline_extension", "others",
    "filler",
)  # fmt: skip
# Without its 0 an area code reads like nothing else here: a mobile that lost its 1 has ten digits, one that lost another begins with 1.
_ZERO_LOST = r"^(?:[3-9][0-9]{10}|2[0-9]{9})$"
_SERVICE = r"^(?:95[0-9]{3,6}|96[0-9]{3,4}|100[0-9][0-9]|12[0-9]{3}|11[0-9]|12[02])$"


def chosen(alone: pl.DataFrame, parsed: pl.DataFrame, regions: bool = True) -> pl.DataFrame:
    """One row per key from cells with one number and from parsed ones: the columns of a cleaned phone, `number` as
    it was read, `reason` (the rule by which a cell lost its text) and `plain` for a number in national notation.
    """
    crowded = pl.col("key").is_duplicated()
    many = parsed.filter(crowded)
    single = pl.concat([alone, parsed.filter(~crowded).select(alone.columns)])
    parts = [_only(_completed(single.lazy()))]
    if many.height:
        parts.append(_best(_completed(many.lazy())))
    best = pl.concat(part.select(_COLUMNS) for part in parts).collect()
    placed = with_region(best) if regions else best.with_columns(region=_NOTHING)
    return _with_reason(_with_partial(placed))


def _completed(numbers: pl.LazyFrame) -> pl.LazyFrame:
    """Add `value` (null where the area code is missing or the number a filler), `kind` and `filler`."""
    number, area = pl.col("number"), pl.col("area").str.strip_chars_start("0")
    local, eaten = pl.lit("+86") + area + number, pl.lit("+86") + number
    bare = (
        numbers.filter(~number.str.starts_with("+"))
        .with_columns(
            value=pl.when((number.str.len_chars() <= 8) & is_landline(local)).then(local)
            .when((number.str.starts_with(area) | number.str.contains(_ZERO_LOST)) & is_landline(eaten)).then(eaten)
        )
    )  # fmt: skip
    whole = numbers.filter(number.is_null() | number.str.starts_with("+")).with_columns(value="number")
    frame = pl.concat([whole, bare])
    frame = frame.with_columns(_dialled=national(pl.col("value")))
    filler = (is_placeholder(pl.col("_dialled")) | is_placeholder(number)).fill_null(False)
    frame = frame.with_columns(filler=filler).with_columns(value=pl.when(~pl.col("filler")).then("value"))
    return frame.with_columns(kind=kind(pl.col("value"))).drop("_dialled")


def _only(numbers: pl.LazyFrame) -> pl.LazyFrame:
    """Rows of one number each (or none)."""
    landline = pl.col("kind") == "landline"
    return numbers.with_columns(
        extension=pl.when(pl.col("value").is_not_null()).then("extension"),
        landline=pl.when(landline).then("value"),
        landline_extension=pl.when(landline).then("extension"),
        others=_NOTHING,
    )


def _best(numbers: pl.LazyFrame) -> pl.LazyFrame:
    """Cells of several numbers: the best one, the first landline, and the others in the order of the cell."""
    rank = pl.col("kind").replace_strict(_RANK, default=9, return_dtype=pl.UInt8) + 4 * pl.col("fax").cast(pl.UInt8)
    ordered = numbers.with_columns(rank=rank).sort("key", "rank", "position")
    ordered = ordered.with_columns(best=pl.col("value").first().over("key"))
    line, other = pl.col("kind") == "landline", pl.col("value") != pl.col("best")
    others = pl.col("value").filter(other).sort_by(pl.col("position").filter(other)).unique(maintain_order=True)
    first = pl.col("raw", "area", "folded", "number", "value", "extension", "kind").first()
    best = ordered.group_by("key", maintain_order=True).agg(
        first,
        others=others.str.join(","),
        filler=pl.col("filler").any(),
        landline=pl.col("value").filter(line).first(),
        landline_extension=pl.col("extension").filter(line).first(),
    )
    return best.with_columns(others=pl.when(pl.col("others") != "").then("others"))


def _with_partial(best: pl.DataFrame) -> pl.DataFrame:
    """Add `partial`: what is known of a masked number."""
    starred = best.filter(pl.col("folded").str.contains("[*x#-]"))
    masked = starred.filter(pl.col("folded").str.contains(r"[0-9].*(?:\*|xx|--|##)|\*[0-9]|[x#-]{2}[0-9]|[0-9]x[0-9]"))
    cells = masked["folded"].unique(maintain_order=True)
    columns = {"folded": pl.String, "partial": pl.String}
    parts = pl.DataFrame({"folded": cells, "partial": [partial(cell) for cell in cells]}, schema=columns)
    return best.join(parts, on="folded", how="left", maintain_order="left")


def _with_reason(best: pl.DataFrame) -> pl.DataFrame:
    """Add `reason` where there is no number; a bank's or operator's own number (95588, 10086) is kind `service`."""
    cells = best.lazy()
    there = cells.filter(pl.col("value").is_not_null()).with_columns(reason=_NOTHING)
    cell = pl.col("folded")
    service = cell.str.replace_all(r"[^0-9]", "").str.contains(_SERVICE)
    reason = (
        pl.when(pl.col("filler") | is_filler(cell)).then(pl.lit("phone.placeholder"))
        .when(is_power(cell)).then(pl.lit("phone.unrecoverable"))
        .when(pl.col("partial").is_not_null()).then(pl.lit("phone.masked"))
        .when(pl.col("number").str.len_chars() > 8).then(pl.lit("phone.zero_lost"))
        .when(pl.col("number").is_not_null()).then(pl.lit("phone.no_area_code"))
        .when(service).then(pl.lit("phone.service"))
        .otherwise(pl.lit("phone.invalid"))
    )  # fmt: skip
    lost = cells.filter(pl.col("value").is_null()).with_columns(
        reason=reason, kind=pl.when(service).then(pl.lit("service")).otherwise("kind")
    )
    return pl.concat([there, lost]).collect()
