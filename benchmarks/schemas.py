"""Judge a passport by our closed schema, compiled, against the usual validator in Python."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import jsonschema  # type: ignore[import-untyped]  # has no types

from benchmarks.bench import Bench
from benchmarks.measure import side_by_side
from benchmarks.products import LARGE_BYTES, SMALL_BYTES
from benchmarks.result import Result, rate
from passport.credentials import read_secured
from passport.model import schema

_KIND = "untp-dpp-0.7.0-issuing"


def run(bench: Bench) -> Iterator[Result]:
    """The same schema and document for both, formats included."""
    peer = jsonschema.Draft202012Validator(schema.load_schema(_KIND), format_checker=jsonschema.FormatChecker())
    for size in (SMALL_BYTES, LARGE_BYTES):
        document = read_secured(bench.passports(size)[0], canonical=True).document
        if not (schema.is_valid(_KIND, document) and peer.is_valid(document)):
            raise ValueError("a sound passport was refused")
        times = side_by_side(
            partial(schema.is_valid, _KIND), partial(peer.is_valid, document), inputs=[document], rounds=bench.rounds
        )
        yield rate(
            f"schema_{size}",
            f"judge a passport of {size:,} bytes by our schema (jsonschema-rs)",
            ours_s=times.ours_s,
            reference_s=times.reference_s,
            reference_name="jsonschema: Draft202012Validator",
            unit="documents/s",
        )
