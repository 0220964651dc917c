"""Public mail providers and what people type instead of their domains (rules/data/mail_domains.csv)."""

import re
from functools import cache

import polars as pl
from publicsuffixlist import PublicSuffixList

from ..data import read_lines

# Slips that are top-level domains or two keys away; every other single slip in "com" or "net" is no domain at all.
_KNOWN_SLIPS = {"com": ("cm", "om", "co", "vom", "xom", "coom", "corn", "con.cn"), "net": ("ne", "met", "bet")}
# Suffixes that hold no further ones, so that every label before them is a domain.
PLAIN_SUFFIXES = frozenset(("com", "net", "org", "com.cn", "net.cn", "org.cn", "edu.cn", "gov.cn", "com.hk", "com.tw"))
# What stands before .cn without being a domain: kinds, provinces, and three words in two notations.
CN_SUFFIXES = frozenset(
    ("公司", "網絡", "网络", "xn--55qx5d", "xn--io0a7i", "xn--od0alg", "ac", "com", "edu", "gov", "mil", "net", "org",
     "ah", "bj", "cq", "fj", "gd", "gs", "gx", "gz", "ha", "hb", "he", "hi", "hk", "hl", "hn", "jl", "js", "jx", "ln",
     "mo", "nm", "nx", "qh", "sc", "sd", "sh", "sn", "sx", "tj", "tw", "xj", "xz", "yn", "zj")
)  # fmt: skip
# Slips that are top-level domains of the list: written down, because reading the list takes a while.
LIVING_SLIPS = {
    "com": frozenset(("bom", "cam", "cm", "co", "mom")),
    "net": frozenset(("bet", "ne", "nec", "new", "next", "ntt", "pet", "vet")),
}
_SLIPPERY = ("foxmail", "hotmail", "outlook")
_KEYS = "abcdefghijklmnopqrstuvwxyz0123456789"


@cache
def _table() -> dict[str, list[str]]:
    lines = read_lines("mail_domains.csv")[1:]
    return {domain: typos.split() for domain, typos in (line.split(",") for line in lines)}


@cache
def suffixes() -> PublicSuffixList:
    """The bundled public suffix list, registries only; an unknown top-level domain is none."""
    return PublicSuffixList(accept_unknown=False, only_icann=True)


def is_registrable(domain: str) -> bool:
    """True for a domain below a known public suffix. What most domains end with is known without reading the list."""
    *below, second, top = ("", "", *domain.split("."))
    plain = bool(second) and (top in PLAIN_SUFFIXES or (top == "cn" and second not in CN_SUFFIXES))
    plain = plain or (bool(below[-1]) and f"{second}.{top}" in PLAIN_SUFFIXES)
    return plain or suffixes().privatesuffix(domain) is not None


@cache
def providers() -> frozenset[str]:
    """Domains where anybody can have an address: an equal domain says nothing about the company."""
    return frozenset(_table())


@cache
def provider_typos() -> dict[str, str]:
    """Mistyped domain → provider: the table's, and single slips of the key."""
    known: dict[str, str] = {}
    for domain in _table():
        stem, _, top = domain.rpartition(".")
        known |= {f"{stem}.{end}": domain for end in _dead_ends(top)}
        if stem in _SLIPPERY:
            known |= {f"{slip}.{top}": domain for slip in sorted(_lesser_slips(stem))}
    known |= {typo: domain for domain, typos in _table().items() for typo in typos}
    return {typo: domain for typo, domain in known.items() if typo not in providers()}


@cache
def sure_typos() -> dict[str, str]:
    """Of provider_typos() those that can mean nothing else: the provider's name stands, only its ending is mistyped.

    A name that is mistyped itself (gmial.com) is somebody's domain, and one without an ending (@qq) may go on anyhow.
    """
    return {typo: right for typo, right in provider_typos().items() if _ending_alone(typo, right)}


def _ending_alone(typo: str, right: str) -> bool:
    stem, _, top = right.rpartition(".")
    return typo.startswith(f"{stem}.") or typo == stem + top


@cache
def _dead_ends(top: str) -> list[str]:
    """Slips of `com` and `net` that are no top-level domain themselves, and the known ones that are."""
    if top not in _KNOWN_SLIPS:
        return []
    return sorted(slips(top) - LIVING_SLIPS[top] | set(_KNOWN_SLIPS[top]))


def with_right_end(text: pl.Expr) -> pl.Expr:
    """Proposal for an address at anybody's domain whose `com` is mistyped (li@lanxi.con); null elsewhere."""
    ends = "|".join(end for end in _dead_ends("com") if "." not in end and end not in LIVING_SLIPS["com"])
    pattern = rf"^(.+@[a-z0-9-]+)\.(?:{ends})$"
    return pl.when(text.str.contains(pattern)).then(text.str.replace(pattern, "${1}.com"))


def _lesser_slips(word: str) -> set[str]:
    """Two letters swapped, one left out behind the first, one doubled."""
    swapped = {word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1)}
    dropped = {word[:i] + word[i + 1 :] for i in range(1, len(word))}
    doubled = {word[:i] + word[i] + word[i:] for i in range(len(word))}
    return (swapped | dropped | doubled) - {word}


def slips(word: str) -> set[str]:
    """Every single slip of the key: also another letter, or one too many."""
    other = {word[:i] + key + word[i + 1 :] for i in range(len(word)) for key in _KEYS}
    more = {word[:i] + key + word[i:] for i in range(len(word) + 1) for key in _KEYS}
    return (_lesser_slips(word) | other | more) - {word}


def with_at_sign(text: pl.Expr) -> pl.Expr:
    """Proposal for an address whose @ is missing or another sign: local part and a provider's domain; null where none ends it."""
    longest_first = sorted(providers(), key=lambda domain: (-len(domain), domain))
    tails = "|".join(re.escape(domain) for domain in longest_first)
    pattern = rf"^([a-z0-9][a-z0-9._-]*?)[#&*!.]?({tails})$"
    return pl.when(text.str.contains(pattern)).then(text.str.replace(pattern, "${1}@${2}"))
