"""What ties a mail to a ticket, besides its headers: a stamp in the address answers go to, a reference in the subject. Pure."""

import re
from collections.abc import Iterable, Sequence

from helpdesk.domain.tickets import REFERENCE_ALPHABET, REFERENCE_LENGTH

_REFERENCE = re.compile(rf"\[([A-Z][A-Z0-9]{{0,9}}-[{REFERENCE_ALPHABET}]{{{REFERENCE_LENGTH}}})\]", re.IGNORECASE)
_STAMPED = re.compile(r"^([^@+]+)\+([a-z2-7]{17,60})@(.+)$")
# Nobody reads more of a conversation's ids than this; mail programs thread by the first and the last ones.
# How programs mark answers and what is sent on, in the languages of their users. Not "R:" and "I:": those are drives as well.
_FORWARDS = r"fw|fwd|wg|tr|rv|enc|doorst|vb|vl|pd|ilt|vid|bls|转发|轉寄|пересл|fs"
_ANSWERS = r"re|aw|antwort|sv|antw|rif|res|odp|ynt|vá|vs|回复|答复|回覆|ответ|отв|απ|σχετ"
_MARKS = re.compile(rf"^(?:\s*(?:{_ANSWERS}|{_FORWARDS})\s?(?:[\[(]\d+[\])])?\s*[:：])+", re.IGNORECASE)
_HANDED_ON = re.compile(rf"\s*(?:{_FORWARDS})\s*[:：]", re.IGNORECASE)
_MOST_IDS = 12


def stamped(address: str, stamp: str) -> str:
    """An address with a stamp in it: support+<stamp>@acme.example; as it was when that would become too long."""
    local, _, domain = address.partition("@")
    local = local.partition("+")[0]
    return f"{local}+{stamp}@{domain}" if len(local) + len(stamp) < 64 else address


def unstamped(address: str) -> tuple[str, str]:
    """The address without its stamp, and the stamp; no stamp when there is none."""
    match = _STAMPED.match(address.strip().lower())
    return (f"{match[1]}@{match[3]}", match[2]) if match else (address.strip().lower(), "")


def reference_in(subject: str) -> str:
    """The reference a subject names in brackets, or nothing. The last one counts: it was put there first."""
    found = _REFERENCE.findall(subject)
    return found[-1].upper() if found else ""


def without_reference(subject: str) -> str:
    """A subject as the title of a ticket: without references and marks of answers."""
    plain = _REFERENCE.sub(" ", subject)
    return " ".join(_MARKS.sub("", plain).split())


def is_handed_on(subject: str) -> bool:
    """Whether a subject says that somebody sends on what others have written."""
    return bool(_HANDED_ON.match(_REFERENCE.sub(" ", subject)))


def references(root: str, known: Sequence[str]) -> str:
    """The header of that name: the beginning of the conversation and its latest mails, each in brackets.

    Args:
        root: what every mail about the ticket refers to, brackets and all.
        known: message ids without brackets, oldest first.
    """
    ids = list(dict.fromkeys(known))
    if len(ids) > _MOST_IDS:
        ids = [ids[0], *ids[-_MOST_IDS + 1 :]]
    return " ".join(dict.fromkeys([root, *(f"<{one}>" for one in ids)]))


def is_unproven(results: str, trusted: str) -> str:
    """What a trusted server's Authentication-Results (RFC 8601) hold against the sender; nothing when they hold nothing.

    Args:
        results: the topmost header of that name: every server writes its own above what was there.
        trusted: the name of the server whose word counts; others can be written by anybody.
    """
    server, _, said = results.partition(";")
    name = server.strip().split(" ")[0].lower()
    if not trusted or name != trusted.strip().lower():
        return ""
    found = {
        key.lower(): value.lower() for key, value in re.findall(r"\b(dmarc|spf|dkim)\s*=\s*(\w+)", said, re.IGNORECASE)
    }
    if found.get("dmarc") == "fail":
        return "dmarc=fail"
    if "dmarc" not in found and found.get("spf") in ("fail", "softfail") and found.get("dkim") != "pass":
        return f"spf={found['spf']}"
    return ""


def is_ours(address: str, ours: Iterable[str]) -> bool:
    """Whether an address is one of the desk's own mailboxes, stamped or not."""
    local, _, domain = address.strip().lower().partition("@")
    return f"{local.partition('+')[0]}@{domain}" in set(ours)
