"""File documents from outside in a store under what they are, not under what somebody calls them.

Each function reads a document strictly, judges its shape, and stores its bytes under their own hash; whether what it
says is true is for the verifier. All return whether the document is new.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from passport.credentials import (
    build_did_key_document,
    jcs,
    key_for,
    key_hash,
    open_row,
    parse,
    parse_canonical,
    read_did_document,
    read_key_binding,
    read_secured,
    verify_key_binding,
    verify_secured,
)
from passport.credentials.any_key import Verified, verify_by_any_key
from passport.credentials.did import MAX_DID_DOCUMENT_BYTES
from passport.credentials.proof import KeyLookup
from passport.credentials.status_list import read_status_credential, verify_status_credential
from passport.credentials.untp_credential import VerifiedCredential, verify_credential
from passport.credentials.vc_jwt import MEDIA_TYPE as JWT_TYPE
from passport.credentials.vc_jwt import read_vc_jwt, verify_vc_jwt
from passport.errors import ConflictError, DocumentError, PassportError, ResolutionError, SignatureError
from passport.exchange.pact import ImportedFootprint, read_body
from passport.exchange.untp06 import is_untp06, read_untp06
from passport.model import schema, traceability_event
from passport.model.base import time_text
from passport.model.digest import Digest, digest_of, to_sha256
from passport.model.facts import PassportFacts, passport_facts
from passport.store import DocumentKind, Store

CREDENTIAL_TYPE = "application/vc"
JSON_TYPE = "application/json"
_BEFORE_ANY_END = datetime.min.replace(tzinfo=UTC)
_MOST_DID_DOCUMENTS = 1000
_MOST_COPIES = 1000


def file_passport(
    store: Store, body: bytes, *, own_entries: Container[bytes] = (), pinned: set[str] | None = None
) -> bool:
    """A signed passport.

    Of one hash there may be copies whose proof does not hold. A copy that the DID document pinned by that hash proves
    to be the issuer's takes the place of one that it does not: whoever came first with a false one bars nothing.

    Args:
        store: Where.
        body: Its bytes.
        own_entries: Entries of our own log as the chain holds it: a passport that is one of them is our own.
        pinned: Takes the digests of the statements and DID documents that our own passports pin.

    Raises:
        PassportError: Not one of ours, or other bytes stand under its digest.
    """
    secured = read_secured(body, canonical=True)
    schema.check("untp-dpp-0.7.0-issuing", secured.document)
    facts = passport_facts(secured.document, secured.doc_hash)
    is_own = to_sha256(secured.doc_hash) in own_entries
    if is_own and pinned is not None:
        pinned.add(facts.statement.digest)
        if facts.did_document is not None:
            pinned.add(facts.did_document.digest)

    def put() -> bool:
        return store.put_document(
            DocumentKind.PASSPORT,
            secured.doc_hash,
            body,
            document_id=facts.id,
            issuer_id=facts.place.issuer_id,
            subject_id=facts.subject_id,
            own=is_own,
            media_type=CREDENTIAL_TYPE,
        )

    try:
        return put()
    except ConflictError:
        stored = store.get_document(DocumentKind.PASSPORT, secured.doc_hash)
        if not _is_signed_as_pinned(store, body, facts) or _is_signed_as_pinned(store, stored, facts):
            raise
    store.replace_foreign_document(DocumentKind.PASSPORT, secured.doc_hash, body)
    put()
    return True


def _is_signed_as_pinned(store: Store, body: bytes, facts: PassportFacts) -> bool:
    """Whether a key of the very DID document that a passport pins signed it: nobody else can bring that about.

    What else is filed under its issuer's DID may be a stranger's, and proves nothing here.
    """
    did = facts.issuer_did
    if did.startswith("did:key:"):
        document: bytes | None = jcs(build_did_key_document(did))
    else:
        document = None if facts.did_document is None else pinned_did_document(store, facts.did_document.digest)
    if document is None:
        return False
    try:
        meant = read_did_document(document, did=did)
        verify_secured(body, lambda method: key_for(meant, method, at=_BEFORE_ANY_END), canonical=True)
    except PassportError:
        return False
    return True


def file_linked_passport(store: Store, body: bytes, *, own_entries: Container[bytes] = ()) -> bool:
    """A signed passport that somebody else than its issuer hands on.

    A copy whose proof does not hold must not stand before the true one: where a DID document of its issuer is here, a
    key of it, or of the one that the passport pins, must have signed.

    Args:
        store: Where.
        body: Its bytes.
        own_entries: As of `file_passport`.

    Raises:
        PassportError: As of `file_passport`; or no key of its issuer signed it.
    """
    if is_signed_by_issuer(store, body) is False and not _is_pinned_keys_word(store, body):
        raise DocumentError("a passport that somebody hands on, and no key of its issuer signed")
    return file_passport(store, body, own_entries=own_entries)


def _is_pinned_keys_word(store: Store, body: bytes) -> bool:
    secured = read_secured(body, canonical=True)
    schema.check("untp-dpp-0.7.0-issuing", secured.document)
    return _is_signed_as_pinned(store, body, passport_facts(secured.document, secured.doc_hash))


def is_signed_by_issuer(store: Store, body: bytes) -> bool | None:
    """Whether a key that a stored DID document of its issuer names signed a passport; None where there is no document.

    Args:
        store: Where DID documents are.
        body: The passport.
    """
    issuer = read_secured(body, canonical=True).document.get("issuer")
    did = issuer.get("id") if isinstance(issuer, dict) else None
    if not isinstance(did, str) or not store.find_documents(DocumentKind.DID_DOCUMENT, document_id=did, limit=1):
        return None
    return _is_signed(store, body)


def file_statement(store: Store, body: bytes, rows: Sequence[bytes] = (), *, own_digests: Container[str] = ()) -> bool:
    """A footprint statement with the rows of it that are opened.

    Args:
        store: Where.
        body: Its bytes.
        rows: Opened rows.
        own_digests: Digests of the statements that are our own.

    Raises:
        PassportError: Not a statement of ours, or a row that it does not commit to.
    """
    statement = parse_canonical(body)
    schema.check("statement-1.0-issuing", statement)
    data = statement["extensions"][0]["data"]
    digest = digest_of(body)
    is_new = store.put_document(
        DocumentKind.STATEMENT,
        digest,
        body,
        document_id=statement["id"],
        subject_id=data["subjectId"],
        own=digest in own_digests,
        media_type=JSON_TYPE,
    )
    file_rows(store, digest, frozenset(data["rows"]), rows)
    return is_new


def file_rows(store: Store, statement: Digest, committed: frozenset[str], rows: Sequence[bytes]) -> None:
    """Opened rows of a statement; one that it does not commit to would bar the true ones, so it is refused.

    Raises:
        PassportError: Such a row, or bytes that are no row in canonical form.
    """
    opened = [(digest_of(row), row) for row in rows]
    for row_digest, row in opened:
        if row_digest not in committed:
            raise DocumentError("an opened row that the statement does not commit to", found=row_digest)
        open_row(row)
    if opened:
        store.put_rows(statement, opened)


def committed_rows(store: Store, statement: Digest) -> frozenset[str]:
    """The row hashes that a stored statement commits to; none when it is not stored."""
    stored = store.documents(DocumentKind.STATEMENT, [statement]).get(statement)
    return frozenset(parse_canonical(stored)["extensions"][0]["data"]["rows"]) if stored else frozenset()


def file_key_binding(store: Store, body: bytes, *, own_issuer: str | None = None) -> bool:
    """A credential key's own statement of its binding.

    Args:
        store: Where.
        body: Its bytes.
        own_issuer: Our own id on the registry, when it comes out of a publication of our own.

    Raises:
        PassportError: Not such a statement.
    """
    binding = read_key_binding(body)
    is_own = binding.issuer_id == own_issuer
    if is_own:
        verify_key_binding(binding)
    name = f"{binding.issuer_id}:{key_hash(binding.multikey).hex()}"
    return store.put_document(
        DocumentKind.KEY_BINDING, digest_of(body), body, document_id=name, issuer_id=binding.issuer_id, own=is_own
    )


def file_did_document(store: Store, did: str, body: bytes, *, own: bool = False) -> bool:
    """A DID document.

    Args:
        store: Where.
        did: Whose it is.
        body: As received.
        own: Our own.

    Raises:
        PassportError: Not one of that DID.
    """
    read_did_document(body, did=did)
    return store.put_document(DocumentKind.DID_DOCUMENT, digest_of(body), body, document_id=did, own=own)


def file_pinned_did_document(store: Store, body: bytes, *, did: str | None = None, own: bool = False) -> bool:
    """A DID document that passports pin by its hash, apart from those that say what a DID leads to.

    It is only ever asked for by its hash, so that whoever files many of them is in nobody's way.

    Args:
        store: Where.
        body: As received.
        did: Whose it must be; whose it says that it is, if not told.
        own: Our own.

    Raises:
        PassportError: Not a DID document, or not of that DID.
    """
    if did is None:
        document = parse(body, max_bytes=MAX_DID_DOCUMENT_BYTES)
        did = document.get("id") if isinstance(document, dict) else None
        if not isinstance(did, str):
            raise DocumentError("not a DID document", where="id", expected="a DID", found=str(did)[:200])
    read_did_document(body, did=did)
    return store.put_document(DocumentKind.PINNED_DID_DOCUMENT, digest_of(body), body, document_id=did, own=own)


def pinned_did_document(store: Store, digest: str) -> bytes | None:
    """The DID document of a hash, whichever version it is and however it came here; None without it.

    Args:
        store: Where.
        digest: Its digest.
    """
    for kind in (DocumentKind.DID_DOCUMENT, DocumentKind.PINNED_DID_DOCUMENT):
        found = store.documents(kind, [Digest(digest)]).get(Digest(digest))
        if found is not None:
            return found
    return None


def file_event(store: Store, body: bytes, *, own: bool = False) -> bool:
    """A traceability event, in either envelope, filed under the hash of its bytes and named by its document hash.

    Who signed it is not asked: another copy with a proof that does not hold must not bar the true one.

    Args:
        store: Where.
        body: As received.
        own: Signed here.

    Raises:
        PassportError: Not an event of ours.
    """
    if body[:1] == b"{":
        secured = read_secured(body, canonical=True)
        document, doc_hash, media_type = secured.document, secured.doc_hash, CREDENTIAL_TYPE
    else:
        jwt = read_vc_jwt(body, canonical=True)
        document, doc_hash, media_type = jwt.document, jwt.doc_hash, JWT_TYPE
    schema.check(traceability_event.SCHEMA, document)
    return store.put_document(
        DocumentKind.TRACEABILITY_EVENT,
        digest_of(body),
        body,
        document_id=doc_hash,
        issuer_id=document["issuer"]["id"],
        subject_id=document["credentialSubject"][0]["exactQuantity"][0]["product"],
        own=own,
        media_type=media_type,
    )


def find_events(store: Store, doc_hash: str) -> Iterator[bytes]:
    """Every copy of an event that is stored, the newest first: those that a stored DID document's key signed, if any.

    Args:
        store: Where.
        doc_hash: The event's document hash.
    """
    refs = store.find_documents(DocumentKind.TRACEABILITY_EVENT, document_id=doc_hash, limit=_MOST_COPIES)
    bodies = [store.get_document(DocumentKind.TRACEABILITY_EVENT, ref.digest) for ref in reversed(refs)]
    if len(bodies) > 1:
        bodies = [body for body in bodies if _is_signed(store, body)] or bodies
    yield from bodies


def file_status_list(store: Store, body: bytes, *, own: bool = False) -> bool:
    """A status list, in either envelope, filed under the hash of its bytes and named by its URL.

    Args:
        store: Where.
        body: As received.
        own: Signed here.

    Raises:
        PassportError: Not a status list, or one that cannot be unpacked.
    """
    document = _list_document(body)
    read_status_credential(document)
    issuer = document.get("issuer")
    name, did = document.get("id"), issuer.get("id") if isinstance(issuer, dict) else issuer
    if not isinstance(name, str) or not isinstance(did, str):
        raise DocumentError("a status list without id or issuer", where="id, issuer", found=f"{name}, {did}"[:200])
    media_type = CREDENTIAL_TYPE if body[:1] == b"{" else JWT_TYPE
    kind = DocumentKind.STATUS_LIST
    return store.put_document(
        kind, digest_of(body), body, document_id=name, issuer_id=did, own=own, media_type=media_type
    )


def newest_status_list(store: Store, did: str, url: str) -> bytes | None:
    """Of an issuer's lists under a URL the newest that a stored DID document's key signed, or the newest if none is.

    Args:
        store: Where.
        did: The issuer.
        url: The list's id.
    """
    # The last to come: an issuer who signs its lists anew every day has more than these soon.
    refs = store.find_documents(
        DocumentKind.STATUS_LIST, document_id=url, issuer_id=did, limit=_MOST_COPIES, newest_first=True
    )
    bodies = [store.get_document(DocumentKind.STATUS_LIST, ref.digest) for ref in refs]
    if len(bodies) > 1:
        bodies.sort(key=lambda body: str(_list_document(body).get("validFrom")), reverse=True)
        return next((body for body in bodies if _is_signed(store, body)), bodies[0])
    return next(iter(bodies), None)


def _list_document(body: bytes) -> dict[str, Any]:
    if body[:1] == b"{":
        return read_secured(body, canonical=True).document
    return read_vc_jwt(body, canonical=True).document


def verify_event(store: Store, body: bytes, *, at: datetime) -> VerifiedCredential:
    """A traceability event that a key of its issuer signed: `verify_event_with_key`, without the key.

    Args:
        store: Where DID documents are.
        body: The event.
        at: The moment it must be valid at, aware.

    Raises:
        PassportError: As `verify_event_with_key`.
    """
    return verify_event_with_key(store, body, at=at)[0]


def verify_event_with_key(store: Store, body: bytes, *, at: datetime) -> tuple[VerifiedCredential, str]:
    """A traceability event that a key of its issuer signed, by the DID documents in the store, and that key.

    Args:
        store: Where DID documents are.
        body: The event.
        at: The moment it must be valid at, aware.

    Raises:
        ResolutionError: There is no DID document of its issuer.
        SignatureError: Not signed by its issuer, or by a key that had ended by then; says which, and when.
        PassportError: Not an event of ours, or not valid then.
    """
    kind = traceability_event.SCHEMA
    return _by_a_key_in_use(store, body, at, lambda lookup: verify_credential(body, kind, lookup, at=at))


def verify_status_list(store: Store, body: bytes, *, at: datetime) -> dict[str, Any]:
    """A status list that a key of its issuer signed, by the DID documents in the store; its time is not judged.

    Args:
        store: Where DID documents are.
        body: The list.
        at: The moment at which the key must be good, aware.

    Raises:
        ResolutionError: There is no DID document of its issuer.
        SignatureError: Not signed by its issuer, or by a key that had ended by then; says which, and when.
        PassportError: Not a credential that can be read.
    """
    return _by_a_key_in_use(store, body, at, lambda lookup: verify_status_credential(body, lookup, at=at))[0]


def _by_a_key_in_use(
    store: Store, body: bytes, at: datetime, verify: Callable[[KeyLookup], Verified]
) -> tuple[Verified, str]:
    """What `verify` makes of a document with a key that had not ended; else why not, the key's end in plain words."""

    def verified_by(moment: datetime) -> tuple[Verified, str]:
        return verify_by_any_key(verify, lambda method: _keys_of(store, method, moment))

    try:
        return verified_by(at)
    except SignatureError as error:
        try:
            verified_by(_BEFORE_ANY_END)
        except PassportError:
            raise error from None
        raise _ended(store, body, at) from error


