"""The API over a socket: requests a second and how long they take, beside a bare endpoint doing one SQL statement."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import text

from helpdesk import db
from helpdesk.domain.people import Actor, system
from helpdesk.models import Ticket
from helpdesk.services import api_tokens, tickets, unit_of_work
from helpdesk.services.context import Context
from tests.bench import fill
from tests.bench.measure import Times, actor
from tests.bench.report import Report

WORKERS = 2
CLIENTS = (1, 4, 8, 32)
_COMMENTS = 50
_BODY = "Since this morning the **label printer** on floor 3 feeds paper but nothing is on it.\n\n- restarted twice"
_COLUMNS = [name for name in Ticket.model_fields if name not in ("id", "organization_id", "custom")]
_WANTED = ("ticket.read", "ticket.create", "ticket.reply", "ticket.create_for_others")


@dataclass(frozen=True, slots=True)
class Call:
    """One kind of request.

    Args:
        rate: the goal at eight clients: so many a second at least.
        p95: milliseconds at most while eight clients ask so often; those who ask again as soon as they are answered keep
            both cores full whatever an answer costs.
        tickets: what clients put into the path, each its own.
    """

    name: str
    method: str
    path: str
    body: dict[str, object] | None = None
    rate: float = 0
    p95: float = 0
    is_bare_too: bool = True
    headers: dict[str, str] = field(default_factory=dict)
    host: str = "hundred.localhost"
    tickets: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of some seconds of one kind of request."""

    rate: float
    taken: Times
    processor: float  # milliseconds of the server per request
    statuses: frozenset[int]


def run(report: Report, *, quick: bool) -> None:
    """The figures of the API."""
    organization = fill.organization("hundred", 100_000)
    fill.close_filed(organization.id)
    desk = system(organization.id)
    manager = actor(desk, "manager@desk.example")
    reference = _talked_about(desk, manager)
    secret = unit_of_work.run(manager, _token)
    seconds = 1.5 if quick else 8.0
    calls = _calls(reference, _others(desk, max(CLIENTS)))
    bearer = {"Authorization": f"Bearer {secret}"}
    report.add("server processes", str(WORKERS))
    figures: dict[tuple[str, int, bool], Measured] = {}
    more = {
        "BENCH_ORGANIZATION": str(organization.id),
        "BENCH_COLUMNS": ", ".join(_COLUMNS),
        "BENCH_REFERENCE": reference,
    }
    for name in ("bare", "desk"):
        with _served(name, more) as (port, processes):
            for call in calls:
                if name == "bare" and not call.is_bare_too:
                    continue
                for clients in CLIENTS if call.is_bare_too else (8,):
                    wanted = _requests(call, {} if name == "bare" else bearer)
                    figures[call.name, clients, name == "bare"] = _measure(port, wanted, clients, seconds, processes)
                    _work_off(organization.id)
                if name == "desk" and call.p95:
                    _tell_pace(report, call, port, _requests(call, bearer)[0], seconds)
    for call in calls:
        for clients in CLIENTS if call.is_bare_too else (8,):
            _tell(report, call, clients, figures[call.name, clients, False], figures.get((call.name, clients, True)))


def _calls(reference: str, others: Sequence[str]) -> list[Call]:
    """What is asked.

    Args:
        reference: a ticket with a conversation.
        others: tickets without one; each client answers on its own, as customers do.
    """
    filed = {"title": "Labels come out empty", "description": _BODY, "requester_email": "customer7@company.example"}
    ticket = f"/api/v1/tickets/{reference}"
    return [
        Call("create", "POST", "/api/v1/tickets", filed, rate=400),
        Call("list 25 of 100,000", "GET", "/api/v1/tickets"),
        Call(f"get with {_COMMENTS} comments", "GET", ticket, rate=600, p95=12),
        Call("reply", "POST", "/api/v1/tickets/{}/comments", {"body": _BODY}, rate=300, tickets=others),
        Call("search", "GET", "/api/v1/tickets?text=label+printer"),
        Call("refused: no token", "GET", "/api/v1/tickets", is_bare_too=False, headers={"Authorization": ""}),
        Call("refused: wrong parameter", "GET", "/api/v1/tickets?nonsense=1", is_bare_too=False),
        Call("refused: wrong body", "POST", "/api/v1/tickets", {"nonsense": 1}, is_bare_too=False),
        Call("refused: nothing there", "GET", "/api/v1/nothing", is_bare_too=False),
    ]


