"""`signature`: a key that a DID document of the issuer names signed these bytes; a stranger's document does no harm.

Nobody signs DID documents, so a store may hold several under one DID, and one of them may be a stranger's. Each is
asked for the key. One that verifies is enough to say who signed: whether it is the issuer's key is for `identity`. When
none does, documents count against the passport only if one names a key that the registry has bound to the issuer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

from passport.credentials import (
    Secured,
    build_did_key_document,
    check_signature,
    jcs,
    key_for,
    key_hash,
    read_did_document,
)
from passport.credentials.did import DidDocument
from passport.errors import DocumentError, LedgerError, LedgerUnavailableError, PassportError, SignatureError
from passport.model.credential import Place
from verifier.chain_facts import ChainFacts
from verifier.outcome import Check, CheckId, failed, passed, unknown
from verifier.source import Source

DATED = "the DID document dates the key's end, and the signing time is not proven"
_DID_KEY = "did:key:"
_BEFORE_ANY_END = datetime.min.replace(tzinfo=UTC)


class Signed(NamedTuple):
    """The row, and the key that is proven to have signed, as Multikey."""

    check: Check
    multikey: str | None


class NamedKeys(NamedTuple):
    """The keys that the documents of a DID have under one method, the newest document's first, or why there is none.

    Documents that date the key's end stand apart: whether it had ended depends on when it signed.
    """

    multikeys: tuple[str, ...]
    problem: PassportError | None
    dated: tuple[DidDocument, ...] = ()

    def keys_at(self, verification_method: str, at: datetime | None) -> tuple[str, ...]:
        """The keys whose end no document dates, and those that had not ended at a moment.

        Args:
            verification_method: The method that was looked up.
            at: The moment, aware; None for all keys, whenever they ended.
        """
        found = dict.fromkeys(self.multikeys)
        for document in self.dated:
            try:
                found[key_for(document, verification_method, at=at or _BEFORE_ANY_END)] = None
            except PassportError:
                continue
        return tuple(found)


class IssuerKeys:
    """The keys behind verification methods, by every DID document that a source has; remembered for an audit.

    Args:
        source: Where DID documents come from.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._documents: dict[str, tuple[list[DidDocument], PassportError | None] | None] = {}
        self._named: dict[tuple[str, str], NamedKeys | None] = {}

    def named(self, did: str, verification_method: str) -> NamedKeys | None:
        """What the documents of `did` say of a method; None when no document is at hand."""
        name = (did, verification_method)
        if name not in self._named:
            self._named[name] = self._look_up(did, verification_method)
        return self._named[name]

    def all_of(self, did: str) -> Iterator[str]:
        """Every key that any document of the DID names."""
        for document in (self._read(did) or ((), None))[0]:
            for method in document.methods.values():
                if method.multikey is not None:
                    yield method.multikey

    def _look_up(self, did: str, verification_method: str) -> NamedKeys | None:
        read = self._read(did)
        if read is None:
            return None
        documents, problem = read
        multikeys: dict[str, None] = {}
        dated: list[DidDocument] = []
        for document in documents:
            try:
                multikeys[key_for(document, verification_method)] = None
            except PassportError as error:
                problem = problem or error
                method = document.methods.get(verification_method)
                if method is not None and (method.expires is not None or method.revoked is not None):
                    dated.append(document)
        return NamedKeys(tuple(multikeys), problem, tuple(dated))

    def _read(self, did: str) -> tuple[list[DidDocument], PassportError | None] | None:
        if did not in self._documents:
            self._documents[did] = _readable(self._bodies(did), did)
        return self._documents[did]

    def _bodies(self, did: str) -> Sequence[bytes]:
        # A did:key is its own document; nobody else's word on it counts.
        return [jcs(build_did_key_document(did))] if did.startswith(_DID_KEY) else self._source.did_documents(did)


class Issued(Protocol):
    """A document that names who signed it and its leaf in their log."""

    @property
    def issuer_did(self) -> str:
        """Who signed it."""
        ...

    @property
    def place(self) -> Place:
        """The leaf."""
        ...


