"""Unified social credit codes: GB 32100-2015, the codes before it, and proposals for broken ones."""

import random

import polars as pl
import pytest
from guiyi.rules.codes.check_digits import ALPHABET, CREDIT_WEIGHTS, ORGANISATION_WEIGHTS
from guiyi.rules.codes.credit_code import clean_credit_codes
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc


def made(head: str, chance: random.Random) -> str:
    """A code with both check characters, invented."""
    body = "".join(chance.choice(ALPHABET) for _ in range(8))
    total = sum(int(c, 36) * int(w) for c, w in zip(body, ORGANISATION_WEIGHTS, strict=True))
    code = head + body + "0123456789X"[-total % 11]
    total = sum(ALPHABET.index(c) * int(w) for c, w in zip(code, CREDIT_WEIGHTS, strict=True))
    return code + ALPHABET[-total % 31]


HEADS = ("91330106", "92440305", "51110108", "12320102", "93510107")
CODES = [made(head, random.Random(number)) for number in range(40) for head in HEADS]
CODE, OTHER = "91330106K8PBRNYT45", "913301060P6D85XU7E"


def clean(*raw: str | None) -> list[dict[str, str | None]]:
    return clean_credit_codes(pl.Series(raw, dtype=pl.String)).values.rows(named=True)


@pytest.mark.parametrize(
    ("raw", "value", "changes"),
    [
        pytest.param(CODE, CODE, [], id="canonical"),
        pytest.param(CODE.lower(), CODE, ["format"], id="lower-case"),
        pytest.param(" ".join(CODE), CODE, ["format"], id="spaced-out"),
        pytest.param(f"{CODE[:8]}-{CODE[8:]}", CODE, ["format"], id="dash"),
        pytest.param("".join(chr(ord(c) + 0xFEE0) for c in CODE), CODE, ["format"], id="full-width"),
        pytest.param(f"统一社会信用代码：{CODE}", CODE, ["format"], id="label"),
        pytest.param(f"{CODE}（三证合一）", CODE, ["format"], id="note"),
        pytest.param(f"{CODE}/{OTHER}", CODE, ["format"], id="first-of-two"),
        pytest.param("'" + CODE, CODE, ["format"], id="apostrophe"),
        pytest.param(f"\u200b{CODE}\u200e", CODE, ["format"], id="invisible"),
        pytest.param("9133010６" + CODE[8:], CODE, ["format"], id="one-full-width-digit"),
        pytest.param(f"{CODE[:8]}/{CODE[8:]}", CODE, ["format"], id="slash"),
        pytest.param(f"USCC{CODE}", CODE, ["format"], id="latin-label"),
        pytest.param(CODE.replace("K", "К"), CODE, ["format"], id="cyrillic"),
        pytest.param(OTHER.replace("0", "O"), OTHER, ["letters"], id="letter-o"),
        pytest.param(OTHER.replace("1", "I").replace("0", "O"), OTHER, ["letters"], id="letters-i-and-o"),
        pytest.param(OTHER.replace("5", "S").lower(), OTHER, ["format", "letters"], id="letter-s"),
    ],
)
def test_code_is_read(raw: str, value: str, changes: list[str]) -> None:
    cleaned = clean_credit_codes(pl.Series([raw]))
    assert cleaned.values["value"].to_list() == [value]
    assert cleaned.changes.sort("step")["rule"].to_list() == [f"credit_code.{rule}" for rule in changes]
    assert cleaned.findings.is_empty()


@pytest.mark.parametrize(
    ("raw", "rule", "partial", "kind"),
    [
        pytest.param(CODE[:-1] + "6", "checksum", CODE[:-1] + "6", "uscc", id="wrong-check"),
        pytest.param(CODE[:-1], "length", CODE[:-1], None, id="seventeen"),
        pytest.param(CODE + "4", "length", CODE + "4", None, id="nineteen"),
        pytest.param(CODE[:10], "length", CODE[:10], None, id="head"),
        pytest.param("9.15101E+17", "unrecoverable", None, None, id="power"),
        pytest.param("110105123456789", "checksum", "110105123456789", "registration_15", id="registration-wrong"),
    ],
)
def test_broken_code_is_partial_evidence(raw: str, rule: str, partial: str | None, kind: str | None) -> None:
    cleaned = clean_credit_codes(pl.Series([raw]))
    row = cleaned.values.row(0, named=True)
    assert (row["value"], row["partial"], row["kind"]) == (None, partial, kind)
    assert cleaned.findings["rule"].to_list() == [f"credit_code.{rule}"]


