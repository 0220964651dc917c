"""What a steward does: a post says something to the journal at once, then leads on to a page."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ..decisions import KINDS
from ..errors import StoreError, UsageError
from ..i18n import Text
from ..io.store.journal import ConflictError
from . import acts
from .desk import GONE, Desk, desk, one, query_of, seen_of
from .group_view import group_view
from .portion import Asked
from .queue import Filters, neighbours


def decide(request: Request) -> Response:
    """Store what was decided on a group, and go on to the next."""
    here, filters, form = desk(request), Filters.of(request.query_params), request.scope["form"]
    published, _ = here.now()
    group_id, act = request.path_params["group"], one(form, "act")
    place = published.place_of(group_id)
    if place is None:
        return here.message(GONE, 409)
    members = published.records_of(place)
    level = published.groups["level"][place]
    try:
        ids = here.append(acts.decisions_of_act(act, level, members, form, here.who), seen_of(form))
    except ConflictError as conflict:
        return conflict_page(here, conflict, request)
    except UsageError as fault:
        return here.message(fault.what, 400)
    here.now()
    target, page = group_id, request.query_params.get("page", "")
    if act.partition(":")[0] not in ("value", "survivor"):  # settled: on to the next one
        after = neighbours(published, filters, here.ledger.settled(), place).after
        if after is None:
            return RedirectResponse("/" + filters.address(done=ids[-1]), 303)
        target, page = published.groups["group_id"][after], ""
    return RedirectResponse(f"/group/{target}" + filters.address(page=page[:6], done=ids[-1]), 303)


def conflict_page(here: Desk, conflict: ConflictError, request: Request) -> Response:
    """Somebody was faster: who, when and what, on which records; the steward's own choice, to be said again or dropped."""
    fields = [(n, v) for n, values in request.scope["form"].items() if n not in ("seen", "key") for v in values]
    published, _ = here.now()
    held = published.places_of(conflict.level, [conflict.record_key])
    view = group_view(published, here.ledger, held[0], Asked(), here.cut) if held else None
    return here.page(
        "conflict.html", 409, by=conflict.by, at=local_time(conflict.at), said=KINDS[conflict.kind].name,
        own=own_words(request.scope["form"]), action=str(request.url.path) + query_of(request), fields=fields,
        view=view, most=SHOWN, picked=set(request.scope["form"].get("record") or ()),
    )  # fmt: skip


_UNDO_WITHIN = timedelta(days=1)  # what was decided longer ago is taken back by name only
SHOWN = 20  # records of a group on the page of a conflict
_OWN = {"approve": "must_link", "reject": "cannot_link", "split": "split", "exclude": "split", "value": "choose_value",
        "survivor": "choose_survivor", "undo": "retract", "bulk": "must_link"}  # fmt: skip


def own_words(form: Mapping[str, list[str]]) -> str:
    own = _OWN.get(one(form, "act").partition(":")[0])
    return str(KINDS[own].name) if own else ""


def local_time(at: str) -> str:
    """UTC of the journal in the steward's own time."""
    return datetime.fromisoformat(at).replace(tzinfo=UTC).astimezone().strftime("%m-%d %H:%M:%S")


def reveal(request: Request) -> Response:
    """Show or hide the personal data of one group; showing is noted in the journal first."""
    here, group_id = desk(request), request.path_params["group"]
    if here.reader.current().place_of(group_id) is None:
        return here.message(GONE, 404)
    if one(request.scope["form"], "act") == "hide":
        here.hide(group_id)
    else:
        try:
            here.reveal(group_id)
        except StoreError:
            return here.message(_NOT_NOTED, 503, group_id)
    return RedirectResponse(f"/group/{group_id}" + query_of(request), 303)


_NOT_NOTED = Text(
    "现在无法留下查看记录，所以没有显示完整信息。原因见页面上方。",
    "The look cannot be noted now, so nothing was shown. The reason stands above.",
)


def undo(request: Request) -> Response:
    """Take back the steward's last decision, or the one that is named."""
    here, form = desk(request), request.scope["form"]
    here.now()
    named, earliest = here.ledger.known(one(form, "decision")), datetime.now(UTC).replace(tzinfo=None) - _UNDO_WITHIN
    meant = here.ledger.together(named) if named else here.ledger.last_of(here.who, earliest)
    if not meant:
        return here.message(Text("没有可以撤回的决定。", "There is nothing to take back."), 404)
    try:
        ids = here.append(acts.retractions(meant, here.who), seen_of(form))
    except ConflictError as conflict:
        return conflict_page(here, conflict, request)
    published, _ = here.now()
    if one(form, "back") == "history":
        return RedirectResponse(f"/history?done={ids[-1]}", 303)
    held = published.places_of(meant[-1].level, sorted(meant[-1].keys))
    if len(meant) > 1 or not held:
        return RedirectResponse("/" + Filters.of(request.query_params).address(done=ids[-1]), 303)
    address = Filters.of(request.query_params).address(done=ids[-1])
    return RedirectResponse(f"/group/{published.groups['group_id'][held[0]]}" + address, 303)


def fault_page(request: Request, fault: Exception) -> Response:
    """A journal that takes nothing: what was asked for is not stored, and the page above says why."""
    here, group_id = desk(request), request.path_params.get("group")
    known = group_id is not None and here.reader.current().place_of(group_id) is not None
    text = _NOT_STORED if isinstance(fault, StoreError) and here.refused else str(fault)
    return here.message(text, 503, group_id if known else None)


_NOT_STORED = Text(
    "刚才的操作没有保存。原因见页面上方；之前保存的决定不受影响。",
    "What you just did was not stored. The reason stands above; what was stored before is not affected.",
)


def missing_page(request: Request, _fault: Exception) -> Response:
    """An address that leads nowhere."""
    return desk(request).message(Text("没有这个页面。", "There is no such page."), 404)
