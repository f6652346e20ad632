"""How somebody likes the workspace: one small document per person, kept on the server so that every browser knows it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from helpdesk.domain.errors import Invalid
from helpdesk.domain.permissions import Permission
from helpdesk.domain.text import one_line
from helpdesk.domain.views import COLUMNS, DENSITIES, LAYOUTS, NARROWEST, WIDEST
from helpdesk.models import Preference
from helpdesk.services.context import Context, requires, step

MOST_SEARCHES = 8


@dataclass(frozen=True, slots=True)
class Preferences:
    """What is remembered. Views go by their slug: `mine`, `v12`."""

    order: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    default: str = ""
    density: str = "comfortable"
    layout: str = "list"
    columns: tuple[str, ...] = ()
    list_width: int = 0  # 0: as it comes
    searches: tuple[str, ...] = ()


@requires(Permission.VIEW_OWN)
def mine(ctx: Context) -> Preferences:
    """What is remembered of the actor."""
    data = ctx.session.exec(select(Preference.data).where(Preference.person_id == ctx.actor.person_id)).first()
    return read(data)


@requires(Permission.VIEW_OWN)
def arrange(
    ctx: Context,
    *,
    density: str | None = None,
    layout: str | None = None,
    columns: Sequence[str] | None = None,
    list_width: int | None = None,
) -> Preferences:
    """Remember how lists look; what is left out stays as it was.

    Raises:
        Invalid: an unknown density, layout or column.
    """
    changed: dict[str, Any] = {}
    if density is not None:
        if density not in DENSITIES:
            raise Invalid(density="Choose comfortable or compact.")
        changed["density"] = density
    if layout is not None:
        if layout not in LAYOUTS:
            raise Invalid(layout="Choose list or table.")
        changed["layout"] = layout
    if columns is not None:
        if set(columns) - COLUMNS.keys():
            raise Invalid(columns="Choose some of the columns.")
        changed["columns"] = tuple(dict.fromkeys(columns))
    if list_width is not None:
        changed["list_width"] = min(WIDEST, max(NARROWEST, list_width))
    return keep(ctx, replace(mine(ctx), **changed))


@requires(Permission.VIEW_OWN)
def remember_search(ctx: Context, words: str) -> Preferences:
    """Put words on top of the recent searches."""
    words, known = one_line(words)[:100], mine(ctx)
    if len(words) < 2 or known.searches[:1] == (words,):
        return known
    # What was typed on the way to these words is not worth remembering.
    others = [one for one in known.searches if not words.lower().startswith(one.lower())]
    return keep(ctx, replace(known, searches=(words, *others)[:MOST_SEARCHES]))


@requires(Permission.VIEW_OWN)
def forget_searches(ctx: Context) -> Preferences:
    """Empty the recent searches."""
    return keep(ctx, replace(mine(ctx), searches=()))


@step
def keep(ctx: Context, preferences: Preferences) -> Preferences:
    """Write all of it."""
    row = insert(Preference).values(person_id=ctx.actor.person_id, data=asdict(preferences))
    ctx.session.execute(
        row.on_conflict_do_update(index_elements=[col(Preference.person_id)], set_={"data": row.excluded.data})
    )
    return preferences


@step
def read(data: Mapping[str, Any] | None) -> Preferences:
    """The document as it is used; what an older or newer version wrote and this one does not know is left out."""
    if not data:
        return Preferences()
    known = {item.name for item in fields(Preferences)}
    kept: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items() if k in known}
    return Preferences(**kept)
