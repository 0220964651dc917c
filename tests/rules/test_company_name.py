"""Names of companies: tidied as registered, and read by their parts."""

import polars as pl
import pytest
from guiyi.rules.company_name.clean import clean_company_names
from guiyi.rules.types import clean_field
from hypothesis import given, settings
from hypothesis import strategies as st


def part(raw: str, name: str = "value") -> str | None:
    found: str | None = clean_company_names(pl.Series([raw])).values[name][0]
    return found


@pytest.mark.parametrize(
    ("raw", "expected", "rule"),
    [
        pytest.param("杭州 云岫 软件有限公司", "杭州云岫软件有限公司", "spacing", id="blanks"),
        pytest.param("杭州云岫软件有限公司。", "杭州云岫软件有限公司", "spacing", id="full-stop"),
        pytest.param("云岫(杭州)软件有限公司", "云岫（杭州）软件有限公司", "brackets", id="half-width-brackets"),
        pytest.param("云岫【杭州】软件有限公司", "云岫（杭州）软件有限公司", "brackets", id="square-brackets"),
        pytest.param("杭州云岫软件有限公司（已注销）", "杭州云岫软件有限公司", "note", id="status"),
        pytest.param("杭州云岫软件有限公司(老客户)", "杭州云岫软件有限公司", "note", id="remark"),
        pytest.param("杭州云岫软件有限公司-财务部", "杭州云岫软件有限公司", "note", id="department"),
        pytest.param("杭州云岫软件有限公司（总部）", "杭州云岫软件有限公司", "note", id="headquarters"),
        pytest.param("【老客户】杭州云岫软件有限公司", "杭州云岫软件有限公司", "note", id="remark-in-front"),
        pytest.param("杭州云岫软件有限公司（已签约）", "杭州云岫软件有限公司", "note", id="remark-behind"),
        pytest.param("杭州云岫软件有限公司VIP", "杭州云岫软件有限公司", "note", id="vip"),
        pytest.param("杭州云岫软件有限公司-张总", "杭州云岫软件有限公司", "note", id="person-behind"),
        pytest.param("杭州云岫软件有限公司（监管专用账户）", "杭州云岫软件有限公司", "note", id="account"),
        pytest.param("杭州云岫软件又限公司", "杭州云岫软件有限公司", "form_typo", id="form-by-sound"),
        pytest.param("杭州云岫软件有县公司", "杭州云岫软件有限公司", "form_typo", id="form-by-sound-again"),
    ],
)
def test_name_is_tidied(raw: str, expected: str, rule: str) -> None:
    cleaned = clean_company_names(pl.Series([raw]))
    assert cleaned.values["value"].to_list() == [expected]
    assert cleaned.changes["rule"].to_list() == [f"company_name.{rule}"]


@pytest.mark.parametrize(
    "raw",
    [
        "杭州云岫软件有限公司", "龍騰科技有限公司", "云岫（杭州）软件有限公司", "Harborline Trading", "IBM（中国）有限公司",
        "杭州云岫软件有限公司上海分公司", "张记饭店", "3M中国有限公司", "7-11便利店",
    ],
)  # fmt: skip
def test_a_registered_name_stays_as_it_is(raw: str) -> None:
    assert part(raw) == raw


@pytest.mark.parametrize(
    ("raw", "brand", "industry", "form"),
    [
        pytest.param("杭州云岫软件有限公司", "云岫", "软件", "有限公司", id="whole"),
        pytest.param("杭州云岫软件", "云岫", "软件", None, id="without-form"),
        pytest.param("云岫", "云岫", None, None, id="brand-only"),
        pytest.param("云岫集团有限公司", "云岫", None, "集团有限公司", id="group"),
        pytest.param("小米通讯技术有限公司", "小米", "通讯技术", "有限公司", id="long-industry"),
        pytest.param("厦门三叶鞋服厂", "三叶", "鞋服", "厂", id="factory"),
        pytest.param("张记饭店", "张记", None, "饭店", id="restaurant"),
        pytest.param("云岫軟件股份有限公司", "云岫", "软件", "股份有限公司", id="traditional"),
        pytest.param("云岫（杭州）软件有限公司", "云岫", "软件", "有限公司", id="region-in-brackets"),
        pytest.param("浙江省杭州市云岫软件有限公司", "云岫", "软件", "有限公司", id="province-and-city"),
        pytest.param("广西壮族自治区南宁市云岫软件有限公司", "云岫", "软件", "有限公司", id="autonomous-region"),
        pytest.param("公司", "公司", None, "公司", id="nothing-but-a-form"),
        pytest.param("杭州", "杭州", None, None, id="nothing-but-a-region"),
    ],
)
def test_parts_of_a_name(raw: str, brand: str, industry: str | None, form: str | None) -> None:
    row = clean_company_names(pl.Series([raw])).values.row(0, named=True)
    assert (row["brand"], row["industry"], row["form"]) == (brand, industry, form)


