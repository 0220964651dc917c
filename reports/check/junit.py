"""`guiyi check --format junit`: one case per rule, failed where the rule has findings at or above --fail-on."""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

import polars as pl

from .report import CheckReport, grave, place_of

_LISTED = 200  # places per rule; a build log is no place for ten thousand rows


def render_junit(report: CheckReport) -> str:
    """Findings below --fail-on stand in the case's output."""
    found = {rule: frame for (rule,), frame in report.findings.partition_by("rule", as_dict=True).items()}
    rules = sorted({*report.rules, *found})
    suites = Element("testsuites", name="guiyi check")
    name = " ".join(dict.fromkeys(report.files["name"]))
    failed = [r for r in rules if r in found and _fails(found[r], report.fail_on)]
    counts = {"tests": str(len(rules)), "failures": str(len(failed)), "errors": "0", "skipped": "0", "time": "0"}
    suite = SubElement(suites, "testsuite", {"name": name, **counts})
    for rule in rules:
        case = SubElement(suite, "testcase", name=rule, classname=f"guiyi.check.{rule.partition('.')[0]}", time="0")
        if rule in found:
            message = report.rules.get(rule, ("", rule))[1]
            head = f"{message} ({found[rule].height})"
            if rule in failed:
                SubElement(case, "failure", message=head, type=rule).text = _places(found[rule])
            else:
                SubElement(case, "system-out").text = head + "\n" + _places(found[rule])
    indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(suites, encoding="unicode") + "\n"


def _fails(findings: pl.DataFrame, fail_on: str) -> bool:
    return bool(findings["severity"].is_in(list(grave(fail_on))).any())


def _places(findings: pl.DataFrame) -> str:
    lines = []
    for finding in findings.head(_LISTED).iter_rows(named=True):
        value = f": {finding['value']}" if finding["value"] is not None else ""
        advice = f" → {finding['suggestion']}" if finding["suggestion"] else ""
        lines.append(f"{place_of(finding)}{value}{advice}")
    more = findings.height - _LISTED
    return "\n".join(lines) + (f"\n… +{more}" if more > 0 else "")
