"""Saved views: whose they are, who sees them, what they count."""

import pytest

from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.conditions import from_json
from helpdesk.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from helpdesk.domain.filters import BUILT_IN_VIEWS, Sort, TicketFilter
from helpdesk.domain.people import Actor
from helpdesk.services import preferences, tickets, views
from helpdesk.services.context import Context
from helpdesk.services.tickets import queries
from helpdesk.services.unit_of_work import run, unit_of_work
from tests.cast import Cast
from tests.conftest import Heard

URGENT = from_json({"all": [["priority", "is", "urgent"], ["status_category", "not", "closed"]]})


def _slugs(actor: Actor) -> list[str]:
    return [row.slug for row in run(actor, views.listing)]


def _count(actor: Actor, slug: str) -> int:
    return next(row.count for row in run(actor, tickets.view_counts) if row.slug == slug)


def test_a_view_is_saved_counted_and_written_down(cast: Cast, heard: Heard) -> None:
    run(cast.rita, tickets.create, title="x", description="y", priority="urgent")
    run(cast.rita, tickets.create, title="x", description="y")
    with unit_of_work(cast.ada) as ctx:
        slug = views.create(ctx, name=" Burning ", where=URGENT, sort=Sort.DUE, columns=("subject", "company"))
        [activity] = ctx.activities
    assert activity.kind is ActivityKind.VIEW_CREATED and activity.data["name"] == "Burning"
    row = next(row for row in run(cast.ada, views.listing) if row.slug == slug)
    assert (row.label, row.filter, row.columns) == (
        "Burning",
        TicketFilter(where=URGENT, sort=Sort.DUE),
        ("subject", "company"),
    )
    run(cast.ada, views.change, slug, sort=Sort.UPDATED)
    assert _count(cast.ada, slug) == 1 == run(cast.ada, tickets.matches, TicketFilter(where=URGENT))
    assert f"views-{cast.ada.person_id}" in heard.topics


def test_personal_views_are_nobody_elses_business(cast: Cast) -> None:
    slug = run(cast.ada, views.create, name="Mine alone", where=URGENT)
    for actor in (cast.bob, cast.max, cast.eve, cast.olga):
        assert slug not in _slugs(actor)
        for verb, more in (
            (views.change, {"name": "x"}),
            (views.delete, {}),
            (views.restore, {}),
            (views.make_default, {}),
            (views.pin, {"pinned": False}),
        ):
            with pytest.raises(NotFound):
                run(actor, verb, slug, **more)
    with pytest.raises(NotAllowed):
        run(cast.rita, views.listing)


def test_sharing_needs_the_permission_and_reaches_colleagues(cast: Cast, heard: Heard) -> None:
    slug = run(cast.ada, views.create, name="Team", where=URGENT)
    with pytest.raises(NotAllowed):
        run(cast.ada, views.change, slug, is_shared=True)
    with pytest.raises(NotAllowed):
        run(cast.ada, views.create, name="Other", where=URGENT, is_shared=True)
    shared = run(cast.max, views.create, name="Watch", where=URGENT, is_shared=True)
    assert f"org-{cast.acme.id}-views" in heard.topics
    assert shared in _slugs(cast.bob) and shared in _slugs(cast.xena) and shared not in _slugs(cast.eve)
    with pytest.raises(NotAllowed):
        run(cast.bob, views.change, shared, name="Mine now")
    run(cast.adam, views.change, shared, name="Watch this", is_shared=False)
    assert shared not in _slugs(cast.bob) and shared in _slugs(cast.max)


def test_me_in_a_shared_view_is_whoever_looks(cast: Cast) -> None:
    ref = run(cast.rita, tickets.create, title="x", description="y")
    run(cast.max, tickets.assign, ref, to=cast.ada.person_id)
    slug = run(cast.max, views.create, name="Own", where=from_json({"all": [["assignee", "is", "me"]]}), is_shared=True)
    assert (_count(cast.ada, slug), _count(cast.bob, slug)) == (1, 0)


def test_mentioned_me_shows_where_one_was_named(cast: Cast) -> None:
    ref = run(cast.rita, tickets.create, title="x", description="y")
    assert _count(cast.ada, "mentioned") == 0
    run(cast.max, tickets.note, ref, "@Ada Agent, could you have a look?")
    assert (_count(cast.ada, "mentioned"), _count(cast.bob, "mentioned")) == (1, 0)
    assert [row.reference for row in run(cast.ada, tickets.page, TicketFilter(mentioned=True)).rows] == [ref]
    assert [row.reference for row in run(cast.rita, tickets.page, TicketFilter(mentioned=True)).rows] == [ref], (
        "no filter for customers"
    )


