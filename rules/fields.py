"""Which type cleans which field: width folding, placeholders, and what the type adds."""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

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


FIELD_TYPES: dict[str, FieldType] = {
    "source_record_id": FieldType("identifier"),
    "person_name": FieldType("identifier", clean_person_names),
    "title": FieldType("name"),
    "company_name": FieldType("identifier", clean_company_names),
    "credit_code": FieldType("identifier", clean_credit_codes),
    "phone": FieldType("identifier"),  # its type needs the row's area code: see clean_phones
    "landline": FieldType("identifier"),
    "email": FieldType("identifier", clean_emails),
    "address": FieldType("name", clean_addresses),
    "province": FieldType("name", clean_provinces),
    "city": FieldType("name", clean_cities),
    "owner": FieldType("name"),
    "channel": FieldType("name"),
    "created_at": FieldType("identifier", clean_dates),
    "updated_at": FieldType("identifier", clean_dates),
}


def clean_field(field: str, raw: pl.Series) -> Cleaned:
    """Distinct texts of one field through text rules and the field's type, keyed by the raw text."""
    kind = FIELD_TYPES[field]
    text = clean_text(raw, field, kind.width)
    return text if kind.clean is None else compose(text, kind.clean(text.values["value"]))
