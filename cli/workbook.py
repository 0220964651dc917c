"""guiyi workbook OUT.xlsx : duplicate groups as a workbook to fill in; --read IN.xlsx takes the decisions back."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from ..errors import UsageError
from ..i18n import Text
from .options import (
    DEFAULT_STORE,
    OUTPUT_FORM,
    LevelName,
    Reason,
    Store,
    Unmask,
    argument,
    checked_level,
    option,
    why_in_full,
)
from .output import after_publishing


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "workbook",
        help=str(
            Text(
                "在 Excel 里复核：导出重复组，填好后用 --read 读回决定。",
                "Review in a spreadsheet: write the groups, take the decisions back with --read.",
            )
        ),
    )(workbook)


def workbook(
    target: Annotated[
        Path | None,
        argument(Text("要写的工作簿（.xlsx）。", "Workbook to write (.xlsx)."), metavar="OUT", show_default=False),
    ] = None,
    read: Annotated[
        Path | None, option(Text("读回填好的工作簿。", "Take a filled-in workbook back."), "--read")
    ] = None,
    db: Store = DEFAULT_STORE,
    level: LevelName = "contact",
    band: Annotated[
        Literal["auto", "review"] | None,
        option(Text("只写 auto 或 review 的组。", "Only groups of this band."), "--band"),
    ] = None,
    limit: Annotated[int, option(Text("最多几组。", "At most so many groups."), "--limit", min=1)] = 1000,
    undecided: Annotated[
        bool,
        option(Text("只写还没有人决定的组。", "Only groups nobody has decided on."), "--undecided"),
    ] = False,
    by: Annotated[
        str | None, option(Text("决定人（默认当前用户）。", "Who decided (default: the user)."), "--by")
    ] = None,
    force: Annotated[bool, option(Text("覆盖已有的工作簿。", "Overwrite a workbook."), "--force")] = False,
    form: Annotated[Literal["text", "json"], option(OUTPUT_FORM, "--format")] = "text",
    unmask: Unmask = False,
    reason: Reason = None,
) -> int:
    """Write a book, or read one; exit 1 if anything in it was refused. A book that is there may hold decisions: it stays."""
    checked_level(level)
    why = why_in_full(unmask, reason)
    if (target is None) == (read is None):
        what = Text("请给出要写的工作簿，或用 --read 给出要读的。", "Name a workbook to write, or one to --read.")
        raise UsageError(what, Text("guiyi workbook 复核.xlsx", "guiyi workbook review.xlsx"))
    if read is not None:
        return _read(db, read, by, form)
    assert target is not None
    if target.suffix.lower() != ".xlsx":
        raise UsageError(Text("工作簿的文件名须以 .xlsx 结尾。", "The workbook's name must end in .xlsx."))
    _refuse_present(target, force)
    from ..i18n import language
    from ..pipelines.steward.workbook_out import BookRequest, write_workbook
    from ..reports.terminal import show_facts

    written = write_workbook(db, target, BookRequest(level, band, limit, language(), unmask, undecided, why))
    show_facts({"file": str(target), "groups": written.groups, "rows": written.rows}, form)
    return 0


def _refuse_present(target: Path, force: bool) -> None:
    if target.exists() and not force:
        raise UsageError(
            Text("{p} 已存在，没有写入任何内容。", "{p} is there already; nothing was written.").format(p=target),
            Text(
                "填好的请先用 --read 读回；换个文件名，或用 --force 覆盖。",
                "Take its decisions back with --read first; choose another name, or overwrite with --force.",
            ),
            reason="file.exists",
        )


def _read(db: Path, source: Path, by: str | None, form: str) -> int:
    from ..pipelines.steward.workbook_read import read_workbook
    from ..reports.workbook.outcome import show_outcome

    book = read_workbook(db, source, by)
    figures = {
        "groups": book.groups,
        "stored_groups": book.stored.groups,
        "stored_decisions": book.stored.decisions,
        "stored_before": book.stored.groups_before,
        "undecided": book.undecided,
        "removed": book.removed,
    }
    with after_publishing(Text("决定已保存", "The decisions are stored")):
        show_outcome(figures, book.refused, form, book.merged)
    return int(bool(book.refused))
