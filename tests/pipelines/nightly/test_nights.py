"""Nights on one store: entities keep their ids, decisions are honoured, and the end is that of one run over everything."""

import random
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from guiyi.config import Config, Gates
from guiyi.decisions import Decision
from guiyi.io.store.journal import open_journal
from guiyi.io.store.store import open_store
from guiyi.pipelines.context import RunOptions
from guiyi.pipelines.merge.apply import plan_of
from guiyi.pipelines.nightly.gates import GateError
from guiyi.pipelines.nightly.run import run_nightly
from guiyi.pipelines.report.alarm_events import waiting as waiting_groups
from guiyi.sample_data.generate import write_table

CALM = RunOptions(breaker=False)
_GROUPS = """
SELECT g.level, g.entity_id, g.band, list(m.record_key ORDER BY m.record_key) AS records
FROM main.duplicate_group g JOIN main.entity_member m USING (level, entity_id) GROUP BY ALL ORDER BY ALL
"""


def write_nights(folder: Path, rows: int, seed: int, nights: int) -> list[Path]:
    """Overlapping exports: 80 % as they were, 15 % changed, 5 % new each night."""
    write_table(rows, seed, folder)
    table = pl.read_csv(folder / "records.csv", infer_schema=False)
    number, name = table.columns[0], next(c for c in table.columns if "备注" in c or "地址" in c)
    chance, paths = random.Random(seed), []
    step = max(1, round(rows * 0.05))
    known = rows - step * (nights - 1)
    current = table[:known]
    for night in range(nights):
        if night:
            changed = set(chance.sample(current[number].to_list(), round(current.height * 0.15)))
            mark = pl.col(name).fill_null("") + f" {night}"
            current = current.with_columns(
                pl.when(pl.col(number).is_in(changed)).then(mark).otherwise(name).alias(name)
            )
            current = pl.concat([current, table[known : known + step]])
            known += step
        paths.append(folder / f"leads_2026-11-{night + 1:02}.csv")
        current.write_csv(paths[-1])
    return paths


def run(paths: list[Path], store: Path, config: Config | None = None, options: RunOptions = CALM):
    return run_nightly(paths, store, config or Config(), "zh", options=options)


def groups(store: Path, level: str = "contact") -> dict[frozenset[str], tuple[str, str]]:
    """Records of each group → its entity and band."""
    with open_store(store) as opened:
        rows = opened.query(_GROUPS).filter(pl.col("level") == level)
    return {frozenset(r["records"]): (r["entity_id"], r["band"]) for r in rows.to_dicts()}


def entities(store: Path) -> dict[tuple[str, str], str]:
    with open_store(store) as opened:
        members = opened.table("entity_member")
    return {
        (level, key): entity for level, key, entity in members.select("level", "record_key", "entity_id").iter_rows()
    }


def golden(store: Path) -> list[tuple[frozenset[str], str, str]]:
    """Golden values by the records they stand for: ids may differ between stores."""
    with open_store(store) as opened:
        members = opened.query(
            "SELECT entity_id, list(record_key ORDER BY record_key) AS records FROM main.entity_member GROUP BY ALL"
        )
        values = opened.query("SELECT entity_id, field, value FROM main.golden_value")
    rows = values.join(members, on="entity_id").select("records", "field", "value").iter_rows()
    return sorted((tuple(records), field, value) for records, field, value in rows)


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path]]:
    folder = tmp_path_factory.mktemp("nights")
    return folder, write_nights(folder, 600, 7, 5)


def test_five_nights_keep_ids_and_decisions_and_end_like_one_run(nights: tuple[Path, list[Path]]) -> None:
    folder, paths = nights
    store = folder / "a.duckdb"
    chance = random.Random(1)
    kept_apart: list[frozenset[str]] = []
    joined: list[frozenset[str]] = []
    before: dict[frozenset[str], tuple[str, str]] = {}
    for path in paths:
        run([path], store)
        now = groups(store)
        unchanged = before.keys() & now.keys()
        assert {g: before[g][0] for g in unchanged} == {g: now[g][0] for g in unchanged}
        of = entities(store)
        for group in kept_apart:
            assert len({of["contact", key] for key in group}) == len(group), "a rejected group came back"
        for group in joined:
            assert len({of["contact", key] for key in group}) == 1, "an approved group fell apart"
        before = now
        candidates = sorted(sorted(g) for g in now if g not in joined)
        rejected, (one, *_), (other, *_) = (chance.choice(candidates) for _ in range(3))
        if set(rejected) & {one, other} or any(set(rejected) & g for g in joined) or one == other:
            continue
        with open_journal(store) as journal:
            journal.append(
                [Decision("contact", "cannot_link", [rejected]), Decision("contact", "must_link", [[one, other]])]
            )
        kept_apart.append(frozenset(rejected))
        joined.append(frozenset((one, other)))
    assert kept_apart
    run([paths[-1]], store)  # the last decisions are taken in
    once = folder / "once.duckdb"
    with open_store(once, create=True):
        pass
    with open_journal(store) as told, open_journal(once) as journal:
        journal.take(told.decisions())
    latest = pl.read_csv(paths[-1], infer_schema=False)
    (folder / "union").mkdir(exist_ok=True)
    latest.write_csv(folder / "union" / "leads_1.csv")
    run([folder / "union" / "leads_1.csv"], once)
    assert golden(store) == golden(once)
    assert groups(store).keys() == groups(once).keys()


