"""Annulled registrations, linked identifiers, replaced controllers, frozen logs: what the checks make of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from forge import Forged, commit, draft_of, filler, up_to_date
from judged import only_failure, row
from memory_source import Log
from verifier_world import Company, World, account_of, signer_of, ticking

from passport.ledger import EmbeddedChain, EntityRole, IssuerId, RegistryView, Transactor, issuer_id
from passport.ledger.log_writer import ProvenEntry
from verifier.outcome import Outcome, Severity

WEEK_S = 7 * 24 * 3600


def _notes(world: World, forged: Forged) -> dict[str, str]:
    """The notes at the top by code, of an audit that passes."""
    report = world.audit(forged.digest, up_to_date(world, forged))
    assert report.verdict == "passed"
    return {note.code: note.text for note in report.top_record.notes}


def _annul(world: World, company: Company, void_from: int) -> None:
    world.send(world.root, world.registry.annul_issuer(company.issuer_id, void_from=void_from))


# --- annulment ---


@pytest.mark.parametrize(("ahead_s", "outcome"), [(0, Outcome.FAILED), (1, Outcome.PASSED)])
def test_anchored_before_and_after_the_stated_time(own_world: World, ahead_s: int, outcome: Outcome) -> None:
    """Void from the second of the anchor on: failed; from the next one: it stands."""
    maker = own_world.companies["maker"]
    forged = draft_of(own_world, "pack").publish()
    anchored_at = own_world.time
    _annul(own_world, maker, anchored_at + ahead_s)
    report = own_world.audit(forged.digest, forged.source)
    assert row(report, "pack", "identity").outcome is outcome
    if outcome is Outcome.FAILED:
        found = only_failure(report, "pack", "identity")
        assert f"is annulled: what it did from {anchored_at} is void" in str(found.reason)
    else:
        assert report.verdict == "passed"


def test_an_identifier_registered_again_has_a_log_of_its_own(own_world: World) -> None:
    """The squatter's passports fall with its registration; those of the entity that came after it are judged apart."""
    squatter = own_world.companies["maker"]
    theirs = draft_of(own_world, "pack").publish()
    _annul(own_world, squatter, 1)
    party = squatter.party
    again = issuer_id(party.scheme, party.identifier, 1)
    registry = RegistryView(own_world.chain.state(), own_world.registry.address)
    assert registry.current_issuer_id(party.scheme, party.identifier) == again
    honest = Company(
        "maker",
        party,
        account_of("honest controller"),
        account_of("honest anchoring"),
        signer_of("honest", "did:web:maker.example#key-1"),
        replace(squatter.place, issuer_id=again),
    )
    register = own_world.registry.register_issuer(
        party.scheme, party.identifier, controller=honest.controller.address, evidence_hash=bytes(31) + b"\x07"
    )
    own_world.send(own_world.root, register)
    own_world.bind(honest)
    draft = draft_of(own_world, "pack")
    draft.company = honest
    draft.stated["place"]["issuerId"] = again
    own = draft.publish()
    report = own_world.audit(own.digest, own.source)
    assert report.verdict == "passed"
    failed = own_world.audit(theirs.digest, theirs.source)
    assert "is annulled: what it did from 1 is void" in str(row(failed, "pack", "identity").reason)
    assert failed.verdict == "failed"


def test_a_generation_that_nobody_was_annulled_for(own_world: World) -> None:
    """An id of the same identifier to which no annulment leads is another entity's."""
    maker = own_world.companies["maker"]
    draft = draft_of(own_world, "pack")
    claimed = issuer_id(maker.party.scheme, maker.party.identifier, 1)
    draft.stated["place"]["issuerId"] = claimed
    forged = draft.publish(is_anchored=False)
    found = row(own_world.audit(forged.digest, forged.source), "pack", "inclusion")
    assert found.outcome is Outcome.FAILED
    assert found.reason == "the log belongs to another entity than the one that signed"
    assert (found.expected, found.found) == (maker.issuer_id, claimed)


# --- links ---


def _linked(world: World) -> tuple[Company, Company]:
    """Another identifier of the maker, and the maker as its primary."""
    maker = world.companies["maker"]
    other = world.new_entity("maker", "123456789")
    other = replace(other, controller=maker.controller, signer=signer_of("vat", "did:web:maker.example#key-1"))
    other.anchorer = account_of("vat anchoring")
    world.bind(other)
    world.send(maker.controller, world.registry.request_link(other.issuer_id, maker.issuer_id))
    world.send(world.root, world.registry.link_issuer(other.issuer_id, maker.issuer_id))
    return other, maker


def test_a_suspension_of_the_primary_counts_for_the_linked(own_world: World) -> None:
    """What the registry holds of both, judged from state at every second like the contract's own answer."""
    from passport.ledger import entity_good_at

    other, maker = _linked(own_world)
    linked_at = own_world.time
    own_world.send(own_world.root, own_world.registry.suspend(maker.issuer_id))
    suspended = own_world.time
    own_world.send(own_world.root, own_world.registry.reinstate(maker.issuer_id))
    registry = RegistryView(own_world.chain.state(), own_world.registry.address)
    link = registry.link(other.issuer_id)
    assert link is not None
    assert (link.primary_id, link.agreed_by, link.linked_at) == (maker.issuer_id, maker.controller.address, linked_at)
    roots = {own_world.root.address}
    judged = {
        time: entity_good_at(registry, IssuerId(other.issuer_id), time=time, roots=roots)
        for time in (suspended - 1, suspended, own_world.time)
    }
    assert [judgement.good for judgement in judged.values()] == [True, False, True]
    assert judged[suspended].reason == (
        f"the primary of {other.issuer_id} was suspended from {suspended} until {own_world.time}"
    )


