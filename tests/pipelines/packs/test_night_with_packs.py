"""Nights with tables beside the customers: rows typed and kept, whom they are about, what packs say of them."""

from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from guiyi.config import Config
from guiyi.errors import UsageError
from guiyi.io.store.store import open_store
from guiyi.pipelines.check.columns import profile_columns
from guiyi.pipelines.context import RunOptions
from guiyi.pipelines.nightly.run import run_nightly
from guiyi.reports.masking import masked_table

NOW = datetime(2026, 3, 2, 9, 0)
KINDS = {
    "线索*": "leads",
    "跟进*": "activities",
    "商机*": "opportunities",
    "订单*": "orders",
    "标签*": "tags",
    "员工*": "staff",
}
LEADS = """线索编号,客户手机,负责人,分配时间,状态,隔离原因,创建时间,预算,是否认领,是否成交
L1,13700001111,S1,2026-03-01 10:00,已分配,,2026-03-01 09:00,60万以上,是,是
L2,,S1,2026-03-01 10:00,已分配,,2026-03-01 09:00,,是,否
L3,,,,未分配,,2026-03-01 09:00,,否,否
L4,,,,隔离,号码格式,2026-03-01 09:00,,否,否
"""


def config(**more: object) -> Config:
    sources = {pattern: {"kind": kind} for pattern, kind in KINDS.items()}
    return Config.model_validate({"sources": sources, "packs": {}, **more})


def night(folder: Path, files: dict[str, str], **more: object) -> Path:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, "utf-8")
    options = RunOptions(breaker=False, folder=folder, as_of=NOW)
    run_nightly([folder / f"{name}.csv" for name in files], folder / "a.duckdb", config(**more), "zh", options=options)
    return folder / "a.duckdb"


def figures(store: Path) -> dict[tuple[str, str], float]:
    with open_store(store) as opened:
        told = opened.query("SELECT name, scope, value FROM main.metric WHERE pack IS NOT NULL")
    return {(name, scope): value for name, scope, value in told.iter_rows()}


def table(store: Path, name: str) -> pl.DataFrame:
    with open_store(store) as opened:
        return opened.table(name)


def test_leads_are_counted_by_what_became_of_them(tmp_path: Path) -> None:
    found = figures(night(tmp_path, {"线索": LEADS}, packs=["leads"]))
    wanted = {"assigned_share": 0.5, "unassigned": 1.0, "isolated": 1.0, "conversion": 0.25, "conversion_reported": 0.5}
    assert {name: found[f"leads.{name}", "run"] for name in wanted} == wanted


def test_a_lead_is_somebodys_by_its_owner_whatever_its_status_is_called(tmp_path: Path) -> None:
    leads = (
        "线索ID,归属销售,线索状态\nL1,张敏,跟进中\nL2,未分配,新线索\nL3,公海池,\nL4,-,待分配\nL5,,已隔离\nL6,李雷,\n"
    )
    found = figures(night(tmp_path, {"线索": leads}, packs=["leads"]))
    wanted = {"assigned_share": 2 / 6, "unassigned": 3.0, "isolated": 1.0}
    assert {name: found[f"leads.{name}", "run"] for name in wanted} == pytest.approx(wanted)


def test_a_lead_is_somebodys_by_its_status_where_no_owner_is_told(tmp_path: Path) -> None:
    found = figures(night(tmp_path, {"线索": "线索ID,状态\nL1,跟进中\nL2,待认领\nL3,已转化\n"}, packs=["leads"]))
    assert (found["leads.assigned_share", "run"], found["leads.unassigned", "run"]) == (pytest.approx(2 / 3), 1.0)


