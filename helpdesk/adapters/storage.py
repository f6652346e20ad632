"""Where files live: on disk, or in memory for tests."""

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from helpdesk import settings
from helpdesk.domain.errors import TooLarge

CHUNK = 256 * 1024
_HEAD = 4096  # bytes that tell what kind of file it is


@dataclass(frozen=True, slots=True)
class Stored:
    """What was written."""

    key: str
    size: int
    sha256: str
    head: bytes


class Storage(Protocol):
    """Somewhere to keep files under a key nobody outside chooses."""

    def write(self, stream: Iterable[bytes], *, most: int) -> Stored:
        """Keep a stream of at most `most` bytes.

        Raises:
            TooLarge: it is longer; nothing stays behind.
        """

    def read(self, key: str) -> Iterator[bytes]:
        """The file's bytes, in chunks."""

    def delete(self, key: str) -> None:
        """Forget a file; unknown keys are no error."""


class DiskStorage:
    """Files in folders of two letters, under random names."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, stream: Iterable[bytes], *, most: int) -> Stored:
        """See Storage."""
        key = secrets.token_hex(20)
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        digest, size, head = hashlib.sha256(), 0, b""
        partial = path.with_suffix(".part")
        try:
            with partial.open("wb") as file:
                for chunk in stream:
                    size += len(chunk)
                    if size > most:
                        raise TooLarge(f"Files may have at most {most // (1024 * 1024)} MB. Send a smaller one.")
                    head += chunk[: _HEAD - len(head)]
                    digest.update(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            partial.rename(path)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        return Stored(key, size, digest.hexdigest(), head)

    def read(self, key: str) -> Iterator[bytes]:
        """See Storage."""
        with self._path(key).open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk

    def delete(self, key: str) -> None:
        """See Storage."""
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        if not key.isalnum():
            raise ValueError("A storage key is letters and digits.")
        return self.root / key[:2] / key


def storage() -> Storage:
    """The storage the settings choose."""
    return DiskStorage(settings.get().data_dir / "files")
