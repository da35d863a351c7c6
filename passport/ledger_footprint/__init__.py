"""The estimator of what the ledger itself costs: energy, greenhouse gases, embodied, e-waste, water and a shadow cost.

It knows chains, nodes, grids and rules of allocation; passports are counted, not read. Offline and pure: the data ships
with it, each number with its source, and users' own files go in front of it.

>>> from datetime import date
>>> from passport.ledger_footprint import Method, Transaction, Usage, estimate
>>> usage = Usage(transactions=(Transaction(gas=50_000, batch=1),))
>>> found = estimate("ethereum", usage=usage, method=Method(rule="per_gas"), at=date(2026, 1, 1))
>>> [round(each.in_unit("Wh"), 2) for each in (found.energy.low, found.energy.central, found.energy.high)]
[1.51, 9.51, 9.98]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from passport.first_use import on_first_use

if TYPE_CHECKING:
    from passport.ledger_footprint.allocation import Purpose, Transaction
    from passport.ledger_footprint.anchoring_profile import AnchoringProfile
    from passport.ledger_footprint.anchoring_profiles import AnchoringProfiles
    from passport.ledger_footprint.catalogue import Catalogue
    from passport.ledger_footprint.estimated import Component, Estimate, Perspective
    from passport.ledger_footprint.estimating import estimate
    from passport.ledger_footprint.figures import Figure, Input, Source, figure
    from passport.ledger_footprint.network import EnergyMethod
    from passport.ledger_footprint.period import Period, PeriodKind
    from passport.ledger_footprint.profiles import ChainProfile, Consensus
    from passport.ledger_footprint.question import Method, Usage
    from passport.ledger_footprint.rule import Rule

__all__ = [
    "AnchoringProfile",
    "AnchoringProfiles",
    "Catalogue",
    "ChainProfile",
    "Component",
    "Consensus",
    "EnergyMethod",
    "Estimate",
    "Figure",
    "Input",
    "Method",
    "Period",
    "PeriodKind",
    "Perspective",
    "Purpose",
    "Rule",
    "Source",
    "Transaction",
    "Usage",
    "estimate",
    "figure",
]

if not TYPE_CHECKING:
    __getattr__, __dir__ = on_first_use(
        __name__,
        {
            "allocation": "Purpose Transaction",
            "anchoring_profile": "AnchoringProfile",
            "anchoring_profiles": "AnchoringProfiles",
            "catalogue": "Catalogue",
            "estimated": "Component Estimate Perspective",
            "estimating": "estimate",
            "figures": "Figure Input Source figure",
            "network": "EnergyMethod",
            "period": "Period PeriodKind",
            "profiles": "ChainProfile Consensus",
            "question": "Method Usage",
            "rule": "Rule",
        },
    )
