"""The comparisons that plug-ins add to a level, and the columns that they are made over."""

from collections.abc import Collection
from functools import cache
from typing import NamedTuple

from ...evidence import shipped_weights
from ...fields import PLUGGED
from ...i18n import Text
from ...plugins import load_added
from .comparisons import Comparison, Level

_FEATURES = {field.name for field in PLUGGED}
_RARITIES = {f"{name}_rarity": name for name in _FEATURES}


class Plugged(NamedTuple):
    """columns: of what `prepare` makes, those that the comparisons ask for beyond a level's own. values: the features among them
    whose rarity is counted."""

    comparisons: tuple[Comparison, ...]
    columns: tuple[str, ...]
    values: tuple[str, ...]


@cache
def plugged_comparisons(level: str, columns: Collection[str]) -> Plugged:
    """What plug-ins add to a level that compares these columns. A rarity `<field>_rarity` of a field of theirs is counted."""

    def why_not(name: str, comparison: Comparison) -> Text | None:
        said = shipped_weights()[level].get(name)
        if said is None or any(step.name not in said for step in comparison.levels if step.name != "null"):
            return Text("evidence 没有说它或它的某一级是多少", "`evidence` does not weigh it, or one of its levels")
        unknown = _asked(comparison.levels) - {*columns, *_FEATURES, *_RARITIES}
        return Text(f"没有列 {min(unknown)}", f"no column {min(unknown)}") if unknown else None

    found = tuple(c for _, _, c in load_added(f"{level}_comparisons", Comparison, why_not))
    asked = sorted({name for c in found for name in _asked(c.levels)} - set(columns))
    return Plugged(found, tuple(asked), tuple(_RARITIES[name] for name in asked if name in _RARITIES))


def _asked(levels: tuple[Level, ...]) -> set[str]:
    read = {name.removesuffix("_l").removesuffix("_r") for level in levels for name in level.when.meta.root_names()}
    return read | {level.rarity for level in levels if level.rarity}
