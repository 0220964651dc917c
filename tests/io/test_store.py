"""The store: published whole or not at all, read back, and refused with one sentence where it cannot be had."""

import resource
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import duckdb
import polars as pl
import pytest
from guiyi.errors import ConservationError, GuiyiError, StoreError
from guiyi.i18n import Text
from guiyi.io.store import store as store_module
from guiyi.io.store.lock import run_lock
from guiyi.io.store.publish import Change
from guiyi.io.store.store import BY_NAME, Store, open_store
from guiyi.pipelines.merge.lineage import compact
from guiyi.pipelines.nightly.run import Outcome
from guiyi.schemas import RUN
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


def run_row(number: int) -> pl.DataFrame:
    return RUN.conform(
        pl.DataFrame(
            {
                "run_id": [f"r{number:06d}-0"], "pipeline": ["nightly"], "status": ["published"], "started_at": [None],
                "rows_read": [1], "rows_clean": [1], "rows_quarantined": [0], "config_hash": ["c"], "rules_hash": ["r"],
                "input_hash": ["i"],
                "version": ["0"], "number": [number],
            }
        ).with_columns(started_at=pl.datetime(2026, 1, number))
    )  # fmt: skip


def tables(mark: str, rows: int = 1) -> dict[str, pl.DataFrame]:
    keys = [f"{mark}{i}" for i in range(rows)]
    record = pl.DataFrame({"record_key": keys, "source": [mark] * rows, "person_name": ["张伟"] * rows})
    quarantine = pl.DataFrame({"record_key": [mark], "reason": ["空"], "rule": ["row.no_identity"]})
    return {"record": BY_NAME["record"].conform(record), "quarantine": BY_NAME["quarantine"].conform(quarantine)}


def publish(path: Path, number: int, frames: Mapping[str, pl.DataFrame]) -> None:
    with open_store(path, create=True) as store:
        store.publish(number, {**frames, "run": run_row(number)})


def shown(path: Path) -> tuple[str, list[str]]:
    with open_store(path) as store:
        run = store.last_run() or {}
        return str(run.get("run_id")), store.table("record")["record_key"].to_list()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.duckdb"


def test_what_was_published_is_read_back(sample_run: tuple[Path, Outcome], sample_store: Store) -> None:
    for name, frame in sample_run[1].tables.items():
        back = sample_store.table(name)
        assert back.height == frame.height, name
        assert back.columns == frame.columns, name
        same_types = [c for c in frame.columns if back[c].dtype == frame[c].dtype]
        order = [c for c in same_types if c != "finished_at"]
        assert back.select(order).sort(order).equals(frame.select(order).sort(order)), name


def test_views_show_the_last_published_run(path: Path) -> None:
    publish(path, 1, tables("old", 3))
    publish(path, 2, tables("new", 2))
    assert shown(path) == ("r000002-0", ["new0", "new1"])
    with open_store(path) as store:
        assert store.query("SELECT run_id, count(*) AS n FROM history.record GROUP BY ALL ORDER BY ALL").rows() == [
            ("r000001-0", 3), ("r000002-0", 2),
        ]  # fmt: skip


def spoiled(frame: pl.DataFrame, fault: str) -> pl.DataFrame:
    if fault == "null":
        return frame.with_columns(source=pl.lit(None, pl.String))
    if fault == "type":
        return frame.with_columns(updated_at=pl.lit("not a time"))
    return frame.drop("source")


@pytest.mark.parametrize("fault", ["null", "type", "missing column"])
def test_a_wrong_table_publishes_nothing(path: Path, fault: str) -> None:
    """The tables before the wrong one have been written by then; none of them stays."""
    publish(path, 1, tables("old"))
    new = tables("new")
    with pytest.raises((GuiyiError, pl.exceptions.PolarsError)):
        publish(path, 2, {"quarantine": new["quarantine"], "record": spoiled(new["record"], fault)})
    assert shown(path) == ("r000001-0", ["old0"])
    with open_store(path) as store:
        assert store.table("quarantine")["record_key"].to_list() == ["old"]
        assert store.query("SELECT count(*) AS n FROM history.run")["n"][0] == 1


def test_a_count_that_does_not_come_back_publishes_nothing(path: Path) -> None:
    """A row that comes twice and lives already is there once."""
    publish(path, 1, tables("old"))
    new = tables("old")
    scope = new["record"].select("record_key")
    with pytest.raises(ConservationError):
        publish(path, 2, new | {"record": Change(pl.concat([new["record"]] * 2), scope)})
    assert shown(path) == ("r000001-0", ["old0"])


