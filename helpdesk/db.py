"""The database: two pools of one URL, and the session that belongs to one organization.

The pool for everyday work connects as the role `helpdesk_app`, which owns nothing and is bound by row-level security.
The owner's pool is for migrations, for finding an organization by its name, and for asking which organizations have
work due; nothing else uses it.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import orjson
import psycopg
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from helpdesk import libpq, settings
from helpdesk.libpq import Facts, Rows

APP_ROLE = "helpdesk_app"


def app_engine() -> Engine:
    """The pool whose connections run as `helpdesk_app`. One per process, opened on first use, never before a fork."""
    return _engine(os.getpid(), settings.get().effective_database_url, APP_ROLE)


def owner_engine() -> Engine:
    """The pool of the owning role."""
    return _engine(os.getpid(), settings.get().effective_database_url, "")


@lru_cache(maxsize=8)
def _engine(_pid: int, url: str, role: str) -> Engine:
    # Our statements are short; compiling them costs more than it saves.
    # Moments come as UTC, also within JSON.
    options = "-c jit=off -c timezone=UTC" + (f" -c role={role}" if role else "")
    size = settings.get().database_pool if role else 2
    return create_engine(
        url,
        connect_args={"options": options},
        pool_size=size,
        max_overflow=size,
        pool_recycle=1800,
        pool_use_lifo=True,
        json_serializer=_dumps,
        json_deserializer=orjson.loads,
        # `enter` begins the transaction in the breath in which it names the organization; left to the driver, beginning is
        # a trip of its own. What nobody entered for sees no organization, and can write nothing.
        isolation_level="AUTOCOMMIT" if role else "READ COMMITTED",
    )


@contextmanager
def session(organization_id: int) -> Iterator[Session]:
    """A session that sees and writes one organization's rows and nothing else; commit or roll back is the caller's.

    The organization is set for the transaction only: after a commit the session sees nothing until it is set again.
    """
    with Session(app_engine(), expire_on_commit=False) as opened:
        enter(opened, organization_id)
        yield opened


def enter(opened: Session, organization_id: int) -> int:
    """Begin the session's transaction, bound to an organization; returns its catalog version in the same breath."""
    return _enter(opened, "BEGIN", organization_id)


def enter_steadily(opened: Session, organization_id: int) -> int:
    """The same, seeing one moment from here on; a change of what others changed since then fails (SQLSTATE 40001)."""
    return _enter(opened, "BEGIN ISOLATION LEVEL REPEATABLE READ", organization_id)


def _enter(opened: Session, begin: str, organization_id: int) -> int:
    statements = f"{begin}; SELECT enter({int(organization_id)})"
    [(version,)] = _asked(opened.connection(), statements, None, lambda driver: libpq.ask_simply(driver, statements))
    return int(version or 0)


def ask(connection: Connection, statement: str, facts: Facts = None, *, named: bool = False) -> Rows:
    """Run a statement past SQLAlchemy, see `libpq.ask`: for those that every request runs. Of a short one, what SQLAlchemy
    does for its answer takes as long as the database. Returns its rows.

    Args:
        facts: what stands for its placeholders, as psycopg writes them.
        named: whether columns are attributes of the rows.

    Raises:
        DBAPIError: as SQLAlchemy would.
    """
    return _asked(connection, statement, facts, lambda driver: libpq.ask(driver, statement, facts, named=named))


def _asked(
    connection: Connection, statement: str, facts: Facts, ask_it: Callable[[psycopg.Connection[Any]], Rows]
) -> Rows:
    driver = connection.connection.driver_connection
    assert driver is not None
    for hear in connection.dispatch.before_cursor_execute:
        hear(connection, None, statement, facts, None, False)
    try:
        return ask_it(driver)
    except psycopg.Error as error:
        is_lost = connection.dialect.is_disconnect(error, driver, None)  # type: ignore[arg-type]
        if is_lost:
            connection.invalidate(error)
        raise DBAPIError.instance(statement, facts, error, psycopg.Error, connection_invalidated=is_lost) from error


@contextmanager
def owner_session() -> Iterator[Session]:
    """A session of the owning role, which row-level security does not bind. For the purposes in this module's head."""
    with Session(owner_engine(), expire_on_commit=False) as opened:
        yield opened


def _dumps(value: object) -> str:
    return json.dumps(value, default=str, ensure_ascii=False)
