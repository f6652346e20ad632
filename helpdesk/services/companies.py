"""Customers' companies: their domains, their places, and who sees all of a company's requests."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, update
from sqlmodel import col, select

from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.conditions import Field
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.domain.people import Role
from helpdesk.domain.permissions import Permission
from helpdesk.domain.text import one_line
from helpdesk.models import Company, Person, Site, Ticket
from helpdesk.services import access, arranging, catalog
from helpdesk.services.context import Context, requires

MOST_DOMAINS = 50
_DOMAIN = re.compile(r"(?=.{3,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
# Anybody can have an address there: it says nothing about who employs them.
_EVERYBODYS = frozenset(
    {
        "aol.com", "gmail.com", "gmx.de", "gmx.net", "googlemail.com", "hotmail.com", "icloud.com", "live.com",
        "mail.com", "me.com", "outlook.com", "proton.me", "protonmail.com", "t-online.de", "web.de", "yahoo.com",
    }
)  # fmt: skip
_KINDS = (ActivityKind.COMPANY_CREATED, ActivityKind.COMPANY_CHANGED)
_SITE_KINDS = (ActivityKind.SITE_CREATED, ActivityKind.SITE_CHANGED)


@dataclass(frozen=True, slots=True)
class CompanyRow:
    """A company in the list."""

    id: int
    name: str
    domains: str = ""
    people: int = 0
    sites: int = 0


@dataclass(frozen=True, slots=True)
class SiteRow:
    """One of a company's places."""

    id: int
    name: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class MemberRow:
    """Somebody of a company."""

    id: int
    name: str
    email: str
    is_manager: bool


@dataclass(frozen=True, slots=True)
class CompanyDetail:
    """A company with everything about it."""

    id: int
    name: str
    domains: str = ""
    sites: tuple[SiteRow, ...] = ()
    members: tuple[MemberRow, ...] = ()
    tickets: int = 0


@requires(Permission.PERSON_MANAGE)
def listing(ctx: Context, *, text: str = "", after: str = "", size: int = 50) -> list[CompanyRow]:
    """Companies by name.

    Args:
        text: part of the name or a domain.
        after: keyset: only companies after this name.
    """
    members = select(func.count()).select_from(Person).where(Person.company_id == Company.id)
    places = select(func.count()).select_from(Site).where(Site.company_id == Company.id)
    query = (
        select(Company, members.correlate(Company).scalar_subquery(), places.correlate(Company).scalar_subquery())
        .order_by(Company.name)
        .limit(min(size, 500))
    )
    if part := one_line(text)[:100]:
        query = query.where(
            or_(
                col(Company.name).icontains(part, autoescape=True),
                func.array_to_string(Company.domains, " ").contains(part.lower(), autoescape=True),
            )
        )
    if after:
        query = query.where(col(Company.name) > one_line(after))
    return [
        CompanyRow(found.id, found.name, ", ".join(found.domains), people, sites)
        for found, people, sites in ctx.session.exec(query).all()
    ]


@requires(Permission.PERSON_MANAGE)
def one(ctx: Context, company_id: int) -> CompanyDetail:
    """A company, its places and its people (the first 200 by name).

    Raises:
        NotFound: no such company.
    """
    company = access.one(ctx, Company, company_id, what="company")
    members = ctx.session.exec(
        select(Person).where(Person.company_id == company.id).order_by(Person.name).limit(200)
    ).all()
    number = select(func.count()).select_from(Ticket).where(Ticket.company_id == company.id)
    return CompanyDetail(
        company.id, company.name, ", ".join(company.domains),
        tuple(SiteRow(site.id, site.name, site.address) for site in _sites(ctx, company)),
        tuple(MemberRow(each.id, each.name, each.email, each.is_company_manager) for each in members),
        ctx.session.exec(number).one(),
    )  # fmt: skip


@requires(Permission.PERSON_MANAGE)
def save(ctx: Context, company_id: int | None = None, *, name: str, domains: Sequence[str] = ()) -> int:
    """Create a company, or change the one with `company_id`; returns its id.

    Customers of no company whose address is at one of the domains join it; so does whoever registers later.

    Raises:
        Invalid: no name, or a domain that cannot be one company's.
        Conflict: another company has the name.
        NotFound: no such company.
    """
    name = arranging.checked_name(name, most=200, what="the company")
    words = _checked_domains(ctx, company_id, domains)
    twin = ctx.session.exec(select(Company.id).where(Company.name == name)).first()
    if twin and twin != company_id:
        raise Conflict(f"There is a company “{name}” already.")
    company = access.one(ctx, Company, company_id, what="company") if company_id else None
    before = arranging.facts(company, "name", "domains") if company else None
    company = company or Company(name=name, created_at=ctx.now)
    company.name, company.domains = name, words
    ctx.session.add(company)
    ctx.session.flush()
    if words:
        loose = update(Person).where(
            col(Person.company_id).is_(None), col(Person.role) == Role.CUSTOMER,
            func.split_part(func.lower(Person.email), "@", 2).in_(words),
        )  # fmt: skip
        ctx.session.execute(loose.values(company_id=company.id))
    arranging.wrote(ctx, _KINDS, company.id, name, before, arranging.facts(company, "name", "domains"))
    return company.id


