"""The shapes all resources share: what comes in, what goes out, pages, problems."""

from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

Item = TypeVar("Item")


class Input(BaseModel):
    """What comes in: nothing unknown, and no text a database would choke on."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, str_max_length=1_000_000)

    @model_validator(mode="before")
    @classmethod
    def _is_text(cls, given: Any) -> Any:
        if not _readable(given):
            raise ValueError("Leave out characters that are no text.")
        return given


class Problem(BaseModel):
    """What went wrong, as RFC 9457 has it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank", "title": "Please check your input", "status": 422,
                    "detail": "Use between 3 and 200 characters.", "errors": {"title": "Use between 3 and 200 characters."},
                }
            ]
        }
    )  # fmt: skip

    type: str = Field("about:blank", description="What kind of problem, as an address.")
    title: str = Field(description="What kind of problem, the same sentence each time.")
    status: int = Field(description="The HTTP status.")
    detail: str | None = Field(None, description="What is wrong this time and what to do.")
    errors: dict[str, str] | None = Field(None, description="What to do about which field.")


class Page(BaseModel, Generic[Item]):
    """A page of a list."""

    items: list[Item]
    next: str | None = Field(None, description="The address of the next page, if there is one.")
    previous: str | None = Field(None, description="The address of the page before, if there is one.")


class Created(BaseModel):
    """The number of what was made."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"id": 7}]})

    id: int


class Done(BaseModel):
    """It is done."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"ok": True}]})

    ok: bool = True


def _readable(given: Any, depth: int = 0) -> bool:
    """Whether everything in it is text PostgreSQL takes, and it is not nested beyond reason."""
    if depth > 50:
        return False
    if isinstance(given, str):
        return "\x00" not in given and not any(0xD800 <= ord(one) < 0xE000 for one in given)
    if isinstance(given, dict):
        return all(_readable(key, depth + 1) and _readable(value, depth + 1) for key, value in given.items())
    if isinstance(given, list | tuple):
        return all(_readable(one, depth + 1) for one in given)
    return True
