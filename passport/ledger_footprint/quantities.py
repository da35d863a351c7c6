"""Quantities that carry their unit as a type: a kWh cannot be added to a kW, nor a kilogram of waste to one of CO2e.

>>> Power.of(48, "W").over(Duration.of(1, "a"))
Energy(420.768 kWh)
>>> Energy.of(7.5, "GWh").emitting(CarbonIntensity.of(373, "g/kWh")).in_unit("t")
2797.5

A year has 8,766 hours (365.25 days), as Cambridge's indices count; others use 8,760 or 8,640 (12 x 30 x 24), which is
up to 1.5 % off.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final, Self, TypeVar

from passport.errors import ArithmeticRuleError, UnitError

HOURS_PER_YEAR: Final = 8766.0
"""Hours of a mean (Julian) year: 365.25 x 24."""

JOULES_PER_KWH: Final = 3.6e6
"""By definition: 1 kW over 3,600 s."""


@dataclass(frozen=True, slots=True, order=False, repr=False)
class Quantity:
    """A finite number of one unit.

    Attributes:
        amount: The number, in the class's own unit (`UNIT`).
    """

    amount: float

    UNIT: ClassVar[str] = "1"
    FACTORS: ClassVar[Mapping[str, float]] = {"1": 1.0}
    MAY_BE_NEGATIVE: ClassVar[bool] = False

    def __post_init__(self) -> None:
        """Refuse what is not a finite number, and below zero what cannot be.

        Raises:
            ArithmeticRuleError: Such a number.
        """
        if isinstance(self.amount, bool) or not isinstance(self.amount, int | float) or not _is_finite(self.amount):
            raise ArithmeticRuleError(f"not a finite number of {self.UNIT}", expected="a number", found=self.amount)
        if self.amount < 0 and not self.MAY_BE_NEGATIVE:
            raise ArithmeticRuleError(
                f"{type(self).__name__} cannot be negative", expected=f"zero or more {self.UNIT}", found=self.amount
            )

    @classmethod
    def of(cls, amount: float, unit: str) -> Self:
        """So much of a unit.

        Raises:
            UnitError: The unit is not one of this kind of quantity.
            ArithmeticRuleError: The number is not finite, or negative where that cannot be.
        """
        factor = cls._factor(unit)
        if isinstance(amount, int) and (isinstance(amount, bool) or not _is_finite(amount)):
            return cls(amount)  # which refuses it
        return cls(amount * factor)

    def in_unit(self, unit: str) -> float:
        """The number in another unit of the same kind.

        Raises:
            UnitError: The unit is not one of this kind of quantity.
        """
        return self.amount / self._factor(unit)

    @classmethod
    def _factor(cls, unit: str) -> float:
        factor = cls.FACTORS.get(unit)
        if factor is None:
            raise UnitError(f"not a unit of {cls.__name__}", expected=f"one of {', '.join(cls.FACTORS)}", found=unit)
        return factor

    def __add__(self, other: Self) -> Self:
        return type(self)(self.amount + self._same(other, "added to"))

    def __sub__(self, other: Self) -> Self:
        return type(self)(self.amount - self._same(other, "taken from"))

    def __mul__(self, times: float) -> Self:
        if isinstance(times, Quantity):
            raise UnitError(
                "quantities are multiplied by the method that names the result",
                expected="a plain number",
                found=f"{times!r}",
                hint="Power.over(duration), Energy.emitting(intensity), ...",
            )
        return type(self)(self.amount * times)

    __rmul__ = __mul__

    def __truediv__(self, parts: float) -> Self:
        if isinstance(parts, Quantity):
            raise UnitError("use ratio() between quantities", expected="a plain number", found=f"{parts!r}")
        if parts == 0:
            raise ArithmeticRuleError("divided by zero", expected="a number other than 0", found=f"{self!r} / 0")
        return type(self)(self.amount / parts)

    def __lt__(self, other: Self) -> bool:
        return self.amount < self._same(other, "compared with")

    def __le__(self, other: Self) -> bool:
        return self.amount <= self._same(other, "compared with")

    def __gt__(self, other: Self) -> bool:
        return self.amount > self._same(other, "compared with")

    def __ge__(self, other: Self) -> bool:
        return self.amount >= self._same(other, "compared with")

    def ratio(self, other: Self) -> float:
        """How many times the other this is.

        Raises:
            UnitError: The other is of another kind.
            ArithmeticRuleError: The other is zero.
        """
        divisor = self._same(other, "divided by")
        if divisor == 0:
            raise ArithmeticRuleError("divided by zero", expected=f"more than 0 {self.UNIT}", found=f"{other!r}")
        return self.amount / divisor

    def _same(self, other: Quantity, verb: str) -> float:
        if type(other) is not type(self):
            found = f"{other!r} {verb} {self!r}" if verb != "divided by" else f"{self!r} divided by {other!r}"
            raise UnitError("quantities of different kinds", expected=type(self).__name__, found=found)
        return other.amount

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.amount:.12g} {self.UNIT})"


def _is_finite(amount: float) -> bool:
    """Whether it is a number that a float can hold: a long enough integer is none."""
    try:
        return math.isfinite(amount)
    except OverflowError:
        return False


Q = TypeVar("Q", bound=Quantity)
"""Some kind of quantity."""


class Count(Quantity):
    """A number of things: nodes, transactions, gas, hashes; which, is said by its name."""

    __slots__ = ()
    UNIT: ClassVar[str] = "1"
    FACTORS: ClassVar[Mapping[str, float]] = {"1": 1.0, "k": 1e3, "M": 1e6, "G": 1e9}


class Ratio(Quantity):
    """A number without unit."""

    __slots__ = ()
    FACTORS: ClassVar[Mapping[str, float]] = {"1": 1.0, "%": 0.01}


class Duration(Quantity):
    """A time, in hours."""

    __slots__ = ()
    UNIT: ClassVar[str] = "h"
    FACTORS: ClassVar[Mapping[str, float]] = {
        "h": 1.0, "s": 1 / 3600, "d": 24.0, "a": HOURS_PER_YEAR
    }  # fmt: skip

    @property
    def years(self) -> float:
        """The time in years of 8,766 h."""
        return self.in_unit("a")


class Energy(Quantity):
    """Electrical energy, in kWh."""

    __slots__ = ()
    UNIT: ClassVar[str] = "kWh"
    FACTORS: ClassVar[Mapping[str, float]] = {
        "kWh": 1.0, "Wh": 1e-3, "MWh": 1e3, "GWh": 1e6, "TWh": 1e9, "J": 1 / JOULES_PER_KWH
    }  # fmt: skip

    def emitting(self, intensity: CarbonIntensity) -> GhgMass:
        """What this much electricity emits at so much per kWh."""
        return GhgMass(self.amount * _of(intensity, CarbonIntensity))

    def wetting(self, intensity: WaterIntensity) -> Water:
        """The water that this much energy takes at so much per kWh."""
        return Water(self.amount * _of(intensity, WaterIntensity))


class Power(Quantity):
    """Electrical power, in W."""

    __slots__ = ()
    UNIT: ClassVar[str] = "W"
    FACTORS: ClassVar[Mapping[str, float]] = {"W": 1.0, "kW": 1e3, "MW": 1e6, "GW": 1e9}

    def over(self, duration: Duration) -> Energy:
        """The energy that this power is over a time."""
        return Energy(self.amount * _of(duration, Duration) / 1000)


class GhgMass(Quantity):
    """Greenhouse gases as kg of CO2e; a difference of two may be negative."""

    __slots__ = ()
    UNIT: ClassVar[str] = "kg CO2e"
    FACTORS: ClassVar[Mapping[str, float]] = {
        "kg CO2e": 1.0, "kg": 1.0, "mg": 1e-6, "g": 1e-3, "t": 1e3, "kt": 1e6, "Mt": 1e9
    }  # fmt: skip
    MAY_BE_NEGATIVE: ClassVar[bool] = True

    def per(self, energy: Energy) -> CarbonIntensity:
        """The intensity of electricity that so much energy and this mass imply."""
        kwh = _of(energy, Energy)
        if kwh == 0:
            raise ArithmeticRuleError("no intensity without energy", expected="more than 0 kWh", found=f"{energy!r}")
        return CarbonIntensity(self.amount / kwh)

    def priced(self, price: CarbonPrice) -> Cost:
        """The amount of the price's currency that this mass costs."""
        return Cost(self.amount / 1000 * _of(price, CarbonPrice))


