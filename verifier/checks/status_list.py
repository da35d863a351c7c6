"""What a passport's Bitstring Status List says beside the chain: a note where they differ; the chain's word counts.

A list is its issuer's own and can be made anew or withheld at any time, so it never decides `status`: it is for readers
who know no chain. What it says against a passport is never lost, and what it says for one proves nothing.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from passport.credentials.any_key import verify_by_any_key
from passport.credentials.status_list import (
    StatusEntry,
    StatusList,
    StatusPurpose,
    read_status_credential,
    read_status_entries,
    verify_status_credential,
)
from passport.errors import CanonicalError, DocumentError, LedgerError, PassportError
from passport.model.facts import PassportFacts, unix_time
from verifier.chain_facts import ChainFacts
from verifier.checks.identity import KeyStatementMissingError, why_not_signer
from verifier.issuer_keys import IssuerKeys
from verifier.outcome import Check, Note, Outcome, Severity, time_words
from verifier.source import Source

LISTED = "status_listed"
MAX_KEPT_BYTES = 64 << 20
"""Unpacked lists that an audit keeps at once: hostile trees may name as many as they have passports."""

_WORDS = {StatusPurpose.REVOCATION: "revoked", StatusPurpose.SUSPENSION: "suspended"}


class _Read(NamedTuple):
    """A list whose signature holds.

    Attributes:
        status: Its bits.
        multikey: The key that signed it.
        valid_from: Unix seconds.
        valid_until: Unix seconds, None for no end.
    """

    status: StatusList
    multikey: str
    valid_from: int
    valid_until: int | None


class _UndecidedError(Exception):
    """Why a list says nothing of a passport."""


def list_key(did: str, url: str) -> str:
    """The name of an issuer's list: several issuers may name one URL, and each speaks for itself alone."""
    return f"{did}|{url}"


