"""`guiyi run mysql://…` against a real server."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import duckdb
import pytest
from guiyi.errors import InputError, UsageError
from guiyi.io.read.database.query import DatabaseQuery
from guiyi.io.read.database.tables import read_query
from guiyi.tests.database_servers import PASSWORD, free_port, mysql

pytest.importorskip("pymysql", reason="the extra guiyi[db] is not installed")

SCRIPT = """
CREATE TABLE leads (编号 bigint, 姓名 varchar(50) CHARACTER SET utf8mb4, 手机 varchar(20), 公司 varchar(50) CHARACTER SET gbk);
INSERT INTO leads VALUES (1, '张伟😀', '013800138000', '甲公司'), (2, '李四', '13900139000', '');
CREATE TABLE kinds (code decimal(18,0), price decimal(10,2), at datetime(3), day date, raw blob, bits bit(8), more json,
  zeros int(10) zerofill, nothing int, year year);
INSERT INTO kinds VALUES
  (110105194912310021, 1.5, '2024-01-02 03:04:05.12', '1900-02-28', x'00ff', b'101', '{"a": 1}', 42, NULL, 1999);
"""


@pytest.fixture(scope="module")
def place() -> Iterator[str]:
    with mysql(SCRIPT) as address:
        yield address


def ask(place: str, query: str, password: str = PASSWORD) -> DatabaseQuery:
    return DatabaseQuery(f"mysql://crm:{quote(password, safe='')}@{place}", query)


def test_rows_come_in_order_as_text(place: str) -> None:
    table = read_query(ask(place, "SELECT * FROM crm.leads ORDER BY 编号 DESC;"))
    assert (table.name, table.format, table.headers) == ("leads", "mysql", ("编号", "姓名", "手机", "公司"))
    assert table.rows.rows() == [(1, "2", "李四", "13900139000", None), (2, "1", "张伟😀", "013800138000", "甲公司")]


def test_values_are_what_the_database_prints(place: str) -> None:
    (row,) = read_query(ask(place, "SELECT * FROM kinds")).rows.rows()
    assert row[1:5] == ("110105194912310021", "1.50", "2024-01-02 03:04:05.120", "1900-02-28")
    assert row[5:] == ("0x00FF", "0x05", '{"a": 1}', "0000000042", None, "1999")


def test_repeated_columns_and_empty_results(place: str) -> None:
    table = read_query(ask(place, "SELECT 姓名, 手机 AS 姓名 FROM leads WHERE 1 = 0"))
    assert (table.headers, table.rows.height) == (("姓名", "姓名_2"), 0)


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("SELECT 1 FROM nowhere", id="no-such-table"),
        pytest.param("DELETE FROM leads", id="writes"),
        pytest.param("SELECT 1; SELECT 2", id="two-statements"),
        pytest.param("SELECT 姓名 FROM leads WHERE 张伟 = 1", id="words-in-the-message"),
    ],
)
def test_a_refused_query_says_nothing_of_the_data(place: str, query: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_query(ask(place, query))
    assert "张伟" not in str(caught.value)


def test_a_wrong_password_or_server_is_no_secret(place: str) -> None:
    for source in (ask(place, "SELECT 1", "wrong-one"), ask(f"127.0.0.1:{free_port()}/crm", "SELECT 1")):
        with pytest.raises(InputError) as caught:
            read_query(source)
        assert not any(word in str(caught.value) for word in ("wrong-one", PASSWORD))


def test_run_publishes_the_rows_under_the_name_that_was_given(
    place: str, guiyi: Callable[..., object], tmp_path: Path
) -> None:
    address = f"mysql://crm:{quote(PASSWORD, safe='')}@{place}"
    done = guiyi("run", address, "--query", "SELECT * FROM leads", "--name", "老系统", "--quiet")
    assert (done.returncode, PASSWORD in done.stdout + done.stderr) == (0, False)
    with duckdb.connect(str(tmp_path / "guiyi.duckdb"), read_only=True) as store:
        assert store.execute("SELECT name, format, rows FROM source_file").fetchall() == [("leads", "mysql", 2)]
        assert store.execute("SELECT DISTINCT source FROM record").fetchall() == [("老系统",)]
