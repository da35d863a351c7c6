"""The passport log out of storage: equal to the contract's own views, live and proven."""

from __future__ import annotations

from typing import Any

import pytest
from consortium_setup import Consortium
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts import load
from passport.errors import LedgerError, TransactionError, WrongChainError
from passport.ledger import (
    LedgerAnchor,
    LogHead,
    PassportLogView,
    ProvenState,
    RecordingState,
    StatusKind,
    StatusRecord,
    Successor,
    Transactor,
    open_deployment,
)
from passport.ledger.checkpoint import LogCheckpoint
from passport.ledger.transactions import read_contract


def view(consortium: Consortium) -> PassportLogView:
    """The log at the head."""
    return PassportLogView(consortium.chain.state(), consortium.place.log)


def ask(consortium: Consortium, function: str, *arguments: object) -> Any:
    """The contract's own answer."""
    return read_contract(consortium.chain, load("PassportLog"), consortium.place.log, function, *arguments)


def test_checkpoints_are_those_the_contract_gives(consortium: Consortium) -> None:
    entity, raw = consortium.issuer_id, bytes.fromhex(consortium.issuer_id[2:])
    assert view(consortium).head(entity) is None
    roots = [consortium.commit(size, prev_size=size - 256) for size in (256, 512, 768)]
    log, head = view(consortium), consortium.chain.head()
    assert log.head(entity) == LogHead(768, 3, head.timestamp, head.number)
    assert ask(consortium, "headOf", raw) == (768, 3, head.timestamp, head.number, 0)
    for at, root in enumerate(roots):
        found = log.checkpoint(entity, root)
        size = 256 * (at + 1)
        number = head.number - 2 + at
        assert found == LogCheckpoint(
            seq=at + 1,
            prev_size=size - 256,
            size=size,
            root=root,
            time=consortium.chain.block(number).timestamp,
            block_number=number,
            key_no=1,
        )
        assert ask(consortium, "checkpointOf", raw, root) == (
            found.size,
            found.prev_size,
            found.seq,
            found.time,
            found.block_number,
            found.key_no,
        )
    assert log.checkpoint(entity, bytes(32)) is None


def test_an_ordered_commit_is_sent_by_anyone(consortium: Consortium) -> None:
    terms = {"prev_size": 0, "root": b"\x08" * 32, "size": 256, "deadline": consortium.now + 100}
    signature = consortium.log.sign_commit(consortium.anchorer, consortium.issuer_id, **terms)
    order = {**terms, "account": consortium.anchorer.address, "signature": signature}
    consortium.send(consortium.stranger, consortium.log.commit_for(consortium.issuer_id, **order))
    found = view(consortium).checkpoint(consortium.issuer_id, b"\x08" * 32)
    assert found is not None
    assert (found.size, found.key_no) == (256, 1)
    forged = {**order, "root": b"\x09" * 32}
    with pytest.raises(TransactionError, match="OrderSignatureInvalid"):
        consortium.send(consortium.stranger, consortium.log.commit_for(consortium.issuer_id, **forged))


def test_statuses_are_those_the_contract_gives(consortium: Consortium) -> None:
    entity, raw = consortium.issuer_id, bytes.fromhex(consortium.issuer_id[2:])
    consortium.commit(1024)
    log = consortium.log
    consortium.send(consortium.anchorer, log.set_status(entity, 5, StatusKind.SUPERSEDED, next_index=700))
    said_at = consortium.now
    consortium.send(consortium.anchorer, log.set_status(entity, 700, StatusKind.CORRECTED, next_index=701))
    consortium.send(consortium.anchorer, log.set_status(entity, 255, StatusKind.REVOKED))
    consortium.send(consortium.anchorer, log.set_status(entity, 256, StatusKind.SUSPENDED))
    consortium.send(consortium.anchorer, log.set_status(entity, 257, StatusKind.SUSPENDED))
    consortium.send(consortium.anchorer, log.set_status(entity, 257, StatusKind.REINSTATED))
    consortium.send(consortium.anchorer, log.revoke_many(entity, [3, 300, 5, 1023, 3]))
    found = view(consortium)
    assert found.status(entity, 5) == StatusRecord(5, True, False, Successor(StatusKind.SUPERSEDED, 700, said_at))
    assert found.status(entity, 256) == StatusRecord(256, False, True, None)
    revoked = {index for index in range(1024) if found.status(entity, index).revoked}
    assert revoked == {3, 5, 255, 300, 1023}
    for index in (0, 3, 5, 255, 256, 257, 300, 700, 701, 1023):
        status = found.status(entity, index)
        successor = status.successor
        assert ask(consortium, "statusOf", raw, index) == (
            status.revoked,
            status.suspended,
            0 if successor is None else successor.kind,
            0 if successor is None else successor.next_index,
            0 if successor is None else successor.time,
        )
        assert ask(consortium, "currentOf", raw, index) == (found.current(entity, index), True)
    assert found.current(entity, 5) == 701
    with pytest.raises(LedgerError, match="too many successors to follow; expected at most 1"):
        found.current(entity, 5, max_hops=1)


