"""People, companies, skills, the organization and the audit, as administrators keep them."""

from typing import Any

import pytest
from sqlmodel import col, select

from helpdesk.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from helpdesk.domain.people import Role, anonymous
from helpdesk.models import Activity, Delivery, Person
from helpdesk.services import (
    attachments,
    audit,
    branding,
    companies,
    offboarding,
    organizations,
    people,
    sign_in,
    skills,
    teams,
    tickets,
)
from helpdesk.services.context import Context
from helpdesk.services.unit_of_work import run
from tests.cast import PASSWORD, Cast

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
SETTINGS: dict[str, Any] = {
    "name": "Acme Support", "timezone": "UTC", "accent": "indigo", "public_form": True, "auto_close_hours": 48,
    "warning_share": 80,
}  # fmt: skip


def last(cast: Cast, kind: str) -> dict[str, Any]:
    """The newest activity of a kind."""

    def read(ctx: Context) -> dict[str, Any]:
        query = select(Activity).where(Activity.kind == kind).order_by(col(Activity.id).desc())
        return ctx.session.exec(query.limit(1)).one().data

    return run(cast.desk, read)


def details(cast: Cast, person_id: int, **more: Any) -> dict[str, Any]:
    """A person's form as it stands."""
    row = run(cast.adam, people.one, person_id)
    return {"name": row.name, "email": row.email, "company_id": row.company_id or None} | more


def test_a_change_of_a_person_is_told_with_names(cast: Cast) -> None:
    german = run(cast.adam, skills.save, name="German")
    form = details(
        cast, cast.ada.person_id, team_ids=(cast.support, cast.billing), skill_ids=(german,), capacity=7, phone="1 23"
    )
    for _ in range(2):
        run(cast.adam, people.change, cast.ada.person_id, **form)
    data = last(cast, "person.changed")
    assert (data["before"]["teams"], data["after"]["skills"], data["after"]["capacity"]) == ("Support", ["German"], 7)
    ada = run(cast.adam, people.one, cast.ada.person_id)
    assert (ada.capacity, ada.skill_ids) == (7, (german,))
    assert [(row.name, row.names) for row in run(cast.ada, skills.listing)] == [("German", "Ada Agent")]
    changes = [row for row in run(cast.adam, audit.listing, subject="person") if row.kind == "person.changed"]
    assert len(changes) == 1, "twice is once"


@pytest.mark.parametrize(
    ("who", "more", "field"),
    [("ada", {"capacity": -1}, "capacity"), ("ada", {"capacity": 501}, "capacity"), ("ada", {"skill_ids": (10**9,)}, "skill_ids"), ("ada", {"team_ids": (10**9,)}, "team_ids")],
)  # fmt: skip
def test_bad_details_are_refused_by_field(cast: Cast, who: str, more: dict[str, Any], field: str) -> None:
    person_id = getattr(cast, who).person_id
    with pytest.raises(Invalid) as refused:
        run(cast.adam, people.change, person_id, **details(cast, person_id, **more))
    assert list(refused.value.fields) == [field]


def test_customers_have_no_skills(cast: Cast) -> None:
    german = run(cast.adam, skills.save, name="German")
    with pytest.raises(Invalid):
        run(cast.adam, people.change, cast.rita.person_id, **details(cast, cast.rita.person_id, skill_ids=(german,)))


def test_people_are_found_by_team_and_company(cast: Cast) -> None:
    assert [row.name for row in run(cast.adam, people.listing, team_id=cast.support)] == ["Ada Agent"]
    assert {row.name for row in run(cast.adam, people.listing, company_id=cast.northwind)} == {
        "Rita Requester",
        "Carl Company",
    }


def test_an_invitation_works_once_and_a_new_one_voids_the_old(cast: Cast) -> None:
    nora = run(cast.adam, people.create, name="Nora New", email="nora@acme.example", role=Role.AGENT)
    run(cast.adam, people.invite, nora)

    def mails(ctx: Context) -> list[str]:
        query = select(Delivery.body_text).where(Delivery.to_address == "nora@acme.example").order_by(col(Delivery.id))
        return list(ctx.session.exec(query).all())

    old, new = (text.split("token=")[1].split()[0] for text in run(cast.desk, mails))
    assert "Adam Admin has made an account for you" in run(cast.desk, mails)[0]
    visitor = anonymous(cast.acme.id)
    with pytest.raises(Invalid):
        run(visitor, sign_in.reset, token=old, password=PASSWORD)
    run(visitor, sign_in.reset, token=new, password=PASSWORD)
    with pytest.raises(Conflict):
        run(cast.adam, people.invite, nora)
    assert last(cast, "person.invited") == {"name": "Nora New"}


