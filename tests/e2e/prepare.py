"""Puts the cast into a running desk."""

from tests.cast import assemble

if __name__ == "__main__":
    assemble()
