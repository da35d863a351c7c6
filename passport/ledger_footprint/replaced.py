"""What passports on a chain save against a baseline that they replace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from passport.ledger_footprint.baseline import Baseline, baseline_ghg
from passport.ledger_footprint.catalogue import Catalogue
from passport.ledger_footprint.decisions import Row, net_benefit
from passport.ledger_footprint.figures import Figure, derive
from passport.ledger_footprint.quantities import Count, GhgMass


@dataclass(frozen=True, slots=True)
class Replaced:
    """A baseline beside the chains, for the same number of passports.

    Attributes:
        baseline: The baseline.
        pieces: How many pieces one passport replaces; of a shared one, how many stand there for all.
        each: GHG of the baseline for one passport, over its life.
        yearly: Of all passports of a year.
        net: By chain: what a year of passports saves, before what growth takes back; negative: they take more. None
            is unknown.
        unknown: By chain: why it is.
    """

    baseline: Baseline
    pieces: float
    each: Figure[GhgMass]
    yearly: Figure[GhgMass]
    net: Mapping[str, Figure[GhgMass] | None]
    unknown: Mapping[str, str]

    def to_json(self) -> dict[str, Any]:
        """The baseline as JSON values, with the source of each number."""
        return {
            "baseline": self.baseline.name,
            "piece": self.baseline.piece,
            "pieces": self.pieces,
            "shared_among_all": self.baseline.is_shared,
            "ghg_per_passport": self.each.to_json(),
            "ghg_per_year": self.yearly.to_json(),
            "net_per_year": [
                {
                    "chain": name,
                    "ghg": None if each is None else each.to_json(),
                    "reason": self.unknown.get(name),
                }
                for name, each in self.net.items()
            ],
            "inputs": [each.to_json() for each in self.each.inputs],
        }


def against(
    rows: Sequence[Row],
    *,
    baseline: str,
    pieces: float,
    passports_per_year: int,
    at: date,
    catalogue: Catalogue,
) -> Replaced:
    """What passports on each chain save against a baseline.

    A baseline is counted over its life, so a passport is too: electricity by location and the making of hardware. Where
    the latter is unknown, what is saved is unknown.

    Args:
        rows: The chains, as `decisions.compare` gives them.
        baseline: Name of the baseline.
        pieces: How many pieces one passport replaces; of a shared one, how many stand there for all.
        passports_per_year: The volume.
        at: The day.
        catalogue: The data.

    Raises:
        NotFoundError: No such baseline, or a machine or grid of it is not in the data.
        ArithmeticRuleError: No pieces, or no volume.
    """
    profile = catalogue.baseline(baseline)
    each = baseline_ghg(profile, pieces=pieces, passports_per_year=passports_per_year, at=at, catalogue=catalogue)
    net: dict[str, Figure[GhgMass] | None] = {}
    unknown = {}

    def saved(avoided: GhgMass, taken: GhgMass) -> GhgMass:
        return net_benefit(Count(passports_per_year), avoided=avoided, taken=taken, rebound=GhgMass(0)).net

    for row in rows:
        if row.estimate is None:
            net[row.chain], unknown[row.chain] = None, row.reason
        elif row.estimate.embodied is None:
            net[row.chain], unknown[row.chain] = None, f"embodied GHG: {row.estimate.missing['embodied']}"
        else:
            taken = row.estimate.ghg_location + row.estimate.embodied
            net[row.chain] = derive(saved, each, falling=(taken,))
    return Replaced(profile, pieces, each, each * passports_per_year, net, unknown)
