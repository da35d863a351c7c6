"""The passport: a UNTP 0.7.0 Digital Product Passport that pins its statement, its upstream and its place in the log.

What a parent needs when the statement is withheld stands as text under `characteristics.carbonPassport`; the claim's
number is the same total as a JSON number, rounded half to even to 12 significant digits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from passport.model.amount import to_text
from passport.model.base import time_text
from passport.model.footprint import FootprintTexts
from passport.model.party import Party
from passport.model.tolerance import claim_tolerance
from passport.model.units import Unit, symbol

if TYPE_CHECKING:
    from passport.model.inventory import Inventory

PASSPORT_FORMAT = "carbon-passport/passport/1.0"
CONTEXTS = ("https://www.w3.org/ns/credentials/v2", "https://vocabulary.uncefact.org/untp/0.7.0/context/")
METRIC_ID = "https://vocabulary.uncefact.org/performance-metric/product-carbon-footprint"
TOPIC_ID = "https://vocabulary.uncefact.org/conformity-topic/greenhouse-gas-emissions"
CRITERION_ID = "urn:carbon-passport:criterion:cradle-to-gate"
LINK_STATEMENT = "urn:carbon-passport:link:footprint-statement"
LINK_UPSTREAM = "urn:carbon-passport:link:upstream-passport"
LINK_PREDECESSOR = "urn:carbon-passport:link:predecessor-version"
LINK_MODEL = "urn:carbon-passport:link:model-passport"
LINK_BATCH = "urn:carbon-passport:link:batch-passport"
LINK_FORMER = "urn:carbon-passport:link:former-passport"
DID_DOCUMENT_TYPE = "application/did+json"
STATUS_LISTS_FOLDER = "status-lists"
DID_DOCUMENTS_FOLDER = "did-documents"
"""Where an issuer serves each version of its DID document that its passports pin, named by its digest."""

_TWELVE_DIGITS = Context(prec=12, rounding=ROUND_HALF_EVEN)


class Place(NamedTuple):
    """Where a passport's leaf stands: chain, contracts, the issuer's log and the index in it.

    Attributes:
        registry: IssuerRegistry as CAIP-10.
        log: PassportLog as CAIP-10.
        genesis: Hash of the chain's first block.
        issuer_id: The legal entity's id on the registry, 0x and 64 hex digits.
        leaf_index: Index of the leaf in the issuer's log.
    """

    registry: str
    log: str
    genesis: str
    issuer_id: str
    leaf_index: int

    def to_json(self) -> dict[str, Any]:
        """The place as JSON values."""
        return {
            "genesis": self.genesis,
            "issuerId": self.issuer_id,
            "leafIndex": self.leaf_index,
            "log": self.log,
            "registry": self.registry,
        }


class Link(NamedTuple):
    """A pinned document: where it is, what it is, and the digest of the bytes served there."""

    url: str
    name: str
    digest: str
    media_type: str
    link_type: str

    def to_json(self) -> dict[str, str]:
        """The link in UNTP's form."""
        return {
            "linkURL": self.url,
            "linkName": self.name,
            "digestMultibase": self.digest,
            "mediaType": self.media_type,
            "linkType": self.link_type,
        }


class PinnedDidDocument(NamedTuple):
    """The issuer's DID document as it was when a passport was issued (VC Data Model 2.0, section 5.3).

    Attributes:
        url: Where exactly these bytes are served for good; the DID itself may lead to a later version.
        digest: Their digest.
    """

    url: str
    digest: str

    def to_json(self) -> dict[str, str]:
        """The member of `relatedResource`."""
        return {"id": self.url, "digestMultibase": self.digest, "mediaType": DID_DOCUMENT_TYPE}


def claim_number(total: str) -> int | float:
    """The total as the claim's JSON number: half to even to 12 significant digits."""
    rounded = _TWELVE_DIGITS.create_decimal(total)
    return int(rounded) if rounded == rounded.to_integral_value() else float(rounded)


