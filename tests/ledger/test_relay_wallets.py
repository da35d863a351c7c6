"""Orders of accounts that are contracts (ERC-1271) at the relay: asked within bounds, never worth more than these."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from consortium_setup import BOTH, Consortium, account
from eth_abi.abi import encode
from relay_setup import PAYER, PLENTY, Relaying
from wallets import BURNS, FICKLE, SAYS_NO, SAYS_YES, bound, deployed, entering, greedy, owned_by, told

from passport.errors import OrderRefusedError
from passport.ledger import Address, CommitOrder, PassportLogView, StatusKind, StatusOrder
from passport.ledger.order import order_document, read_order
from passport.ledger.protocol import Execution, Ledger
from passport.ledger.raw_transaction import read_transaction
from passport.ledger.relay_client import RelayedState
from passport.ledger.relay_judge import MAX_ORDER_GAS
from passport.ledger.relay_ports import RelayedOrder
from passport.ledger.relay_wallet import is_valid_signature
from passport.model.keccak import keccak
from passport.store import Store

OWNER = account(21)


@pytest.fixture
def relaying(consortium: Consortium, tmp_path: Path, clock: Callable[[], datetime]) -> Iterator[Relaying]:
    with Store.open(tmp_path / "relay.db", clock=clock) as store:
        yield Relaying(consortium, store, clock())


def order_of(
    relaying: Relaying, wallet: Address, *, size: int = 256, prev_size: int = 0, signature: bytes = b"anything"
):
    consortium = relaying.consortium
    return CommitOrder(
        consortium.issuer_id, prev_size, size.to_bytes(32, "big"), size, consortium.now + 600, wallet, signature
    )


def hand_in(relaying: Relaying, order: CommitOrder | StatusOrder) -> RelayedOrder:
    consortium = relaying.consortium
    document = order_document(order, chain=consortium.chain.chain, log=consortium.place.log, by_wallet=True)
    assert document.format == "carbon-passport/relay-order/1.1"
    return relaying.relay.accept(read_order(document.to_json()))[0]


def refused(relaying: Relaying, order: CommitOrder, reason: str, match: str) -> OrderRefusedError:
    before = relaying.sent()
    with pytest.raises(OrderRefusedError, match=match) as caught:
        hand_in(relaying, order)
    assert caught.value.reason == reason
    assert relaying.sent() == before
    return caught.value


def head_root(relaying: Relaying, size: int) -> bool:
    log = PassportLogView(relaying.consortium.chain.state(), relaying.consortium.place.log)
    return log.checkpoint(relaying.consortium.issuer_id, size.to_bytes(32, "big")) is not None


def owned(relaying: Relaying) -> Address:
    """A wallet that its owner's key speaks for, bound by that key's signature."""
    consortium = relaying.consortium
    wallet = deployed(consortium, owned_by(OWNER))
    # The wallet's own agreement: its owner signs the registry's message for the wallet's address.
    data = consortium.registry.binding_typed_data(consortium.issuer_id, wallet, purposes=BOTH)
    from eth_account.messages import _hash_eip191_message, encode_typed_data

    digest = bytes(_hash_eip191_message(encode_typed_data(full_message=data)))
    return bound(consortium, wallet, OWNER.sign_digest(digest))


def test_calldata_is_what_the_abi_has() -> None:
    for signature in (b"", b"x" * 65, b"y" * 64):
        expected = keccak(b"isValidSignature(bytes32,bytes)")[:4] + encode(
            ["bytes32", "bytes"], [b"\x01" * 32, signature]
        )
        assert is_valid_signature(b"\x01" * 32, signature) == expected


def test_a_wallets_owner_orders_a_checkpoint_and_a_status(relaying: Relaying) -> None:
    wallet, log = owned(relaying), relaying.consortium.log
    unsigned = order_of(relaying, wallet)
    order = replace(unsigned, signature=OWNER.sign_digest(log.order_digest(unsigned)))
    taken = hand_in(relaying, order)
    assert (taken.state, head_root(relaying, 256)) == (RelayedState.FINAL, True)
    assert hand_in(relaying, order).transaction == taken.transaction  # once more: answered, and not paid again
    consortium = relaying.consortium
    status = StatusOrder(
        consortium.issuer_id, 3, StatusKind.REVOKED, 0, bytes(32), 0, consortium.now + 600, wallet, b""
    )
    signed = replace(status, signature=OWNER.sign_digest(log.order_digest(status)))
    assert hand_in(relaying, signed).state is RelayedState.FINAL
    assert PassportLogView(consortium.chain.state(), consortium.place.log).status(consortium.issuer_id, 3).revoked


def test_the_typed_data_of_an_order_is_what_the_log_hashes(relaying: Relaying) -> None:
    """By another library's EIP-712, for whoever signs in a wallet's own program."""
    from eth_account.messages import _hash_eip191_message, encode_typed_data

    log = relaying.consortium.log
    status = relaying.status(7, StatusKind.SUSPENDED, nonce=5)
    for order in (relaying.commit(512), status):
        encoded = encode_typed_data(full_message=log.order_typed_data(order))
        assert bytes(_hash_eip191_message(encoded)) == log.order_digest(order)


def test_another_key_than_the_owners(relaying: Relaying) -> None:
    wallet, log = owned(relaying), relaying.consortium.log
    unsigned = order_of(relaying, wallet)
    forged = replace(unsigned, signature=account(22).sign_digest(log.order_digest(unsigned)))
    refused(relaying, forged, "wrong-signature", "the wallet says that it did not sign this order")


def test_a_wallet_that_burns_what_it_is_given(relaying: Relaying) -> None:
    wallet = bound(relaying.consortium, deployed(relaying.consortium, FICKLE))
    told(relaying.consortium, wallet, BURNS)
    refused(relaying, order_of(relaying, wallet), "wrong-signature", "takes more gas than this relay gives it")


def test_where_no_contract_stands(relaying: Relaying) -> None:
    """A key's account whose order comes as a wallet's, with a signature that is not the key's."""
    order = order_of(relaying, relaying.consortium.anchorer.address)
    refused(relaying, order, "wrong-signature", "no contract stands at that account")


