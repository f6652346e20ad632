"""One transaction, then its consequences: what stands, what falls, and what is caught up on."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from helpdesk import background, clock
from helpdesk.domain.activity import ActivityKind, Happened
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.domain.people import system
from helpdesk.models import Activity, Delivery, Tag
from helpdesk.services import notifications, reactions, sign_in, tickets
from helpdesk.services.context import MOST_ACTIVITIES, Context
from helpdesk.services.unit_of_work import run
from tests.cast import Cast


def _file(cast: Cast) -> str:
    return run(cast.rita, tickets.create, title="x", description="y")


def _waiting(cast: Cast) -> list[int]:
    return run(
        cast.desk, lambda ctx: list(ctx.session.exec(select(Activity.id).where(col(Activity.reacted_at).is_(None)).order_by(col(Activity.id))))
    )  # fmt: skip


def _mails(cast: Cast) -> int:
    return run(cast.desk, lambda ctx: len(ctx.session.exec(select(Delivery)).all()))


def always(_ctx: Context, _happened: Happened) -> bool:
    """It is this listener's business."""
    return True


def test_what_fails_leaves_nothing_and_says_nothing(cast: Cast, heard) -> None:
    ref = _file(cast)
    heard.topics.clear(), heard.jobs.clear()

    def half(ctx: Context) -> None:
        tickets.note(ctx, ref, "half of it")
        raise Conflict("no")

    with pytest.raises(Conflict):
        run(cast.ada, half)
    assert run(cast.ada, tickets.one, ref).comments == ()
    assert heard.topics == set() and heard.jobs == []


def test_jobs_carry_ids_and_no_content(cast: Cast, heard) -> None:
    _file(cast)
    [(job, (organization_id, ids))] = heard.jobs
    assert (job, organization_id) == ("helpdesk.jobs.reactions.react", cast.acme.id)
    assert ids == _waiting(cast) and all(isinstance(one, int) for one in ids)


def test_what_nobody_listens_to_waits_for_nobody(cast: Cast, heard) -> None:
    ref = _file(cast)
    heard.jobs.clear()
    before = _waiting(cast)
    run(cast.ada, tickets.retitle, ref, "Another title")
    assert heard.jobs == [] and _waiting(cast) == before