@requires(Permission.PERSON_MANAGE)
def set_managers(ctx: Context, company_id: int, *, person_ids: Sequence[int]) -> None:
    """Say who sees everything the company's people have filed.

    Raises:
        Invalid: somebody who does not belong to the company.
        NotFound: no such company.
    """
    company = access.one(ctx, Company, company_id, what="company")
    members = ctx.session.exec(select(Person).where(Person.company_id == company.id).with_for_update()).all()
    wanted = set(person_ids)
    if wanted - {person.id for person in members}:
        raise Invalid(managers="Choose people of this company.")
    before = sorted(person.name for person in members if person.is_company_manager)
    for person in members:
        if person.is_company_manager != (person.id in wanted):
            person.is_company_manager = person.id in wanted
            ctx.topics.add(f"sessions-{person.id}")
    after = sorted(person.name for person in members if person.is_company_manager)
    arranging.wrote(ctx, _KINDS, company.id, company.name, {"managers": before}, {"managers": after})


@requires(Permission.PERSON_MANAGE)
def delete(ctx: Context, company_id: int) -> None:
    """Remove a company nobody belongs to and no ticket names, with its places.

    Raises:
        Conflict: people or tickets belong to it, or a policy asks for it.
        NotFound: no such company.
    """
    company = access.one(ctx, Company, company_id, what="company")
    for model, what in ((Person, "People"), (Ticket, "Requests")):
        if ctx.session.exec(select(func.count()).select_from(model).where(model.company_id == company.id)).one():
            raise Conflict(f"{what} belong to “{company.name}”. A company with a history stays.")
    catalog.keep_what_policies_ask(ctx, Field.COMPANY, str(company.id), company.name)
    before = arranging.facts(company, "name", "domains")
    ctx.session.delete(company)
    ctx.session.flush()
    arranging.deleted(ctx, ActivityKind.COMPANY_DELETED, company.id, company.name, before)


@requires(Permission.PERSON_MANAGE)
def save_site(ctx: Context, company_id: int, site_id: int | None = None, *, name: str, address: str = "") -> int:
    """Add a place to a company, or change the one with `site_id`; returns its id.

    Raises:
        Invalid: no name, or one of the company's places has it.
        NotFound: no such company or place.
    """
    company = access.one(ctx, Company, company_id, what="company")
    name = arranging.checked_name(name, most=200, field="site_name", what="the place")
    sites = _sites(ctx, company)
    if any(site.name.lower() == name.lower() and site.id != site_id for site in sites):
        raise Invalid(site_name=f"There is a place “{name}” already.")
    site = access.one(ctx, Site, site_id, what="place") if site_id else None
    if site is not None and site.company_id != company.id:
        raise Invalid(site_name="That place belongs to another company.")
    before = arranging.facts(site, "name", "address") if site else None
    site = site or Site(company_id=company.id, name=name)
    site.name, site.address = name, one_line(address)[:500]
    ctx.session.add(site)
    ctx.session.flush()
    after = arranging.facts(site, "name", "address")
    arranging.wrote(ctx, _SITE_KINDS, site.id, f"{company.name}, {name}", before, after)
    return site.id


@requires(Permission.PERSON_MANAGE)
def delete_site(ctx: Context, site_id: int) -> None:
    """Remove a place; people and tickets of it stay, without a place.

    Raises:
        NotFound: no such place.
    """
    site = access.one(ctx, Site, site_id, what="place")
    company = ctx.session.get_one(Company, site.company_id)
    before = arranging.facts(site, "name", "address")
    ctx.session.delete(site)
    ctx.session.flush()
    arranging.deleted(ctx, ActivityKind.SITE_DELETED, site.id, f"{company.name}, {site.name}", before)


@requires(Permission.PERSON_MANAGE)
def sites_of(ctx: Context, company_id: int) -> list[SiteRow]:
    """A company's places by name.

    Raises:
        NotFound: no such company.
    """
    company = access.one(ctx, Company, company_id, what="company")
    return [SiteRow(site.id, site.name, site.address) for site in _sites(ctx, company)]


def _sites(ctx: Context, company: Company) -> Sequence[Site]:
    return ctx.session.exec(select(Site).where(Site.company_id == company.id).order_by(Site.name)).all()


def _checked_domains(ctx: Context, company_id: int | None, domains: Sequence[str]) -> list[str]:
    words = list(dict.fromkeys(one_line(word).lower().removeprefix("@") for word in domains if one_line(word)))
    if len(words) > MOST_DOMAINS:
        raise Invalid(domains=f"Use at most {MOST_DOMAINS} domains.")
    for word in words:
        if not _DOMAIN.fullmatch(word):
            raise Invalid(domains=f"“{word[:60]}” is no domain. Use words such as example.com.")
        if word in _EVERYBODYS:
            raise Invalid(domains=f"Anybody can have an address at {word}: it cannot be one company's.")
    if words:
        taken = select(Company).where(col(Company.domains).op("&&")(words), col(Company.id) != (company_id or 0))
        if other := ctx.session.exec(taken).first():
            raise Invalid(domains=f"“{other.name}” has {', '.join(sorted(set(other.domains) & set(words)))} already.")
    return words