@pytest.mark.parametrize(
    ("raw", "branch"),
    [
        pytest.param("杭州云岫软件有限公司", None, id="parent"),
        pytest.param("杭州云岫软件有限公司上海分公司", "上海分公司", id="branch"),
        pytest.param("杭州云岫软件有限公司第一分公司", "第一分公司", id="numbered"),
        pytest.param("中国云岫银行股份有限公司杭州分行", "杭州分行", id="bank"),
        pytest.param("杭州云岫软件有限公司北京办事处", "北京办事处", id="office"),
    ],
)
def test_branch_is_split_from_its_parent(raw: str, branch: str | None) -> None:
    row = clean_company_names(pl.Series([raw])).values.row(0, named=True)
    assert row["branch"] == branch
    assert row["form"].endswith("有限公司")


@pytest.mark.parametrize(
    ("raw", "region"),
    [
        pytest.param("杭州云岫软件有限公司", "杭州", id="city"),
        pytest.param("杭州市云岫软件有限公司", "杭州", id="full-city"),
        pytest.param("浙江云岫软件有限公司", "浙江", id="province"),
        pytest.param("浙江省云岫软件有限公司", "浙江", id="full-province"),
        pytest.param("云岫软件有限公司", None, id="none"),
        pytest.param("Harborline Trading", None, id="latin"),
    ],
)
def test_region_is_short(raw: str, region: str | None) -> None:
    assert part(raw, "company_region") == region


@pytest.mark.parametrize(
    ("raw", "city", "district"),
    [
        pytest.param("昆山云岫软件有限公司", "苏州", "昆山", id="city-of-a-prefecture"),
        pytest.param("苏州市昆山市云岫软件有限公司", "苏州", "昆山", id="both"),
        pytest.param("南京市玄武区云岫医院", "南京", "玄武", id="district"),
        pytest.param("襄樊云岫软件有限公司", "襄阳", None, id="old-name"),
        pytest.param("云岫软件（苏州）有限公司", "苏州", None, id="in-brackets"),
        pytest.param("云岫软件苏州有限公司", "苏州", None, id="behind-the-brand"),
        pytest.param("佳木斯吉安药店", "佳木斯", None, id="a-brand-that-is-a-city-elsewhere"),
        pytest.param("北京路商店", None, None, id="a-road"),
    ],
)
def test_places_of_a_name(raw: str, city: str | None, district: str | None) -> None:
    assert (part(raw, "of_city"), part(raw, "district")) == (city, district)


@pytest.mark.parametrize(
    "name", ["云岫（天津）投资管理公司", "临近云岫，拎包入住", "云岫（集团）股份有限公司", "Cloudpeak (China) Ltd."]
)
def test_a_name_that_is_written_well_is_left_alone(name: str) -> None:
    assert clean_field("company_name", pl.Series([name])).changes.is_empty()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("中国银行深圳分行", "中国银行股份有限公司深圳市分行", id="form-before-the-branch"),
        pytest.param("建行杭州市宝石支行", "中国建设银行股份有限公司杭州宝石支行", id="short-name-of-a-bank"),
        pytest.param("云岫农商银行", "云岫农村商业银行股份有限公司", id="农商银行"),
        pytest.param("能源集团云岫天然气有限公司", "能源云岫天然气有限公司", id="集团-in-the-middle"),
        pytest.param("云岫大酒店", "云岫大酒店有限公司", id="kind-before-the-form"),
        pytest.param("云岫投资合伙企业（有限合伙）", "云岫投资合伙企业有限合伙", id="ownership-in-brackets"),
    ],
)
def test_what_is_only_written_otherwise_has_one_core_and_branch(one: str, other: str) -> None:
    columns = ("core", "branch", "branch_city")
    assert [part(one, c) for c in columns] == [part(other, c) for c in columns]


@pytest.mark.parametrize(
    ("raw", "core"),
    [
        pytest.param("云岫YUNXIU", "云岫", id="behind"),
        pytest.param("CLOUDPEAK云岫", "云岫", id="in-front"),
        pytest.param("杭州云岫（Cloudpeak）科技有限公司", "云岫科技", id="in-brackets"),
        pytest.param("云岫科技 CLOUDPEAK TECHNOLOGY CO.,LTD", "云岫科技", id="whole-name-behind"),
        pytest.param("CLOUDPEAK餐吧", "cloudpeak餐吧", id="brand-is-latin"),
        pytest.param("上海CLOUDPEAK", "cloudpeak", id="brand-behind-a-place"),
        pytest.param("CLOUDPEAK创新科技有限公司", "cloudpeak创新科技", id="trade-behind"),
    ],
)
def test_a_brand_in_two_scripts_is_one(raw: str, core: str) -> None:
    assert part(raw, "core") == core


