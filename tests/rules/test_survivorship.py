"""Survivorship: which record stays, which value wins, and where it came from."""

import json
import random
from datetime import datetime

import polars as pl
import pytest
from guiyi.rules import survivorship
from guiyi.rules.survivorship import choose_by_hand, choose_survivors, choose_values
from guiyi.schemas import GOLDEN_VALUE, RECORD

NO_PARTIAL = pl.DataFrame(schema={"record_key": pl.String, "field": pl.String})
DAY = {n: datetime(2026, 1, n) for n in range(1, 10)}


def members(*rows: dict[str, object]) -> pl.DataFrame:
    """Members of entity E1 unless a row says otherwise."""
    table = RECORD.conform(pl.DataFrame([{"source": "s", **r} for r in rows], infer_schema_length=None))
    return table.with_columns(entity_id=pl.Series([str(r.get("entity_id", "E1")) for r in rows]))


def values(
    table: pl.DataFrame, strategies: dict[str, str] | None = None, partial: pl.DataFrame = NO_PARTIAL
) -> pl.DataFrame:
    return choose_values(table, partial, strategies or {}).golden_value


def chosen(table: pl.DataFrame, field: str, strategy: str | None = None) -> dict[str, object]:
    found = values(table, {field: strategy} if strategy else None).filter(pl.col("field") == field)
    assert found.height == 1
    return found.row(0, named=True)


def test_the_last_updated_value_wins() -> None:
    table = members(
        {"record_key": "a", "address": "旧地址", "updated_at": DAY[1]},
        {"record_key": "b", "address": "新地址", "updated_at": DAY[2]},
    )
    assert chosen(table, "address") == {
        "entity_id": "E1", "field": "address", "value": "新地址", "record_key": "b", "rule": "survivorship.latest",
        "alternatives": '[{"value":"旧地址","record_key":"a"}]',
    }  # fmt: skip


def test_a_null_never_wins_over_an_older_value() -> None:
    table = members(
        {"record_key": "a", "email": "a@b.cn", "updated_at": DAY[1]},
        {"record_key": "b", "email": None, "updated_at": DAY[2]},
    )
    assert chosen(table, "email")["record_key"] == "a"


def test_a_record_without_an_update_time_is_the_oldest() -> None:
    table = members(
        {"record_key": "a", "email": "a@b.cn"}, {"record_key": "b", "email": "b@b.cn", "updated_at": DAY[1]}
    )
    assert chosen(table, "email")["value"] == "b@b.cn"


def test_a_tie_is_settled_by_the_record_key() -> None:
    table = members(
        {"record_key": "b", "email": "b@b.cn", "updated_at": DAY[1]},
        {"record_key": "a", "email": "a@b.cn", "updated_at": DAY[1]},
    )
    assert chosen(table, "email")["value"] == "a@b.cn"


@pytest.mark.parametrize("seed", range(4))
def test_row_order_changes_nothing(seed: int) -> None:
    rows = [
        {"record_key": f"k{i}", "entity_id": f"E{i % 3}", "email": f"{i % 4}@b.cn", "phone": f"+861390000000{i % 5}",
         "phone_extension": str(i), "updated_at": DAY[1 + i % 2], "created_at": DAY[1 + i % 3]}
        for i in range(12)
    ]  # fmt: skip
    shuffled = random.Random(seed).sample(rows, len(rows))
    one, other = members(*rows), members(*shuffled)
    for strategy in ("latest", "earliest", "most_frequent", "longest", "most_complete"):
        assert values(one, {"email": strategy}).equals(values(other, {"email": strategy}))
    assert choose_survivors(one).equals(choose_survivors(other))


