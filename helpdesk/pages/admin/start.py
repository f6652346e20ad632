"""Settings: leads to the first of them."""

import reflex as rx

from helpdesk.components.feedback import skeleton_table
from helpdesk.pages.layout import admin_page
from helpdesk.state.admin.start import Start


@admin_page(route="/admin", title="Settings", section="people", on_load=Start.load)
def start() -> rx.Component:
    """What is seen on the way."""
    return skeleton_table(rows=8, columns=4)
