"""guiyi packs and guiyi audit."""

import json
from pathlib import Path

import pytest
from guiyi.rules.pack.load import governance_packs
from guiyi.tests.conftest import Command

PLAN = '[[plan]]\nid = "own.plan"\nwords = { zh = "x", en = "x" }'
ORDERS = "订单编号,订单类型,数据来源,金额,负责人\nA,正式订单,ERP,100,S1\nB,正式订单,手工,50,S1\n"


def test_shipped_packs_are_listed_and_have_no_faults(guiyi: Command) -> None:
    listed = json.loads(guiyi("packs", "list", "--format", "json").stdout)
    assert {row["pack"] for row in listed} == set(governance_packs())
    done = guiyi("packs", "lint")
    assert (done.returncode, done.stdout) == (0, "")


def test_a_pack_is_shown_with_its_parameters(guiyi: Command) -> None:
    shown = guiyi("packs", "show", "orders")
    assert "target" in shown.stdout
    assert "orders.attainment" in shown.stdout
    assert guiyi("packs", "show", "nobody").returncode == 2


@pytest.mark.parametrize(
    ("section", "place"),
    [
        pytest.param(f'{PLAN}\nsql = "SELECT lead_id AS item FROM lead"', "own.plan", id="column"),
        pytest.param(f'{PLAN}\nsql = "SELECT no_such AS item FROM lead"', "own.plan", id="sql"),
        pytest.param('[param.unused]\ndefault = 1\nwords = { zh = "x", en = "x" }', "unused", id="parameter"),
        pytest.param(
            '[[check]]\nid = "own.check"\ntable = "lead"\nseverity = "info"\nmessage = { zh = "{what}", en = "x" }\n'
            'sql = "SELECT record_key FROM lead"',
            "own.check", id="word_of_the_message",
        ),
    ],
)  # fmt: skip
def test_a_fault_of_a_pack_is_found_without_a_row(guiyi: Command, tmp_path: Path, section: str, place: str) -> None:
    (tmp_path / "own.toml").write_text(f'name = "own"\nneeds = ["lead"]\n{section}\n', "utf-8")
    done = guiyi("packs", "lint", "own.toml", "--format", "json")
    assert done.returncode == 1
    assert [row["id"] for row in json.loads(done.stdout)] == [place]


def test_audit_says_what_packs_find_and_publishes_nothing(guiyi: Command, tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(ORDERS, "utf-8")
    done = guiyi("audit", "orders.csv", "--kind", "orders", "--pack", "orders", "--format", "json")
    told = json.loads(done.stdout)
    assert done.returncode == 1
    assert [row["rule"] for row in told["finding"]] == ["orders.not_formal"]
    assert {row["name"]: row["value"] for row in told["metric"]} == {
        "orders.amount": 100.0,
        "orders.not_formal_share": 0.5,
    }
    assert not list(tmp_path.glob("*.duckdb"))


def test_audit_wants_to_know_what_a_file_holds(guiyi: Command, tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(ORDERS, "utf-8")
    assert guiyi("audit", "orders.csv").returncode == 2
    assert guiyi("audit", "orders.csv", "--kind", "invoices").returncode == 2
