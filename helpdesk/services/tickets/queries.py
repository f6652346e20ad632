"""Reading tickets: lists by keyset, one whole ticket, the customer beside it, and the counts of views."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Row, and_, bindparam, case, func, text, true, tuple_, union
from sqlalchemy import cast as sql_cast
from sqlalchemy import select as sql_select
from sqlalchemy.orm import defer
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from helpdesk.domain import custom_fields, satisfaction
from helpdesk.domain.conditions import Field
from helpdesk.domain.errors import Invalid
from helpdesk.domain.filters import Sort, TicketFilter, Whose
from helpdesk.domain.people import STAFF, initials
from helpdesk.domain.permissions import Permission, may
from helpdesk.domain.satisfaction import AskAfter
from helpdesk.domain.tickets import (
    CUSTOMER_TRANSITIONS,
    EDIT_WINDOW,
    OPEN_CATEGORIES,
    STAFF_TRANSITIONS,
    CommentKind,
    StatusCategory,
)
from helpdesk.models import Comment, Company, CsatRating, Delivery, Mention, Person, Ticket, TicketTag
from helpdesk.services import access, attachments, catalog, people, search, standing, views
from helpdesk.services.attachments import AttachmentRow
from helpdesk.services.context import Context, anyone, requires, step
from helpdesk.services.tickets import narrowing
from helpdesk.services.tickets.rows import (
    BoardColumn,
    CommentRow,
    FieldRow,
    FilterChoices,
    Option,
    Requester,
    TagChip,
    TicketDetail,
    TicketPage,
    TicketRow,
    ViewCount,
)
from helpdesk.services.views import ViewRow

MOST_COUNTED = 1000
MOST_READ = 10_000
MOST_COMMENTS = 200
_RECENT = 5
_CARDS = 20
_LATEST = 500
_MOST_ROADS = 16

_ORDER: dict[Sort, tuple[str, bool]] = {
    Sort.UPDATED: ("updated_at", True),
    Sort.UPDATED_UP: ("updated_at", False),
    Sort.CREATED: ("created_at", True),
    Sort.CREATED_UP: ("created_at", False),
    Sort.DUE: ("sla_due_at", False),
    Sort.PRIORITY: ("priority_rank", True),
    Sort.PRIORITY_UP: ("priority_rank", False),
}


@requires(Permission.TICKET_READ)
def page(ctx: Context, wanted: TicketFilter, *, cursor: str = "") -> TicketPage:
    """A page of the tickets the actor may see.

    Args:
        wanted: what to show, how many, in which order.
        cursor: `older` or `newer` of another page of the same filter.

    Raises:
        Invalid: a broken cursor or an unknown status or priority.
    """
    if wanted.text:
        return _found(ctx, wanted)
    wanted = _askable(ctx, wanted)
    name, descending = _ORDER[wanted.sort]
    column = getattr(Ticket, name)
    backwards, mark = _unpack(cursor, int if wanted.sort in (Sort.PRIORITY, Sort.PRIORITY_UP) else datetime)
    narrowed = _conditions(ctx, wanted)
    if wanted.sort is Sort.DUE:
        narrowed.append(col(column).is_not(None))
    if mark is not None:
        beyond = (
            tuple_(column, col(Ticket.id)) < tuple_(*mark)
            if descending != backwards
            else tuple_(column, col(Ticket.id)) > tuple_(*mark)
        )
        narrowed.append(beyond)
    order = _in_order(wanted.sort, is_down=descending != backwards)
    query = access.visible(ctx, Ticket)
    roads = access.roads(ctx.actor) if ctx.actor.is_customer or _is_everything(wanted) else ()
    if 1 < len(roads) <= _MOST_ROADS and wanted.sort in (Sort.UPDATED, Sort.UPDATED_UP):
        # “Mine or my company's” in one condition has no index in the order of the list: everybody's would be read, and
        # for an agent the tickets of all other teams. So the page is looked up on each road, and put together.
        pages = [
            sql_select(col(Ticket.id)).where(road, *narrowed).order_by(*order).limit(wanted.size + 1).subquery()
            for road in roads
        ]
        narrowed = [col(Ticket.id).in_(union(*(sql_select(one.c.id) for one in pages)))]
    query = query.where(*narrowed).order_by(*order).limit(wanted.size + 1).options(*_LIGHT)
    found = list(ctx.session.exec(query).all())
    more = len(found) > wanted.size
    found = found[: wanted.size]
    if backwards:
        found.reverse()
    older = _pack(found[-1], name, "o") if found and (more or backwards) else ""
    newer = (
        _pack(found[0], name, "n") if found and ((mark is not None and not backwards) or (backwards and more)) else ""
    )
    return TicketPage(rows(ctx, found), older=older, newer=newer)


@requires(Permission.TICKET_READ)
def one(ctx: Context, ref: str) -> TicketDetail:
    """A whole ticket as the actor may see it: customers without notes, staff with everything.

    Raises:
        NotFound: no such ticket for the actor.
    """
    ticket = access.ticket(ctx, ref)
    row = rows(ctx, [ticket])[0]
    comments, left_out = _comments(ctx, ticket)
    files = attachments.of_ticket(ctx, ticket)
    by_comment: dict[int, list[AttachmentRow]] = {}
    for file in files:
        if not file.is_within:
            by_comment.setdefault(file.comment_id, []).append(file)
    requester = ctx.session.get_one(Person, ticket.requester_id)
    inside = ctx.actor.is_staff
    category = StatusCategory(ticket.status_category)
    return TicketDetail(
        ticket=row,
        description_html=ticket.description_html,
        requester_email=requester.email if inside else "",
        comments=tuple(_comment_row(ctx, comment, by_comment) for comment in comments),
        attachments=tuple(by_comment.get(0, ())),
        timers=standing.of_tickets(ctx, [ticket.id]).get(ticket.id, ()) if inside else (),
        statuses=_next_statuses(ctx, ticket),
        may_reply=may(ctx.actor, Permission.TICKET_REPLY) and (inside or category is not StatusCategory.CLOSED),
        may_note=may(ctx.actor, Permission.TICKET_NOTE),
        may_edit=may(ctx.actor, Permission.TICKET_EDIT),
        may_assign=may(ctx.actor, Permission.TICKET_ASSIGN),
        may_rate=ticket.requester_id == ctx.actor.person_id
        and satisfaction.may_rate(category, AskAfter(catalog.current(ctx).organization.csat_after)),
        may_reopen=ctx.actor.is_customer and category is StatusCategory.RESOLVED,
        may_confirm=ctx.actor.is_customer and category is not StatusCategory.CLOSED,
        earlier_comments=left_out,
        merged_into=access.merged_into(ctx, ticket).reference if ticket.merged_into_id is not None else "",
        fields=_fields(ctx, ticket),
    )


@requires(Permission.CUSTOMER_READ)
def requester(ctx: Context, ref: str) -> Requester:
    """The customer beside a ticket, with their latest tickets.

    Raises:
        NotFound: no such ticket for the actor.
    """
    ticket = access.ticket(ctx, ref)
    person = ctx.session.get_one(Person, ticket.requester_id)
    company = ctx.session.get(Company, person.company_id) if person.company_id else None
    recent = ctx.session.exec(
        access.visible(ctx, Ticket)
        .where(Ticket.requester_id == person.id, Ticket.id != ticket.id)
        .order_by(col(Ticket.updated_at).desc(), col(Ticket.id).desc())
        .limit(_RECENT)
        .options(*_LIGHT)
    ).all()
    # Among their latest: a monitoring system may have filed a hundred thousand.
    latest = (
        select(Ticket.is_open)
        .where(Ticket.requester_id == person.id)
        .order_by(col(Ticket.updated_at).desc(), col(Ticket.id).desc())
        .limit(_LATEST)
        .subquery()
    )
    open_count = ctx.session.exec(select(func.count()).where(latest.c.is_open)).one()
    return Requester(
        person.id, person.name, person.email, initials(person.name), person.phone, company.name if company else "",
        person.job_title, person.timezone, person.created_at.isoformat(), rows(ctx, recent), open_count,
        company.id if company else 0,
        (person.bounce_reason or "It comes back.") if person.bounced_at else "",
    )  # fmt: skip


@requires(Permission.VIEW_OWN)
def view_counts(ctx: Context) -> list[ViewCount]:
    """The actor's views with how many tickets each shows. All are counted in one statement, each as far as 1000, so
    that it stays cheap; a saved one, which may ask anything, among the first 10,000 tickets on its road."""
    known = views.listing(ctx)
    counted = {row.slug: _count(ctx, row).label(f"view_{number}") for number, row in enumerate(known) if row.is_pinned}
    numbers = dict(zip(counted, ctx.session.execute(select(*counted.values())).one(), strict=True)) if counted else {}
    return [
        ViewCount(
            row.slug, row.label, row.icon, numbers.get(row.slug, 0), row.filter.query(), bool(row.id), row.is_shared,
            row.is_pinned, row.is_default, row.may_change, row.columns,
        )
        for row in known
    ]  # fmt: skip


@requires(Permission.VIEW_OWN)
def board(ctx: Context, wanted: TicketFilter) -> tuple[BoardColumn, ...]:
    """A filter's tickets by status: each column's newest 20 and how many there are. Columns the filter rules out are
    left away; closed ones stay, for a card to be dropped there."""
    known = [row for row in catalog.current(ctx).statuses if not wanted.status or row.slug in wanted.status]
    narrowed = [access.sees(ctx.actor, Ticket), *_conditions(ctx, _askable(ctx, wanted))]
    if wanted.text:
        narrowed.append(col(Ticket.id).in_(search.matching(ctx, wanted.text)))
    order = _in_order(Sort.UPDATED, is_down=True)
    # A column the filter rules out would be searched to its end for nothing.
    each = {
        row.id: sql_select(col(Ticket.id)).where(*narrowed, col(Ticket.status_id) == row.id).order_by(*order)
        for row in known
        if wanted.open in (None, row.category in OPEN_CATEGORIES)
    }
    if not each:
        return ()
    numbers = ctx.session.execute(select(*(_number(one.limit(MOST_COUNTED).subquery()) for one in each.values()))).one()
    counts = dict(zip(each, numbers, strict=True))
    cards = [sql_select(one.limit(_CARDS).subquery().c.id) for one in each.values()]
    query = access.visible(ctx, Ticket).where(col(Ticket.id).in_(union(*cards))).order_by(*order).options(*_LIGHT)
    found = ctx.session.exec(query).all()
    shown: dict[int, list[TicketRow]] = {}
    for ticket, row in zip(found, rows(ctx, found), strict=True):
        shown.setdefault(ticket.status_id, []).append(row)
    return tuple(
        BoardColumn(row.slug, row.label, row.colour, counts.get(row.id, 0), tuple(shown.get(row.id, ())))
        for row in known
    )


@requires(Permission.VIEW_OWN)
def matches(ctx: Context, wanted: TicketFilter) -> int:
    """How many tickets a filter shows now, as far as 1000; for whoever builds one.

    Raises:
        Invalid: words the organization does not know.
    """
    if wanted.where is not None:
        narrowing.check(ctx, wanted.where)
    number: int = ctx.session.execute(select(_bounded(ctx, wanted))).scalar_one()
    return number


@requires(Permission.TICKET_READ)
def counted(ctx: Context, wanted: TicketFilter) -> int:
    """How many tickets a list has on all its pages, as far as 1000. A search by words has one page: count that.

    Raises:
        Invalid: an unknown status or priority.
    """
    number: int = ctx.session.execute(select(_counted(ctx, wanted))).scalar_one()
    return number


def _count(ctx: Context, view: ViewRow) -> Any:
    return _bounded(ctx, view.filter) if view.id else _counted(ctx, view.filter)


def _counted(ctx: Context, wanted: TicketFilter) -> Any:
    # In the list's order, so that counting takes the list's road and stops early.
    listed = filtered(ctx, wanted).with_only_columns(col(Ticket.id))
    order = _in_order(wanted.sort, is_down=_ORDER[wanted.sort][1])
    return _number(listed.order_by(*order).limit(MOST_COUNTED).subquery())


def _bounded(ctx: Context, wanted: TicketFilter) -> Any:
    narrowed = _conditions(ctx, _askable(ctx, wanted))
    if wanted.sort is Sort.DUE:
        narrowed.append(col(Ticket.sla_due_at).is_not(None))
    road = narrowing.road(ctx, wanted.where) if wanted.where else []
    read = (
        sql_select(and_(true(), *narrowed).label("fits"))
        .select_from(Ticket)
        .where(access.sees(ctx.actor, Ticket), *road)
        .order_by(*_in_order(Sort.UPDATED, is_down=True))
        .limit(MOST_READ)
        .subquery()
    )
    return _number(sql_select(read.c.fits).where(read.c.fits).limit(MOST_COUNTED).subquery())


def _number(listed: Any) -> Any:
    return select(func.count()).select_from(listed).scalar_subquery()


@requires(Permission.TICKET_READ)
def csat_comment(ctx: Context, ref: str) -> tuple[int, str]:
    """The rating of a ticket and its comment; (0, "") without one."""
    return rating_of(ctx, access.ticket(ctx, ref))


@step
def rating_of(ctx: Context, ticket: Ticket) -> tuple[int, str]:
    """The rating of a ticket and its comment; (0, "") without one."""
    rating = ctx.session.exec(select(CsatRating).where(CsatRating.ticket_id == ticket.id)).first()
    return (rating.score, rating.comment) if rating else (0, "")


@requires(Permission.TICKET_CREATE)
def fields_asked(ctx: Context, category_id: int | None) -> tuple[FieldRow, ...]:
    """The organization's own fields that the actor is asked when filing a ticket of a category."""
    known = catalog.current(ctx).fields
    inside = ctx.actor.is_staff or ctx.actor.is_desk
    return tuple(field_row(one) for one in custom_fields.asked(known, category_id, for_staff=inside))


