"""Sources that stand before another one: a passport laid over it, DID documents looked up beside it; and an empty one.

Each hands on what it does not know itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from passport.credentials import Resolver
from passport.errors import ResolutionError
from passport.ledger.protocol import StateView
from passport.model.credential import Place
from passport.model.digest import digest_of
from verifier.source import InclusionEvidence, LogHistory, ReceiptSource, Source
from verifier.trust import TrustedChain

MAX_RESOLVED = 500
"""DIDs that one audit looks up: a tree names as many hosts as its authors like."""

_DID_WEB = "did:web:"


class EmptySource:
    """Has nothing: for whoever judges one file without a workspace."""

    def passport(self, digest: str) -> bytes | None:
        """Nothing."""
        return None

    def passports_named(self, passport_id: str) -> Sequence[str]:
        """Nothing."""
        return ()

    def statement(self, digest: str) -> bytes | None:
        """Nothing."""
        return None

    def opened_rows(self, statement_digest: str) -> Sequence[bytes]:
        """Nothing."""
        return ()

    def imported(self, digest: str) -> bytes | None:
        """Nothing."""
        return None

    def delivery(self, digest: str) -> bytes | None:
        """Nothing."""
        return None

    def status_list(self, did: str, url: str) -> bytes | None:
        """Nothing."""
        return None

    def did_documents(self, did: str) -> Sequence[bytes]:
        """Nothing."""
        return ()

    def pinned_did_document(self, did: str, digest: str) -> bytes | None:
        """Nothing."""
        return None

    def key_binding(self, issuer_id: str, key_hash: bytes) -> bytes | None:
        """Nothing."""
        return None

    def inclusion(self, place: Place, entry: bytes) -> InclusionEvidence | None:
        """Nothing."""
        return None

    def history(self, place: Place, first_seq: int) -> LogHistory | None:
        """Nothing."""
        return None

    def state(self, chain: TrustedChain) -> StateView | None:
        """Nothing."""
        return None

    def receipts(self, chain: TrustedChain) -> ReceiptSource | None:
        """Nothing."""
        return None

    def known_until(self, chain: TrustedChain) -> int | None:
        """Nothing."""
        return None

    def same_product(self, issuer_id: str, subject_id: str) -> Sequence[str]:
        """Nothing."""
        return ()


class _Layer:
    """Hands everything on.

    Args:
        source: The source behind it.
    """

    def __init__(self, source: Source) -> None:
        self._source = source

    def passport(self, digest: str) -> bytes | None:
        """The signed passport filed under that digest."""
        return self._source.passport(digest)

    def passports_named(self, passport_id: str) -> Sequence[str]:
        """Digests of every passport filed under that id."""
        return self._source.passports_named(passport_id)

    def statement(self, digest: str) -> bytes | None:
        """The footprint statement filed under that digest."""
        return self._source.statement(digest)

    def opened_rows(self, statement_digest: str) -> Sequence[bytes]:
        """The opened rows of that statement."""
        return self._source.opened_rows(statement_digest)

    def imported(self, digest: str) -> bytes | None:
        """The imported footprint filed under that digest."""
        return self._source.imported(digest)

    def delivery(self, digest: str) -> bytes | None:
        """The traceability event filed under that digest."""
        return self._source.delivery(digest)

    def status_list(self, did: str, url: str) -> bytes | None:
        """The status list that an issuer signs under a URL."""
        return self._source.status_list(did, url)

    def did_documents(self, did: str) -> Sequence[bytes]:
        """Every DID document filed under that DID."""
        return self._source.did_documents(did)

    def pinned_did_document(self, did: str, digest: str) -> bytes | None:
        """The document of that DID with that digest."""
        return self._source.pinned_did_document(did, digest)

    def key_binding(self, issuer_id: str, key_hash: bytes) -> bytes | None:
        """The key's own signed statement that it belongs to the issuer."""
        return self._source.key_binding(issuer_id, key_hash)

    def inclusion(self, place: Place, entry: bytes) -> InclusionEvidence | None:
        """Proof that `entry` stands at the place's index in the issuer's log."""
        return self._source.inclusion(place, entry)

    def history(self, place: Place, first_seq: int) -> LogHistory | None:
        """The issuer's checkpoints from `first_seq` on."""
        return self._source.history(place, first_seq)

    def state(self, chain: TrustedChain) -> StateView | None:
        """The state of that chain at the block the audit is as of."""
        return self._source.state(chain)

    def receipts(self, chain: TrustedChain) -> ReceiptSource | None:
        """Receipts of that chain's transactions."""
        return self._source.receipts(chain)

    def known_until(self, chain: TrustedChain) -> int | None:
        """Up to which moment that state is known to be the chain's."""
        return self._source.known_until(chain)

    def same_product(self, issuer_id: str, subject_id: str) -> Sequence[str]:
        """Digests of every passport of that issuer for that product that the source holds."""
        return self._source.same_product(issuer_id, subject_id)


