"""`guiyi check --format json`: the report as docs/check.schema.json describes it."""

import json

from .report import ROW_COUNTS, TEXT_COLUMNS, CheckReport

CHECK_SCHEMA_VERSION = 1
_FILE = ("name", "sheet", "source", "format", "encoding", "sha256", "bytes", "header_row", *ROW_COUNTS)
_FINDING = json.JSONEncoder(ensure_ascii=False, separators=(",\n   ", ": "))


def render_json(report: CheckReport) -> str:
    """One object; nothing in it depends on the clock or the machine."""
    counts = report.counts
    content = {
        "schema_version": CHECK_SCHEMA_VERSION,
        "tool": {"name": "guiyi", "version": report.version},
        "config_hash": report.config_hash,
        "language": report.language,
        "against": report.against,
        "fail_on": report.fail_on,
        "passed": not report.failed,
        "summary": {
            **{name: report.total(name) for name in ROW_COUNTS}, "errors": counts["error"],
            "warnings": counts["warning"], "infos": counts["info"],
        },
        "files": [file | {"loadable": file["rows_accepted"] > 0} for file in report.files.select(_FILE).to_dicts()],
        "findings": [],
    }  # fmt: skip
    text = json.dumps(content, ensure_ascii=False, indent=1)
    # The library indents in Python alone, which takes longer than to find what is told.
    found = report.findings.select(TEXT_COLUMNS).iter_rows(named=True)
    told = ",\n".join(f"  {{\n   {_FINDING.encode(finding)[1:-1]}\n  }}" for finding in found)
    if told:
        text = text.removesuffix("[]\n}") + f"[\n{told}\n ]\n}}"
    return text + "\n"
