"""Latin spellings of Chinese names: the readings and surnames they may stand for."""

import pytest
from guiyi.rules.base.readings import further_readings
from guiyi.rules.person_name.romanised import spelled


@pytest.mark.parametrize(
    ("name", "first", "turned", "readings", "family"),
    [
        pytest.param("Wang Fang", "wangfang", "fangwang", None, "fang wang", id="pinyin-either-order"),
        pytest.param("Lyu Siqi", "lusiqi", "siqilu", None, "lu", id="lyu"),
        pytest.param("Lü Siqi", "lusiqi", "siqilu", None, "lu", id="u-umlaut"),
        pytest.param("Renyuan Li", "lirenyuan", "renyuanli", None, "li", id="nyu-within-a-word-is-two-syllables"),
        pytest.param("Tony Wang", "wangtony", "tonywang", None, "wang?", id="english-given-name"),
        pytest.param("Karen Li", "likaren", "karenli", None, "li?", id="english-name-that-is-syllables"),
        pytest.param(
            "Chan Siu Kit", "chansiukit", "kitchansiu", "chensiukit zhansiukit", "chen? zhan?", id="cantonese"
        ),
        pytest.param(
            "Au-Yeung Kit", "auyeungkit", "kitauyeung", "ouyangkit ouyeungkit", "ou? ouyang?", id="two-sign-surname"
        ),
        pytest.param("Hsieh Shu-chen", "hsiehshuchen", "shuchenhsieh", "xieshuchen xieshuzhen", "xie", id="wade-giles"),
        pytest.param("zhangwei", "zhangwei", None, None, "zhang", id="one-word"),
        pytest.param("Kevin", "kevin", None, None, None, id="given-name-only"),
        pytest.param("Gerhard Steiner", "gerhardsteiner", "steinergerhard", None, None, id="not-chinese"),
    ],
)
def test_a_spelling_and_what_it_may_stand_for(
    name: str, first: str, turned: str | None, readings: str | None, family: str | None
) -> None:
    assert spelled([name]).row(0) == (name, first, turned, readings, family)


@pytest.mark.parametrize(
    ("name", "usual", "expected"),
    [
        pytest.param("谭慧", "tanhui", "qinhui", id="surname"),
        pytest.param("尉迟敬", "yuchijing", "weichijing", id="two-sign-surname"),
        pytest.param("雷乐瑶", "leileyao", "leiyueyao", id="given-name"),
        pytest.param("单会", "shanhui", "chanhui chankuai danhui dankuai shankuai", id="both"),
        pytest.param("王伟", "wangwei", None, id="one-reading"),
    ],
)
def test_every_reading_of_a_polyphone(name: str, usual: str, expected: str | None) -> None:
    assert further_readings(name, usual) == expected
