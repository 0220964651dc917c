"""Phone cells: the Chinese phone model, judged by libphonenumber."""

import random
import re

import phonenumbers
import polars as pl
import pytest
from guiyi.rules.phone import clean as phone
from guiyi.rules.phone import parse as phone_parse
from guiyi.rules.phone import shapes as phone_shapes
from guiyi.rules.phone.clean import clean_phones
from guiyi.rules.phone.numbering_plan import is_chinese
from guiyi.rules.phone.parse import parse, partial
from guiyi.rules.phone.text import folded
from hypothesis import given, settings
from hypothesis import strategies as st

MOBILE, OTHER, DESK = "+8613912345670", "+8613812345679", "+862158881234"


def cells(*raw: str | None, area: str | None = None) -> pl.DataFrame:
    return pl.DataFrame({"raw": raw, "area": [area] * len(raw)}, schema={"raw": pl.String, "area": pl.String})


def one(raw: str, area: str | None = None) -> dict[str, str | None]:
    return clean_phones(cells(raw, area=area)).values.row(0, named=True)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        pytest.param("13912345670", MOBILE, id="plain"),
        pytest.param(MOBILE, MOBILE, id="e164"),
        pytest.param("139 1234 5670", MOBILE, id="spaces"),
        pytest.param("139-1234-5670", MOBILE, id="dashes"),
        pytest.param("139—1234—5670", MOBILE, id="long-dashes"),
        pytest.param("139.1234.5670", MOBILE, id="dots"),
        pytest.param("139·1234·5670", MOBILE, id="middle-dots"),
        pytest.param("13,912,345,670", MOBILE, id="thousands"),
        pytest.param("139、1234、5670", MOBILE, id="enumeration-commas-inside"),
        pytest.param("139 1234\n5670", MOBILE, id="line-break-inside"),
        pytest.param("1 3 9 1 2 3 4 5 6 7 0", MOBILE, id="spaced-out"),
        pytest.param("(13912345670)", MOBILE, id="brackets"),
        pytest.param("【13912345670】", MOBILE, id="chinese-brackets"),
        pytest.param("１３９１２３４５６７０", MOBILE, id="full-width"),
        pytest.param("١٣٩١٢٣٤٥٦٧٠", MOBILE, id="arabic-indic"),
        pytest.param("①③⑨①②③④⑤⑥⑦⓪", MOBILE, id="circled"),
        pytest.param("①13912345670", MOBILE, id="bullet"),
        pytest.param("1. 13912345670", MOBILE, id="item-number"),
        pytest.param("一三九一二三四五六七零", MOBILE, id="numerals"),
        pytest.param("壹叁玖壹贰叁肆伍陆柒〇", MOBILE, id="capital-numerals"),
        pytest.param("幺三九幺两三四五六拐洞", MOBILE, id="spoken-numerals"),
        pytest.param("1三9一2三4五6七零", MOBILE, id="mixed-numerals"),
        pytest.param("王五 一三九一二三四五六七零", MOBILE, id="numeral-in-name"),
        pytest.param("李四13912345670", MOBILE, id="numeral-touching"),
        pytest.param("l39l234567O", MOBILE, id="letters-for-digits"),
        pytest.param("86-13912345670", MOBILE, id="country-code"),
        pytest.param("0086 13912345670", MOBILE, id="idd-prefix"),
        pytest.param("(+86)139 1234 5670", MOBILE, id="bracketed-code"),
        pytest.param("+86+8613912345670", MOBILE, id="doubled-plus"),
        pytest.param("008686 13912345670", MOBILE, id="doubled-code"),
        pytest.param("086-13912345670", MOBILE, id="trunk-and-code"),
        pytest.param("+86(0)13912345670", MOBILE, id="code-and-trunk"),
        pytest.param("013912345670", MOBILE, id="long-distance-zero"),
        pytest.param("17951 13912345670", MOBILE, id="ip-prefix"),
        pytest.param("1259313912345670", MOBILE, id="ip-prefix-glued"),
        pytest.param("13912345670.0", MOBILE, id="excel-float"),
        pytest.param("'13912345670", MOBILE, id="apostrophe"),
        pytest.param("1.3912345670E+10", MOBILE, id="power-with-all-digits"),
        pytest.param("手机:13912345670", MOBILE, id="label"),
        pytest.param("tel13912345670", MOBILE, id="latin-label"),
        pytest.param("13912345670(微信同号)", MOBILE, id="note"),
        pytest.param("王总 13912345670", MOBILE, id="name"),
        pytest.param("2024-05-01 13912345670", MOBILE, id="date-in-front"),
        pytest.param("13912345670（9:00-18:00）", MOBILE, id="hours-behind"),
        pytest.param("\u202a13912345670\u202c", MOBILE, id="invisible"),
        pytest.param("021-58881234", DESK, id="landline"),
        pytest.param("(021)58881234", DESK, id="landline-brackets"),
        pytest.param("021 5888 1234", DESK, id="landline-spaces"),
        pytest.param("86-21-58881234", DESK, id="landline-code"),
        pytest.param("+86 (0)21 5888-1234", DESK, id="landline-code-trunk"),
        pytest.param("0571-87651234", "+8657187651234", id="four-digit-area"),
        pytest.param("571-87651234", "+8657187651234", id="zero-eaten-but-parted"),
        pytest.param("零二一五八八八一二三四", DESK, id="landline-numerals"),
        pytest.param("021/58881234", DESK, id="area-behind-slash"),
        pytest.param("400-812-3456", "+864008123456", id="400"),
        pytest.param("4008-123-456", "+864008123456", id="400-other-cut"),
        pytest.param("400-8123-456", "+864008123456", id="400-four-and-three"),
        pytest.param("400 8 123 456", "+864008123456", id="400-in-many-groups"),
        pytest.param("85221234567", "+85221234567", id="hong-kong-without-plus"),
        pytest.param("853-2812-3456", "+85328123456", id="macau-without-plus"),
        pytest.param("886-2-2752-8000", "+886227528000", id="taiwan-without-plus"),
        pytest.param("800-810-1818", "+868008101818", id="800"),
        pytest.param("+852 9123 4567", "+85291234567", id="hong-kong"),
        pytest.param("852-91234567", "+85291234567", id="hong-kong-bare"),
        pytest.param("00853-66123456", "+85366123456", id="macao"),
        pytest.param("886-2-2345-6789", "+886223456789", id="taiwan"),
        pytest.param("+1 828 786 0395", "+18287860395", id="us"),
        pytest.param("0044 20 7946 0958", "+442079460958", id="uk"),
    ],
)
def test_number_is_read(raw: str, value: str) -> None:
    assert one(raw)["value"] == value


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        pytest.param("178225429750", "phone.invalid", id="twelve-digits"),
        pytest.param("1828786039", "phone.invalid", id="ten-digits"),
        pytest.param("139 1234 56701", "phone.invalid", id="twelve-digits-cut"),
        pytest.param("139 1234 5670 1", "phone.invalid", id="stray-digit"),
        pytest.param("1939379228.0", "phone.invalid", id="ten-digits-float"),
        pytest.param("1780288272 (2)", "phone.invalid", id="bracket-is-no-digit"),
        pytest.param("17578341889O", "phone.invalid", id="twelve-with-a-letter"),
        pytest.param("+85291234", "phone.invalid", id="hong-kong-too-short"),
        pytest.param("6222021234567890123", "phone.invalid", id="bank-card"),
        pytest.param("身份证110105199001011234", "phone.invalid", id="identity-card"),
        pytest.param("13912345670@139.com", "phone.invalid", id="mail-address"),
        pytest.param("QQ:58881234", "phone.invalid", id="qq"),
        pytest.param("95588", "phone.service", id="service-number"),
        pytest.param("见备注", "phone.invalid", id="words"),
        pytest.param("1.38E+10", "phone.unrecoverable", id="power"),
        pytest.param("1.38e10", "phone.unrecoverable", id="power-lower"),
        pytest.param("139****5670", "phone.masked", id="masked"),
        pytest.param("58881234", "phone.no_area_code", id="local-without-area"),
        pytest.param("3128765432", "phone.zero_lost", id="zero-lost-or-a-digit"),
        pytest.param("1083211441", "phone.zero_lost", id="zero-of-beijing-lost-or-a-digit"),
        pytest.param("13800138000", "phone.placeholder", id="listed-filler"),
        pytest.param("+86 138 0013 8000", "phone.placeholder", id="listed-filler-dressed"),
        pytest.param("12345678901", "phone.placeholder", id="run"),
        pytest.param("11111111111", "phone.placeholder", id="ones"),
        pytest.param("13888888888", "phone.placeholder", id="eights"),
        pytest.param("021-88888888", "phone.placeholder", id="landline-eights"),
        pytest.param("123456", "phone.placeholder", id="short-run"),
        pytest.param("00000000", "phone.placeholder", id="zeros"),
    ],
)
def test_no_number_says_why(raw: str, rule: str) -> None:
    cleaned = clean_phones(cells(raw))
    assert cleaned.values["value"].to_list() == [None]
    assert cleaned.changes["rule"].to_list() == [rule]
    assert cleaned.findings["rule"].to_list() == ([] if rule == "phone.placeholder" else [rule])


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param("139xxxx5670", "139****5670", id="letters"),
        pytest.param("+86 139 **** 5670", "139****5670", id="dressed"),
        pytest.param("139**5670", "139****5670", id="too-few-stars"),
        pytest.param("139•••• 5670", "139****5670", id="bullets"),
        pytest.param("1391234****", "1391234****", id="tail"),
        pytest.param("13912345670;139****5679", "139****5679", id="beside-a-number"),
        pytest.param("13912345670", None, id="nothing-masked"),
    ],
)
def test_masked_number_is_partial_evidence(raw: str, expected: str | None) -> None:
    assert one(raw)["partial"] == expected


