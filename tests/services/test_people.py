"""People: who may make, change and close whose account."""

import pytest
from sqlmodel import select

from helpdesk.domain.errors import Conflict, Invalid, NotAllowed, NotFound, SignedOut
from helpdesk.domain.people import Actor, Role, anonymous
from helpdesk.models import Activity, Delivery, TeamMember
from helpdesk.services import people, sign_in
from helpdesk.services.context import Context
from helpdesk.services.unit_of_work import run
from tests.cast import PASSWORD, Cast


def _details(cast: Cast, actor: Actor, **more: object) -> dict[str, object]:
    row = run(cast.adam, people.one, actor.person_id)
    return {"name": row.name, "email": row.email, **more}


def _kinds(cast: Cast) -> list[str]:
    return run(cast.desk, lambda ctx: [row.kind for row in ctx.session.exec(select(Activity).order_by(Activity.id))])


@pytest.mark.parametrize("role", list(Role))
def test_admins_give_roles_up_to_manager_and_owners_all(cast: Cast, role: Role) -> None:
    person_id = run(cast.olga, people.create, name="Nora New", email="nora@acme.example", role=role, password=PASSWORD)
    assert run(cast.adam, people.one, person_id).role == role
    form = {"name": "Nils New", "email": "nils@acme.example", "role": role, "password": PASSWORD}
    if role in (Role.ADMIN, Role.SUPERADMIN):
        with pytest.raises(NotAllowed):
            run(cast.adam, people.create, **form)
    else:
        run(cast.adam, people.create, **form)
    assert _kinds(cast)[-1] == "person.created"


@pytest.mark.parametrize("name", ["rita", "ada", "tom", "max", "xena"])
def test_nobody_below_admin_makes_or_changes_people(cast: Cast, name: str) -> None:
    actor = getattr(cast, name)
    with pytest.raises(NotAllowed):
        run(actor, people.create, name="Nora New", email="nora@acme.example")
    with pytest.raises(NotAllowed):
        run(actor, people.change, cast.zoe.person_id, name="Zoe", email="zoe@home.example")
    with pytest.raises(NotAllowed):
        run(actor, people.deactivate, cast.zoe.person_id)
    with pytest.raises(NotAllowed):
        run(actor, people.change_role, actor.person_id, role=Role.SUPERADMIN)


def test_an_admin_cannot_touch_owners_and_other_admins(cast: Cast) -> None:
    other = run(
        cast.olga, people.create, name="Abe Admin", email="abe@acme.example", role=Role.ADMIN, password=PASSWORD
    )
    for person_id in (cast.olga.person_id, other):
        with pytest.raises(NotAllowed):
            run(cast.adam, people.change, person_id, name="Mine now", email="adam+owner@acme.example")
        with pytest.raises(NotAllowed):
            run(cast.adam, people.deactivate, person_id)
        with pytest.raises(NotAllowed):
            run(cast.adam, people.activate, person_id)
        with pytest.raises(NotAllowed):
            run(cast.adam, people.change_role, person_id, role=Role.CUSTOMER)


def test_nobody_changes_their_own_role_or_closes_their_own_account(cast: Cast) -> None:
    with pytest.raises(Invalid):
        run(cast.olga, people.change_role, cast.olga.person_id, role=Role.AGENT)
    for actor in (cast.olga, cast.adam):
        with pytest.raises(Invalid):
            run(actor, people.deactivate, actor.person_id)


def test_another_role_ends_the_sessions_and_the_availability(cast: Cast) -> None:
    form = {"email": "ada@acme.example", "password": PASSWORD}
    token = run(anonymous(cast.acme.id), sign_in.sign_in, **form)
    run(cast.olga, people.change_role, cast.ada.person_id, role=Role.MANAGER)
    assert sign_in.actor_of(token) is None
    assert run(cast.adam, people.one, cast.ada.person_id).availability == "offline"
    assert "person.role_changed" in _kinds(cast)
    assert sign_in.actor_of(run(anonymous(cast.acme.id), sign_in.sign_in, **form)).role is Role.MANAGER