@pytest.mark.parametrize(
    "raw",
    ["三证合一", "个体户", "无", "0" * 18, "1" * 18, "91330106XXXXXXXXXX", "123456789012345678", "", "-"],
)
def test_filler_is_no_code(raw: str) -> None:
    cleaned = clean_credit_codes(pl.Series([raw]))
    assert cleaned.values.row(0) == (raw, *[None] * 7)
    assert cleaned.changes["rule"].to_list() == ["credit_code.placeholder"]
    assert cleaned.findings.is_empty()


@pytest.mark.parametrize(
    ("raw", "kind", "org_code", "region"),
    [
        pytest.param(CODE, "uscc", "K8PBRNYT4", "浙江省杭州市", id="uscc"),
        pytest.param("K8PBRNYT4", "org_code", "K8PBRNYT4", None, id="org-code"),
        pytest.param("K8PBRNYT-4", "org_code", "K8PBRNYT4", None, id="org-code-dashed"),
        pytest.param("330106K8PBRNYT4", "tax_15", "K8PBRNYT4", "浙江省杭州市", id="tax-number"),
        pytest.param("110108000000016", "registration_15", None, "北京市", id="registration-number"),
    ],
)
def test_old_codes_are_linked(raw: str, kind: str, org_code: str | None, region: str | None) -> None:
    row = clean(raw)[0]
    assert (row["kind"], row["org_code"], row["region"]) == (kind, org_code, region)


def test_head_is_decoded() -> None:
    decoded = [(row["region"], row["registrar"]) for row in clean(*CODES[:5])]
    assert decoded == [
        ("浙江省杭州市", "市场监管：企业"), ("广东省深圳市", "市场监管：个体工商户"), ("北京市", "民政：社会团体"),
        ("江苏省南京市", "机构编制：事业单位"), ("四川省成都市", "市场监管：农民专业合作社"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "repair"),
    [
        pytest.param(CODE.replace("B", "8"), CODE, id="look-alike"),
        pytest.param(CODE[:8] + "V" + CODE[9:], CODE, id="foreign-letter"),
        pytest.param(CODE[:-1], None, id="too-short"),
        pytest.param(CODE, None, id="nothing-to-repair"),
    ],
)
def test_repair_is_proposed_not_applied(raw: str, repair: str | None) -> None:
    row = clean(raw)[0]
    assert row["repair"] == repair
    assert row["value"] == (raw if raw == CODE else None)


def test_repair_is_the_original_or_nothing_mostly() -> None:
    chance = random.Random(3)
    broken = {}
    for code in CODES:
        place = chance.randrange(8, 17)
        wrong = chance.choice([c for c in ALPHABET if c != code[place]])
        broken[code[:place] + wrong + code[place + 1 :]] = code
    proposed = [(row["repair"], broken[row["raw"] or ""]) for row in clean(*broken) if row["repair"]]
    assert len(proposed) > 40
    assert sum(repair == code for repair, code in proposed) >= 0.9 * len(proposed)


def test_check_agrees_with_stdnum() -> None:
    chance = random.Random(11)
    texts = list(CODES)
    for code in CODES:
        place = chance.randrange(18)
        texts.append(code[:place] + chance.choice("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") + code[place + 1 :])
    # stdnum reads no letters for digits: only what was right as it stood may be compared.
    unread = [row for row in clean(*texts) if row["value"] in (None, row["raw"])]
    assert [row["value"] is not None for row in unread] == [uscc.is_valid(row["raw"] or "") for row in unread]


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="0123456789ABCHIOSVZXabc -（）九", max_size=22))
def test_cleaning_is_idempotent(text: str) -> None:
    row = clean(text)[0]
    if row["value"]:
        assert uscc.is_valid(row["value"])
        assert clean(row["value"])[0]["value"] == row["value"]
    if row["partial"]:
        assert clean(row["partial"])[0]["partial"] == row["partial"]


@settings(max_examples=60, deadline=None)
@given(st.text(st.one_of(st.characters(categories=["Nd", "No", "Lu"]), st.sampled_from("0123456789")), max_size=20))
def test_any_text_is_survived(text: str) -> None:
    assert len(clean(text, f"91{text}", f"{CODE[:-1]}{text}")) >= 2


def test_null_needs_no_cleaning() -> None:
    assert clean(None, CODE, CODE) == clean(CODE)
