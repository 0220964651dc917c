"""E-mail cells: one address, repaired only where one reading exists."""

import polars as pl
import pytest
from guiyi.rules.email import providers as email_providers
from guiyi.rules.email.clean import clean_emails
from guiyi.rules.email.providers import provider_typos, providers
from hypothesis import given, settings
from hypothesis import strategies as st


def rows(*raw: str | None) -> list[dict[str, object]]:
    return clean_emails(pl.Series(raw, dtype=pl.String)).values.rows(named=True)


@pytest.mark.parametrize(
    ("raw", "value", "changes"),
    [
        pytest.param("zhang.san@qq.com", "zhang.san@qq.com", [], id="canonical"),
        pytest.param("x1+tag@mail.company.com.cn", "x1+tag@mail.company.com.cn", [], id="subdomain"),
        pytest.param("ZhangSan@QQ.COM", "zhangsan@qq.com", ["case"], id="case"),
        pytest.param("mailto:x1@163.com", "x1@163.com", ["format"], id="mailto"),
        pytest.param("MAILTO:x1@163.com?subject=hi", "x1@163.com", ["format"], id="mailto-subject"),
        pytest.param("张三 <x1@163.com>", "x1@163.com", ["format"], id="display-name"),
        pytest.param('"Zhang San" <x1@163.com>', "x1@163.com", ["format"], id="quoted-name"),
        pytest.param("Zhang San x1@163.com", "x1@163.com", ["format"], id="bare-name"),
        pytest.param("邮箱：x1@163.com", "x1@163.com", ["format"], id="label"),
        pytest.param("王经理x1@163.com", "x1@163.com", ["format"], id="name-touching"),
        pytest.param("x1@163.com（工作）", "x1@163.com", ["format"], id="note"),
        pytest.param("x1@163.com,13912345670", "x1@163.com", ["format"], id="phone-behind"),
        pytest.param("(x1@163.com)", "x1@163.com", ["format"], id="brackets"),
        pytest.param("x1＠163。com", "x1@163.com", ["format"], id="full-width"),
        pytest.param("x1[at]163.com", "x1@163.com", ["format"], id="at-in-words"),
        pytest.param("x1@163.com；", "x1@163.com", ["format"], id="semicolon"),
        pytest.param("x1@163.com.", "x1@163.com", ["format"], id="trailing-dot"),
        pytest.param("x1.@163.com", "x1@163.com", ["format"], id="dot-before-at"),
        pytest.param("x1@@163..com", "x1@163.com", ["format"], id="doubled"),
        pytest.param("x1 @ 163 . com", "x1@163.com", ["format"], id="spaces"),
        pytest.param("zhang san@163.com", "zhangsan@163.com", ["format"], id="space-inside"),
        pytest.param("x1@company com", "x1@company.com", ["format"], id="space-for-dot"),
        pytest.param("x1@company,com,cn", "x1@company.com.cn", ["format"], id="comma-for-dot"),
        pytest.param("\u202ax1@163.com\ufe0f", "x1@163.com", ["format"], id="invisible"),
        pytest.param("x1@qq.con", "x1@qq.com", ["domain_typo"], id="con"),
        pytest.param("x1@163.cm", "x1@163.com", ["domain_typo"], id="cm"),
        pytest.param("x1@qq.comx", "x1@qq.com", ["domain_typo"], id="slip"),
        pytest.param("x1@163com", "x1@163.com", ["domain_typo"], id="no-dot"),
        pytest.param("X1@Foxmail,con", "x1@foxmail.com", ["case", "format", "domain_typo"], id="everything"),
    ],
)
def test_address_is_read(raw: str, value: str, changes: list[str]) -> None:
    cleaned = clean_emails(pl.Series([raw]))
    assert cleaned.values["value"].to_list() == [value]
    assert cleaned.changes.sort("step")["rule"].to_list() == [f"email.{rule}" for rule in changes]
    assert cleaned.findings.is_empty()


@pytest.mark.parametrize(
    "raw",
    ["a1@qq.com;b2@163.com", "a1@qq.com,b2@163.com", "a1@qq.com b2@163.com", "a1@qq.com\nb2@163.com",
     "a1@qq.com、b2@163.com", "a1@qq.com或b2@163.com", "a1@qq.com(备用b2@163.com)"],
)  # fmt: skip
def test_first_of_several_is_kept(raw: str) -> None:
    cleaned = clean_emails(pl.Series([raw]))
    assert cleaned.values["value"].to_list() == ["a1@qq.com"]
    assert cleaned.findings["rule"].to_list() == ["email.several"]


