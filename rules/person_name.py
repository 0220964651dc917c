"""Names of persons: titles, notes and numbers split off (rules/name_keys.py adds the keys for comparison).

Covers hanzi (简体, 繁体), pinyin in either order (Zhang Wei, Wei ZHANG, zhangwei), other Latin names, forms of address
(张总, 李经理, 小张) and masked names (张*).
"""

import re
import tomllib
from functools import cache
from importlib.resources import files

import polars as pl

from .name_keys import LATIN, PARTS, with_keys
from .surnames import compound, surnames
from .trail import Cleaned, Trail

_BRACKETED = r"[\(（\[【<《][^\)）\]】>》]*[\)）\]】>》]?"
_NOTE = r"[\(（\[【]([^\)）\]】]+)[\)）\]】]?\s*$"
_DASHED = r"[-—_:：~～]+(\p{Han}{1,6})$"
_SPLIT_HAN = r"\s*(?:[/、;；|，,&＆]|(?:和|及)(?:其|另))\s*"
_SPLIT_LATIN = r"\s*[/;；|&＆]\s*"
_NUMBER = r"[\(（]?\+?\d[\d\s-]{4,}\d[\)）]?"
# Of hanzi alone only titles are split off; the rules about punctuation need not look at them.
_DRESSED = r"[^\p{Han}]|[和及][其另]"
_STROKES = " -—_:：.。~～,，"


@cache
def _titles() -> dict[str, list[str]]:
    """Lists of rules/data/titles.toml, longest first, each word in both scripts."""
    lists = tomllib.loads((files(__package__) / "data" / "titles.toml").read_text("utf-8"))
    traditional = lists.pop("traditional")
    both = {name: {*words, *traditional.get(name, ())} for name, words in lists.items()}
    return {name: sorted(words, key=lambda w: (-len(w), w)) for name, words in both.items()}


def _any_of(words: list[str]) -> str:
    return "(?:" + "|".join(re.escape(word) for word in words) + ")"


@cache
def patterns() -> dict[str, str]:
    """Regular expressions of the forms of address; `family` is a surname of the table, compound ones first."""
    titles = _titles()
    single = surnames().filter(pl.col("surname").str.len_chars() == 1)["surname"].to_list()
    family = f"(?:{'|'.join(compound())}|[{''.join(single)}])"
    after, bare = _any_of(titles["after"]), _any_of(titles["after_surname"] + titles["after"])
    long = _any_of([t for t in titles["after"] if len(t) > 1])
    latin = "|".join(titles["latin"])
    return {
        "family": f"^({family})",
        # 张总, 李经理, 欧阳工: a surname and nothing but an address
        "address": f"^(?:({family})({bare})|(\\p{{Han}})({after}))$",
        "familiar": f"^({_any_of(titles['before'])})({family})$",
        # 张伟经理, 梁赛南总, Kevin Zhang先生: at least two characters of name stay in front
        "titled": rf"^(\p{{Han}}{{2,4}}?|\p{{Latin}}[\p{{Latin}} .'’-]+?)\s*({after})$",
        "titled_before": rf"^({long})[:：\s]*(\p{{Han}}{{2,4}})$",
        "title": f"^{after}$",
        "latin_title": rf"(?i)^(?:{latin})\b\.?\s*|[\s,]+(?:{latin})\.?$",
        "masked": rf"^({family}|\p{{Han}})[*＊×xX某○〇]{{1,3}}\p{{Han}}?$",
    }


def clean_person_names(raw: pl.Series) -> Cleaned:
    """raw → `value` (name without notes and titles), `title`, and the columns of name_keys.PARTS.

    Rules: person_name.several, .spacing, .number, .note, .title (changes); .several, .not_a_name (findings).
    """
    value, dressed = pl.col("value"), pl.col("value").str.contains(_DRESSED)
    trail = Trail(raw)
    trail.find("person_name.several", _first_person(pl.when(dressed).then(value)) != value)
    trail.change("person_name.several", _first_person(value), where=dressed)
    trail.change("person_name.spacing", _spaced(value), where=dressed)
    bare = value.str.replace_all(_NUMBER, "").str.strip_chars(_STROKES)
    trail.change("person_name.number", pl.when(bare.str.contains(r"\p{L}")).then(bare).otherwise(value), where=dressed)
    _split_notes(trail)
    _split_titles(trail)
    trail.frame = with_keys(trail.frame, patterns())
    trail.find("person_name.not_a_name", pl.col("kind") == "other")
    return trail.cleaned(("title", *PARTS))


