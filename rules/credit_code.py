"""Unified social credit codes (GB 32100-2015) and the codes they replaced.

Columns out, one row per distinct raw: `value` (18 characters whose check character holds, else null), `org_code`
(GB 11714 organisation code: characters 9-17, or the cell's own), `region` and `registrar` decoded from the head,
`kind` (`uscc`, `org_code`, `registration_15`, `tax_15`), `partial` (cleaned text of a code that is incomplete or
fails its check), `repair` (the one single-character repair that both check characters allow, never applied).
A failed check is no proof of a wrong code: some real codes fail, so the text is kept in `partial`.
"""

from functools import cache
from importlib.resources import files

import polars as pl

from .code_digits import ALPHABET, credit_holds, flags, organisation_holds, registration_holds
from .code_repair import propose_repairs
from .regions import regions
from .trail import Cleaned, Trail

COLUMNS = ("org_code", "region", "registrar", "kind", "partial", "repair")

_FORM = rf"^[{ALPHABET}]{{2}}\d{{6}}[{ALPHABET}]{{10}}$"
_POWER = r"^\d(?:\.\d+)?E\+?\d{1,2}$"
_SEPARATORS = r"[\s\p{Pd}\x{2212}_.·'\"‘’“”`]"
_RUNS = (
    r"(?:^|[^0-9A-Z])([0-9A-Z]{18})(?:[^0-9A-Z]|$)",
    r"(?:^|[^0-9A-Z])(\d{15}|\d{6}[0-9A-Z]{9})(?:[^0-9A-Z]|$)",
    r"(?:^|[^0-9A-Z])([0-9A-Z]{9})(?:[^0-9A-Z]|$)",
    r"([0-9A-Z]*\d[0-9A-Z]*\d[0-9A-Z]*\d[0-9A-Z]*\d[0-9A-Z]*)",
)
# Letters that look like Latin ones and reach a cell from other keyboards, and the ideographic zero.
_LOOKALIKES = dict(zip("АВСЕНКМРТХОΑΒΕΗΙΚΜΝΟΡΤΥΧΖ〇○", "ABCEHKMPTXOABEHIKMNOPTYXZ00", strict=True))
# The standard never uses these, and each has one reading; V has none.
_MISREAD = {"I": "1", "O": "0", "Z": "2", "S": "5"}


def clean_credit_codes(raw: pl.Series) -> Cleaned:
    """Clean a column of credit codes; see the module for the columns."""
    trail = Trail(raw)
    trail.change("credit_code.format", _formatted(pl.col("value")))
    folded = pl.col("raw").str.normalize("NFKC").str.to_uppercase().str.strip_chars()
    power = folded.str.contains(_POWER)
    trail.find("credit_code.unrecoverable", power)
    trail.change("credit_code.unrecoverable", pl.when(~power).then("value"))
    trail.change("credit_code.placeholder", pl.when(~_is_filler(pl.col("value"))).then("value"))
    trail.change("credit_code.letters", _letters_read(trail.frame["value"]))
    _judge(trail)
    return trail.cleaned(COLUMNS)


def _formatted(text: pl.Expr) -> pl.Expr:
    """The code in a cell: upper case, half width, without separators, labels and notes; longest known form first."""
    upper = (
        text.str.normalize("NFKC").str.replace_all(r"[\p{Cf}\p{Cc}\p{M}]", "").str.to_uppercase()
        .str.replace_many(list(_LOOKALIKES), list(_LOOKALIKES.values()))
        .str.replace(r"\.0+\s*$", "")
    )  # fmt: skip
    compact = upper.str.replace_all(_SEPARATORS, "")
    power = upper.str.strip_chars().str.contains(_POWER)
    found = pl.coalesce(compact.str.extract(run) for run in _RUNS)
    return pl.when(text.str.contains(_FORM) | power).then(text).otherwise(pl.coalesce(found, compact))


def _is_filler(code: pl.Expr) -> pl.Expr:
    """True for a cell that says no code at all (无, 三证合一, 个人), equal characters, and runs of digits."""
    equal = "|".join(f"{c}+" for c in ALPHABET)
    return (
        ~code.str.contains(r"\d.*\d.*\d.*\d")
        | code.str.contains(rf"^(?:9[12]\d{{0,6}})?(?:{equal})$")
        | code.str.contains(r"^(?:0?1234567890?|123456789012345(?:678)?|9{2}\d{6}X{8,10})$")
    )


