"""Unified social credit codes (GB 32100-2015) and the codes they replaced.

Columns out, one row per distinct raw: `value` (18 characters whose check character holds, else null), `org_code`
(GB 11714 organisation code: characters 9-17, or the cell's own), `region` and `registrar` decoded from the head,
`kind` (`uscc`, `org_code`, `registration_15`, `tax_15`; `national_id`: a person's number, no code), `partial` (cleaned
text of a code that is incomplete or fails its check), `repair` (the one single-character repair that both check
characters allow, never applied).
A failed check is no proof of a wrong code: some real codes fail, so the text is kept in `partial`.
"""

import polars as pl

from ..base.digits import with_ascii_digits, with_latin_letters
from ..base.trail import Cleaned, Trail
from .check_digits import ALPHABET, credit_holds, flags, organisation_holds, registration_holds
from .identifiers import is_national_id
from .repair import propose_repairs
from .tables import places, registrars

COLUMNS = ("org_code", "region", "registrar", "kind", "partial", "repair")

_FORM = rf"^[{ALPHABET}]{{2}}[0-9]{{6}}[{ALPHABET}]{{10}}$"
_POWER = r"^[0-9](?:\.[0-9]+)?E\+?[0-9]{1,2}$"
_SEPARATORS = r"[\s\p{Pd}\x{2212}_.·'\"‘’“”`]"
_RUNS = (  # what to look for, first to last
    r"(?:^|[^0-9A-Z])([0-9A-Z]{18})(?:[^0-9A-Z]|$)",
    r"(?:^|[^0-9A-Z])[A-Z]{2,}([0-9]{8}[0-9A-Z]{10})(?:[^0-9A-Z]|$)",
    r"(?:^|[^0-9A-Z])([0-9]{15}|[0-9]{6}[0-9A-Z]{9})(?:[^0-9A-Z]|$)",
    r"(?:^|[^0-9A-Z])([0-9A-Z]{9})(?:[^0-9A-Z]|$)",
    r"([0-9A-Z]{4,}[0-9][0-9A-Z]{3,})",
)
# The standard never uses these, and each has one reading; V has none.
_MISREAD = {"I": "1", "O": "0", "Z": "2", "S": "5"}


def clean_credit_codes(raw: pl.Series) -> Cleaned:
    """Clean a column of credit codes; see the module for the columns."""
    trail = Trail(raw)
    trail.change("credit_code.format", pl.lit(_formatted(trail.frame["value"])))
    power = pl.col("value").str.contains(_POWER)
    trail.find("credit_code.unrecoverable", power)
    trail.change("credit_code.unrecoverable", pl.when(~power).then("value"))
    trail.change("credit_code.placeholder", pl.when(~_is_filler(pl.col("value"))).then("value"))
    trail.change("credit_code.letters", pl.lit(_letters_read(trail.frame["value"])))
    _judge(trail)
    return trail.cleaned(COLUMNS)


def _formatted(texts: pl.Series) -> pl.Series:
    """The code in each cell: upper case, half width, without separators, labels and notes; longest known form first."""
    frame = pl.DataFrame({"text": texts}).with_row_index("row")
    plain = pl.col("text").str.contains(_FORM)
    upper = (
        with_latin_letters(with_ascii_digits(pl.col("text")).str.normalize("NFKC").str.to_uppercase())
        .str.replace_all(r"[\p{Cf}\p{Cc}\p{M}]", "").str.replace_all("[〇○]", "0").str.replace(r"\.0+\s*$", "")
    )  # fmt: skip
    dirty = frame.filter(~plain).with_columns(upper=upper)
    compact = pl.col("upper").str.replace_all(_SEPARATORS, "")
    # Any punctuation may stand inside, as long as eighteen characters are all there is.
    bare = pl.col("upper").str.replace_all("[^0-9A-Z]", "")
    whole = pl.when(bare.str.contains(r"^[0-9]{8}[0-9A-Z]{10}$")).then(bare)
    found = pl.coalesce(compact.str.extract(_RUNS[0]), whole, *(compact.str.extract(run) for run in _RUNS[1:]))
    folded = pl.col("upper").str.strip_chars()
    code = pl.when(folded.str.contains(_POWER)).then(folded).otherwise(pl.coalesce(found, "text"))
    clean = dirty.select("row", text=code)
    return pl.concat([frame.filter(plain), clean]).sort("row")["text"]


