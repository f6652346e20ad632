"""Teams, the catalog, organizations, and what the desk does as time passes."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select

from helpdesk import clock
from helpdesk.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from helpdesk.domain.people import anonymous
from helpdesk.models import Activity, Tag, Ticket
from helpdesk.services import catalog, organizations, teams, tickets
from helpdesk.services.context import Context
from helpdesk.services.tickets import upkeep
from helpdesk.services.unit_of_work import run
from tests.cast import Cast

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SETTINGS = {
    "name": "Acme",
    "timezone": "Europe/Berlin",
    "accent": "teal",
    "public_form": True,
    "auto_close_hours": 48,
    "warning_share": 80,
}


def _names(cast: Cast) -> list[str]:
    return [row.name for row in run(cast.rita, catalog.categories)]


def test_a_new_category_is_seen_by_the_next_unit_of_work(cast: Cast, heard) -> None:
    assert _names(cast) == []
    category = run(cast.adam, catalog.save_category, name="Hardware")
    assert _names(cast) == ["Hardware"] and f"org-{cast.acme.id}-catalog" in heard.topics
    run(cast.adam, catalog.save_category, category, name="Machines", is_active=False)
    assert _names(cast) == [] and [row.name for row in run(cast.adam, catalog.all_categories)] == ["Machines"]


def test_a_change_is_seen_within_its_own_unit_of_work(cast: Cast) -> None:
    def both(ctx: Context) -> list[str]:
        catalog.save_category(ctx, name="Hardware")
        return [row.name for row in catalog.categories(ctx)]

    assert run(cast.adam, both) == ["Hardware"]


def test_a_rollback_leaves_no_ghost(cast: Cast) -> None:
    def fails(ctx: Context) -> None:
        catalog.save_category(ctx, name="Ghost")
        assert [row.name for row in catalog.categories(ctx)] == ["Ghost"]
        raise Conflict("no")

    with pytest.raises(Conflict):
        run(cast.adam, fails)
    assert _names(cast) == []
    run(cast.adam, catalog.save_category, name="Real")
    assert _names(cast) == ["Real"], "under the version number the ghost would have had"


def test_two_organizations_do_not_share_a_catalog(cast: Cast) -> None:
    mine = run(cast.adam, catalog.save_category, name="Hardware")
    assert run(cast.mallory, catalog.categories) == ()
    with pytest.raises(NotFound):
        run(cast.eve, catalog.save_category, mine, name="Stolen")
    with pytest.raises(Invalid):
        run(cast.mallory, tickets.create, title="x", description="y", category_id=mine)
    with pytest.raises(Invalid):
        run(cast.eve, catalog.save_category, name="Led astray", team_id=cast.support)
    run(cast.eve, catalog.save_category, name="Hardware")


@pytest.mark.parametrize(
    ("more", "field"), [({"name": ""}, "name"), ({"name": "\x00"}, "name"), ({"colour": "#fff"}, "colour"), ({"team_id": 10**9}, "team_id")]
)  # fmt: skip
def test_bad_categories_are_refused_by_field(cast: Cast, more: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        run(cast.adam, catalog.save_category, **({"name": "x"} | more))
    assert list(refused.value.fields) == [field]


def test_names_are_taken_once(cast: Cast) -> None:
    run(cast.adam, catalog.save_category, name="Hardware")
    with pytest.raises(Conflict):
        run(cast.adam, catalog.save_category, name=" Hardware ")
    with pytest.raises(Conflict):
        run(cast.max, teams.save, name="Support")


@pytest.mark.parametrize("name", ["rita", "ada", "max", "xena"])
def test_only_admins_change_the_catalog_and_the_organization(cast: Cast, name: str) -> None:
    actor = getattr(cast, name)
    for verb, form in ((catalog.save_category, {"name": "x"}), (organizations.change, SETTINGS)):
        with pytest.raises(NotAllowed):
            run(actor, verb, **form)


def test_tags_are_made_once_in_lower_case(cast: Cast) -> None:
    refs = [run(cast.rita, tickets.create, title="x", description="y") for _ in range(2)]
    for ref in refs:
        run(cast.ada, tickets.tag, ref, ["VIP", "vip ", " Two  Words", ""])
    assert run(cast.desk, lambda ctx: sorted(ctx.session.exec(select(Tag.name)))) == ["two words", "vip"]


@pytest.mark.parametrize("names", [["x" * 61], [str(number) for number in range(21)]])
def test_too_many_or_too_long_tags_are_refused(cast: Cast, names: list[str]) -> None:
    ref = run(cast.rita, tickets.create, title="x", description="y")
    with pytest.raises(Invalid) as refused:
        run(cast.ada, tickets.tag, ref, names)
    assert "tags" in refused.value.fields


def test_teams_are_listed_with_their_members(cast: Cast) -> None:
    rows = {row.name: row for row in run(cast.ada, teams.listing)}
    assert rows["Support"].member_ids == (cast.ada.person_id,) and rows["Billing"].member_names == "Bob Billing"
    run(cast.max, teams.save, cast.support, name="Support", strategy="least_loaded")
    [support] = [row for row in run(cast.ada, teams.listing) if row.name == "Support"]
    assert (support.members, support.strategy) == (0, "least_loaded")


def test_who_joins_or_leaves_a_team_is_looked_at_anew(cast: Cast, heard) -> None:
    heard.topics.clear()
    run(cast.max, teams.save, cast.support, name="Support", member_ids=(cast.bob.person_id,))
    assert {f"sessions-{cast.ada.person_id}", f"sessions-{cast.bob.person_id}"} <= heard.topics


@pytest.mark.parametrize("member", ["rita", "xena", "eve", "mallory"])
def test_only_those_who_can_be_given_tickets_join_a_team(cast: Cast, member: str) -> None:
    with pytest.raises(Invalid) as refused:
        run(cast.max, teams.save, cast.support, name="Support", member_ids=(getattr(cast, member).person_id,))
    assert "member_ids" in refused.value.fields


def test_another_organizations_team_is_not_there(cast: Cast) -> None:
    with pytest.raises(NotFound):
        run(cast.eve, teams.save, cast.support, name="Stolen")
    assert run(cast.eve, teams.listing) == []
    with pytest.raises(Invalid):
        run(
            cast.eve,
            tickets.create,
            title="x",
            description="y",
            requester_id=cast.mallory.person_id,
            team_id=cast.support,
        )


@pytest.mark.parametrize(
    ("host", "label"),
    [
        ("acme.localhost:3000", "acme"), ("ACME.localhost", "acme"), ("evil.localhost:80", "evil"), ("localhost:3000", "acme"),
        ("localhost", "acme"), ("127.0.0.1:3000", "acme"), ("[::1]:3000", "acme"), ("[::1]", "acme"), ("", "acme"),
        ("evil.localhost.attacker.example", "acme"), ("evillocalhost", "acme"),
    ],
)  # fmt: skip
def test_the_host_names_the_organization(cast: Cast, host: str, label: str) -> None:
    assert organizations.by_host(host).slug == label


@pytest.mark.parametrize(
    "host",
    ["nobody.localhost", "a.b.localhost", "acme.evil.localhost", ".localhost", "%.localhost", "' OR 1=1.localhost"],
)
def test_an_unknown_subdomain_is_nobodys(cast: Cast, host: str) -> None:
    if host == ".localhost":
        assert organizations.by_host(host).slug == "acme"
        return
    with pytest.raises(NotFound):
        organizations.by_host(host)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": " "}, "name"), ({"timezone": "Mars"}, "timezone"), ({"accent": "red; }"}, "accent"), ({"auto_close_hours": 0}, "auto_close_hours"),
        ({"auto_close_hours": 8761}, "auto_close_hours"), ({"warning_share": 100}, "warning_share"), ({"warning_share": 0}, "warning_share"),
    ],
)  # fmt: skip
def test_settings_out_of_range_are_refused_by_field(cast: Cast, more: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        run(cast.adam, organizations.change, **(SETTINGS | more))
    assert list(refused.value.fields) == [field]


def test_settings_change_and_say_what(cast: Cast) -> None:
    for _ in range(2):
        run(cast.adam, organizations.change, **SETTINGS)
    assert (
        run(cast.rita, organizations.mine).timezone == "Europe/Berlin"
        and organizations.by_slug("acme").accent == "teal"
    )

    def said(ctx: Context) -> list[dict[str, object]]:
        return [row.data for row in ctx.session.exec(select(Activity).where(Activity.kind == "organization.changed"))]

    [data] = run(cast.desk, said)
    assert (data["before"]["accent"], data["after"]["accent"]) == ("indigo", "teal")


@pytest.mark.parametrize("label", ["a", "ACME corp", "-x-", "www", "api", "x" * 41, "é", "a.b", "a/b", ""])
def test_addresses_that_cannot_be_are_refused(cast: Cast, label: str) -> None:
    with pytest.raises(Invalid):
        organizations.create(label=label, name="x", prefix="XX")


def test_an_address_is_taken_once(cast: Cast) -> None:
    with pytest.raises(Conflict):
        organizations.create(label="acme", name="Another Acme")


FORM = {"name": "Stan Stranger", "email": "stan@home.example", "title": "Hello", "description": "Help"}


def test_the_public_form_files_for_the_address_and_proves_nothing(cast: Cast) -> None:
    visitor = anonymous(cast.acme.id)
    ref = run(visitor, tickets.create_from_public_form, **FORM | {"email": "RITA@northwind.example"})
    assert run(cast.rita, tickets.one, ref).ticket.requester == "Rita Requester", (
        "the name on the form changes nobody's"
    )
    for verb, args in ((tickets.one, ()), (tickets.reply, ("x",)), (tickets.history, ())):
        with pytest.raises(Exception) as refused:
            run(visitor, verb, ref, *args)
        assert type(refused.value).__name__ == "SignedOut"


def test_a_closed_public_form_is_closed(cast: Cast) -> None:
    run(cast.adam, organizations.change, **SETTINGS | {"public_form": False})
    with pytest.raises(NotAllowed):
        run(anonymous(cast.acme.id), tickets.create_from_public_form, **FORM)


@pytest.mark.parametrize(
    ("more", "field"),
    [({"name": "\x00"}, "name"), ({"email": "x"}, "email"), ({"title": ""}, "title"), ({"description": "x" * 100_001}, "description"), ({"category_id": 10**9}, "category")],
)  # fmt: skip
def test_the_public_form_refuses_by_field_and_leaves_no_stranger(
    cast: Cast, more: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        run(anonymous(cast.acme.id), tickets.create_from_public_form, **FORM | more)
    assert list(refused.value.fields) == [field]


def _resolved(cast: Cast, at: datetime) -> str:
    with clock.frozen(at):
        ref = run(cast.rita, tickets.create, title="x", description="y")
        run(cast.ada, tickets.reply, ref, "Done", then="resolved")
    return ref


def _status(cast: Cast, ref: str) -> str:
    return run(cast.max, tickets.one, ref).ticket.status


def test_resolved_tickets_close_after_the_organizations_hours(cast: Cast) -> None:
    ref = _resolved(cast, NOON)
    with clock.frozen(NOON + timedelta(hours=47, minutes=59)):
        assert run(cast.desk, upkeep.close_resolved) == 0
    with clock.frozen(NOON + timedelta(hours=48)):
        assert run(cast.desk, upkeep.close_resolved) == 1 and run(cast.desk, upkeep.close_resolved) == 0
    assert _status(cast, ref) == "Closed"
    line = run(cast.max, tickets.history, ref)[0]
    assert (line.who, line.what) == ("The desk", "changed the status from Resolved to Closed (resolved for 48 hours)")


def test_the_hours_are_the_organizations(cast: Cast) -> None:
    ref = _resolved(cast, NOON)
    run(cast.adam, organizations.change, **SETTINGS | {"auto_close_hours": 1})
    with clock.frozen(NOON + timedelta(hours=1)):
        assert run(cast.desk, upkeep.close_resolved) == 1
    assert _status(cast, ref) == "Closed"


def test_a_reopened_ticket_waits_anew(cast: Cast) -> None:
    ref = _resolved(cast, NOON)
    with clock.frozen(NOON + timedelta(hours=40)):
        run(cast.rita, tickets.still_a_problem, ref)
    with clock.frozen(NOON + timedelta(hours=100)):
        assert run(cast.desk, upkeep.close_resolved) == 0
        run(cast.ada, tickets.change_status, ref, "resolved")
    with clock.frozen(NOON + timedelta(hours=147)):
        assert run(cast.desk, upkeep.close_resolved) == 0


def test_sleeping_tickets_wake_once(cast: Cast) -> None:
    ref = run(cast.rita, tickets.create, title="x", description="y")

    def snooze(ctx: Context) -> None:
        ctx.session.exec(select(Ticket).where(Ticket.reference == ref)).one().snoozed_until = NOON

    run(cast.desk, snooze)
    with clock.frozen(NOON - timedelta(seconds=1)):
        assert run(cast.desk, upkeep.wake_snoozed) == 0
    with clock.frozen(NOON):
        assert run(cast.desk, upkeep.wake_snoozed) == 1 and run(cast.desk, upkeep.wake_snoozed) == 0
    kinds = run(
        cast.desk, lambda ctx: ctx.session.exec(select(Activity.kind).order_by(col(Activity.id).desc())).first()
    )
    assert kinds == "ticket.woken"
