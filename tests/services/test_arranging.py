"""Statuses, transitions, priorities, categories and tags as administrators arrange them."""

from typing import Any

import pytest
from sqlmodel import col, select

from helpdesk.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from helpdesk.domain.people import Actor
from helpdesk.domain.tickets import StatusCategory
from helpdesk.models import Activity, Ticket
from helpdesk.services import catalog, priorities, statuses, tags, tickets
from helpdesk.services.context import Context
from helpdesk.services.unit_of_work import run
from tests.cast import Cast

TESTING: dict[str, Any] = {
    "label": "In testing",
    "customer_label": "We test it",
    "category": "open",
    "colour": "violet",
}


def last(cast: Cast, kind: str) -> dict[str, Any]:
    """The newest activity of a kind."""

    def read(ctx: Context) -> dict[str, Any]:
        query = select(Activity).where(Activity.kind == kind).order_by(col(Activity.id).desc())
        return ctx.session.exec(query.limit(1)).one().data

    return run(cast.desk, read)


def number(cast: Cast, kind: str) -> int:
    """How many activities of a kind there are."""
    return run(cast.desk, lambda ctx: len(ctx.session.exec(select(Activity.id).where(Activity.kind == kind)).all()))


def status_id(cast: Cast, slug: str) -> int:
    """The id of a status."""
    return next(row.id for row in run(cast.adam, statuses.listing) if row.slug == slug)


def filed(cast: Cast) -> str:
    """A ticket of Rita's."""
    return run(cast.rita, tickets.create, title="Printer", description="It smokes")


def offered(cast: Cast, actor: Actor, ref: str) -> set[str]:
    """The statuses a ticket can be given."""
    return {option.value for option in run(actor, tickets.one, ref).statuses}


def test_a_new_status_is_offered_and_said(cast: Cast) -> None:
    run(cast.adam, statuses.save, **TESTING, aliases=["QA", " qa "])
    ref = filed(cast)
    run(cast.ada, tickets.take, ref)
    assert "in_testing" in offered(cast, cast.ada, ref)
    run(cast.ada, tickets.change_status, ref, "qa")
    assert run(cast.ada, tickets.one, ref).ticket.status == "In testing"
    assert run(cast.rita, tickets.one, ref).ticket.status == "We test it"
    data = last(cast, "status.created")
    assert (data["name"], data["before"], data["after"]["aliases"]) == ("In testing", {}, ["qa"])


