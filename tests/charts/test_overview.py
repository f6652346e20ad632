"""Figures: what they carry, and that nobody's words become markup."""

import json

from helpdesk.charts import overview as draw


def test_a_point_and_a_bar_carry_the_query_of_their_tickets() -> None:
    trend = draw.trend(["2026-11-01", "2026-11-02"], [1, 2], [3, 4], ["a", "b"], ["c", "d"])
    assert [list(line.customdata) for line in trend.data] == [["a", "b"], ["c", "d"]]
    bars = draw.bars(["One", "Two"], [1, 2], ["red", "unheard of"], ["a", "b"])
    assert list(bars.data[0].customdata) == ["a", "b"]


def test_names_are_escaped_and_two_of_the_same_name_stay_two() -> None:
    bars = draw.bars(["<b>Max</b>", "<b>Max</b>"], [1, 2], ["red", "red"], ["a", "b"])
    assert list(bars.layout.yaxis.ticktext) == ["&lt;b&gt;Max&lt;/b&gt;"] * 2
    assert len(set(bars.data[0].y)) == 2


def test_long_names_are_cut_beside_the_bar_and_whole_on_hover() -> None:
    bars = draw.bars(["x" * 60], [1], ["red"], [""])
    assert len(bars.layout.yaxis.ticktext[0]) == 24 and bars.data[0].hovertext[0] == "x" * 60


def test_figures_leave_text_and_lines_to_the_theme() -> None:
    for figure in (draw.trend(["2026-11-01"], [1], [1], [""], [""]), draw.bars(["x"], [1], ["red"], [""])):
        layout = json.loads(figure.to_json())["layout"]
        assert layout["paper_bgcolor"] == layout["plot_bgcolor"] == "rgba(0,0,0,0)"
        assert "font" not in layout and "gridcolor" not in layout["xaxis"]
