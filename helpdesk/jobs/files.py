"""Looking into files with clamd, outside of every transaction, and forgetting uploads nobody sent."""

from helpdesk.domain.people import system
from helpdesk.jobs.organizations import for_each
from helpdesk.services import attachments, organizations, scanning, unit_of_work


def scan(organization_id: int) -> int:
    """Look into one organization's files until none is due."""
    desk, total = system(organization_id), 0
    while due := unit_of_work.run(desk, scanning.claim):
        for one in due:
            unit_of_work.run(desk, scanning.settle, one.id, scanning.look(one))
        total += len(due)
    return total


def sweep_scans() -> int:
    """Look into every organization's waiting files, new ones and those clamd could not be asked about."""
    return for_each(scanning.organizations_due(), scan)


def forget_loose_files() -> int:
    """Remove every organization's uploads that nobody sent within a day."""
    return for_each([one.id for one in organizations.everyone()], _forget)


def _forget(organization_id: int) -> int:
    total = 0
    while gone := unit_of_work.run(system(organization_id), attachments.forget_loose):
        total += gone
    return total
