"""A relay over the embedded chain: what it carries out, what it refuses before it pays, what holds over a restart."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from consortium_setup import BOTH, GENESIS_TIME, Consortium, account
from relay_setup import PAYER, PLENTY, Relaying, changed

from passport.errors import LedgerError, LedgerUnavailableError, OrderRefusedError
from passport.ledger import (
    AccountPurpose,
    Address,
    CommitOrder,
    Fees,
    LogWriter,
    PassportLogView,
    StatusKind,
    issuer_id,
)
from passport.ledger.order import MIN_LEFT_S, CommitOrderDocument, order_bytes, read_order
from passport.ledger.protocol import Receipt
from passport.ledger.relay_client import RelayedState
from passport.ledger.relay_ports import RelayedOrder
from passport.ledger.transactions import Call, Transactor
from passport.store import Store


@pytest.fixture
def relaying(consortium: Consortium, tmp_path: Path, clock: Callable[[], datetime]) -> Iterator[Relaying]:
    with Store.open(tmp_path / "relay.db", clock=clock) as store:
        yield Relaying(consortium, store)


def refused(relaying: Relaying, act: Callable[[], object]) -> OrderRefusedError:
    """What is said of an order that is refused; nothing was sent for it."""
    before = relaying.sent()
    with pytest.raises(OrderRefusedError) as caught:
        act()
    assert relaying.sent() == before
    return caught.value


# --- what it carries out ---------------------------------------------------------------------------------------------


def test_an_order_is_carried_out_and_paid_by_the_relay(relaying: Relaying) -> None:
    order = relaying.commit(256)
    taken = relaying.accept(order)
    assert taken.digest == relaying.consortium.log.order_digest(order)
    assert (taken.state, taken.kind, taken.issuer_id) == (RelayedState.FINAL, "commit", relaying.consortium.issuer_id)
    held = PassportLogView(relaying.consortium.chain.state(), relaying.consortium.place.log).checkpoint(
        relaying.consortium.issuer_id, order.root
    )
    assert held is not None
    assert (held.size, held.block_number) == (256, taken.block_number)
    assert relaying.sent() == 1
    assert relaying.consortium.chain.sealed_nonce(relaying.consortium.anchorer.address) == 0


def test_what_it_charged_is_what_the_receipt_says(relaying: Relaying) -> None:
    taken = relaying.accept(relaying.commit(256))
    receipt = relaying.consortium.chain.receipt(taken.transaction.hash)
    assert receipt is not None
    assert taken.gas == receipt.gas_used
    assert relaying.relay.find(taken.digest) == taken


@pytest.mark.parametrize("kind", [StatusKind.REVOKED, StatusKind.SUSPENDED])
def test_statuses_go_in_the_order_of_their_nonces(relaying: Relaying, kind: StatusKind) -> None:
    relaying.accept(relaying.commit(256))
    assert relaying.accept(relaying.status(3, kind, nonce=0)).state is RelayedState.FINAL
    assert relaying.accept(relaying.status(4, kind, nonce=1)).state is RelayedState.FINAL
    log = PassportLogView(relaying.consortium.chain.state(), relaying.consortium.place.log)
    said = [log.status(relaying.consortium.issuer_id, index) for index in (3, 4, 5)]
    is_revoked = kind is StatusKind.REVOKED
    assert [(one.revoked, one.suspended) for one in said] == [(is_revoked, not is_revoked)] * 2 + [(False, False)]
    assert refused(relaying, lambda: relaying.accept(relaying.status(5, kind, nonce=1))).reason == "stale-order"


def test_the_same_order_again_is_answered_and_not_paid_again(relaying: Relaying) -> None:
    order = relaying.commit(256)
    first = relaying.accept(order)
    assert relaying.accept(order) == first
    assert relaying.sent() == 1


def test_a_document_reads_back_what_was_written(relaying: Relaying) -> None:
    for order in (relaying.commit(256), relaying.status(3, StatusKind.CORRECTED, nonce=7 << 64)):
        document = relaying.document(order)
        assert read_order(json.loads(order_bytes(document))) == document


# --- what it refuses before it pays ----------------------------------------------------------------------------------


def test_anothers_signature(relaying: Relaying) -> None:
    """The order names the bound account and a stranger signed it; or another order's signature was put under it."""
    bound = relaying.consortium.anchorer.address
    stolen = changed(relaying.commit(256, by=relaying.consortium.stranger), account=bound)
    error = refused(relaying, lambda: relaying.accept(stolen))
    assert (error.reason, error.expected) == ("wrong-signature", bound)
    moved = changed(relaying.commit(256), size=512)
    assert refused(relaying, lambda: relaying.accept(moved)).reason == "wrong-signature"


