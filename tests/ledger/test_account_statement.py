"""Statements of accounts: the digest as wallets compute it, and each way in which one does not tie account and DID."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from eth_account import Account as PeerAccount
from eth_account.messages import encode_typed_data

from passport.credentials import build_did_web_document, read_did_document
from passport.credentials.did import DidDocument
from passport.credentials.linked_account import (
    MAX_ACCOUNT_STATEMENTS,
    account_statement_service,
    account_statements_in,
    names_account,
)
from passport.errors import LedgerError, PassportError, ResolutionError, SchemaError, SignatureError
from passport.ledger import Account
from passport.ledger.account_statement import (
    AccountStatement,
    parse_pkh_did,
    pkh_did,
    read_account_statement,
    sign_account_statement,
    verify_account_statement,
)
from passport.linked_accounts import check_linked_account, linked_accounts

# The key and account of the example of EIP-712: keccak256("cow").
COW = Account(bytes.fromhex("c85ef7d79691fe79573b1a7064c19c1a9819ebdbd1faaab1a8ec92344438aaf4"))
COW_ADDRESS = "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"
DID = "did:web:acme.example"
ISSUED = 1795341600
AT = datetime.fromtimestamp(ISSUED, UTC) + timedelta(days=1)
MULTIKEY = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def stated(**changed: Any) -> AccountStatement:
    honest = sign_account_statement(COW, chain="eip155:1", did=DID, issued=ISSUED)
    return read_account_statement({**honest.to_json(), **changed})


def document(*names: str, services: Any = ()) -> DidDocument:
    return read_did_document(
        build_did_web_document(DID, multikeys=[MULTIKEY], also_known_as=names, services=services), did=DID
    )


def test_it_is_what_a_wallet_signs() -> None:
    """eth-account computes the same digest from the typed data, and RFC 6979 makes the signatures equal."""
    assert COW.address == COW_ADDRESS
    typed = {
        "types": {
            "EIP712Domain": [
                {"name": "name", "type": "string"},
                {"name": "version", "type": "string"},
                {"name": "chainId", "type": "uint256"},
            ],
            "AccountStatement": [
                {"name": "did", "type": "string"},
                {"name": "account", "type": "address"},
                {"name": "chain", "type": "string"},
                {"name": "issued", "type": "uint64"},
            ],
        },
        "primaryType": "AccountStatement",
        "domain": {"name": "carbon-passport AccountStatement", "version": "1", "chainId": 1},
        "message": {"did": DID, "account": COW_ADDRESS, "chain": "eip155:1", "issued": ISSUED},
    }
    theirs = PeerAccount.sign_message(encode_typed_data(full_message=typed), COW.key_bytes())
    assert stated().signature == "0x" + theirs.signature.hex().removeprefix("0x")
    assert verify_account_statement(stated()) == ("eip155:1", COW_ADDRESS)


def test_names_of_accounts() -> None:
    """The example of the did:pkh method specification."""
    did = "did:pkh:eip155:1:0xb9c5714089478a327f09197987f16f9e5d936e8a"
    with pytest.raises(LedgerError, match="fails its EIP-55 checksum"):
        parse_pkh_did(did)
    assert parse_pkh_did(pkh_did("eip155:137", COW.address)) == ("eip155:137", COW_ADDRESS)
    for odd in ("did:key:z6Mk", "did:pkh:solana:1:x", "did:pkh:eip155:1", "eip155:1:" + COW_ADDRESS):
        with pytest.raises(LedgerError, match=r"^not "):
            parse_pkh_did(odd)


def test_what_was_not_signed_is_refused() -> None:
    other = Account(bytes(31) + b"\x07")
    signature = bytes.fromhex(stated().signature[2:])
    high_s = ORDER - int.from_bytes(signature[32:64], "big")
    turned = signature[:32] + high_s.to_bytes(32, "big") + bytes([55 - signature[64]])
    for changed, reason in [
        ({"did": "did:web:famous.example"}, "another account signed this statement"),
        ({"account": f"did:pkh:eip155:137:{COW_ADDRESS}"}, "another account signed this statement"),
        ({"account": pkh_did("eip155:1", other.address)}, "another account signed this statement"),
        ({"issued": ISSUED + 1}, "another account signed this statement"),
        ({"signature": "0x" + turned.hex()}, "s is not in the lower half of the order"),
        ({"signature": "0x" + signature[:64].hex() + "00"}, "v is 27 or 28"),
        ({"signature": "0x" + bytes(64).hex() + "1b"}, "not a signature of an account"),
    ]:
        with pytest.raises(SignatureError, match=reason):
            verify_account_statement(stated(**changed))


def test_both_sides_must_say_so() -> None:
    statement = stated()
    check_linked_account(statement, document(statement.account), at=AT)
    check_linked_account(statement, document(statement.account.lower()), at=AT)
    with pytest.raises(ResolutionError, match="the DID document does not name the account"):
        check_linked_account(statement, document("https://acme.example"), at=AT)
    with pytest.raises(ResolutionError, match="the DID document does not name the account"):
        check_linked_account(statement, document(f"did:pkh:eip155:137:{COW_ADDRESS}"), at=AT)
    for_another = sign_account_statement(COW, chain="eip155:1", did="did:web:famous.example", issued=ISSUED)
    with pytest.raises(SignatureError, match="the account belongs to another DID"):
        check_linked_account(for_another, document(statement.account), at=AT)
    with pytest.raises(SignatureError, match="a statement out of the future"):
        check_linked_account(statement, document(statement.account), at=AT - timedelta(days=2))


@pytest.mark.parametrize(
    ("controller", "account", "is_named"),
    [
        (DID, f"eip155:1:{COW_ADDRESS}", True),
        ("did:web:other.example", f"eip155:1:{COW_ADDRESS}", False),
        (DID, f"eip155:137:{COW_ADDRESS}", False),
        (DID, 7, False),
    ],
)
def test_a_verification_method_names_an_account_too(controller: str, account: Any, is_named: bool) -> None:
    kind = "EcdsaSecp256k1RecoveryMethod2020"
    method = {"id": f"{DID}#a", "type": kind, "controller": controller, "blockchainAccountId": account}
    found = read_did_document(json.dumps({"id": DID, "verificationMethod": [method]}).encode(), did=DID)
    assert names_account(found, pkh_did("eip155:1", COW.address)) is is_named


def test_what_a_document_carries_is_judged_one_by_one() -> None:
    statement = stated()
    false = stated(issued=ISSUED + 1)
    services = [
        account_statement_service(DID, statement.to_json()),
        account_statement_service(DID, false.to_json()),
        {"id": f"{DID}#x", "type": "CarbonPassportAccountStatement", "serviceEndpoint": "https://x.example"},
        {"id": f"{DID}#y", "type": "Other", "serviceEndpoint": "https://x.example"},
    ]
    carried = document(statement.account, services=services)
    assert account_statements_in(carried)[:2] == [statement.to_json(), false.to_json()]
    good, bad, odd = linked_accounts(carried, at=AT)
    assert (good.account, good.issued, good.problem) == (statement.account, ISSUED, None)
    assert "another account signed this statement" in str(bad.problem)
    assert (odd.account, odd.problem is not None) == (None, True)
    assert linked_accounts(document(), at=AT) == []
    odd_services = read_did_document(json.dumps({"id": DID, "service": {"type": "x"}}).encode(), did=DID)
    assert linked_accounts(odd_services, at=AT) == []


def test_statements_beyond_those_that_are_judged_are_not_passed_over() -> None:
    """A document holds hundreds; whoever asks about an account has to learn that it was not looked at."""
    statement = stated()
    services = [account_statement_service(DID, statement.to_json())] * (MAX_ACCOUNT_STATEMENTS + 2)
    judged = linked_accounts(document(statement.account, services=services), at=AT)
    assert [each.problem for each in judged[:-1]] == [None] * MAX_ACCOUNT_STATEMENTS
    assert (judged[-1].account, judged[-1].problem) == (None, "2 statements more than are judged; expected at most 64")


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"format": "carbon-passport/account-statement/2.0"}, "format"),
        ({"account": "did:pkh:solana:x:y"}, "account"),
        ({"issued": "1"}, "issued"),
        ({"issued": 0}, "issued"),
        ({"signature": "0x"}, "signature"),
        ({"did": "https://acme.example"}, "did"),
        ({"more": 1}, "more"),
    ],
)
def test_what_is_no_statement(changed: dict[str, Any], where: str) -> None:
    with pytest.raises(SchemaError, match="not an account statement") as caught:
        stated(**changed)
    assert caught.value.where == where


def test_a_statement_without_a_format_is_none() -> None:
    value = {name: each for name, each in stated().to_json().items() if name != "format"}
    with pytest.raises(PassportError, match="not an account statement"):
        read_account_statement(value)
