"""The desk's own first answer: articles that fit a new request, sent to whoever asked."""

from sqlmodel import select

from helpdesk.domain.activity import ActivityKind, Happened
from helpdesk.domain.articles import WORTH_SENDING
from helpdesk.domain.people import STAFF, Role
from helpdesk.models import Activity, Person, Ticket
from helpdesk.services import catalog, knowledge
from helpdesk.services.context import Context, step


@step
def hears(ctx: Context, kind: str) -> bool:
    """Whether the organization wants this. Costs nothing: its settings are in the cached catalog."""
    return kind == ActivityKind.TICKET_CREATED and catalog.current(ctx).organization.answers_with_articles


@step
def listen(ctx: Context, happened: Happened) -> None:
    """Answer a customer's new request with up to three articles, if there are any that fit well. Once, and only while
    nobody has said anything. It meets no promise: it is nobody's answer."""
    if not hears(ctx, happened.kind) or happened.ticket_id is None:
        return
    ticket = ctx.session.get(Ticket, happened.ticket_id)
    if ticket is None or not ticket.is_open or ticket.comment_count or ticket.merged_into_id is not None:
        return
    if _is_filed_by_staff(ctx, ticket) or _has_been_sent(ctx, ticket):
        return
    found = knowledge.best(ctx, ticket.title, at_least=WORTH_SENDING)
    if found:
        ctx.record(
            ActivityKind.TICKET_ARTICLES_SENT, ticket, subject_id=None, number="article" if len(found) == 1 else "articles",
            titles=[one.title for one in found], articles=[{"id": one.id, "title": one.title, "url": one.url} for one in found],
        )  # fmt: skip


def _is_filed_by_staff(ctx: Context, ticket: Ticket) -> bool:
    people = [ctx.session.get_one(Person, ticket.requester_id)]
    if ticket.created_by_id:
        people.append(ctx.session.get_one(Person, ticket.created_by_id))
    return any(Role(one.role) in STAFF for one in people)


def _has_been_sent(ctx: Context, ticket: Ticket) -> bool:
    sent = select(Activity.id).where(
        Activity.ticket_id == ticket.id, Activity.kind == ActivityKind.TICKET_ARTICLES_SENT
    )
    return ctx.session.exec(sent.limit(1)).first() is not None
