"""DIDs and DID documents: which key a verification method names, and for what purpose (did:key, did:web)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from passport.credentials.canonical import jcs, parse
from passport.credentials.jwk import JWK_CURVES, is_for_verifying, jwk_to_multikey, multikey_to_jwk
from passport.credentials.multikey import decode_multikey
from passport.errors import CredentialError, DocumentError, ResolutionError
from passport.model.digest import Digest, digest_of

MAX_DID_DOCUMENT_BYTES: Final = 256 * 1024
MAX_DID_CHARACTERS: Final = 1024
MAX_METHODS: Final = 256

_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST: Final = re.compile(rf"(?:{_LABEL}\.)*{_LABEL}\Z")
_SEGMENT: Final = re.compile(r"[A-Za-z0-9._-]{1,255}\Z")
_PORT: Final = re.compile(r"[1-9][0-9]{0,4}\Z")
# A last label of digits (or 0x...) makes a name an IPv4 address for whoever connects to it.
_NUMERIC_LABEL: Final = re.compile(r"(?:[0-9]+|0[xX][0-9A-Fa-f]*)\Z")


@dataclass(frozen=True, slots=True)
class WebDid:
    """The parts of a did:web.

    Attributes:
        did: The whole text.
        host: The name of the host, lower case.
        port: The port, or None for 443.
        path: The segments of the path, may be empty.
    """

    did: str
    host: str
    port: int | None
    path: tuple[str, ...]

    @property
    def url_path(self) -> str:
        """Where the document lies on the host."""
        return "/" + "/".join((*(self.path or (".well-known",)), "did.json"))


@dataclass(frozen=True, slots=True)
class Method:
    """A verification method: an absolute id, the DID that controls it, and its key.

    Attributes:
        id: The absolute DID URL.
        controller: The DID in control.
        multikey: The public key, or None when it is of a kind we do not verify with.
        expires: When the document says it stops being valid.
        revoked: When the document says it was revoked.
    """

    id: str
    controller: str
    multikey: str | None
    expires: str | None
    revoked: str | None


@dataclass(frozen=True, slots=True)
class DidDocument:
    """A DID document as far as we use it.

    Attributes:
        id: The DID.
        methods: Every verification method by its id.
        purposes: The ids of the methods listed under each purpose, such as `assertionMethod`.
        also_known_as: Other names of the subject.
        digest: SHA-256 of the bytes that were resolved, to record beside what was verified with them.
        body: Those bytes.
    """

    id: str
    methods: Mapping[str, Method]
    purposes: Mapping[str, frozenset[str]]
    also_known_as: tuple[str, ...]
    digest: Digest
    body: bytes = field(repr=False)


def parse_web_did(did: str) -> WebDid:
    """Take a did:web apart; an encoded port is the only percent sign we accept, addresses and dot segments none.

    Raises:
        ResolutionError: Not such a did:web.
    """
    parts = did.split(":")
    if len(did) > MAX_DID_CHARACTERS or len(parts) < 3 or parts[:2] != ["did", "web"]:
        raise ResolutionError("not a did:web", expected="did:web:host[%3Aport][:path...]", found=did)
    host, encoded, port = parts[2].replace("%3a", "%3A").partition("%3A")
    if len(host) > 253 or not _HOST.match(host):
        raise ResolutionError("not a host name", where=did, found=host)
    if _NUMERIC_LABEL.match(host.rpartition(".")[2]):
        raise ResolutionError("a did:web names a host, not an IP address", where=did, found=host)
    if encoded and (not _PORT.match(port) or int(port) > 65535):
        raise ResolutionError("not a port", where=did, found=port)
    for segment in parts[3:]:
        if not _SEGMENT.match(segment) or segment in (".", ".."):
            raise ResolutionError("not a path of a did:web", where=did, found=segment)
    return WebDid(did=did, host=host.lower(), port=int(port) if encoded else None, path=tuple(parts[3:]))


def did_key(multikey: str) -> str:
    """The did:key of a public key.

    Raises:
        CredentialError: Not a key we verify with.
    """
    return f"did:key:{decode_multikey(multikey).multikey}"


def build_did_key_document(did: str) -> dict[str, Any]:
    """The document that a did:key stands for.

    Raises:
        ResolutionError: Not a did:key of a kind we verify with.
    """
    multikey = did.removeprefix("did:key:")
    if multikey == did or len(did) > MAX_DID_CHARACTERS:
        raise ResolutionError("not a did:key", found=did)
    try:
        decode_multikey(multikey)
    except CredentialError as error:
        raise ResolutionError(f"not a did:key we can use: {error}", where=did) from error
    method_id = f"{did}#{multikey}"
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": [
            {"id": method_id, "type": "Multikey", "controller": did, "publicKeyMultibase": multikey}
        ],
        "assertionMethod": [method_id],
        "authentication": [method_id],
    }


def build_did_web_document(
    did: str,
    *,
    multikeys: Sequence[str],
    also_known_as: Sequence[str] = (),
    services: Sequence[Mapping[str, Any]] = (),
) -> bytes:
    """The did.json of a did:web, in canonical form: each key as Multikey `#key-N` and as JsonWebKey `#key-N-jwk`.

    Data Integrity proofs name the first, JOSE the second. N counts from 1 in the order given; keep retired keys in
    their place, so that old passports still find theirs.

    Args:
        did: The did:web.
        multikeys: The credential keys.
        also_known_as: Other names of the same subject, as URIs.
        services: Service entries, taken as they are.

    Raises:
        ResolutionError: `did` is no did:web.
        CredentialError: A key we do not verify with, or none at all.
    """
    parse_web_did(did)
    if not multikeys:
        raise CredentialError("a DID document without a key", where=did, hint="name at least one credential key")
    methods: list[dict[str, Any]] = []
    for number, multikey in enumerate(multikeys, start=1):
        jwk = multikey_to_jwk(multikey)
        named = f"{did}#key-{number}"
        methods.append({"id": named, "type": "Multikey", "controller": did, "publicKeyMultibase": multikey})
        methods.append({"id": f"{named}-jwk", "type": "JsonWebKey", "controller": did, "publicKeyJwk": jwk})
    document: dict[str, Any] = {
        "@context": [
            "https://www.w3.org/ns/did/v1",
            "https://w3id.org/security/multikey/v1",
            "https://w3id.org/security/jwk/v1",
        ],
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }
    if also_known_as:
        document["alsoKnownAs"] = list(also_known_as)
    if services:
        document["service"] = [dict(service) for service in services]
    return jcs(document)


def read_did_document(data: bytes, *, did: str) -> DidDocument:
    """Read a DID document of any layout.

    Args:
        data: The bytes that were resolved.
        did: The DID that was asked for; the document must be its own.

    Raises:
        ResolutionError: Not a DID document, another's, or with methods that contradict one another.
    """
    try:
        document = parse(data, max_bytes=MAX_DID_DOCUMENT_BYTES)
    except DocumentError as error:
        raise ResolutionError(f"not a DID document: {error}", where=did) from error
    if not isinstance(document, dict):
        raise ResolutionError("not a DID document", where=did, expected="a JSON object")
    if document.get("id") != did:
        raise ResolutionError("the document belongs to another DID", where=did, expected=did, found=document.get("id"))
    methods: dict[str, Method] = {}
    for entry in _list(document, "verificationMethod", did):
        _add_method(methods, entry, did)
    purposes: dict[str, frozenset[str]] = {}
    for purpose in ("assertionMethod", "authentication", "capabilityInvocation", "capabilityDelegation"):
        ids = set()
        for entry in _list(document, purpose, did):
            ids.add(_absolute(entry, did) if isinstance(entry, str) else _add_method(methods, entry, did))
        purposes[purpose] = frozenset(ids)
    names = _list(document, "alsoKnownAs", did)
    if not all(isinstance(name, str) for name in names):
        raise ResolutionError("alsoKnownAs holds something that is not a text", where=did)
    return DidDocument(
        id=did, methods=methods, purposes=purposes, also_known_as=tuple(names), digest=digest_of(data), body=data
    )


def key_for(
    document: DidDocument,
    verification_method: str,
    *,
    purpose: str = "assertionMethod",
    at: datetime | None = None,
) -> str:
    """The Multikey text of a verification method, if the document lists it for the purpose.

    Args:
        document: The document of the method's DID.
        verification_method: An absolute DID URL.
        purpose: What the key was used for.
        at: The moment it was used, needed when the document dates the key's end (aware).

    Raises:
        ResolutionError: Not a method of this document, not for this purpose, not controlled by this DID, ended, or of a
            kind we do not verify with; the message says which.
    """
    did, hash_sign, fragment = verification_method.partition("#")
    if not hash_sign or not fragment:
        raise ResolutionError("a verification method is a DID URL with a fragment", found=verification_method)
    if did != document.id:
        raise ResolutionError("the method belongs to another DID", expected=document.id, found=did)
    method = document.methods.get(verification_method)
    if method is None:
        raise ResolutionError("the DID document has no such method", where=document.id, found=verification_method)
    if verification_method not in document.purposes.get(purpose, frozenset()):
        raise ResolutionError(f"the method is not listed under {purpose}", where=document.id, found=verification_method)
    if method.controller != document.id:
        raise ResolutionError("another DID controls the method", where=verification_method, found=method.controller)
    for word, end in (("revoked", method.revoked), ("expires", method.expires)):
        if end is not None and not _is_before(at, end):
            raise ResolutionError(
                f"the method had ended ({word})", where=verification_method, expected=f"before {end}", found=at
            )
    if method.multikey is None:
        raise ResolutionError(
            "a kind of key we do not verify with", where=verification_method, expected="Ed25519, P-256 or P-384"
        )
    return method.multikey


def _list(document: dict[str, Any], member: str, did: str) -> list[Any]:
    value = document.get(member, [])
    if not isinstance(value, list) or len(value) > MAX_METHODS:
        raise ResolutionError(f"{member} is not a list of at most {MAX_METHODS}", where=did, found=type(value).__name__)
    return value


def _absolute(reference: str, did: str) -> str:
    return did + reference if reference.startswith("#") else reference


def _add_method(methods: dict[str, Method], entry: Any, did: str) -> str:
    if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
        raise ResolutionError("a verification method without an id", where=did)
    method_id = _absolute(entry["id"], did)
    controller = entry.get("controller")
    if not isinstance(controller, str):
        raise ResolutionError("a verification method without a controller", where=method_id)
    if method_id in methods:
        raise ResolutionError("two verification methods with one id", where=did, found=method_id)
    try:
        multikey = _key_of(entry)
    except CredentialError as error:
        raise ResolutionError(f"a verification method with a bad key: {error}", where=method_id) from error
    ends = {word: entry.get(word) for word in ("expires", "revoked")}
    if not all(end is None or isinstance(end, str) for end in ends.values()):
        raise ResolutionError("a verification method whose end is not a time", where=method_id)
    methods[method_id] = Method(id=method_id, controller=controller, multikey=multikey, **ends)
    return method_id


def _key_of(entry: dict[str, Any]) -> str | None:
    """The key of a method, or None when its type is not ours: documents may list keys for others."""
    kind = entry.get("type")
    jwk = entry.get("publicKeyJwk")
    if isinstance(jwk, dict) and "d" in jwk:
        return jwk_to_multikey(jwk)  # which refuses it: whatever it is for, it has been published
    if "publicKeyMultibase" in entry and "publicKeyJwk" in entry:
        raise CredentialError("two keys in one method", expected="publicKeyMultibase or publicKeyJwk")
    if kind == "Multikey":
        text = entry.get("publicKeyMultibase")
        if not isinstance(text, str):
            raise CredentialError("a Multikey method without publicKeyMultibase")
        # secp256k1, BLS and X25519 keys are Multikeys too; the prefix says so before the key is decoded.
        return decode_multikey(text).multikey if text.startswith(("z6Mk", "zDn", "z82")) else None
    if kind in ("JsonWebKey", "JsonWebKey2020"):
        if not isinstance(jwk, dict):
            raise CredentialError("a JsonWebKey method without publicKeyJwk")
        curve = jwk.get("crv")
        is_ours = isinstance(curve, str) and curve in JWK_CURVES and is_for_verifying(jwk)
        return jwk_to_multikey(jwk) if is_ours else None
    return None


def _is_before(at: datetime | None, end: str) -> bool:
    if at is None:
        return False
    try:
        moment = datetime.fromisoformat(end)
    except ValueError:
        return False
    return moment.tzinfo is not None and at < moment
