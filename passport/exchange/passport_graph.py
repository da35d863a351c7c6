"""A passport and everything below it as a supply graph, as far as its rows are at hand; nothing is judged here.

One unit of each product is the amount that its footprint is declared for. What nobody opened stays whole and is marked:

| status | what |
|---|---|
| `withheld` | a passport whose statement or rows are not disclosed: only its signed total is known |
| `imported` | a footprint that nobody signed |
| `unknown` | a passport that is not at hand: only its buyer's copy of the total is known |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final, Protocol

from passport.carbon import SupplyGraph
from passport.credentials import read_secured
from passport.credentials.canonical import jcs, parse_canonical
from passport.credentials.disclosure import open_row
from passport.errors import BoundError, NotFoundError, SchemaError
from passport.exchange.named_graph import Column, Labels, NamedGraph
from passport.exchange.pact import read_body
from passport.model import schema
from passport.model.digest import digest_of
from passport.model.facts import PassportFacts, passport_facts

MAX_PASSPORTS: Final = 20_000
"""Passports of one tree that are read."""

WITHHELD, IMPORTED, UNKNOWN = "withheld", "imported", "unknown"
COLUMN: Final = Column("total excluding biogenic uptake", "kg CO2e")

_PASSPORT_KIND: Final = "untp-dpp-0.7.0-reading"
_STATEMENT_KIND: Final = "statement-1.0-issuing"
_ROW_KIND: Final = "row-1.0"


class PassportSource(Protocol):
    """Where documents come from, by digest; None and nothing where they are not at hand."""

    def passport(self, digest: str) -> bytes | None:
        """A signed passport."""
        ...

    def statement(self, digest: str) -> bytes | None:
        """A footprint statement."""
        ...

    def opened_rows(self, statement_digest: str) -> Sequence[bytes]:
        """Its opened rows, as far as they are disclosed."""
        ...

    def imported(self, digest: str) -> bytes | None:
        """An imported footprint."""
        ...


@dataclass(slots=True)
class _Product:
    id: str
    name: str
    unit: str | None = None
    direct: Fraction = Fraction(0)
    status: str | None = None
    country: str | None = None
    subject: str | None = None


@dataclass(slots=True)
class _Gathered:
    """Products and edges as they are found."""

    products: list[_Product] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    suppliers: list[int] = field(default_factory=list)
    consumers: list[int] = field(default_factory=list)
    amounts: list[float] = field(default_factory=list)
    stages: list[str | None] = field(default_factory=list)

    def product(self, product: _Product) -> int:
        """The number of a product, new or known."""
        number = self.numbers.setdefault(product.id, len(self.products))
        if number == len(self.products):
            self.products.append(product)
        return number

    def edge(self, supplier: int, consumer: int, amount: Fraction, stage: str | None) -> None:
        """A use of one product by another."""
        self.suppliers.append(supplier)
        self.consumers.append(consumer)
        self.amounts.append(float(amount))
        self.stages.append(stage)


def read_passport_graph(source: PassportSource, digest: str) -> NamedGraph:
    """Read the tree below a passport; the passport is product 0.

    Args:
        source: Where documents come from; what does not have the hash it is asked for by is not believed.
        digest: Of the passport.

    Raises:
        NotFoundError: The passport itself is not at hand.
        BoundError: More passports than are read.
        DocumentError: A document that is not what its hash or its schema says.
    """
    gathered = _Gathered()
    top = _passport(source, digest)
    if top is None:
        raise NotFoundError("no such passport", where=digest)
    waiting = [(gathered.product(_described(top)), top)]
    while waiting:
        number, facts = waiting.pop()
        for child, child_facts in _expand(source, gathered, number, facts):
            if len(gathered.products) > MAX_PASSPORTS:
                raise BoundError("too many passports in one tree", where=digest, expected=f"at most {MAX_PASSPORTS}")
            waiting.append((child, child_facts))
    products = gathered.products
    graph = SupplyGraph.from_edges(
        gathered.suppliers,
        gathered.consumers,
        gathered.amounts,
        [[float(product.direct)] for product in products],
        columns=[COLUMN.name],
        products=[product.id for product in products],
    )
    return NamedGraph(
        graph=graph,
        ids=[product.id for product in products],
        names=[product.name for product in products],
        units=[product.unit for product in products],
        columns=(COLUMN,),
        source=top.id,
        tags={
            "status": Labels.of(product.status for product in products),
            "country": Labels.of(product.country for product in products),
            "subject": Labels.of(product.subject for product in products),
        },
        edge_tags={"stage": Labels.of(gathered.stages)},
        notes=("as stated by the issuers; nothing here has been checked",),
    )


def _passport(source: PassportSource, digest: str) -> PassportFacts | None:
    body = source.passport(digest)
    if body is None:
        return None
    secured = read_secured(body, canonical=True)
    if secured.doc_hash != digest:
        raise SchemaError("a passport that has another hash", expected=digest, found=secured.doc_hash)
    schema.check(_PASSPORT_KIND, secured.document)
    return passport_facts(secured.document, digest)


def _described(facts: PassportFacts) -> _Product:
    return _Product(
        id=facts.digest,
        name=facts.subject_name,
        unit=f"{facts.upstream.declared_amount} {facts.upstream.declared_unit}",
        country=facts.country,
        subject=f"{facts.issuer_name} ({facts.scheme} {facts.identifier})",
    )


def _expand(
    source: PassportSource, gathered: _Gathered, number: int, facts: PassportFacts
) -> list[tuple[int, PassportFacts]]:
    """Put a passport's rows into the graph; returns the passports that it meets for the first time."""
    product, total = gathered.products[number], Fraction(facts.upstream.footprint.total)
    rows, is_whole = _rows(source, facts)
    if not rows:
        product.direct, product.status = total, WITHHELD
        return []
    found = []
    for row in rows:
        contribution = Fraction(row["contribution"]["total"])
        total -= contribution
        if row["kind"] == "direct":
            product.direct += contribution
        elif row["kind"] == "factor":
            leaf = gathered.product(_factor(row))
            gathered.edge(leaf, number, contribution, row["stage"])
        else:
            child = _child(source, gathered, row)
            share = Fraction(row["upstream"]["total"])
            gathered.edge(child[0], number, contribution / share if share else Fraction(0), row["stage"])
            if child[1] is not None:
                found.append((child[0], child[1]))
    if total or not is_whole:
        status = UNKNOWN if is_whole else WITHHELD
        rest = _Product(f"rest:{facts.digest}", facts.subject_name, COLUMN.unit, Fraction(1), status)
        gathered.edge(gathered.product(rest), number, total, None)
    return found


