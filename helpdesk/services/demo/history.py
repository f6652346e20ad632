"""Tells the demo's tickets: who wrote when, what came of it, and how far it is now."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from helpdesk.domain.business_hours import ALWAYS_OPEN, Calendar, add_working_time, working_time_between
from helpdesk.domain.tickets import REFERENCE_ALPHABET, REFERENCE_LENGTH, Channel
from helpdesk.services.catalog import Catalog, PriorityRow, StatusRow
from helpdesk.services.demo import stories
from helpdesk.services.demo.stories import Story
from helpdesk.services.past import DESK, PastTicket, Who

_CHANNELS = (Channel.WEB, Channel.EMAIL, Channel.PHONE, Channel.CHAT, Channel.API, Channel.MOBILE)
_CHANNEL_WEIGHTS = (46, 30, 13, 6, 1, 4)
# Minutes of working time to the first answer, by rank of the priority.
_PATIENCE = {1: (30, 300), 2: (12, 150), 3: (6, 45), 4: (3, 20)}
_ROUND_ROBIN = "round robin: longest since the last assignment"


@dataclass(frozen=True)
class Desk:
    """Where the stories play."""

    known: Catalog
    customers: tuple[Who, ...]
    members: dict[int, tuple[Who, ...]]  # team id -> agents
    places: dict[int, tuple[str, str]]  # person id -> company, site
    bosses: dict[str, str]  # company -> name


@dataclass(frozen=True, slots=True)
class Scene:
    """How far an open ticket has come, how many working hours ago it began, and how urgent it is."""

    stage: str  # unassigned, assigned, working, waiting, on_hold, reopened
    since: tuple[float, float]
    priority: str


# What is open now. Ages are chosen against the standard promises: most are fine, some at risk, a few late.
SCENES = (
    *[Scene("unassigned", (0.1, 0.9), "medium")] * 2, Scene("unassigned", (0.2, 0.6), "high"),
    Scene("unassigned", (0.05, 0.3), "urgent"), *[Scene("unassigned", (1.0, 5.0), "low")] * 2,
    Scene("unassigned", (4.5, 6.0), "medium"),
    *[Scene("assigned", (0.2, 2.5), "medium")] * 4, Scene("assigned", (0.6, 0.9), "high"), Scene("assigned", (1, 6), "low"),
    *[Scene("working", (2.0, 16.0), "medium")] * 7, *[Scene("working", (1.0, 5.0), "high")] * 3,
    Scene("working", (1.0, 2.5), "urgent"), Scene("working", (3.3, 3.8), "urgent"), *[Scene("working", (6.5, 7.6), "high")] * 2,
    *[Scene("working", (20.0, 23.0), "medium")] * 2, *[Scene("working", (30.0, 50.0), "medium")] * 2,
    Scene("working", (9.0, 14.0), "high"), *[Scene("working", (10.0, 50.0), "low")] * 3,
    *[Scene("waiting", (6.0, 60.0), "medium")] * 6, *[Scene("waiting", (8.0, 40.0), "low")] * 2, Scene("waiting", (3.0, 6.0), "high"),
    *[Scene("on_hold", (30.0, 120.0), "medium")] * 2, Scene("on_hold", (20.0, 90.0), "low"),
    Scene("reopened", (25.0, 40.0), "medium"), Scene("reopened", (14.0, 18.0), "high"),
)  # fmt: skip


class Teller:
    """Tells tickets one by one; the same for the same seed and moment."""

    def __init__(self, desk: Desk, told: Sequence[Story], rng: random.Random, *, now: datetime, days: int) -> None:
        self.desk, self.stories, self.rng, self.now, self.days = desk, told, rng, now, days
        self.zone = ZoneInfo(desk.known.organization.timezone)
        self.calendar = desk.known.policies[0].calendar if desk.known.policies else ALWAYS_OPEN
        self.references: set[str] = set()
        self.filings: dict[int, int] = {}

    def tell(self, done: int) -> list[PastTicket]:
        """`done` tickets with an end, and those that are open now, oldest first."""
        share = done / 285
        scenes = [scene for number, scene in enumerate(SCENES) if share >= 1 or number % 4 == 0]
        moments = sorted(self._filed_at() for _ in range(done))
        told = [self._finished(at, self._pick()) for at in moments]
        told += [self._open(scene) for scene in scenes]
        for one in told:
            one.until(self.now)
        return sorted(told, key=lambda one: one.ticket.created_at)

    # When.

    def _filed_at(self) -> datetime:
        """A moment people file tickets at: working days, before lunch and after, seldom at night; more of late."""
        while True:
            # Growing a little towards today.
            back = self.days * (1 - self.rng.random() ** 0.85) + 0.6
            day = (self.now - timedelta(days=back)).astimezone(self.zone).date()
            if self.rng.random() > (1.1, 1.0, 0.9, 0.9, 0.75, 0.08, 0.06)[day.weekday()] / 1.1:
                continue
            hour = self.rng.choice((self.rng.gauss(9.6, 1.1), self.rng.gauss(14.1, 1.6), self.rng.uniform(7, 19.5)))
            if not 6.2 < hour < 21.5:
                continue
            local = datetime.combine(day, time(0), self.zone) + timedelta(hours=hour)
            at = local.astimezone(UTC)
            # What came in lately is told by the scenes; only some of it is done.
            if at < self.now - timedelta(hours=10) and (back > 6 or self.rng.random() < 0.35):
                return at

    def _working_ago(self, hours: float) -> datetime:
        """The moment that lies so many working hours before now."""
        wanted = timedelta(hours=hours)
        low, high = self.now - timedelta(days=60), self.now
        for _ in range(40):
            middle = low + (high - low) / 2
            if working_time_between(self.calendar, middle, self.now) > wanted:
                low = middle
            else:
                high = middle
        return low.replace(microsecond=0)

    def _soon(self, at: datetime, least: float, most: float) -> datetime:
        """Some working minutes later: when somebody at the desk gets to it."""
        return add_working_time(self._shifts, at, timedelta(minutes=self.rng.uniform(least, most)))

    def _customer_time(self, at: datetime, least: float = 8, most: float = 260) -> datetime:
        """When a customer answers: minutes to hours, and not at night."""
        at += timedelta(minutes=self.rng.triangular(least, most, least * 2))
        local = at.astimezone(self.zone)
        if local.hour >= 21 or local.hour < 7:
            morning = local.date() + timedelta(days=1 if local.hour >= 21 else 0)
            minutes = self.rng.uniform(7 * 60 + 20, 9 * 60 + 40)
            return (datetime.combine(morning, time(0), self.zone) + timedelta(minutes=minutes)).astimezone(UTC)
        return at

    @property
    def _shifts(self) -> Calendar:
        return self.calendar

    # What.

    def _pick(self) -> Story:
        return self.rng.choice(self.stories)

    def _start(self, at: datetime, story: Story, *, priority: str = "", is_routed: bool) -> "_Plot":
        rng, known = self.rng, self.desk.known
        requester = rng.choices(self.desk.customers, weights=[1 + (n % 4) for n in range(len(self.desk.customers))])[0]
        category = next(row for row in known.categories if row.name == story.category)
        team = category.team_id
        candidates = self.desk.members[team or 0]
        self.filings[team or 0] = turn = self.filings.get(team or 0, 0) + 1
        agent = candidates[turn % min(len(candidates), 3)]
        words = self._words(requester, agent, at)
        chosen = known.priority(priority or rng.choices(("low", "medium", "high", "urgent"), weights=story.weights)[0])
        channel = rng.choices(_CHANNELS, weights=_CHANNEL_WEIGHTS)[0]
        filed_by = None
        if channel is Channel.PHONE:
            filed_by = agent
        said = Variants(rng)
        opening = said.of(story.openings)
        greeting, sign_off = rng.choice(stories.GREETINGS), rng.choice(stories.SIGN_OFFS)
        if channel in (Channel.PHONE, Channel.CHAT, Channel.MOBILE):
            greeting = sign_off = ""
        body = "\n\n".join(part for part in (greeting, opening, sign_off) if part)
        title = _capital(said.of(story.titles).format_map(words))
        routed = is_routed and team is not None and known.team_by_id[team].strategy != "manual"
        ticket = PastTicket(
            known, title=title, description=body.format_map(words), requester=requester, at=at, priority=chosen,
            category=category, team_id=team, filed_by=filed_by, assignee=agent if routed else None,
            reason=_ROUND_ROBIN if routed else "", channel=channel, reference=self._reference(),
        )  # fmt: skip
        return _Plot(self, story, ticket, requester, agent, words, chosen, said, at)

    def _finished(self, at: datetime, story: Story) -> PastTicket:
        plot = self._start(at, story, is_routed=self.rng.random() < 0.78)
        plot.play_to_the_end()
        return plot.ticket

    def _open(self, scene: Scene) -> PastTicket:
        at = self._working_ago(self.rng.uniform(*scene.since))
        fitting = [story for story in self.stories if len(story.lines) >= (3 if scene.stage != "unassigned" else 1)]
        if scene.stage == "waiting":
            fitting = [story for story in self.stories if any(who == "ask" for who, _ in story.lines)]
        plot = self._start(at, self.rng.choice(fitting), priority=scene.priority, is_routed=scene.stage != "unassigned")
        plot.play_until(scene.stage)
        return plot.ticket

    def _words(self, requester: Who, agent: Who, at: datetime) -> dict[str, str]:
        rng = self.rng
        company, site = self.desk.places[requester.id or 0]
        colleagues = [
            who.name for who in self.desk.customers if who.id != requester.id and who.company_id == requester.company_id
        ]
        local = at.astimezone(self.zone)
        names = requester.name.removeprefix("Dr. ")
        return {
            "name": names, "first": names.split()[0], "agent": agent.name.split()[0], "company": company, "site": site,
            "colleague": rng.choice(colleagues or ["Kim Arnold"]).removeprefix("Dr. "),
            "boss": boss if (boss := self.desk.bosses.get(company, "")) and boss != requester.name else "our board",
            "device": rng.choice(("laptop", "ThinkBook 14", "Latitude 7440", "EliteBook", "tablet")),
            "app": rng.choice(("ERP", "CRM", "warehouse system", "booking system", "order portal")),
            "software": rng.choice(("Acrobat", "Photoshop", "AutoCAD", "Visio", "Figma", "Project")),
            "partner": rng.choice(("Kessler GmbH", "the city council", "Baltic Freight", "Orion Labs", "our tax adviser")),
            "box": rng.choice(("orders", "info", "accounting", "reception", "jobs")),
            "room": rng.choice(("the Elbe room", "meeting room 2", "the board room", "the training room")),
            "file": rng.choice(("Contracts 2026", "Price list autumn.xlsx", "Audit", "Campaign Q4", "Shift plan.xlsx")),
            "time": f"{rng.randint(8, 16)}:{rng.choice(('00', '15', '30', '45'))}",
            "day": (local - timedelta(days=rng.randint(1, 5))).strftime("%A"), "month": local.strftime("%B"),
            "n": str(rng.randint(2, 8)), "ext": str(rng.randint(1100, 4890)), "invoice": f"R-{rng.randint(20260110, 20269890)}",
        }  # fmt: skip

    def _reference(self) -> str:
        while True:
            code = "".join(self.rng.choices(REFERENCE_ALPHABET, k=REFERENCE_LENGTH))
            reference = f"{self.desk.known.organization.reference_prefix}-{code}"
            if reference not in self.references:
                self.references.add(reference)
                return reference


class Variants:
    """Chooses wordings so that those of one problem stay together: the same place among equally many."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._chosen: dict[int, int] = {}

    def of(self, variants: Sequence[str]) -> str:
        """One of the variants."""
        many = len(variants)
        return variants[self._chosen.setdefault(many, self._rng.randrange(many))]


