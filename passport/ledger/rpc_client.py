"""JSON-RPC 2.0 to one node: a method and its parameters in, its result or one of our errors out.

Nodes agree on few error codes, so what they say is read as well: the table below names the words of the clients in use
(geth, Besu, Nethermind, Erigon, Reth, anvil) by what they mean for us.
"""

from __future__ import annotations

import re
from itertools import count
from typing import Any

import orjson

from passport.errors import LedgerError, LedgerUnavailableError, NodeError, TransactionError
from passport.ledger.rpc_wire import Wire

_METHOD_NOT_FOUND = -32601
_INTERNAL = -32603
_LIMITED = -32005
_NOT_FOUND = -32001
_REVERTED = 3
_REVERT_DATA = re.compile(r"0x([0-9a-fA-F]{2})*\Z")

# What a node may say, in lower case, and what it means. The first that fits counts.
_KNOWN = (
    "already known",
    "alreadyknown",
    "known transaction",
    "already imported",
    "already in pool",
    "already in mempool",
)
_NONCE = (
    "nonce too low",
    "nonce too high",
    "nonce_too_low",
    "nonce_too_high",
    "oldnonce",
    "invalid nonce",
    "nonce is too",
)
_FEE = (
    "underpriced",
    "fee cap too low",
    "feecaptoolow",
    "feetoolow",
    "max fee per gas less than block base fee",
    "gas price too low",
    "gas price below",
    "gas_price_too_low",
    "tip above fee cap",
)
_FUNDS = (
    "insufficient funds",
    "insufficient_funds",
    "insufficientfunds",
    "upfront cost",
    "upfront_cost",
    "insufficient balance",
)
_PRUNED = (
    "missing trie node",
    "pruned",
    "historical state",
    "state not available",
    "state is not available",
    "state unavailable",
    "world state unavailable",
    "maximum proof window",
    "state recreation",
    "no state available",
)
_GONE = (
    "header not found",
    "block not found",
    "unknown block",
    "not currently canonical",
    "could not find block",
    "blockoutofrange",
)
_OUT_OF_GAS = (
    "out of gas",
    "out-of-gas",
    "outofgas",
    "gas required exceeds",
    "gas uint64 overflow",
    "intrinsic gas",
    "exceeds allowance",
    "gas exceeds",
    "invalid opcode",
    "invalid jump",
    "stack ",
)
_LIMITS = ("rate limit", "too many requests", "request limit", "exceeded the quota", "capacity")


def _says(error: NodeError, words: tuple[str, ...]) -> bool:
    said = error.said.lower()
    return any(word in said for word in words)


def is_unknown_method(error: NodeError) -> bool:
    """Whether the node does not know what was asked of it."""
    return error.code == _METHOD_NOT_FOUND or _says(error, ("method not found", "does not exist/is not available"))


def reverted_with(error: NodeError) -> bytes | None:
    """What a contract reverted with; None when it was no contract that refused."""
    data = error.data
    if isinstance(data, dict):  # some nest it
        data = data.get("data", data.get("result"))
    if isinstance(data, str) and _REVERT_DATA.match(text := data.removeprefix("Reverted ")):
        return bytes.fromhex(text[2:])
    return b"" if error.code == _REVERTED or _says(error, ("revert",)) else None


def failed_with(error: NodeError, gas: int | None) -> bytes | None:
    """What a trial run reverted with; None when it was no contract that refused.

    Args:
        error: What the node said.
        gas: The gas limit of the trial: what used it up has failed, and has said nothing.
    """
    output = reverted_with(error)
    return b"" if output is None and gas is not None and _says(error, _OUT_OF_GAS) else output


