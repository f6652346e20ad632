"""Replies that leave later."""

from helpdesk import log
from helpdesk.domain.errors import HelpdeskError
from helpdesk.domain.people import system
from helpdesk.jobs.organizations import for_each
from helpdesk.services import organizations, unit_of_work
from helpdesk.services.tickets import sending

_logger = log.get(__name__)


def sweep_waiting_replies() -> int:
    """Send every reply whose moment has come."""
    return for_each(sending.organizations_due(), send)


def send(organization_id: int) -> int:
    """Send one organization's due replies until none is left, each in a unit of work of its author's; returns how many left."""
    total = 0
    while found := unit_of_work.run(system(organization_id), sending.due):
        for one in found:
            try:
                total += unit_of_work.run(one.author, sending.leave, one.id)
            except HelpdeskError as refused:
                unit_of_work.run(system(organization_id), sending.stop, one.id, refused.message)
            except Exception:
                # It would be tried every few seconds, and whoever wrote it would wonder.
                _logger.exception("a waiting reply could not be sent", waiting=one.id)
                unit_of_work.run(system(organization_id), sending.stop, one.id, "It could not be sent. Send it again.")
    return total


def forget_cancelled_replies() -> int:
    """Forget what was cancelled long enough ago."""
    ids = [organization.id for organization in organizations.everyone()]
    return for_each(ids, lambda one: unit_of_work.run(system(one), sending.forget_cancelled))
