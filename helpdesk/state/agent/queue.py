"""The agent's queue: views with live counts, filters in the address, one page of tickets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.base import Choice
from helpdesk.domain.conditions import (
    FIELDS,
    OPERATOR_LABELS,
    Condition,
    Field,
    Group,
    Kind,
    Match,
    Operator,
    load,
    told_moment,
)
from helpdesk.domain.filters import PAGE_SIZES, Sort, TicketFilter, parse
from helpdesk.domain.marks import pieces
from helpdesk.domain.people import SEES_ALL
from helpdesk.domain.views import COLUMNS, DEFAULT_COLUMNS
from helpdesk.services import preferences, tickets, views
from helpdesk.services.context import Context
from helpdesk.services.preferences import Preferences
from helpdesk.services.tickets import FilterChoices, Option, TicketPage, TicketRow, ViewCount
from helpdesk.services.views import Opening, ViewRow
from helpdesk.state import internals
from helpdesk.state.agent import presence
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import staff

HOME = "/agent"
# The filters of the bar: field of TicketFilter -> its name, and which choices it offers.
FILTERS = {
    "status": ("Status", "statuses"),
    "priority": ("Priority", "priorities"),
    "topic": ("Category", "categories"),
    "assignee": ("Assignee", "agents"),
    "team": ("Team", "teams"),
    "tag": ("Tag", "tags"),
    "company": ("Company", "companies"),
    "channel": ("Channel", "channels"),
}
# Two of them go by another name in conditions.
CONDITION_FIELDS = {"topic": "category"}
RANGES = {
    "created_from": "Created from",
    "created_to": "Created before",
    "updated_from": "Updated from",
    "updated_to": "Updated before",
}
CHANNELS = (("web", "Portal"), ("email", "E-mail"), ("api", "API"), ("phone", "Phone"), ("chat", "Chat"))
SORTS = (
    (Sort.UPDATED, "Last updated"),
    (Sort.CREATED, "Newest"),
    (Sort.CREATED_UP, "Oldest"),
    (Sort.DUE, "SLA deadline"),
    (Sort.PRIORITY, "Priority"),
    (Sort.RESOLVED, "Last resolved"),
    (Sort.CLOSED, "Last closed"),
)
_MOST_DRAWN = 64


@dataclass(frozen=True, slots=True)
class Chip:
    """A condition in force, and the address without it."""

    label: str = ""
    value: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """What one line of the list shows, and nothing else: the whole list is sent again whenever one line changes."""

    reference: str = ""
    title: str = ""
    requester: str = ""
    updated_at: str = ""
    status: str = ""
    status_colour: str = "gray"
    channel: str = "web"
    priority: str = ""
    priority_rank: int = 0
    sla: str = ""
    sla_due_at: str = ""
    sla_warn_at: str = ""
    sla_hours: str = ""
    sla_metric: str = ""
    assignee: str = ""
    waits_for_us: bool = False
    snoozed_until: str = ""
    # In a search: pieces of the title and of the place where it was found, plain and hit in turn.
    title_pieces: list[str] = ()  # type: ignore[assignment]
    excerpt_pieces: list[str] = ()  # type: ignore[assignment]
    escalation: int = 0


@dataclass(frozen=True, slots=True)
class Cell:
    """A value of the table; `kind` says how it is drawn."""

    kind: str = "text"  # text, status, priority, sla, person, time
    text: str = ""
    tone: str = ""  # of a promise: the opening hours until it is due
    more: str = ""


@dataclass(frozen=True, slots=True)
class TableLine:
    """One ticket of the table."""

    reference: str = ""
    waits_for_us: bool = False
    cells: list[Cell] = ()  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A page of tickets as it is shown, and its fingerprint."""

    found: TicketPage
    rows: list[Row]
    references: frozenset[str]
    mark: int


_drawn: dict[int, _Drawn] = {}


def _draw(found: TicketPage) -> _Drawn:
    """Draw a page once for everybody who shows it: none of them changes the list, and looking a page up by its value
    would read all of its fields again for each."""
    known = _drawn.get(id(found))
    if known is None or known.found is not found:
        if len(_drawn) >= _MOST_DRAWN:
            _drawn.clear()
        known = _drawn[id(found)] = _Drawn(
            found, internals.Written(lines_of(found.rows)), frozenset(row.reference for row in found.rows), hash(found)
        )
    return known


