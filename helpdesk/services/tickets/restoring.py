"""How a ticket stood, and putting it back: what the undo of bulk changes, macros and runs of rules has in common."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.bulk import FACTS
from helpdesk.domain.conditions import Field
from helpdesk.domain.errors import Conflict
from helpdesk.models import Activity, Tag, Ticket, TicketTag
from helpdesk.services import access, catalog, sla
from helpdesk.services.context import Context, step
from helpdesk.services.tickets import assignment, escalating, fields, status

REASON = "undone"
_K = ActivityKind
# What says of a fact that somebody has changed it.
_CHANGED_BY = {
    "status_id": (_K.TICKET_STATUS_CHANGED,), "assignee_id": (_K.TICKET_ASSIGNED, _K.TICKET_UNASSIGNED),
    "team_id": (_K.TICKET_TEAM_CHANGED,), "priority_id": (_K.TICKET_PRIORITY_CHANGED,),
    "category_id": (_K.TICKET_CATEGORY_CHANGED,), "tags": (_K.TICKET_TAGS_CHANGED,), "due_at": (_K.TICKET_DUE_CHANGED,),
    "escalation_level": (_K.TICKET_ESCALATED, _K.TICKET_DEESCALATED), "chosen_policy_id": (_K.TICKET_POLICY_CHANGED,),
}  # fmt: skip


@step
def snapshot(ctx: Context, ticket: Ticket, *, with_tags: bool = True) -> dict[str, Any]:
    """How a ticket stands, ready to be kept.

    Args:
        with_tags: read them; they are the only part that costs a statement.
    """
    found: dict[str, Any] = {
        "status_id": ticket.status_id, "assignee_id": ticket.assignee_id, "team_id": ticket.team_id,
        "priority_id": ticket.priority_id, "category_id": ticket.category_id, "due_at": _iso(ticket.due_at),
        "escalation_level": ticket.escalation_level, "chosen_policy_id": ticket.chosen_policy_id, "resolved_at": _iso(ticket.resolved_at),
        "closed_at": _iso(ticket.closed_at),
    }  # fmt: skip
    if with_tags:
        found["tags"] = sorted(ctx.session.exec(select(TicketTag.tag_id).where(TicketTag.ticket_id == ticket.id)).all())
    return found


@step
def changed(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Which facts differ between two snapshots."""
    return [name for name in FACTS if before.get(name) != after.get(name)]


@step
def put_back(ctx: Context, ticket: Ticket, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Put what differs between two snapshots back to how it was, through the verbs people use.

    Raises:
        Conflict: something newer stands in the way; says what, and whose.
        HelpdeskError: what the verbs say.
    """
    names = changed(before, after)
    now = snapshot(ctx, ticket, with_tags="tags" in names)
    newer = [name for name in names if now[name] != after[name]]
    if newer:
        what = " and ".join(FACTS[name] for name in newer)
        raise Conflict(f"{_whoever_changed(ctx, ticket, newer)} has changed the {what} since.")
    known = catalog.current(ctx)
    # Status twice: a closed ticket takes no assignee, and a new one given to somebody becomes open.
    _restore_status(ctx, ticket, before, names)
    if "team_id" in names:
        _restore_team(ctx, ticket, before["team_id"])
    if "assignee_id" in names:
        if before["assignee_id"]:
            assignment.give(ctx, ticket, access.agent(ctx, before["assignee_id"]), reason=REASON)
        else:
            assignment.assign(ctx, ticket.reference, to=None)
    if "priority_id" in names:
        fields.prioritise(ctx, ticket.reference, known.priority_by_id[before["priority_id"]].slug)
    if "category_id" in names:
        fields.categorise(ctx, ticket.reference, before["category_id"])
    if "tags" in names:
        fields.tag(ctx, ticket.reference, tag_names(ctx, before["tags"]))
    if "due_at" in names:
        fields.schedule(ctx, ticket.reference, _moment(before["due_at"]))
    if "chosen_policy_id" in names:
        fields.promise(ctx, ticket.reference, before["chosen_policy_id"])
    if "escalation_level" in names:
        escalating.deescalate(ctx, ticket.reference, reason=REASON, level=before["escalation_level"])
    _restore_status(ctx, ticket, before, names)


@step
def tag_names(ctx: Context, ids: Sequence[int]) -> list[str]:
    """What tags are called."""
    return list(ctx.session.exec(select(Tag.name).where(col(Tag.id).in_(ids))).all())


def _restore_status(ctx: Context, ticket: Ticket, was: dict[str, Any], names: list[str]) -> None:
    if "status_id" not in names:
        return
    target = catalog.current(ctx).status_by_id.get(was["status_id"])
    if target is None:
        raise Conflict("The status it had is gone.")
    # Not by the transitions people have: this takes back, it does not go on.
    status.move(ctx, ticket, target, reason=REASON)
    ticket.resolved_at, ticket.closed_at = _moment(was["resolved_at"]), _moment(was["closed_at"])


def _restore_team(ctx: Context, ticket: Ticket, team_id: int | None) -> None:
    teams = catalog.current(ctx).team_by_id
    if team_id and team_id not in teams:
        raise Conflict("The team it had is gone.")
    before, ticket.team_id, ticket.updated_at = ticket.team_id, team_id, ctx.now
    moved = ctx.record(
        ActivityKind.TICKET_TEAM_CHANGED, ticket, before=teams[before].name if before else "",
        after=teams[team_id].name if team_id else "", reason=REASON,
    )  # fmt: skip
    with ctx.because(moved):
        sla.reconsider(ctx, ticket, Field.TEAM)


def _whoever_changed(ctx: Context, ticket: Ticket, names: Sequence[str]) -> str:
    kinds = [kind for name in names for kind in _CHANGED_BY[name]]
    query = select(Activity).where(Activity.ticket_id == ticket.id, col(Activity.kind).in_(kinds))
    last = ctx.session.exec(query.order_by(col(Activity.id).desc()).limit(1)).first()
    return (last.actor_name if last else "") or "Somebody"


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def _moment(shown: str) -> datetime | None:
    return datetime.fromisoformat(shown) if shown else None
