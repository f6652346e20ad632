"""Saved views: a filter with a name, personal or shared, and each person's own order of all of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import and_, func, literal_column, true
from sqlalchemy import select as sql_select
from sqlmodel import col, select

from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.conditions import Group, as_json, from_json
from helpdesk.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from helpdesk.domain.filters import BUILT_IN_VIEWS, Sort, TicketFilter
from helpdesk.domain.permissions import Permission, may
from helpdesk.domain.text import one_line
from helpdesk.domain.views import COLUMNS
from helpdesk.models import Preference, View
from helpdesk.services import access, preferences
from helpdesk.services.context import Context, requires
from helpdesk.services.preferences import Preferences

MOST_OWN = 50
MOST_PINNED = 25
_BUILT_IN = {view.slug for view in BUILT_IN_VIEWS}


@dataclass(frozen=True, slots=True)
class ViewRow:
    """A view as the rail shows it. `filter` is what it shows; built-ins have the id 0."""

    slug: str
    label: str
    icon: str
    filter: TicketFilter
    id: int = 0
    columns: tuple[str, ...] = ()
    is_shared: bool = False
    is_pinned: bool = True
    is_default: bool = False
    may_change: bool = False


@requires(Permission.VIEW_OWN)
def listing(ctx: Context) -> tuple[ViewRow, ...]:
    """Built-in, shared and own views in the actor's order. One statement."""
    start = sql_select(literal_column("1")).subquery()
    found: Any = ctx.session.execute(
        sql_select(col(Preference.data), View)
        .select_from(start)
        .outerjoin(Preference, col(Preference.person_id) == ctx.actor.person_id)
        .outerjoin(View, and_(true(), access.sees(ctx.actor, View)))
        .order_by(col(View.name), col(View.id))
    ).all()
    liked = preferences.read(found[0][0])
    rows = [ViewRow(one.slug, one.label, one.icon, one.filter) for one in BUILT_IN_VIEWS]
    rows += [_row(ctx, view) for _, view in found if view is not None]
    place = {slug: number for number, slug in enumerate(liked.order)}
    rows.sort(key=lambda row: place.get(row.slug, len(place)))
    default = liked.default if any(row.slug == liked.default for row in rows) else ""
    return tuple(replace(row, is_pinned=row.slug not in liked.hidden, is_default=row.slug == default) for row in rows)


@dataclass(frozen=True, slots=True)
class Opening:
    """What the workspace needs before it shows a list."""

    views: tuple[ViewRow, ...]
    preferences: Preferences
    may_share: bool = False


@requires(Permission.VIEW_OWN)
def opening(ctx: Context) -> Opening:
    """The actor's views and what they like, when the workspace opens."""
    return Opening(listing(ctx), preferences.mine(ctx), _shares(ctx))


@requires(Permission.VIEW_OWN)
def create(
    ctx: Context,
    *,
    name: str,
    where: Group,
    sort: Sort = Sort.UPDATED,
    columns: Sequence[str] = (),
    is_shared: bool = False,
) -> str:
    """Save a view; returns its slug.

    Raises:
        Invalid: no name, unknown columns.
        Conflict: another view one sees has the name, or there are too many.
        NotAllowed: shared, without the permission to share.
    """
    if is_shared:
        _may_share(ctx)
    count = select(func.count()).where(View.owner_id == ctx.actor.person_id, col(View.deleted_at).is_(None))
    if ctx.session.exec(count).one() >= MOST_OWN:
        raise Conflict(f"You have {MOST_OWN} views already. Delete one you no longer need.")
    view = View(owner_id=ctx.actor.person_id, name=_name(ctx, name), created_at=ctx.now, updated_at=ctx.now)
    view.is_shared, view.sort, view.columns = is_shared, Sort(sort).value, _columns(columns)
    view.conditions = as_json(where)
    ctx.session.add(view)
    ctx.session.flush()
    _record(ctx, ActivityKind.VIEW_CREATED, view)
    return _slug(view.id)


@requires(Permission.VIEW_OWN)
def change(
    ctx: Context,
    slug: str,
    *,
    name: str | None = None,
    where: Group | None = None,
    sort: Sort | None = None,
    columns: Sequence[str] | None = None,
    is_shared: bool | None = None,
) -> None:
    """Change a saved view: its name, what it shows, or whether colleagues see it. What is left out stays.

    Raises:
        NotFound: no such view.
        NotAllowed: a colleague's shared view, or sharing, without the permission.
        Invalid, Conflict: as `create`.
    """
    view = _own(ctx, slug)
    before = _facts(view)
    if name is not None and one_line(name) != view.name:
        view.name = _name(ctx, name, but=view.id)
    if where is not None:
        view.conditions = as_json(where)
    if sort is not None:
        view.sort = Sort(sort).value
    if columns is not None:
        view.columns = _columns(columns)
    if is_shared is not None and is_shared != view.is_shared:
        _may_share(ctx)
        view.is_shared, view.name = is_shared, _name(ctx, view.name, but=view.id) if is_shared else view.name
    if _facts(view) == before:
        return
    view.updated_at = ctx.now
    _record(ctx, ActivityKind.VIEW_CHANGED, view, before=before, after=_facts(view))


@requires(Permission.VIEW_OWN)
def delete(ctx: Context, slug: str) -> None:
    """Delete a saved view; `restore` brings it back.

    Raises:
        NotFound, NotAllowed: as `change`.
    """
    view = _own(ctx, slug)
    view.deleted_at = ctx.now
    _record(ctx, ActivityKind.VIEW_DELETED, view)