def lines_of(rows: Sequence[TicketRow]) -> list[Row]:
    """Tickets as lines of the list or cards of the board."""
    return [
        Row(
            one.reference, one.title, one.requester, one.updated_at, one.status, one.status_colour, one.channel,
            one.priority, one.priority_rank, "" if one.sla_status == "none" else one.sla_status, one.sla_due_at,
            one.sla_warn_at, one.sla_hours, one.sla_metric, one.assignee, one.waits_for_us, one.snoozed_until, pieces(one.title_marked), pieces(one.excerpt_marked),
            one.escalation_level,
        )
        for one in rows
    ]  # fmt: skip


_CELLS: dict[str, Callable[[TicketRow], Cell]] = {
    "reference": lambda one: Cell("ref", one.reference),
    "subject": lambda one: Cell("link", one.title),
    "requester": lambda one: Cell("text", one.requester),
    "company": lambda one: Cell("text", one.company),
    "status": lambda one: Cell("status", one.status, one.status_colour),
    "priority": lambda one: Cell("priority", one.priority, more=str(one.priority_rank)),
    "sla": lambda one: Cell("sla", "" if one.sla_status == "none" else one.sla_status, one.sla_hours, one.sla_due_at),
    "assignee": lambda one: Cell("person", one.assignee),
    "team": lambda one: Cell("text", one.team),
    "category": lambda one: Cell("text", one.category),
    "tags": lambda one: Cell("text", ", ".join(chip.name for chip in one.tags)),
    "created": lambda one: Cell("time", one.created_at),
    "updated": lambda one: Cell("time", one.updated_at),
    "due": lambda one: Cell("time", one.due_at),
}


def _table_of(rows: Sequence[TicketRow], columns: Sequence[str]) -> list[TableLine]:
    return [TableLine(one.reference, one.waits_for_us, [_CELLS[name](one) for name in columns]) for one in rows]


def _day(value: str, zone: str) -> str:
    """A moment of an address as its reader's day, with the time when it is not the day's beginning."""
    if len(value) <= len("2026-01-31"):
        return value
    try:
        there = datetime.fromisoformat(value.replace("Z", "+00:00")).astimezone(ZoneInfo(zone))
    except ValueError:
        return value[:10]
    return f"{there:%Y-%m-%d %H:%M}" if there.hour or there.minute else f"{there:%Y-%m-%d}"


def spoken(ctx: Context, text: str) -> tuple[str, str]:
    """What a phrase means in words, and the address of the list that shows it; nothing where it is but words to look for."""
    found = tickets.understand(ctx, text)
    if not found.understood or all(one.label in ("Text", "Reference") for one in found.understood):
        return "", ""
    said = [f"{one.label} {one.value}" for one in found.understood]
    if found.unknown:
        said.append(f"with “{' '.join(found.unknown)}”")
    return " · ".join(said), f"{HOME}?{found.filter.query()}"


