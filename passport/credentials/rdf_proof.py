"""Embedded proofs over RDF graphs, for verifying only: the suites `eddsa-rdfc-2022` and `ecdsa-rdfc-2019`.

The proof signs the hash of the proof's graph, then the hash of the document's. What is signed is therefore the graph
and not the text: the order of an array without order, white space, which of the places that name a node says what of
it, and the seventeenth digit of a number may all change under one signature. The document hash stays
SHA-256(JCS(document without proof)), as everywhere else: it names the text that was received, not everything that the
same signature would hold for.

We never sign so. This is for credentials of others.

Source: W3C, vc-di-eddsa, section 3.2; vc-di-ecdsa, section 3.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from passport.credentials.canonical import jcs_parsed, parse
from passport.credentials.local_contexts import LocalContexts
from passport.credentials.multikey import KeyKind
from passport.credentials.proof import KeyLookup, Verified, take_proof
from passport.credentials.proof_options import RDFC_SUITES, check_context, check_options, read_signature
from passport.credentials.rdf_graph import canonical_quads
from passport.credentials.suite_signature import SIGNATURE_BYTES, check_suite_signature
from passport.model.digest import from_sha256

MAX_RDF_DOCUMENT_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class RdfSecured:
    """A document with a proof over its graph, taken apart; nothing of it has been verified yet.

    Attributes:
        document: The document without its proof.
        proof: The proof with all its members.
        document_quads: The canonical N-Quads of the document.
        proof_quads: Those of the proof without `proofValue`.
        signature: The decoded `proofValue`.
        created: When the proof says it was made.
    """

    document: dict[str, Any]
    proof: dict[str, Any]
    document_quads: bytes
    proof_quads: bytes
    signature: bytes
    created: datetime


def has_rdf_proof(document: Any) -> bool:
    """Whether a document's proof names one of these suites."""
    proof = document.get("proof") if isinstance(document, dict) else None
    return isinstance(proof, dict) and proof.get("cryptosuite") in RDFC_SUITES


def read_rdf_secured(
    data: bytes, contexts: LocalContexts, *, at: datetime | None = None, max_bytes: int = MAX_RDF_DOCUMENT_BYTES
) -> RdfSecured:
    """Take a document apart that has a proof over its graph.

    Args:
        data: The bytes as received, in any layout.
        contexts: The contexts that the caller knows.
        at: The moment at which a proof with `expires` must still hold (aware).
        max_bytes: Longer documents are refused unread.

    Raises:
        BoundError: Too long, nested too deep, or a graph that is too large or takes too long to sort.
        DocumentError: Not JSON, not an object, or a key twice.
        SchemaError: Something that the proof would not cover.
        SignatureError: No proof, several, or one we cannot judge; the message says why.
        CredentialError: A context is not at hand, or the extra `rdfc` is not installed: nothing is decided.
    """
    document = parse(data, max_bytes=max_bytes)
    proof = take_proof(document)
    check_context(document, proof, required=False)
    created = check_options(proof, at, suites=RDFC_SUITES)
    signature = read_signature(proof)
    config = {name: value for name, value in proof.items() if name != "proofValue"}
    config["@context"] = document.get("@context")
    # Only a P-384 key signs so much. Were it another's, its signature would have the wrong length.
    with_sha384 = len(signature) == SIGNATURE_BYTES[KeyKind.P384]
    return RdfSecured(
        document=document,
        proof=proof,
        document_quads=canonical_quads(document, contexts, with_sha384=with_sha384),
        proof_quads=canonical_quads(config, contexts, with_sha384=with_sha384),
        signature=signature,
        created=created,
    )


def verify_rdf_secured(
    data: bytes,
    key_lookup: KeyLookup,
    contexts: LocalContexts,
    *,
    at: datetime | None = None,
    max_bytes: int = MAX_RDF_DOCUMENT_BYTES,
) -> Verified:
    """Read a document with a proof over its graph, find its key and check the proof.

    Args:
        data: The bytes as received, in any layout.
        key_lookup: Finds the key of the proof's verification method.
        contexts: The contexts that the caller knows.
        at: The moment at which a proof with `expires` must still hold (aware).
        max_bytes: Longer documents are refused unread.

    Returns:
        The document; `doc_hash` names its canonical JSON, which is not what was signed.

    Raises:
        PassportError: As `read_rdf_secured`, and whatever `key_lookup` raises.
        SignatureError: The proof does not hold.
    """
    secured = read_rdf_secured(data, contexts, at=at, max_bytes=max_bytes)
    method = secured.proof["verificationMethod"]
    multikey = key_lookup(method)
    check_suite_signature(
        secured.proof["cryptosuite"],
        secured.signature,
        multikey,
        options=secured.proof_quads,
        document=secured.document_quads,
        verification_method=method,
    )
    unsecured = jcs_parsed(secured.document)
    return Verified(
        document=secured.document,
        unsecured=unsecured,
        doc_hash=from_sha256(sha256(unsecured).digest()),
        proof=secured.proof,
        verification_method=method,
        multikey=multikey,
        created=secured.created,
    )
