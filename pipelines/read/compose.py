"""Columns of a sheet to cells of fields: names put together of their parts, numbers with their area code, second contacts."""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from ...custom_columns import EXTRA
from ...fields import MAPPED_FIELDS
from ...rules.columns.column import Column, second_contact, unread_persons

Cells = Mapping[str, pl.Expr]  # header → its cells as read

_PARTS = ("family", "middle", "given")
_CONTACT = ("person_name", "phone", "landline", "email", "title")
_LISTED = 12
_KEPT = ("", "further", "second")  # roles whose cells stay in `extra`


def field_cells(columns: Sequence[Column], cells: Cells) -> list[pl.Expr]:
    """A text column per mapped field, and `extra:<header>` columns."""
    told = {field: [c for c in columns if c.field == field] for field in MAPPED_FIELDS}
    by_field = {field: _cell(field, own, cells) for field, own in told.items()}
    by_field["email_others"] = _mails([cells[c.header] for c in (*told["email"], *told["email_others"])])
    by_field |= _stepped_up(by_field, columns, cells)
    extra = (cells[c.header].alias(EXTRA + c.header) for c in columns if c.role in _KEPT)
    return [*(expr.alias(field) for field, expr in by_field.items()), *extra]


def place_fields(columns: Sequence[Column]) -> dict[str, str | None]:
    """header → field of the columns at which findings about the field stand: one per field, none of those kept in `extra`."""
    leading: dict[str, str] = {}
    for column in columns:
        if column.field and column.role not in _KEPT:
            leading.setdefault(column.field, column.header)
    return {c.header: c.field if c.field and leading.get(c.field) == c.header else None for c in columns}


def composed_fields(columns: Sequence[Column]) -> set[str]:
    """Fields whose cells are put together of several columns: what cleaning makes of them is no repair of any of these."""
    fields = [c.field for c in columns if c.field and c.role not in _KEPT]
    mails = {"email"} & {c.field for c in columns if c.role == "further"}
    second = set(_CONTACT) if any(c.role == "second" for c in columns) else set()
    return {f for f in fields if fields.count(f) > 1} | mails | second


def _cell(field: str, columns: Sequence[Column], cells: Cells) -> pl.Expr:
    """The cell of one field, null where no column has it. A field of one column keeps its text as it is."""
    by_role = {c.role: cells[c.header] for c in reversed(columns)}
    further = [cells[c.header] for c in columns if c.role == "further"]
    nothing = pl.lit(None, pl.String)
    if field == "phone_others":
        return pl.concat_str([_filled(c) for c in further], separator="；", ignore_nulls=True) if further else nothing
    if field == "identifiers":
        told = [_told_kind(cells[c.header], c.kind.removeprefix("identifier:")) for c in columns]
        return pl.concat_str(told, separator=",", ignore_nulls=True) if told else nothing
    main = by_role.get("main", nothing)
    if field == "person_name" and any(part in by_role for part in _PARTS):
        return _name(by_role)
    if field == "email" and further:
        mails = [main, *further]
        return pl.coalesce(*(pl.when(m.str.contains("[@＠]")).then(m) for m in mails), *map(_filled, mails))
    if "area_code" in by_role or "extension" in by_role:
        return _number(main, by_role.get("area_code", nothing), by_role.get("extension", nothing))
    return main


def _mails(cells: Sequence[pl.Expr]) -> pl.Expr:
    """All that columns of mails say, where that is more than one address."""
    together = pl.concat_str(cells, separator="；", ignore_nulls=True) if cells else pl.lit(None, pl.String)
    return pl.when(together.str.count_matches("[@＠]") > 1).then(together)


def _filled(cell: pl.Expr) -> pl.Expr:
    return pl.when(cell.str.contains(r"[\p{L}\p{N}]")).then(cell)


def _told_kind(cell: pl.Expr, kind: str) -> pl.Expr:
    """`kind:text` of each identifier of a cell; of a column without a kind the cell as it is."""
    filled = _filled(cell)
    return pl.lit(f"{kind}:") + filled.str.replace_all(r"\s*[,，;；、/\n]\s*", f",{kind}:") if kind else filled


