"""Rules: when something happens to a ticket, if conditions hold, then do something. All of it is data, parsed here.

    {"when": "updated",
     "if": {"all": [["status", "is", "resolved"], ["status", "was", "open"]]},
     "then": [["priority", "urgent"], ["tag", "vip"], ["stop"]]}

`holds` answers a tree of conditions for one ticket, from `Facts`; rules, SLA policies and escalation policies share it.
Conditions may also come flat, as `{"priority": "urgent", "category__name": "Billing"}`. Letter case never matters.

Pure: who finds the facts of a ticket is `services/facts.py`, who acts is `services/automation.py`.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from helpdesk.domain import durations, templates
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.conditions import (
    FIELDS,
    NONE,
    YES_NO,
    Condition,
    Field,
    Group,
    Kind,
    Match,
    Operator,
    Use,
    as_json,
    condition,
    from_json,
    moment_of,
)
from helpdesk.domain.errors import Invalid
from helpdesk.domain.text import clean, one_line

MOST_ACTIONS = 20
MOST_TAGS = 20
# How long what a rule did can be taken back as a whole: after a day people have built on it.
UNDO_WINDOW = timedelta(hours=24)
_SUBJECT = 200


# --- What is known of a ticket ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Facts:
    """What conditions can ask about one ticket at one moment.

    Args:
        now: aware moment.
        timezone: where days begin.
        values: field -> what it is, in lower case; several for tags, nothing for what is not set.
        texts: field -> what it says.
        dates: field -> aware moment; a field without one is left out.
        was: field -> what it was, for what has just changed only.
    """

    now: datetime
    timezone: str = "UTC"
    values: Mapping[str, frozenset[str]] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    dates: Mapping[str, datetime] = field(default_factory=dict)
    was: Mapping[str, frozenset[str]] = field(default_factory=dict)


def holds(group: Group, facts: Facts) -> bool:
    """Whether the conditions hold for a ticket; no conditions hold for every one."""
    if not group.parts:
        return True
    answers = (holds(part, facts) if isinstance(part, Group) else _holds(part, facts) for part in group.parts)
    return all(answers) if group.match is Match.ALL else any(answers)


def holds_value(one: Condition, value: str) -> bool:
    """Whether a condition about one of a closed set holds for a value; an empty one is not set."""
    values = frozenset({value}) if value else frozenset()
    return _among(one, values) != (one.operator is Operator.NOT)


def needs(groups: Iterable[Group]) -> frozenset[Field]:
    """The fields that conditions ask for: what else there is to know need not be read."""
    return frozenset(one.field for group in groups for one in group)


def failing(group: Group, facts: Facts) -> Condition | None:
    """The first condition that keeps the tree from holding; None when it holds. For the log's "why not"."""
    if holds(group, facts):
        return None
    for part in group.parts:
        if isinstance(part, Group):
            if found := failing(part, facts):
                return found
        elif not _holds(part, facts):
            return part
    return None


def _holds(one: Condition, facts: Facts) -> bool:
    if one.operator is Operator.CHANGED:
        return (one.name in facts.was) == (one.values[0] == "yes")
    if one.operator is Operator.WAS:
        return one.name in facts.was and _among(one, facts.was[one.name])
    kind = FIELDS[one.field].kind
    if kind is Kind.DATE:
        return _dated(one, facts)
    if one.operator is Operator.CONTAINS:
        return _contains(one, facts)
    values = facts.values.get(one.name, frozenset())
    if one.operator in (Operator.LEAST, Operator.MOST):
        return any(_compares(one, value) for value in values)
    return _among(one, values) != (one.operator is Operator.NOT)


def _among(one: Condition, values: frozenset[str]) -> bool:
    """Whether any of what it is, is wanted. Nobody is “none”, and 5 is 5.0."""
    if NONE in one.values and not values:
        return True
    if not values.isdisjoint(one.values):
        return True
    if FIELDS[one.field].kind not in (Kind.ANSWER, Kind.NUMBER):
        return False
    wanted = {number for value in one.values if (number := _number(value)) is not None}
    return any(_number(value) in wanted for value in values)


