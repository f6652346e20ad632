"""Who is told what. One table: what happened -> who is told of it, in which words.

Everybody is told at most once of one thing, by the first line that names them; never who did it, never who may not see
the ticket, never a customer of what is internal. By which ways is theirs to choose (`domain/notices.py`).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from helpdesk.domain import notices, satisfaction
from helpdesk.domain.activity import ActivityKind, Happened
from helpdesk.domain.notices import Channel, NoticeKind
from helpdesk.domain.people import STAFF, Role
from helpdesk.domain.satisfaction import RatingStyle
from helpdesk.domain.text import one_line
from helpdesk.domain.tickets import DONE_CATEGORIES, StatusCategory
from helpdesk.domain.tickets import Channel as CameBy
from helpdesk.models import Activity, Comment, Delivery, InboundMail, Mention, Notification, Person, TeamMember, Ticket
from helpdesk.services import bell, catalog, push
from helpdesk.services.context import Context, step
from helpdesk.services.mail import bundling, outbound
from helpdesk.services.tickets import forwarding, merging, rating, watching

_MESSAGE = 200


class Scene:
    """Something that happened to a ticket, and what there is to tell of it."""

    def __init__(self, ctx: Context, ticket: Ticket, happened: Happened) -> None:
        self.ctx, self.ticket, self.happened, self.data = ctx, ticket, happened, happened.data

    @cached_property
    def comment(self) -> Comment | None:
        """What was said."""
        found: Comment | None = self.ctx.session.get(Comment, self.data.get("comment_id") or 0)
        return found

    @cached_property
    def customers(self) -> list[int]:
        """Whose request it is, whose requests were merged into it, and who was sent a copy."""
        asked = [self.ticket.requester_id, *merging.requesters_of(self.ctx, self.ticket)]
        return list(dict.fromkeys([*asked, *watching.customers_along(self.ctx, self.ticket)]))

    @cached_property
    def cause(self) -> str:
        """The kind of activity that led to this one."""
        cause = self.ctx.session.get(Activity, self.happened.cause_id) if self.happened.cause_id else None
        return cause.kind if cause else ""

    @cached_property
    def assignee_name(self) -> str:
        """Who has the ticket."""
        person = self.ctx.session.get(Person, self.ticket.assignee_id) if self.ticket.assignee_id else None
        return person.name if person else ""

    @cached_property
    def values(self) -> dict[str, Any]:
        """What mails and sentences show."""
        made = VALUES.get(self.happened.kind)
        return {"actor": self.happened.actor_name, "said": ""} | (made(self) if made else {})


Who = Callable[[Scene], Iterable[int | None]]


@dataclass(frozen=True, slots=True)
class Tell:
    """A line of the table.

    Args:
        who: the people it is for.
        kind: what they choose it by.
        title: the sentence in the desk; `{...}` are the scene's values. Empty: only a mail.
        mail: the mail's template; empty: none.
        to_customers: whether it may reach a customer at all.
        with_receipt: the one who acted gets the mail all the same, as a receipt.
        by_choice: a rule names them: its mail reaches colleagues who do not see the ticket, too.
    """

    who: Who
    kind: NoticeKind
    title: str
    mail: str = ""
    to_customers: bool = False
    with_receipt: bool = False
    by_choice: bool = False


# --- Who ----------------------------------------------------------------------------------------------------------------


def _requester(scene: Scene) -> Iterable[int | None]:
    return [scene.ticket.requester_id]


def _customers(scene: Scene) -> Iterable[int | None]:
    return scene.customers


def _assignee(scene: Scene) -> Iterable[int | None]:
    return [scene.ticket.assignee_id]


def _given_to(scene: Scene) -> Iterable[int | None]:
    return [scene.data.get("assignee_id")]


def _requester_of_an_old_one(scene: Scene) -> Iterable[int | None]:
    # Of a new one the receipt names the agent already.
    return [] if scene.cause == ActivityKind.TICKET_CREATED else _requester(scene)


def _watchers(scene: Scene) -> Iterable[int | None]:
    return watching.told(scene.ctx, scene.ticket)


def _unnamed_watchers(scene: Scene) -> Iterable[int | None]:
    """Who is named in a comment hears that instead."""
    if scene.comment is None:
        return []
    query = select(Mention.person_id).where(Mention.comment_id == scene.comment.id)
    named = set(scene.ctx.session.exec(query).all())
    return [person_id for person_id in _watchers(scene) if person_id not in named]


def _managers(scene: Scene) -> Iterable[int | None]:
    query = select(Person.id).where(Person.role == Role.MANAGER, col(Person.is_active)).order_by(col(Person.id))
    return scene.ctx.session.exec(query).all()


def _managers_and_team(scene: Scene) -> Iterable[int | None]:
    """Without whom it went to: they hear that it is theirs."""
    query = select(TeamMember.person_id).where(TeamMember.team_id == scene.ticket.team_id)
    team = scene.ctx.session.exec(query.order_by(col(TeamMember.person_id))).all() if scene.ticket.team_id else []
    return [one for one in [*_managers(scene), *team] if one != scene.ticket.assignee_id]


def _administrators(scene: Scene) -> Iterable[int | None]:
    query = select(Person.id).where(col(Person.role).in_((Role.ADMIN, Role.SUPERADMIN)), col(Person.is_active))
    return scene.ctx.session.exec(query.order_by(col(Person.id))).all()


def _named(scene: Scene) -> Iterable[int | None]:
    return [scene.happened.subject_id]


def _author(scene: Scene) -> Iterable[int | None]:
    return [scene.data.get("author_id")]


def _chosen(scene: Scene) -> Iterable[int | None]:
    return scene.data.get("told_ids", ())


def _asked(scene: Scene) -> Iterable[int | None]:
    return [scene.data.get("person_id")]


def _if(who: Who, condition: Callable[[Scene], bool]) -> Who:
    return lambda scene: who(scene) if condition(scene) else []


def _by_staff(scene: Scene) -> bool:
    return scene.comment is not None and bool(scene.data.get("by_staff"))


def _by_customer(scene: Scene) -> bool:
    return scene.comment is not None and not scene.data.get("by_staff")


def _by_customer_to_nobody(scene: Scene) -> bool:
    return _by_customer(scene) and scene.ticket.assignee_id is None


def _by_a_person(scene: Scene) -> bool:
    """Not by a program's mail: an answer would only be answered."""
    if scene.ticket.channel != CameBy.EMAIL:
        return True
    written = select(InboundMail.is_automatic).where(InboundMail.ticket_id == scene.ticket.id)
    return not scene.ctx.session.exec(written.order_by(col(InboundMail.id)).limit(1)).first()


