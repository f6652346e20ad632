"""One change of many tickets: through the normal verbs, each ticket by itself, with one cause and one undo.

A run is rows: what to do, and for each ticket how it stood before and after. Up to 50 tickets are changed at once; more
become a job that works in short transactions, so that nothing is locked for long and progress can be seen.
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, literal, text
from sqlalchemy import select as sql_select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from helpdesk import clock, db
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.bulk import AT_ONCE, BATCH, MOST, Action, ItemState
from helpdesk.domain.errors import Conflict, HelpdeskError, Invalid, NotFound
from helpdesk.domain.filters import TicketFilter
from helpdesk.domain.people import Actor
from helpdesk.domain.permissions import Permission
from helpdesk.domain.tickets import StatusCategory
from helpdesk.models import Activity, BulkItem, BulkRun, Person, Ticket, TicketTag
from helpdesk.services import access, catalog, macros, sign_in
from helpdesk.services.context import Context, anyone, requires, step
from helpdesk.services.tickets import assignment, fields, merging, queries, restoring, status

JOB = "helpdesk.jobs.bulk.work"
_PATIENCE = timedelta(seconds=20)
_SHOWN = 20
# Activities one ticket of a run may cause, rules included.
_EACH = 20


@dataclass(frozen=True, slots=True)
class Refusal:
    """A ticket nothing was done to, and why."""

    reference: str
    reason: str


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as shown, with the first refusals."""

    id: int = 0
    label: str = ""
    total: int = 0
    done: int = 0
    changed: int = 0
    refused: int = 0
    is_finished: bool = True
    is_undo: bool = False
    refusals: tuple[Refusal, ...] = ()


@requires(Permission.TICKET_EDIT)
def start(
    ctx: Context,
    action: Action,
    value: str = "",
    *,
    refs: Sequence[str] = (),
    wanted: TicketFilter | None = None,
) -> RunRow:
    """Change many tickets: those named, or all a filter shows (at most 10,000).

    Args:
        action: what to do.
        value: an agent's, team's or category's id (empty: none), a status or priority, or tags with commas between.
        refs: references of a selection.
        wanted: a filter instead.

    Raises:
        Invalid: a value that does not exist, or nothing selected.
        NotAllowed: by the verb, for each ticket; then it counts as refused.
    """
    action = Action(action)
    label = _label(ctx, action, value)
    run = BulkRun(
        person_id=_person_id(ctx), action=action, value=value[:400], label=label, created_at=ctx.now, updated_at=ctx.now
    )
    ctx.session.add(run)
    ctx.session.flush()
    _gather(ctx, run, refs, wanted)
    return _begin(ctx, run, ActivityKind.BULK_STARTED)


@requires(Permission.TICKET_EDIT)
def undo(ctx: Context, run_id: int) -> RunRow:
    """Put every ticket a run has changed back to what it was, except where something newer stands in the way.

    Raises:
        NotFound: no such run of the actor's.
        Conflict: it still runs, or is undone already.
    """
    first = _own(ctx, run_id, lock=True)
    if first.finished_at is None:
        raise Conflict("This change is still at work. Undo it when it is done.")
    if first.undoes_id or ctx.session.exec(select(BulkRun.id).where(BulkRun.undoes_id == first.id)).first():
        raise Conflict("This change is undone already.")
    run = BulkRun(
        person_id=first.person_id, action=first.action, label=f"Undo: {first.label}"[:200], undoes_id=first.id,
        created_at=ctx.now, updated_at=ctx.now,
    )  # fmt: skip
    ctx.session.add(run)
    ctx.session.flush()
    changed = sql_select(col(BulkItem.ticket_id)).where(
        col(BulkItem.run_id) == first.id, col(BulkItem.state) == ItemState.CHANGED
    )
    _fill(ctx, run, changed)
    return _begin(ctx, run, ActivityKind.BULK_UNDONE)


@requires(Permission.TICKET_EDIT)
def progress(ctx: Context, run_id: int) -> RunRow:
    """How far one of the actor's runs is.

    Raises:
        NotFound: none of theirs.
    """
    return _row(ctx, _own(ctx, run_id))


