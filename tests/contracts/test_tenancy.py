"""The wall between organizations: it stands around every table, and two organizations' rows never meet."""

import ast
from collections.abc import Iterator
from datetime import timedelta

import pandas as pd
import pytest
from sqlalchemy import Connection, Table, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, SQLModel

import helpdesk.models  # noqa: F401 - fills the metadata
from helpdesk import db
from helpdesk.domain.conditions import Group
from helpdesk.domain.escalation import Since, Step
from helpdesk.domain.filters import TicketFilter
from helpdesk.domain.people import anonymous, system
from helpdesk.services import attachments, catalog, custom_fields, escalations, sign_in, tickets, time_tracking
from helpdesk.services.mail import outbound
from helpdesk.services.tickets import queries
from helpdesk.services.unit_of_work import run
from tests.cast import PASSWORD, Cast
from tests.contracts.walk import sources

TABLES = dict(SQLModel.metadata.tables)
TENANT = {name: table for name, table in TABLES.items() if "organization_id" in table.columns}
NOT_TENANT = {"organization"}


@pytest.fixture
def owner(postgres: str) -> Iterator[Connection]:
    """The owning role, to look at the wall from above."""
    with db.owner_engine().connect() as connection:
        yield connection


@pytest.fixture
def app(postgres: str) -> Iterator[Connection]:
    """An everyday connection, without an organization."""
    with db.app_engine().connect() as connection:
        yield connection


def test_every_table_belongs_to_an_organization_or_is_one() -> None:
    assert set(TABLES) - set(TENANT) == NOT_TENANT


def test_the_database_has_no_table_we_do_not_know(owner: Connection) -> None:
    assert set(inspect(owner).get_table_names()) == set(TABLES) | {"alembic_version"}


@pytest.mark.parametrize("name", sorted([*TENANT, *NOT_TENANT]))
def test_the_wall_stands(owner: Connection, name: str) -> None:
    enabled = owner.execute(
        text("SELECT relrowsecurity FROM pg_class WHERE oid = CAST(:t AS regclass)"), {"t": f'"{name}"'}
    )
    assert enabled.scalar_one() is True
    policies = owner.execute(
        text("SELECT cmd, permissive, roles::text[], qual, with_check FROM pg_policies WHERE tablename = :t"),
        {"t": name},
    ).all()
    assert len(policies) == 1
    [(command, permissive, roles, using, check)] = policies
    assert (command, permissive, roles) == ("ALL", "PERMISSIVE", [db.APP_ROLE])
    column = "organization_id" if name in TENANT else "id"
    for condition in (using, check):
        assert f"{column} = " in condition and "app.organization_id" in condition


@pytest.mark.parametrize(("name", "table"), sorted(TENANT.items()))
def test_the_column_fills_itself(owner: Connection, name: str, table: Table) -> None:
    column = next(one for one in inspect(owner).get_columns(name) if one["name"] == "organization_id")
    assert column["nullable"] is False and "app.organization_id" in (column["default"] or "")


@pytest.mark.parametrize("name", sorted(TENANT))
def test_an_index_leads_with_the_organization(owner: Connection, name: str) -> None:
    looked_at = inspect(owner)
    leading = [index["column_names"][0] for index in looked_at.get_indexes(name)]
    leading += [unique["column_names"][0] for unique in looked_at.get_unique_constraints(name)]
    assert "organization_id" in leading


@pytest.mark.parametrize("name", sorted(TABLES))
def test_what_refers_has_the_type_of_what_it_refers_to(name: str) -> None:
    for column in TABLES[name].columns:
        for key in column.foreign_keys:
            assert str(column.type) == str(key.column.type), (
                f"{name}.{column.name} cannot hold every {key.target_fullname}"
            )


def test_the_everyday_role_owns_nothing_and_can_nothing_special(owner: Connection) -> None:
    rights = owner.execute(
        text("SELECT rolsuper, rolbypassrls, rolcanlogin, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = :r"),
        {"r": db.APP_ROLE},
    ).one()
    assert not any(rights)
    owned = text("SELECT count(*) FROM pg_class WHERE relowner = (SELECT oid FROM pg_roles WHERE rolname = :r)")
    assert owner.execute(owned, {"r": db.APP_ROLE}).scalar_one() == 0


def test_everyday_connections_are_the_everyday_role(app: Connection) -> None:
    assert app.execute(text("SELECT current_user")).scalar_one() == db.APP_ROLE


