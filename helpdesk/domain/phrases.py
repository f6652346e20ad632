"""Questions in plain words as the queue's filter: "urgent tickets assigned to me", "unresolved billing tickets from last week".

Ordered extractors: each takes the words it understands out of the phrase and leaves the rest to the next. What nobody understands
is looked for as text, and said. Whatever is asked, it only ever reads.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from helpdesk.domain.conditions import DEEPEST, ME, MOST_CONDITIONS, NONE, Condition, Field, Group, Match, Operator
from helpdesk.domain.date_phrases import CLOCK, PERIOD, POINT, SPAN, Range, ago, period, with_days_told
from helpdesk.domain.filters import Sort, TicketFilter, Whose, as_group, day_or_moment
from helpdesk.domain.rewording import CONTRACTIONS, SIGNS, WORDINGS, reworded
from helpdesk.domain.spelling import distance, plain
from helpdesk.domain.text import one_line
from helpdesk.domain.tickets import Channel

LONGEST = 300
_MOST_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Name:
    """Something of the organization's own, and the words it goes by.

    Args:
        value: what conditions hold: a slug or an id.
    """

    value: str
    label: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Names:
    """What the words of a phrase may mean here. Priorities from the lowest up."""

    statuses: tuple[Name, ...] = ()
    priorities: tuple[Name, ...] = ()
    categories: tuple[Name, ...] = ()
    teams: tuple[Name, ...] = ()
    tags: tuple[Name, ...] = ()
    agents: tuple[Name, ...] = ()
    customers: tuple[Name, ...] = ()
    companies: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that was understood: "Priority", "High or Urgent"."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """What a phrase means.

    Args:
        understood: in words, in the order it was found.
        unknown: words nobody understood; the filter looks for them as text.
        limit: how many tickets were asked for; 0: no number.
        is_count: whether only their number was asked for.
    """

    filter: TicketFilter
    understood: tuple[Said, ...] = ()
    unknown: tuple[str, ...] = ()
    limit: int = 0
    is_count: bool = False


def read(phrase: str, names: Names, *, now: datetime, zone: str = "UTC") -> Phrase:
    """What a phrase asks for.

    Args:
        zone: of whoever asks; days begin and end there.
    """

    def plainly(words: str) -> tuple[Phrase, str]:
        return _plainly(words, names, now, zone)

    phrase = one_line(phrase)[:LONGEST]
    found, rest = plainly(phrase)
    left = set(found.unknown)
    places = [
        ord(one[2]) - _FIRST
        for one in re.finditer(rf"([^\s|]*)\s*([{_SPACES}])or(?!\w)\s*([^\s|]*)", rest)
        if not {one[1], one[3]} <= left  # words to look for may have it between them
    ]
    if places:
        return _either_or(phrase, found, places, plainly, zone)
    return found


def _plainly(phrase: str, names: Names, now: datetime, zone: str) -> tuple[Phrase, str]:
    """What a phrase says all together, and what is left of it."""
    reading = _Reading(phrase, names, now, zone)
    if _is_order(reading.rest):
        return Phrase(TicketFilter(text=phrase[:200]), unknown=(phrase,)), ""
    for extract in _EXTRACTORS:
        extract(reading)
    left = _left(reading)
    if not reading.said and not reading.limit and not reading.is_count and not reading.sort and not reading.text:
        if not left and not re.search(
            rf"(?<!\w)(?:{_TICKETS}|all|any|every|everything|anything|list|queue|inbox)(?!\w)", reading.rest
        ):
            left = [phrase] if phrase else []  # small words alone ask for nothing
        return Phrase(TicketFilter(text=" ".join(left)[:200]), unknown=tuple(left)), reading.rest
    text = " ".join([*reading.text, *left])
    where = Group(parts=tuple(reading.where)) if reading.where else None
    filter_ = TicketFilter().but(**reading.fields, text=text[:200], where=where)
    if reading.sort:
        filter_ = filter_.but(sort=reading.sort)
    return Phrase(filter_, tuple(reading.said), tuple(left), reading.limit, reading.is_count), reading.rest


# ---- Either, or ----------------------------------------------------------------------------------------------------

# Before each "or" stands a space of its own, by which it is known when nobody has read it: white space to every pattern.
_FIRST = 0x2000
_SPACES = "".join(chr(_FIRST + number) for number in range(10))
_OR = r"(?<=\s)or(?!\w)"
_NOUN = r"(?<!\w)(?:tickets?|requests?|issues?|cases?|incidents?|ones|those|anything|everything)(?!\w)"
_MOST_OR = 4
_Plainly = Callable[[str], tuple[Phrase, str]]


def _either_or(phrase: str, whole: Phrase, places: list[int], plainly: _Plainly, zone: str) -> Phrase:
    """ "Urgent or assigned to me": an "or" that no list of names has read stands between what is said beside it; what is said
    farther off goes for both ("open tickets that are urgent or mine"). Where it cannot be told, it is not understood."""
    lost = replace(whole, unknown=tuple(dict.fromkeys([*whole.unknown, "or"])))
    found = list(re.finditer(_OR, phrase, re.IGNORECASE))
    if len(places) > _MOST_OR or any(place >= len(found) for place in places):
        return lost
    cuts = [0, *(end for place in places for end in found[place].span()), len(phrase)]
    sides = [
        re.sub(r"^\W*either\s+|,\s*$", "", phrase[cuts[at] : cuts[at + 1]].strip(), flags=re.I).strip()
        for at in range(0, len(cuts), 2)
    ]
    before = after = ""
    if not (re.search(_NOUN, sides[0], re.I) and re.search(_NOUN, sides[-1], re.I)):
        either = re.search(r"(?<!\w)either\s+", sides[0], re.I)
        before, sides[0] = (
            (sides[0][: either.start()], sides[0][either.end() :])
            if either
            else _parted(sides[0], plainly, is_last=True)
        )
        sides[-1], after = _parted(sides[-1], plainly, is_last=False)
    around = plainly(f"{before} tickets {after}")[0]
    several = [plainly(side)[0] for side in sides]
    for at in range(1, len(several)):  # "closed today or yesterday"
        verb = _labels(several[at - 1])[-1:]
        if (
            _labels(several[at]) == ["Created"]
            and verb
            and verb[0] in _DATED
            and not re.search(_VERBS[0][1], sides[at].lower())
        ):
            several[at] = plainly(f"{verb[0]} {sides[at]}")[0]
    labels = [label for one in several for label in _labels(one)]
    if not whole.unknown and len(set(labels)) == 1 and len(_labels(whole)) == len(_labels(around)) + 1:
        return whole  # "tagged vip or tagged outage" is one list
    if around.unknown or any(one.unknown or not _labels(one) or _is_unsayable(one.filter) for one in several):
        return lost
    groups = [as_group(one.filter, zone) for one in several]
    parts = tuple(one.parts[0] if len(one.parts) == 1 else one for one in groups)
    others = around.filter.where.parts if around.filter.where else ()
    either_of = Group(Match.ANY, parts)
    where = Group(Match.ALL, (*others, either_of)) if others else either_of
    if _depth(where) > DEEPEST or sum(1 for _ in where) > MOST_CONDITIONS:
        return lost
    each = [[f"{one.label} {one.value}" for one in phrase.understood if one.label != "Order"] for phrase in several]
    said = " or ".join(one[0] if len(one) == 1 else f"({' and '.join(one)})" for one in each)
    order = [one for one in whole.understood if one.label == "Order" and one not in around.understood]
    return Phrase(
        around.filter.but(where=where, sort=whole.filter.sort), (*around.understood, Said("Either", said), *order), (), whole.limit,
        whole.is_count,
    )  # fmt: skip


_DATED = ("Updated", "Resolved", "Closed", "Due")


def _labels(phrase: Phrase) -> list[str]:
    return [one.label for one in phrase.understood if one.label != "Order"]


def _is_unsayable(wanted: TicketFilter) -> bool:
    return bool(wanted.text or wanted.mentioned or wanted.breached_from or wanted.breached_to)


def _depth(part: Condition | Group) -> int:
    return 1 + max(map(_depth, part.parts), default=0) if isinstance(part, Group) else 0


def _parted(side: str, plainly: _Plainly, *, is_last: bool) -> tuple[str, str]:
    """A side cut where one thing that is said ends beside the "or" and others begin, the longest piece that is only one."""
    everything = ("", side) if is_last else (side, "")
    total = len(_labels(plainly(side)[0]))
    words = side.split()
    if total < 2 or len(words) > 14:
        return everything
    for at in range(1, len(words)) if is_last else range(len(words) - 1, 0, -1):
        first, last = " ".join(words[:at]), " ".join(words[at:])
        near, far = (last, first) if is_last else (first, last)
        one = plainly(near)[0]
        if len(_labels(one)) != 1 or one.unknown:
            continue
        others = plainly(far)[0]
        if len(_labels(others)) == total - 1 and not others.unknown:
            # "urgent and unassigned, or breached": what "and" joins stays together.
            is_joined = re.search(r"(?<!\w)and\s*$", first, re.I) or re.match(r"and(?!\w)", last, re.I)
            return everything if is_joined else (first, last)
    return everything


@dataclass
class _Reading:
    """A phrase being read: what is left of it, and what it has said so far."""

    phrase: str
    names: Names
    now: datetime
    zone: str
    rest: str = ""
    fields: dict[str, object] = field(default_factory=dict)
    where: list[Condition | Group] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    limit: int = 0
    is_count: bool = False
    sort: Sort | None = None

    def __post_init__(self) -> None:
        self.names = replace(
            self.names, categories=_also_called(self.names.categories), teams=_also_called(self.names.teams)
        )
        for one in self.names.categories:
            first, _, more = one.label.partition(" ")
            # "IT" is a pronoun once it is in lower case.
            if more and first.isupper() and 2 <= len(first) <= 4:
                self.phrase = re.sub(rf"\b{re.escape(first)}\b(?!\s+(?i:{re.escape(more)}))", one.label, self.phrase)
        self.phrase = re.sub(r"(?<!\w)(\w+:\s*)[\"“]([^\"“”]{1,60})[\"”]", r"\1\2", self.phrase)
        self.rest = plain(self.phrase.replace("’", "'")).rstrip("?!. ")
        self.rest = reworded(self.rest, CONTRACTIONS)
        numbers = iter(range(len(_SPACES)))
        self.rest = re.sub(
            rf"\s{_OR}",
            lambda found: f"{_SPACES[number]}or" if (number := next(numbers, None)) is not None else found[0],
            self.rest,
        )

    def take(self, pattern: str) -> re.Match[str] | None:
        """The first place a pattern fits, taken out; a bar is left so that nothing reads across."""
        found = re.search(pattern, self.rest)
        if found:
            self.rest = f"{self.rest[: found.start()]} | {self.rest[found.end() :]}"
        return found

    def ask(self, what: Field, names: Iterable[Name], *, no: bool = False) -> None:
        """One of these, or none of them."""
        chosen = tuple(dict.fromkeys(names))
        operator = Operator.NOT if no else (Operator.ANY if len(chosen) > 1 else Operator.IS)
        values = tuple(one.value for one in chosen)
        name = _PLAIN.get(what, "")
        if not name or no or name in self.fields or not {ME, NONE}.isdisjoint(values):
            self.where.append(Condition(what, operator, values))
        elif what in (Field.STATUS, Field.PRIORITY):
            self.fields[name] = values
        else:
            self.fields[name] = tuple(Channel(one) if what is Field.CHANNEL else int(one) for one in values)
        words = ", ".join(one.label for one in chosen)
        self.said.append(Said(_LABELS[what], f"not {words}" if no else words))


# What the queue's bar of filters can say by itself.
_PLAIN = {
    Field.STATUS: "status", Field.PRIORITY: "priority", Field.CATEGORY: "topic", Field.TEAM: "team", Field.ASSIGNEE: "assignee",
    Field.REQUESTER: "requester", Field.COMPANY: "company", Field.CHANNEL: "channel",
}  # fmt: skip
_LABELS = {
    Field.STATUS: "Status", Field.PRIORITY: "Priority", Field.CATEGORY: "Category", Field.TEAM: "Team", Field.TAG: "Tag",
    Field.ASSIGNEE: "Assignee", Field.REQUESTER: "Requester", Field.COMPANY: "Company", Field.CHANNEL: "Channel",
}  # fmt: skip
_ORDERS = re.compile(
    r"^(?:please\s+|can you\s+|could you\s+|would you\s+)*(?:delete|remove|erase|drop|purge|destroy|close|resolve|assign|reassign|"
    r"make|change|set|update|send|create|book|order|write|merge|escalate|reply|email|reopen|cancel|move|tag|mark|add|buy|tell|"
    r"sing|call|play|translate|forward|snooze|archive|export|print|fix)\s+(?!\|)(?:\S+)"
)
_TICKETS = r"(?:tickets?|requests?|issues?|cases?|incidents?|problems?)"
_NOT = (
    r"(?:(?:but\s+)?(?:not|non|neither|except(?:\s+for)?|excluding|exclude|other\s+than|without|apart\s+from|aren't|isn't|minus|(?<=everything\s)but|(?<=anything\s)but|(?<=all\s)but|(?<=tickets\s)but(?!\s+not)|no(?!\s+(?:\w+\s+)?(?:one|owner|assignee|tags?|team|category|repl|answer|response|update)))"
    r"(?:[\s-]+(?:any|the|a|an|of|in|with|from|for|to|yet|tagged|those|ones|being|what|which|that|is|are|was|were|been|tickets))*[\s-]+)"
)


def _is_order(rest: str) -> bool:
    """Whether somebody tells the desk to do something: this one only reads."""
    found = _ORDERS.match(rest)
    reads = rf"(?:update|order|open|close|resolve)[sd]|close\s+to\b|(?:e-?mail|call|tag|change|update)\s+{_TICKETS}\b|order\s+by\b|(?:e-?mail|call)\s+(?:{PERIOD}|from)(?!\w)"
    return found is not None and not re.match(reads, rest)


# ---- Text ----------------------------------------------------------------------------------------------------------


def _quoted(reading: _Reading) -> None:
    while found := re.search(r"[\"“„]([^\"”“]{1,100})[\"”“]", reading.rest):
        start = reading.phrase.lower().find(found[1])
        shown = reading.phrase[start : start + len(found[1])] if start >= 0 else found[1]
        reading.text.append(f'"{shown}"')
        reading.said.append(Said("Text", shown))
        lead = re.search(
            r"(?:(?:about|containing|contain(?:s|ing)?|mention(?:s|ing)?|saying|says?|includ(?:es?|ing)|with|matching|for)\s+)?(?:the\s+)?(?:exact\s+)?(?:words?|phrase|text|term|string)\s*$|(?:about|containing|contains?|mention(?:s|ing)?|saying|including|matching|with|titled|entitled|called|named|headed)\s*$",
            reading.rest[: found.start()],
        )
        begin = lead.start() if lead else found.start()
        place = re.match(
            r"\s+(?:is\s+)?in\s+(?:the|its|their)\s+(?:subject|title|description|body|text)(?:\s+line)?(?!\w)",
            reading.rest[found.end() :],
        )
        end = found.end() + (place.end() if place else 0)
        reading.rest = f"{reading.rest[:begin]} | {reading.rest[end:]}"


def _reference(reading: _Reading) -> None:
    if found := re.search(r"(?<!\w)[a-z]{2,8}-[2-9a-z]{6}(?!\w)", reading.rest):
        if not any(each.isdigit() for each in found[0].partition("-")[2]):
            return
        reading.text.append(found[0].upper())
        reading.said.append(Said("Reference", found[0].upper()))
        reading.rest = reading.rest.replace(found[0], " | ", 1)


def _about(reading: _Reading) -> None:
    people = _either([*reading.names.agents, *reading.names.customers, *reading.names.companies])
    places = _either([*reading.names.categories, *reading.names.teams])
    ends = (
        rf"\s+(?:(?:that|which)\s+(?:are|is|were|was|have|has)\b|(?:not\s+)?assigned\s+to\b|unassigned\b|nobody\b|"
        rf"(?:opened|created|filed|reported|submitted|raised|sent|logged)\s+(?:by|on|in|since|before|after|last|this|today|yesterday|between)\b|"
        rf"(?:from|by|for)\s+(?:{people})(?!\w)|in\s+(?:the\s+)?(?:{places})(?!\w)|"
        rf"(?:in|over|during|within|from)\s+the\s+(?:last|past)\b|(?:on|in|from|since|before|after|until|during)\s+(?:{PERIOD}|{CLOCK})(?!\w)|"
        rf"between\s+(?:{PERIOD}|{CLOCK})\s|(?:today|yesterday|(?:last|this)\s+(?:week|month|year|quarter))(?!\w)|"
        rf"(?:older|newer)\s+than\b|with\s+(?:a\s+)?\w+\s+priority\b|(?:sorted|ordered)\b|tagged\b|due\b|updated\b|but\s+not\b|except\b|"
        rf"(?:by|via|through)\s+(?:e-?mail|phone|chat|web|api|portal)\b|past\s+(?:their|the|its)\b|"
        rf"from\s+(?:me|my)\b|(?:and|but)\s+(?:are|is|still|not|un\w+|assigned|open)\b|limit\s+\d|"
        rf"(?:i|we)\s+(?:opened|filed|created|reported|raised|sent|own|have)\b)|"
        rf"\s*,\s*(?=(?:only|but|that|which|with|still|currently|due|tagged|opened|reported|closed|resolved|by|in|assigned|unassigned|unresolved|sort|order|newest|oldest|latest|from|created|not|limit|highest|"
        rf"{_either(reading.names.priorities)}|{_either(reading.names.statuses)})\b)"
    )
    lead = (
        r"(?:about(?!\s+to\s+(?:breach|miss|be|run|violate|expire|become|exceed|go|fail|lapse))|regarding|concerning|mentioning|mentions?|mentioned|containing|contains?|related\s+to|relating\s+to|"
        r"(?:having\s+)?(?<!have\s)to\s+do\s+with|on\s+the\s+(?:subject|topic)\s+of|on\s+the\s+matter\s+of|talking\s+about|talk\s+about|refer(?:ring|s)?\s+to|with\s+(?:regards?|respect)\s+to|in\s+regards?\s+to|dealing\s+with|describing|discussing|titled|entitled|headed|which\s+say|that\s+says?|saying|matching|"
        r"with\s+the\s+(?:words?|phrase|text|subject|title))\s+"
    )
    place = r"(?:titles?|subjects?|subject\s+lines?|descriptions?|bod(?:y|ies)|texts?|names?)"
    inside = re.search(
        rf"(?<!\w)(?:with|having|that\s+have|containing|contain(?:s|ing)?|mention(?:s|ing)?|where)\s+(.{{2,60}}?)\s+(?:is\s+)?in\s+(?:the|their|its)\s+{place}(?!\w)|"
        rf"(?<!\w)(?:with\s+|whose\s+|where\s+|in\s+which\s+)?(?:the\s+|a\s+)?{place}\s+(?:that\s+)?(?:contain(?:s|ing)?|mention(?:s|ing)?|has|have|includes?|including|says?|like)\s+(.{{2,60}}?)(?=\s*\||$)",
        reading.rest,
    )
    if inside:
        _says(reading, inside, inside[1] or inside[2])
    found = re.search(rf"(?<!\w)(?:({_NOT})|do(?:es)?\s+not\s+)?{lead}(.+?)(?=\s*\||{ends}|$)", reading.rest)
    if found and re.fullmatch(PERIOD, found[2].strip()):
        reading.rest = f"{reading.rest[: found.start()]} {reading.rest[found.start(2) :]}"
    elif found:
        _says(reading, found, found[2], no=bool(found[1]) or found[0].startswith("do"))
        _not_about(reading, found.start())


def _not_about(reading: _Reading, start: int) -> None:
    """ "But not invoice", behind what it is about: a word to look for, too, unless it means something here."""
    names = reading.names
    known = _either(
        one
        for group in (
            names.statuses,
            names.priorities,
            names.categories,
            names.teams,
            names.tags,
            names.agents,
            names.customers,
            names.companies,
        )
        for one in group
    )
    found = re.compile(r"[\s|]*(?:but|and)\s+(?:not|without)\s+([\w'-]+)\s*(?=\||$)").match(reading.rest, start)
    if found and not re.fullmatch(known, found[1]) and found[1] not in _GRAMMAR | _FILLER:
        _says(reading, found, found[1], no=True)


def _leads(reading: _Reading) -> None:
    """ "Abuot": what comes before words to look for is mended first, as those words stay as they are."""

    def mend(found: re.Match[str]) -> str:
        word = found[0]
        if sorted(word) == sorted("about") or word in ("abot", "abut", "aout"):
            return "about"
        near = (one for one in ("regarding", "concerning", "mentioning", "containing") if distance(word, one) == 1)
        return next(near, word)

    reading.rest = re.sub(r"(?<![\w'-])[a-z]{4,11}(?![\w'-])", mend, reading.rest)


def _says(reading: _Reading, found: re.Match[str], said: str, *, no: bool = False) -> None:
    if said:
        words = re.sub(r"^(?:the|a|an|my|our|any|some|words?)\s+", "", one_line(said).strip(" ,"))
        words = re.sub(r"\s+(?:please|only|tickets?)$", "", words)
        if words and no:
            reading.text.append(f'-"{words}"' if " " in words else f"-{words}")
            reading.said.append(Said("Text", f"not {words}"))
        elif words:
            reading.text.append(words)
            reading.said.append(Said("Text", words))
        reading.rest = f"{reading.rest[: found.start()]} | {reading.rest[found.end() :]}"


# ---- How many, in which order --------------------------------------------------------------------------------------


def _counting(reading: _Reading) -> None:
    if reading.take(
        r"(?<!\w)(?:how\s+many|(?:the\s+)?(?:total\s+)?(?:number|amount|count)\s+of(?:\s+the)?|(?:give\s+me\s+(?:a|the)\s+)?count(?:\s+of)?(?:\s+the)?(?:\s+all)?|total(?=\s+(?:\w+\s+){0,2}tickets))(?!\w)"
    ):
        reading.is_count = True


_SORTS: tuple[tuple[str, Sort], ...] = (  # "earliest due" before "earliest"
    (
        r"(?:due|deadline|sla)\s+(?:soonest|first|next)|soonest\s+due|(?:earliest|nearest|closest|next)\s+(?:due(?:\s+date)?|deadline)(?:\s+first)?",
        Sort.DUE,
    ),
    (r"(?:least\s+recently\s+updated|stalest)(?:\s+first)?", Sort.UPDATED_UP),
    (r"(?:most\s+recently|recently|latest|newest|last)\s+(?:resolved|solved|fixed)(?:\s+first)?", Sort.RESOLVED),
    (r"(?:most\s+recently|recently|latest|newest|last)\s+closed(?:\s+first)?", Sort.CLOSED),
    (
        r"(?:(?:most\s+)?recently|last|latest)\s+(?:updated|changed|modified|touched)(?:\s+first)?|recent\s+(?:updates?|activity)(?:\s+first)?",
        Sort.UPDATED,
    ),
    (
        r"(?:newest|latest|most\s+recent(?:ly\s+(?:created|opened|filed))?|recently\s+(?:created|opened|filed|submitted)|recent(?:ly)?|lately)(?:\s+(?:ones\s+)?first)?",
        Sort.CREATED,
    ),
    (r"(?:oldest|longest\s+(?:waiting|open|running)|earliest)(?:\s+(?:ones\s+)?first)?", Sort.CREATED_UP),
    (r"(?:highest|most\s+urgent|most\s+important)(?:\s+priority)?(?:\s+tickets)?\s+first", Sort.PRIORITY),
    (r"lowest(?:\s+priority)?(?:\s+tickets)?\s+first", Sort.PRIORITY_UP),
)
_SORTED_BY = {
    "priority": Sort.PRIORITY, "urgency": Sort.PRIORITY, "due": Sort.DUE, "deadline": Sort.DUE, "sla": Sort.DUE, "created": Sort.CREATED,
    "creation": Sort.CREATED, "date": Sort.CREATED, "age": Sort.CREATED_UP, "updated": Sort.UPDATED, "update": Sort.UPDATED,
    "newest": Sort.CREATED, "oldest": Sort.CREATED_UP, "recency": Sort.CREATED, "opened": Sort.CREATED, "last update": Sort.UPDATED,
    "last updated": Sort.UPDATED, "last activity": Sort.UPDATED, "recent activity": Sort.UPDATED, "activity": Sort.UPDATED,
    "modified": Sort.UPDATED, "last modified": Sort.UPDATED, "recently updated": Sort.UPDATED, "severity": Sort.PRIORITY,
    "importance": Sort.PRIORITY, "time": Sort.CREATED, "most recently updated": Sort.UPDATED, "date of creation": Sort.CREATED,
    "submission": Sort.CREATED, "opening": Sort.CREATED, "resolution": Sort.RESOLVED, "resolved": Sort.RESOLVED,
    "closing": Sort.CLOSED, "closed": Sort.CLOSED, "closure": Sort.CLOSED,
}  # fmt: skip


_ORDERS_SAID = {
    Sort.CREATED: "newest first", Sort.CREATED_UP: "oldest first", Sort.UPDATED: "last updated first",
    Sort.UPDATED_UP: "longest without an update first", Sort.DUE: "due soonest first", Sort.RESOLVED: "last resolved first",
    Sort.CLOSED: "last closed first", Sort.PRIORITY: "highest priority first", Sort.PRIORITY_UP: "lowest priority first",
}  # fmt: skip


def _sorting(reading: _Reading) -> None:
    by = reading.take(
        rf"(?<!\w)(?:sort(?:ed)?|order(?:ed)?|rank(?:ed)?)\s+by\s+(?:the\s+)?({'|'.join(sorted(_SORTED_BY, key=len, reverse=True))})(?:\s+(?:date|time|first|at|created|level|order))*"
        r"(?:\s*,?\s*(?:in\s+)?\(?(asc(?:ending)?|desc(?:ending)?|(?:oldest|newest|highest|lowest|latest|most\s+recent)(?:\s+first)?)\)?(?:\s+order)?)?(?!\w)"
    )
    if by:
        reading.sort = _SORTED_BY[by[1]]
        up = {
            Sort.CREATED: Sort.CREATED_UP,
            Sort.UPDATED: Sort.UPDATED_UP,
            Sort.PRIORITY: Sort.PRIORITY_UP,
        }
        if (by[2] or "").startswith(("asc", "oldest", "lowest")):
            reading.sort = up.get(reading.sort, reading.sort)
        elif reading.sort is Sort.CREATED_UP and (by[2] or "").startswith(("newest", "latest", "most recent")):
            reading.sort = Sort.CREATED
    number = r"(\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|twenty)"
    orders = "|".join(pattern for pattern, _ in _SORTS)
    counted = reading.take(
        rf"(?<!\w)(?:the\s+)?(?:top|first)\s+{number}(?!\w)(?!\s+(?:days?|hours?|weeks?|months?|minutes?|years?))"
    )
    if not counted:
        counted = reading.take(rf"(?<!\w)(?:last\s+)?{number}(?=\s+(?:{orders}|{_TICKETS})(?!\w))")
        if counted and counted[0].startswith("last"):
            reading.sort = reading.sort or Sort.CREATED
    if not counted:
        counted = reading.take(
            rf"(?<=newest)\s+{number}(?!\w)|(?<=latest)\s+{number}(?!\w)|(?<=oldest)\s+{number}(?!\w)|(?<=most\srecent)\s+{number}(?!\w)"
        )
    if counted:
        said = next(one for one in counted.groups() if one)
        known = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
        reading.limit = min(
            20 if said == "twenty" else known.index(said) + 1 if said in known else int(said), _MOST_LIMIT
        )
    if not reading.limit and re.search(
        r"\b(?:oldest|newest|latest|most\s+recent|last|earliest|most\s+urgent)\b[^|]*?\b(?:ticket|request|issue|case|incident)\b(?!s)",
        reading.rest,
    ):
        reading.limit = 1
        if reading.take(r"(?<!\w)last(?=\s+(?:ticket|request|issue|case|incident)(?!\w))"):
            reading.sort = reading.sort or Sort.CREATED
    for pattern, sort in _SORTS:
        if reading.take(rf"(?<!\w)(?:the\s+)?(?:{pattern})(?!\w)"):
            reading.sort = reading.sort or sort
    if reading.sort:
        reading.said.append(Said("Order", _ORDERS_SAID[reading.sort]))


# ---- When ----------------------------------------------------------------------------------------------------------

_STALE = timedelta(days=7)
_ASLEEP = r"(?:stale|idle|untouched|abandoned|neglected|forgotten)"
_VERBS: tuple[tuple[str, str], ...] = (
    ("created", r"(?:created|opened|filed|submitted|logged|raised|reported|received|made|sent|came\s+in|coming\s+in|arrived|arriving|that\s+came)"),
    ("updated", r"(?:(?:last\s+)?(?:updated|changed|modified|touched)|with\s+activity|active)"),
    ("resolved", r"(?:resolved|solved|fixed|completed)"),
    ("closed", r"closed"),
    ("breached", r"(?:breach(?:ed|es)|missed|violated)(?:\s+(?:their|the|its))?(?:\s+(?:slas?|deadlines?|targets?))?"),
    ("due", r"(?:are\s+)?due"),
)  # fmt: skip
_START = rf"(?:{POINT}|{PERIOD})"
_WHEN: tuple[tuple[str, Callable[[_Reading, re.Match[str], bool], Range]], ...] = (
    (
        rf"(?:between|from)\s+({_START})\s*(?:and|to|until|till|through|thru|up\s+to|-|–)\s*({_START})",
        lambda r, m, due: _between(_period(r, m[1], due), _period(r, m[2], due)),
    ),
    (rf"(?:since|starting|as\s+of)\s+({_START})", lambda r, m, due: Range(since=_period(r, m[1], due).since)),
    (rf"(?:before|prior\s+to|earlier\s+than)\s+({_START})", lambda r, m, due: Range(until=_period(r, m[1], due).since)),
    (rf"(?:until|till|up\s+to|by|no\s+later\s+than)\s+({_START})", lambda r, m, due: Range(until=_period(r, m[1], due).until)),
    (rf"(?:after|later\s+than)\s+({_START})", lambda r, m, due: Range(since=_period(r, m[1], due).until)),
    (
        rf"(?:(?:(?:that\s+are|which\s+are|in)\s+)?(?:older|more)\s+than|over|at\s+least)\s+({SPAN}|fortnight)(?:\s+(?:old|ago))?",
        lambda r, m, due: (
            Range(since=ago(_spelt(m[1]), r.now, ahead=True))
            if due and not m[0].endswith(("ago", "old"))
            else Range(until=ago(_spelt(m[1]), r.now))
        ),
    ),
    (
        rf"(?:newer|younger|less)\s+than\s+({SPAN})(?:\s+(?:old|ago))?|within\s+the\s+(?:last|past)\s+({SPAN})",
        lambda r, m, due: Range(since=ago(m[1] or m[2], r.now)),
    ),
    (
        rf"(?:(?:in|within|during|over|for|from)\s+)?(?:the\s+)?(?:last|past|previous|preceding)\s+({SPAN})",
        lambda r, m, due: Range(since=ago(m[1], r.now)),
    ),
    (
        r"(?:(?:in|within|during|over|for|from)\s+)?(?:the\s+)?(?:past|last)\s+(hour|day|fortnight)|(?:(?:in|within|during|over|for|from)\s+)?(?:the\s+)?past\s+(week|month|quarter|year)|"
        r"(?:in|within|over)\s+the\s+last\s+(week|month|quarter|year)",
        lambda r, m, due: Range(since=ago(f"a {m[1] or m[2] or m[3]}", r.now)),
    ),
    (
        rf"(?:in|within)\s+(?:the\s+)?(next\s+|coming\s+|following\s+)?({SPAN})|(?:the\s+)?next\s+({SPAN})",
        lambda r, m, due: (
            Range(r.now, ago(m[2] or m[3], r.now, ahead=True)) if due or m[1] or m[3] else Range(since=ago(m[2], r.now))
        ),
    ),
    (rf"(?:(?:on|in|during|from|for|of|at|over)\s+)?({PERIOD})", lambda r, m, due: _period(r, m[1], due)),
)  # fmt: skip


def _between(first: Range, last: Range) -> Range:
    """From the one to the other. A beginning that lies ahead of its end is one of the year before."""
    if first.since and last.until and first.since >= last.until:
        return Range(first.since.replace(year=first.since.year - 1), last.until)
    return Range(first.since, last.until)


def _spelt(span: str) -> str:
    return "a fortnight" if span == "fortnight" else span


def _period(reading: _Reading, words: str, due: bool) -> Range:
    return period(words, reading.now, reading.zone, ahead=due)


def _untouched(reading: _Reading) -> None:
    found = reading.take(
        rf"(?<!\w)(?:(?:that\s+|which\s+)?(?:have\s+|has\s+|had\s+|with\s+)?(?:not\s+(?:been\s+)?(?:updated|touched|changed|modified|moved|progressed|worked\s+on|looked\s+at)|untouched|unchanged|idle|stale|"
        rf"(?:no|without(?:\s+an[y]?)?)\s+(?:updates?|activity|changes?|movement))\s+"
        rf"(?:(?:in|for|within|during)\s+(?:over\s+|more\s+than\s+|older\s+than\s+|at\s+least\s+)?(?:the\s+)?(?:last\s+|past\s+)?({SPAN}|hour|day|week|fortnight|month|quarter|year)|"
        rf"since\s+({PERIOD})|older\s+than\s+({SPAN})|((?:today|this\s+(?:week|month|year)))))(?!\w)"
    )
    if found:
        span, since = found[1] or found[3], found[2] or found[4]
        reading.rest = re.sub(rf"(?<!\w){_ASLEEP}(?=\s|$)", " ", reading.rest)
        until = ago(span if " " in span or span[0].isdigit() else f"a {span}", reading.now) if span else None
        _keep(reading, "updated", Range(until=until or _period(reading, since, False).since))
    elif reading.take(rf"(?<!\w){_ASLEEP}(?=\s|$)"):
        _keep(reading, "updated", Range(until=reading.now - _STALE))


def _did(reading: _Reading) -> None:
    """ "Grace opened", "did I close": as "opened by Grace", "closed by me"."""
    names = reading.names
    who = rf"{_either([*names.agents, *names.customers, *names.companies])}|i"
    filed, solved = (
        r"(open|fil|creat|submitt?|report|rais|log|request|send|sent|ask)",
        r"(resolv|clos|solv|fix|complet)",
    )
    again = {
        "fil": "filed",
        "creat": "created",
        "rais": "raised",
        "send": "sent",
        "sent": "sent",
        "log": "logged",
        "open": "opened",
    }
    reading.rest = re.sub(
        rf"(?<!\w)(?:that\s+|which\s+)?({who})\s+(?:did|has|have)\s+not\s+(?:open(?:ed)?|filed?|created?|submit(?:ted)?|report(?:ed)?|raised?|logged|log|sen[dt]|request(?:ed)?)(?!\w)",
        r"not opened by \1",
        reading.rest,
    )
    for stems, default in ((filed, "opened"), (solved, "resolved")):
        found = re.search(
            rf"(?<!\w)(?:that\s+|which\s+|did\s+|has\s+|have\s+|was\s+|were\s+)*({who})\s+(?:(?:has|have|just|already|also)\s+)*{stems}(?:e?d|ged|e|)(?:\s+in)?(?!\w)(?!\s+(?:tickets|by))",
            reading.rest,
        )
        if found and re.search(
            r"(?:\bto|\bby|\bfrom|\bfor|\bof|\bwith|\bis|\bor|\band|,)\s+$", reading.rest[: found.start(1)]
        ):
            continue  # somebody else's doing is told of here
        if not found or (found[2] == "open" and not re.search(r"(?:did\s.*open|opened)$", found[0])):
            continue
        if found[2] in ("clos", "resolv") and not re.search(r"(?:did\s.*(?:close|resolve)|ed)$", found[0]):
            continue
        verb = {"clos": "closed"}.get(found[2], again.get(found[2], default))
        name = "me" if found[1] == "i" else found[1]
        before, after = reading.rest[: found.start()], reading.rest[found.end() :]
        if default == "opened":  # when is told by what is left of it
            reading.rest = f"{before} {verb}{after} | {verb} by {name}"
            _opened_by(reading)
        else:
            reading.rest = f"{before} {verb} by {name}{after}"


def _solver(reading: _Reading) -> None:
    """Who resolved it is who has it; when is told by what is left."""
    known = [*reading.names.agents, Name("me", "me", ("myself",))]
    reading.rest = re.sub(
        rf"(?<!\w)(resolved|closed|solved|fixed|completed)\s+((?:[\w-]+\s+){{1,5}}?)(by\s+(?:{_either(known)}))(?!\w)",
        r"\1 \3 \2",
        reading.rest,
    )
    found = re.search(rf"(?<!\w)(resolved|closed|solved|fixed|completed)\s+by\s+({_list(known)})(?!\w)", reading.rest)
    if found:
        reading.rest = f"{reading.rest[: found.start()]}{found[1]} {reading.rest[found.end() :]}"
        _assigned(reading, _chosen(found[2], known), no=False)


def _dates(reading: _Reading) -> None:
    reading.rest = with_days_told(reading.rest)
    for pattern, meaning in _WHEN:
        for found in re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", reading.rest):
            if _is_word_may(found[0]):
                continue
            before = reading.rest[: found.start()]
            name, verb = next(
                (
                    (name, said)
                    for name, words in _VERBS
                    if (said := re.search(rf"(?<!\w){words}(?:\s+(?:date|time|at))?\s*$", before))
                ),
                # "after Monday and before Friday": of the same thing as what was just said.
                (_going_on(before) or "created", None),
            )
            if name not in reading.fields:
                try:
                    asked = meaning(reading, found, name == "due")
                except (ValueError, OverflowError):
                    continue
                if _is_kept(reading, name, asked):
                    continue
                start = verb.start() if verb else found.start()
                if no := re.search(rf"(?<!\w){_NOT}(?:been\s+)?$", reading.rest[:start]):
                    if asked.since is None or (asked.until is not None and asked.until <= reading.now):
                        continue
                    start, asked = no.start(), Range(until=asked.since)
                # The bar says of what it was, for what may go on from there.
                reading.rest = f"{reading.rest[:start]} |{_MARKS[name]} {reading.rest[found.end() :]}"
                other = re.match(rf"\s*(?:and|but)?\s*(?:not\s+)?(?:{_OTHER_END})\s", reading.rest[start + 3 :])
                if not other:
                    reading.rest = reading.rest.replace(f"|{_MARKS[name]}", "| ")
                _keep(reading, name, asked)
                return _dates(reading)
    return None


def _is_word_may(words: str) -> bool:
    return words.strip() in ("may", "march", "sat", "sun", "mar", "second")


# What a bar carries behind it while the same thing's other end may follow.
_MARKS = {name: "¹²³⁴⁵⁶"[place] for place, (name, _) in enumerate(_VERBS)}
_OTHER_END = r"before|after|since|until|till|up\s+to|older|newer|younger|earlier|later|by"


def _going_on(before: str) -> str:
    found = re.search(r"\|([¹²³⁴⁵⁶])\s*(?:and|but)?\s*$", before)
    return next((name for name, mark in _MARKS.items() if found and mark == found[1]), "")


def _is_kept(reading: _Reading, name: str, asked: Range) -> bool:
    if name == "due":
        ends = {one.operator for one in reading.where if isinstance(one, Condition) and one.field is Field.DUE}
        return bool((asked.since and Operator.AFTER in ends) or (asked.until and Operator.BEFORE in ends))
    return bool((asked.since and f"{name}_from" in reading.fields) or (asked.until and f"{name}_to" in reading.fields))


def _keep(reading: _Reading, name: str, asked: Range) -> None:
    if name == "due":
        reading.where += _within(Field.DUE, asked, reading.zone)
    else:
        for end, moment in (("from", asked.since), ("to", asked.until)):
            if moment:
                reading.fields[f"{name}_{end}"] = moment.astimezone(UTC)
    reading.said.append(Said(name.capitalize(), _shown(asked, reading.zone)))


def _within(about: Field, asked: Range, zone: str) -> list[Condition]:
    """A stretch of time as conditions: whole days where it begins and ends with one."""
    found = []
    if asked.since:
        found.append(Condition(about, Operator.AFTER, (day_or_moment(asked.since, zone, back=1),)))
    if asked.until:
        found.append(Condition(about, Operator.BEFORE, (day_or_moment(asked.until, zone),)))
    return found


def _shown(asked: Range, zone: str) -> str:
    def say(moment: datetime) -> str:
        local = moment.astimezone(ZoneInfo(zone))
        clock = "" if not (local.hour or local.minute) else f" {local:%H:%M}"
        return f"{local.day} {local:%b %Y}{clock}"

    if asked.since and asked.until:
        whole = say(asked.since)
        if ":" not in whole and asked.until - asked.since <= timedelta(days=1, hours=1) and ":" not in say(asked.until):
            return whole
        return f"{say(asked.since)} up to {say(asked.until)}"
    return f"since {say(asked.since)}" if asked.since else f"before {say(asked.until)}" if asked.until else "any time"


# ---- Service levels, status, priority ------------------------------------------------------------------------------


def _sla(reading: _Reading) -> None:
    whose = r"(?:(?:their|the|its|an?|our)\s+)?"
    promise = rf"{whose}(?:sla|slas|deadlines?|targets?|due\s+dates?|service\s+levels?)"
    breached = (
        rf"(?:(?:that\s+|which\s+|have\s+|has\s+|are\s+)*(?:past|beyond|over|out\s+of|outside(?:\s+of)?|missed|missing|breach(?:ed|ing)?|violat(?:ed|ing)|"
        rf"broke|broken|blew|failed)\s+{promise}|(?:with\s+)?(?:a\s+)?sla\s+(?:breach(?:ed|es)?|violat(?:ed|ions?)|missed)|breached|breach(?:es)?|overdue|"
        rf"(?:running\s+)?late|past\s+due)"
    )
    risk = (
        rf"(?:at\s+risk(?:\s+of\s+(?:breach(?:ing)?(?:\s+{promise})?|missing\s+{promise}))?|(?:about\s+to|close\s+to|going\s+to|likely\s+to)\s+"
        rf"(?:breach(?:ing)?|miss(?:ing)?)(?:\s+{promise})?|(?:near(?:ing)?|approaching|close\s+to)\s+{promise}|in\s+danger\s+of\s+breach(?:ing)?|"
        rf"sla\s+(?:at\s+)?risk|(?:with\s+)?sla\s+warnings?)"
    )
    if reading.take(
        rf"(?<!\w){_LACKING}\s+(?:an?y?\s+)?(?:slas?|service\s+levels?)(?:\s+(?:policy|timer|target|at\s+all))?(?!\w)"
    ):
        _sla_is(reading, "none", "none")
    elif reading.take(r"(?<!\w)(?:(?:with\s+)?(?:an?\s+)?paused\s+sla|sla\s+(?:is\s+)?paused)(?!\w)"):
        _sla_is(reading, "paused", "paused")
    elif found := reading.take(rf"(?<!\w)({_NOT})?{risk}(?!\w)"):
        _sla_is(reading, "at_risk", "at risk", no=bool(found[1]))
    elif found := reading.take(rf"(?<!\w)({_NOT})?{breached}(?!\w)"):
        if found[1]:
            _sla_is(reading, "breached", "breached", no=True)
        else:
            reading.fields["breached"] = True
            reading.said.append(Said("SLA", "breached"))
    elif reading.take(rf"(?<!\w)(?:within|inside|on\s+track\s+for)\s+{promise}(?!\w)|(?<!\w)on\s+track(?!\w)"):
        _sla_is(reading, "ok", "on track")


def _sla_is(reading: _Reading, value: str, words: str, *, no: bool = False) -> None:
    reading.where.append(Condition(Field.SLA, Operator.NOT if no else Operator.IS, (value,)))
    reading.said.append(Said("SLA", f"not {words}" if no else words))


def _waiting(reading: _Reading) -> None:
    """ "Awaiting the customer's reply" is the status that says so, whatever it is called here."""
    known = {word for one in reading.names.statuses for word in _words_of(one)}
    name = next((one for one in ("waiting on customer", "pending", "waiting") if one in known), "")
    who = r"(?:customers?|requesters?|clients?|users?|reporters?|end\s+users?|them)"
    what = r"(?:repl(?:y|ies)|responses?|answers?|feedback|input|information|info|action)"
    if name:
        reading.rest = re.sub(
            rf"(?<!\w)(?:(?:still\s+)?(?:waiting|pending|awaiting)(?:\s+(?:on|for))?)\s+(?:an?y?\s+)?(?:(?:the\s+|a\s+|our\s+|their\s+)?{who}(?:'s?)?(?:\s+(?:to\s+(?:reply|respond|answer|get\s+back)|{what}))?|(?:an?\s+|the\s+)?{what}(?:\s+(?:from|of|by)\s+(?:the\s+|a\s+|our\s+)?{who})?)(?!\w)",
            name,
            reading.rest,
        )


def _status(reading: _Reading) -> None:
    _waiting(reading)
    unsolved = (
        r"(?:unresolved|unsolved|outstanding|unfinished|undone|active|ongoing|incomplete|uncompleted|unclosed|un-?fixed|"
        r"(?:still\s+)?not\s+(?:yet\s+)?(?:resolved|solved|done|finished|completed)(?:\s+yet)?(?:\s+(?:or|and|nor)\s+closed)?|(?:still\s+)?(?:have\s+|has\s+)?not\s+(?:yet\s+)?been\s+(?:resolved|solved|done|finished|completed|fixed)(?:\s+(?:or|and|nor)\s+closed)?(?:\s+yet)?|"
        r"(?:still\s+)?(?:needing|in\s+need\s+of)\s+(?:work|attention|action)|to\s+be\s+(?:resolved|solved|done)|backlog|"
        r"(?:that\s+)?(?:are\s+|is\s+)?(?:n't|not)\s+(?:resolved|done)(?:\s+or\s+closed)?|not\s+closed\s+or\s+resolved)"
    )
    if reading.take(rf"(?<!\w){unsolved}(?!\w)"):
        reading.fields["open"] = True
        reading.said.append(Said("Status", "not solved"))
    elif reading.take(r"(?<!\w)(?:(?:already\s+)?(?:done|finished|completed|solved|fixed|handled|dealt\s+with))(?!\w)"):
        reading.fields["open"] = False
        reading.said.append(Said("Status", "solved"))
    _choose(
        reading,
        Field.STATUS,
        reading.names.statuses,
        lead=r"(?:(?:with\s+|in\s+)?(?:the\s+|an?\s+)?(?:status|state)\s+(?:is\s+|of\s+|=\s+)?|still\s+|currently\s+|already\s+|been\s+|marked\s+(?:as\s+)?|in\s+)?",
        trail=r"(?:\s+(?:status|state))?",
    )


def _priority(reading: _Reading) -> None:
    known = reading.names.priorities
    ranks = {f"p{place}": one for place, one in enumerate(reversed(known), start=1)}
    if not known:
        return None
    common = dict.fromkeys(("critical", "highest", "top", "blocker", "blocking", "emergency", "asap"), known[-1])
    common |= dict.fromkeys(("lowest", "minor", "trivial"), known[0])
    common |= dict.fromkeys(("normal", "standard", "moderate", "average"), known[min(1, len(known) - 1)])
    common |= {
        f"{word}{place}": one for word in ("sev", "sev ", "s") for place, one in enumerate(reversed(known), start=1)
    }
    own = {word for one in known for word in _words_of(one)}
    ranks |= {f"{rank}s": one for rank, one in ranks.items()} | {
        word: one for word, one in common.items() if word not in own
    }
    words = "|".join([*ranks, _either(known)])
    prio = r"(?:\s*-?\s*(?:priority|priorities|prio|severity|urgency|importance))?"
    lead = r"(?:(?:with\s+|of\s+)?(?:an?\s+)?(?:the\s+)?(?:priority|priorities|prio|severity|urgency)\s+(?:is\s+|of\s+|level\s+|=\s+|to\s+)?|(?:of|with)\s+)?"
    by_word = {
        plain(word): one for one in known for word in (one.label, one.value.replace("_", " "), *one.also)
    } | ranks
    up = reading.take(
        rf"(?<!\w){lead}(?:(?:at\s+least|minimum(?:\s+of)?|(?<!apart\s)from)\s+({words})(?=\s*-?\s*(?:priority|prio|severity)|\s*$|\s+(?!to\b)|\s*\|){prio}|({words}){prio}\s+(?:(?:or|and)\s+(?:higher|above|up|upwards|more|worse|greater|over)|upwards?){prio})(?!\w)"
    )
    if up:
        place = known.index(by_word[up[1] or up[2]])
        return reading.ask(Field.PRIORITY, known[place:])
    down = reading.take(
        rf"(?<!\w){lead}(?:at\s+most\s+({words}){prio}|({words}){prio}\s+(?:or|and)\s+(?:lower|below|less|under|down){prio})(?!\w)"
    )
    if down:
        return reading.ask(Field.PRIORITY, known[: known.index(by_word[down[1] or down[2]]) + 1])
    beyond = reading.take(
        rf"(?<!\w){lead}(?:(above|higher\s+than|over|more\s+than)|(?:below|lower\s+than|under|less\s+than|beneath))\s+({words}){prio}(?!\w)"
    )
    if beyond:
        place = known.index(by_word[beyond[2]])
        some = known[place + 1 :] if beyond[1] else known[:place]
        if some:
            return reading.ask(Field.PRIORITY, some)
    more = [
        Name(one.value, one.label, (*one.also, *(rank for rank, meant in ranks.items() if meant is one)))
        for one in known
    ]
    return _choose(reading, Field.PRIORITY, more, lead=lead, trail=prio, inner=prio)


# ---- Who and where -------------------------------------------------------------------------------------------------


_NOBODY = Name(NONE, "nobody")


def _assignee(reading: _Reading) -> None:
    nobody = (
        r"(?:unassigned|unowned|unclaimed|ownerless|(?:not\s+(?:yet\s+)?|n't\s+|never\s+)assigned(?:\s+to\s+(?:anyone|anybody|somebody|someone))?(?:\s+yet)?(?!\s+to)|"
        r"(?:(?:that|which)\s+)?(?:nobody|no\s*-?\s*one)\s+(?:(?:has\s+|have\s+)?(?:picked(?:\s+up)?|taken|claimed)|owns?|has(?!\s+(?:answer|repl|respond))(?:\s+taken)?|is\s+(?:working|on|handling)(?:\s+on)?|took|(?:has\s+|have\s+)?(?:picked(?:\s+up)?|taken|claimed)|is\s+responsible\s+for)|"
        r"(?:without|with\s+no|has\s+no|have\s+no|lacking|missing)\s+(?:an?\s+|any\s+)?(?:assignees?|owners?|agents?|assigned\s+agent)|"
        r"(?:assigned\s+to|owned\s+by)\s+(?:nobody|no\s*-?\s*one)|waiting\s+for\s+an?\s+agent)"
    )
    mine = r"(?:(?:assigned\s+to\s+)?me|mine|my(?:\s+tickets)?)"
    if reading.take(
        rf"(?<!\w)(?:{mine}\s+(?:or|and|plus)\s+(?:(?:are|is|the|all)\s+)*{nobody}|{nobody}\s+(?:tickets\s+)?(?:or|and|plus)\s+(?:(?:are|is)\s+)*{mine})(?!\w)"
    ):
        reading.ask(Field.ASSIGNEE, [Name(ME, "me"), _NOBODY])
        return
    if found := reading.take(rf"(?<!\w)({_NOT})?(?:that\s+are\s+|which\s+are\s+|are\s+)?{nobody}(?!\w)"):
        if found[1]:
            reading.ask(Field.ASSIGNEE, [_NOBODY], no=True)
            return
        reading.fields["whose"] = Whose.NOBODY
        reading.said.append(Said("Assignee", "nobody"))
        return
    if reading.take(
        r"(?<!\w)(?:everyone|everybody)\s+else(?:'?s)?(?!\w)|(?<!\w)assigned\s+to\s+(?:others|other\s+(?:people|agents))(?!\w)|(?<!\w)(?:assigned\s+to\s+|owned\s+by\s+)?(?:someone|somebody)\s+else(?:'?s)?(?!\w)"
    ):
        reading.ask(Field.ASSIGNEE, [Name("me", "me"), _NOBODY], no=True)
        return
    known = [*reading.names.agents, Name("me", "me", ("myself",))]
    doing = r"(?:owns|handles|(?:is|are)\s+(?:currently\s+)?(?:responsible(?:\s+for)?|handling|working\s+on|dealing\s+with|looking\s+after|in\s+charge\s+of|assigned\s+to)|looks\s+after|takes\s+care\s+of|works\s+on|has\s+(?:taken|picked\s+up|claimed)|picked\s+up|took)"
    reading.rest = re.sub(
        rf"(?<!\w)(?:that\s+|which\s+|for\s+which\s+)?((?:any|every)(?:one|body)\s+(?:but|except|other\s+than)\s+)?({_either(reading.names.agents)})\s+{doing}(?!\w)",
        lambda found: f"{'not ' if found[1] else ''}assigned to {found[2]}",
        reading.rest,
    )
    lead = (
        r"(?:(?:that\s+are\s+|which\s+are\s+|are\s+)?(?:(?:currently\s+|already\s+)?assigned|given|allocated|delegated|routed)\s+(?:to|for)|owned\s+by|handled\s+by|held\s+by|"
        r"(?:being\s+)?(?:worked|taken)\s+(?:on\s+)?by|taken\s+over\s+by|managed\s+by|belong(?:ing|s)?\s+to|in\s+the\s+queue\s+of|in\s+the\s+hands\s+of|on\s+the\s+plate\s+of|(?:whose\s+|where\s+the\s+|with\s+)?(?:assignee|owner|agent)(?:\s+is)?|responsible\s+is)"
    )
    some = _list(known)
    found = reading.take(
        rf"(?<!\w)({_NOT})?{lead}\s+(?:not\s+|neither\s+)?(?:(?:anyone|anybody|somebody|someone)\s+(but|except|other\s+than)\s+)?({some})(?!\w)"
    )
    if found:
        away = found[1] or found[2] or re.search(r"\s(?:not|neither)\s", found[0])
        _assigned(reading, _chosen(found[3], known), no=bool(away))
    elif found := reading.take(
        rf"(?<!\w)({_NOT})?(?:my\s+own|mine|on\s+my\s+plate|on\s+my\s+desk|on\s+my\s+list|in\s+my\s+queue|(?:that\s+)?i\s+own|i\s+am\s+working\s+on|on\s+me|for\s+me(?!\s+to)|my(?!\s+(?:teams?|compan|organi)))(?=[\s,;.)']|$)"
    ):
        _assigned(reading, [known[-1]], no=bool(found[1]))
    elif found := reading.take(rf"(?<!\w)({_NOT})?({_either(reading.names.agents)})(?:'s?|s)(?!\w)"):
        _assigned(reading, _chosen(found[2], known), no=bool(found[1]))
    elif not found and reading.take(
        r"(?<!\w)(?:(?:that|which)\s+(?:are|is|have\s+been)\s+)?(?:already\s+|currently\s+)?assigned(?:\s+to\s+(?:some|any)(?:one|body))?(?!\s+to)(?=\s|$)|(?<!\w)with\s+an?\s+(?:assignee|owner)(?!\w)"
    ):
        reading.ask(Field.ASSIGNEE, [_NOBODY], no=True)


def _assigned(reading: _Reading, chosen: list[Name], *, no: bool) -> None:
    if [one.value for one in chosen] == ["me"] and not no:
        reading.fields["whose"] = Whose.ME
        reading.said.append(Said("Assignee", "me"))
        return
    reading.ask(Field.ASSIGNEE, chosen, no=no)


def _opened_by(reading: _Reading) -> bool:
    """Who is said to have opened it, whether that is a customer or one of the staff."""
    everybody = [*reading.names.customers, *reading.names.agents, Name("me", "me", ("myself",))]
    lead = r"(?:(?:opened|created|filed|submitted|logged|raised|reported|requested|sent|written|asked)\s+(?:in\s+)?(?:by|from)|(?:whose\s+|where\s+the\s+|with\s+)?(?:requester|reporter|customer|author|submitter)(?:\s+is)?|requested\s+by|by)"
    found = reading.take(
        rf"(?<!\w)({_NOT})?{lead}\s+(?:not\s+)?(?:(?:anyone|anybody)\s+(but|except|other\s+than)\s+)?(?:the\s+)?({_list(everybody)})(?!\w)"
    )
    if found:
        away = found[1] or found[2] or " not " in found[0]
        reading.ask(Field.REQUESTER, _chosen(found[3], everybody), no=bool(away))
    return found is not None


def _requester(reading: _Reading) -> None:
    everybody = [Name("me", "me", ("myself",))]
    if reading.take(
        r"(?<!\w)(?:that\s+)?i\s+(?:have\s+)?(?:opened|filed|created|submitted|reported|raised|sent)(?!\w)"
    ):
        reading.ask(Field.REQUESTER, [everybody[-1]])
        return
    if _opened_by(reading):
        return
    found = reading.take(rf"(?<!\w)({_NOT})?(?:from|for|of)\s+({_list([*reading.names.customers, *everybody])})(?!\w)")
    if found:
        reading.ask(Field.REQUESTER, _chosen(found[2], [*reading.names.customers, *everybody]), no=bool(found[1]))
        return
    if found := reading.take(rf"(?<!\w)({_NOT})?({_list(reading.names.customers)})(?:'?s|')?(?!\w)"):
        reading.ask(Field.REQUESTER, _chosen(found[2], reading.names.customers), no=bool(found[1]))
    elif found := reading.take(
        rf"(?<!\w)({_NOT})?(?:for\s+|with\s+|from\s+|of\s+|under\s+|by\s+|at\s+)?({_list(reading.names.agents)})(?!\w)"
    ):
        _assigned(reading, _chosen(found[2], reading.names.agents), no=bool(found[1]))


def _company(reading: _Reading) -> None:
    _choose(
        reading,
        Field.COMPANY,
        reading.names.companies,
        lead=r"(?:(?:(?:opened|created|filed|submitted|raised|reported|sent)\s+)?(?:from|for|by|of|at|belonging\s+to)\s+(?:the\s+)?(?:people\s+(?:at|from)\s+)?(?:company\s+|organi[sz]ation\s+|customers?\s+(?:(?:at|of|from)\s+)?|client\s+)?|(?:company|organi[sz]ation|client)\s+(?:is\s+)?)?",
        trail=r"(?:\s+(?:corp(?:oration)?|inc|ltd|llc|gmbh|company)\b\.?)?(?:'s|'|\s+(?:customers?|users?|people|employees))?",
    )


def _category(reading: _Reading) -> None:
    exact = [one for one in reading.names.categories if plain(one.label) != "other"]
    if found := reading.take(
        r"(?<!\w)(?:uncategori[sz]ed|unclassified|(?:without|with\s+no|has\s+no|have\s+no|missing)\s+(?:an?\s+|any\s+)?categor(?:y|ies)|no\s+category|not\s+categori[sz]ed)(?!\w)"
    ):
        reading.ask(Field.CATEGORY, [Name(NONE, "none")])
        return
    lead = r"(?:(?:categori[sz]ed|classified|filed|labell?ed)\s+(?:as|under|in)\s+|(?:in|under|from|for|of|with|to)\s+(?:the\s+)?(?:categor(?:y|ies)\s+(?:of\s+)?)?|categor(?:y|ies)\s+(?:is\s+|of\s+)?|the\s+)?"
    _choose(
        reading,
        Field.CATEGORY,
        exact,
        lead=lead,
        trail=r"(?:'s|-related|\s+related)?(?:\s+(?:category|categories|department))?",
    )
    other = [one for one in reading.names.categories if one not in exact]
    if other and (
        found := reading.take(
            rf"(?<!\w)({_NOT})?(?:(?:(?:in|under|as)\s+(?:the\s+)?(?:category\s+)?other|category\s+(?:is\s+)?other)(?:\s+category)?|other\s+category|categori[sz]ed\s+as\s+other)(?!\w)(?!\s+(?:tickets|people|than))"
        )
    ):
        reading.ask(Field.CATEGORY, other, no=bool(found[1]))


def _team(reading: _Reading) -> None:
    lead = r"(?:(?:(?:assigned|routed|given)\s+to|in|on|with|for|of|from|by|owned\s+by|handled\s+by|belonging\s+to)\s+(?:the\s+)?(?:(?:teams?|queue|group)\s+(?:of\s+)?)?|(?:team|queue|group)\s+(?:is\s+)?|the\s+)?"
    if found := reading.take(
        rf"(?<!\w)({_NOT})?(?:(?:of|in|from|for|with|assigned\s+to)\s+)?(?:my|our)\s+(?:own\s+)?teams?(?:'s?)?(?:\s+queue)?(?!\w)"
    ):
        reading.ask(Field.TEAM, [Name("me", "mine")], no=bool(found[1]))
    elif reading.take(r"(?<!\w)(?:without|with\s+no|has\s+no|have\s+no|not\s+in|no)\s+(?:an?y?\s+)?team(?!\w)"):
        reading.ask(Field.TEAM, [Name(NONE, "none")])
    else:
        _choose(
            reading,
            Field.TEAM,
            reading.names.teams,
            lead=lead,
            trail=r"(?:'s|')?(?:\s+(?:team|queue|group|department))?(?:'s|')?",
        )


def _tags(reading: _Reading) -> None:
    tags = [_with_plural(one) for one in reading.names.tags]
    if reading.take(
        r"(?<!\w)(?:untagged|not\s+tagged|(?:without|with\s+no|has\s+no|have\s+no|no)\s+(?:an?y?\s+)?tags?)(?=\s*(?:\||$|[?,]|\s+(?:tickets|at\s+all|and|from|created|that)))(?:\s+at\s+all)?"
    ):
        reading.ask(Field.TAG, [Name(NONE, "none")])
    lead = r"(?:(?:tagged|labell?ed|flagged|marked)(?:\s+(?:with|as|both))*\s+(?:the\s+)?(?:tags?\s+)?#?|(?:with\s+|having\s+|has\s+|have\s+|carrying\s+)?(?:both\s+)?(?:the\s+)?(?:tags?|labels?)\s+(?:is\s+|of\s+)?|(?:with|having)\s+(?:the\s+)?|#)?"
    both = re.search(
        rf"(?<!\w)(?:(?:tagged|labell?ed)(?:\s+(?:with|as))?(?:\s+both)?|with\s+(?:both\s+)?(?:the\s+)?tags)\s+({_either(tags)})\s+and\s+({_either(tags)})(?!\w)(?!\s+(?:or|and)\b)",
        reading.rest,
    )
    if both and not re.search(rf"{_NOT}$", reading.rest[: both.start()]):
        reading.rest = f"{reading.rest[: both.start()]} | {reading.rest[both.end() :]}"
        for word in both.groups():
            reading.ask(Field.TAG, _chosen(word, tags))
        return
    _choose(reading, Field.TAG, tags, lead=lead, trail=r"(?:\s+tags?(?:ged)?)?")


def _with_plural(one: Name) -> Name:
    word = plain(one.label)
    return replace(one, also=(*one.also, f"{word}s")) if word.isalpha() and not word.endswith("s") else one


_CHANNELS = (
    Name(Channel.WEB.value, "web", ("web portal", "portal", "website", "web form", "web site", "online form", "contact form", "customer portal", "self-service portal")), Name(Channel.EMAIL.value, "e-mail", ("email", "e-mail", "mail", "emails", "e-mails", "mails", "emailed", "mailed", "mailed in", "emailed in")),
    Name(Channel.PHONE.value, "phone", ("telephone", "call", "phone call", "phone calls", "calls", "phoned in", "called in")), Name(Channel.CHAT.value, "chat", ("live chat", "chats", "chat message")),
    Name(Channel.API.value, "API", ("rest api", "the api")),
)  # fmt: skip


def _channel(reading: _Reading) -> None:
    lead = r"(?:(?:(?:that\s+)?(?:came|coming|come)\s+in\s+|received\s+|sent\s+|filed\s+|submitted\s+|opened\s+|created\s+|reported\s+)?(?:by|via|through|over|from|on|using|per)\s+(?:the\s+|an?\s+|our\s+)?(?:channel\s+)?|channel\s+(?:is\s+)?|(?:that\s+)?(?:were\s+|was\s+)?(?=(?:phoned|called|e?-?mailed)\b))"
    _choose(reading, Field.CHANNEL, _CHANNELS, lead=lead, trail=r"(?:\s+channel)?(?!-)")
    if re.fullmatch(rf"[\s|]*(?:not\s+|no\s+)?(?:{_list(_CHANNELS)})[\s|]*", reading.rest):
        _choose(reading, Field.CHANNEL, _CHANNELS, lead="", trail="")
    _choose(reading, Field.CHANNEL, _CHANNELS, lead="", trail=rf"(?=\s+(?:\|\s+)*{_TICKETS})")
    several = [
        Name(one.value, one.label, tuple(word for word in one.also if word.endswith("ls") or word == "chats"))
        for one in _CHANNELS
    ]
    if found := reading.take(rf"(?<!\w)({'|'.join(word for one in several for word in one.also)})(?!\w)"):
        reading.ask(Field.CHANNEL, [one for one in _CHANNELS if found[1] in one.also])


_BY = r"(?:\s+(?:to|by|from|of)\s+(?:an?\s+|the\s+|any\s+|our\s+|us\b)?(?:agents?|staff|support|team|anyone|anybody|desk)?)?"
_ANSWERED = rf"(?:answered|replied(?:\s+to)?|responded(?:\s+to)?){_BY}"
_UNANSWERED = (
    rf"(?:unanswered|(?:(?:that\s+|which\s+)?(?:still\s+)?(?:have|has|had|with|got|received)\s+)?(?:no|without(?:\s+an?y?)?|not\s+(?:had\s+|received\s+|got(?:ten)?\s+)?an?y?)\s+(?:first\s+|single\s+|staff\s+|agent\s+)?(?:repl(?:y|ies)|responses?|answers?){_BY}(?:\s+yet)?(?:\s+at\s+all)?|"
    rf"(?:(?:that|which)\s+)?(?:nobody|no\s*-?\s*one)\s+(?:has\s+|ever\s+)*(?:answered|replied(?:\s+to)?|responded(?:\s+to)?)(?:\s+yet)?|"
    rf"(?:(?:still\s+)?(?:waiting|awaiting)(?:\s+(?:for|on))?)\s+(?:an?\s+|our\s+|their\s+|the\s+)?(?:first|initial)\s+(?:reply|response|answer){_BY}|never\s+(?:been\s+)?(?:answered|replied\s+to|responded\s+to))"
)


_LACKING = r"(?:without|with\s+no|(?:has|have|having|got)\s+no|do(?:es)?\s+not\s+have|have\s+not(?:\s+got)?|has\s+not(?:\s+got)?|lacking|missing|no)"
_HAVING = r"(?:with|having|that\s+have|that\s+has|which\s+have|has|have|including|carrying)"
# A due date of some day is told with the days; "files of the auditor" are words to look for.
_WHEN_DUE = rf"\s+(?:is\s+|of\s+)?(?:(?:before|after|on|in|by|until|till|between|within|since|from)\s|{PERIOD}(?!\w))"
_WHAT_FILE = r"\s+(?:of|about|named|called|missing|server|share|shares|transfer|system)(?!\w)"
# What a ticket has or lacks: how it is said, and the condition.
_HAD: tuple[tuple[str, Field, str], ...] = (
    (r"(?:attachments?|files?\s+attached|attached\s+files?|files?|anything\s+attached|something\s+attached|documents?\s+attached|uploads?)", Field.ATTACHED, "Attachments"),
    (r"(?:due\s+(?:dates?|times?)|deadlines?|due(?!\s+(?:date|time))|target\s+dates?)", Field.HAS_DUE, "Due date"),
)  # fmt: skip


def _has(reading: _Reading) -> None:
    for words, about, label in _HAD:
        tail = r"(?:\s+(?:at\s+all|set|yet))?"
        if reading.take(rf"(?<!\w){_LACKING}\s+(?:an?y?\s+)?(?:{words}){tail}(?=\s*(?:\||$|,|\.)|\s+(?!{PERIOD}))"):
            has = "no"
        elif reading.take(
            rf"(?<!\w){_HAVING}\s+(?:an?y?\s+|some\s+)?(?:{words}){tail}(?!\w)(?!{_WHEN_DUE if about is Field.HAS_DUE else _WHAT_FILE})"
        ):
            has = "yes"
        elif about is Field.HAS_DUE and reading.take(r"(?<!\w)undated(?!\w)"):
            has = "no"
        elif about is Field.ATTACHED and (
            found := reading.take(rf"(?<!\w)({_NOT})?(?:that\s+(?:has|have)\s+)?attachments?(?=\s*\||\s*$)")
        ):
            has = "no" if found[1] else "yes"
        else:
            continue
        reading.where.append(Condition(about, Operator.IS, (has,)))
        reading.said.append(Said(label, "some" if has == "yes" else "none"))


def _others(reading: _Reading) -> None:
    if found := reading.take(rf"(?<!\w)({_NOT})?(?:been\s+)?{_ANSWERED}(?!\w)|(?<!\w){_UNANSWERED}(?!\w)"):
        was = (
            bool(re.search(_ANSWERED + "$", found[0].strip()))
            and not found[1]
            and not re.match(_UNANSWERED, found[0].strip())
        )
        reading.fields["answered"] = was
        reading.said.append(Said("Answered", "yes" if was else "not yet"))
    if found := reading.take(
        r"(?<!\w)(?:escalated\s+(?:to|at)\s+)?(?:escalation\s+)?level\s+([123])(?:\s+escalations?)?(?!\w)"
    ):
        reading.where.append(Condition(Field.ESCALATION, Operator.IS, (found[1],)))
        reading.said.append(Said("Escalation level", found[1]))
        reading.take(r"(?<!\w)escalated(?!\w)")
    elif found := reading.take(rf"(?<!\w)({_NOT})?(?:been\s+)?(?:escalated|escalations?)(?!\w)"):
        operator, level = (Operator.MOST, "0") if found[1] else (Operator.LEAST, "1")
        reading.where.append(Condition(Field.ESCALATION, operator, (level,)))
        reading.said.append(Said("Escalated", "no" if found[1] else "yes"))
    if found := reading.take(rf"(?<!\w)({_NOT})?snoozed(?!\w)"):
        reading.fields["snoozed"] = not found[1]
        reading.said.append(Said("Snoozed", "no" if found[1] else "yes"))
    if reading.take(
        r"(?<!\w)(?:that\s+)?(?:mention(?:s|ing)?|tagging|mentioned)\s+me(?!\w)|(?<!\w)(?:where\s+)?i\s+(?:am|was)\s+mentioned(?!\w)"
    ):
        reading.fields["mentioned"] = True
        reading.said.append(Said("Mentioned", "me"))


# ---- Names ---------------------------------------------------------------------------------------------------------


# What departments are called besides.
_SYNONYMS = {
    "hr": ("human resources", "personnel"), "human resources": ("hr",), "it support": ("tech support", "technical support", "it helpdesk", "it department"),
    "it": ("information technology", "it department"), "facilities": ("facility", "facility management", "facilities management"),
    "billing": ("invoicing",),
}  # fmt: skip


def _also_called(names: tuple[Name, ...]) -> tuple[Name, ...]:
    taken = {plain(word) for one in names for word in (one.label, *one.also)}
    return tuple(
        Name(
            one.value,
            one.label,
            (*one.also, *(word for word in _SYNONYMS.get(plain(one.label), ()) if word not in taken)),
        )
        for one in names
    )


def _words_of(one: Name) -> tuple[str, ...]:
    words = dict.fromkeys(
        plain(word) for word in (one.label, one.value.replace("_", " "), *one.also) if word and not word.isdigit()
    )
    return tuple(words)


def _either(names: Iterable[Name]) -> str:
    """A pattern for any of their words, the longest first; one that fits nothing when there are none."""
    words = sorted({word for one in names for word in _words_of(one)}, key=len, reverse=True)
    either = "|".join(re.sub(r"(?:\\?[ _-])+", r"[\\s_-]+", re.escape(word)) for word in words)
    return either.replace("'", "'?") or r"(?!)"


def _bare(word: str) -> str:
    return re.sub(r"[\s_-]+", " ", word).replace("'", "")


_AND = r"\s*(?:,\s*(?:or|and|nor)?|/|&|\bor\b|\band\b|\bnor\b)\s*(?:the\s+|to\s+|by\s+|in\s+)?"


def _list(names: Iterable[Name], inner: str = "") -> str:
    either = _either(names)
    return rf"(?:{either}){inner}(?:{_AND}(?:{either}){inner}(?!\w))*"


def _chosen(words: str, names: Iterable[Name]) -> list[Name]:
    """Which of the names a list of words holds."""
    known = {_bare(word): one for one in reversed(list(names)) for word in _words_of(one)}
    return [known[_bare(match[0])] for match in re.finditer(rf"(?<!\w)(?:{_either(names)})(?!\w)", words)]


def _choose(reading: _Reading, what: Field, names: Iterable[Name], *, lead: str, trail: str, inner: str = "") -> None:
    """Any of some names, and any that are ruled out."""
    known = list(names)
    some = _list(known, inner)
    while found := reading.take(rf"(?<!\w){_NOT}{lead}({some}){trail}(?!\w)"):
        reading.ask(what, _chosen(found[1], known), no=True)
    while (
        found := reading.take(rf"(?<!\w){lead}(?<=\s)(?:not|except|excluding|non)\s+({some}){trail}(?!\w)")
        if lead
        else None
    ):
        reading.ask(what, _chosen(found[1], known), no=True)
    chosen: list[Name] = []
    while found := reading.take(rf"(?<!\w){lead}({some}){trail}(?!\w)"):
        chosen += _chosen(found[1], known)
    if chosen:
        reading.ask(what, chosen)


# ---- Typing errors, and what is left -------------------------------------------------------------------------------

_GRAMMAR = frozenset(
    re.findall(r"\w+", """tickets ticket requests request issues priority assigned unassigned about created opened updated resolved closed unresolved
    yesterday today tomorrow week month quarter year days hours minutes monday tuesday wednesday thursday friday saturday sunday
    january february march april june july august september october november december breached overdue urgent newest oldest latest sorted category
    without between before after since older newer status tagged reported submitted through longest except assignee assignees owner owners requester
    requesters reporter reply replies response responses answer answered unanswered replied responded untagged uncategorized uncategorised
    severity importance urgency level escalated escalation snoozed company organization organisation customer customers queue channel portal
    website telephone phone email chat weekend morning afternoon evening tonight first lowest highest higher lower above below least most
    noon midday midnight undated attachment attachments attached approaching nearing deadline deadlines breach breaches breaching missed missing violated violating unowned waiting awaiting pending
    excluding exclude including include number count total limit title subject description comment comments containing contains regarding
    mentioning mentions sort order ordered ascending descending recent recently earliest important urgently filed logged raised sent
    warning warnings risk soon soonest fixed solved completed finished outstanding ongoing unsolved unfinished stale idle untouched active activity modified changed
    human resources department related them these their those people everyone everybody someone somebody nobody anyone else other""")
)  # fmt: skip
# Words of their own, however near they are to one of these.
_THEMSELVES = frozenset(
    re.findall(r"\w+", """state states stage field fields files filled failed failure process processed charge charged charges charger content contents
    changes closes fixes creates updates activate activated personal decline declined removed started starting short never technician receipt
    thought though command commands writing archive archived grade panel completely compare plus startup replaced container contained recording
    released issued recorded chart programs program cleared contacting contact contacts reading reserved fellow largest winning suppose consent
    depending needing court style postal compact spent offered renamed brief suspect meaning outgoing dealing revised achieve stable closer
    closest alter excerpt aligned importing branch branches issuer relates signed unsigned padding earlier sooner longer crash crashed screen
    charging lower upper score store stored front print printed order ordered paper power server service services report reports phones webs
    delete deleted deliver delivered refund refunds payment payments later latter water paint point pending bending sending spending spam open
    reopen reset forget forgot forgotten request cover recover discover remove moved live love leave""")
)  # fmt: skip
_FILLER = frozenset(
    re.findall(r"\w+", """a all am an and any anything are as at be been being but by came can case cases could currently did display do does entire every everything
    exist find for from get give got had has have i in incident incidents is issue issues it items its just left let list look lookup
    me need now of on ones only or our over please problem problems pull query really request requests search see should show
    shown some still stuff tell that the their them there these they thing things this those through ticket tickets to up us want was we
    were what whats where which who whose will with would you your yet desk been out one already ever also
    customer customers raised working waiting most agent agents status category categories priority priorities team teams queue tag tags
    tagged sla handling handles handle owns owned having there's kindly display fetch pull give list view views sort sorted order results
    result ones entries rows hey hi help than moment next there present submitted logged matching say says been not urgent's however whatsoever
    whichever both each when ever even already's must can't again everyone everybody total overall using used number name named workload anyone someone somebody anybody complain complained complaining phrase words people person users user desk's opened filed created
    sent received requested asked made coming report reported raised logged anymore currently like looking interested wondering whether if know check ask asks
    your yours he she his her them they us""")
)  # fmt: skip


_BEFORE_A_NAME = (
    r"(?:(?:\w*s+ig?ne?d|given|belongs?)\s+to|(?:owned|handled|opened|created|reported|raised|filed|submitted|sent|requested|resolved|closed|logged)\s+by|"
    r"from|requester|customer|assignee|agent)\s+(?:the\s+)?$"
)


def _spelling(reading: _Reading) -> None:
    """Words nobody knows are taken for the nearest one of the grammar or of a name, a letter or two away."""
    names = reading.names
    groups = (
        names.statuses, names.priorities, names.categories, names.teams, names.tags, names.agents, names.customers, names.companies,
    )  # fmt: skip
    own = {
        part for group in groups for one in group for word in _words_of(one) for part in re.findall(r"[^\W\d_]+", word)
    }
    known = _GRAMMAR | {word for word in own if len(word) >= 4}
    people = {
        part
        for one in (*names.agents, *names.customers, *names.companies)
        for word in _words_of(one)
        for part in word.split()
        if len(part) > 4 and part.isalpha()
    }

    def mend(found: re.Match[str]) -> str:
        word = found[0]
        if len(word) < 4 or word in known or word in own or word in _FILLER or word in _THEMSELVES:
            return word
        limit = 1 if len(word) < 7 else 2
        is_named = len(word) >= 5 and re.search(_BEFORE_A_NAME, found.string[: found.start()])
        if (
            is_named
            and (name := min(((distance(word, one), one) for one in people if one[0] == word[0]), default=(9, "")))[0]
            <= 2
        ):
            return name[1]
        near = [
            (distance(word, one), one)
            for one in sorted(known)
            if one[0] == word[0] and abs(len(one) - len(word)) <= limit
        ]
        if (
            len(word) == 4
        ):  # so short a word is another one, unless its letters are the same, or one of a name is missing
            near = [
                one
                for one in near
                if sorted(one[1]) == sorted(word) or (one[1] in people and not set(word) - set(one[1]))
            ]
        off, better = min(near, default=(limit + 1, ""))
        is_form = better and (better.startswith(word) or word.startswith(better))
        return better if off <= limit and not is_form else word

    reading.rest = re.sub(r"[^\W\d_]+", mend, reworded(reading.rest, SIGNS))
    whom = _either([*names.customers, *names.companies])
    reading.rest = re.sub(rf"\bform\s+(?=(?:the\s+)?(?:company\s+)?(?:{whom})(?!\w))", "from ", reading.rest)
    reading.rest = reworded(reading.rest, WORDINGS)


def _left(reading: _Reading) -> list[str]:
    found = list(re.finditer(r"[^\s|,;:()?!&/¹²³⁴⁵⁶]+", reading.rest))
    words = [one[0].strip("'\".-#<>=*_+").removesuffix("'s") for one in found]
    left = ["" if word in _FILLER or word in _SMALL else word for word in words]
    for at in range(1, len(left) - 1):
        # "Printer or scanner" is looked for as either.
        if words[at] == "or" and left[at - 1] and left[at + 1]:
            left[at] = "" if "|" in reading.rest[found[at - 1].end() : found[at + 1].start()] else "or"
    return [word for word in left if word]


_SMALL = ("'s", "s", "not", "except", "other", "no", "than", "but", "non")


_EXTRACTORS: tuple[Callable[[_Reading], None], ...] = (
    _quoted, _reference, _leads, _about, _spelling, _has, _did, _untouched, _others, _solver, _dates, _counting, _sorting, _sla, _assignee, _category, _team,
    _status, _priority, _channel, _tags, _company, _requester,
)  # fmt: skip
