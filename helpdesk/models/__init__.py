"""The tables, one file per family."""

from helpdesk.models.catalog import (
    BarredTransition,
    BusinessCalendar,
    Category,
    ConfigurationVersion,
    Priority,
    SlaPolicy,
    SlaTarget,
    Status,
    Tag,
)
from helpdesk.models.happenings import Activity, Delivery, Reaction
from helpdesk.models.organizations import Organization
from helpdesk.models.people import (
    Company,
    PasswordReset,
    Person,
    PersonSkill,
    SignInAttempt,
    SignInSession,
    Site,
    Skill,
    Team,
    TeamMember,
)
from helpdesk.models.tickets import Attachment, Comment, CsatRating, Ticket, TicketSearch, TicketTag, Timer

__all__ = [
    "Activity",
    "Attachment",
    "BarredTransition",
    "BusinessCalendar",
    "Category",
    "Comment",
    "Company",
    "ConfigurationVersion",
    "CsatRating",
    "Delivery",
    "Organization",
    "PasswordReset",
    "Person",
    "PersonSkill",
    "Priority",
    "Reaction",
    "SignInAttempt",
    "SignInSession",
    "Site",
    "Skill",
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
