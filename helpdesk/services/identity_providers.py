"""Sign-in providers: whose accounts open this desk besides its own passwords."""

from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr
from sqlalchemy import func
from sqlmodel import col, select

from helpdesk import settings
from helpdesk.adapters import http, oauth, vault
from helpdesk.adapters.oauth import Application
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Conflict, Invalid, NotFound
from helpdesk.domain.permissions import Permission
from helpdesk.models import Identity, IdentityProvider
from helpdesk.services import access, arranging, catalog
from helpdesk.services.context import Context, anyone, requires, step

GOOGLE = "google"
OPENID = "oidc"
GOOGLE_ISSUER = "https://accounts.google.com"
MOST = 12
_PURPOSE = "identity provider"
_KINDS = (ActivityKind.PROVIDER_CREATED, ActivityKind.PROVIDER_CHANGED)


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """A provider as owners see it. The secret is not among it."""

    id: int
    kind: str = GOOGLE
    name: str = ""
    issuer: str = ""
    client_id: str = ""
    is_active: bool = False
    position: int = 0
    people: int = 0
    redirect_uri: str = ""


@dataclass(frozen=True, slots=True)
class OfferedRow:
    """A provider as the sign-in page offers it."""

    id: int
    kind: str
    name: str


@anyone
def offered(ctx: Context) -> list[OfferedRow]:
    """The active providers, in the order of the sign-in page."""
    query = select(IdentityProvider.id, IdentityProvider.kind, IdentityProvider.name)
    rows = ctx.session.exec(query.where(col(IdentityProvider.is_active)).order_by(*_order())).all()
    return [OfferedRow(*row) for row in rows]


@step
def active(ctx: Context, provider_id: int) -> IdentityProvider:
    """A provider that is offered.

    Raises:
        NotFound: no such provider, or it is switched off.
    """
    found = ctx.session.get(IdentityProvider, provider_id)
    if found is None or not found.is_active:
        raise NotFound("This way to sign in is not offered any more. Choose another one.")
    return found


@step
def application(found: IdentityProvider) -> Application:
    """What the adapter needs to sign somebody in.

    Raises:
        Conflict: SECRET_KEY has changed since the secret was sealed.
    """
    try:
        secret = vault.unseal(_PURPOSE, found.sealed_secret).decode()
    except vault.Unreadable:
        raise Conflict(f"The secret of {found.name} was sealed with another SECRET_KEY. Enter it again.") from None
    return Application(found.kind, found.issuer, found.client_id, SecretStr(secret))


@step
def redirect_uri(slug: str, provider_id: int) -> str:
    """Where a provider sends the browser back to; its own settings must list it."""
    return f"{settings.get().organization_url(slug)}/auth/oidc/{provider_id}/callback"


@requires(Permission.ORGANIZATION_MANAGE)
def listing(ctx: Context) -> list[ProviderRow]:
    """Every provider, in the order of the sign-in page."""
    people = (
        select(func.count()).select_from(Identity).where(Identity.provider_id == IdentityProvider.id).scalar_subquery()
    )
    rows = ctx.session.exec(select(IdentityProvider, people).order_by(*_order())).all()
    slug = catalog.current(ctx).organization.slug
    return [
        ProviderRow(
            row.id, row.kind, row.name, row.issuer, row.client_id, row.is_active, row.position, int(number or 0),
            redirect_uri(slug, row.id),
        )
        for row, number in rows
    ]  # fmt: skip


@requires(Permission.PROVIDER_MANAGE)
def save(
    ctx: Context,
    provider_id: int | None = None,
    *,
    kind: str,
    name: str,
    client_id: str,
    client_secret: str = "",
    issuer: str = "",
    position: int = 0,
) -> int:
    """Create a provider, switched off, or change the one with `provider_id`; returns its id.

    Args:
        issuer: the address the provider calls itself; Google's is known.
        client_secret: empty keeps the one there is.

    Raises:
        Invalid: names the fields that cannot be accepted.
        Conflict: another provider has the name, or people sign in with accounts of another issuer already.
        NotFound: no such provider.
    """
    found = _one(ctx, provider_id) if provider_id else None
    wanted = _checked(kind=kind, name=name, client_id=client_id, issuer=issuer, position=position)
    if found is None and not client_secret.strip():
        raise Invalid(client_secret="Paste the client secret the provider gave you.")  # noqa: S106 - a sentence
    if len(client_secret) > 500:
        raise Invalid(client_secret="A client secret has at most 500 characters.")  # noqa: S106 - a sentence
    twin = select(IdentityProvider.id).where(func.lower(IdentityProvider.name) == wanted["name"].lower())
    if ctx.session.exec(twin.where(col(IdentityProvider.id) != (found.id if found else 0))).first():
        raise Conflict(f"There is a provider “{wanted['name']}” already.")
    if found is None:
        if len(ctx.session.exec(select(IdentityProvider.id)).all()) >= MOST:
            raise Conflict(f"{MOST} providers are the most a sign-in page can show. Delete one first.")
        before, found = None, IdentityProvider(sealed_secret="", created_at=ctx.now, **wanted)
    else:
        before = _facts(found)
        # Who somebody is, is the issuer's word: under another one the same subject is another person.
        if found.issuer != wanted["issuer"] and _people(ctx, found):
            raise Conflict("People sign in with accounts of this issuer already. Create another provider instead.")
        for field, value in wanted.items():
            setattr(found, field, value)
    if client_secret.strip():
        found.sealed_secret = vault.seal(_PURPOSE, client_secret.strip().encode())
    ctx.session.add(found)
    ctx.session.flush()
    _wrote(ctx, found, before, is_new_secret=bool(client_secret.strip()))
    return found.id


