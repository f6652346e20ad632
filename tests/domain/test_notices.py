"""Who takes what by which way, and when quiet hours end."""

from datetime import UTC, datetime

import pytest

from helpdesk.domain import notices
from helpdesk.domain.errors import Invalid
from helpdesk.domain.notices import Channel, NoticeKind

EVENING = datetime(2026, 11, 23, 21, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "begins", "ends", "end"),
    [
        ("UTC", "", "", None),
        ("UTC", "22:00", "07:00", None),
        ("UTC", "21:00", "07:00", datetime(2026, 11, 24, 7, tzinfo=UTC)),
        ("UTC", "21:00", "22:00", datetime(2026, 11, 23, 22, tzinfo=UTC)),
        ("UTC", "21:30", "21:30", None),
        ("Europe/Berlin", "22:00", "07:00", datetime(2026, 11, 24, 6, tzinfo=UTC)),
        ("Asia/Tokyo", "22:00", "07:00", datetime(2026, 11, 23, 22, tzinfo=UTC)),
        ("America/New_York", "22:00", "07:00", None),
    ],
)
def test_quiet_hours_end_in_the_persons_zone(zone: str, begins: str, ends: str, end: datetime | None) -> None:
    assert notices.quiet_end(EVENING, zone=zone, begins=begins, ends=ends) == end


def test_quiet_hours_end_by_the_clock_on_the_night_it_changes() -> None:
    found = notices.quiet_end(
        datetime(2026, 10, 24, 22, tzinfo=UTC), zone="Europe/Berlin", begins="22:00", ends="07:00"
    )
    assert found == datetime(2026, 10, 25, 6, tzinfo=UTC)


def test_only_what_differs_from_the_usual_is_kept() -> None:
    usual = notices.wanted(staff=True, choices={})
    assert notices.chosen(usual, staff=True) == {}
    kept = notices.chosen((usual | {"mail.ticket_created", "made.up"}) - {"in_app.mention"}, staff=True)
    assert kept == {"mail.ticket_created": True, "in_app.mention": False}
    assert notices.wanted(staff=True, choices=kept) == (usual | {"mail.ticket_created"}) - {"in_app.mention"}
    assert not notices.wants(NoticeKind.MENTION, Channel.IN_APP, staff=True, choices=kept)


def test_every_kind_can_be_chosen_by_staff() -> None:
    assert {one.kind for one in notices.FOR_STAFF} == set(NoticeKind)


def test_switches_and_times() -> None:
    assert notices.is_off(NoticeKind.SLA_WARNING, ["sla_warning"])
    assert not notices.is_off(NoticeKind.SLA_BREACH, list(notices.SWITCHES))
    assert notices.checked_time(" 7:00".replace("7", "07"), quiet_from="when they begin") == "07:00"
    with pytest.raises(Invalid):
        notices.checked_time("late", quiet_from="when they begin")