def test_a_deleted_view_comes_back(cast: Cast) -> None:
    slug = run(cast.ada, views.create, name="Gone", where=URGENT)
    run(cast.ada, views.delete, slug)
    assert slug not in _slugs(cast.ada)
    with unit_of_work(cast.ada) as ctx:
        views.restore(ctx, slug)
        assert [one.kind for one in ctx.activities] == [ActivityKind.VIEW_RESTORED]
    assert slug in _slugs(cast.ada)
    run(cast.ada, views.delete, slug)
    run(cast.ada, views.create, name="gone", where=URGENT)
    with pytest.raises(Conflict):
        run(cast.ada, views.restore, slug)


def test_order_pins_and_default_are_ones_own(cast: Cast) -> None:
    built_in = [view.slug for view in BUILT_IN_VIEWS]
    slug = run(cast.max, views.create, name="Shared", where=URGENT, is_shared=True)
    assert _slugs(cast.ada) == [*built_in, slug]
    run(cast.ada, views.move, slug, by=-100)
    run(cast.ada, views.pin, "all", pinned=False)
    run(cast.ada, views.make_default, slug)
    rows = run(cast.ada, views.listing)
    assert [row.slug for row in rows] == [slug, *built_in]
    assert [row.slug for row in rows if not row.is_pinned] == ["all"] and [
        row.slug for row in rows if row.is_default
    ] == [slug]
    assert _count(cast.ada, "all") == 0
    assert _slugs(cast.bob) == [*built_in, slug] and not any(row.is_default for row in run(cast.bob, views.listing))
    run(cast.ada, views.make_default, slug)
    run(cast.ada, views.pin, "all", pinned=True)
    assert all(row.is_pinned and not row.is_default for row in run(cast.ada, views.listing))


def test_names_are_needed_and_told_apart(cast: Cast) -> None:
    slug = run(cast.ada, views.create, name="One", where=URGENT)
    with pytest.raises(Invalid):
        run(cast.ada, views.create, name=" \x00 ", where=URGENT)
    with pytest.raises(Conflict):
        run(cast.ada, views.create, name="ONE", where=URGENT)
    with pytest.raises(Invalid):
        run(cast.ada, views.change, slug, columns=("salary",))
    run(cast.ada, views.change, slug, name="One")
    run(cast.bob, views.create, name="One", where=URGENT)


@pytest.mark.parametrize("slug", ["", "v", "v0", "v-1", "v²", f"v{2**70}", "mine", "all'; --"])
def test_no_slug_is_more_than_not_found(cast: Cast, slug: str) -> None:
    for verb, more in ((views.change, {"name": "x"}), (views.delete, {}), (views.restore, {})):
        with pytest.raises(NotFound):
            run(cast.ada, verb, slug, **more)


def test_a_view_of_another_version_breaks_nothing(cast: Cast) -> None:
    slug = run(cast.ada, views.create, name="Old", where=URGENT)

    def spoil(ctx: Context) -> None:
        ctx.session.get_one(views.View, int(slug[1:])).conditions = {"xor": []}

    run(cast.ada, spoil)
    run(cast.rita, tickets.create, title="x", description="y")
    assert slug in _slugs(cast.ada) and _count(cast.ada, slug) == _count(cast.max, "all") == 1


def test_counting_reads_only_so_far(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        run(cast.rita, tickets.create, title=f"x {number}", description="y", priority="low" if number < 3 else "high")
    wanted = TicketFilter(where=from_json({"any": [["priority", "is", "low"]]}))
    assert run(cast.ada, tickets.matches, wanted) == 3
    monkeypatch.setattr(queries, "MOST_READ", 4)
    assert run(cast.ada, tickets.matches, wanted) == 1, "only the newest four are looked at"
    assert run(cast.ada, tickets.matches, TicketFilter(where=from_json({"all": [["priority", "is", "low"]]}))) == 3


def test_preferences_are_remembered_and_checked(cast: Cast) -> None:
    run(cast.ada, preferences.arrange, density="compact", layout="table", columns=("subject",), list_width=9999)
    known = run(cast.ada, preferences.mine)
    assert (known.density, known.layout, known.columns, known.list_width) == ("compact", "table", ("subject",), 460)
    assert run(cast.bob, preferences.mine) == preferences.Preferences()
    for wrong in ({"density": "huge"}, {"layout": "x"}, {"columns": ("salary",)}):
        with pytest.raises(Invalid):
            run(cast.ada, preferences.arrange, **wrong)
    assert run(cast.ada, preferences.mine) == known


def test_recent_searches_keep_the_last_words(cast: Cast) -> None:
    for words in ("pri", "print", "printer", "vpn", "x", "printer"):
        run(cast.ada, preferences.remember_search, words)
    assert run(cast.ada, preferences.mine).searches == ("printer", "vpn")
    assert run(cast.ada, preferences.forget_searches).searches == ()
