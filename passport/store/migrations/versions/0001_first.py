"""The first tables: documents, rows, logs with their outbox, settings."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_RowNumber = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "documents",
        sa.Column("sequence", _RowNumber, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("document_id", sa.Text, nullable=False),
        sa.Column("issuer_id", sa.Text),
        sa.Column("subject_id", sa.Text),
        sa.Column("own", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("media_type", sa.Text),
        sa.Column("added_at_us", sa.BigInteger, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_documents"),
        sa.UniqueConstraint("kind", "digest", name="uq_documents_kind_digest"),
        sqlite_autoincrement=True,
    )
    for column in ("document_id", "issuer_id", "subject_id"):
        op.create_index(f"ix_documents_kind_{column}", "documents", ["kind", column])
    op.create_table(
        "statement_rows",
        sa.Column("statement_digest", sa.String(64), nullable=False),
        sa.Column("row_digest", sa.String(64), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("statement_digest", "row_digest", name="pk_statement_rows"),
    )
    op.create_table(
        "logs",
        sa.Column("id", _RowNumber, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("own", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_logs"),
        sa.UniqueConstraint("key", name="uq_logs_key"),
    )
    _create_log_table(
        "log_tiles",
        sa.Column("tile", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("entries", sa.LargeBinary, nullable=False),
    )
    _create_log_table(
        "open_leaves",
        sa.Column("leaf_index", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("token", sa.LargeBinary, nullable=False),
        sa.Column("entry", sa.LargeBinary),
    )
    _create_log_table(
        "void_leaves",
        sa.Column("leaf_index", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("nonce", sa.LargeBinary, nullable=False),
    )
    _create_log_table(
        "log_checkpoints",
        sa.Column("seq", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("prev_size", sa.BigInteger, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("time", sa.BigInteger),
        sa.Column("block_number", sa.BigInteger),
        sa.Column("key_no", sa.BigInteger),
        sa.Column("state", sa.String(16)),
        sa.Column("prepared_at_us", sa.BigInteger),
        sa.Column("frontier", sa.LargeBinary),
        sa.Column("tx_raw", sa.LargeBinary),
        sa.Column("tx_hash", sa.LargeBinary),
        sa.Column("tx_nonce", sa.BigInteger),
    )
    op.create_index("ix_log_checkpoints_log_id_state", "log_checkpoints", ["log_id", "state"])
    op.create_table(
        "settings",
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_settings"),
    )


def _create_log_table(name: str, key: sa.Column[Any], *columns: sa.Column[Any]) -> None:
    op.create_table(
        name,
        sa.Column("log_id", _RowNumber, autoincrement=False, nullable=False),
        key,
        *columns,
        sa.PrimaryKeyConstraint("log_id", key.name, name=f"pk_{name}"),
        sa.ForeignKeyConstraint(["log_id"], ["logs.id"], name=f"fk_{name}_log_id"),
    )
