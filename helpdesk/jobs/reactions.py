"""The LATER lane and the outbox sweep."""

from collections.abc import Sequence

from helpdesk.domain.people import system
from helpdesk.jobs import mail
from helpdesk.jobs.organizations import for_each
from helpdesk.services import reactions, unit_of_work


def react(organization_id: int, activity_ids: Sequence[int]) -> int:
    """React to some activities and send the mail that follows."""
    done = unit_of_work.run(system(organization_id), reactions.react, activity_ids)
    mail.send(organization_id)
    return done


def sweep_outbox() -> int:
    """React to what nobody reacted to: jobs lost with Redis, or never queued."""
    found = reactions.overdue()
    return for_each(found, lambda organization_id: react(organization_id, found[organization_id]))
