"""Issuing, end to end on a real chain, and every reason not to issue."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from issuer_world import NOW, SECRET, World, bought, direct, inventory

from passport.credentials import (
    Role,
    add_proof,
    jcs,
    key_for,
    open_row,
    parse,
    read_did_document,
    read_secured,
    verify_secured,
)
from passport.errors import ArithmeticRuleError, IssueError, PassportError, UnitError
from passport.exchange.pact import read_footprints
from passport.issuer import order_inventories
from passport.ledger import Address, PassportLogView
from passport.ledger.checkpoint import CheckpointState
from passport.ledger.merkle import root_of_inclusion
from passport.model.digest import digest_of, to_sha256
from passport.model.facts import passport_facts
from passport.model.footprint import UpstreamFacts
from passport.model.inventory import Inventory
from passport.store import DocumentKind
from verifier.checks.completeness import check_completeness
from verifier.outcome import Outcome

FOSSIL = "fossilGhgEmissions"


def facts_of(store: Any, digest: str) -> Any:
    secured = read_secured(store.get_document(DocumentKind.PASSPORT, digest), canonical=True)
    return passport_facts(secured.document, secured.doc_hash)


# --- end to end ------------------------------------------------------------------------------------------------------


def test_two_tiers_from_inventory_to_chain(world: World) -> None:
    """Beans at 2 kg CO2e per kg; butter of 1.5 kg of them and 0.5 of its own: 3.5."""
    product, beans = world.sell()
    accepted: list[UpstreamFacts] = []
    issuer = world.issuer(world.mill, accept=accepted.append)
    butter = issuer.issue(inventory(world.product(), bought(product=product), direct(fossilGhgEmissions="0.5")))
    (checkpoint,) = issuer.anchor()

    assert (beans.total, butter.total, butter.declared) == ("2", "3.5", "1 kilogram")
    assert [facts.digest for facts in accepted] == [beans.digest]
    assert checkpoint.state is CheckpointState.FINAL

    # The rows are what the statement commits to, and the edge pins the beans.
    store = world.mill.store
    statement = parse(store.get_document(DocumentKind.STATEMENT, butter.statement_digest))
    opened = store.rows(butter.statement_digest)
    assert list(opened) == sorted(statement["extensions"][0]["data"]["rows"])
    rows = {open_row(body).row["id"]: open_row(body).row for body in opened.values()}
    assert rows["bought"]["upstream"]["digest"] == beans.digest
    assert rows["bought"]["contribution"]["total"] == "3"
    assert statement["pcf"]["pcfExcludingBiogenicUptake"] == "3.5"
    assert statement["companyIds"] == ["urn:lei:999900NOEULELY000122"]

    # The signature holds under the key that the published DID document gives.
    body = store.get_document(DocumentKind.PASSPORT, butter.digest)
    world.mill.publish()
    document = read_did_document((world.mill.public / "did.json").read_bytes(), did="did:web:mill.example")
    verified = verify_secured(body, partial(key_for, document), canonical=True)
    assert verified.doc_hash == butter.digest == digest_of(jcs(verified.document))
    facts = passport_facts(verified.document, verified.doc_hash)
    assert facts.id == butter.id
    assert facts.id.startswith("https://mill.example/passports/")
    assert facts.statement.digest == butter.statement_digest == digest_of(jcs(statement))
    assert facts.valid_from == int(NOW.timestamp())

    # Its hash stands at its place in the log whose root is on the chain.
    place = facts.place
    assert place.issuer_id == world.mill.place.issuer_id
    log = store.merkle_log(world.mill.log_key, size=checkpoint.size)
    path = log.inclusion_proof(place.leaf_index, checkpoint.size)
    root = root_of_inclusion(to_sha256(butter.digest), place.leaf_index, checkpoint.size, path)
    view = PassportLogView(world.mill.ledger.state(), Address(world.mill.chain.log))
    held = view.checkpoint(place.issuer_id, root)
    assert held is not None
    assert (held.seq, held.size) == (checkpoint.seq, checkpoint.size)


def test_what_is_issued_is_stored_as_our_own(world: World) -> None:
    product, issued = world.sell()
    store = world.beans.store
    for kind, digest, named in (
        (DocumentKind.PASSPORT, issued.digest, issued.id),
        (DocumentKind.STATEMENT, issued.statement_digest, None),
        (DocumentKind.INVENTORY, digest_of(jcs(inventory(product).to_json())), issued.id),
    ):
        (ref,) = store.find_documents(kind, subject_id=product)
        assert (ref.digest, ref.own, ref.issuer_id) == (digest, True, world.beans.place.issuer_id)
        assert named in (None, ref.document_id)


def test_every_passport_has_its_own_ids_and_salts(world: World) -> None:
    """The same numbers twice give nothing that could be linked by its hash."""
    issuer = world.issuer(world.beans)
    one, other = issuer.issue(inventory(world.product())), issuer.issue(inventory(world.product()))
    documents = [
        parse(world.beans.store.get_document(DocumentKind.PASSPORT, each.digest))["credentialSubject"]
        for each in (one, other)
    ]
    salts = {document["characteristics"]["carbonPassport"]["salt"] for document in documents}
    assert len(salts) == 2
    rows = [set(world.beans.store.rows(each.statement_digest)) for each in (one, other)]
    assert rows[0].isdisjoint(rows[1])
    assert one.leaf_index != other.leaf_index


def test_the_newest_passport_of_a_product_is_taken(world: World) -> None:
    product, first = world.sell()
    corrected = inventory(product, direct(fossilGhgEmissions="3"), predecessor=first.id)
    issuer = world.issuer(world.beans)
    second = issuer.issue(corrected)  # in the same second: the later arrival is the newer one
    world.beans.publish()
    world.mill.receive(world.beans.public)
    made = world.issuer(world.mill).issue(inventory(world.product(), bought("1", product=product)))
    assert made.total == "3"
    facts = facts_of(world.mill.store, second.digest)
    assert facts.predecessor is not None
    assert (facts.predecessor.url, facts.predecessor.digest) == (first.id, first.digest)
    statement = parse(world.beans.store.get_document(DocumentKind.STATEMENT, second.statement_digest))
    old = facts_of(world.mill.store, first.digest).statement.url.rpartition("/")[2]
    assert statement["precedingPfIds"] == [old]
    by_digest = inventory(world.product(), bought("1", passport=first.id, digest=first.digest))
    assert world.issuer(world.mill).issue(by_digest).total == "2"


def test_an_issuer_that_makes_its_chain_public_pins_each_upstream_once(world: World) -> None:
    product, beans = world.sell()
    twice = [bought("1", product=product), bought("2", product=product) | {"id": "again"}]
    made = world.issuer(world.mill).issue(inventory(world.product(), *twice, upstreamPublic=True))
    facts = facts_of(world.mill.store, made.digest)
    assert [(pin.url, pin.digest) for pin in facts.upstream_pins] == [(beans.id, beans.digest)]
    quiet = world.issuer(world.mill).issue(inventory(world.product(), *twice))
    assert facts_of(world.mill.store, quiet.digest).upstream_pins == ()


def test_several_inventories_are_issued_in_the_order_they_need(world: World) -> None:
    bottom, middle, top = world.product(), world.product(), world.product()
    inventories = [
        inventory(top, bought("2", product=middle)),
        inventory(middle, bought("3", product=bottom), direct(fossilGhgEmissions="1")),
        inventory(bottom),
    ]
    seen: list[str] = []
    issued = world.issuer(world.beans).issue_all(inventories, progress=lambda each: seen.append(each.total))
    assert [each.total for each in issued] == seen == ["2", "7", "14"]


# --- imports ---------------------------------------------------------------------------------------------------------

IMPORT: dict[str, Any] = {
    "id": "f4b1225a-bd44-4c8e-861d-079e4e1dfd69",
    "specVersion": "3.0.0",
    "created": "2026-03-01T00:00:00Z",
    "status": "Active",
    "companyName": "Example Mills",
    "companyIds": ["urn:lei:5493001KJTIIGC8Y1R12"],
    "productDescription": "",
    "productIds": ["urn:gtin:4712345060507"],
    "productNameCompany": "Steel coil",
    "validityPeriodStart": "2026-03-01T00:00:00Z",
    "validityPeriodEnd": "2026-12-01T00:00:00Z",
    "pcf": {
        "declaredUnitOfMeasurement": "kilogram",
        "declaredUnitAmount": "1",
        "productMassPerDeclaredUnit": "1",
        "referencePeriodStart": "2025-01-01T00:00:00Z",
        "referencePeriodEnd": "2026-01-01T00:00:00Z",
        "geographyCountry": "FR",
        "pcfExcludingBiogenicUptake": "2.1",
        "pcfIncludingBiogenicUptake": "2.1",
        "fossilGhgEmissions": "1.7",
        "fossilCarbonContent": "0",
        "ipccCharacterizationFactors": ["AR6"],
        "crossSectoralStandards": ["ISO14067"],
        "exemptedEmissionsPercent": "0",
        "primaryDataShare": "33.3333333333",
    },
}


def take_import(world: World, name: str, **pcf: str) -> str:
    """Stores somebody's footprint as it is stored; returns its product's id."""
    document = IMPORT | {"productIds": [f"urn:gtin:{name}"], "pcf": IMPORT["pcf"] | pcf}
    (footprint,) = read_footprints(json.dumps(document).encode())
    product = footprint.product_ids[0]
    world.mill.store.put_document(
        DocumentKind.IMPORTED,
        footprint.digest,
        footprint.body,
        document_id=f"urn:uuid:{footprint.id}",
        subject_id=product,
    )
    return product


def test_an_imported_footprint_is_built_on_with_its_gap(world: World) -> None:
    """2 kg of it: 4.2, of which 0.8 nobody attributes; fossil takes it over."""
    product = take_import(world, "100")
    made = world.issuer(world.mill).issue(inventory(world.product(), bought("2", product=product)))
    footprint = facts_of(world.mill.store, made.digest).upstream.footprint
    assert footprint.components == {FOSSIL: "4.2"}
    assert (footprint.total, footprint.unattributed, footprint.primary_data_share) == ("4.2", "0.8", "33.333333")


def test_an_imported_footprint_that_contradicts_itself_is_not(world: World) -> None:
    product = take_import(world, "101", fossilGhgEmissions="3")
    with pytest.raises(
        IssueError, match=r"input bought: the imported footprint cannot be built on: .* exceed the total"
    ):
        world.issuer(world.mill).issue(inventory(world.product(), bought("2", product=product)))


def test_an_imported_footprint_expires(world: World) -> None:
    product = take_import(world, "102")
    with (
        world.clock.at(datetime(2026, 12, 2, tzinfo=UTC)),
        pytest.raises(IssueError, match=r"input bought: the upstream passport has expired; found urn:uuid:f4b1225a"),
    ):
        world.issuer(world.mill).issue(inventory(world.product(), bought("2", product=product)))


# --- reasons not to issue --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Refusal:
    """What is asked for and what is said to it."""

    ask: Callable[[World], Inventory]
    words: str
    error: type[PassportError] = IssueError


def other_digest(world: World) -> Inventory:
    _, issued = world.sell()
    wrong = digest_of(b"another")
    return inventory(world.product(), bought(passport=issued.id, digest=wrong))


def own_product(world: World) -> Inventory:
    product = world.product()
    return inventory(product, bought(product=product))


def upstream_of(world: World, entry: dict[str, Any] | None = None, **changes: Any) -> Inventory:
    """Builds on a product whose inventory was changed so."""
    product = world.product()
    issuer = world.issuer(world.mill)
    issuer.issue(inventory(product, **changes))
    return inventory(world.product(), (entry or bought()) | {"product": product})


def captured(world: World) -> Inventory:
    emissions = direct(fossilGhgEmissions="2", technologicalCO2Removals="-1")
    product = world.product()
    world.issuer(world.mill).issue(inventory(product, emissions, ccsTechnologicalCO2CaptureIncluded=True))
    return inventory(world.product(), bought(product=product))


def again(world: World) -> Inventory:
    product = world.product()
    world.issuer(world.mill).issue(inventory(product))
    return inventory(product)


REFUSALS: dict[str, Refusal] = {
    "the product lists itself": Refusal(
        own_product, r"input bought: the product lists itself \(hint: solve loops inside one inventory\)"
    ),
    "nobody has the upstream product": Refusal(
        lambda world: inventory(world.product(), bought(product="https://nobody.example/1")),
        r"input bought: the upstream passport is not in the store; found https://nobody\.example/1 \(hint: receive it",
    ),
    "nobody has the upstream passport": Refusal(
        lambda world: inventory(world.product(), bought(passport="urn:uuid:0")),
        "input bought: the upstream passport is not in the store; found urn:uuid:0",
    ),
    "another digest": Refusal(
        other_digest,
        rf"input bought: the upstream passport is another; expected {digest_of(b'another')}; found uEi",
    ),
    "other warming potentials": Refusal(
        lambda world: upstream_of(world, gwp=["AR5"]),
        "input bought: the upstream uses another set of global warming potentials; expected AR6; found AR5",
    ),
    "packaging though not included": Refusal(
        lambda world: inventory(world.product(), direct(fossilGhgEmissions="2", packagingGhgEmissions="1")),
        "packagingEmissionsIncluded: an input states packagingGhgEmissions; expected true; found false",
    ),
    "captured carbon though not included": Refusal(
        lambda world: inventory(world.product(), direct(fossilGhgEmissions="2", ccsTechnologicalCO2Capture="-1")),
        "ccsTechnologicalCO2CaptureIncluded: an input states ccsTechnologicalCO2Capture; expected true; found false",
    ),
    "a supplier's removals though not included": Refusal(
        captured, "ccsTechnologicalCO2CaptureIncluded: an input states technologicalCO2Removals"
    ),
    "the period is not over": Refusal(
        lambda world: inventory(
            world.product(), period={"start": "2026-01-01T00:00:00Z", "end": "2026-11-22T10:00:01Z"}
        ),
        r"the reference period is not over; expected an end before 2026-11-22T10:00:00.*; found 2026-11-22T10:00:01",
    ),
    "the period is too old": Refusal(
        lambda world: inventory(
            world.product(), period={"start": "2023-01-01T00:00:00Z", "end": "2023-11-22T10:00:00Z"}
        ),
        "the reference period is more than three years old; found 2023-11-22T10:00:00",
    ),
    "the predecessor is unknown": Refusal(
        lambda world: inventory(world.product(), predecessor="urn:uuid:0"),
        "the predecessor is not one of our passports; found urn:uuid:0",
    ),
    "the predecessor is somebody else's": Refusal(
        lambda world: inventory(world.product(), predecessor=world.sell()[1].id),
        r"the predecessor is not one of our passports; found https://beans\.example/passports/",
    ),
    "issued before": Refusal(
        again,
        r"this inventory has been issued already; found https://mill\.example/passports/.* name it as `predecessor`",
    ),
    "units that do not convert": Refusal(
        lambda world: upstream_of(world, bought(unit="liter")),
        "row bought: liter does not convert to kilogram",
        UnitError,
    ),
    "too little to be told": Refusal(
        lambda world: inventory(
            world.product(), direct(fossilGhgEmissions="0.0000000001") | {"per": "period"}, coveredQuantity="3"
        ),
        "row own: the contribution keeps fewer than six significant digits; .* choose a larger declared amount",
        ArithmeticRuleError,
    ),
}


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
def test_each_reason_not_to_issue_is_named_and_leaves_nothing(world: World, refusal: Refusal) -> None:
    asked = refusal.ask(world)
    store = world.mill.store
    before = len(store.find_documents(DocumentKind.STATEMENT, limit=10_000))
    leaves = len(store.open_leaves(world.mill.log_key))
    with pytest.raises(refusal.error, match=refusal.words):
        world.issuer(world.mill).issue(asked)
    assert len(store.find_documents(DocumentKind.STATEMENT, limit=10_000)) == before
    assert len(store.open_leaves(world.mill.log_key)) == leaves


def test_a_period_may_end_at_this_very_moment_and_be_three_years_old_less_a_second(world: World) -> None:
    issuer = world.issuer(world.mill)
    ends = ["2026-11-22T10:00:00Z", "2023-11-22T10:00:01Z"]
    for end in ends:
        issued = issuer.issue(inventory(world.product(), period={"start": "2022-01-01T00:00:00Z", "end": end}))
        assert issued.total == "2"


def test_an_expired_passport_is_not_built_on(world: World) -> None:
    """It ends three years after its period: good at that second, not one later."""
    product, issued = world.sell(period={"start": "2023-01-01T00:00:00Z", "end": "2023-12-01T00:00:00Z"})
    with world.clock.at(datetime(2026, 12, 1, tzinfo=UTC)):
        world.issuer(world.mill).issue(inventory(world.product(), bought(product=product)))
    with (
        world.clock.at(datetime(2026, 12, 1, 0, 0, 1, tzinfo=UTC)),
        pytest.raises(
            IssueError, match=f"input bought: the upstream passport has expired; found {re.escape(issued.id)}"
        ),
    ):
        world.issuer(world.mill).issue(inventory(world.product(), bought(product=product)))


def test_what_accept_refuses_is_not_built_on(world: World) -> None:
    product, issued = world.sell()

    def refuse(upstream: UpstreamFacts) -> None:
        raise IssueError("we do not buy from them", where=upstream.id)

    with pytest.raises(IssueError, match=f"{re.escape(issued.id)}: we do not buy from them"):
        world.issuer(world.mill, accept=refuse).issue(inventory(world.product(), bought(product=product)))


def test_nobody_slips_another_supplier_under_a_product(world: World) -> None:
    """The rival claims the growers' product with half the footprint: which one is meant has to be said."""
    product, beans = world.sell()
    rival = world.issuer(world.rival).issue(inventory(product, direct(fossilGhgEmissions="1")))
    world.rival.publish()
    world.mill.receive(world.rival.public)
    issuer = world.issuer(world.mill)
    words = (
        "input bought: more than one issuer has passports of this product; found 0x.*, 0x.* name the one you buy from"
    )
    with pytest.raises(IssueError, match=words):
        issuer.issue(inventory(world.product(), bought("1", product=product)))
    for issued, total in ((beans, "2"), (rival, "1")):
        assert issuer.issue(inventory(world.product(), bought("1", passport=issued.id))).total == total


