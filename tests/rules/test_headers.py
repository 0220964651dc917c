"""Headers to fields, in both languages."""

import tomllib
from pathlib import Path

import pytest
from guiyi.fields import BY_NAME, MAPPED_FIELDS
from guiyi.rules.columns.column import second_contact
from guiyi.rules.columns.content import Content
from guiyi.rules.columns.header_meaning import meaning_of
from guiyi.rules.columns.header_words import normalize
from guiyi.rules.columns.headers import map_headers, read_columns
from guiyi.schemas import RECORD

LAYOUTS = tomllib.loads((Path(__file__).parents[1] / "data" / "layouts.toml").read_text("utf-8"))


def field_of(header: str) -> str | None:
    """The field of a header by itself."""
    meaning = meaning_of(header)
    return meaning.field if meaning is not None else None


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_common_export_is_read_whole(layout: str) -> None:
    wanted = LAYOUTS[layout]
    found = map_headers(list(wanted))
    assert {h: f for h, f in found.items() if wanted[h] != "*" and (f or "") not in wanted[h].split("|")} == {}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_configuration_of_what_was_read_is_read_the_same(layout: str) -> None:
    found = map_headers(list(LAYOUTS[layout]))
    assert map_headers(list(found), {h: f for h, f in found.items() if f}) == found


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
        pytest.param("车主姓名", "person_name", id="owner of a car"),
        pytest.param("负责销售", "owner", id="who sells"),
    ],
)
def test_header_names_its_field(header: str, field: str) -> None:
    assert field_of(header) == field


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
    assert field_of(header) == "phone"


@pytest.mark.parametrize("header", ["备注", "手机品牌型号", "", "  ", "（必填）", "微信群", "column_7"])
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
        pytest.param(
            ["手机号", "电话", "座机"], ["phone", "phone_others", "landline"], id="a-column-claims-the-landline"
        ),
        pytest.param(
            ["手机号", "电话", "公司电话"], ["phone", "phone_others", "landline"], id="a-desk-claims-the-landline"
        ),
        pytest.param(["联系电话", "手机号", "电话"], ["landline", "phone", "phone_others"], id="the-first-of-two"),
        pytest.param(["电话", "联系电话"], ["phone", "phone_others"], id="neither-says-mobile"),
        pytest.param(["手机号", "手机"], ["phone", "phone_others"], id="both-say-mobile"),
        pytest.param(["电话"], ["phone"], id="alone"),
    ],
)
def test_beside_a_mobile_a_mere_phone_is_the_landline(headers: list[str], fields: list[str | None]) -> None:
    assert list(map_headers(headers).values()) == fields


@pytest.mark.parametrize(
    ("wishes", "fields"),
    [
        pytest.param({"电话": ""}, ["phone", None, None], id="kept-unmapped"),
        pytest.param({"电话": "phone"}, ["phone_others", "phone", None], id="phone-after-all"),
        pytest.param({"备注": "landline"}, ["phone", "phone_others", "landline"], id="another-landline"),
        pytest.param({"手机号": "phone"}, ["phone", "landline", None], id="what-is-so-anyway"),
    ],
)
def test_the_configuration_is_heard_before_a_phone_becomes_the_landline(
    wishes: dict[str, str], fields: list[str | None]
) -> None:
    assert list(map_headers(["手机号", "电话", "备注"], wishes).values()) == fields


def test_of_two_equally_good_columns_the_first_is_taken() -> None:
    assert map_headers(["姓名", "姓名 "]) == {"姓名": "person_name", "姓名 ": None}


def test_an_unmapped_column_of_a_known_meaning_is_said() -> None:
    notes = {c.header: c.note for c in read_columns(["姓名", "联系人姓名", "备注"])}
    assert notes == {"姓名": ("header.second", "person_name"), "联系人姓名": None, "备注": None}


def test_a_wish_wins_over_the_dictionary() -> None:
    assert map_headers(["手机号", "备用"], {"备用": "phone"}) == {"手机号": "phone_others", "备用": "phone"}


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


