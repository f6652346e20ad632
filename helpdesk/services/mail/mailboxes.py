"""Mailboxes: the addresses people write to, how they are read, and how answers leave. Their secrets are sealed and never shown."""

import json
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from helpdesk.adapters import http, imap, vault
from helpdesk.adapters.mail import MailFailed, SmtpMailer, SmtpServer
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.domain.permissions import Permission
from helpdesk.domain.text import clean, one_line
from helpdesk.models import Mailbox
from helpdesk.services import access, arranging, catalog, sign_in
from helpdesk.services.context import Context, anyone, requires, step

MOST = 50
TLS = ("tls", "starttls", "none")
_PURPOSE = "mailbox"
# Somebody looks at the screen meanwhile: who needs longer for an answer is said not to answer.
_TRIED_SECONDS = 8
_KINDS = (ActivityKind.MAILBOX_CREATED, ActivityKind.MAILBOX_CHANGED)
# What stands in a form instead of a secret that is there: sent back, it stays as it is.
KEPT = "••••••••"


@dataclass(frozen=True, slots=True)
class MailboxRow:
    """A mailbox as shown. Of its secrets only whether they are there."""

    id: int = 0
    address: str = ""
    name: str = ""
    team_id: int = 0
    team: str = ""
    category_id: int = 0
    priority_id: int = 0
    signature: str = ""
    allows_strangers: bool = True
    is_active: bool = True
    trusted_server: str = ""
    imap_host: str = ""
    imap_port: int = 993
    imap_tls: str = "tls"
    imap_user: str = ""
    imap_folder: str = "INBOX"
    has_imap_secret: bool = False
    token_address: str = ""
    client_id: str = ""
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_tls: str = "starttls"
    smtp_user: str = ""
    has_smtp_secret: bool = False
    has_hook_secret: bool = False
    succeeded_at: str = ""
    failed_at: str = ""
    failures: int = 0
    last_error: str = ""


@dataclass(frozen=True, slots=True)
class Tested:
    """How trying the connections went: a sentence each; empty for one that is not set up."""

    reading: str = ""
    reading_works: bool = False
    sending: str = ""
    sending_works: bool = False


@dataclass(frozen=True, slots=True)
class Connections:
    """What is needed to try a mailbox outside of any transaction. Holds secrets: never shown, kept or logged."""

    reading: imap.Account | None
    sending: SmtpServer | None


@requires(Permission.MAILBOX_MANAGE)
def listing(ctx: Context) -> list[MailboxRow]:
    """Every mailbox, by address."""
    teams = catalog.current(ctx).team_by_id
    found = ctx.session.exec(select(Mailbox).order_by(Mailbox.address)).all()
    return [_row(one, teams[one.team_id].name if one.team_id in teams else "") for one in found]


