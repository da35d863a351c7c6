"""Headers written from what a node says of a block, against hashes that others published or computed."""

from __future__ import annotations

from typing import Any

import pytest
import rlp

from passport.errors import LedgerError, ProofError, TransactionError
from passport.ledger.observed import observed_of_header
from passport.ledger.proofs import block_of_header
from passport.ledger.raw_transaction import read_transaction
from passport.ledger.rpc_header import header_rlp
from passport.model.keccak import keccak

EMPTY = "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"

# Block 0 of Ethereum's main network, as every node and explorer gives it.
MAINNET_GENESIS = {
    "parentHash": "0x" + "00" * 32,
    "sha3Uncles": "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347",
    "miner": "0x" + "00" * 20,
    "stateRoot": "0xd7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544",
    "transactionsRoot": EMPTY,
    "receiptsRoot": EMPTY,
    "logsBloom": "0x" + "00" * 256,
    "difficulty": "0x400000000",
    "number": "0x0",
    "gasLimit": "0x1388",
    "gasUsed": "0x0",
    "timestamp": "0x0",
    "extraData": "0x11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa",
    "mixHash": "0x" + "00" * 32,
    "nonce": "0x0000000000000042",
    "hash": "0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3",
}


def test_the_first_block_of_the_main_network() -> None:
    header = header_rlp(MAINNET_GENESIS | {"totalDifficulty": "0x400000000", "size": "0x21c", "uncles": []})
    block = block_of_header(header)
    assert "0x" + block.hash.hex() == MAINNET_GENESIS["hash"]
    assert (block.number, block.timestamp) == (0, 0)
    assert "0x" + block.state_root.hex() == MAINNET_GENESIS["stateRoot"]


def sealed(extra: bytes, hashed: bytes) -> dict[str, Any]:
    """A block with `extra` as its extra data, whose hash is that of the same header with `hashed` in its place."""
    whole = MAINNET_GENESIS | {"extraData": "0x" + hashed.hex(), "hash": ""}
    plain = [
        bytes.fromhex(text[2:]) if len(text) > 20 or name == "nonce" else int(text, 16)
        for name, text in whole.items()
        if name != "hash"
    ]
    plain[12] = hashed
    return whole | {"extraData": "0x" + extra.hex(), "hash": "0x" + keccak(rlp.encode(plain)).hex()}


VANITY, VALIDATORS, SEALS = bytes(32), [b"\x01" * 20, b"\x02" * 20], [b"\x07" * 65, b"\x08" * 65]


@pytest.mark.parametrize(
    ("extra", "hashed"),
    [
        # Clique keeps its seal in what is hashed.
        (VANITY + b"\x01" * 65, VANITY + b"\x01" * 65),
        # QBFT: the round is counted as 0, the commit's seals as none.
        (rlp.encode([VANITY, VALIDATORS, [], b"\x03", SEALS]), rlp.encode([VANITY, VALIDATORS, [], b"", []])),
        # IBFT 2.0: neither round nor seals.
        (rlp.encode([VANITY, VALIDATORS, b"", b"\0\0\0\3", SEALS]), rlp.encode([VANITY, VALIDATORS, b""])),
        # Istanbul (EIP-650): the proposer's seal stays, the commit's go.
        (VANITY + rlp.encode([VALIDATORS, b"\x05" * 65, SEALS]), VANITY + rlp.encode([VALIDATORS, b"\x05" * 65, []])),
    ],
    ids=["Clique", "QBFT", "IBFT 2.0", "Istanbul"],
)
def test_headers_whose_hash_leaves_out_the_seals(extra: bytes, hashed: bytes) -> None:
    block = sealed(extra, hashed)
    assert "0x" + keccak(header_rlp(block)).hex() == block["hash"]


def test_a_header_with_fields_of_its_own_gives_no_evidence() -> None:
    with pytest.raises(ProofError, match=r"block 0: the block's header cannot be written.*fields of its own"):
        header_rlp(MAINNET_GENESIS | {"hash": "0x" + "ab" * 32})


@pytest.mark.parametrize("name", sorted(set(MAINNET_GENESIS) - {"hash"}))
def test_every_field_counts(name: str) -> None:
    with pytest.raises(LedgerError, match=name):
        header_rlp({other: value for other, value in MAINNET_GENESIS.items() if other != name})
    text = MAINNET_GENESIS[name]
    changed = text[:-1] + ("1" if text[-1] != "1" else "2")
    with pytest.raises(ProofError, match="cannot be written"):
        header_rlp(MAINNET_GENESIS | {name: changed})


def nested(depth: int) -> bytes:
    """Empty lists inside one another."""
    data = b"\xc0"
    for _ in range(depth):
        data = rlp.codec.length_prefix(len(data), 0xC0) + data
    return bytes(data)


def test_lists_nested_without_end() -> None:
    """The library reads RLP by recursion; what a stranger sends must not exhaust it, whatever limit py-evm has set."""
    for raw in (nested(3000), b"\2" + nested(3000)):
        with pytest.raises(TransactionError, match=r"not a signed transaction; found (RecursionError|[0-9]+ bytes)"):
            read_transaction(raw)
    with pytest.raises(ProofError, match="cannot be written so that it has the block's hash"):
        header_rlp(MAINNET_GENESIS | {"extraData": "0x" + nested(3000).hex()})


@pytest.mark.parametrize(
    ("place", "bent", "reason"),
    [
        (12, nested(500), "not a block header; found maximum recursion depth|a list in the place of a number"),
        (9, [b"x"], "a list in the place of a number or hash"),
        (13, b"\xc2\x81\x01", "not a block header; found"),
    ],
    ids=["nested", "list", "malformed"],
)
def test_headers_whose_lists_are_none(place: int, bent: Any, reason: str) -> None:
    """A header is looked at one level deep; what is read from further down is refused where it is none."""
    encoded = [rlp.encode(each) for each in rlp.decode(header_rlp(MAINNET_GENESIS))]
    encoded[place] = bent if isinstance(bent, bytes) else rlp.encode(bent)
    payload = b"".join(encoded)
    header = bytes(rlp.codec.length_prefix(len(payload), 0xC0)) + payload
    assert block_of_header(header).number == 0
    with pytest.raises(ProofError, match=reason):
        observed_of_header(header, transactions=0)
