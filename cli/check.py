"""guiyi check FILE : the pre-import gate."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ..errors import UsageError
from ..i18n import Text
from .options import (
    ConfigFile,
    Query,
    Reason,
    Unmask,
    argument,
    existing_store,
    load_settings,
    option,
    why_in_full,
    with_reading_options,
)
from .origins import origins
from .output import deliver

if TYPE_CHECKING:
    import polars as pl

    from ..pipelines.check.gate import Checked, CheckRequest

Form = Annotated[
    Literal["text", "json", "csv", "junit", "sarif", "html"],
    option(Text("报告的格式。", "Format of the report."), "--format"),
]
Output = Annotated[
    Path | None,
    option(Text("报告写入文件（默认标准输出）。", "Report file (default: standard output)."), "--output", "-o"),
]
FailOn = Annotated[
    Literal["error", "warning", "never"],
    option(Text("有此级别的问题时退出码为 1。", "Exit 1 on findings of this severity or a graver one."), "--fail-on"),
]
Strict = Annotated[
    bool,
    option(
        Text(
            "从严：警告也算错误，BOM、公式、合并单元格、可疑邮箱域名也是。",
            "Warnings count as errors; so do a BOM, formulas, merged cells, misspelt mail domains.",
        ),
        "--strict",
    ),
]
Against = Annotated[
    Path | None,
    option(
        Text("与此数据库比对：已有客户、列的变化。", "Compare with this store: known customers, changed columns."),
        "--against",
        "--db",
        callback=existing_store,
    ),
]
Annotate = Annotated[
    Path | None,
    option(Text("标出问题的工作簿（.xlsx），布局不变。", "Your sheets with the faults marked (.xlsx)."), "--annotate"),
]
Fixed = Annotated[
    Path | None,
    option(
        Text(
            "改好的文件（.xlsx、.csv）：确定的已改并列出，其余标出。",
            "Your file with what is certain repaired and listed (.xlsx, .csv).",
        ),
        "--fixed",
    ),
]
Accepted = Annotated[
    Path | None,
    option(Text("可以导入的行（.csv、.xlsx）。", "Rows to import (.csv, .xlsx)."), "--accepted"),
]
Rejected = Annotated[
    Path | None,
    option(
        Text("不应导入的行及原因（.csv、.xlsx）。", "Rows not to import, with reasons (.csv, .xlsx)."), "--rejected"
    ),
]
Limit = Annotated[
    int,
    option(Text("文本格式最多列出几处（0：全部）。", "List at most so many as text (0: all)."), "--limit", min=0),
]
Only = Annotated[
    list[str] | None,
    option(
        Text(
            "只看这些规则，省去其余工作：text、phone.invalid、'email.*'；可重复。",
            "Only these rules, without the work of others: text, phone.invalid, 'email.*'; may be repeated.",
        ),
        "--only",
    ),
]
Dns = Annotated[
    bool,
    option(Text("向域名服务器核实邮箱域名（需联网）。", "Ask name servers about the mail domains (network)."), "--dns"),
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
    )(with_reading_options(check))


def check(
    file: Annotated[
        str,
        argument(
            Text(
                "CSV、Excel 文件，或 postgresql://、mysql:// 地址。",
                "CSV or Excel file, postgresql:// or mysql://.",
            ),
            show_default=False,
        ),
    ],
    config: ConfigFile = None,
    query: Query = None,
    form: Form = "text",
    output: Output = None,
    fail_on: FailOn = "error",
    strict: Strict = False,
    only: Only = None,
    dns: Dns = False,
    against: Against = None,
    annotate: Annotate = None,
    fixed: Fixed = None,
    accepted: Accepted = None,
    rejected: Rejected = None,
    limit: Limit = 100,
    unmask: Unmask = False,
    reason: Reason = None,
    *,
    reading: dict[str, Any],
) -> int:
    """Check one file; exit 1 if there are findings at or above --fail-on."""
    from ..io.read.worker_process import worker_in_advance

    why = why_in_full(unmask, reason)
    (origin,) = origins([file], query, "check")
    _refuse_names(annotate, fixed, accepted, rejected)
    _refuse_together(origin, only, annotate or fixed, fixed or accepted or rejected)
    with worker_in_advance(origin):
        from ..i18n import language
        from ..pipelines.check.gate import CheckRequest, check_file
        from ..pipelines.check.selection import Asked

        settings, folder = load_settings(config)
        request = CheckRequest(
            origin, settings.reading(**reading), language(), folder, against, "warning" if strict else fail_on, unmask, strict=strict,
            asked=Asked(tuple(only or ())), dns=dns, reason=why,
            full=_in_full(annotate=annotate, fixed=fixed, accepted=accepted, rejected=rejected),
        )  # fmt: skip
        checked = check_file(request)
    _write_annotated(checked, request, annotate)
    _write_fixed(checked, request, fixed)
    _write_split(checked, accepted, rejected)
    deliver(_rendered(checked, form, limit, _profiled(request, form)), output)
    return int(checked.report.failed)


def _in_full(**files: Path | None) -> tuple[str, ...]:
    """The options that write the user's own cells, which are audited where there is a store."""
    return tuple(f"--{name}" for name, path in files.items() if path is not None)