@requires(Permission.MAILBOX_MANAGE)
def save(
    ctx: Context,
    mailbox_id: int = 0,
    *,
    address: str,
    name: str = "",
    team_id: int = 0,
    category_id: int = 0,
    priority_id: int = 0,
    signature: str = "",
    allows_strangers: bool = True,
    trusted_server: str = "",
    imap_host: str = "",
    imap_port: int = 993,
    imap_tls: str = "tls",
    imap_user: str = "",
    imap_secret: str = KEPT,
    imap_folder: str = "INBOX",
    token_address: str = "",
    client_id: str = "",
    client_secret: str = KEPT,
    smtp_host: str = "",
    smtp_port: int = 587,
    smtp_tls: str = "starttls",
    smtp_user: str = "",
    smtp_secret: str = KEPT,
) -> int:
    """Add a mailbox, or change the one with this id; returns its id.

    Args:
        name: as whom answers come; the organization's when empty.
        team_id, category_id, priority_id: of tickets that come in here; 0: nothing of its own.
        signature: below answers, Markdown.
        allows_strangers: whether somebody unknown becomes a customer by writing.
        trusted_server: whose Authentication-Results count.
        imap_host: empty for a mailbox that is not read (a provider hands its mail over).
        imap_secret: the password, or with `token_address` the refresh token of OAuth 2; KEPT: as it is.
        smtp_host: empty: the desk's own server sends.

    Raises:
        Invalid: names the fields that cannot be accepted.
        Conflict: another one has the address, or there are too many.
        NotFound: no such mailbox.
    """
    row = access.one(ctx, Mailbox, mailbox_id, what="mailbox") if mailbox_id else None
    facts = _checked(
        ctx, mailbox_id, address=address, name=name, team_id=team_id, category_id=category_id, priority_id=priority_id,
        signature=signature, trusted_server=trusted_server, imap_host=imap_host, imap_port=imap_port, imap_tls=imap_tls,
        imap_user=imap_user, imap_folder=imap_folder, token_address=token_address, client_id=client_id, smtp_host=smtp_host,
        smtp_port=smtp_port, smtp_tls=smtp_tls, smtp_user=smtp_user,
    ) | {"allows_strangers": bool(allows_strangers)}  # fmt: skip
    before = _facts(row) if row is not None else None
    if row is None:
        if ctx.session.exec(select(func.count()).select_from(Mailbox)).one() >= MOST:
            raise Conflict(f"There are {MOST} mailboxes already. Delete one you no longer need.")
        row = Mailbox(**facts, created_at=ctx.now, updated_at=ctx.now)
        ctx.session.add(row)
    else:
        if (facts["imap_host"], facts["imap_user"], facts["imap_folder"]) != (
            row.imap_host,
            row.imap_user,
            row.imap_folder,
        ):
            row.uid_validity = row.last_uid = 0  # another place: what is known of the old one says nothing
        for field, value in facts.items():
            setattr(row, field, value)
    _seal(row, imap_secret, client_secret, smtp_secret)
    row.failures, row.last_error, row.next_poll_at, row.updated_at = 0, "", ctx.now, ctx.now
    ctx.session.flush()
    arranging.wrote(ctx, _KINDS, row.id, row.address, before, _facts(row))
    _nudge(ctx)
    return row.id


@requires(Permission.MAILBOX_MANAGE)
def switch(ctx: Context, mailbox_id: int, *, is_active: bool) -> None:
    """Read a mailbox, or no longer. Twice is once.

    Raises:
        NotFound: no such mailbox.
    """
    row = access.one(ctx, Mailbox, mailbox_id, what="mailbox")
    before = _facts(row)
    row.is_active = is_active
    if is_active:
        row.failures, row.last_error, row.next_poll_at = 0, "", ctx.now
    ctx.session.flush()
    arranging.wrote(ctx, _KINDS, row.id, row.address, before, _facts(row))
    _nudge(ctx)


@requires(Permission.MAILBOX_MANAGE)
def delete(ctx: Context, mailbox_id: int) -> None:
    """Remove a mailbox. The mail that came through it stays, and so do its tickets.

    Raises:
        NotFound: no such mailbox.
    """
    row = access.one(ctx, Mailbox, mailbox_id, what="mailbox")
    before, address = _facts(row), row.address
    ctx.session.delete(row)
    ctx.session.flush()
    arranging.deleted(ctx, ActivityKind.MAILBOX_DELETED, mailbox_id, address, before)
    _nudge(ctx)


@requires(Permission.MAILBOX_MANAGE)
def renew_secret(ctx: Context, mailbox_id: int) -> str:
    """Make a new secret for handing mail over; returns it, this once. The old one is worth nothing from now on.

    Raises:
        NotFound: no such mailbox.
    """
    row = access.one(ctx, Mailbox, mailbox_id, what="mailbox")
    secret = f"mailsec_{secrets.token_urlsafe(32)}"
    row.sealed_hook_secret, row.updated_at = vault.seal(_PURPOSE, secret.encode()), ctx.now
    ctx.record(ActivityKind.MAILBOX_SECRET_RENEWED, subject_id=row.id, name=row.address)
    return secret


