"""Notifications in the browser, also while no page is open: written down with the bell's, pushed by a job in no
transaction, tried again a few times; a browser that has gone is forgotten.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from helpdesk import clock, db, settings
from helpdesk.adapters import vault, web_push
from helpdesk.adapters.http import Answer
from helpdesk.adapters.web_push import Browser
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Invalid, NotFound
from helpdesk.domain.people import STAFF
from helpdesk.domain.permissions import Permission
from helpdesk.domain.text import one_line
from helpdesk.models import Notification, Person, PushSubscription, Ticket
from helpdesk.services import access, catalog
from helpdesk.services.context import Context, anyone, requires, step

MOST = 10
BATCH = 20
JOB = "helpdesk.jobs.push.deliver"
_LEASE = timedelta(minutes=5)
_PAUSES = (timedelta(minutes=1), timedelta(minutes=10))
# Later than this nobody needs to be disturbed any more: the bell has it.
_LATEST = timedelta(days=1)
_PURPOSE = "push"
_GONE = (404, 410)


@dataclass(frozen=True, slots=True)
class BrowserRow:
    """A browser that is pushed to, as its owner sees it."""

    id: int
    browser: str
    created_at: str


@dataclass(frozen=True, slots=True)
class Push:
    """A push that is ready to be made."""

    notification_id: int
    subscription_id: int
    browser: Browser | None
    payload: bytes
    subject: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a push went."""

    notification_id: int
    subscription_id: int
    status: int


@requires(Permission.ACCOUNT)
def public_key(ctx: Context) -> str:
    """What a browser is given when it subscribes: only this desk can push to it then."""
    return web_push.public_key()


@requires(Permission.ACCOUNT)
def browsers(ctx: Context) -> list[BrowserRow]:
    """The browsers the actor is notified in, the newest first."""
    query = select(PushSubscription).where(PushSubscription.person_id == ctx.actor.person_id)
    rows = ctx.session.exec(query.order_by(col(PushSubscription.id).desc())).all()
    return [BrowserRow(row.id, row.browser, row.created_at.isoformat()) for row in rows]


@requires(Permission.ACCOUNT)
def subscribe(ctx: Context, *, endpoint: str, p256dh: str, auth: str, browser: str = "") -> None:
    """Notify the actor in a browser. Twice is once; a browser somebody else used before is now the actor's.

    Raises:
        Invalid: the browser cannot be pushed to, or there are too many.
    """
    found = Browser(endpoint.strip()[:2000], p256dh[:200], auth[:100])
    if why := web_push.check(found):
        raise Invalid(browser=why)
    if len(browsers(ctx)) >= MOST:
        raise Invalid(browser=f"You are notified in {MOST} browsers already. Remove one you no longer use.")
    sealed = vault.seal(_PURPOSE, json.dumps([found.endpoint, found.p256dh, found.auth]).encode())
    row = insert(PushSubscription).values(
        person_id=ctx.actor.person_id, endpoint_hash=_hash(found.endpoint), sealed=sealed,
        browser=one_line(browser)[:60] or "A browser", created_at=ctx.now,
    )  # fmt: skip
    ctx.session.execute(
        row.on_conflict_do_update(
            index_elements=["organization_id", "endpoint_hash"],
            set_={name: row.excluded[name] for name in ("person_id", "sealed", "browser")},
        )
    )
    _record(ctx)


@requires(Permission.ACCOUNT)
def unsubscribe(ctx: Context, *, endpoint: str = "", browser_id: int = 0) -> None:
    """Notify the actor no more in a browser of theirs, by its address or its number.

    Raises:
        NotFound: there is none of that number.
    """
    which = (
        col(PushSubscription.id) == access.whole(browser_id)
        if browser_id
        else col(PushSubscription.endpoint_hash) == _hash(endpoint)
    )
    mine = select(PushSubscription).where(PushSubscription.person_id == ctx.actor.person_id, which)
    found = ctx.session.exec(mine).first()
    if found is None:
        if browser_id:
            raise NotFound("There is no such browser of yours.")
        return
    ctx.session.delete(found)
    _record(ctx)


@step
def reachable(ctx: Context, person_ids: Iterable[int]) -> set[int]:
    """Who of some people has a browser that can be pushed to."""
    query = select(PushSubscription.person_id).where(col(PushSubscription.person_id).in_(list(person_ids)))
    return set(ctx.session.exec(query.distinct()).all())


@step
def set_off(ctx: Context) -> None:
    """Have what was written down pushed soon."""
    if (JOB, (ctx.organization_id,)) not in ctx.jobs:
        ctx.jobs.append((JOB, (ctx.organization_id,)))