def test_a_scope_replaces_its_rows_and_leaves_the_others(path: Path) -> None:
    publish(path, 1, tables("k", 4))
    new = BY_NAME["record"].conform(
        pl.DataFrame({"record_key": ["k1", "k9"], "source": ["k", "k"], "person_name": ["李雷", "张伟"]})
    )
    publish(path, 2, {"record": Change(new, pl.DataFrame({"record_key": ["k1", "k2", "k9"]}))})
    with open_store(path) as store:
        assert store.table("record").select("record_key", "person_name").rows() == [
            ("k0", "张伟"), ("k1", "李雷"), ("k3", "张伟"), ("k9", "张伟"),
        ]  # fmt: skip
        before = store.query("SELECT record_key FROM history.record WHERE run_id = 'r000001-0' ORDER BY ALL")
    assert before["record_key"].to_list() == ["k0", "k1", "k2", "k3"]


def test_a_row_that_stays_is_stored_once(path: Path) -> None:
    for number in (1, 2, 3):
        publish(path, number, tables("k", 4))
    with open_store(path) as store:
        assert store.query("SELECT count(*) AS n FROM versions.record")["n"][0] == 4
        assert store.query("SELECT count(*) AS n FROM history.record")["n"][0] == 12


def test_what_comes_last_sees_the_run_and_may_refuse_it(path: Path) -> None:
    publish(path, 1, tables("old"))

    def refuse(store: Store) -> dict[str, pl.DataFrame]:
        assert store.query("SELECT record_key FROM main.record")["record_key"].to_list() == ["new0", "new1"]
        raise GuiyiError(Text("不行", "no"))

    with pytest.raises(GuiyiError), open_store(path, write=True) as store:
        store.publish(2, {**tables("new", 2), "run": run_row(2)}, refuse)
    assert shown(path) == ("r000001-0", ["old0"])


@given(st.lists(st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["张伟", "李雷", None])), max_size=4))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_run_can_be_read_back_as_it_was(tmp_path_factory, nights):
    path = tmp_path_factory.mktemp("runs") / "a.duckdb"
    for number, night in enumerate(nights, 1):
        frame = pl.DataFrame(
            [(k, "s", n) for k, n in night.items()], schema=["record_key", "source", "person_name"], orient="row"
        )
        publish(path, number, {"record": BY_NAME["record"].conform(frame)})
    if nights:
        with open_store(path) as store:
            kept = store.query("SELECT run_id, record_key, person_name FROM history.record ORDER BY ALL")
        assert kept.rows() == [
            (f"r{i:06d}-0", k, n) for i, night in enumerate(nights, 1) for k, n in sorted(night.items())
        ]


def test_tables_come_in_the_order_of_their_key(path: Path) -> None:
    frames = tables("k", 50)
    publish(path, 1, frames | {"record": frames["record"].sample(fraction=1.0, shuffle=True, seed=1)})
    assert shown(path)[1] == sorted(frames["record"]["record_key"])


def test_an_audit_event_is_kept_across_runs(path: Path) -> None:
    publish(path, 1, tables("a"))
    with open_store(path, write=True) as store:
        store.audit("unmask", {"command": "groups"})
    publish(path, 2, tables("b"))
    with open_store(path) as store:
        assert store.table("audit_event").select("action", "detail").rows() == [("unmask", '{"command": "groups"}')]


def test_values_are_bound_and_never_run(path: Path) -> None:
    publish(path, 1, tables("a"))
    with open_store(path) as store:
        hostile = "x'; DROP TABLE history.record; --"
        assert store.query("SELECT ? AS v", [hostile])["v"].to_list() == [hostile]
        assert store.table("record").height == 1


def test_a_store_is_readable_by_its_owner_only(path: Path) -> None:
    publish(path, 1, tables("a"))
    assert path.stat().st_mode & 0o077 == 0


def test_a_missing_store_is_named(path: Path) -> None:
    with pytest.raises(StoreError) as fault, open_store(path):
        pass
    assert fault.value.reason == "store.missing"
    assert not path.exists(), "looking does not make one"


@pytest.mark.parametrize("write", [False, True])
def test_a_file_that_is_no_database_is_refused_and_kept(path: Path, write: bool) -> None:
    path.write_bytes(b"customer,phone\n" * 1000)
    with pytest.raises(StoreError) as fault, open_store(path, write=write):
        pass
    assert fault.value.reason == "store.foreign"
    assert path.read_bytes() == b"customer,phone\n" * 1000


def test_another_programs_database_is_not_read_as_a_store(path: Path) -> None:
    connection = duckdb.connect(str(path))
    connection.execute("CREATE TABLE customers (name VARCHAR)")
    connection.close()
    with pytest.raises(StoreError) as fault, open_store(path):
        pass
    assert fault.value.reason == "store.foreign"


HOLD = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read(); c.close()"


