"""The systems that track certificates of electricity, a closed list, so that one certificate goes by one name.

A registry in free text would let one certificate be spent under two names. National registries of guarantees of origin
in the hub of the Association of Issuing Bodies are one system here, because a certificate moves between them under one
number. A contract is tracked by nobody: it goes by the legal entity that sells under it and numbers it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, NamedTuple

from pydantic import StringConstraints

from passport.model.base import DocumentModel
from passport.model.party import Scheme

REGISTRY_PATTERN = r"^[A-Z][A-Za-z0-9-]{0,39}$"
"""How any registry is written in a row; those that are known are `TrackingSystem`."""


KEEPER_PATTERN = r"^[A-Z0-9][A-Z0-9._/+*-]*$"
"""An identifier of a legal entity in its one spelling: capital letters, no blanks."""


class TrackingSystem(StrEnum):
    """A system that issues, transfers and cancels certificates, each under one number."""

    EECS = "EECS"
    I_REC = "I-REC"
    TIGRS = "TIGRs"
    REGO = "REGO"
    M_RETS = "M-RETS"
    WREGIS = "WREGIS"
    PJM_GATS = "PJM-GATS"
    NEPOOL_GIS = "NEPOOL-GIS"
    NYGATS = "NYGATS"
    NAR = "NAR"
    ERCOT = "ERCOT"
    MIRECS = "MIRECS"
    NC_RETS = "NC-RETS"
    NVTREC = "NVTREC"
    GEC_CHINA = "GEC-CN"
    J_CREDIT = "J-Credit"
    NON_FOSSIL_JAPAN = "NFC-JP"
    GEC_JAPAN = "GEC-JP"
    K_REC = "K-REC"
    T_REC = "T-REC"
    LGC = "LGC"
    NZECS = "NZECS"


class TrackingFacts(NamedTuple):
    """What is known of a tracking system.

    Attributes:
        name: In full.
        source: Who keeps it, where it says so.
        countries: Of the plants it tracks; None where they are many and change.
    """

    name: str
    source: str
    countries: frozenset[str] | None = None


def _of(*countries: str) -> frozenset[str]:
    return frozenset(countries)


# Those of North America: EPA, Status and Trends Report on U.S. Energy Attribute Tracking Systems, 430S25002 (2025).
_KNOWN = {
    TrackingSystem.EECS: TrackingFacts(
        "European Energy Certificate System, the hub of the Association of Issuing Bodies",
        "https://www.aib-net.org/eecs",
    ),
    TrackingSystem.I_REC: TrackingFacts(
        "I-REC for electricity, International Tracking Standard Foundation", "https://www.trackingstandard.org"
    ),
    TrackingSystem.TIGRS: TrackingFacts("Tradable Instruments for Global Renewables, Xpansiv", "https://xpansiv.com"),
    TrackingSystem.REGO: TrackingFacts(
        "Renewable Energy Guarantees of Origin, Ofgem", "https://www.ofgem.gov.uk", _of("GB")
    ),
    TrackingSystem.M_RETS: TrackingFacts("M-RETS", "https://www.mrets.org", _of("US", "CA")),
    TrackingSystem.WREGIS: TrackingFacts(
        "Western Renewable Energy Generation Information System", "https://www.wecc.org", _of("US", "CA", "MX")
    ),
    TrackingSystem.PJM_GATS: TrackingFacts(
        "Generation Attribute Tracking System, PJM Environmental Information Services",
        "https://www.pjm-eis.com",
        _of("US"),
    ),
    TrackingSystem.NEPOOL_GIS: TrackingFacts(
        "New England Power Pool Generation Information System", "https://www.nepoolgis.com", _of("US", "CA")
    ),
    TrackingSystem.NYGATS: TrackingFacts(
        "New York Generation Attribute Tracking System", "https://www.nyserda.ny.gov", _of("US", "CA")
    ),
    TrackingSystem.NAR: TrackingFacts(
        "North American Renewables Registry, Xpansiv", "https://xpansiv.com", _of("US", "CA")
    ),
    TrackingSystem.ERCOT: TrackingFacts(
        "Renewable energy credits of the Electric Reliability Council of Texas", "https://www.ercot.com", _of("US")
    ),
    TrackingSystem.MIRECS: TrackingFacts(
        "Michigan Renewable Energy Certification System", "https://www.mirecs.org", _of("US", "CA")
    ),
    TrackingSystem.NC_RETS: TrackingFacts(
        "North Carolina Renewable Energy Tracking System", "https://www.ncrets.org", _of("US")
    ),
    TrackingSystem.NVTREC: TrackingFacts("Nevada Tracks Renewable Energy Credits", "https://puc.nv.gov", _of("US")),
    TrackingSystem.GEC_CHINA: TrackingFacts(
        "Green electricity certificates 绿色电力证书, National Energy Administration",
        "https://www.greenenergy.org.cn",
        _of("CN"),
    ),
    TrackingSystem.J_CREDIT: TrackingFacts(
        "J-Credit Scheme, renewable electricity", "https://japancredit.go.jp", _of("JP")
    ),
    TrackingSystem.NON_FOSSIL_JAPAN: TrackingFacts(
        "Non-fossil certificates, Japan Electric Power Exchange", "https://www.jepx.jp", _of("JP")
    ),
    TrackingSystem.GEC_JAPAN: TrackingFacts(
        "Green power certificates, Japan Quality Assurance Organization", "https://www.jqa.jp", _of("JP")
    ),
    TrackingSystem.K_REC: TrackingFacts(
        "Renewable energy certificates, Korea Energy Agency", "https://www.energy.or.kr", _of("KR")
    ),
    TrackingSystem.T_REC: TrackingFacts("Taiwan Renewable Energy Certificates", "https://www.trec.org.tw", _of("TW")),
    TrackingSystem.LGC: TrackingFacts(
        "Large-scale generation certificates, REC Registry of the Clean Energy Regulator",
        "https://www.rec-registry.gov.au",
        _of("AU"),
    ),
    TrackingSystem.NZECS: TrackingFacts(
        "New Zealand Energy Certificate System", "https://www.certifiedenergy.co.nz", _of("NZ")
    ),
}

TRACKING: Mapping[TrackingSystem, TrackingFacts] = MappingProxyType(_KNOWN)
"""What is known of each system; a new one is a member above and a line here."""


_NAMES = frozenset(map(str, TrackingSystem))

KeeperIdentifier = Annotated[str, StringConstraints(max_length=100, pattern=KEEPER_PATTERN)]


class Keeper(DocumentModel):
    """The legal entity that sells the electricity under a contract, under whose own number the contract goes."""

    scheme: Scheme
    identifier: KeeperIdentifier

    @property
    def text(self) -> str:
        """In one text, as a registry's name."""
        return f"{self.scheme}:{self.identifier}"


def check_country(registry: str, country: str) -> None:
    """Refuse a certificate of a country whose plants a known system does not track.

    Args:
        registry: As a row has it; one that is not known is not judged.
        country: Of the plants.

    Raises:
        ValueError: The system is for others.
    """
    if not is_known(registry):
        return
    countries = TRACKING[TrackingSystem(registry)].countries
    if countries is not None and country not in countries:
        raise ValueError(f"{registry} tracks plants in {', '.join(sorted(countries))}, not in {country}")


def is_known(registry: str) -> bool:
    """Whether a registry is one of the list."""
    return registry in _NAMES
