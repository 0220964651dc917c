"""What the pre-import gate found, as plain data: every format of `guiyi check` is rendered from a `CheckReport`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from ..i18n import Language, Text
from ..schemas import SEVERITIES

# One row per finding, in the order of the file. column: the sheet's letter; cell: C5. value and suggestion are masked
# unless the user asked otherwise. choices: replacements that a drop-down can offer. trial: of a rule on trial.
LOCATED = pl.Schema(
    {
        "rule": pl.String(), "severity": pl.String(), "file": pl.String(), "sheet": pl.String(), "row": pl.Int64(),
        "column": pl.String(), "cell": pl.String(), "header": pl.String(), "field": pl.String(), "value": pl.String(),
        "message": pl.String(), "suggestion": pl.String(), "trial": pl.Boolean(), "choices": pl.List(pl.String()),
    }
)  # fmt: skip
TEXT_COLUMNS = tuple(name for name in LOCATED.names() if name != "choices")

WORDS = {"error": Text("错误", "error"), "warning": Text("警告", "warning"), "info": Text("提示", "info")}


@dataclass(frozen=True)
class CheckReport:
    """files: table `source_file`. rules: id → severity and message of every rule that was looked at."""

    files: pl.DataFrame
    findings: pl.DataFrame
    rules: Mapping[str, tuple[str, str]]
    rows: int
    rejected: int
    fail_on: str
    language: Language
    version: str
    config_hash: str
    against: str | None = None

    @cached_property
    def counts(self) -> dict[str, int]:
        """Findings per severity."""
        found = dict(self.findings.group_by("severity").len().iter_rows())
        return {severity: found.get(severity, 0) for severity in SEVERITIES}

    @property
    def failed(self) -> bool:
        """Whether a finding reaches `fail_on`."""
        return any(self.counts[s] for s in grave(self.fail_on))

    @property
    def verdict(self) -> Text:
        """One word for the whole. Errors that the exit code is not to tell (`never`) are no pass."""
        if self.failed:
            return Text("不通过", "failed")
        return Text("有错误", "errors found") if self.counts["error"] else Text("通过", "passed")

    def say(self, text: Text) -> str:
        """A text in the report's language."""
        return text.en if self.language == "en" else text.zh


def grave(fail_on: str) -> tuple[str, ...]:
    """The severities at or above `fail_on`; none for `never`."""
    return {"error": ("error",), "warning": ("error", "warning")}.get(fail_on, ())


def place_of(finding: Mapping[str, object]) -> str:
    """`file [sheet] C5`, as far as the finding has a place."""
    sheet = f" [{finding['sheet']}]" if finding["sheet"] else ""
    return f"{finding['file']}{sheet} {spot_of(finding)}".strip()


def spot_of(finding: Mapping[str, object]) -> str:
    """The cell, else the row or column, else nothing."""
    if finding["cell"]:
        return str(finding["cell"])
    if finding["row"] is not None:
        return str(Text(f"第 {finding['row']} 行", f"row {finding['row']}"))
    return str(finding["column"] or "")
