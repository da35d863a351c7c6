"""An identity anchor against the registry's entry: do DID, legal entity, registrar and evidence say the same?

The two are twins (UNTP 0.7.0 Digital Identity Anchor, and the entry whose evidence hash is its document hash). Whether
the registrar itself is to be believed, up to a trusted root, is not asked here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from passport.credentials import (
    build_did_key_document,
    jcs,
    key_for,
    key_hash,
    read_did_document,
)
from passport.credentials.any_key import verify_by_any_key
from passport.credentials.did import DidDocument
from passport.credentials.untp_credential import VerifiedCredential, verify_credential
from passport.errors import LedgerError, PassportError, ProofError, ResolutionError
from passport.ledger import ChainRef, IssuerId, RegistryView
from passport.ledger.authority import suspended_at
from passport.ledger.registry_records import IssuerRecord
from passport.model import identity_anchor
from passport.model.digest import to_sha256
from verifier.outcome import Outcome

MAX_ANCHOR_BYTES = 1 << 20
MAX_KEYS = 256
_DID_KEY = "did:key:"

DidDocuments = Callable[[str], Sequence[bytes]]
"""Every DID document at hand for a DID; nobody signs them, so none is believed for being there."""


@dataclass(frozen=True, slots=True)
class AnchorFinding:
    """One thing that was asked of an anchor.

    Attributes:
        asked: `entry`, `evidence`, `entity`, `controller`, `registrar`, `signature`, `did` or `standing`.
        outcome: PASSED, FAILED or UNKNOWN.
        reason: Why it is not passed.
        expected: What the registry says.
        found: What the anchor says.
    """

    asked: str
    outcome: Outcome
    reason: str | None = None
    expected: str | None = None
    found: str | None = None


@dataclass(frozen=True, slots=True)
class JudgedAnchor:
    """An anchor with everything that was asked of it.

    Attributes:
        did: The DID that it speaks of.
        issuer_id: The entry that it names.
        findings: What was asked, each once.
    """

    did: str
    issuer_id: str
    findings: tuple[AnchorFinding, ...]

    @property
    def outcome(self) -> Outcome:
        """FAILED if anything is, else UNKNOWN if anything is, else PASSED."""
        outcomes = {each.outcome for each in self.findings}
        for outcome in (Outcome.FAILED, Outcome.UNKNOWN):
            if outcome in outcomes:
                return outcome
        return Outcome.PASSED


def judge_identity_anchor(
    data: bytes, registry: RegistryView, chain: ChainRef, did_documents: DidDocuments, *, at: datetime
) -> JudgedAnchor:
    """Compare an identity anchor with the registry.

    Args:
        data: The credential as received, in either envelope.
        registry: The registry as of some block.
        chain: Its chain.
        did_documents: DID documents at hand.
        at: The moment the credential must be valid at, aware.

    Raises:
        DocumentError: It cannot be read.
        SchemaError: Not an identity anchor, or not valid at that moment.
        SignatureError: No key at hand made its signature.
        ProofError: The state does not prove what is asked of it.
    """
    verified, multikey = verify_by_any_key(
        lambda lookup: verify_credential(data, identity_anchor.SCHEMA, lookup, at=at, max_bytes=MAX_ANCHOR_BYTES),
        lambda method: _keys_under(method, did_documents),
    )
    subject = verified.document["credentialSubject"]
    issuer_id = IssuerId(subject["registryEntry"]["issuerId"])
    findings = tuple(_findings(verified, multikey, registry, chain, did_documents, int(at.timestamp())))
    return JudgedAnchor(subject["id"], issuer_id, findings)


def _findings(
    verified: VerifiedCredential,
    multikey: str,
    registry: RegistryView,
    chain: ChainRef,
    did_documents: DidDocuments,
    now: int,
) -> Iterator[AnchorFinding]:
    subject = verified.document["credentialSubject"]
    entry = subject["registryEntry"]
    here = f"{chain.caip2}:{registry.address} {chain.genesis_hash}"
    named = f"{entry['registry']} {entry['genesis']}"
    if named != here:
        yield AnchorFinding("entry", Outcome.FAILED, "the anchor names another registry", here, named)
        return
    record = registry.issuer(entry["issuerId"])
    if record is None:
        yield AnchorFinding("entry", Outcome.FAILED, "nobody is registered under the id", None, entry["issuerId"])
        return
    yield AnchorFinding("entry", Outcome.PASSED)
    yield _same(
        "evidence",
        "the registry holds another evidence hash",
        "0x" + record.evidence_hash.hex(),
        "0x" + to_sha256(verified.doc_hash).hex(),
    )
    yield _entity(registry, record, subject)
    yield _same("controller", "the entity has another controller", record.controller, entry["controller"])
    yield from _registrar(verified, multikey, registry, record, now)
    yield _did(registry, record, subject["id"], did_documents, now)
    yield _standing(registry, record)


def _same(asked: str, reason: str, expected: str, found: str) -> AnchorFinding:
    if expected == found:
        return AnchorFinding(asked, Outcome.PASSED)
    return AnchorFinding(asked, Outcome.FAILED, reason, expected, found)


def _entity(registry: RegistryView, record: IssuerRecord, subject: dict[str, Any]) -> AnchorFinding:
    if subject["idScheme"]["name"] != subject["registeredId"].partition(":")[0]:
        found = f"{subject['idScheme']['name']}, {subject['registeredId']}"
        return AnchorFinding("entity", Outcome.FAILED, "the anchor names two schemes", None, found)
    if not _is_id_of(registry, record.issuer_id, subject["registeredId"]):
        return AnchorFinding(
            "entity",
            Outcome.FAILED,
            "the entry is another legal entity's",
            record.issuer_id,
            subject["registeredId"],
        )
    return AnchorFinding("entity", Outcome.PASSED)


def _registrar(
    verified: VerifiedCredential, multikey: str, registry: RegistryView, record: IssuerRecord, now: int
) -> Iterator[AnchorFinding]:
    """The entity that answers for the account that registered is the one that signed, by a key it has bound."""
    registrar = registry.registrar(record.registrar)
    [signer] = verified.document["issuer"]["issuerAlsoKnownAs"]
    stated = verified.document["credentialSubject"]["registrar"]
    if registrar is None:
        yield AnchorFinding(
            "registrar", Outcome.FAILED, "the registrar's account was never accredited", found=record.registrar
        )
        return
    named = f"{signer['registeredId']}, {stated['registeredId']}"
    if signer["registeredId"] != stated["registeredId"] or not _is_id_of(
        registry, registrar.issuer_id, signer["registeredId"]
    ):
        yield AnchorFinding(
            "registrar", Outcome.FAILED, "another registrar registered the entity", registrar.issuer_id, named
        )
    elif registrar.bad_from is not None and registrar.bad_from <= record.registered_at:
        yield AnchorFinding(
            "registrar", Outcome.FAILED, "what the registrar did by then is void", found=registrar.address
        )
    else:
        yield AnchorFinding("registrar", Outcome.PASSED)
    key = registry.credential_key(registrar.issuer_id, key_hash(multikey))
    if key is None:
        yield AnchorFinding(
            "signature", Outcome.FAILED, "a key signed that the registrar has not bound", registrar.issuer_id, multikey
        )
    elif not (key.window.holds(record.registered_at) or key.window.holds(now)):
        yield AnchorFinding("signature", Outcome.FAILED, "the registrar's key was not good", found=multikey)
    else:
        yield AnchorFinding("signature", Outcome.PASSED)


def _did(
    registry: RegistryView, record: IssuerRecord, did: str, did_documents: DidDocuments, now: int
) -> AnchorFinding:
    """The DID is the entity's if a DID document lists a key that the entity has bound."""
    documents = list(_readable(did, did_documents))
    if not documents and not did.startswith(_DID_KEY):  # which needs no document to be told
        return AnchorFinding("did", Outcome.UNKNOWN, "no DID document of the entity is at hand", found=did)
    multikeys = [
        method.multikey for document in documents for method in document.methods.values() if method.multikey is not None
    ]
    for multikey in dict.fromkeys(multikeys[:MAX_KEYS]):
        key = registry.credential_key(record.issuer_id, key_hash(multikey))
        if key is not None and key.window.holds(now):
            return AnchorFinding("did", Outcome.PASSED)
    return AnchorFinding(
        "did",
        Outcome.FAILED,
        "the DID document lists no key that the entity has bound and is good",
        record.issuer_id,
        did,
    )