def explained(error: NodeError) -> LedgerError:
    """A node's refusal as those see it who only wanted to read; the error itself where nothing is known of it."""
    facts: dict[str, Any] = {"where": error.where, "found": error.found}
    if error.code == _LIMITED or _says(error, _LIMITS):
        return LedgerUnavailableError("the node limits how often it is asked", **facts, hint="ask again later")
    if _says(error, _PRUNED):
        hint = "ask a node that keeps old states (an archive node), or judge as of a newer block"
        return LedgerUnavailableError("the node no longer has the state of that block", **facts, hint=hint)
    if error.code == _NOT_FOUND or _says(error, _GONE):
        hint = "it was replaced, or the node is behind: run again"
        return LedgerUnavailableError("the node does not know that block (any more)", **facts, hint=hint)
    if error.code == _INTERNAL:
        return LedgerUnavailableError("the node fails", **facts, hint="ask again later")
    return error


def refusal(error: NodeError) -> LedgerError | None:
    """What a node's refusal means for a transaction that was sent; None when the node has it already."""
    if _says(error, _KNOWN):
        return None
    facts: dict[str, Any] = {"found": error.found}
    if _says(error, _NONCE):
        return TransactionError("the chain refuses the transaction's nonce", where="nonce", **facts)
    if _says(error, _FEE):
        hint = "gas costs more now, or another transaction has this nonce: it is bid more later"
        return TransactionError("the chain refuses the transaction's fee", where="fee", **facts, hint=hint)
    if _says(error, _FUNDS):
        hint = "send some of the chain's coin to the account: `passport chain accounts` names it"
        return TransactionError("the account cannot pay for the transaction", where="funds", **facts, hint=hint)
    known = explained(error)
    return TransactionError("the chain refuses the transaction", **facts) if known is error else known


class RpcClient:
    """Asks one node.

    Args:
        wire: The way to it.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._numbers = count(1)

    @property
    def place(self) -> str:
        """The node's name in messages."""
        return self._wire.place

    @property
    def connections(self) -> int:
        """How often it was connected: after a new connection it may be another node."""
        return self._wire.connections

    def close(self) -> None:
        """Hang up."""
        self._wire.close()

    def ask(self, method: str, *parameters: object) -> Any:
        """Call a method.

        Raises:
            NodeError: the node refuses.
            LedgerUnavailableError: it does not answer.
            LedgerError: it answers what JSON-RPC does not allow.
        """
        number = next(self._numbers)
        request = {"jsonrpc": "2.0", "id": number, "method": method, "params": list(parameters)}
        body = self._wire.exchange(orjson.dumps(request))
        try:
            answer = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise self._malformed(method, f"{len(body)} bytes that are not JSON") from error
        if not isinstance(answer, dict):
            raise self._malformed(method, type(answer).__name__)
        refused = answer.get("error")
        if refused is not None:
            raise self._refused(method, refused)
        if answer.get("id") != number:
            raise self._malformed(method, f"an answer to request {answer.get('id')!r}"[:80])
        if "result" not in answer:
            raise self._malformed(method, "neither result nor error")
        return answer["result"]

    def read(self, method: str, *parameters: object) -> Any:
        """Call a method that only reads.

        Raises:
            LedgerUnavailableError: no answer, too many questions, or a state or block that the node does not have.
            LedgerError: any other refusal.
        """
        try:
            return self.ask(method, *parameters)
        except NodeError as error:
            raise explained(error) from None

    def _refused(self, method: str, refused: object) -> NodeError:
        answer = refused if isinstance(refused, dict) else {"code": _INTERNAL, "message": refused}
        code = answer.get("code")
        said = str(answer.get("message"))[:500]
        return NodeError(
            f"the node refuses {method}",
            code=code if isinstance(code, int) else 0,
            said=said,
            data=answer.get("data"),
            where=self.place,
            found=f"{said} ({code})",
        )

    def _malformed(self, method: str, found: str) -> LedgerUnavailableError:
        return LedgerUnavailableError(
            "the node answers what JSON-RPC does not allow",
            where=f"{self.place} {method}",
            expected="a result or an error",
            found=found,
            hint="does something between here and the node meddle, or is it no Ethereum node?",
        )
