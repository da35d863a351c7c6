"""`arithmetic` and `completeness`: sums that do not hold, laundered remainders, and what is left out or withheld.

Every cheat here is complete: whatever the issuer can make agree with the lie agrees with it, signed and anchored.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from forge import Draft, draft_of
from judged import node, only_failure, row
from verifier_world import World

from passport.credentials import parse_canonical, row_document
from verifier.outcome import Outcome
from verifier.report import Report

Change = Callable[[Draft], None]


def _audit(world: World, product: str, change: Change) -> Report:
    draft = draft_of(world, product)
    change(draft)
    forged = draft.publish()
    return world.audit(forged.digest, forged.source)


def _row(name: str, **changes: object) -> Change:
    """Change a row, leave its contribution and every sum as they were."""

    def change(draft: Draft) -> None:
        draft.row(name).update(changes)

    return change


def _claimed(name: str, **contribution: object) -> Change:
    """Claim another contribution of one row, and add up everything from what is claimed."""

    def change(draft: Draft) -> None:
        draft.row(name)["contribution"].update(contribution)
        draft.settle()

    return change


def _copied(name: str, **facts: object) -> Change:
    """Change the buyer's copy of a supplier's facts, re-do the row and the sum over it."""

    def change(draft: Draft) -> None:
        draft.row(name)["upstream"].update(facts)
        draft.recompute()
        draft.settle()

    return change


def _stated(**facts: object) -> Change:
    """State other totals in every place; the rows stay."""
    return lambda draft: draft.state_everywhere(**facts)


def _quantity_adapted(draft: Draft) -> None:
    """Half the quantity with the right contribution of that half, and the old sums: the rows do not add up to them."""
    draft.row("housing")["quantity"] = "4"
    draft.recompute("housing")


def _uptake_as_reduction(draft: Draft) -> None:
    draft.row("welding")["emissions"]["biogenicCO2Uptake"] = "-5"
    draft.recompute("welding")
    draft.settle()
    total = draft.stated["total"]
    draft.state_everywhere(total=draft.stated["totalIncludingUptake"], totalIncludingUptake=total)


def _mixed_gwp(draft: Draft) -> None:
    draft.row("metal")["upstream"]["gwp"] = ["AR5"]


def _lower_total(draft: Draft) -> None:
    draft.row("cable")["upstream"]["total"] = "1"


def _too_small(draft: Draft) -> None:
    """One part in a billion of a declared unit: the contribution keeps no six digits."""
    row = draft.row("welding")
    row["per"] = "period"
    row["emissions"] = {"fossilGhgEmissions": "0.00000000000001"}
    draft.stated["coveredQuantity"]["amount"] = "3"
    draft.row("gas")["emissions"] = {"fossilGhgEmissions": "3.6"}
    row["contribution"] = {"components": {"fossilGhgEmissions": "0.000000000000003"}, "total": "0.000000000000003"} | {
        "unattributed": "0"
    }
    draft.recompute("gas")
    draft.settle()


def _removal_as_emission(draft: Draft) -> None:
    draft.row("welding")["emissions"] = {"fossilGhgEmissions": "-1"}


WRONG: dict[str, tuple[str, Change, str, str | None, str | None]] = {
    # what, (product, change, reason, expected, found)
    "a quantity, nothing else": (
        "pack",
        _row("metal", quantity="0.5"),
        "row metal: quantity x footprint does not give the contribution (components, total)",
        "10.51750042625 kg CO2e",
        "21.0350008525 kg CO2e",
    ),
    "a quantity with its contribution": (
        "pack",
        _quantity_adapted,
        "the rows do not add up to the stated total",
        "122.505504731375",
        "213.358758311875",
    ),
    "a contribution, with sums to match": (
        "pack",
        _claimed("gas", components={"fossilGhgEmissions": "0.2"}, total="0.2"),
        "row gas: quantity x footprint does not give the contribution (components, total)",
        "1.2 kg CO2e",
        "0.2 kg CO2e",
    ),
    "a component moved to another": (
        "pack",
        _claimed(
            "welding",
            components={"fossilGhgEmissions": "1", "landUseChangeGhgEmissions": "1"},
        ),
        "row welding: quantity x footprint does not give the contribution (components)",
        "2 kg CO2e",
        "2 kg CO2e",
    ),
    "a total lowered in every place": (
        "pack",
        lambda draft: draft.state_everywhere(
            total="200",
            totalIncludingUptake="197.5625",
            components=draft.stated["components"] | {"fossilGhgEmissions": "185.021249975625"},
        ),
        "the rows do not add up to the stated total",
        "213.358758311875",
        "200",
    ),
    "a total that its components do not give": (
        "pack",
        _stated(total="200", totalIncludingUptake="197.5625"),
        "the components do not add up to the total",
        "213.358758311875 kg CO2e",
        "200 kg CO2e",
    ),
    "a total that its components do not give, withheld": (
        "cable",
        _stated(total="1", totalIncludingUptake="0.825"),
        "the components do not add up to the total",
        "14.83450059675 kg CO2e",
        "1 kg CO2e",
    ),
    "uptake taken off the total": (
        "pack",
        _uptake_as_reduction,
        "the components do not add up to the total",
        "213.358758311875 kg CO2e",
        "205.921258311875 kg CO2e",
    ),
    "a total including uptake of its own": (
        "pack",
        _stated(totalIncludingUptake="100"),
        "total and uptake do not add up",
        "210.921258311875 kg CO2e",
        "100 kg CO2e",
    ),
    "the unattributed part laundered in the sum": (
        "pack",
        _stated(unattributed="0"),
        "the rows do not add up to the stated unattributed",
        "0.03",
        "0",
    ),
    "the unattributed part laundered in the row": (
        "pack",
        _claimed("housing", unattributed="0"),
        "row housing: quantity x footprint does not give the contribution (unattributed)",
        "181.706507161 kg CO2e",
        "181.706507161 kg CO2e",
    ),
    "more unattributed than there is": (
        "cable",
        _stated(unattributed="13.8"),
        "unattributed exceeds what it is part of",
        "at most 13.760000595 kg CO2e",
        "13.8 kg CO2e",
    ),
    "an of-which field above its whole": (
        "cable",
        lambda draft: draft.state_everywhere(
            components=draft.stated["components"] | {"landManagementFossilGhgEmissions": "20"}
        ),
        "landManagementFossilGhgEmissions exceeds what it is part of",
        "at most 13.760000595 kg CO2e",
        "20 kg CO2e",
    ),
    "aircraft above everything emitted": (
        "cable",
        lambda draft: draft.state_everywhere(components=draft.stated["components"] | {"aircraftGhgEmissions": "15"}),
        "aircraftGhgEmissions exceeds what it is part of",
        "at most 14.83450059675 kg CO2e",
        "15 kg CO2e",
    ),
    "a primary data share": (
        "pack",
        _stated(primaryDataShare="99"),
        "the rows do not give the stated primary data share",
        "42.688663",
        "99",
    ),
    "no primary data share": (
        "pack",
        _stated(primaryDataShare=None),
        "the rows do not give the stated primary data share",
        "42.688663",
        None,
    ),
    "data quality ratings": (
        "pack",
        _stated(dataQuality={"technological": "1", "geographical": "1", "temporal": "1"}),
        "the rows do not give the stated data quality",
        "{'technological': '5', 'geographical': '5', 'temporal': '5'}",
        "{'geographical': '1', 'technological': '1', 'temporal': '1'}",
    ),
    "what was exempted upstream": (
        "pack",
        _stated(exemptedPercent="0"),
        "the rows do not give the stated exempted percent",
        "0.345",
        "0",
    ),
    "what was exempted here": (
        "pack",
        lambda draft: draft.data.update(ownExemptedPercent="1"),
        "the rows do not give the stated exempted percent",
        "1.34155",
        "0.345",
    ),
    "everything exempted": (
        "pack",
        lambda draft: draft.data.update(ownExemptedPercent="500"),
        "exempted percent outside 0 to 100; expected 0 <= p < 100; found 500.0",
        "0 <= p < 100",
        "500.0",
    ),
    "a mixture of GWP sets": (
        "pack",
        _mixed_gwp,
        "row metal mixes sets of global warming potentials",
        "AR6",
        "AR5",
    ),
    "fewer than six digits": (
        "pack",
        _too_small,
        "row welding: the contribution keeps fewer than six significant digits",
        "at least 1e-10 kg CO2e, or an amount that is exact",
        "3e-15",
    ),
    "an emission with the sign of a removal": (
        "pack",
        _removal_as_emission,
        "$.emissions.fossilGhgEmissions",
        None,
        None,
    ),
    "units of different dimensions": (
        "pack",
        _row("cable", unit="kilowatt hour"),
        "row cable: kilowatt hour does not convert to kilogram",
        "a unit of mass",
        "kilowatt hour (energy)",
    ),
    "a copied total that its components do not give": (
        "pack",
        _lower_total,
        "row cable: the upstream's components do not add up to its total",
        "14.83450059675 kg CO2e",
        "1 kg CO2e",
    ),
    "two rows under one id": (
        "pack",
        lambda draft: draft.row("gas").update(id="welding"),
        "two rows go by one id; found welding",
        None,
        "welding",
    ),
}


@pytest.mark.parametrize(("product", "change", "reason", "expected", "found"), WRONG.values(), ids=WRONG.keys())
def test_a_sum_that_does_not_hold(
    world: World, product: str, change: Change, reason: str, expected: str | None, found: str | None
) -> None:
    """Found as arithmetic at that node, with what it should be; a copy that differs is the buyer's disagreement too."""
    draft = draft_of(world, product)
    change(draft)
    draft.is_withheld = product == "cable"
    forged = draft.publish()
    report = world.audit(forged.digest, forged.source)
    failed = row(report, product, "arithmetic")
    assert failed.outcome is Outcome.FAILED, failed
    assert str(failed.reason).startswith(reason), failed.reason
    if expected is not None:
        assert failed.expected == expected
        assert failed.found == found
    assert report.verdict == "failed"
    assert node(report, product).is_recomputed is False
    allowed = {"arithmetic"} | ({"agreement"} if change in (_mixed_gwp, _lower_total) else set())
    assert {str(c.id) for c in node(report, product).ordered() if c.outcome is Outcome.FAILED} == allowed


