"""Text that was read in the wrong encoding: 骞垮窞 and å¹¿å·ž are 广州, of 锟斤拷 and 东莞???电子 nobody knows what they were.

A text that becomes common Chinese (or accented Latin) when its bytes are read as UTF-8 can be nothing else: it is read so, and said.
"""

import re
from functools import cache

import polars as pl

from .trail import Trail

# What Windows-1252 shows for the bytes 80 to 9F, back to the byte.
_SPECIALS = {
    ord(bytes([byte]).decode("cp1252")): byte
    for byte in range(0x80, 0xA0)
    if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
_TRAIL = "\\x80-\\xbf" + "".join(map(chr, _SPECIALS))
_LATIN = rf"[\xc2-\xf4][{_TRAIL}]"  # two bytes of UTF-8, each shown as a letter
_LOST = r"\x{FFFD}|锟斤|斤拷|\p{Han}\?{2,}\p{Han}|^\?{2,}\p{Han}|\p{Han}\?{3,}$|(?:[åäæçèé][^\x00-\x7F]{1,2}){2}"
_ALONE = r"^\?{2,}$"
_MENDED = re.compile("[\u0000-\u024f\u2010-\u2027\u3000-\u9fff\uff00-\uffef]+")
WRONG = {"gb18030": "UTF-8→GBK", "latin-1": "UTF-8→Windows-1252"}


@cache
def _suspect() -> str:
    """A pattern that every garbled text holds; it also finds the few names with a rare sign such as 浔."""
    heads = "".join(bytes((a, b)).decode("gb18030") for a in range(0xE4, 0xEA) for b in range(0x80, 0xC0) if b != 0x7F)
    return f"{_LOST}|{_ALONE}|[{re.escape(heads)}]|{_LATIN}"


def mend_mojibake(trail: Trail) -> None:
    """Rules text.recoded (a change and a finding) and text.mojibake (a finding: what was written is lost)."""
    value = pl.col("value")
    texts = trail.frame["value"].filter(trail.frame["value"].str.contains(_suspect()).fill_null(False))
    if texts.is_empty():
        return
    mended = {text: read[0] for text in texts.to_list() if (read := reread(text))}
    # Names of two lengths that are nothing but question marks were names.
    alone = texts.filter(texts.str.contains(_ALONE)).to_list()
    rest = texts.filter(~texts.is_in([*mended, *alone]))
    gone = rest.filter(rest.str.contains(_LOST)).to_list() + [text for text in rest.to_list() if _is_piece(text)]
    lost = value.is_in([*gone, *(alone if len(alone) > 1 else [])])
    trail.find("text.mojibake", lost)
    if mended:
        trail.find("text.recoded", value.is_in(list(mended)))
        trail.change("text.recoded", value.replace(mended))


def reread(text: str) -> tuple[str, str] | None:
    """The text as it was written, and the encoding that it was wrongly read in; null where nothing says so for certain."""
    for wrong in WRONG:
        try:
            read = (text.translate(_SPECIALS) if wrong == "latin-1" else text).encode(wrong).decode("utf-8")
        except UnicodeError:
            continue
        han = sum("\u4e00" <= char <= "\u9fff" for char in read)
        if len(read) < len(text) and _MENDED.fullmatch(read) and (han >= 2 or wrong == "latin-1") and _is_common(read):
            return read, wrong
    return None


def _is_piece(text: str) -> bool:
    """Whether a part of the text is Chinese read as GBK, whose last byte found no partner: 骞垮窞甯? was 广州市."""
    for part in re.split("[?\ufffd\\s]+", text):
        try:
            read = part.encode("gb18030").decode("utf-8", "ignore")
        except UnicodeError:
            continue
        if (
            len(part) > 2
            and len(read.encode("utf-8")) >= 2 * len(part) - 2
            and len(read) >= 2
            and _MENDED.fullmatch(read)
        ):
            return all("\u4e00" <= char <= "\u9fff" for char in read) and _is_common(read)
    return False


def _is_common(text: str) -> bool:
    """Whether all Chinese signs are of GB 2312, which holds what people write."""
    try:
        "".join(char for char in text if char >= "\u2000").encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def garbled_columns(found: pl.DataFrame, filled: pl.DataFrame) -> pl.DataFrame:
    """Findings of cells (`file_id, field, rule, value`) and `file_id, field, cells` (how many are filled) → one finding
    `text.mojibake_column` per column of which half is garbled; suggestion: the encodings at fault."""
    garbled = found.filter(pl.col("rule").is_in(["text.mojibake", "text.recoded"]))
    if garbled.is_empty():
        return garbled.select("file_id", "field", "rule", suggestion="value")
    read = {text: reread(text) for text in garbled["value"].unique().to_list()}
    faults = {text: WRONG[told[1]] if told else None for text, told in read.items()}
    told = garbled.with_columns(fault=pl.col("value").replace_strict(faults, return_dtype=pl.String))
    counted = told.group_by("file_id", "field", maintain_order=True).agg(
        garbled=pl.len(), suggestion=pl.col("fault").drop_nulls().unique(maintain_order=True).str.join(", ")
    )
    counted = counted.join(filled, on=["file_id", "field"], maintain_order="left")
    full = counted.filter((pl.col("garbled") >= 3) & (2 * pl.col("garbled") >= pl.col("cells")))
    return full.select(
        "file_id",
        "field",
        rule=pl.lit("text.mojibake_column"),
        suggestion=pl.when(pl.col("suggestion") != "").then("suggestion"),
    )
