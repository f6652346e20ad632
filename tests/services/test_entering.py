"""Transactions begin with naming their organization, and the driver's own errors are SQLAlchemy's: in the main thread, where
psycopg waits, and in others, where libpq does."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from psycopg.pq import TransactionStatus
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session

from helpdesk import db
from tests.cast import Cast

Story = Callable[[], None]


@pytest.fixture(params=["main thread", "another thread"])
def tell(request: pytest.FixtureRequest) -> Callable[[Story], None]:
    """Where a story takes place."""

    def there(story: Story) -> None:
        if request.param == "main thread":
            assert threading.current_thread() is threading.main_thread()
            story()
        else:
            with ThreadPoolExecutor(1) as pool:
                pool.submit(story).result(timeout=30)

    return there


def _status(session: Session) -> TransactionStatus:
    driver = session.connection().connection.driver_connection
    assert driver is not None
    return TransactionStatus(driver.pgconn.transaction_status)


def test_a_transaction_begins_and_what_is_rolled_back_never_was(assembled: Cast, tell: Callable[[Story], None]) -> None:
    def story() -> None:
        with db.session(assembled.acme.id) as session:
            assert _status(session) is TransactionStatus.INTRANS
            session.execute(text("INSERT INTO tag (name, colour) VALUES ('never', 'gray')"))
            session.rollback()
            assert _status(session) is TransactionStatus.IDLE
        with db.session(assembled.acme.id) as session:
            assert db.ask(session.connection(), "SELECT count(*) FROM tag WHERE name = 'never'") == [(0,)]

    tell(story)


def test_a_steady_one_sees_one_moment(assembled: Cast, tell: Callable[[Story], None]) -> None:
    def story() -> None:
        with Session(db.app_engine()) as session:
            db.enter_steadily(session, assembled.acme.id)
            assert db.ask(session.connection(), "SHOW transaction_isolation") == [("repeatable read",)]

    tell(story)


def test_what_is_refused_is_told_as_sqlalchemy_tells_it(assembled: Cast, tell: Callable[[Story], None]) -> None:
    def story() -> None:
        with db.session(assembled.acme.id) as session:
            add = "INSERT INTO tag (name, colour) VALUES (%s, 'gray')"
            assert db.ask(session.connection(), add, ("once",)) == []
            with pytest.raises(IntegrityError) as raised:
                db.ask(session.connection(), add, ("once",))
            assert getattr(raised.value.orig, "sqlstate", "") == "23505"
            session.rollback()

    tell(story)


def test_a_lost_connection_is_told_and_the_next_one_works(assembled: Cast, tell: Callable[[Story], None]) -> None:
    def story() -> None:
        with Session(db.app_engine()) as session:
            db.enter(session, assembled.acme.id)
            [(number,)] = db.ask(session.connection(), "SELECT pg_backend_pid()")
            with db.owner_session() as owner:
                owner.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": number})
            with pytest.raises(OperationalError) as raised:
                db.ask(session.connection(), "SELECT 1")
            assert raised.value.connection_invalidated
        with db.session(assembled.acme.id) as session:
            assert [row.one for row in db.ask(session.connection(), "SELECT 1 AS one", named=True)] == [1]

    tell(story)
