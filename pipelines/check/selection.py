"""Which rules a user asked for, and so which work can be left undone."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

import polars as pl

from ...errors import UsageError
from ...i18n import Text
from ...rules.catalog import catalog, rules_of

PAIRS = ("row.same_customer", "row.similar_customer", "row.known_customer")
MAIL = ("email.no_mail_server", "file.dns_unanswered")


@dataclass(frozen=True)
class Asked:
    """Patterns of rule ids (`text.*`), or areas alone (`text`); none of them means every rule."""

    patterns: tuple[str, ...] = ()

    def takes(self, rule: str) -> bool:
        """Whether a rule was asked for."""
        return not self.patterns or any(fnmatchcase(rule, p) or rule.startswith(f"{p}.") for p in self.patterns)

    def any_of(self, rules: Iterable[str]) -> bool:
        return any(self.takes(rule) for rule in rules)

    @property
    def reading_only(self) -> bool:
        """Whether no field has to be understood to answer."""
        taken = [{rule for rule in catalog() if Asked((pattern,)).takes(rule)} for pattern in self.patterns]
        return bool(taken) and all(rules and rules <= {*rules_of("read", "text")} for rules in taken)

    def of(self, findings: pl.DataFrame) -> pl.DataFrame:
        """The findings of rules that were asked for."""
        if not self.patterns:
            return findings
        said = [rule for rule in findings["rule"].unique().to_list() if self.takes(rule)]
        return findings.filter(pl.col("rule").is_in(said))

    def refuse_unknown(self, rules: Iterable[str]) -> None:
        """Raises UsageError for a pattern that means none of the rules."""
        known = list(rules)
        for pattern in self.patterns:
            if not Asked((pattern,)).any_of(known):
                what = Text("--only {p}：没有这样的规则。", "--only {p}: there is no such rule.").format(p=pattern)
                raise UsageError(what, Text("guiyi rules list 列出全部规则。", "guiyi rules list shows them all."))


EVERYTHING = Asked()
