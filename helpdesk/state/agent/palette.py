"""Ctrl K: tickets, people, views, pages and things to do, found by typing."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

import reflex as rx

from helpdesk.domain.people import Actor, Role
from helpdesk.domain.permissions import Permission, may
from helpdesk.services import tickets
from helpdesk.services.tickets import Anything
from helpdesk.state.agent.customers import HOME as CUSTOMERS
from helpdesk.state.agent.queue import HOME, spoken
from helpdesk.state.base import PageState
from helpdesk.state.guard import staff
from helpdesk.state.kinds import ROLES, Kind

_VIEWS = 5


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to go to (`href`) or to do (`press`: the key that does it)."""

    group: str = ""  # shown over the first of its kind
    kind: str = ""
    label: str = ""
    detail: str = ""
    href: str = ""
    press: str = ""


# label, where to or which key, further words it is found by, who it is for
_PLACES: tuple[tuple[str, str, str, Kind], ...] = (
    ("Inbox", HOME, "tickets queue", Kind.STAFF),
    ("New ticket", "/agent/new", "create file add", Kind.STAFF),
    ("Reports", "/manager", "overview charts", Kind.MANAGER),
    ("Board", "/agent/board", "kanban columns status", Kind.STAFF),
    ("Customers", "/agent/customers", "people requesters contacts", Kind.STAFF),
    ("Companies", "/agent/companies", "customers organizations accounts", Kind.STAFF),
    ("Knowledge", "/agent/articles", "articles help pages", Kind.STAFF),
    ("New article", "/agent/articles/new", "knowledge write", Kind.STAFF),
    ("Profile", "/profile", "account appearance", Kind.STAFF),
    ("Password and security", "/profile/security", "account two-factor sessions", Kind.STAFF),
    ("API tokens", "/profile/tokens", "account programs integrations", Kind.STAFF),
    ("People", "/admin/people", "settings users agents customers", Kind.ADMIN),
    ("Teams", "/admin/teams", "settings", Kind.ADMIN),
    ("Categories", "/admin/categories", "settings", Kind.ADMIN),
    ("Organization", "/admin/organization", "settings name logo", Kind.ADMIN),
    ("Sign-in log", "/admin/sign-ins", "settings audit", Kind.ADMIN),
    ("Mailboxes", "/admin/mailboxes", "settings e-mail imap smtp", Kind.ADMIN),
    ("Received mail", "/admin/received", "settings e-mail inbound", Kind.ADMIN),
    ("Sent mail", "/admin/mail", "settings", Kind.ADMIN),
)
_ACTIONS: tuple[tuple[str, str, str, Permission], ...] = (
    ("Reply", "r", "answer", Permission.TICKET_REPLY),
    ("Internal note", "n", "comment", Permission.TICKET_NOTE),
    ("Assign to me", "i", "take", Permission.TICKET_TAKE),
    ("Assign", "a", "give", Permission.TICKET_ASSIGN),
    ("Change the status", "s", "", Permission.TICKET_STATUS),
    ("Change the priority", "p", "urgent", Permission.TICKET_EDIT),
    ("Resolve", "e", "solve close done", Permission.TICKET_STATUS),
    ("Dark or light", "d", "theme", Permission.VIEW_OWN),
    ("Keyboard shortcuts", "?", "help keys", Permission.VIEW_OWN),
)


class Palette(PageState, rx.State):
    """What the palette lists for the words in it."""

    items: list[Item] = []

    @rx.event
    @staff
    async def opened(self, is_open: bool) -> None:
        """The palette opens with what was looked for lately, and the usual ways."""
        if is_open:
            await self._list("")

    @rx.event(supersedes=True)
    @staff
    async def look(self, text: str) -> None:
        """List what fits."""
        await self._list(text.strip()[:100])

    async def _list(self, text: str) -> None:
        actor = await self._actor()
        known: Anything = await self._run(tickets.anything, text)
        wanted = text.lower()
        meant, href = await self._run(spoken, text) if " " in text else ("", "")
        rail = [row for row in known.views if _fits(wanted, row.label)][:_VIEWS]
        found = _first("Recent searches", [Item("", "recent", one, href=_href(text=one)) for one in known.searches])
        found += _first(
            "Tickets",
            [Item("", "ticket", one.title, one.reference, _href(ticket=one.reference)) for one in known.tickets],
        )
        found += _first(
            "People",
            [Item("", "person", one.name, one.email, f"{CUSTOMERS}/{one.id}") for one in known.people],
        )
        found += _first("As you said it", [Item("", "view", meant, href=href)] if meant else [])
        found += _first("Views", [Item("", "view", row.label, href=_href(view=row.slug)) for row in rail])
        found += _pages(actor, wanted) + _actions(actor, wanted)
        if text:
            found.append(Item("", "search", f"Search all tickets for “{text}”", href=_href(text=text)))
        self.items = found


def _pages(actor: Actor, wanted: str) -> list[Item]:
    role = actor.role or Role.CUSTOMER
    fit = [(label, href) for label, href, more, kind in _PLACES if role in ROLES[kind] and _fits(wanted, label, more)]
    return _first("Pages", [Item("", "page", label, href=href) for label, href in fit[:6]])


def _actions(actor: Actor, wanted: str) -> list[Item]:
    fit = [(label, key) for label, key, more, right in _ACTIONS if may(actor, right) and _fits(wanted, label, more)]
    return _first("Actions", [Item("", "action", label, key, press=key) for label, key in fit[:6]])


def _first(group: str, items: list[Item]) -> list[Item]:
    """The name of a group stands over its first."""
    return [replace(item, group=group) if number == 0 else item for number, item in enumerate(items)]


def _fits(wanted: str, *texts: str) -> bool:
    said = " ".join(texts).lower()
    return all(word in said for word in wanted.split())


def _href(**query: str) -> str:
    return f"{HOME}?{urlencode(query)}"
