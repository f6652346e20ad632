"""How the help was: rating it signed in or by the link of a mail, which is signed, good once and for a while."""

from dataclasses import dataclass

from sqlmodel import col, select

from helpdesk.adapters import signing
from helpdesk.domain import satisfaction
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Conflict, Invalid, NotFound
from helpdesk.domain.people import Actor
from helpdesk.domain.permissions import Permission
from helpdesk.domain.satisfaction import AskAfter, RatingStyle
from helpdesk.domain.text import clean
from helpdesk.domain.tickets import StatusCategory
from helpdesk.models import CsatRating, CsatRequest, Person, Ticket
from helpdesk.services import access, catalog, sign_in
from helpdesk.services.context import Context, anyone, requires, step

_PURPOSE = "csat link"


@dataclass(frozen=True, slots=True)
class RatingRow:
    """A rating as shown; score 0 without one."""

    score: int = 0
    comment: str = ""
    may_change: bool = True


@dataclass(frozen=True, slots=True)
class Invitation:
    """What the page behind a mail's link shows. `state` is open, used, expired or reopened."""

    state: str
    reference: str = ""
    title: str = ""
    agent: str = ""
    style: str = RatingStyle.STARS
    score: int = 0


@requires(Permission.TICKET_RATE)
def rate(ctx: Context, ref: str, score: int, comment: str = "") -> None:
    """The customer rates the help once the ticket is done; a second rating replaces the first, for a week.

    Args:
        score: 1 (bad) to 5 (excellent).

    Raises:
        NotFound: no such ticket, or not the one who asked for help.
        Invalid: a score outside 1-5.
        Conflict: nothing to rate yet, or too late to change it.
    """
    ticket = access.ticket(ctx, ref, lock=True)
    if ticket.requester_id != ctx.actor.person_id:
        raise Conflict("Only the person who asked for help can rate it.")
    _rate(ctx, ticket, score, comment, actor=ctx.actor)


@anyone
def invitation(ctx: Context, token: str) -> Invitation:
    """What a mail's link leads to. Looking changes nothing: mail scanners look, too.

    Raises:
        NotFound: no link of ours.
    """
    request, ticket = _by_token(ctx, token)
    agent = ctx.session.get(Person, ticket.assignee_id) if ticket.assignee_id else None
    style = catalog.current(ctx).organization.csat_style
    return Invitation(
        _state(ctx, request, ticket), ticket.reference, ticket.title, agent.name if agent else "", style,
        ticket.csat_score or 0,
    )  # fmt: skip


@anyone
def rate_by_link(ctx: Context, token: str, score: int, comment: str = "") -> None:
    """Rate the help by the link of a mail, without signing in. The link works once.

    Raises:
        NotFound: no link of ours.
        Invalid: a score outside 1-5.
        Conflict: it was used, has expired, or the request is open again.
    """
    request, ticket = _by_token(ctx, token, lock=True)
    problem = {
        "used": "This was rated already. To change it, sign in and open the request.",
        "expired": "This link has expired. Sign in and open the request to rate it.",
        "reopened": "The request is open again. You can rate the help once it is solved.",
    }.get(_state(ctx, request, ticket))
    if problem:
        raise Conflict(problem)
    person = ctx.session.get_one(Person, request.person_id)
    _rate(ctx, ticket, score, comment, actor=sign_in.actor_for(ctx, person))
    request.used_at, request.next_at = ctx.now, None


@step
def of(ctx: Context, ticket: Ticket) -> RatingRow:
    """The rating of a ticket, and whether it can (still) be given."""
    rating = ctx.session.exec(select(CsatRating).where(CsatRating.ticket_id == ticket.id)).first()
    if rating is None:
        return RatingRow()
    return RatingRow(rating.score, rating.comment, satisfaction.may_change(rating.created_at, ctx.now))


@step
def token_for(ctx: Context, ticket: Ticket) -> str:
    """The secret of the link to rate a ticket, for the mail that asks; empty when nobody was asked."""
    request = ctx.session.exec(select(CsatRequest).where(CsatRequest.ticket_id == ticket.id)).first()
    if request is None:
        return ""
    return signing.sign(_PURPOSE, {"organization": ctx.organization_id, "request": request.id})


def _by_token(ctx: Context, token: str, *, lock: bool = False) -> tuple[CsatRequest, Ticket]:
    claims = signing.read(_PURPOSE, str(token)) or {}
    if claims.get("organization") != ctx.organization_id:
        raise NotFound("This link is not complete. Open it from the mail again.")
    query = select(Ticket, CsatRequest).join(CsatRequest, col(CsatRequest.ticket_id) == Ticket.id)
    query = query.where(col(CsatRequest.id) == access.whole(claims.get("request")))
    if lock:
        query = query.with_for_update()
    found = ctx.session.exec(query.execution_options(populate_existing=lock)).first()
    if found is None:
        raise NotFound("The request this link is about is no longer here.")
    return found[1], found[0]


def _state(ctx: Context, request: CsatRequest, ticket: Ticket) -> str:
    if request.used_at is not None or ticket.csat_score is not None:
        return "used"
    if request.expires_at is None or request.expires_at <= ctx.now:
        return "expired"
    return "open" if _can_be_rated(ctx, ticket) else "reopened"


def _can_be_rated(ctx: Context, ticket: Ticket) -> bool:
    after = AskAfter(catalog.current(ctx).organization.csat_after)
    return satisfaction.may_rate(StatusCategory(ticket.status_category), after)


def _rate(ctx: Context, ticket: Ticket, score: int, comment: str, *, actor: Actor) -> None:
    if isinstance(score, bool) or not isinstance(score, int) or not 1 <= score <= 5:
        raise Invalid(score="Choose one to five stars.")
    after = catalog.current(ctx).organization.csat_after
    if after == AskAfter.NEVER:
        raise Conflict("Ratings are switched off here. Write an answer instead; somebody reads it.")
    if not _can_be_rated(ctx, ticket):
        raise Conflict(f"You can rate the help once the request is {after}.")
    rating = ctx.session.exec(select(CsatRating).where(CsatRating.ticket_id == ticket.id)).first()
    if rating is not None and not satisfaction.may_change(rating.created_at, ctx.now):
        days = satisfaction.CHANGE_WINDOW.days
        raise Conflict(f"A rating can be changed for {days} days. Write an answer instead; somebody reads it.")
    previous = rating.score if rating else None
    if rating is None:
        rating = CsatRating(ticket_id=ticket.id, person_id=actor.person_id, score=score, created_at=ctx.now)
    rating.score, rating.comment, rating.agent_id = score, clean(comment)[:2000], ticket.assignee_id
    ctx.session.add(rating)
    ticket.csat_score = score
    with ctx.acting_as(actor):
        ctx.record(
            ActivityKind.TICKET_RATED, ticket, score=score, comment=rating.comment, assignee_id=ticket.assignee_id,
            previous_score=previous,
        )  # fmt: skip
