"""What a passport says, read from a credential that has passed its schema."""

from __future__ import annotations

from calendar import timegm
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from passport.errors import DocumentError
from passport.model.credential import (
    LINK_BATCH,
    LINK_FORMER,
    LINK_MODEL,
    LINK_PREDECESSOR,
    LINK_STATEMENT,
    LINK_UPSTREAM,
    PASSPORT_FORMAT,
    Place,
)
from passport.model.footprint import FootprintTexts, UpstreamFacts

LINEAGE = {LINK_MODEL: "model", LINK_BATCH: "batch", LINK_FORMER: "former"}
"""Links to other passports of the same goods, by what they are called."""


class Pin(NamedTuple):
    """A link that names the digest of what it points to."""

    url: str
    digest: str


class StatedCeiling(NamedTuple):
    """The most that a passport's issuer says its place on the ledger costs: kg CO2e, batch, digest of the profile."""

    amount: str
    minimum_batch: int
    profile: str | None


class PassportFacts(NamedTuple):
    """The facts of one passport that checks and buyers need; times are unix seconds in UTC."""

    id: str
    digest: str
    issuer_did: str
    issuer_name: str
    scheme: str
    identifier: str
    subject_id: str
    subject_name: str
    granularity: str
    numbers: tuple[str | None, str | None, str | None]
    facility_id: str
    country: str
    valid_from: int
    valid_until: int
    place: Place
    covered_amount: str
    covered_unit: str
    period: tuple[str, str]
    missing_inputs: int
    packaging_emissions_included: bool
    ccs_included: bool
    upstream: UpstreamFacts
    statement: Pin
    upstream_pins: tuple[Pin, ...]
    predecessor: Pin | None
    ledger_ceiling: StatedCeiling | None
    links: tuple[tuple[str, Pin], ...] = ()
    did_document: Pin | None = None


@lru_cache(maxsize=4096)
def unix_time(text: str) -> int:
    """A document's time as unix seconds.

    Raises:
        DocumentError: Not a moment of the calendar.
    """
    try:
        if len(text) == 20 and text[10] == "T" and text[19] == "Z":
            return timegm(datetime.fromisoformat(text[:19]).timetuple())
    except (ValueError, TypeError):
        pass
    raise DocumentError("not a moment", expected="2025-01-01T00:00:00Z", found=repr(text))


def footprint_of(stated: Mapping[str, Any]) -> FootprintTexts:
    """The amounts that `characteristics.carbonPassport` states."""
    return FootprintTexts(
        stated["components"],
        stated["total"],
        stated["totalIncludingUptake"],
        stated["unattributed"],
        stated.get("primaryDataShare"),
        stated.get("dataQuality"),
        stated["exemptedPercent"],
        stated.get("uncertainty"),
    )


def passport_facts(credential: Mapping[str, Any], digest: str) -> PassportFacts:
    """Read a passport's facts.

    Args:
        credential: The credential without proof, already judged by the issuing schema.
        digest: Its digest.

    Raises:
        DocumentError: A passport of another format, without exactly one statement link, or with times that are none.
    """
    subject = credential["credentialSubject"]
    stated = subject["characteristics"]["carbonPassport"]
    if stated["format"] != PASSPORT_FORMAT:
        raise DocumentError("another passport format", expected=PASSPORT_FORMAT, found=stated["format"])
    start, end = stated["period"]["start"], stated["period"]["end"]
    if unix_time(start) >= unix_time(end):
        raise DocumentError("a period that ends before it starts", expected=f"an end after {start}", found=end)
    issuer = credential["issuer"]
    scheme, _, identifier = issuer["issuerAlsoKnownAs"][0]["registeredId"].partition(":")
    place = stated["place"]
    covered = stated["coveredQuantity"]
    pins = _pins(subject)
    return PassportFacts(
        id=credential["id"],
        digest=digest,
        issuer_did=issuer["id"],
        issuer_name=issuer["name"],
        scheme=scheme,
        identifier=identifier,
        subject_id=subject["id"],
        subject_name=subject["name"],
        granularity=subject["idGranularity"],
        numbers=(subject.get("modelNumber"), subject.get("batchNumber"), subject.get("itemNumber")),
        facility_id=subject["producedAtFacility"]["id"],
        country=subject["countryOfProduction"]["countryCode"],
        valid_from=unix_time(credential["validFrom"]),
        valid_until=unix_time(credential["validUntil"]),
        place=Place(place["registry"], place["log"], place["genesis"], place["issuerId"], place["leafIndex"]),
        covered_amount=covered["amount"],
        covered_unit=covered["unit"],
        period=(start, end),
        missing_inputs=stated["missingInputs"],
        packaging_emissions_included=stated["packagingEmissionsIncluded"],
        ccs_included=stated["ccsTechnologicalCO2CaptureIncluded"],
        upstream=UpstreamFacts(
            credential["id"],
            digest,
            "passport",
            subject["id"],
            stated["declaredUnit"],
            stated["declaredAmount"],
            stated["massPerDeclaredUnit"],
            tuple(stated["gwp"]),
            footprint_of(stated),
        ),
        statement=_only_statement(subject),
        upstream_pins=tuple(Pin(url, target) for kind, url, target in pins if kind == LINK_UPSTREAM),
        predecessor=next((Pin(url, target) for kind, url, target in pins if kind == LINK_PREDECESSOR), None),
        ledger_ceiling=_ceiling(stated["ledgerCeiling"]),
        links=tuple((LINEAGE[kind], Pin(url, target)) for kind, url, target in pins if kind in LINEAGE),
        did_document=next((Pin(r["id"], r["digestMultibase"]) for r in credential.get("relatedResource", ())), None),
    )


def _ceiling(stated: Mapping[str, Any] | None) -> StatedCeiling | None:
    if stated is None:
        return None
    return StatedCeiling(stated["amount"], stated["minimumBatch"], stated.get("profileDigest"))


def _pins(subject: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    return [(d["linkType"], d["linkURL"], d["digestMultibase"]) for d in subject.get("relatedDocument", ())]


def _only_statement(subject: Mapping[str, Any]) -> Pin:
    evidence = subject["performanceClaim"][0]["evidence"]
    links = [Pin(e["linkURL"], e["digestMultibase"]) for e in evidence if e["linkType"] == LINK_STATEMENT]
    if len(links) != 1:
        raise DocumentError("a passport pins one statement", expected="1 statement link", found=f"{len(links)}")
    return links[0]
