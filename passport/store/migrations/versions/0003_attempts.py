"""Who signed a checkpoint's transaction and when, and what was signed before it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_RowNumber = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.add_column("log_checkpoints", sa.Column("tx_sender", sa.String(100)))
    op.add_column("log_checkpoints", sa.Column("signed_at", sa.BigInteger))
    op.create_table(
        "earlier_transactions",
        sa.Column("log_id", _RowNumber, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("tx_raw", sa.LargeBinary, nullable=False),
        sa.Column("tx_hash", sa.LargeBinary, nullable=False),
        sa.Column("tx_nonce", sa.BigInteger, nullable=False),
        sa.Column("tx_sender", sa.String(100)),
        sa.PrimaryKeyConstraint("log_id", "seq", "attempt", name="pk_earlier_transactions"),
        sa.ForeignKeyConstraint(["log_id"], ["logs.id"], name="fk_earlier_transactions_log_id"),
    )
