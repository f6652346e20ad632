"""What a good enough password is. The only place that decides; every door asks here.

No list of breached passwords: what is left of a password once names, everyday words, runs and repetitions are taken out
tells more than a long list, and changes with the person who chooses it.
"""

import re

SHORTEST = 10
LONGEST = 200
# Left over at least so many characters that are not the person's name, a common word, a run or a repetition.
_LEFT = 5
_DIFFERENT = 5

# What people start from when they have to think of something. Longest first: "passwords" before "password".
_WORDS = """
password passwort contrasena motdepasse passw0rd letmein welcome willkommen iloveyou sunshine
princess football baseball dragon monkey shadow master superman batman trustno1 changeme default
secret admin administrator helpdesk support service qwertyuiop qwertzuiop azertyuiop qwerty qwertz
azerty asdfgh zxcvbn yxcvbn login hello spring summer autumn winter january february march april
june july august september october november december monday tuesday wednesday thursday friday
saturday sunday test guest user company
"""
_COMMON = sorted(_WORDS.split(), key=len, reverse=True)
_RUNS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "qwertzuiop", "asdfghjkl", "zxcvbnm", "azertyuiop")
_SPOKEN = str.maketrans("@430157$!", "aaeoistsi")


def problem(password: str, *, about: tuple[str, ...] = ()) -> str:
    """What is wrong with a password, in a sentence that says what to do; empty when it is good.

    Args:
        about: what anybody knows of the person: name, e-mail address, organization.
    """
    if len(password) < SHORTEST:
        return f"Use at least {SHORTEST} characters; a short sentence is a good password."
    if len(password) > LONGEST:
        return f"Use at most {LONGEST} characters."
    low = password.lower()
    if len(set(low)) < _DIFFERENT or re.fullmatch(r"(.{1,9}?)\1+.{0,3}", low, re.DOTALL):
        return "That password repeats itself. Use something only you would think of."
    # Spelt as it is and as it is meant: "p4ssw0rd" is "password".
    low = re.sub(r"(19|20)\d\d", " ", low)
    if min(len(_own_part(low, about)), len(_own_part(low.translate(_SPOKEN), about))) < _LEFT:
        return "That password is easy to guess. Leave out names and everyday words, or make it a short sentence."
    return ""


def _own_part(password: str, about: tuple[str, ...]) -> str:
    """A password without names, common words, runs and repetitions."""
    for word in sorted(_names(about), key=len, reverse=True):
        password = password.replace(word, " ")
    for word in _COMMON:
        password = password.replace(word, " ")
    for run in _RUNS:
        for row in (run, run[::-1]):
            for length in range(len(row), 2, -1):
                for start in range(len(row) - length + 1):
                    password = password.replace(row[start : start + length], " ")
    password = re.sub(r"(.)\1{2,}", r"\1", password)
    return re.sub(r"[\W_]+", "", password)


def _names(about: tuple[str, ...]) -> set[str]:
    words = {word for text in about for word in re.split(r"[\W_]+", text.lower())}
    return {word for word in words if len(word) >= 3}
