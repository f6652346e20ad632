"""Stands in for a desk's processes: `python -m tests.process.stand_in ROLE ...`, run by the supervisor's tests."""

import http.server
import os
import signal
import sys
import time
from pathlib import Path

from helpdesk import settings, supervisor

ME = "tests.process.stand_in"


def main() -> None:
    """Play a role."""
    match sys.argv[1:]:
        case ["desk", *roles]:
            desk(roles)
        case ["web"]:
            serve()
        case ["fragile"]:
            sys.exit(3)
        case ["stubborn"]:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            time.sleep(60)


def desk(roles: list[str]) -> None:
    """A supervisor with the real servers and these stand-ins."""
    current = settings.get()
    commands = [supervisor.Command(role, ME, (role,)) for role in roles]
    try:
        supervisor.run(current, prepare=lambda: ["Sign in as anybody."], commands=commands)
    except supervisor.Refused as error:
        sys.exit(str(error))


def serve() -> None:
    """Answer on the port."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", settings.get().port), http.server.SimpleHTTPRequestHandler)
    note("web")
    server.serve_forever()


def note(role: str) -> None:
    """Leave a line saying that we ran."""
    with (Path(os.environ["DATA_DIR"]) / "ran").open("a") as file:
        file.write(f"{role} {os.getpid()}\n")


if __name__ == "__main__":
    main()
