"""What ties blocks to a bundle's own, made and read: by history over several rounds, by parents, and by neither."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from receipt_blocks import header
from test_ancestry import history_state, no_nodes

from passport.errors import LedgerError, LedgerUnavailableError
from passport.ledger import Address, BlockRef, ProvenState, StateEvidence, TrieState, block_of_header
from passport.ledger.ancestry import HISTORY_BLOCKS, HISTORY_CONTRACT, MAX_ANCESTORS, Ancestry
from passport.ledger.proofs import collect_evidence
from passport.ledger.protocol import Reads
from verifier.tied_receipts import Ties, tie

# The contract's code, EIP-2935.
HISTORY_CODE = bytes.fromhex(
    "3373fffffffffffffffffffffffffffffffffffffffe14604657602036036042575f35600143038111604257611fff81430311604257"
    "611fff9006545f5260205ff35b5f5ffd5b5f35611fff60014303065500"
)
HEAD = 40_000


class HistoryChain:
    """Blocks that are made when they are asked for; some states keep hashes, and a node may have forgotten them.

    Args:
        keeps: Which hashes the states of which blocks keep.
        forgotten: Blocks whose state the node has no more.
        code: Of the history contract.
    """

    def __init__(
        self, keeps: Mapping[int, tuple[int, ...]], *, forgotten: tuple[int, ...] = (), code: bytes = HISTORY_CODE
    ) -> None:
        self._keeps = keeps
        self._forgotten = forgotten
        self._code = code
        self._headers: dict[int, bytes] = {}
        self._nodes: dict[bytes, bytes] = {}
        for number in sorted({*keeps, *(kept for each in keeps.values() for kept in each)}):
            kept = {each: block_of_header(self.header(each)).hash for each in keeps.get(number, ())}
            root, nodes = history_state(kept) if kept else (b"\x01" * 32, {})
            self._nodes.update(nodes)
            self._headers[number] = header(number, state_root=root)

    def header(self, number: int) -> bytes:
        return self._headers.get(number) or header(number)

    def block(self, number: int) -> BlockRef:
        return block_of_header(self.header(number))

    def code(self, address: Address, *, block: BlockRef) -> bytes:
        return self._code if address == HISTORY_CONTRACT else b""

    def state(self, block: BlockRef) -> TrieState:
        if block.number in self._forgotten:
            raise LedgerUnavailableError("the node no longer has the state of that block")
        return TrieState(block, node_of=self._nodes.__getitem__)

    def evidence(self, block: BlockRef, reads: Reads) -> StateEvidence:
        self.state(block)
        return collect_evidence(self.header(block.number), reads, node_of=self._nodes.__getitem__)


def read(chain: HistoryChain, ties: Ties) -> Callable[[int], bytes | None]:
    """What a reader of the bundle finds, which must use all of it."""
    reads = {HISTORY_CONTRACT: ties.slots} if ties.slots else {}
    evidence = chain.evidence(chain.block(HEAD), reads)
    nodes = tuple(sorted(ties.nodes.union(evidence.nodes)))
    state = ProvenState(StateEvidence(evidence.header_rlp, nodes), block_hash=chain.block(HEAD).hash)
    used: set[int] = set()
    ancestry = Ancestry(
        evidence.header_rlp,
        header_of=ties.headers.get,
        node_of=state.peek,
        used_header=used.add,
        used_node=state.used_node,
    )

    def hash_at(number: int) -> bytes | None:
        found = ancestry.hash_at(number)
        assert found is None or found == chain.block(number).hash
        return found

    hash_at.surplus = lambda: (state.unused_nodes(), set(ties.headers) - used)  # type: ignore[attr-defined]
    return hash_at


FIRST, SECOND = HEAD - HISTORY_BLOCKS, HEAD - 2 * HISTORY_BLOCKS
WANTED = (HEAD - 5, FIRST, FIRST - 1, SECOND - 3000)
KEEPS = {HEAD: (HEAD - 5, FIRST), FIRST: (FIRST - 1, SECOND), SECOND: (SECOND - 3000,)}


def test_over_several_rounds() -> None:
    """One word a block, one header a round, and a reader needs exactly that."""
    chain: Any = HistoryChain(KEEPS)
    ties = tie(chain, chain.block(HEAD), WANTED)
    assert sorted(ties.headers) == [SECOND, FIRST]
    assert ties.slots == {number % 8191 for number in KEEPS[HEAD]}
    hash_at = read(chain, ties)
    assert all(hash_at(number) for number in WANTED)
    assert hash_at.surplus() == ((), set())  # type: ignore[attr-defined]


def test_only_what_is_asked_for() -> None:
    """Within the last round nothing further back is proven."""
    chain: Any = HistoryChain(KEEPS)
    ties = tie(chain, chain.block(HEAD), [HEAD - 5, HEAD])
    assert (ties.headers, ties.slots, ties.nodes) == ({}, {(HEAD - 5) % 8191}, set())
    assert tie(chain, chain.block(HEAD), [HEAD]) == Ties()
    assert tie(chain, chain.block(HEAD), []) == Ties()


@pytest.mark.parametrize(
    ("forgotten", "wanted", "is_tied"),
    [
        ((FIRST, SECOND), WANTED, [True, True, False, False]),
        ((SECOND,), WANTED, [True, True, True, False]),
        ((FIRST,), WANTED[2:], [False, False]),
        ((SECOND,), WANTED[3:], [False]),
    ],
    ids=["all old ones", "the oldest", "with nothing before it", "with nothing else"],
)
def test_a_node_that_has_forgotten_old_states(
    forgotten: tuple[int, ...], wanted: tuple[int, ...], is_tied: list[bool]
) -> None:
    """What the states lead to is tied, and a way that ends on the way leaves nothing that a reader would refuse."""
    chain: Any = HistoryChain(KEEPS, forgotten=forgotten)
    ties = tie(chain, chain.block(HEAD), wanted)
    hash_at = read(chain, ties)
    assert [hash_at(number) is not None for number in wanted] == is_tied
    assert hash_at.surplus() == ((), set())  # type: ignore[attr-defined]
    if not any(is_tied):
        assert ties == Ties()


def test_a_chain_without_history() -> None:
    """By headers one after another, as far as is allowed."""
    chain: Any = LineChain(HEAD)
    ties = tie(chain, chain.block(HEAD), [HEAD - 3, HEAD - 100, HEAD - MAX_ANCESTORS - 1])
    assert sorted(ties.headers) == list(range(HEAD - 100, HEAD))
    assert (ties.slots, ties.nodes) == (set(), set())
    ancestry = Ancestry(chain.header(HEAD), header_of=ties.headers.get, node_of=no_nodes)
    for number in (HEAD - 3, HEAD - 100):
        assert ancestry.hash_at(number) == chain.block(number).hash
    assert ancestry.hash_at(HEAD - MAX_ANCESTORS - 1) is None


def test_the_furthest_block_by_headers() -> None:
    chain: Any = LineChain(HEAD)
    furthest = HEAD - MAX_ANCESTORS
    ties = tie(chain, chain.block(HEAD), [furthest])
    ancestry = Ancestry(chain.header(HEAD), header_of=ties.headers.get, node_of=no_nodes)
    assert ancestry.hash_at(furthest) == chain.block(furthest).hash


def test_headers_that_cannot_be_written() -> None:
    """A chain with fields of its own in them: nothing is tied, and nothing fails."""
    chain: Any = LineChain(HEAD)
    chain.refuses = True
    assert tie(chain, chain.block(HEAD), [HEAD - 3]) == Ties()


@pytest.mark.parametrize("code", [b"", b"\x60\x00", HISTORY_CODE + b"\x00"], ids=["none", "other", "longer"])
def test_other_code_at_the_place_of_the_history(code: bytes) -> None:
    """Its words are anybody's: headers are taken instead."""
    chain: Any = HistoryChain(KEEPS, code=code)
    assert tie(chain, chain.block(HEAD), [HEAD - 5]).slots == set()


