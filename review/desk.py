"""What the pages of one server share: a steward, a store, the run in memory, the journal; and small words of a request."""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ..decisions import Decision
from ..errors import StoreError
from ..i18n import Text
from ..io.store.journal import ConflictError, Journal, open_journal
from .guard import Keys, rooted
from .ledger import Ledger
from .published import Published
from .queue import Filters
from .reader import Reader
from .templating import environment

PATIENCE = 5.0  # seconds that a steward waits for a journal that another program holds
REVEAL_SECONDS = 300.0  # after which a group's personal data is masked again
GONE = Text(
    "这个组已不在最近一次运行里：数据更新后成员变了。请回到队列。",
    "This group is not in the last run any more: its records changed. Go back to the queue.",
)


class Desk:
    """One steward at one store: what the pages share."""

    def __init__(self, store: Path, who: str, keys: Keys, cut: float) -> None:
        self.store, self.who, self.keys, self.cut = store, who, keys, cut
        self.reader, self.ledger = Reader(store), Ledger(store)
        self.templates = environment()
        self._revealed: dict[str, float] = {}
        self.refused: tuple[datetime, StoreError] | None = None  # what could not be stored last, until something can be
        self._begin_journal()
        self.now()  # a long journal is read before the first page is asked for

    def _begin_journal(self) -> None:
        """A new journal takes up from the store now: no decision waits for a run that holds the store."""
        try:
            with open_journal(self.store):
                pass
        except StoreError:  # held by a run, or not writable: the pages can be read, and the first decision tries again
            return

    def now(self) -> tuple[Published, int]:
        """The run and the journal's version, as new as can be had without waiting. Raises nothing: a page can always be read."""
        published = self.reader.current()
        return published, self.ledger.refresh(published)

    def unmasked(self, group_id: str) -> bool:
        """Whether the steward has asked for this group's personal data within the last minutes."""
        return self._revealed.get(group_id, 0.0) > time.monotonic()

    def reveal(self, group_id: str) -> None:
        """Note it in the journal, then show; raises StoreError where it cannot be noted."""
        with self._writing() as journal:
            journal.audit("unmask", {"command": f"review {group_id}", "steward": self.who})
        self._revealed[group_id] = time.monotonic() + REVEAL_SECONDS

    def hide(self, group_id: str) -> None:
        self._revealed.pop(group_id, None)

    def append(self, decisions: list[Decision], seen: int) -> list[str]:
        """Into the journal at once. Raises ConflictError where somebody else spoke of these records meanwhile, StoreError."""
        with self._writing() as journal:
            return journal.append(decisions, seen)

    @contextmanager
    def _writing(self) -> Iterator[Journal]:
        """The journal, where it is the one that was read. Raises StoreError, and remembers it for the pages that follow."""
        try:
            self.ledger.refresh(self.reader.current(), again=True)
            if self.ledger.fault is not None and self.ledger.fault.reason == "store.damaged":
                raise self.ledger.fault
            with open_journal(self.store, patience=PATIENCE) as journal:
                yield journal
            self.refused = None
        except ConflictError:
            raise
        except StoreError as fault:
            self.refused = (datetime.now(UTC).replace(tzinfo=None), fault)
            raise

    def page(self, name: str, status: int = 200, **values: Any) -> Response:
        """A rendered page; every one knows the steward, the run and how much was decided today."""
        published, version = self.now()
        shared = {
            "who": self.who, "form_key": self.keys.form, "run": published.run_id, "seen": version,
            "today": len(decided_today(self.ledger, self.who)), "filters": Filters(), "ledger": self.ledger,
            "refused": self.refused, **values,
        }  # fmt: skip
        return HTMLResponse(rooted(self.templates.get_template(name).render(shared), self.keys.root), status)

    def message(self, text: Text | str, status: int, group_id: str | None = None) -> Response:
        """A page with one sentence and the way back, to a group or to the queue."""
        return self.page("message.html", status, text=str(text), group_id=group_id)


def desk(request: Request) -> Desk:
    found: Desk = request.app.state.desk
    return found


def decided_today(ledger: Ledger, who: str | None = None) -> list[Decision]:
    """Decisions of this calendar day (local time) that are in force, the newest first."""
    midnight = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    start = midnight.astimezone(UTC).replace(tzinfo=None)
    return [
        d for d in reversed(ledger.decisions)
        if d.at and d.at >= start and ledger.is_active(d) and who in (None, d.by)
    ]  # fmt: skip


def query_of(request: Request) -> str:
    return f"?{request.url.query}" if request.url.query else ""


def one(form: Mapping[str, list[str]], name: str) -> str:
    return (form.get(name) or [""])[0]


def seen_of(form: Mapping[str, list[str]]) -> int:
    """The journal's version when the page was made; a form without it has seen nothing."""
    return number(one(form, "seen"))


def number(text: str, otherwise: int = 0) -> int:
    """A number of an address or a form; `otherwise` for anything that is none."""
    return int(text) if re.fullmatch("[0-9]{1,15}", text) else otherwise
