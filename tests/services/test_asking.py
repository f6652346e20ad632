"""Asking in plain words finds the tickets the same filter would."""

import pytest

from helpdesk.domain.errors import SignedOut
from helpdesk.domain.filters import TicketFilter
from helpdesk.domain.people import Actor, anonymous
from helpdesk.services import catalog, tags
from helpdesk.services import tickets as verbs
from helpdesk.services.context import Context
from helpdesk.services.unit_of_work import run
from tests.cast import Cast


@pytest.fixture
def filed(cast: Cast) -> dict[str, str]:
    """Name -> reference."""
    billing = run(cast.adam, catalog.save_category, name="Billing & contracts")
    run(cast.adam, tags.save, name="vip")
    ada = cast.ada.person_id
    return {
        "lock": run(cast.rita, verbs.create, title="Broken lock at the door", description="x", priority="urgent"),
        "invoice": run(cast.zoe, verbs.create, title="Wrong invoice", description="y", priority="low", category_id=billing),
        "mine": run(cast.max, verbs.create, title="Screen", description="z", assignee_id=ada, requester_id=cast.rita.person_id, tags=["vip"]),
    }  # fmt: skip


def _asked(actor: Actor, phrase: str, filed: dict[str, str]) -> set[str]:
    def ask(ctx: Context) -> set[str]:
        found = verbs.understand(ctx, phrase)
        return {row.reference for row in verbs.page(ctx, found.filter).rows}

    names = {ref: name for name, ref in filed.items()}
    return {names[ref] for ref in run(actor, ask)}


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("urgent tickets", {"lock"}), ("critical tickets", {"lock"}), ("billing tickets", {"invoice"}), ("tickets assigned to me", {"mine"}),
        ("tickets assigned to Ada", {"mine"}), ("unassigned tickets", {"lock", "invoice"}), ("tickets from Rita", {"lock", "mine"}),
        ("tickets from Northwind", {"lock", "mine"}), ("tickets about broken locks", {"lock"}), ("vip tickets", {"mine"}),
        ("unresolved tickets from today that are not urgent", {"invoice", "mine"}), ("tickets from last year", set()),
    ],
)  # fmt: skip
def test_finds_what_is_meant(cast: Cast, filed: dict[str, str], phrase: str, expected: set[str]) -> None:
    actor = cast.ada if phrase.endswith("to me") else cast.max
    assert _asked(actor, phrase, filed) == expected


def test_customers_ask_about_their_own(cast: Cast, filed: dict[str, str]) -> None:
    assert _asked(cast.rita, "urgent tickets", filed) == {"lock"}
    assert _asked(cast.rita, "low priority tickets", filed) == set()
    assert run(cast.rita, verbs.understand, "tickets from Zoe Zola").filter.requester == (), (
        "nobody else is known to them"
    )


def test_other_organizations_know_other_names(cast: Cast, filed: dict[str, str]) -> None:
    assert run(cast.eve, verbs.understand, "tickets from Rita Requester").filter.requester == ()


def test_visitors_cannot_ask(cast: Cast) -> None:
    with pytest.raises(SignedOut):
        run(anonymous(cast.acme.id), verbs.understand, "open tickets")


def test_orders_are_not_obeyed(cast: Cast, filed: dict[str, str]) -> None:
    before = run(cast.max, verbs.matches, TicketFilter(open=True))
    assert run(cast.max, verbs.understand, "close all tickets").unknown == ("close all tickets",)
    assert run(cast.max, verbs.matches, TicketFilter(open=True)) == before