def _is_first(scene: Scene) -> bool:
    return bool(scene.data.get("is_first"))


def _is_reminder(scene: Scene) -> bool:
    return bool(scene.data.get("is_reminder"))


def _is_first_question(scene: Scene) -> bool:
    return not _is_reminder(scene)


def _has_become_low(scene: Scene) -> bool:
    """Of a rating that was low before they know."""
    score, previous = int(scene.data.get("score", 5)), scene.data.get("previous_score")
    return score <= satisfaction.LOW and (previous is None or previous > satisfaction.LOW)


def _is_unanswered(scene: Scene) -> bool:
    return scene.ticket.close_warned_at is not None


def _became(*categories: StatusCategory) -> Callable[[Scene], bool]:
    return lambda scene: not _is_merging(scene) and scene.data.get("after_category") in categories


def _moved_on(scene: Scene) -> bool:
    """Neither done nor merged; "in progress" follows from the assignment or reply customers hear of anyway."""
    before, after = scene.data.get("before_category"), scene.data.get("after_category")
    is_start = before == StatusCategory.NEW and after == StatusCategory.OPEN
    return after not in DONE_CATEGORIES and not is_start and not _is_merging(scene)


def _goes_on(scene: Scene) -> bool:
    # Who is given a new ticket knows that it is open now.
    return _moved_on(scene) and scene.cause != ActivityKind.TICKET_ASSIGNED


