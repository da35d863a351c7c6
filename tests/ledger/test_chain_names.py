"""CAIP-2, CAIP-10 and EIP-55: one spelling each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import LedgerError
from passport.ledger import (
    ChainRef,
    format_account_id,
    format_address,
    format_chain_id,
    parse_account_id,
    parse_address,
    parse_chain_id,
)

# https://eips.ethereum.org/EIPS/eip-55, "Test Cases".
EIP55 = [
    "0x52908400098527886E0F7030069857D2E4169EE7",
    "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
    "0xde709f2102306220921060314715629080e2fb77",
    "0x27b1fdb04752bbc536007a920d24acb045561c26",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
]
GENESIS = "0x" + "ab" * 32


@pytest.mark.parametrize("address", EIP55)
def test_eip55_vectors(address: str) -> None:
    assert format_address(bytes.fromhex(address[2:])) == address
    assert parse_address(address) == bytes.fromhex(address[2:])


@given(st.binary(min_size=20, max_size=20))
def test_addresses_come_back(raw: bytes) -> None:
    assert parse_address(format_address(raw)) == raw


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (EIP55[4].lower(), "EIP-55 checksum"),
        (EIP55[4][:-1] + "D", "EIP-55 checksum"),
        (EIP55[4][2:], "not an account address"),
        (EIP55[4] + "\n", "not an account address"),
        (EIP55[4][:-1], "not an account address"),
        ("", "not an account address"),
    ],
)
def test_other_spellings_of_addresses_are_refused(text: str, reason: str) -> None:
    with pytest.raises(LedgerError, match=reason):
        parse_address(text)


def test_an_address_has_twenty_bytes() -> None:
    with pytest.raises(LedgerError, match="expected 20 bytes; found 19 bytes"):
        format_address(bytes(19))


# https://chainagnostic.org/CAIPs/caip-10, "Test Cases" (Ethereum mainnet).
def test_caip10_example() -> None:
    text = "eip155:1:0xab16a96D359eC26a11e2C2b3d8f8B8942d5Bfcdb"
    assert parse_account_id(text) == ("eip155:1", "0xab16a96D359eC26a11e2C2b3d8f8B8942d5Bfcdb")
    assert format_account_id(*parse_account_id(text)) == text


@pytest.mark.parametrize("text", ["eip155:01", "eip155:", "eip155:-1", "cosmos:x", "EIP155:1", "eip155:1\n"])
def test_other_spellings_of_chains_are_refused(text: str) -> None:
    with pytest.raises(LedgerError, match="not the CAIP-2 id of an EVM chain"):
        parse_chain_id(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("eip155:1", "not the CAIP-2 id"),
        ("0xab16a96D359eC26a11e2C2b3d8f8B8942d5Bfcdb", "not a CAIP-10 account id"),
        ("eip155:1:0xab16a96d359ec26a11e2c2b3d8f8b8942d5bfcdb", "EIP-55 checksum"),
        ("eip155:01:0xab16a96D359eC26a11e2C2b3d8f8B8942d5Bfcdb", "not the CAIP-2 id"),
    ],
)
def test_other_spellings_of_accounts_are_refused(text: str, reason: str) -> None:
    with pytest.raises(LedgerError, match=reason):
        parse_account_id(text)


@given(st.integers(min_value=0, max_value=10**32 - 1))
def test_chain_ids_come_back(chain_id: int) -> None:
    assert parse_chain_id(format_chain_id(chain_id)) == chain_id


def test_a_chain_is_its_id_and_its_genesis() -> None:
    chain = ChainRef("eip155:1337", GENESIS)
    assert chain.chain_id == 1337
    assert chain.account_id(EIP55[0]) == f"eip155:1337:{EIP55[0]}"


@pytest.mark.parametrize("genesis", [GENESIS.upper(), GENESIS[2:], GENESIS + "00", "", "0x" + "AB" * 32])
def test_other_spellings_of_a_genesis_are_refused(genesis: str) -> None:
    with pytest.raises(LedgerError, match="not a genesis block hash"):
        ChainRef("eip155:1337", genesis)
