"""Statements about a ledger: who signed them, what shape they have, and where e-waste went."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from ledger_world import KINDS, NOW, LedgerWorld

from passport.credentials import Role, jcs, sign_document
from passport.credentials.data_model import check_credential
from passport.errors import (
    ArithmeticRuleError,
    CanonicalError,
    ConflictError,
    NotFoundError,
    PassportError,
    SchemaError,
    SignatureError,
    UsageError,
)
from passport.ledger_reports import check_registered, follow_custody, node_reading, read_statement, why_not_now
from passport.ledger_reports.signing import shaped
from passport.ledger_reports.statements import MeterReading
from passport.model.base import time_text


def test_a_reading_there_and_back(ledger_world: LedgerWorld) -> None:
    """A credential by the data model's rules; read again it says what was signed, and its signer is registered."""
    said = ledger_world.reading("north", "n1", "8.064")
    data = ledger_world.sign("north", said)
    document = json.loads(data)
    check_credential(document)
    assert document["type"] == ["VerifiableCredential", "LedgerStatement"]
    assert document["credentialSubject"]["kwh"] == "8.064"
    signed = read_statement(data, KINDS, key_lookup=ledger_world.lookup("north"))
    assert signed.statement == said
    assert signed.created == ledger_world.now
    check_registered(signed, said.signed_by, ledger_world.registry, roots=ledger_world.roots)
    measured = node_reading(signed)
    assert measured.energy.central.amount == pytest.approx(8.064)
    assert measured.energy.high.amount == pytest.approx(8.064 * 1.01)
    (source,) = {each.source for each in measured.energy.inputs}
    assert source.id == signed.digest
    assert source.title == "meter EM-n1 of node n1, read and signed by North Oy"


@pytest.mark.parametrize("name", ["kwh", "node", "country", "chain", "format"])
def test_a_value_changed_on_the_way(ledger_world: LedgerWorld, name: str) -> None:
    """No byte of it can be changed."""
    document = json.loads(ledger_world.sign("north", ledger_world.reading("north", "n1", "8")))
    document["credentialSubject"][name] = {"kwh": "7", "format": "carbon-passport/hardware-handover/1.0"}.get(
        name, "ZZ"
    )
    with pytest.raises(SignatureError, match="the signature does not hold"):
        read_statement(jcs(document), KINDS, key_lookup=ledger_world.lookup("north"))


def _resigned(world: LedgerWorld, change: Callable[[dict[str, Any]], None]) -> bytes:
    """A credential that its own signer wrote otherwise."""
    document = json.loads(world.sign("north", world.reading("north", "n1", "8")))
    del document["proof"]
    change(document)
    return sign_document(document, world.signer("north"), world.now).body


WRONG: dict[str, tuple[Callable[[dict[str, Any]], None], type[PassportError], str]] = {
    "another issuer": (
        lambda d: d["issuer"].update(id="did:web:south.example"),
        SignatureError,
        "the issuer is not the one whose key signed",
    ),
    "another kind": (
        lambda d: d["credentialSubject"].update(format="carbon-passport/meter-reading/2.0"),
        SchemaError,
        "another kind of statement",
    ),
    "a member too many": (lambda d: d["credentialSubject"].update(note="x"), SchemaError, "Extra inputs"),
    "an envelope with more": (lambda d: d.update(evidence=[{}]), SchemaError, "Extra inputs"),
    "another type": (lambda d: d.update(type=["VerifiableCredential", "Diploma"]), SchemaError, "LedgerStatement"),
    "an amount in a second spelling": (lambda d: d["credentialSubject"].update(kwh="8.0"), SchemaError, "one spelling"),
    "an amount as a number": (lambda d: d["credentialSubject"].update(kwh=8), SchemaError, "not an amount"),
    "below zero": (lambda d: d["credentialSubject"].update(kwh="-8"), SchemaError, "greater than or equal to 0"),
    "days in another form": (
        lambda d: d["credentialSubject"]["period"].update(last="2026-11-08T00:00:00"),
        SchemaError,
        "written otherwise",
    ),
    "days that end before they begin": (
        lambda d: d["credentialSubject"]["period"].update(last="2026-11-01"),
        SchemaError,
        "ends before it begins",
    ),
    "another moment": (lambda d: d.update(validFrom="2020-01-01T00:00:00Z"), SignatureError, "another moment"),
}


