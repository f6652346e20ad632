"""/api/reports/: the desk's figures. Other families show the same at their own addresses."""

from typing import Any

from pydantic import BaseModel

from helpdesk.api.compat import slashes
from helpdesk.api.compat.sla import Days
from helpdesk.api.compat.ticketing import Family
from helpdesk.api.v1.caller import Caller
from helpdesk.domain.permissions import Permission
from helpdesk.services.reports.overview import Overview, overview

family = Family("reports", slashes.REPORTS, slashes.REPORTS)


class Stats(BaseModel):
    """Figures of the last days, and what is open now; the maps say how many tickets by label."""

    days: int
    new_tickets: int
    open_tickets: int
    pending_tickets: int
    resolved_tickets: int
    breached_tickets: int
    median_resolution: str
    satisfaction: str
    by_status: dict[str, int]
    by_priority: dict[str, int]
    by_category: dict[str, int]


class SummaryDay(BaseModel):
    """A day."""

    date: str
    created: int
    resolved: int


class SummaryAgent(BaseModel):
    """An agent's work."""

    id: int
    name: str
    resolved: int
    open: int
    median_resolution: str
    satisfaction: str


class Summary(Stats):
    """The same with its days and people."""

    trend: list[SummaryDay]
    agents: list[SummaryAgent]


def counting(family: Family, path: str) -> None:
    """GET stats/."""

    @family.op("GET", path, Permission.REPORT_READ, "Read the desk's figures")
    def get_stats(caller: Caller, days: Days = 30) -> Stats:
        """Of the last 7, 30 or 90 days."""
        return Stats(**_figures(caller.run(overview, days=days)))


def summing(family: Family, path: str) -> None:
    """GET ticket-summary/, or reports/."""

    @family.op("GET", path, Permission.REPORT_READ, "Read a summary of the tickets")
    def get_summary(caller: Caller, days: Days = 30) -> Summary:
        """Of the last 7, 30 or 90 days, by day and agent."""
        found = caller.run(overview, days=days)
        return Summary(
            **_figures(found),
            trend=[SummaryDay(date=one.day, created=one.created, resolved=one.resolved) for one in found.trend],
            agents=[
                SummaryAgent(
                    id=one.id, name=one.name, resolved=one.closed, open=one.open,
                    median_resolution=one.median_resolution, satisfaction=one.csat,
                )
                for one in found.agents
            ],
        )  # fmt: skip


def _figures(found: Overview) -> dict[str, Any]:
    cards = {card.key: card for card in found.cards}
    counts = ("new", "open", "pending", "breached")
    return {
        "days": found.days, **{f"{name}_tickets": cards[name].count for name in counts},
        "resolved_tickets": cards["solved"].count, "median_resolution": cards["resolution"].value,
        "satisfaction": cards["csat"].value, "by_status": {one.label: one.count for one in found.by_status},
        "by_priority": {one.label: one.count for one in found.by_priority},
        "by_category": {one.label: one.count for one in found.by_category},
    }  # fmt: skip


summing(family, "ticket-summary")
