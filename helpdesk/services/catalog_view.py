"""The catalog's names, for pages that tell conditions in words."""

from sqlmodel import select

from helpdesk.domain.custom_fields import Field, FieldKind
from helpdesk.domain.permissions import Permission
from helpdesk.models import Company
from helpdesk.services import catalog
from helpdesk.services.context import Context, requires


@requires(Permission.CATALOG_MANAGE)
def choice_fields(ctx: Context) -> tuple[Field, ...]:
    """The organization's own fields that are answered by a choice."""
    return tuple(one for one in catalog.current(ctx).fields if one.kind is FieldKind.CHOICE and one.is_active)


@requires(Permission.CATALOG_MANAGE)
def names(ctx: Context) -> dict[str, str]:
    """What values of conditions are called: "category=7" -> its name, "field:3" -> its label."""
    known = catalog.current(ctx)
    found = {f"category={row.id}": row.name for row in known.categories}
    found |= {f"team={row.id}": row.name for row in known.teams}
    found |= {f"priority={row.slug}": row.label for row in known.priorities}
    found |= {f"field:{row.id}": row.label for row in known.fields}
    companies = ctx.session.exec(select(Company.id, Company.name)).all()
    return found | {f"company={number}": name for number, name in companies}
