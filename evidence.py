"""What the levels of every comparison say, in words and in log2 odds: the data of evidence.toml, which has no other home.

When a level holds stands in dedup/contact.py, account.py and contradictions.py.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from .decisions import KINDS
from .i18n import Text

Weights = Mapping[str, Mapping[str, float]]  # comparison → level → log2 odds
# Beside the levels of comparisons: where none holds, and where a value is missing.
_OTHERS = {"else": Text("无关", "no evidence"), "null": Text("缺少", "missing")}


# The three dimensions of a pair (dedup/dimensions.py), and what is said of the name at each level.
DIMENSIONS = ("phone_agree", "name_similarity", "code_link")
_AGREE: Mapping[object, Text] = {True: Text("一致", "agrees"), False: Text("不同", "differs")}
_LINKED: Mapping[object, Text] = {True: Text("关联", "linked"), False: Text("不同", "differs")}
_SIMILAR = {
    "contact": Text("姓名拼音相似度", "similarity of the names' readings"),
    "account": Text("字号拼音相似度", "similarity of the brands' readings"),
}


@cache
def _tables() -> dict[str, dict[str, dict[str, Any]]]:
    return tomllib.loads((files(__package__) / "evidence.toml").read_text("utf-8"))


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


def dimension_words(level: str, pair: Mapping[str, Any]) -> Text:
    """「手机号 一致 · 姓名拼音相似度 0.93 · 信用代码 关联」, of a pair with DIMENSIONS; empty where it has none of them."""
    if not any(name in pair for name in DIMENSIONS):
        return Text("", "")
    similar = pair.get("name_similarity")
    missing = _OTHERS["null"]
    number = missing if similar is None else Text(f"{similar:.2f}", f"{similar:.2f}")
    told = (
        (Text("号码", "phone"), _AGREE.get(pair.get("phone_agree"), missing)),
        (_SIMILAR[level], number),
        (Text("信用代码", "credit code"), _LINKED.get(pair.get("code_link"), missing)),
    )
    return Text(*(" · ".join(f"{getattr(a, lang)} {getattr(b, lang)}" for a, b in told) for lang in ("zh", "en")))
