"""Facts into tickets with a past; what they name and nobody knows yet (people, teams, categories, tags) is made on the way."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import SQLModel, and_, col, or_, select

from helpdesk.domain.people import ASSIGNABLE, STAFF, Role
from helpdesk.domain.text import slug
from helpdesk.domain.tickets import DONE_CATEGORIES, StatusCategory
from helpdesk.models import Category, Company, Person, Tag, Team
from helpdesk.services import catalog, organizations
from helpdesk.services.catalog import Catalog
from helpdesk.services.context import Context, step
from helpdesk.services.importing.facts import Facts, Named
from helpdesk.services.importing.mapping import Mapping
from helpdesk.services.past import DESK, PastTicket, Who

Known = dict[str, tuple[Who, Role]]  # who an import has met, by what the file calls them
_NOBODY = Named("Unknown customer")


@step
def tell(ctx: Context, groups: Sequence[Sequence[Facts]], mapping: Mapping, people: Known) -> list[PastTicket]:
    """The tickets of a batch, each told by its rows in order."""
    facts = [one for group in groups for one in group]
    names = _Names(ctx, facts)
    _meet(ctx, facts, mapping.source, people, names.companies)
    teller = _Teller(names, people, mapping.source)
    return [teller.tell(group) for group in groups]


class _Names:
    """Categories, teams, tags and companies by name, those of the batch made if they are missing."""

    def __init__(self, ctx: Context, facts: Sequence[Facts]) -> None:
        known = catalog.current(ctx)
        fresh = [
            *_missing(Category, [row.name for row in known.categories], (one.category for one in facts)),
            *_missing(Team, [row.name for row in known.teams], (one.team for one in facts), created_at=ctx.now, strategy="manual"),
            *_missing(Tag, [row.name for row in known.tags], (tag for one in facts for tag in one.tags)),
        ]  # fmt: skip
        if fresh:
            ctx.session.add_all(fresh)
            ctx.session.flush()
            organizations.catalog_changed(ctx)
            known = catalog.current(ctx)
        self.known: Catalog = known
        self.categories = {row.name.lower(): row for row in known.categories}
        self.teams = {row.name.lower(): row.id for row in known.teams}
        self.tags = {row.name.lower(): row.id for row in known.tags}
        wanted = {one.company for one in facts if one.company}
        found = ctx.session.exec(select(Company).where(col(Company.name).in_(wanted))).all() if wanted else []
        self.companies = {row.name.lower(): row.id for row in found}
        made = _missing(Company, list(self.companies), sorted(wanted), created_at=ctx.now)
        ctx.session.add_all(made)
        ctx.session.flush()
        self.companies |= {row.name.lower(): row.id for row in made}  # type: ignore[attr-defined]


def _missing(model: type[SQLModel], known: Sequence[str], wanted: Iterable[str], **facts: object) -> list[SQLModel]:
    met = {name.lower() for name in known}
    made = []
    for name in wanted:
        if name and name.lower() not in met:
            met.add(name.lower())
            made.append(model(name=name, **facts))
    return made


def _key(one: Named) -> str:
    return one.email or one.name.lower()


def _meet(ctx: Context, facts: Sequence[Facts], source: str, people: Known, companies: dict[str, int]) -> None:
    """Find or make everybody the batch names. Nobody made here can sign in: they have no password, and those without an
    address have one nobody can be reached at."""
    wanted: dict[str, tuple[Named, Role, str]] = {}
    for one in facts:
        for named, role, company in (
            (one.assignee, Role.AGENT, ""), (one.filed_by, Role.AGENT, ""), (one.updated_by, Role.AGENT, ""),
            (one.requester or _NOBODY, Role.CUSTOMER, one.company),
        ):  # fmt: skip
            if named and _key(named) not in people:
                wanted.setdefault(_key(named), (named, role, company))
    if not wanted:
        return
    addresses = [named.email for named, _, _ in wanted.values() if named.email]
    query = select(Person).where(
        or_(
            and_(col(Person.source) == source, col(Person.remote_id).in_(wanted)),
            col(Person.email).in_(addresses or [""]),
        )
    )
    for person in ctx.session.exec(query).all():
        for key in (person.remote_id if person.source == source else None, person.email.lower()):
            if key in wanted:
                people[key] = _who(person)
    fresh = {
        key: Person(
            email=named.email or _address(named.name, source), name=named.name or named.email, role=role,
            wants_mail=bool(named.email), is_active=role is Role.CUSTOMER or bool(named.email),
            company_id=companies.get(company.lower()), source=source, remote_id=key, created_at=ctx.now, updated_at=ctx.now,
        )
        for key, (named, role, company) in wanted.items()
        if key not in people
    }  # fmt: skip
    ctx.session.add_all(fresh.values())
    ctx.session.flush()
    people |= {key: _who(person) for key, person in fresh.items()}


def _who(person: Person) -> tuple[Who, Role]:
    role = Role(person.role)
    who = Who(person.id, person.name, person.email, role in STAFF, person.company_id, person.site_id)
    return who, role


def _address(name: str, source: str) -> str:
    """An address that is the same at every run, and that nobody can ever own (RFC 2606)."""
    short = hashlib.sha256(name.lower().encode()).hexdigest()[:8]
    return f"{slug(name)[:60] or 'person'}.{short}@{slug(source)[:60] or 'desk'}.import.invalid"


class _Teller:
    def __init__(self, names: _Names, people: Known, source: str) -> None:
        self.names, self.known, self.people, self.source = names, names.known, people, source
        self.by_id = {who.id: who for who, _ in people.values()}

    def tell(self, group: Sequence[Facts]) -> PastTicket:
        """A ticket: filed as its first row says, then whatever each row changed."""
        first, last = group[0], group[-1]
        filed_by, _ = self._person(first.filed_by)
        requester, _ = self._person(first.requester or _NOBODY)
        past = PastTicket(
            self.known, title=first.title, description=first.description, requester=requester or DESK, at=first.created_at,
            priority=first.priority, category=self.names.categories.get(first.category.lower()),
            team_id=self.names.teams.get(first.team.lower()), filed_by=filed_by, channel=first.channel,
            with_clocks=False, imported=last.kept, source=self.source, remote_id=first.remote_id,
        )  # fmt: skip
        past.ticket.source, past.ticket.remote_id = self.source, first.remote_id
        if first.tags:
            past.tag(first.created_at, DESK, [self.names.tags[tag] for tag in first.tags])
        for one in group:
            self._change(past, one)
        self._settle(past, last)
        return past

    def _change(self, past: PastTicket, one: Facts) -> None:
        ticket = past.ticket
        at = max(one.updated_at if one.updated_at else one.created_at, past.happenings[-1].at)
        by = self._person(one.updated_by)[0] or DESK
        team_id = self.names.teams.get(one.team.lower())
        if team_id != ticket.team_id:
            past.move_to_team(at, by, team_id)
        agent, role = self._person(one.assignee)
        agent = agent if role in ASSIGNABLE else None
        if (agent.id if agent else None) != ticket.assignee_id:
            previous = self.by_id.get(ticket.assignee_id or 0)
            if agent:
                past.assign(at, by, agent, previous=previous, opens=False)  # the row says its status itself
            elif previous:
                past.unassign(at, by, previous)
        if one.priority.id != ticket.priority_id:
            past.prioritise(at, by, one.priority)
        category = self.names.categories.get(one.category.lower())
        if (category.id if category else None) != ticket.category_id:
            past.categorise(at, by, category)
        self._move(past, at, by, one)

    def _move(self, past: PastTicket, at: datetime, by: Who, one: Facts) -> None:
        if one.status.id == past.ticket.status_id:
            return
        if one.updated_at is None and one.status.category is StatusCategory.CLOSED:
            # One row a ticket: it was resolved before it was closed.
            resolved = one.resolved_at or one.closed_at or at
            past.move(max(at, resolved), by, self.known.first_status(StatusCategory.RESOLVED))
            at = max(at, resolved, one.closed_at or at)
        elif one.updated_at is None and one.status.category is StatusCategory.RESOLVED:
            at = max(at, one.resolved_at or at)
        is_reopened = past.category in DONE_CATEGORIES and one.status.category not in DONE_CATEGORIES
        past.move(at, by, one.status)
        past.ticket.reopen_count += is_reopened

    def _settle(self, past: PastTicket, last: Facts) -> None:
        """What the export says of itself counts more than what its rows let us derive."""
        ticket = past.ticket
        if past.category in DONE_CATEGORIES:
            if last.resolved_at and last.resolved_at >= ticket.created_at:
                ticket.resolved_at = last.resolved_at
            if past.category is StatusCategory.CLOSED and last.closed_at and last.closed_at >= ticket.created_at:
                ticket.closed_at = last.closed_at
            if last.made_sla is not None:
                past.promise_was(kept=last.made_sla, at=past.happenings[-1].at)
        if last.reopen_count is not None:
            ticket.reopen_count = last.reopen_count
        if last.updated_at and last.updated_at > ticket.updated_at:
            ticket.updated_at = last.updated_at

    def _person(self, named: Named) -> tuple[Who | None, Role | None]:
        return self.people[_key(named)] if named else (None, None)
