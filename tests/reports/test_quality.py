"""guiyi report: its four forms, what it hides, what it refuses, and the rows behind a figure."""

import json
import re
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from guiyi.config import Config
from guiyi.errors import UsageError
from guiyi.io.store.store import open_store
from guiyi.pipelines.context import RunOptions
from guiyi.pipelines.nightly.run import run_nightly
from guiyi.pipelines.report.quality import TrustError, drill, make_report, release
from guiyi.reports.quality.figures import catalogue
from guiyi.reports.quality.html import render_html
from guiyi.reports.quality.json import render_json
from guiyi.reports.quality.text import render_text
from guiyi.reports.quality.xlsx import render_xlsx
from guiyi.reports.terminal import HEADINGS
from guiyi.tests.conftest import Command
from guiyi.tests.report_store import asked, measured, nights, two_sources

__all__ = ["nights", "two_sources"]

# Personal data of the samples and of the two sources, as it stands in the stores.
PERSONAL = ("13812345678", "王小明", "李娜", "13900000001", "8613900000002")
STRICT = Config.model_validate({"report": {"trust": 1.0}})


def audits(db: Path) -> list[tuple[str, dict[str, object]]]:
    return [
        (str(action), json.loads(str(detail)))
        for action, detail in asked(db, 'SELECT action, detail::VARCHAR FROM main.audit_event ORDER BY "at"')
    ]


# rows behind a figure


@pytest.mark.parametrize(
    ("metric", "counts"),
    [
        pytest.param("rows:clean", ["rows:clean"], id="clean-rows"),
        pytest.param("rows", ["rows:quarantined"], id="rows-means-quarantined-ones"),
        pytest.param("quarantine_rate", ["rows:quarantined"], id="quarantine"),
        pytest.param("null_rate:phone", ["null_rate:phone"], id="rows-without-a-phone"),
        pytest.param("findings:error", ["findings:error"], id="errors"),
        pytest.param("findings:phone.several", ["findings:phone.several"], id="findings-of-a-rule"),
        pytest.param("cells_changed:phone.e164", ["cells_changed:phone.e164"], id="changes-of-a-rule"),
        pytest.param("duplicate_rate:account", ["groups_auto:account", "groups_review:account"], id="groups"),
        pytest.param("fragmentation_rate", ["fragmentation_rate:run"], id="surplus-copies"),
        pytest.param("groups_review:account", ["groups_review:account"], id="groups-to-review"),
        pytest.param("largest_group", ["largest_group:contact"], id="the-largest-group"),
        pytest.param("pairs_auto:account", ["pairs_auto:account"], id="certain-pairs"),
        pytest.param("pairs_review", ["pairs_review:contact"], id="uncertain-pairs"),
        pytest.param("pairs_below:account", ["pairs_below:account"], id="pairs-alike"),
        pytest.param("certain_rate", ["groups_review:contact", "groups_review:account"], id="groups-in-doubt"),
    ],
)
def test_a_drill_lists_as_many_rows_as_the_figure_counts(metric: str, counts: list[str], nights: Path) -> None:
    """Shares are of the clean rows."""
    figures = measured(nights)
    clean = figures["rows", "clean"] or 0
    values = {f"{n}:{s}": (v or 0) * (clean if n.endswith("rate") else 1) for (n, s), v in figures.items()}
    told = drill(nights, metric, Config(), 0)
    assert told.total == told.rows.height == round(sum(values[c] for c in counts))


def test_the_drill_of_trust_lists_its_parts(nights: Path) -> None:
    parts = drill(nights, "trust", Config(), 0).rows
    assert (parts["weight"] * parts["value"]).sum() == pytest.approx(measured(nights)["trust", "run"])


def test_drills_of_shares_hold_their_numerators(nights: Path) -> None:
    figures = measured(nights)
    odd = drill(nights, "abnormal_rate", Config(), 0).rows
    assert odd["record_key"].n_unique() == round(
        (figures["abnormal_rate", "run"] or 0) * (figures["rows", "read"] or 0)
    )
    empty = drill(nights, "validity_rate:company_name", Config(), 0).rows
    ((valid,),) = asked(nights, "SELECT count(company_name) FROM main.record")
    assert figures["validity_rate", "company_name"] == pytest.approx(valid / (valid + empty.height))  # type: ignore[operator]