def _reopened(scene: Scene) -> bool:
    return scene.data.get("before_category") in DONE_CATEGORIES and not _is_merging(scene)


def _is_merging(scene: Scene) -> bool:
    return scene.cause == ActivityKind.TICKET_MERGED  # they are told where it continues


_done = _became(StatusCategory.RESOLVED, StatusCategory.CLOSED)
_resolved, _closed = _became(StatusCategory.RESOLVED), _became(StatusCategory.CLOSED)
_A, _N = ActivityKind, NoticeKind

# --- The table ----------------------------------------------------------------------------------------------------------

TABLE: dict[ActivityKind, tuple[Tell, ...]] = {
    _A.TICKET_CREATED: (
        Tell(_if(_requester, _by_a_person), _N.TICKET_CREATED, "We have your request", "ticket_received", to_customers=True, with_receipt=True),
        Tell(_managers_and_team, _N.TICKET_CREATED, "New ticket from {actor}", "ticket_filed"),
    ),
    _A.TICKET_ASSIGNED: (
        Tell(_given_to, _N.TICKET_ASSIGNED, "Assigned to you", "assigned_agent"),
        Tell(_requester_of_an_old_one, _N.TICKET_ASSIGNED, "{agent} is looking after your request", "assigned_customer", to_customers=True),
    ),
    _A.TICKET_REPLIED: (
        Tell(_if(_customers, _by_staff), _N.COMMENT_ADDED, "{actor} answered you", "replied", to_customers=True),
        Tell(_if(_unnamed_watchers, _by_staff), _N.COMMENT_ADDED, "{actor} replied", "watched_reply"),
        Tell(_if(_assignee, _by_customer), _N.COMMENT_ADDED, "{actor} answered", "customer_replied"),
        Tell(_if(_unnamed_watchers, _by_customer), _N.COMMENT_ADDED, "{actor} answered", "customer_replied"),
        Tell(_if(_managers, _by_customer_to_nobody), _N.COMMENT_ADDED, "{actor} answered, and nobody has the ticket", "customer_replied"),
    ),
    _A.TICKET_NOTED: (Tell(_unnamed_watchers, _N.COMMENT_ADDED, "{actor} added a note", "noted"),),
    _A.TICKET_MENTIONED: (Tell(_named, _N.MENTION, "{actor} mentioned you", "mentioned"),),
    _A.TICKET_STATUS_CHANGED: (
        Tell(_if(_customers, _resolved), _N.TICKET_RESOLVED, "Your request is solved", "resolved", to_customers=True),
        Tell(_if(_customers, _closed), _N.TICKET_RESOLVED, "Your request is closed", "closed", to_customers=True),
        Tell(_if(_requester, _moved_on), _N.STATUS_CHANGE, "Your request is now: {label}", "status_changed", to_customers=True),
        Tell(_if(_watchers, _done), _N.TICKET_RESOLVED, "{actor} set it to {after}", "watched_status"),
        Tell(_if(_watchers, _reopened), _N.TICKET_UPDATED, "{actor} set it to {after}", "watched_status"),
        Tell(_if(_assignee, _done), _N.TICKET_RESOLVED, "{actor} set it to {after}", "agent_status"),
        Tell(_if(_assignee, _goes_on), _N.STATUS_CHANGE, "{actor} set it to {after}", "agent_status"),
    ),
    _A.TICKET_PRIORITY_CHANGED: (
        Tell(_requester, _N.PRIORITY_CHANGE, "The priority of your request is now {after}", "priority_customer", to_customers=True),
        Tell(_assignee, _N.PRIORITY_CHANGE, "{actor} changed the priority to {after}", "priority_agent"),
    ),
    _A.TICKET_DUE_CHANGED: (Tell(_assignee, _N.TICKET_UPDATED, "{actor} changed the due date"),),
    _A.TICKET_TEAM_CHANGED: (Tell(_assignee, _N.TICKET_UPDATED, "{actor} moved it to team {after}"),),
    _A.TICKET_MERGED: (
        Tell(_requester, _N.TICKET_UPDATED, "Your request continues as {other}", "merged", to_customers=True),
        Tell(_assignee, _N.TICKET_UPDATED, "{actor} merged it into {other}"),
    ),
    _A.SLA_WARNING: (Tell(_assignee, _N.SLA_WARNING, "Due soon: the {metric}", "sla_warning"),),
    _A.SLA_BREACHED: (
        Tell(_assignee, _N.SLA_BREACH, "Late: the {metric}", "sla_breached"),
        Tell(_managers, _N.SLA_BREACH, "Late: the {metric}", "sla_breached"),
    ),
    _A.TICKET_ESCALATED: (Tell(_chosen, _N.ESCALATION, "Escalated to you", "escalated"),),
    _A.TICKET_NOTIFIED: (Tell(_chosen, _N.AUTOMATION, "{actor}", "notified", to_customers=True, by_choice=True),),
    _A.RULE_FAILED: (Tell(_administrators, _N.SYSTEM, "The rule “{rule}” could not be applied", "rule_failed"),),
    _A.ESCALATION_FAILED: (
        Tell(_if(_administrators, _is_first), _N.SYSTEM, "“{policy}” could not escalate", "escalation_failed"),
    ),
    _A.TICKET_CLOSING_WARNED: (
        Tell(_if(_customers, _is_unanswered), _N.TICKET_RESOLVED, "Your request closes soon", "closing_soon", to_customers=True),
    ),
    _A.TICKET_REPLY_STOPPED: (Tell(_author, _N.SYSTEM, "Not sent: your scheduled reply", "reply_stopped"),),
    _A.TICKET_RATING_ASKED: (
        Tell(_if(_asked, _is_first_question), _N.TICKET_RESOLVED, "How was our help?", "csat_asked", to_customers=True),
        Tell(_if(_asked, _is_reminder), _N.TICKET_RESOLVED, "How was our help?", "csat_reminder", to_customers=True),
    ),
    _A.TICKET_RATED: (
        Tell(_if(_managers, _has_become_low), _N.TICKET_UPDATED, "{actor} rated the help {score} of 5", "low_rating"),
    ),
    _A.TICKET_ARTICLES_SENT: (
        Tell(_requester, _N.TICKET_CREATED, "Articles that may help", "answered_with_articles", to_customers=True),
    ),
}  # fmt: skip


