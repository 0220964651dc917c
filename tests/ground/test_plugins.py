"""What installed distributions add: each extension of the example has its effect, a faulty one is told, none changes nothing."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from guiyi.config import Config
from guiyi.docs.extending import LANGUAGES, extending_reference
from guiyi.docs.reference import page
from guiyi.errors import UsageError
from guiyi.plugins import POINTS, find_plugins, load_named, plugin_versions
from guiyi.tests.conftest import clean_environment
from guiyi.tests.plugin_site import EXAMPLE, install, install_example

ROOT = Path(__file__).parent.parent.parent
HEAD = "客户编号,联系人,手机号,爱车主车牌,更新时间\n"
FIRST = """1,张伟强,13951880734,苏a·12345,2026-01-01
2,张伟强,13851883411,苏A12345,2026-02-02
3,李小红,13951880736,苏A1234,2026-02-02
4,赵一曼,13951880738,苏AD12345,2026-02-03
5,赵一曼,13951880738,苏AD1234,2026-02-04
6,钱多多,13951880750,,2026-02-04
"""
SECOND = "7,王大川,13951880737,苏a12345,2026-03-01\n8,张伟强,13951880799,苏A-12345,2026-03-02\n"
CARD = "BEGIN:VCARD\nVERSION:3.0\nFN:陈立新\nTEL;TYPE=CELL:13951880744\nNOTE:苏E88888\nEND:VCARD\n"
# Two nights, the second one incremental; what the store then says.
NIGHTS = """
import json
from pathlib import Path
from guiyi.config import Config
from guiyi.io.store.store import open_store
from guiyi.pipelines.context import RunOptions
from guiyi.pipelines.nightly.run import run_nightly

store, config = Path("a.duckdb"), Config.model_validate({"incremental": {"whole_above": 1.0}, "sources": {"*": {"name": "s"}}})
run_nightly([Path("leads1.csv"), Path("book.vcf")], store, config)
run_nightly([Path("leads2.csv")], store, config, options=RunOptions(breaker=False))
with open_store(store) as opened:
    number = dict(opened.table("record").select("record_key", "source_record_id").iter_rows())
    print(json.dumps({
        "plates": dict(opened.table("record").sort("source_record_id").select("source_record_id", "plate").iter_rows()),
        "people": opened.table("record")["person_name"].sort().to_list(),
        "changes": opened.table("cell_change").filter(rule="plate.form")["source_record_id"].sort().to_list(),
        "findings": {
            rule: opened.table("finding").filter(rule=rule)["source_record_id"].drop_nulls().sort().to_list()
            for rule in ("plate.invalid", "plate.several_owners", "plate.missing")
        },
        "reasons": {
            "-".join(sorted(number[k] or "" for k in pair[:2])): json.loads(pair[2]).get("plate")
            for pair in opened.table("pair").filter(level="contact").select("record_key_l", "record_key_r", "reasons").iter_rows()
        },
        "golden": opened.table("golden_value").filter(field="plate").select("value", "rule").sort("value").rows(),
        "run": opened.last_run()["config_hash"], "mode": opened.last_run()["mode"],
        "audit": [json.loads(text).get("plugins") for text in opened.table("audit_event")["detail"].to_list()],
    }, ensure_ascii=False))
