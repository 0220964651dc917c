"""Addresses, provinces and cities: what is certain is named, the rest stays open."""

import polars as pl
import pytest
from guiyi.rules.address.clean import clean_addresses, clean_cities, clean_provinces, place_districts
from guiyi.rules.address.places import city_names, counties, county_cities, province_names, traditional_signs
from guiyi.rules.base.regions import cities, regions
from hypothesis import given, settings
from hypothesis import strategies as st
from opencc import OpenCC
from phonenumbers.geodata import GEOCODE_DATA


def texts(*raw: str | None) -> pl.Series:
    return pl.Series(raw, dtype=pl.String)


@pytest.mark.parametrize(
    ("raw", "province", "city", "area_code", "rest"),
    [
        pytest.param("湖北省武汉市科技路45号A座", "湖北", "武汉", "027", "科技路45号A座", id="whole"),
        pytest.param("武汉市科技路45号A座", "湖北", "武汉", "027", "科技路45号A座", id="no-province"),
        pytest.param("武汉科技路45号Ａ座", "湖北", "武汉", "027", "科技路45号A座", id="short-and-full-width"),
        pytest.param("湖北 武汉 科技路 45 号", "湖北", "武汉", "027", "科技路45号", id="spaces"),
        pytest.param("浙江-杭州-西湖区", "浙江", "杭州", "0571", "西湖区", id="dashes"),
        pytest.param("中国广东省广州市", "广东", "广州", "020", None, id="country"),
        pytest.param("210000 江苏省南京市鼓楼区", "江苏", "南京", "025", "鼓楼区", id="postal-code"),
        pytest.param("北京省北京市建国路1号", "北京", "北京", "010", "建国路1号", id="no-such-province"),
        pytest.param("北京市北京市建国路1号", "北京", "北京", "010", "建国路1号", id="twice"),
        pytest.param("北京市建国路1号", "北京", "北京", "010", "建国路1号", id="municipality"),
        pytest.param("天津市市辖区和平区", "天津", "天津", "022", "和平区", id="district-filler"),
        pytest.param("上海浦东新区世纪大道1号", "上海", "上海", "021", "浦东新区世纪大道1号", id="municipality-short"),
        pytest.param("内蒙古呼和浩特", "内蒙古", "呼和浩特", "0471", None, id="autonomous-region"),
        pytest.param("恩施州利川市", "湖北", "恩施", "0718", "利川市", id="prefecture-short"),
        pytest.param("吉林省吉林市昌邑区", "吉林", "吉林", "0432", "昌邑区", id="same-name"),
        pytest.param("吉林市昌邑区", "吉林", "吉林", "0432", "昌邑区", id="same-name-city-only"),
        pytest.param("吉林省长春市朝阳区", "吉林", "长春", "0431", "朝阳区", id="same-name-other-city"),
        pytest.param("青海省海南藏族自治州共和县", "青海", "海南", "0974", "共和县", id="prefecture-like-a-province"),
        pytest.param("昆山市花桥镇", "江苏", "苏州", "0512", "昆山市花桥镇", id="county-level-city"),
        pytest.param("江苏省苏州市昆山市花桥镇", "江苏", "苏州", "0512", "昆山市花桥镇", id="county-level-city-whole"),
        pytest.param("广东中山石岐区1号", "广东", "中山", "0760", "石岐区1号", id="street-word-behind-province"),
        pytest.param("南昌市南京东路1号", "江西", "南昌", "0791", "南京东路1号", id="street-like-a-city"),
        pytest.param("朝阳市双塔区", "辽宁", "朝阳", "0421", "双塔区", id="city-like-a-district"),
        pytest.param("香港九龙", "香港", "香港", "+852", "九龙", id="hong-kong"),
        pytest.param("台北市大安區忠孝東路四段1號", "台湾", "台北", "+886", "大安区忠孝东路四段1号", id="taipei"),
        pytest.param(
            "湖北省襄樊市长虹路1号", "湖北", "襄阳", "0710", "襄樊市长虹路1号", id="city-of-another-name-then"
        ),
        pytest.param("朝阳区建国路1号", None, None, None, "朝阳区建国路1号", id="ambiguous-district"),
        pytest.param("南京路100号", None, None, None, "南京路100号", id="street-alone"),
        pytest.param("南京东路100号", None, None, None, "南京东路100号", id="east-street"),
        pytest.param("北京西路1号", None, None, None, "北京西路1号", id="street-like-a-province"),
        pytest.param("中山路12号", None, None, None, "中山路12号", id="sun-yat-sen-road"),
        pytest.param("廣東省廣州市天河區1號", "广东", "广州", "020", "天河区1号", id="traditional"),
        pytest.param("Room 1203", None, None, None, "Room1203", id="latin"),
    ],
)
def test_address_is_placed(
    raw: str, province: str | None, city: str | None, area_code: str | None, rest: str | None
) -> None:
    row = clean_addresses(texts(raw)).values.row(0, named=True)
    assert (row["province"], row["city"], row["area_code"], row["rest"]) == (province, city, area_code, rest)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        pytest.param(" 武汉市 科技路  ４５号 ", "武汉市科技路45号", id="blanks-and-width"),
        pytest.param("Room 1203,  Century Ave", "Room 1203, Century Ave", id="latin-keeps-its-blanks"),
        pytest.param("武汉市科技路45号。", "武汉市科技路45号", id="full-stop"),
        pytest.param("  ", None, id="blank"),
        pytest.param("文三路5号 天目山路7号", "文三路5号 天目山路7号", id="two-addresses"),
        pytest.param("廣東省廣州市", "廣東省廣州市", id="script-is-kept"),
    ],
)
def test_address_is_tidied(raw: str, value: str | None) -> None:
    assert clean_addresses(texts(raw)).values["value"].to_list() == [value]


