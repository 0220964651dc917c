"""What became of every row that was submitted."""

import json
from pathlib import Path

import pytest
from guiyi.config import Config
from guiyi.io.store.store import open_store
from guiyi.pipelines.context import RunOptions
from guiyi.pipelines.merge.apply import apply_plan, plan_of
from guiyi.pipelines.nightly.run import run_nightly
from guiyi.pipelines.packs.reconcile import entry_rates, reconcile
from guiyi.tests.conftest import Command

CUSTOMERS = """客户编号,姓名,手机号,邮箱,公司
K1,沈知遥,13700001111,,杭州云岫科技有限公司
K2,沈知遥,137-0000-1111,,杭州云岫科技有限公司
K3,陆云舟,13700002222,lu@yunxiu-kj.com,
K4,,,,
"""
LEADS = "线索编号,手机,负责人,状态,隔离原因\nL1,,S1,已分配,\nL2,,,未分配,\nL3,,,隔离,号码格式\n"
SUBMITTED = """线索编号,客户编号,手机号,邮箱,来源渠道
,K1,,,展会
,K2,,,展会
,,13700002222,,官网
,,,LU@yunxiu-kj.com,官网
,K4,,,官网
L1,,,,官网
L2,,,,官网
L3,,,,官网
L9,,13799999999,,官网
"""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    for name, text in (("客户", CUSTOMERS), ("线索", LEADS), ("submitted", SUBMITTED)):
        (tmp_path / f"{name}.csv").write_text(text, "utf-8")
    config = Config.model_validate({"sources": {"线索*": {"kind": "leads"}}})
    path = tmp_path / "guiyi.duckdb"
    run_nightly([tmp_path / "客户.csv", tmp_path / "线索.csv"], path, config, "zh", options=RunOptions(breaker=False))
    apply_plan(path, plan_of(path))
    return path


def test_every_row_is_told_what_became_of_it(store: Path) -> None:
    with open_store(store) as opened:
        outcome = reconcile([store.with_name("submitted.csv")], opened, Config())
    states = outcome["state"].to_list()
    assert sorted(states[:2]) == ["entered", "merged"], "one of the two went into the other"
    assert states[2:] == ["entered", "entered", "isolated", "entered", "unassigned", "isolated", "lost"]
    told = dict(zip(states, outcome["detail"].to_list(), strict=True))
    assert told["merged"] in ("K1", "K2")
    assert outcome["detail"].to_list()[7] == "号码格式"
    assert outcome["row_number"].to_list() == list(range(2, 11))


def test_the_entry_rate_is_told_for_the_whole_and_by_channel(store: Path) -> None:
    with open_store(store) as opened:
        rates = entry_rates(reconcile([store.with_name("submitted.csv")], opened, Config()))
    assert dict(rates.select("scope", "submitted").iter_rows()) == {"run": 9, "展会": 2, "官网": 7}
    rate = dict(rates.select("scope", "entry_rate").iter_rows())
    assert (rate["run"], rate["展会"], rate["官网"]) == pytest.approx((6 / 9, 1.0, 4 / 7))


def test_the_command_ends_with_one_where_a_row_is_lost(guiyi: Command, store: Path) -> None:
    done = guiyi("reconcile", "submitted.csv", "--format", "json")
    assert done.returncode == 1
    assert [row["state"] for row in json.loads(done.stdout)].count("lost") == 1
    assert "13700002222" not in done.stdout
    assert guiyi("reconcile", "submitted.csv", "--fail-on", "never").returncode == 0


def test_a_list_of_which_nothing_is_read_is_refused(guiyi: Command, store: Path) -> None:
    store.with_name("odd.csv").write_text("甲,乙\n1,2\n", "utf-8")
    done = guiyi("reconcile", "odd.csv")
    assert done.returncode == 2
    assert "表头" in done.stderr
