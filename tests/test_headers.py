"""Headers to fields, in both languages."""

import pytest
from guiyi.fields import MAPPED_FIELDS
from guiyi.rules.headers import field_of, map_headers, normalize, second_columns, synonyms
from guiyi.schemas import RECORD


@pytest.mark.parametrize(
    ("header", "field"),
    [
        pytest.param("客户名称", "company_name", id="客户名称"),
        pytest.param("公司名称", "company_name", id="公司名称"),
        pytest.param("企业名称", "company_name", id="企业名称"),
        pytest.param("Company", "company_name", id="company"),
        pytest.param("联系人", "person_name", id="联系人"),
        pytest.param("姓名", "person_name", id="姓名"),
        pytest.param("Contact Person", "person_name", id="contact-person"),
        pytest.param("手机号", "phone", id="手机号"),
        pytest.param("手机", "phone", id="手机"),
        pytest.param("联系电话", "phone", id="联系电话"),
        pytest.param("Mobile", "phone", id="mobile"),
        pytest.param("统一社会信用代码", "credit_code", id="统一社会信用代码"),
        pytest.param("信用代码", "credit_code", id="信用代码"),
        pytest.param("纳税人识别号", "credit_code", id="tax-number"),
        pytest.param("最后更新时间", "updated_at", id="最后更新时间"),
        pytest.param("Last Modified Date", "updated_at", id="last-modified"),
        pytest.param("创建时间", "created_at", id="创建时间"),
        pytest.param("座机", "landline", id="座机"),
        pytest.param("邮箱", "email", id="邮箱"),
        pytest.param("E-mail", "email", id="e-mail"),
        pytest.param("省份", "province", id="省份"),
        pytest.param("客户编号", "source_record_id", id="客户编号"),
        pytest.param("ID", "source_record_id", id="id"),
        pytest.param("负责人", "owner", id="负责人"),
        pytest.param("来源渠道", "channel", id="来源渠道"),
    ],
)
def test_header_names_its_field(header: str, field: str) -> None:
    known = field_of(header)
    assert known is not None
    assert known[0] == field


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("手机号（必填）", id="required"),
        pytest.param("*手机号", id="asterisk"),
        pytest.param("手机号 [选填]", id="optional"),
        pytest.param(" 手 机 号 ", id="blanks"),
        pytest.param("手机号：", id="colon"),
        pytest.param("联系信息/手机号", id="path"),
        pytest.param("联系信息>手机号", id="path-with-arrow"),
        pytest.param("联系信息\n手机号", id="two-row-header"),
        pytest.param("联系人信息 - 手机号", id="dash"),
        pytest.param("Ｍｏｂｉｌｅ", id="full-width"),
        pytest.param("MOBILE_NO", id="underscore"),
        pytest.param("手机号2", id="numbered"),
    ],
)
def test_decoration_does_not_hide_a_header(header: str) -> None:
    known = field_of(header)
    assert known is not None
    assert known[0] == "phone"


@pytest.mark.parametrize("header", ["备注", "手机品牌型号", "", "  ", "（必填）", "微信号", "column_7"])
def test_an_unknown_header_names_nothing(header: str) -> None:
    assert field_of(header) is None


def test_a_header_that_is_nothing_but_brackets_keeps_its_words() -> None:
    assert normalize("（手机号）") == "手机号"


def test_each_field_is_taken_once_by_its_best_name() -> None:
    mapping = map_headers(["公司", "客户名称", "企业"])
    assert mapping == {"公司": None, "客户名称": "company_name", "企业": None}


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        pytest.param(["手机号", "电话"], ["phone", "landline"], id="mobile-and-phone"),
        pytest.param(["Tel", "Mobile"], ["landline", "phone"], id="english-the-other-way-round"),
        pytest.param(["移动电话（必填）", "客户信息/联系电话"], ["phone", "landline"], id="decorated"),
        pytest.param(["手机号", "电话", "座机"], ["phone", None, "landline"], id="a-column-claims-the-landline"),
        pytest.param(["手机号", "电话", "公司电话"], ["phone", None, "landline"], id="a-desk-claims-the-landline"),
        pytest.param(["联系电话", "手机号", "电话"], ["landline", "phone", None], id="the-best-of-two"),
        pytest.param(["电话", "联系电话"], [None, "phone"], id="neither-says-mobile"),
        pytest.param(["手机号", "手机"], ["phone", None], id="both-say-mobile"),
        pytest.param(["电话"], ["phone"], id="alone"),
    ],
)
def test_beside_a_mobile_a_mere_phone_is_the_landline(headers: list[str], fields: list[str | None]) -> None:
    assert list(map_headers(headers).values()) == fields


@pytest.mark.parametrize(
    ("wishes", "fields"),
    [
        pytest.param({"电话": ""}, ["phone", None, None], id="kept-unmapped"),
        pytest.param({"电话": "phone"}, [None, "phone", None], id="phone-after-all"),
        pytest.param({"备注": "landline"}, ["phone", None, "landline"], id="another-landline"),
        pytest.param({"手机号": "phone"}, ["phone", "landline", None], id="what-is-so-anyway"),
    ],
)
def test_the_configuration_is_heard_before_a_phone_becomes_the_landline(
    wishes: dict[str, str], fields: list[str | None]
) -> None:
    assert list(map_headers(["手机号", "电话", "备注"], wishes).values()) == fields


def test_of_two_equally_good_columns_the_first_is_taken() -> None:
    assert map_headers(["手机号", "手机号 "]) == {"手机号": "phone", "手机号 ": None}


def test_unmapped_columns_of_a_known_meaning_are_second_columns() -> None:
    mapping = map_headers(["手机号", "联系电话", "座机", "备注"])
    assert second_columns(mapping) == {"联系电话": "phone"}


def test_a_wish_wins_over_the_dictionary() -> None:
    assert map_headers(["手机号", "备用"], {"备用": "phone"}) == {"手机号": None, "备用": "phone"}


def test_an_empty_wish_keeps_a_column_unmapped() -> None:
    assert map_headers(["手机号", "电话"], {"手机号": ""}) == {"手机号": None, "电话": "phone"}


def test_a_wish_is_matched_like_a_header() -> None:
    assert map_headers(["备用 列（选填）"], {"备用列": "email"}) == {"备用 列（选填）": "email"}


def test_mapping_keeps_every_header_in_order() -> None:
    headers = ["备注", "手机号", "姓名", "x"]
    assert list(map_headers(headers)) == headers


def test_the_headers_of_an_exported_record_are_read_as_the_fields_they_are() -> None:
    expected = {name: name if name in MAPPED_FIELDS else None for name in RECORD.names}
    assert map_headers(RECORD.names) == expected
    assert map_headers(["source", "channel"])["channel"] == "channel"


def test_every_synonym_names_a_field_that_exists() -> None:
    assert {field for field, _ in synonyms().values()} == set(MAPPED_FIELDS)
