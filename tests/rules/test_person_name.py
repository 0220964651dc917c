"""Names of persons: what stays of the name, what kind of name it is, and the keys it is compared by."""

import polars as pl
import pytest
from guiyi.rules.person_name.clean import clean_person_names
from guiyi.rules.person_name.titles import word_lists
from hypothesis import given, settings
from hypothesis import strategies as st
from opencc import OpenCC


def part(raw: str, name: str = "value") -> str | None:
    found: str | None = clean_person_names(pl.Series([raw])).values[name][0]
    return found


@pytest.mark.parametrize(
    ("raw", "value", "title", "kind"),
    [
        pytest.param("张伟", "张伟", None, "full", id="plain"),
        pytest.param("張偉", "張偉", None, "full", id="traditional-is-not-rewritten"),
        pytest.param("张 伟", "张伟", None, "full", id="blank-inside"),
        pytest.param("张 小 明", "张小明", None, "full", id="two-blanks-inside"),
        pytest.param("张伟经理", "张伟", "经理", "full", id="title-behind"),
        pytest.param("余秋雨老师", "余秋雨", "老师", "full", id="three-characters-and-title"),
        pytest.param("张伟 女士", "张伟", "女士", "full", id="title-after-a-blank"),
        pytest.param("采购经理张伟", "张伟", "采购经理", "full", id="title-in-front"),
        pytest.param("张伟（采购）", "张伟", "采购", "full", id="note-in-brackets"),
        pytest.param("张伟(采购", "张伟", "采购", "full", id="note-with-open-bracket"),
        pytest.param("张伟-采购部", "张伟", None, "full", id="a-department-is-no-title"),
        pytest.param("江南总", "江南", "总", "full", id="name-and-总"),
        pytest.param("张总", "张总", "总", "surname", id="surname-and-总"),
        pytest.param("李经理", "李经理", "经理", "surname", id="surname-and-title"),
        pytest.param("李总工", "李总工", "总工", "surname", id="surname-and-long-title"),
        pytest.param("欧阳工", "欧阳工", "工", "surname", id="compound-surname-and-title"),
        pytest.param("高工", "高工", "工", "surname", id="高工-is-an-address"),
        pytest.param("小张", "小张", "小", "surname", id="familiar-小"),
        pytest.param("老王", "老王", "老", "surname", id="familiar-老"),
        pytest.param("张 总", "张总", "总", "surname", id="address-with-blank"),
        pytest.param("张*", "张*", None, "masked", id="mask"),
        pytest.param("欧阳**", "欧阳**", None, "masked", id="mask-of-compound-surname"),
        pytest.param("张*伟", "张*伟", None, "masked", id="mask-in-the-middle"),
        pytest.param("阿依古丽·买买提", "阿依古丽·买买提", None, "full", id="minority-name"),
        pytest.param("Zhang Wei", "Zhang Wei", None, "latin", id="pinyin"),
        pytest.param("Mr. Kevin Zhang", "Kevin Zhang", None, "latin", id="latin-title"),
        pytest.param("Zhang Wei Manager", "Zhang Wei", None, "latin", id="latin-title-behind"),
        pytest.param("O'Neil Zhang", "O'Neil Zhang", None, "latin", id="apostrophe"),
        pytest.param("张伟/李娜", "张伟", None, "full", id="two-persons"),
        pytest.param("张伟、李娜、王芳", "张伟", None, "full", id="three-persons"),
        pytest.param("总经理", "总经理", "经理", "other", id="only-a-title"),
        pytest.param("13800001234", "13800001234", None, "other", id="a-phone"),
        pytest.param("a@b.com", "a@b.com", None, "other", id="a-mail-address"),
        pytest.param("李", "李", None, "other", id="one-character"),
    ],
)
def test_name_is_split_from_its_titles(raw: str, value: str, title: str | None, kind: str) -> None:
    row = clean_person_names(pl.Series([raw])).values.row(0, named=True)
    assert (row["value"], row["kind"]) == (value, kind)
    assert kind == "other" or row["title"] == title


@pytest.mark.parametrize(
    ("raw", "surname"),
    [
        pytest.param("张伟", "张", id="single"),
        pytest.param("張偉", "张", id="traditional"),
        pytest.param("欧阳锋", "欧阳", id="compound"),
        pytest.param("歐陽鋒", "欧阳", id="compound-traditional"),
        pytest.param("诸葛亮", "诸葛", id="compound-again"),
        pytest.param("欧建国", "欧", id="the-first-character-of-a-compound"),
        pytest.param("张总", "张", id="address"),
        pytest.param("尉迟经理", "尉迟", id="compound-address"),
        pytest.param("小张", "张", id="familiar"),
        pytest.param("司马**", "司马", id="masked-compound"),
        pytest.param("張總", "张", id="traditional-address"),
        pytest.param("Zhang Wei", None, id="latin-has-none"),
    ],
)
def test_surname(raw: str, surname: str | None) -> None:
    assert part(raw, "surname") == surname


