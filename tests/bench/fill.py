"""Organizations of any size, filled in SQL: a row is computed where it is stored."""

import time

from sqlalchemy import text
from sqlmodel import Session

from helpdesk import db
from helpdesk.domain.errors import NotFound
from helpdesk.services import organizations

AGENTS, TEAMS, CUSTOMERS, COMPANIES, CATEGORIES, TAGS = 40, 8, 2000, 100, 12, 20
COMMON_WORD, RARE_WORD = "printer", "quokka"  # three tickets in ten; five tickets whatever the size

_PEOPLE = """
INSERT INTO company (organization_id, name, domains, created_at)
SELECT :org, 'Company ' || i, ARRAY['company' || i || '.example'], now() FROM generate_series(1, :companies) i;
INSERT INTO team (organization_id, name, strategy, is_active, created_at)
SELECT :org, 'Team ' || i, 'round_robin', true, now() FROM generate_series(1, :teams) i;
INSERT INTO category (organization_id, name, description, colour, team_id, position, is_active)
SELECT :org, 'Category ' || i, '', 'blue', (SELECT id FROM team WHERE organization_id = :org ORDER BY id OFFSET i % :teams LIMIT 1), i, true
FROM generate_series(1, :categories) i;
INSERT INTO tag (organization_id, name, colour) SELECT :org, 'tag' || i, 'gray' FROM generate_series(1, :tags) i;
INSERT INTO person (organization_id, email, name, role, is_active, phone, job_title, timezone, theme, wants_mail,
    company_id, is_company_manager, availability, capacity, failed_sign_ins, created_at, updated_at)
SELECT :org, 'agent' || i || '@desk.example', 'Agent ' || i, 'agent', true, '', '', 'UTC', 'system', true,
    NULL, false, 'available', 1000000, 0, now(), now() FROM generate_series(1, :agents) i
UNION ALL
SELECT :org, 'customer' || i || '@company.example', 'Customer ' || i, 'customer', true, '', '', 'UTC', 'system', true,
    (SELECT min(id) FROM company WHERE organization_id = :org) + i % :companies, i % 20 = 0, 'offline', 20, 0, now(), now()
FROM generate_series(1, :customers) i
UNION ALL
SELECT :org, 'manager@desk.example', 'Manager', 'manager', true, '', '', 'UTC', 'system', true,
    NULL, false, 'offline', 20, 0, now(), now();
INSERT INTO team_member (organization_id, team_id, person_id, is_lead)
SELECT :org, (SELECT min(id) FROM team WHERE organization_id = :org) + n % :teams, id, false
FROM (SELECT id, row_number() OVER (ORDER BY id) n FROM person WHERE organization_id = :org AND role = 'agent') agents
"""

