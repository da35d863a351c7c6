"""Validators and makers out of blocks that others published, and whether those validators' seals are in them."""

from __future__ import annotations

from typing import Any

import pytest
import rlp  # type: ignore[import-untyped]  # the library ships no types
from published_blocks import (
    BESU_IBFT2_GENESIS_EXTRA,
    BESU_QBFT_EXTRA,
    BESU_QBFT_GENESIS_EXTRA,
    BESU_QBFT_GENESIS_VALIDATORS,
    GOERLI_FIRST,
    GOERLI_SIGNERS,
    IBFT2_1,
    IBFT2_VALIDATORS,
    ISTANBUL_EXTRA,
    ISTANBUL_VALIDATORS,
    PARLIA_EXTRA,
    QBFT_7528,
    QBFT_7528_SEALED,
    QBFT_7528_VALIDATORS,
    QBFT_58866,
    RINKEBY_269,
    RINKEBY_FIRST_EXTRA,
    RINKEBY_SIGNERS,
)

from passport.ledger.account import signer_of
from passport.ledger.extra_data import validators_of
from passport.ledger.observed import ObservedBlock, observed_of_header, read_observed
from passport.ledger.proofs import block_of_header
from passport.ledger.rpc_header import header_rlp
from passport.model.keccak import keccak


def lower(addresses: tuple[str, ...] | None) -> list[str]:
    return [each.lower() for each in addresses or ()]


def extra(text: str) -> bytes:
    return bytes.fromhex(text[2:])


def fields_of(answer: dict[str, Any]) -> list[bytes]:
    """The header's fields in order, as bytes, numbers without leading zeros."""
    names = ["parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom"]
    names += ["difficulty", "number", "gasLimit", "gasUsed", "timestamp", "extraData", "mixHash", "nonce"]
    names += ["baseFeePerGas"]
    numbers = ("difficulty", "number", "gasLimit", "gasUsed", "timestamp", "baseFeePerGas")
    found = []
    for name in names:
        if name in answer:
            text = answer[name][2:]
            whole = bytes.fromhex(text.zfill(len(text) + len(text) % 2))
            found.append(whole.lstrip(b"\0") if name in numbers else whole)
    return found


@pytest.mark.parametrize(
    ("text", "number", "expected"),
    [
        (GOERLI_FIRST["extraData"], 0, GOERLI_SIGNERS),
        (RINKEBY_FIRST_EXTRA, 0, RINKEBY_SIGNERS),
        (IBFT2_1["extraData"], 1, IBFT2_VALIDATORS),
        (QBFT_58866["extraData"], 58_866, ["0xef5880ec6b859b6949d88ddbd6ec18e96d0f14aa"]),
        (QBFT_7528["extraData"], 7528, QBFT_7528_VALIDATORS),
        (BESU_QBFT_EXTRA, 5, ["0x" + "00" * 19 + "01", "0x" + "00" * 19 + "02"]),
        (BESU_QBFT_GENESIS_EXTRA, 0, BESU_QBFT_GENESIS_VALIDATORS),
        (BESU_IBFT2_GENESIS_EXTRA, 0, ["0xc2ab482b506de561668e07f04547232a72897daf"]),
        (ISTANBUL_EXTRA, 9, ISTANBUL_VALIDATORS),
    ],
)
def test_validators_of_published_blocks(text: str, number: int, expected: list[str]) -> None:
    assert lower(validators_of(extra(text), number=number)) == expected


def test_an_epoch_of_parlia_before_luban() -> None:
    """21 validators in ascending order, which is Clique's form; the block's own maker is among them."""
    found = lower(validators_of(extra(PARLIA_EXTRA), number=0x7594C8))
    assert len(found) == 21
    assert found == sorted(found)
    assert "0xe9ae3261a475a27bb1028f140bc2a7c843318afd" in found


@pytest.mark.parametrize("answer", [GOERLI_FIRST, IBFT2_1, QBFT_58866], ids=["Clique", "IBFT 2.0", "QBFT"])
def test_what_was_published_is_what_was_hashed(answer: dict[str, Any]) -> None:
    """A digit mistyped would give another hash: so the lists above are those of real blocks."""
    header = header_rlp(answer)
    assert "0x" + block_of_header(header).hash.hex() == answer["hash"]
    read = read_observed(answer)
    assert read.block.hash.hex() == answer["hash"][2:]
    assert (read.gas_used, read.transactions) == (int(answer["gasUsed"], 16), len(answer["transactions"]))


def seals(answer: dict[str, Any]) -> list[bytes]:
    return list(rlp.decode(extra(answer["extraData"]))[4])


def test_the_validators_sealed_the_block() -> None:
    """QBFT: each seal in a block is one validator's, over the header without the seals; three of four is a quorum."""
    parts = rlp.decode(extra(QBFT_7528["extraData"]))
    fields = fields_of(QBFT_7528)
    fields[12] = rlp.encode([*parts[:4], []])
    sealed = keccak(rlp.encode(fields))
    assert sealed.hex() == QBFT_7528_SEALED
    found = {signer_of(sealed, seal).lower() for seal in seals(QBFT_7528)}
    assert len(found) == 3
    assert found <= set(lower(validators_of(extra(QBFT_7528["extraData"]), number=7528)))


def test_the_validators_of_ibft2_sealed_the_block() -> None:
    """The same in IBFT 2.0, whose seals are over the header with the round and without any seals' list."""
    parts = rlp.decode(extra(IBFT2_1["extraData"]))
    fields = fields_of(IBFT2_1)
    fields[12] = rlp.encode(parts[:4])
    found = {signer_of(keccak(rlp.encode(fields)), seal).lower() for seal in seals(IBFT2_1)}
    assert len(found) == 3
    assert found <= set(IBFT2_VALIDATORS)


def clique(**changes: str) -> ObservedBlock:
    """Rinkeby's block 269 with its hash, or with another field and the hash of that."""
    answer = RINKEBY_269 | changes
    return read_observed(answer | {"hash": "0x" + keccak(rlp.encode(fields_of(answer))).hex()})


def test_the_maker_of_a_clique_block_by_its_seal() -> None:
    """The field of the miner is empty, so the seal says it: one of those that the chain's first block lists."""
    found = clique()
    assert found.producer is not None
    assert found.producer.lower() == RINKEBY_SIGNERS[2]
    assert found.validators is None
    assert observed_of_header(rlp.encode(fields_of(RINKEBY_269)), transactions=0).producer == found.producer


def test_a_maker_that_is_not_said() -> None:
    """Nobody's seal, a header that has not its hash, a vote to drop somebody; and never whom a vote is about."""
    about = "0x" + "ab" * 20
    assert read_observed(GOERLI_FIRST).producer is None
    assert read_observed(RINKEBY_269 | {"hash": "0x" + "11" * 32}).producer is None
    assert clique(miner=about).producer is None
    voted = clique(miner=about, nonce="0x" + "ff" * 8).producer
    assert voted is not None
    assert (
        voted.lower() != about
    )  # the seal was not made for that header, so it is some address, but not the one voted on
    named = read_observed(QBFT_58866).producer
    assert named is not None
    assert named.lower() == QBFT_58866["miner"]
