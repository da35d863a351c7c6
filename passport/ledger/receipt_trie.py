"""Build the trie of a block's receipts out of what a node says of them; the root in the block's header judges it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import rlp  # type: ignore[import-untyped]  # the library ships no types
from trie.hexary import HexaryTrie

from passport.errors import ProofError
from passport.ledger.rpc_values import data_text, read_data, read_object, read_quantity
from passport.ledger.sealed_receipt import MAX_GAS
from passport.ledger.trie_walk import rlp_index

_MAX_TYPE = 4


def sealed_receipts(answers: Sequence[object], *, where: str) -> tuple[bytes, ...]:
    """Receipts as the chain sealed them.

    Args:
        answers: All receipts of a block in order, as `eth_getBlockReceipts` answers.
        where: Which block, for the error.

    Raises:
        ProofError: of a type that is not known here.
        LedgerError: malformed.
    """
    return tuple(_sealed(read_object(answer, "receipt"), where) for answer in answers)


def _sealed(answer: Mapping[str, Any], where: str) -> bytes:
    kind = read_quantity(answer.get("type", "0x0"), "receipt's type", limit=256)
    if kind > _MAX_TYPE:
        raise ProofError("a receipt of an unknown type", where=where, expected=f"0 to {_MAX_TYPE}", found=kind)
    outcome: int | bytes
    if answer.get("status") is None:
        outcome = read_data(answer.get("root"), "receipt's state root", length=32)
    else:
        outcome = read_quantity(answer["status"], "receipt's status", limit=2)
    logs = answer.get("logs")
    members = [
        outcome,
        read_quantity(answer.get("cumulativeGasUsed"), "receipt's cumulative gas", limit=MAX_GAS),
        read_data(answer.get("logsBloom"), "receipt's bloom filter", length=256),
        [_log(read_object(each, "event")) for each in (logs if isinstance(logs, list) else ())],
    ]
    encoded: bytes = rlp.encode(members)
    return bytes([kind]) + encoded if kind else encoded


def _log(event: Mapping[str, Any]) -> list[Any]:
    topics = event.get("topics")
    return [
        read_data(event.get("address"), "event's address", length=20),
        [read_data(topic, "event's topic", length=32) for topic in (topics if isinstance(topics, list) else ())],
        read_data(event.get("data"), "event's data"),
    ]


def receipts_trie(sealed: Sequence[bytes], *, root: bytes) -> Mapping[bytes, bytes]:
    """The nodes of the trie of receipts, by hash.

    Args:
        sealed: All receipts of the block in order.
        root: What the block's header says.

    Raises:
        ProofError: the receipts come to another root.
    """
    nodes: dict[bytes, bytes] = {}
    trie = HexaryTrie(nodes)
    for index, receipt in enumerate(sealed):
        trie[rlp_index(index)] = receipt
    if trie.root_hash != root:
        raise ProofError(
            "the receipts do not come to the root in the block's header",
            expected=data_text(root),
            found=data_text(trie.root_hash),
            hint="the node is faulty or lies, or its chain writes receipts of its own kind",
        )
    return nodes
