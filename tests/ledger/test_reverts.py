"""Why a contract reverted, in words; and what calldata and answers must look like."""

from __future__ import annotations

import pytest
from consortium_setup import Consortium, account
from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from contracts import load
from passport.errors import LedgerError, TransactionError
from passport.ledger import Address, Call, Transactor
from passport.ledger.revert import Revert, decode_revert, describe_revert
from passport.ledger.transactions import decode_output, encode_call, encode_creation, read_contract

LOG_ABI = load("PassportLog").abi
REGISTRY_ABI = load("IssuerRegistry").abi


def test_solidity_error_texts_are_read() -> None:
    """The example of the Solidity documentation, "Revert": selector 0x08c379a0, text "Not enough Ether provided."."""
    data = bytes.fromhex("08c379a0") + encode(["string"], ["Not enough Ether provided."])
    assert describe_revert(data) == "Error(message=Not enough Ether provided.)"


def test_panics_are_read() -> None:
    """0x4e487b71 with code 0x11: arithmetic overflow."""
    assert describe_revert(bytes.fromhex("4e487b71") + (0x11).to_bytes(32, "big")) == "Panic(code=17)"


def test_custom_errors_are_read_by_the_abi() -> None:
    from eth_hash.auto import keccak

    data = keccak(b"CommitStale(bytes32,uint48,uint48)")[:4] + encode(
        ["bytes32", "uint48", "uint48"], [b"\x01" * 32, 4, 8]
    )
    assert decode_revert(data, LOG_ABI) == Revert("CommitStale", {"issuerId": b"\x01" * 32, "prevSize": 4, "size": 8})
    assert describe_revert(data, LOG_ABI) == f"CommitStale(issuerId=0x{'01' * 32}, prevSize=4, size=8)"
    assert describe_revert(data) == "an unknown error, 0x" + data[:68].hex()


@given(st.binary(max_size=200))
def test_whatever_a_contract_answers_is_described(data: bytes) -> None:
    known = next(entry for entry in LOG_ABI if entry["type"] == "error" and entry["name"] == "CommitStale")
    assert known["inputs"]
    for answer in (data, bytes.fromhex("08c379a0") + data, bytes.fromhex("4e487b71") + data):
        assert describe_revert(answer, LOG_ABI, REGISTRY_ABI)


def test_nothing_is_no_reason() -> None:
    assert describe_revert(b"") == "no reason given"


def test_a_refusal_names_the_error_and_its_arguments(consortium: Consortium) -> None:
    consortium.commit(256)
    call = consortium.log.commit(consortium.issuer_id, prev_size=0, root=b"\x01" * 32, size=512)
    expected = f"CommitStale\\(issuerId={consortium.issuer_id}, prevSize=0, size=256\\)"
    with pytest.raises(TransactionError, match=f"the contract refuses the transaction; found {expected}"):
        consortium.send(consortium.anchorer, call)


def test_a_refusal_deep_inside_is_named_too(consortium: Consortium) -> None:
    """The registry's error, met by way of the log."""
    call = consortium.log.commit(consortium.issuer_id, prev_size=0, root=b"\x01" * 32, size=256)
    expected = f"AccountKeyUnbound\\(account={consortium.stranger.address}\\)"
    with pytest.raises(TransactionError, match=expected):
        consortium.send(consortium.stranger, call)


def test_a_transaction_prepared_for_a_state_that_is_gone_says_so(consortium: Consortium) -> None:
    """Given gas, nothing is tried out: what reverts on the chain is told by its receipt."""
    call = consortium.log.commit(consortium.issuer_id, prev_size=0, root=b"\x01" * 32, size=256)
    transactor = Transactor(consortium.chain, consortium.stranger)
    signed = transactor.prepare(call, gas=200_000)
    receipt = consortium.chain.receipt(transactor.submit(signed))
    assert receipt is not None
    assert not receipt.status
    assert signed.nonce == 0


def test_views_are_read_and_decoded(consortium: Consortium) -> None:
    registry = load("IssuerRegistry")
    place = consortium.place
    assert read_contract(consortium.chain, registry, place.registry, "root") == place.root
    record = read_contract(
        consortium.chain, registry, place.registry, "issuerOf", bytes.fromhex(consortium.issuer_id[2:])
    )
    assert record[0] == consortium.controller.address
    with pytest.raises(TransactionError, match="the call reverted"):
        read_contract(consortium.chain, registry, place.registry, "issuerOf", bytes(32))


@pytest.mark.parametrize(
    ("function", "arguments", "reason"),
    [
        ("nothing", (), "the contract has no such function; found nothing"),
        ("commit", (), "wrong number of arguments; expected 4; found 0"),
        ("commit", (b"\x01" * 33, 0, bytes(32), 1), "do not fit the contract's ABI"),
        ("commit", (bytes(32), -1, bytes(32), 1), "do not fit the contract's ABI"),
        ("commit", (bytes(32), 0, bytes(32), 1 << 48), "do not fit the contract's ABI"),
        ("commit", (bytes(32), "0", bytes(32), 1), "do not fit the contract's ABI"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(function: str, arguments: tuple[object, ...], reason: str) -> None:
    with pytest.raises(LedgerError, match=reason):
        encode_call(load("PassportLog"), function, *arguments)


def test_selectors_are_those_the_compiler_lists() -> None:
    """Four bytes a function, from our ABI reading and from the compiler."""
    from passport.ledger.revert import abi_type, selector

    for name in ("PassportLog", "IssuerRegistry"):
        artifact = load(name)
        found = {
            f"{entry['name']}({','.join(abi_type(part) for part in entry['inputs'])})": selector(entry).hex()
            for entry in artifact.abi
            if entry["type"] == "function"
        }
        assert found == dict(artifact.method_identifiers)


def test_an_answer_of_another_shape_is_refused() -> None:
    with pytest.raises(LedgerError, match="answered what its ABI does not allow; found 3 bytes"):
        decode_output(load("PassportLog"), "registry", b"abc")


def test_creation_code_carries_the_arguments() -> None:
    address = Address(account(1).address)
    code = encode_creation(load("PassportLog"), address)
    assert code == load("PassportLog").bytecode + bytes(12) + bytes.fromhex(address[2:])


def test_a_call_to_nobody_succeeds_with_nothing(consortium: Consortium) -> None:
    nobody = account(77).address
    assert consortium.chain.call(nobody, b"\x01\x02\x03\x04") == b""
    assert consortium.send(consortium.stranger, Call(nobody, b"")).gas_used == 21_000
