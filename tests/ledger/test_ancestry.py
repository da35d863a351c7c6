"""Blocks before a trusted one: by parents' hashes, by the hashes that the state keeps, and by neither."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import rlp
from receipt_blocks import header
from trie.hexary import HexaryTrie

from passport.errors import ProofError
from passport.ledger.ancestry import (
    HISTORY_BLOCKS,
    HISTORY_CODE_HASH,
    HISTORY_CONTRACT,
    MAX_ANCESTORS,
    Ancestry,
    base_of,
    history_slot,
)
from passport.ledger.trie_walk import EMPTY_ROOT
from passport.model.keccak import keccak


def no_nodes(node_hash: bytes) -> bytes:
    raise ProofError("nothing is at hand")


def history_state(
    hashes: Mapping[int, bytes], *, code_hash: bytes = HISTORY_CODE_HASH, contract: str = HISTORY_CONTRACT
) -> tuple[bytes, dict[bytes, bytes]]:
    """Root and nodes of a state in which a contract keeps these hashes, by py-trie."""
    nodes: dict[bytes, bytes] = {}
    storage, accounts = HexaryTrie(nodes), HexaryTrie(nodes)
    for number, known in hashes.items():
        storage[keccak(history_slot(number).to_bytes(32, "big"))] = rlp.encode(known.lstrip(b"\x00"))
    account = rlp.encode([1, 0, storage.root_hash, code_hash])
    accounts[keccak(bytes.fromhex(contract[2:]))] = account
    accounts[keccak(b"\x22" * 20)] = rlp.encode([0, 1, EMPTY_ROOT, code_hash])
    return accounts.root_hash, nodes


def line(length: int) -> dict[int, bytes]:
    """Headers from 0 on, each naming the one before."""
    made: dict[int, bytes] = {}
    for number in range(length):
        made[number] = header(number, parent=keccak(made[number - 1]) if number else bytes(32))
    return made


def test_by_parents() -> None:
    headers = line(50)
    ancestry = Ancestry(headers[49], header_of=headers.get, node_of=no_nodes)
    for number in (49, 20, 48, 0, 30):
        assert ancestry.hash_at(number) == keccak(headers[number])
    assert ancestry.hash_at(50) is None
    assert ancestry.hash_at(-1) is None


def test_the_parent_needs_no_header() -> None:
    headers = line(3)
    ancestry = Ancestry(headers[2], header_of=lambda number: None, node_of=no_nodes)
    assert ancestry.hash_at(1) == keccak(headers[1])
    assert ancestry.hash_at(0) is None


def test_a_line_with_a_hole_or_a_forged_header() -> None:
    """What lies above it is known, and nothing below."""
    for bent in (None, header(20), header(20, parent=b"\x07" * 32), b"\xc0", b""):
        headers: dict[int, bytes | None] = dict(line(50))
        headers[20] = bent
        own = headers[49]
        assert own is not None
        ancestry = Ancestry(own, header_of=headers.get, node_of=no_nodes)
        assert ancestry.hash_at(21) is not None
        assert ancestry.hash_at(20) == keccak(line(50)[20])  # its child names it
        assert ancestry.hash_at(19) is None


def test_no_more_headers_are_followed_than_are_allowed() -> None:
    headers = line(MAX_ANCESTORS + 10)
    asked: list[int] = []

    def header_of(number: int) -> bytes | None:
        asked.append(number)
        return headers.get(number)

    ancestry = Ancestry(headers[MAX_ANCESTORS + 9], header_of=header_of, node_of=no_nodes)
    assert ancestry.hash_at(0) is None
    assert asked == []
    assert ancestry.hash_at(9) == keccak(headers[9])
    assert ancestry.hash_at(8) is None  # 4,097 blocks back
    assert len(asked) == MAX_ANCESTORS - 1


HEAD = 100_000
KEPT = b"\x05" * 32


def by_history(number: int, **changes: object) -> bytes | None:
    root, nodes = history_state({number: KEPT}, **changes)  # type: ignore[arg-type]
    own = header(HEAD, state_root=root)
    return Ancestry(own, header_of=lambda at: None, node_of=nodes.__getitem__).hash_at(number)


def test_by_history() -> None:
    """The last 8,191 blocks (EIP-2935, HISTORY_SERVE_WINDOW), at the slot that it names."""
    for number in (HEAD - 2, HEAD - 4000, HEAD - HISTORY_BLOCKS):
        assert by_history(number) == KEPT
        assert history_slot(number) == number % 8191


def test_what_the_history_does_not_keep() -> None:
    """An older block has the slot of a newer one; another contract's words, or other code's, are anybody's."""
    assert by_history(HEAD - HISTORY_BLOCKS - 1) is None
    assert by_history(HEAD - 2, code_hash=keccak(b"other code")) is None
    assert by_history(HEAD - 2, contract="0x" + "33" * 20) is None
    root, nodes = history_state({HEAD - 2: KEPT})
    ancestry = Ancestry(header(HEAD, state_root=root), header_of=lambda at: None, node_of=nodes.__getitem__)
    assert ancestry.hash_at(HEAD - 3) is None  # nothing was ever kept there
    ancestry = Ancestry(header(HEAD, state_root=root), header_of=lambda at: None, node_of=no_nodes)
    assert ancestry.hash_at(HEAD - 2) is None


