"""The kinds of things that happen, and the sentence each one says in a timeline."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class ActivityKind(StrEnum):
    """One row in the activity log is one of these."""

    TICKET_CREATED = "ticket.created"
    TICKET_REPLIED = "ticket.replied"
    TICKET_NOTED = "ticket.noted"
    TICKET_ASSIGNED = "ticket.assigned"
    TICKET_UNASSIGNED = "ticket.unassigned"
    TICKET_TEAM_CHANGED = "ticket.team_changed"
    TICKET_STATUS_CHANGED = "ticket.status_changed"
    TICKET_PRIORITY_CHANGED = "ticket.priority_changed"
    TICKET_CATEGORY_CHANGED = "ticket.category_changed"
    TICKET_TAGS_CHANGED = "ticket.tags_changed"
    TICKET_DUE_CHANGED = "ticket.due_changed"
    TICKET_TITLE_CHANGED = "ticket.title_changed"
    TICKET_SNOOZED = "ticket.snoozed"
    TICKET_WOKEN = "ticket.woken"
    TICKET_FILES_ATTACHED = "ticket.files_attached"
    TICKET_RATED = "ticket.rated"
    TICKET_WATCHED = "ticket.watched"
    TICKET_UNWATCHED = "ticket.unwatched"
    TICKET_MENTIONED = "ticket.mentioned"
    TICKET_REPLY_EDITED = "ticket.reply_edited"
    TICKET_NOTE_EDITED = "ticket.note_edited"
    TICKET_LINKED = "ticket.linked"
    TICKET_UNLINKED = "ticket.unlinked"
    TICKET_MERGED = "ticket.merged"
    TICKET_MERGED_IN = "ticket.merged_in"
    TICKET_UNMERGED = "ticket.unmerged"
    TICKET_UNMERGED_FROM = "ticket.unmerged_from"
    TICKET_FOLLOWED_UP = "ticket.followed_up"
    TICKET_DELETED = "ticket.deleted"
    TICKET_RESTORED = "ticket.restored"
    TICKET_PURGED = "ticket.purged"
    TICKET_TIME_LOGGED = "ticket.time_logged"
    TICKET_TIME_CHANGED = "ticket.time_changed"
    TICKET_TIME_REMOVED = "ticket.time_removed"
    TICKET_FIELD_CHANGED = "ticket.field_changed"
    SLA_WARNING = "sla.warning"
    SLA_BREACHED = "sla.breached"
    SLA_MET = "sla.met"
    PERSON_SIGNED_IN = "person.signed_in"
    PERSON_SIGNED_OUT = "person.signed_out"
    PERSON_REGISTERED = "person.registered"
    PERSON_AVAILABILITY_CHANGED = "person.availability_changed"
    PERSON_CREATED = "person.created"
    PERSON_CHANGED = "person.changed"
    PERSON_ROLE_CHANGED = "person.role_changed"
    PERSON_ACTIVATED = "person.activated"
    PERSON_DEACTIVATED = "person.deactivated"
    PERSON_PASSWORD_RESET_ASKED = "person.password_reset_asked"  # noqa: S105 - a name, not a password
    PERSON_PASSWORD_CHANGED = "person.password_changed"  # noqa: S105 - a name, not a password
    TEAM_CREATED = "team.created"
    TEAM_CHANGED = "team.changed"
    CATEGORY_CREATED = "category.created"
    CATEGORY_CHANGED = "category.changed"
    CUSTOM_FIELD_CREATED = "custom_field.created"
    CUSTOM_FIELD_CHANGED = "custom_field.changed"
    ORGANIZATION_CREATED = "organization.created"
    ORGANIZATION_CHANGED = "organization.changed"
    MAIL_SENT_AGAIN = "mail.sent_again"
    IMPORT_FINISHED = "import.finished"


# What a customer may learn of; everything else is for staff.
PUBLIC_KINDS = frozenset(
    {
        ActivityKind.TICKET_CREATED,
        ActivityKind.TICKET_REPLIED,
        ActivityKind.TICKET_ASSIGNED,
        ActivityKind.TICKET_STATUS_CHANGED,
        ActivityKind.TICKET_RATED,
        ActivityKind.TICKET_REPLY_EDITED,
        ActivityKind.TICKET_MERGED,
        ActivityKind.TICKET_MERGED_IN,
        ActivityKind.TICKET_UNMERGED,
        ActivityKind.TICKET_UNMERGED_FROM,
        ActivityKind.TICKET_RESTORED,
    }
)

# "{...}" are keys of the activity's data; a missing key says "nothing".
SENTENCES: dict[ActivityKind, str] = {
    ActivityKind.TICKET_CREATED: "filed the ticket",
    ActivityKind.TICKET_REPLIED: "replied",
    ActivityKind.TICKET_NOTED: "added a note",
    ActivityKind.TICKET_ASSIGNED: "assigned it to {assignee}",
    ActivityKind.TICKET_UNASSIGNED: "took it from {previous}",
    ActivityKind.TICKET_TEAM_CHANGED: "moved it from team {before} to {after}",
    ActivityKind.TICKET_STATUS_CHANGED: "changed the status from {before} to {after}",
    ActivityKind.TICKET_PRIORITY_CHANGED: "changed the priority from {before} to {after}",
    ActivityKind.TICKET_CATEGORY_CHANGED: "changed the category from {before} to {after}",
    ActivityKind.TICKET_TAGS_CHANGED: "changed the tags to {after}",
    ActivityKind.TICKET_DUE_CHANGED: "changed the due date to {after}",
    ActivityKind.TICKET_TITLE_CHANGED: "changed the subject from “{before}”",
    ActivityKind.TICKET_SNOOZED: "snoozed it until {until}",
    ActivityKind.TICKET_WOKEN: "woke it from its snooze",
    ActivityKind.TICKET_FILES_ATTACHED: "attached {files}",
    ActivityKind.TICKET_RATED: "rated the help {score} of 5",
    ActivityKind.TICKET_WATCHED: "started watching",
    ActivityKind.TICKET_UNWATCHED: "stopped watching",
    ActivityKind.TICKET_MENTIONED: "mentioned {name}",
    ActivityKind.TICKET_REPLY_EDITED: "edited a reply",
    ActivityKind.TICKET_NOTE_EDITED: "edited a note",
    ActivityKind.TICKET_LINKED: "linked {other} as {how}",
    ActivityKind.TICKET_UNLINKED: "removed the link to {other}",
    ActivityKind.TICKET_MERGED: "merged it into {other}",
    ActivityKind.TICKET_MERGED_IN: "merged {other} into it",
    ActivityKind.TICKET_UNMERGED: "took it out of {other} again",
    ActivityKind.TICKET_UNMERGED_FROM: "took {other} out again",
    ActivityKind.TICKET_FOLLOWED_UP: "followed it up with {other}",
    ActivityKind.TICKET_DELETED: "deleted {reference}",
    ActivityKind.TICKET_RESTORED: "restored it from the trash",
    ActivityKind.TICKET_PURGED: "deleted {reference} for good",
    ActivityKind.TICKET_TIME_LOGGED: "spent {spent} on it",
    ActivityKind.TICKET_TIME_CHANGED: "corrected a time entry from {before} to {after}",
    ActivityKind.TICKET_TIME_REMOVED: "removed a time entry of {spent}",
    ActivityKind.TICKET_FIELD_CHANGED: "changed {label} from {before} to {after}",
    ActivityKind.SLA_WARNING: "warned: the {metric} is due soon",
    ActivityKind.SLA_BREACHED: "recorded a breach: the {metric} is late",
    ActivityKind.SLA_MET: "recorded the {metric} as met",
}


class _Nothing(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "nothing"


def sentence(kind: ActivityKind, data: dict[str, Any]) -> str:
    """What happened, without who: "changed the status from New to Open"."""
    template = SENTENCES.get(kind, kind.value.replace(".", " ").replace("_", " "))
    shown = {key: ("nothing" if value in (None, "", []) else value) for key, value in data.items()}
    for key, value in shown.items():
        if isinstance(value, list):
            shown[key] = ", ".join(str(item) for item in value)
    text = template.format_map(_Nothing(shown))
    reason = data.get("reason")
    return f"{text} ({reason})" if reason else text


@dataclass(frozen=True, slots=True)
class Happened:
    """What listeners are told: the facts of one activity, detached from the database."""

    id: int
    kind: ActivityKind
    ticket_id: int | None
    actor_id: int | None
    actor_name: str
    data: dict[str, Any]
    subject_id: int | None = None
    cause_id: int | None = None
