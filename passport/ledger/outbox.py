"""The way of our documents into the chain: reserve a leaf, fill it, freeze a checkpoint, anchor it.

    reserve -> sign -> fill        a document's place in the log is named inside it, so it comes first
    close_batch                    leaves nobody filled become void, padding hides volume, the root is frozen
    run                            prepared -> submitted -> included -> final

Every step is one database transaction, and what goes to the chain is stored before it is sent, so a crash at any point
neither loses nor doubles a checkpoint: whoever opens the store next runs on. The contract is the last guard: it takes
a checkpoint only on top of the size it has, so of two transactions for one checkpoint at most one can succeed.

One process at a time signs and sends with an account. A transaction that no block takes for long is signed again with
the same nonce and a higher bid; all that was ever signed is kept, and whichever gets in is the one. Time is the
chain's: a wrong clock here changes nothing, and while no blocks come there is nothing to outbid.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from passport.errors import ConflictError, LedgerError, ReservationError, StoreError, TransactionError, UsageError
from passport.ledger.account import SignedTransaction
from passport.ledger.checkpoint import CheckpointState, LogCheckpoint, OutboxCheckpoint, parse_log_key
from passport.ledger.merkle import (
    DEFAULT_PADDING_LEAVES,
    HASH_BYTES,
    MAX_LOG_SIZE,
    VOID_NONCE_BYTES,
    Frontier,
    void_entry,
)
from passport.ledger.outbox_ports import RELAY_SENDER, ChainLook, CheckpointAnchor, OutboxStore, Reservation
from passport.ledger.protocol import Receipt

_TOKEN_BYTES = 16

_ATTEMPTS = 4
"""How often one run signs anew when others sign with the same account at the same time."""

DEFAULT_PATIENCE_S = 180
"""After how long in no block a transaction is given a higher bid, in seconds of the chain's time."""


