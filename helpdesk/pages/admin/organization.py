"""Settings > Organization. Leaving with unsaved changes asks first (assets/desk.js)."""

import reflex as rx

from helpdesk.components.base import Text
from helpdesk.components.button import button
from helpdesk.components.composer import dropzone
from helpdesk.components.dialog import confirm
from helpdesk.components.feedback import banner, error_state, skeleton
from helpdesk.components.form import (
    checkbox,
    described,
    field,
    form_actions,
    hidden,
    select_field,
    switch,
    text_field,
    text_input,
)
from helpdesk.components.layout import card, description_list, page_header, stack
from helpdesk.domain.notices import SWITCHES
from helpdesk.domain.satisfaction import MOST_DELAY_HOURS, MOST_REMINDER_DAYS
from helpdesk.pages.admin.parts import colour_field, zone_field
from helpdesk.pages.layout import admin_page
from helpdesk.services.organizations import ACCENTS, MOST_ATTACHMENTS, MOST_STORAGE_MEGABYTES, most_megabytes
from helpdesk.state.admin.organization import OrganizationSettings
from helpdesk.state.admin.people import ROLES

# What people choose most, in hours.
DAYS = (("2 days", 48), ("7 days", 168), ("14 days", 336))


@admin_page(
    route="/admin/organization", title="Organization", section="organization", on_load=OrganizationSettings.load
)
def organization() -> rx.Component:
    """The form."""
    return rx.fragment(
        page_header("Organization", text="What your help desk is called, and how it keeps its promises."),
        rx.cond(
            OrganizationSettings.is_loading,
            card(skeleton("h-8 w-2/3"), skeleton("h-8 w-2/3 mt-6"), skeleton("h-8 w-1/2 mt-6")),
            rx.cond(OrganizationSettings.problem != "", error_state(on_retry=OrganizationSettings.load), _settings()),
        ),
    )


def _settings() -> rx.Component:
    return stack(_form(), _logo(), gap=4)


def _logo() -> rx.Component:
    """A form of its own: what is uploaded counts at once, saved or not."""
    own, errors = OrganizationSettings.organization, OrganizationSettings.errors
    source = "/files/logo?" + OrganizationSettings.logo_version.to(str)
    now = rx.el.div(
        rx.el.img(src=source, alt="The logo now"),
        rx.cond(
            own.logo_key != "",
            confirm(
                "Go back to the desk's own logo?", "Your picture is deleted.", confirm_label="Remove",
                on_confirm=OrganizationSettings.remove_logo, danger=True,
                trigger=button("Remove…", variant="danger-ghost", icon="trash-2"),
            ),
            rx.el.span("This is the desk's own.", class_name="hd-help"),
        ),
        class_name="hd-logo-now",
    )  # fmt: skip
    upload = rx.el.form(
        dropzone(name="logo", hint="Drop a PNG, JPEG or WebP of at most 512 KB, or", takes_photos=False),
        rx.el.p(errors["logo"], class_name="hd-error", aria_live="polite"),
        form_actions(button("Use as logo", type="submit")),
        data_upload="true",
        on_submit=OrganizationSettings.set_logo,
        class_name="hd-form",
    )
    part = _part(
        "Logo", "Stands in the corner of every page and on the sign-in page. Square pictures look best.", now, upload
    )
    return rx.el.div(part, class_name="hd-settings-form")


