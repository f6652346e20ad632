"""The ticket: header, conversation and composer; beside it the details, the customer and the history."""

from typing import Any

import reflex as rx

from helpdesk.components.badge import pill, priority_indicator, sla_chip, status_badge, tag_chip
from helpdesk.components.base import link
from helpdesk.components.button import button, icon_button
from helpdesk.components.composer import composer
from helpdesk.components.feedback import banner, empty_state, error_state, skeleton_thread
from helpdesk.components.form import text_input
from helpdesk.components.icons import icon
from helpdesk.components.keys import key_only
from helpdesk.components.layout import (
    description_list,
    pane_head,
    pane_scroll,
    pane_toggle,
    section,
)
from helpdesk.components.menu import picker, popover
from helpdesk.components.person import avatar, nobody, person_line
from helpdesk.components.presence import company_line
from helpdesk.components.progress import stars_shown
from helpdesk.components.tabs import tab_panels
from helpdesk.components.thread import attachment, comment, system_line, thread
from helpdesk.components.times import time_ago
from helpdesk.pages.agent import around, deadlines
from helpdesk.pages.agent.answers import article_button
from helpdesk.pages.agent.macros import macro_button
from helpdesk.pages.agent.time_travel import IS_PAST, past_ticket, slider
from helpdesk.services.attachments import AttachmentRow
from helpdesk.services.standing import TimerRow
from helpdesk.services.tickets import CommentRow, TicketRow, TimelineRow, WaitingRow
from helpdesk.state.agent.presence import Presence
from helpdesk.state.agent.queue import Queue
from helpdesk.state.agent.ticket import OpenTicket
from helpdesk.state.agent.time_travel import TimeTravel
from helpdesk.state.session import Me

T = OpenTicket.ticket
LATER = (("tomorrow", "Tomorrow at 9:00"), ("monday", "Next Monday at 9:00"))


def ticket_pane() -> rx.Component:
    """The middle pane."""
    return rx.cond(
        OpenTicket.ref == "",
        empty_state(
            "No ticket open",
            "Choose one on the left, or press j and Enter. Press ? for all shortcuts.",
            icon="mouse-pointer-click",
        ),
        rx.cond(
            OpenTicket.is_loading,
            skeleton_thread(),
            rx.match(
                OpenTicket.problem,
                (
                    "missing",
                    empty_state(
                        "There is no such ticket", "It does not exist, or it belongs to another team.", icon="search-x"
                    ),
                ),
                ("failed", error_state(on_retry=OpenTicket.load)),
                rx.fragment(
                    past_ticket(),
                    rx.el.div(
                        _header(),
                        pane_scroll(_conversation(), data_stick=OpenTicket.ref),
                        _composer(),
                        around.dialogs(),
                        hidden=IS_PAST,
                        class_name="hd-ticket",
                    ),
                ),
            ),
        ),
    )


def context_pane() -> rx.Component:
    """The right pane."""
    return rx.cond(
        (OpenTicket.ref != "") & ~OpenTicket.is_loading & (OpenTicket.problem == ""),
        tab_panels(
            ("details", "Details", _details()),
            ("customer", "Customer", _customer()),
            ("linked", "Linked", around.linked_panel()),
            ("time", "Time", around.time_panel()),
            ("history", "History", _history()),
            reveals={"details": "a p s t"},
            # Whoever looks at the past changes nothing.
            disabled=dict.fromkeys(("details", "customer", "linked", "time"), IS_PAST),
            class_name="hd-context",
        ),
    )


