"""Whatever bytes come in, reading ends in footprints or in an error of ours, and a read footprint stays consistent."""

from __future__ import annotations

import copy
import json
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.credentials.canonical import jcs, parse_canonical
from passport.errors import AmountError, ArithmeticRuleError, PassportError
from passport.exchange.pact import read_footprints
from passport.model.components import COMPONENTS
from passport.model.digest import digest_of
from passport.model.units import PACT_UNITS

SEED = 30

PCF: dict[str, Any] = {
    "declaredUnitOfMeasurement": "piece",
    "declaredUnitAmount": "1000",
    "productMassPerDeclaredUnit": "3.5",
    "referencePeriodStart": "2025-01-01T00:00:00Z",
    "referencePeriodEnd": "2026-01-01T00:00:00Z",
    "pcfExcludingBiogenicUptake": "22.0",
    "pcfIncludingBiogenicUptake": "20.5",
    "fossilGhgEmissions": "22.0",
    "biogenicCO2Uptake": "-1.5",
    "fossilCarbonContent": "0.15",
    "biogenicCarbonContent": "0.41",
    "packagingEmissionsIncluded": False,
    "ipccCharacterizationFactors": ["AR6"],
    "crossSectoralStandards": ["ISO14067"],
    "exemptedEmissionsPercent": "0.5",
    "primaryDataShare": "65",
    "dqi": {"technologicalDQR": "1", "geographicalDQR": "1", "temporalDQR": "1"},
}
FOOTPRINT: dict[str, Any] = {
    "id": "f4b1225a-bd44-4c8e-861d-079e4e1dfd69",
    "specVersion": "3.0.0",
    "created": "2026-03-01T00:00:00Z",
    "status": "Active",
    "companyName": "Example Mills",
    "companyIds": ["urn:lei:5493001KJTIIGC8Y1R12"],
    "productDescription": "",
    "productIds": ["urn:gtin:4712345060507"],
    "productNameCompany": "Lipstick bullets",
    "pcf": PCF,
    "extensions": [
        {"specVersion": "1.0.0", "dataSchema": "https://a.example/s", "data": {"n": 1.5, "s": "\U0001f33f"}}
    ],
}

# Values of the right type and odd content, which a schema lets through and arithmetic must survive.
ODD_TEXTS = [
    "", "0", "-0", "1", "-1", "0.000", "1e30", "1e-30", "1e31", "0e999", "-0e-999", "9" * 40, "9" * 41, "٣", "NaN",
    "Infinity", "1_000", " 1", "1\n", "0x10", "100.0001", "\U0001f33f", "\ud800", "AR" + "6" * 5000,
    "urn:a:b", "URN:", "urn:pact:::", "urn:pact:a.b:c:d", "3.9.9", "2.0.0", "4.0.0", "٣.0.0",
    "2025-02-29T00:00:00Z", "2024-02-29T23:59:59.999999999+14:00", "2016-12-31T23:59:60Z", "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59-23:59", "1900-01-01T00:00:00+23:59", "2200-12-31T23:59:59-23:59",
    "00000000-0000-0000-0000-000000000000",
]  # fmt: skip
ODD_VALUES: list[Any] = [None, True, 0, -1, 2**53, 2**64, 1.5, 1e308, [], {}, [[]], {"data": []}, *ODD_TEXTS]


def judge(data: bytes) -> str:
    """Read, and hold what was read against itself; returns the outcome's name."""
    try:
        footprints = read_footprints(data)
    except PassportError as error:
        return type(error).__name__
    assert footprints
    for position, footprint in enumerate(footprints):
        assert footprint.position == position
        assert footprint.original == data
        body = parse_canonical(footprint.body)
        assert "status" not in body
        assert footprint.digest == digest_of(footprint.body)
        assert footprint.declared_amount > 0
        assert footprint.declared_unit in PACT_UNITS
        assert set(footprint.components) == COMPONENTS.keys() & body["pcf"].keys()
        assert all(isinstance(amount, Decimal) and amount.is_finite() for amount in footprint.components.values())
        for problem in footprint.problems:
            assert all((problem.field, problem.message, problem.expected, problem.found))
            assert len(problem.found) < 300
        with suppress(AmountError, ArithmeticRuleError):
            assert jcs(footprint.upstream_facts().copy_for_row())
    return "read"


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from places(value[key])


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    assert judge(data) != "read"


