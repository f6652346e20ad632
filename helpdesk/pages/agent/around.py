"""Around the open ticket: its menu and dialogs, linked tickets, time, watchers, the organization's own fields."""

from typing import Any

import reflex as rx

from helpdesk.components.badge import pill, status_badge
from helpdesk.components.base import Choice, Text, link
from helpdesk.components.button import button, icon_button
from helpdesk.components.dialog import confirm, dialog
from helpdesk.components.form import (
    checkbox,
    hidden,
    radio_cards,
    select_field,
    text_field,
    text_input,
    textarea_field,
)
from helpdesk.components.icons import icon
from helpdesk.components.keys import key_only
from helpdesk.components.layout import section
from helpdesk.components.menu import menu, menu_item, menu_separator, popover
from helpdesk.components.person import avatar
from helpdesk.components.thread import prose
from helpdesk.components.times import time_ago
from helpdesk.domain.escalation import HIGHEST
from helpdesk.domain.snoozes import PRESETS
from helpdesk.pages.fields import answer_input
from helpdesk.services.tickets import FieldRow, LinkRow, MergedRow, TicketRow, WatcherRow
from helpdesk.services.time_tracking import TimeRow
from helpdesk.state.agent.ticket import OpenTicket

T = OpenTicket.ticket
_KINDS = [
    Choice("related", "Related"),
    Choice("child", "A part of this one"),
    Choice("parent", "Its parent"),
]


def more_menu() -> rx.Component:
    """Everything that is done to a ticket less often, and the keys for it."""
    trigger = icon_button("ellipsis", "More")
    return rx.fragment(
        menu(
            trigger,
            menu_item(
                rx.cond(OpenTicket.is_watching, "Stop watching", "Watch"), icon="eye", hotkey="w",
                on_select=OpenTicket.toggle_watch,
            ),
            rx.cond(
                OpenTicket.may_edit & _is_open(),
                _item("Snooze…", "moon", "z", "snooze"),
            ),
            rx.cond(OpenTicket.may_note, _item("Forward by e-mail…", "forward", "f", "forward")),
            rx.cond(OpenTicket.may_edit, _item("Link to another ticket…", "link-2", "l", "link")),
            rx.cond(
                OpenTicket.may_edit & _is_open() & (T.escalation_level < HIGHEST),
                _item("Escalate…", "siren", "!", "escalate"),
            ),
            rx.cond(
                OpenTicket.may_edit & (T.escalation_level > 0),
                menu_item("Take the escalation back…", icon="undo-2", on_select=OpenTicket.open_dialog("deescalate")),
            ),
            rx.cond(OpenTicket.may_merge, _item("Merge into another ticket…", "merge", "#", "merge")),
            rx.cond(
                OpenTicket.may_edit & (T.status_category == "closed"),
                menu_item("File a follow-up", icon="corner-up-right", on_select=OpenTicket.follow_up),
            ),
            menu_item("Print", icon="printer", href="/agent/print/" + T.reference.to(str)),
            rx.cond(
                OpenTicket.may_delete,
                rx.fragment(
                    menu_separator(),
                    menu_item(
                        "Delete…", icon="trash-2", danger=True, on_select=OpenTicket.open_dialog("delete"),
                    ),
                ),
            ),
            align="end",
            width="hd-menu-lg",
        ),
        key_only("w", "Watch, or stop", OpenTicket.toggle_watch),
        rx.cond(
            OpenTicket.may_edit,
            rx.fragment(
                rx.cond(_is_open(), key_only("z", "Snooze", OpenTicket.open_dialog("snooze"))),
                rx.cond(
                    _is_open() & (T.escalation_level < HIGHEST),
                    key_only("!", "Escalate", OpenTicket.open_dialog("escalate")),
                ),
                key_only("l", "Link", OpenTicket.open_dialog("link")),
            ),
        ),
        rx.cond(OpenTicket.may_note, key_only("f", "Forward by e-mail", OpenTicket.open_dialog("forward"))),
        rx.cond(OpenTicket.may_merge, key_only("#", "Merge", OpenTicket.open_dialog("merge"))),
    )  # fmt: skip


