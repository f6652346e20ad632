"""The workspace on a served desk: views built, ticks and changes, the board, the palette."""

import time
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import func
from sqlmodel import select

from helpdesk import live as bus
from helpdesk.domain.conditions import dump, from_json
from helpdesk.models import BulkRun
from helpdesk.services import preferences, tickets, views
from helpdesk.services.context import Context
from helpdesk.state.agent.board import Board
from helpdesk.state.agent.builder import Builder
from helpdesk.state.agent.bulk import Bulk
from helpdesk.state.agent.palette import Palette
from helpdesk.state.agent.queue import Queue
from tests.served import Desk, desk  # noqa: F401 - a fixture
from tests.state.test_admin_pages import do, opened, play, run

pytestmark = pytest.mark.real_redis
MANAGER, CUSTOMER = "max@acme.example", "rita@northwind.example"
URGENT = from_json({"all": [["priority", "is", "urgent"]]})


@pytest.fixture(scope="module", autouse=True)
def nudged(desk: Desk) -> None:  # noqa: F811
    """Another module's outage of Redis is forgotten: for a second nobody would try again."""
    for _ in range(40):
        if bus.publish(["workspace-tests"]):
            return
        time.sleep(0.1)


async def _file(desk: Desk, title: str, priority: str = "medium") -> str:  # noqa: F811
    return str(await run(desk.cast.rita, tickets.create, title=title, description="y", priority=priority))


def refs(tab: Any) -> list[str]:
    """The list as shown."""
    return [row["reference"] for row in tab.value(Queue, "rows")]


