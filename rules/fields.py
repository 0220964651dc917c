"""Which type cleans which field: width folding, placeholders, and what the type adds."""

from collections.abc import Callable

import polars as pl

from .address import clean_addresses, clean_cities, clean_provinces
from .company_name import clean_company_names
from .credit_code import clean_credit_codes
from .dates import clean_dates
from .email import clean_emails
from .person_name import clean_person_names
from .text import clean_text
from .trail import Cleaned, compose
from .widths import WIDTHS

# What a type adds to the text rules; a phone's needs the row's area code, see clean_phones.
TYPES: dict[str, Callable[[pl.Series], Cleaned]] = {
    "person_name": clean_person_names,
    "company_name": clean_company_names,
    "credit_code": clean_credit_codes,
    "email": clean_emails,
    "address": clean_addresses,
    "province": clean_provinces,
    "city": clean_cities,
    "created_at": clean_dates,
    "updated_at": clean_dates,
}


def clean_field(field: str, raw: pl.Series) -> Cleaned:
    """Distinct texts of one field through text rules and the field's type, keyed by the raw text."""
    text = clean_text(raw, field, WIDTHS[field])
    return compose(text, TYPES[field](text.values["value"])) if field in TYPES else text
