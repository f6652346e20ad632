"""What components may do: take values, give a component, name tokens. Nothing else."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpdesk.components import icons, theme

ROOT = Path(__file__).resolve().parents[2]
COMPONENTS = ROOT / "helpdesk" / "components"
ASSETS = ROOT / "assets"

HEX = re.compile(r"#[0-9a-fA-F]{3,8}\b")
# `#main` and `#1` are no colours; a colour has 3, 4, 6 or 8 digits and nothing after them.
COLOUR_LENGTHS = {4, 5, 7, 9}

SCREENS = sorted(
    path
    for folder in ("components", "pages", "state")
    for path in (ROOT / "helpdesk" / folder).rglob("*.py")
    if path.name != "theme.py"
)
STYLES = sorted(path for path in ASSETS.rglob("*.css") if path.name != "theme.css" and "external" not in path.parts)


def colours(text: str) -> list[str]:
    return [match for match in HEX.findall(text) if len(match) in COLOUR_LENGTHS]


@pytest.mark.parametrize("path", SCREENS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_screen_names_a_colour_by_its_value(path: Path) -> None:
    strings = (node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant))
    assert [colour for text in strings if isinstance(text, str) for colour in colours(text)] == []


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_no_stylesheet_but_the_theme_names_a_colour_by_its_value(path: Path) -> None:
    assert colours(path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_stylesheets_use_tokens_that_exist(path: Path) -> None:
    text = path.read_text("utf-8")
    known = {
        *theme.LIGHT,
        *theme.SHARED,
        *(f"{tone}-{part}" for tone in theme.LIGHT_TONES for part in ("bg", "ink", "solid", "line")),
    }
    known |= {f"tone-{part}" for part in ("bg", "ink", "solid", "line")} | set(re.findall(r"--([\w-]+)\s*:", text))
    assert sorted(set(re.findall(r"var\(--([\w-]+)\)", text)) - known) == []


def test_the_theme_stylesheet_is_printed_from_the_tokens() -> None:
    assert (ASSETS / "theme.css").read_text("utf-8") == theme.stylesheet(), "run: python -m helpdesk.components.theme"


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize("path", sorted(COMPONENTS.rglob("*.py")), ids=lambda path: path.stem)
def test_components_know_no_state_page_or_service(path: Path) -> None:
    above = ("helpdesk.state", "helpdesk.pages", "helpdesk.api", "helpdesk.app", "helpdesk.services", "helpdesk.models")
    assert [name for name in imports(path) if name.startswith(above)] == []


def test_no_inline_script_reaches_a_page() -> None:
    """The content security policy allows our own files only."""
    found = [path.name for path in COMPONENTS.rglob("*.py") if "dangerously_set_inner_html" in path.read_text("utf-8")]
    assert found == []


def test_every_class_a_component_wears_is_drawn() -> None:
    """A misspelt class fails here instead of looking odd."""
    drawn = {name for path in STYLES for name in re.findall(r"\.(hd-[\w-]+)", path.read_text("utf-8"))}
    quiet = {
        "hd-btn-label",
        "hd-portal-me",
        "hd-step-name",
        "hd-tab-panel",
        "hd-tab-panels",
    }  # hooks for pages and tests, with no look of their own
    worn = {
        name.rstrip("-")
        for path in COMPONENTS.rglob("*.py")
        for name in re.findall(r"(?<![\w-])hd-[a-z][\w-]*", path.read_text("utf-8"))
        if not name.endswith("-")
    }
    assert sorted(worn - drawn - quiet) == []


def test_every_channel_has_an_icon() -> None:
    assert {"web", "email", "api", "phone", "chat", "mobile"} <= icons.CHANNELS.keys()
