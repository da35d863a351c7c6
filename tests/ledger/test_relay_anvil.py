"""A relay on a chain whose blocks come when they are called: bids, lost pools, replaced blocks, orders that fail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from anvil_node import SECONDS_A_BLOCK, Anvil, anvil_program, running
from consortium_setup import BOTH, ISSUER_LEI, ROOT_LEI, Consortium, account
from relay_setup import PAYER, PLENTY, Relaying
from wallets import BURNS, FICKLE, SAYS_YES, bound, deployed

from passport.errors import OrderRefusedError
from passport.ledger import AccountPurpose, CommitOrder, PassportLogView, RegistryWriter, Transactor, deploy, issuer_id
from passport.ledger.finality import Finality
from passport.ledger.order import MIN_LEFT_S, order_document
from passport.ledger.raw_transaction import read_transaction
from passport.ledger.relay_client import RelayedState
from passport.ledger.rpc import RpcChain, RpcPolicy
from passport.ledger.rpc_client import RpcClient
from passport.ledger.rpc_wire import open_wire
from passport.store import Store

pytestmark = pytest.mark.anvil


@pytest.fixture
def node() -> Iterator[Anvil]:
    program = anvil_program()
    if program is None:
        pytest.skip("no anvil: npm ci in contracts/, for a platform that it has a binary for")
    with running(program, "--block-base-fee-per-gas", "1000000000") as started:
        yield started


@pytest.fixture
def relaying(node: Anvil, tmp_path: Path) -> Iterator[Relaying]:
    """A consortium on the node, made while it sealed at once; from then on blocks come by `node.mine` alone."""
    now = datetime.now(UTC)
    policy = RpcPolicy(finality=Finality.from_text("depth:2"))
    client = RpcClient(open_wire(node.url))
    chain = RpcChain.connect(client, expected=None, policy=policy, clock=lambda: now)
    people = [account(n) for n in (1, 2, 3, 4)]
    for each in (*people[:3], PAYER):
        node.give(each.address)
    root, controller, anchorer, stranger = people
    subject = issuer_id("LEI", ISSUER_LEI)
    place = deploy(chain, root, scheme="LEI", identifier=ROOT_LEI, evidence_hash=b"\x01" * 32)
    registry = RegistryWriter(place.registry, chain.chain)
    Transactor(chain, root).send(
        registry.register_issuer("LEI", ISSUER_LEI, controller=controller.address, evidence_hash=b"\x02" * 32)
    )
    purposes: AccountPurpose = BOTH
    signature = registry.sign_binding(anchorer, subject, purposes=purposes)
    Transactor(chain, controller).send(
        registry.bind_account_key(subject, anchorer.address, purposes=purposes, signature=signature)
    )
    node.ask("evm_setAutomine", False)
    made = Consortium(chain, place, root, controller, anchorer, stranger, subject)  # type: ignore[arg-type]  # any chain
    with Store.open(tmp_path / "relay.db", clock=lambda: now) as store:
        yield Relaying(made, store, now, chain)
    client.close()


def held(relaying: Relaying, root: bytes) -> bool:
    log = PassportLogView(relaying.consortium.chain.state(), relaying.consortium.place.log)
    return log.checkpoint(relaying.consortium.issuer_id, root) is not None


def waiting(relaying: Relaying) -> RelayedState:
    (order,) = relaying.relay.run()
    return order.state


def test_submitted_included_final(relaying: Relaying, node: Anvil) -> None:
    order = relaying.commit(256)
    taken = relaying.accept(order)
    assert (taken.state, held(relaying, order.root)) == (RelayedState.SUBMITTED, False)
    assert waiting(relaying) is RelayedState.SUBMITTED
    node.mine()
    assert (waiting(relaying), held(relaying, order.root)) == (RelayedState.INCLUDED, True)
    node.mine(2)
    assert waiting(relaying) is RelayedState.FINAL
    assert relaying.relay.run() == ()
    receipt = relaying.consortium.chain.receipt(taken.transaction.hash)
    found = relaying.relay.find(taken.digest)
    assert receipt is not None
    assert found is not None
    assert (found.gas, found.block_number) == (receipt.gas_used, receipt.block_number)


def test_the_same_order_signed_anew_is_the_one_under_way(relaying: Relaying) -> None:
    first = relaying.accept(relaying.commit(256))
    again = relaying.commit(256, deadline=relaying.consortium.now + 599)
    assert relaying.accept(again) == first
    assert len(relaying.store.unfinished_orders()) == 1


def test_another_checkpoint_waits_for_the_one_under_way(relaying: Relaying) -> None:
    from passport.errors import OrderRefusedError

    first = relaying.accept(relaying.commit(256))
    with pytest.raises(OrderRefusedError, match="another order of this issuer is under way") as caught:
        relaying.accept(relaying.commit(512))
    assert (caught.value.reason, caught.value.found) == ("order-waits", "0x" + first.digest.hex())


def test_the_next_checkpoint_stands_on_one_that_is_in_a_block(relaying: Relaying, node: Anvil) -> None:
    """It need not be final, nor does anybody have to have looked since its block came; both are then followed."""
    relaying.accept(relaying.commit(256))
    node.mine()
    second = relaying.accept(relaying.commit(512, prev_size=256))
    assert second.state is RelayedState.SUBMITTED
    node.mine(3)
    assert [each.state for each in relaying.relay.run()] == [RelayedState.FINAL] * 2


def test_a_higher_bid_for_what_no_block_takes(relaying: Relaying, node: Anvil) -> None:
    """The pool forgets it and the base fee has risen: after a minute of the chain's time it goes out with more."""
    taken = relaying.accept(relaying.commit(256))
    node.ask("anvil_dropAllTransactions")
    node.mine(60 // SECONDS_A_BLOCK + 1)
    (later,) = relaying.relay.run()
    assert later.state is RelayedState.SUBMITTED
    before, after = (read_transaction(each.transaction.raw) for each in (taken, later))
    assert (after.nonce, after.to) == (before.nonce, before.to)
    assert after.fees.max_fee_wei_per_gas * 8 >= before.fees.max_fee_wei_per_gas * 9
    assert later.earlier == (taken.transaction,)
    node.mine()
    assert waiting(relaying) is RelayedState.INCLUDED
    assert held(relaying, (256).to_bytes(32, "big"))


def test_no_bid_above_the_ceiling(relaying: Relaying, node: Anvil) -> None:
    taken = relaying.accept(relaying.commit(256))
    most = read_transaction(taken.transaction.raw).fees.max_fee_wei_per_gas
    relaying.limits = replace(PLENTY, max_fee_wei_per_gas=most)
    node.ask("anvil_dropAllTransactions")
    node.mine(60 // SECONDS_A_BLOCK + 1)
    (later,) = relaying.relay.run()
    assert later.transaction == taken.transaction  # sent again as it is
    node.mine()
    assert waiting(relaying) is RelayedState.INCLUDED


def test_an_order_that_expired_in_the_pool_makes_way(relaying: Relaying, node: Anvil) -> None:
    """Its nonce is spent on nothing, so that those behind it get in; it is told as failed, and may be ordered anew."""
    order = relaying.commit(256, deadline=relaying.consortium.now + MIN_LEFT_S)
    taken = relaying.accept(order)
    node.ask("anvil_dropAllTransactions")
    node.mine(60 // SECONDS_A_BLOCK + 1)
    (later,) = relaying.relay.run()
    empty = read_transaction(later.transaction.raw)
    assert (empty.to, empty.data, empty.nonce) == (PAYER.address, b"", taken.transaction.nonce)
    node.mine(3)
    (failed,) = relaying.relay.run()
    assert (failed.state, failed.reason) == (RelayedState.FAILED, "it could no longer get in")
    assert not held(relaying, order.root)
    assert failed.gas < 30_000 + read_transaction(taken.transaction.raw).gas
    anew = relaying.accept(relaying.commit(256))
    assert anew.transaction.nonce == taken.transaction.nonce + 1
    node.mine(3)
    assert waiting(relaying) is RelayedState.FINAL


def test_a_replaced_block_gives_it_back(relaying: Relaying, node: Anvil) -> None:
    relaying.accept(relaying.commit(256))
    node.mine()
    assert waiting(relaying) is RelayedState.INCLUDED
    node.ask("anvil_reorg", 1, [])
    node.ask("anvil_dropAllTransactions")
    (back,) = relaying.relay.run()
    assert (back.state, back.block_number) == (RelayedState.SUBMITTED, None)
    node.mine(3)
    assert waiting(relaying) is RelayedState.FINAL


def test_the_issuer_pays_itself_meanwhile(relaying: Relaying, node: Anvil) -> None:
    """The relay's transaction is reverted and charged; the relay says why, and counts what it cost."""
    order = relaying.commit(256)
    taken = relaying.accept(order)
    node.ask("anvil_dropAllTransactions")
    consortium = relaying.consortium
    own = Transactor(consortium.chain, consortium.anchorer).prepare(
        consortium.log.commit(consortium.issuer_id, prev_size=0, root=order.root, size=256)
    )
    consortium.chain.send_raw(own.raw)
    node.mine()
    consortium.chain.send_raw(taken.transaction.raw)
    node.mine(3)
    (failed,) = relaying.relay.run()
    assert (failed.state, failed.reason) == (
        RelayedState.FAILED,
        "another transaction had brought the checkpoint in",
    )
    receipt = consortium.chain.receipt(taken.transaction.hash)
    assert receipt is not None
    assert (receipt.status, failed.gas) == (False, receipt.gas_used)


def test_after_a_restart_it_follows_what_it_sent(relaying: Relaying, node: Anvil, tmp_path: Path) -> None:
    taken = relaying.accept(relaying.commit(256))
    node.ask("anvil_dropAllTransactions")  # it may not even have arrived
    relaying.store.close()
    with Store.open(tmp_path / "relay.db", clock=lambda: relaying.now) as store:
        again = Relaying(relaying.consortium, store, relaying.now, relaying.ledger)
        (found,) = again.relay.run()
        assert (found.digest, found.transaction) == (taken.digest, taken.transaction)
        node.mine(3)
        assert waiting(again) is RelayedState.FINAL


def test_a_wallet_that_changes_its_mind_in_the_pool_gets_no_more_gas(relaying: Relaying, node: Anvil) -> None:
    """A real node runs the trials: what burns its gas is refused, and an order under way makes way."""
    consortium = relaying.consortium
    node.ask("evm_setAutomine", True)
    wallet = bound(consortium, deployed(consortium, FICKLE))
    node.ask("evm_setAutomine", False)
    order = CommitOrder(consortium.issuer_id, 0, b"\x01" * 32, 256, consortium.now + 3600, wallet, b"anything")
    document = order_document(order, chain=consortium.chain.chain, log=consortium.place.log, by_wallet=True)
    node.ask("anvil_setStorageAt", wallet, "0x0", f"0x{BURNS:064x}")
    with pytest.raises(OrderRefusedError, match="takes more gas than this relay gives it"):
        relaying.relay.accept(document)
    node.ask("anvil_setStorageAt", wallet, "0x0", f"0x{SAYS_YES:064x}")
    taken, _ = relaying.relay.accept(document)
    first = read_transaction(taken.transaction.raw)
    assert (taken.state, first.to) == (RelayedState.SUBMITTED, consortium.place.log)
    node.ask("anvil_dropTransaction", "0x" + taken.transaction.hash.hex())
    node.ask("anvil_setStorageAt", wallet, "0x0", f"0x{BURNS:064x}")
    node.mine(70 // SECONDS_A_BLOCK + 1)
    (moved,) = relaying.relay.run()
    last = read_transaction(moved.transaction.raw)
    assert (last.to, last.nonce, last.gas < first.gas) == (PAYER.address, first.nonce, True)
    assert moved.gas <= taken.gas
    node.mine(3)
    (failed,) = relaying.relay.run()
    assert (failed.state, failed.reason) == (RelayedState.FAILED, "it could no longer get in")
    assert not held(relaying, order.root)
