"""Who is behind a connection: always from the session cookie and the host, never from anything a page can say.

The cookie itself never enters Reflex, whose state trees are pickled and whose errors are logged. The ASGI edge swaps it
at the websocket's handshake for a *handle*, its hash, in a header that only the edge can set; the way back from the
handle to the cookie exists in this process's memory alone, while the connection lives.
"""

import asyncio
import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from anyio.lowlevel import RunVar

from helpdesk import threads
from helpdesk.domain import people
from helpdesk.domain.errors import NotFound
from helpdesk.domain.people import Actor
from helpdesk.services import api_sessions, api_tokens, organizations, sign_in

# The header in which the edge hands the session to the state, and a door's answer to its page.
SESSION_HEADER = "x-helpdesk-session"
FLASH_HEADER = "x-helpdesk-flash"

# How long a process believes who somebody is, in seconds: a role taken away is gone after this at the latest.
_BELIEF = 4.0
# How long a handle outlives its last connection: a handler at work finishes as the person who started it.
_GRACE = 60.0
_MOST_BELIEFS = 20_000
# In place of the host in what is believed of tokens, which carry their organization.
_BEARER = "bearer"


@dataclass(slots=True)
class _Handle:
    token: str
    connections: int
    until: float


class _Question(NamedTuple):
    """Who a session cookie's value stands for at a host, and whether they have just done something."""

    token: str
    host: str
    is_active: bool


@dataclass(slots=True)
class _Questions:
    """What is asked of the database: while one answer is on its way, whoever asks next goes along with the next one.

    A nudge reaches hundreds of pages at the same moment; asked one by one, who they belong to would cost more than what
    they show.
    """

    waiting: dict[_Question, asyncio.Future[Actor | None]] = field(default_factory=dict)
    answering: asyncio.Task[None] | None = None

    async def ask(self, question: _Question) -> Actor | None:
        asked = self.waiting.get(question)
        if asked is None:
            asked = self.waiting[question] = asyncio.get_running_loop().create_future()
        if self.answering is None:
            self.answering = asyncio.create_task(self._answer())
        return await asyncio.shield(asked)

    async def _answer(self) -> None:
        try:
            while self.waiting:
                asked, self.waiting = self.waiting, {}
                try:
                    found = await threads.hop(_look_up, list(asked))
                except Exception as error:
                    for future in asked.values():
                        future.set_exception(error)
                else:
                    for question, future in asked.items():
                        future.set_result(found[question])
        finally:
            self.answering = None


_handles: dict[str, _Handle] = {}
_beliefs: dict[tuple[str, str], tuple[float, Actor | None]] = {}
_questions: RunVar[_Questions] = RunVar("helpdesk_questions")


def admit(token: str) -> str:
    """Open a connection for a session cookie's value; returns the handle that stands for it."""
    handle = _hash(token)
    known = _handles.setdefault(handle, _Handle(token, 0, 0.0))
    known.connections += 1
    return handle


def leave(handle: str) -> None:
    """Close a connection; the handle is forgotten a while after the last one."""
    now = time.monotonic()
    if handle in _handles:
        _handles[handle].connections -= 1
        _handles[handle].until = now + _GRACE
    for old in [key for key, known in _handles.items() if known.connections <= 0 and known.until < now]:
        del _handles[old]


async def of_headers(headers: Mapping[str, str], *, is_active: bool = False) -> Actor:
    """Who a websocket's handshake headers stand for; a visitor when nobody is signed in.

    Args:
        is_active: whether they have just done something, rather than been shown something.

    Raises:
        NotFound: the host names no organization.
    """
    handle = headers.get(SESSION_HEADER, "")
    known = _handles.get(handle)
    return await _believed(
        handle if known else "", known.token if known else "", headers.get("host", ""), is_active=is_active
    )


async def of_token(token: str, host: str, *, is_active: bool = True) -> Actor:
    """Who a session cookie's value stands for at a host; a visitor when it stands for nobody, or for somebody of
    another organization.

    Args:
        is_active: whether they have just done something, rather than been shown something.

    Raises:
        NotFound: the host names no organization.
    """
    return await _believed(_hash(token) if token else "", token, host, is_active=is_active)


async def of_bearer(token: str, address: str) -> Actor | None:
    """Who a token of the API stands for; None when it is not valid (any more)."""
    key = (_hash(token), _BEARER)
    belief = _beliefs.get(key)
    if belief is None or belief[0] < time.monotonic():
        belief = (time.monotonic() + _BELIEF, await threads.hop(_carried, token, address))
        _keep(key, belief)
    return belief[1]


async def _believed(handle: str, token: str, host: str, *, is_active: bool) -> Actor:
    key = (handle, host.lower())
    belief = _beliefs.get(key)
    if belief is None or belief[0] < time.monotonic():
        actor = await _asked().ask(_Question(token, host, is_active))
        belief = (time.monotonic() + _BELIEF, actor)
        _keep(key, belief)
    if belief[1] is None:
        raise NotFound("There is no help desk at this address.")
    return belief[1]


def forget(token: str) -> None:
    """Ask anew who a cookie stands for: it has just been signed in or out."""
    hashed = _hash(token)
    for key in [key for key in _beliefs if key[0] == hashed]:
        del _beliefs[key]


def forget_person(person_id: int) -> None:
    """Ask anew who somebody is: their role, teams or sessions changed."""
    for key, (_, actor) in list(_beliefs.items()):
        if actor and actor.person_id == person_id:
            _beliefs.pop(key, None)


def forget_session(session_id: int) -> None:
    """Ask anew who a session is: it has just ended."""
    # From any thread: the copy is made at once, and what is gone meanwhile is gone.
    for key, (_, actor) in list(_beliefs.items()):
        if actor and actor.session_id == session_id:
            _beliefs.pop(key, None)


def _keep(key: tuple[str, str], belief: tuple[float, Actor | None]) -> None:
    if len(_beliefs) >= _MOST_BELIEFS:
        _beliefs.clear()
    _beliefs[key] = belief


def _carried(token: str, address: str) -> Actor | None:
    return api_sessions.actor_of(token) if api_sessions.is_ours(token) else api_tokens.actor_of(token, address=address)


def _asked() -> _Questions:
    try:
        return _questions.get()
    except LookupError:
        _questions.set(_Questions())
        return _questions.get()


def _look_up(questions: list[_Question]) -> dict[_Question, Actor | None]:
    active = sign_in.actors_of({one.token for one in questions if one.is_active})
    watching = sign_in.actors_of({one.token for one in questions if not one.is_active}, is_active=False)
    return {one: _at_host((active if one.is_active else watching).get(one.token), one.host) for one in questions}


def _at_host(actor: Actor | None, host: str) -> Actor | None:
    try:
        organization = organizations.by_host(host)
    except NotFound:
        return None
    if actor is None or actor.organization_id != organization.id:
        return people.anonymous(organization.id)
    return actor


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
