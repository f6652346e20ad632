"""Rules at work: in the transaction of what happened, each behind a savepoint, once per ticket; and as time passes.

A rule's deed is an activity of its own, "applied the rule “VIP”", and what it does happens because of that: History tells the
chain. What it did, or why not, is kept as a run. What a rule cannot do any more it tells an administrator, once.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, text
from sqlmodel import col, select

from helpdesk import db, log
from helpdesk.domain import rules
from helpdesk.domain.activity import ActivityKind, Happened
from helpdesk.domain.errors import HelpdeskError
from helpdesk.domain.people import rule as rule_actor
from helpdesk.domain.rules import TRIGGERED, WAITING, Do, Trigger
from helpdesk.domain.tickets import StatusCategory
from helpdesk.models import Activity, Rule, RuleRun, Ticket
from helpdesk.services import actions, catalog, facts
from helpdesk.services.catalog import RuleCard
from helpdesk.services.context import Context, anyone, step
from helpdesk.services.tickets import restoring

SUCCESS, FAILED, SKIPPED = "success", "failed", "skipped"
BATCH = 50
_EACH = 40  # activities one rule may cause on one ticket
_WHEN: Any = col(Rule.definition)["when"].astext
_logger = log.get(__name__)


class _NothingToDo(Exception):
    """Everything a rule would do is so already."""


@step
def concerned(ctx: Context, kind: str) -> bool:
    """Whether any rule waits for an activity of this kind. Costs nothing: rules are in the cached catalog."""
    triggers = TRIGGERED.get(kind)  # type: ignore[call-overload]
    return bool(triggers) and any(catalog.current(ctx).rules_by_trigger[one] for one in triggers)


@step
def listen(ctx: Context, happened: Happened) -> None:
    """Apply the rules that wait for what happened, in their order, until one says stop."""
    by_trigger = catalog.current(ctx).rules_by_trigger
    waiting = {card.id: card for trigger in TRIGGERED.get(happened.kind, ()) for card in by_trigger[trigger]}
    today = catalog.today(ctx)
    due = [card for card in catalog.current(ctx).rules if card.id in waiting and card.rule.applies_on(today)]
    ticket = ctx.session.get(Ticket, happened.ticket_id) if due and happened.ticket_id else None
    if ticket is None or ticket.merged_into_id is not None:
        return
    known, wanted = None, rules.needs(card.rule.where for card in due)
    for card in due:
        if (card.id, ticket.id) in ctx.fired:
            continue
        if known is None:
            known = facts.of(ctx, ticket, happened, wanted=wanted)
        if not rules.holds(card.rule.where, known):
            _explain(ctx, card, ticket, known)
            continue
        ctx.fired.add((card.id, ticket.id))
        if _apply(ctx, card, ticket):
            known = None  # the ticket is another one now
        if card.rule.stops:
            _note_stopped(ctx, due[due.index(card) + 1 :], ticket, card)
            return


@anyone
def organizations_due() -> list[int]:
    """Organizations with rules about passing time, asked as the owner."""
    with db.owner_session() as session:
        rows = session.execute(
            text("SELECT DISTINCT organization_id FROM rule WHERE is_active AND definition ->> 'when' = ANY(:waiting)"),
            {"waiting": [one.value for one in WAITING]},
        )
        return [row[0] for row in rows]


@step
def sweep(ctx: Context) -> int:
    """Apply rules about passing time to tickets whose time has come since the last look; returns how many rules have more.

    A ticket comes due when its last change lies as far back as the rule waits: those between the last look and now, by an
    index in that order, whatever else is open.
    """
    rows = ctx.session.exec(
        select(Rule)
        .where(col(Rule.is_active), _WHEN.in_([one.value for one in WAITING]))
        .order_by(col(Rule.position), col(Rule.id))
        .with_for_update(skip_locked=True)
    ).all()
    today = catalog.today(ctx)
    cards = {card.id: card for card in catalog.current(ctx).rules if card.rule.applies_on(today)}
    return sum(_sweep_for(ctx, row, cards[row.id]) for row in rows if row.id in cards)


def _sweep_for(ctx: Context, row: Rule, card: RuleCard) -> bool:
    after = card.rule.after or timedelta()
    tickets = _come_due(ctx, card, after, row.swept_until)
    row.swept_until = ctx.now
    if not tickets:
        return False
    is_full = len(tickets) >= BATCH
    last = getattr(tickets[-1], _since(card.rule.trigger))
    known = facts.of_many(ctx, tickets, wanted=rules.needs([card.rule.where]))
    for ticket in tickets:
        if _is_its_own_doing(ctx, card, ticket):
            continue
        if rules.holds(card.rule.where, known[ticket.id]):
            _apply(ctx, card, ticket)
        else:
            _explain(ctx, card, ticket, known[ticket.id])
    if is_full:
        row.swept_until = last + after
    return is_full


def _come_due(ctx: Context, card: RuleCard, after: timedelta, since: datetime | None) -> list[Ticket]:
    """The next tickets whose time has come, oldest first. A batch ends between two moments, never within one."""
    moment = col(getattr(Ticket, _since(card.rule.trigger)))
    query = select(Ticket).where(moment <= ctx.now - after, col(Ticket.merged_into_id).is_(None))
    if card.rule.trigger is Trigger.IDLE:
        query = query.where(col(Ticket.is_open), col(Ticket.snoozed_until).is_(None))
    else:
        query = query.where(Ticket.status_category != StatusCategory.CLOSED)
    if since is not None:
        query = query.where(moment > since - after)
    edge = ctx.session.scalars(query.with_only_columns(moment).order_by(moment).offset(BATCH - 1).limit(1)).first()
    if edge is not None:
        query = query.where(moment <= edge)
    query = query.order_by(moment, col(Ticket.id)).with_for_update()
    return list(ctx.session.exec(query.execution_options(populate_existing=True)).all())


def _since(trigger: Trigger) -> str:
    return "updated_at" if trigger is Trigger.IDLE else "status_since"


def _is_its_own_doing(ctx: Context, card: RuleCard, ticket: Ticket) -> bool:
    """Whether the rule did this already and nothing has happened since but that: nobody wants to be reminded of a reminder."""
    last = ctx.session.exec(
        select(func.max(RuleRun.at)).where(RuleRun.ticket_id == ticket.id, RuleRun.rule_id == card.id)
    ).one()
    return last is not None and last >= getattr(ticket, _since(card.rule.trigger))


def _apply(ctx: Context, card: RuleCard, ticket: Ticket) -> bool:
    """Let a rule act on a ticket; whether anything is different. Whatever goes wrong stays with the rule."""
    known, topics = len(ctx.activities), set(ctx.topics)
    ctx.limit += _EACH
    run = RuleRun(rule_id=card.id, ticket_id=ticket.id, result=SUCCESS, at=ctx.now)
    try:
        with ctx.session.begin_nested(), ctx.acting_as(rule_actor(ctx.organization_id, card.name)):
            actions.check_conditions(ctx, card.rule.where)
            applied = ctx.record(ActivityKind.RULE_APPLIED, ticket, subject_id=card.id, name=card.name)
            ctx.session.flush()
            with_tags = any(one.do in (Do.TAG, Do.UNTAG) for one in card.rule.actions)
            before = restoring.snapshot(ctx, ticket, with_tags=with_tags)
            with ctx.because(applied):
                for one in card.rule.actions:
                    seen = len(ctx.activities)
                    actions.apply(ctx, ticket, one)
                    if len(ctx.activities) > seen:
                        run.did = [*run.did, actions.in_words(ctx, one)]
            ctx.session.flush()
            run.activity_id = applied.id
            run.kept = _to_take_back(
                before, restoring.snapshot(ctx, ticket, with_tags=with_tags), ctx.activities[known:]
            )
            if not run.did and any(one.do is not Do.STOP for one in card.rule.actions):
                raise _NothingToDo
    except _NothingToDo:
        run.result, run.reason = SKIPPED, "Everything it would do was so already."
    except HelpdeskError as error:
        run.result, run.reason, run.did = FAILED, error.message[:300], []
    except Exception:
        _logger.exception("a rule failed", rule=card.id, ticket=ticket.id)
        run.result, run.reason, run.did = FAILED, "Something went wrong inside the desk; the log has the details.", []
    if run.result != SUCCESS:
        run.kept = run.activity_id = None
        del ctx.activities[known:]
        ctx.topics = topics
        ctx.session.refresh(ticket)
    ctx.session.add(run)
    ctx.topics.add(f"org-{ctx.organization_id}-rules")
    if run.result == FAILED:
        _own_up(ctx, card, ticket, run.reason)
    ctx.session.flush()
    return run.result == SUCCESS


def _to_take_back(before: dict[str, Any], after: dict[str, Any], since: Sequence[Activity]) -> dict[str, Any] | None:
    """What an undo needs; nothing when a rule only said something: words that were sent cannot be taken back."""
    watch = [one.subject_id for one in since if one.kind == ActivityKind.TICKET_WATCHER_ADDED]
    names = restoring.changed(before, after)
    return {"before": before, "after": after, "watch": watch} if names or watch else None


def _explain(ctx: Context, card: RuleCard, ticket: Ticket, known: rules.Facts) -> None:
    """The log says which condition kept a rule away, if somebody has asked it to: a row for every rule that does not apply
    would be most of what the desk ever writes."""
    if card.explains_until is None or card.explains_until <= ctx.now:
        return
    why_not = rules.failing(card.rule.where, known)
    if why_not is None:
        reason = "None of its conditions held."
    else:
        names = actions.named(ctx, [(why_not.field, value) for value in why_not.values])
        said = actions.condition_in_words(catalog.current(ctx), why_not, names)
        reason = f"This did not hold: {said}."[:300]
    ctx.session.add(RuleRun(rule_id=card.id, ticket_id=ticket.id, result=SKIPPED, reason=reason, at=ctx.now))
    ctx.topics.add(f"org-{ctx.organization_id}-rules")


def _own_up(ctx: Context, card: RuleCard, ticket: Ticket, reason: str) -> None:
    """Tell an administrator that a rule does not work, the first time it does not; saving it anew begins again."""
    row = ctx.session.get(Rule, card.id)
    if row is None or row.problem:
        return
    row.problem = reason
    with ctx.acting_as(rule_actor(ctx.organization_id, card.name)):
        ctx.record(ActivityKind.RULE_FAILED, ticket, subject_id=card.id, name=card.name, reason=reason)


def _note_stopped(ctx: Context, left: list[RuleCard], ticket: Ticket, by: RuleCard) -> None:
    """The log says of a rule that would have applied why it did not."""
    known = facts.of(ctx, ticket, wanted=rules.needs(card.rule.where for card in left)) if left else None
    for card in left:
        if known is not None and rules.holds(card.rule.where, known):
            reason = f"The rule “{by.name}” said to apply no further rules."
            ctx.session.add(RuleRun(rule_id=card.id, ticket_id=ticket.id, result=SKIPPED, reason=reason, at=ctx.now))
