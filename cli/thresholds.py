"""guiyi thresholds : which pairs and groups move between two cuts."""

from typing import Annotated, Literal

import typer

from ..i18n import Text
from .options import DEFAULT_STORE, OUTPUT_FORM, ConfigFile, LevelName, Store, checked_level, option


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "thresholds",
        help=str(
            Text("换一条判重线，哪些组会变（只看，不改）。", "What another cut would change (looks, changes nothing).")
        ),
    )(thresholds)


def thresholds(
    db: Store = DEFAULT_STORE,
    level: LevelName = "contact",
    low: Annotated[float, option(Text("较低的判重线。", "The lower cut."), "--from", min=0.0, max=1.0)] = 0.82,
    high: Annotated[float, option(Text("较高的判重线。", "The higher cut."), "--to", min=0.0, max=1.0)] = 0.90,
    limit: Annotated[int, option(Text("最多列出几组。", "List at most so many groups."), "--limit", min=1)] = 20,
    config: ConfigFile = None,
    form: Annotated[Literal["text", "json"], option(OUTPUT_FORM, "--format")] = "text",
) -> None:
    """Print what moves between the cuts, and a table of cuts from 0.5 to 0.99."""
    from ..config import load_config
    from ..io.store.store import open_store
    from ..pipelines.tune.thresholds import movement
    from ..reports.thresholds import print_movement

    checked_level(level)
    settings = load_config(config)
    with open_store(db) as store:
        moved = movement(store, level, low, high, settings)
    print_movement(moved, limit, form)