def test_a_role_that_is_none_is_refused(cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        run(cast.olga, people.change_role, cast.ada.person_id, role="god")
    assert "role" in refused.value.fields


def test_closing_an_account_ends_its_sessions_and_opening_it_brings_none_back(cast: Cast, heard) -> None:
    form = {"email": "ada@acme.example", "password": PASSWORD}
    token = run(anonymous(cast.acme.id), sign_in.sign_in, **form)
    for _ in range(2):
        run(cast.adam, people.deactivate, cast.ada.person_id)
    assert sign_in.actor_of(token) is None and f"sessions-{cast.ada.person_id}" in heard.topics
    assert run(cast.adam, people.one, cast.ada.person_id).availability == "offline"
    for _ in range(2):
        run(cast.adam, people.activate, cast.ada.person_id)
    assert sign_in.actor_of(token) is None and sign_in.actor_of(run(anonymous(cast.acme.id), sign_in.sign_in, **form))
    said = [kind for kind in _kinds(cast) if kind in ("person.deactivated", "person.activated")]
    assert said == ["person.deactivated", "person.activated"]


def test_addresses_are_taken_in_any_case_but_only_here(cast: Cast) -> None:
    form = {"name": "Another Ada", "password": PASSWORD}
    with pytest.raises(Conflict):
        run(cast.adam, people.create, email="ADA@ACME.example", **form)
    with pytest.raises(Conflict):
        run(cast.adam, people.change, cast.zoe.person_id, name="Zoe", email="Ada@acme.example")
    run(cast.eve, people.create, email="ada@acme.example", **form)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": ""}, "name"), ({"name": "\x00"}, "name"), ({"email": "nope"}, "email"), ({"role": "god"}, "role"),
        ({"timezone": "Mars/Olympus"}, "timezone"), ({"timezone": "x" * 200}, "timezone"), ({"password": "short"}, "password"),
        ({"team_ids": (999_999,)}, "team_ids"),
    ],
)  # fmt: skip
def test_bad_details_are_refused_by_field(cast: Cast, more: dict[str, object], field: str) -> None:
    form = {"name": "Nora New", "email": "nora@acme.example", "role": "agent", "password": PASSWORD} | more
    with pytest.raises(Invalid) as refused:
        run(cast.adam, people.create, **form)
    assert list(refused.value.fields) == [field]


def test_customers_are_in_no_team(cast: Cast) -> None:
    with pytest.raises(Invalid):
        run(cast.adam, people.create, name="Nora New", email="nora@home.example", team_ids=(cast.support,))
    with pytest.raises(Invalid):
        run(cast.adam, people.change, cast.zoe.person_id, **_details(cast, cast.zoe, team_ids=(cast.support,)))


def test_a_new_person_without_a_password_gets_a_link(cast: Cast) -> None:
    run(cast.adam, people.create, name="Nora New", email="nora@acme.example", role=Role.AGENT)

    def mails(ctx: Context) -> list[str]:
        return [
            row.template for row in ctx.session.exec(select(Delivery).where(Delivery.to_address == "nora@acme.example"))
        ]

    assert run(cast.desk, mails) == ["invitation"]


def test_the_company_follows_the_addresss_domain(cast: Cast) -> None:
    known = run(cast.adam, people.create, name="Nora", email="nora@northwind.example", password=PASSWORD)
    foreign = run(cast.adam, people.create, name="Nils", email="nils@sub.northwind.example", password=PASSWORD)
    assert run(cast.adam, people.one, known).company == "Northwind"
    assert run(cast.adam, people.one, foreign).company == ""


