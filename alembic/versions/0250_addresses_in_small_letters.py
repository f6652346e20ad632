"""Keep people's addresses in small letters.

Row-level security lets PostgreSQL look into an index only with what cannot leak; `lower()` counts as what can, so a person
was looked up by their address by reading everybody. Compared as it is kept, an address is found by its index.
"""

import sqlalchemy as sa
from alembic import op

revision = "0250"
down_revision = "0200"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE person SET email = lower(email) WHERE email <> lower(email)")
    op.drop_index("uq_person_email", table_name="person")
    op.create_index("uq_person_email", "person", ["organization_id", "email"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_person_email", table_name="person")
    op.create_index("uq_person_email", "person", ["organization_id", sa.literal_column("lower(email)")], unique=True)
