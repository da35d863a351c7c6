"""The pin of one's own DID document in a passport: which version was served when the passport was issued.

DID documents change and nobody signs them. A passport that names the hash of one says which of all documents under its
issuer's DID it meant, whatever the DID leads to later. Whose key it is, the registry says all the same.
"""

from __future__ import annotations

from passport.credentials import Signer, key_for, read_did_document
from passport.errors import IssueError, PassportError
from passport.model.credential import DID_DOCUMENTS_FOLDER, PinnedDidDocument
from passport.store import DocumentKind, Store
from passport.store.documents import MAX_PAGE

_DID_KEY = "did:key:"


def did_document_url(base_url: str, digest: str) -> str:
    """Where one version of a company's DID document is served for good.

    Args:
        base_url: Where the company publishes, without a final slash.
        digest: The version's digest.
    """
    return f"{base_url}/{DID_DOCUMENTS_FOLDER}/{digest}.json"


class DidPin:
    """Pins the newest of our own DID documents; each version is read once, and its hash is that of the store.

    Args:
        store: Where our DID documents are.
        did: Our DID.
        base_url: Where we publish, without a final slash; None for issuers without a host.
        signer: The credential key, which the document must name.
    """

    def __init__(self, store: Store, *, did: str, base_url: str | None, signer: Signer) -> None:
        self._store = store
        self._did = did
        self._base_url = base_url
        self._signer = signer
        self._pinned: PinnedDidDocument | None = None

    def current(self) -> PinnedDidDocument | None:
        """The pin of the document as it is now; None for a `did:key`, which is its own document.

        Raises:
            IssueError: There is no document of ours, or it does not name the key that signs.
        """
        if self._did.startswith(_DID_KEY):
            return None
        refs = self._store.find_documents(DocumentKind.DID_DOCUMENT, document_id=self._did, own=True, limit=MAX_PAGE)
        if not refs:
            raise IssueError(
                "our own DID document is not in the store",
                where=self._did,
                hint="readers find the key by it: file the document that the DID leads to",
            )
        newest = refs[-1].digest
        if self._pinned is None or self._pinned.digest != newest:
            self._check(self._store.get_document(DocumentKind.DID_DOCUMENT, newest))
            url = self._did if self._base_url is None else did_document_url(self._base_url, newest)
            self._pinned = PinnedDidDocument(url, newest)
        return self._pinned

    def _check(self, body: bytes) -> None:
        method = self._signer.verification_method
        try:
            multikey = key_for(read_did_document(body, did=self._did), method)
        except PassportError as error:
            raise IssueError(
                f"our own DID document does not name the key that signs: {error.message}",
                where=self._did,
                expected=method,
                found=error.found,
                hint="publish a DID document that lists it for assertions",
            ) from error
        if multikey != self._signer.multikey:
            raise IssueError(
                "our own DID document names another key than the one that signs",
                where=method,
                expected=self._signer.multikey,
                found=multikey,
            )
