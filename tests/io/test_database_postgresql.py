"""`guiyi run postgresql://…` against a real server."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import duckdb
import pytest
from guiyi.errors import GuiyiError, InputError, UsageError
from guiyi.io.read.database.query import DatabaseQuery
from guiyi.io.read.database.tables import read_query
from guiyi.tests.database_servers import PASSWORD, free_port, postgresql

pytest.importorskip("adbc_driver_postgresql", reason="the extra guiyi[db] is not installed")

SCRIPT = """
CREATE TABLE leads (编号 bigint, 姓名 text, 手机 varchar(20), 公司 text);
INSERT INTO leads VALUES (1, '张伟', '013800138000', '甲公司'), (2, '李四', '13900139000', '');
CREATE SEQUENCE numbers;
CREATE TABLE kinds AS SELECT 110105194912310021::numeric(18,0) AS code, 1.50::numeric(10,2) AS price, true AS yes,
  timestamptz '2024-01-02 03:04:05.120+00' AS at, date '1900-02-28' AS day, '\\x00ff'::bytea AS raw,
  '{"a": 1}'::jsonb AS more, ARRAY[1,2] AS list, NULL::int AS nothing, 0.1::float8 + 0.2::float8 AS sum;
"""


@pytest.fixture(scope="module")
def place() -> Iterator[str]:
    with postgresql(SCRIPT) as address:
        yield address


def ask(place: str, query: str, password: str = PASSWORD) -> DatabaseQuery:
    return DatabaseQuery(f"postgresql://crm:{quote(password, safe='')}@{place}", query)


def test_rows_come_in_order_as_text(place: str) -> None:
    table = read_query(ask(place, "SELECT * FROM leads ORDER BY 编号 DESC;  "))
    assert (table.name, table.format, table.headers) == ("leads", "postgresql", ("编号", "姓名", "手机", "公司"))
    assert table.rows.rows() == [(1, "2", "李四", "13900139000", None), (2, "1", "张伟", "013800138000", "甲公司")]


def test_values_are_what_the_database_prints(place: str) -> None:
    (row,) = read_query(ask(f"{place}?options=-c%20timezone%3DUTC", "SELECT * FROM kinds")).rows.rows()
    assert row[1:6] == ("110105194912310021", "1.50", "true", "2024-01-02 03:04:05.12+00", "1900-02-28")
    assert row[6:] == ("\\x00ff", '{"a": 1}', "{1,2}", None, "0.30000000000000004")


def test_the_same_rows_have_the_same_hash(place: str) -> None:
    first, again, other = (read_query(ask(place, f"SELECT * FROM leads WHERE 编号 < {n}")) for n in (9, 8, 2))
    assert (first.sha256 == again.sha256, first.sha256 == other.sha256) == (True, False)


def test_no_row_is_a_table_with_headers(place: str) -> None:
    table = read_query(ask(place, "SELECT 姓名 FROM leads WHERE false -- a remark"))
    assert (table.headers, table.rows.height) == (("姓名",), 0)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        pytest.param("SELECT 1 FROM nowhere", "42P01", id="no-such-table"),
        pytest.param("DELETE FROM leads", "42601", id="no-select"),
        pytest.param("SELECT 1; DROP TABLE leads", "42601", id="two-statements"),
        pytest.param("SELECT setval('a', 1) FROM pg_class", "42P01", id="no-such-sequence"),
        pytest.param("SELECT nextval('numbers')", "2", id="writes"),
        pytest.param("SELECT 姓名::int FROM leads", "22", id="a-row-in-the-message"),
        pytest.param("SELECT 1 AS a, 2 AS a", "42701", id="two-columns-of-one-name"),
    ],
)
def test_a_refused_query_says_its_code_and_nothing_else(place: str, query: str, code: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_query(ask(place, query))
    assert code in str(caught.value)
    says_no_secret(caught.value)


def says_no_secret(fault: GuiyiError) -> None:
    told = f"{fault} {fault!r} {fault.what} {fault.advice} {fault.__cause__}"
    assert not any(word in told for word in (PASSWORD, quote(PASSWORD, safe=""), "张伟", "wrong-one"))


def test_a_wrong_password_or_server_is_no_secret(place: str) -> None:
    for source in (ask(place, "SELECT 1", "wrong-one"), ask(f"127.0.0.1:{free_port()}/postgres", "SELECT 1")):
        with pytest.raises(InputError) as caught:
            read_query(source)
        says_no_secret(caught.value)
        assert PASSWORD not in repr(source)


def test_run_publishes_the_rows_and_stores_no_password(
    place: str, guiyi: Callable[..., object], tmp_path: Path
) -> None:
    address = f"postgresql://crm@{place}"
    options = ("--query", "SELECT * FROM leads", "--password-env", "CRM_PASSWORD", "--quiet")
    done = guiyi("run", address, *options, env={"CRM_PASSWORD": PASSWORD})
    assert (done.returncode, PASSWORD in done.stdout + done.stderr) == (0, False)
    with duckdb.connect(str(tmp_path / "guiyi.duckdb"), read_only=True) as store:
        found = store.execute("SELECT name, format, rows FROM source_file").fetchall()
        assert found == [("leads", "postgresql", 2)]
        assert store.execute("SELECT DISTINCT source FROM record").fetchall() == [("leads",)]
    assert PASSWORD.encode() not in (tmp_path / "guiyi.duckdb").read_bytes()


def test_check_asks_the_database_and_says_no_password(place: str, guiyi: Callable[..., object]) -> None:
    query, secret = ("--query", "SELECT * FROM leads"), {"CRM_PASSWORD": PASSWORD}
    done = guiyi("check", f"postgresql://crm@{place}", *query, "--password-env", "CRM_PASSWORD", env=secret)
    assert "leads · 2 行（postgresql）" in done.stdout, done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    sheets = guiyi("check", f"postgresql://crm@{place}", *query, "--annotate", "a.xlsx", env=secret)
    assert (sheets.returncode, "--annotate" in sheets.stderr) == (2, True)
