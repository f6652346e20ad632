"""A real clamd on a socket of its own, with one signature of our own and no updates."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpdesk.adapters.scanner import Clamd, ScannerAway

# What our own signature finds.
VIRUS = b"a zebra that bites helpdesk tests"
NAME = "Helpdesk.Zebra"


class ClamdProcess:
    """The daemon; stop and start it as the test likes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = f"unix://{folder}/clamd.sock"
        self._process: subprocess.Popen[bytes] | None = None
        (folder / "db").mkdir()
        (folder / "db" / "own.ndb").write_text(f"{NAME}:0:*:{VIRUS.hex()}\n")
        (folder / "clamd.conf").write_text(
            f"Foreground yes\nLocalSocket {folder}/clamd.sock\nDatabaseDirectory {folder}/db\nTemporaryDirectory {folder}\n"
            "StreamMaxLength 2M\nMaxThreads 2\n"
        )

    def start(self) -> None:
        """Run it, and wait until it answers."""
        program = shutil.which("clamd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
        if program is None:
            pytest.skip("NO CLAMD: install clamav-daemon to test scanning with the real one.")
        self._process = subprocess.Popen(
            [program, "--config-file", str(self.folder / "clamd.conf")],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for _ in range(300):
            try:
                Clamd(self.address).ping()
            except ScannerAway:
                time.sleep(0.1)
            else:
                return
        self.stop()
        raise RuntimeError("clamd did not start")

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)
            self._process = None
            Path(f"{self.folder}/clamd.sock").unlink(missing_ok=True)


@pytest.fixture(scope="session")
def clamd() -> Iterator[ClamdProcess]:
    """A clamd for the whole run; whoever stops it starts it again."""
    with tempfile.TemporaryDirectory(prefix="hd-clam-") as folder:
        process = ClamdProcess(Path(folder))
        process.start()
        yield process
        process.stop()
