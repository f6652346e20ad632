"""Which word somebody meant, and what is marked in a text."""

import pytest

from helpdesk.domain.marks import BEGIN, END, pieces
from helpdesk.domain.spelling import distance, meant, plain


@pytest.mark.parametrize(
    ("a", "b", "apart"),
    [
        ("printer", "printer", 0), ("pritner", "printer", 1), ("prnter", "printer", 1), ("prrinter", "printer", 1),
        ("brinter", "printer", 1), ("brnter", "printer", 2), ("", "abc", 3), ("ca", "abc", 3), ("kitten", "sitting", 3),
    ],
)  # fmt: skip
def test_distance(a: str, b: str, apart: int) -> None:
    assert distance(a, b) == apart == distance(b, a)


@pytest.mark.parametrize(
    ("word", "known", "found"),
    [
        ("mial", ["mail", "male"], "mail"), ("mxyl", ["mail"], ""), ("keybaord", ["keyboards", "keyboard"], "keyboard"),
        ("passwrd", [], ""), ("vacum", ["vacuum", "vacuums"], "vacuum"),
    ],
)  # fmt: skip
def test_meant(word: str, known: list[str], found: str) -> None:
    assert meant(word, known) == found


def test_plain() -> None:
    assert plain("Crème BRÛLÉE") == "creme brulee"


@pytest.mark.parametrize(
    ("marked", "shown"),
    [
        ("", []), ("nothing", []), ("a [b] c", ["a ", "b", " c"]), ("[b]", ["", "b", ""]), ("[a][b]", ["", "ab", ""]),
        ("x [a] y [b]", ["x ", "a", " y ", "b", ""]), ("a] b", []), ("a [b", []), ("<b>[x]", ["<b>", "x", ""]),
    ],
)  # fmt: skip
def test_pieces(marked: str, shown: list[str]) -> None:
    assert pieces(marked.replace("[", BEGIN).replace("]", END)) == shown
