"""What a running relay holds: its store, the account that pays, and the thread that follows what was sent."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from types import TracebackType
from typing import Final, Self

from api.clock import Clock
from api.middleware import places_of
from api.pace import Pace
from api.recent import Recent
from api.relay_settings import RelaySettings
from api.resources import Places
from passport.errors import OrderRefusedError, PassportError
from passport.ledger import Account, Address, ChainRef, Ledger, LogWriter
from passport.ledger.order import CommitOrderDocument, StatusOrderDocument
from passport.ledger.relay import Relay
from passport.ledger.relay_judge import SignedOrder, read_signed
from passport.store import Store
from passport.workspace import ChainSettings, Workspace
from passport.workspace.relaying import open_relay

LOGGER: Final = logging.getLogger("api.relay")


@dataclass(frozen=True, slots=True)
class RelayStanding:
    """How a relay stands.

    Attributes:
        chain: CAIP-2 of the chain in reach.
        block: Its newest final block.
        can_pay: Whether gas costs nothing or the account has something.
    """

    chain: str
    block: int
    can_pay: bool


class RelayResources:
    """Everything of a relay that outlives a request.

    Args:
        settings: The relay's settings.
        account: Who pays; its key stays in this process.
        clock: The time, aware, UTC.

    Raises:
        PassportError: No workspace, or a store that does not open. A chain out of reach is no reason not to start.
    """

    def __init__(self, settings: RelaySettings, account: Account, *, clock: Clock) -> None:
        self.settings = settings
        self.account = account
        self.clock = clock
        self._workspace = Workspace.open(settings.workspace, clock=clock)
        self.store: Store = self._workspace.store
        self.chain: ChainSettings = self._workspace.chain
        self.requests = Places(settings.max_requests, work="orders")
        self.wallets = Pace(settings.wallets_per_minute, clock=clock)
        self.standing = Recent(self._standing, keep_s=settings.ready_for_s, clock=clock)
        self._stop = Event()
        self._thread = Thread(target=self._follow, name="relay", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._workspace.close()

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """The chain, reached anew and checked to be the right one.

        Raises:
            LedgerError: It is out of reach.
            WrongChainError: Another chain answers, or other contracts.
        """
        with Workspace.open(self.settings.workspace, clock=self.clock) as workspace:
            yield workspace.ledger

    def read(self, document: CommitOrderDocument | StatusOrderDocument) -> SignedOrder:
        """What a document orders, by its own word and signature alone.

        Raises:
            OrderRefusedError: It is for another contract, or not signed by whom it names; or too many orders came
                of accounts that are contracts, whose signature only the chain's node can judge.
        """
        chain = ChainRef(self.chain.chain, self.chain.genesis)
        signed = read_signed(document, LogWriter(Address(self.chain.log), chain), chain)
        wait_s = self.wallets.wait_s() if signed.by_wallet and self.settings.wallet_gas else 0
        if wait_s:
            raise OrderRefusedError(
                "as many orders of accounts that are contracts were looked at within a minute as is allowed",
                reason="busy",
                expected=f"at most {self.settings.wallets_per_minute} a minute",
                retry_after_s=wait_s,
            )
        return signed

    @contextmanager
    def relay(self) -> Iterator[Relay]:
        """The relay over the chain; raises as `ledger` does."""
        with self.ledger() as ledger:
            yield open_relay(
                self.store, ledger, self.chain, self.account, limits=self.settings.limits, clock=self.clock
            )

    def _standing(self) -> RelayStanding:
        """Ask store and chain; raises as `ledger` does."""
        self.store.unfinished_orders()
        with self.ledger() as ledger:
            is_free = ledger.fees().max_fee_wei_per_gas == 0
            can_pay = is_free or ledger.balance(self.account.address) > 0
            return RelayStanding(ledger.chain.caip2, ledger.final_head().number, can_pay)

    def push(self) -> None:
        """Follow what is under way once.

        Raises:
            PassportError: Store or chain are out of reach.
        """
        if self.store.unfinished_orders():
            with self.relay() as relay:
                relay.run()

    def _follow(self) -> None:
        while not self._stop.wait(self.settings.follow_every_s):
            try:
                self.push()
            except PassportError as error:
                # What was stored stays; the next turn takes it up.
                LOGGER.warning("%s", json.dumps({"error": type(error).__name__, "message": error.message}))
            except Exception as error:  # else nothing would be followed any more, and nobody would know
                LOGGER.error("%s", json.dumps({"error": type(error).__name__, "at": places_of(error)}))
