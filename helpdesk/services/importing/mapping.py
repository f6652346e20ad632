"""A mapping: which column of an export means what. JSON or TOML, written by people, checked before a row is read."""

import json
import re
import tomllib
from collections.abc import Mapping as Table
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from helpdesk.domain.errors import Invalid
from helpdesk.services.context import step

SHIPPED = Path(__file__).parent / "mappings"
FIELDS = frozenset(
    {
        "remote_id", "title", "description", "status", "priority", "category", "team", "requester", "requester_email",
        "company", "assignee", "assignee_email", "filed_by", "updated_by", "created_at", "updated_at", "resolved_at",
        "closed_at", "channel", "tags", "made_sla", "reopen_count",
    }
)  # fmt: skip
_KEYS = frozenset({"source", "rows", "fields", "keep", "timezone", "date_formats", "empty", "delimiter", "encoding"})
_PLACE = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True)
class FieldRule:
    """Where a field comes from: a column, a text with {columns} in it, or always the same."""

    name: str
    template: str = ""  # "{column}" for a plain column
    constant: str = ""
    values: Table[str, str] = field(default_factory=dict)  # what the file says, in small letters -> what we call it
    default: str = ""

    @property
    def columns(self) -> list[str]:
        """The columns it reads."""
        return _PLACE.findall(self.template)

    def read(self, row: Table[str, str]) -> str:
        """The field's value; empty when the file says nothing."""
        if not self.template:
            return self.constant
        found = [row[column] for column in self.columns]
        if not any(found):
            return self.default
        text = _PLACE.sub(lambda place: row[place[1]], self.template).strip()
        return self.values.get(text.lower(), text) if self.values else text


@dataclass(frozen=True)
class Mapping:
    """How to read one kind of export."""

    source: str
    fields: dict[str, FieldRule]
    is_events: bool = False
    keep: tuple[str, ...] = ()
    timezone: str = "UTC"
    date_formats: tuple[str, ...] = ()
    empty: frozenset[str] = frozenset({""})
    delimiter: str = ""
    encoding: str = ""

    def columns(self) -> list[str]:
        """Every column the mapping needs."""
        found = [column for rule in self.fields.values() for column in rule.columns]
        return list(dict.fromkeys([*found, *self.keep]))

    def read(self, row: Table[str, str], name: str) -> str:
        """A field of a row."""
        rule = self.fields.get(name)
        return rule.read(row) if rule else ""

    def moment(self, text: str) -> datetime | None:
        """A moment as the file writes it, in UTC; None for nothing.

        Raises:
            ValueError: it is no date in any of the mapping's formats.
        """
        return _moment(text, self.date_formats, self.timezone) if text else None


@step
def load(path: str | Path) -> Mapping:
    """Read a mapping from a file, or by the name of one that is shipped.

    Raises:
        Invalid: it is missing or wrong; says what and where.
    """
    file = Path(path)
    if not file.suffix and (SHIPPED / f"{file.name}.json").is_file():
        file = SHIPPED / f"{file.name}.json"
    try:
        raw = file.read_bytes()
        told = tomllib.loads(raw.decode()) if file.suffix == ".toml" else json.loads(raw)
    except OSError:
        known = ", ".join(sorted(one.stem for one in SHIPPED.glob("*.json")))
        raise Invalid(mapping=f"There is no mapping {path}. Give a .json or .toml file, or one of: {known}.") from None
    except (ValueError, UnicodeDecodeError) as error:
        raise Invalid(mapping=f"The mapping {path} cannot be read: {error}") from None
    return parse(told)


@step
def parse(told: Any) -> Mapping:
    """A mapping from its JSON or TOML form.

    Raises:
        Invalid: a key, field or value nobody knows; names it and the known ones.
    """
    if not isinstance(told, dict):
        raise Invalid(mapping="A mapping is an object with source and fields.")
    _refuse_unknown("key", set(told), _KEYS)
    fields = told.get("fields", {})
    _refuse_unknown("field", set(fields), FIELDS)
    source = str(told.get("source", "")).strip()
    if not source or len(source) > 60:
        raise Invalid(mapping="Name the source, for example “servicenow”: tickets are known by source and remote id.")
    if not {"title", "description"} & set(fields):
        raise Invalid(mapping="Say where the title or the description comes from.")
    rows = told.get("rows", "tickets")
    if rows not in ("tickets", "events"):
        raise Invalid(
            mapping="rows is “tickets” (a row is a ticket) or “events” (rows with one remote_id are its history)."
        )
    if rows == "events" and not {"remote_id", "updated_at"} <= set(fields):
        raise Invalid(mapping="A file of events needs remote_id and updated_at.")
    zone = str(told.get("timezone", "UTC"))
    if zone not in available_timezones():
        raise Invalid(mapping=f"There is no time zone {zone}.")
    return Mapping(
        source=source, fields={name: _rule(name, rule) for name, rule in fields.items()}, is_events=rows == "events",
        keep=tuple(told.get("keep", ())), timezone=zone, date_formats=tuple(told.get("date_formats", ())),
        empty=frozenset({"", *told.get("empty", ())}), delimiter=str(told.get("delimiter", "")),
        encoding=str(told.get("encoding", "")),
    )  # fmt: skip


def _rule(name: str, told: Any) -> FieldRule:
    if isinstance(told, str):
        return FieldRule(name, template="{" + told + "}")
    if not isinstance(told, dict) or not {"column", "template", "constant"} & set(told):
        raise Invalid(mapping=f"{name}: give a column name, or an object with column, template or constant.")
    _refuse_unknown(f"key of {name}", set(told), frozenset({"column", "template", "constant", "values", "default"}))
    return FieldRule(
        name,
        template=str(told.get("template") or ("{" + told["column"] + "}" if "column" in told else "")),
        constant=str(told.get("constant", "")),
        values={str(key).lower(): str(value) for key, value in told.get("values", {}).items()},
        default=str(told.get("default", "")),
    )


def _refuse_unknown(what: str, given: set[str], known: frozenset[str]) -> None:
    if unknown := sorted(given - known):
        raise Invalid(mapping=f"Unknown {what}: {', '.join(unknown)}. Known: {', '.join(sorted(known))}.")


@lru_cache(maxsize=50_000)
def _moment(text: str, formats: tuple[str, ...], zone: str) -> datetime:
    at = None
    for form in formats:
        try:
            at = datetime.strptime(text, form)  # noqa: DTZ007 - the zone follows
            break
        except ValueError:
            continue
    if at is None:
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(f"“{text[:40]}” is no date I can read") from None
    return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
