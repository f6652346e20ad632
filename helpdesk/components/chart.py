"""Plotly in the colours of the theme, where a click on a bar or point says what it stands for."""

from typing import Any

import plotly.graph_objects as go
import reflex as rx
from reflex.style import resolved_color_mode
from reflex_components_plotly.plotly import PlotlyBasic

from helpdesk.components import theme
from helpdesk.components.base import Text


def _meaning(event: rx.Var[Any]) -> tuple[rx.Var[str]]:
    """What the pressed point carries as its `customdata`; Reflex's own event leaves that out."""
    return (rx.Var(_js_expr=f"({event}?.points?.[0]?.customdata ?? '')").to(str),)


class _Chart(PlotlyBasic):
    on_click: rx.EventHandler[_meaning]  # type: ignore[type-arg] # its stub knows no arguments


def chart(figure: rx.Var[Any], *, label: Text, on_pick: Any) -> rx.Component:
    """A figure; a page holds `None` until there is one, and shows a skeleton meanwhile.

    Args:
        label: what it shows, for those who cannot see it; the numbers stand in a table beside it.
        on_pick: called with the `customdata` of the point that was pressed.
    """
    plot = _Chart.create(
        data=figure.to(go.Figure),
        config={"displayModeBar": False, "responsive": True, "showTips": False},
        template=rx.cond(resolved_color_mode == "dark", _template(theme.DARK), _template(theme.LIGHT)).to(
            go.layout.Template
        ),
        on_click=on_pick,
        use_resize_handler=True,
        style={"width": "100%"},
    )
    return rx.el.div(plot, role="img", aria_label=label, class_name="hd-plot")


def _template(tokens: dict[str, str]) -> go.layout.Template:
    axis = {"gridcolor": tokens["line"], "linecolor": tokens["line-2"], "tickcolor": tokens["line-2"]}
    return go.layout.Template(
        layout={
            "font": {"family": "Inter, system-ui, sans-serif", "size": 12, "color": tokens["ink-2"]},
            "hoverlabel": {
                "bgcolor": tokens["raised"],
                "bordercolor": tokens["line-2"],
                "font": {"color": tokens["ink"]},
            },
            "xaxis": axis,
            "yaxis": axis,
        }
    )
