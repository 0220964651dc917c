"""The catalogue of rules: complete in both languages, and every rule that the code names stands in it."""

import re
from pathlib import Path

import polars as pl
import pytest
from guiyi.findings import STAGES
from guiyi.rules.catalog import catalog, described, rules_of
from guiyi.schemas import SEVERITIES

ROOT = Path(__file__).parents[2]
CODE = [p for room in ("rules", "dedup", "io", "pipelines") for p in sorted((ROOT / room).rglob("*.py"))]
FINDING_CALL = re.compile(r'(?:\.change\(|\.find\(|rule=pl\.lit\()\s*"([a-z_]+\.[a-z_]+)"')


@pytest.mark.parametrize("rule", sorted(catalog()))
def test_entry_is_complete(rule: str) -> None:
    entry = catalog()[rule]
    assert entry.severity in SEVERITIES
    assert re.search(r"[一-鿿]", entry.text.zh)
    assert entry.text.en
    assert not re.search(r"[一-鿿]", entry.text.en)
    assert re.fullmatch(r"\d+\.\d+(\.\d+)?", entry.since)
    assert re.fullmatch(r"[a-z_]+\.[a-z0-9_]+", rule)


def test_every_rule_named_in_the_code_stands_in_the_catalogue() -> None:
    named = {rule for path in CODE for rule in FINDING_CALL.findall(path.read_text("utf-8"))}
    assert len(named) > 20
    assert named <= set(catalog())


def test_findings_are_described_in_the_language_asked_for() -> None:
    findings = pl.DataFrame({"rule": ["text.invisible", "row.no_identity"]})
    zh, en = described(findings, "zh"), described(findings, "en")
    assert zh["severity"].to_list() == en["severity"].to_list()
    assert zh["message"].to_list() == [catalog()[r].text.zh for r in findings["rule"]]
    assert en["message"].to_list() == [catalog()[r].text.en for r in findings["rule"]]


def test_a_rule_without_an_entry_is_refused() -> None:
    with pytest.raises(KeyError, match=r"no\.such"):
        described(pl.DataFrame({"rule": ["no.such"]}), "en")


def test_no_findings_are_no_fault() -> None:
    assert described(pl.DataFrame(schema={"rule": pl.String}), "zh").columns == ["rule", "severity", "message"]


def test_every_rule_has_a_stage_and_only_the_gate_asks_for_what_takes_more_than_the_file() -> None:
    assert {entry.stage for entry in catalog().values()} == set(STAGES) - {"rows"}, "only plug-ins look at all rows"
    assert set(rules_of("check")) == {
        *(
            "email.no_mail_server",
            "row.same_customer",
            "row.similar_customer",
            "row.known_customer",
            "header.no_customer",
        ),
    }
    assert set(rules_of("resolve", "plan")) == {
        *(
            "dedup.shared_value",
            "dedup.link_cut",
            "dedup.contradicted",
            "survivorship.undecided",
            "identity.id_conflict",
        ),
    }


def test_no_stage_is_guessed_from_the_name_of_a_rule() -> None:
    """What a rule's stage is stands in the catalogue; code asks there."""
    guesses = re.compile(r"""starts_with\((rule|"dedup|'dedup)|regexp_matches\(rule|str\.starts_with\("dedup""")
    files = [path for room in ("pipelines", "review", "reports", "io") for path in (ROOT / room).rglob("*.py")]
    assert [path.name for path in files if guesses.search(path.read_text("utf-8"))] == []
