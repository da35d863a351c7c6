"""Receipts and events of a node: blocks are believed as the node says them, receipts only below a block's header."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from passport.errors import LedgerError, LedgerUnavailableError, NodeError
from passport.ledger.chain_id import Address, parse_address
from passport.ledger.proofs import receipts_root_of_header
from passport.ledger.protocol import Topics
from passport.ledger.receipt_proof import MAX_TRANSACTIONS, ReceiptEvidence, collect_touching
from passport.ledger.rpc_client import explained, is_unknown_method
from passport.ledger.rpc_header import header_rlp
from passport.ledger.rpc_values import data_text, quantity, read_block, read_log_blocks, read_object

MAX_LOG_QUESTIONS = 200
"""Nodes take a few thousand blocks to some millions in one question for events."""

Ask = Callable[..., Any]
"""`(method, *parameters)`: asks the node."""


def described_block(read: Ask, number: int) -> Mapping[str, Any]:
    """What the node says of the block at a height.

    Args:
        read: Asks; refusals are explained.
        number: The height.

    Raises:
        LedgerError: there is no such block, or the node answers with another.
    """
    answer = read("eth_getBlockByNumber", quantity(number), False)
    if answer is None:
        raise LedgerError("there is no such block", where=f"block {number}", hint="replaced, or not there yet")
    described = read_object(answer, "block")
    if read_block(described).number != number:
        raise LedgerError("the node answers with another block", expected=number, found=described.get("number"))
    return described


def receipts_touching(ask: Ask, read: Ask, contract: Address, number: int) -> tuple[ReceiptEvidence, ...]:
    """As `Ledger.receipts_touching`.

    Args:
        ask: Asks; raises `NodeError` where the node refuses.
        read: Asks; refusals are explained.
        contract: The contract.
        number: The block's height.

    Raises:
        ProofError: the receipts do not come to the root in the header, or some are of a type that is not known here.
        LedgerError: there is no such block, or the node has no receipts of it.
    """
    from passport.ledger.receipt_trie import receipts_trie, sealed_receipts

    described = described_block(read, number)
    header = header_rlp(described)
    sealed = sealed_receipts(_receipts_of(ask, read, number, described), where=f"block {number}")
    nodes = receipts_trie(sealed, root=receipts_root_of_header(header))
    return collect_touching(header, len(sealed), contract, node_of=nodes.__getitem__)


def _receipts_of(ask: Ask, read: Ask, number: int, described: Mapping[str, Any]) -> list[Any]:
    """All receipts of a block in order, at once or, of nodes that cannot do that, one by one."""
    listed = described.get("transactions")
    if not isinstance(listed, list) or len(listed) > MAX_TRANSACTIONS:
        raise LedgerError("the node answers what its protocol does not allow", where="transactions")
    try:
        answer = ask("eth_getBlockReceipts", quantity(number))
    except NodeError as error:
        if not is_unknown_method(error):
            raise explained(error) from None
        answer = [read("eth_getTransactionReceipt", tx_hash) for tx_hash in listed]
    if not isinstance(answer, list) or len(answer) != len(listed):
        raise LedgerUnavailableError("the node has not all receipts of the block", where=f"block {number}")
    return answer


def blocks_with_events(ask: Ask, contract: Address, topics: Topics, *, first: int, last: int) -> tuple[int, ...]:
    """As `Ledger.blocks_with_events`.

    Args:
        ask: Asks; raises `NodeError` where the node refuses.
        contract: The contract.
        topics: Which events are meant.
        first: The first block.
        last: The last one.

    Raises:
        LedgerError: too many events or parts, or the node keeps no index of them.
    """
    parse_address(contract)
    wanted = {"address": contract, "topics": [[data_text(word) for word in sorted(each)] for each in topics]}
    ranges, found = [(first, last)], set[int]()
    for _ in range(MAX_LOG_QUESTIONS):
        if not ranges:
            return tuple(sorted(found))
        low, high = ranges.pop()
        try:
            answer = ask("eth_getLogs", {**wanted, "fromBlock": quantity(low), "toBlock": quantity(high)})
        except NodeError as error:
            if is_unknown_method(error) or low >= high:
                raise explained(error) from None
            middle = (low + high) // 2
            ranges += [(middle + 1, high), (low, middle)]
            continue
        found |= read_log_blocks(answer, low, high)
    expected = f"at most {MAX_LOG_QUESTIONS} questions for blocks {first} to {last}"
    raise LedgerError("the node hands out events of too few blocks at once", expected=expected)
