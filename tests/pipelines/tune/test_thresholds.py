"""guiyi thresholds: clustering anew gives the run's own groups at its cut, and says what moves between two cuts."""

import json
import shutil
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import polars as pl
import pytest
from guiyi.config import Config
from guiyi.decisions import Decision
from guiyi.errors import UsageError
from guiyi.io.store.journal import open_journal
from guiyi.io.store.store import Store, open_store
from guiyi.pipelines.nightly.run import Outcome, run_nightly
from guiyi.pipelines.tune.thresholds import Cut, changes_between, movement
from guiyi.sample_data.table import write_table

Run = tuple[Path, Outcome]


@pytest.fixture(scope="session")
def messy_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A file large enough for doubtful groups."""
    folder = tmp_path_factory.mktemp("thresholds")
    write_table(3_000, 9, folder)
    db = folder / "messy.duckdb"
    return db, run_nightly([folder / "records.csv"], db, Config(), "zh")


@pytest.mark.parametrize("level", ["contact", "account"])
def test_the_cut_of_the_run_gives_its_groups(level: str, messy_run: Run) -> None:
    with open_store(messy_run[0]) as store:
        table = movement(store, level, 0.82, 0.99, Config()).table.filter(cut=0.82).to_dicts()[0]
    groups = messy_run[1].tables["duplicate_group"].filter(level=level)
    assert (table["groups"], table["records"], table["largest"]) == (
        groups.height,
        groups["size"].sum(),
        groups["size"].max(),
    )


def test_groups_that_a_steward_parted_stay_apart(messy_run: Run, tmp_path: Path) -> None:
    store = Path(shutil.copy(messy_run[0], tmp_path / "said.duckdb"))
    group = messy_run[1].tables["duplicate_group"].filter(level="contact").sort("group_id").row(0, named=True)
    members = messy_run[1].tables["entity_member"].filter(level="contact", entity_id=group["entity_id"])
    with open_journal(store) as journal:
        journal.append([Decision("contact", "cannot_link", [members["record_key"].to_list()])])
    again = run_nightly([messy_run[0].parent / "records.csv"], store, Config(), "zh")
    with open_store(store) as opened:
        table = movement(opened, "contact", 0.82, 0.99, Config()).table.filter(cut=0.82).to_dicts()[0]
        groups = opened.table("duplicate_group").filter(level="contact")
    assert again.run["mode"] == "incremental"
    assert (table["groups"], table["records"]) == (groups.height, groups["size"].sum())
    assert group["group_id"] not in groups["group_id"].to_list()


@pytest.mark.parametrize("level", ["contact", "account"])
def test_groups_that_change_are_groups_of_the_run_least_certain_first(level: str, messy_run: Run) -> None:
    with open_store(messy_run[0]) as store:
        moved = movement(store, level, 0.82, 0.99, Config())
    published = messy_run[1].tables["duplicate_group"].filter(level=level)
    assert 0 < moved.changes.height == moved.split + moved.lost
    assert moved.kept + moved.changes.height == published.height
    assert set(moved.changes["group_id"]) <= set(published["group_id"])
    assert moved.changes["score_min"].is_sorted()
    weakest = moved.changes.select("group_id", "score_min").join(
        published.select("group_id", wanted="score_min"), on="group_id"
    )
    assert weakest["score_min"].to_list() == weakest["wanted"].to_list()


def test_the_run_run_again_at_the_higher_cut_agrees(messy_run: Run, tmp_path: Path) -> None:
    config = Config.model_validate({"thresholds": {"duplicate": 0.95}})
    again = run_nightly([messy_run[0].parent / "records.csv"], tmp_path / "again.duckdb", config, "zh")
    groups = again.tables["duplicate_group"].filter(level="contact")
    with open_store(messy_run[0]) as store:
        row = movement(store, "contact", 0.82, 0.95, Config()).table.filter(cut=0.95).to_dicts()[0]
    assert (row["groups"], row["records"], row["largest"]) == (
        groups.height,
        groups["size"].sum(),
        groups["size"].max(),
    )


def cut(groups: dict[int, str]) -> Cut:
    """Row → name of its group."""
    names: dict[str, int] = defaultdict(lambda: len(names))
    members = pl.DataFrame(
        {"row": list(groups), "label": [names[g] for g in groups.values()]},
        schema={"row": pl.UInt32, "label": pl.UInt32},
    )
    return Cut(0.9, members.filter(pl.len().over("label") > 1), pl.DataFrame(), 0, 0)


@pytest.mark.parametrize(
    ("below", "above", "expected"),
    [
        ({0: "a", 1: "a"}, {0: "a", 1: "a"}, [("kept", "2")]),
        ({0: "a", 1: "a"}, {}, [("lost", "1+1")]),
        ({0: "a", 1: "a", 2: "a"}, {1: "b", 2: "b"}, [("split", "2+1")]),
        ({0: "a", 1: "a", 2: "a", 3: "a", 4: "a"}, {0: "a", 1: "a", 2: "b", 3: "b", 4: "b"}, [("split", "3+2")]),
        ({0: "a", 1: "a", 2: "b", 3: "b"}, {0: "x", 1: "x"}, [("kept", "2"), ("lost", "1+1")]),
        ({}, {}, []),
    ],
)
def test_a_group_is_kept_split_or_lost(
    below: dict[int, str], above: dict[int, str], expected: list[tuple[str, str]]
) -> None:
    assert changes_between(cut(below), cut(above)).sort("label").select("change", "left").rows() == expected


def test_what_is_shown_is_masked(messy_run: Run) -> None:
    with open_store(messy_run[0]) as store:
        changes = movement(store, "contact", 0.82, 0.99, Config()).changes
        record = store.table("record")
    whole = {*record["person_name"].drop_nulls(), *record["phone"].drop_nulls()}
    shown = {v for column in ("person_name", "phone") for v in changes[column].drop_nulls()}
    assert not {v for v in shown & whole if "*" not in v}, "some sources mask names themselves"


@pytest.mark.parametrize(("low", "high"), [(0.9, 0.9), (0.9, 0.8), (0.3, 0.9)])
def test_cuts_that_make_no_sense_are_refused(low: float, high: float, sample_store: Store) -> None:
    with pytest.raises(UsageError):
        movement(sample_store, "contact", low, high, Config())


def test_the_command_answers_as_text_and_json(guiyi: Callable[..., "CompletedProcess[str]"], messy_run: Run) -> None:
    before = messy_run[0].read_bytes()
    text = guiyi("thresholds", "--db", messy_run[0], "--from", "0.82", "--to", "0.99")
    told = guiyi("thresholds", "--db", messy_run[0], "--level", "account", "--format", "json")
    assert (text.returncode, told.returncode) == (0, 0)
    assert [c["cut"] for c in json.loads(told.stdout)["cuts"]][:2] == [0.5, 0.6]
    assert messy_run[0].read_bytes() == before, "it only reads"
