"""The tables, one file per family."""

from helpdesk.models.catalog import BusinessCalendar, Category, Priority, SlaPolicy, SlaTarget, Status, Tag
from helpdesk.models.happenings import Activity, Delivery, Reaction
from helpdesk.models.organizations import Organization
from helpdesk.models.people import (
    Company,
    PasswordReset,
    Person,
    RecoveryCode,
    Registration,
    SecondFactor,
    SecondStep,
    SignInAttempt,
    SignInSession,
    Site,
    Team,
    TeamMember,
)
from helpdesk.models.tickets import Attachment, Comment, CsatRating, Ticket, TicketSearch, TicketTag, Timer

__all__ = [
    "Activity",
    "Attachment",
    "BusinessCalendar",
    "Category",
    "Comment",
    "Company",
    "CsatRating",
    "Delivery",
    "Organization",
    "PasswordReset",
    "Person",
    "Priority",
    "Reaction",
    "RecoveryCode",
    "Registration",
    "SecondFactor",
    "SecondStep",
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
    "TicketSearch",
    "TicketTag",
    "Timer",
]
