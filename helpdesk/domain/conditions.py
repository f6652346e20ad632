"""Conditions: a small tree of "field, operator, values" under "all of" and "any of", and its form as JSON.

    {"all": [["priority", "any", "high", "urgent"], {"any": [["assignee", "is", "none"], ["updated", "last", "7"]]}]}

One language for all who choose tickets. Views ask it of many tickets at once, in SQL (`services/tickets/narrowing.py`);
rules, SLA and escalation policies ask it of one (`domain/rules.py`), and may use more: what was said, who did it, what
just changed. The organization's own fields are "field:12".

Pure.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from helpdesk.domain.errors import Invalid
from helpdesk.domain.text import one_line
from helpdesk.domain.tickets import Channel, StatusCategory

DEEPEST = 3
MOST_CONDITIONS = 30
MOST_VALUES = 50
LONGEST = 4000
MOST_DAYS = 3650
ME, NONE = "me", "none"
YES_NO = ("yes", "no")
SLA_STATUSES = ("ok", "at_risk", "breached", "paused", "met", "none")


class Field(StrEnum):
    """What a condition is about."""

    STATUS = "status"
    STATUS_CATEGORY = "status_category"
    PRIORITY = "priority"
    CATEGORY = "category"
    ASSIGNEE = "assignee"
    TEAM = "team"
    TAG = "tag"
    COMPANY = "company"
    CHANNEL = "channel"
    REQUESTER = "requester"
    CREATED = "created"
    UPDATED = "updated"
    DUE = "due"
    RESOLVED = "resolved"
    CLOSED = "closed"
    SLA = "sla"
    SNOOZED = "snoozed"
    ANSWERED = "answered"
    HAS_DUE = "has_due"
    ATTACHED = "attached"
    TITLE = "title"
    ESCALATION = "escalation"
    CSAT = "csat"
    CUSTOM = "field"  # one of the organization's own; which one stands behind a colon
    DESCRIPTION = "description"
    COMMENT = "comment"
    TEXT = "text"
    REQUESTER_EMAIL = "requester_email"
    REQUESTER_DOMAIN = "requester_domain"
    HOURS = "hours"
    BY = "by"
    SAID = "said"


class Operator(StrEnum):
    """How it compares."""

    IS = "is"
    ANY = "any"
    NOT = "not"
    BEFORE = "before"
    AFTER = "after"
    LAST = "last"
    NEXT = "next"
    CONTAINS = "contains"
    LEAST = "least"
    MOST = "most"
    WAS = "was"
    CHANGED = "changed"


OPERATOR_LABELS = {
    Operator.IS: "is",
    Operator.ANY: "is any of",
    Operator.NOT: "is not",
    Operator.BEFORE: "is before",
    Operator.AFTER: "is after",
    Operator.LAST: "in the last … days",
    Operator.NEXT: "in the next … days",
    Operator.CONTAINS: "contains",
    Operator.LEAST: "is at least",
    Operator.MOST: "is at most",
    Operator.WAS: "was until now",
    Operator.CHANGED: "has just changed",
}


class Kind(StrEnum):
    """What the values of a field are."""

    WORD = "word"  # a slug or name of the organization's own
    CHOICE = "choice"  # one of a closed set
    ID = "id"
    DATE = "date"
    TEXT = "text"
    NAME = "name"  # a word of the outside world, such as a domain
    NUMBER = "number"
    ANSWER = "answer"  # to a question of the organization's own


class Use(StrEnum):
    """Who asks: a view asks of many tickets, a rule of one that something just happened to."""

    VIEW = "view"
    RULE = "rule"


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """A field's name for people, the kind of its values, words that stand for no id, and whether views can ask for it."""

    label: str
    kind: Kind
    words: tuple[str, ...] = ()
    in_views: bool = True