# --- In which words -----------------------------------------------------------------------------------------------------


def _words(scene: Scene) -> dict[str, Any]:
    body = scene.comment.body if scene.comment else ""
    return {
        "author": scene.happened.actor_name,
        "comment": body,
        "said": body,
        "files": scene.data.get("files", []),
    }


def _status(scene: Scene) -> dict[str, Any]:
    after = scene.data.get("after", "")
    return {"author": scene.happened.actor_name, "after": after, "label": scene.data.get("after_customer_label", after)}


def _escalation(scene: Scene) -> dict[str, Any]:
    data = scene.data
    raised = data.get("after", 0) if data.get("after", 0) > data.get("before", 0) else 0
    return {
        "level": raised, "reason": data.get("reason", ""), "message": data.get("message", ""),
        "author": scene.happened.actor_name if scene.happened.actor_id else "", "agent": scene.assignee_name,
        "said": data.get("message") or data.get("reason", ""),
    }  # fmt: skip


def _promise(scene: Scene) -> dict[str, Any]:
    shown = _shown(scene, str(scene.data.get("due_at", "")))
    said = f"Due {shown}" if shown else ""
    return {"metric": scene.data.get("metric", ""), "due": shown, "assignee": scene.assignee_name, "said": said}


def _failure(scene: Scene) -> dict[str, Any]:
    name, reason = scene.data.get("name", ""), scene.data.get("reason", "")
    return {"rule": name, "policy": name, "reason": reason, "said": reason}


