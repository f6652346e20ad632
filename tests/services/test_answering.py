"""The desk answers a new request with articles, where the organization wants it."""

from typing import Any

import pytest
from sqlmodel import col, select

from helpdesk.domain.activity import ActivityKind, sentence
from helpdesk.domain.people import anonymous
from helpdesk.models import Activity, Delivery, Ticket
from helpdesk.services import knowledge, organizations, reactions
from helpdesk.services import tickets as verbs
from helpdesk.services.context import Context
from helpdesk.services.unit_of_work import run
from tests.cast import Cast

SETTINGS = {
    "name": "Acme Support", "timezone": "UTC", "accent": "indigo", "public_form": True, "auto_close_hours": 48, "warning_share": 80,
}  # fmt: skip
ARTICLES = {
    "Reset a forgotten password": "Open the sign-in page and choose Forgot password.",
    "VPN drops or does not connect": "Close the client and start it again. Error 809 comes from the router.",
    "Printer prints blank pages": "Remove the orange strip from the toner.",
    "Read and pay an invoice": "Invoices are payable within 14 days.",
}


@pytest.fixture
def written(cast: Cast) -> Cast:
    """Four published articles, and the switch on."""
    for title, body in ARTICLES.items():
        run(cast.ada, knowledge.publish, run(cast.ada, knowledge.save, title=title, body=body))
    run(cast.adam, organizations.change, **SETTINGS, answers_with_articles=True)
    return cast


def _file(cast: Cast, title: str, by: Any = None, **given: Any) -> str:
    return run(by or cast.rita, verbs.create, title=title, description="It began this morning.", **given)


def _react(cast: Cast) -> None:
    def later(ctx: Context) -> None:
        reactions.react(ctx, ctx.session.exec(select(Activity.id).where(col(Activity.reacted_at).is_(None))).all())

    for _ in range(2):  # what is sent because of a request is an activity with a mail of its own
        run(cast.desk, later)


def _answers(cast: Cast) -> list[Delivery]:
    _react(cast)
    query = select(Delivery).where(Delivery.template == "answered_with_articles")
    return run(cast.desk, lambda ctx: list(ctx.session.exec(query).all()))


def _said(cast: Cast) -> list[str]:
    query = select(Activity).where(Activity.kind == ActivityKind.TICKET_ARTICLES_SENT)
    rows = run(cast.desk, lambda ctx: list(ctx.session.exec(query).all()))
    return [f"{one.actor_name} {sentence(ActivityKind(one.kind), one.data)}" for one in rows]


def test_a_request_an_article_answers_is_answered_once(written: Cast) -> None:
    ref = _file(written, "VPN drops every few minutes")
    (mail,) = _answers(written)
    assert mail.to_address == "rita@northwind.example" and mail.subject.startswith(f"[{ref}]")
    assert "VPN drops or does not connect" in mail.body_text and "/help/vpn-drops-or-does-not-connect" in mail.body_text
    assert "invoice" not in mail.body_text
    assert _said(written) == ["The desk sent the customer the article VPN drops or does not connect"]
    assert len(_answers(written)) == 1 and len(_said(written)) == 1


def test_it_is_no_answer_of_ours(written: Cast) -> None:
    ref = _file(written, "VPN drops every few minutes")
    _answers(written)
    ticket = run(written.desk, lambda ctx: ctx.session.exec(select(Ticket).where(Ticket.reference == ref)).one())
    assert ticket.first_responded_at is None and ticket.comment_count == 0 and ticket.last_reply_by_customer


def test_off_until_somebody_turns_it_on(written: Cast) -> None:
    run(written.adam, organizations.change, **SETTINGS, answers_with_articles=False)
    _file(written, "VPN drops every few minutes")
    assert _answers(written) == [] and _said(written) == []


@pytest.mark.parametrize(
    "title", ["The coffee machine leaks", "Help", "It does not work", "My chair is broken, please help"]
)
def test_silent_where_nothing_fits(written: Cast, title: str) -> None:
    _file(written, title)
    assert _answers(written) == [] and _said(written) == []


def test_never_for_what_staff_file(written: Cast) -> None:
    _file(written, "VPN drops every few minutes", by=written.ada, requester_id=written.rita.person_id)
    _file(written, "VPN drops every few minutes", by=written.ada)
    assert _answers(written) == []


@pytest.mark.parametrize("channel", ["web", "email", "api"])
def test_whichever_way_it_came_in(written: Cast, channel: str) -> None:
    _file(written, "Printer prints blank pages", channel=channel)
    assert len(_answers(written)) == 1


def test_visitors_are_answered_too(written: Cast) -> None:
    run(
        anonymous(written.acme.id), verbs.create_from_public_form, name="Vic", email="vic@visitor.example",
        title="I forgot my password", description="Please help.",
    )  # fmt: skip
    (mail,) = _answers(written)
    assert mail.to_address == "vic@visitor.example" and "Reset a forgotten password" in mail.body_text


def test_nothing_once_somebody_was_faster(written: Cast) -> None:
    ref = _file(written, "VPN drops every few minutes")
    run(written.ada, verbs.reply, ref, "Looking at it.")
    assert _answers(written) == []


def test_archived_articles_are_not_sent(written: Cast) -> None:
    for one in run(written.ada, knowledge.listing):
        run(written.ada, knowledge.archive, one.id)
    _file(written, "VPN drops every few minutes")
    assert _answers(written) == []
