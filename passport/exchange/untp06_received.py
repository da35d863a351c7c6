"""UNTP 0.6 passports as they arrive: plain, with a proof inside, as `vc+jwt` or enveloped; who signed, if it shows.

What is kept is the credential without its signature, in canonical form: its digest is what a pin would name. A
signature that is false is refused; one that cannot be judged leaves open who wrote the passport, as none does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from passport.credentials.canonical import jcs_parsed, parse
from passport.credentials.jws import check_jws
from passport.credentials.local_contexts import LocalContexts
from passport.credentials.proof import KeyLookup, check_issuer, check_signature, read_secured
from passport.credentials.rdf_proof import has_rdf_proof, verify_rdf_secured
from passport.credentials.validity import check_valid_at
from passport.credentials.vc_jwt import is_envelope, open_envelope, read_vc_jwt
from passport.errors import BoundError, CredentialError, DocumentError, ResolutionError, SchemaError, SignatureError
from passport.exchange.untp06 import Untp06Passport, read_untp06

NOT_SIGNED: Final = "nobody signed it"
NO_CONTEXTS: Final = "it is signed as an RDF graph, and no contexts were named by which to read that"


@dataclass(frozen=True, slots=True)
class ReceivedUntp06:
    """A passport of version 0.6 as it was received.

    Attributes:
        passport: What it states.
        body: Its canonical form without signature.
        signed_by: The issuer's DID where its signature was verified; None where nobody signed or that stays open.
        problem: Why it stays open.
        is_valid: Whether it is valid at the moment of receipt, as far as it says.
    """

    passport: Untp06Passport
    body: bytes
    signed_by: str | None
    problem: str | None
    is_valid: bool


def receive_untp06(
    data: bytes, key_lookup: KeyLookup, *, at: datetime, contexts: LocalContexts | None = None
) -> ReceivedUntp06:
    """Read a passport of UNTP 0.6 in any envelope.

    Args:
        data: As received.
        key_lookup: Finds the key of a DID URL as somebody vouches for it; raises `ResolutionError` where nobody does.
        at: The moment of receipt, aware.
        contexts: What the terms mean, for proofs over RDF graphs; without it those stay open.

    Raises:
        DocumentError: Not such a passport; BoundError and SchemaError likewise.
        SignatureError: A signature that is false, or another's than the issuer's.
    """
    data = data.strip()
    jwt = data
    if data[:1] == b"{":
        document = _object(parse(data))
        if not is_envelope(document):
            return _embedded(data, document, key_lookup, at, contexts)
        jwt = open_envelope(document)
    credential = read_vc_jwt(jwt, at=at)
    signed_by, problem = None, None
    check_issuer(credential.document, credential.verification_method)
    try:
        multikey = key_lookup(credential.verification_method)
    except ResolutionError as error:
        problem = str(error)
    else:
        check_jws(credential.jws, multikey)
        signed_by = credential.verification_method.partition("#")[0]
    return _received(credential.document, signed_by, problem, at)


def _embedded(
    data: bytes, document: dict[str, Any], key_lookup: KeyLookup, at: datetime, contexts: LocalContexts | None
) -> ReceivedUntp06:
    if "proof" not in document:
        return _received(document, None, NOT_SIGNED, at)
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    if has_rdf_proof(document):
        if contexts is None:
            return _received(unsecured, None, NO_CONTEXTS, at)
        return _over_graph(data, unsecured, key_lookup, at, contexts)
    try:
        secured = read_secured(data, at=at)
    except SignatureError as error:  # of a suite that is not verified here
        return _received(unsecured, None, str(error), at)
    if secured.document != unsecured:
        raise SchemaError("a context that the proof does not cover", where="@context")
    check_issuer(unsecured, secured.verification_method)
    try:
        multikey = key_lookup(secured.verification_method)
    except ResolutionError as error:
        return _received(unsecured, None, str(error), at)
    check_signature(secured, multikey)
    return _received(unsecured, secured.verification_method.partition("#")[0], None, at)


def _over_graph(
    data: bytes, unsecured: dict[str, Any], key_lookup: KeyLookup, at: datetime, contexts: LocalContexts
) -> ReceivedUntp06:
    try:
        verified = verify_rdf_secured(data, key_lookup, contexts, at=at)
    except SignatureError:
        raise
    except (CredentialError, BoundError) as error:  # a context or key that is not at hand, or a graph too large to sort
        return _received(unsecured, None, str(error), at)
    signed_by = check_issuer(unsecured, verified.verification_method)
    return _received(unsecured, signed_by, None, at)


def _received(document: dict[str, Any], signed_by: str | None, problem: str | None, at: datetime) -> ReceivedUntp06:
    body = jcs_parsed(document, exact_integers=True)
    try:
        check_valid_at(document, at)
        is_valid = True
    except SchemaError:
        is_valid = False
    return ReceivedUntp06(read_untp06(body), body, signed_by, problem, is_valid)


def _object(document: Any) -> dict[str, Any]:
    if not isinstance(document, dict):
        raise DocumentError("not a passport", expected="a JSON object", found=type(document).__name__)
    return document
