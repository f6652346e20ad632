"""What can go wrong in a way a person can act on. Every door translates these, and only these, for people."""


class HelpdeskError(Exception):
    """An expected failure with a sentence for the person who caused it.

    Args:
        message: what is wrong and what to do, one or two sentences.
    """

    status = 400
    title = "That did not work"
    # Whether what the verb wrote before refusing stays (an audit line); normally nothing does.
    keeps_work = False

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.title)

    @property
    def message(self) -> str:
        """The sentence for people."""
        return str(self.args[0])


class SignedOut(HelpdeskError):
    """Nobody is signed in, or the session ended."""

    status = 401
    title = "Please sign in"


class NotAllowed(HelpdeskError):
    """The person is known and may not do this."""

    status = 403
    title = "You may not do this"


class NotFound(HelpdeskError):
    """It does not exist, or the person may not see it: both look the same from outside."""

    status = 404
    title = "Not found"


class Conflict(HelpdeskError):
    """Something newer or contradictory stands in the way."""

    status = 409
    title = "This conflicts with something"


class Stale(HelpdeskError):
    """It has changed since the version somebody's change is based on."""

    status = 412
    title = "It has changed meanwhile"


class TooLarge(HelpdeskError):
    """More bytes than allowed."""

    status = 413
    title = "Too large"


class Invalid(HelpdeskError):
    """Input that cannot be accepted.

    Args:
        message: the whole problem in a sentence; made from the fields when empty.
        fields: field name -> what to do about it.
    """

    status = 422
    title = "Please check your input"

    def __init__(self, message: str = "", **fields: str) -> None:
        self.fields = fields
        super().__init__(message or " ".join(fields.values()))


class TooManyTries(HelpdeskError):
    """A limit was hit.

    Args:
        retry_after: seconds to wait.
    """

    status = 429
    title = "Too many tries"

    def __init__(self, message: str = "", *, retry_after: int = 60) -> None:
        self.retry_after = retry_after
        wait = f"{retry_after} seconds" if retry_after < 120 else f"{-(-retry_after // 60)} minutes"
        super().__init__(message or f"Too many tries. Please wait {wait} and try again.")


class Unavailable(HelpdeskError):
    """Something the desk depends on does not answer at the moment; trying again later helps."""

    status = 503
    title = "Not available at the moment"
