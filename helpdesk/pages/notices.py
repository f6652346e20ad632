"""What one is told of, and how."""

import reflex as rx

from helpdesk.components.bridge import hears
from helpdesk.components.button import button, icon_button
from helpdesk.components.feedback import error_state
from helpdesk.components.form import form_actions, switch, text_field
from helpdesk.components.layout import row
from helpdesk.components.times import time_ago
from helpdesk.pages.layout import own_page
from helpdesk.pages.profile import own_head, part, waiting
from helpdesk.services.push import BrowserRow
from helpdesk.state.notices import Line, Notices

CHANNELS = (("in_app", "In the desk"), ("mail", "E-mail"), ("push", "Browser"))


@own_page(route="/profile/notifications", title="Notifications", on_load=Notices.load)
def notices() -> rx.Component:
    """The ways to be told, quiet hours, the summary."""
    return rx.fragment(
        own_head("notifications"),
        rx.cond(
            Notices.is_loading,
            waiting(),
            rx.cond(Notices.problem != "", error_state(on_retry=Notices.load), rx.fragment(_form(), _browsers())),
        ),
    )


def _form() -> rx.Component:
    own, errors = Notices.profile, Notices.errors
    return rx.el.form(
        part(
            "What you are told",
            "On the bell, by mail, and in browsers you turn it on in. Letters about the account itself, such as a new password, always come.",
            switch("Send me e-mail", name="wants_mail", default_checked=own.wants_mail),
            _matrix(),
        ),
        part(
            "Quiet hours",
            "Meanwhile mail and browsers wait, and what comes by mail about one ticket arrives as one. Escalations do not wait.",
            rx.el.div(
                _time("From", "quiet_from", own.quiet_from, errors["quiet_from"]),
                _time("Until", "quiet_until", own.quiet_until, errors["quiet_until"]),
                class_name="hd-line hd-gap-4 flex-wrap items-start",
            ),
            rx.el.p(
                "In your time zone, " + own.timezone.to(str) + ". Leave both empty for none.", class_name="hd-help"
            ),
        ),
        rx.cond(
            Notices.has_digest,
            part(
                "Daily summary",
                "One mail a day: what came in, what was solved, what is late and what nobody has.",
                _time("Comes at", "digest_at", own.digest_at, errors["digest_at"]),
                rx.el.p("Leave it empty for none.", class_name="hd-help"),
            ),
        ),
        form_actions(button("Save notifications", variant="primary", type="submit")),
        key="notices-" + Notices.version.to(str),
        on_submit=Notices.save,
        data_guard="true",
        no_validate=True,
        class_name="hd-settings-form",
    )


def _browsers() -> rx.Component:
    """Apart from the form: it takes effect at once, and here only."""
    return rx.el.div(
        part(
            "This browser",
            "Told by the browser itself, also while the desk is closed. Which of it, the column “Browser” says.",
            rx.el.div(
                rx.el.p(data_push_text="true", role="status", class_name="hd-help"),
                row(
                    button("Notify me in this browser", icon="bell-ring", data_push_on="true", hidden=True),
                    button("Stop in this browser", icon="bell-off", data_push_off="true", hidden=True),
                ),
                rx.el.p(Notices.errors["browser"], class_name="hd-error", aria_live="polite"),
                hears("push", Notices.browser_said),
                data_push=Notices.push_key,
                class_name="hd-push",
            ),
            switch(
                "A soft sound when the bell rings", data_sound="true", help="In this browser, while a page is open."
            ),
            rx.cond(
                Notices.browsers.length() > 0,
                rx.el.ul(
                    rx.foreach(Notices.browsers, _browser),
                    aria_label="Browsers you are notified in",
                    class_name="hd-push-list",
                ),
            ),
        ),
        class_name="hd-settings-form hd-push-part",
    )


def _browser(one: rx.Var[BrowserRow]) -> rx.Component:
    return rx.el.li(
        rx.el.span(one.browser, class_name="grow truncate"),
        rx.el.span("since ", time_ago(one.created_at, form="date"), class_name="hd-help"),
        icon_button("x", "Notify me there no more", size="sm", tip="left", on_click=Notices.remove_browser(one.id)),
        key=one.id.to(str),
    )


def _time(label: str, name: str, value: rx.Var[str], error: rx.Var[str]) -> rx.Component:
    return text_field(label, name=name, type="time", default_value=value, error=error, class_name="hd-input-number")


def _matrix() -> rx.Component:
    return rx.el.table(
        rx.el.thead(
            rx.el.tr(
                rx.el.th("Tell me when", scope="col", class_name="hd-told-what"),
                *(rx.el.th(label, scope="col") for _, label in CHANNELS),
            )
        ),
        rx.el.tbody(rx.foreach(Notices.lines, _line)),
        class_name="hd-told",
    )


def _line(one: rx.Var[Line]) -> rx.Component:
    def box(channel: str, label: str, checked: rx.Var[bool]) -> rx.Component:
        return rx.el.td(
            rx.el.label(
                rx.el.input(type="checkbox", name=f"notice-{channel}." + one.kind.to(str), default_checked=checked),
                rx.el.span(one.label.to(str) + ": " + label, class_name="sr-only"),
                class_name="hd-told-box",
            )
        )

    return rx.el.tr(
        rx.el.th(one.label, scope="row", class_name="hd-told-what"),
        *(box(channel, label, getattr(one, channel)) for channel, label in CHANNELS),
        key=one.kind,
    )
