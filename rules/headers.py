"""Columns to fields: headers and cells vote over the whole table (rules/header_meaning.py, rules/column_content.py)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from ..fields import BY_NAME
from ..i18n import Text
from .column_content import KINDS, NOTHING, Content
from .header_meaning import Meaning, end_of, meaning_of
from .header_words import normalize

_SURE, _LIKELY, _GUESS = 0.95, 0.8, 0.6
_ENOUGH = 3  # distinct cells below which the cells of a column say nothing about an unknown header
_MOST = 0.9  # share of cells that makes a column a column of phones, mails, codes
_NUMBERS = ("phone", "email", "credit_code", "id_card")  # kinds that a form of writing tells


@dataclass(frozen=True)
class Column:
    """How a column is read. field: None is carried in `extra` only.

    role: how it takes part in its field: `main`; `whole`, `family`, `given`, `middle` of a name that is put together; `area_code`,
    `extension` of a number; `further` beside the main one (kept in `extra` too); `second` of another contact (in `extra`, and read
    where the row has no first one); "" of none. note: what is to be said about it: a rule, and a suggestion.
    """

    header: str
    field: str | None
    role: str = ""
    confidence: float = 0.0
    reason: Text = Text("", "")
    note: tuple[str, str | None] | None = None
    meaning: Meaning | None = None


_WISH = Text("配置中指定", "named in the configuration")
_HEADER = Text("表头", "header")
_BOTH = Text("表头与内容一致", "header and cells agree")
_CELLS = Text("表头不认识，按内容判断", "unknown header, read by its cells")
_LEVEL = Text("表头可指个人或单位，按内容判断", "header may mean person or organisation, read by its cells")
_UNKNOWN = Text("表头不认识", "unknown header")
_APART = Text("不是客户本人的信息", "of somebody else than the customer")
_NO_FIELD = Text("没有对应的字段", "no field of ours")
_BESIDE = Text("已有更合适的列", "another column is better")
_SECOND = Text("第二联系人", "of a second contact")
_FURTHER = Text("补充列", "one more beside the main one")


def map_headers(headers: Sequence[str], wishes: Mapping[str, str] | None = None) -> dict[str, str | None]:
    """header → field by headers alone; None: the column is carried in `extra`."""
    return {c.header: c.field for c in read_columns(headers, wishes)}


def read_columns(
    headers: Sequence[str], wishes: Mapping[str, str] | None = None, contents: Mapping[str, Content] | None = None
) -> list[Column]:
    """Every column with its field, in order.

    `wishes` (header → field, from the configuration) win; "" keeps a column unmapped. contents: what the cells are; without them
    headers decide alone.
    """
    contents, pinned = contents or {}, {normalize(h): f for h, f in (wishes or {}).items()}
    columns = [_read(h, pinned.get(normalize(h)), contents.get(h, NOTHING)) for h in headers]
    columns = _without_own_shop(columns)
    columns = _by_cells(_levelled(columns, contents), contents)
    columns = _chosen(_numbered(_contacts(_names(columns))))
    return [_judged(column, contents.get(column.header, NOTHING)) for column in columns]


def _read(header: str, wish: str | None, content: Content) -> Column:
    """A column by itself: the configuration's word, else the header's; of a place, the cells say which."""
    meaning = meaning_of(header)
    if meaning is not None and meaning.kind in ("area_code", "extension") and wish in ("phone", "landline"):
        wish = None  # it goes with the number beside it
    if wish is not None:
        own = meaning if meaning is not None and meaning.field == wish else Meaning(wish or None)
        kind = "desk" if wish == "landline" else "mobile" if wish == "phone" else own.kind
        kind = "whole" if wish in ("person_name", "company_name") and own.kind not in ("family", "given", "middle") else kind
        further = wish == "phone_others"
        return Column(header, wish or None, "wish", 1.0, _WISH, None, replace(own, rank=-1, kind=kind, further=further))
    if meaning is None:
        return Column(header, None, "", 0.0, _UNKNOWN)
    if meaning.kind == "place":
        likely = max(("province", "city", "address"), key=content.share)
        if content.share(likely) >= 0.5:
            meaning = replace(meaning, field=likely, rank=4)
    reason = _HEADER if meaning.field else _APART if meaning.kind == "apart" else _NO_FIELD
    return Column(header, meaning.field, "", _SURE, reason, None, meaning)


def _without_own_shop(columns: list[Column]) -> list[Column]:
    """In a table of orders the shop is the seller's."""
    if not any(_NEAR_ORDER.search(normalize(c.header)) for c in columns):
        return columns
    return [
        replace(c, field=None, reason=_APART, meaning=Meaning(None, kind="apart"))
        if c.role != "wish" and c.field and _SHOP.search(normalize(c.header)) else c
        for c in columns
    ]  # fmt: skip


