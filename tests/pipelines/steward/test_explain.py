"""Why two records are, or are not, the same: the explanation agrees with the score that was published."""

import json
import re
from pathlib import Path

import pytest
from guiyi.config import Config
from guiyi.decisions import Decision
from guiyi.errors import UsageError
from guiyi.evidence import comparison_words, key_words, level_words, shipped_weights
from guiyi.io.store.journal import open_journal
from guiyi.io.store.store import Store, open_store
from guiyi.pipelines.context import RunOptions
from guiyi.pipelines.nightly.run import Outcome, run_nightly
from guiyi.pipelines.resolve.levels import policies
from guiyi.pipelines.steward import browse
from guiyi.pipelines.steward.browse import explain_pair, first_group, group_view, key_of, list_groups
from guiyi.reports.explanation import in_words, verdict
from guiyi.reports.group import print_group
from guiyi.tests.conftest import Command
from guiyi.tests.first_night import first_night
from rich.cells import cell_len

Run = tuple[Path, Outcome]


@pytest.fixture(params=["contact", "account"])
def pair(request: pytest.FixtureRequest, sample_store: Store) -> dict[str, object]:
    """The weakest published pair of a level: the one with most to explain."""
    pairs = sample_store.table("pair").filter(level=request.param)
    return pairs.sort("score", "record_key_l", "record_key_r").row(0, named=True)


@pytest.fixture
def store_of_two(tmp_path: Path) -> Path:
    """Two sources that both have a number 7."""
    for name, person, phone in (("crm", "张伟强", "13951880734"), ("leads", "李娜", "13867302915")):
        (tmp_path / f"{name}.csv").write_text(f"客户编号,联系人,手机号\n7,{person},{phone}\n", "utf-8")
    first_night([tmp_path / "crm.csv", tmp_path / "leads.csv"], tmp_path / "a.duckdb")
    return tmp_path / "a.duckdb"


def test_the_score_is_the_published_one(pair: dict[str, object], sample_store: Store) -> None:
    both = explain_pair(sample_store, str(pair["record_key_l"]), str(pair["record_key_r"]), Config())
    explained = next(e for e in both if e.level == pair["level"])
    assert explained.score == pytest.approx(pair["score"], abs=1e-9)
    spoken = {
        f.comparison: {"level": f.level, "weight": f.weight}
        for f in explained.findings
        if f.weight and f.level != "null"
    }
    assert spoken == json.loads(str(pair["reasons"]))


def test_prior_and_weights_add_up_to_the_score(pair: dict[str, object], sample_store: Store) -> None:
    for explained in explain_pair(sample_store, str(pair["record_key_l"]), str(pair["record_key_r"]), Config()):
        bits = explained.prior + sum(f.weight for f in explained.findings)
        assert explained.score == pytest.approx(1 / (1 + 2**-bits), abs=0.02), "weights are shown to two places"


def test_the_order_of_the_two_does_not_matter(pair: dict[str, object], sample_store: Store) -> None:
    one, other = str(pair["record_key_l"]), str(pair["record_key_r"])
    assert explain_pair(sample_store, one, other, Config()) == explain_pair(sample_store, other, one, Config())


def test_a_published_pair_shares_a_blocking_key(pair: dict[str, object], sample_store: Store) -> None:
    both = explain_pair(sample_store, str(pair["record_key_l"]), str(pair["record_key_r"]), Config())
    assert next(e for e in both if e.level == pair["level"]).blocks


def test_a_record_may_be_named_by_its_number(sample_store: Store) -> None:
    assert explain_pair(sample_store, "L0001", "L0002", Config())[0].level == "contact"


def test_a_record_may_be_named_by_the_beginning_of_its_key(sample_store: Store) -> None:
    for key in sample_store.table("record")["record_key"]:
        assert key_of(sample_store, key[:8]) == key_of(sample_store, key) == key


def test_a_short_beginning_is_rather_a_number_with_a_slip(sample_store: Store) -> None:
    key = sample_store.table("record")["record_key"][0]
    with pytest.raises(UsageError) as fault:
        key_of(sample_store, key[:7])
    assert "开头 8 位" in str(fault.value.advice)