def theirs(cast: Cast) -> list[str]:
    """Two tickets of Ada's."""
    refs = [run(cast.rita, tickets.create, title="x", description="y") for _ in range(2)]
    for ref in refs:
        run(cast.ada, tickets.take, ref)
    return refs


def assignee(cast: Cast, ref: str) -> str:
    """Whose a ticket is."""
    return run(cast.max, tickets.one, ref).ticket.assignee


def test_who_leaves_hands_their_tickets_to_a_colleague(cast: Cast) -> None:
    refs = theirs(cast)
    assert run(cast.adam, people.one, cast.ada.person_id).open_tickets == 2
    moved = run(cast.adam, offboarding.deactivate, cast.ada.person_id, tickets=str(cast.bob.person_id))
    assert moved == 2 and {assignee(cast, ref) for ref in refs} == {"Bob Billing"}
    assert not run(cast.adam, people.one, cast.ada.person_id).is_active
    data = last(cast, "person.handed_over")
    assert (data["tickets"], data["after"]) == ("2 tickets", {"assignee": "Bob Billing"})
    assert "Ada Agent has left" in run(cast.max, tickets.history, refs[0])[0].what


def test_who_leaves_gives_their_tickets_back_to_the_queue_or_leaves_them(cast: Cast) -> None:
    refs = theirs(cast)
    assert run(cast.adam, offboarding.deactivate, cast.ada.person_id) == 0
    assert assignee(cast, refs[0]) == "Ada Agent"
    run(cast.adam, people.activate, cast.ada.person_id)
    assert run(cast.adam, offboarding.deactivate, cast.ada.person_id, tickets="queue") == 2
    assert {assignee(cast, ref) for ref in refs} == {""}


def test_whoever_is_next_gets_the_tickets_of_who_leaves(cast: Cast) -> None:
    run(cast.bob, sign_in.set_availability, "available")
    run(cast.max, sign_in.set_availability, "available")
    refs = theirs(cast)
    assert run(cast.adam, offboarding.deactivate, cast.ada.person_id, tickets="queue") == 2
    assert {assignee(cast, ref) for ref in refs} == {"Bob Billing", "Max Manager"}


@pytest.mark.parametrize("to", ["rita", "xena", "eve", "ada"])
def test_tickets_go_to_nobody_who_cannot_have_them(cast: Cast, to: str) -> None:
    with pytest.raises(Invalid):
        run(cast.adam, offboarding.deactivate, cast.ada.person_id, tickets=str(getattr(cast, to).person_id))
    assert run(cast.adam, people.one, cast.ada.person_id).is_active


def test_colleagues_see_who_is_there(cast: Cast) -> None:
    run(cast.bob, sign_in.set_availability, "away")
    run(cast.max, sign_in.set_availability, "available")
    rows = run(cast.ada, people.colleagues)
    assert [(row.name, row.availability) for row in rows[:2]] == [("Max Manager", "available"), ("Bob Billing", "away")]
    assert "Xena Executive" not in {row.name for row in rows}
    with pytest.raises(NotAllowed):
        run(cast.rita, people.colleagues)


def test_a_skill_that_is_asked_for_stays(cast: Cast) -> None:
    french = run(cast.adam, skills.save, name="French")
    run(cast.max, teams.save, cast.support, name="Support", strategy="skill", skill_ids=(french,))
    with pytest.raises(Conflict, match="Support"):
        run(cast.adam, skills.delete, french)
    with pytest.raises(Invalid) as refused:
        run(cast.max, teams.save, cast.support, name="Support", strategy="skill", skill_ids=(999_999,))
    assert list(refused.value.fields) == ["skill_ids"]
    with pytest.raises(Invalid) as refused:
        run(cast.max, teams.save, cast.support, name="Support", lead_ids=(cast.bob.person_id,))
    assert list(refused.value.fields) == ["lead_ids"]


def test_a_company_gathers_its_people_by_domain(cast: Cast) -> None:
    company = run(cast.adam, companies.save, name="Zola & Co", domains=["@Home.example", " zola.example "])
    assert run(cast.adam, people.one, cast.zoe.person_id).company == "Zola & Co"
    assert last(cast, "company.created")["after"]["domains"] == ["home.example", "zola.example"]
    run(cast.adam, people.create, name="Zack Zola", email="zack@zola.example", password=PASSWORD)
    detail = run(cast.adam, companies.one, company)
    assert [member.name for member in detail.members] == ["Zack Zola", "Zoe Zola"]
    with pytest.raises(Conflict):
        run(cast.adam, companies.delete, company)
    assert [row.name for row in run(cast.adam, companies.listing, text="zola.ex")] == ["Zola & Co"]


