"""What stands in a cell of persons beside the name: a department, a job, a second person, a gender, a remark.

Reads one distinct text at a time, and only those that are not a plain name (`person_name.DRESSED`): the cell is cut at its
punctuation, each piece is told by its form, and the first person is the cell's. Lists: rules/data/titles.toml.
"""

import re
from functools import cache
from typing import NamedTuple

from ..address.places import city_names
from ..base.surnames import compound, surnames
from .titles import any_of, word_lists


class Reading(NamedTuple):
    """name: the first person, with a form of address that says all (李经理). title: a job in a piece of its own. note: what else
    stood there. several: another person did. All null where no piece is a person."""

    name: str | None = None
    title: str | None = None
    note: str | None = None
    several: bool = False


class _Piece(NamedTuple):
    text: str
    bracketed: bool
    before: str  # the signs between it and the piece in front


_OPEN, _CLOSE = r"(（\[【<《〈「『{", r")）\]】>》〉」』}"
_SIGNS = r"\s/、;；|，,&＆+＋:：~～_—–\-•‧・･∙⋅●。.．"
_PIECES = re.compile(rf"[{_OPEN}]([^{_CLOSE}]*)[{_CLOSE}]?|([{_SIGNS}]+)|([^{_OPEN}{_SIGNS}]+)")
_EDGES = re.compile(r"^[^\w*＊×○]+|[^\w*＊×○]+$")
_AND = re.compile(r"[和与及跟]")
_REST = re.compile(r"(?:[和及与](?:其|另).*|等\d*[人位])$")
_AND_OTHERS = re.compile(r"([、,，/].{2,8})等$")
_DOTS, _JOINTS = frozenset("•‧・･∙⋅●。.．"), frozenset("•‧・･∙⋅●。.． -—–_\u3000")
_HAN = "[\u3400-\u9fff\U00020000-\U0003ffff]"
# The signs that names of other tongues are written with: at least four in five of such a name.
_SOUNDS = frozenset(
    "阿艾安奥巴白贝比别布卜查茨达代丹德迪蒂丁都杜多厄恩尔法菲费佛夫弗福盖戈格古哈海汉赫亨霍基吉加贾杰金卡凯坎科克肯库拉莱兰朗雷里利丽莲列林"
    "龙卢鲁伦罗洛玛马麦曼梅米密莫姆木穆拿娜纳乃南尼妮涅努诺欧帕潘佩皮普齐奇恰乔切热日荣瑞萨塞赛森沙莎山舍史丝斯苏孙索塔泰坦特提廷图吐托瓦万"
    "威韦维温翁沃乌西希夏肖谢辛休雅亚扬叶依伊因英尤于约泽扎詹朱孜兹佐买合汗江仓央次平措扎旦桑顿珠吾孜衣阔不翰逊"
)


def read_person(text: str) -> Reading:
    """The person whom a cell names, and what else it says."""
    pieces = _joined(_pieces(_AND_OTHERS.sub(r"\1", _REST.sub("", text))))
    people = [piece for piece in pieces if not piece.bracketed and _is_person(piece.text)]
    main = next(iter(people), None) or _likely(pieces)
    if main is None:
        return Reading()
    known = _full_name(main, pieces)
    strangers = [
        p
        for p in people
        if p not in (main, known) and not (p.text[0] == known.text[0] and _has_form("address", p.text))
    ]
    others = [piece for piece in pieces if piece not in (main, known) and piece not in strangers]
    jobs = [piece.text for piece in others if _is_job(piece.text)]
    rest = [piece.text for piece in others if piece.text not in jobs]
    name, department = _without_department(known.text)
    rest += [department] if department and not _is_job(department) else []
    title = next(iter(jobs), department if department and _is_job(department) else None)
    title = title or (main.text.removeprefix(known.text[0]) if known is not main else None)
    return Reading(name, title, " ".join(rest) or None, bool(strangers) or _REST.search(text) is not None)


def _pieces(text: str) -> list[_Piece]:
    found: list[_Piece] = []
    before = ""
    for inside, signs, plain in _PIECES.findall(text):
        bare = _EDGES.sub("", inside or plain)
        if bare:
            found += [_Piece(part, bool(inside), before) for part in ([bare] if inside else _parted(bare))]
            before = ""
        before += signs
    return found


def _parted(text: str) -> list[str]:
    """李明和王芳 are two persons, if both sides are one; 王芳老客户, 李明VIP a person and a remark."""
    glued = _forms()["glued"].fullmatch(text)
    if glued:
        return [glued["name"], glued["more"]]
    for word in _AND.finditer(text):
        sides = [text[: word.start()], text[word.end() :]]
        if all(_is_person(_without_department(side)[0]) for side in sides):
            return sides
    return [text]