def check_issuer_signature(
    proof: Secured | SignatureError,
    facts: Issued,
    keys: IssuerKeys,
    chain: ChainFacts | None,
    signed_at: Callable[[], int | None] = lambda: None,
) -> Signed:
    """Judge the proof of a passport, or of another document in its issuer's log.

    What a key signed while it was good stays signed, whenever its end came.

    Args:
        proof: The proof that was read, or why it cannot be.
        facts: What the document states.
        keys: The keys of issuers.
        chain: The chain, None when it is out of reach or not trusted; then any document counts.
        signed_at: Finds the proven time of signing, unix seconds, None where none is proven; asked only of a key whose
            end a DID document dates.
    """
    if isinstance(proof, SignatureError):
        return Signed(_failed(proof), None)
    did = facts.issuer_did
    try:
        named = keys.named(did, proof.verification_method)
    except PassportError as error:  # a did:key that is none
        return Signed(_failed(error), None)
    if named is None:
        return Signed(unknown(CheckId.SIGNATURE, "the issuer's DID document is not at hand", found=did), None)
    problem: PassportError | None = None
    for multikey in named.multikeys:
        try:
            check_signature(proof, multikey)
        except PassportError as error:
            problem = problem or error
        else:
            return Signed(passed(CheckId.SIGNATURE), multikey)
    if named.dated:
        judged = _judge_dated(proof, named.dated, signed_at())
        if isinstance(judged, Signed):
            return judged
        problem = problem or judged
    if chain is not None and not did.startswith(_DID_KEY):
        try:
            is_issuers = names_a_bound_key(keys.all_of(did), facts, chain)
        except LedgerUnavailableError as error:  # whoever answers later may say that the document is a stranger's
            return Signed(unknown(CheckId.SIGNATURE, str(error), found=str(problem or named.problem or did)), None)
        if not is_issuers:
            reason = "no DID document at hand names a key that the registry has bound to the issuer"
            return Signed(unknown(CheckId.SIGNATURE, reason, found=str(problem or named.problem or did)), None)
    return Signed(_failed(problem or named.problem or SignatureError("no key")), None)


def _judge_dated(
    proof: Secured, documents: Sequence[DidDocument], signed_at: int | None
) -> Signed | PassportError | None:
    """The row, where a key made the proof before its end; else why not."""
    problem: PassportError | None = None
    is_open = False
    for document in documents:
        try:
            at = _BEFORE_ANY_END if signed_at is None else datetime.fromtimestamp(signed_at, UTC)
            multikey = key_for(document, proof.verification_method, at=at)
            check_signature(proof, multikey)
        except PassportError as error:
            problem = problem or error
        else:
            if signed_at is not None:
                return Signed(passed(CheckId.SIGNATURE), multikey)
            is_open = True
    return Signed(unknown(CheckId.SIGNATURE, DATED, found=proof.verification_method), None) if is_open else problem


def names_a_bound_key(multikeys: Iterator[str], facts: Issued, chain: ChainFacts) -> bool:
    """Whether one of these keys is the issuer's by the registry; True also when what is at hand does not prove that.

    Raises:
        LedgerUnavailableError: the chain gives no answer.
    """
    try:
        return any(
            chain.registry.credential_key(facts.place.issuer_id, key_hash(multikey)) is not None
            for multikey in multikeys
        )
    except LedgerUnavailableError:
        raise
    except (LedgerError, DocumentError):
        return True


def _failed(error: PassportError) -> Check:
    return failed(CheckId.SIGNATURE, str(error), expected=error.expected, found=error.found)


def _readable(bodies: Sequence[bytes], did: str) -> tuple[list[DidDocument], PassportError | None] | None:
    """The documents that can be read, in the order given, with the first reason why one cannot; None without any."""
    if not bodies:
        return None
    documents: list[DidDocument] = []
    problem: PassportError | None = None
    for body in bodies:
        try:
            documents.append(read_did_document(body, did=did))
        except PassportError as error:
            problem = problem or error
    return documents, problem
