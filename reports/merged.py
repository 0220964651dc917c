"""What is said of a decision about records that were merged already."""

from collections.abc import Sequence

from ..i18n import Text

_NAMED = 5  # merges named at once
STAYS = Text(
    "已执行的合并（{g}）在用 guiyi undo 撤销之前保持原样。",
    "What was merged already ({g}) stays as it is until guiyi undo takes it back.",
)


def merged_already(groups: Sequence[str]) -> Text:
    """One sentence for the applied merges that a decision does not change."""
    more = "…" if len(groups) > _NAMED else ""
    zh, en = (mark.join(group[:8] for group in groups[:_NAMED]) + more for mark in ("、", ", "))
    return Text(STAYS.zh.format(g=zh), STAYS.en.format(g=en))
