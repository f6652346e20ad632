"""Brings the database's tables up to what the code expects."""

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from alembic import command
from helpdesk import db
from helpdesk.settings import ROOT


def upgrade() -> None:
    """Run all missing migrations. Safe to start twice at once: alembic/env.py takes a lock in the database."""
    command.upgrade(_config(), "head")


def present() -> str:
    """The revision the database is at; empty when it has no tables yet."""
    with db.owner_engine().connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def newest() -> str:
    """The revision the code expects."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def _config() -> Config:
    return Config(str(ROOT / "alembic.ini"))
