"""An issuer without gas: the outbox by way of a relay, honest or not, over the embedded chain."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from consortium_setup import GENESIS_TIME, ISSUER_LEI, STORE_CREATION, Consortium, account
from relay_setup import Relaying
from scripted_relay import Behaviour, Said, scripted

from passport.errors import LedgerError, LedgerUnavailableError, PassportError, TransactionError
from passport.ledger import (
    BlockRef,
    Call,
    Deployment,
    EmbeddedChain,
    LedgerAnchor,
    LogWriter,
    PassportLogView,
    Transactor,
    issuer_id,
)
from passport.ledger.checkpoint import CheckpointState, OutboxCheckpoint, log_key
from passport.ledger.order import order_of, read_order
from passport.ledger.outbox import Outbox
from passport.ledger.outbox_ports import CheckpointAnchor
from passport.ledger.relay_anchor import DEFAULT_LIFETIME_S, RelayAnchor
from passport.ledger.relay_client import RelayClient
from passport.store import Store


class Clock:
    """The chain's and everybody's clock."""

    def __init__(self) -> None:
        self.now = GENESIS_TIME

    def __call__(self) -> datetime:
        return self.now


class Issuing:
    """An issuer's store over the consortium's chain, and ways to anchor what is in it."""

    def __init__(self, consortium: Consortium, store: Store, relaying: Relaying, clock: Clock) -> None:
        self.consortium, self.store, self.relaying, self.clock = consortium, store, relaying, clock
        self.key = log_key(consortium.chain.chain.account_id(consortium.place.log), consortium.issuer_id)

    def outbox(self, anchor: CheckpointAnchor) -> Outbox:
        return Outbox(self.store, anchor, log_key=self.key, clock=self.clock)

    def paying(self) -> Outbox:
        """The account pays itself."""
        return self.outbox(LedgerAnchor(self.consortium.chain, self.consortium.anchorer, self.consortium.place.log))

    def by_relay(self, client: RelayClient) -> Outbox:
        """The account signs, and the relay pays."""
        place, anchorer = self.consortium.place, self.consortium.anchorer
        return self.outbox(RelayAnchor(self.consortium.chain, anchorer, place.log, client))

    def issue(self, text: str = "document") -> None:
        outbox = self.paying()
        outbox.fill(outbox.reserve(), sha256(text.encode()).digest())

    def honest(self, body: bytes) -> Said:
        """What a relay answers that does what it says."""
        taken, digest = self.relaying.relay.accept(read_order(json.loads(body)))
        transaction = "0x" + taken.transaction.hash.hex()
        return Said({"digest": "0x" + digest.hex(), "state": taken.state.value, "transaction": transaction})

    def lying(self, **members: Any) -> Behaviour:
        """A relay that does nothing and says that it has."""

        def lie(body: bytes) -> Said:
            order = order_of(read_order(json.loads(body)))
            writer = LogWriter(self.consortium.place.log, self.consortium.chain.chain)
            digest = "0x" + writer.order_digest(order).hex()
            return Said({"digest": digest, "state": "submitted", "transaction": "0x" + "ab" * 32, **members})

        return lie

    def held(self) -> list[int]:
        """The sizes of the checkpoints that the chain holds of those in the store."""
        log = PassportLogView(self.consortium.chain.state(), self.consortium.place.log)
        kept = self.store.outbox(self.key)
        return [each.size for each in kept if log.checkpoint(self.consortium.issuer_id, each.root) is not None]

    def only(self) -> OutboxCheckpoint:
        (checkpoint,) = self.store.outbox(self.key)
        return checkpoint

    def sent_by_issuer(self) -> int:
        return self.consortium.chain.sealed_nonce(self.consortium.anchorer.address)


@pytest.fixture
def issuing(consortium_file: tuple[Path, Deployment], tmp_path: Path) -> Iterator[Issuing]:
    path, place = consortium_file
    copy, clock = tmp_path / "consortium.db", Clock()
    shutil.copyfile(path, copy)
    with (
        EmbeddedChain.open(copy, clock=clock) as chain,
        Store.open(tmp_path / "issuer.db", clock=clock) as store,
        Store.open(tmp_path / "relay.db", clock=clock) as kept,
    ):
        consortium = Consortium(chain, place, *(account(n) for n in (1, 2, 3, 4)), issuer_id("LEI", ISSUER_LEI))
        made = Issuing(consortium, store, Relaying(consortium, kept), clock)
        made.issue()
        yield made


def test_anchored_without_a_coin_or_a_transaction(issuing: Issuing) -> None:
    with scripted(issuing.honest) as relay:
        (checkpoint,) = issuing.by_relay(relay.client()).anchor_batch()
    assert (checkpoint.state, checkpoint.size) == (CheckpointState.FINAL, 256)
    assert issuing.held() == [256]
    assert (issuing.sent_by_issuer(), issuing.relaying.sent()) == (0, 1)
    assert checkpoint.anchored is not None
    registry_no = 1  # the first account that was bound on this chain
    assert checkpoint.anchored.key_no == registry_no


def test_the_next_checkpoint_stands_on_the_one_before(issuing: Issuing) -> None:
    with scripted(issuing.honest) as relay:
        issuing.by_relay(relay.client()).anchor_batch()
        issuing.issue("another")
        (second,) = issuing.by_relay(relay.client()).anchor_batch()
    assert (second.seq, second.prev_size, second.state) == (2, 256, CheckpointState.FINAL)
    assert issuing.held() == [256, 512]


def test_a_relay_that_never_sends(issuing: Issuing) -> None:
    """The checkpoint is submitted and no more; the same order goes in again, and after its deadline another one."""
    with scripted(issuing.lying()) as relay:
        outbox = issuing.by_relay(relay.client())
        (first,) = outbox.anchor_batch()
        assert (first.state, first.anchored) == (CheckpointState.SUBMITTED, None)
        assert first.transaction is not None
        assert first.transaction.sender == f"relay:{issuing.consortium.anchorer.address}"
        (again,) = outbox.run()
        assert again.transaction == first.transaction
        assert relay.orders[0] == relay.orders[1]
        issuing.clock.now += timedelta(seconds=2 * DEFAULT_LIFETIME_S)
        (anew,) = outbox.run()
        assert anew.transaction != first.transaction
        assert anew.earlier == (first.transaction,)
        assert json.loads(relay.orders[-1])["deadline"] == int(issuing.clock.now.timestamp()) + DEFAULT_LIFETIME_S
    assert issuing.held() == []


@pytest.mark.parametrize("state", ["included", "final"])
def test_a_relay_that_claims_to_be_done(issuing: Issuing, state: str) -> None:
    """Its word moves nothing: only what our own chain holds is anchored."""
    with scripted(issuing.lying(state=state)) as relay:
        (checkpoint,) = issuing.by_relay(relay.client()).anchor_batch()
    assert (checkpoint.state, checkpoint.anchored) == (CheckpointState.SUBMITTED, None)


def test_a_relay_that_names_anothers_transaction(issuing: Issuing) -> None:
    other = Transactor(issuing.consortium.chain, issuing.consortium.stranger).send(Call(None, STORE_CREATION))
    named = "0x" + other.tx_hash.hex()
    with scripted(issuing.lying(transaction=named)) as relay:
        outbox = issuing.by_relay(relay.client())
        with pytest.raises(
            TransactionError, match=r"the relay refuses a checkpoint.*names did not commit this checkpoint"
        ) as caught:
            outbox.anchor_batch()
    assert named in str(caught.value)
    assert issuing.only().state is CheckpointState.SUBMITTED


def test_a_node_that_has_the_receipt_before_the_block(issuing: Issuing) -> None:
    """An honest relay is not accused of what our own node does not show yet; the next run finds it."""
    consortium = issuing.consortium
    behind = Behind(consortium.chain)
    with scripted(issuing.honest) as relay:
        anchor = RelayAnchor(behind, consortium.anchorer, consortium.place.log, relay.client())  # type: ignore[arg-type]
        (seen,) = issuing.outbox(anchor).anchor_batch()
        assert (seen.state, issuing.held()) == (CheckpointState.SUBMITTED, [256])
        (found,) = issuing.by_relay(relay.client()).run()
        assert (found.state, len(relay.orders)) == (CheckpointState.FINAL, 1)


def answering(said: Said | None) -> Behaviour:
    return lambda _: said


REFUSALS: dict[str, tuple[Said | None, type[LedgerError], str]] = {
    "no JSON": (Said(b"<html>"), LedgerUnavailableError, "the relay's answer cannot be read"),
    "no object": (Said(b"[]"), LedgerUnavailableError, "the relay's answer cannot be read"),
    "nothing": (Said(b""), LedgerUnavailableError, "the relay's answer cannot be read"),
    "another status": (Said({"state": "final"}, 201), LedgerUnavailableError, "cannot be read"),
    "a redirect": (Said(b"", 302, {"Location": "/"}), LedgerUnavailableError, "cannot be read"),
    "too much": (Said(b" " * 70_000), LedgerUnavailableError, "the relay's answer cannot be read"),
    "nested too deep": (Said(b"[" * 60_000), LedgerUnavailableError, "the relay's answer cannot be read"),
    "nothing at all": (None, LedgerUnavailableError, "the relay does not answer"),
    "a fault": (Said(b"", 500), LedgerUnavailableError, "does not take the order now.*status 500"),
    "busy": (
        Said({"type": "/problems/rate-exceeded", "detail": "as much was taken"}, 429, {"Retry-After": "1200"}),
        LedgerUnavailableError,
        "rate-exceeded: as much was taken.*run again in 1200 s",
    ),
    "refused": (
        Said({"type": "/problems/not-registered", "detail": "nobody vouches"}, 403),
        TransactionError,
        "the relay refuses a checkpoint.*not-registered: nobody vouches",
    ),
    "about another order": (
        Said({"digest": "0x" + "00" * 32, "state": "final"}),
        TransactionError,
        "the relay answers about another order",
    ),
}


@pytest.mark.parametrize("case", sorted(REFUSALS))
def test_an_answer_that_is_none_loses_nothing(issuing: Issuing, case: str) -> None:
    """Each has its own outcome; afterwards the same checkpoint goes by an honest relay, or is paid."""
    said, error, match = REFUSALS[case]
    with scripted(answering(said)) as relay, pytest.raises(error, match=match):
        issuing.by_relay(relay.client()).anchor_batch()
    kept = issuing.only()
    assert (kept.state, issuing.held()) == (CheckpointState.SUBMITTED, [])
    with scripted(issuing.honest) as relay:
        (done,) = issuing.by_relay(relay.client()).run()
        assert len(relay.orders) == 1
        assert kept.transaction is not None
        assert relay.orders[0] == kept.transaction.raw
    assert (done.state, done.root) == (CheckpointState.FINAL, kept.root)


@pytest.mark.parametrize("members", [{"state": "sent"}, {"state": None}, {"transaction": "0x12"}, {"transaction": 5}])
def test_an_answer_of_another_shape(issuing: Issuing, members: dict[str, Any]) -> None:
    with (
        scripted(issuing.lying(**members)) as relay,
        pytest.raises(LedgerUnavailableError, match="the relay's answer cannot be read"),
    ):
        issuing.by_relay(relay.client()).anchor_batch()


def test_a_relay_that_says_it_failed(issuing: Issuing) -> None:
    with (
        scripted(issuing.lying(state="failed", reason="reverted")) as relay,
        pytest.raises(TransactionError, match="the relay says that the order failed; found reverted"),
    ):
        issuing.by_relay(relay.client()).anchor_batch()
    assert issuing.only().state is CheckpointState.SUBMITTED


def test_a_relay_that_keeps_us_waiting(issuing: Issuing) -> None:
    def keep_waiting(_: bytes) -> None:
        relay.never.wait()

    with scripted(keep_waiting) as relay:
        outbox = issuing.by_relay(relay.client(timeout_s=0.05))
        with pytest.raises(LedgerUnavailableError, match=r"the relay does not answer.*nothing can be doubled"):
            outbox.anchor_batch()
    assert issuing.only().state is CheckpointState.SUBMITTED


def test_paying_after_a_relay_has_failed(issuing: Issuing) -> None:
    """The order stays where it is, and is worth nothing once the checkpoint is in."""
    with scripted(issuing.lying()) as relay:
        issuing.by_relay(relay.client()).anchor_batch()
        order = relay.orders[0]
    (paid,) = issuing.paying().run()
    assert (paid.state, issuing.held(), issuing.sent_by_issuer()) == (CheckpointState.FINAL, [256], 1)
    with pytest.raises(PassportError, match="the checkpoint does not stand on the log as the chain has it"):
        issuing.honest(order)
    assert issuing.relaying.sent() == 0


def test_a_relay_after_paying_got_stuck(issuing: Issuing) -> None:
    """What the account signed is kept, and is not sent again by the relay's way; one of the two gets in."""
    paying = issuing.paying()
    paying.close_batch()
    anchor = LedgerAnchor(issuing.consortium.chain, issuing.consortium.anchorer, issuing.consortium.place.log)
    unreached = Unreached(anchor)
    with pytest.raises(LedgerUnavailableError, match="out of reach"):
        issuing.outbox(unreached).run()
    signed = issuing.only().transaction
    assert signed is not None
    assert signed.sender == issuing.consortium.anchorer.address
    with scripted(issuing.honest) as relay:
        (done,) = issuing.by_relay(relay.client()).run()
        assert len(relay.orders) == 1
    assert (done.state, done.earlier) == (CheckpointState.FINAL, (signed,))
    assert issuing.sent_by_issuer() == 0


