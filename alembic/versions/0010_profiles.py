"""Give people a department, an address, a picture, and a say in which mails they get."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0004"
branch_labels = None
depends_on = None

_TEXTS = (("department", 120), ("address", 500), ("picture_key", 80), ("picture_type", 20))


def upgrade() -> None:
    for name, length in _TEXTS:
        op.add_column("person", sa.Column(name, sa.String(length), nullable=False, server_default=""))
    op.add_column(
        "person", sa.Column("muted_notices", postgresql.ARRAY(sa.Text()), nullable=False, server_default=sa.text("'{}'"))
    )


def downgrade() -> None:
    op.drop_column("person", "muted_notices")
    for name, _ in reversed(_TEXTS):
        op.drop_column("person", name)
