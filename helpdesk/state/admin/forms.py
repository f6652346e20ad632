"""What a form sends, and where the focus goes when its drawer closes."""

from datetime import date

import reflex as rx
from reflex.event import EventSpec

# A field that is not drawn just now is sent as nothing.
Form = dict[str, str | None]


def typed(form: Form) -> dict[str, str]:
    """The fields that are there, with what they hold. A tick box is there when it is ticked."""
    return {name: value for name, value in form.items() if value is not None}


def number(raw: str) -> int:
    """An id as a form or an address carries it; 0 for anything else."""
    return int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 19 else 0


def day(raw: str) -> str:
    """A day as an address carries it; nothing for anything else."""
    try:
        return date.fromisoformat(raw[:10]).isoformat()
    except ValueError:
        return ""


def numbers(raw: str) -> list[int]:
    """Ids with commas between them."""
    return [found for part in raw.split(",") if (found := number(part.strip()))]


def words(raw: str) -> list[str]:
    """Words with commas between them."""
    return [word for part in raw.split(",") if (word := part.strip())]


def ticked(form: dict[str, str], prefix: str) -> tuple[int, ...]:
    """The ids in the names of the tick boxes called `<prefix>-<id>`."""
    names = (name.removeprefix(f"{prefix}-") for name in form if name.startswith(f"{prefix}-"))
    return tuple(found for name in names if (found := number(name)))


def back_to(what: str, row_id: int) -> EventSpec:
    """Focus on the row the drawer was opened from, once the drawer is gone."""
    link = f"document.querySelector('.hd-table a[href$=\"{what}={int(row_id)}\"]')"
    return rx.call_script(f"setTimeout(() => {link}?.focus(), 300)")