def build_credential(
    inventory: Inventory,
    footprint: FootprintTexts,
    *,
    passport_id: str,
    did: str,
    party: Party,
    place: Place,
    salt: str,
    statement: Link,
    upstream: Sequence[Link],
    predecessor: Link | None,
    issued: datetime,
    valid_until: datetime,
    content_sets: Mapping[str, Any] | None = None,
    status: Mapping[str, Any] | None = None,
    lineage: Sequence[Link] = (),
    did_document: PinnedDidDocument | None = None,
) -> dict[str, Any]:
    """Write the credential of one product, without proof.

    Args:
        inventory: The issuer's account.
        footprint: The amounts, as the arithmetic gave them.
        passport_id: The credential's id.
        did: The issuer's DID.
        party: The legal entity that answers for it.
        place: Its reserved place in the log.
        salt: 128 random bits, so that the document's hash cannot be guessed from its contents.
        statement: Pin of the footprint statement.
        upstream: Pins of upstream passports, where the issuer makes its chain public.
        predecessor: Pin of the version this one replaces.
        issued: Valid from this moment.
        valid_until: Valid until this moment.
        content_sets: Commitments to contents that are disclosed by role, where there are any.
        status: Where readers without a chain find its status, if anywhere.
        lineage: Pins of the passports of its batch and model, and of former lives.
        did_document: Pin of the issuer's DID document, where it has one that can change.

    Returns:
        The unsecured credential as JSON values.
    """
    product = inventory.product
    subject: dict[str, Any] = {
        "type": ["Product"],
        "id": product.id,
        "name": product.name,
        "description": product.description,
        "idScheme": {"type": ["IdentifierScheme"], "id": product.id_scheme.id, "name": product.id_scheme.name},
        "idGranularity": str(product.granularity),
        "productCategory": [category.to_json() for category in product.category],
        "producedAtFacility": {"type": ["Facility"], "id": inventory.facility.id, "name": inventory.facility.name},
        "countryOfProduction": {"countryCode": inventory.country},
        "characteristics": {"carbonPassport": _characteristics(inventory, footprint, place, salt)},
        "performanceClaim": [_claim(inventory, footprint, passport_id, statement, issued)],
    }
    if content_sets is not None:
        subject["characteristics"]["carbonPassport"]["contentSets"] = dict(content_sets)
    if product.names:
        subject["characteristics"]["names"] = dict(product.names)
    for name, number in (
        ("modelNumber", product.model_number),
        ("batchNumber", product.batch_number),
        ("itemNumber", product.item_number),
    ):
        if number is not None:
            subject[name] = number
    links = [*upstream, *([predecessor] if predecessor else []), *lineage]
    if links:
        subject["relatedDocument"] = [link.to_json() for link in links]
    document: dict[str, Any] = {
        "@context": list(CONTEXTS),
        "type": ["DigitalProductPassport", "VerifiableCredential"],
        "id": passport_id,
        "issuer": credential_issuer(did, party),
        "validFrom": time_text(issued),
        "validUntil": time_text(valid_until),
        "name": credential_name(product.name),
        "credentialSubject": subject,
    }
    if status is not None:
        document["credentialStatus"] = dict(status)
    if did_document is not None:
        document["relatedResource"] = [did_document.to_json()]
    return document


def credential_issuer(did: str, party: Party) -> dict[str, Any]:
    """Who issues a credential: its DID, and the legal entity behind it."""
    return {
        "type": ["CredentialIssuer"],
        "id": did,
        "name": party.name,
        "issuerAlsoKnownAs": [
            {
                "type": ["Party"],
                "id": party.uri,
                "name": party.name,
                "registeredId": f"{party.scheme}:{party.identifier}",
            }
        ],
    }


def _characteristics(inventory: Inventory, footprint: FootprintTexts, place: Place, salt: str) -> dict[str, Any]:
    ceiling = inventory.ledger_ceiling
    stated: dict[str, Any] = {
        "format": PASSPORT_FORMAT,
        "salt": salt,
        "place": place.to_json(),
        "declaredUnit": str(inventory.declared_unit),
        "declaredAmount": to_text(inventory.declared_amount),
        "massPerDeclaredUnit": to_text(inventory.mass_per_declared_unit),
        "coveredQuantity": {"amount": to_text(inventory.covered_quantity), "unit": str(inventory.declared_unit)},
        "period": inventory.period.to_json(),
        "gwp": list(inventory.gwp),
        "components": dict(footprint.components),
        "total": footprint.total,
        "totalIncludingUptake": footprint.total_including_uptake,
        "unattributed": footprint.unattributed,
        "exemptedPercent": footprint.exempted_percent,
        "missingInputs": len(inventory.missing),
        "packagingEmissionsIncluded": inventory.packaging_emissions_included,
        "ccsTechnologicalCO2CaptureIncluded": inventory.ccs_technological_co2_capture_included,
        "ledgerCeiling": ceiling.to_json() if ceiling else None,
    }
    if footprint.primary_data_share is not None:
        stated["primaryDataShare"] = footprint.primary_data_share
    if footprint.data_quality is not None:
        stated["dataQuality"] = dict(footprint.data_quality)
    if footprint.uncertainty is not None:
        stated["uncertainty"] = dict(footprint.uncertainty)
    return stated


