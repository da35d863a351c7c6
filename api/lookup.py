"""Find the documents that a caller names, among those that the service shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from api.problems import ProblemError
from api.resources import Resources
from api.sources import is_withheld
from passport.credentials import Secured, parse, read_secured
from passport.credentials.presentation import read_presentation
from passport.credentials.role_view import check_disclosure
from passport.errors import DocumentError, NotFoundError, PassportError
from passport.filing import find_events
from passport.issuer.presenting import present
from passport.model.credential import STATUS_LISTS_FOLDER
from passport.model.digest import Digest, to_sha256
from passport.model.facts import passport_facts
from passport.model.role_map import Audience
from passport.store import DocumentKind, DocumentRef
from passport.store.documents import MAX_PAGE
from verifier.checks.lineage import check_links
from verifier.record import Linked
from verifier.store_source import StoreSource

_DID_WEB: Final = "did:web:"
_MAX_HOSTS: Final = 1000
MAX_LINKED_BYTES: Final = 1 << 20
_HINT: Final = "name it by its whole id, percent-encoded, or by its digest"


@dataclass(frozen=True, slots=True)
class FoundPassport:
    """A stored passport that the service shows."""

    ref: DocumentRef
    body: bytes

    def secured(self) -> Secured:
        """The passport taken apart; nothing of it has been verified."""
        return read_secured(self.body)


def find_passport(resources: Resources, name: str) -> FoundPassport:
    """The passport of that digest, id, or last part of an id.

    Raises:
        NotFoundError: There is none, or it is not shown.
        ProblemError: Several different documents go by that id.
    """
    digest = _digest(name)
    shown = _refs_of_digest(resources, digest) if digest else _refs_of_name(resources, name)
    if not shown:
        raise NotFoundError("no such passport here", where="passport_id", found=name, hint=_HINT)
    # Under an id of ours, ours: anybody's publication may hold a passport that goes by it.
    shown = [ref for ref in shown if ref.own] or shown
    if len(shown) > 1:
        raise ProblemError(
            "conflict",
            "several documents go by this id",
            where="passport_id",
            found=", ".join(ref.digest for ref in shown[:10]),
            hint="ask for one of them by its digest",
        )
    return FoundPassport(shown[0], resources.store.get_document(DocumentKind.PASSPORT, shown[0].digest))


def find_statement(resources: Resources, found: FoundPassport) -> tuple[Digest, bytes]:
    """The statement behind a passport, with its digest.

    Raises:
        ProblemError: It is withheld, or not held here.
    """
    secured = found.secured()
    facts = passport_facts(secured.document, secured.doc_hash)
    digest = Digest(facts.statement.digest)
    body = resources.store.documents(DocumentKind.STATEMENT, [digest]).get(digest)
    if body is None:
        raise ProblemError("statement-not-held", "the statement is not held here", where=facts.id, expected=digest)
    if is_withheld(resources.store, body, resources.workspace_settings().withheld):
        raise ProblemError("statement-withheld", "the issuer keeps the statement to itself", where=facts.id)
    return digest, body


def links_of(resources: Resources, found: FoundPassport) -> tuple[Linked, ...]:
    """What a passport links to, compared with what is held here; nobody's signature and no chain is asked."""
    secured = found.secured()
    facts = passport_facts(secured.document, secured.doc_hash)
    return check_links(facts, StoreSource(resources.store, None), max_bytes=MAX_LINKED_BYTES)[2]


def public_contents(resources: Resources, found: FoundPassport) -> Mapping[str, Any]:
    """The attributes of a passport's contents that everybody may see, where what opens them is held here; else none.

    It is what the passport commits to: openings that are not its own are not believed.
    """
    secured = found.secured()
    refs = resources.store.find_documents(DocumentKind.CONTENT_OPENINGS, document_id=secured.document["id"], own=True)
    if not refs:
        return {}
    try:
        shown = read_presentation(present(resources.store, found.ref.digest, Audience.PUBLIC))
        sets = check_disclosure(secured.document, shown.disclosure, Audience.PUBLIC).sets
    except PassportError:
        return {}
    return {name: value for attributes in sets.values() for name, value in attributes.items()}


def list_passports(resources: Resources, *, limit: int, after: str | None) -> tuple[list[DocumentRef], str | None]:
    """A page of passports in the order of their arrival, and the cursor of the next page, if there is one.

    Args:
        resources: The running service.
        limit: The most that the page holds.
        after: The last digest of the page before. (A position would tell how many documents lie between two.)

    Raises:
        ProblemError: `after` is no passport shown here.
    """
    own = True if resources.shows_only_own() else None
    position = None
    if after is not None:
        digest = _digest(after)
        refs = _refs_of_digest(resources, digest) if digest else []
        if not refs:
            raise ProblemError("invalid-request", "no cursor of ours", where="query.after", found=after)
        position = refs[0].sequence
    page = resources.store.find_documents(DocumentKind.PASSPORT, own=own, limit=limit + 1, after=position)
    is_last = len(page) <= limit
    return page[:limit], None if is_last else page[limit - 1].digest


