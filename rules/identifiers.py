"""Numbers and names by which somebody is known elsewhere: identity cards, passports, permits, accounts, member cards.

`recognize_identifiers` is the kernel of a typed field: kind and normalised value of every text, in bulk. Some kinds show themselves
(the check digit of an identity card, the head of an external_userid); others are only known by the header of their column, which
`kind_of_header` reads.
"""

import re
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from .code_digits import flags
from .code_tables import places
from .digits import with_ascii_digits

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
    "xiaohongshu": r"^[0-9a-f]{24}$",
    "douyin": r"^(?:_[0-9A-Za-z_-]{30,60}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9A-Za-z_.]{4,24})$",
    "wechat": r"^(?:[a-z][0-9a-z_-]{5,19}|1[3-9][0-9]{9})$",
    "qq": r"^[1-9][0-9]{4,10}$",
    "member": r"^[0-9A-Za-z][0-9A-Za-z_-]{2,31}$",
}
# Kinds that a value shows by itself; of an openid the head is one letter, so that it needs both cases or signs.
EVIDENT = ("national_id", "passport", "hk_mo_permit", "wecom", "wechat_openid")
_HEADERS = {
    "national_id": r"身份证|證號|证件号|id ?card|id ?number", "passport": r"护照|護照|passport",
    "hk_mo_permit": r"通行证|回乡证|通行證", "wecom": r"external_?user_?id|企业微信|企微", "douyin": r"抖音|douyin|tiktok",
    "xiaohongshu": r"小红书|小紅書|xiaohongshu|\bxhs\b", "wechat_openid": r"open_?id|union_?id",
    "wechat": r"微信|wechat|weixin|^vx$|^wx$", "qq": r"^qq|qq号", "member": r"会员|會員|\bmember|卡号",
}  # fmt: skip
_DATED = r"^.20[0-4][0-9](?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])$"  # an order of a day: G20231201
_LABEL = r"(?i)^(?:身份证号?码?|护照号?码?|微信号?|wechat|weixin|vx|wx|qq号?|会员卡?号)\s*[:：]\s*"
# How many signs stay in sight in front and behind.
_SHOWN = {"national_id": (6, 4), "passport": (1, 3), "hk_mo_permit": (1, 3)}
Numbers = NDArray[np.int64]


def recognize_identifiers(raw: pl.Series, kind: str | None = None) -> pl.DataFrame:
    """Texts → `raw` (distinct, not null), `kind`, `value` (normalised) and `masked`; null where a text is no identifier.

    kind: of the whole column, as its header says; without it only EVIDENT kinds are found.
    """
    texts = raw.drop_nulls().cast(pl.String).unique(maintain_order=True).alias("raw")
    bare = with_ascii_digits(pl.col("raw")).str.normalize("NFKC").str.replace_all(r"\s+", "").str.replace(_LABEL, "")
    frame = texts.to_frame().with_columns(bare=bare)
    asked = (kind,) if kind else EVIDENT
    found = [_values(frame["bare"], name) for name in asked]
    kinds = [pl.when(value.is_not_null()).then(pl.lit(name)) for name, value in zip(asked, found, strict=True)]
    told = frame.with_columns(kind=pl.coalesce(kinds), value=pl.coalesce(map(pl.lit, found)))
    return told.select("raw", "kind", "value", masked=_masked(pl.col("value"), pl.col("kind")))


def _values(texts: pl.Series, kind: str) -> pl.Series:
    """The texts as this kind writes them; null where they are none."""
    if kind in ("national_id", "passport", "hk_mo_permit"):
        texts = texts.str.to_uppercase()
    elif kind in ("wechat", "xiaohongshu"):
        texts = texts.str.to_lowercase()
    fits = is_national_id(texts) if kind == "national_id" else texts.str.contains(FORMS[kind])
    if kind == "wechat_openid":
        fits &= texts.str.contains("[A-Z]") & texts.str.contains("[0-9_-]")
    if kind == "passport":
        fits &= ~texts.str.contains(_DATED)
    return texts.set(~fits, None)


def _masked(value: pl.Expr, kind: pl.Expr) -> pl.Expr:
    """The value with stars but for its ends."""
    head, tail = (kind.replace_strict({k: ends[i] for k, ends in _SHOWN.items()}, default=2) for i in (0, 1))
    hidden = value.str.len_chars().cast(pl.Int64) - head - tail
    stars = pl.lit("*").repeat_by(hidden.clip(3)).list.join("")
    return pl.concat_str(value.str.head(head), stars, value.str.tail(tail))


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


def kind_of_header(header: str) -> str | None:
    """The kind of identifier that a column of this header holds; null where it says none."""
    return next((kind for kind, words in _HEADERS.items() if re.search(words, header.strip(), re.IGNORECASE)), None)
