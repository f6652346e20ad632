"""The knowledge base, webhooks out, and the houses we talk to."""

from typing import Annotated

from fastapi import Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from helpdesk.api.v1.arranged import body_of, found_among
from helpdesk.api.v1.caller import Caller
from helpdesk.api.v1.routing import Need, Router
from helpdesk.api.v1.schemas import Created, Done, Input, Number, Page, page
from helpdesk.domain.permissions import Permission
from helpdesk.services import integrations, knowledge, webhooks
from helpdesk.services.integrations import IntegrationRow, ToldRow
from helpdesk.services.knowledge import ArticleRow, Suggestion, Topic
from helpdesk.services.webhooks import EndpointRow

articles = Router("Knowledge base")
hooks = Router("Webhooks")
houses = Router("Integrations")

_WRITE, _HOOK = Permission.ARTICLE_WRITE, Permission.WEBHOOK_MANAGE


@articles.op("GET", "/help", Need.SIGNED_IN, "List the help pages")
def list_help(caller: Caller) -> Page[Topic]:
    """What is published, by category."""
    return Page(items=list(caller.run(knowledge.topics)))


@articles.op("GET", "/help/search", Need.SIGNED_IN, "Search the help pages")
def search_help(caller: Caller, words: Annotated[str, Query(max_length=200)]) -> Page[Suggestion]:
    """The best first."""
    return Page(items=caller.run(knowledge.find, words))


@articles.op("GET", "/help/{slug}", Need.SIGNED_IN, "Read a help page")
def read_help(caller: Caller, slug: str) -> ArticleRow:
    """As its readers see it."""
    return caller.run(knowledge.article, slug)


@articles.op("GET", "/articles", _WRITE, "List articles")
def list_articles(
    request: Request, caller: Caller, words: Annotated[str, Query(max_length=200)] = "",
    state: Annotated[str, Query(max_length=20)] = "", category_id: Number | None = None, before: Number | None = None,
    size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[ArticleRow]:  # fmt: skip
    """Drafts and archived ones, too; without their texts."""
    found = caller.run(knowledge.listing, words=words, state=state, category_id=category_id, before=before, size=size)
    return page(request, found, full=size)


@articles.op("GET", "/articles/{number}", _WRITE, "Read an article as it is written")
def get_article(caller: Caller, number: Number) -> ArticleRow:
    """With its Markdown."""
    return caller.run(knowledge.written, number)


ArticleIn = body_of(
    knowledge.save, "article", {"title": "When a lock does not open", "body": "Turn the key **twice**."}
)


@articles.op("POST", "/articles", _WRITE, "Write an article", status=201)
def create_article(caller: Caller, body: ArticleIn) -> Created:  # type: ignore[valid-type]
    """A draft."""
    return Created(id=caller.run(knowledge.save, **body.model_dump()))  # type: ignore[attr-defined]


@articles.op("PUT", "/articles/{number}", _WRITE, "Change an article")
def change_article(caller: Caller, number: Number, body: ArticleIn) -> Done:  # type: ignore[valid-type]
    """What is published changes at once."""
    caller.run(knowledge.save, number, **body.model_dump())  # type: ignore[attr-defined]
    return Done()


@articles.op("POST", "/articles/{number}/publish", _WRITE, "Publish an article")
def publish_article(caller: Caller, number: Number) -> Done:
    """Customers read it."""
    caller.run(knowledge.publish, number)
    return Done()


@articles.op("POST", "/articles/{number}/archive", _WRITE, "Archive an article")
def archive_article(caller: Caller, number: Number) -> Done:
    """Customers read it no more."""
    caller.run(knowledge.archive, number)
    return Done()


@articles.op("POST", "/articles/{number}/withdraw", _WRITE, "Make an article a draft again")
def withdraw_article(caller: Caller, number: Number) -> Done:
    """Customers read it no more, until it is published again."""
    caller.run(knowledge.withdraw, number)
    return Done()


class EndpointIn(Input):
    """Who is told what."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "Building", "address": "https://hooks.example.com/desk", "kinds": ["ticket.created"]}]
        }
    )

    name: str = Field(max_length=80)
    address: str = Field(max_length=2000)
    kinds: list[Annotated[str, Field(max_length=60)]] = Field(
        [], max_length=100, description="Kinds of activities; none: all."
    )


class EndpointSwitch(Input):
    """Whether it is told."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"is_active": False}]})

    is_active: bool


class EndpointMade(BaseModel):
    """An endpoint just made. The secret its calls are signed with is shown once."""

    id: int
    secret: str


class Secret(BaseModel):
    """What calls are signed with, shown once."""

    secret: str


class CallOut(BaseModel):
    """A call to an endpoint."""

    id: int
    kind: str
    what: str
    reference: str
    state: str
    attempts: int
    status_code: int
    answer: str
    created_at: str
    next_at: str


@hooks.op("GET", "/webhooks", _HOOK, "List endpoints")
def list_webhooks(caller: Caller) -> Page[EndpointRow]:
    """Never their secrets."""
    return Page(items=caller.run(webhooks.listing))


@hooks.op("POST", "/webhooks", _HOOK, "Create an endpoint", status=201)
def create_webhook(caller: Caller, body: EndpointIn) -> EndpointMade:
    """It is called for each activity of its kinds."""
    number, secret = caller.run(webhooks.create, **body.model_dump())
    return EndpointMade(id=number, secret=secret)


@hooks.op("GET", "/webhooks/{number}", _HOOK, "Read an endpoint")
def get_webhook(caller: Caller, number: Number) -> EndpointRow:
    """Never its secret."""
    found: EndpointRow = found_among(caller.run(webhooks.listing), number, "endpoint")
    return found


@hooks.op("PUT", "/webhooks/{number}", _HOOK, "Change an endpoint")
def change_webhook(caller: Caller, number: Number, body: EndpointIn) -> Done:
    """The secret stays."""
    caller.run(webhooks.change, number, **body.model_dump())
    return Done()


@hooks.op("POST", "/webhooks/{number}/switch", _HOOK, "Call an endpoint, or let it rest")
def switch_webhook(caller: Caller, number: Number, body: EndpointSwitch) -> Done:
    """Nothing of it is lost."""
    caller.run(webhooks.switch, number, is_active=body.is_active)
    return Done()


@hooks.op("POST", "/webhooks/{number}/secret", _HOOK, "Make a new secret")
def renew_webhook_secret(caller: Caller, number: Number) -> Secret:
    """The one before is worthless."""
    return Secret(secret=caller.run(webhooks.renew_secret, number))


@hooks.op("POST", "/webhooks/{number}/test", _HOOK, "Send a test")
def test_webhook(caller: Caller, number: Number) -> Done:
    """Its outcome is among the calls."""
    caller.run(webhooks.send_test, number)
    return Done()


@hooks.op("DELETE", "/webhooks/{number}", _HOOK, "Delete an endpoint", status=204, response_class=Response)
def delete_webhook(caller: Caller, number: Number) -> None:
    """And what is left of its calls."""
    caller.run(webhooks.delete, number)


@hooks.op("GET", "/webhooks/{number}/calls", _HOOK, "List an endpoint's calls")
def list_webhook_calls(
    request: Request,
    caller: Caller,
    number: Number,
    before: Number | None = None,
    size: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Page[CallOut]:
    """Newest first."""
    found_among(caller.run(webhooks.listing), number, "endpoint")
    found = caller.run(webhooks.deliveries, number, before=before or 0, size=size)
    calls = [CallOut(**{name: getattr(one, name) for name in CallOut.model_fields}) for one in found]
    return page(request, calls, full=size)


@hooks.op("POST", "/webhook-calls/{number}/redeliver", _HOOK, "Make a call again")
def redeliver_webhook(caller: Caller, number: Number) -> Done:
    """In a moment."""
    caller.run(webhooks.redeliver, number)
    return Done()


class IntegrationIn(Input):
    """How a system is reached, and what it is told."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "Support channel", "secret": "https://hooks.slack.example/T1/B1/x", "kinds": ["ticket.escalated"]}
            ]
        }
    )  # fmt: skip

    name: str = Field(max_length=80)
    secret: str = Field("", max_length=2000, description="A webhook's address, an integration key, an API token.")
    kinds: list[Annotated[str, Field(max_length=60)]] = Field(max_length=100)
    address: str = Field("", max_length=500)
    account: str = Field("", max_length=254)
    project: str = Field("", max_length=20)
    issue_type: str = Field("Task", max_length=60)
    team_ids: list[Number] = Field([], max_length=100)
    least_rank: int = Field(1, ge=1, le=4)


class IntegrationNew(IntegrationIn):
    """The same, with the system."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"system": "slack", "name": "Support channel", "secret": "https://hooks.slack.example/T1/B1/x", "kinds": ["ticket.escalated"]}
            ]
        }
    )  # fmt: skip

    system: str = Field(max_length=12, description="slack, teams, pagerduty or jira.")


