"""What else happens. The two tables of listeners, and the lanes that run them.

NOW: in the transaction, each listener behind a savepoint: a broken one is logged and cannot undo a ticket.
LATER: in a worker, each (activity, listener) once, however often the job is tried.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from helpdesk import clock, db, log
from helpdesk.domain.activity import ActivityKind, Happened
from helpdesk.domain.people import ASSIGNABLE, Availability
from helpdesk.domain.tickets import DONE_CATEGORIES
from helpdesk.models import Activity, Reaction
from helpdesk.services import answering, automation, csat, escalations, integrations, notifications, sla, webhooks
from helpdesk.services.context import Context, anyone, step
from helpdesk.services.tickets import assignment

Listener = Callable[[Context, Happened], None]

# How long an activity may wait for its job before the sweep sends it again.
PATIENCE = timedelta(seconds=15)
BATCH = 500
_logger = log.get(__name__)


class Now(NamedTuple):
    """A listener of the transaction, and whether something is its business: asked before it costs a savepoint."""

    listener: Listener
    concerns: Callable[[Context, Happened], bool]


def _come_or_go(ctx: Context, happened: Happened) -> None:
    """Somebody became available, or no longer is: a ticket comes, or theirs wait for somebody else."""
    if happened.data.get("after") == Availability.AVAILABLE:
        assignment.welcome(ctx, happened.subject_id or 0)
    else:
        assignment.hand_back(ctx, happened.subject_id or 0)


def _comes_or_goes(_ctx: Context, happened: Happened) -> bool:
    return bool(happened.subject_id) and Availability.AVAILABLE in (
        happened.data.get("after"),
        happened.data.get("before"),
    )


def _serve_the_widened(ctx: Context, happened: Happened) -> None:
    """Somebody may have more tickets than before, or other working hours: the next one comes."""
    assignment.serve(ctx, happened.subject_id or 0)


def _is_widened(_ctx: Context, happened: Happened) -> bool:
    before, after = happened.data.get("before") or {}, happened.data.get("after") or {}
    return bool(happened.subject_id) and any(
        before.get(key) != after.get(key) for key in ("capacity", "hours", "teams")
    )


def _serve_the_finished(ctx: Context, happened: Happened) -> None:
    """Somebody resolved or closed a ticket: the next one comes."""
    assignment.serve(ctx, happened.actor_id or 0)


def _has_finished(ctx: Context, happened: Happened) -> bool:
    is_done = happened.data.get("after_category") in DONE_CATEGORIES
    return is_done and ctx.actor.role in ASSIGNABLE and bool(happened.actor_id)


def _warn_by_another_share(ctx: Context, _happened: Happened) -> None:
    """The organization warns earlier or later: so do the clocks that run."""
    sla.derive_all_anew(ctx)


def _warns_otherwise(_ctx: Context, happened: Happened) -> bool:
    return "warning_share" in (happened.data.get("after") or {})


NOW: dict[ActivityKind, tuple[Now, ...]] = {
    ActivityKind.PERSON_AVAILABILITY_CHANGED: (Now(_come_or_go, _comes_or_goes),),
    ActivityKind.PERSON_CHANGED: (Now(_serve_the_widened, _is_widened),),
    ActivityKind.ORGANIZATION_CHANGED: (Now(_warn_by_another_share, _warns_otherwise),),
    ActivityKind.TICKET_STATUS_CHANGED: (Now(_serve_the_finished, _has_finished),),
}
LATER: dict[str, Listener] = {
    "mail": notifications.tell,
    "escalation": escalations.listen,
    "webhooks": webhooks.listen,
    "articles": answering.listen,
    "csat": csat.listen,
    "integrations": integrations.listen,
}
# Listeners that say before they are called, and before that is marked, whether they want to hear of a kind.
WANTED: dict[str, Callable[[Context, str], bool]] = {
    "articles": answering.hears, "csat": csat.hears, "integrations": integrations.hears,
}  # fmt: skip
# Kinds LATER listeners care for; everything else is done the moment it is written. Escalation cares where there are
# policies, webhooks where an endpoint has asked for it.
HEARD = notifications.HEARD


@step
def now(ctx: Context) -> None:
    """Run the NOW lane until nothing new is recorded. What it has been through, it goes through no more."""
    for template, person_id, values in ctx.letters:
        notifications.letter(ctx, template, person_id, values)
    ctx.letters.clear()
    while ctx.reacted_to < len(ctx.activities):
        activity = ctx.activities[ctx.reacted_to]
        ctx.reacted_to += 1
        if not _is_heard(ctx, activity.kind):
            activity.reacted_at = ctx.now
        for listener, concerns in NOW.get(ActivityKind(activity.kind), ()):
            if concerns(ctx, _happened(activity)):
                _guarded(ctx, listener, activity)
        if automation.concerned(ctx, activity.kind):
            _guarded(ctx, automation.listen, activity)


def _is_heard(ctx: Context, kind: str) -> bool:
    others = (escalations.hears, webhooks.hears, integrations.hears)
    return kind in HEARD or any(hears(ctx, kind) for hears in others)


def _guarded(ctx: Context, listener: Listener, activity: Activity) -> None:
    ctx.flush()
    known = len(ctx.activities)
    try:
        with ctx.because(activity), ctx.session.begin_nested():
            listener(ctx, _happened(activity))
    except Exception:
        del ctx.activities[known:]
        ctx.unwritten.clear()  # everything before was written
        _logger.exception("a listener failed", listener=listener.__name__, activity=activity.id)


@step
def react(ctx: Context, activity_ids: Sequence[int]) -> int:
    """The LATER lane for some activities; returns how many it finished. Repeating it repeats nothing.

    An activity whose listener fails is logged and stays for the sweep; it keeps nothing from the others.
    """
    activities = ctx.session.exec(
        select(Activity)
        .where(col(Activity.id).in_(activity_ids), col(Activity.reacted_at).is_(None))
        .order_by(col(Activity.id))
        .with_for_update(skip_locked=True)
    ).all()
    return sum(_react_to(ctx, activity) for activity in activities)


@anyone
def overdue() -> dict[int, list[int]]:
    """Activities nobody has reacted to in time, by organization: the outbox, read as the owner."""
    with db.owner_session() as session:
        rows = session.execute(
            text(
                "SELECT organization_id, id FROM activity WHERE reacted_at IS NULL AND at < :before ORDER BY at LIMIT :most"
            ),
            {"before": clock.now() - PATIENCE, "most": BATCH},
        )
        found: dict[int, list[int]] = {}
        for organization_id, activity_id in rows:
            found.setdefault(organization_id, []).append(activity_id)
        return found


@step
def forget(ctx: Context, activity_ids: Sequence[int]) -> None:
    """Mark activities as reacted to without reacting: for imports and the demo's past."""
    ctx.session.execute(update(Activity).where(col(Activity.id).in_(activity_ids)).values(reacted_at=ctx.now))


def _happened(activity: Activity) -> Happened:
    return Happened(
        activity.id, ActivityKind(activity.kind), activity.ticket_id, activity.actor_id, activity.actor_name,
        activity.data, activity.subject_id, activity.cause_id,
    )  # fmt: skip


def _react_to(ctx: Context, activity: Activity) -> bool:
    activity_id = activity.id
    try:
        with ctx.session.begin_nested():
            for name, listener in LATER.items():
                if name in WANTED and not WANTED[name](ctx, activity.kind):
                    continue
                mark = insert(Reaction).values(activity_id=activity_id, listener=name, at=ctx.now)
                fresh = ctx.session.scalars(mark.on_conflict_do_nothing().returning(col(Reaction.activity_id))).first()
                if fresh is not None:
                    with ctx.because(activity):
                        listener(ctx, _happened(activity))
            activity.reacted_at = ctx.now
    except Exception:
        _logger.exception("a listener failed", activity=activity_id)
        return False
    return True
