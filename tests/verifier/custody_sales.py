"""A batch of metal that names a delivery of its ore, and what an audit says of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from forge import Draft, Forged, draft_of
from judged import only_failure, row, rows_of
from memory_source import MemorySource
from verifier_world import NOW, World, delivery_of, signer_of

from passport.credentials import Signer, build_did_web_document
from passport.credentials.untp_credential import Envelope, sign_credential
from passport.model.traceability_event import SCHEMA
from verifier.bundle import BundleFile
from verifier.bundle_source import BundleSource
from verifier.bundling import make_bundle
from verifier.outcome import Outcome
from verifier.policy import default_policy
from verifier.report import Report

YEAR = timedelta(days=365)


@dataclass
class Sale:
    """A batch of metal that names a delivery of its ore, taken apart and put together again by its maker."""

    world: World
    draft: Draft
    source: MemorySource

    def name(self, digest: str, name: str = "ore") -> None:
        self.draft.row(name)["delivery"] = digest

    def file(
        self,
        document: dict[str, Any],
        *,
        by: Signer | None = None,
        envelope: Envelope = Envelope.EMBEDDED,
        created: datetime = NOW,
    ) -> str:
        """Sign a delivery (the mine, if nobody else is named), hand it out and name it."""
        signer = by or self.world.companies["mine"].signer
        signed = sign_credential(document, SCHEMA, signer, created, envelope=envelope)
        self.source.deliveries[signed.doc_hash] = signed.body
        self.name(signed.doc_hash)
        return signed.doc_hash

    def publish(self) -> Forged:
        return self.draft.publish(source=self.source)

    def audit(self, **how: Any) -> Report:
        return self.world.audit(self.publish().digest, self.source, **how)


def sale_in(world: World) -> Sale:
    source = world.source.clone()
    return Sale(world, draft_of(world, "metal"), source)


def ore(world: World, quantity: str = "9500", unit: str = "kilogram", **more: Any) -> dict[str, Any]:
    """The mine's account of a delivery to the smelter."""
    return delivery_of(world, "ore", more.pop("buyer", "smelter"), quantity, unit, **more)


def failure(report: Report) -> tuple[str, str | None, str | None]:
    found = only_failure(report, "metal", "custody")
    assert found.reason is not None
    return found.reason, found.expected, found.found


def unknown_reason(report: Report) -> str:
    assert rows_of(report, Outcome.FAILED) == {}
    assert report.verdict == "undecided"
    found = row(report, "metal", "custody")
    assert (found.outcome, found.reason is not None) == (Outcome.UNKNOWN, True)
    return str(found.reason)


SECOND = signer_of("mine second", "did:web:mine.example#key-2")


def _with_second_key(world: World) -> Sale:
    mine = world.companies["mine"]
    first, second = mine.signer, SECOND
    mine.signer = second
    world.bind_credential(mine)
    mine.signer = first
    world.source.dids[mine.did] = build_did_web_document(mine.did, multikeys=[first.multikey, second.multikey])
    sale = sale_in(world)
    sale.file(ore(world, at=world.now()), by=second, envelope=Envelope.JWT)
    return sale


def _bundled(sale: Sale, path: Path) -> tuple[Forged, Report]:
    """Everything of a sale in one file, and its audit with nothing else at hand."""
    forged = sale.publish()
    written = _written(sale, forged, path)
    assert written.verdict == "passed", written.reasons
    return forged, _audited(sale.world, path)


def _written(sale: Sale, forged: Forged, path: Path) -> Report:
    return make_bundle(
        path,
        sale.source,
        forged.digest,
        trust=sale.world.trust_with(),
        ledger=sale.world.chain,
        policy=default_policy(accept_imported=True),
        at=sale.world.now(),
    )


def _audited(world: World, path: Path) -> Report:
    with BundleFile(path) as bundle:
        source = BundleSource(bundle)
        report = world.audit(bundle.header.top, source, trust=world.trust_with(), is_snapshot=True)
        source.refuse_surplus(report)
        return report
