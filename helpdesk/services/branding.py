"""The organization's logo: a small picture in place of the desk's own."""

from collections.abc import Iterator

from sqlmodel import select

from helpdesk.adapters.storage import storage
from helpdesk.domain.errors import Invalid
from helpdesk.domain.permissions import Permission
from helpdesk.models import Attachment, Organization
from helpdesk.services import access, organizations, scanning
from helpdesk.services.context import Context, anyone, requires

MOST_BYTES = 512 * 1024
# No SVG: it can carry scripts.
TYPES = ("image/png", "image/jpeg", "image/webp")


@requires(Permission.ORGANIZATION_MANAGE)
def set_logo(ctx: Context, attachment_id: int) -> None:
    """Make an upload of one's own the organization's logo; the one before is forgotten.

    Raises:
        Invalid: no upload of the actor's, no picture, or too large.
    """
    found = ctx.session.get(Attachment, access.whole(attachment_id))
    if found is None or found.ticket_id is not None or found.uploaded_by_id != ctx.actor.person_id:
        raise Invalid(logo="Choose the picture again.")
    if found.scan != scanning.CLEAN:
        raise Invalid(logo="The picture is not checked for viruses yet. Try again in a moment.")
    if found.content_type not in TYPES:
        raise Invalid(logo="Use a PNG, JPEG or WebP picture.")
    if found.size > MOST_BYTES:
        raise Invalid(logo=f"Use a picture of at most {MOST_BYTES // 1024} KB.")
    _replace(ctx, found.storage_key, found.content_type)
    ctx.session.delete(found)


@requires(Permission.ORGANIZATION_MANAGE)
def remove_logo(ctx: Context) -> None:
    """Go back to the desk's own logo."""
    _replace(ctx, "", "")


@anyone
def logo(ctx: Context) -> tuple[str, Iterator[bytes]] | None:
    """The logo's content type and bytes; None when the organization has none of its own."""
    organization = ctx.session.exec(select(Organization)).one()
    if not organization.logo_key:
        return None
    return organization.logo_type, storage().read(organization.logo_key)


def _replace(ctx: Context, key: str, content_type: str) -> None:
    organization = ctx.session.exec(select(Organization).with_for_update(key_share=True)).one()
    before = organizations.facts(organization)
    if organization.logo_key:
        storage().delete(organization.logo_key)
    organization.logo_key, organization.logo_type = key, content_type
    organizations.changed(ctx, before, organization)