@pytest.mark.parametrize("at", [0, 40, 64])
def test_a_signature_with_a_changed_byte(relaying: Relaying, at: int) -> None:
    order = relaying.commit(256)
    bent = bytearray(order.signature)
    bent[at] ^= 1
    error = refused(relaying, lambda: relaying.accept(changed(order, signature=bytes(bent))))
    assert error.reason == "wrong-signature"


def test_the_other_half_of_a_malleable_signature(relaying: Relaying) -> None:
    order = relaying.commit(256)
    curve = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    s = curve - int.from_bytes(order.signature[32:64], "big")
    high = order.signature[:32] + s.to_bytes(32, "big") + bytes([55 - order.signature[64]])
    error = refused(relaying, lambda: relaying.accept(changed(order, signature=high)))
    assert (error.reason, error.found) == ("wrong-signature", "s is not in the lower half of the order")


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("chain", "eip155:1"),
        ("genesis", "0x" + "11" * 32),
        ("log", "0x52908400098527886E0F7030069857D2E4169EE7"),
    ],
)
def test_an_order_for_another_chain_or_contract(relaying: Relaying, member: str, value: str) -> None:
    document = relaying.document(relaying.commit(256)).model_copy(update={member: value})
    assert refused(relaying, lambda: relaying.relay.accept(document)).reason == "wrong-contract"


def test_an_order_signed_for_another_contract_and_relabelled(relaying: Relaying) -> None:
    """The domain is in what was signed, so a relabelled order is nobody's."""
    elsewhere = LogWriter(Address("0x52908400098527886E0F7030069857D2E4169EE7"), relaying.consortium.chain.chain)
    order = relaying.commit(256)
    terms = {"prev_size": 0, "root": order.root, "size": 256, "deadline": order.deadline}
    signature = elsewhere.sign_commit(relaying.consortium.anchorer, order.issuer_id, **terms)
    error = refused(relaying, lambda: relaying.accept(changed(order, signature=signature)))
    assert error.reason == "wrong-signature"


def test_a_stale_checkpoint(relaying: Relaying) -> None:
    relaying.accept(relaying.commit(256))
    for size, prev_size in ((512, 0), (256, 256), (512, 255)):
        order = relaying.commit(size, prev_size=prev_size, root=b"\x09" * 32)
        error = refused(relaying, lambda order=order: relaying.accept(order))
        assert (error.reason, error.expected) == ("stale-order", "prevSize 256, and more leaves than that")


def test_an_issuer_that_is_not_registered(relaying: Relaying) -> None:
    error = refused(relaying, lambda: relaying.accept(relaying.commit(256, by=relaying.consortium.stranger)))
    assert (error.reason, error.found) == ("not-registered", "nobody")


def test_an_account_of_another_issuer(relaying: Relaying) -> None:
    other = relaying.consortium.registry.register_issuer(
        "GLN", "4012345000009", controller=account(21).address, evidence_hash=b"\x03" * 32
    )
    relaying.consortium.send(relaying.consortium.root, other)
    relaying.consortium.bind(account(21), issuer_id("GLN", "4012345000009"), account(22), BOTH)
    error = refused(relaying, lambda: relaying.accept(relaying.commit(256, by=account(22))))
    assert (error.reason, error.found) == ("not-registered", issuer_id("GLN", "4012345000009"))


def test_a_suspended_issuer_anchors_nothing_and_may_warn(relaying: Relaying) -> None:
    relaying.accept(relaying.commit(256))
    relaying.accept(relaying.status(2, StatusKind.SUSPENDED))
    consortium = relaying.consortium
    consortium.send(consortium.root, consortium.registry.suspend(consortium.issuer_id))
    commit = relaying.commit(512, prev_size=256)
    assert refused(relaying, lambda: relaying.accept(commit)).reason == "suspended"
    reinstated = relaying.status(2, StatusKind.REINSTATED, nonce=1)
    assert refused(relaying, lambda: relaying.accept(reinstated)).reason == "suspended"
    assert relaying.accept(relaying.status(3, StatusKind.REVOKED, nonce=1)).state is RelayedState.FINAL
    consortium.send(consortium.root, consortium.registry.reinstate(consortium.issuer_id))
    assert relaying.accept(commit).state is RelayedState.FINAL


