"""Issuing processes that end by kill -9 at a chosen step: `python fault_process.py`, one order a line on stdin.

Every order is a process of its own, forked from this one, which has everything imported. What it prints is a promise:
`told DIGEST INDEX` of a document that is stored, `final SEQ BLOCK` of a checkpoint that it would report as anchored.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from anvil_node import SECONDS_A_BLOCK
from consortium_setup import account

from passport.errors import ConflictError, LedgerUnavailableError, PassportError, ReservationError, TransactionError
from passport.ledger import Address, ChainRef, LedgerAnchor, PassportLogView
from passport.ledger.checkpoint import CheckpointState
from passport.ledger.finality import Finality
from passport.ledger.outbox import Outbox
from passport.ledger.rpc import RpcChain, RpcPolicy
from passport.ledger.rpc_client import RpcClient
from passport.ledger.rpc_wire import Wire, open_wire
from passport.model.digest import digest_of
from passport.store import DocumentKind, Store

FINALITY_BLOCKS = 3
PATIENCE_S = 3 * SECONDS_A_BLOCK
POLICY = RpcPolicy(
    finality=Finality.from_text(f"depth:{FINALITY_BLOCKS}"), max_fee_wei_per_gas=10**13, has_blocks_on_demand=True
)
ANCHORER = 3


def clock() -> datetime:
    return datetime(2026, 11, 22, 10, tzinfo=UTC)


class Steps:
    """Counts the moments between steps; at one of them this process is gone."""

    def __init__(self, kill_at: int | None) -> None:
        self.kill_at = kill_at
        self.count = 0

    def pass_by(self) -> None:
        self.count += 1
        if self.count == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)


class SteppedWire:
    """A wire with a moment before and after each exchange."""

    def __init__(self, real: Wire, steps: Steps) -> None:
        self._real = real
        self._steps = steps

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def exchange(self, request: bytes) -> bytes:
        self._steps.pass_by()
        try:
            return self._real.exchange(request)
        finally:
            self._steps.pass_by()


class SteppedStore(Store):
    """A store with a moment before and after the end of each transaction."""

    steps: Steps

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with super().transaction():
            yield
            self.steps.pass_by()
        self.steps.pass_by()


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def issue(store: Store, outbox: Outbox, text: str) -> None:
    while True:
        reservation = outbox.reserve()
        body = f"{text} at {reservation.index}".encode()
        try:
            with store.transaction():
                store.put_document(DocumentKind.PASSPORT, digest_of(body), body, document_id=text, own=True)
                outbox.fill(reservation, sha256(body).digest())
        except ReservationError:
            continue
        say("told", digest_of(body), reservation.index)
        return


def work(order: dict[str, Any]) -> None:
    """Run what is unfinished, issue, anchor: what `passport issue` and `passport anchor` do."""
    steps = Steps(order["kill_at"])
    chain = ChainRef(*order["chain"])
    with SteppedStore.open(order["store"], clock=clock) as store:
        store.steps = steps
        wire = SteppedWire(open_wire(order["url"], timeout_s=20), steps)
        ledger = RpcChain(RpcClient(wire), chain, POLICY, clock=clock)  # compares the chain at the first question
        anchor = LedgerAnchor(ledger, account(ANCHORER), Address(order["log"]))
        outbox = Outbox(store, anchor, log_key=order["key"], clock=clock, padding_leaves=8, patience_s=PATIENCE_S)
        for number in range(order["documents"]):
            issue(store, outbox, f"{os.getpid()}-{number}")
        for checkpoint in outbox.anchor_batch(steady=order["steady"]):
            if checkpoint.state is CheckpointState.FINAL and checkpoint.anchored is not None:
                say("final", checkpoint.seq, checkpoint.anchored.block_number)
        ledger.close()


def run_in_this_process(order: dict[str, Any]) -> None:
    try:
        work(order)
    except ConflictError as error:
        say("conflict", error)
    except (LedgerUnavailableError, TransactionError) as error:
        say("later", error)
    except PassportError as error:
        # The proxy's own error, which no node gives, is reported as it came.
        say("later" if "something went wrong" in str(error) else "broken", type(error).__name__, error)
    except BaseException:
        say("broken", traceback.format_exc().replace("\n", " | "))


def main() -> None:
    # Loaded before the first fork, so that no child has to.
    Store.open(Path(sys.argv[1]) / "warm.db", clock=clock).close()
    account(ANCHORER).sign_digest(bytes(32))
    assert PassportLogView
    for line in sys.stdin:
        orders = json.loads(line)
        children = []
        for order in orders:
            child = os.fork()
            if child == 0:
                run_in_this_process(order)
                os._exit(0)
            children.append(child)
        for child in children:
            say("ended", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        say("done")


if __name__ == "__main__":
    main()
