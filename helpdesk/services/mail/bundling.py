"""Several things about one ticket within a short while become one mail; so does what waited for quiet hours to end."""

from collections.abc import Sequence
from datetime import timedelta

from helpdesk.models import Delivery
from helpdesk.services.context import step

# What follows a mail about the same ticket within this time waits, and goes as one.
BURST = timedelta(minutes=2)
# What somebody waits for, or has to act on, waits for nothing more to come and goes by itself.
PROMPT = frozenset({"replied", "ticket_received", "mentioned", "escalated", "sla_breached", "customer_replied"})
# Whole mails of other people's words, or to people without an account.
_ALONE = PROMPT | {"forwarded", "written", "csat_asked", "csat_reminder", "file_blocked", "file_settled"}


@step
def together(due: Sequence[Delivery]) -> list[list[Delivery]]:
    """Mails to send, in their order: those to one person about one ticket that may go as one, together."""
    groups: dict[tuple[object, ...], list[Delivery]] = {}
    for one in due:
        is_alone = one.template in _ALONE or not one.ticket_id or not one.person_id or one.attempts > 0
        key = (one.id,) if is_alone else (one.ticket_id, one.person_id, one.to_address)
        groups.setdefault(key, []).append(one)
    return list(groups.values())