def test_an_annulled_issuer(relaying: Relaying) -> None:
    consortium = relaying.consortium
    consortium.send(consortium.root, consortium.registry.annul_issuer(consortium.issuer_id, void_from=1))
    error = refused(relaying, lambda: relaying.accept(relaying.commit(256)))
    assert (error.reason, "is annulled" in str(error.found)) == ("not-registered", True)


def test_a_registrar_that_nobody_trusts(relaying: Relaying) -> None:
    """The issuer is on the registry all the same: by a registrar whose acts were declared void."""
    consortium = relaying.consortium
    registrar, controller, anchorer = consortium.controller, account(32), account(33)
    consortium.send(consortium.root, consortium.registry.accredit_registrar(registrar.address, consortium.issuer_id))
    register = consortium.registry.register_issuer(
        "GLN", "4012345000009", controller=controller.address, evidence_hash=b"\x03" * 32
    )
    consortium.send(registrar, register)
    entity = issuer_id("GLN", "4012345000009")
    consortium.bind(controller, entity, anchorer, BOTH)
    consortium.send(consortium.root, consortium.registry.withdraw_registrar(registrar.address, bad_from=1))
    terms = {"prev_size": 0, "root": b"\x01" * 32, "size": 256, "deadline": consortium.now + 600}
    signature = consortium.log.sign_commit(anchorer, entity, **terms)
    order = CommitOrder(entity, account=anchorer.address, signature=signature, **terms)
    error = refused(relaying, lambda: relaying.accept(order))
    assert (error.reason, "is void" in str(error.found)) == ("not-registered", True)


@pytest.mark.parametrize("how", ["retired", "compromised", "without the purpose"])
def test_an_account_that_may_not_anchor_now(relaying: Relaying, how: str) -> None:
    consortium, signer = relaying.consortium, relaying.consortium.anchorer
    if how == "retired":
        consortium.send(consortium.controller, consortium.registry.retire_account_key(signer.address))
    elif how == "compromised":
        report = consortium.registry.report_account_key_compromise(signer.address, bad_from=1)
        consortium.send(consortium.controller, report)
    else:
        signer = account(41)
        consortium.bind(consortium.controller, consortium.issuer_id, signer, AccountPurpose.STATUS)
    error = refused(relaying, lambda: relaying.accept(relaying.commit(256, by=signer)))
    assert (error.reason, how.split()[0] in str(error.found)) == ("not-authorised", True)


def test_an_order_whose_deadline_has_passed(relaying: Relaying) -> None:
    order = relaying.commit(256, deadline=relaying.consortium.now - 1)
    assert refused(relaying, lambda: relaying.accept(order)).reason == "order-expired"


def test_what_the_contract_alone_knows(relaying: Relaying) -> None:
    """The trial run is the last guard: a root of zero is refused by no rule of the relay."""
    error = refused(relaying, lambda: relaying.accept(relaying.commit(256, root=bytes(32))))
    assert (error.reason, "CommitRootInvalid" in str(error.found)) == ("contract-refuses", True)


# --- limits ----------------------------------------------------------------------------------------------------------


def fill(relaying: Relaying, count: int) -> list[RelayedOrder]:
    """So many checkpoints after each other."""
    start = PassportLogView(relaying.consortium.chain.state(), relaying.consortium.place.log)
    head = start.head(relaying.consortium.issuer_id)
    size = head.size if head else 0
    taken = []
    for _ in range(count):
        taken.append(relaying.accept(relaying.commit(size + 256, prev_size=size)))
        size += 256
    return taken


def test_no_more_checkpoints_an_hour_than_allowed(relaying: Relaying) -> None:
    relaying.limits = replace(PLENTY, commits_per_hour=2)
    fill(relaying, 1)
    relaying.later(minutes=20)
    fill(relaying, 1)
    error = refused(relaying, lambda: fill(relaying, 1))
    assert (error.reason, error.found, error.retry_after_s) == ("rate-exceeded", 2, 40 * 60)
    assert relaying.accept(relaying.status(3, StatusKind.REVOKED)).state is RelayedState.FINAL  # counted apart
    relaying.later(minutes=40)
    fill(relaying, 1)
    assert refused(relaying, lambda: fill(relaying, 1)).retry_after_s == 20 * 60


def test_the_budget_of_a_day(relaying: Relaying) -> None:
    """Counted with a transaction's limit before it is charged, and with what was charged afterwards."""
    first, second = fill(relaying, 2)
    rest = 140_000  # one limit of some 90,000, of which some 65,000 are charged, leaves too little for another
    relaying.limits = replace(PLENTY, gas_per_day=first.gas + second.gas + rest)
    relaying.later(hours=1)
    (third,) = fill(relaying, 1)
    assert rest - 90_000 < third.gas < 80_000
    error = refused(relaying, lambda: fill(relaying, 1))
    assert (error.reason, error.retry_after_s) == ("budget-spent", 23 * 3600)
    relaying.later(hours=23)
    fill(relaying, 1)


