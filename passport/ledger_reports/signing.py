"""Sign a statement about a ledger as a verifiable credential, and read it strictly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Generic, Literal, Protocol, TypeVar

from pydantic import Field, StringConstraints, ValidationError

from passport.credentials import KeyLookup, Signer, check_issuer, jcs, read_secured, sign_document, verify_secured
from passport.credentials.data_model import check_credential
from passport.credentials.proof import Signed
from passport.errors import SchemaError, SignatureError, UsageError
from passport.ledger.merkle import MAX_LOG_SIZE
from passport.ledger_reports.statements import Entity
from passport.model.base import DocumentModel, Uri, time_text
from passport.model.credential import Place
from passport.model.digest import Digest, digest_of
from passport.model.party import Party

CONTEXTS: Final = (
    "https://www.w3.org/ns/credentials/v2",
    "https://www.w3.org/ns/credentials/undefined-terms/v2",
)
_TYPES: Final = ("VerifiableCredential", "LedgerStatement")
MAX_STATEMENT_BYTES: Final = 4 << 20


class Statement(Protocol):
    """What can be signed: a closed document that says who signs it."""

    @property
    def format(self) -> str:
        """The format it names itself."""
        ...

    @property
    def signed_by(self) -> Entity:
        """Who signs it."""
        ...

    def to_json(self) -> dict[str, Any]:
        """The statement as JSON values."""
        ...


S = TypeVar("S", bound=DocumentModel)


class _Issuer(DocumentModel):
    id: Uri
    name: str


_Contract = Annotated[str, StringConstraints(pattern=r"^eip155:[1-9][0-9]{0,31}:0x[0-9a-fA-F]{40}$")]


class _Place(DocumentModel):
    registry: _Contract
    log: _Contract
    genesis: Annotated[str, StringConstraints(pattern=r"^0x[0-9a-f]{64}$")]
    issuer_id: Annotated[str, StringConstraints(pattern=r"^0x[0-9a-f]{64}$")]
    leaf_index: int = Field(ge=0, lt=MAX_LOG_SIZE)


class _Envelope(DocumentModel):
    context: tuple[
        Literal["https://www.w3.org/ns/credentials/v2"], Literal["https://www.w3.org/ns/credentials/undefined-terms/v2"]
    ] = Field(alias="@context")
    type: tuple[Literal["VerifiableCredential"], Literal["LedgerStatement"]]
    id: Uri
    issuer: _Issuer
    valid_from: str
    credential_subject: dict[str, Any]
    place: _Place | None = None


@dataclass(frozen=True, slots=True)
class SignedStatement(Generic[S]):
    """A statement that was read, whose signature holds.

    Attributes:
        statement: What is said.
        digest: Of the credential without its proof: what others pin.
        did: Who signed.
        multikey: The key that did.
        created: When, by the signer's word.
        id: The credential's own id.
        place: Its leaf in the signer's log, if it says that it has one.
    """

    statement: S
    digest: Digest
    did: str
    multikey: str
    created: datetime
    id: str
    place: Place | None = None


def sign_statement(
    statement: Statement,
    *,
    signer: Signer,
    did: str,
    party: Party,
    statement_id: str,
    now: datetime,
    place: Place | None = None,
) -> Signed:
    """A statement as a signed credential, in canonical form.

    Args:
        statement: What is said; it must name the signing entity.
        signer: The credential key.
        did: The DID that the key is under.
        party: The entity of the key.
        statement_id: The credential's id, a URI.
        now: When.
        place: Its leaf in the signer's log, to be filled with its hash; without one it is not anchored.

    Raises:
        UsageError: The statement is another entity's.
    """
    if statement.signed_by.key != Entity.of(party).key:
        raise UsageError(
            "the statement is another entity's",
            where="signedBy",
            expected=Entity.of(party).key,
            found=statement.signed_by.key,
        )
    document: dict[str, Any] = {
        "@context": list(CONTEXTS),
        "type": list(_TYPES),
        "id": statement_id,
        "issuer": {"id": did, "name": party.name},
        "validFrom": time_text(now),
        "credentialSubject": statement.to_json(),
    }
    if place is not None:
        document["place"] = place.to_json()
    check_credential(document)
    return sign_document(document, signer, now)


def read_statement(data: bytes, kinds: Mapping[str, type[S]], *, key_lookup: KeyLookup) -> SignedStatement[S]:
    """A signed statement out of its bytes.

    Args:
        data: As received; bytes that are not in canonical form are refused.
        kinds: Which statements are expected, by their format.
        key_lookup: Finds the key of a verification method.

    Raises:
        SchemaError: Another kind of document, or one that is not of its closed shape.
        SignatureError: The signature does not hold, or the issuer is not who signed.
        PassportError: Not JSON, not canonical, too large, or a key that is not to be found.
    """
    verified = verify_secured(data, key_lookup, canonical=True, max_bytes=MAX_STATEMENT_BYTES)
    document = dict(verified.document)
    check_issuer(document, verified.verification_method)
    envelope, statement = _shapes(document, kinds)
    if envelope.valid_from != time_text(verified.created):
        raise SignatureError(
            "the credential is of another moment than its proof",
            where="validFrom",
            expected=time_text(verified.created),
            found=envelope.valid_from,
        )
    return SignedStatement(
        statement=statement,
        digest=digest_of(verified.unsecured),
        did=envelope.issuer.id,
        multikey=verified.multikey,
        created=verified.created,
        id=envelope.id,
        place=_place(envelope),
    )


def _shapes(document: Mapping[str, Any], kinds: Mapping[str, type[S]]) -> tuple[_Envelope, S]:
    """The credential around a statement, and the statement, both of their closed shapes."""
    envelope = shaped(_Envelope, document, where="credential")
    stated = envelope.credential_subject
    kind = kinds.get(str(stated.get("format")))
    if kind is None:
        raise SchemaError(
            "another kind of statement",
            where="credentialSubject.format",
            expected=" or ".join(kinds),
            found=str(stated.get("format"))[:100],
        )
    statement = shaped(kind, stated, where="credentialSubject")
    if jcs(statement.to_json()) != jcs(stated):
        raise SchemaError("written otherwise than such a statement is", where="credentialSubject")
    return envelope, statement


@dataclass(frozen=True, slots=True)
class Unsigned(Generic[S]):
    """What a statement says; whether anybody signed it is not asked.

    Attributes:
        statement: What is said.
        digest: Of the credential without its proof.
        id: The credential's own id.
        place: Its leaf in the signer's log, if it says that it has one.
    """

    statement: S
    digest: Digest
    id: str
    place: Place | None


def peek_statement(data: bytes, kinds: Mapping[str, type[S]]) -> Unsigned[S]:
    """A statement out of its bytes, whose signature is not looked at.

    Args:
        data: As received; bytes that are not in canonical form are refused.
        kinds: Which statements are expected, by their format.

    Raises:
        SchemaError: Another kind of document, or one that is not of its closed shape.
        PassportError: Not JSON, not canonical, too large, or without a proof.
    """
    secured = read_secured(data, canonical=True, max_bytes=MAX_STATEMENT_BYTES)
    envelope, statement = _shapes(dict(secured.document), kinds)
    return Unsigned(statement, secured.doc_hash, envelope.id, _place(envelope))


def _place(envelope: _Envelope) -> Place | None:
    return None if envelope.place is None else Place(**envelope.place.model_dump())


@dataclass(frozen=True, slots=True)
class StatementFacts:
    """Where a statement says that it stands, and who it says signed it; nothing of it is checked.

    Attributes:
        id: The credential's id.
        digest: Of the credential without its proof.
        place: Its leaf.
        issuer_did: Who signed.
        scheme: Scheme of the signer's identifier.
        identifier: The signer's identifier.
    """

    id: str
    digest: str
    place: Place
    issuer_did: str
    scheme: str
    identifier: str


def is_statement(credential: Mapping[str, Any]) -> bool:
    """Whether a credential says that it is a statement about a ledger."""
    return credential.get("type") == list(_TYPES)


def statement_facts(credential: Mapping[str, Any], digest: str) -> StatementFacts:
    """What a statement without its proof says of its leaf.

    Raises:
        SchemaError: It has another shape, or names no leaf.
    """
    envelope = shaped(_Envelope, credential, where="credential")
    signer = shaped(Entity, envelope.credential_subject.get("signedBy") or {}, where="credentialSubject.signedBy")
    if envelope.place is None:
        raise SchemaError("a statement that names no leaf", where="place")
    place = Place(**envelope.place.model_dump())
    return StatementFacts(envelope.id, digest, place, envelope.issuer.id, signer.scheme, signer.identifier)


M = TypeVar("M", bound=DocumentModel)


def shaped(kind: type[M], document: Mapping[str, Any], *, where: str) -> M:
    """A document of a closed shape.

    Raises:
        SchemaError: It has another one; says where.
    """
    try:
        return kind.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise SchemaError(first["msg"], where=f"{where}: {place}", found=repr(first.get("input"))[:200]) from None
