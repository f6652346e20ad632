"""The lookout: one per web process. Knows which tab shows which tickets, and shows it who else is there.

Tabs register what their own loaders have found for them, so nobody learns of anybody at a ticket they may not see.
What is sent goes straight into the browsers that show an affected ticket; the server's states know nothing of it.
"""

import asyncio
import hashlib
from dataclasses import dataclass

import reflex as rx

from helpdesk import clock, presence, threads
from helpdesk.domain.people import Actor
from helpdesk.domain.presence import Board, Doing, Looker, Place, Sighting, line, typing, warning
from helpdesk.state import internals, live

# Changes are gathered: shown at once after a quiet moment, else this often.
_FIRST = 0.15
_BETWEEN = 0.75
# How often we look who is gone: tabs that were closed, people who fell silent.
_SWEEP = 2.0
# A tab that loads another page is given this long to open the same ticket again.
_LEAVING = 1.5
_BREATH = 8


@dataclass(frozen=True, slots=True)
class Company:
    """Who else is there, as one tab shows it; vars of the state `shown_by`."""

    # Of each ticket in its list: names, one a line; and who is typing. Texts, for rows are drawn anew when one differs.
    viewers: tuple[tuple[str, str], ...] = ()
    typing: tuple[tuple[str, str], ...] = ()
    # Of the ticket it has open.
    line: str = ""
    is_writing: bool = False
    warning: str = ""


_ALONE = Company()


@dataclass(slots=True)
class _Tab:
    socket: str
    organization_id: int
    person_id: int
    name: str
    open: str = ""
    listed: frozenset[str] = frozenset()
    is_leaving: bool = False
    # What its browser shows; a page that loads shows nobody.
    shown: Company = _ALONE


@dataclass(slots=True)
class _Awaiting:
    """A customer's tab, which learns whether somebody is writing to them: neither who nor how many, and nothing of notes."""

    socket: str
    place: Place
    shown: bool | None = None  # what its browser shows; nothing: nobody knows