@pytest.mark.parametrize(
    ("strategy", "winner"),
    [
        pytest.param("latest", "d", id="latest"),
        pytest.param("earliest", "a", id="earliest"),
        pytest.param("most_frequent", "c", id="most-frequent-then-the-last-updated-of-them"),
        pytest.param("longest", "b", id="longest"),
        pytest.param("most_complete", "e", id="most-complete-record"),
        pytest.param("verified_first", "c", id="a-value-that-another-record-confirms"),
    ],
)
def test_each_strategy_takes_its_own(strategy: str, winner: str) -> None:
    table = members(
        {"record_key": "a", "address": "甲路", "updated_at": DAY[1]},
        {"record_key": "b", "address": "乙路一百二十号", "updated_at": DAY[2]},
        {"record_key": "b2", "address": "丙路", "updated_at": DAY[3]},
        {"record_key": "c", "address": "丙路", "updated_at": DAY[4]},
        {"record_key": "e", "address": "戊路", "updated_at": DAY[5], "email": "a@b.cn", "phone": "+8613900000000"},
        {"record_key": "d", "address": "丁路", "updated_at": DAY[6]},
    )
    found = chosen(table, "address", strategy)
    assert (found["record_key"], found["rule"]) == (winner, f"survivorship.{strategy}")


def test_the_first_creation_time_is_kept() -> None:
    table = members(
        {"record_key": "a", "created_at": DAY[3], "updated_at": DAY[4]},
        {"record_key": "b", "created_at": DAY[2], "updated_at": DAY[9]},
    )
    assert chosen(table, "created_at")["value"] == "2026-01-02T00:00:00"


def test_on_one_day_a_creation_time_wins_over_the_bare_date() -> None:
    rows = ({"record_key": "a", "created_at": DAY[2]}, {"record_key": "b", "created_at": datetime(2026, 1, 2, 22, 28)})
    assert chosen(members(*rows), "created_at")["value"] == "2026-01-02T22:28:00"
    earlier = members(*rows, {"record_key": "c", "created_at": DAY[1]})
    assert chosen(earlier, "created_at")["value"] == "2026-01-01T00:00:00"


@pytest.mark.parametrize(
    "header", ["备注", "客户备注2", "跟进记录（内部）", "Sales Notes", "remark", "comment", "memo"]
)
def test_of_notes_every_part_is_kept_once_the_newest_first(header: str) -> None:
    """What an earlier merge joined, and the CRM gave back, is not joined to itself."""
    notes = [("a", 1, "已报价"), ("b", 3, "下周回访; 已报价"), ("c", 2, "要发票")]
    table = members(*({"record_key": k, "updated_at": DAY[n], "extra": json.dumps({header: v})} for k, n, v in notes))
    found = chosen(table, f"extra:{header}")
    assert (found["value"], found["record_key"]) == ("下周回访; 已报价; 要发票", "b")


@pytest.mark.parametrize("header", ["备注人", "金额", "note id", "phone"])
def test_other_columns_take_the_latest_value_and_name_the_others(header: str) -> None:
    told = [("a", 1, "甲"), ("b", 2, "乙"), ("c", 3, None)]
    table = members(*({"record_key": k, "updated_at": DAY[n], "extra": json.dumps({header: v})} for k, n, v in told))
    found = chosen(table, f"extra:{header}")
    assert (found["value"], found["alternatives"]) == ("乙", '[{"value":"甲","record_key":"a"}]')


def test_many_columns_are_ranked_in_portions_with_one_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    extra = [json.dumps({f"列{i}": f"{k}{i}" for i in range(7)}, ensure_ascii=False) for k in "ab"]
    table = members(*({"record_key": k, "extra": e, "entity_id": f"E{k}"} for k, e in zip("ab", extra, strict=True)))
    whole = values(table)
    monkeypatch.setattr(survivorship, "CELLS", 4)
    assert values(table).equals(whole)
    assert whole.filter(field="extra:列6").select("entity_id", "value").rows() == [("Ea", "a6"), ("Eb", "b6")]


def test_an_extension_travels_with_its_phone() -> None:
    table = members(
        {"record_key": "a", "landline": "+862158881234", "landline_extension": "801", "updated_at": DAY[1]},
        {"record_key": "b", "landline": "+862158889999", "updated_at": DAY[2]},
    )
    found = values(table)
    assert "landline_extension" not in found["field"].to_list(), "801 belongs to the number that lost"
    older = values(table, {"landline": "earliest"}).filter(pl.col("field") == "landline_extension")
    assert older.select("value", "record_key").rows() == [("801", "a")]


