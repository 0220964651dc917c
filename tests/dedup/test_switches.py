"""Evidence that a configuration switches off brings nobody together, adds no bits, and is said to be off."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import polars as pl
import pytest
from guiyi.config import Config, Evidence
from guiyi.dedup.explain import weigh_pairs
from guiyi.dedup.policy.base import Policy
from guiyi.evidence import DIMENSIONS, SWITCHES, dimension_words
from guiyi.io.store.store import open_store
from guiyi.pipelines.clean.features import features_of
from guiyi.pipelines.clean.rows import clean_rows
from guiyi.pipelines.nightly.run import run_nightly
from guiyi.pipelines.read.intake import read_all
from guiyi.pipelines.resolve.levels import policies
from stdnum.cn import uscc

HEADER = "客户编号,联系人,公司名称,统一社会信用代码,手机号,座机,邮箱"


def code(first_17: str) -> str:
    """A whole credit code that begins so."""
    return next(whole for sign in "0123456789ABCDEFGHJKLMNPQRTUWXY" if uscc.is_valid(whole := first_17 + sign))


A, B = code("91320594MA1XK7Q21"), code("91330106MA2YT5W84")
PAIRS = [
    pytest.param("contact", "phone", ("陆书瑶,,,13958112647,,", "陆书瑶,,,13958112647,,"), id="one-mobile"),
    pytest.param("contact", "phone", ("陆书瑶,,,,0571-88150623-8021,", "陆书瑶,,,,0571-88150623-8021,"), id="one-desk"),
    pytest.param("contact", "phone", ("陆书瑶,,,,,13958112647@139.com", "陆书瑶,,,13958112647,,"), id="number-of-a-mailbox"),
    pytest.param("contact", "credit_code", (f"陆书瑶,,{A},,,", f"陆书瑶,,{A},,,"), id="one-employer-by-code"),
    pytest.param("contact", "name_similarity", ("陆书瑶,浙江云帆电子有限公司,,,,", "陆舒瑶,浙江云帆电子有限公司,,,,"), id="one-sound"),
    pytest.param("account", "phone", (",云帆电子,,,0571-88150623,", ",杭州云帆电子有限公司,,,0571-88150623,"), id="one-switchboard"),
    pytest.param("account", "credit_code", (f",云帆电子,{A},,,", f",星野科技,{A},,,"), id="one-code"),
    pytest.param("account", "name_similarity", (",杭州云帆电子有限公司,,,,", ",杭州云凡电子有限公司,,,,"), id="one-sound-of-a-firm"),
]  # fmt: skip


def weighed(policy: Policy, folder: Path, rows: tuple[str, str]) -> dict[str, object]:
    (folder / "two.csv").write_text("\n".join([HEADER, *(f"{i},{row}" for i, row in enumerate(rows))]) + "\n", "utf-8")
    features = features_of(clean_rows(read_all([folder / "two.csv"], Config()), "zh"))
    pair = pl.DataFrame({"left": [0], "right": [1]})
    return weigh_pairs(features.with_columns(person=pl.lit(None, pl.UInt32)), pair, policy).to_dicts()[0]


@pytest.mark.parametrize(("level", "switch", "rows"), PAIRS)
def test_what_is_switched_off_brings_nobody_together_and_adds_no_bits(
    level: str, switch: str, rows: tuple[str, str], tmp_path: Path
) -> None:
    at = level == "account"
    on = weighed(policies(Config())[at], tmp_path, rows)
    off = weighed(policies(Config(evidence=Evidence(**{switch: False})))[at], tmp_path, rows)
    silent = dict(zip(SWITCHES, DIMENSIONS, strict=True))[switch]
    assert set(off["met"]) < set(on["met"])  # type: ignore[call-overload]
    assert off["score"] < on["score"]  # type: ignore[operator]
    assert (on[silent] is not None, off[silent]) == (True, None)


@pytest.mark.parametrize("level", ["contact", "account"])
def test_equal_names_meet_and_weigh_as_ever_where_similarity_is_off(level: str, tmp_path: Path) -> None:
    rows = ("陆书瑶,杭州云帆电子有限公司,,,,", "陆书瑶,杭州云帆电子有限公司,,,,")
    at = level == "account"
    on = weighed(policies(Config())[at], tmp_path, rows)
    off = weighed(policies(Config(evidence=Evidence(name_similarity=False)))[at], tmp_path, rows)
    assert (off["met"], off["score"]) == (on["met"], on["score"])


def published(folder: Path, rows: list[str], evidence: Evidence, *more: list[str]) -> Path:
    """A store of one run of each list of rows."""
    for night, lines in enumerate([rows, *more]):
        numbered = [f"{night}-{i},{row}" for i, row in enumerate(lines)]
        (folder / f"n{night}.csv").write_text("\n".join([HEADER, *numbered]) + "\n", "utf-8")
        run_nightly([folder / f"n{night}.csv"], folder / "own.duckdb", Config(evidence=evidence), "zh")
    return folder / "own.duckdb"


def test_two_valid_codes_never_stand_in_one_group_although_codes_are_off(tmp_path: Path) -> None:
    rows = [f",杭州云帆电子有限公司,{c},,0571-88150623," for c in (A, A, B)]
    with open_store(published(tmp_path, rows, Evidence(credit_code=False))) as store:
        members = store.query(
            "SELECT source_record_id AS id, entity_id FROM main.entity_member WHERE level = 'account'"
        )
        told = store.query("SELECT reasons FROM main.pair WHERE level = 'account' AND reasons LIKE '%contradiction%'")
    assert members.sort("id")["entity_id"].rle_id().to_list() == [0, 0, 1]
    assert all(json.loads(r)["contradiction"] == {"level": "code", "weight": 0.0} for r in told["reasons"])


@pytest.mark.parametrize("on", [True, False])
def test_nights_find_no_shared_value_of_what_is_off(on: bool, tmp_path: Path) -> None:
    surnames = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹"
    known = [f"{s}{given},,,,,p{i}@yunfan.cn" for given in ("子墨", "书瑶", "一凡") * 4 for i, s in enumerate(surnames)]
    fresh = [f"{s}子墨,,,13800138066,," for s in surnames[:22]]
    with open_store(published(tmp_path, known, Evidence(phone=on), fresh)) as store:
        found = store.query("SELECT * FROM main.finding WHERE rule = 'dedup.shared_value' AND field = 'phone'")
        assert store.query("SELECT count(*) AS n FROM main.pair WHERE reasons LIKE '%\"phone\"%'")["n"][0] == 0 or on
    assert found.is_empty() != on


def test_explain_group_and_report_say_what_is_off(
    guiyi: Callable[..., "CompletedProcess[str]"], tmp_path: Path
) -> None:
    (tmp_path / "guiyi.toml").write_text("[evidence]\nphone = false\n", "utf-8")
    rows = ["陆书瑶,杭州云帆电子有限公司,,13958112647,,lu@yunfan.cn"] * 2
    published(tmp_path, rows, Evidence(phone=False))
    with open_store(tmp_path / "own.duckdb") as store:
        group = store.query("SELECT group_id FROM main.duplicate_group WHERE level = 'contact'")["group_id"][0]
    for command in (("explain", "0-0", "0-1"), ("show", group), ("report",)):
        assert "手机号 未启用" in guiyi(*command, "--db", "own.duckdb").stdout, command
    assert json.loads(guiyi("report", "--db", "own.duckdb", "--format", "json").stdout)["evidence_off"] == ["phone"]
    assert "手机号 未启用" in guiyi("report", "--db", "own.duckdb", "--format", "html", "--force").stdout


def test_an_unknown_switch_is_refused(guiyi: Callable[..., "CompletedProcess[str]"], tmp_path: Path) -> None:
    (tmp_path / "guiyi.toml").write_text("[evidence]\nmail = false\n", "utf-8")
    refused = guiyi("run", "two.csv")
    assert (refused.returncode, "evidence.mail" in refused.stderr) == (2, True)


def test_a_pair_says_what_is_off_and_what_is_missing() -> None:
    told = {"phone_agree": None, "name_similarity": None, "code_link": None}
    assert dimension_words("contact", told, {"phone"}).zh == "手机号 未启用 · 姓名拼音相似度 缺少 · 信用代码 缺少"
