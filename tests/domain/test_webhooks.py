"""Webhooks: the signature, the pauses between attempts, and when an endpoint is given up."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.domain import webhooks
from helpdesk.domain.errors import Invalid

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_the_signature_covers_the_moment_and_the_body() -> None:
    given = webhooks.sign("secret", 1000, b'{"a":1}')
    assert given == "v1=" + hmac.new(b"secret", b'1000.{"a":1}', hashlib.sha256).hexdigest()
    assert given != webhooks.sign("secret", 1001, b'{"a":1}')
    assert given != webhooks.sign("other", 1000, b'{"a":1}')


def test_pauses_grow_and_end() -> None:
    moments = [webhooks.next_attempt(tries, NOW) for tries in range(1, webhooks.MOST_ATTEMPTS + 1)]
    assert moments[0] == NOW + timedelta(minutes=1) and moments[-1] is None
    known = [one for one in moments if one]
    assert known == sorted(known) and len(known) == webhooks.MOST_ATTEMPTS - 1


@pytest.mark.parametrize(
    ("failures", "hours", "is_given_up"),
    [(19, 48, False), (20, 23, False), (20, 24, True), (500, 1, False), (0, None, False)],
)
def test_an_endpoint_is_given_up_after_many_failures_over_a_day(
    failures: int, hours: int | None, is_given_up: bool
) -> None:
    since = NOW - timedelta(hours=hours) if hours is not None else None
    assert webhooks.is_given_up(failures, since, NOW) is is_given_up


def test_only_known_kinds_in_their_order() -> None:
    assert webhooks.checked_kinds(["sla.met", "ticket.created"]) == ["ticket.created", "sla.met"]
    with pytest.raises(Invalid, match="nothing called"):
        webhooks.checked_kinds(["person.signed_in"])
