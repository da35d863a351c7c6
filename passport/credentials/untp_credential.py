"""Sign and verify the UNTP credentials beside the passport, in either envelope, under one document hash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from passport.credentials.canonical import MAX_DOCUMENT_BYTES
from passport.credentials.data_model import check_credential
from passport.credentials.proof import KeyLookup, Signed, check_issuer, sign_document, verify_secured
from passport.credentials.validity import check_valid_at
from passport.credentials.vc_jwt import sign_vc_jwt, verify_vc_jwt
from passport.errors import SchemaError, UsageError
from passport.model import conformity_credential, identity_anchor, schema, traceability_event
from passport.model.digest import Digest

if TYPE_CHECKING:
    from passport.credentials.keys import Signer

SCHEMAS: Final = {each.SCHEMA: each.KIND for each in (identity_anchor, traceability_event, conformity_credential)}
"""The issuing schemas, each with the type of credential that it describes."""


class Envelope(StrEnum):
    """How a credential is secured."""

    EMBEDDED = "embedded"
    JWT = "jwt"


@dataclass(frozen=True, slots=True)
class VerifiedCredential:
    """A credential whose signature holds and whose issuer's key made it; whether that issuer is to be believed is open.

    Attributes:
        document: The credential without proof.
        doc_hash: Its document hash, the same in both envelopes.
        issuer_did: Who signed it.
    """

    document: dict[str, Any]
    doc_hash: Digest
    issuer_did: str


def sign_credential(
    document: Mapping[str, Any],
    kind: str,
    signer: Signer,
    created: datetime,
    *,
    envelope: Envelope = Envelope.EMBEDDED,
) -> Signed:
    """Judge a credential by its issuing schema and sign it.

    Args:
        document: Without proof.
        kind: Its schema, one of `SCHEMAS`.
        signer: The issuer's key.
        created: When, aware.
        envelope: How.

    Raises:
        SchemaError: It is not what its schema prescribes.
        SignatureError: The issuer is another than the signer.
        PassportError: As `sign_document` and `sign_vc_jwt`.
    """
    _check(document, kind)
    check_issuer(document, signer.verification_method)
    if envelope is Envelope.JWT:
        return sign_vc_jwt(document, signer)
    return sign_document(document, signer, created)


def verify_credential(
    data: bytes,
    kind: str,
    key_lookup: KeyLookup,
    *,
    at: datetime,
    skew: timedelta = timedelta(0),
    max_bytes: int = MAX_DOCUMENT_BYTES,
) -> VerifiedCredential:
    """Verify a credential of ours in either envelope: signature, issuer, shape, and that it is valid.

    Args:
        data: As received; a JSON object, or a compact JWS.
        kind: What it must be, one of `SCHEMAS`.
        key_lookup: Finds the issuer's key.
        at: The moment it must be valid at, aware.
        skew: How much later it may begin: clocks differ.
        max_bytes: Longer ones are refused unread.

    Raises:
        DocumentError: It cannot be read; CanonicalError likewise.
        SchemaError: Another kind of document, or not valid at that moment.
        SignatureError: The signature does not hold, or is another's than the issuer's.
        PassportError: Whatever `key_lookup` raises.
    """
    if data[:1] == b"{":
        secured = verify_secured(data, key_lookup, canonical=True, at=at, max_bytes=max_bytes)
        document, doc_hash, method = secured.document, secured.doc_hash, secured.verification_method
    else:
        jwt = verify_vc_jwt(data, key_lookup, canonical=True, at=at, skew=skew, max_bytes=max_bytes)
        document, doc_hash, method = jwt.document, jwt.doc_hash, jwt.verification_method
    issuer = check_issuer(document, method)
    _check(document, kind)
    check_valid_at(document, at, skew=skew)
    return VerifiedCredential(document, doc_hash, issuer)


def _check(document: Mapping[str, Any], kind: str) -> None:
    if kind not in SCHEMAS:
        raise UsageError("no kind of credential", expected=", ".join(sorted(SCHEMAS)), found=kind)
    check_credential(document)
    if SCHEMAS[kind] not in document["type"]:
        raise SchemaError(
            "another kind of credential", where="type", expected=SCHEMAS[kind], found=", ".join(document["type"])
        )
    schema.check(kind, document)
