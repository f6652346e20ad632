"""Webhooks: other systems are told what happens. An activity means a call (LATER lane); a job makes it, signed, and tries
again (`services/calls.py`); an endpoint that fails for a day is switched off and administrators are told.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from helpdesk import clock, settings
from helpdesk.adapters import http, vault
from helpdesk.adapters.http import Answer, Poster
from helpdesk.domain import webhooks as rules
from helpdesk.domain.activity import ActivityKind, Happened, sentence
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.domain.people import Role
from helpdesk.domain.permissions import Permission
from helpdesk.domain.rules import Do
from helpdesk.models import Activity, Comment, Person, Rule, Ticket, WebhookDelivery, WebhookEndpoint
from helpdesk.services import access, arranging, calls, catalog, organizations
from helpdesk.services.calls import Log
from helpdesk.services.context import Context, anyone, requires, step
from helpdesk.services.mail import outbound

MOST = 20
LOG = Log(
    WebhookDelivery, WebhookEndpoint, "endpoint_id", "webhook", job="helpdesk.jobs.webhooks.deliver", topic="webhooks"
)
_PURPOSE = "webhook"
_KINDS = (ActivityKind.WEBHOOK_CREATED, ActivityKind.WEBHOOK_CHANGED)
_poster: Poster = http.OverTheNet()


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """An endpoint as shown. Its secret is not among it."""

    id: int = 0
    name: str = ""
    address: str = ""
    kinds: tuple[str, ...] = ()
    is_active: bool = True
    failures: int = 0
    problem: str = ""
    delivered: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A call as shown."""

    id: int
    kind: str
    what: str
    reference: str
    state: str
    attempts: int
    status_code: int
    answer: str
    created_at: str
    next_at: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call that is ready to be made."""

    id: int
    address: str
    body: bytes
    kind: str
    secret: str


@requires(Permission.WEBHOOK_MANAGE)
def listing(ctx: Context) -> list[EndpointRow]:
    """Every endpoint by name, with how it did in the last seven days."""
    counted = calls.counted(ctx, LOG)
    found = ctx.session.exec(select(WebhookEndpoint).order_by(func.lower(WebhookEndpoint.name))).all()
    return [
        EndpointRow(
            row.id, row.name, row.address, tuple(row.kinds), row.is_active, row.failures, row.problem,
            *counted.get(row.id, (0, 0)),
        )
        for row in found
    ]  # fmt: skip


@requires(Permission.WEBHOOK_MANAGE)
def create(ctx: Context, *, name: str, address: str, kinds: Sequence[str] = ()) -> tuple[int, str]:
    """Add an endpoint; returns its id and its secret, which is never shown again.

    Raises:
        Invalid: names the fields that cannot be accepted.
        Conflict: another one has the name, or there are too many.
    """
    wanted = _checked(ctx, 0, name=name, address=address, kinds=kinds)
    if ctx.session.exec(select(func.count()).select_from(WebhookEndpoint)).one() >= MOST:
        raise Conflict(f"There are {MOST} webhooks already. Delete one you no longer need.")
    secret = _new_secret()
    row = WebhookEndpoint(
        sealed_secret=vault.seal(_PURPOSE, secret.encode()), created_at=ctx.now, updated_at=ctx.now, **wanted
    )
    ctx.session.add(row)
    ctx.session.flush()
    arranging.wrote(ctx, _KINDS, row.id, row.name, None, _facts(row))
    calls.nudge(ctx, LOG)
    return row.id, secret


@requires(Permission.WEBHOOK_MANAGE)
def change(ctx: Context, endpoint_id: int, *, name: str, address: str, kinds: Sequence[str] = ()) -> None:
    """Change an endpoint; what waits for it goes to the new address.

    Raises:
        Invalid: names the fields that cannot be accepted.
        Conflict: another one has the name.
        NotFound: no such endpoint.
    """
    row = _one(ctx, endpoint_id)
    before = _facts(row)
    for field, value in _checked(ctx, row.id, name=name, address=address, kinds=kinds).items():
        setattr(row, field, value)
    _wrote(ctx, row, before)


@requires(Permission.WEBHOOK_MANAGE)
def switch(ctx: Context, endpoint_id: int, *, is_active: bool) -> None:
    """Call an endpoint, or no longer. Switching it on forgets its failures. Twice is once.

    Raises:
        NotFound: no such endpoint.
    """
    row = _one(ctx, endpoint_id)
    before = _facts(row)
    calls.switch(row, is_active=is_active)
    _wrote(ctx, row, before)


@requires(Permission.WEBHOOK_MANAGE)
def renew_secret(ctx: Context, endpoint_id: int) -> str:
    """Make a new secret; returns it, this once. The old one is worth nothing from now on.

    Raises:
        NotFound: no such endpoint.
    """
    row, secret = _one(ctx, endpoint_id), _new_secret()
    row.sealed_secret, row.updated_at = vault.seal(_PURPOSE, secret.encode()), ctx.now
    ctx.record(ActivityKind.WEBHOOK_SECRET_RENEWED, subject_id=row.id, name=row.name)
    return secret


@requires(Permission.WEBHOOK_MANAGE)
def delete(ctx: Context, endpoint_id: int) -> None:
    """Remove an endpoint and the log of its calls.

    Raises:
        NotFound: no such endpoint.
        Conflict: a rule calls it.
    """
    row = _one(ctx, endpoint_id)
    for name, written in ctx.session.exec(select(Rule.name, Rule.definition)).all():
        if [Do.WEBHOOK.value, str(row.id)] in (written.get("then") or []):
            raise Conflict(f"The rule “{name}” calls “{row.name}”. Change that first.")
    before, name = _facts(row), row.name
    ctx.session.delete(row)
    ctx.session.flush()
    arranging.deleted(ctx, ActivityKind.WEBHOOK_DELETED, endpoint_id, name, before)
    calls.nudge(ctx, LOG)


@requires(Permission.WEBHOOK_MANAGE)
def send_test(ctx: Context, endpoint_id: int) -> None:
    """Have an endpoint called now, with nothing to tell. Also while it is switched off.

    Raises:
        NotFound: no such endpoint.
    """
    row = _one(ctx, endpoint_id)
    payload = _envelope(ctx, rules.TEST, ctx.now.isoformat(), actor=ctx.actor.name) | {"text": "It works."}
    ctx.session.add(_delivery(ctx, row.id, rules.TEST, payload))
    ctx.record(ActivityKind.WEBHOOK_TESTED, subject_id=row.id, name=row.name)
    calls.set_off(ctx, LOG)


@requires(Permission.WEBHOOK_MANAGE)
def deliveries(ctx: Context, endpoint_id: int, *, before: int = 0, size: int = calls.SHOWN) -> list[DeliveryRow]:
    """The calls of an endpoint, newest first; one more than a page, if there is more.

    Args:
        before: older than this one (keyset).
    """
    return [_row(one, reference) for one, reference in calls.page(ctx, LOG, endpoint_id, before=before, size=size)]


@requires(Permission.WEBHOOK_MANAGE)
def redeliver(ctx: Context, delivery_id: int) -> None:
    """Make a call once more, with what it said then and the secret there is now.

    Raises:
        NotFound: no such call.
        Conflict: it waits already, or its endpoint is switched off.
    """
    row = access.one(ctx, WebhookDelivery, delivery_id, what="call")
    endpoint = _one(ctx, row.endpoint_id)
    calls.repeat(ctx, LOG, row, endpoint)
    ctx.record(ActivityKind.WEBHOOK_REDELIVERED, subject_id=endpoint.id, name=endpoint.name, delivery=row.id)


# --- What happened becomes calls ----------------------------------------------------------------------------------------


@step
def hears(ctx: Context, kind: str) -> bool:
    """Whether any endpoint is told of this kind of activity. Costs nothing: endpoints are in the cached catalog."""
    known = catalog.current(ctx)
    return kind in known.hooked_kinds or (kind == ActivityKind.TICKET_WEBHOOK_CALLED and bool(known.hooks))


@step
def listen(ctx: Context, happened: Happened) -> None:
    """Write down the calls an activity means: to whom it concerns, each once."""
    hooks = [one for one in catalog.current(ctx).hooks if _concerns(one, happened)]
    ticket = ctx.session.get(Ticket, happened.ticket_id) if hooks and happened.ticket_id else None
    if ticket is None:
        return
    activity = ctx.session.get_one(Activity, happened.id)
    payload = _envelope(ctx, happened.kind, activity.at.isoformat(), actor=happened.actor_name) | {
        "what": sentence(happened.kind, happened.data), "ticket": _about(ctx, ticket),
        "data": {key: value for key, value in happened.data.items() if not key.endswith("_id")},
    }  # fmt: skip
    comment = ctx.session.get(Comment, happened.data["comment_id"]) if happened.data.get("comment_id") else None
    if comment is not None:
        payload["comment"] = {"kind": str(comment.kind), "author": happened.actor_name, "body": comment.body}
    for hook in hooks:
        facts = _delivery(ctx, hook.id, happened.kind, payload, ticket_id=ticket.id, activity_id=happened.id)
        values = facts.model_dump(exclude={"id", "organization_id"})
        ctx.session.execute(insert(WebhookDelivery).values(**values).on_conflict_do_nothing())
    calls.set_off(ctx, LOG)


def _concerns(hook: catalog.HookCard, happened: Happened) -> bool:
    if happened.kind == ActivityKind.TICKET_WEBHOOK_CALLED:
        return hook.id == happened.subject_id
    return happened.kind in hook.kinds


def _envelope(ctx: Context, kind: str, at: str, *, actor: str) -> dict[str, Any]:
    return {"kind": str(kind), "at": at, "organization": catalog.current(ctx).organization.slug, "actor": actor}


def _about(ctx: Context, ticket: Ticket) -> dict[str, Any]:
    known = catalog.current(ctx)
    requester = ctx.session.get_one(Person, ticket.requester_id)
    assignee = ctx.session.get(Person, ticket.assignee_id) if ticket.assignee_id else None
    category, team = known.category_by_id.get(ticket.category_id or 0), known.team_by_id.get(ticket.team_id or 0)
    return {
        "reference": ticket.reference, "title": ticket.title, "status": known.status_by_id[ticket.status_id].slug,
        "status_category": str(ticket.status_category), "priority": known.priority_by_id[ticket.priority_id].slug,
        "category": category.name if category else None, "team": team.name if team else None,
        "assignee": {"name": assignee.name, "email": assignee.email} if assignee else None,
        "requester": {"name": requester.name, "email": requester.email},
        "created_at": ticket.created_at.isoformat(), "due_at": ticket.due_at.isoformat() if ticket.due_at else None,
        "escalation_level": ticket.escalation_level,
        "url": f"{settings.get().organization_url(known.organization.slug)}/agent?ticket={ticket.reference}",
    }  # fmt: skip


# --- Calls are made -----------------------------------------------------------------------------------------------------


@anyone
def organizations_due() -> list[int]:
    """Organizations with calls to make now, asked as the owner."""
    return calls.organizations_due(LOG)


@step
def claim(ctx: Context) -> list[Call]:
    """Take the next due calls upon oneself; nobody else makes them meanwhile. What an endpoint that is off should
    have heard has failed."""
    ready = []
    for delivery, endpoint in calls.due(ctx, LOG):
        calls.take(ctx, delivery)
        try:
            secret = vault.unseal(_PURPOSE, endpoint.sealed_secret).decode()
        except vault.Unreadable:
            secret = ""
        body = json.dumps({"id": delivery.id, **delivery.payload}, ensure_ascii=False).encode()
        ready.append(Call(delivery.id, endpoint.address, body, delivery.kind, secret))
    return ready


@anyone
def call(ready: Call) -> Answer:
    """Make a call, in no transaction."""
    if not ready.secret:
        return Answer(0, "Its secret was sealed with another SECRET_KEY. Make a new one.")
    moment = int(clock.now().timestamp())
    return _poster.post(ready.address, ready.body, {
        rules.SIGNATURE: rules.sign(ready.secret, moment, ready.body), rules.MOMENT: str(moment),
        rules.KIND: ready.kind, rules.NUMBER: str(ready.id),
    })  # fmt: skip


@step
def settle(ctx: Context, delivery_id: int, answer: Answer) -> None:
    """Write down how a call went: taken, to be tried again, or given up; with it, how the endpoint does."""
    settled = calls.settle(ctx, LOG, delivery_id, answer)
    if settled is not None and settled.is_given_up:
        _give_up(ctx, settled.receiver)


@step
def prune(ctx: Context) -> int:
    """Forget a batch of calls that are older than the log is kept; returns how many."""
    return calls.prune(ctx, LOG)


def _give_up(ctx: Context, endpoint: WebhookEndpoint) -> None:
    """It is called no more; tell administrators."""
    organizations.catalog_changed(ctx)
    activity = ctx.record(
        ActivityKind.WEBHOOK_DISABLED, subject_id=endpoint.id, name=endpoint.name,
        before={"is_active": True}, after={"is_active": False}, why=endpoint.problem,
    )  # fmt: skip
    ctx.session.flush()
    admins = select(Person).where(col(Person.role).in_((Role.ADMIN, Role.SUPERADMIN)), col(Person.is_active))
    for person in ctx.session.exec(admins).all():
        values = {"name": endpoint.name, "reason": endpoint.problem}
        outbound.queue(ctx, "webhook_disabled", person, values, activity_id=activity.id)


def _delivery(
    ctx: Context,
    endpoint_id: int,
    kind: str,
    payload: dict[str, Any],
    *,
    ticket_id: int | None = None,
    activity_id: int | None = None,
) -> WebhookDelivery:
    return WebhookDelivery(
        endpoint_id=endpoint_id, kind=str(kind), payload=payload, ticket_id=ticket_id, activity_id=activity_id, state=calls.PENDING,
        next_attempt_at=ctx.now, created_at=ctx.now,
    )  # fmt: skip


def _checked(ctx: Context, endpoint_id: int, *, name: str, address: str, kinds: Sequence[str]) -> dict[str, Any]:
    name, address = arranging.checked_name(name, most=80, what="the webhook"), address.strip()
    if len(address) > 500:
        raise Invalid(address="Use an address of at most 500 characters.")
    if why := http.problem(address):
        raise Invalid(address=why)
    twin = select(WebhookEndpoint.id).where(func.lower(WebhookEndpoint.name) == name.lower())
    if ctx.session.exec(twin.where(col(WebhookEndpoint.id) != endpoint_id)).first():
        raise Conflict(f"There is a webhook “{name}” already.")
    return {"name": name, "address": address, "kinds": rules.checked_kinds(kinds)}


def _facts(row: WebhookEndpoint) -> dict[str, Any]:
    return arranging.facts(row, "name", "address", "is_active") | {"kinds": list(row.kinds)}


def _wrote(ctx: Context, row: WebhookEndpoint, before: dict[str, Any]) -> None:
    ctx.session.flush()
    if arranging.wrote(ctx, _KINDS, row.id, row.name, before, _facts(row)):
        row.updated_at = ctx.now
    calls.nudge(ctx, LOG)


def _new_secret() -> str:
    return f"whsec_{secrets.token_urlsafe(32)}"


def _one(ctx: Context, endpoint_id: int) -> WebhookEndpoint:
    return access.one(ctx, WebhookEndpoint, endpoint_id, what="webhook")


def _row(one: WebhookDelivery, reference: str) -> DeliveryRow:
    label = "Test" if one.kind == rules.TEST else "Called by a rule"
    if one.kind in tuple(rules.KINDS):
        label = rules.KINDS[ActivityKind(one.kind)]
    return DeliveryRow(
        one.id, one.kind, label, reference, one.state, one.attempts, one.status_code or 0, one.answer,
        one.created_at.isoformat(), one.next_attempt_at.isoformat() if one.next_attempt_at else "",
    )  # fmt: skip
