"""The knowledge base: what an article can be, and how well one answers what somebody asks."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from helpdesk.domain.text import excerpt

TITLE_LENGTH = 200
BODY_LENGTH = 100_000
SLUG_LENGTH = 80
# From here on an article is worth a look while somebody types; from there on it is sent as an answer unasked.
WORTH_A_LOOK, WORTH_SENDING = 0.2, 0.45
# A single word is a coincidence.
_FEWEST_WORDS = 2
_IN_TEXT = 0.4
_UNKNOWN = 0.5
_MARKS = re.compile(r"^\s*(\d+[.)]|[-*+])\s+", re.MULTILINE)


class ArticleState(StrEnum):
    """Who reads it: those who write, everybody, nobody any more."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class Hit:
    """A word of the question that an article has.

    Args:
        in_title: whether the title has it, too.
        articles: how many published articles have it.
    """

    word: str
    in_title: bool
    articles: int


def relevance(hits: Iterable[Hit], known: Iterable[int], *, asked: int, published: int) -> float:
    """How much of a question an article is about, 0 to 1: the share of the question's words that it has, rare ones weighing more,
    those only in its text less than those in its title.

    Args:
        hits: the words it has.
        known: for each word of the question that any article has, how many have it.
        asked: how many words the question has.
        published: how many articles there are.
    """
    found, weights = list(hits), [_weight(number, published) for number in known]
    whole = sum(weights) + _UNKNOWN * (asked - len(weights))
    if not whole or len(found) < min(_FEWEST_WORDS, asked):
        return 0.0
    score = sum(_weight(hit.articles, published) * (1 if hit.in_title else _IN_TEXT) for hit in found)
    return min(score / whole, 1.0)


def summary(body: str) -> str:
    """The beginning of an article as one plain line: its sentences, without the marks of lists."""
    return excerpt(_MARKS.sub("", body))


def _weight(articles: int, published: int) -> float:
    """A word that one article has weighs 1, one they all have next to nothing."""
    if published < 2:
        return 1.0
    return max(0.1, 1 - math.log(max(articles, 1)) / math.log(published))
