"""Names of persons and companies, addresses, provinces and notes as people write them."""

import polars as pl

from .draw import Draw
from .forms import (
    CLEAN,
    DAMAGED,
    ERRORS,
    PLACEHOLDER,
    VALUE,
    VARIANT,
    Form,
    dropped,
    full_width,
    misheard,
    one_of,
    text_forms,
    traditional,
    with_invisible,
    write_forms,
)
from .words import load_words

_WORDS = load_words()
_SURNAME, _GIVEN = pl.col("surname"), pl.col("given")
_PY_SURNAME, _PY_GIVEN = pl.col("surname_pinyin"), pl.col("given_pinyin")
_TITLE, _DUTY = one_of(_WORDS.titles), one_of(_WORDS.duties)

_PERSON_FORMS = (
    Form(CLEAN, 640, VALUE),
    Form(VARIANT, 40, VALUE + _TITLE),
    Form(VARIANT, 15, VALUE + "（" + _DUTY + "）"),
    Form(VARIANT, 10, VALUE + "-" + _DUTY),
    Form(VARIANT, 8, _DUTY + " " + VALUE),
    Form(VARIANT, 25, _SURNAME + " " + _GIVEN),
    Form(VARIANT, 10, _SURNAME + "\u3000" + _GIVEN),
    Form(VARIANT, 25, traditional(VALUE)),
    *text_forms(25),
    Form(VARIANT, 6, VALUE + " " + pl.col("alias")),
    Form(VARIANT, 4, pl.col("alias") + "（" + VALUE + "）"),
    # Sound without characters, a title without a given name, half a name: other evidence must help.
    Form(DAMAGED, 12, _PY_SURNAME.str.to_titlecase() + " " + _PY_GIVEN.str.to_titlecase()),
    Form(DAMAGED, 8, _PY_GIVEN.str.to_titlecase() + " " + _PY_SURNAME.str.to_titlecase()),
    Form(DAMAGED, 6, _PY_SURNAME + _PY_GIVEN),
    Form(DAMAGED, 5, _PY_GIVEN.str.to_titlecase() + " " + _PY_SURNAME.str.to_uppercase()),
    Form(DAMAGED, 4, _PY_SURNAME.str.to_uppercase() + " " + _PY_GIVEN.str.to_uppercase()),
    Form(DAMAGED, 6, pl.col("alias") + " " + _PY_SURNAME.str.to_titlecase()),
    Form(DAMAGED, 3, pl.col("alias")),
    Form(DAMAGED, 30, _SURNAME + _TITLE),
    Form(DAMAGED, 8, one_of("小老") + _SURNAME),
    Form(DAMAGED, 8, _SURNAME + "*"),
    Form(DAMAGED, 3, _SURNAME + "某"),
    Form(DAMAGED, 15, _SURNAME + misheard(_GIVEN)),
    Form(DAMAGED, 4, pl.col("company")),
    Form(DAMAGED, 4, VALUE + "/" + one_of(("王总", "李经理", "他爱人", "陈会计"))),
    Form(
        PLACEHOLDER, 60, one_of(("无", "-", "测试", "N/A", "暂无", "未知", "先生", "客户", "1", "联系人", "null", "?"))
    ),
    Form(DAMAGED, 6, one_of(ERRORS)),
)

_NO_COMPANY = ("个人", "无", "暂无", "1", "-", "测试", "测试公司", "未知", "/", "待补充")
_FORM = pl.col("form")
_SHORT = VALUE.str.strip_suffix(_FORM)
_BARE = VALUE.str.strip_prefix(pl.col("city") + "市").str.strip_prefix(pl.col("city"))
_COMPANY_FORMS = (
    Form(CLEAN, 560, VALUE),
    *text_forms(45),
    Form(VARIANT, 25, VALUE.str.replace_all("（", "(").str.replace_all("）", ")")),
    Form(VARIANT, 10, VALUE.str.replace_all("（", " (").str.replace_all("）", ") ")),
    Form(VARIANT, 8, VALUE.str.replace_all("（", "【").str.replace_all("）", "】")),
    Form(VARIANT, 30, traditional(VALUE)),
    Form(VARIANT, 20, VALUE + one_of(_WORDS.departments)),
    Form(VARIANT, 8, pl.col("brand") + " " + VALUE.str.strip_prefix(pl.col("brand"))),
    # Short and loose names: which company is meant, the cell alone does not say.
    Form(DAMAGED, 70, _SHORT),
    Form(DAMAGED, 25, pl.col("brand") + pl.col("industry")),
    Form(DAMAGED, 15, pl.col("city") + pl.col("brand")),
    Form(DAMAGED, 12, pl.col("brand")),
    Form(DAMAGED, 20, _BARE),
    Form(DAMAGED, 10, pl.when(VALUE.str.starts_with(pl.col("city"))).then(pl.col("city") + "市" + _BARE)),
    Form(DAMAGED, 10, VALUE.str.replace("有限责任公司", "有限公司").str.replace("股份有限公司", "有限公司")),
    Form(DAMAGED, 8, VALUE.str.strip_suffix("公司")),
    Form(DAMAGED, 12, misheard(VALUE)),
    Form(DAMAGED, 10, dropped(VALUE)),
    Form(DAMAGED, 8, pl.col("brand_pinyin").str.to_titlecase() + " " + pl.col("industry_en") + " Co., Ltd."),
    Form(DAMAGED, 4, pl.col("brand_pinyin").str.to_uppercase()),
    Form(PLACEHOLDER, 40, one_of(_NO_COMPANY)),
    Form(DAMAGED, 6, one_of(ERRORS)),
)

