"""The processes behind the pages, as one command starts them."""

import subprocess
import sys
import time

import psutil
import pytest

from helpdesk.settings import ROOT
from tests.e2e.conftest import Desk

pytestmark = pytest.mark.e2e


def doctor(desk: Desk) -> subprocess.CompletedProcess[str]:
    """What the doctor says about a desk."""
    return subprocess.run(
        [sys.executable, "-m", "helpdesk", "doctor"], cwd=ROOT, env=desk.environment, capture_output=True, text=True
    )


def test_the_doctor_finds_a_running_desk_well(desk: Desk) -> None:
    until = time.monotonic() + 60
    # The site answers first; worker and scheduler come a moment later.
    while "PROBLEM" in (told := doctor(desk)).stdout and time.monotonic() < until:
        time.sleep(0.2)
    assert told.returncode == 0, told.stdout + told.stderr
    assert desk.process is not None
    commands = {" ".join(child.cmdline()[2:4]) for child in psutil.Process(desk.process.pid).children()}
    assert {"helpdesk worker", "helpdesk scheduler", "helpdesk.reflex_runtime launch"} <= commands


def test_a_built_front_end_is_served_as_it_is(desk: Desk) -> None:
    # Compiling again, as Reflex's own production command does, would take longer than all else together.
    assert "Compiling" not in desk.log.read_text()
