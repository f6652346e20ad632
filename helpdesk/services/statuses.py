"""The organization's statuses, and which may follow which for whom.

The category of a status decides what it means: pending stops the clocks of the service levels, resolved and closed end
them. So a status never pauses by itself; choose its category.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.conditions import Field
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.domain.people import Role
from helpdesk.domain.permissions import Permission
from helpdesk.domain.tickets import OPEN_CATEGORIES, StatusCategory, may_follow
from helpdesk.models import BarredTransition, Status, Ticket
from helpdesk.services import access, arranging, catalog, organizations, sla
from helpdesk.services.context import Context, requires, step

# Who can be kept from a change of status. The owner never is: somebody must be able to mend things.
ROLES = (Role.CUSTOMER, Role.AGENT, Role.TECHNICIAN, Role.MANAGER, Role.ADMIN)
_FACTS = ("label", "customer_label", "category", "colour", "aliases", "is_active")
_KINDS = (ActivityKind.STATUS_CREATED, ActivityKind.STATUS_CHANGED)


@dataclass(frozen=True, slots=True)
class StatusDetail:
    """A status in the settings."""

    id: int
    slug: str
    label: str
    customer_label: str
    category: str
    colour: str
    aliases: str = ""
    is_active: bool = True
    pauses: bool = False
    tickets: int = 0


@dataclass(frozen=True, slots=True)
class Way:
    """Whether a role may turn one status into another. `is_possible`: whether any organization could allow it."""

    to_id: int
    label: str
    is_possible: bool
    is_open: bool


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways out of a status."""

    from_id: int
    label: str
    colour: str
    ways: tuple[Way, ...]


@requires(Permission.CATALOG_MANAGE)
def listing(ctx: Context) -> list[StatusDetail]:
    """Every status in its order, with the number of tickets that have it."""
    numbers = dict(ctx.session.exec(select(Ticket.status_id, func.count()).group_by(col(Ticket.status_id))).all())
    return [
        StatusDetail(
            s.id, s.slug, s.label, s.customer_label, s.category, s.colour, ", ".join(s.aliases), s.is_active,
            s.category == StatusCategory.PENDING, numbers.get(s.id, 0),
        )
        for s in _all(ctx)
    ]  # fmt: skip


@requires(Permission.CATALOG_MANAGE)
def save(
    ctx: Context,
    status_id: int | None = None,
    *,
    label: str,
    customer_label: str = "",
    category: str,
    colour: str = "gray",
    aliases: Sequence[str] = (),
    is_active: bool = True,
    slug: str = "",
) -> int:
    """Create a status, or change the one with `status_id`; returns its id.

    Args:
        customer_label: what customers read; the label when empty.
        category: what rules and clocks go by. Tickets that have the status turn with it, and their clocks are derived
            anew, in the background; to or from what is done only while none has it: they would end, or begin again.
        slug: the word for a new one in addresses and files; made from the label when empty.

    Raises:
        Invalid: a field cannot be accepted.
        Conflict: it is the last active one of its category.
        NotFound: no such status.
    """
    rows = _all(ctx)
    status = access.one(ctx, Status, status_id, what="status") if status_id else None
    others = [row for row in rows if row is not status]
    label = arranging.checked_name(label, most=60, field="label", what="the status")
    if any(label.lower() == row.label.lower() for row in others):
        raise Invalid(label=f"There is a status “{label}” already.")
    customer_label = customer_label.strip() or label
    customer_label = arranging.checked_name(customer_label, most=60, field="customer_label", what="the status")
    if category not in set(StatusCategory):
        raise Invalid(category=f"Use one of: {', '.join(StatusCategory)}.")
    words = arranging.checked_aliases(aliases, _words(others))
    before = arranging.facts(status, *_FACTS) if status else None
    if status is None:
        taken = {row.slug for row in rows}
        status = Status(
            slug=arranging.new_slug(slug or label, taken), label=label, position=len(rows), category=category
        )  # type: ignore[call-arg]
    elif (is_leaving := status.category != category) and (number := _number_kept(ctx, status, category)):
        raise Invalid(
            category=f"{_tickets(number)} this status, and would all end or begin again. Make another status for that."
        )
    elif (is_leaving or not is_active) and status.is_active:
        _keep_one(others, status)
        if is_leaving:
            _keep_the_waiting_one(ctx, status)
    status.label, status.customer_label, status.category = label, customer_label, category
    status.colour, status.aliases, status.is_active = arranging.checked_colour(colour), words, is_active
    ctx.session.add(status)
    ctx.session.flush()
    arranging.wrote(ctx, _KINDS, status.id, label, before, arranging.facts(status, *_FACTS))
    if before is not None and before["category"] != category:
        sla.derive_all_anew(ctx)
    return status.id


