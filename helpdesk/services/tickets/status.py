"""A ticket's way from new to closed."""

from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Conflict
from helpdesk.domain.permissions import Permission
from helpdesk.domain.tickets import DONE_CATEGORIES, OPEN_CATEGORIES, StatusCategory, may_follow
from helpdesk.models import Ticket
from helpdesk.services import access, catalog, sla
from helpdesk.services.catalog import StatusRow
from helpdesk.services.context import Context, requires, step


@requires(Permission.TICKET_STATUS)
def change(ctx: Context, ref: str, status: str) -> None:
    """Set a ticket's status. Customers may only say that it is solved, confirm, or reopen.

    Args:
        ref: the ticket's reference.
        status: slug, label or alias, in any case.

    Raises:
        NotFound: no such ticket for the actor.
        Invalid: no such status.
        Conflict: this status cannot follow the present one.
    """
    ticket = access.ticket(ctx, ref, lock=True)
    target = catalog.current(ctx).status(status)
    follow(ctx, ticket, target)


@requires(Permission.TICKET_STATUS)
def confirm(ctx: Context, ref: str) -> None:
    """The customer says "It's solved": an open ticket is resolved, a resolved one closed."""
    ticket = access.ticket(ctx, ref, lock=True)
    if ticket.status_category == StatusCategory.CLOSED:
        return
    done = StatusCategory.CLOSED if ticket.status_category == StatusCategory.RESOLVED else StatusCategory.RESOLVED
    target = catalog.current(ctx).first_status(done)
    _check_way(ctx, ticket, target)
    move(ctx, ticket, target)


@requires(Permission.TICKET_STATUS)
def still_a_problem(ctx: Context, ref: str) -> None:
    """The customer says "Still a problem": a resolved ticket is reopened.

    Raises:
        Conflict: the ticket is closed for good; they may file a new one.
    """
    ticket = access.ticket(ctx, ref, lock=True)
    if ticket.status_category == StatusCategory.CLOSED and ctx.actor.is_customer:
        raise Conflict("This request is closed. Please file a new one and mention its reference.")
    if ticket.status_category in OPEN_CATEGORIES:
        return
    _check_way(ctx, ticket, _reopened(ctx))
    reopen(ctx, ticket)


@step
def follow(ctx: Context, ticket: Ticket, target: StatusRow) -> None:
    """Set a status if it may follow the present one.

    Raises:
        Conflict: it may not.
    """
    if target.id == ticket.status_id:
        return
    if ticket.merged_into_id is not None:
        raise Conflict("This ticket was merged into another one. Take it out of there first.")
    if not may_follow(StatusCategory(ticket.status_category), target.category, for_staff=not ctx.actor.is_customer):
        now = catalog.current(ctx).status_by_id[ticket.status_id]
        raise Conflict(f"A ticket that is {now.label.lower()} cannot become {target.label.lower()}.")
    if not target.is_active:
        raise Conflict(f"The status “{target.label}” is no longer in use.")
    _check_way(ctx, ticket, target)
    if target.category is StatusCategory.OPEN and ticket.status_category in DONE_CATEGORIES:
        reopen(ctx, ticket, target)
    else:
        move(ctx, ticket, target)


@step
def move(ctx: Context, ticket: Ticket, target: StatusRow, *, reason: str = "") -> None:
    """Set the status, keep the derived facts in step, run the clocks, and write it down."""
    if ticket.status_id == target.id:
        return
    before = catalog.current(ctx).status_by_id[ticket.status_id]
    was = StatusCategory(
        ticket.status_category
    )  # a status that was redefined a moment ago has not reached all its tickets
    ticket.status_id, ticket.status_category = target.id, target.category
    ticket.is_open, ticket.updated_at = target.category in OPEN_CATEGORIES, ctx.now
    ticket.status_since = ctx.now
    ticket.waiting_since = ctx.now if target.category is StatusCategory.PENDING else None
    ticket.close_warned_at = None
    if target.category is StatusCategory.RESOLVED:
        ticket.resolved_at = ctx.now
    elif target.category is StatusCategory.CLOSED:
        ticket.closed_at = ctx.now
        ticket.resolved_at = ticket.resolved_at or ctx.now
    else:
        ticket.resolved_at = ticket.closed_at = None
    changed = ctx.record(
        ActivityKind.TICKET_STATUS_CHANGED, ticket, before=before.label, after=target.label,
        before_category=was.value, after_category=target.category.value, after_slug=target.slug,
        after_customer_label=target.customer_label, reason=reason,
    )  # fmt: skip
    with ctx.because(changed):
        sla.status_changed(ctx, ticket, was, target.category)


@step
def reopen(ctx: Context, ticket: Ticket, target: StatusRow | None = None) -> None:
    """Take a resolved, closed or waiting ticket back to work."""
    if ticket.status_category in DONE_CATEGORIES:
        ticket.reopen_count += 1
        move(ctx, ticket, target or _reopened(ctx))
    else:
        move(ctx, ticket, target or catalog.current(ctx).first_status(StatusCategory.OPEN))


def _reopened(ctx: Context) -> StatusRow:
    """What a reopened ticket becomes."""
    known = catalog.current(ctx)
    of_its_own = next((row for row in known.statuses if row.slug == "reopened" and row.is_active), None)
    return of_its_own or known.first_status(StatusCategory.OPEN)


def _check_way(ctx: Context, ticket: Ticket, target: StatusRow) -> None:
    known = catalog.current(ctx)
    if known.is_barred(ctx.actor.role, ticket.status_id, target.id):
        now = known.status_by_id[ticket.status_id]
        labels = (now.customer_label, target.customer_label) if ctx.actor.is_customer else (now.label, target.label)
        raise Conflict(f"Your role may not turn “{labels[0]}” into “{labels[1]}”.")
