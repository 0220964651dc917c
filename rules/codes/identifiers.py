"""Numbers and names by which somebody is known elsewhere: identity cards, passports, permits, accounts, member cards.

`clean_identifiers` is the kernel of field `identifiers`: kind and normalised value of every text, in bulk. Some kinds show themselves
(the check digit of an identity card, the head of an external_userid); others are only known by the header of their column
(rules/data/headers.toml).
"""

from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..base.digits import with_ascii_digits
from ..base.text import clean_text
from .check_digits import flags
from .tables import places

# GB 11643-1999: place, birthday, number, check character (ISO 7064 MOD 11-2).
_CARD = r"^[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X]$"
_WEIGHTS = np.array([pow(2, 17 - place, 11) for place in range(17)])
_CHECKS = np.frombuffer(b"10X98765432", np.uint8).astype(np.int64)

# Kind → form of the normalised value. Sources: 公安部 (passports since 1997, permits since 1999), the accounts' own rules.
FORMS = {
    "national_id": _CARD,
    "passport": r"^(?:E[0-9A-HJ-NP-Z][0-9]{7}|G[0-9]{8}|[DSP]E?[0-9]{7,8}|1[45][0-9]{7})$",
    "hk_mo_permit": r"^(?:[CW][0-9]{8}|C[A-Z][0-9]{7}|[HM][0-9]{8}(?:[0-9]{2})?)$",
    "wecom": r"^w[mo][0-9A-Za-z_-]{30}$",
    "wechat_openid": r"^o[0-9A-Za-z_-]{27}$",
    "xiaohongshu": r"^(?:[0-9a-f]{24}|[0-9a-z_.]{6,15})$",
    "douyin": r"^(?:_[0-9A-Za-z_-]{30,60}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9A-Za-z_.]{4,24})$",
    "wechat": r"^(?:[a-z][0-9a-z_-]{5,19}|1[3-9][0-9]{9})$",
    "kuaishou": r"^[0-9A-Za-z_-]{4,30}$",
    "alipay": r"^(?:1[3-9][0-9]{9}|[0-9a-z._%+-]+@[0-9a-z-]+(?:\.[0-9a-z-]+)+|2088[0-9]{12})$",
    "qq": r"^[1-9][0-9]{4,10}$",
    "member": r"^[0-9A-Za-z][0-9A-Za-z_-]{2,31}$",
}
# Kinds that a value shows by itself; of an openid the head is one letter, so that it needs both cases or signs.
EVIDENT = ("national_id", "passport", "hk_mo_permit", "wecom", "wechat_openid")
_DATED = r"^.20[0-4][0-9](?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])$"  # an order of a day: G20231201
_LABEL = r"(?i)^(?:身份证号?码?|护照号?码?|微信号?|wechat|weixin|vx|wx|qq号?|会员卡?号)\s*[:：]\s*"
Numbers = NDArray[np.int64]


def clean_identifiers(cells: pl.Series) -> pl.DataFrame:
    """Cells `kind:text,kind:text` → `raw` (distinct, not null) and `value`, the same of what is an identifier: normalised, each once;
    null where nothing is.

    A text that is none of its kind may be of one of EVIDENT (a passport among 证件号); one without a kind is of these, or a number of
    the user's own making: `member`.
    """
    texts = cells.drop_nulls().unique(maintain_order=True).alias("raw").to_frame().with_row_index("row")
    each = texts.with_columns(one=pl.col("raw").str.split(",")).explode("one")
    kind = pl.col("one").str.extract(rf"^({'|'.join(FORMS)}):")
    each = each.with_columns(
        kind=kind, text=pl.when(kind.is_null()).then("one").otherwise(pl.col("one").str.extract(":(.*)$"))
    )
    clean = clean_text(each["text"], "identifiers", "identifier").values.rename({"raw": "text", "value": "clean"})
    each = each.join(clean, on="text", how="left", maintain_order="left")
    bare = with_ascii_digits(pl.col("clean")).str.normalize("NFKC").str.replace_all(r"\s+", "").str.replace(_LABEL, "")
    each = each.with_columns(bare=bare)
    found = each.select("kind", *(_values(each["bare"], name).alias(name) for name in FORMS))
    told = {name: pl.format(name + ":{}", name) for name in FORMS}
    own = [pl.when(pl.col("kind") == name).then(value) for name, value in told.items()]
    value = pl.coalesce(*own, *(told[name] for name in EVIDENT), pl.when(pl.col("kind").is_null()).then(told["member"]))
    once = each.select("row", value=found.select(value).to_series()).drop_nulls().unique(maintain_order=True)
    joined = once.group_by("row").agg(pl.col("value").str.join(","))
    return texts.join(joined, on="row", how="left", maintain_order="left").drop("row")


def _values(texts: pl.Series, kind: str) -> pl.Series:
    """The texts as this kind writes them; null where they are none."""
    if kind in ("national_id", "passport", "hk_mo_permit"):
        texts = texts.str.to_uppercase()
    elif kind in ("wechat", "xiaohongshu", "alipay"):
        texts = texts.str.to_lowercase()
    fits = is_national_id(texts) if kind == "national_id" else texts.str.contains(FORMS[kind])
    if kind == "wechat_openid":
        fits &= texts.str.contains("[A-Z]") & texts.str.contains("[0-9_-]")
    if kind == "passport":
        fits &= ~texts.str.contains(_DATED)
    return texts.set(~fits, None)


def is_national_id(texts: pl.Series) -> pl.Series:
    """Whether each text is an identity card's number: place and day of birth possible, check character right; false for null."""
    possible = flags(texts, _CARD, 18, _card_holds)
    born = texts.str.slice(6, 8).str.to_date("%Y%m%d", strict=False)
    placed = texts.str.head(2).is_in(list(_provinces()))
    return possible & placed & born.is_not_null()


def _card_holds(points: Numbers) -> NDArray[np.bool_]:
    remainder = (points[:, :17] - ord("0")) @ _WEIGHTS % 11
    holds: NDArray[np.bool_] = np.equal(points[:, 17], _CHECKS[remainder])
    return holds


@cache
def _provinces() -> frozenset[str]:
    return frozenset(code for code in places() if len(code) == 2 and code != "10") | {"83"}
