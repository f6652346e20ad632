"""What tickets need done as time passes."""

from collections.abc import Callable

from helpdesk.domain.people import system
from helpdesk.jobs.organizations import for_each
from helpdesk.services import automation, organizations, rule_runs, search, sla, unit_of_work
from helpdesk.services.context import Context
from helpdesk.services.tickets import trash, upkeep


def sweep_sla() -> int:
    """Warn and record breaches of every due timer."""
    return for_each(sla.organizations_due(), lambda one: _until_done(one, sla.sweep))


def apply_waiting_rules() -> int:
    """Apply rules about passing time to tickets whose time has come."""
    return for_each(automation.organizations_due(), lambda one: _until_done(one, automation.sweep))


def close_resolved() -> int:
    """Close what has been resolved long enough."""
    return for_each(_everyone(), lambda one: _until_done(one, upkeep.close_resolved))


def close_waiting() -> int:
    """Warn of and close what its customer has not answered long enough."""
    return for_each(upkeep.organizations_closing(), lambda one: _until_done(one, upkeep.close_waiting))


def wake_snoozed() -> int:
    """Bring snoozed tickets back when their time has come."""
    return for_each(_everyone(), lambda one: _until_done(one, upkeep.wake_snoozed))


def empty_trash() -> int:
    """Delete for good what has been in the trash long enough."""
    return for_each(_everyone(), lambda one: _until_done(one, trash.empty))


def forget_rule_runs() -> int:
    """Forget what rules did long ago; the tickets' histories keep it."""
    return for_each(_everyone(), lambda one: _until_done(one, rule_runs.prune))


def learn_words() -> int:
    """Learn the words of new titles, for search to forgive typing errors by."""
    return for_each(_everyone(), lambda one: _until_done(one, search.learn))


def _everyone() -> list[int]:
    return [organization.id for organization in organizations.everyone()]


def _until_done(organization_id: int, verb: Callable[[Context], int]) -> int:
    total = 0
    while done := unit_of_work.run(system(organization_id), verb):
        total += done
    return total
