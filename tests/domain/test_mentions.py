"""Who is named with an @."""

import pytest

from helpdesk.domain.mentions import marked, mentioned, unmarked

PEOPLE = {1: "Ada Agent", 2: "Max Manager", 3: "Ada Agent-Smith", 4: "Max Manager"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@Ada Agent can you look?", [1]),
        ("(@ada agent)", [1]),
        ("@Ada Agent-Smith and @Ada Agent", [3, 1]),
        ("@Max Manager", [2, 4]),
        ("mail me@Ada Agent", []),
        ("@Ada Agentess", []),
        ("@Nobody", []),
        ("", []),
        ("@Ada Agent @Ada Agent", [1]),
    ],
)
def test_names_in_a_text(text: str, found: list[int]) -> None:
    assert mentioned(text, PEOPLE) == found


def test_nobody_can_be_named_where_nobody_is() -> None:
    assert mentioned("@Ada Agent", {}) == [] and marked("@", {}) == "@" and unmarked("@", {}) == "@"


def test_notes_show_a_mention_and_replies_do_not() -> None:
    assert marked("Ask @ada agent.", PEOPLE) == "Ask **@ada agent**."
    assert unmarked("@Ada Agent will call you.", PEOPLE) == "Ada Agent will call you."
