"""How far two words are apart, and which of some is meant."""

import unicodedata
from collections.abc import Iterable

SHORTEST = 4


def plain(word: str) -> str:
    """Lower case, without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", word.lower()) if not unicodedata.combining(c))


def meant(word: str, known: Iterable[str]) -> str:
    """The known word somebody meant: one letter wrong in a short word, two in a longer one; empty if there is none.

    A missing, doubled, wrong or swapped letter is one; of equally near words the first is taken.
    """
    limit = 1 if len(word) <= 5 else 2
    near = [(distance(word, one), place, one) for place, one in enumerate(known) if abs(len(word) - len(one)) <= limit]
    best = min(near, default=(limit + 1, 0, ""))
    return best[2] if best[0] <= limit else ""


def distance(a: str, b: str) -> int:
    """Letters to add, drop, replace or swap with their neighbour (optimal string alignment)."""
    before: list[int] = []
    above = list(range(len(b) + 1))
    for i, left in enumerate(a, start=1):
        row = [i]
        for j, right in enumerate(b, start=1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (left != right))
            if i > 1 and j > 1 and left == b[j - 2] and a[i - 2] == right:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, above = above, row
    return above[-1]
