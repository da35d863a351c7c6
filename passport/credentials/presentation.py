"""Presentations for a role: a passport with the content sets and rows that this role may see, and with nothing else.

A presentation is a VerifiablePresentation of the VC data model with the passport in it as it was signed. What is shown
stands beside it under `disclosure`; the passport's own commitments say whether that is all of it and nothing more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from passport.credentials.canonical import MAX_DOCUMENT_BYTES, jcs, parse_canonical
from passport.credentials.content_sets import (
    OPENINGS_FORMAT,
    attribute_hash,
    audience_commitment,
    commitments_of,
    set_commitment,
)
from passport.credentials.data_model import check_presentation as check_data_model
from passport.credentials.disclosure import row_hash
from passport.credentials.keys import Signer
from passport.credentials.proof import Secured, read_secured, sign_document
from passport.credentials.vc_jwt import CREDENTIALS_V2
from passport.errors import DisclosureError, PassportError, SchemaError, UsageError
from passport.model import schema
from passport.model.content import check_content_value
from passport.model.credential import LINK_STATEMENT
from passport.model.digest import digest_of
from passport.model.role_map import role_map

PRESENTATION_FORMAT: Final = "carbon-passport/presentation/1.0"
PRESENTATION_KIND: Final = "presentation-1.0"
_CONTEXTS: Final = [CREDENTIALS_V2, "https://www.w3.org/ns/credentials/undefined-terms/v2"]


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


@dataclass(frozen=True, slots=True)
class Disclosed:
    """What a role was shown, all of it as the passport committed to it.

    Attributes:
        role: Who may see it.
        sets: Attributes and values, by set.
        rows: The rows of the footprint.
    """

    role: str
    sets: Mapping[str, Mapping[str, Any]]
    rows: tuple[Mapping[str, Any], ...]


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


def check_disclosure(passport: Mapping[str, Any], disclosure: Mapping[str, Any], role: str) -> Disclosed:
    """Check that what is shown is exactly what a role may see: all of it, unchanged, and nothing else.

    Args:
        passport: The passport without proof, already judged by the issuing schema.
        disclosure: What is shown, already judged by the schema of presentations.
        role: Who looks at it.

    Raises:
        DisclosureError: More or less than that is shown, or something that was not committed to; says what and where.
        UsageError: The passport names a role map that nobody here knows, or one without that role.
    """
    # 1. What the role may see, by the passport's role map as it is known here.
    commitments = commitments_of(passport)
    if commitments is None:
        raise DisclosureError("the passport commits to no content sets", where=passport["id"])
    role_map(commitments["roleMap"]).sets_of(role)
    if disclosure["role"] != role:
        raise DisclosureError("made for another role", where="role", expected=role, found=disclosure["role"])
    # 2. The sets, each of them as it was committed to.
    sets = check_sets(passport, disclosure["sets"], role)
    # 3. The rows of its audience, each a row of the statement that the passport pins.
    rows = _check_rows(passport, disclosure, commitments["rowAudiences"][role])
    return Disclosed(role, sets, rows)


def check_sets(
    passport: Mapping[str, Any], opened: Sequence[Mapping[str, Any]], role: str
) -> dict[str, dict[str, Any]]:
    """Check that opened sets are exactly those of a role, whole and unchanged.

    Args:
        passport: The passport without proof, already judged by the issuing schema.
        opened: The sets in order, each with its salt, hashes and opened attributes.
        role: Who looks at them.

    Returns:
        Attributes and values by set.

    Raises:
        DisclosureError: More or less than that is shown, or something that was not committed to.
        UsageError: The passport names a role map that nobody here knows, or one without that role.
    """
    commitments = commitments_of(passport)
    if commitments is None:
        raise DisclosureError("the passport commits to no content sets", where=passport["id"])
    names = role_map(commitments["roleMap"]).sets_of(role)
    # 1. These sets, each once.
    shown = [each["set"] for each in opened]
    surplus = next((name for name in shown if name not in names), None)
    if surplus is not None:
        raise DisclosureError(
            f"more is shown than {role} may see", where=f"set {surplus}", expected=f"the sets {', '.join(names)}"
        )
    lacking = next((name for name in names if name not in shown), None)
    if lacking is not None:
        raise DisclosureError("a set is withheld", where=f"set {lacking}", expected=f"the sets {', '.join(names)}")
    if shown != list(names):
        raise DisclosureError("a set is shown twice or out of order", where="sets", found=", ".join(shown))
    # 2. Each set as committed, each attribute opened, none under two values or in two sets.
    sets = {each["set"]: _check_set(passport["id"], each, commitments["sets"][each["set"]]) for each in opened}
    at: dict[str, str] = {}
    for name, attributes in sets.items():
        for attribute in attributes:
            if attribute in at:
                raise DisclosureError(
                    "one attribute in two sets", where=f"set {name}: {attribute}", found=f"also in set {at[attribute]}"
                )
            at[attribute] = name
    return sets


def _check_set(passport_id: str, shown: Mapping[str, Any], commitment: str) -> dict[str, Any]:
    name, hashes = shown["set"], shown["hashes"]
    where = f"set {name}"
    if hashes != sorted(set(hashes)):
        raise DisclosureError("hashes out of order or twice", where=where)
    found = set_commitment(passport_id, name, shown["salt"], hashes)
    if found != commitment:
        raise DisclosureError(
            "not the set that the passport commits to: a hash is withheld, added or changed",
            where=where,
            expected=commitment,
            found=found,
        )
    values: dict[str, Any] = {}
    committed, opened = frozenset(hashes), set[str]()
    for each in shown["attributes"]:
        attribute, value = each["attribute"], each["value"]
        place = f"{where}: {attribute}"
        hashed = attribute_hash(passport_id, name, attribute, each["salt"], value)
        if hashed not in committed:
            raise DisclosureError("not the value that was committed to for this attribute", where=place, found=hashed)
        if attribute in values:
            raise DisclosureError("one attribute is opened twice, differently or not", where=place)
        try:
            check_content_value(value)
        except ValueError as error:
            raise DisclosureError(f"not a value of an attribute: {error}", where=place) from error
        values[attribute] = value
        opened.add(hashed)
    if len(opened) != len(hashes):
        raise DisclosureError(
            "attributes are withheld",
            where=where,
            expected=f"{len(hashes)} attributes",
            found=f"{len(opened)} attributes",
        )
    return values


def _check_rows(
    passport: Mapping[str, Any], disclosure: Mapping[str, Any], commitment: str
) -> tuple[Mapping[str, Any], ...]:
    shown, hashes = disclosure["rows"], disclosure["rows"]["hashes"]
    if hashes != sorted(set(hashes)):
        raise DisclosureError("hashes out of order or twice", where="rows")
    found = audience_commitment(passport["id"], disclosure["role"], shown["salt"], hashes)
    if found != commitment:
        raise DisclosureError(
            "not the rows that the passport commits to for this role: one is withheld, added or changed",
            where="rows",
            expected=commitment,
            found=found,
        )
    opened = [row_hash(each["row"], each["salt"]) for each in shown["opened"]]
    _compare(opened, hashes)
    if bool(hashes) != ("statement" in disclosure):
        raise DisclosureError(
            "a statement is shown with rows and only with them", where="statement", found=f"{len(hashes)} rows"
        )
    if hashes:
        _check_statement(passport, disclosure["statement"], hashes)
    return tuple(each["row"] for each in shown["opened"])


def _compare(opened: Sequence[str], hashes: Sequence[str]) -> None:
    committed = frozenset(hashes)
    stranger = next((each for each in opened if each not in committed), None)
    if stranger is not None:
        raise DisclosureError("not a row that was committed to", where="rows", found=stranger)
    if len(set(opened)) != len(opened):
        raise DisclosureError("one row is opened twice", where="rows")
    if len(opened) != len(hashes):
        raise DisclosureError(
            "rows are withheld", where="rows", expected=f"{len(hashes)} rows", found=f"{len(opened)} rows"
        )


def _check_statement(passport: Mapping[str, Any], statement: Any, hashes: Iterable[str]) -> None:
    pins = {
        link["digestMultibase"]
        for claim in passport["credentialSubject"]["performanceClaim"]
        for link in claim["evidence"]
        if link["linkType"] == LINK_STATEMENT
    }
    digest = digest_of(jcs(statement))
    if digest not in pins:
        raise DisclosureError(
            "not the statement that the passport pins", where="statement", expected=", ".join(pins), found=digest
        )
    try:
        schema.check("statement-1.0-issuing", statement)
    except PassportError as error:
        raise DisclosureError(f"not a statement of ours: {error}", where="statement") from error
    listed = frozenset(statement["extensions"][0]["data"]["rows"])
    stranger = next((each for each in hashes if each not in listed), None)
    if stranger is not None:
        raise DisclosureError("a row that the statement does not list", where="rows", found=stranger)


def _open_set(passport_id: str, name: str, opened: Mapping[str, Any]) -> dict[str, Any]:
    attributes = [{"attribute": each, **given} for each, given in sorted(opened["attributes"].items())]
    hashes = [attribute_hash(passport_id, name, **each) for each in attributes]
    return {"attributes": attributes, "hashes": sorted(hashes), "salt": opened["salt"], "set": name}


def _row_at_hand(rows: Mapping[str, bytes], hashed: str) -> Any:
    if hashed not in rows:
        raise DisclosureError("a row that the role may see is not at hand", where="rows", found=hashed)
    return parse_canonical(rows[hashed])
