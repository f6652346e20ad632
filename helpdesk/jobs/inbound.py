"""Understanding mail that came in: a few at a time, and each by itself as soon as one needs it, so that one nobody can read
stops no other."""

from helpdesk import background, log
from helpdesk.domain.errors import HelpdeskError, Invalid, Unavailable
from helpdesk.domain.people import system
from helpdesk.jobs.organizations import for_each
from helpdesk.services import organizations, unit_of_work
from helpdesk.services.mail import inbound

_logger = log.get(__name__)


# So many share a transaction, a good part of what understanding one costs. Few, for the agents they go to are locked meanwhile.
_TOGETHER = 10


def understand(organization_id: int) -> int:
    """Understand one organization's waiting mail until none is left."""
    background.begun(inbound.JOB, organization_id)
    total = 0
    while ready := unit_of_work.run(system(organization_id), inbound.claim):
        fresh = [mail_id for mail_id, tries in ready.items() if tries == 1]
        for start in range(0, len(fresh), _TOGETHER):
            _understand(organization_id, fresh[start : start + _TOGETHER])
        for mail_id, tries in ready.items():
            if tries > 1:
                understand_one(organization_id, mail_id)
        total += len(ready)
    return total


def _understand(organization_id: int, mail_ids: list[int]) -> None:
    """Understand some at once; if anything is the matter with one of them, each by itself."""
    if len(mail_ids) > 1:
        try:
            unit_of_work.run(system(organization_id), inbound.understand_all, mail_ids)
            return
        except Exception as error:
            _logger.info("mails are understood one by one", mails=mail_ids, why=type(error).__name__)
    for mail_id in mail_ids:
        understand_one(organization_id, mail_id)


def understand_one(organization_id: int, mail_id: int) -> None:
    """Understand one mail, or write down why not."""
    desk = system(organization_id)
    try:
        unit_of_work.run(desk, inbound.understand, mail_id)
    except inbound.Ignored as ignored:
        unit_of_work.run(desk, inbound.ignore, mail_id, ignored.reason, ignored.ticket_id)
    except Unavailable:
        unit_of_work.run(desk, inbound.wait, mail_id, "The storage for its files does not answer.")
    except HelpdeskError as error:
        told = "; ".join(error.fields.values()) if isinstance(error, Invalid) and error.fields else error.message
        unit_of_work.run(desk, inbound.fail, mail_id, told, is_final=True)
    except Exception as error:
        _logger.exception("a mail could not be understood", mail=mail_id)
        unit_of_work.run(desk, inbound.fail, mail_id, f"{type(error).__name__}: {error}", is_final=False)


def forget_originals() -> int:
    """Delete every organization's originals that are older than it keeps them, a batch at a time."""
    return for_each([one.id for one in organizations.everyone() if one.keep_originals_days], _forget)


def _forget(organization_id: int) -> int:
    total = 0
    while gone := unit_of_work.run(system(organization_id), inbound.forget_originals):
        total += gone
    return total


def sweep_inbound() -> int:
    """Understand every organization's waiting mail, first tries and retries alike."""
    return for_each(inbound.organizations_due(), understand)