@pytest.mark.parametrize("statement", [
    "CREATE TABLE stolen (id int)", "ALTER TABLE ticket DISABLE ROW LEVEL SECURITY", "DROP POLICY tenant ON ticket",
    "TRUNCATE ticket CASCADE", "SELECT * FROM alembic_version", "CREATE ROLE mole", "INSERT INTO organization (slug) VALUES ('x')",
    "DELETE FROM organization", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
])  # fmt: skip
def test_the_everyday_role_cannot_move_the_wall(app: Connection, statement: str) -> None:
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
        app.execute(text(statement))


@pytest.fixture
def furnished(cast: Cast) -> Cast:
    """Both organizations with at least a row in every table a customer's story touches."""
    for admin, customer in ((cast.adam, cast.rita), (cast.eve, cast.mallory)):
        desk = system(admin.organization_id)
        run(admin, sign_in.set_availability, "available")
        run(admin, catalog.save_category, name="Hardware")
        files = [
            run(customer, attachments.store, filename="a.txt", content_type="text/plain", stream=[b"words"]).id
            for _ in range(2)
        ]
        ref = run(customer, tickets.create, title="Zebra", description="secret stripes", attachment_ids=files[:1])
        run(admin, tickets.tag, ref, ["animal"])
        run(admin, tickets.edit_comment, run(admin, tickets.note, ref, "zebra note"), f"zebra note for @{admin.name}")
        run(admin, tickets.watch, ref)
        run(admin, time_tracking.start, ref)
        run(admin, custom_fields.save, label="Stripes")
        step = Step(Since.CREATED, timedelta(hours=1), ("managers",))
        run(admin, escalations.save, name="Late", where=Group(), steps=[step])
        run(desk, escalations.review_some)
        run(admin, tickets.escalate, ref, reason="stripes everywhere")
        run(admin, tickets.reply, ref, "zebra answer", then="resolved")
        run(admin, tickets.keep_draft, ref, "zebra draft")
        run(customer, tickets.rate, ref, 5, "zebra thanks")
        email = run(
            desk,
            lambda ctx, who=customer: ctx.session.execute(
                text("SELECT email FROM person WHERE id = :id"), {"id": who.person_id}
            ).scalar_one(),
        )
        run(anonymous(admin.organization_id), sign_in.sign_in, email=email, password=PASSWORD)
        run(anonymous(admin.organization_id), sign_in.forgot, email=email)
        run(desk, _fill_the_rest)
        run(desk, _fill_views)
    return cast


def _fill_the_rest(ctx) -> None:
    run_sql = ctx.session.execute
    run_sql(text("INSERT INTO company (name, domains, created_at) VALUES ('Zebra Ltd', '{zebra.example}', now())"))
    run_sql(text("INSERT INTO site (company_id, name, address) SELECT max(id), 'HQ', '' FROM company"))
    run_sql(text("INSERT INTO team (name, strategy, is_active, created_at) VALUES ('Zebras', 'manual', true, now())"))
    run_sql(
        text(
            "INSERT INTO team_member (team_id, person_id, is_lead) SELECT (SELECT max(id) FROM team), max(id), false FROM person"
        )
    )
    run_sql(text("INSERT INTO business_calendar (name, timezone, week, holidays) VALUES ('24x7', 'UTC', '{}', '{}')"))
    run_sql(
        text("INSERT INTO ticket_link (kind, from_id, to_id, created_at) SELECT 'related', id, id, now() FROM ticket")
    )
    run_sql(text("INSERT INTO ticket_merge (source_id, target_id, moved, at) SELECT id, id, '{}', now() FROM ticket"))
    run_sql(
        text(
            "INSERT INTO trashed_ticket (id, reference, title, requester, deleted_by, rows, deleted_at)"
            " SELECT id, reference, title, '', '', '{}', now() FROM ticket"
        )
    )
    run_sql(
        text(
            "INSERT INTO api_token (person_id, name, token_hash, ending, permissions, created_at, last_address)"
            " SELECT max(id), 'x', 'x', 'x', '{}', now(), '' FROM person"
        )
    )
    run_sql(
        text(
            "INSERT INTO kept_answer (person_id, key_hash, request_hash, status, sealed_body, created_at)"
            " SELECT max(id), 'x', 'x', 0, '', now() FROM person"
        )
    )
    run_sql(text("INSERT INTO skill (name) VALUES ('Painting stripes')"))
    run_sql(
        text("INSERT INTO person_skill (person_id, skill_id) SELECT max(id), (SELECT max(id) FROM skill) FROM person")
    )
    run_sql(
        text(
            "INSERT INTO barred_transition (role, from_status_id, to_status_id) SELECT 'agent', min(id), max(id) FROM status"
        )
    )
    run_sql(
        text(
            "INSERT INTO second_factor (person_id, sealed_secret, last_step, created_at) SELECT max(id), 'x', 0, now() FROM person"
        )
    )
    run_sql(
        text(
            "INSERT INTO configuration_version (text, changes, kind, actor_name, at) VALUES ('', '{}', 'applied', '', now())"
        )
    )
    run_sql(
        text(
            "INSERT INTO identity_provider (kind, name, issuer, client_id, sealed_secret, is_active, position, created_at)"
            " VALUES ('oidc', 'Zebra', 'https://zebra.example', 'zebra', '', true, 0, now())"
        )
    )
    run_sql(
        text(
            "INSERT INTO identity (provider_id, person_id, subject, email, created_at)"
            " SELECT (SELECT max(id) FROM identity_provider), max(id), 'zebra', 'z@zebra.example', now() FROM person"
        )
    )
    run_sql(
        text(
            "INSERT INTO registration (email, name, password_hash, token_hash, tries, created_at, expires_at)"
            " VALUES ('x', 'x', 'x', 'x', 0, now(), now())"
        )
    )
    run_sql(text("INSERT INTO recovery_code (person_id, code_hash, created_at) SELECT max(id), 'x', now() FROM person"))
    run_sql(
        text(
            "INSERT INTO second_step (person_id, token_hash, remember, tries, created_at, expires_at)"
            " SELECT max(id), 'x', false, 0, now(), now() FROM person"
        )
    )
    run_sql(text("INSERT INTO reaction (activity_id, listener, at) SELECT max(id), 'test', now() FROM activity"))


