"""Asking servers whose addresses people typed in: only out in the open, only over TLS, quickly, and not for ever.

Whoever may type an address could otherwise have the desk ask machines that only it can reach. Every name is looked up
here and the address that was judged is the one connected to, so that a name cannot change its mind in between.
"""

import ipaddress
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

import httpx

from helpdesk import settings

_TIMEOUT = httpx.Timeout(8, connect=4)
_SHOWN = 4_000
# What browsers show and cannot run.
_PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_LARGEST = 1024 * 1024
# How long a body may take altogether, in seconds: the timeouts above count from piece to piece.
_LONGEST = 20.0
_LOOPBACK_NAMES = ("localhost", ".localhost")


class Refused(httpx.TransportError):
    """This address is not one the desk asks."""


def client() -> httpx.Client:
    """A client for addresses people typed in. It follows no redirects and knows no proxy."""
    headers = {"User-Agent": "helpdesk", "Accept": "application/json", "Accept-Encoding": "identity"}
    return httpx.Client(transport=_Wary(), timeout=_TIMEOUT, headers=headers, trust_env=False)


def problem(address: str) -> str:
    """Why an address cannot be used, in a sentence; nothing when it can. Names are looked up only when connecting."""
    try:
        url = httpx.URL(address)
        urlsplit(address)  # finds fault with what httpx lets pass, such as https://[
    except (httpx.InvalidURL, ValueError):
        return "This is not an address."
    if url.scheme not in ("https", "http") or not url.host or url.userinfo or url.fragment:
        return "Use an address such as https://login.example.com."
    if url.scheme == "http" and not (_may_loop_back() and _is_loopback(url.host)):
        return "Use an address that begins with https://."
    return ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from a call: the status and the beginning of the text, or why nothing did (status 0)."""

    status: int
    text: str

    @property
    def is_good(self) -> bool:
        """Whether the other side has taken it."""
        return 200 <= self.status < 300


class Poster(Protocol):
    """Sends JSON somewhere."""

    def post(self, address: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send a body; never raises, whatever happens."""


class OverTheNet:
    """The real one, as wary as every client here."""

    def post(self, address: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """See `Poster`."""
        sent = {"Content-Type": "application/json", **headers}
        try:
            with client() as opened, opened.stream("POST", address, content=body, headers=sent) as answer:
                return Answer(answer.status_code, _beginning(answer))
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            return Answer(0, str(error) or type(error).__name__)


def picture(address: str) -> tuple[str, bytes] | None:
    """A picture from elsewhere and its kind, fetched without telling who looks at it; None when there is none to be had."""
    try:
        with client() as opened:
            answer = opened.get(address, headers={"Accept": "image/*"})
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        return None
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return (kind, answer.content) if answer.status_code == 200 and kind in _PICTURES else None


class InMemory:
    """A twin that keeps what it was given and answers as it was told."""

    def __init__(self, *answers: Answer) -> None:
        self.posted: list[tuple[str, bytes, dict[str, str]]] = []
        self._answers = list(answers)

    def post(self, address: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """See `Poster`."""
        self.posted.append((address, body, dict(headers)))
        return self._answers.pop(0) if self._answers else Answer(200, "")


def _beginning(answer: httpx.Response) -> str:
    """As much of a text as a log shows; the rest is not even read."""
    found = b""
    for part in answer.iter_raw():
        found += part
        if len(found) >= _SHOWN:
            break
    return found[:_SHOWN].decode("utf-8", errors="replace").replace("\x00", "")


class _Wary(httpx.HTTPTransport):
    """Connects to what was judged, and reads no more than it should."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """See httpx."""
        if why := problem(str(request.url)):
            raise Refused(why)
        host = request.url.host
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        # TLS still asks for the name and checks the certificate against it.
        checked = httpx.Request(
            request.method,
            request.url.copy_with(host=judged(host, port)),
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions | {"sni_hostname": host},
        )
        answer = super().handle_request(checked)
        return httpx.Response(
            answer.status_code, headers=answer.headers, stream=_Short(answer.stream), extensions=answer.extensions
        )


class _Short(httpx.SyncByteStream):
    """A body of which only so much is read."""

    def __init__(self, stream: object) -> None:
        assert isinstance(stream, httpx.SyncByteStream)
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        """See httpx."""
        size, until = 0, time.monotonic() + _LONGEST
        for part in self._stream:
            size += len(part)
            if size > _LARGEST:
                raise Refused("The answer is larger than 1 MB.")
            if time.monotonic() > until:
                raise Refused("It takes too long to answer.")
            yield part

    def close(self) -> None:
        """See httpx."""
        self._stream.close()


def judged(host: str, port: int) -> str:
    """The first of a host's addresses that may be connected to.

    Raises:
        Refused: there is none, or it is one of a private network.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Refused(f"There is no server called {host}.") from error
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    allowed = [str(address) for address in addresses if _may_reach(address)]
    # One private address among public ones is a trick, not a mistake.
    if not allowed or len(allowed) < len(addresses):
        raise Refused(f"{host} is an address of a private network.")
    return allowed[0]


def _may_reach(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    mapped = getattr(address, "ipv4_mapped", None) or address
    if mapped.is_loopback:
        return _may_loop_back()
    if mapped.is_link_local or mapped.is_multicast or mapped.is_unspecified:
        return False  # among them the cloud's own address for secrets, 169.254.169.254
    return bool(mapped.is_global) or (mapped.is_private and settings.get().allow_private_addresses)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == _LOOPBACK_NAMES[0] or host.endswith(_LOOPBACK_NAMES[1])


def _may_loop_back() -> bool:
    return settings.get().environment != "production"
