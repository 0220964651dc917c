"""A field is said once: in fields.py, or by a plug-in. Everything that has to know it is made from there."""

import json
import subprocess
import sys

import pytest
from guiyi.fields import BY_NAME, FIELDS, GOLDEN_FIELDS, MAPPED_FIELDS
from guiyi.rules.columns.header_meaning import own_words
from guiyi.rules.survivorship import DEFAULTS
from guiyi.rules.types import KINDS
from guiyi.schemas import RECORD
from guiyi.tests.conftest import clean_environment
from guiyi.tests.plugin_site import install

TIER = """
from guiyi.field import Field
from guiyi.i18n import Text
FIELDS = (Field("tier", Text("会员等级", "tier"), "会员等级", "tier of membership", "plain", "name", headers=("会员等级",),
                mask="person", contested=True, searched=True),)
"""
# A field of a plug-in is made into everything by the same lines as one of fields.py: every room is asked about it.
MADE_UP = """
import json
from pathlib import Path
from guiyi.config import Config
from guiyi.io.store.journal import decisions_of
from guiyi.io.store.migrations import sql_type
from guiyi.io.store.store import open_store
from guiyi.pipelines.steward import decide
from guiyi.pipelines.steward.browse import find_group, group_view
from guiyi.pipelines.setup.init_config import sketch
from guiyi.pipelines.merge.apply import plan_of
from guiyi.pipelines.merge.sheets import load_template, sheets
from guiyi.pipelines.nightly.run import run_nightly
from guiyi.pipelines.steward.workbook_out import BookRequest, write_workbook
from guiyi.reports.masking import masked
from guiyi.docs.reference import config_reference, tables_reference
from guiyi.reports.terminal import heading
from guiyi.review.group_view import GOLDEN_FIELDS as PAGE
from guiyi.review.published import _SEARCHED
from guiyi.schemas import TABLES
import openpyxl

store = Path("a.duckdb")
config = Config.model_validate({"sources": {"leads": {"headers": {"等级": "tier"}}}, "survivorship": {"tier": "earliest"}})
run_nightly([Path("leads.csv")], store, config, "zh")
with open_store(store) as opened:
    record, golden = opened.table("record").sort("source_record_id"), opened.table("golden_value").filter(field="tier")
    changes = opened.table("cell_change").filter(field="tier")["rule"].to_list()
    group = str(opened.table("duplicate_group")["group_id"][0])
decide.choose(store, group, "tier", "2", None, None)
run_nightly([], store, config, "zh")
write_workbook(store, Path("book.xlsx"), BookRequest(band="auto"))
plan = plan_of(store)
print(json.dumps({
    "record": record["tier"].to_list(), "changes": changes, "golden": golden["value"].to_list(), "heading": heading("tier"),
    "masked": masked(record.select("tier"))["tier"].to_list(), "page": "tier" in PAGE, "searched": "tier" in _SEARCHED,
    "book": [c.value for c in openpyxl.load_workbook("book.xlsx").worksheets[0][1] if c.value and "会员等级" in c.value],
    "decided": json.loads(decisions_of(store)["detail"][0])["value"],
    "sheet": sheets(plan, load_template(None))["survivors"]["会员等级"].to_list(),
    "init": "会员等级" in sketch(Path("leads.csv"), Path()).text,
    "tables": "`tier`" in tables_reference(TABLES, sql_type, "en"), "config": "tier" in config_reference(Config.model_json_schema(), "en"),
}, ensure_ascii=False))
"""


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What every room says of a field that was declared in one line."""
    folder = tmp_path_factory.mktemp("made-up")
    rows = "1,张伟强,13951880734,金 卡\u200b,2026-01-01\n2,张伟强,13951880734,银卡,2026-02-02\n"
    (folder / "leads.csv").write_text("客户编号,联系人,手机号,会员等级,更新时间\n" + rows, "utf-8")
    install(folder / "site", "tiers", "1.0", {"fields": "tiers:FIELDS"}, {"tiers": TIER})
    environment = clean_environment(PYTHONPATH=str(folder / "site"))
    command = [sys.executable, "-c", MADE_UP]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize(
    ("room", "expected"),
    [
        pytest.param("record", ["金 卡", "银卡"], id="read by its header, cleaned, a column of record"),
        pytest.param("changes", ["text.invisible"], id="what cleaning did is told"),
        pytest.param("golden", ["金 卡"], id="golden, by the configured survivorship"),
        pytest.param("heading", "会员等级", id="heading"),
        pytest.param("masked", ["金*", "银*"], id="masked"),
        pytest.param("page", True, id="on the page"),
        pytest.param("searched", True, id="searched on the page"),
        pytest.param("book", ["会员等级", "采用·会员等级"], id="shown and choosable in the workbook"),
        pytest.param("decided", "银卡", id="chosen from the command line"),
        pytest.param("sheet", ["银卡"], id="in the sheet for the CRM"),
        pytest.param("init", True, id="in the configuration that init writes"),
        pytest.param("tables", True, id="in the document of tables"),
        pytest.param("config", True, id="in the document of the configuration"),
    ],
)
def test_a_field_that_is_declared_in_one_line_is_everywhere(made_up, room: str, expected: object) -> None:
    assert made_up[room] == expected


def test_fields_are_consistent() -> None:
    assert len(BY_NAME) == len(FIELDS)
    later = sorted(f.added for f in FIELDS if f.added)
    assert later == list(range(1, len(later) + 1)), "a column of a store stays where it was put"
    assert {f.kind for f in FIELDS} <= {None, *KINDS}
    assert all(BY_NAME[f.of].golden for f in FIELDS if f.of)
    assert set(own_words().values()) == set(MAPPED_FIELDS)
    assert set(DEFAULTS) <= set(GOLDEN_FIELDS) <= set(RECORD.names)
