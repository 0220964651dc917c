"""Text rules: what is invisible goes, what can be read stays, and every change is written down."""

import polars as pl
import pytest
from guiyi.rules.base import text
from guiyi.rules.base.text import Width, clean_text
from guiyi.rules.base.trail import Cleaned
from guiyi.rules.types import FIELD_TYPES, clean_field
from hypothesis import example, given, settings
from hypothesis import strategies as st

WIDTHS: tuple[Width, ...] = ("identifier", "name", "free")


def clean(raw: str | None, field: str | None = None, width: Width = "free") -> Cleaned:
    return clean_text(pl.Series([raw], dtype=pl.String), field, width)


def value(raw: str, field: str | None = None, width: Width = "free") -> str | None:
    found: str | None = clean(raw, field, width).values["value"][0]
    return found


def rules(raw: str, field: str | None = None, width: Width = "free") -> list[str]:
    return clean(raw, field, width).changes.sort("step")["rule"].to_list()


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param("张\u200b伟", "张伟", id="zero-width-space"),
        pytest.param("张\u200c伟", "张伟", id="non-joiner"),
        pytest.param("张\u200d伟", "张伟", id="joiner-without-emoji"),
        pytest.param("张\u2060伟", "张伟", id="word-joiner"),
        pytest.param("\ufeff张伟", "张伟", id="byte-order-mark"),
        pytest.param("张伟\u200e", "张伟", id="left-to-right-mark"),
        pytest.param("\u202e张伟\u202c", "张伟", id="direction-override"),
        pytest.param("\u2066张伟\u2069", "张伟", id="isolate"),
        pytest.param("张\u00ad伟", "张伟", id="soft-hyphen"),
        pytest.param("张\u061c伟", "张伟", id="arabic-letter-mark"),
        pytest.param("张\u2062伟", "张伟", id="invisible-times"),
        pytest.param("张\x00伟", "张伟", id="nul"),
        pytest.param("张\x08\x7f伟", "张伟", id="control"),
        pytest.param("张\x9d伟", "张伟", id="c1-control"),
        pytest.param("张\ufe0f伟", "张伟", id="variation-selector"),
        pytest.param("葛\U000e0100", "葛", id="ideographic-variation"),
        pytest.param("张\U000e0041伟", "张伟", id="tag"),
        pytest.param("张\u3164伟", "张伟", id="hangul-filler"),
        pytest.param("张\uffa0\u115f\u1160伟", "张伟", id="hangul-fillers"),
        pytest.param("张\u034f伟", "张伟", id="grapheme-joiner"),
        pytest.param("张\u2800伟", "张伟", id="braille-blank"),
        pytest.param("张\u180b\u180e伟", "张伟", id="mongolian"),
        pytest.param("张\ufffc伟", "张伟", id="object-replacement"),
        pytest.param("张\ufdd0伟", "张伟", id="noncharacter"),
        pytest.param("\u200b\u200b", None, id="nothing-else"),
        pytest.param("Li\u00a0Wei", "Li Wei", id="no-break-space"),
        pytest.param("Li\u3000Wei", "Li Wei", id="ideographic-space"),
        pytest.param("Li\u2003Wei", "Li Wei", id="em-space"),
        pytest.param("Li\u202fWei", "Li Wei", id="narrow-space"),
        pytest.param("\u00a0", None, id="only-a-no-break-space"),
    ],
)
def test_invisible_characters_go(raw: str, expected: str | None) -> None:
    assert value(raw) == expected
    assert rules(raw)[0] == "text.invisible"


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("张伟", id="plain"),
        pytest.param("120㎡", id="square-metre"),
        pytest.param("㈱晨光 №5 ½ ①", id="compatibility-characters"),
        pytest.param("🇨🇳👍🏽😀", id="emoji"),
        pytest.param("你好，世界！（一）", id="chinese-punctuation"),
        pytest.param("𠮷野家 㐂", id="rare-hanzi"),
        pytest.param("Müller é", id="accents"),
        pytest.param("e\u0301", id="combining-accent"),
        pytest.param("\ue000\ufffd", id="private-use-and-replacement"),
        pytest.param("-5", id="negative-number"),
        pytest.param("+8613800001234", id="international-number"),
        pytest.param("@小李", id="mention"),
        pytest.param("O'Brien", id="apostrophe-inside"),
        pytest.param("1+1=2", id="equals-inside"),
        pytest.param("A#1", id="hash-inside"),
        pytest.param("#1", id="hash-in-front"),
        pytest.param("snake_x0_y", id="underscores"),
    ],
)
@pytest.mark.parametrize("width", WIDTHS[1:])
def test_what_can_be_read_stays(raw: str, width: Width) -> None:
    assert value(raw, width=width) == raw
    assert rules(raw, width=width) == []


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param('="00123"', "00123", id="text-formula"),
        pytest.param('= "张伟"', "张伟", id="text-formula-with-blank"),
        pytest.param('="say ""hi"""', 'say "hi"', id="doubled-quotes"),
        pytest.param('=""', None, id="empty-text-formula"),
        pytest.param("=张伟", "张伟", id="plain-after-equals"),
        pytest.param('=HYPERLINK("mailto:a@b.cn","a@b.cn")', "a@b.cn", id="hyperlink-with-text"),
        pytest.param('=HYPERLINK("mailto:a@b.cn")', "a@b.cn", id="hyperlink-mailto"),
        pytest.param('=HYPERLINK("tel:10086")', "10086", id="hyperlink-tel"),
        pytest.param('=hyperlink("http://x.cn";"点我")', "点我", id="hyperlink-semicolon"),
        pytest.param("'13800001234", "13800001234", id="apostrophe"),
        pytest.param("''a", "a", id="two-apostrophes"),
        pytest.param("'", None, id="apostrophe-alone"),
        pytest.param("张伟_x000D_", "张伟", id="escaped-return"),
        pytest.param("张_x0009_伟", "张伟", id="escaped-tab"),
        pytest.param("_x000D_", None, id="only-an-escape"),
        pytest.param("#N/A", None, id="not-available"),
        pytest.param("#REF!", None, id="reference"),
        pytest.param("#DIV/0!", None, id="division"),
        pytest.param("#VALUE! ", None, id="value"),
        pytest.param("#NAME?", None, id="name"),
        pytest.param("#NUM!", None, id="number"),
        pytest.param("#NULL!", None, id="null"),
        pytest.param("#SPILL!", None, id="spill"),
        pytest.param("########", None, id="too-narrow"),
        pytest.param("=VLOOKUP(A2,Sheet1!A:B,2,0)", None, id="call"),
        pytest.param("=_xlfn.XLOOKUP(A1,B:B,C:C)", None, id="new-call"),
        pytest.param("{=SUM(A1:A9)}", None, id="array"),
        pytest.param("+SUM(A1)", None, id="call-after-plus"),
        pytest.param("-SUM(A1)", None, id="call-after-minus"),
        pytest.param("@SUM(A1)", None, id="call-after-at"),
        pytest.param('=DDE("cmd")', None, id="dde"),
        pytest.param("=A1", None, id="reference-to-cell"),
        pytest.param("=$A$1", None, id="absolute-reference"),
        pytest.param("=-A1", None, id="negated-reference"),
        pytest.param("=Sheet1!B2", None, id="other-sheet"),
        pytest.param("=客户!B2", None, id="chinese-sheet"),
        pytest.param("='客户 表'!B2", None, id="quoted-sheet"),
        pytest.param("=A1&B1", None, id="joined-references"),
    ],
)
def test_formula_residue_becomes_its_text_or_nothing(raw: str, expected: str | None) -> None:
    assert value(raw) == expected
    assert "text.formula" in rules(raw)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param("  张伟\t", "张伟", id="ends"),
        pytest.param("Li  Wei", "Li Wei", id="repeated-inside"),
        pytest.param("北京\r\n上海", "北京 上海", id="line-break"),
        pytest.param("", None, id="empty"),
        pytest.param(" \t\n", None, id="blank"),
    ],
)
def test_needless_blanks_go(raw: str, expected: str | None) -> None:
    assert value(raw) == expected
    assert rules(raw) == ["text.trim"]