def test_nought_is_a_no_and_a_number(tmp_path: Path) -> None:
    store = night(
        tmp_path, {"标签": "客户编码,标签名称,是否成交\nC1,甲,1\nC2,甲,0\n", "订单": "订单号,订单金额\nA,0\nB,0.00\n"}
    )
    assert sorted(table(store, "tag")["won"]) == [False, True]
    assert table(store, "sales_order")["amount"].to_list() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("kind", "headers", "columns"),
    [
        pytest.param("leads", "线索编码,归属人,客户代码,联系手机", ["lead_id", "owner_id", "customer_id", "phone"], id="as of customers"),
        pytest.param("opportunities", "商机流水号,预计成交金额", ["opportunity_id", "amount"], id="own number"),
        pytest.param("orders", "订单编码,备用手机,订单总额", ["order_id", None, "amount"], id="a further phone is none of theirs"),
        pytest.param("tags", "会员编号,客户编号,标签", [None, "customer_id", "tag"], id="its own word first"),
    ],
)  # fmt: skip
def test_headers_are_read_by_their_own_words_and_by_those_of_customers(tmp_path, kind, headers, columns) -> None:
    (tmp_path / "a.csv").write_text(f"{headers}\n{','.join('1' for _ in columns)}\n", "utf-8")
    read = profile_columns([tmp_path / "a.csv"], Config.model_validate({"sources": {"a*": {"kind": kind}}}))
    assert read["field"].to_list() == columns


def test_a_column_that_means_nothing_is_told(tmp_path: Path) -> None:
    findings = table(night(tmp_path, {"标签": "客户编号,标签,颜色\nC1,甲,红\n"}), "finding")
    assert findings.filter(rule="header.unmapped")["value"].to_list() == ["颜色"]


def test_an_order_counts_only_where_its_origin_is_trusted(tmp_path: Path) -> None:
    orders = '订单编号,订单类型,数据来源,金额\nA,正式订单,ERP,"30,000"\nB,正式订单,手工,2万元\nC,样品,ERP,1\n'
    found = figures(night(tmp_path, {"订单": orders}, packs={"orders": {"target": 50_000}}))
    assert found["orders.attainment_reported", "run"] == pytest.approx(1.0)
    assert found["orders.attainment", "run"] == pytest.approx(0.6)


def test_stages_have_share_and_age(tmp_path: Path) -> None:
    deals = "商机编号,阶段,进入阶段时间,赢单原因\n1,报价,2026-02-20,\n2,报价,2026-02-10,\n3,演示,2026-03-01,\n"
    deals += "4,赢单,2026-01-01,\n5,赢单,2026-01-01,价格\n"
    found = figures(night(tmp_path, {"商机": deals}, packs=["stages"]))
    assert found["stages.share", "报价"] == pytest.approx(2 / 3)
    assert found["stages.mean_days", "报价"] == pytest.approx(15.0)
    assert found["stages.won_without_reason", "run"] == 0.5


def test_a_tag_on_everybody_tells_nothing(tmp_path: Path) -> None:
    rows = [f"C{n},高意向,{'是' if n % 4 == 0 else '否'}" for n in range(8)] + ["C8,,是", "C9,,否"]
    found = figures(night(tmp_path, {"标签": "客户编号,标签,成交\n" + "\n".join(rows)}, packs=["tags"]))
    assert found["tags.coverage", "高意向"] == 0.8
    assert found["tags.lift", "高意向"] == pytest.approx(0.25 / 0.3)


def test_an_action_counts_with_a_proof_that_is_not_older_than_the_need(tmp_path: Path) -> None:
    rows = "跟进编号,动作类型,发生时间,附件,客户需求确认时间\n1,提交方案,2026-02-02,a.pdf,2026-02-01\n"
    rows += "2,提交方案,2026-02-02,a.pdf,2026-02-03\n3,提交方案,2026-02-02,,\n4,电话,2026-02-02,,\n"
    store = night(tmp_path, {"跟进": rows}, packs=["actions"])
    assert figures(store)["actions.effective_share", "run"] == pytest.approx(1 / 3)
    told = table(store, "finding").filter(pl.col("rule").str.starts_with("actions."))
    assert set(told.select("rule", "row_number").iter_rows()) == {
        ("actions.without_evidence", 4),
        ("actions.before_the_need", 3),
    }


def test_rows_know_whom_they_are_about_and_duplicates_count_as_one(tmp_path: Path) -> None:
    customers = "客户编号,姓名,手机号,公司\nK1,沈知遥,13700001111,\nK2,沈知遥,137-0000-1111,\nK3,陆云舟,13700002222,\n"
    calls = "跟进编号,客户编号,跟进时间\n1,K1,2025-11-01\n2,K2,2026-02-28\n3,K3,2025-11-01\n4,K9,2025-11-01\n"
    store = night(tmp_path, {"客户": customers, "跟进": calls, "线索": LEADS}, packs=["silence"])
    who = dict(table(store, "activity").select("customer_id", "entity_id").iter_rows())
    assert who["K1"] == who["K2"] != who["K3"]
    assert who["K9"] is None, "a number that nobody has"
    leads = dict(table(store, "lead").select("lead_id", "entity_id").iter_rows())
    assert leads["L1"] == who["K1"], "by the phone, where there is no number"
    woken = set(table(store, "plan_item").filter(plan="silence.wake")["item"])
    assert woken == {who["K3"], "K9"}, "the duplicate was called the day before yesterday"


