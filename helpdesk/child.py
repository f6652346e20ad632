"""Child processes that cannot outlive us: each in a session of its own, ended when its parent dies."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def spawn(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    uid: int | None = None,
    gid: int | None = None,
    output: IO[bytes] | None = None,
    death_signal: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a child in its own session, so that a terminal's Ctrl-C reaches only us and we stop children in order.

    Call it from the main thread: Linux sends `death_signal` when the *thread* that started the child ends.

    Args:
        uid, gid: the operating-system user to run as; None for our own.
        output: where its output and errors go; None for ours.
        death_signal: what the kernel sends it when we die without having stopped it (Linux only).
    """
    return subprocess.Popen(  # noqa: S603 - our own commands, no shell
        [str(part) for part in command],
        env=dict(env) if env is not None else None,
        cwd=cwd,
        user=uid,
        group=gid,
        extra_groups=[] if uid is not None else None,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        start_new_session=True,
        preexec_fn=_die_with(os.getpid(), death_signal),
    )


def _die_with(parent: int, death_signal: signal.Signals) -> Callable[[], None] | None:
    if _libc is None:
        return None
    prctl, number = _libc.prctl, int(death_signal)

    def arrange() -> None:
        prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
        # The parent may have died between the fork and the line above.
        if os.getppid() != parent:
            os._exit(1)

    return arrange


def stop(process: subprocess.Popen[bytes], *, with_signal: signal.Signals, grace: float) -> bool:
    """Ask a child to end, wait, and end what is left of its process group by force.

    Returns:
        Whether it ended by itself within `grace` seconds.
    """
    in_time = True
    if process.poll() is None:
        with suppress(ProcessLookupError):
            process.send_signal(with_signal)
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            in_time = False
    end_group(process)
    return in_time


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill whatever is left of a child's process group and collect the child."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
