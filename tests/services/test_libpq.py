"""Straight to libpq means what psycopg means: the same rows for the same statements, whatever has happened before."""

import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from sqlmodel import Session

from helpdesk import db, libpq, settings
from helpdesk.domain.people import Role
from tests.cast import Cast

_MOMENT = datetime(2026, 11, 22, 4, 5, 6, 789, tzinfo=UTC)


@pytest.fixture
def driver(assembled: Cast) -> Iterator[psycopg.Connection[Any]]:
    """A connection of everyday work."""
    with Session(db.app_engine()) as session:
        found = session.connection().connection.driver_connection
        assert found is not None
        yield found


@pytest.fixture
def elsewhere() -> Iterator[ThreadPoolExecutor]:
    """A thread that is not the main one."""
    with ThreadPoolExecutor(1) as pool:
        yield pool


def _both(
    pool: ThreadPoolExecutor, driver: psycopg.Connection[Any], statement: str, facts: libpq.Facts = None
) -> libpq.Rows:
    """What is asked in the main thread and in another, which is the same."""
    here = libpq.ask(driver, statement, facts)
    there = pool.submit(libpq.ask, driver, statement, facts).result(timeout=30)
    assert there == here
    assert [list(map(type, row)) for row in there] == [list(map(type, row)) for row in here]
    return there


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (7, "bigint"), (70_000, "bigint"), (7_000_000_000, "bigint"), ("a % of Größe 日本", "text"), (None, "text"),
        (True, "boolean"), (_MOMENT, "timestamptz"), (date(2026, 11, 22), "date"), (1.5, "float8"),
        (Decimal("1.10"), "numeric"), ([1, 2], "bigint[]"), ([], "bigint[]"), (["a", None], "text[]"),
        ('{"a": [1, {"b": null}]}', "jsonb"), (b"\x00\xff", "bytea"), (Role.AGENT, "text"),
    ],
)  # fmt: skip
def test_what_goes_in_comes_out(
    driver: psycopg.Connection[Any], elsewhere: ThreadPoolExecutor, value: object, kind: str
) -> None:
    for _ in range(8):  # psycopg prepares what it has seen some times
        _both(elsewhere, driver, f"SELECT %s::{kind}", (value,))


def test_placeholders_are_psycopgs(driver: psycopg.Connection[Any], elsewhere: ThreadPoolExecutor) -> None:
    facts = {"one": 1, "two": "2", "unused": object()}
    statement = "SELECT %(two)s::text, %(one)s::int + %(one)s, '50 %%', %(two)s::text"
    assert _both(elsewhere, driver, statement, facts) == [("2", 2, "50 %", "2")]
    assert _both(elsewhere, driver, "SELECT %s::int, %s::int", (1, 1)) == [(1, 1)]
    assert _both(elsewhere, driver, "SELECT '50 %'") == [("50 %",)]
    assert _both(elsewhere, driver, "SELECT 1 WHERE false") == []
    assert _both(elsewhere, driver, "SET LOCAL statement_timeout = 0") == []


def test_rows_have_names_where_they_are_wanted(driver: psycopg.Connection[Any], elsewhere: ThreadPoolExecutor) -> None:
    asked = elsewhere.submit(libpq.ask, driver, "SELECT 1 AS one, 'x' AS two", named=True)
    [row] = asked.result(timeout=30)
    assert (row.one, row.two, row) == (1, "x", (1, "x"))


def test_of_several_statements_the_last_answers(driver: psycopg.Connection[Any], elsewhere: ThreadPoolExecutor) -> None:
    for ask in (libpq.ask_simply, lambda *facts: elsewhere.submit(libpq.ask_simply, *facts).result(timeout=30)):
        assert ask(driver, "BEGIN; SELECT 1, 'x'") == [(1, "x")]
        driver.rollback()
    with pytest.raises(psycopg.errors.DivisionByZero):
        elsewhere.submit(libpq.ask_simply, driver, "SELECT 1; SELECT 1/0").result(timeout=30)


def test_a_statement_is_prepared_once_and_again_after_a_rollback(
    driver: psycopg.Connection[Any], elsewhere: ThreadPoolExecutor
) -> None:
    prepared = "SELECT count(*) FROM pg_prepared_statements WHERE statement = 'SELECT $1::int + 1'"

    def story() -> None:
        for turn in range(3):
            driver.execute("BEGIN")
            for _ in range(3):
                assert libpq.ask(driver, "SELECT %s::int + 1", (turn,)) == [(turn + 1,)]
            assert driver.execute(prepared).fetchone() == (1,)
            with pytest.raises(psycopg.errors.DivisionByZero):
                libpq.ask(driver, "SELECT 1 / %s::int", (0,))
            driver.rollback()
            driver.execute("BEGIN; SAVEPOINT here")
            assert libpq.ask(driver, "SELECT %s::int + 1", (7,)) == [(8,)]
            driver.execute("ROLLBACK TO SAVEPOINT here")
            assert libpq.ask(driver, "SELECT %s::int + 1", (7,)) == [(8,)]
            driver.rollback()

    elsewhere.submit(story).result(timeout=30)


def test_many_statements_are_not_all_kept(driver: psycopg.Connection[Any], elsewhere: ThreadPoolExecutor) -> None:
    def story() -> None:
        for turn in (1, 2):
            for number in range(150):
                assert libpq.ask(driver, f"SELECT {number}, %s::int", (turn,)) == [(number, turn)]
                driver.execute("SELECT 1")  # psycopg sees to what is to be forgotten
        kept = driver.execute("SELECT count(*) FROM pg_prepared_statements").fetchone()
        assert kept is not None
        assert kept[0] <= (driver.prepared_max or 0) + 1

    elsewhere.submit(story).result(timeout=30)


def test_an_alarm_ends_a_statement_that_hangs_in_the_main_thread(assembled: Cast) -> None:
    """As it ends a worker's job."""

    def ring(*_: object) -> None:
        raise TimeoutError("too long")

    address = settings.get().effective_database_url.replace("+psycopg", "")
    before = signal.signal(signal.SIGALRM, ring)
    try:
        with closing(psycopg.connect(address)) as driver:
            signal.setitimer(signal.ITIMER_REAL, 0.3)
            began = time.monotonic()
            with pytest.raises(TimeoutError, match="too long"):
                libpq.ask(driver, "SELECT pg_sleep(%s)", (20,))
            assert time.monotonic() - began < 5
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
