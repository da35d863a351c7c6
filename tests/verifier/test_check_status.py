"""`status`: what the chain says of a leaf, at which block, and how old that may be."""

from __future__ import annotations

from datetime import timedelta

import pytest
from forge import commit, filler
from judged import node, only_failure, row
from verifier_world import World

from passport.ledger import StatusKind
from verifier.outcome import Outcome

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
        notes = [note.text for note in node(report, "metal").notes]
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
