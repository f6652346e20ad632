"""What tickets need done as time passes."""

from helpdesk.domain.people import system
from helpdesk.services import organizations, sla, unit_of_work
from helpdesk.services.tickets import upkeep


def sweep_sla() -> int:
    """Warn and record breaches of every due timer."""
    total = 0
    for organization_id in sla.organizations_due():
        while seen := unit_of_work.run(system(organization_id), sla.sweep):
            total += seen
    return total


def close_resolved() -> int:
    """Close what has been resolved long enough."""
    total = 0
    for organization in organizations.everyone():
        while closed := unit_of_work.run(system(organization.id), upkeep.close_resolved):
            total += closed
    return total


def wake_snoozed() -> int:
    """Bring snoozed tickets back when their time has come."""
    return sum(unit_of_work.run(system(one.id), upkeep.wake_snoozed) for one in organizations.everyone())
