"""Two believable organizations, so that every page has something to show. Asked for by name, never in production."""

import random
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func
from sqlmodel import col, delete, select

from helpdesk.domain.articles import ArticleState
from helpdesk.domain.errors import NotFound
from helpdesk.domain.people import STAFF, system
from helpdesk.domain.sla import STANDARD_TARGETS
from helpdesk.domain.text import slug, to_html
from helpdesk.models import (
    Article,
    ArticleFeedback,
    BusinessCalendar,
    Category,
    Company,
    Person,
    Priority,
    Site,
    SlaPolicy,
    SlaTarget,
    Tag,
    Team,
    TeamMember,
)
from helpdesk.services import catalog, macros, organizations, past, rules, sign_in, unit_of_work
from helpdesk.services.context import Context, step
from helpdesk.services.demo import cast, stories
from helpdesk.services.demo.articles import ARTICLES, Written
from helpdesk.services.demo.cast import Demo
from helpdesk.services.demo.history import Desk, Teller
from helpdesk.services.past import Who

DEMO_PASSWORD = "demo-desk-2026"  # noqa: S105 - published on purpose: the demo is for looking around
DEMO_SIGN_INS = (
    ("agent", "ada@acme.example"),
    ("manager", "max@acme.example"),
    ("admin", "admin@acme.example"),
    ("owner", "owner@acme.example"),
    ("executive", "xenia@acme.example"),
    ("technician", "tom@acme.example"),
    ("customer", "rita@northwind.example"),
    ("company manager", "carl@northwind.example"),
)
DAYS = 90
_TAG_COLOURS = {
    "outage": "red",
    "security": "red",
    "phishing": "red",
    "bug": "orange",
    "invoice": "amber",
    "how-to": "green",
}
_MACROS = (
    (
        "Ask for details",
        [["take"], ["status", "waiting_on_customer"]],
        "Hello {{ requester.first_name }},\n\ncould you tell us which device it is? The serial number stands on the label at its back.\n\n"
        "{{ agent.first_name }}",
    ),
    (
        "Password is reset",
        [["status", "resolved"]],
        "Hello {{ requester.first_name }},\n\nyour password is reset. You have been sent a link to choose a new one.\n\n{{ agent.first_name }}",
    ),
    ("Hand to a vendor", [["tag", "waiting for vendor"], ["status", "on_hold"]], ""),
)
_REMINDER = {
    "when": "idle",
    "after": "2d",
    "if": {"all": [["status_category", "any", "new", "open"], ["assignee", "not", "none"]]},
    "then": [["note", "Nothing has happened here for two days. Can it go on?"]],
}


@dataclass(frozen=True, slots=True)
class _Plan:
    demo: Demo
    stories: tuple[stories.Story, ...]
    done: int  # tickets with an end
    seed: int
    articles: tuple[Written, ...] = ()


PLANS = (
    _Plan(cast.ACME, stories.ACME, 285, 20_26, ARTICLES),
    _Plan(cast.GLOBEX, stories.GLOBEX, 66, 47_11),
)


@step
def create_demo() -> bool:
    """Create the demo organizations with people, tickets and 90 days of history; False when they are there already.

    The same at every run, relative to now.
    """
    created = False
    for plan in PLANS:
        organization_id = _organization(plan.demo)
        created |= unit_of_work.run(system(organization_id), _fill, plan)
    return created


def _organization(demo: Demo) -> int:
    try:
        return organizations.by_slug(demo.slug).id
    except NotFound:
        made = organizations.create(label=demo.slug, name=demo.name, prefix=demo.prefix, timezone=demo.timezone)
        return made.id


def _fill(ctx: Context, plan: _Plan) -> bool:
    if ctx.session.exec(select(func.count()).select_from(Person)).one():
        return False
    people = _people(ctx, plan.demo)
    teams = _teams(ctx, plan.demo, people)
    _categories(ctx, plan, teams)
    _promises(ctx, plan.demo)
    organizations.catalog_changed(ctx)
    desk = _desk(catalog.current(ctx), plan.demo, people)
    teller = Teller(desk, plan.stories, random.Random(plan.seed), now=ctx.now, days=DAYS)  # noqa: S311 - no secret
    past.write(ctx, teller.tell(plan.done))
    _automation(ctx)
    _articles(ctx, plan, people)
    return True


def _automation(ctx: Context) -> None:
    """Macros to try, and a rule at rest to look at: the demo does nothing by itself that nobody asked for."""
    for name, changes, reply in _MACROS:
        macros.save(ctx, name=name, scope="all", changes=changes, reply=reply)
    rules.save(ctx, name="Remind of what lies idle", written=_REMINDER, is_active=False)


def _articles(ctx: Context, plan: _Plan, people: dict[str, Person]) -> None:
    """What has been written down over the last year, and whom it helped."""
    categories = {row.name: row.id for row in catalog.current(ctx).categories}
    authors = {email.partition("@")[0]: person.id for email, person in people.items()}
    for number, (title, category, body, author, helped, not_helped) in enumerate(plan.articles):
        at = ctx.now - timedelta(days=330 - 21 * number, hours=3 * number)
        written = Article(
            slug=slug(title), title=title, body=body, body_html=to_html(body), category_id=categories[category],
            state=ArticleState.PUBLISHED, author_id=authors[author], created_at=at, updated_at=at, published_at=at,
        )  # fmt: skip
        ctx.session.add(written)
        ctx.session.flush()
        said = [True] * helped + [False] * not_helped
        ctx.session.add_all(ArticleFeedback(article_id=written.id, is_helpful=one, at=at) for one in said)


