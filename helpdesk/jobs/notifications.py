"""What is told, as time passes."""

from helpdesk.domain.people import system
from helpdesk.jobs.organizations import for_each
from helpdesk.services import bell, digest, organizations, unit_of_work


def forget_notifications() -> int:
    """Forget what was read long ago."""
    return for_each([one.id for one in organizations.everyone()], _forget)


def send_digests() -> int:
    """Send the daily summaries whose time has come."""
    return for_each(digest.organizations_with_readers(), lambda one: unit_of_work.run(system(one), digest.send_due))


def _forget(organization_id: int) -> int:
    total = 0
    while gone := unit_of_work.run(system(organization_id), bell.prune):
        total += gone
    return total
