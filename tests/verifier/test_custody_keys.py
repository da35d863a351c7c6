"""Deliveries and the keys that signed them: retired, compromised, ended, second ones, clocks ahead."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from custody_sales import SECOND, Sale, _audited, _with_second_key, _written, failure, ore, sale_in, unknown_reason
from judged import row
from verifier_world import World, signer_of

from passport.credentials import build_did_web_document, jcs, key_hash
from passport.credentials.untp_credential import Envelope
from verifier.outcome import Outcome


def test_a_key_retired_between_delivery_and_passport(own_world: World) -> None:
    """By its own word the delivery was signed before; nothing proves it, so it is neither passed nor failed."""
    mine, sale = own_world.companies["mine"], sale_in(own_world)
    sale.file(ore(own_world, at=own_world.now()))
    own_world.send(mine.controller, own_world.registry.retire_credential_key(mine.issuer_id, mine.key_hash))
    retired_at = own_world.time
    reason = unknown_reason(sale.audit())
    assert reason.startswith("row ore: nothing proves that the delivery was signed before: no registrar's entity")
    assert f"was retired at {retired_at}" in reason


def test_a_compromise_that_reaches_back_over_the_delivery(own_world: World) -> None:
    """What the key said from then on is void, whatever date the delivery gives itself."""
    mine = own_world.companies["mine"]
    second = signer_of("mine second", "did:web:mine.example#key-2")
    first = mine.signer
    mine.signer = second
    own_world.bind_credential(mine)
    document = build_did_web_document(mine.did, multikeys=[first.multikey, second.multikey])
    own_world.source.dids[mine.did] = document
    sale = sale_in(own_world)
    mine.signer = first
    sale.file(ore(own_world, at=own_world.now()), by=second)
    assert sale.audit().verdict == "passed"
    mine.signer = second
    call = own_world.registry.report_credential_key_compromise(mine.issuer_id, mine.key_hash, bad_from=1)
    own_world.send(mine.controller, call)
    again = sale_in(own_world)
    again.source.deliveries.update(sale.source.deliveries)
    again.name(sale.draft.row("ore")["delivery"])
    reason, _, found = failure(again.audit())
    assert "row ore: the delivery's signer: no registrar's entity vouches for this key" in reason
    assert "was compromised from 1" in reason
    assert found == second.multikey


def test_a_second_key_of_the_supplier(own_world: World) -> None:
    """Whoever ships need not have the key that signs passports; both are bound to the entity."""
    sale = _with_second_key(own_world)
    report = sale.audit()
    assert (report.verdict, row(report, "metal", "custody").outcome) == ("passed", Outcome.PASSED)
    name = f"{sale.world.companies['mine'].issuer_id}:{key_hash(SECOND.multikey).hex()}"
    del sale.source.bindings[name]
    again = sale.world.audit(str(report.top), sale.source)
    assert unknown_reason(again) == "row ore: the key's own statement of its binding is not at hand"


@pytest.mark.parametrize(("ahead_s", "outcome"), [(250, Outcome.PASSED), (500, Outcome.FAILED)])
@pytest.mark.parametrize("envelope", Envelope)
def test_a_supplier_whose_clock_is_ahead(sale: Sale, ahead_s: int, outcome: Outcome, envelope: Envelope) -> None:
    """Clocks may differ by 300 s, in either envelope."""
    moment = sale.world.now() + timedelta(seconds=ahead_s)
    sale.file(ore(sale.world, at=moment, delivered=sale.world.now()), envelope=envelope)
    found = row(sale.audit(), "metal", "custody")
    assert found.outcome is outcome
    assert found.reason == (None if outcome is Outcome.PASSED else "row ore: the delivery: not valid at that moment")


ENDED = "row ore: the delivery's signer: its key had ended by the supplier's DID document"
UNPROVEN = "row ore: nothing proves that the delivery was signed before its key's end in the DID document"


@pytest.mark.parametrize("word", ["expires", "revoked"])
@pytest.mark.parametrize(
    ("after_s", "outcome", "reason"),
    [(3600, Outcome.PASSED, None), (1, Outcome.UNKNOWN, UNPROVEN), (0, Outcome.FAILED, ENDED)],
)
def test_a_key_whose_end_the_did_document_dates(
    own_world: World, word: str, after_s: int, outcome: Outcome, reason: str | None, tmp_path: Path
) -> None:
    """Judged as by the registry: good when it signed, still good when the passport proves it; in a bundle too."""
    sale = _with_second_key(own_world)
    did, stated = "did:web:mine.example", own_world.now()
    sale.file(ore(own_world, at=stated), by=SECOND)
    document = json.loads(own_world.source.dids[did])
    end = (stated + timedelta(seconds=after_s)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for method in document["verificationMethod"]:
        if "#key-2" in method["id"]:
            method[word] = end
    sale.source.dids[did] = jcs(document)
    own_world.new_entity("somebody else", "123456788")  # a few blocks later
    own_world.new_entity("yet another", "123456787")
    forged = sale.publish()
    report = own_world.audit(forged.digest, sale.source)
    found = row(report, "metal", "custody")
    assert (found.outcome, found.reason) == (outcome, reason)
    _written(sale, forged, tmp_path / "b")
    found = row(_audited(own_world, tmp_path / "b"), "metal", "custody")
    assert (found.outcome, found.reason) == (outcome, reason)
