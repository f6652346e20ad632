"""Who else looks at the tickets on the screen, and who is writing. Filled by the lookout, straight in the browser."""

import reflex as rx

from helpdesk.domain.presence import Doing
from helpdesk.state import internals
from helpdesk.state.base import PageState
from helpdesk.state.guard import staff
from helpdesk.state.lookout import lookout

# What a page may say of its reader; the rest is known from what it loads.
_SAID = frozenset({Doing.VIEWING, Doing.REPLYING, Doing.NOTING, Doing.STOPPED, Doing.GONE})


class Presence(PageState, rx.State):
    """Company. The server's own copy stays empty; see `lookout`."""

    # Reference -> names, one a line; reference -> who is typing.
    viewers: dict[str, str] = {}
    typing: dict[str, str] = {}
    line: str = ""
    is_writing: bool = False
    warning: str = ""

    @rx.event
    @staff
    async def beat(self, doing: str) -> None:
        """What one does with the open ticket. Which one that is, and who one is, the browser is not asked."""
        said = doing.strip()
        if said in _SAID:
            await lookout.does(await self._actor(), internals.token_at_hand(), Doing(said))


async def opens(page: PageState, reference: str) -> None:
    """A page shows a ticket its reader may see; empty: none."""
    token, socket = internals.token_at_hand(), internals.socket_of_state(page)
    await lookout.opens(await page._actor(), token, socket, reference)


async def lists(page: PageState, references: frozenset[str]) -> None:
    """A page that loads shows a list of tickets its reader may see."""
    token, socket = internals.token_at_hand(), internals.socket_of_state(page)
    lookout.lists(await page._actor(), token, socket, references)


def lists_now(references: frozenset[str]) -> None:
    """A page that has said whose it is shows other tickets now. On the road of every nudge: it asks nobody anything."""
    lookout.relists(internals.token_at_hand(), references)


lookout.shown_by = Presence
