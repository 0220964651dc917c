"""Bytes that break every encoding: Chinese stays Chinese and says what was lost, or the file is refused."""

from pathlib import Path

import pytest
from guiyi.errors import InputError
from guiyi.io.read.readers import read_tables
from guiyi.io.table.source_table import SourceTable

ROWS = "客户编号,联系人,手机号\n" + "".join(f"{i},张伟,1380013800{i}\n" for i in range(6))
BIG5 = "客戶編號,聯絡人,電話\n" + "".join(f"{i},陳俊傑,091200000{i}\n" for i in range(6))


def read(tmp_path: Path, raw: bytes) -> SourceTable:
    (tmp_path / "a.csv").write_bytes(raw)
    (table,) = read_tables(tmp_path / "a.csv")
    return table


def told(table: SourceTable, rule: str) -> list[tuple[str | None, str | None]]:
    return [
        (value, more)
        for found, value, more in table.notes.select("rule", "value", "suggestion").rows()
        if found == rule
    ]


@pytest.mark.parametrize("stray", [b"\xff" * 10, b"\x80", b"\xff\x81\xff\x8d\x9d"], ids=["many", "one", "not-cp1252"])
@pytest.mark.parametrize(("text", "encoding"), [(ROWS, "gb18030"), (ROWS, "utf-8"), (BIG5, "cp950")])
def test_stray_bytes_do_not_turn_chinese_into_mojibake(tmp_path: Path, text: str, encoding: str, stray: bytes) -> None:
    raw = text.encode(encoding)
    table = read(tmp_path, raw + b"x," + stray + b",1\n")
    assert table.encoding == encoding
    assert ",".join(table.headers) == text.split("\n")[0]
    assert table.rows.head(6).rows() == read(tmp_path, raw).rows.rows()
    ((faults, first),) = told(table, "file.undecodable")
    assert (int(faults or 0) > 0, first) == (True, str(len(raw) + 2))


def test_two_exports_in_one_file_are_read_line_by_line(tmp_path: Path) -> None:
    table = read(tmp_path, ROWS.encode("gb18030") + "7,王小明,13900139000\n".encode() + "8,李四,1\n".encode("gb18030"))
    assert table.encoding == "utf-8+gb18030"
    assert table.rows["c1"].to_list() == ["张伟"] * 6 + ["王小明", "李四"]
    assert told(table, "file.undecodable") == []


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(
            b"".join(f"{i},".encode() + "张伟".encode("gb18030") + b",\xff\x81\xff\x8d\n" for i in range(50)),
            id="every-line",
        ),
        pytest.param("Привет,мир\nИван,Петров\n".encode("cp1251"), id="cyrillic"),
        pytest.param("名前,住所\nこんにちは,山田\n".encode("cp932"), id="japanese"),
        pytest.param("name,city\ncafé,Köln\n".encode("cp1252") + b"a,\x81\n", id="no-cp1252-byte"),
    ],
)
def test_what_nobody_can_tell_is_refused(tmp_path: Path, raw: bytes) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, raw)
    assert caught.value.reason == "encoding.unknown"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("name,city\ncafé,Köln\n", id="german"),
        pytest.param("prénom,ville\nRené,Orléans\nZoë,Besançon\n", id="french"),
        pytest.param("item,price\nx,£5\ny,€6\n", id="signs"),
        pytest.param("Straße,Größe\nMüßig,Äöü\n", id="letters-together"),
        pytest.param("said\nnaïve “quote” – dash\n", id="quotes"),
    ],
)
def test_western_letters_are_evidence_of_their_own(tmp_path: Path, text: str) -> None:
    table = read(tmp_path, text.encode("cp1252"))
    assert table.encoding == "cp1252"
    assert told(table, "file.encoding") == [("cp1252", "0.40")]
    assert list(table.headers) == text.split("\n")[0].split(",")
