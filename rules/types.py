"""Which type cleans which field: width folding, placeholders, and what the type adds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl

from ..fields import BY_NAME, FIELDS, TEXT, TIME, Field
from ..i18n import Text
from ..plugins import load_named
from .address.clean import clean_addresses, clean_cities, clean_provinces
from .base.text import clean_text
from .base.trail import Cleaned, compose
from .codes.credit_code import COLUMNS as CODE_COLUMNS
from .codes.credit_code import clean_credit_codes
from .company_name.clean import PARTS as COMPANY_PARTS
from .company_name.clean import clean_company_names
from .dates.clean import clean_dates
from .email.clean import COLUMNS as MAIL_COLUMNS
from .email.clean import clean_emails
from .person_name import name_keys
from .person_name.clean import clean_person_names


@dataclass(frozen=True)
class FieldType:
    """How cells of a kind are cleaned after the text rules, where they are."""

    clean: Callable[[pl.Series], Cleaned] | None = None
    parts: Mapping[str, pl.DataType] = field(default_factory=dict)  # the columns beside `value`


def _texts(*names: str) -> dict[str, pl.DataType]:
    return dict.fromkeys(names, pl.String())


# By the kind of a field (fields.py). Phones need the row's area code beside the cell: see clean_phones.
KINDS: dict[str, FieldType] = {
    "plain": FieldType(),
    "person_name": FieldType(clean_person_names, _texts("title", "number", *name_keys.PARTS)),
    "company_name": FieldType(clean_company_names, _texts(*COMPANY_PARTS)),
    "credit_code": FieldType(clean_credit_codes, _texts(*CODE_COLUMNS)),
    "phone": FieldType(),
    "numbers": FieldType(),
    "identifiers": FieldType(),
    "mails": FieldType(),
    "email": FieldType(clean_emails, _texts(*MAIL_COLUMNS) | {"public": pl.Boolean()}),
    "address": FieldType(clean_addresses, _texts("province", "city", "area_code", "rest")),
    "province": FieldType(clean_provinces),
    "city": FieldType(clean_cities, _texts("province", "area_code")),
    "date": FieldType(clean_dates, {"at": pl.Datetime("us")}),
}
# Fields that many columns bring to. Their cells stand in `extra` too, where what the text rules say of them is told.
GATHERED = ("phone_others", "email_others", "identifiers")


def _why_not(_: str, field: Field) -> Text | None:
    if field.kind not in (None, *KINDS):
        return Text(f"没有类型 {field.kind}", f"no kind {field.kind}")
    timely = (field.kind == "date") == (field.dtype == TIME) and field.dtype in (TEXT, TIME)
    return (
        None if timely else Text("date 类型的列是时间，其余是文本", "a column of kind date is a time, any other a text")
    )


KINDS |= {name: FieldType(clean) for name, clean in load_named("kinds", Callable, taken=KINDS).items()}
load_named("fields", Field, _why_not)
FIELD_TYPES = {field.name: KINDS[field.kind] for field in FIELDS if field.kind}


def clean_field(name: str, raw: pl.Series, day_first: bool | None = None) -> Cleaned:
    """Distinct texts of one field through text rules and the field's type, keyed by the raw text; day_first: of dates."""
    kind = FIELD_TYPES[name]
    text = clean_text(raw, name, BY_NAME[name].width)
    if day_first is not None and kind is KINDS["date"]:
        return compose(text, clean_dates(text.values["value"], day_first=day_first))
    return text if kind.clean is None else compose(text, kind.clean(text.values["value"]))