def _refuse_together(origin: object, only: list[str] | None, own: Path | None, parts: Path | None) -> None:
    """What cannot be had: the sheets of a database; a file to import although most rules were not asked."""
    if own is not None and not isinstance(origin, Path):
        raise UsageError(Text("--annotate 和 --fixed 只用于文件。", "--annotate and --fixed are for files."))
    if only and parts is not None:
        what = "--only 不能与 --fixed、--accepted、--rejected 同用：其余规则没有检查。"
        raise UsageError(
            Text(what, "--only does not go with --fixed, --accepted and --rejected: the other rules were not asked.")
        )


def _refuse_names(annotate: Path | None, *tables: Path | None) -> None:
    """Files of a kind that is not written."""
    if annotate is not None and annotate.suffix.lower() != ".xlsx":
        raise UsageError(Text("--annotate 的文件名须以 .xlsx 结尾。", "--annotate takes a file name ending in .xlsx."))
    if any(table is not None and table.suffix.lower() not in (".csv", ".xlsx") for table in tables):
        what = (
            "--fixed、--accepted 和 --rejected 的文件名须以 .csv 或 .xlsx 结尾。",
            "--fixed, --accepted and --rejected take .csv or .xlsx.",
        )
        raise UsageError(Text(*what))


def _write_annotated(checked: "Checked", request: "CheckRequest", target: Path | None) -> None:
    if target is not None and isinstance(request.origin, Path):
        from ..pipelines.check.annotate import write_annotated

        write_annotated(checked, request.origin, request.config, target)


def _write_fixed(checked: "Checked", request: "CheckRequest", target: Path | None) -> None:
    if target is not None and isinstance(request.origin, Path):
        from ..pipelines.check.repairs import write_fixed
        from ..reports.masking import mask_name

        done, left = write_fixed(checked, request.origin, request.config, target)
        said = Text(
            "已改 {n:,} 处，写入 {p}；还有 {m:,} 处要人改。", "{n:,} repairs written to {p}; {m:,} are left to people."
        )
        sys.stderr.write(f"{said.format(n=done, m=left, p=mask_name(str(target)))}\n")


def _write_split(checked: "Checked", accepted: Path | None, rejected: Path | None) -> None:
    """Both parts of the input; a CSV with live formulas deserves a word."""
    if accepted is None and rejected is None:
        return
    from ..pipelines.check.split import holds_formula, split_rows, write_rows
    from ..reports.masking import mask_name

    for frame, target in zip(split_rows(checked), (accepted, rejected), strict=True):
        if target is not None:
            write_rows(frame, target)
            if target.suffix.lower() == ".csv" and holds_formula(frame):
                warning = Text(
                    "注意：{p} 原样保留了输入里的公式文本，请勿直接用 Excel 打开；写成 .xlsx 则全部按文本保存。",
                    "Note: {p} keeps formula texts of the input as they were; do not open it in a spreadsheet, or write .xlsx.",
                )
                sys.stderr.write(f"{warning.format(p=mask_name(str(target)))}\n")


def _profiled(request: "CheckRequest", form: str) -> "pl.DataFrame | None":
    """How each column is read, for a page."""
    if form != "html":
        return None
    from ..pipelines.check.columns import profile_columns

    return profile_columns([request.origin], request.config, request.unmask)


def _rendered(checked: "Checked", form: str, limit: int, columns: "pl.DataFrame | None" = None) -> bytes | str:
    report = checked.report
    if form == "csv":
        from ..io.write.export import encode
        from ..reports.check.report import TEXT_COLUMNS

        return encode(report.findings.select(TEXT_COLUMNS), "csv")
    if form == "json":
        from ..reports.check.json import render_json as render
    elif form == "junit":
        from ..reports.check.junit import render_junit as render
    elif form == "sarif":
        from ..reports.check.sarif import render_sarif as render
    elif form == "html":
        from ..reports.check.html import render_html

        return render_html(report, columns).encode()
    else:
        from ..reports.check.text import render_text

        return render_text(report, limit)
    return render(report).encode()
