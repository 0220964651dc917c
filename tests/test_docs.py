"""What the documents show holds: commands run and end with the code they say, SQL, Python and TOML work, pages are current."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest
from guiyi.cli.commands import _FURTHER, _MODULES
from guiyi.config import Config
from guiyi.decisions import KINDS
from guiyi.docs.generate import stale
from guiyi.docs.reference import END, KEYS, MARK, page
from guiyi.io.store.store import Store
from guiyi.pipelines.merge.sheets import load_template
from guiyi.pipelines.nightly.run import Outcome
from guiyi.rules.catalog import catalog
from guiyi.schemas import TABLES
from guiyi.tests.fork_server import PLAIN, ForkServer

ROOT = Path(__file__).parent.parent
LANGUAGES = ("en", "zh")
# In the order in which they are read: commands of later pages build on what earlier ones made.
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")], key=lambda p: (p.parent != ROOT, p.stem != "start", p)
)
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)")
# What sets a machine up rather than uses guiyi; `make test` would run this very test again.
SETUP = ("git clone", "cd guiyi", ". .venv/bin/activate", "py -m venv", ".venv/Scripts/pip install")
CHECKS = ("ruff check", "lint-imports", "python -m pytest", "mypy")


class Shown(NamedTuple):
    """A command as a document shows it, and the exit code that it says."""

    place: str
    line: str
    code: int


def blocks(*languages: str) -> Iterator[tuple[str, str]]:
    """`document:number` and text of every fenced block of these kinds; what both languages show comes once."""
    seen = set()
    for document in DOCUMENTS:
        for number, (language, text) in enumerate(FENCE.findall(document.read_text("utf-8")), start=1):
            if language in languages and text not in seen:
                seen.add(text)
                yield f"{document.relative_to(ROOT)}:{number}", text


def shown_commands() -> list[Shown]:
    """Every command line of the documents, in order, each once."""
    found: dict[str, Shown] = {}
    for place, text in blocks("console"):
        lines = text.splitlines()
        for at, line in enumerate(lines):
            if line.startswith("$ ") and line != "$ echo $?":
                following = [x for x in lines[at + 1 :] if x.startswith("$ ")][:1]
                code = int(lines[lines.index("$ echo $?", at) + 1]) if following == ["$ echo $?"] else 0
                found.setdefault(line[2:], Shown(place, line[2:], code))
    for place, text in blocks("sh", "bat"):
        for line in text.replace("\\", "/").splitlines():
            plain = line.removeprefix(".venv/Scripts/").removeprefix(".venv/bin/")
            kept = line if line.startswith(SETUP) else plain
            found.setdefault(kept, Shown(place, kept, 0))
    return list(found.values())


def executed() -> list[Shown]:
    """The commands that this test runs."""
    return [c for c in shown_commands() if not c.line.startswith(("make ", *SETUP, *CHECKS))]


@pytest.fixture
def workplace(tmp_path: Path) -> Path:
    """A folder with copies of the samples and of the documents."""
    (tmp_path / "sample_data").mkdir()
    for name in ("leads.csv", "customers.xlsx", "truth.csv"):
        shutil.copy(ROOT / "sample_data" / name, tmp_path / "sample_data")
    shutil.copytree(ROOT / "docs", tmp_path / "docs", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def run(line: str, folder: Path, server: ForkServer) -> subprocess.CompletedProcess[str]:
    """A command line as a user types it, without the user's own settings."""
    program, *arguments = shlex.split(line)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("GUIYI_", "LC_", "LANG"))} | PLAIN
    if program == "guiyi":
        return server.run(arguments, folder, environment)
    assert program == "python"
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8",
        timeout=120, check=False,
    )  # fmt: skip


def test_commands_in_documents_end_as_documented(workplace: Path, fork_server: ForkServer) -> None:
    wrong = []
    for shown in executed():
        done = run(shown.line, workplace, fork_server)
        if done.returncode != shown.code or "Traceback" in done.stderr:
            wrong.append(f"{shown.place}: {shown.line}: {done.returncode} instead of {shown.code}\n{done.stderr}")
    assert not wrong, "\n".join(wrong)


def test_documents_show_every_command_of_guiyi() -> None:
    shown = {c.line.split()[1] for c in executed() if c.line.startswith("guiyi ")}
    assert shown == {
        *("run", "init", "check", "match", "rules", "groups", "show", "explain", "score", "export", "evaluate", "demo"),
        *("approve", "reject", "split", "decide", "plan", "apply", "undo", "history", "prune", "thresholds", "tune"),
        *("report", "workbook", "alarm", "packs", "audit", "reconcile"),
    }
    for language in LANGUAGES:
        listed = (ROOT / "docs" / language / "commands.md").read_text("utf-8")
        assert [command for command in sorted({*_MODULES, *_FURTHER}) if f"`guiyi {command}" not in listed] == [], (
            language
        )


def test_both_languages_have_the_same_pages_headings_and_blocks() -> None:
    pairs = [(ROOT / "README.md", ROOT / "README.zh-CN.md")]
    pairs += [(p, ROOT / "docs/zh" / p.name) for p in sorted((ROOT / "docs/en").glob("*.md"))]
    assert [p.name for p in sorted((ROOT / "docs/zh").glob("*.md"))] == [en.name for en, _ in pairs[1:]]
    for en, zh in pairs:
        assert outline(en) == outline(zh), en.name


def outline(document: Path) -> list[object]:
    """Depth of the headings, and what the blocks do: commands without their output, configurations without comments."""
    text = document.read_text("utf-8")
    headings: list[object] = [len(h) for h in re.findall(r"^(#+) ", FENCE.sub("", text), re.MULTILINE)]
    for kind, block in FENCE.findall(text):
        lines = [line for line in block.splitlines() if kind != "console" or line.startswith("$ ")]
        headings.append((kind, tomllib.loads(block) if kind == "toml" else None if kind == "text" else lines))
    return headings


