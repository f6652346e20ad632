"""Slack, Teams, PagerDuty and Jira are told over real HTTP: in their shapes, once, again when they did not answer."""

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from helpdesk import clock, settings
from helpdesk.adapters import http
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from helpdesk.domain.integrations import System
from helpdesk.domain.webhooks import MOST_ATTEMPTS, MOST_FAILURES
from helpdesk.jobs import integrations as jobs
from helpdesk.models import Activity, Comment, Delivery, Integration, Ticket
from helpdesk.services import bell, integrations, reactions, tickets
from helpdesk.services.context import Context
from helpdesk.services.unit_of_work import run
from tests.cast import Cast
from tests.hook_server import HookServer, listening

ESCALATED, REPLIED, CREATED = "ticket.escalated", "ticket.replied", "ticket.created"


@pytest.fixture
def server() -> Iterator[HookServer]:
    """Another house."""
    with listening() as known:
        yield known


def _connect(cast: Cast, server: HookServer, system: System, *kinds: str, **more: Any) -> int:
    is_hook = system in (System.SLACK, System.TEAMS)
    form: dict[str, Any] = {
        "system": system, "name": system.value, "secret": server.address if is_hook else "key-1234", "kinds": kinds or (ESCALATED,),
        "address": "" if is_hook else server.address.removesuffix("/hook"),
    }  # fmt: skip
    if system is System.JIRA:
        form |= {"account": "desk@acme.example", "project": "ops", "issue_type": "Incident"}
    return run(cast.adam, integrations.create, **form | more)


def _file(cast: Cast, title: str = "Printer <smokes> & stinks", **more: object) -> str:
    return run(cast.rita, tickets.create, title=title, description="x", **more)


def _go(cast: Cast) -> int:
    def react(ctx: Context) -> None:
        waiting = ctx.session.exec(select(Activity.id).where(col(Activity.reacted_at).is_(None))).all()
        reactions.react(ctx, waiting)

    run(cast.desk, react)
    return jobs.deliver(cast.acme.id)


def _escalate(cast: Cast, ref: str) -> None:
    run(cast.max, tickets.escalate, ref, reason="The customer waits.")


def _bodies(server: HookServer) -> list[Any]:
    return [json.loads(one.body) for one in server.heard]


def _kinds(cast: Cast) -> list[str]:
    query = select(Activity.kind).where(col(Activity.kind).startswith("integration.")).order_by(col(Activity.id))
    return run(cast.desk, lambda ctx: list(ctx.session.exec(query).all()))


def test_slack_is_told_in_blocks_and_people_cannot_call_a_channel(cast: Cast, server: HookServer) -> None:
    _connect(cast, server, System.SLACK, CREATED, REPLIED)
    ref = _file(cast)
    run(cast.ada, tickets.note, ref, "Not for them")
    run(cast.ada, tickets.reply, ref, "<!channel> look")
    assert _go(cast) == 2
    assert _go(cast) == 0, "once"
    filed, replied = _bodies(server)
    assert f"|{ref} Printer &lt;smokes&gt; &amp; stinks>" in filed["text"]
    assert filed["blocks"][0]["text"]["text"].startswith("*Rita Requester filed the ticket*")
    assert "Priority: Medium · From: Rita Requester" in filed["blocks"][-1]["elements"][0]["text"]
    assert replied["blocks"][1]["text"]["text"] == ">&lt;!channel&gt; look"
    assert "Not for them" not in str(_bodies(server))


def test_a_note_says_only_that_it_is_there(cast: Cast, server: HookServer) -> None:
    _connect(cast, server, System.TEAMS, "ticket.noted")
    run(cast.ada, tickets.note, _file(cast), "The secret")
    _go(cast)
    [card] = _bodies(server)
    assert "added a note" in str(card) and "The secret" not in str(card)


