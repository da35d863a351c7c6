"""A passport's rows as a graph: totals as signed, what is not at hand as such, what has another hash refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from passport import Sandbox, read_inventory
from passport.carbon.contributions import by_input_tag, by_supplier, by_tag
from passport.errors import DocumentError, NotFoundError, PassportError
from passport.exchange.named_graph import NamedGraph
from passport.exchange.passport_graph import read_passport_graph
from verifier.store_source import StoreSource

ROOT = Path(__file__).resolve().parent.parent.parent
FLOUR, BREAD = 0.4715, 0.41618
"""By hand: 1.25 x 0.36 + 21500 / 1000000, and 0.52 x 0.4715 + 540000 x 0.38 / 1200000."""


@dataclass(frozen=True)
class Kept:
    """Documents by digest, and which of them are kept back or changed."""

    source: StoreSource
    digest: str
    without_passports: frozenset[str] = frozenset()
    without_statements: frozenset[str] = frozenset()
    rows: dict[str, Sequence[bytes]] = field(default_factory=dict)
    passports: dict[str, bytes] = field(default_factory=dict)
    statements: dict[str, bytes] = field(default_factory=dict)

    def passport(self, digest: str) -> bytes | None:
        if digest in self.without_passports:
            return None
        return self.passports.get(digest) or self.source.passport(digest)

    def statement(self, digest: str) -> bytes | None:
        if digest in self.without_statements:
            return None
        return self.statements.get(digest) or self.source.statement(digest)

    def opened_rows(self, statement_digest: str) -> Sequence[bytes]:
        if statement_digest in self.rows:
            return self.rows[statement_digest]
        return self.source.opened_rows(statement_digest)

    def imported(self, digest: str) -> bytes | None:
        return self.source.imported(digest)

    def graph(self) -> NamedGraph:
        return read_passport_graph(self, self.digest)


@dataclass(frozen=True)
class Bakery:
    """The bread of the README, issued for real, as its bakery's store has it."""

    kept: Kept
    flour: str
    flour_statement: str
    bread_statement: str


@pytest.fixture(scope="module")
def bakery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bakery]:
    from passport.credentials import read_secured
    from passport.model.facts import passport_facts

    sandbox = Sandbox.create(tmp_path_factory.mktemp("bakery") / "sandbox")
    mill = sandbox.company("Mill Oy", host="mill.example", country="FI")
    bakery = sandbox.company("Bakery GmbH", host="bakery.example", country="DE")
    digests, statements = [], []
    for company, file in ((mill, "flour.yaml"), (bakery, "bread.yaml")):
        issuer = company.issuer(sandbox.passphrase, accept=lambda facts: None)
        issued = issuer.issue(read_inventory(ROOT / "docs" / "example" / file).inventory)
        issuer.anchor()
        company.publish()
        bakery.receive(company.public)
        digests.append(issued.digest)
        source = StoreSource(bakery.store, None)
        document = read_secured(source.passport(issued.digest) or b"", canonical=True).document
        statements.append(passport_facts(document, issued.digest).statement.digest)
    yield Bakery(Kept(StoreSource(bakery.store, None), digests[1]), digests[0], *statements)
    sandbox.close()


def total(named: NamedGraph, number: int = 0) -> float:
    return float(named.graph.footprints()[number, 0])


def test_totals_are_the_signed_ones(bakery: Bakery) -> None:
    """Bread, flour, and the factors that both use, with countries, issuers and stages as tags."""
    named = bakery.kept.graph()
    assert total(named) == pytest.approx(BREAD, rel=1e-14)
    flour = named.ids.index(bakery.flour)
    assert total(named, flour) == pytest.approx(FLOUR, rel=1e-14)
    found = by_supplier(named.graph, 0)
    assert dict(zip(found.keys, found.values[:, 0], strict=True))[flour] == pytest.approx(0.52 * FLOUR)
    assert float(found.gap[0]) == pytest.approx(0, abs=1e-15)
    assert [named.tags[kind][0] for kind in ("status", "country")] == [None, "DE"]
    assert str(named.tags["subject"][0]).startswith("Bakery GmbH")
    assert list(named.tags["status"]) == [None] * len(named.ids)
    by_stage = by_input_tag(named.graph, 0, named.edge_tags["stage"].codes)
    assert float(by_stage.gap[0]) == pytest.approx(0, abs=1e-15)
    assert float(by_stage.rest[0]) == 0
    assert "nothing here has been checked" in named.notes[0]


def test_a_withheld_statement_stays_whole(bakery: Bakery) -> None:
    named = replace(bakery.kept, without_statements=frozenset({bakery.flour_statement})).graph()
    flour = named.ids.index(bakery.flour)
    assert named.tags["status"][flour] == "withheld"
    assert float(named.graph.direct[flour, 0]) == FLOUR
    assert total(named) == pytest.approx(BREAD, rel=1e-14)
    by_status = by_tag(named.graph, 0, named.tags["status"].codes)
    assert by_status.values[0, 0] == pytest.approx(0.52 * FLOUR)


def test_rows_that_are_not_opened_are_one_part(bakery: Bakery) -> None:
    """With the flour's row alone, the rest of bread is withheld, and the total is still the signed one."""
    rows = bakery.kept.source.opened_rows(bakery.bread_statement)
    opened = [row for row in rows if bakery.flour.encode() in row]
    assert len(opened) == 1 < len(rows)
    named = replace(bakery.kept, rows={bakery.bread_statement: opened}).graph()
    rest = named.ids.index(f"rest:{bakery.kept.digest}")
    assert named.tags["status"][rest] == "withheld"
    assert total(named) == pytest.approx(BREAD, rel=1e-14)
    found = by_supplier(named.graph, 0)
    assert dict(zip(found.keys, found.values[:, 0], strict=True))[rest] == pytest.approx(BREAD - 0.52 * FLOUR)


def test_a_passport_that_is_not_at_hand_is_unknown(bakery: Bakery) -> None:
    """Its buyer's copy of its total stands in, under the buyer's name for it."""
    named = replace(bakery.kept, without_passports=frozenset({bakery.flour})).graph()
    flour = named.ids.index(bakery.flour)
    assert named.tags["status"][flour] == "unknown"
    assert total(named, flour) == pytest.approx(FLOUR)
    assert total(named) == pytest.approx(BREAD, rel=1e-14)


def test_no_such_passport(bakery: Bakery) -> None:
    with pytest.raises(NotFoundError, match="no such passport"):
        replace(bakery.kept, without_passports=frozenset({bakery.kept.digest})).graph()


def test_what_has_another_hash_is_not_believed(bakery: Bakery) -> None:
    kept = bakery.kept
    bread = kept.source.passport(kept.digest) or b""
    with pytest.raises(DocumentError, match="a passport that has another hash"):
        replace(kept, passports={bakery.flour: bread}).graph()
    statement = kept.source.statement(bakery.bread_statement) or b""
    with pytest.raises(DocumentError, match="a statement that has another hash"):
        replace(kept, statements={bakery.flour_statement: statement}).graph()
    rows = kept.source.opened_rows(bakery.bread_statement)
    with pytest.raises(DocumentError, match="a row that its statement does not commit to"):
        replace(kept, rows={bakery.flour_statement: rows}).graph()
    with pytest.raises(PassportError):
        replace(kept, passports={bakery.flour: bread[:100]}).graph()


def test_a_tree_beyond_the_bound_is_refused(bakery: Bakery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("passport.exchange.passport_graph.MAX_PASSPORTS", 1)
    with pytest.raises(DocumentError, match="too many passports in one tree"):
        bakery.kept.graph()