@given(
    st.recursive(
        st.sampled_from(ODD_VALUES) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from([*FOOTPRINT, *PCF, "data"]), inner, max_size=5)
        ),
        max_leaves=20,
    )
)
def test_any_json(document: Any) -> None:
    assert judge(json.dumps(document).encode()) != "read"


@given(st.dictionaries(st.sampled_from([*PCF, *COMPONENTS, "recycledCarbonContent"]), st.sampled_from(ODD_TEXTS)))
def test_any_numbers_and_times(changes: dict[str, str]) -> None:
    judge(json.dumps({**FOOTPRINT, "pcf": PCF | changes}).encode())


numbers = st.decimals(-(10**12), 10**12, allow_nan=False, places=6).map(str)


@given(
    st.dictionaries(st.sampled_from(list(COMPONENTS)), numbers, min_size=1).map(
        lambda d: {"fossilGhgEmissions": "1", **d}
    ),
    numbers,
    numbers,
)
def test_any_amounts_are_read(components: dict[str, str], excluding: str, including: str) -> None:
    totals = {"pcfExcludingBiogenicUptake": excluding, "pcfIncludingBiogenicUptake": including}
    (footprint,) = read_footprints(json.dumps({**FOOTPRINT, "pcf": PCF | components | totals}).encode())
    assert {**footprint.components} == {
        name: Decimal(text) for name, text in (PCF | components).items() if name in COMPONENTS
    }
    wrong_signs = {p.field for p in footprint.problems if p.code == "sign"}
    assert wrong_signs == {
        f"$.pcf.{name}" for name, amount in footprint.components.items() if amount * COMPONENTS[name].sign < 0
    }


def test_every_field_of_a_footprint_replaced_by_every_odd_value() -> None:
    outcomes: Counter[str] = Counter()
    document = copy.deepcopy(FOOTPRINT)
    for holder, key in list(places(document)):
        kept = holder[key]
        for value in ODD_VALUES:
            holder[key] = value
            outcomes[judge(json.dumps(document).encode())] += 1
        holder[key] = kept
    assert judge(json.dumps(document).encode()) == "read"
    assert outcomes["read"] > 100
    assert outcomes["SchemaError"] > 500
    assert outcomes["AmountError"] > 100
    assert outcomes["DocumentError"] > 20
    assert outcomes["BoundError"] > 20


def test_bytes_of_a_footprint_changed_at_random() -> None:
    draw = random.Random(SEED)
    outcomes: Counter[str] = Counter()
    whole = json.dumps(FOOTPRINT, ensure_ascii=False).encode()
    for _ in range(3000):
        data = bytearray(whole)
        for _ in range(draw.randint(1, 2)):
            place = draw.randrange(len(data))
            match draw.randrange(4):
                case 0:
                    data[place] = draw.randrange(256)
                case 1:
                    del data[place : place + draw.randint(1, 20)]
                case 2:
                    data[place:place] = draw.choice(
                        [b'"', b"{", b"}", b"[", b"]", b",", b":", b"0", b"\\", b"\x00", b"-", b"e"]
                    )
                case _:
                    piece = draw.randrange(len(data))
                    data[place:place] = data[piece : piece + draw.randint(1, 60)]
        outcomes[judge(bytes(data))] += 1
    assert outcomes["read"] > 100
    assert outcomes["DocumentError"] > 500
    assert outcomes["SchemaError"] > 50


@pytest.mark.shared
def test_published_samples_changed_at_random(shared: Path) -> None:
    draw = random.Random(SEED)
    outcomes: Counter[str] = Counter()
    for path in sorted((shared / "standards/pact/samples").glob("*_tier_*.json")):
        for document in json.loads(path.read_bytes()):
            for _ in range(8):
                changed = copy.deepcopy(document)
                holder, key = draw.choice(list(places(changed)))
                holder[key] = draw.choice(ODD_VALUES)
                outcomes[judge(json.dumps([changed]).encode())] += 1
    assert sum(outcomes.values()) == 480
    assert outcomes["read"] > 50
    assert outcomes["SchemaError"] > 100
