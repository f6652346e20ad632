"""Who looks at which ticket, and who is writing: kept in memory, from what open pages say of themselves."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

# An open page says so at most every 20 seconds; one that has not for this long is gone.
LOOKS_FOR = timedelta(seconds=45)
# While a text changes that is said every 3 seconds; after this much silence somebody only looks.
WRITES_FOR = timedelta(seconds=8)

# An organization, and a ticket's reference in it.
Place = tuple[int, str]


class Doing(StrEnum):
    """What a page says somebody does with a ticket."""

    VIEWING = "viewing"
    REPLYING = "replying"
    NOTING = "noting"
    # They have sent it, or thought better of it.
    STOPPED = "stopped"
    GONE = "gone"


WRITING = frozenset({Doing.REPLYING, Doing.NOTING})


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one tab says. It shows one ticket at a time."""

    place: Place
    tab: str
    person_id: int
    name: str
    doing: Doing


@dataclass(frozen=True, slots=True)
class Looker:
    """Somebody who looks at a ticket, in however many tabs."""

    person_id: int
    name: str
    doing: Doing = Doing.VIEWING


@dataclass(slots=True)
class _Tab:
    place: Place
    person_id: int
    name: str
    doing: Doing
    looks_until: datetime
    writes_until: datetime

    def does(self, now: datetime) -> Doing:
        return self.doing if self.doing in WRITING and now < self.writes_until else Doing.VIEWING


class Board:
    """Who is where. Each method that hears of something returns the places where that changed what there is to show."""

    def __init__(self) -> None:
        self._tabs: dict[str, _Tab] = {}
        self._shown: dict[Place, tuple[Looker, ...]] = {}

    def notice(self, sighting: Sighting, now: datetime) -> set[Place]:
        """A tab said something."""
        before = self._tabs.get(sighting.tab)
        touched = {sighting.place} | ({before.place} if before else set())
        if sighting.doing is Doing.GONE:
            self._tabs.pop(sighting.tab, None)
            return self._changed(touched, now)
        writes_until = now
        doing: Doing = sighting.doing
        if doing in WRITING:
            writes_until = now + WRITES_FOR
        elif doing is Doing.VIEWING and before and before.place == sighting.place:
            # A page that says it is still open does not take back that its reader was typing a moment ago.
            doing, writes_until = before.doing, before.writes_until
        self._tabs[sighting.tab] = _Tab(
            sighting.place, sighting.person_id, sighting.name, doing, now + LOOKS_FOR, writes_until
        )
        return self._changed(touched, now)

    def lapse(self, now: datetime) -> set[Place]:
        """Time has passed: who has said nothing for too long is gone."""
        for tab in [key for key, one in self._tabs.items() if one.looks_until <= now]:
            del self._tabs[tab]
        return self._changed(set(self._shown), now)

    def at(self, place: Place) -> tuple[Looker, ...]:
        """Who is at a place, writers first, then by name."""
        return self._shown.get(place, ())

    def places(self) -> Iterable[Place]:
        """Where anybody is."""
        return self._shown.keys()

    @property
    def is_empty(self) -> bool:
        """Whether nobody is anywhere."""
        return not self._shown

    def _changed(self, places: Iterable[Place], now: datetime) -> set[Place]:
        changed = set()
        for place in places:
            people = self._people(place, now)
            if people == self._shown.get(place, ()):
                continue
            changed.add(place)
            if people:
                self._shown[place] = people
            else:
                del self._shown[place]
        return changed

    def _people(self, place: Place, now: datetime) -> tuple[Looker, ...]:
        found: dict[int, Looker] = {}
        for tab in self._tabs.values():
            if tab.place != place:
                continue
            does = tab.does(now)
            if tab.person_id not in found or does in WRITING:
                found[tab.person_id] = Looker(tab.person_id, tab.name, does)
        return tuple(sorted(found.values(), key=lambda one: (one.doing not in WRITING, one.name, one.person_id)))


def line(people: Iterable[Looker]) -> str:
    """For a ticket's header: `James is writing a reply… · Ada is viewing`."""
    kinds = {
        Doing.REPLYING: ("is writing a reply…", "are writing replies…"),
        Doing.NOTING: ("is writing a note…", "are writing notes…"),
        Doing.VIEWING: ("is viewing", "are viewing"),
    }
    here = list(people)
    said = []
    for doing, (one, several) in kinds.items():
        names = [person.name for person in here if person.doing is doing]
        if names:
            said.append(f"{_and(names)} {one if len(names) == 1 else several}")
    return " · ".join(said)


def typing(people: Iterable[Looker]) -> str:
    """For a row of a list: `James is typing…`; empty when nobody is."""
    names = [person.name for person in people if person.doing in WRITING]
    if len(names) > 1:
        return f"{len(names)} people are typing…"
    return f"{names[0].split()[0] if names[0].split() else 'Somebody'} is typing…" if names else ""


def warning(people: Iterable[Looker]) -> str:
    """For the composer; empty when nobody else writes to the customer."""
    names = [person.name for person in people if person.doing is Doing.REPLYING]
    if not names:
        return ""
    return f"{_and(names)} {'is' if len(names) == 1 else 'are'} writing to the customer, too. Agree on who answers."


def _and(names: list[str]) -> str:
    if len(names) > 3:
        return f"{', '.join(names[:2])} and {len(names) - 2} others"
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
