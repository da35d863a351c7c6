"""Proof of state: two roads to every word, absence proven too, and nothing forged gets through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
import rlp
from consortium_setup import STORE_CREATION, account, stored
from eth_hash.auto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st
from trie import HexaryTrie

from passport.errors import LedgerError, ProofError
from passport.ledger import (
    Address,
    BlockRef,
    Call,
    EmbeddedChain,
    ProvenState,
    RecordingState,
    StateEvidence,
    Transactor,
    block_of_header,
    format_address,
)
from passport.ledger.trie_walk import EMPTY_CODE_HASH, EMPTY_ROOT, lookup, rlp_list

MAX_WORD = (1 << 256) - 1
NOBODY = format_address(b"\x01" * 20)

# Slots with neighbours, far ones, and words of every length from one bit to 32 bytes.
WORDS = {slot: (1 << (slot * 9 % 256)) + slot for slot in range(30)} | {MAX_WORD: 1, 1 << 200: 0x7F, 5000: 0x80}
ABSENT = (31, 1 << 255, MAX_WORD - 1)


class Full:
    """A chain whose store holds `WORDS`, and another contract with one word."""

    def __init__(self, folder: Path, clock: Callable[[], datetime]) -> None:
        self.chain = EmbeddedChain.create(folder / "chain.db", clock=clock)
        sender = Transactor(self.chain, account(9))
        addresses = [sender.send(Call(None, STORE_CREATION)).contract_address for _ in range(2)]
        self.store, self.other = (address for address in addresses if address is not None)
        for slot, word in WORDS.items():
            sender.send(Call(self.store, stored(slot, word)))
        sender.send(Call(self.other, stored(0, 99)))
        self.head = self.chain.head()
        self.reads = {self.store: {*WORDS, *ABSENT}, self.other: {0, 1}, NOBODY: {0}}
        self.evidence = self.chain.evidence(self.head, self.reads)

    def proven(self, evidence: StateEvidence | None = None) -> ProvenState:
        """The evidence, judged."""
        return ProvenState(evidence or self.evidence, block_hash=self.head.hash)

    def read_all(self, state: ProvenState) -> dict[tuple[Address, int], int]:
        """Every word of `reads`."""
        return {(c, slot): state.storage(c, slot) for c, slots in self.reads.items() for slot in sorted(slots)}


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Full:
    """Made once: what is read here never changes."""
    from consortium_setup import GENESIS_TIME

    made = Full(tmp_path_factory.mktemp("proofs"), lambda: GENESIS_TIME)
    yield made
    made.chain.close()


def expected_word(full: Full, contract: Address, slot: int) -> int:
    """What was written there."""
    if contract == full.store:
        return WORDS.get(slot, 0)
    return 99 if contract == full.other and slot == 0 else 0


def test_every_word_is_proven_also_where_there_is_none(full: Full) -> None:
    state = full.proven()
    assert state.block == full.head
    words = full.read_all(state)
    assert words == {place: expected_word(full, *place) for place in words}
    assert words == {place: full.chain.state().storage(*place) for place in words}
    assert state.unused_nodes() == ()


def test_the_trie_library_walks_to_the_same_words(full: Full) -> None:
    """Another implementation of the tries, over the same bag of nodes, agrees on accounts and storage."""
    nodes = {keccak(node): node for node in full.evidence.nodes}
    accounts = HexaryTrie(nodes, root_hash=full.head.state_root)
    for contract, slots in full.reads.items():
        leaf = accounts[keccak(bytes.fromhex(contract[2:]))]
        storage_root = rlp.decode(leaf)[2] if leaf else EMPTY_ROOT
        storage = HexaryTrie(nodes, root_hash=storage_root)
        for slot in slots:
            found = storage[keccak(slot.to_bytes(32, "big"))]
            word = int.from_bytes(rlp.decode(found), "big") if found else 0
            assert word == expected_word(full, contract, slot)


def test_the_evm_reads_the_same_words(full: Full) -> None:
    vm = full.chain._evm._new_vm(*_overlay(full))
    for contract, slots in full.reads.items():
        for slot in slots:
            assert vm.state.get_storage(bytes.fromhex(contract[2:]), slot) == expected_word(full, contract, slot)


def _overlay(full: Full) -> tuple[object, object]:
    from passport.ledger.evm import _header, _Overlay

    return _Overlay(full.chain._file), _header(full.chain._file.header(None))


@settings(max_examples=100)
@given(st.dictionaries(st.binary(min_size=1, max_size=32), st.binary(min_size=1, max_size=40), max_size=80))
def test_any_trie_is_walked_as_the_library_does(entries: dict[bytes, bytes]) -> None:
    """Embedded nodes, extensions and odd paths come up by themselves in random tries."""
    trie = HexaryTrie({})
    for key, value in entries.items():
        trie[keccak(key)] = value
    for key in [*entries, b"absent", b""]:
        assert lookup(trie.root_hash, key, trie.db.__getitem__) == entries.get(key)


def test_the_evidence_holds_nothing_but_what_was_asked_for(full: Full) -> None:
    small = full.chain.evidence(full.head, {full.store: {3}})
    state = full.proven(small)
    assert state.storage(full.store, 3) == WORDS[3]
    assert set(small.nodes) < set(full.evidence.nodes)
    assert state.unused_nodes() == ()
    with pytest.raises(ProofError, match="not proven: the evidence lacks a trie node"):
        state.storage(full.store, 4)
    with pytest.raises(ProofError, match="not proven: the evidence lacks a trie node"):
        state.storage(full.other, 0)


def test_unused_nodes_are_told(full: Full) -> None:
    padded = StateEvidence(full.evidence.header_rlp, tuple(sorted({*full.evidence.nodes, b"\xc2\x80\x80"})))
    state = full.proven(padded)
    full.read_all(state)
    assert state.unused_nodes() == (b"\xc2\x80\x80",)


def test_evidence_of_several_reads_is_joined(full: Full) -> None:
    one = full.chain.evidence(full.head, {full.store: {3}})
    two = full.chain.evidence(full.head, {full.store: {4}, full.other: {0}})
    both = full.chain.evidence(full.head, {full.store: {3, 4}, full.other: {0}})
    assert one.union(two) == two.union(one) == both
    older = full.chain.evidence(full.chain.block(full.head.number - 1), {full.store: {3}})
    with pytest.raises(ProofError, match="evidence of different blocks"):
        one.union(older)


def test_a_past_block_is_proven_as_it_was(full: Full) -> None:
    """The last block wrote to the other contract, the one before it to this slot: two blocks ago it was empty."""
    before = full.chain.block(full.head.number - 2)
    slot = list(WORDS)[-1]
    evidence = full.chain.evidence(before, {full.store: {slot}})
    assert ProvenState(evidence, block_hash=before.hash).storage(full.store, slot) == 0
    assert full.proven().storage(full.store, slot) == WORDS[slot]


def test_reads_are_recorded(full: Full) -> None:
    recording = RecordingState(full.chain.state())
    assert recording.block == full.head
    assert (recording.storage(full.store, 3), recording.storage(full.store, 31)) == (WORDS[3], 0)
    assert recording.reads == {full.store: {3, 31}}


def test_code_and_nonce_are_proven(full: Full) -> None:
    state = full.proven()
    assert state.code_hash(full.store) == keccak(full.chain.code(full.store))
    assert state.code_hash(NOBODY) == EMPTY_CODE_HASH
    assert (state.nonce(full.store), state.nonce(NOBODY)) == (1, 0)


def test_an_empty_state_proves_that_nothing_is_there(chain: EmbeddedChain) -> None:
    evidence = chain.evidence(chain.head(), {NOBODY: {0}})
    assert evidence.nodes == ()
    assert ProvenState(evidence, block_hash=chain.head().hash).storage(NOBODY, 0) == 0


# ---------------------------------------------------------------- what must not get through


def test_another_block_hash_is_refused(full: Full) -> None:
    other = full.chain.block(full.head.number - 1).hash
    with pytest.raises(ProofError, match="the evidence is about another block") as caught:
        ProvenState(full.evidence, block_hash=other)
    assert (caught.value.expected, caught.value.found) == ("0x" + other.hex(), "0x" + full.head.hash.hex())


@settings(max_examples=150)
@given(data=st.data())
def test_one_changed_byte_anywhere_is_noticed(full: Full, data: st.DataObject) -> None:
    """In the header or any node; also when the forger sorts the nodes anew."""
    parts = [full.evidence.header_rlp, *full.evidence.nodes]
    which = data.draw(st.integers(0, len(parts) - 1))
    at = data.draw(st.integers(0, len(parts[which]) - 1))
    flipped = bytearray(parts[which])
    flipped[at] ^= data.draw(st.integers(1, 255))
    parts[which] = bytes(flipped)
    with pytest.raises(ProofError, match=r"another block|lacks a trie node"):
        full.read_all(full.proven(StateEvidence(parts[0], tuple(sorted(set(parts[1:]))))))


def test_one_missing_node_is_noticed(full: Full) -> None:
    for at in range(len(full.evidence.nodes)):
        rest = full.evidence.nodes[:at] + full.evidence.nodes[at + 1 :]
        with pytest.raises(ProofError, match="not proven: the evidence lacks a trie node"):
            full.read_all(full.proven(StateEvidence(full.evidence.header_rlp, rest)))


@settings(max_examples=300)
@given(data=st.data())
def test_a_trie_made_up_by_a_cheater_raises_nothing_but_proof_errors(full: Full, data: st.DataObject) -> None:
    """Nodes and header of the cheater's own making, under the cheater's own block hash."""
    node = data.draw(
        st.binary(max_size=80)
        | st.recursive(st.binary(max_size=34), lambda inner: st.lists(inner, max_size=18), max_leaves=20).map(
            rlp.encode
        )
        | st.sampled_from(full.evidence.nodes).map(lambda found: found[: data.draw(st.integers(0, len(found)))])
    )
    fields = rlp.decode(full.evidence.header_rlp)
    fields[3] = keccak(node)
    header_rlp = rlp.encode(fields)
    state = ProvenState(StateEvidence(header_rlp, (node,)), block_hash=keccak(header_rlp))
    try:
        assert state.storage(full.store, 0) == 0
    except ProofError:
        return


@settings(max_examples=300)
@given(st.binary(max_size=60) | st.integers(0, 200).map(lambda depth: b"\xc1" * depth + b"\xc0"))
def test_rlp_is_read_as_the_library_reads_it(data: bytes) -> None:
    """What is one canonical list is taken apart alike; everything else is refused by both."""
    try:
        expected = rlp.decode(data)
    except (rlp.DecodingError, RecursionError):
        expected = None
    try:
        items = rlp_list(data, max_items=64)
    except ProofError:
        assert not isinstance(expected, list)
        return
    if expected is not None:  # the library looks into nested items too, and may refuse there
        assert [item.payload for item in items if not item.is_list] == [e for e in expected if isinstance(e, bytes)]
        assert [rlp.decode(item.encoded) for item in items if item.is_list] == [
            e for e in expected if isinstance(e, list)
        ]


MALFORMED_NODES = {
    "not a list": (b"\x83abc", "not a single RLP list"),
    "bytes after the list": (b"\xc0\x00", "not a single RLP list"),
    "three items": (b"\xc3\x01\x02\x03", "neither branch, extension nor leaf"),
    "no items": (b"\xc0", "neither branch, extension nor leaf"),
    "eighteen items": (b"\xd2" + b"\x80" * 18, "RLP list is too long"),
    "path flag 4": (rlp.encode([b"\x40", b"x" * 32]), "malformed path"),
    "padding not zero": (rlp.encode([b"\x21", b"x" * 32]), "malformed path"),
    "no path": (rlp.encode([b"", b"x" * 32]), "malformed path"),
    "path is a list": (rlp.encode([[b"\x20"], b"x" * 32]), "neither branch, extension nor leaf"),
    "leaf too short": (rlp.encode([b"\x20", b"x" * 32]), "trie leaf is malformed"),
    "leaf too long": (rlp.encode([b"\x20" + bytes(33), b"x" * 32]), "trie leaf is malformed"),
    "extension without a path": (rlp.encode([b"\x00", b"x" * 32]), "trie extension is empty"),
    "reference of 31 bytes": (rlp.encode([b"x" * 31] * 16 + [b""]), "reference is not a hash"),
    "large node embedded": (rlp.encode([[b"y" * 40]] * 16 + [b""]), "embedded instead of hashed"),
    "length not shortest": (b"\xf8\x02\x01\x02", "not in its shortest form"),
    "byte not shortest": (b"\xc3\x81\x01\x02", "not in its shortest form"),
    "ends too early": (b"\xc5\x83ab", "RLP ends too early"),
    "nothing": (b"", "RLP ends too early"),
}


@pytest.mark.parametrize("case", MALFORMED_NODES)
def test_malformed_nodes_are_refused(case: str) -> None:
    node, reason = MALFORMED_NODES[case]
    with pytest.raises(ProofError, match=reason):
        lookup(keccak(node), b"key", {keccak(node): node}.__getitem__)


def test_a_trie_deeper_than_its_keys_is_refused() -> None:
    """A cheater's chain of 65 branches that all lead on."""
    nodes: dict[bytes, bytes] = {}
    reference = b"z" * 32
    for _ in range(66):
        node = rlp.encode([reference] * 16 + [b""])
        reference = keccak(node)
        nodes[reference] = node
    with pytest.raises(ProofError, match="deeper than its keys"):
        lookup(reference, b"key", nodes.__getitem__)


