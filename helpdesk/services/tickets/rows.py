"""What pages and API see of tickets: frozen read models, ready to show."""

from dataclasses import dataclass, field

from helpdesk.services.attachments import AttachmentRow
from helpdesk.services.standing import TimerRow
from helpdesk.services.tickets.drafts import DraftRow


@dataclass(frozen=True, slots=True)
class TagChip:
    """A tag on a row."""

    name: str
    colour: str = "gray"


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A ticket in a list. Times are ISO 8601 in UTC; browsers show them in the reader's zone, relative to now."""

    id: int
    reference: str
    title: str
    preview: str = ""
    status: str = ""
    status_slug: str = ""
    status_category: str = ""
    status_colour: str = "gray"
    priority: str = ""
    priority_slug: str = ""
    priority_rank: int = 0
    priority_colour: str = "gray"
    category: str = ""
    category_id: int = 0
    requester: str = ""
    requester_id: int = 0
    requester_initials: str = ""
    company: str = ""
    assignee: str = ""
    assignee_id: int = 0
    assignee_initials: str = ""
    team: str = ""
    team_id: int = 0
    channel: str = "web"
    sla_status: str = "none"
    # Of the promise that presses most. Nothing that moves with the time: a list that shows the same is not sent again.
    sla_due_at: str = ""
    sla_metric: str = ""
    sla_warn_at: str = ""
    sla_hours: str = ""
    escalation_level: int = 0
    comment_count: int = 0
    waits_for_us: bool = False
    tags: tuple[TagChip, ...] = ()
    due_at: str = ""
    csat_score: int = 0
    created_at: str = ""
    updated_at: str = ""
    resolved_at: str = ""
    snoozed_until: str = ""
    # In a search: the title and the best place in the text, with hits marked (domain/marks.py).
    title_marked: str = ""
    excerpt_marked: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """A ticket as the palette names it."""

    reference: str
    title: str


@dataclass(frozen=True, slots=True)
class CommentRow:
    """One contribution to a ticket's thread. `body_html` is sanitised."""

    id: int
    kind: str  # reply, note, system
    author: str
    author_initials: str
    body_html: str
    created_at: str
    author_id: int = 0
    by_staff: bool = False
    is_mine: bool = False
    attachments: tuple[AttachmentRow, ...] = ()
    author_picture: str = ""
    edited_at: str = ""
    editable_until: str = ""  # "": not, or not any more
    unsent: str = ""  # why its mail has not left, for staff; "": it has, or is about to


@dataclass(frozen=True, slots=True)
class EarlierText:
    """What a comment said before it was edited; `body_html` is sanitised."""

    id: int
    body_html: str
    at: str  # until when it said so


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One line of a ticket's history."""

    id: int
    who: str
    what: str
    at: str
    kind: str
    cause_id: int = 0
    because: tuple[str, ...] = ()  # what led to it, the beginning first
    undo_run: int = 0  # of a line that says a rule applied: what takes it back, while it can be


@dataclass(frozen=True, slots=True)
class PastTicket:
    """A ticket as it stood just after one line of its history."""

    id: int = 0  # of that line
    at: str = ""
    who: str = ""
    what: str = ""
    is_now: bool = True
    title: str = ""
    status: str = ""
    status_colour: str = "gray"
    priority: str = ""
    priority_rank: int = 0
    category: str = ""
    team: str = ""
    assignee: str = ""
    tags: tuple[TagChip, ...] = ()
    due_at: str = ""
    comments: tuple[CommentRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Option:
    """A choice in a menu."""

    value: str
    label: str
    colour: str = "gray"


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One of the organization's own fields, on a ticket or in a form."""

    id: int
    name: str  # what forms call it
    label: str
    kind: str
    help: str = ""
    options: tuple[str, ...] = ()
    is_required: bool = False
    value: str = ""  # as a form holds it
    shown: str = ""  # as people read it; empty: not answered


@dataclass(frozen=True, slots=True)
class TicketDetail:
    """A whole ticket: the row, the thread, and what the reader may do with it."""

    ticket: TicketRow
    description_html: str = ""
    requester_email: str = ""
    comments: tuple[CommentRow, ...] = ()
    attachments: tuple[AttachmentRow, ...] = ()  # those of the description
    timers: tuple[TimerRow, ...] = ()
    statuses: tuple[Option, ...] = ()  # what may follow now
    may_reply: bool = False
    may_note: bool = False
    may_edit: bool = False
    may_assign: bool = False
    may_rate: bool = False
    may_reopen: bool = False
    may_confirm: bool = False
    earlier_comments: int = 0  # how many older ones were left out
    merged_into: str = ""  # the reference of the ticket this one continues as
    fields: tuple[FieldRow, ...] = ()


@dataclass(frozen=True, slots=True)
class TicketPage:
    """A page of a list. `older` and `newer` are keyset cursors; empty: there is nothing that way."""

    rows: tuple[TicketRow, ...] = ()
    older: str = ""
    newer: str = ""
    corrected: str = ""  # the words that were looked for, when those typed were mistyped


@dataclass(frozen=True, slots=True)
class Requester:
    """The customer beside a ticket."""

    id: int
    name: str
    email: str
    initials: str
    phone: str = ""
    company: str = ""
    job_title: str = ""
    timezone: str = ""
    since: str = ""
    recent: tuple[TicketRow, ...] = ()
    open_tickets: int = 0
    company_id: int = 0
    bounce_reason: str = ""  # why mail to them comes back; empty: it does not


@dataclass(frozen=True, slots=True)
class BoardColumn:
    """A status on the board: how many tickets (as far as 1000) and the newest of them."""

    slug: str
    label: str
    colour: str
    count: int
    rows: tuple[TicketRow, ...] = ()


@dataclass(frozen=True, slots=True)
class ViewCount:
    """A view in the sidebar with its live count; counts stop at 1000, and those kept behind “More” are not counted."""

    slug: str
    label: str
    icon: str
    count: int
    query: str = ""
    is_saved: bool = False
    is_shared: bool = False
    is_pinned: bool = True
    is_default: bool = False
    may_change: bool = False
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FilterChoices:
    """What the filters of a list offer, in one read."""

    statuses: tuple[Option, ...] = ()
    priorities: tuple[Option, ...] = ()
    categories: tuple[Option, ...] = ()
    teams: tuple[Option, ...] = ()
    tags: tuple[Option, ...] = ()
    agents: tuple[Option, ...] = ()
    companies: tuple[Option, ...] = ()
    fields: tuple[Option, ...] = ()  # of the organization's own


@dataclass(frozen=True, slots=True)
class PortalHome:
    """A customer's first page: their newest open requests, and solved ones that wait for a rating."""

    open: tuple[TicketRow, ...] = ()
    open_count: int = 0
    to_rate: tuple[TicketRow, ...] = ()
    has_any: bool = False


@dataclass(frozen=True, slots=True)
class PortalRequest:
    """A customer's request: the ticket without anything internal, and where it stands in words."""

    detail: TicketDetail
    step: int = 0  # of domain.portal.STEPS, counted from 0
    standing: str = ""
    score: int = 0
    rating_comment: str = ""
    draft: DraftRow = field(default_factory=DraftRow)
    shows_typing: bool = False  # whether the reader sees that somebody is writing to them
    rating_style: str = "stars"


@dataclass(frozen=True, slots=True)
class CategoryCard:
    """A category as customers choose it."""

    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class RequestForm:
    """What the form for a new request offers."""

    categories: tuple[CategoryCard, ...] = ()
    priorities: tuple[Option, ...] = ()
    is_public: bool = False  # whether the organization takes requests without signing in