def _greener_copy(draft: Draft) -> None:
    """Ten kilograms less fossil emissions of the cable, and the total to match."""
    upstream = draft.row("cable")["upstream"]
    upstream["components"]["fossilGhgEmissions"] = "3.760000595"
    upstream["total"] = "4.83450059675"
    draft.recompute()
    draft.settle()


@pytest.mark.parametrize(("share", "outcome"), [(None, Outcome.PASSED), ("100", Outcome.FAILED)])
def test_a_product_without_emissions(world: World, share: str | None, outcome: Outcome) -> None:
    """Nothing to take a share of: none is stated."""
    draft = draft_of(world, "ore")
    for name in ("diesel", "clearing"):
        draft.row(name)["emissions"] = {"fossilGhgEmissions": "0"}
    draft.data["ownExemptedPercent"] = "0"
    draft.recompute()
    draft.settle()
    assert "primaryDataShare" not in draft.stated
    draft.state_everywhere(primaryDataShare=share)
    forged = draft.publish()
    report = world.audit(forged.digest, forged.source)
    assert row(report, "ore", "arithmetic").outcome is outcome
    assert report.verdict == ("passed" if share is None else "failed")
    if share is None:
        assert report.coverage.recomputed == 1


COPIES: dict[str, Change] = {
    "components": _greener_copy,
    "unattributed": _copied("housing", unattributed="0"),
    "mass": _copied("housing", massPerDeclaredUnit="400"),
    "declared amount": _copied("cable", declaredAmount="100"),
    "primary data share": _copied("cable", primaryDataShare="100"),
    "data quality": _copied("cable", dataQuality={"technological": "1", "geographical": "1", "temporal": "1"}),
    "exempted percent": _copied("cable", exemptedPercent="0"),
    "subject": _copied("cable", subjectId="https://id.example/01/greener"),
}


