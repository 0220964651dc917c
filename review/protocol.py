"""How HTTP is spoken: what is no HTTP at all gets the same headers as every page, and nothing of it gets into a log."""

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from .guard import HEADERS, REFUSED


class CarefulProtocol(H11Protocol):
    """uvicorn's own, but for its answer to what it cannot read."""

    def send_400_response(self, _reason: str) -> None:
        """Answer at once and hang up: an answer that is under way cannot be completed any more."""
        text = f"{REFUSED['malformed']!s}\n".encode()
        headers = {"content-type": "text/plain; charset=utf-8", "content-length": len(text), "connection": "close"}
        lines = [f"{name}: {value}\r\n" for name, value in (headers | HEADERS | {"cache-control": "no-store"}).items()]
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            self.transport.write(b"HTTP/1.1 400 Bad Request\r\n" + "".join(lines).encode() + b"\r\n" + text)
        self.transport.close()


def settings_of(app: ASGIApp) -> uvicorn.Config:
    """One quiet server: no access log, no name of ours, nothing but HTTP."""
    return uvicorn.Config(
        app, http=CarefulProtocol, log_level="error", access_log=False, lifespan="off", server_header=False, ws="none"
    )
