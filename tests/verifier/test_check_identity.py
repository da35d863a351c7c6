"""`identity`: who answers for a passport, when keys, entities and registrars come and go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from bent_state import bend, put_bits
from forge import Forged, commit, draft_of, up_to_date
from judged import only_failure, row, rows_of
from memory_source import MemorySource
from verifier_world import Company, World, account_of, file_binding, signer_of

from passport.errors import TransactionError
from passport.ledger import (
    Account,
    Address,
    PassportLogView,
    RegistryView,
    StateView,
    issuer_id,
)
from passport.model.digest import to_sha256
from verifier.outcome import Outcome, Severity
from verifier.trust import Trust

_KEY_NO_BIT = 208
"""Where a checkpoint's word holds the number of its account (docs/contracts.md)."""


def _rotated(world: World, key: str = "maker") -> Company:
    """The company with a new credential key, which is not bound yet."""
    old = world.companies[key]
    method = f"did:web:{key}.example#key-1"
    return Company(key, old.party, old.controller, old.anchorer, signer_of(f"{key} new", method), old.place)


def _publish(world: World, company: Company, product: str = "pack") -> Forged:
    """The product's passport signed with that company's key; source and world know its DID document."""
    draft = draft_of(world, product)
    draft.company = company
    return draft.publish()


# --- credential keys ---


def test_a_key_that_was_never_bound(own_world: World) -> None:
    """The DID document has it, the registry does not: no registrar's entity vouches for it."""
    company = _rotated(own_world)
    forged = _publish(own_world, company)
    honest = own_world.companies["maker"]
    file_binding(forged.source, honest, own_world.chain)
    forged.source.dids[company.did] = forged.source.dids[company.did].replace(
        honest.signer.multikey.encode(), company.signer.multikey.encode()
    )
    found = only_failure(own_world.audit(forged.digest, forged.source), "pack", "identity")
    assert str(found.reason).startswith("no registrar's entity vouches for this key: ")
    assert f"0x{company.key_hash.hex()}" in str(found.reason)
    assert found.found == company.signer.multikey


def test_a_key_that_was_bound_after_it_signed(own_world: World) -> None:
    """Bound a block later than the passport was anchored."""
    company = _rotated(own_world)
    forged = _publish(own_world, company)
    signed_at = own_world.time
    own_world.source = forged.source
    own_world.bind_credential(company)
    found = only_failure(own_world.audit(forged.digest), "pack", "identity")
    assert f"is good only from {own_world.time}, not at {signed_at}" in str(found.reason)


def test_a_key_bound_for_later(own_world: World) -> None:
    """Bound before, with a window that begins after the passport was anchored."""
    company = _rotated(own_world)
    start = own_world.time + 1000
    own_world.bind_credential(company, valid_from=start)
    forged = _publish(own_world, company)
    found = only_failure(own_world.audit(forged.digest, forged.source), "pack", "identity")
    assert f"is good only from {start}" in str(found.reason)


def test_a_key_retired_before_and_after(own_world: World) -> None:
    """What a key signed before it was retired stands; what it signs later does not."""
    company = own_world.companies["maker"]
    before = _publish(own_world, company)
    own_world.send(company.controller, own_world.registry.retire_credential_key(company.issuer_id, company.key_hash))
    retired_at = own_world.time
    after = _publish(own_world, company)
    assert own_world.audit(before.digest, up_to_date(own_world, before)).verdict == "passed"
    assert own_world.audit().verdict == "passed"
    found = only_failure(own_world.audit(after.digest, after.source), "pack", "identity")
    assert f"was retired at {retired_at}" in str(found.reason)


def test_a_window_that_ends_in_the_block_of_the_anchor(own_world: World) -> None:
    """The end is the first second that is not good any more."""
    company = _rotated(own_world)
    own_world.bind_credential(company, valid_until=own_world.time + 3)
    first = _publish(own_world, company)  # a second before the end
    second = _publish(own_world, company)  # at the end
    assert own_world.audit(first.digest, up_to_date(own_world, first)).verdict == "passed"
    only_failure(own_world.audit(second.digest, second.source), "pack", "identity")


