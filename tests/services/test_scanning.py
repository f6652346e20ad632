"""Files are looked into before anybody opens them."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from helpdesk import clock, settings
from helpdesk.adapters.scanner import EICAR
from helpdesk.domain.errors import Conflict, Invalid, NotAllowed, NotFound, TooLarge
from helpdesk.domain.people import Actor
from helpdesk.jobs import files as jobs
from helpdesk.jobs.reactions import react
from helpdesk.services import attachments, bell, branding, organizations, quarantine, tickets
from helpdesk.services.attachments import AttachmentRow
from helpdesk.services.mail import outbound
from helpdesk.services.unit_of_work import run
from tests.cast import Cast
from tests.clamav import NAME, VIRUS, ClamdProcess
from tests.conftest import Heard


def _store(actor: Actor, content: bytes, name: str = "a.txt") -> AttachmentRow:
    return run(actor, attachments.store, filename=name, content_type="text/plain", stream=[content])


def _filed(cast: Cast, *files: AttachmentRow) -> str:
    return run(cast.rita, tickets.create, title="x", description="y", attachment_ids=[one.id for one in files])


def _blocked(cast: Cast) -> list[Any]:
    query = text("SELECT id, ticket_id, actor_name, data FROM activity WHERE kind = 'file.blocked' ORDER BY id")
    return run(cast.desk, lambda ctx: ctx.session.execute(query).all())


def _told(cast: Cast, heard: Heard) -> dict[str, str]:
    react(cast.acme.id)
    return {one.to_address: one.subject for one in run(cast.adam, outbound.listing) if one.template == "file_blocked"}


@pytest.fixture
def asks_clamd(clamd: ClamdProcess, monkeypatch: pytest.MonkeyPatch) -> ClamdProcess:
    """The settings name a real clamd."""
    chosen = settings.get().model_copy(update={"clamav": clamd.address})
    monkeypatch.setattr(settings, "get", lambda: chosen)
    return clamd


def test_harmless_files_open_at_once(cast: Cast) -> None:
    file = _store(cast.rita, b"hello")
    assert (file.scan, file.blocked) == ("clean", "")
    assert b"".join(run(cast.rita, attachments.open_, file.id)[1]) == b"hello"


def test_a_virus_is_set_aside_and_the_uploader_and_the_administrators_are_told(cast: Cast, heard: Heard) -> None:
    file = _store(cast.rita, EICAR, "holiday.jpg")
    assert (file.scan, file.blocked) == ("infected", "blocked: it contains the EICAR test virus")
    with pytest.raises(NotAllowed, match=r"holiday\.jpg” is blocked"):
        run(cast.rita, attachments.open_, file.id)
    folder = settings.get().data_dir
    key = run(
        cast.desk,
        lambda ctx: ctx.session.execute(
            text("SELECT storage_key FROM attachment WHERE id = :id"), {"id": file.id}
        ).scalar_one(),
    )
    assert not (folder / "files" / key[:2] / key).exists() and (folder / "files-blocked" / key).exists()
    [activity] = _blocked(cast)
    assert activity.data["filename"] == "holiday.jpg" and activity.data["uploader_id"] == cast.rita.person_id
    told = _told(cast, heard)
    assert set(told) == {"rita@northwind.example", "adam@acme.example", "olga@acme.example"}
    assert set(told.values()) == {"Blocked: holiday.jpg"}
    run(cast.rita, attachments.discard, file.id)
    assert not (folder / "files-blocked" / key).exists()


def test_a_blocked_file_keeps_no_text_from_arriving_and_is_shown_by_name(cast: Cast) -> None:
    ref = _filed(cast, _store(cast.rita, EICAR, "holiday.jpg"))
    [shown] = run(cast.ada, tickets.one, ref).attachments
    assert shown.filename == "holiday.jpg" and shown.blocked.startswith("blocked: it ")
    for actor in (cast.ada, cast.rita, cast.adam):
        with pytest.raises(NotAllowed):
            run(actor, attachments.open_, shown.id)


def test_a_file_that_was_blocked_wrongly_is_released(cast: Cast, heard: Heard) -> None:
    ref = _filed(cast, _store(cast.rita, EICAR, "report.txt"))
    [row] = run(cast.adam, quarantine.listing)
    assert (row.filename, row.uploader, row.reference) == ("report.txt", "Rita Requester", ref) and "EICAR" in row.why
    assert run(cast.eve, quarantine.listing) == []
    for actor in (cast.ada, cast.rita, cast.max):
        with pytest.raises(NotAllowed):
            run(actor, quarantine.release, row.id)
    with pytest.raises(NotFound):
        run(cast.eve, quarantine.release, row.id)
    assert run(cast.adam, quarantine.release, row.id) == "report.txt"
    with pytest.raises(Conflict, match="not blocked"):
        run(cast.adam, quarantine.release, row.id)
    assert b"".join(run(cast.rita, attachments.open_, row.id)[1]) == EICAR and run(cast.adam, quarantine.listing) == []
    assert _settled(cast) == [("file.released", "Adam Admin", "report.txt")]
    react(cast.acme.id)
    [told] = [one for one in run(cast.adam, outbound.listing) if one.template == "file_settled"]
    assert told.to_address == "rita@northwind.example" and "You can open it now: report.txt" in told.subject
    assert any("was released" in one.title for one in run(cast.rita, bell.listing))


def test_a_blocked_file_is_deleted_for_good_also_one_nobody_sent(cast: Cast, heard: Heard) -> None:
    before = _set_aside()
    ref = _filed(cast, _store(cast.rita, EICAR, "one.txt"))
    _store(cast.ada, EICAR, "two.txt")
    for row in run(cast.adam, quarantine.listing):
        run(cast.adam, quarantine.delete, row.id)
    assert run(cast.adam, quarantine.listing) == [] and run(cast.ada, tickets.one, ref).attachments == ()
    assert _set_aside() == before
    assert _settled(cast) == [("file.deleted", "Adam Admin", "two.txt"), ("file.deleted", "Adam Admin", "one.txt")]
    react(cast.acme.id)
    told = {one.to_address for one in run(cast.adam, outbound.listing) if one.template == "file_settled"}
    assert told == {"rita@northwind.example", "ada@acme.example"}


def _set_aside() -> set[str]:
    return {path.name for path in (settings.get().data_dir / "files-blocked").rglob("*") if path.is_file()}


def _settled(cast: Cast) -> list[tuple[str, str, str]]:
    query = text(
        "SELECT kind, actor_name, data->>'filename' FROM activity WHERE kind IN ('file.released', 'file.deleted') ORDER BY id"
    )
    return [tuple(row) for row in run(cast.desk, lambda ctx: ctx.session.execute(query).all())]


def test_a_blocked_picture_is_no_logo(cast: Cast) -> None:
    picture = _store(cast.adam, b"\x89PNG\r\n\x1a\n" + EICAR, "logo.png")
    with pytest.raises(Invalid):
        run(cast.adam, branding.set_logo, picture.id)


def test_clamd_is_asked_by_a_worker(cast: Cast, heard: Heard, asks_clamd: ClamdProcess) -> None:
    good, bad = _store(cast.rita, b"hello"), _store(cast.rita, VIRUS, "zebra.txt")
    assert {good.scan, bad.scan} == {"pending"} and good.blocked == "being checked for viruses"
    with pytest.raises(Conflict, match="opens in a moment"):
        run(cast.rita, attachments.open_, good.id)
    assert ("helpdesk.jobs.files.scan", (cast.acme.id,)) in heard.jobs
    ref = _filed(cast, good, bad)
    assert jobs.scan(cast.acme.id) == 2 and jobs.scan(cast.acme.id) == 0
    clean, blocked = run(cast.ada, tickets.one, ref).attachments
    assert clean.blocked == "" and NAME in blocked.blocked
    assert b"".join(run(cast.ada, attachments.open_, good.id)[1]) == b"hello"
    with pytest.raises(NotAllowed, match=NAME):
        run(cast.ada, attachments.open_, bad.id)
    [activity] = _blocked(cast)
    assert activity.ticket_id is not None and "rita@northwind.example" in _told(cast, heard)
    assert any(topic.startswith("portal-ticket-") for topic in heard.topics)


def test_while_clamd_is_away_files_wait_and_text_goes_on(
    cast: Cast, asks_clamd: ClamdProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now()
    asks_clamd.stop()
    try:
        ref = _filed(cast, _store(cast.rita, b"hello"))
        assert jobs.sweep_scans() == 1
        [waiting] = run(cast.ada, tickets.one, ref).attachments
        assert waiting.blocked == "the virus scanner does not answer at the moment"
        with pytest.raises(Conflict, match="Nothing is lost"):
            run(cast.ada, attachments.open_, waiting.id)
        assert jobs.sweep_scans() == 0  # it pauses before it tries again
    finally:
        asks_clamd.start()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=1))
    assert jobs.sweep_scans() == 1
    assert b"".join(run(cast.ada, attachments.open_, waiting.id)[1]) == b"hello"


def test_uploads_nobody_sent_are_forgotten_after_a_day(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    sent, loose = _store(cast.rita, b"sent"), _store(cast.rita, b"loose")
    _filed(cast, sent)
    assert jobs.forget_loose_files() == 0
    later = clock.now() + timedelta(days=1, minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert jobs.forget_loose_files() >= 1
    assert b"".join(run(cast.rita, attachments.open_, sent.id)[1]) == b"sent"
    count = text("SELECT count(*) FROM attachment WHERE id = :id")
    assert run(cast.desk, lambda ctx: ctx.session.execute(count, {"id": loose.id}).scalar_one()) == 0
    assert jobs.forget_loose_files() == 0


SETTINGS: dict[str, Any] = {
    "name": "Acme", "timezone": "UTC", "accent": "teal", "public_form": True, "auto_close_hours": 48, "warning_share": 80,
}  # fmt: skip


def test_the_organization_limits_how_many_and_how_much(cast: Cast) -> None:
    run(cast.adam, organizations.change, **SETTINGS, attachments_per_message=2, storage_megabytes=1)
    files = [_store(cast.rita, b"x" * 300_000) for _ in range(3)]
    with pytest.raises(Invalid, match="at most 2 files"):
        _filed(cast, *files)
    _filed(cast, *files[:2])
    assert run(cast.adam, attachments.usage) == (3, 900_000)
    before = sum(1 for path in (settings.get().data_dir / "files").rglob("*") if path.is_file())
    with pytest.raises(TooLarge, match="Ask an administrator"):
        _store(cast.rita, b"x" * 300_000)
    assert sum(1 for path in (settings.get().data_dir / "files").rglob("*") if path.is_file()) == before
    for wrong in ({"attachments_per_message": 0}, {"storage_megabytes": -1}):
        with pytest.raises(Invalid):
            run(cast.adam, organizations.change, **SETTINGS, **wrong)