@dataclass
class _Plot:
    """One story on one ticket. Nothing happens after now: what lies ahead simply has not happened yet."""

    teller: Teller
    story: Story
    ticket: PastTicket
    requester: Who
    agent: Who
    words: dict[str, str]
    priority: PriorityRow
    said: "Variants"
    at: datetime
    is_tagged: bool = False

    def play_to_the_end(self) -> None:
        """From the first look to closed, as far as there was time."""
        rng = self.teller.rng
        if not self._pick_up():
            return
        if rng.random() < 0.05 and not self._customer(stories.WAITING, 500, 1400):
            return
        for line in self.story.lines[:-1]:
            if rng.random() < 0.25 and line[0] in ("note", "peer"):
                continue
            if not self._line(line):
                return
        self._finish()

    def play_until(self, stage: str) -> None:
        """Only so far as the stage says."""
        if stage == "unassigned" or not self._pick_up():
            return
        self._tag()
        if stage == "assigned":
            return
        said = [line for line in self.story.lines if line[0] != "fix"]
        if stage == "reopened":
            self._finish(reopens=True)
            return
        if stage == "waiting":
            for line in said:
                if not self._line(line) or line[0] == "ask":
                    return
        for line in said[: self.teller.rng.randint(1, len(said) or 1)]:
            if not self._line(line):
                return
        if stage == "on_hold":
            if self._later(self.teller._soon(self.at, 15, 90)):
                self.ticket.note(
                    self.at,
                    self.agent,
                    "Waiting for the supplier. On hold until they answer; I call them again on Tuesday.",
                )
                self.ticket.move(self.at, self.agent, self._status("on_hold"))
        elif stage == "working" and not self.ticket.ticket.first_responded_at and self._agent_time():
            self.ticket.reply(
                self.at,
                self.agent,
                self._answer("Thank you for the report. I am looking into it and will come back to you today."),
                then=self._status("in_progress"),
            )

    def _pick_up(self) -> bool:
        """Somebody takes it, unless routing gave it to them."""
        if self.ticket.ticket.assignee_id is not None:
            return True
        if not self._later(self.teller._soon(self.at, 2, 55)):
            return False
        self.ticket.assign(self.at, self.agent, self.agent)
        return True

    def _line(self, line: tuple[str, tuple[str, ...]]) -> bool:
        who, variants = line
        rng = self.teller.rng
        if who == "customer":
            return self._customer(variants, 8, 300)
        text = self.said.of(variants).format_map(self.words)
        if who in ("note", "peer"):
            author = self.agent if who == "note" else self._peer()
            if not self._later(self.teller._soon(self.at, 3, 40)):
                return False
            self.ticket.note(self.at, author, text)
            self._tag()
            return True
        if not self._agent_time():
            return False
        then = self._status("waiting_on_customer") if who == "ask" else self._status("in_progress")
        self.ticket.reply(
            self.at, self.agent, self._answer(text), then=then if who == "ask" or rng.random() < 0.7 else None
        )
        self._tag()
        return True

    def _finish(self, *, reopens: bool = False) -> None:
        """The solution, the customer's word on it, and what becomes of it."""
        rng, teller = self.teller.rng, self.teller
        fix = self.story.lines[-1][1]
        if not self._agent_time(slow=True):
            return
        is_asked = not reopens and rng.random() < 0.4
        text = self.said.of(fix).format_map(self.words)
        if is_asked:
            text += "\n\n" + rng.choice(stories.CHECKS)
            self.ticket.reply(self.at, self.agent, self._answer(text), then=self._status("waiting_on_customer"))
            if not self._customer(stories.THANKS, 10, 900) or not self._later(teller._soon(self.at, 1, 30)):
                return
            self.ticket.move(self.at, self.agent, self._status("resolved"))
        else:
            self.ticket.reply(self.at, self.agent, self._answer(text), then=self._status("resolved"))
        if reopens or rng.random() < 0.05:
            if not self._customer(stories.RELAPSES, 300, 1500) or reopens:
                return
            if not self._line(("note", stories.RELAPSE_NOTES)) or not self._agent_time(slow=True):
                return
            answer = self._answer(rng.choice(stories.RELAPSE_FIXES).format_map(self.words))
            self.ticket.reply(self.at, self.agent, answer, then=self._status("resolved"))
        self._end()

    def _end(self) -> None:
        """Confirmed by the customer, or closed by the desk after 48 hours; and perhaps a rating."""
        rng, teller = self.teller.rng, self.teller
        resolved = self.at
        hours = teller.desk.known.organization.auto_close_hours
        if rng.random() < 0.42:
            if not self._later(teller._customer_time(resolved, 20, 1500)):
                return
            if self.at < resolved + timedelta(hours=hours) and rng.random() < 0.7:
                self.ticket.move(self.at, self.requester, self._status("closed"))
            self._rate()
        due = resolved + timedelta(hours=hours, seconds=rng.randint(5, 290))
        if self.ticket.category == "resolved" and due <= teller.now:
            self.at = max(self.at, due)
            self.ticket.move(self.at, DESK, self._status("closed"), reason=f"resolved for {hours} hours")

    def _rate(self) -> None:
        rng = self.teller.rng
        is_late = self.ticket.ticket.breached_at is not None
        weights = (14, 18, 26, 26, 16) if is_late else (2, 3, 8, 30, 57)
        score = rng.choices((1, 2, 3, 4, 5), weights=weights)[0]
        pool = stories.PRAISE if score >= 4 else stories.MEH if score == 3 else stories.ANGER
        self.ticket.rate(self.at, score, rng.choice(pool).format_map(self.words))

    def _customer(self, variants: tuple[str, ...], least: float, most: float) -> bool:
        if not self._later(self.teller._customer_time(self.at, least, most)):
            return False
        text = self.said.of(variants).format_map(self.words)
        channel = self.ticket.ticket.channel
        self.ticket.reply(
            self.at, self.requester, text, channel=channel if channel in ("email", "chat", "mobile") else "web"
        )
        return True

    def _agent_time(self, *, slow: bool = False) -> bool:
        rng = self.teller.rng
        least, most = _PATIENCE[self.priority.rank]
        factor = 1.0
        if self.ticket.ticket.first_responded_at is not None:
            factor = 0.8
        if slow:
            factor = 2.2
        if rng.random() < 0.07:
            factor *= 6  # a bad day
        return self._later(self.teller._soon(self.at, least * factor * 0.5, most * factor))

    def _later(self, at: datetime) -> bool:
        """Move on to a moment; False when it has not come yet."""
        if at > self.teller.now:
            return False
        self.at = at
        return True

    def _peer(self) -> Who:
        mates = [who for team in self.teller.desk.members.values() for who in team if who.id != self.agent.id]
        return self.teller.rng.choice(mates)

    def _tag(self) -> None:
        if self.is_tagged or not self.story.tags or self.teller.rng.random() < 0.35:
            return
        self.is_tagged = True
        names = set(self.story.tags[: self.teller.rng.randint(1, len(self.story.tags))])
        self.ticket.tag(self.at, self.agent, [row.id for row in self.teller.desk.known.tags if row.name in names])

    def _answer(self, text: str) -> str:
        rng = self.teller.rng
        parts = [text]
        if self.ticket.ticket.first_responded_at is None or rng.random() < 0.55:
            parts.insert(0, rng.choice(stories.ANSWERS).format_map(self.words))
        if rng.random() < 0.8:
            parts.append(rng.choice(stories.CLOSINGS).format_map(self.words))
        return "\n\n".join(parts)

    def _status(self, slug: str) -> StatusRow:
        return self.teller.desk.known.status(slug)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
