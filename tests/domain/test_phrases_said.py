"""Some hundred phrases as people say them, and what each means: beside this file, one a line, looked through by a person.

A meaning names what differs from a filter that shows everything; `LIMIT` and `COUNT` what was asked for besides, `UNKNOWN` the
words nobody understood.
"""

import json
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import pytest

from helpdesk.domain.conditions import Group, as_json
from helpdesk.domain.phrases import Name, Names, read

# A Wednesday.
NOW = datetime(2026, 11, 18, 14, 30, tzinfo=UTC)
SAID = [json.loads(line) for line in (Path(__file__).parent / "phrases_said.jsonl").read_text().splitlines()]


def _named(*labels: str, first: int) -> tuple[Name, ...]:
    return tuple(Name(str(number), label) for number, label in enumerate(labels, start=first))


def _people(*names: str, first: int) -> tuple[Name, ...]:
    return tuple(
        Name(one.value, one.label, (one.label.split()[0], one.label.split()[-1])) for one in _named(*names, first=first)
    )


NAMES = Names(
    statuses=(
        Name("new", "New"), Name("open", "Open"), Name("in_progress", "In progress"),
        Name("waiting_on_customer", "Waiting on customer", ("pending", "waiting")), Name("on_hold", "On hold"),
        Name("resolved", "Resolved"), Name("closed", "Closed"), Name("reopened", "Reopened"),
    ),
    priorities=(
        Name("low", "Low"), Name("medium", "Medium", ("normal",)), Name("high", "High"), Name("urgent", "Urgent", ("critical", "p1")),
    ),
    categories=_named("IT Support", "Facilities", "HR", "Security", "Billing", "Other", first=1),
    teams=_named("Service Desk", "Network", "Building Services", "People Team", first=1),
    tags=tuple(Name(one, one) for one in ("vip", "outage", "onboarding", "hardware", "follow-up")),
    agents=_people("Maria Garcia", "John Smith", "Priya Patel", "Wei Chen", "Dave O'Brien", "Ana Souza", first=10),
    customers=_people("Tom Baker", "Lena Fischer", "Omar Haddad", "Grace Kim", "Noah Wright", first=20),
    companies=(Name("30", "Acme Corp", ("acme",)), Name("31", "Globex"), Name("32", "Initech")),
)  # fmt: skip


def _meaning(phrase: str) -> dict[str, object]:
    found = read(phrase, NAMES, now=NOW)
    shown: dict[str, object] = {}
    for one in fields(found.filter):
        value = getattr(found.filter, one.name)
        if value == one.default:
            continue
        if isinstance(value, Group):
            shown[one.name] = as_json(value)
        elif isinstance(value, datetime):
            shown[one.name] = f"{value:%m-%dT%H:%M}" if value.year == NOW.year else f"{value:%Y-%m-%dT%H:%M}"
        elif isinstance(value, tuple):
            shown[one.name] = ",".join(str(part) for part in value)
        else:
            shown[one.name] = str(value)
    shown |= {"LIMIT": found.limit} if found.limit else {}
    shown |= {"COUNT": 1} if found.is_count else {}
    return shown | ({"UNKNOWN": list(found.unknown)} if found.unknown else {})


@pytest.mark.parametrize(("phrase", "meaning"), SAID, ids=[one[0] for one in SAID])
def test_what_is_said_is_what_is_meant(phrase: str, meaning: dict[str, object]) -> None:
    assert _meaning(phrase) == meaning


@pytest.mark.parametrize(
    "words", ["not ", "vip and ", "by ada or ", "last week ", "2 to 3 november ", "in the title ", "(", "from "]
)
def test_no_phrase_keeps_the_reader_busy(words: str) -> None:
    began = datetime.now(UTC)
    read(words * 100, NAMES, now=NOW)
    assert (datetime.now(UTC) - began).total_seconds() < 2
