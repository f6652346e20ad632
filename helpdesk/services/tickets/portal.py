"""What customers see first, one request as they see it, and the form for a new one."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import case, func
from sqlmodel import col, select

from helpdesk.domain import portal, satisfaction
from helpdesk.domain.filters import TicketFilter
from helpdesk.domain.permissions import Permission
from helpdesk.domain.satisfaction import AskAfter
from helpdesk.domain.tickets import DONE_CATEGORIES, StatusCategory
from helpdesk.models import Ticket
from helpdesk.services import access, catalog
from helpdesk.services.context import Context, anyone, requires
from helpdesk.services.tickets import rating
from helpdesk.services.tickets.queries import filtered, one, priority_options, rows
from helpdesk.services.tickets.rows import CategoryCard, PortalHome, PortalRequest, RequestForm

_SHOWN = 3
# After so long nobody remembers how the help was.
_RATING_ASKED = timedelta(days=14)


@requires(Permission.TICKET_READ)
def portal_home(ctx: Context) -> PortalHome:
    """The actor's newest open requests, those that wait first, and the solved ones they have not rated yet."""
    mine = TicketFilter(requester=(ctx.actor.person_id or 0,))
    newest = (col(Ticket.created_at).desc(), col(Ticket.id).desc())
    waits_first = case((col(Ticket.status_category) == StatusCategory.PENDING, 0), else_=1)
    opened = ctx.session.exec(filtered(ctx, mine.but(open=True)).order_by(waits_first, *newest).limit(_SHOWN)).all()
    after = catalog.current(ctx).organization.csat_after
    done = (StatusCategory.CLOSED,) if after == AskAfter.CLOSED else DONE_CATEGORIES
    unrated = (
        ()
        if after == AskAfter.NEVER
        else ctx.session.exec(
            filtered(ctx, mine.but(category=tuple(done), resolved_from=ctx.now - _RATING_ASKED))
            .where(col(Ticket.csat_score).is_(None))
            .order_by(col(Ticket.resolved_at).desc(), col(Ticket.id).desc())
            .limit(_SHOWN)
        ).all()
    )
    counts = ctx.session.exec(
        select(func.count(), func.count().filter(col(Ticket.is_open)))
        .select_from(Ticket)
        .where(access.sees(ctx.actor, Ticket), Ticket.requester_id == ctx.actor.person_id)
    ).one()
    shown = rows(ctx, [*opened, *unrated])
    return PortalHome(shown[: len(opened)], counts[1], shown[len(opened) :], counts[0] > 0)


@requires(Permission.TICKET_READ)
def portal_request(ctx: Context, ref: str) -> PortalRequest:
    """One request with where it stands, in the words of its reader.

    Raises:
        NotFound: no such ticket for the actor.
    """
    detail = one(ctx, ref)
    ticket = access.ticket(ctx, ref)
    category, label = StatusCategory(ticket.status_category), detail.ticket.status
    words = portal.standing(
        category, label, agent=detail.ticket.assignee, expected=ticket.sla_due_at, resolved=ticket.resolved_at,
        closes_after=timedelta(hours=catalog.current(ctx).organization.auto_close_hours), now=ctx.now,
        zone=ctx.actor.timezone, unanswered_until=_closes(ctx, ticket),
    )  # fmt: skip
    given = rating.of(ctx, ticket)
    may_rate = satisfaction.may_rate(category, AskAfter(catalog.current(ctx).organization.csat_after))
    detail = replace(detail, may_rate=detail.may_rate and may_rate and given.may_change)
    style = catalog.current(ctx).organization.csat_style
    return PortalRequest(detail, portal.step(category, label), words, given.score, given.comment, style)


def _closes(ctx: Context, ticket: Ticket) -> datetime | None:
    """When a request closes that its customer was told of; none that is asked no more."""
    own = catalog.current(ctx).organization
    if ticket.close_warned_at is None or not own.waiting_close_hours:
        return None
    hours, notice = timedelta(hours=own.waiting_close_hours), timedelta(hours=own.waiting_notice_hours)
    return max(ticket.close_warned_at + notice, (ticket.waiting_since or ticket.close_warned_at) + hours)


@anyone
def request_form(ctx: Context) -> RequestForm:
    """What the form for a new request offers, signed in or not."""
    known = catalog.current(ctx)
    cards = tuple(CategoryCard(str(row.id), row.name, row.description) for row in known.categories if row.is_active)
    return RequestForm(cards, priority_options(ctx), known.organization.public_form)
