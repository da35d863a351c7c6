"""What is asked of the estimator: a passport's use of a ledger, and how to estimate it."""

from __future__ import annotations

from dataclasses import dataclass, field

from passport.errors import ArithmeticRuleError
from passport.ledger_footprint.allocation import Transaction
from passport.ledger_footprint.compute import OwnCompute
from passport.ledger_footprint.electricity import Certificate
from passport.ledger_footprint.figures import Figure
from passport.ledger_footprint.network import EnergyMethod
from passport.ledger_footprint.quantities import (
    CarbonIntensity,
    Duration,
    Energy,
    EnergyPrice,
    Ratio,
    Storage,
    WaterIntensity,
)
from passport.ledger_footprint.rule import Rule


@dataclass(frozen=True, slots=True)
class Usage:
    """What one passport asks of a ledger over its life.

    Attributes:
        transactions: All that it rests on: first anchor, later ones, changes of status, failed ones.
        passports_per_year: Of a chain of one's own: all passports of a year, among which it is shared.
        held_share: Share of the chain's coins that the issuer holds; only the hybrid rule asks.
        kept: Bytes that every node keeps for it.
        verifications: How often it is verified.
        issuer: Own computing to issue it.
        verifier: Own computing of one verification.
        access: Energy of the access network of one verification, at the site's meter: the last mile of a scan.
        compute_intensity: Of the electricity of own computing and of the access network.
    """

    transactions: tuple[Transaction, ...] = ()
    passports_per_year: int | None = None
    held_share: float = 0.0
    kept: Storage = field(default_factory=lambda: Storage(0))
    verifications: int = 0
    issuer: OwnCompute | None = None
    verifier: OwnCompute | None = None
    access: Figure[Energy] | None = None
    compute_intensity: Figure[CarbonIntensity] | None = None

    def __post_init__(self) -> None:
        """Refuse counts that cannot be.

        Raises:
            ArithmeticRuleError: Such a count.
        """
        if self.verifications < 0:
            raise ArithmeticRuleError("cannot be negative", where="usage.verifications", found=self.verifications)
        if self.passports_per_year is not None and self.passports_per_year < 1:
            raise ArithmeticRuleError(
                "one passport a year or more", where="usage.passports_per_year", found=self.passports_per_year
            )


@dataclass(frozen=True, slots=True)
class Method:
    """How it is estimated.

    Attributes:
        rule: The rule of allocation; must be named.
        energy: How the network's energy is found; the account's own way without.
        edition: Which account of the chain; the latest that had begun by the day without.
        price: Of electricity, for the methods of mining.
        pue: Of the buildings, where known.
        wue: Litres at the site per kWh of IT, where known.
        grid_water: Litres per kWh generated, where known.
        intensity: Of the network's electricity, where known.
        residual: Residual mix for the market-based account, where known.
        certificates: Retired for this passport.
        factor_set: Only grid figures made with this set.
        carbon_market: Whose price the shadow cost is at.
        retention: How long bytes are kept.
    """

    rule: Rule | str | None
    energy: EnergyMethod | None = None
    edition: str | None = None
    price: Figure[EnergyPrice] | None = None
    pue: Figure[Ratio] | None = None
    wue: Figure[WaterIntensity] | None = None
    grid_water: Figure[WaterIntensity] | None = None
    intensity: Figure[CarbonIntensity] | None = None
    residual: Figure[CarbonIntensity] | None = None
    certificates: tuple[Certificate, ...] = ()
    factor_set: str | None = None
    carbon_market: str | None = None
    retention: Duration | None = None
