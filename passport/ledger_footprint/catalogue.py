"""The catalogue: profiles that ship with the project, and users' own in front of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final, TypeVar

from passport.errors import ArithmeticRuleError, NotFoundError, UsageError
from passport.ledger_footprint.baseline import Baseline
from passport.ledger_footprint.data_file import MAX_BYTES, DataFile, parse_data_file, read_bounded
from passport.ledger_footprint.entries import Default
from passport.ledger_footprint.figures import Figure, total
from passport.ledger_footprint.profiles import (
    AsicModel,
    ChainProfile,
    FactorSet,
    GenerationMix,
    GridProfile,
    HardwareProfile,
    PriceProfile,
)
from passport.ledger_footprint.quantities import CarbonIntensity

SHIPPED: Final = (
    "asics.json",
    "baselines.json",
    "chains.json",
    "defaults.json",
    "factor_sets.json",
    "generation.json",
    "grids.json",
    "hardware.json",
    "prices.json",
)

P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Profiles to look up; earlier files win over later ones.

    Attributes:
        files: Where they are from: users' files first.
        digest: SHA-256 over the bytes of all files, in hexadecimal: an estimate says which data it used.
    """

    files: tuple[DataFile, ...]
    digest: str

    @classmethod
    def shipped(cls) -> Catalogue:
        """What ships with the project."""
        return _shipped()

    def with_files(self, paths: Sequence[Path]) -> Catalogue:
        """This catalogue with files of one's own in front of it.

        Args:
            paths: The files; earlier ones win.

        Raises:
            DocumentError: A file cannot be read, or something in it is missing or wrong.
        """
        read = [(path.name, read_bounded(path, max_bytes=MAX_BYTES)) for path in paths]
        added = tuple(parse_data_file(data, name=name) for name, data in read)
        hashed = hashlib.sha256(bytes.fromhex(self.digest))
        for _, data in read:
            hashed.update(hashlib.sha256(data).digest())
        return Catalogue((*added, *self.files), hashed.hexdigest() if paths else self.digest)

    def chains(self) -> tuple[ChainProfile, ...]:
        """All accounts of all chains."""
        return self._all(ChainProfile)

    def chain(self, name: str, *, at: date, edition: str | None = None) -> ChainProfile:
        """The account of a chain that speaks for a day: the latest whose period had begun by then.

        Args:
            name: The chain.
            at: The day.
            edition: A certain account, by its name.

        Raises:
            NotFoundError: No such chain or account, or none that had begun by that day.
        """
        of_name = [each for each in self.chains() if each.chain == name]
        if not of_name:
            known = ", ".join(sorted({each.chain for each in self.chains()}))
            raise NotFoundError("no profile of such a chain", expected=f"one of {known}", found=name)
        if edition is not None:
            for each in of_name:
                if each.edition == edition:
                    return each
            known = ", ".join(each.edition for each in of_name)
            raise NotFoundError("no such edition of the chain's profile", expected=f"one of {known}", found=edition)
        begun = [each for each in of_name if each.period.first <= at]
        if not begun:
            raise NotFoundError(
                "no profile of the chain had begun by then",
                where=name,
                expected=f"{min(each.period.first for each in of_name)} or later",
                found=str(at),
            )
        return max(begun, key=lambda each: each.period.first)

    def hardware(self, name: str) -> HardwareProfile:
        """A class of node.

        Raises:
            NotFoundError: No such class.
        """
        return _named(self._all(HardwareProfile), name, lambda each: each.name, "class of node")

    def hardware_classes(self) -> tuple[HardwareProfile, ...]:
        """All classes of node."""
        return self._all(HardwareProfile)

    def asic(self, name: str) -> AsicModel:
        """A mining machine.

        Raises:
            NotFoundError: No such machine.
        """
        return _named(self._all(AsicModel), name, lambda each: each.name, "mining machine")

    def asics(self) -> tuple[AsicModel, ...]:
        """All mining machines."""
        return self._all(AsicModel)

    def grid(self, country: str, *, year: int, factor_set: str | None = None) -> GridProfile:
        """A country's electricity in a year, else in the latest one before it.

        Args:
            country: Its code.
            year: The year.
            factor_set: Only figures made with this set.

        Raises:
            NotFoundError: There is none.
        """
        found = [
            each
            for each in self._all(GridProfile)
            if each.country == country and each.year <= year and factor_set in (None, each.factor_set)
        ]
        if not found:
            known = [f"{g.country} {g.year} ({g.factor_set})" for g in self._all(GridProfile) if g.country == country]
            raise NotFoundError(
                "no grid figure of this country by that year",
                expected=", ".join(known) or "a country of the data, or a file of your own (kind `grids`)",
                found=f"{country} {year}" + (f" ({factor_set})" if factor_set else ""),
            )
        return max(found, key=lambda each: each.year)

    def grid_mix(
        self, shares: dict[str, float], *, year: int, factor_set: str | None = None
    ) -> Figure[CarbonIntensity]:
        """The intensity over several countries, all of one set of factors.

        Args:
            shares: Share of the electricity by country; they add up to 1.
            year: The year.
            factor_set: Only figures made with this set.

        Raises:
            ArithmeticRuleError: Shares that are not a whole, or figures of several sets.
            NotFoundError: A country that has no figure.
        """
        if abs(sum(shares.values()) - 1) > 1e-6 or any(share < 0 for share in shares.values()):
            raise ArithmeticRuleError("shares of countries are no whole", expected="1", found=sum(shares.values()))
        grids = {country: self.grid(country, year=year, factor_set=factor_set) for country in shares}
        sets = sorted({each.factor_set for each in grids.values()})
        if len(sets) > 1:
            raise ArithmeticRuleError("sets of factors are mixed", expected="one set", found=", ".join(sets))
        return total((grids[country].intensity * share for country, share in shares.items()), CarbonIntensity)

    def factor_set(self, name: str) -> FactorSet:
        """A set of life-cycle factors.

        Raises:
            NotFoundError: No such set.
        """
        return _named(self._all(FactorSet), name, lambda each: each.name, "set of factors")

    def generation(self, country: str) -> tuple[GenerationMix, ...]:
        """What an outlook sees a country make its electricity from, by year.

        Raises:
            NotFoundError: No outlook of this country.
        """
        found = sorted((m for m in self._all(GenerationMix) if m.country == country), key=lambda each: each.year)
        if not found:
            raise NotFoundError("no outlook of this country's generation", found=country)
        return tuple(found)

    def price(self, market: str) -> PriceProfile:
        """A price of emitting.

        Raises:
            NotFoundError: No such market.
        """
        return _named(self._all(PriceProfile), market, lambda each: each.market, "carbon market")

    def baseline(self, name: str) -> Baseline:
        """What passports may replace.

        Raises:
            NotFoundError: No such baseline.
        """
        return _named(self._all(Baseline), name, lambda each: each.name, "baseline")

    def default(self, name: str) -> Figure[Any]:
        """What is filled in where nobody states a number; the figure says that it is.

        Raises:
            UsageError: There is no such default: the number must be given.
        """
        for each in self._all(Default):
            if each.name == name:
                said: Figure[Any] = each.figure
                return said
        raise UsageError("nothing to fill this in with", where=name, hint="state it")

    def _all(self, kind: type[P]) -> tuple[P, ...]:
        return tuple(each for file in self.files for each in file.entries if isinstance(each, kind))


def _named(profiles: Sequence[P], name: str, name_of: Any, what: str) -> P:
    for each in profiles:
        if name_of(each) == name:
            return each
    known = ", ".join(sorted({name_of(each) for each in profiles}))
    raise NotFoundError(f"no such {what}", expected=f"one of {known}", found=name)


@cache
def _shipped() -> Catalogue:
    folder = resources.files("passport.ledger_footprint").joinpath("data")
    read = {name: folder.joinpath(name).read_bytes() for name in SHIPPED}
    hashed = hashlib.sha256()
    for data in read.values():
        hashed.update(hashlib.sha256(data).digest())
    return Catalogue(tuple(parse_data_file(data, name=name) for name, data in read.items()), hashed.hexdigest())