def _fill_views(ctx) -> None:
    for rows in (
        "view (name, is_shared, conditions, sort, columns, created_at, updated_at) VALUES ('Zebras', true, '{}', '', '{}', now(), now())",
        "preference (person_id, data) SELECT max(id), '{}' FROM person",
        "bulk_run (person_id, action, value, label, total, done, changed, refused, created_at, updated_at) SELECT max(id), 'close', '', '', 0, 0, 0, 0, now(), now() FROM person",
        "sla_run (kind, wanted, result, total, done, cursor, created_at, updated_at) VALUES ('derive', '{}', '{}', 0, 0, 0, now(), now())",
        "bulk_item (run_id, ticket_id, position, state, reason, before, after) SELECT (SELECT max(id) FROM bulk_run), max(id), 0, '', '', '{}', '{}' FROM ticket",
        "csat_request (ticket_id, person_id, created_at) SELECT max(id), max(requester_id), now() FROM ticket",
        "search_word (word) VALUES ('zebra')",
        "rule (name, definition, position, is_active, problem, created_at, updated_at) VALUES ('Zebra', '{}', 0, false, '', now(), now())",
        "macro (name, scope, actions, offered, reply, created_at, updated_at) VALUES ('Zebra', 'all', '[]', '{}', '', now(), now())",
        "article (slug, title, body, body_html, state, created_at, updated_at) VALUES ('zebra', 'Zebra', 'x', 'x', 'draft', now(), now())",
        "article_feedback (article_id, is_helpful, at) SELECT id, true, now() FROM article",
        "customer_note (person_id, body, body_html, created_at) SELECT max(id), 'zebra', 'zebra', now() FROM person",
        "waiting_reply (ticket_id, person_id, body, status, is_scheduled, state, reason, send_at, created_at) SELECT (SELECT max(id) FROM ticket), max(id), 'zebra', '', true, 'stopped', '', now(), now() FROM person",
        "person_merge (source_id, target_id, moved, at) SELECT min(id), max(id), '{}', now() FROM person",
        "webhook_endpoint (name, address, sealed_secret, kinds, is_active, failures, problem, created_at, updated_at) VALUES ('Zebra', '', '', '{}', false, 0, '', now(), now())",
        "webhook_delivery (endpoint_id, kind, payload, state, attempts, answer, created_at) SELECT max(id), 'test', '{}', 'failed', 0, '', now() FROM webhook_endpoint",
        "notification (person_id, kind, title, message, actor_name, created_at) SELECT max(id), 'system', 'Zebra', '', '', now() FROM person",
        "integration (system, name, address, account, project, issue_type, sealed_secret, kinds, team_ids, least_rank, is_active, failures, problem, created_at, updated_at) VALUES ('slack', 'Zebra', '', '', '', '', '', '{}', '{}', 1, false, 0, '', now(), now())",
        "integration_delivery (integration_id, kind, message, issue, state, attempts, answer, created_at) SELECT max(id), 'test', '{}', '', 'failed', 0, '', now() FROM integration",
        "push_subscription (person_id, endpoint_hash, sealed, browser, created_at) SELECT max(id), 'x', '', '', now() FROM person",
        "mailbox (address, name, signature, allows_strangers, is_active, trusted_server, imap_host, imap_port, imap_tls, imap_user, imap_folder,"
        " sealed_imap_secret, token_address, client_id, smtp_host, smtp_port, smtp_tls, smtp_user, sealed_smtp_secret, sealed_hook_secret,"
        " uid_validity, last_uid, failures, last_error, created_at, updated_at) VALUES ('zebra@zoo.example', '', '', true, true, '', '', 993,"
        " 'tls', '', 'INBOX', '', '', '', '', 587, 'tls', '', '', '', 0, 0, 0, '', now(), now())",
        "inbound_mail (message_id, door, raw, size, from_address, from_name, subject, state, reason, error, tries, is_automatic, received_at)"
        " VALUES ('zebra', 'imap', '', 0, '', '', '', 'ignored', '', '', 0, false, now())",
        "rule_run (rule_id, ticket_id, result, did, reason, at) SELECT (SELECT max(id) FROM rule), max(id), 'success', '{}', '', now() FROM ticket",
    ):
        ctx.session.execute(text(f"INSERT INTO {rows}"))


