"""Reading tickets: lists by keyset, one whole ticket, the customer beside it, and the counts of views."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, BigInteger, and_, func, text, true, tuple_, union
from sqlalchemy import cast as sql_cast
from sqlalchemy import select as sql_select
from sqlalchemy.orm import defer
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from helpdesk.domain import custom_fields, satisfaction
from helpdesk.domain.conditions import Field, Group, Match
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
    StatusCategory,
)
from helpdesk.models import Comment, Company, CsatRating, Mention, Person, Ticket, TicketTag
from helpdesk.services import access, attachments, catalog, people, search, standing, views
from helpdesk.services.attachments import AttachmentRow, Filed
from helpdesk.services.context import Context, anyone, requires, step
from helpdesk.services.standing import TimerRow
from helpdesk.services.tickets import gathering, narrowing
from helpdesk.services.tickets.gathering import Around, Beside, Said, Somebody
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


class _Author(NamedTuple):
    """Who said something, as it is shown beside it."""

    name: str
    initials: str
    id: int
    is_staff: bool
    is_reader: bool
    picture: str


_ORDER: dict[Sort, tuple[str, bool]] = {
    Sort.UPDATED: ("updated_at", True),
    Sort.UPDATED_UP: ("updated_at", False),
    Sort.CREATED: ("created_at", True),
    Sort.CREATED_UP: ("created_at", False),
    Sort.DUE: ("sla_due_at", False),
    Sort.RESOLVED: ("resolved_at", True),
    Sort.CLOSED: ("closed_at", True),
    Sort.PRIORITY: ("priority_rank", True),
    Sort.PRIORITY_UP: ("priority_rank", False),
}
# Their lists leave out what has no such moment: their indexes hold no other, and a page could not go on after one.
_OF_SOME = (Sort.DUE, Sort.RESOLVED, Sort.CLOSED)


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
    narrowed = [*_conditions(ctx, wanted), *_placed(wanted.sort)]
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
    return told(ctx, ref)


@step
def told(ctx: Context, ref: str) -> TicketDetail:
    """The same for who has just filed or changed it, whatever else they may."""
    inside = ctx.actor.is_staff or ctx.actor.is_desk
    found = gathering.whole(ctx, ref, inside=inside, most=MOST_COMMENTS)
    ticket = found.ticket
    files = _by_comment(found.files)
    category = StatusCategory(ticket.status_category)
    promises = {one: standing.row(ctx, one) for one in found.clocks}
    pressing = found.beside.clock
    return TicketDetail(
        ticket=_row(ctx, ticket, found.beside, promises[pressing] if pressing else standing.NONE, inside=inside),
        description_html=ticket.description_html,
        requester_email=found.people[ticket.requester_id].email if ctx.actor.is_staff else "",
        comments=_comment_rows(ctx, found, files),
        attachments=files.get(0, ()),
        timers=tuple(promises.values()) if ctx.actor.is_staff else (),
        statuses=_next_statuses(ctx, ticket),
        may_reply=may(ctx.actor, Permission.TICKET_REPLY)
        and (ctx.actor.is_staff or category is not StatusCategory.CLOSED),
        may_note=may(ctx.actor, Permission.TICKET_NOTE),
        may_edit=may(ctx.actor, Permission.TICKET_EDIT),
        may_assign=may(ctx.actor, Permission.TICKET_ASSIGN),
        may_rate=ticket.requester_id == ctx.actor.person_id
        and satisfaction.may_rate(category, AskAfter(catalog.current(ctx).organization.csat_after)),
        may_reopen=ctx.actor.is_customer and category is StatusCategory.RESOLVED,
        may_confirm=ctx.actor.is_customer and category is not StatusCategory.CLOSED,
        earlier_comments=_left_out(ctx, ticket, len(found.said)),
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
    narrowed = [*_conditions(ctx, _askable(ctx, wanted)), *_placed(wanted.sort)]
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
    query = filtered(ctx, wanted).where(*_placed(wanted.sort))
    if not wanted.text:
        return query
    return query.where(col(Ticket.id).in_(search.matching(ctx, wanted.text)))


@step
def rows(ctx: Context, tickets: Sequence[Ticket]) -> tuple[TicketRow, ...]:
    """Tickets as shown in a list: one more query, however many there are."""
    if not tickets:
        return ()
    inside = ctx.actor.is_staff or ctx.actor.is_desk
    beside = gathering.beside(ctx, tickets, inside=inside)
    clocks = ((one, beside[one.id], beside[one.id].clock) for one in tickets)
    return tuple(
        _row(ctx, one, known, standing.row(ctx, clock) if clock else standing.NONE, inside=inside)
        for one, known, clock in clocks
    )


def _public_moment(ticket: Ticket, said_at: datetime | None) -> datetime:
    """When something customers may know of last happened: `updated_at` moves with internal notes, too, and even their
    timing is none of a customer's business."""
    return max(filter(None, (ticket.created_at, ticket.resolved_at, ticket.closed_at, said_at)))


