"""One's own profile, and what its pages share."""

import reflex as rx

from helpdesk.components.base import Child
from helpdesk.components.button import button
from helpdesk.components.feedback import error_state, skeleton
from helpdesk.components.form import form_actions, switch, text_field, textarea_field
from helpdesk.components.layout import card, description_list, page_header, row, stack
from helpdesk.components.person import avatar
from helpdesk.components.tabs import segmented, tab_link, tab_links
from helpdesk.pages.admin.parts import role_pill, zone_field
from helpdesk.pages.layout import own_page
from helpdesk.state.profile import Profile
from helpdesk.state.session import Me

_THEMES = [("light", "Light"), ("dark", "Dark"), ("system", "As the system")]


@own_page(route="/profile", title="Profile", on_load=Profile.load)
def profile() -> rx.Component:
    """Details and looks."""
    return rx.fragment(
        own_head("profile"),
        rx.cond(
            Profile.is_loading,
            waiting(),
            rx.cond(
                Profile.problem != "",
                error_state(on_retry=Profile.load),
                rx.el.div(_picture(), _details(), _looks(), class_name="hd-settings-form"),
            ),
        ),
    )


def own_head(active: str) -> rx.Component:
    """The title and tabs of one's own pages."""
    return rx.fragment(
        page_header("Your account", text="Who you are to others, and how you sign in."),
        rx.el.div(
            tab_links(
                tab_link("Profile", "/profile", active=active == "profile"),
                tab_link("Notifications", "/profile/notifications", active=active == "notifications"),
                tab_link("Password and security", "/profile/security", active=active == "security"),
                tab_link("API tokens", "/profile/tokens", active=active == "tokens"),
                label="Your account",
            ),
            class_name="hd-own-tabs",
        ),
    )


def waiting() -> rx.Component:
    """Until it is known what to show."""
    return rx.el.div(
        card(skeleton("h-8 w-2/3"), skeleton("h-8 w-1/2 mt-6")),
        card(skeleton("h-8 w-2/3"), skeleton("h-8 w-2/3 mt-6"), skeleton("h-8 w-1/2 mt-6")),
        class_name="hd-settings-form",
    )


def part(title: str, text: Child, *children: rx.Component) -> rx.Component:
    """A card with its name and reason on one side and what can be done on the other."""
    return rx.el.section(
        rx.el.div(
            rx.el.h2(title, class_name="hd-card-title"), rx.el.p(text, class_name="hd-help"), class_name="hd-part-head"
        ),
        stack(*children, gap=5, class_name="hd-part-body"),
        aria_label=title,
        class_name="hd-card hd-part",
    )


def _picture() -> rx.Component:
    own = Profile.profile
    return part(
        "Picture",
        "Shown beside your name. Without one, your initials are.",
        row(
            avatar(own.name, size="xl", picture=own.picture),
            rx.el.label(
                rx.cond(own.picture != "", "Choose another", "Choose a picture"),
                rx.el.input(
                    type="file", accept="image/png,image/jpeg,image/gif,image/webp", data_picture_input="true",
                    aria_describedby="picture-help picture-error", class_name="sr-only",
                ),
                class_name="hd-btn hd-btn-secondary hd-btn-md",
            ),
            rx.cond(own.picture != "", button("Remove", variant="ghost", on_click=Profile.remove_picture)),
            # Pressed by the browser's script once the picture has arrived.
            rx.el.button(
                "Picture sent", type="button", tab_index=-1, aria_hidden="true", data_picture_done="true",
                on_click=Profile.picture_taken, class_name="hd-hidden-trigger",
            ),
            gap=4,
        ),
        rx.el.div(
            rx.el.p("PNG, JPEG, GIF or WebP. It is cut to a square and made small before it is sent.", id="picture-help", class_name="hd-help"),
            rx.el.p(id="picture-error", data_picture_error="true", aria_live="polite", class_name="hd-error"),
        ),
    )  # fmt: skip


def _details() -> rx.Component:
    own, errors = Profile.profile, Profile.errors
    return rx.el.form(
        part(
            "Details",
            "Seen by those who work here. Customers see the name and picture of who answers them.",
            text_field("Name", name="name", default_value=own.name, auto_complete="name", required=True, max_length=200, error=errors["name"]),
            description_list(("E-mail", own.email), ("Role", role_pill(own.role))),
            rx.el.p("An administrator can change your e-mail address and role.", class_name="hd-help"),
            text_field("Phone", name="phone", type="tel", default_value=own.phone, auto_complete="tel", optional=True, max_length=60,
                       help="With the country code, for example +49 30 901820.", error=errors["phone"]),
            textarea_field("Address", name="address", rows=2, default_value=own.address, optional=True, max_length=500, error=errors["address"]),
            text_field("Department", name="department", default_value=own.department, optional=True, max_length=120, error=errors["department"]),
            text_field("Job title", name="job_title", default_value=own.job_title, auto_complete="organization-title", optional=True,
                       max_length=120, error=errors["job_title"]),
            zone_field(error=errors["timezone"], default_value=own.timezone),
            form_actions(button("Save details", variant="primary", type="submit")),
        ),
        key="details-" + Profile.version.to(str),
        on_submit=Profile.save,
        data_guard="true",
        no_validate=True,
    )  # fmt: skip


def _looks() -> rx.Component:
    return part(
        "Appearance",
        "On every device you sign in with.",
        rx.el.div(segmented(_THEMES, name="theme", label="Theme", value=Me.theme, on_change=Me.set_theme)),
        switch(
            "Single keys",
            help="Keys such as r and j work by themselves. Off: only keys with Ctrl do, which suits dictation.",
            checked=Me.single_keys,
            on_change=Me.set_single_keys,
        ),
    )
