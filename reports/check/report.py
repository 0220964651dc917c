"""What the pre-import gate found, as plain data: every format of `guiyi check` is rendered from a `CheckReport`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from ...i18n import Language, Text
from ...schemas import SEVERITIES
from ..cell_masking import shown

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

ROW_COUNTS = ("rows", "rows_accepted", "rows_rejected", "rows_aside")  # of a table: the first is the sum of the others

_LOADABLE = Text(
    "可导入 {rows_accepted:,} 行，要先改 {rows_rejected:,} 行",
    "{rows_accepted:,} can be imported, {rows_rejected:,} to mend",
)
_NOT_LOADABLE = Text("整张表不能导入", "nothing of it can be imported")
_ASIDE = Text("，另有标题、合计等 {rows_aside:,} 行", ", {rows_aside:,} titles, sums and the like")

WORDS = {"error": Text("错误", "error"), "warning": Text("警告", "warning"), "info": Text("提示", "info")}


@dataclass(frozen=True)
class CheckReport:
    """files: table `source_file` with `rows_accepted`, `rows_rejected`, `rows_aside`, masked.

    found: LOCATED as read, with `person`; nobody shows it. rules: id → severity and message of every rule that was looked at.
    """

    files: pl.DataFrame
    found: pl.DataFrame
    unmask: bool
    rules: Mapping[str, tuple[str, str]]
    fail_on: str
    language: Language
    version: str
    config_hash: str
    against: str | None = None

    @cached_property
    def findings(self) -> pl.DataFrame:
        """LOCATED, as it may be shown."""
        return self.shown(self.found)

    def shown(self, found: pl.DataFrame) -> pl.DataFrame:
        """Some of `found` as they may be shown: masking ten thousand cells takes longer than reading them."""
        return shown(found, self.unmask).select(LOCATED.names())

    def total(self, column: str) -> int:
        """A count of rows over all tables."""
        return int(self.files[column].sum())

    @cached_property
    def counts(self) -> dict[str, int]:
        """Findings per severity."""
        found = dict(self.found.group_by("severity").len().iter_rows())
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
        if self.counts["error"]:
            return Text("有错误", "errors found")
        unread = pl.col("rule").str.starts_with("header."), pl.col("severity") == "warning"
        if (columns := self.found.filter(*unread).select("sheet", "header").n_unique()) == 0:
            return Text("通过", "passed")
        return Text(
            "通过，但有 {n} 列没有看懂或没有采用", "passed, but {n} columns were not understood or not used"
        ).format(n=columns)

    @property
    def summary(self) -> Text:
        """The counts of findings and rows in a sentence."""
        words = Text(
            "{error:,} 个错误，{warning:,} 个警告，{info:,} 条提示；"
            "{n:,} 行数据中 {rows_accepted:,} 行可以导入，{rows_rejected:,} 行要先改",
            "{error:,} errors, {warning:,} warnings, {info:,} hints; of {n:,} records {rows_accepted:,} can be imported, "
            "{rows_rejected:,} are to be mended first",
        )
        rows = {name: self.total(name) for name in ROW_COUNTS}
        return words.format(**self.counts, **rows, n=rows["rows"] - rows["rows_aside"])

    def sheets(self) -> Iterator[str]:
        """One line per table: where it is, what it is, and how much of it can be imported."""
        for file in self.files.iter_rows(named=True):
            name = f"{file['name']} · {file['sheet']}" if file["sheet"] else file["name"]
            kind = f"{file['format']}, {file['encoding']}" if file["encoding"] else file["format"]
            line = Text("{name} · {rows:,} 行（{kind}）：", "{name} · {rows:,} rows ({kind}): ")
            told = _NOT_LOADABLE if not file["rows_accepted"] else _LOADABLE
            aside = _ASIDE if file["rows_aside"] else Text("", "")
            yield "".join(self.say(t.format(**file | {"name": name, "kind": kind})) for t in (line, told, aside))

    def say(self, text: Text) -> str:
        """A text in the report's language."""
        return text.en if self.language == "en" else text.zh


def gravest_first() -> pl.Expr:
    """What to sort by for errors, then warnings, then hints."""
    return pl.col("severity").replace_strict({"error": 0, "warning": 1, "info": 2}, return_dtype=pl.Int8)


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