def test_the_drill_of_id_match_lists_the_records_that_disagree(two_sources: Path) -> None:
    rows = drill(two_sources, "id_match_rate", Config(), 0).rows
    assert rows.select("kind", "id", "source").rows() == [
        ("source_record_id", "1003", "crm"),
        ("source_record_id", "1003", "erp"),
    ]


@pytest.mark.parametrize("name", list(catalogue(Config())))
def test_every_drill_runs_and_is_masked(name: str, two_sources: Path) -> None:
    told = drill(two_sources, name, Config(), 0)
    shown = told.rows.write_csv()
    assert not any(secret in shown for secret in PERSONAL)
    assert set(told.rows.columns) <= set(HEADINGS), "a head in both languages"


def test_limits_unknown_metrics_and_unknown_scopes(nights: Path) -> None:
    told = drill(nights, "findings", Config(), 3)
    assert told.rows.height == 3 < told.total
    with pytest.raises(UsageError, match="null_rate, unreachable_rate, validity_rate"):
        drill(nights, "nonsense", Config(), 3)
    with pytest.raises(UsageError, match="phone, phone_extension"):
        drill(nights, "null_rate:nonsense", Config(), 3)


# the four forms


def test_html_asks_for_nothing_and_runs_nothing(nights: Path) -> None:
    page = render_html(make_report(nights, Config(), "zh"))
    assert not re.search(r"<script|\son\w+=|javascript:|@import|\sstyle=", page)
    assert set(re.findall(r'(?:src|href)="([^"]*)"', page)) == {"data:,"}
    assert "default-src 'none'" in page
    assert "unsafe" not in page
    assert len(page.encode()) < 500_000


class Balanced(HTMLParser):
    """Every element that needs an end has one, in order."""

    VOID = ("meta", "link", "input", "br", "circle", "rect", "path")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, _attrs: object) -> None:
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, _tag: str, _attrs: object) -> None:
        return

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_html_is_well_formed_in_both_languages(nights: Path) -> None:
    for language, title in (("zh", "客户数据质量报告"), ("en", "Customer data quality report")):
        page = render_html(make_report(nights, Config(), language))  # type: ignore[arg-type]
        parser = Balanced()
        parser.feed(page)
        assert parser.open == []
        assert f"<h1>{title}</h1>" in page


def test_html_shows_formula_sql_and_drill_of_every_figure(nights: Path) -> None:
    from html import unescape

    page = unescape(render_html(make_report(nights, Config(), "zh")))
    quality = make_report(nights, Config(), "zh")
    for name, figure in quality.catalogue.items():
        assert figure.formula.zh in page, name
        assert figure.sql in page, name
        assert f"guiyi report --drill {name}" in page, name


def test_a_grey_figure_brings_its_repair_guide(nights: Path) -> None:
    relaxed = Config.model_validate({"report": {"null_rate": 1.0}})
    guide = catalogue(Config())["null_rate"].repair
    assert guide is not None
    assert guide.zh in render_html(make_report(nights, Config(), "zh"))
    assert guide.zh not in render_html(make_report(nights, relaxed, "zh"))
    assert f"○ 空值率：{guide.zh}" in render_text(make_report(nights, Config(), "zh"), 200)