def test_a_partial_value_wins_only_where_nothing_better_is_there() -> None:
    table = members(
        {"record_key": "a", "person_name": "张伟", "updated_at": DAY[1]},
        {"record_key": "b", "person_name": "张总", "updated_at": DAY[2]},
    )
    partial = pl.DataFrame({"record_key": ["b"], "field": ["person_name"]})
    assert values(table, partial=partial)["value"].to_list()[0] == "张伟"
    only = values(table.filter(pl.col("record_key") == "b"), partial=partial)
    assert only.filter(pl.col("field") == "person_name")["value"].to_list() == ["张总"]


def test_alternatives_name_each_losing_value_once_best_first() -> None:
    table = members(
        {"record_key": "a", "email": "old@b.cn", "updated_at": DAY[1]}, {"record_key": "b", "email": "mid@b.cn", "updated_at": DAY[2]},
        {"record_key": "c", "email": "mid@b.cn", "updated_at": DAY[3]}, {"record_key": "d", "email": "new@b.cn", "updated_at": DAY[4]},
        {"record_key": "e", "email": "new@b.cn", "updated_at": DAY[1]},
    )  # fmt: skip
    assert json.loads(str(chosen(table, "email")["alternatives"])) == [
        {"value": "mid@b.cn", "record_key": "c"}, {"value": "old@b.cn", "record_key": "a"},
    ]  # fmt: skip


def test_alternatives_are_json_whatever_the_value_holds() -> None:
    odd = '5" 管 \\ {x}\n换行'
    table = members(
        {"record_key": "a", "address": odd, "updated_at": DAY[1]},
        {"record_key": "b", "address": "新", "updated_at": DAY[2]},
    )
    assert json.loads(str(chosen(table, "address")["alternatives"])) == [{"value": odd, "record_key": "a"}]


def test_a_value_alone_has_no_alternatives() -> None:
    assert chosen(members({"record_key": "a", "email": "a@b.cn"}), "email")["alternatives"] == "[]"


def test_values_of_one_entity_do_not_reach_another() -> None:
    table = members(
        {"record_key": "a", "entity_id": "E1", "email": "a@b.cn"},
        {"record_key": "b", "entity_id": "E2", "phone": "+8613900000000"},
    )
    assert values(table).select("entity_id", "field").rows() == [("E1", "email"), ("E2", "phone")]


def test_every_value_comes_from_the_record_it_names() -> None:
    rows = [
        {"record_key": f"k{i}", "entity_id": f"E{i % 2}", "email": f"{i}@b.cn", "province": "浙江"} for i in range(6)
    ]
    table = members(*rows)
    cells = table.select("record_key", "email", "province").unpivot(index="record_key", variable_name="field")
    found = values(table).filter(pl.col("field").is_in(["email", "province"]))
    assert found.join(cells, on=["record_key", "field", "value"], how="anti").is_empty()


def test_the_result_has_the_tables_shape_even_when_empty() -> None:
    assert values(members({"record_key": "a"}).clear()).schema == GOLDEN_VALUE.polars


@pytest.mark.parametrize(
    ("rows", "survivor"),
    [
        pytest.param(
            [{"record_key": "a", "updated_at": DAY[1]}, {"record_key": "b", "updated_at": DAY[2]}],
            "b",
            id="last-updated",
        ),
        pytest.param(
            [{"record_key": "a", "updated_at": DAY[1]}, {"record_key": "b", "updated_at": DAY[1], "email": "a@b.cn"}],
            "b",
            id="then-most-complete",
        ),
        pytest.param(
            [{"record_key": "b", "updated_at": DAY[1]}, {"record_key": "a", "updated_at": DAY[1]}], "a", id="then-key"
        ),
        pytest.param([{"record_key": "a"}, {"record_key": "b", "updated_at": DAY[1]}], "b", id="no-time-is-last"),
    ],
)
def test_the_record_that_stays(rows: list[dict[str, object]], survivor: str) -> None:
    assert choose_survivors(members(*rows)).rows() == [("E1", survivor)]


