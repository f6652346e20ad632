"""Slack, Microsoft Teams, PagerDuty and Jira are told what happens, as webhooks are: written down in the LATER lane,
called by a job in no transaction, tried again with growing pauses, switched off after a day of failures.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from helpdesk import settings
from helpdesk.adapters import http, vault
from helpdesk.adapters.http import Answer, Poster
from helpdesk.domain import integrations as rules
from helpdesk.domain import webhooks
from helpdesk.domain.activity import ActivityKind, Happened, sentence
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.domain.integrations import Connection, Message, Request, System
from helpdesk.domain.permissions import Permission
from helpdesk.domain.text import one_line
from helpdesk.domain.tickets import DONE_CATEGORIES
from helpdesk.models import Comment, Integration, IntegrationDelivery, Person, Ticket
from helpdesk.services import access, arranging, calls, catalog, notifications, organizations
from helpdesk.services.calls import Log
from helpdesk.services.context import Context, anyone, requires, step
from helpdesk.services.tickets import conversation

MOST = 20
LOG = Log(
    IntegrationDelivery, Integration, "integration_id", "integration", job="helpdesk.jobs.integrations.deliver",
    topic="integrations",
)  # fmt: skip
_PURPOSE = "integration"
_KINDS = (ActivityKind.INTEGRATION_CREATED, ActivityKind.INTEGRATION_CHANGED)
_EXCERPT = 300
# What a Jira answers that does not know an address: its cloud and one's own server search in different places.
_NO_SUCH_ROAD = (404, 405, 410)
_poster: Poster = http.OverTheNet()


@dataclass(frozen=True, slots=True)
class IntegrationRow:
    """An integration as shown. Its secret is not among it."""

    id: int = 0
    system: str = ""
    name: str = ""
    address: str = ""
    account: str = ""
    project: str = ""
    issue_type: str = "Task"
    kinds: tuple[str, ...] = ()
    team_ids: tuple[int, ...] = ()
    least_rank: int = 1
    is_active: bool = True
    failures: int = 0
    problem: str = ""
    delivered: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class ToldRow:
    """Something another house was told, as shown."""

    id: int
    kind: str
    what: str
    reference: str
    issue: str
    state: str
    attempts: int
    status_code: int
    answer: str
    created_at: str
    next_at: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call that is ready to be made; without a request it says why not.

    Args:
        lookups: what to ask first, for an earlier try may have made the issue although its answer was lost.
        reference: the ticket the issue would be about.
    """

    id: int
    request: Request | None
    problem: str = ""
    lookups: tuple[Request, ...] = ()
    reference: str = ""


@requires(Permission.WEBHOOK_MANAGE)
def listing(ctx: Context) -> list[IntegrationRow]:
    """Every integration by name, with how it did in the last seven days."""
    counted = calls.counted(ctx, LOG)
    found = ctx.session.exec(select(Integration).order_by(func.lower(Integration.name))).all()
    return [
        IntegrationRow(
            row.id, row.system, row.name, row.address, row.account, row.project, row.issue_type, tuple(row.kinds),
            tuple(row.team_ids), row.least_rank, row.is_active, row.failures, row.problem,
            *counted.get(row.id, (0, 0)),
        )
        for row in found
    ]  # fmt: skip


@requires(Permission.WEBHOOK_MANAGE)
def create(
    ctx: Context,
    *,
    system: str,
    name: str,
    secret: str,
    kinds: Sequence[str],
    address: str = "",
    account: str = "",
    project: str = "",
    issue_type: str = "Task",
    team_ids: Sequence[int] = (),
    least_rank: int = 1,
) -> int:
    """Connect with another system; returns the integration's id.

    Args:
        system: slack, teams, pagerduty or jira.
        secret: the address of the incoming webhook (Slack, Teams), the integration key (PagerDuty), the API token (Jira).
        kinds: the kinds of activity it is told of.
        address: where Jira is; where PagerDuty's events go, if not to the usual place.
        account: the e-mail address the API token belongs to (Jira).
        project, issue_type: where issues are made (Jira).
        team_ids: only tickets of these teams; none: of all.
        least_rank: only tickets of at least this priority, 1 to 4.

    Raises:
        Invalid: names the fields that cannot be accepted.
        Conflict: another one has the name, or there are too many.
    """
    if system not in tuple(System):
        raise Invalid(system="Choose one of the systems.")
    if ctx.session.exec(select(func.count()).select_from(Integration)).one() >= MOST:
        raise Conflict(f"There are {MOST} integrations already. Delete one you no longer need.")
    if not secret.strip():
        raise Invalid(secret=_WANTED[System(system)])
    wanted = _checked(
        ctx, 0, System(system), name=name, secret=secret, kinds=kinds, address=address, account=account, project=project,
        issue_type=issue_type, team_ids=team_ids, least_rank=least_rank,
    )  # fmt: skip
    row = Integration(system=system, created_at=ctx.now, updated_at=ctx.now, **wanted)
    ctx.session.add(row)
    ctx.session.flush()
    arranging.wrote(ctx, _KINDS, row.id, row.name, None, _facts(row))
    calls.nudge(ctx, LOG)
    return row.id