def _people(ctx: Context, demo: Demo) -> dict[str, Person]:
    founded = ctx.now - timedelta(days=400)
    companies, sites = {}, {}
    for name, places in demo.sites.items():
        domain = next(p.email.split("@")[1] for p in demo.players if p.place.startswith(name))
        companies[name] = Company(name=name, domains=[domain], created_at=founded)
        ctx.session.add(companies[name])
        ctx.session.flush()
        for place, address in places:
            sites[f"{name}/{place}"] = Site(company_id=companies[name].id, name=place, address=address)
    ctx.session.add_all(sites.values())
    ctx.session.flush()
    # One hash for all of them: hashing is slow on purpose.
    password_hash = sign_in.hasher().hash(DEMO_PASSWORD)
    people = {}
    for number, player in enumerate(demo.players):
        company = companies.get(player.place.partition("/")[0])
        site = sites.get(player.place)
        joined = founded + timedelta(days=9 * number)
        people[player.email] = Person(
            email=player.email, name=player.name, role=player.role, password_hash=password_hash, phone=player.phone,
            job_title=player.job_title, timezone=demo.timezone, company_id=company.id if company else None,
            site_id=site.id if site else None, is_company_manager=player.is_company_manager,
            created_at=joined, updated_at=joined,
        )  # fmt: skip
    ctx.session.add_all(people.values())
    ctx.session.flush()
    return people


def _teams(ctx: Context, demo: Demo, people: dict[str, Person]) -> dict[str, Team]:
    founded = ctx.now - timedelta(days=400)
    staff = {person.name.split()[0]: person for person in people.values() if person.role in STAFF}
    teams = {name: Team(name=name, strategy=strategy, created_at=founded) for name, (strategy, _) in demo.teams.items()}
    ctx.session.add_all(teams.values())
    ctx.session.flush()
    for name, (_, members) in demo.teams.items():
        for number, member in enumerate(members):
            ctx.session.add(TeamMember(team_id=teams[name].id, person_id=staff[member].id, is_lead=number == 0))
    return teams


def _categories(ctx: Context, plan: _Plan, teams: dict[str, Team]) -> None:
    for position, (name, (team, colour, description)) in enumerate(plan.demo.categories.items()):
        ctx.session.add(
            Category(name=name, description=description, colour=colour, team_id=teams[team].id, position=position)
        )
    tags = sorted({tag for story in plan.stories for tag in story.tags} | {"vip", "waiting for vendor"})
    ctx.session.add_all(Tag(name=name, colour=_TAG_COLOURS.get(name, "gray")) for name in tags)


def _promises(ctx: Context, demo: Demo) -> None:
    """The standard promises in business hours, instead of the preset that runs out while one watches."""
    years = range(ctx.now.year - 1, ctx.now.year + 2)
    holidays = {f"{year}-{day}": name for year in years for day, name in demo.holidays.items()}
    week = {str(day): [["08:00", "18:00"]] for day in range(5)}
    calendar = BusinessCalendar(name="Business hours", timezone=demo.timezone, week=week, holidays=holidays)
    ctx.session.exec(delete(SlaPolicy))
    ctx.session.add(calendar)
    ctx.session.flush()
    policy = SlaPolicy(name="Standard", calendar_id=calendar.id, created_at=ctx.now - timedelta(days=400))
    ctx.session.add(policy)
    ctx.session.flush()
    priorities = dict(ctx.session.exec(select(Priority.slug, Priority.id).order_by(col(Priority.rank))).all())
    for target in STANDARD_TARGETS:
        seconds = int(target.target.total_seconds())
        ctx.session.add(
            SlaTarget(
                policy_id=policy.id, priority_id=priorities[target.priority], metric=target.metric, seconds=seconds
            )
        )


def _desk(known: catalog.Catalog, demo: Demo, people: dict[str, Person]) -> Desk:
    everybody = {
        person.name: Who(
            person.id, person.name, person.email, person.role in STAFF, person.company_id, person.site_id
        )
        for person in people.values()
    }  # fmt: skip
    staff = {who.name.split()[0]: who for who in everybody.values() if who.is_staff}
    team_ids = {team.name: team.id for team in known.teams}
    places = {
        person.id: (player.place.partition("/")[0], player.place.partition("/")[2] or "home")
        for player in demo.players
        if (person := people[player.email]).id
    }
    return Desk(
        known=known,
        customers=tuple(who for who in everybody.values() if not who.is_staff),
        members={team_ids[name]: tuple(staff[one] for one in members) for name, (_, members) in demo.teams.items()},
        places=places,
        bosses={
            player.place.partition("/")[0]: player.name for player in demo.players if player.is_company_manager
        },
    )  # fmt: skip


__all__ = ["DEMO_PASSWORD", "DEMO_SIGN_INS", "create_demo"]