class StatusLists:
    """The status lists of an audit, each read once as long as they are few.

    Args:
        source: Where lists come from.
        keys: The keys of issuers.
        at: The moment that is judged, unix seconds.
        is_snapshot: Judge as of the block's time, as bundles are.
        skew_s: How far clocks may differ.
        max_bytes: The longest list that is read, packed.

    Attributes:
        signed_with: The key whose signature verified, as Multikey, by `list_key`.
    """

    def __init__(
        self, source: Source, keys: IssuerKeys, *, at: int, is_snapshot: bool, skew_s: int, max_bytes: int
    ) -> None:
        self.signed_with: dict[str, str] = {}
        self._source = source
        self._keys = keys
        self._at = at
        self._is_snapshot = is_snapshot
        self._skew_s = skew_s
        self._max_bytes = max_bytes
        self._lists: OrderedDict[str, _Read | str] = OrderedDict()
        self._kept_bytes = 0
        self._faults: dict[tuple[str, str, str, str, int], str | None] = {}

    def judge(
        self,
        credential: Mapping[str, Any],
        facts: PassportFacts,
        chain: ChainFacts | None,
        row: Check | None,
        signed_with: str | None,
    ) -> Note | None:
        """What is to be said of a passport's list; nothing where it says what the chain says.

        Args:
            credential: The passport without proof.
            facts: What it states.
            chain: Its chain, None when it is out of reach or not trusted.
            row: The row of `status`.
            signed_with: The key that is proven to have signed the passport.
        """
        for entry in read_status_entries(credential):  # the schema admits one
            try:
                read = self._list_of(entry, facts)
                self._check_time(read, chain)
                self._check_signer(read, facts, chain, signed_with)
                is_set = read.status.is_set(entry.index)
            except (_UndecidedError, DocumentError) as error:
                return Note("status_list_unknown", Severity.INFO, f"its status list: {error}")
            return _compared(entry.purpose, is_set, row, time_words(read.valid_from))
        return None

    def _list_of(self, entry: StatusEntry, facts: PassportFacts) -> _Read:
        """The list that an entry names, of that purpose."""
        key = list_key(facts.issuer_did, entry.list_url)
        if key not in self._lists:
            self._keep(key, self._read(entry.list_url, facts.issuer_did))
        self._lists.move_to_end(key)
        found = self._lists[key]
        if isinstance(found, str):
            raise _UndecidedError(found)
        if found.status.purpose is not entry.purpose:
            raise _UndecidedError(f"a list of another purpose, {found.status.purpose}")
        return found

    def _keep(self, key: str, read: _Read | str) -> None:
        self._lists[key] = read
        if isinstance(read, str):
            return
        self.signed_with[key] = read.multikey
        self._kept_bytes += len(read.status.bits)
        for name in list(self._lists):
            if self._kept_bytes <= MAX_KEPT_BYTES or name == key:
                break
            gone = self._lists.pop(name)
            self._kept_bytes -= 0 if isinstance(gone, str) else len(gone.status.bits)

    def _read(self, url: str, did: str) -> _Read | str:
        """A list whose signature, issuer and shape hold, or why there is none."""
        body = self._source.status_list(did, url)
        if body is None:
            return "not at hand"
        if len(body) > self._max_bytes:
            return f"larger than {self._max_bytes} bytes"

        def keys_of(verification_method: str) -> Sequence[str]:
            named = self._keys.named(did, verification_method) if verification_method.startswith(f"{did}#") else None
            return () if named is None else named.keys_at(verification_method, datetime.fromtimestamp(self._at, UTC))

        try:
            moment = datetime.fromtimestamp(self._at, UTC)
            document, multikey = verify_by_any_key(
                lambda lookup: verify_status_credential(body, lookup, at=moment), keys_of
            )
            if document.get("id") != url:
                return "another list than the one that is named"
            until = document.get("validUntil")
            return _Read(
                read_status_credential(document),
                multikey,
                unix_time(document.get("validFrom", "")),
                None if until is None else unix_time(until),
            )
        except PassportError as error:
            return str(error)

    def _check_time(self, read: _Read, chain: ChainFacts | None) -> None:
        """A list is for its own time; a bundle's is judged as of the bundle's block."""
        moment = chain.state.block.timestamp if self._is_snapshot and chain else self._at
        if read.valid_from > self._at + self._skew_s:
            raise _UndecidedError(f"valid only from {time_words(read.valid_from)}")
        if read.valid_until is not None and read.valid_until < moment:
            raise _UndecidedError(f"valid only until {time_words(read.valid_until)}")

    def _check_signer(
        self, read: _Read, facts: PassportFacts, chain: ChainFacts | None, signed_with: str | None
    ) -> None:
        """The key speaks for the issuer by the registry; without a chain it is the one that signed the passport."""
        if chain is None:
            if read.multikey != signed_with:
                raise _UndecidedError("signed by another key than the passport, and no chain says whose it is")
            return
        block_time = chain.state.block.timestamp
        fault: str | None = None
        for time in (min(read.valid_from, block_time), min(read.valid_from + self._skew_s, block_time)):
            key = (facts.place.registry, facts.place.genesis, facts.place.issuer_id, read.multikey, time)
            if key not in self._faults:
                self._faults[key] = self._why_not(read.multikey, facts, chain, time)
            fault = self._faults[key]
            if fault is None:
                return
        raise _UndecidedError(fault)

    def _why_not(self, multikey: str, facts: PassportFacts, chain: ChainFacts, time: int) -> str | None:
        try:
            return next((reason for reason, _, _ in why_not_signer(facts, multikey, self._source, chain, time)), None)
        except (KeyStatementMissingError, LedgerError, DocumentError, CanonicalError) as error:
            return str(error)


def _compared(purpose: StatusPurpose, is_set: bool, row: Check | None, made: str) -> Note | None:
    """What to say of a bit beside the chain's word."""
    word = _WORDS[purpose]
    if row is None or row.outcome is Outcome.UNKNOWN:
        if not is_set:
            return None
        text = f"its issuer lists it as {word}, in a list of {made}; what the chain says is not known"
        return Note("status_listed", Severity.WARNING, text)
    on_chain = row.found if row.outcome is Outcome.FAILED else None
    is_on_chain = on_chain == word
    if purpose is StatusPurpose.REVOCATION and on_chain == "corrected":
        is_on_chain = is_set  # a list has no word for it: either is right
    if on_chain == "revoked" and purpose is StatusPurpose.SUSPENSION:
        is_on_chain = is_set  # the row names the graver of the two
    if is_set == is_on_chain:
        return None
    said = word if is_set else f"not {word}"
    text = f"its status list of {made} says {said}, and the chain says otherwise, which counts"
    return Note("status_list_disagrees", Severity.WARNING, text)