def test_a_store_that_another_process_holds_is_refused(path: Path) -> None:
    publish(path, 1, tables("a"))
    with subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdin=-1, stdout=-1, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        for write in (True, False):
            with pytest.raises(StoreError) as fault, open_store(path, write=write, patience=0.3):
                pass
            assert (fault.value.reason, fault.value.exit_code) == ("store.locked", 4)
        holder.communicate("")
    assert shown(path) == ("r000001-0", ["a0"])


def test_a_store_that_is_let_go_in_time_is_waited_for(path: Path) -> None:
    publish(path, 1, tables("a"))
    brief = "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]); print('held', flush=True); time.sleep(0.6); c.close()"
    with subprocess.Popen([sys.executable, "-c", brief, str(path)], stdout=-1, text=True) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        assert shown(path) == ("r000001-0", ["a0"])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("IO Error: No space left on device", "store.full", id="full"),
        pytest.param("IO Error: Could not set lock on file", "store.locked", id="locked"),
        pytest.param("IO Error: Cannot open file: Permission denied", "store.unwritable", id="permission"),
        pytest.param(
            "IO Error: The file exists, but it is not a valid DuckDB database file!", "store.foreign", id="foreign"
        ),
    ],
)
def test_faults_of_duckdb_are_translated_without_their_text(text: str, reason: str) -> None:
    fault = store_module.translated(duckdb.IOException(text + " 13800001234"), Path("x.duckdb"))
    assert fault.reason == reason
    assert "13800001234" not in "".join(fault.what)


def test_an_unforeseen_fault_tells_only_its_kind() -> None:
    fault = store_module.translated(duckdb.ConversionException("Could not convert '13800001234'"), Path("x.duckdb"))
    assert fault.exit_code == 5
    assert "13800001234" not in "".join(fault.what)


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def flipped(data: bytes) -> bytes:
    return data[:12_300] + bytes(b ^ 0xFF for b in data[12_300:12_400]) + data[12_400:]


@pytest.mark.parametrize("spoil", [cut, flipped])
@pytest.mark.parametrize("write", [False, True])
def test_a_damaged_store_is_called_damaged_at_once(tmp_path: Path, spoil: object, write: bool) -> None:
    path = tmp_path / "a.duckdb"
    with open_store(path, create=True):
        pass
    path.write_bytes(spoil(path.read_bytes()))  # type: ignore[operator]
    with pytest.raises(StoreError) as fault, open_store(path, write=write) as store:
        store.table("record")
    assert fault.value.reason == "store.damaged"


def test_a_checksum_fault_is_not_taken_for_a_lock() -> None:
    text = "Corrupt database file: computed checksum 1 does not match stored checksum 2 in block at location 12288"
    assert store_module.translated(duckdb.IOException(text), Path("x.duckdb")).reason != "store.locked"


def test_the_write_ahead_log_is_private_too(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    with open_store(path, create=True) as store:
        store.audit("test", {})
        log = path.with_name("a.duckdb.wal")
        assert log.exists()
        assert log.stat().st_mode & 0o077 == 0


def storage_version(path: Path) -> str:
    connection = duckdb.connect(str(path), read_only=True)
    found = connection.execute(
        "SELECT tags['storage_version'] FROM duckdb_databases() WHERE path IS NOT NULL"
    ).fetchall()
    connection.close()
    return str(found[0][0])


def test_a_store_is_written_so_that_duckdb_1_5_can_read_it(path: Path) -> None:
    publish(path, 1, tables("a"))
    assert storage_version(path) == "v1.5.0+"


def test_compacting_brings_a_store_of_the_newest_format_to_that_of_duckdb_1_5(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as old:
        old.delitem(store_module._SETTINGS, "storage_compatibility_version")
        publish(path, 1, tables("a"))
    assert storage_version(path) > "v1.5.0+"
    compact(path)
    assert (storage_version(path), shown(path)) == ("v1.5.0+", ("r000001-0", ["a0"]))


COPIES = ("a.duckdb.compact", "a.duckdb.compact.wal")


def test_compacting_that_fails_leaves_no_copy_and_the_store_as_it_was(path: Path) -> None:
    publish(path, 1, tables("a"))
    before = path.read_bytes()
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, limit[1]))
    try:
        with pytest.raises(StoreError) as fault:
            compact(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert fault.value.reason == "store.full"
    assert (path.read_bytes(), [name for name in COPIES if path.with_name(name).exists()]) == (before, [])


def test_the_copy_that_a_killed_compacting_left_is_removed_by_the_next_who_holds_the_lock(path: Path) -> None:
    publish(path, 1, tables("a"))
    for name in COPIES:
        path.with_name(name).write_bytes(b"a whole copy of the customers")
    with run_lock(path):
        assert not any(path.with_name(name).exists() for name in COPIES)
