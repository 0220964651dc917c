"""E-mail addresses: one valid address per cell, lower case.

Columns out, one row per distinct raw: `value`, `domain` (of the value), `public` (Boolean: a public provider's
domain; null without a value, unless the domain is a provider's all the same), `partial` (cleaned text of what is no
valid address: two equal ones are still evidence).
Valid: the practical syntax of RFC 5321, and a domain below a known public suffix. Repairs are made only where one
reading exists: a mistyped ending of a public provider (qq.con), a comma for a dot. Of a provider that is mistyped itself or cut short
(gmial.com, @qq), of a missing @ and of the mistyped ending of another domain the likely address is proposed.
What a mask leaves (li****@163.com) is no address.
"""

from functools import cache

import polars as pl

from ..base.digits import with_latin_letters
from ..base.seen import holds_where
from ..base.trail import Cleaned, Trail
from ..data import read_lines
from .providers import is_registrable, provider_typos, providers, sure_typos, with_at_sign, with_right_end

COLUMNS = ("domain", "public", "partial")

_LOCAL = r"[a-z0-9!#$%&'+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'+/=?^_`{|}~-]+)*"  # an asterisk is a mask, not a sign
_LABEL = r"[\p{Han}a-z0-9](?:[\p{Han}a-z0-9-]{0,61}[\p{Han}a-z0-9])?"
_SYNTAX = rf"^{_LOCAL}@(?:{_LABEL}\.)+{_LABEL}$"
_SYNTAX_ASCII = _SYNTAX.replace(r"\p{Han}", "")
_LABELS = r"(?i)^(?:e-?mail|mail|邮箱|电子邮件|电子邮箱|邮件|工作邮箱|个人邮箱)(?:地址|address)?\s*[:;：]?\s*"
_PLAIN = r"^[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}$"
_SPLIT = r"[;,、/|\s()<>\[\]\p{Han}]+([^@;,、/|\s()<>\[\]\p{Han}]+@)"
ADDRESSES = r"[^@＠;；,，、/|\s()（）<>\[\]\p{Han}]+[@＠][^@＠;；,，、/|\s()（）<>\[\]\p{Han}]+"  # those of a cell that holds several
_DOTLESS = r"@(?:\.|.*[,，、;]|.*\.$)"  # another sign than a dot in the domain, or a dot at its ends
_WHOLE = r"@[A-Za-z0-9.-]+\.[A-Za-z]{2,}"  # from here to the top-level domain nothing is missing


def clean_emails(raw: pl.Series) -> Cleaned:
    """Clean a column of e-mail cells; see the module for the columns."""
    trail = Trail(raw)
    trail.change("email.format", pl.lit(_formatted(trail.frame["value"])))
    _keep_first(trail)
    trail.change("email.case", pl.col("value").str.to_lowercase())
    trail.change("email.format", _dotted(pl.col("value")), where=pl.col("value").str.contains(_DOTLESS))
    trail.change("email.domain_typo", _with_right_domain(pl.col("value"), sure_typos()))
    trail.change("email.placeholder", pl.when(~_is_filler(pl.col("value"))).then("value"))
    _judge(trail)
    return trail.cleaned(COLUMNS)


def _judge(trail: Trail) -> None:
    """Addresses that cannot be, and those of a mistyped provider, are findings, with what they may have been meant to be."""
    value = pl.col("value")
    likely = _with_right_domain(pl.coalesce(with_right_end(value), value), provider_typos())
    mistyped = pl.col("_mistyped")
    frame = trail.frame.with_columns(_mistyped=(_with_right_domain(value, provider_typos()) != value).fill_null(False))
    trail.frame = frame.with_columns(_valid=pl.lit(_validity(frame["value"])) & ~mistyped)
    bad = ~pl.col("_valid") & value.is_not_null()
    trail.find("email.invalid", bad, pl.coalesce(pl.when(likely != value).then(likely), with_at_sign(value)))
    domain = value.str.extract("@(.+)$")
    provider = mistyped | domain.is_in(list(providers()))
    trail.frame = trail.frame.with_columns(
        partial=pl.when(bad).then("value"), domain=pl.when("_valid").then(domain),
        public=pl.when(pl.col("_valid") | provider).then(provider),
    )  # fmt: skip
    trail.change("email.invalid", pl.when("_valid").then("value"))


def _formatted(texts: pl.Series) -> pl.Series:
    """Undress the texts that are not plain addresses already, which most are."""
    dirty = ~texts.str.contains(_PLAIN)
    if not dirty.any():
        return texts
    undressed = texts.filter(dirty).to_frame("text").select(_undressed(pl.col("text"))).to_series()
    return texts.scatter(dirty.arg_true(), undressed)


