"""Clocks derived anew and simulations, a batch at a time."""

from helpdesk.domain.people import system
from helpdesk.services import sla_runs, unit_of_work


def work(organization_id: int, run_id: int) -> int:
    """Do a run until it is done; returns the number of batches."""
    batches = 1
    while unit_of_work.run(system(organization_id), sla_runs.proceed, run_id):
        batches += 1
    return batches


def sweep_sla_runs() -> int:
    """Go on with runs whose job was lost."""
    return sum(work(organization_id, run_id) for organization_id, run_id in sla_runs.forgotten())
