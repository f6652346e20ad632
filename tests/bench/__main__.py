"""The benchmarks: `python -m tests.bench [names] [--quick]`. They print figures and are no tests.

They run on a PostgreSQL and Valkey of their own under DATA_DIR/bench, which keep the filled organizations for the next
run, or on the database BENCH_DATABASE_URL names.
"""

import argparse
import os
from collections.abc import Callable
from contextlib import ExitStack

from helpdesk import embedded, migrations, settings
from tests.bench import (
    api,
    creating,
    deadlines,
    lists,
    live,
    mailing,
    pages,
    routing,
    ruling,
    saved,
    searching,
    simulating,
    sweeping,
    ticket_page,
)
from tests.bench.report import Report

BENCHMARKS: dict[str, Callable[..., None]] = {
    "create": creating.run,
    "lists": lists.run,
    "search": searching.run,
    "views": saved.run,
    "ticket": ticket_page.run,
    "routing": routing.run,
    "rules": ruling.run,
    "deadlines": deadlines.run,
    "sweep": sweeping.run,
    "lateness": sweeping.lateness,
    "simulator": simulating.run,
    "api": api.run,
    "mail": mailing.run,
}


def _live(report: Report, *, quick: bool = False) -> None:
    """What needs a running desk with open pages."""
    with pages.running_desk() as desk:
        live.nudge_latency(report, desk, rounds=5 if quick else 20)
        live.sign_in_to_queue(report, desk)
        live.memory_per_page(report, desk)


BENCHMARKS["live"] = _live


def main() -> None:
    """Run the benchmarks asked for, or all."""
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *BENCHMARKS], help="which; all of them by default")
    parser.add_argument("--quick", action="store_true", help="fewer runs, no million")
    parser.add_argument("--sizes", help="of the sweep: how many clocks run, as 10000,1000000")
    asked = parser.parse_args()
    sizes = [int(one) for one in (asked.sizes or "").split(",") if one]
    directory = settings.get().data_dir / "bench"
    with ExitStack() as servers:
        given = os.environ.get("BENCH_DATABASE_URL")
        os.environ["DATABASE_URL"] = given or servers.enter_context(embedded.Postgres(directory)).url
        os.environ["REDIS_URL"] = servers.enter_context(embedded.Valkey(directory)).url
        settings.get.cache_clear()
        migrations.upgrade()
        for name in asked.names or BENCHMARKS:
            report = Report(name)
            more = {"sizes": sizes} if name == "sweep" else {}
            BENCHMARKS[name](report, quick=asked.quick, **more)
            report.show()


if __name__ == "__main__":
    main()
