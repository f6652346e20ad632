"""Conditions of a view: a small tree of "field, operator, values" under "all of" and "any of", and its form as JSON.

    {"all": [["priority", "any", "high", "urgent"], {"any": [["assignee", "is", "none"], ["updated", "last", "7"]]}]}

Pure: what a tree means in SQL is decided in `services/tickets/narrowing.py`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
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
    SLA = "sla"
    SNOOZED = "snoozed"
    TITLE = "title"


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


OPERATOR_LABELS = {
    Operator.IS: "is",
    Operator.ANY: "is any of",
    Operator.NOT: "is not",
    Operator.BEFORE: "is before",
    Operator.AFTER: "is after",
    Operator.LAST: "in the last … days",
    Operator.NEXT: "in the next … days",
    Operator.CONTAINS: "contains",
}


class Kind(StrEnum):
    """What the values of a field are."""

    WORD = "word"  # a slug or name of the organization's own
    CHOICE = "choice"  # one of a closed set
    ID = "id"
    DATE = "date"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """A field's name for people, the kind of its values, and words that stand for no id."""

    label: str
    kind: Kind
    words: tuple[str, ...] = ()


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
    Field.SLA: FieldFacts("SLA", Kind.CHOICE, SLA_STATUSES),
    Field.SNOOZED: FieldFacts("Snoozed", Kind.CHOICE, ("yes", "no")),
    Field.TITLE: FieldFacts("Subject", Kind.TEXT),
}
_CHOOSING = (Operator.IS, Operator.ANY, Operator.NOT)
OPERATORS = {
    Kind.WORD: _CHOOSING,
    Kind.CHOICE: _CHOOSING,
    Kind.ID: _CHOOSING,
    Kind.DATE: (Operator.LAST, Operator.NEXT, Operator.BEFORE, Operator.AFTER, Operator.IS),
    Kind.TEXT: (Operator.CONTAINS,),
}
_IN_DAYS = (Operator.LAST, Operator.NEXT)


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison. Several values mean any of them, with "is not" none of them."""

    field: Field
    operator: Operator
    values: tuple[str, ...]


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
            as_json(part) if isinstance(part, Group) else [part.field.value, part.operator.value, *part.values]
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


def from_json(given: Any) -> Group:
    """The tree of plain lists and dictionaries.

    Raises:
        Invalid: unknown fields, operators or values, nested too deep, or too many.
    """
    found = _group(given, depth=1)
    if sum(1 for _ in found) > MOST_CONDITIONS:
        raise Invalid(where=f"Use at most {MOST_CONDITIONS} conditions.")
    return found


def _group(given: Any, *, depth: int) -> Group:
    if depth > DEEPEST:
        raise Invalid(where=f"Nest groups at most {DEEPEST} deep.")
    if not isinstance(given, dict) or len(given) != 1 or next(iter(given)) not in tuple(Match):
        raise Invalid(where="A group is “all” or “any” of its conditions.")
    [(match, parts)] = given.items()
    if not isinstance(parts, list) or len(parts) > MOST_CONDITIONS:
        raise Invalid(where=f"Use at most {MOST_CONDITIONS} conditions.")
    return Group(
        Match(match),
        tuple(_group(part, depth=depth + 1) if isinstance(part, dict) else condition(part) for part in parts),
    )


def condition(given: Any) -> Condition:
    """The condition of a list: field, operator, values.

    Raises:
        Invalid: it is none; says why.
    """
    if not isinstance(given, list | tuple) or len(given) < 2 or not all(isinstance(one, str | int) for one in given):
        raise Invalid(where="A condition is a field, a comparison and what to compare with.")
    name, how, *values = (one_line(str(one)) for one in given)
    if name not in tuple(Field):
        raise Invalid(where=f"There is no field “{name[:40]}”.")
    field = Field(name)
    facts = FIELDS[field]
    if how not in OPERATORS[facts.kind]:
        raise Invalid(where=f"{facts.label} cannot be compared with “{how[:40]}”.")
    operator = Operator(how)
    kept = tuple(dict.fromkeys(value for value in values if value))
    if not kept:
        raise Invalid(where=f"Say what {facts.label.lower()} is compared with.")
    if len(kept) > MOST_VALUES or (len(kept) > 1 and operator not in (Operator.ANY, Operator.NOT)):
        raise Invalid(where=f"{facts.label} is compared with too many values.")
    return Condition(field, operator, tuple(_value(facts, operator, one) for one in kept))


def _value(facts: FieldFacts, operator: Operator, raw: str) -> str:
    try:
        if operator in _IN_DAYS:
            if not 0 < int(raw) <= MOST_DAYS:
                raise ValueError
            return str(int(raw))
        if facts.kind is Kind.DATE:
            return date.fromisoformat(raw).isoformat()
    except ValueError:
        wanted = "a number of days" if operator in _IN_DAYS else "a day such as 2026-11-30"
        raise Invalid(where=f"“{raw[:40]}” is not {wanted}.") from None
    if facts.kind is Kind.TEXT:
        return raw[:100]
    word = raw.lower()[:60]
    if word in facts.words or facts.kind is Kind.WORD:
        return word
    if facts.kind is Kind.ID and word.isascii() and word.isdigit() and 0 < int(word) < 2**63:
        return word
    raise Invalid(where=f"“{raw[:40]}” is no {facts.label.lower()}.")
