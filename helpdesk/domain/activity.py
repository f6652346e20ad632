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
    TICKET_STATUS_REDEFINED = "ticket.status_redefined"
    TICKET_PRIORITY_CHANGED = "ticket.priority_changed"
    TICKET_CATEGORY_CHANGED = "ticket.category_changed"
    TICKET_TAGS_CHANGED = "ticket.tags_changed"
    TICKET_DUE_CHANGED = "ticket.due_changed"
    TICKET_TITLE_CHANGED = "ticket.title_changed"
    TICKET_SNOOZED = "ticket.snoozed"
    TICKET_WOKEN = "ticket.woken"
    TICKET_FILES_ATTACHED = "ticket.files_attached"
    TICKET_RATED = "ticket.rated"
    TICKET_RATING_ASKED = "ticket.rating_asked"
    FILE_BLOCKED = "file.blocked"
    FILE_RELEASED = "file.released"
    FILE_DELETED = "file.deleted"
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
    TICKET_FORWARDED = "ticket.forwarded"
    TICKET_DELETED = "ticket.deleted"
    TICKET_RESTORED = "ticket.restored"
    TICKET_PURGED = "ticket.purged"
    TICKET_REPLY_SCHEDULED = "ticket.reply_scheduled"
    TICKET_REPLY_UNSCHEDULED = "ticket.reply_unscheduled"
    TICKET_REPLY_STOPPED = "ticket.reply_stopped"
    TICKET_TIME_LOGGED = "ticket.time_logged"
    TICKET_TIME_CHANGED = "ticket.time_changed"
    TICKET_TIME_REMOVED = "ticket.time_removed"
    TICKET_FIELD_CHANGED = "ticket.field_changed"
    TICKET_ESCALATED = "ticket.escalated"
    TICKET_DEESCALATED = "ticket.deescalated"
    ESCALATION_FAILED = "escalation.failed"
    TICKET_MAIL_WRITTEN = "ticket.mail_written"
    TICKET_NOTIFIED = "ticket.notified"
    TICKET_POLICY_CHANGED = "ticket.policy_changed"
    TICKET_WEBHOOK_CALLED = "ticket.webhook_called"
    TICKET_WATCHER_ADDED = "ticket.watcher_added"
    TICKET_CLOSING_WARNED = "ticket.closing_warned"
    TICKET_ARTICLES_SENT = "ticket.articles_sent"
    RULE_APPLIED = "rule.applied"
    RULE_FAILED = "rule.failed"
    RULE_UNDONE = "rule.undone"
    TICKET_WATCHER_REMOVED = "ticket.watcher_removed"
    SLA_WARNING = "sla.warning"
    SLA_BREACHED = "sla.breached"
    SLA_MET = "sla.met"
    PERSON_SIGNED_IN = "person.signed_in"
    PERSON_SIGNED_OUT = "person.signed_out"
    PERSON_REGISTRATION_ASKED = "person.registration_asked"
    PERSON_REGISTERED = "person.registered"
    PERSON_AVAILABILITY_CHANGED = "person.availability_changed"
    PERSON_CREATED = "person.created"
    PERSON_CHANGED = "person.changed"
    PERSON_PROFILE_CHANGED = "person.profile_changed"
    PERSON_PICTURE_CHANGED = "person.picture_changed"
    PERSON_ROLE_CHANGED = "person.role_changed"
    PERSON_ACTIVATED = "person.activated"
    PERSON_DEACTIVATED = "person.deactivated"
    PERSON_PASSWORD_RESET_ASKED = "person.password_reset_asked"  # noqa: S105 - a name, not a password
    PERSON_PASSWORD_CHANGED = "person.password_changed"  # noqa: S105 - a name, not a password
    PERSON_TWO_FACTOR_ON = "person.two_factor_on"
    PERSON_TWO_FACTOR_OFF = "person.two_factor_off"
    PERSON_TWO_FACTOR_RESET = "person.two_factor_reset"
    PERSON_RECOVERY_CODES_RENEWED = "person.recovery_codes_renewed"
    PERSON_SESSIONS_ENDED = "person.sessions_ended"
    PERSON_IDENTITY_LINKED = "person.identity_linked"
    PERSON_IDENTITY_UNLINKED = "person.identity_unlinked"
    API_TOKEN_CREATED = "api_token.created"  # noqa: S105 - a name, not a token
    API_TOKEN_REVOKED = "api_token.revoked"  # noqa: S105 - a name, not a token
    PERSON_TOKEN_REPLAYED = "person.token_replayed"  # noqa: S105 - a name, not a token
    PROVIDER_CREATED = "provider.created"
    PROVIDER_CHANGED = "provider.changed"
    PROVIDER_DELETED = "provider.deleted"
    TEAM_CREATED = "team.created"
    TEAM_CHANGED = "team.changed"
    CATEGORY_CREATED = "category.created"
    CATEGORY_CHANGED = "category.changed"
    CUSTOM_FIELD_CREATED = "custom_field.created"
    CUSTOM_FIELD_CHANGED = "custom_field.changed"
    CUSTOM_FIELD_ORDERED = "custom_field.ordered"
    CATEGORY_DELETED = "category.deleted"
    CATEGORY_ORDERED = "category.ordered"
    STATUS_CREATED = "status.created"
    STATUS_CHANGED = "status.changed"
    STATUS_DELETED = "status.deleted"
    STATUS_ORDERED = "status.ordered"
    TRANSITIONS_CHANGED = "transitions.changed"
    PRIORITY_CREATED = "priority.created"
    PRIORITY_CHANGED = "priority.changed"
    PRIORITY_DELETED = "priority.deleted"
    TAG_CREATED = "tag.created"
    TAG_CHANGED = "tag.changed"
    TAG_DELETED = "tag.deleted"
    TAG_MERGED = "tag.merged"
    SKILL_CREATED = "skill.created"
    SKILL_CHANGED = "skill.changed"
    SKILL_DELETED = "skill.deleted"
    COMPANY_CREATED = "company.created"
    COMPANY_CHANGED = "company.changed"
    COMPANY_DELETED = "company.deleted"
    SITE_CREATED = "site.created"
    SITE_CHANGED = "site.changed"
    SITE_DELETED = "site.deleted"
    POLICY_CREATED = "policy.created"
    POLICY_CHANGED = "policy.changed"
    POLICY_DELETED = "policy.deleted"
    ESCALATION_POLICY_CREATED = "escalation_policy.created"
    ESCALATION_POLICY_CHANGED = "escalation_policy.changed"
    ESCALATION_POLICY_DELETED = "escalation_policy.deleted"
    CALENDAR_CREATED = "calendar.created"
    CALENDAR_CHANGED = "calendar.changed"
    CALENDAR_DELETED = "calendar.deleted"
    RULE_CREATED = "rule.created"
    RULE_CHANGED = "rule.changed"
    RULE_DELETED = "rule.deleted"
    RULE_ORDERED = "rule.ordered"
    RULE_EXPLAINING = "rule.explaining"
    MACRO_CREATED = "macro.created"
    MACRO_CHANGED = "macro.changed"
    MACRO_DELETED = "macro.deleted"
    ARTICLE_CREATED = "article.created"
    ARTICLE_CHANGED = "article.changed"
    ARTICLE_PUBLISHED = "article.published"
    ARTICLE_ARCHIVED = "article.archived"
    ARTICLE_WITHDRAWN = "article.withdrawn"
    WEBHOOK_CREATED = "webhook.created"
    WEBHOOK_CHANGED = "webhook.changed"
    WEBHOOK_DELETED = "webhook.deleted"
    WEBHOOK_SECRET_RENEWED = "webhook.secret_renewed"  # noqa: S105 - a name, not a secret
    WEBHOOK_TESTED = "webhook.tested"
    WEBHOOK_REDELIVERED = "webhook.redelivered"
    WEBHOOK_DISABLED = "webhook.disabled"
    INTEGRATION_CREATED = "integration.created"
    INTEGRATION_CHANGED = "integration.changed"
    INTEGRATION_DELETED = "integration.deleted"
    INTEGRATION_TESTED = "integration.tested"
    INTEGRATION_RETRIED = "integration.retried"
    INTEGRATION_DISABLED = "integration.disabled"
    TICKET_ISSUE_OPENED = "ticket.issue_opened"
    CONFIGURATION_APPLIED = "configuration.applied"
    PERSON_INVITED = "person.invited"
    PERSON_HANDED_OVER = "person.handed_over"
    PERSON_MERGED = "person.merged"
    PERSON_UNMERGED = "person.unmerged"
    CUSTOMER_NOTED = "customer.noted"
    CUSTOMER_NOTE_EDITED = "customer.note_edited"
    CUSTOMER_NOTE_DELETED = "customer.note_deleted"
    CUSTOMER_NOTE_RESTORED = "customer.note_restored"
    TEAM_DELETED = "team.deleted"
    ORGANIZATION_CREATED = "organization.created"
    ORGANIZATION_CHANGED = "organization.changed"
    VIEW_CREATED = "view.created"
    VIEW_CHANGED = "view.changed"
    VIEW_DELETED = "view.deleted"
    VIEW_RESTORED = "view.restored"
    BULK_STARTED = "bulk.started"
    BULK_UNDONE = "bulk.undone"
    MAIL_SENT_AGAIN = "mail.sent_again"
    IMPORT_FINISHED = "import.finished"
    MAILBOX_CREATED = "mailbox.created"
    MAILBOX_CHANGED = "mailbox.changed"
    MAILBOX_DELETED = "mailbox.deleted"
    MAILBOX_SECRET_RENEWED = "mailbox.secret_renewed"  # noqa: S105 - a name, not a secret
    MAIL_READ_AGAIN = "mail.read_again"
    TICKET_MAIL_BOUNCED = "ticket.mail_bounced"
    PERSON_BOUNCED = "person.bounced"
    PERSON_REACHABLE = "person.reachable"


