"""Questions an organization asks about its tickets: which are asked when, and which answers are accepted."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from helpdesk.domain.errors import Invalid
from helpdesk.domain.text import one_line

TEXT_LENGTH = 500
Answer = str | float | bool


class FieldKind(StrEnum):
    """What an answer looks like."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    CHECKBOX = "checkbox"


@dataclass(frozen=True, slots=True)
class Field:
    """One question."""

    id: int
    label: str
    kind: FieldKind
    help: str = ""
    options: tuple[str, ...] = ()
    category_ids: tuple[int, ...] = ()  # empty: whatever the category
    is_required: bool = False
    is_public: bool = False
    is_active: bool = True

    @property
    def name(self) -> str:
        """What forms and errors call it."""
        return f"field_{self.id}"


def asked(fields: Iterable[Field], category_id: int | None, *, for_staff: bool) -> tuple[Field, ...]:
    """The questions that apply to a ticket of a category; customers are asked the public ones only."""
    return tuple(
        one
        for one in fields
        if one.is_active
        and (for_staff or one.is_public)
        and (not one.category_ids or (category_id or 0) in one.category_ids)
    )


def answers(fields: Iterable[Field], given: Mapping[str, object]) -> dict[str, Answer]:
    """Checked answers by the field's id, for a ticket about to be filed.

    Args:
        fields: those that apply.
        given: raw answers by `Field.name`; others are left out.

    Raises:
        Invalid: names each field with what to do about it.
    """
    found: dict[str, Answer] = {}
    problems: dict[str, str] = {}
    for one in fields:
        try:
            value = checked(one, given.get(one.name, ""))
        except Invalid as error:
            problems |= error.fields
            continue
        if value is not None:
            found[str(one.id)] = value
    if problems:
        raise Invalid(**problems)
    return found


def checked(field: Field, given: object) -> Answer | None:
    """One answer as it is kept; None: not answered.

    Raises:
        Invalid: not an answer to this question, or a required one is missing.
    """
    text = one_line(str(given)) if given is not None else ""
    if field.kind is FieldKind.CHECKBOX:
        is_ticked = text.lower() in ("true", "on", "yes", "1")
        if field.is_required and not is_ticked:
            raise Invalid(**{field.name: f"Tick “{field.label}”."})
        return is_ticked
    if not text:
        if field.is_required:
            raise Invalid(**{field.name: f"Fill in “{field.label}”."})
        return None
    if field.kind is FieldKind.NUMBER:
        return _number(field, text)
    if field.kind is FieldKind.DATE:
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            raise Invalid(**{field.name: "Choose a date."}) from None
    if field.kind is FieldKind.CHOICE and text not in field.options:
        raise Invalid(**{field.name: "Choose one of the options."})
    if len(text) > TEXT_LENGTH:
        raise Invalid(**{field.name: f"Use at most {TEXT_LENGTH} characters."})
    return text


def raw(value: object) -> str:
    """A kept answer as a form holds it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def spelled(field: Field, value: object) -> str:
    """A kept answer as people read it; empty: not answered."""
    if field.kind is FieldKind.CHECKBOX:
        return "" if value is None else "Yes" if value else "No"
    return raw(value)


def _number(field: Field, text: str) -> float:
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or abs(number) >= 10**15:
        raise Invalid(**{field.name: "Write a number."})
    return number
