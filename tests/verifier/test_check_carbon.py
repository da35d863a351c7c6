"""The carbon that a statement of ours declares: PACT's identity of uptake and content, and what a product weighs."""

from __future__ import annotations

import pytest
from forge import draft_of
from judged import node
from verifier_world import World

from verifier.checks.carbon import carbon_notes
from verifier.outcome import Note


def notes(**pcf: str) -> list[str]:
    stated = {"productMassPerDeclaredUnit": "1", "fossilCarbonContent": "0", **pcf}
    return [note.code for note in carbon_notes(stated)]


@pytest.mark.parametrize(
    ("uptake", "content", "found"),
    [
        ("-0.165", "0.045", []),  # PACT's own example: 0.045 x 44/12
        ("-1.83", "0.5", []),  # 1.8333: the content is given to 0.05
        ("-1.1", "0.3", []),
        ("0", "0", []),
        ("-0.5", "0", ["pact:uptake-carbon"]),
        ("0", "0.3", ["pact:uptake-carbon"]),
        ("-3", "0.3", ["pact:uptake-carbon"]),
        ("-1.1001", "0.30000", ["pact:uptake-carbon"]),
    ],
)
def test_uptake_is_44_12_of_the_content(uptake: str, content: str, found: list[str]) -> None:
    assert notes(biogenicCO2Uptake=uptake, biogenicCarbonContent=content) == found


def test_what_is_not_stated_is_not_judged() -> None:
    assert notes(biogenicCO2Uptake="-5") == []
    assert notes(biogenicCarbonContent="0.5") == []


def test_no_product_holds_more_carbon_than_it_weighs() -> None:
    assert notes(fossilCarbonContent="0.7", biogenicCarbonContent="0.3") == []
    assert notes(fossilCarbonContent="0.7", biogenicCarbonContent="0.9") == ["pact:carbon-above-mass"]
    assert notes(fossilCarbonContent="9", productMassPerDeclaredUnit="0") == []  # electricity weighs nothing


def test_an_audit_says_so_and_judges_as_before(world: World) -> None:
    """The metal states an uptake of 0.25 and holds none of it."""
    draft = draft_of(world, "metal")
    draft.pcf["biogenicCarbonContent"] = "0"
    forged = draft.publish()
    report = world.audit(forged.digest, forged.source)
    assert report.verdict == "passed"
    (note,) = (each for each in node(report, "metal").notes if each.code == "pact:uptake-carbon")
    assert isinstance(note, Note)
    assert note.text == "uptake -0.25 kg CO2e; 0 kg of biogenic carbon x 44/12 is 0 kg"