@pytest.mark.parametrize("change", COPIES.values(), ids=COPIES.keys())
def test_a_copy_of_the_suppliers_facts_that_is_no_copy(world: World, change: Change) -> None:
    """Row, sum and every statement of it follow the forged copy: only the supplier's own passport contradicts it."""
    report = _audit(world, "pack", change)
    found = only_failure(report, "pack", "agreement")
    assert "is not what its document says" in str(found.reason)
    assert found.found == "another copy"


def test_a_copy_with_another_gwp_set(world: World) -> None:
    """A whole tree moved to another set on paper: the supplier's passport still says which it used."""

    def change(draft: Draft) -> None:
        for entry in draft.rows:
            if entry["row"]["kind"] == "passport":
                entry["row"]["upstream"]["gwp"] = ["AR5"]
        draft.state_everywhere(gwp=["AR5"])

    assert "is not what its document says" in str(
        only_failure(_audit(world, "pack", change), "pack", "agreement").reason
    )


def test_a_copy_of_an_import_that_is_no_copy(world: World) -> None:
    """Nobody signed the import, and its hash is pinned all the same."""
    report = _audit(
        world, "housing", _copied("coating", components={"fossilGhgEmissions": "1"}, total="1", unattributed="0")
    )
    found = only_failure(report, "housing", "agreement")
    assert found.reason == "row coating: the copy of Coating is not what its document says"


