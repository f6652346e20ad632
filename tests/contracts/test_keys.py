"""Every key of the workspace is in the list behind ?, and the list names no key that does not exist."""

import re
from pathlib import Path

from helpdesk.components.keys import WORKSPACE_SHORTCUTS

ROOT = Path(__file__).resolve().parents[2] / "helpdesk"
# Said by assets/desk.js itself, wherever there is a list, a composer or a text.
BY_THE_BROWSER = {"j k", "Enter", "x", "Shift x", "Ctrl Enter", "Esc"}
_KEY = re.compile(r"""(?:hotkey=|key_only\(\s*|key_link\(\s*|_rail_link\("[^"]*", "[^"]*", "[^"]*", )"([^"]+)\"""")


def test_the_list_and_the_screens_name_the_same_keys() -> None:
    listed = [key for _, keys in WORKSPACE_SHORTCUTS for key, _ in keys]
    used = {
        key
        for file in [*ROOT.glob("components/*.py"), *ROOT.glob("pages/*.py"), *ROOT.glob("pages/agent/*.py")]
        if not file.name.startswith("gallery")
        for key in _KEY.findall(file.read_text())
    } | {"r", "n"}  # the composer's, made in a helper
    used -= {"Escape"}  # as everywhere: out of what is open
    assert len(listed) == len(set(listed))
    assert set(listed) - BY_THE_BROWSER == used
