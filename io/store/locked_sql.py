"""SQL that others wrote, where it can do no harm: an in-memory DuckDB that holds the tables it may read, and nothing else.

No file, no network, no setting, no second statement, bounded memory and time.
"""

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import duckdb
import polars as pl

from ...errors import UsageError
from ...i18n import Text
from .bridge import to_duckdb, to_polars
from .migrations import quoted

MEMORY, SECONDS = "2GB", 60.0
# Faults of a statement; those of a value, such as a text that is no number, quote the cell.
_ABOUT_SQL = (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException, duckdb.PermissionException)
_PARAMETER = re.compile(r"\$([a-z_][a-z0-9_]*)")


class LockedSql:
    """Answers SELECTs over the tables that it was made with."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, seconds: float) -> None:
        self._connection, self._seconds = connection, seconds

    def ask(self, name: str, sql: str, given: Mapping[str, object]) -> pl.DataFrame:
        """The rows of one SELECT. given: values of $names, of which the statement may use some. Raises UsageError, naming what asked."""
        wanted = {word: given[word] for word in _PARAMETER.findall(sql) if word in given}
        timer = threading.Timer(self._seconds, self._connection.interrupt)
        try:
            if [s.type for s in duckdb.extract_statements(sql)] != [duckdb.StatementType.SELECT]:
                raise _refused(name, Text("只能是一条 SELECT", "one SELECT, and nothing else"))
            timer.start()
            return to_polars(self._connection, sql, wanted)
        except duckdb.InterruptException:
            why = Text("超过 {s:g} 秒，已中断", "stopped after {s:g} seconds").format(s=self._seconds)
            raise _refused(name, why) from None
        except duckdb.Error as fault:
            about_sql = isinstance(fault, _ABOUT_SQL)
            told = str(fault).strip().splitlines()[0] if about_sql else type(fault).__name__
            raise _refused(name, Text(told, told)) from None
        finally:
            timer.cancel()


@contextmanager
def locked_sql(
    tables: Mapping[str, pl.DataFrame], memory: str = MEMORY, seconds: float = SECONDS
) -> Iterator[LockedSql]:
    """tables: name → rows, all that can be read."""
    connection = duckdb.connect(":memory:")
    try:
        for name, frame in tables.items():
            to_duckdb(connection, "given", frame)
            connection.execute(f"CREATE TABLE {quoted(name)} AS SELECT * FROM given")
            connection.unregister("given")
        for setting in (
            f"memory_limit = '{memory}'", "max_temp_directory_size = '0B'", "enable_external_access = false",
            "python_enable_replacements = false", "lock_configuration = true",
        ):  # fmt: skip
            connection.execute(f"SET {setting}")
        yield LockedSql(connection, seconds)
    finally:
        connection.close()


def _refused(name: str, why: Text) -> UsageError:
    what = Text("规则包的 {n} 执行不了：{w}。", "{n} of a rule pack cannot be run: {w}.")
    told = Text(what.zh.format(n=name, w=why.zh), what.en.format(n=name, w=why.en))
    return UsageError(told, Text("请用 guiyi packs lint 检查。", "Check it with guiyi packs lint."), reason="pack.sql")