def test_a_number_that_comes_again_replaces_its_row_and_others_stay(tmp_path: Path) -> None:
    night(tmp_path, {"线索": LEADS}, packs=["leads"])
    store = night(
        tmp_path,
        {"线索": LEADS.splitlines()[0] + "\nL3,,S2,2026-03-02 08:00,已分配,,2026-03-01 09:00,,否,否\n"},
        packs=["leads"],
    )
    assert dict(table(store, "lead").select("lead_id", "owner_id").iter_rows()) == {
        "L1": "S1",
        "L2": "S1",
        "L3": "S2",
        "L4": None,
    }
    assert figures(store)["leads.unassigned", "run"] == 0.0
    told = table(store, "finding").filter(pl.col("rule") == "leads.without_owner")
    assert told.is_empty(), "what a pack said of the row before is over"


def test_a_cell_that_is_not_what_its_column_asks_for_is_told(tmp_path: Path) -> None:
    store = night(tmp_path, {"订单": "订单编号,金额,合同签订日期\nA,面议,2026-01-05\nB,100,下周\nC,无,\n"})
    told = table(store, "finding").filter(rule="table.value_unread")
    assert set(told.select("row_number", "field", "value").iter_rows()) == {
        (2, "金额", "面议"),
        (3, "合同签订日期", "下周"),
    }
    assert table(store, "sales_order").sort("row_number")["amount"].to_list() == [None, 100.0, None]


def test_what_was_said_of_a_cell_stays_until_its_row_comes_again(tmp_path: Path) -> None:
    night(
        tmp_path, {"订单": "订单编号,金额\nA,面议\nB,另议\n", "客户": "客户编号,姓名,手机号\nK1,沈知遥,13700001111\n"}
    )
    store = night(tmp_path, {"订单": "订单编号,金额\nA,5\n"})
    assert table(store, "finding").filter(rule="table.value_unread")["value"].to_list() == ["另议"]


def test_side_tables_are_masked_like_records(tmp_path: Path) -> None:
    leads = "线索编号,姓名,手机号,邮箱,备注\nL1,沈知遥,13700001111,shen@qq.com,让沈知遥打13700001111\n"
    store = night(tmp_path, {"线索": leads}, packs=["leads"])
    for name in ("lead", "finding", "plan_item", "score_card"):
        shown = str(masked_table(name, table(store, name)).to_dicts())
        assert not [secret for secret in ("沈知遥", "13700001111", "shen@qq.com") if secret in shown], name


def test_a_file_and_its_copy_are_read_once(tmp_path: Path) -> None:
    store = night(tmp_path, {"线索": LEADS, "线索（1）": LEADS}, packs=["leads"])
    assert table(store, "lead").height == 4
    assert table(store, "finding").filter(rule="file.repeated")["value"].to_list() == ["线索（1）.csv"]


def test_every_cell_can_be_read_back(tmp_path: Path) -> None:
    store = night(tmp_path, {"订单": "订单编号,内部备注,金额\nA,先付三成,面议\n"})
    assert table(store, "sales_order")["values"][0] == '{"订单编号":"A","内部备注":"先付三成","金额":"面议"}'


def test_a_header_of_ones_own_is_named_in_the_configuration(tmp_path: Path) -> None:
    sources = {"商机*": {"kind": "opportunities", "headers": {"卡在哪里": "stage"}}}
    store = night(tmp_path, {"商机": "商机编号,卡在哪里\n1,报价\n"}, sources=sources)
    assert table(store, "opportunity")["stage"].to_list() == ["报价"]