# What a customer may learn of; everything else is for staff.
PUBLIC_KINDS = frozenset(
    {
        ActivityKind.TICKET_CREATED,
        ActivityKind.TICKET_REPLIED,
        ActivityKind.TICKET_ASSIGNED,
        ActivityKind.TICKET_STATUS_CHANGED,
        ActivityKind.TICKET_RATED,
        ActivityKind.TICKET_CLOSING_WARNED,
        ActivityKind.TICKET_ARTICLES_SENT,
        ActivityKind.TICKET_REPLY_EDITED,
        ActivityKind.TICKET_MERGED,
        ActivityKind.TICKET_MERGED_IN,
        ActivityKind.TICKET_UNMERGED,
        ActivityKind.TICKET_UNMERGED_FROM,
        ActivityKind.TICKET_RESTORED,
    }
)

# What administrators do, as Settings > Audit shows it. Each carries the name of what it is about, and what was `before`
# and `after`.
ADMIN_SENTENCES: dict[ActivityKind, str] = {
    ActivityKind.PERSON_CREATED: "created the account of {name}",
    ActivityKind.PERSON_CHANGED: "changed {name}",
    ActivityKind.PERSON_ROLE_CHANGED: "gave {name} another role",
    ActivityKind.PERSON_ACTIVATED: "activated {name}",
    ActivityKind.PERSON_DEACTIVATED: "deactivated {name}",
    ActivityKind.PERSON_INVITED: "invited {name}",
    ActivityKind.PERSON_TWO_FACTOR_RESET: "reset the two-factor sign-in of {name}",
    ActivityKind.PERSON_HANDED_OVER: "handed over the tickets of {name} ({tickets})",
    ActivityKind.PERSON_MERGED: "merged {name} into {into} ({tickets})",
    ActivityKind.PERSON_UNMERGED: "took {name} out of {into} again ({tickets})",
    ActivityKind.TEAM_CREATED: "created the team “{name}”",
    ActivityKind.TEAM_CHANGED: "changed the team “{name}”",
    ActivityKind.TEAM_DELETED: "deleted the team “{name}”",
    ActivityKind.SKILL_CREATED: "created the skill “{name}”",
    ActivityKind.SKILL_CHANGED: "changed the skill “{name}”",
    ActivityKind.SKILL_DELETED: "deleted the skill “{name}”",
    ActivityKind.COMPANY_CREATED: "created the company “{name}”",
    ActivityKind.COMPANY_CHANGED: "changed the company “{name}”",
    ActivityKind.COMPANY_DELETED: "deleted the company “{name}”",
    ActivityKind.SITE_CREATED: "added the site “{name}”",
    ActivityKind.SITE_CHANGED: "changed the site “{name}”",
    ActivityKind.SITE_DELETED: "deleted the site “{name}”",
    ActivityKind.STATUS_CREATED: "created the status “{name}”",
    ActivityKind.STATUS_CHANGED: "changed the status “{name}”",
    ActivityKind.STATUS_DELETED: "deleted the status “{name}”",
    ActivityKind.STATUS_ORDERED: "changed the order of statuses",
    ActivityKind.TRANSITIONS_CHANGED: "changed which status may follow which, for the role {name}",
    ActivityKind.PRIORITY_CREATED: "created the priority “{name}”",
    ActivityKind.PRIORITY_CHANGED: "changed the priority “{name}”",
    ActivityKind.PRIORITY_DELETED: "deleted the priority “{name}”",
    ActivityKind.CATEGORY_CREATED: "created the category “{name}”",
    ActivityKind.CATEGORY_CHANGED: "changed the category “{name}”",
    ActivityKind.CATEGORY_DELETED: "deleted the category “{name}”",
    ActivityKind.CATEGORY_ORDERED: "changed the order of categories",
    ActivityKind.CUSTOM_FIELD_CREATED: "created the custom field “{name}”",
    ActivityKind.CUSTOM_FIELD_CHANGED: "changed the custom field “{name}”",
    ActivityKind.CUSTOM_FIELD_ORDERED: "changed the order of custom fields",
    ActivityKind.TAG_CREATED: "created the tag “{name}”",
    ActivityKind.TAG_CHANGED: "changed the tag “{name}”",
    ActivityKind.TAG_DELETED: "deleted the tag “{name}” ({tickets})",
    ActivityKind.TAG_MERGED: "merged the tag “{name}” into “{into}” ({tickets})",
    ActivityKind.POLICY_CREATED: "created the SLA policy “{name}”",
    ActivityKind.POLICY_CHANGED: "changed the SLA policy “{name}”",
    ActivityKind.POLICY_DELETED: "deleted the SLA policy “{name}”",
    ActivityKind.ESCALATION_POLICY_CREATED: "created the escalation policy “{name}”",
    ActivityKind.ESCALATION_POLICY_CHANGED: "changed the escalation policy “{name}”",
    ActivityKind.ESCALATION_POLICY_DELETED: "deleted the escalation policy “{name}”",
    ActivityKind.CALENDAR_CREATED: "created the calendar “{name}”",
    ActivityKind.CALENDAR_CHANGED: "changed the calendar “{name}”",
    ActivityKind.CALENDAR_DELETED: "deleted the calendar “{name}”",
    ActivityKind.RULE_CREATED: "created the rule “{name}”",
    ActivityKind.RULE_CHANGED: "changed the rule “{name}”",
    ActivityKind.RULE_DELETED: "deleted the rule “{name}”",
    ActivityKind.RULE_ORDERED: "changed the order of rules",
    ActivityKind.RULE_EXPLAINING: "changed whether the rule “{name}” logs why it does not apply",
    ActivityKind.MACRO_CREATED: "created the macro “{name}”",
    ActivityKind.MACRO_CHANGED: "changed the macro “{name}”",
    ActivityKind.MACRO_DELETED: "deleted the macro “{name}”",
    ActivityKind.ARTICLE_CREATED: "wrote the article “{name}”",
    ActivityKind.ARTICLE_CHANGED: "changed the article “{name}”",
    ActivityKind.ARTICLE_PUBLISHED: "published the article “{name}”",
    ActivityKind.ARTICLE_ARCHIVED: "archived the article “{name}”",
    ActivityKind.ARTICLE_WITHDRAWN: "made the article “{name}” a draft again",
    ActivityKind.WEBHOOK_CREATED: "created the webhook “{name}”",
    ActivityKind.WEBHOOK_CHANGED: "changed the webhook “{name}”",
    ActivityKind.WEBHOOK_DELETED: "deleted the webhook “{name}”",
    ActivityKind.WEBHOOK_SECRET_RENEWED: "made a new secret for the webhook “{name}”",
    ActivityKind.WEBHOOK_TESTED: "sent a test to the webhook “{name}”",
    ActivityKind.WEBHOOK_REDELIVERED: "had the webhook “{name}” called again",
    ActivityKind.WEBHOOK_DISABLED: "switched the webhook “{name}” off, because it does not answer",
    ActivityKind.INTEGRATION_CREATED: "created the integration “{name}”",
    ActivityKind.INTEGRATION_CHANGED: "changed the integration “{name}”",
    ActivityKind.INTEGRATION_DELETED: "deleted the integration “{name}”",
    ActivityKind.INTEGRATION_TESTED: "sent a test to the integration “{name}”",
    ActivityKind.INTEGRATION_RETRIED: "had the integration “{name}” told again",
    ActivityKind.INTEGRATION_DISABLED: "switched the integration “{name}” off, because it does not answer",
    ActivityKind.CONFIGURATION_APPLIED: "applied a configuration: {summary}",
    ActivityKind.PROVIDER_CREATED: "created the sign-in provider “{name}”",
    ActivityKind.PROVIDER_CHANGED: "changed the sign-in provider “{name}”",
    ActivityKind.PROVIDER_DELETED: "deleted the sign-in provider “{name}” ({people})",
    ActivityKind.API_TOKEN_CREATED: "made the API token “{name}”",
    ActivityKind.API_TOKEN_REVOKED: "revoked the API token “{name}”",
    ActivityKind.ORGANIZATION_CREATED: "founded the organization",
    ActivityKind.ORGANIZATION_CHANGED: "changed the organization's settings",
    ActivityKind.TICKET_DELETED: "deleted the ticket {reference}",
    ActivityKind.TICKET_PURGED: "deleted the ticket {reference} for good",
    ActivityKind.MAIL_SENT_AGAIN: "had a mail sent again",
    ActivityKind.IMPORT_FINISHED: "imported tickets",
    ActivityKind.MAILBOX_CREATED: "created the mailbox “{name}”",
    ActivityKind.MAILBOX_CHANGED: "changed the mailbox “{name}”",
    ActivityKind.MAILBOX_DELETED: "deleted the mailbox “{name}”",
    ActivityKind.MAILBOX_SECRET_RENEWED: "made a new secret for the mailbox “{name}”",
    ActivityKind.MAIL_READ_AGAIN: "had a received mail read again",
    ActivityKind.FILE_RELEASED: "released the blocked file “{name}”",
    ActivityKind.FILE_DELETED: "deleted the blocked file “{name}” for good",
    ActivityKind.PERSON_BOUNCED: "stopped sending mail to {name}: it comes back",
    ActivityKind.PERSON_REACHABLE: "has mail sent to {name} again",
}
ADMIN_KINDS = frozenset(ADMIN_SENTENCES)

