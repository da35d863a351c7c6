"""`status`: what the chain says of a leaf, at which block, and how old that may be."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from forge import commit, draft_of, filler, up_to_date
from judged import node, only_failure, row
from verifier_world import World

from passport.ledger import Call, EmbeddedChain, StatusKind, Transactor
from verifier.bundle import BundleFile
from verifier.bundle_source import BundleSource
from verifier.bundling import make_bundle
from verifier.outcome import Outcome, Severity
from verifier.policy import default_policy
from verifier.store_source import StoreSource

DAY_S = 86400

STATUSES: dict[str, tuple[list[StatusKind], Outcome, str | None]] = {
    "revoked": ([StatusKind.REVOKED], Outcome.FAILED, "revoked"),
    "suspended": ([StatusKind.SUSPENDED], Outcome.FAILED, "suspended"),
    "reinstated": ([StatusKind.SUSPENDED, StatusKind.REINSTATED], Outcome.PASSED, None),
    "revoked while suspended": ([StatusKind.SUSPENDED, StatusKind.REVOKED], Outcome.FAILED, "revoked"),
    "corrected": ([StatusKind.CORRECTED], Outcome.FAILED, "corrected: leaf 2 replaces it"),
    "superseded": ([StatusKind.SUPERSEDED], Outcome.PASSED, None),
}


@pytest.mark.parametrize(("kinds", "outcome", "reason"), STATUSES.values(), ids=STATUSES.keys())
def test_what_the_chain_says_of_a_leaf(
    own_world: World, kinds: list[StatusKind], outcome: Outcome, reason: str | None
) -> None:
    """Said of the metal, two tiers down: only its own status row tells."""
    smelter = own_world.companies["smelter"]
    for kind in kinds:
        takes_successor = kind in (StatusKind.CORRECTED, StatusKind.SUPERSEDED)
        own_world.set_status(smelter, 0, kind, next_index=2 if takes_successor else 0)
    report = own_world.audit()
    if outcome is Outcome.PASSED:
        assert report.verdict == "passed"
        notes = [note.text for note in node(report, "metal").notes if note.code != "delivery_not_stated"]
        assert notes == (["leaf 2 of the same log supersedes it"] if kinds == [StatusKind.SUPERSEDED] else [])
        return
    found = only_failure(report, "metal", "status")
    assert (found.outcome, found.reason) == (outcome, reason)
    assert found.expected == f"not {found.found}"
    # Before the block that said so it was not so.
    before = own_world.source.clone()
    before.block = own_world.chain.head().number - len(kinds)
    assert own_world.audit(source=before).verdict == "passed"


def test_the_status_of_a_neighbour(own_world: World) -> None:
    """Bits of other leaves, of the same word and of others, say nothing of this one."""
    maker = own_world.companies["maker"]
    log = own_world.source.logs[maker.log_key]
    commit(own_world, maker, log, [filler(number) for number in range(300)])
    for index in (1, 255, 256, 257):
        own_world.set_status(maker, index, StatusKind.REVOKED)
    assert own_world.audit().verdict == "passed"
    own_world.set_status(maker, 0, StatusKind.REVOKED)
    only_failure(own_world.audit(), "pack", "status")


@pytest.mark.parametrize(("extra_s", "outcome"), [(0, Outcome.PASSED), (1, Outcome.UNKNOWN)])
def test_how_old_the_state_may_be(world: World, extra_s: int, outcome: Outcome) -> None:
    """30 days to the second; older is unknown at every node, and the verdict undecided."""
    at = world.now() + timedelta(seconds=30 * DAY_S + extra_s)
    report = world.audit(at=at)
    found = row(report, "metal", "status")
    assert found.outcome is outcome
    if outcome is Outcome.UNKNOWN:
        assert (found.reason, found.expected) == ("the state is too old", "at most 30 days")
        assert found.found == f"30 days old (block {world.chain.head().number})"
        assert report.verdict == "undecided"
    assert world.audit(at=at, max_status_age_s=60 * DAY_S).verdict == "passed"


def test_an_old_state_does_not_hide_behind_its_age(own_world: World) -> None:
    """A revocation that the old state knows of is not said any more than its silence is: unknown, not passed."""
    own_world.set_status(own_world.companies["smelter"], 0, StatusKind.REVOKED)
    report = own_world.audit(at=own_world.now() + timedelta(days=31))
    assert row(report, "metal", "status").outcome is Outcome.UNKNOWN
    assert report.verdict == "undecided"


def _reopened(world: World, moment: datetime) -> EmbeddedChain:
    """The world's chain on a clock that stands at another moment."""
    return EmbeddedChain.open(world.folder / "chain.db", clock=lambda: moment)


