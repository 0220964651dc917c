"""What a header says: whose (联系人, 公司, 法定代表人) and what (姓名, 手机, 地址) make a field.

The words stand in rules/data/headers.toml. The last word that says *what* decides; names and numbers of others than the customer
(法定代表人, 业务员, 寄件人) are no field of the customer, but those who look after it are its owner.
"""

import re
from dataclasses import dataclass, replace
from functools import cache

from ...fields import FIELDS, MAPPED_FIELDS
from .header_words import Words, cut, normalize, vocabulary, words_of

# What the last of these words in a header says, the header is about.
_PHONES = ("mobile", "phone", "desk", "home_phone")
_CODES = ("credit_code", "tax_code", "old_code")
_NAMES = ("name", "person_word", "org_word")
_PARTS = ("given", "family", "middle")
_WHAT = frozenset((
    *MAPPED_FIELDS, *_PHONES, *_NAMES, *_PARTS, "weak_name", "short_name", "area_code", "extension", "place", *_CODES, "id",
    "first_touch", "contacted",
))  # fmt: skip
_TOO_SHORT = ("号", "号码", "no", "number", "num", "标识", "first", "last", "联系")  # alone they say nothing


@dataclass(frozen=True)
class Meaning:
    """field: None for what is known not to be one of ours. rank: lower is the better name for the field.

    kind: of a phone mobile, phone, desk; of a name whole, level (person or organisation: the cells decide), choice (either,
    or the word for it), weak, given, family, middle; of a place `place`; `area_code`, `extension`; `apart` of somebody else;
    `identifier:<kind>`; of the rest "".
    who: of which person ("": the usual contact), ordinal: the how manieth. further: one more beside the main one.
    """

    field: str | None
    rank: int = 0
    kind: str = ""
    who: str = ""
    ordinal: int = 1
    further: bool = False


@cache
def own_words() -> dict[str, str]:
    """Normalised header → field, of the fields' names and of the words that they bring themselves (fields.py)."""
    names = {normalize(name): name for name in MAPPED_FIELDS}
    return names | {normalize(word): field.name for field in FIELDS for word in field.headers}


@cache
def _made() -> frozenset[str]:
    """Columns of an exported `record` that come out of the cells of others: read again, they are nothing new."""
    return frozenset(normalize(field.name) for field in FIELDS if field.kind is None)


@cache
def meaning_of(header: str) -> Meaning | None:
    """What a header says; None: it is not known, or only its end is (see `end_of`)."""
    read = words_of(header)
    if read.text in _made():
        return Meaning(None)
    own = own_words().get(read.text)
    if own is not None and own not in ("title", "phone"):  # which the grammar knows better
        kind = {"person_name": "whole", "landline": "desk", "phone_others": "phone"}.get(own, "")
        return _with_brackets(Meaning(own, kind=kind, further=own == "phone_others"), read.inside)
    if not read.whole:
        # Somebody else's, whatever the unknown words say.
        return Meaning(None, kind="apart") if _apart_words().search(read.text) else None
    return _with_brackets(_meaning(read), read.inside)


@cache
def end_of(header: str) -> Meaning | None:
    """What the known end of an otherwise unknown header says: 参会代表姓名 ends like a person's name."""
    read = words_of(header)
    return None if read.whole or not read.words else _meaning(read)


@cache
def _apart_words() -> re.Pattern[str]:
    return re.compile("|".join(re.escape(word) for word, tags in vocabulary().items() if "apart" in tags))


def _with_brackets(meaning: Meaning | None, inside: str) -> Meaning | None:
    """姓（拼音） is not the name, 联系方式（手机） is the mobile, 地址（省） the province."""
    tags = {tag for word in cut(inside) or () for tag in word.says}
    if meaning is None or meaning.field is None:
        return meaning
    if "apart" in tags or any(word in inside for word in ("拼音", "英文", "pinyin", "english")):
        return Meaning(None, kind="apart")
    if meaning.field == "address" and (part := tags & {"province", "city", "skip"}):
        return replace(meaning, field=next((p for p in ("province", "city") if p in part), None))
    if meaning.kind == "phone" and (named := next((tag for tag in tags if tag.startswith("identifier:")), None)):
        return replace(meaning, field="identifiers", kind=named)  # 联系方式（微信）
    kind = next((k for k in ("mobile", "desk") if k in tags), None)
    return replace(meaning, kind=kind, field=_phone_field(kind)) if meaning.kind == "phone" and kind else meaning


def _phone_field(kind: str) -> str:
    return "landline" if kind == "desk" else "phone"


def _meaning(read: Words) -> Meaning | None:
    """The grammar. None: words without a statement."""
    tags = list(read.tags())
    said = frozenset(tags)
    dated = "time" in said
    if "thing" in said:
        return Meaning("created_at", 6) if dated and "create" in said and "skip" not in said else Meaning(None)
    if "skip" in said:
        return Meaning(None)
    if "apart" in said:
        return Meaning(None, kind="apart")
    if dated or said & {"created_at", "updated_at"}:
        return _time(said)
    what = [tag for word in read.words for tag in word.says if tag in _WHAT or tag.startswith("identifier:")]
    ordinal = next((int(tag[1:]) for tag in tags if tag[0] == "#"), 1)
    subject = next(
        (
            tag
            for tag in reversed(tags)
            if tag in ("org", "neutral", "consumer", "staff", "team") or tag[:7] == "person:"
        ),
        None,
    )
    if subject == "org" and what == ["address"] and "org" in read.words[-1].says:
        what = []  # Default Address Company
    if not what and (subject is None or read.text in _TOO_SHORT or said & {"create", "update", "contacted"}):
        return None
    made = _about(what, subject, said, read)
    if made is None or made.field is None:
        return made
    who = subject[7:] if subject and subject.startswith("person:") else ""
    if "further" in said and subject and subject.startswith("person:"):
        return replace(made, who="other", ordinal=ordinal, rank=made.rank + 8)  # 备用联系人 is another person
    further = made.further or "further" in said or (ordinal > 1 and made.field in ("phone", "landline", "email"))
    return replace(made, who=who, ordinal=ordinal, further=further, rank=made.rank + 8 * ("further" in said))


