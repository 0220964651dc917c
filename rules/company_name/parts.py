"""One name of an organisation → its typed parts: places, brand, ordinal, trade, kind of body, legal form, branch, sign.

Longest match from both ends; what is left in the middle is the brand. Pure text in, text out, called once per distinct name.
"""

import re
from collections.abc import Collection
from functools import cache
from typing import NamedTuple

from .words import Place, kinds, places, short_names, within, words

NUMERALS = "一二三四五六七八九十百零〇0-9"
_NUMERAL_SIGNS = frozenset("一二三四五六七八九十百零〇0123456789")
# 第一中学, 市二院, 三建公司, 5号店: a numeral counts bodies only before such a word; 三一重工 and 五粮液 are brands.
_ORDINAL = re.compile(
    rf"第[{NUMERALS}]+|[{NUMERALS}]{{1,3}}(?=中|小|院|医院|建|局|处|厂|分|分店|店|号|队|村|公司)(?!中心|小镇)"
)
_BRACKET = re.compile(r"（([^（）]*)）")
_OWNERSHIP = re.compile(r"^(?:特殊)?普通合伙|有限合伙|个人独资|集团|控股|股份|国际|中国$|有限责任")
_SHOP = re.compile(r"[店部处号楼馆园区院场城铺室街路里座层厅站口]$|^总")
# Behind a place it is the name of a road, a harbour, a building: 北京路商店 keeps its 北京; 泉州路桥 builds roads.
_ROAD = re.compile(r"[东西南北中]?路(?!桥)|[东西大]?街|大道|港|湾|湖|花园|广场|大厦")
_ZONE = re.compile(
    r"^(?:国家级?)?(?:经济(?:技术)?开发区|经开区|高新(?:技术(?:产业)?)?(?:产业)?(?:开发)?区|(?:苏州)?工业园区|自贸(?:试验)?区|(?:\w\w)?保税港?区|新区|"
    r"\w{2,3}(?:新技术|经济技术|高新技术)开发区|\w{2,3}(?:街道|镇)(?=\w{4})|[^社园小景校厂库矿业技发]{2}区(?=\w{2}))"
)
_OWNER = re.compile(r"公司|银行|信用社|联社|证券|期货|保险|人寿|财险|集团|医院|大学|学院|学校|厂|院|局")
_PLACE_END = re.compile(r"(?<=\w\w)(?:新区|自治县|自治州|自治旗|地区|省|市|区|县|旗)$")
_LEGAL = frozenset(("公司", "集团", "有限", "合伙", "企业", "独资"))
# Short and former names of one bank: rural cooperative banks have become commercial ones since 2011.
_RURAL_BANK = re.compile("农商行|农商银行")
_TWICE = re.compile(r"(\w{2,4})\1")


class Parts(NamedTuple):
    """company_key: without blanks and brackets. core: brand and trade (and, of a public body, its kind). region: the place in front;
    bracket: a place in brackets or behind the brand; tail: 集团, 控股 …; sign: which shop of the brand, from brackets.

    province, city, district: of the places; branch: its place and kind, without endings; branch_city: the city before it.
    """

    company_key: str
    brand: str | None = None
    industry: str | None = None
    form: str | None = None
    company_region: str | None = None
    company_bracket: str | None = None
    branch: str | None = None
    core: str | None = None
    district: str | None = None
    kind: str | None = None
    ordinal: str | None = None
    tail: str | None = None
    sign: str | None = None
    of_city: str | None = None
    of_province: str | None = None
    branch_city: str | None = None


class Endings:
    """Words looked for at the end of a text, the longest first, by their last two characters."""

    def __init__(self, entries: Collection[str]) -> None:
        self.entries = frozenset(entries)
        lengths: dict[str, set[int]] = {}
        for entry in self.entries:
            lengths.setdefault(entry[-2:], set()).add(len(entry))
        self.lengths = {end: tuple(sorted(found, reverse=True)) for end, found in lengths.items()}

    def of(self, text: str) -> str:
        """The longest word that the text ends with; empty: none."""
        for n in self.lengths.get(text[-2:], ()):
            if (word := text[-n:]) in self.entries:
                return word
        return text[-1:] if text[-1:] in self.lengths else ""


@cache
def _endings() -> dict[str, Endings]:
    """Lists of company_words.toml, and `kinds` of company_kinds.toml."""
    of_kind, _ = kinds()
    return {name: Endings(listed) for name, listed in (*words().items(), ("kinds", of_kind))}


@cache
def _openings() -> dict[str, tuple[int, ...]]:
    """The first two characters of places → the lengths of their names, longest first."""
    lengths: dict[str, set[int]] = {}
    for name in (*places(), *(name for _, name in within())):
        lengths.setdefault(name[:2], set()).add(len(name))
    return {start: tuple(sorted(found, reverse=True)) for start, found in lengths.items()}


