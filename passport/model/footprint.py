"""A product's footprint as its documents state it: text amounts per declared unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class FootprintTexts(NamedTuple):
    """Everything that statement, characteristics and every buyer's copy of them must agree on.

    Attributes:
        components: PACT components in kg CO2e per declared unit; absent is unknown.
        total: Total excluding biogenic uptake.
        total_including_uptake: Total including it.
        unattributed: Part of fossil that no component explains.
        primary_data_share: Percent, or None for a product without emissions.
        data_quality: Ratings by name, or None.
        exempted_percent: Percent left out, nested.
        uncertainty: How far the total may be off, by method, distribution and spread; None where no input states it.
    """

    components: Mapping[str, str]
    total: str
    total_including_uptake: str
    unattributed: str
    primary_data_share: str | None
    data_quality: Mapping[str, str] | None
    exempted_percent: str
    uncertainty: Mapping[str, str] | None = None


class UpstreamFacts(NamedTuple):
    """What a buyer's row copies from an upstream document, and what that document must itself say.

    Attributes:
        id: Passport id, or `urn:uuid:` of an imported footprint.
        digest: Digest of the passport's credential without proof, or of the imported footprint without status.
        document: `passport` or `imported`.
        subject_id: The product's id.
        declared_unit: PACT unit.
        declared_amount: Amount the footprint is stated for.
        mass_per_declared_unit: kg per declared amount, "0" for energy and services.
        gwp: Sets of global warming potentials.
        footprint: The stated amounts.
    """

    id: str
    digest: str
    document: str
    subject_id: str
    declared_unit: str
    declared_amount: str
    mass_per_declared_unit: str
    gwp: tuple[str, ...]
    footprint: FootprintTexts

    def copy_for_row(self) -> dict[str, Any]:
        """The `upstream` member of a buyer's row."""
        footprint = self.footprint
        copied: dict[str, Any] = {
            "components": dict(footprint.components),
            "declaredAmount": self.declared_amount,
            "declaredUnit": self.declared_unit,
            "digest": self.digest,
            "document": self.document,
            "exemptedPercent": footprint.exempted_percent,
            "gwp": list(self.gwp),
            "id": self.id,
            "massPerDeclaredUnit": self.mass_per_declared_unit,
            "subjectId": self.subject_id,
            "total": footprint.total,
            "unattributed": footprint.unattributed,
        }
        if footprint.primary_data_share is not None:
            copied["primaryDataShare"] = footprint.primary_data_share
        if footprint.data_quality is not None:
            copied["dataQuality"] = dict(footprint.data_quality)
        if footprint.uncertainty is not None:
            copied["uncertainty"] = dict(footprint.uncertainty)
        return copied