def test_raw_sql_and_frames_see_one_organization_in_every_table(furnished: Cast) -> None:
    for mine, theirs in ((furnished.acme.id, furnished.evil.id), (furnished.evil.id, furnished.acme.id)):
        with db.session(mine) as session:
            for name in TENANT:
                seen = set(session.execute(text(f'SELECT DISTINCT organization_id FROM "{name}"')).scalars())
                assert seen == {mine}, name
                frame = pd.read_sql(f'SELECT organization_id FROM "{name}"', session.connection())
                assert set(frame.organization_id) == {mine}, name
                asked = session.execute(text(f'SELECT count(*) FROM "{name}" WHERE organization_id = {theirs}'))
                assert asked.scalar_one() == 0, name
            assert session.execute(text("SELECT array_agg(id) FROM organization")).scalar_one() == [mine]


def test_without_an_organization_there_is_nothing(furnished: Cast) -> None:
    with Session(db.app_engine()) as session:
        session.execute(text("SET LOCAL ROLE helpdesk_app"))
        session.execute(text("SELECT set_config('app.organization_id', '', true)"))
        for name in [*TENANT, *NOT_TENANT]:
            assert session.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one() == 0, name


def test_nobody_writes_changes_or_deletes_across(furnished: Cast) -> None:
    mine, theirs = furnished.evil.id, furnished.acme.id
    with db.session(mine) as session:
        for name in sorted(TENANT):
            for statement in (
                f'UPDATE "{name}" SET organization_id = {mine} WHERE organization_id = {theirs}',
                f'DELETE FROM "{name}" WHERE organization_id = {theirs}',
            ):
                assert session.execute(text(statement)).rowcount == 0
            with pytest.raises(DBAPIError, match="row-level security"), session.begin_nested():
                session.execute(text(f'UPDATE "{name}" SET organization_id = {theirs}'))
            columns = ", ".join(
                f'"{column.name}"'
                for column in TENANT[name].columns
                if column.name not in ("organization_id", "id") and column.computed is None
            )
            with pytest.raises(DBAPIError, match="row-level security"), session.begin_nested():
                session.execute(
                    text(
                        f'INSERT INTO "{name}" (organization_id, {columns}) SELECT {theirs}, {columns} FROM "{name}" LIMIT 1'
                    )
                )


def test_without_an_organization_nothing_can_be_written(app: Connection) -> None:
    with pytest.raises(DBAPIError):
        app.execute(text("INSERT INTO tag (name, colour) VALUES ('ghost', 'gray')"))
    app.rollback()
    with pytest.raises(DBAPIError, match="row-level security"):
        app.execute(text("INSERT INTO tag (organization_id, name, colour) VALUES (1, 'ghost', 'gray')"))


