"""guiyi packs list | show | lint : packs of checks, figures, plans and score cards."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ..i18n import Text
from .options import ConfigFile, argument, load_settings

if TYPE_CHECKING:
    from ..pipelines.packs.loading import LoadedPack

packs = typer.Typer(
    help=str(
        Text("查看和检查线索、商机、订单等表的规则包。", "See and examine packs over leads, opportunities, orders …")
    ),
    no_args_is_help=True,
    add_completion=False,
)
Form = Annotated[Literal["text", "json", "csv"], typer.Option("--format")]
Name = Annotated[str, argument(Text("规则包。", "Pack."), metavar="PACK", show_default=False)]


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    app.add_typer(packs, name="packs")


@packs.command("list", help=str(Text("列出规则包。", "List the packs.")))
def list_all(config: ConfigFile = None, form: Form = "text") -> None:
    """Those that ship with guiyi, and those of the configuration."""
    import polars as pl

    from ..reports.terminal import show_frame

    rows = [
        (p.name, p.pack.name, ", ".join(p.pack.needs), len(p.pack.check), len(p.pack.metric), len(p.pack.plan), len(p.pack.score))
        for p in _known(config)
    ]  # fmt: skip
    names = ("pack", "title", "needs", "checks", "metrics", "plans", "scores")
    show_frame(pl.DataFrame(rows, schema=list(names), orient="row"), form)


@packs.command(
    "show",
    help=str(
        Text(
            "查看一个规则包：参数、检查、指标、方案、评分。", "Show a pack: parameters, checks, figures, plans, cards."
        )
    ),
)
def show(name: Name, config: ConfigFile = None, form: Form = "text") -> None:
    """Every part of it with its words; as JSON with its SQL."""
    import polars as pl

    from ..pipelines.packs.loading import load_pack
    from ..reports.terminal import print_json, show_frame

    settings, folder = load_settings(config)
    loaded = load_pack(name, folder, settings.pack_parameters.get(name, {}))
    pack = loaded.pack
    if form == "json":
        print_json(pack.model_dump(mode="json") | {"given": loaded.given})
        return
    rows = [("param", word, str(p.words.text()), str(loaded.given[word])) for word, p in pack.param.items()]
    rows += [("check", c.id, str(c.message.text()), c.severity) for c in pack.check]
    rows += [("metric", m.id, str(m.words.text()), m.unit) for m in pack.metric]
    rows += [
        (kind, s.id, str(s.words.text()), "")
        for kind, all_ in (("plan", pack.plan), ("score", pack.score))
        for s in all_
    ]
    if form == "csv":
        show_frame(pl.DataFrame(rows, schema=["kind", "id", "what", "value"], orient="row"), form)
        return
    for kind, told, what, value in rows:
        typer.echo(f"{kind:<7} {told:<30} {what}  [{value}]" if value else f"{kind:<7} {told:<30} {what}")


@packs.command("lint", help=str(Text("检查规则包的毛病。", "Examine packs for faults.")))
def lint(
    names: Annotated[
        list[str] | None,
        argument(Text("规则包；默认全部。", "Packs; all by default."), metavar="[PACK]…", show_default=False),
    ] = None,
    config: ConfigFile = None,
    form: Form = "text",
) -> int:
    """One line per fault; exit 1 if there is any."""
    import polars as pl

    from ..pipelines.packs.linting import lint_packs
    from ..pipelines.packs.loading import load_pack
    from ..reports.terminal import show_frame

    folder = load_settings(config)[1]
    asked = [load_pack(name, folder, {}) for name in names] if names else _known(config)
    faults = [(f.pack, f.place, str(f.text)) for f in lint_packs(asked)]
    if faults or form != "text":
        show_frame(pl.DataFrame(faults, schema=dict.fromkeys(("pack", "id", "message"), pl.String), orient="row"), form)
    said = Text("{n} 个规则包，{f} 处毛病。", "{n} packs, {f} faults.").format(n=len(asked), f=len(faults))
    typer.echo(str(said), err=True)
    return int(bool(faults))


def _known(config: Path | None) -> "list[LoadedPack]":
    from ..pipelines.packs.loading import load_pack
    from ..rules.pack.load import governance_packs

    settings, folder = load_settings(config)
    told = settings.pack_parameters
    return [load_pack(name, folder, told.get(name, {})) for name in dict.fromkeys([*governance_packs(), *told])]
