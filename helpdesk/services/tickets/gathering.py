"""What is shown with tickets and kept in other tables, gathered in one statement: for a list, or for one ticket with its
whole conversation.

Past the ORM: fifty contributions as entities cost more than all the rest of a ticket's page, and so did a statement for
every table. Which tickets may be seen is asked of `access`, by whoever calls these or here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

import orjson

from helpdesk.models import Ticket
from helpdesk.services import access
from helpdesk.services.attachments import Filed
from helpdesk.services.context import Context, step
from helpdesk.services.standing import Clock

# The promise that presses most, which is the one `sla.summarise` repeats on the ticket.
_PRESSING = """
    CASE WHEN state = 'breached' AND met_at IS NULL THEN 0 WHEN state = 'running' THEN 1
        WHEN state = 'paused' THEN 2 WHEN state = 'breached' THEN 3 ELSE 4 END, due_at, id
"""
_CLOCK = "policy_id, metric, state, target_seconds, warn_at, due_at, warned_at, met_at, paused_at"


class Said(NamedTuple):
    """A contribution; nobody's is the desk's. Moments are ISO 8601 in UTC, which sort as text."""

    id: int
    kind: str
    body_html: str
    created_at: str
    author_id: int | None
    edited_at: str | None


class Somebody(NamedTuple):
    """A person on a ticket."""

    name: str
    email: str = ""
    role: str = ""
    picture_key: str | None = None


@dataclass(frozen=True, slots=True)
class Beside:
    """What a row shows of other tables.

    Args:
        clock: the promise that presses most; for staff.
        said_at: when something customers may read was last said; for them.
    """

    requester: str = ""
    assignee: str = ""
    company: str = ""
    tag_ids: Sequence[int] = ()
    clock: Clock | None = None
    said_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Around:
    """What the page of one ticket shows of it and of other tables.

    Args:
        people: its requester and assignee, and who said something, by their ids.
        clocks: of all its promises, by their ids.
        said: the latest contributions the reader may see, in the order of their ids.
        unsent: "queued:" or "failed:", and why its mail has not left, by the contributions' ids; for staff.
        files: those the reader may see.
    """

    ticket: Ticket
    beside: Beside
    people: Mapping[int, Somebody]
    clocks: Sequence[Clock]
    said: Sequence[Said]
    unsent: Mapping[int, str]
    files: Sequence[Filed]


@step
def beside(ctx: Context, tickets: Sequence[Ticket], *, inside: bool) -> dict[int, Beside]:
    """For a list, by the tickets' ids.

    Args:
        inside: whether it is for those who work here.
    """
    asked = {
        "tickets": [one.id for one in tickets],
        "people": list({one.requester_id for one in tickets} | {one.assignee_id for one in tickets}),
        "companies": list({one.company_id for one in tickets}),
    }
    statement = _LISTED_INSIDE if inside else _LISTED
    row = ctx.ask_one(statement, asked)
    people, companies, tags = (dict(_rows(told)) for told in row[:3])
    clocks = {number: Clock(*_moments(rest, 4, 5, 6, 7, 8)) for number, *rest in _rows(row[3])} if inside else {}
    said = {} if inside else {number: _moment(at) for number, at in _rows(row[3])}
    return {
        one.id: Beside(
            people.get(one.requester_id, ""), people.get(one.assignee_id, ""), companies.get(one.company_id, ""),
            tags.get(one.id, ()), clocks.get(one.id), said.get(one.id),
        )
        for one in tickets
    }  # fmt: skip


@step
def whole(ctx: Context, reference: str, *, inside: bool, most: int) -> Around:
    """One ticket with everything around it, for its page.

    Args:
        inside: whether it is for those who work here.
        most: how many contributions at most.

    Raises:
        NotFound: there is none the actor may see.
    """
    reference = access.tidy(reference)
    found = None
    if access.held(ctx, reference) is None:
        this, asked = access.reading(ctx, reference)
        found = _gathered(ctx, this, asked, inside=inside, most=most)
    return found or around(ctx, access.ticket(ctx, reference), inside=inside, most=most)


@step
def around(ctx: Context, ticket: Ticket, *, inside: bool, most: int, until: datetime | None = None) -> Around:
    """The same of a ticket that is at hand.

    Args:
        until: contributions until then.
    """
    noted, happened = ctx.noted.get(ticket.id, (None, 0))
    if noted is not None and until is None and happened == len(ctx.activities):
        return cast("_Noted", noted).told(inside=inside)
    asked = {
        "ticket": ticket.id, "requester": ticket.requester_id, "assignee": ticket.assignee_id, "company": ticket.company_id,
    }  # fmt: skip
    found = _gathered(ctx, _AT_HAND, asked, inside=inside, most=most, until=until, ticket=ticket)
    assert found is not None
    return found


@dataclass(frozen=True, slots=True)
class _Noted:
    """What is around a ticket that has just been filed: nobody has said anything, and no file is there."""

    ticket: Ticket
    people: Mapping[int, Somebody]
    company: str
    clocks: Sequence[Clock]

    def told(self, *, inside: bool) -> Around:
        pressing = min(self.clocks, key=lambda one: one.due_at or datetime.max.replace(tzinfo=UTC), default=None)
        assignee = self.people[self.ticket.assignee_id].name if self.ticket.assignee_id else ""
        requester = self.people[self.ticket.requester_id].name
        beside = Beside(requester, assignee, self.company, (), pressing if inside else None)
        return Around(self.ticket, beside, self.people, self.clocks if inside else (), (), {}, ())


@step
def note(ctx: Context, ticket: Ticket, people: Mapping[int, Somebody], company: str, clocks: Sequence[Clock]) -> None:
    """Note what is around a ticket that is being filed, for as long as nothing else happens in this unit of work.

    Args:
        people: its requester and assignee, by their ids.
        clocks: of all its promises, running.
    """
    ctx.noted[ticket.id] = (_Noted(ticket, people, company, clocks), len(ctx.activities))


@step
def forget(ctx: Context, ticket: Ticket) -> None:
    """There is more around it than was noted."""
    ctx.noted.pop(ticket.id, None)


def _gathered(
    ctx: Context,
    this: str,
    asked: dict[str, Any],
    *,
    inside: bool,
    most: int,
    until: datetime | None = None,
    ticket: Ticket | None = None,
) -> Around | None:
    statement = (_WHOLE_INSIDE if inside else _WHOLE).format(this=this, told="NULL" if ticket else _TOLD)
    row = ctx.ask_first(statement, asked | {"most": most, "until": until})
    if row is None:
        return None
    told, known, company, tags, clocks, contributions, unsent, files = row
    ticket = ticket or access.known(ctx, told)
    people = {number: Somebody(*rest) for number, *rest in _rows(known)}
    # The one that presses most comes first; the page shows them in the order they were made.
    promises = [(number, Clock(*_moments(rest, 4, 5, 6, 7, 8))) for number, *rest in _rows(clocks)]
    said = [Said(*one) for one in reversed(_rows(contributions))]
    return Around(
        ticket,
        Beside(
            people[ticket.requester_id].name, people[ticket.assignee_id].name if ticket.assignee_id else "", company or "",
            tags, promises[0][1] if promises else None,
            _moment(max(one.created_at for one in said)) if said and not inside else None,
        ),
        people,
        [one for _, one in sorted(promises, key=lambda pair: pair[0])],
        said,
        dict(_rows(unsent)),
        [Filed(*_moments(one, 5)) for one in _rows(files)],
    )  # fmt: skip


def _rows(told: str | None) -> list[list[Any]]:
    found: list[list[Any]] = orjson.loads(told) if told else []
    return found


def _moments(row: list[Any], *places: int) -> Iterable[Any]:
    for place in places:
        if row[place] is not None:
            row[place] = _moment(row[place])
    return row


def _moment(told: str) -> datetime:
    return datetime.fromisoformat(told).astimezone(UTC)


def _listed(last: str) -> str:
    return f"""
        SELECT
            (SELECT json_agg(json_build_array(id, name))::text FROM person WHERE id = ANY (%(people)s)),
            (SELECT json_agg(json_build_array(id, name))::text FROM company WHERE id = ANY (%(companies)s)),
            (SELECT json_agg(json_build_array(ticket_id, tag_ids))::text FROM (
                SELECT ticket_id, array_agg(tag_id) AS tag_ids FROM ticket_tag
                WHERE ticket_id = ANY (%(tickets)s) GROUP BY ticket_id
            ) AS tagged),
            {last}
    """  # noqa: S608 - our own words


_LISTED_INSIDE = _listed(
    f"""
        (SELECT json_agg(json_build_array(ticket_id, {_CLOCK}))::text FROM (
            SELECT DISTINCT ON (ticket_id) ticket_id, {_CLOCK} FROM timer
            WHERE ticket_id = ANY (%(tickets)s) ORDER BY ticket_id, {_PRESSING}
        ) AS pressing)
    """,  # noqa: S608
)
_LISTED = _listed(
    """
        (SELECT json_agg(json_build_array(ticket_id, said_at))::text FROM (
            SELECT ticket_id, max(created_at) AS said_at FROM comment
            WHERE ticket_id = ANY (%(tickets)s) AND kind <> 'note' GROUP BY ticket_id
        ) AS heard)
    """
)


_AT_HAND = """
    SELECT %(ticket)s::bigint AS id, %(requester)s::bigint AS requester_id, %(assignee)s::bigint AS assignee_id,
        %(company)s::bigint AS company_id
