"""What two spellings of a person's name are compared by: kind, simplified hanzi, surname, reading."""

from collections.abc import Mapping
from functools import cache

import polars as pl

from ..base.readings import further_readings, joined, look_alike, pinyin_syllables, words_of_names
from ..base.script import simplified
from ..base.seen import holds_where
from ..base.surnames import by_pinyin, compound, surnames
from .romanised import spelled

LATIN = r"^\p{Latin}[\p{Latin}\p{M} .'’,-]*$"
_LONGEST_NAME = 100  # characters of a Latin name
_FULL = r"^\p{Han}[\p{Han}〇]{1,14}$"
_DOTS = r"[·•・‧∙⋅．.。\s-]"  # between the parts of a name that is not Han: 古丽娜尔·艾山
_NICKNAME = r"^[小阿](\p{Han})$"
_HIDDEN_SURNAME = r"^[*＊○]{1,2}\p{Han}{1,2}$"
_USUAL = 0.05  # percent: 小王 is rather somebody Wang; 小红 is rather Li Hong

PARTS = (
    "kind",
    "name_key",
    "surname",
    "pinyin",
    "pinyin_turned",
    "sound_key",
    "mask",
    "readings",
    "family",
    "nickname",
    "shape",
)


def with_keys(frame: pl.DataFrame, words: Mapping[str, str]) -> pl.DataFrame:
    """Add PARTS to `value`, by the patterns of rules/person_name/clean.py.

    kind: `full` (hanzi), `surname` (only a form of address), `masked`, `latin`, `other`. Keys are null where the kind has
    none: `name_key` simplified hanzi, `surname`, `pinyin` (joined, surname first), `pinyin_turned` (a Latin name's other
    order), `sound_key` (Latin, lower case), `mask` (a masked name with * for each hidden character), `readings` and `family`
    (rules/person_name/romanised.py), `nickname` (the X of 小X: a surname or the end of a given name), `shape` (readings.look_alike).
    """
    value, key = pl.col("value"), pl.col("_key")
    frame = frame.with_columns(_key=simplified(frame["value"]).str.replace_all(_DOTS, ""))
    nickname = key.str.extract(_NICKNAME)
    hidden = key.str.contains(_HIDDEN_SURNAME)
    masked, familiar = (
        key.str.contains(words["masked"]) | hidden,
        holds_where(key, words["spoken"], words["familiar"]) | nickname.is_not_null(),
    )
    address = holds_where(key, words["spoken"], words["address"]) & (key.str.len_chars() <= 5)
    frame = frame.with_columns(
        kind=pl.when(value.is_null()).then(pl.lit(None, pl.String))
        .when(masked).then(pl.lit("masked"))
        .when(holds_where(key, words["spoken"], words["title"])).then(pl.lit("other"))
        .when(address | familiar).then(pl.lit("surname"))
        .when(key.str.contains(_FULL)).then(pl.lit("full"))
        .when(value.str.contains(LATIN) & value.str.len_chars().is_between(3, _LONGEST_NAME)).then(pl.lit("latin"))
        .otherwise(pl.lit("other"))
    )  # fmt: skip
    family = (
        pl.when(masked).then(pl.when(masked).then(key).str.extract(words["masked"]))
        .when(familiar).then(pl.coalesce(nickname, pl.when(familiar).then(key).str.extract(words["familiar"], 2)))
        .when(key.str.head(2).is_in(compound())).then(key.str.head(2))
        .otherwise(key.str.head(1))
    )  # fmt: skip
    frame = frame.with_columns(
        name_key=pl.when(pl.col("kind") == "full").then(key),
        surname=pl.when(pl.col("kind").is_in(["full", "surname", "masked"])).then(family),
        sound_key=pl.when(pl.col("kind") == "latin").then(value.str.to_lowercase()),
        mask=pl.when(pl.col("kind") == "masked").then(key.str.replace_all(r"[^\p{Han}]|某", "*")),
        nickname=pl.when(pl.col("kind") == "surname").then(nickname),
    )
    frame = frame.with_columns(
        surname=pl.when(pl.col("nickname").is_null() | pl.col("nickname").is_in(_usual_surnames())).then("surname")
    )
    frame = frame.with_columns(shape=look_alike(frame["name_key"]))
    return _with_pinyin(frame).drop("_key")


@cache
def _usual_surnames() -> list[str]:
    return surnames().filter(pl.col("percent") >= _USUAL)["surname"].to_list()


@cache
def _families() -> pl.DataFrame:
    """`surname, _family, family`: its usual reading, and all that it has."""
    several = pl.Series(
        [" ".join(words_of_names("polyphones").get(s, ())) or None for s in surnames()["surname"]], dtype=pl.String
    )
    usual = pl.col("pinyin").str.replace_all("([ln])v", "${1}u")
    return surnames().select("surname", _family=usual, family=pl.coalesce(several, usual))


def _with_pinyin(frame: pl.DataFrame) -> pl.DataFrame:
    """`pinyin`: the surname's own reading, then the given name's; for Latin names the surname is brought to the front."""
    frame = frame.join(_families(), on="surname", how="left", maintain_order="left")
    frame = frame.with_columns(_given=pl.col("name_key").str.strip_prefix(pl.col("surname")))
    known = frame["_family"].is_not_null()  # whose reading is put together below
    frame = frame.with_columns(
        _given=joined(frame["_given"]),
        _whole=joined(frame["name_key"].set(known, None)),
    )
    latin = spelled(frame["value"].filter(frame["kind"] == "latin").unique().to_list())
    frame = frame.join(latin, on="value", how="left", maintain_order="left", suffix="_latin")
    frame = frame.with_columns(
        pinyin=pl.coalesce("first", pl.col("_family") + pl.col("_given"), "_whole"),
        family=pl.coalesce("family", "family_latin"),
    )
    return _with_further_readings(frame).drop("_family", "_given", "_whole", "first", "family_latin")


def _with_further_readings(frame: pl.DataFrame) -> pl.DataFrame:
    several = f"[{''.join(words_of_names('polyphones'))}]"
    names = frame.filter(pl.col("name_key").str.contains(several)).select("name_key", "pinyin").unique()
    table = names.with_columns(
        _further=pl.Series([further_readings(*row) for row in names.iter_rows()], dtype=pl.String)
    )
    frame = frame.join(table, on=["name_key", "pinyin"], how="left", maintain_order="left")
    return frame.with_columns(readings=pl.coalesce("readings", "_further")).drop("_further")


@cache
def _mail_patterns() -> tuple[str, str]:
    """Local parts that spell a Chinese name: zhangwei, zhang.wei8530 (surname first), wei.zhang (surname last)."""
    syllable = "(?:" + "|".join(pinyin_syllables()) + ")"
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
