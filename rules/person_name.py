"""Names of persons: titles and notes split off, and the keys by which two spellings are compared.

Covers hanzi (简体, 繁体), pinyin in either order (Zhang Wei, Wei ZHANG, zhangwei), other Latin names, forms of address
(张总, 李经理, 小张) and masked names (张*). Compound surnames and surname readings come from rules/surnames.py.
"""

import re
from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl

from .readings import syllables
from .script import simplified
from .surnames import by_pinyin, compound, surnames
from .trail import Cleaned, Trail

_NOTE = r"[\(（\[【<《][^\)）\]】>》]*[\)）\]】>》]?"
_SEVERAL = r"\s*[/、;；|，,&＆]\s*|\s*(?:和|及)\s*(?:其|另)"
_MASKED = r"^(\p{Han}{1,2})[*＊×xX某○〇]{1,3}\p{Han}?$"
_FULL = r"^\p{Han}[\p{Han}〇·•・]{1,14}$"
_LATIN = r"^[\p{Latin}][\p{Latin} .'’,-]*$"

PARTS = ("title", "kind", "name_key", "surname", "pinyin", "pinyin_turned", "sound_key")


@cache
def _titles() -> dict[str, list[str]]:
    import tomllib

    text = (files("guiyi.rules.data") / "titles.toml").read_text(encoding="utf-8")
    lists: dict[str, list[str]] = tomllib.loads(text)
    return {name: sorted(words, key=len, reverse=True) for name, words in lists.items()}


def _any_of(words: list[str]) -> str:
    return "(?:" + "|".join(re.escape(word) for word in words) + ")"


@cache
def _patterns() -> dict[str, str]:
    titles = _titles()
    single = surnames().filter(pl.col("surname").str.len_chars() == 1)["surname"].to_list()
    family = f"(?:{'|'.join(compound())}|[{''.join(single)}])"
    after, bare = _any_of(titles["after"]), _any_of(titles["after_surname"] + titles["after"])
    return {
        "family": f"^({family})",
        # 张总, 李经理, 欧阳工: a surname and nothing but an address
        "address": f"^(?:({family})({bare})|(\\p{{Han}})({after}))$",
        "familiar": f"^({_any_of(titles['before'])})({family})$",
        # 张伟经理, 梁赛南总: at least two characters of name stay in front
        "titled": rf"^(\p{{Han}}{{2,4}}?)({after})$",
        "titled_before": rf"^({_any_of([t for t in titles['after'] if len(t) > 1])})[:：\s]*(\p{{Han}}{{2,4}})$",
        "title": f"^{after}$",
        "latin_title": rf"(?i)^(?:{'|'.join(titles['latin'])})\b\.?\s*|[\s,]+(?:{'|'.join(titles['latin'])})\.?$",
    }


def clean_person_names(raw: pl.Series) -> Cleaned:
    """raw → `value` (name without notes and titles), `title`, `kind` and keys.

    kind: `full` (hanzi), `surname` (only a form of address), `masked`, `latin`, `other`. Keys are null where the kind has
    none: `name_key` simplified hanzi, `surname`, `pinyin` (joined, surname first), `pinyin_turned` (a Latin name's other
    order), `sound_key` (Latin, lower case).
    """
    value, words = pl.col("value"), _patterns()
    note = value.str.extract(r"[\(（\[【]([^\)）\]】]+)[\)）\]】]?\s*$").str.strip_chars()
    several = value.str.replace(rf"(?:{_SEVERAL}).*$", "")
    trail = Trail(raw)
    trail.find("person_name.several", value.str.contains(_SEVERAL) & (several.str.len_chars() > 1))
    trail.change("person_name.several", pl.when(several.str.len_chars() > 1).then(several).otherwise(value))
    unspaced = (
        pl.when(value.str.contains(r"\p{Han}")).then(_unspaced(value)).otherwise(value.str.replace_all(r"\s+", " "))
    )
    trail.change("person_name.spacing", unspaced)
    before = value.str.extract(words["titled_before"], 1)
    trail.change(
        "person_name.title",
        pl.when(before.is_not_null()).then(value.str.extract(words["titled_before"], 2)).otherwise(value),
        title=before,
    )
    plain = value.str.replace_all(_NOTE, "").str.replace(r"[-—_:：]+\p{Han}{1,6}$", "").str.strip_chars(" -—_:：.。")
    dash_note = value.str.extract(r"[-—_:：]+(\p{Han}{1,6})$")
    trail.change(
        "person_name.note",
        pl.when(plain.str.len_chars() > 0).then(plain).otherwise(value),
        title=pl.coalesce("title", note, dash_note),
    )
    titled = value.str.contains(words["titled"]) & ~value.str.contains(words["address"])
    latin = value.str.replace_all(words["latin_title"], "")
    is_latin = value.str.contains(_LATIN) & (latin.str.len_chars() > 1)
    trail.change(
        "person_name.title",
        pl.when(titled).then(value.str.extract(words["titled"], 1))
        .when(is_latin).then(latin.str.strip_chars(" ,."))
        .otherwise(value),
        title=pl.coalesce(
            pl.when(titled).then(value.str.extract(words["titled"], 2)),
            value.str.extract(words["address"], 2), value.str.extract(words["address"], 4),
            value.str.extract(words["familiar"], 1), pl.col("title"),
        ),
    )  # fmt: skip
    trail.frame = _with_keys(trail.frame)
    trail.find("person_name.not_a_name", pl.col("kind") == "other")
    return trail.cleaned(PARTS)