FIELDS = {
    Field.STATUS: FieldFacts("Status", Kind.WORD),
    Field.STATUS_CATEGORY: FieldFacts("Stage", Kind.CHOICE, tuple(StatusCategory)),
    Field.PRIORITY: FieldFacts("Priority", Kind.WORD),
    Field.CATEGORY: FieldFacts("Category", Kind.ID, (NONE,)),
    Field.ASSIGNEE: FieldFacts("Assignee", Kind.ID, (ME, NONE)),
    Field.TEAM: FieldFacts("Team", Kind.ID, (ME, NONE)),
    Field.TAG: FieldFacts("Tag", Kind.WORD, (NONE,)),
    Field.COMPANY: FieldFacts("Company", Kind.ID, (NONE,)),
    Field.CHANNEL: FieldFacts("Channel", Kind.CHOICE, tuple(Channel)),
    Field.REQUESTER: FieldFacts("Requester", Kind.ID, (ME,)),
    Field.CREATED: FieldFacts("Created", Kind.DATE),
    Field.UPDATED: FieldFacts("Updated", Kind.DATE),
    Field.DUE: FieldFacts("Due", Kind.DATE),
    Field.RESOLVED: FieldFacts("Resolved", Kind.DATE),
    Field.CLOSED: FieldFacts("Closed", Kind.DATE),
    Field.SLA: FieldFacts("SLA", Kind.CHOICE, SLA_STATUSES),
    Field.SNOOZED: FieldFacts("Snoozed", Kind.CHOICE, YES_NO),
    Field.ANSWERED: FieldFacts("Answered by staff", Kind.CHOICE, YES_NO),
    Field.HAS_DUE: FieldFacts("Has a due date", Kind.CHOICE, YES_NO),
    Field.ATTACHED: FieldFacts("Has attachments", Kind.CHOICE, YES_NO),
    Field.TITLE: FieldFacts("Subject", Kind.TEXT),
    Field.ESCALATION: FieldFacts("Escalation level", Kind.NUMBER),
    Field.CSAT: FieldFacts("CSAT rating", Kind.NUMBER, (NONE,)),
    Field.CUSTOM: FieldFacts("Custom field", Kind.ANSWER, (NONE,)),
    Field.DESCRIPTION: FieldFacts("Description", Kind.TEXT, in_views=False),
    Field.COMMENT: FieldFacts("Latest comment", Kind.TEXT, in_views=False),
    Field.TEXT: FieldFacts("Subject, description or latest comment", Kind.TEXT, in_views=False),
    Field.REQUESTER_EMAIL: FieldFacts("Requester's e-mail address", Kind.NAME, in_views=False),
    Field.REQUESTER_DOMAIN: FieldFacts("Requester's e-mail domain", Kind.NAME, in_views=False),
    Field.HOURS: FieldFacts("Business hours", Kind.CHOICE, ("open", "closed"), in_views=False),
    Field.BY: FieldFacts("Done by", Kind.CHOICE, ("customer", "staff", "desk"), in_views=False),
    Field.SAID: FieldFacts("Comment is a", Kind.CHOICE, ("reply", "note"), in_views=False),
}
# What the words that stand for no id are called; a field's own come first.
_WORDS = {
    "none": "none", "me": "me", "yes": "yes", "no": "no", "new": "New", "open": "Open", "pending": "Waiting",
    "resolved": "Resolved", "closed": "Closed", "ok": "on time", "at_risk": "at risk", "breached": "breached",
    "paused": "paused", "met": "met", "email": "e-mail", "api": "the API", "web": "the portal",
}  # fmt: skip
_OWN_WORDS = {
    (Field.ASSIGNEE, NONE): "nobody", (Field.TEAM, NONE): "no team", (Field.CATEGORY, NONE): "no category",
    (Field.COMPANY, NONE): "no company", (Field.HOURS, "open"): "open", (Field.HOURS, "closed"): "closed",
    (Field.BY, "customer"): "a customer", (Field.BY, "desk"): "the desk", (Field.TEAM, ME): "one of mine",
}  # fmt: skip


def called(field: Field, value: str) -> str:
    """What a word that stands for no id, or one of a closed set, is called in a sentence."""
    if value not in FIELDS[field].words:
        return value
    return _OWN_WORDS.get((field, value)) or _WORDS.get(value, value.replace("_", " "))


# What a rule can ask the former value of.
CHANGEABLE = frozenset(
    {
        Field.STATUS, Field.STATUS_CATEGORY, Field.PRIORITY, Field.CATEGORY, Field.ASSIGNEE, Field.TEAM, Field.TAG,
        Field.TITLE, Field.DUE, Field.ESCALATION, Field.CUSTOM,
    }
)  # fmt: skip
_CHOOSING = (Operator.IS, Operator.ANY, Operator.NOT)
OPERATORS = {
    Kind.WORD: _CHOOSING,
    Kind.CHOICE: _CHOOSING,
    Kind.ID: _CHOOSING,
    Kind.DATE: (Operator.LAST, Operator.NEXT, Operator.BEFORE, Operator.AFTER, Operator.IS),
    Kind.TEXT: (Operator.CONTAINS,),
    Kind.NAME: (*_CHOOSING, Operator.CONTAINS),
    Kind.NUMBER: (Operator.LEAST, Operator.MOST, *_CHOOSING),
    Kind.ANSWER: (*_CHOOSING, Operator.CONTAINS, Operator.LEAST, Operator.MOST),
}
_IN_DAYS = (Operator.LAST, Operator.NEXT)
_COMPARING = (Operator.LEAST, Operator.MOST)
SEVERAL = (Operator.ANY, Operator.NOT, Operator.WAS)
_NO_FORMER = (Kind.TEXT, Kind.DATE)


