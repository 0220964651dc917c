"""guiyi evaluate TRUTH.csv : how good the groups of the last run are."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from ..i18n import Text
from .options import DEFAULT_STORE, OUTPUT_FORM, LevelName, Store, argument, checked_level, option


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("evaluate", help=str(Text("用标准答案评估查重质量。", "Measure the groups against a truth.")))(evaluate)


def evaluate(
    truth: Annotated[
        Path,
        argument(
            Text("答案文件：record_id, contact, account 三列。", "Truth: columns record_id, contact, account."),
            show_default=False,
        ),
    ],
    db: Store = DEFAULT_STORE,
    level: LevelName = "contact",
    band: Annotated[
        Literal["auto", "review"] | None,
        option(Text("只看 auto 区间的组。", "Only groups of this band."), "--band"),
    ] = None,
    form: Annotated[Literal["text", "json"], option(OUTPUT_FORM, "--format")] = "text",
) -> None:
    """Print pairwise and B-cubed precision, recall and F1, the largest group, and how sure each band and score is."""
    from ..io.store.store import open_store
    from ..pipelines.tune.evaluate import evaluate_run
    from ..reports.evaluation import print_evaluation

    checked_level(level)
    with open_store(db) as store:
        figures = evaluate_run(store, truth, level, band)
    print_evaluation(figures, form)
