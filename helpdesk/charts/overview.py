"""The overview's figures: numbers in, Plotly out. Colours come from the caller's palette, so both themes fit."""

from collections.abc import Sequence

import plotly.graph_objects as go

# Readable on both themes: Plotly figures are drawn on the server, which does not know the browser's theme.
PALETTE = {
    "gray": "#8b8d98",
    "blue": "#3e82e0",
    "teal": "#12a594",
    "green": "#30a46c",
    "amber": "#d9960a",
    "orange": "#ef7c1f",
    "red": "#e5484d",
    "violet": "#8e6fd8",
    "pink": "#d6409f",
}
_TEXT = "#80838d"
_GRID = "rgba(128,131,141,0.18)"


def trend(days: Sequence[str], created: Sequence[int], resolved: Sequence[int], queries: Sequence[str]) -> go.Figure:
    """Created against resolved, a line each; a point carries the query of its day."""
    figure = go.Figure()
    for name, values, colour in (("Created", created, "blue"), ("Solved", resolved, "green")):
        figure.add_trace(
            go.Scatter(
                x=list(days), y=list(values), name=name, mode="lines+markers", customdata=list(queries),
                line={"color": PALETTE[colour], "width": 2.5, "shape": "spline", "smoothing": 0.4},
                marker={"size": 5}, hovertemplate="%{y} " + name.lower() + "<extra></extra>",
            )
        )  # fmt: skip
    _dress(figure, height=280)
    figure.update_layout(hovermode="x unified", legend={"orientation": "h", "y": 1.12, "x": 0})
    figure.update_xaxes(type="date", tickformat="%-d %b")
    return figure


def bars(labels: Sequence[str], counts: Sequence[int], colours: Sequence[str], queries: Sequence[str]) -> go.Figure:
    """Horizontal bars, the first on top; each carries the query of its tickets."""
    figure = go.Figure(
        go.Bar(
            x=list(counts), y=list(labels), orientation="h", customdata=list(queries), text=list(counts),
            textposition="outside", cliponaxis=False, textfont={"color": _TEXT},
            marker={"color": [PALETTE.get(colour, PALETTE["gray"]) for colour in colours], "cornerradius": 4},
            hovertemplate="%{y}: %{x}<extra></extra>",
        )
    )  # fmt: skip
    _dress(figure, height=max(180, 34 * len(labels) + 40))
    figure.update_yaxes(autorange="reversed", gridcolor="rgba(0,0,0,0)", automargin=True)
    figure.update_xaxes(showticklabels=False, showgrid=False, rangemode="tozero")
    figure.update_layout(margin={"l": 8, "r": 36, "t": 4, "b": 4}, bargap=0.35)
    return figure


def _dress(figure: go.Figure, *, height: int) -> None:
    figure.update_layout(
        height=height,
        margin={"l": 36, "r": 12, "t": 8, "b": 28},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "Inter, system-ui, sans-serif", "size": 12, "color": _TEXT},
        colorway=list(PALETTE.values()),
        dragmode=False,
    )
    figure.update_xaxes(gridcolor=_GRID, zeroline=False, fixedrange=True)
    figure.update_yaxes(gridcolor=_GRID, zeroline=False, fixedrange=True, rangemode="tozero")
