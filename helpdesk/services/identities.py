"""Signing in with an account of another house: who it belongs to here, and whose accounts are linked.

A link is made by e-mail address, and only by one the provider has verified: anybody could claim the others.
"""

from dataclasses import dataclass
from typing import NoReturn

from sqlalchemy import delete
from sqlmodel import col, select

from helpdesk.adapters import oauth
from helpdesk.adapters.oauth import Claims
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Conflict, Invalid, NotFound
from helpdesk.domain.people import Role
from helpdesk.domain.permissions import Permission
from helpdesk.domain.text import one_line
from helpdesk.models import Identity, IdentityProvider, Person, Registration
from helpdesk.services import access, catalog, identity_providers, sign_in
from helpdesk.services.context import Context, anyone, requires
from helpdesk.services.sign_in import SignInRefused


@dataclass(frozen=True, slots=True)
class Door:
    """A provider's door: what the adapter needs, and where the browser comes back to."""

    provider_id: int
    name: str
    redirect_uri: str
    application: oauth.Application


@dataclass(frozen=True, slots=True)
class IdentityRow:
    """An account of one's own at a provider."""

    id: int
    provider: str
    kind: str
    email: str
    created_at: str
    last_used_at: str = ""


@dataclass(frozen=True, slots=True)
class WaysIn:
    """How one can sign in besides the second factor."""

    has_password: bool = True
    identities: tuple[IdentityRow, ...] = ()


@anyone
def door(ctx: Context, provider_id: str) -> Door:
    """The door of an active provider of this organization.

    Raises:
        NotFound: there is none.
    """
    found = identity_providers.active(ctx, access.whole(provider_id))
    slug = catalog.current(ctx).organization.slug
    return Door(
        found.id, found.name, identity_providers.redirect_uri(slug, found.id), identity_providers.application(found)
    )


@anyone
def enter_with(ctx: Context, provider_id: int, *, claims: Claims, address: str = "", user_agent: str = "") -> str:
    """Open a session for whom a provider vouches; returns the cookie's value. The first time, the account here with the
    same verified address is linked; without one, a customer's account is made, to be completed.

    Raises:
        SignInRefused: no verified address, another account is linked, or the person is deactivated. It is in the log.
        SecondStepNeeded: all is right so far, and the person signs in with two factors.
        NotFound: the provider was switched off.
    """
    provider = identity_providers.active(ctx, provider_id)
    linked = ctx.session.exec(
        select(Identity).where(Identity.provider_id == provider.id, Identity.subject == claims.subject)
    ).first()
    if linked is None:
        linked = _link(ctx, provider, claims, address, user_agent)
    person = ctx.session.exec(select(Person).where(Person.id == linked.person_id).with_for_update()).one()
    person = sign_in.survivor(ctx, person)
    if not person.is_active:
        _refuse_deactivated(ctx, person, address, user_agent)
    linked.last_used_at = ctx.now
    return sign_in.enter(ctx, person, address=address, user_agent=user_agent, remember=False)


@anyone
def refuse(ctx: Context, sentence: str, *, address: str = "", user_agent: str = "") -> NoReturn:
    """Write down that a sign-in through a provider came to nothing, and say so.

    Raises:
        SignInRefused: always.
    """
    sign_in.attempted(ctx, "", None, "refused_by_provider", address, user_agent)
    raise SignInRefused(sentence)


@requires(Permission.ACCOUNT)
def mine(ctx: Context) -> WaysIn:
    """Whether one has a password, and the accounts one can sign in with instead."""
    rows = ctx.session.exec(
        select(Identity, IdentityProvider.name, IdentityProvider.kind)
        .join(IdentityProvider, col(IdentityProvider.id) == Identity.provider_id)
        .where(Identity.person_id == ctx.actor.person_id)
        .order_by(col(IdentityProvider.position), IdentityProvider.name)
    ).all()
    has_password = ctx.session.exec(select(Person.password_hash).where(Person.id == ctx.actor.person_id)).one()
    identities = (
        IdentityRow(
            one.id, name, kind, one.email, one.created_at.isoformat(),
            one.last_used_at.isoformat() if one.last_used_at else "",
        )
        for one, name, kind in rows
    )  # fmt: skip
    return WaysIn(bool(has_password), tuple(identities))


