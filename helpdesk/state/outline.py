"""Conditions as an outline of lines, for the pages that build them: views, rules.

Plain functions on plain lists; the pages keep the list in a var of theirs.
"""

from dataclasses import dataclass, fields, replace
from typing import Any

from helpdesk.domain.conditions import FIELDS, Condition, Field, Group, Kind, Operator

WORDS = {
    "me": "Me", "none": "None", "new": "New", "open": "Open", "pending": "Waiting", "resolved": "Resolved",
    "closed": "Closed", "ok": "On time", "at_risk": "At risk", "breached": "Breached", "paused": "Paused", "met": "Met",
    "yes": "Yes", "no": "No",
}  # fmt: skip
_DATES = (Operator.BEFORE, Operator.AFTER, Operator.IS)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the outline: a group's head, or one condition. What is deeper belongs to the head above it."""

    number: int = 0
    depth: int = 0
    is_group: bool = False
    match: str = "all"
    field: str = "status"
    operator: str = "is"
    picked: tuple[str, ...] = ()  # not "values": a var has a method of that name
    text: str = ""  # the values in words
    input: str = "choose"  # choose, date, days, text, words, person


def outline(group: Group, depth: int = 0) -> list[Line]:
    """The lines of a tree."""
    lines = [Line(depth=depth, is_group=True, match=group.match.value)]
    for part in group.parts:
        lines += outline(part, depth + 1) if isinstance(part, Group) else [line(part, depth + 1)]
    return lines


def line(one: Condition, depth: int) -> Line:
    """The line of a condition."""
    return Line(
        depth=depth,
        field=one.name,
        operator=one.operator.value,
        picked=one.values,
        input=shape(one.field, one.operator),
    )


def tree(lines: list[Line]) -> dict[str, list[Any]]:
    """The tree of an outline as plain JSON, finished or not."""
    found, _ = _tree(lines, 0)
    return found


def plain(one: Line) -> Line:
    """The line itself: what a var gives out is a proxy, and proxies put back into vars would wrap each other for ever."""
    return Line(**{item.name: getattr(one, item.name) for item in fields(Line)})


def numbered(lines: list[Line]) -> list[Line]:
    """The lines with the numbers they are addressed by."""
    return [replace(plain(one), number=number) for number, one in enumerate(lines)]


def end(lines: list[Line], number: int) -> int:
    """Where the lines that belong to one end."""
    depth = lines[number].depth if number < len(lines) else 0
    after = (i for i in range(number + 1, len(lines)) if lines[i].depth <= depth)
    return next(after, len(lines))


def shape(field: Field, operator: Operator) -> str:
    """What a condition's values are entered with."""
    if operator is Operator.CHANGED:
        return "choose"
    kind = FIELDS[field].kind
    if kind is Kind.DATE:
        return "date" if operator in _DATES else "days"
    if kind is Kind.TEXT:
        return "text"
    if kind in (Kind.NUMBER, Kind.NAME, Kind.ANSWER):
        return "words"
    return "person" if field is Field.REQUESTER else "choose"


def _tree(lines: list[Line], at: int) -> tuple[dict[str, list[Any]], int]:
    head, parts = lines[at], list[Any]()
    at += 1
    while at < len(lines) and lines[at].depth > head.depth:
        if lines[at].is_group:
            part, at = _tree(lines, at)
            parts.append(part)
        else:
            parts.append([lines[at].field, lines[at].operator, *lines[at].picked])
            at += 1
    return {head.match: parts}, at
