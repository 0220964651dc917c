"""Plug-ins: what other installed distributions add, by entry points of the group `guiyi.plugins` (docs/en/extending.md).

An entry point is named after the point that it extends, one of POINTS, and leads to a mapping or a sequence of what it adds. It is
loaded when the home of its point is, once per process; without plug-ins nothing is loaded and no file but `entry_points.txt` is read.
"""

import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from .errors import GuiyiError, UsageError
from .i18n import Text

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "guiyi.plugins"
# Point → its home, where what is added is read.
POINTS = {
    "fields": "fields.py", "kinds": "rules/types.py", "header_words": "rules/columns/header_words.py",
    "evidence": "evidence.py", "contact_keys": "dedup/policy/keys.py", "account_keys": "dedup/policy/keys.py",
    "contact_comparisons": "dedup/policy/plugged.py", "account_comparisons": "dedup/policy/plugged.py",
    "survivorship": "rules/survivorship.py", "rules": "rules/catalog.py", "readers": "io/read/readers.py",
    "writers": "io/write/export.py", "packs": "pipelines/clean/packs.py",
}  # fmt: skip
Names = Collection[str]
WhyNot = Callable[[str, Any], Text | None]  # name and thing → what is wrong with it; None: nothing
_TAKEN = Text("这个名称已被使用", "the name is taken")


class Plugin(NamedTuple):
    """A distribution at one point of extension."""

    owner: str
    version: str
    point: str
    entry: "EntryPoint"


@cache
def find_plugins() -> tuple[Plugin, ...]:
    """Every entry point of the group, by distribution and point. Raises UsageError for a point that does not exist."""
    if not any(map(_names_group, sys.path)):
        return ()
    from importlib.metadata import entry_points  # takes longer than looking whether there is anything to find

    there = ((entry, entry.dist) for entry in entry_points(group=GROUP))
    found = sorted(Plugin(dist.name, dist.version, entry.name, entry) for entry, dist in there if dist)
    for plugin in found:
        if plugin.point not in POINTS:
            names = ", ".join(POINTS)
            refuse_plugin(plugin, Text(f"没有这个扩展点，可用的有 {names}", f"no such point among {names}"))
    return tuple(found)


def _names_group(folder: str) -> bool:
    """Whether a distribution in a folder of sys.path may have the group; an archive may."""
    try:
        with os.scandir(folder or ".") as entries:
            return any(_has_group(entry.path) for entry in entries if entry.name.endswith((".dist-info", ".egg-info")))
    except OSError:
        return os.path.isfile(folder)  # noqa: PTH113  (pathlib takes as long to load as the whole search)


def _has_group(info: str) -> bool:
    try:
        with open(f"{info}/entry_points.txt", "rb") as file:  # noqa: PTH123
            return GROUP.encode() in file.read()
    except OSError:
        return False


def plugin_versions() -> list[str]:
    """`name version` of each distribution: what a run depends on beside its configuration and input."""
    return sorted({f"{plugin.owner} {plugin.version}" for plugin in find_plugins()})


def _items(plugin: Plugin) -> Iterable[tuple[str, Any]]:
    try:
        added = plugin.entry.load()  # a module is executed once, however often it is asked for
    except GuiyiError:
        raise
    except Exception as fault:
        reason = f"{plugin.entry.value} · {type(fault).__name__}: {fault}".splitlines()[0]
        refuse_plugin(plugin, Text(f"无法加载（{reason}）", f"cannot be loaded ({reason})"))
    if isinstance(added, Mapping):
        return added.items()
    if not isinstance(added, tuple | list):
        refuse_plugin(plugin, Text("应为映射或序列", "it must be a mapping or a sequence"))
    return [(str(getattr(thing, "name", thing)), thing) for thing in added]


def load_added(
    point: str, kind: Any = object, why_not: WhyNot | None = None, taken: Names = (), known: Names = ()
) -> Iterator[tuple[Plugin, str, Any]]:
    """Distribution, name and thing of all that is added at a point: the keys and values of mappings, else the items and their names.

    kind: of what type each is. taken: names that it must not have; known: among which its name must be. Raises UsageError naming
    the distribution where one cannot be loaded, or adds what it must not.
    """
    for plugin in find_plugins():
        for name, thing in _items(plugin) if plugin.point == point else ():
            if not isinstance(thing, kind):
                refuse_plugin(plugin, Text(f"应为 {kind.__name__}", f"it must be a {kind.__name__}"), name)
            if name in taken:
                refuse_plugin(plugin, _TAKEN, name)
            if known and name not in known:
                refuse_plugin(plugin, Text("没有这个名称", "there is no such name"), name)
            if fault := why_not and why_not(name, thing):
                refuse_plugin(plugin, fault, name)
            yield plugin, name, thing


def load_named(point: str, kind: Any = object, why_not: WhyNot | None = None, taken: Names = ()) -> dict[str, Any]:
    """As `load_added`, by name; raises UsageError where two add the same."""
    found: dict[str, Any] = {}
    for plugin, name, thing in load_added(point, kind, why_not, taken):
        if name in found:
            refuse_plugin(plugin, _TAKEN, name)
        found[name] = thing
    return found


def refuse_plugin(plugin: Plugin, why: Text, name: str = "") -> NoReturn:
    """Raise the one sentence that says whose extension cannot be used, and why."""
    place = f"{plugin.point} {name}".strip()
    what = Text("插件 {o} 的 {p} 不能用：{w}。", "The plug-in {o} cannot be used at {p}: {w}.")
    told = Text(*(words.format(o=plugin.owner, p=place, w=reason) for words, reason in zip(what, why, strict=True)))
    raise UsageError(
        told, Text("请更新或卸载这个插件。", "Update the plug-in, or uninstall it."), reason="plugin.unusable"
    )
