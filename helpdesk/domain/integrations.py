"""What is said to Slack, Microsoft Teams, PagerDuty and Jira, in the shapes they take. Pure."""

import base64
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Invalid
from helpdesk.domain.webhooks import KINDS

TEST = "test"
PAGERDUTY_ADDRESS = "https://events.pagerduty.com/v2/enqueue"
_KEY = re.compile(r"[A-Z][A-Z0-9_]{1,19}")
_SEVERITY = {1: "info", 2: "warning", 3: "error", 4: "critical"}


class System(StrEnum):
    """Another house the desk talks to."""

    SLACK = "slack"
    TEAMS = "teams"
    PAGERDUTY = "pagerduty"
    JIRA = "jira"


NAMES = {System.SLACK: "Slack", System.TEAMS: "Microsoft Teams", System.PAGERDUTY: "PagerDuty", System.JIRA: "Jira"}
# What each hears of when nobody chose.
USUAL: dict[System, tuple[ActivityKind, ...]] = {
    System.SLACK: (ActivityKind.TICKET_CREATED, ActivityKind.TICKET_ESCALATED, ActivityKind.SLA_BREACHED),
    System.TEAMS: (ActivityKind.TICKET_CREATED, ActivityKind.TICKET_ESCALATED, ActivityKind.SLA_BREACHED),
    System.PAGERDUTY: (ActivityKind.TICKET_ESCALATED, ActivityKind.SLA_BREACHED),
    System.JIRA: (ActivityKind.TICKET_ESCALATED,),
}


@dataclass(frozen=True, slots=True)
class Connection:
    """How a system is reached, with its secret opened."""

    system: System
    address: str
    account: str
    project: str
    issue_type: str
    secret: str


@dataclass(frozen=True, slots=True)
class Message:
    """What happened, as another house is told.

    Args:
        key: the same for everything about one ticket.
        issue: the issue there is about the ticket already, in a tracker.
        is_over: whether the ticket is done.
    """

    kind: str
    what: str
    actor: str
    organization: str
    key: str
    reference: str = ""
    title: str = ""
    url: str = ""
    priority: str = ""
    priority_rank: int = 2
    team: str = ""
    requester: str = ""
    assignee: str = ""
    text: str = ""
    issue: str = ""
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """A call that is ready to be made."""

    address: str
    body: bytes
    headers: dict[str, str]


def request(to: Connection, said: Message) -> Request:
    """What to send where."""
    return _BUILD[to.system](to, said)


def checked_kinds(given: Sequence[str]) -> list[str]:
    """Kinds of activity a system can hear of, in their order.

    Raises:
        Invalid: one it cannot, or none.
    """
    chosen = [kind.value for kind in KINDS if kind in given]
    if len(chosen) < len(set(given)):
        raise Invalid(kinds="Choose among those listed.")
    if not chosen:
        raise Invalid(kinds="Choose at least one.")
    return chosen


def checked_project(given: str) -> str:
    """A Jira project's key.

    Raises:
        Invalid: none.
    """
    key = given.strip().upper()
    if not _KEY.fullmatch(key):
        raise Invalid(project="Use the project's key, such as OPS.")
    return key


def lookups(to: Connection, said: Message) -> tuple[Request, ...]:
    """How to ask Jira whether it has an issue about this ticket: the way of its cloud, then that of one's own server."""
    quoted = f'\\"{said.reference}\\"'
    asked = {
        "jql": f'project = "{to.project}" AND summary ~ "{quoted}" ORDER BY created ASC',
        "fields": ["summary"], "maxResults": 1,
    }  # fmt: skip
    base = f"{to.address.rstrip('/')}/rest/api/2/search"
    return tuple(_json(address, asked, _jira_headers(to)) for address in (f"{base}/jql", base))


def found_issue(answer: str, reference: str) -> str:
    """The key of the issue a search has found about a ticket; nothing when there is none."""
    return issue_of(answer) if f"[{reference}]" in answer else ""


def issue_of(answer: str) -> str:
    """The key of the issue Jira has made; nothing when its answer does not say."""
    found = re.search(r'"key"\s*:\s*"([A-Z][A-Z0-9_]{1,19}-\d{1,12})"', answer)
    return found[1] if found else ""


