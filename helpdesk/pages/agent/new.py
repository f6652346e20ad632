"""A new ticket, filed by staff for a customer."""

import reflex as rx

from helpdesk.components.base import Choice
from helpdesk.components.button import button, icon_button
from helpdesk.components.composer import dropzone
from helpdesk.components.form import form_actions, hidden, select_field, text_field, textarea_field
from helpdesk.components.layout import card, grid, page_header, stack
from helpdesk.components.person import person_line
from helpdesk.pages.fields import alike, own_field
from helpdesk.pages.layout import agent_page
from helpdesk.services.people import PersonRow
from helpdesk.state.agent.new import NewTicket

_CHANNELS = [Choice("phone", "Phone"), Choice("web", "Portal"), Choice("email", "E-mail"), Choice("chat", "Chat")]


@agent_page(route="/agent/new", title="New ticket", on_load=NewTicket.load)
def new_ticket() -> rx.Component:
    """The form."""
    return rx.el.div(
        rx.el.div(
            page_header("New ticket", text="For a customer who called, came by or wrote elsewhere."),
            rx.form(
                stack(
                    card(_who(), title="Customer"),
                    card(_what(), title="Request"),
                    form_actions(
                        button("Cancel", href="/agent"),
                        button("File the ticket", variant="primary", type="submit", busy=NewTicket.is_busy),
                    ),
                ),
                on_submit=NewTicket.file,
                data_upload="true",
                data_guard="true",
            ),
            class_name="hd-page",
        ),
        class_name="hd-scroll",
    )


def _who() -> rx.Component:
    return rx.cond(
        NewTicket.requester.id > 0,
        rx.fragment(
            hidden("requester", NewTicket.requester.id.to(str)),
            person_line(
                NewTicket.requester.name,
                NewTicket.requester.email,
                size="lg",
                trailing=icon_button("x", "Choose somebody else", on_click=NewTicket.choose_nobody),
            ),
        ),
        stack(
            text_field(
                "Find a customer",
                name="looked_for",
                icon="search",
                placeholder="Name or e-mail address",
                on_change=NewTicket.look_for.debounce(200),
                auto_complete="off",
                error=NewTicket.errors["requester"],
            ),
            rx.cond(
                NewTicket.found.length() > 0,
                rx.el.ul(rx.foreach(NewTicket.found, _found), aria_label="Customers found", class_name="hd-found"),
            ),
            rx.cond(
                (NewTicket.looked_for != "") & (NewTicket.found.length() == 0),
                grid(
                    text_field(
                        "E-mail address of a new customer",
                        name="new_email",
                        type="email",
                        error=NewTicket.errors["email"],
                        help="Nobody by that name is known yet.",
                    ),
                    text_field("Their name", name="new_name"),
                ),
            ),
        ),
    )


def _found(person: rx.Var[PersonRow]) -> rx.Component:
    return rx.el.li(
        rx.el.button(
            person_line(person.name, person.email),
            type="button",
            on_click=NewTicket.choose(person.id),
            class_name="hd-found-one",
        ),
        key=person.id.to(str),
    )


def _what() -> rx.Component:
    return stack(
        text_field(
            "Subject",
            name="title",
            max_length=300,
            on_change=NewTicket.look_for_alike.debounce(400),
            error=NewTicket.errors["title"],
        ),
        alike(NewTicket.alike, "/agent?ticket="),
        textarea_field(
            "Description",
            name="description",
            rows=6,
            error=NewTicket.errors["description"],
            help="Markdown works here.",
        ),
        grid(
            select_field("Priority", NewTicket.priorities, name="priority", placeholder="Medium, unless you choose"),
            select_field(
                "Category",
                NewTicket.categories,
                name="category",
                placeholder="None",
                on_change=NewTicket.choose_category,
                error=NewTicket.errors["category"],
            ),
            select_field("Team", NewTicket.teams, name="team", placeholder="By category"),
            select_field(
                "Assignee",
                NewTicket.agents,
                name="assignee",
                placeholder="By routing",
                error=NewTicket.errors["assignee"],
            ),
            select_field("Came in by", _CHANNELS, name="channel"),
            text_field("Tags", name="tags", optional=True, placeholder="printer, vip", error=NewTicket.errors["tags"]),
        ),
        rx.cond(
            NewTicket.fields.length() > 0,
            grid(rx.foreach(NewTicket.fields, lambda row: own_field(row, error=NewTicket.errors[row.name]))),
        ),
        dropzone(),
    )
