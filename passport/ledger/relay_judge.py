"""What a relay looks at before it pays: whose order it is, whether it may be given now, and what it would cost."""

from __future__ import annotations

from dataclasses import dataclass

from contracts import load
from passport.errors import OrderRefusedError
from passport.ledger.authority import account_key_good_at, registrar_chain, suspended_at
from passport.ledger.chain_id import Address, ChainRef
from passport.ledger.entity import IssuerId
from passport.ledger.log_writer import CommitOrder, LogWriter, Order, StatusOrder
from passport.ledger.order import MIN_LEFT_S, CommitOrderDocument, StatusOrderDocument, check_signature, order_of
from passport.ledger.passport_log import PassportLogView, StatusKind
from passport.ledger.protocol import Ledger
from passport.ledger.registry import RegistryView
from passport.ledger.registry_records import AccountPurpose
from passport.ledger.revert import describe_revert
from passport.ledger.transactions import Call, read_contract

MAX_ORDER_GAS = 400_000
"""An order that takes more is none of an account with a key of its own."""


@dataclass(frozen=True, slots=True)
class SignedOrder:
    """An order whose signature holds.

    Args:
        order: The order.
        digest: Its name, 32 bytes.
        call: What carries it out.
    """

    order: Order
    digest: bytes
    call: Call

    @property
    def slot(self) -> str:
        """What only one order at a time may be under way for: two for one would be paid, and one of them in vain."""
        if isinstance(self.order, CommitOrder):
            return f"commit:{self.order.issuer_id}"
        return f"status:{self.order.account}:{self.order.nonce >> 64:x}"


def read_signed(document: CommitOrderDocument | StatusOrderDocument, writer: LogWriter, chain: ChainRef) -> SignedOrder:
    """What a document orders: for this contract on this chain, signed by the account that it names. Asks no chain.

    Args:
        document: The order.
        writer: The log contract's.
        chain: The chain that it is on.

    Raises:
        OrderRefusedError: `wrong-contract` or `wrong-signature`.
    """
    ours = (chain.caip2, chain.genesis_hash, writer.address.lower())
    theirs = (document.chain, document.genesis, document.log.lower())
    if ours != theirs:
        raise OrderRefusedError(
            "the order is for another chain or contract",
            reason="wrong-contract",
            where="chain, genesis, log",
            expected=" ".join(ours),
            found=" ".join(theirs),
        )
    order = order_of(document)
    digest = writer.order_digest(order)
    check_signature(order, digest)
    return SignedOrder(order, digest, writer.order_call(order))


class RelayJudge:
    """Judges orders for one log on one chain.

    Args:
        ledger: The chain.
        log: The log contract.
        registry: Its registry.
        root: The root registrar that is trusted.
    """

    def __init__(self, ledger: Ledger, *, log: Address, registry: Address, root: Address) -> None:
        self._ledger = ledger
        self._writer = LogWriter(log, ledger.chain)
        self._registry = registry
        self._root = root

    def read(self, document: CommitOrderDocument | StatusOrderDocument) -> SignedOrder:
        """By `read_signed`, for this chain."""
        return read_signed(document, self._writer, self._ledger.chain)

    def judge(self, signed: SignedOrder) -> None:
        """Whether the order may be given now, by the registry and the log as of the head.

        Raises:
            OrderRefusedError: `not-registered`, `suspended`, `not-authorised`, `order-expired` or `stale-order`.
        """
        order, head = signed.order, self._ledger.head()
        now = self._ledger.known_until(head)
        if order.deadline < now + MIN_LEFT_S:
            raise OrderRefusedError(
                "the order's deadline has passed, or is too near for a transaction to meet it",
                reason="order-expired",
                where="deadline",
                expected=f"{now + MIN_LEFT_S} or later",
                found=order.deadline,
            )
        state = self._ledger.state(head)
        self._judge_issuer(order, RegistryView(state, self._registry), time=head.timestamp)
        if isinstance(order, CommitOrder):
            self._judge_place(order, PassportLogView(state, self._writer.address))
        else:
            self._judge_nonce(order)

    def _judge_issuer(self, order: Order, registry: RegistryView, *, time: int) -> None:
        record = registry.account_key(order.account)
        bound_to = registry.issuer_id_of(record.issuer_no) if record else None
        if bound_to != order.issuer_id:
            raise OrderRefusedError(
                "the registry binds this account to no such issuer",
                reason="not-registered",
                where="account",
                expected=order.issuer_id,
                found=bound_to or "nobody",
                hint="register, and bind the account: `passport registry bind-key`",
            )
        subject = IssuerId(order.issuer_id)
        # The log lets a suspended entity warn of its own passports, and nothing else; so does who pays for it.
        is_warning = isinstance(order, StatusOrder) and order.kind is not StatusKind.REINSTATED
        if not is_warning and suspended_at(registry, subject, time=time) is not None:
            raise OrderRefusedError("the issuer is suspended", reason="suspended", where="issuerId", found=subject)
        issuer = registry.issuer(subject)
        broken = registrar_chain(registry, subject, roots={self._root}).broken
        if broken is None and issuer is not None and issuer.void_from is not None:
            broken = f"the registration of {subject} is annulled"
        if broken is not None:
            raise OrderRefusedError(
                "nobody who is trusted vouches for the issuer", reason="not-registered", where="issuerId", found=broken
            )
        purpose = AccountPurpose.ANCHOR if isinstance(order, CommitOrder) else AccountPurpose.STATUS
        key = account_key_good_at(registry, order.account, issuer_id=subject, time=time, purpose=purpose)
        if not key.good:
            raise OrderRefusedError(
                "the account may not do that now", reason="not-authorised", where="account", found=key.reason
            )

    def _judge_place(self, order: CommitOrder, log: PassportLogView) -> None:
        head = log.head(order.issuer_id)
        size = head.size if head else 0
        if order.prev_size != size or order.size <= size:
            raise OrderRefusedError(
                "the checkpoint does not stand on the log as the chain has it",
                reason="stale-order",
                where="prevSize, size",
                expected=f"prevSize {size}, and more leaves than that",
                found=f"{order.prev_size}, {order.size}",
            )

    def _judge_nonce(self, order: StatusOrder) -> None:
        lane = order.nonce >> 64
        asked = (load("PassportLog"), self._writer.address, "nonceOf", order.account, lane)
        expected = int(read_contract(self._ledger, *asked))
        if order.nonce != expected:
            raise OrderRefusedError(
                "the order's nonce is not the next of its lane",
                reason="stale-order",
                where="nonce",
                expected=f"0x{expected:064x}",
                found=f"0x{order.nonce:064x}",
            )

    def gas_of(self, signed: SignedOrder, sender: Address) -> int:
        """What carrying the order out is charged, in gas, tried out on the head.

        Args:
            signed: The order.
            sender: Who pays.

        Raises:
            OrderRefusedError: `contract-refuses`.
        """
        execution = self._ledger.simulate(sender, self._writer.address, signed.call.data)
        if not execution.success:
            found = describe_revert(execution.output, *signed.call.errors)
            raise OrderRefusedError("the contract would refuse the order", reason="contract-refuses", found=found)
        if execution.gas_used > MAX_ORDER_GAS:
            raise OrderRefusedError(
                "the order takes more gas than any of this kind",
                reason="contract-refuses",
                expected=f"at most {MAX_ORDER_GAS}",
                found=execution.gas_used,
            )
        return execution.gas_used
