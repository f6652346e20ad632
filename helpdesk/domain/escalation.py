"""Escalation: who is brought in when a ticket has waited too long. Pure.

A policy is for the tickets its conditions hold for. Each of its steps counts from a moment of the ticket (its breach, the
customer's last unanswered message ...) and, so long afterwards, tells people and raises the ticket's level. A step happens
once for each such moment: when the customer writes again and nobody answers again, that is another one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from helpdesk.domain import durations, templates
from helpdesk.domain.conditions import Group
from helpdesk.domain.errors import Invalid
from helpdesk.domain.text import clean

HIGHEST = 3
MOST_STEPS = 10
MOST_TOLD = 20
LONGEST_MESSAGE = 2000
AT_ONCE = "at once"


class Since(StrEnum):
    """From when a step counts."""

    BREACH = "breach"
    WARNING = "warning"
    NO_REPLY = "no_reply"
    CREATED = "created"
    UPDATED = "updated"


SINCE_LABELS = {
    Since.BREACH: "a deadline was missed",
    Since.WARNING: "a deadline came near",
    Since.NO_REPLY: "the customer wrote and nobody answered",
    Since.CREATED: "the ticket was created",
    Since.UPDATED: "anything was done",
}
# These moments are alarming by themselves; of every other one each ticket has some.
_MAY_BE_AT_ONCE = (Since.BREACH, Since.WARNING)


class Whom(StrEnum):
    """Who is told. Teams and people are named by their ids: "team:3", "person:7"."""

    AGENT = "agent"
    LEAD = "lead"
    MANAGERS = "managers"
    TEAM = "team"
    PERSON = "person"


WHOM_LABELS = {Whom.AGENT: "the agent", Whom.LEAD: "the team's lead", Whom.MANAGERS: "all managers"}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a policy.

    Args:
        after: how long after that moment.
        whom: who is told, as `Whom` says.
        level: what the ticket's level is raised to, 0-3; 0 tells people only.
        message: what they are told, with placeholders; empty for the desk's own words.
        id: where it is kept.
    """

    since: Since
    after: timedelta
    whom: tuple[str, ...]
    level: int = 1
    message: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True)
class Policy:
    """An escalation policy."""

    id: int
    name: str
    where: Group = field(default_factory=Group)
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Moments:
    """What steps count from; None for what has not happened, or is over.

    Args:
        breached_at, warned_at: of a promise that is not kept yet.
        waiting_since: the customer's first message nobody has answered, while it is our turn.
    """

    created_at: datetime
    updated_at: datetime
    breached_at: datetime | None = None
    warned_at: datetime | None = None
    waiting_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """When a step is due, and the moment it counts from."""

    since: datetime
    at: datetime


def due(step: Step, moments: Moments) -> Due | None:
    """When a step is due for a ticket; None when there is nothing to count from."""
    base = {
        Since.BREACH: moments.breached_at, Since.WARNING: moments.warned_at, Since.NO_REPLY: moments.waiting_since,
        Since.CREATED: moments.created_at, Since.UPDATED: moments.updated_at,
    }[step.since]  # fmt: skip
    return None if base is None else Due(base, base + step.after)


def waiting_since(
    *, created_at: datetime, is_customers_turn: bool, answered_at: datetime | None, asked_at: datetime | None
) -> datetime | None:
    """Since when a customer waits for an answer.

    Args:
        is_customers_turn: the last word was ours, or we wait for them.
        answered_at: the last public reply by staff.
        asked_at: the customer's first message after it.
    """
    if is_customers_turn:
        return None
    return created_at if answered_at is None else asked_at


def why(step: Step) -> str:
    """Why a step happens: "4h after the customer wrote and nobody answered"."""
    return f"{after_label(step.after)} {'after' if step.after else 'when'} {SINCE_LABELS[step.since]}"


def after_label(after: timedelta) -> str:
    """How long, as `after` reads it."""
    return durations.in_days(after) if after else AT_ONCE


def after(text: str) -> timedelta:
    """How long after: "30m", "1d 4h", or "at once".

    Raises:
        Invalid: not understood, or over a year.
    """
    said = " ".join(text.lower().split())
    return timedelta() if said in ("", "0", "0m", AT_ONCE) else durations.wait(text)


def checked(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps, if they make sense.

    Raises:
        Invalid: none, too many, or one that tells nobody, at an absurd time or level; says which.
    """
    if not 0 < len(steps) <= MOST_STEPS:
        raise Invalid(steps=f"Use 1 to {MOST_STEPS} steps.")
    for number, step in enumerate(steps, start=1):
        if problem := _problem(step):
            raise Invalid(steps=f"Step {number}: {problem}")
    said = [(step.since, step.after) for step in steps]
    for number, step in enumerate(steps, start=1):
        if said.index((step.since, step.after)) < number - 1:
            raise Invalid(steps=f"Step {number}: another step counts from the same moment as long. Make them one.")
    return tuple(steps)


def _problem(step: Step) -> str:
    if not 0 <= step.level <= HIGHEST:
        return f"Use a level from 0 to {HIGHEST}."
    if step.after < timedelta() or (not step.after and step.since not in _MAY_BE_AT_ONCE):
        return "Say after how long, such as 30m, 4h or 2d."
    if not step.whom:
        return "Choose who is told."
    if len(step.whom) > MOST_TOLD:
        return f"Name at most {MOST_TOLD} people and teams."
    if strange := next((one for one in step.whom if not _is_whom(one)), None):
        return f"“{strange[:40]}” is nobody to tell."
    if len(step.message) > LONGEST_MESSAGE:
        return f"Use at most {LONGEST_MESSAGE:,} characters for the message."
    try:
        templates.check(clean(step.message))
    except Invalid as error:
        return next(iter(error.fields.values()), error.message)
    return ""


def _is_whom(word: str) -> bool:
    kind, _, number = word.partition(":")
    if kind in (Whom.TEAM, Whom.PERSON):
        return number.isascii() and number.isdecimal() and 0 < int(number) < 2**63
    return kind in tuple(Whom) and not number


def raised(level: int, wanted: int | None) -> int:
    """The level after somebody escalates by hand: the one they chose, or the next.

    Raises:
        Invalid: not above the present one, or above the highest.
    """
    target = level + 1 if wanted is None else wanted
    if target > HIGHEST:
        raise Invalid(level=f"It is at level {HIGHEST} already: there is none above.")
    if target <= level:
        raise Invalid(level=f"It is at level {level}. Choose a higher one, or take the escalation back.")
    return target