@requires(Permission.ACCOUNT)
def unlink(ctx: Context, identity_id: int) -> None:
    """Let an account of another house open one's own no longer. Twice is once.

    Raises:
        NotFound: not one of one's own.
        Conflict: there would be no way in left.
    """
    # The person is locked first: two at once could each think that the other one stays.
    person = ctx.session.exec(select(Person).where(Person.id == ctx.actor.person_id).with_for_update()).one()
    rows = ctx.session.exec(
        select(Identity, IdentityProvider)
        .join(IdentityProvider, col(IdentityProvider.id) == Identity.provider_id)
        .where(Identity.person_id == person.id)
    ).all()
    found = next(((one, provider) for one, provider in rows if one.id == identity_id), None)
    if found is None:
        raise NotFound("There is no such account of yours.")
    others = [one for one, provider in rows if one.id != identity_id and provider.is_active]
    if not person.password_hash and not others:
        raise Conflict("This is your only way in. Set a password first.")
    identity, provider = found
    ctx.session.delete(identity)
    ctx.record(ActivityKind.PERSON_IDENTITY_UNLINKED, subject_id=person.id, provider=provider.name)
    sign_in.tell(ctx, person, f"Your account was unlinked from {provider.name}")
    ctx.topics.add(f"sessions-{person.id}")


def _link(ctx: Context, provider: IdentityProvider, claims: Claims, address: str, user_agent: str) -> Identity:
    email = _verified(ctx, provider, claims, address, user_agent)
    person = ctx.session.exec(select(Person).where(Person.email == email).with_for_update()).first()
    is_new = person is None
    person = sign_in.survivor(ctx, person) if person is not None else None
    if person is None:
        person = _new_customer(ctx, email, claims)
    elif not person.is_active:
        _refuse_deactivated(ctx, person, address, user_agent)
    elif _has_another(ctx, provider, person):
        # Addresses are given to new people; accounts are not.
        sign_in.attempted(ctx, email, person.id, "refused_by_provider", address, user_agent)
        raise SignInRefused(
            f"Your account here is linked with another account at {provider.name}. Sign in in another way and unlink it"
            " in your profile first."
        )
    linked = Identity(
        provider_id=provider.id, person_id=person.id, subject=claims.subject, email=email, created_at=ctx.now
    )
    ctx.session.add(linked)
    ctx.session.flush()
    with ctx.acting_as(sign_in.actor_for(ctx, person)):
        if is_new:
            ctx.record(ActivityKind.PERSON_REGISTERED, subject_id=person.id)
        ctx.record(ActivityKind.PERSON_IDENTITY_LINKED, subject_id=person.id, provider=provider.name)
    if not is_new:
        sign_in.tell(ctx, person, f"Your account was linked with {provider.name}, which opens it from now on")
    sign_in.attempted(ctx, email, person.id, "registered" if is_new else "linked", address, user_agent)
    ctx.topics.add(f"sessions-{person.id}")
    return linked


def _verified(ctx: Context, provider: IdentityProvider, claims: Claims, address: str, user_agent: str) -> str:
    """The address the provider vouches for."""
    try:
        email = sign_in.checked_email(claims.email) if claims.is_verified else ""
    except Invalid:
        email = ""
    if email:
        return email
    sign_in.attempted(ctx, one_line(claims.email).lower()[:254], None, "unverified", address, user_agent)
    raise SignInRefused(
        f"{provider.name} has not verified your e-mail address, so we cannot know whose account this is. Verify it there,"
        " or sign in with your password."
    )


def _new_customer(ctx: Context, email: str, claims: Claims) -> Person:
    # Whoever else registered with this address has not proven that it is theirs; this one has.
    ctx.session.execute(delete(Registration).where(col(Registration.email) == email))
    name = one_line(claims.name)[:200]
    person = Person(
        email=email, name=name if len(name) > 1 else email.partition("@")[0], role=Role.CUSTOMER, must_complete=True,
        company_id=sign_in.company_of(ctx, email), created_at=ctx.now, updated_at=ctx.now,
    )  # fmt: skip
    ctx.session.add(person)
    ctx.session.flush()
    return person


def _has_another(ctx: Context, provider: IdentityProvider, person: Person) -> bool:
    query = select(Identity.id).where(Identity.provider_id == provider.id, Identity.person_id == person.id)
    return ctx.session.exec(query).first() is not None


def _refuse_deactivated(ctx: Context, person: Person, address: str, user_agent: str) -> NoReturn:
    sign_in.attempted(ctx, person.email, person.id, "deactivated", address, user_agent)
    raise SignInRefused("This account is deactivated. Ask your administrator.")