@requires(Permission.WEBHOOK_MANAGE)
def change(
    ctx: Context,
    integration_id: int,
    *,
    name: str,
    kinds: Sequence[str],
    secret: str = "",
    address: str = "",
    account: str = "",
    project: str = "",
    issue_type: str = "Task",
    team_ids: Sequence[int] = (),
    least_rank: int = 1,
) -> None:
    """Change an integration; without a secret the one there is stays.

    Raises:
        Invalid: names the fields that cannot be accepted.
        Conflict: another one has the name.
        NotFound: no such integration.
    """
    row = _one(ctx, integration_id)
    before, sealed = _facts(row), row.sealed_secret
    wanted = _checked(
        ctx, row.id, System(row.system), name=name, secret=secret, kinds=kinds, address=address, account=account,
        project=project, issue_type=issue_type, team_ids=team_ids, least_rank=least_rank,
    )  # fmt: skip
    if _leads_elsewhere(row, wanted) and not secret.strip():
        # Who may type an address must not have the secret of somebody else sent to it.
        raise Invalid(secret="Enter the secret again: the address or account is another one.")  # noqa: S106 - a sentence
    for field, value in wanted.items():
        setattr(row, field, value)
    _wrote(ctx, row, before, has_new_secret=row.sealed_secret != sealed)


@requires(Permission.WEBHOOK_MANAGE)
def switch(ctx: Context, integration_id: int, *, is_active: bool) -> None:
    """Tell a system, or no longer. Switching it on forgets its failures. Twice is once.

    Raises:
        NotFound: no such integration.
    """
    row = _one(ctx, integration_id)
    before = _facts(row)
    calls.switch(row, is_active=is_active)
    _wrote(ctx, row, before)


@requires(Permission.WEBHOOK_MANAGE)
def delete(ctx: Context, integration_id: int) -> None:
    """Remove an integration and the log of what it was told.

    Raises:
        NotFound: no such integration.
    """
    row = _one(ctx, integration_id)
    before, name = _facts(row), row.name
    ctx.session.delete(row)
    ctx.session.flush()
    arranging.deleted(ctx, ActivityKind.INTEGRATION_DELETED, integration_id, name, before)
    calls.nudge(ctx, LOG)


@requires(Permission.WEBHOOK_MANAGE)
def send_test(ctx: Context, integration_id: int) -> None:
    """Tell a system now that this works. Also while it is switched off. In Jira this makes an issue.

    Raises:
        NotFound: no such integration.
    """
    row = _one(ctx, integration_id)
    organization = catalog.current(ctx).organization
    said = Message(
        rules.TEST, "sent a test: it works", ctx.actor.name, organization.name, f"{organization.slug}-test-{row.id}",
        url=settings.get().organization_url(organization.slug), priority_rank=1,
    )  # fmt: skip
    ctx.session.add(_delivery(ctx, row.id, rules.TEST, said))
    ctx.record(ActivityKind.INTEGRATION_TESTED, subject_id=row.id, name=row.name)
    calls.set_off(ctx, LOG)


@requires(Permission.WEBHOOK_MANAGE)
def deliveries(ctx: Context, integration_id: int, *, before: int = 0, size: int = calls.SHOWN) -> list[ToldRow]:
    """What a system was told, newest first; one more than a page, if there is more.

    Args:
        before: older than this one (keyset).
    """
    return [_row(one, reference) for one, reference in calls.page(ctx, LOG, integration_id, before=before, size=size)]


@requires(Permission.WEBHOOK_MANAGE)
def tell_again(ctx: Context, delivery_id: int) -> None:
    """Tell something once more that was not taken.

    Raises:
        NotFound: no such thing.
        Conflict: it was taken or waits already, or its integration is switched off.
    """
    row = access.one(ctx, IntegrationDelivery, delivery_id, what="message")
    integration = _one(ctx, row.integration_id)
    if row.state == calls.DELIVERED:
        raise Conflict("This was taken already.")
    calls.repeat(ctx, LOG, row, integration)
    ctx.record(ActivityKind.INTEGRATION_RETRIED, subject_id=integration.id, name=integration.name, delivery=row.id)


