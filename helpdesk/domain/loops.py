"""Rules that chase each other: found before they are saved, from what they say alone.

A rule is played through on a ticket of which only so much is known as its conditions say. What it certainly changes may
begin another rule, if that one's conditions certainly hold then; and so on. Coming back to the same rule with the same
knowledge is going round for ever: that is refused. Where something is not known (a customer's words, a custom field) nothing is
certain: that is only worth a warning. At work every rule applies once per ticket and moment whatever is written, so a loop
that is not found here costs one superfluous round, never more.

Pure.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from helpdesk.domain.conditions import FIELDS, NONE, Condition, Field, Group, Kind, Match, Operator
from helpdesk.domain.rules import SETS, Do, Rule, Trigger, holds_value

_LONGEST = 12  # steps before a walk is given up
_MOST_STEPS = 2000
_SEVERAL_RULES = 4  # how long a circle a warning looks for
_SAYS = {Do.NOTE: "note", Do.REPLY: "reply", Do.ANSWER: "reply"}
_BEGUN_BY_RULES = frozenset({Trigger.UPDATED, Trigger.ASSIGNED, Trigger.COMMENTED})

Stages = Mapping[str, str]  # status -> its category


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a field: it is one of `only` (None: anything), and none of `never`. Of tags: it has `only`, it lacks
    `never`."""

    only: frozenset[str] | None = None
    never: frozenset[str] = frozenset()


Knowledge = dict[str, Known]


@dataclass(frozen=True, slots=True)
class Event:
    """One change, or something said: the field and what was known of it before; or what kind of comment it is."""

    trigger: Trigger
    field: str = ""
    was: Known = Known()
    said: str = ""


def certain(rules: Mapping[int, Rule], first: int, stages: Stages) -> list[int]:
    """The rules that certainly go round for ever with `first`, in their order; nothing when none do.

    Args:
        rules: the active ones by id, with `first` as it is about to be saved.
        stages: the category of each status.
    """
    left = [_MOST_STEPS]
    known = _learned(rules[first].where, stages)
    return _walk(rules, first, known, [], stages, left)


def possible(rules: Mapping[int, Rule], first: int, stages: Stages) -> list[int]:
    """The rules that might go round with `first`: each may begin the next, and two of them contradict each other."""
    return next(_circles(rules, first, [first], stages), [])


def _walk(
    rules: Mapping[int, Rule],
    at: int,
    known: Knowledge,
    path: list[tuple[int, Knowledge]],
    stages: Stages,
    left: list[int],
) -> list[int]:
    left[0] -= 1
    for place, (other, then) in enumerate(path):
        if other == at and then == known:
            round_ = [one for one, _ in path[place:]]
            # A circle further on without the first one was there before and is not its fault.
            return round_ if path[0][0] in round_ else []
    if len(path) >= _LONGEST or left[0] <= 0:
        return []
    after, events = _acted(rules[at], known, stages, surely=True)
    for number, rule in rules.items():
        if any(rule.trigger is event.trigger and _answer(rule.where, after, event) is True for event in events):
            found = _walk(rules, number, after, [*path, (at, known)], stages, left)
            if found:
                return found
    return []


def _circles(rules: Mapping[int, Rule], at: int, path: list[int], stages: Stages) -> Iterator[list[int]]:
    after, events = _acted(rules[at], _learned(rules[at].where, stages), stages, surely=False)
    for number, rule in rules.items():
        begins = any(
            rule.trigger is event.trigger and _answer(rule.where, after, event) is not False for event in events
        )
        if not begins:
            continue
        if number == path[0]:
            if _contradict([rules[one] for one in path]):
                yield path
        elif number not in path and len(path) < _SEVERAL_RULES:
            yield from _circles(rules, number, [*path, number], stages)


def _contradict(circle: Sequence[Rule]) -> bool:
    """Whether a circle undoes what it does; otherwise it rests when everything is as it should be."""
    values: dict[Field, set[tuple[str, ...]]] = {}
    added, removed, says = set[str](), set[str](), False
    for rule in circle:
        for one in rule.actions:
            if one.do in SETS and one.do is not Do.DUE:
                values.setdefault(SETS[one.do], set()).add(one.values)
            added |= set(one.values) if one.do is Do.TAG else set()
            removed |= set(one.values) if one.do is Do.UNTAG else set()
            says = says or one.do in _SAYS
    comments = says and any(rule.trigger is Trigger.COMMENTED for rule in circle)
    return comments or bool(added & removed) or any(len(one) > 1 for one in values.values())


# --- What a rule's conditions say of the ticket it applies to -------------------------------------------------------------


def _learned(where: Group, stages: Stages) -> Knowledge:
    found: Knowledge = {}
    if where.match is Match.ANY and len(where.parts) > 1:
        return found
    for one in where.parts:
        if isinstance(one, Group):
            for name, inner in _learned(one, stages).items():
                found[name] = _both(found.get(name, Known()), inner)
        elif _is_plain(one):
            values = frozenset(one.values)
            if one.field is Field.TAG:
                fits = one.operator is Operator.IS and NONE not in values
                fact = (
                    Known(values, frozenset())
                    if fits
                    else Known(None, values if one.operator is Operator.NOT else frozenset())
                )
            elif one.operator is Operator.NOT:
                fact = Known(None, values)
            else:
                fact = Known(values)
            found[one.name] = _both(found.get(one.name, Known()), fact)
    status = found.get(Field.STATUS)
    if status and status.only:
        stage = Known(frozenset(stages.get(one, "") for one in status.only))
        found[Field.STATUS_CATEGORY] = _both(found.get(Field.STATUS_CATEGORY, Known()), stage)
    return found


