"""A whole run on the sample files: nothing lost, everything consistent, the same input gives the same bytes."""

import csv
import io
import json
import random
from pathlib import Path

import polars as pl
import pytest
from guiyi.config import Config
from guiyi.custom_columns import unpacked
from guiyi.errors import InputError
from guiyi.fields import MAPPED_FIELDS
from guiyi.io.store.store import Store, open_store
from guiyi.io.write.export import encode
from guiyi.pipelines.context import RunOptions
from guiyi.pipelines.nightly.run import Outcome, run_nightly
from guiyi.pipelines.tune.evaluate import evaluate_run
from guiyi.rules.catalog import catalog
from guiyi.schemas import TABLES

Run = tuple[Path, Outcome]


def without_clock(store: Store) -> dict[str, bytes]:
    clock = {t.name: [c.name for c in t.columns if c.clock] for t in TABLES}
    return {t.name: encode(store.table(t.name).drop(clock[t.name]), "csv") for t in TABLES}


def groups_by_number(store: Store, level: str) -> set[frozenset[str]]:
    """Groups of two or more, each as the set of its members' numbers."""
    found = store.query(
        "SELECT list(source_record_id) AS ids FROM main.entity_member WHERE level = ? GROUP BY entity_id HAVING count(*) > 1",
        [level],
    )
    return {frozenset(ids) for ids in found["ids"].to_list()}


def read_leads(samples: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((samples / "leads.csv").read_bytes().decode("gb18030"), newline="")))


def test_every_row_read_is_clean_or_quarantined(sample_run: Run) -> None:
    run, tables = sample_run[1].run, sample_run[1].tables
    assert run["rows_read"] == run["rows_clean"] + run["rows_quarantined"] == tables["raw_record"].height  # type: ignore[operator]
    clean, aside = set(tables["record"]["record_key"]), set(tables["quarantine"]["record_key"])
    assert not clean & aside
    assert clean | aside == set(tables["raw_record"]["record_key"])


def test_every_raw_cell_reads_back(sample_store: Store, samples: Path) -> None:
    found = sample_store.query(
        "SELECT r.row_number, CAST(r.values AS VARCHAR) AS cells FROM main.raw_record r JOIN main.source_file USING (file_id)"
        " WHERE name = 'leads.csv' ORDER BY row_number"
    )
    back = [{k: v or "" for k, v in json.loads(cells).items()} for cells in found["cells"]]
    assert back == read_leads(samples)


def test_the_same_input_gives_the_same_bytes(sample_store: Store, samples: Path, tmp_path: Path) -> None:
    db = tmp_path / "elsewhere/other.duckdb"
    run_nightly([samples / "leads.csv", samples / "customers.xlsx"], db, Config(), "zh")
    with open_store(db) as again:
        one, other = without_clock(sample_store), without_clock(again)
    assert [name for name in one if one[name] != other[name]] == []


MIXED = """客户编号,联系人,手机号,创建时间,预约日期,备注,合同日
1,张伟强,13951880734,2026-01-01,2026-02-30,已报价,x
1,王芳,13740826193,二月初,,13800000000,y
3,,,,,合计,
4,陈总,1390000,2026-13-01,,,z,多出一格
"""