def _assignment(scene: Scene) -> dict[str, Any]:
    reason = scene.data.get("reason", "")
    agent, is_change = str(scene.data.get("assignee", "")), bool(scene.data.get("previous_id"))
    return {"reason": reason, "agent": agent, "is_change": is_change}


def _question(scene: Scene) -> dict[str, Any]:
    style = RatingStyle(catalog.current(scene.ctx).organization.csat_style)
    return {
        "token": rating.token_for(scene.ctx, scene.ticket), "choices": satisfaction.choices(style),
        "agent": scene.assignee_name, "days": satisfaction.LINK_GOOD.days,
    }  # fmt: skip


def _rating(scene: Scene) -> dict[str, Any]:
    comment = scene.data.get("comment", "")
    return {
        "score": scene.data.get("score", 0), "comment": comment, "said": comment, "author": scene.happened.actor_name,
        "agent": scene.assignee_name,
    }  # fmt: skip


VALUES: dict[ActivityKind, Callable[[Scene], dict[str, Any]]] = {
    _A.TICKET_CREATED: lambda scene: {
        "agent": scene.assignee_name, "author": scene.happened.actor_name, "body": scene.ticket.description,
    },
    _A.TICKET_ASSIGNED: _assignment,
    _A.TICKET_REPLIED: _words,
    _A.TICKET_NOTED: _words,
    _A.TICKET_MENTIONED: _words,
    _A.TICKET_STATUS_CHANGED: _status,
    _A.TICKET_PRIORITY_CHANGED: _status,
    _A.TICKET_TEAM_CHANGED: _status,
    _A.TICKET_MERGED: lambda scene: {"other": str(scene.data.get("other", ""))},
    _A.SLA_WARNING: _promise,
    _A.SLA_BREACHED: _promise,
    _A.TICKET_ESCALATED: _escalation,
    _A.TICKET_NOTIFIED: lambda scene: {"body": scene.data.get("body", ""), "said": scene.data.get("body", "")},
    _A.RULE_FAILED: _failure,
    _A.ESCALATION_FAILED: _failure,
    _A.TICKET_CLOSING_WARNED: lambda scene: {
        "notice": scene.data.get("notice", ""), "closes": _shown(scene, str(scene.data.get("closes_at", ""))),
    },
    _A.TICKET_REPLY_STOPPED: lambda scene: {
        "reason": scene.data.get("reason", ""), "excerpt": scene.data.get("excerpt", ""), "said": scene.data.get("reason", ""),
    },
    _A.TICKET_RATING_ASKED: _question,
    _A.TICKET_RATED: _rating,
    _A.TICKET_ARTICLES_SENT: lambda scene: {"articles": scene.data.get("articles", [])},
}  # fmt: skip


def _shown(scene: Scene, moment: str) -> str:
    zone = catalog.current(scene.ctx).organization.timezone
    return f"{datetime.fromisoformat(moment).astimezone(ZoneInfo(zone)):%a %-d %b %Y, %H:%M} ({zone})" if moment else ""


# --- Telling ------------------------------------------------------------------------------------------------------------


@step
def tell(ctx: Context, happened: Happened) -> None:
    """Write down what an activity means for whom: in the desk, and the mails. Each kind of thing in one statement."""
    if happened.kind is ActivityKind.FILE_BLOCKED:
        _tell_of_blocked_file(ctx, happened)
        return
    if happened.kind in _SETTLED:
        _tell_of_settled_file(ctx, happened)
        return
    if happened.ticket_id is None or happened.kind not in HEARD:
        return
    ticket = ctx.session.get(Ticket, happened.ticket_id)
    if ticket is None:
        return
    scene = Scene(ctx, ticket, happened)
    if post := POSTS.get(happened.kind):
        post(scene)
        return
    told = _told(scene)
    _write_down(scene, told)
    _mail(scene, told)


