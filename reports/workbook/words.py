"""The words of the stewards' workbook: its columns, its choices, its colours, its instructions."""

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ...custom_columns import header_of, is_custom
from ...fields import FIELDS, GOLDEN_FIELDS
from ...i18n import Language, Text
from ..terminal import HEADINGS

# Fields that a value can be chosen for: an extension travels with its number.
CHOSEN_FIELDS = tuple(f.name for f in FIELDS if f.golden and not f.of)
TAKE = "take."  # column of a field's choice: `take.phone`
KEYS = ("group_id", "record_key", "check")

VERDICTS = {
    "yes": (Text("合并", "merge"), Text("关联", "link")),
    "no": (Text("不合并", "do not merge"), Text("不关联", "do not link")),
    "open": (Text("待定", "undecided"), Text("待定", "undecided")),
}  # of a group to merge, of a group to link
_MARKS = {"exclude": Text("排除", "exclude"), "survivor": Text("保留", "keep"), TAKE: Text("采用", "take")}
_TICKS = ("✓", "√", "是", "yes")


class Head(NamedTuple):
    """A column's heading and width."""

    text: Text
    width: int


HEADS: Mapping[str, Head] = {
    "number": Head(Text("组", "group"), 6), "verdict": Head(Text("决定", "decision"), 9),
    "exclude": Head(Text("排除", "exclude"), 7), "survivor": Head(Text("保留", "keep"), 7),
    "note": Head(Text("备注", "note"), 16), "plan": Head(Text("计划保留", "plan keeps"), 9),
    "decided": Head(Text("已有决定", "decided before"), 16),
    "source_record_id": Head(HEADINGS["source_record_id"], 14), "source": Head(HEADINGS["source"], 14),
    **{f: Head(HEADINGS[f], 16) for f in GOLDEN_FIELDS},
    "score": Head(Text("最弱得分", "weakest"), 9), "band": Head(Text("区间", "band"), 8),
    "why": Head(Text("最弱连接的依据", "reasons of the weakest link"), 40),
    "group_id": Head(Text("组编号", "group id"), 18), "record_key": Head(Text("记录键", "record key"), 22),
    "check": Head(Text("校验码", "check code"), 11),
    **{TAKE + f: Head(Text(f"采用·{HEADINGS[f].zh}", f"take {HEADINGS[f].en}"), 7) for f in CHOSEN_FIELDS},
}  # fmt: skip
CHOICES = ("verdict", "exclude", "survivor", "note", *(TAKE + f for f in CHOSEN_FIELDS))  # what a steward fills in


def is_choice(column: str) -> bool:
    """Whether a steward fills this column in."""
    return column in CHOICES or (column.startswith(TAKE) and is_custom(column.removeprefix(TAKE)))


def head_of(column: str) -> Head:
    """A column's heading; that of a custom column cannot be taken for one of ours (备注 is the steward's own)."""
    if column in HEADS:
        return HEADS[column]
    header = header_of(column.removeprefix(TAKE))
    if column.startswith(TAKE):
        return Head(Text(f"采用·自定义·{header}", f"take custom {header}"), 7)
    return Head(Text(f"自定义·{header}", f"custom {header}"), 16)


def custom_choices(names: Sequence[str]) -> dict[str, Head]:
    """`take.…` of custom columns → heading; where two read alike but for blanks and case, the later ones are numbered."""
    heads: dict[str, Head] = {}
    seen: Counter[str] = Counter()
    for name in names:
        head = head_of(name)
        seen[plain := _plain(head.text.zh)] += 1
        number = f" #{seen[plain]}" if seen[plain] > 1 else ""
        heads[name] = Head(Text(head.text.zh + number, head.text.en + number), head.width)
    return heads


def say(text: Text, language: Language) -> str:
    """The text in a language."""
    return text.en if language == "en" else text.zh


def headings(custom: Sequence[str]) -> dict[str, str]:
    """What a heading reads like, in either language → its column. custom: the choices of custom columns that the book has."""
    return {_plain(word): name for name, head in custom_choices(custom).items() for word in head.text} | _COLUMNS


def column_of(heading: str, known: Mapping[str, str]) -> str | None:
    """The column with this heading (`headings`); None for a heading that is not ours."""
    return known.get(_plain(heading))


