"""SLA policies: the list in the order they are asked, and the editor of one: for whom, what is promised, when it counts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.base import Choice
from helpdesk.components.feedback import toast_done
from helpdesk.domain.conditions import FIELDS, OPERATOR_LABELS, Field, Operator, from_json
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.domain.filters import TicketFilter
from helpdesk.domain.sla import METRIC_LABELS, Metric
from helpdesk.services import catalog_view, compliance, promises, simulator, tickets
from helpdesk.services.compliance import BreachRow, By, ComplianceRow
from helpdesk.services.promises import PolicyRow
from helpdesk.services.simulator import SimulationRow
from helpdesk.state.admin.forms import Form, number, numbers, typed
from helpdesk.state.agent.queue import CHANNELS
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import admin

HOME = "/admin/sla"
NEW = PolicyRow(0, "", targets={}, conditions={})
ALL_DAY = "0"


@dataclass(frozen=True, slots=True)
class Line:
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
class Asked:
    """What a policy can ask: a field, the values chosen, and those there are."""

    name: str
    label: str
    text: str
    picked: tuple[str, ...]
    options: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A target as edited: the name of its input, and its text."""

    name: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class PriorityLine:
    """A line of the matrix."""

    slug: str
    label: str
    cells: tuple[Cell, ...]


class SlaPolicies(PageState, rx.State):
    """The page."""

    rows: list[Line] = []
    metrics: list[ComplianceRow] = []
    breaches: list[BreachRow] = []
    is_editing: bool = False
    policy: PolicyRow = NEW
    calendar_choices: list[Choice] = []
    matrix: list[PriorityLine] = []
    asked: list[Asked] = []
    is_written: bool = False  # conditions the editor cannot draw, from the configuration
    sentence: str = ""
    matches: int = 0
    opened: int = 0
    simulated: SimulationRow = SimulationRow()
    _kept: dict[str, Any] = {}

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
    async def choose(self, name: str, value: str) -> None:
        """Tick a value of a condition, or take its tick away."""
        lines = [_plain(one) for one in self.asked]
        at = next((at for at, one in enumerate(lines) if one.name == name), None)
        if at is None or value not in {choice.value for choice in lines[at].options}:
            return
        one = lines[at]
        picked = tuple(v for v in one.picked if v != value) if value in one.picked else (*one.picked, value)
        lines[at] = Asked(one.name, one.label, _shown(one.options, picked), picked, one.options)
        self.asked = lines
        await self._tell()

    @rx.event
    @admin
    async def forget_conditions(self) -> None:
        """Start the conditions anew."""
        self.is_written, self._kept = False, {}
        await self._tell()

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
        if form.get("then", "").startswith("simulate-"):
            draft = {
                "id": self.policy.id, "name": name, "calendar": calendar, "is_active": "is_active" in form,
                "conditions": self._conditions(), "targets": targets,
            }  # fmt: skip
            await self._simulate(number(form["then"].removeprefix("simulate-")), draft)
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
        name = next((row.name for row in self.rows if row.id == number(str(row_id))), "")
        await self._run(promises.delete_policy, name)
        self.is_editing = False
        return [toast_done(f"{name} is deleted"), rx.redirect(HOME)]

    @rx.event
    @admin
    async def look_at_simulation(self) -> None:
        """A simulation went on."""
        if self.simulated.id and not self.simulated.is_finished:
            self.simulated = await self._run(simulator.progress, self.simulated.id)

    async def _simulate(self, days: int, draft: dict[str, Any]) -> None:
        self.simulated = await self._run(simulator.start, days=days, policy=draft)
        if not self.simulated.is_finished:
            self._watch(f"sla-run-{self.simulated.id}", SlaPolicies.look_at_simulation)

    def _conditions(self) -> dict[str, Any]:
        if self.is_written:
            return dict(self._kept)
        parts = [[one.name, "any", *one.picked] for one in self.asked if one.picked]
        return {"all": parts} if parts else {}

    async def _open(self, one: PolicyRow) -> None:
        offered = await self._run(tickets.filter_choices)
        listed = await self._run(promises.calendar_rows)
        self.calendar_choices = [
            Choice(ALL_DAY, "Around the clock"),
            *(Choice(str(row.id), row.name) for row in listed),
        ]
        self.policy, texts = one, one.targets or {}
        self.matrix = [
            PriorityLine(
                row.value, row.label,
                tuple(Cell(f"{row.value}/{m}", f"{METRIC_LABELS[m].capitalize()} of {row.label}", texts.get(f"{row.value}/{m}", "")) for m in Metric),
            )
            for row in reversed(offered.priorities)
        ]  # fmt: skip
        picked = _picked(one.conditions or {})
        self.is_written, self._kept = picked is None, dict(one.conditions or {})
        self.asked = list(_askable(offered, await self._run(catalog_view.choice_fields), picked or {}))
        self.sentence = self._sentence(one.conditions or {})
        self.opened += 1
        self.simulated = SimulationRow()
        await self._tell()

    async def _tell(self) -> None:
        """How many open tickets the conditions hold for."""
        parts: list[Any] = [["status_category", "any", "new", "open", "pending"]]
        conditions = self._conditions()
        where = from_json({"all": [*parts, conditions] if conditions else parts})
        self.matches = await self._run(tickets.matches, TicketFilter(where=where))

    async def _fill(self) -> tuple[PolicyRow, ...]:
        found = await self._run(promises.policy_rows)
        kept = {row.id: row for row in await self._run(compliance.compliance, By.POLICY)}
        self.metrics = list(await self._run(compliance.compliance, By.METRIC))
        self.breaches = list(await self._run(compliance.recent_breaches))
        self._names = await self._run(catalog_view.names)
        none = ComplianceRow(0, "")
        self.rows = [
            Line(
                row.id, row.name, self._sentence(row.conditions or {}) or ("Everybody else" if at else "Everybody"), row.calendar, row.is_active,
                (stat := kept.get(row.id, none)).met, stat.breached, stat.running, stat.share,
            )
            for at, row in enumerate(found)
        ]  # fmt: skip
        return found

    _names: dict[str, str] = {}

    def _sentence(self, conditions: Mapping[str, Any]) -> str:
        return _told(conditions, self._names)