def test_two_passports_of_one_id_are_not_chosen_between(world: World) -> None:
    _, beans = world.sell()
    store = world.mill.store
    secured = read_secured(store.get_document(DocumentKind.PASSPORT, beans.digest), canonical=True)
    document = secured.document | {"name": "Digital product passport: Other"}
    keys = world.rival.keys()
    forged = add_proof(document, keys.open_signer(keys.active(Role.CREDENTIAL), SECRET), NOW)
    digest = read_secured(forged, canonical=True).doc_hash
    store.put_document(
        DocumentKind.PASSPORT, digest, forged, document_id=beans.id, issuer_id=world.beans.place.issuer_id
    )
    with pytest.raises(IssueError, match=rf"two different passports have this id; found {beans.digest}, {digest}"):
        world.issuer(world.mill).issue(inventory(world.product(), bought("1", passport=beans.id)))
    pinned = inventory(world.product(), bought("1", passport=beans.id, digest=beans.digest))
    assert world.issuer(world.mill).issue(pinned).total == "2"


# --- order -----------------------------------------------------------------------------------------------------------


def chain_of(length: int) -> list[Inventory]:
    """Each product builds on the one before."""
    first = inventory("https://chain.example/0")
    made = [first]
    for number in range(1, length):
        (entry,) = inventory("https://chain.example/x", bought(product=f"https://chain.example/{number - 1}")).inputs
        product = first.product.model_copy(update={"id": f"https://chain.example/{number}"})
        made.append(first.model_copy(update={"product": product, "inputs": (entry,)}))
    return made