def _compares(one: Condition, value: str) -> bool:
    [limit] = one.values
    mine, theirs = _number(value), _number(limit)
    if mine is not None and theirs is not None:
        return mine >= theirs if one.operator is Operator.LEAST else mine <= theirs
    if mine is not None or theirs is not None:
        return False
    return value >= limit if one.operator is Operator.LEAST else value <= limit


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if abs(number) < 10**15 else None


def _contains(one: Condition, facts: Facts) -> bool:
    if FIELDS[one.field].kind is Kind.NAME:
        return any(one.values[0] in value for value in facts.values.get(one.name, ()))
    wanted, said = _words(one.values[0]), _words(facts.texts.get(one.name, ""))
    return bool(wanted) and all(any(word.startswith(beginning) for word in said) for beginning in wanted)


@lru_cache(maxsize=512)
def _words(text: str) -> tuple[str, ...]:
    """The words of a text without letter case and accents, as search reads them."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return tuple(re.findall(r"\w+", "".join(one for one in plain if not unicodedata.combining(one))))


def _dated(one: Condition, facts: Facts) -> bool:
    at = facts.dates.get(one.name)
    if at is None:
        return False
    [value] = one.values
    if one.operator is Operator.LAST:
        return facts.now - timedelta(days=int(value)) <= at <= facts.now
    if one.operator is Operator.NEXT:
        return facts.now <= at <= facts.now + timedelta(days=int(value))
    if moment := moment_of(value):
        return at < moment if one.operator is Operator.BEFORE else at >= moment
    zone = ZoneInfo(facts.timezone)
    day = datetime.combine(date.fromisoformat(value), time(0), zone)
    if one.operator is Operator.BEFORE:
        return at < day
    after = datetime.combine(date.fromisoformat(value) + timedelta(days=1), time(0), zone)
    return at >= after if one.operator is Operator.AFTER else day <= at < after


# --- When ---------------------------------------------------------------------------------------------------------------


class Trigger(StrEnum):
    """What a rule waits for."""

    CREATED = "created"
    UPDATED = "updated"
    ASSIGNED = "assigned"
    COMMENTED = "commented"
    SLA_WARNING = "sla_warning"
    SLA_BREACHED = "sla_breached"
    RATED = "rated"
    IDLE = "idle"
    STUCK = "stuck"


TRIGGER_LABELS = {
    Trigger.CREATED: "a ticket is created",
    Trigger.UPDATED: "a ticket is updated",
    Trigger.ASSIGNED: "a ticket is assigned",
    Trigger.COMMENTED: "somebody replies or adds a note",
    Trigger.SLA_WARNING: "a deadline comes near",
    Trigger.SLA_BREACHED: "a deadline is missed",
    Trigger.RATED: "the customer rates the help",
    Trigger.IDLE: "nothing has happened on a ticket for",
    Trigger.STUCK: "a ticket has kept its status for",
}
# Nobody does these: time passes.
WAITING = frozenset({Trigger.IDLE, Trigger.STUCK})
_K = ActivityKind
_UPDATES = (
    _K.TICKET_STATUS_CHANGED, _K.TICKET_PRIORITY_CHANGED, _K.TICKET_CATEGORY_CHANGED, _K.TICKET_TAGS_CHANGED,
    _K.TICKET_TEAM_CHANGED, _K.TICKET_DUE_CHANGED, _K.TICKET_TITLE_CHANGED, _K.TICKET_FIELD_CHANGED,
    _K.TICKET_UNASSIGNED, _K.TICKET_ESCALATED, _K.TICKET_DEESCALATED,
)  # fmt: skip
TRIGGERED: dict[ActivityKind, tuple[Trigger, ...]] = {
    _K.TICKET_CREATED: (Trigger.CREATED,),
    _K.TICKET_ASSIGNED: (Trigger.ASSIGNED, Trigger.UPDATED),
    _K.TICKET_REPLIED: (Trigger.COMMENTED,),
    _K.TICKET_NOTED: (Trigger.COMMENTED,),
    _K.SLA_WARNING: (Trigger.SLA_WARNING,),
    _K.SLA_BREACHED: (Trigger.SLA_BREACHED,),
    _K.TICKET_RATED: (Trigger.RATED,),
    **dict.fromkeys(_UPDATES, (Trigger.UPDATED,)),
}
# --- Then ---------------------------------------------------------------------------------------------------------------


class Do(StrEnum):
    """What a rule or a macro can do."""

    ASSIGN = "assign"
    TEAM = "team"
    PRIORITY = "priority"
    STATUS = "status"
    CATEGORY = "category"
    TAG = "tag"
    UNTAG = "untag"
    DUE = "due"
    WATCH = "watch"
    ESCALATE = "escalate"
    NOTE = "note"
    REPLY = "reply"
    ANSWER = "answer"
    MAIL = "mail"
    NOTIFY = "notify"
    SLA = "sla"
    WEBHOOK = "webhook"
    STOP = "stop"
    TAKE = "take"  # by hand only: rules are nobody


ACTION_LABELS = {
    Do.ASSIGN: "assign it to",
    Do.TEAM: "move it to the team",
    Do.PRIORITY: "set the priority to",
    Do.STATUS: "set the status to",
    Do.CATEGORY: "set the category to",
    Do.TAG: "add the tags",
    Do.UNTAG: "remove the tags",
    Do.DUE: "make it due in",
    Do.WATCH: "let watch",
    Do.ESCALATE: "escalate it to level",
    Do.NOTE: "add a note",
    Do.REPLY: "reply to the customer",
    Do.ANSWER: "reply with the macro",
    Do.MAIL: "send a mail to",
    Do.NOTIFY: "notify",
    Do.SLA: "put it under the SLA policy",
    Do.WEBHOOK: "call the webhook",
    Do.STOP: "apply no further rules",
    Do.TAKE: "assign it to me",
}
BY_RULES = tuple(one for one in Do if one is not Do.TAKE)
# What can be taken back by an undo; a macro's words are kept beside them.
BY_HAND = (Do.TAKE, Do.ASSIGN, Do.TEAM, Do.STATUS, Do.PRIORITY, Do.CATEGORY, Do.TAG, Do.UNTAG)
# Fields an action sets: two rules that set the same one contradict each other.
SETS = {
    Do.ASSIGN: Field.ASSIGNEE, Do.TEAM: Field.TEAM, Do.PRIORITY: Field.PRIORITY, Do.STATUS: Field.STATUS,
    Do.CATEGORY: Field.CATEGORY, Do.DUE: Field.DUE,
}  # fmt: skip
# Which of them name somebody or something by its id, and what that is.
MACRO, ENDPOINT, POLICY = "macro", "webhook", "SLA policy"
# Among the facts of a ticket: the policy it was put under. Nothing conditions can ask.
CHOSEN_POLICY = "chosen_policy"
BY_ID: dict[Do, str] = {
    Do.ASSIGN: Field.ASSIGNEE, Do.TEAM: Field.TEAM, Do.CATEGORY: Field.CATEGORY, Do.WATCH: Field.ASSIGNEE, Do.ANSWER: MACRO,
    Do.WEBHOOK: ENDPOINT,
    Do.SLA: POLICY,
}  # fmt: skip
CAN_CLEAR = frozenset({Do.ASSIGN, Do.TEAM, Do.CATEGORY, Do.DUE, Do.SLA})
LEVELS = ("1", "2", "3")
REQUESTER, ASSIGNEE = "requester", "assignee"
# Whom `notify` tells; one team or person as "team:3", "person:7".
NOTIFIED = {
    ASSIGNEE: "the assignee", "team": "everybody in the ticket's team", "lead": "the team's lead", "managers": "all managers",
    "watchers": "who watches it", REQUESTER: "the customer",
}  # fmt: skip
_ONE_OF = {"team": Field.TEAM, "person": Field.ASSIGNEE}
_WHOM = re.compile(r"(team|person):[1-9][0-9]{0,17}")
_ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do, with what."""

    do: Do
    values: tuple[str, ...] = ()