@pytest.mark.parametrize(
    ("raw", "column", "expected"),
    [
        pytest.param("云岫控股集团有限公司", "tail", "集团控股", id="tail"),
        pytest.param("云岫馒头（飞虹路店）", "sign", "飞虹路店", id="shop"),
        pytest.param("杭州市西湖区第一中学", "ordinal", "一", id="ordinal"),
        pytest.param("云岫科技馆", "kind", "科技馆", id="kind"),
        pytest.param("云岫医院有限公司", "kind", "医院", id="kind-before-the-form"),
        pytest.param("泉州路桥云岫公司", "brand", "路桥云岫", id="builds-roads"),
        pytest.param("上海市卢湾区云岫商店", "brand", "云岫", id="former-district"),
        pytest.param("苏州科技园区云岫公司", "district", None, id="park-is-no-district"),
        pytest.param("云岫附属中学（东校区）", "kind", "中学", id="kind-before-a-sign"),
        pytest.param("云岫附属中学（建设中）", "sign", None, id="remark-is-no-sign"),
        pytest.param("云岫面馆（建设中路店）", "sign", "建设中路店", id="road-is-no-remark"),
        pytest.param("杭州云岫（王总）科技有限公司", "core", "云岫科技", id="what-follows-a-remark-stays"),
        pytest.param("云岫软件有限公司南京雨花支公司", "branch", "雨花支公司", id="branch-with-a-place"),
        pytest.param("CLOUDPEAKGROUPLIMITED", "core", "cloudpeak", id="latin-in-one-word"),
    ],
)
def test_further_parts(raw: str, column: str, expected: str) -> None:
    assert part(raw, column) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("云岫(杭州)软件有限公司", "云岫（杭州）软件有限公司", id="brackets"),
        pytest.param("杭州雲岫軟件有限公司", "杭州云岫软件有限公司", id="script"),
        pytest.param("杭州 云岫 软件有限公司", "杭州云岫软件有限公司", id="blanks"),
        pytest.param("HARBORLINE TRADING CO., LTD.", "Harborline Trading Co Ltd", id="latin-case-and-dots"),
    ],
)
def test_two_spellings_of_one_name_have_one_key(one: str, other: str) -> None:
    assert part(one, "company_key") == part(other, "company_key")


@pytest.mark.parametrize(
    "raw",
    [
        "Harborline Trading Co., Ltd.",
        "HARBORLINE TRADING COMPANY LIMITED",
        "Harborline Trading",
        "harborline trading ltd",
    ],
)
def test_the_core_of_a_latin_name_has_no_form(raw: str) -> None:
    assert part(raw, "core") == "harborlinetrading"


def test_a_name_of_two_characters_is_a_finding() -> None:
    found = clean_company_names(pl.Series(["云岫", "云岫软件"])).findings
    assert found.select("raw", "rule").rows() == [("云岫", "company_name.too_short")]


def test_null_has_no_row() -> None:
    assert clean_company_names(pl.Series([None], dtype=pl.String)).values.is_empty()


COMPANIES = st.text("杭州上海市云岫科技软件有限责任公司厂分（）() 集团ab.,-", min_size=1, max_size=14)


@given(COMPANIES)
@settings(max_examples=40)
def test_every_change_leads_to_the_next(raw: str) -> None:
    cleaned = clean_company_names(pl.Series([raw]))
    now: str | None = raw
    for before, after in cleaned.changes.sort("step").select("before", "after").iter_rows():
        assert before == now
        now = after
    assert cleaned.values["value"].to_list() == [now]


@given(st.lists(COMPANIES, min_size=1, max_size=5))
@settings(max_examples=20)
def test_a_name_does_not_depend_on_its_neighbours(raw: list[str]) -> None:
    together = clean_company_names(pl.Series(raw)).values
    alone = pl.concat([clean_company_names(pl.Series([r])).values for r in dict.fromkeys(raw)])
    assert together.equals(alone)


@given(COMPANIES)
@settings(max_examples=40)
def test_a_name_with_letters_keeps_a_core(raw: str) -> None:
    row = clean_company_names(pl.Series([raw])).values.row(0, named=True)
    if any(c.isalnum() for c in row["value"] or ""):
        assert row["core"]
