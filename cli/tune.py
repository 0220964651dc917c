"""guiyi tune : weights re-estimated on one's own data, with or without labels."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from ..i18n import Text
from ..log import tell
from .options import DEFAULT_STORE, OUTPUT_FORM, ConfigFile, Store, option


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "tune",
        help=str(
            Text("用自己的数据重新估计权重，写成配置。", "Estimate the weights anew on your own data, as a config.")
        ),
    )(tune)


def tune(
    db: Store = DEFAULT_STORE,
    labels: Annotated[
        Path | None,
        option(
            Text(
                "标注：record_id_l, record_id_r, same（0/1），或答案文件 record_id, contact, account。",
                "Labels: record_id_l, record_id_r, same (0/1), or a truth: record_id, contact, account.",
            ),
            "--labels",
        ),
    ] = None,
    decisions: Annotated[
        bool, option(Text("也向人工决定学习。", "Learn from the stewards' decisions, too."), "--decisions")
    ] = False,
    output: Annotated[
        Path | None,
        option(Text("把改变的权重写入这个配置文件。", "Write the changed weights here."), "--output", "-o"),
    ] = None,
    config: ConfigFile = None,
    form: Annotated[Literal["text", "json"], option(OUTPUT_FORM, "--format")] = "text",
) -> None:
    """Print each level whose weight would change, and write them with -o; the store is only read."""
    from ..config import load_config
    from ..errors import UsageError
    from ..io.store.store import open_store
    from ..io.write.export import write_file
    from ..pipelines.tune.estimate import tune as estimate
    from ..reports.tune import as_config, print_tuned

    if output is not None and output.exists():
        raise UsageError(
            Text("{p} 已存在，不会覆盖。", "{p} exists and is not overwritten.").format(p=output),
            Text("请换一个文件名，再把 [weights] 各节抄过去。", "Choose another name and copy its [weights] over."),
        )
    settings = load_config(config)
    with open_store(db) as store:
        tuned = estimate(store, labels, settings, decisions)
    written = output if any(level.changed.height for level in tuned.levels) else None
    if written is not None:
        write_file(written, as_config(tuned).encode())
    print_tuned(tuned, written, form)
    if output is not None and written is None:
        tell(
            "tune",
            Text("没有要改的权重，{p} 没有写。", "No weight is to change: {p} was not written.").format(p=output),
        )
