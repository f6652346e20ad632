"""Which mails people can do without. Each notice stands for some templates; a letter with a secret is none of them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Notice:
    """A reason to write to somebody.

    Args:
        key: how it is kept.
        label: what happened, as the profile page says it.
        templates: the mails that say so.
        for_staff: whether it reaches those who work here, or customers.
    """

    key: str
    label: str
    templates: tuple[str, ...]
    for_staff: bool


NOTICES = (
    Notice("assigned_to_me", "A ticket is assigned to me", ("assigned_agent",), for_staff=True),
    Notice("customer_answers", "A customer answers on my ticket", ("customer_replied",), for_staff=True),
    Notice("escalated_to_me", "A ticket is escalated to me", ("escalated",), for_staff=True),
    Notice("promises", "A promise on my ticket is due soon or late", ("sla_warning", "sla_breached"), for_staff=True),
    Notice("low_rating", "A customer rates the help low", ("low_rating",), for_staff=True),
    Notice("received", "My request has arrived", ("ticket_received", "answered_with_articles"), for_staff=False),
    Notice("taken", "Somebody takes on my request", ("assigned_customer",), for_staff=False),
    Notice("answered", "Somebody answers me", ("replied",), for_staff=False),
    Notice("status", "The status of my request changes", ("status_changed",), for_staff=False),
    Notice("rating", "You ask me how the help was", ("csat_asked", "csat_reminder"), for_staff=False),
    Notice("solved", "My request is solved or closed", ("resolved", "closed", "closing_soon"), for_staff=False),
)
_BY_TEMPLATE = {template: notice.key for notice in NOTICES for template in notice.templates}


def of_house(*, staff: bool) -> tuple[Notice, ...]:
    """What staff, or customers, can choose."""
    return tuple(notice for notice in NOTICES if notice.for_staff is staff)


def wants(template: str, *, wants_mail: bool, muted: list[str]) -> bool:
    """Whether somebody wants a mail.

    Args:
        muted: the keys they turned off. A template no notice stands for follows `wants_mail` alone.
    """
    return wants_mail and _BY_TEMPLATE.get(template) not in muted
