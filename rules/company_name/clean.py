"""Names of organisations: tidied as registered, and read by their parts (parts.py).

After the Provisions on the Registration of Enterprise Names (企业名称登记管理规定), a name is region + brand + industry +
form, the region in front or in brackets; a branch's name follows the whole name of its parent.
"""

import re
from functools import cache

import polars as pl

from ..base.readings import joined, syllables
from ..base.script import simplified
from ..base.trail import Cleaned, Trail
from .parts import Parts, read_name
from .words import places, words

PARTS = (*Parts._fields, "brand_pinyin", "core_pinyin", "variants")

# Legal forms that are mistyped by their sound (又限公司, 有县公司, 股奋有限公司), longest first.
_SPOKEN_FORMS = ("股份有限公司", "有限责任公司", "有限公司")
# A note about who is meant inside the company: 采购部, 财务, 王总 …
_UNITS = "采购|财务|销售|市场|人事|行政|技术|工程|设备|物流|客服|总务|后勤|研发|生产|品质|质量|信息|运营"
_DEPARTMENT = (
    rf"(?:[-—_/ ]+|\s*[\(（])(?:(?:{_UNITS})(?:部|处|科|组|中心)?|总部|总公司)[\)）]?$"
    rf"|(?P<owner>公司|集团|医院|学院|大学)(?:{_UNITS})(?:部|处|科|组|中心)$"
)
# A note of whoever keeps the list, in brackets anywhere, or behind the name.
_OTHER_SCRIPT = re.compile(
    r"（[a-z]{4,}）|^[a-z]{4,}(?=[^\x00-\x7f]{1,3}[^\x00-\x7f吧店部行社院所站园馆坊铺屋厅]$)|(?<=[^\x00-\x7f]{2})[a-z]{4,}$"
)
_STATUS = (
    r"[\(（\[【〔](?:(?:已?注销|已?吊销|已?停业|已?倒闭|曾用名|原名?|老客户|新客户|大客户|重点|意向|潜在|待跟进|跟进|已?签约|未签约|已?成交|已?合作|重复|作废|测试|待定|"
    r"已?搬迁|VIP|vip|推荐|转介绍|介绍|黑名单|欠款)[^\)）\]】〕]*[\)）\]】〕]?"
    # These are the whole bracket: 建设中路店 is a shop.
    r"|(?:建设中|在建|筹建中?|装修中|暂停营业|试营业|即将开业|\p{Han}(?:总|经理|老板|主任|工)|[^\(（\)）]{0,8}(?:账户|账号|专户))[\)）\]】〕])"
)
_BEHIND = (
    r"(公司|集团|厂|店|行|中心|医院|学校|大学|学院)(?:[-—_/ ]*(?:VIP\d?|vip\d?)|"
    r"[-—_/ ]*\p{Han}(?:总|经理|老板|女士|先生)|[-—_/ ]+\p{Han}{1,3}(?:总|经理|老板|主任|工|女士|先生)|\p{L}{0,8}(?:专用账户|专户))$"
)
# Where none of this is, no note is: brackets, and what a note behind a name ends with.
_NOTED = (
    rf"[\(（\[【〔]|(?:(?:{_UNITS}|部|处|科|组|中心|公司)[\)）]?|[vV][iI][pP]\d?|总|经理|老板|女士|先生|主任|工|户)$"
)


def clean_company_names(raw: pl.Series) -> Cleaned:
    """raw → `value` (name as registered: full-width brackets, no stray blanks or notes) and its parts.

    The parts of a name (name_parts.Parts), the readings of brand and core, joined, and the signs that are written in traditional
    script (variants). Null part: not in the name.
    """
    value = pl.col("value")
    trail = Trail(raw)
    tidy = value.str.replace_all(r"([^\x00-\x7f])\s+", "${1}").str.replace_all(r"\s+([^\x00-\x7f])", "${1}")
    ends = (
        pl.when(value.str.contains(r"\p{Han}"))
        .then(tidy.str.strip_chars(" ,，。、;；.·-—_"))
        .otherwise(tidy.str.strip_chars(" ,;-_"))
    )
    trail.change("company_name.spacing", ends.str.replace(r"(有限(?:责任)?公司)(?:有限(?:责任)?公司)+$", "${1}"))
    bare = value.str.replace_all(_STATUS, "").str.replace(_BEHIND, "${1}").str.replace(_DEPARTMENT, "${owner}")
    note = pl.when(bare.str.len_chars() >= 2).then(bare).otherwise(value)
    trail.change("company_name.note", note, where=value.str.contains(_NOTED))
    chinese = value.str.contains(r"\p{Han}")
    brackets = value.str.replace_all(r"[\(〔\[【]", "（").str.replace_all(r"[\)〕\]】]", "）")
    plain = value.str.replace_many(["（", "）"], ["(", ")"])
    trail.change("company_name.brackets", pl.when(chinese).then(brackets).otherwise(plain))
    trail.change("company_name.form_typo", _form_by_sound(trail.frame["value"]))
    trail.find("company_name.too_short", value.str.len_chars() < 3)
    trail.frame = parse(trail.frame)
    return trail.cleaned(PARTS)


