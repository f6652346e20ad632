"""Secrets shown once: they go to the browser in an event, and never through a var. Vars are kept."""

import json
from collections.abc import Iterable

# Puts each text where `data-once` waits for it; empty texts take it away again.
_SHOW_ONCE = """
for (const [name, text] of Object.entries(%s))
  for (const place of document.querySelectorAll(`[data-once="${CSS.escape(name)}"]`)) {
    if (place.matches("img")) text ? (place.src = text) : place.removeAttribute("src");
    else if (place.matches("button")) place.dataset.copy = text;
    else place.textContent = text;
  }
"""


def shown(places: Iterable[str], **texts: str) -> str:
    """The script that puts texts where `data-once` waits for them.

    Args:
        places: every such place of the page; those without a text are emptied.
    """
    return _SHOW_ONCE % json.dumps(dict.fromkeys(places, "") | texts)
