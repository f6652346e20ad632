"""Whether somebody of the staff is writing to the customer who looks. Filled by the lookout, straight in the browser."""

import reflex as rx

from helpdesk.state import internals
from helpdesk.state.base import PageState
from helpdesk.state.lookout import lookout


class Answering(PageState, rx.State):
    """The server's own copy stays as it is; see `lookout`. Never who it is, and nothing of notes."""

    is_written: bool = False


async def awaits(page: PageState, reference: str) -> None:
    """A customer's page shows a request its reader may see; empty: none, or nobody is to know."""
    token, socket = internals.token_at_hand(), internals.socket_of_state(page)
    actor = await page._actor()
    lookout.awaits(actor, token, socket, reference)


lookout.awaited_by = Answering