def find_did_document(resources: Resources, did: str) -> bytes:
    """The newest DID document of ours under that DID, or of another's if the service shows others' documents.

    Raises:
        NotFoundError: There is none.
    """
    is_ours = did == resources.workspace_settings().did
    if is_ours or not resources.shows_only_own():
        # Of our own DID only what we wrote ourselves: anybody's publication may hold a document in our name.
        own = True if is_ours else None
        refs = resources.store.find_documents(DocumentKind.DID_DOCUMENT, document_id=did, own=own)
        if refs:
            return resources.store.get_document(DocumentKind.DID_DOCUMENT, refs[-1].digest)
    raise NotFoundError("no such DID document here", where="did", found=did)


def find_own_did_document(resources: Resources, digest: Digest) -> bytes:
    """A version of our own DID document, as we wrote it.

    Raises:
        NotFoundError: There is none of that digest.
    """
    did = resources.workspace_settings().did
    for kind in (DocumentKind.DID_DOCUMENT, DocumentKind.PINNED_DID_DOCUMENT):
        if did is not None and digest in [ref.digest for ref in _own(resources, kind, did)]:
            return resources.store.get_document(kind, digest)
    raise NotFoundError("no such version of a DID document here", where="digest", found=digest)


def find_status_list(resources: Resources, name: str) -> tuple[Digest, bytes]:
    """The newest status list that we have signed under a URL of ours, with the digest of its bytes.

    Raises:
        NotFoundError: There is none.
    """
    settings = resources.workspace_settings()
    url = f"https://{settings.host}/{STATUS_LISTS_FOLDER}/{name}"
    refs = resources.store.find_documents(
        DocumentKind.STATUS_LIST, document_id=url, own=True, limit=1, newest_first=True
    )
    if settings.host is None or not refs:
        raise NotFoundError("no such status list here", where="name", found=name)
    return refs[0].digest, resources.store.get_document(DocumentKind.STATUS_LIST, refs[0].digest)


def find_delivery(resources: Resources, digest: Digest) -> bytes:
    """A delivery that everybody may see: an opened row of a statement that is shown here names it.

    Raises:
        NotFoundError: There is none, or it is nobody's business.
    """
    body = next(find_events(resources.store, digest), None)
    if body is None or not any(
        _is_shown(resources, statement) and _names_delivery(resources, statement, digest)
        for statement in resources.store.statements_naming(digest)
    ):
        raise NotFoundError("no such delivery here", where="digest", found=digest)
    return body


def _is_shown(resources: Resources, statement: Digest) -> bool:
    """Whether a passport that is shown pins a statement, and it is not withheld.

    What the statement says of itself does not count: anybody may have written one in the name of a passport of ours.
    """
    body = resources.store.documents(DocumentKind.STATEMENT, [statement]).get(statement)
    if body is None or is_withheld(resources.store, body, resources.workspace_settings().withheld):
        return False
    digests = [ref.digest for ref in _refs_of_id(resources, parse(body)["extensions"][0]["data"]["passportId"])]
    passports = resources.store.documents(DocumentKind.PASSPORT, digests).values()
    return any(_statement_of(passport) == statement for passport in passports)


def _statement_of(passport: bytes) -> str:
    secured = read_secured(passport)
    return passport_facts(secured.document, secured.doc_hash).statement.digest


def _names_delivery(resources: Resources, statement: Digest, digest: Digest) -> bool:
    return any(parse(row)["row"].get("delivery") == digest for row in resources.store.rows(statement).values())


def _own(resources: Resources, kind: DocumentKind, document_id: str) -> list[DocumentRef]:
    return resources.store.find_documents(kind, document_id=document_id, own=True, limit=MAX_PAGE)


def _refs_of_name(resources: Resources, name: str) -> list[DocumentRef]:
    """By the whole id; else by its last part, put behind every host that we know."""
    refs = _refs_of_id(resources, name)
    if refs or "/" in name or ":" in name:
        return refs
    own_did = resources.workspace_settings().did
    documents = resources.store.find_documents(DocumentKind.DID_DOCUMENT, limit=_MAX_HOSTS)
    dids = dict.fromkeys(did for did in (own_did, *(ref.document_id for ref in documents)) if did)
    hosts = [did.removeprefix(_DID_WEB) for did in dids if did.startswith(_DID_WEB)]
    found = _refs_of_id(resources, f"urn:uuid:{name}")
    for host in hosts:
        found += _refs_of_id(resources, f"https://{host}/passports/{name}")
    return found


def _refs_of_id(resources: Resources, passport_id: str) -> list[DocumentRef]:
    own = True if resources.shows_only_own() else None
    return resources.store.find_documents(DocumentKind.PASSPORT, document_id=passport_id, own=own)


def _refs_of_digest(resources: Resources, digest: Digest) -> list[DocumentRef]:
    body = resources.store.documents(DocumentKind.PASSPORT, [digest]).get(digest)
    if body is None:
        return []
    passport_id = read_secured(body).document.get("id")
    return [ref for ref in _refs_of_id(resources, str(passport_id)) if ref.digest == digest]


def _digest(text: str) -> Digest | None:
    try:
        to_sha256(text)
    except DocumentError:
        return None
    return Digest(text)