def _unspaced(value: pl.Expr) -> pl.Expr:
    """杨 文 剑 → 杨文剑, 汪林 女士 → 汪林女士; twice, because a match eats the character between two blanks."""
    once = value.str.replace_all(r"(\p{Han})\s+(\p{Han}|[\(（])", "${1}${2}")
    return once.str.replace_all(r"(\p{Han})\s+(\p{Han}|[\(（])", "${1}${2}")


def _with_keys(frame: pl.DataFrame) -> pl.DataFrame:
    """Add kind and comparison keys to `value` (and a title already found)."""
    words, value, key = _patterns(), pl.col("value"), pl.col("_key")
    frame = frame.with_columns(_key=simplified(frame["value"]).str.replace_all(r"[·•・\s]", ""))
    masked = key.str.contains(_MASKED)
    address = key.str.contains(words["address"]) & (key.str.len_chars() <= 4)
    familiar = key.str.contains(words["familiar"])
    frame = frame.with_columns(
        kind=pl.when(value.is_null()).then(pl.lit(None, pl.String))
        .when(masked).then(pl.lit("masked"))
        .when(key.str.contains(words["title"])).then(pl.lit("other"))
        .when(address | familiar).then(pl.lit("surname"))
        .when(key.str.contains(_FULL)).then(pl.lit("full"))
        .when(value.str.contains(_LATIN) & (value.str.len_chars() > 2)).then(pl.lit("latin"))
        .otherwise(pl.lit("other"))
    )  # fmt: skip
    family = (
        pl.when(masked).then(key.str.extract(_MASKED))
        .when(familiar).then(key.str.extract(words["familiar"], 2))
        .otherwise(pl.coalesce(key.str.extract(words["family"]), key.str.head(1)))
    )  # fmt: skip
    frame = frame.with_columns(
        name_key=pl.when(pl.col("kind") == "full").then(key),
        surname=pl.when(pl.col("kind").is_in(["full", "surname", "masked"])).then(family),
        sound_key=pl.when(pl.col("kind") == "latin").then(value.str.to_lowercase()),
    )
    return _with_pinyin(frame).drop("_key")


def _with_pinyin(frame: pl.DataFrame) -> pl.DataFrame:
    """`pinyin`: the surname's own reading, then the given name; for Latin names the surname is brought to the front."""
    given = pl.col("name_key").str.strip_prefix(pl.col("surname"))
    table = surnames().select("surname", family="pinyin")
    frame = frame.join(table, on="surname", how="left", maintain_order="left").with_columns(
        _given=pl.when(pl.col("name_key") == pl.col("surname")).then(pl.col("name_key")).otherwise(given)
    )
    whole = pl.Series("name_key", frame["name_key"])
    frame = frame.with_columns(
        _given=syllables(frame["_given"]).str.replace_all(" ", ""),
        _whole=syllables(whole).str.replace_all(" ", ""),
    )
    latin = frame["value"].filter(frame["kind"] == "latin").unique().to_list()
    orders = [_orders(name) for name in latin]
    spelled = pl.DataFrame(
        {"value": latin, "_first": [o[0] for o in orders], "pinyin_turned": [o[1] for o in orders]},
        schema={"value": pl.String, "_first": pl.String, "pinyin_turned": pl.String},
    )
    hanzi = _typed(pl.coalesce(pl.col("family") + pl.col("_given"), pl.col("_whole")))
    return (
        frame.join(spelled, on="value", how="left", maintain_order="left")
        .with_columns(pinyin=pl.coalesce("_first", hanzi))
        .drop("family", "_given", "_whole", "_first")
    )


def _typed(spelling: pl.Expr) -> pl.Expr:
    """ü as people type it in names: lu and nu, for `lü`, `lv`, `nü` and `nv` alike."""
    return spelling.str.replace_all("([ln])[vü]", "${1}u")


def _orders(name: str) -> tuple[str, str | None]:
    """Joined lower-case letters in the likelier order, surname first, and in the other one: Wei ZHANG → zhangwei, weizhang.

    Chinese forms put the surname first unless capitals or the words themselves say otherwise; null where there is
    one word only.
    """
    parts = re.findall(r"[A-Z]{2,}(?![a-z])|[A-Z]?[a-zü']+|[A-Z]", name.replace("-", "")) or [name]
    words = [re.sub("([ln])[vü]", r"\1u", p.replace("'", "").lower()) for p in parts]
    if len(words) == 1:
        return words[0], None
    plain, turned = "".join(words), "".join([words[-1], *words[:-1]])
    shouted = parts[-1].isupper() and not parts[0].isupper() and len(parts[-1]) > 1
    shares = by_pinyin()
    foreign = words[0] not in shares and words[-1] in shares
    return (turned, plain) if shouted or foreign else (plain, turned)


def is_valid(text: str) -> bool:
    """Whether a text reads as a person's full name."""
    kind = clean_person_names(pl.Series([text])).values["kind"]
    return bool(kind.is_in(["full", "latin"]).all()) and not kind.is_empty()


def format(value: str) -> str:
    """As shown to people where personal data is masked: 张伟 → 张*."""
    family: Any = re.match(_patterns()["family"], value)
    return (family.group(1) if family else value[:1]) + "*"
