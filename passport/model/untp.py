"""What the UNTP 0.7.0 credentials beside the passport have in common: envelope, parties, measures."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, NamedTuple

from passport.errors import UnitError
from passport.model.amount import from_text
from passport.model.base import time_text
from passport.model.credential import CONTEXTS, claim_number, credential_issuer
from passport.model.party import SCHEME_URI, Party
from passport.model.units import Unit

UNDEFINED_TERMS: Final = "https://www.w3.org/ns/credentials/undefined-terms/v2"

REC_20: Final[dict[Unit, str]] = {
    Unit.LITER: "LTR",
    Unit.KILOGRAM: "KGM",
    Unit.CUBIC_METER: "MTQ",
    Unit.KILOWATT_HOUR: "KWH",
    Unit.MEGAJOULE: "3B",
    Unit.TON_KILOMETER: "TKM",
    Unit.SQUARE_METER: "MTK",
    Unit.PIECE: "H87",
    Unit.HOUR: "HUR",
    Unit.GRAM: "GRM",
    Unit.TONNE: "TNE",
    Unit.POUND: "LBR",
    Unit.MILLILITER: "MLT",
    Unit.US_GALLON: "GLL",
    Unit.WATT_HOUR: "WHR",
    Unit.MEGAWATT_HOUR: "MWH",
    Unit.GIGAWATT_HOUR: "GWH",
    Unit.KILOJOULE: "KJO",
    Unit.GIGAJOULE: "GV",
    Unit.TERAJOULE: "D30",
    Unit.KILOMETER: "KMT",
    Unit.METER: "MTR",
    Unit.MILE: "SMI",
    Unit.MINUTE: "MIN",
    Unit.SECOND: "SEC",
    Unit.DAY: "DAY",
}
"""Codes of UN/ECE Recommendation 20; our other units have none there."""


class Issued(NamedTuple):
    """The envelope of a credential.

    Attributes:
        id: The credential's id.
        did: Its issuer's DID.
        party: The legal entity that issues it.
        valid_from: Valid from this moment, aware.
        valid_until: Valid until this moment, aware; None for no end.
    """

    id: str
    did: str
    party: Party
    valid_from: datetime
    valid_until: datetime | None = None


def untp_credential(
    kind: str, issued: Issued, name: str, subject: Any, *, has_own_terms: bool = False
) -> dict[str, Any]:
    """A credential without proof.

    Args:
        kind: Its type beside `VerifiableCredential`.
        issued: Its envelope.
        name: Its title.
        subject: What it says.
        has_own_terms: Members of ours stand in objects without a type. UNTP's types give any term a meaning, these
            objects give none, and a processor of JSON-LD would drop them; so the data model's context for undefined
            terms stands last.
    """
    document: dict[str, Any] = {
        "@context": [*CONTEXTS, UNDEFINED_TERMS] if has_own_terms else list(CONTEXTS),
        "type": [kind, "VerifiableCredential"],
        "id": issued.id,
        "issuer": credential_issuer(issued.did, issued.party),
        "validFrom": time_text(issued.valid_from),
        "name": name,
        "credentialSubject": subject,
    }
    if issued.valid_until is not None:
        document["validUntil"] = time_text(issued.valid_until)
    return document


def party_json(did: str, party: Party) -> dict[str, Any]:
    """A legal entity under its DID, as UNTP names parties."""
    return {
        "type": ["Party"],
        "id": did,
        "name": party.name,
        "registeredId": registered_id(party),
        "idScheme": id_scheme(party),
    }


def registered_id(party: Party) -> str:
    """The entity's number with its scheme, as passports state it."""
    return f"{party.scheme}:{party.identifier}"


def id_scheme(party: Party) -> dict[str, Any]:
    """The register that the entity's number is from."""
    return {"type": ["IdentifierScheme"], "id": SCHEME_URI[party.scheme], "name": str(party.scheme)}


def measure(amount: str, unit: str) -> dict[str, Any]:
    """A quantity as UNTP has it: a JSON number to 12 significant digits, and the code of the unit.

    Raises:
        UnitError: UN/ECE Recommendation 20 has no code for the unit.
        AmountError: `amount` is not an exact amount in its one spelling.
    """
    code = REC_20.get(Unit(unit))
    if code is None:
        raise UnitError("UN/ECE Recommendation 20 has no code for this unit", expected=", ".join(REC_20), found=unit)
    from_text(amount)
    return {"value": claim_number(amount), "unit": code}
