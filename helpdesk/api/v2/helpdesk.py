"""/api/v2/helpdesk: the list of tickets, and asking for them in plain words."""

from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Query, Request, Response
from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from helpdesk.api.compat import slashes
from helpdesk.api.v1 import ticket_schemas as shapes
from helpdesk.api.v1 import tickets as first
from helpdesk.api.v1.caller import Caller
from helpdesk.api.v1.routing import Router
from helpdesk.api.v1.schemas import Input, Page
from helpdesk.api.v1.ticket_schemas import Ticket
from helpdesk.domain.permissions import Permission
from helpdesk.domain.phrases import Phrase
from helpdesk.services import tickets

router = Router("Version 2", prefix="")

_MOST = 500


@router.op("GET", f"{slashes.VERSION_2}/tickets/", Permission.TICKET_READ, "List tickets")
def v2_list_tickets(
    request: Request,
    response: Response,
    caller: Caller,
    wanted: first.Wanted,
    cursor: Annotated[str, Query(max_length=200)] = "",
    expand: first.Expand = "",
) -> Page[Ticket]:
    """As `GET /api/v1/tickets`: the same filters, pages and fields to choose from."""
    return first.list_tickets(request, response, caller, wanted, cursor, expand)


class Asked(Input):
    """What is asked for, in words."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"query": "unresolved urgent tickets from last week"}]})

    query: str = Field(
        validation_alias=AliasChoices("query", "q", "phrase", "question"), min_length=1, max_length=1000,
        description="Also: `q`, `phrase`, `question`.",
    )  # fmt: skip
    size: int = Field(100, ge=1, le=_MOST, description="Tickets on a page, at most.")
    cursor: str = Field("", max_length=200, description="`cursor` of the answer before, for the page after it.")


class Understood(BaseModel):
    """One thing that was understood, and how."""

    label: str
    value: str


class Found(BaseModel):
    """Tickets, and how the question was understood."""

    query: str
    items: list[Ticket]
    count: int = Field(
        description="How many there are on all pages, as far as 1000; of a search for words, as far as 500."
    )
    is_count: bool = Field(description="Whether only their number was asked for (“how many …”).")
    limit: int | None = Field(description="How many were asked for (“the 5 oldest …”).")
    understood: list[Understood]
    not_understood: list[str] = Field(description="Words that mean nothing here. They were looked for as text.")
    message: str = Field(description="How it was understood, as a sentence.")
    filters: dict[str, str] = Field(description="The same question as parameters of GET tickets/.")
    cursor: str | None = Field(description="For the next page, if there is one.")
    next: str | None = Field(
        description="The next page as an address of GET tickets/, where it has pages of that size."
    )


@router.op(
    "POST",
    f"{slashes.VERSION_2}/tickets/search/",
    Permission.TICKET_READ,
    "Ask for tickets in plain words",
    selects=True,
)
def v2_search_tickets(caller: Caller, body: Asked) -> Found:
    """It only reads, whatever it is told to do. “Today”, “Monday” are those of the caller's time zone."""
    phrase = caller.run(tickets.understand, body.query)
    wanted = phrase.filter.but(size=min(phrase.limit or body.size, body.size))
    found = caller.run(tickets.page, wanted, cursor=body.cursor)
    count = len(found.rows)
    if wanted.text and not phrase.limit and count == wanted.size:
        count = len(caller.run(tickets.page, wanted.but(size=_MOST)).rows)
    elif not wanted.text and (found.older or found.newer):
        count = caller.run(tickets.counted, wanted)
    more = "" if phrase.limit and phrase.limit <= body.size else found.older
    parameters = phrase.filter.query()
    return Found(
        query=body.query, items=[shapes.ticket(row) for row in found.rows], count=min(count, phrase.limit or count),
        is_count=phrase.is_count, limit=phrase.limit or None,
        understood=[Understood(label=one.label, value=one.value) for one in phrase.understood],
        not_understood=list(phrase.unknown), message=_sentence(phrase), filters=dict(parse_qsl(parameters)),
        cursor=more or None,
        next=f"{slashes.VERSION_2}/tickets/?{parameters}&cursor={more}" if more else None,
    )  # fmt: skip


def _sentence(phrase: Phrase) -> str:
    said = ", ".join(f"{one.label}: {one.value}" for one in phrase.understood)
    if phrase.limit:
        said = ", ".join(filter(None, (said, f"at most {phrase.limit}")))
    if phrase.is_count:
        said = f"How many there are of: {said or 'all tickets you may see'}"
    strange = " ".join(phrase.unknown)
    if strange and not said:
        return f"I did not understand “{strange}”; these are the tickets with these words."
    if strange:
        looked = " and looked for it as text" if phrase.unknown[0] in phrase.filter.text else ""
        return f"{said}. I did not understand “{strange}”{looked}."
    return f"{said}." if said else "All tickets you may see."