def test_a_chain_that_seals_on_demand_is_quiet_and_current(own_world: World) -> None:
    """Nothing was sealed for 45 days, so nothing was said of any leaf: the state is that of now, and only of now."""
    later = own_world.now() + timedelta(days=45)
    with own_world.auditor_store() as store, _reopened(own_world, later) as chain:
        source = StoreSource(store, chain)
        assert own_world.audit(source=source, at=later).verdict == "passed"
        then = own_world.audit(source=source, at=later + timedelta(days=31))
        found = row(then, "metal", "status")
        assert (found.outcome, found.found) == (Outcome.UNKNOWN, f"31 days old (block {chain.head().number})")


def test_a_past_block_is_current_until_the_next(own_world: World) -> None:
    """Judged as of 40 days after a block that another one followed only then."""
    quiet = own_world.chain.head()
    later = own_world.now() + timedelta(days=45)
    smelter = own_world.companies["smelter"]
    with own_world.auditor_store() as store, _reopened(own_world, later) as chain:
        Transactor(chain, smelter.anchorer).send(own_world.log.set_status(smelter.issuer_id, 0, StatusKind.REVOKED))
        before = StoreSource(store, chain, block_number=quiet.number)
        assert own_world.audit(source=before, at=later - timedelta(days=5)).verdict == "passed"
        assert own_world.audit(source=before, at=later + timedelta(days=31)).verdict == "undecided"
        only_failure(own_world.audit(source=StoreSource(store, chain), at=later), "metal", "status")


def test_a_bundle_is_as_old_as_its_block(own_world: World, tmp_path: Path) -> None:
    """A file knows nothing of what came after it, on whatever chain: its age is noted as before."""
    later, file, trust = own_world.now() + timedelta(days=45), tmp_path / "top.bundle", own_world.trust_with()
    with own_world.auditor_store() as store, _reopened(own_world, later) as chain:
        policy = default_policy(accept_imported=True)
        source = StoreSource(store, chain)
        make_bundle(file, source, own_world.top, trust=trust, ledger=chain, policy=policy, at=later)
    with BundleFile(file) as opened:
        report = own_world.audit(source=BundleSource(opened), trust=trust, is_snapshot=True, at=later)
    assert report.verdict == "passed"
    (note,) = report.notes
    assert (note.code, note.severity) == ("bundle_age", Severity.WARNING)
    assert "45 days before" in note.text


def test_a_burst_of_blocks_ahead_of_the_clock(own_world: World) -> None:
    """400 blocks in no time: what is anchored after them stands, judged now, and not at a moment of the past."""
    maker, clock = own_world.companies["maker"], own_world.now()
    log = own_world.source.logs[maker.log_key]
    transactor = Transactor(own_world.chain, maker.anchorer)
    nonce = own_world.chain.nonce(maker.anchorer.address)
    for number in range(400):
        # The least that a block can hold: a transfer of nothing to oneself.
        nothing = Call(maker.anchorer.address, b"", ())
        own_world.chain.send_raw(transactor.prepare(nothing, nonce=nonce + number, gas=21_000).raw)
    assert own_world.time - clock.timestamp() == 400
    draft = draft_of(own_world, "pack")
    draft.name_predecessor(own_world.top, own_world.issued["pack"].id)
    forged = draft.publish(keeps_honest=True)
    assert len(log.checkpoints) == 1
    source = up_to_date(own_world, forged)
    report = own_world.audit(forged.digest, source, at=clock, is_now=True)
    assert report.verdict == "passed", report.reasons
    assert report.as_of.at == report.as_of.block_time
    past = only_failure(own_world.audit(forged.digest, source, at=clock), "pack", "validity")
    assert past.reason == "anchored only after the moment that is judged"
    ahead = own_world.audit(forged.digest, source, at=own_world.now() + timedelta(hours=1), is_now=True)
    assert ahead.as_of.at > str(ahead.as_of.block_time)
