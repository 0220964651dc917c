"""Personal data as it is shown."""

import time
from collections.abc import Callable

import polars as pl
import pytest
from guiyi.reports.masking import mask, mask_message, mask_name, mask_text, masked, masked_text
from guiyi.schemas import RECORD
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        pytest.param("person_name", "张伟", "张*", id="name"),
        pytest.param("phone", "+8613800001234", "+86138****1234", id="mobile"),
        pytest.param("phone", "10086", "1****", id="short-number"),
        pytest.param("landline", "+862158881234", "+8621****1234", id="landline"),
        pytest.param("phone_others", "+8613800001234,+8613900005678", "+86138****1234,+86139****5678", id="several"),
        pytest.param("email", "zhangwei@qq.com", "zh***@qq.com", id="mail"),
        pytest.param("address", "杭州市西湖区文三路90号", "杭州市西湖区…", id="address"),
        pytest.param("address", "杭州", "杭州", id="short-address"),
        pytest.param(
            "identifiers",
            "wechat:li_ming88,national_id:330106198503120589,member:A77",
            "wechat:li_****88,national_id:330106********0589,member:***",
            id="by-kind",
        ),
        pytest.param("identifiers", "li_ming88", "li_****88", id="identifier-as-read"),
        pytest.param("phone_partial", "138****1234", "138****1234", id="already-masked"),
        pytest.param("company_name", "杭州云岫软件有限公司", "杭州云岫软件有限公司", id="companies-are-public"),
        pytest.param("credit_code", "91330106MA2XXXXX1X", "91330106MA2XXXXX1X", id="codes-are-public"),
        pytest.param("company_name", "张伟13800001234", "张伟138****1234", id="phone-in-a-public-field"),
        pytest.param("phone", None, None, id="null"),
    ],
)
def test_value_is_masked(field: str, value: str | None, shown: str | None) -> None:
    assert mask(field, value) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("请拨 13800001234 或 139-1234-5678", "请拨 138****1234 或 139****5678", id="two-numbers"),
        pytest.param("+8613800001234", "+86138****1234", id="international"),
        pytest.param("86 13800001234", "86 138****1234", id="country-code"),
        pytest.param("单号 913800001234567", "单号 913800001234567", id="inside-a-longer-number"),
        pytest.param("", "", id="empty"),
    ],
)
def test_mobile_numbers_inside_a_text_are_masked(text: str, shown: str) -> None:
    assert mask_text(text) == shown


@given(st.text("0123456789", min_size=5, max_size=14))
def test_four_digits_of_every_number_are_hidden(digits: str) -> None:
    shown = mask("phone", "+" + digits) or ""
    assert "****" in shown
    assert digits not in shown


def record(**values: str) -> pl.DataFrame:
    return RECORD.conform(pl.DataFrame({"record_key": ["k"], "source": ["s"], **{k: [v] for k, v in values.items()}}))


def test_a_frame_is_masked_column_by_column() -> None:
    frame = record(person_name="张伟", phone="+8613800001234", company_name="云岫软件", email="zhangwei@qq.com")
    shown = masked(frame).row(0, named=True)
    assert (shown["person_name"], shown["phone"], shown["email"]) == ("张*", "+86138****1234", "zh***@qq.com")
    assert shown["company_name"] == "云岫软件"
    assert masked(frame).schema == frame.schema


def test_unmask_shows_everything() -> None:
    frame = record(person_name="张伟")
    assert masked(frame, unmask=True).equals(frame)