def _askable(
    offered: tickets.FilterChoices, own: Iterable[Any], picked: Mapping[str, tuple[str, ...]]
) -> Iterable[Asked]:
    for field, options in (
        (Field.CATEGORY, offered.categories), (Field.PRIORITY, offered.priorities), (Field.COMPANY, offered.companies),
        (Field.TAG, offered.tags), (Field.TEAM, offered.teams),
    ):  # fmt: skip
        yield _line(field.value, FIELDS[field].label, ((one.value, one.label) for one in options), picked)
    yield _line(Field.CHANNEL.value, "Channel", CHANNELS, picked)
    for one in own:
        yield _line(f"field:{one.id}", one.label, ((option.lower(), option) for option in one.options), picked)


def _line(name: str, label: str, options: Iterable[tuple[str, str]], picked: Mapping[str, tuple[str, ...]]) -> Asked:
    choices = tuple(Choice(value, text) for value, text in options)
    chosen = picked.get(name, ())
    return Asked(name, label, _shown(choices, chosen), chosen, choices)


def _plain(one: Asked) -> Asked:
    """The line itself, not the proxy a var gives out."""
    options = tuple(Choice(choice.value, choice.label) for choice in one.options)
    return Asked(one.name, one.label, one.text, tuple(one.picked), options)


def _shown(options: Iterable[Choice], picked: tuple[str, ...]) -> str:
    labels = {choice.value: choice.label for choice in options}
    return ", ".join(labels.get(value, value) for value in picked)


def _picked(conditions: Mapping[str, Any]) -> dict[str, tuple[str, ...]] | None:
    """The values by field, if the conditions are no more than that; else None."""
    if not conditions:
        return {}
    parts = conditions.get("all")
    if not isinstance(parts, list) or not all(isinstance(one, list) and one[1] in ("is", "any") for one in parts):
        return None
    names = [one[0] for one in parts]
    if len(names) != len(set(names)) or any("none" in one[2:] for one in parts):
        return None
    return {one[0]: tuple(map(str, one[2:])) for one in parts}


def _told(node: Any, names: Mapping[str, str]) -> str:
    """Conditions as a sentence."""
    if isinstance(node, Mapping):
        joint = " and " if "all" in node else " or "
        return joint.join(filter(None, (_told(one, names) for parts in node.values() for one in parts)))
    if not isinstance(node, list) or len(node) < 2:
        return ""
    about = names.get(node[0]) or FIELDS[Field(node[0])].label
    values = ", ".join(names.get(f"{node[0]}={value}", str(value)) for value in node[2:])
    return (
        f"{about} {OPERATOR_LABELS[Operator(node[1])]} {values}"
        if len(node) > 3 or node[1] != "any"
        else f"{about} is {values}"
    )
