"""How one column of a table is read: its field, its part in it, how sure that is and why."""

from collections.abc import Iterable
from dataclasses import dataclass

from ...i18n import Text
from .header_meaning import Meaning, end_of, meaning_of

SURE, LIKELY, GUESS = 0.95, 0.8, 0.6
BY_WISH = Text("配置中指定", "named in the configuration")
BY_HEADER = Text("表头", "header")
BY_BOTH = Text("表头与内容一致", "header and cells agree")
BY_CELLS = Text("表头不认识，按内容判断", "unknown header, read by its cells")
BY_LEVEL = Text("表头可指个人或单位，按内容判断", "header may mean person or organisation, read by its cells")
UNKNOWN = Text("表头不认识", "unknown header")
APART = Text("不是客户本人的信息", "of somebody else than the customer")
NO_FIELD = Text("没有对应的字段", "no field of ours")
BESIDE = Text("已有更合适的列", "another column is better")
SECOND = Text("第二联系人", "of a second contact")
FURTHER = Text("补充列", "one more beside the main one")
NOTHING_SAID = Meaning(None)


@dataclass(frozen=True)
class Column:
    """field: None is carried in `extra` only.

    role: how it takes part in its field: `main`; `whole`, `family`, `given`, `middle`, `weak` of a name that is put together;
    `area_code`, `extension` of a number; `further` beside the main one, or one of many (kept in `extra` too); `second` of another
    contact (in `extra`, and read where the row has no first one); "" of none. note: what is to be said about it: a rule, and a suggestion.
    wished: the configuration names the field.
    """

    header: str
    field: str | None
    reason: Text
    role: str = ""
    confidence: float = 0.0
    note: tuple[str, str | None] | None = None
    meaning: Meaning = NOTHING_SAID
    wished: bool = False

    @property
    def kind(self) -> str:
        """The kind of its meaning."""
        return self.meaning.kind

    @property
    def is_unknown(self) -> bool:
        """Whether neither its header nor the configuration says anything."""
        return self.reason is UNKNOWN

    @property
    def is_name_part(self) -> bool:
        """Whether it holds a part of the person's name."""
        return self.field == "person_name" and self.kind in ("family", "given", "middle")


def second_contact(columns: Iterable[Column]) -> tuple[str, ...]:
    """The headers of a second contact whose numbers or mails are carried in `extra`; none where only a name is."""
    second = [c for c in columns if c.role == "second"]
    return tuple(c.header for c in second) if any(c.meaning.field != "person_name" for c in second) else ()


def unread_persons(columns: Iterable[Column]) -> tuple[str, ...]:
    """Headers that name the customer's person where no column is read as one: rows of such a table are not mere companies."""
    columns = list(columns)
    if any(c.field == "person_name" for c in columns):
        return ()
    unmapped = (c.header for c in columns if c.field is None and c.reason is not BY_LEVEL)
    said = ((header, meaning_of(header) or end_of(header)) for header in unmapped)
    return tuple(h for h, m in said if m is not None and m.field == "person_name" and m.kind != "weak")