def _standing(registry: RegistryView, record: IssuerRecord) -> AnchorFinding:
    """As of the state's block; once linked, the suspension of its primary counts for the entity too."""
    if record.void_from is not None:
        return AnchorFinding("standing", Outcome.FAILED, "the registration was annulled", found=record.issuer_id)
    if suspended_at(registry, record.issuer_id, time=registry.state.block.timestamp) is not None:
        return AnchorFinding("standing", Outcome.FAILED, "the entity is suspended", found=record.issuer_id)
    return AnchorFinding("standing", Outcome.PASSED)


def _is_id_of(registry: RegistryView, issuer_id: str, registered_id: str) -> bool:
    scheme, _, identifier = registered_id.partition(":")
    try:
        return registry.is_id_of(issuer_id, scheme, identifier)
    except ProofError:
        raise
    except LedgerError:  # no such scheme, or no identifier of it
        return False


def _readable(did: str, did_documents: DidDocuments) -> Iterator[DidDocument]:
    try:
        bodies = [jcs(build_did_key_document(did))] if did.startswith(_DID_KEY) else did_documents(did)
    except ResolutionError:  # no key of a kind that is known here
        return
    for body in bodies:
        try:
            yield read_did_document(body, did=did)
        except PassportError:  # anybody may have written it
            continue


def _keys_under(method: str, did_documents: DidDocuments) -> list[str]:
    found: dict[str, None] = {}
    for document in _readable(method.partition("#")[0], did_documents):
        try:
            found[key_for(document, method)] = None
        except PassportError:
            continue
    return list(found)
