"""guiyi plan | apply | undo : the merge plan as a file, carried out and taken back."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from ..i18n import Text
from ..log import warn
from .options import DEFAULT_STORE, Store, argument, option
from .output import after_publishing


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(
        "plan",
        help=str(
            Text(
                "把合并方案写成文件：谁并入谁、每个字段改成什么。",
                "Write the merge plan: who goes into whom, field by field.",
            )
        ),
    )(plan)
    app.command(
        "apply",
        help=str(Text("执行合并方案并导出 CRM 要导入的表。", "Carry a plan out; write the CRM's sheets.")),
    )(apply)
    app.command("undo", help=str(Text("撤销已执行的合并，逐字节恢复。", "Take applied merges back, byte for byte.")))(
        undo
    )


def plan(
    output: Annotated[Path, option(Text("方案文件。", "The plan."), "--output", "-o")] = Path("merge-plan.json"),
    db: Store = DEFAULT_STORE,
) -> None:
    """Groups in the auto band and those that a steward approved; the file holds personal data and is the owner's alone."""
    from ..io.write.export import write_file
    from ..pipelines.audit import audit_full
    from ..pipelines.merge.apply import plan_of

    made = plan_of(db)
    audit_full(db, "plan", merges=len(made["merges"]))
    write_file(output, json.dumps(made, ensure_ascii=False, indent=1, sort_keys=True).encode())
    writes = sum(len(merge["writes"]) for merge in made["merges"])
    words = Text(
        "{p}：{m:,} 个组将合并，写入 {w:,} 个字段；{q:,} 个组等待复核或下次运行。",
        "{p}: {m:,} groups to merge, {w:,} fields to write; {q:,} groups wait for a steward or the next run.",
    )
    typer.echo(str(words.format(p=output, m=len(made["merges"]), w=writes, q=len(made["waiting"]))))


def apply(
    file: Annotated[Path, argument(Text("方案文件。", "The plan."), show_default=False)],
    db: Store = DEFAULT_STORE,
    out: Annotated[
        Path | None, option(Text("CRM 导入表写入的文件夹。", "Folder for the CRM's sheets."), "--out")
    ] = None,
    template: Annotated[Path | None, option(Text("列名模板（TOML）。", "Column names (TOML)."), "--template")] = None,
) -> int:
    """Refuse a stale plan, else write golden records and crosswalk in one transaction; then the sheets."""
    from ..pipelines.merge.apply import apply_plan, read_plan
    from ..pipelines.merge.sheets import load_template, make_folder

    names, read = load_template(template), read_plan(file)
    if out is not None and read["merges"]:
        make_folder(out)  # before the merge: what cannot be handed over is not begun
    done = apply_plan(db, read)
    words = Text("已合并 {n:,} 个组。", "{n:,} groups merged.")
    if not done:
        words = Text("此方案已执行过。", "This plan was applied before.")
    if not read["merges"]:
        words = Text("方案里没有要合并的组。", "The plan holds nothing to merge.")
    with after_publishing(Text("合并已生效", "The merge stands")):
        typer.echo(str(words.format(n=done)))
        if out is not None and read["merges"]:
            return _write_sheets(_standing(db, read), out, names)
    return 0


def _standing(db: Path, read: Mapping[str, Any]) -> dict[str, Any]:
    """The plan without the groups that were undone since, which is said."""
    from ..pipelines.merge.apply import what_stands

    stands = what_stands(db, read)
    if undone := len(read["merges"]) - len(stands["merges"]):
        left = Text(
            "其中 {n:,} 个组已撤销，不写入导入表。", "{n:,} of its groups were undone: the sheets leave them out."
        )
        typer.echo(str(left.format(n=undone)))
    return stands


def _write_sheets(read: Mapping[str, Any], out: Path, names: Mapping[str, dict[str, str]]) -> int:
    """The sheets' files; exit code 1 where they cannot be written: somebody must look, and the merge stands."""
    from ..errors import StoreError
    from ..pipelines.merge.sheets import write_sheets

    try:
        written = write_sheets(read, out, dict(names))
    except StoreError as fault:
        stands = Text("合并已生效，但导入表没有写完：", "The merge stands, but its sheets were not all written: ")
        again = Text(
            "排除原因后再运行一次同样的命令，就会只补写导入表。",
            " Mend that and run the same command again: it merges nothing twice and writes the sheets.",
        )
        warn(Text(stands.zh + fault.what.zh + again.zh, stands.en + fault.what.en + again.en))
        return 1
    for path in written:
        typer.echo(str(path))
    return 0


def undo(
    what: Annotated[
        str,
        argument(Text("组、实体、运行或方案的编号。", "Group, entity, run or plan."), show_default=False),
    ],
    db: Store = DEFAULT_STORE,
    note: Annotated[str | None, option(Text("原因。", "Why."), "--note")] = None,
    by: Annotated[str | None, option(Text("何人（默认当前用户）。", "Who (default: this user)."), "--by")] = None,
) -> None:
    """The merges are taken back, and their records kept apart in later nights."""
    from ..pipelines.merge.apply import undo as take_back

    groups = take_back(db, what, note, by)
    words = Text(
        "已撤销 {n:,} 个组的合并；这些记录今后不再合并。", "{n:,} merges undone; their records stay apart from now on."
    )
    with after_publishing(Text("撤销已生效", "The merges are undone")):
        typer.echo(str(words.format(n=len(groups))))
