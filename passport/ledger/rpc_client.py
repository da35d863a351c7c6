"""JSON-RPC 2.0 to one node: a method and its parameters in, its result or one of our errors out.

Nodes agree on few error codes, so what they say is read as well: the table below names the words of the clients in use
(geth, Besu, Nethermind, Erigon, Reth, anvil) by what they mean for us.
"""

from __future__ import annotations

from itertools import count
from typing import Any

import orjson

from passport.errors import LedgerError, LedgerUnavailableError, TransactionError
from passport.ledger.rpc_wire import Wire

_METHOD_NOT_FOUND = -32601
_INVALID_PARAMS = -32602
_INTERNAL = -32603
_LIMITED = -32005
_REVERTED = 3

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
_LIMITS = ("rate limit", "too many requests", "request limit", "exceeded the quota", "capacity")


class RpcError(LedgerError):
    """What the node answered instead of a result; whoever asked knows what it means.

    Args:
        method: What was asked.
        code: JSON-RPC's number.
        said: The node's words.
        data: What it adds, usually the bytes a contract reverted with.
        where: The node.
    """

    def __init__(self, method: str, code: int, said: str, data: object, *, where: str) -> None:
        self.method = method
        self.code = code
        self.said = said
        self.data = data
        super().__init__(f"the node refuses {method}", where=where, found=f"{said} ({code})")

    def says(self, *words: str) -> bool:
        """Whether one of `words` is among the node's."""
        said = self.said.lower()
        return any(word in said for word in words)

    @property
    def is_unknown_method(self) -> bool:
        """Whether the node does not know what was asked of it."""
        return self.code == _METHOD_NOT_FOUND or self.says("method not found", "does not exist/is not available")

    @property
    def is_wrong_parameters(self) -> bool:
        """Whether the node takes no such parameters."""
        return self.code == _INVALID_PARAMS

    def reverted_with(self) -> bytes | None:
        """What a contract reverted with; None when it was no contract that refused."""
        data = self.data
        if isinstance(data, dict):  # some nest it
            data = data.get("data", data.get("result"))
        if isinstance(data, str):
            text = data.removeprefix("Reverted ")
            if text.startswith("0x") and len(text) % 2 == 0:
                try:
                    return bytes.fromhex(text[2:])
                except ValueError:
                    pass
        return b"" if self.code == _REVERTED or self.says("execution reverted", "revert") else None

    def explained(self) -> LedgerError:
        """The error as those see it who only wanted to read."""
        facts: dict[str, Any] = {"where": self.where, "found": self.found}
        if self.code == _LIMITED or self.says(*_LIMITS):
            return LedgerUnavailableError("the node limits how often it is asked", **facts, hint="ask again later")
        if self.says(*_PRUNED):
            hint = "ask a node that keeps old states (an archive node), or judge as of a newer block"
            return LedgerUnavailableError("the node no longer has the state of that block", **facts, hint=hint)
        if self.says(*_GONE):
            hint = "it was replaced, or the node is behind: run again"
            return LedgerUnavailableError("the node does not know that block (any more)", **facts, hint=hint)
        if self.code == _INTERNAL:
            return LedgerUnavailableError("the node fails", **facts, hint="ask again later")
        return self

    def refusal(self) -> LedgerError | None:
        """What it means for a transaction that was sent; None when the node has it already."""
        if self.says(*_KNOWN):
            return None
        facts: dict[str, Any] = {"found": self.found}
        if self.says(*_NONCE):
            return TransactionError("the chain refuses the transaction's nonce", where="nonce", **facts)
        if self.says(*_FEE):
            hint = "gas costs more now, or another transaction has this nonce: it is bid more later"
            return TransactionError("the chain refuses the transaction's fee", where="fee", **facts, hint=hint)
        if self.says(*_FUNDS):
            hint = "send some of the chain's coin to the account: `passport chain accounts` names it"
            return TransactionError("the account cannot pay for the transaction", where="funds", **facts, hint=hint)
        explained = self.explained()
        if explained is not self:
            return explained
        return TransactionError("the chain refuses the transaction", **facts)


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
            RpcError: the node refuses.
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
        except RpcError as error:
            raise error.explained() from None

    def _refused(self, method: str, refused: object) -> RpcError:
        if not isinstance(refused, dict):
            return RpcError(method, _INTERNAL, str(refused)[:500], None, where=self.place)
        code = refused.get("code")
        said = str(refused.get("message"))[:500]
        return RpcError(method, code if isinstance(code, int) else 0, said, refused.get("data"), where=self.place)

    def _malformed(self, method: str, found: str) -> LedgerUnavailableError:
        return LedgerUnavailableError(
            "the node answers what JSON-RPC does not allow",
            where=f"{self.place} {method}",
            expected="a result or an error",
            found=found,
            hint="does something between here and the node meddle, or is it no Ethereum node?",
        )