@anyone
def public_fields_asked(ctx: Context, category_id: int | None) -> tuple[FieldRow, ...]:
    """Those that people without an account are asked; none where they can file nothing."""
    known = catalog.current(ctx)
    if not known.organization.public_form:
        return ()
    return tuple(field_row(one) for one in custom_fields.asked(known.fields, category_id, for_staff=False))


@anyone
def status_options(ctx: Context) -> tuple[Option, ...]:
    """Every status as a choice, for filters; customers see their own labels."""
    known = catalog.current(ctx)
    inside = ctx.actor.is_staff
    return tuple(Option(s.slug, s.label if inside else s.customer_label, s.colour) for s in known.statuses)


@anyone
def priority_options(ctx: Context) -> tuple[Option, ...]:
    """Every priority as a choice."""
    return tuple(Option(p.slug, p.label, p.colour) for p in catalog.current(ctx).priorities)


@anyone
def category_options(ctx: Context) -> tuple[Option, ...]:
    """The categories in use as choices."""
    return tuple(Option(str(c.id), c.name, c.colour) for c in catalog.current(ctx).categories if c.is_active)


@requires(Permission.PERSON_READ)
def team_options(ctx: Context) -> tuple[Option, ...]:
    """The active teams as choices."""
    return tuple(Option(str(t.id), t.name) for t in catalog.current(ctx).teams if t.is_active)