@pytest.mark.parametrize(("change", "error", "match"), WRONG.values(), ids=WRONG.keys())
def test_what_its_own_signer_may_not_write(
    ledger_world: LedgerWorld, change: Callable[[dict[str, Any]], None], error: type[PassportError], match: str
) -> None:
    """Signed all right, and refused with the reason."""
    with pytest.raises(error, match=match):
        read_statement(_resigned(ledger_world, change), KINDS, key_lookup=ledger_world.lookup("north"))


def test_not_canonical(ledger_world: LedgerWorld) -> None:
    """One document has one text."""
    data = ledger_world.sign("north", ledger_world.reading("north", "n1", "8"))
    with pytest.raises(CanonicalError):
        read_statement(data.replace(b",", b", ", 1), KINDS, key_lookup=ledger_world.lookup("north"))


def test_in_somebody_elses_name(ledger_world: LedgerWorld) -> None:
    """Our own tool refuses to sign it; one that a cheat wrote by hand is not registered so."""
    theirs = ledger_world.reading("south", "s1", "8")
    with pytest.raises(UsageError, match="the statement is another entity's"):
        ledger_world.sign("north", theirs)
    data = _resigned(ledger_world, lambda d: d["credentialSubject"].update(signedBy=theirs.signed_by.to_json()))
    signed = read_statement(data, KINDS, key_lookup=ledger_world.lookup("north"))
    with pytest.raises(SignatureError, match=r"no registered signer: .*has not bound the credential key"):
        check_registered(signed, signed.statement.signed_by, ledger_world.registry, roots=ledger_world.roots)


def test_who_is_not_registered(ledger_world: LedgerWorld) -> None:
    """Nobody at all, nobody that a trusted root vouches for, or not yet."""
    signed = ledger_world.signed("north", ledger_world.reading("north", "n1", "8"))
    entity = signed.statement.signed_by
    stranger = entity.model_copy(update={"identifier": "ZZSANDBOX.NOBODY"})
    with pytest.raises(SignatureError, match="no registered signer"):
        check_registered(signed, stranger, ledger_world.registry, roots=ledger_world.roots)
    with pytest.raises(SignatureError, match="no registered signer"):
        check_registered(signed, entity, ledger_world.registry, roots=[])
    early = ledger_world.signed("north", ledger_world.reading("north", "n1", "8"), now=NOW - timedelta(days=1))
    with pytest.raises(SignatureError, match="no registered signer"):
        check_registered(early, entity, ledger_world.registry, roots=ledger_world.roots)
    late = ledger_world.signed("north", ledger_world.reading("north", "n1", "8"), now=NOW + timedelta(days=1))
    with pytest.raises(SignatureError, match="signed after the block that is asked"):
        check_registered(late, entity, ledger_world.registry, roots=ledger_world.roots)


def test_a_key_that_was_replaced(own_ledger_world: LedgerWorld) -> None:
    """What the old key signed before stands; what it signs after does not."""
    world = own_ledger_world
    old = world.signer("north")
    before = world.signed("north", world.reading("north", "n1", "8"))
    lookup = world.lookup("north")
    world.companies["north"].rotate(Role.CREDENTIAL, world.sandbox.passphrase)
    entity = before.statement.signed_by
    check_registered(before, entity, world.registry, roots=world.roots)
    # Only its own word says that it was before, so whoever wants to know asks this too.
    assert "was retired at" in str(why_not_now(before, entity, world.registry, roots=world.roots))
    other = world.signed("south", world.reading("south", "s1", "8"))
    assert why_not_now(other, other.statement.signed_by, world.registry, roots=world.roots) is None
    document = json.loads(world.sign("south", world.reading("south", "s1", "8")))
    del document["proof"]
    document["issuer"] = {"id": world.companies["north"].settings.did, "name": "North Oy"}
    document["credentialSubject"] = world.reading("north", "n1", "8").to_json()
    later = world.now + timedelta(minutes=4)
    document["validFrom"] = time_text(later)
    signed = read_statement(sign_document(document, old, later).body, KINDS, key_lookup=lookup)
    with pytest.raises(SignatureError, match="no registered signer"):
        check_registered(signed, entity, world.registry, roots=world.roots)


