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
    ARTICLE_WRITE = "article.write"
    IMPORT = "import"


P = Permission
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
_MANAGING = _WORKING | {P.REPORT_READ, P.TEAM_MANAGE, P.VIEW_SHARE, P.MACRO_SHARE}
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
