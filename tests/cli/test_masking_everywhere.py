"""One table with every kind of personal datum in every place, and every output of every command searched for each of them."""

import html
import io
import re
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote

import polars as pl
import pytest
import typer
from guiyi.__main__ import _run
from guiyi.cli.app import app
from guiyi.io.store.store import open_store
from guiyi.schemas import TABLES
from guiyi.tests.review_server import Served, serve  # noqa: F401  (a fixture)

SECRETS = {
    "name": "赵灵儿", "other name": "林月如", "mobile": "13811112222", "mobile of another": "13933334444",
    "mobile as a number": "13755556666", "mobile as a company": "13677778888", "landline": "86661234",
    "mail": "zhaolinger@qq.com", "street": "文三路90号3幢502室",
    "identity card": "110105194912310021", "slip of it": "11010519900307234", "old card": "110105490101123",
    "identity card as a number": "330106198505051234", "bank card": "6222021234567890123", "passport": "E12345678",
    "new passport": "EA7654321", "qq": "987654321", "wechat": "linger_zhao88",
}  # fmt: skip
S = SECRETS
HEAD = "客户编号,客户名称,联系人,手机号,座机,邮箱,地址,身份证号,银行卡号,护照号,QQ,微信,紧急联系人,备注,负责人,更新时间"
NOTE = (
    f"{S['name']}说下周回访 {S['mobile']} 座机0571-{S['landline']}；{S['mail']}；身份证{S['slip of it']}或{S['old card']}；"
    f"卡 {S['bank card']}；护照{S['new passport']}；微信:{S['wechat']}；QQ {S['qq']}；联系人{S['other name']}；寄到{S['street']}"
)
CELLS = (
    f"0571-{S['landline']},{S['mail']},杭州市西湖区{S['street']},{S['identity card']},{S['bank card']},{S['passport']},{S['qq']},"
    f"{S['wechat']},{S['other name']} {S['mobile of another']},\u200b{NOTE},华东组,2024-01-02"
)
ROWS = [
    f"{S['mobile as a number']},杭州云岫软件有限公司,{S['name']},{S['mobile']},{CELLS}",
    f"{S['identity card as a number']},杭州云岫软件,{S['name']},{S['mobile']},{CELLS}",
    f"3,{S['mobile as a company']},{S['name']},{S['mobile']},{CELLS}",
    f"4,{S['name']},{S['name']} {S['mobile']},{S['identity card']},{S['slip of it']},{S['mobile']},,{S['slip of it']},{S['mobile']},,,,,"
    f"{NOTE},华东组,2024-01-02",
    f"{S['mobile']},,,,,,,,,,,,,,,",
]
FILE = f"{S['name']}{S['mobile']}_{S['identity card']}.csv"
# Options that write the user's own rows, and the commands whose files a CRM or another store reads.
IN_FULL = {
    "full.csv",
    "full.xlsx",
    "accepted.csv",
    "rejected.csv",
    "annotated.xlsx",
    "plan.json",
    "decisions.csv",
    "crm",
}

Run = Callable[..., tuple[int, str]]


def commands(group: object, before: str = "") -> Iterator[str]:
    """The names of all commands, as the command line has them."""
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        yield from commands(command, f"{before}{name} ") if hasattr(command, "commands") else [f"{before}{name}"]