class CarbonIntensity(Quantity):
    """Greenhouse gases of electricity, in kg CO2e per kWh."""

    __slots__ = ()
    UNIT: ClassVar[str] = "kg/kWh"
    FACTORS: ClassVar[Mapping[str, float]] = {"kg/kWh": 1.0, "g/kWh": 1e-3}


class WasteMass(Quantity):
    """Electronic waste, in kg."""

    __slots__ = ()
    UNIT: ClassVar[str] = "kg"
    FACTORS: ClassVar[Mapping[str, float]] = {"kg": 1.0, "mg": 1e-6, "g": 1e-3, "t": 1e3, "kt": 1e6}


class Water(Quantity):
    """Water consumed, in litres."""

    __slots__ = ()
    UNIT: ClassVar[str] = "L"
    FACTORS: ClassVar[Mapping[str, float]] = {"L": 1.0, "mL": 1e-3, "m3": 1e3}


class WaterIntensity(Quantity):
    """Water per energy, in litres per kWh; which kWh (of IT, of the site, generated) is said by its name."""

    __slots__ = ()
    UNIT: ClassVar[str] = "L/kWh"
    FACTORS: ClassVar[Mapping[str, float]] = {"L/kWh": 1.0}


class Hashrate(Quantity):
    """Speed of mining, in TH/s."""

    __slots__ = ()
    UNIT: ClassVar[str] = "TH/s"
    FACTORS: ClassVar[Mapping[str, float]] = {"TH/s": 1.0, "MH/s": 1e-6, "GH/s": 1e-3, "PH/s": 1e3, "EH/s": 1e6}