def test_either_language_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two nights of a table with faults of rows, cells and columns, and a value that too many share."""
    crowd = "".join(
        f"{20 + i},{name}伟强,13951880734,,,,\n" for i, name in enumerate("王李张刘陈杨赵黄周吴徐孙马朱胡郭何高林罗")
    )
    told = []
    for language in ("zh", "en"):
        monkeypatch.setenv("GUIYI_LANG", language)
        folder = tmp_path / language
        folder.mkdir()
        store = folder / "a.duckdb"
        config = Config.model_validate({"language": language, "incremental": {"whole_above": 1.0}})
        for night, text in enumerate((MIXED + crowd, MIXED.replace("合同日", "签约日").replace("已报价", "回访"))):
            (folder / f"leads_{night}.csv").write_text(text, "utf-8")
            files = [folder / f"leads_{night}.csv"]
            run_nightly(files, store, config, language, options=RunOptions(breaker=False))
        with open_store(store) as opened:
            told.append(without_clock(opened))
    zh, en = told
    assert [name for name in zh if zh[name] != en[name]] == []
    assert len(zh["finding"]) > 10
    assert len(zh["quarantine"]) > 0


def test_an_exported_record_is_read_again_with_its_numbers_and_fields(samples: Path, tmp_path: Path) -> None:
    first, second, exported = tmp_path / "a.duckdb", tmp_path / "b.duckdb", tmp_path / "record.csv"
    run_nightly([samples / "leads.csv"], first, Config(), "zh")
    with open_store(first) as store:
        before = store.table("record")
    exported.write_bytes(encode(before, "csv"))
    run_nightly([exported], second, Config(), "zh")
    with open_store(second) as store:
        after = store.table("record")
    fields = [field for field in MAPPED_FIELDS if field in before.columns]
    assert after.select(fields).sort("source_record_id").equals(before.select(fields).sort("source_record_id"))


def test_a_second_night_on_the_same_store_publishes_a_second_run(samples: Path, tmp_path: Path) -> None:
    source, db = tmp_path / "leads.csv", tmp_path / "a.duckdb"
    source.write_text("客户编号,联系人,手机号\n1,张伟,13900001234\n2,张伟,13900001234\n3,李娜,13900005678\n", "utf-8")
    first, second = (run_nightly([source], db, Config(), "zh") for _ in range(2))
    ids = [str(r.run["run_id"]) for r in (first, second)]
    assert [i[:7] for i in ids] == ["r000001", "r000002"]
    assert ids[0][7:] == ids[1][7:]
    with open_store(db) as store:
        assert store.query("SELECT run_id FROM history.run ORDER BY ALL")["run_id"].to_list() == ids
        assert store.table("record").height == 3
        assert store.table("audit_event").height == 2


def test_row_order_does_not_change_groups_or_keys(samples: Path, tmp_path: Path) -> None:
    rows = read_leads(samples)
    outcome: list[tuple[set[frozenset[str]], set[frozenset[str]], set[str]]] = []
    for seed in (None, 1):
        folder = tmp_path / str(seed)
        folder.mkdir()
        order = rows if seed is None else random.Random(seed).sample(rows, len(rows))
        with (folder / "leads.csv").open("w", encoding="utf-8", newline="") as text:
            writer = csv.DictWriter(text, list(rows[0]))
            writer.writeheader()
            writer.writerows(order)
        run_nightly([folder / "leads.csv"], folder / "a.duckdb", Config(), "zh")
        with open_store(folder / "a.duckdb") as store:
            levels = [groups_by_number(store, level) for level in ("contact", "account")]
            outcome.append((*levels, set(store.table("record")["record_key"])))  # type: ignore[arg-type]
    assert outcome[0] == outcome[1]


def test_every_clean_record_has_one_entity_at_each_level(sample_run: Run) -> None:
    tables = sample_run[1].tables
    for level in ("contact", "account"):
        members = tables["entity_member"].filter(pl.col("level") == level)
        assert sorted(members["record_key"]) == sorted(tables["record"]["record_key"])


def test_groups_are_the_entities_of_two_or_more(sample_run: Run) -> None:
    tables = sample_run[1].tables
    sizes = (
        tables["entity_member"]
        .group_by("level", "entity_id")
        .agg(size=pl.len().cast(pl.Int64))
        .filter(pl.col("size") > 1)
    )
    groups = tables["duplicate_group"].select("level", "entity_id", "size")
    assert groups.height > 10
    assert set(groups.rows()) == set(sizes.rows())


def test_groups_keep_to_the_thresholds(sample_run: Run) -> None:
    tables, limits = sample_run[1].tables, Config().thresholds
    assert tables["pair"]["score"].min() >= limits.floor  # type: ignore[operator]
    assert tables["duplicate_group"]["score_min"].min() >= limits.duplicate  # type: ignore[operator]
    pairs = tables["duplicate_group"].filter(pl.col("band") == "auto", pl.col("size") == 2)
    assert pairs["score_min"].min() >= limits.auto  # type: ignore[operator]


def test_pairs_are_ordered_and_their_reasons_are_json(sample_run: Run) -> None:
    pairs = sample_run[1].tables["pair"]
    assert (pairs["record_key_l"] < pairs["record_key_r"]).all()
    for text in [*pairs["reasons"], *sample_run[1].tables["duplicate_group"]["weakest_link"]]:
        assert json.loads(text)


def test_no_group_holds_two_valid_credit_codes_at_account_level(sample_run: Run) -> None:
    tables = sample_run[1].tables
    members = tables["entity_member"].filter(pl.col("level") == "account").join(tables["record"], on="record_key")
    codes = members.drop_nulls("credit_code").group_by("entity_id").agg(pl.col("credit_code").n_unique())
    assert codes["credit_code"].max() == 1


def test_plans_are_for_groups_to_merge_and_keep_one_of_their_records(sample_run: Run) -> None:
    tables = sample_run[1].tables
    merged = tables["duplicate_group"].filter(pl.col("action") == "merge")
    plan = tables["merge_plan"].join(merged, on="group_id", how="left")
    assert sorted(tables["merge_plan"]["group_id"]) == sorted(merged["group_id"])
    members = tables["entity_member"].select("level", "entity_id", survivor_record_key="record_key")
    assert plan.join(members, on=["level", "entity_id", "survivor_record_key"], how="anti").is_empty()
    assert dict(plan.select("band", "status").unique().rows()).items() <= {"auto": "ready", "review": "review"}.items()


def test_every_golden_value_stands_in_the_record_it_names(sample_run: Run) -> None:
    tables = sample_run[1].tables
    golden, record = tables["golden_value"].filter(pl.col("field") != "contacts"), tables["record"]
    times = record.with_columns(pl.col("created_at", "updated_at").dt.strftime("%Y-%m-%dT%H:%M:%S"))
    cells = unpacked(times).unpivot(golden["field"].unique().to_list(), index="record_key", variable_name="field")
    # Of notes, which are joined, the newest stands first.
    first = golden.with_columns(pl.col("value").str.split("; ").list.first())
    assert golden.join(cells, on=["record_key", "field", "value"], how="anti").height < golden.height / 10
    assert first.filter(rule="survivorship.union").height > 0
    parts = pl.when(pl.col("rule") == "survivorship.union").then(first["value"]).otherwise("value")
    assert golden.with_columns(value=parts).join(cells, on=["record_key", "field", "value"], how="anti").is_empty()
    assert set(golden["entity_id"]) <= set(tables["duplicate_group"]["entity_id"])


def test_every_rule_in_the_tables_is_public(sample_run: Run) -> None:
    tables = sample_run[1].tables
    named = {*tables["cell_change"]["rule"], *tables["finding"]["rule"], *tables["quarantine"]["rule"]}
    assert len(named) > 10
    assert named <= set(catalog())


def test_changes_of_a_cell_follow_each_other(sample_run: Run) -> None:
    changes = sample_run[1].tables["cell_change"].sort("record_key", "field", "step")
    cell = ["record_key", "field"]
    previous = changes.select(pl.col("after").shift(1).over(cell)).to_series()
    first = changes.select(pl.col("step").rank("ordinal").over(cell) == 1).to_series()
    assert (first | changes["before"].eq_missing(previous)).all()
    assert changes.filter(pl.col("before").eq_missing(pl.col("after"))).is_empty()


def test_a_row_of_nobody_is_set_aside_with_its_reason(tmp_path: Path) -> None:
    source, db = tmp_path / "a.csv", tmp_path / "a.duckdb"
    source.write_text("客户编号,联系人,手机号,备注\n1,张伟,13900001234,x\n2,,,只有备注\n3,无,-,x\n", "utf-8")
    outcome = run_nightly([source], db, Config(), "en")
    aside = outcome.tables["quarantine"]
    assert sorted(aside["source_record_id"]) == ["2", "3"]
    assert set(aside["rule"]) == {"row.no_identity"}
    assert outcome.run["rows_clean"] == 1


def test_the_same_number_twice_keeps_both_rows_and_says_so(tmp_path: Path) -> None:
    source, db = tmp_path / "a.csv", tmp_path / "a.duckdb"
    source.write_text("客户编号,联系人,手机号\n7,张伟,13900001234\n7,李娜,13900005678\n8,王芳,13900009012\n", "utf-8")
    tables = run_nightly([source], db, Config(), "en").tables
    assert tables["record"]["record_key"].n_unique() == 3
    repeated = tables["finding"].filter(pl.col("rule") == "row.duplicate_id")
    assert repeated["source_record_id"].to_list() == ["7", "7"]


def test_keys_are_stable_when_a_row_is_added(tmp_path: Path) -> None:
    text = "客户编号,联系人,手机号\n1,张伟,13900001234\n2,李娜,13900005678\n"
    keys = []
    for name, more in (("a", ""), ("b", "0,王芳,13900009012\n")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "leads_2026-11-2.csv").write_text(text + more, "utf-8")
        record = run_nightly([folder / "leads_2026-11-2.csv"], folder / "a.duckdb", Config(), "zh").tables["record"]
        keys.append(dict(record.select("source_record_id", "record_key").rows()))
    assert keys[0].items() <= keys[1].items()


@pytest.mark.parametrize(
    ("text", "merged"),
    [
        pytest.param("客户编号,客户名称,统一社会信用代码\n1,云岫软件,91330106MA2B0W2R1D\n", 0, id="one-company"),
        pytest.param(
            "客户编号,客户名称\n1,杭州禾舟软件有限公司\n2,杭州禾舟软件有限公司\n", 1, id="companies-only-are-merged"
        ),
        pytest.param(
            "客户编号,联系人,客户名称\n1,张晓彤,杭州禾舟软件有限公司\n2,李明哲,杭州禾舟软件有限公司\n",
            0,
            id="with-persons-linked",
        ),
    ],
)
def test_companies_are_merged_only_in_a_table_without_persons(tmp_path: Path, text: str, merged: int) -> None:
    source = tmp_path / "a.csv"
    source.write_text(text, "utf-8")
    tables = run_nightly([source], tmp_path / "a.duckdb", Config(), "zh").tables
    assert tables["merge_plan"].height == merged


def test_an_input_fault_publishes_nothing_and_keeps_the_last_run(tmp_path: Path) -> None:
    source, db = tmp_path / "a.csv", tmp_path / "a.duckdb"
    source.write_text("客户编号,联系人,手机号\n1,张伟,13900001234\n", "utf-8")
    run_nightly([source], db, Config(), "zh")
    with open_store(db) as store:
        before = {t.name: store.table(t.name) for t in TABLES}
    (tmp_path / "b.csv").write_bytes(b"")
    with pytest.raises(InputError):
        run_nightly([source, tmp_path / "b.csv"], db, Config(), "zh")
    with open_store(db) as store:
        assert all(store.table(name).equals(frame) for name, frame in before.items())


def test_a_hostile_file_breaks_neither_sql_nor_json(tmp_path: Path) -> None:
    """Quotes, braces and SQL in headers and cells come back as they were."""
    header = ["客户编号", "联系人", 'a"b', "x'; DROP TABLE history.run; --", "{y}", "手机号"]
    cells = ["1", "O'Brien Li", '{"k": "v"}', "'; --", '\\ " {0}', "13900001234"]
    source, db = tmp_path / "a.csv", tmp_path / "a.duckdb"
    with source.open("w", encoding="utf-8", newline="") as text:
        csv.writer(text).writerows([header, cells])
    run_nightly([source], db, Config(), "zh")
    with open_store(db) as store:
        assert json.loads(store.table("raw_record")["values"][0]) == dict(zip(header, cells, strict=True))
        assert store.table("record")["person_name"].to_list() == ["O'Brien Li"]
        assert json.loads(store.table("record")["extra"][0])['a"b'] == '{"k": "v"}'


@pytest.mark.parametrize("level", ["contact", "account"])
def test_the_sample_files_are_grouped_as_their_truth_says(level: str, sample_store: Store, samples: Path) -> None:
    figures = evaluate_run(sample_store, samples / "truth.csv", level, None)
    assert figures["precision"] >= 0.97  # type: ignore[operator]
    assert figures["recall"] >= 0.9  # type: ignore[operator]
