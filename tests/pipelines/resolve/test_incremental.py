"""An incremental night says what a run over everything would say: the same groups, bands, plans, findings and decisions."""

import random
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from guiyi.config import Config
from guiyi.decisions import Decision
from guiyi.dedup.policy import contact
from guiyi.dedup.policy import term_frequency as rarity
from guiyi.io.store.journal import journal_path, open_journal
from guiyi.io.store.store import open_store
from guiyi.pipelines.context import RunOptions
from guiyi.pipelines.merge.apply import plan_of
from guiyi.pipelines.merge.lineage import prune
from guiyi.pipelines.nightly.run import run_nightly

ONLY_TOUCHED = Config.model_validate({"incremental": {"whole_above": 1.0}})
SNAPSHOT = Config.model_validate({"incremental": {"whole_above": 1.0}, "sources": {"leads*": {"snapshot": True}}})
CALM, WHOLE = RunOptions(breaker=False), RunOptions(breaker=False, whole=True)
HEAD = "客户编号,联系人,手机号,公司,邮箱\n"
FIRM = "杭州云海智能科技有限公司"
ZHANG, AGAIN, LI = "1,张伟强,13951880734,,", "2,张伟强,13951880734,,", "9,李娜,13867302915,,"
_TOLD = {
    "groups": """SELECT g.level, g.band, g.action, list(r.source_record_id ORDER BY r.source_record_id) AS ids FROM main.duplicate_group g
        JOIN main.entity_member m USING (level, entity_id) JOIN main.record r USING (record_key) GROUP BY ALL ORDER BY ALL""",
    "plans": "SELECT survivor_record_key, status FROM main.merge_plan ORDER BY ALL",
    "decisions": "SELECT decision_id, status FROM main.decision_status ORDER BY ALL",
    "values": "SELECT field, value, record_key, rule FROM main.golden_value ORDER BY ALL",
    "findings": "SELECT rule, field, record_key, value, suggestion FROM main.finding ORDER BY ALL",
}


