"""/help-desk/: tickets, promises, escalations, the assistant."""

from fastapi.responses import JSONResponse
from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from helpdesk.api import errors
from helpdesk.api.compat import lists, sla, slashes, ticketing, words
from helpdesk.api.compat.lists import Results
from helpdesk.api.compat.ticketing import Family
from helpdesk.api.v1 import desk
from helpdesk.api.v1.caller import Caller
from helpdesk.api.v1.desk import EscalationPolicyIn, EscalationPolicyOut
from helpdesk.api.v1.schemas import Input
from helpdesk.api.v1.tickets import ESCALATING
from helpdesk.domain.permissions import Permission
from helpdesk.services import escalations, tickets
from helpdesk.services.tickets import TimelineRow

family = Family("help_desk", slashes.HELP_DESK, slashes.HELP_DESK)

ticketing.listing(family)
ticketing.filing(family)
ticketing.reading(family)
ticketing.altering(family)
ticketing.assigning(family)
ticketing.moving(family)
ticketing.commenting(family)
ticketing.attaching(family, "attach")
sla.listing(family, "sla/policies")
sla.making(family, "sla/policies")
sla.breaching(family, "sla/violations")
sla.keeping(family, "sla/compliance")


@family.op("GET", "escalations", Permission.CATALOG_MANAGE, "List escalation policies")
def list_escalations(caller: Caller) -> Results[EscalationPolicyOut]:
    """In the order they are looked at."""
    return Results(**lists.whole([desk.escalation_of(row) for row in caller.run(escalations.listing)]))


@family.op("POST", "escalations", Permission.CATALOG_MANAGE, "Create an escalation policy", status=201)
def create_escalation(caller: Caller, body: EscalationPolicyIn) -> EscalationPolicyOut:
    """Answers it as it is."""
    made = caller.run(escalations.save, **desk.escalation_facts(body))
    return desk.escalation_of(next(row for row in caller.run(escalations.listing) if row.id == made))


@family.op("GET", "escalations/{reference}/history", Permission.CUSTOMER_READ, "Read how a ticket was escalated")
def escalation_history(caller: Caller, reference: str) -> Results[TimelineRow]:
    """Of a ticket, by its number or reference: newest first, among the last thousand things that happened to it."""
    rows = caller.run(tickets.history, words.reference(caller, reference), size=1000)
    return Results(**lists.whole([row for row in rows if row.kind in ESCALATING]))


ticketing.escalating(family, "escalations/{reference}/manual")


class Question(Input):
    """A question in words."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"query": "urgent tickets assigned to me"}]})

    query: str = Field(
        validation_alias=AliasChoices("query", "question", "text"), min_length=1, max_length=1000,
        description="Also: `question`, `text`.",
    )  # fmt: skip


class Understood(BaseModel):
    """One thing that was understood."""

    label: str
    value: str


class Answer(BaseModel):
    """Tickets, and how the question was understood."""

    query: str
    understood: list[Understood]
    not_understood: list[str] = Field(description="Words that were looked for as text.")
    count: int = Field(description="How many there are, as far as 1000.")
    more: str = Field(description="Where the canonical API lists them all.")
    results: list[words.TicketAlias]


@family.op("POST", "assistant/query", Permission.TICKET_READ, "Ask for tickets in words")
def assistant_query(caller: Caller, body: Question) -> Answer:
    """It reads, whatever it is told to do."""
    phrase = caller.run(tickets.understand, body.query)
    found = caller.run(tickets.page, phrase.filter.but(size=min(phrase.limit or 25, 100)))
    return Answer(
        query=body.query, understood=[Understood(label=one.label, value=one.value) for one in phrase.understood],
        not_understood=list(phrase.unknown), more=f"/api/v1/tickets?{phrase.filter.query()}",
        count=len(found.rows) if phrase.filter.text else caller.run(tickets.counted, phrase.filter),
        results=[words.ticket(row) for row in found.rows],
    )  # fmt: skip


# Not in the documentation: what that describes works.
@family.op("POST", "assistant/categorize", Permission.TICKET_READ, "Guess a category", include_in_schema=False)
def assistant_categorize(caller: Caller) -> JSONResponse:
    """Not yet."""
    return _not_yet("There is no assistant yet that guesses categories. Choose one of GET /api/tickets/categories/.")


@family.op(
    "GET", "assistant/suggestions", Permission.TICKET_READ, "Suggest an answer", selects=False, include_in_schema=False
)
def assistant_suggestions(caller: Caller) -> JSONResponse:
    """Not yet."""
    return _not_yet("There is no assistant yet that suggests answers. See the macros at GET /api/v1/macros.")


def _not_yet(detail: str) -> JSONResponse:
    return errors.problem(501, "Not there yet", detail)