def test_a_number_in_two_sources_and_a_beginning_of_two_keys_are_told_with_their_sources(
    store_of_two: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(store_of_two) as store:
        keys = dict(store.query("SELECT record_key, source FROM main.record").iter_rows())
        with pytest.raises(UsageError) as fault:
            key_of(store, "7")
        assert set(re.findall("([0-9a-f]{20})（(.+?)）", str(fault.value.advice))) == set(keys.items())
        assert set(keys.values()) == {"crm", "leads"}
        monkeypatch.setattr(browse, "_BEGINNING", re.compile(""))
        with pytest.raises(UsageError) as fault:
            key_of(store, "")
        assert set(re.findall("([0-9a-f]{20})（(.+?)）", str(fault.value.advice))) == set(keys.items())


@pytest.mark.parametrize(("one", "other"), [("L0001", "L0001"), ("L0001", "no such"), ("", "L0001")])
def test_two_different_known_records_are_asked_for(one: str, other: str, sample_store: Store) -> None:
    with pytest.raises(UsageError):
        explain_pair(sample_store, one, other, Config())


def test_every_comparison_and_level_has_words() -> None:
    for policy in policies(Config()):
        for comparison in policy.comparisons:
            assert comparison_words(comparison.name)
            assert all(level_words(comparison.name, level.name) for level in comparison.levels)


def test_every_key_that_brings_candidates_together_has_words() -> None:
    for policy in policies(Config()):
        assert list(key_words()[policy.level]) == [key.name for key in policy.keys]


def test_nothing_is_weighed_or_put_into_words_that_no_comparison_says() -> None:
    for policy in policies(Config()):
        told = {c.name: {level.name for level in c.levels} for c in policy.comparisons}
        for name, weights in shipped_weights()[policy.level].items():
            assert set(weights) <= told[name], name


def test_a_pair_that_is_not_merged_says_what_speaks_against_it(sample_store: Store) -> None:
    ids = sample_store.query(
        "SELECT min(source_record_id) AS id FROM main.entity_member m JOIN main.record USING (record_key, source_record_id)"
        " WHERE level = 'contact' AND person_name IS NOT NULL GROUP BY entity_id ORDER BY id"
    )["id"].to_list()
    contact = explain_pair(sample_store, ids[0], ids[-1], Config())[0]
    assert contact.score < 0.5
    worst = min(contact.findings, key=lambda f: f.weight)
    assert in_words(worst.comparison, worst.level) in verdict(contact, 0.82, 0.98).zh


@pytest.fixture
def decided(tmp_path: Path) -> Path:
    """1 and 2 alike and 3 and 4 different, each decided otherwise; 5 is like 1 and set aside."""
    rows = "1,张伟强,13951880734\n2,张伟强,13951880734\n3,李娜,13867302915\n4,王芳,13740826193\n5,张伟强,13951880734\n"
    (tmp_path / "leads.csv").write_text("客户编号,联系人,手机号\n" + rows, "utf-8")
    store = tmp_path / "a.duckdb"
    first_night([tmp_path / "leads.csv"], store)
    with open_store(store) as opened:
        keys = {n: key_of(opened, str(n)) for n in range(1, 6)}
    with open_journal(store) as journal:
        journal.append(
            [
                Decision("contact", "cannot_link", [[keys[1], keys[2]]], by="王芳"),
                Decision("contact", "must_link", [[keys[3], keys[4]]], by="李雷"),
                Decision("contact", "set_aside", [[keys[5]]], by="韩梅"),
            ]
        )
    run_nightly([tmp_path / "leads.csv"], store, Config(), "zh", options=RunOptions(breaker=False))
    return store


@pytest.mark.parametrize(
    ("one", "other", "wanted", "unwanted"),
    [
        pytest.param("1", "2", "已由 王芳", "矛盾", id="apart, though alike"),
        pytest.param("1", "2", "判为不是同一人", "矛盾", id="what was said"),
        pytest.param("3", "4", "判为同一人", "不合并", id="together, though different"),
        pytest.param("1", "5", "已由 韩梅", "矛盾", id="set aside"),
        pytest.param("1", "3", "不合并：", "已由", id="nothing was said"),
    ],
)
def test_the_verdict_on_a_pair_that_was_decided_is_the_decision(
    one: str, other: str, wanted: str, unwanted: str, decided: Path
) -> None:
    with open_store(decided) as store:
        contact, _ = explain_pair(store, one, other, Config())
    told = verdict(contact, 0.82, 0.98).zh
    assert wanted in told
    assert unwanted not in told


def test_two_that_stand_together_by_others_are_not_called_unmerged(decided: Path) -> None:
    with open_store(decided) as store:
        contact, _ = explain_pair(store, "1", "3", Config())
    told = verdict(contact._replace(together=True), 0.82, 0.98).zh
    assert "连在一起" in told
    assert "不合并" not in told


def test_groups_are_listed_least_certain_first_and_masked(sample_store: Store) -> None:
    found = list_groups(sample_store, "contact", None, 100, unmask=False)
    assert found["score_min"].is_sorted()
    assert all("*" in n for n in found["person_name"].drop_nulls())
    assert all("****" in n for n in found["phone"].drop_nulls())


@pytest.mark.parametrize("columns", [20, 60, 80, 200])
@pytest.mark.parametrize("level", ["contact", "account"])
def test_ids_of_groups_are_never_broken_over_lines(columns: int, level: str, sample_run: Run, guiyi: Command) -> None:
    with open_store(sample_run[0]) as store:
        wanted = list_groups(store, level, None, 20, unmask=False)["group_id"].to_list()
    done = guiyi("groups", "--level", level, "--db", sample_run[0], env={"COLUMNS": str(columns)})
    assert re.findall(r"^│ (\w{16}) +│", done.stdout, re.MULTILINE) == wanted
    if columns >= 60:
        assert {cell_len(line) for line in done.stdout.splitlines()} <= set(range(columns + 1))


def test_a_band_is_listed_alone(sample_store: Store) -> None:
    for level in ("contact", "account"):
        assert set(list_groups(sample_store, level, "auto", 100, unmask=False)["band"]) <= {"auto"}


@pytest.mark.parametrize("group", ["", "zzzz", "%", "_"])
def test_an_unknown_group_is_refused(group: str, sample_store: Store) -> None:
    with pytest.raises(UsageError):
        group_view(sample_store, group, unmask=False)


def test_a_group_id_names_one_group(sample_store: Store) -> None:
    assert sample_store.table("duplicate_group")["group_id"].is_unique().all()


def test_a_group_is_shown_by_the_beginning_of_its_id(sample_store: Store) -> None:
    group = first_group(sample_store)
    view = group_view(sample_store, group[:10], unmask=False)
    assert view.group["group_id"] == group
    assert view.records.height == view.group["size"]
    assert view.survivor in view.records["record_key"].to_list()
    assert "alternatives" not in view.golden.columns, "losing values are personal data too"


@pytest.mark.parametrize(
    ("limit", "says"),
    [
        pytest.param(6, "另有 31 条记录、", id="some"),
        pytest.param(3, "另有 34 条记录、", id="fewer"),
        pytest.param(0, None, id="all"),
    ],
)
def test_what_is_left_out_of_a_group_is_said_and_the_weakest_link_is_not(
    limit: int, says: str | None, sample_store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    group = list_groups(sample_store, "contact", "review", 1, unmask=False)["group_id"][0]
    view = group_view(sample_store, group, unmask=False)
    print_group(view, limit)
    out = capsys.readouterr().out
    link = json.loads(str(view.group["weakest_link"]))
    ends = f"{link['record_key_l'][:8]} – {link['record_key_r'][:8]}"
    lines = [line for line in out.splitlines() if re.match(r"\w{8} – \w{8}  ", line)]
    assert lines[0].startswith(f"{ends}  {view.group['score_min']:.3f}（最弱连接）")
    assert len(lines) == (min(limit, view.pairs.height) or view.pairs.height)
    heads = re.findall(r"(\w{8}) +┃", out)
    assert len(heads) == (limit or 37)
    assert {ends[:8], ends[-8:]} < set(heads)
    assert (f"guiyi show {group} --limit 0" in out) == (says is not None)
    assert says is None or says in out


def test_a_masked_view_shows_no_whole_phone_or_name(sample_store: Store) -> None:
    view = group_view(sample_store, first_group(sample_store), unmask=False)
    whole = sample_store.table("record")
    secret = {*whole["phone"].drop_nulls(), *whole["email"].drop_nulls(), *whole["person_name"].drop_nulls()}
    shown = {str(v) for frame in (view.records, view.golden) for row in frame.iter_rows() for v in row}
    assert not {s for s in secret & shown if len(s) > 1}
