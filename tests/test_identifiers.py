"""Identifiers: what kind a text is, how it is written, and how it is shown. All numbers are invented."""

import polars as pl
import pytest
from guiyi.rules.credit_code import clean_credit_codes
from guiyi.rules.identifiers import is_national_id, kind_of_header, recognize_identifiers

PERSON = "330106198503120589"


@pytest.mark.parametrize(
    ("raw", "kind", "value", "masked"),
    [
        pytest.param(PERSON, "national_id", PERSON, "330106********0589", id="card"),
        pytest.param(
            "11010519491231002x", "national_id", "11010519491231002X", "110105********002X", id="check-character-x"
        ),
        pytest.param(
            "身份证号：330106 19850312 0589", "national_id", PERSON, "330106********0589", id="labelled-and-spaced"
        ),
        pytest.param("330106198503120588", None, None, None, id="check-digit-wrong"),
        pytest.param("330106198502300589", None, None, None, id="no-such-day"),
        pytest.param("E12345678", "passport", "E12345678", "E*****678", id="passport"),
        pytest.param("G20231201", None, None, None, id="an-order-of-a-day-is-no-passport"),
        pytest.param("C12345678", "hk_mo_permit", "C12345678", "C*****678", id="permit"),
        pytest.param("wm" + "a1B2c" * 6, "wecom", "wm" + "a1B2c" * 6, "wm" + "*" * 28 + "2c", id="external-userid"),
        pytest.param("o" + "aB3" * 9, "wechat_openid", "o" + "aB3" * 9, "oa" + "*" * 24 + "B3", id="openid"),
        pytest.param("o" + "abc" * 9, None, None, None, id="a-long-word-is-no-openid"),
        pytest.param("13812345679", None, None, None, id="a-phone-is-none-by-itself"),
        pytest.param("李明", None, None, None, id="a-name"),
    ],
)
def test_an_identifier_shows_its_kind(raw: str, kind: str | None, value: str | None, masked: str | None) -> None:
    assert recognize_identifiers(pl.Series([raw])).row(0) == (raw, kind, value, masked)


@pytest.mark.parametrize(
    ("raw", "kind", "value"),
    [
        pytest.param("微信：Li_Ming88", "wechat", "li_ming88", id="wechat-has-no-case"),
        pytest.param("wxid_ab12cd", "wechat", "wxid_ab12cd", id="wechat-made-by-the-app"),
        pytest.param("５８８８１２３４", "qq", "58881234", id="qq-full-width"),
        pytest.param("VIP-0012", "member", "VIP-0012", id="member-card"),
        pytest.param("5f0a" * 6, "xiaohongshu", "5f0a" * 6, id="xiaohongshu"),
        pytest.param("无", "member", None, id="none"),
    ],
)
def test_the_header_says_what_a_value_cannot(raw: str, kind: str, value: str | None) -> None:
    assert recognize_identifiers(pl.Series([raw]), kind)["value"].to_list() == [value]


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("身份证号", "national_id"), ("证件号码", "national_id"), ("护照号", "passport"), ("微信号", "wechat"), ("QQ", "qq"),
        ("企业微信external_userid", "wecom"), ("抖音OpenID", "douyin"), ("小红书ID", "xiaohongshu"), ("会员卡号", "member"),
        ("客户名称", None),
    ],
)  # fmt: skip
def test_kind_of_header(header: str, kind: str | None) -> None:
    assert kind_of_header(header) == kind


def test_null_and_length_do_not_disturb() -> None:
    assert is_national_id(pl.Series([None, "1", PERSON])).to_list() == [False, False, True]


def test_a_personal_number_is_no_credit_code_though_its_check_digit_fits() -> None:
    cleaned = clean_credit_codes(pl.Series([PERSON]))
    assert cleaned.values.select("value", "kind", "org_code", "region").row(0) == (None, "national_id", None, None)
    assert cleaned.findings["rule"].to_list() == ["credit_code.personal_id"]
