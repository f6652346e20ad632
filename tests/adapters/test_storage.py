"""Files on disk and with a storage that speaks S3: the same promises."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3
from pydantic import SecretStr, ValidationError

from helpdesk import settings
from helpdesk.adapters import storage as module
from helpdesk.adapters.scanner import EICAR
from helpdesk.adapters.storage import DiskStorage, S3Storage, Storage, storage
from helpdesk.domain.errors import NotAllowed, NotFound, TooLarge, Unavailable
from helpdesk.services import attachments, tickets
from helpdesk.services.unit_of_work import run
from helpdesk.settings import Settings
from tests.cast import Cast
from tests.s3_server import ACCESS_KEY, BUCKET, REGION, SECRET_KEY, S3Server, s3_server

MEGABYTE = 1024 * 1024


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Server]:
    """The settings name a running storage."""
    monkeypatch.setattr(module, "_TIMEOUT", urllib3.Timeout(connect=1, read=5))
    with s3_server() as server:
        chosen = settings.get().model_copy(update={
            "s3_url": server.url, "s3_bucket": BUCKET, "s3_region": REGION, "s3_access_key": ACCESS_KEY,
            "s3_secret_key": SecretStr(SECRET_KEY),
        })  # fmt: skip
        monkeypatch.setattr(settings, "get", lambda: chosen)
        yield server


@pytest.fixture(params=["disk", "s3"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """Each of them."""
    if request.param == "disk":
        return DiskStorage(tmp_path / "files")
    request.getfixturevalue("s3")
    assert isinstance(storage(), S3Storage)
    return storage()


def whole(kept: Storage, key: str) -> bytes:
    """All of a file."""
    return b"".join(kept.read(key))


def test_keeps_small_and_large_and_reads_parts(kept: Storage) -> None:
    for size in (1, 100_000, 12 * MEGABYTE + 17):
        content = os.urandom(size)
        stored = kept.write((content[at : at + 70_000] for at in range(0, size, 70_000)), most=20 * MEGABYTE)
        assert (stored.size, stored.head) == (size, content[:4096]) and whole(kept, stored.key) == content
        assert b"".join(kept.read(stored.key, 10, 1000)) == content[10:1010]


def test_what_is_too_long_or_breaks_off_leaves_nothing(
    kept: Storage, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    def broken() -> Iterator[bytes]:
        for _ in range(12):
            yield b"x" * MEGABYTE
        raise ConnectionResetError

    with pytest.raises(TooLarge):
        kept.write([b"x" * MEGABYTE] * 15, most=14 * MEGABYTE)
    with pytest.raises(ConnectionResetError):
        kept.write(broken(), most=20 * MEGABYTE)
    if isinstance(kept, S3Storage):
        server = request.getfixturevalue("s3")
        assert server.objects == {} and server.parts == {} and server.refused == []
    else:
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_deleting_and_setting_aside(kept: Storage) -> None:
    one, two = (kept.write([b"words"], most=100).key for _ in range(2))
    for _ in range(2):
        kept.delete(one)
    for _ in range(2):
        kept.set_aside(two)
    for key in (one, two):
        with pytest.raises(NotFound):
            kept.read(key)
    for _ in range(2):
        kept.bring_back(two)
    assert b"".join(kept.read(two)) == b"words"
    kept.set_aside(two)
    kept.delete(two)
    kept.bring_back(two)
    with pytest.raises(NotFound):
        kept.read(two)


def test_nothing_of_a_file_is_in_memory_but_a_part(s3: S3Server) -> None:
    storage().write([b"x" * MEGABYTE] * 17, most=20 * MEGABYTE)
    assert s3.largest_body == 5 * MEGABYTE and s3.refused == []


def test_a_wrong_secret_is_refused_and_said_so(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = settings.get().model_copy(update={"s3_secret_key": SecretStr("wrong")})
    monkeypatch.setattr(settings, "get", lambda: wrong)
    with pytest.raises(Unavailable):
        storage().write([b"words"], most=100)
    assert s3.refused and s3.objects == {}


def test_files_of_tickets_live_there_too(s3: S3Server, cast: Cast) -> None:
    file = run(cast.rita, attachments.store, filename="a.txt", content_type="", stream=[b"hello"])
    ref = run(cast.rita, tickets.create, title="x", description="y", attachment_ids=[file.id])
    assert b"".join(run(cast.ada, attachments.open_, file.id)[1]) == b"hello" and len(s3.objects) == 1
    virus = run(cast.rita, attachments.store, filename="b.txt", content_type="", stream=[EICAR])
    with pytest.raises(NotAllowed):
        run(cast.rita, attachments.open_, virus.id)
    assert sorted(key.partition("/")[0] for key in s3.objects) == ["blocked", "files"]
    s3.stop()
    with pytest.raises(Unavailable, match="What you wrote is kept"):
        run(cast.ada, attachments.open_, file.id)
    with pytest.raises(Unavailable):
        run(cast.rita, attachments.store, filename="c.txt", content_type="", stream=[b"lost?"])
    run(cast.ada, tickets.reply, ref, "Text goes on without its storage")
    s3.start()
    assert b"".join(run(cast.ada, attachments.open_, file.id)[1]) == b"hello"


def test_half_a_configuration_is_refused() -> None:
    for wrong in ({"s3_url": "https://s3.example"}, {"s3_url": "s3.example"}, {"clamav": "localhost:3310"}):
        with pytest.raises(ValidationError):
            Settings(**wrong)
