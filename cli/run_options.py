"""The options of `guiyi run`."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from ..i18n import Text
from .options import argument, option

Files = Annotated[
    list[str] | None,
    argument(
        Text(
            "CSV、Excel 文件，或 postgresql://、mysql:// 地址；不写则读配置 inputs 中的新文件。",
            "CSV and Excel files, postgresql:// or mysql://; none: the new files of `inputs` in the configuration.",
        ),
        show_default=False,
    ),
]
Name = Annotated[
    str | None,
    option(Text("来源名称（默认取文件名或表名）。", "Name of the source (default: file or table)."), "--name"),
]
Severity = Literal["error", "warning", "never"]
FailOn = Annotated[
    Severity,
    option(
        Text(
            "有此级别的问题时退出码为 1：error、warning、never。",
            "Exit 1 on findings of this severity: error, warning, never.",
        ),
        "--fail-on",
    ),
]
AcceptChange = Annotated[
    bool,
    option(
        Text(
            "输入确实变了：即使规则报警突增、闸门未通过也发布。",
            "The input did change: publish even if rules speak up suddenly or a gate refuses.",
        ),
        "--accept-change",
    ),
]
Whole = Annotated[
    bool,
    option(
        Text("重新比对全部记录，而不只是今天涉及的。", "Compare all records again, not only what today's rows touch."),
        "--whole",
    ),
]
Report = Annotated[
    Path | None,
    option(
        Text("把运行报告写成 JSON，未发布时也写。", "Write a report of the run as JSON, also when it is refused."),
        "--report",
        metavar="FILE.json",
    ),
]
MetricsFile = Annotated[
    Path | None,
    option(
        Text(
            "把运行指标写成 Prometheus 文本，供 node-exporter 采集；演练时不写。",
            "Write the run's figures for Prometheus (node-exporter's textfile collector); not in a rehearsal.",
        ),
        "--metrics-file",
        metavar="FILE.prom",
    ),
]
DryRun = Annotated[
    bool,
    option(
        Text("演练：全部照做，只是不发布，也不发告警。", "Rehearse: do everything but publish and send alarms."),
        "--dry-run",
    ),
]
Wait = Annotated[
    float,
    option(
        Text("另一个运行占用数据库时，最多等几秒。", "Wait so many seconds for another run of the store."),
        "--wait",
        min=0,
    ),
]
AsOf = Annotated[
    datetime | None,
    option(
        Text(
            "规则包以何时为“现在”（北京时间），默认当前时间。",
            "What packs take for now (China time); the time of the run by default.",
        ),
        "--as-of",
        formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"],
    ),
]
LogFormat = Annotated[
    Literal["text", "json"],
    option(
        Text("标准错误的格式：text，或每行一个 JSON。", "Format of standard error: text, or a JSON object a line."),
        "--log-format",
    ),
]
Quiet = Annotated[
    bool,
    option(Text("每次运行只打印一行汇总。", "One summary line per run only."), "--quiet", "-q"),
]
Retry = Annotated[
    list[str] | None,
    option(
        Text("再读一次已搁置的文件，可多次。", "Read a file again that was set aside; repeatable."),
        "--retry",
        metavar="FILE",
    ),
]
Skip = Annotated[
    list[str] | None,
    option(
        Text("不再读 inputs 里的这个文件，可多次。", "Never read this file of `inputs`; repeatable."),
        "--skip",
        metavar="FILE",
    ),
]
