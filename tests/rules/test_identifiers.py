"""Identifiers: what kind a text is, and how it is written. All numbers are invented."""

import polars as pl
import pytest
from guiyi.rules.codes.credit_code import clean_credit_codes
from guiyi.rules.codes.identifiers import clean_identifiers, is_national_id

PERSON = "330106198503120589"


OPENID, USERID = "o" + "aB3" * 9, "wm" + "a1B2c" * 6


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        pytest.param(f"national_id:{PERSON}", f"national_id:{PERSON}", id="card"),
        pytest.param("national_id:11010519491231002x", "national_id:11010519491231002X", id="check-character-x"),
        pytest.param("national_id:身份证号：330106 19850312 0589", f"national_id:{PERSON}", id="labelled-and-spaced"),
        pytest.param("national_id:330106198503120588", None, id="check-digit-wrong"),
        pytest.param("national_id:330106198502300589", None, id="no-such-day"),
        pytest.param("national_id:E12345678", "passport:E12345678", id="a-passport-among-cards"),
        pytest.param("national_id:C12345678", "hk_mo_permit:C12345678", id="a-permit-among-cards"),
        pytest.param("passport:G20231201", None, id="an-order-of-a-day-is-no-passport"),
        pytest.param("wechat:微信：Li_Ming88", "wechat:li_ming88", id="wechat-has-no-case"),
        pytest.param("wechat:wxid_ab12cd", "wechat:wxid_ab12cd", id="wechat-made-by-the-app"),
        pytest.param(f"wechat:{OPENID}", f"wechat_openid:{OPENID}", id="an-openid-among-wechat-accounts"),
        pytest.param("wechat:同手机号", None, id="words-are-no-account"),
        pytest.param("wechat_openid:o" + "abc" * 9, None, id="a-long-word-is-no-openid"),
        pytest.param(f"wecom:{USERID}", f"wecom:{USERID}", id="external-userid"),
        pytest.param("qq:５８８８１２３４", "qq:58881234", id="qq-full-width"),
        pytest.param("xiaohongshu:" + "5f0a" * 6, "xiaohongshu:" + "5f0a" * 6, id="xiaohongshu"),
        pytest.param("alipay:Li.Ming@qq.com", "alipay:li.ming@qq.com", id="alipay-by-mail"),
        pytest.param("member:VIP-0012", "member:VIP-0012", id="member-card"),
        pytest.param("member:无", None, id="none"),
        pytest.param("member:null", None, id="placeholder"),
        pytest.param(
            "qq:58881234,wechat:li_ming88,qq:58881234", "qq:58881234,wechat:li_ming88", id="several-each-once"
        ),
        pytest.param(f"{PERSON},A-77", f"national_id:{PERSON},member:A-77", id="without-a-kind"),
    ],
)
def test_an_identifier_is_written_one_way(cell: str, value: str | None) -> None:
    assert clean_identifiers(pl.Series([cell, None])).rows() == [(cell, value)]


def test_null_and_length_do_not_disturb() -> None:
    assert is_national_id(pl.Series([None, "1", PERSON])).to_list() == [False, False, True]


def test_a_personal_number_is_no_credit_code_though_its_check_digit_fits() -> None:
    cleaned = clean_credit_codes(pl.Series([PERSON]))
    assert cleaned.values.select("value", "kind", "org_code", "region").row(0) == (None, "national_id", None, None)
    assert cleaned.findings["rule"].to_list() == ["credit_code.personal_id"]