# --- What happened becomes messages -------------------------------------------------------------------------------------


@step
def hears(ctx: Context, kind: str) -> bool:
    """Whether any system is told of this kind of activity. Costs nothing: they are in the cached catalog."""
    return kind in catalog.current(ctx).integrated_kinds


@step
def listen(ctx: Context, happened: Happened) -> None:
    """Write down whom an activity is told, each once."""
    cards = [one for one in catalog.current(ctx).integrations if happened.kind in one.hears]
    ticket = ctx.session.get(Ticket, happened.ticket_id) if cards and happened.ticket_id else None
    if ticket is None:
        return
    is_over = (
        happened.kind == ActivityKind.TICKET_STATUS_CHANGED and happened.data.get("after_category") in DONE_CATEGORIES
    )
    cards = [one for one in cards if _concerns(one, ticket, happened, is_over=is_over)]
    told = _told_before(ctx, ticket, [one.id for one in cards]) if cards else set()
    said = _message(ctx, ticket, happened) if cards else None
    rows = [
        _delivery(
            ctx, one.id, happened.kind, said, ticket_id=ticket.id, activity_id=happened.id,
            is_over=is_over and one.system == System.PAGERDUTY,
        ).model_dump(exclude={"id", "organization_id"})
        for one in cards
        # An incident is over only if there was one.
        if said and (one.system != System.PAGERDUTY or not is_over or one.id in told)
    ]  # fmt: skip
    if rows:
        ctx.session.execute(insert(IntegrationDelivery).values(rows).on_conflict_do_nothing())
        calls.set_off(ctx, LOG)


def _concerns(card: catalog.IntegrationCard, ticket: Ticket, happened: Happened, *, is_over: bool) -> bool:
    if card.system == System.PAGERDUTY and is_over:
        return True
    is_asked_for = happened.kind in card.kinds and ticket.priority_rank >= card.least_rank
    return is_asked_for and (not card.team_ids or ticket.team_id in card.team_ids)


def _told_before(ctx: Context, ticket: Ticket, integration_ids: Sequence[int]) -> set[int]:
    query = select(IntegrationDelivery.integration_id).where(
        col(IntegrationDelivery.integration_id).in_(integration_ids), IntegrationDelivery.ticket_id == ticket.id
    )
    return set(ctx.session.exec(query.distinct()).all())


def _message(ctx: Context, ticket: Ticket, happened: Happened) -> Message:
    known = catalog.current(ctx)
    people = ctx.session.exec(select(Person).where(col(Person.id).in_((ticket.requester_id, ticket.assignee_id)))).all()
    names = {person.id: person.name for person in people}
    comment = ctx.session.get(Comment, happened.data["comment_id"]) if happened.data.get("comment_id") else None
    # A note stays inside: that there is one is all another house learns.
    words = comment.body if comment is not None and happened.kind == ActivityKind.TICKET_REPLIED else ""
    priority, team = known.priority_by_id[ticket.priority_id], known.team_by_id.get(ticket.team_id or 0)
    organization = known.organization
    return Message(
        str(happened.kind), sentence(happened.kind, happened.data), happened.actor_name, organization.name,
        f"{organization.slug}-{ticket.reference}", ticket.reference, ticket.title,
        f"{settings.get().organization_url(organization.slug)}/agent?ticket={ticket.reference}", priority.label,
        ticket.priority_rank, team.name if team else "", names.get(ticket.requester_id, ""),
        names.get(ticket.assignee_id or 0, ""), one_line(words)[:_EXCERPT],
    )  # fmt: skip


# --- Calls are made -----------------------------------------------------------------------------------------------------


@anyone
def organizations_due() -> list[int]:
    """Organizations with something to tell now, asked as the owner."""
    return calls.organizations_due(LOG)


@step
def claim(ctx: Context) -> list[Call]:
    """Take the next due calls upon oneself; nobody else makes them meanwhile. What an integration that is off should
    have heard has failed."""
    due = calls.due(ctx, LOG)
    issues = _issues(ctx, [one for one, to in due if to.system == System.JIRA])
    claimed: set[tuple[int, int | None]] = set()
    ready = []
    for one, to in due:
        place = (to.id, one.ticket_id)
        if to.system == System.JIRA and one.ticket_id and place in claimed and place not in issues:
            continue  # the issue is about to be made; this becomes a comment on it, next time
        claimed.add(place)
        calls.take(ctx, one)
        ready.append(_ready(one, to, issues.get(place, "")))
    return ready


