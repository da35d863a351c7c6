"""Digital Traceability Events (UNTP 0.7.0): what was made, moved or modified, how much, and of which passport.

UNTP's measures are JSON numbers; the exact amount with our unit stands beside each as text, under `exactQuantity`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from passport.model.base import time_text
from passport.model.party import Party
from passport.model.untp import Issued, measure, party_json, untp_credential

KIND: Final = "DigitalTraceabilityEvent"
SCHEMA: Final = "untp-dte-0.7.0-issuing"
LINK_PASSPORT: Final = "urn:carbon-passport:link:passport"
_BIZ_STEP: Final = "https://ref.gs1.org/cbv/BizStep"


class EventProduct(NamedTuple):
    """A quantity of a product that has a passport.

    Attributes:
        id: The product's id.
        name: Its name.
        granularity: `model`, `batch` or `item`.
        quantity: An exact amount.
        unit: Of our units, one with a code of UN/ECE Recommendation 20.
        passport_id: The passport's id; None where there is none.
        passport_digest: Its digest.
        disposition: A word of UNTP's list.
    """

    id: str
    name: str
    granularity: str
    quantity: str
    unit: str
    passport_id: str | None = None
    passport_digest: str | None = None
    disposition: str = "new"

    def to_json(self) -> dict[str, Any]:
        """The product in UNTP's form."""
        return {
            "product": {"type": ["Product"], "id": self.id, "name": self.name, "idGranularity": self.granularity},
            "quantity": measure(self.quantity, self.unit),
            "disposition": self.disposition,
        }


class Site(NamedTuple):
    """A facility."""

    id: str
    name: str

    def to_json(self) -> dict[str, Any]:
        """The facility in UNTP's form."""
        return {"type": ["Facility"], "id": self.id, "name": self.name}


class Counterparty(NamedTuple):
    """A legal entity with its DID."""

    did: str
    party: Party


def build_move_event(
    issued: Issued,
    *,
    moved: Sequence[EventProduct],
    at: datetime,
    buyer: Counterparty,
    origin: Site,
    destination: Site,
    consignment: str,
) -> dict[str, Any]:
    """A delivery: what the issuer, a supplier, has handed over to a buyer.

    Args:
        issued: The envelope; the supplier issues it.
        moved: What was delivered.
        at: When, aware.
        buyer: To whom.
        origin: From where.
        destination: To where.
        consignment: The consignment's id, a URI; two deliveries never share one.

    Raises:
        UnitError: A unit without a code.
        AmountError: A quantity that is not an exact amount.
    """
    parties = [("consignor", Counterparty(issued.did, issued.party)), ("consignee", buyer)]
    event = {
        **_event("MoveEvent", issued, f"Delivery to {buyer.party.name}", at, ("shipping", "Shipping"), moved),
        "relatedParty": [{"role": role, "party": party_json(*each)} for role, each in parties],
        "movedProduct": [each.to_json() for each in moved],
        "fromFacility": origin.to_json(),
        "toFacility": destination.to_json(),
        "consignmentId": consignment,
    }
    return untp_credential(KIND, issued, event["name"], [event], has_own_terms=True)


def build_make_event(
    issued: Issued, *, inputs: Sequence[EventProduct], outputs: Sequence[EventProduct], at: datetime, site: Site
) -> dict[str, Any]:
    """A production: what went in and what came out.

    Args:
        issued: The envelope; the maker issues it.
        inputs: What was used.
        outputs: What was made.
        at: When, aware.
        site: Where.

    Raises:
        UnitError: A unit without a code.
        AmountError: A quantity that is not an exact amount.
    """
    step = ("commissioning", "Commissioning")
    event = {
        **_event("MakeEvent", issued, f"Production at {site.name}", at, step, [*inputs, *outputs]),
        "inputProduct": [each.to_json() for each in inputs],
        "outputProduct": [each.to_json() for each in outputs],
        "madeAtFacility": site.to_json(),
    }
    return untp_credential(KIND, issued, event["name"], [event], has_own_terms=True)


def build_modify_event(issued: Issued, *, modified: Sequence[EventProduct], at: datetime, site: Site) -> dict[str, Any]:
    """A repair, a refurbishment or another change of products that stay what they are.

    Args:
        issued: The envelope; whoever did it issues it.
        modified: What was changed.
        at: When, aware.
        site: Where.

    Raises:
        UnitError: A unit without a code.
        AmountError: A quantity that is not an exact amount.
    """
    event = {
        **_event("ModifyEvent", issued, f"Change at {site.name}", at, ("repairing", "Repairing"), modified),
        "modifiedProduct": [each.to_json() for each in modified],
        "modifiedAtFacility": site.to_json(),
    }
    return untp_credential(KIND, issued, event["name"], [event], has_own_terms=True)


def _event(
    kind: str, issued: Issued, name: str, at: datetime, step: tuple[str, str], products: Sequence[EventProduct]
) -> dict[str, Any]:
    code, words = step
    event: dict[str, Any] = {
        "type": [kind, "LifecycleEvent"],
        "id": f"{issued.id}#event",
        "name": name,
        "eventDate": time_text(at),
        "activityType": {"code": code, "name": words, "schemeId": _BIZ_STEP, "schemeName": "GS1 CBV Business Step"},
        "exactQuantity": [
            {"product": each.id, "amount": each.quantity, "unit": each.unit, "passport": each.passport_digest}
            for each in products
        ],
    }
    links = {
        each.passport_digest: {
            "linkURL": each.passport_id,
            "linkName": f"Passport of {each.name}",
            "digestMultibase": each.passport_digest,
            "mediaType": "application/vc",
            "linkType": LINK_PASSPORT,
        }
        for each in products
        if each.passport_id is not None and each.passport_digest is not None
    }
    if links:
        event["relatedDocument"] = list(links.values())
    return event