def snoozed_chip() -> rx.Component:
    """Until when it is put aside, and the way back."""
    return rx.cond(
        T.snoozed_until != "",
        rx.el.span(
            icon("moon", size=12),
            "Snoozed until ",
            time_ago(T.snoozed_until, form="absolute"),
            rx.cond(OpenTicket.may_edit, button("Wake", size="sm", variant="ghost", on_click=OpenTicket.wake)),
            class_name="hd-pill tone-violet hd-snoozed",
        ),
    )


def escalation_chip() -> rx.Component:
    """How far it is escalated, and the way back."""
    tone = rx.match(T.escalation_level, (1, "amber"), (2, "orange"), "red")
    return rx.cond(
        T.escalation_level > 0,
        rx.el.span(
            icon("siren", size=12),
            "Escalated: level ",
            T.escalation_level,
            rx.cond(
                OpenTicket.may_edit,
                button("Take back", size="sm", variant="ghost", on_click=OpenTicket.open_dialog("deescalate")),
            ),
            class_name="hd-pill hd-snoozed tone-" + tone.to(str),
        ),
    )


def dialogs() -> rx.Component:
    """The dialogs; one is open at a time."""
    return rx.fragment(
        _merge_dialog(), _link_dialog(), _snooze_dialog(), _children_dialog(), _edit_dialog(), _history_dialog(),
        _forward_dialog(), _time_dialog(), _delete_dialog(), _escalate_dialog(), _deescalate_dialog(),
        _later_dialog(),
    )  # fmt: skip


def watchers_fact() -> rx.Component:
    """Who watches, and the switch for oneself."""
    return rx.el.div(
        rx.foreach(OpenTicket.watchers, _watcher),
        rx.el.button(
            icon("eye", size=12),
            rx.cond(OpenTicket.is_watching, "Stop watching", "Watch"),
            type="button",
            on_click=OpenTicket.toggle_watch,
            class_name="hd-filter",
        ),
        class_name="hd-line hd-gap-1",
    )


def own_fields() -> rx.Component:
    """The organization's own fields with their answers."""
    return rx.cond(
        OpenTicket.fields.length() > 0,
        section("More about it", rx.el.dl(rx.foreach(OpenTicket.fields, _own_field), class_name="hd-facts")),
    )


def linked_panel() -> rx.Component:
    """Linked and merged tickets."""
    return rx.el.div(
        rx.cond(
            (OpenTicket.links.length() > 0) | (OpenTicket.merged.length() > 0),
            rx.fragment(
                rx.cond(
                    OpenTicket.links.length() > 0,
                    rx.el.ul(
                        rx.foreach(OpenTicket.links, _link_row), class_name="hd-recent", aria_label="Linked tickets"
                    ),
                ),
                rx.cond(
                    OpenTicket.merged.length() > 0,
                    section(
                        "Merged into this one",
                        rx.el.ul(rx.foreach(OpenTicket.merged, _merged_row), class_name="hd-recent"),
                    ),
                ),
            ),
            rx.el.p("Nothing is linked to this ticket.", class_name="hd-help"),
        ),
        rx.cond(
            OpenTicket.may_edit,
            rx.el.div(
                button("Link a ticket", icon="link-2", size="sm", on_click=OpenTicket.open_dialog("link")),
                rx.cond(
                    OpenTicket.may_merge,
                    button("Merge", icon="merge", size="sm", on_click=OpenTicket.open_dialog("merge")),
                ),
                class_name="hd-line hd-gap-2",
            ),
        ),
        class_name="hd-context-body",
    )


