"""Migrations lead up, down and up again, and end where the models are."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, text
from sqlmodel import SQLModel

import helpdesk.models  # noqa: F401 - fills the metadata
from alembic import command
from helpdesk import db
from tests.contracts.walk import ROOT

CONFIG = Path(ROOT / "alembic.ini")


@pytest.fixture
def empty(postgres: str) -> Iterator[Connection]:
    """A second, empty database on the same server, where the role exists already."""
    with db.owner_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as server:
        server.execute(text("CREATE DATABASE second"))
    engine = create_engine(db.owner_engine().url.set(database="second"))
    with engine.connect() as connection:
        yield connection
    engine.dispose()
    with db.owner_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as server:
        server.execute(text("DROP DATABASE second WITH (FORCE)"))


def _config(connection: Connection) -> Config:
    config = Config(str(CONFIG))
    config.attributes["connection"] = connection
    return config


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": False})
    return compare_metadata(context, SQLModel.metadata)


def test_there_is_one_line_of_migrations() -> None:
    assert len(ScriptDirectory.from_config(Config(str(CONFIG))).get_heads()) == 1


def test_the_database_is_what_the_models_say(postgres: str) -> None:
    with db.owner_engine().connect() as connection:
        assert _differences(connection) == []


def test_up_down_and_up_again(empty: Connection) -> None:
    command.upgrade(_config(empty), "head")
    empty.commit()
    assert _differences(empty) == []
    first = _shape(empty)
    command.downgrade(_config(empty), "base")
    empty.commit()
    assert inspect(empty).get_table_names() == ["alembic_version"]
    left = text("SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'search%'")
    assert empty.execute(left).all() == []
    command.upgrade(_config(empty), "head")
    empty.commit()
    assert _shape(empty) == first


def _shape(connection: Connection) -> list[object]:
    columns = text(
        "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns"
        " WHERE table_schema = 'public' ORDER BY 1, 2"
    )
    walls = text("SELECT tablename, policyname, roles, cmd, qual, with_check FROM pg_policies ORDER BY 1, 2")
    grants = text(
        "SELECT table_name, privilege_type FROM information_schema.role_table_grants WHERE grantee = 'helpdesk_app' ORDER BY 1, 2"
    )
    indexes = text("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1")
    return [tuple(row) for query in (columns, walls, grants, indexes) for row in connection.execute(query)]