"""
_TOLD = "(SELECT row_to_json(this)::text FROM this)"


def _one(clocks: str, seen: str, unsent: str, filed: str) -> str:
    return f"""
        WITH this AS MATERIALIZED ({{this}}),
        said AS MATERIALIZED (
            SELECT id, kind, body_html, created_at, author_id, edited_at FROM comment
            WHERE ticket_id = (SELECT id FROM this) {seen}
                AND (%(until)s::timestamptz IS NULL OR created_at <= %(until)s)
            ORDER BY id DESC LIMIT %(most)s
        )
        SELECT {{told}},
            (SELECT json_agg(json_build_array(id, name, email, role, picture_key))::text FROM person WHERE id = ANY (ARRAY(
                SELECT requester_id FROM this UNION SELECT assignee_id FROM this UNION SELECT author_id FROM said))),
            (SELECT name FROM company WHERE id = this.company_id),
            ARRAY(SELECT tag_id FROM ticket_tag WHERE ticket_id = this.id),
            {clocks},
            (SELECT json_agg(json_build_array(id, kind, body_html, created_at, author_id, edited_at))::text FROM said),
            {unsent},
            (SELECT json_agg(json_build_array(
                id, filename, content_type, size, comment_id, created_at, is_within, scan, scan_reason) ORDER BY id)::text
            FROM attachment WHERE ticket_id = this.id {filed})
        FROM this
    """  # noqa: S608 - our own words


_WHOLE_INSIDE = _one(
    f"""
        (SELECT json_agg(json_build_array(id, {_CLOCK}) ORDER BY {_PRESSING})::text
        FROM timer WHERE ticket_id = this.id)
    """,  # noqa: S608
    "",
    # By an index of what has not left, which is nearly empty.
    """
        (SELECT json_agg(json_build_array(comment_id, why))::text FROM (
            SELECT comment_id, min(CASE state WHEN 'failed' THEN 'failed:' ELSE 'queued:' END || last_error) AS why
            FROM delivery WHERE comment_id = ANY (ARRAY(SELECT id FROM said)) AND state IN ('queued', 'failed')
                AND last_error <> '' AND %(until)s::timestamptz IS NULL
            GROUP BY comment_id
        ) AS kept)
    """,
    "",
)
_WHOLE = _one(
    "NULL",
    "AND kind <> 'note'",
    "NULL",
    """
        AND (comment_id IS NULL OR comment_id IN (
            SELECT id FROM comment WHERE ticket_id = this.id AND kind = 'reply'))
    """,
)
