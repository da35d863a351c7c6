"""Orders that a relay took, and what was signed for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "relayed_orders",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("issuer_id", sa.String(66), nullable=False),
        sa.Column("slot", sa.String(200), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("deadline", sa.BigInteger, nullable=False),
        sa.Column("accepted_at_us", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("gas", sa.BigInteger, nullable=False),
        sa.Column("signed_at", sa.BigInteger, nullable=False),
        sa.Column("block_number", sa.BigInteger),
        sa.Column("reason", sa.Text),
        sa.Column("tx_raw", sa.LargeBinary, nullable=False),
        sa.Column("tx_hash", sa.LargeBinary, nullable=False),
        sa.Column("tx_nonce", sa.BigInteger, nullable=False),
        sa.Column("tx_sender", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_relayed_orders"),
    )
    op.create_index("ix_relayed_orders_accepted_at_us", "relayed_orders", ["accepted_at_us"])
    op.create_index("ix_relayed_orders_state", "relayed_orders", ["state"])
    op.create_index("ix_relayed_orders_slot", "relayed_orders", ["slot"])
    op.create_table(
        "relayed_transactions",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("tx_raw", sa.LargeBinary, nullable=False),
        sa.Column("tx_hash", sa.LargeBinary, nullable=False),
        sa.Column("tx_nonce", sa.BigInteger, nullable=False),
        sa.Column("tx_sender", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("digest", "attempt", name="pk_relayed_transactions"),
        sa.ForeignKeyConstraint(["digest"], ["relayed_orders.digest"], name="fk_relayed_transactions_digest"),
    )
