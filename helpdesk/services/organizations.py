"""Which organization a request is for, and its settings."""

import re
import time
import zoneinfo
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlmodel import Session, col, select

from helpdesk import clock, db, settings
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Conflict, Invalid, NotFound
from helpdesk.domain.notices import SWITCHES
from helpdesk.domain.people import Role, system
from helpdesk.domain.permissions import Permission
from helpdesk.domain.satisfaction import MOST_DELAY_HOURS, MOST_REMINDER_DAYS, AskAfter, RatingStyle
from helpdesk.domain.sla import DEMO_TARGETS, SeedTarget
from helpdesk.domain.text import one_line, slug
from helpdesk.domain.tickets import SEED_PRIORITIES, SEED_STATUSES, StatusCategory
from helpdesk.models import Activity, Organization, Priority, SlaPolicy, SlaTarget, Status
from helpdesk.services.context import Context, anyone, requires, step

# How long a process believes what it read about an organization, in seconds.
_BELIEF = 5.0
ACCENTS = ("indigo", "blue", "teal", "green", "orange", "red", "violet", "slate")
MOST_ATTACHMENTS = 50
MOST_STORAGE_MEGABYTES = 10_000_000
_TYPE = re.compile(r"[a-z0-9.+-]{1,60}/(\*|[a-z0-9.+-]{1,60}\*?)")
_RESERVED = frozenset({"www", "api", "mail", "static", "admin"})


@dataclass(frozen=True, slots=True)
class OrganizationRow:
    """What shells and doors need to know about an organization."""

    id: int
    slug: str
    name: str
    reference_prefix: str
    timezone: str
    accent: str
    public_form: bool
    auto_close_hours: int
    warning_share: int
    two_factor_roles: tuple[str, ...] = ()
    logo_key: str = ""
    attachment_megabytes: int = 0
    attachment_types: tuple[str, ...] = ()
    away_after_minutes: int = 0
    escalates: bool = True
    waiting_close_hours: int = 0
    waiting_notice_hours: int = 24
    waiting_status: str = "waiting_on_customer"
    answers_with_articles: bool = False
    undo_seconds: int = 0
    shows_typing: bool = False
    attachments_per_message: int = 20
    storage_megabytes: int = 0
    csat_after: str = AskAfter.RESOLVED
    csat_style: str = RatingStyle.STARS
    csat_delay_hours: int = 1
    csat_reminder_days: int = 3
    notices_off: tuple[str, ...] = ()
    keep_originals_days: int = 0


_known: dict[str, tuple[float, OrganizationRow]] = {}


@anyone
def by_host(host: str) -> OrganizationRow:
    """The organization a request's host names: `acme.example.com`, locally `acme.localhost:3000`; else the default.

    Raises:
        NotFound: the subdomain names no active organization.
    """
    name = host.lower().rsplit(":", 1)[0] if not host.endswith("]") else host
    base = settings.get().base_domain
    label = name.removesuffix("." + base) if name.endswith("." + base) else ""
    return by_slug(label or settings.get().default_organization)


@anyone
def by_slug(label: str) -> OrganizationRow:
    """The active organization with a slug; believed for a few seconds.

    Raises:
        NotFound: there is none.
    """
    now = time.monotonic()
    hit = _known.get(label)
    if hit and now - hit[0] < _BELIEF:
        return hit[1]
    with db.owner_session() as session:
        found = session.exec(
            select(Organization).where(Organization.slug == label, col(Organization.is_active))
        ).first()
    if found is None:
        raise NotFound("There is no help desk at this address.")
    _known[label] = (now, row(found))
    return row(found)


@anyone
def everyone() -> list[OrganizationRow]:
    """Every active organization; for the desk's own sweeps and command line, which go through one unit of work each."""
    with db.owner_session() as session:
        rows = session.exec(select(Organization).where(col(Organization.is_active)).order_by(Organization.slug)).all()
    return [row(found) for found in rows]


@anyone
def create(*, label: str, name: str, prefix: str = "", timezone: str = "UTC") -> OrganizationRow:
    """Found an organization with the statuses, priorities and SLA preset everybody starts with. The command line's verb.

    Args:
        label: its subdomain.
        prefix: 2-8 letters before every ticket reference; made from the slug when empty.

    Raises:
        Invalid: a name that cannot be an address or a prefix.
        Conflict: the slug is taken.
    """
    label = label.strip().lower()
    prefix = (prefix or slug(label).replace("-", "")[:4]).upper()
    if label != slug(label) or not 2 <= len(label) <= 40 or label in _RESERVED:
        raise Invalid(slug="Use 2-40 lower-case letters, digits and hyphens.")
    if not _is_prefix(prefix):
        raise Invalid(prefix="Use 2-8 letters.")
    with db.owner_session() as session:
        if session.exec(select(Organization.id).where(Organization.slug == label)).first():
            raise Conflict(f"There is an organization {label} already.")
        organization = Organization(
            slug=label, name=one_line(name), reference_prefix=prefix, timezone=timezone, created_at=clock.now()
        )
        session.add(organization)
        session.flush()
        found_catalog(session, organization.id)
        actor = system(organization.id)
        session.add(
            Activity(
                organization_id=organization.id, kind=ActivityKind.ORGANIZATION_CREATED, actor_kind=actor.kind,
                actor_name=actor.name, data={"name": organization.name}, at=clock.now(), reacted_at=clock.now(),
            )
        )  # fmt: skip
        session.commit()
    return row(organization)


