"""Automation: the rules in their order, and the log of what they did."""

from collections.abc import AsyncIterator
from urllib.parse import urlencode

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.base import Choice
from helpdesk.components.feedback import toast_done
from helpdesk.services import rule_runs, rules
from helpdesk.services.rules import PAGE, RESULTS, RuleRow, RunRow
from helpdesk.state.admin.forms import Form, number, numbers, typed
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import admin

HOME = "/admin/automation"
LOG = "/admin/automation/log"
EDITOR = "/admin/automation/rule"


class Automation(PageState, rx.State):
    """The list."""

    rows: list[RuleRow] = []

    @rx.event
    @admin
    @loads
    async def load(self) -> None:
        """Show the rules."""
        actor = await self._actor()
        await self._fill()
        self._watch(f"org-{actor.organization_id}-rules", Automation.refresh)

    @rx.event
    @admin
    async def refresh(self) -> None:
        """A rule was changed, or did something."""
        await self._fill()

    @rx.event
    @admin
    async def reorder(self, sent: Form) -> None:
        """Apply the rules in the order the form names."""
        await self._run(rules.reorder, numbers(typed(sent).get("order", "")))
        await self._fill()

    @rx.event
    @admin
    async def switch(self, rule_id: int, is_active: bool) -> EventSpec:
        """Let a rule work, or rest."""
        try:
            await self._run(rules.switch, rule_id, is_active=is_active)
        finally:
            await self._fill()
        return toast_done("The rule is on" if is_active else "The rule is off")

    async def _fill(self) -> None:
        self.rows = list(await self._run(rules.listing))


class RuleLog(PageState, rx.State):
    """The log of runs."""

    rows: list[RunRow] = []
    rules: list[Choice] = []
    rule: str = ""
    result: str = ""
    reference: str = ""
    newest_href: str = ""
    older_href: str = ""
    is_filtered: bool = False

    @rx.event
    @admin
    @loads
    async def load(self) -> None:
        """Show what the address asks for."""
        given = {key: str(value) for key, value in self.router.url.query_parameters.items() if value}
        self.rule = str(number(given.get("rule", "")) or "")
        self.result = given.get("result", "") if given.get("result") in RESULTS else ""
        self.reference = given.get("reference", "")[:16]
        before = number(given.get("before", ""))
        self.rules = [Choice(str(row.id), row.name) for row in await self._run(rules.listing)]
        found = await self._run(
            rules.runs, rule_id=number(self.rule), result=self.result, reference=self.reference, before=before
        )
        self.rows = list(found[:PAGE])
        self.older_href = self._href(before=str(found[PAGE - 1].id)) if len(found) > PAGE else ""
        self.newest_href = self._href() if before else ""
        self.is_filtered = self._href() != LOG

    @rx.event
    @admin
    async def of_rule(self, rule: str) -> EventSpec:
        """What one rule did; empty for all."""
        return rx.redirect(self._href(rule=rule))

    @rx.event
    @admin
    async def of_result(self, result: str) -> EventSpec:
        """How it ended; empty for all."""
        return rx.redirect(self._href(result=result))

    @rx.event
    @admin
    async def of_ticket(self, reference: str) -> EventSpec:
        """What was done to one ticket; empty for all."""
        return rx.redirect(self._href(reference=reference.strip()))

    @rx.event
    @admin
    async def undo(self, run_id: int) -> AsyncIterator[EventSpec]:
        """Take back what a rule did to a ticket."""
        name = await self._run(rule_runs.undo, run_id)
        yield toast_done(f"What “{name}” did is taken back")
        yield RuleLog.load

    def _href(self, **changes: str) -> str:
        now = {"rule": self.rule, "result": self.result, "reference": self.reference}
        query = {key: value for key, value in (now | changes).items() if value}
        return f"{LOG}?{urlencode(query)}" if query else LOG
