"""The keys behind verification methods: by every DID document of an issuer, and by the one that a passport pins.

Nobody signs DID documents, so a source may hold several under one DID, and one of them may be a stranger's. A passport
may pin one of them by its hash: that one is the document that its issuer meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

from passport.credentials import build_did_key_document, jcs, key_for, read_did_document
from passport.credentials.did import DidDocument
from passport.errors import DocumentError, PassportError, ResolutionError
from passport.model.digest import digest_of
from verifier.source import Source

DID_KEY = "did:key:"
MAX_ENDED = 16
BEFORE_ANY_END = datetime.min.replace(tzinfo=UTC)


class PinnedKey(NamedTuple):
    """What a pinned DID document says of one method.

    Attributes:
        document: The document with nothing but that method; None when it cannot be read or is another DID's.
        problem: Why it is of no use.
        other_key: A key that another document of the DID at hand has in its place, the first by its text.
        ended: Other documents that date the end of the pinned key, with nothing but that method; the first few.
        is_left_out: Whether another document has no key under the method.
    """

    document: DidDocument | None
    problem: PassportError | None
    other_key: str | None = None
    ended: tuple[DidDocument, ...] = ()
    is_left_out: bool = False


class NamedKeys(NamedTuple):
    """The keys that the documents of a DID have under one method, the newest document's first, or why there is none.

    Documents that date the key's end stand apart: whether it had ended depends on when it signed.

    Attributes:
        multikeys: Keys whose end no document dates; the pinned document's first.
        problem: The first reason why a document has none.
        dated: The documents that date the key's end, with nothing but that method.
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
                found[key_for(document, verification_method, at=at or BEFORE_ANY_END)] = None
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
        self._named: dict[tuple[str, str, str | None], NamedKeys | None] = {}
        self._pinned_keys: dict[tuple[str, str, str], PinnedKey | None] = {}

    def named(self, did: str, verification_method: str, pinned: str | None = None) -> NamedKeys | None:
        """What the documents of `did` say of a method; None when no document is at hand.

        Args:
            did: Whose.
            verification_method: The method.
            pinned: Digest of the document that a passport pins; it is asked first.

        Raises:
            ResolutionError: A `did:key` that is none.
        """
        name = (did, verification_method, pinned)
        if name not in self._named:
            self._named[name] = self._look_up(did, verification_method, pinned)
        return self._named[name]

    def pinned_key(self, did: str, verification_method: str, pinned: str) -> PinnedKey | None:
        """What the document that a passport pins says of a method; None when that document is not at hand.

        Args:
            did: Whose it must be.
            verification_method: The method.
            pinned: The document's digest.
        """
        name = (did, verification_method, pinned)
        if name not in self._pinned_keys:
            self._pinned_keys[name] = self._judge_pinned(did, verification_method, pinned)
        return self._pinned_keys[name]

    def all_of(self, did: str, pinned: str | None = None) -> Iterator[str]:
        """Every key that any document of the DID names, the pinned one's among them."""
        documents = list((self._read(did) or ((), None))[0])
        if pinned is not None:
            found = self._pinned(did, pinned)
            documents += [found] if isinstance(found, DidDocument) else []
        for document in documents:
            for method in document.methods.values():
                if method.multikey is not None:
                    yield method.multikey

    def _look_up(self, did: str, verification_method: str, pinned: str | None) -> NamedKeys | None:
        documents, problem = self._read(did) or ([], None)
        if pinned is not None and not did.startswith(DID_KEY):
            meant = self._pinned(did, pinned)
            if isinstance(meant, DidDocument):
                documents = [meant, *(document for document in documents if document.digest != pinned)]
        if not documents and problem is None:
            return None
        multikeys: dict[str, None] = {}
        dated: list[DidDocument] = []
        for document in documents:
            try:
                multikeys[key_for(document, verification_method)] = None
            except PassportError as error:
                problem = problem or error
                if _dates_an_end(document, verification_method):
                    dated.append(_only(document, verification_method))
        return NamedKeys(tuple(multikeys), problem, tuple(dated))

    def _judge_pinned(self, did: str, verification_method: str, pinned: str) -> PinnedKey | None:
        found = self._pinned(did, pinned)
        if not isinstance(found, DidDocument):
            return None if found is None else PinnedKey(None, found)
        key = _key_or_none(found, verification_method)
        other_keys: set[str] = set()
        ended: list[DidDocument] = []
        is_left_out = False
        for document in self._others(did):
            other = _key_or_none(document, verification_method)
            if document.digest == pinned:
                continue
            if other is None:
                is_left_out = True
            elif other != key:
                other_keys.add(other)
            elif _dates_an_end(document, verification_method) and len(ended) < MAX_ENDED:
                ended.append(_only(document, verification_method))
        return PinnedKey(
            _only(found, verification_method), None, min(other_keys, default=None), tuple(ended), is_left_out
        )

    def _others(self, did: str) -> Sequence[DidDocument]:
        """The documents at hand, as far as a source has any that can be handed out."""
        try:
            read = self._read(did)
        except PassportError:  # what is wrong with it is a row of `signature`
            return ()
        return () if read is None else read[0]

    def _pinned(self, did: str, pinned: str) -> DidDocument | PassportError | None:
        """The pinned document, or why it is of no use; None when what has that hash is not at hand."""
        try:
            body = self._source.pinned_did_document(did, pinned)
        except DocumentError:  # what was handed out is no document
            return None
        if body is None or digest_of(body) != pinned:
            return None
        try:
            return read_did_document(body, did=did)
        except PassportError as error:
            return error

    def _read(self, did: str) -> tuple[list[DidDocument], PassportError | None] | None:
        if did not in self._documents:
            self._documents[did] = _readable(self._bodies(did), did)
        return self._documents[did]

    def _bodies(self, did: str) -> Sequence[bytes]:
        # A did:key is its own document; nobody else's word on it counts.
        return [jcs(build_did_key_document(did))] if did.startswith(DID_KEY) else self._source.did_documents(did)


def _key_or_none(document: DidDocument, verification_method: str) -> str | None:
    """The key of a method, whenever it ended."""
    try:
        return key_for(document, verification_method, at=BEFORE_ANY_END)
    except ResolutionError:
        return None


def _dates_an_end(document: DidDocument, verification_method: str) -> bool:
    method = document.methods.get(verification_method)
    return method is not None and (method.expires is not None or method.revoked is not None)


def _only(document: DidDocument, verification_method: str) -> DidDocument:
    """A document with one method alone: an audit keeps many."""
    method = document.methods.get(verification_method)
    listed = {purpose: ids & {verification_method} for purpose, ids in document.purposes.items()}
    methods = {} if method is None else {verification_method: method}
    return replace(document, methods=methods, purposes=listed, also_known_as=(), body=b"")


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
