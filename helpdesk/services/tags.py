"""Tags as administrators keep them in order: counted, renamed, merged, coloured, deleted."""

from dataclasses import dataclass

from sqlalchemy import delete as remove
from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.conditions import Field
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.domain.permissions import Permission
from helpdesk.models import Tag, TicketTag
from helpdesk.services import access, arranging, catalog
from helpdesk.services.context import Context, requires

_FACTS = ("name", "colour")
_KINDS = (ActivityKind.TAG_CREATED, ActivityKind.TAG_CHANGED)


@dataclass(frozen=True, slots=True)
class TagDetail:
    """A tag in the settings."""

    id: int
    name: str
    colour: str
    tickets: int = 0


@requires(Permission.CATALOG_MANAGE)
def listing(ctx: Context) -> list[TagDetail]:
    """Every tag by name, with the number of tickets that carry it."""
    query = (
        select(Tag, func.count(col(TicketTag.ticket_id)))
        .outerjoin(TicketTag, col(TicketTag.tag_id) == Tag.id)
        .group_by(col(Tag.id))
        .order_by(Tag.name)
    )
    return [TagDetail(tag.id, tag.name, tag.colour, number) for tag, number in ctx.session.exec(query).all()]


@requires(Permission.CATALOG_MANAGE)
def save(ctx: Context, tag_id: int | None = None, *, name: str, colour: str = "gray") -> int:
    """Create a tag, or rename and recolour the one with `tag_id`; returns its id.

    Raises:
        Invalid: no name, too long, or unknown colour.
        Conflict: another tag has the name; merge them instead. Or a policy asks for the old name.
        NotFound: no such tag.
    """
    name = arranging.checked_name(name, most=60, what="the tag").lower()
    twin = ctx.session.exec(select(Tag.id).where(Tag.name == name)).first()
    if twin and twin != tag_id:
        raise Conflict(f"There is a tag “{name}” already. To make two into one, merge them.")
    tag = access.one(ctx, Tag, tag_id, what="tag") if tag_id else None
    if tag and tag.name != name:
        catalog.keep_what_policies_ask(ctx, Field.TAG, tag.name, tag.name)
    before = arranging.facts(tag, *_FACTS) if tag else None
    tag = tag or Tag(name=name)
    tag.name, tag.colour = name, arranging.checked_colour(colour)
    ctx.session.add(tag)
    ctx.session.flush()
    if arranging.wrote(ctx, _KINDS, tag.id, name, before, arranging.facts(tag, *_FACTS)) and before:
        ctx.topics.add(f"org-{ctx.organization_id}-tickets")
    return tag.id


@requires(Permission.CATALOG_MANAGE)
def merge(ctx: Context, tag_id: int, *, into: int) -> None:
    """Make two tags one: every ticket with the first gets the second, and the first is gone.

    Raises:
        Invalid: the same tag twice.
        Conflict: a policy asks for the first.
        NotFound: no such tag.
    """
    tag, target = access.one(ctx, Tag, tag_id, what="tag"), access.one(ctx, Tag, into, what="tag")
    if tag.id == target.id:
        raise Invalid(into="Choose another tag.")
    catalog.keep_what_policies_ask(ctx, Field.TAG, tag.name, tag.name)
    both = select(TicketTag.organization_id, TicketTag.ticket_id, target.id).where(TicketTag.tag_id == tag.id)
    columns = ["organization_id", "ticket_id", "tag_id"]
    ctx.session.execute(insert(TicketTag).from_select(columns, both).on_conflict_do_nothing())
    number = _take_off(ctx, tag)
    arranging.deleted(
        ctx, ActivityKind.TAG_MERGED, tag.id, tag.name, arranging.facts(tag, *_FACTS), into=target.name,
        into_id=target.id, tickets=_tickets(number),
    )  # fmt: skip


@requires(Permission.CATALOG_MANAGE)
def delete(ctx: Context, tag_id: int) -> None:
    """Remove a tag from every ticket and from the list.

    Raises:
        Conflict: a policy asks for it.
        NotFound: no such tag.
    """
    tag = access.one(ctx, Tag, tag_id, what="tag")
    catalog.keep_what_policies_ask(ctx, Field.TAG, tag.name, tag.name)
    number = _take_off(ctx, tag)
    before = arranging.facts(tag, *_FACTS)
    arranging.deleted(ctx, ActivityKind.TAG_DELETED, tag.id, tag.name, before, tickets=_tickets(number))


def _take_off(ctx: Context, tag: Tag) -> int:
    number = ctx.session.execute(remove(TicketTag).where(col(TicketTag.tag_id) == tag.id)).rowcount  # type: ignore[attr-defined]
    ctx.session.delete(tag)
    ctx.session.flush()
    ctx.topics.add(f"org-{ctx.organization_id}-tickets")
    return int(number)


def _tickets(number: int) -> str:
    return "1 ticket" if number == 1 else f"{number} tickets"