_NEAR_ORDER = re.compile(r"订单|宝贝|^order|lineitem")
_SHOP = re.compile(r"店铺|门店|网店|商家|^(?:shop|store)")


def _levelled(columns: list[Column], contents: Mapping[str, Content]) -> list[Column]:
    """名称, name, 客户: of persons or of organisations, as the cells are."""
    persons = any(c.field == "person_name" and _kind(c) not in ("level", "weak") for c in columns)
    firms = any(c.field == "company_name" and _kind(c) not in ("level", "weak") for c in columns)
    done = []
    for column in columns:
        content = contents.get(column.header, NOTHING)
        firm, person = content.share("organisation"), content.share("person")
        if column.role == "wish" or _kind(column) not in ("level", "weak") or column.field not in ("person_name", "company_name"):
            done.append(column)
        elif column.field == "person_name" and firm >= 0.3 and firm > person:
            done.append(_as(column, None if firms else "company_name"))
        elif column.field == "company_name" and _kind(column) == "level" and person >= 0.8 and firm <= 0.1 and not persons:
            done.append(_as(column, "person_name"))
        elif _kind(column) == "level" and content.distinct >= _ENOUGH and content.share("letters") < 0.2:
            done.append(_as(column, None))  # order numbers under Name
        else:
            done.append(column)
    return done


def _as(column: Column, field: str | None) -> Column:
    """The column as its cells say."""
    meaning = replace(column.meaning or Meaning(field), field=field)
    return replace(column, field=field, confidence=_LIKELY, reason=_LEVEL, meaning=meaning)


def _kind(column: Column) -> str:
    return column.meaning.kind if column.meaning else ""


def _by_cells(columns: list[Column], contents: Mapping[str, Content]) -> list[Column]:
    """Columns of unknown headers, by their cells where no other column claims the field; else said by name."""
    claimed = {c.field for c in columns}
    claimed |= {"phone"} & {"phone" if f in ("phone", "landline") else None for f in claimed}
    done = list(columns)
    for place, column in enumerate(columns):
        if column.meaning is not None or column.role == "wish":
            continue
        content = contents.get(column.header, NOTHING)
        field = _field_of_cells(column.header, content, claimed)
        kind = next((k for k in _NUMBERS if content.share(k) >= _MOST and content.distinct >= _ENOUGH), None)
        if field is not None and field not in claimed:
            claimed.add(field)
            done[place] = replace(column, field=field, confidence=_GUESS, reason=_CELLS, note=("header.by_content", field),
                                  meaning=Meaning(field, 9, "mobile" if field == "phone" else "whole"))  # fmt: skip
        elif kind is not None and kind != "id_card":
            done[place] = replace(column, note=("header.unread", kind))
    return done


def _field_of_cells(header: str, content: Content, claimed: Iterable[str | None]) -> str | None:
    """The field that the cells of an unknown header speak for; names only where the table has none, or the header ends like one."""
    if content.distinct < _ENOUGH:
        return None
    if content.share("mobile") >= _MOST:
        return "phone"
    for field in ("email", "credit_code"):
        if content.share(field) >= _MOST:
            return field
    end, bare = end_of(header), not {"company_name", "person_name"} & set(claimed)
    for field, kind in (("company_name", "organisation"), ("person_name", "person")):
        named = end is not None and end.field == field
        if (bare and content.share(kind) >= (0.5 if named else 0.8)) or (named and content.share(kind) >= 0.7):
            return field
    return None


