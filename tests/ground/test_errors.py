"""Expected faults: what, advice and exit code, in two languages."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from guiyi import i18n
from guiyi.errors import ConservationError, GuiyiError, InputError, StoreError, UsageError
from guiyi.i18n import Language, Text, language, use_language

WHAT, ADVICE = Text("找不到文件 {p}。", "There is no file {p}."), Text("请检查路径。", "Check the path.")


@pytest.fixture(autouse=True)
def no_choice() -> Iterator[None]:
    i18n._chosen.clear()
    yield
    i18n._chosen.clear()


@pytest.mark.parametrize(
    ("kind", "code"), [(UsageError, 2), (InputError, 3), (StoreError, 4), (ConservationError, 5), (GuiyiError, 5)]
)
def test_each_kind_has_its_exit_code(kind: type[GuiyiError], code: int) -> None:
    assert kind(WHAT).exit_code == code


@pytest.mark.parametrize(
    ("choice", "expected"),
    [("zh", "找不到文件 a.csv。请检查路径。"), ("en", "There is no file a.csv. Check the path.")],
)
def test_a_fault_reads_as_one_text_in_the_users_language(choice: Language, expected: str) -> None:
    use_language(choice)
    assert str(InputError(WHAT.format(p="a.csv"), ADVICE)) == expected


def test_a_value_with_braces_is_shown_as_it_is() -> None:
    use_language("en")
    assert str(WHAT.format(p="{x}.csv")) == "There is no file {x}.csv."


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        pytest.param({"LANG": "zh_CN.UTF-8"}, "zh", id="chinese"),
        pytest.param({"LANG": "en_US.UTF-8"}, "en", id="english"),
        pytest.param({"LANG": "C.UTF-8"}, "zh", id="no-language"),
        pytest.param({"LANG": "en_US.UTF-8", "GUIYI_LANG": "zh"}, "zh", id="own-variable-wins"),
        pytest.param({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_GB"}, "en", id="lc-all-wins"),
    ],
)
def test_language_comes_from_the_environment(
    environment: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GUIYI_LANG", "LC_ALL", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert language() == expected


def test_the_option_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUIYI_LANG", "zh")
    use_language("en")
    assert language() == "en"


def test_importing_the_commands_imports_none_of_the_heavy_libraries() -> None:
    heavy = ("polars", "duckdb", "pandera", "pypinyin", "phonenumbers", "fastexcel", "opencc", "pydantic", "numpy")
    probe = f"import sys, guiyi.cli.app; print(sorted(m for m in {heavy!r} if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True, cwd="/")
    assert done.stdout.strip() == "[]"