def _header() -> rx.Component:
    return rx.el.header(
        pane_head(
            link(icon("arrow-left"), href="/agent?view=" + Queue.view, aria_label="Back to the list", data_hotkey="u",
                 class_name="hd-btn hd-btn-icon hd-btn-ghost hd-btn-md hd-back"),
            rx.el.button(
                T.reference, icon("copy", size=12), type="button", title="Copy the reference", data_hotkey=".",
                aria_label="Copy the reference", on_click=rx.set_clipboard(T.reference), class_name="hd-ref",
            ),
            rx.el.span(class_name="grow"),
            rx.foreach(OpenTicket.timers, _timer_chip),
            rx.cond(
                OpenTicket.may_edit & (T.status_category != "resolved") & (T.status_category != "closed"),
                button("Resolve", icon="check", size="sm", on_click=OpenTicket.resolve, data_hotkey="e"),
            ),
            rx.cond(
                OpenTicket.may_edit & (T.status_category != "resolved") & (T.status_category != "closed"),
                key_only("Shift+E", "Resolve and next", OpenTicket.resolve_and_next),
            ),
            # The button that says so lies in a tab; the key works wherever one looks.
            rx.cond(OpenTicket.may_edit, key_only("i", "Take it", OpenTicket.take)),
            around.more_menu(),
            pane_toggle(),
        ),
        rx.el.div(
            rx.el.h2(T.title, class_name="hd-ticket-title"),
            rx.cond(OpenTicket.may_edit, _rename()),
            around.escalation_chip(),
            around.snoozed_chip(),
            company_line(Presence.line, is_writing=Presence.is_writing),
            class_name="hd-ticket-title-line",
        ),
        class_name="hd-ticket-head",
    )  # fmt: skip


def _rename() -> rx.Component:
    return popover(
        icon_button("pencil", "Change the subject"),
        rx.form(
            text_input(name="title", default_value=T.title, aria_label="Subject", max_length=300, auto_focus=True),
            rx.popover.close(button("Save", variant="primary", type="submit")),
            on_submit=OpenTicket.rename,
            class_name="hd-stack hd-gap-3",
        ),
    )


def _timer_chip(timer: rx.Var[TimerRow]) -> rx.Component:
    # A promise kept late is over: it no longer counts. One that was kept is told beside the thread; here only what still runs.
    return rx.cond(
        (timer.status == "breached") & (timer.met_at != ""),
        pill(timer.label.to(str) + " late", "red"),
        rx.cond(timer.status != "met", _chip(timer, metric=timer.label)),
    )


def _chip(timer: rx.Var[TimerRow], **props: Any) -> rx.Component:
    return sla_chip(
        timer.status, timer.breach_at, warn_at=timer.warn_at, hours=timer.hours, target=timer.target_seconds, **props
    )


def _conversation() -> rx.Component:
    return thread(
        comment(
            T.requester,
            T.created_at,
            OpenTicket.description_html,
            side="customer",
            channel=T.channel,
            attachments=rx.cond(
                OpenTicket.attachments.length() > 0, rx.fragment(rx.foreach(OpenTicket.attachments, _file))
            ),
        ),
        rx.cond(
            OpenTicket.earlier_comments > 0,
            rx.el.p(OpenTicket.earlier_comments, " earlier entries are not shown here.", class_name="hd-system"),
        ),
        rx.foreach(OpenTicket.comments, _comment),
        rx.foreach(OpenTicket.waiting, _waiting),
        label="Conversation",
    )


def _comment(one: rx.Var[CommentRow]) -> rx.Component:
    return rx.cond(
        one.kind == "system",
        system_line(rx.html(one.body_html), one.created_at),
        comment(
            one.author,
            one.created_at,
            one.body_html,
            side=rx.cond(one.kind == "note", "note", rx.cond(one.by_staff, "agent", "customer")),
            picture=one.author_picture,
            edited=rx.cond(one.edited_at != "", _edited(one)),
            actions=rx.cond(
                one.editable_until != "",
                icon_button("pencil", "Correct", size="sm", on_click=OpenTicket.edit(one.id), tip="none"),
            ),
            attachments=rx.cond(one.attachments.length() > 0, rx.fragment(rx.foreach(one.attachments, _file))),
            below=rx.cond(
                one.unsent != "",
                rx.el.p(icon("mail-warning", size=13), rx.el.span(one.unsent), class_name="hd-unsent tone-amber"),
            ),
        ),
    )


