"""The packs that a configuration names, with their parameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...config import Config, read_text
from ...errors import UsageError
from ...i18n import Text
from ...rules.pack.load import Pack, governance_packs, parse_pack
from ...rules.pack.sections import Scalar


@dataclass(frozen=True)
class LoadedPack:
    """given: every parameter of the pack, as configured or by default; None: it has none, and what asks for it is left out."""

    name: str
    pack: Pack
    given: dict[str, Scalar | None]

    def rules(self) -> list[str]:
        """The rules of its checks."""
        return [check.id for check in self.pack.check]


def load_packs(config: Config, folder: Path) -> list[LoadedPack]:
    """The packs of `packs`, in their order. Raises UsageError for a name, file or parameter that is wrong, and for an id given twice."""
    loaded = [load_pack(name, folder, told) for name, told in config.pack_parameters.items()]
    seen: dict[str, str] = {}
    for pack in loaded:
        for section in pack.pack.sections():
            if (other := seen.setdefault(section.id, pack.name)) != pack.name:
                what = Text("{i} 在规则包 {a} 和 {b} 里都有。", "{i} is in the packs {a} and {b}.")
                raise UsageError(what.format(i=section.id, a=other, b=pack.name), reason="pack.twice")
    return loaded


def load_pack(name: str, folder: Path, told: Mapping[str, Scalar]) -> LoadedPack:
    """A shipped pack by its name, or one by its path from the folder of the configuration."""
    pack = governance_packs().get(name) or _own(name, folder)
    if strange := sorted(set(told) - set(pack.param)):
        what = Text("规则包 {p} 没有参数 {n}。", "The pack {p} has no parameter {n}.").format(p=name, n=strange[0])
        advice = Text("可用的参数见 guiyi packs show {p}。", "guiyi packs show {p} lists them.").format(p=name)
        raise UsageError(what, advice, reason="pack.parameter")
    given = {word: told.get(word, parameter.default) for word, parameter in pack.param.items()}
    for word, parameter in pack.param.items():
        if (why := parameter.refuse(given[word])) is not None:
            what = Text(
                "规则包 {p} 的参数 {n} 不对，应为 {w}。", "Parameter {n} of the pack {p} is wrong: {w} is expected."
            )
            raise UsageError(what.format(p=name, n=word, w=why), reason="pack.parameter")
    return LoadedPack(name, pack, given)


def _own(name: str, folder: Path) -> Pack:
    try:
        return parse_pack(read_text(folder / name), name)
    except (OSError, UnicodeDecodeError):
        what = Text("没有规则包 {p}。", "There is no pack {p}.").format(p=name)
        known = "、".join(governance_packs())
        advice = Text("自带的有：{k}；自己的写文件路径。", "Shipped are {k}; name your own by its path.").format(
            k=known
        )
        raise UsageError(what, advice, reason="pack.missing") from None
