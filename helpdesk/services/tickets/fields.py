"""Priority, category, tags, due date, subject, and the organization's own fields."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select

from helpdesk.domain import custom_fields
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.conditions import Field
from helpdesk.domain.errors import Invalid, NotFound
from helpdesk.domain.permissions import Permission
from helpdesk.domain.text import one_line
from helpdesk.domain.tickets import TITLE_LENGTH
from helpdesk.models import Tag, TicketTag
from helpdesk.services import access, catalog, search, sla
from helpdesk.services.context import Context, requires


@requires(Permission.TICKET_EDIT)
def prioritise(ctx: Context, ref: str, priority: str) -> None:
    """Set the priority (slug, label or alias); the SLA clocks follow.

    Raises:
        NotFound: no such ticket for the actor.
        Invalid: no such priority.
    """
    ticket = access.ticket(ctx, ref, lock=True)
    known = catalog.current(ctx)
    target = known.priority(priority)
    if target.id == ticket.priority_id:
        return
    before = known.priority_by_id[ticket.priority_id]
    ticket.priority_id, ticket.priority_rank, ticket.updated_at = target.id, target.rank, ctx.now
    changed = ctx.record(
        ActivityKind.TICKET_PRIORITY_CHANGED, ticket, before=before.label, after=target.label, after_slug=target.slug
    )
    with ctx.because(changed):
        sla.reconsider(ctx, ticket)


@requires(Permission.TICKET_EDIT)
def categorise(ctx: Context, ref: str, category_id: int | None) -> None:
    """Set or clear the category; the team stays.

    Raises:
        Invalid: no such category in use.
    """
    ticket = access.ticket(ctx, ref, lock=True)
    known = catalog.current(ctx)
    category = known.category(int(category_id) if category_id else None)
    after_id = category.id if category else None
    if ticket.category_id == after_id:
        return
    before = known.category_by_id[ticket.category_id].name if ticket.category_id else ""
    ticket.category_id, ticket.updated_at = after_id, ctx.now
    changed = ctx.record(
        ActivityKind.TICKET_CATEGORY_CHANGED, ticket, before=before, after=category.name if category else ""
    )
    with ctx.because(changed):
        sla.reconsider(ctx, ticket, Field.CATEGORY)


@requires(Permission.TICKET_EDIT)
def tag(ctx: Context, ref: str, names: Sequence[str]) -> None:
    """Replace the tags; new names become new tags.

    Raises:
        Invalid: too many or too long.
    """
    ticket = access.ticket(ctx, ref, lock=True)
    wanted = set(catalog.tag_ids(ctx, list(names)))
    rows = ctx.session.exec(select(TicketTag).where(TicketTag.ticket_id == ticket.id)).all()
    present = {row.tag_id for row in rows}
    if wanted == present:
        return
    for row in rows:
        if row.tag_id not in wanted:
            ctx.session.delete(row)
    for tag_id in wanted - present:
        ctx.session.add(TicketTag(ticket_id=ticket.id, tag_id=tag_id))
    names_by_id = dict(ctx.session.exec(select(Tag.id, Tag.name).where(col(Tag.id).in_(wanted | present))).all())
    ticket.updated_at = ctx.now
    changed = ctx.record(
        ActivityKind.TICKET_TAGS_CHANGED, ticket,
        before=sorted(names_by_id[one] for one in present), after=sorted(names_by_id[one] for one in wanted),
    )  # fmt: skip
    with ctx.because(changed):
        sla.reconsider(ctx, ticket, Field.TAG)


@requires(Permission.TICKET_EDIT)
def promise(ctx: Context, ref: str, policy_id: int | None) -> None:
    """Put a ticket under an SLA policy, whatever the policies' conditions say; its unmet clocks get that one's targets,
    counted from the same start with the same pauses.

    Args:
        policy_id: None leaves it to the conditions again.

    Raises:
        NotFound: no such ticket for the actor.
        Invalid: no such policy in use.
    """
    ticket = access.ticket(ctx, ref, lock=True)
    known = {one.id: one.name for one in catalog.current(ctx).policies}
    if policy_id is not None and policy_id not in known:
        raise Invalid(policy="Choose one of the SLA policies in use.")
    if ticket.chosen_policy_id == policy_id:
        return
    before, ticket.chosen_policy_id, ticket.updated_at = ticket.chosen_policy_id, policy_id, ctx.now
    changed = ctx.record(
        ActivityKind.TICKET_POLICY_CHANGED, ticket, before=known.get(before or 0, "what conditions say"), before_id=before,
        after=known.get(policy_id or 0, "what conditions say"), after_id=policy_id,
    )  # fmt: skip
    with ctx.because(changed):
        sla.derive_anew(ctx, ticket)


@requires(Permission.TICKET_EDIT)
def schedule(ctx: Context, ref: str, due_at: datetime | None) -> None:
    """Set or clear the due date.

    Args:
        due_at: aware moment.

    Raises:
        Invalid: a moment without a zone.
    """
    ticket = access.ticket(ctx, ref, lock=True)
    if due_at is not None and due_at.tzinfo is None:
        raise Invalid(due_at="Give the due date with its time zone.")
    if ticket.due_at == due_at:
        return
    before, ticket.due_at, ticket.updated_at = ticket.due_at, due_at, ctx.now
    ctx.record(
        ActivityKind.TICKET_DUE_CHANGED, ticket,
        before=before.isoformat() if before else "", after=due_at.isoformat() if due_at else "",
    )  # fmt: skip


@requires(Permission.TICKET_EDIT)
def retitle(ctx: Context, ref: str, title: str) -> None:
    """Change the subject.

    Raises:
        Invalid: empty or longer than 300 characters.
    """
    ticket = access.ticket(ctx, ref, lock=True)
    title = one_line(title)
    if not 0 < len(title) <= TITLE_LENGTH:
        raise Invalid(title=f"Use 1 to {TITLE_LENGTH} characters.")
    if title == ticket.title:
        return
    before, ticket.title, ticket.updated_at = ticket.title, title, ctx.now
    search.index_title(ctx, ticket)
    ctx.record(ActivityKind.TICKET_TITLE_CHANGED, ticket, before=before, after=title)


@requires(Permission.TICKET_EDIT)
def answer_field(ctx: Context, ref: str, field_id: int, value: object) -> None:
    """Set the answer to one of the organization's own fields; empty clears it.

    Raises:
        NotFound: no such ticket for the actor, or no such field on it.
        Invalid: not an answer to this field, or a required one is cleared.
    """
    ticket = access.ticket(ctx, ref, lock=True)
    asked = custom_fields.asked(catalog.current(ctx).fields, ticket.category_id, for_staff=True)
    field = next((one for one in asked if one.id == access.whole(field_id)), None)
    if field is None:
        raise NotFound("There is no such field on this ticket.")
    answer = custom_fields.checked(field, value)
    before = ticket.custom.get(str(field.id))
    if before == answer:
        return
    kept = {key: one for key, one in ticket.custom.items() if key != str(field.id)}
    ticket.custom = kept if answer is None else kept | {str(field.id): answer}
    ticket.updated_at = ctx.now
    changed = ctx.record(
        ActivityKind.TICKET_FIELD_CHANGED, ticket, label=field.label, field_id=field.id,
        before=custom_fields.spelled(field, before), after=custom_fields.spelled(field, answer),
    )  # fmt: skip
    with ctx.because(changed):
        sla.reconsider(ctx, ticket, Field.CUSTOM)
