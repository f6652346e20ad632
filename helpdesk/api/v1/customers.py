"""Customers and companies as the staff sees them, notes about them, and duplicates."""

from typing import Annotated

from fastapi import Query, Request
from pydantic import ConfigDict, Field
from starlette.responses import Response

from helpdesk.api.v1.caller import Caller
from helpdesk.api.v1.routing import Router
from helpdesk.api.v1.schemas import Created, Done, Input, Number, Page, page
from helpdesk.domain.permissions import Permission
from helpdesk.services import customer_notes, customers, person_merging
from helpdesk.services.customers import CompanyLine, CompanyOverview, CustomerDetail, CustomerRow
from helpdesk.services.person_merging import Duplicate, MergePreview

router = Router("Customers")
_READ, _NOTE, _MERGE = Permission.CUSTOMER_READ, Permission.TICKET_NOTE, Permission.PERSON_MERGE
_Words = Annotated[str, Query(max_length=100, description="Parts of the name, the address or the phone number.")]
_Size = Annotated[int, Query(ge=1, le=200)]


class NoteIn(Input):
    """A note for the staff."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"body": "Prefers to be called before noon."}]})

    body: str = Field(max_length=customer_notes.LONGEST, description="Markdown.")


class MergeInto(Input):
    """The account that goes on."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"into": 7}]})

    into: Number


@router.op("GET", "/customers", _READ, "List customers")
def list_customers(
    request: Request,
    caller: Caller,
    text: _Words = "",
    after: Annotated[str, Query(max_length=300, description="Where the page before ended: `name|id`.")] = "",
    size: _Size = 50,
) -> Page[CustomerRow]:
    """By name; found by any part of name, address and phone number."""
    found = caller.run(customers.listing, words=text, after=after, size=size)
    last = f"{found[-1].name}|{found[-1].id}" if found else ""
    return page(request, found, full=size, mark="after", key=last)


@router.op("GET", "/customers/{number}", _READ, "Read a customer")
def get_customer(caller: Caller, number: Number) -> CustomerDetail:
    """With figures about their tickets, their last ratings, and what colleagues wrote down."""
    return caller.run(customers.one, number)


@router.op("POST", "/customers/{number}/notes", _NOTE, "Write a note about a customer", status=201)
def note_customer(caller: Caller, number: Number, body: NoteIn) -> Created:
    """Only the staff reads it."""
    return Created(id=caller.run(customer_notes.write_about_person, number, body.body))


@router.op("GET", "/customers/{number}/duplicates", _MERGE, "List who may be the same person")
def list_duplicates(caller: Caller, number: Number) -> Page[Duplicate]:
    """By phone number, name and company, or a similar address."""
    return Page(items=list(caller.run(person_merging.duplicates, number)))


@router.op("GET", "/customers/{number}/merge-preview/{into}", _MERGE, "See what a merge would move")
def preview_merge(caller: Caller, number: Number, into: Number) -> MergePreview:
    """From this account into the other one."""
    return caller.run(person_merging.preview, number, into=into)


@router.op("POST", "/customers/{number}/merge", _MERGE, "Merge a customer into another")
def merge_customer(caller: Caller, number: Number, body: MergeInto) -> Done:
    """This account ends, the other one goes on. It can be taken back for 30 days."""
    caller.run(person_merging.merge, number, into=body.into)
    return Done()


@router.op("POST", "/customers/{number}/unmerge", _MERGE, "Take a merged customer out again")
def unmerge_customer(caller: Caller, number: Number) -> Done:
    """What moved goes back; what came since stays with the other."""
    caller.run(person_merging.unmerge, number)
    return Done()


@router.op("GET", "/customer-companies", _READ, "List companies with what they ask")
def list_customer_companies(
    request: Request,
    caller: Caller,
    text: Annotated[str, Query(max_length=100, description="Part of the name or a domain.")] = "",
    after: Annotated[str, Query(max_length=200, description="The name the page before ended with.")] = "",
    size: _Size = 50,
) -> Page[CompanyLine]:
    """By name, with people and open tickets."""
    found = caller.run(customers.companies, words=text, after=after, size=size)
    return page(request, found, full=size, mark="after", key=found[-1].name if found else "")


@router.op("GET", "/customer-companies/{number}", _READ, "Read a company with what it asks")
def get_customer_company(caller: Caller, number: Number) -> CompanyOverview:
    """Its people, sites, figures, last ratings and notes."""
    return caller.run(customers.company, number)


@router.op("POST", "/customer-companies/{number}/notes", _NOTE, "Write a note about a company", status=201)
def note_company(caller: Caller, number: Number, body: NoteIn) -> Created:
    """Only the staff reads it."""
    return Created(id=caller.run(customer_notes.write_about_company, number, body.body))


@router.op("PUT", "/customer-notes/{number}", _NOTE, "Correct a note about a customer")
def change_customer_note(caller: Caller, number: Number, body: NoteIn) -> Done:
    """Its author may, and who manages people."""
    caller.run(customer_notes.edit, number, body.body)
    return Done()


@router.op(
    "DELETE", "/customer-notes/{number}", _NOTE, "Delete a note about a customer", status=204, response_class=Response
)
def delete_customer_note(caller: Caller, number: Number) -> None:
    """It can be restored."""
    caller.run(customer_notes.delete, number)


@router.op("POST", "/customer-notes/{number}/restore", _NOTE, "Restore a note about a customer")
def restore_customer_note(caller: Caller, number: Number) -> Done:
    """It stands where it stood."""
    caller.run(customer_notes.restore, number)
    return Done()
