"""Several facts of a ticket changed as one, and files added to it: what programs ask for in one request."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Invalid, Stale
from helpdesk.domain.permissions import Permission
from helpdesk.models import Ticket
from helpdesk.services import access, attachments
from helpdesk.services.attachments import AttachmentRow
from helpdesk.services.context import Context, requires, step
from helpdesk.services.tickets import assignment, fields, status

# In this order: a status may need an agent first, and clocks follow the priority.
_HOW: dict[str, Callable[[Context, str, Any], None]] = {
    "title": fields.retitle,
    "category_id": fields.categorise,
    "priority": fields.prioritise,
    "tags": fields.tag,
    "due_at": fields.schedule,
    "team_id": lambda ctx, ref, value: assignment.move_to_team(ctx, ref, team_id=value),
    "assignee_id": lambda ctx, ref, value: assignment.assign(ctx, ref, to=value),
    "status": status.change,
}


@requires(Permission.TICKET_READ)
def change(ctx: Context, ref: str, changes: Mapping[str, Any], *, expected: str = "") -> str:
    """Change what is named, all or nothing; each change asks for its own permission. Returns the reference.

    Args:
        changes: by field: title, category_id, priority, tags, due_at, team_id, assignee_id, status, and `answers` to
            the organization's own fields, by name (`field_7`).
        expected: versions the caller may have seen, as If-Match lists them; empty: whichever.

    Raises:
        Stale: the ticket has another version by now.
        Invalid: a field nobody can change, or as the single verbs.
    """
    ticket = access.ticket(ctx, ref, lock=True)
    if (
        expected
        and expected.strip() != "*"
        and version(ticket.reference, ticket.updated_at.isoformat()) not in expected
    ):
        raise Stale("Somebody changed this ticket since you read it. Read it again and repeat your change.")
    for name, verb in _HOW.items():
        if name in changes:
            verb(ctx, ticket.reference, changes[name])
    for name, value in (changes.get("answers") or {}).items():
        number = name.removeprefix("field_")
        if not number.isdecimal():
            raise Invalid(answers=f"There is no field “{name[:60]}”. They are called field_ and their number.")
        fields.answer_field(ctx, ticket.reference, access.whole(number), value)
    return ticket.reference


@step
def version(reference: str, updated_at: str) -> str:
    """What names a ticket's present version for those who work on it."""
    return hashlib.sha256(f"{reference} {updated_at}".encode()).hexdigest()[:32]


@requires(Permission.TICKET_REPLY)
def attach(ctx: Context, ref: str, attachment_ids: Sequence[int]) -> tuple[AttachmentRow, ...]:
    """Add uploads of one's own to a ticket, without words; everybody on the ticket sees them.

    Raises:
        NotFound: no such ticket for the actor.
        Invalid: no file, or not one's own.
    """
    ticket = access.ticket(ctx, ref, lock=True)
    names = attachments.claim(ctx, attachment_ids, ticket, None)
    if not names:
        raise Invalid(files="Choose a file.")
    ticket.updated_at = ctx.now
    ctx.record(ActivityKind.TICKET_FILES_ATTACHED, ticket, files=names)
    ctx.session.flush()
    wanted = set(attachment_ids)
    return tuple(row for row in attachments.of_ticket(ctx, ticket) if row.id in wanted)


@requires(Permission.TICKET_READ)
def reference_of(ctx: Context, number: int) -> str:
    """The reference of the ticket with a number, for who knows it by that.

    Raises:
        NotFound: none the actor may see.
    """
    return access.one(ctx, Ticket, number, what="ticket").reference
