"""What every driver must do alike: one suite over the `Ledger` protocol, on each chain that can be had here."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest
from anvil_node import START, Anvil, anvil_program, running
from consortium_setup import GENESIS_TIME, ROOT_LEI, STORE_CODE, STORE_CREATION, account, stored
from lying_provider import LyingProvider

from contracts import load
from passport.errors import LedgerError, LedgerUnavailableError, ProofError, TransactionError, WrongChainError
from passport.ledger import (
    Address,
    BlockRef,
    Call,
    ChainRef,
    EmbeddedChain,
    Fees,
    Ledger,
    LedgerAnchor,
    ProvenState,
    RecordingState,
    RegistryView,
    SignedTransaction,
    StateEvidence,
    Transactor,
    deploy,
    deploy_batcher,
    issuer_id,
    open_deployment,
)
from passport.ledger.dry import DryChain
from passport.ledger.finality import Finality
from passport.ledger.providers import ProviderQuorum
from passport.ledger.revm import RevmChain
from passport.ledger.rpc import RpcChain, RpcPolicy
from passport.ledger.rpc_client import RpcClient
from passport.ledger.rpc_wire import open_wire
from passport.ledger.transactions import read_contract


@dataclass
class Driver:
    """A chain behind one driver, and what it can do."""

    ledger: Ledger
    can_prove: bool = True
    keeps_past_states: bool = True
    takes_fees: bool = False
    is_gas_exact: bool = True

    def sign(self, number: int, nonce: int, to: Address | None, data: bytes, *, chain_id: int = 0) -> SignedTransaction:
        return account(number).sign_transaction(
            chain_id=chain_id or self.ledger.chain.chain_id,
            nonce=nonce,
            to=to,
            data=data,
            gas=200_000,
            fees=self.ledger.fees(),
        )

    def send(self, call: Call, *, number: int = 9) -> Address | None:
        receipt = Transactor(self.ledger, account(number)).send(call)
        assert receipt.status
        return receipt.contract_address


def clock() -> datetime:
    return GENESIS_TIME


class MinedChain(RpcChain):
    """A node that seals what it was sent when the answer has arrived, not at some moment after it."""

    node: Anvil

    def send_raw(self, raw: bytes) -> bytes:
        tx_hash = super().send_raw(raw)
        self.node.mine()
        return tx_hash


def connect(node: Anvil, **policy: object) -> RpcChain:
    chosen = RpcPolicy(**({"finality": Finality.from_text("instant"), "has_blocks_on_demand": True} | policy))
    chain = MinedChain.connect(RpcClient(open_wire(node.url)), expected=None, policy=chosen, clock=clock)
    chain.node = node
    return chain


@pytest.fixture(scope="module")
def node() -> Iterator[Anvil]:
    program = anvil_program()
    if program is None:
        pytest.skip("no anvil: npm ci in contracts/, for a platform that it has a binary for")
    with running(program, "--no-mining", "--block-base-fee-per-gas", "1000000000") as started:
        for number in (1, 9):
            started.give(account(number).address)
        yield started


KINDS = [
    "embedded",
    pytest.param("revm", marks=pytest.mark.revm),
    pytest.param("rpc", marks=pytest.mark.anvil),
    pytest.param("rpc by proofs", marks=pytest.mark.anvil),
    pytest.param("rpc by number", marks=pytest.mark.anvil),
    pytest.param("rpc by two of three", marks=pytest.mark.anvil),
]


@pytest.fixture(params=KINDS)
def driver(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Driver]:
    kind: str = request.param
    if kind == "embedded":
        with EmbeddedChain.create(tmp_path / "chain.db", clock=clock) as embedded:
            yield Driver(embedded)
    elif kind == "revm":
        if importlib.util.find_spec("pyrevm") is None:
            pytest.skip("no pyrevm for this platform")
        yield Driver(RevmChain(clock=clock), can_prove=False, keeps_past_states=False, is_gas_exact=False)
    else:
        node: Anvil = request.getfixturevalue("node")
        snapshot = node.ask("evm_snapshot")
        if kind.endswith("three"):
            three = {"alpha": connect(node), "beta": LyingProvider(connect(node)), "gamma": connect(node)}
            with ProviderQuorum(three, threshold=2) as quorum:
                yield Driver(quorum, takes_fees=True)
            assert node.ask("evm_revert", snapshot)
            return
        with connect(node, reads="proofs" if kind.endswith("proofs") else "storage") as rpc:
            if kind.endswith("number"):
                rpc._takes_hashes = False  # as of a node without EIP-1898
            yield Driver(rpc, takes_fees=True)
        assert node.ask("evm_revert", snapshot)


@pytest.fixture
def store(driver: Driver) -> Address:
    address = driver.send(Call(None, STORE_CREATION))
    assert address is not None
    return address


def test_it_names_itself(driver: Driver) -> None:
    """Its chain id, and the hash of block 0."""
    chain = driver.ledger.chain
    assert chain == ChainRef(f"eip155:{chain.chain_id}", "0x" + driver.ledger.block(0).hash.hex())


def test_blocks_follow_each_other(driver: Driver, store: Address) -> None:
    before = driver.ledger.head()
    driver.send(Call(store, stored(1, 1)))
    head = driver.ledger.head()
    assert head.number == before.number + 1
    assert head.timestamp >= before.timestamp
    assert driver.ledger.block(head.number) == driver.ledger.block(head.hash) == head
    assert driver.ledger.final_head() == head
    assert driver.ledger.known_until(before) >= before.timestamp
    assert driver.ledger.known_until(head) >= head.timestamp
    assert len(head.hash) == len(head.state_root) == 32


@pytest.mark.parametrize("name", [10**6, b"\x07" * 32], ids=["number", "hash"])
def test_a_block_that_is_not_there(driver: Driver, name: int | bytes) -> None:
    with pytest.raises(LedgerError, match="no such block"):
        driver.ledger.block(name)


def test_a_transaction_takes_effect(driver: Driver, store: Address) -> None:
    nonce = driver.ledger.nonce(account(9).address)
    signed = driver.sign(9, nonce, store, stored(5, 77))
    assert driver.ledger.receipt(signed.hash) is None
    assert driver.ledger.send_raw(signed.raw) == signed.hash
    receipt = driver.ledger.receipt(signed.hash)
    head = driver.ledger.head()
    assert receipt is not None
    assert (receipt.tx_hash, receipt.status, receipt.contract_address) == (signed.hash, True, None)
    assert (receipt.block_number, receipt.block_hash) == (head.number, head.hash)
    # Base, calldata (62 zero bytes, 2 others), a first write to a cold slot, calldatasize to jumpi, pushes and loads.
    assert receipt.gas_used == 21_000 + 62 * 4 + 2 * 16 + 22_100 + (2 + 3 + 3 + 3 + 10) + (3 + 3 + 2 + 3)
    assert driver.ledger.state().storage(store, 5) == 77
    assert driver.ledger.state(head).storage(store, 6) == 0
    assert driver.ledger.nonce(account(9).address) == driver.ledger.sealed_nonce(account(9).address) == nonce + 1


def test_a_contract_stands_where_it_was_created(driver: Driver, store: Address) -> None:
    assert driver.ledger.code(store) == STORE_CODE
    assert driver.ledger.code(account(9).address) == b""
    assert driver.ledger.balance(store) == 0


def test_sending_twice_is_sending_once(driver: Driver, store: Address) -> None:
    signed = driver.sign(9, driver.ledger.nonce(account(9).address), store, stored(1, 1))
    before = driver.ledger.head().number
    driver.ledger.send_raw(signed.raw)
    receipt = driver.ledger.receipt(signed.hash)
    said = None
    try:
        driver.ledger.send_raw(signed.raw)
    except TransactionError as error:  # a node may have forgotten all but that the nonce is spent
        said = error.where
    assert said in (None, "nonce")
    assert receipt is not None
    assert (receipt.block_number, driver.ledger.receipt(signed.hash)) == (before + 1, receipt)
    assert driver.ledger.sealed_nonce(account(9).address) == signed.nonce + 1


def test_a_spent_nonce_is_told_apart(driver: Driver, store: Address) -> None:
    signed = driver.sign(9, driver.ledger.nonce(account(9).address) - 1, store, stored(2, 2))
    with pytest.raises(TransactionError, match="nonce") as caught:
        driver.ledger.send_raw(signed.raw)
    assert caught.value.where == "nonce"


def test_legacy_transactions_are_taken(driver: Driver, store: Address) -> None:
    bid = driver.ledger.fees().max_fee_wei_per_gas
    signed = account(9).sign_transaction(
        chain_id=driver.ledger.chain.chain_id,
        nonce=driver.ledger.nonce(account(9).address),
        to=store,
        data=stored(3, 4),
        gas=200_000,
        fees=Fees(bid, bid, is_legacy=True),
    )
    driver.ledger.send_raw(signed.raw)
    assert driver.ledger.state().storage(store, 3) == 4


@pytest.mark.parametrize("case", ["another chain", "cut off", "nothing"])
def test_what_is_no_transaction_of_this_chain_is_refused(driver: Driver, case: str) -> None:
    nonce = driver.ledger.nonce(account(9).address)
    good = driver.sign(9, nonce, None, STORE_CREATION).raw
    raw = {
        "another chain": driver.sign(9, nonce, None, STORE_CREATION, chain_id=1).raw,
        "cut off": good[:-1],
        "nothing": b"",
    }[case]
    before = driver.ledger.head()
    with pytest.raises(TransactionError, match="transaction"):
        driver.ledger.send_raw(raw)
    assert driver.ledger.head() == before


def test_who_cannot_pay_is_told(driver: Driver) -> None:
    poor = account(1234)
    assert driver.ledger.balance(poor.address) == 0
    bid = Fees(2 * 10**12, 10**9)
    signed = poor.sign_transaction(
        chain_id=driver.ledger.chain.chain_id, nonce=0, to=None, data=STORE_CREATION, gas=200_000, fees=bid
    )
    with pytest.raises(TransactionError, match=r"pay for the transaction|refuses the transaction"):
        driver.ledger.send_raw(signed.raw)


def test_trying_out_changes_nothing(driver: Driver, store: Address) -> None:
    head = driver.ledger.head()
    execution = driver.ledger.simulate(account(9).address, store, stored(3, 4))
    assert execution.success
    assert driver.ledger.head() == head
    assert driver.ledger.state().storage(store, 3) == 0
    receipt = Transactor(driver.ledger, account(9)).send(Call(store, stored(3, 4)))
    most = receipt.gas_used * 1.02  # a node may add a little
    assert receipt.gas_used <= execution.gas_used
    assert execution.gas_used <= most or not driver.is_gas_exact


def test_a_trial_has_no_more_gas_than_it_is_given(driver: Driver, store: Address) -> None:
    """Storing a word takes 43,000 gas and some; with less it fails, and says nothing."""
    needed = driver.ledger.simulate(account(9).address, store, stored(3, 4)).gas_used
    enough = driver.ledger.simulate(account(9).address, store, stored(3, 4), gas=needed + 1000)
    assert (enough.success, enough.output) == (True, b"")
    less = driver.ledger.simulate(account(9).address, store, stored(3, 4), gas=needed - 1000)
    assert (less.success, less.output) == (False, b"")
    said = driver.ledger.simulate(account(9).address, store, b"\xde\xad\xbe\xef", gas=needed)
    assert (said.success, said.output) == (False, b"\xde\xad\xbe\xef")


def test_a_revert_is_told_with_what_was_said(driver: Driver, store: Address) -> None:
    said = b"\xde\xad\xbe\xef"
    with pytest.raises(TransactionError, match="the call reverted; found an unknown error, 0xdeadbeef"):
        driver.ledger.call(store, said)
    execution = driver.ledger.simulate(account(9).address, store, said)
    assert (execution.success, execution.output) == (False, said)
    nonce = driver.ledger.nonce(account(9).address)
    with pytest.raises(TransactionError, match="the contract refuses the transaction; found an unknown error"):
        Transactor(driver.ledger, account(9)).send(Call(store, said))
    assert driver.ledger.nonce(account(9).address) == nonce
    signed = driver.sign(9, nonce, store, said)
    driver.ledger.send_raw(signed.raw)
    receipt = driver.ledger.receipt(signed.hash)
    assert receipt is not None
    assert not receipt.status
    assert driver.ledger.nonce(account(9).address) == nonce + 1


def test_the_past_stays_what_it_was(driver: Driver, store: Address) -> None:
    driver.send(Call(store, stored(7, 1)))
    past = driver.ledger.head()
    view = driver.ledger.state(past)
    driver.send(Call(store, stored(7, 2)))
    if driver.keeps_past_states:
        assert view.storage(store, 7) == driver.ledger.state(past).storage(store, 7) == 1
        assert driver.ledger.code(store, block=driver.ledger.block(0)) == b""
    else:
        with pytest.raises(LedgerUnavailableError, match="the newest state only"):
            view.storage(store, 7)
        with pytest.raises(LedgerUnavailableError, match="the newest state only"):
            driver.ledger.state(past)
    assert driver.ledger.state().storage(store, 7) == 2


def test_a_block_of_another_chain_has_no_state_here(driver: Driver, store: Address) -> None:
    head = driver.ledger.head()
    stranger = BlockRef(head.number, b"\x09" * 32, head.timestamp, b"\x08" * 32)
    with pytest.raises(LedgerError, match=r"no such block|does not know that block|was replaced|keeps the newest"):
        driver.ledger.state(stranger).storage(store, 1)


@pytest.mark.parametrize("slot", [-1, 1 << 256])
def test_what_is_no_slot(driver: Driver, store: Address, slot: int) -> None:
    with pytest.raises(LedgerError, match="not a storage slot"):
        driver.ledger.state().storage(store, slot)


def test_evidence_proves_what_was_read(driver: Driver, store: Address) -> None:
    """Words there and words not there, in the contract and in an account that is none."""
    driver.send(Call(store, stored(7, 1)))
    driver.send(Call(store, stored(8, 1 << 255)))
    head = driver.ledger.head()
    reads = {store: {7, 8, 9}, account(77).address: {1}}
    if not driver.can_prove:
        with pytest.raises(LedgerError, match="keeps nothing that could be proven"):
            driver.ledger.evidence(head, reads)
        return
    evidence = driver.ledger.evidence(head, reads)
    driver.send(Call(store, stored(7, 3)))
    proven = ProvenState(evidence, block_hash=head.hash)
    assert proven.block == head
    assert [proven.storage(store, slot) for slot in (7, 8, 9)] == [1, 1 << 255, 0]
    assert proven.storage(account(77).address, 1) == 0
    assert proven.unused_nodes() == ()
    for at in range(len(evidence.nodes)):
        less = StateEvidence(evidence.header_rlp, evidence.nodes[:at] + evidence.nodes[at + 1 :])
        with pytest.raises(ProofError, match="the evidence lacks a trie node"):
            _ = [ProvenState(less, block_hash=head.hash).storage(at, slot) for at in reads for slot in reads[at]]


def test_the_contracts_work(driver: Driver) -> None:
    """Deployed, compared with their artefacts, read by call, by slots and by evidence: three roads to one answer."""
    place = deploy(driver.ledger, account(1), scheme="LEI", identifier=ROOT_LEI, evidence_hash=b"\x01" * 32)
    assert open_deployment(driver.ledger, registry=place.registry, log=place.log) == place
    with pytest.raises(WrongChainError, match="not the PassportLog of this version"):
        open_deployment(driver.ledger, registry=place.registry, log=place.registry)
    with pytest.raises(WrongChainError, match="not the IssuerRegistry of this version"):
        open_deployment(driver.ledger, registry=account(5).address, log=place.log)
    recording = RecordingState(driver.ledger.state())
    entity = issuer_id("LEI", ROOT_LEI)
    record = RegistryView(recording, place.registry).issuer(entity)
    assert record is not None
    assert record.evidence_hash == b"\x01" * 32
    assert record.registrar == place.root == account(1).address
    assert read_contract(driver.ledger, load("IssuerRegistry"), place.registry, "root") == place.root
    if driver.can_prove:
        evidence = driver.ledger.evidence(recording.block, recording.reads)
        proven = ProvenState(evidence, block_hash=recording.block.hash)
        assert RegistryView(proven, place.registry).issuer(entity) == record


def test_contracts_are_deployed_in_the_accounts_turn(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of the transactions is signed and sent while nobody else may use the account, which is then let go."""
    held: list[str] = []

    @contextmanager
    def turn() -> Iterator[None]:
        held.append("taken")
        yield
        held.append("let go")

    send = driver.ledger.send_raw

    def sent(raw: bytes) -> bytes:
        held.append("sent")
        return send(raw)

    monkeypatch.setattr(driver.ledger, "send_raw", sent)
    place = deploy(driver.ledger, account(1), scheme="LEI", identifier=ROOT_LEI, evidence_hash=b"\x01" * 32, turn=turn)
    assert held == ["taken", "sent", "let go"] * 2
    deploy_batcher(driver.ledger, account(1), place.log, turn=turn)
    assert held == ["taken", "sent", "let go"] * 3


