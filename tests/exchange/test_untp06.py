"""UNTP 0.6 passports: the published samples as they state it, what they leave unknown, and what is refused."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import PassportError
from passport.exchange.untp06 import NEVER_STATED, Scorecard, StatedClaim, read_untp06
from passport.model.units import Unit

GBA = "https://www.globalbattery.org/media/publications/gba-rulebook-v2.0-master.pdf"
SMALL: dict[str, Any] = {
    "@context": ["https://www.w3.org/ns/credentials/v2", "https://test.uncefact.org/vocabulary/untp/dpp/0.6.1/"],
    "type": ["DigitalProductPassport", "VerifiableCredential"],
    "id": "https://cells.example/passports/1",
    "issuer": {"id": "did:web:cells.example", "name": "Cells"},
    "credentialSubject": {
        "product": {"id": "https://id.example/cell", "name": "Cell"},
        "emissionsScorecard": {
            "carbonFootprint": 12.5,
            "declaredUnit": "KWH",
            "operationalScope": "None",
            "primarySourcedRatio": 1,
        },
        "conformityClaim": [{"conformityTopic": "environment.energy"}],
    },
}


def test_the_published_sample(shared: Path) -> None:
    """UN/CEFACT's instance of 0.6.1: 1.8 kg CO2e a kilogram, cradle to gate, 30 % primary."""
    read = read_untp06((shared / "standards/untp/0.6.1/samples/untp-dpp-instance.json").read_bytes())
    assert (read.version, read.issuer_id) == ("0.6.1", "did:web:identifiers.example-company.com:12345")
    assert (read.product_id, read.product_name) == (
        "https://id.gs1.org/01/09520123456788/21/12345",
        "EV battery 300Ah.",
    )
    assert (read.granularity, read.batch_number, read.item_number) == ("batch", "6789", "12345678")
    assert (read.facility_id, read.country) == ("https://sample-facility-register.com/1234567", "AU")
    assert read.footprint == Scorecard(
        kg_co2e_per_declared_unit="1.8",
        declared_unit_code="KGM",
        declared_unit=Unit.KILOGRAM,
        scope="CradleToGate",
        primary_data_ratio="0.3",
        reporting_standard="GBA Battery Passport Greenhouse Gas Rulebook - V.2.0",
    )
    assert len(read.claims) == 2
    assert read.claims[0] == StatedClaim(
        id="https://products.example-company.com/09520123456788/declarations/12345",
        topic="environment.emissions",
        conformance=True,
        criteria=(f"{GBA}#BatteryAssembly",) * 2,
        evidence="https://files.example-certifier.com/1234567.json",
    )
    assert read.unknown == NEVER_STATED


def test_the_published_chain_has_no_footprint(shared: Path) -> None:
    """What is not stated is unknown, and no zero."""
    read = read_untp06((shared / "standards/untp/0.6.1/example-chain/product-passport-simple.json").read_bytes())
    assert (read.footprint, read.granularity, read.country) == (None, None, None)
    assert read.unknown[:2] == ("total", "primaryDataShare")
    assert [claim.topic for claim in read.claims] == ["environment.emissions", "environment.waste"]
    assert read.claims[1].evidence is None


def test_a_passport_of_0_7_is_none(shared: Path) -> None:
    sample = next((shared / "standards/untp/0.7.0/samples/dpp").glob("*.json"))
    with pytest.raises(PassportError, match=r"not a digital product passport of UNTP 0\.6"):
        read_untp06(sample.read_bytes())


def test_scope_and_units_that_are_not_stated() -> None:
    """`None` is UNTP's word for no scope; a code that is none of ours stays what it is."""
    read = read_untp06(json.dumps(SMALL).encode())
    assert read.footprint is not None
    assert (read.footprint.scope, read.footprint.declared_unit) == (None, Unit.KILOWATT_HOUR)
    assert read.claims == (StatedClaim(None, "environment.energy", None, (), None),)
    other = copy.deepcopy(SMALL)
    other["credentialSubject"]["emissionsScorecard"]["declaredUnit"] = "C62"
    read = read_untp06(json.dumps(other).encode())
    assert read.footprint is not None
    assert (read.footprint.declared_unit_code, read.footprint.declared_unit) == ("C62", None)


def test_the_digest_is_of_the_credential_without_proof() -> None:
    """Whatever the layout and whoever signed."""
    plain = read_untp06(json.dumps(SMALL).encode())
    signed = read_untp06(json.dumps({**SMALL, "proof": {"type": "DataIntegrityProof"}}, indent=2).encode())
    assert plain == signed


def card(**changes: Any) -> Callable[[dict[str, Any]], object]:
    return lambda d: d["credentialSubject"]["emissionsScorecard"].update(changes)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (card(carbonFootprint="12.5"), "carbonFootprint: not a number; found 12.5"),
        (card(carbonFootprint=True), "carbonFootprint: not a number"),
        (card(carbonFootprint=1e30), "carbonFootprint: a number beyond what amounts hold"),
        (card(primarySourcedRatio=30), "primarySourcedRatio: no ratio; expected 0 to 1; found 30"),
        (card(operationalScope="GateToGate"), "operationalScope: no scope"),
        (card(declaredUnit=5), "declaredUnit: not a text"),
        (lambda d: d["credentialSubject"]["emissionsScorecard"].pop("carbonFootprint"), "carbonFootprint: missing"),
        (lambda d: d["credentialSubject"].pop("product"), "credentialSubject.product: missing"),
        (lambda d: d["credentialSubject"].update(granularityLevel="lot"), "granularityLevel: no granularity"),
        (lambda d: d["credentialSubject"].update(conformityClaim=[{}] * 1001), "too long a one; expected at most 1000"),
        (lambda d: d["credentialSubject"]["conformityClaim"][0].update(conformance="yes"), "neither true nor false"),
        (lambda d: d.pop("issuer"), r"\$.issuer: missing"),
        (lambda d: d["@context"].reverse(), "@context: another first context"),
        (lambda d: d["@context"].append(d["@context"][1].replace("0.6.1", "0.6.0")), "not a digital product passport"),
        (lambda d: d.update(type=["VerifiableCredential"]), "not a digital product passport"),
    ],
)
def test_what_is_refused(change: Callable[[dict[str, Any]], object], reason: str) -> None:
    document = copy.deepcopy(SMALL)
    change(document)
    with pytest.raises(PassportError, match=reason):
        read_untp06(json.dumps(document).encode())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(data=st.data())
def test_any_value_in_any_place(data: st.DataObject) -> None:
    """It is read or refused for a reason of ours, whatever stands where a fact should."""
    document = copy.deepcopy(SMALL)
    holders: list[Any] = [document]
    at = 0
    while at < len(holders):
        held = holders[at].values() if isinstance(holders[at], dict) else holders[at]
        holders += [each for each in held if isinstance(each, dict | list) and each]
        at += 1
    holder = data.draw(st.sampled_from(range(len(holders))).map(holders.__getitem__))
    keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
    holder[data.draw(st.sampled_from(keys))] = data.draw(JSON)
    try:
        read_untp06(json.dumps(document).encode())
    except PassportError:
        return


@given(data=st.binary(max_size=100))
def test_bytes_that_are_no_passport(data: bytes) -> None:
    with pytest.raises(PassportError):
        read_untp06(data)