def _is_filler(code: pl.Expr) -> pl.Expr:
    """True for a cell that says no code at all (无, 三证合一, 个人), equal characters, and runs of digits."""
    whole, tail = ("|".join(f"{c}{{{least},}}" for c in ALPHABET) for least in (1, 8))
    return (
        ~code.str.contains(r"^[0-9A-Z]*[0-9][0-9A-Z]*$")
        | (code.str.len_chars() < 5)
        | code.str.contains(rf"^(?:{whole}|9[12][0-9]{{6}}(?:{tail}))$")
        | code.str.contains(r"^(?:0?1234567890?|123456789012345(?:678)?|9{2}[0-9]{6}X{8,10})$")
    )


def _letters_read(codes: pl.Series) -> pl.Series:
    """I, O, Z, S read as 1, 0, 2, 5 where the check character then holds; all else unchanged."""
    lettered = codes.str.contains("[IOZS]").fill_null(False)
    written = codes.filter(lettered)
    read = written.str.replace_many(list(_MISREAD), list(_MISREAD.values()))
    sure = flags(read, _FORM, 18, credit_holds)
    return codes.scatter(lettered.arg_true(), read.zip_with(sure, written)) if len(written) else codes


def _judge(trail: Trail) -> None:
    """Decide what each text is, keep `value` only where the check character holds, and say what fails."""
    code = trail.frame["value"]
    # A check digit fits one personal number in thirty by chance; of a real code the head tells an authority and a place.
    headed = code.str.head(2).is_in(list(registrars())) & code.str.slice(2, 4).is_in(list(places()))
    person = is_national_id(code) & ~headed
    holds = flags(code, _FORM, 18, credit_holds) & ~person
    tail = code.str.slice(-9)
    alone = flags(code, r"^[0-9A-Z]{8}[0-9X]$", 9, organisation_holds)
    old = flags(code, r"^[0-9]{15}$", 15, registration_holds)
    tax = (
        flags(tail, r"^[0-9A-Z]{8}[0-9X]$", 9, organisation_holds) & code.str.contains(r"^[0-9]{6}[0-9A-Z]{9}$") & ~old
    )
    kind = (
        pl.when(person).then(pl.lit("national_id"))
        .when(code.str.len_chars() == 18).then(pl.lit("uscc"))
        .when(alone).then(pl.lit("org_code"))
        .when(tax).then(pl.lit("tax_15"))
        .when(code.str.contains(r"^[0-9]{15}$")).then(pl.lit("registration_15"))
    )  # fmt: skip
    inner = pl.when(holds).then(code.str.slice(8, 9)).when(alone | tax).then(tail)
    trail.frame = trail.frame.with_columns(
        kind=kind, org_code=inner, partial=pl.when(~holds).then(code), repair=propose_repairs(code, holds | person)
    ).with_columns(_decoded(holds | (pl.col("kind") == "registration_15").and_(old) | tax, holds))
    failed = (pl.col("kind") == "uscc") & ~pl.lit(holds) | (pl.col("kind") == "registration_15") & ~pl.lit(old)
    trail.find("credit_code.checksum", failed, pl.col("repair"))
    trail.find("credit_code.personal_id", pl.lit(person))
    trail.find("credit_code.length", pl.col("kind").is_null() & pl.col("value").is_not_null())
    trail.change("credit_code.checksum", pl.when(~failed.fill_null(False)).then("value"))
    trail.change("credit_code.personal_id", pl.when(~pl.lit(person)).then("value"))
    trail.change("credit_code.length", pl.when(pl.lit(holds)).then("value"))


def _decoded(placed: pl.Expr | pl.Series, holds: pl.Series) -> list[pl.Expr]:
    """`region` of every code with a trusted head, `registrar` of a valid credit code."""
    code = pl.col("value")
    start = pl.when(code.str.len_chars() == 18).then(2).otherwise(0)
    region = pl.coalesce(
        code.str.slice(start, length).replace_strict(places(), default=None, return_dtype=pl.String)
        for length in (6, 4, 2)
    )
    registrar = code.str.slice(0, 2).replace_strict(registrars(), default=None, return_dtype=pl.String)
    return [pl.when(placed).then(region).alias("region"), pl.when(pl.lit(holds)).then(registrar).alias("registrar")]