@cache
def _banks() -> tuple[tuple[str, str], ...]:
    return tuple((short, name) for short, name in short_names().items() if name.endswith("银行"))


def read_name(key: str) -> Parts:
    """`key`: a Chinese name in simplified script, lower case, without blanks and marks but （ ）."""
    text, bracket, sign = _brackets(key) if "（" in key else (key, None, None)
    text = _RURAL_BANK.sub("农村商业银行", text)
    plain = key.replace("（", "").replace("）", "")
    text, branch, branch_city = _branch(text)
    form, legal = _form(text)
    body = text[: len(text) - len(form)] or text
    tail = ""
    while legal and (weak := _endings()["tails"].of(body)) and len(body) > len(weak) + 1:
        tail, body = weak + tail, body[: -len(weak)]
    tail = "".join(word for word in ("集团", "控股") if word in tail or word in form)
    kind, inner = _kind(body, form) if legal else (_kind_of(text), "")
    if (usual := short_names().get(body if legal else body + form)) is not None:
        body, form, legal = usual, form if legal else "", True
        kind, inner = _kind(usual, form)
    # Of a public body the kind belongs to the core, whatever form stands behind it.
    ending = ""
    if kind in kinds()[1]:
        ending = inner if legal else form
    if len(inner) > 1 and len(body) > len(inner) + 1:
        body, form = body[: -len(inner)], form if ending else inner + form
    place, region, rest, given = _places_in_front(body)
    brand, trade, behind = _brand(rest, place)
    if place is not None and given and not brand and trade and not ending:
        # 江西省广丰建筑劳务: a county without its ending is the brand where there is no other.
        place, brand = Place(place.province, place.city if place.city != given else None), given
    if behind and not bracket:
        bracket = behind
    if bracket and place is None:
        place = places().get(bracket)
    core = _one_writing((brand if brand or place is None else place.short) + trade + ending) or text
    return Parts(
        plain, brand or (place.short if place else None) or core, trade or None, form or None, region, _short(bracket), branch, core,
        place.district if place else None, kind, _ordinal(core), tail or None, sign,
        place.city if place else None, place.province if place else None, branch_city,
    )  # fmt: skip


def _one_writing(core: str) -> str:
    """What is written twice, or left out at will, once: 传媒传媒, 能源集团鄂东; city banks no longer call themselves 商业银行."""
    if "集团" in core[2:]:
        core = core[:2] + core[2:].replace("集团", "")
    if core.endswith("商业银行") and not core.endswith("农村商业银行") and len(core) > 5:
        core = core[:-4] + "银行"
    return core if len(set(core)) > len(core) - 2 else _TWICE.sub(r"\1", core)


def _short(place: str | None) -> str | None:
    known = places().get(place) if place else None
    return known.short if known else place


def _brackets(key: str) -> tuple[str, str | None, str | None]:
    """The text with its brackets resolved; the place and the sign that stood in them."""
    place = sign = None

    def put(found: re.Match[str]) -> str:
        nonlocal place, sign
        inner = found[1]
        if inner in places() or inner in words()["abroad"]:
            place = place or inner
            return ""
        if _OWNERSHIP.search(inner):
            return inner
        if found.end() == len(key) and not key.startswith("（"):
            sign = inner or None
            return ""
        return inner

    return _BRACKET.sub(put, key).replace("（", "").replace("）", ""), place, sign


def _branch(text: str) -> tuple[str, str | None, str | None]:
    """The parent's name, and the branch with the city before its own name: 深圳市分行 → 深圳分行."""
    word = _endings()["branch"].of(text)
    if not word or len(text) < len(word) + 4:
        return text, None, None
    stem = text[: -len(word)]
    parent, own = "", ""
    for found in _OWNER.finditer(stem):
        if found.end() >= 4 or found[0] == "银行" or stem[: found.end()] in short_names():
            parent, own = stem[: found.end()], stem[found.end() :]
            break
    if not parent:
        for short, name in _banks():
            if stem.startswith(short):
                parent, own = name, stem[len(short) :]
                break
    if not parent:
        for n in range(min(8, len(stem) - 3), 1, -1):
            if stem[-n:] in places():
                parent, own = stem[:-n], stem[-n:]
                break
    while own and (form := re.match("股份有限公司|有限责任公司|有限公司|总公司|公司|集团", own)):
        parent, own = parent + form[0], own[form.end() :]
    if not parent or (not own and word not in ("分公司", "分行", "分店", "营业部", "办事处")):
        return text, None, None
    city, rest = _branch_place(own)
    # Of a bank or a broker, 证券营业部 and 分公司营业部 are 营业部.
    return parent, rest + ("营业部" if word.endswith("营业部") else word), city


