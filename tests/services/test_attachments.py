"""Files: what comes in, whose it is, and who may open it."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from helpdesk import settings
from helpdesk.adapters.storage import DiskStorage
from helpdesk.domain.errors import HelpdeskError, Invalid, NotAllowed, NotFound, TooLarge
from helpdesk.domain.people import Actor, anonymous
from helpdesk.services import attachments, tickets
from helpdesk.services.attachments import AttachmentRow
from helpdesk.services.unit_of_work import run
from tests.cast import Cast

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 100


def _store(
    actor: Actor, content: bytes = b"some words", name: str = "a.txt", kind: str = "text/plain"
) -> AttachmentRow:
    return run(actor, attachments.store, filename=name, content_type=kind, stream=[content])


def _read(actor: Actor, attachment_id: int) -> bytes:
    return b"".join(run(actor, attachments.open_, attachment_id)[1])


def _file(cast: Cast, actor: Actor | None = None, **more: object) -> str:
    return run(actor or cast.rita, tickets.create, title="x", description="y", **more)


def _on_disk() -> int:
    return sum(1 for path in (settings.get().data_dir / "files").rglob("*") if path.is_file())


def test_a_file_comes_back_as_it_went_in(cast: Cast) -> None:
    content = PNG * 1000
    file = _store(cast.rita, content, "photo.png", "image/png")
    assert (file.size, file.content_type, file.is_image, file.is_safe_inline) == (len(content), "image/png", True, True)
    assert _read(cast.rita, file.id) == content


def test_too_large_is_noticed_while_it_streams_and_leaves_nothing(cast: Cast) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b"x" * 1024 * 1024

    before = _on_disk()
    with pytest.raises(TooLarge):
        run(cast.rita, attachments.store, filename="big", content_type="text/plain", stream=endless())
    assert sent == settings.get().attachment_max_bytes // 1024 // 1024 + 1 and _on_disk() == before


def test_exactly_the_limit_is_fine(cast: Cast) -> None:
    assert _store(cast.rita, b"x" * settings.get().attachment_max_bytes).size == settings.get().attachment_max_bytes


def test_a_broken_upload_leaves_nothing(cast: Cast) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise ConnectionResetError

    before = _on_disk()
    with pytest.raises(ConnectionResetError):
        run(cast.rita, attachments.store, filename="a.txt", content_type="text/plain", stream=broken())
    assert _on_disk() == before


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (b"", "empty.txt", "text/plain"),
        (b"\x00\x01\x02", "x.bin", "application/x-evil"),
    ],
)
def test_what_is_not_accepted_leaves_nothing(cast: Cast, content: bytes, name: str, kind: str) -> None:
    before = _on_disk()
    with pytest.raises(Invalid) as refused:
        _store(cast.rita, content, name, kind)
    assert "file" in refused.value.fields and _on_disk() == before


@pytest.mark.parametrize(
    ("content", "name", "claimed"),
    [
        (b"<!DOCTYPE html><script>alert(1)</script>", "a.html", "text/html"),
        (b"<html><script>alert(1)</script>", "a.png", "image/png"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "a.svg", "image/svg+xml"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "a.png", "image/png"),
        (b"alert(1)", "a.js", "text/javascript"),
        (b"alert(1)", "a.mjs", "text/ecmascript"),
        (b"<x onload='alert(1)'/>", "a.xml", "text/xml"),
        (b"just words", "a", ""),
        (b"\xff\xfejust words", "a.pdf", "text/html; charset=utf-7"),
    ],
)
def test_what_a_browser_would_run_is_never_shown_inline(cast: Cast, content: bytes, name: str, claimed: str) -> None:
    try:
        file = _store(cast.rita, content, name, claimed)
    except Invalid:
        return
    assert not file.is_safe_inline, file.content_type


def test_the_content_is_looked_at_however_it_dribbles_in(cast: Cast) -> None:
    slowly = [bytes([byte]) for byte in PNG]
    file = run(cast.rita, attachments.store, filename="x.dat", content_type="application/octet-stream", stream=slowly)
    assert file.content_type == "image/png"


@pytest.mark.parametrize("claimed", ["a/" + "b" * 5000, "\x00", "\ud800", "text/plain\r\nX: y", "*/*", ""])
def test_any_claim_about_the_type_is_survived(cast: Cast, claimed: str) -> None:
    try:
        file = _store(cast.rita, b"\x00binary", "x", claimed)
    except HelpdeskError:
        return
    assert len(file.content_type) <= 120 and file.content_type.isprintable()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\rita\\cv.doc", "cv.doc"),
        ("/", "file"),
        ("", "file"),
        ("..", "file"),
        ("a\r\nSet-Cookie: x.txt", "a Set-Cookie_ x.txt"),
        ('a";filename="b.exe', "a__filename=_b.exe"),
        ("exe.\u202egnp.txt", "exe.gnp.txt"),
        ("a\x00.txt", "a.txt"),
        ("\ud800.txt", "_.txt"),
        ("日本 👋.txt", "日本 👋.txt"),
    ],
)
def test_names_are_only_names(cast: Cast, given: str, kept: str) -> None:
    assert _store(cast.rita, name=given).filename == kept


def test_long_names_keep_their_ending(cast: Cast) -> None:
    name = _store(cast.rita, name="x" * 1000 + ".pdf").filename
    assert len(name) == 200 and name.endswith(".pdf")


def test_a_loose_file_is_its_uploaders_alone(cast: Cast) -> None:
    file = _store(cast.rita)
    assert _read(cast.rita, file.id) == b"some words"
    for actor in (cast.carl, cast.zoe, cast.ada, cast.max, cast.olga, cast.eve, cast.mallory):
        with pytest.raises(NotFound):
            _read(actor, file.id)
        with pytest.raises(HelpdeskError):
            run(actor, attachments.discard, file.id)


def test_discarding_removes_the_bytes_and_only_loose_ones(cast: Cast) -> None:
    before = _on_disk()
    file = _store(cast.rita)
    run(cast.rita, attachments.discard, file.id)
    assert _on_disk() == before
    sent = _store(cast.rita)
    _file(cast, attachment_ids=[sent.id])
    with pytest.raises(NotFound):
        run(cast.rita, attachments.discard, sent.id)


def test_only_ones_own_loose_files_can_be_claimed(cast: Cast) -> None:
    foreign, far, own = _store(cast.zoe).id, _store(cast.mallory).id, _store(cast.rita).id
    for wrong in (foreign, far, 10**9, -1, 0, 2**63, 2**70, "x", None):
        with pytest.raises(Invalid):
            _file(cast, attachment_ids=[own, wrong])
    ref = _file(cast, attachment_ids=[own])
    with pytest.raises(Invalid):
        _file(cast, attachment_ids=[own])
    assert [file.id for file in run(cast.ada, tickets.one, ref).attachments] == [own]


def test_an_agent_cannot_walk_off_with_a_customers_file(cast: Cast) -> None:
    ref, file = _file(cast), _store(cast.rita)
    for verb in (tickets.reply, tickets.note):
        with pytest.raises(Invalid):
            run(cast.ada, verb, ref, "Mine now", attachment_ids=[file.id])


def test_twenty_files_and_no_more(cast: Cast) -> None:
    ids = [_store(cast.rita).id for _ in range(21)]
    with pytest.raises(Invalid):
        _file(cast, attachment_ids=ids)
    _file(cast, attachment_ids=ids[:20] * 2)


def test_who_sees_the_ticket_sees_its_files(cast: Cast) -> None:
    ref = _file(cast, attachment_ids=[_store(cast.rita, b"first").id])
    answer = _store(cast.ada, b"second")
    run(cast.ada, tickets.reply, ref, "Here", attachment_ids=[answer.id])
    seen = run(cast.rita, tickets.one, ref)
    assert seen.comments[0].attachments[0].id == answer.id
    for actor in (cast.rita, cast.carl, cast.ada, cast.bob, cast.xena):
        assert _read(actor, answer.id) == b"second"
    for actor in (cast.zoe, cast.eve, cast.mallory):
        with pytest.raises(NotFound):
            _read(actor, answer.id)


def test_a_notes_file_is_invisible_to_customers_by_every_door(cast: Cast) -> None:
    ref, file = _file(cast), _store(cast.ada, b"secret")
    run(cast.ada, tickets.note, ref, "Look", attachment_ids=[file.id])
    seen = run(cast.rita, tickets.one, ref)
    assert seen.attachments == () and all(comment.attachments == () for comment in seen.comments)
    for actor in (cast.rita, cast.carl):
        with pytest.raises(NotFound):
            _read(actor, file.id)
    assert _read(cast.bob, file.id) == b"secret"


def test_another_teams_files_are_not_there(cast: Cast) -> None:
    ref = _file(cast, attachment_ids=[_store(cast.rita).id])
    [file] = run(cast.max, tickets.one, ref).attachments
    run(cast.max, tickets.move_to_team, ref, team_id=cast.support)
    with pytest.raises(NotFound):
        _read(cast.bob, file.id)


def test_visitors_and_executives_upload_nothing(cast: Cast) -> None:
    for actor in (anonymous(cast.acme.id), cast.xena):
        with pytest.raises(HelpdeskError):
            _store(actor)
    with pytest.raises(NotAllowed):
        _store(replace(cast.ada, role=None))


def test_keys_never_lead_out_of_the_store(tmp_path) -> None:
    for key in ("../x", "a/b", "", ".", "a.part", "\x00"):
        with pytest.raises(ValueError, match="letters and digits"):
            next(DiskStorage(tmp_path).read(key))