def time_panel() -> rx.Component:
    """Time spent: a timer, a line by hand, and what there is."""
    return rx.el.div(
        rx.el.div(
            rx.el.span("Total", class_name="hd-overline"),
            rx.el.strong(rx.cond(OpenTicket.time_total != "", OpenTicket.time_total, "0m"), class_name="tabular-nums"),
            class_name="hd-line hd-between",
        ),
        rx.cond(
            OpenTicket.may_track,
            rx.fragment(
                button(
                    rx.cond(OpenTicket.running_since != "", "Stop the timer", "Start the timer"), icon="timer",
                    size="sm", on_click=OpenTicket.toggle_timer, wide=True,
                ),
                rx.el.form(
                    text_input(name="time", aria_label="Time spent", placeholder="1h 30m", class_name="hd-time-spent"),
                    text_input(name="note", aria_label="What for", placeholder="What for?", max_length=300),
                    button("Add", size="sm", type="submit"),
                    id="time-form",
                    on_submit=OpenTicket.log_time,
                    class_name="hd-time-form",
                ),
                rx.cond(
                    OpenTicket.dialog == "", rx.el.p(OpenTicket.errors["time"], class_name="hd-error", aria_live="polite")
                ),
            ),
        ),
        rx.cond(
            OpenTicket.time_entries.length() > 0,
            rx.el.ul(rx.foreach(OpenTicket.time_entries, _time_row), class_name="hd-recent", aria_label="Time entries"),
            rx.el.p("No time is written down yet.", class_name="hd-help"),
        ),
        class_name="hd-context-body",
    )  # fmt: skip


def _is_open() -> Any:
    return (T.status_category != "resolved") & (T.status_category != "closed")


def _item(label: str, shape: str, hotkey: str, name: str) -> rx.Component:
    return menu_item(label, icon=shape, hotkey=hotkey, on_select=OpenTicket.open_dialog(name))


def _watcher(one: rx.Var[WatcherRow]) -> rx.Component:
    return rx.el.span(avatar(one.name, size="xs"), one.name, class_name="hd-inline", key=one.id.to(str))


def _own_field(row: rx.Var[FieldRow]) -> rx.Component:
    value = rx.cond(row.shown != "", rx.el.span(row.shown), rx.el.span("None", class_name="hd-none"))
    edit = popover(
        rx.el.button(
            rx.el.span(row.label, ": ", class_name="sr-only"), value, icon("chevron-down", size=13), type="button",
            class_name="hd-picker",
        ),
        rx.el.form(
            hidden("field_id", row.id.to(str)),  # a form's handler knows nothing of the row it stands in
            rx.el.label(row.label, class_name="hd-label"),
            answer_input(row, labelled=True),
            rx.cond(row.help != "", rx.el.p(row.help, class_name="hd-help")),
            rx.popover.close(button("Save", variant="primary", type="submit")),
            on_submit=OpenTicket.answer_field,
            class_name="hd-stack hd-gap-3",
        ),
    )  # fmt: skip
    return rx.el.div(
        rx.el.dt(row.label), rx.el.dd(rx.cond(OpenTicket.may_edit, edit, value)), class_name="hd-fact", key=row.name
    )


def _link_row(row: rx.Var[LinkRow]) -> rx.Component:
    return rx.el.li(
        rx.el.span(
            rx.el.span(row.label, class_name="hd-overline grow"),
            rx.cond(
                OpenTicket.may_edit,
                icon_button("x", "Remove the link", size="sm", on_click=OpenTicket.unlink(row.id), tip="none"),
            ),
            class_name="hd-line hd-between",
        ),
        link(row.ticket.title, href="/agent?ticket=" + row.ticket.reference.to(str), class_name="hd-link truncate"),
        rx.el.span(
            status_badge(row.ticket.status, row.ticket.status_colour),
            rx.el.span(row.ticket.reference, class_name="hd-row-ref"),
            class_name="hd-line hd-between",
        ),
        key=row.id.to(str),
    )


def _merged_row(row: rx.Var[MergedRow]) -> rx.Component:
    return rx.el.li(
        rx.el.span(row.title, class_name="truncate"),
        rx.el.span(
            rx.el.span(row.reference, " · ", row.requester, class_name="hd-help"),
            rx.cond(
                OpenTicket.may_merge,
                button("Take out", size="sm", variant="ghost", on_click=OpenTicket.unmerge(row.reference)),
            ),
            class_name="hd-line hd-between",
        ),
        key=row.reference,
    )


