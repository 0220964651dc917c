"""The commands as a user meets them: exit codes, one clear sentence for every expected fault, both languages."""

import csv
import io
import json
import os
import re
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msoffcrypto.format.ooxml
import pytest
from guiyi.config import Config
from guiyi.io.store.store import open_store
from guiyi.pipelines.nightly.run import Outcome, run_nightly
from guiyi.reports.summary import fails
from guiyi.schemas import TABLES

Command = Callable[..., "subprocess.CompletedProcess[str]"]
Run = tuple[Path, Outcome]
HAN = re.compile(r"[一-鿿]")
SMALL = "客户编号,联系人,手机号,客户名称\n1,张晓彤,139-0000-1234,云岫软件\n2,张晓彤,13900001234,云岫软件\n3,李明哲,13900005678,\n"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    (tmp_path / "leads.csv").write_text(SMALL, "utf-8")
    return tmp_path / "leads.csv"


@pytest.fixture
def store(small: Path) -> Path:
    """A published run of the small file."""
    run_nightly([small], small.with_name("guiyi.duckdb"), Config(), "zh")
    return small.with_name("guiyi.duckdb")


def is_one_sentence(done: "subprocess.CompletedProcess[str]", *words: str) -> None:
    """Nothing on stdout; on stderr one line that says what is wrong, about what, and no traceback."""
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert re.match(r"错误：|用法错误：|Error: |Usage: ", lines[0])
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in lines[0]


def encrypted(path: Path, samples: Path) -> None:
    with (samples / "customers.xlsx").open("rb") as plain, path.open("wb") as secret:
        msoffcrypto.format.ooxml.OOXMLFile(plain).encrypt("secret", secret)


def damaged(path: Path, samples: Path) -> None:
    path.write_bytes((samples / "customers.xlsx").read_bytes()[:7_000])


