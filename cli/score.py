"""guiyi score PAIRS.csv : how like named pairs of records are."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from ..i18n import Text
from .options import DEFAULT_STORE, OUTPUT_FORM, ConfigFile, LevelName, Store, argument, checked_level, option


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("score", help=str(Text("给指定的记录对批量打分。", "Score pairs of records in bulk.")))(score)


def score(
    pairs: Annotated[
        Path,
        argument(
            Text("含 a、b 两列（记录编号或记录键）的表。", "Table with the columns a, b (record numbers or keys)."),
            show_default=False,
        ),
    ],
    db: Store = DEFAULT_STORE,
    level: LevelName = "contact",
    config: ConfigFile = None,
    out: Annotated[Path | None, option(Text("写入 CSV 文件。", "Write a CSV file."), "--output", "-o")] = None,
    form: Annotated[Literal["text", "json", "csv"], option(OUTPUT_FORM, "--format")] = "text",
) -> None:
    """Print, or write, a row per pair: score, band, the three dimensions, the keys they share, the reasons."""
    import polars as pl

    from ..config import load_config
    from ..io.store.store import open_store
    from ..io.write.export import encode, write_file
    from ..log import warn
    from ..pipelines.tune.score import score_file
    from ..reports.masking import mask_text
    from ..reports.terminal import show_frame

    checked_level(level)
    settings = load_config(config)
    with open_store(db) as store:
        scored = score_file(store, pairs, settings, level)
    if out is not None:
        write_file(out, encode(scored, "csv"))
    else:
        told = scored.with_columns(pl.col("a", "b").map_elements(mask_text, pl.String))
        show_frame(told, form, None if form != "text" else [c for c in scored.columns if c != "reasons"])
    unknown = scored.filter(scored["band"] == "unknown").height
    if unknown:
        warn(
            Text(
                "{n:,} 对中有编号找不到，或对应多条记录。", "{n:,} pairs name a record that is unknown, or several."
            ).format(n=unknown)
        )
