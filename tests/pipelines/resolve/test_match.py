"""New rows against the store: the answer of a run, without the run."""

import subprocess
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path

import guiyi
import polars as pl
import pytest
from guiyi.__main__ import _run
from guiyi.config import Config
from guiyi.errors import InputError, StoreError
from guiyi.io.store.store import open_store
from guiyi.pipelines.context import RunOptions
from guiyi.pipelines.nightly.run import run_nightly
from guiyi.pipelines.resolve.match import ANSWER, match_files, match_rows
from guiyi.sample_data.generate import write_table
from guiyi.tests.conftest import Command
from guiyi.tests.first_night import first_night
from rich.cells import cell_len

KNOWN = """客户编号,联系人,手机号,公司
1,张伟强,13951880734,
2,张伟强,13951880734,
3,李娜,13867302915,
"""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    (tmp_path / "leads_1.csv").write_text(KNOWN, "utf-8")
    first_night([tmp_path / "leads_1.csv"], tmp_path / "a.duckdb")
    return tmp_path / "a.duckdb"


def entity(store: Path, number: str) -> str:
    with open_store(store) as opened:
        return opened.query(
            "SELECT entity_id FROM main.entity_member WHERE level = 'contact' AND source_record_id = ?", [number]
        ).item()


def test_each_row_gets_its_answer(store: Path) -> None:
    rows = [
        {"联系人": "张伟强", "手机": "139-5188-0734"},
        {"联系人": "赵敏敏", "手机": "13740826193"},
        {"联系人": "赵敏敏", "手机": "137 4082 6193"},
        {"联系人": None, "手机": "无"},
    ]
    answer = guiyi.match(rows, store)
    assert answer["verdict"].to_list() == ["duplicate", "new", "duplicate", "quarantined"]
    assert answer["entity_id"].to_list() == [entity(store, "1"), None, None, None]
    assert answer["same_as_row"].to_list() == [None, None, 2, None]
    assert answer["of_record"][0] in ("1", "2")


def test_what_each_verdict_carries(store: Path) -> None:
    """李娜娜 is near to 李娜, who is known, and nearer to herself in the next row."""
    rows = [
        {"联系人": "张伟强", "手机": "139-5188-0734"},
        {"联系人": "赵敏敏", "手机": "13740826193"},
        {"联系人": "赵敏敏", "手机": "137 4082 6193"},
        {"联系人": "李娜娜", "手机": "13867302915"},
        {"联系人": "李娜娜", "手机": "138 6730 2915"},
        {"联系人": None, "手机": "无"},
    ]
    strict = Config.model_validate({"thresholds": {"duplicate": 0.97}})
    told = match_rows(rows, store, strict, "zh", "form").to_dicts()
    assert [row["verdict"] for row in told] == ["duplicate", "new", "duplicate", "new", "duplicate", "quarantined"]
    names = ("entity_id", "score", "of_record", "reasons", "same_as_row")
    carried = [{name for name in names if row[name] is not None} for row in told]
    near = {"score", "of_record", "reasons"}
    assert carried == [near | {"entity_id"}, set(), near | {"same_as_row"}, near, near | {"same_as_row"}, set()]
    assert [told[i]["of_record"] for i in (2, 3, 4)] == [told[1]["record_key"], "3", told[3]["record_key"]]


def test_a_row_that_the_store_holds_word_for_word_is_known(store: Path) -> None:
    rows = pl.read_csv(KNOWN.encode(), infer_schema=False)
    answer = guiyi.match(rows, store, source="leads")
    assert answer["verdict"].to_list() == ["known"] * 3
    assert answer["entity_id"].to_list() == [entity(store, n) for n in "123"]


def test_nothing_is_written(store: Path) -> None:
    before = store.read_bytes()
    guiyi.match([{"联系人": "张伟强", "手机": "13951880734"}], store)
    assert store.read_bytes() == before
    assert not store.with_name(store.name + ".decisions").exists()


def test_a_store_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        guiyi.match([{"联系人": "张伟强"}], tmp_path / "none.duckdb")


