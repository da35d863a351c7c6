"""Own computing of issuers and verifiers: by the processor's counters where it has them, else time times watts."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from passport.errors import ArithmeticRuleError, UsageError
from passport.ledger_footprint.figures import Figure, Source, Status, derive, figure
from passport.ledger_footprint.quantities import Duration, Energy, Power

RAPL_ROOT: Final = Path("/sys/class/powercap")
"""Where Linux shows energy counters of processors; most systems let only the administrator read them."""


class ComputeMethod(StrEnum):
    """How an energy of computing was found; goes with the number."""

    RAPL = "processor's energy counters (RAPL)"
    METER = "meter at the wall"
    TIME_TIMES_WATTS = "CPU time times watts"


@dataclass(frozen=True, slots=True)
class OwnCompute:
    """Energy of one's own computing.

    Attributes:
        energy: The energy of the machine, before the building's overhead.
        method: How it was found.
    """

    energy: Figure[Energy]
    method: ComputeMethod


@dataclass(slots=True)
class Measurement:
    """What a block of code took; complete when the block has ended.

    Attributes:
        cpu: CPU time, by the clock that was given.
        energy: Energy by the counters, or None where they cannot be read.
    """

    cpu: Duration
    energy: Energy | None


def computed(cpu: Duration, *, power: Figure[Power]) -> OwnCompute:
    """Energy of so much CPU time.

    Args:
        cpu: The time, of all cores together.
        power: Of one busy core, with its share of the machine.
    """
    return OwnCompute(derive(lambda watts: watts.over(cpu), power), ComputeMethod.TIME_TIMES_WATTS)


def of_measurement(measured: Measurement, *, power: Figure[Power], day: str) -> OwnCompute:
    """The counters' energy where there is one, else CPU time times watts; which of the two is said.

    Args:
        measured: See `measuring`.
        power: For the second way.
        day: When it was measured.
    """
    if measured.energy is None:
        return computed(measured.cpu, power=power)
    source = Source("rapl", "energy counters of this machine's processor", day, "our own", Status.COMPUTED)
    found = figure(Energy, "kWh", measured.energy.amount, name="own computing: energy", source=source)
    return OwnCompute(found, ComputeMethod.RAPL)


@contextmanager
def measuring(*, root: Path = RAPL_ROOT, cpu_seconds: Callable[[], float] = time.process_time) -> Iterator[Measurement]:
    """Measure a block of code.

    The counters hold whatever ran on the processor meanwhile, so they say too much on a busy machine.

    Args:
        root: Where the counters are.
        cpu_seconds: The clock of CPU time.
    """
    found = Measurement(Duration(0), None)
    before, started = _counters(root), cpu_seconds()
    yield found
    found.cpu = Duration.of(cpu_seconds() - started, "s")
    after = _counters(root)
    if before and before.keys() == after.keys():
        joules = sum(_risen(before[name], after[name]) for name in before) / 1e6
        found.energy = Energy.of(joules, "J")


def children_cpu_seconds() -> float:
    """CPU time, of user and system, of all processes that this one started and has waited for, and of theirs.

    Raises:
        UsageError: This system does not count it: zero would be wrong.
    """
    if sys.platform == "win32":
        raise UsageError("this system does not count the CPU time of processes that have ended", found=sys.platform)
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _counters(root: Path) -> dict[str, tuple[int, int]]:
    """Count and its turning point in microjoules of each package; empty where one cannot be read."""
    found = {}
    for zone in sorted(root.glob("intel-rapl:[0-9]*")):
        if zone.name.count(":") != 1:  # parts of a package are in its count already
            continue
        try:
            numbers = [int((zone / name).read_text("ascii")) for name in ("energy_uj", "max_energy_range_uj")]
        except (OSError, ValueError):
            return {}
        found[zone.name] = (numbers[0], numbers[1])
    return found


def _risen(before: tuple[int, int], after: tuple[int, int]) -> int:
    risen = after[0] - before[0]
    risen = risen if risen >= 0 else risen + before[1]
    if risen < 0:
        raise ArithmeticRuleError("an energy counter ran backwards", found=(before, after))
    return risen