UNDECIDED = [
    pytest.param({}, {}, None, [("phone", "a", "+861", "+862")], id="nothing-decides"),
    pytest.param(
        {"updated_at": DAY[1]}, {"updated_at": DAY[1]}, None, [("phone", "a", "+861", "+862")], id="same-time"
    ),
    pytest.param({"updated_at": DAY[1]}, {"updated_at": DAY[2]}, None, [], id="the-last-update-decides"),
    pytest.param({"city": "杭州"}, {}, None, [], id="the-fullest-decides"),
    pytest.param({"phone": "+862"}, {}, None, [], id="one-value"),
    pytest.param({"source": "erp"}, {"source": "crm"}, "source_priority", [], id="the-strategy-decides"),
    pytest.param({}, {}, "union", [], id="all-are-kept"),
]


@pytest.mark.parametrize(("one", "other", "strategy", "undecided"), UNDECIDED)
def test_a_value_that_won_by_its_key_alone_is_undecided(
    one: dict[str, object], other: dict[str, object], strategy: str | None, undecided: list[tuple[str, ...]]
) -> None:
    table = members({"record_key": "a", "phone": "+861", **one}, {"record_key": "b", "phone": "+862", **other})
    found = choose_values(table, NO_PARTIAL, {"phone": strategy} if strategy else {}, ["erp", "crm"]).undecided
    assert found.drop("entity_id").rows() == undecided


def test_a_part_of_a_name_never_stands_beside_the_whole() -> None:
    table = members({"record_key": "a", "person_name": "张总"}, {"record_key": "b", "person_name": "张伟"})
    partial = pl.DataFrame({"record_key": ["a"], "field": ["person_name"]})
    assert choose_values(table, partial, {}).undecided.is_empty()


def test_whose_lead_it_was_is_no_question_for_a_steward() -> None:
    table = members({"record_key": "a", "owner": "王芳"}, {"record_key": "b", "owner": "李娜"})
    assert choose_values(table, NO_PARTIAL, {}).undecided.is_empty()


def test_the_most_trusted_source_wins_and_the_unnamed_come_last() -> None:
    table = members(
        {"record_key": "a", "address": "甲路", "source": "展会", "updated_at": DAY[3]},
        {"record_key": "b", "address": "乙路", "source": "erp", "updated_at": DAY[1]},
        {"record_key": "c", "address": "丙路", "source": "crm", "updated_at": DAY[2]},
    )
    golden = choose_values(table, NO_PARTIAL, {"address": "source_priority"}, ["erp", "crm"]).golden_value
    assert golden.filter(field="address")["value"].to_list() == ["乙路"]


def test_a_union_keeps_every_value_once_the_last_updated_first() -> None:
    table = members(
        {"record_key": "a", "phone": "+8613951880734", "updated_at": DAY[1]},
        {"record_key": "b", "phone": "+8613867302915", "updated_at": DAY[3]},
        {"record_key": "c", "phone": "+8613951880734", "updated_at": DAY[2]},
    )
    found = chosen(table, "phone", "union")
    assert (found["value"], found["record_key"], found["alternatives"]) == ("+8613867302915; +8613951880734", "b", "[]")


def test_a_number_chosen_by_hand_brings_its_own_extension_and_is_no_alternative() -> None:
    table = members(
        {"record_key": "a", "landline": "+861", "landline_extension": "811", "updated_at": DAY[2]},
        {"record_key": "b", "landline": "+862", "updated_at": DAY[1]},
    )
    choice = {"entity_id": "E1", "field": "landline", "value": "+862", "record_key": "b"}
    golden = choose_by_hand(values(table), pl.DataFrame([choice]), table)
    told = {row["field"]: row for row in golden.filter(pl.col("field").str.starts_with("landline")).to_dicts()}
    assert list(told) == ["landline"]
    assert (told["landline"]["value"], told["landline"]["rule"]) == ("+862", "survivorship.steward")
    assert json.loads(told["landline"]["alternatives"]) == [{"value": "+861", "record_key": "a"}]