# Every command with its forms; "{…}" is filled in with what the store holds. A command without an entry fails the test.
ASKED: dict[str, list[str]] = {
    "run": ["--db second.duckdb --report run.json {file}", "--db third.duckdb --quiet --report none.json {absent}"],
    "columns": ["{file}", "{file} --format json", "{absent}"],
    "init": ["{file} -o made.toml --force --schedule"],
    "check": [
        *(f"{{file}} --db guiyi.duckdb --limit 0 --format {form} -o check.{form}"
          for form in ("text", "json", "csv", "junit", "sarif", "html")),
        "{file} --lang-is-no-option", "{absent}", "{file} --only text --limit 0",
        "{file} --db guiyi.duckdb --accepted accepted.csv --rejected rejected.csv --annotate annotated.xlsx",
    ],
    "match": ["{file}", "{file} --format json", "{file} --format csv", "{absent}"],
    "rules list": ["", "--format json"], "rules show": ["phone.invalid"], "rules lint": [""],
    "rules test": ["phone.invalid {file}", "text.invisible {file} --format json", "text.invisible {file} --format csv"],
    "groups": ["", "--format json", "--format csv", "--level account --format json"],
    "show": ["{contact} --limit 0", "{account} --limit 0", S["mobile"]],
    "review": [],  # its pages: see below
    "score": ["pairs.csv", "pairs.csv --format json", "{file}"],
    "explain": ["{number} {identity}", "{number} {identity} --format json", f"{S['mobile']} {S['identity card']}"],
    "approve": [f"{{contact}} --note {S['mobile']}{S['name']}", S["mobile"]],
    "reject": [f"{{account}} --note {S['mail']}", S["mobile"]],
    "split": ["{contact} --out {number} --note " + S["bank card"], "{contact} --out " + S["mobile"]],
    "decide": [
        "--value {contact} phone {number} --note " + S["mobile"], "--set-aside " + S["mobile"], "--file {absent}",
        "--file {file}", "--export decisions.csv",
    ],
    "plan": ["-o plan.json"], "apply": ["plan.json --out crm", "{absent}"], "undo": ["{contact} --note " + S["mobile"], S["mobile"]],
    "history": ["{entity}", "{entity} --format json", "{entity} --format csv", S["mobile"]],
    "prune": ["--keep 9 --compact"],
    "workbook": ["book.xlsx --force", "links.xlsx --level account --force", "--read book.xlsx", "--read {file}"],
    "alarm": ["", "--format json"],
    "report": [
        *(f"--format {form} --force -o report.{form}" for form in ("text", "json", "html", "xlsx")), "--force",
        *(f"--drill {name} --limit 0 --format json" for name in ("findings", "cells_changed", "validity_rate:run", "null_rate:run",
                                                               "rows:read", "abnormal_rate", "duplicate_rate")),
        "--drill findings --limit 0", f"--drill {S['mobile']}",
    ],
    "export": ["{table} --masked", "record --masked --format json", "record --sandbox --reason x", "record -o full.csv", S["mobile"]],
    "evaluate": ["{truth}", "{absent}"], "thresholds": ["--from 0.5 --to 0.9999", "--from 0.5 --to 0.9999 --format json"],
    "packs list": [""], "packs show": ["leads", S["mobile"]], "packs lint": ["", S["mobile"]],
    "audit": ["{file} --kind leads", "{file} --kind activities --format json", "{file} --kind orders", "{absent} --kind leads"],
    "reconcile": ["{file} --fail-on never", "{file} --fail-on never --format json", "{file} --format csv", "{absent}"],
    "tune": ["--labels {truth} --format json", "--labels {absent}"], "demo": [], "doctor": ["--db guiyi.duckdb"],
}  # fmt: skip


def test_every_command_has_its_outputs_searched() -> None:
    assert set(commands(typer.main.get_command(app))) == set(ASKED)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`guiyi …` in this process → exit code, and all that it said."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "4000")
    (tmp_path / FILE).write_text("\n".join([HEAD, *ROWS]) + "\n", "utf-8")
    (tmp_path / "pairs.csv").write_text(f"a,b\n3,4\n{S['mobile']},3\n", "utf-8")
    (tmp_path / "truth.csv").write_text("record_id,contact,account\n3,a,b\n", "utf-8")

    def guiyi(*arguments: str) -> tuple[int, str]:
        said = [io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2)]
        with monkeypatch.context() as patched:
            patched.setattr(sys, "argv", ["guiyi", *arguments])
            patched.setattr(sys, "stdout", said[0])
            patched.setattr(sys, "stderr", said[1])
            code = _run()
        return code, "".join(stream.buffer.getvalue().decode() for stream in said)  # type: ignore[attr-defined]

    assert guiyi("run", FILE, "--report", "first.json", "--accept-change")[0] == 0
    return guiyi