@step
def letter(ctx: Context, template: str, person_id: int | None, values: dict[str, str]) -> None:
    """Queue a mail with a secret inside, which no activity may hold. Sent whatever the person prefers.

    Args:
        person_id: who gets it; without one, the values `email` and `name` say.
    """
    to = ctx.session.get_one(Person, person_id) if person_id else outbound.Stranger(values["email"], values["name"])
    outbound.queue(ctx, template, to, values)


@step
def tell_administrators(
    ctx: Context, title: str, message: str, *, activity_id: int, template: str, values: dict[str, Any]
) -> None:
    """Tell all who administer the desk of something about the desk itself."""
    roles = (Role.ADMIN, Role.SUPERADMIN)
    people = ctx.session.exec(select(Person).where(col(Person.role).in_(roles), col(Person.is_active))).all()
    system = NoticeKind.SYSTEM
    rows: list[dict[str, Any]] = [
        {
            "person_id": person.id, "activity_id": activity_id, "kind": system.value, "title": one_line(title)[:200],
            "message": one_line(message)[:_MESSAGE], "actor_name": ctx.actor.name, "created_at": ctx.now,
        }
        for person in people
        if notices.wants(system, Channel.IN_APP, staff=True, choices=person.notice_choices)
    ]  # fmt: skip
    if rows:
        ctx.session.execute(insert(Notification).values(rows).on_conflict_do_nothing())
        bell.ring(ctx, [row["person_id"] for row in rows])
    mailed = [
        person
        for person in people
        if person.wants_mail and notices.wants(system, Channel.MAIL, staff=True, choices=person.notice_choices)
    ]
    outbound.put(ctx, [outbound.composed(ctx, template, person, values, activity_id=activity_id) for person in mailed])


def _tell_of_blocked_file(ctx: Context, happened: Happened) -> None:
    """The uploader and the administrators hear of a file the scanner blocked, on a ticket or not. A warning: sent
    whatever they prefer."""
    ticket = ctx.session.get(Ticket, happened.ticket_id) if happened.ticket_id else None
    uploader_id, filename = happened.data.get("uploader_id"), str(happened.data.get("filename", ""))
    inside = (Role.ADMIN, Role.SUPERADMIN)
    people = ctx.session.exec(
        select(Person)
        .where(or_(col(Person.id) == uploader_id, col(Person.role).in_(inside)), col(Person.is_active))
        .order_by(col(Person.id))
    ).all()
    uploader = next((one.name for one in people if one.id == uploader_id), "")
    values = {"filename": filename, "why": happened.data.get("why", ""), "uploader": uploader}
    rows = [
        {
            "person_id": one.id, "ticket_id": ticket.id if ticket else None, "activity_id": happened.id,
            "kind": NoticeKind.SYSTEM.value, "title": one_line(f"The file “{filename}” was blocked")[:200],
            "message": one_line(str(values["why"]))[:_MESSAGE], "actor_name": uploader, "created_at": ctx.now,
        }
        for one in people
    ]  # fmt: skip
    if rows:
        ctx.session.execute(insert(Notification).values(rows).on_conflict_do_nothing())
        bell.ring(ctx, [one.id for one in people])
    mails = [
        outbound.composed(
            ctx,
            "file_blocked",
            one,
            values | {"is_mine": one.id == uploader_id},
            ticket=ticket,
            activity_id=happened.id,
        )
        for one in people
    ]
    outbound.put(ctx, mails)


_SETTLED = frozenset({ActivityKind.FILE_RELEASED, ActivityKind.FILE_DELETED})


