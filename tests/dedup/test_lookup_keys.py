"""The keys by which known records are found: they follow the features, and are made anew where they cannot be trusted."""

import subprocess
import sys
from pathlib import Path

import duckdb
import polars as pl
import pytest
from guiyi.config import Config
from guiyi.dedup.blocking import candidate_pairs
from guiyi.dedup.policy.keys import asked_keys, held_keys
from guiyi.dedup.policy.term_frequency import size_bits
from guiyi.errors import StoreError
from guiyi.io.store.lookup_keys import HOME
from guiyi.io.store.store import Store, open_store
from guiyi.pipelines.context import RunOptions
from guiyi.pipelines.nightly.run import run_nightly
from guiyi.pipelines.resolve.candidates import LOOKUPS
from guiyi.pipelines.resolve.component import PERSONS
from guiyi.pipelines.resolve.levels import policies
from guiyi.pipelines.resolve.match import match_files
from guiyi.schemas import FEATURE

CALM = RunOptions(breaker=False)
SNAPSHOT = Config.model_validate({"incremental": {"whole_above": 1.0}, "sources": {"leads*": {"snapshot": True}}})
HEAD = "客户编号,联系人,手机号,公司,邮箱,地址\n"
ROWS = (
    "1,张伟强,13951880734,杭州云海智能科技有限公司,zwq8877@163.com,浙江省杭州市西湖区文三路478号",
    "2,张总,13951880734,云海智能,,",
    "3,李娜,138****2915,,lina@yunhai-tech.cn,",
)


def run(folder: Path, night: int, *rows: str, whole: bool = False) -> Path:
    path, store = folder / f"leads_{night}.csv", folder / "a.duckdb"
    path.write_text(HEAD + "".join(f"{row}\n" for row in rows), "utf-8")
    run_nightly([path], store, SNAPSHOT, "zh", options=CALM if not whole else RunOptions(breaker=False, whole=True))
    return store


def held(store: Path) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """The keys that are there, and those that the live features have."""
    with open_store(store) as opened:
        there = opened.query(f"SELECT * FROM {HOME} ORDER BY ALL").rows()
        return there, sorted(held_keys(opened.table("feature"), LOOKUPS).rows())


@pytest.mark.parametrize("whole", [pytest.param(False, id="incremental"), pytest.param(True, id="whole")])
def test_keys_follow_rows_that_come_change_and_go(tmp_path: Path, whole: bool) -> None:
    run(tmp_path, 1, *ROWS)
    store = run(
        tmp_path, 2, ROWS[0].replace("13951880734", "13867302915"), ROWS[1], "4,赵敏敏,13740826193,,,", whole=whole
    )
    there, wanted = held(store)
    assert there == wanted
    assert len({key for key, _ in there}) == 3


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(f"DROP TABLE {HOME}; DELETE FROM history.guiyi WHERE name = 'key_signature'", id="older store"),
        pytest.param(
            f"UPDATE history.guiyi SET value = '1' WHERE name = 'key_signature'; DELETE FROM {HOME}", id="other keys"
        ),
    ],
)
def test_keys_of_another_version_are_made_anew(tmp_path: Path, damage: str) -> None:
    store = run(tmp_path, 1, *ROWS)
    connection = duckdb.connect(str(store))
    connection.execute(damage)
    connection.close()
    again = tmp_path / "again.csv"
    again.write_text(HEAD + "9,张伟强,13951880734,,,\n", "utf-8")
    assert match_files([again], store, SNAPSHOT, "zh")["verdict"].to_list() == ["duplicate"], "by keys of its own"
    run(tmp_path, 2, *ROWS, "4,赵敏敏,13740826193,,,")
    there, wanted = held(store)
    assert there == wanted != []


READS = "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True); print('held', flush=True); sys.stdin.read(); c.close()"


def test_a_store_that_cannot_be_brought_forward_says_who_holds_it(tmp_path: Path) -> None:
    store = run(tmp_path, 1, *ROWS)
    connection = duckdb.connect(str(store))
    connection.execute("UPDATE history.guiyi SET value = '3' WHERE name = 'schema_version'")
    connection.close()
    with subprocess.Popen([sys.executable, "-c", READS, str(store)], stdin=-1, stdout=-1, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreError) as fault, open_store(store, patience=0.3):
            pass
        assert fault.value.reason == "store.locked"
        holder.communicate("")


