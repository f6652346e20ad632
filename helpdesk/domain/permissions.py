"""What each role may do. The only table of permissions; verbs name one with `@requires`."""

from enum import StrEnum

from helpdesk.domain.people import Actor, Role


class Permission(StrEnum):
    """One thing someone may be allowed to do."""

    # One's own profile, password and sessions.
    ACCOUNT = "account"
    TICKET_CREATE = "ticket.create"
    TICKET_CREATE_FOR_OTHERS = "ticket.create_for_others"
    TICKET_READ = "ticket.read"
    TICKET_REPLY = "ticket.reply"
    TICKET_NOTE = "ticket.note"
    TICKET_ASSIGN = "ticket.assign"
    TICKET_TAKE = "ticket.take"
    TICKET_STATUS = "ticket.status"
    TICKET_EDIT = "ticket.edit"
    TICKET_ESCALATE = "ticket.escalate"
    TICKET_RATE = "ticket.rate"
    TICKET_WATCH = "ticket.watch"
    TICKET_MERGE = "ticket.merge"
    TICKET_DELETE = "ticket.delete"
    TIME_TRACK = "time.track"
    AVAILABILITY = "availability"
    CUSTOMER_READ = "customer.read"
    VIEW_OWN = "view.own"
    VIEW_SHARE = "view.share"
    REPORT_READ = "report.read"
    PERSON_READ = "person.read"
    PERSON_MANAGE = "person.manage"
    # Two accounts of one customer become one: whoever may needs to see all of their tickets.
    PERSON_MERGE = "person.merge"
    ROLE_MANAGE = "role.manage"
    TEAM_MANAGE = "team.manage"
    CATALOG_MANAGE = "catalog.manage"
    ORGANIZATION_MANAGE = "organization.manage"
    PROVIDER_MANAGE = "provider.manage"
    AUDIT_READ = "audit.read"
    SIGN_IN_EXPORT = "sign_in.export"
    CONFIGURATION_MANAGE = "configuration.manage"
    AUTOMATION_MANAGE = "automation.manage"
    WEBHOOK_MANAGE = "webhook.manage"
    MACRO_OWN = "macro.own"
    MACRO_SHARE = "macro.share"
    MAIL_READ = "mail.read"
    MAILBOX_MANAGE = "mailbox.manage"
    ARTICLE_WRITE = "article.write"
    IMPORT = "import"


P = Permission

