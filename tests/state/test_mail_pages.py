"""Settings > Mailboxes and Received mail on a served desk: arranged, tried, looked at, let in, read again."""

import asyncio

import pytest

from helpdesk.adapters.scanner import EICAR
from helpdesk.jobs import inbound as jobs
from helpdesk.services import attachments
from helpdesk.services.mail import inbound
from helpdesk.services.unit_of_work import run
from helpdesk.state.admin.blocked import BlockedFiles
from helpdesk.state.admin.health import Health
from helpdesk.state.admin.mailboxes import Mailboxes
from helpdesk.state.admin.received import Received
from tests.mails import eml
from tests.served import Desk, desk  # noqa: F401 - a fixture
from tests.state.test_admin_pages import ADMIN, do, opened, play

pytestmark = pytest.mark.real_redis
FORM = {
    "address": "help@acme.example", "imap_host": "127.0.0.1", "imap_port": "9", "imap_tls": "none", "imap_secret": "hunter2",
    "smtp_port": "587", "smtp_tls": "starttls",
}  # fmt: skip


def test_a_mailbox_is_arranged_and_tried(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        tab = await opened(desk, ADMIN, "/admin/mailboxes?new=yes")
        await do(tab, Mailboxes.save, sent=FORM | {"address": "nowhere", "imap_port": "0"})
        assert set(tab.value(Mailboxes, "errors")) == {"address", "imap_port"}
        said = await do(tab, Mailboxes.save, sent=FORM)
        assert "/admin/mailboxes?mailbox=" in said
        row = next(row for row in await _rows(tab) if row["address"] == FORM["address"])
        assert row["has_imap_secret"] and row["allows_strangers"] is False
        await tab.navigate(f"/admin/mailboxes?mailbox={row['id']}")
        await tab.quiet(0.2)
        await do(tab, Mailboxes.test, mailbox_id=row["id"])
        async with asyncio.timeout(15):
            while not tab.value(Mailboxes, "tested")["reading"]:
                await tab.quiet(0.1)
        assert tab.value(Mailboxes, "is_testing") is False
        assert tab.value(Mailboxes, "tested")["reading"] == "Nothing listens at 127.0.0.1, port 9."
        await do(tab, Mailboxes.renew, mailbox_id=row["id"])
        assert tab.value(Mailboxes, "secret").startswith("mailsec_")
        await do(tab, Mailboxes.switch, mailbox_id=row["id"], is_active=False)
        assert tab.value(Mailboxes, "box")["is_active"] is False
        await do(tab, Mailboxes.delete, mailbox_id=row["id"])
        await tab.close()

    async def _rows(tab):  # type: ignore[no-untyped-def]
        await tab.navigate("/admin/mailboxes")
        await tab.quiet(0.2)
        return tab.value(Mailboxes, "rows")

    play(story())


def test_blocked_files_are_released_and_deleted_after_a_question(desk: Desk) -> None:  # noqa: F811
    one, two = (
        run(desk.cast.rita, attachments.store, filename=name, content_type="text/plain", stream=[EICAR]).id
        for name in ("one.txt", "two.txt")
    )

    async def story() -> None:
        tab = await opened(desk, ADMIN, "/admin/blocked-files")
        assert [row["id"] for row in tab.value(BlockedFiles, "rows")] == [two, one]
        await do(tab, BlockedFiles.ask, file_id=one, what="release")
        assert tab.value(BlockedFiles, "asking") == "release" and tab.value(BlockedFiles, "chosen")["id"] == one
        assert "can be opened now" in await do(tab, BlockedFiles.release)
        await do(tab, BlockedFiles.ask, file_id=two, what="delete")
        assert "is gone" in await do(tab, BlockedFiles.delete)
        assert tab.value(BlockedFiles, "rows") == []
        await tab.close()

    play(story())
    assert run(desk.cast.rita, attachments.facts, one).scan == "clean"


def test_health_says_what_waits(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        tab = await opened(desk, ADMIN, "/admin/health")
        async with asyncio.timeout(15):
            while any(row["state"] == "asking" for row in tab.value(Health, "rows")):
                await tab.quiet(0.1)
        rows = {row["key"]: row for row in tab.value(Health, "rows")}
        assert rows["storage"]["state"] == "well" and rows["scanner"]["told"] == "The built-in one."
        assert "No worker is running." in rows["background"]["told"]
        await tab.close()

    play(story())


def test_received_mail_is_looked_at_and_let_in(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        tab = await opened(desk, ADMIN, "/admin/received?state=ignored")
        raw = eml("I am away.", auto_submitted="auto-replied")
        kept = run(desk.cast.desk, inbound.keep, raw, mailbox_id=None, door=inbound.COMMAND)
        jobs.understand(desk.cast.acme.id)
        await tab.until(lambda update: "rows" in update.of(Received))
        assert kept.id in [row["id"] for row in tab.value(Received, "rows")], "the list follows by itself"
        await tab.navigate(f"/admin/received?mail={kept.id}")
        await tab.quiet(0.2)
        assert "program" in tab.value(Received, "reading")["reason"]
        assert "Only a mail that failed" in await do(tab, Received.read_again, mail_id=kept.id)
        assert "It is on ACME-" in await do(tab, Received.let_in, mail_id=kept.id)
        assert tab.value(Received, "reading")["state"] == "understood"
        await tab.close()

    play(story())