def _letters_read(codes: pl.Series) -> pl.Expr:
    """I, O, Z, S read as 1, 0, 2, 5 where the check character then holds; all else unchanged."""
    read = codes.str.replace_many(list(_MISREAD), list(_MISREAD.values()))
    sure = flags(read, _FORM, 18, credit_holds) & ~flags(codes, _FORM, 18, credit_holds)
    return pl.when(pl.lit(sure)).then(pl.lit(read)).otherwise("value")


def _judge(trail: Trail) -> None:
    """Decide what each text is, keep `value` only where the check character holds, and say what fails."""
    code = trail.frame["value"]
    holds = flags(code, _FORM, 18, credit_holds)
    tail = code.str.slice(-9)
    alone = flags(code, r"^[0-9A-Z]{8}[0-9X]$", 9, organisation_holds)
    old = flags(code, r"^\d{15}$", 15, registration_holds)
    tax = flags(tail, r"^[0-9A-Z]{8}[0-9X]$", 9, organisation_holds) & code.str.contains(r"^\d{6}[0-9A-Z]{9}$") & ~old
    kind = (
        pl.when(code.str.len_chars() == 18).then(pl.lit("uscc"))
        .when(alone).then(pl.lit("org_code"))
        .when(tax).then(pl.lit("tax_15"))
        .when(code.str.contains(r"^\d{15}$")).then(pl.lit("registration_15"))
    )  # fmt: skip
    inner = pl.when(holds).then(code.str.slice(8, 9)).when(alone | tax).then(tail)
    trail.frame = trail.frame.with_columns(
        kind=kind, org_code=inner, partial=pl.when(~holds).then(code), repair=propose_repairs(code, holds)
    ).with_columns(_decoded(holds | (pl.col("kind") == "registration_15").and_(old) | tax, holds))
    failed = (pl.col("kind") == "uscc") & ~pl.lit(holds) | (pl.col("kind") == "registration_15") & ~pl.lit(old)
    trail.find("credit_code.checksum", failed, pl.col("repair"))
    trail.find("credit_code.length", pl.col("kind").is_null() & pl.col("value").is_not_null())
    trail.change("credit_code.checksum", pl.when(~failed.fill_null(False)).then("value"))
    trail.change("credit_code.length", pl.when(pl.lit(holds)).then("value"))


@cache
def _registrars() -> dict[str, str]:
    lines = (files(__package__) / "data" / "code_registrars.csv").read_text("utf-8").splitlines()
    pairs = (line.split(",") for line in lines if line[:1] != "#")
    return {code: meaning for code, meaning in pairs if code != "code"}


@cache
def _places() -> dict[str, str]:
    """Division code of four or two digits → full name; 100000 is the state itself."""
    table = regions().select("adcode", "province_full", "city_full").rows()
    whole = {code[:2]: province for code, province, _ in table}
    cities = {
        (code if code[2] == "9" else code[:4]): (city if city == province else province + city)
        for code, province, city in table
        if city is not None
    }
    return {"10": "国家", **whole, **cities}


def _decoded(placed: pl.Expr | pl.Series, holds: pl.Series) -> list[pl.Expr]:
    """`region` of every code with a trusted head, `registrar` of a valid credit code."""
    code, places = pl.col("value"), _places()
    start = pl.when(code.str.len_chars() == 18).then(2).otherwise(0)
    region = pl.coalesce(
        code.str.slice(start, length).replace_strict(places, default=None, return_dtype=pl.String)
        for length in (6, 4, 2)
    )
    registrar = code.str.slice(0, 2).replace_strict(_registrars(), default=None, return_dtype=pl.String)
    return [pl.when(placed).then(region).alias("region"), pl.when(pl.lit(holds)).then(registrar).alias("registrar")]


def normalize(text: str | None) -> str | None:
    """The valid 18-character code in one text; null where there is none."""
    value: str | None = clean_credit_codes(pl.Series([text], dtype=pl.String)).values.item(0, "value") if text else None
    return value


def is_valid(code: str) -> bool:
    """True for 18 characters in canonical form whose check character holds (GB 32100-2015)."""
    return bool(flags(pl.Series([code]), _FORM, 18, credit_holds)[0])


def format(code: str) -> str:
    """For people: 91330106 MA27 ABCD 5X, authority and place first. What is no code stays as it is."""
    return f"{code[:8]} {code[8:12]} {code[12:17]} {code[17]}" if is_valid(code) else code