# What each lets somebody do, in words, in the order they are offered for a token.
IN_WORDS: dict[Permission, str] = {
    P.TICKET_READ: "Read tickets",
    P.TICKET_CREATE: "File tickets and upload files",
    P.TICKET_CREATE_FOR_OTHERS: "File tickets for other people",
    P.TICKET_REPLY: "Reply",
    P.TICKET_NOTE: "Write internal notes",
    P.TICKET_STATUS: "Change the status",
    P.TICKET_EDIT: "Change priority, category, tags and other fields",
    P.TICKET_TAKE: "Take tickets",
    P.TICKET_ASSIGN: "Assign tickets",
    P.TICKET_ESCALATE: "Escalate tickets",
    P.TICKET_WATCH: "Watch tickets",
    P.TICKET_MERGE: "Merge tickets",
    P.TICKET_RATE: "Rate the help",
    P.TICKET_DELETE: "Delete and restore tickets",
    P.TIME_TRACK: "Log time",
    P.CUSTOMER_READ: "Read customers, links, history and time of tickets",
    P.PERSON_READ: "Read people, teams, skills and tags",
    P.VIEW_OWN: "Use and save views",
    P.VIEW_SHARE: "Share views",
    P.MACRO_OWN: "Use and save macros",
    P.MACRO_SHARE: "Share macros",
    P.REPORT_READ: "Read reports",
    P.AVAILABILITY: "Say whether new tickets may come",
    P.ACCOUNT: "Read and change your own account",
    P.PERSON_MANAGE: "Manage people and companies",
    P.PERSON_MERGE: "Merge duplicate customers",
    P.TEAM_MANAGE: "Manage teams",
    P.ARTICLE_WRITE: "Write articles",
    P.WEBHOOK_MANAGE: "Manage webhooks",
    P.CATALOG_MANAGE: "Manage statuses, categories, tags, calendars and promises",
    P.AUTOMATION_MANAGE: "Manage rules",
    P.ORGANIZATION_MANAGE: "Manage the organization",
    P.CONFIGURATION_MANAGE: "Export and apply the configuration",
    P.AUDIT_READ: "Read the audit and the sign-in log",
    P.SIGN_IN_EXPORT: "Export the sign-in log",
    P.MAIL_READ: "Read sent mail",
    P.MAILBOX_MANAGE: "Manage mailboxes and read received mail",
    P.IMPORT: "Import tickets",
    P.ROLE_MANAGE: "Give people other roles",
    P.PROVIDER_MANAGE: "Manage sign-in providers",
}
_PORTAL = {P.ACCOUNT, P.TICKET_CREATE, P.TICKET_READ, P.TICKET_REPLY, P.TICKET_STATUS, P.TICKET_RATE}
_READING = {P.ACCOUNT, P.TICKET_READ, P.TICKET_WATCH, P.VIEW_OWN, P.REPORT_READ, P.CUSTOMER_READ, P.PERSON_READ}
_WORKING = {
    P.ACCOUNT,
    P.TICKET_CREATE,
    P.TICKET_CREATE_FOR_OTHERS,
    P.TICKET_READ,
    P.TICKET_REPLY,
    P.TICKET_NOTE,
    P.TICKET_ASSIGN,
    P.TICKET_TAKE,
    P.TICKET_STATUS,
    P.TICKET_EDIT,
    P.TICKET_ESCALATE,
    P.TICKET_WATCH,
    P.TICKET_MERGE,
    P.TIME_TRACK,
    P.VIEW_OWN,
    P.MACRO_OWN,
    P.ARTICLE_WRITE,
    P.AVAILABILITY,
    P.CUSTOMER_READ,
    P.PERSON_READ,
}
_MANAGING = _WORKING | {P.REPORT_READ, P.TEAM_MANAGE, P.VIEW_SHARE, P.MACRO_SHARE, P.PERSON_MERGE}
_ADMINISTERING = _MANAGING | {
    P.TICKET_DELETE,
    P.PERSON_MANAGE,
    P.CATALOG_MANAGE,
    P.ORGANIZATION_MANAGE,
    P.AUDIT_READ,
    P.CONFIGURATION_MANAGE,
    P.AUTOMATION_MANAGE,
    P.WEBHOOK_MANAGE,
    P.MAIL_READ,
    P.MAILBOX_MANAGE,
    P.IMPORT,
}

GRANTED: dict[Role, frozenset[Permission]] = {
    Role.CUSTOMER: frozenset(_PORTAL),
    Role.AGENT: frozenset(_WORKING),
    Role.TECHNICIAN: frozenset(_WORKING - {P.TICKET_ASSIGN}),
    Role.MANAGER: frozenset(_MANAGING),
    Role.EXECUTIVE: frozenset(_READING),
    Role.ADMIN: frozenset(_ADMINISTERING),
    # A sign-in provider vouches for everybody, for the owner too: who chooses it could come in as them.
    Role.SUPERADMIN: frozenset(_ADMINISTERING | {P.ROLE_MANAGE, P.PROVIDER_MANAGE, P.SIGN_IN_EXPORT}),
}


def may(actor: Actor, permission: Permission) -> bool:
    """Whether the actor's role grants the permission; the desk itself may do everything, who is held has only their own
    account, and a token only what is in its scope as well."""
    if actor.is_desk:
        return True
    if actor.is_held and permission is not P.ACCOUNT:
        return False
    if actor.scope is not None and permission not in actor.scope:
        return False
    return actor.role is not None and permission in GRANTED[actor.role]