@pytest.mark.parametrize(
    "header",
    ["法定代表人", "法人电话", "负责人电话", "业务员手机", "推荐人手机号", "寄件人", "寄件人电话", "发货地址", "院长", "校长", "录入人",
     "紧急联系人电话", "单位负责人", "Created By", "Assistant's Phone", "Owner Email", "销方名称"],
)  # fmt: skip
def test_what_is_of_somebody_else_is_no_field_of_the_customer(header: str) -> None:
    assert meaning_of(header).field is None


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("身份证号", "national_id"), ("证件号码", "national_id"), ("护照号码", "passport"), ("港澳通行证号", "hk_mo_permit"),
        ("微信号", "wechat"), ("联系人微信", "wechat"), ("微信号码", "wechat"), ("QQ", "qq"), ("微信OpenID", "wechat_openid"),
        ("企业微信external_userid", "wecom"), ("企业微信ID", "wecom"), ("抖音OpenID", "douyin"), ("快手号", "kuaishou"),
        ("小红书ID", "xiaohongshu"), ("支付宝账号", "alipay"), ("会员卡号", "member"),
        pytest.param("联系方式（微信）", "wechat", id="in brackets"),
    ],
)  # fmt: skip
def test_identifiers_are_known_by_their_kind(header: str, kind: str) -> None:
    assert (meaning_of(header).field, meaning_of(header).kind) == ("identifiers", f"identifier:{kind}")


@pytest.mark.parametrize(
    ("header", "field"),
    [
        pytest.param("手机/微信", "phone", id="of two the phone"),
        pytest.param("QQ邮箱", "email", id="mail of a provider"),
        pytest.param("微信昵称", "person_name", id="nickname"),
        pytest.param("400来电号码", "phone", id="hotline"),
        pytest.param("税号", "credit_code", id="tax number"),
        pytest.param("会员编号", "source_record_id", id="number in the CRM"),
        pytest.param("微信备注", None, id="remark"),
        pytest.param("身份证地址", None, id="address on the card"),
        pytest.param("法人身份证号", None, id="of somebody else"),
        pytest.param("业务员微信", None, id="of a salesman"),
    ],
)
def test_beside_an_identifier_another_word_decides(header: str, field: str | None) -> None:
    assert meaning_of(header).field == field


ORGANISATIONS = Content(9, {"organisation": 0.9, "person": 0.1, "letters": 1.0})
PERSONS = Content(9, {"person": 0.95, "letters": 1.0})
MOBILES = Content(9, {"mobile": 1.0, "dialled": 1.0, "phone": 1.0})
MAILS = Content(9, {"email": 1.0, "letters": 1.0})