def test_a_part_that_cannot_be_run_is_a_finding_and_the_night_is_published(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(
        'name = "own"\nneeds = ["lead"]\n[[metric]]\nid = "own.endless"\nunit = "count"\npopulation = { zh = "无", en = "none" }\n'
        'words = { zh = "无", en = "none" }\nsql = "SELECT nothing_like_it AS value FROM lead"\n', "utf-8",
    )  # fmt: skip
    store = night(tmp_path, {"线索": LEADS}, packs=["leads", "own.toml"])
    assert table(store, "finding").filter(rule="pack.failed")["value"].to_list() == ["own.endless"]
    assert figures(store)["leads.unassigned", "run"] == 1.0


def test_a_pack_without_its_table_says_so(tmp_path: Path) -> None:
    store = night(tmp_path, {"线索": LEADS}, packs=["orders"])
    assert table(store, "finding").filter(rule="pack.skipped").select("value", "suggestion").rows() == [
        ("orders", "sales_order")
    ]


def test_two_nights_as_of_one_time_say_the_same(tmp_path: Path) -> None:
    for folder in ("one", "other"):
        (tmp_path / folder).mkdir()
        night(tmp_path / folder, {"线索": LEADS}, packs=["leads", "sla"])
    for name in ("lead", "metric", "plan_item", "score_card", "finding"):
        one, other = (table(tmp_path / folder / "a.duckdb", name) for folder in ("one", "other"))
        assert one.equals(other), name


@pytest.mark.parametrize(
    ("packs", "reason"),
    [
        pytest.param(["nobody"], "pack.missing", id="no_such_pack"),
        pytest.param({"orders": {"goal": 1}}, "pack.parameter", id="no_such_parameter"),
        pytest.param({"orders": {"target": -1}}, "pack.parameter", id="below_its_least"),
        pytest.param({"orders": {"formal": 3}}, "pack.parameter", id="another_type"),
    ],
)
def test_a_wrong_configuration_of_packs_is_refused(tmp_path: Path, packs: object, reason: str) -> None:
    with pytest.raises(UsageError) as told:
        night(tmp_path, {"线索": LEADS}, packs=packs)
    assert told.value.reason == reason
    assert not (tmp_path / "a.duckdb").exists()


def test_a_value_that_changed_between_nights_is_kept_with_what_it_was(tmp_path: Path) -> None:
    files = {
        "客户": "编号,姓名,手机,负责人,创建时间\nA1,周晓燕,13800001111,张敏,2025-12-20\nA2,李雷,13800002222,张敏,2025-12-20\n"
    }
    night(tmp_path, files)
    changed = {
        "客户": files["客户"]
        .replace("13800001111", "13800003333")
        .replace("李雷,13800002222,张敏", "李雷,13800002222,李磊")
    }
    store = night(tmp_path, changed)
    night(tmp_path, changed)  # the same again is no change
    events = table(store, "field_event").sort("source_record_id")
    assert events.select("table_name", "source_record_id", "field", "before", "after").rows() == [
        ("record", "A1", "phone", "+8613800001111", "+8613800003333"),
        ("record", "A2", "owner", "张敏", "李磊"),
    ]


def test_locked_dates_and_other_mail_domains_are_told_the_night_they_change(tmp_path: Path) -> None:
    customers = "编号,姓名,邮箱,创建时间\n" + "".join(f"A{n},周晓燕,zhou{n}@abc.com,2025-12-2{n}\n" for n in range(5))
    orders = "订单编号,金额,合同签订日期\nD1,100,2026-01-20\nD2,100,2026-01-20\n"
    night(tmp_path, {"客户": customers, "订单": orders}, packs=["changes", "orders"])
    moved = customers.replace("2025-12-2", "2026-01-01T00:0").replace("zhou3@abc.com", "zhou3@xyz.com")
    store = night(
        tmp_path,
        {"客户": moved, "订单": orders.replace("D1,100,2026-01-20", "D1,100,2026-01-01")},
        packs=["changes", "orders"],
    )
    told = table(store, "finding").group_by("rule").len()
    assert dict(told.filter(pl.col("rule").str.contains("changes|tampered")).iter_rows()) == {
        "changes.locked": 6, "changes.to_the_first": 5, "changes.mail_domain": 1, "orders.tampered": 1,
    }  # fmt: skip


def test_a_quiet_night_says_nothing_of_changes(tmp_path: Path) -> None:
    store = night(tmp_path, {"订单": "订单编号,金额\nD1,100\n"}, packs=["changes"])
    assert table(store, "finding").filter(rule="pack.skipped").is_empty()