@pytest.mark.parametrize(
    ("raw", "value", "extension"),
    [
        pytest.param("021-58881234-8008", DESK, "8008", id="dash"),
        pytest.param("021-58881234转8008", DESK, "8008", id="word"),
        pytest.param("021-58881234 分机 802", DESK, "802", id="word-spaced"),
        pytest.param("021-58881234 ext. 802", DESK, "802", id="ext"),
        pytest.param("021-58881234x802", DESK, "802", id="x"),
        pytest.param("021-58881234*802", DESK, "802", id="star"),
        pytest.param("(021)58881234(802)", DESK, "802", id="bracket"),
        pytest.param("021-58881234转8008/8009", DESK, "8008/8009", id="two-extensions"),
        pytest.param("18400001234-9100", "+8618400001234", "9100", id="virtual-number"),
        pytest.param("18400001234,9100", "+8618400001234", "9100", id="virtual-number-comma"),
        pytest.param("0086-139-1234-5670", MOBILE, None, id="last-block-is-none"),
        pytest.param("0086139-1234-5670", MOBILE, None, id="last-block-behind-the-country-code-is-none"),
    ],
)
def test_extension_stands_apart(raw: str, value: str, extension: str | None) -> None:
    row = one(raw)
    assert (row["value"], row["extension"]) == (value, extension)


