"""A ticket as it stood: what has happened since is taken back, newest first."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from helpdesk.domain.activity import ActivityKind


@dataclass(frozen=True, slots=True)
class Standing:
    """How a ticket stands at one moment, in the words of that moment. Empty: none."""

    title: str = ""
    status: str = ""
    priority: str = ""
    category: str = ""
    team: str = ""
    assignee: str = ""
    tags: tuple[str, ...] = ()
    due_at: str = ""
    snoozed_until: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One activity: what kind, with which facts."""

    kind: ActivityKind
    data: dict[str, Any]


Undo = Callable[[Standing, dict[str, Any]], Standing]


def _back(field: str, key: str = "before") -> Undo:
    """What stood before is in the activity's facts; one that does not say changes nothing."""

    def undo(standing: Standing, data: dict[str, Any]) -> Standing:
        if key not in data:
            return standing
        before: Any = tuple(data[key] or ()) if field == "tags" else str(data[key] or "")
        return replace(standing, **{field: before})

    return undo


def _unsnoozed(standing: Standing, data: dict[str, Any]) -> Standing:
    return replace(standing, snoozed_until="")


UNDO: dict[ActivityKind, Undo] = {
    ActivityKind.TICKET_TITLE_CHANGED: _back("title"),
    ActivityKind.TICKET_STATUS_CHANGED: _back("status"),
    ActivityKind.TICKET_PRIORITY_CHANGED: _back("priority"),
    ActivityKind.TICKET_CATEGORY_CHANGED: _back("category"),
    ActivityKind.TICKET_TEAM_CHANGED: _back("team"),
    # A first assignment may say nothing of who had it before: nobody had.
    ActivityKind.TICKET_ASSIGNED: lambda standing, data: replace(standing, assignee=str(data.get("previous") or "")),
    ActivityKind.TICKET_UNASSIGNED: _back("assignee", "previous"),
    ActivityKind.TICKET_TAGS_CHANGED: _back("tags"),
    ActivityKind.TICKET_DUE_CHANGED: _back("due_at"),
    ActivityKind.TICKET_SNOOZED: _unsnoozed,
}


def as_it_stood(now: Standing, since: Iterable[Change]) -> Standing:
    """How a ticket stood before some changes.

    Going backwards from what is known to be true keeps a log that begins late, as an import's does, from mattering:
    each change says what it replaced. Words are those of their day; a status renamed meanwhile keeps its old name.

    Args:
        now: how it stands.
        since: what has happened since the moment asked for, newest first.
    """
    for change in since:
        undo = UNDO.get(change.kind)
        if undo is not None:
            now = undo(now, change.data)
    return now
