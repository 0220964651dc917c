"""Which whole name a short one (简称) stands for, told by the file: its characters stand in one whole name only, in this order.

赛伍技术 / 苏州赛伍应用技术股份有限公司. A short name that fits several firms equally well stands for none.
"""

import polars as pl

LEGAL = r"公司|合伙|企业|株式会社|^(?:co|ltd|limited|inc|corp|plc|gmbh|llc)"
NAME_COLUMNS = ("company_key", "core", "form", "company_tail", "branch", "is_public", "company_region", "company_place")
TAILS = ("股份", "集团", "控股")
# A short name without 股份, 集团, 控股 at its end.
_STEM = pl.col("company_key").str.replace(rf"^(.{{2,}}?)(?:{'|'.join(TAILS)})+$", "${1}")
_WRITTEN = ("text", "rest", "long")
_LEGAL = pl.col("form").str.contains(LEGAL).fill_null(False)
_REGION = pl.col("company_region").fill_null("")
_REST = pl.col("company_key").str.strip_prefix(_REGION).str.replace("^[省市区县]", "")
_HEAD, _REST_HEAD = pl.col("core").str.head(2), _REST.str.head(2)
_FURTHER = pl.when(_REST_HEAD.ne_missing(_HEAD)).then(_REST_HEAD)
_HEADS = pl.concat_list(_HEAD, _FURTHER)  # null: no further one
_NAMED = pl.col("core").is_not_null() & pl.col("branch").is_null() & (_LEGAL | ~pl.col("is_public"))


# A short name and its whole one share one of their heads: short ones ask for whole ones and for each other, whole ones for short ones.
_HELD = pl.when(_NAMED).then(pl.when(_LEGAL).then(pl.lit("whole ")).otherwise(pl.lit("short ")))
_WHOLE, _SHORT = pl.when(_NAMED & ~_LEGAL).then(pl.lit("whole ")), pl.when(_NAMED).then(pl.lit("short "))
HEADS_HELD = pl.concat_list(_HELD + _HEAD, _HELD + _FURTHER)
HEADS_ASKED = pl.concat_list(mark + head for mark in (_WHOLE, _SHORT) for head in (_HEAD, _FURTHER))


def full_names(names: pl.DataFrame) -> pl.DataFrame:
    """`company_key` (unique), `firm`, `full`, `unclear`: of the names of a file, or of all that share a head with some of them.

    firm: core, tail and place of a whole name; full: of a short name the firm that it stands for, of a whole one its own, if a short
    one does; unclear: a short name that fits several. names: NAME_COLUMNS.
    """
    named = names.select(NAME_COLUMNS).unique().filter(_NAMED).with_columns(heads=_HEADS, legal=_LEGAL)
    firms = _firms(named.filter("legal"))
    told = _told(named.filter(~pl.col("legal")).unique("company_key"), firms)
    short = told.with_columns(unclear=pl.col("full").is_null(), firm=pl.lit(None, pl.String))
    whole = firms.select("company_key", "firm").unique("company_key", maintain_order=True).with_columns(
        full=pl.when(pl.col("firm").is_in(told["full"].drop_nulls().unique().implode())).then("firm"), unclear=pl.lit(False)
    )  # fmt: skip
    return pl.concat([short.select(whole.columns), whole]).unique("company_key", keep="first", maintain_order=True)


def with_full_names(frame: pl.DataFrame) -> pl.DataFrame:
    """Add `legal` (a name with its legal form) and the columns of `full_names`, if the frame does not bring them."""
    if "firm" not in frame.columns:
        frame = frame.join(full_names(frame), on="company_key", how="left", maintain_order="left")
    return frame.with_columns(legal=_LEGAL, unclear=pl.col("unclear").fill_null(False))


def _firms(names: pl.DataFrame) -> pl.DataFrame:
    """`company_key, heads, firm, text, rest, long`: of each whole name what stands before the legal form, with and without its
    place, and with 股份. A name that tells no place is the firm of the only place where its core is."""
    place, tail = pl.col("company_place"), pl.col("company_tail").fill_null("")
    only = place.drop_nulls().n_unique().over("core", tail) == 1
    told = pl.coalesce(place, pl.when(only).then(place.drop_nulls().first().over("core", tail))).fill_null("")
    ending = r"(?:股份有限公司|有限责任公司|有限公司|股份公司|公司|limited|ltd|inc|corporation)$"
    text, rest = pl.col("company_key").str.replace(ending, ""), _REST.str.replace(ending, "")
    return names.select(
        "company_key", "heads", firm=pl.concat_str("core", tail, told, separator="|"), text=text, rest=rest,
        long=pl.when(pl.col("form").str.contains("股份")).then(rest + "股份").otherwise(text),
    ).sort("firm", "company_key")  # fmt: skip


def _told(shorts: pl.DataFrame, firms: pl.DataFrame) -> pl.DataFrame:
    """`company_key, heads` of short names → `company_key`, `full`: the firm, null where several fit; without a row: none does."""
    asked = shorts.select("company_key", "heads", stem=_STEM).filter(pl.col("stem").str.len_chars() > 1)
    wholes = firms.select("heads", "firm", *_WRITTEN).explode("heads")
    stem, text = pl.col("stem"), pl.col("text")
    # Only where no whole name begins with it the characters of a short one may stand apart.
    begins = pl.any_horizontal(pl.col(t).str.starts_with(stem) for t in _WRITTEN)
    apart = (stem.str.len_chars() > 2) & text.str.contains(stem.str.tail(1), literal=True)
    met = asked.explode("heads").lazy().join(wholes.lazy(), on="heads").filter(begins | apart)
    met = met.unique(["company_key", "firm", *_WRITTEN]).with_columns(begins=begins)
    pairs = met.collect(engine="streaming")  # of a crowded head only what may fit is ever held
    pairs = pairs.filter("begins" | ~pl.col("begins").any().over("company_key"))
    held = [begins or _holds(*texts) for begins, *texts in pairs.select("begins", "text", "stem").iter_rows()]
    whole = ~pl.col("begins") & (stem.str.len_chars() > 3) & text.str.contains(stem, literal=True)
    pairs = pairs.filter(pl.Series(held, dtype=pl.Boolean)).filter(whole | ~whole.any().over("company_key"))
    own = pl.any_horizontal(pl.col(t) == pl.col("company_key") for t in _WRITTEN)
    told = pairs.group_by("company_key").agg(full=pl.coalesce(_one(own), _one(pl.lit(True))))
    return told.sort("company_key")


def _one(among: pl.Expr) -> pl.Expr:
    """The firm, if all that was found is one, and has the tail of the short name too (德林控股, 太龙股份)."""
    short = pl.col("company_key")
    tails = (~short.str.contains(tail) | pl.col("text").str.contains(tail) for tail in TAILS[1:])
    fits = pl.all_horizontal(among, *tails)
    shares = fits & short.str.contains("股份") & pl.col("long").str.ends_with("股份")
    firms, share_firms = (pl.col("firm").filter(which).unique() for which in (fits, shares))
    return (
        pl.when(firms.len() == 1).then(firms.first())
        .when((firms.len() > 1) & (share_firms.len() == 1)).then(share_firms.first())
    )  # fmt: skip


def _holds(text: str, stem: str) -> bool:
    """Whether the characters stand in the text, in their order."""
    at = 0
    for sign in stem:
        at = text.find(sign, at) + 1
        if not at:
            return False
    return True
