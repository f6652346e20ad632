"""Everything an organization can arrange, as one text: written, compared with now, applied whole or not at all, rolled back.

What there is to arrange is listed in `arrangements.py`. Applying goes through the same verbs as the settings' pages, and only
for what differs: so permissions, checks and the audit are the same, and applying what was exported changes nothing.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlmodel import col, select

from helpdesk.domain import configuration as texts
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.configuration import Change, Problem, Refused, Text
from helpdesk.domain.errors import Conflict, HelpdeskError, Invalid
from helpdesk.domain.permissions import Permission
from helpdesk.models import ConfigurationVersion, Organization
from helpdesk.services import access, catalog
from helpdesk.services.arrangements import SECTIONS, Section
from helpdesk.services.context import Context, requires

FORMAT = 1
MOST_CHANGES = 2000
MOST_ENTRIES = 1000
APPLIED, ROLLED_BACK, KEPT = "applied", "rolled back", "kept"


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A configuration as it once was."""

    id: int
    at: str
    who: str
    kind: str
    changes: tuple[str, ...] = ()


@requires(Permission.CONFIGURATION_MANAGE)
def export(ctx: Context) -> str:
    """Everything as one text."""
    values: dict[str, Any] = {"format": FORMAT} | {section.name: section.read(ctx) for section in SECTIONS}
    about = {"format": f"The arrangements of {catalog.current(ctx).organization.name}."}
    return texts.write(values, about | {section.name: section.about for section in SECTIONS})


@requires(Permission.CONFIGURATION_MANAGE)
def differences(ctx: Context, text: str) -> list[Change]:
    """What applying a text would change. Sections it leaves out stay as they are.

    Raises:
        Refused: the text cannot be read, or says something that cannot be; with its lines.
    """
    return _differences(ctx, _read(text))


@requires(Permission.CONFIGURATION_MANAGE)
def apply(ctx: Context, text: str, *, expected: str = "") -> list[Change]:
    """Arrange everything as a text says, in one transaction; returns what was changed.

    Args:
        expected: the fingerprint of the changes somebody has looked at.

    Raises:
        Refused: something cannot be; nothing was changed. Names the line.
        Conflict: the desk has changed since somebody looked.
    """
    return _apply(ctx, text, APPLIED, expected)


@requires(Permission.CONFIGURATION_MANAGE)
def versions(ctx: Context, *, size: int = 100) -> list[VersionRow]:
    """Every configuration that was applied, newest first."""
    rows = ctx.session.exec(
        select(ConfigurationVersion).order_by(col(ConfigurationVersion.id).desc()).limit(size)
    ).all()
    return [VersionRow(row.id, row.at.isoformat(), row.actor_name, row.kind, tuple(row.changes)) for row in rows]


@requires(Permission.CONFIGURATION_MANAGE)
def version(ctx: Context, version_id: int) -> str:
    """The text of a version.

    Raises:
        NotFound: there is none.
    """
    return access.one(ctx, ConfigurationVersion, version_id, what="version").text


@requires(Permission.CONFIGURATION_MANAGE)
def roll_back(ctx: Context, version_id: int) -> list[Change]:
    """Arrange everything as it stood after a version; returns what was changed.

    Raises:
        Refused: something that has come since stands in the way, such as tickets with a new status.
        NotFound: no such version.
    """
    return _apply(ctx, access.one(ctx, ConfigurationVersion, version_id, what="version").text, ROLLED_BACK, "")


def _apply(ctx: Context, text: str, kind: str, expected: str) -> list[Change]:
    # Two who apply at the same moment would mix what they want.
    ctx.session.exec(select(Organization).with_for_update(key_share=True)).one()
    read = _read(text)
    changes = _differences(ctx, read)
    if expected and expected != texts.fingerprint(changes):
        raise Conflict("The desk has changed since you looked. Look at the difference again.")
    if not changes:
        return []
    if len(changes) > MOST_CHANGES:
        raise Refused([Problem(1, "", f"That is {len(changes)} changes; apply at most {MOST_CHANGES} at once.")])
    ctx.limit = max(ctx.limit, 3 * len(changes) + 100)
    _keep(ctx, KEPT, [])
    applied = ctx.record(ActivityKind.CONFIGURATION_APPLIED, summary=texts.summary(changes), before={}, after={})
    with ctx.because(applied):
        for stage in ("added", "changed", "removed", "ordered"):
            # What is removed may be used by later sections until they have changed.
            for section in SECTIONS if stage != "removed" else reversed(SECTIONS):
                _settle(
                    ctx, section, read, [one for one in changes if one.section == section.name and one.kind == stage]
                )
    ctx.session.flush()
    _keep(ctx, kind, [str(change) for change in changes])
    return changes


def _settle(ctx: Context, section: Section, read: "_Read", changes: Sequence[Change]) -> None:
    entries: Any = read.entries.get(section.name)
    for change in changes:
        with _told(read.text, section, change.entry, entries):
            if not section.key:
                section.save(ctx, entries)
            elif change.kind == "removed":
                assert section.remove is not None
                section.remove(ctx, change.entry)
            elif change.kind == "ordered":
                assert section.order is not None
                section.order(ctx, [getattr(one, section.key) for one in entries])
            else:
                section.save(ctx, next(one for one in entries if getattr(one, section.key) == change.entry))
        ctx.session.flush()


