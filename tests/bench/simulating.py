"""How many tickets a second a draft of a policy is simulated over."""

import time
from datetime import timedelta

from sqlalchemy import text

from helpdesk import db
from helpdesk.domain.people import system
from helpdesk.services import simulator, sla_runs, unit_of_work
from tests.bench import fill
from tests.bench.report import Report

# A ninth of the tickets are of the last ninety days: what is simulated.
_TICKETS = 40_000
_DRAFT = {
    "id": 0, "name": "Draft", "calendar": None, "is_active": True, "conditions": {"all": [["priority", "any", "high", "urgent"]]},
    "targets": {slug: {"first_response": timedelta(hours=1), "resolution": timedelta(hours=8)} for slug in ("high", "urgent")},
}  # fmt: skip
# Each was answered, waited for the customer, was answered again and, if it is not open, resolved.
_HISTORY = """
    INSERT INTO activity (organization_id, kind, ticket_id, actor_kind, actor_name, data, at, reacted_at)
    SELECT ticket.organization_id, told.kind, ticket.id, 'person', 'Somebody', told.data, ticket.created_at + told.after, now()
    FROM ticket, LATERAL (VALUES
        ('ticket.replied', interval '1 hour', '{"by_staff": true}'::jsonb),
        ('ticket.status_changed', interval '1 hour', '{"after_category": "pending", "after": "Waiting"}'),
        ('ticket.replied', interval '5 hours', '{"by_staff": false}'),
        ('ticket.status_changed', interval '5 hours', '{"after_category": "open", "after": "Open"}'),
        ('ticket.status_changed', interval '9 hours', '{"after_category": "resolved", "after": "Resolved"}')
    ) AS told (kind, after, data)
    WHERE ticket.organization_id = :organization AND ticket.created_at > now() - interval '91 days'
        AND (NOT ticket.is_open OR told.data->>'after' IS DISTINCT FROM 'Resolved')
        AND NOT EXISTS (SELECT FROM activity WHERE organization_id = :organization)
    ORDER BY ticket.id, told.after
"""


def run(report: Report, *, quick: bool) -> None:
    """A draft over ninety days."""
    number = _TICKETS // 10 if quick else _TICKETS
    desk = system(fill.organization(f"simulated{number}", number).id)
    with db.owner_session() as session:
        session.execute(text(_HISTORY), {"organization": desk.organization_id})
        session.commit()
    began = time.perf_counter()
    row = unit_of_work.run(desk, simulator.start, days=90, policy=_DRAFT)
    while unit_of_work.run(desk, sla_runs.proceed, row.id):
        pass
    took = time.perf_counter() - began
    done = unit_of_work.run(desk, simulator.progress, row.id)
    if done.done != done.total or not done.changed:
        raise RuntimeError(
            f"{done.done} of {done.total} tickets were simulated, {done.changed} promises went another way."
        )
    report.add(f"a draft over {done.total:,} tickets", f"{done.total / took:,.0f} tickets/s")