@pytest.mark.parametrize(("back_s", "outcome"), [(0, Outcome.PASSED), (1, Outcome.FAILED), (10**6, Outcome.FAILED)])
def test_a_compromise_that_reaches_back(own_world: World, back_s: int, outcome: Outcome) -> None:
    """Bad from the second of the anchor on, or from before: failed; from the next second on: not."""
    company = own_world.companies["maker"]
    forged = _publish(own_world, company)
    anchored_at = own_world.time
    call = own_world.registry.report_credential_key_compromise(
        company.issuer_id, company.key_hash, bad_from=anchored_at + 1 - back_s
    )
    own_world.send(company.controller, call)
    report = own_world.audit(forged.digest, forged.source)
    if outcome is Outcome.PASSED:
        assert report.verdict == "passed"
    else:
        found = only_failure(report, "pack", "identity")
        assert f"was compromised from {anchored_at + 1 - back_s}" in str(found.reason)


# --- the key's own statement ---

BINDINGS: dict[str, dict[str, Any]] = {
    "of another entity": {"issuer_id": "0x" + "11" * 32},
    "on another chain": {"genesis": "0x" + "22" * 32},
    "from another time": {"valid_from": 1},
    "until another time": {"valid_until": 4_000_000_000},
}


@pytest.mark.parametrize(
    ("agreed_s", "outcome"), [(500, Outcome.FAILED), (1000, Outcome.PASSED), (1500, Outcome.PASSED)]
)
def test_how_long_a_key_agreed_to_be_bound(own_world: World, agreed_s: int, outcome: Outcome) -> None:
    """Not longer than it said; a window that was cut short since is the registry's to say."""
    company = _rotated(own_world)
    end = own_world.time + 1000
    own_world.bind_credential(company, valid_until=end)
    forged = _publish(own_world, company)
    file_binding(forged.source, company, own_world.chain, valid_until=end - 1000 + agreed_s)
    found = row(own_world.audit(forged.digest, forged.source), "pack", "identity")
    assert found.outcome is outcome
    if outcome is Outcome.FAILED:
        assert found.reason == "the key's statement and the registry disagree"


@pytest.mark.parametrize("changes", BINDINGS.values(), ids=BINDINGS.keys())
def test_a_key_that_agreed_to_something_else(own_world: World, changes: dict[str, Any]) -> None:
    """The entity's controller bound the key; the key itself says otherwise."""
    company = own_world.companies["maker"]
    file_binding(own_world.source, company, own_world.chain, **changes)
    report = own_world.audit()
    if "valid_until" in changes:  # the registry's window is open, and the key's is not
        found = only_failure(report, "pack", "identity")
        assert found.reason == "the key's statement and the registry disagree"
    else:
        found = only_failure(report, "pack", "identity")
        assert found.reason in {
            "the key's statement names another binding",
            "the key's statement and the registry disagree",
        }


