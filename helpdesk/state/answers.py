"""How a page is told that something did not work. The only place where errors become something on screen."""

import reflex as rx
from reflex.event import EventSpec

from helpdesk import log
from helpdesk.domain.errors import HelpdeskError, Invalid, SignedOut
from helpdesk.state import internals
from helpdesk.state.kinds import SIGN_IN

_logger = log.get(__name__)

SORRY = "Something went wrong on our side. We have written it down; please try again."


def refused(error: HelpdeskError) -> EventSpec:
    """What the browser does about an expected error: a message, or the way to the sign-in page."""
    if isinstance(error, SignedOut):
        return to_sign_in()
    return rx.toast.error(error.title, description=_sentence(error), position="bottom-right")


def show(state: rx.State, error: HelpdeskError) -> EventSpec:
    """The same, with the reasons beside the fields where the page has fields."""
    if isinstance(error, Invalid) and error.fields and "errors" in state.vars:
        state.errors = dict(error.fields)
    return refused(error)


def to_sign_in() -> EventSpec:
    """Load the sign-in page anew: a cookie is read at the websocket's handshake only."""
    here = "encodeURIComponent(location.pathname + location.search)"
    return rx.call_script(f"location.pathname === {SIGN_IN!r} || location.assign({SIGN_IN + '?next='!r} + {here})")


def go(path: str) -> EventSpec:
    """Load another of our pages anew, so that the edge has its say."""
    return rx.call_script(f"location.assign({path!r})")


def sorry(exception: Exception) -> EventSpec:
    """What the browser shows about an error nobody expected, which the log tells in full."""
    if isinstance(exception, HelpdeskError):
        return refused(exception)
    _logger.error("handler_failed", event_token=internals.token_at_hand()[:8], exc_info=exception)
    return rx.toast.error("Sorry", description=SORRY, id="sorry", position="bottom-right")


def frontend_failed(exception: Exception) -> None:
    """Write down what a browser reports about itself: at most so much, it is anybody's text."""
    _logger.warning("browser_error", report=str(exception)[:2000])


def _sentence(error: HelpdeskError) -> str:
    return "" if error.message == error.title else error.message