@step
def found_catalog(session: Session, organization_id: int, targets: tuple[SeedTarget, ...] = DEMO_TARGETS) -> None:
    """The rows every organization starts with."""
    for position, status in enumerate(SEED_STATUSES):
        session.add(
            Status(
                organization_id=organization_id, slug=status.slug, label=status.label, position=position,
                customer_label=status.customer_label, category=status.category, colour=status.colour,
                aliases=list(status.aliases),
            )
        )  # fmt: skip
    priorities = {
        seed.slug: Priority(
            organization_id=organization_id, slug=seed.slug, label=seed.label, rank=seed.rank, colour=seed.colour,
            aliases=list(seed.aliases),
        )
        for seed in SEED_PRIORITIES
    }  # fmt: skip
    session.add_all(priorities.values())
    policy = SlaPolicy(organization_id=organization_id, name="Demo", created_at=clock.now())
    session.add(policy)
    session.flush()
    for target in targets:
        session.add(
            SlaTarget(
                organization_id=organization_id, policy_id=policy.id, priority_id=priorities[target.priority].id,
                metric=target.metric, seconds=int(target.target.total_seconds()),
            )
        )  # fmt: skip


@anyone
def mine(ctx: Context) -> OrganizationRow:
    """The organization of this unit of work."""
    return row(ctx.session.exec(select(Organization)).one())