@requires(Permission.PERSON_READ)
def filter_choices(ctx: Context) -> FilterChoices:
    """Everything the filters of a staff list offer."""
    known = catalog.current(ctx)
    return FilterChoices(
        statuses=status_options(ctx),
        priorities=priority_options(ctx),
        categories=tuple(Option(str(c.id), c.name, c.colour) for c in known.categories),
        teams=team_options(ctx),
        tags=tag_options(ctx),
        agents=tuple(Option(str(one.id), one.name) for one in people.agents(ctx)),
        companies=tuple(Option(str(company_id), name) for company_id, name in people.companies(ctx)),
        fields=tuple(Option(f"{Field.CUSTOM}:{one.id}", one.label) for one in known.fields if one.is_active),
    )


@requires(Permission.PERSON_READ)
def tag_options(ctx: Context) -> tuple[Option, ...]:
    """The tags as choices."""
    return tuple(Option(t.name, t.name, t.colour) for t in catalog.current(ctx).tags)


@step
def filtered(ctx: Context, wanted: TicketFilter) -> SelectOfScalar[Ticket]:
    """The query of a filter over what the actor may see, without order; text is looked up separately."""
    return access.visible(ctx, Ticket).where(*_conditions(ctx, _askable(ctx, wanted))).options(*_LIGHT)