def metric_name(amount: str, unit: str) -> str:
    """The metric's name, which must say boundary and declared unit."""
    return f"Product carbon footprint, cradle-to-gate, excluding biogenic uptake, kg CO2e per {amount} {unit}"


def credential_name(product_name: str) -> str:
    """The passport's title."""
    return f"Digital product passport: {product_name}"


def claim_id(passport_id: str) -> str:
    """The claim's id, within its passport's."""
    return f"{passport_id}#footprint"


def claim_criteria() -> list[dict[str, Any]]:
    """What the claim is measured against."""
    return [{"type": ["Criterion"], "id": CRITERION_ID, "name": "Cradle-to-gate footprint"}]


def claim_standards(names: Sequence[str]) -> list[dict[str, Any]]:
    """The standards a footprint follows, each with a URN made of its name."""
    return [
        {
            "type": ["Standard"],
            "id": f"urn:carbon-passport:standard:{quote(name.replace(' ', '-'), safe='')}",
            "name": name,
        }
        for name in names
    ]


def claim_topics() -> list[dict[str, Any]]:
    """What the claim is about."""
    return [{"type": ["ConformityTopic"], "id": TOPIC_ID, "name": "Greenhouse Gas Emissions"}]


def claim_name(amount: str, unit: str) -> str:
    """The claim's name, which must say boundary and declared unit."""
    return f"Product carbon footprint, cradle-to-gate, per {amount} {unit}"


def claim_description(total: str, amount: str, unit: str, gwp: Sequence[str]) -> str:
    """The claim in one line for people."""
    return f"{total} kg CO2e per {amount} {symbol(Unit(unit))}, cradle-to-gate, GWP100 {', '.join(gwp)}"


def _claim(
    inventory: Inventory, footprint: FootprintTexts, passport_id: str, statement: Link, issued: datetime
) -> dict[str, Any]:
    amount, unit = to_text(inventory.declared_amount), str(inventory.declared_unit)
    measure: dict[str, Any] = {"value": claim_number(footprint.total), "unit": "KGM"}
    tolerance = claim_tolerance(footprint.total, footprint.uncertainty)
    if tolerance is not None:
        measure |= {"upperTolerance": tolerance.upper, "lowerTolerance": tolerance.lower}
    return {
        "type": ["Claim"],
        "id": claim_id(passport_id),
        "name": claim_name(amount, unit),
        "description": claim_description(footprint.total, amount, unit, inventory.gwp),
        "referenceCriteria": claim_criteria(),
        "referenceStandard": claim_standards(inventory.standards),
        "claimDate": time_text(issued)[:10],
        "applicablePeriod": {
            "startDate": time_text(inventory.period.start)[:10],
            "endDate": time_text(inventory.period.end)[:10],
        },
        "claimedPerformance": [
            {
                "metric": {"type": ["PerformanceMetric"], "id": METRIC_ID, "name": metric_name(amount, unit)},
                "measure": measure,
            }
        ],
        "evidence": [statement.to_json()],
        "conformityTopic": claim_topics(),
    }


def number_matches(number: object, total: str) -> bool:
    """Whether a claim's JSON number is the given exact total rounded as we round it."""
    if isinstance(number, bool) or not isinstance(number, int | float):
        return False
    if len(total) <= _TWELVE_DIGITS.prec and repr(number) == total:  # nothing to round
        return True
    return Decimal(repr(number)) == _TWELVE_DIGITS.create_decimal(total)