@pytest.mark.parametrize(
    ("raw", "value", "others"),
    [
        pytest.param("13912345670/13812345679", MOBILE, OTHER, id="slash"),
        pytest.param("13912345670 13812345679", MOBILE, OTHER, id="space"),
        pytest.param("139 1234 5670 138 1234 5679", MOBILE, OTHER, id="spaces-everywhere"),
        pytest.param("13912345670\n13812345679", MOBILE, OTHER, id="lines"),
        pytest.param("1391234567013812345679", MOBILE, OTHER, id="glued"),
        pytest.param("13912345670(王)、13812345679(李)", MOBILE, OTHER, id="names"),
        pytest.param("021-58881234，手机13912345670", MOBILE, DESK, id="mobile-preferred"),
        pytest.param("021-58881234/58881235", DESK, "+862158881235", id="area-carried-on"),
        pytest.param("传真021-58881235 电话021-58881234", DESK, "+862158881235", id="fax-last"),
        pytest.param("13912345670;13912345670", MOBILE, None, id="twice-the-same"),
        pytest.param("13800138000/13912345670", MOBILE, None, id="filler-dropped"),
        pytest.param("021-58881234/35", DESK, "+862158881235", id="last-digits-alternate"),
        pytest.param("021-58881234、35、6", DESK, "+862158881235,+862158881236", id="two-of-them"),
        pytest.param("13912345670/5679", MOBILE, "+8613912345679", id="last-four-of-a-mobile"),
        pytest.param("021-58881234/801", DESK, None, id="three-digits-are-an-extension"),
        pytest.param("021-58881234/2楼", DESK, None, id="a-floor-is-no-number"),
    ],
)
def test_one_of_several(raw: str, value: str, others: str | None) -> None:
    row = one(raw)
    assert (row["value"], row["others"]) == (value, others)


