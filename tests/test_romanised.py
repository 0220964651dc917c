"""Latin spellings of Chinese names: the readings and surnames they may stand for."""

import pytest
from guiyi.rules.readings import further_readings
from guiyi.rules.romanised import spelled


@pytest.mark.parametrize(
    ("name", "first", "turned", "reading", "family"),
    [
        pytest.param("Wang Fang", "wangfang", "fangwang", None, "fang wang", id="pinyin-either-order"),
        pytest.param("Lyu Siqi", "lusiqi", "siqilu", None, "lu", id="lyu"),
        pytest.param("Lü Siqi", "lusiqi", "siqilu", None, "lu", id="u-umlaut"),
        pytest.param("Renyuan Li", "liren" + "yuan", "renyuanli", None, "li", id="nyu-within-a-word-is-two-syllables"),
        pytest.param("Tony Wang", "wangtony", "tonywang", None, "wang?", id="english-given-name"),
        pytest.param("Karen Li", "likaren", "karenli", None, "li?", id="english-name-that-is-syllables"),
        pytest.param("Chan Siu Ming", "chansiuming", "mingchansiu", "chensiuming", "chen?", id="cantonese"),
        pytest.param("Au-Yeung Kit", "auyeungkit", "kitauyeung", "ouyangkit", "ouyang?", id="cantonese-compound"),
        pytest.param("Hsieh Shu-chen", "shuchenhsieh", "hsiehshuchen", "xieshuzhen", "xie", id="wade-giles"),
        pytest.param("zhangwei", "zhangwei", None, None, "zhang", id="one-word"),
        pytest.param("Kevin", "kevin", None, None, None, id="given-name-only"),
        pytest.param("Gerhard Steiner", "gerhardsteiner", "steinergerhard", None, None, id="not-chinese"),
    ],
)
def test_a_spelling_and_what_it_may_stand_for(
    name: str, first: str, turned: str | None, reading: str | None, family: str | None
) -> None:
    row = spelled([name]).row(0, named=True)
    assert (row["first"], row["pinyin_turned"]) in {(first, turned), (turned, first)}
    assert reading is None or reading in row["readings"].split()
    assert family is None if row["family"] is None else set(family.split()) <= set(row["family"].split())


@pytest.mark.parametrize(
    ("name", "usual", "expected"),
    [
        pytest.param("谭慧", "tanhui", "qinhui tankuai qinkuai", id="surname"),
        pytest.param("尉迟敬", "yuchijing", "weichijing", id="compound-surname"),
        pytest.param("雷乐瑶", "leileyao", "leiyueyao", id="given-name"),
        pytest.param("王伟", "wangwei", None, id="one-reading"),
    ],
)
def test_every_reading_of_a_polyphone(name: str, usual: str, expected: str | None) -> None:
    found = further_readings(name, usual)
    assert found is None if expected is None else set((found or "").split()) <= set(expected.split()) and bool(found)
