"""What one is told of, and how."""

import reflex as rx

from helpdesk.components.button import button
from helpdesk.components.feedback import error_state
from helpdesk.components.form import form_actions, switch, text_field
from helpdesk.pages.layout import own_page
from helpdesk.pages.profile import own_head, part, waiting
from helpdesk.state.notices import Line, Notices

CHANNELS = (("in_app", "In the desk"), ("mail", "E-mail"))


@own_page(route="/profile/notifications", title="Notifications", on_load=Notices.load)
def notices() -> rx.Component:
    """The ways to be told, quiet hours, the summary."""
    return rx.fragment(
        own_head("notifications"),
        rx.cond(
            Notices.is_loading,
            waiting(),
            rx.cond(Notices.problem != "", error_state(on_retry=Notices.load), _form()),
        ),
    )


def _form() -> rx.Component:
    own, errors = Notices.profile, Notices.errors
    return rx.el.form(
        part(
            "What you are told",
            "On the bell, and by mail. Letters about the account itself, such as a new password, always come.",
            switch("Send me e-mail", name="wants_mail", default_checked=own.wants_mail),
            _matrix(),
        ),
        part(
            "Quiet hours",
            "Meanwhile mail waits, and what comes about one ticket arrives as one. Escalations do not wait.",
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


def _time(label: str, name: str, value: rx.Var[str], error: rx.Var[str]) -> rx.Component:
    return text_field(label, name=name, type="time", default_value=value, error=error, class_name="hd-input-number")


def _matrix() -> rx.Component:
    return rx.el.table(
        rx.el.thead(
            rx.el.tr(
                rx.el.th("Tell me when", scope="col", class_name="hd-matrix-what"),
                *(rx.el.th(label, scope="col") for _, label in CHANNELS),
            )
        ),
        rx.el.tbody(rx.foreach(Notices.lines, _line)),
        class_name="hd-matrix",
    )


def _line(one: rx.Var[Line]) -> rx.Component:
    def box(channel: str, label: str, checked: rx.Var[bool]) -> rx.Component:
        return rx.el.td(
            rx.el.label(
                rx.el.input(type="checkbox", name=f"notice-{channel}." + one.kind.to(str), default_checked=checked),
                rx.el.span(one.label.to(str) + ": " + label, class_name="sr-only"),
                class_name="hd-matrix-box",
            )
        )

    return rx.el.tr(
        rx.el.th(one.label, scope="row", class_name="hd-matrix-what"),
        *(box(channel, label, getattr(one, channel)) for channel, label in CHANNELS),
        key=one.kind,
    )
