"""`guiyi score`: named pairs in bulk, with the three dimensions that everybody knows."""

from pathlib import Path

import jellyfish
import polars as pl
import pytest
from guiyi.config import Config
from guiyi.dedup.dimensions import measure_dimensions
from guiyi.errors import InputError
from guiyi.evidence import dimension_words
from guiyi.io.store.store import Store
from guiyi.pipelines.steward.browse import explain_pair
from guiyi.pipelines.tune.score import SCORED, score_file, score_pairs_of
from guiyi.schemas import FEATURE

A, B = {"phone": "+8613951880734"}, {"phone": "+8613867302915"}


def measured(one: dict[str, str], other: dict[str, str], level: str = "contact") -> tuple[object, object, object]:
    columns = {*one, *other}
    frame = pl.DataFrame({"record_key": ["a", "b"], **{c: [one.get(c), other.get(c)] for c in columns}})
    pairs = pl.DataFrame({"left": [0], "right": [1]}, schema={"left": pl.UInt32, "right": pl.UInt32})
    row = measure_dimensions(FEATURE.conform(frame), pairs, level).row(0)
    return row[0], row[1], row[2]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param(A, A, True, id="one mobile"),
        pytest.param(A, B, False, id="two mobiles"),
        pytest.param(A, {"landline": "+8613951880734"}, True, id="a mobile in the column of landlines"),
        pytest.param(A, {"email": "13951880734@139.com"}, True, id="the name of a mailbox"),
        pytest.param(A, {"email": "zw@139.com"}, None, id="the other has none"),
    ],
)
def test_phones_agree(one: dict[str, str], other: dict[str, str], expected: bool | None) -> None:
    assert measured(one, other)[0] is expected


@pytest.mark.parametrize(
    ("one", "other", "level", "alike"),
    [
        pytest.param({"pinyin": "zhangwei"}, {"pinyin": "zhangwei"}, "contact", ("zhangwei", "zhangwei"), id="same reading"),
        pytest.param({"pinyin": "chenjing"}, {"pinyin": "chengjing"}, "contact", ("chenjing", "chengjing"), id="a mistyped syllable"),
        pytest.param({"pinyin": "weizhang", "pinyin_turned": "zhangwei"}, {"pinyin": "zhangwei"}, "contact",
                     ("zhangwei", "zhangwei"), id="a Latin name in the other order"),
        pytest.param({"brand_pinyin": "qiji"}, {"brand_pinyin": "qijing"}, "account", ("qiji", "qijing"), id="brands"),
        pytest.param({"pinyin": "zhangwei"}, {}, "contact", None, id="no name"),
    ],
)  # fmt: skip
def test_names_are_similar_by_their_readings(
    one: dict[str, str], other: dict[str, str], level: str, alike: tuple[str, str] | None
) -> None:
    wanted = None if alike is None else pytest.approx(jellyfish.jaro_winkler_similarity(*alike), abs=1e-4)
    assert measured(one, other, level)[1] == wanted


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param({"code": "91310115MA1K2P9X33"}, {"code": "91310115MA1K2P9X33"}, True, id="one code"),
        pytest.param({"org_code": "MA1K2P9X3"}, {"org_code": "MA1K2P9X3"}, True, id="one organisation"),
        pytest.param({"code": "91310115MA1K2P9X33"}, {"code": "91330108MA27Y5K2X6"}, False, id="two codes"),
        pytest.param({"code": "91310115MA1K2P9X33"}, {}, None, id="none"),
    ],
)
def test_codes_link(one: dict[str, str], other: dict[str, str], expected: bool | None) -> None:
    assert measured(one, other)[2] is expected


def test_dimensions_in_words() -> None:
    told = {"phone_agree": True, "name_similarity": 0.9333, "code_link": None}
    assert dimension_words("contact", told).zh == "手机号 一致 · 姓名拼音相似度 0.93 · 信用代码 缺少"


def test_every_published_pair_carries_them(sample_store: Store) -> None:
    pairs = sample_store.table("pair")
    assert pairs["phone_agree"].any()
    assert pairs["code_link"].any()
    assert pairs["name_similarity"].drop_nulls().is_between(0, 1).all()


def test_a_pair_scores_as_it_was_published(sample_store: Store) -> None:
    published = sample_store.table("pair")
    for level in ("contact", "account"):
        some = published.filter(pl.col("level") == level)
        scored = score_pairs_of(sample_store, some.select(a="record_key_r", b="record_key_l"), Config(), level)
        assert scored.schema == SCORED
        assert scored["score"].to_list() == pytest.approx(some["score"].to_list())
        assert scored["reasons"].to_list() == some["reasons"].to_list()
        assert set(scored["band"]) <= {"auto", "review", "apart"}


def test_a_pair_that_no_run_compares_is_weighed_all_the_same(sample_store: Store, tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text("a,b\nL0044,L0001\nL0044,nobody\n", "utf-8")
    scored = score_file(sample_store, path, Config(), "contact")
    contact, _ = explain_pair(sample_store, "L0044", "L0001", Config())
    assert scored["score"][0] == pytest.approx(contact.score)
    assert scored["band"].to_list() == ["apart", "unknown"]
    assert scored["met"][0] == ""


def test_a_table_without_the_two_columns_is_refused(sample_store: Store, tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text("left,right\nL0044,L0001\n", "utf-8")
    with pytest.raises(InputError, match="a"):
        score_file(sample_store, path, Config(), "contact")