FULL = "Ａｂ１２－．＠（，）　ｘ"


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        pytest.param("identifier", "Ab12-.@(,) x", id="identifier-folds-all"),
        pytest.param("name", "Ab12-.@（，） x", id="name-keeps-punctuation"),
        pytest.param("free", "Ａｂ１２－．＠（，） ｘ", id="free-folds-nothing"),
    ],
)
def test_width_is_folded_as_far_as_the_field_allows(width: Width, expected: str) -> None:
    assert value(FULL, width=width) == expected


@pytest.mark.parametrize(
    ("field", "raw"),
    [
        pytest.param("person_name", "无", id="nothing"),
        pytest.param("person_name", "（无）", id="bracketed"),
        pytest.param("person_name", "暂无。", id="with-full-stop"),
        pytest.param("person_name", "N/A", id="upper-case"),
        pytest.param("person_name", "-", id="dash"),
        pytest.param("person_name", "—", id="long-dash"),
        pytest.param("person_name", "***", id="asterisks"),
        pytest.param("person_name", "NULL", id="null"),
        pytest.param("person_name", "测试", id="test"),
        pytest.param("person_name", "张三", id="john-doe"),
        pytest.param("company_name", "个人", id="private-customer"),
        pytest.param("email", "无邮箱", id="no-mail"),
        pytest.param("address", "地址", id="header-as-value"),
    ],
)
def test_placeholders_say_nothing(field: str, raw: str) -> None:
    assert value(raw, field) is None
    assert rules(raw, field)[-1] == "text.placeholder"