def _names(columns: list[Column]) -> list[Column]:
    """The columns that the person's name is put together of: parts, with whole names beside them."""
    parts = {_kind(c) for c in columns if c.field == "person_name"} & {"family", "given"}
    done = []
    for column in columns:
        bare = normalize(column.header) in ("名", "名字", "first")
        if column.field == "person_name" and bare and "family" in parts and _kind(column) != "given":
            column = replace(column, meaning=replace(column.meaning or Meaning(None), kind="given"))
        done.append(column)
    return done


def _group(column: Column) -> tuple[str, int]:
    """Whose a column is: the person and, of several contacts, which."""
    meaning = column.meaning or Meaning(None)
    return meaning.who, meaning.ordinal


_PERSONAL = ("person_name", "phone", "landline", "email", "title")
_OF_PERSON = (*_PERSONAL, "address", "province", "city")


def _contacts(columns: list[Column]) -> list[Column]:
    """The columns of the second contact of a row get the role `second`: names in two columns are two persons.

    The first is the person of whom the table says most; what names nobody is the first one's, and so is the second number of one
    who is named once.
    """
    named = [c for c in columns if c.field == "person_name" and _kind(c) in ("whole", "level")]
    groups = dict.fromkeys(_group(c) for c in named)
    if len(groups) < 2 and not any(who for who, _ in groups):
        return columns
    told = {g: sum(_group(c) == g for c in columns if c.field in _OF_PERSON) for g in groups}
    best = {g: min((c.meaning.rank, i) for i, c in enumerate(named) if c.meaning and _group(c) == g) for g in groups}
    first = min(groups, key=lambda g: (g[1], -told[g], best[g]))
    numbered = any(c.field in ("phone", "landline") and _group(c) in (first, ("", 1)) for c in columns)
    done = []
    for column in columns:
        group, of_name = _group(column), column.field == "person_name" and _kind(column) not in ("family", "given", "middle", "weak")
        other = group != first and (group in groups or (group[0] not in ("", first[0]) and group[0] != "receiver"))
        ours = group[0] == "" and group[1] == 1 and not of_name and ("", 1) in groups and told[("", 1)] == 1
        if column.field in _PERSONAL and column.role != "wish" and other and not ours and (group in groups or numbered):
            column = replace(column, field=None, role="second", reason=_SECOND)
        done.append(column)
    return done


def _numbered(columns: list[Column]) -> list[Column]:
    """One phone, one landline; every other number is one more. Of 手机 and 电话 the second is the landline."""
    numbers = [(i, c) for i, c in enumerate(columns) if c.field in ("phone", "landline", "phone_others") and _kind(c) not in ("area_code", "extension")]
    order = {"mobile": 0, "phone": 1, "desk": 2, "": 1}

    def place(found: tuple[int, Column]) -> tuple[bool, int, int, int, int]:
        i, column = found
        m = column.meaning or Meaning(None)
        return m.further and m.rank >= 0, min(m.rank, 0), order.get(m.kind, 1), m.ordinal, m.rank * 100 + i

    ranked = sorted(numbers, key=place)
    phone = next((f for f in ranked if f[1].field == "phone"), None)
    desk = next((f for f in ranked if f[1].field == "landline"), None)
    mobile = phone is not None and _kind(phone[1]) == "mobile"
    if desk is None and mobile:
        desk = next((f for f in ranked if f is not phone and _kind(f[1]) == "phone" and not (f[1].meaning or Meaning(None)).further), None)
    done = list(columns)
    for i, column in numbers:
        if phone and i == phone[0]:
            done[i] = replace(column, field="phone", role="main")
        elif desk and i == desk[0]:
            done[i] = replace(column, field="landline", role="main")
        else:
            done[i] = replace(column, field="phone_others", role="further", reason=_FURTHER)
    return _with_codes(done)


