"""What programs were answered is forgotten after a day."""

from helpdesk.domain.people import system
from helpdesk.jobs.organizations import for_each
from helpdesk.services import kept_answers, organizations, unit_of_work


def forget_answers() -> int:
    """Forget kept answers that are a day old."""
    everyone = [one.id for one in organizations.everyone()]
    return for_each(everyone, lambda one: unit_of_work.run(system(one), kept_answers.sweep))
