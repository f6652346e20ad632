"""Tickets: the verbs people call, gathered under one name.

`tickets.reply(ctx, ...)`, `tickets.assign(ctx, ...)`: each lives in the file named after what it is about.
"""

from helpdesk.services.tickets.assignment import assign, move_to_team, take
from helpdesk.services.tickets.conversation import note, reply
from helpdesk.services.tickets.creation import create, create_from_public_form
from helpdesk.services.tickets.fields import categorise, prioritise, retitle, schedule, tag
from helpdesk.services.tickets.portal import portal_home, portal_request, request_form
from helpdesk.services.tickets.queries import (
    category_options,
    csat_comment,
    filter_choices,
    matches,
    one,
    page,
    priority_options,
    requester,
    status_options,
    tag_options,
    team_options,
    view_counts,
)
from helpdesk.services.tickets.rows import (
    CategoryCard,
    CommentRow,
    FilterChoices,
    Option,
    PortalHome,
    PortalRequest,
    Requester,
    RequestForm,
    TicketDetail,
    TicketPage,
    TicketRow,
    TimelineRow,
    TimerRow,
    ViewCount,
)
from helpdesk.services.tickets.status import change as change_status
from helpdesk.services.tickets.status import confirm, rate, still_a_problem
from helpdesk.services.tickets.timeline import history

__all__ = [
    "CategoryCard",
    "CommentRow",
    "FilterChoices",
    "Option",
    "PortalHome",
    "PortalRequest",
    "RequestForm",
    "Requester",
    "TicketDetail",
    "TicketPage",
    "TicketRow",
    "TimelineRow",
    "TimerRow",
    "ViewCount",
    "assign",
    "categorise",
    "category_options",
    "change_status",
    "confirm",
    "create",
    "create_from_public_form",
    "csat_comment",
    "filter_choices",
    "history",
    "matches",
    "move_to_team",
    "note",
    "one",
    "page",
    "portal_home",
    "portal_request",
    "prioritise",
    "priority_options",
    "rate",
    "reply",
    "request_form",
    "requester",
    "retitle",
    "schedule",
    "status_options",
    "still_a_problem",
    "tag",
    "tag_options",
    "take",
    "team_options",
    "view_counts",
]
