"""How its cells are cleaned: 苏a·12345 → 苏A12345. Rules work on distinct texts, and what each changes is told."""

import polars as pl
from guiyi.rules.base.trail import Cleaned, Trail

VALUE = pl.col("value")


def clean_plates(raw: pl.Series) -> Cleaned:
    plain = VALUE.str.to_uppercase().str.replace_all(r"[\s·.-]", "")
    valid = VALUE.str.contains(r"^\p{Han}[A-Z][A-Z0-9]{5,6}$")
    return Trail(raw).change("plate.form", plain).find("plate.invalid", ~valid).cleaned()


KINDS = {"plate": clean_plates}