def _time_row(row: rx.Var[TimeRow]) -> rx.Component:
    return rx.el.li(
        rx.el.span(
            rx.cond(
                row.is_running,
                rx.el.span(pill("Running", "green", dot=True), time_ago(row.started_at), class_name="hd-line hd-gap-2"),
                rx.el.strong(row.spent, class_name="tabular-nums"),
            ),
            rx.cond(
                row.is_mine & ~row.is_running,
                icon_button("pencil", "Correct", size="sm", on_click=OpenTicket.edit_time(row.id), tip="none"),
            ),
            class_name="hd-line hd-between",
        ),
        rx.cond(row.note != "", rx.el.span(row.note)),
        rx.el.span(row.person, time_ago(row.started_at), class_name="hd-line hd-between hd-help"),
        key=row.id.to(str),
    )


def _later_dialog() -> rx.Component:
    return dialog(
        "Send the reply later",
        rx.el.div(
            rx.el.label("Date and time", html_for="send-at", class_name="hd-label"),
            rx.el.input(type="datetime-local", id="send-at", required=True, auto_focus=True, class_name="hd-input"),
            rx.el.p(
                "In your own time zone. If the customer writes before, it is held back and you are told.",
                class_name="hd-help",
            ),
            rx.el.p(OpenTicket.errors["at"], class_name="hd-error", aria_live="polite"),
            class_name="hd-stack hd-gap-2",
        ),
        open=OpenTicket.dialog == "later",
        on_open_change=OpenTicket.close_dialog,
        actions=[
            button("Cancel", on_click=OpenTicket.close_dialog),
            button(
                "Schedule",
                icon="clock",
                variant="primary",
                custom_attrs={"data-submit-at": "send-at", "data-submit-form": "composer"},
            ),
        ],
        width="sm",
    )


def _finder(label: str) -> rx.Component:
    """Finding the other ticket: by words or reference, with the customer's latest to begin with."""
    return rx.el.div(
        text_field(
            label, name="other", id="other-ticket", icon="search", placeholder="Reference or words", auto_focus=True,
            auto_complete="off", on_change=OpenTicket.look_for.debounce(250), error=OpenTicket.errors["other"],
        ),
        rx.cond(
            OpenTicket.looked_for == "",
            rx.cond(
                OpenTicket.requester.recent.length() > 0,
                rx.fragment(
                    rx.el.p("By the same customer", class_name="hd-overline"),
                    rx.el.div(rx.foreach(OpenTicket.requester.recent, _candidate), role="radiogroup",
                              aria_label="Tickets by the same customer", class_name="hd-candidates"),
                ),
            ),
            rx.cond(
                OpenTicket.found.length() > 0,
                rx.el.div(rx.foreach(OpenTicket.found, _candidate), role="radiogroup", aria_label="Tickets found",
                          class_name="hd-candidates"),
                rx.el.p("Nothing found.", class_name="hd-help"),
            ),
        ),
        class_name="hd-stack hd-gap-3",
    )  # fmt: skip


def _candidate(row: rx.Var[TicketRow]) -> rx.Component:
    # Nothing is merged into a closed ticket.
    return rx.cond((OpenTicket.dialog == "merge") & (row.status_category == "closed"), rx.fragment(), _choice(row))


def _choice(row: rx.Var[TicketRow]) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio", name="chosen", value=row.reference, checked=OpenTicket.chosen == row.reference,
            on_change=OpenTicket.choose(row.reference), class_name="hd-radio",
        ),
        rx.el.span(
            rx.el.span(row.title, class_name="truncate font-medium"),
            rx.el.span(row.reference, " · ", row.requester, " · ", row.status, class_name="hd-help truncate"),
            class_name="hd-candidate-text",
        ),
        key=row.reference,
        class_name="hd-candidate",
    )  # fmt: skip


def _merge_dialog() -> rx.Component:
    return _held(
        "merge",
        rx.fragment("Merge ", T.reference, " into another ticket"),
        _finder("The ticket that goes on"),
        rx.cond(
            OpenTicket.chosen != "",
            rx.el.p(
                T.reference, " is closed and points to ", OpenTicket.chosen,
                ". What was said, its files, watchers and time move there. You can take it out again.",
                class_name="hd-help",
            ),
        ),
        actions=[
            button("Cancel", data_leaves="true", on_click=OpenTicket.close_dialog),
            button("Merge", variant="primary", on_click=OpenTicket.merge),
        ],
    )  # fmt: skip


