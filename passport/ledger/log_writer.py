"""Write to the passport log: a `Call` for each function, the orders that accounts sign for relayers, and batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from passport.ledger.account import Account
from passport.ledger.chain_id import Address, ChainRef, parse_address
from passport.ledger.entity import issuer_id_bytes
from passport.ledger.passport_log import StatusKind
from passport.ledger.transactions import Call
from passport.ledger.typed_data import typed_data
from passport.ledger.writers import ContractWriter, PauseWriter

_COMMIT_TYPE = "Commit(bytes32 issuerId,uint48 prevSize,bytes32 root,uint48 size,uint40 deadline,address account)"
_STATUS_TYPE = (
    "SetStatus(bytes32 issuerId,uint48 index,uint8 kind,uint48 next,bytes32 reasonHash,"
    "uint256 nonce,uint40 deadline,address account)"
)


_BATCH_GAS_RESERVE = 350_000
"""The batcher tries an order only while this much is left, so that it never fails for want of gas not its own."""


class ProvenEntry(NamedTuple):
    """An entry of a log with the proof that it stands under a root."""

    root: bytes
    entry: bytes
    path: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class CommitOrder:
    """A signed checkpoint on its way to a relayer.

    Args:
        issuer_id: Whose log it is.
        prev_size: Leaves at the checkpoint before.
        root: RFC 9162 root, 32 bytes.
        size: Leaves it covers.
        deadline: The last second (unix) in which it may be included.
        account: Who signed, by `LogWriter.sign_commit`.
        signature: That signature.
    """

    issuer_id: str
    prev_size: int
    root: bytes
    size: int
    deadline: int
    account: Address
    signature: bytes


@dataclass(frozen=True, slots=True)
class StatusOrder:
    """A signed status of one entry on its way to a relayer.

    Args:
        issuer_id: Whose log it is.
        index: The entry.
        kind: What is said of it.
        next_index: The later entry that takes its place, for SUPERSEDED and CORRECTED; else 0.
        reason_hash: Hash of a document saying why, 32 bytes.
        nonce: `lane << 64 | count`.
        deadline: The last second (unix) in which it may be included.
        account: Who signed, by `LogWriter.sign_status`.
        signature: That signature.
    """

    issuer_id: str
    index: int
    kind: StatusKind
    next_index: int
    reason_hash: bytes
    nonce: int
    deadline: int
    account: Address
    signature: bytes


Order = CommitOrder | StatusOrder
"""What an account signs for a relayer."""


class LogWriter(PauseWriter):
    """Calls of the passport log at `address` on `chain`.

    Args:
        address: Where the log lives.
        chain: On which chain; signatures are worth nothing on another.
    """

    def __init__(self, address: Address, chain: ChainRef) -> None:
        super().__init__(address, chain, "PassportLog")

    def commit(self, issuer_id: str, *, prev_size: int, root: bytes, size: int) -> Call:
        """Commit the next checkpoint; sent by a bound account with the purpose ANCHOR."""
        return self._call("commit", issuer_id_bytes(issuer_id), prev_size, root, size)

    def sign_commit(
        self, account: Account, issuer_id: str, *, prev_size: int, root: bytes, size: int, deadline: int
    ) -> bytes:
        """An account's order to commit a checkpoint (EIP-712), for a relayer to send until `deadline`."""
        words = (issuer_id_bytes(issuer_id), prev_size, root, size, deadline, parse_address(account.address))
        return self._sign(account, _COMMIT_TYPE, *words)

    def commit_for(
        self,
        issuer_id: str,
        *,
        prev_size: int,
        root: bytes,
        size: int,
        deadline: int,
        account: Address,
        signature: bytes,
    ) -> Call:
        """Commit a checkpoint ordered by `sign_commit` with the same arguments; sent by anyone."""
        return self._call("commitFor", issuer_id_bytes(issuer_id), prev_size, root, size, deadline, account, signature)

    def set_status(
        self,
        issuer_id: str,
        index: int,
        kind: StatusKind,
        *,
        next_index: int = 0,
        reason_hash: bytes = bytes(32),
    ) -> Call:
        """Set the status of one entry; sent by a bound account with the purpose STATUS."""
        return self._call("setStatus", issuer_id_bytes(issuer_id), index, int(kind), next_index, reason_hash)

    def sign_status(
        self,
        account: Account,
        issuer_id: str,
        index: int,
        kind: StatusKind,
        *,
        nonce: int,
        deadline: int,
        next_index: int = 0,
        reason_hash: bytes = bytes(32),
    ) -> bytes:
        """An account's order to set a status (EIP-712), for a relayer to send until `deadline`.

        The nonce is `lane << 64 | count`: the contract's `nonceOf` gives the next one of a lane.
        """
        words = (issuer_id_bytes(issuer_id), index, int(kind), next_index, reason_hash, nonce, deadline)
        return self._sign(account, _STATUS_TYPE, *words, parse_address(account.address))

    def set_status_for(
        self,
        issuer_id: str,
        index: int,
        kind: StatusKind,
        *,
        nonce: int,
        deadline: int,
        account: Address,
        signature: bytes,
        next_index: int = 0,
        reason_hash: bytes = bytes(32),
    ) -> Call:
        """Set a status ordered by `sign_status` with the same arguments; sent by anyone."""
        status = (issuer_id_bytes(issuer_id), index, int(kind), next_index, reason_hash)
        return self._call("setStatusFor", *status, nonce, deadline, account, signature)

    def order_digest(self, order: Order) -> bytes:
        """The EIP-712 digest that the order's account signed, 32 bytes: the order's name, whatever its signature."""
        subject, account = issuer_id_bytes(order.issuer_id), parse_address(order.account)
        if isinstance(order, CommitOrder):
            words = (subject, order.prev_size, order.root, order.size, order.deadline, account)
            return self._digest(_COMMIT_TYPE, *words)
        status = (order.index, int(order.kind), order.next_index, order.reason_hash)
        return self._digest(_STATUS_TYPE, subject, *status, order.nonce, order.deadline, account)

    def order_typed_data(self, order: Order) -> dict[str, Any]:
        """What the order's account signs, as the JSON that wallets take: for accounts whose key is not here."""
        subject = issuer_id_bytes(order.issuer_id)
        values: tuple[int | str | bytes, ...]
        if isinstance(order, CommitOrder):
            values = (subject, order.prev_size, order.root, order.size, order.deadline, order.account)
            return typed_data(self._domain, _COMMIT_TYPE, values)
        status = (order.index, int(order.kind), order.next_index, order.reason_hash, order.nonce)
        return typed_data(self._domain, _STATUS_TYPE, (subject, *status, order.deadline, order.account))

    def order_call(self, order: Order) -> Call:
        """The call that carries an order out; sent by anyone."""
        if isinstance(order, CommitOrder):
            return self.commit_for(
                order.issuer_id,
                prev_size=order.prev_size,
                root=order.root,
                size=order.size,
                deadline=order.deadline,
                account=order.account,
                signature=order.signature,
            )
        return self.set_status_for(
            order.issuer_id,
            order.index,
            order.kind,
            next_index=order.next_index,
            reason_hash=order.reason_hash,
            nonce=order.nonce,
            deadline=order.deadline,
            account=order.account,
            signature=order.signature,
        )

    def prove_fork(self, issuer_id: str, index: int, first: ProvenEntry, second: ProvenEntry) -> Call:
        """Freeze a log that has two entries at one index under two of its roots; sent by anyone."""
        proofs = ((each.root, each.entry, list(each.path)) for each in (first, second))
        return self._call("proveFork", issuer_id_bytes(issuer_id), index, *(part for proof in proofs for part in proof))

    def revoke_many(self, issuer_id: str, indexes: Sequence[int]) -> Call:
        """Revoke many entries at once; sent by a bound account with the purpose STATUS."""
        masks: dict[int, int] = {}
        for index in indexes:
            masks[index >> 8] = masks.get(index >> 8, 0) | 1 << (index & 255)
        words = sorted(masks)
        return self._call("revokeMany", issuer_id_bytes(issuer_id), words, [masks[word] for word in words])


class BatchWriter(ContractWriter):
    """Calls of the batcher at `address` on `chain`.

    Args:
        address: Where the batcher lives.
        chain: On which chain.
    """

    def __init__(self, address: Address, chain: ChainRef) -> None:
        super().__init__(address, chain, "Batcher")

    def commit_many(self, orders: Sequence[CommitOrder]) -> Call:
        """Commit many issuers' checkpoints; what the log refuses is skipped and reported. Sent by anyone."""
        call = self._call(
            "commitMany",
            [
                (
                    issuer_id_bytes(order.issuer_id),
                    order.prev_size,
                    order.root,
                    order.size,
                    order.deadline,
                    order.account,
                    order.signature,
                )
                for order in orders
            ],
        )
        return replace(call, gas_reserve=_BATCH_GAS_RESERVE)
