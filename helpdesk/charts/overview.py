"""The overview's figures: numbers in, Plotly out. Text and lines take their colours from the page's theme
(`components/chart.py`); what is named by people is escaped, for Plotly reads HTML."""

from collections.abc import Sequence
from html import escape

import plotly.graph_objects as go

# Readable in both themes: figures are made on the server, which does not know the browser's.
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
_FEW_DAYS = 31
_BAR = 34  # px per bar
_LABEL = 24  # letters beside a bar


def trend(
    days: Sequence[str],
    created: Sequence[int],
    resolved: Sequence[int],
    created_queries: Sequence[str],
    resolved_queries: Sequence[str],
) -> go.Figure:
    """Created against solved, a line each; a point carries the query of its tickets."""
    figure = go.Figure()
    lines = (("Created", created, created_queries, "blue"), ("Solved", resolved, resolved_queries, "green"))
    for name, values, queries, colour in lines:
        figure.add_trace(
            go.Scatter(
                x=list(days), y=list(values), name=name, mode="lines+markers", customdata=list(queries),
                line={"color": PALETTE[colour], "width": 2}, marker={"size": 7 if len(days) <= _FEW_DAYS else 4},
                fill="tozeroy", fillcolor=_faint(PALETTE[colour]), cliponaxis=False,
                hovertemplate="%{y} " + name.lower() + "<extra></extra>",
            )
        )  # fmt: skip
    dress(figure, height=280)
    figure.update_layout(
        hovermode="x unified",
        legend={
            "orientation": "h",
            "y": 1.02,
            "yanchor": "bottom",
            "x": 0,
            "itemclick": False,
            "itemdoubleclick": False,
        },
        margin={"l": 8, "r": 12, "t": 32, "b": 8},
    )
    figure.update_xaxes(
        type="date", tickformat="%-d %b", hoverformat="%A, %-d %B", showgrid=False, automargin=True,
        nticks=min(len(days), 8),
    )  # fmt: skip
    figure.update_yaxes(automargin=True, nticks=5, tickformat=",d", ticklabelstandoff=10)
    return figure


def bars(labels: Sequence[str], counts: Sequence[int], colours: Sequence[str], queries: Sequence[str]) -> go.Figure:
    """Horizontal bars, the first on top; each carries the query of its tickets."""
    # Bars stand at their number, not at their name: two people may have one name.
    places = list(range(len(labels)))
    figure = go.Figure(
        go.Bar(
            x=list(counts), y=places, orientation="h", customdata=list(queries), text=[f"{one:,}" for one in counts],
            textposition="outside", cliponaxis=False, width=0.56, hovertext=[escape(one) for one in labels],
            marker={"color": [PALETTE.get(colour, PALETTE["gray"]) for colour in colours], "cornerradius": 4, "line": {"width": 0}},
            hovertemplate="%{hovertext}: %{x:,}<extra></extra>",
        )
    )  # fmt: skip
    dress(figure, height=_BAR * max(len(labels), 3) + 8)
    figure.update_yaxes(
        autorange="reversed", showgrid=False, automargin=True, tickmode="array", tickvals=places, ticklabelstandoff=8,
        ticktext=[escape(_short(one)) for one in labels],
    )  # fmt: skip
    # Room for the number behind the longest bar.
    figure.update_xaxes(showticklabels=False, showgrid=False, range=[0, max([*counts, 1]) * 1.14])
    figure.update_layout(margin={"l": 8, "r": 12, "t": 0, "b": 8})
    return figure


def dress(figure: go.Figure, *, height: int) -> None:
    """What every figure here looks like."""
    figure.update_layout(
        height=height,
        margin={"l": 36, "r": 12, "t": 8, "b": 28},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        dragmode=False,
        showlegend=len(figure.data) > 1,
    )
    figure.update_xaxes(zeroline=False, fixedrange=True)
    figure.update_yaxes(zeroline=False, fixedrange=True, rangemode="tozero")


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.08)"


def _short(label: str) -> str:
    return label if len(label) <= _LABEL else label[: _LABEL - 1].rstrip() + "…"