def action(given: Any) -> Action:
    """The action of a list: what to do, and with what.

    Raises:
        Invalid: it is none; says why.
    """
    if not isinstance(given, list | tuple) or not given or not all(isinstance(one, str | int) for one in given):
        raise Invalid(actions="An action is what to do, and with what.")
    name, *values = (str(one) for one in given)
    if name not in tuple(Do):
        raise Invalid(actions=f"There is no action “{name[:40]}”.")
    do = Do(name)
    return Action(do, _CHECKS[do](do, [value for value in values if do is Do.MAIL or value.strip()]))


def actions(given: Any, offered: Sequence[Do] = BY_RULES) -> tuple[Action, ...]:
    """The actions of a list of lists, in order.

    Args:
        offered: what may be done here.

    Raises:
        Invalid: none, too many, or one is no action; says which.
    """
    if not isinstance(given, list | tuple) or not given:
        raise Invalid(actions="Say what is to be done: add an action.")
    if len(given) > MOST_ACTIONS:
        raise Invalid(actions=f"Use at most {MOST_ACTIONS} actions.")
    found = []
    for place, one in enumerate(given, start=1):
        try:
            found.append(action(one))
            if found[-1].do not in offered:
                raise Invalid(actions=f"“{ACTION_LABELS[found[-1].do].capitalize()}” cannot be done here.")
        except Invalid as error:
            raise Invalid(actions=f"Action {place}: {error.message}") from None
    return tuple(found)


