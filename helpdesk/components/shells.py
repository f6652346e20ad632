"""The frames around pages. They take what they show as arguments and know no state."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import reflex as rx
from reflex.style import color_mode, resolved_color_mode, set_color_mode, toggle_color_mode

from helpdesk.components.badge import count
from helpdesk.components.base import Child, Flag, Number, Text, classes, link, shown, when
from helpdesk.components.button import icon_button
from helpdesk.components.dialog import shortcut_dialog
from helpdesk.components.feedback import banner
from helpdesk.components.filters import search_field
from helpdesk.components.form import native_form
from helpdesk.components.icons import icon as draw
from helpdesk.components.keys import WORKSPACE_SHORTCUTS, Shortcuts, key_link, key_only
from helpdesk.components.menu import menu, menu_item, menu_label, menu_separator
from helpdesk.components.person import avatar, person_line

# The organization's, or the desk's own.
LOGO = "/files/logo"
Place = Literal["inbox", "customers", "knowledge", "reports", "settings", "none"]


@dataclass(frozen=True)
class Viewer:
    """Who looks at the page, as the frames show it. Plain values or vars."""

    name: Text = ""
    picture: Text = ""
    email: Text = ""
    role: Text = ""
    organization: Text = "Help desk"
    availability: Text = "offline"
    is_agent: Flag = False
    is_manager: Flag = False
    is_admin: Flag = False
    signed_in: Flag = True
    live_paused: Flag = False
    single_keys: Flag = True
    time_zone: Text = ""
    on_availability: Any = None
    theme: Text = ""
    accent: Text = "indigo"
    on_theme: Any = None
    # What else stands in the top bar: who of the colleagues is there.
    colleagues: Callable[[], rx.Component] | None = None
    # The bell; in the portal's header, too.
    bell: Callable[[], rx.Component] | None = None
    extra_menu: list[rx.Component] = field(default_factory=list)


def agent_shell(
    *children: Child,
    viewer: Viewer,
    active: Place = "inbox",
    inbox_count: Number = 0,
    on_search: Any = None,
    search: Text = "",
    shortcuts: Shortcuts = WORKSPACE_SHORTCUTS,
    new_href: Text = "/agent/new",
    topbar: Child = "",
) -> rx.Component:
    """The workspace of staff: rail, top bar, and the page filling the rest without scrolling itself."""
    return _frame(
        viewer,
        _rail(viewer, active, inbox_count),
        rx.el.div(
            _topbar(viewer, on_search, search, new_href, topbar),
            _notices(viewer),
            rx.el.main(*children, id="main", class_name="hd-work"),
            class_name="hd-shell-body",
        ),
        _tab_bar(viewer, active, inbox_count),
        shortcut_dialog(shortcuts),
        class_name="hd-shell",
    )


def manager_shell(*children: Child, viewer: Viewer, active: Place = "reports", **props: Any) -> rx.Component:
    """Staff pages that scroll as a whole: reports, lists, forms."""
    return agent_shell(
        rx.el.div(rx.el.div(*children, class_name="hd-page"), class_name="hd-scroll"),
        viewer=viewer,
        active=active,
        **props,
    )


SETTINGS: list[tuple[str, str, str, str]] = [
    ("people", "People", "/admin/people", "users"),
    ("teams", "Teams", "/admin/teams", "users-round"),
    ("skills", "Skills", "/admin/skills", "wrench"),
    ("companies", "Companies", "/admin/companies", "briefcase"),
    ("statuses", "Statuses", "/admin/statuses", "circle-dot"),
    ("transitions", "Transitions", "/admin/transitions", "shuffle"),
    ("priorities", "Priorities", "/admin/priorities", "signal-high"),
    ("categories", "Categories", "/admin/categories", "folder-tree"),
    ("custom-fields", "Custom fields", "/admin/custom-fields", "text-cursor-input"),
    ("tags", "Tags", "/admin/tags", "tags"),
    ("sla", "SLA", "/admin/sla", "timer"),
    ("calendars", "Calendars", "/admin/calendars", "calendar-clock"),
    ("escalation", "Escalation", "/admin/escalation", "siren"),
    ("automation", "Automation", "/admin/automation", "workflow"),
    ("macros", "Macros", "/admin/macros", "zap"),
    ("webhooks", "Webhooks", "/admin/webhooks", "webhook"),
    ("integrations", "Integrations", "/admin/integrations", "plug"),
    ("organization", "Organization", "/admin/organization", "building-2"),
    ("mailboxes", "Mailboxes", "/admin/mailboxes", "inbox"),
    ("providers", "Sign-in providers", "/admin/providers", "key-round"),
    ("api-tokens", "API tokens", "/admin/api-tokens", "key-square"),
    ("configuration", "Configuration", "/admin/configuration", "file-code"),
    ("health", "Health", "/admin/health", "heart-pulse"),
    ("audit", "Audit", "/admin/audit", "scroll-text"),
    ("sign-ins", "Sign-in log", "/admin/sign-ins", "shield-check"),
    ("received", "Received mail", "/admin/received", "mail"),
    ("mail", "Sent mail", "/admin/mail", "send"),
    ("blocked-files", "Blocked files", "/admin/blocked-files", "shield-alert"),
    ("trash", "Trash", "/admin/trash", "trash-2"),
]
# The heading above the section that begins a group.
SETTINGS_GROUPS = {
    "people": "People",
    "statuses": "Tickets",
    "sla": "Promises and rules",
    "organization": "The desk",
    "audit": "Logs",
}


def admin_shell(
    *children: Child,
    viewer: Viewer,
    section: str,
    sections: list[tuple[str, str, str, str]] | None = None,
    **props: Any,
) -> rx.Component:
    """Settings: their own navigation beside the page. `section` is the key of the open one; sections are (key, label, href, icon)."""
    nav = rx.el.nav(
        rx.el.h2("Settings", class_name="hd-settings-title"),
        *(_settings_link(viewer, section, *each) for each in (sections or SETTINGS)),
        aria_label="Settings",
        class_name="hd-settings-nav",
    )
    page = rx.el.div(rx.el.div(*children, class_name="hd-page"), class_name="hd-scroll grow")
    return agent_shell(rx.el.div(nav, page, class_name="hd-settings"), viewer=viewer, active="settings", **props)


def _settings_link(viewer: Viewer, section: str, key: str, label: str, href: str, shape: str) -> rx.Component:
    group = SETTINGS_GROUPS.get(key)
    heading = rx.el.h3(group, class_name="hd-overline hd-settings-group") if group else rx.fragment()
    current = "page" if key == section else "false"
    way = link(draw(shape), label, href=href, aria_current=current, class_name="hd-settings-link")
    # Whoever is no administrator sees the one section that is open to them.
    return rx.fragment(shown(viewer.is_admin, heading), shown(True if key == section else viewer.is_admin, way))


PORTAL_LINKS: list[tuple[str, str, str]] = [
    ("home", "Home", "/"),
    ("requests", "My requests", "/requests"),
    ("help", "Help", "/help"),
]


def portal_shell(
    *children: Child,
    viewer: Viewer,
    active: str = "home",
    links: list[tuple[str, str, str]] | None = None,
    notice: Child = "",
    hero: rx.Component | None = None,
    narrow: bool = False,
    new_href: Text = "/requests/new",
    sign_in_href: Text = "/login",
) -> rx.Component:
    """What customers see: a header, one column, larger text. `hero` spans the page above the column."""
    nav = [
        link(label, href=href, aria_current="page" if key == active else "false", class_name="hd-portal-link")
        for key, label, href in (links or PORTAL_LINKS)
    ]
    doors = shown(
        viewer.signed_in,
        rx.fragment(viewer.bell() if viewer.bell else rx.fragment(), _me(viewer, "hd-portal-me", is_staff=False)),
        rx.el.a("Sign in", href=sign_in_href, class_name="hd-btn hd-btn-secondary hd-btn-md"),
    )
    header = rx.el.header(
        rx.el.div(
            _brand(viewer, "/"),
            shown(viewer.signed_in, rx.el.nav(*nav, aria_label="Portal", class_name="hd-portal-nav")),
            rx.el.span(class_name="grow"),
            link(
                draw("plus"),
                rx.el.span("New request"),
                href=new_href,
                class_name="hd-btn hd-btn-primary hd-btn-md hd-portal-new",
            ),
            doors,
            class_name="hd-portal-bar",
        ),
        class_name="hd-portal-head",
    )
    return _frame(
        viewer,
        header,
        _notices(viewer),
        shown(notice, rx.el.div(notice, class_name="hd-portal-notice")),
        rx.el.main(
            hero if hero is not None else rx.fragment(),
            rx.el.div(*children, class_name=classes("hd-portal-main", "hd-portal-narrow" if narrow else "")),
            id="main",
            class_name="hd-portal-body",
        ),
        rx.el.footer(rx.el.span(viewer.organization), rx.el.span("Help desk"), class_name="hd-portal-foot"),
        class_name="hd-portal",
    )


def auth_shell(
    *children: Child, title: Text, text: Text = "", organization: Text = "Help desk", footer: Child = ""
) -> rx.Component:
    """One card in the middle: sign in, register, reset."""
    return _frame(
        Viewer(organization=organization),
        rx.el.main(
            rx.el.div(
                rx.el.img(src=LOGO, alt="", class_name="hd-auth-logo"),
                rx.el.p(organization, class_name="hd-auth-organization"),
                rx.el.h1(title, tab_index=-1, data_page_title="true", class_name="hd-auth-title"),
                shown(text, rx.el.p(text, class_name="hd-auth-text")),
                *children,
                class_name="hd-auth-card",
            ),
            shown(footer, rx.el.div(footer, class_name="hd-auth-footer")),
            id="main",
            class_name="hd-auth",
        ),
        class_name="hd-portal",
    )


def error_shell(
    title: Text,
    text: Text,
    *actions: rx.Component,
    icon: str = "compass",
    code: Text = "",
    organization: Text = "Help desk",
) -> rx.Component:
    """A whole page for not found, not allowed, signed out, offline, broken."""
    return _frame(
        Viewer(organization=organization),
        rx.el.main(
            rx.el.div(
                rx.el.div(draw(icon, size=26), class_name="hd-error-icon"),
                shown(code, rx.el.p(code, class_name="hd-error-code")),
                rx.el.h1(title, tab_index=-1, data_page_title="true", class_name="hd-auth-title"),
                rx.el.p(text, class_name="hd-auth-text"),
                rx.el.div(*actions, class_name="hd-error-actions"),
                class_name="hd-error-box",
            ),
            id="main",
            class_name="hd-auth",
        ),
        class_name="hd-portal",
    )


def theme_items(on_theme: Any = None) -> list[rx.Component]:
    """Light, dark, system; `on_theme(name)` lets the page remember it per person."""

    def item(name: Literal["light", "dark", "system"], label: str, shape: str) -> rx.Component:
        chosen = [set_color_mode(name)] if on_theme is None else [set_color_mode(name), on_theme(name)]
        return menu_item(label, icon=shape, checked=color_mode == name, on_click=chosen)

    return [item("light", "Light", "sun"), item("dark", "Dark", "moon"), item("system", "As the system", "monitor")]


def _frame(viewer: Viewer, *children: Child, class_name: str) -> rx.Component:
    return rx.el.div(
        _remembered_theme(viewer),
        rx.el.a("Skip to the content", href="#main", class_name="hd-skip"),
        *children,
        rx.el.div(
            "You are offline. What you see may be old.",
            role="status",
            data_offline="true",
            hidden=True,
            class_name="hd-offline",
        ),
        key_only("d", "Dark or light", _toggle_theme(viewer)),
        data_time_zone=viewer.time_zone,
        data_accent=viewer.accent,
        data_single_keys=when(viewer.single_keys, "on", "off"),
        class_name=class_name,
    )


def _remembered_theme(viewer: Viewer) -> rx.Component:
    """Follows what the person chose on another device: mounted anew whenever that is another word."""
    if not isinstance(viewer.theme, rx.Var):
        return rx.fragment()
    return rx.cond(viewer.theme != "", rx.el.span(key=viewer.theme, hidden=True, on_mount=set_color_mode(viewer.theme)))


def _toggle_theme(viewer: Viewer) -> Any:
    if viewer.on_theme is None:
        return toggle_color_mode
    return [toggle_color_mode, viewer.on_theme(rx.cond(resolved_color_mode == "dark", "light", "dark"))]


def _rail(viewer: Viewer, active: Place, inbox_count: Number) -> rx.Component:
    return rx.el.nav(
        link(
            rx.el.img(src=LOGO, alt="", width="28", height="28", class_name="hd-logo"),
            href="/",
            reload_document=True,  # the server knows whose house "/" leads to
            aria_label="Start",
            class_name="hd-rail-logo",
        ),
        shown(viewer.is_agent, _rail_link("inbox", "Inbox", "/agent", "g i", active == "inbox", inbox_count)),
        shown(
            viewer.is_agent, _rail_link("contact-round", "Customers", "/agent/customers", "g p", active == "customers")
        ),
        shown(viewer.is_agent, _rail_link("book-open", "Knowledge", "/agent/articles", "g k", active == "knowledge")),
        shown(viewer.is_manager, _rail_link("chart-no-axes-column", "Reports", "/manager", "g r", active == "reports")),
        shown(viewer.is_admin, _rail_link("settings", "Settings", "/admin/people", "g s", active == "settings")),
        key_link("g n", "Notifications", "/notifications"),
        shown(viewer.is_agent, key_link("g m", "My open tickets", "/agent?view=mine")),
        shown(viewer.is_agent, key_link("g u", "Unassigned tickets", "/agent?view=unassigned")),
        rx.el.span(class_name="grow"),
        _me(viewer, "hd-rail-me"),
        aria_label="Main",
        class_name="hd-rail",
    )


def _rail_link(shape: str, label: str, href: str, hotkey: str, active: bool, number: Number = 0) -> rx.Component:
    return link(
        draw(shape, size=19),
        rx.el.span(label, class_name="hd-rail-label"),
        count(number),
        href=href,
        aria_current="page" if active else "false",
        data_hotkey=hotkey,
        data_tip=label,
        data_tip_side="right",
        class_name="hd-rail-link",
    )


def _tab_bar(viewer: Viewer, active: Place, inbox_count: Number) -> rx.Component:
    return rx.el.nav(
        shown(viewer.is_agent, _tab("inbox", "Inbox", "/agent", active == "inbox", inbox_count)),
        shown(viewer.is_agent, _tab("contact-round", "Customers", "/agent/customers", active == "customers")),
        shown(viewer.is_agent, _tab("book-open", "Knowledge", "/agent/articles", active == "knowledge")),
        shown(viewer.is_manager, _tab("chart-no-axes-column", "Reports", "/manager", active == "reports")),
        shown(viewer.is_admin, _tab("settings", "Settings", "/admin/people", active == "settings")),
        _me(viewer, "hd-tabbar-me"),
        aria_label="Main",
        class_name="hd-tabbar",
    )


def _tab(shape: str, label: str, href: str, active: bool, number: Number = 0) -> rx.Component:
    return link(
        draw(shape, size=20),
        rx.el.span(label),
        count(number),
        href=href,
        aria_current="page" if active else "false",
        class_name="hd-tabbar-link",
    )


def _topbar(viewer: Viewer, on_search: Any, search: Text, new_href: Text, extra: Child) -> rx.Component:
    return rx.el.header(
        rx.el.span(viewer.organization, class_name="hd-topbar-name"),
        # As one types where the list is; elsewhere Enter leads there. A form the browser sends works in both.
        native_form(
            search_field(name="text", placeholder="Search tickets", value=search, on_change=on_search, hotkey="/"),
            action="/agent",
            method="get",
            class_name="hd-topbar-search",
        ),
        rx.el.span(class_name="grow"),
        extra,
        shown(
            viewer.is_agent,
            link(
                draw("plus"),
                rx.el.span("New"),
                href=new_href,
                data_hotkey="c",
                aria_label="New ticket",
                class_name="hd-btn hd-btn-primary hd-btn-md hd-topbar-new",
            ),
        ),
        shown(viewer.is_agent, viewer.colleagues()) if viewer.colleagues else rx.fragment(),
        viewer.bell() if viewer.bell else rx.fragment(),
        rx.el.span(icon_button("keyboard", "Shortcuts", data_press="?", tip="left"), class_name="hd-wide-only"),
        class_name="hd-topbar",
    )


def _me(viewer: Viewer, class_name: str, *, is_staff: bool = True) -> rx.Component:
    """The person's own menu: who they are, whether they take tickets, the theme, the way out."""
    face = rx.el.button(
        avatar(viewer.name, size="lg", picture=viewer.picture, presence=viewer.availability if is_staff else None),
        rx.el.span("Your menu", class_name="sr-only"),
        type="button",
        class_name=f"hd-me {class_name}",
    )
    switches = (
        [
            menu_label("I am"),
            menu_item(
                "Available",
                tone="green",
                checked=viewer.availability == "available",
                on_click=viewer.on_availability("available"),
            ),
            menu_item(
                "Away", tone="amber", checked=viewer.availability == "away", on_click=viewer.on_availability("away")
            ),
            menu_separator(),
        ]
        if is_staff and viewer.on_availability is not None
        else []
    )
    return menu(
        face,
        rx.el.div(
            person_line(viewer.name, viewer.email, size="lg", picture=viewer.picture), class_name="hd-menu-person"
        ),
        menu_separator(),
        menu_item("Profile", icon="circle-user", href="/profile"),
        menu_item("Password and security", icon="shield", href="/profile/security"),
        menu_separator(),
        *switches,
        menu_label("Theme"),
        *theme_items(viewer.on_theme),
        menu_separator(),
        *viewer.extra_menu,
        _sign_out(),
        align="end",
        width="hd-menu-lg",
    )


def _sign_out() -> rx.Component:
    return native_form(
        rx.el.button(draw("log-out", size=15), "Sign out", type="submit", class_name="hd-menu-button"),
        action="/auth/sign-out",
    )


def _brand(viewer: Viewer, href: str) -> rx.Component:
    return link(
        rx.el.img(src=LOGO, alt="", width="28", height="28", class_name="hd-logo"),
        rx.el.span(viewer.organization),
        href=href,
        # It has a name also before it is known whose desk this is.
        aria_label=rx.cond(viewer.organization, viewer.organization, "Home"),
        class_name="hd-brand",
    )


def _notices(viewer: Viewer) -> rx.Component:
    return banner(
        "Live updates are paused. The page catches up by itself as soon as they are back.",
        tone="amber",
        icon="wifi-off",
        visible=viewer.live_paused,
    )
