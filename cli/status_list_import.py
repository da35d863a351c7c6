"""A status list taken in by itself: out of a file, or from its URL behind the guard that did:web has."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from passport.errors import DocumentError

if TYPE_CHECKING:
    from cli.session import Session
    from passport.credentials.guarded_https import GuardedHttps
    from passport.workspace import Workspace

_HTTPS = "https://"


def take_in_list(session: Session, workspace: Workspace, source: str, *, resolve_dids: bool) -> dict[str, Any]:
    """File a list that its issuer is seen to have signed; what it says is for audits, where the chain's word counts.

    Args:
        session: The command's.
        workspace: Where.
        source: A file, or a URL.
        resolve_dids: Ask the issuer's host for its DID document, and file that too.

    Raises:
        ResolutionError: The list or its issuer's DID document cannot be had.
        SignatureError: Not signed by its issuer.
        PassportError: Not a status list, or one that leads elsewhere than to where it was found.
    """
    from cli.judging import did_resolver
    from passport.credentials import read_secured
    from passport.credentials.did import parse_web_did
    from passport.credentials.plain_file import read_plain_file
    from passport.credentials.status_fetch import MAX_LIST_BYTES, fetch_status_list
    from passport.credentials.status_list import read_status_credential
    from passport.credentials.vc_jwt import read_vc_jwt
    from passport.filing import file_did_document, file_status_list, newest_status_list, verify_status_list

    is_url = "://" in source
    if is_url:
        body = fetch_status_list(guarded_https(), source)
    else:
        body = read_plain_file(Path(source), max_bytes=MAX_LIST_BYTES, what="status list")
    now, store, output = session.clock(), workspace.store, session.output
    read = read_secured(body, canonical=True) if body[:1] == b"{" else read_vc_jwt(body, canonical=True)
    did = read.verification_method.partition("#")[0]
    if resolve_dids and did.startswith("did:web:"):
        parse_web_did(did)
        file_did_document(store, did, did_resolver().resolve(did).body)
    document = verify_status_list(store, body, at=now)
    status = read_status_credential(document)
    url = str(document.get("id"))
    if is_url and url != source:
        raise DocumentError("the list goes by another URL", where=source, expected=source, found=url[:2000])
    with store.transaction():
        is_new = file_status_list(store, body)
    is_newest = newest_status_list(store, did, url) == body
    listed = sum(byte.bit_count() for byte in status.bits)
    output.result(
        output.word(
            "import.status_list", url=url, purpose=status.purpose, listed=listed, entries=status.entries, did=did
        )
    )
    if not is_newest:
        output.remark(output.word("import.status_list_older", url=url), style="yellow")
    return {
        "source": source,
        "url": url,
        "issuer": did,
        "purpose": str(status.purpose),
        "entries": status.entries,
        "listed": listed,
        "valid_from": document.get("validFrom"),
        "valid_until": document.get("validUntil"),
        "new": is_new,
        "newest": is_newest,
    }


def guarded_https() -> GuardedHttps:
    """What fetches lists: public addresses only, bounded, no redirects."""
    from passport.credentials.guarded_https import GuardedHttps

    return GuardedHttps()