"""


def run(folder: Path, *command: str, site: Path | None = None) -> "subprocess.CompletedProcess[str]":
    environment = clean_environment(**{} if site is None else {"PYTHONPATH": str(site)})
    return subprocess.run(
        [sys.executable, *command], cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install_example(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def plugged(tmp_path_factory: pytest.TempPathFactory, site: Path) -> tuple[Path, dict[str, Any]]:
    """A folder in which the example ran for two nights, and what its store says."""
    folder = tmp_path_factory.mktemp("plugged")
    (folder / "leads1.csv").write_text(HEAD + FIRST, "utf-8")
    (folder / "leads2.csv").write_text(HEAD + SECOND, "utf-8")
    (folder / "book.vcf").write_text(CARD, "utf-8")
    done = run(folder, "-c", NIGHTS, site=site)
    assert done.returncode == 0, done.stderr
    return folder, json.loads(done.stdout)


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        pytest.param("plates", {
            "1": "苏A12345", "2": "苏A12345", "3": "苏A1234", "4": "苏AD12345", "5": "苏AD1234", "6": None, "7": "苏A12345",
            "8": "苏A12345", None: "苏E88888",
        }, id="field, kind, header words: a column that is read and cleaned"),
        pytest.param("changes", ["1", "7", "8"], id="kind: what cleaning did is told"),
        pytest.param("people", ["张伟强", "张伟强", "张伟强", "李小红", "王大川", "赵一曼", "赵一曼", "钱多多", "陈立新"], id="reader"),
        pytest.param("findings", {
            "plate.invalid": ["3"], "plate.several_owners": ["1", "2", "7", "8"], "plate.missing": ["6"],
        }, id="rules: of a cell, over all rows of all nights, and of a pack"),
        pytest.param("golden", [["苏A12345", "survivorship.longest_plate"], ["苏AD12345", "survivorship.longest_plate"]],
                     id="survivorship"),
        pytest.param("mode", "incremental", id="the second night was an incremental one"),
        pytest.param("audit", [["guiyi-example 0.1"], ["guiyi-example 0.1"]], id="the audit names the plug-ins of a run"),
    ],
)  # fmt: skip
def test_an_extension_has_its_effect(plugged, what: str, expected: object) -> None:
    said = plugged[1][what]
    assert said == (json.loads(json.dumps(expected)) if what == "plates" else expected)


def test_a_comparison_weighs_and_a_key_brings_together(plugged) -> None:
    reasons = plugged[1]["reasons"]
    assert reasons["4-5"] == {"level": "different", "weight": -1.0}
    assert reasons["1-2"]["level"] == "same" and reasons["1-2"]["weight"] > 10, "its rarity is counted from the file"
    assert reasons["1-8"]["level"] == "same", "found in the store by the key of the plug-in: no other is shared"


def test_the_check_of_one_file_hears_all_rules(plugged, site: Path) -> None:
    done = run(plugged[0], "-m", "guiyi", "check", "leads1.csv", "--format", "json", site=site)
    told = {(f["row"], f["rule"]) for f in json.loads(done.stdout)["findings"] if f["rule"].startswith("plate.")}
    assert told == {(4, "plate.invalid"), (7, "plate.missing")}


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(["--format", "md"], id="by its name"),
        pytest.param(["-o", "r.md"], id="by the suffix of the file"),
    ],
)
def test_a_writer_gives_export_its_format(plugged, site: Path, options: list[str]) -> None:
    folder, _ = plugged
    done = run(folder, "-m", "guiyi", "export", "record", "--db", "a.duckdb", "--masked", *options, site=site)
    text = done.stdout or (folder / "r.md").read_text("utf-8")
    assert text.startswith("| record_key | source |")
    assert "苏AD***45" in text and "苏AD12345" not in text


def test_doctor_names_plugins_with_their_version_and_what_they_add(plugged, site: Path) -> None:
    done = run(plugged[0], "-m", "guiyi", "doctor", "--db", "a.duckdb", "--format", "json", site=site)
    told = json.loads(done.stdout)["plugin.guiyi-example"]
    assert told.startswith("0.1, ") and "fields plate" in told and "readers .vcf" in told


def test_a_store_is_read_and_brought_forward_without_the_plugin(plugged, site: Path) -> None:
    folder, before = plugged
    (folder / "guiyi.toml").write_text("""[sources."*"]\nname = "s"\n""", "utf-8")
    (folder / "b.duckdb").write_bytes((folder / "a.duckdb").read_bytes())
    for command in (["groups"], ["report"], ["plan", "-o", "p.json"], ["export", "record", "--masked"]):
        done = run(folder, "-m", "guiyi", *command, "--db", "b.duckdb")
        assert done.returncode == 0, done.stderr
    done = run(folder, "-m", "guiyi", "run", "leads2.csv", "--db", "b.duckdb", "--accept-change", "--quiet")
    assert done.returncode == 0, done.stderr
    again = run(folder, "-c", NIGHTS.split("run_nightly([")[0] + "\n".join((
        'with open_store(Path("b.duckdb")) as opened:',
        '    run, record = opened.last_run(), opened.table("record")',
        '    print(json.dumps([run["config_hash"], "plate" in record.columns, record.height]))',
    )))  # fmt: skip
    config, there, rows = json.loads(again.stdout)
    assert (there, rows) == (False, 9)
    assert config != before["run"], "the plug-ins are part of what a run depends on"


LICENCES = """
import polars as pl
from guiyi.dedup.policy.comparisons import Comparison, Level, missing, same
from guiyi.dedup.policy.keys import Key, Lookup
from guiyi.field import TIME, Field
from guiyi.i18n import Text
FIELDS = (Field("licence", Text("许可证号", "licence"), "许可证号", "licence", "plain", headers=("许可证号",), company=True),
          Field("opened_at", Text("开业", "opened"), "开业", "opened", "date", headers=("开业日期",), dtype=TIME))