def _joined(pieces: list[_Piece]) -> list[_Piece]:
    """李 明, 欧阳 修, 张-伟, 王 总 are one piece, and so are the parts of 阿依古丽•买买提, whatever dot stands there."""
    whole: list[_Piece] = []
    for piece in pieces:
        last = whole[-1] if whole else None
        joint = _joint(last, piece) if last and not last.bracketed and not piece.bracketed else None
        if last and joint is not None:
            whole[-1] = last._replace(text=last.text + joint + piece.text)
        else:
            whole.append(piece)
    return whole


def _joint(last: _Piece, piece: _Piece) -> str | None:
    """What goes between two pieces of one name; null: they are two."""
    a, b, signs = last.text, piece.text, set(piece.before)
    if not signs <= _JOINTS or not _is_han((a + b).replace("·", "")) or _is_remark(b):
        return None
    if len(b) <= 2 and (
        len(a) == 1 or a in compound() or (len(a) == 2 and len(b) == 1 and last.before == "" and " " in signs)
    ):
        return ""
    if len(a) == 1 and (_is_job(b) or b in word_lists()["after_surname"]):
        return ""
    if min(len(a), len(b)) < 2 or _is_job(b) or _is_job(a) or _is_department(b):
        return None
    two = _is_person(a) and _is_person(b)
    foreign = sum(sign in _SOUNDS for sign in a + b) >= 0.8 * len(a + b) and max(len(a), len(b)) > 2
    return "·" if foreign or (not two and signs <= _DOTS and not _is_person(b)) else None


def _likely(pieces: list[_Piece]) -> _Piece | None:
    """Where no piece is a known form of name: the only one that is no job, department or remark."""
    bare = [p for p in pieces if not (_is_job(p.text) or _is_department(p.text) or _is_remark(p.text))]
    return bare[0] if len(bare) == 1 and not re.search(r"\d", bare[0].text) else None


def _full_name(main: _Piece, pieces: list[_Piece]) -> _Piece:
    """张总（张伟）, 刘总监 刘伟: the full name beside a form of address, of the same surname."""
    if not _has_form("address", main.text):
        return main
    same = (p for p in pieces if p.text[0] == main.text[0] and not _has_form("address", p.text))
    return next((p for p in same if _has_form("full", p.text)), main)


def _without_department(text: str) -> tuple[str, str | None]:
    """采购部李经理 → 李经理, 采购部; 财务总监李明 → 李明, 财务总监."""
    match = _forms()["placed"].fullmatch(text)
    return (match["person"], match["place"]) if match else (text, None)


def _is_person(text: str) -> bool:
    if _is_job(text) or _is_remark(text) or _is_department(text) or text in _cities():
        return False
    return _has_form("person", text) or _has_form("placed", text) or _is_foreign(text)


def _is_foreign(text: str) -> bool:
    return re.fullmatch(rf"{_HAN}{{2,}}(?:·{_HAN}+)+", text) is not None


def _is_job(text: str) -> bool:
    return _has_form("job", text)


def _is_department(text: str) -> bool:
    return _has_form("department", text)


def _is_remark(text: str) -> bool:
    return _has_form("remark", text)


def _has_form(name: str, text: str) -> bool:
    return _forms()[name].fullmatch(text) is not None


def _is_han(text: str) -> bool:
    return re.fullmatch(f"{_HAN}+", text) is not None


@cache
def _cities() -> frozenset[str]:
    return frozenset(city_names()["name"])


@cache
def _forms() -> dict[str, re.Pattern[str]]:
    """Patterns, for whole pieces. person: a name of a known surname, a form of address, a mask, each with a title behind or not."""
    words = word_lists()
    single = "".join(name for name in surnames()["surname"] if len(name) == 1)
    family = f"(?:{'|'.join(compound())}|[{single}])"
    latin, remarks = (f"(?i:{any_of(words[name])})" for name in ("latin", "remarks"))
    job = f"(?:{job_pattern()}|{latin})"
    address = f"{family}(?:{job}|{any_of(words['after_surname'])})|{any_of(words['before'])}{family}"
    full = f"{family}{_HAN}{{1,2}}"
    person = f"(?:{address}|{full}(?:{job})?|{family}[*＊×xX某○〇]{{1,3}}{_HAN}?)"
    department = (
        f"(?:{_HAN}{{1,8}}(?:部门?|科室?|处|室|组|中心|办|课|股|车间|区|分公司)|{any_of(words['departments'])})"
    )
    forms = {
        "job": job, "address": address, "full": full, "person": person, "department": department,
        "placed": f"(?P<place>{job}|{department})(?P<person>{person})", "remark": remarks,
        "glued": rf"(?P<name>{address}|{full}?)(?P<more>(?i:{any_of([w for w in words['remarks'] if len(w) > 1])}|(?!x)[a-z]{{2,}}))",
    }  # fmt: skip
    return {name: re.compile(form) for name, form in forms.items()}


@cache
def job_pattern() -> str:
    """总经理, 高级采购经理, 董事长兼总经理, 总经理助理: a title with what narrows it."""
    words = word_lists()
    title = f"{any_of(words['narrower'])}*{any_of(words['after'])}"
    return f"(?:{title}(?:[兼及]{title})?)"