@contextmanager
def _told(text: Text, section: Section, entry: str, entries: Any) -> Iterator[None]:
    """What a verb refuses is told with the line that asked for it."""
    try:
        yield
    except Refused:
        raise
    except HelpdeskError as error:
        path: texts.Path = (section.name,)
        if section.key and isinstance(entries, list):
            place = next((number for number, one in enumerate(entries) if getattr(one, section.key) == entry), None)
            path = path if place is None else (*path, place)
        fields = error.fields if isinstance(error, Invalid) else {}
        line = text.line((*path, next(iter(fields)))) if fields else text.line(path)
        raise Refused([Problem(line, _where(section.name, entry), error.message)]) from None


def _keep(ctx: Context, kind: str, changes: list[str]) -> None:
    text = export(ctx)
    if kind == KEPT:
        newest = ctx.session.exec(select(ConfigurationVersion).order_by(col(ConfigurationVersion.id).desc())).first()
        if newest is not None and newest.text == text:
            return
    ctx.session.add(
        ConfigurationVersion(
            text=text, changes=changes, kind=kind, actor_id=ctx.actor.person_id, actor_name=ctx.actor.name, at=ctx.now
        )
    )
    ctx.session.flush()


@dataclass(frozen=True)
class _Read:
    text: Text
    entries: dict[str, Any]


def _read(text: str) -> _Read:
    """A text whose sections have the right shape."""
    found = texts.parse(text)
    problems, entries = [], {}
    by_name = {section.name: section for section in SECTIONS}
    if found.values.get("format") != FORMAT:
        problems.append(Problem(found.line(("format",)), "format", f"The text must begin with “format: {FORMAT}”."))
    for name, value in found.values.items():
        if name == "format":
            continue
        section = by_name.get(name)
        if section is None:
            known = ", ".join(by_name)
            problems.append(Problem(found.line((name,)), name, f"There is no such section. There are: {known}."))
            continue
        try:
            entries[name] = _shape(section, value)
        except ValidationError as error:
            problems += _problems(found, section, value, error)
            continue
        problems += _doubles(found, section, entries[name])
    if problems:
        raise Refused(problems)
    return _Read(found, entries)


def _shape(section: Section, value: Any) -> Any:
    if not section.key:
        return section.model.model_validate(value)
    # "tags:" with nothing below is an empty list.
    model: Any = section.model
    return TypeAdapter(list[model]).validate_python([] if value is None else value)


def _problems(found: Text, section: Section, value: Any, error: ValidationError) -> Iterator[Problem]:
    for one in error.errors(include_url=False, include_context=False):
        loc = tuple(part for part in one["loc"] if part != "[key]")
        entry = ""
        if section.key and loc and isinstance(loc[0], int) and isinstance(value, list):
            raw = value[loc[0]]
            entry = (
                str(raw.get(section.key, f"number {loc[0] + 1}")) if isinstance(raw, dict) else f"number {loc[0] + 1}"
            )
        field = " › ".join(str(part) for part in loc if not isinstance(part, int))
        what = _SAID.get(one["type"], one["msg"].removeprefix("Value error, "))
        yield Problem(found.line((section.name, *loc)), _where(section.name, entry, field), what)


_SAID = {
    "missing": "This is missing.",
    "extra_forbidden": "There is no such field here.",
    "bool_type": "Use true or false.",
    "int_parsing": "Use a whole number.",
    "int_type": "Use a whole number.",
    "list_type": "Use a list: lines that begin with “- ”.",
    "model_type": "Use fields and values, such as “name: Support”.",
}


def _doubles(found: Text, section: Section, entries: Any) -> Iterator[Problem]:
    if not section.key:
        return
    if len(entries) > MOST_ENTRIES:
        yield Problem(found.line((section.name,)), section.name, f"Use at most {MOST_ENTRIES} entries.")
    seen: set[str] = set()
    for number, entry in enumerate(entries):
        name = getattr(entry, section.key)
        if name in seen:
            yield Problem(found.line((section.name, number)), _where(section.name, name), "It stands here twice.")
        seen.add(name)


def _where(section: str, entry: str, field: str = "") -> str:
    return " › ".join(part for part in (section, entry, field) if part)


def _differences(ctx: Context, read: _Read) -> list[Change]:
    changes = []
    for section in SECTIONS:
        if section.name not in read.entries:
            continue
        then = read.entries[section.name]
        changes += texts.compare(
            section.name, _plain(section, _shape(section, section.read(ctx))), _plain(section, then), key=section.key,
            is_ordered=section.order is not None, keeps_absent=section.remove is None,
        )  # fmt: skip
    return changes


def _plain(section: Section, entries: Any) -> Any:
    if not section.key:
        return entries.model_dump(mode="json")
    return [one.model_dump(mode="json") for one in entries]
