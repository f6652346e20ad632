"""The one table of what runs by itself, and how often."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A job and its interval in seconds."""

    job: str
    every: int


SCHEDULE = (
    Scheduled("helpdesk.jobs.tickets.sweep_sla", 3),
    Scheduled("helpdesk.jobs.reactions.sweep_outbox", 10),
    Scheduled("helpdesk.jobs.mail.sweep_mail", 15),
    Scheduled("helpdesk.jobs.tickets.wake_snoozed", 30),
    Scheduled("helpdesk.jobs.tickets.close_resolved", 300),
)