def told(store: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What a run says of its records, by what it is about."""
    with open_store(store) as opened:
        return {name: opened.query(sql).rows() for name, sql in _TOLD.items()}


def keys(store: Path) -> dict[str, str]:
    """The CRM's number of each record → its key."""
    with open_store(store) as opened:
        return dict(opened.query("SELECT source_record_id, record_key FROM main.record").iter_rows())


class Nights:
    """One store, and files that come to it."""

    def __init__(self, folder: Path, config: Config = ONLY_TOUCHED) -> None:
        self.folder, self.config, self.store = folder, config, folder / "a.duckdb"
        self.files, self.copy, self.head = 0, self.store, HEAD

    def file(self, *rows: str, name: str = "leads") -> Path:
        self.files += 1
        path = self.folder / f"{name}_{self.files}.csv"
        path.write_text(self.head + "".join(f"{row}\n" for row in rows), "utf-8")
        return path

    def run(self, *rows: str, name: str = "leads") -> None:
        run_nightly([self.file(*rows, name=name)], self.store, self.config, "zh", options=CALM)

    def say(self, kind: str, *numbers: str, **detail: str) -> str:
        known = keys(self.store)
        with open_journal(self.store) as journal:
            said = Decision("contact", kind, [[known[n] for n in numbers]] if numbers else [], detail=detail)
            return journal.append([said])[0]

    def both(self, *rows: str, name: str = "leads") -> dict[str, list[tuple[Any, ...]]]:
        """The night as it is, and over everything on a copy: they must say the same."""
        copy, file = self.folder / f"whole{self.files}.duckdb", self.file(*rows, name=name)
        shutil.copy(self.store, copy)
        if journal_path(self.store).exists():
            with sqlite3.connect(journal_path(self.store)) as one, sqlite3.connect(journal_path(copy)) as other:
                one.backup(other)
        night = run_nightly([file], self.store, self.config, "zh", options=CALM)
        run_nightly([file], copy, self.config, "zh", options=WHOLE)
        assert night.run["mode"] == "incremental"
        self.copy = copy
        now = told(self.store)
        assert now == told(copy)
        return now


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(tmp_path)


@pytest.mark.parametrize("kind", ["set_aside", "cannot_link"])
def test_a_decision_that_was_taken_back_holds_no_more(nights: Nights, kind: str) -> None:
    rows = (ZHANG, AGAIN, "3,张伟强,13951880734,,", LI)
    nights.run(*rows)
    decision = nights.say(kind, *(("1",) if kind == "set_aside" else ("1", "2")))
    nights.both(*rows)
    nights.say("retract", decision_id=decision)
    assert nights.both(*rows)["groups"][0][3] == ["1", "2", "3"]


def repeated(now: dict[str, list[tuple[Any, ...]]]) -> int:
    return len([rule for rule, *_ in now["findings"] if rule == "row.duplicate_id"])


def test_a_number_that_another_row_takes_is_told_of_the_row_that_nobody_touched_as_well(nights: Nights) -> None:
    nights.run(ZHANG, LI)
    assert repeated(nights.both(ZHANG, "1,王芳,13740826193,,", LI)) == 2
    assert repeated(nights.both("5,赵敏敏,13740826195,,")) == 2


def test_a_number_that_stands_alone_again_is_told_no_more(tmp_path: Path) -> None:
    nights = Nights(tmp_path, SNAPSHOT)
    nights.run(ZHANG, "1,王芳,13740826193,,", LI)
    with open_store(nights.store) as opened:
        assert opened.query("SELECT count(*) FROM main.finding WHERE rule = 'row.duplicate_id'").item() == 2
    assert repeated(nights.both(ZHANG, LI)) == 0


def shared(now: dict[str, list[tuple[Any, ...]]]) -> list[tuple[Any, ...]]:
    return [(value, count) for rule, _, _, value, count in now["findings"] if rule == "dedup.shared_value"]


def test_a_value_that_becomes_everybodys_is_told_in_the_night_it_does(nights: Nights) -> None:
    people = [f"{10 + i},{name}伟强,13951880734,," for i, name in enumerate("王李张刘陈杨赵黄周吴徐孙马朱胡郭何高林罗")]
    nights.run(*people[:-2])
    assert shared(nights.both(*people[-2:])) == [("+8613951880734", "×20")]
    assert shared(nights.both("90,郑伟强,13951880734,,")) == [("+8613951880734", "×21")]
    assert shared(nights.both(*(row.replace("13951880734", "") for row in people[:9]))) == []


def test_an_undecided_value_is_told_as_long_as_its_group_waits(nights: Nights) -> None:
    nights.run(f"1,张伟强,13951880734,{FIRM},a@163.com", f"2,张伟强,13951880734,{FIRM},b@163.com", LI)
    now = nights.both(f"3,王芳,13740826193,{FIRM},")
    assert [rule for rule, *_ in now["findings"] if rule == "survivorship.undecided"] == ["survivorship.undecided"]
    assert [status for _, status in now["plans"]] == ["review"]


def test_what_a_decisions_records_share_is_as_rare_as_among_all(nights: Nights) -> None:
    """A phone of ten people says little, even where only two of them are looked at."""
    others = ["王芳", "赵敏", "孙丽", "周杰", "吴磊", "郑爽", "冯巩", "陈丹"]
    nights.run(ZHANG, "2,张总,13951880734,,", *(f"{10 + i},{n},13951880734,," for i, n in enumerate(others)))
    nights.say("cannot_link", "1", "2")
    nights.both(ZHANG)
    assert [status for _, status in nights.both("1,张伟强,13951880734,,zwq8@163.com")["decisions"]] == ["kept"]


def test_a_company_is_weighed_anew_by_what_is_rare_among_all(nights: Nights) -> None:
    """A switchboard that many firms share does not join two of them because their contact has become another."""
    desk = "0571-88001234"
    head = "客户编号,联系人,手机号,座机,公司\n"
    firms = [f"{20 + i},,,{desk},{name}" for i, name in enumerate(
        ["上海度量仪器有限公司", "宁波澜舟贸易有限公司", "金华东阳木雕有限公司", "苏州锦绣丝绸有限公司", "无锡太湖船厂有限公司"] * 3
    )]  # fmt: skip
    first = nights.folder / "leads_0.csv"
    rows = [f"1,,13951880734,{desk},", f"2,张伟强,,{desk},{FIRM}", "3,张伟强,13951880734,,", *firms]
    first.write_text(head + "\n".join(rows) + "\n", "utf-8")
    run_nightly([first], nights.store, nights.config, "zh", options=CALM)
    nights.both("3,赵敏敏,13740826193,,")


def test_a_table_that_names_nobody_any_more_is_one_of_companies(nights: Nights) -> None:
    nights.run(f"1,,,{FIRM},", f"2,,,{FIRM},", f"3,王芳,13740826193,{FIRM},")
    now = nights.both(f"3,,13740826193,{FIRM},")
    assert [(level, action) for level, _, action, _ in now["groups"]] == [("account", "merge")]


def test_a_word_about_persons_does_not_stop_a_table_of_companies(nights: Nights) -> None:
    nights.run(f"1,张伟强,13951880734,{FIRM},", f"2,张伟强,13951880734,{FIRM},")
    nights.say("must_link", "1", "2")
    for _ in range(2):
        nights.run(f"1,,13951880734,{FIRM},", f"2,,13951880734,{FIRM},")
    with open_store(nights.store) as opened:
        assert opened.query("SELECT status FROM main.decision_status").rows() == [("idle",)]


@pytest.mark.parametrize("options", [pytest.param(CALM, id="incremental"), pytest.param(WHOLE, id="whole")])
def test_a_decision_remembers_what_it_was_based_on_while_a_record_is_away(tmp_path: Path, options: RunOptions) -> None:
    nights = Nights(tmp_path, SNAPSHOT)
    mate = "2,张伟强,,,wq@corp-x.cn"
    nights.run(ZHANG, mate, LI)
    nights.say("must_link", "1", "2")
    stands = []
    for rows in ((ZHANG, mate, LI), (ZHANG, LI), (ZHANG, "2,赵敏敏,,,wq@corp-x.cn", LI)):
        run_nightly([nights.file(*rows)], nights.store, SNAPSHOT, "zh", options=options)
        with open_store(nights.store) as opened:
            stands.append(opened.query("SELECT status FROM main.decision_status").item())
    assert stands == ["kept", "idle", "contradicted"]


def test_a_decision_stands_though_the_night_touches_one_of_its_records_only(nights: Nights) -> None:
    nights.run(ZHANG, LI)
    decision = nights.say("cannot_link", "1", "9")
    assert nights.both("5,赵敏敏,13740826195,,")["decisions"] == [(decision, "kept")]
    assert nights.both(AGAIN)["decisions"] == [(decision, "kept")]


def test_words_about_others_do_not_settle_a_group(nights: Nights) -> None:
    """张伟强 was once joined with each of two strangers: nobody said that the two 张伟强 are one."""
    rows = (ZHANG + "a@163.com", AGAIN + "b@163.com", "3,王芳,13740826193,,", "4,赵敏,13740826194,,")
    nights.run(*rows)
    for kind in ("must_link", "cannot_link"):
        nights.say(kind, "1", "3")
        nights.say(kind, "2", "4")
    now = nights.both(*rows)
    assert [(ids, band) for _, band, _, ids in now["groups"]] == [(["1", "2"], "review")]
    assert "survivorship.undecided" in [rule for rule, *_ in now["findings"]]


@pytest.mark.parametrize(
    ("kind", "detail"),
    [
        pytest.param("choose_value", {"field": "email", "value": "b@163.com"}, id="value"),
        pytest.param("choose_survivor", {}, id="survivor"),
    ],
)
def test_a_choice_that_was_heard_keeps_no_group_out_of_the_plan(
    nights: Nights, kind: str, detail: dict[str, str]
) -> None:
    rows = (ZHANG + "b@163.com", AGAIN + "b@163.com")
    nights.run(*rows)
    nights.say(kind, "1", "2", record_key=keys(nights.store)["2"], **detail)
    assert plan_of(nights.store)["waiting"] != []
    nights.both(*rows)
    assert [merge["survivor"]["source_record_id"] for merge in plan_of(nights.store)["merges"]] != []


def test_a_decision_taken_back_since_the_run_is_not_merged(nights: Nights) -> None:
    nights.run(ZHANG, "2,王芳,13740826193,,")
    decision = nights.say("must_link", "1", "2")
    nights.both(ZHANG, "2,王芳,13740826193,,")
    assert len(plan_of(nights.store)["merges"]) == 1
    nights.say("retract", decision_id=decision)
    plan = plan_of(nights.store)
    assert (plan["merges"], [w["reason"] for w in plan["waiting"]]) == ([], ["next_run"])


def test_pruning_does_not_reset_how_much_has_moved(tmp_path: Path) -> None:
    nights = Nights(tmp_path, Config())
    nights.run(*(f"{i},客户{chr(0x4E00 + i * 37)}{chr(0x4F00 + i * 11)},,," for i in range(60)))
    modes = []
    for night in range(5):
        nights.run(*(f"{1000 + 10 * night + i},张{chr(0x4F00 + night * 11 + i)}强,,," for i in range(2)))
        prune(nights.store, 2)
        with open_store(nights.store) as opened:
            modes.append(opened.query("SELECT mode FROM main.run").item())
    assert modes == ["incremental"] * 3 + ["whole", "incremental"]


def test_rows_set_aside_stay_when_no_clean_record_lives(tmp_path: Path) -> None:
    nights = Nights(tmp_path, SNAPSHOT)
    nights.run(ZHANG, "2,,,,", "5,,,,")
    nights.run("2,,,,", "5,,,,", "6,,,,")
    nights.run(LI, name="cards")
    with open_store(nights.store) as opened:
        assert opened.query("SELECT count(*) AS n FROM main.raw_record").item() == 4


def test_a_remark_about_a_row_set_aside_stays_with_it(nights: Nights) -> None:
    nights.run(ZHANG, "合计,,,,,,,,")
    with open_store(nights.store) as opened:
        before = opened.query("SELECT record_key, rule FROM main.finding WHERE rule = 'row.ragged'").rows()
    nights.run(LI)
    with open_store(nights.store) as opened:
        assert opened.query("SELECT record_key, rule FROM main.finding WHERE rule = 'row.ragged'").rows() == before


def test_a_copy_of_a_file_is_read_once(nights: Nights) -> None:
    one, other = nights.file(ZHANG, AGAIN), nights.file(ZHANG, AGAIN)
    outcome = run_nightly([one, other], nights.store, nights.config, "zh", options=CALM)
    assert outcome.run["rows_read"] == 2
    assert "file.repeated" in outcome.tables["finding"]["rule"].to_list()


def pairs(store: Path) -> list[tuple[Any, ...]]:
    with open_store(store) as opened:
        return opened.query("SELECT level, record_key_l, record_key_r, score FROM main.pair ORDER BY ALL").rows()


@pytest.mark.usefixtures("nothing_is_rare")
def test_a_row_that_changes_meets_the_records_of_its_person_again(nights: Nights) -> None:
    """The first and the third share nothing but the second; at account level only their being one person counts."""
    nights.run(ZHANG, AGAIN + "zwq8877@163.com", "3,张伟强,,,zwq8877@163.com", LI)
    nights.both(ZHANG.replace("张伟强", "张伟强 "), ZHANG.replace("1,张伟强", "7,赵敏敏"))
    assert len([level for level, *_ in pairs(nights.store) if level == "account"]) == 3
    assert pairs(nights.store) == pairs(nights.copy)


@pytest.fixture
def nothing_is_rare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every value is worth the same in every file: what moves with the file is told apart from what is overlooked."""

    def worth(frame: pl.DataFrame, value: str, bits: float, *_: object) -> pl.Series:
        return frame.select(pl.when(pl.col(value).is_not_null()).then(pl.lit(bits)).alias("worth"))["worth"]

    monkeypatch.setattr(rarity, "value_rarity", worth)
    monkeypatch.setattr(contact, "name_rarity", lambda names, *_: pl.when(names.is_not_null()).then(pl.lit(10.0)))


@pytest.mark.usefixtures("nothing_is_rare")
@pytest.mark.parametrize("seed", range(2))
def test_random_nights_say_what_one_run_over_everything_says(seed: int, tmp_path: Path) -> None:
    """Rows come, change and are decided on: all that is told is the same either way."""
    chance = random.Random(seed)
    names = ["张伟强", "张伟", "张总", "王芳", "李娜", "赵敏敏", "", "陈建国"]
    phones = [f"139{chance.randrange(10**8):08d}" for _ in range(12)]
    mails = [f"u{chance.randrange(1000, 9999)}@163.com" for _ in range(8)]

    def row(number: int) -> str:
        cells = (number, chance.choice(names), chance.choice(["", *phones]), chance.choice(["", FIRM, "云海智能"]),
                 chance.choice(["", "", *mails]), chance.choice(["", "已报价", "要发票", "回访"]), chance.choice("甲乙"))  # fmt: skip
        return ",".join(map(str, cells))

    nights = Nights(tmp_path)
    nights.head = HEAD.replace("\n", ",备注,预算\n")
    nights.run(*map(row, range(40)))
    for night in range(3):
        groups = [ids for level, _, _, ids in told(nights.store)["groups"] if level == "contact"]
        kind, ids = chance.choice(["must_link", "cannot_link", "set_aside"]), chance.choice(groups)
        nights.say(kind, *(ids[:1] if kind == "set_aside" else ids[:2]))
        nights.both(*map(row, chance.sample(range(40), 3)), row(100 + night))
        assert pairs(nights.store) == pairs(nights.copy)
