"""How a page becomes a page: its address, its title, who it is for, and the frame around it.

    @agent_page(route="/agent/tickets/[ref]", title=Ticket.title, on_load=Ticket.load)
    def ticket() -> rx.Component:
        ...

Whoever imports the module registers the page; `helpdesk/app.py` lists the modules. The mark says who is sent away before
the page loads; what the page may load is decided by its handlers' own marks.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

import reflex as rx
from reflex.event import EventHandler, EventSpec

from helpdesk.components import presence, shells
from helpdesk.components.bell import bell
from helpdesk.pages.agent.palette import palette
from helpdesk.state import internals
from helpdesk.state.bell import Bell
from helpdesk.state.guard import mark_of
from helpdesk.state.kinds import ROLES, Kind
from helpdesk.state.presence import Colleagues
from helpdesk.state.session import Me

Content = Callable[[], rx.Component | Sequence[rx.Component]]
Load = internals.EventLike
Loads = Load | Sequence[Load]
Title = str | rx.Var[str]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the desk."""

    route: str
    title: Title
    kind: Kind
    component: Callable[[], rx.Component]
    on_load: tuple[Load, ...]


_WITH_PALETTE = {Kind.STAFF, Kind.MANAGER, Kind.ADMIN}
# Every page, in the order of its registration.
PAGES: list[Page] = []


def _colleagues() -> rx.Component:
    return presence.colleagues(Colleagues.rows, is_loading=Colleagues.is_loading, on_open=Colleagues.opened)


def _bell() -> rx.Component:
    return bell(
        Bell.rows, unread=Me.unread, is_loading=Bell.is_loading, problem=Bell.problem, on_open=Bell.opened,
        on_read=Bell.read, on_keep=Bell.keep, on_all=Bell.read_all,
    )  # fmt: skip


VIEWER = shells.Viewer(
    name=Me.name, picture=Me.picture, email=Me.email, role=Me.role, organization=Me.organization, availability=Me.availability,
    is_agent=Me.is_agent, is_manager=Me.is_manager, is_admin=Me.is_admin, signed_in=Me.is_signed_in,
    live_paused=rx.cond(Me.is_live, False, True), time_zone=Me.timezone, on_availability=Me.set_availability, theme=Me.theme, single_keys=Me.single_keys,
    accent=Me.accent, on_theme=Me.set_theme, colleagues=_colleagues, bell=_bell,
)  # fmt: skip


def agent_page(*, route: str, title: Title, on_load: Loads = (), **shell: Any) -> Callable[[Content], Content]:
    """A page of the agent workspace. `shell` goes to `agent_shell`."""
    return _page(shells.agent_shell, Kind.STAFF, route, title, on_load, shell)


def manager_page(*, route: str, title: Title, on_load: Loads = (), **shell: Any) -> Callable[[Content], Content]:
    """A page for managers and executives."""
    return _page(shells.manager_shell, Kind.MANAGER, route, title, on_load, shell)


def admin_page(
    *, route: str, title: Title, section: str, on_load: Loads = (), kind: Kind = Kind.ADMIN, **shell: Any
) -> Callable[[Content], Content]:
    """A settings page; `section` is its entry in the settings' navigation, `kind` who else it is for."""
    return _page(shells.admin_shell, kind, route, title, on_load, {"section": section} | shell)


def portal_page(*, route: str, title: Title, on_load: Loads = (), **shell: Any) -> Callable[[Content], Content]:
    """A page of the customers' portal. `shell` goes to `portal_shell`."""
    # Signed-out visitors are sent away before the page loads: its frame need not wait to hear who is looking.
    return _page(
        shells.portal_shell, Kind.CUSTOMER, route, title, on_load, {"viewer": replace(VIEWER, signed_in=True)} | shell
    )


def bare_page(*, route: str, title: Title, kind: Kind, on_load: Loads = ()) -> Callable[[Content], Content]:
    """A page without a frame for those who are signed in: what is printed."""
    return _page(None, kind, route, title, on_load, {})


def own_page(*, route: str, title: Title, on_load: Loads = ()) -> Callable[[Content], Content]:
    """A page for everybody signed in, in the frame of their own house: the workspace or the portal."""
    return _page(_own_shell, Kind.SIGNED_IN, route, title, on_load, {})


def enrolling_page(*, route: str, title: Title, on_load: Loads = ()) -> Callable[[Content], Content]:
    """A page for everybody signed in, also before they have set up the second factor their role needs. It brings its
    own frame."""
    return _page(None, Kind.ENROLLING, route, title, on_load, {})


def _own_shell(*children: rx.Component, viewer: shells.Viewer) -> rx.Component:
    return rx.cond(
        Me.is_staff,
        shells.manager_shell(*children, viewer=viewer, active="none"),
        rx.cond(Me.is_signed_in, shells.portal_shell(*children, viewer=viewer, active="none")),
    )


def public_page(*, route: str, title: Title, on_load: Loads = ()) -> Callable[[Content], Content]:
    """A page for everybody, signed in or not. It brings its own frame (`auth_shell`, `error_shell`)."""
    return _page(None, Kind.PUBLIC, route, title, on_load, {})


def _page(
    shell: Callable[..., rx.Component] | None,
    kind: Kind,
    route: str,
    title: Title,
    on_load: Loads,
    props: dict[str, Any],
) -> Callable[[Content], Content]:
    handlers = (on_load,) if isinstance(on_load, EventHandler | EventSpec) else tuple(on_load)
    for handler in handlers:
        _check(route, kind, handler)

    def register(content: Content) -> Content:
        @wraps(content)
        def component() -> rx.Component:
            inside = content()
            children = inside if isinstance(inside, list | tuple) else (inside,)
            if kind in _WITH_PALETTE:
                children = (*children, palette())
            return shell(*children, **{"viewer": VIEWER} | props) if shell else rx.fragment(*children)

        PAGES.append(Page(route, title, kind, component, (Me.load, *handlers)))
        return content

    return register


def _check(route: str, kind: Kind, handler: Load) -> None:
    """Everybody a page is for must be allowed to load it, and somebody else need not be."""
    function = (handler.handler if isinstance(handler, EventSpec) else handler).fn
    mark = mark_of(function)
    if mark is None:
        raise TypeError(f"{route}: {function.__qualname__} wears no mark of helpdesk.state.guard.")
    if mark is not Kind.PUBLIC and (kind is Kind.PUBLIC or not ROLES[kind] <= ROLES[mark]):
        raise TypeError(f"{route} is for {kind}, but {function.__qualname__} only for {mark}: some would see nothing.")