def _with_codes(columns: list[Column]) -> list[Column]:
    """Area code and extension go with the number that stands nearest."""
    mains = {i: c.field for i, c in enumerate(columns) if c.role == "main" and c.field in ("phone", "landline")}
    done = list(columns)
    for i, column in enumerate(columns):
        if _kind(column) in ("area_code", "extension") and column.role != "wish":
            near = min(mains, key=lambda place: (mains[place] != "landline", abs(place - i)), default=None)
            done[i] = replace(column, field=None if near is None else mains[near], role=_kind(column) if near is not None else "")
    return done


def _chosen(columns: list[Column]) -> list[Column]:
    """Each other field by its best column; names keep their parts, mails and numbers their further ones."""
    best: dict[str, int] = {}
    for place, column in sorted(enumerate(columns), key=lambda c: ((c[1].meaning or Meaning(None)).rank, c[0])):
        if column.field and column.role in ("", "wish") and not (column.field == "person_name" and _is_part(column)):
            best.setdefault(column.field, place)
    parts = any(c.field == "person_name" and _is_part(c) for c in columns)
    done = []
    for place, column in enumerate(columns):
        field = column.field
        if field is None or column.role not in ("", "wish"):
            done.append(column)
        elif field == "person_name" and _is_part(column):
            done.append(replace(column, role=_kind(column)))
        elif best[field] == place:
            whole = field == "person_name" and parts
            done.append(replace(column, role=("weak" if _kind(column) == "weak" else "whole") if whole else "main"))
        elif field == "email":
            done.append(replace(column, role="further", reason=_FURTHER))
        else:
            told = BY_NAME[field].identifies and _kind(column) not in ("weak", "level")
            done.append(replace(column, field=None, role="", reason=_BESIDE, note=("header.second", field) if told else None))
    return done


def _is_part(column: Column) -> bool:
    return _kind(column) in ("family", "given", "middle")


def _judged(column: Column, content: Content) -> Column:
    """How sure the reading is, and whether the cells contradict the header."""
    kind = KINDS.get(column.field or "")
    if column.role == "wish":
        column = replace(column, role="main")
    if kind is None or content.distinct < _ENOUGH or column.role in ("area_code", "extension", "family", "given", "middle"):
        return column
    other = next((k for k in _NUMBERS if k != kind and content.share(k) >= 0.8), None)
    if other is not None and content.share(kind) < 0.1 and not (other == "id_card" and kind == "credit_code"):
        return replace(column, confidence=0.3, note=("header.contradicted", other))
    if column.reason == _HEADER and content.share(kind) >= 0.5:
        return replace(column, confidence=0.99, reason=_BOTH)
    return column


def second_contact(columns: Iterable[Column]) -> tuple[str, ...]:
    """The headers of a second contact whose numbers or mails are carried in `extra`; none where only a name is."""
    second = [c for c in columns if c.role == "second"]
    return tuple(c.header for c in second) if any(c.meaning and c.meaning.field != "person_name" for c in second) else ()


def unread_persons(columns: Iterable[Column]) -> tuple[str, ...]:
    """Headers that name the customer's person where no column is read as one: rows of such a table are not mere companies."""
    columns = list(columns)
    if any(c.field == "person_name" for c in columns):
        return ()
    said = ((c.header, meaning_of(c.header) or end_of(c.header)) for c in columns if c.field is None)
    return tuple(h for h, m in said if m is not None and m.field == "person_name" and m.kind != "weak")


@cache
def _note_words() -> tuple[str, ...]:
    lines = (files(__package__) / "data" / "note_headers.txt").read_text("utf-8").splitlines()
    return tuple(normalize(line) for line in lines if line and not line.startswith("#"))


def is_note(header: str) -> bool:
    """Whether people write notes under this header (rules/data/note_headers.txt)."""
    return re.sub(r"\d+$", "", normalize(header)).endswith(_note_words())