# One ticket in fifty is open, the newest ones first; closing an old one is rare.
_TICKETS = """
WITH known AS MATERIALIZED (
    SELECT (SELECT array_agg(id ORDER BY id) FROM person WHERE organization_id = :org AND role = 'customer') AS customers,
        (SELECT array_agg(company_id ORDER BY id) FROM person WHERE organization_id = :org AND role = 'customer') AS companies,
        (SELECT array_agg(id ORDER BY id) FROM person WHERE organization_id = :org AND role = 'agent') AS agents,
        (SELECT array_agg(id ORDER BY id) FROM category WHERE organization_id = :org) AS categories,
        (SELECT array_agg(team_id ORDER BY id) FROM category WHERE organization_id = :org) AS teams,
        (SELECT array_agg(id ORDER BY rank) FROM priority WHERE organization_id = :org) AS priorities,
        (SELECT jsonb_object_agg(slug, id) FROM status WHERE organization_id = :org) AS statuses,
        ARRAY['vpn','mail','screen','password','invoice','meeting','phone','backup','licence','keyboard','export','badge',
              'scanner','folder','calendar','update'] AS words
), drawn AS (
    SELECT i, random() AS a, random() AS b, random() AS c, random() AS d, random() AS e, random() AS f
    FROM generate_series(1, :tickets) i
), told AS (
    SELECT drawn.*, known.*,
        now() - (:tickets - i) * (interval '730 days' / :tickets) - b * interval '1 hour' AS created,
        a < CASE WHEN i > 0.95 * :tickets THEN 0.25 ELSE 0.008 END AS still_open
    FROM drawn, known
), staged AS (
    SELECT *, CASE WHEN NOT still_open THEN CASE WHEN a > 0.97 THEN 'resolved' ELSE 'closed' END
        WHEN c < 0.08 THEN 'new' WHEN c < 0.45 THEN 'open' WHEN c < 0.75 THEN 'in_progress'
        WHEN c < 0.95 THEN 'waiting_on_customer' ELSE 'on_hold' END AS slug,
        created + d * interval '3 days' AS touched
    FROM told
)
INSERT INTO ticket (organization_id, reference, title, description, description_html, status_id, status_category,
    is_open, priority_id, priority_rank, category_id, requester_id, company_id, team_id, assignee_id, created_by_id,
    channel, escalation_level, csat_score, preview, comment_count, last_reply_by_customer, sla_status, sla_due_at,
    first_responded_at, resolved_at, closed_at, breached_at, reopen_count, created_at, updated_at)
SELECT :org, :prefix || '-' || lpad(i::text, 8, '0'),
    initcap(words[1 + i % 16]) || ' ' || words[1 + (d * 15.99)::int % 16] || ' problem ' || CASE WHEN e < 0.3 THEN 'printer' ELSE 'desk' END,
    body, '<p>' || body || '</p>', (statuses ->> slug)::bigint,
    CASE slug WHEN 'new' THEN 'new' WHEN 'open' THEN 'open' WHEN 'in_progress' THEN 'open' WHEN 'resolved' THEN 'resolved'
        WHEN 'closed' THEN 'closed' ELSE 'pending' END,
    still_open, priorities[rank], rank, categories[topic], customers[1 + i % 2000 * 7919 % 2000], companies[1 + i % 2000 * 7919 % 2000],
    teams[topic], CASE WHEN slug = 'new' THEN NULL ELSE agents[1 + (f * 39.99)::int] END, customers[1 + i % 2000 * 7919 % 2000],
    'web', 0, CASE WHEN NOT still_open AND e > 0.6 THEN 3 + (e * 10)::int % 3 END, left(body, 120), 5, d < 0.5,
    CASE WHEN NOT still_open THEN 'met' WHEN b < 0.05 THEN 'breached' WHEN b < 0.1 THEN 'at_risk' WHEN slug IN ('waiting_on_customer', 'on_hold') THEN 'paused' ELSE 'ok' END,
    CASE WHEN still_open AND slug NOT IN ('waiting_on_customer', 'on_hold') THEN touched + interval '2 days' END,
    CASE WHEN slug <> 'new' THEN created + interval '1 hour' END,
    CASE WHEN NOT still_open THEN touched END, CASE WHEN slug = 'closed' THEN touched END,
    CASE WHEN b < 0.05 THEN touched END, 0, created, least(touched, now())
FROM (
    SELECT *, 1 + (c * 3.99)::int % 4 AS rank, 1 + i % 12 AS topic,
        'Since this morning the ' || words[1 + (a * 15.99)::int % 16] || ' does not work as it should, and my colleague in room '
        || (b * 900)::int || ' has the same. ' || CASE WHEN i % GREATEST(:tickets / 5, 1) = 7 THEN 'It happened after the quokka update. ' ELSE '' END
        || 'Could somebody have a look at the ' || words[1 + (f * 15.99)::int % 16] || ' please? Ticket number ' || i || '.' AS body
    FROM staged
) rows
"""

# Four replies and a note each.
_COMMENTS = """
INSERT INTO comment (organization_id, ticket_id, author_id, kind, body, body_html, channel, created_at)
SELECT organization_id, id, CASE WHEN n % 2 = 1 THEN assignee_id ELSE requester_id END, CASE n WHEN 3 THEN 'note' ELSE 'reply' END,
    body, '<p>' || body || '</p>', 'web', created_at + n * interval '2 hours'
FROM (
    SELECT t.organization_id, t.id, t.assignee_id, t.requester_id, t.created_at, n, CASE n
        WHEN 1 THEN 'Thank you for telling us. Which room is it, and since when? Ask for number ' || t.id || ' when you call.'
        WHEN 2 THEN 'It is the room at the end of the hall, the one with the ' || split_part(t.title, ' ', 2) || '. Nothing has changed since.'
        WHEN 3 THEN 'The same as last week, I think: the ' || split_part(t.title, ' ', 1) || ' was replaced and nobody wrote it down.'
        WHEN 4 THEN 'It works again on our side. Could you try once more, please?'
        ELSE 'Yes, now it does what it should. Many thanks for the quick help.' END AS body
    FROM ticket t, generate_series(1, 5) n WHERE t.organization_id = :org
) said
"""

