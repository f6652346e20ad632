"""What is shown with tickets and kept in other tables, gathered in one statement: for a list, or for one ticket with its
whole conversation.

Past the ORM: fifty contributions as entities cost more than all the rest of a ticket's page, and so did a statement for
every table. Whoever calls these has asked `access` for the tickets.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson

from helpdesk.models import Ticket
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
    """A contribution and who wrote it; nobody's is the desk's. Moments are ISO 8601 in UTC, which sort as text."""

    id: int
    kind: str
    body_html: str
    created_at: str
    author_id: int | None
    edited_at: str | None
    name: str | None
    role: str | None
    picture_key: str | None
    unsent: str | None  # "queued:" or "failed:", and why its mail has not left; for staff


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
    """What the page of one ticket shows of other tables.

    Args:
        clocks: of all its promises, by their ids.
        said: the latest contributions the reader may see, in the order of their ids.
        files: those the reader may see.
    """

    beside: Beside
    requester_email: str
    clocks: Sequence[Clock]
    said: Sequence[Said]
    files: Sequence[Filed]


@step
def beside(ctx: Context, tickets: Sequence[Ticket], *, inside: bool) -> dict[int, Beside]:
    """For a list, by the tickets' ids.

    Args:
        inside: whether it is for those who work here.
    """
    ctx.session.flush()
    asked = {
        "tickets": [one.id for one in tickets],
        "people": list({one.requester_id for one in tickets} | {one.assignee_id for one in tickets}),
        "companies": list({one.company_id for one in tickets}),
    }
    statement = _LISTED_INSIDE if inside else _LISTED
    row = ctx.session.connection().exec_driver_sql(statement, asked).one()
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
def around(ctx: Context, ticket: Ticket, *, inside: bool, most: int, until: datetime | None = None) -> Around:
    """For the page of one ticket.

    Args:
        inside: whether it is for those who work here.
        most: how many contributions at most.
        until: contributions until then.
    """
    ctx.session.flush()
    asked = {
        "ticket": ticket.id, "requester": ticket.requester_id, "assignee": ticket.assignee_id,
        "company": ticket.company_id, "most": most, "until": until,
    }  # fmt: skip
    statement = _WHOLE_INSIDE if inside else _WHOLE
    row = ctx.session.connection().exec_driver_sql(statement, asked).one()
    requester, email, assignee, company, tags, clocks, said, files = row
    # The one that presses most comes first; the page shows them in the order they were made.
    known = [(number, Clock(*_moments(rest, 4, 5, 6, 7, 8))) for number, *rest in _rows(clocks)]
    contributions = [Said(*one) for one in _rows(said)]
    contributions.reverse()
    return Around(
        Beside(
            requester, assignee or "", company or "", tags, known[0][1] if known else None,
            _moment(max(one.created_at for one in contributions)) if contributions else None,
        ),
        email,
        [one for _, one in sorted(known, key=lambda pair: pair[0])],
        contributions,
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


def _whole(clocks: str, said: str, filed: str, unsent: str) -> str:
    return f"""
        SELECT requester.name, requester.email,
            (SELECT name FROM person WHERE id = %(assignee)s), (SELECT name FROM company WHERE id = %(company)s),
            ARRAY(SELECT tag_id FROM ticket_tag WHERE ticket_id = %(ticket)s), {clocks},
            (SELECT json_agg(json_build_array(
                said.id, said.kind, said.body_html, said.created_at, said.author_id, said.edited_at, person.name,
                person.role, person.picture_key, {unsent}) ORDER BY said.id DESC)::text
            FROM (
                SELECT id, kind, body_html, created_at, author_id, edited_at FROM comment
                WHERE ticket_id = %(ticket)s {said}
                    AND (%(until)s::timestamptz IS NULL OR created_at <= %(until)s)
                ORDER BY id DESC LIMIT %(most)s
            ) AS said LEFT JOIN person ON person.id = said.author_id),
            (SELECT json_agg(json_build_array(
                id, filename, content_type, size, comment_id, created_at, is_within, scan, scan_reason) ORDER BY id)::text
            FROM attachment WHERE ticket_id = %(ticket)s {filed})
        FROM person AS requester WHERE requester.id = %(requester)s
    """  # noqa: S608 - our own words


_WHOLE_INSIDE = _whole(
    f"""
        (SELECT json_agg(json_build_array(id, {_CLOCK}) ORDER BY {_PRESSING})::text
        FROM timer WHERE ticket_id = %(ticket)s)
    """,  # noqa: S608
    "",
    "",
    # By an index of what has not left, which is nearly empty.
    """
        (SELECT min(CASE state WHEN 'failed' THEN 'failed:' ELSE 'queued:' END || last_error) FROM delivery
        WHERE comment_id = said.id AND state IN ('queued', 'failed') AND last_error <> '' AND %(until)s::timestamptz IS NULL)
    """,
)
_WHOLE = _whole(
    "NULL",
    "AND kind <> 'note'",
    """
        AND (comment_id IS NULL OR comment_id IN (
            SELECT id FROM comment WHERE ticket_id = %(ticket)s AND kind = 'reply'))
    """,
    "NULL::text",
)