@requires(Permission.PROVIDER_MANAGE)
def activate(ctx: Context, provider_id: int) -> None:
    """Offer a provider on the sign-in page. Twice is once."""
    _switch(ctx, provider_id, to=True)


@requires(Permission.PROVIDER_MANAGE)
def deactivate(ctx: Context, provider_id: int) -> None:
    """Offer it no more; accounts stay linked, and who is signed in stays so. Twice is once."""
    _switch(ctx, provider_id, to=False)


@requires(Permission.PROVIDER_MANAGE)
def check(ctx: Context, provider_id: int) -> None:
    """Ask the provider whether it is there and knows this desk.

    Raises:
        Conflict: what is wrong, in a sentence.
        NotFound: no such provider.
    """
    found = _one(ctx, provider_id)
    address = redirect_uri(catalog.current(ctx).organization.slug, found.id)
    try:
        oauth.provider(application(found)).check(redirect_uri=address)
    except oauth.ProviderFailed as failed:
        raise Conflict(str(failed)) from None


@requires(Permission.PROVIDER_MANAGE)
def delete(ctx: Context, provider_id: int) -> None:
    """Forget a provider and everybody's link to it. Who has no password chooses one by “Forgot password”.

    Raises:
        NotFound: no such provider.
    """
    found = _one(ctx, provider_id)
    before, people = _facts(found), _people(ctx, found)
    ctx.session.delete(found)
    ctx.session.flush()
    linked = f"{people} linked {'account' if people == 1 else 'accounts'}"
    arranging.deleted(ctx, ActivityKind.PROVIDER_DELETED, found.id, found.name, before, people=linked)


def _switch(ctx: Context, provider_id: int, *, to: bool) -> None:
    found = _one(ctx, provider_id)
    before, found.is_active = _facts(found), to
    _wrote(ctx, found, before, is_new_secret=False)


def _wrote(ctx: Context, found: IdentityProvider, before: dict[str, Any] | None, *, is_new_secret: bool) -> None:
    """Into the log: that there is a new secret, never the secret."""
    if before is not None:
        before = before | {"secret": "as it was"}
    after = _facts(found) | {"secret": "new" if is_new_secret else "as it was"}
    arranging.wrote(ctx, _KINDS, found.id, found.name, before, after)


def _checked(*, kind: str, name: str, client_id: str, issuer: str, position: int) -> dict[str, Any]:
    if kind not in (GOOGLE, OPENID):
        raise Invalid(kind="Choose Google or OpenID Connect.")
    name = arranging.checked_name(name, most=60, what="the provider")
    client_id, issuer = client_id.strip(), GOOGLE_ISSUER if kind == GOOGLE else issuer.strip()
    issuer = issuer.removesuffix(oauth.DISCOVERY)
    problems = {}
    if not client_id or len(client_id) > 300 or not client_id.isprintable():
        problems["client_id"] = "Paste the client ID the provider gave you."
    if len(issuer) > 300 or "?" in issuer:
        problems["issuer"] = "Use an address without a question mark, of at most 300 characters."
    elif why := http.problem(issuer):
        problems["issuer"] = why
    if problems:
        raise Invalid(**problems)
    return {
        "kind": kind, "name": name, "client_id": client_id, "issuer": issuer, "position": max(0, min(position, 99)),
    }  # fmt: skip


def _facts(found: IdentityProvider) -> dict[str, Any]:
    return arranging.facts(found, "kind", "name", "issuer", "client_id", "is_active", "position")


def _people(ctx: Context, found: IdentityProvider) -> int:
    query = select(func.count()).select_from(Identity).where(Identity.provider_id == found.id)
    return int(ctx.session.exec(query).one())


def _one(ctx: Context, provider_id: int) -> IdentityProvider:
    return access.one(ctx, IdentityProvider, provider_id, what="sign-in provider")


def _order() -> tuple[Any, ...]:
    return col(IdentityProvider.position), func.lower(IdentityProvider.name), col(IdentityProvider.id)