def operators(field: Field, use: Use = Use.VIEW) -> tuple[Operator, ...]:
    """How a field can be compared."""
    kind = FIELDS[field].kind
    if use is Use.VIEW or field not in CHANGEABLE:
        return OPERATORS[kind]
    former = () if kind in _NO_FORMER else (Operator.WAS,)
    return (*OPERATORS[kind], *former, Operator.CHANGED)


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison. Several values mean any of them, with "is not" none of them.

    `number` is the id of the organization's own field, when it is about one.
    """

    field: Field
    operator: Operator
    values: tuple[str, ...]
    number: int = 0

    @property
    def name(self) -> str:
        """The field as JSON and facts call it."""
        return f"{self.field.value}:{self.number}" if self.number else self.field.value


class Match(StrEnum):
    """How the parts of a group go together."""

    ALL = "all"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions and groups of which all or any must hold."""

    match: Match = Match.ALL
    parts: tuple["Condition | Group", ...] = ()

    def __iter__(self) -> Iterator[Condition]:
        """Every condition, whatever its depth."""
        for part in self.parts:
            if isinstance(part, Condition):
                yield part
            else:
                yield from part

    @property
    def is_personal(self) -> bool:
        """Whether it means something else for each reader."""
        return any(ME in one.values and FIELDS[one.field].kind is Kind.ID for one in self)


def dump(group: Group) -> str:
    """The tree as compact JSON; equal trees are equal texts."""
    return json.dumps(as_json(group), separators=(",", ":"), ensure_ascii=False)


def as_json(group: Group) -> dict[str, Any]:
    """The tree as plain lists and dictionaries."""
    return {
        group.match.value: [
            as_json(part) if isinstance(part, Group) else [part.name, part.operator.value, *part.values]
            for part in group.parts
        ]
    }


def load(raw: str) -> Group:
    """The tree of a JSON text.

    Raises:
        Invalid: it is none; says what is wrong with which condition.
    """
    if len(raw) > LONGEST:
        raise Invalid(where="These conditions are too long. Save some of them as a view of their own.")
    try:
        return from_json(json.loads(raw))
    except (ValueError, RecursionError):
        raise Invalid(where="These conditions cannot be read. Build them again.") from None


def from_json(given: Any, use: Use = Use.VIEW) -> Group:
    """The tree of plain lists and dictionaries.

    Args:
        use: who will ask; a rule may use more than a view, and is told where it went wrong.

    Raises:
        Invalid: unknown fields, operators or values, nested too deep, or too many.
    """
    found = _group(given, use, ())
    if sum(1 for _ in found) > MOST_CONDITIONS:
        raise Invalid(where=f"Use at most {MOST_CONDITIONS} conditions.")
    return found


def _group(given: Any, use: Use, place: tuple[int, ...]) -> Group:
    if len(place) >= DEEPEST:
        raise Invalid(where=f"Nest groups at most {DEEPEST} deep.")
    if not isinstance(given, dict) or len(given) != 1 or next(iter(given)) not in tuple(Match):
        raise Invalid(where="A group is “all” or “any” of its conditions.")
    [(match, parts)] = given.items()
    if not isinstance(parts, list) or len(parts) > MOST_CONDITIONS:
        raise Invalid(where=f"Use at most {MOST_CONDITIONS} conditions.")
    return Group(Match(match), tuple(_part(part, use, (*place, at)) for at, part in enumerate(parts, start=1)))


def _part(given: Any, use: Use, place: tuple[int, ...]) -> "Condition | Group":
    if isinstance(given, dict):
        return _group(given, use, place)
    try:
        return condition(given, use)
    except Invalid as error:
        if use is Use.VIEW:
            raise
        raise Invalid(where=f"Condition {'.'.join(map(str, place))}: {error.fields['where']}") from None


