"""SQL that others wrote can do no harm."""

import polars as pl
import pytest
from guiyi.errors import UsageError
from guiyi.io.store.locked_sql import locked_sql

LEAD = {"lead": pl.DataFrame({"a": [1, 2]})}


def test_a_select_is_answered_with_the_parameters_that_it_names() -> None:
    with locked_sql(LEAD) as sql:
        assert sql.ask("x", "SELECT sum(a) + $more AS n FROM lead", {"more": 3, "unused": 4}).rows() == [(6,)]


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("COPY lead TO 'stolen.csv'", id="copy"),
        pytest.param("ATTACH 'other.duckdb'", id="attach"),
        pytest.param("SELECT * FROM read_csv('/etc/passwd')", id="read_csv"),
        pytest.param("SELECT * FROM '/etc/passwd'", id="file_as_table"),
        pytest.param("SELECT * FROM glob('/*')", id="glob"),
        pytest.param("INSTALL httpfs", id="httpfs"),
        pytest.param("SELECT * FROM read_parquet('https://example.com/a.parquet')", id="network"),
        pytest.param("PRAGMA database_list", id="pragma"),
        pytest.param("SET memory_limit = '64GB'", id="setting"),
        pytest.param("SELECT 1; DROP TABLE lead", id="two_statements"),
        pytest.param("DELETE FROM lead", id="delete"),
        pytest.param("SELECT * FROM statement", id="variable_of_the_program"),
        pytest.param("SELECT * FROM main.record", id="table_that_it_was_not_given"),
        pytest.param("SELEC", id="no_sql"),
    ],
)
def test_whatever_is_no_select_over_the_tables_is_refused(statement: str) -> None:
    with locked_sql(LEAD) as sql:
        with pytest.raises(UsageError) as told:
            sql.ask("own.rule", statement, {})
        assert told.value.reason == "pack.sql"
        assert "own.rule" in told.value.what.zh
        assert sql.ask("x", "SELECT count(*) AS n FROM lead", {}).rows() == [(2,)], "the tables are as they were"


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(
            "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r", id="endless"
        ),
        pytest.param("SELECT count(*) FROM range(10000000000) a, range(1000) b", id="long"),
        pytest.param("SELECT count(DISTINCT hash(a.range)) FROM range(4000000000) a", id="large"),
    ],
)
def test_what_takes_too_long_or_too_much_is_stopped(statement: str) -> None:
    with locked_sql(LEAD, memory="100MB", seconds=1.0) as sql, pytest.raises(UsageError):
        sql.ask("own.rule", statement, {})


def test_a_fault_of_a_value_does_not_quote_the_cell() -> None:
    phones = {"lead": pl.DataFrame({"phone": ["+8613700001111"]})}
    with locked_sql(phones) as sql, pytest.raises(UsageError) as told:
        sql.ask("own.rule", "SELECT phone::DATE AS day FROM lead", {})
    assert "own.rule" in told.value.what.zh
    assert "13700001111" not in str(told.value)