def choice_of(column: str, text: str) -> str | None:
    """What a filled-in cell means: yes, no, open of a verdict, `x` of a mark; "" for a blank one; None for no choice."""
    word = _plain(text)
    return _MEANINGS["verdict" if column == "verdict" else "take." if column.startswith(TAKE) else column].get(word)


def offers(column: str, action: str, language: Language) -> list[str]:
    """What the drop-down of a column offers; `action` of the groups: merge or link."""
    if column == "verdict":
        return [say(words[action == "link"], language) for words in VERDICTS.values()]
    return [say(_MARKS[TAKE if column.startswith(TAKE) else column], language)]


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def _meanings() -> dict[str, dict[str, str]]:
    verdicts = {_plain(word): key for key, texts in VERDICTS.items() for text in texts for word in text}
    marks = {name: {_plain(word): "x" for word in (*text, *_TICKS)} for name, text in _MARKS.items()}
    return {"verdict": verdicts | {"": ""}, **{name: words | {"": ""} for name, words in marks.items()}}


_MEANINGS = _meanings()
_COLUMNS = {_plain(word): name for name, head in HEADS.items() for word in head.text}

INSTRUCTIONS = (
    Text("归一 · 重复组复核表：使用说明", "guiyi · workbook of duplicate groups: how to use it"),
    Text("", ""),
    Text(
        "一行是一条记录；「组」相同、底色相同的相邻行被认为可能是同一个客户。每组第一行是比较的基准（计划保留的记录）。",
        "A row is a record; rows of one group, in one shade, may be one customer. The others are compared with its first row.",
    ),
    Text(
        "颜色：黄色 = 与基准不同；绿色 = 基准没有、此行有；粗体 = 合并后计划采用的值；浅黄的列 = 由你填写。",
        "Colours: yellow = differs from the first row; green = only here; bold = what the merge would take; pale columns are yours.",
    ),
    Text("", ""),
    Text("怎么填", "What to fill in"),
    Text(
        "1. 决定：合并 / 不合并 / 待定（公司级为 关联 / 不关联 / 待定）。每组填一行即可，填哪一行都行；留空等于待定。",
        "1. decision: merge / do not merge / undecided (companies: link). One row of a group is enough, any row; blank means undecided.",
    ),
    Text(
        "2. 排除：这一行不属于这一组时选「排除」，其余行照决定处理。排除后至少要剩两条才能合并。",
        "2. exclude: this row does not belong to the group; the others follow the decision. Two must remain to be merged.",
    ),
    Text(
        "3. 保留：想让另一条记录作为主记录时，在那一行选「保留」，每组最多一行。",
        "3. keep: the record that should stay, at most one row of a group; blank: as planned.",
    ),
    Text(
        "4. 采用·某字段：想让合并后的客户用这一行的值时选「采用」，每组每个字段最多一行；不填则按计划。",
        "4. take …: the merged customer takes this row's value; at most one row of a group for a field; blank: as planned.",
    ),
    Text("5. 备注：写给同事看的理由，可不填。", "5. note: your reason, for colleagues; may stay blank."),
    Text("", ""),
    Text("可以做的", "What you may do"),
    Text(
        "筛选、排序、增加自己的列、删去整组、分给几个人分别填写再分别读回，都可以：每一行自带编号。",
        "Filter, sort, add columns of your own, delete whole groups, hand copies to several people: every row carries its keys.",
    ),
    Text(
        "要排序时请先撤销工作表保护（审阅 → 撤销工作表保护，没有密码）。",
        "To sort, first unprotect the sheet (Review, Unprotect Sheet; there is no password).",
    ),
    Text("", ""),
    Text("请不要做的", "What to leave alone"),
    Text(
        "不要改表头和最右边三列（组编号、记录键、校验码），不要只删一组里的几行：这样的组会被退回。",
        "Do not change the headings or the last three columns, nor delete only some rows of a group: such groups are refused.",
    ),
    Text(
        "改数据单元格没有作用：这里只读取你的选择，不读取改动的值。",
        "Changing the data has no effect: only your choices are read.",
    ),
    Text("", ""),
    Text(
        "填好后：guiyi workbook --read 本文件.xlsx。被退回的组会逐行列出原因，其余的全部保存；重复读取不会重复保存。",
        "When done: guiyi workbook --read THIS.xlsx. Refused groups are listed with row and reason, all others are stored, once.",
    ),
)