@pytest.mark.parametrize(
    "given",
    [
        pytest.param("联系人,手机\n张伟强,13951880734\n", id="csv"),
        pytest.param('{"联系人":"张伟强","手机":"13951880734"}\n', id="json lines"),
    ],
)
def test_standard_input_is_read_and_the_exit_code_tells(store: Path, given: str) -> None:
    command = [
        sys.executable,
        "-m",
        "guiyi",
        "match",
        "-",
        "--db",
        str(store),
        "--format",
        "csv",
        "--fail-on",
        "duplicate",
    ]
    done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1, done.stderr
    assert ",duplicate," in done.stdout


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param('{"姓名":"周砚"', "标准输入的第 1 行", id="one-object-cut-off"),
        pytest.param('{"姓名":"周砚"}\n{"姓名":"李娜"}\n{"姓名"\n', "标准输入的第 3 行", id="last-line-cut-off"),
        pytest.param('{\n  "姓名": "周砚"\n}\n', "标准输入的第 1 行", id="an-object-over-several-lines"),
        pytest.param('[{"姓名":"周砚"}', "标准输入不是合法的 JSON", id="array-cut-off"),
        pytest.param('[{"姓名":"周砚"},["李娜"]]', "第 2 项", id="array-of-other-things"),
        pytest.param("", "标准输入是空的", id="nothing"),
        pytest.param(" \n\n", "标准输入是空的", id="blank"),
        pytest.param("\x00\x01\x02\x00", "标准输入：", id="no-text"),
    ],
)
def test_standard_input_that_is_no_table_is_refused_in_one_sentence(
    given: str, said: str, store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["guiyi", "--lang", "zh", "match", "-", "--db", str(store), "--format", "csv"])
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(given.encode())))
    assert _run() == 3
    done = capsys.readouterr()
    assert done.out == ""
    assert said in done.err
    assert "stdin." not in done.err
    assert len(done.err.splitlines()) == 1


def test_a_terminal_shows_the_answers_and_a_file_every_column(store: Path, guiyi: Command, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("编号,联系人,手机\n8,张伟强,13951880734\n9,赵敏敏,13740826193\n", "utf-8")
    done = guiyi("match", "new.csv", "--db", store, env={"COLUMNS": "80"})
    assert done.returncode == 0
    assert entity(store, "1") in done.stdout
    assert "reasons" not in done.stdout
    assert len(done.stdout.splitlines()) == 3 + 2 + 1, "a row is a line"
    assert max(cell_len(line) for line in done.stdout.splitlines()) <= 80
    assert guiyi("match", "new.csv", "--db", store, "--format", "csv").stdout.startswith(",".join(ANSWER))


def test_the_answer_is_that_of_a_run_over_everything(tmp_path: Path) -> None:
    write_table(800, 5, tmp_path)
    table = pl.read_csv(tmp_path / "records.csv", infer_schema=False).sample(fraction=1.0, shuffle=True, seed=4)
    (tmp_path / "all").mkdir()
    table.write_csv(tmp_path / "all" / "leads_1.csv")
    table[80:].write_csv(tmp_path / "leads_1.csv")
    calm = RunOptions(breaker=False)
    run_nightly([tmp_path / "leads_1.csv"], tmp_path / "known.duckdb", Config(), "zh", options=calm)
    run_nightly([tmp_path / "all" / "leads_1.csv"], tmp_path / "all.duckdb", Config(), "zh", options=calm)
    answer = guiyi.match(table[:80], tmp_path / "known.duckdb", source="leads")
    with open_store(tmp_path / "all.duckdb") as opened:
        members = opened.query("SELECT record_key, entity_id AS whole FROM main.entity_member WHERE level = 'contact'")
    old = members.join(answer.select("record_key"), on="record_key", how="anti").select("whole").unique()
    joined = answer.join(members, on="record_key")
    expected = joined["whole"].is_in(old["whole"].implode())
    agree = (joined["entity_id"].is_not_null() == expected).sum()
    assert agree >= joined.height - 1, joined.filter(joined["entity_id"].is_not_null() != expected)


def test_a_table_of_which_nothing_was_read_is_refused_by_its_headers(store: Path, tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("渠道细目,展位\n微信群,甲三\n展会,乙七\n", "utf-8")
    with pytest.raises(InputError, match="渠道细目") as fault:
        match_files([path], store, Config(), "zh")
    assert fault.value.reason == "file.no_customers"
