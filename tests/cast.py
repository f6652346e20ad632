"""The cast: who plays in the tests. Ada and her colleagues at Acme, their customers, and Eve, who must never see a thing."""

from dataclasses import dataclass

from helpdesk.domain.people import Actor, Role, system
from helpdesk.models import Company, Person
from helpdesk.services import organizations, people, sign_in, teams, unit_of_work
from helpdesk.services.context import Context

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Cast:
    """Everybody, as actors; `acme` and `evil` are the organizations."""

    acme: organizations.OrganizationRow
    evil: organizations.OrganizationRow
    desk: Actor
    ada: Actor  # agent, team Support
    bob: Actor  # agent, team Billing
    tom: Actor  # technician
    max: Actor  # manager
    xena: Actor  # executive
    adam: Actor  # admin
    olga: Actor  # superadmin
    rita: Actor  # customer at Northwind
    carl: Actor  # customer at Northwind, company manager
    zoe: Actor  # customer of nobody's company
    eve: Actor  # superadmin of Evil Corp
    mallory: Actor  # customer of Evil Corp
    support: int
    billing: int
    northwind: int


def assemble() -> Cast:
    """Create everybody, committed."""
    acme = organizations.create(label="acme", name="Acme Support", prefix="ACME")
    evil = organizations.create(label="evil", name="Evil Corp", prefix="EVIL")
    desk, lair = system(acme.id), system(evil.id)
    northwind = unit_of_work.run(desk, _company)
    ids = {
        "ada": _person(desk, "Ada Agent", "ada@acme.example", Role.AGENT),
        "bob": _person(desk, "Bob Billing", "bob@acme.example", Role.AGENT),
        "tom": _person(desk, "Tom Technician", "tom@acme.example", Role.TECHNICIAN),
        "max": _person(desk, "Max Manager", "max@acme.example", Role.MANAGER),
        "xena": _person(desk, "Xena Executive", "xena@acme.example", Role.EXECUTIVE),
        "adam": _person(desk, "Adam Admin", "adam@acme.example", Role.ADMIN),
        "olga": _person(desk, "Olga Owner", "olga@acme.example", Role.SUPERADMIN),
        "rita": _person(desk, "Rita Requester", "rita@northwind.example", Role.CUSTOMER),
        "carl": _person(desk, "Carl Company", "carl@northwind.example", Role.CUSTOMER),
        "zoe": _person(desk, "Zoe Zola", "zoe@home.example", Role.CUSTOMER),
    }
    eve = _person(lair, "Eve Evil", "eve@evil.example", Role.SUPERADMIN)
    mallory = _person(lair, "Mallory Malice", "mallory@evil.example", Role.CUSTOMER)
    unit_of_work.run(desk, _make_company_manager, ids["carl"])
    support = unit_of_work.run(desk, teams.save, name="Support", member_ids=(ids["ada"],))
    billing = unit_of_work.run(desk, teams.save, name="Billing", member_ids=(ids["bob"],))
    actors = {name: unit_of_work.run(desk, _actor, person_id) for name, person_id in ids.items()}
    return Cast(
        acme=acme, evil=evil, desk=desk, **actors, eve=unit_of_work.run(lair, _actor, eve),
        mallory=unit_of_work.run(lair, _actor, mallory), support=support, billing=billing, northwind=northwind,
    )  # fmt: skip


def _company(ctx: Context) -> int:
    company = Company(name="Northwind", domains=["northwind.example"], created_at=ctx.now)
    ctx.session.add(company)
    ctx.session.flush()
    return company.id


def _person(desk: Actor, name: str, email: str, role: Role) -> int:
    return unit_of_work.run(desk, people.create, name=name, email=email, role=role, password=PASSWORD)


def _make_company_manager(ctx: Context, person_id: int) -> None:
    ctx.session.get_one(Person, person_id).is_company_manager = True


def _actor(ctx: Context, person_id: int) -> Actor:
    return sign_in.actor_for(ctx, ctx.session.get_one(Person, person_id))
