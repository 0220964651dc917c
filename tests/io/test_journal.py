"""The stewards' journal: appended by many, never lost, conflicts said aloud."""

import multiprocessing
from pathlib import Path

import polars as pl
import pytest
from guiyi.decisions import Decision
from guiyi.errors import StoreError
from guiyi.io.store.journal import ConflictError, decisions_of, journal_path, open_journal
from guiyi.io.store.store import open_store


def empty_store(path: Path) -> Path:
    with open_store(path, create=True):
        return path


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return empty_store(tmp_path / "guiyi.duckdb")


def test_what_was_said_is_read_back_in_order(store):
    with open_journal(store) as journal:
        ids = journal.append(
            [
                Decision("contact", "must_link", [["b", "a"]], by="王芳"),
                Decision("account", "set_aside", [["c"]], "占位", by="李雷"),
            ]
        )
        frame = journal.decisions()
    assert frame["decision_id"].to_list() == ids
    assert frame["record_keys"].to_list() == ['["a", "b"]', '["c"]']
    assert frame["note"].to_list() == [None, "占位"]


def test_a_split_keeps_its_parts(store):
    with open_journal(store) as journal:
        journal.append([Decision("contact", "split", [["c"], ["b", "a"]])])
        assert journal.decisions()["record_keys"][0] == '[["a", "b"], ["c"]]'


@pytest.mark.parametrize(
    "saying",
    [
        pytest.param(Decision("contact", "marry", [["a", "b"]]), id="no such kind"),
        pytest.param(Decision("galaxy", "must_link", [["a", "b"]]), id="no such level"),
        pytest.param(Decision("contact", "must_link", [["a"]]), id="one record"),
        pytest.param(Decision("contact", "split", [["a", "b"]]), id="one part"),
        pytest.param(Decision("contact", "split", [["a"], ["a", "b"]]), id="a record in two parts"),
    ],
)
def test_a_saying_that_means_nothing_is_refused(store, saying):
    with open_journal(store) as journal:
        with pytest.raises(ValueError):
            journal.append([saying])
        assert journal.version() == 0


def test_the_second_steward_hears_who_was_first_and_nothing_is_lost(store):
    with open_journal(store) as journal:
        seen = journal.version()
        journal.append([Decision("contact", "must_link", [["a", "b"]], by="王芳")], seen)
        with pytest.raises(ConflictError) as heard:
            journal.append([Decision("contact", "cannot_link", [["b", "c"]], by="李雷")], seen)
        assert heard.value.by == "王芳"
        assert journal.decisions()["by"].to_list() == ["王芳"]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(Decision("account", "cannot_link", [["a", "b"]]), id="another level"),
        pytest.param(Decision("contact", "cannot_link", [["x", "y"]]), id="other records"),
    ],
)
def test_decisions_on_other_things_do_not_conflict(store, other):
    with open_journal(store) as journal:
        seen = journal.version()
        journal.append([Decision("contact", "must_link", [["a", "b"]])], seen)
        journal.append([other], seen)
        assert journal.version() == 2


def test_of_several_sayings_all_are_stored_or_none(store):
    with open_journal(store) as journal:
        journal.append([Decision("contact", "must_link", [["a", "b"]])])
        with pytest.raises(ConflictError):
            journal.append(
                [Decision("contact", "must_link", [["x", "y"]]), Decision("contact", "set_aside", [["a"]])], seen=0
            )
        assert journal.version() == 1


def test_a_file_of_decisions_is_taken_once(store, tmp_path):
    with open_journal(store) as journal:
        journal.append(
            [Decision("contact", "split", [["a"], ["b"]], "两个人"), Decision("contact", "set_aside", [["c"]])]
        )
        told = journal.decisions()
    with open_journal(empty_store(tmp_path / "other.duckdb")) as journal:
        assert [journal.take(told), journal.take(told)] == [2, 0]
        assert journal.decisions().equals(told)


def test_decisions_with_one_id_are_no_fault_of_a_permission(store, tmp_path):
    with open_journal(store) as journal:
        journal.append([Decision("contact", "set_aside", [["c"]])])
        told = journal.decisions()
    with pytest.raises(StoreError) as fault, open_journal(empty_store(tmp_path / "other.duckdb")) as journal:
        journal.take(pl.concat([told, told]))
    assert fault.value.reason == "decision.twice"
    assert decisions_of(tmp_path / "other.duckdb").is_empty()


def test_a_new_journal_takes_up_from_the_decisions_of_its_store(store, tmp_path):
    with open_journal(store) as journal:
        journal.append(
            [Decision("contact", "must_link", [["a", "b"]], by="王芳"), Decision("contact", "set_aside", [["c"]])]
        )
        told = journal.decisions()
    taken = pl.concat([told, told.head(1).with_columns(decision_id=pl.lit("x"))])
    with open_journal(empty_store(tmp_path / "moved.duckdb")) as journal:
        journal.begin(taken.with_columns(sequence=pl.Series([7, 7, 40])))
        journal.append([Decision("contact", "cannot_link", [["a", "b"]])])
        now = journal.decisions()
    assert now["sequence"].to_list() == [7, 8, 40, 41]
    assert now["decision_id"].to_list()[:3] == [*sorted(told["decision_id"]), "x"]


def test_a_journal_that_speaks_already_goes_on_behind_its_store(store, tmp_path):
    with open_journal(store) as journal:
        journal.append([Decision("contact", "must_link", [["a", "b"]])])
        taken = journal.decisions().with_columns(sequence=pl.lit(40))
    with open_journal(empty_store(tmp_path / "moved.duckdb")) as journal:
        journal.append([Decision("contact", "set_aside", [["c"]])])
        journal.begin(taken)
        journal.append([Decision("contact", "cannot_link", [["a", "b"]])])
        assert journal.decisions()["sequence"].to_list() == [1, 41]


def test_reading_makes_no_file(store):
    assert decisions_of(store).is_empty()
    assert not journal_path(store).exists()


def test_a_damaged_journal_is_one_sentence(store):
    journal_path(store).write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreError, match=r"损坏|damaged"), open_journal(store):
        pass


def _say_many(store: Path, name: str) -> None:
    for i in range(25):
        with open_journal(store) as journal:
            journal.append([Decision("contact", "set_aside", [[f"{name}{i}"]], by=name)])


def test_four_processes_at_once_lose_nothing(store):
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_say_many, args=(store, name)) for name in "abcd"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [w.exitcode for w in workers] == [0] * 4
    assert decisions_of(store).height == 100
