"""A certificate is spent once over all inventories of an issuer; who still supplies gives nothing back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from accounting_inventories import certificate, power, statement_of
from issuer_world import World, bought, inventory

from passport.carbon.electricity import instrument_key
from passport.errors import IssueError
from passport.issuer.succession import still_supplies
from passport.store import DocumentKind, Store


def test_a_certificate_is_spent_once_over_all_inventories(world: World) -> None:
    issuer = world.issuer(world.mill)
    one = issuer.issue(inventory(world.product(), power(700, certificate(700, "once"))))
    data = statement_of(world.mill, one)["extensions"][0]["data"]
    assert data["electricity"]["marketBased"] == "0.007"
    product = world.product()
    with pytest.raises(IssueError, match="eecs/go-once: the instrument is spent") as raised:
        issuer.issue(inventory(product, power(301, certificate(301, "ONCE"))))
    assert raised.value.expected == "at most 300 kWh of 1000"
    assert raised.value.found == f"301 kWh, spent by {one.id}"
    assert world.mill.store.find_documents(DocumentKind.PASSPORT, subject_id=product) == []
    issuer.issue(inventory(product, power(300, certificate(300, "once"))))


def test_stating_more_for_a_certificate_gains_nothing(world: World) -> None:
    issuer = world.issuer(world.mill)
    issuer.issue(inventory(world.product(), power(700, certificate(700, "more"))))
    with pytest.raises(IssueError, match="the instrument was stated with another quantity"):
        issuer.issue(inventory(world.product(), power(700, certificate(700, "more", issuedQuantity=9000))))


def test_a_successor_takes_over_what_its_predecessor_spent(world: World) -> None:
    issuer = world.issuer(world.mill)
    product = world.product()
    first = issuer.issue(inventory(product, power(900, certificate(900, "again"))))
    second = issuer.issue(inventory(product, power(950, certificate(950, "again")), predecessor=first.id))
    key = instrument_key("EECS", "GO-again")
    assert [(use.by, use.spent_kwh) for use in world.mill.store.uses_of(key)] == [(second.id, 950)]


def test_a_predecessor_that_still_supplies_gives_nothing_back_for_other_goods(world: World) -> None:
    """The flour of the first version, with 900 kWh, is in somebody's bread: the second spends 300 for the same."""
    issuer = world.issuer(world.mill)
    product, bread = world.product(), world.product()
    first = issuer.issue(inventory(product, power(900, certificate(900, "held"))))
    bought_from_it = issuer.issue(inventory(bread, bought(passport=first.id), upstreamPublic=True))
    second = issuer.issue(inventory(product, power(300, certificate(300, "held")), predecessor=first.id))
    key = instrument_key("EECS", "GO-held")
    assert [(use.by, use.spent_kwh) for use in world.mill.store.uses_of(key)] == [(first.id, 600), (second.id, 300)]
    with pytest.raises(IssueError, match="the instrument is spent") as raised:
        issuer.issue(inventory(world.product(), power(101, certificate(101, "held"))))
    assert raised.value.expected == "at most 100 kWh of 1000"
    assert still_supplies(world.mill.store, first.digest)
    assert not still_supplies(world.mill.store, second.digest)
    assert not still_supplies(world.mill.store, bought_from_it.digest)


def test_a_pin_in_public_shows_who_is_still_supplied(world: World, tmp_path: Path) -> None:
    """Of somebody else only the passports are at hand: a pin below counts, the link to what is replaced does not."""
    issuer = world.issuer(world.mill)
    product = world.product()
    first = issuer.issue(inventory(product))
    second = issuer.issue(inventory(product, predecessor=first.id))
    built = issuer.issue(inventory(world.product(), bought(passport=second.id), upstreamPublic=True))
    with Store.open(tmp_path / "theirs.db") as store:
        for issued in (second, built):
            body = world.mill.store.get_document(DocumentKind.PASSPORT, issued.digest)
            store.put_document(DocumentKind.PASSPORT, issued.digest, body, document_id=issued.id)
        assert not still_supplies(store, first.digest)
        assert still_supplies(store, second.digest)


@pytest.mark.parametrize(
    "other_goods",
    [
        {"period": {"start": "2024-01-01T00:00:00Z", "end": "2025-01-01T00:00:00Z"}},
        {"facility": {"id": "https://id.example/414/elsewhere", "name": "Another plant"}},
    ],
    ids=["another period", "another plant"],
)
def test_a_predecessor_of_other_goods_gives_nothing_back(world: World, other_goods: dict[str, Any]) -> None:
    issuer = world.issuer(world.mill)
    product = world.product()
    number = f"goods-{next(iter(other_goods))}"
    first = issuer.issue(inventory(product, power(900, certificate(900, number))))
    with pytest.raises(IssueError, match="the instrument is spent; expected at most 100 kWh of 1000"):
        issuer.issue(
            inventory(
                product,
                power(
                    101,
                    certificate(101, number, period={"start": "2024-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"}),
                ),
                predecessor=first.id,
                **other_goods,
            )
        )