def _waiting(one: rx.Var[WaitingRow]) -> rx.Component:
    when = rx.cond(
        one.is_stopped,
        rx.fragment(icon("circle-pause", size=12), "Not sent: ", one.reason),
        rx.cond(
            one.is_scheduled,
            rx.fragment(icon("clock", size=12), "Scheduled for ", time_ago(one.send_at, form="absolute")),
            rx.fragment(icon("send", size=12), "Sending…"),
        ),
    )
    scheduled = rx.fragment(
        rx.cond(one.is_mine, button("Edit", size="sm", on_click=OpenTicket.take_back(one.id))),
        button("Send now", size="sm", on_click=OpenTicket.send_now(one.id)),
        button("Cancel", size="sm", variant="ghost", on_click=OpenTicket.cancel_reply(one.id)),
    )
    return comment(
        one.author,
        one.send_at,
        one.body_html,
        side="agent",
        detail=rx.el.span(when, class_name=rx.cond(one.is_stopped, "hd-waiting-mark tone-amber", "hd-waiting-mark")),
        attachments=rx.cond(
            one.files.length() > 0,
            rx.fragment(
                rx.foreach(one.files, lambda name: rx.el.span(icon("paperclip", size=14), name, class_name="hd-file"))
            ),
        ),
        below=rx.cond(
            one.is_scheduled | one.is_stopped,
            rx.cond(one.may_change, scheduled),
            rx.cond(one.is_mine, button("Undo", icon="undo-2", size="sm", on_click=OpenTicket.take_back(one.id))),
        ),
        key=one.id.to(str),
        class_name="hd-waiting",
    )


def _edited(one: rx.Var[CommentRow]) -> rx.Component:
    return rx.el.button(
        "edited",
        type="button",
        title="What it said before",
        on_click=OpenTicket.show_earlier(one.id),
        class_name="hd-edited",
    )


def _file(one: rx.Var[AttachmentRow]) -> rx.Component:
    return attachment(
        one.filename, f"/files/{one.id}?show=true", content_type=one.content_type, is_image=one.is_image,
        blocked=one.blocked,
    )  # fmt: skip


def _composer() -> rx.Component:
    return rx.cond(
        OpenTicket.may_reply,
        composer(
            on_submit=OpenTicket.send,
            to=rx.cond(
                OpenTicket.requester_email != "", T.requester + " <" + OpenTicket.requester_email + ">", T.requester
            ),
            busy=OpenTicket.is_busy,
            draft_key=OpenTicket.ref,
            draft=OpenTicket.draft,
            draft_kind=OpenTicket.draft_kind,
            on_draft=OpenTicket.keep_draft.debounce(800),
            on_kind=OpenTicket.write_as,
            newest=OpenTicket.newest,
            files=OpenTicket.draft_files,
            on_files=OpenTicket.keep_files,
            later=LATER,
            on_later=OpenTicket.open_dialog("later"),
            warning=Presence.warning,
            tools=rx.fragment(macro_button(), article_button()),
            mentions=rx.foreach(OpenTicket.colleagues, lambda one: rx.el.option(value=one.name)),
        ),
        rx.el.p("You can read this ticket, but not answer it.", class_name="hd-system"),
    )


def _details() -> rx.Component:
    return rx.el.div(
        description_list(
            ("Status", _or_plain(OpenTicket.may_edit, _status_picker(), status_badge(T.status, T.status_colour))),
            ("Assignee", _or_plain(OpenTicket.may_assign, _assignee_picker(), _person(T.assignee))),
            ("Priority", _or_plain(OpenTicket.may_edit, _priority_picker(), _priority())),
            ("Category", _or_plain(OpenTicket.may_edit, _category_picker(), _plain(T.category))),
            ("Team", _or_plain(OpenTicket.may_assign, _team_picker(), _plain(T.team))),
            ("Tags", _tags()),
            ("Due", rx.cond(OpenTicket.may_edit, _due_picker(), _due())),
            ("Watchers", around.watchers_fact()),
            ("Channel", rx.el.span(T.channel, class_name="capitalize")),
            ("Created", time_ago(T.created_at, form="absolute")),
            ("Updated", time_ago(T.updated_at, form="long")),
        ),
        rx.cond(
            OpenTicket.may_edit & (T.assignee_id != Me.person_id),
            button("Take it", icon="hand", size="sm", on_click=OpenTicket.take, class_name="w-full"),
        ),
        around.own_fields(),
        section("Service level", rx.cond(OpenTicket.timers.length() > 0, rx.foreach(OpenTicket.timers, _promise),
                rx.el.p("No promise applies to this ticket.", class_name="hd-help")),
                action=rx.cond(OpenTicket.timers.length() > 0,
                    icon_button("circle-help", "Explain the deadlines", size="sm", on_click=OpenTicket.explain))),
        deadlines.explanation_dialog(),
        rx.cond(T.csat_score > 0, section("Rating", stars_shown(T.csat_score), rx.el.p(OpenTicket.rating_comment, class_name="hd-help"))),
        class_name="hd-context-body",
    )  # fmt: skip


