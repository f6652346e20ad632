"""Watching, mentioning, editing, linking, merging, snoozing, following up, deleting, time, drafts and own fields."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from helpdesk import clock
from helpdesk.domain.conditions import from_json
from helpdesk.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from helpdesk.domain.filters import BUILT_IN_VIEWS, TicketFilter
from helpdesk.jobs import tickets as jobs
from helpdesk.services import attachments, catalog, custom_fields, reactions, tickets, time_tracking
from helpdesk.services.mail import outbound
from helpdesk.services.unit_of_work import run
from tests.cast import Cast

SHORTLY = timedelta(minutes=1)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch):
    """Set the time."""

    def set_(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    return set_


def _file(cast: Cast, who: str = "rita", title: str = "Printer on fire", **more: object) -> str:
    return run(getattr(cast, who), tickets.create, title=title, description="It burns.", **more)


def _whats(cast: Cast, ref: str) -> list[str]:
    return [line.what for line in reversed(run(cast.max, tickets.history, ref))]


def _react(cast: Cast) -> list[tuple[str, str]]:
    """Run the LATER lane; the mails there are as (template, address)."""

    def waiting(ctx) -> list[int]:
        return list(ctx.session.execute(text("SELECT id FROM activity WHERE reacted_at IS NULL")).scalars())

    run(cast.desk, reactions.react, run(cast.desk, waiting))
    return [(row.template, row.to_address) for row in run(cast.adam, outbound.listing, size=200)]


# ---- Watching and mentioning ------------------------------------------------------------------------------------


def test_watchers_are_told_and_customers_never_learn_of_them(cast: Cast, heard) -> None:
    ref = _file(cast)
    heard.topics.clear()
    run(cast.ada, tickets.watch, ref)
    run(cast.ada, tickets.watch, ref)
    assert not any(topic.startswith("portal") for topic in heard.topics)
    assert [row.name for row in run(cast.max, tickets.watchers, ref)] == ["Ada Agent"]
    assert _whats(cast, ref).count("started watching") == 1
    run(cast.max, tickets.note, ref, "Between us")
    run(cast.max, tickets.reply, ref, "We look at it.")
    run(cast.rita, tickets.reply, ref, "Thanks")
    run(cast.max, tickets.change_status, ref, "resolved")
    mails = _react(cast)
    for template in ("noted", "watched_reply", "customer_replied", "watched_status"):
        assert mails.count((template, "ada@acme.example")) == 1, template
        assert (template, "rita@northwind.example") not in mails
    for verb in (tickets.watch, tickets.unwatch, tickets.watchers, tickets.colleagues):
        with pytest.raises(NotAllowed):
            run(cast.rita, verb, ref)
    run(cast.ada, tickets.unwatch, ref)
    assert run(cast.ada, tickets.watchers, ref) == () and _whats(cast, ref)[-1] == "stopped watching"


def test_a_watcher_who_sees_the_ticket_no_more_is_told_no_more(cast: Cast) -> None:
    ref = _file(cast)
    run(cast.bob, tickets.watch, ref)
    run(cast.max, tickets.move_to_team, ref, team_id=cast.support)
    run(cast.max, tickets.note, ref, "Secret of support")
    assert ("noted", "bob@acme.example") not in _react(cast)


def test_a_mention_in_a_note_brings_a_colleague_in(cast: Cast) -> None:
    ref = _file(cast)
    run(cast.ada, tickets.note, ref, "@Max Manager please decide, @Nobody knows")
    assert [row.name for row in run(cast.ada, tickets.watchers, ref)] == ["Max Manager"]
    assert "mentioned Max Manager" in _whats(cast, ref)
    assert "<strong>@Max Manager</strong>" in run(cast.ada, tickets.one, ref).comments[-1].body_html
    mails = _react(cast)
    assert ("mentioned", "max@acme.example") in mails and ("noted", "max@acme.example") not in mails


def test_a_mention_in_a_reply_reaches_the_customer_as_a_plain_name(cast: Cast) -> None:
    ref = _file(cast)
    run(cast.ada, tickets.reply, ref, "@Max Manager will call you.")
    assert [row.name for row in run(cast.ada, tickets.watchers, ref)] == ["Max Manager"]
    assert run(cast.rita, tickets.one, ref).comments[-1].body_html == "<p>Max Manager will call you.</p>\n"
    assert all("@Max" not in one for one in _whats(cast, ref))


def test_only_colleagues_who_see_the_ticket_can_be_mentioned(cast: Cast) -> None:
    ref = _file(cast)
    run(cast.max, tickets.move_to_team, ref, team_id=cast.support)
    assert "Bob Billing" not in [row.name for row in run(cast.max, tickets.colleagues, ref)]
    run(cast.max, tickets.note, ref, "@Bob Billing look")
    assert run(cast.max, tickets.watchers, ref) == ()


def test_customers_mention_nobody(cast: Cast) -> None:
    ref = _file(cast)
    run(cast.rita, tickets.reply, ref, "@Max Manager help")
    assert run(cast.max, tickets.watchers, ref) == ()


# ---- Editing ----------------------------------------------------------------------------------------------------


def test_an_own_comment_is_corrected_and_its_history_kept(cast: Cast) -> None:
    ref = _file(cast)
    number = run(cast.ada, tickets.reply, ref, "Turn it of.")
    assert run(cast.ada, tickets.one, ref).comments[-1].editable_until
    assert not run(cast.max, tickets.one, ref).comments[-1].editable_until
    run(cast.ada, tickets.edit_comment, number, "Turn it off.")
    run(cast.ada, tickets.edit_comment, number, "Turn it off.")
    shown = run(cast.rita, tickets.one, ref).comments[-1]
    assert "off" in shown.body_html and shown.edited_at
    assert run(cast.rita, tickets.one, ref).ticket.preview == "Turn it off."
    assert [row.body_html for row in run(cast.max, tickets.earlier_texts, number)] == ["<p>Turn it of.</p>\n"]
    assert _whats(cast, ref).count("edited a reply") == 1
    with pytest.raises(NotAllowed):
        run(cast.rita, tickets.earlier_texts, number)


def test_editing_is_for_the_author_and_for_a_while(cast: Cast, at) -> None:
    ref = _file(cast)
    number = run(cast.ada, tickets.note, ref, "Hm")
    with pytest.raises(Conflict, match="yourself"):
        run(cast.max, tickets.edit_comment, number, "Changed")
    with pytest.raises(NotFound):
        run(cast.rita, tickets.edit_comment, number, "Changed")
    at(datetime.now(UTC) + timedelta(minutes=16))
    with pytest.raises(Conflict, match="15 minutes"):
        run(cast.ada, tickets.edit_comment, number, "Changed")


# ---- Links ------------------------------------------------------------------------------------------------------


def test_links_are_seen_from_both_ends(cast: Cast) -> None:
    parent, child, other = _file(cast), _file(cast), _file(cast)
    link = run(cast.ada, tickets.link, parent, child, kind="child")
    run(cast.ada, tickets.link, parent, other, kind="related")
    assert [(row.kind, row.ticket.reference) for row in run(cast.ada, tickets.linked, parent)] == [
        ("child", child), ("related", other),
    ]  # fmt: skip
    assert [row.kind for row in run(cast.ada, tickets.linked, child)] == ["parent"]
    assert f"linked {parent} as parent" in _whats(cast, child)
    run(cast.ada, tickets.unlink, child, link)
    assert [row.kind for row in run(cast.ada, tickets.linked, parent)] == ["related"]


def test_no_circles_and_no_second_parent(cast: Cast) -> None:
    one, two, three = _file(cast), _file(cast), _file(cast)
    run(cast.ada, tickets.link, one, two, kind="child")
    run(cast.ada, tickets.link, two, three, kind="child")
    with pytest.raises(Conflict, match="circle"):
        run(cast.ada, tickets.link, three, one, kind="child")
    with pytest.raises(Conflict, match="parent already"):
        run(cast.ada, tickets.link, three, one, kind="parent")
    with pytest.raises(Conflict, match="linked already"):
        run(cast.ada, tickets.link, two, one, kind="related")
    with pytest.raises(Invalid):
        run(cast.ada, tickets.link, one, one, kind="related")


def test_resolving_a_parent_can_take_its_children_along(cast: Cast) -> None:
    parent, child, done = _file(cast), _file(cast), _file(cast)
    run(cast.ada, tickets.change_status, done, "closed")
    for one in (child, done):
        run(cast.ada, tickets.link, parent, one, kind="child")
    assert run(cast.ada, tickets.change_status_with_children, parent, "resolved") == 1
    assert [run(cast.ada, tickets.one, one).ticket.status for one in (parent, child, done)] == [
        "Resolved", "Resolved", "Closed",
    ]  # fmt: skip


# ---- Merging ----------------------------------------------------------------------------------------------------


def _merge_story(cast: Cast) -> tuple[str, str]:
    file = run(cast.rita, attachments.store, filename="a.txt", content_type="text/plain", stream=[b"words"]).id
    source = _file(cast, title="Printer smokes", attachment_ids=[file])
    target = _file(cast)
    run(cast.ada, tickets.reply, source, "@Max Manager is on it.")
    run(cast.ada, tickets.note, source, "secret zebra")
    run(cast.ada, time_tracking.log, source, "30")
    return source, target


def test_merging_moves_what_was_said_and_points_there(cast: Cast) -> None:
    source, target = _merge_story(cast)
    assert run(cast.ada, tickets.merge, source, into=target) == target
    assert run(cast.ada, tickets.merge, source, into=target) == target, "twice is once"
    whole, gone = run(cast.ada, tickets.one, target), run(cast.ada, tickets.one, source)
    assert [one.kind for one in whole.comments] == ["reply", "reply", "note", "system"]
    assert [file.filename for file in whole.comments[0].attachments] == ["a.txt"]
    assert (gone.merged_into, gone.ticket.status) == (target, "Closed")
    assert [row.name for row in run(cast.ada, tickets.watchers, target)] == ["Max Manager"]
    assert run(cast.ada, time_tracking.sheet, target).total == "30m"
    assert [row.reference for row in run(cast.ada, tickets.merged, target)] == [source]
    assert f"merged {source} into it" in _whats(cast, target) and f"merged it into {target}" in _whats(cast, source)
    run(cast.rita, tickets.reply, source, "One more thing")
    assert run(cast.ada, tickets.one, target).comments[-1].author == "Rita Requester"
    seen = run(cast.rita, tickets.one, target)
    assert [one.kind for one in seen.comments] == ["reply", "reply", "system", "reply"]
    assert "zebra" not in str(seen)
    mails = _react(cast)
    assert ("merged", "rita@northwind.example") in mails and ("closed", "rita@northwind.example") not in mails


def test_unmerging_restores_exactly_what_moved(cast: Cast) -> None:
    source, target = _merge_story(cast)
    before = run(cast.ada, tickets.one, source), run(cast.ada, tickets.one, target)
    run(cast.ada, tickets.merge, source, into=target)
    run(cast.rita, tickets.reply, target, "Said to both")
    run(cast.ada, tickets.unmerge, source)
    after = run(cast.ada, tickets.one, source), run(cast.ada, tickets.one, target)
    for old, new in zip(before, after, strict=True):
        assert new.ticket.status == old.ticket.status and new.timers[0].status == old.timers[0].status
        assert new.ticket.sla_status == old.ticket.sla_status and new.attachments == old.attachments
    assert after[0].comments == before[0].comments and after[0].ticket.comment_count == before[0].ticket.comment_count
    assert [one.body_html for one in after[1].comments] == ["<p>Said to both</p>\n"]
    assert after[1].ticket.comment_count == 1
    assert run(cast.ada, tickets.watchers, target) == () and run(cast.ada, time_tracking.sheet, source).total == "30m"
    with pytest.raises(Conflict, match="not merged"):
        run(cast.ada, tickets.unmerge, source)


def test_a_merged_tickets_clocks_stop_and_the_targets_stay(cast: Cast, at) -> None:
    source, target = _file(cast), _file(cast)
    due = run(cast.ada, tickets.one, target).ticket.sla_due_at
    run(cast.ada, tickets.merge, source, into=target)
    assert run(cast.ada, tickets.one, source).timers == ()
    assert run(cast.ada, tickets.one, target).ticket.sla_due_at == due
    began = datetime.now(UTC)
    at(began + timedelta(hours=1))
    run(cast.ada, tickets.unmerge, source)
    back = run(cast.ada, tickets.one, source)
    later = datetime.fromisoformat(back.timers[0].breach_at) - datetime.fromisoformat(due)
    assert timedelta(minutes=59) < later < timedelta(minutes=61), "the hour inside the other ticket does not count"


def test_merges_that_are_refused(cast: Cast) -> None:
    first, second, third = _file(cast), _file(cast), _file(cast)
    strangers = _file(cast, "zoe")
    with pytest.raises(Invalid, match="same one"):
        run(cast.ada, tickets.merge, first, into=first)
    with pytest.raises(Conflict, match="must not read"):
        run(cast.ada, tickets.merge, first, into=strangers)
    with pytest.raises(NotFound):
        run(cast.ada, tickets.merge, first, into="ACME-NOTHIN")
    with pytest.raises(NotAllowed):
        run(cast.rita, tickets.merge, first, into=second)
    run(cast.ada, tickets.merge, first, into=second)
    with pytest.raises(Conflict, match="merged already"):
        run(cast.ada, tickets.merge, first, into=third)
    with pytest.raises(Conflict, match=f"merged into {second}"):
        run(cast.ada, tickets.merge, third, into=first)
    with pytest.raises(Conflict, match="Take it out"):
        run(cast.ada, tickets.change_status, first, "reopened")
    run(cast.ada, tickets.change_status, second, "closed")
    with pytest.raises(Conflict, match="is closed"):
        run(cast.ada, tickets.merge, third, into=second)


def test_a_chain_of_merges_leads_to_its_end_and_is_undone_from_there(cast: Cast) -> None:
    first, second, third = _file(cast), _file(cast), _file(cast)
    run(cast.ada, tickets.merge, first, into=second)
    run(cast.ada, tickets.merge, second, into=third)
    assert run(cast.ada, tickets.one, first).merged_into == third
    with pytest.raises(Conflict, match="merged into another ticket since"):
        run(cast.ada, tickets.unmerge, first)
    run(cast.ada, tickets.unmerge, second)
    assert run(cast.ada, tickets.one, first).merged_into == second
    run(cast.ada, tickets.unmerge, first)
    assert run(cast.ada, tickets.one, first).ticket.status == "New"


def test_customers_of_both_follow_what_was_merged(cast: Cast) -> None:
    theirs, target = _file(cast, "rita"), _file(cast, "carl")
    with pytest.raises(NotFound):
        run(cast.rita, tickets.one, target)
    run(cast.ada, tickets.merge, theirs, into=target)
    assert run(cast.rita, tickets.portal_request, theirs).detail.merged_into == target
    assert run(cast.rita, tickets.one, target).ticket.reference == target
    run(cast.rita, tickets.reply, target, "Me too")
    run(cast.ada, tickets.reply, target, "Fixed.", then="resolved")
    mails = _react(cast)
    for address in ("rita@northwind.example", "carl@northwind.example"):
        assert ("replied", address) in mails and ("resolved", address) in mails
    with pytest.raises(NotFound):
        run(cast.zoe, tickets.one, target)
    run(cast.ada, tickets.unmerge, theirs)
    with pytest.raises(NotFound):
        run(cast.rita, tickets.one, target)


# ---- Snoozing ---------------------------------------------------------------------------------------------------


def test_a_snoozed_ticket_wakes_on_time_and_when_the_customer_answers(cast: Cast, at) -> None:
    ref, other = _file(cast), _file(cast)
    until = datetime.now(UTC) + timedelta(hours=2)
    for one in (ref, other):
        run(cast.ada, tickets.snooze, one, until)
    assert run(cast.ada, tickets.one, ref).ticket.snoozed_until
    assert not run(cast.rita, tickets.one, ref).ticket.snoozed_until
    run(cast.ada, tickets.note, ref, "Still asleep")
    run(cast.rita, tickets.reply, ref, "Wake up")
    assert not run(cast.ada, tickets.one, ref).ticket.snoozed_until
    assert "woke it from its snooze (the customer answered)" in _whats(cast, ref)
    at(until + SHORTLY)
    assert jobs.wake_snoozed() == 1
    assert not run(cast.ada, tickets.one, other).ticket.snoozed_until


def test_snoozing_needs_the_future_and_an_open_ticket(cast: Cast) -> None:
    ref = _file(cast)
    with pytest.raises(Invalid):
        run(cast.ada, tickets.snooze, ref, datetime.now(UTC) - SHORTLY)
    run(cast.ada, tickets.change_status, ref, "resolved")
    with pytest.raises(Conflict):
        run(cast.ada, tickets.snooze, ref, datetime.now(UTC) + SHORTLY)


# ---- Following up, duplicates -----------------------------------------------------------------------------------


def test_an_answer_to_a_closed_ticket_becomes_a_follow_up(cast: Cast) -> None:
    ref = _file(cast)
    run(cast.ada, tickets.change_status, ref, "closed")
    landed = run(cast.rita, tickets.answer, ref, "It burns again")
    assert landed.is_new and landed.reference != ref
    fresh = run(cast.ada, tickets.one, landed.reference)
    assert (fresh.ticket.title, fresh.ticket.requester) == ("Printer on fire", "Rita Requester")
    assert [row.kind for row in run(cast.ada, tickets.linked, ref)] == ["follow_up"]
    assert [row.kind for row in run(cast.ada, tickets.linked, landed.reference)] == ["follows"]
    assert f"followed it up with {landed.reference}" in _whats(cast, ref)
    assert not run(cast.rita, tickets.answer, landed.reference, "More").is_new


def test_staff_follow_up_only_what_is_closed(cast: Cast) -> None:
    ref = _file(cast)
    with pytest.raises(Conflict):
        run(cast.ada, tickets.follow_up, ref)
    run(cast.ada, tickets.change_status, ref, "closed")
    fresh = run(cast.ada, tickets.one, run(cast.ada, tickets.follow_up, ref))
    assert fresh.ticket.requester == "Rita Requester"


def test_possible_duplicates_are_those_one_may_see(cast: Cast) -> None:
    ref, strangers = _file(cast, title="Label printer is broken"), _file(cast, "zoe", title="The label printer broken")
    _file(cast, title="Salary")
    found = [row.reference for row in run(cast.ada, tickets.possible_duplicates, title="broken label printer")]
    assert sorted(found) == sorted([ref, strangers])
    given = run(cast.ada, tickets.possible_duplicates, title="broken printer", requester_id=cast.zoe.person_id)
    assert given[0].reference == strangers
    assert [row.reference for row in run(cast.rita, tickets.possible_duplicates, title="printer broken")] == [ref]
    assert run(cast.ada, tickets.possible_duplicates, title="") == ()


# ---- The trash --------------------------------------------------------------------------------------------------


def test_a_deleted_ticket_is_behind_no_door(cast: Cast, heard, at) -> None:
    at(datetime.now(UTC))  # clocks tell what is left to the minute
    source, target = _merge_story(cast)
    run(cast.ada, tickets.link, source, target, kind="related")
    _react(cast)
    before = run(cast.max, tickets.one, source), run(cast.max, tickets.history, source)
    counts = {one.slug: one.count for one in run(cast.max, tickets.view_counts)}
    file = before[0].attachments[0].id
    with pytest.raises(NotAllowed):
        run(cast.max, tickets.delete, source)
    number = run(cast.adam, tickets.delete, source)
    assert any(topic.startswith("portal-") for topic in heard.topics)
    for actor in (cast.adam, cast.rita):
        with pytest.raises(NotFound):
            run(actor, tickets.one, source)
        with pytest.raises(NotFound):
            run(actor, attachments.open_, file)
        assert source not in [row.reference for row in run(actor, tickets.page, TicketFilter()).rows]
    assert run(cast.adam, tickets.page, TicketFilter(text="zebra")).rows == ()
    assert run(cast.adam, tickets.linked, target) == ()
    left = {one.slug: one.count for one in run(cast.max, tickets.view_counts)}
    assert left["all"] == counts["all"] - 1
    assert [(row.reference, row.requester) for row in run(cast.adam, tickets.deleted)] == [(source, "Rita Requester")]
    assert run(cast.adam, tickets.restore, number) == source
    assert run(cast.max, tickets.one, source) == before[0]
    assert run(cast.max, tickets.history, source)[1:] == before[1]
    assert [row.reference for row in run(cast.adam, tickets.page, TicketFilter(text="zebra")).rows] == [source]
    assert len(run(cast.adam, tickets.linked, target)) == 1 and run(cast.adam, tickets.deleted) == ()
    assert "".join(map(bytes.decode, run(cast.rita, attachments.open_, file)[1])) == "words"


def test_the_trash_is_emptied_after_thirty_days(cast: Cast, at) -> None:
    kept, gone = run(cast.adam, tickets.delete, _file(cast)), run(cast.adam, tickets.delete, _file(cast))
    run(cast.adam, tickets.purge, gone)
    with pytest.raises(NotFound):
        run(cast.adam, tickets.restore, gone)
    assert jobs.empty_trash() == 0
    at(datetime.now(UTC) + timedelta(days=30, hours=1))
    assert jobs.empty_trash() == 1
    with pytest.raises(NotFound):
        run(cast.adam, tickets.restore, kept)


def test_a_ticket_others_were_merged_into_is_not_deleted(cast: Cast) -> None:
    source, target = _file(cast), _file(cast)
    run(cast.ada, tickets.merge, source, into=target)
    with pytest.raises(Conflict):
        run(cast.adam, tickets.delete, target)


# ---- Time -------------------------------------------------------------------------------------------------------


def test_one_timer_runs_per_person(cast: Cast, at) -> None:
    began = datetime.now(UTC)
    first, second = _file(cast), _file(cast)
    at(began)
    run(cast.ada, time_tracking.start, first)
    run(cast.ada, time_tracking.start, first)
    at(began + timedelta(minutes=20))
    run(cast.ada, time_tracking.start, second)
    assert run(cast.ada, time_tracking.sheet, first).total == "20m"
    assert run(cast.ada, time_tracking.sheet, second).running_since
    at(began + timedelta(days=3))
    run(cast.ada, time_tracking.stop)
    run(cast.ada, time_tracking.stop)
    assert run(cast.max, time_tracking.sheet, second).total == "24h", "a forgotten timer counts a day at most"
    assert "spent 20m on it" in _whats(cast, first)


def test_time_is_corrected_by_who_spent_it(cast: Cast) -> None:
    ref = _file(cast)
    number = run(cast.ada, time_tracking.log, ref, "1:30", note="on the phone")
    with pytest.raises(Conflict):
        run(cast.max, time_tracking.change, number, "10")
    run(cast.ada, time_tracking.change, number, "1h 45m")
    assert run(cast.max, time_tracking.sheet, ref).total == "1h 45m"
    run(cast.ada, time_tracking.remove, number)
    assert run(cast.max, time_tracking.sheet, ref).entries == ()
    assert _whats(cast, ref)[-2:] == ["corrected a time entry from 1h 30m to 1h 45m", "removed a time entry of 1h 45m"]
    with pytest.raises(NotAllowed):
        run(cast.rita, time_tracking.sheet, ref)


# ---- Drafts -----------------------------------------------------------------------------------------------------


def test_a_draft_is_ones_own_and_goes_when_it_is_sent(cast: Cast) -> None:
    ref = _file(cast)
    run(cast.ada, tickets.keep_draft, ref, "Dear Ri")
    run(cast.ada, tickets.keep_draft, ref, "Dear Rita", kind="note")
    found = run(cast.ada, tickets.draft, ref)
    assert (found.body, found.kind) == ("Dear Rita", "note")
    assert run(cast.max, tickets.draft, ref).body == ""
    run(cast.ada, tickets.note, ref, "Dear Rita")
    assert run(cast.ada, tickets.draft, ref).body == ""
    run(cast.ada, tickets.keep_draft, ref, "x")
    run(cast.ada, tickets.keep_draft, ref, " ")
    assert run(cast.ada, tickets.draft, ref).body == ""


# ---- The organization's own fields ------------------------------------------------------------------------------


def test_fields_are_asked_where_they_apply_and_checked(cast: Cast) -> None:
    hardware = run(cast.adam, catalog.save_category, name="Hardware")
    serial = run(
        cast.adam, custom_fields.save, label="Serial", is_required=True, is_public=True, category_ids=[hardware]
    )
    cost = run(cast.adam, custom_fields.save, label="Cost", kind="number")
    assert run(cast.rita, tickets.fields_asked, None) == ()
    assert [row.label for row in run(cast.rita, tickets.fields_asked, hardware)] == ["Serial"]
    with pytest.raises(Invalid) as refused:
        _file(cast, category_id=hardware, answers={})
    assert set(refused.value.fields) == {f"field_{serial}"}
    ref = _file(cast, category_id=hardware, answers={f"field_{serial}": "A-1", f"field_{cost}": "5"})
    seen = run(cast.ada, tickets.one, ref).fields
    assert [(row.label, row.shown) for row in seen] == [("Serial", "A-1"), ("Cost", "")], (
        "customers answer no staff field"
    )
    run(cast.ada, tickets.answer_field, ref, cost, "12,5")
    assert "changed Cost from nothing to 12.5" in _whats(cast, ref)
    assert [row.label for row in run(cast.rita, tickets.one, ref).fields] == ["Serial"]
    with pytest.raises(Invalid):
        run(cast.ada, tickets.answer_field, ref, serial, "")
    with pytest.raises(NotAllowed):
        run(cast.rita, tickets.answer_field, ref, serial, "B")


def test_mail_cannot_be_asked(cast: Cast) -> None:
    run(cast.adam, custom_fields.save, label="Serial", is_required=True, is_public=True)
    assert run(cast.rita, tickets.one, _file(cast)).fields[0].shown == ""


def test_admins_define_fields(cast: Cast) -> None:
    with pytest.raises(Invalid):
        run(cast.adam, custom_fields.save, label="Colour", kind="choice", options=["Red"])
    first = run(cast.adam, custom_fields.save, label="Colour", kind="choice", options=["Red", "Blue", "Red"])
    second = run(cast.adam, custom_fields.save, label="Floor", kind="number")
    with pytest.raises(Conflict):
        run(cast.adam, custom_fields.save, label="Floor")
    run(cast.adam, custom_fields.reorder, [second, first])
    run(cast.adam, custom_fields.save, first, label="Color", options=["Red", "Green"], is_active=False)
    assert [(one.label, one.options) for one in run(cast.adam, custom_fields.listing)] == [
        ("Floor", ()), ("Color", ("Red", "Green")),
    ]  # fmt: skip
    with pytest.raises(NotAllowed):
        run(cast.max, custom_fields.save, label="X")


def test_what_is_put_aside_leaves_ones_own_queue_until_it_wakes(cast: Cast) -> None:
    ref = _file(cast)
    run(cast.ada, tickets.take, ref)

    def shown(**wanted: object) -> bool:
        return ref in [row.reference for row in run(cast.ada, tickets.page, TicketFilter(**wanted)).rows]  # type: ignore[arg-type]

    mine = next(view.filter for view in BUILT_IN_VIEWS if view.slug == "mine")
    asleep, awake = from_json({"all": [["snoozed", "is", "yes"]]}), from_json({"all": [["snoozed", "not", "yes"]]})
    run(cast.ada, tickets.snooze, ref, clock.now() + timedelta(days=1))
    assert shown(snoozed=True) and shown(where=asleep) and shown(open=True)
    assert not shown(where=awake) and ref not in [row.reference for row in run(cast.ada, tickets.page, mine).rows]
    run(cast.ada, tickets.wake, ref)
    assert not shown(snoozed=True) and not shown(where=asleep)
    assert shown(where=awake) and ref in [row.reference for row in run(cast.ada, tickets.page, mine).rows]


def test_forwarding_mails_what_was_public_and_leaves_a_note(cast: Cast) -> None:
    ref = _file(cast)
    run(cast.ada, tickets.note, ref, "Between us: the old one.")
    run(cast.ada, tickets.reply, ref, "We look into it.")
    note = run(cast.ada, tickets.forward, ref, to="Help@Supplier.example; two@supplier.example", body="Can you *help*?")
    mails = {address for template, address in _react(cast) if template == "forwarded"}
    assert mails == {"help@supplier.example", "two@supplier.example"}
    sent = next(row for row in run(cast.adam, outbound.listing) if row.to_address == "help@supplier.example")
    body = run(cast.adam, outbound.one, sent.id).body_text
    assert "Can you *help*?" in body and "It burns." in body and "We look into it." in body
    assert "Between us" not in body and "Forwarded to" not in body
    assert "forwarded it to help@supplier.example, two@supplier.example" in _whats(cast, ref)
    shown = next(one for one in run(cast.max, tickets.one, ref).comments if one.id == note)
    assert shown.kind == "note" and "Forwarded to" in shown.body_html
    assert "forwarded" not in str(run(cast.rita, tickets.portal_request, ref))


def test_forwarding_without_the_thread_sends_the_text_alone(cast: Cast) -> None:
    ref = _file(cast)
    run(cast.ada, tickets.forward, ref, to="help@supplier.example", body="Please call us.", with_thread=False)
    _react(cast)
    sent = next(row for row in run(cast.adam, outbound.listing) if row.to_address == "help@supplier.example")
    assert "It burns." not in run(cast.adam, outbound.one, sent.id).body_text


@pytest.mark.parametrize(
    ("to", "body", "field"),
    [
        ("", "x", "to"), ("nonsense", "x", "to"), ("a@b.example, c d@e", "x", "to"), ("a@b.example", " ", "body"),
        (", ".join(f"a{n}@b.example" for n in range(6)), "x", "to"),
    ],
)  # fmt: skip
def test_forwarding_needs_addresses_and_a_text(cast: Cast, to: str, body: str, field: str) -> None:
    ref = _file(cast)
    with pytest.raises(Invalid) as refused:
        run(cast.ada, tickets.forward, ref, to=to, body=body)
    assert list(refused.value.fields) == [field]


def test_customers_forward_nothing(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        run(cast.rita, tickets.forward, _file(cast), to="a@b.example", body="x")