def _name(by_role: Mapping[str, pl.Expr]) -> pl.Expr:
    """A whole name where there is one, else its parts: 姓 + 名 in hanzi without a blank, given + family name in Latin letters.

    王 + 王澄 (a whole name among the given names) is 王澄.
    """
    nothing = pl.lit(None, pl.String)
    family, middle, given = (_filled(by_role.get(part, nothing)).str.strip_chars() for part in _PARTS)
    blank = pl.lit("")
    han = pl.concat_str(family.fill_null(blank), given.fill_null(blank)).str.contains(r"\p{Han}")
    # 王 + 王澄砚, 王澄砚 + 王澄砚; but 丁 + 丁 may be a name.
    doubled = given.str.starts_with(family) & (given.str.len_chars() > 2)
    together = pl.concat_str(family, middle, given, ignore_nulls=True)
    joined = pl.when(doubled.fill_null(False)).then(given).otherwise(together)
    spaced = pl.concat_str(given, middle, family, separator=" ", ignore_nulls=True)
    parts = pl.when(han).then(joined).otherwise(spaced)
    whole = [_filled(by_role[role]) for role in ("whole", "main") if role in by_role]
    weak = [_filled(by_role["weak"])] if "weak" in by_role else []
    name = pl.coalesce(*whole, pl.when(parts != "").then(parts), *weak)
    return pl.when(name != "").then(name)


def _number(number: pl.Expr, area: pl.Expr, extension: pl.Expr) -> pl.Expr:
    """A local number with the area code (574, 0574) and the extension of the columns beside it."""
    digits = area.str.replace_all(r"\D", "").str.strip_chars_start("0")
    code = pl.when(digits.str.contains(r"^(?:10|2\d|[3-9]\d{2})$")).then(pl.lit("0") + digits)
    local = number.str.contains(r"^\s*[2-8]\d{2,3}[- ]?\d{4}\s*$")
    whole = pl.when(local & code.is_not_null()).then(code + pl.lit("-") + number.str.strip_chars()).otherwise(number)
    short = pl.when(extension.str.contains(r"^\s*\d{1,6}\s*$")).then(extension.str.strip_chars())
    return pl.when(number.is_not_null() & short.is_not_null()).then(whole + pl.lit("-") + short).otherwise(whole)


def _stepped_up(by_field: Mapping[str, pl.Expr], columns: Sequence[Column], cells: Cells) -> dict[str, pl.Expr]:
    """Where a row has no first contact (no name, no number), its second one is the person of the row."""
    groups = _second_contacts(columns, cells)
    if not groups:
        return {}
    first = _any_filled([by_field[f] for f in ("person_name", "phone", "phone_others")])
    told = {}
    for field in _CONTACT:
        own = by_field[field]
        for group in reversed(groups):
            if field in group:
                there = _any_filled(list(group.values()))
                own = pl.when(there).then(pl.coalesce(_filled(group[field]), by_field[field])).otherwise(own)
        told[field] = pl.when(first).then(by_field[field]).otherwise(own)
    return told


def _second_contacts(columns: Sequence[Column], cells: Cells) -> list[dict[str, pl.Expr]]:
    groups: dict[tuple[str, int], dict[str, pl.Expr]] = {}
    for column in columns:
        if column.role == "second" and column.meaning.field:
            group = groups.setdefault((column.meaning.who, column.meaning.ordinal), {})
            group.setdefault(column.meaning.field, cells[column.header])
    return list(groups.values())


def _any_filled(texts: Sequence[pl.Expr]) -> pl.Expr:
    return pl.any_horizontal(_filled(text).is_not_null() for text in texts)


def header_notes(columns: Sequence[Column]) -> Iterator[tuple[str | None, str, str, str | None]]:
    """`field, rule, value, suggestion` of what is to be said about the columns; unknown ones are one sentence."""
    unread, second = unread_persons(columns), second_contact(columns)
    for header in unread:
        yield header, "header.person_unread", header, None
    for column in columns:
        if column.note is not None and column.header not in unread:
            rule, suggestion = column.note
            yield column.field or column.header, rule, column.header, suggestion
    if second:
        yield None, "header.second_contact", "、".join(second), None
    plain = [c.header for c in columns if c.field is None and c.note is None and c.header not in (*unread, *second)]
    if plain:
        yield None, "header.unmapped", listed(plain), str(len(plain))


def listed(headers: Sequence[str]) -> str:
    """The first headers as one text."""
    return "、".join(headers[:_LISTED]) + ("…" if len(headers) > _LISTED else "")