def test_a_view_is_built_counted_saved_and_deleted(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        urgent, _ = await _file(desk, "Built one", "urgent"), await _file(desk, "Built two", "low")
        tab = await opened(desk, MANAGER, "/agent?view=all")
        await do(tab, Builder.start_anew)
        assert [line["is_group"] for line in tab.value(Builder, "lines")] == [True, False]
        await do(tab, Builder.set_field, number=1, field="priority")
        assert "compared with" in tab.value(Builder, "note")
        await do(tab, Builder.choose, number=1, value="urgent")
        assert tab.value(Builder, "note") == "" and tab.value(Builder, "count") == 1
        await do(tab, Builder.add_group, under=0)
        await do(tab, Builder.remove, number=2)
        assert "/agent?view=v" in await do(tab, Builder.save, form={"name": "Burning"})
        slug = next(row.slug for row in await run(desk.cast.max, views.listing) if row.label == "Burning")
        await tab.open(f"/agent?view={slug}")
        await tab.quiet(0.3)
        assert refs(tab) == [urgent] and tab.value(Queue, "title") == "Burning"
        assert any(view["slug"] == slug and view["count"] == 1 for view in tab.value(Queue, "views"))
        assert "Undo" in await do(tab, Builder.delete, slug=slug)
        await do(tab, Builder.restore, slug=slug)
        assert any(view["slug"] == slug for view in tab.value(Queue, "views"))
        await run(desk.cast.max, views.delete, slug)

    play(story())


def test_conditions_come_from_the_address_and_nonsense_is_refused(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        urgent = await _file(desk, "From the address", "urgent")
        tab = await opened(desk, MANAGER, f"/agent?where={quote(dump(URGENT))}")
        assert urgent in refs(tab)
        assert [chip["value"] for chip in tab.value(Queue, "chips")] == ["Priority is Urgent"]
        await tab.open("/agent?where=nonsense")
        await tab.quiet(0.3)
        assert tab.value(Queue, "problem") == "failed"

    play(story())


def test_ticks_reach_from_here_to_there_and_are_changed_and_undone(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        made = [await _file(desk, f"Ticked {n}") for n in range(4)]
        tab = await opened(desk, MANAGER, "/agent?view=all")
        shown = [ref for ref in refs(tab) if ref in made]
        await do(tab, Queue.tick, told=shown[0])
        await do(tab, Queue.tick, told=shown[2] + "+ ")
        assert tab.value(Queue, "selected") == shown[:3]
        await do(tab, Queue.tick, told=shown[1])
        await do(tab, Queue.tick, told="ACME-NOBODY")
        assert tab.value(Queue, "selected") == [shown[0], shown[2]]
        assert "2 changed" in await do(tab, Bulk.apply, action="priority", value="high")
        assert tab.value(Queue, "selected") == []
        details = [await run(desk.cast.max, tickets.one, ref) for ref in shown]
        assert [one.ticket.priority for one in details][:4] == ["High", "Medium", "High", "Medium"]
        assert "2 put back" in await do(tab, Bulk.undo, run_id=tab.value(Bulk, "run_id"))
        await do(tab, Bulk.apply, action="explode", value="")
        await do(tab, Queue.tick_all)
        assert tab.value(Queue, "is_all_selected") is True
        await do(tab, Queue.untick)

    play(story())


def test_looks_are_remembered(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        ref = await _file(desk, "In a table")
        tab = await opened(desk, MANAGER, "/agent?view=all")
        await do(tab, Queue.arrange, density="compact", layout="table")
        assert tab.value(Queue, "is_table") is True and tab.value(Queue, "heads")[0] == "Reference"
        await do(tab, Queue.toggle_column, column="company")
        assert "Company" in tab.value(Queue, "heads")
        await do(tab, Queue.toggle_column, column="salary")
        await do(tab, Queue.keep_width, told="333 ")
        await do(tab, Queue.keep_width, told="²")
        liked = await run(desk.cast.max, preferences.mine)
        assert (liked.density, liked.layout, liked.list_width) == ("compact", "table", 333)
        await tab.open(f"/agent?view=all&ticket={ref}")
        await tab.quiet(0.3)
        assert tab.value(Queue, "is_table") is False, "beside an open ticket the list stands"
        await do(tab, Queue.arrange, density="comfortable", layout="list")

    play(story())


def test_cards_are_moved_and_put_back_and_the_board_follows(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        ref = await _file(desk, "A card")
        tab = await opened(desk, MANAGER, "/agent/board?view=all")

        def column() -> str:
            found = [
                one["slug"] for one in tab.value(Board, "columns") if any(r["reference"] == ref for r in one["rows"])
            ]
            return str(found[0])

        before = column()
        assert "on hold" in await do(tab, Board.drop, told=f"{ref} on_hold")
        assert column() == "on_hold"
        last = await run(desk.cast.max, _last_run)
        await do(tab, Board.undo, run_id=last)
        assert column() == before
        await run(desk.cast.max, tickets.change_status, ref, "closed")
        await tab.quiet(0.6)
        assert column() == "closed", "a colleague's change is seen"
        assert "cannot become" in await do(tab, Board.drop, told=f"{ref} on_hold")
        await do(tab, Board.drop, told="nonsense")

    play(story())


def _last_run(ctx: Context) -> int:
    return ctx.session.exec(select(func.max(BulkRun.id))).one() or 0


def test_the_palette_lists_what_fits(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        ref = await _file(desk, "Quagga in the cellar")
        tab = await opened(desk, MANAGER, "/agent?view=all")
        await do(tab, Palette.look, text="quagga")
        items = tab.value(Palette, "items")
        assert (items[0]["kind"], items[0]["detail"], items[0]["group"]) == ("ticket", ref, "Tickets")
        assert items[-1]["href"] == "/agent?text=quagga"
        await do(tab, Palette.look, text="dark")
        assert [item["press"] for item in tab.value(Palette, "items") if item["kind"] == "action"] == ["d"]
        await do(tab, Palette.look, text="teams")
        assert not [item for item in tab.value(Palette, "items") if item["href"].startswith("/admin")]

    play(story())


def test_customers_get_nowhere_here(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        tab = await opened(desk, CUSTOMER, "/")
        for handler, arguments in (
            (Palette.look, {"text": "x"}), (Builder.start_anew, {}), (Bulk.apply, {"action": "close", "value": ""}),
            (Board.drop, {"told": "x y"}), (Queue.tick, {"told": "x"}),
        ):  # fmt: skip
            assert "not for your role" in await do(tab, handler, **arguments)

    play(story())