WORDS = {"zh": "许可证", "en": "licence"}
EVIDENCE = {"account": {"keys": {"licence": WORDS}, "licence": {"name": WORDS, "same": {"bits": 1.0, **WORDS}}}}
KEYS = (Key("licence", (pl.col("licence"),), (Lookup("licence", pl.col("licence")),)),)
COMPARISONS = (Comparison("licence", (Level("null", missing("licence")), Level("same", same("licence"), "licence_rarity"))),)
"""


def test_companies_have_keys_and_comparisons_and_a_field_may_be_a_time(tmp_path: Path) -> None:
    points = {
        "fields": "m:FIELDS",
        "evidence": "m:EVIDENCE",
        "account_keys": "m:KEYS",
        "account_comparisons": "m:COMPARISONS",
    }
    install(tmp_path / "site", "acme", "1.0", points, {"m": LICENCES})
    rows = "公司名称,许可证号,开业日期\n苏州金鼎商贸有限公司,JY001,2020/1/2\n无锡长虹机电有限公司,JY001,\n"
    (tmp_path / "a.csv").write_text(rows, "utf-8")
    code = NIGHTS.split("store, config")[0] + "\n".join((
        'run_nightly([Path("a.csv")], Path("a.duckdb"), Config.model_validate({"thresholds": {"floor": 0.0}}))',
        'with open_store(Path("a.duckdb")) as opened:',
        '    reasons = json.loads(opened.table("pair")["reasons"][0])["licence"]["level"]',
        '    print(json.dumps([reasons, str(opened.table("record")["opened_at"].max())]))',
    ))  # fmt: skip
    done = run(tmp_path, "-c", code, site=tmp_path / "site")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == ["same", "2020-01-02 00:00:00"]


@pytest.mark.parametrize(
    ("points", "module", "name", "code", "told"),
    [
        pytest.param({"readers": "m:X"}, "X = {'.vcf': lambda data, options: 1 / 0}", "a.vcf", 3, "vcf", id="reader"),
        pytest.param(
            {"rules": "m:X"},
            "from guiyi.i18n import Text\nfrom guiyi.rules.catalog import RuleEntry\n"
            "X = (RuleEntry('acme.rule', 'rows', 'info', Text('规', 'r'), '1', find=lambda record: 1 / 0),)",
            "a.csv", 2, "acme.rule", id="check over rows",
        ),
    ],
)  # fmt: skip
def test_an_extension_that_fails_at_work_is_told_without_a_cell(
    tmp_path: Path, points: dict[str, str], module: str, name: str, code: int, told: str
) -> None:
    install(tmp_path / "site", "acme", "1.0", points, {"m": module})
    (tmp_path / name).write_text("联系人,手机\n张伟强,13951880734\n", "utf-8")
    done = run(tmp_path, "-m", "guiyi", "check", name, site=tmp_path / "site")
    assert done.returncode == code and told in done.stderr and "ZeroDivisionError" in done.stderr


# One sentence that names the distribution, and exit code 2.
FAULTS = [
    pytest.param({"fields": "bad:FIELDS"}, "", "AttributeError", id="nothing of that name"),
    pytest.param({"fields": "nowhere:FIELDS"}, "", "ModuleNotFoundError", id="no such module"),
    pytest.param({"rules": "bad:RULES"}, "RULES = 1 / 0", "ZeroDivisionError", id="a module that fails"),
    pytest.param({"colours": "bad:X"}, "X = ()", "colours", id="no such point"),
    pytest.param({"fields": "bad:X"}, "X = ('tier',)", "Field", id="a field that is none"),
    pytest.param({"readers": "bad:X"}, "X = 'abc'", "readers", id="neither mapping nor sequence"),
    pytest.param({"writers": "bad:X"}, "X = {'csv': print}", "csv", id="a name that guiyi has"),
    pytest.param({"packs": "bad:X"}, "X = {'p.toml': '[[rule]]'}", "p.toml", id="a pack that is none"),
    pytest.param(
        {"fields": "bad:X"},
        "from guiyi.field import Field\nfrom guiyi.i18n import Text\nT = Text('层', 't')\nX = (Field('tier', T, 't', 't', 'colour'),)",
        "colour", id="a field of no kind",
    ),
    pytest.param(
        {"fields": "bad:X"},
        "from guiyi.field import Field\nfrom guiyi.i18n import Text\nT = Text('层', 't')\nX = (Field('brand', T, 't', 't', 'plain'),)",
        "brand", id="a field with the name of a feature",
    ),
    pytest.param(
        {"contact_keys": "bad:X"},
        "import polars as pl\nfrom guiyi.dedup.policy.keys import Key\nX = (Key('tier', (pl.col('name'),)),)",
        "tier", id="a key without words",
    ),
    pytest.param(
        {"contact_comparisons": "bad:X"},
        "from guiyi.dedup.policy.comparisons import *\nX = (Comparison('tier', (Level('same', same('name')),)),)",
        "tier", id="a comparison without weights",
    ),
    pytest.param({"header_words": "bad:X"}, "X = {'colour': ('颜色',)}", "colour", id="header words of no list"),
]  # fmt: skip


@pytest.mark.parametrize(("points", "module", "named"), FAULTS)
def test_a_faulty_plugin_is_told_in_one_sentence(
    tmp_path: Path, points: dict[str, str], module: str, named: str
) -> None:
    install(tmp_path / "site", "acme-tiers", "1.0", points, {"bad": module})
    done = run(tmp_path, "-m", "guiyi", "--lang", "en", "doctor", site=tmp_path / "site")
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("\n") == 1 and "acme-tiers" in done.stderr and named in done.stderr


@pytest.fixture
def discover(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is searched for plug-ins as if the process had begun with it."""
    monkeypatch.syspath_prepend(str(tmp_path))
    find_plugins.cache_clear()
    yield tmp_path
    find_plugins.cache_clear()


