"""Jobs: each does its work once; the second time changes nothing."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from sqlmodel import select

from helpdesk import clock
from helpdesk.jobs import mail, reactions, tickets
from helpdesk.jobs.organizations import for_each
from helpdesk.jobs.schedule import SCHEDULE
from helpdesk.models import Activity, Delivery, Ticket
from helpdesk.services import tickets as verbs
from helpdesk.services.context import Context
from helpdesk.services.unit_of_work import REACT, run
from tests.cast import Cast

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def _counts(cast: Cast) -> list[tuple[int, int]]:
    def count(ctx: Context) -> tuple[int, int]:
        return len(ctx.session.exec(select(Activity)).all()), len(ctx.session.exec(select(Delivery)).all())

    return [run(desk, count) for desk in (cast.desk, cast.desk.__class__(cast.desk.kind, cast.evil.id))]


@pytest.fixture
def busy(cast: Cast) -> Cast:
    """Two organizations with an overdue, a resolved and a sleeping ticket each."""
    for customer, staff in ((cast.rita, cast.max), (cast.mallory, cast.eve)):
        with clock.frozen(NOON):
            for _ in range(2):
                run(customer, verbs.create, title="x", description="y", priority="urgent")
            done = run(customer, verbs.create, title="x", description="y")
            run(staff, verbs.reply, done, "Done", then="resolved")
            run(staff, lambda ctx: setattr(ctx.session.exec(select(Ticket)).first(), "snoozed_until", NOON))
    return cast


@pytest.mark.parametrize(
    ("job", "does"),
    [
        (tickets.sweep_sla, 4), (tickets.close_resolved, 2), (tickets.wake_snoozed, 2), (reactions.sweep_outbox, None), (mail.sweep_mail, 0),
    ],
)  # fmt: skip
def test_twice_changes_nothing(busy: Cast, job: Callable[[], int], does: int | None) -> None:
    with clock.frozen(NOON + timedelta(days=3)):
        before = _counts(busy)
        done = job()
        after = _counts(busy)
        assert done == does if does is not None else done > 0
        assert (after != before) is bool(done), "both organizations had their turn"
        assert done == 0 or all(left != right for left, right in zip(before, after, strict=True))
        assert job() == 0 and _counts(busy) == after


def test_reacting_twice_to_the_same_ids(busy: Cast, heard) -> None:
    ids = run(busy.desk, lambda ctx: list(ctx.session.exec(select(Activity.id))))
    assert reactions.react(busy.acme.id) > 0, "to what gathered while the tickets were filed"
    after = _counts(busy)
    heard.enqueue_for(REACT, busy.acme.id, ids)
    assert reactions.react(busy.acme.id) == 0 and _counts(busy) == after


def test_reacting_to_nothing_or_to_what_is_gone(cast: Cast, heard) -> None:
    assert reactions.react(cast.acme.id) == 0
    heard.enqueue_for(REACT, cast.acme.id, [10**12])
    assert reactions.react(cast.acme.id) == 0
    heard.enqueue_for(REACT, 10**9, [1])
    assert reactions.react(10**9) == 0


def test_the_sweep_empties_what_gathered_for_a_job_that_was_lost(busy: Cast, heard) -> None:
    with clock.frozen(NOON + timedelta(minutes=1)):
        assert reactions.sweep_outbox() > 0
    assert not any(heard.gathered_ids.values())


@pytest.mark.parametrize("scheduled", SCHEDULE, ids=lambda one: one.job)
def test_the_schedule_names_jobs_that_exist(scheduled) -> None:
    module, _, name = scheduled.job.rpartition(".")
    assert callable(getattr(import_module(module), name)) and scheduled.every > 0


def test_one_organizations_trouble_is_not_the_others() -> None:
    seen = []

    def do(organization_id: int) -> int:
        seen.append(organization_id)
        if organization_id == 1:
            raise ZeroDivisionError
        return 1

    with pytest.raises(ExceptionGroup):
        for_each([1, 2, 3], do)
    assert seen == [1, 2, 3] and for_each([2, 3], do) == 2
