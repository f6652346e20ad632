"""Settings > Automation on a served desk: a rule is written as a sentence, tried, put in order, and its log read."""

import pytest

from helpdesk.services import rules, tickets
from helpdesk.state.admin.automation import Automation, RuleLog
from helpdesk.state.admin.macros import Macros
from helpdesk.state.admin.rule import RuleEditor
from helpdesk.state.agent.macros import MacroPicker
from helpdesk.state.agent.ticket import OpenTicket
from tests.served import Desk, desk  # noqa: F401 - a fixture
from tests.state.test_admin_pages import ADMIN, do, opened, play, run

pytestmark = pytest.mark.real_redis
AGENT = "ada@acme.example"
EDITOR = "/admin/automation/rule"


def test_a_rule_is_written_as_a_sentence_tried_and_put_in_order(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        await run(desk.cast.rita, tickets.create, title="Printer smokes", description="x")
        tab = await opened(desk, ADMIN, f"{EDITOR}?new=yes")
        await do(tab, RuleEditor.set_trigger, trigger="stuck")
        assert tab.value(RuleEditor, "is_waiting") is True
        await do(tab, RuleEditor.set_trigger, trigger="created")
        await do(tab, RuleEditor.add, under=0)
        await do(tab, RuleEditor.set_field, at=1, field="text")
        await do(tab, RuleEditor.write, at=1, value="printer")
        await do(tab, RuleEditor.add_group, under=0)
        await do(tab, RuleEditor.set_field, at=3, field="priority")
        await do(tab, RuleEditor.set_operator, at=3, operator="any")
        await do(tab, RuleEditor.choose, at=3, value="medium")
        await do(tab, RuleEditor.choose, at=3, value="low")
        assert [line["text"] for line in tab.value(RuleEditor, "lines")] == ["", "printer", "", "Medium, Low"]
        await do(tab, RuleEditor.set_value, at=0, value="urgent")
        await do(tab, RuleEditor.add_act)
        await do(tab, RuleEditor.set_do, at=1, do="tag")
        await do(tab, RuleEditor.rehearse)
        assert "Name 1 to" in tab.value(RuleEditor, "errors")["actions"], "the tags are missing yet"
        await do(tab, RuleEditor.set_value, at=1, value="vip, printer")
        await do(tab, RuleEditor.move_act, at=1, by=-1)
        await do(tab, RuleEditor.rehearse)
        assert tab.value(RuleEditor, "tried")["tickets"] == 1
        assert "is saved" in await do(
            tab, RuleEditor.save, sent={"name": "Printers", "is_active": "on", "line-1": "printer"}
        )
        await tab.close()
        tab = await opened(desk, ADMIN, "/admin/automation")
        [row] = tab.value(Automation, "rows")
        assert (
            row["where"]
            == "Subject, description or latest comment contains printer and (Priority is any of Medium, Low)"
        )
        assert row["then"] == "add the tags vip, printer, set the priority to Urgent"
        ref = await run(desk.cast.rita, tickets.create, title="Another printer", description="x")
        again = await opened(desk, ADMIN, f"{EDITOR}?rule={row['id']}")
        assert [line["text"] for line in again.value(RuleEditor, "lines")] == ["", "printer", "", "Medium, Low"]
        log = await opened(desk, ADMIN, f"/admin/automation/log?rule={row['id']}&result=success")
        assert [(one["rule"], one["reference"]) for one in log.value(RuleLog, "rows")] == [("Printers", ref)]
        await do(tab, Automation.switch, rule_id=row["id"], is_active=False)
        assert tab.value(Automation, "rows")[0]["is_active"] is False
        assert "is deleted" in await do(again, RuleEditor.delete)
        for one in (tab, again, log):
            await one.close()

    play(story())


def test_a_macro_is_written_previewed_applied_and_taken_back(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        ref = await run(desk.cast.rita, tickets.create, title="Screen", description="x")
        page = await opened(desk, AGENT, "/admin/macros?new=yes")
        assert page.value(Macros, "may_share") is False
        await do(page, Macros.add)
        await do(page, Macros.set_value, at=0, value="high")
        await do(page, Macros.add)
        await do(page, Macros.set_do, at=1, do="take")
        form = {"macro_id": "0", "name": "Mine", "scope": "me", "reply": "Hello {{ requester.nobody }}"}
        await do(page, Macros.save, sent=form)
        assert "no placeholder" in page.value(Macros, "errors")["reply"]
        assert "is saved" in await do(page, Macros.save, sent=form | {"reply": "Hello {{ requester.first_name }}"})
        tab = await opened(desk, AGENT, f"/agent?ticket={ref}")
        await do(tab, MacroPicker.open)
        chosen = tab.value(MacroPicker, "chosen")
        # Whose it is by then depends on whom routing finds.
        assert chosen["text"] == "Hello Rita" and chosen["changes"][0]["field"] == "Priority"
        said = await do(tab, MacroPicker.apply, sent={})
        assert "Mine is applied" in said and "Hello Rita" in said
        assert tab.value(OpenTicket, "ticket")["priority_slug"] == "high" and tab.value(OpenTicket, "comments") == []
        again = await opened(desk, AGENT, f"/admin/macros?macro={page.value(Macros, 'rows')[0]['id']}")
        picky = form | {"macro_id": str(again.value(Macros, "macro")["id"]), "reply": "Hello", "status-closed": "on"}
        assert "is saved" in await do(again, Macros.save, sent=picky)
        await again.close()
        await do(tab, MacroPicker.open)
        assert tab.value(MacroPicker, "rows") == [], "it is not meant for this ticket any more"
        await do(tab, MacroPicker.find, text="nothing like it")
        assert tab.value(MacroPicker, "rows") == []
        for one in (page, tab):
            await one.close()

    play(story())


def test_what_a_rule_did_is_taken_back_from_the_log_and_from_history(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        written = {"when": "created", "if": {"all": [["title", "contains", "undo"]]}, "then": [["priority", "urgent"]]}
        rule_id = await run(desk.cast.adam, rules.save, name="Undoable", written=written)
        refs = [await run(desk.cast.rita, tickets.create, title="Undo me", description="x") for _ in range(2)]
        log = await opened(desk, ADMIN, f"/admin/automation/log?rule={rule_id}")
        newest = log.value(RuleLog, "rows")[0]
        assert newest["may_undo"] is True
        assert "is taken back" in await do(log, RuleLog.undo, run_id=newest["id"])
        page = await opened(desk, AGENT, f"/agent?ticket={refs[0]}")
        [line] = [one for one in page.value(OpenTicket, "history") if one["undo_run"]]
        assert "is taken back" in await do(page, OpenTicket.undo_rule, run_id=line["undo_run"])
        assert page.value(OpenTicket, "ticket")["priority_slug"] == "medium"
        assert not any(one["undo_run"] for one in page.value(OpenTicket, "history"))
        editor = await opened(desk, ADMIN, f"{EDITOR}?rule={rule_id}")
        assert "why not" in await do(editor, RuleEditor.explain, rule_id=rule_id, is_on=True)
        await run(desk.cast.adam, rules.delete, rule_id)
        for one in (log, page, editor):
            await one.close()

    play(story())