def test_the_same_input_again_changes_nothing(nights: tuple[Path, list[Path]], tmp_path: Path) -> None:
    store = tmp_path / "a.duckdb"
    run([nights[1][0]], store)
    with open_store(store) as opened:
        tables = (
            "record",
            "pair",
            "duplicate_group",
            "entity_member",
            "golden_value",
            "merge_plan",
            "finding",
            "cell_change",
        )
        before = {t: opened.table(t) for t in tables}
    outcome = run([nights[1][0]], store)
    assert (outcome.run["rows_new"], outcome.run["rows_changed"], outcome.run["mode"]) == (0, 0, "incremental")
    with open_store(store) as opened:
        assert all(opened.table(t).equals(frame) for t, frame in before.items())
        assert opened.table("entity_event").is_empty()


def test_few_new_rows_are_resolved_like_a_run_over_everything(tmp_path: Path) -> None:
    write_table(900, 11, tmp_path)
    table = pl.read_csv(tmp_path / "records.csv", infer_schema=False).sample(fraction=1.0, shuffle=True, seed=2)
    for name, part in (("a/leads_1.csv", table), ("b/leads_1.csv", table[60:]), ("b/leads_2.csv", table[:60])):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        part.write_csv(tmp_path / name)
    run([tmp_path / "a" / "leads_1.csv"], tmp_path / "whole.duckdb")
    run([tmp_path / "b" / "leads_1.csv"], tmp_path / "step.duckdb")
    outcome = run([tmp_path / "b" / "leads_2.csv"], tmp_path / "step.duckdb")
    assert outcome.run["mode"] == "incremental"
    for level in ("contact", "account"):
        whole, step = groups(tmp_path / "whole.duckdb", level), groups(tmp_path / "step.duckdb", level)
        differ = whole.keys() ^ step.keys()
        assert len(differ) <= 0.005 * len(whole), f"{level}: {len(differ)} of {len(whole)} groups differ"
    with open_store(tmp_path / "whole.duckdb") as whole, open_store(tmp_path / "step.duckdb") as step:
        for name in ("record", "feature", "cell_change", "quarantine"):
            assert whole.table(name).equals(step.table(name)), name


CARDS = "客户编号,联系人,手机号,公司,邮箱\n"


def write(path: Path, *rows: str) -> Path:
    path.write_text(CARDS + "".join(row + "\n" for row in rows), "utf-8")
    return path


def events(store: Path) -> list[tuple[str, str]]:
    with open_store(store) as opened:
        return opened.query(
            "SELECT kind, level FROM history.entity_event WHERE level = 'contact' ORDER BY run_id, kind"
        ).rows()


def test_an_entity_grows_splits_and_goes_and_says_so(tmp_path: Path) -> None:
    store, config = tmp_path / "a.duckdb", Config.model_validate({"sources": {"leads*": {"snapshot": True}}})
    zhang, li = "1,张伟强,13951880734,,", "3,李娜,13867302915,,"
    run([write(tmp_path / "leads_1.csv", zhang, li)], store, config)
    first = entities(store)
    run([write(tmp_path / "leads_2.csv", zhang, "2,张伟强,13951880734,,", li)], store, config)
    assert events(store) == [("grew", "contact")]
    grown = entities(store)
    assert {grown[k] for k in first} == set(first.values()), "who was there keeps its id"
    run([write(tmp_path / "leads_3.csv", "1,王芳,13740826193,,", "2,张伟强,13951880734,,", li)], store, config)
    assert ("split", "contact") in events(store)
    run([write(tmp_path / "leads_4.csv", "1,王芳,13740826193,,", "2,张伟强,13951880734,,")], store, config)
    assert events(store)[-1] == ("gone", "contact")
    with open_store(store) as opened:
        assert opened.table("record").height == 2


