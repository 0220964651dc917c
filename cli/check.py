"""guiyi check FILE : the pre-import gate."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..i18n import Text
from .options import ConfigFile, Unmask

if TYPE_CHECKING:
    from ..pipelines.check import Checked

FORMATS = ("text", "json", "csv", "junit", "sarif", "html")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "check",
        help=str(Text("导入前检查：哪些单元格有错、为什么、怎么改。", "Before an import: which cells are wrong, why, and what mends them.")),
    )(check)


def check(
    file: Annotated[Path, typer.Argument(help=str(Text("CSV 或 Excel 文件。", "CSV or Excel file.")), show_default=False)],
    config: ConfigFile = None,
    form: Annotated[str, typer.Option("--format", help=" | ".join(FORMATS))] = "text",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help=str(Text("报告写入文件（默认标准输出）。", "Report file (default: standard output).")))
    ] = None,
    fail_on: Annotated[
        str,
        typer.Option("--fail-on", help=str(Text("有此级别的问题时退出码为 1：error、warning、never。", "Exit 1 on findings of this severity: error, warning, never."))),
    ] = "error",
    against: Annotated[
        Path | None,
        typer.Option("--against", "--db", help=str(Text("与此数据库比对：已有客户、列的变化。", "Compare with this store: known customers, changed columns."))),
    ] = None,
    annotate: Annotated[
        Path | None, typer.Option("--annotate", help=str(Text("标注后的工作簿（.xlsx），布局不变。", "The same sheets with the faults marked (.xlsx).")))
    ] = None,
    accepted: Annotated[
        Path | None, typer.Option("--accepted", help=str(Text("可导入的行（.csv 或 .xlsx）。", "Rows that may be imported (.csv or .xlsx).")))
    ] = None,
    rejected: Annotated[
        Path | None, typer.Option("--rejected", help=str(Text("不应导入的行及原因（.csv 或 .xlsx）。", "Rows that may not, with reasons (.csv or .xlsx).")))
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help=str(Text("文本格式最多列出几处（0：全部）。", "List at most so many as text (0: all).")))] = 100,
    unmask: Unmask = False,
) -> int:
    """Check one file; exit 1 if there are findings at or above --fail-on."""
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")  # single characters are all we read: half the start-up time
    from ..config import find_config, load_config
    from ..i18n import language
    from ..pipelines.check import CheckRequest, check_file

    _refuse_wrong(form, fail_on, [annotate], [accepted, rejected])
    settings, found = load_config(config), find_config(config)
    folder = found.parent if found is not None else Path()
    request = CheckRequest(file, settings, language(), folder, against, fail_on, unmask)
    checked = check_file(request)
    _write_files(checked, file, settings, annotate, accepted, rejected)
    _write_report(checked, form, output, limit)
    return int(checked.report.failed)


def _refuse_wrong(form: str, fail_on: str, books: list[Path | None], tables: list[Path | None]) -> None:
    from ..errors import UsageError

    if form not in FORMATS:
        raise UsageError(Text("--format 只能是 {f}。", "--format is one of {f}.").format(f=", ".join(FORMATS)))
    if fail_on not in ("error", "warning", "never"):
        raise UsageError(Text("--fail-on 只能是 error、warning 或 never。", "--fail-on is error, warning or never."))
    if any(p is not None and p.suffix.lower() != ".xlsx" for p in books):
        raise UsageError(Text("--annotate 的文件名须以 .xlsx 结尾。", "--annotate takes a file name ending in .xlsx."))
    if any(p is not None and p.suffix.lower() not in (".csv", ".xlsx") for p in tables):
        what = Text("--accepted 和 --rejected 的文件名须以 .csv 或 .xlsx 结尾。", "--accepted and --rejected take .csv or .xlsx.")
        raise UsageError(what)


def _write_files(
    checked: "Checked", file: Path, settings: object, annotate: Path | None, accepted: Path | None, rejected: Path | None
) -> None:
    pass


def _write_report(checked: "Checked", form: str, output: Path | None, limit: int) -> None:
    data = _rendered(checked, form, limit)
    if output is not None:
        from ..io.export import write_file

        write_file(output, data)
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _rendered(checked: "Checked", form: str, limit: int) -> bytes:
    report = checked.report
    if form == "csv":
        from ..io.export import encode
        from ..reports.check_report import TEXT_COLUMNS

        return encode(report.findings.select(TEXT_COLUMNS), "csv")
    if form == "json":
        from ..reports.check_json import render_json as render
    elif form == "junit":
        from ..reports.check_junit import render_junit as render
    elif form == "sarif":
        from ..reports.check_sarif import render_sarif as render
    elif form == "html":
        from ..reports.check_html import render_html as render
    else:
        from ..reports.check_text import render_text

        return render_text(report, limit).encode()
    return render(report).encode()