def junk(path: Path, _: Path) -> None:
    path.write_bytes(bytes((i * 197 + i // 7 * 91) % 256 for i in range(5_000)))


def nothing(_: Path, __: Path) -> None:
    return


def folder(path: Path, _: Path) -> None:
    path.mkdir()


def holding(data: bytes) -> Callable[[Path, Path], None]:
    return lambda path, _: path.write_bytes(data) and None


@pytest.mark.parametrize(
    ("name", "make", "says"),
    [
        pytest.param("none.csv", nothing, "找不到", id="missing"),
        pytest.param("folder", folder, "文件夹", id="folder"),
        pytest.param("empty.csv", holding(b""), "空的", id="empty"),
        pytest.param("blank.csv", holding(b"\r\n \r\n"), "空的", id="blank"),
        pytest.param("junk.csv", junk, "不是表格", id="binary"),
        pytest.param("junk.xlsx", junk, "不是表格", id="binary-called-a-workbook"),
        pytest.param("enc.xlsx", encrypted, "密码", id="encrypted"),
        pytest.param("cut.xlsx", damaged, "损坏", id="truncated"),
    ],
)
def test_an_input_that_cannot_be_read_is_one_sentence(
    name: str, make: Callable[[Path, Path], None], says: str, guiyi: Command, samples: Path, tmp_path: Path
) -> None:
    make(tmp_path / name, samples)
    done = guiyi("run", name, "--quiet")
    assert done.returncode == 3
    is_one_sentence(done, name, says)


def test_an_encoding_that_does_not_fit_is_one_sentence(guiyi: Command, small: Path) -> None:
    small.write_bytes(SMALL.encode("gb18030"))
    small.with_name("guiyi.toml").write_text('[sources."leads.csv"]\nencoding = "utf-8"\n', "utf-8")
    done = guiyi("run", small, "--quiet")
    assert done.returncode == 3
    is_one_sentence(done, "编码")


@pytest.mark.parametrize(
    ("config", "says"),
    [
        pytest.param("treshold = 1", "treshold", id="unknown-key"),
        pytest.param("a = ", "TOML", id="bad-toml"),
        pytest.param("[thresholds]\nduplicate = 7", "thresholds.duplicate", id="out-of-range"),
        pytest.param(None, "读不到", id="missing"),
    ],
)
def test_a_wrong_configuration_is_one_sentence(config: str | None, says: str, guiyi: Command, small: Path) -> None:
    if config is not None:
        small.with_name("own.toml").write_text(config, "utf-8")
    done = guiyi("run", small, "--config", "own.toml")
    assert done.returncode == 2
    is_one_sentence(done, "own.toml", says)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        pytest.param(["run"], 2, id="no-file"),
        pytest.param(["run", "leads.csv", "--nope"], 2, id="unknown-option"),
        pytest.param(["nope"], 2, id="unknown-command"),
        pytest.param(["run", "leads.csv", "--fail-on", "sometimes"], 2, id="unknown-severity"),
        pytest.param(["groups", "--level", "person"], 2, id="unknown-level"),
        pytest.param(["groups", "--limit", "0"], 2, id="limit-of-none"),
        pytest.param(["export", "records"], 2, id="unknown-table"),
        pytest.param(["export", "record", "--format", "xml"], 2, id="unknown-format"),
        pytest.param(["groups", "--db", "none.duckdb"], 2, id="no-store"),
        pytest.param(["show", "abc", "--db", "none.duckdb"], 2, id="show-without-store"),
    ],
)
def test_a_wrong_command_line_is_one_sentence(arguments: list[str], code: int, guiyi: Command) -> None:
    done = guiyi(*arguments)
    assert done.returncode == code
    is_one_sentence(done)


def test_a_run_on_the_sample_files(guiyi: Command, samples: Path, tmp_path: Path) -> None:
    done = guiyi("run", samples / "leads.csv", samples / "customers.xlsx", "--db", "a.duckdb")
    assert done.returncode == 0
    assert "读入行数" in done.stdout
    stages = [line.split()[1] for line in done.stderr.splitlines()]  # behind the time
    assert stages == ["读入", "比对", "清洗", "查重", "合并方案", "发布"], "no warning, no leak, nothing else on stderr"
    with open_store(tmp_path / "a.duckdb") as opened:
        run = opened.last_run() or {}
    assert run["rows_read"] == run["rows_clean"] + run["rows_quarantined"]  # type: ignore[operator]


def test_quiet_is_one_line_for_cron(guiyi: Command, small: Path) -> None:
    done = guiyi("run", small, "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 1
    assert done.stdout.startswith("r000001-")


def test_findings_decide_the_exit_code_where_asked(guiyi: Command, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("客户编号,联系人,手机号\n1,张伟,13900001234\n2,李娜,139000056\n", "utf-8")
    assert guiyi("run", "a.csv", "--quiet", "--fail-on", "error").returncode == 1


@pytest.mark.parametrize(
    ("severity", "failing"),
    [("error", {"error", "warning"}), ("warning", {"warning"}), ("info", set())],
)
def test_a_finding_fails_a_run_at_its_severity_or_below(severity: str, failing: set[str]) -> None:
    assert {limit for limit in ("error", "warning", "never") if fails({severity: 1}, limit)} == failing


def test_a_file_without_findings_is_clean(guiyi: Command, small: Path) -> None:
    assert guiyi("run", small, "--quiet", "--fail-on", "warning").returncode == 0


def test_english_is_spoken_where_asked(guiyi: Command, tmp_path: Path) -> None:
    """Summary and progress; what is stored is in one language, whoever runs."""
    (tmp_path / "a.csv").write_text("客户编号,联系人,手机号,note\n1,张伟/李娜,139000056,x\n", "utf-8")
    done = guiyi("--lang", "en", "run", "a.csv")
    assert done.returncode == 0
    assert "rows read" in done.stdout
    assert not HAN.search(done.stdout.replace(str(tmp_path), "") + done.stderr)
    rows = list(csv.DictReader(io.StringIO(guiyi("export", "finding").stdout.lstrip("\ufeff"))))
    assert rows
    assert all(HAN.search(r["message"]) for r in rows)


@pytest.mark.parametrize("where", [["--lang", "en"], ["--lang=en"]])
def test_faults_are_told_in_english_where_asked(where: list[str], guiyi: Command) -> None:
    fault = guiyi(*where, "run", "none.csv")
    assert "no such file" in fault.stderr.lower()
    assert not HAN.search(fault.stderr)


def test_help_is_in_both_languages(guiyi: Command) -> None:
    zh, en = guiyi("--help"), guiyi("--lang", "en", "--help")
    assert zh.returncode == en.returncode == 0
    assert "重复组" in zh.stdout
    assert "duplicate groups" in en.stdout
    assert zh.stderr == en.stderr == ""


def test_groups_are_listed_as_text_json_and_csv(guiyi: Command, store: Path) -> None:
    text, lines, table = (guiyi("groups", "--format", form) for form in ("text", "json", "csv"))
    rows = json.loads(lines.stdout)
    assert [r["size"] for r in rows] == [2]
    assert next(csv.DictReader(io.StringIO(table.stdout)))["group_id"] == rows[0]["group_id"]
    assert "****1234" in text.stdout
    assert text.stderr == lines.stderr == table.stderr == ""


def test_personal_data_is_masked_unless_asked_and_asking_is_audited(guiyi: Command, store: Path) -> None:
    masked = guiyi("groups", "--format", "json").stdout
    whole = guiyi("groups", "--format", "json", "--unmask", "--reason", "客户投诉 13800138000").stdout
    assert "13900001234" not in masked
    assert "张晓彤" not in masked
    assert "13900001234" in whole
    with open_store(store) as opened:
        events = opened.table("audit_event")
    assert events["action"].to_list() == ["run", "unmask"]
    assert json.loads(events["detail"][1]) == {"command": "groups", "reason": "客户投诉 138****8000"}


@pytest.mark.parametrize(
    "command",
    [
        ("groups",), ("show", "c"), ("report",), ("report", "--drill", "findings"), ("workbook", "book.xlsx"),
        ("match", "leads.csv"), ("check", "leads.csv"), ("rules", "test", "phone.invalid", "leads.csv"),
    ],
)  # fmt: skip
def test_unmask_without_a_reason_is_a_usage_error_that_says_so(
    guiyi: Command, store: Path, command: tuple[str, ...]
) -> None:
    refused = guiyi(*command, "--unmask")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "--reason" in refused.stderr


def test_an_export_in_full_is_audited_and_a_masked_one_needs_no_audit(guiyi: Command, store: Path) -> None:
    assert "13900001234" in guiyi("export", "record", "--reason", "迁移").stdout
    shown = guiyi("export", "record", "--masked").stdout
    assert "13900001234" not in shown
    assert "+86139****1234" in shown
    with open_store(store) as opened:
        events = opened.table("audit_event").filter(action="export")
    assert [json.loads(d) for d in events["detail"]] == [{"command": "export", "table": "record", "reason": "迁移"}]


def test_explain_says_why(guiyi: Command, store: Path) -> None:
    found = json.loads(guiyi("explain", "1", "2", "--format", "json").stdout)
    assert [e["level"] for e in found] == ["contact", "account"]
    assert {"comparison": "name", "level": "exact"}.items() <= found[0]["comparisons"][0].items()
    text = guiyi("explain", "1", "3")
    assert "不合并" in text.stdout
    assert guiyi("explain", "1", "99").returncode == 2


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_export_to_a_file_is_the_same_as_to_the_pipe(form: str, store: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "guiyi", "export", "record", "--format", form]
    piped = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    subprocess.run([*command, "-o", "out"], cwd=tmp_path, capture_output=True, check=True)
    assert (tmp_path / "out").read_bytes() == piped.stdout
    assert piped.stderr == b""


def test_a_reader_that_goes_away_is_no_fault(store: Path, tmp_path: Path) -> None:
    script = f"{sys.executable} -m guiyi export raw_record --format json | head -c 1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_run_goes_on_when_nobody_reads_what_it_says(small: Path) -> None:
    script = f"{sys.executable} -m guiyi run {small.name} --db b.duckdb | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], cwd=small.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    with open_store(small.parent / "b.duckdb") as opened:
        assert opened.last_run() is not None


def test_evaluate_measures_against_a_truth(guiyi: Command, store: Path, tmp_path: Path) -> None:
    (tmp_path / "truth.csv").write_text("record_id,contact,account\n1,P1,A1\n2,P1,A1\n3,P2,\n", "utf-8")
    figures = json.loads(guiyi("evaluate", "truth.csv", "--format", "json").stdout)
    assert (figures["precision"], figures["recall"], figures["f1"], figures["largest_group"]) == (1.0, 1.0, 1.0, 2)
    assert [(b["band"], b["pairs"], b["right"]) for b in figures["bands"]] == [("auto", 1, 1), ("review", 0, 0)]
    assert sum(s["right"] for s in figures["scores"]) == sum(s["pairs"] for s in figures["scores"]) == 1
    (tmp_path / "private.csv").write_text("编号,姓名,手机号\n1,李晓明,13912345678\n2,李晓明,13912345678\n", "utf-8")
    guiyi("run", "private.csv", "--db", "private.duckdb")
    told = json.loads(
        guiyi("evaluate", "truth.csv", "--db", "private.duckdb", "--level", "account", "--format", "json").stdout
    )
    assert not any(s["pairs"] for s in told["scores"]), "rows that tell no company are no pair of companies"
    (tmp_path / "wrong.csv").write_text("id,person\n1,P1\n", "utf-8")
    fault = guiyi("evaluate", "wrong.csv")
    assert fault.returncode == 3
    is_one_sentence(fault, "record_id")


def test_doctor_counts_every_table(guiyi: Command, store: Path) -> None:
    facts = json.loads(guiyi("doctor", "--db", store, "--format", "json").stdout)
    assert {f"rows.{t.name}" for t in TABLES} <= set(facts)
    assert facts["rows.record"] == 3


def test_a_second_run_is_refused_at_once(guiyi: Command, store: Path, small: Path) -> None:
    hold = "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.flock(f, fcntl.LOCK_EX); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", hold, f"{store}.lock"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        done = guiyi("run", small)
        holder.communicate("")
    assert done.returncode == 4
    is_one_sentence(done, "guiyi.duckdb")


def limit_files_to(size: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_a_disk_that_fills_up_leaves_the_last_run(guiyi: Command, store: Path, samples: Path) -> None:
    """No file of the process may grow beyond 100 kB: publishing fails half way."""
    done = guiyi("run", samples / "leads.csv", "--quiet", preexec_fn=limit_files_to(100_000))
    assert done.returncode == 4
    is_one_sentence(done, "guiyi.duckdb")
    with open_store(store) as opened:
        assert str((opened.last_run() or {})["run_id"])[:7] == "r000001"
        assert opened.table("record").height == 3


def test_a_disk_that_is_full_from_the_start_is_one_sentence(guiyi: Command, small: Path) -> None:
    done = guiyi("run", small, "--quiet", preexec_fn=limit_files_to(8_000))
    assert done.returncode == 4
    is_one_sentence(done, "guiyi.duckdb")
    assert guiyi("run", small, "--quiet").returncode == 0, "no half file stands in the way of the next run"


@pytest.mark.skipif(os.geteuid() != 0 or sys.platform != "linux", reason="only root can mount a small disk")
def test_a_real_small_disk(guiyi: Command, samples: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], capture_output=True, check=False
    ).returncode:
        pytest.skip("this system does not let root mount")
    try:
        done = guiyi("run", samples / "leads.csv", "--quiet", "--db", disk / "a.duckdb")
    finally:
        subprocess.run(["umount", "-l", disk], check=True)
    assert done.returncode == 4
    is_one_sentence(done, "a.duckdb")


@pytest.mark.skipif(os.name == "nt", reason="folders are protected otherwise there")
def test_a_folder_that_cannot_be_written_is_one_sentence(guiyi: Command, small: Path, tmp_path: Path) -> None:
    """Root may write everywhere, so where the tests run as root the proc file system stands in."""
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o555)
    where = Path("/proc") if os.geteuid() == 0 else locked
    done = guiyi("run", small, "--quiet", "--db", where / "a.duckdb")
    assert done.returncode == 4
    is_one_sentence(done, "a.duckdb")


def test_the_same_version_everywhere(guiyi: Command) -> None:
    from guiyi import __version__

    assert guiyi("--version").stdout == f"guiyi {__version__}\n"


def test_bytes_that_no_encoding_explains_are_refused(guiyi: Command, tmp_path: Path) -> None:
    head = "客户编号,联系人,手机号\n".encode("gb18030")
    rows = [
        f"{i},".encode() + "张伟".encode("utf-8" if i % 2 else "gb18030") + b",\xff\x81\xff\x8d\x9d\n"
        for i in range(200)
    ]
    (tmp_path / "mixed.csv").write_bytes(head + b"".join(rows))
    done = guiyi("run", "mixed.csv", "--quiet")
    assert done.returncode == 3
    is_one_sentence(done)


def test_a_store_that_is_a_folder_is_one_sentence(guiyi: Command, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("客户编号,联系人\n1,张伟\n", "utf-8")
    (tmp_path / "folder").mkdir()
    done = guiyi("run", "a.csv", "--quiet", "--db", "folder")
    assert done.returncode in (2, 4)
    is_one_sentence(done, "folder")


def test_too_many_pairs_are_one_sentence(guiyi: Command, tmp_path: Path) -> None:
    """60 rows of one phone make 1,770 pairs, over a budget of 1,000."""
    rows = [f"{i},张晓彤,13900001234" for i in range(60)]
    (tmp_path / "a.csv").write_text("\n".join(["客户编号,联系人,手机号", *rows]), "utf-8")
    (tmp_path / "own.toml").write_text("max_pairs = 1000", "utf-8")
    done = guiyi("run", "a.csv", "--quiet", "--config", "own.toml")
    assert done.returncode in (2, 3)
    is_one_sentence(done, "max_pairs")


@pytest.mark.parametrize("command", [("groups",), ("run", "leads.csv", "--quiet")])
def test_a_table_in_the_place_of_the_store_is_no_store_and_stays_as_it_is(
    command: tuple[str, ...], guiyi: Command, small: Path
) -> None:
    done = guiyi(*command, "--db", "leads.csv")
    assert done.returncode == 4
    is_one_sentence(done, "leads.csv 不是数据库文件")
    assert small.read_text("utf-8") == SMALL


def test_a_store_in_the_place_of_a_table_is_no_customer_table(guiyi: Command, store: Path) -> None:
    done = guiyi("check", store)
    assert done.returncode == 3
    is_one_sentence(done, "归一自己的数据库")