class Queue(PageState, rx.State):
    """The list beside the ticket. The address is the truth; this is what it shows."""

    views: list[ViewCount] = []
    view: str = ""
    title: str = "Tickets"
    page_title: str = "Inbox"
    rows: list[Row] = []
    newer_href: str = ""
    older_href: str = ""
    row_base: str = f"{HOME}?ticket="
    current: str = ""
    text: str = ""
    corrected: str = ""
    # What the words in the search box mean as filters, and the address that shows it.
    meant: str = ""
    meant_href: str = ""
    sort: str = Sort.UPDATED.value
    size: str = "25"
    chips: list[Chip] = []
    chosen: dict[str, list[str]] = {}
    field_choices: list[Choice] = []  # what a condition can be about
    status_choices: list[Choice] = []
    priority_choices: list[Choice] = []
    topic_choices: list[Choice] = []
    assignee_choices: list[Choice] = []
    team_choices: list[Choice] = []
    tag_choices: list[Choice] = []
    company_choices: list[Choice] = []
    channel_choices: list[Choice] = [Choice(value, label) for value, label in CHANNELS]
    ranges: dict[str, str] = {}
    may_share: bool = False
    density: str = "comfortable"
    layout: str = "list"
    columns: list[str] = []
    list_width: int = 0
    # The table layout, where no ticket is open: what stands over each column, and the cells beneath.
    heads: list[str] = []
    table: list[TableLine] = []
    is_table: bool = False
    # Ticked rows; or everything the address shows, which may be far more than the page.
    selected: list[str] = []
    is_all_selected: bool = False
    _last_ticked: str = ""
    # What the address says, without the open ticket; and all of it in one piece, with what its view stands for.
    _query: dict[str, str] = {}
    _address: str = ""
    _zone: str = "UTC"
    # Tuples: what is in a list or a dictionary would be read through Reflex's proxies.
    _known: tuple[ViewRow, ...] = ()
    _found: tuple[TicketRow, ...] = ()
    _loaded: bool = False
    _older: str = ""
    _newer: str = ""
    # What the page shows, as a number: most nudges change nothing on it, and then nothing is drawn again.
    _shown: int = 0

    @rx.event
    @staff
    @loads
    async def load(self) -> None:
        """Show what the address asks for. Opening another ticket of the same list reads no list again."""
        given = {key: value for key, value in self.router.url.query_parameters.items() if value}
        self.current = given.pop("ticket", "").upper()
        actor = await self._actor()
        self._zone = actor.timezone
        self._watch(f"org-{actor.organization_id}-tickets", Queue.refresh)
        self._watch(f"org-{actor.organization_id}-counts", Queue.recount)
        for topic in (f"org-{actor.organization_id}-views", f"views-{actor.person_id}"):
            self._watch(topic, Queue.reload_views)
        self._watch(f"org-{actor.organization_id}-catalog", Queue.refresh_choices)
        await presence.lists(self, frozenset(row.reference for row in self.rows))
        if self._loaded and given == self._query:
            self._show_address()
            self._show_neighbours()
            return
        if not self._loaded:
            await self._fill_choices()
            self._open(await self._run(views.opening))
        if not given:
            usual = "open" if actor.role in SEES_ALL else "mine"
            given = {"view": next((row.slug for row in self._known if row.is_default), usual)}
        self._query, self._address = given, self._meaning(given)
        self._loaded, self._shown = True, 0
        self.selected, self.is_all_selected, self._last_ticked = [], False, ""
        self._show_address()
        await self._fill()
        await self._count()
        if given.get("text"):
            await self._run(preferences.remember_search, given["text"])
        await self._understand(given.get("text", ""))

    @rx.event
    @staff
    @loads
    async def refresh(self) -> None:
        """Something in the organization's tickets changed: the same page again."""
        await self._fill()

    @rx.event
    @staff
    async def recount(self) -> None:
        """The views' counts again; they follow within a second."""
        await self._count()

    @rx.event
    @staff
    async def reload_views(self) -> None:
        """A view was saved, changed, moved or deleted, here or by a colleague."""
        self._open(await self._run(views.opening))
        address = self._meaning(self._query)
        if address != self._address:
            self._address, self._shown = address, 0
            await self._fill()
        self._show_address()
        await self._count()

    @rx.event
    @staff
    async def refresh_choices(self) -> None:
        """Statuses, categories, teams or people changed."""
        await self._fill_choices()

    @rx.event
    @staff
    async def search(self, text: str) -> EventSpec:
        """Look for words; an empty text goes back to the view."""
        return self._go(text=text.strip())

    @rx.event
    @staff
    async def order(self, sort: str) -> EventSpec:
        """Sort the list."""
        return self._go(sort="" if sort == Sort.UPDATED else sort)

    @rx.event
    @staff
    async def resize(self, size: str) -> EventSpec:
        """Show 25, 50 or 100 rows."""
        return self._go(size="" if size == str(PAGE_SIZES[0]) else size)

    @rx.event
    @staff
    async def toggle(self, name: str, value: str) -> EventSpec | None:
        """Add a value to a filter, or take it out."""
        if name not in FILTERS:
            return None
        values = list(self.chosen.get(name, []))
        values = [one for one in values if one != value] if value in values else [*values, value]
        return self._go(**{name: ",".join(values)})

    @rx.event
    @staff
    async def between(self, name: str, day: str) -> EventSpec | None:
        """Set one end of a range of days; an empty day clears it."""
        return self._go(**{name: day}) if name in RANGES else None

    @rx.event
    @staff
    async def arrange(self, density: str = "", layout: str = "") -> None:
        """Compact or comfortable, list or table; remembered."""
        self._like(await self._run(preferences.arrange, density=density or None, layout=layout or None))
        self._show_table()

    @rx.event
    @staff
    async def toggle_column(self, column: str) -> None:
        """Show a column of the table, or leave it out; remembered."""
        kept = [one for one in self.columns if one != column] if column in self.columns else [*self.columns, column]
        self._like(await self._run(preferences.arrange, columns=[one for one in COLUMNS if one in kept]))
        self._show_table()

    @rx.event
    @staff
    async def keep_width(self, told: str) -> None:
        """The list was made wider or narrower; remembered."""
        if told.strip().isascii() and told.strip().isdigit():
            self._like(await self._run(preferences.arrange, list_width=int(told.strip()[:5])))

    @rx.event
    @staff
    async def tick(self, told: str) -> None:
        """Tick a row or take its tick away; a + after its reference ticks all from the last one to here."""
        refs, ref, to_here = [row.reference for row in self.rows], told.strip(" +"), "+" in told
        if ref not in refs:
            return
        chosen = list(self.selected)
        if to_here and self._last_ticked in refs:
            first, last = sorted((refs.index(self._last_ticked), refs.index(ref)))
            chosen += [one for one in refs[first : last + 1] if one not in chosen]
        elif ref in chosen:
            chosen = [one for one in chosen if one != ref]
        else:
            chosen = [*chosen, ref]
        self.selected, self.is_all_selected, self._last_ticked = chosen, False, ref

    @rx.event
    @staff
    async def tick_page(self) -> None:
        """Tick every row of the page, or none if all are."""
        refs = [row.reference for row in self.rows]
        self.selected = [] if set(self.selected) >= set(refs) else refs
        self.is_all_selected = False

    @rx.event
    @staff
    async def tick_all(self) -> None:
        """Mean everything the view shows, on however many pages."""
        self.selected, self.is_all_selected = [row.reference for row in self.rows], True

    @rx.event
    @staff
    async def untick(self) -> None:
        """Nothing is selected any more."""
        self.selected, self.is_all_selected, self._last_ticked = [], False, ""

    def _go(self, **changes: str) -> EventSpec:
        """The address with some parameters changed; always the first page of it."""
        query = {key: value for key, value in {**self._filter_query(), **changes}.items() if value}
        if self.current:
            query["ticket"] = self.current
        return rx.redirect(f"{HOME}?{urlencode(query)}" if query else HOME)

    def _filter_query(self) -> dict[str, str]:
        """The parameters of the list; a view's own conditions stay behind its name."""
        return {key: value for key, value in self._query.items() if key != "cursor"}

    async def _fill(self) -> None:
        wanted, cursor = asked(self._address)
        found: TicketPage
        if wanted.is_personal:
            found = await self._read_mine(tickets.page, wanted, cursor=cursor)
        else:
            found = await self._read_together(tickets.page, wanted, cursor=cursor)
        drawn = _draw(found)
        if drawn.mark != self._shown:
            self._shown, self.rows, self.corrected = drawn.mark, drawn.rows, found.corrected
            self._found = found.rows
            if self.is_table:
                self.table = _table_of(found.rows, self._columns())
            self._older, self._newer = found.older, found.newer
            self._show_neighbours()
            presence.lists_now(drawn.references)

    async def _understand(self, text: str) -> None:
        """Say what the searched words mean as filters, if they mean any: "Priority Urgent · Assignee me"."""
        self.meant, self.meant_href = await self._run(spoken, text) if " " in text else ("", "")

    async def _count(self) -> None:
        views: list[ViewCount] = await self._read_mine(tickets.view_counts)
        if self.views != views:
            self.views = views

    def _show_address(self) -> None:
        wanted, _ = asked(self._address)
        view = self._view(self._query.get("view", ""))
        self.view = view.slug if view else ""
        self.title = view.label if view else ("Search" if wanted.text else "Filtered tickets")
        self.page_title = f"{self.current} · {self.title}" if self.current else self.title
        self.row_base = f"{HOME}?{urlencode(self._query | {'ticket': ''})}"
        self.text, self.sort, self.size = wanted.text, wanted.sort, str(wanted.size)
        self.ranges = {name: self._query.get(name, "")[:10] for name in RANGES}
        self.chosen = {name: [v for v in self._query.get(name, "").split(",") if v] for name in FILTERS}
        self.chips = self._make_chips()
        self._show_table()

    def _show_neighbours(self) -> None:
        older = self._href(self._filter_query() | {"cursor": self._older}) if self._older else ""
        newer = self._href(self._filter_query() | {"cursor": self._newer}) if self._newer else ""
        if (older, newer) != (self.older_href, self.newer_href):
            self.older_href, self.newer_href = older, newer

    def _make_chips(self) -> list[Chip]:
        base = self._filter_query()
        chips = []
        for name, value in base.items():
            if name in ("view", "sort", "size", "text", "cursor"):
                continue
            label, shown = self._said(name, value)
            chips.append(Chip(label, shown, self._href({key: v for key, v in base.items() if key != name})))
        return chips

    def _open(self, opening: Opening) -> None:
        self._known = opening.views
        self.may_share = opening.may_share
        self._like(opening.preferences)

    def _view(self, slug: str) -> ViewRow | None:
        return next((row for row in self._known if row.slug == slug), None)

    def _like(self, liked: Preferences) -> None:
        self.density, self.layout, self.list_width = liked.density, liked.layout, liked.list_width
        self.columns = list(liked.columns or DEFAULT_COLUMNS)

    def _columns(self) -> Sequence[str]:
        """Those of the view, else those one likes."""
        view = self._view(self.view)
        return view.columns if view and view.columns else self.columns

    def _show_table(self) -> None:
        """The table is for choosing; beside an open ticket the list stands."""
        self.is_table = self.layout == "table" and not self.current
        self.heads = [COLUMNS[name] for name in self._columns()] if self.is_table else []
        self.table = _table_of(self._found, self._columns()) if self.is_table else []

    def _meaning(self, given: dict[str, str]) -> str:
        """An address with what its view stands for; what the address says itself wins."""
        view = self._view(given.get("view", ""))
        return urlencode(dict(parse_qsl(view.filter.query())) | given) if view else urlencode(given)

    def _said(self, name: str, value: str) -> tuple[str, str]:
        if name == "where":
            return "Conditions", in_words(load(value), self._labels())
        if name in FILTERS:
            labels = {choice.value: choice.label for choice in getattr(self, f"{name}_choices")}
            return FILTERS[name][0], ", ".join(labels.get(one, one) for one in value.split(",") if one)
        shown = _day(value, self._zone) if name.endswith(("_from", "_to")) else value
        return name.replace("_", " ").capitalize(), shown

    def _labels(self) -> dict[str, dict[str, str]]:
        """Field of a condition -> value -> what people call it."""
        return {
            CONDITION_FIELDS.get(name, name): {
                choice.value.lower(): choice.label for choice in getattr(self, f"{name}_choices")
            }
            for name in FILTERS
        } | {Field.CUSTOM: {choice.value: choice.label for choice in self.field_choices}}

    def _href(self, query: dict[str, str]) -> str:
        kept = dict(query)
        if self.current:
            kept["ticket"] = self.current
        return f"{HOME}?{urlencode(kept)}" if kept else HOME

    async def _fill_choices(self) -> None:
        offered: FilterChoices = await self._run(tickets.filter_choices)
        for name, (_, source) in FILTERS.items():
            if name != "channel":
                setattr(self, f"{name}_choices", as_choices(getattr(offered, source)))
        own = [
            Choice(one.value, facts.label)
            for one, facts in FIELDS.items()
            if facts.in_views and one is not Field.CUSTOM
        ]
        self.field_choices = own + as_choices(offered.fields)