# --- what is withheld ---


def test_rows_withheld_one_by_one(world: World) -> None:
    """Unknown, saying how many; what is opened is still re-done, so a wrong opened row fails all the same."""
    draft = draft_of(world, "pack")
    draft.opened = lambda row: row["id"] not in {"welding", "gas"}
    forged = draft.publish()
    report = world.audit(forged.digest, forged.source)
    assert report.verdict == "undecided"
    found = row(report, "pack", "arithmetic")
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, "2 of 5 rows are withheld")
    found = row(report, "pack", "completeness")
    assert (found.outcome, found.reason, found.found) == (Outcome.UNKNOWN, "rows are withheld", "2")
    assert report.coverage.withheld == 1
    assert {node(report, name).id for name in ("housing", "metal", "cable")} == {
        world.issued[name].id for name in ("housing", "metal", "cable")
    }
    wrong = draft_of(world, "pack")
    wrong.opened = draft.opened
    wrong.row("metal")["quantity"] = "0.1"
    forged = wrong.publish()
    failed = only_failure(world.audit(forged.digest, forged.source), "pack", "arithmetic")
    assert str(failed.reason).startswith("row metal: quantity x footprint")


def test_every_row_withheld(world: World) -> None:
    """A statement without a single opened row proves nothing of its sum."""
    draft = draft_of(world, "pack")
    draft.opened = lambda row: False
    forged = draft.publish()
    report = world.audit(forged.digest, forged.source)
    assert row(report, "pack", "arithmetic").reason == "5 of 5 rows are withheld"
    assert report.verdict == "undecided"
    assert len(report.records) == 1


def test_the_statement_of_the_top_withheld(world: World) -> None:
    """Not passed: the top passport must show its sum."""
    source = world.source.clone()
    source.statements.clear()
    report = world.audit(source=source)
    assert report.verdict == "undecided"
    assert row(report, "pack", "arithmetic").reason == "the statement is withheld"
    assert report.reasons[0] == "Product pack: arithmetic unknown: the statement is withheld"


def test_a_remainder_below_zero_behind_a_withheld_statement(world: World) -> None:
    """It would cancel what other suppliers cannot explain, and nobody could see why."""
    draft = draft_of(world, "cable")
    draft.state_everywhere(unattributed="-0.06")
    draft.is_withheld = True
    forged = draft.publish()
    found = only_failure(world.audit(forged.digest, forged.source), "cable", "arithmetic")
    assert found.reason == "unattributed is negative, and the rows that could show why are withheld"


# --- opened rows ---


def test_an_opened_row_that_nobody_committed_to(world: World) -> None:
    """A greener row handed out instead of the committed one; and one with another salt."""
    forged = draft_of(world, "pack").publish()
    statement = next(digest for digest, rows in forged.source.rows.items() if digest not in world.source.rows)
    honest = list(forged.source.rows[statement])
    at = next(number for number, body in enumerate(honest) if b'"total":"1.2"' in body)
    row_of_gas = parse_canonical(honest[at])["row"]
    greener = row_of_gas | {"name": "green gas"}
    for changed in (row_document(greener, "A" * 22), row_document(row_of_gas, "A" * 22)):
        forged.source.rows[statement] = [*honest[:at], changed, *honest[at + 1 :]]
        found = only_failure(world.audit(forged.digest, forged.source), "pack", "arithmetic")
        assert "an opened row that the statement does not commit to" in str(found.reason)


