"""The corpus of the ledger's own footprint: statements as companies sign them, files as they ship or are documented."""

from __future__ import annotations

import json
import tempfile
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

from ledger_world import LedgerWorld
from published_blocks import (
    BESU_QBFT_EXTRA,
    GOERLI_FIRST,
    IBFT2_1,
    ISTANBUL_EXTRA,
    QBFT_7528,
    RINKEBY_FIRST_EXTRA,
)

from passport.credentials import jcs
from passport.ledger_footprint import Catalogue
from passport.ledger_footprint.anchoring_profiles import PROFILES_FORMAT, AnchoringProfiles
from passport.ledger_footprint.metered import metered_profile
from passport.ledger_footprint.network import network_of
from passport.ledger_footprint.rule import Rule
from passport.ledger_reports import Metering, build_report, node_reading

AT = date(2026, 1, 1)
ANNOUNCEMENT = {
    "format": "carbon-passport/ledger-announcement/1.0",
    "rule": "a ban",
    "in_force": 2027,
    "discount_percent": 3,
    "years": [
        {"year": 2026, "without_kg_co2e": 100, "announced_kg_co2e": 120, "source": "ours"},
        {"year": 2027, "without_kg_co2e": 100, "announced_kg_co2e": 10, "source": "ours"},
    ],
}


def of_footprint(found: dict[str, dict[str, bytes]]) -> None:
    """Add what the targets of `fuzz_footprint` read."""
    with tempfile.TemporaryDirectory() as folder:
        world = LedgerWorld.build(Path(folder) / "world")
        try:
            _statements(world, found)
        finally:
            world.sandbox.close()
    profiles = AnchoringProfiles.shipped().profiles
    found["anchoring_profile"]["one.json"] = profiles[0].to_bytes()
    some = {"format": PROFILES_FORMAT, "profiles": [each.to_json() for each in profiles[:2]]}
    found["anchoring_profile"]["some.json"] = jcs(some)
    data = resources.files("passport.ledger_footprint").joinpath("data")
    for name in ("baselines", "prices", "generation", "defaults"):
        found["ledger_data"][f"{name}.json"] = _small(json.loads(data.joinpath(f"{name}.json").read_bytes()))
    chains = json.loads(data.joinpath("chains.json").read_bytes())
    for entry in chains["entries"][:3]:
        found["ledger_data"][f"chain-{len(found['ledger_data'])}.json"] = _small({**chains, "entries": [entry]})
    period = {"first": "2024-01-01", "last": "2024-12-31", "kind": "total"}
    uses = [{"ledger": "own", "passports": 100, "ghg_kg_co2e": 20, "source": "ours"}]
    after = {"first": "2025-01-01", "last": "2025-12-31", "kind": "total"}
    found["ledger_use"]["two.json"] = jcs(
        {
            "format": "carbon-passport/ledger-use/1.0",
            "basis": "location-based",
            "before": {"period": period, "ledgers": uses},
            "after": {"period": after, "ledgers": uses},
        }
    )
    found["announcement"]["rule.json"] = jcs(ANNOUNCEMENT)
    extras = (GOERLI_FIRST["extraData"], IBFT2_1["extraData"], QBFT_7528["extraData"], RINKEBY_FIRST_EXTRA)
    for number, text in enumerate((*extras, BESU_QBFT_EXTRA, ISTANBUL_EXTRA)):
        found["extra_data"][f"{number}.bin"] = bytes.fromhex(text[2:])


def _small(document: dict[str, Any]) -> bytes:
    """A data file with the sources that its entries cite."""
    text = json.dumps(document["entries"])
    cited = {key: each for key, each in document["sources"].items() if f'"{key}"' in text}
    return json.dumps({**document, "sources": cited}, ensure_ascii=False).encode()


def _statements(world: LedgerWorld, found: dict[str, dict[str, bytes]]) -> None:
    handover = world.handover("north", "12.5", "3")
    handed = world.signed("north", handover)
    readings = [(each, node_reading(each)) for each in (world.signed("north", world.reading("north", "n1", "8")),)]
    data = Catalogue.shipped()
    pue = data.default("pue")
    profile = metered_profile([each for _, each in readings], chain="ours", nodes_in_all=4, pue=pue)
    metered = build_report(
        network_of(profile, catalogue=data, at=AT),
        signed_by=world.entity("north"),
        rule=Rule.PER_TRANSACTION,
        at=AT,
        data_sha256=data.digest,
        passports_a_year=1000,
        readings=readings,
        metering=Metering.of(4, pue),
    )
    public = build_report(
        network_of(data.chain("ethereum", at=AT), catalogue=data, at=AT),
        signed_by=world.entity("north"),
        rule=Rule.PER_GAS,
        at=AT,
        data_sha256=data.digest,
    )
    statements = {
        "reading": ("north", world.reading("north", "n1", "8")),
        "handover": ("north", handover),
        "receipt": ("recycler", world.receipt("north", handed.digest, ("1", "14", "0.5"))),
        "report": ("north", public),
        "metered": ("north", metered),
    }
    for name, (company, statement) in statements.items():
        found["ledger_statement"][f"{name}.json"] = world.sign(company, statement)
        found["ledger_claim"][f"{name}.json"] = jcs(statement.to_json())
