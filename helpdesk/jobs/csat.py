"""Asking customers how the help was."""

from helpdesk.domain.people import system
from helpdesk.jobs.organizations import for_each
from helpdesk.services import csat, unit_of_work


def sweep_csat() -> int:
    """Ask and remind every organization's customers who are due."""
    return for_each(csat.organizations_due(), _ask)


def _ask(organization_id: int) -> int:
    total = 0
    while done := unit_of_work.run(system(organization_id), csat.ask_due):
        total += done
    return total
