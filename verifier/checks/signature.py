"""`signature`: a key that a DID document of the issuer names signed these bytes; a stranger's document does no harm.

Nobody signs DID documents, so a store may hold several under one DID, and one of them may be a stranger's. Each is
asked for the key, first the one that the passport pins. One that verifies is enough to say who signed: whether it is
the issuer's key is for `identity`. When none does, documents count against the passport only if one names a key that
the registry has bound to the issuer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

from passport.credentials import Secured, check_signature, key_for, key_hash
from passport.credentials.did import DidDocument
from passport.errors import DocumentError, LedgerError, LedgerUnavailableError, PassportError, SignatureError
from passport.model.credential import Place
from verifier.chain_facts import ChainFacts
from verifier.issuer_keys import BEFORE_ANY_END, DID_KEY, IssuerKeys
from verifier.outcome import Check, CheckId, failed, passed, unknown

DATED = "the DID document dates the key's end, and the signing time is not proven"


class Signed(NamedTuple):
    """The row, and the key that is proven to have signed, as Multikey."""

    check: Check
    multikey: str | None


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
    pinned: str | None = None,
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
        pinned: Digest of the DID document that the document pins; it is asked first.
    """
    if isinstance(proof, SignatureError):
        return Signed(_failed(proof), None)
    did = facts.issuer_did
    try:
        named = keys.named(did, proof.verification_method, pinned)
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
    if chain is not None and not did.startswith(DID_KEY):
        try:
            is_issuers = names_a_bound_key(keys.all_of(did, pinned), facts, chain)
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
            at = BEFORE_ANY_END if signed_at is None else datetime.fromtimestamp(signed_at, UTC)
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
