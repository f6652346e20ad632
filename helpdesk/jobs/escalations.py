"""Escalation, as time passes."""

from helpdesk.domain.people import system
from helpdesk.jobs.organizations import for_each
from helpdesk.services import escalations, unit_of_work


def sweep_escalations() -> int:
    """Look at open tickets with policies that have changed, and take every step that is due."""
    return for_each(escalations.organizations_due(), _catch_up)


def _catch_up(organization_id: int) -> int:
    total = 0
    for verb in (escalations.review_some, escalations.sweep):
        while done := unit_of_work.run(system(organization_id), verb):
            total += done
    return total