@requires(Permission.ORGANIZATION_MANAGE)
def change(
    ctx: Context,
    *,
    name: str,
    timezone: str,
    accent: str,
    public_form: bool,
    auto_close_hours: int,
    warning_share: int,
    reference_prefix: str | None = None,
    attachment_megabytes: int | None = None,
    attachment_types: Sequence[str] | None = None,
    two_factor_roles: Collection[str] | None = None,
    away_after_minutes: int | None = None,
    escalates: bool | None = None,
    waiting_close_hours: int | None = None,
    waiting_notice_hours: int | None = None,
    waiting_status: str | None = None,
    answers_with_articles: bool | None = None,
    undo_seconds: int | None = None,
    shows_typing: bool | None = None,
    keep_originals_days: int | None = None,
    attachments_per_message: int | None = None,
    storage_megabytes: int | None = None,
    csat_after: str | None = None,
    csat_style: str | None = None,
    csat_delay_hours: int | None = None,
    csat_reminder_days: int | None = None,
    notices_off: Collection[str] | None = None,
) -> OrganizationRow:
    """Change the organization's settings.

    Args:
        auto_close_hours: hours after which a resolved ticket closes by itself, 1-8760.
        warning_share: percent of an SLA target after which to warn, 1-99.
        reference_prefix: 2-8 letters before the references of new tickets; old references stay. None: as it is.
        attachment_megabytes: how large a file may be, within what the deployment allows; 0 for all of that.
        attachment_types: which content types may be attached, such as image/*; empty for all the deployment allows.
        two_factor_roles: roles that must sign in with two factors; left as it is when not given.
        away_after_minutes: minutes without doing anything after which who is available counts as away, 5-1440; 0 for never.
        escalates: whether tickets are escalated by themselves. None: as it is.
        waiting_close_hours: hours after which a ticket waiting on its customer closes by itself, 2-8760; 0 for never.
        waiting_notice_hours: how many hours before that the customer is told.
        waiting_status: slug of the pending status that says a ticket waits on its customer.
        answers_with_articles: whether new requests are answered with articles that fit.
        undo_seconds: how long a reply waits after Send, to be taken back, 1-60; 0 for not at all.
        shows_typing: whether customers see that somebody is writing to them.
        keep_originals_days: how long mails are kept as they came, 30-3650; 0 for good.
        attachments_per_message: how many files go with one message, 1-50.
        storage_megabytes: how much all files together may fill; 0 for any amount.
        csat_after: when customers are asked how the help was: resolved, closed or never.
        csat_style: whether they choose among stars or thumbs.
        csat_delay_hours: how many hours later they are asked, 0-720.
        csat_reminder_days: after how many days without an answer they are asked once more, 1-13; 0 for not again.
        notices_off: keys of `notices.SWITCHES` nobody is told of. None: as it is.

    Raises:
        Invalid: a setting out of range; names the field.
    """
    organization = ctx.session.exec(select(Organization).with_for_update(key_share=True)).one()
    prefix = organization.reference_prefix if reference_prefix is None else reference_prefix.strip().upper()
    megabytes = organization.attachment_megabytes if attachment_megabytes is None else attachment_megabytes
    types = organization.attachment_types if attachment_types is None else [one.lower() for one in attachment_types]
    problems = {}
    if not one_line(name):
        problems["name"] = "Give the organization a name."
    if accent not in ACCENTS:
        problems["accent"] = "Choose one of the colours."
    if not is_zone(timezone):
        problems["timezone"] = "Choose a time zone from the list."
    if not 1 <= auto_close_hours <= 8760:
        problems["auto_close_hours"] = "Use 1 to 8760 hours."
    if not 1 <= warning_share <= 99:
        problems["warning_share"] = "Use 1 to 99 percent."
    if not _is_prefix(prefix):
        problems["reference_prefix"] = "Use 2 to 8 letters."
    if not 0 <= megabytes <= most_megabytes():
        problems["attachment_megabytes"] = f"Use 1 to {most_megabytes()} MB, or 0 for {most_megabytes()}."
    if wrong := next((one for one in types if not _TYPE.fullmatch(one)), None):
        problems["attachment_types"] = (
            f"“{wrong[:60]}” is no content type. Use words such as image/* or application/pdf."
        )
    each = organization.attachments_per_message if attachments_per_message is None else attachments_per_message
    quota = organization.storage_megabytes if storage_megabytes is None else storage_megabytes
    if not 1 <= each <= MOST_ATTACHMENTS:
        problems["attachments_per_message"] = f"Use 1 to {MOST_ATTACHMENTS} files."
    if not 0 <= quota <= MOST_STORAGE_MEGABYTES:
        problems["storage_megabytes"] = f"Use 1 to {MOST_STORAGE_MEGABYTES} MB, or 0 for any amount."
    asking = _asking(organization, csat_after, csat_style, csat_delay_hours, csat_reminder_days)
    problems |= _asking_problems(*asking)
    away = organization.away_after_minutes if away_after_minutes is None else away_after_minutes
    if away and not 5 <= away <= 1440:
        problems["away_after_minutes"] = "Use 5 to 1440 minutes, or 0 for never."
    waiting = _waiting(organization, waiting_close_hours, waiting_notice_hours, waiting_status)
    problems |= _waiting_problems(ctx, *waiting)
    undo = organization.undo_seconds if undo_seconds is None else undo_seconds
    if not 0 <= undo <= 60:
        problems["undo_seconds"] = "Use 1 to 60 seconds, or 0 for sending at once."
    kept = organization.keep_originals_days if keep_originals_days is None else keep_originals_days
    if kept and not 30 <= kept <= 3650:
        problems["keep_originals_days"] = "Use 30 to 3650 days, or 0 to keep them for good."
    if two_factor_roles is not None and set(two_factor_roles) - set(Role):
        problems["two_factor_roles"] = "Choose among the roles."
    if notices_off is not None and set(notices_off) - set(SWITCHES):
        problems["notices_off"] = f"Choose among {', '.join(SWITCHES)}."
    if problems:
        raise Invalid(**problems)
    before = facts(organization)
    organization.name, organization.reference_prefix = one_line(name)[:200], prefix
    organization.timezone, organization.accent, organization.public_form = timezone, accent, public_form
    organization.auto_close_hours, organization.warning_share = auto_close_hours, warning_share
    if two_factor_roles is not None:
        organization.two_factor_roles = [role.value for role in Role if role in two_factor_roles]
    organization.attachment_megabytes, organization.attachment_types = megabytes, sorted(set(types))
    organization.attachments_per_message, organization.storage_megabytes = each, quota
    (
        organization.csat_after, organization.csat_style,
        organization.csat_delay_hours, organization.csat_reminder_days,
    ) = asking  # fmt: skip
    organization.away_after_minutes = away
    organization.waiting_close_hours, organization.waiting_notice_hours, organization.waiting_status = waiting
    if answers_with_articles is not None:
        organization.answers_with_articles = answers_with_articles
    organization.undo_seconds, organization.keep_originals_days = undo, kept
    if shows_typing is not None:
        organization.shows_typing = shows_typing
    if notices_off is not None:
        organization.notices_off = [name for name in SWITCHES if name in notices_off]
    if escalates is not None:
        organization.escalates = escalates
        organization.escalations_reviewed = 0 if escalates else None
    changed(ctx, before, organization)
    return row(organization)