_ADDRESS_FORMS = (
    Form(CLEAN, 480, VALUE),
    Form(VARIANT, 180, pl.col("city") + "市" + pl.col("district") + pl.col("street")),
    Form(VARIANT, 90, pl.col("city") + pl.col("district") + pl.col("street")),
    Form(VARIANT, 40, pl.col("district") + pl.col("street")),
    Form(VARIANT, 30, pl.col("province") + " " + pl.col("city") + " " + pl.col("district") + " " + pl.col("street")),
    Form(VARIANT, 20, pl.lit("中国") + VALUE),
    Form(VARIANT, 20, traditional(VALUE)),
    Form(VARIANT, 25, full_width(VALUE)),
    Form(VARIANT, 20, VALUE + one_of(("（送货上门）", "（公司地址）", "，请电话联系", "（代收）"))),
    *text_forms(40),
    Form(DAMAGED, 25, pl.col("city") + "市"),
    Form(PLACEHOLDER, 20, one_of(("无", "同上", "-", "见备注", "待确认"))),
    Form(DAMAGED, 6, one_of(ERRORS)),
)

_PROVINCE_FORMS = (
    Form(CLEAN, 720, VALUE),
    Form(VARIANT, 150, pl.when(pl.col("city") == VALUE).then(VALUE + "市").otherwise(VALUE + "省")),
    Form(VARIANT, 30, traditional(VALUE)),
    Form(VARIANT, 40, VALUE + "-" + pl.col("city")),
    Form(VARIANT, 25, VALUE + " "),
    Form(VARIANT, 15, with_invisible(VALUE)),
    Form(PLACEHOLDER, 15, one_of(("其他", "未知", "请选择", "-"))),
)
_REMARK_FORMS = (
    Form(CLEAN, 700, VALUE),
    *text_forms(120),
    Form(VARIANT, 30, VALUE + "\n" + one_of(_WORDS.remarks)),
    Form(PLACEHOLDER, 60, one_of(("-", "无", "。", "1", "测试，勿删"))),
    Form(DAMAGED, 60, one_of((*ERRORS, '=HYPERLINK("http://example.com","详情")', "_x000D_"))),
)


def write_persons(frame: pl.DataFrame, draw: Draw) -> pl.DataFrame:
    """Columns cell, kind from `name`; foreigners keep theirs."""
    native = [Form(f.kind, f.weight, pl.when(~pl.col("is_foreign")).then(f.write)) for f in _PERSON_FORMS]
    return write_forms(frame, draw, "name", native)


def write_companies(frame: pl.DataFrame, draw: Draw) -> pl.DataFrame:
    """Columns cell, kind from `company`; a form wants something where there is none, so people type anything."""
    nothing = pl.Series(draw.chance("no company", 0.15))
    filler = draw.pick("company filler", _NO_COMPANY)
    missing = pl.col("cell").is_null() & nothing
    return write_forms(frame, draw, "company", _COMPANY_FORMS).select(
        pl.when(missing).then(filler).otherwise("cell").alias("cell"),
        pl.when(missing).then(pl.lit(PLACEHOLDER)).otherwise("kind").alias("kind"),
    )


def write_addresses(frame: pl.DataFrame, draw: Draw) -> pl.DataFrame:
    """Columns cell, kind from `address`."""
    return write_forms(frame, draw, "address", _ADDRESS_FORMS)


def write_provinces(frame: pl.DataFrame, draw: Draw) -> pl.DataFrame:
    """Columns cell, kind from `province`."""
    return write_forms(frame, draw, "province", _PROVINCE_FORMS)


def write_remarks(frame: pl.DataFrame, draw: Draw) -> pl.DataFrame:
    """Columns cell, kind from `remark`."""
    return write_forms(frame, draw, "remark", _REMARK_FORMS)
