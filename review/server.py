"""Serves the page from this machine: a socket, a link with a token, until Ctrl-C."""

import signal
import socket
from collections.abc import Callable, Sequence
from pathlib import Path

from ..errors import UsageError
from ..i18n import Text
from .guard import LOOPBACK, Keys

PORT = 8417


def serve(
    store: Path, who: str, host: str, port: int | None, hosts: Sequence[str], cut: float, announce: Callable[[str], None]
) -> None:  # fmt: skip
    """Announce the link, then answer until Ctrl-C or SIGTERM, which end it in order.

    port: None for the usual one, or any that is free where it is taken; 0 for any. Raises UsageError for an address that
    cannot be had, StoreError where the store holds no run.
    """
    import uvicorn

    from .app import create_app
    from .protocol import settings_of

    keys = Keys()
    app = create_app(store, who, keys, cut, [*hosts, host])
    bound = _bound(host, port)
    for number in (
        signal.SIGINT,
        signal.SIGTERM,
    ):  # uvicorn hands a signal on when it has ended: then nothing is left to do
        signal.signal(number, lambda *_: None)
    name = f"[{host}]" if ":" in host else ("127.0.0.1" if host in LOOPBACK else host)
    announce(f"http://{name}:{bound.getsockname()[1]}/open/{keys.token}")
    uvicorn.Server(settings_of(app)).run(sockets=[bound])


def _bound(host: str, port: int | None) -> socket.socket:
    for wanted in (PORT, 0) if port is None else (port,):
        try:
            return _socket(host, wanted)
        except OSError:
            continue
    raise UsageError(
        Text("无法在 {h}:{p} 上监听。", "Cannot listen on {h}:{p}.").format(h=host, p=port),
        Text(
            "端口可能被占用，请换一个（--port 0 自动选择）。",
            "The port may be taken: choose another (--port 0 for any).",
        ),
    )


# On Windows SO_REUSEADDR would let two servers share an address, or one take it from the other.
_OWN_ADDRESS = getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR)


def _socket(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol by name: else asyncio leaves Nagle's algorithm on, and every answer waits 40 ms for a delayed ACK.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, _OWN_ADDRESS, 1)
        made.bind((host, port))
        made.listen(64)
    except OSError:
        made.close()
        raise
    return made
