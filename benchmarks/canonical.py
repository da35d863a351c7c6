"""Write a passport in canonical form, against the reference implementation of RFC 8785."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import rfc8785

from benchmarks.bench import Bench
from benchmarks.measure import side_by_side
from benchmarks.products import LARGE_BYTES, SMALL_BYTES
from benchmarks.result import Result, rate
from passport.credentials import jcs, parse_canonical


def run(bench: Bench) -> Iterator[Result]:
    """The same document both ways; the bytes must be equal."""
    for size in (SMALL_BYTES, LARGE_BYTES):
        document = parse_canonical(bench.passports(size)[0])
        if jcs(document) != rfc8785.dumps(document):
            raise ValueError("the two do not write the same bytes")
        times = side_by_side(jcs, partial(rfc8785.dumps, document), inputs=[document], rounds=bench.rounds)
        yield rate(
            f"jcs_{size}",
            f"canonical JSON (RFC 8785) of a passport of {size:,} bytes",
            ours_s=times.ours_s,
            reference_s=times.reference_s,
            reference_name="rfc8785.dumps",
            unit="documents/s",
        )