def _first_person(value: pl.Expr) -> pl.Expr:
    """张三/李四 → 张三; a comma between Latin words (Zhang, Wei) parts surname and given name, not persons."""
    han = value.str.contains(r"\p{Han}")
    first = (
        pl.when(han)
        .then(value.str.replace(rf"{_SPLIT_HAN}.*$", ""))
        .otherwise(value.str.replace(rf"{_SPLIT_LATIN}.*$", ""))
    )
    return pl.when(first.str.len_chars() > 1).then(first).otherwise(value)


def _spaced(value: pl.Expr) -> pl.Expr:
    """杨 文 剑 → 杨文剑, 张-伟 → 张伟; Latin words one blank apart. Twice: a match eats the letter between two blanks."""
    once = value.str.replace_all(r"(\p{Han})\s+(\p{Han}|[\(（])", "${1}${2}")
    joined = once.str.replace_all(r"(\p{Han})\s+(\p{Han}|[\(（])", "${1}${2}")
    joined = joined.str.replace(r"^(\p{Han})[-—_](\p{Han}{1,2})$", "${1}${2}")
    return pl.when(value.str.contains(r"\p{Han}")).then(joined).otherwise(value.str.replace_all(r"\s+", " "))


def _split_notes(trail: Trail) -> None:
    """采购:张三丰, 管作文(采购), 崧诗召-财务, 张伟 Kevin: what stands beside the name becomes its title."""
    value, words = pl.col("value"), patterns()
    before, named = (value.str.extract(words["titled_before"], group) for group in (1, 2))
    trail.change("person_name.title", named, where=value.str.contains(words["titled_before"]), title=before)
    note = pl.coalesce(value.str.extract(_NOTE), value.str.extract(_DASHED)).str.strip_chars()
    plain = value.str.replace_all(_BRACKETED, "").str.replace(_DASHED, "").str.strip_chars(_STROKES)
    plain = plain.str.replace(r"^(\p{Han}{2,4})\s+\p{Latin}[\p{Latin} .]*$", "${1}")
    shorter = pl.when(plain.str.len_chars() > 0).then(plain).otherwise(value)
    # A number beside a name is personal data, not a title.
    title = pl.coalesce("title", pl.when(~note.str.contains(r"\d")).then(note))
    trail.change("person_name.note", shorter, where=value.str.contains(_DRESSED), title=title)


def _split_titles(trail: Trail) -> None:
    """梁赛南总 → 梁赛南; a bare form of address (张总) stays, because nothing else is known of the person."""
    value, words = pl.col("value"), patterns()
    is_titled = value.str.contains(words["titled"])
    titled = is_titled & ~value.str.contains(words["address"])
    latin = value.str.replace_all(words["latin_title"], "").str.strip_chars(" ,.")
    is_latin = value.str.contains(LATIN) & (latin.str.len_chars() > 1)
    named = (
        pl.when(titled).then(value.str.extract(words["titled"], 1))
        .when(is_latin).then(latin)
        .otherwise(value)
    )  # fmt: skip
    title = pl.coalesce(
        pl.when(titled).then(value.str.extract(words["titled"], 2)),
        value.str.extract(words["address"], 2), value.str.extract(words["address"], 4),
        value.str.extract(words["familiar"], 1), pl.col("title"),
    )  # fmt: skip
    where = is_titled | value.str.contains(words["address"]) | value.str.contains(words["familiar"])
    trail.change("person_name.title", named, where=where | value.str.contains(LATIN), title=title)


def is_valid(text: str) -> bool:
    """Whether a text reads as a person's full name."""
    kind = clean_person_names(pl.Series([text])).values["kind"]
    return bool(kind.is_in(["full", "latin"]).all()) and not kind.is_empty()