# A list shows neither the text nor its HTML; they may be long.
_LIGHT = (defer(Ticket.description), defer(Ticket.description_html))  # type: ignore[arg-type]


def _row(ctx: Context, ticket: Ticket, beside: Beside, timer: TimerRow, *, inside: bool) -> TicketRow:
    known = catalog.current(ctx)
    tags = tuple(TagChip(one.name, one.colour) for one in map(known.tag_by_id.get, beside.tag_ids) if one)
    status = known.status_by_id[ticket.status_id]
    priority = known.priority_by_id[ticket.priority_id]
    category = known.category_by_id.get(ticket.category_id or 0)
    team = known.team_by_id.get(ticket.team_id or 0)
    requester_name, assignee = beside.requester, beside.assignee
    updated_at = ticket.updated_at if inside else _public_moment(ticket, beside.said_at)
    return TicketRow(
        id=ticket.id, reference=ticket.reference, title=ticket.title, preview=ticket.preview,
        status=status.label if inside else status.customer_label, status_slug=status.slug,
        status_category=ticket.status_category, status_colour=status.colour, priority=priority.label,
        priority_slug=priority.slug, priority_rank=priority.rank, priority_colour=priority.colour,
        category=category.name if category else "", category_id=ticket.category_id or 0, requester=requester_name,
        requester_id=ticket.requester_id, requester_initials=initials(requester_name),
        company=beside.company, assignee=assignee, assignee_id=ticket.assignee_id or 0,
        assignee_initials=initials(assignee) if assignee else "", team=team.name if team and inside else "",
        team_id=ticket.team_id or 0, channel=ticket.channel, sla_status=ticket.sla_status if inside else "none",
        sla_due_at=_iso(ticket.sla_due_at) if inside else "", sla_metric=timer.label, sla_warn_at=timer.warn_at,
        sla_hours=timer.hours, escalation_level=ticket.escalation_level if inside else 0,
        comment_count=ticket.comment_count if inside else 0,
        waits_for_us=ticket.last_reply_by_customer and ticket.is_open, tags=tags if inside else (),
        due_at=_iso(ticket.due_at), csat_score=ticket.csat_score or 0, created_at=_iso(ticket.created_at),
        updated_at=_iso(updated_at), resolved_at=_iso(ticket.resolved_at),
        snoozed_until=_iso(ticket.snoozed_until) if inside else "",
    )  # fmt: skip


def _askable(ctx: Context, wanted: TicketFilter) -> TicketFilter:
    """What the actor may ask. Customers are shown no tags, teams and SLA; a filter that matches would tell as much."""
    if ctx.actor.is_staff or ctx.actor.is_desk:
        return wanted
    return wanted.but(
        tag=(), team=(), at_risk=False, breached=False, breached_from=None, breached_to=None,
        sort=Sort.UPDATED if wanted.sort is Sort.DUE else wanted.sort, mentioned=False, snoozed=None,
        where=_open_to_customers(wanted.where) if wanted.where else None,
    )  # fmt: skip


# What a customer is shown of their own tickets, and so may ask.
_SHOWN = {
    Field.STATUS, Field.STATUS_CATEGORY, Field.PRIORITY, Field.CATEGORY, Field.COMPANY, Field.CHANNEL, Field.REQUESTER,
    Field.ASSIGNEE, Field.CREATED, Field.UPDATED, Field.RESOLVED, Field.CLOSED, Field.DUE, Field.HAS_DUE, Field.ANSWERED,
}  # fmt: skip


