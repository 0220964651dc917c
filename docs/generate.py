"""Write the generated part of the reference pages anew: `python docs/generate.py`."""

import sys
from pathlib import Path

from guiyi.config import Config
from guiyi.docs.extending import LANGUAGES, extending_reference
from guiyi.docs.reference import (
    Rule,
    config_reference,
    page,
    report_reference,
    rules_reference,
    tables_reference,
    weights_reference,
)
from guiyi.evidence import shipped_weights
from guiyi.io.store.migrations import sql_type
from guiyi.reports.quality.figures import catalogue, listings
from guiyi.rules.catalog import catalog
from guiyi.schemas import TABLES

HERE = Path(__file__).resolve().parent


def generated() -> dict[str, str]:
    """Page → what stands below its mark."""
    rules = [Rule(e.id, e.severity, e.text.zh, e.text.en, e.since) for e in catalog().values()]
    return {
        "tables.md": tables_reference(TABLES, sql_type),
        "config.md": config_reference(Config.model_json_schema()),
        "rules.md": rules_reference(rules),
        "matching.md": weights_reference(shipped_weights()),
        "report.md": report_reference(catalogue(Config()), listings(Config())),
        **{f"{language}/extending.md": extending_reference(language) for language in LANGUAGES},
    }


def main() -> None:
    """Rewrite the pages and name those that changed."""
    for name, text in generated().items():
        path = HERE / name
        before = path.read_text("utf-8")
        after = page(before, text)
        if after != before:
            path.write_text(after, "utf-8", newline="\n")
            sys.stdout.write(f"{name}\n")


if __name__ == "__main__":
    main()