def header_with(full: Full, **changes: object) -> bytes:
    """The header, with some of its fields replaced."""
    fields = rlp.decode(full.evidence.header_rlp)
    for name, value in changes.items():
        fields[{"state_root": 3, "number": 8, "timestamp": 11}[name]] = value
    return rlp.encode(fields)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"state_root": b"\x00" * 31}, "not a block header"),
        ({"state_root": [b"x"]}, "not a block header"),
        ({"number": b"\x00\x01"}, "malformed number"),
        ({"number": b"\x01" * 6}, "malformed number"),
        ({"timestamp": [b""]}, "malformed timestamp"),
    ],
)
def test_malformed_headers_are_refused(full: Full, changes: dict[str, object], reason: str) -> None:
    with pytest.raises(ProofError, match=reason):
        block_of_header(header_with(full, **changes))


def test_headers_have_bounds(full: Full) -> None:
    with pytest.raises(ProofError, match="at least 15 fields"):
        block_of_header(rlp.encode([b""] * 14))
    with pytest.raises(ProofError, match="RLP list is too long"):
        block_of_header(rlp.encode([b""] * 33))
    with pytest.raises(ProofError, match="header is too long"):
        block_of_header(bytes(3000))
    number = int.from_bytes(rlp.decode(full.evidence.header_rlp)[8], "big")
    assert block_of_header(full.evidence.header_rlp) == replace(full.head, number=number)


