"""guiyi demo : the main job on the sample files, and where to look."""

from pathlib import Path
from typing import Annotated

import typer

from ..i18n import Text
from .options import option
from .output import after_publishing


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo", help=str(Text("在示例数据上跑一遍。", "Run on the sample files.")))(demo)


def demo(
    output: Annotated[Path, option(Text("结果文件夹。", "Folder for the results."), "--output", "-o")] = Path(
        "demo-output"
    ),
) -> None:
    """Run the pipeline on sample_data, print the summary, one group, and an evaluation against the truth."""
    from ..config import Config
    from ..io.store.path import resolve_store
    from ..io.store.store import open_store
    from ..pipelines.nightly.run import run_nightly
    from ..pipelines.steward.browse import first_group, group_view
    from ..pipelines.tune.evaluate import evaluate_run
    from ..reports.evaluation import print_evaluation
    from ..reports.group import print_group
    from ..reports.summary import published, summary_table
    from .progress import listener

    samples = Path(__file__).resolve().parent.parent / "sample_data"
    output.mkdir(parents=True, exist_ok=True)
    store = resolve_store(output / "guiyi.duckdb")
    with listener(False) as hear:
        outcome = run_nightly([samples / "leads.csv", samples / "customers.xlsx"], store, Config(), listener=hear)
    where = Text(
        "下一步：guiyi groups --db {p} · guiyi show 组编号 --db {p} · guiyi export record --db {p}",
        "Next: guiyi groups --db {p} · guiyi show GROUP --db {p} · guiyi export record --db {p}",
    )
    with after_publishing(published(outcome.run)):
        summary_table(outcome.run, outcome.metric, store)
        with open_store(store) as opened:
            print_group(group_view(opened, first_group(opened), unmask=False))
            print_evaluation(evaluate_run(opened, samples / "truth.csv", "contact", None), "text")
        typer.echo(str(where.format(p=store)))