@step
def everything(ctx: Context, wanted: TicketFilter) -> SelectOfScalar[Ticket]:
    """The same with the text looked up too: all a list shows, on however many pages."""
    query = filtered(ctx, wanted)
    if wanted.sort is Sort.DUE:
        query = query.where(col(Ticket.sla_due_at).is_not(None))
    if not wanted.text:
        return query
    return query.where(col(Ticket.id).in_(search.matching(ctx, wanted.text)))


@step
def rows(ctx: Context, tickets: Sequence[Ticket]) -> tuple[TicketRow, ...]:
    """Tickets as shown in a list: two more queries, however many there are."""
    if not tickets:
        return ()
    people_ids = {one.requester_id for one in tickets} | {one.assignee_id for one in tickets if one.assignee_id}
    names = dict(ctx.session.exec(select(Person.id, Person.name).where(col(Person.id).in_(people_ids))).all())
    company_ids = {one.company_id for one in tickets if one.company_id}
    companies: dict[int, str] = {}
    if company_ids:
        companies = dict(
            ctx.session.exec(select(Company.id, Company.name).where(col(Company.id).in_(company_ids))).all()
        )
    inside = ctx.actor.is_staff or ctx.actor.is_desk
    beside = standing.beside(ctx, [one.id for one in tickets], with_timers=inside)
    found = tuple(_row(ctx, one, names, companies, *beside[one.id], inside=inside) for one in tickets)
    return found if inside else _as_public(ctx, tickets, found)