# "{...}" are keys of the activity's data; a missing key says "nothing".
SENTENCES: dict[ActivityKind, str] = {
    ActivityKind.TICKET_CREATED: "filed the ticket",
    ActivityKind.TICKET_REPLIED: "replied",
    ActivityKind.TICKET_NOTED: "added a note",
    ActivityKind.TICKET_ASSIGNED: "assigned it to {assignee}",
    ActivityKind.TICKET_UNASSIGNED: "took it from {previous}",
    ActivityKind.TICKET_TEAM_CHANGED: "moved it from team {before} to {after}",
    ActivityKind.TICKET_STATUS_CHANGED: "changed the status from {before} to {after}",
    ActivityKind.TICKET_STATUS_REDEFINED: "redefined the status {after}: it counts as {after_category} now",
    ActivityKind.TICKET_PRIORITY_CHANGED: "changed the priority from {before} to {after}",
    ActivityKind.TICKET_CATEGORY_CHANGED: "changed the category from {before} to {after}",
    ActivityKind.TICKET_TAGS_CHANGED: "changed the tags to {after}",
    ActivityKind.TICKET_DUE_CHANGED: "changed the due date to {after}",
    ActivityKind.TICKET_TITLE_CHANGED: "changed the subject from “{before}”",
    ActivityKind.TICKET_SNOOZED: "snoozed it until {until}",
    ActivityKind.TICKET_WOKEN: "woke it from its snooze",
    ActivityKind.TICKET_FILES_ATTACHED: "attached {files}",
    ActivityKind.TICKET_RATED: "rated the help {score} of 5",
    ActivityKind.TICKET_RATING_ASKED: "{how} the customer how the help was",
    ActivityKind.FILE_BLOCKED: "blocked the file “{filename}”: {why}",
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
    ActivityKind.TICKET_FORWARDED: "forwarded it to {to}",
    ActivityKind.TICKET_RESTORED: "restored it from the trash",
    ActivityKind.TICKET_REPLY_SCHEDULED: "scheduled a reply for {shown}",
    ActivityKind.TICKET_REPLY_UNSCHEDULED: "took back a scheduled reply",
    ActivityKind.TICKET_REPLY_STOPPED: "held back the scheduled reply of {author}",
    ActivityKind.TICKET_TIME_LOGGED: "spent {spent} on it",
    ActivityKind.TICKET_TIME_CHANGED: "corrected a time entry from {before} to {after}",
    ActivityKind.TICKET_TIME_REMOVED: "removed a time entry of {spent}",
    ActivityKind.TICKET_FIELD_CHANGED: "changed {label} from {before} to {after}",
    ActivityKind.TICKET_MAIL_WRITTEN: "sent a mail to {to}: {subject}",
    ActivityKind.TICKET_POLICY_CHANGED: "changed the SLA policy from {before} to {after}",
    ActivityKind.TICKET_NOTIFIED: "notified {told}: {body}",
    ActivityKind.TICKET_MAIL_BOUNCED: "could not deliver a mail to {to}",
    ActivityKind.TICKET_WEBHOOK_CALLED: "called the webhook “{name}”",
    ActivityKind.TICKET_ISSUE_OPENED: "opened {issue} in {name}",
    ActivityKind.TICKET_WATCHER_ADDED: "let {name} watch",
    ActivityKind.TICKET_ARTICLES_SENT: "sent the customer the {number} {titles}",
    ActivityKind.TICKET_CLOSING_WARNED: "told the customer that it closes in {notice} without an answer",
    ActivityKind.RULE_APPLIED: "applied",
    ActivityKind.RULE_FAILED: "could not be applied",
    ActivityKind.RULE_UNDONE: "took back what the rule “{name}” did",
    ActivityKind.TICKET_WATCHER_REMOVED: "no longer lets {name} watch",
    ActivityKind.PERSON_PROFILE_CHANGED: "changed their profile: {fields}",
    ActivityKind.PERSON_PASSWORD_CHANGED: "changed the password",
    ActivityKind.PERSON_TWO_FACTOR_ON: "turned two-factor sign-in on",
    ActivityKind.PERSON_TWO_FACTOR_OFF: "turned two-factor sign-in off",
    ActivityKind.PERSON_RECOVERY_CODES_RENEWED: "made new recovery codes",
    ActivityKind.PERSON_IDENTITY_LINKED: "linked their account with {provider}",
    ActivityKind.PERSON_IDENTITY_UNLINKED: "unlinked their account from {provider}",
    ActivityKind.PERSON_SESSIONS_ENDED: "signed out {number} of their browsers",
    ActivityKind.PERSON_TOKEN_REPLAYED: "was signed out: a refresh token was used twice",
    ActivityKind.PERSON_PICTURE_CHANGED: "changed their picture",
    ActivityKind.PERSON_AVAILABILITY_CHANGED: "became {after}",
    ActivityKind.CUSTOMER_NOTED: "wrote a note about {name}",
    ActivityKind.CUSTOMER_NOTE_EDITED: "edited a note about {name}",
    ActivityKind.CUSTOMER_NOTE_DELETED: "deleted a note about {name}",
    ActivityKind.CUSTOMER_NOTE_RESTORED: "brought back a note about {name}",
    ActivityKind.TICKET_ESCALATED: "{what} and told {told}",
    ActivityKind.TICKET_DEESCALATED: "{what}",
    ActivityKind.ESCALATION_FAILED: "could not escalate by “{name}”, step {step}: {reason}",
    ActivityKind.SLA_WARNING: "warned: the {metric} is due soon",
    ActivityKind.SLA_BREACHED: "recorded a breach: the {metric} is late",
    ActivityKind.SLA_MET: "recorded the {metric} as met",
    ActivityKind.VIEW_CREATED: "saved the view “{name}”",
    ActivityKind.VIEW_CHANGED: "changed the view “{name}”",
    ActivityKind.VIEW_DELETED: "deleted the view “{name}”",
    ActivityKind.VIEW_RESTORED: "brought back the view “{name}”",
    ActivityKind.BULK_STARTED: "changed {total} tickets at once: {what}",
    ActivityKind.BULK_UNDONE: "took back a change of {total} tickets: {what}",
} | ADMIN_SENTENCES


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
