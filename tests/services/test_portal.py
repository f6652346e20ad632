"""What customers see of their requests."""

from datetime import timedelta

import pytest

from helpdesk import clock
from helpdesk.domain.errors import NotAllowed, NotFound
from helpdesk.domain.filters import TicketFilter
from helpdesk.domain.people import anonymous
from helpdesk.services import catalog, organizations, tickets
from helpdesk.services.unit_of_work import run
from tests.cast import Cast


def _file(cast: Cast, title: str = "Printer on fire") -> str:
    return run(cast.rita, tickets.create, title=title, description="It burns.")


def test_the_first_page_shows_the_three_newest_open_requests(cast: Cast) -> None:
    refs = [_file(cast, f"Number {number}") for number in range(4)]
    home = run(cast.rita, tickets.portal_home)
    assert [row.reference for row in home.open] == refs[:0:-1]
    assert (home.open_count, home.has_any, home.to_rate) == (4, True, ())
    assert run(cast.zoe, tickets.portal_home) == tickets.PortalHome()


def test_what_waits_for_the_customer_comes_first(cast: Cast) -> None:
    old, *_ = [_file(cast, f"Number {number}") for number in range(5)]
    run(cast.ada, tickets.reply, old, "Which model is it?", then="waiting_on_customer")
    assert run(cast.rita, tickets.portal_home).open[0].reference == old


def test_a_solved_request_waits_for_its_rating_until_rated(cast: Cast) -> None:
    ref = _file(cast)
    run(cast.ada, tickets.change_status, ref, "resolved")
    assert [row.reference for row in run(cast.rita, tickets.portal_home).to_rate] == [ref]
    assert run(cast.carl, tickets.portal_home).to_rate == (), "the company's requests are not Carl's to rate"
    run(cast.rita, tickets.rate, ref, 5, "Quick!")
    assert run(cast.rita, tickets.portal_home).to_rate == ()
    seen = run(cast.rita, tickets.portal_request, ref)
    assert (seen.score, seen.rating_comment, seen.step) == (5, "Quick!", 3)


def test_where_it_stands_is_said_in_the_customers_words(cast: Cast) -> None:
    ref = _file(cast)
    assert run(cast.rita, tickets.portal_request, ref).standing.startswith("We have your request")
    run(cast.ada, tickets.take, ref)
    run(cast.ada, tickets.reply, ref, "Which model is it?", then="waiting_on_customer")
    seen = run(cast.rita, tickets.portal_request, ref)
    assert (seen.step, seen.detail.ticket.status) == (2, "Waiting for you")
    with pytest.raises(NotFound):
        run(cast.zoe, tickets.portal_request, ref)


def test_even_the_time_of_a_note_stays_inside(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    ref = _file(cast)
    filed = run(cast.rita, tickets.portal_request, ref).detail.ticket.updated_at
    later = clock.now() + timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    run(cast.ada, tickets.note, ref, "She is a VIP, careful")
    assert run(cast.rita, tickets.portal_request, ref).detail.ticket.updated_at == filed
    assert run(cast.rita, tickets.page, TicketFilter()).rows[0].updated_at == filed
    assert run(cast.max, tickets.one, ref).ticket.updated_at == later.isoformat()
    run(cast.ada, tickets.reply, ref, "We are on it")
    assert run(cast.rita, tickets.page, TicketFilter()).rows[0].updated_at == later.isoformat()


def test_the_form_offers_the_categories_in_use(cast: Cast) -> None:
    run(cast.adam, catalog.save_category, name="Hardware", description="Anything with a plug")
    form = run(cast.rita, tickets.request_form)
    assert [(card.label, card.hint) for card in form.categories] == [("Hardware", "Anything with a plug")]
    assert [option.value for option in form.priorities] == ["low", "medium", "high", "urgent"]


def test_the_public_form_can_be_closed(cast: Cast) -> None:
    visitor = anonymous(cast.acme.id)
    run(cast.adam, organizations.change, **_settings(cast) | {"public_form": False})
    assert not run(visitor, tickets.request_form).is_public
    with pytest.raises(NotAllowed):
        run(
            visitor, tickets.create_from_public_form, name="Zoe", email="zoe@home.example", title="Help",
            description="Me",
        )  # fmt: skip


def _settings(cast: Cast) -> dict[str, object]:
    acme = cast.acme
    return {
        "name": acme.name, "timezone": acme.timezone, "accent": acme.accent,
        "auto_close_hours": acme.auto_close_hours, "warning_share": acme.warning_share,
    }  # fmt: skip
