"""The catalog for those who only read it: its rows for programs."""

from dataclasses import replace

from helpdesk.domain.custom_fields import Field
from helpdesk.domain.permissions import Permission
from helpdesk.services import catalog
from helpdesk.services.catalog import CategoryRow, PriorityRow, StatusRow, TagRow
from helpdesk.services.context import Context, requires


@requires(Permission.TICKET_READ)
def statuses(ctx: Context) -> tuple[StatusRow, ...]:
    """The statuses in use, in their order; customers are told their own words for them."""
    rows = [row for row in catalog.current(ctx).statuses if row.is_active]
    if ctx.actor.is_staff or ctx.actor.is_desk:
        return tuple(rows)
    return tuple(replace(row, label=row.customer_label) for row in rows)


@requires(Permission.TICKET_READ)
def priorities(ctx: Context) -> tuple[PriorityRow, ...]:
    """The priorities, the lowest first."""
    return catalog.current(ctx).priorities


@requires(Permission.TICKET_READ)
def categories(ctx: Context) -> tuple[CategoryRow, ...]:
    """The categories people may choose from; who works on them is for staff to know."""
    rows = catalog.categories(ctx)
    if ctx.actor.is_staff or ctx.actor.is_desk:
        return rows
    return tuple(replace(row, team_id=None, team="", skill_ids=()) for row in rows)


@requires(Permission.PERSON_READ)
def tags(ctx: Context) -> tuple[TagRow, ...]:
    """The tags, by name."""
    return catalog.current(ctx).tags


@requires(Permission.TICKET_READ)
def fields(ctx: Context) -> tuple[Field, ...]:
    """The organization's own fields in use; customers are told those they are asked."""
    inside = ctx.actor.is_staff or ctx.actor.is_desk
    return tuple(one for one in catalog.current(ctx).fields if one.is_active and (inside or one.is_public))
