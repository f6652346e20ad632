"""What needs open pages: how fast a nudge reaches them, how fast one signs in, and what an open page keeps in memory.

The pages are played by a `Desk`: whoever can sign in, open a page, wait for its next change and count the server's memory.
"""

import time
from collections.abc import Sequence
from typing import Protocol

from tests.bench.measure import Times
from tests.bench.report import Report

PAGES = (1, 50, 200)


class Page(Protocol):
    """An open, signed-in page showing the queue."""

    def wait_for_change(self, seconds: float) -> float:
        """The moment (`time.perf_counter`) the next change of its rows arrived.

        Raises:
            TimeoutError: none came.
        """

    def close(self) -> None:
        """Leave."""


class Desk(Protocol):
    """A running desk with its web process."""

    def open_queue(self, *, anew: bool = False) -> Page:
        """Open the queue in one more page, signing in `anew` or not; returns when it shows its rows."""

    def settle(self, pages: Sequence[Page]) -> None:
        """Wait until nothing of an earlier change is under way to these pages."""

    def file_ticket(self) -> None:
        """Commit a ticket that every open queue shows."""

    def sign_in_by_browser(self) -> float:
        """Seconds in a real browser from pressing Enter in the sign-in form to the queue's rows, with nothing kept from before.

        Raises:
            LookupError: there is no browser here.
        """

    def web_memory(self) -> int:
        """Bytes of memory of the web processes that are theirs alone."""


def nudge_latency(report: Report, desk: Desk, *, rounds: int = 20) -> None:
    """From the commit of a ticket to the new rows on every open page."""
    pages: list[Page] = []
    for many in PAGES:
        pages += [desk.open_queue() for _ in range(many - len(pages))]
        taken = Times()
        for _ in range(rounds):
            desk.settle(pages)
            desk.file_ticket()
            committed = time.perf_counter()
            taken.seconds += [max(0.0, page.wait_for_change(10) - committed) for page in pages]
        is_met = taken.p95 <= 150 if many == PAGES[-1] else None
        report.add(
            f"commit to {many} pages",
            f"p50 {taken.p50:.0f}, p95 {taken.p95:.0f} ms",
            "p95 <= 150 ms at 200",
            is_met=is_met,
        )
    for page in pages:
        page.close()


def sign_in_to_queue(report: Report, desk: Desk, *, rounds: int = 10) -> None:
    """From sending the sign-in form to a queue one can work in."""
    taken = Times()
    for _ in range(rounds):
        began = time.perf_counter()
        page = desk.open_queue(anew=True)
        taken.seconds.append(time.perf_counter() - began)
        page.close()
    report.add("sign-in to interactive queue, the protocol alone", f"p50 {taken.p50:.0f}, p95 {taken.p95:.0f} ms")
    try:
        seen = Times([desk.sign_in_by_browser() for _ in range(rounds)])
    except LookupError:
        report.add("sign-in to interactive queue, in Chromium", "no Chromium here")
    else:
        report.add("sign-in to interactive queue, in Chromium", f"p50 {seen.p50:.0f}, p95 {seen.p95:.0f} ms")


def memory_per_page(report: Report, desk: Desk, *, pages: int = 300) -> None:
    """What one more open page costs the web process."""
    # The first pages fill caches, and what was freed before is used again: only then does memory grow with pages.
    warm = [desk.open_queue() for _ in range(100)]
    before = desk.web_memory()
    opened = [desk.open_queue() for _ in range(pages)]
    spent = (desk.web_memory() - before) / pages
    for page in (*warm, *opened):
        page.close()
    report.add("memory per connected page", f"{spent / 1024:.0f} KB (mean of {pages})")


__all__ = ["PAGES", "Desk", "Page", "memory_per_page", "nudge_latency", "sign_in_to_queue"]