def _promise(timer: rx.Var[TimerRow]) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.span(timer.label),
            rx.cond(
                (timer.status == "breached") & (timer.met_at != ""),
                pill("Late", "red"),
                _chip(timer),
            ),
            class_name="hd-line hd-between",
        ),
        rx.el.p(
            rx.match(
                timer.status,
                ("met", rx.fragment("Met after ", timer.elapsed, " of ", timer.target)),
                ("paused", rx.fragment(timer.remaining, " of ", timer.target, " left once it goes on")),
                rx.fragment(
                    rx.cond(timer.met_at != "", "Met ", rx.cond(timer.status == "breached", "Was due ", "Due ")),
                    time_ago(rx.cond(timer.met_at != "", timer.met_at, timer.breach_at), form="absolute"),
                    ", ",
                    timer.target,
                    " promised",
                ),
            ),
            rx.cond(timer.policy != "", " · " + timer.policy.to(str), ""),
            class_name="hd-help",
        ),
        class_name="hd-promise",
    )


def _or_plain(allowed: rx.Var[bool], control: rx.Component, plain: rx.Component) -> rx.Component:
    return rx.cond(allowed, control, plain)


def _plain(text: rx.Var[str]) -> rx.Component:
    return rx.cond(text != "", rx.el.span(text), rx.el.span("None", class_name="hd-none"))


def _person(name: rx.Var[str]) -> rx.Component:
    return rx.cond(
        name != "",
        rx.el.span(avatar(name, size="xs"), name, class_name="hd-inline"),
        rx.el.span(nobody(size="xs"), "Unassigned", class_name="hd-inline hd-none"),
    )


def _priority() -> rx.Component:
    return priority_indicator(T.priority, T.priority_rank, show_label=True)


def _status_picker() -> rx.Component:
    return picker(
        "Status", status_badge(T.status, T.status_colour), OpenTicket.status_choices, on_pick=OpenTicket.set_status,
        value=T.status_slug, hotkey="s",
    )  # fmt: skip


def _assignee_picker() -> rx.Component:
    return picker(
        "Assignee", _person(T.assignee), Queue.assignee_choices, on_pick=OpenTicket.set_assignee,
        value=T.assignee_id.to(str), hotkey="a",
    )  # fmt: skip


def _priority_picker() -> rx.Component:
    return picker(
        "Priority",
        _priority(),
        Queue.priority_choices,
        on_pick=OpenTicket.set_priority,
        value=T.priority_slug,
        hotkey="p",
    )


def _category_picker() -> rx.Component:
    return picker(
        "Category",
        _plain(T.category),
        Queue.topic_choices,
        on_pick=OpenTicket.set_category,
        value=T.category_id.to(str),
    )


def _team_picker() -> rx.Component:
    return picker("Team", _plain(T.team), Queue.team_choices, on_pick=OpenTicket.set_team, value=T.team_id.to(str))


def _tags() -> rx.Component:
    names = T.tags.map(lambda tag: tag.name).join(", ")
    edit = popover(
        rx.el.button(icon("plus", size=12), "Tags", type="button", data_hotkey="t", class_name="hd-filter"),
        rx.form(
            text_input(
                name="tags",
                default_value=names,
                aria_label="Tags, separated by commas",
                placeholder="printer, vip",
                auto_focus=True,
            ),
            rx.popover.close(button("Save", variant="primary", type="submit")),
            on_submit=OpenTicket.set_tags,
            class_name="hd-stack hd-gap-3",
        ),
    )
    return rx.el.div(
        rx.foreach(T.tags, lambda tag: tag_chip(tag.name, tag.colour)),
        rx.cond(OpenTicket.may_edit, edit),
        class_name="hd-line hd-gap-1",
    )


