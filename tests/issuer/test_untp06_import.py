"""A UNTP 0.6 passport in a workspace: nothing is built on it, and an audit fails a row that claims to be."""

from __future__ import annotations

from typing import Any

import pytest
from issuer_world import World, bought, inventory

from passport.credentials import jcs
from passport.errors import IssueError, PassportError
from passport.exchange.untp06 import NEVER_STATED, read_untp06
from passport.filing import file_footprint_bytes, file_untp06
from passport.model.digest import Digest
from passport.store import DocumentKind
from verifier.imports import examine_import
from verifier.store_source import StoreSource

BODY = jcs(
    {
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://test.uncefact.org/vocabulary/untp/dpp/0.6.1/"],
        "type": ["DigitalProductPassport", "VerifiableCredential"],
        "id": "https://cells.example/passports/1",
        "issuer": {"id": "did:web:cells.example", "name": "Cells"},
        "credentialSubject": {
            "product": {"id": "https://id.example/cell", "name": "Cell"},
            "emissionsScorecard": {
                "carbonFootprint": 12.5,
                "declaredUnit": "KWH",
                "operationalScope": "CradleToGate",
                "primarySourcedRatio": 1,
            },
        },
    }
)


def test_it_is_filed_under_its_digest_and_nothing_is_built_on_it(world: World) -> None:
    store = world.mill.store
    file_footprint_bytes(store, BODY)  # as out of a bundle
    assert not file_untp06(store, BODY)
    digest = read_untp06(BODY).digest
    assert store.get_document(DocumentKind.IMPORTED, Digest(digest)) == BODY
    with pytest.raises(PassportError, match="not in canonical form"):
        file_untp06(store, BODY + b" ")
    entry = bought(unit="kilowatt hour", passport="https://cells.example/passports/1")
    with pytest.raises(IssueError, match=r"does not state what a row has to copy.*as a `factor` with its source"):
        world.issuer(world.mill).issue(inventory(world.product(), entry))


def test_a_row_that_names_one_fails(world: World) -> None:
    """Whoever wrote such a row made up mass, potentials and all; the passport's one figure stays second hand."""
    file_untp06(world.mill.store, BODY)
    digest = read_untp06(BODY).digest
    source = StoreSource(world.mill.store, world.mill.ledger)

    def rows(named: str) -> dict[str, Any]:
        record = examine_import(source, digest, named, max_bytes=1 << 20)
        assert "second_hand" in {note.code for note in record.notes}
        assert record.issuer == "Cells (stated, not proven)"
        return {str(check.id): check for check in record.ordered()}

    checks = rows("https://cells.example/passports/1")
    assert [name for name, check in checks.items() if check.outcome == "failed"] == ["agreement"]
    assert checks["agreement"].expected == ", ".join(NEVER_STATED)
    assert (checks["signature"].outcome, checks["arithmetic"].outcome) == ("unknown", "unknown")
    assert rows("https://cells.example/passports/2")["digest"].outcome == "failed"