# --- recoveries ---


def test_a_recovery_is_shown_while_it_is_pending_and_after(own_world: World) -> None:
    """Beside the verdict, which it does not change: the key's window still holds."""
    maker = own_world.companies["maker"]
    forged = draft_of(own_world, "pack").publish()
    new = account_of("new controller")
    own_world.send(own_world.root, own_world.registry.request_recovery(maker.issuer_id, new.address))
    asked = own_world.time
    found = _notes(own_world, forged)
    assert found["recovery_pending"] == (
        f"{own_world.root.address} asked at {asked} that {new.address} takes over;"
        f" the controller may refuse, and from {asked + WEEK_S} on it can be executed"
    )
    own_world.send(maker.controller, own_world.registry.veto_recovery(maker.issuer_id))
    vetoed = _notes(own_world, forged)
    assert "recovery_pending" not in vetoed
    assert vetoed["recovery_vetoed"].endswith(f"the controller refused at {own_world.time}")


def test_an_executed_recovery_is_a_warning(own_world: World) -> None:
    maker = own_world.companies["maker"]
    forged = draft_of(own_world, "pack").publish()
    new = account_of("new controller")
    own_world.send(own_world.root, own_world.registry.request_recovery(maker.issuer_id, new.address))
    later = ticking(own_world.now() + timedelta(seconds=WEEK_S))
    with EmbeddedChain.open(own_world.folder / "chain.db", clock=later) as chain:
        Transactor(chain, account_of("stranger")).send(own_world.registry.execute_recovery(maker.issuer_id))
    report = own_world.audit(forged.digest, up_to_date(own_world, forged))
    (note,) = (note for note in report.top_record.notes if note.code == "recovery_executed")
    assert note.severity is Severity.WARNING
    assert note.text.endswith(f"that {new.address} takes over, and it did at {own_world.time}")
    registry = RegistryView(own_world.chain.state(), own_world.registry.address)
    issuer = registry.issuer(maker.issuer_id)
    assert issuer is not None
    assert issuer.controller == new.address


# --- organisation keys and roles ---


def test_an_organisation_key_is_shown_with_whom_it_signed_for(own_world: World) -> None:
    maker = own_world.companies["maker"]
    forged = draft_of(own_world, "pack").publish()
    key = ec.derive_private_key(0xBEEF, ec.SECP256R1())
    message = own_world.registry.organisation_message(maker.issuer_id, maker.controller.address)
    signature = utils.decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
    numbers = key.public_key().public_numbers()
    point = (numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big"))
    call = own_world.registry.prove_p256_organisation_key(maker.issuer_id, public_point=point, signature=signature)
    own_world.send(maker.controller, call)
    der = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    text = f"the X.509 key with SHA-256 {sha256(der).hexdigest()} signed for "
    assert _notes(own_world, forged)["organisation_key"] == f"{text}its controller {maker.controller.address}"
    own_world.send(
        maker.controller, own_world.registry.set_controller(maker.issuer_id, account_of("new controller").address)
    )
    assert _notes(own_world, forged)["organisation_key"] == f"{text}a former controller {maker.controller.address}"


def test_roles_are_read_from_state(own_world: World) -> None:
    maker = own_world.companies["maker"]
    roles = EntityRole.MANUFACTURER | EntityRole.RECYCLER
    own_world.send(own_world.root, own_world.registry.set_roles(maker.issuer_id, roles))
    issuer = RegistryView(own_world.chain.state(), own_world.registry.address).issuer(maker.issuer_id)
    assert issuer is not None
    assert issuer.roles == roles


# --- forks ---


def test_a_frozen_log_is_no_log(own_world: World) -> None:
    """The maker rewrote an entry and somebody showed it: `consistency` fails for all of its passports, old and new."""
    maker = own_world.companies["maker"]
    log = own_world.source.logs[maker.log_key]
    honest = log.merkle()
    size, root = len(log.entries), honest.root()
    rewritten = Log([filler(1), *log.entries[1:]], list(log.checkpoints))
    entries = (log.entries[0], filler(1))
    commit(own_world, maker, rewritten, [filler(2)])
    first = ProvenEntry(root, entries[0], honest.inclusion_proof(0, size))
    forged = rewritten.merkle()
    second = ProvenEntry(forged.root(), entries[1], forged.inclusion_proof(0, size + 1))
    before = own_world.audit()
    assert row(before, "pack", "consistency").outcome is Outcome.UNKNOWN
    own_world.send(account_of("stranger"), own_world.log.prove_fork(maker.issuer_id, 0, first, second))
    report = own_world.audit()
    found = only_failure(report, "pack", "consistency")
    assert found.reason == "the issuer's log is proven to contradict itself, and frozen for good"
    assert found.found == f"two entries at one place, shown at {own_world.time}"