def _ended(store: Store, body: bytes, at: datetime) -> SignatureError:
    """Why a signature that holds does not count: every DID document at hand says that its key had ended."""
    secured = read_secured(body, canonical=True) if body[:1] == b"{" else read_vc_jwt(body, canonical=True)
    method = secured.verification_method
    did = method.partition("#")[0]
    ends = []
    for document in _did_documents(store, did):
        try:
            key_for(read_did_document(document, did=did), method, at=at)
        except PassportError as error:
            ends.append(error)
    told = next((error for error in ends if error.found == at), None)
    return SignatureError(
        "signed with a key that has ended, by the issuer's own DID document",
        where=method,
        expected=told.expected if told else None,
        found=time_text(at),
        hint="ask for it signed anew with the key in use: nothing proves that this signature is older than the end",
    )


def _is_signed(store: Store, body: bytes) -> bool:
    """Whether a key that a stored DID document names signed a credential, whenever it is valid."""

    def verify(lookup: KeyLookup) -> object:
        return verify_secured(body, lookup, canonical=True) if body[:1] == b"{" else verify_vc_jwt(body, lookup)

    try:
        verify_by_any_key(verify, lambda method: _keys_of(store, method, _BEFORE_ANY_END))
    except PassportError:
        return False
    return True


def _keys_of(store: Store, verification_method: str, at: datetime) -> list[str]:
    """Every key that a stored DID document has under a method at a moment, the newest document's first."""
    did = verification_method.partition("#")[0]
    found: dict[str, None] = {}
    for body in _did_documents(store, did):
        try:
            found[key_for(read_did_document(body, did=did), verification_method, at=at)] = None
        except PassportError:
            continue
    return list(found)


