"""guiyi audit FILE… : packs tried on files of leads, follow-ups, orders …; nothing is published."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from ..i18n import Text
from .options import ConfigFile, Reason, Unmask, load_settings, option, why_in_full, with_reading_options
from .run_options import AsOf, Files

Kind = Annotated[
    str | None,
    option(Text("文件是什么表：leads、activities、opportunities、orders、staff、touchpoints、tags。",
                "What the files hold: leads, activities, opportunities, orders, staff, touchpoints, tags."), "--kind"),
]  # fmt: skip
Packs = Annotated[
    list[str] | None,
    option(Text("只运行这个规则包，可多次。", "Run this pack only; repeatable."), "--pack"),
]
Form = Annotated[Literal["text", "json"], typer.Option("--format")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "audit",
        help=str(
            Text(
                "用规则包检查线索、跟进、订单等表，不发布。",
                "Try packs on leads, follow-ups, orders …; publish nothing.",
            )
        ),
    )(with_reading_options(audit))


def audit(
    files: Files = None,
    kind: Kind = None,
    pack: Packs = None,
    as_of: AsOf = None,
    config: ConfigFile = None,
    form: Form = "text",
    unmask: Unmask = False,
    reason: Reason = None,
    *,
    reading: dict[str, Any],
) -> int:
    """Findings, figures and plans; exit 1 if a check speaks of an error."""
    import polars as pl

    from ..i18n import language
    from ..pipelines.packs.audit import audit_files
    from ..reports.masking import masked
    from ..reports.terminal import print_json, show_frame

    why_in_full(unmask, reason)
    settings, folder = load_settings(config)
    told = audit_files(
        [Path(f) for f in files or []], settings.reading(**reading, kind=kind), folder, pack or (), as_of, language()
    )
    finding = masked(told.finding, unmask).select("severity", "rule", "row_number", "value", "message", "suggestion")
    plans = masked(told.plan_item.drop("entity_id"), unmask)
    if form == "json":
        tables = {
            "finding": finding,
            "metric": told.metric,
            "plan_item": plans,
            "score_card": masked(told.score_card, unmask),
        }
        print_json({name: frame.to_dicts() for name, frame in tables.items()})
    else:
        by_rule = finding.group_by("severity", "rule", maintain_order=True).agg(
            size=pl.len(), row=pl.col("row_number").drop_nulls().first(), message=pl.col("message").first()
        )
        for frame in (told.metric.select("name", "scope", "value", "status"), by_rule, plans.drop("pack")):
            if frame.height:
                show_frame(frame, "text")
    return int((told.finding["severity"] == "error").any())