@pytest.mark.parametrize(
    ("headers", "contents", "fields"),
    [
        pytest.param(["id", "name"], {"name": ORGANISATIONS}, ["source_record_id", "company_name"], id="name of organisations"),
        pytest.param(["id", "name"], {"name": PERSONS}, ["source_record_id", "person_name"], id="name of persons"),
        pytest.param(["客户名称", "手机"], {"客户名称": PERSONS}, ["person_name", "phone"], id="customers who are persons"),
        pytest.param(["客户名称", "联系人"], {"客户名称": PERSONS}, ["company_name", "person_name"], id="beside a person"),
        pytest.param(["客户名称", "手机"], {"客户名称": ORGANISATIONS}, ["company_name", "phone"], id="customers who are firms"),
        pytest.param(["Name", "Billing Name"], {"Name": Content(9, {})}, [None, "person_name"], id="order numbers"),
        pytest.param(["姓名", "某列"], {"某列": MOBILES}, ["person_name", "phone"], id="mobiles under an unknown header"),
        pytest.param(["姓名", "手机", "某列"], {"某列": MOBILES}, ["person_name", "phone", None], id="beside a phone"),
        pytest.param(["姓名", "法人电话"], {"法人电话": MOBILES}, ["person_name", None], id="somebody else's mobiles"),
        pytest.param(["某列"], {"某列": ORGANISATIONS}, ["company_name"], id="the only names"),
        pytest.param(["姓名", "某列"], {"某列": ORGANISATIONS}, ["person_name", None], id="names beside a person"),
        pytest.param(["姓名", "某某名称"], {"某某名称": ORGANISATIONS}, ["person_name", "company_name"], id="an end that is known"),
        pytest.param(["某某名称"], {"某某名称": Content(1, {"organisation": 1.0})}, ["company_name"], id="a known end and one cell"),
        pytest.param(["姓名", "某某座机"], {"某某座机": MOBILES}, ["person_name", "landline"], id="a known end of phones"),
        pytest.param(["手机", "某某座机"], {"某某座机": MOBILES}, ["phone", None], id="a known end beside a phone"),
        pytest.param(["所在地"], {"所在地": Content(9, {"city": 1.0})}, ["city"], id="a place"),
        pytest.param(["客户区域"], {"客户区域": Content(3, {"territory": 1.0, "letters": 1.0})}, [None], id="a territory"),
        pytest.param(["采购人", "采购人联系人"], {"采购人": ORGANISATIONS}, ["company_name", "person_name"], id="who buys in a tender"),
        pytest.param(["Shipping First Name", "Shipping Last Name"], {"Shipping First Name": Content(9, {"organisation": 0.9})},
                     ["person_name", "person_name"], id="a part of a name is no firm"),
        pytest.param(["客户名称", "企业名称"], {"客户名称": PERSONS, "企业名称": ORGANISATIONS}, ["person_name", "company_name"],
                     id="customers beside their firms"),
        pytest.param(["客户名称", "企业名称"], {"客户名称": Content(9, {"letters": 1.0}), "企业名称": ORGANISATIONS},
                     [None, "company_name"], id="nicknames beside their firms"),
        pytest.param(["负责人", "业务员", "公司名称"], {}, [None, "owner", "company_name"], id="the head of a firm beside its seller"),
        pytest.param(["机构名称", "登记号"], {"登记号": Content(9, {"letters": 1.0})}, ["company_name", None], id="numbers of a licence"),
        pytest.param(["机构名称", "税号"], {"税号": Content(9, {"numbered": 0.6})}, ["company_name", "credit_code"], id="tax numbers"),
        pytest.param(["姓名", "公司/个人"], {"公司/个人": Content(2, {"organisation": 0.5})}, ["person_name", None], id="the word for it"),
        pytest.param(["电话", "单位或个人"], {"单位或个人": ORGANISATIONS}, ["phone", "company_name"], id="either, by name"),
        pytest.param(["电话", "公司或个人名称"], {"公司或个人名称": PERSONS}, ["phone", "person_name"], id="either, of persons"),
    ],
)  # fmt: skip
def test_cells_vote_where_headers_do_not_decide(headers, contents, fields) -> None:
    assert [c.field for c in read_columns(headers, contents=contents)] == fields


@pytest.mark.parametrize(
    ("headers", "contents", "note"),
    [
        pytest.param(["姓名", "手机", "某列"], {"某列": MOBILES}, ("header.unread", "phone"), id="unread phones"),
        pytest.param(["姓名", "某列"], {"某列": MOBILES}, ("header.by_content", "phone"), id="read phones"),
        pytest.param(["姓名", "手机"], {"手机": MAILS}, ("header.contradicted", "email"), id="mails under 手机"),
        pytest.param(["姓名", "法人电话"], {"法人电话": MOBILES}, None, id="known to be somebody else's"),
        pytest.param(["姓名", "手机"], {"手机": MOBILES}, None, id="as the header says"),
    ],
)
def test_what_was_not_understood_is_said_by_name(headers, contents, note) -> None:
    assert read_columns(headers, contents=contents)[-1].note == note


def test_the_second_contact_of_a_row_stays_another_person() -> None:
    columns = read_columns(["公司", "联系人1", "电话1", "联系人2", "电话2"])
    assert [c.field for c in columns] == ["company_name", "person_name", "phone", None, None]
    assert second_contact(columns) == ("联系人2", "电话2")


def test_every_field_that_a_header_can_mean_has_a_label() -> None:
    fields = {f for layout in LAYOUTS.values() for f in map_headers(list(layout)).values() if f}
    assert fields <= set(MAPPED_FIELDS) <= set(BY_NAME)