@houses.op("GET", "/integrations", _HOOK, "List integrations")
def list_integrations(caller: Caller) -> Page[IntegrationRow]:
    """Never their secrets."""
    return Page(items=caller.run(integrations.listing))


@houses.op("POST", "/integrations", _HOOK, "Create an integration", status=201)
def create_integration(caller: Caller, body: IntegrationNew) -> Created:
    """It is told each activity of its kinds."""
    return Created(id=caller.run(integrations.create, **body.model_dump()))


@houses.op("PUT", "/integrations/{number}", _HOOK, "Change an integration")
def change_integration(caller: Caller, number: Number, body: IntegrationIn) -> Done:
    """Without a secret the one there is stays."""
    caller.run(integrations.change, number, **body.model_dump())
    return Done()


@houses.op("POST", "/integrations/{number}/switch", _HOOK, "Tell an integration, or let it rest")
def switch_integration(caller: Caller, number: Number, body: EndpointSwitch) -> Done:
    """Nothing of it is lost."""
    caller.run(integrations.switch, number, is_active=body.is_active)
    return Done()


@houses.op("POST", "/integrations/{number}/test", _HOOK, "Send an integration a test")
def test_integration(caller: Caller, number: Number) -> Done:
    """Its outcome is in the log."""
    caller.run(integrations.send_test, number)
    return Done()


@houses.op("DELETE", "/integrations/{number}", _HOOK, "Delete an integration", status=204, response_class=Response)
def delete_integration(caller: Caller, number: Number) -> None:
    """And its log."""
    caller.run(integrations.delete, number)


@houses.op("GET", "/integrations/{number}/log", _HOOK, "List what an integration was told")
def list_integration_log(
    request: Request,
    caller: Caller,
    number: Number,
    before: Number | None = None,
    size: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Page[ToldRow]:
    """Newest first."""
    found_among(caller.run(integrations.listing), number, "integration")
    return page(request, caller.run(integrations.deliveries, number, before=before or 0, size=size), full=size)


@houses.op("POST", "/integration-log/{number}/retry", _HOOK, "Tell an integration something again")
def retry_integration(caller: Caller, number: Number) -> Done:
    """In a moment."""
    caller.run(integrations.tell_again, number)
    return Done()