def _slack(to: Connection, said: Message) -> Request:
    words = _escaped(_headline(said))
    link = f"<{said.url}|{_escaped(f'{said.reference} {said.title}')}>" if said.url else ""
    blocks: list[dict[str, Any]] = [
        {"type": "section", "text": {"type": "mrkdwn", "text": f"*{words}*\n{link}"[:3000]}}
    ]
    if said.text:
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": f">{_escaped(said.text)}"[:3000]}})
    if facts := _facts(said):
        shown = _escaped(" · ".join(f"{name}: {value}" for name, value in facts))
        blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": shown[:3000]}]})
    return _json(to.secret, {"text": f"{words} {link}".strip(), "blocks": blocks})


def _teams(to: Connection, said: Message) -> Request:
    body: list[dict[str, Any]] = [
        {"type": "TextBlock", "text": _plain(_headline(said)), "weight": "Bolder", "wrap": True}
    ]
    if said.reference:
        body.append({"type": "TextBlock", "text": _plain(f"{said.reference} {said.title}"), "wrap": True})
    if said.text:
        body.append({"type": "TextBlock", "text": _plain(said.text), "wrap": True, "isSubtle": True})
    if facts := _facts(said):
        body.append({"type": "FactSet", "facts": [{"title": name, "value": _plain(value)} for name, value in facts]})
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
    }
    if said.url:
        card["actions"] = [{"type": "Action.OpenUrl", "title": "Open the ticket", "url": said.url}]
    attached = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return _json(to.secret, {"type": "message", "attachments": [attached]})


def _pagerduty(to: Connection, said: Message) -> Request:
    event: dict[str, Any] = {
        "routing_key": to.secret,
        "event_action": "resolve" if said.is_over else "trigger",
        "dedup_key": said.key,
    }
    if not said.is_over:
        event |= {
            "payload": {
                "summary": f"{said.reference} {said.title}: {said.what}".strip()[:1024],
                "source": said.organization,
                "severity": _SEVERITY.get(said.priority_rank, "error"),
                "custom_details": dict(_facts(said)) | ({"message": said.text} if said.text else {}),
            },
            "client": "Help desk",
        }
        if said.url:
            event |= {"client_url": said.url, "links": [{"href": said.url, "text": said.reference}]}
    return _json(to.address, event)


def _jira(to: Connection, said: Message) -> Request:
    told = "\n".join(f"{name}: {value}" for name, value in _facts(said))
    words = "\n\n".join(filter(None, (_headline(said), said.text, told, said.url)))
    headers = _jira_headers(to)
    base = f"{to.address.rstrip('/')}/rest/api/2/issue"
    if said.issue:
        return _json(f"{base}/{said.issue}/comment", {"body": words}, headers)
    fields = {
        "project": {"key": to.project},
        "issuetype": {"name": to.issue_type},
        "summary": f"[{said.reference}] {said.title}"[:250] if said.reference else "A test from the help desk",
        "description": words[:30_000],
    }
    return _json(base, {"fields": fields}, headers)


def _jira_headers(to: Connection) -> dict[str, str]:
    pair = base64.b64encode(f"{to.account}:{to.secret}".encode()).decode()
    return {"Authorization": f"Basic {pair}", "X-Atlassian-Token": "no-check"}


_BUILD = {System.SLACK: _slack, System.TEAMS: _teams, System.PAGERDUTY: _pagerduty, System.JIRA: _jira}


def _headline(said: Message) -> str:
    return f"{said.actor} {said.what}".strip()


def _facts(said: Message) -> list[tuple[str, str]]:
    facts = (
        ("Priority", said.priority),
        ("Team", said.team),
        ("From", said.requester),
        ("Assignee", said.assignee),
    )
    return [(name, value) for name, value in facts if value]


def _escaped(words: str) -> str:
    """Slack's three: without them what people typed could mention a whole channel."""
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _plain(words: str) -> str:
    """Teams reads Markdown: links people typed must not look like ours."""
    return re.sub(r"([\\`*_\[\]()])", r"\\\1", words)


def _json(address: str, told: dict[str, Any], headers: dict[str, str] | None = None) -> Request:
    return Request(address, json.dumps(told, ensure_ascii=False).encode(), headers or {})