def _link_dialog() -> rx.Component:
    return _held(
        "link",
        rx.fragment("Link ", T.reference, " to another ticket"),
        rx.el.form(
            radio_cards("The other ticket is", _KINDS, name="kind", value="related"),
            _finder("The other ticket"),
            rx.el.div(
                button("Cancel", data_leaves="true", on_click=OpenTicket.close_dialog),
                button("Link", variant="primary", type="submit"),
                class_name="hd-form-actions",
            ),
            on_submit=OpenTicket.link,
            class_name="hd-stack hd-gap-4",
        ),
    )


def _snooze_dialog() -> rx.Component:
    return _held(
        "snooze",
        rx.fragment("Snooze ", T.reference),
        rx.el.div(
            *(button(label, on_click=OpenTicket.snooze_for(key), wide=True) for key, label in PRESETS.items()),
            class_name="hd-grid hd-grid-2 hd-gap-2",
        ),
        rx.el.form(
            text_field("Or until", name="until", type="datetime-local", error=OpenTicket.errors["until"]),
            rx.el.div(
                button("Cancel", data_leaves="true", on_click=OpenTicket.close_dialog),
                button("Snooze", variant="primary", type="submit"),
                class_name="hd-form-actions",
            ),
            on_submit=OpenTicket.snooze_until,
            class_name="hd-stack hd-gap-4",
        ),
        text="It comes back then, or when the customer answers. Its service level runs on.",
        width="sm",
    )


def _escalate_dialog() -> rx.Component:
    return _held(
        "escalate",
        rx.fragment("Escalate ", T.reference),
        rx.el.form(
            textarea_field(
                "Why", name="reason", id="escalate-reason", rows=3, max_length=500, auto_focus=True,
                error=OpenTicket.errors["reason"],
            ),
            select_field("To", OpenTicket.levels, name="level", id="escalate-level", error=OpenTicket.errors["level"]),
            select_field(
                "Hand it to", OpenTicket.hand_to, name="to", id="escalate-to", optional=True,
                placeholder="Nobody: it stays where it is", help="Without anybody, the team's lead is told; without a lead, all managers.",
                error=OpenTicket.errors["assignee"],
            ),
            rx.el.div(
                button("Cancel", data_leaves="true", on_click=OpenTicket.close_dialog),
                button("Escalate", variant="primary", type="submit"),
                class_name="hd-form-actions",
            ),
            on_submit=OpenTicket.escalate,
            class_name="hd-stack hd-gap-4",
        ),
        text="Whoever is told gets a mail with your reason.",
        width="sm",
    )  # fmt: skip


def _deescalate_dialog() -> rx.Component:
    return _held(
        "deescalate",
        rx.fragment("Take the escalation of ", T.reference, " back?"),
        rx.el.form(
            textarea_field(
                "Why", name="reason", id="deescalate-reason", rows=2, max_length=500, auto_focus=True,
                error=OpenTicket.errors["reason"],
            ),
            rx.el.div(
                button("Cancel", data_leaves="true", on_click=OpenTicket.close_dialog),
                button("Take back", variant="primary", type="submit"),
                class_name="hd-form-actions",
            ),
            on_submit=OpenTicket.deescalate,
            class_name="hd-stack hd-gap-4",
        ),
        text="The ticket stays with whoever has it now.",
        width="sm",
    )  # fmt: skip


def _children_dialog() -> rx.Component:
    return _held(
        "resolve",
        rx.fragment("Open children: ", OpenTicket.open_children.length()),
        rx.el.ul(
            rx.foreach(
                OpenTicket.open_children,
                lambda row: rx.el.li(
                    rx.el.span(row.title, class_name="truncate"),
                    rx.el.span(row.reference, status_badge(row.status, row.status_colour), class_name="hd-line hd-between hd-help"),
                    key=row.reference,
                ),
            ),
            class_name="hd-recent",
        ),
        text=rx.fragment(T.reference, " is ", T.status, ". Its children can be as well."),
        actions=[
            button("Leave them open", on_click=OpenTicket.close_dialog),
            button(rx.cond(T.status_category == "closed", "Close them too", "Resolve them too"), variant="primary",
                   on_click=OpenTicket.finish_children),
        ],
    )  # fmt: skip


