"""The tokens: every name has a colour, and every text can be read on its ground."""

import pytest

from helpdesk.components import theme

THEMES = {"light": (theme.LIGHT, theme.LIGHT_TONES), "dark": (theme.DARK, theme.DARK_TONES)}


@pytest.mark.parametrize("name", THEMES)
def test_text_is_readable_on_its_ground(name: str) -> None:
    tokens, tones = THEMES[name]
    ratios = {pair: theme.contrast(tokens[pair[0]], tokens[pair[1]]) for pair in theme.TEXT_PAIRS}
    ratios |= {(f"{tone}-ink", f"{tone}-bg"): theme.contrast(each.ink, each.bg) for tone, each in tones.items()}
    assert {pair: round(ratio, 2) for pair, ratio in ratios.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("name", THEMES)
def test_shapes_can_be_seen(name: str) -> None:
    tokens, _ = THEMES[name]
    ratios = {pair: theme.contrast(tokens[pair[0]], tokens[pair[1]]) for pair in theme.SHAPE_PAIRS}
    assert {pair: round(ratio, 2) for pair, ratio in ratios.items() if ratio < 3} == {}


def test_both_themes_know_the_same_tokens() -> None:
    assert theme.LIGHT.keys() == theme.DARK.keys()
    assert theme.LIGHT_TONES.keys() == theme.DARK_TONES.keys()


def test_every_alias_leads_to_a_tone_and_is_worn_in_the_stylesheet() -> None:
    css = theme.stylesheet()
    assert set(theme.ALIASES.values()) <= theme.LIGHT_TONES.keys()
    assert [name for name in (*theme.LIGHT_TONES, *theme.ALIASES) if f".tone-{name}" not in css] == []


def test_states_and_availability_use_known_tones() -> None:
    used = {*theme.SLA_TONES.values(), *theme.AVAILABILITY_TONES.values(), *theme.AVATAR_TONES}
    assert used <= theme.LIGHT_TONES.keys()


@pytest.mark.parametrize(
    ("name", "tone"),
    [("green", "green"), ("Purple", "violet"), (" grey ", "gray"), ("", "gray"), ("no such colour", "gray")],
)
def test_a_colour_name_becomes_a_tone(name: str, tone: str) -> None:
    assert theme.tone_name(name) == tone


def test_contrast_knows_black_on_white() -> None:
    assert theme.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert theme.contrast("#777777", "#777777") == 1
