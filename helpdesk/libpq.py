"""A statement and its rows by way of libpq itself, for the statements every request runs.

psycopg waits for the database in Python, step by step, so that a signal can end a statement that hangs; each step hands the
interpreter to another thread and asks for it back. In a thread no signal arrives, and one call that waits inside libpq costs
less than half. What goes in and out is psycopg's: its adapters, its errors, and its list of what a connection has prepared.
"""

import re
import threading
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import count
from typing import Any

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult
from psycopg.rows import namedtuple_row

Facts = Mapping[str, Any] | Sequence[Any] | None
Rows = list[Any]

_FINE = frozenset({ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK})
_PLACEHOLDER = re.compile(r"%(?:%|s|\((\w+)\)s)")
_numbers = count()


def ask(driver: psycopg.Connection[Any], statement: str, facts: Facts = None, *, named: bool = False) -> Rows:
    """Run one statement; it stays prepared. Returns its rows, as tuples.

    Args:
        facts: what stands for its placeholders, as psycopg writes them.
        named: whether columns are attributes of the rows.

    Raises:
        psycopg.Error: as psycopg would.
    """
    if _may_be_interrupted():
        cursor: psycopg.Cursor[Any] = driver.cursor(row_factory=namedtuple_row) if named else driver.cursor()
        cursor.execute(statement, facts)
        return cursor.fetchall() if cursor.description else []
    adapted = Transformer(driver)
    query, order, formats = _numbered(statement) if facts is not None else (statement.encode(), (), ())
    values = adapted.dump_sequence([facts[place] for place in order], formats)  # type: ignore[index]
    name = _prepared(driver, query, adapted.types or ())
    result = _checked(driver.pgconn.exec_prepared(name, values, adapted.formats))  # type: ignore[arg-type]
    return _rows(adapted, result, _named(_columns(result)) if named else tuple) if result.ntuples else []


def ask_simply(driver: psycopg.Connection[Any], statements: str) -> Rows:
    """Run some statements without facts in one trip; returns the rows of the last.

    Raises:
        psycopg.Error: as psycopg would.
    """
    if _may_be_interrupted():
        cursor = driver.execute(statements.encode())
        while cursor.nextset():
            pass
        return cursor.fetchall() if cursor.description else []
    result = _checked(driver.pgconn.exec_(statements.encode()))
    return _rows(Transformer(driver), result, tuple) if result.ntuples else []


def _may_be_interrupted() -> bool:
    # Workers run their jobs in the main thread, where an alarm ends one that hangs.
    return threading.current_thread() is threading.main_thread()


@lru_cache(maxsize=1024)
def _numbered(statement: str) -> tuple[bytes, tuple[str | int, ...], tuple[PyFormat, ...]]:
    """The statement with numbers for placeholders, and which fact each number stands for."""
    order: list[str | int] = []

    def number(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        place = len(order) if found[1] is None else found[1]
        if place not in order:
            order.append(place)
        return f"${order.index(place) + 1}"

    query = _PLACEHOLDER.sub(number, statement).encode()
    return query, tuple(order), (PyFormat.AUTO,) * len(order)


def _prepared(driver: psycopg.Connection[Any], query: bytes, types: tuple[int, ...]) -> bytes:
    """The name under which the connection has prepared a query.

    Kept where psycopg keeps its own, which forgets them when the server does: after a rollback, and the oldest when there
    are many.
    """
    ours = driver._prepared
    key = (query, types)
    name = ours._names.get(key)
    if name is not None:
        ours._names.move_to_end(key)
        return name
    name = b"ask_%d" % next(_numbers)
    _checked(driver.pgconn.prepare(name, query, types))
    ours._names[key] = name
    ours._rotate()
    return name


def _checked(result: PGresult) -> PGresult:
    if result.status in _FINE:
        return result
    error = error_from_result(result)
    # What libpq itself has to say, as of a line that is broken, has no SQLSTATE.
    raise error if error.sqlstate else psycopg.OperationalError(str(error))


def _rows(adapted: Any, result: PGresult, make: Callable[[Sequence[Any]], Any]) -> Rows:
    adapted.set_pgresult(result)
    rows: Rows = adapted.load_rows(0, result.ntuples, make)
    return rows


def _columns(result: PGresult) -> tuple[str, ...]:
    return tuple((result.fname(column) or b"").decode() for column in range(result.nfields))


@lru_cache(maxsize=256)
def _named(columns: tuple[str, ...]) -> Callable[[Sequence[Any]], Any]:
    return namedtuple("Row", columns)._make  # type: ignore[attr-defined]