def test_teams_is_told_with_a_card(cast: Cast, server: HookServer) -> None:
    _connect(cast, server, System.TEAMS)
    ref = _file(cast, "A [link](https://evil.example)")
    _escalate(cast, ref)
    _go(cast)
    [told] = _bodies(server)
    card = told["attachments"][0]["content"]
    assert (told["type"], card["type"]) == ("message", "AdaptiveCard")
    assert "\\[link\\]\\(https://evil.example\\)" in card["body"][1]["text"]
    assert card["actions"][0]["url"].endswith(f"/agent?ticket={ref}")


def test_an_incident_begins_with_the_escalation_and_ends_with_the_ticket(cast: Cast, server: HookServer) -> None:
    _connect(cast, server, System.PAGERDUTY, address=server.address)
    calm, ref = _file(cast, "Calm"), _file(cast, "Server down")
    run(cast.ada, tickets.prioritise, ref, "urgent")
    _escalate(cast, ref)
    _go(cast)
    for one in (calm, ref):
        run(cast.max, tickets.change_status, one, "resolved")
    _go(cast)
    begun, over = _bodies(server)
    assert (begun["routing_key"], begun["event_action"], begun["payload"]["severity"]) == (
        "key-1234",
        "trigger",
        "critical",
    )
    assert begun["payload"]["summary"].startswith(f"{ref} Server down: ")
    assert over == {"routing_key": "key-1234", "event_action": "resolve", "dedup_key": begun["dedup_key"]}


def test_an_escalation_makes_an_issue_once_and_links_back(cast: Cast, server: HookServer) -> None:
    server.status, server.text = 201, '{"id":"10000","key":"OPS-24","self":"https://jira.example/10000"}'
    _connect(cast, server, System.JIRA)
    ref = _file(cast)
    _escalate(cast, ref)
    _escalate(cast, ref)
    _go(cast)
    issue, comment = server.heard
    pair = base64.b64encode(b"desk@acme.example:key-1234").decode()
    assert issue.headers["Authorization"] == f"Basic {pair}"
    fields = json.loads(issue.body)["fields"]
    assert (fields["project"], fields["issuetype"]) == ({"key": "OPS"}, {"name": "Incident"})
    assert fields["summary"] == f"[{ref}] Printer <smokes> & stinks" and f"/agent?ticket={ref}" in fields["description"]
    assert list(json.loads(comment.body)) == ["body"], "the second time it is told there"

    def noted(ctx: Context) -> list[str]:
        query = select(Comment.body).join(Ticket, col(Ticket.id) == Comment.ticket_id).where(Ticket.reference == ref)
        return list(ctx.session.exec(query.where(Comment.kind == "note")).all())

    base = server.address.removesuffix("/hook")
    assert run(cast.desk, noted) == [f"Opened [OPS-24]({base}/browse/OPS-24) in jira."]
    log = run(cast.adam, integrations.deliveries, run(cast.adam, integrations.listing)[0].id)
    assert [one.issue for one in log] == ["", "OPS-24"]
    opened = select(Activity.data).where(Activity.kind == ActivityKind.TICKET_ISSUE_OPENED)
    [data] = run(cast.desk, lambda ctx: ctx.session.exec(opened).all())
    assert data["issue"] == "OPS-24"


ISSUE, CLOUD, SERVER = "/rest/api/2/issue", "/rest/api/2/search/jql", "/rest/api/2/search"


@pytest.mark.parametrize("search", [CLOUD, SERVER])
def test_an_issue_whose_answer_was_lost_is_not_made_again(cast: Cast, server: HookServer, search: str) -> None:
    _connect(cast, server, System.JIRA)
    server.status, server.text = 502, "Bad gateway"
    ref = _file(cast)
    _escalate(cast, ref)
    _go(cast)
    server.status, server.text = 404, "No such address"
    server.at[search] = 200, f'{{"issues":[{{"id":"1","key":"OPS-24","fields":{{"summary":"[{ref}] Printer"}}}}]}}'
    with clock.frozen(clock.now() + timedelta(hours=1)):
        jobs.deliver(cast.acme.id)
    assert [one.path for one in server.heard].count(ISSUE) == 1 and server.heard[-1].path == search
    asked = json.loads(server.heard[-1].body)["jql"]
    assert asked.startswith('project = "OPS" AND summary ~ ') and ref in asked
    [row] = run(cast.adam, integrations.deliveries, run(cast.adam, integrations.listing)[0].id)
    assert (row.issue, row.state) == ("OPS-24", "delivered")