def test_a_status_changes_and_the_log_has_both_sides(cast: Cast) -> None:
    opened = status_id(cast, "open")
    form = {"label": "Working", "customer_label": "In progress", "category": "open", "colour": "green"}
    for _ in range(2):
        run(cast.adam, statuses.save, opened, **form)
    assert number(cast, "status.changed") == 1, "twice is once"
    data = last(cast, "status.changed")
    assert (data["before"]["label"], data["after"]["label"]) == ("Open", "Working")
    assert status_id(cast, "open") == opened, "the word for addresses stays"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"label": " "}, "label"), ({"label": "open"}, "label"), ({"label": "x" * 61}, "label"),
        ({"category": "limbo"}, "category"), ({"colour": "#fff"}, "colour"), ({"aliases": ["waiting"]}, "aliases"),
        ({"aliases": ["x" * 41]}, "aliases"), ({"customer_label": "x" * 61}, "customer_label"),
    ],
)  # fmt: skip
def test_bad_statuses_are_refused_by_field(cast: Cast, more: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        run(cast.adam, statuses.save, **(TESTING | more))
    assert list(refused.value.fields) == [field]


def test_a_status_in_use_neither_vanishes_nor_ends_its_tickets(cast: Cast) -> None:
    ref = filed(cast)
    new = status_id(cast, "new")
    with pytest.raises(Conflict):
        run(cast.adam, statuses.delete, new)
    with pytest.raises(Invalid) as refused:
        run(cast.adam, statuses.save, new, **TESTING | {"label": "New", "category": "resolved"})
    assert list(refused.value.fields) == ["category"]
    testing = run(cast.adam, statuses.save, **TESTING)
    run(cast.ada, tickets.take, ref)
    run(cast.ada, tickets.change_status, ref, "in_testing")
    run(cast.adam, statuses.save, testing, **TESTING, is_active=False)
    assert run(cast.ada, tickets.one, ref).ticket.status == "In testing", "who has it keeps it"
    other = filed(cast)
    with pytest.raises(Conflict):
        run(cast.ada, tickets.change_status, other, "in_testing")


def test_every_category_keeps_one_status(cast: Cast) -> None:
    closed = status_id(cast, "closed")
    with pytest.raises(Conflict):
        run(cast.adam, statuses.delete, closed)
    form = {"label": "Closed", "category": "closed", "colour": "gray"}
    with pytest.raises(Conflict):
        run(cast.adam, statuses.save, closed, **form, is_active=False)
    with pytest.raises(Conflict):
        run(cast.adam, statuses.save, closed, **form | {"category": "resolved"})
    archived = run(cast.adam, statuses.save, label="Archived", category="closed")
    run(cast.adam, statuses.save, closed, **form, is_active=False)
    run(cast.adam, statuses.delete, closed)
    assert last(cast, "status.deleted")["before"]["label"] == "Closed"
    with pytest.raises(Conflict):
        run(cast.adam, statuses.delete, archived)


def test_the_first_of_a_category_is_its_default(cast: Cast) -> None:
    testing = run(cast.adam, statuses.save, **TESTING)
    ids = [row.id for row in run(cast.adam, statuses.listing)]
    run(cast.adam, statuses.reorder, [testing, *(one for one in ids if one != testing)])
    first = run(cast.desk, lambda ctx: catalog.current(ctx).first_status(StatusCategory.OPEN).slug)
    assert first == "in_testing"
    assert last(cast, "status.ordered")["after"]["order"][0] == "In testing"
    with pytest.raises(Conflict):
        run(cast.adam, statuses.reorder, ids[1:])


def test_a_way_closed_to_a_role_is_closed_to_it_alone(cast: Cast) -> None:
    ref = filed(cast)
    run(cast.ada, tickets.take, ref)
    now = {row.from_id: row for row in run(cast.adam, statuses.transitions, "agent")}
    opened, resolved = status_id(cast, "open"), status_id(cast, "resolved")
    allowed = [
        (row.from_id, way.to_id)
        for row in now.values()
        for way in row.ways
        if way.is_open and (row.from_id, way.to_id) != (opened, resolved)
    ]
    for _ in range(2):
        run(cast.adam, statuses.change_transitions, "agent", allowed=allowed)
    assert number(cast, "transitions.changed") == 1
    assert last(cast, "transitions.changed")["after"] == {"closed": ["Open → Resolved"]}
    assert "resolved" not in offered(cast, cast.ada, ref) and "resolved" in offered(cast, cast.max, ref)
    with pytest.raises(Conflict) as refused:
        run(cast.ada, tickets.change_status, ref, "resolved")
    assert "Your role" in refused.value.message
    run(cast.max, tickets.change_status, ref, "resolved")


def test_customers_only_confirm_and_reopen_and_even_that_can_be_closed(cast: Cast) -> None:
    ways = {
        row.from_id: {way.to_id: way for way in row.ways} for row in run(cast.adam, statuses.transitions, "customer")
    }
    new, opened, resolved = (status_id(cast, slug) for slug in ("new", "open", "resolved"))
    assert ways[new][resolved].is_possible and not ways[new][opened].is_possible
    run(cast.adam, statuses.change_transitions, "customer", allowed=[(new, opened), (resolved, opened)])
    ref = filed(cast)
    with pytest.raises(Conflict):
        run(cast.rita, tickets.confirm, ref)
    with pytest.raises(Conflict):
        run(cast.rita, tickets.change_status, ref, "open")
    assert offered(cast, cast.rita, ref) == {"new"}


@pytest.mark.parametrize("role", ["superadmin", "king", ""])
def test_the_owner_is_kept_from_nothing(cast: Cast, role: str) -> None:
    with pytest.raises(Invalid):
        run(cast.adam, statuses.transitions, role)
    with pytest.raises(Invalid):
        run(cast.adam, statuses.change_transitions, role, allowed=[])


def test_a_priority_is_made_ranked_anew_and_removed(cast: Cast) -> None:
    ref = filed(cast)
    made = run(cast.adam, priorities.save, label="Blocker", rank=9, colour="red", aliases=["p0"])
    run(cast.ada, tickets.prioritise, ref, "P0")
    run(cast.adam, priorities.save, made, label="Blocker", rank=8, colour="red", aliases=["p0"])
    rank = run(
        cast.desk, lambda ctx: ctx.session.exec(select(Ticket.priority_rank).where(Ticket.reference == ref)).one()
    )
    assert rank == 8
    data = last(cast, "priority.changed")
    assert (data["before"]["rank"], data["after"]["rank"]) == (9, 8)
    with pytest.raises(Conflict):
        run(cast.adam, priorities.delete, made)
    run(cast.ada, tickets.prioritise, ref, "low")
    run(cast.adam, priorities.delete, made)
    assert last(cast, "priority.deleted")["name"] == "Blocker"


@pytest.mark.parametrize(
    ("more", "field"),
    [({"label": ""}, "label"), ({"label": "HIGH"}, "label"), ({"rank": 0}, "rank"), ({"rank": 10}, "rank"), ({"aliases": ["critical"]}, "aliases"), ({"colour": ""}, "colour")],
)  # fmt: skip
def test_bad_priorities_are_refused_by_field(cast: Cast, more: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        run(cast.adam, priorities.save, **({"label": "Blocker", "rank": 9, "colour": "red"} | more))
    assert list(refused.value.fields) == [field]


def test_without_medium_tickets_still_get_a_priority(cast: Cast) -> None:
    medium = next(row.id for row in run(cast.adam, priorities.listing) if row.slug == "medium")
    run(cast.adam, priorities.delete, medium)
    assert run(cast.ada, tickets.one, filed(cast)).ticket.priority == "High"


def test_categories_are_put_in_order_and_only_unused_ones_removed(cast: Cast) -> None:
    first = run(cast.adam, catalog.save_category, name="Hardware")
    second = run(cast.adam, catalog.save_category, name="Software", team_id=cast.support, colour="teal")
    assert last(cast, "category.created")["after"]["team"] == "Support"
    run(cast.adam, catalog.reorder_categories, [second, first])
    assert [row.name for row in run(cast.rita, catalog.categories)] == ["Software", "Hardware"]
    run(cast.rita, tickets.create, title="x", description="y", category_id=first)
    with pytest.raises(Conflict):
        run(cast.adam, catalog.delete_category, first)
    run(cast.adam, catalog.delete_category, second)
    assert last(cast, "category.deleted")["before"]["name"] == "Software"


def test_tags_are_renamed_merged_and_deleted_on_their_tickets(cast: Cast) -> None:
    one, two = filed(cast), filed(cast)
    run(cast.ada, tickets.tag, one, ["vip", "very important"])
    run(cast.ada, tickets.tag, two, ["very important"])
    found = {row.name: row for row in run(cast.adam, tags.listing)}
    assert (found["vip"].tickets, found["very important"].tickets) == (1, 2)
    with pytest.raises(Conflict):
        run(cast.adam, tags.save, found["vip"].id, name="Very  Important")
    run(cast.adam, tags.merge, found["very important"].id, into=found["vip"].id)
    assert last(cast, "tag.merged") | {"before": 0} == {
        "name": "very important", "into": "vip", "into_id": found["vip"].id, "tickets": "2 tickets", "after": {}, "before": 0,
    }  # fmt: skip
    run(cast.adam, tags.save, found["vip"].id, name="Gold", colour="amber")
    assert [(row.name, row.tickets) for row in run(cast.adam, tags.listing)] == [("gold", 2)]
    assert [tag.name for tag in run(cast.ada, tickets.one, one).ticket.tags] == ["gold"]
    run(cast.adam, tags.delete, found["vip"].id)
    assert last(cast, "tag.deleted")["tickets"] == "2 tickets" and run(cast.adam, tags.listing) == []


VERBS: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = [
    (statuses.save, (), TESTING), (statuses.delete, (1,), {}), (statuses.reorder, ([1],), {}), (statuses.listing, (), {}),
    (statuses.change_transitions, ("agent",), {"allowed": []}), (priorities.save, (), {"label": "x", "rank": 9}),
    (priorities.delete, (1,), {}), (tags.save, (), {"name": "x"}), (tags.merge, (1,), {"into": 2}), (tags.delete, (1,), {}),
    (catalog.delete_category, (1,), {}), (catalog.reorder_categories, ([],), {}),
]  # fmt: skip


@pytest.mark.parametrize(("verb", "args", "form"), VERBS, ids=[f"{v[0].__module__}.{v[0].__name__}" for v in VERBS])
@pytest.mark.parametrize("name", ["rita", "ada", "max", "xena"])
def test_only_admins_arrange(cast: Cast, verb: Any, args: tuple[Any, ...], form: dict[str, Any], name: str) -> None:
    with pytest.raises(NotAllowed):
        run(getattr(cast, name), verb, *args, **form)


def test_another_organizations_arrangements_are_not_there(cast: Cast) -> None:
    new = status_id(cast, "new")
    tag = run(cast.adam, tags.save, name="vip")
    for verb, args, form in (
        (statuses.save, (new,), TESTING),
        (statuses.delete, (new,), {}),
        (tags.delete, (tag,), {}),
    ):
        with pytest.raises(NotFound):
            run(cast.eve, verb, *args, **form)
