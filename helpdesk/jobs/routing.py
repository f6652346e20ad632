"""Giving out what waits, and noticing who has gone."""

from helpdesk.domain.people import system
from helpdesk.jobs.organizations import for_each
from helpdesk.services import routing, sign_in, unit_of_work
from helpdesk.services.tickets import assignment


def serve(organization_id: int) -> int:
    """Give one organization's waiting tickets to agents who have room, until nothing waits or nobody has any."""
    total = 0
    while done := unit_of_work.run(system(organization_id), assignment.serve_waiting):
        total += done
    return total


def sweep_waiting() -> int:
    """The same for every organization: for room nobody has told of, such as working hours that have begun."""
    return for_each(routing.organizations_waiting(), serve)


def hand_back(organization_id: int, person_id: int) -> int:
    """Have the tickets of somebody who went away wait for somebody else: those that were being worked on just then."""
    return unit_of_work.run(system(organization_id), assignment.hand_back, person_id)


def sweep_absent() -> int:
    """Notice who has done nothing for long, and whose sessions have run out."""
    return for_each(
        sign_in.organizations_with_absent(), lambda one: unit_of_work.run(system(one), sign_in.notice_absent)
    )