def test_an_issue_that_was_not_made_is_made_and_who_cannot_be_asked_is_left_alone(
    cast: Cast, server: HookServer
) -> None:
    _connect(cast, server, System.JIRA)
    server.status, server.text = 503, "Down"
    now = clock.now()
    _escalate(cast, _file(cast))
    _go(cast)
    server.at[ISSUE] = 201, '{"id":"10000","key":"OPS-25"}'
    with clock.frozen(now + timedelta(hours=1)):
        jobs.deliver(cast.acme.id)
    assert [one.path for one in server.heard] == [ISSUE, CLOUD], "it cannot say, so nothing is made"
    server.at[CLOUD] = 200, '{"issues":[],"isLast":true}'
    with clock.frozen(now + timedelta(hours=12)):
        jobs.deliver(cast.acme.id)
    assert [one.path for one in server.heard] == [ISSUE, CLOUD, CLOUD, ISSUE]
    [row] = run(cast.adam, integrations.deliveries, run(cast.adam, integrations.listing)[0].id)
    assert row.issue == "OPS-25"


def test_only_those_teams_and_priorities(cast: Cast, server: HookServer) -> None:
    _connect(cast, server, System.SLACK, REPLIED, team_ids=[cast.support], least_rank=3)
    for team_id, priority in ((cast.support, "low"), (cast.billing, "urgent"), (cast.support, "urgent")):
        ref = run(cast.max, tickets.create, title=f"In {team_id}", description="x", team_id=team_id, priority=priority)
        run(cast.max, tickets.reply, ref, f"{team_id} {priority}")
    assert _go(cast) == 1
    assert f"{cast.support} urgent" in str(_bodies(server))