def _branch_place(own: str) -> tuple[str | None, str]:
    """The places before a branch's own name, short; and what stands behind: 深圳市龙华 → 深圳, 龙华."""
    place, _, rest, _ = _places_in_front(own, keep=False)
    rest = _PLACE_END.sub("", rest)
    if place is None:
        return None, rest
    rest = rest.removeprefix("分行")
    return place.city or place.province, rest or place.short


def _form(text: str) -> tuple[str, bool]:
    """The form that a name ends with, and whether it is a legal one. 旅行社 ends like a form, and is a trade."""
    form = _endings()["forms"].of(text)
    legal = form[-2:] in _LEGAL or form in ("股份", "控股")
    if form and not legal:
        trade = _endings()["industries"].of(text)
        if len(trade) > len(form) and trade.endswith(form):
            return "", False
    return form, legal


def _kind(body: str, form: str) -> tuple[str | None, str]:
    """The kind of body, and its word if it stands before the legal form: 医院有限公司 is a hospital."""
    word = _endings()["kinds"].of(body)
    kind = kinds()[0].get(word)
    return (kind, word) if len(word) > 1 and kind not in ("公司", "中心", "服务中心") else (_kind_of(form), "")


def _kind_of(text: str) -> str | None:
    return kinds()[0].get(_endings()["kinds"].of(text))


def _places_in_front(text: str, keep: bool = True) -> tuple[Place | None, str | None, str, str]:
    """The place (as narrow as it is told), its city (else county, else province), the text behind, and the last name, if it is a
    county without its ending."""
    rest = text[2:] if text.startswith("中国") and len(text) > 3 else text
    rest = rest[1:] if rest.startswith("市") and len(rest) > 5 else rest  # what is left of 西安市 when the cell was cut
    place: Place | None = None
    region, given = None, ""
    for _ in range(4):
        name = _next_place(rest, place)
        if not name:
            break
        behind = rest[len(name) :]
        if (len(behind) < 2 and keep) or _ROAD.match(behind):
            break
        found = places()[name] if place is None else within()[_inside(place, name)]
        place, rest = found, behind
        given = name if name == place.district else ""
        if region is None or region == place.province != place.city:
            region = place.short
    if place is not None:
        zone = _ZONE.match(rest)
        if zone and len(rest) > zone.end() + 1:
            place = Place(place.province, place.city, (place.district or "") + zone[0])
            rest = rest[zone.end() :]
        if rest[:1] in "省市区县" and len(rest) > 4:
            rest = rest[1:]
    return place, region, rest, given


def _inside(place: Place, name: str) -> tuple[str, str]:
    for of in (place.city, place.province):
        if of and (of, name) in within():
            return of, name
    return "", ""


def _next_place(text: str, place: Place | None) -> str:
    for n in _openings().get(text[:2], ()):
        name = text[:n]
        if len(name) == n and (
            name in places() if place is None else place.district is None and _inside(place, name)[1]
        ):
            return name
    return ""


def _brand(text: str, place: Place | None) -> tuple[str, str, str | None]:
    """Brand, trade, and a place behind either. Trades are taken off the end while something telling stays."""
    trades = _endings()["industries"]
    entries, by_end = trades.entries, trades.lengths
    behind = _place_behind(text, place) if len(text) >= 5 else ""
    end = start = len(text) - len(behind)
    while end > 0:
        for n in by_end.get(text[max(end - 2, 0) : end], ()):
            if n <= end and (end - n >= 2 or end == n) and text[end - n : end] in entries:
                end -= n
                break
        else:
            break
    if end == 0 and place is None:
        end = min(2, start)
    brand, trade = text[:end], text[end:start]
    if not behind and len(brand) >= 4:
        behind = _place_behind(brand, place)
        brand = brand[: len(brand) - len(behind)]
    return brand, trade, behind or None


def _place_behind(text: str, place: Place | None) -> str:
    """The name of a place that the text ends with, two characters or more before it; inside `place`, where one is known."""
    for n in range(min(6, len(text) - 2), 1, -1):
        name = text[-n:]
        if place is None:
            found = places().get(name)
            if found and (found.district is None or len(name) > 2 or len(text) == 4):
                return name
        elif not place.district and n == 2 and _inside(place, name)[1] and len(text) == 4:
            return name
    return ""


def _ordinal(core: str) -> str | None:
    """The numerals that count bodies."""
    if _NUMERAL_SIGNS.isdisjoint(core):
        return None
    found = "".join(_ORDINAL.findall(core))
    return re.sub(rf"[^{NUMERALS}]", "", found) or None