@pytest.mark.parametrize(
    ("raw", "partial", "suggestion"),
    [
        pytest.param("x1@fushi（shenzhen.cn", "x1@fushi(shenzhen.cn", None, id="bracket-in-domain"),
        pytest.param("X1@huiyu（nanjing）.cn", "x1@huiyu(nanjing).cn", None, id="brackets-in-domain"),
        pytest.param("wangyongchunmi.cn", "wangyongchunmi.cn", None, id="no-at"),
        pytest.param("8993470058126.com", "8993470058126.com", "8993470058@126.com", id="no-at-provider"),
        pytest.param("yang7890qq.com", "yang7890qq.com", "yang7890@qq.com", id="no-at-provider-letters"),
        pytest.param("x1@company.con", "x1@company.con", "x1@company.com", id="ending-of-another-domain"),
        pytest.param("x1@gamil.con", "x1@gamil.con", "x1@gmail.com", id="two-slips"),
        pytest.param("yang#qq.com", "yang#qq.com", "yang@qq.com", id="other-key"),
        pytest.param("x1@company.notatld", "x1@company.notatld", None, id="unknown-top-level"),
        pytest.param("x1@com.cn", "x1@com.cn", None, id="suffix-alone"),
        pytest.param("x1@192.168.1.1", "x1@192.168.1.1", None, id="address-of-a-machine"),
        pytest.param("x1@-company.com", "x1@-company.com", None, id="hyphen-first"),
        pytest.param(f"{'ab' * 33}@hezhou.cn", f"{'ab' * 33}@hezhou.cn", None, id="local-part-too-long"),
        pytest.param("www.company.com", "www.company.com", None, id="web-site"),
    ],
)
def test_broken_address_is_partial_evidence(raw: str, partial: str, suggestion: str | None) -> None:
    cleaned = clean_emails(pl.Series([raw]))
    assert cleaned.values.row(0) == (raw, None, None, None, partial)
    assert cleaned.findings.select("rule", "suggestion").rows() == [("email.invalid", suggestion)]


@pytest.mark.parametrize("raw", ["x1@gmial.com", "X1@Foxmial,com", "x1@qq", "x1@hotmail", "x1@vip.163"])
def test_a_mistyped_provider_is_merely_proposed(raw: str) -> None:
    cleaned = clean_emails(pl.Series([raw]))
    row = cleaned.values.row(0, named=True)
    assert (row["value"], row["domain"], row["public"]) == (None, None, True)
    [(rule, proposal)] = cleaned.findings.select("rule", "suggestion").rows()
    assert rule == "email.invalid"
    assert proposal.partition("@")[2] in providers()


def test_a_mistyped_provider_is_proposed_and_never_written() -> None:
    """Whatever else the column holds: a cell is cleaned the same in every batch."""
    cleaned = clean_emails(pl.Series(["x1@gmial.com", "x1@gmail.com"]))
    assert cleaned.values["value"].to_list() == [None, "x1@gmail.com"]
    assert cleaned.findings.select("raw", "suggestion").rows() == [("x1@gmial.com", "x1@gmail.com")]


@pytest.mark.parametrize("raw", ["li****@163.com", "15****@hezhou.cn"])
def test_what_a_mask_leaves_is_no_address(raw: str) -> None:
    cleaned = clean_emails(pl.Series([raw]))
    assert cleaned.values.select("value", "partial").row(0) == (None, raw)
    assert cleaned.findings["rule"].to_list() == ["email.invalid"]


@pytest.mark.parametrize("raw", ["test@test.com", "Test@Test.com", "123456@qq.com", "aaaa@qq.com", "x@example.com"])
def test_placeholder_is_nothing(raw: str) -> None:
    cleaned = clean_emails(pl.Series([raw]))
    assert cleaned.values.row(0) == (raw, *[None] * 4)
    assert "email.placeholder" in cleaned.changes["rule"]
    assert cleaned.findings.is_empty()


@pytest.mark.parametrize("raw", ["无", "-", "", "   ", "@"])
def test_empty_cell_is_nothing(raw: str) -> None:
    assert rows(raw) == [{"raw": raw, "value": None, "domain": None, "public": None, "partial": None}]


def test_domain_and_provider() -> None:
    table = [(row["domain"], row["public"]) for row in rows("x1@qq.com", "x1@qixidi.cn", "x1@vip.163.com")]
    assert table == [("qq.com", True), ("qixidi.cn", False), ("vip.163.com", True)]


def test_typos_lead_to_providers_and_never_from_one() -> None:
    typos = provider_typos()
    assert set(typos.values()) <= providers()
    assert not set(typos) & providers()


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet="abz019@.,;，。＠ <>()QM张:_-", max_size=25))
def test_cleaning_is_idempotent(text: str) -> None:
    value = clean_emails(pl.Series([text])).values["value"].drop_nulls()
    assert clean_emails(value).values["value"].to_list() == value.to_list()
    assert clean_emails(value).changes.is_empty()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(max_size=20)), max_size=8))
def test_one_row_per_distinct_text(texts: list[str | None]) -> None:
    assert [row["raw"] for row in rows(*texts)] == list(dict.fromkeys(text for text in texts if text is not None))


@pytest.mark.parametrize("suffix", sorted(email_providers.PLAIN_SUFFIXES))
def test_a_plain_suffix_is_in_the_list_and_holds_no_other(suffix: str) -> None:
    listed = email_providers.suffixes()
    assert listed.publicsuffix(suffix) == suffix
    assert listed.privatesuffix(f"abc.{suffix}") == f"abc.{suffix}"
    assert not [s for s in listed._publicsuffix if s.lstrip("!*.").endswith(f".{suffix}")]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(["", "a", "x1", "com", "cn", "net", "tw", "co", "公司", "bj", "nothing"]), max_size=4).map(
        ".".join
    )
)
def test_a_domain_is_registrable_as_the_list_says(domain: str) -> None:
    labels = domain.split(".")
    if all(labels):
        assert email_providers.is_registrable(domain) is (email_providers.suffixes().privatesuffix(domain) is not None)


@pytest.mark.parametrize("top", ["com", "net"])
def test_living_slips_are_those_of_the_list(top: str) -> None:
    listed = {slip for slip in email_providers.slips(top) if email_providers.suffixes().publicsuffix(slip) is not None}
    assert email_providers.LIVING_SLIPS[top] == listed