def test_what_people_type_is_text_on_the_page_and_in_the_workbook(tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_text(
        "客户编号,客户名称,联系人,手机号,负责人\n"
        "1,<script>alert(1)</script>有限公司,张伟,12,<img src=x onerror=alert(2)>\n2,乙公司,李娜,13900005678,=cmd()\n",
        "utf-8",
    )
    run_nightly([source], tmp_path / "a.duckdb", Config(), "zh")
    quality = make_report(tmp_path / "a.duckdb", Config(), "zh")
    page = render_html(quality)
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;img src=x onerror=alert(2)&gt;" in page
    book = openpyxl.load_workbook(BytesIO(render_xlsx(quality)))
    assert [c.coordinate for s in book for row in s.iter_rows() for c in row if c.data_type == "f"] == []


def test_the_workbook_holds_every_figure_as_a_number(nights: Path) -> None:
    quality = make_report(nights, Config(), "zh")
    book = openpyxl.load_workbook(BytesIO(render_xlsx(quality)))
    first = book.worksheets[0]
    rows = {(r[6], r[7]): r[2] for r in first.iter_rows(min_row=5, values_only=True)}
    expected = {(n, s): v for n, s, v in quality.figures.select("name", "scope", "value").iter_rows()}
    assert rows.keys() == expected.keys()
    assert all(v is None or rows[k] == pytest.approx(v) for k, v in expected.items())
    assert len(book.worksheets) == 6
    assert "可信度" in str(first.oddHeader.right.text)


def test_json_holds_figures_catalogue_lists_and_trend(nights: Path) -> None:
    told = json.loads(render_json(make_report(nights, Config(), "en")))
    assert told["version"] == 1
    assert told["trust"]["trusted"] is True
    assert {f["name"] for f in told["figures"]} == {e["name"] for e in told["catalogue"]}
    assert len({t["run_id"] for t in told["trend"]}) == 4
    assert {"top_findings", "owners", "sources", "owner_errors", "source_errors", "changes"} <= set(told["lists"])
    assert all(f["advice"] for f in told["lists"]["top_findings"])


def test_lists_rank_and_count_what_they_say(nights: Path) -> None:
    lists = make_report(nights, Config(), "zh").lists
    assert lists["sources"]["completeness"].to_list() == sorted(lists["sources"]["completeness"], reverse=True)
    assert lists["owner_errors"].group_by("name").len()["len"].max() <= 3  # type: ignore[operator]
    records = dict(lists["sources"].select("name", "records").iter_rows())
    assert records == {str(s): n for s, n in asked(nights, "SELECT source, count(*) FROM main.record GROUP BY source")}
    counted = {
        (str(r), n)
        for r, n in asked(nights, "SELECT rule, count(*) FROM main.finding WHERE severity <> 'info' GROUP BY rule")
    }
    assert set(lists["top_findings"].select("rule", "findings").iter_rows()) == counted


def test_changes_since_the_last_run_are_counted(tmp_path: Path) -> None:
    source, db = tmp_path / "leads.csv", tmp_path / "a.duckdb"
    config = Config.model_validate({"sources": {"leads*": {"snapshot": True}}, "gates": {"gone": 1.0}})
    head = "客户编号,联系人,手机号\n"
    source.write_text(head + "1,张伟,13900001234\n2,李娜,13900005678\n3,李娜,13900005678\n", "utf-8")
    run_nightly([source], db, config, "zh")
    assert make_report(db, Config(), "zh").previous is None
    source.write_text(
        head + "1,张伟,13900001234\n2,李娜,13900005678\n4,赵敏,13900007890\n5,钱进,13900007891\n", "utf-8"
    )
    run_nightly([source], db, config, "zh", options=RunOptions(breaker=False))
    changes = dict(make_report(db, Config(), "zh").lists["changes"].iter_rows())
    assert changes == {"records_new": 2, "records_gone": 1, "groups_new": 0, "groups_gone": 1}


def test_the_finding_of_a_column_names_the_column(tmp_path: Path) -> None:
    for night, made in ((1, "2024-01-05"), (2, "很久以前")):
        rows = "".join(f"{night}{i},张伟,{made}\n" for i in range(20))
        (tmp_path / f"leads_{night}.csv").write_text("客户编号,联系人,创建时间\n" + rows, "utf-8")
        run_nightly(
            [tmp_path / f"leads_{night}.csv"], tmp_path / "a.duckdb", Config(), "zh", options=RunOptions(breaker=False)
        )
    quality = make_report(tmp_path / "a.duckdb", Config(), "zh")
    assert "创建时间 日期 → 文字" in render_text(quality, 200)


def test_the_same_store_gives_the_same_bytes(nights: Path) -> None:
    for render in (render_html, render_json, render_xlsx, render_text):
        one, other = (render(make_report(nights, Config(), "zh")) for _ in range(2))  # type: ignore[operator]
        assert one == other


# personal data, trust


def test_every_form_is_masked(two_sources: Path) -> None:
    quality = make_report(two_sources, Config(), "zh")
    book = openpyxl.load_workbook(BytesIO(render_xlsx(quality)))
    cells = "\n".join(str(c) for s in book for row in s.iter_rows(values_only=True) for c in row if c is not None)
    for text in (render_html(quality), render_json(quality), render_text(quality, 200), cells):
        assert not any(secret in text for secret in PERSONAL)
    assert [a for a, _ in audits(two_sources)] == ["run"]


def test_unmask_shows_the_cells_and_is_audited(two_sources: Path) -> None:
    quality = make_report(two_sources, Config(), "zh", unmask=True)
    assert "138" in quality.lists["examples"]["value"].to_list()
    assert "个人信息未打码" in render_html(quality)
    rows = drill(two_sources, "null_rate:owner", Config(), 0, unmask=True).rows
    assert "李娜" in rows["person_name"].to_list()
    commands = [d["command"] for a, d in audits(two_sources) if a == "unmask"]
    assert commands == ["report", "report --drill null_rate"]


def test_a_run_below_the_trust_threshold_is_not_exported(two_sources: Path) -> None:
    quality = make_report(two_sources, STRICT, "zh")
    with pytest.raises(TrustError, match="--force"):
        release(quality, two_sources, "html", force=False)
    assert [a for a, _ in audits(two_sources)] == ["run"]


def test_a_forced_export_is_audited_with_score_and_threshold(two_sources: Path) -> None:
    quality = make_report(two_sources, STRICT, "zh")
    release(quality, two_sources, "html", force=True)
    action, detail = audits(two_sources)[-1]
    assert action == "report.force"
    assert detail == {
        "run_id": quality.run["run_id"],
        "trust": round(quality.trust or 0, 4),
        "threshold": 1.0,
        "format": "html",
    }


def test_a_trusted_run_leaves_without_a_note_even_when_forced(two_sources: Path) -> None:
    relaxed = Config.model_validate({"report": {"trust": 0.1}})
    release(make_report(two_sources, relaxed, "zh"), two_sources, "html", force=True)
    assert [a for a, _ in audits(two_sources)] == ["run"]


def test_nothing_that_moves_a_terminal_is_left_in_names(two_sources: Path) -> None:
    with open_store(two_sources, write=True) as store:
        store._connection.execute("UPDATE versions.record SET owner = '华东' || chr(27) || '[2J' WHERE source = 'crm'")
    quality = make_report(two_sources, Config(), "zh")
    assert "华东⟨U+001B⟩[2J" in quality.lists["owners"]["name"].to_list()
    assert "\x1b" not in render_text(quality, 200)
    assert "\x1b" not in drill(two_sources, "null_rate:credit_code", Config(), 0).rows.write_csv()


# the command


def test_the_command_writes_refuses_and_forces(guiyi: Command, two_sources: Path, tmp_path: Path) -> None:
    (tmp_path / "strict.toml").write_text("[report]\ntrust = 1.0\n", "utf-8")
    common = ("report", "--db", two_sources, "--config", "strict.toml")
    shown = guiyi(*common)
    assert shown.returncode == 0, shown.stderr
    assert "低于阈值 100%" in shown.stdout
    refused = guiyi(*common, "--format", "html", "-o", "a.html")
    assert refused.returncode == 1
    assert len(refused.stderr.strip().splitlines()) == 1
    assert "--force" in refused.stderr
    assert refused.stdout == ""
    assert not (tmp_path / "a.html").exists()
    forced = guiyi(*common, "--format", "html", "-o", "a.html", "--force")
    assert forced.returncode == 0, forced.stderr
    assert (tmp_path / "a.html").stat().st_mode & 0o077 == 0
    assert [a for a, _ in audits(two_sources)] == ["run", "report.force"]


def test_drill_prints_rows_on_stdout_and_the_formula_on_stderr_with_its_sql_where_asked(
    guiyi: Command, two_sources: Path
) -> None:
    command = ("report", "--lang", "en", "--db", two_sources, "--drill", "null_rate:owner", "--format", "json")
    assert len(guiyi(*command).stderr.splitlines()) == 1
    done = guiyi(*command, "--sql")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert {r["field"] for r in rows} == {"owner"}
    assert f"{len(rows)} rows" in done.stderr
    assert "FROM main.record" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        pytest.param(("--format", "xlsx"), 2, id="a-workbook-needs-a-file"),
        pytest.param(("--drill", "nonsense"), 2, id="no-such-metric"),
        pytest.param(("--drill", "rows", "--format", "html"), 2, id="no-such-form-of-a-drill"),
        pytest.param(("--db", "nowhere.duckdb"), 2, id="no-store"),
    ],
)
def test_wrong_uses_say_so(arguments: tuple[str, ...], code: int, guiyi: Command, two_sources: Path) -> None:
    done = guiyi("report", "--db", two_sources, *arguments)
    assert done.returncode == code
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_store_without_a_run_is_refused(tmp_path: Path) -> None:
    with open_store(tmp_path / "a.duckdb", create=True):
        pass
    with pytest.raises(UsageError, match="guiyi run"):
        make_report(tmp_path / "a.duckdb", Config(), "zh")
