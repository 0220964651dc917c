"""guiyi approve | reject | split | decide : what a steward says, kept by record and replayed in every later run."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from ..i18n import Text
from .options import DEFAULT_STORE, LevelName, Store, argument, checked_level, option
from .output import after_publishing

Groups = Annotated[
    list[str],
    argument(Text("组编号（可只写开头几位）。", "Group ids, or their beginnings."), show_default=False),
]
Note = Annotated[str | None, option(Text("原因。", "Why."), "--note")]
By = Annotated[str | None, option(Text("何人（默认当前用户）。", "Who (default: this user)."), "--by")]

_LINES = 5  # of a file, named at once

_STORED = Text("决定已保存", "The decision is stored")
# When a decision takes effect (pipelines/merge/plan_file.py).
_AT_ONCE = Text(
    "guiyi plan 现在就会照办；以后每次 guiyi run 也照办。",
    "guiyi plan heeds it now, and so does every later guiyi run.",
)
_LATER = Text(
    "下次 guiyi run 起生效；在那之前，涉及的组不进 guiyi plan 的方案。",
    "It holds from the next guiyi run; until then guiyi plan leaves the groups out that it speaks of.",
)
_NO_LONGER = Text(
    "下次 guiyi run 起不再照办该决定；上次运行已照办的，涉及的组在那之前不进 guiyi plan 的方案。",
    "The next guiyi run heeds that decision no more; where the last run did, guiyi plan leaves its groups out until then.",
)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("approve", help=str(Text("这些组的记录是同一客户。", "The records of these groups are one customer.")))(
        approve
    )
    app.command(
        "reject", help=str(Text("这些组的记录各是各的客户。", "The records of these groups are different customers."))
    )(reject)
    app.command("split", help=str(Text("把几条记录从组里分出去。", "Take records out of a group.")))(split)
    app.command(
        "decide",
        help=str(
            Text(
                "其他决定：选取字段值、保留记录、搁置、撤回；导出或读入决定文件。",
                "Other decisions, and files of them.",
            )
        ),
    )(decide)


def approve(groups: Groups, db: Store = DEFAULT_STORE, note: Note = None, by: By = None) -> None:
    """One decision per group."""
    from ..pipelines.steward.decide import approve as say

    _told(say(db, groups, note, by), _AT_ONCE)


def reject(groups: Groups, db: Store = DEFAULT_STORE, note: Note = None, by: By = None) -> None:
    """One decision per group."""
    from ..pipelines.steward.decide import reject as say

    _told(say(db, groups, note, by), db=db)


def split(
    group: Annotated[str, argument(Text("组编号。", "Group id."), show_default=False)],
    out: Annotated[
        list[str],
        option(Text("分出去的记录（编号或记录键），可多次。", "A record that leaves; repeatable."), "--out"),
    ],
    db: Store = DEFAULT_STORE,
    note: Note = None,
    by: By = None,
) -> None:
    """The records that leave stay together as far as the evidence goes, and apart from the rest."""
    from ..pipelines.steward.decide import split as say

    _told(say(db, group, out, note, by), db=db)


def decide(
    db: Store = DEFAULT_STORE,
    file: Annotated[
        Path | None,
        option(Text("读入决定文件（CSV 或 JSON lines）。", "Take a file (CSV, JSON lines)."), "--file"),
    ] = None,
    export: Annotated[
        Path | None,
        option(Text("把全部决定写成文件，可纳入版本管理。", "Write all decisions to a file."), "--export"),
    ] = None,
    value: Annotated[
        tuple[str, str, str] | None,
        option(
            Text("某字段取这条记录的值。", "Whose value a field takes."),
            "--value",
            metavar=str(Text("组 字段 记录", "GROUP FIELD RECORD")),
        ),
    ] = None,
    survivor: Annotated[
        tuple[str, str] | None,
        option(
            Text("合并时保留这条记录。", "The record that stays."),
            "--survivor",
            metavar=str(Text("组 记录", "GROUP RECORD")),
        ),
    ] = None,
    aside: Annotated[
        list[str] | None,
        option(
            Text("这条记录不参与合并。", "This record joins nobody."),
            "--set-aside",
            metavar=str(Text("记录", "RECORD")),
        ),
    ] = None,
    retract: Annotated[
        str | None,
        option(Text("撤回一个决定。", "Take a decision back."), "--retract", metavar=str(Text("决定", "DECISION"))),
    ] = None,
    level: LevelName = "contact",
    note: Note = None,
    by: By = None,
) -> None:
    """Say what was asked for, in this order: file, value, survivor, set aside, retract, export."""
    from ..errors import UsageError
    from ..pipelines.audit import audit_full
    from ..pipelines.steward import decide as say

    if not any((file, export, value, survivor, aside, retract)):
        raise UsageError(Text("请给出一个决定，见 guiyi decide --help。", "Say what is decided: guiyi decide --help."))
    if file is not None:
        _told_of_file(*say.take_file(db, file))
    if value is not None:
        _told(say.choose(db, value[0], value[1], value[2], note, by), db=db)
    if survivor is not None:
        _told(say.choose(db, survivor[0], "survivor", survivor[1], note, by), db=db)
    if aside:
        _told(say.set_aside(db, aside, checked_level(level), note, by), db=db)
    if retract is not None:
        _told(say.retract(db, retract, note, by), _NO_LONGER)
    if export is not None:
        audit_full(db, "decide --export")
        say.export_file(db, export)


def _told(ids: list[str], when: Text = _LATER, db: Path | None = None) -> None:
    """What is stored and when it holds; with a store, also which applied merges it leaves as they are."""
    from ..pipelines.steward.decide import merged_already

    stored = Text("已记下：{i}。", "Stored: {i}. ").format(i=", ".join(ids))
    with after_publishing(_STORED):
        typer.echo(str(Text(stored.zh + when.zh, stored.en + when.en)))
        if db is not None:
            _told_of_merges(merged_already(db, ids))


def _told_of_merges(groups: Sequence[str]) -> None:
    from ..reports.merged import merged_already

    if groups:
        typer.echo(str(merged_already(groups)))


def _told_of_file(new: int, all_of_them: int, absent: Sequence[int], merged: Sequence[str]) -> None:
    taken = Text("读入 {n} 个新决定（文件共 {a} 个）。", "{n} new decisions of {a} taken.")
    with after_publishing(_STORED):
        typer.echo(str(taken.format(n=new, a=all_of_them)))
        _told_of_absent(absent)
        _told_of_merges(merged)


def _told_of_absent(absent: Sequence[int]) -> None:
    if absent:
        lines = ", ".join(map(str, absent[:_LINES])) + ("…" if len(absent) > _LINES else "")
        later = Text(
            "其中 {n} 个说到库里现在没有的记录（第 {l} 行），记录出现后才起作用。",
            "{n} of them speak of records that are not in the store now (lines {l}) and hold once these are there.",
        )
        typer.echo(str(later.format(n=len(absent), l=lines)))
