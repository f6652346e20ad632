"""Reading mailboxes, outside of every transaction: another house may take its time."""

from helpdesk import background, log
from helpdesk.adapters import imap
from helpdesk.domain.people import Actor, system
from helpdesk.services import unit_of_work
from helpdesk.services.mail import inbound, polling
from helpdesk.services.mail.polling import Progress, Turn

_logger = log.get(__name__)


def poll(organization_id: int, mailbox_id: int) -> int:
    """Read one mailbox, a batch at most; returns how many mails were new."""
    desk = system(organization_id)
    turn = unit_of_work.run(desk, polling.claim, mailbox_id)
    if turn is None:
        return 0
    progress = _read(desk, turn)
    unit_of_work.run(desk, polling.settle, mailbox_id, progress)
    return progress.kept


def sweep_mailboxes() -> int:
    """Have every mailbox read whose turn it is, each in a job of its own: a slow one keeps nothing from the others."""
    due = polling.mailboxes_due()
    for organization_id, mailbox_id in due:
        background.enqueue(polling.JOB, organization_id, mailbox_id)
    return len(due)


def _read(desk: Actor, turn: Turn) -> Progress:
    validity, reached, kept, stuck = turn.uid_validity, turn.last_uid, 0, 0
    try:
        with imap.opened(turn.account) as folder:
            numbers, reached = polling.to_read(folder, turn)
            validity = folder.uid_validity
            for uid in numbers[: polling.BATCH]:
                raw = folder.fetch(uid)
                is_new = _keep(desk, turn.mailbox_id, raw, folder.size) if raw is not None else False
                if is_new is None:
                    stuck = stuck or uid
                elif raw is not None:
                    kept += is_new
                    folder.see(uid)
                reached = max(reached, uid if not stuck else min(uid, stuck - 1))
            error = f"The mail with the number {stuck} could not be kept; it is tried again." if stuck else ""
            return Progress(validity, reached, kept, error, has_more=len(numbers) > polling.BATCH)
    except imap.ImapFailed as error:
        return Progress(validity, reached, kept, error=str(error))


def _keep(desk: Actor, mailbox_id: int, raw: bytes, size: int) -> bool | None:
    """Keep a mail; whether it is new, or None when that did not work: it stays there and is met again, and those behind it
    are not kept waiting."""
    try:
        if size > imap.LARGEST:
            unit_of_work.run(desk, inbound.keep_headers, raw, mailbox_id=mailbox_id)
            return True
        return unit_of_work.run(desk, inbound.keep, raw, mailbox_id=mailbox_id, door=inbound.IMAP).is_new
    except Exception:
        _logger.exception("a mail could not be kept", mailbox=mailbox_id)
        return None