def test_back_to_paying_sends_what_was_signed_before(issuing: Issuing) -> None:
    """No second nonce is taken for the same checkpoint."""
    issuing.paying().close_batch()
    anchor = LedgerAnchor(issuing.consortium.chain, issuing.consortium.anchorer, issuing.consortium.place.log)
    with pytest.raises(LedgerUnavailableError, match="out of reach"):
        issuing.outbox(Unreached(anchor)).run()
    signed = issuing.only().transaction
    with scripted(issuing.lying()) as relay:
        issuing.by_relay(relay.client()).run()
    (paid,) = issuing.paying().run()
    assert paid.state is CheckpointState.FINAL
    assert signed is not None
    receipt = issuing.consortium.chain.receipt(signed.hash)
    assert receipt is not None
    assert receipt.status


def test_two_relays_with_the_same_order(issuing: Issuing, tmp_path: Path) -> None:
    """One commit; the other relay refuses before it pays."""
    with scripted(issuing.honest) as first:
        issuing.by_relay(first.client()).anchor_batch()
        order = first.orders[0]
    with Store.open(tmp_path / "other.db", clock=issuing.clock) as store:
        other = Relaying(issuing.consortium, store)
        with pytest.raises(PassportError, match="does not stand on the log"):
            other.relay.accept(read_order(json.loads(order)))
    assert (issuing.held(), issuing.relaying.sent()) == ([256], 1)