class LineChain:
    """A chain without history, whose headers name each other.

    Args:
        head: The newest block.
    """

    def __init__(self, head: int) -> None:
        self.refuses = False
        self._headers = {head - MAX_ANCESTORS - 2: header(head - MAX_ANCESTORS - 2)}
        for number in range(head - MAX_ANCESTORS - 1, head + 1):
            self._headers[number] = header(number, parent=block_of_header(self._headers[number - 1]).hash)

    def header(self, number: int) -> bytes:
        if self.refuses and number != HEAD:
            raise LedgerError("the block's header cannot be written")
        return self._headers[number]

    def block(self, number: int) -> BlockRef:
        return block_of_header(self._headers[number])

    def code(self, address: Address, *, block: BlockRef) -> bytes:
        return b""


@pytest.mark.parametrize("wanted", [WANTED[::-1], (FIRST - 1, HEAD - 5), (HEAD - 5000, HEAD - 5)])
def test_what_cannot_be_tied_hides_no_use_of_what_is(wanted: tuple[int, ...]) -> None:
    """An honest bundle is not refused for the order in which blocks are asked for: a walk that fails comes first."""
    chain: Any = HistoryChain(KEEPS, forgotten=(FIRST, SECOND))
    ties = tie(chain, chain.block(HEAD), wanted)
    hash_at = read(chain, ties)
    assert [hash_at(number) is not None for number in wanted] == [number in KEEPS[HEAD] for number in wanted]
    assert hash_at.surplus() == ((), set())  # type: ignore[attr-defined]
