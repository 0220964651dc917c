"""Personal data as it is shown."""

import polars as pl
import pytest
from guiyi.reports.masking import mask, mask_text, masked
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