def _tell(report: Report, call: Call, clients: int, found: Measured, bare: Measured | None) -> None:
    wrong = "" if found.statuses <= {200, 201, 401, 404, 422} else f", answers {sorted(found.statuses)}"
    beside = f"; bare {bare.rate:.0f}/s, p95 {bare.taken.p95:.1f} ms, x{bare.rate / found.rate:.1f}" if bare else ""
    has_goal = clients == 8 and call.rate > 0
    report.add(
        f"{call.name}, {clients} clients" if clients > 1 else f"{call.name}, one client",
        f"{found.rate:.0f}/s, p95 {found.taken.p95:.1f} ms, {found.processor:.2f} ms of processor{beside}{wrong}",
        f">= {call.rate:.0f}/s" if has_goal else "", is_met=found.rate >= call.rate if has_goal else None,
    )  # fmt: skip


def _talked_about(desk: Actor, manager: Actor) -> str:
    """A ticket with a conversation; its reference."""
    customer = actor(desk, "customer7@company.example")
    reference: str = unit_of_work.run(customer, tickets.create, title="Labels come out empty", description=_BODY)
    for _ in range(_COMMENTS):
        unit_of_work.run(manager, tickets.reply, reference, _BODY)
    return reference


def _others(desk: Actor, number: int) -> list[str]:
    """Tickets nobody has answered."""
    customer = actor(desk, "customer7@company.example")
    return [
        unit_of_work.run(customer, tickets.create, title="Labels come out empty", description=_BODY)
        for _ in range(number)
    ]


def _token(ctx: Context) -> str:
    for one in api_tokens.listing(ctx):  # those of earlier runs: nobody may have any number of them
        api_tokens.revoke(ctx, one.id)
    return api_tokens.create(ctx, name="bench", permissions=_WANTED, days=1).secret


def _work_off(organization_id: int) -> None:
    """Close what was filed and forget what was said, so that the next measurement meets the same desk."""
    with db.session(organization_id) as session:
        session.execute(
            text(
                "UPDATE ticket SET is_open = false, status_category = 'closed' WHERE is_open AND created_at > now() - interval '1 hour'"
            )
        )
        session.execute(
            text(
                "DELETE FROM comment c USING (SELECT ticket_id, array_agg(id ORDER BY id) AS ids FROM comment "
                "WHERE created_at > now() - interval '1 hour' GROUP BY ticket_id HAVING count(*) > :kept) many "
                "WHERE c.ticket_id = many.ticket_id AND c.id <> ALL (many.ids[1:CAST(:kept AS int)])"
            ),
            {"kept": _COMMENTS},
        )
        session.commit()


