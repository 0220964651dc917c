"""guiyi init [FILE] : a commented configuration from a sample file, and deploy files for the nightly job."""

from pathlib import Path
from typing import Annotated

import typer

from ..i18n import Text
from .options import DEFAULT_STORE, NewStore, argument, option


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "init",
        help=str(
            Text(
                "根据样例文件写一个带注释的 guiyi.toml，可附定时任务文件。",
                "Write a commented guiyi.toml from a sample file, and deploy files if asked.",
            )
        ),
    )(init)


def init(
    file: Annotated[
        Path | None,
        argument(Text("样例文件。", "A sample file."), show_default=False),
    ] = None,
    output: Annotated[Path, option(Text("写到哪里。", "Where to write it."), "--output", "-o")] = Path("guiyi.toml"),
    schedule: Annotated[
        bool,
        option(
            Text(
                "在配置旁的 deploy/ 里写 systemd 和 cron 文件。",
                "Write systemd and cron files to deploy/ beside it.",
            ),
            "--schedule",
        ),
    ] = False,
    db: NewStore = DEFAULT_STORE,
    force: Annotated[bool, option(Text("覆盖已有的文件。", "Overwrite."), "--force")] = False,
) -> None:
    """Write all files or, where one of them is there already, none."""
    from ..io.write.export import write_file
    from ..pipelines.setup.init_config import sketch
    from ..pipelines.setup.schedule import FOLDER, deploy_files
    from ..reports.masking import mask_text

    made = sketch(file, output.parent)
    files = {output: made.text}
    if schedule:
        files |= {output.parent / FOLDER / name: text for name, text in deploy_files(output, db).items()}
    _refuse_present([path for path in files if path.exists()], force)
    for path, text in files.items():
        _make_folder(path.parent)
        write_file(path, text.encode())
        typer.echo(str(path))
    if made.unmapped:
        words = Text("{n} 列没有对应的字段：{h}", "No field was found for {n} columns: {h}")
        typer.echo(str(words.format(n=len(made.unmapped), h=", ".join(map(mask_text, made.unmapped)))))


def _refuse_present(present: list[Path], force: bool) -> None:
    from ..errors import UsageError

    if present and not force:
        raise UsageError(
            Text("{p} 已存在，没有写入任何文件。", "{p} is there already; nothing was written.").format(p=present[0]),
            Text("用 --force 覆盖，或用 -o 换个地方。", "Overwrite with --force, or write elsewhere with -o."),
            reason="file.exists",
        )


def _make_folder(folder: Path) -> None:
    from ..errors import StoreError

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise StoreError(
            Text("无法创建文件夹 {p}。", "The folder {p} cannot be made.").format(p=folder), reason="file.unwritable"
        ) from None