def test_an_order_that_the_contract_would_refuse_goes_nowhere(issuing: Issuing) -> None:
    consortium = issuing.consortium
    consortium.send(consortium.root, consortium.registry.suspend(consortium.issuer_id))
    with scripted(issuing.honest) as relay:
        with pytest.raises(TransactionError, match=r"the chain refuses a checkpoint.*IssuerIsSuspended"):
            issuing.by_relay(relay.client()).anchor_batch()
        assert relay.orders == []
    assert issuing.only().state is CheckpointState.PREPARED


@pytest.mark.parametrize(
    "url", ["relay.example", "ftp://relay.example", "https://user@relay.example", "https://relay.example/?key=1"]
)
def test_what_is_no_address_of_a_relay(url: str) -> None:
    with pytest.raises(LedgerError, match=r"address"):
        RelayClient(url)


class Behind:
    """A chain whose newest block stays the one it is."""

    def __init__(self, chain: EmbeddedChain) -> None:
        self._chain = chain
        self._head = chain.head()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._chain, name)

    def head(self) -> BlockRef:
        return self._head

    def final_head(self) -> BlockRef:
        return self._head


class Unreached:
    """An anchor whose chain goes out of reach between signing and sending."""

    def __init__(self, anchor: LedgerAnchor) -> None:
        self._anchor = anchor

    def __getattr__(self, name: str) -> Any:
        return getattr(self._anchor, name)

    def send(self, raw: bytes) -> object:
        raise LedgerUnavailableError("the chain is out of reach", found=f"{len(raw)} bytes")