@anyone
def call(ready: Call) -> Answer:
    """Make a call, in no transaction."""
    if ready.request is None:
        return Answer(0, ready.problem)
    if ready.lookups and (known := _known(ready)) is not None:
        return known
    return _poster.post(ready.request.address, ready.request.body, ready.request.headers)


def _known(ready: Call) -> Answer | None:
    """The issue an earlier try has made; nothing when there is none. Who cannot be asked is not told to make another one."""
    for asked in ready.lookups:
        answer = _poster.post(asked.address, asked.body, asked.headers)
        if answer.status in _NO_SUCH_ROAD:
            continue
        if not answer.is_good:
            return Answer(answer.status, f"It could not be asked whether the issue is there already: {answer.text}")
        key = rules.found_issue(answer.text, ready.reference)
        return Answer(answer.status, f'{{"key": "{key}"}}') if key else None
    return Answer(0, "It could not be asked whether the issue is there already.")


@step
def settle(ctx: Context, delivery_id: int, answer: Answer) -> None:
    """Write down how a call went, and with it how the integration does; an issue it made is linked on the ticket."""
    settled = calls.settle(ctx, LOG, delivery_id, answer)
    if settled is None:
        return
    if settled.is_given_up:
        _give_up(ctx, settled.receiver)
    elif settled.is_good and settled.receiver.system == System.JIRA:
        _link_back(ctx, settled.receiver, settled.delivery, rules.issue_of(answer.text))


@step
def prune(ctx: Context) -> int:
    """Forget a batch of messages older than the log is kept; returns how many. Which issue is whose is remembered."""
    return calls.prune(ctx, LOG, IntegrationDelivery.issue == "")


def _ready(one: IntegrationDelivery, to: Integration, issue: str) -> Call:
    try:
        secret = vault.unseal(_PURPOSE, to.sealed_secret).decode()
    except vault.Unreadable:
        return Call(one.id, None, "Its secret was sealed with another SECRET_KEY. Enter it again.")
    connection = Connection(System(to.system), to.address, to.account, to.project, to.issue_type, secret)
    said = Message(**one.message | {"issue": issue})
    may_be_there = to.system == System.JIRA and one.attempts > 1 and not issue and bool(said.reference)
    lookups = rules.lookups(connection, said) if may_be_there else ()
    return Call(one.id, rules.request(connection, said), lookups=lookups, reference=said.reference)


def _issues(ctx: Context, told: Sequence[IntegrationDelivery]) -> dict[tuple[int, int | None], str]:
    """(integration, ticket) -> the issue made for it."""
    if not told:
        return {}
    query = select(IntegrationDelivery.integration_id, IntegrationDelivery.ticket_id, IntegrationDelivery.issue).where(
        col(IntegrationDelivery.integration_id).in_({one.integration_id for one in told}),
        col(IntegrationDelivery.ticket_id).in_({one.ticket_id for one in told}),
        IntegrationDelivery.issue != "",
    )
    return {(integration_id, ticket_id): issue for integration_id, ticket_id, issue in ctx.session.exec(query).all()}


def _link_back(ctx: Context, integration: Integration, row: IntegrationDelivery, issue: str) -> None:
    ticket = ctx.session.get(Ticket, row.ticket_id) if row.ticket_id and issue else None
    if ticket is None or _issues(ctx, [row]):
        return  # a test, or a comment on an issue that is linked already
    row.issue = issue
    url = f"{integration.address.rstrip('/')}/browse/{issue}"
    made = ctx.record(
        ActivityKind.TICKET_ISSUE_OPENED, ticket, subject_id=integration.id, issue=issue, url=url, name=integration.name
    )
    with ctx.because(made):
        conversation.note(ctx, ticket.reference, f"Opened [{issue}]({url}) in {integration.name}.")


def _give_up(ctx: Context, integration: Integration) -> None:
    """It is told no more; say so to administrators."""
    organizations.catalog_changed(ctx)
    activity = ctx.record(
        ActivityKind.INTEGRATION_DISABLED, subject_id=integration.id, name=integration.name,
        before={"is_active": True}, after={"is_active": False}, why=integration.problem,
    )  # fmt: skip
    ctx.session.flush()
    notifications.tell_administrators(
        ctx, f"The integration “{integration.name}” is switched off", integration.problem, activity_id=activity.id,
        template="integration_disabled", values={"name": integration.name, "reason": integration.problem},
    )  # fmt: skip


def _delivery(
    ctx: Context,
    integration_id: int,
    kind: str,
    said: Message,
    *,
    ticket_id: int | None = None,
    activity_id: int | None = None,
    is_over: bool = False,
) -> IntegrationDelivery:
    return IntegrationDelivery(
        integration_id=integration_id, kind=str(kind), message=asdict(said) | {"is_over": is_over}, ticket_id=ticket_id,
        activity_id=activity_id, state=calls.PENDING, next_attempt_at=ctx.now, created_at=ctx.now,
    )  # fmt: skip


