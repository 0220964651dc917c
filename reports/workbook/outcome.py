"""What came of a book that was read: figures and refused rows, as text or json."""

import sys
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from ...i18n import Text
from ..masking import mask_name
from ..merged import merged_already
from ..terminal import print_json, show_frame

_FIGURES = {
    "groups": Text("工作簿中的组", "groups in the book"),
    "stored_groups": Text("本次保存的组", "groups stored now"),
    "stored_decisions": Text("本次保存的决定", "decisions stored now"),
    "stored_before": Text("此前已保存的组", "groups stored before"),
    "undecided": Text("未决定的组", "groups undecided"),
    "removed": Text("已从工作簿删去的组", "groups deleted from the book"),
    "refused": Text("退回", "refused"),
}
_HEADS = (Text("工作表", "sheet"), Text("行", "row"), Text("组编号", "group id"), Text("原因", "reason"))


def show_outcome(
    figures: Mapping[str, int],
    refused: Iterable[tuple[str, int, str | None, str, Text]],
    form: str,
    merged: Sequence[str] = (),
) -> None:
    """Print figures and refusals (`sheet, row, group_id, reason, message`); merged: applied merges that stay as they are."""
    rows = [(mask_name(sheet), *rest) for sheet, *rest in refused]
    if form == "json":
        names = ("sheet", "row", "group_id", "reason", "message")
        listed = [dict(zip(names, (*row[:4], str(row[4])), strict=True)) for row in rows]
        print_json({**figures, "refused": listed, "merged": list(merged)})
        return
    joiner = str(Text("；", "; "))
    told = [f"{_FIGURES[name]!s} {figures[name]:,}" for name in _FIGURES if name in figures]
    sys.stdout.write(joiner.join([*told, f"{_FIGURES['refused']!s} {len(rows):,}"]) + "\n")
    if merged:
        sys.stdout.write(f"{merged_already(merged)!s}\n")
    if rows:
        texts = [(sheet, row, group or "", str(message)) for sheet, row, group, _, message in rows]
        show_frame(pl.DataFrame(texts, schema=[str(head) for head in _HEADS], orient="row"), "text")
