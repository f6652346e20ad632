"""A system that is told what happens: a real HTTP server on loopback that answers as it is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import NamedTuple


class Heard(NamedTuple):
    """One call."""

    body: bytes
    headers: dict[str, str]
    path: str = ""


class HookServer:
    """What it heard, and what it answers."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.status, self.text, self.extra = 200, "thanks", dict[str, str]()
        self.address = ""
        # What is answered elsewhere than everywhere, by path.
        self.at: dict[str, tuple[int, str]] = {}


@contextmanager
def listening() -> Iterator[HookServer]:
    """A server that runs until the block ends."""
    known = HookServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            known.heard.append(Heard(body, dict(self.headers), self.path))
            status, text = known.at.get(self.path, (known.status, known.text))
            self.send_response(status)
            for name, value in known.extra.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    known.address = f"http://127.0.0.1:{server.server_port}/hook"
    try:
        yield known
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
