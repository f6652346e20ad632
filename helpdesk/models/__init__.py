"""The tables, one file per family."""

from helpdesk.models.catalog import BusinessCalendar, Category, Priority, SlaPolicy, SlaTarget, Status, Tag
from helpdesk.models.happenings import Activity, Delivery, Reaction
from helpdesk.models.organizations import Organization
from helpdesk.models.people import (
    Company,
    PasswordReset,
    Person,
    SignInAttempt,
    SignInSession,
    Site,
    Team,
    TeamMember,
)
from helpdesk.models.tickets import Attachment, Comment, CsatRating, Ticket, TicketSearch, TicketTag, Timer
from helpdesk.models.work import (
    CommentEdit,
    CustomField,
    Draft,
    Mention,
    TicketLink,
    TicketMerge,
    TimeEntry,
    TrashedTicket,
    Watcher,
)

__all__ = [
    "Activity",
    "Attachment",
    "BusinessCalendar",
    "Category",
    "Comment",
    "CommentEdit",
    "Company",
    "CsatRating",
    "CustomField",
    "Delivery",
    "Draft",
    "Mention",
    "Organization",
    "PasswordReset",
    "Person",
    "Priority",
    "Reaction",
    "SignInAttempt",
    "SignInSession",
    "Site",
    "SlaPolicy",
    "SlaTarget",
    "Status",
    "Tag",
    "Team",
    "TeamMember",
    "Ticket",
    "TicketLink",
    "TicketMerge",
    "TicketSearch",
    "TicketTag",
    "TimeEntry",
    "Timer",
    "TrashedTicket",
    "Watcher",
]