def _form_by_sound(values: pl.Series) -> pl.Expr:
    """`value` with a misspelt legal form at its end put right; other names as they are."""
    sound = pl.lit(syllables(values.str.tail(6)))
    cut = r"([^有])限公司$"
    mended = pl.col("value").str.replace(cut, "${1}有限公司").str.replace(r"有限公$", "有限公司")
    for form in reversed(_SPOKEN_FORMS):
        heard = syllables(pl.Series([form]))[0]
        right = pl.col("value").str.head(-len(form)) + form
        mended = (
            pl.when(sound.str.ends_with(heard) & (pl.col("value").str.len_chars() > len(form)))
            .then(right)
            .otherwise(mended)
        )
    return mended


def parse(frame: pl.DataFrame) -> pl.DataFrame:
    """Split `value` into the columns PARTS (all String). Chinese names by their parts, Latin names by their words."""
    key = simplified(frame["value"]).str.to_lowercase()
    chinese = key.str.contains(r"\p{Han}").fill_null(False)
    plain = key.str.replace_all(r"[^\p{L}\p{N}（）]", "")
    mixed = plain.str.contains("[a-z]{4}").fill_null(False)
    read = [
        read_name(_in_one_script(one) if two else one) if han else _read_latin(other or "")
        for one, other, han, two in zip(plain.to_list(), key.to_list(), chinese.to_list(), mixed.to_list(), strict=True)
    ]
    columns = list(zip(*read, strict=True)) or [()] * len(Parts._fields)
    parts = pl.DataFrame(columns, schema=dict.fromkeys(Parts._fields, pl.String), orient="col")
    return pl.concat([frame.select("raw", "value"), parts], how="horizontal").with_columns(
        brand_pinyin=joined(parts["brand"]), core_pinyin=joined(parts["core"]),
        variants=_traditional_signs(frame["value"], key),
    )  # fmt: skip


def _in_one_script(name: str) -> str:
    """西门子siemens, 博世（bosch）, huawei华为 without the second writing of the brand; other names as they are.

    What is left must hold a brand: of 上海soho, tcl科技 and apple手机 the brand is the Latin word.
    """
    found = _OTHER_SCRIPT.search(name)
    if found is None:
        return name
    rest = (name[: found.start()] + name[found.end() :]).strip("（）")
    parts = read_name(rest)
    brand = parts.brand or ""
    told = len(brand) >= 2 and brand not in places() and brand not in words()["industries"]
    plain = found.start() > 0 or (parts.industry is None and parts.form is None)
    return rest if told and plain else name


def _read_latin(key: str) -> Parts:
    """A Latin name: words in lower case without the legal form; the core is the brand."""
    placed = re.search(rf"[(（]\s*({_any_of('latin_places')})\s*[)）]", key)
    flat = re.sub(r"[\W_]+", " ", key).strip()
    bare = re.sub(r"[\W_]+", " ", key.replace(placed[0], " ")).strip() if placed else flat
    # ATLINKSGROUPLIMITED: of words written in one the longer forms are taken off all the same.
    glued = "" if " " in flat else "(?<=\\w{4})(?=limited|corporation|holdings|incorporated|company|group)|"
    core = re.sub(rf"(?:(?:{glued}\s+){_any_of('latin_forms')})+$", "", bare).replace(" ", "") or None
    form = re.search(rf"(?:{glued}\s)({_any_of('latin_forms')})$", flat)
    return Parts(
        flat.replace(" ", ""), brand=core, form=form[1] if form else None, core=core, company_bracket=placed[1] if placed else None
    )  # fmt: skip


@cache
def _any_of(name: str) -> str:
    return f"(?:{'|'.join(sorted(map(re.escape, words()[name]), key=lambda w: (-len(w), w)))})"


def _traditional_signs(names: pl.Series, simple: pl.Series) -> pl.Series:
    """The signs of each name that simplified script writes otherwise, joined; null: none."""
    other = (simple != names.str.to_lowercase()).fill_null(False)
    found = [
        "".join(sign for sign, plain in zip(name, short, strict=False) if sign != plain) or None
        for name, short in zip(
            names.filter(other).str.to_lowercase().to_list(), simple.filter(other).to_list(), strict=True
        )
    ]
    empty = pl.Series("variants", [None], dtype=pl.String).new_from_index(0, names.len())
    return empty.scatter(other.arg_true(), pl.Series(found, dtype=pl.String))