@pytest.mark.parametrize(
    ("nodes", "reason"),
    [
        ((b"b", b"a"), "not sorted and unique"),
        ((b"a", b"a"), "not sorted and unique"),
        ((bytes(2049),), "trie node is too long"),
    ],
)
def test_evidence_has_one_order_and_bounds(nodes: tuple[bytes, ...], reason: str) -> None:
    with pytest.raises(ProofError, match=reason):
        StateEvidence(b"", nodes)


@pytest.mark.parametrize("slot", [-1, 1 << 256])
def test_a_slot_has_256_bits(full: Full, slot: int) -> None:
    with pytest.raises(LedgerError, match="not a storage slot"):
        full.proven().storage(full.store, slot)


@pytest.mark.parametrize("leaf", [b"", b"\x80", b"\x00", b"\x81\x7f", b"\x82\x00\x01", b"\xa1" + b"\x01" * 33, b"\xc0"])
def test_a_storage_leaf_is_a_word(full: Full, leaf: bytes) -> None:
    from passport.ledger.state import _read_word

    with pytest.raises(ProofError, match="not a storage leaf"):
        _read_word(leaf)


@pytest.mark.parametrize(
    "fields", [[b""] * 3, [b""] * 4, [b"", b"", b"x" * 32, [b""]], [b"", b"", b"x" * 31, b"y" * 32]]
)
def test_an_account_leaf_has_four_fields(fields: list[object]) -> None:
    from passport.ledger.state import _read_account

    with pytest.raises(ProofError, match="not an account leaf"):
        _read_account(rlp.encode(fields))


def test_the_size_of_evidence(full: Full) -> None:
    assert full.evidence.size_bytes == sum(len(part) for part in [full.evidence.header_rlp, *full.evidence.nodes])


def test_evidence_is_written_in_one_way() -> None:
    with pytest.raises(ProofError, match="not sorted and unique"):
        StateEvidence(b"", (b"\x02", b"\x01"))


def test_block_times_are_utc() -> None:
    assert BlockRef(1, b"", 1795341600, b"").time.isoformat() == "2026-11-22T10:00:00+00:00"
