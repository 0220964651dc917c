"""What companies meet by: the values by which the store finds them, and the keys of level `account`."""

import polars as pl

from .keys import Key, Lookup, lookups_of, plugged_keys, texts_of
from .short_names import HEADS_ASKED, HEADS_HELD, LEGAL


def road_and_door(street: pl.Expr, part: int) -> pl.Expr:
    """Of an address the road (1: its last characters, whatever town stands before it) and the first number on it (2)."""
    return street.str.extract(r"(\p{Han}{2}(?:路|街|大道|巷|弄|道))(\d+)", part)


# A row without a company meets those whose brand its mail domain spells.
DOMAIN_NAME = pl.col("domain").str.extract(r"^([a-z0-9-]{4,})\.")
BRAND_OR_DOMAIN = pl.when(pl.col("core").is_null()).then(DOMAIN_NAME).otherwise("brand_pinyin")
BODY = pl.concat_str("core_pinyin", pl.col("branch").fill_null(""), separator="|")
_LEGAL = pl.col("form").str.contains(LEGAL).fill_null(False)
STAND = pl.when(~_LEGAL).then("street")
# The numbers of a row that speak for its company: the landline, and, where no person is named, all others.
# So do its accounts.
_UNNAMED = pl.col("name_kind").is_null() & ~pl.col("unread").fill_null(False)
IDENTIFIERS = pl.when(_UNNAMED).then("identifiers")
_OF_NOBODY = (pl.when(_UNNAMED).then(column) for column in ("phone", "phone_others"))
NUMBERS = texts_of("landline", *_OF_NOBODY).list.unique(maintain_order=True)
# Where a sign without a legal form and without a person hangs: its address, its road and door, and a square of some 70 m; of two
# nets, so that neighbours whom a line of one divides meet in the other.
_SQUARES = [
    pl.concat_str(
        *((pl.col(axis) * 1500 + moved).round().cast(pl.Int64).cast(pl.String) for axis in ("longitude", "latitude")),
        pl.lit(str(moved)),
        separator="/",
    )
    for moved in (0.0, 0.5)
]
_STREET = pl.col("street")
_DOOR = pl.concat_str(pl.col("city"), road_and_door(_STREET, 1), road_and_door(_STREET, 2), separator="/")
SPOTS = pl.when(~_LEGAL & pl.col("name_kind").is_null() & pl.col("core").is_not_null()).then(
    pl.concat_list("street", _DOOR, *_SQUARES)
)
WHOLE_CORE = pl.when(pl.col("form").is_not_null()).then("core_pinyin")

PLACE = pl.col("company_province")
CODE, ORGANISATION = Lookup("code", pl.col("code")), Lookup("organisation", pl.col("org_code"))
CODE_TEXT, COMPANY = Lookup("code text", pl.col("code_partial")), Lookup("company", pl.col("core_pinyin"))
DOMAIN, NUMBER = Lookup("domain", pl.col("domain")), Lookup("number", NUMBERS)
IDENTIFIER = Lookup("accounts", IDENTIFIERS.str.split(","))
SHORT_NAME, SPOT = Lookup("short name", HEADS_HELD, asked=HEADS_ASKED), Lookup("spot", SPOTS)
STREET = Lookup("street", pl.when(pl.col("street").str.len_chars() >= 5).then("street"))
# A brand is asked for where the company can be: in its place and where none is told; everywhere, if itself tells none.
_UNPLACED = pl.when(PLACE.is_null()).then(BRAND_OR_DOMAIN)
BRAND = Lookup("brand", BRAND_OR_DOMAIN, asked=_UNPLACED)
BRAND_HERE = Lookup("brand in place", BRAND_OR_DOMAIN + "|" + PLACE)
BRAND_UNPLACED = Lookup("brand unplaced", _UNPLACED, asked=BRAND_OR_DOMAIN)
KEYS = (
    Key("code", (pl.col("code"),), (CODE,), split=pl.col("core_pinyin")),
    Key("organisation", (pl.col("org_code"),), (ORGANISATION,), split=pl.col("core_pinyin")),
    Key("code text", (pl.col("code_partial"),), (CODE_TEXT,), split=pl.col("core_pinyin")),
    Key("whole name", (pl.col("company_key"),), (COMPANY,), split=PLACE),
    Key("company", (BODY,), (COMPANY,), split=PLACE),
    Key("short name", (pl.col("full"),), (SHORT_NAME, COMPANY), split=PLACE),
    # 金鼎 in Jiangsu and 金鼎 in Sichuan: what makes them one company (a code, a domain, a landline) is a key of its own.
    Key(
        "brand",
        (pl.col("brand_or_domain"),),
        (BRAND, BRAND_HERE, BRAND_UNPLACED),
        split=PLACE,
        agree=PLACE,
        size="brand_rows",
    ),
    Key("domain", (pl.col("domain"),), (DOMAIN,), split=pl.col("brand_pinyin")),
    Key("landline", (pl.col("numbers"),), (NUMBER,), split=pl.col("brand_pinyin")),
    Key("identifier", (pl.col("ids"),), (IDENTIFIER,), split=pl.col("brand_pinyin")),
    Key("spot", (pl.col("spots"),), (SPOT,), split=pl.col("brand_pinyin")),
    Key("person", (pl.col("person"),)),  # found by their groups
    *plugged_keys("account"),
)
LOOKUPS = (*lookups_of(*KEYS), STREET)  # the owners of a street are counted