def test_the_search_function_stays_inside_too(furnished: Cast) -> None:
    for organization_id in (furnished.acme.id, furnished.evil.id):
        with db.session(organization_id) as session:
            found = session.execute(text("SELECT ticket_id FROM search_tickets('zebra', true, 500)")).scalars().all()
            own = session.execute(text("SELECT id FROM ticket")).scalars().all()
            assert found and set(found) <= set(own)
            found = session.execute(text("SELECT article_id FROM search_articles('zebra', true, 500)")).scalars().all()
            own = session.execute(text("SELECT id FROM article")).scalars().all()
            assert found and set(found) <= set(own)
    with db.session(10**9) as session:
        assert session.execute(text("SELECT ticket_id FROM search_tickets('zebra', true, 500)")).all() == []
        assert session.execute(text("SELECT article_id FROM search_articles('zebra', true, 500)")).all() == []
        assert session.execute(text("SELECT article_id FROM similar_articles('zebra', 500)")).all() == []


def test_an_organization_is_forgotten_when_the_transaction_ends(assembled: Cast) -> None:
    with db.session(assembled.acme.id) as session:
        assert session.execute(text("SELECT count(*) FROM person")).scalar_one() > 0
        session.rollback()
        assert session.execute(text("SELECT count(*) FROM person")).scalar_one() == 0
    with db.app_engine().connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM person")).scalar_one() == 0


def test_services_show_each_organization_its_own(furnished: Cast) -> None:
    for actor in (furnished.adam, furnished.eve):
        shown = run(actor, tickets.page, TicketFilter(text="zebra"))
        assert len(shown.rows) == 1
        listed = run(actor, tickets.page, TicketFilter()).rows
        assert [one.reference for one in listed] == [one.reference for one in shown.rows]
        assert sum(count.count for count in run(actor, queries.view_counts) if count.slug == "all") == 1
        prefix = shown.rows[0].reference.partition("-")[0]
        mails = run(actor, outbound.listing)
        assert mails and all(not mail.reference or mail.reference.startswith(prefix) for mail in mails)


# The owner's session sees every organization. Each user of it, and why.
OWNER_SESSION_USERS = {
    "db.py": "defines it",
    "services/organizations.py": "finds an organization by its name, founds one",
    "services/sign_in.py": "which organizations have people who have left",
    "services/push.py": "which organizations have something to push",
    "services/calls.py": "which organizations have other houses to call now",
    "services/escalations.py": "which organizations have escalations due",
    "services/readings.py": "how the desk itself is doing; numbers alone",
    "services/csat.py": "which organizations have customers to ask how the help was",
    "services/scanning.py": "which organizations have files nobody has looked into",
    "services/routing.py": "which organizations have tickets waiting for somebody who is there",
    "services/sla.py": "which organizations have timers due",
    "services/automation.py": "which organizations have rules about passing time",
    "services/tickets/upkeep.py": "which organizations close tickets nobody answers",
    "services/reactions.py": "which organizations have activities waiting",
    "services/mail/outbound.py": "which organizations have mail due",
    "services/digest.py": "which organizations have managers who want a summary now",
    "services/tickets/sending.py": "which organizations have replies to send now",
    "services/mail/inbound.py": "which organizations have mail to be understood",
    "services/mail/polling.py": "which mailboxes are to be read",
    "services/sla_runs.py": "which organizations have work on clocks left over",
    "services/tickets/bulk.py": "which organizations have changes of many tickets left over",
}
OWNER_ENGINE_USERS = {"db.py": "defines it", "migrations.py": "migrates"}
# Places that may come to need it, allowed when they do: the command line's checks and the bulk import.
ALSO_ALLOWED = {"cli.py", "doctor.py", "seed.py", "importing.py", "bench.py"}


@pytest.mark.parametrize(
    ("name", "known"), [("owner_session", OWNER_SESSION_USERS), ("owner_engine", OWNER_ENGINE_USERS)]
)
def test_the_owner_is_asked_only_where_it_must_be(name: str, known: dict[str, str]) -> None:
    users = {
        path
        for path, tree in sources().items()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and node.attr == name)
        or (isinstance(node, ast.Name) and node.id == name)
        or (isinstance(node, ast.alias) and node.name == name)
    } | {"db.py"}
    assert {path for path in users - set(known) if path.rpartition("/")[2] not in ALSO_ALLOWED} == set()


def test_the_owners_role_is_not_the_everyday_role(postgres: str) -> None:
    engine = create_engine(postgres)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT current_user")).scalar_one() != db.APP_ROLE
    engine.dispose()
