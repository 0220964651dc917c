"""What a number format makes of a number: a date, a time, digits with leading zeros, or just the number."""

import re
from functools import cache

# Formats that Excel knows by number only: dates, times, and the East Asian ones.
_BUILT_IN = {
    **dict.fromkeys((14, 15, 16, 17, *range(27, 32), 36, *range(50, 55), 57, 58), "date"),
    **dict.fromkeys((22,), "datetime"),
    **dict.fromkeys((18, 19, 20, 21, 32, 33, 34, 35, 45, 47, 55, 56), "time"),
    46: "elapsed",
}
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_ZEROS = re.compile(r"0{2,}")


@cache
def format_kind(number: int, code: str | None) -> str:
    """`date`, `datetime`, `time`, `elapsed`, `zeros:5` (padded to five digits) or `number`."""
    if code is None:
        return _BUILT_IN.get(number, "number")
    first = _QUOTED.sub("", code.split(";")[0])
    if _ELAPSED.search(first):
        return "elapsed"
    plain = re.sub(r"general|am/pm|a/p|上午/下午|e[+-]", "", first, flags=re.IGNORECASE).lower()
    has_day = bool(re.search(r"[yde]|m{3,}|年|月|日", plain)) and not re.search(r"[0#?]", re.sub(r"\.0+", "", plain))
    has_time = bool(re.search(r"[hs]", plain))
    if has_day or (plain.count("m") and not has_time and not re.search(r"[0#?]", plain)):
        return "datetime" if has_time else "date"
    if has_time:
        return "time"
    if _ZEROS.fullmatch(first):
        return f"zeros:{len(first)}"
    return "number"
