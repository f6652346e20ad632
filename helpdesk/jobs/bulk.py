"""Changes of many tickets, a batch at a time."""

from helpdesk.domain.people import system
from helpdesk.services import unit_of_work
from helpdesk.services.tickets import bulk


def work(organization_id: int, run_id: int) -> int:
    """Do a run until it is done; returns the number of batches."""
    batches = 0
    # Who started it is asked again for each batch: rights may be taken away meanwhile.
    while actor := unit_of_work.run(system(organization_id), bulk.actor_of, run_id):
        batches += 1
        if not unit_of_work.run(actor, bulk.proceed, run_id):
            break
    return batches


def sweep_bulk() -> int:
    """Go on with runs whose job was lost."""
    return sum(work(organization_id, run_id) for organization_id, run_id in bulk.forgotten())