def _tell_of_settled_file(ctx: Context, happened: Happened) -> None:
    """The uploader hears what became of a file that was blocked."""
    uploader = ctx.session.get(Person, happened.data.get("uploader_id") or 0)
    if uploader is None or not uploader.is_active or uploader.id == happened.actor_id:
        return
    ticket = ctx.session.get(Ticket, happened.ticket_id) if happened.ticket_id else None
    filename, is_released = str(happened.data.get("filename", "")), happened.kind is ActivityKind.FILE_RELEASED
    title = f"The file “{filename}” was {'released' if is_released else 'deleted'}"
    told = {
        "person_id": uploader.id, "ticket_id": ticket.id if ticket else None, "activity_id": happened.id,
        "kind": NoticeKind.SYSTEM.value, "title": one_line(title)[:200], "actor_name": happened.actor_name,
        "message": "It can be opened now." if is_released else "It had been blocked.", "created_at": ctx.now,
    }  # fmt: skip
    ctx.session.execute(insert(Notification).values(told).on_conflict_do_nothing())
    bell.ring(ctx, [uploader.id])
    values = {"filename": filename, "is_released": is_released}
    outbound.queue(ctx, "file_settled", uploader, values, ticket=ticket, activity_id=happened.id)


class Hearer(NamedTuple):
    """Somebody who is told, and by which line."""

    person: Person
    line: Tell
    sees: bool

    @property
    def is_staff(self) -> bool:
        """Whether they work here."""
        return self.person.role in STAFF

    def wants(self, channel: Channel) -> bool:
        """Whether they take it by a channel."""
        return notices.wants(self.line.kind, channel, staff=self.is_staff, choices=self.person.notice_choices)


def _told(scene: Scene) -> list[Hearer]:
    """Who is told by which line: in the order of the table, everybody once."""
    off = catalog.current(scene.ctx).organization.notices_off
    found: dict[int, Tell] = {}
    for line in TABLE[scene.happened.kind]:
        if notices.is_off(line.kind, off):
            continue
        for person_id in line.who(scene):
            if person_id is not None and (person_id != scene.happened.actor_id or line.with_receipt):
                found.setdefault(person_id, line)
    if not found:
        return []
    query = select(Person, and_(*watching.sees(scene.ticket))).where(col(Person.id).in_(found), col(Person.is_active))
    known = {
        person.id: Hearer(person, found[person.id], sees or _is_theirs(scene, person))
        for person, sees in scene.ctx.session.exec(query).all()
    }
    hearers = [known[person_id] for person_id in found if person_id in known]
    return [
        one for one in hearers if (one.sees if one.is_staff else one.line.to_customers and one.sees) or _is_asked(one)
    ]


def _is_theirs(scene: Scene, person: Person) -> bool:
    return person.role == Role.CUSTOMER and person.id in scene.customers


def _is_asked(one: Hearer) -> bool:
    return one.line.by_choice and one.is_staff


def _write_down(scene: Scene, told: Sequence[Hearer]) -> None:
    ctx, happened = scene.ctx, scene.happened
    hearers = [one for one in told if one.sees and one.person.id != happened.actor_id]
    pushed = [one for one in hearers if one.wants(Channel.PUSH)]
    reachable = push.reachable(ctx, [one.person.id for one in pushed]) if pushed else set()
    rows: list[dict[str, Any]] = [
        {
            "person_id": one.person.id, "ticket_id": scene.ticket.id, "activity_id": happened.id, "kind": one.line.kind.value,
            "title": one_line(one.line.title.format_map(scene.values))[:200],
            "message": one_line(str(scene.values["said"]))[:_MESSAGE], "actor_name": happened.actor_name,
            "created_at": ctx.now,
            # Who wants it in the browser alone has nothing left to read.
            "read_at": None if one.wants(Channel.IN_APP) else ctx.now,
            "push_at": (_waits(ctx, one) or ctx.now) if one.person.id in reachable else None,
        }
        for one in hearers
        if one.wants(Channel.IN_APP) or one.person.id in reachable
    ]  # fmt: skip
    if rows:
        ctx.session.execute(insert(Notification).values(rows).on_conflict_do_nothing())
        bell.ring(ctx, [row["person_id"] for row in rows])
    if reachable:
        push.set_off(ctx)