def meet(one: dict[str, str], other: dict[str, str]) -> bool:
    """Whether a row that asks finds one that is held."""
    asks, holds = (
        FEATURE.conform(pl.DataFrame({"record_key": [""], **{k: [v] for k, v in row.items()}})) for row in (one, other)
    )
    return bool(asked_keys(asks, LOOKUPS).join(held_keys(holds, LOOKUPS), on="key").height)


HUATAI = {"core": "华泰", "brand_pinyin": "huatai"}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param({"phone": "+8613951880734"}, {"phone": "+8613951880734"}, True, id="phone"),
        pytest.param({"email": "13951880734@139.com"}, {"phone": "+8613951880734"}, True, id="phone in the mail"),
        pytest.param({"identifiers": "wechat:13951880734"}, {"phone": "+8613951880734"}, True, id="phone as an account"),
        pytest.param({"identifiers": "qq:58881234,wechat:li_ming88"}, {"identifiers": "wechat:li_ming88,member:A77"}, True,
                     id="one of several identifiers"),
        pytest.param({"identifiers": "qq:58881234"}, {"identifiers": "member:58881234"}, False, id="identifiers of two kinds"),
        pytest.param({"email": "1395188073@139.com"}, {"phone": "+861395188073"}, False, id="no phone in the mail"),
        pytest.param({"pinyin": "lina", "phone_partial": "138****2915"}, {"pinyin": "lina", "phone": "+8613867302915"}, True,
                     id="masked phone and name"),
        pytest.param({"phone_partial": "138****2915"}, {"phone": "+8613867302915"}, False, id="masked phone alone"),
        pytest.param({"pinyin": "lina", "email": "lina8877@163.com"}, {"pinyin": "lina", "email_partial": "lina8877@qq"}, True,
                     id="name and mail name with digits"),
        pytest.param({"pinyin": "lina", "email": "info@163.com"}, {"pinyin": "lina", "email": "info@qq.com"}, False,
                     id="a mail name without digits"),
        pytest.param({"street": "文三路478号"}, {"street": "文三路478号"}, True, id="street"),
        pytest.param({"street": "1号"}, {"street": "1号"}, False, id="street too short"),
        pytest.param(HUATAI | {"company_province": "江苏省"}, HUATAI | {"company_province": "江苏省"}, True, id="brand in place"),
        pytest.param(HUATAI | {"company_province": "江苏省"}, HUATAI | {"company_province": "四川省"}, False, id="brand elsewhere"),
        pytest.param(HUATAI | {"company_province": "江苏省"}, HUATAI, True, id="brand that tells no place"),
        pytest.param(HUATAI, HUATAI | {"company_province": "四川省"}, True, id="asked by a brand that tells no place"),
        pytest.param({"domain": "huatai.com.cn"}, HUATAI, True, id="brand spelled by the domain"),
        pytest.param({"code": "91310115MA1K2P9X33"}, {"org_code": "91310115MA1K2P9X33"}, False, id="values of two kinds"),
    ],
)  # fmt: skip
def test_rows_meet_by_what_they_share(one: dict[str, str], other: dict[str, str], expected: bool) -> None:
    assert meet(one, other) is expected


@pytest.mark.parametrize("level", ["contact", "account"])
def test_every_candidate_pair_of_the_samples_shares_a_stored_key(level: str, sample_store: Store) -> None:
    """Whichever of the two is the new one, the lookups of the key they share find the other; persons are found by their groups."""
    features = sample_store.query(
        f"SELECT * FROM main.feature LEFT JOIN ({PERSONS}) USING (record_key) ORDER BY record_key"
    )
    policy = policies(Config())[level == "account"]
    prepared = policy.prepare(features.with_row_index("row"), size_bits(features.height))
    names, met = features["record_key"], 0
    for key in (key for key in policy.keys if key.name != "person"):
        pairs = candidate_pairs(prepared, (key,), 10**9).pairs
        both = pl.DataFrame(
            {"one": [*names[pairs.left], *names[pairs.right]], "other": [*names[pairs.right], *names[pairs.left]]},
            schema={"one": pl.String, "other": pl.String},
        )
        asked = asked_keys(features, key.lookup).rename({"record_key": "one"})
        found = asked.join(held_keys(features, key.lookup).rename({"record_key": "other"}), on="key")
        assert both.join(found, on=["one", "other"], how="anti").rows() == [], key.name
        met += both.height
    assert met > 200