class Lookout:
    """Who shows what in this process, and who is where in all of them."""

    def __init__(self) -> None:
        self.shown_by: type[rx.State] | None = None
        self.awaited_by: type[rx.State] | None = None
        self._awaiting: dict[str, _Awaiting] = {}
        self.board = Board()
        self._tabs: dict[str, _Tab] = {}
        self._changed: set[Place] = set()
        self._fresh: set[str] = set()
        self._something = asyncio.Event()

    async def opens(self, actor: Actor, token: str, socket: str, reference: str) -> None:
        """A tab shows a ticket, or (empty) none any more. Everybody is told that its reader looks at it."""
        tab = self._tab(actor, token, socket)
        if tab is None:
            return
        before, tab.open = tab.open, reference
        tab.is_leaving = False
        if reference:
            await self._tell(token, tab, Doing.VIEWING)
        elif before:
            await self._tell(token, tab, Doing.GONE, at=before)
        self._refresh(token)

    def lists(self, actor: Actor, token: str, socket: str, references: frozenset[str]) -> None:
        """A tab shows a list of tickets."""
        if self._tab(actor, token, socket) is not None:
            self.relists(token, references)

    def relists(self, token: str, references: frozenset[str]) -> None:
        """A known tab shows another list."""
        tab = self._tabs.get(token)
        if tab is None or tab.listed == references:
            return
        tab.listed = references
        if not self.board.is_empty:
            self._refresh(token)

    def awaits(self, actor: Actor, token: str, socket: str, reference: str) -> None:
        """A customer's tab shows a request whose reader may know that somebody is writing to them; empty: none."""
        if not token or not socket or not actor.is_customer:
            return
        place, known = (actor.organization_id, reference), self._awaiting.get(token)
        if (not reference and known is None) or (known is not None and (known.socket, known.place) == (socket, place)):
            return
        self._awaiting[token] = _Awaiting(socket, place)
        self._refresh(token)

    async def does(self, actor: Actor, token: str, doing: Doing) -> None:
        """What a tab's reader does with the ticket it has open: a heartbeat, or a sign of typing."""
        tab = self._tabs.get(token)
        if tab is not None and tab.open and tab.person_id == actor.person_id:
            await self._tell(token, tab, doing)

    def forget(self, token: str) -> None:
        """A tab loads a page, or is gone. Its ticket is left in a moment, unless that page opens it again."""
        self._awaiting.pop(token, None)
        tab = self._tabs.get(token)
        if tab is None:
            return
        tab.listed, tab.shown, tab.is_leaving = frozenset(), _ALONE, True
        asyncio.get_running_loop().call_later(_LEAVING, self._left, token)

    async def relay(self, app: rx.App) -> None:
        """Hear, sweep and show for as long as the process lives. A lifespan task."""
        self._something = asyncio.Event()

        async def on_sighting(sighting: Sighting) -> None:
            self._note(self.board.notice(sighting, clock.now()))

        async def on_state(is_heard: bool) -> None:
            if is_heard:
                for sighting, at in await threads.hop(presence.recall, clock.now()):
                    self._note(self.board.notice(sighting, at))

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(presence.listen(on_sighting, on_state))
            tasks.create_task(self._sweep_forever(app))
            tasks.create_task(self._show_forever(app))

    async def show(self, app: rx.App) -> int:
        """Send what has changed to the browsers that show it; returns how many."""
        changed, self._changed = self._changed, set()
        fresh, self._fresh = self._fresh, set()
        number = 0
        for token, tab in list(self._tabs.items()):
            if token not in fresh and not any(self._concerns(tab, place) for place in changed):
                continue
            company = self._company(tab)
            if company == tab.shown or internals.socket_of_token(app, token) != tab.socket:
                continue
            tab.shown = company
            await self._send(app, tab.socket, company)
            number += 1
            if number % _BREATH == 0:
                await asyncio.sleep(0)
        return number + await self._show_customers(app, changed, fresh)

    async def _show_customers(self, app: rx.App, changed: set[Place], fresh: set[str]) -> int:
        number = 0
        for token, one in list(self._awaiting.items()):
            if token not in fresh and one.place not in changed:
                continue
            is_written = any(looker.doing is Doing.REPLYING for looker in self.board.at(one.place))
            if is_written == one.shown or internals.socket_of_token(app, token) != one.socket:
                continue
            one.shown = is_written
            if self.awaited_by is not None:
                await internals.broadcast(app, self.awaited_by, to=one.socket, is_written=is_written)
            number += 1
            if number % _BREATH == 0:
                await asyncio.sleep(0)
        return number

    async def _send(self, app: rx.App, socket: str, company: Company) -> None:
        if self.shown_by is not None:
            await internals.broadcast(
                app, self.shown_by, to=socket, viewers=dict(company.viewers), typing=dict(company.typing),
                line=company.line, is_writing=company.is_writing, warning=company.warning,
            )  # fmt: skip

    def _tab(self, actor: Actor, token: str, socket: str) -> _Tab | None:
        if not token or not socket or actor.person_id is None or not actor.is_staff:
            return None
        tab = self._tabs.get(token)
        if tab is None or (tab.socket, tab.person_id) != (socket, actor.person_id):
            tab = self._tabs[token] = _Tab(socket, actor.organization_id, actor.person_id, actor.name)
        return tab

    async def _tell(self, token: str, tab: _Tab, doing: Doing, *, at: str = "") -> None:
        sighting = Sighting((tab.organization_id, at or tab.open), _alias(token), tab.person_id, tab.name, doing)
        await threads.hop(presence.tell, sighting, clock.now())

    def _left(self, token: str) -> None:
        tab = self._tabs.get(token)
        if tab is not None and tab.is_leaving:
            self._drop(token, tab)

    def _drop(self, token: str, tab: _Tab) -> None:
        del self._tabs[token]
        if tab.open:
            live.soon(self._tell(token, tab, Doing.GONE))

    def _refresh(self, token: str) -> None:
        self._fresh.add(token)
        self._something.set()

    def _note(self, places: set[Place]) -> None:
        if places:
            self._changed |= places
            self._something.set()

    def _concerns(self, tab: _Tab, place: Place) -> bool:
        organization, reference = place
        return organization == tab.organization_id and (reference == tab.open or reference in tab.listed)

    def _company(self, tab: _Tab) -> Company:
        near = sorted(
            place[1] for place in self.board.places() if self._concerns(tab, place) and place[1] in tab.listed
        )
        listed = [(reference, others) for reference in near if (others := self._others(tab, reference))]
        here = self._others(tab, tab.open) if tab.open else []
        return Company(
            tuple((reference, "\n".join(one.name for one in others)) for reference, others in listed),
            tuple((reference, text) for reference, others in listed if (text := typing(others))),
            line(here), any(one.doing is not Doing.VIEWING for one in here), warning(here),
        )  # fmt: skip

    def _others(self, tab: _Tab, reference: str) -> list[Looker]:
        people = self.board.at((tab.organization_id, reference))
        return [one for one in people if one.person_id != tab.person_id]

    async def _sweep_forever(self, app: rx.App) -> None:
        while True:
            await asyncio.sleep(_SWEEP)
            self._note(self.board.lapse(clock.now()))
            for token, tab in list(self._tabs.items()):
                if not tab.is_leaving and internals.socket_of_token(app, token) != tab.socket:
                    self._drop(token, tab)
            for token, one in list(self._awaiting.items()):
                if internals.socket_of_token(app, token) != one.socket:
                    del self._awaiting[token]

    async def _show_forever(self, app: rx.App) -> None:
        while True:
            await self._something.wait()
            await asyncio.sleep(_FIRST)
            self._something.clear()
            await self.show(app)
            await asyncio.sleep(_BETWEEN - _FIRST)


lookout = Lookout()
live.hub.on_forget = lookout.forget


def _alias(token: str) -> str:
    """A tab's name in Redis: the token itself opens its state."""
    return hashlib.sha256(token.encode()).hexdigest()[:20]
