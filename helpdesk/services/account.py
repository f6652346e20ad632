"""One's own profile: who somebody is, how they look, and which mails they want. Nobody changes anybody else's here."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlmodel import select

from helpdesk.adapters.storage import storage
from helpdesk.domain import notices, phones, pictures
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Invalid, NotFound
from helpdesk.domain.people import STAFF, Role
from helpdesk.domain.permissions import Permission
from helpdesk.domain.text import one_line
from helpdesk.models import Company, Person
from helpdesk.services import access, organizations, people
from helpdesk.services.context import Context, requires

# Who can have a daily summary of the whole desk.
SUMMARISED = frozenset({Role.MANAGER, Role.EXECUTIVE, Role.ADMIN, Role.SUPERADMIN})


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """A person as they see and change themselves."""

    id: int
    name: str
    email: str
    role: str
    phone: str = ""
    address: str = ""
    department: str = ""
    job_title: str = ""
    timezone: str = "UTC"
    company: str = ""
    picture: str = ""
    wants_mail: bool = True
    # Keys of `domain.notices`: "mail.mention".
    wanted_notices: tuple[str, ...] = ()
    quiet_from: str = ""
    quiet_until: str = ""
    digest_at: str = ""


@requires(Permission.ACCOUNT)
def profile(ctx: Context) -> ProfileRow:
    """One's own profile."""
    person = _me(ctx)
    company = ctx.session.get(Company, person.company_id) if person.company_id else None
    return ProfileRow(
        person.id, person.name, person.email, person.role, person.phone, person.address, person.department,
        person.job_title, person.timezone, company.name if company else "", people.picture_of(person),
        person.wants_mail,
        tuple(sorted(notices.wanted(staff=person.role in STAFF, choices=person.notice_choices))),
        person.quiet_from, person.quiet_until, person.digest_at,
    )  # fmt: skip


@requires(Permission.ACCOUNT)
def change_profile(
    ctx: Context,
    *,
    name: str,
    phone: str = "",
    address: str = "",
    department: str = "",
    job_title: str = "",
    timezone: str,
) -> ProfileRow:
    """Change what others see of one, and one's time zone. The address and the role are an administrator's to change.

    Raises:
        Invalid: a name, number or zone that cannot be accepted; names the field.
    """
    problems = {}
    if len(one_line(name)) < 2:
        problems["name"] = "Tell us your name."
    if not organizations.is_zone(timezone):
        problems["timezone"] = "Choose a time zone from the list."
    try:
        phone = phones.international(phone)
    except Invalid as invalid:
        problems |= invalid.fields
    if problems:
        raise Invalid(**problems)
    person = _me(ctx, lock=True)
    wanted = {
        "name": one_line(name)[:200], "phone": phone, "address": one_line(address)[:500],
        "department": one_line(department)[:120], "job_title": one_line(job_title)[:120], "timezone": timezone,
    }  # fmt: skip
    changed = {key: [getattr(person, key), value] for key, value in wanted.items() if getattr(person, key) != value}
    if changed:
        for key, value in wanted.items():
            setattr(person, key, value)
        person.updated_at = ctx.now
        fields = [key.replace("_", " ") for key in changed]
        ctx.record(ActivityKind.PERSON_PROFILE_CHANGED, subject_id=person.id, fields=fields, changed=changed)
        _seen_anew(ctx, person)
    return profile(ctx)


@requires(Permission.ACCOUNT)
def complete_profile(ctx: Context, *, name: str, phone: str = "", timezone: str) -> None:
    """Say who one is, having come in with another house's account; opens everything else. Twice is once.

    Raises:
        Invalid: as `change_profile`.
    """
    person = _me(ctx, lock=True)
    change_profile(
        ctx, name=name, phone=phone, timezone=timezone, address=person.address, department=person.department,
        job_title=person.job_title,
    )  # fmt: skip
    person.must_complete = False
    _seen_anew(ctx, person)


