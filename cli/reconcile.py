"""guiyi reconcile FILE… : what became of every row that was submitted."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from ..i18n import Text
from .options import DEFAULT_STORE, ConfigFile, Reason, Store, Unmask, option, why_in_full
from .run_options import Files

Form = Annotated[Literal["text", "json", "csv"], typer.Option("--format")]
FailOn = Annotated[
    Literal["lost", "never"],
    option(
        Text("有丢失的行时退出码为 1（lost），或从不（never）。", "Exit 1 where a row is lost, or never."), "--fail-on"
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "reconcile",
        help=str(
            Text(
                "对账：提交的每一行是入库、合并、隔离、未分配还是丢失。", "What became of every row that was submitted."
            )
        ),
    )(reconcile)


def reconcile(
    files: Files = None,
    db: Store = DEFAULT_STORE,
    config: ConfigFile = None,
    fail_on: FailOn = "lost",
    form: Form = "text",
    unmask: Unmask = False,
    reason: Reason = None,
) -> int:
    """A row each; as text the figures, and the rows that did not enter."""
    import polars as pl

    from ..config import load_config
    from ..i18n import language
    from ..io.store.store import open_store
    from ..pipelines.audit import because
    from ..pipelines.packs.reconcile import STATES, entry_rates
    from ..pipelines.packs.reconcile import reconcile as outcome_of
    from ..reports.masking import masked
    from ..reports.terminal import show_frame

    why_in_full(unmask, reason)
    with open_store(db, write=unmask) as store:
        if unmask:
            store.audit("unmask", {"command": "reconcile", **because(reason)})
        outcome = outcome_of([Path(f) for f in files or []], store, load_config(config))
    lost = outcome["state"].eq("lost").any()
    words = {state: text.en if language() == "en" else text.zh for state, text in STATES.items()}
    shown = masked(outcome.rename({"number": "source_record_id"}), unmask)
    if form == "text":
        show_frame(entry_rates(outcome), "text")
        shown = shown.filter(~pl.col("state").is_in(["entered"]))
        shown = shown.with_columns(state=pl.col("state").replace(words)).drop("channel", "campaign_id")
    if form != "text" or shown.height:
        show_frame(shown, form)
    return int(lost and fail_on == "lost")