def test_a_key_that_calls_itself_a_wallet_is_a_key(relaying: Relaying) -> None:
    """A contract may stand at a key's account too (EIP-7702): the key's own signature is enough."""
    assert hand_in(relaying, relaying.commit(256)).state is RelayedState.FINAL


def test_a_wallet_that_nobody_bound_is_not_even_asked(relaying: Relaying) -> None:
    wallet = deployed(relaying.consortium, FICKLE)
    watched = Watched(relaying.consortium.chain)
    relaying.ledger = watched  # type: ignore[assignment]  # passes everything on
    refused(relaying, order_of(relaying, wallet), "not-registered", "binds this account to no such issuer")
    assert watched.tried == []


def test_wallets_can_be_left_out(relaying: Relaying) -> None:
    wallet = bound(relaying.consortium, deployed(relaying.consortium, FICKLE))
    relaying.limits = replace(PLENTY, wallet_gas=0)
    refused(relaying, order_of(relaying, wallet), "wallets-not-served", "serves no accounts that are contracts")


def test_a_trial_never_runs_with_more_gas_than_allowed(relaying: Relaying) -> None:
    wallet = bound(relaying.consortium, deployed(relaying.consortium, FICKLE))
    watched = Watched(relaying.consortium.chain)
    relaying.ledger = watched  # type: ignore[assignment]
    taken = hand_in(relaying, order_of(relaying, wallet))
    limit = read_transaction(taken.transaction.raw).gas
    assert watched.tried == [
        (wallet, 150000),
        (relaying.consortium.place.log, MAX_ORDER_GAS),
        (relaying.consortium.place.log, limit),
    ]
    assert limit < 150_000


class Watched:
    """A chain that writes down what was tried out on it, and with how much gas."""

    def __init__(self, chain: Ledger) -> None:
        self._chain = chain
        self.tried: list[tuple[Address | None, int | None]] = []

    def __getattr__(self, name: str):
        return getattr(self._chain, name)

    def simulate(self, sender: Address, to: Address | None, data: bytes, *, gas: int | None = None) -> Execution:
        self.tried.append((to, gas))
        return self._chain.simulate(sender, to, data, gas=gas)


def test_a_wallet_that_goes_by_how_much_gas_there_is(relaying: Relaying) -> None:
    """Yes with the trial's gas and no with the transaction's: tried out with the very limit, it is found out."""
    wallet = bound(relaying.consortium, deployed(relaying.consortium, greedy(115_000)))
    found = refused(relaying, order_of(relaying, wallet), "contract-refuses", "the contract would refuse the order")
    assert str(found.found).startswith("OrderSignatureInvalid(")