def _time(said: frozenset[str]) -> Meaning:
    if "first_touch" in said:
        return Meaning("first_touch_at")
    if "org" in said and "registered" in said:
        return Meaning(None)  # 公司注册日期
    if said & {"create", "created_at"} and not said & {"updated_at"}:
        return Meaning("created_at", 0 if "created_at" in said else 1)
    if said & {"update", "updated_at"}:
        return Meaning("updated_at")
    return Meaning("updated_at", 5) if "contacted" in said else Meaning(None)


def _about(what: list[str], subject: str | None, said: frozenset[str], read: Words) -> Meaning | None:
    """What the last of the `what` words makes of the subject."""
    last = what[-1] if what else None
    if subject in ("staff", "team"):
        of_org = "org" in said and "负责人" in read.text  # 单位负责人: its head, neither contact nor owner
        if of_org or not (last is None or last in _NAMES):
            return Meaning(None, kind="apart")
        # A bare 负责人 beside 业务员 is the head of the firm.
        return Meaning("owner", 4 if subject == "team" else 2 if read.text == "负责人" else 0)
    if last is None or last in _NAMES:
        # 公司或个人名称 names the customer, 公司/个人 may only say which of the two it is.
        if {"org", "private"} <= said:
            return Meaning("company_name", 3, "level") if last else Meaning("company_name", 6, "choice")
        return _name(last, subject, read)
    if last == "id" and len(what) > 1:
        numbered = what[-2] in (*_PHONES, *_CODES) or what[-2].startswith("identifier:")
        if not numbered and not (what[-2] == "province" and read.text.isascii()):
            return Meaning(None)  # 渠道编号, 省份编码
        last = what[-2]  # phone no., 营业执照编号, 企业微信ID, province code (GD)
    if last.startswith("identifier:"):
        phone = next((w for w in what if w in _PHONES), None)  # 手机/微信
        return _phone(phone, subject, said) if phone else Meaning("identifiers", kind=last)
    if last in _PHONES:
        return _phone(last, subject, said)
    if last == "address" and "email" in what:
        last = "email"
    if last == "address" and any(w.startswith("identifier:") for w in what):
        return Meaning(None)  # 身份证地址
    return _other(last, subject, said, read)


def _name(last: str | None, subject: str | None, read: Words) -> Meaning | None:
    """Of a person or of an organisation, by the subject and by the word for name."""
    if subject == "org" and any("person_word" in word.says for word in read.words):
        return Meaning("company_name", 3, "level")  # 姓名/单位名称
    if subject == "org":
        return Meaning("company_name", (2 if last else 4) + (read.words[0].text in ("店铺", "抬头", "shop")), "whole")
    if subject is not None and subject.startswith("person:"):
        return Meaning("person_name", 1 if subject == "person:" else 4, "whole")
    if last == "person_word":
        return Meaning("person_name", 2 if subject is None else 3, "whole")
    if subject == "consumer":
        return Meaning("person_name", 5 if last else 7, "level")
    if subject == "neutral":
        return Meaning("company_name", 1 if last else 5, "level")
    return Meaning("company_name", 7, "level") if last == "org_word" else Meaning("person_name", 6, "level")


def _phone(kind: str, subject: str | None, said: frozenset[str]) -> Meaning:
    """A bare number of an organisation is its desk's."""
    further = kind == "home_phone"
    if kind == "phone" and (subject == "org" or said & {"office", "registered"}):
        kind = "desk"
    return Meaning(_phone_field(kind), 2 * (subject == "neutral"), "phone" if further else kind, further=further)


def _other(last: str, subject: str | None, said: frozenset[str], read: Words) -> Meaning | None:
    rank = 3 * ("delivery" in said) + ("registered" in said)
    ordinals = [tag for tag in said if tag[0] == "#" and tag != "#1"]
    if last in _PARTS:
        return Meaning("person_name", 3, last)
    if last == "weak_name":
        return Meaning("person_name", 8, "weak")
    if last == "short_name":
        return Meaning("company_name", 9, "weak")
    if last in ("area_code", "extension"):
        return Meaning("landline", 0, last)
    if last == "email":
        return Meaning("email", 2 * (subject == "org") + ("home" in read.text))
    if last in ("address", "province", "city"):
        return Meaning(None) if ordinals and last == "address" else Meaning(last, rank)
    if last == "place":
        return Meaning("address" if read.text == "所在地" else "province", 4, "place")
    if last in _CODES:
        return Meaning(
            "credit_code",
            {"credit_code": 0, "tax_code": 2, "old_code": 5}[last],
            "" if last == "credit_code" else "weak",
        )
    if last == "id":
        return None if read.text in _TOO_SHORT else Meaning("source_record_id", _id_rank(subject, read))
    if last == "title":
        word = read.words[-1].text
        return Meaning(
            "title", 0 if word in ("职务", "职位", "岗位", "jobtitle", "position") else 1 if word == "title" else 2
        )
    if last in ("contacted", "first_touch"):
        return None
    return Meaning(last, int(last == "channel"))


def _id_rank(subject: str | None, read: Words) -> int:
    """客户编号 before 线索编号 before those of a part or of the row."""
    if subject in ("neutral", "consumer"):
        return 0 if read.text.startswith(("客户", "customer")) else 1
    return 4 if subject is None else 3
