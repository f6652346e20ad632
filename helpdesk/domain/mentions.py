"""Who is named in a text: "@Ada Agent, could you look?"."""

import re
from collections.abc import Mapping

MOST = 20


def mentioned(text: str, people: Mapping[int, str]) -> list[int]:
    """The ids of the people named with an @, in the order of the text, each once; at most 20.

    Args:
        text: what somebody wrote.
        people: id -> name of everybody who can be named. Two of the same name are both meant.
    """
    found: list[int] = []
    by_name: dict[str, list[int]] = {}
    for person_id, name in people.items():
        by_name.setdefault(name.casefold(), []).append(person_id)
    for match in _pattern(people).finditer(text) if by_name else ():
        found += [one for one in by_name[match.group(1).casefold()] if one not in found]
    return found[:MOST]


def marked(text: str, people: Mapping[int, str]) -> str:
    """Markdown with the names in bold, for notes: staff see at a glance who is meant."""
    return _pattern(people).sub(lambda match: f"**@{match.group(1)}**", text) if people else text


def unmarked(text: str, people: Mapping[int, str]) -> str:
    """The text with plain names, for replies: whom staff bring in is none of a customer's business."""
    return _pattern(people).sub(lambda match: match.group(1), text) if people else text


def _pattern(people: Mapping[int, str]) -> re.Pattern[str]:
    # The longest name first: "@Ada Agent-Smith" is not Ada Agent. An address such as me@ada is no mention.
    names = "|".join(re.escape(name) for name in sorted(set(people.values()), key=len, reverse=True))
    return re.compile(rf"(?<![\w@.])@({names})(?![\w-])", re.IGNORECASE)
