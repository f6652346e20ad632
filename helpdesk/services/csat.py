"""Asking customers how the help was: planned when a ticket is done, asked after a while, reminded of once."""

from datetime import timedelta

from sqlalchemy import text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from helpdesk import clock, db
from helpdesk.domain import satisfaction
from helpdesk.domain.activity import ActivityKind, Happened
from helpdesk.domain.satisfaction import AskAfter
from helpdesk.domain.tickets import StatusCategory
from helpdesk.models import CsatRequest, Ticket
from helpdesk.services import catalog
from helpdesk.services.context import Context, anyone, step

BATCH = 50


@step
def hears(ctx: Context, kind: str) -> bool:
    """Whether the organization asks. Costs nothing: its settings are in the cached catalog."""
    return kind == ActivityKind.TICKET_STATUS_CHANGED and catalog.current(ctx).organization.csat_after != AskAfter.NEVER


@step
def listen(ctx: Context, happened: Happened) -> None:
    """A status changed: plan to ask, or ask no more while the work goes on."""
    if not hears(ctx, happened.kind) or happened.ticket_id is None:
        return
    ticket = ctx.session.get(Ticket, happened.ticket_id)
    if ticket is None:
        return
    own = catalog.current(ctx).organization
    is_done = satisfaction.may_rate(StatusCategory(ticket.status_category), AskAfter(own.csat_after))
    if is_done and ticket.merged_into_id is None and ticket.csat_score is None:
        plan = insert(CsatRequest).values(
            ticket_id=ticket.id, person_id=ticket.requester_id, created_at=ctx.now,
            next_at=ctx.now + timedelta(hours=own.csat_delay_hours),
        )  # fmt: skip
        # Asked once per ticket, however often it is reopened; what was only planned is planned anew.
        again = plan.on_conflict_do_update(
            index_elements=["organization_id", "ticket_id"],
            set_={"next_at": plan.excluded.next_at},
            where=col(CsatRequest.asked_at).is_(None) & col(CsatRequest.next_at).is_(None),
        )
        ctx.session.execute(again)
    elif not is_done:
        stop = update(CsatRequest).where(col(CsatRequest.ticket_id) == ticket.id).values(next_at=None)
        ctx.session.execute(stop)


@anyone
def organizations_due() -> list[int]:
    """Organizations with customers to ask now, asked as the owner."""
    with db.owner_session() as session:
        rows = session.execute(
            text("SELECT DISTINCT organization_id FROM csat_request WHERE next_at <= :now"), {"now": clock.now()}
        )
        return [row[0] for row in rows]


@step
def ask_due(ctx: Context) -> int:
    """Ask, or remind, whoever is due; returns how many were looked at, at most 50."""
    own = catalog.current(ctx).organization
    due = ctx.session.exec(
        select(CsatRequest, Ticket)
        .join(Ticket, col(Ticket.id) == CsatRequest.ticket_id)
        .where(col(CsatRequest.next_at) <= ctx.now)
        .order_by(col(CsatRequest.next_at))
        .limit(BATCH)
        .with_for_update(of=CsatRequest, skip_locked=True)
    ).all()
    for request, ticket in due:
        request.next_at = None
        can = satisfaction.may_rate(StatusCategory(ticket.status_category), AskAfter(own.csat_after))
        if not can or ticket.csat_score is not None or ticket.merged_into_id is not None:
            continue
        is_first = request.asked_at is None
        if is_first:
            request.asked_at, request.expires_at = ctx.now, ctx.now + satisfaction.LINK_GOOD
            if own.csat_reminder_days:
                request.next_at = ctx.now + timedelta(days=own.csat_reminder_days)
        elif request.reminded_at is None:
            request.reminded_at = ctx.now
        else:
            continue
        ctx.record(
            ActivityKind.TICKET_RATING_ASKED, ticket, person_id=request.person_id, is_reminder=not is_first,
            how="asked" if is_first else "reminded",
        )  # fmt: skip
    return len(due)
