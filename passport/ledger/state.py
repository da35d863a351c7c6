"""Read contract storage out of a state: walk the tries, and remember which slots somebody looked at."""

from __future__ import annotations

from typing import NamedTuple

from passport.errors import LedgerError, ProofError
from passport.ledger.chain_id import Address, parse_address
from passport.ledger.protocol import BlockRef, StateView
from passport.ledger.trie_walk import EMPTY_CODE_HASH, EMPTY_ROOT, NodeSource, RlpItem, lookup, rlp_list


class _AccountLeaf(NamedTuple):
    nonce: int
    balance: int
    storage_root: bytes
    code_hash: bytes


_NO_ACCOUNT = _AccountLeaf(0, 0, EMPTY_ROOT, EMPTY_CODE_HASH)


_MAX_WORDS = 1024
"""Words that are remembered."""


class TrieState:
    """A `StateView` over trie nodes; every account and slot is walked to once and then remembered.

    Args:
        block: The block whose `state_root` the walks start from.
        node_of: Where nodes come from; it answers for their hashes.
    """

    def __init__(self, block: BlockRef, *, node_of: NodeSource) -> None:
        self._block = block
        self._node_of = node_of
        self._accounts: dict[Address, _AccountLeaf] = {}
        self._words: dict[tuple[Address, int], int] = {}
        self._taken_apart: dict[bytes, list[RlpItem]] = {}

    @property
    def block(self) -> BlockRef:
        """The block whose state this is."""
        return self._block

    def storage(self, contract: Address, slot: int) -> int:
        """The word at `slot` of `contract`, 0 where nothing is stored or no contract exists.

        Raises:
            ProofError: the nodes at hand do not prove it.
            LedgerError: `contract` is not an address or `slot` not a slot.
        """
        word = self._words.get((contract, slot))
        if word is None:
            if not 0 <= slot < 1 << 256:
                raise LedgerError("not a storage slot", expected="0 to 2^256-1", found=slot)
            word = self._word(self._account(contract).storage_root, slot)
            if len(self._words) >= _MAX_WORDS:  # an audit asks for each entry's own slot once
                self._words.clear()
            self._words[contract, slot] = word
        return word

    def code_hash(self, contract: Address) -> bytes:
        """Keccak-256 of the code at `contract`; `EMPTY_CODE_HASH` where there is none.

        Raises:
            ProofError: the nodes at hand do not prove it.
        """
        return self._account(contract).code_hash

    def nonce(self, address: Address) -> int:
        """How many transactions `address` has had included.

        Raises:
            ProofError: the nodes at hand do not prove it.
        """
        return self._account(address).nonce

    def balance(self, address: Address) -> int:
        """What `address` has, in wei.

        Raises:
            ProofError: the nodes at hand do not prove it.
        """
        return self._account(address).balance

    def _account(self, contract: Address) -> _AccountLeaf:
        account = self._accounts.get(contract)
        if account is None:
            leaf = self._lookup(self._block.state_root, parse_address(contract))
            account = _NO_ACCOUNT if leaf is None else _read_account(leaf)
            self._accounts[contract] = account
        return account

    def _lookup(self, root: bytes, key: bytes) -> bytes | None:
        return lookup(root, key, self._node_of, taken_apart=self._taken_apart)

    def _word(self, storage_root: bytes, slot: int) -> int:
        leaf = self._lookup(storage_root, slot.to_bytes(32, "big"))
        if leaf is None:
            return 0
        return _read_word(leaf)


def _read_account(leaf: bytes) -> _AccountLeaf:
    fields = rlp_list(leaf, max_items=4)
    if (
        len(fields) != 4
        or any(field.is_list for field in fields)
        or len(fields[2].payload) != 32
        or len(fields[3].payload) != 32
    ):
        raise ProofError("not an account leaf", expected="nonce, balance, storage root, code hash")
    nonce, balance = (int.from_bytes(field.payload, "big") for field in fields[:2])
    return _AccountLeaf(nonce, balance, fields[2].payload, fields[3].payload)


def _read_word(leaf: bytes) -> int:
    """A storage leaf is the RLP of the word's big-endian bytes without leading zeros; zero is never stored."""
    if len(leaf) == 1 and 0 < leaf[0] < 0x80:
        return leaf[0]
    length = len(leaf) - 1
    if 1 <= length <= 32 and leaf[0] == 0x80 + length and leaf[1] != 0 and (length > 1 or leaf[1] >= 0x80):
        return int.from_bytes(leaf[1:], "big")
    raise ProofError("not a storage leaf", expected="the RLP of a non-zero word", found="0x" + leaf.hex())


class RecordingState:
    """A `StateView` that remembers which slots of which contracts were read through it.

    Args:
        inner: The state that answers.
    """

    def __init__(self, inner: StateView) -> None:
        self._inner = inner
        self._reads: dict[Address, set[int]] = {}

    @property
    def block(self) -> BlockRef:
        """The block of the inner state."""
        return self._inner.block

    def storage(self, contract: Address, slot: int) -> int:
        """The inner state's word, after noting that it was asked for."""
        self._reads.setdefault(contract, set()).add(slot)
        return self._inner.storage(contract, slot)

    @property
    def reads(self) -> dict[Address, set[int]]:
        """Every slot asked for so far, by contract: what `Ledger.evidence` takes."""
        return {contract: set(slots) for contract, slots in self._reads.items()}
