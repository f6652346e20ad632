"""Asking how the help was, by a link without signing in, and what a low rating leads to."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from helpdesk import clock
from helpdesk.domain.errors import Conflict, HelpdeskError, Invalid, NotFound
from helpdesk.domain.people import anonymous
from helpdesk.jobs.csat import sweep_csat
from helpdesk.jobs.reactions import react
from helpdesk.services import organizations, rules, tickets
from helpdesk.services.unit_of_work import run
from tests.cast import Cast
from tests.conftest import Heard

SETTINGS: dict[str, Any] = {
    "name": "Acme", "timezone": "UTC", "accent": "teal", "public_form": True, "auto_close_hours": 48, "warning_share": 80,
}  # fmt: skip


class Story:
    """A ticket of Rita's, the clock, and the mails."""

    def __init__(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cast, self.monkeypatch = cast, monkeypatch
        self.now = clock.now()
        self.ref = run(cast.rita, tickets.create, title="Lamp", description="It is dark")
        run(cast.ada, tickets.take, self.ref)

    def later(self, **time: float) -> None:
        """Time passes, and the desk does what is due."""
        self.now += timedelta(**time)
        moment: datetime = self.now
        self.monkeypatch.setattr(clock, "now", lambda: moment)
        sweep_csat()
        react(self.cast.acme.id)

    def resolve(self) -> None:
        """Ada resolves it."""
        run(self.cast.ada, tickets.change_status, self.ref, "resolved")
        react(self.cast.acme.id)

    def mails(self, template: str = "csat_") -> list[Any]:
        """What was sent, oldest first: (template, address, body)."""
        query = text("SELECT template, to_address, body_text FROM delivery WHERE template LIKE :t ORDER BY id")
        return run(self.cast.desk, lambda ctx: ctx.session.execute(query, {"t": f"{template}%"}).all())

    def token(self) -> str:
        """The secret in the last mail."""
        found = re.search(r"token=([\w.-]+)", self.mails()[-1].body_text)
        assert found
        return found[1]

    def change(self, **settings: Any) -> None:
        """The administrator changes settings."""
        run(self.cast.adam, organizations.change, **SETTINGS, **settings)

    def score(self) -> int:
        """What staff see on the ticket."""
        return run(self.cast.ada, tickets.csat_comment, self.ref)[0]


@pytest.fixture
def story(cast: Cast, monkeypatch: pytest.MonkeyPatch, heard: Heard) -> Story:
    """It is filed and taken."""
    return Story(cast, monkeypatch)


def kinds(story: Story) -> list[str]:
    """What happened to the ticket that is about rating."""
    query = text("SELECT kind FROM activity WHERE kind LIKE 'ticket.rat%' ORDER BY id")
    return list(run(story.cast.desk, lambda ctx: ctx.session.execute(query).scalars().all()))


def test_asks_once_after_the_delay_and_reminds_once(story: Story) -> None:
    story.resolve()
    story.later(minutes=50)
    assert story.mails() == []
    story.later(minutes=11)
    [asked] = story.mails()
    assert (asked.template, asked.to_address) == ("csat_asked", "rita@northwind.example")
    assert "Ada Agent" in asked.body_text and asked.body_text.count("score=") == 5
    story.later(days=2)
    assert len(story.mails()) == 1
    story.later(days=2)
    assert [mail.template for mail in story.mails()] == ["csat_asked", "csat_reminder"]
    for _ in range(3):
        story.later(days=4)
    assert len(story.mails()) == 2 and kinds(story) == ["ticket.rating_asked"] * 2


def test_the_link_rates_once_without_signing_in_and_looking_changes_nothing(story: Story) -> None:
    story.resolve()
    story.later(hours=2)
    token, visitor = story.token(), anonymous(story.cast.acme.id)
    for _ in range(3):
        seen = run(visitor, tickets.invitation, token)
        assert (seen.state, seen.reference, seen.agent, seen.style) == ("open", story.ref, "Ada Agent", "stars")
    assert story.score() == 0
    for wrong in (0, 6, True, "5", None):
        with pytest.raises(Invalid):
            run(visitor, tickets.rate_by_link, token, wrong)
    run(visitor, tickets.rate_by_link, token, 4, "Quick!")
    assert run(story.cast.ada, tickets.csat_comment, story.ref) == (4, "Quick!")
    query = text("SELECT actor_id, data FROM activity WHERE kind = 'ticket.rated'")
    [activity] = run(story.cast.desk, lambda ctx: ctx.session.execute(query).all())
    assert activity.actor_id == story.cast.rita.person_id and activity.data["score"] == 4
    assert run(visitor, tickets.invitation, token).state == "used"
    with pytest.raises(Conflict, match="rated already"):
        run(visitor, tickets.rate_by_link, token, 1)
    story.later(days=5)
    assert len(story.mails()) == 1, "who has answered is not reminded"


def test_a_link_that_is_not_ours_or_too_old_opens_nothing(story: Story) -> None:
    story.resolve()
    story.later(hours=2)
    token = story.token()
    for wrong in ("", "x", token[:-2], token + "x", "a.b.c"):
        with pytest.raises(NotFound):
            run(anonymous(story.cast.acme.id), tickets.rate_by_link, wrong, 5)
    with pytest.raises(NotFound):
        run(anonymous(story.cast.evil.id), tickets.rate_by_link, token, 5)
    story.later(days=14)
    assert run(anonymous(story.cast.acme.id), tickets.invitation, token).state == "expired"
    with pytest.raises(Conflict, match="expired"):
        run(anonymous(story.cast.acme.id), tickets.rate_by_link, token, 5)


def test_who_reopens_is_not_asked_meanwhile(story: Story) -> None:
    story.resolve()
    run(story.cast.rita, tickets.reply, story.ref, "Still dark")
    react(story.cast.acme.id)
    story.later(days=1)
    assert story.mails() == []
    story.resolve()
    story.later(hours=2)
    assert len(story.mails()) == 1
    run(story.cast.rita, tickets.reply, story.ref, "Dark again")
    react(story.cast.acme.id)
    assert run(anonymous(story.cast.acme.id), tickets.invitation, story.token()).state == "reopened"
    with pytest.raises(Conflict, match="open again"):
        run(anonymous(story.cast.acme.id), tickets.rate_by_link, story.token(), 5)
    story.resolve()
    story.later(days=9)
    assert len(story.mails()) == 1, "asked once per ticket"


def test_asked_after_closing_only_where_the_organization_says_so(story: Story) -> None:
    story.change(csat_after="closed", csat_delay_hours=0, csat_style="thumbs", csat_reminder_days=0)
    story.resolve()
    story.later(hours=5)
    assert story.mails() == [] and not run(story.cast.rita, tickets.portal_request, story.ref).detail.may_rate
    with pytest.raises(Conflict, match="once the request is closed"):
        run(story.cast.rita, tickets.rate, story.ref, 5)
    run(story.cast.ada, tickets.change_status, story.ref, "closed")
    react(story.cast.acme.id)
    story.later(minutes=1)
    [asked] = story.mails()
    assert re.findall(r"score=(\d)", asked.body_text) == ["5", "1"]
    assert run(story.cast.rita, tickets.portal_request, story.ref).rating_style == "thumbs"
    story.later(days=10)
    assert len(story.mails()) == 1


def test_never_means_never(story: Story) -> None:
    story.change(csat_after="never")
    story.resolve()
    story.later(days=2)
    assert story.mails() == [] and run(story.cast.rita, tickets.portal_home).to_rate == ()
    with pytest.raises(Conflict, match="switched off"):
        run(story.cast.rita, tickets.rate, story.ref, 5)


def test_who_wants_no_such_mails_gets_none(story: Story) -> None:
    mute = text("UPDATE person SET wants_mail = false WHERE id = :id")
    run(story.cast.desk, lambda ctx: ctx.session.execute(mute, {"id": story.cast.rita.person_id}))
    story.resolve()
    story.later(days=1)
    assert story.mails() == []


def test_a_rating_can_be_changed_for_a_week(story: Story) -> None:
    story.resolve()
    run(story.cast.rita, tickets.rate, story.ref, 2, "Hm")
    story.later(days=6)
    run(story.cast.rita, tickets.rate, story.ref, 5)
    assert story.score() == 5 and run(story.cast.rita, tickets.portal_request, story.ref).detail.may_rate
    story.later(days=2)
    assert not run(story.cast.rita, tickets.portal_request, story.ref).detail.may_rate
    with pytest.raises(Conflict, match="for 7 days"):
        run(story.cast.rita, tickets.rate, story.ref, 1)


def test_managers_hear_of_a_low_rating_once(story: Story) -> None:
    story.resolve()
    for score in (5, 2, 1, 4):
        run(story.cast.rita, tickets.rate, story.ref, score, "So dark")
        react(story.cast.acme.id)
    mails = story.mails("low_rating")
    assert [mail.to_address for mail in mails] == ["max@acme.example"] and "So dark" in mails[0].body_text


def test_a_rule_hears_of_a_low_rating(story: Story) -> None:
    low = {"when": "rated", "if": {"all": [["csat", "most", "2"]]}, "then": [["priority", "urgent"]]}
    run(story.cast.adam, rules.save, name="Unhappy", written=low)
    story.resolve()
    run(story.cast.rita, tickets.rate, story.ref, 4)
    assert run(story.cast.ada, tickets.one, story.ref).ticket.priority != "Urgent"
    story.later(hours=2)
    run(story.cast.rita, tickets.rate, story.ref, 1)
    assert run(story.cast.ada, tickets.one, story.ref).ticket.priority == "Urgent"


def test_settings_out_of_range_are_refused_by_field(story: Story) -> None:
    for field, wrong in (
        ("csat_after", "sometimes"), ("csat_style", "bananas"), ("csat_delay_hours", 721), ("csat_delay_hours", -1),
        ("csat_reminder_days", 14),
    ):  # fmt: skip
        with pytest.raises(HelpdeskError) as refused:
            story.change(**{field: wrong})
        assert isinstance(refused.value, Invalid) and list(refused.value.fields) == [field]
