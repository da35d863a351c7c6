"""Any EVM chain through a node's JSON-RPC: public, consortium or a developer's.

Before anything is signed the node's chain id and genesis block are compared with those that were meant, again after
every new connection. Everything read as of a block is asked for by the block's hash (EIP-1898), so that no answer can
come from another branch; of nodes that cannot do that, the block is looked up again after the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Self, cast

from passport.errors import LedgerError, LedgerUnavailableError, NodeError, TransactionError, WrongChainError
from passport.ledger.chain_id import Address, ChainRef, format_chain_id, parse_address
from passport.ledger.embedded import system_clock
from passport.ledger.finality import Finality, FinalityRule
from passport.ledger.observed import ObservedBlock, read_observed
from passport.ledger.proofs import StateEvidence, collect_evidence
from passport.ledger.protocol import BlockRef, Execution, Fees, Reads, Receipt, StateView, Topics
from passport.ledger.receipt_proof import ReceiptEvidence
from passport.ledger.revert import describe_revert
from passport.ledger.rpc_client import RpcClient, explained, failed_with, is_unknown_method, refusal
from passport.ledger.rpc_header import header_rlp
from passport.ledger.rpc_receipts import blocks_with_events, described_block, receipts_touching
from passport.ledger.rpc_state import AskedProofs, BelievedState, ProvingState
from passport.ledger.rpc_values import (
    data_text,
    quantity,
    read_block,
    read_data,
    read_object,
    read_quantity,
    read_receipt,
)
from passport.model.keccak import keccak

_NOBODY = "0x" + "00" * 20
_DEFAULT_FINALITY = Finality(FinalityRule.FINALIZED)


@dataclass(frozen=True, slots=True)
class RpcPolicy:
    """What is particular about one chain.

    Args:
        finality: When a block is final.
        fees: `auto` asks the chain; `legacy` bids a gas price on chains with EIP-1559, too; `zero` bids nothing.
        max_fee_wei_per_gas: Never bid more; None: no limit.
        reads: `storage` takes the node's word, `proofs` has every word proven.
        max_head_age_s: A node whose newest block is older is out of step; None where blocks come only when needed.
        has_blocks_on_demand: Blocks come only when there is a transaction, so a quiet head is still the state of now.
    """

    finality: Finality = _DEFAULT_FINALITY
    fees: Literal["auto", "legacy", "zero"] = "auto"
    max_fee_wei_per_gas: int | None = None
    reads: Literal["storage", "proofs"] = "storage"
    max_head_age_s: int | None = None
    has_blocks_on_demand: bool = False


class RpcChain:
    """A `Ledger` behind a node; use `connect`, and `close` or a `with` statement when done.

    Args:
        client: Asks the node.
        chain: The chain that is meant.
        policy: What is particular about it.
        clock: The time, aware, UTC.
    """

    def __init__(
        self, client: RpcClient, chain: ChainRef, policy: RpcPolicy, *, clock: Callable[[], datetime] = system_clock
    ) -> None:
        self._client = client
        self._chain = chain
        self._policy = policy
        self._clock = clock
        self._checked_connection = -1
        self._takes_hashes: bool | None = None

    @classmethod
    def connect(
        cls,
        client: RpcClient,
        *,
        expected: ChainRef | None,
        policy: RpcPolicy,
        clock: Callable[[], datetime] = system_clock,
    ) -> Self:
        """Reach a chain.

        Args:
            client: Asks the node.
            expected: The chain that is meant; None takes whichever is there, which only `chain deploy` may.
            policy: What is particular about it.
            clock: The time, aware, UTC.

        Raises:
            WrongChainError: another chain answers.
            LedgerUnavailableError: no answer, or a node that is not in step yet.
        """
        reached = cls(client, expected or _chain_of(client), policy, clock=clock)
        reached._check_chain()
        return reached

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def __enter__(self) -> Self:
        """The chain itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    @property
    def chain(self) -> ChainRef:
        """Which chain this is."""
        return self._chain

    @property
    def place(self) -> str:
        """The node's name in messages; holds no secret."""
        return self._client.place

    def head(self) -> BlockRef:
        """The node's newest block.

        Raises:
            LedgerUnavailableError: the node is out of step with its chain.
        """
        head = self._block("eth_getBlockByNumber", "latest", what="latest block")
        limit = self._policy.max_head_age_s
        if limit is not None and (age := int(self._clock().timestamp()) - head.timestamp) > limit:
            raise LedgerUnavailableError(
                "the node is out of step: its newest block is old",
                where=self.place,
                expected=f"at most {limit} s old",
                found=f"{age} s old (block {head.number})",
                hint="wait until it has caught up, or ask another node; is this machine's clock right?",
            )
        return head

    def final_head(self) -> BlockRef:
        """The newest block that is final by the chain's settings.

        Raises:
            LedgerUnavailableError: the node names none.
        """
        finality, head = self._policy.finality, self.head()
        if finality.rule is FinalityRule.INSTANT:
            return head
        if finality.rule is FinalityRule.DEPTH:
            return self.block(max(0, head.number - finality.depth_blocks))
        return self._block("eth_getBlockByNumber", finality.rule.value, what=f"{finality.rule.value} block")

    def block(self, number_or_hash: int | bytes) -> BlockRef:
        """One block by height or hash.

        Raises:
            LedgerError: there is no such block, or the node answers with another.
        """
        if isinstance(number_or_hash, bytes):
            named = data_text(number_or_hash)
            found = self._block("eth_getBlockByHash", named, what=f"block {named}")
            is_it = found.hash == number_or_hash
        else:
            named = str(number_or_hash)
            found = self._block("eth_getBlockByNumber", quantity(number_or_hash), what=f"block {named}")
            is_it = found.number == number_or_hash
        if not is_it:
            raise LedgerError(
                "the node answers with another block", where=self.place, expected=named, found=found.number
            )
        return found

    def observe(self, number: int) -> ObservedBlock:
        """One block with its gas, its transactions and its validators, as the node says.

        Raises:
            LedgerError: There is no such block, or the node answers with another.
        """
        answer = self._read("eth_getBlockByNumber", quantity(number), False)
        if answer is None:
            raise LedgerError("there is no such block", where=f"block {number}", hint="replaced, or not there yet")
        found = read_observed(answer)
        if found.block.number != number:
            raise LedgerError(
                "the node answers with another block", where=self.place, expected=number, found=found.block.number
            )
        return found

    def _block(self, method: str, which: str, *, what: str) -> BlockRef:
        answer = self._read(method, which, False)
        if answer is None:
            raise LedgerError(
                "there is no such block", where=what, hint="replaced, or not there yet; is the finality set right?"
            )
        return read_block(answer)

    def state(self, block: BlockRef | None = None) -> StateView:
        """The state after `block`, or after the head."""
        kind = ProvingState if self._policy.reads == "proofs" else BelievedState
        return kind(block or self.head(), self._ask_at)

    def known_until(self, block: BlockRef) -> int:
        """Up to the block after it; of the newest one its own time, or now where blocks come only on demand."""
        if block.number < self.head().number:
            return max(block.timestamp, self.block(block.number + 1).timestamp - 1)
        if self._policy.has_blocks_on_demand:
            return max(block.timestamp, int(self._clock().timestamp()))
        return block.timestamp

    def code(self, address: Address, *, block: BlockRef | None = None) -> bytes:
        """The code at `address`, empty when there is none."""
        parse_address(address)
        return read_data(self._ask_at(block or self.head(), "eth_getCode", address), "code")

    def balance(self, address: Address) -> int:
        """What `address` has at the head, in wei."""
        parse_address(address)
        return read_quantity(self._ask_at(self.head(), "eth_getBalance", address), "balance")

    def nonce(self, address: Address) -> int:
        """The nonce the next transaction of `address` must carry, those that wait in the node's pool counted."""
        parse_address(address)
        answers = [self._read("eth_getTransactionCount", address, tag) for tag in ("latest", "pending")]
        return max(read_quantity(answer, "nonce", limit=1 << 64) for answer in answers)

    def sealed_nonce(self, address: Address) -> int:
        """How many transactions of `address` are in blocks up to the head."""
        parse_address(address)
        return read_quantity(self._read("eth_getTransactionCount", address, "latest"), "nonce", limit=1 << 64)

    def receipt(self, tx_hash: bytes) -> Receipt | None:
        """The receipt of a transaction, or None while it is in no block of the chain.

        Some nodes go on showing receipts out of blocks that were replaced: the block is looked up as well.
        """
        receipt = read_receipt(self._read("eth_getTransactionReceipt", data_text(tx_hash)), tx_hash)
        if receipt is None:
            return None
        block = self._read("eth_getBlockByNumber", quantity(receipt.block_number), False)
        return receipt if block is not None and read_block(block).hash == receipt.block_hash else None

    def send_raw(self, raw: bytes) -> bytes:
        """Send a signed transaction; returns its hash. Sending the same bytes again is harmless.

        Raises:
            TransactionError: refused; `where` is `nonce`, `fee` or `funds` when only that is wrong.
            LedgerUnavailableError: it may or may not have arrived; send the same bytes again.
        """
        tx_hash = keccak(raw)
        try:
            answer = self._ask("eth_sendRawTransaction", data_text(raw))
        except NodeError as error:
            refused = refusal(error)
            if refused is None:
                return tx_hash
            raise refused from None
        if answer != data_text(tx_hash):
            raise LedgerUnavailableError(
                "the node answers with another transaction's hash",
                where=self.place,
                expected=data_text(tx_hash),
                found=str(answer)[:80],
                hint="it may have taken the transaction all the same: run again",
            )
        return tx_hash

    def call(self, to: Address, data: bytes, *, block: BlockRef | None = None) -> bytes:
        """Run a read-only function as of `block`, or of the head.

        Raises:
            TransactionError: it reverted.
        """
        parse_address(to)
        execution = self._try(block or self.head(), {"to": to, "data": data_text(data)})
        if not execution.success:
            raise TransactionError("the call reverted", where=to, found=describe_revert(execution.output))
        return execution.output

    def simulate(self, sender: Address, to: Address | None, data: bytes, *, gas: int | None = None) -> Execution:
        """Run a transaction on top of the head; its gas is what the node would have it given."""
        parse_address(sender)
        transaction = {"from": sender, "data": data_text(data), **({} if to is None else {"to": to})}
        if gas is not None:
            transaction["gas"] = hex(gas)
        head = self.head()
        execution = self._try(head, transaction, gas)
        if not execution.success:
            return execution
        try:
            needed = self._ask("eth_estimateGas", transaction)
        except NodeError as error:
            output = failed_with(error, gas)
            if output is not None:
                return Execution(False, output, gas or 0)
            raise refusal(error) or error from None
        return Execution(True, execution.output, read_quantity(needed, "gas", limit=1 << 64))

    def _try(self, block: BlockRef, transaction: dict[str, str], gas: int | None = None) -> Execution:
        try:
            return Execution(True, read_data(self._ask_at(block, "eth_call", transaction), "output"), 0)
        except NodeError as error:
            output = failed_with(error, gas)
            if output is None:
                raise explained(error) from None
            return Execution(False, output, gas or 0)

    def fees(self) -> Fees:
        """What to bid for gas now: twice the base fee and the usual tip, or the usual gas price.

        Raises:
            LedgerUnavailableError: gas costs more than the chain's settings allow to bid.
        """
        if self._policy.fees == "zero":
            return Fees(0, 0, is_legacy=True)
        head = read_object(self._read("eth_getBlockByNumber", "latest", False), "latest block")
        base_text = head.get("baseFeePerGas")
        if base_text is None or self._policy.fees == "legacy":
            price = read_quantity(self._read("eth_gasPrice"), "gas price")
            self._refuse_above_limit(price)
            return Fees(price, price, is_legacy=True)
        base = read_quantity(base_text, "base fee")
        tip = self._tip(base)
        self._refuse_above_limit(base + tip)
        most = 2 * base + tip
        limit = self._policy.max_fee_wei_per_gas
        return Fees(most if limit is None else min(most, limit), tip)

    def _tip(self, base: int) -> int:
        try:
            return read_quantity(self._ask("eth_maxPriorityFeePerGas"), "priority fee")
        except NodeError as error:
            if not is_unknown_method(error):
                raise explained(error) from None
        return max(0, read_quantity(self._read("eth_gasPrice"), "gas price") - base)

    def _refuse_above_limit(self, price: int) -> None:
        limit = self._policy.max_fee_wei_per_gas
        if limit is not None and price > limit:
            raise LedgerUnavailableError(
                "gas costs more now than the chain's settings allow to bid",
                where=self.place,
                expected=f"at most {limit} wei",
                found=f"{price} wei",
                hint="run again when it is cheaper, or set a higher maxFeeWeiPerGas in the chain's settings",
            )

    @property
    def max_fee_wei_per_gas(self) -> int | None:
        """The most that may ever be bid."""
        return self._policy.max_fee_wei_per_gas

    def header(self, number: int) -> bytes:
        """The header of the block at a height as RLP, written so that it has the block's hash.

        Raises:
            ProofError: a chain whose headers cannot be written.
            LedgerError: there is no such block.
        """
        return header_rlp(described_block(self._read, number))

    def receipts_touching(self, contract: Address, number: int) -> tuple[ReceiptEvidence, ...]:
        """Proof of the receipt of every transaction in a block that had `contract` emit something.

        All receipts of the block are asked for, and must come to the root that its header has.

        Raises:
            ProofError: they do not, or some are of a type that is not known here.
            LedgerError: there is no such block, or the node has no receipts of it.
        """
        return receipts_touching(self._ask, self._read, contract, number)

    def blocks_with_events(self, contract: Address, topics: Topics, *, first: int, last: int) -> tuple[int, ...]:
        """Blocks with such events, as the node says; a range that it does not take at once is asked for in parts.

        Raises:
            LedgerError: too many events or parts, or the node keeps no index of them.
        """
        return blocks_with_events(self._ask, contract, topics, first=first, last=last)

    def evidence(self, block: BlockRef, reads: Reads) -> StateEvidence:
        """Everything that proves what `reads` held after `block`, checked down to the last slot.

        Raises:
            ProofError: a chain whose headers cannot be written, or a malformed trie node.
            LedgerError: a proof that does not hold, or a node without `eth_getProof`.
            LedgerUnavailableError: the node no longer has that state.
        """
        answer = self._read("eth_getBlockByHash", data_text(block.hash), False)
        header = header_rlp(read_object(answer, "block"))
        if keccak(header) != block.hash:
            raise LedgerError("the node answers with another block", expected=data_text(block.hash))
        proofs = AskedProofs(self._ask_at)
        for contract, slots in reads.items():
            proofs.fetch(block, contract, slots)
        return collect_evidence(header, reads, node_of=proofs.node)

    # --- asking ------------------------------------------------------------------------------------------------------

    def _ask_at(self, block: BlockRef, method: str, *parameters: object) -> Any:
        """Ask for something as of one block, never of another with the same number."""
        if self._takes_hashes is None:
            self._takes_hashes = self._can_take_hashes(block)
        ask = self._ask if method == "eth_call" else self._read
        if self._takes_hashes:
            return ask(method, *parameters, {"blockHash": data_text(block.hash), "requireCanonical": True})
        answer = ask(method, *parameters, quantity(block.number))
        if self.block(block.number).hash != block.hash:
            raise LedgerUnavailableError(
                "the block was replaced while it was read", where=f"block {block.number}", hint="run again"
            )
        return answer

    def _can_take_hashes(self, block: BlockRef) -> bool:
        named = {"blockHash": data_text(block.hash), "requireCanonical": True}
        try:
            self._ask("eth_getBalance", _NOBODY, named)
        except NodeError as error:
            if explained(error) is error:
                return False
            raise explained(error) from None
        return True

    def _ask(self, method: str, *parameters: object) -> Any:
        """Ask, and make sure of the chain if the answer came over a new connection: it may have led elsewhere."""
        if self._checked_connection < 0:
            self._check_chain()
        try:
            return self._client.ask(method, *parameters)
        finally:
            if self._checked_connection != self._client.connections:
                self._check_chain()

    def _read(self, method: str, *parameters: object) -> Any:
        try:
            return self._ask(method, *parameters)
        except NodeError as error:
            raise explained(error) from None

    def _check_chain(self) -> None:
        """Compare chain id and genesis with those meant."""
        found = _chain_of(self._client)
        if found != self._chain:
            self._checked_connection = -1
            raise WrongChainError(
                "another chain answers at the node's address",
                where=self.place,
                expected=f"{self._chain.caip2} from genesis {self._chain.genesis_hash}",
                found=f"{found.caip2} from genesis {found.genesis_hash}",
                hint="name a node of the chain in the settings; nothing was signed",
            )
        _refuse_syncing(self._client)
        self._checked_connection = self._client.connections


def _chain_of(client: RpcClient) -> ChainRef:
    chain_id = read_quantity(client.read("eth_chainId"), "chain id")
    genesis = client.read("eth_getBlockByNumber", "0x0", False)
    if genesis is None:
        raise LedgerUnavailableError(
            "the node does not know the chain's first block", where=client.place, hint="ask a node that has all headers"
        )
    return ChainRef(format_chain_id(chain_id), data_text(read_block(genesis).hash))


def _refuse_syncing(client: RpcClient) -> None:
    try:
        answer = client.ask("eth_syncing")
    except NodeError as error:
        if is_unknown_method(error):
            return
        raise explained(error) from None
    if answer is False or answer is None:
        return
    progress = cast(dict[str, Any], answer) if isinstance(answer, dict) else {}
    current, highest = (progress.get(name) for name in ("currentBlock", "highestBlock"))
    if current is not None and current == highest:
        return  # some nodes go on saying so when they are done
    raise LedgerUnavailableError(
        "the node has not caught up with its chain yet",
        where=client.place,
        found=f"block {current} of {highest}" if current else None,
        hint="wait until it has, or ask another node",
    )
