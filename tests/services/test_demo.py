"""The demo is believable and consistent: what rows repeat agrees with what they repeat."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import col, func, select

from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.people import Actor, system
from helpdesk.domain.sla import TimerState
from helpdesk.domain.tickets import OPEN_CATEGORIES
from helpdesk.models import Activity, Comment, CsatRating, Person, Status, Ticket, TicketSearch, Timer
from helpdesk.services import demo, knowledge, organizations, sla, tickets, unit_of_work
from helpdesk.services.context import Context
from tests.cast import Cast


@pytest.fixture
def desk(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Actor:
    """The larger demo organization beside the cast's, under another name."""
    plan = demo.PLANS[0]
    monkeypatch.setattr(demo, "PLANS", (replace(plan, demo=replace(plan.demo, slug="demo-acme", prefix="DEMO")),))
    assert demo.create_demo()
    return system(organizations.by_slug("demo-acme").id)


def _ask(desk: Actor, question: Callable[[Context], Any]) -> Any:
    return unit_of_work.run(desk, question)


def test_a_second_time_changes_nothing(desk: Actor) -> None:
    before = _ask(desk, lambda ctx: ctx.session.exec(select(func.count()).select_from(Ticket)).one())
    assert demo.create_demo() is False
    assert before == _ask(desk, lambda ctx: ctx.session.exec(select(func.count()).select_from(Ticket)).one()) > 300


def test_it_is_a_believable_company(desk: Actor) -> None:
    found = _ask(desk, lambda ctx: ctx.session.exec(select(Ticket)).all())
    opened = [one for one in found if one.is_open]
    assert 35 <= len(opened) <= 75
    assert 4 <= sum(one.assignee_id is None for one in opened) <= 15
    assert {"ok", "at_risk", "breached", "paused"} <= {one.sla_status for one in opened}
    assert Counter(one.channel for one in found).keys() >= {"web", "email", "phone", "chat"}
    assert len(_ask(desk, lambda ctx: ctx.session.exec(select(Person)).all())) >= 20
    scores = _ask(desk, lambda ctx: ctx.session.exec(select(CsatRating.score)).all())
    assert len(scores) > 60
    assert 3.5 < sum(scores) / len(scores) < 4.8


def test_tickets_agree_with_their_status_clocks_and_comments(desk: Actor) -> None:
    def check(ctx: Context) -> None:
        categories = dict(ctx.session.exec(select(Status.id, Status.category)).all())
        timers: dict[int, list[Timer]] = {}
        for timer in ctx.session.exec(select(Timer)).all():
            timers.setdefault(timer.ticket_id, []).append(timer)
        comments = dict(
            ctx.session.exec(select(Comment.ticket_id, func.count()).group_by(col(Comment.ticket_id))).all()
        )
        for one in ctx.session.exec(select(Ticket)).all():
            assert one.status_category == categories[one.status_id]
            assert one.is_open == (one.status_category in OPEN_CATEGORIES)
            assert one.is_open == (one.resolved_at is None)
            assert (one.status_category == "closed") == (one.closed_at is not None)
            assert one.comment_count == comments.get(one.id, 0)
            assert one.created_at <= one.updated_at <= ctx.now
            said = (one.sla_status, one.sla_due_at, one.breached_at)
            sla.summarise(one, timers[one.id])
            assert said == (one.sla_status, one.sla_due_at, one.breached_at), one.reference
            for timer in timers[one.id]:
                running = timer.state == TimerState.RUNNING
                assert running == (timer.next_at is not None)
                assert not running or timer.next_at is None or timer.next_at > ctx.now  # the sweep is up to date
        assert ctx.session.exec(select(func.count()).select_from(TicketSearch)).one() == len(timers)
        ctx.session.rollback()

    _ask(desk, check)


def test_its_log_is_what_the_verbs_would_have_written(desk: Actor) -> None:
    def check(ctx: Context) -> None:
        log = {
            one.id: one for one in ctx.session.exec(select(Activity).where(col(Activity.ticket_id).is_not(None))).all()
        }
        first: dict[int, Activity] = {}
        latest: dict[int, Activity] = {}
        for one in sorted(log.values(), key=lambda each: each.id):
            assert one.reacted_at is not None  # nobody is mailed about the past
            assert one.at <= ctx.now
            first.setdefault(one.ticket_id or 0, one)
            assert latest.get(one.ticket_id or 0, one).at <= one.at
            latest[one.ticket_id or 0] = one
            if one.cause_id:
                assert log[one.cause_id].ticket_id == one.ticket_id
                assert one.cause_id < one.id
        assert {one.kind for one in first.values()} == {ActivityKind.TICKET_CREATED}
        said = {one.data["comment_id"] for one in log.values() if one.kind in ("ticket.replied", "ticket.noted")}
        assert said == set(ctx.session.exec(select(Comment.id)).all())

    _ask(desk, check)


def test_nothing_was_left_unfilled_in_what_people_wrote(desk: Actor) -> None:
    bodies = _ask(
        desk, lambda ctx: [*ctx.session.exec(select(Comment.body)), *ctx.session.exec(select(Ticket.description))]
    )
    assert not [body for body in bodies if "{" in body or "}" in body or not body.strip()]


def test_its_words_are_found(desk: Actor) -> None:
    reference = _ask(desk, lambda ctx: ctx.session.exec(select(Ticket.reference)).first())
    assert _ask(desk, lambda ctx: tickets.history(ctx, reference))


def test_it_has_written_down_what_it_answers_often(desk: Actor) -> None:
    topics = _ask(desk, knowledge.topics)
    assert sum(len(topic.articles) for topic in topics) >= 12 and len(topics) >= 8
    found = _ask(desk, lambda ctx: knowledge.suggestions(ctx, "VPN drops every few minutes"))
    assert found[0].slug == "vpn-drops-or-does-not-connect-from-home"