def test_what_was_not_taken_is_tried_again_and_given_up(
    cast: Cast, server: HookServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.status, server.text = 500, "no"
    number = _connect(cast, server, System.SLACK, CREATED)
    _file(cast)
    _go(cast)
    [waiting] = run(cast.adam, integrations.deliveries, number)
    assert (waiting.state, waiting.attempts, waiting.status_code, waiting.answer) == ("pending", 1, 500, "no")
    assert _go(cast) == 0
    for _ in range(MOST_ATTEMPTS - 1):
        moment = clock.now() + timedelta(hours=13)
        monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
        jobs.sweep_integrations()
    [failed] = run(cast.adam, integrations.deliveries, number)
    assert (failed.state, failed.attempts) == ("failed", MOST_ATTEMPTS)
    server.status = 200
    run(cast.adam, integrations.tell_again, failed.id)
    jobs.sweep_integrations()
    assert run(cast.adam, integrations.deliveries, number)[0].state == "delivered"
    with pytest.raises(Conflict):
        run(cast.adam, integrations.tell_again, failed.id)


def test_one_that_fails_for_a_day_is_switched_off_and_administrators_are_told(
    cast: Cast, server: HookServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.status = 410
    number = _connect(cast, server, System.SLACK, CREATED)

    def long_ago(ctx: Context) -> None:
        row = ctx.session.get_one(Integration, number)
        row.failures, row.failing_since = MOST_FAILURES, ctx.now - timedelta(days=2)

    run(cast.desk, long_ago)
    _file(cast)
    _go(cast)
    [row] = run(cast.adam, integrations.listing)
    assert not row.is_active and "integration.disabled" in _kinds(cast)
    assert [one.title for one in run(cast.adam, bell.listing)] == ["The integration “slack” is switched off"]
    mailed = select(Delivery.to_address).where(Delivery.template == "integration_disabled")
    assert set(run(cast.desk, lambda ctx: ctx.session.exec(mailed).all())) == {"adam@acme.example", "olga@acme.example"}
    run(cast.adam, integrations.switch, number, is_active=True)
    assert run(cast.adam, integrations.listing)[0].failures == 0


def test_a_test_says_that_it_works_and_is_in_the_log(cast: Cast, server: HookServer) -> None:
    for system in System:
        more = {"address": server.address} if system is System.PAGERDUTY else {}
        number = _connect(cast, server, system, **more)
        run(cast.adam, integrations.send_test, number)
        jobs.sweep_integrations()
        [told] = run(cast.adam, integrations.deliveries, number)
        assert (told.what, told.state) == ("Test", "delivered")
    assert len(server.heard) == 4
    assert _kinds(cast).count("integration.tested") == 4


def test_secrets_are_sealed_never_shown_and_go_nowhere_else(cast: Cast, server: HookServer) -> None:
    number = _connect(cast, server, System.JIRA)
    assert "key-1234" not in str(run(cast.adam, integrations.listing))
    sealed = run(cast.desk, lambda ctx: ctx.session.get_one(Integration, number).sealed_secret)
    assert "key-1234" not in sealed
    form: dict[str, Any] = {
        "name": "jira", "kinds": [ESCALATED], "address": server.address.removesuffix("/hook"), "account": "desk@acme.example", "project": "OPS",
    }  # fmt: skip
    run(cast.adam, integrations.change, number, **form | {"name": "Ours"})
    with pytest.raises(Invalid) as refused:
        run(cast.adam, integrations.change, number, **form | {"address": "https://evil.example"})
    assert set(refused.value.fields) == {"secret"}
    run(cast.adam, integrations.change, number, **form | {"secret": "another"})
    data = run(cast.desk, lambda ctx: [str(one.data) for one in ctx.session.exec(select(Activity)).all()])
    assert not any("key-1234" in one or "another'" in one for one in data)


@pytest.mark.parametrize(
    ("system", "wrong", "field"),
    [
        (System.SLACK, {"secret": ""}, "secret"), (System.SLACK, {"secret": "ftp://x"}, "secret"),
        (System.SLACK, {"kinds": []}, "kinds"), (System.SLACK, {"kinds": ["made.up"]}, "kinds"),
        (System.SLACK, {"name": " "}, "name"), (System.SLACK, {"team_ids": [999]}, "team_ids"),
        (System.SLACK, {"least_rank": 9}, "least_rank"), (System.JIRA, {"address": "jira"}, "address"),
        (System.JIRA, {"account": "ada"}, "account"), (System.JIRA, {"project": "a b"}, "project"),
        (System.JIRA, {"issue_type": ""}, "issue_type"),
    ],
)  # fmt: skip
def test_what_cannot_be_accepted_says_what_to_do(
    cast: Cast, server: HookServer, system: System, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        _connect(cast, server, system, **wrong)
    assert set(refused.value.fields) == {field}


def test_private_networks_are_not_asked(cast: Cast, server: HookServer, monkeypatch: pytest.MonkeyPatch) -> None:
    number = _connect(cast, server, System.SLACK, CREATED)
    monkeypatch.setattr(http, "_may_loop_back", lambda: False)
    assert settings.get().environment != "production"
    _file(cast)
    _go(cast)
    assert server.heard == []
    assert run(cast.adam, integrations.deliveries, number)[0].status_code == 0


def test_for_administrators_and_nobody_elses(cast: Cast, server: HookServer) -> None:
    number = _connect(cast, server, System.SLACK, CREATED)
    for verb in (integrations.send_test, integrations.delete, integrations.deliveries):
        with pytest.raises(NotAllowed):
            run(cast.max, verb, number)
    with pytest.raises(NotFound):
        run(cast.eve, integrations.delete, number)
    run(cast.adam, integrations.delete, number)
    assert run(cast.adam, integrations.listing) == []
    _file(cast)
    assert _go(cast) == 0 and "integration.deleted" in _kinds(cast)
