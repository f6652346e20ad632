"""What every table shares."""

from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import BigInteger, DateTime, Dialect, Identity, MetaData, String, text
from sqlalchemy.orm.attributes import manager_of_class
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

# Stable names, so that every constraint can be found and dropped again by a later migration.
SQLModel.metadata.naming_convention = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
).naming_convention

CURRENT_ORGANIZATION = "current_setting('app.organization_id')::bigint"


class Address(TypeDecorator[str]):
    """A mail address: kept, and looked for, in small letters."""

    impl = String(254)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """SQLAlchemy's hook."""
        return value.lower() if value is not None else None


def key() -> Any:
    """A bigint identity primary key."""
    return Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=(Identity(always=False),))


def link_to(target: str, *, null: bool = False, ondelete: str | None = None, index: bool = False) -> Any:
    """A bigint foreign key to `table.column`."""
    return Field(default=None, sa_type=BigInteger, foreign_key=target, nullable=null, ondelete=ondelete, index=index)  # type: ignore[call-overload]


def key_of(target: str) -> Any:
    """A part of the primary key that refers to `table.column` and goes with it."""
    return Field(default=None, primary_key=True, sa_type=BigInteger, foreign_key=target, ondelete="CASCADE")


def moment(*, null: bool = True) -> Any:
    """An aware timestamp."""
    return Field(default=None, sa_type=DateTime(timezone=True), nullable=null)


class Tenant(SQLModel):
    """A row of one organization: the database fills the column and hides every other organization's rows."""

    organization_id: int | None = Field(
        default=None,
        sa_type=BigInteger,
        foreign_key="organization.id",
        nullable=False,
        ondelete="CASCADE",
        sa_column_kwargs={"server_default": text(CURRENT_ORGANIZATION)},
    )


Moment = datetime
Row = TypeVar("Row", bound=SQLModel)


def row(model: type[Row], facts: dict[str, Any]) -> Row:
    """A row with these facts, built at once: setting column by column goes through SQLModel's, pydantic's and
    SQLAlchemy's setters, which is a quarter of filing a ticket. For roads every ticket takes, with values of our own making.

    Args:
        facts: columns by name; one that is left out is written as NULL or as the database's default.
    """
    made: Row = manager_of_class(model).new_instance()
    made.__dict__.update(facts)
    return made
