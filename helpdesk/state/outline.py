"""Conditions as an outline of lines, for the pages that build them: views, rules, policies.

Plain functions on plain lists; the pages keep the list in a var of theirs. A change gives the new lines; one that makes no
sense, from a page that is not up to date or a browser that is not ours, gives the same.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from helpdesk.domain.conditions import (
    DEEPEST,
    FIELDS,
    MOST_CONDITIONS,
    OPERATOR_LABELS,
    SEVERAL,
    Condition,
    Field,
    Group,
    Kind,
    Match,
    Operator,
    Use,
    named,
    operators,
    told_moment,
)
from helpdesk.domain.errors import Invalid

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
        # A browser's day has no hour.
        input="words" if _has_moment(one) else shape(one.field, one.operator),
    )


def _has_moment(one: Condition) -> bool:
    return FIELDS[one.field].kind is Kind.DATE and any("T" in value for value in one.values)


def tree(lines: Sequence[Line]) -> dict[str, list[Any]]:
    """The tree of an outline as plain JSON, finished or not."""
    found, _ = _tree(lines, 0)
    return found


def plain(one: Line) -> Line:
    """The line itself: what a var gives out is a proxy, and proxies put back into vars would wrap each other for ever."""
    return Line(**{item.name: getattr(one, item.name) for item in fields(Line)})


def numbered(lines: Sequence[Line]) -> list[Line]:
    """The lines with the numbers they are addressed by."""
    return [replace(plain(one), number=number) for number, one in enumerate(lines)]


def added(lines: Sequence[Line], under: int, field: Field = Field.STATUS) -> list[Line]:
    """With a condition at the end of a group; `field` is what it asks about at first."""
    if sum(not one.is_group for one in lines) >= MOST_CONDITIONS:
        return list(lines)
    depth = lines[under].depth if 0 <= under < len(lines) else 0
    return _inserted(lines, end(lines, under), _fresh(field, depth + 1))


def with_group(lines: Sequence[Line], under: int, field: Field = Field.STATUS) -> list[Line]:
    """With a group of one condition within a group."""
    head = lines[under] if 0 <= under < len(lines) else Line()
    if head.depth + 1 >= DEEPEST:
        return list(lines)
    match = Match.ANY if head.match == Match.ALL else Match.ALL
    group = Line(depth=head.depth + 1, is_group=True, match=match.value)
    return _inserted(lines, end(lines, under), group, _fresh(field, head.depth + 2))


def without(lines: Sequence[Line], at: int) -> list[Line]:
    """Without a condition, or a group with all that is in it."""
    return numbered([*lines[:at], *lines[end(lines, at) :]]) if 0 < at < len(lines) else list(lines)


def matched(lines: Sequence[Line], at: int, match: str) -> list[Line]:
    """All of a group must hold, or any of it."""
    return altered(lines, at, match=match if match in tuple(Match) else Match.ALL.value)


def about(lines: Sequence[Line], at: int, field: str, *, use: Use) -> list[Line]:
    """With a condition about another field, if who asks can ask for it."""
    try:
        found, number = named(field)
    except Invalid:
        return list(lines)
    if use is Use.VIEW and not FIELDS[found].in_views:
        return list(lines)
    fresh = line(Condition(found, operators(found)[0], (), number), 0)
    return altered(lines, at, field=field, operator=fresh.operator, picked=(), text="", input=fresh.input)


def compared(lines: Sequence[Line], at: int, operator: str) -> list[Line]:
    """With a condition that compares in another way; its values stay where they can."""
    if not 0 < at < len(lines) or operator not in tuple(Operator):
        return list(lines)
    one = lines[at]
    entered = shape(named(one.field)[0], Operator(operator))
    is_switch = Operator.CHANGED in (operator, one.operator)
    values = list(one.picked) if entered == one.input and not is_switch else []
    if operator == Operator.CHANGED:
        values = ["yes"]
    return valued(lines, at, values if operator in SEVERAL else values[:1], operator=operator, input=entered)


def ticked(lines: Sequence[Line], at: int, value: str) -> list[Line]:
    """With a value ticked, or its tick taken away; where one is compared it takes the other's place."""
    if not 0 < at < len(lines):
        return list(lines)
    one = lines[at]
    if value in one.picked:
        return valued(lines, at, [kept for kept in one.picked if kept != value])
    return valued(lines, at, [*one.picked, value] if one.operator in SEVERAL else [value])


def typed(lines: Sequence[Line], at: int, value: str) -> list[Line]:
    """With a day, a number, or words as the value."""
    return valued(lines, at, [value.strip()] if value.strip() else [])


def valued(lines: Sequence[Line], at: int, values: Sequence[str], **more: object) -> list[Line]:
    """With these values, not yet told in words."""
    return altered(lines, at, picked=tuple(values), text="", **more) if 0 < at < len(lines) else list(lines)


def altered(lines: Sequence[Line], at: int, **changes: object) -> list[Line]:
    """With one line changed."""
    return [replace(plain(one), **changes) if one.number == at else plain(one) for one in lines]  # type: ignore[arg-type]


def told(lines: Sequence[Line], label: Callable[[str, str], str | None]) -> list[Line]:
    """With every value in words; `label` knows a field's value by its name, or does not."""
    return [
        one
        if one.text or not one.picked
        else replace(one, text=", ".join(label(one.field, value) or WORDS.get(value, value) for value in one.picked))
        for one in map(plain, lines)
    ]


def sentence(group: Group, label: Callable[[str, str], str | None], names: Mapping[str, str]) -> str:
    """A tree in words: "Priority is Urgent and (Team is Support or Tag is vip)".

    Args:
        label: a field's value by its name, if it is known.
        names: fields of the organization's own.
    """
    joint = " and " if group.match is Match.ALL else " or "
    return joint.join(filter(None, (_phrase(one, label, names) for one in group.parts)))


def _phrase(one: Condition | Group, label: Callable[[str, str], str | None], names: Mapping[str, str]) -> str:
    if isinstance(one, Group):
        inner = sentence(one, label, names)
        return f"({inner})" if len(one.parts) > 1 else inner
    subject = names.get(one.name) or FIELDS[one.field].label
    values = [label(one.name, value) or WORDS.get(value, value) for value in one.values]
    if _has_moment(one):
        values = [told_moment(value) for value in one.values]
    if one.operator is Operator.CHANGED:
        return f"{subject} has {'' if one.values == ('yes',) else 'not '}just changed"
    if one.operator in (Operator.LAST, Operator.NEXT):
        return f"{subject} {OPERATOR_LABELS[one.operator].replace('…', values[0])}"
    how = Operator.IS if one.operator is Operator.ANY and len(values) == 1 else one.operator
    return f"{subject} {OPERATOR_LABELS[how]} {', '.join(values)}"


def end(lines: Sequence[Line], number: int) -> int:
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


def _fresh(field: Field, depth: int) -> Line:
    return line(Condition(field, operators(field)[0], ()), depth)


def _inserted(lines: Sequence[Line], at: int, *new: Line) -> list[Line]:
    return numbered([*lines[:at], *new, *lines[at:]])


def _tree(lines: Sequence[Line], at: int) -> tuple[dict[str, list[Any]], int]:
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