def test_a_chain_of_five_thousand_is_ordered_without_recursion() -> None:
    chain = chain_of(5000)
    shuffled = random.Random(7).sample(chain, len(chain))
    assert order_inventories(shuffled) == chain
    assert order_inventories(chain[::-1]) == chain


def test_order_is_kept_where_nothing_asks_for_another() -> None:
    apart = [inventory(f"https://apart.example/{number}") for number in range(5)]
    assert order_inventories(apart) == apart
    assert order_inventories([]) == []


def test_a_diamond_comes_out_once() -> None:
    def on(name: str, *below: str) -> Inventory:
        entries = [bought(product=f"https://d.example/{each}") | {"id": each} for each in below]
        return inventory(f"https://d.example/{name}", *entries)

    top, left, right, bottom = on("top", "left", "right"), on("left", "bottom"), on("right", "bottom"), on("bottom")
    assert order_inventories([top, right, left, bottom]) == [bottom, left, right, top]


@pytest.mark.parametrize("length", [1, 2, 3, 5000])
def test_a_cycle_is_named(length: int) -> None:
    chain = chain_of(length)
    (entry,) = inventory("https://c.example/x", bought(product=f"https://chain.example/{length - 1}")).inputs
    chain[0] = chain[0].model_copy(update={"inputs": (entry,)})
    with pytest.raises(IssueError, match="passports cannot build on each other in a circle") as caught:
        order_inventories(chain)
    named = str(caught.value.found).split(" -> ")
    assert named[0] == named[-1]
    assert len(named) == length + 1
    assert set(named) == {each.product.id for each in chain}


