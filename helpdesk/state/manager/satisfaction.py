"""How customers rated the help: figures, charts, tables and what they wrote, with the filters in the address."""

import asyncio
from dataclasses import dataclass
from urllib.parse import urlencode

import plotly.graph_objects as go
import reflex as rx
from reflex.event import EventSpec

from helpdesk.charts import overview as draw
from helpdesk.charts import satisfaction as draw_ratings
from helpdesk.components.base import Choice
from helpdesk.services import people, tickets
from helpdesk.services.context import Context, anyone
from helpdesk.services.reports import satisfaction as reports
from helpdesk.services.reports.overview import Card, Slice
from helpdesk.services.reports.satisfaction import DayOfRatings, RatedLine, Said, Satisfaction
from helpdesk.services.tickets import Option
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import manager
from helpdesk.state.manager.overview import CALM, an_id

HOME = "/manager/satisfaction"
PERIODS = tuple(str(days) for days in reports.PERIODS)
_USUAL = "30"


@dataclass(frozen=True)
class Picture:
    """The report and its figures, drawn off the event loop."""

    report: Satisfaction
    trend: go.Figure
    scores: go.Figure | None


class ManagerSatisfaction(PageState, rx.State):
    """What the page shows. Figures are None until they are drawn."""

    days: str = _USUAL
    team: str = ""
    category: str = ""
    agent: str = ""
    team_choices: list[Choice] = []
    category_choices: list[Choice] = []
    agent_choices: list[Choice] = []
    cards: list[Card] = []
    trend: list[DayOfRatings] = []
    by_score: list[Slice] = []
    agents: list[RatedLine] = []
    teams: list[RatedLine] = []
    categories: list[RatedLine] = []
    said: list[Said] = []
    is_empty: bool = False
    trend_figure: go.Figure | None = None
    score_figure: go.Figure | None = None
    _shown: Satisfaction | None = None

    @rx.event
    @manager
    @loads
    async def load(self) -> None:
        """Show what the address asks for."""
        given = self.router.url.query_parameters
        self.days = given.get("range", _USUAL) if given.get("range") in PERIODS else _USUAL
        self.team, self.category = an_id(given.get("team", "")), an_id(given.get("category", ""))
        self.agent = an_id(given.get("agent", ""))
        actor = await self._actor()
        self._watch(f"org-{actor.organization_id}-tickets", ManagerSatisfaction.refresh)
        teams: tuple[Option, ...] = await self._run(tickets.team_options)
        categories: tuple[Option, ...] = await self._run(tickets.category_options)
        self.team_choices = [Choice(one.value, one.label) for one in teams]
        self.category_choices = [Choice(one.value, one.label) for one in categories]
        self.agent_choices = [Choice(str(one.id), one.name) for one in await self._run(people.agents)]
        await self._fill()

    @rx.event(background=True)
    @manager
    async def refresh(self) -> None:
        """Tickets changed: look again, then rest."""
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

    @rx.event
    @manager
    async def of_agent(self, agent: str) -> EventSpec:
        """One agent only; empty for all."""
        return self._go(agent=an_id(agent))

    def _go(self, **changes: str) -> EventSpec:
        now = {
            "range": "" if self.days == _USUAL else self.days, "team": self.team, "category": self.category,
            "agent": self.agent,
        }  # fmt: skip
        query = {key: value for key, value in (now | changes).items() if value}
        return rx.redirect(f"{HOME}?{urlencode(query)}" if query else HOME)

    async def _fill(self) -> None:
        picture: Picture = await self._read_together(
            pictured, days=int(self.days), team_id=int(self.team or 0), category_id=int(self.category or 0),
            agent_id=int(self.agent or 0),
        )  # fmt: skip
        found = picture.report
        if found == self._shown:
            return
        self._shown = found
        self.cards, self.trend, self.by_score = list(found.cards), list(found.trend), list(found.by_score)
        self.agents, self.teams, self.categories = list(found.agents), list(found.teams), list(found.categories)
        self.said = list(found.said)
        self.trend_figure, self.score_figure = picture.trend, picture.scores
        self.is_empty = not any(one.count for one in found.by_score)


@anyone
def pictured(ctx: Context, *, days: int, team_id: int, category_id: int, agent_id: int) -> Picture:
    """The report with its figures; the report asks for the permission."""
    found = reports.report(
        ctx, days=days, team_id=team_id or None, category_id=category_id or None, agent_id=agent_id or None
    )
    trend = draw_ratings.trend(
        [day.day for day in found.trend],
        (
            ("Low", "red", [day.low for day in found.trend], [day.low_query for day in found.trend]),
            ("Okay", "amber", [day.fair for day in found.trend], [day.fair_query for day in found.trend]),
            ("Good", "green", [day.good for day in found.trend], [day.good_query for day in found.trend]),
        ),
    )
    scores = draw.bars(
        [one.label for one in found.by_score], [one.count for one in found.by_score],
        [one.colour for one in found.by_score], [one.query for one in found.by_score],
    )  # fmt: skip
    return Picture(found, trend, scores)