@pytest.mark.parametrize(
    ("raw", "area", "value"),
    [
        pytest.param("58881234", "021", DESK, id="eight-digits"),
        pytest.param("5888-1234-802", "021", DESK, id="with-extension"),
        pytest.param("6612345", "0592", "+865926612345", id="seven-digits"),
        pytest.param("2158881234", "021", DESK, id="zero-eaten"),
        pytest.param("2158881234", "010", DESK, id="zero-eaten-other-area"),
        pytest.param("2158881234", None, DESK, id="zero-eaten-one-reading"),
        pytest.param("57188881234", None, "+8657188881234", id="zero-eaten-eleven-digits"),
        pytest.param("3128765432", "0312", "+863128765432", id="zero-eaten-ten-digits"),
        pytest.param("1828786039", "010", None, id="damaged-mobile"),
        pytest.param("1027862345", "010", "+861027862345", id="zero-of-beijing-eaten"),
        pytest.param("1027862345", "021", None, id="ten-is-no-proof"),
        pytest.param("02-2752-8000", "+886", "+886227528000", id="taipei"),
        pytest.param("0912-345-678", "+886", "+886912345678", id="mobile-of-taiwan"),
        pytest.param("9123 4567", "+852", "+85291234567", id="mobile-of-hong-kong"),
        pytest.param("28123456", "+853", "+85328123456", id="macau"),
        pytest.param("13912345670", "+852", MOBILE, id="a-mobile-of-the-mainland"),
        pytest.param("149 5377 0451", "021", None, id="piece-of-something"),
        pytest.param("8655738511", "0571", None, id="code-without-area"),
        pytest.param("021-58881234", "010", DESK, id="own-area-wins"),
    ],
)
def test_area_code_of_the_row(raw: str, area: str | None, value: str | None) -> None:
    assert one(raw, area)["value"] == value


def test_key_is_text_and_area() -> None:
    both = pl.concat([cells("58881234", area="021"), cells("58881234", area="025"), cells("58881234", None)])
    values = clean_phones(both).values.sort("area", nulls_last=True)
    assert values["value"].to_list() == [DESK, "+862558881234", None]


def test_every_column_of_a_full_cell() -> None:
    assert one("王总:139-1234-5670、021-58881234-8008") == {
        "raw": "王总:139-1234-5670、021-58881234-8008", "area": None, "value": MOBILE, "extension": None,
        "kind": "mobile", "region": "江苏省常州市", "partial": None, "landline": DESK, "landline_extension": "8008",
        "others": DESK,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "kind", "region"),
    [
        pytest.param("13912345670", "mobile", "江苏省常州市", id="mobile"),
        pytest.param("0512-62881234", "landline", "江苏省苏州市", id="landline"),
        pytest.param("021-58881234", "landline", "上海市", id="municipality"),
        pytest.param("4008123456", "toll_free", None, id="400"),
        pytest.param("95588", "service", None, id="bank"),
        pytest.param("+85291234567", "hk_mo_tw", "香港", id="hong-kong"),
        pytest.param("+18287860395", "foreign", "美国", id="abroad"),
    ],
)
def test_kind_and_region(raw: str, kind: str, region: str | None) -> None:
    row = one(raw)
    assert (row["kind"], row["region"]) == (kind, region)


def test_changes_tell_the_story_in_order() -> None:
    changes = clean_phones(cells("电话58881234转802 / 13912345670", area="021")).changes.sort("step")
    assert changes.select("rule", "before", "after").rows() == [
        ("phone.format", "电话58881234转802 / 13912345670", f"{MOBILE}, {DESK}"),
        ("phone.several", f"{MOBILE}, {DESK}", MOBILE),
    ]
    changes = clean_phones(cells("5888-1234转802", area="021")).changes.sort("step")
    assert changes.select("rule", "before", "after").rows() == [
        ("phone.format", "5888-1234转802", "58881234 转802"),
        ("phone.extension", "58881234 转802", "58881234"),
        ("phone.area_code", "58881234", DESK),
    ]


def test_plain_number_changes_in_notation_only() -> None:
    changes = clean_phones(cells("13912345670", "02158881234", MOBILE)).changes.sort("raw")
    assert changes["rule"].to_list() == ["phone.e164", "phone.e164"]


def test_plan_agrees_with_libphonenumber() -> None:
    chance = random.Random(20)
    heads = ("1", "10", "2", "21", "400", "571", "592", "755", "8", "800", "95", "")
    texts = sorted({f"{chance.choice(heads)}{chance.randrange(10 ** chance.randrange(5, 11))}" for _ in range(8000)})
    # 168… is premium rate: nobody's phone.
    texts = [text for text in texts if not text.startswith(("0", "168", "160"))]
    expected = [
        phonenumbers.is_valid_number(phonenumbers.PhoneNumber(country_code=86, national_number=int(t))) for t in texts
    ]
    assert pl.select(is_chinese("+86" + pl.Series(texts))).to_series().to_list() == expected
    assert 500 < sum(expected) < len(texts)


