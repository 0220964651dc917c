"""What the cells of columns say where headers do not decide, and where they contradict them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from .column import BY_BOTH, BY_CELLS, BY_HEADER, BY_LEVEL, GUESS, LIKELY, Column
from .content import KINDS, NOTHING, Content
from .header_meaning import Meaning, end_of

ENOUGH = 3  # distinct cells below which a column says nothing about an unknown header
_WORDS = 3  # distinct cells up to which 公司/个人 is a word of a list
_MOST = 0.9  # share of cells that makes a column a column of phones, mails, codes
_SHAPED = ("dialled", "email", "credit_code")  # kinds that a form of writing tells
_FIELD = {"dialled": "phone", "organisation": "company_name"}  # what a kind is called before people
_LEVELS = ("person_name", "company_name")

Contents = Mapping[str, Content]


def levelled(columns: Sequence[Column], contents: Contents) -> list[Column]:
    """名称, name, 客户: of persons or of organisations, as the cells are."""
    columns = [_settled(c, contents.get(c.header, NOTHING)) for c in columns]
    sure = {c.field for c in columns if c.kind not in ("level", "weak")}
    return [_level(c, contents.get(c.header, NOTHING), sure) if _may_turn(c) else c for c in columns]


def _settled(column: Column, content: Content) -> Column:
    """A column without a field where its cells are labels; of what may be either, a name whose level the cells decide."""
    if _is_label(column, content):
        return _turned(column, None)
    return replace(column, meaning=replace(column.meaning, kind="level")) if column.kind == "choice" else column


def _is_label(column: Column, content: Content) -> bool:
    """区域 of 华东 and 海外, 公司/个人 of these two words, 登记号 of a clinic's licence: no place, no name and no code of a firm."""
    if column.wished:
        return False
    if column.kind == "choice":
        return content.distinct <= _WORDS
    if column.kind == "weak" and column.field == "credit_code":
        return content.distinct >= ENOUGH and content.share("numbered") < 0.5
    return column.kind == "place" and content.share("territory") >= 0.5


def _may_turn(column: Column) -> bool:
    of_role = column.kind == "whole" and column.meaning.who != ""
    return not column.wished and column.field in _LEVELS and (column.kind in ("level", "weak") or of_role)


def _level(column: Column, content: Content, sure: set[str | None]) -> Column:
    firm, person = content.share("organisation"), content.share("person")
    if column.kind == "whole":  # 采购人, 收货人: nearly always a person, in a tender or of wholesale the firm
        firms = firm >= 0.8 and person <= 0.1
        return _turned(column, None if "company_name" in sure else "company_name") if firms else column
    if column.field == "company_name" and "company_name" in sure and content.distinct >= ENOUGH and firm <= 0.1:
        return _turned(column, "person_name" if person >= 0.5 and "person_name" not in sure else None)
    if column.field == "person_name" and firm >= 0.3 and firm > person:
        return _turned(column, None if "company_name" in sure else "company_name")
    if column.kind == "weak":
        return column
    if column.field == "company_name" and person >= 0.8 and firm <= 0.1 and "person_name" not in sure:
        return _turned(column, "person_name")
    if content.distinct >= ENOUGH and content.share("letters") < 0.2:
        return _turned(column, None)  # order numbers under Name
    return column


def _turned(column: Column, field: str | None) -> Column:
    meaning = replace(column.meaning, field=field)
    return replace(column, field=field, confidence=LIKELY, reason=BY_LEVEL, meaning=meaning)


def by_cells(columns: Sequence[Column], contents: Contents) -> list[Column]:
    """Columns of unknown headers: read by their cells where no other column claims the field, else said by name."""
    claimed = {c.field for c in columns}
    claimed |= {"phone", "landline"} if claimed & {"phone", "landline"} else set()
    done = []
    for column in columns:
        content = contents.get(column.header, NOTHING)
        meaning = _meaning_of_cells(column.header, content, claimed) if column.is_unknown else None
        if meaning is not None and meaning.field not in claimed:
            claimed.add(meaning.field)
            note = ("header.by_content", meaning.field)
            column = replace(column, field=meaning.field, confidence=GUESS, reason=BY_CELLS, note=note, meaning=meaning)
        elif column.is_unknown and (kind := _shape(content)) is not None:
            column = replace(column, note=("header.unread", _FIELD.get(kind, kind)))
        done.append(column)
    return done


def _shape(content: Content) -> str | None:
    """The kind of nearly all cells, of those that a form of writing tells."""
    return next((k for k in _SHAPED if content.distinct >= ENOUGH and content.share(k) >= _MOST), None)


def _meaning_of_cells(header: str, content: Content, claimed: Iterable[str | None]) -> Meaning | None:
    """What cells say under an unknown header: what its known end says, if they agree; numbers and mails by their form; a name only
    where the table has none."""
    end = end_of(header)
    if end is not None and content.share(KINDS.get(end.field or "", "")) >= 0.7:
        return replace(end, rank=9)
    if content.distinct < ENOUGH:
        return None
    for kind, field in (("mobile", "phone"), ("email", "email"), ("credit_code", "credit_code")):
        if content.share(kind) >= _MOST:
            return Meaning(field, 9, "mobile" if field == "phone" else "")
    if not set(_LEVELS) & set(claimed):
        for kind, field in (("organisation", "company_name"), ("person", "person_name")):
            if content.share(kind) >= 0.8 or (end is not None and end.field == field and content.share(kind) >= 0.5):
                return Meaning(field, 9, "whole")
    return None


def judged(column: Column, content: Content) -> Column:
    """The column with how sure its reading is; where its cells are something else, with a note."""
    kind = KINDS.get(column.field or "")
    if kind is None or content.distinct < ENOUGH or column.is_name_part or column.role in ("area_code", "extension"):
        return column
    if content.share(kind) < 0.1:
        others = (*_SHAPED, "organisation") if kind == "person" else _SHAPED
        other = next((k for k in others if k != kind and content.share(k) >= 0.8), None)
        if other is not None:
            return replace(column, confidence=0.3, note=("header.contradicted", _FIELD.get(other, other)))
    if column.reason is BY_HEADER and content.share(kind) >= 0.5:
        return replace(column, confidence=0.99, reason=BY_BOTH)
    return column