@anyone
def organizations_due() -> list[int]:
    """Organizations with something to push now, asked as the owner."""
    with db.owner_session() as session:
        rows = session.execute(
            text("SELECT DISTINCT organization_id FROM notification WHERE push_at <= :now"), {"now": clock.now()}
        )
        return [row[0] for row in rows]


@step
def claim(ctx: Context) -> list[Push]:
    """Take the next due pushes upon oneself. What has been read on the bell meanwhile is not pushed any more."""
    due = ctx.session.exec(
        select(Notification)
        .where(col(Notification.push_at) <= ctx.now)
        .order_by(col(Notification.push_at), col(Notification.id))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    fresh = []
    for one in due:
        one.push_tries += 1
        has_seen = one.read_at is not None and one.read_at > one.created_at
        is_late = has_seen or ctx.now - one.created_at > _LATEST
        one.push_at = None if is_late or one.push_tries > len(_PAUSES) + 1 else ctx.now + _LEASE
        if one.push_at is not None:
            fresh.append(one)
    owners = {one.person_id for one in fresh}
    known = ctx.session.exec(select(PushSubscription).where(col(PushSubscription.person_id).in_(owners))).all()
    people = dict(ctx.session.exec(select(Person.id, Person.role).where(col(Person.id).in_(owners))).all())
    wanted = {one.ticket_id for one in fresh if one.ticket_id}
    tickets = {one.id: one for one in ctx.session.exec(select(Ticket).where(col(Ticket.id).in_(wanted))).all()}
    base = settings.get().organization_url(catalog.current(ctx).organization.slug)
    ready = []
    for one in fresh:
        mine = [row for row in known if row.person_id == one.person_id]
        if not mine:
            one.push_at = None
        is_staff = people.get(one.person_id) in STAFF
        body = _payload(one, tickets.get(one.ticket_id or 0), is_staff=is_staff)
        ready += [Push(one.id, row.id, _opened(row), body, base) for row in mine]
    return ready


@anyone
def push(ready: Push) -> Outcome:
    """Make a push, in no transaction."""
    if ready.browser is None:
        return Outcome(ready.notification_id, ready.subscription_id, _GONE[0])
    answer: Answer = web_push.send(ready.browser, ready.payload, subject=_subject(ready.subject))
    return Outcome(ready.notification_id, ready.subscription_id, answer.status)


@step
def settle(ctx: Context, outcomes: list[Outcome]) -> None:
    """Write down how pushes went: browsers that have gone are forgotten, what was not taken is tried again."""
    gone = {one.subscription_id for one in outcomes if one.status in _GONE}
    for row in ctx.session.exec(select(PushSubscription).where(col(PushSubscription.id).in_(gone))).all():
        ctx.session.delete(row)
    failed = {one.notification_id for one in outcomes if not 200 <= one.status < 300 and one.status not in _GONE}
    taken = {one.notification_id for one in outcomes if 200 <= one.status < 300}
    ids = {one.notification_id for one in outcomes}
    for told in ctx.session.exec(select(Notification).where(col(Notification.id).in_(ids)).with_for_update()).all():
        # Once in one browser is enough: what the others missed is on the bell.
        is_over = told.id in taken or told.id not in failed or told.push_tries > len(_PAUSES)
        told.push_at = None if is_over else ctx.now + _PAUSES[told.push_tries - 1]


def _payload(one: Notification, ticket: Ticket | None, *, is_staff: bool) -> bytes:
    place = "/agent?ticket=" if is_staff else "/requests/"
    shown: dict[str, Any] = {
        "title": one.title, "body": " · ".join(filter(None, (one.message, ticket.title if ticket else "")))[:300],
        "url": f"{place}{ticket.reference}" if ticket else "/notifications", "tag": f"ticket-{one.ticket_id or one.id}",
    }  # fmt: skip
    return json.dumps(shown, ensure_ascii=False).encode()


def _opened(row: PushSubscription) -> Browser | None:
    try:
        return Browser(*json.loads(vault.unseal(_PURPOSE, row.sealed)))
    except vault.Unreadable:
        return None


def _subject(base: str) -> str:
    """Whom the push service may write to; it takes no plain http."""
    return (
        base if base.startswith("https://") else f"mailto:{settings.get().mail_from.replace('{organization}', 'desk')}"
    )


def _record(ctx: Context) -> None:
    ctx.record(ActivityKind.PERSON_PROFILE_CHANGED, subject_id=ctx.actor.person_id, fields=["browser notifications"])


def _hash(endpoint: str) -> str:
    return hashlib.sha256(endpoint.strip().encode()).hexdigest()
