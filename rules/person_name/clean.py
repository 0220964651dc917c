"""Names of persons: titles, notes and numbers split off (rules/person_name/name_keys.py adds the keys for comparison).

Covers hanzi (简体, 繁体), pinyin in either order (Zhang Wei, Wei ZHANG, zhangwei), other Latin names, forms of address
(张总, 李经理, 小张) and masked names (张*). Cells in which more than a name stands are read by rules/person_name/parse.py.
"""

from functools import cache

import polars as pl

from ..base.surnames import compound, surnames
from ..base.trail import Cleaned, Trail
from .name_keys import LATIN, PARTS, with_keys
from .parse import Reading, job_pattern, read_person
from .titles import any_of, word_lists

_NUMBER = r"[\(（]?(\+?\d[\d\s-]{4,}\d)[\)）]?"
_EDGES = " -—_:：.。~～,，"
_SPLIT_LATIN = r"\s*[/;；|&＆]\s*.*$"
_READ = {"value": pl.String, **dict.fromkeys(Reading._fields[:3], pl.String), "several": pl.Boolean}


@cache
def patterns() -> dict[str, str]:
    """Regular expressions of the forms of address; `family` is a surname of the table, compound ones first."""
    titles = word_lists()
    single = surnames().filter(pl.col("surname").str.len_chars() == 1)["surname"].to_list()
    family = f"(?:{'|'.join(compound())}|[{''.join(single)}])"
    after, bare = job_pattern(), any_of(titles["after_surname"])
    long = any_of([word for word in titles["after"] + titles["departments"] + titles["narrower"] if len(word) > 1])
    return {
        "family": f"^({family})",
        # 张总, 李经理, 欧阳工: a surname and nothing but an address
        "address": f"^(?:({family})({bare}|{after})|(\\p{{Han}})({after}))$",
        "familiar": f"^({any_of(titles['before'])})({family})$",
        # 张伟经理, 梁赛南总, Kevin Zhang先生: at least two characters of name stay in front
        "titled": rf"^(\p{{Han}}{{2,4}}?|\p{{Latin}}[\p{{Latin}} .'’-]+?)\s*({after})$",
        "title": f"^{after}$",
        # Where none of this is, no form of address is.
        "spoken": rf"(?:{after}|{bare})$|^{any_of(titles['before'])}|^\p{{Latin}}",
        "latin_title": rf"(?i)^(?:{'|'.join(titles['latin'])})\b\.?\s*|[\s,]+(?:{'|'.join(titles['latin'])})\.?$",
        "masked": rf"^({family}|\p{{Han}})[*＊×xX某○〇]{{1,3}}\p{{Han}}?$",
        # More than a name of hanzi: signs, a second person, 采购部李经理, 王芳老客户.
        "dressed": rf"[^\p{{Han}}·]|\p{{Han}}{{2}}[和与及跟]\p{{Han}}{{2}}|[和与及](?:其|另)|等\d*[人位]$"
        rf"|^(?:{long}|\p{{Han}}{{1,8}}(?:部门?|科室?|处|室|组|中心|办|课|股|车间|大区|公司))\p{{Han}}{{2}}"
        rf"|^\p{{Han}}{{2,4}}{any_of([word for word in titles['remarks'] if len(word) > 1])}$",
    }  # fmt: skip


def clean_person_names(raw: pl.Series) -> Cleaned:
    """raw → `value` (name without notes and titles), `title` (a job or form of address), `number` (digits that stood beside the
    name), and the columns of name_keys.PARTS.

    Rules: person_name.several, .spacing, .number, .note, .title (changes); .several, .number, .note, .not_a_name (findings).
    """
    value, words = pl.col("value"), patterns()
    trail = Trail(raw)
    number, bare = value.str.extract(_NUMBER), value.str.replace_all(_NUMBER, " ").str.strip_chars(_EDGES)
    beside = bare.str.contains(r"\p{L}")
    trail.find("person_name.number", beside & number.is_not_null())
    trail.change(
        "person_name.number",
        bare,
        where=value.str.contains(_NUMBER) & beside,
        number=number.str.replace_all(r"[\s-]", ""),
    )
    _read_beside(trail, value.str.contains(words["dressed"]) & value.str.contains(r"\p{Han}"))
    latin = ~value.str.contains(r"\p{Han}")
    first = value.str.replace(_SPLIT_LATIN, "")
    several = latin & (first != value) & (first.str.len_chars() > 1)
    trail.find("person_name.several", several)
    trail.change("person_name.several", first, where=several)
    trail.change("person_name.spacing", value.str.replace_all(r"\s+", " "), where=latin)
    _split_titles(trail)
    trail.frame = with_keys(trail.frame, words)
    trail.find("person_name.not_a_name", pl.col("kind") == "other")
    return trail.cleaned(("title", "number", *PARTS))


def _read_beside(trail: Trail, dressed: pl.Expr) -> None:
    """Texts in which more than a name stands: the first person stays, a job becomes the title, the rest is told."""
    texts = trail.frame.filter(dressed)["value"].unique(maintain_order=True)
    read = pl.DataFrame([(text, *read_person(text)) for text in texts], schema=_READ, orient="row")
    trail.frame = trail.frame.join(read, on="value", how="left", maintain_order="left")
    name, note, several = pl.col("name"), pl.col("note").is_not_null(), pl.col("several").fill_null(False)
    trail.find("person_name.several", several)
    trail.find("person_name.note", note)
    beside = ~several & (note | pl.col("title").is_not_null())
    for rule, when in (("several", several), ("note", beside), ("spacing", ~several & ~beside)):
        trail.change(f"person_name.{rule}", name, where=name.is_not_null() & when)


def _split_titles(trail: Trail) -> None:
    """梁赛南总 → 梁赛南; a bare form of address (张总) stays, because nothing else is known of the person."""
    value, words = pl.col("value"), patterns()
    groups = value.str.extract_groups(words["address"])
    addressed = pl.coalesce(groups.struct[1], groups.struct[3])
    titled = value.str.contains(words["titled"]) & addressed.is_null() & ~value.str.contains(words["title"])
    latin = value.str.replace_all(words["latin_title"], "").str.strip_chars(" ,.")
    is_latin = value.str.contains(LATIN) & (latin.str.len_chars() > 1)
    named = (
        pl.when(titled).then(value.str.extract(words["titled"], 1))
        .when(is_latin).then(latin)
        .otherwise(value)
    )  # fmt: skip
    title = pl.coalesce(
        pl.when(titled).then(value.str.extract(words["titled"], 2)),
        addressed, pl.col("title"), value.str.extract(words["familiar"], 1),
    )  # fmt: skip
    trail.change("person_name.title", named, where=value.str.contains(words["spoken"]), title=title)
