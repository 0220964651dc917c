"""guiyi explain A B : why two records are, or are not, the same."""

from typing import Annotated, Literal

import typer

from ..i18n import Text
from .options import DEFAULT_STORE, OUTPUT_FORM, ConfigFile, Store, argument, option


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "explain",
        help=str(Text("解释两条记录为什么（不）是同一客户。", "Explain why two records are, or are not, the same.")),
    )(explain)


def explain(
    one: Annotated[
        str,
        argument(
            Text(
                "记录编号，或记录键（至少开头 8 位）。",
                "Record number, or record key (its first 8 characters will do).",
            ),
            metavar="A",
            show_default=False,
        ),
    ],
    other: Annotated[str, argument(Text("另一条。", "The other one."), metavar="B", show_default=False)],
    db: Store = DEFAULT_STORE,
    config: ConfigFile = None,
    form: Annotated[Literal["text", "json"], option(OUTPUT_FORM, "--format")] = "text",
) -> None:
    """Print every comparison of both levels: level, weight, score, and what decided."""
    from ..config import load_config
    from ..io.store.store import open_store
    from ..pipelines.steward.browse import explain_pair
    from ..reports.explanation import print_explanation

    settings = load_config(config)
    with open_store(db) as store:
        explained = explain_pair(store, one, other, settings)
    print_explanation(explained, settings.thresholds.duplicate, settings.thresholds.auto, form)