def _mail(scene: Scene, told: Sequence[Hearer]) -> None:
    ctx = scene.ctx
    mailed = [one for one in told if one.line.mail and one.person.wants_mail and one.wants(Channel.MAIL)]
    if not mailed:
        return
    held = _bursts(scene, [one.person.id for one in mailed])
    rows = []
    for one in mailed:
        person, line, _ = one
        quiet = _waits(ctx, one)
        waits = max(filter(None, (quiet, None if line.mail in bundling.PROMPT else held.get(person.id))), default=None)
        rows.append(
            outbound.composed(
                ctx,
                line.mail,
                person,
                scene.values,
                ticket=scene.ticket,
                activity_id=scene.happened.id,
                comment_id=scene.data.get("comment_id") if line.mail == "replied" else None,
                not_before=waits,
            )
        )
    outbound.put(ctx, rows)


def _bursts(scene: Scene, person_ids: Sequence[int]) -> dict[int, datetime]:
    """Who had a mail about this ticket just now -> when what follows goes, together."""
    since = scene.ctx.now - bundling.BURST
    is_waiting = and_(col(Delivery.state) == "queued", col(Delivery.attempts) == 0)
    rows = scene.ctx.session.exec(
        select(
            Delivery.person_id,
            func.min(Delivery.next_attempt_at).filter(is_waiting),
            func.max(func.coalesce(Delivery.sent_at, Delivery.created_at)).filter(~is_waiting),
        )
        .where(
            Delivery.ticket_id == scene.ticket.id, col(Delivery.person_id).in_(person_ids),
            col(Delivery.activity_id) != scene.happened.id, or_(col(Delivery.created_at) > since, is_waiting),
        )
        .group_by(col(Delivery.person_id))
    ).all()  # fmt: skip
    return {
        person_id: waiting or last + bundling.BURST
        for person_id, waiting, last in rows
        if person_id is not None and (waiting or last)
    }


def _waits(ctx: Context, one: Hearer) -> datetime | None:
    """When their quiet hours end, if they are in them and this can wait."""
    if one.line.kind in notices.LOUD:
        return None
    person = one.person
    return notices.quiet_end(ctx.now, zone=person.timezone, begins=person.quiet_from, ends=person.quiet_until)


# --- Mails somebody asked to be sent, to whomever -----------------------------------------------------------------------


def _forwarded(scene: Scene) -> None:
    note = scene.comment
    if note is None:
        return
    said = forwarding.thread(scene.ctx, scene.ticket) if scene.data.get("with_thread") else ()
    values = {"author": scene.happened.actor_name, "comment": forwarding.text_of(note), "thread": said}
    outbound.put(
        scene.ctx,
        [
            outbound.composed(
                scene.ctx, "forwarded", outbound.Stranger(address, address), values, ticket=scene.ticket,
                activity_id=scene.happened.id,
            )
            for address in scene.data.get("to", [])
        ],
    )  # fmt: skip


def _written(scene: Scene) -> None:
    """A mail a rule or a macro says to send; some have no account."""
    ctx, data = scene.ctx, scene.data
    person = ctx.session.get(Person, data.get("person_id")) if data.get("person_id") else None
    to = person or outbound.Stranger(str(data.get("address", "")), "")
    if to.email and (person is None or person.is_active):
        values = {"subject": data.get("subject", ""), "body": data.get("body", ""), "is_ours": person is not None}
        outbound.queue(ctx, "written", to, values, ticket=scene.ticket, activity_id=scene.happened.id)


POSTS: dict[ActivityKind, Callable[[Scene], None]] = {
    _A.TICKET_FORWARDED: _forwarded,
    _A.TICKET_MAIL_WRITTEN: _written,
}
HEARD = frozenset(TABLE) | frozenset(POSTS) | {ActivityKind.FILE_BLOCKED} | _SETTLED
