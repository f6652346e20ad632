"""Mail that is handed over by a provider, mailboxes, and what came into them."""

from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from helpdesk import threads
from helpdesk.api.v1.arranged import body_of
from helpdesk.api.v1.caller import Caller
from helpdesk.api.v1.more import EndpointSwitch, Secret
from helpdesk.api.v1.routing import Need, Router
from helpdesk.api.v1.schemas import Created, Done, Number, Page, page
from helpdesk.domain.people import Actor, system
from helpdesk.domain.permissions import Permission
from helpdesk.domain.webhooks import MOMENT, SIGNATURE
from helpdesk.services import unit_of_work
from helpdesk.services.mail import inbound, mailboxes, polling
from helpdesk.services.mail.inbound import ReceivedRow
from helpdesk.services.mail.mailboxes import MailboxRow, Tested

router = Router("Mail")
_BOX = Permission.MAILBOX_MANAGE
_RAW: dict[str, Any] = {
    "requestBody": {
        "required": True, "content": {"message/rfc822": {"schema": {"type": "string", "format": "binary"}}},
    }
}  # fmt: skip


class Taken(BaseModel):
    """A mail that is kept. Whatever becomes of it is seen in Settings > Received mail."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"id": 17, "is_new": True}]})

    id: int
    is_new: bool = Field(description="False: this Message-ID was here already, and nothing has changed.")


@router.op("POST", "/inbound/mail", Need.NOTHING, "Hand a mail over", status=202, signed=_RAW)
async def take_mail(
    request: Request,
    mailbox: Annotated[str, Query(max_length=254, description="The address of the mailbox it is for.")],
) -> Taken:
    """The body is the mail as it was received (RFC 5322, at most 50 MB). `X-Helpdesk-Timestamp` says when it was signed, in
    seconds since 1970 and at most five minutes ago; `X-Helpdesk-Signature` is `v1=` and the HMAC-SHA256 of
    `<timestamp>.<body>` with the mailbox's secret, in hex. Twice is once."""
    raw = await request.body()
    told = {
        "address": mailbox,
        "moment": request.headers.get(MOMENT, ""),
        "signature": request.headers.get(SIGNATURE, ""),
    }
    desk = system(request.state.caller.actor.organization_id)
    return await threads.hop(_keep, desk, raw, told)


def _keep(desk: Actor, raw: bytes, told: dict[str, str]) -> Taken:
    kept = unit_of_work.run(desk, inbound.keep_signed, raw, **told)
    return Taken(id=kept.id, is_new=kept.is_new)


MailboxIn = body_of(mailboxes.save, "mailbox", {"address": "support@acme.example", "name": "Acme Support"})


@router.op("GET", "/mailboxes", _BOX, "List mailboxes")
def list_mailboxes(caller: Caller) -> Page[MailboxRow]:
    """Never their secrets."""
    return Page(items=caller.run(mailboxes.listing))


@router.op("POST", "/mailboxes", _BOX, "Create a mailbox", status=201)
def create_mailbox(caller: Caller, body: MailboxIn) -> Created:  # type: ignore[valid-type]
    """It is read within a minute."""
    return Created(id=caller.run(mailboxes.save, **body.model_dump()))  # type: ignore[attr-defined]


@router.op("PUT", "/mailboxes/{number}", _BOX, "Change a mailbox")
def change_mailbox(caller: Caller, number: Number, body: MailboxIn) -> Done:  # type: ignore[valid-type]
    """Secrets that are left out stay."""
    caller.run(mailboxes.save, number, **body.model_dump())  # type: ignore[attr-defined]
    return Done()


@router.op("DELETE", "/mailboxes/{number}", _BOX, "Delete a mailbox", status=204, response_class=Response)
def delete_mailbox(caller: Caller, number: Number) -> None:
    """The mail that came through it stays."""
    caller.run(mailboxes.delete, number)


@router.op("POST", "/mailboxes/{number}/switch", _BOX, "Read a mailbox, or let it rest")
def switch_mailbox(caller: Caller, number: Number, body: EndpointSwitch) -> Done:
    """Nothing of it is lost."""
    caller.run(mailboxes.switch, number, is_active=body.is_active)
    return Done()


@router.op("POST", "/mailboxes/{number}/secret", _BOX, "Make a new secret for handing mail over")
def renew_mailbox_secret(caller: Caller, number: Number) -> Secret:
    """The one before is worthless."""
    return Secret(secret=caller.run(mailboxes.renew_secret, number))


@router.op("POST", "/mailboxes/{number}/test", _BOX, "Try a mailbox's connections")
def test_mailbox(caller: Caller, number: Number) -> Tested:
    """Signs in to both servers; reads and sends nothing."""
    return mailboxes.tried(caller.run(mailboxes.connections, number))


@router.op("POST", "/mailboxes/{number}/read", _BOX, "Read a mailbox now")
def read_mailbox(caller: Caller, number: Number) -> Done:
    """Instead of within the minute."""
    caller.run(polling.read_now, number)
    return Done()


@router.op("GET", "/received-mail", _BOX, "List received mail")
def list_received_mail(
    request: Request,
    caller: Caller,
    text: Annotated[str, Query(max_length=100, description="Part of the sender or subject.")] = "",
    state: Annotated[str, Query(max_length=12, description="received, understood, ignored or failed.")] = "",
    before: Number | None = None,
    size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[ReceivedRow]:
    """Newest first."""
    found = caller.run(inbound.listing, text_=text, state=state, before=before, size=size)
    return page(request, found, full=size)


@router.op("GET", "/received-mail/{number}", _BOX, "Read what became of a mail")
def get_received_mail(caller: Caller, number: Number) -> ReceivedRow:
    """With its error or the reason why nothing was done about it."""
    return caller.run(inbound.one, number)


@router.op("POST", "/received-mail/{number}/read-again", _BOX, "Have a mail that failed read again")
def read_mail_again(caller: Caller, number: Number) -> Done:
    """In a moment."""
    caller.run(inbound.read_again, number)
    return Done()


class LetIn(BaseModel):
    """The ticket a mail became, or a part of."""

    reference: str


@router.op("POST", "/received-mail/{number}/let-in", _BOX, "Let in a mail that was ignored")
def let_mail_in(caller: Caller, number: Number) -> LetIn:
    """Whoever sent it."""
    return LetIn(reference=caller.run(inbound.let_in, number))