def test_another_organizations_people_teams_and_companies_do_not_exist(cast: Cast) -> None:
    form = {"name": "Nora New", "email": "nora@evil.example"}
    for verb, args, kwargs in (
        (people.one, (cast.ada.person_id,), {}),
        (people.deactivate, (cast.ada.person_id,), {}),
        (people.change_role, (cast.ada.person_id,), {"role": "customer"}),
        (people.change, (cast.ada.person_id,), form),
        (people.create, (), form | {"company_id": cast.northwind}),
    ):
        with pytest.raises(NotFound):
            run(cast.eve, verb, *args, **kwargs)
    with pytest.raises(Invalid):
        run(cast.eve, people.create, **form, role="agent", team_ids=(cast.support,))
    assert {row.email for row in run(cast.eve, people.listing)} == {"eve@evil.example", "mallory@evil.example"}
    assert run(cast.eve, people.companies) == []


@pytest.mark.parametrize(
    "person_id", [None, "x", -1, 0, 2**63, 2**70, float("inf"), float("nan"), "1; DROP TABLE person"]
)
def test_any_id_is_a_number_or_nobody(cast: Cast, person_id: object) -> None:
    with pytest.raises(NotFound):
        run(cast.adam, people.one, person_id)


def test_customers_and_visitors_see_no_people(cast: Cast) -> None:
    for verb, args in ((people.listing, ()), (people.one, (cast.ada.person_id,)), (people.agents, ()), (people.companies, ()), (people.customers, ("a",))):  # fmt: skip
        with pytest.raises(NotAllowed):
            run(cast.rita, verb, *args)
        with pytest.raises(SignedOut):
            run(anonymous(cast.acme.id), verb, *args)
    assert run(anonymous(cast.acme.id), people.me) is None
    assert run(cast.rita, people.me).email == "rita@northwind.example"


def test_lists_are_by_name_in_pages(cast: Cast) -> None:
    shown: list[str] = []
    after = ""
    while rows := run(cast.adam, people.listing, size=3, after=after):
        shown += [row.name for row in rows]
        after = f"{rows[-1].name}|{rows[-1].id}"
    assert shown == [row.name for row in run(cast.adam, people.listing)] and len(shown) == len(set(shown))


@pytest.mark.parametrize(
    ("text", "found"),
    [("RITA", 1), ("northwind.example", 2), ("%", 0), ("_", 0), ("\\", 0), ("nobody", 0), ("'", 0), ("\x00", 10), ("\ud800", 0), ("x" * 10_000, 0)],
)  # fmt: skip
def test_looking_for_people(cast: Cast, text: str, found: int) -> None:
    assert len(run(cast.adam, people.listing, text=text)) == found


@pytest.mark.parametrize("after", ["x", "|", "a|b", "a|²", "\x00|1", f"a|{2**62}"])
def test_broken_places_in_a_list_are_no_error(cast: Cast, after: str) -> None:
    run(cast.adam, people.listing, after=after)


def test_roles_and_activity_filter(cast: Cast) -> None:
    run(cast.adam, people.deactivate, cast.zoe.person_id)
    assert {row.role for row in run(cast.adam, people.listing, role="customer", active=True)} == {"customer"}
    assert "Zoe Zola" not in {row.name for row in run(cast.adam, people.listing, active=True)}
    assert [row.name for row in run(cast.adam, people.listing, active=False)] == ["Zoe Zola"]
    assert all(row.role != "customer" for row in run(cast.adam, people.listing, role="staff"))
    assert "Xena Executive" not in {row.name for row in run(cast.ada, people.agents)}


def test_teams_are_set_not_added(cast: Cast) -> None:
    run(cast.adam, people.change, cast.ada.person_id, **_details(cast, cast.ada, team_ids=(cast.billing,)))

    def teams(ctx: Context) -> list[int]:
        return list(ctx.session.exec(select(TeamMember.team_id).where(TeamMember.person_id == cast.ada.person_id)))

    assert run(cast.desk, teams) == [cast.billing]