def test_days_still_to_come(ledger_world: LedgerWorld) -> None:
    """No meter has read next month; whoever signs that it has is not believed."""
    coming = {"first": date(2026, 12, 1), "last": date(2026, 12, 7)}
    signed = ledger_world.signed("north", ledger_world.reading("north", "n1", "8", period=coming))
    with pytest.raises(ArithmeticRuleError, match="signed before its days had passed"):
        node_reading(signed)
    past = ledger_world.signed("north", ledger_world.reading("north", "n1", "8"))
    assert node_reading(past).energy.central.amount == 8


# --- hardware ---


def test_hardware_followed_by_hand(ledger_world: LedgerWorld) -> None:
    """12.5 and 7.5 kg handed over; of the first 10 received: 4 reused, 5 recycled, 1 disposed of; 10 kg are missing."""
    first = ledger_world.signed("north", ledger_world.handover("north", "5.3", "7.2"))
    second = ledger_world.signed("south", ledger_world.handover("south", "7.5"))
    receipt = ledger_world.signed("recycler", ledger_world.receipt("north", first.digest, ("4", "5", "1")))
    found = follow_custody([first, second], [receipt])
    assert (found.handed_kg, found.received_kg) == (Decimal(20), Decimal(10))
    assert (found.reused_kg, found.recycled_kg, found.disposed_kg) == (Decimal(4), Decimal(5), Decimal(1))
    assert (found.missing_kg, found.not_recycled_kg) == (Decimal(10), Decimal(11))
    assert dict(found.pairs) == {first.digest: receipt.digest, second.digest: None}


def test_hardware_that_cannot_be_followed(ledger_world: LedgerWorld) -> None:
    """Each way to say more than is shown."""
    handed = ledger_world.signed("north", ledger_world.handover("north", "5"))
    good = ledger_world.receipt("north", handed.digest, ("1", "2", "2"))

    def received(name: str = "recycler", **changes: Any) -> Any:
        return ledger_world.signed(name, shaped(type(good), {**good.to_json(), **changes}, where="test"))

    cases: list[tuple[list[Any], list[Any], type[PassportError], str]] = [
        ([], [received()], NotFoundError, "a handover that is not at hand"),
        ([handed, handed], [], ConflictError, "a handover is given twice"),
        ([handed], [received(), received(reusedKg="0")], ConflictError, "two receipts of one handover"),
        (
            [handed],
            [received("south", signedBy=ledger_world.entity("south").to_json())],
            ArithmeticRuleError,
            "received by another recycler",
        ),
        (
            [handed],
            [received(operator=ledger_world.entity("south").to_json())],
            ArithmeticRuleError,
            "received from another operator",
        ),
        ([handed], [received(day="2026-11-09")], ArithmeticRuleError, "received before it was handed over"),
        ([handed], [received(day="2027-01-01")], ArithmeticRuleError, "signed before the day that it speaks of"),
        (
            [handed],
            [received(reusedKg="1.000000000000001")],
            ArithmeticRuleError,
            "more is received than was handed over",
        ),
    ]
    for handovers, receipts, error, match in cases:
        with pytest.raises(error, match=match):
            follow_custody(handovers, receipts)


def test_a_shape_that_is_none() -> None:
    """The message says where."""
    with pytest.raises(SchemaError, match="Field required") as caught:
        shaped(MeterReading, {"format": "carbon-passport/meter-reading/1.0"}, where="reading.json")
    assert str(caught.value.where).startswith("reading.json: ")