@pytest.fixture
def review_store(tmp_path: Path) -> Path:
    """What the page serves."""
    return tmp_path / "guiyi.duckdb"


def known(folder: Path) -> dict[str, str]:
    """What the commands are asked about."""
    with open_store(folder / "guiyi.duckdb") as store:
        groups = store.query(
            "SELECT level, min(group_id) AS id, min(entity_id) AS entity FROM main.duplicate_group GROUP BY level"
        )
    of = {level: (group, entity) for level, group, entity in groups.iter_rows()}
    return {
        "contact": of["contact"][0], "account": of.get("account", of["contact"])[0], "entity": of["contact"][1],
        "number": S["mobile as a number"], "identity": S["identity card as a number"], "file": FILE, "truth": "truth.csv",
        "absent": f"{S['name']}_{S['mail']}_{S['mobile']}.csv",
    }  # fmt: skip


def texts(path: Path) -> Iterator[tuple[str, str]]:
    """What a file says: of a workbook, each part."""
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            yield from ((f"{path.name}/{name}", book.read(name).decode("utf-8", "replace")) for name in book.namelist())
    else:
        yield path.name, path.read_text("utf-8", "replace")


def found_in(where: str, text: str) -> list[str]:
    read = html.unescape(unquote(text))
    close = re.sub(r"[\s\-]", "", read)
    return [
        f"{where}: {kind} ({text.count(value)})" for kind, value in SECRETS.items() if value in read or value in close
    ]


def written(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        ours = path.suffix in (
            ".csv",
            ".json",
            ".xlsx",
            ".html",
            ".text",
            ".junit",
            ".sarif",
            ".toml",
            ".service",
            ".timer",
            ".cron",
        )
        if (
            path.is_file()
            and ours
            and not IN_FULL.intersection(path.relative_to(folder).parts)
            and path.name not in (FILE, "truth.csv", "pairs.csv")
        ):
            yield from texts(path)


def test_no_output_holds_a_personal_value(run: Run, tmp_path: Path) -> None:
    facts, found, outputs = known(tmp_path), [], 0
    for command, forms in ASKED.items():
        for form in forms:
            tables = [t.name for t in TABLES] if "{table}" in form else [""]
            for table in tables:
                line = [part.format(**facts, table=table) for part in form.split()]
                code, said = run(*command.split(), *line)
                assert code in (0, 1, 2, 3), (command, form, code, said)
                found += found_in(f"{command} {form} {table}", said)
                outputs += 1
    files = list(written(tmp_path))
    found += [one for name, text in files for one in found_in(name, text)]
    assert not found, "\n".join(found)
    assert (outputs > 90, len(files) > 30) == (True, True)


def test_no_page_of_the_review_holds_a_personal_value(run: Run, tmp_path: Path, serve: Callable[..., Served]) -> None:  # noqa: F811
    facts = known(tmp_path)
    run("approve", facts["contact"], "--note", NOTE.replace(" ", ""))
    served = serve()
    everything = "?state=all&band=all"
    stale = served.post(f"/group/{facts['account']}/decide", act="approve", seen="0")
    pages = [
        "/", f"/{everything}", f"/{everything}&q=%E4%BA%91%E5%B2%AB", "/history?who=all", "/nothing",
        *(f"/bulk?level={level}&band=all&at_least=0" for level in ("contact", "account")),
         *(f"/group/{g['group_id']}{everything}" for g in served.groups()),
    ]  # fmt: skip
    found = found_in("conflict", stale.text)
    for address in pages:
        found += found_in(address, served.get(address).text)
    assert found == []
    assert len(pages) > 8


def test_a_parquet_export_is_masked_too(run: Run, tmp_path: Path) -> None:
    run("export", "record", "--masked", "--format", "parquet", "-o", "record.parquet")
    frame = pl.read_parquet(tmp_path / "record.parquet")
    assert found_in("parquet", frame.write_json()) == []
