"""What grows around a ticket: watchers, mentions, edits, links, merges, time, drafts, the trash, an organization's own fields."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0020'
down_revision = "0030"
branch_labels = None
depends_on = None

ROLE = "helpdesk_app"
CURRENT = "NULLIF(current_setting('app.organization_id', true), '')::bigint"
TABLES = (
    "custom_field",
    "trashed_ticket",
    "draft",
    "ticket_link",
    "ticket_merge",
    "time_entry",
    "watcher",
    "comment_edit",
    "mention",
)


def upgrade() -> None:
    op.create_table('custom_field',
    sa.Column('organization_id', sa.BigInteger(), server_default=sa.text("current_setting('app.organization_id')::bigint"), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('label', sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
    sa.Column('help', sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
    sa.Column('options', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('category_ids', postgresql.ARRAY(sa.BigInteger()), nullable=False),
    sa.Column('is_required', sa.Boolean(), nullable=False),
    sa.Column('is_public', sa.Boolean(), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_custom_field_organization_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_custom_field')),
    sa.UniqueConstraint('organization_id', 'label', name=op.f('uq_custom_field_organization_id_label'))
    )
    op.create_table('trashed_ticket',
    sa.Column('organization_id', sa.BigInteger(), server_default=sa.text("current_setting('app.organization_id')::bigint"), nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('reference', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('title', sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
    sa.Column('requester', sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
    sa.Column('deleted_by', sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
    sa.Column('rows', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_trashed_ticket_organization_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trashed_ticket'))
    )
    op.create_index('ix_trashed_ticket_deleted_at', 'trashed_ticket', ['deleted_at'], unique=False)
    op.create_index(op.f('ix_trashed_ticket_organization_id_id'), 'trashed_ticket', ['organization_id', 'id'], unique=False)
    op.create_table('draft',
    sa.Column('organization_id', sa.BigInteger(), server_default=sa.text("current_setting('app.organization_id')::bigint"), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_draft_organization_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_draft_person_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_draft_ticket_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('ticket_id', 'person_id', name=op.f('pk_draft'))
    )
    op.create_index(op.f('ix_draft_organization_id_person_id_ticket_id'), 'draft', ['organization_id', 'person_id', 'ticket_id'], unique=False)
    op.create_table('ticket_link',
    sa.Column('organization_id', sa.BigInteger(), server_default=sa.text("current_setting('app.organization_id')::bigint"), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
    sa.Column('from_id', sa.BigInteger(), nullable=False),
    sa.Column('to_id', sa.BigInteger(), nullable=False),
    sa.Column('created_by_id', sa.BigInteger(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['created_by_id'], ['person.id'], name=op.f('fk_ticket_link_created_by_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['from_id'], ['ticket.id'], name=op.f('fk_ticket_link_from_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_ticket_link_organization_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['to_id'], ['ticket.id'], name=op.f('fk_ticket_link_to_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket_link')),
    sa.UniqueConstraint('organization_id', 'from_id', 'to_id', name=op.f('uq_ticket_link_organization_id_from_id_to_id'))
    )
    op.create_index('ix_ticket_link_to', 'ticket_link', ['organization_id', 'to_id'], unique=False)
    op.create_index('uq_ticket_link_parent', 'ticket_link', ['organization_id', 'to_id'], unique=True, postgresql_where=sa.text("kind = 'child'"))
    op.create_table('ticket_merge',
    sa.Column('organization_id', sa.BigInteger(), server_default=sa.text("current_setting('app.organization_id')::bigint"), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('source_id', sa.BigInteger(), nullable=False),
    sa.Column('target_id', sa.BigInteger(), nullable=False),
    sa.Column('moved', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_ticket_merge_organization_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['source_id'], ['ticket.id'], name=op.f('fk_ticket_merge_source_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['target_id'], ['ticket.id'], name=op.f('fk_ticket_merge_target_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket_merge'))
    )
    op.create_index('ix_ticket_merge_source', 'ticket_merge', ['organization_id', 'source_id'], unique=False)
    op.create_index('ix_ticket_merge_target', 'ticket_merge', ['organization_id', 'target_id'], unique=False)
    op.create_table('time_entry',
    sa.Column('organization_id', sa.BigInteger(), server_default=sa.text("current_setting('app.organization_id')::bigint"), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('seconds', sa.Integer(), nullable=False),
    sa.Column('note', sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_time_entry_organization_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_time_entry_person_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_time_entry_ticket_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_time_entry'))
    )
    op.create_index('ix_time_entry_ticket', 'time_entry', ['organization_id', 'ticket_id', 'id'], unique=False)
    op.create_index('uq_time_entry_running', 'time_entry', ['organization_id', 'person_id'], unique=True, postgresql_where=sa.text('ended_at IS NULL'))
    op.create_table('watcher',
    sa.Column('organization_id', sa.BigInteger(), server_default=sa.text("current_setting('app.organization_id')::bigint"), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_watcher_organization_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_watcher_person_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_watcher_ticket_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('ticket_id', 'person_id', name=op.f('pk_watcher'))
    )
    op.create_index(op.f('ix_watcher_organization_id_person_id_ticket_id'), 'watcher', ['organization_id', 'person_id', 'ticket_id'], unique=False)
    op.create_table('comment_edit',
    sa.Column('organization_id', sa.BigInteger(), server_default=sa.text("current_setting('app.organization_id')::bigint"), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('comment_id', sa.BigInteger(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('body_html', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['comment_id'], ['comment.id'], name=op.f('fk_comment_edit_comment_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_comment_edit_organization_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_comment_edit'))
    )
    op.create_index(op.f('ix_comment_edit_organization_id_comment_id'), 'comment_edit', ['organization_id', 'comment_id'], unique=False)
    op.create_table('mention',
    sa.Column('organization_id', sa.BigInteger(), server_default=sa.text("current_setting('app.organization_id')::bigint"), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('comment_id', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['comment_id'], ['comment.id'], name=op.f('fk_mention_comment_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_mention_organization_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_mention_person_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_mention_ticket_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mention')),
    sa.UniqueConstraint('organization_id', 'comment_id', 'person_id', name=op.f('uq_mention_organization_id_comment_id_person_id'))
    )
    op.create_index('ix_mention_person', 'mention', ['organization_id', 'person_id', 'ticket_id'], unique=False)
    op.create_index('ix_mention_ticket', 'mention', ['organization_id', 'ticket_id'], unique=False)
    op.add_column('comment', sa.Column('edited_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('ticket', sa.Column('merged_into_id', sa.BigInteger(), nullable=True))
    op.add_column('ticket', sa.Column('custom', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False))
    op.create_index('ix_ticket_merged', 'ticket', ['organization_id', 'merged_into_id'], unique=False, postgresql_where=sa.text('merged_into_id IS NOT NULL'))
    op.create_foreign_key(op.f('fk_ticket_merged_into_id'), 'ticket', 'ticket', ['merged_into_id'], ['id'], ondelete='SET NULL')
    for table in TABLES:
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {ROLE}")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table} TO {ROLE} "
            f"USING (organization_id = {CURRENT}) WITH CHECK (organization_id = {CURRENT})"
        )
    op.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLE}")


def downgrade() -> None:
    op.drop_constraint(op.f('fk_ticket_merged_into_id'), 'ticket', type_='foreignkey')
    op.drop_index('ix_ticket_merged', table_name='ticket', postgresql_where=sa.text('merged_into_id IS NOT NULL'))
    op.drop_column('ticket', 'custom')
    op.drop_column('ticket', 'merged_into_id')
    op.drop_column('comment', 'edited_at')
    op.drop_index('ix_mention_ticket', table_name='mention')
    op.drop_index('ix_mention_person', table_name='mention')
    op.drop_table('mention')
    op.drop_index(op.f('ix_comment_edit_organization_id_comment_id'), table_name='comment_edit')
    op.drop_table('comment_edit')
    op.drop_index(op.f('ix_watcher_organization_id_person_id_ticket_id'), table_name='watcher')
    op.drop_table('watcher')
    op.drop_index('uq_time_entry_running', table_name='time_entry', postgresql_where=sa.text('ended_at IS NULL'))
    op.drop_index('ix_time_entry_ticket', table_name='time_entry')
    op.drop_table('time_entry')
    op.drop_index('ix_ticket_merge_target', table_name='ticket_merge')
    op.drop_index('ix_ticket_merge_source', table_name='ticket_merge')
    op.drop_table('ticket_merge')
    op.drop_index('uq_ticket_link_parent', table_name='ticket_link', postgresql_where=sa.text("kind = 'child'"))
    op.drop_index('ix_ticket_link_to', table_name='ticket_link')
    op.drop_table('ticket_link')
    op.drop_index(op.f('ix_draft_organization_id_person_id_ticket_id'), table_name='draft')
    op.drop_table('draft')
    op.drop_index(op.f('ix_trashed_ticket_organization_id_id'), table_name='trashed_ticket')
    op.drop_index('ix_trashed_ticket_deleted_at', table_name='trashed_ticket')
    op.drop_table('trashed_ticket')
    op.drop_table('custom_field')