def actions_json(given: Sequence[Action]) -> list[list[str]]:
    """Actions as plain lists."""
    return [[one.do.value, *one.values] for one in given]


def names_asked(given: Iterable[Action]) -> list[tuple[str, str]]:
    """(what, id) of everything that actions name by its id."""
    found: list[tuple[str, str]] = []
    for one in given:
        if one.do in BY_ID:
            found += [(BY_ID[one.do], value) for value in one.values]
        elif one.do is Do.NOTIFY and (named := whom_named(one.values[0])):
            found.append(named)
    return found


def whom_named(whom: str) -> tuple[str, str] | None:
    """(what, id) of the team or person that `notify` tells; None for a word such as "managers"."""
    kind, colon, number = whom.partition(":")
    return (_ONE_OF[kind], number) if colon and kind in _ONE_OF else None


def _none(_do: Do, values: list[str]) -> tuple[str, ...]:
    if values:
        raise Invalid(actions="This action takes nothing with it.")
    return ()


def _one(do: Do, values: list[str]) -> tuple[str, ...]:
    if len(values) != 1:
        raise Invalid(actions=f"Say what to {ACTION_LABELS[do]}.")
    return (one_line(values[0]).lower()[:60],)


def _identified(do: Do, values: list[str]) -> tuple[str, ...]:
    [value] = _one(do, values)
    if value == NONE and do in CAN_CLEAR:
        return (value,)
    if not (value.isascii() and value.isdigit() and 0 < int(value) < 2**63):
        raise Invalid(actions=f"Choose what to {ACTION_LABELS[do]}.")
    return (value,)


def _tags(_do: Do, values: list[str]) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(one_line(value).lower() for value in values if one_line(value)))
    if not 0 < len(names) <= MOST_TAGS or any(len(name) > 60 for name in names):
        raise Invalid(actions=f"Name 1 to {MOST_TAGS} tags of at most 60 characters.")
    return names


def _level(do: Do, values: list[str]) -> tuple[str, ...]:
    [value] = _one(do, values)
    if value not in LEVELS:
        raise Invalid(actions=f"Choose a level: {', '.join(LEVELS)}.")
    return (value,)


def _due(do: Do, values: list[str]) -> tuple[str, ...]:
    [value] = _one(do, values)
    if value != NONE:
        durations.wait(value)
    return (value,)


def _text(_do: Do, values: list[str]) -> tuple[str, ...]:
    if len(values) != 1 or not clean(values[0]):
        raise Invalid(actions="Write the text.")
    templates.check(values[0])
    return (clean(values[0]),)


