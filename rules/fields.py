"""Which type cleans which field: width folding, placeholders, and what the type adds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl

from . import company_name, credit_code, email, name_keys
from .address import clean_addresses, clean_cities, clean_provinces
from .company_name import clean_company_names
from .credit_code import clean_credit_codes
from .dates import clean_dates
from .email import clean_emails
from .person_name import clean_person_names
from .text import Width, clean_text
from .trail import Cleaned, compose


@dataclass(frozen=True)
class FieldType:
    """How a field is cleaned: text rules with this width, then the type's own function where it has one."""

    width: Width
    clean: Callable[[pl.Series], Cleaned] | None = None
    parts: Mapping[str, pl.DataType] = field(default_factory=dict)  # the columns beside `value`


def _texts(*names: str) -> dict[str, pl.DataType]:
    return dict.fromkeys(names, pl.String())


_DATE = FieldType("identifier", clean_dates, {"at": pl.Datetime("us")})
FIELD_TYPES: dict[str, FieldType] = {
    "source_record_id": FieldType("identifier"),
    "person_name": FieldType("identifier", clean_person_names, _texts("title", *name_keys.PARTS)),
    "title": FieldType("name"),
    "company_name": FieldType("identifier", clean_company_names, _texts(*company_name.PARTS)),
    "credit_code": FieldType("identifier", clean_credit_codes, _texts(*credit_code.COLUMNS)),
    "phone": FieldType("identifier"),  # its type needs the row's area code: see clean_phones
    "landline": FieldType("identifier"),
    "email": FieldType("identifier", clean_emails, _texts(*email.COLUMNS) | {"public": pl.Boolean()}),
    "address": FieldType("name", clean_addresses, _texts("province", "city", "area_code", "rest")),
    "province": FieldType("name", clean_provinces),
    "city": FieldType("name", clean_cities, _texts("province", "area_code")),
    "owner": FieldType("name"),
    "channel": FieldType("name"),
    "created_at": _DATE,
    "updated_at": _DATE,
}


def clean_field(name: str, raw: pl.Series) -> Cleaned:
    """Distinct texts of one field through text rules and the field's type, keyed by the raw text."""
    kind = FIELD_TYPES[name]
    text = clean_text(raw, name, kind.width)
    return text if kind.clean is None else compose(text, kind.clean(text.values["value"]))
