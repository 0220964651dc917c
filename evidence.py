"""What the levels of every comparison say, in words and in log2 odds: the data of evidence.toml, which has no other home.

When a level holds stands in dedup/policy/contact_levels.py, account_levels.py and contradictions.py.
"""

import tomllib
from collections.abc import Collection, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from .decisions import KINDS
from .i18n import Text
from .plugins import load_added

Weights = Mapping[str, Mapping[str, float]]  # comparison → level → log2 odds
# Beside the levels of comparisons: where none holds, and where a value is missing.
_OTHERS = {"else": Text("无关", "no evidence"), "null": Text("缺少", "missing")}


# The three dimensions of a pair (dedup/dimensions.py), and what is said of the name at each level.
DIMENSIONS = ("phone_agree", "name_similarity", "code_link")
# What `[evidence]` of a configuration calls them, and people.
SWITCHES = {
    "phone": Text("手机号", "phone"), "name_similarity": Text("姓名拼音相似度", "similarity of names"),
    "credit_code": Text("信用代码", "credit code"),
}  # fmt: skip
_OFF = Text("未启用", "switched off")
_AGREE: Mapping[object, Text] = {True: Text("一致", "agrees"), False: Text("不同", "differs")}
_LINKED: Mapping[object, Text] = {True: Text("关联", "linked"), False: Text("不同", "differs")}
_SIMILAR = {
    "contact": Text("姓名拼音相似度", "similarity of the names' readings"),
    "account": Text("字号拼音相似度", "similarity of the brands' readings"),
}


@cache
def _tables() -> dict[str, dict[str, dict[str, Any]]]:
    text = (files(__package__) / "evidence.toml").read_text("utf-8")
    tables: dict[str, dict[str, dict[str, Any]]] = tomllib.loads(text)

    def why_not(entity: str, comparisons: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Text | None:
        own = tables[entity]
        for comparison, levels in comparisons.items():
            taken = levels.keys() & own["keys"].keys() if comparison == "keys" else {comparison} & own.keys()
            if faulty := taken or {name for name, said in levels.items() if not {"zh", "en"} <= said.keys()}:
                return Text(f"{min(faulty)} 已被使用，或缺少 zh、en", f"{min(faulty)} is taken, or lacks zh or en")
        return None

    for _, entity, comparisons in load_added("evidence", Mapping, why_not, known=tables):
        keys = {"keys": {**tables[entity]["keys"], **comparisons.get("keys", {})}}
        tables[entity] = {**tables[entity], **comparisons, **keys}
    return tables


@cache
def shipped_weights() -> dict[str, dict[str, dict[str, float]]]:
    """Entity level → comparison → level → log2 odds, as calibrated; only of levels that weigh."""
    return {
        entity: {
            comparison: {name: level["bits"] for name, level in levels.items() if "bits" in level}
            for comparison, levels in comparisons.items()
            if comparison != "keys"
        }
        for entity, comparisons in _tables().items()
    }


@cache
def key_words() -> dict[str, dict[str, Text]]:
    """Entity level → key that candidates share → what it is called."""
    return {
        entity: {name: Text(key["zh"], key["en"]) for name, key in comparisons["keys"].items()}
        for entity, comparisons in _tables().items()
    }


@cache
def similar_levels() -> dict[str, set[tuple[str, str]]]:
    """Entity level → comparison and level of names that are only alike: in sound, by a character, in another script."""
    return {
        entity: {(c, name) for c, levels in comparisons.items() for name, level in levels.items() if level.get("similar")}
        for entity, comparisons in _tables().items()
    }  # fmt: skip


@cache
def _words() -> dict[tuple[str, str], Text]:
    return {
        (comparison, name): Text(level["zh"], level["en"])
        for comparisons in _tables().values()
        for comparison, levels in comparisons.items()
        for name, level in levels.items()
    }


def comparison_words(comparison: str) -> Text:
    """What a comparison is called; one of another version, that has no words any more, its name."""
    own = Text("专员", "steward") if comparison == "steward" else None
    return own or _words().get((comparison, "name")) or Text(comparison, comparison)


def level_words(comparison: str, level: str) -> Text:
    """What a level says, as `comparison_words`. Of a steward's word: the kind of decision."""
    if comparison == "steward":
        return KINDS[level].name
    return _words().get((comparison, level)) or _OTHERS.get(level) or Text(level, level)


def dimension_words(level: str, pair: Mapping[str, Any], off: Collection[str] = ()) -> Text:
    """「手机号 一致 · 姓名拼音相似度 0.93 · 信用代码 未启用」, of a pair with DIMENSIONS; empty where it has none of them. off: the
    SWITCHES that the run had switched off."""
    if not any(name in pair for name in DIMENSIONS):
        return Text("", "")
    similar = pair.get("name_similarity")
    missing = _OTHERS["null"]
    number = missing if similar is None else Text(f"{similar:.2f}", f"{similar:.2f}")
    told = (
        (SWITCHES["phone"], _AGREE.get(pair.get("phone_agree"), missing)),
        (_SIMILAR[level], number),
        (SWITCHES["credit_code"], _LINKED.get(pair.get("code_link"), missing)),
    )
    heard = [(word, _OFF) if name in off else said for (name, word), said in zip(SWITCHES.items(), told, strict=True)]
    return Text(*(" · ".join(f"{getattr(a, lang)} {getattr(b, lang)}" for a, b in heard) for lang in ("zh", "en")))


def off_words(off: Collection[str]) -> Text:
    """「手机号 未启用 · 信用代码 未启用」; empty where nothing is switched off."""
    words = [word for name, word in SWITCHES.items() if name in off]
    return Text(*(" · ".join(f"{getattr(w, lang)} {getattr(_OFF, lang)}" for w in words) for lang in ("zh", "en")))