@requires(Permission.ACCOUNT)
def change_notices(
    ctx: Context,
    *,
    wants_mail: bool,
    wanted: Iterable[str],
    quiet_from: str = "",
    quiet_until: str = "",
    digest_at: str = "",
) -> ProfileRow:
    """Choose what one is told of, and how. Letters about the account itself (a new password, a sign-in) come in any case.

    Args:
        wants_mail: whether any mail comes at all.
        wanted: keys of `domain.notices`, such as "mail.mention"; what is left out does not come.
        quiet_from, quiet_until: times of day in one's zone between which mail and pushes wait; empty: never.
        digest_at: when a daily summary comes, for those who manage; empty: none does.

    Raises:
        Invalid: a time that is none, or half of the quiet hours; names the field.
    """
    begins = notices.checked_time(quiet_from, quiet_from="when they begin")
    ends = notices.checked_time(quiet_until, quiet_until="when they end")
    if bool(begins) != bool(ends):
        missing = "quiet_until" if begins else "quiet_from"
        raise Invalid(**{missing: "Quiet hours have a beginning and an end. Fill in both, or neither."})
    digest = notices.checked_time(digest_at, digest_at="when it comes")
    person = _me(ctx, lock=True)
    if Role(person.role) not in SUMMARISED:
        digest = ""
    before = _choices(person)
    choices = notices.chosen(wanted, staff=person.role in STAFF)
    person.wants_mail, person.notice_choices, person.digest_at = wants_mail, choices, digest
    person.quiet_from, person.quiet_until = begins, ends
    if before != (after := _choices(person)):
        changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
        person.updated_at = ctx.now
        if "digest_at" in changed:
            person.digest_sent_at = ctx.now  # the first one tells of the day from now on
        ctx.record(ActivityKind.PERSON_PROFILE_CHANGED, subject_id=person.id, fields=["notifications"], changed=changed)
    return profile(ctx)


def _choices(person: Person) -> dict[str, Any]:
    return {
        name: getattr(person, name)
        for name in ("wants_mail", "notice_choices", "quiet_from", "quiet_until", "digest_at")
    }


@requires(Permission.ACCOUNT)
def set_picture(ctx: Context, *, stream: Iterable[bytes]) -> str:
    """Show a picture instead of initials; returns its address.

    Raises:
        TooLarge: more than 1 MB.
        Invalid: not a PNG, JPEG, GIF or WebP.
    """
    stored = storage().write(stream, most=pictures.LARGEST)
    kind = pictures.kind(stored.head)
    if not kind:
        storage().delete(stored.key)
        raise Invalid(file="Choose a picture: PNG, JPEG, GIF or WebP.")
    person = _me(ctx, lock=True)
    before, person.picture_key, person.picture_type = person.picture_key, stored.key, kind
    _picture_changed(ctx, person, before)
    return people.picture_of(person)


@requires(Permission.ACCOUNT)
def remove_picture(ctx: Context) -> None:
    """Show initials again."""
    person = _me(ctx, lock=True)
    if not person.picture_key:
        return
    before, person.picture_key, person.picture_type = person.picture_key, "", ""
    _picture_changed(ctx, person, before)


@requires(Permission.TICKET_READ)
def picture(ctx: Context, person_id: int) -> tuple[str, Iterator[bytes]]:
    """The content type and bytes of somebody's picture. Customers see those who work here, and themselves.

    Raises:
        NotFound: nobody whose picture the actor may see, or they have none.
    """
    person = ctx.session.get(Person, access.whole(person_id))
    if person is None or not people.sees_picture(ctx, person.id, person.role) or not person.picture_key:
        raise NotFound("There is no such picture.")
    return person.picture_type, storage().read(person.picture_key)


def _picture_changed(ctx: Context, person: Person, before: str) -> None:
    person.updated_at = ctx.now
    ctx.session.flush()
    if before:
        storage().delete(before)
    ctx.record(ActivityKind.PERSON_PICTURE_CHANGED, subject_id=person.id, has_one=bool(person.picture_key))
    _seen_anew(ctx, person)


def _seen_anew(ctx: Context, person: Person) -> None:
    """Every shell of theirs draws them anew, and processes forget the name and zone they believed in."""
    ctx.topics |= {f"user-{person.id}", f"sessions-{person.id}", f"org-{ctx.organization_id}-presence"}


def _me(ctx: Context, *, lock: bool = False) -> Person:
    query = select(Person).where(Person.id == ctx.actor.person_id)
    return ctx.session.exec(query.with_for_update() if lock else query).one()
