"""The application: routes to pages, and the guard before them."""

from collections.abc import Sequence
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from ..errors import GuiyiError
from .bulk import bulk_approve, bulk_page
from .desk import Desk
from .guard import Guard, Keys, unforeseen
from .pages import group_page, history_page, queue_page
from .posts import decide, fault_page, missing_page, reveal, undo

HERE = Path(__file__).parent


def create_app(store: Path, who: str, keys: Keys, cut: float, hosts: Sequence[str] = ()) -> Guard:
    """The page of one steward at one store. Raises StoreError where no run was published."""
    routes = [
        Route("/", queue_page),
        Route("/group/{group}", group_page),
        Route("/group/{group}/decide", decide, methods=["POST"]),
        Route("/group/{group}/reveal", reveal, methods=["POST"]),
        Route("/undo", undo, methods=["POST"]),
        Route("/history", history_page),
        Route("/bulk", bulk_page),
        Route("/bulk", bulk_approve, methods=["POST"]),
        Mount("/static", StaticFiles(directory=HERE / "static")),
    ]
    app = Starlette(
        routes=routes,
        exception_handlers={GuiyiError: fault_page, 404: missing_page, 405: missing_page, Exception: unforeseen},
    )
    app.state.desk = Desk(store, who, keys, cut)
    return Guard(app, keys, hosts)
