"""The processes behind the pages, as one command starts them."""

import subprocess
import sys

import psutil
import pytest

from helpdesk.settings import ROOT
from tests.e2e.conftest import Desk

pytestmark = pytest.mark.e2e


def test_the_doctor_finds_a_running_desk_well(desk: Desk) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "helpdesk", "doctor"], cwd=ROOT, env=desk.environment, capture_output=True, text=True
    )
    assert "PROBLEM" not in told.stdout, told.stdout
    assert told.returncode == 0


def test_one_command_runs_every_process(desk: Desk) -> None:
    assert desk.process is not None
    commands = {" ".join(child.cmdline()[2:4]) for child in psutil.Process(desk.process.pid).children()}
    assert {"helpdesk worker", "helpdesk scheduler", "helpdesk.reflex_runtime launch"} <= commands
    # A built front end is served as it is: compiling again would take longer than all else together.
    assert "Compiling" not in desk.log.read_text()
