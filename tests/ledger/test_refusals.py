"""What our contracts refuse, in sentences: one for every error that they can revert with, with its arguments in it."""

from __future__ import annotations

from typing import Any

import pytest
from consortium_setup import Consortium, account
from eth_abi.abi import encode

from contracts import CONTRACT_NAMES, load
from passport.errors import TransactionError
from passport.ledger.refusals import SENTENCES, refused_by_contract, sentence_of
from passport.ledger.revert import Revert, abi_type, selector

ABIS = [load(name).abi for name in CONTRACT_NAMES]
ERRORS = {entry["name"]: entry for abi in ABIS for entry in abi if entry["type"] == "error"}
STANDARD = {"Error", "Panic"}
EXAMPLES: dict[str, Any] = {"address": "0x" + "11" * 20, "bytes32": b"\x22" * 32, "string": "some text"}


def test_there_is_a_sentence_for_every_error_and_none_for_others() -> None:
    assert set(SENTENCES) == set(ERRORS) | STANDARD


@pytest.mark.parametrize("name", sorted(ERRORS))
def test_each_error_is_told_with_its_arguments(name: str) -> None:
    """Encoded as the contract does, it comes back as a sentence without a hole."""
    entry = ERRORS[name]
    values = [EXAMPLES.get(part["type"], 1_795_132_800) for part in entry["inputs"]]
    if any(abi_type(part) == "uint8" for part in entry["inputs"]):
        values = [3 if part["type"] == "uint8" else value for part, value in zip(entry["inputs"], values, strict=True)]
    data = selector(entry) + encode([abi_type(part) for part in entry["inputs"]], values)
    error = refused_by_contract("refused", data, *ABIS)
    assert str(error.found).startswith(f"{name}(")
    assert error.hint
    assert "{" not in error.hint


def test_moments_are_read_as_moments() -> None:
    """2026-11-20T00:00:00Z; 0 is no moment, and one beyond the calendar stays a number."""
    facts = {"issuerId": b"\x01" * 32, "executableFrom": 1_795_132_800, "time": 0}
    assert sentence_of(Revert("RecoveryNotDue", facts)) == (
        "the controller may veto until 2026-11-20T00:00:00Z, and it is (not set)"
    )
    beyond = sentence_of(Revert("RecoveryNotDue", facts | {"executableFrom": (1 << 40) - 1}))
    assert beyond == "the controller may veto until 1099511627775 (unix seconds), and it is (not set)"


def test_anothers_error_of_the_same_name_gets_no_sentence() -> None:
    assert sentence_of(Revert("IssuerUnauthorized", {"who": "somebody"})) is None
    assert sentence_of(Revert("SomethingElse", {})) is None


def test_what_is_no_error_of_ours_has_no_hint() -> None:
    error = refused_by_contract("refused", b"\xde\xad\xbe\xef", *ABIS, where="there")
    assert (error.hint, error.found, error.where) == (None, "an unknown error, 0xdeadbeef", "there")


def test_a_refused_transaction_says_who_may(consortium: Consortium) -> None:
    with pytest.raises(
        TransactionError, match="the contract refuses the transaction; found IssuerUnauthorized"
    ) as told:
        consortium.send(consortium.stranger, consortium.registry.suspend(consortium.issuer_id))
    stranger = consortium.stranger.address
    assert (told.value.hint or "").startswith(f"{stranger} may not do this to {consortium.issuer_id}")
    with pytest.raises(TransactionError) as told:
        consortium.send(consortium.root, consortium.registry.withdraw_registrar(account(9).address, bad_from=1))
    assert told.value.hint == f"{account(9).address} was never accredited as a registrar"