def test_a_strangers_key_claimed_by_an_entity(own_world: World) -> None:
    """The maker binds the smelter's key as its own: the smelter's key never said so."""
    maker, smelter = own_world.companies["maker"], own_world.companies["smelter"]
    own_world.send(maker.controller, own_world.registry.bind_credential_key(maker.issuer_id, smelter.key_hash))
    thief = Company("maker", maker.party, maker.controller, maker.anchorer, smelter.signer, maker.place)
    draft = draft_of(own_world, "pack")
    draft.signer = signer_of("smelter", "did:web:maker.example#key-1")
    source = own_world.source.clone()
    source.dids[thief.did] = source.dids[thief.did].replace(
        maker.signer.multikey.encode(), smelter.signer.multikey.encode()
    )
    forged = draft.publish(source=source)
    report = own_world.audit(forged.digest, source)
    assert row(report, "pack", "signature").outcome is Outcome.PASSED
    missing = row(report, "pack", "identity")
    assert (missing.outcome, missing.reason) == (
        Outcome.UNKNOWN,
        "the key's own statement of its binding is not at hand",
    )
    assert report.verdict == "undecided"
    # The smelter's statement about itself does not help.
    name = f"{maker.issuer_id}:{smelter.key_hash.hex()}"
    source.bindings[name] = source.bindings[f"{smelter.issuer_id}:{smelter.key_hash.hex()}"]
    found = only_failure(own_world.audit(forged.digest, source), "pack", "identity")
    assert found.reason == "the key's statement names another binding"
    # Nor does one that the maker signed for it.
    body = source.bindings[name].replace(smelter.issuer_id.encode(), maker.issuer_id.encode())
    source.bindings[name] = body
    found = only_failure(own_world.audit(forged.digest, source), "pack", "identity")
    assert "the key did not sign this binding" in str(found.reason)


def test_a_statement_that_cannot_be_read(own_world: World) -> None:
    """Not in canonical form."""
    company = own_world.companies["maker"]
    name = f"{company.issuer_id}:{company.key_hash.hex()}"
    own_world.source.bindings[name] += b" "
    found = only_failure(own_world.audit(), "pack", "identity")
    assert str(found.reason).startswith("the key's statement of its binding: ")


def test_a_missing_statement_hides_no_fault(own_world: World) -> None:
    """Whoever leaves the statement out cannot turn what failed into what is unknown."""
    company = own_world.companies["maker"]
    own_world.send(
        company.controller, own_world.registry.report_account_key_compromise(company.anchorer.address, bad_from=1)
    )
    own_world.source.bindings.clear()
    assert "was compromised from 1" in str(row(own_world.audit(), "pack", "identity").reason)


# --- accounts ---


def test_anchored_with_another_entitys_account(own_world: World) -> None:
    """The contract refuses it."""
    maker, parts = own_world.companies["maker"], own_world.companies["parts"]
    log = own_world.source.logs[maker.log_key]
    with pytest.raises(TransactionError, match="AccountKeyOfOther"):
        commit(own_world, maker, log, [bytes(32)], account=parts.anchorer)


def test_an_account_retired_before_it_anchored(own_world: World) -> None:
    """The contract refuses it too: nothing is there for a verifier to judge."""
    maker = own_world.companies["maker"]
    own_world.send(maker.controller, own_world.registry.retire_account_key(maker.anchorer.address))
    with pytest.raises(TransactionError, match="the contract refuses"):
        _publish(own_world, maker)


@pytest.mark.parametrize(("back_s", "outcome"), [(0, Outcome.PASSED), (1, Outcome.FAILED)])
def test_an_account_compromise_that_reaches_back(own_world: World, back_s: int, outcome: Outcome) -> None:
    """The account that anchored was in wrong hands at that second."""
    maker = own_world.companies["maker"]
    forged = _publish(own_world, maker)
    call = own_world.registry.report_account_key_compromise(
        maker.anchorer.address, bad_from=own_world.time + 1 - back_s
    )
    own_world.send(maker.controller, call)
    report = own_world.audit(forged.digest, forged.source)
    if outcome is Outcome.PASSED:
        assert report.verdict == "passed"
    else:
        found = only_failure(report, "pack", "identity")
        assert str(found.reason).startswith("account number ")
        assert f" was compromised from {report.top_record.signed_at}, so not good at" in str(found.reason)


def _last_checkpoint(world: World) -> Callable[[StateView], object]:
    """What reads the maker's last checkpoint, which is the top passport's, and nothing else."""
    maker = world.companies["maker"]
    root = world.source.logs[maker.log_key].merkle().root()
    return lambda state: PassportLogView(state, Address(world.trusted.log)).checkpoint(maker.issuer_id, root)


