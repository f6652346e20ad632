"""What the staff writes down about customers and companies, for each other alone."""

from typing import Any

from sqlmodel import col, select

from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Conflict, Invalid, NotFound
from helpdesk.domain.permissions import Permission
from helpdesk.domain.text import clean, excerpt, to_html
from helpdesk.models import Company, CustomerNote, Person
from helpdesk.services import access, customers
from helpdesk.services.context import Context, requires

LONGEST = 5000


@requires(Permission.TICKET_NOTE)
def write_about_person(ctx: Context, person_id: int, body: str) -> int:
    """Write a note about a customer; returns its id.

    Raises:
        NotFound: nobody by that id.
        Invalid: an empty or too long text.
    """
    person = access.person(ctx, person_id)
    return _write(ctx, CustomerNote(person_id=person.id, body="", body_html="", created_at=ctx.now), body, person.name)


@requires(Permission.TICKET_NOTE)
def write_about_company(ctx: Context, company_id: int, body: str) -> int:
    """Write a note about a company; returns its id.

    Raises:
        NotFound: no such company.
        Invalid: an empty or too long text.
    """
    company = access.one(ctx, Company, company_id, what="company")
    return _write(
        ctx, CustomerNote(company_id=company.id, body="", body_html="", created_at=ctx.now), body, company.name
    )


@requires(Permission.TICKET_NOTE)
def edit(ctx: Context, note_id: int, body: str) -> None:
    """Correct a note. What it said before is in the activity.

    Raises:
        NotFound: no such note.
        Conflict: somebody else's, for whoever does not manage people.
        Invalid: an empty or too long text.
    """
    note = _mine(ctx, note_id)
    before, note.body = note.body, _checked(body)
    if note.body == before:
        return
    note.body_html, note.edited_at = to_html(note.body), ctx.now
    _record(ctx, ActivityKind.CUSTOMER_NOTE_EDITED, note, before=excerpt(before, 500), after=excerpt(note.body, 500))


@requires(Permission.TICKET_NOTE)
def delete(ctx: Context, note_id: int) -> None:
    """Delete a note; `restore` brings it back.

    Raises:
        NotFound, Conflict: as `edit`.
    """
    note = _mine(ctx, note_id)
    if note.deleted_at is None:
        note.deleted_at = ctx.now
        _record(ctx, ActivityKind.CUSTOMER_NOTE_DELETED, note)


@requires(Permission.TICKET_NOTE)
def restore(ctx: Context, note_id: int) -> None:
    """Bring a deleted note back.

    Raises:
        NotFound, Conflict: as `edit`.
    """
    note = _mine(ctx, note_id)
    if note.deleted_at is not None:
        note.deleted_at = None
        _record(ctx, ActivityKind.CUSTOMER_NOTE_RESTORED, note)


def _write(ctx: Context, note: CustomerNote, body: str, name: str) -> int:
    note.body = _checked(body)
    note.body_html, note.author_id = to_html(note.body), ctx.actor.person_id
    ctx.session.add(note)
    ctx.session.flush()
    _record(ctx, ActivityKind.CUSTOMER_NOTED, note, name=name, excerpt=excerpt(note.body, 200))
    return note.id


def _mine(ctx: Context, note_id: int) -> CustomerNote:
    found = access.one(ctx, CustomerNote, note_id, what="note")
    query = select(CustomerNote).where(col(CustomerNote.id) == found.id).with_for_update()
    note = ctx.session.exec(query.execution_options(populate_existing=True)).first()
    if note is None:
        raise NotFound("There is no such note.")
    if not customers.changes_note(ctx, note):
        raise Conflict("Only who wrote the note can change it. Write one of your own beside it.")
    return note


def _checked(body: str) -> str:
    body = clean(body)
    if not body:
        raise Invalid(body="Write something first.")
    if len(body) > LONGEST:
        raise Invalid(body=f"Use at most {LONGEST:,} characters.")
    return body


def _record(ctx: Context, kind: ActivityKind, note: CustomerNote, *, name: str = "", **data: Any) -> None:
    about = ctx.session.get(Person, note.person_id) if note.person_id else ctx.session.get(Company, note.company_id)
    ctx.record(
        kind, subject_id=note.person_id or note.company_id, name=name or (about.name if about else ""), note_id=note.id,
        about="person" if note.person_id else "company", **data,
    )  # fmt: skip
    ctx.topics.add(f"org-{ctx.organization_id}-customers")
