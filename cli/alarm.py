"""guiyi alarm : tell people what the last run calls for; --test tries a channel."""

from typing import Annotated, Literal

import typer

from ..i18n import Text
from .options import DEFAULT_STORE, OUTPUT_FORM, ConfigFile, NewStore, option
from .output import deliver


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "alarm",
        help=str(Text("按配置对最近一次运行发出告警。", "Send the alarms that the last run calls for.")),
    )(alarm)


def alarm(
    db: NewStore = DEFAULT_STORE,
    config: ConfigFile = None,
    test: Annotated[
        str | None,
        option(
            Text("向通道发一条测试消息。", "Send a test to a channel."), "--test", metavar=str(Text("通道", "CHANNEL"))
        ),
    ] = None,
    form: Annotated[Literal["text", "json"], option(OUTPUT_FORM, "--format")] = "text",
) -> int:
    """One line per alarm and channel on standard output; exit 1 if a message was not taken."""
    from ..config import load_config
    from ..pipelines.report.alarms import last_run_alarms, try_channel
    from ..reports.alarms import told_lines

    settings = load_config(config)
    if test is not None:
        try_channel(test, settings)
        typer.echo(str(Text("已送达 {c}。", "{c} took the message.").format(c=test)))
        return 0
    told = last_run_alarms(db, settings)
    lines = told_lines(told, form)
    deliver(lines.encode() if form == "json" else lines, None)
    return int(any(one.outcome == "failed" for one in told))
