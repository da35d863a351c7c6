"""Signing: byte for byte what another implementation signs, and nothing that shows the key."""

from __future__ import annotations

import eth_account
import pytest
from consortium_setup import account
from eth_account.messages import encode_typed_data
from eth_keys.datatypes import PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from passport.errors import LedgerError
from passport.ledger import (
    Account,
    AccountPurpose,
    Address,
    ChainRef,
    Fees,
    LogWriter,
    RegistryWriter,
    address_of,
    issuer_id,
)

CONTRACT = Address("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")
CHAIN = ChainRef("eip155:1337", "0x" + "ab" * 32)
ENTITY = issuer_id("LEI", "5493001KJTIIGC8Y1R12")

# EIP-155's example: https://eips.ethereum.org/EIPS/eip-155, private key 0x4646...46.
EIP155_KEY = bytes([0x46]) * 32
EIP155_ADDRESS = "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F"


def test_the_address_follows_from_the_key() -> None:
    assert Account(EIP155_KEY).address == EIP155_ADDRESS


@settings(max_examples=20)
@given(
    key=st.integers(min_value=1, max_value=2**255).map(lambda n: n.to_bytes(32, "big")),
    nonce=st.integers(min_value=0, max_value=2**32),
    data=st.binary(max_size=300),
    gas=st.integers(min_value=21000, max_value=30_000_000),
    price=st.integers(min_value=0, max_value=10**12),
    chain_id=st.integers(min_value=1, max_value=2**40),
    creates=st.booleans(),
    is_legacy=st.booleans(),
)
def test_transactions_are_those_of_another_implementation(
    key: bytes, nonce: int, data: bytes, gas: int, price: int, chain_id: int, creates: bool, is_legacy: bool
) -> None:
    to = None if creates else CONTRACT
    mine = Account(key).sign_transaction(
        chain_id=chain_id, nonce=nonce, to=to, data=data, gas=gas, fees=Fees(price, price // 2, is_legacy)
    )
    fields: dict[str, object] = {"chainId": chain_id, "nonce": nonce, "gas": gas, "data": data, "value": 0}
    if to is not None:
        fields["to"] = to
    if is_legacy:
        fields["gasPrice"] = price
    else:
        fields |= {"type": 2, "maxFeePerGas": price, "maxPriorityFeePerGas": price // 2}
    theirs = eth_account.Account.sign_transaction(fields, key)
    assert mine.raw == bytes(theirs.raw_transaction)
    assert mine.hash == bytes(theirs.hash)
    assert mine.nonce == nonce


def typed_data(contract_name: str, kind: str, members: list[tuple[str, str]], message: dict[str, object]) -> bytes:
    """Sign by the other implementation."""
    signable = encode_typed_data(
        full_message={
            "types": {
                "EIP712Domain": [
                    {"name": "name", "type": "string"},
                    {"name": "version", "type": "string"},
                    {"name": "chainId", "type": "uint256"},
                    {"name": "verifyingContract", "type": "address"},
                ],
                kind: [{"type": type_name, "name": name} for type_name, name in members],
            },
            "primaryType": kind,
            "domain": {
                "name": f"carbon-passport {contract_name}",
                "version": "1",
                "chainId": 1337,
                "verifyingContract": CONTRACT,
            },
            "message": message,
        }
    )
    return bytes(eth_account.Account.sign_message(signable, EIP155_KEY).signature)


def test_a_binding_is_signed_as_eip712_says() -> None:
    expected = typed_data(
        "IssuerRegistry",
        "BindAccountKey",
        [
            ("bytes32", "issuerId"),
            ("address", "account"),
            ("uint8", "purposes"),
            ("uint40", "from"),
            ("uint40", "until"),
        ],
        {
            "issuerId": bytes.fromhex(ENTITY[2:]),
            "account": EIP155_ADDRESS,
            "purposes": 3,
            "from": 1795000000,
            "until": 1800000000,
        },
    )
    found = RegistryWriter(CONTRACT, CHAIN).sign_binding(
        Account(EIP155_KEY),
        ENTITY,
        purposes=AccountPurpose.ANCHOR | AccountPurpose.STATUS,
        valid_from=1795000000,
        valid_until=1800000000,
    )
    assert found == expected


def test_an_ordered_commit_is_signed_as_eip712_says() -> None:
    expected = typed_data(
        "PassportLog",
        "Commit",
        [
            ("bytes32", "issuerId"),
            ("uint48", "prevSize"),
            ("bytes32", "root"),
            ("uint48", "size"),
            ("uint40", "deadline"),
            ("address", "account"),
        ],
        {
            "issuerId": bytes.fromhex(ENTITY[2:]),
            "prevSize": 256,
            "root": b"\x07" * 32,
            "size": 512,
            "deadline": 1800000000,
            "account": EIP155_ADDRESS,
        },
    )
    found = LogWriter(CONTRACT, CHAIN).sign_commit(
        Account(EIP155_KEY), ENTITY, prev_size=256, root=b"\x07" * 32, size=512, deadline=1800000000
    )
    assert found == expected


def test_the_key_shows_in_no_text() -> None:
    shown = f"{account(7)!r} {account(7)} {vars(account(7)).keys()}"
    assert account(7).key_bytes() == (7).to_bytes(32, "big")
    assert account(7).key_bytes().hex() not in shown


def test_generated_accounts_differ() -> None:
    assert Account.generate().address != Account.generate().address


@pytest.mark.parametrize(
    "key",
    [
        b"",
        bytes(31),
        bytes(32),
        bytes.fromhex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"),
        b"\x01" * 33,
    ],
    ids=["empty", "too short", "zero", "the curve's order", "too long"],
)
def test_what_is_no_key_is_refused(key: bytes) -> None:
    with pytest.raises(LedgerError, match="not a secp256k1 private key"):
        Account(key)


def test_an_address_needs_only_the_public_key() -> None:
    """The same address by the public point, compressed or not, as by the secret; no point has none."""
    for number in (1, 2, 7):
        account = Account(number.to_bytes(32, "big"))
        point = PrivateKey(number.to_bytes(32, "big")).public_key
        assert address_of(point.to_compressed_bytes()) == account.address
        assert address_of(b"\x04" + point.to_bytes()) == account.address
    # The address of the secret 1, as many tools show it.
    assert address_of(bytes.fromhex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")) == (
        "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"
    )
    with pytest.raises(LedgerError, match="not a public key of an account"):
        address_of(b"\x02" + bytes(32))
