"""Questions in plain words as the queue's filter: "urgent tickets assigned to me", "unresolved billing tickets from last week".

Ordered extractors: each takes the words it understands out of the phrase and leaves the rest to the next. What nobody understands
is looked for as text, and said. Whatever is asked, it only ever reads.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from helpdesk.domain.conditions import ME, NONE, Condition, Field, Group, Operator
from helpdesk.domain.date_phrases import PERIOD, SPAN, Range, ago, period
from helpdesk.domain.filters import Sort, TicketFilter, Whose
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
    phrase = one_line(phrase)[:LONGEST]
    reading = _Reading(phrase, names, now, zone)
    if _is_order(reading.rest):
        return Phrase(TicketFilter(text=phrase[:200]), unknown=(phrase,))
    for extract in _EXTRACTORS:
        extract(reading)
    left = _left(reading)
    if not reading.said and not reading.limit and not reading.is_count and not reading.sort and not reading.text:
        return Phrase(TicketFilter(text=" ".join(left)[:200]), unknown=tuple(left))
    text = " ".join([*reading.text, *left])
    where = Group(parts=tuple(reading.where)) if reading.where else None
    filter_ = TicketFilter().but(**reading.fields, text=text[:200], where=where)
    if reading.sort:
        filter_ = filter_.but(sort=reading.sort)
    return Phrase(filter_, tuple(reading.said), tuple(left), reading.limit, reading.is_count)


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
        for one in self.names.categories:
            first, _, more = one.label.partition(" ")
            # "IT" is a pronoun once it is in lower case.
            if more and first.isupper() and 2 <= len(first) <= 4:
                self.phrase = re.sub(rf"\b{re.escape(first)}\b(?!\s+(?i:{re.escape(more)}))", one.label, self.phrase)
        self.rest = plain(self.phrase.replace("’", "'")).rstrip("?!. ")

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
    r"(?:(?:but\s+)?(?:not|non|neither|except(?:\s+for)?|excluding|exclude|other\s+than|without|apart\s+from|aren't|isn't|minus)"
    r"(?:[\s-]+(?:any|the|a|an|of|in|with|from|for|to|yet|tagged|those|ones|being))*[\s-]+)"
)


def _is_order(rest: str) -> bool:
    """Whether somebody tells the desk to do something: this one only reads."""
    found = _ORDERS.match(rest)
    return found is not None and not re.match(r"(?:update|order|open|close|resolve)[sd]", rest)


# ---- Text ----------------------------------------------------------------------------------------------------------


def _quoted(reading: _Reading) -> None:
    while found := re.search(r"[\"“„]([^\"”“]{1,100})[\"”“]", reading.rest):
        start = reading.phrase.lower().find(found[1])
        shown = reading.phrase[start : start + len(found[1])] if start >= 0 else found[1]
        reading.text.append(f'"{shown}"')
        reading.said.append(Said("Text", shown))
        lead = re.search(
            r"(?:about|containing|contains?|mentioning|with the words?|with)\s*$", reading.rest[: found.start()]
        )
        begin = lead.start() if lead else found.start()
        reading.rest = f"{reading.rest[:begin]} | {reading.rest[found.end() :]}"


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
        rf"(?:in|over|during|within|from)\s+the\s+(?:last|past)\b|(?:on|in|from|since|before|after|until|during)\s+(?:{PERIOD})(?!\w)|"
        rf"between\s+(?:{PERIOD})\s|(?:today|yesterday|(?:last|this)\s+(?:week|month|year|quarter))(?!\w)|"
        rf"(?:older|newer)\s+than\b|with\s+(?:a\s+)?\w+\s+priority\b|(?:sorted|ordered)\b|tagged\b|due\b|updated\b|but\s+not\b|except\b|"
        rf"(?:by|via|through)\s+(?:e-?mail|phone|chat|web|api|portal)\b|past\s+(?:their|the|its)\b)"
    )
    lead = (
        r"(?<!\w)(?:about(?!\s+to\s+(?:breach|miss))|regarding|concerning|mentioning|mentions?|mentioned|containing|contains?|related\s+to|relating\s+to|"
        r"to\s+do\s+with|having\s+to\s+do\s+with|on\s+the\s+subject\s+of|that\s+says?|saying|matching|"
        r"with\s+the\s+(?:words?|phrase|text|subject|title))\s+"
    )
    found = re.search(rf"{lead}(.+?)(?=\s*\||{ends}|$)", reading.rest)
    if found:
        words = re.sub(r"^(?:the|a|an|my|our|any|some|words?)\s+", "", found[1].strip(" ,"))
        if words:
            reading.text.append(words)
            reading.said.append(Said("Text", words))
        reading.rest = f"{reading.rest[: found.start()]} | {reading.rest[found.end() :]}"


# ---- How many, in which order --------------------------------------------------------------------------------------


def _counting(reading: _Reading) -> None:
    if reading.take(r"(?<!\w)(?:how\s+many|(?:the\s+)?(?:total\s+)?number\s+of|count(?:\s+of)?(?:\s+the)?)(?!\w)"):
        reading.is_count = True


_SORTS: tuple[tuple[str, Sort], ...] = (
    (r"(?:least\s+recently\s+updated|stalest)(?:\s+first)?", Sort.UPDATED_UP),
    (r"(?:(?:most\s+)?recently|last|latest)\s+(?:updated|changed|modified)(?:\s+first)?", Sort.UPDATED),
    (r"(?:newest|latest|most\s+recent(?:ly\s+created)?|recent)(?:\s+first)?", Sort.CREATED),
    (r"(?:oldest|longest\s+waiting|earliest)(?:\s+first)?", Sort.CREATED_UP),
    (r"(?:highest|most\s+urgent|most\s+important)(?:\s+priority)?\s+first", Sort.PRIORITY),
    (r"(?:due|deadline|sla)\s+(?:soonest|first)|soonest\s+due", Sort.DUE),
)
_SORTED_BY = {
    "priority": Sort.PRIORITY, "urgency": Sort.PRIORITY, "due": Sort.DUE, "deadline": Sort.DUE, "sla": Sort.DUE, "created": Sort.CREATED,
    "creation": Sort.CREATED, "date": Sort.CREATED, "age": Sort.CREATED_UP, "updated": Sort.UPDATED, "update": Sort.UPDATED,
    "newest": Sort.CREATED, "oldest": Sort.CREATED_UP,
}  # fmt: skip


def _sorting(reading: _Reading) -> None:
    by = reading.take(
        rf"(?<!\w)(?:sort(?:ed)?|order(?:ed)?|rank(?:ed)?)\s+by\s+(?:the\s+)?({'|'.join(_SORTED_BY)})(?:\s+(?:date|time|first|at))*"
        r"(?:\s*,?\s*(asc(?:ending)?|desc(?:ending)?|(?:oldest|newest|highest|lowest)(?:\s+first)?))?(?!\w)"
    )
    if by:
        reading.sort = _SORTED_BY[by[1]]
        if (by[2] or "").startswith(("asc", "oldest")):
            reading.sort = {Sort.CREATED: Sort.CREATED_UP, Sort.UPDATED: Sort.UPDATED_UP}.get(
                reading.sort, reading.sort
            )
    number = r"(\d{1,3}|two|three|four|five|six|seven|eight|nine|ten|twenty)"
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
            rf"(?<=newest)\s+{number}(?!\w)|(?<=latest)\s+{number}(?!\w)|(?<=oldest)\s+{number}(?!\w)"
        )
    if counted:
        said = next(one for one in counted.groups() if one)
        known = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
        reading.limit = min(
            20 if said == "twenty" else known.index(said) + 2 if said in known else int(said), _MOST_LIMIT
        )
    for pattern, sort in _SORTS:
        if reading.take(rf"(?<!\w)(?:the\s+)?(?:{pattern})(?!\w)"):
            reading.sort = reading.sort or sort


# ---- When ----------------------------------------------------------------------------------------------------------

_VERBS: tuple[tuple[str, str], ...] = (
    ("created", r"(?:created|opened|filed|submitted|logged|raised|reported|received|made|sent|came\s+in|coming\s+in|arrived|arriving|that\s+came)"),
    ("updated", r"(?:(?:last\s+)?(?:updated|changed|modified|touched)|with\s+activity|active)"),
    ("resolved", r"(?:resolved|solved|fixed|completed)"),
    ("closed", r"closed"),
    ("breached", r"(?:breached|missed|violated)(?:\s+(?:their|the|its))?(?:\s+(?:slas?|deadlines?|targets?))?"),
    ("due", r"(?:are\s+)?due"),
)  # fmt: skip
_WHEN: tuple[tuple[str, Callable[[_Reading, re.Match[str], bool], Range]], ...] = (
    (
        rf"(?:between|from)\s+({PERIOD})\s*(?:and|to|until|till|through|-|–)\s*({PERIOD})",
        lambda r, m, due: Range(_period(r, m[1], due).since, _period(r, m[2], due).until),
    ),
    (rf"(?:since|starting|as\s+of)\s+({PERIOD})", lambda r, m, due: Range(since=_period(r, m[1], due).since)),
    (rf"(?:before|prior\s+to|earlier\s+than)\s+({PERIOD})", lambda r, m, due: Range(until=_period(r, m[1], due).since)),
    (rf"(?:until|till|up\s+to|by|no\s+later\s+than)\s+({PERIOD})", lambda r, m, due: Range(until=_period(r, m[1], due).until)),
    (rf"(?:after|later\s+than)\s+({PERIOD})", lambda r, m, due: Range(since=_period(r, m[1], due).until)),
    (
        rf"(?:(?:(?:that\s+are|which\s+are)\s+)?(?:older|more)\s+than|over|at\s+least)\s+({SPAN}|fortnight)(?:\s+(?:old|ago))?",
        lambda r, m, due: Range(until=ago(_spelt(m[1]), r.now)),
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
        r"(?:(?:in|within|during|over|for|from)\s+)?the\s+(?:past|last)\s+(hour|day|fortnight)|(?:in\s+)?(?:the\s+)?past\s+(week|month|quarter|year)",
        lambda r, m, due: Range(since=ago(f"a {m[1] or m[2]}", r.now)),
    ),
    (
        rf"(?:in|within)\s+(?:the\s+)?(?:next\s+|coming\s+|following\s+)?({SPAN})|(?:the\s+)?next\s+({SPAN})",
        lambda r, m, due: Range(r.now, ago(m[1] or m[2], r.now, ahead=True)),
    ),
    (rf"(?:(?:on|in|during|from|for|of|at|over)\s+)?({PERIOD})", lambda r, m, due: _period(r, m[1], due)),
)  # fmt: skip


def _spelt(span: str) -> str:
    return "a fortnight" if span == "fortnight" else span


def _period(reading: _Reading, words: str, due: bool) -> Range:
    return period(words, reading.now, reading.zone, ahead=due)


def _untouched(reading: _Reading) -> None:
    found = reading.take(
        rf"(?<!\w)(?:(?:that\s+have\s+|which\s+have\s+)?(?:not\s+(?:been\s+)?(?:updated|touched|changed)|untouched|unchanged|idle|stale|"
        rf"no\s+(?:updates?|activity|change))\s+(?:in|for|since|within)\s+(?:over\s+|more\s+than\s+)?(?:the\s+)?(?:last\s+|past\s+)?({SPAN}))(?!\w)"
    )
    if found:
        _keep(reading, "updated", Range(until=ago(found[1], reading.now)))


def _solver(reading: _Reading) -> None:
    """Who resolved it is who has it; when is told by what is left."""
    known = [*reading.names.agents, Name("me", "me", ("myself",))]
    found = re.search(rf"(?<!\w)(resolved|closed|solved|fixed|completed)\s+by\s+({_list(known)})(?!\w)", reading.rest)
    if found:
        reading.rest = f"{reading.rest[: found.start()]}{found[1]} {reading.rest[found.end() :]}"
        _assigned(reading, _chosen(found[2], known), no=False)


def _dates(reading: _Reading) -> None:
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
                ("created", None),
            )
            if name not in reading.fields and not _is_kept(reading, name):
                try:
                    asked = meaning(reading, found, name == "due")
                except (ValueError, OverflowError):
                    continue
                start = verb.start() if verb else found.start()
                reading.rest = f"{reading.rest[:start]} | {reading.rest[found.end() :]}"
                _keep(reading, name, asked)
                return _dates(reading)
    return None


def _is_word_may(words: str) -> bool:
    return words.strip() in ("may", "march", "sat", "sun", "mar", "second")


def _is_kept(reading: _Reading, name: str) -> bool:
    if name == "due":
        return any(isinstance(one, Condition) and one.field is Field.DUE for one in reading.where)
    return f"{name}_from" in reading.fields or f"{name}_to" in reading.fields


def _keep(reading: _Reading, name: str, asked: Range) -> None:
    if name == "due":
        zone = ZoneInfo(reading.zone)
        if asked.since:
            day = asked.since.astimezone(zone).date() - timedelta(days=1)
            reading.where.append(Condition(Field.DUE, Operator.AFTER, (day.isoformat(),)))
        if asked.until:
            last = asked.until.astimezone(zone)
            day = last.date() if not (last.hour or last.minute) else last.date() + timedelta(days=1)
            reading.where.append(Condition(Field.DUE, Operator.BEFORE, (day.isoformat(),)))
    else:
        for end, moment in (("from", asked.since), ("to", asked.until)):
            if moment:
                reading.fields[f"{name}_{end}"] = moment.astimezone(UTC)
    reading.said.append(Said(name.capitalize(), _shown(asked, reading.zone)))


def _shown(asked: Range, zone: str) -> str:
    def say(moment: datetime) -> str:
        local = moment.astimezone(ZoneInfo(zone))
        clock = "" if not (local.hour or local.minute) else f" {local:%H:%M}"
        return f"{local.day} {local:%b %Y}{clock}"

    if asked.since and asked.until:
        if asked.until - asked.since <= timedelta(days=1, hours=1):
            return say(asked.since)
        return f"{say(asked.since)} up to {say(asked.until)}"
    return f"since {say(asked.since)}" if asked.since else f"before {say(asked.until)}" if asked.until else "any time"


# ---- Service levels, status, priority ------------------------------------------------------------------------------


def _sla(reading: _Reading) -> None:
    whose = r"(?:(?:their|the|its|an?|our)\s+)?"
    promise = rf"{whose}(?:sla|slas|deadlines?|targets?|due\s+dates?|service\s+levels?)"
    breached = (
        rf"(?:(?:that\s+|which\s+|have\s+|has\s+|are\s+)*(?:past|beyond|over|out\s+of|outside(?:\s+of)?|missed|missing|breach(?:ed|ing)?|violat(?:ed|ing)|"
        rf"broke|broken|blew|failed)\s+{promise}|(?:with\s+)?(?:a\s+)?sla\s+(?:breach(?:ed|es)?|violat(?:ed|ions?)|missed)|breached|overdue|"
        rf"(?:running\s+)?late|past\s+due)"
    )
    risk = (
        rf"(?:at\s+risk(?:\s+of\s+(?:breach(?:ing)?(?:\s+{promise})?|missing\s+{promise}))?|(?:about\s+to|close\s+to|going\s+to|likely\s+to)\s+"
        rf"(?:breach(?:ing)?|miss(?:ing)?)(?:\s+{promise})?|(?:near(?:ing)?|approaching|close\s+to)\s+{promise}|in\s+danger\s+of\s+breach(?:ing)?|"
        rf"sla\s+(?:at\s+)?risk|(?:with\s+)?sla\s+warnings?)"
    )
    if found := reading.take(rf"(?<!\w)({_NOT})?{risk}(?!\w)"):
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


def _status(reading: _Reading) -> None:
    unsolved = (
        r"(?:unresolved|unsolved|outstanding|unfinished|undone|active|ongoing|incomplete|uncompleted|"
        r"(?:still\s+)?not\s+(?:yet\s+)?(?:resolved|solved|done|finished|completed)(?:\s+yet)?(?:\s+(?:or|and|nor)\s+closed)?|"
        r"(?:that\s+)?(?:are\s+|is\s+)?(?:n't|not)\s+(?:resolved|done)(?:\s+or\s+closed)?|not\s+closed\s+or\s+resolved)"
    )
    if reading.take(rf"(?<!\w){unsolved}(?!\w)"):
        reading.fields["open"] = True
        reading.said.append(Said("Status", "not solved"))
    elif reading.take(r"(?<!\w)(?:done|finished|completed)(?!\w)"):
        reading.fields["open"] = False
        reading.said.append(Said("Status", "solved"))
    _choose(
        reading,
        Field.STATUS,
        reading.names.statuses,
        lead=r"(?:(?:with\s+)?(?:the\s+)?status\s+(?:is\s+|of\s+)?|still\s+|currently\s+)?",
        trail="",
    )


def _priority(reading: _Reading) -> None:
    known = reading.names.priorities
    ranks = {f"p{place}": one for place, one in enumerate(reversed(known), start=1)}
    if not known:
        return None
    common = {"critical": known[-1], "highest": known[-1], "top": known[-1], "lowest": known[0]}
    own = {word for one in known for word in _words_of(one)}
    ranks |= {f"{rank}s": one for rank, one in ranks.items()} | {
        word: one for word, one in common.items() if word not in own
    }
    words = "|".join([*ranks, _either(known)])
    prio = r"(?:\s*-?\s*(?:priority|prio|severity|urgency))?"
    lead = r"(?:(?:with\s+)?(?:an?\s+)?(?:the\s+)?(?:priority|prio|severity)\s+(?:is\s+|of\s+|level\s+)?)?"
    by_word = {
        plain(word): one for one in known for word in (one.label, one.value.replace("_", " "), *one.also)
    } | ranks
    up = reading.take(
        rf"(?<!\w){lead}(?:(?:at\s+least|minimum)\s+({words}){prio}|({words}){prio}\s+(?:or|and)\s+(?:higher|above|up|more|worse|greater){prio})(?!\w)"
    )
    if up:
        place = known.index(by_word[up[1] or up[2]])
        return reading.ask(Field.PRIORITY, known[place:])
    down = reading.take(
        rf"(?<!\w){lead}(?:at\s+most\s+({words}){prio}|({words}){prio}\s+(?:or|and)\s+(?:lower|below|less|under){prio})(?!\w)"
    )
    if down:
        return reading.ask(Field.PRIORITY, known[: known.index(by_word[down[1] or down[2]]) + 1])
    beyond = reading.take(
        rf"(?<!\w){lead}(?:(above|higher\s+than|over|more\s+than)|(?:below|lower\s+than|under|less\s+than))\s+({words}){prio}(?!\w)"
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


def _assignee(reading: _Reading) -> None:
    nobody = (
        r"(?:unassigned|unowned|unclaimed|ownerless|(?:not\s+(?:yet\s+)?|n't\s+|never\s+)assigned(?:\s+to\s+(?:anyone|anybody|somebody|someone))?(?:\s+yet)?(?!\s+to)|"
        r"(?:(?:that|which)\s+)?(?:nobody|no\s*-?\s*one)\s+(?:owns?|has(?:\s+taken)?|is\s+(?:working|on)(?:\s+on)?|took|has\s+picked\s+up)|"
        r"(?:without|with\s+no|has\s+no|have\s+no|lacking|missing)\s+(?:an?\s+|any\s+)?(?:assignee|owner|agent|assigned\s+agent)|"
        r"(?:assigned\s+to|owned\s+by)\s+(?:nobody|no\s*-?\s*one)|waiting\s+for\s+an?\s+agent)"
    )
    if reading.take(rf"(?<!\w)(?:that\s+are\s+|which\s+are\s+|are\s+)?{nobody}(?!\w)"):
        reading.fields["whose"] = Whose.NOBODY
        reading.said.append(Said("Assignee", "nobody"))
        return
    known = [*reading.names.agents, Name("me", "me", ("myself",))]
    lead = r"(?:(?:that\s+are\s+|which\s+are\s+|are\s+)?(?:assigned|given|allocated)\s+to|owned\s+by|handled\s+by|held\s+by|worked\s+on\s+by|belonging\s+to|in\s+the\s+queue\s+of)"
    some = _list(known)
    found = reading.take(
        rf"(?<!\w)(not\s+|n't\s+|except\s+(?:those\s+)?|excluding\s+(?:those\s+)?)?{lead}\s+(?:anyone\s+(but|except)\s+)?({some})(?!\w)"
    )
    if found:
        _assigned(reading, _chosen(found[3], known), no=bool(found[1] or found[2]))
    elif reading.take(
        r"(?<!\w)(?:my\s+own|mine|on\s+my\s+plate|in\s+my\s+queue|(?:that\s+)?i\s+own|i'm\s+working\s+on|i\s+am\s+working\s+on|on\s+me|my)(?=\s|$)"
    ):
        _assigned(reading, [known[-1]], no=False)
    elif found := reading.take(rf"(?<!\w)({_either(reading.names.agents)})'s?(?!\w)"):
        _assigned(reading, _chosen(found[1], known), no=False)


def _assigned(reading: _Reading, chosen: list[Name], *, no: bool) -> None:
    if [one.value for one in chosen] == ["me"] and not no:
        reading.fields["whose"] = Whose.ME
        reading.said.append(Said("Assignee", "me"))
        return
    reading.ask(Field.ASSIGNEE, chosen, no=no)


def _requester(reading: _Reading) -> None:
    everybody = [*reading.names.customers, *reading.names.agents, Name("me", "me", ("myself",))]
    lead = r"(?:(?:opened|created|filed|submitted|logged|raised|reported|requested|sent|written|asked)\s+(?:in\s+)?by|(?:whose\s+)?requester\s+(?:is\s+)?|requested\s+by|by|that\s+i\s+(?:opened|filed|sent))"
    if reading.take(
        r"(?<!\w)(?:that\s+)?i\s+(?:have\s+)?(?:opened|filed|created|submitted|reported|raised|sent)(?!\w)"
    ):
        reading.ask(Field.REQUESTER, [everybody[-1]])
        return
    found = reading.take(rf"(?<!\w)(not\s+|except\s+)?{lead}\s+({_list(everybody)})(?!\w)")
    if found:
        reading.ask(Field.REQUESTER, _chosen(found[2], everybody), no=bool(found[1]))
        return
    found = reading.take(rf"(?<!\w)({_NOT})?(?:from|for|of)\s+({_list(reading.names.customers)})(?!\w)")
    if found:
        reading.ask(Field.REQUESTER, _chosen(found[2], reading.names.customers), no=bool(found[1]))
        return
    if found := reading.take(rf"(?<!\w)({_either(reading.names.customers)})(?:'s)?(?!\w)"):
        reading.ask(Field.REQUESTER, _chosen(found[1], reading.names.customers))
    elif found := reading.take(rf"(?<!\w)(?:for\s+|with\s+|from\s+)?({_either(reading.names.agents)})(?!\w)"):
        _assigned(reading, _chosen(found[1], reading.names.agents), no=False)


def _company(reading: _Reading) -> None:
    _choose(
        reading,
        Field.COMPANY,
        reading.names.companies,
        lead=r"(?:(?:from|for|by|of|at)\s+(?:the\s+)?(?:company\s+|organi[sz]ation\s+|customer\s+)?|company\s+)?",
        trail=r"(?:'s)?",
    )


def _category(reading: _Reading) -> None:
    exact = [one for one in reading.names.categories if plain(one.label) != "other"]
    lead = r"(?:(?:in|under|from|for|of)\s+(?:the\s+)?(?:category\s+)?|category\s+(?:is\s+|of\s+)?)?"
    _choose(reading, Field.CATEGORY, exact, lead=lead, trail=r"(?:\s+category)?")
    other = [one for one in reading.names.categories if one not in exact]
    if other and (
        found := reading.take(
            rf"(?<!\w)({_NOT})?(?:(?:in|under)\s+(?:the\s+)?(?:category\s+)?other|category\s+other|other\s+category)(?!\w)"
        )
    ):
        reading.ask(Field.CATEGORY, other, no=bool(found[1]))


def _team(reading: _Reading) -> None:
    lead = r"(?:(?:(?:assigned|routed|given)\s+to|in|with|for|of|from|by|owned\s+by|handled\s+by)\s+(?:the\s+)?(?:team\s+)?|team\s+(?:is\s+)?|the\s+)?"
    if reading.take(r"(?<!\w)(?:(?:of|in|from|for|assigned\s+to)\s+)?my\s+teams?(?:'s)?(?!\w)"):
        reading.ask(Field.TEAM, [Name("me", "mine")])
    elif reading.take(r"(?<!\w)(?:without|with\s+no|has\s+no)\s+(?:a\s+)?team(?!\w)"):
        reading.ask(Field.TEAM, [Name(NONE, "none")])
    else:
        _choose(reading, Field.TEAM, reading.names.teams, lead=lead, trail=r"(?:'s)?(?:\s+team)?(?:'s)?")


def _tags(reading: _Reading) -> None:
    if reading.take(r"(?<!\w)(?:untagged|without\s+(?:any\s+)?tags?|with\s+no\s+tags?)(?=\s*(?:\||$|\s+tickets))"):
        reading.ask(Field.TAG, [Name(NONE, "none")])
    lead = r"(?:(?:tagged|labell?ed|flagged|marked)(?:\s+(?:with|as))?\s+(?:the\s+tag\s+)?|(?:with\s+)?(?:the\s+)?(?:tags?|labels?)\s+|#)?"
    _choose(reading, Field.TAG, reading.names.tags, lead=lead, trail=r"(?:\s+tag(?:ged)?)?")


_CHANNELS = (
    Name(Channel.WEB.value, "web", ("web portal", "portal", "the portal", "website")), Name(Channel.EMAIL.value, "e-mail", ("email", "e-mail", "mail", "emails", "e-mails", "mails")),
    Name(Channel.PHONE.value, "phone", ("telephone", "a call", "phone call", "phone calls", "calls")), Name(Channel.CHAT.value, "chat", ("live chat", "chats")),
    Name(Channel.API.value, "API", ("the api",)),
)  # fmt: skip


def _channel(reading: _Reading) -> None:
    lead = r"(?:(?:(?:that\s+)?(?:came|coming|come)\s+in\s+|received\s+|sent\s+|filed\s+|submitted\s+|opened\s+|created\s+|reported\s+)?(?:by|via|through|over|from|on|using)\s+|channel\s+(?:is\s+)?)"
    _choose(reading, Field.CHANNEL, _CHANNELS, lead=lead, trail=r"(?:\s+channel)?")
    _choose(reading, Field.CHANNEL, _CHANNELS, lead="", trail=rf"(?=\s+(?:\|\s+)*{_TICKETS})")
    several = [
        Name(one.value, one.label, tuple(word for word in one.also if word.endswith("ls") or word == "chats"))
        for one in _CHANNELS
    ]
    if found := reading.take(rf"(?<!\w)({'|'.join(word for one in several for word in one.also)})(?!\w)"):
        reading.ask(Field.CHANNEL, [one for one in _CHANNELS if found[1] in one.also])


def _others(reading: _Reading) -> None:
    if found := reading.take(rf"(?<!\w)({_NOT})?(?:escalated)(?!\w)"):
        operator, level = (Operator.MOST, "0") if found[1] else (Operator.LEAST, "1")
        reading.where.append(Condition(Field.ESCALATION, operator, (level,)))
        reading.said.append(Said("Escalated", "no" if found[1] else "yes"))
    if found := reading.take(rf"(?<!\w)({_NOT})?snoozed(?!\w)"):
        reading.fields["snoozed"] = not found[1]
        reading.said.append(Said("Snoozed", "no" if found[1] else "yes"))
    if reading.take(
        r"(?<!\w)(?:that\s+)?mention(?:s|ing)?\s+me(?!\w)|(?<!\w)(?:where\s+)?i\s+(?:am|was)\s+mentioned(?!\w)"
    ):
        reading.fields["mentioned"] = True
        reading.said.append(Said("Mentioned", "me"))


# ---- Names ---------------------------------------------------------------------------------------------------------


def _words_of(one: Name) -> tuple[str, ...]:
    words = dict.fromkeys(
        plain(word) for word in (one.label, one.value.replace("_", " "), *one.also) if word and not word.isdigit()
    )
    return tuple(words)


def _either(names: Iterable[Name]) -> str:
    """A pattern for any of their words, the longest first; one that fits nothing when there are none."""
    words = sorted({word for one in names for word in _words_of(one)}, key=len, reverse=True)
    return "|".join(re.sub(r"(?:\\?[ _-])+", r"[\\s_-]+", re.escape(word)) for word in words) or r"(?!)"


_AND = r"\s*(?:,\s*(?:or|and|nor)?|/|&|\bor\b|\band\b|\bnor\b)\s*(?:the\s+|to\s+|by\s+|in\s+)?"


def _list(names: Iterable[Name], inner: str = "") -> str:
    either = _either(names)
    return rf"(?:{either}){inner}(?:{_AND}(?:{either}){inner}(?!\w))*"


def _chosen(words: str, names: Iterable[Name]) -> list[Name]:
    """Which of the names a list of words holds."""
    known = {re.sub(r"[\s_-]+", " ", word): one for one in reversed(list(names)) for word in _words_of(one)}
    found, rest = [], words
    for match in re.finditer(rf"(?<!\w)(?:{_either(names)})(?!\w)", rest):
        found.append(known[re.sub(r"[\s_-]+", " ", match[0])])
    return found


def _choose(reading: _Reading, what: Field, names: Iterable[Name], *, lead: str, trail: str, inner: str = "") -> None:
    """Any of some names, and any that are ruled out."""
    known = list(names)
    some = _list(known, inner)
    while found := reading.take(rf"(?<!\w){_NOT}{lead}({some}){trail}(?!\w)"):
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
    january february august september october november december breached overdue urgent newest oldest latest sorted category
    without between before after since older newer status tagged reported submitted through except""")
)  # fmt: skip
_FILLER = frozenset(
    re.findall(r"\w+", """a all am an and any anything are as at be been being but by came can case cases could currently did display do does entire every everything
    exist find for from get give got had has have i in incident incidents is issue issues it items its just left let list look lookup
    me need now of on ones only or our over please problem problems pull query really request requests search see should show
    shown some still stuff tell that the their them there these they thing things this those through ticket tickets to up us want was we
    were what whats where which who whose will with would you your yet desk been out one already ever also
    customer customers raised working waiting most agent agents status""")
)  # fmt: skip


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

    def mend(found: re.Match[str]) -> str:
        word = found[0]
        if len(word) < 4 or word in known or word in own or word in _FILLER:
            return word
        limit = 1 if len(word) < 8 else 2
        near = [
            (distance(word, one), one)
            for one in sorted(known)
            if one[0] == word[0] and abs(len(one) - len(word)) <= limit
        ]
        if len(word) == 4:  # so short a word is another one, unless its letters are the same
            near = [one for one in near if sorted(one[1]) == sorted(word)]
        off, better = min(near, default=(limit + 1, ""))
        is_form = better and (better.startswith(word) or word.startswith(better))
        return better if off <= limit and not is_form else word

    reading.rest = re.sub(r"[^\W\d_]+", mend, reading.rest)


def _left(reading: _Reading) -> list[str]:
    words = re.findall(r"[^\s|,;:()?!&/]+", reading.rest)
    words = [word.strip("'\".-#") for word in words]
    return [
        word
        for word in words
        if word and word not in _FILLER and word not in ("'s", "s", "not", "except", "other", "no", "than")
    ]


_EXTRACTORS: tuple[Callable[[_Reading], None], ...] = (
    _quoted, _reference, _about, _spelling, _others, _untouched, _solver, _dates, _counting, _sorting, _sla, _assignee, _category, _team,
    _status, _priority, _channel, _tags, _company, _requester,
)  # fmt: skip