class FileSource(_Layer):
    """One passport from a file, laid over another source.

    Args:
        source: Whatever else is at hand.
        digest: The passport's digest.
        body: Its signed bytes.
        passport_id: Its id.
    """

    def __init__(self, source: Source, *, digest: str, body: bytes, passport_id: str) -> None:
        super().__init__(source)
        self._digest = digest
        self._body = body
        self._id = passport_id

    def passport(self, digest: str) -> bytes | None:
        """The file's passport, or another one."""
        return self._body if digest == self._digest else self._source.passport(digest)

    def passports_named(self, passport_id: str) -> Sequence[str]:
        """Digests under that id, the file's among them."""
        known = list(self._source.passports_named(passport_id))
        return known if passport_id != self._id or self._digest in known else [*known, self._digest]


class PresentedSource(FileSource):
    """A presented passport with the statement and the rows that are shown, laid over another source.

    Args:
        source: Whatever else is at hand.
        digest: The passport's digest.
        body: Its signed bytes.
        passport_id: Its id.
        statement: The statement shown, None without one.
        rows: The rows shown.
    """

    def __init__(
        self,
        source: Source,
        *,
        digest: str,
        body: bytes,
        passport_id: str,
        statement: bytes | None,
        rows: Sequence[bytes],
    ) -> None:
        super().__init__(source, digest=digest, body=body, passport_id=passport_id)
        self._statement = statement
        self._statement_digest = None if statement is None else digest_of(statement)
        self._rows = rows

    def statement(self, digest: str) -> bytes | None:
        """The statement shown, or another one."""
        return self._statement if digest == self._statement_digest else self._source.statement(digest)

    def opened_rows(self, statement_digest: str) -> Sequence[bytes]:
        """The rows shown and those at hand besides, each once."""
        filed = self._source.opened_rows(statement_digest)
        return list(dict.fromkeys([*filed, *self._rows])) if statement_digest == self._statement_digest else filed


class OneDocumentSource(_Layer):
    """Another source with the DID documents that a bundle of it has, one for each DID.

    Args:
        source: Whatever else is at hand.
        documents: The documents, by DID.
    """

    def __init__(self, source: Source, documents: Mapping[str, bytes]) -> None:
        super().__init__(source)
        self._documents = documents

    def did_documents(self, did: str) -> Sequence[bytes]:
        """The one document of that DID."""
        return [self._documents[did]] if did in self._documents else []


class ResolvingSource(_Layer):
    """Looks did:web up beside what another source has; what is found is believed no more than that.

    Args:
        source: Whatever else is at hand.
        resolver: Finds DID documents, each asked for once.

    Attributes:
        problems: Why DIDs could not be resolved, by DID.
    """

    def __init__(self, source: Source, resolver: Resolver) -> None:
        super().__init__(source)
        self._resolver = resolver
        self._resolved: dict[str, bytes | None] = {}
        self.problems: dict[str, str] = {}

    def did_documents(self, did: str) -> Sequence[bytes]:
        """The document that the DID leads to now, before those that are filed."""
        filed, found = self._source.did_documents(did), self.at_its_host(did)
        return filed if found is None else [found, *(body for body in filed if body != found)]

    def pinned_did_document(self, did: str, digest: str) -> bytes | None:
        """The document of that digest that is filed, or the one that the DID leads to now."""
        filed = self._source.pinned_did_document(did, digest)
        if filed is not None:
            return filed
        hosted = self.at_its_host(did)
        return hosted if hosted is not None and digest_of(hosted) == digest else None

    def at_its_host(self, did: str) -> bytes | None:
        """The document that a did:web leads to now, by its own host; None without one."""
        if not did.startswith(_DID_WEB):
            return None
        if did not in self._resolved:
            self._resolved[did] = self._look_up(did)
        return self._resolved[did]

    def _look_up(self, did: str) -> bytes | None:
        if len(self._resolved) >= MAX_RESOLVED:
            self.problems[did] = f"not looked up: an audit resolves at most {MAX_RESOLVED} DIDs"
            return None
        try:
            return self._resolver.resolve(did).body
        except ResolutionError as error:
            self.problems[did] = str(error)
            return None