def condition(given: Any, use: Use = Use.VIEW) -> Condition:
    """The condition of a list: field, operator, values.

    Raises:
        Invalid: it is none; says why.
    """
    if not isinstance(given, list | tuple) or len(given) < 2 or not all(isinstance(one, str | int) for one in given):
        raise Invalid(where="A condition is a field, a comparison and what to compare with.")
    name, how, *values = (one_line(str(one)) for one in given)
    field, number = named(name)
    facts = FIELDS[field]
    if use is Use.VIEW and not facts.in_views:
        raise Invalid(where=f"Only rules can ask for “{facts.label}”: a view cannot.")
    if use is Use.VIEW and how in (Operator.WAS, Operator.CHANGED):
        raise Invalid(where="Only rules know what has just changed: a view cannot ask for it.")
    if how not in operators(field, use):
        raise Invalid(where=f"{facts.label} cannot be compared with “{how[:40]}”.")
    operator = Operator(how)
    kept = tuple(dict.fromkeys(value for value in values if value))
    if not kept:
        raise Invalid(where=f"Say what {facts.label.lower()} is compared with.")
    if len(kept) > MOST_VALUES or (len(kept) > 1 and operator not in SEVERAL):
        raise Invalid(where=f"{facts.label} is compared with too many values.")
    found = tuple(dict.fromkeys(_value(facts, operator, one) for one in kept))
    if use is Use.RULE and ME in found and ME in facts.words:
        raise Invalid(where=f"A rule works for everybody: choose who {facts.label.lower()} is instead of “me”.")
    return Condition(field, operator, found, number)


def named(name: str) -> tuple[Field, int]:
    """The field of a name, and the id of the organization's own field when it is one ("field:12").

    Raises:
        Invalid: there is no such field.
    """
    own, colon, number = name.partition(":")
    if own == Field.CUSTOM and colon and number.isascii() and number.isdigit() and 0 < int(number) < 2**63:
        return Field.CUSTOM, int(number)
    if name not in tuple(Field) or name == Field.CUSTOM:
        raise Invalid(where=f"There is no field “{name[:40]}”.")
    return Field(name), 0


def _value(facts: FieldFacts, operator: Operator, raw: str) -> str:
    if operator is Operator.CHANGED:
        if raw.lower() not in YES_NO:
            raise Invalid(where=f"Say “yes” or “no”, not “{raw[:40]}”.")
        return raw.lower()
    try:
        if operator in _IN_DAYS:
            if not 0 < int(raw) <= MOST_DAYS:
                raise ValueError
            return str(int(raw))
        if facts.kind is Kind.DATE and operator in (Operator.BEFORE, Operator.AFTER) and "T" in raw.upper():
            return spelled(datetime.fromisoformat(raw.upper().replace("Z", "+00:00")))
        if facts.kind is Kind.DATE:
            return date.fromisoformat(raw).isoformat()
    except (ValueError, OverflowError):
        wanted = "a number of days" if operator in _IN_DAYS else "a day such as 2026-11-30"
        raise Invalid(where=f"“{raw[:40]}” is not {wanted}.") from None
    if facts.kind is Kind.TEXT:
        return raw[:100]
    if facts.kind is Kind.NAME:
        return raw.lower()[:254]
    if facts.kind is Kind.ANSWER:
        return _answer(operator, raw.lower()[:200])
    word = raw.lower()[:60]
    if facts.kind is Kind.NUMBER and word not in facts.words:
        return _number(raw)
    if word in facts.words or facts.kind is Kind.WORD:
        return word
    if facts.kind is Kind.ID and word.isascii() and word.isdigit() and 0 < int(word) < 2**63:
        return word
    raise Invalid(where=f"“{raw[:40]}” is no {facts.label.lower()}.")


def spelled(moment: datetime) -> str:
    """A moment as conditions hold it; one without a zone is UTC's."""
    aware = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_of(value: str) -> datetime | None:
    """The moment a value of “before” or “after” is; None for a whole day. After a day is from the next one on, after a
    moment from that very moment on."""
    return datetime.fromisoformat(value.replace("Z", "+00:00")) if "T" in value else None


def told_moment(value: str) -> str:
    """A day or a moment as people read it."""
    return f"{value[:10]} {value[11:16]} UTC" if moment_of(value) else value


def _number(raw: str) -> str:
    try:
        number = float(raw.replace(",", "."))
    except ValueError:
        number = math.nan
    if not abs(number) < 10**15:
        raise Invalid(where=f"“{raw[:40]}” is not a number.")
    return f"{number:.15g}"


def _answer(operator: Operator, word: str) -> str:
    if operator not in _COMPARING:
        return word
    try:
        return date.fromisoformat(word).isoformat()
    except ValueError:
        return _number(word)
