"""Pushing notifications to browsers, outside of every transaction."""

from helpdesk.domain.people import system
from helpdesk.jobs.organizations import for_each
from helpdesk.services import push, unit_of_work


def deliver(organization_id: int) -> int:
    """Make one organization's due pushes until none is left."""
    desk, total = system(organization_id), 0
    while ready := unit_of_work.run(desk, push.claim):
        unit_of_work.run(desk, push.settle, [push.push(one) for one in ready])
        total += len(ready)
    return total


def sweep_pushes() -> int:
    """Make every organization's due pushes: those that waited for quiet hours to end, and retries."""
    return for_each(push.organizations_due(), deliver)
