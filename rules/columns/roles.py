"""Which column of several becomes a field: one person of several contacts, one phone of several numbers, the best name of two."""

from collections.abc import Sequence
from dataclasses import replace

from ...fields import BY_NAME
from .column import BESIDE, FURTHER, SECOND, Column
from .header_words import normalize

_PERSONAL = ("person_name", "phone", "landline", "email", "title", "identifiers")
_OF_PERSON = (*_PERSONAL, "address", "province", "city")
_NUMBERS = ("phone", "landline", "phone_others")
_BESIDE_NUMBERS = ("area_code", "extension")


def with_given_names(columns: Sequence[Column]) -> list[Column]:
    """名 beside 姓 is the given name; alone it is the whole one."""
    if not any(c.is_name_part and c.kind == "family" for c in columns):
        return list(columns)
    return [
        replace(c, meaning=replace(c.meaning, kind="given"))
        if c.field == "person_name" and normalize(c.header) in ("名", "名字") else c
        for c in columns
    ]  # fmt: skip


def with_contacts(columns: Sequence[Column]) -> list[Column]:
    """The columns of the second contact of a row get the role `second`: names in two columns are two persons.

    The first contact is the person of whom the table says most; what names nobody is the first one's, and so is the second number of
    one who is named once.
    """
    named = [c for c in columns if c.field == "person_name" and c.kind in ("whole", "level")]
    groups = dict.fromkeys(_group(c) for c in named)
    if len(groups) < 2 and not any(who for who, _ in groups):
        return list(columns)
    told = {g: sum(_group(c) == g for c in columns if c.field in _OF_PERSON) for g in groups}
    best = {g: min((c.meaning.rank, i) for i, c in enumerate(named) if _group(c) == g) for g in groups}
    first = min(groups, key=lambda g: (g[1], -told[g], best[g]))
    others = set(groups) - {first}
    # 姓名 beside 收货人 and all that is the latter's: what else names nobody is the first one's.
    shared = told.get(("", 1)) == 1
    numbered = any(c.field in ("phone", "landline") and _group(c) in (first, ("", 1)) for c in columns)
    return [_second(c) if _is_second(c, first, others, shared, numbered) else c for c in columns]


def _group(column: Column) -> tuple[str, int]:
    """Whose a column is: the person and, of several contacts, which."""
    return column.meaning.who, column.meaning.ordinal


def _is_second(
    column: Column, first: tuple[str, int], others: set[tuple[str, int]], shared: bool, numbered: bool
) -> bool:
    """Whether a column is of another person than the first contact; of a role without a name only its numbers beside the first's."""
    group = _group(column)
    if column.field not in _PERSONAL or column.wished or column.is_name_part or column.kind == "weak" or group == first:
        return False
    if group in others:
        return not (group == ("", 1) and shared and column.field != "person_name")
    return numbered and group[0] not in ("", first[0], "receiver")


def _second(column: Column) -> Column:
    return replace(column, field=None, role="second", reason=SECOND)


def with_numbers(columns: Sequence[Column]) -> list[Column]:
    """One phone, one landline; every other number is one more. Beside a mobile a mere 电话 is the landline."""
    places = [i for i, c in enumerate(columns) if c.field in _NUMBERS and c.kind not in _BESIDE_NUMBERS]
    ranked = sorted(places, key=lambda i: (_number_rank(columns[i]), i))
    phone = next((i for i in ranked if columns[i].field == "phone"), None)
    desk = next((i for i in ranked if columns[i].field == "landline"), None)
    if desk is None and phone is not None and columns[phone].kind == "mobile":
        desk = next(
            (i for i in ranked if i != phone and columns[i].kind == "phone" and not columns[i].meaning.further), None
        )
    done = list(columns)
    for i in places:
        if i in (phone, desk):
            done[i] = replace(columns[i], field="phone" if i == phone else "landline", role="main")
        else:
            done[i] = replace(columns[i], field="phone_others", role="further", reason=FURTHER)
    return _with_codes(done)


def _number_rank(column: Column) -> tuple[bool, bool, int, int, int]:
    """What is wished first, a further one last; a mobile before a phone, 手机1 before 手机2."""
    m = column.meaning
    return m.further, not column.wished, {"mobile": 0, "desk": 2}.get(m.kind, 1), m.ordinal, m.rank


def _with_codes(columns: Sequence[Column]) -> list[Column]:
    """Area code and extension go with the landline, else with the phone."""
    held = {c.field for c in columns if c.role == "main"}
    field = next((f for f in ("landline", "phone") if f in held), None)
    return [
        replace(c, field=field, role=c.kind if field else "") if c.kind in _BESIDE_NUMBERS and not c.wished else c
        for c in columns
    ]  # fmt: skip


def chosen(columns: Sequence[Column]) -> list[Column]:
    """Each other field by its best column; names keep their parts, mails their further ones; every identifier is one."""
    best: dict[str, Column] = {}
    for column in sorted(columns, key=lambda c: c.meaning.rank):
        if column.field and not column.role and not column.is_name_part:
            best.setdefault(column.field, column)
    parts = any(c.is_name_part for c in columns)
    return [_choose(c, best, parts) if c.field and not c.role else c for c in columns]


def _choose(column: Column, best: dict[str, Column], parts: bool) -> Column:
    field = column.field or ""
    if column.is_name_part:
        return replace(column, role=column.kind)
    if field == "identifiers":
        return replace(column, role="further")
    if best[field] is column:
        beside = field == "person_name" and parts  # a whole name beside its parts
        return replace(column, role="main" if not beside else "weak" if column.kind == "weak" else "whole")
    if field == "email":
        return replace(column, role="further", reason=FURTHER)
    told = BY_NAME[field].identifies and column.kind not in ("weak", "level")
    return replace(column, field=None, reason=BESIDE, note=("header.second", field) if told else None)
