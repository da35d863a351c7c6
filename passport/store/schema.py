"""The tables. A change here goes with a new file under `migrations/versions`; a test compares the two."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

# Only an INTEGER primary key is SQLite's own row number.
_RowNumber = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)

documents = Table(
    "documents",
    metadata,
    Column("sequence", _RowNumber, primary_key=True, autoincrement=True),
    Column("kind", String(32), nullable=False),
    Column("digest", String(64), nullable=False),
    # Not unique: one id with two digests is stored, found and reported, not hidden.
    Column("document_id", Text, nullable=False),
    Column("issuer_id", Text),
    Column("subject_id", Text),
    Column("own", Boolean(create_constraint=False), nullable=False),
    Column("media_type", Text),
    Column("added_at_us", BigInteger, nullable=False),
    # The last column, so that reading the others does not read it.
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("kind", "digest"),
    Index(None, "kind", "document_id"),
    Index(None, "kind", "issuer_id"),
    Index(None, "kind", "subject_id"),
    sqlite_autoincrement=True,
)

statement_rows = Table(
    "statement_rows",
    metadata,
    Column("statement_digest", String(64), primary_key=True),
    Column("row_digest", String(64), primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

logs = Table(
    "logs",
    metadata,
    Column("id", _RowNumber, primary_key=True, autoincrement=True),
    Column("key", Text, nullable=False, unique=True),
    Column("own", Boolean(create_constraint=False), nullable=False),
    Column("size", BigInteger, nullable=False),
)

log_tiles = Table(
    "log_tiles",
    metadata,
    Column("log_id", ForeignKey("logs.id"), primary_key=True, autoincrement=False),
    Column("tile", BigInteger, primary_key=True, autoincrement=False),
    # 256 entries of 32 bytes end to end; fewer in a log's last tile.
    Column("entries", LargeBinary, nullable=False),
)

open_leaves = Table(
    "open_leaves",
    metadata,
    Column("log_id", ForeignKey("logs.id"), primary_key=True, autoincrement=False),
    Column("leaf_index", BigInteger, primary_key=True, autoincrement=False),
    Column("token", LargeBinary, nullable=False),
    Column("entry", LargeBinary),
)

void_leaves = Table(
    "void_leaves",
    metadata,
    Column("log_id", ForeignKey("logs.id"), primary_key=True, autoincrement=False),
    Column("leaf_index", BigInteger, primary_key=True, autoincrement=False),
    Column("nonce", LargeBinary, nullable=False),
)

log_checkpoints = Table(
    "log_checkpoints",
    metadata,
    Column("log_id", ForeignKey("logs.id"), primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("prev_size", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    # What the chain says; null while one of our own is not in it.
    Column("time", BigInteger),
    Column("block_number", BigInteger),
    Column("key_no", BigInteger),
    # Of our own only.
    Column("state", String(16)),
    Column("prepared_at_us", BigInteger),
    Column("frontier", LargeBinary),
    Column("tx_raw", LargeBinary),
    Column("tx_hash", LargeBinary),
    Column("tx_nonce", BigInteger),
    Column("tx_sender", String(100)),
    # The chain's time, unix seconds.
    Column("signed_at", BigInteger),
    Index(None, "log_id", "state"),
)

# What was signed for a checkpoint before its last transaction: any of them may be the one that gets in.
earlier_transactions = Table(
    "earlier_transactions",
    metadata,
    Column("log_id", ForeignKey("logs.id"), primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    Column("tx_raw", LargeBinary, nullable=False),
    Column("tx_hash", LargeBinary, nullable=False),
    Column("tx_nonce", BigInteger, nullable=False),
    Column("tx_sender", String(100)),
)

instruments = Table(
    "instruments",
    metadata,
    Column("id", _RowNumber, primary_key=True, autoincrement=True),
    # Registry and number of a contract or certificate, in the one spelling of `instrument_key`.
    Column("key", Text, nullable=False, unique=True),
    # Exact ratios as text, "1000" or "1/3": SQL numbers have no more than 64 bits.
    Column("issued_kwh", Text, nullable=False),
)

instrument_uses = Table(
    "instrument_uses",
    metadata,
    Column("id", _RowNumber, primary_key=True, autoincrement=True),
    Column("instrument_id", ForeignKey("instruments.id"), nullable=False),
    Column("passport_id", Text, nullable=False),
    Column("spent_kwh", Text, nullable=False),
    # The passport that took this one's place, and with it gave back what it had spent.
    Column("replaced_by", Text),
    Index(None, "instrument_id"),
    Index(None, "passport_id"),
)

# Orders that a relay took, whatever became of them: its limits are counted by these.
relayed_orders = Table(
    "relayed_orders",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("issuer_id", String(66), nullable=False),
    Column("slot", String(200), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("deadline", BigInteger, nullable=False),
    Column("accepted_at_us", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("gas", BigInteger, nullable=False),
    # The chain's time, unix seconds.
    Column("signed_at", BigInteger, nullable=False),
    Column("block_number", BigInteger),
    Column("reason", Text),
    Column("tx_raw", LargeBinary, nullable=False),
    Column("tx_hash", LargeBinary, nullable=False),
    Column("tx_nonce", BigInteger, nullable=False),
    Column("tx_sender", String(100), nullable=False),
    Index(None, "accepted_at_us"),
    Index(None, "state"),
    Index(None, "slot"),
)

# What was signed for an order before its last transaction.
relayed_transactions = Table(
    "relayed_transactions",
    metadata,
    Column("digest", ForeignKey("relayed_orders.digest"), primary_key=True),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    Column("tx_raw", LargeBinary, nullable=False),
    Column("tx_hash", LargeBinary, nullable=False),
    Column("tx_nonce", BigInteger, nullable=False),
    Column("tx_sender", String(100), nullable=False),
)

# What nodes say of blocks; nothing is proven by them.
observed_blocks = Table(
    "observed_blocks",
    metadata,
    # CAIP-2 and the hash of the first block.
    Column("chain", String(120), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
    Column("timestamp", BigInteger, nullable=False),
    Column("gas_used", BigInteger, nullable=False),
    Column("gas_limit", BigInteger, nullable=False),
    Column("transactions", BigInteger, nullable=False),
    # Null where the block does not say.
    Column("producer", String(42)),
)

observed_validators = Table(
    "observed_validators",
    metadata,
    Column("chain", String(120), primary_key=True),
    # Of the block that says others than the one before that said any.
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    # Addresses as a JSON list.
    Column("validators", Text, nullable=False),
)

observed_past = Table(
    "observed_past",
    metadata,
    # What blocks come to that are kept no longer; no gap lies between them and those that are.
    Column("chain", String(120), primary_key=True),
    Column("first", BigInteger, nullable=False),
    Column("first_time", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("last_time", BigInteger, nullable=False),
    # Sums that no integer of a database may hold, as text.
    Column("gas_used", String(60), nullable=False),
    Column("gas_limit", String(60), nullable=False),
    Column("transactions", BigInteger, nullable=False),
)

settings = Table(
    "settings",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("value", Text, nullable=False),
)
