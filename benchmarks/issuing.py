"""Issue a passport from beginning to end, against a bare signature."""

from __future__ import annotations

import time
from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.measure import Stopwatch, best
from benchmarks.products import SMALL_BYTES, inventory, padding_for
from benchmarks.result import Result, rate
from passport.model.inventory import Inventory

_PARTS = range(1, 7)
_FIRST = 90_000_000
_TURN_EVERY = 10


def run(bench: Bench) -> Iterator[Result]:
    """Inventory in, footprint, statement, rows, signed passport and place in the log stored durably, one by one."""
    company = bench.company
    count = bench.count(150, quick=50)
    padding = padding_for(company, SMALL_BYTES, number=_FIRST, parts=_PARTS)
    tries, waited_s = [], []
    for attempt in range(1, bench.tries + 1):
        first = _FIRST + attempt * count
        inventories = [inventory(n, parts=_PARTS, padding_bytes=padding) for n in range(first, first + count)]
        watch = Stopwatch(bench.ed25519.sign, every=_TURN_EVERY)

        def issue_all(inventories: list[Inventory] = inventories, watch: Stopwatch = watch) -> None:
            for each in inventories:
                company.issue(each)
                watch.report()

        start = time.perf_counter()
        tries.append(watch.time(issue_all))
        waited_s.append(time.perf_counter() - start)
    times = best(tries)
    bench.say(f"  with waiting for the disk: {count / min(waited_s):.0f} passports/s")
    yield rate(
        "issue",
        f"issue a passport of {SMALL_BYTES:,} bytes with 6 upstream passports: inventory to signed and stored",
        ours_s=times.ours_s / count,
        reference_s=times.reference_s,
        reference_name=bench.ed25519.signing,
        unit="passports/s",
    )