def test_city_is_believed_against_the_province() -> None:
    cleaned = clean_addresses(texts("广东省南京市鼓楼区"))
    assert cleaned.values.select("province", "city").row(0) == ("江苏", "南京")
    assert cleaned.findings["rule"].to_list() == ["address.conflict"]


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        *((name, "广东") for name in ("广东", "广东省", "廣東", "廣東省", " 广东 ", "GD", "gd", "粤", "Guangdong", "GUANGDONG PROVINCE")),
        *((name, "广东") for name in ("广州", "广州市", "广东省广州市", "广东-深圳")),
        *((name, "内蒙古") for name in ("内蒙", "内蒙古自治区", "Inner Mongolia", "NM")),
        ("Shaanxi", "陕西"), ("Shanxi", "山西"), ("北京市", "北京"), ("海南", "海南"), ("吉林", "吉林"),
        ("昆山市", "江苏"), ("华东", None), ("国外", None), ("-", None),
    ],
)  # fmt: skip
def test_province_is_shortened(raw: str, value: str | None) -> None:
    cleaned = clean_provinces(texts(raw))
    assert cleaned.values["value"].to_list() == [value]
    assert cleaned.findings["rule"].to_list() == ([] if value else ["province.invalid"])


@pytest.mark.parametrize(
    ("raw", "row"),
    [
        pytest.param("南京", ("南京", "江苏", "025"), id="short"),
        pytest.param("南京市", ("南京", "江苏", "025"), id="full"),
        pytest.param("蘇州市", ("苏州", "江苏", "0512"), id="traditional"),
        pytest.param("江苏省南京市", ("南京", "江苏", "025"), id="with-province"),
        pytest.param("北京", ("北京", "北京", "010"), id="municipality"),
        pytest.param("吉林", ("吉林", "吉林", "0432"), id="like-its-province"),
        pytest.param("昆山市", ("苏州", "江苏", "0512"), id="county-level-city"),
        pytest.param("香港", ("香港", "香港", "+852"), id="hong-kong"),
        pytest.param("臺北市", ("台北", "台湾", "+886"), id="taipei"),
    ],
)
def test_city_is_shortened(raw: str, row: tuple[str | None, ...]) -> None:
    cleaned = clean_cities(texts(raw))
    assert cleaned.values.select("value", "province", "area_code").row(0) == row
    assert cleaned.findings.is_empty()


