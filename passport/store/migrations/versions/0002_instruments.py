"""Contracts and certificates of electricity, and what passports have spent of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_RowNumber = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "instruments",
        sa.Column("id", _RowNumber, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("issued_kwh", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_instruments"),
        sa.UniqueConstraint("key", name="uq_instruments_key"),
    )
    op.create_table(
        "instrument_uses",
        sa.Column("id", _RowNumber, autoincrement=True, nullable=False),
        sa.Column("instrument_id", _RowNumber, nullable=False),
        sa.Column("passport_id", sa.Text, nullable=False),
        sa.Column("spent_kwh", sa.Text, nullable=False),
        sa.Column("replaced_by", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_instrument_uses"),
        sa.ForeignKeyConstraint(["instrument_id"], ["instruments.id"], name="fk_instrument_uses_instrument_id"),
    )
    for column in ("instrument_id", "passport_id"):
        op.create_index(f"ix_instrument_uses_{column}", "instrument_uses", [column])
