"""Credentials as `vc+jwt` (W3C Securing Verifiable Credentials using JOSE and COSE, section 3.1.1), and in envelopes.

The payload is the credential itself. Of a credential of ours it is the canonical form, so that the payload's hash is
the document hash that the embedded proof signs, links pin and the ledger holds: one hash whatever the envelope.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from passport.credentials.canonical import MAX_DOCUMENT_BYTES, check_depth, jcs, jcs_parsed, parse, parse_canonical
from passport.credentials.jws import Jws, check_jws, read_jws, sign_jws
from passport.credentials.proof import KeyLookup, Signed, check_issuer
from passport.credentials.validity import check_valid_at
from passport.errors import DocumentError, SchemaError, SignatureError, UsageError
from passport.model.digest import Digest, from_sha256

if TYPE_CHECKING:
    from passport.credentials.keys import Signer

MEDIA_TYPE: Final = "application/vc+jwt"
ENVELOPED: Final = "EnvelopedVerifiableCredential"
CREDENTIALS_V2: Final = "https://www.w3.org/ns/credentials/v2"
JWK_SUFFIX: Final = "-jwk"
"""`build_did_web_document` lists each key a second time as JsonWebKey, under its method's id with this behind it."""

_DATA_URL: Final = f"data:{MEDIA_TYPE},"
_DID_URL: Final = re.compile(r"did:[a-z0-9]+:[A-Za-z0-9._:%-]+#[A-Za-z0-9._~:%-]+\Z")
_TYPES: Final = frozenset({"vc+jwt", MEDIA_TYPE})
_CONTENT_TYPES: Final = frozenset({"vc", "application/vc"})


@dataclass(frozen=True, slots=True)
class JwtCredential:
    """A credential out of a `vc+jwt`; its signature has not been verified yet.

    Attributes:
        document: The credential.
        unsecured: Its canonical bytes, which links and the ledger name by their hash.
        doc_hash: SHA-256 of `unsecured`.
        verification_method: The DID URL of the key, from `kid`.
        jws: The signature with its header.
    """

    document: dict[str, Any]
    unsecured: bytes
    doc_hash: Digest
    verification_method: str
    jws: Jws


def jwt_method(signer: Signer) -> str:
    """The DID URL that a `kid` names for a signer's key: its JsonWebKey form, where the DID document lists one."""
    method = signer.verification_method
    return method if method.startswith("did:key:") else method + JWK_SUFFIX


def sign_vc_jwt(document: Mapping[str, Any], signer: Signer) -> Signed:
    """Sign a credential as `vc+jwt`.

    Args:
        document: Without an embedded proof.
        signer: As of `sign_jws`.

    Returns:
        The compact form, and the document hash.

    Raises:
        UsageError: The document has a proof inside.
        CanonicalError: The document has no canonical form.
        BoundError: The document is nested deeper than readers accept.
        SignerError: The signer failed.
    """
    if "proof" in document:
        raise UsageError("the document has a proof inside", hint="sign the document without it")
    payload = jcs(dict(document))
    check_depth(payload)
    header = {"typ": "vc+jwt", "cty": "vc", "kid": jwt_method(signer)}
    return Signed(sign_jws(header, payload, signer), from_sha256(sha256(payload).digest()))


def read_vc_jwt(
    data: bytes, *, canonical: bool = False, at: datetime | None = None, max_bytes: int = MAX_DOCUMENT_BYTES
) -> JwtCredential:
    """Take a `vc+jwt` apart and check the shape of its header and claims.

    Args:
        data: The compact form.
        canonical: Demand that the payload is in canonical form, as that of every document of ours is.
        at: The moment at which `exp` and `nbf`, if the payload has them, must hold (aware).
        max_bytes: Longer ones are refused unread.

    Raises:
        BoundError: Too long, or nested too deep.
        DocumentError: Not a compact JWS, or a payload that is no JSON object, or a key twice.
        CanonicalError: A payload that is not in canonical form although it must be.
        SignatureError: An algorithm, type or key name that we do not accept; the message says which.
    """
    jws = read_jws(data, max_bytes=max_bytes)
    header = jws.header
    for name, allowed in (("typ", _TYPES), ("cty", _CONTENT_TYPES)):
        # Both are recommended, not demanded; what is said must be true.
        if name in header and header[name] not in allowed:
            raise SignatureError(
                "not a JWT of a credential",
                where=f"header.{name}",
                expected=" or ".join(sorted(allowed)),
                found=str(header[name])[:80],
            )
    kid = header.get("kid")
    if not isinstance(kid, str) or len(kid) > 2048 or not _DID_URL.match(kid):
        raise SignatureError("the key is not named by an absolute DID URL", where="header.kid", found=str(kid)[:200])
    document = parse_canonical(jws.payload) if canonical else parse(jws.payload)
    if not isinstance(document, dict):
        raise SchemaError("not a credential", expected="a JSON object", found=type(document).__name__)
    if "vc" in document:
        raise SignatureError(
            "a credential of the data model 1.1 inside a claim",
            where="payload.vc",
            expected="the credential itself as payload",
            hint="ask for a vc+jwt of the VC data model 2.0",
        )
    if "proof" in document:
        raise SignatureError("a proof inside a JWT: two signers of one document", where="payload.proof")
    _check_claims(document, at)
    unsecured = jws.payload if canonical else jcs_parsed(document)
    return JwtCredential(document, unsecured, from_sha256(sha256(unsecured).digest()), kid, jws)