_WANTED = {
    System.SLACK: "Paste the address of the incoming webhook.",
    System.TEAMS: "Paste the address of the incoming webhook.",
    System.PAGERDUTY: "Paste the integration key.",
    System.JIRA: "Paste an API token.",
}


def _checked(
    ctx: Context,
    integration_id: int,
    system: System,
    *,
    name: str,
    secret: str,
    kinds: Sequence[str],
    address: str,
    account: str,
    project: str,
    issue_type: str,
    team_ids: Sequence[int],
    least_rank: int,
) -> dict[str, Any]:
    secret, address = secret.strip(), address.strip()
    wanted: dict[str, Any] = {
        "name": arranging.checked_name(name, most=80, what="the integration"), "kinds": rules.checked_kinds(kinds),
        "address": "", "account": "", "project": "", "issue_type": "",
    }  # fmt: skip
    if len(secret) > 2000:
        raise Invalid(secret="Use at most 2000 characters.")  # noqa: S106 - a sentence
    if system in (System.SLACK, System.TEAMS):
        if secret and (why := http.problem(secret)):
            raise Invalid(secret=why)
        kept = ctx.session.get(Integration, integration_id) if integration_id and not secret else None
        wanted["address"] = urlsplit(secret).hostname or "" if secret else kept.address if kept else ""
    elif system is System.PAGERDUTY:
        wanted["address"] = _reached(address or rules.PAGERDUTY_ADDRESS)
    else:
        wanted["address"] = _reached(address).rstrip("/")
        wanted["account"] = one_line(account)[:254]
        if "@" not in wanted["account"]:
            raise Invalid(account="Use the e-mail address the API token belongs to.")
        wanted["project"] = rules.checked_project(project)
        wanted["issue_type"] = arranging.checked_name(issue_type, most=60, field="issue_type", what="the kind of issue")
    known = catalog.current(ctx)
    if any(team_id not in known.team_by_id for team_id in team_ids):
        raise Invalid(team_ids="Choose among the teams.")
    if not 1 <= least_rank <= 4:
        raise Invalid(least_rank="Choose one of the priorities.")
    twin = select(Integration.id).where(func.lower(Integration.name) == wanted["name"].lower())
    if ctx.session.exec(twin.where(col(Integration.id) != integration_id)).first():
        raise Conflict(f"There is an integration “{wanted['name']}” already.")
    wanted |= {"team_ids": sorted(set(team_ids)), "least_rank": least_rank}
    return wanted | ({"sealed_secret": vault.seal(_PURPOSE, secret.encode())} if secret else {})


def _reached(address: str) -> str:
    if len(address) > 500:
        raise Invalid(address="Use an address of at most 500 characters.")
    if why := http.problem(address):
        raise Invalid(address=why)
    return address


def _leads_elsewhere(row: Integration, wanted: dict[str, Any]) -> bool:
    return (row.address, row.account) != (wanted["address"], wanted["account"])


def _facts(row: Integration) -> dict[str, Any]:
    names = ("name", "system", "address", "account", "project", "issue_type", "least_rank", "is_active")
    return arranging.facts(row, *names) | {"kinds": list(row.kinds), "team_ids": list(row.team_ids)}


def _wrote(ctx: Context, row: Integration, before: dict[str, Any], *, has_new_secret: bool = False) -> None:
    ctx.session.flush()
    # The audit says that there is another secret, never which.
    after = _facts(row) | ({"secret": "another one"} if has_new_secret else {})
    if arranging.wrote(ctx, _KINDS, row.id, row.name, before, after):
        row.updated_at = ctx.now
    calls.nudge(ctx, LOG)


def _one(ctx: Context, integration_id: int) -> Integration:
    return access.one(ctx, Integration, integration_id, what="integration")


def _row(one: IntegrationDelivery, reference: str) -> ToldRow:
    label = "Test" if one.kind == rules.TEST else "Resolved" if one.message.get("is_over") else one.kind
    if one.kind in tuple(webhooks.KINDS) and not one.message.get("is_over"):
        label = webhooks.KINDS[ActivityKind(one.kind)]
    return ToldRow(
        one.id, one.kind, label, reference, one.issue, one.state, one.attempts, one.status_code or 0, one.answer,
        one.created_at.isoformat(), one.next_attempt_at.isoformat() if one.next_attempt_at else "",
    )  # fmt: skip
