"""Numbers that stand in the wrong column of a row: what becomes of them in the record."""

from pathlib import Path

import pytest
from guiyi.config import Config
from guiyi.pipelines.clean.findings import cleaning_findings
from guiyi.pipelines.clean.rows import clean_rows
from guiyi.pipelines.read.intake import read_all

MOBILE, SECOND, DESK, OTHER_DESK = "+8613912345670", "+8613812345679", "+862158881234", "+8651262881234"


@pytest.mark.parametrize(
    ("phone", "landline", "record"),
    [
        pytest.param("", "13912345670", (MOBILE, None, None), id="a-mobile-fills-an-empty-phone"),
        pytest.param("无", "13912345670", (MOBILE, None, None), id="a-placeholder-is-empty"),
        pytest.param("139", "13912345670", (MOBILE, None, None), id="no-number-is-empty"),
        pytest.param("13812345679", "13912345670", (SECOND, None, MOBILE), id="beside-a-phone-it-is-another"),
        pytest.param("13912345670", "139 1234 5670", (MOBILE, None, None), id="the-same-is-not-another"),
        pytest.param("021-58881234", "13912345670", (MOBILE, DESK, None), id="columns-exchanged"),
        pytest.param("021-58881234", "0512-62881234/13912345670", (DESK, OTHER_DESK, MOBILE), id="two-desks"),
        pytest.param("", "021-58881234 / 13912345670", (MOBILE, DESK, None), id="both-in-one-cell"),
        pytest.param("13812345679", "021-58881234;13912345670", (SECOND, DESK, MOBILE), id="both-beside-a-phone"),
        pytest.param("13812345679", "021-58881234;0512-62881234", (SECOND, DESK, OTHER_DESK), id="two-landlines"),
        pytest.param("13812345679/13912345670", "13912345670", (SECOND, None, MOBILE), id="known-as-another"),
        pytest.param("13812345679", "021-58881234", (SECOND, DESK, None), id="as-it-should-be"),
        pytest.param("", "400-820-8820", (None, "+864008208820", None), id="a-hotline-stays"),
    ],
)
def test_a_mobile_in_the_landline_column_is_no_landline(
    phone: str, landline: str, record: tuple[str | None, ...], tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text(f"客户编号,联系人,手机号,座机\n1,张伟,{phone},{landline}\n2,李娜,,\n", "utf-8")
    rows = clean_rows(read_all([tmp_path / "a.csv"], Config()), "zh").record
    assert rows.select("phone", "landline", "phone_others").row(0) == record
    assert rows["phone_kind"][0] == ("landline" if record[0] == DESK else "mobile" if record[0] else None)


@pytest.mark.parametrize(
    ("person", "phone", "record"),
    [
        pytest.param("张伟 13912345670", "", (MOBILE, None), id="fills-an-empty-phone"),
        pytest.param("张伟13912345670", "13812345679", (SECOND, MOBILE), id="is-another-beside-a-phone"),
        pytest.param("张伟(139-1234-5670)", "13912345670", (MOBILE, None), id="the-same-is-not-another"),
    ],
)
def test_a_number_in_the_name_cell_is_a_phone(
    person: str, phone: str, record: tuple[str | None, ...], tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text(f"客户编号,联系人,手机号\n1,{person},{phone}\n2,李娜,\n", "utf-8")
    clean = clean_rows(read_all([tmp_path / "a.csv"], Config()), "zh")
    assert clean.record.select("person_name", "phone", "phone_others").row(0) == ("张伟", *record)
    moved = clean.changes.filter((clean.changes["field"] == "phone") & (clean.changes["rule"] == "person_name.number"))
    assert moved.height == (0 if phone and record[1] is None else 1)


def test_a_row_without_a_city_is_of_no_area(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "客户编号,电话,城市,地址\n1,57188881234,,\n2,02-27528000,,台北市大安區1號\n3,62345678,朝阳区,\n", "utf-8"
    )
    clean = clean_rows(read_all([tmp_path / "a.csv"], Config()), "zh")
    assert clean.record["phone"].to_list() == ["+8657188881234", "+886227528000", None][: clean.record.height]


def test_a_phone_from_the_landline_column_brings_its_region(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("客户编号,联系人,手机号,座机\n1,张伟,021-58881234转802,13912345670\n", "utf-8")
    row = clean_rows(read_all([tmp_path / "a.csv"], Config()), "zh").record.row(0, named=True)
    assert (row["phone_region"], row["phone_extension"], row["landline_extension"]) == ("江苏省常州市", None, "802")


def test_a_masked_mobile_in_the_landline_column_is_known_in_part(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("客户编号,手机号,座机\n1,,138****1234\n2,,0215888****\n", "utf-8")
    rows = clean_rows(read_all([tmp_path / "a.csv"], Config()), "zh").record
    assert rows.select("source_record_id", "phone_partial").rows() == [("1", "138****1234")]


def test_landlines_beside_a_mobile_column_are_used_with_their_extension(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("客户编号,手机号,电话\n1,13912345670,021-58881234转802\n2,,13812345679\n", "utf-8")
    rows = clean_rows(read_all([tmp_path / "a.csv"], Config()), "zh").record
    assert rows.select("phone", "landline", "landline_extension").rows() == [
        (MOBILE, DESK, "802"),
        (SECOND, None, None),
    ]


def test_a_column_that_is_left_over_says_how_to_use_it(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("客户编号,手机号,联系人,姓名\n1,13912345670,张伟强,李娜\n", "utf-8")
    intake = read_all([tmp_path / "a.csv"], Config())
    told = cleaning_findings(intake, clean_rows(intake, "zh"), "zh")
    (advice,) = told.filter(told["rule"] == "header.second")["suggestion"]
    assert (
        advice == "字段 person_name 已有更合适的列；要用“姓名”列，请在 guiyi.toml 的 sources.*.headers 里指明它的字段"
    )