def verify_vc_jwt(
    data: bytes,
    key_lookup: KeyLookup,
    *,
    canonical: bool = False,
    at: datetime | None = None,
    skew: timedelta = timedelta(0),
    max_bytes: int = MAX_DOCUMENT_BYTES,
) -> JwtCredential:
    """Read a `vc+jwt`, find its key, check its signature and that the key is its issuer's.

    Args:
        data: The compact form.
        key_lookup: Finds the key of a DID URL.
        canonical: Demand the canonical form of the payload.
        at: The moment at which the credential must be valid, and `exp` and `nbf` hold (aware); without it nobody asks
            whether it has expired.
        skew: How much later the credential may begin: clocks differ.
        max_bytes: Longer ones are refused unread.

    Raises:
        DocumentError: As `read_vc_jwt`; CanonicalError likewise.
        SchemaError: It is not valid at that moment.
        SignatureError: It cannot be judged, does not hold, or is another's than the issuer's.
        PassportError: Whatever `key_lookup` raises.
    """
    credential = read_vc_jwt(data, canonical=canonical, at=at, max_bytes=max_bytes)
    check_jws(credential.jws, key_lookup(credential.verification_method))
    check_issuer(credential.document, credential.verification_method)
    if at is not None:
        check_valid_at(credential.document, at, skew=skew)
    return credential


def envelope(jwt: bytes) -> dict[str, Any]:
    """An `EnvelopedVerifiableCredential` around a `vc+jwt` (VC Data Model 2.0, section 4.12)."""
    return {"@context": [CREDENTIALS_V2], "id": _DATA_URL + jwt.decode("ascii"), "type": [ENVELOPED]}


def is_envelope(document: Mapping[str, Any]) -> bool:
    """Whether a document says that it is an enveloped credential."""
    kinds = document.get("type")
    return kinds == ENVELOPED or (isinstance(kinds, list) and ENVELOPED in kinds)


def open_envelope(document: Mapping[str, Any]) -> bytes:
    """The `vc+jwt` inside an envelope.

    Raises:
        SchemaError: Not an envelope, or one that holds something else.
    """
    if not is_envelope(document):
        raise SchemaError("not an enveloped credential", where="type", expected=ENVELOPED)
    contexts = document.get("@context")
    first = contexts[0] if isinstance(contexts, list) and contexts else contexts
    if first != CREDENTIALS_V2:
        raise SchemaError("an envelope of another context", where="@context", expected=CREDENTIALS_V2, found=first)
    name = document.get("id")
    if not isinstance(name, str) or not name.startswith(_DATA_URL):
        found = name[:60] if isinstance(name, str) else type(name).__name__
        raise SchemaError("an envelope around something else", where="id", expected=_DATA_URL + "...", found=found)
    jwt = name.removeprefix(_DATA_URL)
    if not jwt.isascii():
        raise DocumentError("not a JWS in compact form", where="id", expected="ASCII")
    return jwt.encode()


def _check_claims(document: Mapping[str, Any], at: datetime | None) -> None:
    """The registered claims that a payload may have beside the credential's members (RFC 7519, section 4.1)."""
    issuer = document.get("issuer")
    issuer_id = issuer.get("id") if isinstance(issuer, dict) else issuer
    if "iss" in document and document["iss"] != issuer_id:
        raise SignatureError(
            "the claim `iss` is not the issuer",
            where="payload.iss",
            expected=issuer_id,
            found=str(document["iss"])[:200],
        )
    for name, is_over in (("exp", True), ("nbf", False)):
        if name not in document:
            continue
        moment = document[name]
        if isinstance(moment, bool) or not isinstance(moment, int | float):
            raise SignatureError("not a time in seconds", where=f"payload.{name}", found=str(moment)[:80])
        if at is None:
            raise SignatureError(f"the JWT has `{name}`, and no time was given to judge it by", where=f"payload.{name}")
        now = at.astimezone(UTC).timestamp()
        if (now >= moment) if is_over else (now < moment):
            said = "has expired" if is_over else "is not valid yet"
            raise SignatureError(f"the JWT {said}", where=f"payload.{name}", found=str(moment))
