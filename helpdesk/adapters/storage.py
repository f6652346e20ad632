"""Where files live: on disk, or with whoever speaks S3. Streamed both ways; a file is there whole or not at all.

What the virus scanner blocked is set aside: kept under the same key in a place nothing is ever read from.
"""

import hashlib
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Protocol, TypeVar, cast
from urllib.parse import urlsplit

import urllib3
from minio import Minio
from minio.commonconfig import CopySource
from minio.error import MinioException, S3Error

from helpdesk import log, settings
from helpdesk.domain.errors import NotFound, TooLarge, Unavailable

CHUNK = 256 * 1024
_HEAD = 4096  # bytes that tell what kind of file it is
_PART = 5 * 1024 * 1024  # the least S3 takes as a part, and all that is ever in memory of a file
_TIMEOUT = urllib3.Timeout(connect=3, read=30)
_GONE = "This file is no longer in the storage. Ask whoever sent it to send it again."
_logger = log.get(__name__)

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Stored:
    """What was written."""

    key: str
    size: int
    sha256: str
    head: bytes


class Storage(Protocol):
    """Somewhere to keep files under a key nobody outside chooses.

    Every method raises Unavailable when the place does not answer.
    """

    def write(self, stream: Iterable[bytes], *, most: int) -> Stored:
        """Keep a stream of at most `most` bytes.

        Raises:
            TooLarge: it is longer; nothing stays behind.
        """

    def read(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The file's bytes, or some of them, in chunks.

        Raises:
            NotFound: there is no such file, told before the first chunk is asked for.
        """

    def delete(self, key: str) -> None:
        """Forget a file, set aside or not; unknown keys are no error."""

    def set_aside(self, key: str) -> None:
        """Keep a file where it is no longer read; doing it twice is no error."""

    def bring_back(self, key: str) -> None:
        """Have a file that was set aside read again; doing it twice is no error."""


class DiskStorage:
    """Files in folders of two letters, under random names."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, stream: Iterable[bytes], *, most: int) -> Stored:
        """See Storage."""
        key = secrets.token_hex(20)
        path = self._path(key)
        counted = _Counted(stream, most)
        partial = path.with_suffix(".part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with partial.open("wb") as file:
                for chunk in counted:
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            partial.rename(path)
        except OSError as error:
            partial.unlink(missing_ok=True)
            if isinstance(error, ConnectionError):
                raise  # the sender's, not the disk's
            raise _unavailable("disk", error) from error
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        return counted.stored(key)

    def read(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """See Storage."""
        try:
            file = self._path(key).open("rb")
        except FileNotFoundError:
            raise NotFound(_GONE) from None
        except OSError as error:
            raise _unavailable("disk", error) from error

        def chunks() -> Iterator[bytes]:
            with file:
                file.seek(start)
                left = length
                while chunk := file.read(CHUNK if left is None else min(CHUNK, left)):
                    left = None if left is None else left - len(chunk)
                    yield chunk

        return chunks()

    def delete(self, key: str) -> None:
        """See Storage."""
        for path in (self._path(key), self._aside(key)):
            path.unlink(missing_ok=True)

    def set_aside(self, key: str) -> None:
        """See Storage."""
        self._aside(key).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._path(key).exists():
            self._path(key).replace(self._aside(key))
            self._aside(key).chmod(0o400)

    def bring_back(self, key: str) -> None:
        """See Storage."""
        if self._aside(key).exists():
            self._path(key).parent.mkdir(parents=True, exist_ok=True)
            self._aside(key).chmod(0o600)
            self._aside(key).replace(self._path(key))

    def _path(self, key: str) -> Path:
        return self.root / _checked(key)[:2] / key

    def _aside(self, key: str) -> Path:
        return self.root.with_name(self.root.name + "-blocked") / _checked(key)


class S3Storage:
    """Files as objects of one bucket, in parts as they stream."""

    def __init__(self, client: Minio, bucket: str) -> None:
        self.client, self.bucket = client, bucket

    def write(self, stream: Iterable[bytes], *, most: int) -> Stored:
        """See Storage. What breaks off in the middle is aborted: no object appears, and no part stays."""
        key = secrets.token_hex(20)
        counted = _Counted(stream, most)
        readable = cast(BinaryIO, counted)
        self._ask(
            lambda: self.client.put_object(
                self.bucket, _object(key), readable, length=-1, part_size=_PART, num_parallel_uploads=1
            )
        )
        return counted.stored(key)

    def read(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """See Storage."""
        answer = self._ask(lambda: self.client.get_object(self.bucket, _object(key), start, length or 0))

        def chunks() -> Iterator[bytes]:
            try:
                yield from answer.stream(CHUNK)
            except urllib3.exceptions.HTTPError as error:
                raise _unavailable("S3", error) from error  # it went away in the middle
            finally:
                answer.close()
                answer.release_conn()

        return chunks()

    def delete(self, key: str) -> None:
        """See Storage."""
        for name in (_object(key), _aside_object(key)):
            self._ask(lambda name=name: self.client.remove_object(self.bucket, name))  # type: ignore[misc]

    def set_aside(self, key: str) -> None:
        """See Storage."""
        self._move(_object(key), _aside_object(key))

    def bring_back(self, key: str) -> None:
        """See Storage."""
        self._move(_aside_object(key), _object(key))

    def _move(self, start: str, end: str) -> None:
        try:
            self._ask(lambda: self.client.copy_object(self.bucket, end, CopySource(self.bucket, start)))
        except NotFound:
            return
        self._ask(lambda: self.client.remove_object(self.bucket, start))

    def _ask(self, question: Callable[[], Result]) -> Result:
        try:
            return question()
        except S3Error as error:
            if error.code in ("NoSuchKey", "NoSuchObject"):
                raise NotFound(_GONE) from None
            raise _unavailable("S3", error) from error
        except (MinioException, urllib3.exceptions.HTTPError) as error:
            raise _unavailable("S3", error) from error


@dataclass
class _Counted:
    """A stream that notices when it becomes too long, and what went through it; to iterate or to read from."""

    stream: Iterable[bytes]
    most: int
    size: int = 0
    head: bytes = b""
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    _rest: bytearray = field(default_factory=bytearray)
    _source: Iterator[bytes] | None = None

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self.stream:
            self.size += len(chunk)
            if self.size > self.most:
                raise TooLarge(f"Files may have at most {self.most // (1024 * 1024)} MB. Send a smaller one.")
            self.head += chunk[: _HEAD - len(self.head)]
            self.digest.update(chunk)
            yield chunk

    def read(self, size: int) -> bytes:
        """Up to `size` bytes, fewer only at the end."""
        self._source = self._source or iter(self)
        while len(self._rest) < size:
            chunk = next(self._source, None)
            if chunk is None:
                break
            self._rest += chunk
        taken = bytes(self._rest[:size])
        del self._rest[:size]
        return taken

    def stored(self, key: str) -> Stored:
        """What it was, under the key it was kept."""
        return Stored(key, self.size, self.digest.hexdigest(), self.head)


def storage() -> Storage:
    """The storage the settings choose."""
    chosen = settings.get()
    if chosen.s3_url:
        secret = chosen.s3_secret_key.get_secret_value()
        return _s3(chosen.s3_url, chosen.s3_bucket, chosen.s3_region, chosen.s3_access_key, secret)
    return DiskStorage(chosen.data_dir / "files")


@lru_cache(maxsize=4)
def _s3(url: str, bucket: str, region: str, access_key: str, secret_key: str) -> S3Storage:
    # One client per process: it keeps its connections, and threads may share it.
    where = urlsplit(url)
    pool = urllib3.PoolManager(timeout=_TIMEOUT, retries=urllib3.Retry(total=1, backoff_factor=0.1), maxsize=10)
    client = Minio(
        where.netloc, access_key, secret_key, secure=where.scheme == "https", region=region, http_client=pool
    )
    return S3Storage(client, bucket)


def _object(key: str) -> str:
    return f"files/{_checked(key)[:2]}/{key}"


def _aside_object(key: str) -> str:
    return f"blocked/{_checked(key)}"


def _checked(key: str) -> str:
    if not key.isalnum() or not key.isascii():
        raise ValueError("A storage key is letters and digits.")
    return key


def _unavailable(where: str, error: Exception) -> Unavailable:
    _logger.warning("storage_unavailable", where=where, error=str(error)[:500])
    return Unavailable("Files cannot be reached at the moment. What you wrote is kept; try again in a few minutes.")
