"""What both forms for a new ticket share: the organization's own fields, and tickets that may be about the same."""

import reflex as rx

from helpdesk.components.badge import status_badge
from helpdesk.components.base import Text, link
from helpdesk.components.form import field
from helpdesk.services.tickets import FieldRow, TicketRow


def own_field(row: rx.Var[FieldRow], *, error: Text = "") -> rx.Component:
    """One field with its label, help and error; it submits as its name."""
    control = rx.el.div(answer_input(row))
    labelled = rx.cond(row.is_required, row.label, row.label.to(str) + " (optional)")
    return rx.cond(
        row.kind == "checkbox",
        rx.el.label(
            answer_input(row),
            rx.el.span(row.label, rx.cond(row.help != "", rx.el.span(row.help, class_name="hd-help block"))),
            class_name="hd-choice",
            key=row.name,
        ),
        rx.el.div(field(labelled, control, id=row.name, help=row.help, error=error), key=row.name),
    )


def answer_input(row: rx.Var[FieldRow], *, labelled: bool = False) -> rx.Component:
    """The bare input that fits the field; with `labelled` it carries its own name for screen readers."""
    common = {"name": row.name, **({"aria_label": row.label} if labelled else described_by(row))}
    plain = {**common, "default_value": row.value, "class_name": "hd-input"}
    return rx.match(
        row.kind,
        ("number", rx.el.input(type="text", input_mode="decimal", **plain)),
        ("date", rx.el.input(type="date", **plain)),
        (
            "choice",
            rx.el.div(
                rx.el.select(
                    rx.el.option("", value=""),
                    rx.foreach(row.options, lambda option: rx.el.option(option, value=option)),
                    **{**plain, "class_name": "hd-input hd-select"},
                ),
                class_name="hd-select-box",
            ),
        ),
        (
            "checkbox",
            rx.el.input(type="checkbox", default_checked=row.value == "true", class_name="hd-check", **common),
        ),
        rx.el.input(type="text", max_length=500, **plain),
    )


def described_by(row: rx.Var[FieldRow]) -> dict[str, object]:
    """Its id, for the label; the help is read with it."""
    return {"id": row.name, "aria_describedby": row.name.to(str) + "-help"}


def alike(rows: rx.Var[list[TicketRow]], base: str) -> rx.Component:
    """Tickets that may be about the same as the one being filed, to look at instead."""
    return rx.el.div(
        rx.cond(
            rows.length() > 0,
            rx.el.div(
                rx.el.p("Is it one of these?", class_name="hd-label"),
                rx.el.ul(
                    rx.foreach(
                        rows,
                        lambda row: rx.el.li(
                            link(
                                row.title,
                                href=base + row.reference.to(str),
                                target="_blank",
                                class_name="hd-link truncate",
                            ),
                            rx.el.span(
                                rx.el.span(row.reference, " · ", row.requester, class_name="hd-help"),
                                status_badge(row.status, row.status_colour),
                                class_name="hd-line hd-between",
                            ),
                            key=row.reference,
                        ),
                    ),
                    class_name="hd-recent",
                ),
                class_name="hd-alike",
            ),
        ),
        aria_live="polite",
    )
