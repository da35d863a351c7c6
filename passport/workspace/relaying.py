"""The two sides of a relay in a workspace: a company that orders, and an operator that pays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts import load
from passport.credentials import Passphrase, Role
from passport.errors import LedgerUnavailableError, TransactionError
from passport.ledger import Account, Address, LogWriter, PassportLogView, StatusKind, StatusOrder
from passport.ledger.outbox import DEFAULT_PATIENCE_S
from passport.ledger.protocol import Ledger
from passport.ledger.relay import Relay
from passport.ledger.relay_anchor import DEFAULT_LIFETIME_S, now_on, prepare_order
from passport.ledger.relay_client import RELAY_REFUSES, RelayClient, RelayedState
from passport.ledger.relay_judge import RelayJudge
from passport.ledger.relay_limits import RelayLimits
from passport.ledger.transactions import Patience, read_contract
from passport.store import Store
from passport.workspace.keys_on_chain import OpenedKeys
from passport.workspace.settings import ChainSettings, Clock

if TYPE_CHECKING:
    from passport.workspace.workspace import Workspace


def paying_account(workspace: Workspace, passphrase: Passphrase) -> Account:
    """The account by which a workspace relays: its anchoring account, registered or not.

    Raises:
        SignerError: A wrong passphrase.
    """
    return OpenedKeys(workspace.keys(), passphrase).account(Role.ANCHORING)


def open_relay(
    store: Store, ledger: Ledger, chain: ChainSettings, account: Account, *, limits: RelayLimits, clock: Clock
) -> Relay:
    """A relay for the log of a chain.

    Args:
        store: Where orders are kept.
        ledger: The chain.
        chain: Its settings: they name contracts and root.
        account: Who pays.
        limits: What is given at most.
        clock: The time, aware, UTC.
    """
    log = Address(chain.log)
    judge = RelayJudge(ledger, log=log, registry=Address(chain.registry), root=Address(chain.root))
    return Relay(
        store,
        ledger,
        account,
        judge,
        log=log,
        limits=limits,
        clock=clock,
        patience_s=chain.outbid_after_s or DEFAULT_PATIENCE_S,
    )


def order_status(
    workspace: Workspace,
    account: Account,
    relay: RelayClient,
    *,
    index: int,
    kind: StatusKind,
    next_index: int = 0,
    reason: bytes = bytes(32),
    patience: Patience | None = None,
) -> None:
    """Have a relay say something of one of our own leaves, and wait until the chain holds it.

    The order has the next nonce of lane 0, so of all that the account ever orders one at a time can get in: whatever a
    relay held back is void once a later one did.

    Args:
        workspace: The company's.
        account: Its account with the purpose STATUS.
        relay: Who sends and pays.
        index: The leaf.
        kind: What is said.
        next_index: The later leaf that takes its place.
        reason: Hash of a document saying why.
        patience: How long to wait for the chain.

    Raises:
        TransactionError: The contract or the relay refuses, or another order of the account came first.
        LedgerUnavailableError: No answer, or in no block yet: it may still get in until its deadline.
    """
    ledger, log = workspace.ledger, Address(workspace.chain.log)
    nonce = int(read_contract(ledger, load("PassportLog"), log, "nonceOf", account.address, 0))
    deadline, issuer_id = now_on(ledger) + DEFAULT_LIFETIME_S, workspace.issuer_id
    writer = LogWriter(log, ledger.chain)
    signature = writer.sign_status(
        account, issuer_id, index, kind, nonce=nonce, deadline=deadline, next_index=next_index, reason_hash=reason
    )
    order = StatusOrder(issuer_id, index, kind, next_index, reason, nonce, deadline, account.address, signature)
    prepared = prepare_order(ledger, writer, order, sender=account.address)
    answer = relay.post(prepared.raw, prepared.hash)
    if answer.state is RelayedState.FAILED:
        raise TransactionError("the relay says that the order failed", where=RELAY_REFUSES, found=answer.reason)
    waiting = patience or Patience()
    for look in range(waiting.looks):
        if look:
            waiting.sleep(waiting.pause_s)
        if int(read_contract(ledger, load("PassportLog"), log, "nonceOf", account.address, 0)) > nonce:
            if _says(ledger, log, issuer_id, index, kind, next_index):
                return
            raise TransactionError("another order of this account came first", where=account.address)
    raise LedgerUnavailableError(
        "the relay has taken the order, and the chain does not hold it yet",
        where=relay.place,
        found="0x" + answer.transaction.hex() if answer.transaction else None,
        hint=f"it may still get in until {deadline} (unix): look with `passport status`, or pay for it",
    )


def _says(ledger: Ledger, log: Address, issuer_id: str, index: int, kind: StatusKind, next_index: int) -> bool:
    """Whether the log says of a leaf what was ordered."""
    record = PassportLogView(ledger.state(), log).status(issuer_id, index)
    if kind is StatusKind.REVOKED:
        return record.revoked
    if kind in (StatusKind.SUSPENDED, StatusKind.REINSTATED):
        return record.suspended == (kind is StatusKind.SUSPENDED)
    successor = record.successor
    return successor is not None and (successor.kind, successor.next_index) == (kind, next_index)
