"""Sending queued mail."""

from helpdesk.domain.people import system
from helpdesk.jobs.organizations import for_each
from helpdesk.services import unit_of_work
from helpdesk.services.mail import outbound


def send(organization_id: int) -> int:
    """Send one organization's due mail until none is left."""
    total = 0
    while sent := unit_of_work.run(system(organization_id), outbound.send_due):
        total += sent
    return total


def sweep_mail() -> int:
    """Send every organization's due mail, first tries and retries alike."""
    return for_each(outbound.organizations_due(), send)
