"""The settings' door."""

import reflex as rx
from reflex.event import EventSpec

from helpdesk.state.admin.people import HOME
from helpdesk.state.base import PageState
from helpdesk.state.guard import admin


class Start(PageState, rx.State):
    """Leads on."""

    @rx.event
    @admin
    async def load(self) -> EventSpec:
        """The settings begin with people."""
        return rx.redirect(HOME, replace=True)