@pytest.mark.parametrize(
    ("field", "raw"),
    [
        pytest.param(None, "无", id="unmapped-columns-keep-them"),
        pytest.param("company_name", "张三", id="another-fields-word"),
        pytest.param("person_name", "吴无忌", id="word-inside-a-name"),
        pytest.param("address", "无锡路1号", id="word-at-the-beginning"),
        pytest.param("source_record_id", "123", id="a-running-number"),
        pytest.param("source_record_id", "0000123", id="a-number-with-zeros"),
        pytest.param("source_record_id", "111111", id="equal-digits"),
        pytest.param("title", "测试", id="a-job"),
    ],
)
def test_a_placeholder_is_one_only_where_it_stands_alone_in_its_field(field: str | None, raw: str) -> None:
    assert value(raw, field) == raw


def test_null_needs_no_cleaning() -> None:
    cleaned = clean(None, "person_name", "name")
    assert cleaned.values.is_empty()
    assert cleaned.changes.is_empty()


def test_each_distinct_text_is_cleaned_once() -> None:
    cleaned = clean_text(pl.Series(["a ", "b", "a ", None]), None, "free")
    assert cleaned.values.rows() == [("a ", "a"), ("b", "b")]
    assert cleaned.changes.height == 1


def test_changes_of_a_cell_are_kept_in_order() -> None:
    changes = clean("\u200b  ＡＢ ", width="identifier").changes.sort("step")
    assert changes.select("rule", "before", "after").rows() == [
        ("text.invisible", "\u200b  ＡＢ ", "  ＡＢ "),
        ("text.width", "  ＡＢ ", "  AB "),
        ("text.trim", "  AB ", "AB"),
    ]


# Letters, digits, hanzi, full width, blanks and everything that draws nothing.
SOILED = st.text(
    st.characters(codec="utf-8", categories=["Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Lo", "Nd", "So"])
    | st.sampled_from("张伟ＡＢ１２aB3 \t\n\u200b\u200d\ufe0f㎡👨👩🏽＝（）=#@'+-"),
    max_size=12,
)


@given(SOILED, st.sampled_from(WIDTHS), st.sampled_from([None, "person_name", "company_name"]))
@example("", "free", None)
def test_every_change_is_recorded(raw: str, width: Width, field: str | None) -> None:
    """The changes of a text lead, without a gap, from what was read to what is kept."""
    cleaned = clean(raw, field, width)
    now: str | None = raw
    for before, after in cleaned.changes.sort("step").select("before", "after").iter_rows():
        assert before == now
        assert after != before
        now = after
    assert cleaned.values["value"].to_list() == [now]


@given(SOILED, st.sampled_from(WIDTHS))
def test_no_invisible_character_survives_beside_letters(raw: str, width: Width) -> None:
    kept = value("a" + raw.replace("👨", "").replace("👩", "") + "z", width=width) or ""
    assert not set(kept) & set("\u200b\u200c\u200e\u200f\u2060\ufeff\u00ad\u3164\u00a0\u3000\x00\t\n\r")


