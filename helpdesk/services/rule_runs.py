"""What rules did: taken back within a day, forgotten after months."""

from contextlib import nullcontext
from datetime import timedelta

from sqlalchemy import delete
from sqlmodel import col, select

from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Conflict, NotFound
from helpdesk.domain.permissions import Permission
from helpdesk.domain.rules import UNDO_WINDOW
from helpdesk.models import Activity, Person, Rule, RuleRun, Ticket, Watcher
from helpdesk.services import access
from helpdesk.services.context import Context, requires, step
from helpdesk.services.tickets import restoring

# How long the log of rules is kept. What they did to a ticket stays in its history for good.
KEPT = timedelta(days=90)
BATCH = 1000


@requires(Permission.TICKET_EDIT)
def undo(ctx: Context, run_id: int) -> str:
    """Take back what a rule did to a ticket, all of it or nothing; returns the rule's name.

    What it said (notes, replies, mails) stays: words that were sent cannot be taken back. The rule does not answer to its
    own undo; others may.

    Raises:
        NotFound: no such run, or on a ticket the actor does not see.
        Conflict: it is undone already, too old, or something newer stands in the way; says which.
    """
    query = select(RuleRun.ticket_id).where(RuleRun.id == access.whole(run_id))
    ticket_id = ctx.session.exec(query).first()
    locked = access.visible(ctx, Ticket).where(col(Ticket.id) == (ticket_id or 0)).with_for_update(of=Ticket)
    ticket = ctx.session.exec(locked.execution_options(populate_existing=True)).first()
    if ticket is None:
        raise NotFound("There is no such run of a rule.")
    found = (
        select(RuleRun, Rule.name).join(Rule, col(Rule.id) == RuleRun.rule_id).where(RuleRun.id == access.whole(run_id))
    )
    run, name = ctx.session.exec(found.execution_options(populate_existing=True)).one()
    if run.undone_at is not None:
        raise Conflict("This is undone already.")
    if run.kept is None:
        raise Conflict("There is nothing to take back: what a rule says or sends stays.")
    if run.at < ctx.now - UNDO_WINDOW:
        raise Conflict("This is more than a day ago. Change the ticket by hand.")
    if ticket.merged_into_id is not None:
        raise Conflict("This ticket was merged into another one. Take it out of there first.")
    ctx.fired.add((run.rule_id, ticket.id))
    applied = ctx.session.get(Activity, run.activity_id) if run.activity_id else None
    with ctx.because(applied) if applied else nullcontext():
        undone = ctx.record(ActivityKind.RULE_UNDONE, ticket, subject_id=run.rule_id, name=name)
    with ctx.because(undone):
        restoring.put_back(ctx, ticket, run.kept["before"], run.kept["after"])
        for person_id in run.kept["watch"]:
            _no_longer_watches(ctx, ticket, person_id)
    run.undone_at = ctx.now
    ctx.topics.add(f"org-{ctx.organization_id}-rules")
    return name


@step
def prune(ctx: Context) -> int:
    """Forget a batch of runs that are older than the log is kept; returns how many."""
    old = select(RuleRun.id).where(col(RuleRun.at) < ctx.now - KEPT).order_by(col(RuleRun.at)).limit(BATCH)
    gone = ctx.session.execute(delete(RuleRun).where(col(RuleRun.id).in_(old)))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _no_longer_watches(ctx: Context, ticket: Ticket, person_id: int) -> None:
    row, person = ctx.session.get(Watcher, (ticket.id, person_id)), ctx.session.get(Person, person_id)
    if row is not None and person is not None:
        ctx.session.delete(row)
        ctx.record(ActivityKind.TICKET_WATCHER_REMOVED, ticket, subject_id=person.id, name=person.name)