def test_two_inventories_for_one_product_are_refused() -> None:
    twice = [inventory("https://twice.example/1"), inventory("https://twice.example/1", direct(fossilGhgEmissions="3"))]
    with pytest.raises(IssueError, match=r"https://twice\.example/1: two inventories for one product"):
        order_inventories(twice)


def test_a_second_current_passport_for_one_product_and_period_is_refused(world: World) -> None:
    """A changed inventory must name what it replaces; then it is issued, and only the newest can be replaced."""
    issuer, product = world.issuer(world.beans), world.product()
    first = issuer.issue(inventory(product, direct(fossilGhgEmissions="1.5")))
    changed = inventory(product, direct(fossilGhgEmissions="1.25"))
    with pytest.raises(IssueError, match="there is a current passport for this product already, and their p") as caught:
        issuer.issue(changed)
    assert caught.value.found == first.id
    second = issuer.issue(changed.model_copy(update={"predecessor": first.id}))
    third = inventory(product, direct(fossilGhgEmissions="1"), predecessor=first.id)
    with pytest.raises(IssueError, match="there is a current passport for this product already, and their p") as caught:
        issuer.issue(third)
    assert caught.value.found == second.id


BEYOND = {"start": "2026-01-01T00:00:00Z", "end": "2026-06-01T00:00:00Z"}
SHIFTED = {"start": "2024-12-31T23:59:59Z", "end": "2025-12-31T23:59:59Z"}


