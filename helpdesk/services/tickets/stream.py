"""What happens, one after the other, for who follows along and must miss nothing.

An activity's id is drawn before its transaction commits, and a later one may commit first: “everything beyond the last id” would
miss what comes late. So each row says which transaction wrote it (`position`, the database's own number, filled by a default), and
only rows of transactions before the oldest one still at work are told: whatever such a transaction wrote is there by then, and
nothing can join it. Told in the order of (position, id), from where the last one ended, each is told exactly once.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, text, tuple_
from sqlmodel import col, select

from helpdesk.domain.activity import ADMIN_SENTENCES, PUBLIC_KINDS, ActivityKind, sentence
from helpdesk.domain.permissions import Permission, may
from helpdesk.models import Activity, Ticket
from helpdesk.services import access
from helpdesk.services.context import Context, requires

MOST_TOLD = 200
_MARK = re.compile(r"(\d{1,18})-(\d{1,18})")
_HORIZON = text(
    """
    WITH now AS (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS horizon,
                        pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next)
    SELECT horizon, next, EXISTS (SELECT FROM activity WHERE position > 0 AND position >= horizon) FROM now
    """
)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """After which activity somebody goes on."""

    position: int
    id: int = 0

    def __str__(self) -> str:
        return f"{self.position}-{self.id}"

    @classmethod
    def of(cls, mark: str) -> "Place | None":
        """The place a mark such as "812-4711" stands for; None: it is none."""
        found = _MARK.fullmatch(mark.strip())
        return cls(int(found[1]), int(found[2])) if found else None


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened. Who may not read the history of tickets learns only that it did."""

    place: Place
    id: int
    kind: str
    at: str
    ticket_id: int | None
    reference: str
    what: str = ""
    actor_kind: str = ""
    actor: str = ""
    cause_id: int | None = None
    data: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """What happened up to a place.

    Args:
        has_more: there is more already; ask again at once.
        is_held_up: there is more, but something that began before it is still at work; ask again in a moment.
        is_lost: the place that was asked for is none of this database's: what is told begins now.
    """

    happenings: tuple[Happening, ...]
    place: Place
    has_more: bool = False
    is_held_up: bool = False
    is_lost: bool = False


@requires(Permission.TICKET_READ)
def happenings(ctx: Context, after: Place | None, *, kinds: Sequence[str] = ()) -> Stretch:
    """What happened after a place that the actor may see: of tickets they see, customers of what is public there; who may
    read the audit, also what administrators did.

    Args:
        after: where to go on; None: from now on.
        kinds: only these; none: all.
    """
    horizon, following, is_held_up = ctx.session.execute(_HORIZON).one()
    is_lost = after is not None and after.position > following
    if after is None or is_lost:
        return Stretch((), Place(horizon), is_held_up=is_held_up, is_lost=is_lost)
    here = tuple_(col(Activity.position), col(Activity.id))
    query = (
        select(Activity, Ticket.reference)
        .outerjoin(Ticket, col(Ticket.id) == col(Activity.ticket_id))
        .where(text("activity.position > 0"), here > tuple_(after.position, after.id), col(Activity.position) < horizon)
        .where(_may_be_told(ctx))
        .order_by(col(Activity.position), col(Activity.id))
        .limit(MOST_TOLD)
    )
    if kinds:
        query = query.where(col(Activity.kind).in_(list(kinds)))
    is_inside = may(ctx.actor, Permission.CUSTOMER_READ)
    told = tuple(_told(one, reference or "", is_inside=is_inside) for one, reference in ctx.session.exec(query).all())
    has_more = len(told) == MOST_TOLD
    return Stretch(told, told[-1].place if has_more else max(after, Place(horizon)), has_more, is_held_up)


def _may_be_told(ctx: Context) -> ColumnElement[bool]:
    of_tickets = and_(col(Activity.ticket_id).is_not(None), access.sees(ctx.actor, Ticket))
    if not may(ctx.actor, Permission.CUSTOMER_READ):
        return and_(of_tickets, col(Activity.kind).in_(PUBLIC_KINDS))
    is_audit = and_(col(Activity.ticket_id).is_(None), col(Activity.kind).in_(ADMIN_SENTENCES))
    return or_(of_tickets, is_audit if may(ctx.actor, Permission.AUDIT_READ) else false())


def _told(one: Activity, reference: str, *, is_inside: bool) -> Happening:
    place = Place(one.position or 0, one.id)
    plain = Happening(place, one.id, one.kind, one.at.isoformat(), one.ticket_id, reference)
    if not is_inside:
        return plain
    data = {name: value for name, value in one.data.items() if not name.endswith("_id")}
    return Happening(
        place, one.id, one.kind, plain.at, one.ticket_id, reference, sentence(ActivityKind(one.kind), one.data),
        one.actor_kind, one.actor_name or "The desk", one.cause_id, data,
    )  # fmt: skip