def test_without_a_snapshot_what_a_file_leaves_out_stays(tmp_path: Path) -> None:
    store = tmp_path / "a.duckdb"
    run([write(tmp_path / "leads_1.csv", "1,张伟强,13951880734,,", "3,李娜,13867302915,,")], store)
    run([write(tmp_path / "leads_2.csv", "1,张伟强,13951880734,,")], store)
    with open_store(store) as opened:
        assert opened.table("record").height == 2


def test_another_configuration_cleans_known_rows_again(tmp_path: Path) -> None:
    store = tmp_path / "a.duckdb"
    run(
        [write(tmp_path / "leads_1.csv", "1,张伟强,13951880734,某某贸易有限公司,a@b.com", "2,张伟强,13951880734,,")],
        store,
    )
    config = Config.model_validate({"sources": {"leads*": {"headers": {"公司": ""}}}})
    outcome = run([write(tmp_path / "leads_2.csv", "3,李娜,13867302915,,")], store, config)
    assert outcome.run["mode"] == "whole"
    with open_store(store) as opened:
        record = opened.table("record").sort("source_record_id")
    assert record["source_record_id"].to_list() == ["1", "2", "3"]
    assert record["company_name"].null_count() == 3
    assert "某某贸易" in record["extra"][0]


PACK = """
name = "own"
[[rule]]
id = "own.length"
field = "company_name"
severity = "warning"
message = { zh = "长", en = "long" }
condition = { length = { max = 50 } }
since = "0.1"
"""


def test_a_rule_pack_that_was_edited_judges_known_rows_again(tmp_path: Path) -> None:
    """The pack keeps its name: its content counts."""
    store, pack = tmp_path / "a.duckdb", tmp_path / "own.toml"
    config, options = Config.model_validate({"rules": ["own.toml"]}), RunOptions(breaker=False, folder=tmp_path)
    known = [f"{i},客户{i},,杭州云海智能科技有限公司," for i in range(30)]
    told = []
    for number, most in enumerate(("50", "5"), start=1):
        pack.write_text(PACK.replace("50", most), "utf-8")
        run(
            [write(tmp_path / f"leads_{number}.csv", *(known if number == 1 else ["99,李娜,,,"]))],
            store,
            config,
            options,
        )
        with open_store(store) as opened:
            told.append(opened.query("SELECT count(*) AS n FROM main.finding WHERE rule = 'own.length'").item())
    assert told == [0, 30]


def test_a_decision_that_new_evidence_contradicts_reopens_the_group(tmp_path: Path) -> None:
    store = tmp_path / "a.duckdb"
    run([write(tmp_path / "leads_1.csv", "1,张伟强,13951880734,,", "2,张伟强,,,wq@corp-x.cn")], store)
    keys = [key for (level, key) in entities(store) if level == "contact"]
    with open_journal(store) as journal:
        journal.append([Decision("contact", "must_link", [keys], by="王芳")])
    run([tmp_path / "leads_1.csv"], store)
    assert [band for _, band in groups(store).values()] == ["auto"]
    run([write(tmp_path / "leads_2.csv", "2,赵敏敏,,,wq@corp-x.cn")], store)
    assert [band for _, band in groups(store).values()] == ["review"], "still one group, but open again"
    with open_store(store) as opened:
        assert opened.table("decision_status")["status"].to_list() == ["contradicted"]
        assert "dedup.contradicted" in opened.table("finding")["rule"].to_list()
        assert waiting_groups(opened, store).height == 1, "the alarm waits for a human"
    assert [w["reason"] for w in plan_of(store)["waiting"]] == ["review"]
    with open_journal(store) as journal:
        journal.append([Decision("contact", "must_link", [keys], by="王芳")])
    assert len(plan_of(store)["merges"]) == 1, "said again, with the new evidence before one's eyes"


