"""Baselines: what carries the same information without a ledger, by the piece or by machines that run all year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from passport.errors import ArithmeticRuleError
from passport.ledger_footprint.figures import Figure, derive
from passport.ledger_footprint.nodes import node_totals
from passport.ledger_footprint.profiles import NodeGroup
from passport.ledger_footprint.quantities import Duration, GhgMass

if TYPE_CHECKING:
    from passport.ledger_footprint.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Baseline:
    """One way to pass a footprint on without a ledger.

    Attributes:
        name: `paper`, `letter`, `courier`, `web` or `portal`, or a name of one's own.
        piece: What is counted: a sheet, an item that is delivered, what a reader loads, a portal.
        ghg: Of one piece over its life, or None: machines then stand for it.
        nodes: Machines of one piece, which run all year for all passports together.
        grid: Their electricity, shares by country.
    """

    name: str
    piece: str
    ghg: Figure[GhgMass] | None = None
    nodes: tuple[NodeGroup, ...] = ()
    grid: Mapping[str, float] | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """What no other entry of a file may share."""
        return (self.name,)

    @property
    def is_shared(self) -> bool:
        """Whether all passports of a year share it, so one of them takes less the more there are."""
        return self.ghg is None


def baseline_ghg(
    baseline: Baseline, *, pieces: float, passports_per_year: int, at: date, catalogue: Catalogue
) -> Figure[GhgMass]:
    """GHG of the baseline for one passport, over its life: of machines, use by location and making.

    Args:
        baseline: The baseline.
        pieces: How many one passport replaces; of a shared one, how many stand there for all.
        passports_per_year: The volume that shares machines.
        at: The day, for grids.
        catalogue: Classes of machines, and grids.

    Raises:
        ArithmeticRuleError: No pieces, or no volume.
        NotFoundError: A class of machine or a grid that is not in the catalogue.
    """
    if pieces <= 0 or passports_per_year < 1:
        raise ArithmeticRuleError(
            "a baseline without pieces or passports",
            where=baseline.name,
            expected="more than 0 pieces, and 1 passport a year or more",
            found=f"{pieces:g}, {passports_per_year}",
        )
    if baseline.ghg is not None:
        return baseline.ghg * pieces
    year = node_totals(baseline.nodes, hardware=catalogue.hardware, duration=Duration.of(1, "a"))
    intensity = catalogue.grid_mix(dict(baseline.grid or {}), year=at.year)
    use = derive(lambda energy, grams: energy.emitting(grams), year.energy, intensity)
    return (use + year.embodied) * (pieces / passports_per_year)
