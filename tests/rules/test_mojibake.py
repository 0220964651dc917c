"""Text in the wrong encoding: read again where its bytes say what it was, else told."""

from pathlib import Path

import polars as pl
import pytest
from guiyi.config import Config
from guiyi.pipelines.clean.rows import clean_rows
from guiyi.pipelines.read.intake import read_all
from guiyi.rules.base.mojibake import reread
from guiyi.rules.base.text import clean_text


def in_gbk(text: str) -> str:
    return text.encode("utf-8").decode("gb18030", "replace")


@pytest.mark.parametrize(
    ("raw", "value", "rules"),
    [
        pytest.param("骞垮窞", "广州", ["text.recoded"], id="utf-8-as-gbk"),
        pytest.param(in_gbk("云岫软件有限公司"), "云岫软件有限公司", ["text.recoded"], id="utf-8-as-gbk-long"),
        pytest.param("å¹¿å·ž", "广州", ["text.recoded"], id="utf-8-as-windows-1252"),
        pytest.param("广州".encode().decode("latin-1"), "广州", ["text.recoded"], id="utf-8-as-latin-1"),
        pytest.param("GÃ¼nther", "Günther", ["text.recoded"], id="accents"),
        pytest.param("东莞???电子", "东莞???电子", ["text.mojibake"], id="question-marks-inside"),
        pytest.param("锟斤拷科技", "锟斤拷科技", ["text.mojibake"], id="replacement-signs-as-gbk"),
        pytest.param("云岫\ufffd软件", "云岫\ufffd软件", ["text.mojibake"], id="replacement-sign"),
        pytest.param("骞垮窞甯?", "骞垮窞甯?", ["text.mojibake"], id="last-byte-without-partner"),
        pytest.param("浔阳区渚清路", "浔阳区渚清路", [], id="rare-signs"),
        pytest.param("好吃吗??", "好吃吗??", [], id="a-question"),
        pytest.param("Café Müller", "Café Müller", [], id="accents-as-they-should-be"),
    ],
)
def test_garbled_text_is_read_again_or_told(raw: str, value: str, rules: list[str]) -> None:
    cleaned = clean_text(pl.Series([raw]), "company_name", "name")
    assert cleaned.values["value"].to_list() == [value]
    assert cleaned.findings["rule"].to_list() == rules


def test_names_of_question_marks_are_lost_names_and_a_single_one_is_a_filler() -> None:
    assert clean_text(pl.Series(["??", "???", "李明"]), "person_name", "name").findings.height == 2
    assert clean_text(pl.Series(["??", "李明"]), "person_name", "name").findings.is_empty()


@pytest.mark.parametrize("text", ["李明", "通联", "联通", "重庆两江新区", "G60科创"])
def test_ordinary_text_is_never_read_otherwise(text: str) -> None:
    assert reread(text) is None


def test_a_garbled_column_is_told_once_with_its_encodings(tmp_path: Path) -> None:
    names = ["云岫软件", "霁岚物流", "珩瑾纺织", "昀晟鞋业"]
    rows = "".join(f"{n},{in_gbk(name)},1380571670{n}\n" for n, name in enumerate(names))
    (tmp_path / "a.csv").write_text(f"客户编号,公司名称,手机号\n{rows}", "utf-8")
    found = clean_rows(read_all([tmp_path / "a.csv"], Config()), "zh").findings
    (told,) = found.filter(pl.col("rule") == "text.mojibake_column").to_dicts()
    assert (told["field"], told["severity"], told["suggestion"]) == ("company_name", "error", "UTF-8→GBK")
