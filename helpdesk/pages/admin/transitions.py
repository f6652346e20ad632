"""Settings > Transitions. Leaving with unsaved changes asks first (assets/desk.js)."""

import reflex as rx

from helpdesk.components.badge import status_badge
from helpdesk.components.button import button
from helpdesk.components.feedback import error_state, skeleton_table
from helpdesk.components.form import form_actions, hidden
from helpdesk.components.layout import page_header, stack
from helpdesk.components.tabs import tab_link, tab_links
from helpdesk.pages.admin.parts import explained
from helpdesk.pages.layout import admin_page
from helpdesk.services.statuses import ROLES, Way, Ways
from helpdesk.state.admin.people import ROLES as NAMES
from helpdesk.state.admin.transitions import HOME, Transitions

_NAMES = {role: name for role, name, _ in NAMES}


@admin_page(route="/admin/transitions", title="Transitions", section="transitions", on_load=Transitions.load)
def transitions() -> rx.Component:
    """One matrix per role."""
    return rx.fragment(
        page_header("Transitions", text="Which status may follow which, for each role. Owners may do everything."),
        stack(
            tab_links(
                *(
                    tab_link(_NAMES[role], f"{HOME}?role={role}", active=Transitions.role == role.value)
                    for role in ROLES
                ),
                label="Role",
            ),
            rx.cond(
                Transitions.is_loading,
                skeleton_table(rows=8, columns=8),
                rx.cond(Transitions.problem != "", error_state(on_retry=Transitions.load), _form()),
            ),
            gap=4,
        ),
    )


def _form() -> rx.Component:
    return rx.el.form(
        hidden("role", Transitions.role),
        rx.cond(
            Transitions.role == "customer",
            explained(
                "Customers can say that it is solved, confirm, and reopen. More than that is never open to them."
            ),
            explained(
                "Ticked: they may. A dash: nobody can, because a closed ticket only reopens and nothing becomes new."
            ),
        ),
        rx.el.div(
            rx.el.div(
                rx.el.table(
                    rx.el.caption("Which status may follow which", class_name="sr-only"),
                    rx.el.thead(
                        rx.el.tr(
                            rx.el.th("From ↓  to →", scope="col"),
                            rx.foreach(Transitions.rows, lambda row: rx.el.th(row.label, scope="col")),
                        )
                    ),
                    rx.el.tbody(rx.foreach(Transitions.rows, _row)),
                    class_name="hd-matrix",
                ),
                tab_index=0,
                role="region",
                aria_label="Transitions",
                class_name="hd-table-scroll",
            ),
            class_name="hd-card hd-table-card",
        ),
        rx.el.div(
            rx.el.span("You have unsaved changes.", role="status", class_name="hd-unsaved"),
            form_actions(
                button("Discard", type="button", on_click=Transitions.load, class_name="hd-when-unsaved"),
                button("Save", variant="primary", type="submit"),
            ),
            class_name="hd-save-bar",
        ),
        key=Transitions.role + Transitions.version.to(str),
        on_submit=Transitions.save,
        data_guard="true",
        class_name="hd-stack hd-gap-3",
    )


def _row(row: rx.Var[Ways]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(status_badge(row.label, row.colour), scope="row"),
        rx.foreach(row.ways, lambda way: _cell(row, way)),
        key=row.from_id,
    )


def _cell(row: rx.Var[Ways], way: rx.Var[Way]) -> rx.Component:
    return rx.el.td(
        rx.cond(
            way.is_possible,
            rx.el.input(
                type="checkbox",
                name="way-" + row.from_id.to(str) + "-" + way.to_id.to(str),
                default_checked=way.is_open,
                aria_label=row.label.to(str) + " to " + way.label.to(str),
                class_name="hd-check",
            ),
            rx.el.span("–", aria_hidden="true", class_name="hd-matrix-off"),
        ),
        key=way.to_id,
    )
