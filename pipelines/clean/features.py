"""From clean records and the parts their rules found to the features by which `dedup` compares."""

from typing import NamedTuple

import polars as pl

from ...fields import PLUGGED
from ...rules.base.regions import cities
from ...rules.base.surnames import surnames
from ...rules.company_name.words import kinds
from ...rules.person_name.name_keys import name_in_mail
from ...schemas import FEATURE
from .rows import Clean

# feature → where it comes from: a column of `record`, or `<field>.<part>` of the parts
_SOURCES = {
    "name_kind": "person_name.kind", "name": "person_name.name_key", "surname": "person_name.surname",
    "pinyin": "person_name.pinyin", "pinyin_turned": "person_name.pinyin_turned", "latin": "person_name.sound_key",
    "phone": "phone", "phone_partial": "phone_partial", "email": "email", "email_partial": "email.partial",
    "landline": "landline", "landline_extension": "landline_extension", "code": "credit_code",
    "org_code": "credit_code.org_code", "code_partial": "credit_code.partial",
    "company_key": "company_name.company_key", "brand": "company_name.brand", "brand_pinyin": "company_name.brand_pinyin",
    "industry": "company_name.industry", "core": "company_name.core", "core_pinyin": "company_name.core_pinyin",
    "form": "company_name.form", "company_region": "company_name.company_region",
    "company_bracket": "company_name.company_bracket", "branch": "company_name.branch",
    "branch_city": "company_name.branch_city", "company_district": "company_name.district",
    "company_kind": "company_name.kind", "company_ordinal": "company_name.ordinal", "company_variants": "company_name.variants",
    "company_tail": "company_name.tail", "company_sign": "company_name.sign", "company_city": "company_name.of_city",
    "name_mask": "person_name.mask", "readings": "person_name.readings", "family": "person_name.family",
    "nickname": "person_name.nickname", "shape": "person_name.shape", "unread": "unread",
    "province": "province", "city": "city", "street": "address.rest", "phone_others": "phone_others",
    "identifiers": "identifiers", "email_others": "email_others", **{field.name: field.name for field in PLUGGED},
}  # fmt: skip


def features_of(clean: Clean) -> pl.DataFrame:
    """The table `feature`, one row per record, in the order of `record`."""
    wide = pl.concat([clean.record, clean.parts.drop("record_key")], how="horizontal")
    damaged = pl.col("email.partial").str.extract(r"@([^@]{6,})$")
    wide = wide.with_columns(
        # What a mask leaves of an address (li****@163.com) is everybody's.
        pl.when(~pl.col("email.partial").str.contains("*", literal=True)).then("email.partial").alias("email.partial"),
        # Only a personal number speaks for a person; a landline in the phone cell is a landline.
        phone=pl.when(pl.col("phone_kind") != "landline").then("phone"),
        # A place that no table knows differs from every city, which says nothing.
        city=pl.when(pl.col("city").is_in(cities()["city"].implode())).then("city"),
        # A damaged domain is still the company's own (every mail of theirs carries the same damage), a provider's is not.
        **{
            "email.domain": pl.when(~pl.col("email.public").fill_null(False)).then(pl.coalesce("email.domain", damaged))
        },
    )
    chosen = wide.select(
        "record_key", domain="email.domain", **_SOURCES,
        **{axis: _degrees(wide, axis, most) for axis, most in (("longitude", 180), ("latitude", 90))},
        company_place=pl.coalesce("company_name.of_city", "company_name.of_province"),
        company_province=pl.coalesce("company_name.of_province", "province"),
    )  # fmt: skip
    chosen = chosen.with_columns(pl.when(pl.col("name_kind") != "other").then("name_kind").alias("name_kind"))
    chosen = chosen.with_columns(is_public=pl.col("company_kind").is_in(sorted(kinds()[1])).fill_null(False))
    local = pl.coalesce("email", "email_partial").str.extract(r"^([^@]+)@")
    chosen = chosen.with_columns(mail_name=name_in_mail(chosen.select(local=local)["local"]))
    percent = surnames().select("surname", surname_percent="percent")
    joined = chosen.join(percent, on="surname", how="left", maintain_order="left")
    return FEATURE.conform(joined)


class Named(NamedTuple):
    """persons: whether any record names one, or is of a table whose persons could not be read; companies: whether any names one."""

    persons: bool
    companies: bool

    def has_people(self) -> bool:
        """Whether persons are merged, and companies only linked: so are rows that name neither, but a phone or an OpenID."""
        return self.persons or not self.companies


def who_is_named(features: pl.DataFrame, record: pl.DataFrame) -> Named:
    """Of table `feature` and `record`."""
    persons = record["person_name"].null_count() < record.height or bool(features["unread"].any())
    companies = features.select(pl.any_horizontal(pl.col("company_key", "code", "code_partial").is_not_null().any()))
    return Named(persons, bool(companies.item()))


def has_people(features: pl.DataFrame, record: pl.DataFrame) -> bool:
    """See `Named`."""
    return who_is_named(features, record).has_people()


def _degrees(rows: pl.DataFrame, axis: str, most: int) -> pl.Expr:
    """A coordinate as a number; null where a table has none, or none that can be."""
    if axis not in rows.columns:
        return pl.lit(None, pl.Float64)
    number = pl.col(axis).cast(pl.Float64, strict=False)
    return pl.when((number.abs() <= most) & (number != 0)).then(number)