def _mail(_do: Do, values: list[str]) -> tuple[str, ...]:
    if len(values) != 3:
        raise Invalid(actions="A mail has a recipient, a subject and a text.")
    to, subject, body = one_line(values[0]).lower(), one_line(values[1]), clean(values[2])
    if to not in (REQUESTER, ASSIGNEE) and not (len(to) <= 254 and _ADDRESS.fullmatch(to)):
        raise Invalid(actions=f"“{to[:60]}” is no e-mail address.")
    if not subject or len(subject) > _SUBJECT or not body:
        raise Invalid(actions=f"Give the mail a subject of at most {_SUBJECT} characters, and a text.")
    templates.check(subject)
    templates.check(body)
    return (to, subject, body)


def _notify(_do: Do, values: list[str]) -> tuple[str, ...]:
    if len(values) != 2 or not clean(values[1]):
        raise Invalid(actions="Say whom to notify, and of what.")
    whom = one_line(values[0]).lower()
    if whom not in NOTIFIED and not _WHOM.fullmatch(whom):
        raise Invalid(actions=f"“{whom[:60]}” is nobody who can be notified.")
    templates.check(values[1])
    return (whom, clean(values[1]))


_CHECKS: dict[Do, Callable[[Do, list[str]], tuple[str, ...]]] = {
    Do.ASSIGN: _identified, Do.TEAM: _identified, Do.CATEGORY: _identified, Do.WATCH: _identified,
    Do.PRIORITY: _one, Do.STATUS: _one, Do.TAG: _tags, Do.UNTAG: _tags, Do.DUE: _due, Do.NOTE: _text,
    Do.REPLY: _text, Do.MAIL: _mail, Do.STOP: _none, Do.TAKE: _none,
    Do.ESCALATE: _level, Do.ANSWER: _identified, Do.WEBHOOK: _identified, Do.SLA: _identified, Do.NOTIFY: _notify,
}  # fmt: skip


# --- A whole rule -------------------------------------------------------------------------------------------------------