@step
def changed(ctx: Context, before: dict[str, Any], organization: Organization) -> None:
    """Write down what is different about the organization, and have every process read it anew."""
    _known.clear()
    after = facts(organization)
    keys = [key for key in before if before[key] != after[key]]
    if keys:
        catalog_changed(ctx)
        ctx.record(
            ActivityKind.ORGANIZATION_CHANGED, name=organization.name, before={key: before[key] for key in keys},
            after={key: after[key] for key in keys},
        )  # fmt: skip


@step
def most_megabytes() -> int:
    """The largest file the deployment allows, in whole megabytes."""
    return max(1, settings.get().attachment_max_bytes // 2**20)


@step
def catalog_changed(ctx: Context) -> None:
    """Have every process read the catalog anew, from the moment this unit of work commits."""
    # Not FOR UPDATE: every row written refers to its organization, and two writers changing the catalog would deadlock.
    organization = ctx.session.exec(select(Organization).with_for_update(key_share=True)).one()
    organization.catalog_version += 1
    ctx.catalog_changed = True
    ctx.topics.add(f"org-{ctx.organization_id}-catalog")


@step
def is_zone(timezone: str) -> bool:
    """Whether there is a time zone of this name."""
    return timezone in zoneinfo.available_timezones()


@step
def row(found: Organization) -> OrganizationRow:
    """The organization as others see it."""
    return OrganizationRow(
        found.id, found.slug, found.name, found.reference_prefix, found.timezone, found.accent, found.public_form,
        found.auto_close_hours, found.warning_share, tuple(found.two_factor_roles), found.logo_key,
        found.attachment_megabytes, tuple(found.attachment_types), found.away_after_minutes,
        found.escalates, found.waiting_close_hours, found.waiting_notice_hours, found.waiting_status,
        found.answers_with_articles, found.undo_seconds, found.shows_typing, found.attachments_per_message, found.storage_megabytes,
        found.csat_after, found.csat_style, found.csat_delay_hours, found.csat_reminder_days, tuple(found.notices_off),
        found.keep_originals_days,
    )  # fmt: skip


@step
def facts(organization: Organization) -> dict[str, Any]:
    """The settings as the audit keeps them."""
    shown = asdict(row(organization))
    key = shown.pop("logo_key")
    logo = f"a picture ({key[:6]})" if key else "the desk's own"
    plain = {key: list(value) if isinstance(value, tuple) else value for key, value in shown.items()}
    return {key: value for key, value in plain.items() if key not in ("id", "slug")} | {"logo": logo}


def _asking(
    organization: Organization, after: str | None, style: str | None, delay: int | None, reminder: int | None
) -> tuple[str, str, int, int]:
    """What is said of asking how the help was; what is not given stays."""
    return (
        organization.csat_after if after is None else after,
        organization.csat_style if style is None else style,
        organization.csat_delay_hours if delay is None else delay,
        organization.csat_reminder_days if reminder is None else reminder,
    )


def _asking_problems(after: str, style: str, delay: int, reminder: int) -> dict[str, str]:
    problems = {}
    if after not in set(AskAfter):
        problems["csat_after"] = "Choose resolved, closed or never."
    if style not in set(RatingStyle):
        problems["csat_style"] = "Choose stars or thumbs."
    if not 0 <= delay <= MOST_DELAY_HOURS:
        problems["csat_delay_hours"] = f"Use 0 to {MOST_DELAY_HOURS} hours."
    if not 0 <= reminder <= MOST_REMINDER_DAYS:
        problems["csat_reminder_days"] = f"Use 1 to {MOST_REMINDER_DAYS} days, or 0 for no reminder."
    return problems


def _waiting(
    organization: Organization, hours: int | None, notice: int | None, status: str | None
) -> tuple[int, int, str]:
    """What is said of tickets waiting on their customer; what is not given stays."""
    return (
        organization.waiting_close_hours if hours is None else hours,
        organization.waiting_notice_hours if notice is None else notice,
        organization.waiting_status if status is None else one_line(status),
    )


def _waiting_problems(ctx: Context, hours: int, notice: int, status: str) -> dict[str, str]:
    problems = {}
    if hours and not 2 <= hours <= 8760:
        problems["waiting_close_hours"] = "Use 2 to 8760 hours, or 0 for never."
    if not 1 <= notice <= 8759:
        problems["waiting_notice_hours"] = "Use 1 to 8759 hours."
    elif 2 <= hours <= notice:
        problems["waiting_notice_hours"] = f"Tell them less than {hours} hours ahead, when the waiting has begun."
    if hours and "waiting_close_hours" not in problems:
        pending = select(Status.id).where(Status.slug == status, Status.category == StatusCategory.PENDING)
        if ctx.session.exec(pending).first() is None:
            problems["waiting_status"] = "Choose a status of the kind “pending”."
    return problems


def _is_prefix(prefix: str) -> bool:
    return 2 <= len(prefix) <= 8 and prefix.isalpha() and prefix.isascii()
