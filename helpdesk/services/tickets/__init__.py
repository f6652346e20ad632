"""Tickets: the verbs people call, gathered under one name.

`tickets.reply(ctx, ...)`, `tickets.assign(ctx, ...)`: each lives in the file named after what it is about.
"""

from helpdesk.services.tickets.anything import Anything, anything
from helpdesk.services.tickets.around import Surroundings, around
from helpdesk.services.tickets.asking import understand
from helpdesk.services.tickets.assignment import assign, move_to_team, take
from helpdesk.services.tickets.changing import attach, change, reference_of
from helpdesk.services.tickets.conversation import earlier_texts, note, reply, written
from helpdesk.services.tickets.conversation import edit as edit_comment
from helpdesk.services.tickets.creation import create, create_from_public_form
from helpdesk.services.tickets.drafts import DraftRow, UnsentFile, WaitingRow, draft, drafted, keep_draft, keep_files
from helpdesk.services.tickets.escalating import deescalate, escalate
from helpdesk.services.tickets.fields import answer_field, categorise, prioritise, retitle, schedule, tag
from helpdesk.services.tickets.follow_ups import Landed, answer, follow_up, possible_duplicates
from helpdesk.services.tickets.forwarding import forward
from helpdesk.services.tickets.links import LinkKind, LinkRow, change_status_with_children, link, linked, unlink
from helpdesk.services.tickets.merging import MergedRow, merge, merged, unmerge
from helpdesk.services.tickets.portal import portal_home, portal_request, request_form
from helpdesk.services.tickets.queries import (
    board,
    category_options,
    counted,
    csat_comment,
    fields_asked,
    filter_choices,
    matches,
    one,
    page,
    priority_options,
    public_fields_asked,
    requester,
    status_options,
    tag_options,
    team_options,
    told,
    view_counts,
)
from helpdesk.services.tickets.rating import Invitation, invitation, rate, rate_by_link
from helpdesk.services.tickets.rows import (
    BoardColumn,
    CategoryCard,
    CommentRow,
    EarlierText,
    FieldRow,
    FilterChoices,
    Option,
    PastTicket,
    PortalHome,
    PortalRequest,
    Requester,
    RequestForm,
    TicketDetail,
    TicketPage,
    TicketRow,
    TimelineRow,
    ViewCount,
)
from helpdesk.services.tickets.sending import Sent, cancel, reschedule, send, send_later, send_now, take_back, waiting
from helpdesk.services.tickets.sending import restore as restore_reply
from helpdesk.services.tickets.snoozing import snooze, wake
from helpdesk.services.tickets.status import change as change_status
from helpdesk.services.tickets.status import confirm, still_a_problem
from helpdesk.services.tickets.stream import Happening, Place, Stretch, happenings
from helpdesk.services.tickets.texts import TextRow, Texts, text_of, texts
from helpdesk.services.tickets.time_travel import as_it_stood
from helpdesk.services.tickets.timeline import history
from helpdesk.services.tickets.trash import TrashRow, delete, deleted, purge, restore
from helpdesk.services.tickets.watching import Colleague, WatcherRow, colleagues, unwatch, watch, watchers

__all__ = [
    "Anything",
    "BoardColumn",
    "CategoryCard",
    "Colleague",
    "CommentRow",
    "DraftRow",
    "EarlierText",
    "FieldRow",
    "FilterChoices",
    "Happening",
    "Invitation",
    "Landed",
    "LinkKind",
    "LinkRow",
    "MergedRow",
    "Option",
    "PastTicket",
    "Place",
    "PortalHome",
    "PortalRequest",
    "RequestForm",
    "Requester",
    "Sent",
    "Stretch",
    "Surroundings",
    "TextRow",
    "Texts",
    "TicketDetail",
    "TicketPage",
    "TicketRow",
    "TimelineRow",
    "TrashRow",
    "UnsentFile",
    "ViewCount",
    "WaitingRow",
    "WatcherRow",
    "answer",
    "answer_field",
    "anything",
    "around",
    "as_it_stood",
    "assign",
    "attach",
    "board",
    "cancel",
    "categorise",
    "category_options",
    "change",
    "change_status",
    "change_status_with_children",
    "colleagues",
    "confirm",
    "counted",
    "create",
    "create_from_public_form",
    "csat_comment",
    "deescalate",
    "delete",
    "deleted",
    "draft",
    "drafted",
    "earlier_texts",
    "edit_comment",
    "escalate",
    "fields_asked",
    "filter_choices",
    "follow_up",
    "forward",
    "happenings",
    "history",
    "invitation",
    "keep_draft",
    "keep_files",
    "link",
    "linked",
    "matches",
    "merge",
    "merged",
    "move_to_team",
    "note",
    "one",
    "page",
    "portal_home",
    "portal_request",
    "possible_duplicates",
    "prioritise",
    "priority_options",
    "public_fields_asked",
    "purge",
    "rate",
    "rate_by_link",
    "reference_of",
    "reply",
    "request_form",
    "requester",
    "reschedule",
    "restore",
    "restore_reply",
    "retitle",
    "schedule",
    "send",
    "send_later",
    "send_now",
    "snooze",
    "status_options",
    "still_a_problem",
    "tag",
    "tag_options",
    "take",
    "take_back",
    "team_options",
    "text_of",
    "texts",
    "told",
    "understand",
    "unlink",
    "unmerge",
    "unwatch",
    "view_counts",
    "waiting",
    "wake",
    "watch",
    "watchers",
    "written",
]