def test_plugins_count_by_name_and_version(discover: Path) -> None:
    before = Config().digest()
    find_plugins.cache_clear()
    install(discover, "acme", "1.0", {"packs": "acme_packs:X"}, {"acme_packs": "X = {}"})
    assert plugin_versions() == ["acme 1.0"]
    assert Config().digest() != before


def test_two_plugins_cannot_add_the_same(discover: Path) -> None:
    for name in ("one", "other"):
        install(discover, name, "1.0", {"readers": f"{name}_m:X"}, {f"{name}_m": "X = {'.vcf': print}"})
    with pytest.raises(UsageError) as told:
        load_named("readers")
    assert told.value.what.en == "The plug-in other cannot be used at readers .vcf: the name is taken."


def test_without_plugins_nothing_is_loaded_that_could_find_some(tmp_path: Path) -> None:
    code = "import sys, guiyi.plugins as p; print(p.find_plugins(), 'importlib.metadata' in sys.modules)"
    assert run(tmp_path, "-c", code).stdout.strip() == "() False"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_document_shows_the_files_that_were_run(language: str) -> None:
    path = ROOT / "docs" / language / "extending.md"
    text = path.read_text("utf-8")
    assert text == page(text, extending_reference(language)), "python docs/generate.py"


def test_the_example_uses_every_point_of_a_level() -> None:
    named = set(EXAMPLE.joinpath("pyproject.toml").read_text("utf-8").split())
    assert {p for p in POINTS if not p.startswith("account_")} <= named