@lru_cache(maxsize=1024)
def asked(address: str) -> tuple[TicketFilter, str]:
    """The filter and the cursor an address asks for."""
    query = dict(parse_qsl(address))
    return parse(query), query.get("cursor", "")


def in_words(group: Group, labels: dict[str, dict[str, str]]) -> str:
    """Conditions as a person would say them: Priority is any of High, Urgent and Updated in the last 7 days."""
    between = " and " if group.match is Match.ALL else " or "
    return between.join(
        _one_in_words(part, labels) if isinstance(part, Condition) else f"({in_words(part, labels)})"
        for part in group.parts
    )


def _one_in_words(one: Condition, labels: dict[str, dict[str, str]]) -> str:
    known = labels.get(one.field, {})
    is_date = FIELDS[one.field].kind is Kind.DATE
    shown = ", ".join(
        told_moment(value) if is_date else known.get(value, value.replace("_", " ")) for value in one.values
    )
    how = OPERATOR_LABELS[Operator.IS if one.operator is Operator.ANY and len(one.values) == 1 else one.operator]
    label = labels.get(Field.CUSTOM, {}).get(one.name, FIELDS[one.field].label)
    return f"{label} {how.replace('…', shown) if '…' in how else f'{how} {shown}'}"


def as_choices(options: tuple[Option, ...]) -> list[Choice]:
    """Options of the services as the components draw them."""
    return [Choice(option.value, option.label, option.colour) for option in options]