def _as_public(ctx: Context, tickets: Sequence[Ticket], found: tuple[TicketRow, ...]) -> tuple[TicketRow, ...]:
    """When something customers may know of last happened: `updated_at` moves with internal notes, too, and even their
    timing is none of a customer's business."""
    query = (
        select(Comment.ticket_id, func.max(Comment.created_at))
        .where(col(Comment.ticket_id).in_([one.id for one in tickets]), Comment.kind != CommentKind.NOTE)
        .group_by(col(Comment.ticket_id))
    )
    said: dict[int, datetime] = dict(ctx.session.exec(query).all())
    moments = (max(filter(None, (one.created_at, one.resolved_at, one.closed_at, said.get(one.id)))) for one in tickets)
    return tuple(replace(row, updated_at=_iso(moment)) for row, moment in zip(found, moments, strict=True))


# A list shows neither the text nor its HTML; they may be long.
_LIGHT = (defer(Ticket.description), defer(Ticket.description_html))  # type: ignore[arg-type]


def _row(
    ctx: Context,
    ticket: Ticket,
    names: dict[int, str],
    companies: dict[int, str],
    tag_ids: Sequence[int],
    clock: standing.Clock | None,
    *,
    inside: bool,
) -> TicketRow:
    known = catalog.current(ctx)
    timer = standing.row(ctx, clock) if clock else standing.NONE
    tags = tuple(TagChip(one.name, one.colour) for one in map(known.tag_by_id.get, tag_ids) if one)
    status = known.status_by_id[ticket.status_id]
    priority = known.priority_by_id[ticket.priority_id]
    category = known.category_by_id.get(ticket.category_id or 0)
    team = known.team_by_id.get(ticket.team_id or 0)
    requester_name = names.get(ticket.requester_id, "")
    assignee = names.get(ticket.assignee_id or 0, "")
    return TicketRow(
        id=ticket.id, reference=ticket.reference, title=ticket.title, preview=ticket.preview,
        status=status.label if inside else status.customer_label, status_slug=status.slug,
        status_category=ticket.status_category, status_colour=status.colour, priority=priority.label,
        priority_slug=priority.slug, priority_rank=priority.rank, priority_colour=priority.colour,
        category=category.name if category else "", category_id=ticket.category_id or 0, requester=requester_name,
        requester_id=ticket.requester_id, requester_initials=initials(requester_name),
        company=companies.get(ticket.company_id or 0, ""), assignee=assignee, assignee_id=ticket.assignee_id or 0,
        assignee_initials=initials(assignee) if assignee else "", team=team.name if team and inside else "",
        team_id=ticket.team_id or 0, channel=ticket.channel, sla_status=ticket.sla_status if inside else "none",
        sla_due_at=_iso(ticket.sla_due_at) if inside else "", sla_metric=timer.label, sla_warn_at=timer.warn_at,
        sla_hours=timer.hours, escalation_level=ticket.escalation_level if inside else 0,
        comment_count=ticket.comment_count if inside else 0,
        waits_for_us=ticket.last_reply_by_customer and ticket.is_open, tags=tags if inside else (),
        due_at=_iso(ticket.due_at), csat_score=ticket.csat_score or 0, created_at=_iso(ticket.created_at),
        updated_at=_iso(ticket.updated_at), resolved_at=_iso(ticket.resolved_at),
        snoozed_until=_iso(ticket.snoozed_until) if inside else "",
    )  # fmt: skip


