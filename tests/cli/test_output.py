"""What becomes of a command whose output cannot be written: a published run stays published, and nothing is asked for again."""

import os
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from guiyi.cli.app import app
from guiyi.errors import GuiyiError, InputError, UsageError
from guiyi.io.store.store import open_store
from guiyi.io.write.export import write_file
from guiyi.pipelines.nightly.run import Outcome

pytestmark = pytest.mark.skipif(os.name == "nt", reason="devices and pipes of POSIX")
Command = Callable[..., "subprocess.CompletedProcess[str]"]
TABLE = "客户编号,联系人,手机号\n1,张伟强,13951880734\n"
FULL = Path("/dev/full")


@pytest.fixture
def leads(tmp_path: Path) -> Path:
    (tmp_path / "leads.csv").write_text(TABLE, "utf-8")
    return tmp_path / "leads.csv"


def print_to_full() -> None:
    os.dup2(os.open(FULL, os.O_WRONLY), 1)


def runs(store: Path) -> int:
    with open_store(store) as opened:
        return int(opened.query("SELECT count(*) FROM history.run").item())


@pytest.mark.parametrize("quiet", [(), ("--quiet",)])
def test_a_run_whose_summary_finds_a_full_disk_is_published_and_says_so(
    quiet: tuple[str, ...], guiyi: Command, leads: Path, tmp_path: Path
) -> None:
    done = guiyi("run", leads, *quiet, preexec_fn=print_to_full)
    last = done.stderr.splitlines()[-1]
    assert (done.returncode, "标准输出写不进去" in last, "已发布，请勿重做" in last) == (0, True, True)
    assert runs(tmp_path / "guiyi.duckdb") == 1


def test_a_report_on_a_full_disk_leaves_a_published_run_with_a_warning(
    guiyi: Command, leads: Path, tmp_path: Path
) -> None:
    done = guiyi("run", leads, "--quiet", "--report", FULL)
    assert (done.returncode, "本次运行已发布，请勿重做" in done.stderr) == (0, True)
    assert runs(tmp_path / "guiyi.duckdb") == 1
    assert stat.S_ISCHR(FULL.stat().st_mode), "the device is still one"


def test_streams_that_are_closed_harm_no_run(leads: Path, tmp_path: Path, guiyi: Command) -> None:
    def close() -> None:
        for number in (0, 1, 2):
            os.close(number)

    done = guiyi("run", leads, "--quiet", preexec_fn=close)
    assert (done.returncode, runs(tmp_path / "guiyi.duckdb")) == (0, 1)


def test_a_result_that_finds_a_full_disk_is_a_sentence_and_exit_4(
    guiyi: Command, sample_run: tuple[Path, Outcome]
) -> None:
    done = guiyi("export", "record", "--db", sample_run[0], preexec_fn=print_to_full)
    assert (done.returncode, done.stderr.count("\n"), "标准输出写不进去" in done.stderr) == (4, 1, True)


def test_a_reader_that_goes_away_ends_the_output_quietly(start, sample_run: tuple[Path, Outcome]) -> None:
    process = start("export", "record", "--db", sample_run[0])
    process.stdout.readline()
    process.stdout.close()
    assert (process.wait(60), process.stderr.read()) == (0, "")
    process.stdout = None


@pytest.mark.parametrize("command", ["check", "run"])
@pytest.mark.parametrize(
    "make", [os.mkfifo, Path.mkdir, lambda p: p.symlink_to("/dev/zero")], ids=["pipe", "folder", "device"]
)
def test_what_is_no_file_is_refused_at_once(
    make: Callable[[Path], None], command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    make(tmp_path / "leads.csv")
    with pytest.raises(InputError) as fault:
        app([command, "leads.csv"], standalone_mode=False)
    assert (fault.value.reason, fault.value.exit_code) == ("file.not_a_file", 3)
    assert not (tmp_path / "guiyi.duckdb").exists()


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        pytest.param(("match", "pipe", "--db", "STORE"), InputError, id="match"),
        pytest.param(("apply", "pipe", "--db", "STORE"), InputError, id="plan"),
        pytest.param(("decide", "--file", "pipe", "--db", "STORE"), InputError, id="decisions"),
        pytest.param(("workbook", "--read", "pipe", "--db", "STORE"), InputError, id="workbook"),
        pytest.param(("check", "leads.csv", "--config", "pipe"), UsageError, id="configuration"),
    ],
)
def test_a_pipe_hangs_no_reader(
    command: tuple[str, ...], kind: type[GuiyiError], leads: Path, sample_run: tuple[Path, Outcome],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(leads.parent)
    os.mkfifo("pipe")
    with pytest.raises(kind):
        app([str(sample_run[0]) if word == "STORE" else word for word in command], standalone_mode=False)


def test_a_file_written_through_a_link_leaves_the_link_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("file")
    write_file(tmp_path / "link", b"x")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_bytes() == b"x"


def test_a_report_that_cannot_be_written_where_nothing_was_published_is_the_jobs_fault(
    guiyi: Command, tmp_path: Path
) -> None:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "guiyi.toml").write_text('inputs = ["inbox"]\n', "utf-8")
    (tmp_path / "report.json").mkdir()
    assert guiyi("run", "--report", "report.json").returncode == 4