@requires(Permission.CATALOG_MANAGE)
def reorder(ctx: Context, ids: Sequence[int]) -> None:
    """Put the statuses in an order: people choose from them in it, and the first of a category is its default.

    Raises:
        Conflict: the list has changed meanwhile.
    """
    arranging.in_order(ctx, ActivityKind.STATUS_ORDERED, _all(ctx), ids, label="label")


@requires(Permission.CATALOG_MANAGE)
def delete(ctx: Context, status_id: int) -> None:
    """Remove a status no ticket has.

    Raises:
        Conflict: tickets have it, it is the last active one of its category, or a policy asks for it.
        NotFound: no such status.
    """
    status = access.one(ctx, Status, status_id, what="status")
    if number := _number(ctx, status):
        raise Conflict(f"{_tickets(number)} the status “{status.label}”. Switch it off instead.")
    if status.is_active:
        _keep_one([row for row in _all(ctx) if row is not status], status)
    _keep_the_waiting_one(ctx, status)
    catalog.keep_what_policies_ask(ctx, Field.STATUS, status.slug.lower(), status.label)
    before = arranging.facts(status, *_FACTS)
    ctx.session.delete(status)
    ctx.session.flush()
    arranging.deleted(ctx, ActivityKind.STATUS_DELETED, status.id, status.label, before)


@requires(Permission.CATALOG_MANAGE)
def transitions(ctx: Context, role: str) -> list[Ways]:
    """Which active status a role may turn into which.

    Raises:
        Invalid: no role that can be kept from anything.
    """
    role = _checked_role(role)
    barred = {(one.from_status_id, one.to_status_id) for one in _barred(ctx, role)}
    active = [row for row in _all(ctx) if row.is_active]
    return [
        Ways(
            now.id, now.label, now.colour,
            tuple(
                Way(to.id, to.label, _is_possible(role, now, to), (now.id, to.id) not in barred) for to in active
            ),
        )
        for now in active
    ]  # fmt: skip


@requires(Permission.CATALOG_MANAGE)
def change_transitions(ctx: Context, role: str, *, allowed: Sequence[tuple[int, int]]) -> None:
    """Say which status a role may turn into which; every way between active statuses that is not named is closed.

    What no organization can allow stays closed: customers only confirm, solve and reopen.

    Raises:
        Invalid: no such role.
    """
    role = _checked_role(role)
    rows = {row.id: row for row in _all(ctx)}
    opened = set(allowed)
    wanted = {
        (now.id, to.id)
        for now in rows.values()
        for to in rows.values()
        if now.is_active and to.is_active and _is_possible(role, now, to) and (now.id, to.id) not in opened
    }
    present = {(one.from_status_id, one.to_status_id): one for one in _barred(ctx, role)}
    # Ways from and to what is out of use are not on the screen: they stay as they are.
    out_of_use = {pair for pair in present if not all(rows[one].is_active for one in pair)}
    _bar(ctx, role, rows, present, wanted | out_of_use)