def test_a_checkpoint_of_an_unknown_account(own_world: World) -> None:
    """No binding was ever compromised under a number that nobody has: the log judged who committed, once and for all.

    That the contract lets no stranger's account commit is shown by `test_a_key_anchors_for_its_own_entity` and
    `test_an_unbound_key_anchors_nothing` beside it; a state with such a checkpoint is not one that it can bring about.
    """
    unknown = bend(own_world, _last_checkpoint(own_world), lambda word: put_bits(word, _KEY_NO_BIT, 32, 4_000_000_000))
    report = own_world.audit(source=unknown)
    assert report.verdict == "passed"
    # What reaches back reaches the number that stands there, whosever it is.
    parts = own_world.companies["parts"]
    call = own_world.registry.report_account_key_compromise(parts.anchorer.address, bad_from=1)
    own_world.send(parts.controller, call)
    registry = RegistryView(own_world.chain.state(), own_world.registry.address)
    key = registry.account_key(parts.anchorer.address)
    assert key is not None
    foreign = bend(own_world, _last_checkpoint(own_world), lambda word: put_bits(word, _KEY_NO_BIT, 32, key.key_no))
    found = row(own_world.audit(source=foreign), "pack", "identity")
    assert (found.outcome, str(found.reason).partition(" was ")[0]) == (Outcome.FAILED, f"account number {key.key_no}")


def test_a_checkpoint_of_nobody(own_world: World) -> None:
    """The contract gives no account the number 0: a state that holds such a checkpoint is none of its."""
    source = bend(own_world, _last_checkpoint(own_world), lambda word: put_bits(word, _KEY_NO_BIT, 32, 0))
    report = own_world.audit(source=source)
    assert report.verdict == "undecided"
    for check in ("inclusion", "consistency", "identity", "status"):
        found = row(report, "pack", check)
        assert found.outcome is Outcome.UNKNOWN
        assert "the state holds a checkpoint that no account committed" in str(found.reason)


# --- entities and registrars ---


def test_an_entity_suspended_at_the_time_and_after(own_world: World) -> None:
    """A suspension voids what falls into it, not what came before, and ends with the reinstatement.

    The contract lets a suspended entity anchor nothing, so the suspension has to begin in the anchor's own block.
    """
    maker = own_world.companies["maker"]
    before = _publish(own_world, maker)
    own_world.send(own_world.root, own_world.registry.suspend(maker.issuer_id))
    assert own_world.audit(before.digest, before.source).verdict == "passed"
    with pytest.raises(TransactionError, match="Suspended"):
        _publish(own_world, maker)
    own_world.send(own_world.root, own_world.registry.reinstate(maker.issuer_id))
    after = _publish(own_world, maker)
    assert own_world.audit(after.digest, after.source).verdict == "passed"


def _second_registrar(world: World) -> Account:
    """Another registrar, accredited by the root: the cable maker's controller."""
    cables = world.companies["cables"]
    world.send(world.root, world.registry.accredit_registrar(cables.controller.address, cables.issuer_id))
    return cables.controller


def _issue_as(world: World, company: Company, **options: Any) -> Forged:
    """The pack as a product of another company."""
    draft = draft_of(world, "pack")
    draft.company = company
    issuer = draft.credential["issuer"]
    issuer["id"], issuer["name"] = company.did, company.party.name
    issuer["issuerAlsoKnownAs"][0].update(
        {
            "id": company.party.uri,
            "name": company.party.name,
            "registeredId": f"{company.party.scheme}:{company.party.identifier}",
        }
    )
    draft.statement["companyName"] = company.party.name
    draft.stated["place"]["issuerId"] = company.issuer_id
    draft.rename()
    return draft.publish(**options)


