"""What watched blocks come to that are kept no longer, and validators where they change instead of in every block."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_NOBODY = "0x0000000000000000000000000000000000000000"


def upgrade() -> None:
    op.create_table(
        "observed_validators",
        sa.Column("chain", sa.String(120), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("validators", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("chain", "number", name="pk_observed_validators"),
    )
    op.create_table(
        "observed_past",
        sa.Column("chain", sa.String(120), nullable=False),
        sa.Column("first", sa.BigInteger, nullable=False),
        sa.Column("first_time", sa.BigInteger, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("last_time", sa.BigInteger, nullable=False),
        sa.Column("gas_used", sa.String(60), nullable=False),
        sa.Column("gas_limit", sa.String(60), nullable=False),
        sa.Column("transactions", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("chain", name="pk_observed_past"),
    )
    op.execute(
        sa.text(
            "INSERT INTO observed_validators (chain, number, validators) "
            "SELECT chain, number, validators FROM ("
            "SELECT chain, number, validators, "
            "LAG(validators) OVER (PARTITION BY chain ORDER BY number) AS before "
            "FROM observed_blocks WHERE validators IS NOT NULL) AS said "
            "WHERE before IS NULL OR before <> validators"
        )
    )
    with op.batch_alter_table("observed_blocks") as table:
        table.drop_column("validators")
        table.alter_column("producer", existing_type=sa.String(42), nullable=True)
    op.execute(sa.text("UPDATE observed_blocks SET producer = NULL WHERE producer = :nobody").bindparams(nobody=_NOBODY))
