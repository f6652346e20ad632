"""Whether a file is safe to open: asked of clamd, or of what is built in. Both go by content, never by the name.

The built-in one knows no viruses, but the shapes they travel in: programs, scripts, macros, and archives that hide them
or swell until nothing else fits. It opens archives itself, with a budget, so that no archive can keep it busy for long.
"""

import bz2
import gzip
import io
import lzma
import re
import socket
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Protocol
from urllib.parse import urlsplit

from helpdesk import settings

_CHUNK = 256 * 1024
_IN_MEMORY = 1024 * 1024
_HEAD = 64 * 1024
# What an archive may become, with everything in it.
MOST_UNPACKED = 300 * 1024 * 1024
MOST_ENTRIES = 10_000
DEEPEST = 5

# In two pieces, or scanners would find this very file.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_VBA = "_VBA_PROJECT".encode("utf-16-le")
_INSTALLER = bytes.fromhex("84100c0000000000c000000000000046")
_SOUGHT = (EICAR, _VBA, _INSTALLER)
_PROGRAMS = {
    b"\x7fELF": "a Linux program",
    b"\xfe\xed\xfa\xce": "a macOS program",
    b"\xfe\xed\xfa\xcf": "a macOS program",
    b"\xce\xfa\xed\xfe": "a macOS program",
    b"\xcf\xfa\xed\xfe": "a macOS program",
    b"\xca\xfe\xba\xbe": "a Java or macOS program",
    b"dex\n": "an Android program",
    b"L\x00\x00\x00\x01\x14\x02\x00": "a Windows shortcut",
}
# Archives this cannot open; what cannot be looked into is not let through.
_CLOSED = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"MSCF\x00\x00\x00\x00")
_SCRIPTS = (
    (re.compile(rb"\A#![ \t]*/"), "a script"),
    (re.compile(rb"\A\s*@echo\s+off\b", re.I), "a Windows batch script"),
    (re.compile(rb"\A\s*<\?php\b", re.I), "a PHP script"),
    (re.compile(rb"<hta:application\b", re.I), "a Windows HTML application"),
    (re.compile(rb"\A\s*(<\?xml[^>]*>\s*)?<(package|job)\b[^>]*>.{0,2000}<script\b", re.I | re.S), "a Windows script"),
    (re.compile(rb"createobject\s*\(\s*[\"'](wscript\.shell|shell\.application|msxml2)|new\s+activexobject\s*\(", re.I),
     "a Windows script"),
    (re.compile(rb"\b(iex|invoke-expression)\b.{0,500}\b(downloadstring|frombase64string|net\.webclient)\b", re.I | re.S),
     "a PowerShell script"),
    (re.compile(rb"\b(downloadstring|frombase64string|net\.webclient)\b.{0,500}\b(iex|invoke-expression)\b", re.I | re.S),
     "a PowerShell script"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a scanner says: `blocked` is empty, or what was found, to go on from "blocked: it is ..."."""

    blocked: str = ""


class ScannerAway(Exception):
    """The scanner does not answer, or cannot: the file waits. Says why, for administrators."""


class Scanner(Protocol):
    """Somebody who looks into files."""

    # Whether it answers fast enough, and surely enough, to be asked while somebody uploads.
    is_immediate: bool

    def scan(self, stream: Iterable[bytes]) -> Verdict:
        """Look into a file.

        Raises:
            ScannerAway: ask again later.
        """


class BuiltInScanner:
    """What can be told without a virus data base."""

    is_immediate = True

    def scan(self, stream: Iterable[bytes]) -> Verdict:
        """See Scanner."""
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as file:
            for chunk in stream:
                file.write(chunk)
            try:
                _look(file, _Budget(), depth=0)
            except _Found as found:
                return Verdict(str(found))
        return Verdict()


class Clamd:
    """ClamAV's daemon, by its own protocol.

    Args:
        address: tcp://host:port or unix:///path.
        timeout: seconds to wait for each answer; a large archive takes a while.
    """

    is_immediate = False

    def __init__(self, address: str, *, timeout: float = 120) -> None:
        self.address, self.timeout = urlsplit(address), timeout

    def scan(self, stream: Iterable[bytes]) -> Verdict:
        """See Scanner."""
        answer = self._said(b"zINSTREAM\0", stream)
        if answer == "stream: OK":
            return Verdict()
        if answer.endswith(" FOUND"):
            return Verdict(f"it contains {answer.removeprefix('stream: ').removesuffix(' FOUND')[:120]}")
        raise ScannerAway(f"clamd says: {answer[:200] or 'nothing'}")

    def ping(self) -> str:
        """Its version.

        Raises:
            ScannerAway: it does not answer.
        """
        return self._said(b"zVERSION\0", None)

    def _said(self, command: bytes, stream: Iterable[bytes] | None) -> str:
        has_hung_up = False
        try:
            with self._connected() as connection:
                connection.sendall(command)
                if stream is not None:
                    try:
                        for chunk in stream:
                            connection.sendall(struct.pack("!L", len(chunk)) + chunk)
                        connection.sendall(struct.pack("!L", 0))
                    except (BrokenPipeError, ConnectionResetError):
                        has_hung_up = True  # it has heard enough, and says why, if that still arrives
                return b"".join(iter(lambda: connection.recv(4096), b"")).rstrip(b"\0\n").decode(errors="replace")
        except OSError as error:
            if has_hung_up:
                raise ScannerAway("clamd hung up on the file: it may be larger than its StreamMaxLength") from error
            raise ScannerAway(f"clamd does not answer: {error}") from error

    def _connected(self) -> socket.socket:
        if self.address.scheme == "unix":
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.settimeout(self.timeout)
            try:
                connection.connect(self.address.path)
            except OSError:
                connection.close()
                raise
            return connection
        connection = socket.create_connection((self.address.hostname or "", self.address.port or 3310), timeout=5)
        connection.settimeout(self.timeout)
        return connection


def scanner() -> Scanner:
    """The scanner the settings choose."""
    address = settings.get().clamav
    return Clamd(address) if address else BuiltInScanner()


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _Found(Exception):
    """Why a file is blocked."""


class _Budget:
    """What is left to unpack, over all levels."""

    def __init__(self) -> None:
        self.bytes, self.entries = MOST_UNPACKED, MOST_ENTRIES

    def take(self, size: int) -> None:
        self.bytes -= size
        if self.bytes < 0:
            raise _Found("it unpacks to far more than an archive should")

    def enter(self) -> None:
        self.entries -= 1
        if self.entries < 0:
            raise _Found("it holds more files than an archive should")


def _look(file: IO[bytes], budget: _Budget, *, depth: int, name: str = "") -> None:
    file.seek(0)
    head = file.read(_HEAD)
    inside = f" (in {name[-80:]})" if name else ""
    if what := _program(head, file) or _script(head):
        raise _Found(f"it contains {what}{inside}" if name else f"it is {what}")
    if head.startswith(_CLOSED):
        raise _Found(f"it is an archive that cannot be looked into{inside}; a zip can")
    found = _sought(file)
    if EICAR in found:
        raise _Found(f"it contains the EICAR test virus{inside}")
    if head.startswith(_OLE) and _VBA in found:
        raise _Found(f"it contains macros{inside}")
    if head.startswith(_OLE) and _INSTALLER in found:
        raise _Found(f"it contains a Windows installer{inside}" if name else "it is a Windows installer")
    _unpack(file, head, budget, depth=depth, name=name)


def _program(head: bytes, file: IO[bytes]) -> str:
    if head.startswith(b"MZ") and len(head) > 64:
        # Text may begin with these two letters as well: the real ones say where their header is.
        file.seek(min(struct.unpack_from("<L", head, 60)[0], 2**31))
        if file.read(2) in (b"PE", b"NE", b"LE", b"LX") or b"This program " in head[:512]:
            return "a Windows program"
    return next((what for magic, what in _PROGRAMS.items() if head.startswith(magic)), "")


def _script(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", errors="replace").encode()
    text = head.removeprefix(b"\xef\xbb\xbf")
    if b"\x00" in text[:1024]:
        return ""
    return next((what for sign, what in _SCRIPTS if sign.search(text)), "")


def _sought(file: IO[bytes]) -> set[bytes]:
    """Which of the telling byte strings occur."""
    file.seek(0)
    found: set[bytes] = set()
    tail = b""
    while chunk := file.read(_CHUNK):
        window = tail + chunk
        found |= {sign for sign in _SOUGHT if sign in window}
        tail = window[-max(map(len, _SOUGHT)) :]
    return found


def _unpack(file: IO[bytes], head: bytes, budget: _Budget, *, depth: int, name: str) -> None:
    openers = {b"PK\x03\x04": _zip, b"PK\x05\x06": _zip, b"\x1f\x8b": _gzip, b"BZh": _bzip2, b"\xfd7zXZ\x00": _xz}
    unpack = next((opener for magic, opener in openers.items() if head.startswith(magic)), None)
    if unpack is None and head[257:262] == b"ustar":
        unpack = _tar
    if unpack is None:
        if _ends_in_zip(file):
            unpack = _zip  # something before it: still an archive to whoever unpacks it
        else:
            return
    if depth >= DEEPEST:
        raise _Found("it holds archives within archives within archives")
    file.seek(0)
    try:
        for inner, path in unpack(file, budget):
            with inner:
                _look(inner, budget, depth=depth + 1, name=path or name or "the archive")
    except (zipfile.BadZipFile, tarfile.TarError, OSError, EOFError, lzma.LZMAError, zlib.error, ValueError, KeyError):
        return  # damaged: nobody else can unpack it either, and what came before was looked at
    except (RuntimeError, NotImplementedError) as error:
        if "password" in str(error) or "encrypted" in str(error):
            raise _Found("it is protected by a password, so nobody can look into it") from None
        raise _Found("it is packed in a way that cannot be looked into") from None


def _ends_in_zip(file: IO[bytes]) -> bool:
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - 66_000))
    return b"PK\x05\x06" in file.read() and zipfile.is_zipfile(file)


def _zip(file: IO[bytes], budget: _Budget) -> Iterator[tuple[IO[bytes], str]]:
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        if sum(member.file_size for member in members) > budget.bytes:
            raise _Found("it unpacks to far more than an archive should")
        for member in members:
            budget.enter()
            if member.filename.lower().endswith("vbaproject.bin"):
                raise _Found("it contains macros")
            if not member.is_dir():
                with archive.open(member) as packed:
                    yield _spooled(packed, budget), member.filename


def _tar(file: IO[bytes], budget: _Budget) -> Iterator[tuple[IO[bytes], str]]:
    with tarfile.open(fileobj=file, mode="r:") as archive:
        for member in archive:
            budget.enter()
            packed = archive.extractfile(member) if member.isfile() else None
            if packed is not None:
                with packed:
                    yield _spooled(packed, budget), member.name


def _gzip(file: IO[bytes], budget: _Budget) -> Iterator[tuple[IO[bytes], str]]:
    with gzip.GzipFile(fileobj=file, mode="rb") as packed:
        yield _spooled(packed, budget), ""


def _bzip2(file: IO[bytes], budget: _Budget) -> Iterator[tuple[IO[bytes], str]]:
    with bz2.BZ2File(file) as packed:
        yield _spooled(packed, budget), ""


def _xz(file: IO[bytes], budget: _Budget) -> Iterator[tuple[IO[bytes], str]]:
    with lzma.LZMAFile(file) as packed:
        yield _spooled(packed, budget), ""


def _spooled(packed: _Readable, budget: _Budget) -> IO[bytes]:
    # Counted as it comes out: what an archive says of itself may be a lie.
    file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - whoever it is handed to closes it
    try:
        while chunk := packed.read(_CHUNK):
            budget.take(len(chunk))
            file.write(chunk)
    except BaseException:
        file.close()
        raise
    return file
