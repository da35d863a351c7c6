"""Receipts below a header: published roots, every position of a block, and every lie about gas."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import rlp
from consortium_setup import Consortium
from hypothesis import given, settings
from hypothesis import strategies as st
from receipt_blocks import NO_BLOOM, block_of, header, sealed, trie_of

from passport.errors import LedgerError, ProofError
from passport.ledger import StatusKind
from passport.ledger.entity import issuer_id_bytes
from passport.ledger.event_filter import may_hold
from passport.ledger.log_events import COMMITTED, RANGE_REVOKED, STATUS_SET, Committed, read_log_events
from passport.ledger.proofs import receipts_root_of_header
from passport.ledger.receipt_proof import (
    MAX_RECEIPT_NODES,
    MAX_TRANSACTIONS,
    ReceiptEvidence,
    collect_receipt,
    prove_receipt,
)
from passport.ledger.receipt_trie import receipts_trie, sealed_receipts
from passport.ledger.sealed_receipt import MAX_RECEIPT_BYTES, cumulative_gas, read_sealed_receipt
from passport.ledger.trie_walk import MAX_NODE_BYTES, lookup_raw, rlp_index
from passport.model.keccak import keccak


def answer(gas: int, *, kind: int = 0, logs: tuple[Any, ...] = (), bloom: bytes = NO_BLOOM) -> dict[str, Any]:
    """A receipt as a node tells of it."""
    return {
        "type": hex(kind),
        "status": "0x1",
        "cumulativeGasUsed": hex(gas),
        "logsBloom": "0x" + bloom.hex(),
        "logs": list(logs),
    }


# Transfers of 21,000 gas that emit nothing: such blocks have the same root on every chain.
ONE_LEGACY = "056b23fbba480696b65fe5a59b8f2148a1299103c4f57df839233af2cf4ca2d2"
PUBLISHED: dict[str, tuple[list[dict[str, Any]], str]] = {
    # Execution APIs of Ethereum (the block of one transfer in their examples), Erigon's and Hardhat's tests.
    "one legacy transfer": ([answer(21_000)], ONE_LEGACY),
    # Engine API of Ethereum's execution layer, answer to engine_getPayloadV1; Hardhat's test of receipts' roots.
    "two legacy transfers": (
        [answer(21_000 * n) for n in (1, 2)],
        "d95b673818fa493deec414e01e610d97ee287c9421c8eff4102b1647c1a184e4",
    ),
    # Nethermind, tests of its merge module: ten transfers in a new block.
    "ten legacy transfers": (
        [answer(21_000 * n) for n in range(1, 11)],
        "c538d36ed1acf6c28187110a2de3e5df707d6d38982f436eb0db7a623f9dc2cd",
    ),
    # go-ethereum, cmd/evm/testdata/30/exp.json: two transactions of type 2.
    "two transfers of type 2": (
        [answer(21_000 * n, kind=2) for n in (1, 2)],
        "75308898d571eafb5cd8cde8278bf5b3d13c5f6ec074926de3bb895b519264e1",
    ),
    # Reth, test `check_receipt_root_optimism`: type 1, an event without topics by the zero address.
    "an event of type 1": (
        [
            answer(
                102_068,
                kind=1,
                logs=({"address": "0x" + "00" * 20, "topics": [], "data": "0x"},),
                bloom=bytes(255) + b"\x01",
            )
        ],
        "fe70ae4a136d98944951b2123859698d59ad251a381abc9960fa81cae3d0d4a0",
    ),
}


@pytest.mark.parametrize(("answers", "root"), PUBLISHED.values(), ids=PUBLISHED.keys())
def test_published_roots(answers: list[dict[str, Any]], root: str) -> None:
    """The trie comes to the published root, and out of it every receipt is proven with the gas of its own."""
    receipts = sealed_receipts(answers, where="block 1")
    nodes = receipts_trie(receipts, root=bytes.fromhex(root))
    block = header(1, receipts_root=bytes.fromhex(root))
    for index in range(len(receipts)):
        proven = prove_receipt(collect_receipt(block, index, node_of=nodes.__getitem__))
        assert proven.gas_used == (21_000 if len(answers) > 1 or root == ONE_LEGACY else 102_068)
        assert (proven.index, proven.block.number, proven.block.hash) == (index, 1, keccak(block))


def test_receipts_of_another_root() -> None:
    with pytest.raises(ProofError, match="do not come to the root in the block's header"):
        receipts_trie(sealed_receipts([answer(21_001)], where="block 1"), root=bytes.fromhex(ONE_LEGACY))


def test_published_typed_receipts() -> None:
    """go-ethereum, TestTypedReceiptEncodingDecoding: four of type 1 with up to 106,900 gas."""
    for gas, spelt in ((25_300, "8262d4"), (52_500, "82cd14"), (79_700, "83013754"), (106_900, "8301a194")):
        tail = f"b90100{'00' * 256}c0"
        length = 1 + len(spelt) // 2 + 259 + 1
        data = bytes.fromhex(f"01f9{length:04x}01{spelt}{tail}")
        read = read_sealed_receipt(data)
        assert (read.took_effect, read.cumulative_gas, read.events) == (True, gas, ())
        assert cumulative_gas(data) == gas


def test_before_byzantium_a_receipt_has_a_state_root() -> None:
    data = sealed(21_000, status=b"\x07" * 32)
    assert read_sealed_receipt(data).took_effect is None
    block, nodes = block_of(1, [data])
    with pytest.raises(ProofError, match="the transaction took no effect"):
        prove_receipt(collect_receipt(block, 0, node_of=nodes.__getitem__))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(21_000, 10**6), st.sampled_from((0, 1, 2, 3, 4))), min_size=1, max_size=300))
def test_every_position_of_a_block(transactions: list[tuple[int, int]]) -> None:
    """Gas is what each transaction had, of all types and at every length of keys; no proof is longer than allowed."""
    total, receipts = 0, []
    for gas, kind in transactions:
        total += gas
        receipts.append(sealed(total, kind=kind))
    block, nodes = block_of(7, receipts)
    for index in {0, len(receipts) // 2, len(receipts) - 1}:
        evidence = collect_receipt(block, index, node_of=nodes.__getitem__)
        assert prove_receipt(evidence).gas_used == transactions[index][0]
        assert len(evidence.nodes) <= MAX_RECEIPT_NODES // 2


@pytest.mark.parametrize("index", [0, 1, 127, 128, 255, 256, 65_535, 65_536, MAX_TRANSACTIONS - 1])
def test_keys_are_rlp(index: int) -> None:
    assert rlp_index(index) == rlp.encode(index)


def test_around_every_change_of_the_keys_length() -> None:
    """Keys of one byte up to 127, then two, three from 256 on: what stands before is in another branch."""
    receipts = [sealed(21_000 * n) for n in range(1, 301)]
    block, nodes = block_of(7, receipts)
    for index in (0, 1, 2, 15, 16, 126, 127, 128, 129, 255, 256, 257, 299):
        assert prove_receipt(collect_receipt(block, index, node_of=nodes.__getitem__)).gas_used == 21_000
    with pytest.raises(LedgerError):
        collect_receipt(block, 300, node_of=nodes.__getitem__)


# --- lies ---

LOG = b"\x11" * 20
EVENT = (LOG, [COMMITTED, b"\x01" * 32, b"\x02" * 32], bytes(31) + b"\x01" + bytes(31) + b"\x04" + bytes(31) + b"\x01")


@pytest.fixture
def block() -> tuple[bytes, Any]:
    """Forty transactions of 50,000 gas, one of them ours."""
    return block_of(9, [sealed(50_000 * n, [EVENT] if n == 21 else ()) for n in range(1, 41)])


@pytest.fixture
def evidence(block: tuple[bytes, Any]) -> ReceiptEvidence:
    found = collect_receipt(block[0], 20, node_of=block[1].__getitem__)
    assert prove_receipt(found).gas_used == 50_000
    return found


def test_each_node_is_needed_and_none_can_be_bent(evidence: ReceiptEvidence) -> None:
    for at, node in enumerate(evidence.nodes):
        rest = [*evidence.nodes[:at], *evidence.nodes[at + 1 :]]
        with pytest.raises(ProofError, match="lacks a node"):
            prove_receipt(replace(evidence, nodes=tuple(rest)))
        for bent in (node[:-1], node + b"\x00", node[:40] + bytes([node[40] ^ 1]) + node[41:]):
            with pytest.raises(ProofError, match="lacks a node"):
                prove_receipt(replace(evidence, nodes=tuple(sorted([*rest, bent]))))


def test_another_position(block: tuple[bytes, Any], evidence: ReceiptEvidence) -> None:
    """The nodes of one transaction under the position of another: neither its neighbour nor gas of two together."""
    for index in (19, 21, 0, 39, 128):
        with pytest.raises(ProofError, match=r"lacks a node|do not need|no transaction|malformed"):
            prove_receipt(replace(evidence, index=index))


def test_without_the_one_before(block: tuple[bytes, Any], evidence: ReceiptEvidence) -> None:
    """Its own receipt alone would be 1,050,000 gas, and one that stands further before makes it dearer, not cheaper."""
    lone: set[bytes] = set()

    def keep(node_hash: bytes) -> bytes:
        lone.add(block[1][node_hash])
        return block[1][node_hash]

    root = receipts_root_of_header(evidence.header_rlp)
    lookup_raw(root, rlp_index(20), keep)
    lookup_raw(root, rlp_index(3), keep)
    with pytest.raises(ProofError, match="lacks a node"):
        prove_receipt(replace(evidence, nodes=tuple(sorted(lone))))


def test_nodes_that_prove_something_else(evidence: ReceiptEvidence) -> None:
    with pytest.raises(ProofError, match="nodes that its receipts do not need"):
        prove_receipt(replace(evidence, nodes=tuple(sorted([*evidence.nodes, b"\xc0"]))))


def test_another_header(evidence: ReceiptEvidence) -> None:
    other = header(9, receipts_root=trie_of([sealed(1)])[0])
    with pytest.raises(ProofError, match="lacks a node"):
        prove_receipt(replace(evidence, header_rlp=other))
    with pytest.raises(ProofError, match="no transaction at that position"):
        prove_receipt(replace(evidence, header_rlp=header(9)))


GAS: dict[str, tuple[list[int], str]] = {
    "the same as before": ([50_000, 50_000], "gas of a block that does not rise"),
    "less than before": ([50_000, 49_999], "gas of a block that does not rise"),
    "more than anything takes": ([50_000, 1 << 63], "malformed cumulative gas"),
}


@pytest.mark.parametrize(("gas", "reason"), GAS.values(), ids=GAS.keys())
def test_cumulative_gas_that_cannot_be(gas: list[int], reason: str) -> None:
    """Whoever writes a header of his own writes receipts of his own, too; these not even then."""
    made, nodes = block_of(1, [sealed(each) for each in gas])
    with pytest.raises(ProofError, match=reason):
        prove_receipt(collect_receipt(made, 1, node_of=nodes.__getitem__))


RECEIPTS: dict[str, tuple[Callable[[], bytes], str]] = {
    "reverted": (lambda: sealed(21_000, status=0), "took no effect"),
    "of type 0": (lambda: b"\x00" + sealed(21_000), "unknown type"),
    "of type 5": (lambda: b"\x05" + sealed(21_000), "unknown type"),
    "of type 0x7e": (lambda: b"\x7e" + sealed(21_000), "unknown type"),
    "of one byte": (lambda: b"\x02", "RLP ends too early"),
    "of three members": (lambda: rlp.encode([1, 21_000, NO_BLOOM]), "not a receipt"),
    "of five members": (lambda: rlp.encode([1, 21_000, NO_BLOOM, [], b""]), "RLP list is too long"),
    "a text for events": (lambda: rlp.encode([1, 21_000, NO_BLOOM, b"events"]), "not a receipt"),
    "a short bloom filter": (lambda: rlp.encode([1, 21_000, bytes(255), []]), "malformed bloom filter"),
    "a status of two": (lambda: sealed(21_000, status=2), "malformed status"),
    "a zero byte before its status": (lambda: rlp.encode([b"\x00", 21_000, NO_BLOOM, []]), "malformed status"),
    "a zero byte before its gas": (lambda: rlp.encode([1, b"\x00\x52\x08", NO_BLOOM, []]), "malformed cumulative gas"),
    "five topics": (lambda: sealed(21_000, [(LOG, [bytes(32)] * 5, b"")]), "RLP list is too long"),
    "a topic of 31 bytes": (lambda: sealed(21_000, [(LOG, [bytes(31)], b"")]), "malformed event"),
    "an address of 21 bytes": (lambda: sealed(21_000, [(bytes(21), [], b"")]), "malformed event"),
    "an event that is a text": (lambda: rlp.encode([1, 21_000, NO_BLOOM, [b"event"]]), "malformed event"),
    "too many events": (lambda: sealed(21_000, [(LOG, [], b"")] * 4097), "RLP list is too long"),
    "too long": (lambda: sealed(21_000, [(LOG, [], bytes(MAX_RECEIPT_BYTES))]), "receipt is too long"),
    "a byte behind it": (lambda: sealed(21_000) + b"\x00", "not a single RLP list"),
}


@pytest.mark.parametrize(("make", "reason"), RECEIPTS.values(), ids=RECEIPTS.keys())
def test_receipts_that_are_none(make: Callable[[], bytes], reason: str) -> None:
    made, nodes = block_of(1, [make()])
    with pytest.raises(ProofError, match=reason):
        prove_receipt(collect_receipt(made, 0, node_of=nodes.__getitem__))


def test_a_receipt_beyond_bounds_before_ours() -> None:
    """Ours is not proven then; nothing of the long one is read."""
    made, nodes = block_of(1, [sealed(21_000, [(LOG, [], bytes(MAX_RECEIPT_BYTES))]), sealed(84_000, [EVENT])])
    with pytest.raises(ProofError, match="receipt is too long"):
        collect_receipt(made, 1, node_of=nodes.__getitem__)


SHAPES: dict[str, tuple[Callable[[ReceiptEvidence], dict[str, Any]], str]] = {
    "a position below zero": (lambda e: {"index": -1}, "not a position"),
    "a position beyond any block": (lambda e: {"index": MAX_TRANSACTIONS}, "not a position"),
    "nodes out of order": (lambda e: {"nodes": e.nodes[::-1]}, "not sorted and unique"),
    "a node twice": (lambda e: {"nodes": (e.nodes[0], *e.nodes)}, "not sorted and unique"),
    "a hundred nodes": (lambda e: {"nodes": tuple(bytes([n]) for n in range(100))}, "too long"),
    "a node of two megabytes": (lambda e: {"nodes": (bytes(2 << 20),)}, "too long"),
    "a header of a megabyte": (lambda e: {"header_rlp": bytes(1 << 20)}, "too long"),
}


@pytest.mark.parametrize(("change", "reason"), SHAPES.values(), ids=SHAPES.keys())
def test_evidence_beyond_bounds(
    evidence: ReceiptEvidence, change: Callable[[ReceiptEvidence], dict[str, Any]], reason: str
) -> None:
    with pytest.raises(ProofError, match=reason):
        replace(evidence, **change(evidence))


def test_a_receipt_is_longer_than_nodes_of_states_are() -> None:
    made, nodes = block_of(1, [sealed(900_000, [(LOG, [], bytes(100_000))])])
    evidence = collect_receipt(made, 0, node_of=nodes.__getitem__)
    assert max(map(len, evidence.nodes)) > MAX_NODE_BYTES
    assert len(prove_receipt(evidence).events[0].data) == 100_000


# --- the log contract's events ---


EVENTS: dict[str, tuple[tuple[bytes, list[bytes], bytes], str]] = {
    "a topic too few": ((LOG, [COMMITTED, bytes(32)], bytes(96)), "another shape"),
    "a topic too many": ((LOG, [COMMITTED, *[bytes(32)] * 3], bytes(96)), "another shape"),
    "a word too few": ((LOG, [COMMITTED, *[bytes(32)] * 2], bytes(64)), "another shape"),
    "a byte too many": ((LOG, [COMMITTED, *[bytes(32)] * 2], bytes(97)), "another shape"),
    "a leaf beyond any log": ((LOG, [STATUS_SET, bytes(32), b"\xff" * 32, bytes(31) + b"\x03"], bytes(96)), "no leaf"),
    "a kind of status that is none": (
        (LOG, [STATUS_SET, bytes(32), bytes(32), bytes(31) + b"\x06"], bytes(96)),
        "no kind of status that the contract writes",
    ),
    "a range of no mask": ((LOG, [RANGE_REVOKED, bytes(32), bytes(32)], bytes(32)), "another shape"),
}


@pytest.mark.parametrize(("event", "reason"), EVENTS.values(), ids=EVENTS.keys())
def test_events_that_no_log_emits(event: tuple[bytes, list[bytes], bytes], reason: str) -> None:
    read = read_sealed_receipt(sealed(21_000, [event]))
    with pytest.raises(LedgerError, match=reason):
        read_log_events(read.events, LOG)
    assert read_log_events(read.events, b"\x12" * 20).commits == ()  # another contract may emit what it likes


def test_leaves_are_counted_once() -> None:
    """A leaf revoked in a range and by itself, and one that is suspended and reinstated in one transaction."""
    word = (5).to_bytes(32, "big")
    issuer, other = b"\x01" * 32, b"\x02" * 32

    def single(who: bytes, leaf: int, kind: int) -> tuple[bytes, list[bytes], bytes]:
        return LOG, [STATUS_SET, who, leaf.to_bytes(32, "big"), kind.to_bytes(32, "big")], bytes(96)

    logs = [
        (LOG, [RANGE_REVOKED, issuer, word], (0b111).to_bytes(32, "big") + bytes(32)),
        (LOG, [RANGE_REVOKED, issuer, word], (0b1100).to_bytes(32, "big") + bytes(32)),
        single(issuer, 5 * 256, 3),
        single(issuer, 9, 4),
        single(issuer, 9, 5),
        single(other, 9, 4),
    ]
    said = read_log_events(read_sealed_receipt(sealed(21_000, logs)).events, LOG)
    assert said.changed_leaves() == 4 + 1 + 1


# --- the embedded chain ---


def test_a_commit_on_the_embedded_chain(consortium: Consortium) -> None:
    """The gas of its receipt, its one event, and nothing in the blocks around it."""
    root = consortium.commit(256)
    chain, number = consortium.chain, consortium.chain.head().number
    (evidence,) = chain.receipts_touching(consortium.place.log, number)
    proven = prove_receipt(evidence)
    assert proven.block == chain.head()
    told = chain._file._one("SELECT gas_used FROM receipt WHERE block = ?", number)[0]
    assert proven.gas_used == told > 60_000
    said = read_log_events(proven.events, bytes.fromhex(consortium.place.log[2:]))
    (account_key,) = {each.key_no for each in said.commits}
    assert said.commits == (Committed(issuer_id_bytes(consortium.issuer_id), root, account_key, 256, 1),)
    assert chain.receipts_touching(consortium.place.log, number - 1) == ()
    assert chain.receipts_touching(consortium.place.log, 0) == ()
    assert chain.header(number) == evidence.header_rlp


def test_blocks_with_events_on_the_embedded_chain(consortium: Consortium) -> None:
    consortium.commit(256)
    first = consortium.chain.head().number
    consortium.send(consortium.anchorer, consortium.log.set_status(consortium.issuer_id, 3, StatusKind.SUSPENDED))
    consortium.commit(512, prev_size=256)
    consortium.send(consortium.anchorer, consortium.log.revoke_many(consortium.issuer_id, [3, 4]))
    chain, log, issuer = consortium.chain, consortium.place.log, issuer_id_bytes(consortium.issuer_id)
    commits, statuses = frozenset((COMMITTED,)), frozenset((STATUS_SET, RANGE_REVOKED))

    def found(*topics: frozenset[bytes], first: int = 0, last: int = 10**6) -> tuple[int, ...]:
        return chain.blocks_with_events(log, topics, first=first, last=last)

    assert found(commits) == (first, first + 2)
    assert found(statuses, frozenset((issuer,))) == (first + 1, first + 3)
    assert found(statuses, frozenset((issuer,)), last=first + 2) == (first + 1,)
    assert found(statuses, frozenset((issuer,)), first=first + 2) == (first + 3,)
    assert found(statuses, frozenset((b"\x07" * 32,))) == ()
    assert may_hold(chain.header(first), log, [commits])
    assert not may_hold(chain.header(first), log, [statuses])
