"""guiyi export TABLE : a table of the last published run, as a file or on standard output."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ..i18n import Text
from ..plugins import load_named
from .options import DEFAULT_STORE, Reason, Store, argument, option
from .output import deliver

if TYPE_CHECKING:
    Format = str
else:
    Format = Literal["csv", "json", "parquet", *load_named("writers")]


Sandbox = Annotated[
    bool,
    option(
        Text(
            "脱敏副本：名称换编号、电话换替身、金额乘同一系数、日期移整周，仍可关联。",
            "A copy that names nobody and still joins: numbers for names, stand-ins for phones, amounts by one factor, "
            "dates by whole weeks.",
        ),
        "--sandbox",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("export", help=str(Text("导出最近一次发布的一张表。", "Export a table of the last published run.")))(
        export
    )


def export(
    table: Annotated[
        str,
        argument(Text("表名，见 docs/zh/tables.md。", "Table, see docs/en/tables.md."), show_default=False),
    ],
    db: Store = DEFAULT_STORE,
    form: Annotated[
        Format,
        option(Text("csv、json（每行一个对象）或 parquet。", "csv, json (one object a line) or parquet."), "--format"),
    ] = "csv",
    masked: Annotated[
        bool, option(Text("个人信息打码后导出。", "Export with personal data masked."), "--masked")
    ] = False,
    sandbox: Sandbox = False,
    reason: Reason = None,
    output: Annotated[
        Path | None,
        option(Text("写入文件（默认标准输出）。", "File (default: standard output)."), "--output", "-o"),
    ] = None,
) -> None:
    """Write the table in the order of its key: the same run gives the same bytes. In full it is audited."""
    from ..errors import UsageError
    from ..io.store.store import BY_NAME, open_store
    from ..io.write.export import encode, plugged_writers
    from ..io.write.sandbox import sandbox as sandboxed
    from ..io.write.sandbox import sandbox_secret
    from ..pipelines.audit import audit_full
    from ..reports.masking import masked_table, with_persons

    if form == "csv" and output is not None and output.suffix[1:].lower() in plugged_writers():
        form = output.suffix[1:].lower()
    if table not in BY_NAME:
        names = ", ".join(sorted(BY_NAME))
        raise UsageError(
            Text("没有表 {t}。可用的表：{n}", "There is no table {t}. Tables: {n}").format(t=table, n=names)
        )
    with open_store(db) as store:
        rows = store.table(table)
        rows = with_persons(store.query, rows) if masked else rows
    if sandbox:
        rows = sandboxed(BY_NAME[table], rows, sandbox_secret(db))
    if sandbox or not masked:
        audit_full(db, "export --sandbox" if sandbox else "export", reason, table=table)
    deliver(encode(masked_table(table, rows) if masked else rows, form), output)
