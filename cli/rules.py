"""guiyi rules list | show | test | lint : the rules, one rule, a rule on a sample, the faults of a pack."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ..i18n import Text
from .options import ConfigFile, Reason, Unmask, argument, load_settings, why_in_full

if TYPE_CHECKING:
    pass

rules = typer.Typer(
    help=str(Text("查看、试用和检查规则。", "See, try and examine the rules.")),
    no_args_is_help=True,
    add_completion=False,
)
TableForm = Annotated[Literal["text", "json", "csv"], typer.Option("--format")]
FactForm = Annotated[Literal["text", "json"], typer.Option("--format")]
RuleId = Annotated[str, argument(Text("规则编号。", "Rule id."), metavar="RULE", show_default=False)]


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    app.add_typer(rules, name="rules")


@rules.command("list", help=str(Text("列出全部规则。", "List every rule.")))
def list_all(config: ConfigFile = None, form: TableForm = "text") -> None:
    """Rules built in, shipped, and of the configuration's packs."""
    from ..i18n import language
    from ..pipelines.clean.packs import list_rules
    from ..reports.terminal import show_frame

    settings, folder = load_settings(config)
    table = list_rules(settings, folder, language())
    if form != "text":
        show_frame(table, form)
        return
    for row in table.iter_rows(named=True):
        context = "".join(f"  [{v}]" for v in (row["condition"], row["only_for"]) if v)
        trial = f"  rollout={row['rollout']:g}" if row["rollout"] < 1 else ""
        typer.echo(f"{row['rule']:<28} {row['severity']:<8} {row['message']}{context}{trial}")


@rules.command("show", help=str(Text("查看一条规则。", "Show one rule.")))
def show(rule: RuleId, config: ConfigFile = None, form: FactForm = "text") -> None:
    """Id, severity, condition, words."""
    from ..i18n import language
    from ..pipelines.clean.packs import find_rule
    from ..reports.terminal import show_facts

    settings, folder = load_settings(config)
    facts = find_rule(settings, folder, rule, language())
    show_facts({k: v for k, v in facts.items() if v is not None}, form)


@rules.command("test", help=str(Text("在样本文件上试一条规则。", "Try one rule on a sample file.")))
def test(
    rule: RuleId,
    sample: Annotated[Path, argument(Text("样本文件。", "Sample file."), show_default=False)],
    config: ConfigFile = None,
    form: TableForm = "text",
    unmask: Unmask = False,
    reason: Reason = None,
) -> int:
    """What the rule says about the sample, on trial or not; exit 1 if it says anything."""
    import polars as pl

    from ..i18n import language
    from ..pipelines.check.gate import CheckRequest, check_file
    from ..pipelines.check.selection import Asked
    from ..pipelines.clean.packs import find_rule
    from ..reports.terminal import show_frame

    why_in_full(unmask, reason)
    settings, folder = load_settings(config)
    find_rule(settings, folder, rule, language())
    request = CheckRequest(sample, settings, language(), folder, unmask=unmask, whole=rule, asked=Asked((rule,)))
    report = check_file(request).report
    told = report.findings.filter(pl.col("rule") == rule)
    show_frame(told.select("severity", "sheet", "row", "cell", "header", "value", "message", "suggestion"), form)
    said = Text("{c:,} 处，共 {n:,} 行。", "{c:,} findings in {n:,} rows.").format(
        c=told.height, n=report.total("rows")
    )
    typer.echo(str(said), err=True)
    return int(told.height > 0)


@rules.command("lint", help=str(Text("检查规则包的毛病。", "Examine rule packs for faults.")))
def lint(
    packs: Annotated[
        list[Path] | None,
        argument(
            Text("规则包；默认检查随附的和配置里的。", "Packs; default: the shipped and the configured."),
            metavar="[PACK]…",
            show_default=False,
        ),
    ] = None,
    config: ConfigFile = None,
    form: TableForm = "text",
) -> int:
    """One line per fault; exit 1 if there is any."""
    import polars as pl

    from ..i18n import language
    from ..pipelines.clean.packs import read_pack
    from ..reports.terminal import show_frame
    from ..rules.pack.lint import lint as faults_of
    from ..rules.pack.load import shipped_packs

    settings, folder = load_settings(config)
    named = packs or [folder / name for name in settings.rules]
    placed = [*(() if packs else shipped_packs().items()), *((path.name, read_pack(path)) for path in named)]
    faults = faults_of(placed)
    rows = [(f.pack, f.rule, f.code, f.text.en if language() == "en" else f.text.zh) for f in faults]
    table = pl.DataFrame(rows, schema=dict.fromkeys(("pack", "rule", "code", "message"), pl.String), orient="row")
    if faults or form != "text":
        show_frame(table, form)
    count = sum(len(pack.rule) for _, pack in placed)
    said = Text("{n} 条规则，{f} 处毛病。", "{n} rules, {f} faults.").format(n=count, f=len(faults))
    typer.echo(str(said), err=True)
    return int(bool(faults))
