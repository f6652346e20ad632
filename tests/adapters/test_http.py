"""Pictures from elsewhere, from a server on loopback."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from helpdesk.adapters import http

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 60
ANSWERS = {
    "/logo.png": (200, "image/png", PNG),
    "/script.svg": (200, "image/svg+xml", b"<svg onload='alert(1)'/>"),
    "/page": (200, "text/html", b"<p>"),
    "/gone.png": (404, "image/png", PNG),
    "/huge.png": (200, "image/png", PNG * 30_000),
}


class Elsewhere(BaseHTTPRequestHandler):
    """Notes what it is told about who asks."""

    asked: list[dict[str, str]] = []

    def do_GET(self) -> None:
        """Whatever the address is."""
        self.asked.append(dict(self.headers))
        if self.path == "/moved.png":
            self.send_response(302)
            self.send_header("Location", "/logo.png")
            self.end_headers()
            return
        status, kind, body = ANSWERS[self.path]
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except ConnectionError:
            pass  # too much for them

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


def test_a_picture_comes_with_its_kind_and_its_server_learns_nothing_of_who_looks(elsewhere: str) -> None:
    assert http.picture(f"{elsewhere}/logo.png") == ("image/png", PNG)
    told = {name.lower() for name in Elsewhere.asked[-1]}
    assert not told & {"cookie", "referer", "x-forwarded-for", "authorization"}


@pytest.mark.parametrize("path", ["/script.svg", "/page", "/gone.png", "/moved.png", "/huge.png"])
def test_what_is_no_small_picture_is_not_shown(elsewhere: str, path: str) -> None:
    assert http.picture(f"{elsewhere}{path}") is None


@pytest.mark.parametrize(
    "address", ["https://10.0.0.1/a.png", "https://[::1", "ftp://x/a.png", "https://127.0.0.1:9/a"]
)
def test_what_cannot_be_asked_is_not_shown(address: str) -> None:
    assert http.picture(address) is None
