"""Approving many groups at once: a filter, a preview of exactly what will be said, and one saying per group."""

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ..i18n import Text
from ..io.store.journal import ConflictError
from . import acts
from .desk import Desk, desk, one, seen_of
from .posts import conflict_page
from .published import Published
from .queue import Filters, places

MOST = 500  # groups approved at once: all of them stand in the preview
DEFAULT_LEAST = "0.95"


def bulk_page(request: Request) -> Response:
    """The preview: every group that would be approved, in the order of the queue. The page opens with the cautious choice."""
    here = desk(request)
    filters = Filters.of({"level": "contact", "at_least": DEFAULT_LEAST, **request.query_params, "state": "open"})
    published, _ = here.now()
    found = places(published, filters, here.ledger.settled())
    clean = request.query_params.get("clean", "1" if not request.query_params else "")
    if clean:
        found = [
            p for p, why in zip(found, published.groups["reasons"][found].to_list(), strict=True) if not _doubts(why)
        ]
    rows = published.groups[found[:MOST]].to_dicts()
    return here.page(
        "bulk.html", filters=filters, rows=rows, total=len(found), clean=bool(clean), most=MOST,
        records=sum(r["size"] for r in rows), sources=published.sources, owners=published.owners,
    )  # fmt: skip


def _doubts(reasons: list[str]) -> bool:
    """Contradicting fields or owners; a score near the cut is what the filter is for."""
    return bool(set(reasons) - {"near"})


def bulk_approve(request: Request) -> Response:
    """Approve exactly the groups that the preview showed, all or none."""
    here, form = desk(request), request.scope["form"]
    wanted = [g for g in one(form, "groups").split(",") if g]
    published, _ = here.now()
    groups = _still_there(here, published, wanted)
    if groups is None or not groups:
        return here.message(_CHANGED, 409)
    try:
        ids = here.append(acts.approvals(groups, here.who), seen_of(form))
    except ConflictError as conflict:
        return conflict_page(here, conflict, request)
    return RedirectResponse(f"/?done={ids[-1]}", 303)


_CHANGED = Text(
    "预览之后数据更新了，或没有选中任何组：没有保存。请重新预览。",
    "The data changed since the preview, or nothing was chosen: nothing was stored. Preview again.",
)


def _still_there(here: Desk, published: Published, wanted: list[str]) -> list[Any] | None:
    """Level and records of the groups by id; None where one of them is gone, or was decided on already."""
    words, found = here.ledger.settled(), []
    place_of = dict(published.groups.select("group_id", "place").iter_rows())
    for group_id in wanted[:MOST]:
        place = place_of.get(group_id)
        if place is None or place in words:
            return None
        found.append((published.groups["level"][place], published.members.of(place)["record_key"].to_list()))
    return found