@step
def proceed(ctx: Context, run_id: int, *, most: int = BATCH) -> bool:
    """Do the next tickets of a run; whether there is more. Two workers never do the same one."""
    run = ctx.session.exec(
        select(BulkRun)
        .where(BulkRun.id == run_id, col(BulkRun.finished_at).is_(None))
        .with_for_update(skip_locked=True)
    ).first()
    if run is None:
        return False
    items = ctx.session.exec(
        select(BulkItem)
        .where(BulkItem.run_id == run.id, BulkItem.state == ItemState.WAITING)
        .order_by(col(BulkItem.position))
        .limit(most)
    ).all()
    ctx.limit += _EACH * len(items)
    cause = ctx.session.get(Activity, run.activity_id) if run.activity_id else None
    with ctx.because(cause) if cause else nullcontext():
        for item in items:
            _attempt(ctx, run, item)
    run.done += len(items)
    run.changed += sum(item.state == ItemState.CHANGED for item in items)
    run.refused += sum(item.state == ItemState.REFUSED for item in items)
    run.updated_at = ctx.now
    if len(items) < most or run.done >= run.total:
        run.finished_at = ctx.now
    ctx.topics.add(f"bulk-{run.person_id}")
    return run.finished_at is None


@step
def actor_of(ctx: Context, run_id: int) -> Actor | None:
    """Who a run acts as: the one who started it, with the rights they have now; None when it is done or they are gone."""
    run = ctx.session.get(BulkRun, run_id)
    if run is None or run.finished_at is not None:
        return None
    person = ctx.session.get_one(Person, run.person_id)
    if not person.is_active:
        run.finished_at = ctx.now
        return None
    return sign_in.actor_for(ctx, person)


@anyone
def forgotten() -> list[tuple[int, int]]:
    """Runs nobody works on: their job was lost. (organization, run), read as the owner."""
    with db.owner_session() as session:
        rows = session.execute(
            text("SELECT organization_id, id FROM bulk_run WHERE finished_at IS NULL AND updated_at < :before"),
            {"before": clock.now() - _PATIENCE},
        )
        return [(organization_id, run_id) for organization_id, run_id in rows]


def _gather(ctx: Context, run: BulkRun, refs: Sequence[str], wanted: TicketFilter | None) -> None:
    if wanted is None:
        chosen = [str(ref)[:16].upper() for ref in refs[:MOST]]
        query = access.visible(ctx, Ticket).where(col(Ticket.reference).in_(chosen))
    else:
        query = queries.everything(ctx, wanted)
    _fill(ctx, run, query.with_only_columns(col(Ticket.id)).order_by(None).limit(MOST))


def _fill(ctx: Context, run: BulkRun, ids: Any) -> None:
    found = ids.subquery()
    # In the order of their ids: two runs that meet lock in the same order.
    rows = sql_select(
        literal(run.id), found.c[0], func.row_number().over(order_by=found.c[0]), literal(ItemState.WAITING.value),
        literal(""), text("'{}'::jsonb"), text("'{}'::jsonb"),
    )  # fmt: skip
    names = ["run_id", "ticket_id", "position", "state", "reason", "before", "after"]
    ctx.session.execute(insert(BulkItem).from_select(names, rows))
    run.total = ctx.session.exec(select(func.count()).where(BulkItem.run_id == run.id)).one()


def _begin(ctx: Context, run: BulkRun, kind: ActivityKind) -> RunRow:
    if not run.total:
        raise Invalid(selection="Select some tickets first.")
    activity = ctx.record(kind, subject_id=run.id, what=run.label, total=run.total)
    ctx.session.flush()
    run.activity_id = activity.id
    if run.total <= AT_ONCE:
        proceed(ctx, run.id, most=AT_ONCE)
    else:
        ctx.jobs.append((JOB, (ctx.organization_id, run.id)))
    return _row(ctx, run)


def _attempt(ctx: Context, run: BulkRun, item: BulkItem) -> None:
    known = len(ctx.activities)
    try:
        with ctx.session.begin_nested():
            ticket = _ticket(ctx, item.ticket_id)
            before = restoring.snapshot(ctx, ticket)
            if run.undoes_id and run.action == Action.MERGE:
                merging.unmerge(ctx, ticket.reference)
            elif run.undoes_id:
                first = ctx.session.get_one(BulkItem, (run.undoes_id, item.ticket_id))
                restoring.put_back(ctx, ticket, first.before, first.after)
            else:
                _VERBS[Action(run.action)](ctx, ticket, run.value)
            ctx.session.flush()
            after = restoring.snapshot(ctx, ticket)
    except HelpdeskError as error:
        del ctx.activities[known:]
        item.state, item.reason = ItemState.REFUSED, error.message[:300]
        return
    item.before, item.after = before, after
    item.state = ItemState.CHANGED if restoring.changed(before, after) else ItemState.SAME