@step
def barred_ways(ctx: Context) -> dict[str, list[tuple[str, str]]]:
    """role -> the ways closed to it, as slugs."""
    slugs = {row.id: row.slug for row in _all(ctx)}
    ways: dict[str, list[tuple[str, str]]] = {}
    for one in ctx.session.exec(select(BarredTransition).order_by(col(BarredTransition.id))).all():
        ways.setdefault(one.role, []).append((slugs[one.from_status_id], slugs[one.to_status_id]))
    return {role: sorted(pairs) for role, pairs in ways.items()}


@step
def bar_ways(ctx: Context, role: str, pairs: set[tuple[str, str]]) -> None:
    """Close exactly these ways, as slugs, to a role.

    Raises:
        Invalid: no such role or status.
    """
    role = _checked_role(role)
    rows = {row.id: row for row in _all(ctx)}
    ids = {row.slug: row.id for row in rows.values()}
    if unknown := {one for pair in pairs for one in pair} - set(ids):
        raise Invalid(transitions=f"There is no status “{min(unknown)}”.")
    present = {(one.from_status_id, one.to_status_id): one for one in _barred(ctx, role)}
    _bar(ctx, role, rows, present, {(ids[now], ids[to]) for now, to in pairs})


def _bar(
    ctx: Context,
    role: str,
    rows: dict[int, Status],
    present: dict[tuple[int, int], BarredTransition],
    wanted: set[tuple[int, int]],
) -> None:
    if set(present) == wanted:
        return
    for pair, one in present.items():
        if pair not in wanted:
            ctx.session.delete(one)
    for now, to in sorted(wanted - set(present)):
        ctx.session.add(BarredTransition(role=role, from_status_id=now, to_status_id=to))
    ctx.session.flush()
    organizations.catalog_changed(ctx)

    def named(pairs: set[tuple[int, int]]) -> list[str]:
        return sorted(f"{rows[now].label} → {rows[to].label}" for now, to in pairs)

    ctx.record(
        ActivityKind.TRANSITIONS_CHANGED, name=role, before={"closed": named(set(present))},
        after={"closed": named(wanted)},
    )  # fmt: skip


def _all(ctx: Context) -> Sequence[Status]:
    return ctx.session.exec(select(Status).order_by(col(Status.position), col(Status.id))).all()


def _barred(ctx: Context, role: str) -> Sequence[BarredTransition]:
    return ctx.session.exec(select(BarredTransition).where(BarredTransition.role == role)).all()


def _words(rows: Sequence[Status]) -> dict[str, str]:
    return {word.lower(): row.label for row in rows for word in (*row.aliases, row.label, row.slug)}


def _number_kept(ctx: Context, status: Status, category: str) -> int:
    """Tickets that keep a status from becoming one of another category."""
    stays_open = status.category in OPEN_CATEGORIES and category in OPEN_CATEGORIES
    return 0 if stays_open else _number(ctx, status)


def _number(ctx: Context, status: Status) -> int:
    return ctx.session.exec(select(func.count()).select_from(Ticket).where(Ticket.status_id == status.id)).one()


def _tickets(number: int) -> str:
    return "1 ticket has" if number == 1 else f"{number} tickets have"


def _keep_one(others: Sequence[Status], status: Status) -> None:
    if not any(row.is_active and row.category == status.category for row in others):
        raise Conflict(f"“{status.label}” is the only active status of its category. Every category keeps one.")


def _keep_the_waiting_one(ctx: Context, status: Status) -> None:
    """Requests nobody answers close by this status: without it they would stay for ever, and nobody would know why."""
    own = organizations.mine(ctx)
    if own.waiting_close_hours and own.waiting_status == status.slug:
        raise Conflict(
            f"Requests with the status “{status.label}” close when nobody answers. Choose another status for that in "
            "Settings > Organization first."
        )


def _is_possible(role: str, now: Status, to: Status) -> bool:
    for_staff = role != Role.CUSTOMER
    return now.id != to.id and may_follow(
        StatusCategory(now.category), StatusCategory(to.category), for_staff=for_staff
    )


def _checked_role(role: Any) -> str:
    if role not in ROLES:
        raise Invalid(role=f"Use one of: {', '.join(ROLES)}.")
    return str(role)
