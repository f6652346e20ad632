"""Deleting tickets, with thirty days to think again.

A deleted ticket leaves all tables: it is kept whole as one document, and no list, count, search, report, sweep or
address can come upon it. Restoring writes its rows again, as they were.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, text
from sqlmodel import SQLModel, col, select

from helpdesk.adapters.storage import storage
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Conflict, NotFound
from helpdesk.domain.permissions import Permission
from helpdesk.domain.tickets import TRASH_KEPT, StatusCategory
from helpdesk.models import Person, Ticket, TrashedTicket
from helpdesk.services import access, catalog, time_tracking
from helpdesk.services.context import Context, requires, step

BATCH = 30


@dataclass(frozen=True, slots=True)
class TrashRow:
    """A deleted ticket."""

    id: int
    reference: str
    title: str
    requester: str
    deleted_by: str
    deleted_at: str
    gone_at: str  # when it is deleted for good


@requires(Permission.TICKET_DELETE)
def delete(ctx: Context, ref: str) -> int:
    """Put a ticket into the trash; returns what `restore` needs. For thirty days it can be restored.

    Raises:
        NotFound: no such ticket for the actor.
        Conflict: other tickets were merged into it.
    """
    ticket = access.ticket(ctx, ref, lock=True)
    if ctx.session.exec(select(Ticket.id).where(Ticket.merged_into_id == ticket.id)).first():
        raise Conflict("Other tickets were merged into this one. Take them out first.")
    time_tracking.stop_all(ctx, ticket)
    ctx.touch_ticket(ticket, is_public=True)
    ctx.session.flush()
    requester = ctx.session.get_one(Person, ticket.requester_id)
    trashed = TrashedTicket(
        id=ticket.id, reference=ticket.reference, title=ticket.title, requester=requester.name,
        deleted_by=ctx.actor.name, deleted_at=ctx.now, rows=_taken(ctx, ticket.id),
    )  # fmt: skip
    ctx.session.add(trashed)
    # What just happened to it is gone with it; only its end is told.
    ctx.activities = [one for one in ctx.activities if one.ticket_id != ticket.id]
    ctx.session.expunge_all()
    ctx.session.add(trashed)
    ctx.record(ActivityKind.TICKET_DELETED, subject_id=trashed.id, reference=trashed.reference, title=trashed.title)
    _changed(ctx)
    return trashed.id


@requires(Permission.TICKET_DELETE)
def restore(ctx: Context, ticket_id: int) -> str:
    """Bring a ticket back as it was; returns its reference.

    Raises:
        NotFound: not in the trash.
    """
    trashed = _locked(ctx, ticket_id)
    _up_to_date(ctx, trashed.rows["ticket"][0])
    for table, _ in _belonging():  # a document keeps no order of its own
        if rows := trashed.rows.get(table.name):
            _write(ctx, table, rows)
    ctx.session.delete(trashed)
    ctx.session.flush()
    ticket = access.ticket(ctx, trashed.reference, lock=True)
    ctx.record(ActivityKind.TICKET_RESTORED, ticket)
    _changed(ctx)
    return ticket.reference


@requires(Permission.TICKET_DELETE)
def purge(ctx: Context, ticket_id: int) -> None:
    """Delete a ticket for good, with its files. This cannot be undone.

    Raises:
        NotFound: not in the trash.
    """
    _end(ctx, _locked(ctx, ticket_id))


@requires(Permission.TICKET_DELETE)
def deleted(ctx: Context, *, before: int | None = None, size: int = 100) -> tuple[TrashRow, ...]:
    """The deleted tickets, last deleted first.

    Args:
        before: only those with a smaller id (keyset).
    """
    shown = (TrashedTicket.id, TrashedTicket.reference, TrashedTicket.title, TrashedTicket.requester)
    query = select(*shown, TrashedTicket.deleted_by, TrashedTicket.deleted_at)  # type: ignore[call-overload]
    query = query.order_by(col(TrashedTicket.deleted_at).desc(), col(TrashedTicket.id).desc()).limit(min(size, 500))
    if before:
        query = query.where(col(TrashedTicket.id) < before)
    return tuple(
        TrashRow(number, reference, title, who, by, at.isoformat(), (at + TRASH_KEPT).isoformat())
        for number, reference, title, who, by, at in ctx.session.exec(query).all()
    )


@step
def empty(ctx: Context) -> int:
    """Delete for good what has been in the trash for thirty days; returns how many, at most 30."""
    found = ctx.session.exec(
        select(TrashedTicket)
        .where(col(TrashedTicket.deleted_at) <= ctx.now - TRASH_KEPT)
        .order_by(col(TrashedTicket.deleted_at))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    for trashed in found:
        _end(ctx, trashed)
    return len(found)


def _end(ctx: Context, trashed: TrashedTicket) -> None:
    for file in trashed.rows.get("attachment", ()):
        storage().delete(file["storage_key"])
    ctx.session.delete(trashed)
    ctx.record(ActivityKind.TICKET_PURGED, subject_id=trashed.id, reference=trashed.reference)
    _changed(ctx)


def _up_to_date(ctx: Context, facts: dict[str, Any]) -> None:
    """A status or priority that was removed meanwhile is replaced by the nearest."""
    known = catalog.current(ctx)
    if facts["status_id"] not in known.status_by_id:
        facts["status_id"] = known.first_status(StatusCategory(facts["status_category"])).id
    if facts["priority_id"] not in known.priority_by_id:
        nearest = min(known.priorities, key=lambda one: abs(one.rank - facts["priority_rank"]))
        facts["priority_id"], facts["priority_rank"] = nearest.id, nearest.rank


def _locked(ctx: Context, ticket_id: int) -> TrashedTicket:
    query = select(TrashedTicket).where(col(TrashedTicket.id) == access.whole(ticket_id)).with_for_update()
    found = ctx.session.exec(query).first()
    if found is None:
        raise NotFound("This ticket is not in the trash. Somebody may have restored it.")
    return found


def _changed(ctx: Context) -> None:
    ctx.topics |= {f"org-{ctx.organization_id}-trash", f"org-{ctx.organization_id}-tickets"}


def _taken(ctx: Context, ticket_id: int) -> dict[str, Any]:
    """Every row that belongs to a ticket, out of the tables and into one document, in the order they can be written
    again. The tables are found by what refers to what: one that is added later is taken along."""
    ids: dict[str, list[Any]] = {"ticket": [ticket_id]}
    found: dict[str, Any] = {}
    for table, condition in _belonging():
        names = [name for name in ids if f":{name}" in condition]
        if not any(ids[name] for name in names):
            continue
        rows = ctx.session.execute(
            text(f"SELECT to_jsonb({table.name}) FROM {table.name} WHERE {condition}"),  # noqa: S608 - our own names
            {name: ids[name] for name in names},
        ).scalars()
        found[table.name] = kept = [{key: row[key] for key in row if key != "organization_id"} for row in rows]
        if "id" in table.columns:
            ids[table.name] = sorted({row["id"] for row in kept} | set(ids.get(table.name, ())))
    for table, condition in reversed(list(_belonging())):
        if found.get(table.name):
            names = [name for name in ids if f":{name}" in condition]
            ctx.session.execute(
                text(f"DELETE FROM {table.name} WHERE {condition}"),  # noqa: S608 - our own names
                {name: ids[name] for name in names},
            )
    return {name: rows for name, rows in found.items() if rows}


def _belonging() -> Iterator[tuple[Table, str]]:
    """The tables whose rows go with a ticket, those others refer to first, and the condition that finds the rows."""
    known = {"ticket"}
    yield SQLModel.metadata.tables["ticket"], "id = ANY(:ticket)"
    for table in SQLModel.metadata.sorted_tables:
        keys = [
            (column.name, key.column.table.name)
            for column in table.columns
            for key in column.foreign_keys
            if key.ondelete == "CASCADE" and key.column.table.name in known
        ]
        if keys and table.name != "ticket":
            known.add(table.name)
            yield table, " OR ".join(f"{name} = ANY(:{of})" for name, of in keys)


def _write(ctx: Context, table: Table, rows: list[dict[str, Any]]) -> None:
    # A column that was added since takes its default, one that is gone is left out. What a row refers to may be gone as
    # well: then a reference that can be empty is, and a row that needs it (a link to another ticket) stays away.
    names = [column.name for column in table.columns if any(column.name in row for row in rows)]
    there = {
        column.name: _exists(column.name, key.column.table.name, table.name)
        for column in table.columns
        for key in column.foreign_keys
        if column.name in names
    }
    chosen = ", ".join(
        f"CASE WHEN {there[name]} THEN new.{name} END"
        if name in there and table.columns[name].nullable
        else f"new.{name}"
        for name in names
    )
    quoted = [f'"{name}"' for name in names]
    needed = [condition for name, condition in there.items() if not table.columns[name].nullable]
    ctx.session.execute(
        text(
            f"INSERT INTO {table.name} ({', '.join(quoted)}) SELECT {chosen}"  # noqa: S608 - our own names
            f" FROM jsonb_populate_recordset(NULL::{table.name}, CAST(:rows AS jsonb)) new"
            + (f" WHERE {' AND '.join(needed)}" if needed else "")
        ),
        {"rows": json.dumps(rows)},
    )


def _exists(column: str, parent: str, table: str) -> str:
    here = f"EXISTS (SELECT FROM {parent} there WHERE there.id = new.{column})"
    if parent != table:
        return here
    together = "SELECT CAST(one ->> 'id' AS bigint) FROM jsonb_array_elements(CAST(:rows AS jsonb)) one"
    return f"({here} OR new.{column} IN ({together}))"
