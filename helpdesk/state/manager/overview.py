"""The manager's overview: figures, charts and who did what, live, with its filters in the address."""

import asyncio
from dataclasses import dataclass
from urllib.parse import urlencode

import plotly.graph_objects as go
import reflex as rx
from reflex.event import EventSpec

from helpdesk.charts import overview as draw
from helpdesk.components.base import Choice
from helpdesk.domain.errors import Invalid
from helpdesk.services import tickets
from helpdesk.services.context import Context, anyone
from helpdesk.services.reports import overview as report
from helpdesk.services.reports.overview import AgentLine, Card, Day, Overview, Slice
from helpdesk.services.tickets import Option
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import manager

HOME = "/manager"
LISTS = "/agent?"
# Seconds of calm after each look: a busy desk changes many times a second, and nobody reads charts that fast.
CALM = 3.0
PERIODS = tuple(str(days) for days in report.PERIODS)
_USUAL = "30"


@dataclass(frozen=True)
class Picture:
    """The overview and its figures, drawn off the event loop."""

    overview: Overview
    trend: go.Figure
    status: go.Figure | None
    priority: go.Figure | None
    category: go.Figure | None
    agents: go.Figure | None


class ManagerOverview(PageState, rx.State):
    """What the page shows. Figures are None until they are drawn: a figure in a default would be sent to every tab."""

    days: str = _USUAL
    team: str = ""
    category: str = ""
    team_choices: list[Choice] = []
    category_choices: list[Choice] = []
    cards: list[Card] = []
    trend: list[Day] = []
    by_status: list[Slice] = []
    by_priority: list[Slice] = []
    by_category: list[Slice] = []
    agents: list[AgentLine] = []
    is_empty: bool = False
    trend_figure: go.Figure | None = None
    status_figure: go.Figure | None = None
    priority_figure: go.Figure | None = None
    category_figure: go.Figure | None = None
    agents_figure: go.Figure | None = None
    _shown: Overview | None = None

    @rx.event
    @manager
    @loads
    async def load(self) -> None:
        """Show what the address asks for."""
        given = self.router.url.query_parameters
        self.days = given.get("range", _USUAL) if given.get("range") in PERIODS else _USUAL
        self.team, self.category = an_id(given.get("team", "")), an_id(given.get("category", ""))
        actor = await self._actor()
        self._watch(f"org-{actor.organization_id}-tickets", ManagerOverview.refresh)
        teams: tuple[Option, ...] = await self._run(tickets.team_options)
        categories: tuple[Option, ...] = await self._run(tickets.category_options)
        self.team_choices = [Choice(one.value, one.label) for one in teams]
        self.category_choices = [Choice(one.value, one.label) for one in categories]
        await self._fill()

    @rx.event(background=True)
    @manager
    async def refresh(self) -> None:
        """Tickets changed: look again, then rest. What changes meanwhile is one more look after the rest (the hub
        waits for this one to end)."""
        async with self:
            await self._fill()
        await asyncio.sleep(CALM)

    @rx.event
    @manager
    async def over(self, days: str) -> EventSpec:
        """Another period."""
        return self._go(range="" if days == _USUAL else days)

    @rx.event
    @manager
    async def of_team(self, team: str) -> EventSpec:
        """One team only; empty for all."""
        return self._go(team=an_id(team))

    @rx.event
    @manager
    async def of_category(self, category: str) -> EventSpec:
        """One category only; empty for all."""
        return self._go(category=an_id(category))

    def _go(self, **changes: str) -> EventSpec:
        now = {"range": "" if self.days == _USUAL else self.days, "team": self.team, "category": self.category}
        query = {key: value for key, value in (now | changes).items() if value}
        return rx.redirect(f"{HOME}?{urlencode(query)}" if query else HOME)

    async def _fill(self) -> None:
        picture: Picture = await self._read_together(
            pictured, days=int(self.days), team_id=int(self.team or 0), category_id=int(self.category or 0)
        )
        found = picture.overview
        if found == self._shown:
            return
        self._shown = found
        self.cards, self.agents, self.trend = list(found.cards), list(found.agents), list(found.trend)
        self.by_status, self.by_priority = list(found.by_status), list(found.by_priority)
        self.by_category = list(found.by_category)
        self.trend_figure, self.agents_figure = picture.trend, picture.agents
        self.status_figure, self.priority_figure = picture.status, picture.priority
        self.category_figure = picture.category
        self.is_empty = not any(card.count for card in found.cards)


@anyone
def pictured(ctx: Context, *, days: int, team_id: int, category_id: int) -> Picture:
    """The overview with its figures; the report asks for the permission."""
    found = report.overview(ctx, days=days, team_id=team_id or None, category_id=category_id or None)
    trend = draw.trend(
        [day.day for day in found.trend],
        [day.created for day in found.trend],
        [day.resolved for day in found.trend],
        [day.created_query for day in found.trend],
        [day.resolved_query for day in found.trend],
    )
    closed = [line for line in found.agents if line.closed][:12]
    agents = [Slice(line.name, line.closed, "green", line.query) for line in closed]
    return Picture(
        found, trend, _bars(found.by_status), _bars(found.by_priority), _bars(found.by_category[:12]), _bars(agents)
    )


def _bars(slices: tuple[Slice, ...] | list[Slice]) -> go.Figure | None:
    if not any(one.count for one in slices):
        return None
    return draw.bars(
        [one.label for one in slices],
        [one.count for one in slices],
        [one.colour for one in slices],
        [one.query for one in slices],
    )


def an_id(raw: str) -> str:
    """An id as the address carries it, or nothing."""
    if raw and not (raw.isascii() and raw.isdecimal() and len(raw) < 19):
        raise Invalid("That address names a team or category this desk does not know.")
    return raw.lstrip("0")
