"""Somebody leaves: their account is closed, and their open tickets go on."""

from sqlmodel import col, select

from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Invalid
from helpdesk.domain.permissions import Permission
from helpdesk.models import Person, Ticket
from helpdesk.services import access, people, routing
from helpdesk.services.context import MOST_ACTIVITIES, Context, requires
from helpdesk.services.tickets import assignment

KEEP, QUEUE = "keep", "queue"
# Each ticket is a few activities.
_MOST_TICKETS = 1000


@requires(Permission.PERSON_MANAGE)
def deactivate(ctx: Context, person_id: int, *, tickets: str = KEEP) -> int:
    """Close an account and hand over its open tickets; returns how many.

    Args:
        tickets: "keep" leaves them, "queue" has routing find somebody for each or lets it wait, and a person's id gives
            them all to that person.

    Raises:
        Invalid: one's own account, or nobody who can be given tickets.
        NotFound: nobody by that id.
    """
    person = access.person(ctx, person_id, lock=True)
    to = None
    if tickets not in (KEEP, QUEUE):
        to = access.agent(ctx, access.whole(tickets))
        if to.id == person.id:
            raise Invalid(tickets="Choose somebody else for the tickets.")
    people.deactivate(ctx, person_id)
    if tickets == KEEP:
        return 0
    found = ctx.session.exec(
        select(Ticket)
        .where(Ticket.assignee_id == person.id, col(Ticket.is_open))
        .order_by(col(Ticket.id))
        .limit(_MOST_TICKETS)
        .with_for_update()
    ).all()
    if not found:
        return 0
    ctx.limit = max(ctx.limit, MOST_ACTIVITIES + 4 * len(found))
    said = "1 ticket" if len(found) == 1 else f"{len(found)} tickets"
    handed = ctx.record(
        ActivityKind.PERSON_HANDED_OVER, subject_id=person.id, name=person.name, tickets=said,
        before={"assignee": person.name}, after={"assignee": to.name if to else "the queue"},
    )  # fmt: skip
    with ctx.because(handed):
        for ticket in found:
            _hand_over(ctx, ticket, to, reason=f"{person.name} has left")
    return len(found)


def _hand_over(ctx: Context, ticket: Ticket, to: Person | None, *, reason: str) -> None:
    if to is not None:
        assignment.give(ctx, ticket, to, reason=reason)
        return
    if found := routing.find_agent(ctx, ticket.team_id, ticket.category_id):
        assignment.give(ctx, ticket, ctx.session.get_one(Person, found.id), reason=f"{reason}; {found.reason}")
    else:
        assignment.release(ctx, ticket)
