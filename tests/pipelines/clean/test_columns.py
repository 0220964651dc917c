"""From columns to cells of fields: names of parts, further numbers, area codes, second contacts; and `guiyi columns`."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from guiyi.config import Config
from guiyi.io.table.row_words import TOTAL_PATTERN
from guiyi.pipelines.check.columns import profile_columns
from guiyi.pipelines.clean.rows import Clean, clean_rows
from guiyi.pipelines.read.intake import Intake, read_all

Command = Callable[..., "subprocess.CompletedProcess[str]"]


def read(folder: Path, text: str) -> tuple[Intake, Clean]:
    (folder / "a.csv").write_text(text, "utf-8")
    intake = read_all([folder / "a.csv"], Config())
    return intake, clean_rows(intake, "zh")


@pytest.mark.parametrize(
    ("header", "cells", "name"),
    [
        pytest.param("姓,名", "王,澄砚", "王澄砚", id="hanzi"),
        pytest.param("First Name,Last Name", "澄砚,王", "王澄砚", id="hanzi-in-english-order"),
        pytest.param("First Name,Last Name", "Qiang,Sun", "Qiang Sun", id="latin"),
        pytest.param("First Name,Middle Name,Last Name", "Mary,Ann,Lee", "Mary Ann Lee", id="middle"),
        pytest.param("姓氏,名字", "欧阳,明", "欧阳明", id="compound"),
        pytest.param("姓,名", "王,王澄砚", "王澄砚", id="whole-name-among-given"),
        pytest.param("姓,名", ",王澄砚", "王澄砚", id="no-family"),
        pytest.param("姓,名", "-,王澄砚", "王澄砚", id="a-dash"),
        pytest.param("姓,名,姓（拼音）,名（拼音）", "王,澄砚,Wang,Chengyan", "王澄砚", id="pinyin-is-not-the-name"),
        pytest.param("姓名,姓,名", "李明,王,澄砚", "李明", id="whole-first"),
        pytest.param("姓名,姓,名", ",王,澄砚", "王澄砚", id="parts-where-no-whole"),
    ],
)
def test_a_name_is_put_together_of_its_parts(header: str, cells: str, name: str, tmp_path: Path) -> None:
    _, clean = read(tmp_path, f"客户编号,{header},手机号\n7,{cells},13951880734\n")
    assert clean.record["person_name"].to_list() == [name]


def test_columns_that_a_field_is_put_together_of_are_marked(tmp_path: Path) -> None:
    intake, _ = read(tmp_path, "客户编号,姓,名,手机号\n7,王,澄砚,13951880734\n")
    told = intake.columns.select("header", "field", "composed").rows()
    assert told[1:3] == [("姓", "person_name", True), ("名", None, False)]
    assert told[3] == ("手机号", "phone", False)


@pytest.mark.parametrize(
    ("header", "cells", "phone", "others"),
    [
        pytest.param("手机1,手机2", "13951880734,13867302915", "+8613951880734", "+8613867302915", id="two"),
        pytest.param("手机2,手机1", "13867302915,13951880734", "+8613951880734", "+8613867302915", id="by-number"),
        pytest.param("手机,备用手机", ",13867302915", "+8613867302915", None, id="only-the-further"),
        pytest.param("手机,备用手机", "13951880734,13951880734", "+8613951880734", None, id="the-same"),
        pytest.param(
            "电话,更多电话", "13951880734,13867302915；13905716602", "+8613951880734", "+8613867302915,+8613905716602", id="several"
        ),
        pytest.param("手机,备用手机", "13951880734,暂无", "+8613951880734", None, id="none"),
    ],
)  # fmt: skip
def test_every_number_of_a_row_is_read(header: str, cells: str, phone: str, others: str | None, tmp_path: Path) -> None:
    _, clean = read(tmp_path, f"客户编号,姓名,{header}\n7,张伟强,{cells}\n")
    assert clean.record.select("phone", "phone_others").rows() == [(phone, others)]


def test_a_further_number_stays_in_extra(tmp_path: Path) -> None:
    intake, clean = read(tmp_path, "客户编号,手机,备用手机\n7,13951880734,李姐13867302915\n")
    assert json.loads(clean.record["extra"][0]) == {"备用手机": "李姐13867302915"}
    assert json.loads(intake.files["mapping"][0])["备用手机"] == "phone_others"


@pytest.mark.parametrize(
    ("cells", "landline", "extension"),
    [
        pytest.param("0571,82887701,801", "+8657182887701", "801", id="code-and-extension"),
        pytest.param("574,87651234,", "+8657487651234", None, id="zero-lost"),
        pytest.param("010,010-83211441,", "+861083211441", None, id="code-twice"),
        pytest.param("0571,13951880734,", None, None, id="a-mobile-needs-none"),
    ],
)
def test_an_area_code_column_goes_with_its_number(
    cells: str, landline: str | None, extension: str | None, tmp_path: Path
) -> None:
    _, clean = read(tmp_path, f"客户编号,公司名称,区号,电话,分机\n7,杭州澄一贸易有限公司,{cells}\n")
    assert clean.record.select("landline", "landline_extension").rows() == [(landline, extension)]


SECOND = "客户编号,公司名称,联系人1,电话1,联系人2,电话2\n"


def test_the_phone_of_a_second_contact_is_not_the_first_ones(tmp_path: Path) -> None:
    _, clean = read(tmp_path, SECOND + "7,杭州澄一贸易有限公司,张伟强,13951880734,李娜,13867302915\n")
    assert clean.record.select("person_name", "phone", "phone_others").rows() == [("张伟强", "+8613951880734", None)]
    assert json.loads(clean.record["extra"][0]) == {"联系人2": "李娜", "电话2": "13867302915"}
    told = clean.findings.filter(pl.col("rule") == "header.second_contact")
    assert told["value"].to_list() == ["联系人2、电话2"]


def test_without_a_first_contact_the_second_is_the_person_of_the_row(tmp_path: Path) -> None:
    _, clean = read(tmp_path, SECOND + "7,杭州澄一贸易有限公司,,,李娜,13867302915\n")
    assert clean.record.select("person_name", "phone").rows() == [("李娜", "+8613867302915")]


def test_the_first_mail_that_is_one_is_taken(tmp_path: Path) -> None:
    _, clean = read(
        tmp_path, "客户编号,姓名,邮箱,备用邮箱\n7,张伟强,无,zhang@yunxi-test.cn\n8,李娜,lina@yunxi-test.cn,\n"
    )
    assert clean.record["email"].to_list() == ["zhang@yunxi-test.cn", "lina@yunxi-test.cn"]


def test_columns_without_a_field_are_one_sentence(tmp_path: Path) -> None:
    names = ",".join(f"自定义{i}" for i in range(87))
    intake, _ = read(tmp_path, f"客户编号,手机,{names}\n7,13951880734{',x' * 87}\n")
    (told,) = intake.notes.filter(pl.col("rule") == "header.unmapped").select("value", "suggestion").rows()
    assert told[1] == "87"
    assert told[0].startswith("自定义0、自定义1、")


@pytest.mark.parametrize(
    "text",
    ["合计", "合计,共8家", "合计：共 8 家", "总计 12 户", "共计12家", "杭州小计", "合 计", "Grand Total: 12", "合计 3,000元", "總計"],
)  # fmt: skip
def test_a_sum_is_known_in_any_form(text: str) -> None:
    assert pl.Series([text]).str.contains(TOTAL_PATTERN).all()


@pytest.mark.parametrize("text", ["总计算机公司", "汇总科技有限公司", "小计时器厂", "共享科技", "12", "计小总"])
def test_a_name_is_no_sum(text: str) -> None:
    assert not pl.Series([text]).str.contains(TOTAL_PATTERN).any()


def test_the_profile_tells_field_reason_and_cells_masked(tmp_path: Path) -> None:
    rows = "".join(f"{i},张伟强,1395188{i:04},x\n" for i in range(9))
    (tmp_path / "a.csv").write_text("客户编号,姓名,某列,备注\n" + rows, "utf-8")
    profile = profile_columns([tmp_path / "a.csv"], Config())
    assert profile["field"].to_list() == ["source_record_id", "person_name", "phone", None]
    assert profile["rule"].to_list() == [None, None, "header.by_content", None]
    assert profile.row(2, named=True)["sample"] == "139****0000"
    assert (profile.row(1, named=True)["top"], profile.row(3, named=True)["distinct"]) == (["张* ×9"], 1)
    assert profile.row(2, named=True)["setting"] == '"某列" = "phone"'


def test_the_command_prints_a_line_per_column_and_one_sentence_for_the_rest(guiyi: Command, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("客户编号,姓名,备注\n7,张伟强,x\n", "utf-8")
    text = guiyi("columns", "a.csv").stdout
    assert "另有 1 列没有对应的字段，原样保留：备注" in text
    assert "张伟强" not in text
    table = json.loads(guiyi("columns", "a.csv", "--format", "json").stdout)
    assert [c["field"] for c in table] == ["source_record_id", "person_name", None]


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        pytest.param(["13/04/2025", "25/12/2024", "03/04/2025"], "2025-04-03", id="day-first"),
        pytest.param(["04/13/2025", "12/25/2024", "03/04/2025"], "2025-03-04", id="month-first"),
        pytest.param(["13/04/2025", "12/25/2024", "03/04/2025"], None, id="both"),
        pytest.param(["05/04/2025", "01/02/2024", "03/04/2025"], None, id="neither"),
    ],
)
def test_the_order_of_day_and_month_is_the_columns(dates: list[str], expected: str | None, tmp_path: Path) -> None:
    rows = "".join(f"{i},1395188073{i},{date}\n" for i, date in enumerate(dates))
    _, clean = read(tmp_path, "客户编号,手机号,创建时间\n" + rows)
    assert clean.record["created_at"].dt.to_string("%Y-%m-%d").to_list()[-1] == expected


@pytest.mark.parametrize("header", ["创建时间", "最后更新时间", "首次触达时间"])
def test_every_field_of_a_time_is_one(header: str, tmp_path: Path) -> None:
    intake, clean = read(tmp_path, f"手机,{header}\n13951880734,2024/3/5 08:30\n")
    field = json.loads(intake.files["mapping"][0])[header]
    assert clean.record[field].dt.to_string("%Y-%m-%d %H:%M").to_list() == ["2024-03-05 08:30"]


def test_two_tables_keep_their_own_order_of_dates(tmp_path: Path) -> None:
    for name, told in (("a", "13/04/2025"), ("b", "04/13/2025")):
        rows = f"{name}1,13951880731,{told}\n{name}2,13951880732,{told.replace('13', '14')}\n{name}3,13951880733,03/04/2025\n"
        (tmp_path / f"{name}.csv").write_text("客户编号,手机号,创建时间\n" + rows, "utf-8")
    clean = clean_rows(read_all([tmp_path / "a.csv", tmp_path / "b.csv"], Config()), "zh")
    days = dict(clean.record.select("source_record_id", pl.col("created_at").dt.to_string("%m-%d")).iter_rows())
    assert (days["a3"], days["b3"], days["a1"]) == ("04-03", "03-04", "04-13")
