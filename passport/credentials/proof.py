"""Embedded proofs: the Data Integrity suites `eddsa-jcs-2022` and `ecdsa-jcs-2019` (W3C, sections 3.3 and 3.2).

The proof signs SHA-256(JCS(proof without proofValue)) followed by SHA-256(JCS(document without proof)); the second half
is the document hash that links, statements and the ledger name. (P-384 keys sign SHA-384 hashes; the document hash
stays the SHA-256 one.)

The bytes received are what is judged. A document in canonical form is read once, and written once to see that it is;
what was hashed are the bytes received without the proof among them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256, sha384
from typing import TYPE_CHECKING, Any, Final

from passport.credentials.canonical import (
    MAX_DOCUMENT_BYTES,
    check_depth,
    is_canonical_but_numbers,
    jcs,
    jcs_parsed,
    load_json,
    not_canonical,
    parse,
    plain,
)
from passport.credentials.multikey import KeyKind, base58_encode, decode_multikey
from passport.credentials.proof_options import (
    ASSERTION_METHOD,
    ECDSA_JCS_2019,
    EDDSA_JCS_2022,
    check_context,
    check_options,
    narrow_context,
    read_signature,
)
from passport.credentials.suite_signature import SIGNATURE_BYTES, check_suite_signature
from passport.errors import CanonicalError, SchemaError, SignatureError, SignerError, UsageError
from passport.model.digest import Digest, from_sha256

if TYPE_CHECKING:
    from passport.credentials.keys import Signer

_SUITE_OF_KIND: Final = {
    KeyKind.ED25519: EDDSA_JCS_2022,
    KeyKind.P256: ECDSA_JCS_2019,
    KeyKind.P384: ECDSA_JCS_2019,
}

KeyLookup = Callable[[str], str]
"""Finds the Multikey text of a verification method (a DID URL), or raises a `PassportError`."""


@dataclass(frozen=True, slots=True)
class Secured:
    """A secured document taken apart; nothing of it has been verified yet.

    Attributes:
        document: The document without its proof.
        unsecured: Its canonical bytes, which links and statements name by their hash.
        doc_hash: SHA-256 of `unsecured`.
        proof: The proof with all its members.
        proof_config: The canonical bytes of the proof without `proofValue`.
        signing_input: What a key with SHA-256 signed: 64 bytes.
        signature: The decoded `proofValue`.
        verification_method: The DID URL of the key.
        created: When the proof says it was made.
    """

    document: dict[str, Any]
    unsecured: bytes
    doc_hash: Digest
    proof: dict[str, Any]
    proof_config: bytes
    signing_input: bytes
    signature: bytes
    verification_method: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Signed:
    """A document as it was signed.

    Attributes:
        body: Its canonical bytes with the proof.
        doc_hash: SHA-256 of its canonical bytes without the proof.
    """

    body: bytes
    doc_hash: Digest


@dataclass(frozen=True, slots=True)
class Verified:
    """A document whose proof holds under `multikey`. Whose key that is remains to be judged.

    Attributes:
        document: The document without its proof.
        unsecured: Its canonical bytes.
        doc_hash: SHA-256 of `unsecured`.
        proof: The proof with all its members.
        verification_method: The DID URL of the key.
        multikey: The key that signed.
        created: When the proof says it was made.
    """

    document: dict[str, Any]
    unsecured: bytes
    doc_hash: Digest
    proof: dict[str, Any]
    verification_method: str
    multikey: str
    created: datetime


def doc_hash(document: Mapping[str, Any]) -> Digest:
    """SHA-256 of the canonical document without its proof.

    Raises:
        CanonicalError: The document has no canonical form.
    """
    return from_sha256(sha256(jcs({key: value for key, value in document.items() if key != "proof"})).digest())


def add_proof(document: Mapping[str, Any], signer: Signer, created: datetime) -> bytes:
    """Sign a document: its canonical bytes with an embedded proof. `sign_document` gives its hash too.

    Args:
        document: Without a proof; its `@context`, if any, is repeated in the proof as the suites want it.
        signer: With an Ed25519 key, or a P-256 or P-384 key whose signatures are raw r and s.
        created: When, aware; written in UTC with whole seconds.

    Raises:
        PassportError: As `sign_document`.
    """
    return sign_document(document, signer, created).body


def sign_document(document: Mapping[str, Any], signer: Signer, created: datetime) -> Signed:
    """Sign a document, and keep the hash that signing has computed anyway.

    Args:
        document: Without a proof; its `@context`, if any, is repeated in the proof as the suites want it.
        signer: With an Ed25519 key, or a P-256 or P-384 key whose signatures are raw r and s.
        created: When, aware; written in UTC with whole seconds.

    Raises:
        UsageError: The document has a proof already, or `created` has no time zone.
        CanonicalError: The document has no canonical form.
        BoundError: The document is nested deeper than readers accept.
        SignerError: The signer failed.
    """
    if "proof" in document:
        raise UsageError("the document has a proof already", hint="sign the document without it")
    if created.tzinfo is None:
        raise UsageError("the time of signing has no time zone", found=created.isoformat())
    kind = decode_multikey(signer.multikey).kind
    head, tail = _around_proof(document, jcs)
    unsecured = _object(head, tail)
    check_depth(unsecured)
    raw_hash = sha256(unsecured).digest()
    proof: dict[str, Any] = {
        "created": created.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z",
        "cryptosuite": _SUITE_OF_KIND[kind],
        "proofPurpose": ASSERTION_METHOD,
        "type": "DataIntegrityProof",
        "verificationMethod": signer.verification_method,
    }
    if "@context" in document:
        proof["@context"] = document["@context"]
    config = jcs(proof)
    if kind is KeyKind.P384:
        signing_input = sha384(config).digest() + sha384(unsecured).digest()
    else:
        signing_input = sha256(config).digest() + raw_hash
    signature = signer.sign(signing_input)
    if len(signature) != SIGNATURE_BYTES[kind]:
        raise SignerError(
            "the signer returned a signature of the wrong length",
            expected=f"{SIGNATURE_BYTES[kind]} bytes (raw, not DER)",
            found=f"{len(signature)} bytes",
        )
    # The value stands before `type` and `verificationMethod`, and in that one's text every quote is escaped.
    at = config.rindex(b',"type":')
    value = b',"proofValue":"z' + base58_encode(signature).encode() + b'"'
    return Signed(_object(head, b'"proof":' + config[:at] + value + config[at:], tail), from_sha256(raw_hash))


def read_secured(
    data: bytes,
    *,
    canonical: bool = False,
    at: datetime | None = None,
    max_bytes: int = MAX_DOCUMENT_BYTES,
    schema_follows: bool = False,
) -> Secured:
    """Take a secured document apart and check the shape of its proof.

    Args:
        data: The bytes as received.
        canonical: Demand the canonical form, which every document we write has. Otherwise any layout is read.
        at: The moment at which a proof with `expires` must still hold (aware).
        max_bytes: Longer documents are refused unread.
        schema_follows: Of a document in canonical form, leave depth and the form of numbers to the caller, whose next
            steps are a closed schema and `numbers_in_form`.

    Raises:
        BoundError: Too long, or nested too deep.
        DocumentError: Not JSON, not an object, or a key twice.
        CanonicalError: Not in canonical form although it must be, or a number without one.
        SignatureError: No proof, several, or one we cannot judge; the message says why.
    """
    document = load_json(data, max_bytes=max_bytes)
    is_secured = isinstance(document, dict) and "proof" in document
    write: Callable[[Any], bytes] = _jcs_own
    if schema_follows and is_secured and is_canonical_but_numbers(document, data):
        is_canonical, write = True, plain
    else:
        check_depth(data)
        is_canonical = is_secured and _jcs_own(document) == data
    proof = take_proof(document)
    if is_canonical:
        unsecured = _without_proof(data, document, proof, write)
    elif canonical:
        raise not_canonical(data)
    else:
        document = parse(data, max_bytes=max_bytes)
        proof = take_proof(document)
        unsecured = jcs_parsed(document)
    if not canonical and narrow_context(document, proof):
        unsecured = jcs_parsed(document)
    check_context(document, proof, required=canonical)
    created = check_options(proof, at)
    signature = read_signature(proof)
    config = _jcs_own({key: value for key, value in proof.items() if key != "proofValue"})
    raw_hash = sha256(unsecured).digest()
    return Secured(
        document=document,
        unsecured=unsecured,
        doc_hash=from_sha256(raw_hash),
        proof=proof,
        proof_config=config,
        signing_input=sha256(config).digest() + raw_hash,
        signature=signature,
        verification_method=proof["verificationMethod"],
        created=created,
    )


def check_signature(secured: Secured, multikey: str) -> None:
    """Check that the proof was made with the key `multikey`.

    Raises:
        SignatureError: The key is of another kind than the suite's, or the signature does not hold.
    """
    check_suite_signature(
        secured.proof["cryptosuite"],
        secured.signature,
        multikey,
        options=secured.proof_config,
        document=secured.unsecured,
        verification_method=secured.verification_method,
        signing_input=secured.signing_input,
    )


def verify_secured(
    data: bytes,
    key_lookup: KeyLookup,
    *,
    canonical: bool = False,
    at: datetime | None = None,
    max_bytes: int = MAX_DOCUMENT_BYTES,
) -> Verified:
    """Read a secured document, find its key and check its proof.

    Args:
        data: The bytes as received.
        key_lookup: Finds the key of the proof's verification method.
        canonical: Demand the canonical form.
        at: The moment at which a proof with `expires` must still hold (aware).
        max_bytes: Longer documents are refused unread.

    Raises:
        DocumentError: As `read_secured`; CanonicalError likewise.
        SignatureError: The proof cannot be judged or does not hold.
        PassportError: Whatever `key_lookup` raises.
    """
    secured = read_secured(data, canonical=canonical, at=at, max_bytes=max_bytes)
    multikey = key_lookup(secured.verification_method)
    check_signature(secured, multikey)
    return Verified(
        document=secured.document,
        unsecured=secured.unsecured,
        doc_hash=secured.doc_hash,
        proof=secured.proof,
        verification_method=secured.verification_method,
        multikey=multikey,
        created=secured.created,
    )


def check_issuer(document: Mapping[str, Any], verification_method: str) -> str:
    """Check that a credential's issuer is the DID whose key signed (VC Data Model 2.0, section 4.6), and return it.

    Raises:
        SignatureError: Another issuer, or none.
    """
    issuer = document.get("issuer")
    issuer_id = issuer.get("id") if isinstance(issuer, dict) else issuer
    signer = verification_method.partition("#")[0]
    if not isinstance(issuer_id, str) or issuer_id != signer:
        raise SignatureError(
            "the issuer is not the one whose key signed", where="issuer", expected=signer, found=issuer_id
        )
    return issuer_id


def _jcs_own(value: Any) -> bytes:
    return jcs_parsed(value, exact_integers=True)


def _around_proof(document: Mapping[str, Any], write: Callable[[Any], bytes]) -> tuple[bytes, bytes]:
    """The canonical members that stand before and after where `proof` stands, without the braces."""
    try:
        head = {key: value for key, value in document.items() if key < "proof"}
        tail = {key: value for key, value in document.items() if key > "proof"}
    except TypeError as error:
        raise CanonicalError("the keys of a document are texts") from error
    return write(head)[1:-1], write(tail)[1:-1]


def _without_proof(
    data: bytes, document: Mapping[str, Any], proof: Mapping[str, Any], write: Callable[[Any], bytes]
) -> bytes:
    """Canonical bytes with the member `proof` cut out, where the members around it say that it stands.

    Args:
        data: The bytes.
        document: What they say, without its proof.
        proof: The proof.
        write: What wrote the whole to see that it was canonical.
    """
    tail = write({key: value for key, value in document.items() if key > "proof"})[1:-1]
    member = b'"proof":' + write(proof)
    end = len(data) - 1 - (len(tail) + 1 if tail else 0)
    start = end - len(member)
    # Numbers may have been left to be judged later: were one written otherwise here or behind, what is cut out would
    # be something else than the proof, and what is hashed something else than the document.
    if data[max(start, 0) : end] != member or not data.startswith(tail, end + 1):
        raise not_canonical(data)
    # The comma that goes with it is the one before it, or, if it is the first member, the one behind it.
    return data[: start - 1] + data[end:] if start > 1 else b"{" + tail + b"}"


def _object(*members: bytes) -> bytes:
    return b"{" + b",".join([part for part in members if part]) + b"}"


def take_proof(document: Any) -> dict[str, Any]:
    """Take the one proof out of a document.

    Raises:
        SchemaError: Not an object.
        SignatureError: No proof, several, or something else in its place.
    """
    if not isinstance(document, dict):
        raise SchemaError("not a document", expected="a JSON object", found=type(document).__name__)
    proof = document.pop("proof", None)
    if isinstance(proof, dict):
        return proof
    if proof is None:
        raise SignatureError("the document has no proof")
    if isinstance(proof, list):
        raise SignatureError(
            "a set or chain of proofs", where="proof", expected="one proof", found=f"{len(proof)} proofs"
        )
    raise SignatureError("not a proof", where="proof", expected="an object", found=type(proof).__name__)
