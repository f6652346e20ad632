"""What can be done to many tickets at once."""

from enum import StrEnum


class Action(StrEnum):
    """One change; its value is an id, a slug or tags."""

    ASSIGN = "assign"
    TEAM = "team"
    STATUS = "status"
    PRIORITY = "priority"
    CATEGORY = "category"
    TAG = "tag"
    UNTAG = "untag"
    CLOSE = "close"
    MERGE = "merge"
    MACRO = "macro"  # with what it says
    MACRO_FIELDS = "macro_fields"  # what it says waits in the composer


AT_ONCE = 50  # more become a job
MOST = 10_000
BATCH = 25
# What a change may touch, in words: key of a snapshot -> how a refusal calls it.
FACTS = {
    "status_id": "status",
    "assignee_id": "assignee",
    "team_id": "team",
    "priority_id": "priority",
    "category_id": "category",
    "tags": "tags",
    "due_at": "due date",
    "escalation_level": "escalation level",
    "chosen_policy_id": "SLA policy",
}


class ItemState(StrEnum):
    """How far one ticket of a run is."""

    WAITING = "waiting"
    CHANGED = "changed"
    SAME = "same"  # it stood that way already
    REFUSED = "refused"