@given(st.text("张伟ＡＢ１２aB3 \t\n\u200b\ufeff\u3000㎡-（）", max_size=12), st.sampled_from(WIDTHS))
def test_cleaning_plain_text_twice_is_cleaning_it_once(raw: str, width: Width) -> None:
    once = value(raw, width=width)
    assert once is None or value(once, width=width) == once


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("👨\u200d👩\u200d👧", id="family"),
        pytest.param("❤\ufe0f", id="red-heart"),
        pytest.param("❤\ufe0f\u200d🔥", id="heart-on-fire"),
        pytest.param("1\ufe0f\u20e3", id="keycap"),
        pytest.param("👩🏽\u200d💻", id="skin-tone-and-joiner"),
    ],
)
def test_emoji_keep_their_joiners(raw: str) -> None:
    assert value(raw) == raw


TOKENS = [
    "'",
    '"',
    "=",
    "@",
    "+",
    "-",
    "#",
    "A1",
    "!",
    "(",
    ")",
    "&",
    "｛",
    "＝",
    "＃",
    "＇",
    " ",
    "张",
    "a",
    "\u200b",
    "\u3000",
    "\n",
]
RESIDUE = st.lists(
    st.sampled_from(
        [*TOKENS, "#N/A", "#REF!", '="', "SUM(", "_x000D_", "_x00", "=HYPERLINK(", "👨", "\u200d", "\ufe0f"]
    ),
    max_size=7,
).map("".join)


@given(RESIDUE, st.sampled_from(WIDTHS))
@example("'=x", "free")
@example('="=1+1"', "free")
@example("＝SUM(A1)", "identifier")
@example("＃N/A", "identifier")
def test_cleaning_twice_is_cleaning_once(raw: str, width: Width) -> None:
    once = value(raw, width=width)
    assert once is None or value(once, width=width) == once


@pytest.mark.parametrize("raw", ["=#REF!", "=#N/A", "=Sheet1!#REF!"])
def test_a_broken_reference_is_nothing(raw: str) -> None:
    assert value(raw) is None


@given(RESIDUE, st.sampled_from(["identifier", "name"]))
def test_no_cell_is_a_formula_after_cleaning(raw: str, width: Width) -> None:
    assert not (value(raw, width=width) or "").startswith("=")


@pytest.mark.parametrize("line_end", ["\u2028", "\u2029", "\x85"])
def test_a_line_end_becomes_a_blank(line_end: str) -> None:
    assert value(f"北京路1号{line_end}后门") == "北京路1号 后门"


@pytest.mark.parametrize("name", list(FIELD_TYPES))
def test_a_field_says_what_parts_it_has(name: str) -> None:
    values = clean_field(name, pl.Series([None, "", "上海市"], dtype=pl.String)).values
    assert dict(values.drop("raw", "value").schema) == dict(FIELD_TYPES[name].parts)


_LIKE = st.text(st.sampled_from("无暂 NAna/.x01，（(\u3000\u200b=\"'+-_x00文"), max_size=8)


@settings(max_examples=100, deadline=None)
@given(st.lists(_LIKE, min_size=1, max_size=30), st.sampled_from(list(FIELD_TYPES)))
def test_the_quick_look_for_placeholders_misses_none(texts: list[str], field: str) -> None:
    frame = pl.DataFrame({"value": [*texts, *(f"（{word.upper()}）。" for word in text.placeholders(field))]})
    seen = frame.filter(pl.col("value").str.contains(text._placeholder_like(field)))
    assert (
        frame.filter(text.is_placeholder(pl.col("value"), field)).height
        == seen.filter(text.is_placeholder(pl.col("value"), field)).height
    )


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.one_of(_LIKE, st.text(max_size=6)), min_size=1, max_size=30),
    st.sampled_from(["identifier", "name", "free"]),
)
def test_a_text_without_anything_odd_is_touched_by_no_rule(texts: list[str], width: text.Width) -> None:
    plain = pl.DataFrame({"value": texts}).filter(~pl.col("value").str.contains(text._ODD))
    value = pl.col("value")
    for rule in (
        text.without_invisible(value),
        text.fold_width(value, width),
        text.without_formula(value),
        text.trim(value),
    ):
        assert plain.select(rule).to_series().to_list() == plain["value"].to_list()
