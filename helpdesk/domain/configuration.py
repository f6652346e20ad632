"""A configuration as text: read with the line of everything in it, compared with another, told in sentences."""

import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from helpdesk.domain.errors import Invalid

LONGEST = 300_000  # characters
MOST_PROBLEMS = 20
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Text:
    """What a text says, and on which line it says it."""

    values: dict[str, Any]
    lines: dict[Path, int]

    def line(self, path: Path) -> int:
        """The line of something, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, where."""

    line: int
    where: str
    what: str

    def __str__(self) -> str:
        return f"Line {self.line}{', ' if self.where else ''}{self.where}: {self.what}"


@dataclass(frozen=True, slots=True)
class Fact:
    """A field that differs."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """What applying a text would do to one thing. `kind` is added, changed, removed or ordered."""

    section: str
    kind: str
    entry: str
    facts: tuple[Fact, ...] = ()

    def __str__(self) -> str:
        facts = "; ".join(f"{one.field}: {one.before or 'nothing'} → {one.after or 'nothing'}" for one in self.facts)
        told = f" ({facts})" if facts and self.kind == "changed" else ""
        return f"{self.kind} {self.section} “{self.entry}”{told}" if self.entry else f"{self.kind} {self.section}{told}"


class Refused(Invalid):
    """A text that cannot be applied; nothing was changed.

    Args:
        problems: everything that is wrong with it, in the order of its lines.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda one: one.line)[:MOST_PROBLEMS])
        super().__init__(text="\n".join(str(one) for one in self.problems))


def parse(text: str) -> Text:
    """Read YAML safely: plain data only, no anchors, no tags.

    Raises:
        Refused: it is no YAML, or none of ours.
    """
    if len(text) > LONGEST:
        raise Refused([Problem(1, "", f"The text is longer than {LONGEST} characters.")])
    yaml = YAML(typ="safe", pure=True)
    try:
        root = yaml.compose(io.StringIO(text))
        lines = dict(_lines(root, (), set()))
        values = yaml.constructor.construct_document(root) if root is not None else None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = str(error.problem or error.context or "this cannot be read").strip()
        raise Refused([Problem(mark.line + 1 if mark else 1, "", f"{what[:1].upper()}{what[1:]}.")]) from None
    except (YAMLError, ValueError, RecursionError) as error:
        raise Refused([Problem(1, "", f"This cannot be read: {str(error)[:200]}")]) from None
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
        raise Refused([Problem(1, "", "The text must be a list of sections, such as “statuses:”.")])
    return Text(values, lines)


def write(values: Mapping[str, Any], about: Mapping[str, str]) -> str:
    """YAML for people: sections in order, each under a line that says what it is.

    Args:
        about: section -> what it is.
    """
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 110
    yaml.allow_unicode = True
    text = io.StringIO()
    for name, value in values.items():
        text.write(f"\n# {about[name]}\n" if name in about else "")
        yaml.dump({name: _in_one_line(value)}, text)
    return text.getvalue().lstrip("\n")


def _in_one_line(value: Any) -> Any:
    """Lists of words within lists, such as a view's conditions, take one line each."""
    if isinstance(value, Mapping):
        return {key: _in_one_line(one) for key, one in value.items()}
    if not isinstance(value, list):
        return value
    return [
        _flow(one) if isinstance(one, list) and all(isinstance(word, str) for word in one) else _in_one_line(one)
        for one in value
    ]


def _flow(words: list[str]) -> CommentedSeq:
    row = CommentedSeq(words)
    row.fa.set_flow_style()
    return row


def compare(section: str, now: Any, then: Any, *, key: str, is_ordered: bool, keeps_absent: bool) -> list[Change]:
    """What must happen to a section to become another: added first, removed last.

    Args:
        now, then: a mapping of fields (no `key`), or a list of mappings told apart by `key`.
        is_ordered: whether the order of the list means something.
        keeps_absent: whether what `then` does not name stays.
    """
    if not key:
        facts = tuple(_facts(now, then))
        return [Change(section, "changed", "", facts)] if facts else []
    here, there = {one[key]: one for one in now}, {one[key]: one for one in then}
    changes = [Change(section, "added", name, tuple(_facts({}, there[name]))) for name in there if name not in here]
    for name, wanted in there.items():
        if name in here and (facts := tuple(_facts(here[name], wanted))):
            changes.append(Change(section, "changed", name, facts))
    if not keeps_absent:
        changes += [Change(section, "removed", name) for name in here if name not in there]
    if is_ordered:
        before, after = [name for name in here if name in there], [name for name in there if name in here]
        if before != after:
            changes.append(Change(section, "ordered", "", (Fact("order", ", ".join(before), ", ".join(after)),)))
    return changes


def summary(changes: Sequence[Change]) -> str:
    """How many of what: "2 added, 1 changed"."""
    kinds = ("added", "changed", "removed", "ordered")
    counted = [(sum(one.kind == kind for one in changes), kind) for kind in kinds]
    return ", ".join(f"{number} {kind}" for number, kind in counted if number) or "nothing"


def fingerprint(changes: Sequence[Change]) -> str:
    """Equal for equal changes: what somebody has looked at, and what would happen now."""
    return hashlib.sha256("\n".join(str(one) for one in changes).encode()).hexdigest()[:16]


def shown(value: Any) -> str:
    """A value as people read it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {shown(one)}" for key, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(shown(one) for one in value)
    return str(value)


def _facts(now: Mapping[str, Any], then: Mapping[str, Any]) -> Iterator[Fact]:
    for field in dict.fromkeys((*now, *then)):
        if now.get(field) != then.get(field):
            yield Fact(field.replace("_", " "), shown(now.get(field)), shown(then.get(field)))


def _lines(node: Node | None, path: Path, seen: set[int]) -> Iterator[tuple[Path, int]]:
    if node is None:
        return
    line = node.start_mark.line + 1
    if id(node) in seen:
        # A few aliases of aliases are enough to fill the memory of any machine.
        raise Refused([Problem(line, "", "Write it out: anchors (&, *) are not read.")])
    seen.add(id(node))
    yield path, line
    if isinstance(node, MappingNode):
        for key, value in node.value:
            here = (*path, str(key.value))
            yield from _lines(value, here, seen)
            yield here, key.start_mark.line + 1  # the line of the name, not of what follows it
    elif isinstance(node, SequenceNode):
        for number, value in enumerate(node.value):
            yield from _lines(value, (*path, number), seen)
