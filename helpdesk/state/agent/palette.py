"""Ctrl K: tickets, people, views, pages and things to do, found by typing."""

from dataclasses import dataclass
from urllib.parse import urlencode

import reflex as rx

from helpdesk.domain.people import Actor, Role
from helpdesk.domain.permissions import Permission, may
from helpdesk.services import people, preferences, tickets, views
from helpdesk.state.agent.queue import HOME
from helpdesk.state.base import PageState
from helpdesk.state.guard import staff
from helpdesk.state.kinds import ROLES, Kind

_PEOPLE = 4
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
    ("Profile", "/profile", "account appearance", Kind.STAFF),
    ("Password and security", "/profile/security", "account two-factor sessions", Kind.STAFF),
    ("People", "/admin/people", "settings users agents customers", Kind.ADMIN),
    ("Teams", "/admin/teams", "settings", Kind.ADMIN),
    ("Categories", "/admin/categories", "settings", Kind.ADMIN),
    ("Organization", "/admin/organization", "settings name logo", Kind.ADMIN),
    ("Sign-in log", "/admin/sign-ins", "settings audit", Kind.ADMIN),
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
        found: list[Item] = []
        if not text:
            liked = await self._run(preferences.mine)
            found += [
                Item("Recent searches" if not n else "", "recent", words, href=_href(text=words))
                for n, words in enumerate(liked.searches)
            ]
        else:
            rows = await self._run(tickets.quick, text)
            found += [
                Item(
                    "Tickets" if not n else "",
                    "ticket",
                    row.title,
                    row.reference,
                    href=f"{HOME}?ticket={row.reference}",
                )
                for n, row in enumerate(rows)
            ]
            if may(actor, Permission.TICKET_CREATE_FOR_OTHERS) and len(text) > 1:
                known = await self._run(people.customers, text, size=_PEOPLE)
                found += [
                    Item("People" if not n else "", "person", row.name, row.email, href=_href(requester=str(row.id)))
                    for n, row in enumerate(known)
                ]
        wanted = text.lower()
        rail = [row for row in await self._run(views.listing) if _fits(wanted, row.label)]
        found += [
            Item("Views" if not n else "", "view", row.label, href=_href(view=row.slug))
            for n, row in enumerate(rail[:_VIEWS])
        ]
        found += _pages(actor, wanted) + _actions(actor, wanted)
        if text:
            found.append(Item("", "search", f"Search all tickets for “{text}”", href=_href(text=text)))
        self.items = found


def _pages(actor: Actor, wanted: str) -> list[Item]:
    role = actor.role or Role.CUSTOMER
    fit = [(label, href) for label, href, more, kind in _PLACES if role in ROLES[kind] and _fits(wanted, label, more)]
    return [Item("Pages" if not n else "", "page", label, href=href) for n, (label, href) in enumerate(fit[:6])]


def _actions(actor: Actor, wanted: str) -> list[Item]:
    fit = [(label, key) for label, key, more, right in _ACTIONS if may(actor, right) and _fits(wanted, label, more)]
    return [
        Item("Actions" if not n else "", "action", label, key if len(key) == 1 else "", press=key)
        for n, (label, key) in enumerate(fit[:6])
    ]


def _fits(wanted: str, *texts: str) -> bool:
    said = " ".join(texts).lower()
    return all(word in said for word in wanted.split())


def _href(**query: str) -> str:
    return f"{HOME}?{urlencode(query)}"
