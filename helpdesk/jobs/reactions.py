"""The LATER lane and the outbox sweep."""

from collections.abc import Sequence

from helpdesk import background
from helpdesk.domain.people import system
from helpdesk.jobs import mail
from helpdesk.jobs.organizations import for_each
from helpdesk.services import reactions, unit_of_work


def react(organization_id: int) -> int:
    """React to what has gathered for an organization and send the mail that follows."""
    done = 0
    while ids := background.gathered(unit_of_work.REACT, organization_id):
        done += unit_of_work.run(system(organization_id), reactions.react, ids)
    mail.send(organization_id)
    return done


def sweep_outbox() -> int:
    """React to what nobody reacted to: jobs lost with Redis, or never queued."""
    found = reactions.overdue()
    return for_each(found, lambda organization_id: _catch_up(organization_id, found[organization_id]))


def _catch_up(organization_id: int, activity_ids: Sequence[int]) -> int:
    done = unit_of_work.run(system(organization_id), reactions.react, activity_ids)
    # A list whose job was lost would gather for ever.
    return done + react(organization_id)
