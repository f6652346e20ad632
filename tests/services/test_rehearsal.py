"""A dry run says what a rule would have done, and leaves everything as it was."""

from typing import Any

import pytest
from sqlalchemy import text

from helpdesk.domain.errors import Invalid, NotAllowed
from helpdesk.services import rehearsal, rules, tickets
from helpdesk.services.context import Context
from helpdesk.services.rehearsal import Rehearsal
from helpdesk.services.unit_of_work import run
from tests.cast import Cast


def _try(cast: Cast, days: int = 7, **written: Any) -> Rehearsal:
    given = {"when": "created", "then": [["priority", "urgent"], ["reply", "Hello"]]} | written
    return run(cast.adam, rehearsal.rehearse, written=given, days=days)


def _everything(ctx: Context) -> dict[str, str]:
    tables = ctx.session.execute(
        text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'")
    )
    return {
        name: ctx.session.execute(text(f'SELECT md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), \'\')) FROM "{name}" t')).scalar_one()
        for name in tables.scalars()
    }  # fmt: skip


@pytest.fixture
def refs(cast: Cast) -> list[str]:
    """Two tickets, one of which was resolved."""
    made = [run(cast.rita, tickets.create, title=f"{what} smokes", description="x") for what in ("Printer", "Mouse")]
    run(cast.ada, tickets.change_status, made[0], "open")
    run(cast.ada, tickets.change_status, made[0], "resolved")
    return made


def test_it_changes_nothing(cast: Cast, refs: list[str]) -> None:
    before = run(cast.desk, _everything)
    found = _try(
        cast,
        then=[["priority", "urgent"], ["reply", "Hello"], ["mail", "requester", "a", "b"], ["tag", "fresh"], ["stop"]],
    )
    assert found.tickets == 2 and run(cast.desk, _everything) == before


def test_which_tickets_which_actions_which_mails(cast: Cast, refs: list[str]) -> None:
    found = _try(cast, **{"if": {"all": [["title", "contains", "printer"]]}})
    assert (found.looked_at, found.tickets, found.mails) == (2, 1, 1)
    assert [(row.reference, row.would) for row in found.rows] == [
        (refs[0], "set the priority to Urgent, reply to the customer: “Hello”")
    ]
    assert found.failing == (("Subject contains printer", 1),)


def test_what_changed_then_counts_not_what_is_now(cast: Cast, refs: list[str]) -> None:
    found = _try(cast, when="updated", **{"if": {"all": [["status", "is", "open"], ["status", "was", "new"]]}})
    assert [row.reference for row in found.rows] == [refs[0]], "it is resolved today, and became open then"


def test_who_did_it_counts(cast: Cast, refs: list[str]) -> None:
    run(cast.rita, tickets.reply, refs[1], "customer")
    run(cast.ada, tickets.reply, refs[1], "staff")
    for who, number in (("customer", 1), ("staff", 1), ("desk", 0)):
        assert _try(cast, when="commented", **{"if": {"all": [["by", "is", who]]}}).tickets == number


def test_rules_about_time_meet_who_waits_now(cast: Cast, refs: list[str]) -> None:
    assert _try(cast, when="idle", after="1d").tickets == 0


def test_conflicts_are_told(cast: Cast, refs: list[str]) -> None:
    other = {"when": "created", "if": {"all": [["title", "contains", "mouse"]]}, "then": [["priority", "low"]]}
    run(cast.adam, rules.save, name="Other", written=other)
    found = _try(cast)
    assert found.conflicts == 1
    assert [row.conflict for row in found.rows if row.conflict] == ["The rule “Other” would set the priority to Low."]


def test_a_draft_that_cannot_work_is_refused(cast: Cast) -> None:
    with pytest.raises(Invalid, match="Action 1"):
        _try(cast, then=[["assign", "987654"]])
    for days in (0, 91):
        with pytest.raises(Invalid, match="1 to 90"):
            _try(cast, days=days)
    with pytest.raises(NotAllowed):
        run(cast.max, rehearsal.rehearse, written={"when": "created", "then": [["stop"]]})