@pytest.mark.parametrize(
    ("other", "is_refused"),
    [({"period": SHIFTED}, True), ({"period": BEYOND}, False)],
    ids=["a period shifted by a second", "the time after"],
)
def test_a_passport_for_an_overlapping_period_is_refused(world: World, other: dict[str, Any], is_refused: bool) -> None:
    """What every audit would report as two current passports is not issued."""
    issuer, product = world.issuer(world.beans), world.product()
    first = issuer.issue(inventory(product))
    second = inventory(product, direct(fossilGhgEmissions="1.25"), **other)
    if is_refused:
        with pytest.raises(IssueError, match="their periods overlap") as caught:
            issuer.issue(second)
        assert caught.value.found == first.id
        second = second.model_copy(update={"predecessor": first.id})
    assert issuer.issue(second).id != first.id


AT_MOST_THREE = {"percent": "3", "reason": "Small inputs"}


def test_what_no_audit_would_pass_for_its_exemptions_is_not_issued(world: World) -> None:
    """Three percent in all, what the upstream exempts included: a hair more fails `completeness` everywhere."""
    issuer = world.issuer(world.beans)
    issued = issuer.issue(inventory(world.product(), exempted=AT_MOST_THREE))
    facts = facts_of(world.beans.store, issued.digest)
    assert facts.upstream.footprint.exempted_percent == "3"
    assert check_completeness(facts, is_open=True, withheld_rows=0).outcome is Outcome.PASSED
    with pytest.raises(IssueError, match=r"exempted\.percent: more is exempted than PACT allows") as caught:
        issuer.issue(inventory(world.product(), exempted=AT_MOST_THREE | {"percent": "3.000001"}))
    assert caught.value.found == "3.000001 % (3.000001 % of it our own)"


