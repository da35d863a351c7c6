"""The chain on which the outbox is tested keeps a chain's rules itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from log_chain import GENESIS_TIME, LogChain

from passport.errors import LedgerUnavailableError, TransactionError
from passport.ledger.checkpoint import LogCheckpoint

ISSUER = "0x" + "11" * 32
R1, R2, R3 = (bytes([n]) * 32 for n in (1, 2, 3))


@pytest.fixture
def chain(tmp_path: Path) -> LogChain:
    return LogChain(tmp_path / "chain", is_instant=False, finality_blocks=2)


def test_a_commit_is_waiting_then_included_then_final(chain: LogChain) -> None:
    signed = chain.prepare(ISSUER, 0, R1, 256)
    assert signed.nonce == 0
    chain.send(signed.raw)
    chain.send(signed.raw)
    assert chain.receipt(signed.hash) is None
    assert chain.anchored(ISSUER, R1) is None
    chain.mine()
    receipt = chain.receipt(signed.hash)
    assert receipt is not None
    assert (receipt.status, receipt.block_number) == (True, 1)
    expected = LogCheckpoint(1, 0, 256, R1, GENESIS_TIME + 12, 1, 1)
    assert chain.anchored(ISSUER, R1) == expected
    assert chain.anchored(ISSUER, R1, final=True) is None
    chain.mine(2)
    assert chain.anchored(ISSUER, R1, final=True) == expected
    with pytest.raises(TransactionError, match="nonce too low"):
        chain.send(signed.raw)
    assert chain.sealed() == 1


def test_two_commits_on_one_size_the_later_is_reverted(tmp_path: Path) -> None:
    one, two = LogChain(tmp_path / "chain", is_instant=False), LogChain(tmp_path / "chain", account="B")
    first, second = one.prepare(ISSUER, 0, R1, 256), two.prepare(ISSUER, 0, R2, 256)
    one.send(first.raw)
    one.mine()
    two.send(second.raw)
    receipt = two.receipt(second.hash)
    assert receipt is not None
    assert not receipt.status
    assert [each.root for each in one.checkpoints(ISSUER)] == [R1]
    assert one.sealed() == 2
    with pytest.raises(TransactionError, match=r"WrongPrevSize\(0, 256\)"):
        two.prepare(ISSUER, 0, R3, 512)


def test_one_root_reverts_the_second_time_and_is_told_apart(tmp_path: Path) -> None:
    one, two = LogChain(tmp_path / "chain"), LogChain(tmp_path / "chain", account="B")
    first, second = one.prepare(ISSUER, 0, R1, 256), two.prepare(ISSUER, 0, R1, 256)
    one.send(first.raw)
    two.send(second.raw)
    assert [chain.receipt(tx.hash).status for chain, tx in ((one, first), (two, second))] == [True, False]


def test_replaced_blocks_take_their_transactions_with_them(chain: LogChain) -> None:
    signed = chain.prepare(ISSUER, 0, R1, 256)
    chain.send(signed.raw)
    chain.mine()
    chain.replace_blocks(1)
    assert chain.receipt(signed.hash) is None
    assert chain.anchored(ISSUER, R1) is None
    chain.send(signed.raw)
    chain.mine()
    assert chain.anchored(ISSUER, R1).block_number == 2


def test_refusals(chain: LogChain) -> None:
    signed = chain.prepare(ISSUER, 0, R1, 256)
    chain.send(signed.raw)
    with pytest.raises(TransactionError, match="underpriced"):
        chain.send(chain.prepare(ISSUER, 0, R2, 256).raw)
    chain.mine()
    with pytest.raises(TransactionError, match="SizeNotGrowing"):
        chain.prepare(ISSUER, 256, R2, 256)
    with pytest.raises(TransactionError, match="RootKnown"):
        chain.prepare(ISSUER, 256, R1, 512)
    chain.is_suspended = True
    with pytest.raises(TransactionError, match="IssuerSuspended"):
        chain.prepare(ISSUER, 256, R2, 512)
    chain.is_reachable = False
    with pytest.raises(LedgerUnavailableError, match="out of reach"):
        chain.receipt(signed.hash)


def test_a_pool_can_be_forgotten(chain: LogChain) -> None:
    signed = chain.prepare(ISSUER, 0, R1, 256)
    chain.send(signed.raw)
    chain.forget_pool()
    chain.mine()
    assert chain.sealed() == 0
