"""What the command-line library says of a wrong command line, in Chinese too."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from guiyi.cli.usage import usage_text


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