_WORDS = """
INSERT INTO ticket_search (organization_id, ticket_id, public_words, note_words)
SELECT t.organization_id, t.id,
    setweight(to_tsvector('desk', title || ' ' || reference), 'A') || setweight(to_tsvector('desk', description), 'C')
        || setweight(to_tsvector('desk', said.replies), 'D'), setweight(to_tsvector('desk', said.notes), 'D')
FROM ticket t JOIN (
    SELECT ticket_id, string_agg(body, ' ') FILTER (WHERE kind = 'reply') AS replies,
        coalesce(string_agg(body, ' ') FILTER (WHERE kind = 'note'), '') AS notes
    FROM comment WHERE organization_id = :org GROUP BY ticket_id
) said ON said.ticket_id = t.id
WHERE t.organization_id = :org;
INSERT INTO ticket_tag (organization_id, ticket_id, tag_id)
SELECT organization_id, id, (SELECT min(id) FROM tag WHERE organization_id = :org) + id % 20
FROM ticket WHERE organization_id = :org AND id % 4 = 0
"""


_ANY = text("SELECT EXISTS (SELECT FROM ticket WHERE organization_id = :org)")


def organization(label: str, tickets: int) -> organizations.OrganizationRow:
    """The organization with so many tickets; made when it is not there."""
    try:
        made = organizations.by_slug(label)
        with db.owner_session() as session:
            if session.execute(_ANY, {"org": made.id}).scalar():
                return made
    except NotFound:
        made = organizations.create(
            label=label, name=f"{tickets:,} tickets", prefix="B" + "".join(c for c in label if c.isalpha())[:6]
        )
    values = {
        "org": made.id, "prefix": made.reference_prefix, "tickets": tickets, "agents": AGENTS, "teams": TEAMS,
        "customers": CUSTOMERS, "companies": COMPANIES, "categories": CATEGORIES, "tags": TAGS,
    }  # fmt: skip
    began = time.perf_counter()
    with db.owner_session() as session:
        session.execute(text("SELECT setseed(0.42)"))
        session.execute(text("SET LOCAL synchronous_commit = off"))
        # Every key is made from rows just written; checking five million of them takes minutes. Needs a superuser.
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
        _each(session, _PEOPLE, values)
        session.execute(text("UPDATE organization SET catalog_version = catalog_version + 1 WHERE id = :org"), values)
        # Indexes of many rows are built faster than they are kept up.
        indexes = _drop_indexes(session) if tickets >= 50_000 else []
        _each(session, _TICKETS, values)
        _each(session, _COMMENTS, values)
        session.execute(text("ANALYZE ticket, comment"))
        _each(session, _WORDS, values)
        for definition in indexes:
            session.execute(text(definition))
        session.commit()
    with db.owner_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    print(f"{tickets:,} tickets in {time.perf_counter() - began:.0f} s")
    return made


def close_filed(organization_id: int) -> None:
    """Close what earlier runs have filed and left open: agents with thousands of open tickets are another desk."""
    with db.session(organization_id) as session:
        session.execute(
            text("""
            UPDATE ticket SET is_open = false, status_category = 'closed', closed_at = now(),
                status_id = (SELECT min(id) FROM status WHERE category = 'closed')
            WHERE is_open AND reference !~ '-[0-9]{8}$'
            """)
        )
        session.commit()
    with db.owner_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE ticket, person"))


def _each(session: Session, statements: str, values: dict[str, object]) -> None:
    for statement in statements.split(";\n"):
        session.execute(text(statement), values)


def _drop_indexes(session: Session) -> list[str]:
    found = session.execute(
        text(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ('ticket', 'ticket_search', 'ticket_tag', 'comment')"
            " AND indexname NOT IN (SELECT conname FROM pg_constraint)"
        )
    ).all()
    for name, _ in found:
        session.execute(text(f"DROP INDEX {name}"))
    return [definition for _, definition in found]