def _forward_dialog() -> rx.Component:
    return _held(
        "forward",
        rx.fragment("Forward ", T.reference),
        rx.el.form(
            text_field(
                "To", name="to", placeholder="help@supplier.example", required=True, max_length=600,
                auto_complete="off", help="Several addresses with commas between them.", error=OpenTicket.errors["to"],
            ),
            textarea_field(
                "Text", name="body", id="forward-body", rows=6, data_send="true", error=OpenTicket.errors["body"],
            ),
            checkbox("What was said so far goes along; internal notes never do", name="thread", default_checked=True),
            rx.el.div(
                button("Cancel", data_leaves="true", on_click=OpenTicket.close_dialog),
                button("Forward", variant="primary", type="submit"),
                class_name="hd-form-actions",
            ),
            on_submit=OpenTicket.forward,
            class_name="hd-stack hd-gap-4",
        ),
        text="By e-mail, to somebody outside. An internal note says to whom and what.",
        width="lg",
    )  # fmt: skip


def _edit_dialog() -> rx.Component:
    return _held(
        "edit",
        "Correct your comment",
        rx.el.form(
            textarea_field(
                "Text", name="body", id="edit-body", rows=6, default_value=OpenTicket.edited_text, hide_label=True,
                data_send="true", error=OpenTicket.errors["body"],
            ),
            rx.el.div(
                button("Cancel", data_leaves="true", on_click=OpenTicket.close_dialog),
                button("Save", variant="primary", type="submit"),
                class_name="hd-form-actions",
            ),
            key=OpenTicket.edited.to(str),
            on_submit=OpenTicket.save_edit,
            class_name="hd-stack hd-gap-4",
        ),
        text="For 15 minutes. Colleagues can look up what it said before.",
        width="lg",
    )  # fmt: skip


def _history_dialog() -> rx.Component:
    return _held(
        "history",
        "What it said before",
        rx.foreach(
            OpenTicket.earlier,
            lambda one: rx.el.div(
                rx.el.p("Until ", time_ago(one.at, form="absolute"), class_name="hd-help"),
                prose(one.body_html),
                class_name="hd-earlier",
                key=one.id.to(str),
            ),
        ),
    )


def _time_dialog() -> rx.Component:
    entry = OpenTicket.entry
    return _held(
        "time",
        "Correct the time",
        rx.el.form(
            text_field("Time spent", name="time", id="entry-time", default_value=entry.spent, error=OpenTicket.errors["time"]),
            text_field("What for", name="note", id="entry-note", default_value=entry.note, max_length=300, optional=True),
            rx.el.div(
                button("Remove", variant="danger-ghost", on_click=OpenTicket.remove_time(entry.id)),
                rx.el.span(class_name="grow"),
                button("Cancel", data_leaves="true", on_click=OpenTicket.close_dialog),
                button("Save", variant="primary", type="submit"),
                class_name="hd-form-actions",
            ),
            key=entry.id.to(str),
            on_submit=OpenTicket.save_time,
            class_name="hd-stack hd-gap-4",
        ),
        width="sm",
    )  # fmt: skip


def _delete_dialog() -> rx.Component:
    return confirm(
        rx.fragment("Delete ", T.reference, "?"),
        "It disappears for everybody, its customer as well. For 30 days an administrator can restore it from the trash.",
        confirm_label="Delete",
        on_confirm=OpenTicket.delete,
        open=OpenTicket.dialog == "delete",
        on_open_change=OpenTicket.close_dialog,
        danger=True,
    )


def _held(name: str, title: Text | rx.Component, *children: rx.Component, **props: object) -> rx.Component:
    return dialog(title, *children, open=OpenTicket.dialog == name, on_open_change=OpenTicket.close_dialog, **props)  # type: ignore[arg-type]