def _open_to_customers(group: Group) -> Group | None:
    """Those of the conditions that ask for nothing else: any other could be found out by whether tickets match."""
    if group.match is Match.ANY:
        return group if all(one.field in _SHOWN for one in group) else None
    kept = (one if isinstance(one, Group) or one.field in _SHOWN else None for one in group.parts)
    parts = [_open_to_customers(one) if isinstance(one, Group) else one for one in kept if one is not None]
    return Group(Match.ALL, tuple(one for one in parts if one is not None))


# Written out: only so does PostgreSQL see that the index on just these tickets answers.
_AT_RISK = text("ticket.sla_status IN ('at_risk', 'breached')")


def _in_order(sort: Sort, *, is_down: bool) -> tuple[Any, Any]:
    column, number = col(getattr(Ticket, _ORDER[sort][0])), col(Ticket.id)
    return (column.desc(), number.desc()) if is_down else (column.asc(), number.asc())


def _placed(sort: Sort) -> list[Any]:
    """The condition under which a ticket has a place in an order, where not all have one."""
    return [col(getattr(Ticket, _ORDER[sort][0])).is_not(None)] if sort in _OF_SOME else []


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
        if wanted.sort in (Sort.RESOLVED, Sort.CLOSED):
            # Downwards, those without would come first.
            fitting = fitting.where(*_placed(wanted.sort))
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
    inside = ctx.actor.is_staff or ctx.actor.is_desk
    found = gathering.around(ctx, ticket, inside=inside, most=MOST_COMMENTS, until=until)
    return _comment_rows(ctx, found, _by_comment(found.files))


def _by_comment(files: Sequence[Filed]) -> dict[int, tuple[AttachmentRow, ...]]:
    found: dict[int, tuple[AttachmentRow, ...]] = {}
    for file in files:
        if not file.is_within:
            found[file.comment_id or 0] = (*found.get(file.comment_id or 0, ()), attachments.row(file))
    return found


def _left_out(ctx: Context, ticket: Ticket, found: int) -> int:
    """How many contributions are older than those that were found."""
    if found < MOST_COMMENTS:
        return 0
    shown = access.visible(ctx, Comment).where(Comment.ticket_id == ticket.id).subquery()  # customers': without notes
    return ctx.session.exec(select(func.count()).select_from(shown)).one() - found


def _comment_rows(
    ctx: Context, found: Around, files: Mapping[int, tuple[AttachmentRow, ...]]
) -> tuple[CommentRow, ...]:
    # A merged ticket's description is told where it was written; everything else is in the order of its ids anyway.
    in_order = sorted(found.said, key=lambda one: (one.created_at, one.id))
    authors = {number: _author(ctx, number, found.people) for number in {one.author_id for one in in_order}}
    since = (ctx.now - EDIT_WINDOW).isoformat()
    return tuple(
        CommentRow(
            one.id, one.kind, by.name, by.initials, one.body_html, one.created_at, by.id, by.is_staff, by.is_reader,
            files.get(one.id, ()), by.picture, one.edited_at or "", _editable_until(one, since) if by.is_reader else "",
            _unsent(found.unsent.get(one.id)),
        )
        for one in in_order
        for by in (authors[one.author_id],)
    )  # fmt: skip


def _unsent(told: str | None) -> str:
    if not told:
        return ""
    state, _, why = told.partition(":")
    if state == "failed":
        return f"Its mail could not be sent: {why} An administrator can send it again."
    return f"Its mail has not left yet. {why} It leaves by itself."


def _author(ctx: Context, author_id: int | None, people_there: Mapping[int, Somebody]) -> _Author:
    one = people_there.get(author_id) if author_id else None
    if one is None or author_id is None:
        return _Author("The desk", initials("The desk"), 0, is_staff=True, is_reader=False, picture="")
    sees = people.sees_picture(ctx, author_id, one.role)
    return _Author(
        one.name, initials(one.name), author_id, one.role in STAFF, author_id == ctx.actor.person_id,
        people.picture_at(author_id, one.picture_key or "") if sees else "",
    )  # fmt: skip


def _editable_until(said: Said, since: str) -> str:
    # Compared as text, which they sort as: fifty of one's own need not be parsed to say that they are older.
    if said.created_at <= since:
        return ""
    return (datetime.fromisoformat(said.created_at) + EDIT_WINDOW).isoformat()


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
