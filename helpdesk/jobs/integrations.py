"""Telling other systems, outside of every transaction: another house may take its time."""

from helpdesk.domain.people import system
from helpdesk.jobs.organizations import for_each
from helpdesk.services import integrations, organizations, unit_of_work


def deliver(organization_id: int) -> int:
    """Make one organization's due calls until none is left."""
    desk, total = system(organization_id), 0
    while ready := unit_of_work.run(desk, integrations.claim):
        for call in ready:
            unit_of_work.run(desk, integrations.settle, call.id, integrations.call(call))
        total += len(ready)
    return total


def sweep_integrations() -> int:
    """Make every organization's due calls, first tries and retries alike."""
    return for_each(integrations.organizations_due(), deliver)


def forget_told() -> int:
    """Forget what other systems were told long ago."""
    return for_each([one.id for one in organizations.everyone()], _forget)


def _forget(organization_id: int) -> int:
    total = 0
    while gone := unit_of_work.run(system(organization_id), integrations.prune):
        total += gone
    return total