def test_what_the_upstream_exempts_counts_too(world: World) -> None:
    """Half of the product rests on an upstream that exempts three percent; two of one's own are too much then."""
    product, _ = world.sell(exempted=AT_MOST_THREE)
    mill = world.issuer(world.mill)
    world.mill.receive(world.beans.public)
    for own, is_refused in (("1.5", False), ("1.6", True)):
        entry = inventory(
            world.product(),
            direct(fossilGhgEmissions="2"),
            bought("1", product=product),
            exempted={"percent": own, "reason": "Small inputs"},
        )
        if not is_refused:
            mill.issue(entry)
            continue
        with pytest.raises(IssueError, match="more is exempted than PACT allows") as caught:
            mill.issue(entry)
        assert str(caught.value.found).endswith(f"({own} % of it our own)")


OF_WHICH: dict[str, tuple[dict[str, str], str | None]] = {
    "as much as the whole": ({"fossilGhgEmissions": "2", "aircraftGhgEmissions": "2"}, None),
    "more than what was emitted": ({"fossilGhgEmissions": "2", "aircraftGhgEmissions": "2.1"}, "aircraftGhgEmissions"),
    "more than its fossil part": (
        {"fossilGhgEmissions": "1", "biogenicNonCO2Emissions": "4", "landManagementFossilGhgEmissions": "2"},
        "landManagementFossilGhgEmissions",
    ),
    "removals make no room": (
        {
            "fossilGhgEmissions": "3",
            "landManagementBiogenicCO2Removals": "-2",
            "aircraftGhgEmissions": "3",
        },
        None,
    ),
}


@pytest.mark.parametrize(("emissions", "field"), OF_WHICH.values(), ids=OF_WHICH.keys())
def test_a_part_above_its_whole_is_not_issued(world: World, emissions: dict[str, str], field: str | None) -> None:
    """What `arithmetic` fails at every audit; the boundary itself is issued."""
    issuer = world.issuer(world.beans)
    entry = inventory(world.product(), direct(**emissions))
    if field is None:
        assert issuer.issue(entry).total
        return
    with pytest.raises(IssueError, match=f"{field} exceeds what it is part of"):
        issuer.issue(entry)
