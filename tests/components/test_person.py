"""Faces are made of names."""

import pytest

from helpdesk.components.person import avatar_tone, initials
from helpdesk.components.theme import AVATAR_TONES


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ada Byron", "AB"),
        ("Ada", "A"),
        ("ada maria lovelace", "AL"),
        ("  Émile   Zola ", "ÉZ"),
        ("", "?"),
        ("李 小龍", "李小"),
    ],
)
def test_initials_are_of_the_first_and_the_last_word(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_a_name_always_has_the_same_tone() -> None:
    assert avatar_tone("Rita Levi") == avatar_tone("Rita Levi")
    assert avatar_tone("") == AVATAR_TONES[0]


def test_names_spread_over_the_tones() -> None:
    names = [
        f"{first} {last}"
        for first in ("Ada", "Max", "Rita", "Eve", "Omar")
        for last in ("Byron", "Levi", "Planck", "Noor")
    ]
    assert len({avatar_tone(name) for name in names}) >= len(AVATAR_TONES) - 2