def _is_plain(one: Condition) -> bool:
    kinds = (Kind.WORD, Kind.CHOICE, Kind.ID, Kind.NUMBER)
    return (
        one.operator in (Operator.IS, Operator.ANY, Operator.NOT)
        and FIELDS[one.field].kind in kinds
        and one.field not in (Field.BY, Field.SAID, Field.HOURS, Field.SLA)
    )


def _both(one: Known, other: Known) -> Known:
    if one.only is None or other.only is None:
        return Known(other.only if one.only is None else one.only, one.never | other.never)
    return Known(one.only & other.only or other.only, one.never | other.never)


# --- What it does to it -----------------------------------------------------------------------------------------------


def _acted(rule: Rule, known: Knowledge, stages: Stages, *, surely: bool) -> tuple[Knowledge, list[Event]]:
    """What is known afterwards, and what happened: for certain, or perhaps."""
    after, events = dict(known), list[Event]()

    def put(field: Field, value: str, *triggers: Trigger) -> None:
        was = after.get(field, Known())
        changes = _is_none_of(value, was)
        if field is Field.STATUS:
            # Another category is another status, whichever it was.
            changes = changes or _is_none_of(stages.get(value, ""), after.get(Field.STATUS_CATEGORY, Known()))
        may = not (was.only is not None and was.only == {value})
        if changes or (may and not surely):
            events.extend(Event(trigger, field, was) for trigger in triggers)
        after[field] = Known(frozenset({value}))

    for one in rule.actions:
        if one.do is Do.STATUS:
            put(Field.STATUS, one.values[0], Trigger.UPDATED)
            after[Field.STATUS_CATEGORY] = Known(frozenset({stages.get(one.values[0], "")}))
        elif one.do in (Do.PRIORITY, Do.CATEGORY):
            put(SETS[one.do], one.values[0], Trigger.UPDATED)
        elif one.do is Do.TEAM:
            put(Field.TEAM, one.values[0], Trigger.UPDATED)
            # Who is not of the team loses the ticket, and routing may find somebody.
            for field in (Field.ASSIGNEE, *_moved_on(after)):
                after.pop(field, None)
        elif one.do is Do.ASSIGN:
            triggers = (Trigger.UPDATED,) if one.values[0] == NONE else (Trigger.UPDATED, Trigger.ASSIGNED)
            put(Field.ASSIGNEE, one.values[0], *triggers)
            for field in _moved_on(after):
                after.pop(field, None)
        elif one.do in (Do.TAG, Do.UNTAG):
            was, values = after.get(Field.TAG, Known()), frozenset(one.values)
            has, lacks = was.only or frozenset(), was.never
            done, other = (has, lacks) if one.do is Do.TAG else (lacks, has)
            if values & other or (not surely and not values <= done):
                events.append(Event(Trigger.UPDATED, Field.TAG, was))
            has, lacks = (has | values, lacks - values) if one.do is Do.TAG else (has - values, lacks | values)
            after[Field.TAG] = Known(has or None, lacks)
        elif one.do is Do.DUE and one.values[0] != NONE:
            events.append(Event(Trigger.UPDATED, Field.DUE))
        elif one.do is Do.ESCALATE:
            if not surely:
                events.append(Event(Trigger.UPDATED, Field.ESCALATION))
            after.pop(Field.ESCALATION, None)
        elif one.do in _SAYS:
            events.append(Event(Trigger.COMMENTED, said=_SAYS[one.do]))
    return after, [one for one in events if one.trigger in _BEGUN_BY_RULES]


def _is_none_of(value: str, known: Known) -> bool:
    return value in known.never or (known.only is not None and value not in known.only)


def _moved_on(known: Knowledge) -> tuple[Field, ...]:
    """A new ticket that is given to somebody becomes open: its status is certain only if it is certainly not new."""
    stage = known.get(Field.STATUS_CATEGORY)
    is_certain = stage is not None and (stage.only is not None and "new" not in stage.only)
    return () if is_certain else (Field.STATUS, Field.STATUS_CATEGORY)


# --- Whether conditions hold then: yes, no, or nobody knows -----------------------------------------------------------------


def _answer(where: Group, known: Knowledge, event: Event) -> bool | None:
    answers = [
        _answer(one, known, event) if isinstance(one, Group) else _holds(one, known, event) for one in where.parts
    ]
    if not answers:
        return True
    wanted = where.match is Match.ANY
    if wanted in answers:
        return wanted
    return None if None in answers else not wanted


def _holds(one: Condition, known: Knowledge, event: Event) -> bool | None:
    if one.operator is Operator.CHANGED:
        is_it = one.name == event.field or (one.field is Field.STATUS_CATEGORY and event.field == Field.STATUS)
        if one.field is Field.STATUS_CATEGORY and is_it:
            return None
        return is_it == (one.values[0] == "yes")
    if one.operator is Operator.WAS:
        return _among(one, event.was) if one.name == event.field else _other_stage(one, event)
    if one.field is Field.BY:
        return holds_value(one, "desk")
    if one.field is Field.SAID:
        return holds_value(one, event.said)
    if not _is_plain(one):
        return None
    found = _among(one, known.get(one.name, Known()))
    return found if found is None or one.operator is not Operator.NOT else not found


def _other_stage(one: Condition, event: Event) -> bool | None:
    return None if one.field is Field.STATUS_CATEGORY and event.field == Field.STATUS else False


def _among(one: Condition, known: Known) -> bool | None:
    values = frozenset(one.values)
    if one.field is Field.TAG:
        if known.only and values & known.only:
            return True
        return False if values <= known.never else None
    if known.only is not None:
        possible_ = known.only - known.never
        if possible_ <= values:
            return True
        return None if possible_ & values else False
    return False if values <= known.never else None
