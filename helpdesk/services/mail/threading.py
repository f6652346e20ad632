"""Which ticket a mail belongs to: by the mails it refers to, by the stamp in the address it was sent to, by the reference in
its subject. Each is believed as far as it proves something.

- In-Reply-To and References name mails by ids that nobody guesses: who knows one has had that mail.
- The stamp is signed by us and names the ticket and whom the address was made for.
- A subject can be written by anybody: it counts only for somebody who takes part in that ticket already.
"""

from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import col, select

from helpdesk.adapters import signing
from helpdesk.domain import mail_threads
from helpdesk.domain.inbound_mail import InboundMail as Mail
from helpdesk.models import Comment, Delivery, InboundMail, Person, Ticket, Watcher
from helpdesk.services.context import Context, step
from helpdesk.services.tickets import merging

_PURPOSE = "reply-address"
_MOST_REFERENCES = 40
_LONGEST_CHAIN = 20
# What an answer to a mail of ours becomes, as the stamp says it: an answer for everybody, or a note.
PUBLIC, INTERNAL = 0, 1


@dataclass(frozen=True, slots=True)
class Thread:
    """Where a mail belongs.

    Args:
        ticket: locked; nothing: it begins something new.
        person_id: for whom the stamped address was made, if the mail came to one.
        becomes: PUBLIC or INTERNAL, as the stamp says.
    """

    ticket: Ticket | None = None
    person_id: int | None = None
    becomes: int = PUBLIC


@step
def reply_address(ctx: Context, address: str, ticket: Ticket, person_id: int | None, becomes: int = PUBLIC) -> str:
    """Where answers of somebody to a mail about a ticket go."""
    stamp = signing.stamp(_PURPOSE, ctx.organization_id, ticket.id, person_id or 0, becomes)
    return mail_threads.stamped(address, stamp)


@step
def find(ctx: Context, mail: Mail, sender: Person | None) -> Thread:
    """The thread of a mail; its ticket is locked, and a merged one is the one it goes on as."""
    stamp = _stamp(ctx, mail)
    ticket_id = _by_headers(ctx, mail) or (stamp[0] if stamp else None) or _by_subject(ctx, mail, sender)
    ticket = _locked(ctx, ticket_id) if ticket_id else None
    if ticket is None:
        return Thread()
    # The stamp speaks for its own ticket, and for the one that ticket goes on as; not for another the headers name.
    is_about_it = stamp is not None and (stamp[0] == ticket_id or stamp[0] == ticket.id)
    return Thread(ticket, stamp[1] or None, stamp[2]) if stamp and is_about_it else Thread(ticket)


@step
def takes_part(ctx: Context, ticket: Ticket, person: Person) -> bool:
    """Whether somebody has to do with a ticket already: it is theirs, they watch it, or they have written on it."""
    if person.id == ticket.requester_id or person.id in merging.requesters_of(ctx, ticket):
        return True
    watches = select(Watcher.person_id).where(Watcher.ticket_id == ticket.id, Watcher.person_id == person.id)
    wrote = select(Comment.author_id).where(Comment.ticket_id == ticket.id, Comment.author_id == person.id)
    return ctx.session.execute(watches.union_all(wrote).limit(1)).first() is not None


@step
def is_own(ctx: Context, message_id: str) -> bool:
    """Whether a mail is one of ours that came back."""
    query = select(Delivery.id).where(Delivery.message_id == f"<{message_id}>").limit(1)
    return ctx.session.exec(query).first() is not None


def _by_headers(ctx: Context, mail: Mail) -> int | None:
    ids = list(dict.fromkeys([mail.in_reply_to, *reversed(mail.references)]))[:_MOST_REFERENCES]
    ids = [one for one in ids if one and one != mail.message_id]
    if not ids:
        return None
    bracketed = [f"<{one}>" for one in ids]
    sent = select(func.btrim(Delivery.message_id, "<>"), Delivery.ticket_id).where(
        col(Delivery.message_id).in_(bracketed), col(Delivery.ticket_id).is_not(None)
    )
    came = select(InboundMail.message_id, InboundMail.ticket_id).where(
        col(InboundMail.message_id).in_(ids), col(InboundMail.ticket_id).is_not(None)
    )
    known = dict(ctx.session.execute(sent.union_all(came)).all())
    return next((known[one] for one in ids if one in known), None)


def _stamp(ctx: Context, mail: Mail) -> tuple[int, int, int] | None:
    for one in (*mail.to, *mail.cc, *mail.delivered_to):
        _, stamp = mail_threads.unstamped(one.email)
        found = signing.read_stamp(_PURPOSE, stamp) if stamp else None
        if found and len(found) == 4 and found[0] == ctx.organization_id:
            return found[1], found[2], found[3]
    return None


def _by_subject(ctx: Context, mail: Mail, sender: Person | None) -> int | None:
    reference = mail_threads.reference_in(mail.subject)
    if not reference or sender is None:
        return None
    ticket = ctx.session.exec(select(Ticket).where(Ticket.reference == reference)).first()
    return ticket.id if ticket is not None and takes_part(ctx, ticket, sender) else None


def _locked(ctx: Context, ticket_id: int) -> Ticket | None:
    """The ticket, or the one it goes on as, held until the unit of work ends."""
    seen: set[int] = set()
    while ticket_id not in seen and len(seen) < _LONGEST_CHAIN:
        seen.add(ticket_id)
        query = select(Ticket).where(col(Ticket.id) == ticket_id).with_for_update(of=Ticket)
        ticket = ctx.session.exec(query.execution_options(populate_existing=True)).first()
        if ticket is None or ticket.merged_into_id is None:
            return ticket
        ticket_id = ticket.merged_into_id
    return None
