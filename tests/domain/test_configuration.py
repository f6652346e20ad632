"""Reading, comparing and telling a configuration."""

from datetime import timedelta

import pytest

from helpdesk.domain.configuration import Refused, compare, parse, summary, write
from helpdesk.domain.durations import exact, written


def test_everything_knows_its_line() -> None:
    text = parse("statuses:\n  - slug: open\n    colour: teal\n\nteams: []\n")
    assert text.values == {"statuses": [{"slug": "open", "colour": "teal"}], "teams": []}
    assert [text.line(path) for path in (("statuses", 0, "colour"), ("statuses", 0), ("teams",), ("statuses", 7))] == [
        3,
        2,
        5,
        1,
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: [1", 1), ("a: 1\nb: :\n  - c: [", 2), ("- a\n- b", 1), ("a: 1\na: 2", 2), ("1: 2", 1), ("", 1), ("a: &x 1\nb: *x", 1),
        ("a: !!python/object:os.system 1", 1), ("x" * 300_001, 1), ("a: \x00", 1),
    ],
)  # fmt: skip
def test_what_is_no_configuration_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(Refused) as refused:
        parse(text)
    assert refused.value.problems[0].line == line


def test_differences_are_told_field_by_field() -> None:
    now = [
        {"slug": "a", "label": "A", "on": True},
        {"slug": "b", "label": "B", "on": True},
        {"slug": "d", "label": "D", "on": True},
    ]
    then = [
        {"slug": "b", "label": "B", "on": True},
        {"slug": "a", "label": "Ah", "on": False},
        {"slug": "c", "label": "C", "on": True},
    ]
    changes = compare("statuses", now, then, key="slug", is_ordered=True, keeps_absent=False)
    assert [str(one) for one in changes] == [
        "added statuses “c”", "changed statuses “a” (label: A → Ah; on: yes → no)", "removed statuses “d”", "ordered statuses",
    ]  # fmt: skip
    assert summary(changes) == "1 added, 1 changed, 1 removed, 1 ordered"
    assert compare("tags", now, [], key="slug", is_ordered=False, keeps_absent=True) == []
    [change] = compare("organization", {"name": "A"}, {"name": "B"}, key="", is_ordered=False, keeps_absent=False)
    assert str(change) == "changed organization (name: A → B)"


def test_what_is_written_can_be_read() -> None:
    values = {"a": {"day": "2026-12-25", "word": "yes", "time": "09:00", "text": "ä: #x"}, "b": [{"name": "1"}]}
    text = write(values, {"a": "The first."})
    assert text.startswith("# The first.\na:\n") and parse(text).values == values


@pytest.mark.parametrize(("text", "minutes"), [("45m", 45), ("4h", 240), ("1h 30m", 90), ("1d12h", 2160), ("90m", 90)])
def test_spans(text: str, minutes: int) -> None:
    assert written(text) == timedelta(minutes=minutes) == written(exact(timedelta(minutes=minutes)))


@pytest.mark.parametrize("text", ["", "4", "h", "-4h", "0h", "4 hours", "1h 1h"])
def test_what_is_no_span(text: str) -> None:
    with pytest.raises(ValueError):
        written(text)
