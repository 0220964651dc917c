"""The catalogue of public rules: severity and words of each, from rules/data/catalog.toml."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import polars as pl

from ..findings import STAGES, Stage
from ..i18n import Language, Text
from ..plugins import load_named
from ..schemas import SEVERITIES
from .data import read_toml

# What a store says is in one language, whoever runs: the same input gives the same bytes. Who shows it says it in his reader's,
# by the rule.
STORED: Language = "zh"


@dataclass(frozen=True)
class RuleEntry:
    """`id` reads `area.rule` and is public. stage: where the rule speaks (findings.py).

    repair: what it makes of a cell is certain. strict: its severity where a user asks for strictness, if it differs.
    find: of a plug-in's rule of stage `rows`: all clean records, as in `record` → those it speaks of, by `record_key`, and where it
    likes `field`, `value` and `suggestion` (pipelines/clean/row_rules.py).
    """

    id: str
    stage: str
    severity: str
    text: Text
    since: str
    repair: bool = False
    strict: str | None = None
    find: Callable[[pl.DataFrame], pl.DataFrame] | None = None

    @property
    def name(self) -> str:
        return self.id


@cache
def catalog() -> dict[str, RuleEntry]:
    """Rule id → entry; those of plug-ins last."""
    areas = read_toml("catalog.toml")
    rules = {f"{area}.{name}": entry for area, rules in areas.items() for name, entry in rules.items()}
    own = {i: RuleEntry(i, text=Text(e.pop("zh"), e.pop("en")), **e) for i, e in rules.items()}

    def why_not(name: str, entry: RuleEntry) -> Text | None:
        if not re.fullmatch(r"[a-z][a-z0-9_]*\.[a-z0-9_]+", name):
            return Text("编号不是“领域.规则”的形式", "the id does not read area.rule")
        if entry.severity not in SEVERITIES or entry.stage not in STAGES or (entry.stage == "rows") != bool(entry.find):
            return Text("severity、stage 或 find 不对", "severity, stage or find is wrong")
        return None

    return own | load_named("rules", RuleEntry, why_not, own)


def rules_of(*stages: Stage) -> list[str]:
    """The rules that speak in these stages."""
    return [rule for rule, entry in catalog().items() if entry.stage in stages]


def severity_of(rule: str, usual: str, chosen: Mapping[str, str], strict: bool = False) -> str:
    """A rule's severity: what the configuration chose for its id, else for its area (`phone.*`), else --strict, else the usual."""
    entry = catalog().get(rule) if strict else None
    own = chosen.get(rule) or chosen.get(f"{rule.partition('.')[0]}.*")
    return own or (entry.strict if entry else None) or usual


def graded(findings: pl.DataFrame, chosen: Mapping[str, str], strict: bool = False) -> pl.DataFrame:
    """Findings (`rule, severity`) of the catalogue's rules at the severity that was chosen; those that are `off` are gone.

    A pack's rule has its severity from where packs are loaded: it may be on trial.
    """
    found = {rule for rule in findings["rule"].unique().to_list() if rule in catalog()} if chosen or strict else ()
    severities = {rule: severity_of(rule, catalog()[rule].severity, chosen, strict) for rule in found}
    severity = pl.col("rule").replace_strict(severities, default=pl.col("severity"), return_dtype=pl.String)
    return findings.with_columns(severity=severity).filter(pl.col("severity") != "off") if severities else findings


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