def test_a_wallet_that_changes_its_mind_costs_no_more_than_the_limit(relaying: Relaying) -> None:
    """It says yes to every trial; then, in the block, it burns what it gets. The limit is charged, and counts."""
    consortium = relaying.consortium
    wallet = bound(consortium, deployed(consortium, FICKLE))
    relaying.limits = replace(PLENTY, commits_per_hour=2)
    turned = Turning(consortium, wallet)
    relaying.ledger = turned  # type: ignore[assignment]
    taken = hand_in(relaying, order_of(relaying, wallet))
    limit = read_transaction(taken.transaction.raw).gas
    assert (taken.state, taken.reason) == (RelayedState.FAILED, "the transaction was reverted")
    assert limit - limit // 50 < taken.gas <= limit < MAX_ORDER_GAS
    assert not head_root(relaying, 256)
    told(consortium, wallet, SAYS_YES)
    hand_in(relaying, order_of(relaying, wallet))
    told(consortium, wallet, SAYS_YES)
    refused(relaying, order_of(relaying, wallet), "rate-exceeded", "as much was taken of this issuer")


class Turning(Watched):
    """A chain on which the wallet is told to burn gas just before the relay's transaction gets in."""

    def __init__(self, consortium: Consortium, wallet: Address) -> None:
        super().__init__(consortium.chain)
        self._consortium, self._wallet = consortium, wallet

    def send_raw(self, raw: bytes) -> bytes:
        told(self._consortium, self._wallet, BURNS)
        return self._chain.send_raw(raw)


def test_a_wallet_that_enters_the_log_while_it_is_asked(relaying: Relaying) -> None:
    """It is asked by a static call, so what it would commit on the way does not get in; what was ordered does."""
    consortium = relaying.consortium
    other = consortium.log.commit(consortium.issuer_id, prev_size=0, root=(512).to_bytes(32, "big"), size=512)
    wallet = bound(consortium, deployed(consortium, entering(consortium.place.log, other.data)))
    taken = hand_in(relaying, order_of(relaying, wallet))
    assert (taken.state, head_root(relaying, 256), head_root(relaying, 512)) == (RelayedState.FINAL, True, False)


@pytest.mark.parametrize("size", [0, 66, 1536])
def test_signatures_of_any_length_that_is_bounded(relaying: Relaying, size: int) -> None:
    wallet = bound(relaying.consortium, deployed(relaying.consortium, FICKLE))
    assert hand_in(relaying, order_of(relaying, wallet, signature=b"s" * size)).state is RelayedState.FINAL


def test_a_signature_too_long_or_in_the_older_format(relaying: Relaying) -> None:
    consortium = relaying.consortium
    order = order_of(relaying, consortium.anchorer.address, signature=b"s" * 65)
    good = order_document(order, chain=consortium.chain.chain, log=consortium.place.log, by_wallet=True).to_json()
    for change in (
        {"signature": "0x" + "00" * 1537},
        {"signature": "0x0"},
        {"format": "carbon-passport/relay-order/1.0", "signature": "0x" + "00" * 66},
        {"format": "carbon-passport/relay-order/1.0", "signature": "0x"},
    ):
        with pytest.raises(OrderRefusedError) as caught:
            read_order(good | change)
        assert (caught.value.reason, caught.value.where) == ("invalid-order", "signature")


def test_a_no_in_the_block_is_no_more_than_a_failed_order(relaying: Relaying) -> None:
    consortium = relaying.consortium
    wallet = bound(consortium, deployed(consortium, FICKLE))
    told(consortium, wallet, SAYS_NO)
    refused(relaying, order_of(relaying, wallet), "wrong-signature", "did not sign this order")
    assert consortium.chain.sealed_nonce(PAYER.address) == 0


def test_the_howtos_python_makes_an_order_that_the_relay_takes(relaying: Relaying) -> None:
    consortium = relaying.consortium
    text = (Path(__file__).resolve().parents[2] / "docs" / "howto-relay.md").read_text("utf-8")
    (code,) = re.findall(r"```python\n(.+?)```", text, re.DOTALL)
    asked: list[dict[str, Any]] = []

    def ask_the_wallet(typed: dict[str, Any]) -> bytes:
        asked.append(typed)
        return b"anything"

    given: dict[str, Any] = {
        "issuer_id": consortium.issuer_id,
        "prev_size": 0,
        "root": (256).to_bytes(32, "big"),
        "size": 256,
        "deadline": consortium.now + 600,
        "wallet": bound(consortium, deployed(consortium, FICKLE)),
        "log": consortium.place.log,
        "chain": consortium.chain.chain,
        "ask_the_wallet": ask_the_wallet,
    }
    exec(code, given)  # noqa: S102  # the lines of our own page
    assert [each["primaryType"] for each in asked] == ["Commit"]
    taken, _ = relaying.relay.accept(read_order(json.loads(given["body"])))
    assert (taken.state, head_root(relaying, 256)) == (RelayedState.FINAL, True)
