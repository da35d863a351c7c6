"""Hand a signed order to a relay over HTTP, and read its answer as what it is: somebody's word.

Bounded in size and time, no redirects. What a relay says moves nothing by itself: whoever ordered looks at the chain.
"""

from __future__ import annotations

import http.client
import re
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson

from passport.errors import LedgerError, LedgerUnavailableError, TransactionError
from passport.ledger.rpc_wire import DEFAULT_TIMEOUT_S, HttpWire, Monotonic, split_url

ORDERS_PATH = "/v1/orders"
MAX_ANSWER_BYTES = 64 << 10

RELAY_REFUSES = "relay"
"""`where` of a `TransactionError` that is a relay's, not the chain's."""

_HASH = re.compile(r"0x[0-9a-f]{64}\Z")
_SECONDS = re.compile(r"[0-9]{1,6}\Z")
_PASSING = (408, 425, 429)


class RelayedState(StrEnum):
    """How far an order has come, as its relay says."""

    SUBMITTED = "submitted"
    """Signed for, and sent or about to be."""

    INCLUDED = "included"
    """In a block that might still be replaced."""

    FINAL = "final"
    """In the chain for good."""

    FAILED = "failed"
    """It can no longer get in by this relay's transactions."""


@dataclass(frozen=True, slots=True)
class RelayAnswer:
    """What a relay says of an order.

    Args:
        state: How far it has come.
        transaction: The hash of the transaction that it names, 32 bytes.
        reason: Why it failed, if it did.
    """

    state: RelayedState
    transaction: bytes | None
    reason: str | None


class _RelayWire(HttpWire):
    """Keeps status and `Retry-After` of the last answer, for whoever reads its body."""

    status = 0
    retry_after = ""

    def _judge(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.retry_after = response.headers.get("Retry-After", "")


class RelayClient:
    """The way to one relay.

    Args:
        url: Where it is: `https://...`, or `http://...`; an order holds no secret.
        timeout_s: For one whole exchange, to the last byte.
        monotonic: A clock that only goes forward, in seconds.

    Raises:
        LedgerError: not such a URL.
    """

    def __init__(
        self, url: str, *, timeout_s: float = DEFAULT_TIMEOUT_S, monotonic: Monotonic = time.monotonic
    ) -> None:
        if "?" in url or "#" in url or "@" in url:
            raise LedgerError("a relay's address has no user, query or fragment", expected="https://HOST/PATH")
        self._wire = _RelayWire(split_url(url.rstrip("/") + ORDERS_PATH), timeout_s=timeout_s, monotonic=monotonic)

    @property
    def place(self) -> str:
        """The relay's name in messages."""
        return self._wire.place

    def post(self, order: bytes, digest: bytes) -> RelayAnswer:
        """Hand in an order; doing it again is harmless.

        Args:
            order: Its document, by `order_bytes`.
            digest: Its EIP-712 digest, which the answer must name.

        Raises:
            TransactionError: refused, or an answer about something else; `where` is `relay`.
            LedgerUnavailableError: no answer, not now, or none that can be read: it may or may not have been taken.
        """
        try:
            body = self._wire.exchange(order)
        except LedgerError as error:
            raise LedgerUnavailableError(
                "the relay does not answer",
                where=self.place,
                found=error.found or error.message,
                hint="run again, name another relay, or pay for it: nothing is lost and nothing can be doubled",
            ) from error
        finally:
            self._wire.close()
        status = self._wire.status
        answer = _read(body)
        if status in _PASSING or status >= 500:
            wait = self._wire.retry_after
            raise LedgerUnavailableError(
                "the relay does not take the order now",
                where=self.place,
                found=_said(answer, status),
                hint=f"run again in {wait} s, name another relay, or pay for it"
                if _SECONDS.match(wait)
                else "run again later, name another relay, or pay for it",
            )
        if 400 <= status < 500:
            raise TransactionError("the relay refuses the order", where=RELAY_REFUSES, found=_said(answer, status))
        if status not in (200, 202) or answer is None:
            raise self._unreadable(f"status {status}")
        return self._answer(answer, digest)

    def _answer(self, answer: dict[str, Any], digest: bytes) -> RelayAnswer:
        named, transaction, reason = (answer.get(name) for name in ("digest", "transaction", "reason"))
        if named != "0x" + digest.hex():
            raise TransactionError(
                "the relay answers about another order",
                where=RELAY_REFUSES,
                expected="0x" + digest.hex(),
                found=str(named)[:80],
            )
        try:
            state = RelayedState(str(answer.get("state")))
        except ValueError:
            raise self._unreadable("no state that is known") from None
        if transaction is not None and not (isinstance(transaction, str) and _HASH.match(transaction)):
            raise self._unreadable("no hash of a transaction")
        return RelayAnswer(
            state,
            bytes.fromhex(transaction[2:]) if transaction else None,
            str(reason)[:200] if reason is not None else None,
        )

    def _unreadable(self, found: str) -> LedgerUnavailableError:
        return LedgerUnavailableError(
            "the relay's answer cannot be read",
            where=self.place,
            found=found,
            hint="is this a relay? name another one, or pay for it: nothing is lost and nothing can be doubled",
        )


def _read(body: bytes) -> dict[str, Any] | None:
    if len(body) > MAX_ANSWER_BYTES:
        return None
    try:
        # Its own bound on nesting holds: Python's reader overflows the stack where a library has raised the limit of
        # recursion, as py-evm does.
        found = orjson.loads(body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _said(answer: dict[str, Any] | None, status: int) -> str:
    """What a problem document says, cut to a line."""
    if answer is None:
        return f"status {status}"
    parts = [str(answer.get(name)) for name in ("detail", "expected", "found") if answer.get(name) is not None]
    kind = str(answer.get("type", "")).rpartition("/")[2]
    return f"{kind}: {'; '.join(parts)}"[:300] if parts else f"status {status}"