def test_round_by_round() -> None:
    """Three rounds back: each base's state leads to the next, and a forged one to nothing."""
    bases = [HEAD - HISTORY_BLOCKS * rounds for rounds in range(3)]
    wanted = bases[2] - 77
    assert base_of(HEAD, wanted) == bases[2]
    root, nodes = history_state({wanted: KEPT})
    headers = {bases[2]: header(bases[2], state_root=root)}
    for base, further in ((bases[1], bases[2]), (bases[0], bases[1])):
        root, more = history_state({further: keccak(headers[further])})
        nodes |= more
        headers[base] = header(base, state_root=root)
    ancestry = Ancestry(headers[HEAD], header_of=headers.get, node_of=nodes.__getitem__)
    assert ancestry.hash_at(wanted) == KEPT
    assert ancestry.hash_at(bases[1]) == keccak(headers[bases[1]])
    assert ancestry.hash_at(bases[1] - 5) is None
    for forged in (None, header(bases[1]), header(bases[1] + 1, state_root=root)):
        bent = {**headers, bases[1]: forged}
        assert Ancestry(headers[HEAD], header_of=bent.get, node_of=nodes.__getitem__).hash_at(wanted) is None


def test_what_leads_nowhere_is_not_told() -> None:
    """Only headers and nodes that led to a block count as used: what else stands in a bundle is surplus."""
    headers, told = dict(line(50)), list[object]()
    own = headers[49]
    del headers[20]
    ancestry = Ancestry(own, header_of=headers.get, node_of=no_nodes, used_header=told.append, used_node=told.append)
    assert ancestry.hash_at(10) is None
    assert told == []
    assert ancestry.hash_at(30) is not None
    assert sorted(told) == list(range(31, 49))  # type: ignore[type-var]
    told.clear()
    root, nodes = history_state({HEAD - 2: KEPT})
    ancestry = Ancestry(
        header(HEAD, state_root=root), header_of=lambda at: None, node_of=nodes.__getitem__, used_node=told.append
    )
    assert ancestry.hash_at(HEAD - 3) is None  # the account is proven, and its slot empty
    assert told == []
    assert ancestry.hash_at(HEAD - 2) == KEPT
    assert set(told) <= set(nodes)
    assert len(told) >= 2


@pytest.mark.parametrize("back", [1, 2, 8190, 8191, 8192, 16_381, 16_382, 16_383])
def test_bases(back: int) -> None:
    """A block is asked for of the newest base of whole rounds that keeps it."""
    base = base_of(HEAD, HEAD - back)
    assert (HEAD - base) % HISTORY_BLOCKS == 0
    assert 1 <= base - (HEAD - back) <= HISTORY_BLOCKS
