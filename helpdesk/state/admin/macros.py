"""Macros: those one can use, and one of them in the drawer. For everybody who works on tickets."""

from dataclasses import replace
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.base import Choice
from helpdesk.components.feedback import toast_done
from helpdesk.domain import rules as language
from helpdesk.domain.permissions import Permission, may
from helpdesk.domain.rules import BY_HAND, MOST_ACTIONS, Do
from helpdesk.services import macros, tickets
from helpdesk.services.macros import MacroRow
from helpdesk.state.admin.acts import Act, act_of, as_json, counted, fresh, plain, targets
from helpdesk.state.admin.forms import Form, back_to, number, typed
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import staff

HOME = "/admin/macros"
_TICKED = ("status", "category", "team")


class Macros(PageState, rx.State):
    """The page."""

    rows: list[MacroRow] = []
    is_open: bool = False
    macro: MacroRow = MacroRow()
    acts: list[Act] = []
    targets: dict[str, list[Choice]] = {}
    teams: list[Choice] = []
    may_share: bool = False
    # For which tickets it is offered: what can be ticked, and what is; `written` when it is more than ticks can say.
    statuses: list[Choice] = []
    categories: list[Choice] = []
    ticked: list[str] = []
    numbers: dict[str, int] = {}
    is_written: bool = False
    scope: str = "me"
    opened: int = 0
    shape: int = 0

    @rx.event
    @staff
    @loads
    async def load(self) -> None:
        """Show the macros, and the one the address names."""
        given = self.router.url.query_parameters
        actor = await self._actor()
        await self._fill()
        self._watch(f"org-{actor.organization_id}-macros", Macros.refresh)
        self.errors, self.may_share = {}, may(actor, Permission.MACRO_SHARE)
        found = next((row for row in self.rows if str(row.id) == str(given.get("macro", ""))), None)
        self.is_open = found is not None or given.get("new") == "yes"
        if self.is_open:
            known = await self._run(tickets.filter_choices)
            self.targets = targets(known)
            self.teams = [Choice(one.value, one.label) for one in known.teams]
            self.macro = found or MacroRow()
            self.scope = self.macro.scope
            wanted = await self._run(macros.written, found.id) if found else []
            self.statuses = [Choice(one.value, one.label) for one in known.statuses]
            self.categories = [Choice(one.value, one.label) for one in known.categories]
            meant = await self._run(macros.meant_for, found.id) if found else {}
            ticks = _ticks(meant)
            self.is_written, self.ticked = ticks is None, ticks or []
            self.numbers = {kind: sum(one.startswith(f"{kind}-") for one in self.ticked) for kind in _TICKED}
            self._set([act_of(one) for one in language.actions(wanted, BY_HAND)] if wanted else [])
            self.opened += 1

    @rx.event
    @staff
    async def refresh(self) -> None:
        """Somebody changed a macro."""
        await self._fill()

    @rx.event
    @staff
    async def close(self) -> list[EventSpec]:
        """Back to the list."""
        self.is_open = False
        return [rx.redirect(HOME), back_to("macro", self.macro.id)]

    @rx.event
    @staff
    async def choose_scope(self, scope: str) -> None:
        """Who can use it."""
        self.scope = scope if scope in macros.SCOPES else "me"

    @rx.event
    @staff
    async def add(self) -> None:
        """One more change."""
        if len(self.acts) < MOST_ACTIONS:
            self._set([*self.acts, Act()])

    @rx.event
    @staff
    async def remove(self, at: int) -> None:
        """One change less."""
        self._set([one for one in self.acts if one.number != at])

    @rx.event
    @staff
    async def set_do(self, at: int, do: str) -> None:
        """What to change."""
        if do in tuple(Do) and 0 <= at < len(self.acts):
            self._set([fresh(do) if one.number == at else one for one in self.acts])

    @rx.event
    @staff
    async def set_value(self, at: int, value: str) -> None:
        """To what."""
        if 0 <= at < len(self.acts):
            self.acts = counted([replace(plain(one), value=value) if one.number == at else one for one in self.acts])

    @rx.event
    @staff
    async def save(self, sent: Form) -> list[EventSpec]:
        """Create a macro, or change the one the form names."""
        form = typed(sent)
        name = form.get("name", "")
        for at in range(len(self.acts)):
            if (value := form.get(f"act-{at}-value")) is not None:
                self.acts = counted(
                    [replace(plain(one), value=value) if one.number == at else one for one in self.acts]
                )
        macro_id = number(form.get("macro_id", ""))
        # What only the configuration text can say stays as it is.
        kept = await self._run(macros.meant_for, macro_id) if macro_id and self.is_written else None
        await self._run(
            macros.save, number(form.get("macro_id", "")) or None, name=name, scope=form.get("scope", "me"),
            team_id=number(form.get("team_id", "")) or None, changes=[as_json(one) for one in self.acts],
            reply=form.get("reply", ""), offered=kept or _tree([key for key in form if key.partition("-")[0] in _TICKED]),
        )  # fmt: skip
        self.is_open = False
        return [toast_done(f"{name} is saved"), rx.redirect(HOME)]

    @rx.event
    @staff
    async def delete(self, macro_id: int) -> list[EventSpec]:
        """Remove a macro."""
        await self._run(macros.delete, macro_id)
        self.is_open = False
        return [toast_done("The macro is deleted"), rx.redirect(HOME)]

    def _set(self, acts: list[Act]) -> None:
        self.acts, self.shape = counted(acts), self.shape + 1

    async def _fill(self) -> None:
        self.rows = list(await self._run(macros.listing))


def _tree(ticks: list[str]) -> dict[str, Any]:
    """Ticks, such as "status-open", as conditions: any of the same kind, all kinds together."""
    values = {kind: [one.partition("-")[2] for one in ticks if one.startswith(f"{kind}-")] for kind in _TICKED}
    return {"all": [[kind, "any", *some] for kind, some in values.items() if some]}


def _ticks(meant: dict[str, Any]) -> list[str] | None:
    """The ticks that say the same as conditions; None when ticks cannot."""
    found: list[str] = []
    parts = meant.get("all", []) if set(meant) <= {"all"} else None
    if parts is None:
        return None
    for part in parts:
        if not isinstance(part, list) or part[0] not in _TICKED or part[1] not in ("is", "any") or "none" in part[2:]:
            return None
        if any(one.startswith(f"{part[0]}-") for one in found):
            return None
        found += [f"{part[0]}-{value}" for value in part[2:]]
    return found
