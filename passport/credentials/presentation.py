"""Presentations for a role: a passport with the content sets and rows that this role may see, and with nothing else.

A presentation is a VerifiablePresentation of the VC data model with the passport in it as it was signed. What is shown
stands beside it under `disclosure`; the passport's own commitments say whether that is all of it and nothing more
(`role_view`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from passport.credentials.canonical import MAX_DOCUMENT_BYTES, jcs, parse_canonical
from passport.credentials.content_sets import OPENINGS_FORMAT, attribute_hash, commitments_of
from passport.credentials.data_model import check_presentation as check_data_model
from passport.credentials.proof import Secured, read_secured, sign_document
from passport.credentials.role_view import check_disclosure
from passport.credentials.vc_jwt import CREDENTIALS_V2
from passport.errors import DisclosureError, SchemaError, UsageError
from passport.model import schema
from passport.model.role_map import role_map
from passport.model.untp import UNDEFINED_TERMS

if TYPE_CHECKING:
    from passport.credentials.keys import Signer

PRESENTATION_FORMAT: Final = "carbon-passport/presentation/1.0"
PRESENTATION_KIND: Final = "presentation-1.0"
_CONTEXTS: Final = [CREDENTIALS_V2, UNDEFINED_TERMS]


@dataclass(frozen=True, slots=True)
class Presentation:
    """A presentation taken apart; nothing of it has been verified yet.

    Attributes:
        passport: The passport's signed bytes.
        secured: The passport taken apart.
        disclosure: What is shown beside it.
        holder: Who presents it, as it says.
        presented: The presentation's own proof, None where nobody signed it.
    """

    passport: bytes
    secured: Secured
    disclosure: dict[str, Any]
    holder: str | None
    presented: Secured | None

    @property
    def statement(self) -> bytes | None:
        """The statement that the shown rows belong to, as the bytes that the passport pins."""
        return jcs(self.disclosure["statement"]) if "statement" in self.disclosure else None

    @property
    def rows(self) -> tuple[bytes, ...]:
        """The shown rows, each as the bytes that its hash is of."""
        return tuple(map(jcs, self.disclosure["rows"]["opened"]))


def build_presentation(
    passport: bytes,
    openings: Mapping[str, Any],
    role: str,
    *,
    statement: bytes | None = None,
    rows: Mapping[str, bytes] | None = None,
    signer: Signer | None = None,
    created: datetime | None = None,
) -> bytes:
    """Show a role what it may see.

    Args:
        passport: Its signed bytes.
        openings: Values and salts, as `commit` gave them.
        role: A role of the passport's role map.
        statement: The passport's statement; needed if the role may see rows.
        rows: Its opened rows by hash, as `row_document` writes them; those of other roles are left out.
        signer: The holder's key; without it the presentation is unsigned.
        created: When it is signed, aware; needed with a signer.

    Returns:
        Canonical bytes.

    Raises:
        UsageError: The passport has no content sets, the role map no such role, or a signature no time.
        DisclosureError: Openings of another passport, or a statement or row that is not at hand.
        PassportError: As `sign_document`.
    """
    secured = read_secured(passport, canonical=True)
    commitments = commitments_of(secured.document)
    if commitments is None:
        raise UsageError(
            "the passport commits to no content sets",
            where=secured.document["id"],
            hint="state `contentSets` in the inventory and issue anew",
        )
    if openings.get("format") != OPENINGS_FORMAT or openings.get("passport") != secured.document["id"]:
        raise DisclosureError(
            "openings of another passport", expected=secured.document["id"], found=openings.get("passport")
        )
    names = role_map(commitments["roleMap"]).sets_of(role)
    audience = openings["rowAudiences"][role]
    opened = [_row_at_hand(rows or {}, each) for each in audience["rows"]]
    if opened and statement is None:
        raise DisclosureError("the statement of the rows is not at hand", where=secured.document["id"])
    disclosure: dict[str, Any] = {
        "format": PRESENTATION_FORMAT,
        "role": role,
        "rows": {"hashes": audience["rows"], "opened": opened, "salt": audience["salt"]},
        "sets": [_open_set(secured.document["id"], name, openings["sets"][name]) for name in names],
    }
    if opened and statement is not None:
        disclosure["statement"] = parse_canonical(statement)
    document: dict[str, Any] = {
        "@context": _CONTEXTS,
        "disclosure": disclosure,
        "type": ["VerifiablePresentation"],
        "verifiableCredential": [parse_canonical(passport)],
    }
    check_disclosure(secured.document, disclosure, role)
    if signer is None:
        return jcs(document)
    if created is None:
        raise UsageError("a signed presentation needs the time of signing")
    document["holder"] = signer.verification_method.partition("#")[0]
    return sign_document(document, signer, created).body


def read_presentation(data: bytes, *, max_bytes: int = MAX_DOCUMENT_BYTES) -> Presentation:
    """Take a presentation apart and check its shape.

    Raises:
        BoundError: Too long, or nested too deep.
        DocumentError: Not JSON, or not a presentation of one passport of ours.
        CanonicalError: Not in canonical form.
        SignatureError: A proof that cannot be judged.
    """
    document = parse_canonical(data, max_bytes=max_bytes)
    check_data_model(document)
    unsigned = {"@context", "disclosure", "type", "verifiableCredential"}
    expected = unsigned | {"holder", "proof"} if "proof" in document else unsigned
    if set(document) != expected:
        raise SchemaError("not a presentation", expected=", ".join(sorted(expected)), found=", ".join(sorted(document)))
    if document["@context"] != _CONTEXTS or document["type"] != ["VerifiablePresentation"]:
        raise SchemaError("another kind of presentation", where="@context, type", expected=", ".join(_CONTEXTS))
    credentials = document["verifiableCredential"]
    if not isinstance(credentials, list) or len(credentials) != 1:
        raise SchemaError("a presentation shows one passport", where="verifiableCredential", expected="a list of one")
    schema.check(PRESENTATION_KIND, document["disclosure"])
    passport = jcs(credentials[0])
    secured = read_secured(passport, canonical=True)
    schema.check("untp-dpp-0.7.0-issuing", secured.document)
    presented = read_secured(data, canonical=True) if "proof" in document else None
    holder = document.get("holder")
    if presented is not None and (not isinstance(holder, str) or presented.verification_method.split("#")[0] != holder):
        raise SchemaError(
            "signed by another than its holder", where="holder", expected=presented.verification_method, found=holder
        )
    return Presentation(passport, secured, document["disclosure"], holder, presented)


def _open_set(passport_id: str, name: str, opened: Mapping[str, Any]) -> dict[str, Any]:
    attributes = [{"attribute": each, **given} for each, given in sorted(opened["attributes"].items())]
    hashes = [attribute_hash(passport_id, name, **each) for each in attributes]
    return {"attributes": attributes, "hashes": sorted(hashes), "salt": opened["salt"], "set": name}


def _row_at_hand(rows: Mapping[str, bytes], hashed: str) -> Any:
    if hashed not in rows:
        raise DisclosureError("a row that the role may see is not at hand", where="rows", found=hashed)
    return parse_canonical(rows[hashed])
