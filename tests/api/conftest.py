"""What the tests of the API share."""

from tests.api.client import program

__all__ = ["program"]
