"""Every format of `guiyi check` against its schema, and what a page or a log must not let through."""

import csv
import io
import json
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
from guiyi.cli.check import _rendered
from guiyi.config import Config
from guiyi.pipelines.check.gate import Checked, CheckRequest, check_file
from guiyi.reports.check.report import TEXT_COLUMNS

ROOT = Path(__file__).parents[3]
HOSTILE = (
    '客户编号,联系人,手机号,<script>alert(1)</script>\n1,"<img src=x onerror=alert(1)>",139,"]]>&""\x1b[31m"\n'
    "2,张\u200b伟,13900001234,=cmd|'/C calc'!A0\n3,李娜,12345678901,\x07\n"
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    path = tmp_path_factory.mktemp("hostile") / "leads & <b>.csv"
    path.write_text(HOSTILE, "utf-8")
    return check_file(CheckRequest(path, Config(), "zh", path.parent))


@cache
def of_samples(name: str) -> Checked:
    path = ROOT / "sample_data" / name
    return check_file(CheckRequest(path, Config(), "zh", path.parent))


def render(checked: Checked, form: str) -> str:
    document = _rendered(checked, form, 100)
    return document if isinstance(document, str) else document.decode("utf-8-sig")


@pytest.fixture(params=["leads.csv", "customers.xlsx", "hostile"])
def checked(request: pytest.FixtureRequest) -> Checked:
    found: Checked = request.getfixturevalue("hostile") if request.param == "hostile" else of_samples(request.param)
    return found


def test_json_keeps_to_the_published_schema(checked: Checked) -> None:
    schema = json.loads((ROOT / "docs" / "check.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    content = json.loads(render(checked, "json"))
    jsonschema.validate(content, schema, jsonschema.Draft202012Validator)
    assert len(content["findings"]) == checked.findings.height
    assert content["passed"] is (content["summary"]["errors"] == 0)


def test_the_schema_refuses_what_is_not_in_it() -> None:
    schema = json.loads((ROOT / "docs" / "check.schema.json").read_text("utf-8"))
    content = json.loads(render(of_samples("leads.csv"), "json"))
    for change in ({"schema_version": 2}, {"more": 1}, {"fail_on": "info"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(content | change, schema)


def test_sarif_keeps_to_its_schema(checked: Checked) -> None:
    schema = json.loads((ROOT / "tests/data/check/sarif-2.1.0-subset.schema.json").read_text("utf-8"))
    content = json.loads(render(checked, "sarif"))
    jsonschema.validate(content, schema, jsonschema.Draft202012Validator)
    run = content["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(rules) == len(set(rules))
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in run["results"])
    assert len(run["results"]) == checked.findings.height


def test_sarif_names_lines_of_text_and_cells_of_workbooks() -> None:
    lines = json.loads(render(of_samples("leads.csv"), "sarif"))["runs"][0]["results"]
    cells = json.loads(render(of_samples("customers.xlsx"), "sarif"))["runs"][0]["results"]
    broken = next(r for r in lines if r["ruleId"] == "cell.digits_lost")
    assert broken["locations"][0]["physicalLocation"]["region"] == {"startLine": 33}
    invalid = next(r for r in cells if r["ruleId"] == "credit_code.unrecoverable")
    assert "region" not in invalid["locations"][0]["physicalLocation"]
    assert re.fullmatch(r".+![A-Z]+\d+", invalid["locations"][0]["logicalLocations"][0]["fullyQualifiedName"])


def test_junit_has_one_case_per_rule_and_fails_those_at_fail_on(checked: Checked) -> None:
    suite = ElementTree.fromstring(render(checked, "junit")).find("testsuite")
    assert suite is not None
    cases = suite.findall("testcase")
    names = [case.get("name") for case in cases]
    assert len(names) == len(set(names)) == int(suite.attrib["tests"])
    assert set(checked.findings["rule"]) <= set(names)
    failed = {case.get("name") for case in cases if case.find("failure") is not None}
    errors = set(checked.findings.filter(checked.findings["severity"] == "error")["rule"])
    assert failed == errors
    assert int(suite.attrib["failures"]) == len(failed)
    assert all(set(case.attrib) == {"name", "classname", "time"} for case in cases)


def test_csv_has_a_line_per_finding_and_no_live_formula(checked: Checked) -> None:
    rows = list(csv.DictReader(io.StringIO(render(checked, "csv"), newline="")))
    assert len(rows) == checked.findings.height
    assert tuple(rows[0]) == TEXT_COLUMNS
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


class Page(HTMLParser):
    """Tags and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_html_asks_nothing_of_the_network_and_runs_nothing(checked: Checked) -> None:
    page = Page()
    page.feed(render(checked, "html"))
    assert not {tag for tag, _ in page.tags} & {"script", "img", "link", "iframe", "object", "form", "a", "svg"}
    assert not [a for _, attributes in page.tags for a in attributes if a.startswith("on") or a in ("src", "href")]
    assert "http://" not in page.text
    assert "https://" not in page.text
    assert sum(tag == "tr" for tag, _ in page.tags) == 1 + checked.findings.height + checked.findings["rule"].n_unique()


def test_html_shows_what_the_file_says_as_text(hostile: Checked) -> None:
    page = Page()
    page.feed(render(hostile, "html"))
    assert "<script>alert(1)</script>" in page.text
    assert "leads & <b>.csv" in page.text


def test_text_moves_no_terminal_and_ends_with_a_verdict(hostile: Checked) -> None:
    text = render(hostile, "text")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u200b]", text)
    assert text.rstrip().splitlines()[-1].startswith("不通过：")
    assert "C2" in text


def test_text_lists_as_many_as_asked_for() -> None:
    checked = of_samples("leads.csv")
    short, long = (_rendered(checked, "text", limit) for limit in (3, 0))
    assert short.count("  [") == 3
    assert "--limit 0" in short
    assert long.count("  [") == checked.findings.filter(checked.findings["severity"] != "info").height


@pytest.mark.parametrize("form", ["text", "json", "csv", "junit", "sarif", "html"])
def test_no_format_shows_a_whole_number_or_name(form: str) -> None:
    text = render(of_samples("leads.csv"), form)
    assert not re.search(r"(?<![0-9a-f])1[3-9]\d{9}(?!\d)", text)
    for name in of_samples("leads.csv").findings.filter(of_samples("leads.csv").findings["field"] == "person_name")[
        "value"
    ]:
        assert name is None or len(name) < 3 or name not in text