def _form() -> rx.Component:
    own, errors = OrganizationSettings.organization, OrganizationSettings.errors
    return rx.el.form(
        banner(
            "Somebody else has changed these settings. Saving replaces what they wrote.",
            tone="amber",
            icon="users",
            visible=OrganizationSettings.is_stale,
            action=button("Show theirs", size="sm", on_click=OrganizationSettings.load),
        ),
        _part(
            "Identity",
            "Customers see these in the portal and in mails.",
            text_field("Name", name="name", default_value=own.name, required=True, max_length=200, error=errors["name"]),
            zone_field(error=errors["timezone"], default_value=own.timezone),
            colour_field(ACCENTS, value=own.accent, error=errors["accent"], name="accent", label="Accent colour"),
            text_field(
                "Reference prefix", name="reference_prefix", default_value=own.reference_prefix, required=True, max_length=8,
                help="2 to 8 letters before the references of new requests. Old references keep working.",
                error=errors["reference_prefix"], class_name="hd-input-number",
            ),
            description_list(("Address", own.slug)),
        ),
        _part(
            "Requests",
            "How requests come in, and when they are over.",
            switch(
                "Public form", name="public_form", default_checked=own.public_form,
                help="Anybody can file a request without an account. Off: only customers who have signed in.",
            ),
            switch(
                "Answer with articles", name="answers_with_articles", default_checked=own.answers_with_articles,
                help="Whoever sends a request gets up to three published articles that fit it well, by mail and at once. "
                "It counts as nobody's answer: deadlines go on.",
            ),
            _number("Close solved requests after", "auto_close_hours", own.auto_close_hours, "hours", 8760,
                    "A resolved request nobody reopens closes by itself. 48 hours are two days.", errors["auto_close_hours"],
                    presets=DAYS),
            _number("Close unanswered requests after", "waiting_close_hours", own.waiting_close_hours, "hours", 8760,
                    "A request that waits on its customer closes by itself when no answer comes. 0 for never.",
                    errors["waiting_close_hours"], least=0, presets=(("Never", 0), *DAYS[1:])),
            _number("Tell them before", "waiting_notice_hours", own.waiting_notice_hours, "hours ahead", 8759,
                    "So long before an unanswered request closes its customer gets a mail. Any answer keeps it open.",
                    errors["waiting_notice_hours"], presets=(("1 day", 24), ("2 days", 48))),
            select_field(
                "Status that waits on the customer", OrganizationSettings.pending, name="waiting_status",
                default_value=own.waiting_status, error=errors["waiting_status"],
                help="Only requests with this status close when nobody answers; others, such as those on hold, never.",
            ),
        ),
        _part(
            "Replies",
            "What happens between Send and the customer.",
            _number("Undo for", "undo_seconds", own.undo_seconds, "seconds", 60,
                    "A reply waits so long after Send, and can be taken back. 0: it leaves at once.",
                    errors["undo_seconds"], least=0, presets=(("Off", 0), ("5", 5), ("10", 10), ("30", 30))),
            switch(
                "Show customers that somebody is writing", name="shows_typing", default_checked=own.shows_typing,
                help="Their request says “Somebody is writing a reply”, never who.",
            ),
        ),
        _part(
            "Received mail",
            "Every mail is kept as it came, beside the ticket it became.",
            _number("Keep originals for", "keep_originals_days", own.keep_originals_days, "days", 3650,
                    "Then the original is deleted; its ticket, its files and the line under Received mail stay. 0: kept for good.",
                    errors["keep_originals_days"], least=0, presets=(("For good", 0), ("90", 90), ("365", 365), ("730", 730))),
        ),
        _part(
            "Routing",
            "Who is available gets new tickets. Who is away gets none.",
            _number("Away after", "away_after_minutes", own.away_after_minutes, "minutes", 1440,
                    "Without doing anything, agents count as away. 0: only when they say so.",
                    errors["away_after_minutes"], least=0),
        ),
        _part(
            "Service levels",
            "When agents are warned that a deadline is near.",
            _number("Warn after", "warning_share", own.warning_share, "% of the time", 99,
                    "At 80 %, a promise of ten hours warns two hours before its end.", errors["warning_share"]),
        ),
        _part(
            "Notifications",
            "What people of this organization are told of, on the bell, by mail and in the browser. Each chooses among what"
            " is on.",
            hidden("notices_shown", "yes"),
            *(
                switch(label, name=f"notices_on-{name}", default_checked=~own.notices_off.contains(name))
                for name, (label, _) in SWITCHES.items()
            ),
        ),
        _part(
            "Files",
            "What people may attach. Every file is checked for viruses before anybody can open it.",
            _number("Largest file", "attachment_megabytes", own.attachment_megabytes, "MB", most_megabytes(),
                    f"0 for as much as this installation allows: {most_megabytes()} MB.", errors["attachment_megabytes"], least=0),
            _number("Files per message", "attachments_per_message", own.attachments_per_message, "files", MOST_ATTACHMENTS,
                    "Who sends more is asked to send them with the next message.", errors["attachments_per_message"]),
            _number("Room for all files", "storage_megabytes", own.storage_megabytes, "MB", MOST_STORAGE_MEGABYTES,
                    OrganizationSettings.room, errors["storage_megabytes"], least=0),
            text_field(
                "Kinds of files", name="attachment_types", default_value=own.attachment_types.join(", "), optional=True,
                auto_complete="off", error=errors["attachment_types"],
                help="With commas, such as image/*, application/pdf. Empty: everything this installation allows.",
            ),
        ),
        _part(
            "Satisfaction",
            "Customers are asked by mail how the help was. They answer without signing in, or on the request's page.",
            select_field(
                "Ask when a ticket is", [("resolved", "Resolved"), ("closed", "Closed"), ("never", "Never: ratings are off")],
                name="csat_after", default_value=own.csat_after, error=errors["csat_after"],
            ),
            select_field(
                "They choose among", [("stars", "One to five stars"), ("thumbs", "Thumbs up or down")],
                name="csat_style", default_value=own.csat_style, error=errors["csat_style"],
            ),
            _number("Ask after", "csat_delay_hours", own.csat_delay_hours, "hours", MOST_DELAY_HOURS,
                    "0: at once. Who opens the request again meanwhile is not asked.", errors["csat_delay_hours"], least=0),
            _number("Remind after", "csat_reminder_days", own.csat_reminder_days, "days", MOST_REMINDER_DAYS,
                    "Once. 0: never.", errors["csat_reminder_days"], least=0),
        ),
        _part(
            "Sign-in",
            "Who signs in with a code from their phone besides the password. Whoever has not set that up is led there"
            " before anything else.",
            rx.el.fieldset(
                rx.el.legend("Two-factor sign-in is required of", class_name="hd-label"),
                rx.el.div(
                    *(
                        checkbox(
                            name, name=f"two_factor-{role.value}",
                            default_checked=own.two_factor_roles.contains(role.value),
                        )
                        for role, name, _ in reversed(ROLES)
                    ),
                    class_name="hd-checks",
                ),
                class_name="hd-field",
            ),
        ),
        rx.el.div(
            rx.el.span("You have unsaved changes.", role="status", class_name="hd-unsaved"),
            form_actions(
                button("Discard", type="button", on_click=OrganizationSettings.load, class_name="hd-when-unsaved"),
                button("Save", variant="primary", type="submit"),
            ),
            class_name="hd-save-bar",
        ),
        key=OrganizationSettings.version.to(str),
        on_submit=OrganizationSettings.save,
        data_guard="true",
        no_validate=True,
        class_name="hd-settings-form",
    )  # fmt: skip


def _part(title: str, text: str, *fields: rx.Component) -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.h2(title, class_name="hd-card-title"), rx.el.p(text, class_name="hd-help"), class_name="hd-part-head"
        ),
        stack(*fields, gap=5, class_name="hd-part-body"),
        class_name="hd-card hd-part",
    )


def _number(
    label: str,
    name: str,
    value: rx.Var[int],
    unit: str,
    most: int,
    help: Text,
    error: rx.Var[str],
    *,
    least: int = 1,
    presets: tuple[tuple[str, int], ...] = (),
) -> rx.Component:
    control = rx.el.div(
        text_input(
            type="number", name=name, default_value=value.to(str), min=least, max=most, step=1, input_mode="numeric",
            class_name="hd-input-number", **described(name, error=error),
        ),
        rx.el.span(unit, class_name="hd-help"),
        *(
            button(words, size="sm", variant="ghost", type="button", data_fill=name, data_value=str(hours))
            for words, hours in presets
        ),
        class_name="hd-line hd-gap-2 flex-wrap",
    )  # fmt: skip
    return field(label, control, id=name, help=help, error=error)
