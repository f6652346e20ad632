"""What stands around a ticket on the agent's page, in one read."""

from dataclasses import dataclass

from helpdesk.domain.permissions import Permission, may
from helpdesk.services import access, time_tracking
from helpdesk.services.context import Context, requires
from helpdesk.services.tickets import drafts, links, merging, watching
from helpdesk.services.tickets.drafts import DraftRow, WaitingRow
from helpdesk.services.tickets.links import LinkRow
from helpdesk.services.tickets.merging import MergedRow
from helpdesk.services.tickets.watching import Colleague, WatcherRow
from helpdesk.services.time_tracking import TimeSheet


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Everything but the ticket itself; none of it is for customers."""

    time: TimeSheet
    draft: DraftRow
    watchers: tuple[WatcherRow, ...] = ()
    colleagues: tuple[Colleague, ...] = ()
    links: tuple[LinkRow, ...] = ()
    merged: tuple[MergedRow, ...] = ()
    drafted: tuple[str, ...] = ()
    waiting: tuple[WaitingRow, ...] = ()
    may_merge: bool = False
    may_delete: bool = False
    may_track: bool = False


@requires(Permission.CUSTOMER_READ)
def around(ctx: Context, ref: str) -> Surroundings:
    """Watchers, links, merged tickets, time, and one's own draft.

    Raises:
        NotFound: no such ticket for the actor.
    """
    ticket = access.ticket(ctx, ref)
    writes = may(ctx.actor, Permission.TICKET_NOTE)
    draft, waiting = drafts.unsent_on(ctx, ticket)
    return Surroundings(
        watchers=watching.watchers_of(ctx, ticket),
        colleagues=watching.colleagues_on(ctx, ticket) if writes else (),
        links=links.linked_to(ctx, ticket),
        merged=merging.merged_into(ctx, ticket),
        time=time_tracking.spent_on(ctx, ticket),
        draft=draft,
        waiting=waiting,
        drafted=drafts.drafted(ctx) if writes else (),
        may_merge=may(ctx.actor, Permission.TICKET_MERGE),
        may_delete=may(ctx.actor, Permission.TICKET_DELETE),
        may_track=may(ctx.actor, Permission.TIME_TRACK),
    )
