"""Codes of the second step, against the numbers of RFC 6238."""

from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.domain import one_time_codes

SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("seconds", "digits"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_the_numbers_of_the_standard(seconds: int, digits: str) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    assert one_time_codes.code(SECRET, one_time_codes.step(now)) == digits
    assert one_time_codes.matching_step(SECRET, f" {digits[:3]} {digits[3:]} ", now=now, after=0) == seconds // 30


def test_a_clock_may_be_half_a_minute_off_and_no_more() -> None:
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    digits = one_time_codes.code(SECRET, one_time_codes.step(now))
    for off, fits in ((-60, False), (-30, True), (0, True), (59, True), (60, False)):
        found = one_time_codes.matching_step(SECRET, digits, now=now + timedelta(seconds=off), after=0)
        assert (found is not None) is fits, off


def test_a_used_code_and_those_before_it_are_worthless() -> None:
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    present = one_time_codes.step(now)
    for used in (present, present + 1):
        digits = one_time_codes.code(SECRET, present)
        assert one_time_codes.matching_step(SECRET, digits, now=now, after=used) is None


@pytest.mark.parametrize(
    "typed", ["", "12345", "1234567", "abcdef", "٠٠٥٩٢٤", "00592²", "\x00", "\ud800", "x" * 10_000]
)
def test_anything_else_is_no_code(typed: str) -> None:
    assert (
        one_time_codes.matching_step(SECRET, typed, now=datetime(2009, 2, 13, 23, 31, 30, tzinfo=UTC), after=0) is None
    )
    assert one_time_codes.recovery_hash(typed)


def test_recovery_codes_are_told_however_they_are_typed() -> None:
    code = one_time_codes.recovery_code(bytes(range(10)))
    assert [len(group) for group in code.split("-")] == [4, 4, 4, 4]
    assert one_time_codes.recovery_hash(code) == one_time_codes.recovery_hash(f"  {code.upper().replace('-', ' ')} ")


def test_what_the_app_is_told() -> None:
    uri = one_time_codes.uri(SECRET, issuer="Acme & Co", account="ada@acme.example")
    assert uri == (
        "otpauth://totp/Acme%20%26%20Co:ada%40acme.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Acme%20%26%20Co"
    )
    assert one_time_codes.readable(SECRET).startswith("GEZD GNBV ")
