"""The outbox over the embedded chain and the real contracts, which verify the log's proofs themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest
from consortium_setup import STORE_CREATION, Consortium

from contracts import load
from passport.errors import TransactionError
from passport.ledger import Call, LedgerAnchor, PassportLogView, Transactor
from passport.ledger.checkpoint import CheckpointState, log_key
from passport.ledger.merkle import verify_consistency, verify_inclusion
from passport.ledger.outbox import Outbox
from passport.ledger.transactions import read_contract
from passport.store import Store


@pytest.fixture
def documents(tmp_path: Path, clock: Callable[[], datetime]) -> Iterator[Store]:
    with Store.open(tmp_path / "store.db", clock=clock) as store:
        yield store


@pytest.fixture
def outbox(consortium: Consortium, documents: Store, clock: Callable[[], datetime]) -> Outbox:
    anchor = LedgerAnchor(consortium.chain, consortium.anchorer, consortium.place.log)
    key = log_key(consortium.chain.chain.account_id(consortium.place.log), consortium.issuer_id)
    return Outbox(documents, anchor, log_key=key, clock=clock)


def put(outbox: Outbox, text: str) -> int:
    reservation = outbox.reserve()
    outbox.fill(reservation, sha256(text.encode()).digest())
    return reservation.index


def test_the_contract_accepts_our_roots_and_proofs(consortium: Consortium, documents: Store, outbox: Outbox) -> None:
    indexes = [put(outbox, f"document {number}") for number in range(3)]
    (first,) = outbox.anchor_batch()
    indexes.append(put(outbox, "document 3"))
    (second,) = outbox.anchor_batch()
    assert (first.state, second.state) == (CheckpointState.FINAL, CheckpointState.FINAL)
    assert (first.size, second.prev_size, second.size) == (256, 256, 512)

    view = PassportLogView(consortium.chain.state(), consortium.place.log)
    checkpoints = documents.log_checkpoints(outbox.log_key)
    assert checkpoints == [view.checkpoint(consortium.issuer_id, each.root) for each in (first, second)]
    assert [each.seq for each in checkpoints] == [1, 2]

    def ask(function: str, *arguments: object) -> bool:
        issuer = bytes.fromhex(consortium.issuer_id[2:])
        answer = read_contract(
            consortium.chain, load("PassportLog"), consortium.place.log, function, issuer, *arguments
        )
        return bool(answer)

    log = documents.merkle_log(outbox.log_key)
    entries = outbox.entries()
    for index in (*indexes, 511):
        path = log.inclusion_proof(index)
        verify_inclusion(entries[index], index, 512, path, second.root)
        assert ask("verifyInclusion", second.root, index, entries[index], path)
        assert not ask("verifyInclusion", second.root, index ^ 1, entries[index], path)
    proof = log.consistency_proof(256)
    verify_consistency(256, first.root, 512, second.root, proof)
    assert ask("verifyConsistency", first.root, second.root, proof)


def test_a_suspended_issuer_anchors_when_it_is_reinstated(consortium: Consortium, outbox: Outbox) -> None:
    put(outbox, "document")
    consortium.send(consortium.root, consortium.registry.suspend(consortium.issuer_id))
    with pytest.raises(
        TransactionError, match=r"the chain refuses a checkpoint; found the contract refuses.*Suspended"
    ):
        outbox.anchor_batch()
    consortium.send(consortium.root, consortium.registry.reinstate(consortium.issuer_id))
    assert [each.state for each in outbox.run()] == [CheckpointState.FINAL]


def test_a_nonce_spent_elsewhere_is_signed_for_anew(consortium: Consortium, outbox: Outbox, documents: Store) -> None:
    """After signing, before sending, the account is used for something else; run resumes from what was stored."""
    put(outbox, "document")
    checkpoint = outbox.close_batch()
    assert checkpoint is not None
    anchor = LedgerAnchor(consortium.chain, consortium.anchorer, consortium.place.log)
    signed = anchor.prepare(consortium.issuer_id, 0, checkpoint.root, checkpoint.size)
    submitted = replace(checkpoint, state=CheckpointState.SUBMITTED, transaction=signed)
    assert documents.advance(outbox.log_key, checkpoint, submitted)
    Transactor(consortium.chain, consortium.anchorer).send(Call(None, STORE_CREATION))
    (final,) = outbox.run()
    assert final.state is CheckpointState.FINAL
    assert final.transaction is not None
    assert final.transaction.nonce == signed.nonce + 1
