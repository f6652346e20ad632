"""The same for every organization."""

from collections.abc import Callable, Iterable


def for_each(organization_ids: Iterable[int], do: Callable[[int], int]) -> int:
    """Do something for each organization; returns the sum.

    Raises:
        ExceptionGroup: what went wrong, after all had their turn: one organization's trouble is not the others'.
    """
    total = 0
    problems: list[Exception] = []
    for organization_id in organization_ids:
        try:
            total += do(organization_id)
        except Exception as problem:
            problems.append(problem)
    if problems:
        raise ExceptionGroup("Some organizations were left out", problems)
    return total