def test_limits_hold_over_a_restart(relaying: Relaying, tmp_path: Path, clock: Callable[[], datetime]) -> None:
    relaying.limits = replace(PLENTY, commits_per_hour=1)
    (taken,) = fill(relaying, 1)
    relaying.store.close()
    with Store.open(tmp_path / "relay.db", clock=clock) as store:
        again = Relaying(relaying.consortium, store, limits=relaying.limits)
        assert again.relay.find(taken.digest) == taken
        assert refused(again, lambda: fill(again, 1)).reason == "rate-exceeded"


def test_gas_above_the_ceiling(relaying: Relaying) -> None:
    """On this chain gas is free, so a price is put before it."""
    relaying.limits = replace(PLENTY, max_fee_wei_per_gas=10)
    relaying.ledger = Dear(relaying.consortium, price=11)
    error = refused(relaying, lambda: fill(relaying, 1))
    assert (error.reason, error.expected, error.found) == ("gas-too-dear", "at most 10 wei per gas", 11)


def test_an_account_without_a_coin(relaying: Relaying) -> None:
    relaying.ledger = Dear(relaying.consortium, price=1)
    assert refused(relaying, lambda: fill(relaying, 1)).reason == "relay-cannot-pay"


class Dear:
    """The consortium's chain, on which gas has a price."""

    def __init__(self, consortium: Consortium, *, price: int) -> None:
        self._chain = consortium.chain
        self._price = price

    def __getattr__(self, name: str) -> object:
        return getattr(self._chain, name)

    def fees(self) -> Fees:
        return Fees(self._price, self._price)


def test_what_is_no_order_says_where(relaying: Relaying) -> None:
    good = relaying.document(relaying.commit(256)).to_json()
    for change, where in (
        ({"size": "256"}, "size"),
        ({"size": 1 << 48}, "size"),
        ({"root": "0x12"}, "root"),
        ({"signature": good["signature"][:-2]}, "signature"),
        ({"extra": 1}, "extra"),
        ({"kind": "deploy"}, "body"),
        ({"format": "carbon-passport/relay-order/2.0"}, "format"),
    ):
        with pytest.raises(OrderRefusedError) as caught:
            read_order({**good, **change})
        assert (caught.value.reason, caught.value.where) == ("invalid-order", where)
    assert isinstance(read_order(good), CommitOrderDocument)


def test_what_is_said_of_an_order_does_not_repeat_it() -> None:
    """Else who sends an order writes the relay's log."""
    with pytest.raises(OrderRefusedError, match="not an order") as caught:
        read_order({"kind": "A" * 100_000})
    assert len(str(caught.value)) < 1500


def test_the_account_that_pays_is_no_issuers(relaying: Relaying) -> None:
    """Its key signs transactions alone: nobody bound it, and it may not anchor."""
    error = refused(relaying, lambda: relaying.accept(relaying.commit(256, by=PAYER)))
    assert error.reason == "not-registered"


# --- what it might pay in vain ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("left_s", [0, 1, MIN_LEFT_S - 1])
def test_a_deadline_that_no_transaction_is_sure_to_meet(relaying: Relaying, left_s: int) -> None:
    """The next block may be later than that, and what meets it too late is charged all the same."""
    order = relaying.commit(256, deadline=relaying.consortium.now + left_s)
    error = refused(relaying, lambda: relaying.accept(order))
    assert (error.reason, error.expected) == ("order-expired", f"{relaying.consortium.now + MIN_LEFT_S} or later")
    assert relaying.accept(relaying.commit(256, deadline=relaying.consortium.now + MIN_LEFT_S)).block_number is not None


class Bent:
    """The consortium's chain, of which some methods are others."""

    def __init__(self, consortium: Consortium, **methods: object) -> None:
        self._chain = consortium.chain
        self._methods = methods

    def __getattr__(self, name: str) -> object:
        return self._methods.get(name) or getattr(self._chain, name)