@pytest.mark.parametrize(
    ("raw", "city"),
    [
        pytest.param("义乌", "金华", id="county-city-without-市"),
        pytest.param("浦东新区", "上海", id="district"),
        pytest.param("顺德", "佛山", id="district-without-区"),
        pytest.param("萧山市", "杭州", id="a-city-once"),
        pytest.param("襄樊市", "襄阳", id="renamed"),
        pytest.param("莱芜", "济南", id="merged"),
        pytest.param("浙江义乌", "金华", id="behind-its-province"),
        pytest.param("苏州昆山", "苏州", id="behind-its-city"),
        pytest.param("江苏省苏州市昆山市", "苏州", id="whole-path"),
    ],
)
def test_a_district_or_former_name_is_its_city_of_today(raw: str, city: str) -> None:
    cleaned = clean_cities(texts(raw))
    assert (cleaned.values["value"].to_list(), cleaned.findings.is_empty()) == ([city], True)


@pytest.mark.parametrize(
    ("raw", "value", "rules"),
    [
        pytest.param("朝阳区", "朝阳区", [], id="of-several-cities"),
        pytest.param("华东", "华东", ["city.invalid"], id="nowhere"),
        pytest.param("广东省", None, [], id="province"),
        pytest.param("Tokyo", "Tokyo", [], id="foreign"),
        pytest.param("1203", None, ["city.invalid"], id="no-name-at-all"),
    ],
)
def test_what_is_no_city_of_the_table_is_kept(raw: str, value: str | None, rules: list[str]) -> None:
    cleaned = clean_cities(texts(raw))
    assert (cleaned.values["value"].to_list(), cleaned.findings["rule"].to_list()) == ([value], rules)


@pytest.mark.parametrize(
    ("city", "province", "near", "placed"),
    [
        pytest.param("朝阳区", "吉林", None, ["长春"], id="by-its-province"),
        pytest.param("鼓楼区", "江苏", None, [], id="two-in-one-province"),
        pytest.param("鼓楼区", "江苏", "徐州", ["徐州"], id="by-the-address"),
        pytest.param("朝阳区", None, None, [], id="nothing-says"),
        pytest.param("南京", "江苏", None, [], id="a-city"),
    ],
)
def test_a_district_of_several_cities_is_told_by_its_row(
    city: str, province: str | None, near: str | None, placed: list[str]
) -> None:
    cells = pl.DataFrame({"row": [1], "city": [city], "province": [province], "near": [near]})
    told = place_districts(cells.with_columns(pl.col("province", "near").cast(pl.String)))
    assert told["after"].to_list() == placed


def test_the_signs_of_traditional_script_are_those_of_the_place_names() -> None:
    names = {*province_names(), *city_names()["name"].to_list(), *counties()["name"].to_list()}
    convert = OpenCC("s2t").convert
    forms = {(char, convert(char)) for name in names for char in name}
    signs = {form for char, form in forms if len(form) == 1 and form != char}
    assert traditional_signs() == f"[{''.join(sorted(signs))}]"


def test_table_of_regions_is_whole() -> None:
    assert regions()["province"].n_unique() == 34
    assert regions()["adcode"].drop_nulls().is_unique().all()
    assert cities()["city_full"].is_unique().all()
    assert cities()["area_code"].str.contains(r"^0(?:10|2[0-9]|[3-9][0-9]{2})$").all()
    assert set(county_cities().values()) <= set(cities()["city"])
    assert not set(county_cities()) & set(cities()["city"])
    assert set(counties()["city"]) <= set(regions()["city"])
    assert counties()["of"].null_count() == 0


def test_area_codes_agree_with_libphonenumber() -> None:
    known = {f"0{code[2:]}": names["zh"] for code, names in GEOCODE_DATA.items() if code[:2] == "86" and "zh" in names}
    first = cities().unique("area_code", keep="first", maintain_order=True)
    both = first.filter(pl.col("area_code").is_in(list(known))).select("area_code", "city").rows()
    assert len(both) > 300
    # libphonenumber names two prefectures by the towns of their governments, and 0992 by the prefecture around it.
    strange = {code: city for code, city in both if city not in known[code]}
    assert strange == {"0692": "德宏", "0887": "迪庆", "0992": "胡杨河"}


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="湖北省武汉市科技路45号 南京吉林朝阳区县昆山Ａ,，中", max_size=16))
def test_cleaning_is_idempotent(text: str) -> None:
    value = clean_addresses(pl.Series([text])).values["value"].drop_nulls()
    assert clean_addresses(value).changes.is_empty()


def test_null_needs_no_cleaning() -> None:
    assert clean_addresses(texts(None)).values.is_empty()
    assert clean_cities(texts(None, "南京")).values.height == 1