def test_parser_and_dresses_agree() -> None:
    chance = random.Random(7)
    dresses = ("{}", "+86{}", "({})", "手机:{}", "{}(王)", "0086-{}", "{}-8008", "{}转12", "{}.0")
    numbers = [f"139{chance.randrange(10**8):08}" for _ in range(200)]
    numbers += [f"021-{chance.randrange(2 * 10**7, 9 * 10**7)}" for _ in range(200)]
    raw = [chance.choice(dresses).format(number) for number in numbers]
    texts = pl.select(folded(pl.lit(pl.Series(raw)))).to_series()
    read = {r: (found[0].number, found[0].extension) for r, found in zip(raw, map(parse, texts), strict=True) if found}
    rows = {raw: (value, extension) for raw, _, value, extension, *_ in clean_phones(cells(*raw)).values.rows()}
    shown = [r for r in raw if rows[r][0] is not None]
    assert len(shown) > 390
    assert [rows[r] for r in shown] == [read[r] for r in shown]


def test_damaged_mobile_never_becomes_another() -> None:
    chance = random.Random(5)
    heads = ("130", "138", "139", "150", "159", "180", "182", "186", "170", "199")
    mobiles = [f"{chance.choice(heads)}{chance.randrange(10**8):08}" for _ in range(4000)]
    whole = {}
    for number in mobiles:
        place, digit = chance.randrange(11), chance.randrange(10)
        for damaged in (number[:place] + number[place + 1 :], f"{number[:place]}{digit}{number[place:]}"):
            whole[damaged] = f"+86{number}"
            whole[f"{damaged}.0"] = whole[f"手机:{damaged}(王)"] = whole[damaged]
    for area in (None, "021", "010"):
        values = dict(clean_phones(cells(*whole, area=area)).values.select("raw", "value").iter_rows())
        # In a row of Beijing 10 and eight digits are its landlines, whose 0 Excel took; a mobile without its second digit is rarer.
        wrong = {raw for raw, value in values.items() if value not in (None, whole[raw])}
        assert {
            raw for raw in wrong if not (area == "010" and re.search("(?<![0-9])10[2-8][0-9]{7}(?![0-9])", raw))
        } == set()


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.text(alphabet="0123456789+-() 转/、;,.*x零一二王:ol\n", max_size=30), max_size=20),
    st.sampled_from([None, "021", "0571"]),
)
def test_cleaning_is_idempotent_and_valid(raw: list[str], area: str | None) -> None:
    values = clean_phones(cells(*raw, area=area)).values["value"].drop_nulls().unique()
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(value)) for value in values)
    style = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    shown = [phonenumbers.format_number(phonenumbers.parse(value), style) for value in values]
    again = clean_phones(cells(*values, *shown)).values
    assert set(again["value"]) == set(values)
    assert again.filter(pl.col("raw") == pl.col("value")).height == values.len()


@given(st.text(st.one_of(st.characters(), st.characters(categories=["Nd", "No"])), max_size=40))
@settings(max_examples=40, deadline=None)
def test_any_text_is_survived(text: str) -> None:
    cleaned = clean_phones(cells(text))
    assert cleaned.values.height == 1
    assert partial(text) is None or "*" in (partial(text) or "")


def test_empty_column_keeps_the_columns() -> None:
    cleaned = clean_phones(cells(None))
    assert cleaned.values.columns == list(phone.VALUES)
    assert (cleaned.values.height, cleaned.changes.height, cleaned.findings.height) == (0, 0, 0)
    assert set(cleaned.values.dtypes) == {pl.String}


def test_digits_of_every_script_are_one() -> None:
    assert one("139１２３４٥٦70")["value"] == MOBILE
    assert one("０２１-588８1234")["value"] == DESK


_SHAPES = (
    r"\A1[0-9]{2}[./][0-9]{4}[./-][0-9]{4}\Z", r"\A\(1[3-9][0-9]\)[0-9]{4}-[0-9]{4}\Z",
    r"\A(179[0-9]{2}|12593|1258[12]1|10193|11808)1[3-9][0-9]{9}\Z", r"\A[一幺][〇零洞一二三四五六七八九壹叁拐勾]{10}\Z",
    r"\A[0-9]{1,9}\*{1,5}[0-9]{0,9}\*{0,3}\Z", r"\A1[0-9]{8,10}\Z",
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of([st.from_regex(shape) for shape in _SHAPES]), min_size=1, max_size=40, unique=True))
def test_a_known_shape_says_what_the_parser_says(texts: list[str]) -> None:
    for text, number in phone_shapes.shaped(pl.Series(texts, dtype=pl.String)).iter_rows():
        assert phone_parse.parse(text) == ([] if number is None else [phone_parse.Found(number, None)]), text


@settings(max_examples=300, deadline=None)
@given(st.from_regex(r"\A[0-9]{1,20}\Z"))
def test_bare_digits_need_one_reading(digits: str) -> None:
    assert phone_parse.parse(digits) == phone_parse._parsed(digits)