def _undressed(text: pl.Expr) -> pl.Expr:
    """The address without mailto:, labels, display names, brackets and notes; half width; no stray spaces."""
    plain = (
        with_latin_letters(text.str.replace_all(r"[\p{Cf}\p{Cc}\p{M}--\n\t]", "").str.normalize("NFKC"))
        .str.replace_all("[。｡．]", ".").str.replace_all(r"(?i)%40|\s*[\[(]at[\])]\s*|\s+at\s+|艾特", "@")
        .str.replace_all(r"(?i)\s*(?:点|\[dot\]|\(dot\)|\s+dot\s+)\s*(com|cn|net|org)", ".${1}")
        .str.strip_chars().str.strip_chars("'\"").str.replace(_LABELS, "")
        .str.replace_all(r"(?i)(?:mailto|https?):[\s/]*", "").str.replace(r"(@[^?\s]+)\?.*$", "${1}")
        .str.replace_all(r"\s*(?:@\s*)+", "@").str.replace_all(r"\s*\.\s*", ".").str.replace_all(r"\.{2,}", ".")
        .str.replace_all(r"@\.", "@")
    )  # fmt: skip
    bracketed = pl.coalesce(plain.str.extract(r"<\s*([^<>\s]+@[^<>\s]+)\s*>"), plain)
    bare = (
        bracketed.str.replace(r"^(?:[A-Z][\w.'-]*\s+)+([a-z0-9][^\s@]*@)", "${1}")
        .str.replace(r"^(?:[^@]*[\p{Han}):])?\s*([\w.+-]+@)", "${1}")
        .str.replace(rf"({_WHOLE})\s*(?:[(\[{{<\p{{Han}}][^@]*)$", "${1}")
        .str.replace(rf"({_WHOLE})[\s,;/|]+(?:\+?[0-9][0-9\s-]{{4,}}|[A-Za-z]{{4,}}[^@]*)$", "${1}")
        .str.replace(r"(@[A-Za-z0-9-]+)\s+(com|cn|net|org|com\.cn)$", "${1}.${2}")
        .str.replace_all(r"^[\s;,、:.<>()\[\]\"'/]+|[\s;,、:.<>()\[\]\"'/\\]+$", "")
        .str.replace(r"\.+@", "@")
    )
    return pl.when(bare != "").then(bare)


def _keep_first(trail: Trail) -> None:
    """Of several addresses keep the first; spaces inside a single one go."""
    value = pl.col("value")
    several = value.str.contains("(?s)@.*@")
    split = pl.when(several).then(value).str.replace_all(_SPLIT, "\n${1}")
    trail.find("email.several", several & split.str.contains("\n"))
    first = split.str.extract(r"^([^\n]+)").str.strip_chars(" ;,、")
    trail.change("email.several", first, where=several)
    trail.change("email.format", pl.col("value").str.replace_all(r"\s+", ""), where=pl.col("value").str.contains(r"\s"))


def _dotted(text: pl.Expr) -> pl.Expr:
    """A comma in the domain is a dot: neither key nor meaning of it belongs there."""
    domain = text.str.extract("@(.+)$").str.replace_all("[,，、;]+", ".").str.strip_chars(".")
    return pl.when(domain.is_not_null()).then(pl.concat_str(text.str.extract("^([^@]*@)"), domain)).otherwise(text)


def _with_right_domain(text: pl.Expr, typos: dict[str, str]) -> pl.Expr:
    domain = text.str.extract("^[^@]+@([^@]+)$")
    right = domain.map_batches(lambda told: _looked_up(told, typos), return_dtype=pl.String, is_elementwise=True)
    return pl.when(right.is_not_null()).then(pl.concat_str(text.str.extract("^([^@]+@)"), right)).otherwise(text)


def _looked_up(domains: pl.Series, table: dict[str, str]) -> pl.Series:
    """The few domains of a column in a table of thousands; null: not in it."""
    known = {domain: table[domain] for domain in domains.unique().to_list() if domain in table}
    if not known:
        return pl.Series(domains.name, [None], dtype=pl.String).new_from_index(0, len(domains))
    return domains.replace_strict(known, default=None, return_dtype=pl.String)


@cache
def _fillers() -> tuple[tuple[str, ...], tuple[str, ...]]:
    lines = read_lines("mail_placeholders.txt")
    return tuple(x for x in lines if x[0] != "@"), tuple(x[1:] for x in lines if x[0] == "@")


def _is_filler(text: pl.Expr) -> pl.Expr:
    """True for listed addresses and domains, for one character repeated before the @, and for cells without letters."""
    addresses, domains = _fillers()
    repeated = "|".join(f"{c}{{3,}}" for c in "0123456789abcdefghijklmnopqrstuvwxyz")
    return (
        text.is_in(list(addresses))
        | text.str.extract("@(.+)$").is_in(list(domains)).fill_null(False)
        | text.str.contains(rf"^(?:{repeated})@")
        | ~text.str.contains("[a-z0-9]")
    )


def _validity(values: pl.Series) -> pl.Series:
    """Syntax, lengths, and a domain below a public suffix; false for null."""
    frame = pl.DataFrame({"value": values}).with_columns(domain=pl.col("value").str.extract("@(.+)$"))
    formed = frame.select(
        (pl.col("value").str.contains(_SYNTAX_ASCII) | holds_where(pl.col("value"), r"\p{Han}", _SYNTAX))
        & (pl.col("value").str.len_bytes() <= 254)
        & (pl.col("value").str.extract("^(.*)@").str.len_bytes() <= 64)
    ).to_series()  # fmt: skip
    domains = frame["domain"].filter(formed.fill_null(False)).unique().to_list()
    known = [domain for domain in domains if is_registrable(domain)]
    return formed.fill_null(False) & frame["domain"].is_in(known).fill_null(False)