def _ticket(ctx: Context, ticket_id: int) -> Ticket:
    query = access.visible(ctx, Ticket).where(col(Ticket.id) == ticket_id).with_for_update(of=Ticket)
    found = ctx.session.exec(query.execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound("You can no longer see this ticket.")
    return found


def _retag(ctx: Context, ticket: Ticket, change: Callable[[set[str]], set[str]]) -> None:
    present = ctx.session.exec(select(TicketTag.tag_id).where(TicketTag.ticket_id == ticket.id)).all()
    fields.tag(ctx, ticket.reference, sorted(change(set(restoring.tag_names(ctx, present)))))


def _split(value: str) -> set[str]:
    return {one.strip() for one in value.split(",") if one.strip()}


def _untag(ctx: Context, ticket: Ticket, value: str) -> None:
    gone = {one.lower() for one in _split(value)}
    _retag(ctx, ticket, lambda names: {name for name in names if name.lower() not in gone})


def _close(ctx: Context, ticket: Ticket, _value: str) -> None:
    status.change(ctx, ticket.reference, catalog.current(ctx).first_status(StatusCategory.CLOSED).slug)


def _merge(ctx: Context, ticket: Ticket, into: str) -> None:
    if ticket.reference != into:
        merging.merge(ctx, ticket.reference, into=into)


_VERBS: dict[Action, Callable[[Context, Ticket, str], None]] = {
    Action.ASSIGN: lambda ctx, ticket, value: assignment.assign(ctx, ticket.reference, to=access.whole(value) if value else None),
    Action.TEAM: lambda ctx, ticket, value: assignment.move_to_team(ctx, ticket.reference, team_id=access.whole(value) if value else None),
    Action.STATUS: lambda ctx, ticket, value: status.change(ctx, ticket.reference, value),
    Action.PRIORITY: lambda ctx, ticket, value: fields.prioritise(ctx, ticket.reference, value),
    Action.CATEGORY: lambda ctx, ticket, value: fields.categorise(ctx, ticket.reference, access.whole(value) if value else None),
    Action.TAG: lambda ctx, ticket, value: _retag(ctx, ticket, lambda names: names | _split(value)),
    Action.UNTAG: _untag,
    Action.CLOSE: _close,
    Action.MERGE: _merge,
    Action.MACRO: lambda ctx, ticket, value: macros.apply(ctx, ticket, access.whole(value), with_reply=True),
    Action.MACRO_FIELDS: lambda ctx, ticket, value: macros.apply(ctx, ticket, access.whole(value), with_reply=False),
}  # fmt: skip


def _label(ctx: Context, action: Action, value: str) -> str:
    """What a run does, in words; refuses what does not exist before any ticket is touched."""
    known = catalog.current(ctx)
    if action is Action.CLOSE:
        return "Close"
    if action in (Action.MACRO, Action.MACRO_FIELDS):
        return f"Macro: {macros.name_of(ctx, access.whole(value))}"
    if action is Action.MERGE:
        return f"Merge into {access.ticket(ctx, value).reference}"
    if action is Action.STATUS:
        return f"Status: {known.status(value).label}"
    if action is Action.PRIORITY:
        return f"Priority: {known.priority(value).label}"
    if action in (Action.TAG, Action.UNTAG):
        if not _split(value):
            raise Invalid(value="Choose a tag.")
        return f"{'Tag' if action is Action.TAG else 'Remove tag'}: {', '.join(sorted(_split(value)))}"[:200]
    if action is Action.ASSIGN:
        return f"Assignee: {access.agent(ctx, access.whole(value)).name if value else 'nobody'}"
    if action is Action.TEAM:
        team = known.team_by_id.get(access.whole(value)) if value else None
        if value and (team is None or not team.is_active):
            raise Invalid(value="Choose one of the teams.")
        return f"Team: {team.name if team else 'none'}"
    category = known.category(access.whole(value)) if value else None
    return f"Category: {category.name if category else 'none'}"


def _person_id(ctx: Context) -> int:
    if ctx.actor.person_id is None:
        raise Invalid(selection="Only a person can change many tickets at once.")
    return ctx.actor.person_id


def _own(ctx: Context, run_id: int, *, lock: bool = False) -> BulkRun:
    query = select(BulkRun).where(BulkRun.id == access.whole(run_id), BulkRun.person_id == ctx.actor.person_id)
    found = ctx.session.exec(query.with_for_update() if lock else query).first()
    if found is None:
        raise NotFound("There is no such change of yours.")
    return found


def _row(ctx: Context, run: BulkRun) -> RunRow:
    refused: Any = ()
    if run.refused:
        refused = ctx.session.exec(
            select(Ticket.reference, BulkItem.reason)
            .join(Ticket, col(Ticket.id) == BulkItem.ticket_id)
            .where(BulkItem.run_id == run.id, BulkItem.state == ItemState.REFUSED)
            .order_by(col(BulkItem.position))
            .limit(_SHOWN)
        ).all()
    return RunRow(
        run.id, run.label, run.total, run.done, run.changed, run.refused, run.finished_at is not None,
        run.undoes_id is not None, tuple(Refusal(reference, reason) for reference, reason in refused),
    )  # fmt: skip