def _did_documents(store: Store, did: str) -> list[bytes]:
    """Every stored DID document of a DID, the newest first.

    Raises:
        ResolutionError: There is none.
    """
    if did.startswith("did:key:"):  # its own document; nobody else's word on it counts
        return [jcs(build_did_key_document(did))]
    refs = store.find_documents(DocumentKind.DID_DOCUMENT, document_id=did, limit=_MOST_DID_DOCUMENTS)
    if not refs:
        raise ResolutionError(
            "the issuer's DID document is not in the store",
            where=did,
            hint="take in its publication first: `passport import FOLDER`",
        )
    return [store.get_document(DocumentKind.DID_DOCUMENT, ref.digest) for ref in reversed(refs)]


def file_footprint(store: Store, footprint: ImportedFootprint) -> bool:
    """A PACT footprint that nobody signed.

    Raises:
        PassportError: Other bytes stand under its digest.
    """
    return store.put_document(
        DocumentKind.IMPORTED,
        footprint.digest,
        footprint.body,
        document_id=f"urn:uuid:{footprint.id.lower()}",
        subject_id=footprint.product_ids[0],
        media_type=JSON_TYPE,
    )


def file_untp06(store: Store, body: bytes) -> bool:
    """A passport of UNTP 0.6 without its signature, in canonical form: kept for what it states, second hand.

    Raises:
        PassportError: Not such a passport in that form, or other bytes stand under its digest.
    """
    parse_canonical(body)
    passport = read_untp06(body)
    return store.put_document(
        DocumentKind.IMPORTED,
        passport.digest,
        body,
        document_id=passport.id,
        subject_id=passport.product_id,
        media_type=CREDENTIAL_TYPE,
    )


def file_footprint_bytes(store: Store, body: bytes) -> bool:
    """The bytes of one footprint of somebody else, PACT's or a UNTP 0.6 passport, as it is stored and pinned.

    Raises:
        PassportError: Not one footprint in that form.
    """
    if is_untp06(parse_canonical(body)):
        return file_untp06(store, body)
    return file_footprint(store, read_body(body))
