"""Statements that travel: taken in under what they are, our own known again, and what is none refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from ledger_world import KINDS, LedgerWorld

from passport.errors import PassportError
from passport.ledger_reports import (
    contradicting,
    file_ledger_statement,
    kept_statements,
    peek_statement,
    sign_and_reserve,
)
from passport.model.digest import digest_of, to_sha256
from passport.store import DocumentKind, Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "store.db")


def test_filed_under_what_it_is(ledger_world: LedgerWorld, store: Store) -> None:
    """Somebody else's under the hash of its bytes, our own under its document hash, and both once."""
    body = ledger_world.sign("north", ledger_world.reading("north", "n1", "8"))
    digest = peek_statement(body, KINDS).digest
    assert file_ledger_statement(store, body)
    assert not file_ledger_statement(store, body)
    assert list(kept_statements(store)) == [(digest_of(body), body)]
    assert list(kept_statements(store, own=True)) == []
    assert file_ledger_statement(store, body, own_entries={to_sha256(digest)})
    assert list(kept_statements(store, own=True)) == [(digest, body)]
    assert not file_ledger_statement(store, body)


def test_a_bent_copy_bars_no_true_one(ledger_world: LedgerWorld, store: Store) -> None:
    """The same document with another proof comes first: the true one is kept beside it."""
    body = ledger_world.sign("north", ledger_world.reading("north", "n1", "8"))
    other = ledger_world.sign("south", ledger_world.reading("south", "n1", "8"))
    at = body.index(b'"proofValue":"z') + len(b'"proofValue":"z')
    proof = other[other.index(b'"proofValue":"z') + len(b'"proofValue":"z') :]
    bent = body[:at] + proof[: proof.index(b'"')] + body[at:][body[at:].index(b'"') :]
    assert bent != body
    assert peek_statement(bent, KINDS).digest == peek_statement(body, KINDS).digest
    assert file_ledger_statement(store, bent)
    assert file_ledger_statement(store, body)
    assert {each for _, each in kept_statements(store)} == {bent, body}


NOT_STATEMENTS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "no JSON": (lambda body: b"\x00" + body, "JSON"),
    "a member too many": (lambda body: body.replace(b'"kwh":', b'"kwg":"1","kwh":'), "Extra inputs|canonical"),
    "another kind": (
        lambda body: body.replace(b"meter-reading/1.0", b"meter-reading/9.0"),
        "another kind of statement",
    ),
    "no proof": (lambda body: body[: body.index(b'"proof":') - 1] + b"}", "proof|canonical|JSON"),
    "a number in another spelling": (lambda body: body.replace(b'"kwh":"8"', b'"kwh":"8.0"'), "kwh|written otherwise"),
    "too large": (lambda body: body + b" " * (5 << 20), "large|bytes"),
}


@pytest.mark.parametrize(("bend", "reason"), NOT_STATEMENTS.values(), ids=NOT_STATEMENTS.keys())
def test_what_is_no_statement(
    ledger_world: LedgerWorld, store: Store, bend: Callable[[bytes], bytes], reason: str
) -> None:
    body = ledger_world.sign("north", ledger_world.reading("north", "n1", "8"))
    with pytest.raises(PassportError, match=reason):
        file_ledger_statement(store, bend(body))
    assert not store.find_documents(DocumentKind.LEDGER_STATEMENT)


def test_our_own_come_back_with_our_publication(own_ledger_world: LedgerWorld, tmp_path: Path) -> None:
    """Published from the store; a store that lost it knows it again by the log that the chain holds."""
    world = own_ledger_world
    company = world.companies["north"]
    outbox = company.outbox(world.sandbox.passphrase, padding_leaves=4)
    body = sign_and_reserve(
        world.reading("north", "n1", "8"),
        outbox=outbox,
        store=company.store,
        place_of=company.place.leaf,
        signer=world.signer("north"),
        did=company.settings.did or "",
        party=company.party,
        statement_id="urn:uuid:00000000-0000-4000-8000-000000000007",
        now=world.now,
    )
    outbox.anchor_batch()
    company.publish()
    digest = peek_statement(body, KINDS).digest
    published = company.public / "ledger-statements" / f"{digest}.json"
    assert published.read_bytes() == body
    assert company.receive(company.public).ledger_statements == 0
    assert list(kept_statements(company.store)) == [(digest, body)]
    received = world.companies["south"].receive(company.public)
    assert (received.ledger_statements, received.refused) == (1, ())
    published.write_bytes(b"{}")
    refused = dict(world.companies["recycler"].receive(company.public).refused)
    assert list(refused) == [f"ledger-statements/{digest}.json"]


def test_two_readings_of_one_node(ledger_world: LedgerWorld) -> None:
    """The same week twice: alike is one, unlike is a contradiction; another node or week is neither."""
    world = ledger_world
    first = world.signed("north", world.reading("north", "n1", "8"))
    again = world.signed("north", world.reading("north", "n1", "8"))
    less = world.signed("north", world.reading("north", "n1", "3"))
    node = world.signed("north", world.reading("north", "n2", "3"))
    whose = world.signed("south", world.reading("south", "n1", "3"))
    assert contradicting([first, again, node, whose]) == ()
    assert contradicting([less, node, first]) == (tuple(sorted((first.digest, less.digest))),)
