"""A local web server that keeps what is posted to it and answers as it is told."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Robot:
    """What came in, and what the next answers are (status and body; afterwards 200 and errcode 0)."""

    url: str = ""
    posts: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    delay: float = 0.0

    def texts(self) -> list[str]:
        """The texts of all messages, wherever a kind of robot has them."""
        found = [json.loads(body) for _, _, body in self.posts]
        return [str(b.get("text", b.get("content"))["content" if "text" in b else "text"]) for b in found]


@contextmanager
def web_server() -> Iterator[Robot]:
    """A robot at 127.0.0.1."""
    robot = Robot()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            robot.posts.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            time.sleep(robot.delay)
            status, said = robot.answers.pop(0) if robot.answers else (200, b'{"errcode": 0, "code": 0}')
            self.send_response(status)
            if status in (301, 302, 307):
                self.send_header("Location", robot.url + "/elsewhere")
            self.end_headers()
            with suppress(BrokenPipeError):  # a caller that has given up
                self.wfile.write(said)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    robot.url = f"http://127.0.0.1:{server.server_port}/robot"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield robot
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
