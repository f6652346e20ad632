"""Rules of the house a linter does not know."""

import ast

import pytest

from tests.contracts.walk import sources

MODULES = sorted(sources())
SPEAKS_TO_PEOPLE = {"cli.py", "supervisor.py"}
ABOVE_SERVICES = ("app.py", "cli.py", "pages/", "state/", "components/", "charts/", "api/", "jobs/")
NO_SQL = ("pages/", "state/", "components/", "charts/", "api/", "jobs/")


@pytest.mark.parametrize("path", MODULES)
def test_no_import_inside_a_function(path: str) -> None:
    inner = [
        node.lineno
        for function in ast.walk(sources()[path])
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert inner == []


@pytest.mark.parametrize("path", [path for path in MODULES if path != "clock.py"])
def test_the_clock_is_asked_for_the_time(path: str) -> None:
    asked = [
        f"{node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(sources()[path])
        if isinstance(node, ast.Attribute)
        and node.attr in {"now", "utcnow", "today"}
        and isinstance(node.value, ast.Name | ast.Attribute)
        and ast.unparse(node.value)
        in {"datetime", "date", "datetime.datetime", "datetime.date", "dt.datetime", "dt.date"}
    ]
    assert asked == []


@pytest.mark.parametrize("path", [path for path in MODULES if path not in SPEAKS_TO_PEOPLE])
def test_nothing_is_printed(path: str) -> None:
    printed = [
        node.lineno
        for node in ast.walk(sources()[path])
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert printed == []


@pytest.mark.parametrize("path", [path for path in MODULES if path.startswith(NO_SQL)])
def test_no_sql_above_services(path: str) -> None:
    forbidden = ("sqlalchemy", "sqlmodel", "psycopg", "helpdesk.models", "helpdesk.db", "alembic")
    found = []
    for node in ast.walk(sources()[path]):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        found += [name for name in names if name.startswith(forbidden)]
        if isinstance(node, ast.Attribute) and node.attr == "session" and ast.unparse(node.value) == "ctx":
            found.append("ctx.session")
    assert found == []


@pytest.mark.parametrize("path", [path for path in MODULES if path.startswith("services/")])
def test_verbs_do_not_commit_mail_or_publish(path: str) -> None:
    """The unit of work does; a verb records what happened."""
    if path == "services/unit_of_work.py":
        return
    found = [
        ast.unparse(node.func)
        for node in ast.walk(sources()[path])
        if isinstance(node, ast.Call)
        and ast.unparse(node.func)
        in {"ctx.session.commit", "ctx.session.rollback", "live.publish", "background.enqueue"}
    ]
    assert found == []


@pytest.mark.parametrize("path", MODULES)
def test_nothing_is_swallowed(path: str) -> None:
    """A bare except, or one that does nothing with whatever came."""
    found = []
    for node in ast.walk(sources()[path]):
        if isinstance(node, ast.ExceptHandler):
            catches_all = node.type is None or ast.unparse(node.type) in ("Exception", "BaseException")
            if catches_all and all(isinstance(inner, ast.Pass | ast.Continue) for inner in node.body):
                found.append(node.lineno)
    assert found == []
