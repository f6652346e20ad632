"""What a list of tickets may look like: columns, densities, layouts, widths."""

# key -> what stands over it.
COLUMNS = {
    "reference": "Reference",
    "subject": "Subject",
    "requester": "Requester",
    "company": "Company",
    "status": "Status",
    "priority": "Priority",
    "sla": "SLA",
    "assignee": "Assignee",
    "team": "Team",
    "category": "Category",
    "tags": "Tags",
    "created": "Created",
    "updated": "Updated",
    "due": "Due",
}
DEFAULT_COLUMNS = ("reference", "subject", "requester", "status", "priority", "sla", "assignee", "updated")
DENSITIES = ("comfortable", "compact")
LAYOUTS = ("list", "table")
NARROWEST, WIDEST = 260, 460
