"""Which whole name a short one (简称) stands for, told by the file: its characters stand in one whole name only, in this order.

上汽集团, 株冶集团, 鼎龙: read letter by letter. A short name that fits several firms equally well stands for none.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable

import polars as pl

LEGAL = r"公司|合伙|企业|株式会社|^(?:co|ltd|limited|inc|corp|plc|gmbh|llc)"
TAILS = ("股份", "集团", "控股")
BUDGET = 3_000_000  # whole names read for the short ones that begin none: about two seconds


def with_full_names(frame: pl.DataFrame) -> pl.DataFrame:
    """Add `legal`: a whole name, with its legal form; `firm`: core, tail and place of such a name; `full`: of a short name the firm
    that it stands for, of a whole one its own, if a short one does, else null; `unclear`: a short name that fits several.

    frame: company_key, core, form, tail, branch, is_public, company_region, company_place.
    """
    frame = frame.with_columns(legal=pl.col("form").str.contains(LEGAL).fill_null(False))
    columns = ("company_key", "core", "form", "tail", "branch", "is_public", "legal", "company_region", "company_place")
    names = frame.select(columns).filter(pl.col("core").is_not_null(), pl.col("branch").is_null()).unique()
    firms = _firms(names.filter("legal"))
    told = _told(names.filter(~pl.col("legal"), ~pl.col("is_public"))["company_key"].unique().sort().to_list(), firms)
    full = pl.Series([*told.values()], dtype=pl.String)
    table = pl.DataFrame({"company_key": pl.Series([*told], dtype=pl.String), "_full": full, "unclear": full.is_null()})
    own = firms.select("company_key", "firm").unique("company_key", maintain_order=True)
    joined = frame.join(table, on="company_key", how="left", maintain_order="left").join(
        own, on="company_key", how="left", maintain_order="left"
    )
    used = pl.when(pl.col("firm").is_in(full.drop_nulls().unique().implode())).then("firm")
    return joined.with_columns(full=pl.coalesce("_full", used), unclear=pl.col("unclear").fill_null(False)).drop(
        "_full"
    )


def _firms(names: pl.DataFrame) -> pl.DataFrame:
    """`company_key, firm, text, rest, long`: of each whole name what stands before the legal form, with and without its place, and
    with 股份. A name that tells no place is the firm of the only place where its core is."""
    place, tail = pl.col("company_place"), pl.col("tail").fill_null("")
    one = pl.when(place.drop_nulls().n_unique().over("core", tail) == 1).then(
        place.drop_nulls().first().over("core", tail)
    )
    text = pl.col("company_key").str.replace(
        r"(?:股份有限公司|有限责任公司|有限公司|股份公司|公司|limited|ltd|inc|corporation)$", ""
    )
    region = pl.col("company_region").fill_null("")
    rest = (
        pl.when(text.str.starts_with(region))
        .then(text.str.strip_prefix(region).str.replace("^[省市区县]", ""))
        .otherwise(text)
    )
    return names.select(
        "company_key", firm=pl.concat_str("core", tail, pl.coalesce(place, one).fill_null(""), separator="|"), text=text, rest=rest,
        long=pl.when(pl.col("form").str.contains("股份")).then(rest + "股份").otherwise(text),
    ).sort("firm", "company_key")  # fmt: skip


def _told(shorts: list[str], firms: pl.DataFrame) -> dict[str, str | None]:
    """Short name → the firm, or None where several fit; without an entry: none does."""
    wholes = firms.select("firm", "text", "rest", "long").unique().sort("firm", "text", "rest").rows()
    texts = sorted({(text, i) for i, (_, *forms) in enumerate(wholes) for text in forms})
    told: dict[str, str | None] = {}
    rest: list[tuple[str, str]] = []
    for short in shorts:
        stem = _stem(short)
        begun = list(_beginning(texts, stem)) if len(stem) > 1 else []
        if begun:
            exact = {i for text, i in begun if text == short}
            told[short] = _one(short, exact, wholes) or _one(short, {i for _, i in begun}, wholes)
        elif len(stem) > 1:
            rest.append((short, stem))
    return told | _scattered(rest, wholes)


def _beginning(texts: list[tuple[str, int]], stem: str) -> Iterable[tuple[str, int]]:
    """Whole names, with or without their place, that the short one begins."""
    at = bisect_left(texts, (stem, -1))
    while at < len(texts) and texts[at][0].startswith(stem):
        yield texts[at]
        at += 1


def _scattered(shorts: list[tuple[str, str]], wholes: list[tuple[str, ...]]) -> dict[str, str | None]:
    """As `_told`, of short names whose characters stand apart: looked for where their rarest character is."""
    wanted = {sign for _, stem in shorts for sign in stem}
    holders: dict[str, list[int]] = defaultdict(list)
    for i, (_, text, *_) in enumerate(wholes):
        for sign in wanted.intersection(text):
            holders[sign].append(i)
    told: dict[str, str | None] = {}
    left = BUDGET
    places = ((short, stem, min((holders.get(sign, []) for sign in stem), key=len)) for short, stem in shorts)
    for short, stem, among in sorted(places, key=lambda place: (len(place[2]), place[0])):
        left -= len(among)
        if left < 0:
            break
        found = {i for i in among if _holds(wholes[i][1], stem)}
        # Of four characters the first two are a brand, which stands as one: 三生制药 is not 三叶草生物制药.
        start = stem[: 2 if len(stem) > 3 else 1]
        begun = {i for i in found if any(text.startswith(start) for text in wholes[i][1:])}
        together = {i for i in found if len(stem) > 3 and stem in wholes[i][1]}
        if begun or together:
            told[short] = _one(short, together, wholes) or _one(short, begun, wholes)
    return told


def _one(short: str, found: set[int], wholes: list[tuple[str, ...]]) -> str | None:
    """The firm, if all that was found is one, and has the tail of the short name too (德林控股)."""
    tails = [tail for tail in TAILS[1:] if tail in short]
    firms = {wholes[i][0] for i in found if all(tail in wholes[i][1] for tail in tails)}
    return firms.pop() if len(firms) == 1 else None


def _holds(text: str, stem: str) -> bool:
    """Whether the characters stand in the text, in their order."""
    signs = iter(text)
    return all(sign in signs for sign in stem)


def _stem(short: str) -> str:
    """The short name without 股份, 集团, 控股 at its end."""
    while len(short) > 3 and short[-2:] in TAILS:
        short = short[:-2]
    return short
