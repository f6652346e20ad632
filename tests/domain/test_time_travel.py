"""A ticket as it stood: any history of changes, taken back, gives every state it went through."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.time_travel import Change, Standing, as_it_stood

WORDS = st.text("abc", max_size=3)
FIELDS = {
    "title": ActivityKind.TICKET_TITLE_CHANGED,
    "status": ActivityKind.TICKET_STATUS_CHANGED,
    "priority": ActivityKind.TICKET_PRIORITY_CHANGED,
    "category": ActivityKind.TICKET_CATEGORY_CHANGED,
    "team": ActivityKind.TICKET_TEAM_CHANGED,
    "due_at": ActivityKind.TICKET_DUE_CHANGED,
}


@given(st.lists(st.tuples(st.sampled_from([*FIELDS, "tags", "assignee"]), WORDS), max_size=30))
def test_every_state_it_went_through_comes_back(steps: list[tuple[str, str]]) -> None:
    states, changes = [{"tags": ()}], []
    for field, value in steps:
        before = states[-1].get(field, "")
        after: Any = tuple(value) if field == "tags" else value
        states.append(states[-1] | {field: after})
        changes.append(_change(field, before, after))
    now = Standing(**states[-1])  # type: ignore[arg-type]
    for moment, state in enumerate(states):
        assert as_it_stood(now, reversed(changes[moment:])) == Standing(**state)  # type: ignore[arg-type]


def _change(field: str, before: Any, after: Any) -> Change:
    if field == "tags":
        return Change(ActivityKind.TICKET_TAGS_CHANGED, {"before": list(before), "after": list(after)})
    if field == "assignee":
        kind = ActivityKind.TICKET_ASSIGNED if after else ActivityKind.TICKET_UNASSIGNED
        return Change(kind, {"assignee": after, "previous": before})
    return Change(FIELDS[field], {"before": before, "after": after})


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        (ActivityKind.TICKET_REPLIED, {"comment_id": 3}, Standing(status="Open", assignee="Ada")),
        (ActivityKind.TICKET_STATUS_CHANGED, {}, Standing(status="Open", assignee="Ada")),  # says nothing: stays
        (ActivityKind.TICKET_STATUS_CHANGED, {"before": None}, Standing(assignee="Ada")),
        (ActivityKind.TICKET_ASSIGNED, {"assignee": "Ada"}, Standing(status="Open")),  # the first one had nobody before
        (ActivityKind.TICKET_UNASSIGNED, {"previous": "Max"}, Standing(status="Open", assignee="Max")),
    ],
)
def test_what_an_activity_takes_back(kind: ActivityKind, data: dict[str, Any], expected: Standing) -> None:
    assert as_it_stood(Standing(status="Open", assignee="Ada"), [Change(kind, data)]) == expected
