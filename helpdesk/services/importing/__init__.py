"""Tickets of another desk, brought in from its export: `run_import` reads, checks and writes, and says what it left out."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby, islice
from operator import attrgetter
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select

from helpdesk import clock, log, settings
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.people import Actor, system
from helpdesk.domain.permissions import Permission
from helpdesk.models import Ticket
from helpdesk.services import catalog, organizations, past, unit_of_work
from helpdesk.services.context import Context, requires, step
from helpdesk.services.importing import mapping as mappings
from helpdesk.services.importing import reading, telling
from helpdesk.services.importing.facts import Facts, Reader, Skipped
from helpdesk.services.importing.mapping import Mapping

BATCH = 1000
MOST_SHOWN = 10
Progress = Callable[[int, int], None]  # tickets done, tickets in the file
Group = tuple[Facts, ...]  # the rows of one ticket, in order
_logger = log.get(__name__)


@dataclass
class ImportReport:
    """What an import did, or a dry run would do."""

    source: str
    file: str
    is_dry_run: bool
    rows: int = 0
    tickets: int = 0  # in the file, without what was skipped
    created: int = 0
    present: int = 0  # were here already, from an earlier run
    skipped: list[Skipped] = field(default_factory=list)
    seconds: float = 0.0
    saved_to: str = ""

    def lines(self) -> list[str]:
        """The report for people."""
        verb = "would be created" if self.is_dry_run else "created"
        told = [
            f"{self.rows:,} rows of {self.file}, {self.tickets:,} tickets: {self.created:,} {verb},"
            f" {self.present:,} already here, {len(self.skipped):,} rows skipped; {self.seconds:.1f} s."
        ]
        told += [f"  line {one.line}: {one.reason}" for one in self.skipped[:MOST_SHOWN]]
        if len(self.skipped) > MOST_SHOWN:
            told.append(f"  and {len(self.skipped) - MOST_SHOWN:,} more.")
        if self.saved_to:
            told.append(f"Everything that was skipped stands in {self.saved_to}")
        return told


@step
def run_import(
    organization: str,
    file: str | Path,
    mapping: str | Path | Mapping,
    *,
    dry_run: bool = False,
    progress: Progress = lambda _done, _total: None,
) -> ImportReport:
    """Bring an export's tickets into an organization.

    Tickets are known by (source, remote id): what is here already stays as it is, so an import that was stopped is
    continued by running it again, and a second run adds nothing. A row that cannot be taken is skipped and named.

    Args:
        organization: its slug.
        file: CSV, plain or gzipped; encoding and delimiter are found out.
        mapping: a file (.json, .toml), or the name of a shipped one.
        dry_run: read and check everything, write nothing.
        progress: told after every batch.

    Raises:
        NotFound: no such organization.
        Invalid: the file or the mapping cannot be used; says why.
    """
    began = clock.now()
    found = mapping if isinstance(mapping, Mapping) else mappings.load(mapping)
    actor = system(organizations.by_slug(organization).id)
    path = Path(file)
    report = ImportReport(found.source, path.name, dry_run)
    reader = Reader(found, unit_of_work.run(actor, _catalog), began)
    # The whole file is checked before the first ticket is written: a wrong column shows before it has done harm.
    groups = list(_groups(reader.facts(reading.rows(path, found)), found))
    report.rows, report.tickets, report.skipped = reader.rows_read, len(groups), reader.skipped
    writer = _Writer(actor, found, report)
    for done, batch in _batches(groups):
        if dry_run:
            report.present += len(
                unit_of_work.run(actor, _known, found.source, [group[0].remote_id for group in batch])
            )
        else:
            writer.write(batch)
        progress(done, len(groups))
    if dry_run:
        report.created = report.tickets - report.present
    report.skipped.sort(key=attrgetter("line"))
    report.seconds = (clock.now() - began).total_seconds()
    if report.skipped:
        _save(report)
    if not dry_run:
        unit_of_work.run(actor, _finish, report)
    return report


class _Writer:
    """Writes batches, each in a unit of work of its own; one that fails is halved until the row at fault is found."""

    def __init__(self, actor: Actor, mapping: Mapping, report: ImportReport) -> None:
        self.actor, self.mapping, self.report = actor, mapping, report
        self.people: telling.Known = {}

    def write(self, batch: Sequence[Group]) -> None:
        """Write what is not here yet."""
        try:
            created, people = unit_of_work.run(self.actor, _write, batch, self.mapping, self.people)
        except (SQLAlchemyError, ValueError) as error:
            if len(batch) > 1:
                half = len(batch) // 2
                self.write(batch[:half])
                self.write(batch[half:])
                return
            _logger.warning("a ticket could not be imported", line=batch[0][0].line, error=str(error)[:500])
            reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
            self.report.skipped.append(Skipped(batch[0][0].line, batch[0][0].remote_id, reason))
            return
        self.people = people
        self.report.created += created
        self.report.present += len(batch) - created


@requires(Permission.IMPORT)
def _write(ctx: Context, batch: Sequence[Group], mapping: Mapping, people: telling.Known) -> tuple[int, telling.Known]:
    people = dict(people)  # whom this batch adds counts only once it is committed
    here = _known(ctx, mapping.source, [group[0].remote_id for group in batch])
    fresh = [group for group in batch if group[0].remote_id not in here]
    if fresh:
        past.write(ctx, telling.tell(ctx, fresh, mapping, people))
        ctx.topics.add(f"org-{ctx.organization_id}-tickets")
    return len(fresh), people


def _known(ctx: Context, source: str, remote_ids: Sequence[str]) -> set[str]:
    query = select(Ticket.remote_id).where(Ticket.source == source, col(Ticket.remote_id).in_(remote_ids))
    return {one for one in ctx.session.exec(query).all() if one}


def _catalog(ctx: Context) -> catalog.Catalog:
    return catalog.current(ctx)


@requires(Permission.IMPORT)
def _finish(ctx: Context, report: ImportReport) -> None:
    ctx.record(
        ActivityKind.IMPORT_FINISHED, source=report.source, file=report.file, rows=report.rows,
        tickets=report.tickets, created=report.created, present=report.present, skipped=len(report.skipped),
    )  # fmt: skip


def _groups(rows: Iterable[Facts], mapping: Mapping) -> Iterator[Group]:
    if not mapping.is_events:
        for one in rows:
            yield (one,)
        return
    # A ticket's events may lie anywhere in the file.
    ordered = sorted(rows, key=lambda one: (one.remote_id, one.updated_at or one.created_at, one.line))
    for _, events in groupby(ordered, key=attrgetter("remote_id")):
        yield tuple(events)


def _batches(groups: Sequence[Group]) -> Iterator[tuple[int, Sequence[Group]]]:
    rest = iter(groups)
    done = 0
    while batch := list(islice(rest, BATCH)):
        done += len(batch)
        yield done, batch


def _save(report: ImportReport) -> None:
    directory = settings.get().data_dir / "imports"
    directory.mkdir(parents=True, exist_ok=True)
    stem = directory / f"{report.source}-{clock.now():%Y%m%d-%H%M%S}{'-dry-run' if report.is_dry_run else ''}"
    report.saved_to = str(stem.with_suffix(".csv"))
    with stem.with_suffix(".csv").open("w", newline="", encoding="utf-8") as file:
        sheet = csv.writer(file)
        sheet.writerow(["line", "remote_id", "reason"])
        sheet.writerows([one.line, one.remote_id, one.reason] for one in report.skipped)
    stem.with_suffix(".json").write_text(json.dumps(asdict(report), indent=2, default=str), encoding="utf-8")


__all__ = ["ImportReport", "run_import"]
