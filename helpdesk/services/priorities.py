"""The organization's priorities. The rank decides the order; a higher one is more urgent."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, update
from sqlmodel import col, select

from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.conditions import Field
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.domain.permissions import Permission
from helpdesk.models import Priority, Ticket
from helpdesk.services import access, arranging, catalog
from helpdesk.services.context import Context, requires

HIGHEST = 9
_FACTS = ("label", "rank", "colour", "aliases")
_KINDS = (ActivityKind.PRIORITY_CREATED, ActivityKind.PRIORITY_CHANGED)


@dataclass(frozen=True, slots=True)
class PriorityDetail:
    """A priority in the settings."""

    id: int
    slug: str
    label: str
    rank: int
    colour: str
    aliases: str = ""
    tickets: int = 0


@requires(Permission.CATALOG_MANAGE)
def listing(ctx: Context) -> list[PriorityDetail]:
    """Every priority by rank, with the number of tickets that have it."""
    numbers = dict(ctx.session.exec(select(Ticket.priority_id, func.count()).group_by(col(Ticket.priority_id))).all())
    return [
        PriorityDetail(p.id, p.slug, p.label, p.rank, p.colour, ", ".join(p.aliases), numbers.get(p.id, 0))
        for p in _all(ctx)
    ]


@requires(Permission.CATALOG_MANAGE)
def save(
    ctx: Context,
    priority_id: int | None = None,
    *,
    label: str,
    rank: int,
    colour: str = "gray",
    aliases: Sequence[str] = (),
    slug: str = "",
) -> int:
    """Create a priority, or change the one with `priority_id`; returns its id.

    Args:
        rank: 1 to 9; tickets are sorted by it. Two with the same rank are equally urgent.
        slug: the word for a new one in addresses and files; made from the label when empty.

    Raises:
        Invalid: a field cannot be accepted.
        NotFound: no such priority.
    """
    rows = _all(ctx)
    priority = access.one(ctx, Priority, priority_id, what="priority") if priority_id else None
    others = [row for row in rows if row is not priority]
    label = arranging.checked_name(label, most=60, field="label", what="the priority")
    if any(label.lower() == row.label.lower() for row in others):
        raise Invalid(label=f"There is a priority “{label}” already.")
    if not 1 <= rank <= HIGHEST:
        raise Invalid(rank=f"Use 1 to {HIGHEST}.")
    words = arranging.checked_aliases(
        aliases, {word.lower(): row.label for row in others for word in (*row.aliases, row.label, row.slug)}
    )
    before = arranging.facts(priority, *_FACTS) if priority else None
    if priority is None:
        taken = {row.slug for row in rows}
        priority = Priority(slug=arranging.new_slug(slug or label, taken), label=label, rank=rank)
    elif priority.rank != rank:
        # Tickets repeat the rank, for the order of lists.
        ctx.session.execute(update(Ticket).where(col(Ticket.priority_id) == priority.id).values(priority_rank=rank))
    priority.label, priority.rank, priority.colour = label, rank, arranging.checked_colour(colour)
    priority.aliases = words
    ctx.session.add(priority)
    ctx.session.flush()
    arranging.wrote(ctx, _KINDS, priority.id, label, before, arranging.facts(priority, *_FACTS))
    return priority.id


@requires(Permission.CATALOG_MANAGE)
def delete(ctx: Context, priority_id: int) -> None:
    """Remove a priority no ticket has; its promises in SLA policies go with it.

    Raises:
        Conflict: tickets have it, it is the last one, or a policy asks for it or would promise nothing without it.
        NotFound: no such priority.
    """
    priority = access.one(ctx, Priority, priority_id, what="priority")
    number = ctx.session.exec(select(func.count()).select_from(Ticket).where(Ticket.priority_id == priority.id)).one()
    if number:
        have = "1 ticket has" if number == 1 else f"{number} tickets have"
        raise Conflict(f"{have} the priority “{priority.label}”. Give them another one first.")
    if len(_all(ctx)) == 1:
        raise Conflict("Keep at least one priority.")
    catalog.keep_what_policies_ask(ctx, Field.PRIORITY, priority.slug.lower(), priority.label)
    for policy in catalog.current(ctx).policy_by_id.values():
        if policy.targets and all(about == priority.id for about, _ in policy.targets):
            raise Conflict(f"The SLA policy “{policy.name}” promises for “{priority.label}” alone. Change that first.")
    before = arranging.facts(priority, *_FACTS)
    ctx.session.delete(priority)
    ctx.session.flush()
    arranging.deleted(ctx, ActivityKind.PRIORITY_DELETED, priority.id, priority.label, before)


def _all(ctx: Context) -> Sequence[Priority]:
    return ctx.session.exec(select(Priority).order_by(col(Priority.rank), col(Priority.id))).all()
