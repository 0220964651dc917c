"""Output on the code pages of Windows: every command ends as on UTF-8, and what the page lacks is escaped, not a fault."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from guiyi.cli.app import app
from guiyi.config import Config
from guiyi.io.store.store import open_store
from guiyi.pipelines.nightly.run import run_nightly
from guiyi.tests.conftest import clean_environment
from typer.main import get_command

RARE = "𠮷"  # beyond GBK, and beyond the basic plane
TABLE = (
    "客户编号,联系人,手机号,客户名称,备注\n"
    f"1,王{RARE}安,13951880734,云岫软件有限公司,é\n2,王{RARE}安,139 5188 0734,云岫软件有限公司,\n"
    f"3,李娜,13867302915,{RARE}野家餐饮有限公司,abc@@\n4,李娜,+86 13867302915,{RARE}野家餐饮有限公司,\n"
)
# One process runs them all; the real output goes to files of the code page in question.
RUN_ALL = """
import json, sys
from guiyi.__main__ import main
codes = {}
for arguments in json.loads(sys.argv[1]):
    sys.argv = ["guiyi", *arguments]
    try:
        main()
    except SystemExit as end:
        codes[" ".join(arguments)] = end.code
with open("codes.json", "w", encoding="utf-8") as file:
    json.dump(codes, file)
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published run of names that no GBK has."""
    folder = tmp_path_factory.mktemp("rare")
    (folder / f"{RARE}.csv").write_text(TABLE, "utf-8")
    run_nightly([folder / f"{RARE}.csv"], folder / "guiyi.duckdb", Config(), "zh")
    return folder / "guiyi.duckdb"


def command_lines(store: Path) -> dict[str, int]:
    """A use of every command that prints something, and every help text, with the exit code that it has on UTF-8."""
    with open_store(store) as opened:
        group, entity = opened.query(
            "SELECT group_id, entity_id FROM main.duplicate_group WHERE level = 'contact' ORDER BY group_id"
        ).row(0)
    file = f"{RARE}.csv"
    fine = [
        f"init {file} --force", f"check {file} --unmask --reason x", f"check {file} --format json", f"match {file}",
        "groups --unmask --reason x", "groups --unmask --reason x --format json", "groups --unmask --reason x --format csv",
        f"show {group} --unmask --reason x", "explain 1 2", f"columns {file}",
        "plan", "apply merge-plan.json", f"undo {group}", f"approve {group}", f"reject {group}", f"split {group} --out 1",
        "decide --set-aside 3", f"history {entity}", "workbook b.xlsx", "alarm", "report --unmask --reason x",
        "report --drill null_rate:phone --unmask --reason x", "export record", "thresholds", "rules list", "rules show phone.invalid",
        "doctor --db guiyi.duckdb", f"run {file}", "prune --keep 1", "demo", "packs list", "packs show leads", "packs lint",
        f"audit {file} --kind leads", f"reconcile {file} --fail-on never",
    ]  # fmt: skip
    faults = {
        f"tune --labels {file}": 3,
        f"evaluate {file}": 3,
        f"score {file}": 3,
        f"run nowhere-{file}": 3,
        f"review --host {RARE}": 2,
        RARE: 2,
    }
    commands = get_command(app).commands
    lines = {**dict.fromkeys(fine, 0), **faults}
    assert {line.split()[0] for line in lines} >= set(commands)
    return {**lines, **dict.fromkeys((f"{name} --help" for name in commands), 0)}


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        pytest.param("gbk", f"王{RARE}安".encode("gb18030"), id="gbk"),
        pytest.param("cp1252", b"\\u738b\\U00020bb7\\u5b89", id="cp1252"),
    ],
)
def test_every_command_ends_on_a_code_page_as_on_utf_8(
    encoding: str, shown: bytes, store: Path, tmp_path: Path
) -> None:
    for name in (store.name, f"{RARE}.csv"):
        shutil.copy(store.with_name(name), tmp_path)
    expected = command_lines(store)
    done = subprocess.run(
        [sys.executable, "-c", RUN_ALL, json.dumps([line.split() for line in expected])],
        cwd=tmp_path, env=clean_environment(PYTHONIOENCODING=encoding), capture_output=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    assert json.loads((tmp_path / "codes.json").read_text("utf-8")) == expected, done.stderr.decode(
        "gb18030", "replace"
    )
    assert shown in done.stdout
    assert f'"person_name": "王{RARE}安"'.encode() in done.stdout, "what programs read stays UTF-8"
