"""`guiyi check --format sarif`: SARIF 2.1.0; lines of a text file are regions, cells of a workbook logical locations."""

import hashlib
import json
from collections.abc import Mapping
from urllib.parse import quote

from .report import CheckReport

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_LINED = ("csv", "jsonl")  # formats whose row number is a line number


def render_sarif(report: CheckReport) -> str:
    """One run; every rule that has a finding is described in it."""
    used = sorted(set(report.findings["rule"]))
    index = {rule: i for i, rule in enumerate(used)}
    formats = dict(report.files.select("name", "format").iter_rows())
    lined = {name for name, form in formats.items() if form in _LINED}
    run = {
        "tool": {"driver": {
            "name": "guiyi", "version": report.version,
            "rules": [_rule(rule, *report.rules.get(rule, ("warning", rule))) for rule in used],
        }},
        "columnKind": "unicodeCodePoints",
        "artifacts": [
            {"location": {"uri": quote(name)}, "hashes": {"sha-256": sha256}}
            for name, sha256 in report.files.select("name", "sha256").unique(maintain_order=True).iter_rows()
        ],
        "results": [_result(f, index, lined) for f in report.findings.iter_rows(named=True)],
    }  # fmt: skip
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=1) + "\n"


def _rule(rule: str, severity: str, message: str) -> dict[str, object]:
    return {
        "id": rule,
        "shortDescription": {"text": message or rule},
        "defaultConfiguration": {"level": _LEVELS[severity]},
    }


def _result(finding: Mapping[str, object], index: Mapping[str, int], lined: set[str]) -> dict[str, object]:
    rule, message = str(finding["rule"]), str(finding["message"])
    value = f"「{finding['value']}」" if finding["value"] is not None else ""
    advice = f" → {finding['suggestion']}" if finding["suggestion"] else ""
    spot = "|".join(str(finding[name]) for name in ("file", "sheet", "row", "column", "rule"))
    return {
        "ruleId": rule,
        "ruleIndex": index[rule],
        "level": _LEVELS[str(finding["severity"])],
        "message": {"text": message + value + advice},
        "locations": [_location(finding, str(finding["file"]) in lined)],
        "partialFingerprints": {"place/v1": hashlib.blake2b(spot.encode(), digest_size=8).hexdigest()},
    }


def _location(finding: Mapping[str, object], lined: bool) -> dict[str, object]:
    """Where a finding stands: always the file, and its line or its cell."""
    physical: dict[str, object] = {"artifactLocation": {"uri": quote(str(finding["file"]))}}
    if lined and finding["row"] is not None:
        physical["region"] = {"startLine": finding["row"]}
    location: dict[str, object] = {"physicalLocation": physical}
    cell = finding["cell"] or finding["row"]
    if not lined and cell is not None:
        sheet = f"{finding['sheet']}!" if finding["sheet"] else ""
        location["logicalLocations"] = [{"name": str(cell), "fullyQualifiedName": f"{sheet}{cell}", "kind": "member"}]
    elif finding["header"]:
        location["logicalLocations"] = [{"name": str(finding["header"]), "kind": "member"}]
    return location
