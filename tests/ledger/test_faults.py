"""No checkpoint lost and none doubled, whatever a node, the way to it, the chain and kill -9 do; by seeds.

`make faults` runs a thousand of them (`PASSPORT_FAULT_RUNS`).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest
from anvil_node import Anvil, anvil_program
from consortium_setup import ISSUER_LEI, ROOT_LEI, Consortium, account
from fault_process import ANCHORER, FINALITY_BLOCKS, POLICY, clock
from fault_proxy import FAULTS, FaultProxy

from passport.ledger import ChainRef, PassportLogView, deploy, issuer_id, merkle
from passport.ledger.checkpoint import CheckpointState, log_key
from passport.ledger.rpc import RpcChain
from passport.ledger.rpc_client import RpcClient
from passport.ledger.rpc_wire import open_wire
from passport.model.digest import to_sha256
from passport.store import DocumentKind, Store

pytestmark = pytest.mark.anvil

RUNS = int(os.environ.get("PASSPORT_FAULT_RUNS") or 25)
ROOT = Path(__file__).resolve().parents[2]
OPTIONS = ("--no-mining", "--block-base-fee-per-gas", "1000000000")
MAX_ROUNDS = 40
STEPS = 60
"""About as many as a process has."""


class MinedChain(RpcChain):
    """For the preparation: what is sent is sealed at once."""

    node: Anvil

    def send_raw(self, raw: bytes) -> bytes:
        tx_hash = super().send_raw(raw)
        self.node.mine()
        return tx_hash


@dataclass
class Prepared:
    """A chain with both contracts and a bound issuer, as a file that nodes start from."""

    program: Path
    state: Path
    new_store: Path
    chain: ChainRef
    log: str
    entity: str

    @property
    def key(self) -> str:
        return log_key(self.chain.account_id(self.log), self.entity)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    program = anvil_program()
    if program is None:
        pytest.skip("no anvil: npm ci in contracts/, for a platform that it has a binary for")
    folder = tmp_path_factory.mktemp("faults")
    node = Anvil(program, *OPTIONS, state=folder / "state.json")
    for number in (1, 2, ANCHORER):
        node.give(account(number).address)
    chain = MinedChain.connect(RpcClient(open_wire(node.url)), expected=None, policy=POLICY, clock=clock)
    chain.node = node
    place = deploy(chain, account(1), scheme="LEI", identifier=ROOT_LEI, evidence_hash=b"\x01" * 32)
    entity = issuer_id("LEI", ISSUER_LEI)
    made = Consortium(chain, place, *(account(number) for number in (1, 2, ANCHORER, 4)), entity)  # type: ignore[arg-type]
    registration = made.registry.register_issuer(
        "LEI", ISSUER_LEI, controller=made.controller.address, evidence_hash=b"\x02" * 32
    )
    made.send(made.root, registration)
    made.bind(made.controller, entity, made.anchorer)
    node.mine(FINALITY_BLOCKS)
    chain.close()
    node.stop()
    Store.open(folder / "store.db", clock=clock).close()
    return Prepared(program, folder / "state.json", folder / "store.db", chain.chain, place.log, entity)


@pytest.fixture(scope="module")
def issuing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[subprocess.Popen[str]]:
    """The process that forks issuing processes."""
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("fault_process.py")), str(tmp_path_factory.mktemp("warm"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    yield process
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    assert process.wait(timeout=30) == 0
    process.stdout.close()


@dataclass
class Run:
    """One run: a node behind a proxy, a store, and what was promised so far."""

    prepared: Prepared
    folder: Path
    issuing: subprocess.Popen[str]
    node: Anvil
    proxy: FaultProxy
    told: list[tuple[str, int]] = field(default_factory=list)
    first_block: int = 0
    price: int = 10**9

    def order(self, *kill_ats: int | None, documents: int, steady: bool = False) -> None:
        """Start processes at once, wait until they have ended, and hold them to what they said."""
        order = {
            "store": str(self.folder / "store.db"),
            "url": self.proxy.url,
            "chain": [self.prepared.chain.caip2, self.prepared.chain.genesis_hash],
            "log": self.prepared.log,
            "key": self.prepared.key,
            "documents": documents,
            "steady": steady,
        }
        assert self.issuing.stdin is not None
        assert self.issuing.stdout is not None
        self.issuing.stdin.write(json.dumps([{**order, "kill_at": at} for at in kill_ats]) + "\n")
        self.issuing.stdin.flush()
        while (line := self.issuing.stdout.readline().rstrip("\n")) != "done":
            kind, _, rest = line.partition(" ")
            if kind == "told":
                digest, index = rest.split()
                self.told.append((digest, int(index)))
            elif kind == "final":
                # Nothing is mined while they run: what they call final has its blocks on top.
                assert int(rest.split()[1]) <= self.height() - FINALITY_BLOCKS, line
            else:
                # "conflict" would be a false alarm, "broken" a fault of ours.
                assert kind == "later" or line in ("ended 0", "ended -9"), line

    def height(self) -> int:
        return int(self.node.ask("eth_blockNumber"), 16)

    def happen(self, dice: Random) -> None:
        """What the world does between two processes."""
        event = dice.randrange(10)
        if event < 4:
            self.mine(dice.randint(1, 4))
        elif event < 6:
            depth = min(dice.randint(1, FINALITY_BLOCKS), self.height() - int(self.first_block))
            if depth > 0:
                self.node.ask("anvil_reorg", depth, [])
        elif event == 6:
            self.node.ask("anvil_dropAllTransactions")
        elif event == 7:
            self.order(None, documents=1)  # something waits for a block while the price of gas rises
            self.price = 30 * 10**9 if self.price == 10**9 else 10**9
            self.mine(dice.randint(3, 5))
        elif event == 8:
            self.node.stop()
            self.node.start()
            self.first_block = self.height()  # anvil keeps no older states over a restart, so it forks no deeper
        else:
            self.mine(FINALITY_BLOCKS)

    def mine(self, blocks: int) -> None:
        """Seal blocks at the price of the day."""
        for _ in range(blocks):
            self.node.ask("anvil_setNextBlockBaseFeePerGas", hex(self.price))
            self.node.mine()

    def settle(self) -> None:
        """Calm down, and run until everything is final."""
        self.proxy.calm()
        self.order(None, documents=0)
        with Store.open(self.folder / "store.db", clock=clock) as store:
            if store.open_leaves(self.prepared.key):
                self.order(None, documents=0, steady=True)
            for _ in range(MAX_ROUNDS):
                if not store.outbox(self.prepared.key, unfinished=True):
                    self.mine(FINALITY_BLOCKS + 1)  # so that the final state is there to be read after a restart, too
                    return
                self.mine(2)
                self.order(None, documents=0)
        raise AssertionError(f"not everything is final after {MAX_ROUNDS} rounds")

    def judge(self) -> None:
        """Everything that must hold in the end."""
        key = self.prepared.key
        wire = open_wire(self.node.url)
        chain = RpcChain.connect(RpcClient(wire), expected=self.prepared.chain, policy=POLICY, clock=clock)
        with Store.open(self.folder / "store.db", clock=clock) as store, chain:
            entries = store.log_entries(key)
            assert len({index for _, index in self.told}) == len(self.told)
            for digest, index in self.told:
                assert store.has_document(DocumentKind.PASSPORT, digest)
                assert entries[index] == to_sha256(digest)
            voids = {index for index in range(len(entries)) if store.void_nonce(key, index) is not None}
            stored = {to_sha256(ref.digest) for ref in store.find_documents(DocumentKind.PASSPORT)}
            assert {entry for index, entry in enumerate(entries) if index not in voids} == stored
            checkpoints = store.outbox(key)
            assert all(each.state is CheckpointState.FINAL for each in checkpoints)
            assert [each.root for each in checkpoints] == [merkle.root(entries[: each.size]) for each in checkpoints]
            view = PassportLogView(chain.state(chain.final_head()), self.prepared.log)
            head = view.head(self.prepared.entity)
            assert [view.checkpoint(self.prepared.entity, each.root) for each in checkpoints] == [
                each.anchored for each in checkpoints
            ]
            assert [each.anchored.seq for each in checkpoints] == [*range(1, len(checkpoints) + 1)]
            in_chain = (head.seq, head.size) if head else (0, 0)
            assert in_chain == (len(checkpoints), len(entries))  # none in the chain that is not here


@pytest.mark.parametrize("seed", range(RUNS))
def test_no_checkpoint_is_lost_or_doubled(
    seed: int, prepared: Prepared, issuing: subprocess.Popen[str], tmp_path: Path
) -> None:
    dice = Random(seed)
    shutil.copy(prepared.new_store, tmp_path / "store.db")
    shutil.copy(prepared.state, tmp_path / "state.json")
    node = Anvil(prepared.program, *OPTIONS, state=tmp_path / "state.json")
    proxy = FaultProxy(node.port, seed=seed, rate=dice.choice([2, 6, 12]))
    try:
        run = Run(prepared, tmp_path, issuing, node, proxy)
        run.first_block = run.height()
        for _ in range(dice.randint(4, 9)):
            kill_ats: list[int | None] = [dice.choice([None, dice.randint(1, STEPS)])]
            if dice.randrange(4) == 0:
                kill_ats.append(dice.choice([None, dice.randint(1, STEPS)]))
            run.order(*kill_ats, documents=dice.randint(0, 2))
            run.happen(dice)
        run.settle()
        run.judge()
    finally:
        proxy.close()
        node.stop()


def test_the_proxy_does_all_it_can(prepared: Prepared, tmp_path: Path) -> None:
    """Of 400 requests, half in trouble, each kind of trouble comes several times, and what is late arrives."""
    shutil.copy(prepared.state, tmp_path / "state.json")
    node = Anvil(prepared.program, *OPTIONS, state=tmp_path / "state.json")
    proxy = FaultProxy(node.port, seed=1, rate=50)
    try:
        client = RpcClient(open_wire(proxy.url))
        outcomes: dict[str, int] = {}
        for _ in range(400):
            try:
                client.ask("evm_mine")
                outcome = "answered"
            except Exception as error:
                outcome = type(error).__name__
            outcomes[outcome] = outcomes.get(outcome, 0) + 1
        client.close()
        proxy.calm()
        counts: dict[str, Any] = proxy.counts
        assert set(counts) == {"", *FAULTS}
        assert min(counts.values()) >= 5
        unsent = sum(counts[kind] for kind in ("drop the request", "limit the rate", "fail", "answer with an error"))
        mined = sum(counts.values()) - unsent + counts["deliver twice"]
        before = json.loads(prepared.state.read_text("utf-8"))["best_block_number"]
        assert int(node.ask("eth_blockNumber"), 16) - before == mined
        assert set(outcomes) == {"answered", "LedgerUnavailableError", "NodeError"}
    finally:
        proxy.close()
        node.stop()
