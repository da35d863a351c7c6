"""Ask a witness over HTTP to cosign a checkpoint, and read its answer as what it is: somebody's word.

Bounded in size and time, no redirects, and no private addresses unless they are allowed: lists of witnesses are handed
around, and a name in one must not lead into the network of whoever uses it. What a witness says counts once its
signature verifies; nothing that is sent is secret, so plain HTTP will do.
"""

from __future__ import annotations

import http.client
import re
import socket
import time
from typing import ClassVar

from passport.credentials.guarded_https import Connector, HostLookup, connect_tcp, is_public_address, lookup_host
from passport.errors import CheckpointRefusedError, LedgerError, LedgerUnavailableError, ProofError
from passport.ledger.rpc_wire import DEFAULT_TIMEOUT_S, HttpWire, Monotonic, split_url
from passport.ledger.signed_note import NoteSignature, parse_signatures
from passport.ledger.witness import (
    ADD_CHECKPOINT_PATH,
    BAD_REQUEST,
    CONFLICT,
    FORBIDDEN,
    NOT_FOUND,
    SIZE_TYPE,
    UNPROCESSABLE,
    AddCheckpoint,
)

MAX_ANSWER_BYTES = 64 << 10

_SIZE = re.compile(rb"(0|[1-9][0-9]{0,18})\n\Z")
_SECONDS = re.compile(r"[0-9]{1,6}\Z")
_PASSING = (408, 425, 429)
_SAYS = {
    BAD_REQUEST: "the witness does not read the request",
    FORBIDDEN: "the witness knows the log by another key",
    NOT_FOUND: "the witness does not know the log, or is not at this address",
    CONFLICT: "the witness was shown another history of the log",
    UNPROCESSABLE: "the witness sees no growth from the checkpoint that it cosigned last",
}


class _WitnessWire(HttpWire):
    """Keeps status and header lines of the last answer, and connects to addresses that it has judged."""

    SENT_TYPE: ClassVar[str] = "text/plain; charset=utf-8"
    ACCEPTED: ClassVar[str] = "text/plain, text/x.tlog.size"
    MAX_BYTES: ClassVar[int | None] = MAX_ANSWER_BYTES

    status = 0
    media_type = ""
    retry_after = ""
    is_private_allowed = False
    host_lookup: HostLookup = staticmethod(lookup_host)
    connector: Connector = staticmethod(connect_tcp)

    def _judge(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.media_type = response.headers.get("Content-Type", "")
        self.retry_after = response.headers.get("Retry-After", "")

    def _dial(self, deadline: float) -> socket.socket:
        addresses = self.host_lookup(self._host, self._port)
        for address in () if self.is_private_allowed else addresses:
            # One bad address condemns all, and what was judged is what is connected: a name may change its mind.
            if not is_public_address(address):
                raise LedgerError(
                    "the witness's address is not a public one",
                    where=self.place,
                    found=address,
                    hint="only if you put it there yourself: --unsafe-private-witnesses",
                )
        problem = OSError("the host has no address")
        for address in addresses:
            try:
                return self.connector(address, self._port, self._left(deadline))
            except OSError as error:
                problem = error
        raise problem


class WitnessClient:
    """The way to one witness.

    Args:
        url: Its prefix, `https://...` or `http://...`.
        timeout_s: For one whole exchange, to the last byte.
        unsafe_private: Also connect to addresses that are not of the public internet.
        monotonic: A clock that only goes forward, in seconds.
        host_lookup: Finds a host's addresses.
        connector: Opens a connection to an address.

    Raises:
        LedgerError: not such a URL.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        unsafe_private: bool = False,
        monotonic: Monotonic = time.monotonic,
        host_lookup: HostLookup = lookup_host,
        connector: Connector = connect_tcp,
    ) -> None:
        if "?" in url or "#" in url or "@" in url:
            raise LedgerError("a witness's address has no user, query or fragment", expected="https://HOST/PATH")
        parts = split_url(url.rstrip("/") + ADD_CHECKPOINT_PATH)
        self.url = url.rstrip("/")
        self._wire = _WitnessWire(parts, timeout_s=timeout_s, monotonic=monotonic)
        self._wire.is_private_allowed = unsafe_private
        self._wire.host_lookup, self._wire.connector = host_lookup, connector

    def close(self) -> None:
        """Hang up."""
        self._wire.close()

    def add_checkpoint(self, request: AddCheckpoint) -> tuple[NoteSignature, ...]:
        """Ask for a cosignature; asking again is harmless.

        Returns:
            The lines that were answered; whose they are, and whether true, is not checked.

        Raises:
            CheckpointRefusedError: refused; with `last_size` where another size was cosigned last.
            LedgerUnavailableError: no answer, not now, or none that can be read.
            LedgerError: not a public address, or a redirect.
        """
        try:
            body = self._wire.exchange(request.to_bytes())
        except LedgerUnavailableError as error:
            raise LedgerUnavailableError(
                "the witness does not answer", where=self.url, found=error.found or error.message
            ) from error
        return self._read(body)

    def _read(self, body: bytes) -> tuple[NoteSignature, ...]:
        status = self._wire.status
        if status == 200:
            try:
                return parse_signatures(body.decode())
            except (ProofError, UnicodeDecodeError) as error:
                raise self._unreadable(str(error)) from error
        if status == CONFLICT and self._wire.media_type == SIZE_TYPE:
            match = _SIZE.match(body)
            if not match:
                raise self._unreadable("no size")
            raise CheckpointRefusedError(
                "the witness cosigned another size last", where=self.url, status=status, last_size=int(match[1])
            )
        if 300 <= status < 400:
            hint = "redirects are not followed: name the other address"
            raise LedgerError("the witness points elsewhere", where=self.url, found=f"status {status}", hint=hint)
        if status in _PASSING or status >= 500:
            wait = self._wire.retry_after
            hint = f"ask again in {wait} s" if _SECONDS.match(wait) else "ask again later"
            raise LedgerUnavailableError(
                "the witness does not cosign now", where=self.url, found=f"status {status}", hint=hint
            )
        if 400 <= status < 500:
            text = _SAYS.get(status, "the witness refuses")
            raise CheckpointRefusedError(text, where=self.url, status=status, found=f"status {status}")
        raise self._unreadable(f"status {status}")

    def _unreadable(self, found: str) -> LedgerUnavailableError:
        return LedgerUnavailableError("the witness's answer cannot be read", where=self.url, found=found)