def test_an_anchor_looks_at_one_head(driver: Driver) -> None:
    place = deploy(driver.ledger, account(1), scheme="LEI", identifier=ROOT_LEI, evidence_hash=b"\x01" * 32)
    anchor = LedgerAnchor(driver.ledger, account(9), place.log)
    look = anchor.look(issuer_id("LEI", ROOT_LEI), sha256(b"root").digest())
    assert (look.held, look.is_final, look.log_size) == (None, False, 0)
    assert look.time == driver.ledger.head().timestamp
    assert anchor.sender == account(9).address
    assert anchor.sealed_nonce() == driver.ledger.sealed_nonce(account(9).address)


def test_fees_are_what_the_chain_takes(driver: Driver) -> None:
    fees = driver.ledger.fees()
    assert (fees.max_fee_wei_per_gas > 0) == driver.takes_fees
    assert fees.max_priority_fee_wei_per_gas <= fees.max_fee_wei_per_gas


@pytest.mark.parametrize(
    "ask",
    [
        lambda chain: chain.head(),
        lambda chain: chain.final_head(),
        lambda chain: chain.block(0),
        lambda chain: chain.state(),
        lambda chain: chain.known_until(BlockRef(0, bytes(32), START, bytes(32))),
        lambda chain: chain.code(account(1).address),
        lambda chain: chain.balance(account(1).address),
        lambda chain: chain.nonce(account(1).address),
        lambda chain: chain.sealed_nonce(account(1).address),
        lambda chain: chain.receipt(bytes(32)),
        lambda chain: chain.send_raw(b""),
        lambda chain: chain.call(account(1).address, b""),
        lambda chain: chain.simulate(account(1).address, None, b""),
        lambda chain: chain.fees(),
        lambda chain: chain.evidence(BlockRef(0, bytes(32), START, bytes(32)), {}),
    ],
)
def test_without_a_chain_nothing_is_answered(ask: Callable[[Ledger], object]) -> None:
    reference = ChainRef("eip155:1337", "0x" + "ab" * 32)
    with DryChain(reference) as chain:
        assert chain.chain == reference
        with pytest.raises(
            LedgerUnavailableError, match=r"eip155:1337: no chain is asked.*driver is `dry`.*init --chain"
        ):
            ask(chain)