OPENED: dict[str, tuple[Callable[[list[bytes]], list[bytes]], str]] = {
    "one row twice": (lambda rows: [*rows, rows[0]], "a row is opened twice"),
    "a row of another statement": (lambda rows: [*rows, b'{"row":{},"salt":"AAAAAAAAAAAAAAAAAAAAAA"}'], "commit to"),
    "white space": (lambda rows: [rows[0] + b" ", *rows[1:]], "not in canonical form"),
    "not JSON": (lambda rows: [b"{", *rows[1:]], "not JSON"),
    "no salt": (lambda rows: [b'{"row":{}}', *rows[1:]], "not a disclosed row"),
    "a salt too short": (lambda rows: [b'{"row":{},"salt":"AA"}', *rows[1:]], "not a salt"),
    "a row as large as a book": (lambda rows: [b"{" + b" " * (1 << 18) + b"}", *rows[1:]], "too long"),
}


@pytest.mark.parametrize(("change", "reason"), OPENED.values(), ids=OPENED.keys())
def test_rows_opened_wrongly(world: World, change: Callable[[list[bytes]], list[bytes]], reason: str) -> None:
    """Found as arithmetic, and nothing is re-done with them."""
    source = world.source.clone()
    statement = world.issued["pack"].statement_digest
    source.rows[statement] = change(source.rows[statement])
    report = world.audit(source=source)
    assert reason in str(only_failure(report, "pack", "arithmetic").reason)
    assert row(report, "pack", "completeness").reason == "the rows cannot be read"


def test_another_statement_under_the_pin(world: World) -> None:
    """The housing's statement handed out as the pack's."""
    source = world.source.clone()
    source.statements[world.issued["pack"].statement_digest] = source.statements[
        world.issued["housing"].statement_digest
    ]
    report = world.audit(source=source)
    found = only_failure(report, "pack", "agreement")
    assert "the pin is not its hash" in str(found.reason)
    assert found.found == world.issued["housing"].statement_digest
    assert row(report, "pack", "arithmetic").reason == "the statement cannot be read"


# --- completeness ---


def test_an_input_declared_missing_at_the_top(world: World) -> None:
    """Said openly: unknown by how much, so undecided, naming the count."""

    def change(draft: Draft) -> None:
        draft.data["missing"] = [{"name": "glue", "reason": "no data", "stage": "mainProduction"}]
        draft.stated["missingInputs"] = 1

    report = _audit(world, "pack", change)
    assert report.verdict == "undecided"
    found = row(report, "pack", "completeness")
    assert (found.outcome, found.reason, found.expected, found.found) == (
        Outcome.UNKNOWN,
        "inputs are declared missing",
        "0 missing",
        "1",
    )


@pytest.mark.parametrize(("percent", "outcome"), [("3", Outcome.PASSED), ("3.000001", Outcome.FAILED)])
def test_how_much_may_be_exempted(world: World, percent: str, outcome: Outcome) -> None:
    """PACT: 3 % of the cradle-to-gate total at most, here and below together."""

    def change(draft: Draft) -> None:
        draft.data["ownExemptedPercent"] = percent
        draft.settle()

    report = _audit(world, "ore", change)
    found = row(report, "ore", "completeness")
    assert found.outcome is outcome
    if outcome is Outcome.FAILED:
        assert (found.reason, found.expected, found.found) == (
            "more is exempted than PACT allows",
            "at most 3 %",
            "3.000001 %",
        )
        only_failure(report, "ore", "completeness")


def test_exemptions_that_add_up_on_the_way(world: World) -> None:
    """2.9 % here and 0.345 % below are more than 3 % together."""

    def change(draft: Draft) -> None:
        draft.data["ownExemptedPercent"] = "2.9"
        draft.settle()

    found = only_failure(_audit(world, "pack", change), "pack", "completeness")
    assert found.found == "3.234995 %"
