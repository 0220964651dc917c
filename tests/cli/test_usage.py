"""What the command-line library says of a wrong command line, in Chinese too."""

import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from guiyi.cli.app import app
from guiyi.cli.commands import build_app
from guiyi.cli.usage import usage_text
from guiyi.tests.conftest import clean_environment
from typer.main import get_command


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param(("check",), "缺少参数 file。", id="argument"),
        pytest.param(("chek",), "没有命令 chek，您要的是 'check' 吗？", id="command-alike"),
        pytest.param(("zzz",), "没有命令 zzz。", id="command"),
        pytest.param(("check", "a.csv", "--nope"), "没有选项 --nope，", id="option"),
        pytest.param(("check", "a.csv", "b.csv"), "多出了参数：b.csv。", id="too-many"),
        pytest.param(("check", "a.csv", "--format"), "选项 --format 后面要有取值。", id="no-value"),
        pytest.param(("check", "a.csv", "--hidden=1"), "选项 --hidden 不带取值。", id="flag"),
        pytest.param(("check", "a.csv", "--format", "pdf"), "--format 的取值不对：'pdf' 不在可选之列（'text', ", id="choice"),
        pytest.param(("--lang", "fr", "doctor"), "--lang 的取值不对：'fr' 不在可选之列（'zh', 'en'）。", id="language"),
        pytest.param(("--lang=fr", "doctor"), "--lang 的取值不对：'fr' 不在可选之列", id="language-joined"),
        pytest.param(("check", "a.csv", "--limit", "x"), "--limit 的取值不对：应为整数。", id="integer"),
        pytest.param(("run", "a.csv", "--header-row", "0"), "--header-row 的取值不对：不得小于 1。", id="least"),
    ],
)  # fmt: skip
def test_usage_faults_are_told_in_chinese(guiyi: Callable[..., object], arguments: tuple[str, ...], told: str) -> None:
    done = guiyi(*arguments)
    assert (done.returncode, done.stderr.startswith(f"用法错误：{told}")) == (2, True), done.stderr


def test_english_stays_as_it_is(guiyi: Callable[..., object]) -> None:
    assert guiyi("--lang", "en", "check").stderr == "Usage: Missing argument 'file'. (see guiyi --help)\n"


def test_an_unknown_sentence_is_passed_on() -> None:
    assert usage_text("Something new.") == ("Something new.", "Something new.")


def test_help_in_chinese_is_folded_and_never_cut_off(
    guiyi: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    told = re.sub(r"[\s│]", "", guiyi("check", "--help").stdout)
    assert "只看这些规则，省去其余工作：text、phone.invalid、'email.*'；可重复。" in told
    assert "…" not in told


ALL_HELP = """
import sys
from guiyi.__main__ import main
for arguments in ([], *([name, "--help"] for name in sys.argv[1:]), ["rules"]):
    sys.argv = ["guiyi", *arguments]
    try:
        main()
    except SystemExit as end:
        assert end.code == 0, arguments
"""
ENGLISH = re.compile(
    r"Usage|Options|Arguments|Commands|Show this|default|required|text \|"
    r"|OPTIONS|COMMAND|ARGS|GROUP|RECORD|METRIC|CHANNEL|DECISION"
)


def test_chinese_help_of_every_command_has_no_english_words_and_none_is_a_fault() -> None:
    """`guiyi` and `guiyi rules` alone show their help as well, and that is no fault."""
    names = list(get_command(app).commands)
    done = subprocess.run(
        [sys.executable, "-c", ALL_HELP, *names],
        env=clean_environment(),
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("用法：") == len(names) + 2
    assert ENGLISH.findall(done.stdout.replace("DuckDB", "")) == []


@pytest.mark.parametrize("arguments", [("check", "--lang", "en"), ("rules", "list", "--nope", "--lang=en")])
def test_the_language_may_stand_behind_the_command(guiyi: Callable[..., Any], arguments: tuple[str, ...]) -> None:
    done = guiyi(*arguments)
    assert (done.returncode, done.stderr[:7]) == (2, "Usage: ")


def test_a_wrong_language_is_told_wherever_it_stands(guiyi: Callable[..., Any]) -> None:
    assert guiyi("doctor", "--lang", "fr").stderr == guiyi("--lang", "fr", "doctor").stderr


def test_a_command_is_found_alone() -> None:
    """One command's module is loaded for it, wherever its name stands."""
    names = [command.name or "" for command in get_command(app).commands.values()]
    assert [name for name in names if name not in get_command(build_app(name)).commands] == []
    assert [len(get_command(build_app(name)).commands) < len(names) for name in names] == [True] * len(names)