@pytest.mark.parametrize(
    ("raw", "pinyin"),
    [
        pytest.param("张伟", "zhangwei", id="plain"),
        pytest.param("張偉", "zhangwei", id="traditional"),
        pytest.param("单雄信", "shanxiongxin", id="单-shan"),
        pytest.param("解缙", "xiejin", id="解-xie"),
        pytest.param("仇英", "qiuying", id="仇-qiu"),
        pytest.param("曾国藩", "zengguofan", id="曾-zeng"),
        pytest.param("查良镛", "zhaliangyong", id="查-zha"),
        pytest.param("区志强", "ouzhiqiang", id="区-ou"),
        pytest.param("盖叫天", "gejiaotian", id="盖-ge"),
        pytest.param("覃海洋", "qinhaiyang", id="覃-qin"),
        pytest.param("任贤齐", "renxianqi", id="任-ren"),
        pytest.param("尉迟恭", "yuchigong", id="尉迟-yuchi"),
        pytest.param("万俟卨", "moqixie", id="万俟-moqi"),
        pytest.param("吕布", "lubu", id="ü-is-typed-u"),
        pytest.param("Lv Bu", "lubu", id="ü-typed-v"),
        pytest.param("Lü Bu", "lubu", id="ü-typed-ü"),
        pytest.param("Zhang Wei", "zhangwei", id="latin"),
        pytest.param("zhangwei", "zhangwei", id="one-word"),
        pytest.param("ZhangWei", "zhangwei", id="camel-case"),
        pytest.param("ZHANG WEI", "zhangwei", id="capitals"),
        pytest.param("Wei ZHANG", "zhangwei", id="surname-shouted"),
        pytest.param("Xiaoming Li", "lixiaoming", id="surname-behind"),
        pytest.param("Kevin Zhang", "zhangkevin", id="foreign-given-name"),
        pytest.param("张总", None, id="an-address-has-no-reading"),
        pytest.param("张*", None, id="a-mask-has-none"),
    ],
)
def test_reading_has_the_surname_in_front(raw: str, pinyin: str | None) -> None:
    assert part(raw, "pinyin") == pinyin


@pytest.mark.parametrize("raw", ["Zhang Wei", "Wei ZHANG", "Kevin Zhang", "Li Xiaoming", "Xiaoming Li", "Ouyang Feng"])
def test_a_latin_name_is_kept_in_both_orders(raw: str) -> None:
    words = [w.lower() for w in raw.split()]
    assert {part(raw, "pinyin"), part(raw, "pinyin_turned")} == {"".join(words), "".join(reversed(words))}


def test_two_persons_in_a_cell_are_a_finding() -> None:
    cleaned = clean_person_names(pl.Series(["张伟/李娜", "张伟"]))
    assert cleaned.findings.select("raw", "rule").rows() == [("张伟/李娜", "person_name.several")]


def test_what_is_no_name_is_a_finding() -> None:
    cleaned = clean_person_names(pl.Series(["13800001234", "张伟", "张总", "张*", "Li Na"]))
    assert cleaned.findings.select("raw", "rule").rows() == [("13800001234", "person_name.not_a_name")]


