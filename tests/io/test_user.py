"""A user whom the system does not know, as in a container that runs under any number: everything works, signed with the number."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from guiyi.io.store.store import open_store
from guiyi.io.user import current_user
from guiyi.pipelines.nightly.run import Outcome
from guiyi.tests.conftest import clean_environment

STRANGER = 54_321


def as_stranger(folder: Path, *arguments: object) -> "subprocess.CompletedProcess[str]":
    """Run `guiyi …` with a real uid that has no name and no home; the effective one stays, to read this interpreter."""
    named = ("HOME", "USER", "LOGNAME", "LNAME", "USERNAME")
    environment = {k: v for k, v in clean_environment().items() if k not in named}
    command = [sys.executable, "-m", "guiyi", *map(str, arguments)]
    for path in (folder, *folder.iterdir()):  # what one may read is asked of the real user
        os.chown(path, STRANGER, STRANGER)
    return subprocess.run(
        command, cwd=folder, env=environment, preexec_fn=lambda: os.setreuid(STRANGER, os.geteuid()),
        capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root can become somebody else")
def test_runs_decisions_merges_and_audits_of_an_unknown_user_are_signed_with_its_number(
    sample_run: tuple[Path, Outcome], samples: Path, tmp_path: Path
) -> None:
    shutil.copy(sample_run[0], tmp_path / "guiyi.duckdb")
    with open_store(sample_run[0]) as store:
        group, other = store.table("duplicate_group")["group_id"][:2]
        known = store.query(
            "SELECT count(*) AS n FROM history.audit_event"
        ).item()  # others have used this store as well
    for arguments in (("reject", group), ("run", samples / "leads.csv", "--quiet"), ("show", other, "--unmask", "--reason", "x"),
                      ("plan",), ("apply", "merge-plan.json")):  # fmt: skip
        done = as_stranger(tmp_path, *arguments)
        assert done.returncode == 0, (arguments, done.stderr)
    with open_store(tmp_path / "guiyi.duckdb") as store:
        signed = store.query('SELECT "by", action AS what FROM history.audit_event OFFSET ' + str(known))
        decided = store.query('SELECT "by", kind AS what FROM history.decision')
    assert sorted(signed["what"]) == ["apply", "export", "run", "unmask"]
    assert set(signed["by"]) | set(decided["by"]) == {f"uid {STRANGER}"}


@pytest.mark.parametrize("fault", [KeyError("uid not found"), OSError("No username set"), ImportError("pwd")])
def test_who_works_is_never_a_fault(fault: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise fault

    monkeypatch.setattr("getpass.getuser", nobody)
    assert current_user() == ("unknown" if sys.platform == "win32" else f"uid {os.getuid()}")