def test_a_rival_passport_under_a_linked_identifier(own_world: World) -> None:
    """Two entities may each have a passport of one product; one entity under two identifiers may not."""
    maker = own_world.companies["maker"]
    same_controller = own_world.new_entity("maker", "123456789")
    other = replace(
        same_controller,
        key="vat",
        anchorer=account_of("vat anchoring"),
        signer=signer_of("vat", "did:web:vat.example#key-1"),
    )
    own_world.bind(other)
    rival = _issue_as(own_world, other, keeps_honest=True)
    assert own_world.audit(rival.digest, up_to_date(own_world, rival)).verdict == "passed"
    own_world.send(maker.controller, own_world.registry.request_link(other.issuer_id, maker.issuer_id))
    own_world.send(own_world.root, own_world.registry.link_issuer(other.issuer_id, maker.issuer_id))
    report = own_world.audit(rival.digest, up_to_date(own_world, rival))
    found = only_failure(report, "pack", "equivocation")
    assert str(found.reason).startswith("the issuer keeps two current passports for the same product")
    assert found.found == own_world.issued["pack"].id
    assert (report.top_record.issuer_id, report.top_record.primary_id) == (other.issuer_id, maker.issuer_id)


def test_a_registrar_under_the_root(own_world: World) -> None:
    """Vouched for by a registrar that the root accredited."""
    company = own_world.new_entity("newcomer", "123456789", registrar=_second_registrar(own_world))
    own_world.bind(company)
    forged = _issue_as(own_world, company)
    assert own_world.audit(forged.digest, forged.source).verdict == "passed"


def test_a_registrar_withdrawn_reaching_back(own_world: World) -> None:
    """What it registered from then on is void, whatever was signed since; what it registered before stands."""
    registrar = _second_registrar(own_world)
    early = own_world.new_entity("early", "123456781", registrar=registrar)
    own_world.bind(early)
    late = own_world.new_entity("late", "123456782", registrar=registrar)
    bad_from = own_world.time
    own_world.bind(late)
    first, second = _issue_as(own_world, early), _issue_as(own_world, late)
    own_world.send(own_world.root, own_world.registry.withdraw_registrar(registrar.address, bad_from=bad_from))
    assert own_world.audit(first.digest, first.source).verdict == "passed"
    found = only_failure(own_world.audit(second.digest, second.source), "pack", "identity")
    assert f"what it did from {bad_from} on is void" in str(found.reason)
    assert found.expected == "a legal entity vouched for up to a trusted root"


def test_a_recovery_that_a_bad_registrar_asked_for(own_world: World) -> None:
    """The one above asks in its place; the note says that the request was void, and not that the controller refused."""
    registrar = _second_registrar(own_world)
    company = own_world.new_entity("newcomer", "123456789", registrar=registrar)
    own_world.bind(company)
    forged = _issue_as(own_world, company)
    first, second = account_of("first").address, account_of("second").address
    own_world.send(registrar, own_world.registry.request_recovery(company.issuer_id, first))
    asked = own_world.time
    own_world.send(own_world.root, own_world.registry.withdraw_registrar(registrar.address, bad_from=asked))
    own_world.send(own_world.root, own_world.registry.request_recovery(company.issuer_id, second))
    voided = own_world.time
    report = own_world.audit(forged.digest, up_to_date(own_world, forged))
    assert report.verdict == "passed"
    notes = {note.code: note for note in report.top_record.notes}
    text = f"{registrar.address} asked at {asked} that {first} takes over, and was bad then: found void at {voided}"
    assert (notes["recovery_voided"].severity, notes["recovery_voided"].text) == (Severity.INFO, text)
    assert notes["recovery_pending"].text.startswith(f"{own_world.root.address} asked at {voided} that {second} takes")
    assert "recovery_vetoed" not in notes