@pytest.mark.parametrize(
    ("domains", "words"),
    [(["nodot"], "no domain"), (["gmail.com"], "Anybody"), (["northwind.example"], "Northwind"), (["a..b.de"], "no domain"), ([f"d{n}.example" for n in range(51)], "at most")],
)  # fmt: skip
def test_domains_that_cannot_be_one_companys_are_refused(cast: Cast, domains: list[str], words: str) -> None:
    with pytest.raises(Invalid) as refused:
        run(cast.adam, companies.save, name="Other", domains=domains)
    assert words in refused.value.fields["domains"]


def test_a_companys_managers_and_places(cast: Cast) -> None:
    run(cast.adam, companies.set_managers, cast.northwind, person_ids=[cast.rita.person_id])
    assert last(cast, "company.changed") == {
        "name": "Northwind", "before": {"managers": ["Carl Company"]}, "after": {"managers": ["Rita Requester"]},
    }  # fmt: skip
    with pytest.raises(Invalid):
        run(cast.adam, companies.set_managers, cast.northwind, person_ids=[cast.zoe.person_id])
    site = run(cast.adam, companies.save_site, cast.northwind, name="Dock 7", address="Harbour")
    run(cast.adam, companies.save_site, cast.northwind, site, name="Dock 8", address="Harbour")
    assert [row.name for row in run(cast.adam, companies.sites_of, cast.northwind)] == ["Dock 8"]
    rita = details(cast, cast.rita.person_id, site_id=site)
    run(cast.adam, people.change, cast.rita.person_id, **rita)
    with pytest.raises(Invalid):
        run(cast.adam, people.change, cast.rita.person_id, **rita | {"company_id": None})
    run(cast.adam, companies.delete_site, site)
    assert run(cast.adam, people.one, cast.rita.person_id).site_id == 0
    assert last(cast, "site.deleted")["name"] == "Northwind, Dock 8"


def test_skills_are_kept_and_removed(cast: Cast) -> None:
    german = run(cast.adam, skills.save, name="German")
    with pytest.raises(Conflict):
        run(cast.adam, skills.save, name="german")
    run(cast.adam, people.change, cast.ada.person_id, **details(cast, cast.ada.person_id, skill_ids=(german,)))
    run(cast.adam, skills.save, german, name="Deutsch")
    run(cast.adam, skills.delete, german)
    assert last(cast, "skill.deleted")["before"] == {"name": "Deutsch", "people": ["Ada Agent"]}