def test_an_order_made_to_fail_again_and_again_counts_each_time(relaying: Relaying) -> None:
    """Its issuer does the same itself a moment before: the relay's transaction is reverted, its nonce stays good."""
    consortium = relaying.consortium
    consortium.commit(256)

    def say(kind: StatusKind) -> None:
        consortium.send(consortium.anchorer, consortium.log.set_status(consortium.issuer_id, 3, kind))

    def overtaken(raw: bytes) -> bytes:
        say(StatusKind.REINSTATED)
        return consortium.chain.send_raw(raw)

    relaying.ledger = Bent(consortium, send_raw=overtaken)  # type: ignore[assignment]
    relaying.limits = replace(PLENTY, statuses_per_hour=2)
    order = relaying.status(3, StatusKind.REINSTATED)
    failed = []
    for _ in range(2):
        say(StatusKind.SUSPENDED)
        failed.append(relaying.accept(order))
        relaying.later(minutes=1)
    assert [(each.state, each.reason) for each in failed] == [(RelayedState.FAILED, "the transaction was reverted")] * 2
    say(StatusKind.SUSPENDED)
    error = refused(relaying, lambda: relaying.accept(order))
    assert (error.reason, error.found, error.retry_after_s) == ("rate-exceeded", 2, 58 * 60)
    day = relaying.store.taken_since(GENESIS_TIME - timedelta(days=1))
    assert (day.count, day.gas) == (2, sum(each.gas for each in failed))
    assert relaying.relay.find(consortium.log.order_digest(order)) == failed[1]


def test_what_has_to_be_signed_again_keeps_to_the_limits(relaying: Relaying) -> None:
    """Something else has spent its nonce: it waits while gas is too dear, or the day's budget is spent."""
    consortium = relaying.consortium
    lost = Bent(consortium, send_raw=lambda raw: raw)
    relaying.ledger = lost  # type: ignore[assignment]
    taken = relaying.accept(relaying.commit(256))
    empty = Transactor(consortium.chain, PAYER).prepare(Call(PAYER.address, b""))
    consortium.chain.send_raw(empty.raw)
    for limits, ledger in (
        (replace(PLENTY, max_fee_wei_per_gas=10), Dear(consortium, price=11)),
        (replace(PLENTY, gas_per_day=taken.gas + 1000), consortium.chain),
    ):
        relaying.limits, relaying.ledger = limits, ledger  # type: ignore[assignment]
        (waits,) = relaying.relay.run()
        assert (waits.state, waits.transaction) == (RelayedState.SUBMITTED, taken.transaction)
    relaying.limits = PLENTY
    (done,) = relaying.relay.run()
    assert (done.state, done.transaction.nonce) == (RelayedState.FINAL, taken.transaction.nonce + 1)


def test_an_order_that_cannot_be_followed_holds_up_no_other(relaying: Relaying) -> None:
    consortium = relaying.consortium
    consortium.commit(256)
    relaying.ledger = Bent(consortium, send_raw=lambda raw: raw)  # type: ignore[assignment]
    first = relaying.accept(relaying.status(3, StatusKind.REVOKED))
    second = relaying.accept(relaying.status(4, StatusKind.REVOKED, nonce=1 << 64))
    consortium.chain.send_raw(first.transaction.raw)
    consortium.chain.send_raw(second.transaction.raw)

    def receipt(tx_hash: bytes) -> Receipt | None:
        if tx_hash == first.transaction.hash:
            raise LedgerError("the node answers with another transaction's receipt")
        return consortium.chain.receipt(tx_hash)

    relaying.ledger = Bent(consortium, receipt=receipt)  # type: ignore[assignment]
    with pytest.raises(LedgerError, match="another transaction's receipt"):
        relaying.relay.run()
    found = relaying.relay.find(second.digest)
    assert found is not None
    assert found.state is RelayedState.FINAL
    relaying.ledger = None
    assert [each.state for each in relaying.relay.run()] == [RelayedState.FINAL]


def test_a_chain_that_falls_silent_after_sending(relaying: Relaying) -> None:
    """The order is taken, and said to be: a refusal would be a lie, since it is paid for."""

    def silent(tx_hash: bytes) -> None:
        raise LedgerUnavailableError("the node does not answer", where=tx_hash.hex())

    relaying.ledger = Bent(relaying.consortium, receipt=silent)  # type: ignore[assignment]
    taken = relaying.accept(relaying.commit(256))
    assert taken.state is RelayedState.SUBMITTED
    relaying.ledger = None
    assert [each.digest for each in relaying.relay.run()] == [taken.digest]
    assert relaying.sent() == 1


def test_a_clock_that_goes_back_gives_no_more(relaying: Relaying) -> None:
    """What was taken at a moment still to come counts on."""
    relaying.limits = replace(PLENTY, commits_per_hour=1)
    relaying.later(days=3)
    fill(relaying, 1)
    relaying.later(days=-3)
    assert refused(relaying, lambda: fill(relaying, 1)).reason == "rate-exceeded"
