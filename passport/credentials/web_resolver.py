"""did:web over HTTPS: documents whose place an outsider chose, fetched behind the guard of `guarded_https`."""

from __future__ import annotations

from typing import Final

from passport.credentials.did import MAX_DID_DOCUMENT_BYTES, DidDocument, parse_web_did, read_did_document
from passport.credentials.guarded_https import GuardedHttps, Wanted

_ACCEPT: Final = "application/did+json, application/json"


class HttpsDidResolver(GuardedHttps):
    """Resolves did:web over HTTPS; takes what `GuardedHttps` takes."""

    def resolve(self, did: str) -> DidDocument:
        """Fetch the document.

        Raises:
            ResolutionError: Not a did:web, an address that is not public, no answer in time, an answer other than 200,
                too long, or not the DID's document.
        """
        web = parse_web_did(did)
        wanted = Wanted(web.host, web.port, web.url_path, _ACCEPT, MAX_DID_DOCUMENT_BYTES, did)
        return read_did_document(self.get(wanted), did=did)