Find = Callable[[Field, str], str | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """When, if, then.

    Args:
        after: how long to wait, for the triggers of passing time.
        starts, ends: the first and the last day on which it applies, in the organization's zone; None: always.
    """

    trigger: Trigger
    where: Group = field(default_factory=Group)
    actions: tuple[Action, ...] = ()
    after: timedelta | None = None
    starts: date | None = None
    ends: date | None = None

    def applies_on(self, day: date) -> bool:
        """Whether it is valid on a day."""
        return (self.starts is None or self.starts <= day) and (self.ends is None or day <= self.ends)

    @property
    def stops(self) -> bool:
        """Whether no further rule applies after it."""
        return any(one.do is Do.STOP for one in self.actions)


_SAID = frozenset({"when", "after", "if", "then", "starts", "ends"})


def parse(given: Any, find: Find | None = None) -> Rule:
    """The rule of plain JSON: when, after, if, then.

    Args:
        find: the id of something by its name, for conditions in the flat form.

    Raises:
        Invalid: no rule; says in which field, and in which condition or action.
    """
    if not isinstance(given, Mapping):
        raise Invalid("A rule says when, if and then.")
    if unknown := set(given) - _SAID:
        raise Invalid(
            f"A rule has no “{str(min(map(str, unknown)))[:40]}”: it says when, after, if, then, starts and ends."
        )
    when = str(given.get("when", ""))
    if when not in tuple(Trigger):
        raise Invalid(trigger="Choose when the rule begins.")
    trigger = Trigger(when)
    if trigger in WAITING and not given.get("after"):
        raise Invalid(after="Say for how long, such as 2d.")
    if trigger not in WAITING and given.get("after"):
        raise Invalid(after="Only rules about passing time wait.")
    after = durations.wait(str(given["after"])) if trigger in WAITING else None
    starts, ends = _day(given, "starts"), _day(given, "ends")
    if starts and ends and ends < starts:
        raise Invalid(ends="The last day comes before the first.")
    return Rule(
        trigger, conditions(given.get("if") or {"all": []}, find), actions(given.get("then")), after, starts, ends
    )


def _day(given: Mapping[Any, Any], name: str) -> date | None:
    value = given.get(name)
    if not value:
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise Invalid(**{name: "Write the day as 2026-12-31."}) from None


def rule_json(rule: Rule) -> dict[str, Any]:
    """The rule as plain JSON."""
    when: dict[str, Any] = {"when": rule.trigger.value}
    if rule.after is not None:
        when["after"] = durations.in_days(rule.after)
    days = {"starts": rule.starts, "ends": rule.ends}
    valid = {name: day.isoformat() for name, day in days.items() if day is not None}
    return when | {"if": as_json(rule.where), "then": actions_json(rule.actions)} | valid


# --- The flat form ------------------------------------------------------------------------------------------------------

_ALIASES = {
    "subject": "title", "tags": "tag", "owner": "assignee", "assigned_to": "assignee", "requester__email": "requester_email",
    "requester__domain": "requester_domain", "requester__company": "company", "escalation_level": "escalation",
    "csat_score": "csat", "status__category": "status_category", "stage": "status_category", "sla_status": "sla",
}  # fmt: skip
_ATTRIBUTES = {"name", "slug", "id", "label", "email"}
_LOOKUPS = {
    "in": Operator.ANY, "not": Operator.NOT, "not_in": Operator.NOT, "contains": Operator.CONTAINS,
    "gte": Operator.LEAST, "lte": Operator.MOST, "was": Operator.WAS, "changed": Operator.CHANGED,
    "before": Operator.BEFORE, "after": Operator.AFTER,
}  # fmt: skip


def conditions(given: Any, find: Find | None = None) -> Group:
    """Conditions as a tree, or in the flat form: `{"priority": "urgent", "category__name": "Billing", "tag__in": [...]}`.

    Raises:
        Invalid: says which condition is none.
    """
    if not isinstance(given, Mapping) or (len(given) == 1 and next(iter(given)) in tuple(Match)):
        return from_json(given, Use.RULE)
    parts = []
    for key, value in given.items():
        try:
            parts.append(_from_flat(str(key), value, find))
        except Invalid as error:
            raise Invalid(where=f"“{str(key)[:60]}”: {error.message}") from None
    return from_json(as_json(Group(Match.ALL, tuple(parts))), Use.RULE)


def _from_flat(key: str, value: Any, find: Find | None) -> Condition:
    words = key.strip().lower().split("__")
    operator = _LOOKUPS[words.pop()] if len(words) > 1 and words[-1] in _LOOKUPS else None
    own = len(words) == 2 and words[0] == "custom"
    by = (
        ""
        if own
        else next((word for word in words[1:] if word in _ATTRIBUTES and "__".join(words) not in _ALIASES), "")
    )
    name = "__".join(word for word in words if word != by or not by)
    name = _ALIASES.get(name, name)
    if own:
        number = find(Field.CUSTOM, words[1]) if find else None
        if number is None:
            raise Invalid(where=f"There is no custom field “{words[1][:60]}”.")
        name = f"{Field.CUSTOM}:{number}"
    listed = value if isinstance(value, list | tuple) else [value]
    said = [NONE if one is None else YES_NO[not one] if isinstance(one, bool) else str(one) for one in listed]
    about = Field(name) if name in tuple(Field) and name != Field.CUSTOM else None
    if about is not None and FIELDS[about].kind is Kind.ID and by != "id":
        said = [_identify(about, one, find) for one in said]
    if operator is None:
        is_text = about is not None and FIELDS[about].kind is Kind.TEXT
        operator = Operator.CONTAINS if is_text else Operator.ANY if len(said) > 1 else Operator.IS
    return condition([name, operator.value, *said], Use.RULE)


def _identify(about: Field, value: str, find: Find | None) -> str:
    if value in FIELDS[about].words or (value.isascii() and value.isdigit()):
        return value
    found = find(about, value.lower()) if find else None
    if found is None:
        raise Invalid(where=f"There is no {FIELDS[about].label.lower()} “{value[:60]}”.")
    return found
