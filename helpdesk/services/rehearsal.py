"""The dry run of a rule: what it would have done to what happened lately. Reads, and changes nothing.

A ticket is judged as it stands today, with what changed then: which is exact for words, people and companies, and says of
the rest "would do so now". Rules about passing time are asked which tickets they would meet at once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from helpdesk.domain import rules as language
from helpdesk.domain.activity import ActivityKind, Happened
from helpdesk.domain.errors import Invalid
from helpdesk.domain.permissions import Permission
from helpdesk.domain.rules import SETS, TRIGGERED, WAITING, Do, Facts, Rule, Trigger
from helpdesk.domain.tickets import StatusCategory
from helpdesk.models import Activity, Ticket
from helpdesk.services import actions, catalog, facts, rules
from helpdesk.services.context import Context, requires

MOST_DAYS = 90
MOST_LOOKED_AT = 20_000
SHOWN = 100
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A ticket the rule would have met."""

    reference: str
    title: str
    at: str
    would: str
    conflict: str = ""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a rule would have done.

    Args:
        looked_at: how many activities, or tickets, were asked.
        tickets: how many it would have met; the first hundred are in `rows`.
        mails: how many mails and replies would have gone out.
        failing: (condition, tickets it alone kept away) of those it did not meet.
        is_partial: whether there was more than could be looked at.
    """

    looked_at: int = 0
    tickets: int = 0
    mails: int = 0
    conflicts: int = 0
    rows: tuple[Rehearsed, ...] = ()
    failing: tuple[tuple[str, int], ...] = ()
    is_partial: bool = False


@requires(Permission.AUTOMATION_MANAGE)
def rehearse(ctx: Context, *, written: Mapping[str, Any], days: int = 7, but: int = 0) -> Rehearsal:
    """Try a rule on the last days without applying it.

    Args:
        written: when, after, if, then.
        days: 1 to 90.
        but: the id of the rule this is a draft of; it is no conflict with itself.

    Raises:
        Invalid: the rule cannot work as it is written, or the days are out of range.
    """
    if not 1 <= days <= MOST_DAYS:
        raise Invalid(days=f"Choose 1 to {MOST_DAYS} days.")
    rule = rules.checked(ctx, written)
    said = {one: actions.in_words(ctx, one) for one in rule.actions}
    looked_at, met, missed = 0, dict[int, tuple[Ticket, str, Facts]](), dict[str, int]()
    is_partial = False
    for ticket, at, known in _judged(ctx, rule, days):
        looked_at += 1
        if looked_at >= MOST_LOOKED_AT:
            is_partial = True
            break
        if ticket.id in met:
            continue
        why_not = language.failing(rule.where, known)
        if why_not is None:
            met[ticket.id] = (ticket, at, known)
        else:
            words = actions.condition_in_words(catalog.current(ctx), why_not, _names(ctx, why_not))
            missed[words] = missed.get(words, 0) + 1
    rows = [_row(ctx, rule, said, *one, but=but) for one in met.values()]
    mails = sum(one.do in (Do.REPLY, Do.ANSWER, Do.MAIL, Do.NOTIFY) for one in rule.actions)
    return Rehearsal(
        looked_at, len(met), mails * len(met), sum(bool(row.conflict) for row in rows), tuple(rows[:SHOWN]),
        tuple(sorted(missed.items(), key=lambda one: -one[1])[:5]), is_partial,
    )  # fmt: skip


def _judged(ctx: Context, rule: Rule, days: int) -> Iterator[tuple[Ticket, str, Facts]]:
    """(ticket, moment, facts) of everything the rule would have been asked about, newest first."""
    wanted = language.needs([rule.where])
    if rule.trigger in WAITING:
        tickets = list(ctx.session.exec(_waiting(ctx, rule)).all())
        for start in range(0, len(tickets), _AT_ONCE):
            some = tickets[start : start + _AT_ONCE]
            known = facts.of_many(ctx, some, wanted=wanted)
            yield from ((one, ctx.now.isoformat(), known[one.id]) for one in some)
        return
    kinds = [kind for kind, triggers in TRIGGERED.items() if rule.trigger in triggers]
    query = (
        select(Activity, Ticket)
        .join(Ticket, col(Ticket.id) == Activity.ticket_id)
        .where(col(Activity.kind).in_(kinds), col(Activity.at) >= ctx.now - timedelta(days=days))
        .where(col(Ticket.merged_into_id).is_(None))
        .order_by(col(Activity.id).desc())
        .limit(MOST_LOOKED_AT)
    )
    found = list(ctx.session.exec(query).all())
    for start in range(0, len(found), _AT_ONCE):
        some_ = found[start : start + _AT_ONCE]
        known = facts.of_many(ctx, list({ticket.id: ticket for _, ticket in some_}.values()), wanted=wanted)
        for activity, ticket in some_:
            yield ticket, activity.at.isoformat(), _then(ctx, known[ticket.id], ticket, activity)


def _waiting(ctx: Context, rule: Rule) -> Any:
    column = col(Ticket.updated_at if rule.trigger is Trigger.IDLE else Ticket.status_since)
    query = select(Ticket).where(column <= ctx.now - (rule.after or timedelta()), col(Ticket.merged_into_id).is_(None))
    if rule.trigger is Trigger.IDLE:
        query = query.where(col(Ticket.is_open), col(Ticket.snoozed_until).is_(None))
    else:
        query = query.where(Ticket.status_category != StatusCategory.CLOSED)
    return query.order_by(column).limit(MOST_LOOKED_AT)


def _then(ctx: Context, today: Facts, ticket: Ticket, activity: Activity) -> Facts:
    """Today's facts with what the activity says: what changed, who did it, and what it became."""
    happened = Happened(
        activity.id,
        ActivityKind(activity.kind),
        activity.ticket_id,
        activity.actor_id,
        activity.actor_name,
        activity.data,
    )
    was, became = facts.former(catalog.current(ctx), happened), facts.latter(catalog.current(ctx), happened)
    return replace(today, was=was, values={**today.values, **became, **facts.doer(ctx, ticket, happened)})


def _row(
    ctx: Context, rule: Rule, said: Mapping[Any, str], ticket: Ticket, at: str, known: Facts, *, but: int
) -> Rehearsed:
    return Rehearsed(
        ticket.reference, ticket.title, at, ", ".join(said[one] for one in rule.actions),
        _conflict(ctx, rule, known, but=but),
    )  # fmt: skip


def _conflict(ctx: Context, rule: Rule, known: Facts, *, but: int) -> str:
    """Another active rule that waits for the same and sets the same field to something else."""
    mine = {SETS[one.do]: one.values for one in rule.actions if one.do in SETS}
    for card in catalog.current(ctx).rules_by_trigger[rule.trigger]:
        if card.id == but or not language.holds(card.rule.where, known):
            continue
        for one in card.rule.actions:
            if one.do in SETS and mine.get(SETS[one.do], one.values) != one.values:
                return f"The rule “{card.name}” would {actions.in_words(ctx, one)}."
        if card.rule.stops:
            return f"The rule “{card.name}” says to apply no further rules."
    return ""


def _names(ctx: Context, one: Any) -> dict[Any, str]:
    return actions.named(ctx, [(one.field, value) for value in one.values])