def _askable(ctx: Context, wanted: TicketFilter) -> TicketFilter:
    """What the actor may ask. Customers are shown no tags, teams and SLA; a filter that matches would tell as much."""
    if ctx.actor.is_staff or ctx.actor.is_desk:
        return wanted
    return wanted.but(
        tag=(), team=(), at_risk=False, breached=False, breached_from=None, breached_to=None,
        sort=Sort.UPDATED if wanted.sort is Sort.DUE else wanted.sort, where=None, mentioned=False, snoozed=None,
    )  # fmt: skip


# Written out: only so does PostgreSQL see that the index on just these tickets answers.
_AT_RISK = text("ticket.sla_status IN ('at_risk', 'breached')")


def _in_order(sort: Sort, *, is_down: bool) -> tuple[Any, Any]:
    column, number = col(getattr(Ticket, _ORDER[sort][0])), col(Ticket.id)
    return (column.desc(), number.desc()) if is_down else (column.asc(), number.asc())


def _is_everything(wanted: TicketFilter) -> bool:
    """Whether nothing narrows it that has an index of its own in the order of the queue."""
    return wanted.but(open=None if wanted.open is False else wanted.open) == TicketFilter(
        sort=wanted.sort, size=wanted.size
    )


def _conditions(ctx: Context, wanted: TicketFilter) -> list[Any]:
    known = catalog.current(ctx)
    found: list[Any] = []
    if wanted.open is not None:
        found.append(col(Ticket.is_open) if wanted.open else ~col(Ticket.is_open))
    if wanted.category:
        found.append(col(Ticket.status_category).in_(wanted.category))
        if set(wanted.category) <= set(OPEN_CATEGORIES):
            found.append(col(Ticket.is_open))
    if wanted.status:
        found.append(col(Ticket.status_id).in_([known.status(word).id for word in wanted.status]))
    if wanted.priority:
        found.append(col(Ticket.priority_id).in_([known.priority(word).id for word in wanted.priority]))
    if wanted.whose is Whose.ME:
        found.append(col(Ticket.assignee_id) == ctx.actor.person_id)
    elif wanted.whose is Whose.NOBODY:
        found.append(col(Ticket.assignee_id).is_(None))
    if wanted.tag:
        ids = [row.id for row in known.tags if row.name in wanted.tag] or [-1]
        found.append(col(Ticket.id).in_(select(TicketTag.ticket_id).where(col(TicketTag.tag_id).in_(ids))))
    if wanted.at_risk:
        found += [col(Ticket.is_open), _AT_RISK]
    if wanted.breached:
        found.append(col(Ticket.breached_at).is_not(None))
    if wanted.mentioned:
        mine = select(Mention.ticket_id).where(Mention.person_id == ctx.actor.person_id)
        found.append(col(Ticket.id).in_(mine))
    if wanted.snoozed is not None:
        asleep = col(Ticket.snoozed_until)
        found.append(asleep.is_not(None) if wanted.snoozed else asleep.is_(None))
    if wanted.answered is not None:
        first = col(Ticket.first_responded_at)
        found.append(first.is_not(None) if wanted.answered else first.is_(None))
    if wanted.rated:
        found.append(col(Ticket.csat_score).is_not(None))
    sets = (
        (Ticket.category_id, wanted.topic), (Ticket.team_id, wanted.team), (Ticket.assignee_id, wanted.assignee),
        (Ticket.requester_id, wanted.requester), (Ticket.company_id, wanted.company), (Ticket.channel, wanted.channel),
    )  # fmt: skip
    found += [col(column).in_(values) for column, values in sets if values]
    for name in ("created", "updated", "resolved", "closed", "breached"):
        column: Any = getattr(Ticket, f"{name}_at")
        since, until = getattr(wanted, f"{name}_from"), getattr(wanted, f"{name}_to")
        if since:
            found.append(column >= since)
        if until:
            found.append(column < until)
    return found + (narrowing.conjuncts(ctx, wanted.where) if wanted.where else [])


