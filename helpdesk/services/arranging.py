"""What changing the desk's arrangements has in common: words, order, and writing down what was before and after."""

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlmodel import SQLModel

from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.domain.text import one_line, slug
from helpdesk.services import organizations
from helpdesk.services.context import Context, step

COLOURS = ("gray", "blue", "teal", "green", "amber", "orange", "red", "violet", "pink")
MOST_ALIASES = 12
Row = TypeVar("Row", bound=SQLModel)


@step
def facts(row: SQLModel, *names: str) -> dict[str, Any]:
    """Some columns of a row by name, as the audit keeps them."""
    return {name: getattr(row, name) for name in names}


@step
def wrote(
    ctx: Context,
    kinds: tuple[ActivityKind, ActivityKind],
    subject_id: int,
    name: str,
    before: dict[str, Any] | None,
    after: dict[str, Any],
) -> bool:
    """Write down that something was created (nothing `before`) or changed, and have the catalog read anew.

    Args:
        kinds: of creating and of changing.

    Returns:
        Whether anything is different; if not, nothing is written.
    """
    if before == after:
        return False
    organizations.catalog_changed(ctx)
    ctx.record(kinds[before is not None], subject_id=subject_id, name=name, before=before or {}, after=after)
    return True


@step
def deleted(ctx: Context, kind: ActivityKind, subject_id: int, name: str, before: dict[str, Any], **more: Any) -> None:
    """Write down that something is gone, and what it was."""
    organizations.catalog_changed(ctx)
    ctx.record(kind, subject_id=subject_id, name=name, before=before, after={}, **more)


@step
def in_order(ctx: Context, kind: ActivityKind, rows: Sequence[Row], ids: Sequence[int], *, label: str) -> None:
    """Give rows the order of their ids.

    Args:
        rows: all of them, in the order they have.
        label: the attribute that names a row.

    Raises:
        Conflict: `ids` are not exactly theirs: somebody added or removed one meanwhile.
    """
    by_id = {row.id: row for row in rows}  # type: ignore[attr-defined]
    if len(ids) != len(set(ids)) or set(ids) != set(by_id):
        raise Conflict("The list has changed meanwhile. Look again and put it in order once more.")
    before = [getattr(row, label) for row in rows]
    for position, row_id in enumerate(ids):
        by_id[row_id].position = position
    after = [getattr(by_id[row_id], label) for row_id in ids]
    if before != after:
        organizations.catalog_changed(ctx)
        ctx.record(kind, before={"order": before}, after={"order": after})


@step
def checked_name(text: str, *, most: int, field: str = "name", what: str = "it") -> str:
    """A name on one line.

    Raises:
        Invalid: empty or too long.
    """
    name = one_line(text)
    if not name:
        raise Invalid(**{field: f"Give {what} a name."})
    if len(name) > most:
        raise Invalid(**{field: f"Use at most {most} characters."})
    return name


@step
def checked_colour(colour: str) -> str:
    """One of the desk's colours.

    Raises:
        Invalid: another word.
    """
    if colour not in COLOURS:
        raise Invalid(colour="Choose one of the colours.")
    return colour


@step
def checked_aliases(aliases: Sequence[str], others: dict[str, str]) -> list[str]:
    """Other words for something, in lower case.

    Args:
        others: words that are taken -> whose they are.

    Raises:
        Invalid: too many, too long, or another's.
    """
    words = list(dict.fromkeys(one_line(alias).lower() for alias in aliases if one_line(alias)))
    if len(words) > MOST_ALIASES or any(len(word) > 40 for word in words):
        raise Invalid(aliases=f"Use at most {MOST_ALIASES} words of at most 40 characters.")
    taken = next((word for word in words if word in others), None)
    if taken:
        raise Invalid(aliases=f"“{taken}” means “{others[taken]}” already.")
    return words


@step
def new_slug(name: str, taken: set[str]) -> str:
    """A word for addresses and files, made from a name once and kept when the name changes."""
    base = slug(name).replace("-", "_")[:36] or "other"
    return next(word for number in range(1, 1000) if (word := base if number == 1 else f"{base}_{number}") not in taken)
