"""Issue and anchor in batches, one after the other: inventory to final checkpoint, against a bare signature."""

from __future__ import annotations

import time
from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.measure import Stopwatch
from benchmarks.products import SMALL_BYTES, inventory, padding_for
from benchmarks.result import Result, rate
from passport.ledger.checkpoint import CheckpointState

_PARTS = range(1, 7)
_FIRST = 95_000_000
_TURN_EVERY = 100
_BATCH, _BATCHES = 10_000, 2


def run(bench: Bench) -> Iterator[Result]:
    """Two batches in a row, the second on top of a store and a log that hold the first: what can be kept up.

    Each batch is issued one by one as `issuing` does, frozen into one padded checkpoint, committed to the local chain
    in one transaction, and looked after until it is final.
    """
    company = bench.company
    count = bench.count(_BATCH, quick=200)
    padding = padding_for(company, SMALL_BYTES, number=_FIRST, parts=_PARTS)
    company.issuer.anchor()  # what was issued before is not measured
    watch, anchored_s = Stopwatch(bench.ed25519.sign, every=_TURN_EVERY), []

    def keep_up() -> None:
        for batch in range(_BATCHES):
            first = _FIRST + 1 + batch * count
            for number in range(first, first + count):
                company.issue(inventory(number, parts=_PARTS, padding_bytes=padding))
                watch.report()
            start = time.perf_counter()
            (checkpoint,) = company.issuer.anchor()
            anchored_s.append(time.perf_counter() - start)
            if checkpoint.state is not CheckpointState.FINAL:
                raise RuntimeError(f"the checkpoint is not final but {checkpoint.state}")

    times = watch.time(keep_up)
    said = ", ".join(f"{seconds:.2f} s" for seconds in anchored_s)
    bench.say(f"  of which anchoring {count:,} passports: {said} with waiting for the disk")
    yield rate(
        "issue_and_anchor",
        f"issue and anchor {_BATCHES} batches of {count:,} passports of {SMALL_BYTES:,} bytes: inventory to final",
        ours_s=times.ours_s / (_BATCHES * count),
        reference_s=times.reference_s,
        reference_name=bench.ed25519.signing,
        unit="passports/s",
    )
