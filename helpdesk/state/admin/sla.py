"""SLA policies: the list in the order they are asked, and the editor of one: for whom, what is promised, when it counts."""

from dataclasses import dataclass
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.base import Choice
from helpdesk.components.feedback import toast_done
from helpdesk.domain.conditions import Group, Use, from_json
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.domain.sla import METRIC_LABELS, Metric
from helpdesk.services import compliance, promises
from helpdesk.services.compliance import BreachRow, By, ComplianceRow
from helpdesk.services.promises import PolicyRow
from helpdesk.services.simulator import SimulationRow
from helpdesk.state.admin.conditions import Conditions
from helpdesk.state.admin.forms import Form, number, numbers, typed
from helpdesk.state.admin.simulating import Simulating, is_simulation, name_of
from helpdesk.state.base import loads
from helpdesk.state.guard import admin
from helpdesk.state.outline import tree

HOME = "/admin/sla"
NEW = PolicyRow(0, "", targets={}, conditions={})
ALL_DAY = "0"
PERIODS = {"7": "7 days", "30": "30 days", "90": "90 days", "365": "365 days"}


@dataclass(frozen=True, slots=True)
class PolicyLine:
    """A policy in the list."""

    id: int
    name: str
    who: str
    calendar: str
    is_active: bool
    met: int = 0
    breached: int = 0
    running: int = 0
    share: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A target as edited: the name of its input, and its text."""

    name: str
    label: str
    text: str
    metric: str = ""


@dataclass(frozen=True, slots=True)
class PriorityLine:
    """A line of the matrix."""

    slug: str
    label: str
    cells: tuple[Cell, ...]


class SlaPolicies(Conditions, Simulating, rx.State):
    """The page."""

    rows: list[PolicyLine] = []
    kept: list[ComplianceRow] = []
    kept_by: str = By.METRIC.value
    kept_days: str = "30"
    breaches: list[BreachRow] = []
    is_editing: bool = False
    policy: PolicyRow = NEW
    calendar_choices: list[Choice] = []
    matrix: list[PriorityLine] = []
    sentence: str = ""
    matches: str = ""
    note: str = ""  # what is still missing in the conditions
    opened: int = 0

    @rx.event
    @admin
    @loads
    async def load(self) -> None:
        """Show the policies, or the one the address names."""
        given = self.router.url.query_parameters
        actor = await self._actor()
        found = await self._fill()
        self._watch(f"org-{actor.organization_id}-catalog", SlaPolicies.refresh)
        self.errors = {}
        one = next((row for row in found if str(row.id) == str(given.get("policy", ""))), None)
        self.is_editing = one is not None or given.get("new") == "yes"
        if self.is_editing:
            await self._open(one or NEW)

    @rx.event
    @admin
    async def refresh(self) -> None:
        """Somebody changed a policy."""
        await self._fill()

    @rx.event
    @admin
    async def tell_apart(self, by: str) -> None:
        """Count how promises were kept by something else."""
        self.kept_by = by if by in tuple(By) else By.METRIC.value
        await self._count_kept()

    @rx.event
    @admin
    async def choose_period(self, days: str) -> None:
        """Count over another time."""
        self.kept_days = days if days in PERIODS else "30"
        await self._count_kept()

    @rx.event
    @admin
    async def reorder(self, sent: Form) -> None:
        """Ask the policies in the order the form names."""
        await self._run(promises.order_policies, numbers(typed(sent).get("order", "")))
        await self._fill()

    @rx.event
    @admin
    async def add_preset(self, preset: str) -> EventSpec:
        """Add a ready-made policy, switched off, and open it."""
        made = await self._run(promises.add_preset, preset)
        return rx.redirect(f"{HOME}?policy={made}")

    @rx.event
    @admin
    async def save(self, sent: Form) -> list[EventSpec]:
        """Create a policy, or change the one that is open."""
        form = typed(sent)
        self._take_lines(form)
        name, share = form.get("name", ""), form.get("warning_share", "").strip().removesuffix("%").strip()
        if share and not number(share):
            raise Invalid(warning_share="Use 1 to 99 percent, or nothing for the organization's.")
        texts = {
            cell.name: form.get(f"target-{cell.name.replace('/', '-')}", "")
            for line in self.matrix
            for cell in line.cells
        }
        targets = await self._run(promises.parse_targets, texts)
        chosen = form.get("calendar", ALL_DAY)
        calendar = next((one.label for one in self.calendar_choices if one.value == chosen and chosen != ALL_DAY), None)
        if is_simulation(form):
            draft = {
                "id": self.policy.id, "name": name, "calendar": calendar, "is_active": "is_active" in form,
                "conditions": self._conditions(), "targets": targets,
            }  # fmt: skip
            await self._simulate(form, policy=draft)
            return []
        try:
            await self._run(
                promises.save_policy, self.policy.id or None, name=name, calendar=calendar,
                is_active="is_active" in form, targets=targets, conditions=self._conditions(),
                warning_share=number(share) or None,
            )  # fmt: skip
        except Conflict as conflict:
            raise Invalid(name=conflict.message) from None
        self.is_editing = False
        return [toast_done(f"{name} is saved. Open tickets follow"), rx.redirect(HOME)]

    @rx.event
    @admin
    async def delete(self, row_id: int) -> list[EventSpec]:
        """Delete a policy; its open tickets go by the next that fits."""
        name = name_of(self.rows, row_id)
        await self._run(promises.delete_policy, name)
        self.is_editing = False
        return [toast_done(f"{name} is deleted"), rx.redirect(HOME)]

    def _conditions(self) -> dict[str, Any]:
        found = tree(self.lines)
        return found if any(found.values()) else {}

    async def _open(self, one: PolicyRow) -> None:
        offered = await self._offer(promises.ASKS, Use.VIEW)
        listed = await self._run(promises.calendar_rows)
        self.calendar_choices = [
            Choice(ALL_DAY, "Around the clock"),
            *(Choice(str(row.id), row.name) for row in listed),
        ]
        self.policy, texts = one, one.targets or {}
        self.matrix = [
            PriorityLine(
                row.value, row.label,
                tuple(Cell(f"{row.value}/{m}", f"{METRIC_LABELS[m].capitalize()} of {row.label}", texts.get(f"{row.value}/{m}", ""), METRIC_LABELS[m].capitalize()) for m in Metric),
            )
            for row in reversed(offered.priorities)
        ]  # fmt: skip
        await self._show_conditions(from_json(dict(one.conditions), Use.RULE) if one.conditions else Group())
        self.opened += 1
        self.simulated = SimulationRow()
        await self._changed()

    async def _changed(self) -> None:
        self.sentence, self.matches, self.note = await self._told()

    async def _count_kept(self) -> None:
        self.kept = list(await self._run(compliance.compliance, By(self.kept_by), days=number(self.kept_days)))

    async def _fill(self) -> tuple[PolicyRow, ...]:
        found = await self._run(promises.policy_rows)
        kept = {row.id: row for row in await self._run(compliance.compliance, By.POLICY)}
        await self._count_kept()
        self.breaches = list(await self._run(compliance.recent_breaches))
        await self._offer(promises.ASKS, Use.VIEW)
        none = ComplianceRow(0, "")
        self.rows = [
            PolicyLine(
                row.id, row.name, self._whom(row) or ("Everybody else" if at else "Everybody"), row.calendar, row.is_active,
                (stat := kept.get(row.id, none)).met, stat.breached, stat.running, stat.share,
            )
            for at, row in enumerate(found)
        ]  # fmt: skip
        return found

    def _whom(self, row: PolicyRow) -> str:
        return self._said(from_json(dict(row.conditions), Use.RULE)) if row.conditions else ""