@pytest.mark.parametrize("whole", [False, True])
def test_only_words_on_who_is_one_have_a_status_and_it_is_idle_while_their_records_are_away(
    whole: bool, tmp_path: Path
) -> None:
    store, config = tmp_path / "a.duckdb", Config.model_validate({"sources": {"leads*": {"snapshot": True}}})
    rows = [
        "1,张伟强,13951880734,,",
        "2,张伟强,13951880734,,",
        "3,李娜,13867302915,,",
        "4,李娜,13867302915,,",
        "5,王芳,13740826193,,",
    ]
    options = RunOptions(breaker=False, whole=whole)
    run([write(tmp_path / "leads_1.csv", *rows)], store, config, options)
    one, other = sorted(sorted(keys) for keys in groups(store))
    alone = next(key for (level, key) in entities(store) if level == "contact" and key not in {*one, *other})
    with open_journal(store) as journal:
        said = journal.append(
            [
                Decision("contact", "must_link", [one]),
                Decision("contact", "cannot_link", [other]),
                Decision("contact", "set_aside", [[alone]]),
                Decision("contact", "choose_survivor", [one], detail={"record_key": one[0]}),
            ]
        )
    for night, stands in ((rows, "kept"), (rows[4:], "idle"), (rows, "kept")):
        run(
            [write(tmp_path / "leads_1.csv", *night)],
            store,
            config.model_copy(update={"gates": Gates(gone=1.0)}),
            options,
        )
        with open_store(store) as opened:
            status = opened.query("SELECT decision_id, status FROM main.decision_status ORDER BY 1")
        assert status.rows() == sorted((name, stands) for name in said[:2])


def test_a_retracted_decision_holds_no_more(tmp_path: Path) -> None:
    store = tmp_path / "a.duckdb"
    source = write(tmp_path / "leads_1.csv", "1,张伟强,13951880734,,", "2,张伟强,13951880734,,")
    run([source], store)
    keys = [key for (level, key) in entities(store) if level == "contact"]
    with open_journal(store) as journal:
        [decision] = journal.append([Decision("contact", "cannot_link", [keys])])
    run([source], store)
    assert not groups(store)
    with open_journal(store) as journal:
        journal.append([Decision("contact", "retract", [], detail={"decision_id": decision})])
    run([source], store)
    assert len(groups(store)) == 1


def test_a_record_set_aside_joins_nobody(tmp_path: Path) -> None:
    store = tmp_path / "a.duckdb"
    source = write(tmp_path / "leads_1.csv", *(f"{i},张伟强,13951880734,," for i in range(1, 4)))
    run([source], store)
    [group] = groups(store)
    alone = min(group)
    with open_journal(store) as journal:
        journal.append([Decision("contact", "set_aside", [[alone]])])
    run([source], store)
    assert list(groups(store)) == [group - {alone}]


def test_a_chosen_value_and_survivor_stand_above_the_rules(tmp_path: Path) -> None:
    store = tmp_path / "a.duckdb"
    source = write(tmp_path / "leads_1.csv", "1,张伟强,13951880734,,old@163.com", "2,张伟强,13951880734,,new@163.com")
    run([source], store)
    with open_store(store) as opened:
        email = opened.query("SELECT value, alternatives FROM main.golden_value WHERE field = 'email'").row(0)
        record = opened.query("SELECT record_key, email FROM main.record WHERE email <> ?", [email[0]]).row(0)
        survivor = opened.query("SELECT survivor_record_key FROM main.merge_plan").item()
    [group] = groups(store)
    with open_journal(store) as journal:
        detail = {"field": "email", "value": record[1], "record_key": record[0]}
        journal.append([Decision("contact", "choose_value", [sorted(group)], detail=detail)])
        other = next(key for key in group if key != survivor)
        journal.append([Decision("contact", "choose_survivor", [sorted(group)], detail={"record_key": other})])
    run([source], store)
    with open_store(store) as opened:
        chosen = opened.query(
            "SELECT value, record_key, rule, CAST(alternatives AS VARCHAR) AS a FROM main.golden_value WHERE field = 'email'"
        )
        assert chosen.row(0)[:3] == (record[1], record[0], "survivorship.steward")
        assert email[0] in chosen["a"][0]
        assert opened.query("SELECT survivor_record_key FROM main.merge_plan").item() == other


BOTH_MAILS = (
    "1,张伟强,13951880734,杭州云海智能科技有限公司,a@163.com",
    "2,张伟强,13951880734,杭州云海智能科技有限公司,b@163.com",
)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda keys: Decision("contact", "must_link", [keys]), id="approved"),
        pytest.param(
            lambda keys: Decision(
                "contact", "choose_value", [keys], None, {"field": "email", "value": "b@163.com", "record_key": keys[1]}
            ),
            id="chosen",
        ),
    ],
)  # fmt: skip
def test_a_value_that_no_rule_can_choose_waits_for_a_steward(
    answer: Callable[[list[str]], Decision], tmp_path: Path
) -> None:
    store = tmp_path / "a.duckdb"
    source = write(tmp_path / "leads_1.csv", *BOTH_MAILS)
    run([source], store)
    assert waiting(store) == (["review"], ["review"], [("email", "a@163.com", "b@163.com")])
    with open_journal(store) as journal:
        journal.append([answer(sorted(next(iter(groups(store)))))])
    run([source], store)
    assert waiting(store) == (["auto"], ["ready"], [])


