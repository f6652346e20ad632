"""Sample values for the gallery. Times are relative to the moment the front end was built."""

from datetime import timedelta

import plotly.graph_objects as go
import reflex as rx

from helpdesk import clock
from helpdesk.components.shells import Viewer
from helpdesk.components.ticket_row import ticket_list, ticket_row

PEOPLE = ["Ada Byron", "Max Planck", "Rita Levi", "Grace Hopper", "Emmy Noether", "Omar Khayyam", "Lise Meitner"]
STATUSES = [
    ("New", "blue"),
    ("Open", "indigo"),
    ("In progress", "violet"),
    ("Waiting on customer", "amber"),
    ("On hold", "gray"),
    ("Resolved", "green"),
    ("Closed", "gray"),
    ("Reopened", "orange"),
]
PRIORITIES = [("Low", 1), ("Medium", 2), ("High", 3), ("Urgent", 4)]

VIEWER = Viewer(
    name="Ada Byron",
    email="ada@acme.example",
    role="Agent",
    organization="Acme",
    availability="available",
    is_agent=True,
    is_manager=True,
    is_admin=True,
    on_availability=lambda _: rx.noop(),
)
CUSTOMER = Viewer(name="Rita Levi", email="rita@example.com", organization="Acme", availability="available")

_SUBJECTS = [
    ("Rita Levi", "Invoice of October shows the old address", "email", 0.05, 1, 3, "ok", 1.5, "Ada Byron"),
    (
        "Omar Khayyam",
        "Cannot sign in after the password change on the new laptop",
        "web",
        0.2,
        0,
        4,
        "at_risk",
        0.2,
        "",
    ),
    ("Grace Hopper", "Label printer prints every second label upside down", "phone", 1, 2, 2, "ok", 5, "Ada Byron"),
    ("Lise Meitner", "Please add two people to the measurement project", "chat", 3, 3, 1, "paused", 9, "Max Planck"),
    ("Emmy Noether", "Export to CSV stops at row 10,000", "api", 5, 1, 3, "breached", -2, "Ada Byron"),
    ("Noor Inayat", "Phone: no ring tone since the update", "mobile", 22, 2, 2, "ok", 20, "Max Planck"),
    ("Alan Kay", "Thank you, it works again", "email", 30, 5, 2, "met", -4, "Ada Byron"),
    ("Katherine Johnson", "Wrong time zone in the calendar invitation", "web", 52, 7, 2, "ok", 11, ""),
]


def hours(number: float) -> str:
    """The moment so many hours from now."""
    return (clock.now() + timedelta(hours=number)).isoformat()


def tickets(current: int | None = None, href: str = "/gallery/workspace") -> rx.Component:
    """A list of tickets."""
    return ticket_list(
        rx.fragment(
            *(
                ticket_row(
                    key=subject,
                    reference=f"ACME-7K3F{index}Q",
                    subject=subject,
                    href=href,
                    customer=customer,
                    moment=hours(-age),
                    channel=channel,
                    status=STATUSES[status][0],
                    status_colour=STATUSES[status][1],
                    priority=PRIORITIES[rank - 1][0],
                    priority_rank=rank,
                    sla_state=state,
                    sla_due_at=hours(due),
                    sla_warn_at=hours(due - 1),
                    assignee=assignee,
                    unread=index in (0, 1),
                    current=index == current,
                    activity="Draft" if index == 2 else "",
                    typing="Max is typing…" if index == 1 else "",
                    viewers="Max Planck" if index == 0 else "",
                )
                for index, (customer, subject, channel, age, status, rank, state, due, assignee) in enumerate(_SUBJECTS)
            )
        ),
        label="Tickets",
    )


def chart() -> rx.Component:
    """A figure as pages draw them."""
    days = list(range(1, 31))
    figure = go.Figure(
        [
            go.Scatter(x=days, y=[6 + (day * 7) % 9 for day in days], name="Created", mode="lines"),
            go.Scatter(x=days, y=[5 + (day * 5) % 8 for day in days], name="Resolved", mode="lines"),
        ]
    )
    figure.update_layout(
        margin={"l": 32, "r": 8, "t": 8, "b": 28},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        showlegend=False,
    )
    return rx.plotly.basic(
        data=figure, config={"displayModeBar": False}, width="100%", height="100%", use_resize_handler=True
    )
