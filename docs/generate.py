"""Write the generated part of the documents anew: `python docs/generate.py`."""

import sys
from pathlib import Path
from typing import get_args

from guiyi.config import Config
from guiyi.docs.extending import extending_reference
from guiyi.docs.picture import draw_rooms
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
from guiyi.i18n import Language
from guiyi.io.store.migrations import sql_type
from guiyi.reports.quality.figures import catalogue, listings
from guiyi.rules.catalog import catalog
from guiyi.schemas import TABLES

HERE = Path(__file__).resolve().parent


def generated() -> dict[str, str]:
    """Page, named from this folder → what stands between its marks."""
    rules = [Rule(e.id, e.severity, e.text.zh, e.text.en, e.since) for e in catalog().values()]
    picture = draw_rooms()
    pages = {}
    for language in get_args(Language):
        pages |= {
            f"{language}/architecture.md": picture,
            f"{language}/tables.md": tables_reference(TABLES, sql_type, language),
            f"{language}/extending.md": extending_reference(language),
            f"{language}/config.md": config_reference(Config.model_json_schema(), language),
            f"{language}/rules.md": rules_reference(rules, language),
            f"{language}/matching.md": weights_reference(shipped_weights(), language),
            f"{language}/report.md": report_reference(catalogue(Config()), listings(Config()), language),
        }
    return pages


def stale() -> dict[Path, str]:
    """The pages that are not what is generated now, as they should be."""
    pages = {HERE / name: text for name, text in generated().items()}
    current = {path: (path.read_text("utf-8"), text) for path, text in pages.items()}
    return {path: page(written, text) for path, (written, text) in current.items() if page(written, text) != written}


def main() -> None:
    """Rewrite the pages and name those that changed."""
    for path, text in stale().items():
        path.write_text(text, "utf-8", newline="\n")
        sys.stdout.write(f"{path.relative_to(HERE)}\n")


if __name__ == "__main__":
    main()
