"""Signed statements with a leaf in their signer's log: there and back, and leaves that are not what they say."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from ledger_world import KINDS, NOW, LedgerWorld

from passport.credentials import sign_document
from passport.errors import SchemaError, SignatureError, UsageError
from passport.ledger import StatusKind
from passport.ledger_reports import (
    SignedStatement,
    check_registered,
    read_statement,
    sign_and_reserve,
)
from passport.model.digest import to_sha256
from passport.store import DocumentKind
from verifier.chain_facts import ChainFacts
from verifier.open_log import LogReport, open_log
from verifier.outcome import Outcome
from verifier.report import Verdict
from verifier.statement import StatementPlace, judge_place
from verifier.store_source import StoreSource
from verifier.trust import trust_in


def reserved(world: LedgerWorld, name: str, statement: Any) -> SignedStatement[Any]:
    """A statement that is signed with its leaf, and not anchored yet."""
    company = world.companies[name]
    body = sign_and_reserve(
        statement,
        outbox=company.outbox(world.sandbox.passphrase, padding_leaves=4),
        store=company.store,
        place_of=company.place.leaf,
        signer=world.signer(name),
        did=company.settings.did or "",
        party=company.party,
        statement_id="urn:uuid:00000000-0000-4000-8000-000000000002",
        now=world.now,
    )
    return read_statement(body, KINDS, key_lookup=world.lookup(name))


def anchored(world: LedgerWorld, name: str) -> None:
    world.companies[name].outbox(world.sandbox.passphrase, padding_leaves=4).anchor_batch()


def judged(world: LedgerWorld, name: str, signed: SignedStatement[Any], **given: Any) -> StatementPlace:
    company = world.companies[name]
    trust = given.get("trust", trust_in(world.sandbox.chain))
    return judge_place(signed, StoreSource(company.store, company.ledger), trust)


def test_a_reading_in_the_log(own_ledger_world: LedgerWorld) -> None:
    """Kept in the store, its hash in the leaf that it names, signed before the block that says so."""
    world = own_ledger_world
    signed = reserved(world, "north", world.reading("north", "n1", "8"))
    assert signed.place is not None
    place = signed.place
    company = world.companies["north"]
    assert place.issuer_id == company.place.issuer_id
    assert company.store.documents(DocumentKind.LEDGER_STATEMENT, [signed.digest])
    before = judged(world, "north", signed)
    assert before.worst.reason == "not anchored: the issuer's log does not reach that index"
    anchored(world, "north")
    found = judged(world, "north", signed)
    assert [row.outcome for row in (found.inclusion, found.consistency, found.status)] == [Outcome.PASSED] * 3
    assert found.worst.outcome is Outcome.PASSED
    assert found.checkpoint is not None
    assert company.store.log_entries(company.log_key)[place.leaf_index] == to_sha256(signed.digest)
    entity = signed.statement.signed_by
    check_registered(signed, entity, world.registry, roots=world.roots, anchored_at=found.checkpoint.time)
    with pytest.raises(SignatureError, match="signed after it was anchored"):
        check_registered(signed, entity, world.registry, roots=world.roots, anchored_at=int(NOW.timestamp()) - 900)
    without = judged(world, "north", signed, trust=None)
    assert (without.worst.outcome, without.worst.reason) == (
        Outcome.UNKNOWN,
        "no trust file says which chain counts",
    )
    # Somebody who has not received the log cannot tell.
    elsewhere = judged(world, "south", signed)
    assert (elsewhere.worst.outcome, elsewhere.worst.reason) == (Outcome.UNKNOWN, "no inclusion proof at hand")


def _other_leaf(document: dict[str, Any]) -> None:
    document["place"]["leafIndex"] += 1


def _other_log(document: dict[str, Any]) -> None:
    document["place"]["issuerId"] = "0x" + "11" * 32


def _other_chain(document: dict[str, Any]) -> None:
    document["place"]["genesis"] = "0x" + "11" * 32


def _more_kwh(document: dict[str, Any]) -> None:
    document["credentialSubject"]["kwh"] = "7"


LIES: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "another leaf": (_other_leaf, "inclusion"),
    "another entity's log": (_other_log, "the log belongs to another entity"),
    "another chain": (_other_chain, "not the chain in the trust file"),
    "another reading for the same leaf": (_more_kwh, "inclusion"),
}


@pytest.mark.parametrize(("bend", "reason"), LIES.values(), ids=LIES.keys())
def test_a_leaf_that_is_not_what_it_says(
    own_ledger_world: LedgerWorld, bend: Callable[[dict[str, Any]], None], reason: str
) -> None:
    """The signer itself signs anew, after the log was closed: the signature holds, and the log does not bear it out."""
    world = own_ledger_world
    signed = reserved(world, "north", world.reading("north", "n1", "8"))
    anchored(world, "north")
    body = world.companies["north"].store.get_document(DocumentKind.LEDGER_STATEMENT, signed.digest)
    document = json.loads(body)
    del document["proof"]
    bend(document)
    again = sign_document(document, world.signer("north"), signed.created).body
    other = read_statement(again, KINDS, key_lookup=world.lookup("north"))
    found = judged(world, "north", other)
    assert found.worst.outcome is Outcome.FAILED
    if reason == "inclusion":
        assert found.worst is found.inclusion
        assert "root" in str(found.worst.reason)
    else:
        assert reason in str(found.worst.reason)


@pytest.mark.parametrize(("kind", "reason"), [(StatusKind.REVOKED, "revoked"), (StatusKind.SUSPENDED, "suspended")])
def test_a_leaf_that_is_taken_back(own_ledger_world: LedgerWorld, kind: StatusKind, reason: str) -> None:
    world = own_ledger_world
    signed = reserved(world, "north", world.reading("north", "n1", "8"))
    anchored(world, "north")
    assert signed.place is not None
    world.companies["north"].set_status(world.sandbox.passphrase, index=signed.place.leaf_index, kind=kind)
    assert (judged(world, "north", signed).worst.outcome, judged(world, "north", signed).worst.reason) == (
        Outcome.FAILED,
        reason,
    )


def test_a_whole_log_with_statements_is_opened(own_ledger_world: LedgerWorld) -> None:
    """The statement opens its leaf, nonces the others; another one that its signer signed for the leaf contradicts."""
    world = own_ledger_world
    company = world.companies["north"]
    signed = reserved(world, "north", world.reading("north", "n1", "8"))
    anchored(world, "north")
    assert signed.place is not None
    body = company.store.get_document(DocumentKind.LEDGER_STATEMENT, signed.digest)
    entries = company.store.log_entries(company.log_key)
    nonces = {at: nonce for at in range(4) if (nonce := company.store.void_nonce(company.log_key, at)) is not None}
    source = StoreSource(company.store, company.ledger)
    (trusted,) = trust_in(world.sandbox.chain).chains
    state = source.state(trusted)
    assert state is not None

    def opened(*documents: bytes) -> LogReport:
        return open_log(
            company.log_key,
            company.place.leaf(0),
            entries,
            documents=[(f"{number}.json", each) for number, each in enumerate(documents)],
            void_nonces=nonces,
            source=source,
            chain=ChainFacts(trusted, state, source),
        )

    assert opened(body).verdict is Verdict.PASSED
    assert opened(body).counts == {"document": 1, "void": 3, "withheld": 0, "contradicted": 0}
    assert opened().verdict is Verdict.UNDECIDED
    document = json.loads(body)
    del document["proof"]
    _more_kwh(document)
    other = sign_document(document, world.signer("north"), signed.created).body
    assert opened(body, other).verdict is Verdict.FAILED
    unplaced = world.sign("north", signed.statement)
    assert opened(body, unplaced).unread == (("1.json", "place: a statement that names no leaf"),)


def test_a_place_that_is_none(ledger_world: LedgerWorld) -> None:
    """Closed in its shape; and without one nothing is judged."""
    signed = ledger_world.signed("north", ledger_world.reading("north", "n1", "8"))
    assert signed.place is None
    with pytest.raises(UsageError, match="the statement names no leaf of a log"):
        judged(ledger_world, "north", signed)
    document = json.loads(ledger_world.sign("north", signed.statement))
    del document["proof"]
    good = ledger_world.companies["north"].place.leaf(3).to_json()
    for place in ({**good, "leafIndex": -1}, {**good, "note": 1}, {**good, "genesis": "0x1"}, "somewhere"):
        bent = sign_document({**document, "place": place}, ledger_world.signer("north"), signed.created).body
        with pytest.raises(SchemaError) as caught:
            read_statement(bent, KINDS, key_lookup=ledger_world.lookup("north"))
        assert "place" in str(caught.value.where)


def test_backdating_is_of_no_use(own_ledger_world: LedgerWorld) -> None:
    """A year before, by the signer's word; the key was bound later than that, and the block says when it was there."""
    world = own_ledger_world
    early = world.now - timedelta(days=365)
    signed = world.signed("north", world.reading("north", "n1", "8"), now=early)
    entity = signed.statement.signed_by
    with pytest.raises(SignatureError, match="no registered signer"):
        check_registered(signed, entity, world.registry, roots=world.roots)