def _rows(source: PassportSource, facts: PassportFacts) -> tuple[list[dict[str, Any]], bool]:
    """The opened rows of a passport, and whether they are all of them."""
    body = source.statement(facts.statement.digest)
    if body is None:
        return [], False
    if digest_of(body) != facts.statement.digest:
        raise SchemaError("a statement that has another hash", where=facts.id, expected=facts.statement.digest)
    statement = parse_canonical(body)
    schema.check(_STATEMENT_KIND, statement)
    hashes = set(statement["extensions"][0]["data"]["rows"])
    rows = []
    for opened in map(open_row, source.opened_rows(facts.statement.digest)):
        if opened.hash not in hashes:
            raise SchemaError("a row that its statement does not commit to", where=facts.id, found=opened.hash)
        schema.check(_ROW_KIND, opened.row)
        hashes.discard(opened.hash)
        rows.append(opened.row)
    return rows, not hashes


def _factor(row: dict[str, Any]) -> _Product:
    """An emission factor as a product that emits 1 kg CO2e a unit; one factor is one product wherever it is used."""
    factor = row["factor"]
    name = f"{factor['name']}, {factor['geography']}"
    return _Product(f"factor:{digest_of(jcs(factor))}", name, COLUMN.unit, Fraction(1))


def _child(source: PassportSource, gathered: _Gathered, row: dict[str, Any]) -> tuple[int, PassportFacts | None]:
    """The product of a passport row, and its facts if its own rows are still to be read."""
    upstream = row["upstream"]
    known = gathered.numbers.get(upstream["digest"])
    if known is not None:
        return known, None
    unit = f"{upstream['declaredAmount']} {upstream['declaredUnit']}"
    plain = _Product(upstream["digest"], row["name"], unit, Fraction(upstream["total"]))
    if upstream["document"] == "imported":
        body = source.imported(upstream["digest"])
        if body is not None:
            plain.name = read_body(body).product_name
        plain.status = IMPORTED
        return gathered.product(plain), None
    facts = _passport(source, upstream["digest"])
    if facts is None:
        plain.status = UNKNOWN
        return gathered.product(plain), None
    return gathered.product(_described(facts)), facts