def _due() -> rx.Component:
    return rx.cond(T.due_at != "", time_ago(T.due_at, form="absolute"), rx.el.span("None", class_name="hd-none"))


def _due_picker() -> rx.Component:
    return popover(
        rx.el.button(
            _due(), icon("chevron-down", size=13), type="button", aria_label="Due date", class_name="hd-picker"
        ),
        rx.form(
            rx.el.input(type="datetime-local", name="due", aria_label="Due date and time", class_name="hd-input"),
            rx.el.div(
                rx.popover.close(button("Clear", type="button", on_click=OpenTicket.set_due({}))),
                rx.popover.close(button("Save", variant="primary", type="submit")),
                class_name="hd-line hd-between",
            ),
            on_submit=OpenTicket.set_due,
            class_name="hd-stack hd-gap-3",
        ),
    )


def _customer() -> rx.Component:
    who = OpenTicket.requester
    return rx.el.div(
        link(
            person_line(who.name, who.email, size="xl"),
            href="/agent/customers/" + who.id.to(str),
            title="Everything about them",
            class_name="hd-person-link",
        ),
        rx.cond(
            who.bounce_reason != "",
            banner(
                "Mail to this address comes back, so none is sent: " + who.bounce_reason.to(str),
                tone="amber",
                icon="mail-warning",
            ),
        ),
        description_list(
            (
                "Company",
                rx.cond(
                    who.company != "",
                    link(who.company, href="/agent/companies/" + who.company_id.to(str), class_name="hd-link"),
                    _plain(who.company),
                ),
            ),
            ("Title", _plain(who.job_title)),
            ("Phone", _plain(who.phone)),
            ("Time zone", _plain(who.timezone)),
            ("Customer since", time_ago(who.since, form="date")),
            ("Open tickets", rx.el.span(who.open_tickets, class_name="tabular-nums")),
        ),
        section(
            "Last tickets",
            rx.cond(
                who.recent.length() > 0,
                rx.el.ul(rx.foreach(who.recent, _recent), class_name="hd-recent"),
                rx.el.p("This is their first ticket.", class_name="hd-help"),
            ),
        ),
        class_name="hd-context-body",
    )


def _recent(row: rx.Var[TicketRow]) -> rx.Component:
    return rx.el.li(
        link(row.title, href="/agent?ticket=" + row.reference.to(str), class_name="hd-link truncate"),
        rx.el.span(pill(row.status, row.status_colour), time_ago(row.updated_at), class_name="hd-line hd-between"),
        key=row.reference,
    )


def _history() -> rx.Component:
    return rx.el.div(slider(), rx.foreach(OpenTicket.history, _line), class_name="hd-context-body")


def _line(line: rx.Var[TimelineRow]) -> rx.Component:
    return rx.el.div(
        system_line(rx.fragment(rx.el.strong(line.who), " ", line.what), line.at),
        rx.cond(
            line.because.length() > 0,
            rx.el.details(
                rx.el.summary("Why?", aria_label="Why did this happen?"),
                rx.el.ol(rx.foreach(line.because, lambda step: rx.el.li(step)), rx.el.li(line.who, " ", line.what)),
                class_name="hd-why",
            ),
        ),
        rx.cond(
            (line.undo_run > 0) & OpenTicket.may_edit,
            rx.el.div(
                button(
                    "Undo", icon="undo-2", size="sm", variant="ghost", on_click=OpenTicket.undo_rule(line.undo_run),
                    aria_label="Undo what " + line.who.to(str) + " did",
                ),
                class_name="hd-history-undo",
            ),
        ),
        data_later=rx.cond(IS_PAST & (line.id > TimeTravel.past.id), "true", "false"),
        class_name="hd-history-line",
    )  # fmt: skip