@requires(Permission.VIEW_OWN)
def restore(ctx: Context, slug: str) -> None:
    """Bring back a view the actor deleted.

    Raises:
        NotFound: none of theirs.
    """
    view = ctx.session.get(View, _id(slug))
    if view is None or not (view.owner_id == ctx.actor.person_id or (view.is_shared and _shares(ctx))):
        raise NotFound("There is no such view.")
    if view.deleted_at is None:
        return
    view.name, view.deleted_at = _name(ctx, view.name, but=view.id), None
    _record(ctx, ActivityKind.VIEW_RESTORED, view)


@requires(Permission.VIEW_OWN)
def pin(ctx: Context, slug: str, *, pinned: bool) -> None:
    """Show a view in the rail, or keep it behind “More”; for oneself only.

    Raises:
        NotFound: no such view.
        Conflict: too many are pinned.
    """
    rows, liked = _known(ctx, slug), preferences.mine(ctx)
    hidden = tuple(one for one in liked.hidden if one != slug) + (() if pinned else (slug,))
    if pinned and sum(row.is_pinned for row in rows) >= MOST_PINNED:
        raise Conflict(f"At most {MOST_PINNED} views are counted in the rail. Unpin one first.")
    _keep(ctx, replace(liked, hidden=hidden))


@requires(Permission.VIEW_OWN)
def move(ctx: Context, slug: str, *, by: int) -> None:
    """Move a view up (-1) or down (1) in one's own order.

    Raises:
        NotFound: no such view.
    """
    order = [row.slug for row in _known(ctx, slug)]
    old = order.index(slug)
    order.insert(min(max(old + by, 0), len(order) - 1), order.pop(old))
    _keep(ctx, replace(preferences.mine(ctx), order=tuple(order)))


@requires(Permission.VIEW_OWN)
def make_default(ctx: Context, slug: str) -> None:
    """Open the workspace with this view; again: with the usual one.

    Raises:
        NotFound: no such view.
    """
    _known(ctx, slug)
    liked = preferences.mine(ctx)
    _keep(ctx, replace(liked, default="" if liked.default == slug else slug))


def _keep(ctx: Context, liked: Preferences) -> None:
    preferences.keep(ctx, liked)
    ctx.topics.add(f"views-{ctx.actor.person_id}")


def _known(ctx: Context, slug: str) -> tuple[ViewRow, ...]:
    rows = listing(ctx)
    if not any(row.slug == slug for row in rows):
        raise NotFound("There is no such view.")
    return rows


def _own(ctx: Context, slug: str) -> View:
    view = access.one(ctx, View, _id(slug), what="view")
    if view.owner_id != ctx.actor.person_id and not _shares(ctx):
        raise NotAllowed("This view belongs to a colleague. Save it as a view of your own.")
    return view


def _row(ctx: Context, view: View) -> ViewRow:
    wanted = TicketFilter(where=_read(view), sort=Sort(view.sort) if view.sort in tuple(Sort) else Sort.UPDATED)
    is_mine = view.owner_id == ctx.actor.person_id
    return ViewRow(
        _slug(view.id), view.name, "users-round" if view.is_shared else "list-filter", wanted, view.id,
        tuple(one for one in view.columns if one in COLUMNS), view.is_shared, may_change=is_mine or _shares(ctx),
    )  # fmt: skip


def _read(view: View) -> Group | None:
    try:
        return from_json(view.conditions)
    except Invalid:
        # Written by a newer version, then rolled back: one view shows everything rather than all views fail.
        return None


def _slug(view_id: int) -> str:
    return f"v{view_id}"


def _id(slug: str) -> int:
    return access.whole(slug[1:]) if slug.startswith("v") and slug not in _BUILT_IN else -1


def _name(ctx: Context, name: str, *, but: int = 0) -> str:
    name = one_line(name)[:60]
    if not name:
        raise Invalid(name="Give the view a name.")
    twin = access.visible(ctx, View).where(func.lower(View.name) == name.lower(), View.id != but)
    if ctx.session.exec(twin).first() is not None:
        raise Conflict(f"There is a view “{name}” already. Choose another name.")
    return name


def _columns(columns: Sequence[str]) -> list[str]:
    if set(columns) - COLUMNS.keys():
        raise Invalid(columns="Choose some of the columns.")
    return list(dict.fromkeys(columns))


def _shares(ctx: Context) -> bool:
    return may(ctx.actor, Permission.VIEW_SHARE)


def _may_share(ctx: Context) -> None:
    if not _shares(ctx):
        raise NotAllowed("Ask a manager to share this view with your colleagues.")


def _facts(view: View) -> dict[str, object]:
    return {"name": view.name, "conditions": view.conditions, "sort": view.sort, "columns": view.columns, "is_shared": view.is_shared}  # fmt: skip


def _record(ctx: Context, kind: ActivityKind, view: View, **more: Any) -> None:
    ctx.record(kind, subject_id=view.id, name=view.name, shared=view.is_shared, **more)
    # Everybody who may see it counts again.
    ctx.topics.add(f"org-{ctx.organization_id}-views" if view.is_shared else f"views-{ctx.actor.person_id}")
    if "before" in more:
        ctx.topics |= {f"org-{ctx.organization_id}-views", f"views-{ctx.actor.person_id}"}
