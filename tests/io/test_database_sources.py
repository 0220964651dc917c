"""Database addresses on the command line: what is asked, what is missing, and what nobody may read."""

from collections.abc import Callable

import pytest
from guiyi.errors import UsageError
from guiyi.io.read.database import tables as databases
from guiyi.io.read.database.query import DatabaseQuery, is_address
from guiyi.io.read.database.tables import read_query


@pytest.mark.parametrize(
    ("query", "name"),
    [
        pytest.param("select * from leads", "leads", id="plain"),
        pytest.param("SELECT a.x\nFROM crm.客户 a JOIN b", "客户", id="schema"),
        pytest.param('select 1 from "crm"."leads 2"', "leads", id="quoted"),
        pytest.param("select * from `crm` . `leads`", "leads", id="backquotes"),
        pytest.param("select 1", "base", id="no-table"),
    ],
)
def test_the_source_is_named_by_its_table(query: str, name: str) -> None:
    assert DatabaseQuery("mysql://h/base", query).name == name


@pytest.mark.parametrize(
    ("text", "expected"),
    [("postgresql://h/d", True), ("MySQL://h/d", True), ("leads.csv", False), ("mysql", False), ("https://h/d", False)],
)
def test_addresses_are_told_from_files(text: str, expected: bool) -> None:
    assert is_address(text) is expected


@pytest.mark.parametrize("address", ["postgresql://u@h:port/d", "mysql://u@[h/d"])
def test_a_malformed_address_is_a_usage_error(address: str) -> None:
    with pytest.raises(UsageError):
        read_query(DatabaseQuery(address, "select 1"))


@pytest.mark.parametrize("address", ["postgresql://h/d", "mysql://h/d"])
def test_a_missing_driver_names_the_command(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "find_spec", lambda _: None)
    with pytest.raises(UsageError) as caught:
        read_query(DatabaseQuery(address, "select 1"))
    assert "pip install 'guiyi[db]'" in str(caught.value)


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("mysql://u:geheim@h/d",), id="no-query"),
        pytest.param(("leads.csv", "--query", "select 1"), id="no-address"),
        pytest.param(("mysql://u:geheim@h/d", "mysql://u:geheim@h/e", "--query", "select 1"), id="two-addresses"),
    ],
)
def test_query_and_address_belong_together(guiyi: Callable[..., object], arguments: tuple[str, ...]) -> None:
    done = guiyi("run", *arguments)
    if len(arguments) < 4:
        assert guiyi("check", *arguments).stderr == done.stderr.replace("guiyi run", "guiyi check")
    assert (done.returncode, "--query" in done.stderr, "geheim" in done.stderr) == (2, True, False)
