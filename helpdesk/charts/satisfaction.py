"""Ratings over time: good, fair and low on top of each other; each piece carries the query of its tickets."""

from collections.abc import Sequence

import plotly.graph_objects as go

from helpdesk.charts.overview import PALETTE, dress


def trend(days: Sequence[str], bands: Sequence[tuple[str, str, Sequence[int], Sequence[str]]]) -> go.Figure:
    """Bars per day.

    Args:
        bands: name, colour, numbers and queries of each, the lowest in the pile first.
    """
    figure = go.Figure()
    for name, colour, counts, queries in bands:
        figure.add_trace(
            go.Bar(
                x=list(days), y=list(counts), name=name, customdata=list(queries), width=0.7 * 86_400_000,
                marker={"color": PALETTE[colour], "line": {"width": 0}}, hovertemplate="%{y} " + name.lower() + "<extra></extra>",
            )
        )  # fmt: skip
    dress(figure, height=260)
    figure.update_layout(
        barmode="stack",
        legend={
            "orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal",
            "itemclick": False, "itemdoubleclick": False,
        },
        margin={"l": 8, "r": 12, "t": 32, "b": 8},
    )  # fmt: skip
    figure.update_xaxes(
        type="date", tickformat="%-d %b", hoverformat="%A, %-d %B", showgrid=False, automargin=True,
        nticks=min(len(days), 8),
    )  # fmt: skip
    figure.update_yaxes(automargin=True, nticks=5, tickformat=",d", ticklabelstandoff=10)
    return figure