class HashEnergy(Quantity):
    """Energy of hashing, in J per TH."""

    __slots__ = ()
    UNIT: ClassVar[str] = "J/TH"
    FACTORS: ClassVar[Mapping[str, float]] = {"J/TH": 1.0, "J/GH": 1e3, "J/MH": 1e6}

    def at_rate(self, rate: Hashrate) -> Power:
        """The power of so much hashing."""
        return Power(self.amount * _of(rate, Hashrate))


class EnergyPrice(Quantity):
    """Price of electricity, in USD per kWh."""

    __slots__ = ()
    UNIT: ClassVar[str] = "USD/kWh"
    FACTORS: ClassVar[Mapping[str, float]] = {"USD/kWh": 1.0, "USD/MWh": 1e-3}


class Revenue(Quantity):
    """Money earned, in USD per year."""

    __slots__ = ()
    UNIT: ClassVar[str] = "USD/a"
    FACTORS: ClassVar[Mapping[str, float]] = {"USD/a": 1.0, "USD/d": 365.25}

    def buys(self, price: EnergyPrice) -> Energy:
        """The energy a year that this much money pays for."""
        usd_per_kwh = _of(price, EnergyPrice)
        if usd_per_kwh == 0:
            raise ArithmeticRuleError("free electricity sets no bound", expected="more than 0 USD/kWh", found="0")
        return Energy(self.amount / usd_per_kwh)


class CarbonPrice(Quantity):
    """Price of emitting, in a currency that its owner names, per t CO2e."""

    __slots__ = ()
    UNIT: ClassVar[str] = "per t CO2e"
    FACTORS: ClassVar[Mapping[str, float]] = {"per t CO2e": 1.0}


class Cost(Quantity):
    """An amount of money; in which currency is said beside it."""

    __slots__ = ()
    UNIT: ClassVar[str] = "money"
    FACTORS: ClassVar[Mapping[str, float]] = {"money": 1.0}
    MAY_BE_NEGATIVE: ClassVar[bool] = True


class Storage(Quantity):
    """An amount of data, in bytes."""

    __slots__ = ()
    UNIT: ClassVar[str] = "B"
    FACTORS: ClassVar[Mapping[str, float]] = {"B": 1.0, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12}


class StoragePower(Quantity):
    """Power of keeping data, in W per TB."""

    __slots__ = ()
    UNIT: ClassVar[str] = "W/TB"
    FACTORS: ClassVar[Mapping[str, float]] = {"W/TB": 1.0}

    def keeping(self, stored: Storage) -> Power:
        """The power of keeping so much."""
        return Power(self.amount * _of(stored, Storage) / 1e12)


def _of(given: Quantity, kind: type[Quantity]) -> float:
    """The number of a quantity of one kind; what came without types is checked here."""
    if not isinstance(given, kind):
        raise UnitError("another kind of quantity", expected=kind.__name__, found=f"{given!r}")
    return given.amount
