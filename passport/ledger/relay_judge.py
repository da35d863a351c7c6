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
from passport.ledger.refusals import refused_by_contract
from passport.ledger.registry import RegistryView
from passport.ledger.registry_records import AccountPurpose
from passport.ledger.relay_limits import DEFAULT_WALLET_GAS
from passport.ledger.relay_wallet import judge_wallet
from passport.ledger.transactions import Call, read_contract

MAX_ORDER_GAS = 400_000
"""What no order may exceed, a wallet's own judging included."""

_GAS_MARGIN_PERCENT = 25


@dataclass(frozen=True, slots=True)
class SignedOrder:
    """An order whose signature holds, or which a wallet is said to have signed: only that can say so.

    Args:
        order: The order.
        digest: Its name, 32 bytes.
        call: What carries it out.
        by_wallet: Its account has not signed it with a key: it has to be asked.
    """

    order: Order
    digest: bytes
    call: Call
    by_wallet: bool = False

    @property
    def slot(self) -> str:
        """What only one order at a time may be under way for: two for one would be paid, and one of them in vain."""
        if isinstance(self.order, CommitOrder):
            return f"commit:{self.order.issuer_id}"
        return f"status:{self.order.account}:{self.order.nonce >> 64:x}"


def read_signed(document: CommitOrderDocument | StatusOrderDocument, writer: LogWriter, chain: ChainRef) -> SignedOrder:
    """What a document orders: for this contract on this chain, signed by the account that it names. Asks no chain.

    One that says its account is a contract stays to be judged by `RelayJudge.judge`, unless a key signed it after all.

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
    by_wallet = False
    try:
        check_signature(order, digest)
    except OrderRefusedError:
        if not document.is_by_wallet:
            raise
        by_wallet = True
    return SignedOrder(order, digest, writer.order_call(order), by_wallet)


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

    def judge(self, signed: SignedOrder, *, wallet_gas: int = DEFAULT_WALLET_GAS) -> None:
        """Whether the order may be given now, by the registry and the log as of the head.

        A wallet is asked last, when the registry has bound it to the issuer: nobody else's code is run.

        Args:
            signed: The order.
            wallet_gas: The most gas that a wallet may use to judge its own signature; 0: wallets are not served.

        Raises:
            OrderRefusedError: `not-registered`, `suspended`, `not-authorised`, `order-expired` or `stale-order`; of a
                wallet's order also `wrong-signature` or `wallets-not-served`.
        """
        if signed.by_wallet and not wallet_gas:
            raise OrderRefusedError(
                "this relay serves no accounts that are contracts",
                reason="wallets-not-served",
                where="account",
                found=signed.order.account,
            )
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
        if signed.by_wallet:
            judge_wallet(
                self._ledger,
                order.account,
                signed.digest,
                order.signature,
                asker=self._writer.address,
                gas=wallet_gas,
            )

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

    def gas_limit_of(self, signed: SignedOrder, sender: Address) -> int:
        """The gas limit of the transaction that carries the order out, tried out on the head with that very limit.

        Args:
            signed: The order.
            sender: Who pays.

        Raises:
            OrderRefusedError: `contract-refuses`.
        """
        charged = self._try(signed, sender, MAX_ORDER_GAS)
        limit = min(charged * (100 + _GAS_MARGIN_PERCENT) // 100 + 10_000, MAX_ORDER_GAS)
        if signed.by_wallet:
            self._try(signed, sender, limit)  # a wallet may go by how much gas there is
        return limit

    def _try(self, signed: SignedOrder, sender: Address, gas: int) -> int:
        execution = self._ledger.simulate(sender, self._writer.address, signed.call.data, gas=gas)
        if not execution.success:
            revert = refused_by_contract("refused", execution.output, *signed.call.errors)
            raise OrderRefusedError(
                "the contract would refuse the order",
                reason="contract-refuses",
                expected=f"an order that takes at most {gas} gas" if not execution.output else None,
                found=revert.found,
                hint=revert.hint,
            )
        return execution.gas_used
