"""Public mail providers and what people type instead of their domains (rules/data/mail_domains.csv)."""

import re
from functools import cache

import polars as pl

from .regions import read_lines

_WRONG_COM = (
    "con",
    "cm",
    "cmo",
    "ocm",
    "vom",
    "xom",
    "comm",
    "coom",
    "ccom",
    "c0m",
    "cpm",
    "cim",
    "clm",
    "cok",
    "con.cn",
    "om",
    "co",
)
_WRONG_NET = ("ent", "nte", "nett", "met", "bet", "ne")


@cache
def _table() -> dict[str, list[str]]:
    lines = read_lines("mail_domains.csv")[1:]
    return {domain: typos.split() for domain, typos in (line.split(",") for line in lines)}


@cache
def providers() -> frozenset[str]:
    """Domains where anybody can have an address: an equal domain says nothing about the company."""
    return frozenset(_table())


@cache
def provider_typos() -> dict[str, str]:
    """Mistyped domain → provider; none of them is itself a provider."""
    known = {typo: domain for domain, typos in _table().items() for typo in typos}
    for domain in _table():
        stem, _, top = domain.rpartition(".")
        wrong = _WRONG_COM if top == "com" else _WRONG_NET if top == "net" else ()
        known |= {f"{stem}.{end}": domain for end in wrong}
    return {typo: domain for typo, domain in known.items() if typo not in providers()}


def with_at_sign(text: pl.Expr) -> pl.Expr:
    """Proposal for an address whose @ is missing: local part and a provider's domain; null where none ends it."""
    longest_first = sorted(providers(), key=lambda domain: (-len(domain), domain))
    tails = "|".join(re.escape(domain) for domain in longest_first)
    pattern = rf"^([a-z0-9][a-z0-9._-]*?)({tails})$"
    return pl.when(text.str.contains(pattern)).then(text.str.replace(pattern, "${1}@${2}"))
