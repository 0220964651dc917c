"""Files that lie, explode or are broken: one of the reason codes, never a crash, never another library's words."""

import gzip
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from guiyi.errors import InputError
from guiyi.io.read import sandbox, worker_process
from guiyi.io.read.readers import read_tables
from guiyi.io.table.reasons import REASONS
from guiyi.io.table.source_table import ReadOptions

WORKBOOK = (
    '<workbook xmlns:r="r"><sheets><sheet name="S" sheetId="1" r:id="a"/></sheets></workbook>',
    '<Relationships><Relationship Id="a" Type="x/worksheet" Target="sheet.xml"/>'
    '<Relationship Id="b" Type="x/sharedStrings" Target="strings.xml"/></Relationships>',
)


def package(path: Path, sheet: bytes, strings: bytes = b"<sst/>") -> Path:
    """A workbook of four parts, with the given sheet."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("_rels/.rels", '<R><Relationship Id="w" Type="x/officeDocument" Target="workbook.xml"/></R>')
        archive.writestr("workbook.xml", WORKBOOK[0])
        archive.writestr("_rels/workbook.xml.rels", WORKBOOK[1])
        archive.writestr("sheet.xml", sheet)
        archive.writestr("strings.xml", strings)
    return path


def cells(*found: str) -> bytes:
    return f"<worksheet><sheetData>{''.join(found)}</sheetData></worksheet>".encode()


def text_cell(address: str, text: str) -> str:
    return f'<c r="{address}" t="inlineStr"><is><t>{text}</t></is></c>'


def reason_of(path: Path, options: ReadOptions | None = None) -> str:
    with pytest.raises(InputError) as caught:
        read_tables(path, options or ReadOptions())
    return caught.value.reason


def encrypted(path: Path) -> None:
    import msoffcrypto.format.ooxml as ooxml

    plain = path.with_suffix(".plain")
    with xlsxwriter.Workbook(str(plain)) as book:
        book.add_worksheet().write_row(0, 0, ["姓名", "手机"])
        book.get_worksheet_by_name("Sheet1").write_row(1, 0, ["张三", "1"])
    with plain.open("rb") as source, path.open("wb") as target:
        ooxml.OOXMLFile(source).encrypt("秘密", target)


def truncated(path: Path) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet().write_row(0, 0, ["姓名", "手机"])
    path.write_bytes(path.read_bytes()[:-400])


REFUSED: list[tuple[str, Callable[[Path], object], str]] = [
    ("empty", lambda p: p.write_bytes(b""), "file.empty"),
    ("only-blanks", lambda p: p.write_bytes(b"\n \n,,\n"), "file.empty"),
    ("folder", lambda p: p.mkdir(), "file.not_a_file"),
    ("fifo", os.mkfifo, "file.not_a_file"),
    ("png", lambda p: p.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200)), "file.not_a_table"),
    ("pdf", lambda p: p.write_bytes(b"%PDF-1.7\n" + bytes(200)), "file.not_a_table"),
    ("zeros", lambda p: p.write_bytes(bytes(500)), "file.not_a_table"),
    ("gzip", lambda p: p.write_bytes(gzip.compress(b"a,b\n1,2\n")), "file.compressed"),
    ("zip", lambda p: zipfile.ZipFile(p, "w").writestr("a.csv", "a,b"), "file.compressed"),
    ("html-without-table", lambda p: p.write_text("<html><body>404</body></html>"), "file.not_a_table"),
    ("encrypted", encrypted, "workbook.encrypted"),
    ("truncated", truncated, "workbook.damaged"),
    ("broken-ole", lambda p: p.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)), "workbook.damaged"),
    ("blank-sheet", lambda p: package(p, cells()), "workbook.no_table"),
    (
        "entities",
        lambda p: package(p, b'<!DOCTYPE w [<!ENTITY a "aaaa">]>' + cells(text_cell("A1", "&a;"))),
        "workbook.damaged",
    ),
    ("bomb", lambda p: package(p, cells(text_cell("A1", " " * (1 << 30)))), "limit.size"),
    (
        "amplified-text",
        lambda p: package(
            p,
            cells(*(f'<c r="A{i}" t="s"><v>0</v></c>' for i in range(1, 40_000))),
            b"<sst><si><t>" + b"x" * 32_000 + b"</t></si></sst>",
        ),
        "limit.size",
    ),
]


@pytest.mark.parametrize(("make", "reason"), [pytest.param(make, reason, id=name) for name, make, reason in REFUSED])
def test_refusals_have_a_reason_and_an_advice(tmp_path: Path, make: Callable[[Path], object], reason: str) -> None:
    path = tmp_path / "表.xlsx"
    make(path)
    started = time.monotonic()
    assert reason_of(path) == reason
    assert time.monotonic() - started < 20


def test_a_missing_file(tmp_path: Path) -> None:
    assert reason_of(tmp_path / "没有.csv") == "file.missing"
    assert reason_of(tmp_path / ("长" * 300)) in ("file.missing", "file.unreadable")
    assert reason_of(Path("a\0b.csv")) == "file.unreadable"


def test_passwords(tmp_path: Path) -> None:
    encrypted(tmp_path / "a.xlsx")
    assert reason_of(tmp_path / "a.xlsx", ReadOptions(password="错")) == "workbook.wrong_password"
    (table,) = read_tables(tmp_path / "a.xlsx", ReadOptions(password="秘密"))
    assert table.rows.row(0) == (2, "张三", "1")


def test_at_most_fifteen_reasons_each_in_both_languages() -> None:
    assert len(REASONS) <= 15
    for entry in REASONS.values():
        assert all((entry.what.zh, entry.what.en, entry.advice.zh, entry.advice.en))
        assert "\n" not in entry.advice.zh + entry.advice.en


def test_a_stray_cell_in_the_last_row_costs_nothing(tmp_path: Path) -> None:
    rows = [f"<row>{text_cell(a, a)}</row>" for a in ("A1", "B1", "A2", "A1048576", "XFD1048576")]
    (table,) = read_tables(package(tmp_path / "a.xlsx", cells(*rows)))
    assert table.positions == (0, 1, 16_383)
    assert table.rows.rows() == [(2, "A2", None, None), (1_048_576, "A1048576", None, "XFD1048576")]


def test_sixteen_thousand_equal_headers(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        sheet = book.add_worksheet()
        for column in range(16_384):
            sheet.write(0, column, "姓名")
            sheet.write(1, column, "张三")
    started = time.monotonic()
    (table,) = read_tables(tmp_path / "a.xlsx")
    assert time.monotonic() - started < 15
    assert len(set(table.headers)) == 16_384


def test_a_cell_of_a_million_characters(tmp_path: Path) -> None:
    (table,) = read_tables(
        package(tmp_path / "a.xlsx", cells(text_cell("A1", "姓名"), text_cell("A2", "张" * 1_000_000)))
    )
    assert table.rows["c0"].str.len_chars().to_list() == [1_000_000]
    (tmp_path / "a.csv").write_text("姓名,备注\n张三," + "长" * 1_000_000 + "\n", encoding="utf-8")
    assert read_tables(tmp_path / "a.csv")[0].rows["c1"].str.len_chars().to_list() == [1_000_000]


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        pytest.param("import os; os.abort()", "parser.crashed", id="aborts"),
        pytest.param("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "parser.crashed", id="segfault"),
        pytest.param("raise SystemExit(3)", "parser.crashed", id="exits"),
        pytest.param("import time; time.sleep(60)", "limit.time", id="hangs"),
        pytest.param("print('not an answer')", "parser.crashed", id="babbles"),
    ],
)
def test_the_worker_dies_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, behaviour: str, reason: str) -> None:
    monkeypatch.setattr(worker_process, "_command", lambda: [os.sys.executable, "-c", behaviour])  # type: ignore[attr-defined]
    monkeypatch.setattr(sandbox, "_SECONDS", 1.0)
    assert reason_of(package(tmp_path / "a.xlsx", cells(text_cell("A1", "a")))) == reason


def test_no_message_quotes_the_file(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04 13800138000 " + b"\xff" * 100)
    with pytest.raises(InputError) as caught:
        read_tables(path)
    assert "13800138000" not in f"{caught.value} {caught.value!r}"
    assert caught.value.__cause__ is None
    assert capfd.readouterr() == ("", "")


def test_the_worker_starts_where_there_are_no_posix_limits() -> None:
    code = (
        "import sys, guiyi.io.read.workbook.sheets; sys.modules['resource'] = None; sys.platform = 'win32'; "
        "import guiyi.io.read.worker as worker; worker._limit(1)"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