@pytest.mark.parametrize("index", [-1, 256, 1 << 60])
def test_an_entry_that_is_not_there_has_no_status(consortium: Consortium, index: int) -> None:
    with pytest.raises(LedgerError, match=f"the log has no such entry; expected an index below 0; found {index}"):
        view(consortium).status(consortium.issuer_id, index)
    consortium.commit(256)
    with pytest.raises(LedgerError, match=f"expected an index below 256; found {index}"):
        view(consortium).status(consortium.issuer_id, index)


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(indexes=st.lists(st.integers(0, 767), min_size=1, max_size=60))
def test_a_recall_marks_exactly_its_entries(consortium: Consortium, indexes: list[int]) -> None:
    if view(consortium).head(consortium.issuer_id) is None:
        consortium.commit(768)
    before = {i for i in range(768) if view(consortium).status(consortium.issuer_id, i).revoked}
    consortium.send(consortium.anchorer, consortium.log.revoke_many(consortium.issuer_id, indexes))
    after = {i for i in range(768) if view(consortium).status(consortium.issuer_id, i).revoked}
    assert after == before | set(indexes)


def test_one_word_proves_256_statuses(consortium: Consortium) -> None:
    """The evidence for the statuses of 256 neighbours: two words, a head, and that none of them has a successor."""
    consortium.commit(512)
    consortium.send(consortium.anchorer, consortium.log.revoke_many(consortium.issuer_id, [7]))
    recording = RecordingState(consortium.chain.state())
    live = PassportLogView(recording, consortium.place.log)
    expected = [live.status(consortium.issuer_id, index) for index in range(256)]
    assert len(recording.reads[consortium.place.log]) == 1 + 2 + 256
    head = consortium.chain.head()
    proven = ProvenState(consortium.chain.evidence(head, recording.reads), block_hash=head.hash)
    offline = PassportLogView(proven, consortium.place.log)
    assert [offline.status(consortium.issuer_id, index) for index in range(256)] == expected
    assert proven.unused_nodes() == ()


def test_a_pause_stops_commits_only(consortium: Consortium) -> None:
    consortium.commit(256)
    consortium.send(consortium.root, consortium.log.pause())
    with pytest.raises(TransactionError, match=r"IsPaused\(\)"):
        consortium.commit(512, prev_size=256)
    consortium.send(consortium.anchorer, consortium.log.revoke_many(consortium.issuer_id, [0]))
    consortium.send(consortium.root, consortium.log.unpause())
    consortium.commit(512, prev_size=256)
    assert view(consortium).status(consortium.issuer_id, 0).revoked


def test_an_anchor_prepares_apart_from_sending(consortium: Consortium) -> None:
    """What was prepared can be lost, or sent twice by two processes: there is one checkpoint."""
    anchor = LedgerAnchor(consortium.chain, consortium.anchorer, consortium.place.log)
    root = b"\x0a" * 32
    signed = anchor.prepare(consortium.issuer_id, 0, root, 256)
    assert anchor.receipt(signed.hash) is None
    assert anchor.look(consortium.issuer_id, root).held is None
    assert anchor.send(signed.raw) == anchor.send(signed.raw) == signed.hash
    receipt = anchor.receipt(signed.hash)
    assert receipt is not None
    assert receipt.status
    look = anchor.look(consortium.issuer_id, root)
    assert (look.is_final, look.log_size, look.time) == (True, 256, consortium.now)
    found = look.held
    assert found is not None
    assert (found.seq, found.size, found.block_number) == (1, 256, receipt.block_number)
    with pytest.raises(TransactionError, match="CommitStale"):
        anchor.prepare(consortium.issuer_id, 0, b"\x0b" * 32, 512)


def test_transactions_are_prepared_ahead_with_nonces_of_their_own(consortium: Consortium) -> None:
    transactor = Transactor(consortium.chain, consortium.anchorer)
    first = consortium.chain.nonce(consortium.anchorer.address)
    prepared = [
        transactor.prepare(
            consortium.log.commit(
                consortium.issuer_id, prev_size=256 * at, root=bytes([at + 1]) * 32, size=256 * (at + 1)
            ),
            nonce=first + at,
            gas=150_000,
        )
        for at in range(3)
    ]
    assert [signed.nonce for signed in prepared] == [first, first + 1, first + 2]
    for signed in prepared:
        transactor.submit(signed)
    head = view(consortium).head(consortium.issuer_id)
    assert head is not None
    assert (head.size, head.seq) == (768, 3)


def test_a_deployment_is_recognised(consortium: Consortium) -> None:
    place = consortium.place
    assert open_deployment(consortium.chain, registry=place.registry, log=place.log) == place
    with pytest.raises(WrongChainError, match="the contract is not the IssuerRegistry of this version"):
        open_deployment(consortium.chain, registry=place.log, log=place.log)
    with pytest.raises(WrongChainError, match="the contract is not the PassportLog of this version"):
        open_deployment(consortium.chain, registry=place.registry, log=consortium.root.address)


def test_a_log_over_another_registry_is_noticed(consortium: Consortium) -> None:
    from passport.ledger import deploy

    other = deploy(
        consortium.chain, consortium.root, scheme="GLN", identifier="4012345000009", evidence_hash=b"\x01" * 32
    )
    with pytest.raises(WrongChainError, match="the log is over another registry"):
        open_deployment(consortium.chain, registry=consortium.place.registry, log=other.log)
