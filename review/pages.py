"""The pages that are looked at: queue, group, history. They read what is in memory and render it."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from ..decisions import Decision
from . import acts
from .desk import GONE, Desk, decided_today, desk, number
from .group_view import GroupView, group_view
from .portion import Asked
from .published import Published
from .queue import PAGE, Filters, neighbours, places


def queue_page(request: Request) -> Response:
    """Groups by risk, filtered, fifty at a time."""
    here, filters = desk(request), Filters.of(request.query_params)
    published, _ = here.now()
    found = places(published, filters, here.ledger.settled())
    pages = max(1, -(-len(found) // PAGE))
    page = min(max(number(request.query_params.get("page", "1"), 1), 1), pages)
    rows = published.groups[found[(page - 1) * PAGE : page * PAGE]].to_dicts()
    return here.page(
        "queue.html", filters=filters, rows=rows, words=here.ledger.settled(), total=len(found), page=page, pages=pages,
        sources=published.sources, owners=published.owners, flash=flash(here, request),
        open_count=len(places(published, Filters(), here.ledger.settled())),
    )  # fmt: skip


def group_page(request: Request) -> Response:
    """One group: records side by side, why, what will happen, and the acts."""
    here, filters = desk(request), Filters.of(request.query_params)
    published, _ = here.now()
    place = published.place_of(request.path_params["group"])
    if place is None:
        return here.message(GONE, 404)
    unmasked, query = here.unmasked(request.path_params["group"]), request.query_params
    asked = Asked(query.get("at", ""), number(query.get("page", "")), unmasked)
    view = group_view(published, here.ledger, place, asked, here.cut)
    return here.page("group.html", **group_values(here, published, view, filters), unmasked=unmasked,
                     flash=flash(here, request))  # fmt: skip


def group_values(here: Desk, published: Published, view: GroupView, filters: Filters) -> dict[str, Any]:
    """What the template of a group needs besides the view."""
    around = neighbours(published, filters, here.ledger.settled(), view.place)
    ids = published.groups["group_id"]
    return {
        "view": view, "group": view.group, "filters": filters, "around": around,
        "before": ids[around.before] if around.before is not None else None,
        "after": ids[around.after] if around.after is not None else None,
    }  # fmt: skip


def flash(here: Desk, request: Request) -> dict[str, Any] | None:
    """What the last post did, found by the id in the address."""
    done = here.ledger.known(request.query_params.get("done"))
    if done is None:
        return None
    if done.kind == "retract":
        meant = here.ledger.known(done.takes_back)
        return {"undone": True, "words": acts.in_words(meant) if meant else "", "count": 1}
    return {
        "undone": False,
        "words": acts.in_words(done),
        "count": len(here.ledger.together(done)),
        "id": done.decision_id,
    }


def history_page(request: Request) -> Response:
    """Today's decisions, the newest first, each with a way to take it back."""
    here = desk(request)
    published, _ = here.now()
    everybody = request.query_params.get("who") == "all"
    said = decided_today(here.ledger, None if everybody else here.who)
    lines: list[dict[str, Any]] = []
    batches: set[str] = set()
    for decision in said:
        if decision.batch is None or decision.batch not in batches:
            lines.append(_line(here, published, decision))
        batches.add(decision.batch or "")
    return here.page(
        "history.html", lines=lines[:200], count=len(said), everybody=everybody, flash=flash(here, request)
    )


def _line(here: Desk, published: Published, decision: Decision) -> dict[str, Any]:
    """A decision with the group that it speaks of, as far as the run has it."""
    held = published.places_of(decision.level, sorted(decision.keys))
    group = published.groups.row(held[0], named=True) if held else None
    count = len(here.ledger.together(decision))
    return {"decision": decision, "words": acts.in_words(decision), "group": group, "count": count}