@pytest.mark.parametrize(
    ("raw", "value", "title", "rules"),
    [
        pytest.param("采购部李经理", "李经理", "经理", ["note"], id="department-in-front"),
        pytest.param("财务张会计", "张会计", "会计", [], id="department-without-部"),
        pytest.param("市场部 王总", "王总", "总", ["note"], id="department-and-blank"),
        pytest.param("技术部-王工", "王工", "工", ["note"], id="department-and-dash"),
        pytest.param("前台小王", "小王", "前台", [], id="department-before-a-familiar-name"),
        pytest.param("财务总监李明", "李明", "财务总监", [], id="title-in-front"),
        pytest.param("李明 董事长兼总经理", "李明", "董事长兼总经理", [], id="two-titles"),
        pytest.param("李明项目经理", "李明", "项目经理", [], id="title-with-what-narrows-it"),
        pytest.param("高级经理", "高级经理", None, ["not_a_name"], id="a-title-alone-is-no-person"),
        pytest.param("王澄 女", "王澄", None, ["note"], id="gender-behind-a-blank"),
        pytest.param("王澄（男）", "王澄", None, ["note"], id="gender-in-brackets"),
        pytest.param("李明(已离职)", "李明", None, ["note"], id="remark-is-no-title"),
        pytest.param("【重要】李明", "李明", None, ["note"], id="remark-in-front"),
        pytest.param("李明 VIP", "李明", None, ["note"], id="latin-remark"),
        pytest.param("王芳老客户", "王芳", None, ["note"], id="remark-glued"),
        pytest.param("王芳🌹", "王芳", None, [], id="a-sign"),
        pytest.param("李明 王伟", "李明", None, ["several"], id="second-person-behind-a-blank"),
        pytest.param("李明和王芳", "李明", None, ["several"], id="two-persons-with-和"),
        pytest.param("李经理/王总", "李经理", "经理", ["several"], id="two-forms-of-address"),
        pytest.param("李明等3人", "李明", None, ["several"], id="and-others"),
        pytest.param("张总（张伟）", "张伟", "总", [], id="address-and-full-name"),
        pytest.param("李和平", "李和平", None, [], id="和-inside-a-name"),
        pytest.param("李明 北京", "李明", None, ["note"], id="a-place-is-no-person"),
        pytest.param("张 总", "张总", "总", [], id="one-person-in-two-pieces"),
        pytest.param("欧阳 娜娜", "欧阳娜娜", None, [], id="compound-surname-and-given-name"),
        pytest.param(
            "汉桥酒店(光谷广场店)",
            "汉桥酒店(光谷广场店)",
            None,
            ["not_a_name"],
            id="nothing-is-cut-from-what-is-no-person",
        ),
    ],
)
def test_a_cell_gives_up_each_thing_to_where_it_belongs(
    raw: str, value: str, title: str | None, rules: list[str]
) -> None:
    cleaned = clean_person_names(pl.Series([raw]))
    assert cleaned.values.select("value", "title").row(0) == (value, title)
    assert cleaned.findings["rule"].to_list() == [f"person_name.{rule}" for rule in rules]


@pytest.mark.parametrize("dot", "•‧・．･∙⋅●。.- ")
def test_whatever_dot_parts_a_foreign_name(dot: str) -> None:
    assert part(f"古丽娜尔{dot}艾山江") == "古丽娜尔·艾山江"


@pytest.mark.parametrize(
    ("raw", "value", "number"),
    [
        pytest.param("李四海 13571884567", "李四海", "13571884567", id="blank"),
        pytest.param("李明13812345678", "李明", "13812345678", id="glued"),
        pytest.param("李明（138-1234-5678）采购", "李明", "13812345678", id="inside"),
        pytest.param("13812345678", "13812345678", None, id="nothing-but-a-number"),
    ],
)
def test_a_number_beside_the_name_is_kept(raw: str, value: str, number: str | None) -> None:
    cleaned = clean_person_names(pl.Series([raw]))
    assert cleaned.values.select("value", "number").row(0) == (value, number)
    assert ("person_name.number" in cleaned.findings["rule"]) == (number is not None)


def test_null_has_no_row() -> None:
    assert clean_person_names(pl.Series([None], dtype=pl.String)).values.is_empty()


NAMES = st.text("张王欧阳单解伟娜小老总经理女士先生 ·*（）-/、abKZ .", min_size=1, max_size=8)


@given(NAMES)
def test_every_change_leads_to_the_next(raw: str) -> None:
    cleaned = clean_person_names(pl.Series([raw]))
    now: str | None = raw
    for before, after in cleaned.changes.sort("step").select("before", "after").iter_rows():
        assert before == now
        now = after
    assert cleaned.values["value"].to_list() == [now]


@given(st.lists(NAMES, min_size=1, max_size=6))
@settings(max_examples=20)
def test_a_name_does_not_depend_on_its_neighbours(raw: list[str]) -> None:
    together = clean_person_names(pl.Series(raw)).values
    alone = pl.concat([clean_person_names(pl.Series([r])).values for r in dict.fromkeys(raw)])
    assert together.equals(alone)


@given(st.text("李赵诸葛慕容海明建国华", min_size=2, max_size=4))
def test_a_clean_name_stays_as_it_is(raw: str) -> None:
    assert part(raw) == raw


@pytest.mark.parametrize("name", ["after", "after_surname", "before"])
def test_titles_hold_their_traditional_forms(name: str) -> None:
    words, converter = set(word_lists()[name]), OpenCC("s2t")
    assert {converter.convert(word) for word in words} <= words
