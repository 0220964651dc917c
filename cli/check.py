"""guiyi check FILE : the pre-import gate."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ..i18n import Text
from .options import ConfigFile, Delimiter, Encoding, HeaderRow, Hidden, PasswordEnv, Sheet, Unmask

if TYPE_CHECKING:
    from ..pipelines.check import Checked, CheckRequest

Form = Annotated[
    Literal["text", "json", "csv", "junit", "sarif", "html"],
    typer.Option("--format", help=str(Text("报告的格式。", "Format of the report."))),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", help=str(Text("报告写入文件（默认标准输出）。", "Report file (default: standard output)."))
    ),
]
FailOn = Annotated[
    Literal["error", "warning", "never"],
    typer.Option(
        "--fail-on",
        help=str(Text("有此级别的问题时退出码为 1。", "Exit 1 on findings of this severity or a graver one.")),
    ),
]
Against = Annotated[
    Path | None,
    typer.Option(
        "--against",
        "--db",
        help=str(
            Text("与此数据库比对：已有客户、列的变化。", "Compare with this store: known customers, changed columns.")
        ),
    ),
]
Annotate = Annotated[
    Path | None,
    typer.Option(
        "--annotate",
        help=str(Text("标出问题的工作簿（.xlsx），布局不变。", "Your sheets with the faults marked (.xlsx).")),
    ),
]
Accepted = Annotated[
    Path | None,
    typer.Option("--accepted", help=str(Text("可以导入的行（.csv、.xlsx）。", "Rows to import (.csv, .xlsx)."))),
]
Rejected = Annotated[
    Path | None,
    typer.Option(
        "--rejected",
        help=str(Text("不应导入的行及原因（.csv、.xlsx）。", "Rows not to import, with reasons (.csv, .xlsx).")),
    ),
]
Limit = Annotated[
    int,
    typer.Option(
        "--limit", min=0, help=str(Text("文本格式最多列出几处（0：全部）。", "List at most so many as text (0: all)."))
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "check",
        help=str(
            Text(
                "导入前检查：哪些单元格有错、为什么、怎么改。",
                "Before an import: which cells are wrong, why, and what mends them.",
            )
        ),
    )(check)


def check(
    file: Annotated[
        Path, typer.Argument(help=str(Text("CSV 或 Excel 文件。", "CSV or Excel file.")), show_default=False)
    ],
    config: ConfigFile = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    sheet: Sheet = None,
    header_row: HeaderRow = None,
    hidden: Hidden = False,
    password_env: PasswordEnv = None,
    form: Form = "text",
    output: Output = None,
    fail_on: FailOn = "error",
    against: Against = None,
    annotate: Annotate = None,
    accepted: Accepted = None,
    rejected: Rejected = None,
    limit: Limit = 100,
    unmask: Unmask = False,
) -> int:
    """Check one file; exit 1 if there are findings at or above --fail-on."""
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")  # single characters are all we read: half the start-up time
    from ..config import find_config, load_config
    from ..i18n import language
    from ..pipelines.check import CheckRequest, check_file

    _refuse_names(annotate, accepted, rejected)
    settings, found = load_config(config), find_config(config)
    settings = settings.reading(
        encoding=encoding,
        delimiter=delimiter,
        sheet=sheet,
        header_row=header_row,
        hidden=hidden,
        password_env=password_env,
    )
    folder = found.parent if found is not None else Path()
    request = CheckRequest(file, settings, language(), folder, against, fail_on, unmask)
    checked = check_file(request)
    _write_annotated(checked, request, annotate)
    _write_split(checked, accepted, rejected)
    _write_report(checked, form, output, limit)
    return int(checked.report.failed)


def _refuse_names(annotate: Path | None, *tables: Path | None) -> None:
    """Files of a kind that is not written."""
    from ..errors import UsageError

    if annotate is not None and annotate.suffix.lower() != ".xlsx":
        raise UsageError(Text("--annotate 的文件名须以 .xlsx 结尾。", "--annotate takes a file name ending in .xlsx."))
    if any(table is not None and table.suffix.lower() not in (".csv", ".xlsx") for table in tables):
        what = (
            "--accepted 和 --rejected 的文件名须以 .csv 或 .xlsx 结尾。",
            "--accepted and --rejected take .csv or .xlsx.",
        )
        raise UsageError(Text(*what))


def _write_annotated(checked: "Checked", request: "CheckRequest", target: Path | None) -> None:
    if target is not None:
        from ..pipelines.check_annotate import write_annotated

        write_annotated(checked, request.path, request.config, target)


def _write_split(checked: "Checked", accepted: Path | None, rejected: Path | None) -> None:
    """Both parts of the input; a CSV with live formulas deserves a word."""
    if accepted is None and rejected is None:
        return
    from ..pipelines.check_annotate import holds_formula, split_rows, write_rows

    for frame, target in zip(split_rows(checked), (accepted, rejected), strict=True):
        if target is not None:
            write_rows(frame, target)
            if target.suffix.lower() == ".csv" and holds_formula(frame):
                warning = Text(
                    "注意：{p} 原样保留了输入里的公式文本，请勿直接用 Excel 打开；写成 .xlsx 则全部按文本保存。",
                    "Note: {p} keeps formula texts of the input as they were; do not open it in a spreadsheet, or write .xlsx.",
                )
                sys.stderr.write(f"{warning.format(p=target)}\n")


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
