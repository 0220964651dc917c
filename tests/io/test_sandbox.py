"""The copy of a table that names nobody: it joins, adds up and keeps distances, and lets nothing else through."""

from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from guiyi.errors import UsageError
from guiyi.io.write.sandbox import sandbox, sandbox_secret
from guiyi.schemas import TABLES

BY_NAME = {table.name: table for table in TABLES}
SECRET = b"one"
DAY = datetime(2026, 1, 26)


def copied(name: str, secret: bytes = SECRET, **cells: list[object]) -> pl.DataFrame:
    table = BY_NAME[name]
    return sandbox(table, table.conform(pl.DataFrame(cells)), secret)


def test_what_was_equal_is_equal_and_nothing_is_what_it_was() -> None:
    record = {
        "record_key": ["a", "b"],
        "person_name": ["周晓燕", "周晓燕"],
        "phone": ["+8613800001111", "+8613800001111"],
        "email": ["z@a.cn", None],
    }
    shown = copied("record", **record)
    assert shown["person_name"].n_unique() == shown["phone"].n_unique() == 1
    assert shown["phone"][0][:6] == "+86138"
    assert len(shown["phone"][0]) == 14
    assert shown["email"][1] is None
    told = str(shown.to_dicts())
    assert not any(text in told for cells in record.values() for text in cells if text is not None and len(text) > 1)


def test_numbers_join_over_tables() -> None:
    record = copied("record", record_key=["a"], source_record_id=["C1"])
    orders = copied("sales_order", record_key=["b"], customer_id=["C1"], order_id=["D1"])
    assert record["source_record_id"][0] == orders["customer_id"][0] != "C1"


def test_amounts_keep_their_proportion_and_times_their_weekday_and_distance() -> None:
    orders = copied(
        "sales_order", record_key=["a", "b"], amount=[100.0, 300.0], signed_on=[DAY, DAY + timedelta(days=3)]
    )
    low, high = orders["amount"]
    assert low != 100.0
    assert high / low == pytest.approx(3.0, rel=1e-3)
    first, last = orders["signed_on"]
    assert (last - first, first.weekday()) == (timedelta(days=3), DAY.weekday())
    assert first != DAY


def test_what_is_not_listed_is_left_out() -> None:
    record = copied(
        "record",
        record_key=["a"],
        address=["文三路 1 号"],
        extra=['{"备注": "微信 wx123"}'],
        title=["采购"],
        city=["杭州"],
    )
    assert record.select("address", "extra", "title", "city").row(0) == (None, None, None, "杭州")


def test_a_reason_in_somebodys_own_words_is_left_out() -> None:
    deal = copied("opportunity", record_key=["a"], opportunity_id=["S1"], lost_reason=["周总嫌贵"], stage=["输单"])
    assert deal.select("lost_reason", "stage").row(0) == (None, "输单")


def test_another_secret_makes_another_copy() -> None:
    one, other = (copied("record", secret, record_key=["a"], person_name=["周晓燕"]) for secret in (b"one", b"two"))
    assert one["person_name"][0] != other["person_name"][0]


def test_the_secret_of_a_store_stays_and_is_its_owners(tmp_path: Path) -> None:
    first = sandbox_secret(tmp_path / "a.duckdb")
    assert sandbox_secret(tmp_path / "a.duckdb") == first
    assert (tmp_path / "a.duckdb.sandbox-key").stat().st_mode & 0o077 == 0


def test_a_table_of_cells_is_refused() -> None:
    with pytest.raises(UsageError, match="finding"):
        sandbox(BY_NAME["finding"], BY_NAME["finding"].empty(), SECRET)