@pytest.mark.parametrize(
    ("header", "text", "shown"),
    [
        pytest.param("身份证号", "110105194912310021", "110105********0021", id="identity-card"),
        pytest.param("身份证号", "11010519491231002", "110105*******1002", id="identity-card-with-a-sign-missing"),
        pytest.param("备注", "证件330106900101123", "证件330106*****1123", id="old-identity-card"),
        pytest.param("备注", "330106 19900101 123X", "330106 ******** 123X", id="identity-card-with-blanks"),
        pytest.param("银行卡号", "1234 5678 1234 5678", "**** **** **** 5678", id="bank-card-by-header"),
        pytest.param("备注", "打款到6222021234567890123", "打款到***************0123", id="bank-card-by-shape"),
        pytest.param("护照", "EA1234567", "EA****567", id="passport-by-header"),
        pytest.param("备注", "护照E12345678", "护照E1****678", id="passport-by-shape"),
        pytest.param("QQ", "123456789", "12*****89", id="qq-by-header"),
        pytest.param("备注", "微信号：zhang_wei88", "微信号:zh***_***88", id="wechat-behind-a-word"),
        pytest.param("紧急联系人", "李娜 13900000000", "李*", id="emergency-contact"),
        pytest.param("备注", "联系人李娜，电话0571-88001234", "联系人李*，电话0571-****1234", id="name-behind-a-word"),
        pytest.param("备注", "李娜13900000000", "李*139****0000", id="name-beside-a-number"),
        pytest.param("备注", "座机 88001234", "座机 ****1234", id="number-without-area-behind-a-word"),
        pytest.param("备注", "１３８００００１２３４ a＠x.com", "138****1234 a***@x.com", id="full-width"),
        pytest.param("备注", "1\u200b3800001234", "138****1234", id="invisible-sign-inside"),
        pytest.param("备注", "送到文三路90号3幢502室", "送到文三路…", id="house-number"),
        pytest.param("company_name", "13800001234", "138****1234", id="company-that-is-a-mobile"),
        pytest.param("source_record_id", "13800001234", "138****1234", id="record-number-that-is-a-mobile"),
        pytest.param("家庭住址", "杭州市西湖区文三路90号", "杭州市西湖区…", id="address-by-header"),
        pytest.param("person_name", "欧阳锋", "欧阳*", id="compound-surname"),
    ],
)  # fmt: skip
def test_a_cell_under_any_header_is_masked(header: str, text: str, shown: str) -> None:
    assert masked_text(header, text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "合同编号 HT20240102001", "订单 20240102123456789012", "单号 2024010212345678", "金额 12,345,678.90 元", "1234567890.5",
        "2024-01-02 13:00:00", "2024/1/2", "产品 ABC-1380-0013", "型号 E20240101", "91330106MA2B0W2R1D", "杭州云岫软件有限公司",
        "周一上午回访，预算 30-50 万", "数量 1500 单价 2000", "95001", "400-820-8820", "4008208820", "得分 0.13912345678",
        "下单时间 20240102130000", "r000001-5fd0c2d1", "高新区方案 A1", "版本 1.38.0013.8000", "9e1387654321012ab34c",
    ],
)  # fmt: skip
@pytest.mark.parametrize("header", ["备注", "source_record_id", "company_name", "订单号"])
def test_what_is_nobodys_stays_readable(header: str, text: str) -> None:
    assert masked_text(header, text) == text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param("张伟13800138000.csv", "张*138****8000.csv", id="name-and-phone"),
        pytest.param("张伟的客户名单_20240102.xlsx", "张*的客户名单_20240102.xlsx", id="name-among-words"),
        pytest.param("110105194912310021", "110105********0021", id="identity-card"),
        *[pytest.param(n, n, id=n) for n in ("华东组", "江苏客户", "高新区.csv", "leads_20240102", "金额汇总", "线索", "方案")],
    ],
)  # fmt: skip
def test_the_name_of_a_file_hides_whose_it_is(name: str, shown: str) -> None:
    assert mask_name(name) == shown


def test_the_rows_person_is_hidden_in_its_other_texts() -> None:
    frame = pl.DataFrame(
        {
            "person_name": ["张伟", "王芳"],
            "company_name": ["张伟", "张伟贸易"],
            "extra": ['{"备注": "张伟说下周"}', "{}"],
        }
    )
    shown = masked(frame)
    assert shown["company_name"].to_list() == ["张*", "张伟贸易"]
    assert shown["extra"].to_list() == ['{"备注": "张*说下周"}', "{}"]


def test_a_cell_beside_its_field_is_masked_as_that_field() -> None:
    frame = pl.DataFrame(
        {"field": ["person_name", "phone", "备注"], "value": ["张伟", "138 0013 8000", "李娜13900000000"]}
    )
    assert masked(frame)["value"].to_list() == ["张*", "138 **** 8000", "李*139****0000"]


@pytest.mark.parametrize(
    "text", ["a", "7", "1", ".", "@", " ", "汉", "张", "(", "a@", "138-", "张1", "微信", "+1", "\u200b", "一三"]
)
@pytest.mark.parametrize("show", [mask_text, mask_name, mask_message], ids=lambda f: f.__name__)
def test_a_cell_of_32767_signs_costs_no_more_than_its_length(show: Callable[[str], str], text: str) -> None:
    whole = (text * 32_767)[:32_767]

    def cpu(given: str, times: int) -> float:
        begun = time.process_time()
        for _ in range(times):
            show(given)
        return time.process_time() - begun

    assert cpu(whole, 1) < 4 * cpu(whole[:2_048], 16) + 0.05