class Outbox:
    """Anchors the documents of one issuer in its log on one chain.

    Args:
        store: Where leaves and checkpoints are kept; the documents should be in the same database.
        anchor: Writes to the chain.
        log_key: `<CAIP-10 of the PassportLog>#<issuerId>`.
        clock: The time, aware, UTC.
        random_bytes: Secure randomness, for void leaves and tokens.
        padding_leaves: Checkpoints end at a multiple of this.
        patience_s: After how long in no block a transaction is given a higher bid, in seconds of the chain's time.
    """

    def __init__(
        self,
        store: OutboxStore,
        anchor: CheckpointAnchor,
        *,
        log_key: str,
        clock: Callable[[], datetime],
        random_bytes: Callable[[int], bytes] = os.urandom,
        padding_leaves: int = DEFAULT_PADDING_LEAVES,
        patience_s: int = DEFAULT_PATIENCE_S,
    ) -> None:
        if padding_leaves < 1:
            raise UsageError("checkpoints cannot be padded so", expected="at least 1 leaf", found=padding_leaves)
        self._store = store
        self._anchor = anchor
        self._log_key = log_key
        self._issuer_id = parse_log_key(log_key)[1]
        self._clock = clock
        self._random_bytes = random_bytes
        self._padding_leaves = padding_leaves
        self._patience_s = patience_s

    @property
    def log_key(self) -> str:
        """The log's name."""
        return self._log_key

    # --- documents ---------------------------------------------------------------------------------------------------

    def reserve(self) -> Reservation:
        """Take an index in the log, to be written into the document before it is signed.

        The reservation ends with the next checkpoint: an index that was not filled by then becomes a void leaf.
        """
        token = self._random_bytes(_TOKEN_BYTES)
        with self._store.transaction():
            self._store.open_own_log(self._log_key)
            return Reservation(self._store.reserve_leaf(self._log_key, token), token)

    def fill(self, reservation: Reservation, entry: bytes) -> None:
        """Put a docHash at the reserved index; call it inside the transaction that stores the signed document.

        Raises:
            ReservationError: a checkpoint has closed over the index, or it is filled already. Reserve and sign anew.
        """
        if len(entry) != HASH_BYTES:
            raise UsageError("not an entry of the log", expected=f"{HASH_BYTES} bytes", found=f"{len(entry)} bytes")
        if not self._store.fill_leaf(self._log_key, reservation.index, reservation.token, entry):
            raise self._why_not(reservation)

    def _why_not(self, reservation: Reservation) -> ReservationError:
        where = f"leaf {reservation.index}"
        leaf = self._store.open_leaf(self._log_key, reservation.index)
        if leaf is not None and leaf.entry is None:
            return ReservationError("the leaf is reserved for somebody else", where=where)
        if leaf is None and self._store.void_nonce(self._log_key, reservation.index) is not None:
            return ReservationError(
                "the reservation died with its checkpoint",
                where=where,
                hint="reserve another index and sign the document again",
            )
        if leaf is None and reservation.index >= self._store.log_size(self._log_key):
            return ReservationError("nobody reserved this leaf", where=where)
        return ReservationError("the leaf is filled already", where=where, hint="a reservation is good for one")

    # --- checkpoints -------------------------------------------------------------------------------------------------

    def close_batch(self, *, steady: bool = False) -> OutboxCheckpoint | None:
        """Freeze all leaves so far into a checkpoint.

        Args:
            steady: Make a checkpoint even when there is no new document, so that the rhythm tells nothing.

        Returns:
            The checkpoint, or None when there was nothing to freeze; reservations then stay good.

        Raises:
            StoreError: the store contradicts itself.
            LedgerError: the log is as long as the contract can count.
        """
        with self._store.transaction():
            self._store.open_own_log(self._log_key)
            leaves = self._store.open_leaves(self._log_key)
            if not steady and all(leaf.entry is None for leaf in leaves):
                return None
            last = self._store.outbox_checkpoint(self._log_key)
            prev_size = self._store.log_size(self._log_key)
            frontier = self._frontier(last, prev_size)
            size = max(prev_size + 1, leaves[-1].index + 1 if leaves else 0)
            size += -size % self._padding_leaves
            if size > MAX_LOG_SIZE:
                raise LedgerError("the log is full", expected=f"at most {MAX_LOG_SIZE} leaves", found=size)
            filled = {leaf.index: leaf.entry for leaf in leaves if leaf.entry is not None}
            void_nonces = {
                index: self._random_bytes(VOID_NONCE_BYTES) for index in range(prev_size, size) if index not in filled
            }
            entries = [
                filled[index] if index in filled else void_entry(void_nonces[index]) for index in range(prev_size, size)
            ]
            frontier.extend(entries)
            checkpoint = OutboxCheckpoint(
                seq=last.seq + 1 if last else 1,
                prev_size=prev_size,
                size=size,
                root=frontier.root(),
                frontier=frontier.to_bytes(),
                prepared_at=self._clock(),
            )
            self._store.freeze(self._log_key, checkpoint, entries, void_nonces)
            return checkpoint

    def _frontier(self, last: OutboxCheckpoint | None, size: int) -> Frontier:
        frontier = Frontier(last.size, last.frontier) if last else Frontier()
        if frontier.size != size or (last and frontier.root() != last.root):
            raise StoreError("the log in the store does not fit its last checkpoint", where=self._log_key)
        return frontier

    def anchor_batch(self, *, steady: bool = False) -> tuple[OutboxCheckpoint, ...]:
        """`close_batch`, then `run`."""
        self.close_batch(steady=steady)
        return self.run()

    def run(self) -> tuple[OutboxCheckpoint, ...]:
        """Bring every unfinished checkpoint as far as the chain allows right now, without waiting.

        Returns:
            Those that were unfinished, as they stand now; call again for what is not final yet.

        Raises:
            TransactionError: the chain refuses a checkpoint; it stays, and is tried again by the next run.
            LedgerUnavailableError: the chain is out of reach; run again later.
            ConflictError: the chain holds something else in this log's place.
            UsageError: called inside a transaction of the store.
        """
        if self._store.is_in_transaction:
            # What is sent must have been stored for good before.
            raise UsageError("checkpoints cannot be sent inside a transaction of the store", where=self._log_key)
        unfinished = self._store.outbox(self._log_key, unfinished=True)
        if not unfinished:
            return ()
        moved: list[OutboxCheckpoint] = []
        with self._store.sending(self._anchor.sender):
            for checkpoint in unfinished:
                # One after the other: the contract takes a checkpoint only on top of the one before.
                waiting = any(earlier.anchored is None for earlier in moved)
                moved.append(self._settle(checkpoint) if waiting else self._push(checkpoint, is_first=not moved))
        return tuple(moved)

    def _push(self, checkpoint: OutboxCheckpoint, *, is_first: bool) -> OutboxCheckpoint:
        refusal: TransactionError | None = None
        for _ in range(_ATTEMPTS):
            look = self._anchor.look(self._issuer_id, checkpoint.root)
            checkpoint = self._settle(checkpoint, look)
            if checkpoint.anchored is not None:
                return checkpoint
            if look.log_size < checkpoint.prev_size and not is_first:
                return checkpoint  # the block of the one before was replaced a moment ago
            self._refuse_another_writer(checkpoint, look)
            signed = self._own_last(checkpoint)
            if self._is_overdue(checkpoint, look) and refusal is None:
                refusal = self._send(checkpoint)  # before anything is bid: the pool may have lost it
            try:
                gap = self._gap_below(checkpoint)
                if gap is not None:
                    checkpoint = self._sign(checkpoint, look, instead_of=gap)
                elif signed is None or self._is_spent(signed):
                    checkpoint = self._sign(checkpoint, look)
                elif refusal is not None or self._is_overdue(checkpoint, look):
                    checkpoint = self._sign(checkpoint, look, instead_of=signed)
                    if refusal is not None and checkpoint.transaction == signed:
                        break  # gas costs nothing here, so no other bid would be taken either
            except TransactionError as error:
                # The contract would refuse it: perhaps because another process has just brought it in.
                refusal = error
                break
            refusal = self._send(checkpoint)
            if refusal is None or refusal.where == "funds":
                break
        checkpoint = self._settle(checkpoint)
        if checkpoint.anchored is None and refusal is not None:
            by = "relay" if refusal.where == "relay" else "chain"
            raise TransactionError(
                f"the {by} refuses a checkpoint",
                where=self._place(checkpoint),
                found=refusal,
                hint="nothing is lost: it stays in the outbox; run again when the cause is mended",
            ) from refusal
        return checkpoint

    def _place(self, checkpoint: OutboxCheckpoint) -> str:
        return f"checkpoint {checkpoint.seq} of {self._log_key}"

    def _refuse_another_writer(self, checkpoint: OutboxCheckpoint, look: ChainLook) -> None:
        """Refuse when the log on the chain is not the one this checkpoint stands on."""
        if look.log_size == checkpoint.prev_size:
            return
        facts = {
            "where": self._place(checkpoint),
            "expected": f"{checkpoint.prev_size} leaves in the log",
            "found": f"{look.log_size} leaves",
        }
        if look.log_size < checkpoint.prev_size:
            raise ConflictError(
                "the chain has lost checkpoints that were final",
                **facts,
                hint="it was set back, or its finality is set too low: nothing was sent; ask who runs the chain",
            )
        raise ConflictError(
            "another copy of this workspace has anchored in its log",
            **facts,
            hint="never run two copies: go on with the other one, or bring this one up to date with its publication by "
            "`passport import PUBLIC_FOLDER`",
        )

    def _own_signed(self, checkpoint: OutboxCheckpoint) -> list[SignedTransaction]:
        """What was signed for this checkpoint to go the way of this anchor, the last first.

        Other transactions and orders of it may be on their way too: one account pays, or a relay does. Whichever gets
        in is the one, and none of them is this anchor's to send again.
        """
        sender = self._anchor.sender
        # Nobody is named where it was signed before accounts were kept beside transactions: then one of ours pays.
        senders = (sender,) if sender.startswith(RELAY_SENDER) else (None, sender)
        signed = (checkpoint.transaction, *reversed(checkpoint.earlier))
        return [each for each in signed if each is not None and each.sender in senders]

    def _own_last(self, checkpoint: OutboxCheckpoint) -> SignedTransaction | None:
        return next(iter(self._own_signed(checkpoint)), None)

    def _is_spent(self, signed: SignedTransaction) -> bool:
        """Whether what was signed can no longer bring the checkpoint in: its nonce went to something else, or in vain.

        Should a replaced block give the nonce back and it get in after all, the contract refuses the new one.
        """
        return self._anchor.sealed_nonce() > signed.nonce

    def _gap_below(self, checkpoint: OutboxCheckpoint) -> SignedTransaction | None:
        """What a later checkpoint has signed with the nonce that the chain waits for, and this one has not; or None.

        A replaced block can spend this checkpoint's nonce in vain when the later one has signed for the next already.
        That one waits for this one, and this one's new nonce for that one's: so this one takes its nonce.
        """
        signed = checkpoint.transaction
        if signed is None:
            return None
        sealed = self._anchor.sealed_nonce()
        if any(each.nonce == sealed for each in (signed, *checkpoint.earlier)):
            return None
        later = [each for each in self._store.outbox(self._log_key, unfinished=True) if each.seq > checkpoint.seq]
        known = [signed for each in later if each.transaction for signed in (each.transaction, *reversed(each.earlier))]
        return next((each for each in known if each.nonce == sealed), None)

    def _is_overdue(self, checkpoint: OutboxCheckpoint, look: ChainLook) -> bool:
        last = checkpoint.transaction
        is_own = last is not None and last == self._own_last(checkpoint)
        signed_at = checkpoint.signed_at if is_own else None
        return signed_at is not None and look.time - signed_at >= self._patience_s

    def _sign(
        self, checkpoint: OutboxCheckpoint, look: ChainLook, *, instead_of: SignedTransaction | None = None
    ) -> OutboxCheckpoint:
        """Sign for this checkpoint, and store what was signed before anybody can send it."""
        signed = self._anchor.prepare(
            self._issuer_id,
            checkpoint.prev_size,
            checkpoint.root,
            checkpoint.size,
            min_nonce=0 if instead_of else self._store.next_nonce(self._anchor.sender),
            instead_of=instead_of,
        )
        if signed == instead_of and signed != checkpoint.transaction:
            # Where gas costs nothing no bid takes its place: it is sent itself, and spends its nonce in vain.
            with suppress(TransactionError):
                self._anchor.send(signed.raw)
            return checkpoint
        known, last = checkpoint.earlier, checkpoint.transaction
        if last is not None and last != signed:
            known = (*known, last)
        return self._advance(
            checkpoint,
            replace(
                checkpoint,
                state=CheckpointState.SUBMITTED,
                transaction=signed,
                earlier=known,
                signed_at=look.time,
            ),
        )

    def _send(self, checkpoint: OutboxCheckpoint) -> TransactionError | None:
        """Send what is signed, unless it is in a block; returns why it does not bring the checkpoint in, if so."""
        refusal: TransactionError | None = None
        receipt = self._receipt(checkpoint)
        if receipt is None:
            for signed in self._unspent(checkpoint):
                try:
                    self._anchor.send(signed.raw)
                except TransactionError as error:
                    # "Nonce too low" is also what a node says of a transaction that has just been taken into a block.
                    refusal = error
            receipt = self._receipt(checkpoint)
        if receipt is None:
            return refusal
        if receipt.status:
            return None
        return TransactionError("the transaction was reverted", where="0x" + receipt.tx_hash.hex())

    def _unspent(self, checkpoint: OutboxCheckpoint) -> list[SignedTransaction]:
        """What can be sent: of each nonce that is not spent the last that was signed, the lowest nonce first.

        Usually that is one. When a replaced block gave a nonce back that something else had spent, nobody but us may be
        left to use it, and without it no later one gets in.
        """
        # None where another process found the checkpoint in the chain meanwhile.
        last_of = {signed.nonce: signed for signed in reversed(self._own_signed(checkpoint))}
        sealed = self._anchor.sealed_nonce() if len(last_of) > 1 else 0
        return [last_of[nonce] for nonce in sorted(last_of) if nonce >= sealed]

    def _receipt(self, checkpoint: OutboxCheckpoint) -> Receipt | None:
        """The receipt of whichever transaction took effect; else of one that spent the present nonce in vain.

        One that spent an earlier nonce in vain says nothing of the present one, which is still to be sent.
        """
        own = self._own_signed(checkpoint)
        in_vain: Receipt | None = None
        for each in own:
            receipt = self._anchor.receipt(each.hash)
            if receipt is None:
                continue
            if receipt.status:
                return receipt
            if each.nonce == own[0].nonce:
                in_vain = receipt
        return in_vain

    def _settle(self, checkpoint: OutboxCheckpoint, look: ChainLook | None = None) -> OutboxCheckpoint:
        """Compare with what the chain holds: the contract's state, which is what verifiers will read."""
        look = look or self._anchor.look(self._issuer_id, checkpoint.root)
        held = look.held
        if held is None:
            # Not there, or no longer: its block was replaced, and the stored transaction goes out again.
            state = CheckpointState.SUBMITTED if checkpoint.transaction else CheckpointState.PREPARED
        else:
            state = CheckpointState.FINAL if look.is_final else CheckpointState.INCLUDED
            self._compare(checkpoint, held)
        settled = replace(checkpoint, state=state, anchored=held)
        return checkpoint if settled == checkpoint else self._advance(checkpoint, settled)

    def _compare(self, checkpoint: OutboxCheckpoint, held: LogCheckpoint) -> None:
        ours = (checkpoint.seq, checkpoint.prev_size, checkpoint.size)
        theirs = (held.seq, held.prev_size, held.size)
        if ours != theirs:
            raise ConflictError(
                "the chain holds this root as another checkpoint",
                where=self._place(checkpoint),
                expected="seq, prevSize, size = {}, {}, {}".format(*ours),
                found="{}, {}, {}".format(*theirs),
                hint="another store writes to this log: never run two copies of one workspace",
            )

    def _advance(self, old: OutboxCheckpoint, new: OutboxCheckpoint) -> OutboxCheckpoint:
        """Store the step, or take over the one another process made at the same time."""
        with self._store.transaction():
            if self._store.advance(self._log_key, old, new):
                return new
            current = self._store.outbox_checkpoint(self._log_key, old.seq)
        if current is None:
            raise StoreError("a checkpoint has vanished from the store", where=self._place(old))
        return current

    # --- reading -----------------------------------------------------------------------------------------------------

    def entries(self) -> Sequence[bytes]:
        """The log's entries up to its last checkpoint."""
        return self._store.log_entries(self._log_key)

    def checkpoints(self) -> Sequence[OutboxCheckpoint]:
        """All checkpoints, by `seq`."""
        return self._store.outbox(self._log_key)

    def void_nonce(self, index: int) -> bytes | None:
        """The nonce that opens a void leaf; None when the leaf is not void."""
        return self._store.void_nonce(self._log_key, index)