def test_references_follow_the_prefix_and_old_ones_stay(cast: Cast) -> None:
    old = run(cast.rita, tickets.create, title="x", description="y")
    run(cast.adam, organizations.change, **SETTINGS, reference_prefix=" help ")
    new = run(cast.rita, tickets.create, title="x", description="y")
    assert old.startswith("ACME-") and new.startswith("HELP-")
    assert run(cast.ada, tickets.one, old).ticket.reference == old
    assert last(cast, "organization.changed")["after"] == {"reference_prefix": "HELP"}


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"reference_prefix": "A"}, "reference_prefix"), ({"reference_prefix": "A1"}, "reference_prefix"), ({"reference_prefix": "ÄÖ"}, "reference_prefix"),
        ({"attachment_megabytes": 10**6}, "attachment_megabytes"), ({"attachment_megabytes": -1}, "attachment_megabytes"),
        ({"attachment_types": ["image"]}, "attachment_types"), ({"attachment_types": ["*/*"]}, "attachment_types"),
    ],
)  # fmt: skip
def test_more_settings_out_of_range_are_refused_by_field(cast: Cast, more: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        run(cast.adam, organizations.change, **SETTINGS | more)
    assert list(refused.value.fields) == [field]


def stored(cast: Cast, actor: Any, data: bytes, name: str = "logo.png") -> int:
    """An upload."""
    return run(actor, attachments.store, filename=name, content_type="", stream=[data]).id


def test_the_organization_limits_what_is_attached(cast: Cast) -> None:
    run(cast.adam, organizations.change, **SETTINGS, attachment_megabytes=1, attachment_types=["image/*"])
    stored(cast, cast.rita, PNG)
    for data, name in ((PNG + b"x" * 2**20, "big.png"), (b"hello", "a.txt")):
        with pytest.raises(Exception) as refused:
            stored(cast, cast.rita, data, name)
        assert type(refused.value).__name__ in ("TooLarge", "Invalid")


def test_a_logo_is_an_admins_own_picture(cast: Cast) -> None:
    picture = stored(cast, cast.adam, PNG)
    run(cast.adam, branding.set_logo, picture)
    content_type, stream = run(anonymous(cast.acme.id), branding.logo)
    assert (content_type, b"".join(stream)) == ("image/png", PNG)
    assert run(anonymous(cast.evil.id), branding.logo) is None
    for bad in (picture, stored(cast, cast.ada, PNG), stored(cast, cast.adam, b"hello", "a.txt"), 10**9):
        with pytest.raises(Invalid):
            run(cast.adam, branding.set_logo, bad)
    run(cast.adam, branding.remove_logo)
    assert run(anonymous(cast.acme.id), branding.logo) is None
    assert last(cast, "organization.changed")["after"] == {"logo": "the desk's own"}
    with pytest.raises(NotAllowed):
        run(cast.max, branding.remove_logo)


def test_the_audit_says_who_did_what_with_both_sides(cast: Cast) -> None:
    run(cast.olga, people.change_role, cast.ada.person_id, role="manager")
    row = run(cast.adam, audit.listing)[0]
    assert (row.who, row.what) == ("Olga Owner", "gave Ada Agent another role")
    assert [(one.field, one.before, one.after) for one in row.differences] == [("role", "agent", "manager")]
    run(cast.rita, tickets.create, title="x", description="y")
    run(cast.ada, sign_in.set_availability, "away")
    assert run(cast.adam, audit.listing)[0] == row, "only what administrators do"


def test_the_audit_is_filtered_and_comes_page_by_page(cast: Cast) -> None:
    for number in range(5):
        run(cast.adam, skills.save, name=f"Skill {number}")
    run(cast.olga, companies.save, name="Zola")
    mine = run(cast.adam, audit.listing, person_id=cast.adam.person_id, subject="skill")
    assert [row.what for row in mine] == [f"created the skill “Skill {number}”" for number in reversed(range(5))]
    first = run(cast.adam, audit.listing, subject="skill", size=2)
    assert run(cast.adam, audit.listing, subject="skill", before=first[-1].id, size=2) == mine[2:4]
    assert run(cast.adam, audit.listing, since="2999-01-01") == [] == run(cast.adam, audit.listing, until="1999-01-01")
    assert (cast.olga.person_id, "Olga Owner") in run(cast.adam, audit.actors)
    for bad in ({"since": "soon"}, {"until": "0001-01-01"}, {"subject": "nonsense"}):
        with pytest.raises(Invalid):
            run(cast.adam, audit.listing, **bad)


def test_exports_hold_every_line_and_no_formula(cast: Cast) -> None:
    run(cast.adam, skills.save, name="=1+1")
    text = run(cast.adam, audit.as_csv, subject="skill")
    assert "at,who,what,kind,field,before,after" in text and ",'=1+1" in text
    assert "Adam Admin" in text


def test_the_sign_in_log_is_filtered_for_admins_and_taken_away_by_owners(cast: Cast) -> None:
    visitor = anonymous(cast.acme.id)
    run(visitor, sign_in.sign_in, email="ada@acme.example", password=PASSWORD, address="10.1.2.3", user_agent="x")
    assert [row.email for row in run(cast.adam, audit.attempts, address="10.1.", email="ada")] == ["ada@acme.example"]
    assert run(cast.adam, audit.attempts, address="10.2") == []
    assert "10.1.2.3" in run(cast.olga, audit.attempts_as_csv, outcome="success")
    for actor in (cast.adam, cast.max, cast.rita):
        with pytest.raises(NotAllowed):
            run(actor, audit.attempts_as_csv)


VERBS: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = [
    (companies.save, (), {"name": "x"}), (companies.listing, (), {}), (companies.delete, (1,), {}), (companies.save_site, (1,), {"name": "x"}),
    (skills.save, (), {"name": "x"}), (skills.delete, (1,), {}), (people.invite, (1,), {}), (offboarding.deactivate, (1,), {}), (audit.listing, (), {}),
    (audit.as_csv, (), {}), (audit.actors, (), {}), (audit.attempts, (), {}), (branding.set_logo, (1,), {}),
]  # fmt: skip


@pytest.mark.parametrize(("verb", "args", "form"), VERBS, ids=[f"{v[0].__module__}.{v[0].__name__}" for v in VERBS])
@pytest.mark.parametrize("name", ["rita", "ada", "max", "xena"])
def test_only_admins_administer(cast: Cast, verb: Any, args: tuple[Any, ...], form: dict[str, Any], name: str) -> None:
    with pytest.raises(NotAllowed):
        run(getattr(cast, name), verb, *args, **form)


def test_another_organizations_people_and_companies_are_not_there(cast: Cast) -> None:
    skill = run(cast.adam, skills.save, name="German")
    for verb, args, form in (
        (companies.one, (cast.northwind,), {}), (companies.save_site, (cast.northwind,), {"name": "x"}),
        (skills.delete, (skill,), {}), (people.invite, (cast.ada.person_id,), {}),
        (offboarding.deactivate, (cast.ada.person_id,), {}),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            run(cast.eve, verb, *args, **form)
    assert run(cast.eve, companies.listing) == [] and run(cast.eve, skills.listing) == []
    assert run(cast.desk, lambda ctx: ctx.session.get_one(Person, cast.ada.person_id).is_active)