def _found(ctx: Context, wanted: TicketFilter) -> TicketPage:
    """Tickets by words, best first or in the order that was chosen: one page, as search is for finding, not for paging."""
    hits = search.find(ctx, wanted.text)
    if not hits.ids:
        return TicketPage()
    ids = hits.ids
    # One array, not five hundred parameters: planning those takes longer than the search.
    matches = sql_select(func.unnest(sql_cast(ids, ARRAY(BigInteger))))
    fitting = filtered(ctx, wanted).where(col(Ticket.id).in_(matches)).with_only_columns(col(Ticket.id))
    if wanted.sort is Sort.UPDATED:
        rank = {ticket_id: position for position, ticket_id in enumerate(ids)}
        best = sorted((row[0] for row in ctx.session.execute(fitting)), key=lambda one: rank[one])[: wanted.size]
    else:
        order = _in_order(wanted.sort, is_down=_ORDER[wanted.sort][1])
        best = [row[0] for row in ctx.session.execute(fitting.order_by(*order).limit(wanted.size))]
    place = {ticket_id: position for position, ticket_id in enumerate(best)}
    query = access.visible(ctx, Ticket).where(col(Ticket.id).in_(best)).options(*_LIGHT)
    found = rows(ctx, sorted(ctx.session.exec(query).all(), key=lambda ticket: place[ticket.id]))
    marks = search.marked(ctx, hits.words, [row.id for row in found]) if found else {}
    shown = tuple(
        replace(row, title_marked=marks[row.id][0], excerpt_marked=marks[row.id][1]) if row.id in marks else row
        for row in found
    )
    return TicketPage(shown, corrected=hits.words if hits.is_corrected and shown else "")


@step
def comments_until(ctx: Context, ticket: Ticket, until: datetime) -> tuple[CommentRow, ...]:
    """What had been said by a moment, oldest first; of a very long conversation the last of it."""
    by_comment: dict[int, list[AttachmentRow]] = {}
    for file in attachments.of_ticket(ctx, ticket):
        if not file.is_within:
            by_comment.setdefault(file.comment_id, []).append(file)
    found, _ = _comments(ctx, ticket, until)
    return tuple(_comment_row(ctx, comment, by_comment) for comment in found)


@cache
def _said(with_notes: bool, is_past: bool) -> Any:
    """A ticket's latest contributions with who wrote them, newest first. Columns, not entities, and built once: fifty of them
    were a third of what reading a ticket cost."""
    comment, person = Comment.__table__.c, Person.__table__.c  # type: ignore[attr-defined]
    query = (
        sql_select(
            comment.id, comment.kind, comment.body_html, comment.created_at, comment.author_id, comment.edited_at,
            person.name, person.role, person.picture_key,
        )
        .outerjoin_from(Comment, Person, person.id == comment.author_id)
        .where(comment.ticket_id == bindparam("ticket_id"))
        .order_by(comment.id.desc())
        .limit(bindparam("most"))
    )  # fmt: skip
    if not with_notes:
        query = query.where(comment.kind != CommentKind.NOTE)
    elif not is_past:
        query = query.add_columns(_why_unsent())
    return query.where(comment.created_at <= bindparam("until")) if is_past else query


def _why_unsent() -> Any:
    # By an index of what has not left, which is nearly empty.
    delivery = Delivery.__table__.c  # type: ignore[attr-defined]
    told = case((delivery.state == "failed", "failed:"), else_="queued:") + delivery.last_error
    mine = (delivery.comment_id == Comment.__table__.c.id) & delivery.state.in_(("queued", "failed"))  # type: ignore[attr-defined]
    found = sql_select(func.min(told)).where(mine, delivery.last_error != "")
    return found.correlate(Comment).scalar_subquery().label("unsent")


