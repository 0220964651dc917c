"""What two spellings of a person's name are compared by: kind, simplified hanzi, surname, reading."""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

import polars as pl

from .readings import joined
from .script import simplified
from .seen import where_seen
from .surnames import by_pinyin, compound, surnames

LATIN = r"^\p{Latin}[\p{Latin}\p{M} .'’,-]*$"
_LONGEST_NAME = 100  # characters of a Latin name
_FULL = r"^\p{Han}[\p{Han}〇·•・]{1,14}$"

PARTS = ("kind", "name_key", "surname", "pinyin", "pinyin_turned", "sound_key", "mask")


def with_keys(frame: pl.DataFrame, words: Mapping[str, str]) -> pl.DataFrame:
    """Add PARTS to `value`, by the patterns of rules/person_name.py.

    kind: `full` (hanzi), `surname` (only a form of address), `masked`, `latin`, `other`. Keys are null where the kind has
    none: `name_key` simplified hanzi, `surname`, `pinyin` (joined, surname first), `pinyin_turned` (a Latin name's other
    order), `sound_key` (Latin, lower case), `mask` (a masked name with * for each hidden character).
    """
    value, key = pl.col("value"), pl.col("_key")
    frame = frame.with_columns(_key=simplified(frame["value"]).str.replace_all(r"[·•・\s]", ""))
    masked, familiar = key.str.contains(words["masked"]), key.str.contains(words["familiar"])
    address = key.str.contains(words["address"]) & (key.str.len_chars() <= 5)
    frame = frame.with_columns(
        kind=pl.when(value.is_null()).then(pl.lit(None, pl.String))
        .when(masked).then(pl.lit("masked"))
        .when(key.str.contains(words["title"]) | key.str.contains(r"^阿\p{Han}$")).then(pl.lit("other"))
        .when(address | familiar).then(pl.lit("surname"))
        .when(key.str.contains(_FULL)).then(pl.lit("full"))
        .when(value.str.contains(LATIN) & value.str.len_chars().is_between(3, _LONGEST_NAME)).then(pl.lit("latin"))
        .otherwise(pl.lit("other"))
    )  # fmt: skip
    family = (
        pl.when(masked).then(pl.when(masked).then(key).str.extract(words["masked"]))
        .when(familiar).then(pl.when(familiar).then(key).str.extract(words["familiar"], 2))
        .when(key.str.head(2).is_in(compound())).then(key.str.head(2))
        .otherwise(key.str.head(1))
    )  # fmt: skip
    frame = frame.with_columns(
        name_key=pl.when(pl.col("kind") == "full").then(key),
        surname=pl.when(pl.col("kind").is_in(["full", "surname", "masked"])).then(family),
        sound_key=pl.when(pl.col("kind") == "latin").then(value.str.to_lowercase()),
        mask=pl.when(pl.col("kind") == "masked").then(key.str.replace_all(r"[^\p{Han}]|某", "*")),
    )
    return _with_pinyin(frame).drop("_key")


def _with_pinyin(frame: pl.DataFrame) -> pl.DataFrame:
    """`pinyin`: the surname's own reading, then the given name's; for Latin names the surname is brought to the front."""
    table = surnames().select("surname", family="pinyin")
    frame = frame.join(table, on="surname", how="left", maintain_order="left")
    frame = frame.with_columns(_given=pl.col("name_key").str.strip_prefix(pl.col("surname")))
    known = frame["family"].is_not_null()  # whose reading is put together below
    frame = frame.with_columns(
        _given=joined(frame["_given"]),
        _whole=joined(frame["name_key"].set(known, None)),
    )
    latin = frame["value"].filter(frame["kind"] == "latin").unique().to_list()
    orders = [_orders(name) for name in latin]
    spelled = pl.DataFrame(
        {"value": latin, "_first": [o[0] for o in orders], "pinyin_turned": [o[1] for o in orders]},
        schema={"value": pl.String, "_first": pl.String, "pinyin_turned": pl.String},
    )
    hanzi = pl.coalesce(pl.col("family") + pl.col("_given"), pl.col("_whole"))
    hanzi = where_seen(hanzi, "[vü]", lambda t: t.str.replace_all("([ln])[vü]", "${1}u"))
    return (
        frame.join(spelled, on="value", how="left", maintain_order="left")
        .with_columns(pinyin=pl.coalesce("_first", hanzi))
        .drop("family", "_given", "_whole", "_first")
    )


def _orders(name: str) -> tuple[str, str | None]:
    """Joined lower-case letters in the likelier order, surname first, and in the other: Wei ZHANG → zhangwei, weizhang.

    Chinese forms put the surname first unless capitals, a comma or the words themselves say otherwise; null where
    there is one word only. ü is written u, as people type it in names; other marks are dropped (Nguyễn → nguyen).
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.replace("đ", "d")) if not unicodedata.combining(c))
    parts = re.findall(r"[A-Z]{2,}(?![a-z])|[A-Z]?[a-z']+|[A-Z]", plain.replace("-", "")) or [plain]
    words = [re.sub("([ln])v", r"\1u", p.replace("'", "").lower()) for p in parts]
    if len(words) == 1:
        return words[0], None
    straight, turned = "".join(words), "".join([words[-1], *words[:-1]])
    shouted = parts[-1].isupper() and not parts[0].isupper() and len(parts[-1]) > 1
    shares = by_pinyin()
    foreign = words[0] not in shares and words[-1] in shares and "," not in name
    return (turned, straight) if shouted or foreign else (straight, turned)


_TONES = dict.fromkeys(map(ord, "\u0300\u0301\u0304\u030c"))


@cache
def _mail_patterns() -> tuple[str, str]:
    """Local parts that spell a Chinese name: zhangwei, zhang.wei8530 (surname first), wei.zhang (surname last)."""
    from pypinyin.constants import PINYIN_DICT

    # 42,000 characters share 1,400 readings.
    parts = {unicodedata.normalize("NFD", r.partition(",")[0]).translate(_TONES) for r in set(PINYIN_DICT.values())}
    spoken = {unicodedata.normalize("NFC", part).replace("ü", "v") for part in parts}
    syllable = "(?:" + "|".join(sorted((s for s in spoken if s.isascii() and s.isalpha()), key=len, reverse=True)) + ")"
    family = "(?:" + "|".join(sorted(by_pinyin(), key=len, reverse=True)) + ")"
    return rf"^({family}[._-]?{syllable}[._-]?{syllable}?)\d*$", rf"^({syllable}{syllable}?)[._-]({family})\d*$"


def name_in_mail(local: pl.Series) -> pl.Series:
    """Local parts of e-mail addresses → the reading of the name they spell, surname first; null where they spell none."""
    first, last = _mail_patterns()
    text = pl.col("local")
    frame = local.str.to_lowercase().alias("local").to_frame()
    straight = text.str.extract(first).str.replace_all(r"[._-]", "")
    turned = text.str.extract(last, 2) + text.str.extract(last, 1)
    spelled = frame.select(pl.coalesce(turned, straight).str.replace_all("([ln])v", "${1}u").alias("name"))["name"]
    return spelled.set(spelled.str.len_chars().fill_null(0) < 5, None)