def test_front_page_is_short() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        assert len((ROOT / name).read_text("utf-8").splitlines()) <= 150


def test_glossary_calls_decisions_as_page_and_workbook_do() -> None:
    zh, en = ((ROOT / "docs" / language / "glossary.md").read_text("utf-8") for language in ("zh", "en"))
    assert [
        k for k, kind in KINDS.items() if f"{kind.name.zh} `{k}`" not in zh or f"`{k}` {kind.name.zh}" not in en
    ] == []


def test_files_that_documents_name_exist() -> None:
    named = re.compile(r"`((?:cli|dedup|io|pipelines|reports|review|rules|sample_data|tests|docs)/[\w./-]*)`")
    missing = {
        f"{document.relative_to(ROOT)}: {path}"
        for document in DOCUMENTS
        for path in named.findall(FENCE.sub("", document.read_text("utf-8")))
        if not (ROOT / path).exists()
    }
    assert missing == set()


def test_make_targets_in_documents_exist() -> None:
    wanted = {w for c in shown_commands() if c.line.startswith("make ") for w in c.line.split()[1:]}
    wanted |= {w for d in DOCUMENTS for w in re.findall(r"`make (\w+)`", d.read_text("utf-8"))}
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert {"demo", "test"} <= wanted <= targets


@pytest.mark.parametrize(("place", "text"), list(blocks("sql")), ids=[p for p, _ in blocks("sql")])
def test_sql_in_documents_finds_something_in_the_samples(place: str, text: str, sample_store: Store) -> None:
    for statement in filter(str.strip, text.split(";")):
        assert sample_store.query(statement).height, f"{place}: {statement}"


@pytest.mark.parametrize(("place", "text"), list(blocks("python")), ids=[p for p, _ in blocks("python")])
def test_python_in_documents_runs(
    place: str, text: str, sample_run: tuple[Path, Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A block that names its file in the first line sees that file's package; it runs where `guiyi demo` has run."""
    (tmp_path / "demo-output").mkdir()
    shutil.copy(sample_run[0], tmp_path / "demo-output" / "guiyi.duckdb")
    monkeypatch.chdir(tmp_path)
    folder = re.match(r"# ((?:\w+/)+)\w+\.py\n", text)
    names = {
        "__name__": "shown",
        "__package__": f"guiyi.{folder[1].strip('/').replace('/', '.')}" if folder else "shown",
    }
    exec(compile(text, place, "exec"), names)


def test_field_type_of_the_documents_cleans_postcodes() -> None:
    shown = next(
        text for place, text in blocks("python") if "clean_postcodes" in text and place.startswith("docs/en/adding.md")
    )
    names: dict[str, object] = {"__name__": "shown", "__package__": "guiyi.rules"}
    exec(shown, names)
    cleaned = names["clean_postcodes"](pl.Series(["310 000", "31000", None]))  # type: ignore[operator]
    assert cleaned.values.rows() == [("310 000", "310000"), ("31000", None)]
    assert cleaned.findings.rows() == [("31000", "postcode.invalid", None)]


@pytest.mark.parametrize(("place", "text"), list(blocks("toml")), ids=[p for p, _ in blocks("toml")])
def test_toml_in_documents_is_accepted(place: str, text: str, tmp_path: Path) -> None:
    content = tomllib.loads(text)
    if text.startswith("# guiyi.toml"):
        assert Config.model_validate(content) != Config()
    elif text.startswith("# crm.toml"):
        (tmp_path / "crm.toml").write_text(text, "utf-8")
        assert load_template(tmp_path / "crm.toml")["map"]["loser_id"] == "LoserId"
    elif "catalog.toml" in text:
        assert all(
            set(rule) == {"stage", "severity", "zh", "en", "since"}
            for area in content.values()
            for rule in area.values()
        )


def test_generated_parts_are_what_the_generator_renders() -> None:
    assert [str(p.relative_to(ROOT)) for p in stale()] == [], "run: python docs/generate.py"


@pytest.mark.parametrize("language", LANGUAGES)
def test_reference_pages_name_every_table_column_key_and_rule(language: str) -> None:
    folder = ROOT / "docs" / language
    tables, config, rules = ((folder / f"{n}.md").read_text("utf-8") for n in ("tables", "config", "rules"))
    assert [c.name for t in TABLES for c in t.columns if f"| `{c.name}`" not in tables] == []
    assert [k for k in KEYS if f"| `{k}` |" not in config] == []
    assert [r for r in catalog() if f"| `{r}` |" not in rules] == []


def test_page_without_a_mark_is_refused() -> None:
    assert page(f"opening\n{MARK}\nold", "new\n") == f"opening\n{MARK}\n\nnew\n"
    assert page(f"{MARK}\nold\n{END}\nend\n", "new\n") == f"{MARK}\n\nnew\n\n{END}\nend\n"
    with pytest.raises(ValueError, match="mark"):
        page("opening", "new")


def test_links_between_documents_lead_somewhere() -> None:
    dead = []
    for document in DOCUMENTS:
        for target, anchor in LINK.findall(FENCE.sub("", document.read_text("utf-8"))):
            path = document.parent / target if target else document
            if not path.exists() or (anchor and anchor not in anchors(path)):
                dead.append(f"{document.name}: {target}#{anchor}")
    assert not dead


def anchors(document: Path) -> set[str]:
    """The names of a document's headings, as GitHub forms them."""
    headings = re.findall(r"^#+ (.+)$", document.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings}