@contextmanager
def _served(name: str, more: dict[str, str]) -> Iterator[tuple[int, list[int]]]:
    """The app of that name on some port; the numbers of its processes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    limits = dict.fromkeys(("API_REQUESTS_PER_MINUTE", "API_ANONYMOUS_PER_MINUTE"), "1000000000")
    command = [
        sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "--workers", str(WORKERS), "--no-log",
        "--backlog", "1024", "--port", str(port), f"tests.bench.api_apps:{name}",
    ]  # fmt: skip
    server = subprocess.Popen(
        command, env=os.environ | limits | more, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _await(port)
        yield port, _children(server.pid)
    finally:
        # Nobody is being served any more; what a worker still waits for is nothing to us.
        for number in (*_children(server.pid), server.pid):
            os.kill(number, signal.SIGKILL)
        server.wait(20)


def _children(number: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{number}/task/{number}/children").read_text().split()]


def _await(port: int) -> None:
    for _ in range(900):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                time.sleep(2.0)  # every worker
                return
        time.sleep(0.1)
    raise TimeoutError("the server did not start")


def _requests(call: Call, headers: dict[str, str]) -> list[bytes]:
    """The requests of the clients as they go over the line: one that costs next to nothing to make leaves the processor to
    the server."""
    return [_request(call, call.path.format(one), headers) for one in call.tickets or ("",)]


def _request(call: Call, path: str, headers: dict[str, str]) -> bytes:
    body = json.dumps(call.body).encode() if call.body is not None else b""
    lines = [f"{call.method} {path} HTTP/1.1", f"Host: {call.host}"]
    lines += [f"{name}: {value}" for name, value in (headers | call.headers).items() if value]
    lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"] if body else []
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _measure(port: int, wanted: Sequence[bytes], clients: int, seconds: float, processes: list[int]) -> Measured:
    asyncio.run(_play(port, wanted, clients, min(1.0, seconds / 3)))
    before = _processor(processes)
    began = time.perf_counter()
    taken, statuses = asyncio.run(_play(port, wanted, clients, seconds))
    passed = time.perf_counter() - began
    spent = _processor(processes) - before
    return Measured(len(taken) / passed, Times(taken), 1000 * spent / max(1, len(taken)), frozenset(statuses))


async def _play(port: int, wanted: Sequence[bytes], clients: int, seconds: float) -> tuple[list[float], set[int]]:
    taken: list[float] = []
    statuses: set[int] = set()
    until = time.perf_counter() + seconds

    async def one(request: bytes) -> None:
        line = await _Line.to(port)
        while (began := time.perf_counter()) < until:
            statuses.add(await line.ask(request))
            taken.append(time.perf_counter() - began)
        line.writer.close()

    await asyncio.gather(*(one(wanted[number % len(wanted)]) for number in range(clients)))
    return taken, statuses


def _tell_pace(report: Report, call: Call, port: int, request: bytes, seconds: float) -> None:
    # The middle one of three: a single checkpoint would decide over one.
    taken = sorted(
        (asyncio.run(_pace(port, request, 8, call.rate, seconds)) for _ in range(3)), key=lambda one: one.p95
    )
    report.add(
        f"{call.name}, 8 clients asking {call.rate:.0f} times a second",
        f"p50 {taken[1].p50:.1f} ms, p95 {taken[1].p95:.1f} ms (others {taken[0].p95:.1f} and {taken[2].p95:.1f})",
        f"p95 <= {call.p95:.0f} ms", is_met=taken[1].p95 <= call.p95,
    )  # fmt: skip


async def _pace(port: int, request: bytes, clients: int, rate: float, seconds: float) -> Times:
    """How long requests take of clients who together ask so many times a second, evenly; from when each was due: one who has
    not been answered yet is late with the next."""
    taken: list[float] = []
    numbers = iter(range(int(rate * seconds)))
    began = time.perf_counter()

    async def one() -> None:
        line = await _Line.to(port)
        for number in numbers:
            due = began + number / rate
            await asyncio.sleep(due - time.perf_counter())
            await line.ask(request)
            taken.append(time.perf_counter() - due)
        line.writer.close()

    await asyncio.gather(*(one() for _ in range(clients)))
    return Times(taken)


@dataclass(frozen=True, slots=True)
class _Line:
    """A connection that stays."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def to(cls, port: int) -> "_Line":
        return cls(*await asyncio.open_connection("127.0.0.1", port, limit=2**20))

    async def ask(self, request: bytes) -> int:
        """Ask, read the whole answer, and return its status."""
        self.writer.write(request)
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        _, _, length = head.partition(b"content-length: ")
        await self.reader.readexactly(int(length.partition(b"\r\n")[0] or 0))
        return int(head[9:12])


def _processor(processes: list[int]) -> float:
    """Seconds of processor these have had."""
    ticks = 0
    for number in processes:
        fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