def _comments(ctx: Context, ticket: Ticket, until: datetime | None = None) -> tuple[list[Row[Any]], int]:
    query = _said(ctx.actor.is_staff or ctx.actor.is_desk, until is not None)
    asked: dict[str, Any] = {"ticket_id": ticket.id, "most": MOST_COMMENTS}
    found = list(ctx.session.execute(query, asked | ({"until": until} if until else {})))
    # A merged ticket's description is told where it was written; everything else is in the order of its ids anyway.
    found.sort(key=lambda one: (one.created_at, one.id))
    if len(found) < MOST_COMMENTS:
        return found, 0
    shown = access.visible(ctx, Comment).where(Comment.ticket_id == ticket.id).subquery()  # customers': without notes
    return found, ctx.session.exec(select(func.count()).select_from(shown)).one() - len(found)


def _comment_row(ctx: Context, comment: Row[Any], files: dict[int, list[AttachmentRow]]) -> CommentRow:
    name = comment.name or "The desk"
    sees = comment.name and people.sees_picture(ctx, comment.author_id, comment.role)
    return CommentRow(
        comment.id, comment.kind, name, initials(name), comment.body_html, comment.created_at.isoformat(),
        comment.author_id or 0, comment.name is None or comment.role in STAFF,
        comment.author_id is not None and comment.author_id == ctx.actor.person_id, tuple(files.get(comment.id, ())),
        people.picture_at(comment.author_id, comment.picture_key) if sees else "",
        _iso(comment.edited_at), _editable_until(ctx, comment), _unsent(getattr(comment, "unsent", None)),
    )  # fmt: skip


def _unsent(told: str | None) -> str:
    if not told:
        return ""
    state, _, why = told.partition(":")
    if state == "failed":
        return f"Its mail could not be sent: {why} An administrator can send it again."
    return f"Its mail has not left yet. {why} It leaves by itself."


def _editable_until(ctx: Context, comment: Row[Any]) -> str:
    until = comment.created_at + EDIT_WINDOW
    is_mine = comment.author_id is not None and comment.author_id == ctx.actor.person_id
    return until.isoformat() if is_mine and ctx.now < until else ""


def _fields(ctx: Context, ticket: Ticket) -> tuple[FieldRow, ...]:
    asked = custom_fields.asked(catalog.current(ctx).fields, ticket.category_id, for_staff=not ctx.actor.is_customer)
    return tuple(field_row(one, ticket.custom.get(str(one.id))) for one in asked)


@step
def field_row(field: custom_fields.Field, value: object = None) -> FieldRow:
    """A field with its answer, ready to show."""
    return FieldRow(
        field.id, field.name, field.label, field.kind, field.help, field.options, field.is_required,
        custom_fields.raw(value), custom_fields.spelled(field, value),
    )  # fmt: skip


def _next_statuses(ctx: Context, ticket: Ticket) -> tuple[Option, ...]:
    if not may(ctx.actor, Permission.TICKET_STATUS):
        return ()
    known = catalog.current(ctx)
    current = StatusCategory(ticket.status_category)
    inside = ctx.actor.is_staff
    allowed = (STAFF_TRANSITIONS if inside else CUSTOMER_TRANSITIONS)[current] | ({current} if inside else set())
    return tuple(
        Option(status.slug, status.label if inside else status.customer_label, status.colour)
        for status in known.statuses
        if status.id == ticket.status_id
        or (
            status.category in allowed
            and status.is_active
            and not known.is_barred(ctx.actor.role, ticket.status_id, status.id)
        )
    )


def _pack(ticket: Ticket, name: str, way: str) -> str:
    value = getattr(ticket, name)
    shown = value.isoformat() if isinstance(value, datetime) else value
    return base64.urlsafe_b64encode(json.dumps([way, shown, ticket.id]).encode()).decode().rstrip("=")


def _unpack(cursor: str, kind: type) -> tuple[bool, tuple[Any, int] | None]:
    if not cursor:
        return False, None
    try:
        way, shown, ticket_id = json.loads(base64.urlsafe_b64decode(cursor[:400] + "=" * (-len(cursor) % 4)))
        value = datetime.fromisoformat(shown).astimezone(UTC) if kind is datetime else shown
        # A link made for another order, or by hand.
        if type(value) is not kind or type(ticket_id) is not int or not 0 < ticket_id < 2**63:
            raise ValueError
        if isinstance(value, int) and abs(value) >= 2**31:
            raise ValueError
        return way == "n", (value, ticket_id)
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error):
        raise Invalid(cursor="This page link is broken. Start at the first page.") from None


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""