@requires(Permission.MAILBOX_MANAGE)
def connections(ctx: Context, mailbox_id: int) -> Connections:
    """What it takes to try a mailbox: see `tried`.

    Raises:
        NotFound: no such mailbox.
    """
    row = access.one(ctx, Mailbox, mailbox_id, what="mailbox")
    return Connections(account(row) if row.imap_host else None, server(row))


@anyone
def tried(found: Connections) -> Tested:
    """Try reading and sending at once, in no transaction: another house may take its time. Reads and sends nothing."""
    with ThreadPoolExecutor(2) as both:
        reading, sending = both.submit(_read, found.reading), both.submit(_sent, found.sending)
        return Tested(*reading.result(), *sending.result())


def _read(account: imap.Account | None) -> tuple[str, bool]:
    if account is None:
        return "", False
    try:
        with imap.opened(account, timeout=_TRIED_SECONDS) as folder:
            return f"Reading works: {folder.messages} mails in “{account.folder}”.", True
    except imap.ImapFailed as error:
        return str(error), False


def _sent(server: SmtpServer | None) -> tuple[str, bool]:
    if server is None:
        return "", False
    try:
        SmtpMailer(server, timeout=_TRIED_SECONDS).check()
    except MailFailed as error:
        return str(error), False
    return "Sending works.", True


@step
def account(row: Mailbox) -> imap.Account:
    """How a mailbox is read. A secret that cannot be unsealed is none."""
    secret, client_secret = _unsealed(row.sealed_imap_secret), ""
    if row.token_address and secret.startswith("{"):
        found = json.loads(secret)
        secret, client_secret = str(found.get("refresh_token", "")), str(found.get("client_secret", ""))
    return imap.Account(
        row.imap_host, row.imap_port, row.imap_tls, row.imap_user or row.address, secret, row.imap_folder, row.token_address,
        row.client_id, client_secret,
    )  # fmt: skip


@step
def server(row: Mailbox) -> SmtpServer | None:
    """How answers leave, if not by the desk's own server."""
    if not row.smtp_host:
        return None
    user = row.smtp_user
    return SmtpServer(
        row.smtp_host, row.smtp_port, row.smtp_tls, user, _unsealed(row.sealed_smtp_secret), is_typed=True
    )


@step
def hook_secret(row: Mailbox) -> str:
    """What a provider signs with; nothing when none was made."""
    return _unsealed(row.sealed_hook_secret)


@step
def by_address(ctx: Context, address: str) -> Mailbox | None:
    """The mailbox with an address."""
    return ctx.session.exec(select(Mailbox).where(Mailbox.address == one_line(address).lower()[:254])).first()


@step
def leaving(ctx: Context, mailbox_id: int | None) -> Mailbox | None:
    """The mailbox a mail about a ticket leaves from: the one it came through, else the oldest one in use."""
    found = ctx.session.get(Mailbox, mailbox_id) if mailbox_id else None
    if found is not None and found.is_active:
        return found
    return ctx.session.exec(select(Mailbox).where(col(Mailbox.is_active)).order_by(col(Mailbox.id)).limit(1)).first()


