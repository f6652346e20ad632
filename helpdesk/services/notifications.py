"""Who is told what. One table: what happened -> the mails it means."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from helpdesk.domain import notices
from helpdesk.domain.activity import ActivityKind, Happened
from helpdesk.domain.people import Role
from helpdesk.domain.tickets import DONE_CATEGORIES, StatusCategory
from helpdesk.models import Activity, Comment, Mention, Person, Ticket
from helpdesk.services import catalog
from helpdesk.services.context import Context, step
from helpdesk.services.mail import outbound
from helpdesk.services.tickets import forwarding, merging, watching

Told = tuple[str, int | outbound.Stranger | None, dict[str, Any]]  # template, whom, values


@step
def mail(ctx: Context, happened: Happened) -> None:
    """Queue the mails an activity means. Never to the one who acted, except the receipt of their own request."""
    tell = HEARD.get(happened.kind)
    if tell is None or happened.ticket_id is None:
        return
    ticket = ctx.session.get(Ticket, happened.ticket_id)
    if ticket is None:
        return
    for template, whom, values in tell(ctx, ticket, happened):
        if isinstance(whom, outbound.Stranger):
            outbound.queue(ctx, template, whom, values, ticket=ticket, activity_id=happened.id)
            continue
        if whom is None or (whom == happened.actor_id and template != "ticket_received"):
            continue
        person = ctx.session.get(Person, whom)
        if person is None or not person.is_active:
            continue
        if notices.wants(template, wants_mail=person.wants_mail, muted=person.muted_notices):
            outbound.queue(ctx, template, person, values, ticket=ticket, activity_id=happened.id)


@step
def letter(ctx: Context, template: str, person_id: int | None, values: dict[str, str]) -> None:
    """Queue a mail with a secret inside, which no activity may hold. Sent whatever the person prefers.

    Args:
        person_id: who gets it; without one, the values `email` and `name` say.
    """
    to = ctx.session.get_one(Person, person_id) if person_id else outbound.Stranger(values["email"], values["name"])
    outbound.queue(ctx, template, to, values)


def _created(ctx: Context, ticket: Ticket, happened: Happened) -> list[Told]:
    return [("ticket_received", ticket.requester_id, {"agent": _name(ctx, ticket.assignee_id)})]


def _assigned(ctx: Context, ticket: Ticket, happened: Happened) -> list[Told]:
    agent = str(happened.data.get("assignee", ""))
    told: list[Told] = [
        ("assigned_agent", happened.data.get("assignee_id"), {"reason": happened.data.get("reason", "")})
    ]
    if not _caused_by(ctx, happened, ActivityKind.TICKET_CREATED):  # the receipt names the agent already
        is_change = bool(happened.data.get("previous_id"))
        told.append(("assigned_customer", ticket.requester_id, {"agent": agent, "is_change": is_change}))
    return told


def _replied(ctx: Context, ticket: Ticket, happened: Happened) -> list[Told]:
    comment = ctx.session.exec(select(Comment).where(col(Comment.id) == happened.data.get("comment_id"))).first()
    if comment is None:
        return []
    values = {"author": happened.actor_name, "comment": comment.body, "files": happened.data.get("files", [])}
    watching_ = _watchers(ctx, ticket, comment)
    if happened.data.get("by_staff"):
        told: list[Told] = [("replied", person_id, values) for person_id in _customers(ctx, ticket)]
        return told + [("watched_reply", person_id, values) for person_id in watching_]
    asked = dict.fromkeys([ticket.assignee_id, *watching_])
    return [("customer_replied", person_id, values) for person_id in asked]


def _noted(ctx: Context, ticket: Ticket, happened: Happened) -> list[Told]:
    comment = ctx.session.exec(select(Comment).where(col(Comment.id) == happened.data.get("comment_id"))).first()
    if comment is None:
        return []
    values = {"author": happened.actor_name, "comment": comment.body}
    return [("noted", person_id, values) for person_id in _watchers(ctx, ticket, comment)]


def _mentioned(ctx: Context, ticket: Ticket, happened: Happened) -> list[Told]:
    comment = ctx.session.exec(select(Comment).where(col(Comment.id) == happened.data.get("comment_id"))).first()
    if comment is None or happened.subject_id not in watching.told(ctx, ticket):
        return []
    return [("mentioned", happened.subject_id, {"author": happened.actor_name, "comment": comment.body})]


def _forwarded(ctx: Context, ticket: Ticket, happened: Happened) -> list[Told]:
    note = ctx.session.exec(select(Comment).where(col(Comment.id) == happened.data.get("comment_id"))).first()
    if note is None:
        return []
    said = forwarding.thread(ctx, ticket) if happened.data.get("with_thread") else ()
    values = {"author": happened.actor_name, "comment": forwarding.text_of(note), "thread": said}
    return [("forwarded", outbound.Stranger(address, address), values) for address in happened.data.get("to", [])]


def _merged(ctx: Context, ticket: Ticket, happened: Happened) -> list[Told]:
    return [("merged", ticket.requester_id, {"other": str(happened.data.get("other", ""))})]


def _status_changed(ctx: Context, ticket: Ticket, happened: Happened) -> list[Told]:
    after = happened.data.get("after_category")
    if _caused_by(ctx, happened, ActivityKind.TICKET_MERGED):
        return []  # they are told where it continues
    told = _status_for_customers(ctx, ticket, happened)
    if after in DONE_CATEGORIES or happened.data.get("before_category") in DONE_CATEGORIES:
        values = {"author": happened.actor_name, "after": happened.data.get("after", "")}
        told += [("watched_status", person_id, values) for person_id in watching.told(ctx, ticket)]
    return told


def _status_for_customers(ctx: Context, ticket: Ticket, happened: Happened) -> list[Told]:
    after = happened.data.get("after_category")
    if after == StatusCategory.RESOLVED:
        return [("resolved", person_id, {}) for person_id in _customers(ctx, ticket)]
    if after == StatusCategory.CLOSED:
        return [("closed", person_id, {}) for person_id in _customers(ctx, ticket)]
    before = happened.data.get("before_category")
    if (
        before == StatusCategory.NEW and after == StatusCategory.OPEN
    ):  # "in progress" follows from the assignment or reply they hear of anyway
        return []
    label = happened.data.get("after_customer_label", happened.data.get("after", ""))
    return [("status_changed", ticket.requester_id, {"after": label})]


def _escalated(ctx: Context, ticket: Ticket, happened: Happened) -> list[Told]:
    data = happened.data
    raised = data.get("after", 0) if data.get("after", 0) > data.get("before", 0) else 0
    values = {
        "level": raised, "reason": data.get("reason", ""), "message": data.get("message", ""),
        "author": happened.actor_name if happened.actor_id else "", "agent": _name(ctx, ticket.assignee_id),
    }  # fmt: skip
    return [("escalated", person_id, values) for person_id in data.get("told_ids", ())]


def _written(ctx: Context, ticket: Ticket, happened: Happened) -> list[Told]:
    """A mail a rule or a macro says to send, to whomever; some have no account."""
    person = ctx.session.get(Person, happened.data.get("person_id")) if happened.data.get("person_id") else None
    to = person or outbound.Stranger(str(happened.data.get("address", "")), "")
    if to.email and (person is None or person.is_active):
        words = {"subject": happened.data.get("subject", ""), "body": happened.data.get("body", "")}
        values = words | {"is_ours": person is not None}
        outbound.queue(ctx, "written", to, values, ticket=ticket, activity_id=happened.id)
    return []


def _notified(ctx: Context, ticket: Ticket, happened: Happened) -> list[Told]:
    return [
        ("notified", person_id, {"body": happened.data.get("body", "")})
        for person_id in happened.data.get("told_ids", ())
    ]


def _rule_failed(ctx: Context, ticket: Ticket, happened: Happened) -> list[Told]:
    values = {"rule": happened.data.get("name", ""), "reason": happened.data.get("reason", "")}
    return [("rule_failed", person_id, values) for person_id in _administrators(ctx)]


def _escalation_failed(ctx: Context, ticket: Ticket, happened: Happened) -> list[Told]:
    if not happened.data.get("is_first"):
        return []
    values = {"policy": happened.data.get("name", ""), "reason": happened.data.get("reason", "")}
    return [("escalation_failed", person_id, values) for person_id in _administrators(ctx)]


def _administrators(ctx: Context) -> Sequence[int]:
    query = select(Person.id).where(col(Person.role).in_((Role.ADMIN, Role.SUPERADMIN)), col(Person.is_active))
    return ctx.session.exec(query).all()


def _due_soon(ctx: Context, ticket: Ticket, happened: Happened) -> list[Told]:
    return [("sla_warning", ticket.assignee_id, _promise(ctx, ticket, happened))]


def _late(ctx: Context, ticket: Ticket, happened: Happened) -> list[Told]:
    managers = ctx.session.exec(
        select(Person.id).where(Person.role == Role.MANAGER, col(Person.is_active)).order_by(col(Person.id))
    ).all()
    values = _promise(ctx, ticket, happened)
    return [("sla_breached", person_id, values) for person_id in dict.fromkeys([ticket.assignee_id, *managers])]


def _promise(ctx: Context, ticket: Ticket, happened: Happened) -> dict[str, Any]:
    shown = _shown(ctx, str(happened.data.get("due_at", "")))
    return {"metric": happened.data.get("metric", ""), "due": shown, "assignee": _name(ctx, ticket.assignee_id)}


def _closing_soon(ctx: Context, ticket: Ticket, happened: Happened) -> list[Told]:
    if ticket.close_warned_at is None:
        return []  # answered in the meantime
    values = {"notice": happened.data.get("notice", ""), "closes": _shown(ctx, str(happened.data.get("closes_at", "")))}
    return [("closing_soon", person_id, values) for person_id in _customers(ctx, ticket)]


def _articles_sent(ctx: Context, ticket: Ticket, happened: Happened) -> list[Told]:
    return [("answered_with_articles", ticket.requester_id, {"articles": happened.data.get("articles", [])})]


def _stopped(ctx: Context, ticket: Ticket, happened: Happened) -> list[Told]:
    values = {"reason": happened.data.get("reason", ""), "excerpt": happened.data.get("excerpt", "")}
    return [("reply_stopped", happened.data.get("author_id"), values)]


def _shown(ctx: Context, moment: str) -> str:
    zone = catalog.current(ctx).organization.timezone
    return f"{datetime.fromisoformat(moment).astimezone(ZoneInfo(zone)):%a %-d %b %Y, %H:%M} ({zone})" if moment else ""


HEARD: dict[ActivityKind, Callable[[Context, Ticket, Happened], list[Told]]] = {
    ActivityKind.TICKET_CREATED: _created,
    ActivityKind.TICKET_ASSIGNED: _assigned,
    ActivityKind.TICKET_REPLIED: _replied,
    ActivityKind.TICKET_STATUS_CHANGED: _status_changed,
    ActivityKind.TICKET_NOTED: _noted,
    ActivityKind.TICKET_MENTIONED: _mentioned,
    ActivityKind.TICKET_MERGED: _merged,
    ActivityKind.TICKET_MAIL_WRITTEN: _written,
    ActivityKind.TICKET_NOTIFIED: _notified,
    ActivityKind.RULE_FAILED: _rule_failed,
    ActivityKind.ESCALATION_FAILED: _escalation_failed,
    ActivityKind.TICKET_FORWARDED: _forwarded,
    ActivityKind.TICKET_ESCALATED: _escalated,
    ActivityKind.SLA_WARNING: _due_soon,
    ActivityKind.TICKET_CLOSING_WARNED: _closing_soon,
    ActivityKind.TICKET_ARTICLES_SENT: _articles_sent,
    ActivityKind.TICKET_REPLY_STOPPED: _stopped,
    ActivityKind.SLA_BREACHED: _late,
}


def _customers(ctx: Context, ticket: Ticket) -> list[int]:
    """Whose request it is, and whose requests were merged into it."""
    return [ticket.requester_id, *merging.requesters_of(ctx, ticket)]


def _watchers(ctx: Context, ticket: Ticket, comment: Comment) -> list[int]:
    """The watchers to tell of a comment; who is named in it hears that instead."""
    named = set(ctx.session.exec(select(Mention.person_id).where(Mention.comment_id == comment.id)).all())
    return [person_id for person_id in watching.told(ctx, ticket) if person_id not in named]


def _name(ctx: Context, person_id: int | None) -> str:
    person = ctx.session.get(Person, person_id) if person_id else None
    return person.name if person else ""


def _caused_by(ctx: Context, happened: Happened, kind: ActivityKind) -> bool:
    cause = ctx.session.get(Activity, happened.cause_id) if happened.cause_id else None
    return cause is not None and cause.kind == kind