def test_vouching_for_oneself(own_world: World) -> None:
    """The entity that answers for a registrar cannot be registered by it: the contract refuses either way."""
    registrar = _second_registrar(own_world)
    cables = own_world.companies["cables"].party
    again = own_world.registry.register_issuer(
        cables.scheme, cables.identifier, controller=registrar.address, evidence_hash=b"\x03" * 32
    )
    with pytest.raises(TransactionError, match="the contract refuses"):
        own_world.send(registrar, again)
    stranger = account_of("own registrar")
    accredit = own_world.registry.accredit_registrar(stranger.address, issuer_id("VAT", "DE123456788"))
    with pytest.raises(TransactionError, match="IssuerUnknown"):
        own_world.send(own_world.root, accredit)


def test_a_root_that_is_not_trusted(own_world: World) -> None:
    """The chain's root registrar is not the one that the trust file names."""
    trusted = own_world.trusted.model_copy(update={"root_registrars": (account_of("somebody").address,)})
    report = own_world.audit(trust=Trust(chains=(trusted,)))
    failed = rows_of(report, Outcome.FAILED)
    assert {check for _, check in failed} == {"identity"}
    assert len(failed) == 6
    assert "which is not among the trusted roots" in str(failed["pack", "identity"].reason)
    assert report.responsibility.answered == 0
    assert report.responsibility.nobody["identity_not_passed"] > 0.9


def test_the_same_key_is_judged_once_a_checkpoint(own_world: World) -> None:
    """Two passports in one checkpoint share the judgement; a later checkpoint is judged anew."""
    company = own_world.companies["maker"]
    log = own_world.source.logs[company.log_key]
    drafts = [draft_of(own_world, "pack") for _ in range(2)]
    sealed = [draft.seal(len(log.entries) + number) for number, draft in enumerate(drafts)]
    commit(own_world, company, log, [to_sha256(digest) for digest, _ in sealed])
    own_world.send(company.controller, own_world.registry.retire_credential_key(company.issuer_id, company.key_hash))
    later = draft_of(own_world, "pack").publish(keeps_honest=True)
    outcomes = []
    source: MemorySource = later.source
    for draft, (digest, body) in zip(drafts, sealed, strict=True):
        draft.file(source, body)
        outcomes.append(row(own_world.audit(digest, source), "pack", "identity").outcome)
    outcomes.append(row(own_world.audit(later.digest, source), "pack", "identity").outcome)
    assert outcomes == [Outcome.PASSED, Outcome.PASSED, Outcome.FAILED]


# --- states that the contracts never reach: a chain whose rules somebody bent ---


@pytest.mark.parametrize(("begins_s", "outcome"), [(0, Outcome.FAILED), (1, Outcome.PASSED)])
def test_anchored_in_the_second_a_suspension_began(world: World, begins_s: int, outcome: Outcome) -> None:
    """Suspended from the very second of the anchor: void; from the next one: not."""
    maker = world.companies["maker"]
    report = world.audit()
    signed_at = report.top_record.signed_at
    assert signed_at is not None
    source = bend(
        world,
        lambda state: RegistryView(state, Address(world.trusted.registry)).issuer(maker.issuer_id),
        lambda word: put_bits(word, 192, 40, signed_at + begins_s),  # controller 160, issuerNo 32, suspendedAt 40
    )
    report = world.audit(source=source)
    assert row(report, "pack", "identity").outcome is outcome
    if outcome is Outcome.FAILED:
        assert f"was suspended from {signed_at} and still is" in str(only_failure(report, "pack", "identity").reason)


def test_registered_after_it_anchored(world: World) -> None:
    """An entity that did not exist yet when it anchored."""
    maker = world.companies["maker"]
    signed_at = world.audit().top_record.signed_at
    assert signed_at is not None
    source = bend(
        world,
        lambda state: RegistryView(state, Address(world.trusted.registry)).issuer(maker.issuer_id),
        lambda word: put_bits(word, 160, 40, signed_at + 1),  # the second slot: registrar 160, registeredAt 40
        after=1,
    )
    found = only_failure(world.audit(source=source), "pack", "identity")
    assert f"was registered only at {signed_at + 1}" in str(found.reason)