def test_what_was_undecided_is_decided_by_a_later_row(tmp_path: Path) -> None:
    store = tmp_path / "a.duckdb"
    others = [f"{i},客户{i},,," for i in range(50, 90)]
    run([write(tmp_path / "leads_1.csv", *BOTH_MAILS, *others)], store)
    later = tmp_path / "leads_2.csv"
    later.write_text(CARDS.replace("\n", ",更新时间\n") + "3" + BOTH_MAILS[1][1:] + ",2026-03-01\n", "utf-8")
    run([later], store)
    assert waiting(store) == (["auto"], ["ready"], [])


def waiting(store: Path) -> tuple[list[str], list[str], list[tuple[str, ...]]]:
    """Bands of the groups to merge, states of their plans, and what no rule decided."""
    with open_store(store) as opened:
        bands = opened.query("SELECT band FROM main.duplicate_group WHERE action = 'merge'")["band"].to_list()
        states = opened.query("SELECT status FROM main.merge_plan")["status"].to_list()
        undecided = opened.query(
            "SELECT field, value, suggestion FROM main.finding WHERE rule = 'survivorship.undecided'"
        ).rows()
    return bands, states, [(field, *sorted(both)) for field, *both in undecided]


def test_a_company_gathers_its_contacts_and_a_new_one_joins_them(tmp_path: Path) -> None:
    store = tmp_path / "a.duckdb"
    firm = "杭州云海智能科技有限公司"
    known = [
        f"1,张伟强,13951880734,{firm},",
        f"2,李娜,13867302915,{firm},",
        *(f"{i},客户{i},,," for i in range(50, 90)),
    ]
    run([write(tmp_path / "leads_1.csv", *known)], store)
    run([write(tmp_path / "leads_2.csv", f"3,王芳,13740826193,{firm},")], store)
    with open_store(store) as opened:
        assert opened.query("SELECT mode FROM main.run").item() == "incremental"
        gathered = opened.query("SELECT value FROM main.golden_value WHERE field = 'contacts'").item().split("; ")
        people = opened.query("SELECT record_key FROM main.record WHERE source_record_id IN ('1', '2', '3') ORDER BY 1")
    assert gathered == people["record_key"].to_list()


def test_a_source_whose_columns_changed_says_so_and_a_gate_can_refuse_it(tmp_path: Path) -> None:
    store = tmp_path / "a.duckdb"
    run([write(tmp_path / "leads_1.csv", "1,张伟强,13951880734,,")], store)
    (tmp_path / "leads_2.csv").write_text("客户编号,联系人,公司,邮箱\n2,李娜,,lina@qq.com\n", "utf-8")
    strict = Config.model_validate({"gates": {"drift": True}})
    with pytest.raises(GateError):
        run([tmp_path / "leads_2.csv"], store, strict, RunOptions())
    run([tmp_path / "leads_2.csv"], store, strict, RunOptions(breaker=False))
    with open_store(store) as opened:
        assert (
            opened.query(
                "SELECT count(*) AS n FROM main.finding WHERE rule LIKE 'header.%' AND rule <> 'header.unmapped'"
            ).item()
            > 0
        )


def test_a_gate_names_the_figure_and_leaves_the_run_before_live(tmp_path: Path) -> None:
    store, strict = tmp_path / "a.duckdb", Config.model_validate({"gates": {"largest_group": 2}})
    same = [f"{i},张伟强,13951880734,," for i in range(1, 4)]
    run([write(tmp_path / "leads_1.csv", *same[:2])], store, strict, RunOptions())
    with open_store(store) as opened:
        before = opened.last_run()
    with pytest.raises(GateError, match="3"):
        run([write(tmp_path / "leads_2.csv", *same)], store, strict, RunOptions())
    with open_store(store) as opened:
        assert opened.last_run() == before
    run([tmp_path / "leads_2.csv"], store, strict)


def test_a_night_may_hold_nothing_but_an_empty_row(tmp_path: Path) -> None:
    store = tmp_path / "a.duckdb"
    run([write(tmp_path / "leads_1.csv", "1,张伟强,13951880734,,", "2,李娜,13867302915,,")], store)
    outcome = run([write(tmp_path / "leads_2.csv", "1,张伟强,13951880734,,", "3,,,,")], store)
    assert (outcome.run["rows_clean"], outcome.run["rows_quarantined"]) == (2, 1)
