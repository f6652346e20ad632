"""What is done to the ticked rows of the queue, how far it is, and its undo."""

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.feedback import toast_done, toast_undo
from helpdesk.domain.bulk import Action
from helpdesk.domain.errors import Invalid
from helpdesk.services.tickets import bulk
from helpdesk.services.tickets.bulk import Refusal, RunRow
from helpdesk.state.agent.queue import Queue, asked
from helpdesk.state.base import PageState
from helpdesk.state.guard import staff


class Bulk(PageState, rx.State):
    """The bar over the list, the line that shows progress, and what was refused."""

    run_id: int = 0
    label: str = ""
    total: int = 0
    done: int = 0
    is_running: bool = False
    refusals: list[Refusal] = []
    refused: int = 0
    is_told: bool = True

    @rx.event
    @staff
    async def apply(self, action: str, value: str = "") -> EventSpec | None:
        """Do something to the selection."""
        if action not in tuple(Action):
            raise Invalid(action="This cannot be done to many tickets at once.")
        queue = await self.get_state(Queue)
        actor = await self._actor()
        self._watch(f"bulk-{actor.person_id}", Bulk.follow)
        if queue.is_all_selected:
            wanted, _ = asked(queue._address)
            run = await self._run(bulk.start, Action(action), value, wanted=wanted)
        else:
            run = await self._run(bulk.start, Action(action), value, refs=queue.selected)
        queue.selected, queue.is_all_selected = [], False
        self.is_told = False
        return self._show(run)

    @rx.event
    @staff
    async def undo(self, run_id: int) -> EventSpec | None:
        """Take it back, for every ticket where nothing newer stands in the way."""
        actor = await self._actor()
        self._watch(f"bulk-{actor.person_id}", Bulk.follow)
        run = await self._run(bulk.undo, run_id)
        self.is_told = False
        return self._show(run)

    @rx.event
    @staff
    async def follow(self) -> EventSpec | None:
        """The job has come further."""
        if not self.run_id or self.is_told:
            return None
        return self._show(await self._run(bulk.progress, self.run_id))

    @rx.event
    @staff
    async def dismiss(self) -> None:
        """Put away what was refused."""
        self.refusals, self.refused = [], 0

    def _show(self, run: RunRow) -> EventSpec | None:
        self.run_id, self.label, self.total, self.done = run.id, run.label, run.total, run.done
        self.is_running = not run.is_finished
        self.refusals, self.refused = list(run.refusals), run.refused
        if self.is_running or self.is_told:
            return None
        self.is_told = True
        if not run.changed and run.refused:
            return None  # the list of refusals says it all
        if run.is_undo:
            return toast_done(f"{run.changed} put back")
        if not run.changed:
            return toast_done("They stood that way already")
        return toast_undo(f"{run.changed} changed", on_undo=Bulk.undo(run.id))
