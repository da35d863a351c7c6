"""A supplier that withholds its statement cannot hide what it emits behind as much removal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from passport import Sandbox, Workspace, read_inventory
from verifier import Verifier, trust_in
from verifier.policy import upstream_policy
from verifier.report import Verdict

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "docs" / "example"


def _inventory(folder: Path, name: str, change: Callable[[dict[str, Any]], None]) -> Any:
    document = yaml.safe_load((EXAMPLES / name).read_text("utf-8"))
    change(document)
    path = folder / name
    path.write_text(yaml.safe_dump(document), "utf-8")
    return read_inventory(path).inventory


def _captured(document: dict[str, Any]) -> None:
    """A tonne emitted, all but ten kilograms of it said to be removed again, and nobody may look."""
    document["disclosure"] = "withheld"
    document["ccsTechnologicalCO2CaptureIncluded"] = True
    row = {"kind": "direct", "stage": "mainProduction", "known": "measured"}
    document["inputs"] = [
        {"id": "kiln", "name": "Kiln", "emissions": {"fossilGhgEmissions": 1000}, **row},
        {"id": "capture", "name": "Capture", "emissions": {"technologicalCO2Removals": -990}, **row},
    ]


def _built_upon(document: dict[str, Any]) -> None:
    document["ccsTechnologicalCO2CaptureIncluded"] = True
    document["exempted"]["percent"] = 0


def _publish(company: Workspace, *buyers: Workspace) -> None:
    company.publish()
    for buyer in buyers:
        buyer.receive(company.public)


def test_removals_do_not_hide_what_is_withheld(tmp_path: Path, now: datetime) -> None:
    """The 1,990 kg that a kilogram of flour emits and removes outweigh the oven, however small their sum is."""
    sandbox = Sandbox.create(tmp_path / "sandbox", clock=lambda: now)
    mill = sandbox.company("Mill Oy", host="mill.example", country="FI")
    bakery = sandbox.company("Bakery GmbH", host="bakery.example", country="DE")
    auditor, trust = sandbox.auditor(), trust_in(sandbox.chain)
    lenient = Verifier.of(bakery, trust, policy=upstream_policy())
    flour = mill.issuer(sandbox.passphrase, accept=lenient.accept)
    flour.issue(_inventory(tmp_path, "flour.yaml", _captured))
    flour.anchor()
    _publish(mill, bakery, auditor)
    bread = bakery.issuer(sandbox.passphrase, accept=lenient.accept)
    issued = bread.issue(_inventory(tmp_path, "bread.yaml", _built_upon))
    bread.anchor()
    _publish(bakery, auditor)

    report = Verifier.of(auditor, trust).audit(issued.digest)
    emitted, oven = 0.52 * (1000 + 990), 540_000 * 0.38 / 1_200_000
    assert report.top_record.total == "5.371"
    assert abs(report.coverage.withheld - emitted / (emitted + oven)) < 1e-9
    assert report.verdict is Verdict.UNDECIDED
    assert any("of gross emissions, demanded 80.0%" in reason for reason in report.reasons)
