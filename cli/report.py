"""guiyi report : the daily data-quality report of a store, and the rows behind its figures."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ..i18n import Text
from .options import DEFAULT_STORE, ConfigFile, Reason, Store, Unmask, option, why_in_full
from .output import deliver

if TYPE_CHECKING:
    from ..config import Config
    from ..reports.quality.gather import Quality

Form = Annotated[
    Literal["text", "html", "xlsx", "json"],
    option(
        Text("报告的格式；--drill 可用 text、json。", "Format of the report; --drill takes text and json."), "--format"
    ),
]
Output = Annotated[
    Path | None,
    option(
        Text("写入文件（默认标准输出；xlsx 必须写文件）。", "File (default: standard output; xlsx needs one)."),
        "--output",
        "-o",
    ),
]
Drill = Annotated[
    str | None,
    option(
        Text("列出指标背后的行，如 null_rate:phone。", "List the rows behind a figure, such as null_rate:phone."),
        "--drill",
        metavar=str(Text("指标", "METRIC")),
    ),
]
Limit = Annotated[
    int,
    option(Text("--drill 最多列出几行（0：全部）。", "--drill lists at most so many rows (0: all)."), "--limit", min=0),
]
Sql = Annotated[bool, option(Text("--drill 同时打印 SQL。", "--drill prints the SQL, too."), "--sql")]
Force = Annotated[
    bool,
    option(
        Text("可信度低于阈值也导出（会记入审计）。", "Export a run below the trust threshold all the same (audited)."),
        "--force",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    about = Text(
        "客户数据质量报告：数字、趋势、问题和修复建议。", "The data-quality report: figures, trend, findings, advice."
    )
    app.command("report", help=str(about))(report)


def report(
    db: Store = DEFAULT_STORE,
    config: ConfigFile = None,
    form: Form = "text",
    output: Output = None,
    drill: Drill = None,
    limit: Limit = 20,
    sql: Sql = False,
    force: Force = False,
    unmask: Unmask = False,
    reason: Reason = None,
) -> None:
    """Print the report, write it as a file, or list the rows behind one figure."""
    from ..config import load_config
    from ..i18n import language
    from ..pipelines.report.quality import make_report, release

    settings, why = load_config(config), why_in_full(unmask, reason)
    if drill is not None:
        _drill(db, drill, settings, limit, form, why, sql=sql)
        return
    _refuse(form, output)
    quality = make_report(db, settings, language(), unmask=unmask, reason=why)
    if form != "text" or output is not None:
        release(quality, db, form, force=force)
    deliver(_rendered(quality, form, output is None), output)


def _refuse(form: str, output: Path | None) -> None:
    from ..errors import UsageError

    if form == "xlsx" and output is None:
        raise UsageError(Text("xlsx 要写成文件，请用 -o 指定。", "An xlsx report is a file: name one with -o."))


def _drill(db: Path, metric: str, config: "Config", limit: int, form: str, why: str | None, *, sql: bool) -> None:
    from ..errors import UsageError
    from ..pipelines.report.quality import drill
    from ..reports.terminal import show_frame

    if form not in ("text", "json"):
        raise UsageError(Text("--drill 的格式是 text 或 json。", "--drill prints text or json."))
    figure, rows, total = drill(db, metric, config, limit, unmask=why is not None, reason=why)
    about = Text("{t}：{f}。共 {n:,} 行，列出 {k:,} 行。", "{t}: {f}. {n:,} rows, {k:,} listed.")
    told = Text(
        about.zh.format(t=figure.title.zh, f=figure.formula.zh, n=total, k=rows.height),
        about.en.format(t=figure.title.en, f=figure.formula.en, n=total, k=rows.height),
    )
    sys.stderr.write(f"{told}\n" + (f"\n{figure.sql}\n\n" if sql else ""))
    show_frame(rows, form)


def _rendered(quality: "Quality", form: str, terminal: bool) -> bytes | str:
    if form == "xlsx":
        from ..reports.quality.xlsx import render_xlsx

        return render_xlsx(quality)
    if form == "html":
        from ..reports.quality.html import render_html as render
    elif form == "json":
        from ..reports.quality.json import render_json as render
    else:
        from ..reports.quality.text import render_text

        colour = terminal and sys.stdout.isatty()
        return render_text(quality, None if terminal else 120, colour)
    return render(quality).encode()
