"""The catalogue of public rules: severity and words of each, from rules/data/catalog.toml."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import polars as pl

from ..findings import Stage
from ..i18n import Language, Text

# What a store says is in one language, whoever runs: the same input gives the same bytes. Who shows it says it in his reader's,
# by the rule.
STORED: Language = "zh"


@dataclass(frozen=True)
class RuleEntry:
    """`id` reads `area.rule` and is public. stage: where the rule speaks (findings.py)."""

    id: str
    stage: str
    severity: str
    text: Text
    since: str


@cache
def catalog() -> dict[str, RuleEntry]:
    """Rule id → entry."""
    areas = tomllib.loads((files(__package__) / "data" / "catalog.toml").read_text("utf-8"))
    return {
        f"{area}.{name}": RuleEntry(f"{area}.{name}", e["stage"], e["severity"], Text(e["zh"], e["en"]), e["since"])
        for area, rules in areas.items()
        for name, e in rules.items()
    }


def rules_of(*stages: Stage) -> list[str]:
    """The rules that speak in these stages."""
    return [rule for rule, entry in catalog().items() if entry.stage in stages]


def described(findings: pl.DataFrame, language: Language) -> pl.DataFrame:
    """Add `severity` and `message` to findings with a column `rule`; a rule without an entry is a fault of ours."""
    unknown = set(findings["rule"].unique()) - set(catalog())
    if unknown:
        raise KeyError(f"rules without a catalogue entry: {sorted(unknown)}")
    severity = {k: e.severity for k, e in catalog().items()}
    message = {k: e.text.en if language == "en" else e.text.zh for k, e in catalog().items()}
    return findings.with_columns(
        severity=pl.col("rule").replace_strict(severity, return_dtype=pl.String),
        message=pl.col("rule").replace_strict(message, return_dtype=pl.String),
    )
