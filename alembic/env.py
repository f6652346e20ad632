"""Runs migrations as the owning role, one starter at a time."""

from sqlalchemy import text
from sqlmodel import SQLModel

import helpdesk.models  # noqa: F401 - fills the metadata
from alembic import context
from helpdesk import db

# Any number, the same everywhere: two starts at once must not migrate side by side.
MIGRATION_LOCK = 4_201_984_102


def run() -> None:
    """Migrate over the owner's pool, or over the connection a test hands in."""
    given = context.config.attributes.get("connection")
    if given is not None:
        _migrate(given)
        return
    with db.owner_engine().connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": MIGRATION_LOCK})
        connection.commit()
        try:
            _migrate(connection)
            connection.commit()
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": MIGRATION_LOCK})
            connection.commit()


def _migrate(connection) -> None:
    context.configure(connection=connection, target_metadata=SQLModel.metadata, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


run()
