"""Jobs that only the tests of the queue run."""

from helpdesk import redis_client


def note(*args: object) -> None:
    """Leave what we were given in Redis."""
    redis_client.connection().rpush("noted", repr(args))


def break_down() -> None:
    """Fail."""
    raise ValueError("broken on purpose")
