"""`guiyi init`: a configuration that loads and a job that runs with it, from a sample file."""

import re
import shutil
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from guiyi.config import Config
from guiyi.io.store.store import open_store
from guiyi.pipelines.setup.init_config import sketch
from guiyi.pipelines.setup.schedule import deploy_files

Command = Callable[..., "subprocess.CompletedProcess[str]"]
HEAD = "客户编号,联系人,手机号,姓名,备注\n"


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    (tmp_path / "inbox").mkdir()
    path = tmp_path / "inbox" / "leads_2026-11-20.csv"
    path.write_text(HEAD + "1,张伟强,13951880734,,老客户\n", "utf-8")
    return path


def test_what_init_writes_loads_and_maps_every_column(guiyi: Command, sample: Path, tmp_path: Path) -> None:
    done = guiyi("init", sample)
    assert (done.returncode, done.stdout.splitlines()) == (0, ["guiyi.toml", "2 列没有对应的字段：姓名, 备注"])
    text = (tmp_path / "guiyi.toml").read_text("utf-8")
    config = Config.model_validate(tomllib.loads(text))
    assert (config.inputs, config.keep_runs) == (["inbox/leads*.csv"], 90)
    assert config.gates == Config().gates
    source = config.sources["leads*.csv"]
    assert (source.name, source.headers) == (
        "leads",
        {"客户编号": "source_record_id", "联系人": "person_name", "手机号": "phone"},
    )
    assert '# "备注" = ""' in text
    assert '# "姓名" = ""  # 联系人的又一列' in text
    assert "张伟强" not in text
    assert "13951880734" not in text


def test_a_job_runs_with_what_init_wrote(guiyi: Command, sample: Path, tmp_path: Path) -> None:
    guiyi("init", sample)
    assert guiyi("run", "--quiet").returncode == 0
    (tmp_path / "inbox" / "leads_2026-11-21.csv").write_text(HEAD + "2,李娜,13867302915,,\n", "utf-8")
    assert guiyi("run", "--quiet").stdout.startswith("r000002-")
    with open_store(tmp_path / "guiyi.duckdb") as opened:
        assert opened.table("record")["source"].to_list() == ["leads", "leads"]


def test_a_configuration_that_is_there_stays(guiyi: Command, sample: Path, tmp_path: Path) -> None:
    (tmp_path / "guiyi.toml").write_text("keep_runs = 7\n", "utf-8")
    done = guiyi("init", sample, "--schedule")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert (tmp_path / "guiyi.toml").read_text("utf-8") == "keep_runs = 7\n"
    assert not (tmp_path / "deploy").exists(), "all files or none"
    assert guiyi("init", sample, "--force").returncode == 0
    assert "keep_runs = 90" in (tmp_path / "guiyi.toml").read_text("utf-8")


def test_without_a_sample_the_general_settings_are_written(guiyi: Command, tmp_path: Path) -> None:
    assert guiyi("--lang", "en", "init").stdout == "guiyi.toml\n"
    text = (tmp_path / "guiyi.toml").read_text("utf-8")
    assert Config.model_validate(tomllib.loads(text)).keep_runs == 90
    assert not re.search("[一-鿿]", text)


def test_a_sheet_stays_a_source_of_its_own(samples: Path, tmp_path: Path) -> None:
    made = sketch(samples / "customers.xlsx", tmp_path)
    source = Config.model_validate(tomllib.loads(made.text)).sources["customers*.xlsx"]
    assert source.name is None
    assert source.headers["联系人信息/手机号"] == "phone"
    assert made.unmapped == ["合同金额（元）", "备注"]


@pytest.mark.parametrize(
    "header",
    ['说"明"', "a\\b", "两\n行", "x\x7fy", "键 = 值 # 注"],
    ids=["quotes", "backslash", "newline", "delete", "sign"],
)
def test_headers_of_any_kind_are_written_as_toml(header: str, tmp_path: Path) -> None:
    quoted = '"' + header.replace('"', '""') + '"'
    (tmp_path / "a[1].csv").write_text(f"客户编号,联系人,{quoted}\n1,张伟强,x\n2,李娜,y\n", "utf-8")
    made = sketch(tmp_path / "a[1].csv", tmp_path)
    config = Config.model_validate(tomllib.loads(made.text))
    assert len(made.unmapped) == 1
    commented = next(line for line in made.text.splitlines() if line.startswith('# "') and line.endswith('= ""'))
    assert list(tomllib.loads(commented[2:])) == made.unmapped
    assert config.inputs


@pytest.mark.parametrize("folder", ["plain", "mit Leerzeichen", "100%", "it's $HOME", "客户"])
def test_deploy_files_start_the_job_from_any_folder(folder: str, sample: Path, tmp_path: Path) -> None:
    home = tmp_path / folder
    shutil.copytree(sample.parent, home / "inbox")
    (home / "guiyi.toml").write_text(sketch(home / "inbox" / sample.name, home).text, "utf-8")
    made = deploy_files(home / "guiyi.toml", home / "crm.duckdb")
    for name, text in made.items():
        (home / name).write_text(text, "utf-8")
    if shutil.which("systemd-analyze"):
        units = [home / "guiyi.service", home / "guiyi.timer"]
        done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
        assert (done.returncode, [line for line in done.stderr.splitlines() if "guiyi" in line]) == (0, [])
    command = made["guiyi.cron"].splitlines()[-1].removeprefix("0 2 * * * ").replace("\\%", "%")
    done = subprocess.run(["sh", "-c", command], cwd="/", capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (home / "crm.log").read_text("utf-8").startswith("r000001-")
    assert (home / "crm.report.json").exists()
    shutil.rmtree(home / "inbox")
    done = subprocess.run(["sh", "-c", command], cwd="/", capture_output=True, text=True, check=False)
    assert done.stdout == "guiyi run: exit code 3\n", "cron mails what fails"


def test_schedule_writes_beside_the_configuration(guiyi: Command, sample: Path, tmp_path: Path) -> None:
    done = guiyi("init", sample, "-o", "etc/guiyi.toml", "--schedule", "--db", "data/crm.duckdb")
    assert done.returncode == 0
    names = [
        f"etc/{name}" for name in ("guiyi.toml", "deploy/guiyi.service", "deploy/guiyi.timer", "deploy/guiyi.cron")
    ]
    assert done.stdout.splitlines()[:4] == names
    service = (tmp_path / "etc" / "deploy" / "guiyi.service").read_text("utf-8")
    assert f"WorkingDirectory={tmp_path}/etc\n" in service
    assert f"--config {tmp_path}/etc/guiyi.toml --db {tmp_path}/data/crm.duckdb --quiet" in service
    assert "OnCalendar=" in (tmp_path / "etc" / "deploy" / "guiyi.timer").read_text("utf-8")
    config = Config.model_validate(tomllib.loads((tmp_path / "etc" / "guiyi.toml").read_text("utf-8")))
    assert config.inputs == ["../inbox/leads*.csv"]
