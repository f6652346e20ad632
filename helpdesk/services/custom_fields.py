"""The questions an organization asks about its tickets, as admins define them."""

from collections.abc import Sequence

from sqlmodel import col, select

from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.custom_fields import Field, FieldKind
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.domain.permissions import Permission
from helpdesk.domain.text import one_line
from helpdesk.models import CustomField
from helpdesk.services import access, arranging, catalog
from helpdesk.services.context import Context, requires

MOST_FIELDS = 60
_MOST_OPTIONS = 100
_LABEL, _HELP, _OPTION = 80, 200, 120
_KINDS = (ActivityKind.CUSTOM_FIELD_CREATED, ActivityKind.CUSTOM_FIELD_CHANGED)


@requires(Permission.CATALOG_MANAGE)
def listing(ctx: Context) -> tuple[Field, ...]:
    """Every field, those out of use included, in the order they are asked."""
    return catalog.current(ctx).fields


@requires(Permission.CATALOG_MANAGE)
def save(
    ctx: Context,
    field_id: int | None = None,
    *,
    label: str,
    kind: str = FieldKind.TEXT,
    help: str = "",
    options: Sequence[str] = (),
    category_ids: Sequence[int] = (),
    is_required: bool = False,
    is_public: bool = False,
    is_active: bool = True,
) -> int:
    """Create a field, or change the one with `field_id`; returns its id. Answers given stay as they are.

    Args:
        kind: text, number, date, choice or checkbox; cannot change later.
        options: of a choice, in their order.
        category_ids: asked only for tickets of these; of any without one.

    Raises:
        Invalid: no label, an unknown kind or category, a choice without two options.
        Conflict: another field has the label, or there are too many.
        NotFound: no such field.
    """
    label = one_line(label)
    if not 0 < len(label) <= _LABEL:
        raise Invalid(label=f"Give the field a name of at most {_LABEL} characters.")
    field = access.one(ctx, CustomField, field_id, what="field") if field_id else _new(ctx, kind)
    known = catalog.current(ctx)
    wanted = sorted({int(one) for one in category_ids})
    if any(one not in known.category_by_id for one in wanted):
        raise Invalid(category_ids="Choose from the categories.")
    twin = ctx.session.exec(select(CustomField.id).where(CustomField.label == label)).first()
    if twin and twin != field.id:
        raise Conflict(f"There is a field “{label}” already.")
    before = _facts(field) if field_id else None
    field.label, field.help = label, one_line(help)[:_HELP]
    field.options = _options(options) if field.kind == FieldKind.CHOICE else []
    field.category_ids, field.is_required, field.is_public = wanted, is_required, is_public
    field.is_active = is_active
    ctx.session.add(field)
    ctx.session.flush()
    arranging.wrote(ctx, _KINDS, field.id, field.label, before, _facts(field))
    return field.id


@requires(Permission.CATALOG_MANAGE)
def reorder(ctx: Context, ids: Sequence[int]) -> None:
    """Ask the fields in this order.

    Raises:
        Conflict: the list has changed meanwhile.
    """
    rows = ctx.session.exec(select(CustomField).order_by(col(CustomField.position), col(CustomField.id))).all()
    arranging.in_order(ctx, ActivityKind.CUSTOM_FIELD_ORDERED, rows, ids, label="label")


def _new(ctx: Context, kind: str) -> CustomField:
    if kind not in set(FieldKind):
        raise Invalid(kind="Choose one of the kinds.")
    count = len(catalog.current(ctx).fields)
    if count >= MOST_FIELDS:
        raise Conflict(f"There are {MOST_FIELDS} fields already; change one that is out of use.")
    return CustomField(label="", kind=kind, position=count)


def _options(given: Sequence[str]) -> list[str]:
    options = list(dict.fromkeys(one_line(one) for one in given if one_line(one)))
    if not 2 <= len(options) <= _MOST_OPTIONS or any(len(one) > _OPTION for one in options):
        raise Invalid(options=f"Give 2 to {_MOST_OPTIONS} options, one a line, of at most {_OPTION} characters.")
    return options


def _facts(field: CustomField) -> dict[str, object]:
    return field.model_dump(mode="json", exclude={"id", "organization_id", "position"})
