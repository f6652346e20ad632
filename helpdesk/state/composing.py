"""What the composers of both houses share."""

import json
from collections.abc import Sequence

import reflex as rx
from reflex.event import EventSpec

from helpdesk.services.tickets import CommentRow, DraftRow

# Said to React as well, which does not hear of a reset: when one leaves the field it would tell of an empty draft, and a
# reply taken back meanwhile would lose its text.
EMPTY = (
    "(form => { form?.reset(); form?.querySelectorAll('textarea').forEach(area => { area.value = area.value }) })"
    "(document.getElementById('composer'))"
)


def files_kept(draft: DraftRow) -> str:
    """The files of a draft, as the composer draws them."""
    return json.dumps([{"id": one.id, "filename": one.filename} for one in draft.files])


def compose(draft: DraftRow) -> EventSpec:
    """Put a draft into the composer, whatever stands there."""
    detail = json.dumps({"body": draft.body, "files": files_kept(draft)})
    return rx.call_script(f"document.dispatchEvent(new CustomEvent('desk:compose', {{detail: {detail}}}))")


def newest(comments: Sequence[CommentRow]) -> str:
    """The last thing somebody else wrote; who is composing should read it first."""
    return next((str(one.id) for one in reversed(comments) if one.kind != "system" and not one.is_mine), "")
