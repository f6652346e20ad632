"""How well an article answers a question."""

import pytest

from helpdesk.domain.articles import WORTH_A_LOOK, WORTH_SENDING, Hit, relevance, summary

TWELVE = 12


@pytest.mark.parametrize(
    ("hits", "known", "asked", "least", "most"),
    [
        # (word, in the title?, articles that have it)
        ([("password", True, 1), ("reset", True, 1)], [1, 1], 2, 1.0, 1.0),
        ([("password", True, 2), ("reset", True, 2)], [2, 2], 3, WORTH_SENDING, 1.0),
        ([("password", False, 2), ("reset", False, 2)], [2, 2], 2, WORTH_A_LOOK, WORTH_SENDING),
        # One word of many is a coincidence, however rare.
        ([("berlin", True, 1)], [1], 4, 0.0, 0.0),
        ([("vpn", True, 1)], [1], 1, 1.0, 1.0),
        # Words they all have say nothing beside one that nobody knows.
        ([("work", True, 12), ("need", True, 12)], [12, 12], 4, 0.0, WORTH_A_LOOK),
        # Two of seven words: worth a look, not worth sending.
        ([("printer", True, 1), ("paper", False, 2)], [1, 2, 4, 6], 7, WORTH_A_LOOK, WORTH_SENDING),
        ([], [], 3, 0.0, 0.0),
        ([], [], 0, 0.0, 0.0),
    ],
)
def test_relevance(hits: list[tuple[str, bool, int]], known: list[int], asked: int, least: float, most: float) -> None:
    score = relevance([Hit(*one) for one in hits], known, asked=asked, published=TWELVE)
    assert least <= score <= most


def test_the_only_article_there_is_can_answer() -> None:
    assert relevance([Hit("vpn", True, 1), Hit("slow", True, 1)], [1, 1], asked=2, published=1) == 1.0


def test_a_summary_has_no_marks_of_lists() -> None:
    assert summary("1. **Close** it.\n2. Open it.\n\n- Then wait") == "Close it. Open it. Then wait"
