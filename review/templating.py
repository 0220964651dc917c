"""Jinja's environment: everything is escaped, every word has two languages, every address is built in one place."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..decisions import STATUS
from ..i18n import language
from ..reports.explanation import TITLES
from ..reports.masking import mask, mask_message, masked_text
from ..reports.merged import merged_already
from . import acts
from .risk import REASONS

if TYPE_CHECKING:
    from jinja2 import Environment


def environment() -> "Environment":
    """Templates of this room, with the few words that they use."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("guiyi.review"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    english = language() == "en"  # asked once: a page holds thousands of words
    made.globals.update(
        t=lambda zh, en: en if english else zh, lang="en" if english else "zh-CN", reasons=REASONS, standings=STATUS, titles=TITLES,
        in_words=acts.in_words, merged_already=merged_already,
    )  # fmt: skip
    filters: dict[str, Callable[..., Any]] = {
        "masked": lambda value, field, person=None: mask(field, value, person) or "",
        "text_masked": lambda text, person=None: mask_message(masked_text("note", text or "", person)),
        "clock": lambda at: at.replace(tzinfo=UTC).astimezone().strftime("%H:%M:%S"),
        "moment": _moment,
        "pair": lambda value: (value, value),
        "score": lambda value: f"{value:.3f}",
    }
    made.filters.update(filters)
    return made


def _moment(at: datetime) -> str:
    """UTC of the journal as the steward's own date and time."""
    return at.replace(tzinfo=UTC).astimezone().strftime("%m-%d %H:%M")