def test_a_broken_listener_undoes_itself_and_not_the_ticket(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(ctx: Context, _happened: Happened) -> None:
        ctx.session.add(Tag(name="half done"))
        ctx.session.flush()
        ctx.record(ActivityKind.TICKET_TAGS_CHANGED)
        raise ZeroDivisionError

    monkeypatch.setitem(reactions.NOW, ActivityKind.TICKET_CREATED, (reactions.Now(broken, always),))
    ref = _file(cast)
    assert run(cast.ada, tickets.one, ref).ticket.reference == ref
    kinds = run(cast.desk, lambda ctx: [one.kind for one in ctx.session.exec(select(Activity))])
    assert "ticket.created" in kinds and "ticket.tags_changed" not in kinds
    assert run(cast.desk, lambda ctx: ctx.session.exec(select(Tag)).all()) == []


def test_a_listener_broken_by_the_database_undoes_only_itself(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(ctx: Context, _happened: Happened) -> None:
        ctx.session.add(Tag(name="x" * 1000))
        ctx.session.flush()

    monkeypatch.setitem(reactions.NOW, ActivityKind.TICKET_CREATED, (reactions.Now(broken, always),))
    assert run(cast.ada, tickets.one, _file(cast)).ticket.status == "New"


def test_every_consequence_knows_its_cause(cast: Cast) -> None:
    waiting = _file(cast)
    first = _file(cast)
    run(cast.ada, tickets.take, first)
    run(cast.ada, sign_in.set_availability, "available")
    run(cast.ada, tickets.reply, first, "Done", then="resolved")

    def chain(ctx: Context) -> list[str]:
        found = ctx.session.exec(
            select(Activity).where(Activity.kind == "ticket.assigned").order_by(col(Activity.id).desc())
        ).first()
        kinds = [found.kind]
        while found.cause_id:
            found = ctx.session.get_one(Activity, found.cause_id)
            kinds.append(found.kind)
        return kinds

    assert run(cast.max, tickets.one, waiting).ticket.assignee == "Ada Agent"
    assert run(cast.desk, chain) in (
        ["ticket.assigned", "person.availability_changed"],
        ["ticket.assigned", "ticket.status_changed", "ticket.replied"],
    )


def test_rules_chasing_each_other_are_an_error(cast: Cast) -> None:
    ref = _file(cast)

    def chase(ctx: Context) -> None:
        for number in range(MOST_ACTIVITIES + 1):
            tickets.note(ctx, ref, str(number))

    with pytest.raises(RuntimeError, match="chase"):
        run(cast.ada, chase)
    assert run(cast.ada, tickets.one, ref).comments == ()


def test_an_endless_listener_is_stopped(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def again(ctx: Context, _happened: Happened) -> None:
        ctx.record(ActivityKind.TEAM_CHANGED)

    monkeypatch.setitem(reactions.NOW, ActivityKind.TEAM_CHANGED, (reactions.Now(again, always),))
    monkeypatch.setitem(reactions.NOW, ActivityKind.TICKET_CREATED, (reactions.Now(again, always),))
    assert _file(cast)
    assert (
        run(cast.desk, lambda ctx: len(ctx.session.exec(select(Activity).where(Activity.kind == "team.changed")).all()))
        < MOST_ACTIVITIES
    )


def test_nobody_acts_as_somebody_of_another_organization(cast: Cast) -> None:
    def wrong(ctx: Context) -> None:
        with ctx.acting_as(system(cast.evil.id)):
            pass

    with pytest.raises(ValueError, match="another organization"):
        run(cast.ada, wrong)


def test_redis_down_loses_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "enqueue", lambda *_args, **_more: False)
    now = clock.now()
    with clock.frozen(now):
        _file(cast)
        assert reactions.overdue() == {}, "it may still be on its way"
    with clock.frozen(now + timedelta(minutes=1)):
        found = reactions.overdue()
        assert found == {cast.acme.id: _waiting(cast)}
        run(cast.desk, reactions.react, found[cast.acme.id])
        assert reactions.overdue() == {} and _mails(cast) == 1


def test_one_poisoned_activity_stops_no_other_and_is_tried_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    _file(cast), _file(cast), _file(cast)
    poisoned = _waiting(cast)[1]
    real = notifications.tell

    def sick(ctx: Context, happened: Happened) -> None:
        real(ctx, happened)
        if happened.id == poisoned:
            raise ZeroDivisionError

    monkeypatch.setitem(reactions.LATER, "mail", sick)
    assert run(cast.desk, reactions.react, _waiting(cast)) == 2
    assert _waiting(cast) == [poisoned] and _mails(cast) == 2
    monkeypatch.setitem(reactions.LATER, "mail", real)
    assert run(cast.desk, reactions.react, _waiting(cast)) == 1
    assert _waiting(cast) == [] and _mails(cast) == 3


def test_another_organizations_activities_are_not_ours_to_react_to(cast: Cast) -> None:
    _file(cast)
    assert run(system(cast.evil.id), reactions.react, _waiting(cast)) == 0 and _mails(cast) == 0


def test_forgetting_is_reacting_without_telling(cast: Cast) -> None:
    _file(cast)
    run(cast.desk, reactions.forget, _waiting(cast))
    assert _waiting(cast) == [] and _mails(cast) == 0


def test_a_refusal_that_keeps_its_work_keeps_it(cast: Cast) -> None:
    class Kept(Invalid):
        keeps_work = True

    def verb(ctx: Context) -> None:
        ctx.session.add(Tag(name="kept"))
        raise Kept("no")

    with pytest.raises(Kept):
        run(cast.ada, verb)
    assert run(cast.desk, lambda ctx: [tag.name for tag in ctx.session.exec(select(Tag))]) == ["kept"]
