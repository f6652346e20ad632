"""A row as facts: read by its mapping, checked against the organization's words."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from helpdesk.domain.errors import Invalid
from helpdesk.domain.text import clean, excerpt, one_line
from helpdesk.domain.tickets import BODY_LENGTH, TITLE_LENGTH, Channel
from helpdesk.services.catalog import Catalog, PriorityRow, StatusRow
from helpdesk.services.importing.mapping import Mapping
from helpdesk.services.importing.reading import Row

_TITLE = 90  # of a title made from a description
_YES = frozenset({"true", "yes", "1", "y", "t"})


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody as the file names them; empty: nobody."""

    name: str = ""
    email: str = ""

    def __bool__(self) -> bool:
        return bool(self.name or self.email)


@dataclass(frozen=True, slots=True)
class Facts:
    """What one row says."""

    line: int
    remote_id: str
    title: str
    description: str
    status: StatusRow
    priority: PriorityRow
    category: str
    team: str
    company: str
    requester: Named
    assignee: Named
    filed_by: Named
    updated_by: Named
    created_at: datetime
    updated_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    channel: str
    tags: tuple[str, ...]
    made_sla: bool | None
    reopen_count: int | None
    kept: dict[str, str]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that could not be taken, and why."""

    line: int
    remote_id: str
    reason: str


class Reader:
    """Rows into facts; what is wrong is gathered in `skipped`."""

    def __init__(self, mapping: Mapping, known: Catalog, now: datetime) -> None:
        self.mapping, self.known, self.now = mapping, known, now
        self.skipped: list[Skipped] = []
        self.rows_read = 0
        self._alike: Counter[str] = Counter()

    def facts(self, rows: Iterable[Row]) -> Iterator[Facts]:
        """The facts of every sound row."""
        for row in rows:
            self.rows_read += 1
            remote_id = self._remote_id(row)
            if row.problem:
                self.skipped.append(Skipped(row.line, remote_id, row.problem))
                continue
            try:
                yield self._facts(row, remote_id)
            except (Invalid, ValueError) as error:
                self.skipped.append(Skipped(row.line, remote_id, str(error)))

    def _remote_id(self, row: Row) -> str:
        if row.problem:
            return ""
        if "remote_id" in self.mapping.fields:
            return self.mapping.read(row.cells, "remote_id")[:120]
        # No id of its own: its words are its id, and the second of two equal rows is the second at every run.
        words = hashlib.sha256("\x1f".join(row.cells.values()).encode()).hexdigest()[:32]
        self._alike[words] += 1
        return words if self._alike[words] == 1 else f"{words}-{self._alike[words]}"

    def _facts(self, row: Row, remote_id: str) -> Facts:
        read, cells = self.mapping.read, row.cells
        if not remote_id:
            raise ValueError("has no remote id")
        title, description = one_line(read(cells, "title")), clean(read(cells, "description"))
        if not title and not description:
            raise ValueError("has neither a title nor a description")
        title = title or excerpt(description, _TITLE) or "(no subject)"
        if len(title) > TITLE_LENGTH:
            description = f"{title}\n\n{description}".strip()
            title = excerpt(title, TITLE_LENGTH)
        channel = read(cells, "channel").lower() or Channel.API
        if channel not in set(Channel):
            raise ValueError(
                f"comes by “{channel[:40]}”; map it under fields.channel.values to one of {', '.join(Channel)}"
            )
        created_at = self._moment(cells, "created_at") or self._moment(cells, "updated_at") or self.now
        if created_at > self.now:
            raise ValueError(f"was created in the future, at {created_at:%Y-%m-%d %H:%M}")
        reopen_count = read(cells, "reopen_count")
        made_sla = read(cells, "made_sla").lower()
        return Facts(
            line=row.line, remote_id=remote_id, title=title, description=(description or title)[:BODY_LENGTH],
            status=self.known.status(read(cells, "status") or "new"),
            priority=self.known.priority(read(cells, "priority") or "medium"),
            category=one_line(read(cells, "category"))[:120], team=one_line(read(cells, "team"))[:120],
            company=one_line(read(cells, "company"))[:200], requester=self._named(cells, "requester"),
            assignee=self._named(cells, "assignee"), filed_by=Named(one_line(read(cells, "filed_by"))[:120]),
            updated_by=Named(one_line(read(cells, "updated_by"))[:120]), created_at=created_at,
            updated_at=self._moment(cells, "updated_at"), resolved_at=self._moment(cells, "resolved_at"),
            closed_at=self._moment(cells, "closed_at"), channel=channel,
            tags=tuple(one_line(tag).lower()[:60] for tag in read(cells, "tags").split(",") if tag.strip())[:20],
            made_sla=made_sla in _YES if made_sla else None,
            reopen_count=int(reopen_count) if reopen_count else None,
            kept={column: cells[column][:500] for column in self.mapping.keep if cells[column]},
        )  # fmt: skip

    def _moment(self, cells: dict[str, str], name: str) -> datetime | None:
        try:
            return self.mapping.moment(self.mapping.read(cells, name))
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None

    def _named(self, cells: dict[str, str], who: str) -> Named:
        email = self.mapping.read(cells, f"{who}_email").lower()[:254]
        return Named(one_line(self.mapping.read(cells, who))[:120], email if "@" in email else "")