def _checked(ctx: Context, mailbox_id: int, **given: Any) -> dict[str, Any]:
    known = catalog.current(ctx)
    problems: dict[str, str] = {}
    facts: dict[str, Any] = {
        name: one_line(value) if isinstance(value, str) else value for name, value in given.items()
    }
    facts["signature"] = clean(given["signature"])
    try:
        facts["address"] = sign_in.checked_email(given["address"])
    except Invalid:
        problems["address"] = "Give the address people write to, such as support@acme.example."
    if "+" in str(facts["address"]):
        problems["address"] = "Leave out what comes after the plus sign: the desk uses that place itself."
    for name, most in (("name", 120), ("signature", 2000), ("trusted_server", 200), ("imap_user", 254), ("imap_folder", 200), ("client_id", 300), ("smtp_user", 254), ("imap_host", 200), ("smtp_host", 200)):  # fmt: skip
        if len(facts[name]) > most:
            problems[name] = f"Use at most {most} characters."
    for name, rows in (
        ("team_id", known.team_by_id),
        ("category_id", known.category_by_id),
        ("priority_id", known.priority_by_id),
    ):
        facts[name] = facts[name] or None
        if facts[name] is not None and facts[name] not in rows:
            problems[name] = "Choose one of the list."
    for name in ("imap_port", "smtp_port"):
        if not isinstance(facts[name], int) or not 0 < facts[name] < 65536:
            problems[name] = "A port is a number from 1 to 65535."
    for name in ("imap_tls", "smtp_tls"):
        if facts[name] not in TLS:
            problems[name] = "Choose how the connection is encrypted."
    for name in ("imap_host", "smtp_host"):
        if any(one in facts[name] for one in " /:@"):
            problems[name] = "Give the server's name alone, such as mail.acme.example."
    facts["imap_folder"] = facts["imap_folder"] or "INBOX"
    if facts["token_address"] and (why := http.problem(facts["token_address"])):
        problems["token_address"] = why
    if problems:
        raise Invalid(**problems)
    twin = select(Mailbox.id).where(Mailbox.address == facts["address"], col(Mailbox.id) != mailbox_id)
    if ctx.session.exec(twin).first():
        raise Conflict(f"There is a mailbox {facts['address']} already.")
    return facts


def _seal(row: Mailbox, imap_secret: str, client_secret: str, smtp_secret: str) -> None:
    known = account(row)
    if row.token_address:
        both = {
            "refresh_token": known.secret if imap_secret == KEPT else imap_secret,
            "client_secret": known.client_secret if client_secret == KEPT else client_secret,
        }
        row.sealed_imap_secret = vault.seal(_PURPOSE, json.dumps(both).encode())
    elif imap_secret != KEPT:
        row.sealed_imap_secret = vault.seal(_PURPOSE, imap_secret.encode()) if imap_secret else ""
    if smtp_secret != KEPT:
        row.sealed_smtp_secret = vault.seal(_PURPOSE, smtp_secret.encode()) if smtp_secret else ""


def _unsealed(sealed: str) -> str:
    try:
        return vault.unseal(_PURPOSE, sealed).decode() if sealed else ""
    except vault.Unreadable:
        return ""


def _facts(row: Mailbox) -> dict[str, Any]:
    return arranging.facts(
        row, "address", "name", "team_id", "category_id", "priority_id", "signature", "allows_strangers", "is_active",
        "trusted_server", "imap_host", "imap_port", "imap_tls", "imap_user", "imap_folder", "smtp_host", "smtp_port",
        "smtp_tls", "smtp_user",
    )  # fmt: skip


def _row(row: Mailbox, team: str) -> MailboxRow:
    return MailboxRow(
        id=row.id, address=row.address, name=row.name, team_id=row.team_id or 0, team=team, category_id=row.category_id or 0,
        priority_id=row.priority_id or 0, signature=row.signature, allows_strangers=row.allows_strangers, is_active=row.is_active,
        trusted_server=row.trusted_server, imap_host=row.imap_host, imap_port=row.imap_port, imap_tls=row.imap_tls,
        imap_user=row.imap_user, imap_folder=row.imap_folder, has_imap_secret=bool(row.sealed_imap_secret),
        token_address=row.token_address, client_id=row.client_id, smtp_host=row.smtp_host, smtp_port=row.smtp_port,
        smtp_tls=row.smtp_tls, smtp_user=row.smtp_user, has_smtp_secret=bool(row.sealed_smtp_secret),
        has_hook_secret=bool(row.sealed_hook_secret),
        succeeded_at=row.succeeded_at.isoformat() if row.succeeded_at else "",
        failed_at=row.failed_at.isoformat() if row.failed_at else "", failures=row.failures, last_error=row.last_error,
    )  # fmt: skip


def _nudge(ctx: Context) -> None:
    ctx.topics.add(f"org-{ctx.organization_id}-mailboxes")
